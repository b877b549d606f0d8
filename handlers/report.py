"""The report desk: trend and briefs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot import handling, recap
from bot.asking import Ask
from bot.model.card import Chart, Post, Series
from bot.model.incident import Incident
from bot.model.times import clock_of, from_iso
from bot.store import inbox, incidents, statements


def trend(ask: Ask) -> Post:
    """趋势：看热度和声量走向，带图。例：趋势 #12"""
    incident = ask.incident()
    gauge = incidents.gauge(ask.db, incident.id)
    if not gauge:
        return Post(f"#{incident.id} 还没有监测数据")
    i = gauge["indicators"]
    samples = incidents.samples(ask.db, incident.id, ask.at - timedelta(hours=24))
    growth = "数据不足" if i["growth"] is None else f"每小时{i['growth']:+.0f}%"
    peak = max(samples, key=lambda s: s[1], default=None)
    share = "无样本" if i["negative_share"] is None else f"{100 * i['negative_share']:.0f}%（样本{i['n']}）"
    lines = [
        f"#{incident.id} {incident.title[:20]}：热度{i['heat']:.0f}，每小时{i['per_hour']}条，{growth}",
        f"负面{share}；{i['platforms']}个平台；截至{clock_of(from_iso(gauge['at']), ask.at)}",
    ]
    if peak:
        lines.append(f"24小时内最高热度{peak[1]:.0f}（{clock_of(_minute(peak[0]), ask.at)}）")
    return Post("\n".join(lines), chart=chart(ask, incident, samples))


def chart(ask: Ask, incident: Incident, samples: list[tuple[str, float, int, float | None, int]]) -> Chart | None:
    """The curve of an incident: heat, mentions an hour, negative share; our publications are marks."""
    if len(samples) < 2:
        return None
    points = [(_minute(at).timestamp(), heat, per_hour, negative) for at, heat, _, negative, per_hour in samples]
    series = (
        Series("热度", tuple((t, float(heat)) for t, heat, _, _ in points)),
        Series("每小时条数", tuple((t, float(n)) for t, _, n, _ in points)),
        Series("负面%", tuple((t, 100.0 * share) for t, _, _, share in points if share is not None)),
    )
    marks = [(incident.opened_at.timestamp(), "预警")]
    marks += [(ask.at.timestamp(), d.name) for d in statements.of_incident(ask.db, incident.id) if d.state == "released"]
    return Chart(f"#{incident.id} {incident.title[:20]}", "", series, tuple(marks))


def _minute(text: str) -> datetime:
    return from_iso(f"{text}:00Z")


def summary(ask: Ask) -> Post:
    """简报：一屏说清现状。例：简报 #12　时间线 #12　补课 #12"""
    incident = ask.incident()
    form = str(ask.intent.slots.get("format") or "leader")
    if form == "timeline":
        return Post(recap.timeline(ask.db, incident, ask.at, recap.ROOM_ROWS if ask.room else recap.PRIVATE_ROWS))
    if form == "catchup":
        return _catchup(ask, incident)
    post = handling.brief(ask.db, incident, ask.at)
    if form == "oneline":
        return Post("，".join(post.text.splitlines()[:2])[:200])
    return Post(post.text)


def _catchup(ask: Ask, incident: Incident) -> Post:
    """Goes to the person in private: what changed since this person last spoke."""
    last = inbox.spoke_last(ask.db, ask.person.ids, ask.at)
    text = recap.catchup(ask.db, incident, ask.person, recap.since_of(last, incident), ask.at)
    if not ask.room:
        return Post(text)
    ask.tell_one(ask.person.name, text, "catchup", incident)
    return Post(f"#{incident.id} 补课已私信{ask.person.name}")


def lacking(ask: Ask) -> Post:
    """还差什么：下一步之前还缺什么，谁能补。例：还差什么 #12"""
    return Post(recap.lacking(ask.db, ask.incident(), ask.at))


COMMANDS: dict[str, Callable[[Ask], Post]] = {"trend": trend, "summary": summary, "missing": lacking}
