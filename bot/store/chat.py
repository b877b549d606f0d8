"""The tables ``chat`` and ``chat_files``: what is said in the local room. This file alone writes them.

A press is a row of its own (``pressed`` holds the key, ``reply_to`` the card) that no reader is shown; it shares the count of
ids. ``heard`` is empty for what the house says, ``open`` for what a person said or pressed until the answer is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.model.card import File
from bot.model.times import iso
from bot.store.db import Store

SELECT = "SELECT id, room, at, sender, text, face, reply_to, key, offered, pressed, choice FROM chat "
OUT = "out:"


class Chat:
    """The shelf of the local room, on one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def hear(self, room: str, sender: str, text: str, reply_to: int | None, at: datetime) -> dict[str, Any]:
        return await self._store.run(hear, room, sender, text, reply_to, at)

    async def press(self, message: int, sender: str, key: str, choice: str, at: datetime) -> int:
        return await self._store.run(press, message, sender, key, choice, at)

    async def settle(
        self,
        heard: int,
        room: str,
        sender: str,
        posts: Sequence[Mapping[str, Any]],
        files: Sequence[Sequence[File]],
        at: datetime,
    ) -> list[dict[str, Any]]:
        return await self._store.run(settle, heard, room, sender, posts, files, at)

    async def repaint(self, message: int, post: Mapping[str, Any]) -> dict[str, Any] | None:
        return await self._store.run(repaint, message, post)

    async def add(
        self, room: str, sender: str, post: Mapping[str, Any], files: Sequence[File], key: str, at: datetime
    ) -> tuple[dict[str, Any], bool]:
        return await self._store.run(add, room, sender, post, files, key, at)

    async def forget(self, heard: int) -> None:
        await self._store.run(forget, heard)

    async def unanswered(self) -> list[dict[str, Any]]:
        return await self._store.read(unanswered)

    async def after(self, room: str, id: int, limit: int) -> list[dict[str, Any]]:
        return await self._store.read(after, room, id, limit)

    async def before(self, room: str, id: int, limit: int) -> list[dict[str, Any]]:
        return await self._store.read(before, room, id, limit)

    async def get(self, id: int) -> dict[str, Any] | None:
        return await self._store.read(get, id)

    async def file(self, message: int, index: int) -> File | None:
        return await self._store.read(file, message, index)


def hear(db: Database, room: str, sender: str, text: str, reply_to: int | None, at: datetime) -> dict[str, Any]:
    """Keeps what a person said, as unanswered."""
    row = (room, sender, text, reply_to, iso(at))
    added = db.conn.execute("INSERT INTO chat (room, sender, text, reply_to, at, heard) VALUES (?, ?, ?, ?, ?, 'open')", row)
    return _message(_row(db, added.lastrowid))


def press(db: Database, message: int, sender: str, key: str, choice: str, at: datetime) -> int:
    """Keeps a press on a card, as unanswered; its id."""
    found = db.conn.execute(
        "INSERT INTO chat (room, sender, text, reply_to, at, heard, pressed, choice) "
        "SELECT room, ?, '', id, ?, 'open', ?, ? FROM chat WHERE id = ? RETURNING id",
        (sender, iso(at), key, choice, message),
    ).fetchone()
    return int(found[0])


def settle(
    db: Database,
    heard: int,
    room: str,
    sender: str,
    posts: Sequence[Mapping[str, Any]],
    files: Sequence[Sequence[File]],
    at: datetime,
) -> list[dict[str, Any]]:
    """Keeps the answers and marks what was heard as answered. A repeat changes nothing and gives what is there."""
    db.conn.execute("UPDATE chat SET heard = 'answered' WHERE id = ?", (heard,))
    return [
        add(db, room, sender, post, own, f"re:{heard}:{place}", at)[0]
        for place, (post, own) in enumerate(zip(posts, files, strict=True))
    ]


