"""Reliability 11 and 12: runs are counted and shown, and what limps is noticed and repaired. The clocks are set by hand."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from bot import schedule as scheduling
from bot.commands import RATE, Commands
from bot.model.message import Message
from bot.model.source import Common, Poll
from bot.polling import Configured, Polling
from bot.schedule import Interval, Schedule
from bot.store import timers
from bot.watchdog import Steady, Watchdog, set_right
from tests.conftest import START, Room

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST = 5.0


class Clocks:
    """The time of day and the monotonic clock; ``passes`` moves both, ``jumps`` the time of day alone."""

    def __init__(self) -> None:
        self.wall, self.steady = START, 500.0
        self.house = Steady(lambda: self.wall, lambda: self.steady)

    def counted(self) -> float:
        return self.steady

    def passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds

    def jumps(self, by: timedelta) -> None:
        self.wall += by


class Nobody:
    """A polling without sources."""

    def shifted(self, by: timedelta) -> None: ...

    def release(self) -> list[str]:
        return []


class Kennel:
    """A watchdog over a real schedule, with what it says."""

    def __init__(self, polling: Any = None) -> None:
        self.clocks = Clocks()
        self.schedule = Schedule(Random(1), self.clocks.counted)
        self.said: list[str] = []
        self.set: list[timedelta] = []
        self.dog = Watchdog(
            self.schedule,
            polling or Nobody(),
            self.clocks.house,
            stored=self.stored,
            say=self.say,
            zone=UTC,
            clock=self.clocks.counted,
        )

    async def stored(self, by: timedelta, now: datetime) -> None:
        self.set.append(by)

    async def say(self, lines: Sequence[str]) -> None:
        self.said += lines

    async def beat(self, seconds: float = 1.0) -> list[str]:
        self.clocks.passes(seconds)
        before = len(self.said)
        await self.dog.beat()
        return self.said[before:]

    async def beats(self, seconds: int) -> list[str]:
        """Quiet seconds, one look each; what was said."""
        return [line for _ in range(seconds) for line in await self.beat()]


@pytest.fixture
async def kennel() -> AsyncIterator[Kennel]:
    made = Kennel()
    yield made
    made.schedule.stop()


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """The time of day as APScheduler and the schedule see it; the function sets it off by so much."""
    import apscheduler.schedulers.base

    off = [timedelta()]

    class Set(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + off[0]

    monkeypatch.setattr(scheduling, "datetime", Set)
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Set)

    def jump(by: timedelta) -> None:
        off[0] = by

    return jump


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(MOST):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def test_the_house_goes_by_a_time_that_jumps_only_when_looked_at() -> None:
    clocks = Clocks()
    clocks.passes(10)
    clocks.jumps(-HOUR)
    assert clocks.house() == START + timedelta(seconds=10)
    assert clocks.house.check() == -HOUR
    assert clocks.house() == START + timedelta(seconds=10) - HOUR
    clocks.jumps(timedelta(seconds=2))
    assert clocks.house.check() == timedelta()
    assert clocks.house() == clocks.wall


def test_a_clock_set_forward_a_day_brings_one_run_and_no_burst() -> None:
    trigger, now = Interval(1.0, Random(1)), START + DAY
    assert trigger.get_next_fire_time(START, now) == now + timedelta(seconds=1)


@pytest.mark.parametrize("by", [-HOUR, DAY])
async def test_jobs_go_on_after_the_clock_was_set_and_none_runs_twice_at_once(
    wall: Callable[[timedelta], None], by: timedelta
) -> None:
    runs: list[float] = []
    schedule = Schedule(Random(1))
    schedule.every("look", 0.05, lambda: _done(runs), spread=False)
    schedule.start()
    await until(lambda: len(runs) >= 2)
    wall(by)
    schedule.replan()
    before = len(runs)
    await until(lambda: len(runs) >= before + 3)
    schedule.stop()
    gaps = [b - a for a, b in itertools.pairwise(runs)]
    assert min(gaps) > 0.01


async def test_without_a_new_plan_a_clock_set_back_starves_the_jobs(wall: Callable[[timedelta], None]) -> None:
    """What the watchdog is for: this is what APScheduler does by itself."""
    runs: list[float] = []
    schedule = Schedule(Random(1))
    schedule.every("look", 0.05, lambda: _done(runs), spread=False)
    schedule.start()
    await until(lambda: len(runs) >= 2)
    wall(-HOUR)
    planned = schedule._scheduler.get_job("look").next_run_time
    assert planned - datetime.now(UTC) > -timedelta(seconds=MOST), "an hour ahead of the clock as it is now"
    schedule.replan()
    assert schedule._scheduler.get_job("look").next_run_time < datetime.now(UTC) - HOUR + timedelta(seconds=MOST)
    before = len(runs)
    await until(lambda: len(runs) >= before + 3)
    schedule.stop()


async def _done(runs: list[float]) -> None:
    runs.append(asyncio.get_running_loop().time())


@pytest.mark.parametrize(("by", "words"), [(-HOUR, "往回跳了1时"), (DAY, "往前跳了1天")])
async def test_a_jump_is_said_once_and_stands_in_health(kennel: Kennel, by: timedelta, words: str) -> None:
    assert await kennel.beat() == []
    kennel.clocks.jumps(by)
    (line,) = await kennel.beat()
    assert words in line
    assert kennel.set == [by]
    assert await kennel.beat() == []
    assert words in kennel.dog.shown()["repaired"][0]
    for _ in range(4):
        await kennel.beat(1000)
    assert not any(words in line for line in kennel.dog.shown()["repaired"])


async def test_a_loop_that_stood_still_is_shown_and_a_long_stop_is_said(kennel: Kennel) -> None:
    assert await kennel.beat(1.8) == []
    assert kennel.dog.shown()["loop"] == {"lag_ms": 800, "worst_ms": 800}
    (line,) = await kennel.beat(8.0)
    assert line == "望楼停顿了7秒，期间没有收发，现已继续"
    await kennel.beat()
    assert kennel.dog.shown()["loop"] == {"lag_ms": 0, "worst_ms": 7000}


async def test_a_hung_job_is_cancelled_counted_shown_and_the_next_run_goes_on(kennel: Kennel) -> None:
    ended: list[str] = []
    runs: list[int] = []

    async def hangs_once() -> None:
        runs.append(len(runs))
        if len(runs) == 1:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("cancelled")

    kennel.schedule.every("look", 0.05, hangs_once, label="到期提醒", spread=False)
    kennel.schedule.start()
    await until(lambda: len(runs) >= 3)
    record = kennel.schedule.records["look"]
    assert ended == ["cancelled"]
    assert (record.hung, record.bad) == (1, 0)
    assert kennel.dog.shown()["jobs"]["look"]["hung"] == 1


async def test_a_job_that_ignores_its_cancelling_is_left_alone(kennel: Kennel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "GRACE", 0.02)
    runs: list[int] = []
    let_go = asyncio.Event()

    async def deaf() -> None:
        runs.append(len(runs))
        while not let_go.is_set() and len(runs) == 1:
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue

    kennel.schedule.every("look", 0.05, deaf, spread=False)
    kennel.schedule.start()
    await until(lambda: len(runs) >= 3)
    let_go.set()
    assert kennel.schedule.records["look"].hung == 1


async def test_a_job_that_fails_is_counted_and_when_it_goes_on_it_is_one_line_and_one_when_it_is_over(kennel: Kennel) -> None:
    broken = True

    async def job() -> None:
        if broken:
            raise RuntimeError

    kennel.schedule.every("timers", 0.02, job, label="到期提醒", spread=False)
    kennel.schedule.start()
    record = kennel.schedule.records["timers"]
    await until(lambda: record.failed >= 2)
    assert await kennel.beat() == []
    assert kennel.dog.problems() == []
    (line,) = await kennel.beats(61)
    assert line == "「到期提醒」01:48 起没有做成（出错（RuntimeError）），仍在重试；请管理员看 /healthz"
    assert await kennel.beat() == []
    assert kennel.dog.problems() == ["「到期提醒」没有做成：出错（RuntimeError）"]
    assert kennel.dog.shown()["jobs"]["timers"]["trouble"] == "出错（RuntimeError）"
    broken = False
    await until(lambda: record.bad == 0)
    assert await kennel.beats(1) == ["「到期提醒」恢复，01:48–01:49 没有做成"]
    assert kennel.dog.problems() == []


async def test_a_run_that_is_skipped_because_the_last_one_still_goes_is_counted(kennel: Kennel) -> None:
    going = asyncio.Event()
    kennel.schedule.every("export", 0.02, going.wait, spread=False, limit=MOST)
    kennel.schedule.start()
    await until(lambda: kennel.schedule.records["export"].skipped >= 2)
    assert kennel.schedule.records["export"].runs == 1
    going.set()


async def test_a_job_that_nobody_starts_for_two_intervals_is_planned_anew_and_missed_runs_are_counted(kennel: Kennel) -> None:
    runs: list[float] = []
    kennel.schedule.every("look", 3600.0, lambda: _done(runs), label="清理旧消息", spread=False)
    kennel.schedule.start()
    await until(lambda: len(runs) == 1)
    kennel.clocks.passes(3 * 3600)
    await kennel.beat()
    await until(lambda: len(runs) == 2)
    assert kennel.schedule.records["look"].missed == 2
    assert any("「清理旧消息」两轮没有开始" in line for line in kennel.dog.shown()["repaired"])


class Mute:
    """A source whose answers come when ``answer`` is set; what it brings cannot be cut off by the job's end."""

    floor, every, lively = 5.0, 60.0, False

    def __init__(self, answer: Awaitable[object]) -> None:
        self.name = "哑源"
        self._answer = answer
        self.asked = 0

    async def poll(self, state: object, now: object) -> Poll:
        self.asked += 1
        if self.asked == 1:
            await asyncio.shield(asyncio.ensure_future(self._answer))
        return Poll((), {})


