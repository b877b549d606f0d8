"""The local room: a group chat in the browser. One more platform, with no door of its own into the house."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.errors import DeliveryError
from bot.model.card import Post
from bot.model.house import House
from bot.model.message import Answer, Ear, Message, Parcel, Press, Quote, Receipt, Target
from bot.model.options import Seconds, option
from bot.model.platform import Supplies
from bot.model.times import from_iso
from bot.platforms.local import api
from bot.platforms.local.drawing import drawn
from bot.platforms.local.feed import Feed
from bot.platforms.local.gate import Gate
from bot.platforms.local.refused import RefusedError
from bot.platforms.local.shelf import Shelf

log = logging.getLogger(__name__)

TRANSPORTS = ("page",)
"""The ways out, as ``[[rooms]] transports`` names them."""
QUOTE_CAP = 2_000
READY = 5.0
"""So many seconds somebody who came while the house starts waits for it."""
VERBS = ("列表", "状态", "认领", "研判", "定级", "记", "任务", "趋势", "帮助")


@dataclass(frozen=True, slots=True)
class Options:
    """``[platforms.local]``."""

    history: int = option(60, "打开页面时先显示最近几条；更早的可以往上翻")
    heartbeat: Seconds = option(Seconds(15), "页面没有新消息时多久发一次心跳，用来发现断线")


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a press brought: the replies, and the card's message where it was painted anew."""

    replies: list[dict[str, Any]]
    message: dict[str, Any] | None


