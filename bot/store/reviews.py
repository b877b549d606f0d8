"""Owner of ``reviews``, ``improvements`` and ``cases``: what was learnt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.errors import UserError
from bot.model.times import from_iso
from bot.store import journal


@dataclass(frozen=True, slots=True)
class Review:
    """复盘 of one round: people's ``words`` by heading and the computed ``figures``; ``draft`` until filed."""

    id: int
    incident: int
    round: int
    words: Mapping[str, str]
    figures: Mapping[str, Any]
    by: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Improvement:
    """Something to do better; open until done."""

    id: int
    incident: int
    text: str
    owner: str
    due_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Case:
    """A closed matter as it may be read by anybody: no names."""

    id: int
    incident: int
    type: str
    grade: str
    title: str
    text: str


_REVIEW = "id, incident, round, words, figures, by, at, state"
_IMPROVEMENT = "id, incident, text, owner, due_at, state"


def of_round(db: Database, incident: int, round: int) -> Review | None:
    """The review of a round, filed or in hand."""
    row = db.conn.execute(
        f"SELECT {_REVIEW} FROM reviews WHERE incident = ? AND round = ? ORDER BY id DESC LIMIT 1", (incident, round)
    ).fetchone()
    return _review(row) if row else None


def write(
    db: Database, incident: int, round: int, words: Mapping[str, str], figures: Mapping[str, Any], *, by: str, at: datetime,
    state: str = "draft",
) -> Review:  # fmt: skip
    """Writes the review of a round, or more of it."""
    known = of_round(db, incident, round)
    with journal.act(db, "review_written" if state == "draft" else "review_filed", at=at, by=by, incident=incident) as it:
        id = known.id if known else journal.next_id(db, "reviews")
        it.put(
            "reviews", id, incident=incident, round=round, words=dict(words), figures=dict(figures), by=by, at=at, state=state
        )
    found = of_round(db, incident, round)
    assert found
    return found


def add_improvement(
    db: Database, incident: int, text: str, *, owner: str, due_at: datetime | None, by: str, at: datetime
) -> Improvement:
    """Something to do better, with who and by when as far as they are known."""
    with journal.act(db, "improvement", at=at, by=by, incident=incident, why=text) as it:
        id = it.add("improvements", incident=incident, text=text, owner=owner, due_at=due_at, by=by, at=at, state="open")
    return improvement(db, id)


def improvement(db: Database, id: int) -> Improvement:
    """An improvement by its number; ``UserError`` where there is none."""
    row = db.conn.execute(f"SELECT {_IMPROVEMENT} FROM improvements WHERE id = ?", (id,)).fetchone()
    if not row:
        raise UserError(f"没有改进{id}。回「改进项」看看")
    return _improvement(row)


def improvements(db: Database, incident: int | None = None, *, live: bool = False) -> list[Improvement]:
    """The improvements of an incident, or all; only those still open where ``live``."""
    rows = map(_improvement, db.conn.execute(f"SELECT {_IMPROVEMENT} FROM improvements ORDER BY id").fetchall())
    return [i for i in rows if incident in (None, i.incident) and (not live or i.state == "open")]


def change_improvement(db: Database, it: Improvement, verb: str, *, at: datetime, by: str, **values: Any) -> Improvement:
    """Sets columns of an improvement as one logged act."""
    with journal.act(db, verb, at=at, by=by, incident=it.incident, improvement=it.id) as act:
        act.put("improvements", it.id, **values)
    return improvement(db, it.id)


def save_case(
    db: Database, incident: int, type: str, grade: str, title: str, text: str, *, by: str, at: datetime
) -> tuple[Case, bool]:
    """Puts a matter into the case library, once; the case, and whether it is new."""
    row = db.conn.execute("SELECT id, incident, type, grade, title, text FROM cases WHERE incident = ?", (incident,)).fetchone()
    if row:
        return Case(*row), False
    with journal.act(db, "case", at=at, by=by, incident=incident) as it:
        id = it.add("cases", incident=incident, type=type, grade=grade, title=title, text=text, by=by, at=at)
    return Case(id, incident, type, grade, title, text), True


def cases(db: Database, type: str = "", words: str = "") -> list[Case]:
    """Cases of a type, or with these words, newest first."""
    rows = db.conn.execute("SELECT id, incident, type, grade, title, text FROM cases ORDER BY id DESC").fetchall()
    found = [Case(*row) for row in rows]
    return [c for c in found if (not type or c.type == type) and (not words or words in c.title + c.text)]


def _review(row: Any) -> Review:
    values = list(row)
    values[3], values[4], values[6] = json.loads(values[3]), json.loads(values[4]), from_iso(values[6])
    return Review(*values)


def _improvement(row: Any) -> Improvement:
    values = list(row)
    values[4] = from_iso(values[4]) if values[4] else None
    return Improvement(*values)
