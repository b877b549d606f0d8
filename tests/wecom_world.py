"""A fake world around the real WeCom platform: an ear that remembers, a memory that forgets at the end, a vendor on a free port."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from fakes.wecom import FakeWeCom
from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto

from bot.model.card import Button, Card, File, Link, Option, Post
from bot.model.grade import Grade
from bot.model.message import Answer, Message, Parcel, Press, Target
from bot.platforms.wecom import Options, Platform, Timing

NOW = datetime(2026, 11, 20, 2, 49, tzinfo=UTC)
TOKEN = "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo"
AES_KEY = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
QUICK = Timing(
    connect=2.0,
    ack=0.4,
    write=0.4,
    ping=0.05,
    misses=2,
    first=0.01,
    longest=0.05,
    refused=0.05,
    yielding=0.2,
    close=0.1,
    grace=0.0,
)
ROOM = Target("wecom", "wrRoom1", "危机室")
BOSS = Target("wecom", "chenzong", "陈总", private=True)

ALERT = Card(
    kind="alert",
    title="🟠 橙（建议）#16 奶粉批次反映皮疹",
    lines=(
        "3个平台，每小时131条，仍在升",
        "依据 两项达橙：速度9.1×、3个平台；热度63",
        "负面58%（下限51%，样本212）｜最高信源 B 城市广播",
        "首帖 小红书 09:42：「宝宝喝了起疹子…」 Z-77",
    ),
    must=("请值班长 张敏 11:02 前认领（15分）",),
    number="#16",
    incident=16,
    grade=Grade.ORANGE,
    buttons=(
        Button("claim", "认领", "认领 #16", "primary"),
        Button("false_alarm", "误报", "误报 #16", "danger"),
        Button("merge", "并入", "16 并到 {choice}", options=(Option("12", "#12 瓶盖异味"), Option("13", "#13 客服推诿"))),
        Button("mute", "静音", "静音 #16 {choice}", options=(Option("10分钟", "10分钟"), Option("30分钟", "30分钟"))),
    ),
    links=(Link("看依据", "https://example.com/i/16"),),
)
CARDS = {
    "alert": ALERT,
    "headline": Card(
        kind="headline",
        title="🔴 红 #12 奶粉批次反映皮疹｜处置中",
        lines=("首发 D1 已发 11:58", "T5 下架MA0423 林工 18:00", "再通报 16:00 前"),
        must=("归 李雷",),
        number="#12",
        incident=12,
        grade=Grade.RED,
        confirmed=True,
        buttons=(Button("brief", "简报", "简报 #12"),),
        revision=3,
    ),
    "signoff": Card(
        kind="signoff",
        title="D1 v3·C20E 首发声明 待签",
        lines=("官网、微博｜下次通报 今天16:00", "已签 公关 王磊、法务 何静"),
        must=("等 业务 林工、指挥 陈总",),
        number="D1",
        incident=12,
        buttons=(Button("approve", "同意", "同意 D1", "primary"), Button("reject", "退回", "退回 D1", "danger")),
    ),
    "brief": Card(
        kind="brief",
        title="【领导简报】#12 奶粉批次 橙",
        lines=("三地家长反映，尚无确诊，央媒未报", "首发声明 11:58 已发", "今晚看点：检测结果"),
        must=("要您定：是否先行下架",),
        number="#12",
        incident=12,
        grade=Grade.ORANGE,
        confirmed=True,
        links=(Link("全文", "https://example.com/b/12"),),
    ),
    "ask": Card(
        kind="ask",
        title="还在处理 #12 吗？",
        must=("李雷 11:20 前回一句",),
        number="#12",
        incident=12,
        buttons=(Button("assess", "研判", "研判 #12"), Button("hand_over", "转交", "转交 #12")),
    ),
    "confirm": Card(
        kind="ask",
        title="李雷提请：结案 #12 奶粉批次反映皮疹（检测合格已公布）：静默48时，热度0，未了任务3项、时限0个",
        lines=("2分钟内按「确认」或回：确认",),
        incident=12,
        buttons=(Button("confirm", "确认", "确认 李雷", "danger"), Button("refuse", "退回", "确认 退回 李雷")),
    ),
    "sitrep": Card(
        kind="ask",
        title="速报1 #12 奶粉批次反映皮疹：14:47 前发",
        lines=(
            "情况：热度59，每小时150条，负面98%（样本151），3个平台",
            "新增：客服今早接到4个同批次来电，都是MA0423（已核实）；就诊1例，情况稳定（已核实）",
            "要办：T4 联系家属（小刘）、T2 核实就诊人数（林工）、T3 封存留样（林工）",
            "时限：首次发声 14:47 前；完整说明 12-05 10:47 前",
        ),
        incident=12,
        grade=Grade.ORANGE,
        confirmed=True,
        buttons=(Button("sitrep_send", "发", "照报 #12", "primary"), Button("sitrep_same", "无变化", "无变化 #12")),
    ),
}


@dataclass
class Ear:
    """Remembers what it took, in order, and answers by the words said or the key pressed."""

    taken: list[Message | Press] = field(default_factory=list)
    answered: list[Message | Press] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    broken: bool = False
    gate: asyncio.Event | None = None
    order: list[str] = field(default_factory=list)
    paints: list[Post | None] = field(default_factory=list)
    ends: list[tuple[str, tuple[Post, ...]]] = field(default_factory=list)

    async def take(self, heard: Message | Press) -> None:
        if self.broken:
            raise OSError("disk full")
        self.taken.append(heard)
        self.order.append(f"take {heard.id}")

    async def answer(self, heard: Message | Press) -> Answer:
        if self.gate:
            await self.gate.wait()
        self.answered.append(heard)
        self.order.append(f"answer {heard.id}")
        said = heard.text if isinstance(heard, Message) else heard.key
        return self.answers.get(said, Answer((Post(f"收到：{said}"),)))

    async def told(self, heard: Message | Press, left: Sequence[Post] = ()) -> None:
        self.ends.append((heard.id, tuple(left)))

    async def painted(self, press: Press, post: Post | None) -> None:
        self.paints.append(post)


class Memory:
    """State for one test."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    async def get(self, key: str) -> Any | None:
        return self.values.get(key)

    async def put(self, key: str, value: Any) -> None:
        self.values[key] = value


