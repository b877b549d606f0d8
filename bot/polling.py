"""Asking the sources, each on its own interval; a sick one delays nobody (sources page, sections 1 and 2).

poll       state → source → watch; the new state is stored in the transaction that stores its mentions
closely    for a day after an incident went over to tracking, each source once more between two polls
look       every half minute: who has not answered for two intervals; the room is told once per change
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import probing
from bot.errors import SourceError
from bot.model.card import Post
from bot.model.health import Health, Outcome, Turn, next_health, report
from bot.model.house import House
from bot.model.mention import Mention
from bot.model.people import Role
from bot.model.probe import Event
from bot.model.source import Common, Poll, Source
from bot.store import incidents, mentions, outbox, sources
from bot.store.db import Store
from bot.watch import Batch, Watch

log = logging.getLogger("wanglou.polling")
MORE = 20
POISON, QUOTED = "分析了三次都失败", 30
SHARE = 0.75
"""A source has answered within this share of its interval; the job around it ends within 0.8 (sources page, section 2)."""
CLOSELY = timedelta(hours=24)
"""Polling is doubled for so long after an incident went over to tracking (room page, section 3)."""
HALF, NEAREST = 0.5, 0.4
"""When the second question of an interval is asked, and how near to the next poll it may fall for jitter, as shares of it."""
BRIEFLY = 30.0
"""Seconds that a second question of an interval has."""
LET_GO = 120.0
"""What came is read and stored however long that takes, but not longer than two intervals or so many seconds."""


@dataclass(frozen=True, slots=True)
class Configured:
    """A source with the settings that every kind shares."""

    source: Source
    common: Common


class Polling:
    """Polls the configured sources and keeps their health. ``steady`` counts monotonic seconds."""

    def __init__(
        self,
        store: Store,
        house: House,
        watch: Watch,
        configured: Sequence[Configured],
        clock: Callable[[], datetime],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._house = house
        self._watch = watch
        self._configured = {each.common.name: each for each in configured}
        self._clock = clock
        self._health: dict[str, Health] = {}
        self._noted: dict[str, str] = {}
        self._steady = steady
        self._asking: dict[str, float] = {}
        self._taking: dict[str, asyncio.Task[None]] = {}
        self._polled: dict[str, float] = {}

    async def start(self) -> None:
        """Remembers how each source stood."""
        now = self._clock()
        known = await self._store.read(sources.all_memories)
        for name in self._configured:
            self._health[name] = Health.of(known[name]).resumed(now) if known.get(name) else Health.at_start(now)

    @property
    def health(self) -> Mapping[str, Health]:
        """The health of every source, by name."""
        return self._health

    def interval(self, name: str) -> float:
        """The interval of a source, in seconds."""
        return self._configured[name].source.every

    async def poll(self, name: str) -> None:
        """One poll of one source; pages that ask for more are asked while its time lasts."""
        each = self._configured[name]
        self._polled[name] = self._steady()
        until = self._steady() + SHARE * each.source.every
        for _ in range(MORE):
            if not await self._once(each, until) or self._steady() >= until:
                return

    async def closely(self) -> None:
        """While an incident is freshly tracked: asks once more whoever was polled half an interval ago, where its floor allows."""
        if not await self._store.read(incidents.tracked_since, self._clock() - CLOSELY):
            return
        due = [each for each in self._configured.values() if self._halfway(each)]
        for each in due:
            del self._polled[each.common.name]
        until = [self._steady() + min(BRIEFLY, NEAREST * each.source.every) for each in due]
        await asyncio.gather(*(self._once(each, end, between=True) for each, end in zip(due, until, strict=True)))

    def _halfway(self, each: Configured) -> bool:
        """Between two polls of a source that may be asked twice as often; probes keep their own cadence."""
        since, every = self._polled.get(each.common.name), each.source.every
        if since is None or each.common.kind == "probe" or NEAREST * every < each.source.floor:
            return False
        return self._steady() - since >= HALF * every

    async def _once(self, each: Configured, until: float, *, between: bool = False) -> bool:
        """One question and what came of it; whether there is more at once. Nothing is asked twice at the same time.

        An answer that came in time is read and stored to the end, also when the job's time is up: whoever cuts that off begins
        from nothing each time and never ends."""
        name = each.common.name
        if name in self._asking:
            return False
        since = self._asking[name] = self._steady()
        poll = None
        try:
            poll = await self._ask(each, until)
        finally:
            if poll is None and self._asking.get(name) == since:
                del self._asking[name]
        if poll is None or self._asking.get(name) != since:
            return False
        task = asyncio.create_task(self._arrived(each, poll, between=between))
        self._taking[name] = task
        task.add_done_callback(lambda done: self._taken(name, done))
        await asyncio.wait({task}, timeout=max(0.0, until - self._steady()))
        if not task.done():
            return False
        if not task.cancelled():
            task.result()
        return poll.more

    def _taken(self, name: str, task: asyncio.Task[None]) -> None:
        if self._taking.get(name) is not task:
            return
        del self._taking[name], self._asking[name]
        if not task.cancelled() and (error := task.exception()):
            log.error("what source %s brought could not be stored", name, exc_info=error)

    async def stop(self) -> None:
        """Lets what came be stored, for a few seconds at most; the rest is asked for again at the next start."""
        if self._taking:
            await asyncio.wait(set(self._taking.values()), timeout=5)
        for task in list(self._taking.values()):
            task.cancel()
        await asyncio.gather(*self._taking.values(), return_exceptions=True)

    def release(self) -> list[str]:
        """Lets go of what has been asked or taken in for two intervals without an end; which sources."""
        now, held = self._steady(), []
        for name, since in list(self._asking.items()):
            if now - since > max(LET_GO, 2 * self.interval(name)):
                del self._asking[name]
                if task := self._taking.pop(name, None):
                    task.cancel()
                held.append(name)
        return held

    def shifted(self, by: timedelta) -> None:
        """The time of day was set by so much: no source has been silent for longer, or shorter, than before."""
        self._health = {name: health.shifted(by) for name, health in self._health.items()}

    async def _ask(self, each: Configured, until: float) -> Poll | None:
        name, now = each.common.name, self._clock()
        state = await self._store.read(sources.state, name)
        try:
            return await asyncio.wait_for(each.source.poll(state, now), max(0.5, until - self._steady()))
        except TimeoutError:
            await self._turn(each, SourceError("没有在时限内答完"))
        except SourceError as error:
            await self._turn(each, error)
        except Exception as error:
            log.exception("source %s failed", name)
            await self._turn(each, SourceError(f"内部错误（{type(error).__name__}）", "failing"))
        return None

    async def _arrived(self, each: Configured, poll: Poll, *, between: bool) -> None:
        """What a poll brought, its state and health, in one transaction; then the room hears of a change of health. That nothing
        changed ``between`` two polls is no sign of a list that stands still."""
        name, now = each.common.name, self._clock()
        before, outcome = self._health[name], Outcome.of(poll)
        previous = replace(before, unchanged=before.unchanged - 1) if between and not outcome.changed else before
        after = self._next(each, outcome, now, previous)
        batch = Batch(
            source=name,
            mentions=() if _own_page(poll) else poll.mentions,
            backfill=each.common.backfill,
            state=poll.state,
            memory=after.record(),
            health=after.condition.value,
        )
        taken = await self._watch.take_in(batch, now)
        if poll.note and poll.note != self._noted.get(name):
            log.warning("source %s: %s", name, poll.note)
        self._noted[name] = poll.note
        await self._told(name, poll, now)
        self._health[name] = after
        await self._tell([Turn(name, before, after, None if each.common.kind == "webhook" else len(taken.new))])

    async def _told(self, name: str, poll: Poll, now: datetime) -> None:
        """What a probe or a page of our own has told; when one probe is down the others are asked at once."""
        events = list(poll.extra.get("probe", ()))
        page = poll.extra.get("page")
        body = ""
        if page and _own_page(poll):
            events.append(Event("changed", f"{name} 有未说明的改动"))
            body = f"{page['url']}\n原 {page['before'][:2000]}\n今 {page['after'][:2000]}"
        if not events:
            return
        await self._store.run(probing.take, self._house, name, events, self._probes(), now, body=body)
        if any(event.kind == "down" for event in events):
            others = [other for other in self._probes() if other != name]
            until = self._steady() + SHARE * self.interval(name)
            await asyncio.gather(*(self._once(self._configured[other], until) for other in others))

    def _probes(self) -> list[str]:
        return [name for name, each in self._configured.items() if each.common.kind == "probe"]

    async def _turn(self, each: Configured, error: SourceError) -> None:
        name, now = each.common.name, self._clock()
        before, after = self._health[name], self._next(each, Outcome.of(error), now)
        self._health[name] = after
        await self._store.run(sources.save, name, now, health=after.condition.value, memory=after.record())
        await self._tell([Turn(name, before, after)])

    def _next(self, each: Configured, outcome: Outcome | None, now: datetime, previous: Health | None = None) -> Health:
        return next_health(
            previous or self._health[each.common.name],
            outcome,
            now,
            every=each.source.every,
            lively=each.source.lively,
            expect=each.common.expect,
            stale_after=each.common.stale_after,
        )

    async def look(self) -> None:
        """Notices those that have not answered at all (a hung or lost poll)."""
        now, turns = self._clock(), []
        for name, each in self._configured.items():
            before, after = self._health[name], self._next(each, None, now)
            if after != before:
                self._health[name] = after
                turns.append(Turn(name, before, after))
                await self._store.run(sources.save, name, now, health=after.condition.value, memory=after.record())
        await self._tell(turns)

    async def say(self, lines: Sequence[str]) -> None:
        """Tells the rooms of the house's own health."""
        await self._store.run(say, self._house, lines, "", self._clock(), "self")

    async def _tell(self, turns: Sequence[Turn]) -> None:
        kinds = {name: each.common.kind for name, each in self._configured.items()}
        said = report(turns, kinds, self._health, self._clock())
        if said.room or said.private:
            await self._store.run(say, self._house, said.room, said.private, self._clock())


