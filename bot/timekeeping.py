"""Timer rows that are due → change → outbox. Every row fires once, oldest first; late ones say how late (room page, section 9)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

from sqlite_utils import Database

from bot import (
    briefing,
    cards,
    escalating,
    following,
    lawclocks,
    leaders,
    muting,
    planning,
    probing,
    reviewing,
    ringing,
    saying,
    signing_clock,
    sitreps,
)
from bot.drills.names import SCENARIOS
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident, State
from bot.model.people import WANGLOU
from bot.model.times import clock_of, span_of
from bot.ringing import Due, Kind, Missed
from bot.store import incidents, journal, outbox, staff, timers
from bot.store.db import savepoint
from bot.store.timers import Clock

log = logging.getLogger("wanglou.timekeeping")
MONDAY = 0


def fire(db: Database, house: House, now: datetime) -> int:
    """Fires every timer that is due, once; how many."""
    due = timers.due(db, now)
    if due:
        house = staff.staffed(db, house, now)
        with following.touched(db):
            _fire_all(db, house, due, now)
    return len(due)


def _fire_all(db: Database, house: House, due: list[timers.Timer], now: datetime) -> None:
    """In order of kind only where they are late: what a stop has kept back of one kind is one message, not twenty."""
    late = [timer for timer in due if now - timer.due_at >= ringing.LATE]
    for kind in dict.fromkeys(timer.kind for timer in late):
        before = outbox.newest(db)
        of_kind = [timer for timer in late if timer.kind == kind]
        _fire_each(db, house, of_kind, now)
        since = span_of((now - of_kind[0].due_at).total_seconds())
        outbox.gather(db, before, outbox.newest(db), at=now, head=f"停机补发（最早迟到{since}）")
    _fire_each(db, house, [timer for timer in due if timer not in late], now)


def _fire_each(db: Database, house: House, due: list[timers.Timer], now: datetime) -> None:
    missed: list[Missed] = []
    for timer in due:
        if not timers.fired(db, timer.key, now):
            continue
        incident = incidents.find(db, timer.incident) if timer.incident else None
        try:
            with savepoint(db, "timer"):
                KINDS[timer.kind](Due(db, house, timer, incident, now, missed))
        except Exception as error:  # one broken row must not stop the others
            log.exception("timer %s failed", timer.key)
            timers.broke(db, timer.key, type(error).__name__)
    escalating.say(db, house, missed, now)


def _clock(due: Due) -> None:
    """A step of an escalation run: 50 % reminds in private, 100 % calls the next level in the room, 150 % the level above."""
    clock = timers.clock(due.db, due.timer.body["clock"])
    incident = due.incident
    if clock.state not in ("running", "proposed") or incident is None or not incident.open:
        return
    step = int(due.timer.step)
    if clock.legal:
        lawclocks.step(due, incident, clock, step)
        return
    if clock.name == "update" and step == 50:
        sitreps.ask(due, incident, clock)
        return
    if step < 100:
        if name := ringing.addressee(due.db, due.house, incident):
            ringing.remind(due, name, clock.name)
        return
    if _paused(due, incident, clock):
        return
    if step == 100 and not clock.missed:
        timers.miss_clock(due.db, clock, at=due.now)
    if escalating.waits(due, incident, clock, step):
        return
    if step == 100 and clock.name == "assessment" and _idle_owner(due, incident, clock):
        incident = incidents.get(due.db, incident.id)
    if step == 100 and clock.name == "update":
        sitreps.overdue(due, incident, clock)
    escalating.call(due, incident, clock, step)


def _unanswered(due: Due) -> None:
    """A 速报 went out by itself, and still nobody has sent one."""
    incident, clock = due.incident, timers.clock(due.db, due.timer.body["clock"])
    if incident and incident.open and not escalating.waits(due, incident, clock, 150):
        escalating.call(due, incident, clock, 150)


def _paused(due: Due, incident: Incident, clock: Clock) -> bool:
    """Quiet hours pause the escalation of blue and yellow; a row of its own resumes it when they end."""
    until = None if clock.legal else muting.quiet_until(due.db, due.house, incident, due.now)
    if until is None:
        return False
    key = f"clock:{clock.id}:{due.timer.step}:{until.timestamp():.0f}"
    timers.set_timer(due.db, key, "clock", until, at=due.now, incident=incident.id, step=due.timer.step, clock=clock.id)
    return True


def _idle_owner(due: Due, incident: Incident, clock: Clock) -> bool:
    """An owner who did nothing on the incident since the claim is cleared, the state unchanged."""
    row = incidents.row(due.db, incident.id)
    if not incident.owner or not row["claimed_at"] or incident.state not in (State.ASSESSING, State.GRADED):
        return False
    acted = due.db.conn.execute(
        "SELECT 1 FROM log WHERE incident = ? AND by = ? AND at > ? LIMIT 1", (incident.id, incident.owner, row["claimed_at"])
    ).fetchone()
    if acted:
        return False
    incidents.change(due.db, incident.id, "owner_idle", at=due.now, by=WANGLOU, why="认领后没有动作", owner="")
    text = f"#{incident.id} {incident.owner}认领后没有动作，已空出来。请任一组员回：认领 #{incident.id}"
    saying.tell_rooms(due.db, due.house, incident, Post(text), at=due.now, kind="escalation", reason=clock.name)
    return True


def _quiet(due: Due) -> None:
    """The quiet period is over: the owner may propose to close."""
    incident = due.incident
    if incident is None or incident.state is not State.TRACKING or not incident.owner:
        return
    text = f"#{incident.id} 静默期已过。没有新情况就回：结案 #{incident.id} 加理由{due.late}"
    saying.tell_person(due.db, incident.owner, Post(text), at=due.now, kind="reminder", reason="quiet", incident=incident)


def _review(due: Due) -> None:
    incident = due.incident
    if incident is None or incident.state is not State.CLOSED or not incident.owner:
        return
    text = f"#{incident.id} 复盘到期{due.late}。回：复盘 #{incident.id}"
    saying.tell_person(due.db, incident.owner, Post(text), at=due.now, kind="reminder", reason="review", incident=incident)


def _digest(due: Due) -> None:
    """The daily summary, also when empty; it sets the next one."""
    doubtful = outbox.in_state(due.db, "unknown", due.now - timedelta(days=31))
    first, *rest = briefing.daily(due.db, due.house, due.now)
    lines = [f"每日摘要 {clock_of(due.now)}{due.late}：{first}", *rest]
    if doubtful:
        lines.append("发送结果未知：" + "；".join(map(_named, doubtful[:5])))
    if head := journal.published_head(due.db):
        lines.append(f"记录校验 {head}")
    for room in due.house.rooms:
        outbox.put(due.db, Post("\n".join(lines)), at=due.now, kind="notice", reason="digest", room=room.name)
    for row in doubtful:
        outbox.give_up(due.db, row.id, "已列入摘要：发送结果未知")
    if due.now.astimezone(due.house.zone).weekday() == MONDAY:
        _weekly(due)
    set_digest(due.db, due.house, due.now)


def _named(row: outbox.Row) -> str:
    """A message as the room may read of it: what went to one person is not quoted there."""
    return f"给{row.person}的一条" if row.person else row.post.text.splitlines()[0][:24]


def _drill(due: Due) -> None:
    """A drill was planned for now: who planned it starts it."""
    by, label = due.timer.body["by"], SCENARIOS[due.timer.body["scenario"]][0]
    text = f"【演练】{label} 到点了{due.late}。请在群里回：演练 {label}"
    saying.tell_person(due.db, by, Post(text), at=due.now, kind="reminder", reason="drill")


def _weekly(due: Due) -> None:
    """On Mondays the leaders get the week with the morning's summary."""
    for name in dict.fromkeys(name for brief in due.house.briefs for name in brief.to):
        text = "\n".join(briefing.weekly(due.db, due.house, due.now, partial(saying.knows, due.house, name=name)))
        outbox.put(due.db, Post(text), at=due.now, kind="notice", reason="weekly", person=name)


