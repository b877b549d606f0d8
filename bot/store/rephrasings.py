"""Owner of ``rephrasings``: the drafts that wait for the language model's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.model.times import iso


@dataclass(frozen=True, slots=True)
class Job:
    """One version of a draft to be said in other words for ``person``; ``wish`` is what they asked for, ``tries`` how often it was
    begun."""

    id: int
    draft: int
    version: int
    person: str
    wish: str
    tries: int


def ask(db: Database, *, draft: int, version: int, person: str, wish: str, at: datetime) -> bool:
    """One more to do; False where this draft waits already."""
    if db.conn.execute("SELECT 1 FROM rephrasings WHERE draft = ? AND state = 'waiting'", (draft,)).fetchone():
        return False
    db.conn.execute(
        "INSERT INTO rephrasings (draft, version, person, wish, at, state) VALUES (?, ?, ?, ?, ?, 'waiting')",
        (draft, version, person, wish, iso(at)),
    )
    return True


def begin(db: Database) -> Job | None:
    """The oldest that waits, its try counted before the model is asked; None where nothing waits."""
    row = db.conn.execute(
        "UPDATE rephrasings SET tries = tries + 1 WHERE id = (SELECT min(id) FROM rephrasings WHERE state = 'waiting') "
        "RETURNING id, draft, version, person, wish, tries"
    ).fetchone()
    return Job(*row) if row else None


def waiting(db: Database) -> bool:
    """Whether anything waits."""
    return bool(db.conn.execute("SELECT 1 FROM rephrasings WHERE state = 'waiting' LIMIT 1").fetchone())


def finish(db: Database, job: Job, state: str, note: str = "") -> bool:
    """Ends a job as ``done`` or ``failed``; False where it was ended before."""
    done = db.conn.execute(
        "UPDATE rephrasings SET state = ?, note = ? WHERE id = ? AND state = 'waiting'", (state, note, job.id)
    )
    return bool(done.rowcount)