def _own_page(poll: Poll) -> bool:
    """A page of our own has changed: our probes' corridor tells of it, not the mentions."""
    return bool(poll.extra.get("page", {}).get("own"))


def say(db: Database, house: House, lines: Sequence[str], private: str, now: datetime, reason: str = "source") -> None:
    """Tells the rooms of changes of health, and the duty officer in private where it is grave."""
    for room in house.rooms:
        if lines:
            outbox.put(db, Post("\n".join(lines)), at=now, kind="health", reason=reason, room=room.name)
    duty = house.first(Role.DUTY, Role.COMMANDER)
    if private and duty:
        outbox.put(db, Post(private), at=now, kind="health", reason="sources", person=duty.name, urgent=True)


def set_aside(db: Database, house: House, mention: Mention, why: str, now: datetime) -> None:
    """Quarantines a mention that the analysis failed on three times, and says so, once an hour for each source."""
    why = f"{POISON}：{why}"
    said = mentions.set_aside_since(db, mention.source, POISON, now - timedelta(hours=1))
    mentions.quarantine(db, mention.source, now, why, mention.words)
    if not said:
        quoted = " ".join(mention.words.split())[:QUOTED]
        line = f"信源 {mention.source} 有一条{POISON}，已隔离，其余照常：「{quoted}」。请人看一眼原文 {mention.url}"
        say(db, house, [line.rstrip()], "", now, reason="quarantine")
