"""The third platform in one file: signed JSON to one address."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import inspect
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from dingtalk_world import ALERT

from bot import config
from bot.app import build
from bot.errors import DeliveryError
from bot.model.card import Post
from bot.model.message import Parcel, Target
from bot.model.options import Seconds, read_options
from bot.platforms import webhook
from bot.store import outbox

AT = datetime(2026, 4, 8, 2, 47, tzinfo=UTC)
SECRET = "hook-secret-1f2e"


class Receiver:
    """Somebody else's server; ``answers`` are the statuses to give, then 204."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.url = ""
        self.arrived = asyncio.Event()

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.got.append(({key.lower(): value for key, value in request.headers.items()}, await request.read()))
        self.arrived.set()
        status = self.answers.pop(0) if self.answers else 204
        if status == 0:
            assert request.transport
            request.transport.abort()
        return web.Response(status=status)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


@pytest.fixture
async def platform(receiver: Receiver) -> AsyncIterator[webhook.Platform]:
    async with aiohttp.ClientSession() as session:
        options = webhook.Options(timeout=Seconds(5))
        yield webhook.Platform(options, session=session, now=lambda: AT)


def parcel(url: str, post: Post | None = None) -> Parcel:
    where = Target("webhook", "", "值班系统", webhook=url, webhook_secret=SECRET if url else "")
    return Parcel(7, where, post or Post.of(ALERT, "张敏"), ALERT.grade)


async def test_an_alert_arrives_signed_with_its_words_and_verbs(platform: webhook.Platform, receiver: Receiver) -> None:
    assert platform.ways(parcel(receiver.url).target) == ("post",)
    assert (await platform.send(parcel(receiver.url), "post")).way == "post"
    headers, body = receiver.got[0]
    data = json.loads(body)
    mac = hmac.new(SECRET.encode(), f"wanglou-7.{headers['webhook-timestamp']}.".encode() + body, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    assert headers["webhook-id"] == "wanglou-7"
    assert (data["to"], data["grade"], data["mentions"]) == ("值班系统", "orange", ["张敏"])
    assert data["card"]["verbs"] == ["认领 #12", "误报 #12", "静音 #12 {choice}"]
    assert "认领 #12" in data["text"]


async def test_a_repeat_carries_the_same_id(platform: webhook.Platform, receiver: Receiver) -> None:
    for _ in range(2):
        await platform.send(parcel(receiver.url, Post("行")), "post")
    assert [headers["webhook-id"] for headers, _ in receiver.got] == ["wanglou-7", "wanglou-7"]


@pytest.mark.parametrize(
    ("status", "outcome"), [(0, "unknown"), (500, "unknown"), (429, "retry"), (401, "permanent"), (302, "permanent")]
)
async def test_each_answer_has_its_outcome_and_is_a_problem_until_something_arrives(
    platform: webhook.Platform, receiver: Receiver, status: int, outcome: str
) -> None:
    receiver.answers = [status]
    with pytest.raises(DeliveryError) as failed:
        await platform.send(parcel(receiver.url), "post")
    assert failed.value.outcome == outcome
    assert platform.problems()
    await platform.send(parcel(receiver.url), "post")
    assert platform.problems() == ()


async def test_nobody_listening_means_surely_not_delivered(platform: webhook.Platform) -> None:
    with pytest.raises(DeliveryError) as failed:
        await platform.send(parcel("http://127.0.0.1:1/hook"), "post")
    assert failed.value.outcome == "retry"


async def test_without_an_address_there_is_no_way_and_check_says_what_to_fill_in() -> None:
    async with aiohttp.ClientSession() as session:
        bare = webhook.Platform(webhook.Options(), session=session, now=lambda: AT)
        assert bare.ways(parcel("").target) == ()
        unsigned = webhook.Platform(webhook.Options(webhook="https://x.example"), session=session, now=lambda: AT)
        assert "webhook_secret" in (await unsigned.check())[0].mend
        whole = webhook.Platform(webhook.Options("https://x.example", SECRET), session=session, now=lambda: AT)
        assert [line.ok for line in await bare.check() + await whole.check()] == [True, True]


async def test_a_room_of_the_configuration_speaks_through_it(receiver: Receiver, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        f'[bot]\ncompany = ["晨露乳业"]\ndata_dir = "{tmp_path / "data"}"\n[web]\nport = 0\n[platforms.webhook]\n'
        f'webhook = "{receiver.url}"\nwebhook_secret = "{SECRET}"\n[[rooms]]\nname = "值班系统"\nplatform = "webhook"\n',
        encoding="utf-8",
    )
    app = await build(config.load(path))
    await app.start()
    try:
        await app.store.run(say)
        await asyncio.wait_for(receiver.arrived.wait(), 30)
    finally:
        await app.stop()
    assert json.loads(receiver.got[0][1])["text"] == "今日无新增"


def say(db: Any) -> None:
    outbox.put(db, Post("今日无新增"), at=AT, kind="notice", reason="digest", room="值班系统")


def test_adding_a_platform_is_one_small_file() -> None:
    source = inspect.getsource(webhook)
    assert len(source.splitlines()) < 150
    assert read_options(webhook.Options, {"webhook": "https://x.example"}, "platforms.webhook").webhook_secret == ""
