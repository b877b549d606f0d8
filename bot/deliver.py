"""The corridor out: outbox → platform. A row is claimed in a commit of its own before the call; only here is a send repeated.

start      rows found in ``sending`` are of unknown outcome: red and orange go once more, marked, the rest to the digest
run        the head row of each room and person, red and orange first; one in flight a robot
condense   more than ten that wait for one place become a digest that names each; red and orange stay themselves
repaint    what hangs there and looks different now (``repainting``)
send       the best way that is up, the next one when it fails; a limit pauses that robot
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot import backlog, binding, cards
from bot.errors import DeliveryError
from bot.model.card import Chart, File, Paper, Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.message import Parcel, Platform, Target
from bot.repainting import ANEW, Repainting
from bot.store import outbox, rooms
from bot.store.db import Store

log = logging.getLogger("wanglou.deliver")

TIMEOUT = 20.0
BUDGET = 18
WINDOW = 60.0
"""Seconds, on the monotonic clock: the time of day may jump."""
RESERVED = 6
BACKOFF = (1, 2, 5, 10, 30, 60, 120, 300)
IDEMPOTENT = frozenset({"local"})
REPEATED = "（可能重复）"
Draw = Callable[[Chart], File]
Lay = Callable[[Paper], File]


@dataclass(frozen=True, slots=True)
class _Way:
    name: str
    robot: str
    fallback: bool


class Delivery:
    """Empties the outbox. ``draw`` makes a picture of a post's chart for platforms that show files only, ``lay`` the document of
    its paper; ``steady`` counts monotonic seconds, by which pauses and the window of each robot are measured."""

    def __init__(
        self,
        store: Store,
        house: House,
        platforms: Mapping[str, Platform],
        clock: Callable[[], datetime],
        draw: Draw | None = None,
        steady: Callable[[], float] = time.monotonic,
        lay: Lay | None = None,
    ) -> None:
        self._store = store
        self._house = house
        self._platforms = platforms
        self._clock = clock
        self._draw = draw
        self._lay = lay
        self._wake = asyncio.Event()
        self._busy: set[asyncio.Task[None]] = set()
        self._places: set[tuple[str, str]] = set()
        self._robots: set[str] = set()
        self._steady = steady
        self._paused: dict[str, float] = {}
        self._window: dict[str, deque[float]] = {}
        self._loop: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._gone: dict[str, str] = {}
        self._stuck: list[outbox.Stuck] = []
        self._repainting = Repainting(store, house, platforms, clock, self._target, IDEMPOTENT, steady)

    async def start(self) -> None:
        """Settles what a crash left open, then begins."""
        await self._store.run(self._recover, self._clock())
        await self._count_earlier()
        self._store.on_commit(self._wake.set)
        self._wake.set()
        self._loop = asyncio.create_task(self._run(), name="deliver")

    async def stop(self) -> None:
        """Finishes the calls under way; what waits stays in the outbox."""
        if self._loop:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        if self._busy:
            await asyncio.wait(self._busy, timeout=8)

    async def idle(self) -> None:
        """Returns when nothing is ready to go out and nothing is under way (for tests)."""
        while True:
            if self._busy:
                await asyncio.wait(set(self._busy))
                continue
            if not await self._store.read(outbox.waiting, self._clock()) and await self._repainting.idle():
                return
            self._wake.set()
            await asyncio.sleep(0)

    async def _count_earlier(self) -> None:
        """What was tried before a restart counts; so does, as if it were now, what a clock since set back puts ahead of us."""
        now, steady = self._clock(), self._steady()
        for robot, at in await self._store.read(outbox.attempts_since, now - timedelta(seconds=WINDOW)):
            self._tried(robot).append(steady - max(0.0, (now - at).total_seconds()))

    def _tried(self, robot: str) -> deque[float]:
        """When a robot was tried in the last minute, oldest first."""
        window = self._window.setdefault(robot, deque())
        while window and self._steady() - window[0] >= WINDOW:
            window.popleft()
        return window

    async def attempts(self, robot: str) -> int:
        """How many attempts a robot made in the last 60 s, the one under way included."""
        return len(self._tried(robot))

    def set_back(self, db: Database, now: datetime) -> None:
        """The time of day was set: no next try is further off than the longest pause between tries."""
        outbox.hurry(db, now + timedelta(seconds=BACKOFF[-1]))

    def _recover(self, db: Database, now: datetime) -> None:
        for row in outbox.left_sending(db):
            if not row.urgent and self._platform_of(row) not in IDEMPOTENT and (row.grade or Grade.BLUE) < Grade.ORANGE:
                outbox.doubt(db, row.id, "发送途中进程结束")
                continue
            outbox.repeat(db, row.id)
        outbox.owe_repaint(db)

    def _platform_of(self, row: outbox.Row) -> str:
        room = self._house.room(row.room) if row.room else None
        return room.platform if room else ""

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            self._wake.clear()
            now = self._clock()
            await self._found_again()
            await self._condense(now)
            for row in await self._store.read(outbox.waiting, now):
                self._launch(row)
            for row, owed in await self._repainting.ready():
                self._spawn(self._repainting.see_to(row, owed))
            later = await self._store.read(outbox.next_moment)
            if (later or self._repainting.waiting) and (self._timer is None or self._timer.when() <= loop.time()):
                self._timer = loop.call_later(1.0, self._wake.set)

    async def _found_again(self) -> None:
        """A room that was bound anew is tried at once, also in the chat that it had."""
        for room, robot in list(self._gone.items()):
            if not await self._store.read(binding.is_lost, room):
                del self._gone[room]
                self._paused.pop(robot, None)

    async def _condense(self, now: datetime) -> None:
        for room, person in await self._store.read(outbox.crowded, backlog.MOST):
            target = await self._store.read(self._target, room, person)
            platform = self._platforms.get(target.platform) if target else None
            if target and platform and target.platform not in IDEMPOTENT and platform.ways(target):
                await self._store.run(backlog.condense, room, person, now)

    async def look(self) -> None:
        """Says where the queue does not drain: to ``problems`` and, by any other way, to people."""
        now = self._clock()
        self._stuck = await self._store.read(outbox.stuck, now - backlog.PATIENCE, now)
        await self._store.run(backlog.say_stuck, self._house, self._stuck, now)

    def problems(self) -> list[str]:
        """Where the queue did not drain when it was last looked at, in Chinese."""
        return [backlog.words(it, self._clock()) for it in self._stuck]

    def _launch(self, row: outbox.Row) -> None:
        place = (row.room, row.person)
        if place in self._places:
            return
        self._places.add(place)
        self._spawn(self._deliver(row, place))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _deliver(self, row: outbox.Row, place: tuple[str, str]) -> None:
        try:
            await self._attempt(row)
        except Exception:
            log.exception("delivery of row %s failed", row.id)
        finally:
            self._places.discard(place)
            self._wake.set()

    async def _attempt(self, row: outbox.Row) -> None:
        now = self._clock()
        target = await self._store.read(self._target, row.room, row.person)
        if target is None:
            await self._refuse(row, "没有能送到的地方：房间未绑定，或此人没有这个平台的编号", now)
            return
        platform = self._platforms.get(target.platform)
        way = self._way(platform, target, row) if platform else None
        if platform is None or way is None:
            await self._postpone(row, now, 5.0)
            return
        self._robots.add(way.robot)
        try:
            attempt = await self._store.run(outbox.claim, row.id, way.name, way.robot, now, TIMEOUT)
            if attempt is not None:
                self._tried(way.robot).append(self._steady())
                await self._send(platform, target, row, way, attempt)
        finally:
            self._robots.discard(way.robot)

    async def _send(self, platform: Platform, target: Target, row: outbox.Row, way: _Way, attempt: int) -> None:
        try:
            post = await self._dress(row, way, target)
            pings = tuple((name, p.id_on(target.platform)) for name in post.mentions if (p := self._house.person(name)))
            parcel = Parcel(row.id, target, post, row.grade, pings)
            receipt = await asyncio.wait_for(platform.send(parcel, way.name), TIMEOUT)
        except DeliveryError as error:
            await self._failed(row, way, target, attempt, error)
        except TimeoutError:
            await self._failed(row, way, target, attempt, DeliveryError("没有在时限内回答", outcome="unknown"))
        else:
            await self._store.run(outbox.settle, row.id, attempt, "sent", self._clock(), receipt=receipt.message_id)

    async def _dress(self, row: outbox.Row, way: _Way, target: Target) -> Post:
        """The post as it goes out: marked where it may be a repeat or came by a fallback, its chart drawn where needed."""
        post = cards.anew(row.post) if row.reason == ANEW else row.post
        if row.repeated and target.platform not in IDEMPOTENT:
            post = post.with_note(REPEATED)
        if way.fallback:
            post = post.with_note("（备用通道）")
        if post.chart and self._draw and target.platform not in IDEMPOTENT:
            picture = await asyncio.to_thread(self._draw, post.chart)
            post = replace(post, files=(*post.files, picture))
        if post.paper and self._lay:
            post = replace(post, files=(*post.files, await asyncio.to_thread(self._lay, post.paper)))
        return post

    async def _failed(self, row: outbox.Row, way: _Way, target: Target, attempt: int, error: DeliveryError) -> None:
        now = self._clock()
        if error.after:
            self._paused[way.robot] = self._steady() + error.after
        if error.gone and row.room:
            self._gone[row.room] = way.robot
        outcome = error.outcome
        if error.gone and row.room:
            await self._lost(target, str(error), now)
        elif outcome == "retry" and row.tries >= outbox.MAX_TRIES:
            outcome = "permanent"
        if outcome == "unknown":
            await self._store.run(self._unknown, row, attempt, now, str(error))
            return
        if outcome == "permanent":
            await self._store.run(outbox.settle, row.id, attempt, "failed", now, error=str(error))
            return
        again = now + timedelta(seconds=BACKOFF[min(row.tries, len(BACKOFF) - 1)])
        await self._store.run(outbox.settle, row.id, attempt, "retry", now, error=str(error), again_at=again)

    async def _lost(self, target: Target, why: str, now: datetime) -> None:
        code = secrets.token_hex(4).upper()
        if await self._store.run(self._mark_lost, target, why, code, now):
            log.error("绑定 「%s」的群发不进去了，在新的群里回：绑定 %s", target.name, code)

    def _mark_lost(self, db: Database, target: Target, why: str, code: str, now: datetime) -> bool:
        """Whether this is news; it is none where the room was bound to another chat while we tried the old one."""
        if self._target(db, target.name, "") != target:
            return False
        return binding.lost(db, self._house, target.name, why, code, now)

    def _unknown(self, db: Database, row: outbox.Row, attempt: int, now: datetime, error: str) -> None:
        """Red and orange once more, marked; yellow and blue are named in the next digest."""
        outbox.settle(db, row.id, attempt, "unknown", now, error=error)
        if (row.urgent or (row.grade or Grade.BLUE) >= Grade.ORANGE) and not row.repeated:
            outbox.repeat(db, row.id)

    async def _refuse(self, row: outbox.Row, why: str, now: datetime) -> None:
        attempt = await self._store.run(outbox.claim, row.id, "none", "", now, TIMEOUT)
        if attempt is not None:
            await self._store.run(outbox.settle, row.id, attempt, "failed", now, error=why)

    async def _postpone(self, row: outbox.Row, now: datetime, seconds: float) -> None:
        await self._store.run(outbox.postpone, row.id, now + timedelta(seconds=seconds))

    def _way(self, platform: Platform, target: Target, row: outbox.Row) -> _Way | None:
        limit, silent = BUDGET if row.urgent else BUDGET - RESERVED, False
        for n, name in enumerate(platform.ways(target)):
            robot = platform.budget(name, target)
            if robot and robot in self._robots:
                continue
            if robot and (self._paused.get(robot, 0.0) > self._steady() or len(self._tried(robot)) >= limit):
                silent = True
                continue
            return _Way(name, robot, fallback=silent or (n > 0 and row.tries > 0))
        return None

    def _target(self, db: Database, name: str, person_name: str) -> Target | None:
        """Where a row goes: the room's chat as configured or bound, or the person's id on the first platform that reaches it."""
        bound = rooms.bindings(db)
        if name:
            room = self._house.room(name)
            if room is None:
                return None
            platform, chat = bound.get(room.name, (room.platform, room.chat))
            if not chat and not room.webhook:
                return None
            return Target(platform, chat, room.name, False, room.webhook, room.webhook_secret, room.ways)
        person = self._house.person(person_name)
        used = dict.fromkeys(bound.get(room.name, (room.platform, ""))[0] for room in self._house.rooms)
        found = [Target(name, id, person.name, True) for name in used if person and (id := person.id_on(name))]
        up = (target for target in found if (able := self._platforms.get(target.platform)) and able.ways(target))
        return next(up, found[0] if found else None)
