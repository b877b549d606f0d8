"""The whole house behind WeCom: the real parts, the fake vendor, and nights on which the vendor is away."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.wecom import FakeWeCom
from wecom_world import ALERT, CARDS, QUICK, eventually

from bot import config
from bot.app import App, build, health
from bot.model.card import Card, Post
from bot.model.grade import Grade
from bot.store import outbox

START = datetime(2026, 12, 3, 1, 48, tzinfo=UTC)


class Clock:
    """A clock fifty times as quick as ours, and quicker when it is told so."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._ahead = 0.0

    def __call__(self) -> datetime:
        return START + timedelta(seconds=self._ahead + 50 * (time.monotonic() - self._began))

    def later(self, seconds: float) -> None:
        self._ahead += seconds


@asynccontextmanager
async def house(fake: FakeWeCom, folder: Path, clock: Clock, *, webhook: bool) -> AsyncIterator[App]:
    robot = f'webhook = "{fake.webhook_url}"' if webhook else ""
    path = folder / "config.toml"
    path.write_text(
        f'[bot]\ncompany = ["晨露乳业"]\ndata_dir = "{folder / "data"}"\n[web]\nport = 0\n'
        '[[people]]\nname = "张敏"\nroles = ["duty", "admin"]\nwecom = "zhangmin"\n'
        f'[[rooms]]\nname = "危机室"\nplatform = "wecom"\nchat = "wrRoom1"\n{robot}\n'
        '[[watch]]\nname = "晨露"\nany = ["晨露乳业"]\n'
        f'[platforms.wecom]\nbot_id = "{fake.bot_id}"\nsecret = "{fake.secret}"\nws_url = "{fake.ws_url}"\napi_base = "{fake.base}"\n',
        encoding="utf-8",
    )
    app = await build(config.load(path), clock=clock)
    link = app.platforms["wecom"].bot.link  # type: ignore[attr-defined]
    link.timing = replace(QUICK, ack=2.0, ping=30.0, grace=20.0)
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


@pytest.fixture
async def fake() -> AsyncIterator[FakeWeCom]:
    async with FakeWeCom() as made:
        yield made


async def put(app: App, card: Card, grade: Grade, **over: Any) -> None:
    post = Post.of(card, *over.pop("mentions", ()))

    def change(db: Any) -> None:
        outbox.put(db, post, at=app.clock(), kind="alert", reason="raised", room="危机室", grade=grade, **over)

    await app.store.run(change)


async def test_an_alert_is_pressed_and_repainted_through_the_whole_house(fake: FakeWeCom, tmp_path: Path) -> None:
    async with house(fake, tmp_path, Clock(), webhook=True) as app:
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: fake.sent)
        await put(app, ALERT, Grade.ORANGE, mentions=("张敏",))
        await fake.until(lambda: len(fake.sent) >= 3)
        card, ping = fake.sent[1:]
        assert (card.way, ping.way) == ("push", "webhook")
        assert ping.body["text"]["mentioned_list"] == ["zhangmin"]
        await fake.press(card.body["template_card"]["task_id"], "claim")
        await fake.until(lambda: len(fake.sent) >= 4)
        assert "#16" in fake.sent[3].words
        assert (await health(app))["problems"] == []


async def test_while_the_bot_is_away_the_rooms_robot_speaks_and_says_so(fake: FakeWeCom, tmp_path: Path) -> None:
    async with house(fake, tmp_path, Clock(), webhook=True) as app:
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: fake.sent)
        fake.trouble("aibot_subscribe", "cut", times=10_000)
        await fake.drop()
        await put(app, ALERT, Grade.ORANGE, mentions=("张敏",))
        await fake.until(lambda: len(fake.sent) >= 2)
        assert fake.sent[1].way == "webhook"
        assert "（备用通道）" in fake.sent[1].words
        assert "<@zhangmin>" in fake.sent[1].words


async def test_a_vendor_away_for_half_an_hour_loses_nothing_and_hears_no_stale_headline(
    fake: FakeWeCom, tmp_path: Path
) -> None:
    clock = Clock()
    async with house(fake, tmp_path, clock, webhook=False) as app:
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: fake.sent)
        fake.trouble("aibot_subscribe", "cut", times=100_000)
        await fake.drop()
        await eventually(lambda: not app.platforms["wecom"].bot.link.ready)  # type: ignore[attr-defined]
        await put(app, ALERT, Grade.ORANGE)
        for minute in (0, 10, 20):
            clock.later(600)
            await put(app, replace(CARDS["headline"], title=f"🔴 红 #12 第{minute}分"), Grade.RED, collapse="headline 12")
        await put(app, CARDS["ask"], Grade.BLUE)
        assert len(fake.sent) == 1
        fake._trouble["aibot_subscribe"].clear()
        await fake.until(lambda: len(fake.sent) >= 4)
        words = " ".join(s.words for s in fake.sent[1:])
        assert "第20分" in words
        assert "第0分" not in words
        assert "第10分" not in words
        assert "还在处理 #12 吗" in fake.sent[3].words
        assert "#16" in words
        clock.later(60)
        await app.delivery.idle()
        assert len(fake.sent) == 4


async def test_an_alert_of_unknown_end_is_said_once_more_and_marked(fake: FakeWeCom, tmp_path: Path) -> None:
    async with house(fake, tmp_path, Clock(), webhook=False) as app:
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: fake.sent)
        fake.trouble("aibot_send_msg", "lose")
        await put(app, ALERT, Grade.ORANGE)
        await fake.until(lambda: len(fake.sent) >= 3)
        await app.delivery.idle()
        assert ["（可能重复）" in s.words for s in fake.sent[1:]] == [False, True]


async def test_a_robot_that_is_gone_does_not_take_the_alert_with_it(fake: FakeWeCom, tmp_path: Path) -> None:
    async with house(fake, tmp_path, Clock(), webhook=True) as app:
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: fake.sent)
        fake.trouble("aibot_send_msg", "code", 93006)
        await put(app, ALERT, Grade.ORANGE)
        await fake.until(lambda: len(fake.sent) >= 2)
        assert fake.sent[1].way == "webhook"
        assert "（备用通道）" in fake.sent[1].words