@dataclass
class World:
    vendor: FakeWeCom
    platform: Platform
    ear: Ear
    state: Memory
    stored: dict[str, int]
    clock: Callable[[], float]

    @property
    def shown(self) -> list[str]:
        """What people read, in order."""
        return [sent.words for sent in self.vendor.sent]


def parcel(
    post: Post, *, id: int = 901, target: Target = ROOM, grade: Grade | None = None, pings: tuple[tuple[str, str], ...] = ()
) -> Parcel:
    return Parcel(id, target, post, grade, pings)


def picture(size: int = 0) -> File:
    return File("趋势.png", "image/png", PNG + bytes(max(0, size - len(PNG))))


def document(size: int = 4096) -> File:
    return File(
        "声明 v1.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK\x03\x04" + bytes(size)
    )


def options_of(vendor: FakeWeCom, *, bot: bool = True, app: bool = False, callback: bool = False, **more: Any) -> Options:
    given: dict[str, Any] = {"api_base": vendor.base, "ws_url": vendor.ws_url, "card_url": "https://example.com/"}
    if bot:
        given |= {"bot_id": vendor.bot_id, "secret": vendor.secret}
    if app:
        given |= {"corp_id": vendor.corp_id, "agent_id": vendor.agent_id, "corp_secret": vendor.corp_secret}
    if callback:
        given |= {"token": TOKEN, "aes_key": AES_KEY}
    return Options(**(given | more))


class Borrowed:
    """An open vendor, used by another world and left open by it."""

    def __init__(self, fake: FakeWeCom) -> None:
        self._fake = fake

    async def __aenter__(self) -> FakeWeCom:
        return self._fake

    async def __aexit__(self, *exc: object) -> None:
        return None


