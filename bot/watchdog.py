"""What notices that the house itself limps, and repairs it; it counts monotonic seconds (reliability 11).

jump      the time of day was set: jobs are planned anew, lengths that run keep their length, what is due fires once
overdue   a job that did not start for two intervals is planned anew
silent    a source that has been asked for two intervals without an end is let go and asked again
lag       the event loop stood still: shown, and said where it was long
going on  a job that fails, or hangs, for a minute is one line in the room, and one when it runs again
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlite_utils import Database

from bot.model.times import span_of
from bot.schedule import Schedule
from bot.store import pending, timers

log = logging.getLogger("wanglou.watchdog")

BEAT = 1.0
"""Seconds between two looks."""
JUMP = 5.0
"""So many seconds between the time of day and the monotonic clock are a jump; less is corrected in silence."""
GRAVE_LAG = 5.0
"""An event loop that stood still for so many seconds is said in the room."""
GOES_ON = 60.0
"""Trouble of a job that lasts so many seconds, over two runs, is said in the room."""
KEPT = 3600.0
"""A jump or a long lag is shown in the health view for so many seconds."""

Said = Callable[[Sequence[str]], Awaitable[None]]


def utc_now() -> datetime:
    """The time on the wall."""
    return datetime.now(UTC)


class Steady:
    """The time of day that the house goes by: it runs with the monotonic clock and takes over a jump of the wall only at
    ``check``, so that everything that hangs on it can be set right in the same moment."""

    def __init__(self, wall: Callable[[], datetime] = utc_now, clock: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._clock = clock
        self._since = (wall(), clock())

    def __call__(self) -> datetime:
        moment, counted = self._since
        return moment + timedelta(seconds=self._clock() - counted)

    def check(self) -> timedelta:
        """Follows the wall; by how much it jumped (zero: it did not)."""
        before, wall = self(), self._wall()
        self._since = (wall, self._clock())
        by = wall - before
        return by if abs(by.total_seconds()) >= JUMP else timedelta()


class Asked(Protocol):
    """The polling, as far as the watchdog sees it."""

    def shifted(self, by: timedelta) -> None: ...

    def release(self) -> list[str]: ...


class Watchdog:
    """Looks once a second. ``stored(by, now)`` sets right what lies in the database after a jump; ``say`` tells the rooms."""

    def __init__(
        self,
        schedule: Schedule,
        polling: Asked,
        now: Callable[[], datetime],
        *,
        stored: Callable[[timedelta, datetime], Awaitable[None]],
        say: Said,
        zone: Any,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._schedule = schedule
        self._polling = polling
        self._now = now
        self._stored = stored
        self._say = say
        self._zone = zone
        self._clock = clock
        self._last = clock()
        self._lags: deque[float] = deque(maxlen=60)
        self._notes: deque[tuple[float, str]] = deque(maxlen=20)
        self._told: dict[str, datetime] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._last = self._clock()
        self._task = asyncio.create_task(self._run(), name="watchdog")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self.beat()
            except Exception:
                log.exception("a look of the watchdog failed")

    async def beat(self) -> None:
        """One look, about a second after the last."""
        lines = self._lagged()
        if isinstance(self._now, Steady) and (by := self._now.check()):
            lines += await self._jumped(by)
        self._plan_anew()
        lines += self._going_on()
        if lines:
            await self._say(lines)

    def _lagged(self) -> list[str]:
        now = self._clock()
        lag, self._last = max(0.0, now - self._last - BEAT), now
        self._lags.append(lag)
        if lag < GRAVE_LAG:
            return []
        return [self._note(f"望楼停顿了{lag:.0f}秒，期间没有收发，现已继续")]

    async def _jumped(self, by: timedelta) -> list[str]:
        now = self._now()
        self._schedule.replan()
        self._polling.shifted(by)
        await self._stored(by, now)
        where = "往前" if by > timedelta() else "往回"
        seconds = abs(by.total_seconds())
        length = span_of(60 * round(seconds / 60)) if seconds >= 60 else f"{seconds:.0f}秒"
        line = self._note(f"系统时间{where}跳了{length}，时限已重排；请核对服务器时间和这之前记下的时刻")
        return [line] if seconds >= 60 else []

    def _plan_anew(self) -> None:
        for record in self._schedule.overdue():
            self._note(f"「{record.label}」两轮没有开始，已重新排程")
            self._schedule.at_once(record.name)
        for name in self._polling.release():
            self._note(f"信源「{name}」两轮没有问完，已放弃这一次，重新询问")
            self._schedule.at_once(f"source:{name}")

    def _going_on(self) -> list[str]:
        """One line when a job's trouble goes on, one when it is over."""
        lines, now = [], self._clock()
        for record in self._schedule.records.values():
            if record.bad == 0 and (since := self._told.pop(record.name, None)):
                lines.append(f"「{record.label}」恢复，{self._time(since)}–{self._time(self._now())} 没有做成")
            elif record.bad >= 2 and now - record.bad_since >= GOES_ON and record.name not in self._told:
                self._told[record.name] = self._now() - timedelta(seconds=now - record.bad_since)
                lines.append(
                    f"「{record.label}」{self._time(self._told[record.name])} 起没有做成（{record.trouble}），仍在重试；请管理员看 /healthz"
                )
        return lines

    def _note(self, line: str) -> str:
        self._notes.append((self._clock(), f"{self._time(self._now())} {line}"))
        log.warning("%s", line)
        return line

    def _time(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._zone):%H:%M}"

    def problems(self) -> list[str]:
        """Jobs of our own whose trouble goes on; those that ask a source are the source's."""
        bad = [self._schedule.records[name] for name in self._told if not name.startswith("source:")]
        return [f"「{record.label}」没有做成：{record.trouble}" for record in bad]

    def shown(self) -> dict[str, Any]:
        """For the health view: the loop's lag, every job's runs, and what was repaired in the last hour."""
        since = self._clock() - KEPT
        return {
            "loop": {
                "lag_ms": round(1000 * (self._lags[-1] if self._lags else 0)),
                "worst_ms": round(1000 * max(self._lags, default=0)),
            },
            "jobs": {name: record.shown() for name, record in self._schedule.records.items()},
            "repaired": [line for at, line in self._notes if at >= since],
        }


def set_right(db: Database, by: timedelta, now: datetime) -> None:
    """The time of day was set by ``by``, to ``now``: what counts a length keeps it."""
    pending.shift(db, by)
    timers.shift(db, by, now)
