"""The whole record of an incident as plain values, read in one go; nothing is changed. Owner of ``exports``: who asked for it.

A table that this database does not have counts as empty.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.model.times import iso
from bot.store import incidents, journal, mentions

Row = dict[str, Any]

OF_INCIDENT = (
    *("rounds", "facts", "tasks", "decisions", "drafts", "clocks", "alerts", "evidence", "audiences", "questions", "expenses"),
    *("calls", "labels", "reports", "points", "hearings", "inquiries", "authorities"),
)
OF_DRAFT = ("versions", "signatures", "lent", "waivers", "publications")
_MENTION = (
    "id, uid, source, platform, tier, region, at, seen, published, url, author, followers, title, text, reposts, comments, likes, reads, "
    "rank, list, sentiment, negative, duplicate_of, rules"
)


@dataclass(frozen=True, slots=True)
class Record:
    """``tables``: name → rows as stored, oldest first; ``log`` the incident's rows of the chained log; ``head`` the newest row
    of the whole log (number, hash) at the moment of reading."""

    incident: Row
    gauge: Row
    samples: list[Row]
    mentions: list[Row]
    tables: dict[str, list[Row]]
    log: list[Row]
    head: tuple[int, str]

    def rows(self, table: str) -> list[Row]:
        """The rows of a table."""
        return self.tables.get(table, [])

    def of_draft(self, table: str, draft: int) -> list[Row]:
        """The rows of a table that belong to a draft."""
        return [row for row in self.rows(table) if row["draft"] == draft]


def read(db: Database, number: int) -> Record:
    """Everything kept about an incident; ``UserError`` where there is none."""
    incidents.get(db, number)
    there = {name for (name,) in db.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    tables = {
        table: _rows(db, f"SELECT * FROM {table} WHERE incident = ? ORDER BY id", number)
        for table in OF_INCIDENT
        if table in there
    }
    drafts = [draft["id"] for draft in tables.get("drafts", [])]
    for table in OF_DRAFT:
        if table in there:
            marks = ", ".join("?" * len(drafts))
            tables[table] = _rows(db, f"SELECT * FROM {table} WHERE draft IN ({marks}) ORDER BY id", *drafts)
    strands = mentions.strands_of(db, number)
    marks = ", ".join("?" * len(strands))
    last = db.conn.execute("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1").fetchone() or (0, "")
    return Record(
        incident=incidents.row(db, number),
        gauge=incidents.gauge(db, number),
        samples=_rows(db, "SELECT at, heat, n, negative, per_hour FROM samples WHERE incident = ? ORDER BY at", number),
        mentions=_rows(db, f"SELECT {_MENTION} FROM mentions WHERE strand IN ({marks}) ORDER BY at, id", *strands),
        tables=tables,
        log=[
            {**row, "body": json.loads(row["body"])}
            for row in _rows(
                db, "SELECT seq, at, by, verb, why, body, prev, hash FROM log WHERE incident = ? ORDER BY seq", number
            )
        ],
        head=(int(last[0]), str(last[1])),
    )


def _rows(db: Database, sql: str, *values: Any) -> list[Row]:
    cursor = db.conn.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Job:
    """An export that somebody asked for and waits for."""

    id: int
    incident: int
    person: str
    at: str


def ask(db: Database, incident: int, person: str, at: datetime) -> int:
    """An export is to be made for a person; the act is logged, the work is done after the commit."""
    with journal.act(db, "export", at=at, by=person, incident=incident):
        pass
    id = db.conn.execute(
        "INSERT INTO exports (incident, person, at, state) VALUES (?, ?, ?, 'waiting')", (incident, person, iso(at))
    ).lastrowid
    assert id is not None
    return id


def waiting(db: Database) -> list[Job]:
    """The exports that wait to be made, oldest first."""
    return [
        Job(*row) for row in db.conn.execute("SELECT id, incident, person, at FROM exports WHERE state = 'waiting' ORDER BY id")
    ]


def finish(db: Database, job: Job, state: str, at: datetime, *, sha256: str = "", note: str = "") -> bool:
    """Ends an export as ``done`` or ``failed``, with the hash of the archive in the log; False where it was ended before."""
    done = db.conn.execute(
        "UPDATE exports SET state = ?, done_at = ?, sha256 = ?, note = ? WHERE id = ? AND state = 'waiting'",
        (state, iso(at), sha256, note, job.id),
    )
    if not done.rowcount:
        return False
    with journal.act(
        db, f"export_{state}", at=at, by="望楼", incident=job.incident, why=note, sha256=sha256, person=job.person
    ):
        pass
    return True
