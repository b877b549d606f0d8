"""Owner of ``bindings``, ``mutes``, ``alerts`` and ``keep``: where we speak, what is muted, what was said and what not, small values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.model.grade import Grade
from bot.model.times import from_iso, iso
from bot.store import journal


@dataclass(frozen=True, slots=True)
class Mute:
    """Delivery into a room that is held back; recording, clocks and escalation run on. None of it ever holds red."""

    id: int
    incident: int | None
    room: str
    word: str
    source: str
    max_grade: Grade | None
    quiet: str
    min_grade: Grade | None
    until: datetime | None


def bind(db: Database, room: str, platform: str, chat: str, *, at: datetime, by: str) -> None:
    """Ties a configured room to a chat of a platform."""
    with journal.act(db, "bind", at=at, by=by, room=room, platform=platform):
        db.conn.execute(
            "INSERT INTO bindings VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET platform = excluded.platform, chat = excluded.chat, "
            "at = excluded.at, by = excluded.by",
            (room, platform, chat, iso(at), by),
        )


def bindings(db: Database) -> dict[str, tuple[str, str]]:
    """Room name → (platform, chat id), as bound in the chat."""
    return {room: (platform, chat) for room, platform, chat in db.conn.execute("SELECT room, platform, chat FROM bindings")}


def mute(db: Database, *, at: datetime, by: str, until: datetime | None, **values: Any) -> int:
    """Holds delivery back until a moment."""
    with journal.act(db, "mute", at=at, by=by, incident=values.get("incident")) as it:
        return it.add("mutes", by=by, until=until, **values)


def mutes(db: Database, now: datetime) -> list[Mute]:
    """The mutes in force."""
    rows = db.conn.execute(
        "SELECT id, incident, room, word, source, max_grade, quiet, min_grade, until FROM mutes "
        "WHERE ended_at IS NULL AND (until IS NULL OR until > ?)",
        (iso(now),),
    ).fetchall()
    return [_mute(row) for row in rows]


def _mute(row: Any) -> Mute:
    values = list(row)
    values[5], values[7] = Grade.of(row[5]) if row[5] else None, Grade.of(row[7]) if row[7] else None
    values[8] = from_iso(row[8]) if row[8] else None
    return Mute(*values)


def unmute(db: Database, mute: Mute, *, at: datetime, by: str, why: str) -> None:
    """Ends a mute, with the reason."""
    with journal.act(db, "unmute", at=at, by=by, incident=mute.incident, why=why) as it:
        it.put("mutes", mute.id, ended_at=at, ended_why=why)


def note_alert(
    db: Database,
    *,
    at: datetime,
    sent: bool,
    kind: str,
    reason: str,
    incident: int | None,
    strand: int | None,
    suggested: Grade | None,
    per_hour: int,
    triggers: list[str],
    authority: str,
    detail: str,
    rows: int | None = None,
) -> None:
    """Keeps a decision to speak or to be silent, with its reason. Equal silences in a row are one row. ``rows``: how many rows of
    the outbox say it."""
    if not sent:
        last = db.conn.execute(
            "SELECT id, sent, reason FROM alerts WHERE incident IS ? AND strand IS ? ORDER BY id DESC LIMIT 1",
            (incident, strand),
        ).fetchone()
        if last and not last[1] and last[2] == reason:
            db.conn.execute("UPDATE alerts SET at = ?, detail = ? WHERE id = ?", (iso(at), detail, last[0]))
            return
    db.conn.execute(
        "INSERT INTO alerts (incident, strand, at, sent, kind, reason, suggested, per_hour, triggers, authority, detail, rows) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            incident,
            strand,
            iso(at),
            sent,
            kind,
            reason,
            suggested and suggested.key,
            per_hour,
            json.dumps(triggers, ensure_ascii=False),
            authority,
            detail,
            rows,
        ),
    )


def alerts(db: Database, incident: int) -> list[dict[str, Any]]:
    """The alerts sent about an incident, oldest first: at, reason, suggested, per_hour, triggers, authority."""
    rows = db.conn.execute(
        "SELECT at, reason, suggested, per_hour, triggers, authority FROM alerts WHERE incident = ? AND sent = 1 ORDER BY id",
        (incident,),
    ).fetchall()
    return [
        {
            "at": from_iso(r[0]),
            "reason": r[1],
            "suggested": Grade.of(r[2]) if r[2] else None,
            "per_hour": r[3],
            "triggers": json.loads(r[4]),
            "authority": r[5],
        }
        for r in rows
    ]


def silences(db: Database, since: datetime) -> list[dict[str, Any]]:
    """Why we did not speak since a moment: incident, strand, reason, detail."""
    rows = db.conn.execute(
        "SELECT at, incident, strand, reason, detail FROM alerts WHERE sent = 0 AND at >= ? ORDER BY id", (iso(since),)
    )
    return [dict(zip(("at", "incident", "strand", "reason", "detail"), row, strict=True)) for row in rows]


def keep(db: Database, name: str, value: Any) -> None:
    """Remembers a small value by name."""
    db.conn.execute(
        "INSERT INTO keep VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        (name, json.dumps(value, ensure_ascii=False)),
    )


def kept(db: Database, name: str) -> Any:
    """The small value of that name, or None."""
    row = db.conn.execute("SELECT value FROM keep WHERE name = ?", (name,)).fetchone()
    return json.loads(row[0]) if row else None
