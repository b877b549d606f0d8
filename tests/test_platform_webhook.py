"""The third platform in one file: signed JSON to one address."""

from __future__ import annotations

import base64
import hashlib
import hmac
import inspect
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from dingtalk_world import ALERT

from bot.errors import DeliveryError
from bot.model.card import Post
from bot.model.message import Parcel, Target
from bot.model.options import Seconds, read_options
from bot.platforms import webhook

AT = datetime(2026, 4, 8, 2, 47, tzinfo=UTC)
SECRET = "hook-secret-1f2e"


class Receiver:
    """Somebody else's server; ``answers`` are the statuses to give, then 204."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.got.append(({key.lower(): value for key, value in request.headers.items()}, await request.read()))
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
        options = webhook.Options(url=receiver.url, secret=SECRET, timeout=Seconds(5))
        yield webhook.Platform(options, session=session, now=lambda: AT)


def parcel(post: Post | None = None, **target: Any) -> Parcel:
    where = Target("webhook", "any", "值班系统", **target)
    return Parcel(7, where, post or Post.of(ALERT, "张敏"), ALERT.grade)


async def test_an_alert_arrives_signed_with_its_words_and_verbs(platform: webhook.Platform, receiver: Receiver) -> None:
    assert platform.ways(parcel().target) == ("post",)
    assert (await platform.send(parcel(), "post")).way == "post"
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
        await platform.send(parcel(Post("行")), "post")
    assert [headers["webhook-id"] for headers, _ in receiver.got] == ["wanglou-7", "wanglou-7"]


async def test_a_rooms_own_address_and_secret_come_first(platform: webhook.Platform, receiver: Receiver) -> None:
    own = parcel(Post("行"), webhook=receiver.url.replace("/hook", "/other"), webhook_secret="x")
    with pytest.raises(DeliveryError) as lost:
        await platform.send(own, "post")
    assert lost.value.outcome == "permanent"


@pytest.mark.parametrize(
    ("status", "outcome"), [(0, "unknown"), (500, "unknown"), (429, "retry"), (401, "permanent"), (302, "permanent")]
)
async def test_each_answer_has_its_outcome_and_is_a_problem_until_something_arrives(
    platform: webhook.Platform, receiver: Receiver, status: int, outcome: str
) -> None:
    receiver.answers = [status]
    with pytest.raises(DeliveryError) as failed:
        await platform.send(parcel(), "post")
    assert failed.value.outcome == outcome
    assert platform.problems()
    await platform.send(parcel(), "post")
    assert platform.problems() == ()


async def test_nobody_listening_means_surely_not_delivered(platform: webhook.Platform) -> None:
    with pytest.raises(DeliveryError) as failed:
        await platform.send(parcel(webhook="http://127.0.0.1:1/hook"), "post")
    assert failed.value.outcome == "retry"


async def test_without_an_address_there_is_no_way_and_check_says_what_to_fill_in() -> None:
    async with aiohttp.ClientSession() as session:
        bare = webhook.Platform(webhook.Options(), session=session, now=lambda: AT)
        assert bare.ways(parcel().target) == ()
        assert [line.ok for line in await bare.check()] == [False]
        unsigned = webhook.Platform(webhook.Options(url="https://x.example"), session=session, now=lambda: AT)
        assert "密钥" in (await unsigned.check())[0].what
        whole = webhook.Platform(replace(unsigned._options, secret=SECRET), session=session, now=lambda: AT)
        assert [line.ok for line in await whole.check()] == [True]


def test_adding_a_platform_is_one_small_file() -> None:
    source = inspect.getsource(webhook)
    assert len(source.splitlines()) < 150
    assert read_options(webhook.Options, {"url": "https://x.example"}, "platforms.webhook").secret == ""
