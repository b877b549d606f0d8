"""Owner of ``pending``: dangerous acts that wait for a confirmation (room page, section 7)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.model.times import from_iso, iso


@dataclass(frozen=True, slots=True)
class Pending:
    """An act that runs once confirmed. ``by`` is who must confirm: the person, or a role that a second person needs."""

    id: int
    person: str
    room: str
    verb: str
    body: dict[str, Any]
    code: str
    echo: str
    fingerprint: str
    by: str
    expires_at: datetime


def ask(
    db: Database,
    *,
    person: str,
    room: str,
    verb: str,
    body: dict[str, Any],
    echo: str,
    fingerprint: str,
    at: datetime,
    expires_at: datetime,
    code: str = "",
    by: str = "",
) -> int:
    """Waits for a confirmation; the same act of the same person on the same incident replaces its older asking."""
    db.conn.execute(
        "UPDATE pending SET state = 'replaced' WHERE person = ? AND room = ? AND verb = ? AND state = 'waiting' "
        "AND json_extract(body, '$.incident') IS ?",
        (person, room, verb, body.get("incident")),
    )
    id = db.conn.execute(
        "INSERT INTO pending (person, room, verb, body, code, echo, fingerprint, by, at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (person, room, verb, json.dumps(body, ensure_ascii=False), code, echo, fingerprint, by, iso(at), iso(expires_at)),
    ).lastrowid
    assert id is not None
    return id


def waiting(db: Database, now: datetime, *, person: str = "", room: str | None = None) -> list[Pending]:
    """The acts that wait now: all, or those of one person, or in one room."""
    rows = db.conn.execute(
        "SELECT id, person, room, verb, body, code, echo, fingerprint, by, expires_at FROM pending WHERE state = 'waiting' AND expires_at > ? "
        "ORDER BY id",
        (iso(now),),
    ).fetchall()
    found = [_pending(row) for row in rows]
    return [p for p in found if (not person or p.person == person) and (room is None or p.room == room)]


def find(db: Database, id: int) -> Pending | None:
    """An act that still waits, lapsed or not; None when it ran, was refused or replaced."""
    row = db.conn.execute(
        "SELECT id, person, room, verb, body, code, echo, fingerprint, by, expires_at FROM pending WHERE id = ? AND state = 'waiting'",
        (id,),
    ).fetchone()
    return _pending(row) if row else None


def finish(db: Database, id: int, state: str) -> None:
    """Ends a waiting act: ``done``, ``died`` (its object changed), ``refused``."""
    db.conn.execute("UPDATE pending SET state = ? WHERE id = ? AND state = 'waiting'", (state, id))


def shift(db: Database, by: timedelta) -> None:
    """The time of day was set by so much: what waits lives as long as it would have lived."""
    rows = db.conn.execute("SELECT id, expires_at FROM pending WHERE state = 'waiting'").fetchall()
    moved = [(iso(from_iso(expires) + by), id) for id, expires in rows]
    db.conn.executemany("UPDATE pending SET expires_at = ? WHERE id = ?", moved)


def _pending(row: Any) -> Pending:
    values = list(row)
    values[4], values[9] = json.loads(values[4]), from_iso(values[9])
    return Pending(*values)
