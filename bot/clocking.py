"""The inside clocks of an incident and the steps of their escalation runs: started, met, cancelled. Each is part of a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident, State
from bot.model.people import WANGLOU, Role
from bot.model.times import clock_of
from bot.store import incidents, timers
from bot.store.timers import Clock

CLOCKS = {
    "claim": "认领",
    "assessment": "研判",
    "report": "上报",
    "first_statement": "首次发声",
    "update": "速报",
    "account": "完整说明",
    "review": "复盘",
    "next_word": "再次通报",
}
FROM_SUGGESTION = ("assessment", "report", "first_statement", "account")
STEPS = (50, 100, 150)
LEGAL_STEPS = (50, 75, 90, 100, 150)


def start_clocks(db: Database, house: House, incident: Incident, *, at: datetime, first: bool) -> list[Clock]:
    """Runs the clocks of the grade shown; on a rise each deadline becomes the earlier of the old and now + the new limit.

    Claim counts from the alert, the rest from the moment the grade was first suggested in this round (= now).
    """
    names = list(FROM_SUGGESTION)
    if not incident.owner:
        names.insert(0, "claim")
    if incident.assessed:
        names.remove("assessment")
    if leads(house, incident.owner):
        names.remove("report")
    started = []
    for name in names:
        limit = house.limit(name, incident.shown)
        if limit is None or (not first and _ended(db, incident, name)):
            continue
        started.append(start_clock(db, house, incident, name, at=at, limit_s=limit))
    return started


def leads(house: House, name: str) -> bool:
    """Whether somebody is who a report upwards goes to: a commander, or a leader with briefs of their own."""
    person = house.person(name)
    return person is not None and (person.has(Role.COMMANDER) or any(name in brief.to for brief in house.briefs))


def _ended(db: Database, incident: Incident, name: str) -> bool:
    return any(c.name == name and c.round == incident.round for c in timers.clocks_of(db, incident.id, ("met", "waived")))


def start_clock(
    db: Database, house: House, incident: Incident, name: str, *, at: datetime, limit_s: float, legal: bool = False
) -> Clock:
    """Starts one clock with the steps of its escalation run; the chain is copied into it."""
    clock = timers.start_clock(
        db,
        incident.id,
        incident.round,
        name,
        at=at,
        by=WANGLOU,
        started_at=at,
        limit_s=limit_s,
        grade=incident.shown,
        policy=house.chain(),
        legal=legal,
    )
    set_steps(db, clock, at)
    return clock


def set_steps(db: Database, clock: Clock, at: datetime) -> None:
    """The timers of a clock: a reminder at half its time for clocks of an hour or more (claim: always), then 100 and 150 %."""
    length = clock.due_at - clock.started_at
    for step in LEGAL_STEPS if clock.legal else STEPS:
        due = clock.started_at + length * step / 100
        if step == 50 and length < timedelta(hours=1) and clock.name != "claim":
            continue
        key = f"clock:{clock.id}:{step}"
        if not timers.set_timer(db, key, "clock", due, at=at, incident=clock.incident, step=str(step), clock=clock.id):
            timers.move_timer(db, key, due)


def start_updates(db: Database, house: House, incident: Incident, *, at: datetime, since: datetime | None = None) -> None:
    """Runs the update clock, from ``since`` where that is not past already; one that runs keeps its earlier deadline."""
    limit = house.limit("update", incident.shown)
    if limit is None:
        return
    begun = since if since and since + timedelta(seconds=limit) > at else at
    start_clock(db, house, incident, "update", at=begun, limit_s=limit)


def track(db: Database, house: House, incident: Incident, *, at: datetime, by: str) -> Incident:
    """Nothing is left but to watch: the quiet period runs, the inside clocks end."""
    until = at + timedelta(seconds=house.limit("quiet", incident.peak or incident.shown or Grade.BLUE) or 43_200)
    tracking = incidents.change(db, incident.id, "track", at=at, by=by, state=State.TRACKING, tracked_at=at, quiet_until=until)
    cancel_clocks(db, tracking, at=at, by=by, why="已转跟踪", legal=False)
    timers.set_timer(db, f"quiet:{incident.id}:{at.timestamp():.0f}", "quiet", until, at=at, incident=incident.id)
    return tracking


def meet(db: Database, incident: Incident, name: str, *, at: datetime, by: str) -> Clock | None:
    """The act a clock waits for was done: its escalation run ends. None where it does not run."""
    clock = timers.find_clock(db, incident.id, name)
    if clock:
        timers.end_clock(db, clock, "met", at=at, by=by)
    return clock


def cancel_clocks(db: Database, incident: Incident, *, at: datetime, by: str, why: str, legal: bool = True) -> None:
    """Cancels the clocks of an incident, with the reason; where ``legal`` is false, legal ones and what we promised in public stay."""
    for clock in timers.clocks_of(db, incident.id):
        if legal or not (clock.legal or clock.name == "next_word"):
            timers.end_clock(db, clock, "cancelled", at=at, by=by, why=why)


def deadlines(db: Database, incident: Incident, now: datetime, names: Sequence[str] = ()) -> list[str]:
    """The running clocks in words: 「首次发声 14:47 前」."""
    running = timers.clocks_of(db, incident.id)
    return [
        f"{CLOCKS.get(clock.name, clock.name)} {clock_of(clock.due_at, now)} 前"
        for clock in running
        if not names or clock.name in names
    ]
