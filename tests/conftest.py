"""The fake world around the real house: a clock that stands still, SQLite in a temporary folder, the real handlers.

``room.hear_of(...)`` brings mentions, ``room.say(...)`` types a line and gives the answer, ``room.later(...)`` moves the clock.
What the house says by itself is collected in ``room.out``; a message that no test expected fails the test.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from bot import timekeeping
from bot.analysis.analyst import Analyst
from bot.analysis.authority import Authorities
from bot.app import analysis_settings
from bot.commands import Commands, load_handlers
from bot.config import Config, furnish, load
from bot.model.card import Card, Post
from bot.model.mention import Mention, Tier
from bot.model.message import Answer, Message, Press, Quote
from bot.replay import Clock, HereAnalyst
from bot.store import incidents, outbox, timers
from bot.store.db import Store
from bot.watch import Batch, Watch
from tests import spilled
from tests.process import ALIVE, SPILLED

settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")

START = datetime(2026, 12, 3, 1, 48, tzinfo=UTC)
"""09:48 in Beijing, on a Thursday."""

CONFIG = Path(__file__).parent.parent / "config.example.toml"


@dataclass(frozen=True)
class Said:
    """Something the house said by itself: where (a room, or ``@NAME``), what kind, why, and the words."""

    to: str
    kind: str
    reason: str
    text: str
    card: Card | None
    id: int
    incident: int | None

    def __str__(self) -> str:
        return f"[{self.to} {self.kind}/{self.reason}] {self.text}"


class Room:
    """The crisis room of the demo configuration: 李雷 monitor, 张敏 duty, 王磊 pr, 何静 legal, 林工 biz, 小刘 cs, 陈总 commander."""

    name = "危机室"

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config
        self.house = furnish(config)
        self.clock = Clock(START)
        self.watch = Watch(store, self.house, HereAnalyst(Analyst(analysis_settings(config))), Authorities.load())
        self.handlers = load_handlers()
        self.commands = Commands(store, self.house, self.clock, self.handlers)
        self.out: list[Said] = []
        self.said: list[Said] = []
        self._ids = 0

    @property
    def db(self) -> Any:
        return self.store._reader()

    async def hear_of(self, *texts: str | dict[str, Any], source: str = "测试源", every: float = 0.0) -> None:
        """Mentions come in, one after another; each is a text, or the fields of a mention."""
        for text in texts:
            fields: dict[str, Any] = {"text": text} if isinstance(text, str) else dict(text)
            self._ids += 1
            if "tier" in fields:
                fields["tier"] = Tier(fields["tier"])
            name = fields.pop("source", source)
            mention = Mention(**{"source": name, "key": f"m{self._ids}", "seen": self.clock(), "platform": name, **fields})
            await self.watch.take_in(Batch(source=name, mentions=[mention]), self.clock())
            if every:
                await self.later(seconds=every)
        self.clock.now += timedelta(seconds=1)
        await self.watch.settle(self.clock())
        await self._collect()

    async def say(
        self,
        text: str,
        *,
        by: str,
        room: str | None = None,
        quote: str = "",
        quote_by: str = "",
        quote_id: str = "",
        id: str = "",
    ) -> str:
        """Somebody types a line in the room (``room="@NAME"``: in private); the answer's text, lines joined; empty for silence."""
        answer = await self.answer(text, by=by, room=room, quote=quote, quote_by=quote_by, quote_id=quote_id, id=id)
        return "\n".join(post.text for post in answer.posts)

    async def answer(
        self,
        text: str,
        *,
        by: str,
        room: str | None = None,
        quote: str = "",
        quote_by: str = "",
        quote_id: str = "",
        id: str = "",
    ) -> Answer:
        """The same, with cards."""
        self._ids += 1
        where = self.name if room is None else room
        private = where.startswith("@")
        message = Message(
            platform="local",
            id=id or f"t{self._ids}",
            room="" if private else where,
            sender=by,
            text=text,
            at=self.clock(),
            quote=Quote(quote, quote_by, quote_id) if quote else None,
            addressed=private or "@" in text or quote_by == self.house.name,
        )
        await self.commands.take(message)
        answer = await self.commands.answer(message)
        self.clock.now += timedelta(seconds=1)
        await self._collect()
        return answer

    async def press(self, said: Said, key: str, *, by: str, choice: str = "") -> Answer:
        """Somebody presses a button of a card that the house sent."""
        self._ids += 1
        room = "" if said.to.startswith("@") else said.to
        press = Press("local", f"p{self._ids}", room, by, said.id, key, self.clock(), choice)
        await self.commands.take(press)
        answer = await self.commands.answer(press)
        await self._collect()
        return answer

    async def later(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """The clock moves on; what falls due on the way fires at its moment."""
        to = self.clock.now + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        while True:
            due = await self.store.read(timers.next_due)
            self.clock.now = max(self.clock.now, min(due, to)) if due else to
            await self.store.run(timekeeping.fire, self.house, self.clock.now)
            await self.watch.settle(self.clock.now)
            await self._collect()
            if self.clock.now >= to:
                break
        await self.watch.tick(self.clock.now)
        await self._collect()

    async def jump(self, **length: float) -> None:
        """The process was down for a while: the clock moves on, then everything due fires at once."""
        self.clock.now += timedelta(**length)
        await self.store.run(timekeeping.fire, self.house, self.clock.now)
        await self._collect()

    async def _collect(self) -> None:
        for row in await self.store.run(_take_out, self.clock()):
            to = row.room or f"@{row.person}"
            said = Said(to, row.kind, row.reason, row.post.text, row.post.card, row.id, row.incident)
            self.out.append(said)
            self.said.append(said)

    def expect(self, *parts: str | tuple[str, str]) -> list[Said]:
        """What the house said since the last look, complete and in order: each a part of the text, or (place, part)."""
        seen, self.out = self.out, []
        wanted = [part if isinstance(part, tuple) else ("", part) for part in parts]
        listed = "\n".join(map(str, seen))
        assert len(seen) == len(wanted), f"expected {len(wanted)} messages, got {len(seen)}:\n{listed}"
        for said, (place, part) in zip(seen, wanted, strict=True):
            assert part in said.text, f"{part!r} not in: {said}"
            assert not place or said.to == place, f"{said} went to {said.to}, not to {place}"
        return seen

    def ignore(self) -> list[Said]:
        """What the house said since the last look, whatever it was: for set-up steps that other tests check."""
        seen, self.out = self.out, []
        return seen

    def incident(self, number: int = 1) -> Any:
        """An incident as it stands."""
        return incidents.get(self.db, number)

    async def open_incident(self, *, owner: str = "", grade: str = "", state: str = "") -> int:
        """A yellow incident about 晨露, taken as far as wanted by the people who may; its number."""
        await self.hear_of(*THREE_COMPLAINTS)
        self.ignore()
        number = max(i.id for i in incidents.listed(self.db))
        steps: list[tuple[str, str]] = []
        if owner:
            steps.append((f"认领 #{number}", owner))
        if grade or state in ("graded", "active", "tracking"):
            steps.append((f"定级 #{number} {grade or '黄'} 按研判", "张敏"))
        if state in ("active", "tracking"):
            steps.append((f"启动 #{number}", "张敏"))
        for text, by in steps:
            await self.say(text, by=by)
        self.ignore()
        return number


THREE_COMPLAINTS: Sequence[str] = (
    "晨露乳业的牛奶里喝出异物，太恶心了，再也不买",
    "晨露牛奶异物照片都拍给客服了，客服推诿不理，差评",
    "投诉晨露：牛奶里有异物，要求赔偿一直没人处理",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real processes first: they are the longest, and the run lasts until the last of them has ended."""
    items.sort(key=lambda item: item.get_closest_marker("process") is None)


def _take_out(db: Any, now: datetime) -> list[outbox.Row]:
    taken = outbox.in_state(db, "queued", datetime(2000, 1, 1, tzinfo=UTC))
    for row in taken:
        attempt = outbox.claim(db, row.id, "page", "", now, 1.0)
        if attempt is not None:
            outbox.settle(db, row.id, attempt, "sent", now)
    return taken


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The demo configuration, its data in a temporary folder."""
    from dataclasses import replace

    loaded = load(CONFIG)
    return replace(loaded, bot=replace(loaded.bot, data_dir=str(tmp_path / "data")))


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    opened = Store(config.data_dir)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def room(store: Store, config: Config) -> Iterator[Room]:
    """The room; a message that the test did not expect fails it."""
    made = Room(store, config)
    yield made
    assert not made.out, "nobody expected:\n" + "\n".join(map(str, made.out))


def post_of(text: str) -> Post:
    """A plain post."""
    return Post(text)


@pytest.fixture(scope="session", autouse=True)
def nothing_spilled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No secret that the run used stands in a log, in a real process' words or in a file that was written."""
    ear = spilled.Ear()
    logging.getLogger().addHandler(ear)
    yield
    logging.getLogger().removeHandler(ear)
    assert not ear.heard, ear.heard[:5]
    assert not SPILLED, SPILLED[:5]
    folders = [folder for folder in tmp_path_factory.getbasetemp().iterdir() if folder.is_dir() and not folder.is_symlink()]
    found = [place for folder in folders for place in spilled.spilled(folder)]
    assert not found, found[:5]


@pytest.fixture(scope="session", autouse=True)
def nothing_left_running() -> Iterator[None]:
    """A process that a failed test started does not outlive the run."""
    yield
    for pid in ALIVE:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
