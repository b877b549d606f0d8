"""Owner of ``evidence`` and ``looks``: what was kept as proof, word for word, with its hash, and when its original is looked at
again. There is no way to delete a row."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.errors import UserError
from bot.model.times import from_iso, iso
from bot.store import journal


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece. ``kind`` is post (a mention), quote, text or link. ``transcribed``: typed by hand, no original to compare.
    ``state`` is captured or disclosed, ``note`` to whom. ``fate`` of the original: gone, edited, or empty; seen at ``fate_at``.

    A page behind a link is preserved by whoever keeps raw pages; until then ``url`` names it and ``text`` is what was said.
    """

    id: int
    incident: int | None
    kind: str
    text: str
    url: str
    source: str
    by: str
    at: datetime
    sha256: str
    transcribed: bool
    state: str = "captured"
    note: str = ""
    fate: str = ""
    fate_at: datetime | None = None

    @property
    def name(self) -> str:
        return f"Z-{self.id}"


_COLUMNS = "id, incident, kind, text, url, source, by, at, sha256, transcribed, state, note, fate, fate_at"
AGAIN = (timedelta(hours=1), timedelta(hours=24))
"""After so long the original is looked at again (sources page, section 4)."""


def capture(
    db: Database,
    *,
    incident: int | None,
    kind: str,
    text: str,
    by: str,
    at: datetime,
    url: str = "",
    source: str = "",
    quote: str = "",
    key: str = "",
    transcribed: bool = False,
) -> tuple[Evidence, bool]:
    """Keeps a piece once for each ``key``; the piece, and whether it is new."""
    if key:
        row = db.conn.execute(f"SELECT {_COLUMNS} FROM evidence WHERE key = ? AND incident IS ?", (key, incident)).fetchone()
        if row:
            return _evidence(row), False
    sha256 = hashlib.sha256(f"{text}\n{url}".encode()).hexdigest()
    with journal.act(db, "evidence", at=at, by=by, incident=incident) as it:
        id = it.add(
            "evidence",
            incident=incident,
            kind=kind,
            text=text,
            url=url,
            source=source,
            by=by,
            at=at,
            quote=quote,
            sha256=sha256,
            transcribed=transcribed,
            key=key,
        )
    if incident is not None and url.startswith(("http://", "https://")) and not key.startswith("release:"):
        db.conn.executemany("INSERT INTO looks (evidence, due_at) VALUES (?, ?)", [(id, iso(at + after)) for after in AGAIN])
    return get(db, id), True


def disclose(db: Database, it: Evidence, to: str, *, at: datetime, by: str) -> Evidence:
    """A piece was handed to somebody outside; each receiver is kept."""
    note = "；".join(filter(None, (it.note, to)))
    with journal.act(db, "evidence_disclosed", at=at, by=by, incident=it.incident, why=to) as act:
        act.put("evidence", it.id, state="disclosed", note=note)
    return get(db, it.id)


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the original that is due; ``before`` is what the look before it found."""

    id: int
    piece: Evidence
    before: str


def looks_due(db: Database, now: datetime, limit: int = 10) -> list[Look]:
    """The looks that are due, oldest first."""
    rows = db.conn.execute(
        "SELECT id, evidence, (SELECT verdict FROM looks b WHERE b.evidence = looks.evidence AND b.id < looks.id ORDER BY b.id DESC "
        "LIMIT 1) FROM looks WHERE looked_at IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?",
        (iso(now), limit),
    ).fetchall()
    return [Look(id, get(db, piece), before or "") for id, piece, before in rows]


def looked(db: Database, it: Look, verdict: str, *, at: datetime) -> bool:
    """Notes what a look found; False where that was noted before."""
    done = db.conn.execute(
        "UPDATE looks SET looked_at = ?, verdict = ? WHERE id = ? AND looked_at IS NULL", (iso(at), verdict, it.id)
    )
    return bool(done.rowcount)


def met(db: Database, it: Evidence, fate: str, *, at: datetime, by: str, why: str) -> Evidence:
    """The original is gone or was edited; what was kept stays as it was."""
    with journal.act(db, f"original_{fate}", at=at, by=by, incident=it.incident, why=why) as act:
        act.put("evidence", it.id, fate=fate, fate_at=at)
    return get(db, it.id)


def get(db: Database, id: int) -> Evidence:
    """A piece by its number; ``UserError`` where there is none."""
    row = db.conn.execute(f"SELECT {_COLUMNS} FROM evidence WHERE id = ?", (id,)).fetchone()
    if not row:
        raise UserError(f"没有 Z-{id} 这件存证")
    return _evidence(row)


def of_incident(db: Database, incident: int) -> list[Evidence]:
    """The pieces of an incident, oldest first."""
    return [
        _evidence(r) for r in db.conn.execute(f"SELECT {_COLUMNS} FROM evidence WHERE incident = ? ORDER BY id", (incident,))
    ]


def of_key(db: Database, incident: int, key: str) -> Evidence | None:
    """The piece kept under that key, or None."""
    row = db.conn.execute(f"SELECT {_COLUMNS} FROM evidence WHERE key = ? AND incident = ?", (key, incident)).fetchone()
    return _evidence(row) if row else None


def newest(db: Database, key: str) -> Evidence | None:
    """The newest piece kept under that key in any incident, or None."""
    row = db.conn.execute(f"SELECT {_COLUMNS} FROM evidence WHERE key = ? ORDER BY id DESC LIMIT 1", (key,)).fetchone()
    return _evidence(row) if row else None


def _evidence(row: Any) -> Evidence:
    values = list(row)
    values[7], values[9] = from_iso(values[7]), bool(values[9])
    values[13] = from_iso(values[13]) if values[13] else None
    return Evidence(*values)