async def test_a_source_that_is_asked_without_an_end_is_let_go_and_asked_again(room: Room) -> None:
    answer = asyncio.get_running_loop().create_future()
    source = Mute(answer)
    clocks = Clocks()
    common = Common(name="哑源", kind="feed")
    polling = Polling(room.store, room.house, room.watch, [Configured(source, common)], clocks.house, clocks.counted)
    await polling.start()
    kennel = Kennel(polling)
    kennel.schedule.every("source:哑源", 3600.0, lambda: polling.poll("哑源"), label="信源 哑源", spread=False, limit=MOST)
    kennel.schedule.start()
    await until(lambda: source.asked == 1)
    clocks.passes(119)
    assert polling.release() == []
    clocks.passes(2)
    assert polling.release() == ["哑源"]
    await polling.poll("哑源")
    assert source.asked == 2
    assert polling.health["哑源"].good == clocks.wall
    answer.set_result(None)
    await polling.stop()
    kennel.schedule.stop()


@pytest.mark.parametrize("by", [-HOUR, DAY])
async def test_no_source_falls_silent_because_the_clock_was_set(room: Room, by: timedelta) -> None:
    clocks = Clocks()
    source = Mute(asyncio.sleep(0))
    polling = Polling(
        room.store, room.house, room.watch, [Configured(source, Common(name="哑源", kind="feed"))], clocks.house, clocks.counted
    )
    await polling.start()
    await polling.poll("哑源")
    clocks.jumps(by)
    polling.shifted(clocks.house.check())
    await polling.look()
    assert polling.health["哑源"].condition == "ok"
    clocks.passes(130)
    await polling.look()
    assert polling.health["哑源"].condition == "failing"
    await room._collect()
    room.expect(("危机室", "哑源 "), ("@张敏", "1个信源有1个看不见"))


