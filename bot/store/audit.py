"""Reads, for the auditor of each minute, what should have happened and did not (reliability 10). Owns no table.

Each question is answered from an index of what is open, or from the rows since the last look: history costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlite_utils import Database

from bot.model.times import iso

ALERTS = (
    "SELECT a.incident, a.at, a.reason, a.rows FROM alerts a WHERE a.id > ? AND a.id <= ? AND a.sent = 1 AND a.rows > "
    "(SELECT count(*) FROM outbox o WHERE o.incident = a.incident AND o.at = a.at AND o.kind = 'alert')"
)
ENDED = (
    "SELECT o.id, o.state FROM outbox o WHERE o.id > ? AND o.id <= ? AND ((o.state = 'sent' AND o.sent_at IS NULL) "
    "OR (o.state = 'failed' AND o.error = '') "
    "OR (o.state = 'merged' AND NOT EXISTS (SELECT 1 FROM outbox d WHERE d.id = o.merged_into))"
    " OR o.state NOT IN ('queued', 'sending', 'unknown', 'sent', 'failed', 'merged'))"
)
UNDER_WAY = "SELECT id FROM outbox WHERE state IN ('queued', 'sending', 'unknown') AND state = 'sending' AND deadline < ?"
DOUBTFUL = "SELECT id FROM outbox WHERE state IN ('queued', 'sending', 'unknown') AND state = 'unknown' AND at < ?"
TIMERS = "SELECT key FROM timers WHERE due_at < ? AND fired_at IS NULL AND ended_at IS NULL ORDER BY due_at"
BROKEN = "SELECT key FROM timers WHERE substr(why, 1, 7) = 'failed:' AND fired_at > ? ORDER BY fired_at"
CLOCKS = (
    "SELECT c.incident, c.name FROM clocks c WHERE c.state IN ('running', 'proposed') AND c.due_at < ? "
    "AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.key = 'clock:' || c.id || ':100')"
)
INBOX = "SELECT id FROM inbox WHERE state = 'taken' AND at < ? ORDER BY at"
MOST = 500
"""So many of a kind are counted at most."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Up to where alert decisions and outbox rows were compared already."""

    alerts: int = 0
    outbox: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What differs, each as the rows' own names: alert decisions (incident, moment, reason), the rest by key or number."""

    untold: tuple[tuple[int, str, str], ...] = ()
    unended: tuple[int, ...] = ()
    hanging: tuple[int, ...] = ()
    doubtful: tuple[int, ...] = ()
    unfired: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    unwatched: tuple[tuple[int, str], ...] = ()
    unanswered: tuple[str, ...] = ()

    def still(self, before: Found) -> Found:
        """What was found by the look before, too."""
        both = {f.name: tuple(x for x in getattr(self, f.name) if x in getattr(before, f.name)) for f in fields(self)}
        return Found(**both)


def newest(db: Database, back: int = 0) -> Marks:
    """The newest decision and row, or so many before them."""
    alerts, rows = (int(db.conn.execute(f"SELECT coalesce(max(id), 0) FROM {t}").fetchone()[0]) for t in ("alerts", "outbox"))
    return Marks(max(0, alerts - back), max(0, rows - back))


def differences(db: Database, since: Marks, until: Marks, *, late: datetime, doubt: datetime, lately: datetime) -> Found:
    """Compares what was decided between two marks, and everything that is open, with what became of it.

    ``late``: what was due before it should have happened. ``doubt``: what is of unknown outcome since before it should have
    been named in a summary. ``lately``: a timer that failed after it is shown."""

    def rows(sql: str, *values: object) -> list[tuple[str, ...]]:
        return db.conn.execute(f"{sql} LIMIT {MOST}", values).fetchall()

    def firsts(sql: str, *values: object) -> tuple[str, ...]:
        return tuple(row[0] for row in rows(sql, *values))

    return Found(
        untold=tuple((int(r[0] or 0), r[1], r[2]) for r in rows(ALERTS, since.alerts, until.alerts)),
        unended=tuple(int(r[0]) for r in rows(ENDED, since.outbox, until.outbox)),
        hanging=tuple(map(int, firsts(UNDER_WAY, iso(late)))),
        doubtful=tuple(map(int, firsts(DOUBTFUL, iso(doubt)))),
        unfired=firsts(TIMERS, iso(late)),
        broken=firsts(BROKEN, iso(lately)),
        unwatched=tuple((int(r[0]), r[1]) for r in rows(CLOCKS, iso(late))),
        unanswered=firsts(INBOX, iso(late)),
    )
