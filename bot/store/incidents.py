"""Owner of ``incidents``, ``rounds``, ``gauges`` and ``samples``: what is in hand, and how it stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.errors import UserError
from bot.model.grade import Grade
from bot.model.incident import OPEN, Incident, State
from bot.model.times import from_iso, iso
from bot.store import journal

_COLUMNS = (
    "id title type state round opened_at grade suggested peak owner accepted helpers truth assessed started quiet_until "
    "resolution merged_into confidential named"
).split()
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM incidents"


def find(db: Database, number: int) -> Incident | None:
    """The incident of that number, or None."""
    row = db.conn.execute(f"{_SELECT} WHERE id = ?", (number,)).fetchone()
    return _incident(row) if row else None


def get(db: Database, number: int) -> Incident:
    """The incident of that number; ``UserError`` where there is none."""
    found = find(db, number)
    if found is None:
        raise UserError(f"没有 #{number} 这个事件。回「列表」看未结的")
    return found


def listed(db: Database, states: Sequence[State] = tuple(OPEN)) -> list[Incident]:
    """All incidents in these states, gravest first, then newest."""
    rows = db.conn.execute(
        f"{_SELECT} WHERE state IN ({', '.join('?' * len(states))})", tuple(s.value for s in states)
    ).fetchall()
    found = [_incident(row) for row in rows]
    return sorted(found, key=lambda i: (-(i.shown or 0), -i.id))


def tracked_since(db: Database, moment: datetime) -> bool:
    """Whether an incident that is tracked now went over to it since a moment."""
    sql = "SELECT 1 FROM incidents WHERE state = 'tracking' AND tracked_at >= ? LIMIT 1"
    return db.conn.execute(sql, (iso(moment),)).fetchone() is not None


def moved_last(db: Database) -> Incident | None:
    """The open incident that moved last."""
    row = db.conn.execute(
        "SELECT l.incident FROM log l JOIN incidents i ON i.id = l.incident WHERE i.state NOT IN ('closed', 'reviewed') "
        "ORDER BY l.seq DESC LIMIT 1"
    ).fetchone()
    return get(db, row[0]) if row else None


def open_new(
    db: Database, *, title: str, at: datetime, by: str, suggested: Grade | None, why: str, kind: str = "other", room: str = ""
) -> Incident:
    """A new incident in state ``new``."""
    number = journal.next_id(db, "incidents")
    with journal.act(db, "open", at=at, by=by, incident=number, why=why) as it:
        it.put(
            "incidents",
            number,
            title=title[:60],
            type=kind,
            state=State.NEW.value,
            opened_at=at,
            round_at=at,
            suggested=suggested and suggested.key,
            peak=suggested and suggested.key,
            room=room,
        )
    return get(db, number)


def change(
    db: Database,
    number: int,
    verb: str,
    *,
    at: datetime,
    by: str,
    why: str = "",
    note: dict[str, Any] | None = None,
    **values: Any,
) -> Incident:
    """Sets columns of an incident as one logged act; the incident afterwards. Grades and states go in as they are."""
    with journal.act(db, verb, at=at, by=by, incident=number, why=why, **(note or {})) as it:
        it.put("incidents", number, **{name: _store(value) for name, value in values.items()})
    return get(db, number)


def reopen(db: Database, incident: Incident, *, at: datetime, by: str, why: str) -> Incident:
    """A closed incident begins a new round; the times of the old one stay in ``rounds``."""
    old = row(db, incident.id)
    kept = {
        name: old[name] for name in ("claimed_at", "tracked_at", "closed_at", "owner", "grade", "peak", "resolution", "reason")
    }
    with journal.act(db, "reopen", at=at, by=by, incident=incident.id, why=why) as it:
        it.add("rounds", incident=incident.id, round=incident.round, began_at=old["round_at"], **kept)
        peak = incident.suggested or incident.grade
        it.put(
            "incidents",
            incident.id,
            state=State.ACTIVE.value,
            round=incident.round + 1,
            round_at=at,
            peak=peak and peak.key,
            resolution="",
            reason="",
            receiver="",
            closed_at=None,
            quiet_until=None,
            tracked_at=None,
        )
    return get(db, incident.id)


def rounds(db: Database, number: int) -> list[dict[str, Any]]:
    """The earlier rounds of an incident, with their times."""
    cursor = db.conn.execute("SELECT * FROM rounds WHERE incident = ? ORDER BY round", (number,))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, found, strict=True)) for found in cursor.fetchall()]


def note(db: Database, number: int, verb: str, *, at: datetime, by: str, why: str = "", **said: Any) -> None:
    """An act on an incident that changes no column: a report, a read mark."""
    with journal.act(db, verb, at=at, by=by, incident=number, why=why, **said):
        pass


def row(db: Database, number: int) -> dict[str, Any]:
    """Every column of an incident, as stored."""
    cursor = db.conn.execute("SELECT * FROM incidents WHERE id = ?", (number,))
    found = cursor.fetchone()
    return dict(zip([column[0] for column in cursor.description], found, strict=True)) if found else {}


def _store(value: Any) -> Any:
    if isinstance(value, Grade):
        return value.key
    return value.value if isinstance(value, State) else value


def _incident(row: Sequence[Any]) -> Incident:
    raw = dict(zip(_COLUMNS, row, strict=True))
    grades = {name: Grade.of(raw[name]) if raw[name] else None for name in ("grade", "suggested", "peak")}
    return Incident(
        id=raw["id"],
        title=raw["title"],
        type=raw["type"],
        state=State(raw["state"]),
        round=raw["round"],
        opened_at=from_iso(raw["opened_at"]),
        owner=raw["owner"],
        accepted=bool(raw["accepted"]),
        helpers=tuple(json.loads(raw["helpers"])),
        truth=raw["truth"],
        assessed=bool(raw["assessed"]),
        started=bool(raw["started"]),
        resolution=raw["resolution"],
        quiet_until=from_iso(raw["quiet_until"]) if raw["quiet_until"] else None,
        merged_into=raw["merged_into"],
        confidential=bool(raw["confidential"]),
        named=tuple(json.loads(raw["named"])),
        **grades,
    )


def gauge(db: Database, number: int) -> dict[str, Any]:
    """The newest figures of an incident: indicators, suggestion, how long a lower one has held; empty before the first."""
    cursor = db.conn.execute("SELECT * FROM gauges WHERE incident = ?", (number,))
    found = cursor.fetchone()
    if not found:
        return {}
    raw = dict(zip([column[0] for column in cursor.description], found, strict=True))
    return {**raw, "indicators": json.loads(raw["indicators"]), "suggestion": json.loads(raw["suggestion"])}


def set_gauge(
    db: Database,
    number: int,
    at: datetime,
    indicators: dict[str, Any],
    suggestion: dict[str, Any],
    lower_since: str | None,
    lower_grade: str | None,
    eased: str | None,
) -> None:
    """Keeps the newest figures, and one sample a minute for the curve."""
    db.conn.execute(
        "INSERT INTO gauges VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, indicators = excluded.indicators, "
        "suggestion = excluded.suggestion, lower_since = excluded.lower_since, lower_grade = excluded.lower_grade, eased = excluded.eased",
        (number, iso(at), _json(indicators), _json(suggestion), lower_since, lower_grade, eased),
    )
    db.conn.execute(
        "INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET heat = excluded.heat, n = excluded.n, "
        "negative = excluded.negative, per_hour = excluded.per_hour",
        (
            number,
            iso(at)[:16],
            indicators["heat"],
            indicators["mentions"],
            indicators["negative_share"],
            indicators["per_hour"],
        ),
    )


def samples(db: Database, number: int, since: datetime) -> list[tuple[str, float, int, float | None, int]]:
    """The curve of an incident since a moment: minute, heat, mentions, negative share, per hour."""
    return db.conn.execute(
        "SELECT at, heat, n, negative, per_hour FROM samples WHERE incident = ? AND at >= ? ORDER BY at",
        (number, iso(since)[:16]),
    ).fetchall()


def hourly(db: Database, number: int, since: datetime) -> list[int]:
    """The highest hourly count in each quarter of an hour since a moment, oldest first."""
    rows = db.conn.execute(
        "SELECT max(per_hour) FROM samples WHERE incident = ? AND at >= ? "
        "GROUP BY substr(at, 1, 14) || (cast(substr(at, 15, 2) AS INTEGER) / 15) ORDER BY min(at)",
        (number, iso(since)[:16]),
    )
    return [row[0] for row in rows]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
