"""Owner of ``publications`` and ``page_checks``: which text went out where, and whether it still stands there.

A row is ``handed`` (to a person) or ``calling`` (a connector, claimed in a commit of its own) → ``released`` | ``unknown`` |
``failed`` | ``not_released``; ``released`` → ``taken_down``. ``queued`` waits for its connector.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.model.times import from_iso, iso
from bot.store import journal
from bot.store.statements import Draft

OUT = ("queued", "handed", "calling", "unknown", "released")
"""States in which a text is out, or may be."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One text on one channel. ``compared``: same, differs or unreadable, empty before the page was read."""

    id: int
    draft: int
    version: int
    sha256: str
    channel: str
    operator: str
    connector: str
    state: str
    at: datetime
    by: str
    url: str
    released_at: datetime | None
    recorded_by: str
    snapshot: str
    compared: str
    note: str


@dataclass(frozen=True, slots=True)
class PageCheck:
    """A page that is to be read: the publication, and which reading it is."""

    id: int
    publication: int
    step: str
    due_at: datetime


_COLUMNS = "id, draft, version, sha256, channel, operator, connector, state, at, by, url, released_at, recorded_by, snapshot, compared, note"


def hand(db: Database, draft: Draft, *, channel: str, operator: str, connector: str, by: str, at: datetime) -> Publication:
    """Hands the exact text of the newest version over for one channel."""
    with journal.act(db, "hand_over", at=at, by=by, incident=draft.incident, draft=draft.id, channel=channel) as it:
        id = it.add(
            "publications",
            draft=draft.id,
            version=draft.version,
            sha256=draft.sha256,
            channel=channel,
            operator=operator,
            connector=connector,
            state="queued" if connector else "handed",
            at=at,
            by=by,
        )
    return get(db, id)


def change(
    db: Database, it: Publication, verb: str, *, at: datetime, by: str, incident: int | None, why: str = "", **values: Any
) -> Publication:
    """Sets columns of a publication as one logged act."""
    with journal.act(db, verb, at=at, by=by, incident=incident, why=why, draft=it.draft, channel=it.channel) as act:
        act.put("publications", it.id, **values)
    return get(db, it.id)


def get(db: Database, id: int) -> Publication:
    """A publication by its number."""
    return _publication(db.conn.execute(f"SELECT {_COLUMNS} FROM publications WHERE id = ?", (id,)).fetchone())


def of_draft(db: Database, draft: int) -> list[Publication]:
    """The publications of a draft, oldest first."""
    rows = db.conn.execute(f"SELECT {_COLUMNS} FROM publications WHERE draft = ? ORDER BY id", (draft,)).fetchall()
    return [_publication(row) for row in rows]


def in_state(db: Database, *states: str) -> list[Publication]:
    """Every publication in one of these states, oldest first."""
    marks = ", ".join("?" * len(states))
    return [
        _publication(row)
        for row in db.conn.execute(
            f"SELECT {_COLUMNS} FROM publications WHERE state IN ({marks}) ORDER BY id", states
        ).fetchall()
    ]


def check_page(db: Database, publication: int, step: str, due_at: datetime) -> None:
    """A page is to be read at a moment."""
    db.conn.execute("INSERT INTO page_checks (publication, step, due_at) VALUES (?, ?, ?)", (publication, step, iso(due_at)))


def pages_due(db: Database, now: datetime, limit: int = 20) -> list[PageCheck]:
    """The pages to be read now, oldest first."""
    rows = db.conn.execute(
        "SELECT id, publication, step, due_at FROM page_checks WHERE done_at IS NULL AND due_at <= ? ORDER BY due_at, id LIMIT ?",
        (iso(now), limit),
    ).fetchall()
    return [PageCheck(id, publication, step, from_iso(due)) for id, publication, step, due in rows]


def page_read(db: Database, check: PageCheck, outcome: str, at: datetime) -> bool:
    """Ends a reading with its outcome; False where it was ended already."""
    done = db.conn.execute(
        "UPDATE page_checks SET done_at = ?, outcome = ? WHERE id = ? AND done_at IS NULL", (iso(at), outcome, check.id)
    )
    return bool(done.rowcount)


def end_checks(db: Database, publication: int, at: datetime, why: str) -> None:
    """Nobody need look at this page any more."""
    db.conn.execute(
        "UPDATE page_checks SET done_at = ?, outcome = ? WHERE publication = ? AND done_at IS NULL", (iso(at), why, publication)
    )


def _publication(row: Any) -> Publication:
    values = list(row)
    values[8] = from_iso(row[8])
    values[11] = from_iso(row[11]) if row[11] else None
    return Publication(*values)