def add(
    db: Database, room: str, sender: str, post: Mapping[str, Any], files: Sequence[File], key: str, at: datetime
) -> tuple[dict[str, Any], bool]:
    """Keeps what the house says, once for each ``key``; false when it was there already."""
    there = db.conn.execute(SELECT + "WHERE key = ?", (key,)).fetchone()
    if there:
        return _message(there), False
    row = (room, sender, post["text"], _face(post), iso(at), key, json.dumps(_verbs(post), ensure_ascii=False))
    added = db.conn.execute("INSERT INTO chat (room, sender, text, face, at, key, offered) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    db.conn.executemany(
        "INSERT INTO chat_files (message, place, name, mime, data) VALUES (?, ?, ?, ?, ?)",
        [(added.lastrowid, place, own.name, own.mime, own.data) for place, own in enumerate(files)],
    )
    return _message(_row(db, added.lastrowid)), True


def repaint(db: Database, message: int, post: Mapping[str, Any]) -> dict[str, Any] | None:
    """The message with another face. Its files stay; the keys of buttons that are gone stay known."""
    there = get(db, message)
    if there is None:
        return None
    offered = json.dumps({**there["offered"], **_verbs(post)}, ensure_ascii=False)
    face = _face({**post, "files": there["files"]})
    db.conn.execute("UPDATE chat SET text = ?, face = ?, offered = ? WHERE id = ?", (post["text"], face, offered, message))
    return _message(_row(db, message))


def forget(db: Database, heard: int) -> None:
    """Takes back what could not be handed on to the house."""
    db.conn.execute("DELETE FROM chat WHERE id = ? AND heard = 'open'", (heard,))


def unanswered(db: Database) -> list[dict[str, Any]]:
    """What people said and pressed and got no answer to, oldest first; ``message``, ``key``, ``choice`` for a press."""
    rows = db.conn.execute(SELECT + "WHERE heard = 'open' ORDER BY id").fetchall()
    return [{**_message(row), "message": row[6] if row[9] else None, "key": row[9], "choice": row[10]} for row in rows]


def after(db: Database, room: str, id: int, limit: int) -> list[dict[str, Any]]:
    """The oldest ``limit`` messages of a room (empty: of all rooms) with a greater id."""
    where, values = ("WHERE room = ? AND id > ?", (room, id)) if room else ("WHERE id > ?", (id,))
    return [
        _message(row) for row in db.conn.execute(SELECT + where + " AND pressed = '' ORDER BY id LIMIT ?", (*values, limit))
    ]


def before(db: Database, room: str, id: int, limit: int) -> list[dict[str, Any]]:
    """The newest ``limit`` messages of a room with a smaller id, oldest first."""
    query = SELECT + "WHERE room = ? AND id < ? AND pressed = '' ORDER BY id DESC LIMIT ?"
    return [_message(row) for row in db.conn.execute(query, (room, id, limit))][::-1]


def get(db: Database, id: int) -> dict[str, Any] | None:
    """One message, with ``parcel`` and ``offered``."""
    row = _row(db, id)
    if row is None or row[9]:
        return None
    key = row[7] or ""
    return {**_message(row), "parcel": int(key[len(OUT) :]) if key.startswith(OUT) else 0, "offered": json.loads(row[8])}


def file(db: Database, message: int, index: int) -> File | None:
    """The bytes that go with a message."""
    query = "SELECT name, mime, data FROM chat_files WHERE message = ? AND place = ?"
    row = db.conn.execute(query, (message, index)).fetchone()
    return File(row[0], row[1], bytes(row[2])) if row else None


def _row(db: Database, id: int | None) -> Any:
    return db.conn.execute(SELECT + "WHERE id = ?", (id,)).fetchone()


def _face(post: Mapping[str, Any]) -> str:
    return json.dumps({name: post[name] for name in ("card", "chart", "mentions", "files") if post[name]}, ensure_ascii=False)


def _verbs(post: Mapping[str, Any]) -> dict[str, str]:
    return {button["key"]: button["verb"] for button in post["card"]["buttons"]} if post["card"] else {}


def _message(row: Sequence[Any]) -> dict[str, Any]:
    face = json.loads(row[5])
    return {
        "id": row[0],
        "room": row[1],
        "at": row[2],
        "sender": row[3],
        "text": row[4],
        "card": face.get("card"),
        "reply_to": row[6],
        "chart": face.get("chart"),
        "mentions": face.get("mentions", []),
        "files": face.get("files", []),
    }
