"""HTTP mode: the signature and its window, replays, card call-backs, and no word about why a call was refused."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from dingtalk_world import ALERT, START, World, soon, world
from fakes.dingtalk import CLIENT_SECRET, robot_sign
from hypothesis import given
from hypothesis import strategies as st

from bot.model.card import Post
from bot.model.message import Answer, Press
from bot.platforms.dingtalk.hear import read_message, read_press
from bot.platforms.dingtalk.http import callback_secret
from bot.platforms.dingtalk.webhook import card_sign
from bot.platforms.dingtalk.wire import as_object

CLAIMED = replace(ALERT, must=("李雷 10:49 认领（2分）",), buttons=(), revision=2)


class Street:
    """Our own web server, as the web room would mount the route."""

    def __init__(self, w: World) -> None:
        self.w = w
        self.url = ""

    async def open(self, **over: Any) -> None:
        self.platform = self.w.platform(receive="http", callback_url="https://bot.example/callback/dingtalk", **over)
        await self.platform.start(self.w.ear)
        app = web.Application()
        app.add_routes(self.platform.routes())
        self.runner = web.AppRunner(app, access_log=None)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}/callback/dingtalk"

    async def post(self, body: object, headers: dict[str, str]) -> tuple[int, Any]:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.w.session.post(self.url, data=raw, headers={"Content-Type": "application/json", **headers}) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text.startswith("{") else text

    def signed(self, secret: str = CLIENT_SECRET, late: float = 0.0) -> dict[str, str]:
        stamp = str(int((self.w.at.timestamp() - late) * 1000))
        return {"timestamp": stamp, "sign": robot_sign(secret, stamp)}

    def card_signed(self, late: float = 0.0) -> dict[str, str]:
        stamp = str(int((self.w.at.timestamp() - late) * 1000))
        secret = callback_secret(CLIENT_SECRET)
        return {"x-ddpaas-signature-timestamp": stamp, "x-ddpaas-signature": card_sign(secret, stamp)}


@pytest.fixture
async def s() -> AsyncIterator[Street]:
    async with world() as w:
        street = Street(w)
        yield street
        if street.url:
            await street.runner.cleanup()


async def test_a_body_beyond_256_kib_is_refused_like_any_other_fault_and_nothing_is_heard(s: Street) -> None:
    await s.open()
    fat = {**s.w.fake.message("认领 #12"), "padding": "x" * (256 * 1024)}
    assert await s.post(fat, s.signed()) == (403, "forbidden")
    assert s.w.fake.said == []
    assert (await s.post(s.w.fake.message("认领 #12"), s.signed()))[0] == 200
    await s.w.fake.until(lambda: s.w.fake.said)


async def test_a_body_that_drips_in_is_refused_after_four_seconds(s: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.dingtalk.http.BODY_SECONDS", 0.05)
    await s.open()
    held = asyncio.Event()

    async def drip() -> AsyncIterator[bytes]:
        yield b"{"
        await held.wait()

    async with s.w.session.post(s.url, data=drip(), headers=s.signed()) as answer:
        assert answer.status == 403
        held.set()


async def test_a_signed_message_is_stored_acknowledged_with_silence_and_answered(s: Street) -> None:
    await s.open()
    assert await s.post(s.w.fake.message("认领 #12"), s.signed()) == (200, {"msgtype": "empty"})
    await s.w.fake.until(lambda: s.w.fake.said)
    assert s.w.fake.said[0].text == "收到：认领 #12"


@pytest.mark.parametrize("late", [3_599, -3_599])
async def test_an_hour_either_way_is_accepted(s: Street, late: float) -> None:
    await s.open()
    assert (await s.post(s.w.fake.message("状态"), s.signed(late=late)))[0] == 200


async def test_every_fault_gets_the_same_answer(s: Street) -> None:
    await s.open()
    good, body = s.signed(), s.w.fake.message("状态")
    answers = [
        await s.post(body, {}),
        await s.post(body, s.signed(secret="other")),
        await s.post(body, s.signed(late=3_602)),
        await s.post(body, s.signed(late=-3_602)),
        await s.post(body, {**good, "timestamp": "²"}),
        await s.post(body, {**good, "timestamp": "9" * 400}),
        await s.post(body, {**good, "sign": "签".encode().decode("latin-1")}),
        await s.post(b"no json", good),
        await s.post(b"[" * 100_000, good),
        await s.post(b"\xff\xfe", good),
        await s.post([], good),
        await s.post(body, {**s.card_signed(), "x-ddpaas-signature": "x"}),
    ]
    assert set(map(str, answers)) == {"(403, 'forbidden')"}
    assert s.w.ear.taken == []


async def test_the_old_secret_is_good_while_secrets_are_changed(s: Street) -> None:
    await s.open(client_secret_old="former-secret-55")
    assert (await s.post(s.w.fake.message("一"), s.signed(secret="former-secret-55")))[0] == 200
    assert (await s.post(s.w.fake.message("二"), s.signed()))[0] == 200


async def test_a_replay_does_nothing_again(s: Street) -> None:
    await s.open()
    body, headers = s.w.fake.message("确认 7F3A"), s.signed()
    for _ in range(5):
        assert await s.post(body, headers) == (200, {"msgtype": "empty"})
        await s.w.fake.until(lambda: s.w.fake.said)
    assert len(s.w.ear.answered) == 1


async def test_a_message_without_id_is_known_by_its_call(s: Street) -> None:
    await s.open()
    body, headers = s.w.fake.message("记", msgId=None), s.signed()
    for _ in range(2):
        await s.post(body, headers)
        await s.w.fake.until(lambda: s.w.fake.said)
    assert len(s.w.ear.taken) == 1


async def test_what_cannot_be_stored_is_refused_so_that_dingtalk_tries_again(s: Street) -> None:
    await s.open()
    s.w.ear.full = True
    assert (await s.post(s.w.fake.message("状态"), s.signed()))[0] == 503


async def test_a_press_over_http_is_answered_with_the_new_card(s: Street) -> None:
    await s.open()
    await s.w.fake.until(lambda: s.w.fake.registered)
    assert s.w.fake.registered["callbackRouteKey"] == "wanglou"
    assert s.w.fake.registered["apiSecret"] == callback_secret(CLIENT_SECRET)
    out = (await s.platform.send(s.w.parcel(ALERT), "card")).message_id
    assert s.w.fake.cards[out].body["callbackRouteKey"] == "wanglou"
    s.w.ear.answer_with = lambda heard: Answer((Post("#12 归你"),), Post.of(CLAIMED))
    status, response = await s.post(s.w.fake.pressing(out, "claim"), s.card_signed())
    s.w.fake.apply(out, "user01", response)
    assert status == 200
    assert s.w.fake.cards[out].values["must"] == "李雷 10:49 认领（2分）"


async def test_the_same_press_an_hour_later_is_a_new_press_and_its_replay_is_not(s: Street) -> None:
    await s.open()
    out = (await s.platform.send(s.w.parcel(ALERT), "card")).message_id
    body, first = s.w.fake.pressing(out, "claim"), s.card_signed()
    await s.post(body, first)
    await s.post(body, first)
    s.w.pass_time(60)
    await s.post(body, s.card_signed())
    ids = [press.id for press in s.w.ear.taken if isinstance(press, Press)]
    assert len(ids) == 3
    assert len(set(ids)) == 2


async def test_an_address_that_cannot_be_registered_is_said(s: Street) -> None:
    s.w.fake.fault("/v1.0/card/callbacks/register", (400, {"code": "param.callbackUrlInvalid", "message": "no"}))
    await s.open()
    await s.w.fake.until(lambda: s.w.fake.count("/v1.0/card/callbacks/register"))
    await soon(lambda: s.platform.problems())
    assert "卡片按键收不到" in s.platform.problems()[0]


async def test_in_stream_mode_there_is_no_route(s: Street) -> None:
    assert s.w.platform().routes() == []


async def test_a_slow_house_does_not_keep_dingtalk_waiting(s: Street) -> None:
    await s.open()
    s.w.ear.gate.clear()
    async with asyncio.timeout(20):
        assert (await s.post(s.w.fake.message("趋势"), s.signed()))[0] == 200
    s.w.ear.gate.set()
    await s.w.fake.until(lambda: s.w.fake.said)


async def test_a_large_body_without_signature_is_refused_unread(s: Street) -> None:
    await s.open()
    assert (await s.post(b"[" * 900_000, {}))[0] == 403


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["msgtype", "text", "content", "conversationType", "conversationId", "senderStaffId", "atUsers", "createAt", "msgId",
          "outTrackId", "userId", "sessionWebhookExpiredTime", "spaceId", "spaceType"]  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), JSON | st.sampled_from(["text", "richText", "2", "1", "wl80000000-7"])))
def test_no_body_whatever_breaks_the_readers(body: dict[str, Any]) -> None:
    try:
        heard = read_message(body, bot_name="望楼", name_of=str, now=START)
    except ValueError:
        heard = None
    press = read_press(body)
    assert heard is None or len(heard.message.text.encode()) <= 20_000
    assert press.out == str(body.get("outTrackId") or "")


@given(st.text(), st.binary(max_size=200))
def test_only_an_object_is_an_object(text: str, raw: bytes) -> None:
    assert isinstance(as_object(text), dict)
    assert isinstance(as_object(raw), dict)
    assert as_object('{"a": 1}') == {"a": 1}
    assert len(hashlib.sha256(raw).hexdigest()) == 64
