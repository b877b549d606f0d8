"""Who is telephoned, and by whom: a call row for duty, the number by private message only; who is on call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import saying
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident
from bot.model.people import Person, Role
from bot.store import calls, incidents, timers

CALL_AGAIN = timedelta(minutes=5)


def call(db: Database, house: House, incident: Incident | None, name: str, why: str, *, at: datetime, key: str = "") -> bool:
    """Opens a call row: the duty officer is asked to telephone somebody; the number goes by private message only."""
    person = house.person(name)
    callers = [p for p in house.with_role(Role.DUTY, Role.COMMANDER, Role.PR) if p.name != name and p.name not in house.away]
    if person is None or not callers or (incident and not saying.may_know(incident, callers[0])):
        return False
    number = incident.id if incident else None
    if calls.waiting(db, incident=number, person=name):
        return False
    made, new = calls.open_call(
        db, incident=number, person=name, caller=callers[0].name, why=why, key=key or f"{number}:{name}:{why}", at=at
    )
    if not new:
        return False
    say_call(db, house, made, at)
    timers.set_timer(db, f"call:{made.id}", "call", at + CALL_AGAIN, at=at, incident=number, call=made.id)
    return True


def say_call(db: Database, house: House, it: calls.Call, at: datetime, again: str = "") -> None:
    """「请电话陈总，回：已电话 陈总」 to who must call."""
    person, incident = house.person(it.person), incidents.find(db, it.incident) if it.incident else None
    phone = f"（{person.phone}）" if person and person.phone else ""
    about = f"#{incident.id} {incident.title[:20]}，" if incident else ""
    text = f"{again}请电话{it.person}{phone}：{about}{it.why}。打完回：已电话 {it.person}"
    saying.tell_person(db, it.caller, Post(text), at=at, kind="escalation", reason="call", incident=incident, urgent=True)


def call_red_list(db: Database, house: House, incident: Incident, *, at: datetime, besides: Sequence[str] = ()) -> None:
    """Red telephones: a call row for each person on the red list (the commanders, and who is briefed from some grade on)."""
    briefed = [name for brief in house.briefs for name in brief.to]
    everybody = dict.fromkeys([*(p.name for p in house.with_role(Role.COMMANDER)), *briefed])
    names = [name for name in everybody if name not in besides]
    opened = [n for n in names if call(db, house, incident, n, "红级", at=at, key=f"red:{incident.id}:{incident.round}:{n}")]
    if not opened:
        return
    caller = next(c.caller for c in calls.waiting(db, incident=incident.id) if c.person == opened[0])
    text = f"#{incident.id} 红级：请{caller}电话{'、'.join(opened)}，回：已电话 {opened[0]}"
    saying.tell_rooms(db, house, incident, Post(text), at=at, kind="escalation", reason="call")


def keeps_clock(person: Person) -> bool:
    """The duty officer keeps the clock, the commander stands in."""
    return person.has(Role.DUTY, Role.COMMANDER)


def on_call(house: House, grade: Grade | None) -> Person | None:
    """Who must answer now: the monitor for blue and yellow, the duty officer from orange on."""
    if (grade or Grade.BLUE) >= Grade.ORANGE:
        return house.first(Role.DUTY, Role.COMMANDER)
    return house.first(Role.MONITOR, Role.DUTY)