@asynccontextmanager
async def world(
    *,
    start: bool = True,
    timing: Timing = QUICK,
    patience: float = 0.2,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] = lambda: NOW,
    vendor: FakeWeCom | Borrowed | None = None,
    ready: bool = True,
    rooms: Sequence[Target] = (),
    **kinds: Any,
) -> AsyncIterator[World]:
    """The platform beside a vendor; with a bot, connected already."""
    async with vendor or FakeWeCom() as fake, aiohttp.ClientSession() as session:
        ear, state, stored = Ear(), Memory(), dict[str, int]()

        async def attempts(robot: str) -> int:
            return stored.get(robot, 0)

        platform = Platform(
            options_of(fake, **kinds),
            session=session,
            bot_name="望楼",
            clock=clock,
            now=now,
            rand=random.Random(7),
            state=state,
            attempts=attempts,
            rooms=rooms,
            timing=timing,
            patience=patience,
        )
        try:
            if start:
                await platform.start(ear)
                if platform.bot and ready:
                    assert await platform.bot.link.wait_ready(5)
            yield World(fake, platform, ear, state, stored, clock)
        finally:
            if ear.gate:
                ear.gate.set()
            await platform.stop()


async def eventually(true: Callable[[], Any], seconds: float = 30.0) -> None:
    """Yields to the loop until ``true`` holds: for what the vendor cannot see."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


@asynccontextmanager
async def street(platform: Platform) -> AsyncIterator[str]:
    """The platform's call-back addresses on a free port."""
    app = web.Application()
    app.add_routes(platform.routes())
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@dataclass
class Vendor:
    """WeCom's side of the call-backs, sealed by wechatpy."""

    base: str
    session: aiohttp.ClientSession
    now: Callable[[], datetime] = lambda: NOW
    token: str = TOKEN
    key: str = AES_KEY
    count: int = 0

    def query(self, encrypt: str, *, stamp: str = "", nonce: str = "") -> dict[str, str]:
        self.count += 1
        stamp, nonce = stamp or str(int(self.now().timestamp())), nonce or f"nonce{self.count}"
        signature = hashlib.sha1("".join(sorted([self.token, stamp, nonce, encrypt])).encode()).hexdigest()
        return {"msg_signature": signature, "timestamp": stamp, "nonce": nonce}

    def sealed(self, text: str, receiveid: str) -> str:
        return PrpCrypto(base64.b64decode(self.key + "=")).encrypt(text, receiveid).decode()

    def opened(self, answer: dict[str, Any], receiveid: str = "") -> Any:
        crypto = WeChatCrypto(self.token, self.key, receiveid)
        given = (answer["msgsignature"], str(answer["timestamp"]), answer["nonce"])
        return json.loads(crypto.decrypt_message({"Encrypt": answer["encrypt"]}, *given))

    async def bot(self, body: Any, **query: str) -> tuple[int, Any]:
        """A call-back of the AI bot: status and clear answer (None: empty)."""
        encrypt = self.sealed(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False), "")
        return await self.post("/callback/wecom", json.dumps({"encrypt": encrypt}), self.query(encrypt) | query)

    async def app(self, fields: str, receiveid: str, **query: str) -> tuple[int, Any]:
        """A call-back of the app; ``fields`` is the inside of the XML."""
        encrypt = self.sealed(f"<xml>{fields}</xml>", receiveid)
        xml = f"<xml><ToUserName><![CDATA[{receiveid}]]></ToUserName><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"
        return await self.post("/callback/wecom-app", xml, self.query(encrypt) | query)

    async def post(self, path: str, body: str | bytes, query: dict[str, str]) -> tuple[int, Any]:
        async with self.session.post(f"{self.base}{path}", params=query, data=body) as response:
            raw = await response.read()
        if response.status != 200 or not raw:
            return response.status, raw.decode() or None
        return 200, self.opened(json.loads(raw))


@asynccontextmanager
async def callbacks(**kinds: Any) -> AsyncIterator[tuple[World, Vendor]]:
    """A platform reached by call-backs, and the vendor that calls."""
    async with (
        world(callback=True, **({"bot": False} | kinds)) as w,
        street(w.platform) as base,
        aiohttp.ClientSession() as session,
    ):
        yield w, Vendor(base, session, w.platform.desk.now)
