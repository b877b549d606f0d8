"""Nights on which we hear nobody, with the real process: sockets that are dead without a word, and a second house with the same
bot. Only the seconds are shorter than in life; ``test_the_seconds_of_life`` holds those."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from fakes.dingtalk import TEMPLATE, FakeDingTalk
from fakes.wecom import FakeWeCom

from bot.platforms.dingtalk.stream import Pace
from bot.platforms.wecom.timing import Timing
from tests.process import Bot, Client
from tests.process_vendors import MAYBE_TWICE, SEND, alerts, dingtalk, grave_news, rows, until, wecom

pytestmark = pytest.mark.process
HURRY = """
from datetime import timedelta
import bot.listening, bot.platforms.wecom, bot.platforms.dingtalk.stream as stream
from bot.schedule import Schedule
from functools import partial
bot.platforms.wecom.Timing = partial(bot.platforms.wecom.Timing, first=0.1, longest=0.5, grace=0.5, yielding=600.0)
stream.Pace = partial(stream.Pace, first=0.1, most=0.5)
bot.listening.PATIENCE = timedelta(seconds=1)
every = Schedule.every
Schedule.every = lambda it, name, seconds, job, **more: every(it, name, 0.5 if name == "listening" else seconds, job, **more)
"""
PULSE = """
bot.platforms.wecom.Timing = partial(bot.platforms.wecom.Timing, ping=0.5, ack=2.0)
stream.Pace = partial(stream.Pace, heartbeat=2.0)
"""
"""A quick pulse takes a slow machine for a dead vendor: only where a dead one is to be found."""
DEAF = "口令和按键现在没有回应"


@asynccontextmanager
async def hurried(path: Path, prelude: str = HURRY) -> AsyncIterator[Client]:
    """The real process with shorter seconds."""
    bot = await Bot(path, prelude).start()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        try:
            yield Client(session, bot)
        finally:
            await bot.end()


def test_the_seconds_of_life() -> None:
    """WeCom: two pings of 30 s unanswered (protocol page 2.6). DingTalk: no pong within half of 30 s (2.3)."""
    wecom_timing, pace = Timing(), Pace()
    assert (wecom_timing.ping, wecom_timing.misses, wecom_timing.ack, wecom_timing.longest) == (30, 2, 5, 30)
    assert wecom_timing.yielding >= 60
    assert (pace.heartbeat, pace.first, pace.most) == (30, 1, 60)


async def problems(client: Client) -> str:
    return json.dumps((await client.health())["problems"], ensure_ascii=False)


async def test_wecom_a_socket_dead_without_a_word_is_noticed_and_nothing_is_lost(tmp_path: Path) -> None:
    async with FakeWeCom() as fake, hurried(wecom(fake, tmp_path, webhook=False), HURRY + PULSE) as client:
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: fake.sent)
        begun = fake.subscriptions
        fake.go_half_open()
        await grave_news(client)
        await fake.until(lambda: fake.subscriptions > begun)
        await fake.until(lambda: alerts(fake))
        (shown,) = alerts(fake)
        assert rows(tmp_path, "SELECT count(*) FROM outbox WHERE state IN ('failed', 'unknown') AND kind = 'alert'") == [(0,)]
        outcomes = "SELECT outcome FROM attempts a JOIN outbox o ON o.id = a.outbox WHERE o.kind = 'alert' ORDER BY a.id"
        await until(lambda: rows(tmp_path, outcomes)[-1] == ("sent",))
        tried = [outcome for (outcome,) in rows(tmp_path, outcomes)]
        assert (MAYBE_TWICE in shown) == ("unknown" in tried)
        await fake.say("@望楼 状态")
        await fake.until(lambda: any("#1" in s.words and s.way == "reply" for s in fake.sent))


async def test_dingtalk_a_socket_dead_without_a_word_is_noticed(tmp_path: Path) -> None:
    async with FakeDingTalk() as fake, hurried(dingtalk(fake, tmp_path), HURRY + PULSE) as client:
        await fake.connected()
        fake.frozen = True
        await fake.until(lambda: fake.opened >= 2)
        fake.frozen = False
        opened = fake.opened
        await fake.until(lambda: fake.opened > opened or fake.pongs)
        await grave_news(client)
        await fake.until(lambda: any("每小时" in s.text for s in fake.said))
        await fake.say("状态")
        await fake.until(lambda: any("#1" in s.text and s.via == "session" for s in fake.said))


async def test_wecom_a_bot_taken_elsewhere_is_told_to_the_room_and_not_fought_over(tmp_path: Path) -> None:
    """The room hears of it by its own robot; nobody is kicked back; the house says when it hears again."""
    async with FakeWeCom() as fake, hurried(wecom(fake, tmp_path, webhook=True)) as client:
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: fake.sent)
        async with aiohttp.ClientSession() as elsewhere, elsewhere.ws_connect(fake.ws_url) as socket:
            body = {"bot_id": fake.bot_id, "secret": fake.secret}
            await socket.send_json({"cmd": "aibot_subscribe", "headers": {"req_id": "elsewhere"}, "body": body})
            assert (await socket.receive_json())["errcode"] == 0
            there = fake.subscriptions
            await fake.until(lambda: any(DEAF in s.words for s in fake.sent))
            (told,) = [s for s in fake.sent if DEAF in s.words]
            assert told.way == "webhook"
            assert "另一个进程正在用同一个机器人" in told.words
            assert "另一个进程正在用同一个机器人" in await problems(client)
            await grave_news(client)
            await fake.until(lambda: alerts(fake))
            assert fake.subscriptions == there
        assert not [f for f in fake.frames if f["cmd"] == SEND and DEAF in json.dumps(f, ensure_ascii=False)]


async def test_wecom_two_houses_with_one_bot_do_not_fight_and_the_later_one_answers(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    async with FakeWeCom() as fake, hurried(wecom(fake, one, webhook=True)) as first:
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: fake.sent)
        async with hurried(wecom(fake, two, webhook=False)) as second:
            await fake.until(lambda: fake.subscriptions == 2)
            await fake.until(lambda: any(DEAF in s.words for s in fake.sent))
            await fake.say("@望楼 我是谁")
            await fake.until(lambda: len([s for s in fake.sent if "张敏" in s.words and s.way == "reply"]) >= 2)
            assert fake.subscriptions == 2
            assert (await first.health())["ok"] is False
            assert (await second.health())["ok"] is True
        assert [rows(folder, "SELECT count(*) FROM inbox") for folder in (one, two)] == [[(1,)], [(1,)]]


async def test_dingtalk_two_houses_with_one_app_share_the_frames_and_each_is_answered_once(tmp_path: Path) -> None:
    """DingTalk deals the frames out among the connections; what can be seen of it, a press on the other's card, is said."""
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    async with FakeDingTalk() as fake, hurried(dingtalk(fake, one, template=TEMPLATE)) as first:
        await fake.connected()
        await grave_news(first)
        await fake.until(lambda: fake.cards)
        (out,) = list(fake.cards)
        async with hurried(dingtalk(fake, two, template=TEMPLATE)) as second:
            await fake.connected(2)
            for n in range(4):
                fake.sockets.reverse()  # frames go to the newest of the fake's list: now to this house, now to that
                await fake.say(f"我是谁 {n}")
            await fake.until(lambda: len([s for s in fake.said if "张敏" in s.text and s.via == "session"]) >= 4)
            assert len([s for s in fake.said if "张敏" in s.text and s.via == "session"]) == 4
            heard = [rows(folder, "SELECT count(*) FROM inbox")[0][0] for folder in (one, two)]
            assert sorted(heard) == [2, 2]

            presses = 0
            while "另有一处望楼" not in await problems(second):
                fake.sockets.reverse()
                await fake.press(out, "claim", incident="1")
                presses += 1
                assert presses < 5
            await fake.until(lambda: any("另一处运行的望楼" in s.text for s in fake.said))
            assert rows(two, "SELECT count(*) FROM incidents") == [(0,)]


async def test_a_second_process_on_the_same_folder_does_not_start(tmp_path: Path) -> None:
    async with FakeDingTalk() as fake:
        path = dingtalk(fake, tmp_path)
        async with hurried(path):
            await fake.connected()
            with pytest.raises(AssertionError, match="另一个"):
                await Bot(path).start()
            assert fake.opened == 1
