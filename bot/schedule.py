"""The clock on the wall: the only APScheduler. Due moments live in the database; a job here only looks (reliability 11)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from random import Random

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger("wanglou.schedule")

Job = Callable[[], Awaitable[object]]
SHARE = 0.8
"""A job ends within this share of its interval."""


class Schedule:
    """Runs jobs at intervals: no misfire cut-off, coalesced, one instance, a time limit shorter than the interval."""

    def __init__(self, rand: Random, on_trouble: Callable[[str, str], None]) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._rand = rand
        self._trouble = on_trouble
        self._scheduler.add_listener(self._skipped, EVENT_JOB_MAX_INSTANCES)

    def every(self, name: str, seconds: float, job: Job, *, spread: bool = True, limit: float | None = None) -> None:
        """Runs ``job`` every ``seconds``, with ±10 % jitter; with ``spread`` the first run falls anywhere in the first interval."""
        first = self._rand.random() * min(seconds, 30.0) if spread else 0.0
        self._scheduler.add_job(
            self._limited(name, job, limit if limit is not None else max(0.5, SHARE * seconds)),
            "interval",
            seconds=seconds,
            jitter=seconds * 0.1 if seconds >= 10 else None,
            id=name,
            next_run_time=datetime.now(UTC) + timedelta(seconds=first),
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _limited(self, name: str, job: Job, limit: float) -> Job:
        async def run() -> None:
            try:
                await asyncio.wait_for(job(), limit)
            except asyncio.CancelledError:
                return
            except TimeoutError:
                self._trouble(name, f"超过{limit:.0f}秒没有做完，已停下")
            except Exception as error:
                log.exception("job %s failed", name)
                self._trouble(name, type(error).__name__)

        return run

    def _skipped(self, event: JobExecutionEvent) -> None:
        self._trouble(str(event.job_id), "上一次还没做完，这一次跳过")