def set_digest(db: Database, house: House, now: datetime) -> None:
    """Sets the timer of the next daily digest."""
    local = now.astimezone(house.zone)
    hour, minute = map(int, house.digest_at.split(":"))
    due = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if due <= local:
        due += timedelta(days=1)
    timers.set_timer(db, f"digest:{due.date()}", "digest", due, at=now)


def _brief(due: Due) -> None:
    """A leader's scheduled brief: the open incidents from the threshold on; nothing open is one line."""
    body = due.timer.body
    open_ones = [i for i in incidents.listed(due.db) if (i.shown or Grade.BLUE) >= Grade.of(body["from_grade"])]
    for name in body["to"]:
        known = [i for i in open_ones if saying.knows(due.house, i, name)]
        if not known:
            text = f"【定时简报】{clock_of(due.now)}{due.late} 没有达到{Grade.of(body['from_grade']).label}级的事件"
            saying.tell_person(due.db, name, Post(text), at=due.now, kind="notice", reason="brief")
        for incident in known[:3]:
            post = leaders.brief(due.db, incident, due.now)
            if body.get("docx"):
                post = cards.brief_on_paper(post, incident.id, due.now)
            saying.tell_person(due.db, name, post, at=due.now, kind="notice", reason="brief", incident=incident)
    set_briefs(due.db, due.house, due.now)


def set_briefs(db: Database, house: House, now: datetime) -> None:
    """Sets the timers of the next scheduled briefs."""
    local = now.astimezone(house.zone)
    for number, brief in enumerate(house.briefs):
        for moment in brief.at:
            hour, minute = map(int, moment.split(":"))
            due = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
            if due <= local:
                due += timedelta(days=1)
            key = f"brief:{number}:{due.date()}T{moment}"
            timers.set_timer(db, key, "brief", due, at=now, to=list(brief.to), from_grade=brief.from_grade.key, docx=brief.docx)


KINDS: dict[str, Kind] = {
    "clock": _clock,
    **ringing.KINDS,
    **signing_clock.KINDS,
    "unanswered": _unanswered,
    "drill": _drill,
    "improvement": reviewing.improvement_due,
    "probe": probing.settled,
    "posts": planning.posts_due,
    "quiet": _quiet,
    "review": _review,
    "digest": _digest,
    "brief": _brief,
}
