"""Owner of ``drafts`` and ``versions``: what we mean to say in public."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.errors import UserError
from bot.store import journal


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement on its way, with its newest version."""

    id: int
    incident: int | None
    type: str
    state: str
    version: int
    by: str
    held: bool
    text: str
    sha256: str
    facts: tuple[int, ...]

    @property
    def name(self) -> str:
        """``D3 v2·7F3A``."""
        return f"D{self.id} v{self.version}·{self.sha256[:4].upper()}"


_DRAFT = (
    "SELECT d.id, d.incident, d.type, d.state, d.version, d.by, d.held, v.text, v.sha256, v.facts FROM drafts d "
    "JOIN versions v ON v.draft = d.id AND v.version = d.version"
)


def add(db: Database, *, incident: int | None, type: str, text: str, facts: Sequence[int], by: str, at: datetime) -> Draft:
    """A new draft with its first version."""
    with journal.act(db, "draft", at=at, by=by, incident=incident) as it:
        id = it.add("drafts", incident=incident, type=type, state="draft", version=1, by=by, at=at)
        it.add("versions", draft=id, version=1, text=text, sha256=sha(text), by=by, at=at, facts=list(facts))
    return get(db, id)


def revise(db: Database, draft: Draft, *, text: str, facts: Sequence[int], by: str, at: datetime) -> Draft:
    """One more version; the old ones stay as they were."""
    with journal.act(db, "revise", at=at, by=by, incident=draft.incident, draft=draft.id) as it:
        it.add(
            "versions", draft=draft.id, version=draft.version + 1, text=text, sha256=sha(text), by=by, at=at, facts=list(facts)
        )
        it.put("drafts", draft.id, version=draft.version + 1, state="draft")
    return get(db, draft.id)


def change(db: Database, draft: Draft, verb: str, *, at: datetime, by: str, why: str = "", **values: Any) -> Draft:
    """Sets columns of a draft as one logged act."""
    with journal.act(db, verb, at=at, by=by, incident=draft.incident, why=why, draft=draft.id, version=draft.version) as it:
        it.put("drafts", draft.id, **values)
    return get(db, draft.id)


def get(db: Database, id: int) -> Draft:
    """A draft by its number; ``UserError`` where there is none."""
    row = db.conn.execute(f"{_DRAFT} WHERE d.id = ?", (id,)).fetchone()
    if not row:
        raise UserError(f"没有 D{id} 这份稿件")
    return _draft(row)


def of_incident(db: Database, incident: int | None) -> list[Draft]:
    """The drafts of an incident, oldest first."""
    return [_draft(row) for row in db.conn.execute(f"{_DRAFT} WHERE d.incident IS ? ORDER BY d.id", (incident,))]


def sha(text: str) -> str:
    """The hash that a signature binds to."""
    return hashlib.sha256(text.encode()).hexdigest()


def _draft(row: Any) -> Draft:
    values = list(row)
    values[6], values[9] = bool(values[6]), tuple(json.loads(values[9]))
    return Draft(*values)
