"""The fake DingTalk, proved by a client that is not ours: the vendor's own Python SDK speaks to it and is understood.

The SDK's addresses are pointed at the fake, its look-up of the local address is replaced, and its upload, whose address is
built in, is turned round before it leaves the process.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import dingtalk_stream
import pytest
import requests
from dingtalk_stream import card_replier, chatbot, stream
from dingtalk_world import World, world
from fakes.dingtalk import CLIENT_ID, CLIENT_SECRET, GROUP, TEMPLATE, FakeDingTalk

MESSAGES, CARDS = "/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback"
BUILT_IN = "https://oapi.dingtalk.com"
log = logging.getLogger("test.dingtalk.sdk")


class Peer(dingtalk_stream.ChatbotHandler):
    """Keeps what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[dingtalk_stream.ChatbotMessage] = []

    async def process(self, callback: Any) -> tuple[int, Any]:
        self.heard.append(dingtalk_stream.ChatbotMessage.from_dict(callback.data))
        return dingtalk_stream.AckMessage.STATUS_OK, None


class Presses(dingtalk_stream.CallbackHandler):
    """Answers a press with a new card."""

    async def process(self, callback: Any) -> tuple[int, Any]:
        pressed = dingtalk_stream.CardCallbackMessage.from_dict(callback.data)
        key = pressed.content["cardPrivateData"]["params"]["key"]
        return 200, {
            "cardUpdateOptions": {"updateCardDataByKey": True},
            "cardData": {"cardParamMap": {"status": f"{key} by {pressed.user_id}"}},
        }


class Sdk:
    def __init__(self, fake: FakeDingTalk, secret: str = CLIENT_SECRET) -> None:
        self.client = dingtalk_stream.DingTalkStreamClient(dingtalk_stream.Credential(CLIENT_ID, secret), logger=log)
        self.peer = Peer()
        self.client.register_callback_handler(MESSAGES, self.peer)
        self.client.register_callback_handler(CARDS, Presses())
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.task = asyncio.create_task(self.client.start())

    async def stop(self) -> None:
        if self.task:
            await self.client.stop()
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task


@pytest.fixture
async def w(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with world() as made:
        base = made.fake.base
        monkeypatch.setattr(
            dingtalk_stream.DingTalkStreamClient, "OPEN_CONNECTION_API", f"{base}/v1.0/gateway/connections/open"
        )
        monkeypatch.setattr(dingtalk_stream.DingTalkStreamClient, "get_host_ip", lambda self: "127.0.0.1")
        monkeypatch.setattr(dingtalk_stream.DingTalkStreamClient, "RECONNECT_BASE_DELAY_SECONDS", 0.01)
        monkeypatch.setattr(dingtalk_stream.DingTalkStreamClient, "RECONNECT_JITTER_SECONDS", 0)
        for module in (stream, chatbot, card_replier):
            monkeypatch.setattr(module, "DINGTALK_OPENAPI_ENDPOINT", base)
        post = requests.post
        monkeypatch.setattr(stream.requests, "post", lambda url, **kw: post(url.replace(BUILT_IN, base), **kw))
        yield made


@pytest.fixture
async def sdk(w: World) -> AsyncIterator[Sdk]:
    made = Sdk(w.fake)
    await made.start()
    await w.fake.connected()
    yield made
    await made.stop()


async def test_it_connects_and_receives_a_message(w: World, sdk: Sdk) -> None:
    ack = await w.fake.say("指派 7")
    (heard,) = sdk.peer.heard
    assert (heard.text.content.strip(), heard.sender_staff_id, heard.conversation_id) == ("指派 7", "user01", GROUP)
    assert (ack["code"], json.loads(ack["data"])) == (200, {"response": None})


async def test_it_replies_by_the_session_webhook(w: World, sdk: Sdk) -> None:
    await w.fake.say("状态")
    message = sdk.peer.heard[0]
    assert (await asyncio.to_thread(sdk.peer.reply_text, "@user01 未结1件", message))["errcode"] == 0
    assert (await asyncio.to_thread(sdk.peer.reply_markdown, "状态", "**#12** 橙", message))["errcode"] == 0
    assert [(said.kind, said.to, said.pinged) for said in w.fake.said] == [
        ("text", GROUP, ("user01",)),
        ("markdown", GROUP, ()),
    ]


async def test_it_creates_a_card_in_one_step_and_in_two_and_takes_a_press(w: World, sdk: Sdk) -> None:
    await w.fake.say("状态")
    replier = dingtalk_stream.CardReplier(sdk.client, sdk.peer.heard[0])
    one = await asyncio.to_thread(replier.create_and_deliver_card, TEMPLATE, {"title": "#12"}, at_sender=True)
    two = await asyncio.to_thread(replier.create_and_send_card, TEMPLATE, {"title": "#13"})
    assert [w.fake.cards[out].to for out in (one, two)] == [GROUP, GROUP]
    await w.fake.press(one, "claim", by="user02")
    assert w.fake.cards[one].values == {"title": "#12", "status": "claim by user02"}
    await asyncio.to_thread(replier.put_card_data, two, {"title": "#13 已关"})
    assert w.fake.cards[two].values["title"] == "#13 已关"


async def test_it_uploads_a_picture(w: World, sdk: Sdk) -> None:
    media = await asyncio.to_thread(sdk.client.upload_to_dingtalk, b"\x89PNG")
    assert w.fake.media[media] == ("image", "image.png", b"\x89PNG")


async def test_it_answers_a_ping_and_comes_back_after_a_cut_and_after_a_disconnect(w: World, sdk: Sdk) -> None:
    ack = await w.fake.push("ping", {"opaque": "x"}, kind="SYSTEM")
    assert json.loads(ack["data"]) == {"opaque": "x"}
    await w.fake.cut()
    await w.fake.connected(2)
    assert (await w.fake.say("一"))["code"] == 200
    await w.fake.push("disconnect", {"reason": "connection is expired"}, kind="SYSTEM")
    await w.fake.connected(3)
    await w.fake.until(lambda: len(w.fake.sockets) == 1)
    assert (await w.fake.say("二"))["code"] == 200


async def test_a_wrong_secret_opens_nothing(w: World) -> None:
    wrong = Sdk(w.fake, "wrong-secret-91")
    assert await asyncio.to_thread(wrong.client.open_connection) is None
    assert await asyncio.to_thread(wrong.client.get_access_token) is None
    assert w.fake.opened == 0


async def test_ours_and_theirs_acknowledge_the_same_frames_with_the_same_words(w: World, sdk: Sdk) -> None:
    frames = [(MESSAGES, w.fake.message("状态"), "CALLBACK"), ("ping", {"opaque": "y"}, "SYSTEM")]
    theirs = [await w.fake.push(topic, data, kind=kind) for topic, data, kind in frames]
    await sdk.stop()
    await w.running()
    ours = [await w.fake.push(topic, data, kind=kind) for topic, data, kind in frames]
    for one, other in zip(ours, theirs, strict=True):
        assert one["code"] == other["code"]
        assert set(one["headers"]) == set(other["headers"])
        assert json.loads(one["data"]) == json.loads(other["data"])
