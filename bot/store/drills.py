"""Owner of ``drills``: which rehearsal runs, how fast, and how it was scored. What happens in it lives in a store of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.model.times import from_iso
from bot.store import journal


@dataclass(frozen=True, slots=True)
class Drill:
    """A rehearsal. ``state``: planned, running, paused, ended. ``told_at`` is how far its own clock should have come by ``began_at``
    plus real time times ``speed``; ``step`` counts the scenario's lines that were played."""

    id: int
    scenario: str
    state: str
    room: str
    speed: float
    step: int
    began_at: datetime
    told_at: datetime
    by: str
    score: str


_COLUMNS = "id, scenario, state, room, speed, step, began_at, told_at, by, score"


def add(db: Database, scenario: str, *, room: str, speed: float, at: datetime, by: str, state: str = "running") -> Drill:
    """A new rehearsal."""
    with journal.act(db, "drill", at=at, by=by, scenario=scenario) as it:
        id = it.add("drills", scenario=scenario, state=state, room=room, speed=speed, step=0, began_at=at, told_at=at, by=by)
    return get(db, id)


def get(db: Database, id: int) -> Drill:
    """A rehearsal by its row."""
    return _drill(db.conn.execute(f"SELECT {_COLUMNS} FROM drills WHERE id = ?", (id,)).fetchone())


def current(db: Database) -> Drill | None:
    """The rehearsal that runs or pauses, or None."""
    row = db.conn.execute(f"SELECT {_COLUMNS} FROM drills WHERE state IN ('running', 'paused') ORDER BY id DESC").fetchone()
    return _drill(row) if row else None


def last(db: Database) -> Drill | None:
    """The newest rehearsal, whatever its state."""
    row = db.conn.execute(f"SELECT {_COLUMNS} FROM drills ORDER BY id DESC LIMIT 1").fetchone()
    return _drill(row) if row else None


def change(db: Database, it: Drill, verb: str, *, at: datetime, by: str, **values: Any) -> Drill:
    """Sets columns of a rehearsal as one logged act."""
    with journal.act(db, verb, at=at, by=by, drill=it.id) as act:
        act.put("drills", it.id, **values)
    return get(db, it.id)


def _drill(row: Any) -> Drill:
    values = list(row)
    values[6], values[7] = from_iso(values[6]), from_iso(values[7])
    return Drill(*values)
