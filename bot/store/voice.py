"""Owner of ``points``, ``hearings``, ``inquiries`` and ``authorities``: one voice towards everybody who asks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.errors import UserError
from bot.model.times import from_iso
from bot.store import journal


@dataclass(frozen=True, slots=True)
class Point:
    """One talking point. ``state`` is active, suspended or superseded; expired is computed from ``valid_until``."""

    id: int
    incident: int | None
    question: str
    answer: str
    never: tuple[str, ...]
    audience: str
    owner: str
    valid_until: datetime
    source: str
    draft: int
    version: int
    state: str
    by: str
    at: datetime
    why: str

    @property
    def name(self) -> str:
        """``口径3 v1``."""
        return f"口径{self.id} v{self.version}"

    def given(self, now: datetime) -> bool:
        """Whether it may be given out now."""
        return self.state == "active" and now < self.valid_until


@dataclass(frozen=True, slots=True)
class Hearing:
    """One audience of an incident: how and when it hears. ``state`` is planned, told, missed or waived."""

    id: int
    incident: int
    audience: str
    how: str
    rule: str
    owner: str
    due_at: datetime | None
    state: str
    done_at: datetime | None
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question from the press. ``state`` is open, answered or declined; ``answered_with`` names the version answered with."""

    id: int
    incident: int | None
    outlet: str
    reporter: str
    question: str
    due_at: datetime | None
    state: str
    answer: str
    answered_with: str
    by: str
    at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Authority:
    """A third party that may speak to the matter in its own words. ``state``: requested, consented, declined or spoken."""

    id: int
    incident: int | None
    name: str
    request: str
    state: str
    consent: str
    words: str
    by: str
    at: datetime


_POINT = "id, incident, question, answer, never, audience, owner, valid_until, source, draft, version, state, by, at, why"
_HEARING = "id, incident, audience, how, rule, owner, due_at, state, done_at, by, note"
_INQUIRY = "id, incident, outlet, reporter, question, due_at, state, answer, answered_with, by, at, answered_at"
_AUTHORITY = "id, incident, name, request, state, consent, words, by, at"


def add(db: Database, table: str, verb: str, *, at: datetime, by: str, incident: int | None, **values: Any) -> int:
    """One more row of ``points``, ``hearings``, ``inquiries`` or ``authorities``, as one logged act."""
    dated = {} if table == "hearings" else {"at": at}
    with journal.act(db, verb, at=at, by=by, incident=incident) as it:
        return it.add(table, incident=incident, by=by, **dated, **values)


def change(
    db: Database, table: str, id: int, verb: str, *, at: datetime, by: str, incident: int | None, why: str = "", **values: Any
) -> None:
    """Sets columns of one row as one logged act."""
    with journal.act(db, verb, at=at, by=by, incident=incident, why=why) as it:
        it.put(table, id, **values)


def point(db: Database, id: int) -> Point:
    """A talking point by its number; ``UserError`` where there is none."""
    row = db.conn.execute(f"SELECT {_POINT} FROM points WHERE id = ?", (id,)).fetchone()
    if not row:
        raise UserError(f"没有口径{id}。回「口径」看现行的")
    return _point(row)


def points(db: Database, states: Sequence[str] = ("active", "suspended")) -> list[Point]:
    """The talking points in these states, oldest first."""
    marks = ", ".join("?" * len(states))
    rows = db.conn.execute(f"SELECT {_POINT} FROM points WHERE state IN ({marks}) ORDER BY id", tuple(states)).fetchall()
    return [_point(row) for row in rows]


def hearings(db: Database, incident: int) -> list[Hearing]:
    """The audience plan of an incident."""
    rows = db.conn.execute(f"SELECT {_HEARING} FROM hearings WHERE incident = ? ORDER BY id", (incident,)).fetchall()
    return [_hearing(row) for row in rows]


def inquiries(db: Database, incident: int | None = None) -> list[Inquiry]:
    """The press inquiries, of one incident or all, oldest first."""
    rows = db.conn.execute(f"SELECT {_INQUIRY} FROM inquiries ORDER BY id").fetchall()
    return [q for q in map(_inquiry, rows) if incident is None or q.incident == incident]


def authorities(db: Database, incident: int) -> list[Authority]:
    """The third parties asked about an incident, oldest first."""
    rows = db.conn.execute(f"SELECT {_AUTHORITY} FROM authorities WHERE incident = ? ORDER BY id", (incident,)).fetchall()
    return [Authority(*(*row[:8], from_iso(row[8]))) for row in rows]


def move(db: Database, origin: int, to: int, *, at: datetime, by: str) -> None:
    """What belongs to one incident goes to another; an audience that both plan for was told where one of them told it."""
    have = {row.audience: row for row in hearings(db, to)}
    with journal.act(db, "move", at=at, by=by, incident=to, origin=origin) as it:
        for table in ("points", "inquiries", "authorities"):
            for (id,) in db.conn.execute(f"SELECT id FROM {table} WHERE incident = ?", (origin,)).fetchall():
                it.put(table, id, incident=to)
        for row in hearings(db, origin):
            if row.audience not in have:
                it.put("hearings", row.id, incident=to)
            elif row.state == "told" and have[row.audience].state == "planned":
                it.put("hearings", have[row.audience].id, state="told", done_at=row.done_at, by=row.by, note=row.note)


def _moment(text: str | None) -> datetime | None:
    return from_iso(text) if text else None


def _point(row: Any) -> Point:
    values = list(row)
    values[4], values[7], values[13] = tuple(json.loads(row[4])), from_iso(row[7]), from_iso(row[13])
    return Point(*values)


def _hearing(row: Any) -> Hearing:
    values = list(row)
    values[6], values[8] = _moment(row[6]), _moment(row[8])
    return Hearing(*values)


def _inquiry(row: Any) -> Inquiry:
    values = list(row)
    values[5], values[10], values[11] = _moment(row[5]), from_iso(row[10]), _moment(row[11])
    return Inquiry(*values)
