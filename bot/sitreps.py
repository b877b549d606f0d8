"""速报 n: filled in for the owner at half the update clock, sent with one press, posted by itself when nobody answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot import cards, clocking, leaders, ringing, saying
from bot.model.card import Button, Card, Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident
from bot.model.people import WANGLOU
from bot.model.times import clock_of
from bot.ringing import Due
from bot.store import incidents, plans, timers, work
from bot.store.plans import Sitrep
from bot.store.timers import Clock

MOST_UNCHANGED = 2
"""无变化 may be said so often in a row."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A 速报 that went out, and when the next is due (None: no update clock at this grade)."""

    sitrep: Sitrep
    next_at: datetime | None


def fill(db: Database, house: House, incident: Incident, due_at: datetime, now: datetime) -> Sitrep:
    """The next 速报, filled in from the rows and kept as asked; an older one that still waits is dropped."""
    for old in plans.sitreps(db, incident.id, "asked"):
        plans.end_sitrep(db, old, "dropped", at=now, by=WANGLOU)
    text, figures = _filled(db, incident, now)
    owner = ringing.addressee(db, house, incident)
    return plans.add_sitrep(db, incident.id, text, figures, owner=owner, due_at=due_at, at=now)


def _filled(db: Database, incident: Incident, now: datetime) -> tuple[str, dict[str, Any]]:
    gauge = incidents.gauge(db, incident.id)
    figures = {name: gauge.get("indicators", {}).get(name) for name in ("heat", "per_hour", "negative_share", "n", "platforms")}
    before = plans.sitreps(db, incident.id, "sent", "automatic", "unchanged")
    return "\n".join(_lines(db, incident, figures, before[-1] if before else None, now)), figures


def _lines(db: Database, incident: Incident, figures: Mapping[str, Any], before: Sitrep | None, now: datetime) -> list[str]:
    since = before.sent_at if before and before.sent_at else incident.opened_at
    tasks = work.tasks(db, incident=incident.id, live=False)
    done = [t.text for t in tasks if t.state == "done"]
    doing = [f"{t.name}（{t.assignee or '无人'}）" for t in tasks if t.live]
    fresh = [f"{cards.short(f.text, 30)}（{f.label}）" for f in work.facts(db, incident.id) if f.at >= since]
    decided = [f"J{d.id} {cards.short(d.said, 28)}" for d in work.decisions(db, incident.id, ("decided",)) if d.at >= since]
    lines = [f"情况：{_figures(figures, before.figures if before else {})}"]
    if fresh or decided:
        lines.append(f"新增：{'；'.join([*fresh[-3:], *decided[-2:]])}")
    lines.append(f"已做：{'、'.join(done[-3:]) or '无'}")
    lines.append(f"要办：{'、'.join(doing[:3]) or '无'}")
    running = [c for c in timers.clocks_of(db, incident.id) if c.name != "update"]
    if running:
        lines.append(
            "时限："
            + "；".join(
                f"{clocking.CLOCKS.get(c.name, c.name)} {clock_of(c.due_at, now)} 前{_over(c, now)}" for c in running[:3]
            )
        )
    return lines


def _over(clock: Clock, now: datetime) -> str:
    return "（已超时）" if clock.due_at < now else ""