class Platform:
    """The local room. ``now`` gives the moment at which something is said.

    ``open``: it needs no token (loopback only, and every room is local); ``token``: what page and API ask for; with neither
    the room is shut. ``verbs`` are offered above the box to type in.
    """

    name = "local"
    catches_up = True

    def __init__(
        self,
        options: Options,
        *,
        house: House,
        shelf: Shelf,
        now: Callable[[], datetime],
        open: bool,
        token: str = "",
        verbs: Sequence[str] = VERBS,
    ) -> None:
        self.options = options
        self.house = house
        self.shelf = shelf
        self.feed = Feed()
        self.verbs = tuple(verbs)
        self.gate = Gate(open, token)
        self._now = now
        self._ear: Ear | None = None
        self._heard = asyncio.Event()

    async def start(self, ear: Ear) -> None:
        """Opens the ear, and first hands on what a crash left without answer.

        A command that was answered but not shown gets its stored answer; whoever answers late what was taken but never
        answered must do so after this, or the room reads it twice.
        """
        left = await self.shelf.unanswered()
        self._ear = ear
        self._heard.set()
        for row in left:
            try:
                await self._hand_on(ear, row)
            except RefusedError as error:
                log.warning("local: message %s left without answer: %s", row["id"], error)

    async def stop(self) -> None:
        """Lets every page go; what is not answered yet is handed on at the next start."""
        self.feed.close()

    def ways(self, target: Target) -> Sequence[str]:
        return ("page",) if self.has(_room_of(target)) else ()

    def budget(self, way: str, target: Target) -> str:
        return ""

    async def send(self, parcel: Parcel, way: str) -> Receipt:
        """Puts a parcel into its room; the outbox id is the key, so a repeated send is no second message."""
        room = _room_of(parcel.target)
        if not self.has(room):
            raise DeliveryError(f"本地没有房间「{room}」", "permanent")
        post = parcel.post
        message, fresh = await self.shelf.add(room, self.house.name, drawn(post), post.files, f"out:{parcel.id}", self._now())
        if fresh:
            self.feed.tell("message", message)
        return Receipt(way, f"local:{message['id']}")

    async def repaint(self, parcel: Parcel) -> bool:
        """Shows a parcel that was sent as it is now; here that always can be done."""
        room = _room_of(parcel.target)
        key = f"out:{parcel.id}"
        message, _ = await self.shelf.add(room, self.house.name, drawn(parcel.post), parcel.post.files, key, self._now())
        await self._repaint(message["id"], parcel.post)
        return True

    def has(self, room: str) -> bool:
        """Whether ``room`` is a local room, or ``@NAME`` for one of our people."""
        if room.startswith("@"):
            return self.house.person(room[1:]) is not None
        return room in self.rooms

    @property
    def rooms(self) -> list[str]:
        """The names of the rooms that are here."""
        return [room.name for room in self.house.rooms if room.platform == self.name]

    def problems(self) -> Sequence[str]:
        return ()

    def routes(self) -> Sequence[web.RouteDef]:
        """The page and its API, for the one server of the house."""
        return api.routes(self)

    async def say(self, room: str, sender: str, text: str, reply_to: int | None) -> tuple[int, list[dict[str, Any]]]:
        """A person says something: its id, and what the house answers. ``RefusedError`` when it could not be taken."""
        if room.startswith("@") and room != f"@{sender}":
            raise RefusedError(403, "这是别人的私聊，不能代说。")
        if sender == self.house.name:
            raise RefusedError(403, f"不能以{sender}的名义说话。")
        if reply_to is not None and await self._message_in(room, reply_to) is None:
            raise RefusedError(404, f"这里没有编号为 {reply_to} 的消息，无法引用。")
        ear = await self._listening()
        said = await self.shelf.hear(room, sender, text, reply_to, self._now())
        heard = await self._message(said)
        await self._take(ear, heard, said["id"])
        self.feed.tell("message", said)
        answer = await self._answer(ear, heard, said["id"], room)
        return said["id"], await self._reply(said["id"], room, answer)

    async def press(self, message: int, sender: str, key: str, choice: str) -> Pressed:
        """A person presses a button of a card. ``RefusedError`` names what is wrong with the press."""
        card = await self.shelf.get(message)
        if card is None or not card["card"]:
            raise RefusedError(404, f"没有编号为 {message} 的卡片。")
        if card["room"].startswith("@") and card["room"] != f"@{sender}":
            raise RefusedError(403, "这是别人的私聊，不能代按。")
        check_choice(card, key, choice)
        ear, at = await self._listening(), self._now()
        id = await self.shelf.press(message, sender, key, choice, at)
        heard = self._press({"id": id, "sender": sender, "key": key, "choice": choice, "at": at.isoformat()}, card)
        await self._take(ear, heard, id)
        answer = await self._answer(ear, heard, id, card["room"])
        return await self._paint(ear, heard, id, card, answer)

    def _press(self, row: dict[str, Any], card: dict[str, Any]) -> Press:
        room = "" if card["room"].startswith("@") else card["room"]
        at = from_iso(row["at"])
        return Press(
            platform=self.name,
            id=f"local:{row['id']}",
            room=room,
            sender=row["sender"],
            parcel=card["parcel"],
            key=row["key"],
            at=at,
            choice=row["choice"],
            verb=card["offered"].get(row["key"], "").replace("{choice}", row["choice"]),
        )

    async def _message(self, said: dict[str, Any]) -> Message:
        room, reply_to = said["room"], said["reply_to"]
        quoted = await self.shelf.get(reply_to) if reply_to else None
        private = room.startswith("@")
        return Message(
            platform=self.name,
            id=f"local:{said['id']}",
            room="" if private else room,
            sender=said["sender"],
            text=said["text"],
            at=from_iso(said["at"]),
            quote=Quote(quoted["text"][:QUOTE_CAP], quoted["sender"], f"local:{quoted['id']}") if quoted else None,
            addressed=private or self._named_in(said["text"]) or bool(quoted and quoted["sender"] == self.house.name),
            sender_name=said["sender"],
        )

    def _named_in(self, text: str) -> bool:
        return f"@{self.house.name}" in text or f"＠{self.house.name}" in text

    async def _message_in(self, room: str, id: int) -> dict[str, Any] | None:
        message = await self.shelf.get(id)
        return message if message and message["room"] == room else None

    async def _listening(self) -> Ear:
        """The door opens a moment before the house listens: who comes then waits for it."""
        try:
            await asyncio.wait_for(self._heard.wait(), READY)
        except TimeoutError:
            raise RefusedError(503, "正在启动，请稍等再发。") from None
        assert self._ear
        return self._ear

    async def _take(self, ear: Ear, heard: Message | Press, id: int) -> None:
        try:
            await ear.take(heard)
        except Exception:
            log.exception("local: %s could not be stored", heard.id)
            await self.shelf.forget(id)
            raise RefusedError(503, "没能存下，请再发一次；若仍不行，请管理员看磁盘空间。") from None

    async def _answer(self, ear: Ear, heard: Message | Press, id: int, room: str) -> Answer:
        try:
            return await ear.answer(heard)
        except Exception:
            log.exception("local: no answer to %s", heard.id)
            await self.shelf.settle(id, room, self.house.name, (), (), self._now())
            raise RefusedError(500, "没办成：程序出错，已记入日志。请换个说法再试，或告知管理员。") from None

    async def _reply(self, heard: int, room: str, answer: Answer) -> list[dict[str, Any]]:
        posts = [drawn(post) for post in answer.posts]
        files = [post.files for post in answer.posts]
        replies = await self.shelf.settle(heard, room, self.house.name, posts, files, self._now())
        for reply in replies:
            self.feed.tell("message", reply)
        return replies

    async def _paint(self, ear: Ear, press: Press, heard: int, card: dict[str, Any], answer: Answer) -> Pressed:
        painted = await self._repaint(card["id"], answer.repaint) if answer.repaint else None
        if answer.repaint:
            await ear.painted(press, answer.repaint)
        return Pressed(await self._reply(heard, card["room"], answer), painted)

    async def _repaint(self, id: int, post: Post) -> dict[str, Any] | None:
        painted = await self.shelf.repaint(id, drawn(post))
        if painted:
            self.feed.tell("repaint", painted)
        return painted

    async def _hand_on(self, ear: Ear, row: dict[str, Any]) -> None:
        card = await self.shelf.get(row["message"]) if row["message"] else None
        heard = self._press(row, card) if card else await self._message(row)
        await self._take(ear, heard, row["id"])
        answer = await self._answer(ear, heard, row["id"], row["room"])
        if card:
            await self._paint(ear, self._press(row, card), row["id"], card, answer)
        else:
            await self._reply(row["id"], row["room"], answer)


def check_choice(message: dict[str, Any], key: str, choice: str) -> None:
    """``RefusedError`` unless the card has, or once had, this button, and has this choice.

    A press on a button that is gone since is handed on: the house answers with what is true now.
    """
    button = next((button for button in message["card"]["buttons"] if button["key"] == key), None)
    if button is None and key in message["offered"]:
        return
    if button is None:
        raise RefusedError(404, "这张卡片上没有这个按钮。")
    options = [option["id"] for option in button["options"]]
    if options and choice not in options:
        raise RefusedError(400, f"「{button['text']}」要选一项：{'、'.join(option['text'] for option in button['options'])}。")


def _room_of(target: Target) -> str:
    return f"@{target.name}" if target.private else target.name


def build(options: Options, supplies: Supplies) -> Platform:
    """The local room, from what every platform is given."""
    return Platform(
        options, house=supplies.house, shelf=supplies.shelf, now=supplies.now, open=supplies.open, token=supplies.token
    )
