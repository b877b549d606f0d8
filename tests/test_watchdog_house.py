"""The whole house, wired as it runs, while its time of day is set: said in the room, shown in health, nothing repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.app import App, build, health
from bot.config import Config
from bot.model.card import Post
from bot.store import outbox, pending, timers
from bot.watchdog import Steady

MOST = 20.0


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(MOST):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def sent(app: App) -> list[outbox.Row]:
    return outbox.in_state(app.store._reader(), "sent", datetime(2000, 1, 1, tzinfo=UTC))


def waits(app: App, at: datetime) -> None:
    """A confirmation that waits two minutes, and a row whose next try is in ten seconds."""

    def change(db: Any) -> None:
        pending.ask(
            db,
            person="陈总",
            room="危机室",
            verb="grade",
            body={},
            echo="",
            fingerprint="",
            at=at,
            expires_at=at + timedelta(minutes=2),
        )
        outbox.put(db, Post("稍后再试"), at=at, kind="notice", reason="x", room="危机室", not_before=at + timedelta(minutes=20))

    app.store.run_now(change)


@pytest.mark.parametrize(("by", "words"), [(timedelta(hours=-1), "往回跳了1时"), (timedelta(days=1), "往前跳了1天")])
async def test_the_running_house_sets_itself_right_when_its_clock_jumps(config: Config, by: timedelta, words: str) -> None:
    off = timedelta()
    config = replace(config, web=replace(config.web, port=0), sources=())
    app = await build(config, clock=Steady(lambda: datetime.now(UTC) + off))
    await app.start()
    try:
        begun = app.clock()
        waits(app, begun)
        off = by
        await until(lambda: any(words in row.post.text for row in sent(app)))
        report = await health(app)
        assert report["ok"], report["problems"]
        assert words in report["repaired"][0]
        (lapse,) = await app.store.read(pending.waiting, app.clock())
        assert timedelta(seconds=90) < lapse.expires_at - app.clock() <= timedelta(seconds=120)
        await until(lambda: any(row.post.text == "稍后再试" for row in sent(app)))
        said = [row.post.text for row in sent(app)]
        assert len([text for text in said if words in text]) == 1
        assert said.count("稍后再试") == 1
        runs = app.schedule.records["timers"].runs
        await until(lambda: app.schedule.records["timers"].runs > runs)
        assert await app.store.read(timers.due, app.clock()) == []
    finally:
        await app.stop()