def _figures(now: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    if now.get("heat") is None:
        return "尚无监测数据"
    heat = f"热度{now['heat']:.0f}"
    if before.get("heat") is not None:
        heat = f"热度{before['heat']:.0f}→{now['heat']:.0f}"
    share = "" if now.get("negative_share") is None else f"，负面{100 * now['negative_share']:.0f}%（样本{now['n']}）"
    return f"{heat}，每小时{now['per_hour']}条{share}，{now['platforms']}个平台"


def unchanged_before(db: Database, incident: Incident) -> int:
    """How often in a row 无变化 was said up to now."""
    count = 0
    for old in reversed(plans.sitreps(db, incident.id, "sent", "automatic", "unchanged")):
        if old.state != "unchanged":
            return count
        count += 1
    return count


def ask(due: Due, incident: Incident, clock: Clock) -> None:
    """At half the time the owner gets it filled in, in private, with the presses that send it."""
    it = fill(due.db, due.house, incident, clock.due_at, due.now)
    if not it.owner:
        return
    n = f"#{incident.id}"
    buttons = [Button("sitrep_send", "发", f"照报 {n}", "primary"), Button("sitrep_add", "补一句", f"补一句 {n}")]
    if unchanged_before(due.db, incident) < MOST_UNCHANGED:
        buttons.append(Button("sitrep_same", "无变化", f"无变化 {n}"))
    card = Card(
        kind="ask",
        title=f"速报{it.number} {n} {incident.title[:20]}：{clock_of(clock.due_at, due.now)} 前发{due.late}",
        lines=tuple(it.text.splitlines()),
        incident=incident.id,
        grade=incident.shown,
        confirmed=incident.grade is not None,
        buttons=tuple(buttons),
    )
    saying.tell_person(due.db, it.owner, Post.of(card), at=due.now, kind="reminder", reason="update", incident=incident)


def overdue(due: Due, incident: Incident, clock: Clock) -> None:
    """Nobody answered: it is posted as it stands and says so; its clock stays missed, the next one runs, half a period later the
    level above is called unless somebody has sent one since."""
    key = f"unanswered:{incident.id}:{clock.id}"
    up = due.now + (clock.due_at - clock.started_at) / 2
    timers.set_timer(due.db, key, "unanswered", up, at=due.now, incident=incident.id, step="150", clock=clock.id)
    waiting = plans.sitreps(due.db, incident.id, "asked")
    it = waiting[-1] if waiting else fill(due.db, due.house, incident, clock.due_at, due.now)
    send(due.db, due.house, incident, it, "automatic", at=due.now, by=WANGLOU, note=f"自动，未经确认{due.late}")


def send(
    db: Database, house: House, incident: Incident, it: Sitrep, state: str, *, at: datetime, by: str, added: str = "", note: str = "",
    besides: str = "",
) -> Sent:  # fmt: skip
    """Posts a 速报 into the rooms, as things stand now; leaders get it at orange and red. The update clock is met and the next
    one runs."""
    text, figures = _filled(db, incident, at)
    done = plans.end_sitrep(db, it, state, at=at, by=by, text=text, figures=figures, added=added)
    clocking.meet(db, incident, "update", at=at, by=by)
    if state != "automatic":
        timers.end_timers(db, f"unanswered:{incident.id}:", at, "速报已发")
    next_at = _next(db, house, incident, at)
    sent = Sent(done, next_at)
    post = Post(words(incident, sent, at, note))
    saying.tell_rooms(db, house, incident, post, at=at, kind="notice", reason="update", besides=besides)
    if (incident.shown or Grade.BLUE) >= Grade.ORANGE:
        leaders.tell_leaders(db, house, incident, at=at, reason="update", post=leaders.brief(db, incident, at))
    return sent


def _next(db: Database, house: House, incident: Incident, at: datetime) -> datetime | None:
    limit = house.limit("update", incident.shown)
    if limit is None:
        return None
    return clocking.start_clock(db, house, incident, "update", at=at, limit_s=limit).due_at


def words(incident: Incident, sent: Sent, now: datetime, note: str = "") -> str:
    """「【速报2】#12 …」: what stands in the room."""
    it = sent.sitrep
    grade = incident.shown.label if incident.shown else "未定级"
    head = f"【速报{it.number}】#{incident.id} {incident.title[:20]} {grade} {incident.state.label} {clock_of(now)}"
    rows = [f"{head}（{note}）" if note else head]
    rows += ["情况无变化"] if it.state == "unchanged" else it.text.splitlines()
    if it.added:
        rows.append(f"补充：{it.added[:100]}")
    if sent.next_at:
        rows.append(f"下次速报：{clock_of(sent.next_at, now)}")
    return "\n".join(rows)
