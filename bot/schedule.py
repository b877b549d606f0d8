"""The clock on the wall: the only APScheduler. Due moments live in the database; a job here only looks (reliability 11).

Every run is counted: what failed, hung, was skipped or missed stands in ``records`` for the health view, and ``bot.watchdog``
says it in the room when it goes on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

log = logging.getLogger("wanglou.schedule")

Job = Callable[[], Awaitable[object]]
SHARE = 0.8
"""A job ends within this share of its interval."""
GRACE = 5.0
"""So many seconds a cancelled job has to end; then it is left alone and the next run goes on."""
LATE = 2.0
"""A job that did not start for so many intervals was missed."""


@dataclass
class Record:
    """What became of a job's runs. ``started`` and ``bad_since`` are monotonic seconds; ``bad`` counts bad runs in a row."""

    name: str
    label: str
    seconds: float
    limit: float
    job: Job
    runs: int = 0
    failed: int = 0
    hung: int = 0
    skipped: int = 0
    missed: int = 0
    bad: int = 0
    bad_since: float = 0.0
    trouble: str = ""
    started: float = 0.0
    running: bool = field(default=False)

    def shown(self) -> dict[str, Any]:
        """The part that the health view shows."""
        counts = {"runs": self.runs, "failed": self.failed, "hung": self.hung, "skipped": self.skipped, "missed": self.missed}
        return {**counts, "trouble": self.trouble}


class Schedule:
    """Runs jobs at intervals: no misfire cut-off, coalesced, one instance, each with a time limit. ``clock`` is monotonic."""

    def __init__(self, rand: Random, clock: Callable[[], float] = time.monotonic) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._rand = rand
        self._clock = clock
        self._records: dict[str, Record] = {}
        self._scheduler.add_listener(self._skipped, EVENT_JOB_MAX_INSTANCES)

    @property
    def records(self) -> Mapping[str, Record]:
        """Every job and what became of its runs, by name."""
        return self._records

    def every(
        self, name: str, seconds: float, job: Job, *, label: str = "", spread: bool = True, limit: float | None = None
    ) -> None:
        """Runs ``job`` every ``seconds``, with ±10 % jitter; with ``spread`` the first run falls anywhere in the first interval.

        ``limit``: seconds after which a run is hung and cancelled, by default 0.8 of the interval. Looks of a second or two at
        our own rows are given longer: who gives up early while a storm is written would never get its turn."""
        first = self._rand.random() * min(seconds, 30.0) if spread else 0.0
        record = Record(name, label or name, seconds, SHARE * seconds if limit is None else limit, job, started=self._clock())
        self._records[name] = record
        self._scheduler.add_job(
            self._run,
            Interval(seconds, self._rand),
            args=(record,),
            id=name,
            next_run_time=datetime.now(UTC) + timedelta(seconds=first),
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def replan(self) -> None:
        """After the time of day has jumped: every job runs an interval after its last start, as if nothing had happened."""
        now, wall = self._clock(), datetime.now(UTC)
        for job in self._scheduler.get_jobs():
            record = self._records[job.id]
            job.modify(next_run_time=wall + timedelta(seconds=max(0.0, record.seconds - (now - record.started))))

    def overdue(self) -> list[Record]:
        """The jobs that neither run nor started for two intervals (and ten seconds)."""
        now = self._clock()
        return [r for r in self._records.values() if not r.running and now - r.started > LATE * r.seconds + 10.0]

    def at_once(self, name: str) -> None:
        """Plans the next run of a job for now."""
        self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    async def _run(self, record: Record) -> None:
        now = self._clock()
        if record.runs and now - record.started > LATE * record.seconds + 10.0:
            record.missed += int((now - record.started) / record.seconds) - 1
        record.started, record.running = now, True
        record.runs += 1
        try:
            why = await self._outcome(record)
        except asyncio.CancelledError:
            return
        finally:
            record.running = False
        if why:
            record.bad_since = record.bad_since if record.bad else self._clock()
            record.bad += 1
            log.warning("job %s: %s", record.name, why)
        else:
            record.bad = 0
        record.trouble = why

    async def _outcome(self, record: Record) -> str:
        """Runs the job once; empty where it went well, else what went wrong."""
        task: asyncio.Future[object] = asyncio.ensure_future(record.job())
        try:
            await asyncio.wait({task}, timeout=record.limit)
            if not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=GRACE)
                record.hung += 1
                return f"超过{record.limit:.0f}秒没有做完，已停下"
        except asyncio.CancelledError:
            task.cancel()
            raise
        if task.cancelled() or (error := task.exception()) is None:
            return ""
        log.error("job %s failed", record.name, exc_info=error)
        record.failed += 1
        return f"出错（{type(error).__name__}）"

    def _skipped(self, event: JobExecutionEvent) -> None:
        self._records[event.job_id].skipped += 1


class Interval(BaseTrigger):  # type: ignore[misc]
    """Each run an interval after the last, counted from now: a clock that was set forward brings one run, not a burst."""

    def __init__(self, seconds: float, rand: Random) -> None:
        self._seconds = seconds
        self._rand = rand

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """``now`` and an interval, with ±10 % jitter from ten seconds on."""
        jitter = self._seconds * 0.1 * (2 * self._rand.random() - 1) if self._seconds >= 10 else 0.0
        return now + timedelta(seconds=self._seconds + jitter)
