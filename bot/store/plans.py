"""Owner of ``plans``, ``red_lines``, ``sitreps`` and ``briefings``: what was started and why, what was reported, who was briefed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.model.grade import Grade
from bot.model.incident import Incident
from bot.model.times import from_iso
from bot.store import journal


@dataclass(frozen=True, slots=True)
class Started:
    """A plan in force: ``provisional`` on a suggested grade, ``started`` by a person, or ``cancelled``."""

    id: int
    incident: int
    round: int
    type: str
    state: str
    grade: Grade | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Sitrep:
    """速报 n. ``state``: asked (the owner has it), sent, automatic (nobody answered), unchanged, dropped."""

    id: int
    incident: int
    number: int
    state: str
    text: str
    added: str
    figures: Mapping[str, Any]
    owner: str
    due_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Briefing:
    """A brief that a leader got; ``decision`` is what is asked, if anything. ``state``: sent or read."""

    id: int
    incident: int
    person: str
    reason: str
    decision: int | None
    at: datetime
    state: str


def plan_of(db: Database, incident: int, round: int) -> Started | None:
    """The plan in force in this round, or None."""
    row = db.conn.execute(
        "SELECT id, incident, round, type, state, grade, at FROM plans WHERE incident = ? AND round = ? AND state != 'cancelled' "
        "ORDER BY id DESC LIMIT 1",
        (incident, round),
    ).fetchone()
    if not row:
        return None
    id, incident, round, type, state, grade, at = row
    return Started(id, incident, round, type, state, Grade.of(grade) if grade else None, from_iso(at))


def put_plan(
    db: Database, incident: int, round: int, type: str, state: str, grade: Grade | None, *, at: datetime, by: str
) -> None:
    """A plan starts (``plan_started``), provisionally or for good."""
    known = plan_of(db, incident, round)
    with journal.act(db, "plan_started", at=at, by=by, incident=incident, why=state, type=type) as it:
        id = known.id if known else journal.next_id(db, "plans")
        it.put("plans", id, incident=incident, round=round, type=type, state=state, grade=grade and grade.key, by=by, at=at)


def end_plan(db: Database, plan: Started, *, at: datetime, by: str, why: str) -> None:
    """A provisional plan is called off."""
    with journal.act(db, "plan_cancelled", at=at, by=by, incident=plan.incident, why=why) as it:
        it.put("plans", plan.id, state="cancelled", why=why)


def cross(db: Database, incident: int, kind: str, words: str, *, sure: bool, at: datetime, by: str) -> bool:
    """A trigger that no mention told of: somebody said it in the room, or a probe of ours saw it. False where it is known.

    ``sure``: it needs no confirmation (our own probe)."""
    row = db.conn.execute("SELECT id, sure FROM red_lines WHERE incident = ? AND kind = ?", (incident, kind)).fetchone()
    if row and row[1] >= sure:
        return False
    with journal.act(db, "red_line", at=at, by=by, incident=incident, why=words, kind=kind) as it:
        id = row[0] if row else journal.next_id(db, "red_lines")
        it.put("red_lines", id, incident=incident, kind=kind, words=words, sure=sure, by=by, at=at)
    return True


def crossed(db: Database, incident: int) -> list[dict[str, Any]]:
    """The triggers told in the room or seen by probes: kind, words, sure."""
    rows = db.conn.execute("SELECT kind, words, sure FROM red_lines WHERE incident = ? ORDER BY id", (incident,))
    return [{"kind": kind, "words": words, "credible": 1, "immediate": 0, "sure": bool(sure)} for kind, words, sure in rows]


def add_sitrep(
    db: Database, incident: int, text: str, figures: Mapping[str, Any], *, owner: str, due_at: datetime, at: datetime
) -> Sitrep:
    """The next 速报, filled in and put before its owner."""
    number = int(
        db.conn.execute("SELECT coalesce(max(number), 0) + 1 FROM sitreps WHERE incident = ?", (incident,)).fetchone()[0]
    )
    with journal.act(db, "sitrep_asked", at=at, by="望楼", incident=incident, number=number) as it:
        id = it.add(
            "sitreps", incident=incident, number=number, state="asked", text=text, figures=dict(figures), owner=owner,
            due_at=due_at, at=at,
        )  # fmt: skip
    return sitrep(db, id)


def sitrep(db: Database, id: int) -> Sitrep:
    """A 速报 by its row."""
    return _sitrep(db.conn.execute(f"SELECT {_SITREP} FROM sitreps WHERE id = ?", (id,)).fetchone())


def sitreps(db: Database, incident: int, *states: str) -> list[Sitrep]:
    """The 速报 of an incident, oldest first; in these states, where any are named."""
    rows = map(
        _sitrep, db.conn.execute(f"SELECT {_SITREP} FROM sitreps WHERE incident = ? ORDER BY id", (incident,)).fetchall()
    )
    return [row for row in rows if not states or row.state in states]


def end_sitrep(
    db: Database, it: Sitrep, state: str, *, at: datetime, by: str, text: str = "", figures: Mapping[str, Any] | None = None,
    added: str = "",
) -> Sitrep:  # fmt: skip
    """A 速报 goes out, with what is true by then, or is dropped."""
    with journal.act(db, f"sitrep_{state}", at=at, by=by, incident=it.incident, number=it.number) as act:
        act.put(
            "sitreps", it.id, state=state, text=text or it.text, figures=dict(figures or it.figures), added=added or it.added, by=by,
            sent_at=at,
        )  # fmt: skip
    return sitrep(db, it.id)


_SITREP = "id, incident, number, state, text, added, figures, owner, due_at, sent_at"


def _sitrep(row: Any) -> Sitrep:
    values = list(row)
    values[6], values[8] = json.loads(values[6]), from_iso(values[8])
    values[9] = from_iso(values[9]) if values[9] else None
    return Sitrep(*values)


def move(db: Database, origin: int, target: Incident, *, at: datetime, by: str) -> None:
    """The plan and the 速报 of one incident go to another that has none of its own; red lines and unread briefs in any case.

    A plan of its own, or of its own type, is in force there; a 速报 that still waits is dropped, since the other asks for its own."""
    to, round = target.id, target.round
    row = db.conn.execute(
        "SELECT id, type FROM plans WHERE incident = ? AND state != 'cancelled' ORDER BY id DESC LIMIT 1", (origin,)
    ).fetchone()
    with journal.act(db, "move", at=at, by=by, incident=to, origin=origin) as it:
        if row and row[1] == target.type and plan_of(db, to, round) is None:
            it.put("plans", row[0], incident=to, round=round)
        elif row:
            it.put("plans", row[0], state="cancelled", why=f"并入 #{to}")
        own = bool(sitreps(db, to))
        for waiting in sitreps(db, origin, *(("asked",) if own else ())):
            it.put("sitreps", waiting.id, **({"state": "dropped"} if own else {"incident": to}))
        known = {line["kind"]: line["sure"] for line in crossed(db, to)}
        lines = db.conn.execute("SELECT id, kind, sure FROM red_lines WHERE incident = ?", (origin,)).fetchall()
        for line, kind, sure in lines:
            if known.get(kind, -1) < sure:
                it.put("red_lines", line, incident=to)
        unread = db.conn.execute("SELECT id FROM briefings WHERE incident = ? AND state = 'sent'", (origin,)).fetchall()
        for (brief,) in unread:
            it.put("briefings", brief, incident=to)


_BRIEFING = "id, incident, person, reason, decision, at, state"


def add_briefing(
    db: Database, incident: int, person: str, reason: str, *, grade: Grade | None, decision: int | None = None, at: datetime
) -> Briefing:
    """A leader is briefed."""
    with journal.act(db, "briefed", at=at, by="望楼", incident=incident, why=reason, person=person) as it:
        id = it.add(
            "briefings", incident=incident, person=person, reason=reason, decision=decision, grade=grade and grade.key, at=at,
            state="sent",
        )  # fmt: skip
    return briefing(db, id)


def briefing(db: Database, id: int) -> Briefing:
    """A briefing by its row."""
    return _briefing(db.conn.execute(f"SELECT {_BRIEFING} FROM briefings WHERE id = ?", (id,)).fetchone())


def unread(db: Database, person: str, incident: int | None = None) -> list[Briefing]:
    """The briefs this person has not marked as read, oldest first."""
    rows = db.conn.execute(f"SELECT {_BRIEFING} FROM briefings WHERE person = ? AND state = 'sent' ORDER BY id", (person,))
    return [b for b in map(_briefing, rows.fetchall()) if incident is None or b.incident == incident]


def mark_read(db: Database, person: str, incident: int | None, *, at: datetime) -> list[Briefing]:
    """已阅: every brief of this person (about this incident) so far; which they were."""
    found = unread(db, person, incident)
    for each in found:
        with journal.act(db, "read", at=at, by=person, incident=each.incident) as it:
            it.put("briefings", each.id, state="read", read_at=at)
    return found


def _briefing(row: Any) -> Briefing:
    values = list(row)
    values[5] = from_iso(values[5])
    return Briefing(*values)
