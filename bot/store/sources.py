"""Owner of ``source_states`` and ``source_gaps``: what each source wants back at its next poll, its health, when it was not seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.model.times import from_iso, iso


def state(db: Database, name: str) -> dict[str, Any]:
    """What the source wants back; empty before its first poll."""
    row = db.conn.execute("SELECT state FROM source_states WHERE name = ?", (name,)).fetchone()
    return dict(json.loads(row[0])) if row else {}


def memory(db: Database, name: str) -> dict[str, Any]:
    """What the health view remembers of a source; empty before its first poll."""
    row = db.conn.execute("SELECT memory FROM source_states WHERE name = ?", (name,)).fetchone()
    return dict(json.loads(row[0])) if row else {}


def all_memories(db: Database) -> dict[str, dict[str, Any]]:
    """The health memory of every source."""
    return {name: json.loads(raw) for name, raw in db.conn.execute("SELECT name, memory FROM source_states")}


def healths(db: Database) -> list[tuple[str, str]]:
    """Every source and its condition, by name."""
    return db.conn.execute("SELECT name, health FROM source_states ORDER BY name").fetchall()


SEEN = ("ok", "quiet", "off")
"""The conditions in which a source hides nothing from us."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a source was not seen; ``until`` is None while it lasts."""

    source: str
    since: datetime
    until: datetime | None


def gaps(db: Database, since: datetime) -> list[Gap]:
    """The gaps that end after ``since`` or last still, oldest first."""
    over = db.conn.execute("SELECT source, since, until FROM source_gaps WHERE until > ?", (iso(since),)).fetchall()
    marks = ", ".join("?" * len(SEEN))
    live = db.conn.execute(f"SELECT name, since, NULL FROM source_states WHERE health NOT IN ({marks})", SEEN).fetchall()
    found = [Gap(name, from_iso(start), from_iso(end) if end else None) for name, start, end in (*over, *live)]
    return sorted(found, key=lambda gap: (gap.since, gap.source))


def save(
    db: Database,
    name: str,
    at: datetime,
    *,
    state: Mapping[str, Any] | None = None,
    health: str = "",
    memory: Mapping[str, Any] | None = None,
) -> None:
    """Stores state and health together with what the poll brought."""
    db.conn.execute("INSERT INTO source_states VALUES (?, '{}', 'ok', ?, '{}') ON CONFLICT DO NOTHING", (name, iso(at)))
    if state is not None:
        db.conn.execute("UPDATE source_states SET state = ? WHERE name = ?", (json.dumps(state, ensure_ascii=False), name))
    if memory is not None:
        _end_gap(db, name, at, health)
        db.conn.execute(
            "UPDATE source_states SET since = CASE health WHEN ? THEN since ELSE ? END, health = ?, memory = ? WHERE name = ?",
            (health, iso(at), health, json.dumps(memory, ensure_ascii=False), name),
        )


def _end_gap(db: Database, name: str, at: datetime, health: str) -> None:
    """A source that was not seen is seen again: the gap is kept."""
    before, since = db.conn.execute("SELECT health, since FROM source_states WHERE name = ?", (name,)).fetchone()
    if before not in SEEN and health in SEEN:
        db.conn.execute("INSERT INTO source_gaps VALUES (?, ?, ?)", (name, since, iso(at)))