async def _jump(room: Room, by: timedelta) -> None:
    room.clock.now += by
    await room.store.run(set_right, by, room.clock.now)
    await room.later(seconds=0)


async def test_a_clock_set_back_an_hour_neither_starves_a_claim_nor_fires_it_twice(room: Room) -> None:
    await room.open_incident()
    clock = timers.find_clock(room.db, 1, "claim")
    assert clock
    left = clock.due_at - room.clock.now
    await room.later(minutes=10)
    room.ignore()
    await _jump(room, -HOUR)
    assert room.out == []
    await room.later(seconds=(left - timedelta(minutes=10)).total_seconds())
    called = [said for said in room.ignore() if said.to == "危机室" and said.kind == "escalation"]
    assert len(called) == 1
    assert "认领超时" in called[0].text
    await _jump(room, HOUR)
    again = [said for said in room.ignore() if said.to == "危机室" and said.kind == "escalation"]
    assert len(again) == 1, "the step at 150 %, and not the one at 100 % again"
    assert again[0].text != called[0].text


async def test_a_clock_set_forward_a_day_fires_what_is_due_once(room: Room) -> None:
    await room.open_incident()
    await _jump(room, DAY)
    first = room.ignore()
    assert any("停机补发" in said.text for said in first)
    await _jump(room, timedelta())
    assert room.out == []


