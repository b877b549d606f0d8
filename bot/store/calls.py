"""Owner of ``calls``: who must be telephoned, by whom, and whether it was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.model.times import from_iso
from bot.store import journal

TALK = "要电话谈"


@dataclass(frozen=True, slots=True)
class Call:
    """``caller`` telephones ``person``; open until somebody says it was done."""

    id: int
    incident: int | None
    person: str
    caller: str
    why: str
    at: datetime
    state: str
    answered_by: str

    @property
    def talk(self) -> bool:
        """Whether the person asked to be telephoned: nothing but the call answers that."""
        return self.why.startswith(TALK)


_COLUMNS = "id, incident, person, caller, why, at, state, answered_by"


def open_call(
    db: Database, *, incident: int | None, person: str, caller: str, why: str, key: str, at: datetime
) -> tuple[Call, bool]:
    """A call to make, once for each ``key``; the call, and whether it is new."""
    row = db.conn.execute(f"SELECT {_COLUMNS} FROM calls WHERE key = ?", (key,)).fetchone()
    if row:
        return _call(row), False
    with journal.act(db, "call", at=at, by="望楼", incident=incident, why=why, person=person) as it:
        id = it.add("calls", incident=incident, person=person, caller=caller, why=why, at=at, state="open", key=key)
    return get(db, id), True


def get(db: Database, id: int) -> Call:
    """A call by its number."""
    return _call(db.conn.execute(f"SELECT {_COLUMNS} FROM calls WHERE id = ?", (id,)).fetchone())


def waiting(db: Database, *, incident: int | None = None, person: str = "") -> list[Call]:
    """The calls nobody has made yet."""
    rows = map(_call, db.conn.execute(f"SELECT {_COLUMNS} FROM calls WHERE state = 'open' ORDER BY id").fetchall())
    return [c for c in rows if (incident is None or c.incident == incident) and (not person or c.person == person)]


def answer(db: Database, call: Call, *, at: datetime, by: str) -> None:
    """Somebody says that the call was made."""
    with journal.act(db, "called", at=at, by=by, incident=call.incident, person=call.person) as it:
        it.put("calls", call.id, state="done", answered_at=at, answered_by=by)


def cancel(db: Database, incident: int, *, at: datetime, by: str, why: str) -> None:
    """The calls of an incident are no longer needed."""
    for call in waiting(db, incident=incident):
        with journal.act(db, "call_cancel", at=at, by=by, incident=incident, why=why) as it:
            it.put("calls", call.id, state="cancelled")


def _call(row: Any) -> Call:
    values = list(row)
    values[5] = from_iso(values[5])
    return Call(*values)
