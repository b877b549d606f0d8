"""Which chat is which room: one-time codes for rooms that are not bound, or whose chat is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlite_utils import Database

from bot import saying
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


def how(db: Database, house: House, *, group: bool) -> str:
    """What to do instead, for who typed 绑定 without a good code in a group, or outside of every group."""
    if all(room.platform == "local" for room in house.rooms):
        return (
            "现在只有本地房间，不用绑定。要接企业微信或钉钉群：照 docs/wecom.md 或 docs/dingtalk.md 填好平台和 [[rooms]]，重启后会给绑定码，"
            f"再到群里 @{house.name} 回：绑定 码"
        )
    waiting = list(rooms.kept(db, _CODES) or {})
    if not waiting:
        return "房间都绑好了，不用再绑。要换群：先把机器人移出原来的群，新的绑定码会私信给管理员，在新群里回它"
    if group:
        return "绑定码不对或已用过。用「wanglou run」打印的，或私信给管理员的那个"
    return f"绑定要在那个群里说：在「{waiting[0]}」的群里 @{house.name} 回：绑定 码。码在启动时打印，或私信给了管理员"


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
        saying.tell_person(db, person.name, Post(text), at=now, kind="notice", reason="bind", urgent=True)
    return True
