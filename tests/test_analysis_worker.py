"""The analyst in its own process: it may die, hang or choke, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.analysis.analyst import Settings
from bot.analysis.rules import Rule
from bot.analysis.worker import Worker, WorkerError
from bot.model.mention import Mention
from bot.model.reading import Sentiment

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SETTINGS = Settings(rules=(Rule("晨露", any=("晨露",)),), company=("晨露",))
POST = "今天给孩子冲晨露奶粉，杯底有黑色异物，客服说是正常现象，让我自己去检测，费用自理，太让人心寒了"
pytestmark = pytest.mark.process


def mention(key, text=POST):
    return Mention(source="论坛", key=key, seen=NOW, text=text)


class Desk:
    """A worker with what the house around it keeps: the rows and the quarantine."""

    def __init__(self, **options):
        self.rows, self.quarantine = [], []
        self.worker = Worker(SETTINGS, restore=self.restore, quarantined=self.note, **options)

    async def restore(self):
        return self.rows

    def note(self, mention, why):
        self.quarantine.append((mention.id, why))

    async def read(self, *mentions):
        readings = await self.worker.read(mentions)
        self.rows += zip(mentions, readings, strict=True)
        return readings


@pytest.fixture
async def desk():
    desk = Desk()
    await desk.worker.start()
    yield desk
    await desk.worker.stop()


async def test_it_reads_in_order_and_names_stories(desk):
    first, second = await desk.read(mention("a"), mention("b"))
    assert (first.rules, second.duplicate_of, second.story) == (("晨露",), "论坛:a", first.story)
    assert await desk.worker.story_title(first.story)
    assert isinstance(await desk.worker.story_words(first.story), list)
    assert await desk.worker.read([]) == []


async def test_callers_wait_for_their_turn(desk):
    batches = await asyncio.gather(*(desk.worker.read([mention(f"{n}")]) for n in range(20)))
    assert [batch[0].id for batch in batches] == [f"论坛:{n}" for n in range(20)]
    assert sum(batch[0].duplicate_of is None for batch in batches) == 1


async def test_a_child_that_died_is_started_again_and_remembers(desk):
    (first,) = await desk.read(mention("a"))
    os.kill(desk.worker._child.pid, signal.SIGKILL)
    again, new = await desk.read(mention("b"), mention("c", "云栈出行司机绕路二十公里还骂人，平台不理"))
    assert (again.duplicate_of, again.story) == ("论坛:a", first.story)
    assert new.story > first.story
    assert (desk.worker.restarts, desk.quarantine) == (1, [])


async def test_a_poisoned_mention_is_set_apart_and_the_rest_is_read(desk):
    poison = replace(mention("毒"), text=7)
    readings = await desk.read(*(mention(str(n), f"晨露{n}号店排队") for n in range(5)), poison, mention("z"))
    assert [reading.unread for reading in readings] == [False] * 5 + [True, False]
    assert (readings[5].sentiment, readings[5].rules, readings[5].negative) == (Sentiment.NEUTRAL, (), 0.0)
    assert [id for id, _ in desk.quarantine] == ["论坛:毒"]
    assert "Error" in desk.quarantine[0][1]


async def test_a_child_that_hangs_is_replaced():
    desk = Desk(patience=5.0)
    await desk.worker.start()
    os.kill(desk.worker._child.pid, signal.SIGSTOP)
    (reading,) = await desk.read(mention("a"))
    assert not reading.unread
    assert desk.worker.restarts == 1
    await desk.worker.stop()


async def test_a_caller_who_goes_away_does_not_spoil_the_next_answer(desk):
    reading = asyncio.create_task(desk.worker.read([mention("a")]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    (answer,) = await desk.read(mention("b"))
    assert answer.id == "论坛:b"


async def test_what_was_read_before_is_handed_over(desk):
    (first,) = await desk.read(mention("a"))
    fresh = Worker(SETTINGS)
    await fresh.start()
    await fresh.remember(desk.rows)
    (copy,) = await fresh.read([mention("b")])
    assert (copy.duplicate_of, copy.story) == ("论坛:a", first.story)
    await fresh.stop()


async def test_settings_that_cannot_work_are_said_at_the_start():
    worker = Worker(Settings(rules=(Rule("空", none=("招聘",)),)))
    with pytest.raises(WorkerError, match="空"):
        await worker.start()
    await worker.stop()