@pytest.mark.parametrize("by", [-HOUR, DAY])
async def test_a_confirmation_waits_its_two_minutes_whatever_the_time_of_day_does(room: Room, by: timedelta) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    assert "确认" in await room.say("定级 #1 红 央媒报道", by="陈总")
    room.ignore()
    room.clock.now += by
    await room.store.run(set_right, by, room.clock.now)
    room.clock.now += timedelta(seconds=100)
    assert "红" in await room.say("确认", by="陈总")
    room.ignore()
    await room.say("定级 #1 橙 已缓和", by="陈总")
    room.clock.now += by
    await room.store.run(set_right, by, room.clock.now)
    room.clock.now += timedelta(seconds=130)
    assert "橙" not in await room.say("确认", by="陈总")
    room.ignore()


async def test_ten_commands_a_minute_are_counted_on_a_clock_that_does_not_jump(room: Room) -> None:
    await room.open_incident(owner="李雷")
    clocks = Clocks()
    commands = Commands(room.store, room.house, room.clock, room.handlers, clocks.counted)
    number = 0

    async def note() -> str:
        nonlocal number
        number += 1
        heard = Message("wecom", f"w{number}", "", "zm", f"记 #1 第{number}条", room.clock(), addressed=True)
        return "\n".join(post.text for post in (await commands.answer(heard)).posts)

    from dataclasses import replace

    people = tuple(replace(p, ids=(*p.ids, ("wecom", "zm"))) if p.name == "张敏" else p for p in room.house.people)
    commands._house = replace(room.house, people=people)
    assert not any(["太多" in await note() for _ in range(RATE)])
    assert "太多" in await note()
    room.clock.now -= HOUR
    clocks.passes(61)
    assert "太多" not in await note()
    room.clock.now += DAY
    assert not any(["太多" in await note() for _ in range(RATE - 1)])
    assert "太多" in await note()
    await room._collect()
    room.ignore()


async def test_jobs_have_no_cut_off_are_coalesced_one_at_a_time_and_end_within_their_interval(kennel: Kennel) -> None:
    kennel.schedule.every("source:甲", 60.0, lambda: _done([]))
    kennel.schedule.start()
    job = kennel.schedule._scheduler.get_job("source:甲")
    assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    assert kennel.schedule.records["source:甲"].limit == pytest.approx(48.0)


async def test_what_was_answered_in_time_is_stored_although_the_jobs_time_is_up(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Mute(asyncio.sleep(0))
    source.every = 0.2
    common = Common(name="哑源", kind="feed")
    polling = Polling(room.store, room.house, room.watch, [Configured(source, common)], room.clock)
    await polling.start()
    storm, take_in = asyncio.Event(), room.watch.take_in

    async def late(batch: Any, now: datetime) -> Any:
        await storm.wait()
        return await take_in(batch, now)

    monkeypatch.setattr(room.watch, "take_in", late)
    await asyncio.wait_for(polling.poll("哑源"), MOST)
    await polling.poll("哑源")
    assert (source.asked, polling.health["哑源"].good) == (1, None)
    storm.set()
    await polling.stop()
    assert polling.health["哑源"].good == room.clock.now
