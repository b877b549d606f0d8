"""Owner of ``audiences``, ``questions``, ``expenses``, ``labels`` and ``reports``: the room's smaller records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.errors import UserError
from bot.model.times import from_iso
from bot.store import journal


@dataclass(frozen=True, slots=True)
class Told:
    """Who has told which audience what, and when."""

    audience: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """Something nobody knows yet."""

    id: int
    incident: int
    text: str
    by: str
    at: datetime
    answer: str


@dataclass(frozen=True, slots=True)
class Report:
    """A pasted link that waits to be read like any other mention."""

    id: int
    incident: int
    text: str
    by: str
    at: datetime


def tell(db: Database, incident: int, audience: str, text: str, *, by: str, at: datetime) -> None:
    """Somebody has told an audience."""
    with journal.act(
        db,
        "told",
        at=at,
        by=by,
        incident=incident,
        why=text if text.startswith(audience) else f"{audience}：{text}".rstrip("："),
    ) as it:
        it.add("audiences", incident=incident, audience=audience, text=text, by=by, at=at)


def told(db: Database, incident: int) -> list[Told]:
    """Who was told what, oldest first."""
    rows = db.conn.execute("SELECT audience, text, by, at FROM audiences WHERE incident = ? ORDER BY id", (incident,))
    return [Told(r[0], r[1], r[2], from_iso(r[3])) for r in rows]


def ask(db: Database, incident: int, text: str, *, by: str, at: datetime) -> int:
    """A new open question; its number."""
    with journal.act(db, "question", at=at, by=by, incident=incident, why=text) as it:
        return it.add("questions", incident=incident, text=text, by=by, at=at)


def question(db: Database, id: int) -> Question:
    """A question by its number; ``UserError`` where there is none."""
    row = db.conn.execute("SELECT id, incident, text, by, at, answer FROM questions WHERE id = ?", (id,)).fetchone()
    if not row:
        raise UserError(f"没有 Q{id} 这个问题。回「问题」看看")
    return _question(row)


def questions(db: Database, incident: int) -> list[Question]:
    """The open questions of an incident, oldest first."""
    rows = db.conn.execute(
        "SELECT id, incident, text, by, at, answer FROM questions WHERE incident = ? AND answer = '' ORDER BY id", (incident,)
    )
    return [_question(row) for row in rows]


def answer(db: Database, it: Question, text: str, *, by: str, at: datetime) -> None:
    """Answers a question."""
    with journal.act(db, "answer", at=at, by=by, incident=it.incident, why=text) as act:
        act.put("questions", it.id, answer=text, answered_by=by, answered_at=at)


def _question(row: Any) -> Question:
    values = list(row)
    values[4] = from_iso(values[4])
    return Question(*values)


def spend(db: Database, incident: int | None, task: int | None, amount: float, text: str, *, by: str, at: datetime) -> float:
    """Books a cost (yuan); the sum of the incident so far."""
    with journal.act(db, "expense", at=at, by=by, incident=incident, why=text, amount=amount) as it:
        it.add("expenses", incident=incident, task=task, amount=amount, text=text, by=by, at=at)
    return spent(db, incident)


def spent(db: Database, incident: int | None) -> float:
    """What an incident has cost so far (yuan)."""
    row = db.conn.execute("SELECT coalesce(sum(amount), 0) FROM expenses WHERE incident IS ?", (incident,)).fetchone()
    return float(row[0])


def expenses(db: Database, incident: int) -> list[tuple[float, str]]:
    """Each cost of an incident: yuan and the words it was booked with."""
    rows = db.conn.execute("SELECT amount, text FROM expenses WHERE incident = ? ORDER BY id", (incident,))
    return [(float(amount), text) for amount, text in rows]


def label(db: Database, label: str, text: str, *, incident: int | None, mention: int | None, by: str, at: datetime) -> int:
    """Keeps what a person says a text is (``negative`` or ``neutral``), to train with; how many there are."""
    with journal.act(db, "label", at=at, by=by, incident=incident, why=label) as it:
        it.add("labels", incident=incident, mention=mention, label=label, text=text, by=by, at=at)
    return int(db.conn.execute("SELECT count(*) FROM labels").fetchone()[0])


def labels(db: Database) -> list[tuple[str, str]]:
    """(label, text) of all that was said; the newest word about one text counts."""
    return [
        (label, text) for text, label in dict(db.conn.execute("SELECT text, label FROM labels ORDER BY id").fetchall()).items()
    ]


def report(db: Database, incident: int, text: str, *, by: str, at: datetime) -> int:
    """A pasted link to be read."""
    with journal.act(db, "link", at=at, by=by, incident=incident) as it:
        return it.add("reports", incident=incident, text=text, by=by, at=at, state="waiting")


def reports(db: Database) -> list[Report]:
    """The pasted links that wait, oldest first."""
    rows = db.conn.execute("SELECT id, incident, text, by, at FROM reports WHERE state = 'waiting' ORDER BY id")
    return [Report(r[0], r[1], r[2], r[3], from_iso(r[4])) for r in rows]


def end_report(db: Database, it: Report, note: str, *, at: datetime) -> None:
    """A pasted link was read; ``note`` says what was missing."""
    with journal.act(db, "link_read", at=at, by="望楼", incident=it.incident, why=note) as act:
        act.put("reports", it.id, state="read", note=note)


def move(db: Database, origin: int, to: int, *, at: datetime, by: str) -> None:
    """Everything kept about one incident goes to another; nothing is copied."""
    with journal.act(db, "move", at=at, by=by, incident=to, origin=origin) as it:
        for table in ("evidence", "audiences", "questions", "expenses", "calls", "labels", "reports"):
            for (id,) in db.conn.execute(f"SELECT id FROM {table} WHERE incident = ?", (origin,)).fetchall():
                it.put(table, id, incident=to)
