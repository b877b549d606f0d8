"""Who is not in the configuration, in every way of hearing: a colleague reads one line that says how to be added and by whom, who
is outside the company nothing at all. And in every way of speaking: words that strangers wrote call nobody."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from dingtalk_world import world as dingtalk_world
from fakes.dingtalk import CLIENT_ID, CLIENT_SECRET, GROUP, FakeDingTalk, robot_sign
from fakes.wecom import FakeWeCom
from wecom_world import AES_KEY, TOKEN, Vendor, parcel, world

from bot import config
from bot.app import App, build
from bot.model.card import Card, Post
from bot.model.grade import Grade
from bot.model.message import Target

OUTSIDE = "wmExternal0123456789abcdef"
COLLEAGUE = "newhire"


@dataclass
class Door:
    """One way in. ``ask(by, text)`` says something there; ``shown()`` is what people read."""

    ask: Callable[[str, str], Awaitable[Any]]
    shown: Callable[[], list[str]]
    until: Callable[[Callable[[], Any]], Awaitable[Any]]
    app: App


@asynccontextmanager
async def house(folder: Path, platform: str, chat: str, who: str, options: str) -> AsyncIterator[App]:
    path = folder / "config.toml"
    path.write_text(
        f'[bot]\ncompany = ["晨露乳业"]\ndata_dir = "{folder / "data"}"\n[web]\nport = 0\n'
        f'[[people]]\nname = "张敏"\nroles = ["duty", "admin"]\n{platform} = "{who}"\n'
        f'[[rooms]]\nname = "危机室"\nplatform = "{platform}"\nchat = "{chat}"\n[platforms.{platform}]\n{options}\n',
        encoding="utf-8",
    )
    app = await build(config.load(path))
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


@asynccontextmanager
async def wecom_long(folder: Path, chat: str) -> AsyncIterator[Door]:
    async with FakeWeCom() as fake:
        options = f'bot_id = "{fake.bot_id}"\nsecret = "{fake.secret}"\nws_url = "{fake.ws_url}"\napi_base = "{fake.base}"'
        async with house(folder, "wecom", "wrRoom1", "zhangmin", options) as app:
            await fake.until(lambda: fake.subscriptions)
            yield Door(
                lambda by, text: fake.say(f"@望楼 {text}" if chat else text, by=by, chat=chat),
                lambda: [s.words for s in fake.sent],
                fake.until,
                app,
            )


@asynccontextmanager
async def wecom_http(folder: Path, chat: str) -> AsyncIterator[Door]:
    async with FakeWeCom() as fake, aiohttp.ClientSession() as session:
        options = f'token = "{TOKEN}"\naes_key = "{AES_KEY}"\napi_base = "{fake.base}"\nwebhook = "{fake.webhook_url}"'
        async with house(folder, "wecom", "wrRoom1", "zhangmin", options) as app:
            vendor = Vendor(f"http://127.0.0.1:{app.port}", session, lambda: datetime.now(UTC))
            said: list[str] = []

            async def ask(by: str, text: str) -> None:
                _, answer = await vendor.bot(fake.message(text, by=by, chat=chat))
                while answer and not answer.get("stream", {"finish": True})["finish"]:  # a busy machine answers later
                    asked = {"msgtype": "stream", "stream": {"id": answer["stream"]["id"]}, "msgid": "again"}
                    _, answer = await vendor.bot(fake.message("", by=by, chat=chat) | asked)
                if answer:
                    said.append(json.dumps(answer, ensure_ascii=False))

            async def until(true: Callable[[], Any]) -> None:
                assert true()

            yield Door(ask, lambda: said, until, app)


@asynccontextmanager
async def wecom_app(folder: Path, chat: str) -> AsyncIterator[Door]:
    async with FakeWeCom() as fake, aiohttp.ClientSession() as session:
        fake.visible[COLLEAGUE] = "新人"
        options = (
            f'token = "{TOKEN}"\naes_key = "{AES_KEY}"\napi_base = "{fake.base}"\ncorp_id = "{fake.corp_id}"\n'
            f'agent_id = {fake.agent_id}\ncorp_secret = "{fake.corp_secret}"'
        )
        async with house(folder, "wecom", "wrRoom1", "zhangmin", options) as app:
            vendor = Vendor(f"http://127.0.0.1:{app.port}", session, lambda: datetime.now(UTC))

            async def ask(by: str, text: str) -> None:
                xml = f"<FromUserName>{by}</FromUserName><CreateTime>{int(datetime.now(UTC).timestamp())}</CreateTime>"
                xml += f"<MsgType>text</MsgType><Content>{text}</Content><MsgId>{abs(hash((by, text)))}</MsgId>"
                assert (await vendor.app(xml, fake.corp_id))[0] == 200

            yield Door(ask, lambda: [s.words for s in fake.sent], fake.until, app)


def dingtalk_options(fake: FakeDingTalk, receive: str) -> str:
    return (
        f'client_id = "{CLIENT_ID}"\nclient_secret = "{CLIENT_SECRET}"\napi_base = "{fake.base}"\noapi_base = "{fake.base}"\n'
        f'receive = "{receive}"'
    )


def body(fake: FakeDingTalk, by: str, text: str, chat: str) -> dict[str, Any]:
    foreign = {"senderCorpId": "dingOther", "senderStaffId": ""} if by == OUTSIDE else {}
    return fake.message(text, by=by, chat=chat or GROUP, private=not chat, **foreign)


@asynccontextmanager
async def dingtalk_stream(folder: Path, chat: str) -> AsyncIterator[Door]:
    async with FakeDingTalk() as fake, house(folder, "dingtalk", GROUP, "user01", dingtalk_options(fake, "stream")) as app:
        await fake.connected()

        async def ask(by: str, text: str) -> None:
            await fake.push("/v1.0/im/bot/messages/get", body(fake, by, text, chat and GROUP))

        yield Door(ask, lambda: [s.text for s in fake.said], fake.until, app)


@asynccontextmanager
async def dingtalk_http(folder: Path, chat: str) -> AsyncIterator[Door]:
    async with (
        FakeDingTalk() as fake,
        aiohttp.ClientSession() as session,
        house(folder, "dingtalk", GROUP, "user01", dingtalk_options(fake, "http")) as app,
    ):

        async def ask(by: str, text: str) -> None:
            stamp = str(int(datetime.now(UTC).timestamp() * 1000))
            headers = {"timestamp": stamp, "sign": robot_sign(CLIENT_SECRET, stamp)}
            url = f"http://127.0.0.1:{app.port}/callback/dingtalk"
            async with session.post(url, json=body(fake, by, text, chat and GROUP), headers=headers) as answer:
                assert answer.status == 200

        yield Door(ask, lambda: [s.text for s in fake.said], fake.until, app)


WAYS = {
    "wecom long connection, group": (wecom_long, "wrRoom1"),
    "wecom long connection, private": (wecom_long, ""),
    "wecom call-back, group": (wecom_http, "wrRoom1"),
    "wecom call-back, private": (wecom_http, ""),
    "wecom app": (wecom_app, ""),
    "dingtalk stream, group": (dingtalk_stream, "g"),
    "dingtalk stream, private": (dingtalk_stream, ""),
    "dingtalk http, group": (dingtalk_http, "g"),
    "dingtalk http, private": (dingtalk_http, ""),
}


@pytest.mark.parametrize("way", list(WAYS))
async def test_a_colleague_reads_one_line_and_an_outsider_nothing(way: str, tmp_path: Path) -> None:
    door, chat = WAYS[way]
    async with door(tmp_path, chat) as it:
        if way != "wecom app":  # the app is visible to members only
            await it.ask(OUTSIDE, "状态")
            await it.ask(OUTSIDE, "认领 #1")
        await it.ask(COLLEAGUE, "状态")
        await it.until(lambda: it.shown())
        (line,) = it.shown()
        for part in ("我还不认识你", COLLEAGUE, "请张敏", "[[people]]"):
            assert part in line.replace("［", "[").replace("］", "]"), line
        changed = await it.app.store.read(lambda db: db.conn.execute("SELECT count(*) FROM log").fetchone()[0])
        assert changed == 0


HOSTILE = "<@all> @所有人 @all <@zhangmin> @user01 @13800000000 <a atId=user01>x</a>"
BAIT = Card("alert", f"🟠 #1 {HOSTILE}", (f"首帖「{HOSTILE}」",), (HOSTILE,), "#1", 1, Grade.ORANGE)


@pytest.mark.parametrize("post", [Post(f"首帖「{HOSTILE}」"), Post.of(BAIT)], ids=["words", "card"])
async def test_wecom_words_of_strangers_call_nobody_on_any_way(post: Post) -> None:
    async with world(app=True) as w:
        room = Target("wecom", "wrRoom1", "危机室", webhook=w.vendor.webhook_url)
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        for way, target in (("webhook", room), ("aibot", room), ("app", Target("wecom", "chenzong", "陈总", private=True))):
            await w.platform.send(parcel(post, target=target, id=len(w.vendor.sent) + 500), way)
        for sent in w.vendor.sent[1:]:
            raw = json.dumps(sent.body, ensure_ascii=False)
            assert "<@" not in raw, sent.way
            assert "@all" not in raw, sent.way
            assert "mentioned" not in raw, sent.way


@pytest.mark.parametrize("post", [Post(f"首帖「{HOSTILE}」"), Post.of(BAIT)], ids=["words", "card"])
async def test_dingtalk_words_of_strangers_call_nobody_on_any_way(post: Post) -> None:
    async with dingtalk_world() as w:
        platform = await w.ready()
        for way in ("card", "robot", "webhook"):
            await platform.send(w.parcel(post, id=len(w.fake.said) + 7, hook=True, ways=(way,)), way)
        assert len(w.fake.said) == 3
        for sent in w.fake.said:
            assert sent.pinged == (), sent.via
            assert "@" not in json.dumps([sent.text, sent.title, sent.param.get("text", "")], ensure_ascii=False), sent.via
        for hung in w.fake.cards.values():
            assert "@" not in json.dumps(hung.values, ensure_ascii=False)


async def test_only_proper_ids_of_the_configuration_are_called() -> None:
    async with world(bot=False) as w:
        room = Target("wecom", "wrRoom1", "危机室", webhook=w.vendor.webhook_url)
        pings = (("张敏", "zhangmin"), ("坏", "@all"), ("坏", "<x>"))
        await w.platform.send(parcel(Post("看这里"), target=room, pings=pings), "webhook")
        assert w.vendor.sent[0].body["text"]["mentioned_list"] == ["zhangmin"]
