"""Owner of ``log``: the append-only, hash-chained record of every act (reliability 3, 21).

An act changes rows and writes its log row in one go, so that state and log change together or not at all; the rows it
changed stand in the log with their new values, and replaying them rebuilds the state.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.model.times import iso

REBUILT = (
    *("incidents", "rounds", "tasks", "facts", "decisions", "drafts", "versions", "mutes", "clocks", "evidence", "audiences"),
    *("questions", "expenses", "calls", "labels", "reports", "shifts", "leaves", "appointments", "handovers"),
    *("red_lines", "plans", "sitreps", "briefings", "reviews", "improvements", "cases", "drills"),
    *("signatures", "shown", "lent", "waivers", "publications", "points", "hearings", "inquiries", "authorities"),
)
"""The tables that the log rebuilds."""
SHORT = 12
"""So many hex digits of a hash are published each day."""


@dataclass
class Act:
    """One act on its way into the log."""

    db: Database
    writes: list[dict[str, Any]] = field(default_factory=list)
    note: dict[str, Any] = field(default_factory=dict)

    def put(self, table: str, id: int, **values: Any) -> None:
        """Sets these columns of row ``id``; makes the row where there is none."""
        plain = {name: _plain(value) for name, value in values.items()}
        assigned = ", ".join(f"{name} = ?" for name in plain)
        changed = self.db.conn.execute(f"UPDATE {table} SET {assigned} WHERE id = ?", (*plain.values(), id))
        if not changed.rowcount:
            self.db.table(table).insert({"id": id, **plain})
        self.writes.append({"table": table, "id": id, "values": plain})

    def add(self, table: str, **values: Any) -> int:
        """A new row with the next number of ``table``; that number."""
        id = next_id(self.db, table)
        self.put(table, id, **values)
        return id


def next_id(db: Database, table: str) -> int:
    """Rows are never deleted, so the next number is one more than the highest."""
    return int(db.conn.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()[0])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False)
    return int(value) if isinstance(value, bool) else value


@contextmanager
def act(
    db: Database, verb: str, *, at: datetime, by: str, incident: int | None = None, why: str = "", **note: Any
) -> Iterator[Act]:
    """``with act(db, "claim", at=at, by="李雷", incident=12) as it: it.put(…)``: the changes and their log row."""
    it = Act(db, note={k: _plain(v) for k, v in note.items()})
    yield it
    _append(db, verb, at, by, incident, why, it)


def _append(db: Database, verb: str, at: datetime, by: str, incident: int | None, why: str, it: Act) -> None:
    prev = db.conn.execute("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1").fetchone() or (0, "")
    body = json.dumps({"writes": it.writes, "note": it.note}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    row = (prev[0] + 1, iso(at), by, verb, incident, why, body, prev[1])
    db.conn.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, chain(*row)))


def chain(seq: int, at: str, by: str, verb: str, incident: int | None, why: str, body: str, prev: str) -> str:
    """The SHA-256 of a row together with the hash before it."""
    text = json.dumps([seq, at, by, verb, incident, why, body, prev], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify(db: Database, head: dict[str, Any] | None) -> tuple[int, str]:
    """Walks the chain. The number of rows and, where one does not fit, which and why; ``head`` is what ``audit.head`` says."""
    prev, expected, hashes = "", 1, {}
    for row in db.conn.execute("SELECT seq, at, by, verb, incident, why, body, prev, hash FROM log ORDER BY seq"):
        *fields, hash = row
        if fields[0] != expected:
            return expected - 1, f"第{expected}行缺失"
        if fields[7] != prev or chain(*fields) != hash:
            return expected - 1, f"第{expected}行与校验值不符（{fields[1]} {fields[2]} {fields[3]}）"
        prev, expected = hash, expected + 1
        hashes[fields[0]] = hash
    if head and hashes.get(int(head["seq"])) != head["hash"]:
        return expected - 1, f"末尾缺行：audit.head 记到第{head['seq']}行，库里只有{expected - 1}行"
    return expected - 1, ""


def published_head(db: Database) -> str:
    """``1234:9b41c2d0e5f6``: number and short hash of the newest row, for people to keep; empty while the log is."""
    row = db.conn.execute("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1").fetchone()
    return f"{row[0]}:{row[1][:SHORT]}" if row else ""


def misfit(db: Database, seq: int, short: str) -> str:
    """Why a head that was published does not belong to this log; empty where it does."""
    row = db.conn.execute("SELECT hash FROM log WHERE seq = ?", (seq,)).fetchone()
    if row is None:
        return f"公布过第{seq}行，库里只有{last(db)}行"
    return "" if row[0].startswith(short) else f"第{seq}行与公布的校验 {short} 不符"


def rebuild(db: Database) -> dict[str, dict[int, dict[str, Any]]]:
    """The state as the log tells it: table → id → the columns that acts have set."""
    state: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in REBUILT}
    for (body,) in db.conn.execute("SELECT body FROM log ORDER BY seq"):
        for write in json.loads(body)["writes"]:
            if write["table"] in state:
                state[write["table"]].setdefault(write["id"], {}).update(write["values"])
    return state


def last(db: Database) -> int:
    """The number of the newest row."""
    return int(db.conn.execute("SELECT coalesce(max(seq), 0) FROM log").fetchone()[0])


def touched(db: Database, after: int) -> list[int]:
    """The incidents that acts later than a row were about."""
    rows = db.conn.execute("SELECT DISTINCT incident FROM log WHERE seq > ? AND incident IS NOT NULL", (after,))
    return [row[0] for row in rows]


def reasons(db: Database, verb: str) -> list[str]:
    """The reasons of every act of this verb, oldest first."""
    return [row[0] for row in db.conn.execute("SELECT why FROM log WHERE verb = ? ORDER BY seq", (verb,))]


def entries(db: Database, incident: int, after: int = 0) -> list[dict[str, Any]]:
    """The rows of one incident, oldest first."""
    rows = db.conn.execute(
        "SELECT seq, at, by, verb, why, body FROM log WHERE incident = ? AND seq > ? ORDER BY seq", (incident, after)
    )
    names = ("seq", "at", "by", "verb", "why", "body")
    return [{**dict(zip(names, row, strict=True)), "body": json.loads(row[5])} for row in rows]
