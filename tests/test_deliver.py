"""The corridor out, with a vendor that can be told to fail and a clock that is moved by hand: nothing lost, nothing out of
order, nothing said twice unmarked, and no flood."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot import backlog, timekeeping
from bot.config import Config, furnish
from bot.deliver import Delivery
from bot.errors import DeliveryError
from bot.model.card import Card, Chart, File, Post, Series
from bot.model.grade import Grade
from bot.model.house import House, Room
from bot.model.message import Ear, Parcel, Receipt, Target
from bot.store import outbox
from bot.store.db import Store
from tests.conftest import START

BLUE, YELLOW, ORANGE, RED = Grade.BLUE, Grade.YELLOW, Grade.ORANGE, Grade.RED
ANSWER_LOST = DeliveryError("没有回答", "unknown")
BUSY = DeliveryError("超限", "retry", after=60)
DOWN = DeliveryError("连不上", "retry")
NEVER = DeliveryError("群解散了", "permanent")


class Vendor:
    """Two ways, one robot each; ``faults`` go wrong in turn, ``up`` says which ways are there."""

    def __init__(self, name: str, clock: Any) -> None:
        self.name = name
        self.clock = clock
        self.up = ["first", "second"]
        self.faults: dict[str, deque[DeliveryError | None]] = {"first": deque(), "second": deque()}
        self.arrived: list[tuple[str, str, Parcel]] = []
        self.tried: list[datetime] = []

    async def start(self, ear: Ear) -> None: ...

    async def stop(self) -> None: ...

    def ways(self, target: Target) -> Sequence[str]:
        return list(self.up)

    def budget(self, way: str, target: Target) -> str:
        return f"{self.name}:{way}"

    async def send(self, parcel: Parcel, way: str) -> Receipt:
        self.tried.append(self.clock())
        fault = self.faults[way].popleft() if self.faults[way] else None
        if fault is None or fault is ANSWER_LOST:
            self.arrived.append((parcel.target.name, way, parcel))
        if fault:
            raise fault
        return Receipt(way)

    def problems(self) -> Sequence[str]:
        return []

    def texts(self, place: str = "危机室") -> list[str]:
        return [parcel.post.text for name, _, parcel in self.arrived if name == place]


class World:
    def __init__(self, store: Store, config: Config) -> None:
        self.now, self.steady = START, 1000.0
        self.store = store
        base = furnish(config)
        rooms = (Room("危机室", "vendor", "c1", BLUE), Room("备用室", "other", "c2", BLUE))
        people = tuple(replace(p, ids=(("vendor", p.name), ("other", p.name))) for p in base.people)
        self.house: House = replace(base, rooms=rooms, people=people, briefs=())
        self.vendor, self.other = Vendor("vendor", self.clock), Vendor("other", self.clock)
        self.delivery = self.made()

    def made(self) -> Delivery:
        picture = File("走势.png", "image/png", b"png")
        return Delivery(
            self.store, self.house, {"vendor": self.vendor, "other": self.other}, self.clock, lambda _: picture, self.counted
        )

    def clock(self) -> datetime:
        return self.now

    def counted(self) -> float:
        return self.steady

    async def say(self, text: str, grade: Grade | None = None, incident: int | None = None, **over: Any) -> int:
        values: dict[str, Any] = {
            "at": self.now,
            "kind": "alert",
            "reason": "raised",
            "room": "危机室",
            "grade": grade,
            "incident": incident,
        }
        post = over.pop("post", None) or Post(text)
        return await self.store.run(lambda db: outbox.put(db, post, **{**values, **over}))

    async def later(self, seconds: float) -> None:
        """The clock moves on, a step at a time, and what can go out goes."""
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            step = min(end - self.now, timedelta(seconds=10))
            self.now, self.steady = self.now + step, self.steady + step.total_seconds()
            self.delivery._wake.set()
            await self.delivery.idle()

    async def settle(self) -> None:
        self.delivery._wake.set()
        await self.delivery.idle()

    def states(self) -> dict[str, int]:
        return outbox.counts(self.store._reader())


@pytest.fixture
async def world(store: Store, config: Config) -> AsyncIterator[World]:
    made = World(store, config)
    await made.delivery.start()
    yield made
    await made.delivery.stop()


async def test_red_goes_before_a_storm_of_blue(world: World) -> None:
    world.vendor.up = []
    for n in range(8):
        await world.say(f"蓝{n}", BLUE, n + 1)
    await world.say("红", RED, 99)
    await world.settle()
    world.vendor.up = ["first"]
    await world.later(60)
    assert world.vendor.texts()[0] == "红"
    assert world.vendor.texts()[1:] == [f"蓝{n}" for n in range(8)]


@pytest.mark.parametrize("grade", list(Grade))
async def test_of_one_incident_resolved_never_comes_before_raised(world: World, grade: Grade) -> None:
    world.vendor.up = []
    await world.say("#1 新预警", BLUE, 1)
    await world.say("#2 别的事", BLUE, 2)
    await world.say("#1 已解除", grade, 1)
    world.vendor.up = ["first"]
    world.vendor.faults["first"].extend([DOWN, DOWN])
    await world.later(120)
    mine = [text for text in world.vendor.texts() if text.startswith("#1")]
    assert mine == ["#1 新预警", "#1 已解除"]


async def test_half_an_hour_without_vendor_loses_nothing_and_keeps_only_the_newest_headline(world: World) -> None:
    world.vendor.up = []
    await world.say("#1 新预警", ORANGE, 1)
    for minute in range(0, 30, 5):
        await world.say(f"头条 {minute}分", ORANGE, 1, collapse="headline:1")
        await world.later(300)
    await world.say("问一句", None, None)
    assert world.vendor.arrived == []
    await world.settle()
    world.vendor.up = ["first"]
    await world.later(30)
    assert world.vendor.texts() == ["#1 新预警", "头条 25分", "问一句"]
    assert world.states() == {"sent": 3, "merged": 5}


@pytest.mark.parametrize("grade", [ORANGE, RED])
async def test_an_unknown_outcome_of_a_grave_alert_is_repeated_once_and_marked(world: World, grade: Grade) -> None:
    world.vendor.faults["first"].extend([ANSWER_LOST, ANSWER_LOST])
    await world.say("#1 新预警", grade, 1)
    await world.later(600)
    assert world.vendor.texts() == ["#1 新预警", "（可能重复）#1 新预警"]
    assert world.states() == {"unknown": 1}


@pytest.mark.parametrize("grade", [BLUE, YELLOW])
async def test_an_unknown_outcome_of_a_light_one_is_named_in_the_digest_and_never_repeated(world: World, grade: Grade) -> None:
    world.vendor.faults["first"].append(ANSWER_LOST)
    await world.say("#1 新预警", grade, 1)
    await world.later(600)
    assert world.vendor.texts() == ["#1 新预警"]
    await world.store.run(timekeeping.set_digest, world.house, world.now)
    world.now += timedelta(days=1)
    await world.store.run(timekeeping.fire, world.house, world.now)
    await world.settle()
    assert "发送结果未知：#1 新预警" in world.vendor.texts()[1]


async def test_a_crash_during_the_call_repeats_red_and_lists_blue(world: World) -> None:
    await world.delivery.stop()
    for text, grade, place in (("红", RED, "危机室"), ("蓝", BLUE, "备用室")):
        id = await world.say(text, grade, 1, room=place)
        assert await world.store.run(outbox.claim, id, "first", "vendor:first", world.now, 20.0)
    world.delivery = world.made()
    await world.delivery.start()
    await world.delivery.idle()
    assert world.vendor.texts() == ["（可能重复）红"]
    assert world.other.texts("备用室") == []
    assert world.states() == {"sent": 1, "unknown": 1}


async def test_the_next_way_is_taken_and_says_so(world: World) -> None:
    world.vendor.faults["first"].append(BUSY)
    await world.say("#1 新预警", ORANGE, 1)
    await world.later(20)
    assert [(way, parcel.post.text) for _, way, parcel in world.vendor.arrived] == [("second", "（备用通道）#1 新预警")]


async def test_what_comes_by_another_way_because_the_first_must_be_silent_says_so_too(world: World) -> None:
    world.vendor.faults["first"].append(BUSY)
    await world.say("#1 新预警", ORANGE, 1)
    await world.later(10)
    await world.say("#2 新预警", ORANGE, 2)
    await world.later(10)
    assert world.vendor.texts() == ["（备用通道）#1 新预警", "（备用通道）#2 新预警"]
    await world.later(60)
    await world.say("#3 新预警", ORANGE, 3)
    await world.later(10)
    assert world.vendor.texts()[2:] == ["#3 新预警"]


async def test_a_limit_pauses_that_robot_for_the_stated_time(world: World) -> None:
    world.vendor.up = ["first"]
    world.vendor.faults["first"].append(BUSY)
    await world.say("蓝", BLUE, 1)
    await world.later(50)
    assert world.vendor.arrived == []
    await world.later(30)
    assert world.vendor.texts() == ["蓝"]
    assert (world.vendor.tried[1] - world.vendor.tried[0]).total_seconds() >= 60


async def test_a_permanent_refusal_is_visibly_failed(world: World) -> None:
    world.vendor.up = ["first"]
    world.vendor.faults["first"].append(NEVER)
    await world.say("#1", ORANGE, 1)
    await world.later(60)
    assert world.states() == {"failed": 1}


async def test_more_than_ten_waiting_become_a_digest_that_names_each(world: World) -> None:
    world.vendor.up = []
    for n in range(1, 13):
        await world.say(f"#{n} 蓝的事\n细节", BLUE, n)
    await world.say("#50 红", RED, 50)
    await world.settle()
    world.vendor.up = ["first"]
    await world.later(30)
    red, digest = world.vendor.texts()
    assert red == "#50 红"
    assert "12条" in digest
    assert [line.split(" ", 1)[1] for line in digest.splitlines()[1:]] == [f"#{n} 蓝的事" for n in range(1, 13)]
    assert world.states() == {"sent": 2, "merged": 12}
    merged = world.store._reader().conn.execute("SELECT DISTINCT merged_into FROM outbox WHERE state = 'merged'").fetchall()
    assert len(merged) == 1


async def test_ten_are_still_said_one_by_one(world: World) -> None:
    world.vendor.up = []
    for n in range(10):
        await world.say(f"#{n}", BLUE, n + 1)
    await world.settle()
    world.vendor.up = ["first"]
    await world.later(60)
    assert len(world.vendor.texts()) == 10


async def test_very_many_become_several_digests_and_stay_within_the_limit(world: World) -> None:
    world.vendor.up = []
    for n in range(100):
        await world.say(f"#{n} 蓝", BLUE, n + 1)
    await world.settle()
    world.vendor.up = ["first"]
    await world.later(120)
    said = world.vendor.texts()
    assert len(said) == 5
    assert sum(text.count("#") for text in said) == 100


async def test_what_carries_a_file_goes_by_itself_and_its_incident_keeps_its_order(world: World) -> None:
    world.vendor.up = []
    await world.say("#1 新预警", BLUE, 1)
    await world.say("#1 档案", BLUE, 1, post=Post("#1 档案", files=(File("a.zip", "application/zip", b"x"),)))
    await world.say("#1 已解除", BLUE, 1)
    for n in range(2, 14):
        await world.say(f"#{n}", BLUE, n)
    await world.settle()
    world.vendor.up = ["first"]
    await world.later(60)
    *first, digest = world.vendor.texts()
    assert first == ["#1 新预警", "#1 档案", "#1 已解除"]
    assert "12条" in digest


async def test_a_digest_that_waits_goes_before_grave_news_of_the_same_incident(world: World) -> None:
    world.vendor.up = []
    for n in range(1, 13):
        await world.say(f"#{n} 新预警", BLUE, n)
    assert await world.store.run(backlog.condense, "危机室", "", world.now)
    await world.say("#50 红", RED, 50)
    await world.say("#3 已解除", RED, 3)
    await world.settle()
    world.vendor.up = ["first"]
    await world.later(60)
    said = world.vendor.texts()
    raised = next(n for n, text in enumerate(said) if "#3 新预警" in text)
    resolved = next(n for n, text in enumerate(said) if "#3 已解除" in text)
    assert raised < resolved


async def test_never_more_than_eighteen_attempts_in_a_minute_and_six_are_kept_for_the_grave(world: World) -> None:
    world.vendor.up = ["first"]
    card = Card(kind="alert", title="卡")
    for n in range(60):
        await world.say(f"蓝{n}", BLUE, n + 1, post=Post(f"蓝{n}", card, files=(File("f", "x/y", b"1"),)))
    await world.later(20)
    assert len(world.vendor.tried) == 12
    for n in range(10):
        await world.say(f"红{n}", RED, 100 + n)
    await world.later(20)
    assert len(world.vendor.tried) == 18
    assert [text for text in world.vendor.texts() if text.startswith("红")] == [f"红{n}" for n in range(6)]
    await world.later(400)
    times = world.vendor.tried
    assert max(sum(1 for other in times if 0 <= (other - each).total_seconds() < 60) for each in times) <= 18
    assert len(world.vendor.texts()) == 70


async def test_a_chart_goes_along_as_a_picture(world: World) -> None:
    chart = Chart("#1", "", (Series("热度", ((0.0, 1.0),)),))
    await world.say("趋势", BLUE, 1, post=Post("趋势", chart=chart))
    await world.settle()
    assert [file.name for file in world.vendor.arrived[0][2].post.files] == ["走势.png"]


async def test_a_queue_that_does_not_drain_is_said_in_health_and_by_another_way(world: World) -> None:
    world.vendor.up = []
    await world.say("#1 新预警", ORANGE, 1)
    await world.later(110)
    await world.delivery.look()
    assert world.delivery.problems() == []
    await world.later(20)
    await world.delivery.look()
    assert world.delivery.problems() == ["发往「危机室」的消息发不出去：最老的等了2分，共1条"]
    await world.settle()
    (said,) = world.other.texts("备用室")
    assert said.startswith("发往「危机室」的消息发不出去")
    assert world.other.texts("张敏") == [said]
    for _ in range(5):
        await world.later(60)
        await world.delivery.look()
    await world.settle()
    assert len(world.other.arrived) == 2

    await world.settle()
    world.vendor.up = ["first"]
    await world.later(600)
    await world.delivery.look()
    assert world.delivery.problems() == []
    assert world.vendor.texts() == ["#1 新预警"]


async def test_somebody_is_reached_on_the_platform_that_is_up(world: World) -> None:
    world.vendor.up = []
    await world.say("私信", ORANGE, 1, room="", person="张敏")
    await world.settle()
    assert world.other.texts("张敏") == ["私信"]


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=1)])
async def test_a_robots_pause_lasts_its_seconds_whatever_the_time_of_day_does(world: World, jump: timedelta) -> None:
    world.vendor.up = ["first"]
    world.vendor.faults["first"].append(BUSY)
    await world.say("蓝", BLUE, 1)
    await world.settle()
    world.now += jump
    await world.store.run(world.delivery.set_back, world.now)
    await world.later(50)
    assert world.vendor.texts() == []
    await world.later(20)
    assert world.vendor.texts() == ["蓝"]


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=1)])
async def test_the_minute_of_a_robot_is_a_minute_whatever_the_time_of_day_does(world: World, jump: timedelta) -> None:
    world.vendor.up = ["first"]
    for n in range(18):
        await world.say(f"红{n}", RED, n + 1)
    await world.later(10)
    assert len(world.vendor.tried) == 18
    await world.say("红末", RED, 99)
    await world.settle()
    world.now += jump
    await world.store.run(world.delivery.set_back, world.now)
    await world.later(40)
    assert len(world.vendor.tried) == 18
    await world.later(30)
    assert world.vendor.texts()[-1] == "红末"


async def test_what_was_tried_before_a_restart_counts_in_the_minute(world: World) -> None:
    world.vendor.up = ["first"]
    for n in range(18):
        await world.say(f"红{n}", RED, n + 1)
    await world.later(10)
    await world.delivery.stop()
    world.delivery = world.made()
    await world.delivery.start()
    await world.say("红末", RED, 99)
    await world.later(40)
    assert len(world.vendor.tried) == 18
    await world.later(30)
    assert world.vendor.texts()[-1] == "红末"


async def test_a_retry_does_not_wait_an_hour_because_the_clock_was_set_back(world: World) -> None:
    world.vendor.up = ["first"]
    world.vendor.faults["first"].append(DOWN)
    await world.say("橙", ORANGE, 1)
    await world.settle()
    world.now -= timedelta(hours=1)
    await world.store.run(world.delivery.set_back, world.now)
    await world.later(10)
    assert world.vendor.texts() == ["橙"]
