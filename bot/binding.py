"""Which chat is which room: one-time codes for rooms that are not bound, or whose chat is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlite_utils import Database

from bot import handling
from bot.model.card import Post
from bot.model.house import House
from bot.model.people import Role
from bot.store import outbox, rooms

_CODES, _LOST = "bind_codes", "lost_rooms"


def codes(db: Database, house: House, fresh: Callable[[], str]) -> dict[str, str]:
    """One code for each room that waits to be bound; kept until used."""
    bound, lost, known = rooms.bindings(db), rooms.kept(db, _LOST) or [], rooms.kept(db, _CODES) or {}
    waiting = [r.name for r in house.rooms if r.platform != "local" and (r.name in lost or not (r.chat or r.name in bound))]
    made = {name: known.get(name) or fresh() for name in waiting}
    rooms.keep(db, _CODES, made)
    return made


def room_of_code(db: Database, code: str) -> str:
    """The room that a code binds, or empty."""
    known = rooms.kept(db, _CODES) or {}
    return next((room for room, kept in known.items() if kept == code.upper()), "")


def bound(db: Database, room: str) -> None:
    """A room was bound: its code is used, and what waits for it goes out."""
    rooms.keep(db, _CODES, {name: code for name, code in (rooms.kept(db, _CODES) or {}).items() if name != room})
    rooms.keep(db, _LOST, [name for name in rooms.kept(db, _LOST) or [] if name != room])
    outbox.go_now(db, room)


def is_lost(db: Database, room: str) -> bool:
    """Whether a room's chat is gone and nobody has bound it anew."""
    return room in (rooms.kept(db, _LOST) or [])


def lost(db: Database, house: House, room: str, why: str, code: str, now: datetime) -> bool:
    """The vendor says that a room's chat is gone, or that we are not in it: a code to bind it anew, told to the administrators in
    private. False where that was done already."""
    if is_lost(db, room):
        return False
    rooms.keep(db, _LOST, [*(rooms.kept(db, _LOST) or []), room])
    rooms.keep(db, _CODES, {**(rooms.kept(db, _CODES) or {}), room: code})
    text = f"「{room}」的群发不进去了：{why}\n把机器人加进新的群（或加回原来的群），在群里回：绑定 {code}\n绑好以前，发往这个房间的消息先存着"
    admins = [p for p in house.people if p.has(Role.ADMIN)] or [p for p in (house.first(Role.COMMANDER, Role.DUTY),) if p]
    for person in admins:
        handling.tell_person(db, person.name, Post(text), at=now, kind="notice", reason="bind", urgent=True)
    return True
