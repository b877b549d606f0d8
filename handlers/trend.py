"""The trend desk: how it went, where it goes, how it spread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot import outlook
from bot.asking import Ask
from bot.model.card import Chart, Post, Series
from bot.model.incident import Incident
from bot.model.times import clock_of, from_iso
from bot.store import incidents, publications, statements


def trend(ask: Ask) -> Post:
    """趋势：看热度和声量走向、接下来几小时的区间，带图。例：趋势 #12"""
    incident = ask.incident()
    gauge = incidents.gauge(ask.db, incident.id)
    if not gauge:
        return Post(f"#{incident.id} 还没有监测数据")
    i = gauge["indicators"]
    samples = incidents.samples(ask.db, incident.id, ask.at - timedelta(hours=24))
    growth = "数据不足" if i["growth"] is None else f"每小时{i['growth']:+.0f}%"
    share = "无样本" if i["negative_share"] is None else f"{100 * i['negative_share']:.0f}%（样本{i['n']}）"
    lines = [
        f"#{incident.id} {incident.title[:20]}：热度{i['heat']:.0f}，每小时{i['per_hour']}条，{growth}",
        f"负面{share}；{i['platforms']}个平台；截至{clock_of(from_iso(gauge['at']), ask.at)}",
    ]
    if top := max(samples, key=lambda s: s[1], default=None):
        lines.append(f"24小时内最高热度{top[1]:.0f}（{clock_of(_minute(top[0]), ask.at)}）")
    lines += outlook.told(outlook.outlook(ask.db, ask.house, incident, ask.at), ask.at)
    return Post("\n".join(lines[:8]), chart=chart(ask, incident, samples))


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
    marks = [(incident.opened_at.timestamp(), "预警"), *_releases(ask, incident)]
    return Chart(f"#{incident.id} {incident.title[:20]}", "", series, tuple(marks))


def _releases(ask: Ask, incident: Incident) -> list[tuple[float, str]]:
    found = []
    for draft in statements.of_incident(ask.db, incident.id):
        moments = [p.released_at for p in publications.of_draft(ask.db, draft.id) if p.released_at]
        found += [(min(moments).timestamp(), f"D{draft.id}")] if moments else []
    return found


def _minute(text: str) -> datetime:
    return from_iso(f"{text}:00Z")


def spread(ask: Ask) -> Post:
    """溯源：首发、传播路径、关键账号、正反观点。例：溯源 #12"""
    incident = ask.incident()
    rows = outlook.course_of(ask.db, ask.house, incident, ask.at)
    if not rows:
        return Post(f"#{incident.id} 还没有监测数据")
    return Post("\n".join([f"#{incident.id} {incident.title[:20]} 的传播", *rows[:7]]))


COMMANDS: dict[str, Callable[[Ask], Post]] = {"trend": trend, "spread": spread}
