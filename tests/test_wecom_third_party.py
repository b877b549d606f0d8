"""The fake vendor, proved by clients that are not ours: what they can do with WeCom they can do with it, and it refuses what it should."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from fakes.wecom import FakeWeCom
from wechatpy.enterprise.crypto import WeChatCrypto
from wecom_aibot_sdk import WSClient
from wecom_world import AES_KEY, PNG, TOKEN, Borrowed, eventually, street, world

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


class Quiet:
    def debug(self, *args: Any) -> None: ...

    info = warn = error = debug


@pytest.fixture
async def vendor() -> AsyncIterator[FakeWeCom]:
    async with FakeWeCom() as fake:
        yield fake


@pytest.fixture
async def clients(vendor: FakeWeCom) -> AsyncIterator[Any]:
    made: list[WSClient] = []

    async def connect(*, secret: str = "", wait: str = "authenticated", **more: Any) -> WSClient:
        client = WSClient(
            vendor.bot_id, secret or vendor.secret, ws_url=vendor.ws_url, logger=Quiet(), reconnect_interval=10, **more
        )
        made.append(client)
        done = asyncio.Event()
        client.on(wait, lambda *_: done.set())
        await client.connect()
        async with asyncio.timeout(30):
            await done.wait()
        return client

    yield connect
    for client in made:
        await client.disconnect()
        await client._api_client.close()


def inbox(client: WSClient, event: str) -> asyncio.Queue[dict[str, Any]]:
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    client.on(event, queue.put_nowait)
    return queue


async def test_it_connects_hears_and_answers(vendor: FakeWeCom, clients: Any) -> None:
    client = await clients()
    heard = inbox(client, "message.text")
    await vendor.say("@望楼 状态", by="lilei")
    frame = await asyncio.wait_for(heard.get(), 30)
    assert frame["body"]["text"]["content"] == "@望楼 状态"
    ack = await client.reply_stream(frame, "s1", "在办 2", finish=False)
    assert ack["errcode"] == 0
    await client.reply_stream(frame, "s1", "在办 2, 已结 5", finish=True)
    assert [s.body["stream"]["content"] for s in vendor.sent] == ["在办 2", "在办 2, 已结 5"]


async def test_it_presses_and_repaints_a_card(vendor: FakeWeCom, clients: Any) -> None:
    client = await clients()
    await vendor.say("@望楼 在")
    card = {
        "card_type": "button_interaction",
        "main_title": {"title": "P1 负面声量突增"},
        "button_list": [{"text": "认领", "style": 1, "key": "claim"}],
        "card_action": {"type": 1, "url": "https://example.com/i/42"},
        "task_id": "inc-42-1",
    }
    await client.send_message("wrRoom1", {"msgtype": "template_card", "template_card": card})
    pressed = inbox(client, "event.template_card_event")
    await vendor.press("inc-42-1", "claim")
    frame = await asyncio.wait_for(pressed.get(), 30)
    await client.update_template_card(frame, card | {"main_title": {"title": "#42 已由 李四 认领"}})
    assert [s.way for s in vendor.sent] == ["push", "update"]


async def test_it_uploads_and_shows_a_file(vendor: FakeWeCom, clients: Any) -> None:
    client = await clients()
    await vendor.say("@望楼 在")
    data = os.urandom(1_200_000)
    media = await client.upload_media(data, type="file", filename="声明v1.docx")
    await client.send_media_message("wrRoom1", "file", media["media_id"])
    assert vendor.media[media["media_id"]] == ("声明v1.docx", data)
    assert vendor.sent[-1].body["msgtype"] == "file"


async def test_it_fetches_what_was_sent_to_it(vendor: FakeWeCom, clients: Any) -> None:
    client = await clients()
    got = await client.download_file(vendor.encrypted(PNG, AES_KEY), AES_KEY)
    assert got["buffer"] == PNG


async def test_it_comes_back_after_a_cut(vendor: FakeWeCom, clients: Any) -> None:
    client = await clients()
    heard = inbox(client, "message.text")
    again = asyncio.Event()
    client.on("authenticated", again.set)
    await vendor.drop()
    await asyncio.wait_for(again.wait(), 30)
    await vendor.say("@望楼 在")
    assert (await asyncio.wait_for(heard.get(), 30))["body"]["msgtype"] == "text"


async def test_a_wrong_secret_is_refused(vendor: FakeWeCom, clients: Any) -> None:
    errors: list[str] = []
    client = await clients(secret="wrong", wait="error", max_auth_failure_attempts=1)
    client.on("error", lambda e: errors.append(str(e)))
    assert vendor.refused[0][:2] == ("aibot_subscribe", 853000)


async def test_a_second_connection_throws_the_first_out(vendor: FakeWeCom, clients: Any) -> None:
    first = await clients()
    gone = asyncio.Event()
    first.on("event.disconnected_event", lambda *_: gone.set())
    second = await clients()
    await asyncio.wait_for(gone.wait(), 30)
    heard = inbox(second, "message.text")
    await vendor.say("@望楼 在")
    assert await asyncio.wait_for(heard.get(), 30)


async def test_our_platform_throws_out_a_foreign_client_and_the_other_way_round(clients: Any, vendor: FakeWeCom) -> None:
    foreign = await clients()
    gone = asyncio.Event()
    foreign.on("event.disconnected_event", lambda *_: gone.set())
    async with world(vendor=Borrowed(vendor)) as w:
        await asyncio.wait_for(gone.wait(), 30)
        await clients()
        assert w.platform.bot
        link = w.platform.bot.link
        await eventually(lambda: link.status.yielded)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"msgtype": "markdown", "markdown": {"content": "字" * 6827}}, 45002),
        ({"msgtype": "text", "text": {"content": "x"}}, 40008),
        ({"msgtype": "template_card", "template_card": {"card_type": "button_interaction"}}, 40058),
        ({"msgtype": "file", "file": {"media_id": "nowhere"}}, 40007),
    ],
)
async def test_it_refuses_what_the_vendor_refuses(vendor: FakeWeCom, clients: Any, body: dict[str, Any], code: int) -> None:
    client = await clients()
    await vendor.say("@望楼 在")
    with pytest.raises(Exception, match=str(code)):
        await client.send_message("wrRoom1", body)
    with pytest.raises(Exception, match="93006"):
        await client.send_message("wrroom1", {"msgtype": "markdown", "markdown": {"content": "x"}})


async def test_the_conversation_limit_is_kept(vendor: FakeWeCom, clients: Any) -> None:
    client = await clients()
    await vendor.say("@望楼 在")
    for i in range(30):
        await client.send_message("wrRoom1", {"msgtype": "markdown", "markdown": {"content": str(i)}})
    with pytest.raises(Exception, match="846607"):
        await client.send_message("wrRoom1", {"msgtype": "markdown", "markdown": {"content": "31"}})


async def test_a_call_back_sealed_by_wechatpy_is_heard_and_wechatpy_opens_our_answer() -> None:
    async with world(bot=False, callback=True) as w, street(w.platform) as base, aiohttp.ClientSession() as session:
        crypto = WeChatCrypto(TOKEN, AES_KEY, "")
        stamp = str(int(w.platform.desk.now().timestamp()))
        body = w.vendor.message("@望楼 状态", by="lilei", chat="wrRoom1")
        encrypt = between(crypto.encrypt_message(json.dumps(body), "n1", stamp), "Encrypt")
        signature = hashlib.sha1("".join(sorted([TOKEN, stamp, "n1", encrypt])).encode()).hexdigest()
        query = {"msg_signature": signature, "timestamp": stamp, "nonce": "n1"}
        async with session.post(f"{base}/callback/wecom", params=query, json={"encrypt": encrypt}) as response:
            sealed = await response.json()
        assert (response.status, sealed["nonce"], type(sealed["timestamp"])) == (200, "n1", int)
        clear = crypto.decrypt_message({"Encrypt": sealed["encrypt"]}, sealed["msgsignature"], str(sealed["timestamp"]), "n1")
        assert json.loads(clear)["stream"]["content"] == "收到：状态"


def between(xml: str, tag: str) -> str:
    return xml.split(f"<{tag}><![CDATA[", 1)[1].split("]]>", 1)[0]
