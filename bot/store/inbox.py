"""Owner of ``inbox`` and ``deliveries``: what was said to us, stored before it is acknowledged, answered once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.model.message import Answer, Message, Press, Quote
from bot.model.post_json import answer_from_json, answer_to_json
from bot.model.times import from_iso, iso

KEPT = timedelta(days=30)


def take(db: Database, heard: Message | Press) -> bool:
    """Stores what was heard; False when this id is known already."""
    done = db.conn.execute(
        "INSERT INTO inbox (platform, id, at, heard, state) VALUES (?, ?, ?, ?, 'taken') ON CONFLICT DO NOTHING",
        (heard.platform, heard.id, iso(heard.at), _to_json(heard)),
    )
    return bool(done.rowcount)


def answered(db: Database, heard: Message | Press) -> Answer | None:
    """The stored answer of a message, or None while it has none. Its words are left out where the outbox says them."""
    row = db.conn.execute(
        "SELECT state, answer, told FROM inbox WHERE platform = ? AND id = ?", (heard.platform, heard.id)
    ).fetchone()
    if not row or row[0] != "answered":
        return None
    said = answer_from_json(row[1])
    return replace(said, posts=()) if row[2] == "handed" else said


def answer(db: Database, heard: Message | Press, said: Answer, *, owed: bool) -> None:
    """Stores the answer of a message, in the transaction of what it changed. ``owed``: a platform has yet to say it."""
    db.conn.execute(
        "UPDATE inbox SET state = 'answered', answer = ?, told = ? WHERE platform = ? AND id = ?",
        (answer_to_json(said), "owed" if owed and said.posts else "told", heard.platform, heard.id),
    )


def leaving(db: Database, heard: Message | Press) -> None:
    """A platform has the answer: until it is told, nobody knows whether it arrived."""
    _mark(db, heard, "leaving", "owed")


def told(db: Database, heard: Message | Press) -> None:
    """The answer arrived, or will never be said any more."""
    _mark(db, heard, "told", "owed", "leaving")


def handed(db: Database, heard: Message | Press) -> None:
    """The outbox says the answer."""
    _mark(db, heard, "handed", "owed", "leaving")


def untold(db: Database) -> list[tuple[Message | Press, Answer, bool]]:
    """The answers that did not surely arrive, oldest first, and whether a platform had them already."""
    sql = "SELECT heard, answer, told FROM inbox WHERE told IN ('owed', 'leaving') ORDER BY at, id"
    return [(_from_json(row[0]), answer_from_json(row[1]), row[2] == "leaving") for row in db.conn.execute(sql).fetchall()]


def unanswered(db: Database) -> list[Message | Press]:
    """What was taken and never answered: the process ended in between."""
    rows = db.conn.execute("SELECT heard FROM inbox WHERE state = 'taken' ORDER BY at, id").fetchall()
    return [_from_json(row[0]) for row in rows]


def said_in_rooms(db: Database) -> list[str]:
    """Every line that was typed into a group, oldest first."""
    sql = "SELECT json_extract(heard, '$.text') FROM inbox WHERE json_extract(heard, '$.room') != '' ORDER BY at, id"
    return [row[0] for row in db.conn.execute(sql) if row[0]]


def spoke_last(db: Database, ids: Sequence[tuple[str, str]], before: datetime) -> datetime | None:
    """When a person, known by these (platform, id) pairs, last said something before a moment."""
    sql = "SELECT max(at) FROM inbox WHERE platform = ? AND json_extract(heard, '$.sender') = ? AND at <= ? AND state = 'answered'"
    found = [db.conn.execute(sql, (platform, id, iso(before))).fetchone()[0] for platform, id in ids]
    return max((from_iso(at) for at in found if at), default=None)


def forget(db: Database, now: datetime) -> None:
    """Drops answered messages older than any window for repeats; the acts themselves stand in the log."""
    db.conn.execute("DELETE FROM inbox WHERE state = 'answered' AND at < ?", (iso(now - KEPT),))
    db.conn.execute("DELETE FROM deliveries WHERE at < ?", (iso(now - KEPT),))


def first_delivery(db: Database, source: str, id: str, at: datetime) -> bool:
    """Remembers the id of a vendor's delivery; False when it came before."""
    done = db.conn.execute("INSERT INTO deliveries VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (source, id, iso(at)))
    return bool(done.rowcount)


def _mark(db: Database, heard: Message | Press, now: str, *before: str) -> None:
    sql = f"UPDATE inbox SET told = ? WHERE platform = ? AND id = ? AND told IN ({','.join('?' * len(before))})"
    db.conn.execute(sql, (now, heard.platform, heard.id, *before))


def _to_json(heard: Message | Press) -> str:
    names = [name for name in type(heard).__slots__ if name != "files"]
    raw: dict[str, Any] = {name: getattr(heard, name) for name in names}
    raw["at"] = iso(heard.at)
    if isinstance(heard, Message):
        raw["quote"] = {"text": heard.quote.text, "sender": heard.quote.sender, "id": heard.quote.id} if heard.quote else None
    return json.dumps({"press": isinstance(heard, Press), **raw}, ensure_ascii=False)


def _from_json(text: str) -> Message | Press:
    raw = json.loads(text)
    pressed = raw.pop("press")
    raw["at"] = from_iso(raw["at"])
    if pressed:
        return Press(**raw)
    raw["quote"] = Quote(**raw["quote"]) if raw["quote"] else None
    return Message(**raw)
