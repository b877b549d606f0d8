"""Owner of ``source_states``: what each source wants back at its next poll, and its health."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.model.times import iso


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
        db.conn.execute(
            "UPDATE source_states SET since = CASE health WHEN ? THEN since ELSE ? END, health = ?, memory = ? WHERE name = ?",
            (health, iso(at), health, json.dumps(memory, ensure_ascii=False), name),
        )
