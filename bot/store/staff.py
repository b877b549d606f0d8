"""Owner of ``shifts``, ``leaves``, ``appointments`` and ``handovers``: who serves when, who stands in, who hands over to whom.

``staffed`` lays it over the configured house, so that everybody who asks the house for a role meets who serves now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.model.house import House
from bot.model.people import Person, Role
from bot.model.times import from_iso, iso
from bot.store import journal


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody serves in a role from one moment to another."""

    id: int
    person: str
    role: Role
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody is away; ``deputy`` holds the roles meanwhile."""

    id: int
    person: str
    starts_at: datetime
    ends_at: datetime
    deputy: str


@dataclass(frozen=True, slots=True)
class Handover:
    """``giver`` wants to hand one incident, or everything, to ``receiver``; it counts when the receiver takes it."""

    id: int
    giver: str
    receiver: str
    incident: int | None
    at: datetime


def add_shift(db: Database, person: str, role: Role, starts_at: datetime, ends_at: datetime, *, at: datetime, by: str) -> Shift:
    """A new shift."""
    with journal.act(db, "shift", at=at, by=by, person=person) as it:
        id = it.add("shifts", person=person, role=role.value, starts_at=starts_at, ends_at=ends_at, by=by, at=at)
    return Shift(id, person, role, starts_at, ends_at)


def cut_shift(db: Database, shift: Shift, *, at: datetime, by: str) -> None:
    """Somebody else serves the rest of a shift."""
    with journal.act(db, "shift_cut", at=at, by=by, person=shift.person) as it:
        it.put("shifts", shift.id, ended_at=at)


def shifts(db: Database, since: datetime) -> list[Shift]:
    """The shifts that end after a moment, in order of their start."""
    rows = db.conn.execute(
        "SELECT id, person, role, starts_at, ends_at FROM shifts WHERE ended_at IS NULL AND ends_at > ? ORDER BY starts_at, id",
        (iso(since),),
    ).fetchall()
    return [Shift(r[0], r[1], Role(r[2]), from_iso(r[3]), from_iso(r[4])) for r in rows]


def planned(db: Database, role: Role) -> bool:
    """Whether anybody was ever planned for a role: only then can a shift be uncovered."""
    return db.conn.execute("SELECT 1 FROM shifts WHERE role = ? LIMIT 1", (role.value,)).fetchone() is not None


def add_leave(
    db: Database, person: str, starts_at: datetime, ends_at: datetime, deputy: str, *, at: datetime, by: str
) -> Leave:
    """Somebody will be away."""
    with journal.act(db, "leave", at=at, by=by, person=person) as it:
        id = it.add("leaves", person=person, starts_at=starts_at, ends_at=ends_at, deputy=deputy, by=by, at=at)
    return Leave(id, person, starts_at, ends_at, deputy)


def end_leaves(db: Database, person: str, *, at: datetime, by: str) -> int:
    """Somebody is back before the time; how many leaves that ended."""
    found = [leave for leave in leaves(db, at) if leave.person == person]
    for leave in found:
        with journal.act(db, "leave_end", at=at, by=by, person=person) as it:
            it.put("leaves", leave.id, ended_at=at)
    return len(found)


def leaves(db: Database, since: datetime) -> list[Leave]:
    """The leaves that end after a moment, in order of their start."""
    rows = db.conn.execute(
        "SELECT id, person, starts_at, ends_at, deputy FROM leaves WHERE ended_at IS NULL AND ends_at > ? ORDER BY starts_at, id",
        (iso(since),),
    ).fetchall()
    return [Leave(r[0], r[1], from_iso(r[2]), from_iso(r[3]), r[4]) for r in rows]


def appoint(db: Database, person: str, role: Role, held: bool, *, at: datetime, by: str) -> None:
    """Gives or takes a role; the newest word counts, the configuration before the first."""
    with journal.act(db, "role", at=at, by=by, person=person, role=role.value, held=held) as it:
        it.add("appointments", person=person, role=role.value, held=held, by=by, at=at)


def hand_over(db: Database, giver: str, receiver: str, *, at: datetime, incident: int | None = None) -> int:
    """Waits for the receiver; an older waiting one about the same lapses."""
    for old in handovers(db):
        if old.incident == incident and (incident is not None or old.giver == giver):
            end_handover(db, old, "replaced", at=at, by=giver)
    with journal.act(db, "handover", at=at, by=giver, incident=incident, receiver=receiver) as it:
        return it.add("handovers", giver=giver, receiver=receiver, incident=incident, at=at, state="waiting")


def handovers(db: Database) -> list[Handover]:
    """The handovers that wait."""
    rows = db.conn.execute("SELECT id, giver, receiver, incident, at FROM handovers WHERE state = 'waiting' ORDER BY id")
    return [Handover(r[0], r[1], r[2], r[3], from_iso(r[4])) for r in rows.fetchall()]


def end_handover(db: Database, it: Handover, state: str, *, at: datetime, by: str) -> None:
    """Ends a handover as ``taken`` or ``replaced``."""
    with journal.act(db, f"handover_{state}", at=at, by=by, giver=it.giver) as act:
        act.put("handovers", it.id, state=state, taken_at=at)


def staffed(db: Database, house: House, now: datetime) -> House:
    """The house as it is staffed now: changed roles, deputies of who is away, who is on shift first and who is away last."""
    roles = _roles(db, house)
    away = {leave.person: leave for leave in leaves(db, now) if leave.starts_at <= now}
    for name, leave in away.items():
        if leave.deputy in roles:
            roles[leave.deputy] = roles[leave.deputy] | (roles.get(name, frozenset()) - {Role.ADMIN})
    serving = {shift.person for shift in shifts(db, now) if shift.starts_at <= now}
    people = [replace(p, roles=roles[p.name]) for p in house.people]
    people.sort(key=lambda p: _rank(p, serving, away))
    return replace(house, people=tuple(people), away=tuple(away), serving=tuple(sorted(serving)))


def _roles(db: Database, house: House) -> dict[str, frozenset[Role]]:
    roles = {p.name: p.roles for p in house.people}
    for name, role, held in db.conn.execute("SELECT person, role, held FROM appointments ORDER BY id"):
        if name in roles:
            roles[name] = roles[name] | {Role(role)} if held else roles[name] - {Role(role)}
    return roles


def _rank(person: Person, serving: set[str], away: dict[str, Any]) -> int:
    if person.name in away:
        return 3
    if person.name in serving:
        return 0
    return 1 if any(leave.deputy == person.name for leave in away.values()) else 2
