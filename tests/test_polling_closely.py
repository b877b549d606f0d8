"""Polling is doubled for a day after an incident went over to tracking (room page, section 3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model.incident import State
from bot.model.source import Common, Poll
from bot.polling import Configured, Polling
from bot.store import incidents
from tests.conftest import Room


class HotList:
    """A lively source that may be asked every minute and is asked every ten; it brings nothing new."""

    name, every, lively = "热榜", 600.0, True

    def __init__(self, floor: float = 60.0) -> None:
        self.floor = floor
        self.asked = 0

    async def poll(self, state: object, now: object) -> Poll:
        self.asked += 1
        return Poll((), {}, changed=False)


class Watching:
    """A room, one source, and monotonic seconds that pass with the time of day."""

    def __init__(self, room: Room, source: HotList, kind: str = "newsnow") -> None:
        self.room, self.source, self.seconds = room, source, 0.0
        configured = [Configured(source, Common(name="热榜", kind=kind))]
        self.polling = Polling(room.store, room.house, room.watch, configured, room.clock, lambda: self.seconds)

    async def minutes(self, count: int) -> int:
        """So many minutes, a poll every ten of them; how often the source was asked."""
        before = self.source.asked
        for minute in range(count):
            if minute % 10 == 0:
                await self.polling.poll("热榜")
            await self.polling.closely()
            self.seconds += 60
            self.room.clock.now += timedelta(minutes=1)
        return self.source.asked - before


async def tracked(room: Room) -> None:
    await room.open_incident(owner="李雷", state="active")
    await room.say("决策 #1 不发声明，客服逐个回复", by="李雷")
    assert "跟踪" in await room.say("跟踪 #1", by="李雷")
    assert incidents.get(room.db, 1).state is State.TRACKING
    room.ignore()


async def test_a_source_is_asked_twice_as_often_for_a_day(room: Room) -> None:
    watching = Watching(room, HotList())
    await watching.polling.start()
    assert await watching.minutes(30) == 3
    await tracked(room)
    assert await watching.minutes(30) == 6
    room.clock.now += timedelta(hours=24)
    assert await watching.minutes(30) == 3
    room.ignore()


@pytest.mark.parametrize(("floor", "kind"), [(301.0, "newsnow"), (60.0, "probe")])
async def test_no_floor_is_broken_and_probes_keep_their_cadence(room: Room, floor: float, kind: str) -> None:
    watching = Watching(room, HotList(floor), kind)
    await watching.polling.start()
    await tracked(room)
    assert await watching.minutes(30) == 3
    room.ignore()


async def test_asked_more_often_a_list_stands_still_no_sooner(room: Room) -> None:
    watching = Watching(room, HotList())
    await watching.polling.start()
    await tracked(room)
    await watching.minutes(20)
    assert watching.polling.health["热榜"].unchanged == 2
    assert watching.polling.health["热榜"].condition != "stale"
    room.ignore()
