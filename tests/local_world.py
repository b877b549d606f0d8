"""A local room on a free port with an ear that writes down what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House, Room
from bot.model.message import Answer, Message, Parcel, Press, Target
from bot.model.people import Person, Role
from bot.model.times import BEIJING
from bot.platforms.local import Options, Platform
from bot.store.chat import Chat
from bot.store.db import Store

NOON = datetime(2026, 4, 15, 4, 0, tzinfo=UTC)
HOUSE = House(
    name="望楼",
    company=("晨露乳业",),
    full_name="晨露乳业",
    contact="",
    contact_hours="",
    listed=False,
    zone=BEIJING,
    people=(
        Person("张敏", frozenset({Role.DUTY})),
        Person("李雷", frozenset({Role.MONITOR})),
        Person("陈总", frozenset({Role.COMMANDER})),
    ),
    rooms=tuple(Room(name, "local", name, Grade.BLUE) for name in ("危机室", "值班群")),
    briefs=(),
    channels=(),
    limits={},
)


@dataclass
class FakeEar:
    """Keeps what it hears; answers with ``reply``."""

    reply: Callable[[Message | Press], Answer] = lambda heard: Answer()
    taken: list[Message | Press] = field(default_factory=list)
    answered: list[Message | Press] = field(default_factory=list)
    refuses: bool = False
    paints: list[Post | None] = field(default_factory=list)

    async def take(self, heard: Message | Press) -> None:
        if self.refuses:
            raise OSError("disk full")
        self.taken.append(heard)

    async def answer(self, heard: Message | Press) -> Answer:
        self.answered.append(heard)
        return self.reply(heard)

    async def told(self, heard: Message | Press, left: Sequence[Post] = ()) -> None:
        """The local room never says how an answer ended: it is the shelf itself."""

    async def painted(self, press: Press, post: Post | None) -> None:
        self.paints.append(post)


class Clock:
    """Stands still until it is moved; a second passes with each look."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class World:
    """The room, its ear and its address."""

    platform: Platform
    ear: FakeEar
    url: str

    async def push(self, post: Post, *, parcel: int = 1, room: str = "危机室", private: bool = False) -> str:
        target = Target("local", room, room, private)
        return (await self.platform.send(Parcel(parcel, target, post), "page")).message_id


def answering(text: str) -> Callable[[Message | Press], Answer]:
    return lambda heard: Answer((Post(text),))


@asynccontextmanager
async def opened(
    folder: Path, ear: FakeEar | None = None, options: Options | None = None, open: bool = True, token: str = ""
) -> AsyncIterator[World]:
    """The local room over HTTP on the folder's database, until the block ends."""
    store = Store(folder)
    await asyncio.to_thread(store.open)
    ear = ear or FakeEar()
    platform = Platform(options or Options(), house=HOUSE, shelf=Chat(store), now=Clock(), open=open, token=token)
    app = web.Application()
    app.add_routes(platform.routes())
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await platform.start(ear)
    try:
        yield World(platform, ear, f"http://127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await platform.stop()
        await runner.cleanup()
        await asyncio.to_thread(store.close)
