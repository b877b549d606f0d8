"""DingTalk with a house around it: the fake vendor, our platform, an ear that remembers, time that stands still."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from fakes.dingtalk import CLIENT_ID, CLIENT_SECRET, GROUP, HOOK_SECRET, STAFF, TEMPLATE, FakeDingTalk

from bot.model.card import Button, Card, Link, Option, Post
from bot.model.grade import Grade
from bot.model.message import Answer, Message, Parcel, Press, Target
from bot.model.options import Seconds
from bot.platforms.dingtalk import Options, Platform
from bot.platforms.dingtalk.stream import Pace

START = datetime(2026, 4, 8, 2, 47, tzinfo=UTC)

ALERT = Card(
    kind="alert",
    title="🟠 橙（建议）#12 奶粉批次反映皮疹",
    lines=(
        "3个平台，每小时131条，仍在升",
        "依据 两项达橙：速度9.1×、3个平台；热度63",
        "首帖 小红书 09:42：「宝宝喝了起疹子…」 Z-77",
    ),
    must=("请值班长 张敏 11:02 前认领（15分）",),
    number="#12",
    incident=12,
    grade=Grade.ORANGE,
    buttons=(
        Button("claim", "认领", "认领 #12", "primary"),
        Button("false_alarm", "误报", "误报 #12"),
        Button("mute", "静音▾", "静音 #12 {choice}", options=(Option("30分", "30分"), Option("2小时", "2小时"))),
    ),
)
CARDS = {
    "alert": ALERT,
    "alert_red_confirmed": replace(
        ALERT, title="🔴 红 #12 升：批次致多名婴儿就医", grade=Grade.RED, confirmed=True, links=(Link("详情", "https://w.example/i/12"),)
    ),
    "headline": Card("headline", "#12 归你（2分）", ("下一步：研判、转交",), ("负责人 李雷",), "#12", 12, Grade.YELLOW, True),
    "signoff": Card(
        "signoff",
        "请签 D3 v2·7F3A 首发（剩12分）",
        ("全文：我司已关注到相关反映，同批次产品已封存送检。", "与您上次所见相比：+「封存」"),
        ("逾期转代理 王磊",),
        "D3",
        12,
        buttons=(Button("approve", "同意 v2·7F3A", "同意 D3", "primary"), Button("return", "退回", "退回 D3 理由", "danger")),
        links=(Link("对照", "https://w.example/d/3"), Link("事实", "https://w.example/f")),
    ),
    "brief": Card(
        "brief", "【领导简报】#12 奶粉批次 橙", ("三地家长反映，尚无确诊", "央媒未报"), ("请阅后按已阅",), "#12", 12, Grade.ORANGE, True,
        (Button("read", "已阅", "已阅 #12"),),
    ),
    "ask": Card("ask", "领取 #12？确认后生效", (), ("2分钟内由张敏本人确认",), "#12", 12, buttons=(Button("yes", "确认", "确认"),)),
}  # fmt: skip


async def soon(true: Callable[[], object]) -> None:
    """Lets the loop run until something of ours that tells nobody has become so."""
    for _ in range(20_000):
        if true():
            return
        await asyncio.sleep(0)
    raise TimeoutError


class Shelf:
    """The house's small values, in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}

    async def get(self, name: str) -> Any:
        return json.loads(self.rows.get(name, "null"))

    async def put(self, name: str, value: Any) -> None:
        self.rows[name] = json.dumps(value)


class Listener:
    """An ear that stores and answers as told."""

    def __init__(self) -> None:
        self.taken: list[Message | Press] = []
        self.answered: list[Message | Press] = []
        self.paints: list[Post | None] = []
        self.ends: list[tuple[str, tuple[Post, ...]]] = []
        self.full = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.answer_with: Callable[[Any], Answer] = lambda heard: Answer((Post(f"收到：{getattr(heard, 'text', '')}"),))

    async def take(self, heard: Message | Press) -> None:
        if self.full:
            raise OSError("disk full")
        self.taken.append(heard)

    async def answer(self, heard: Message | Press) -> Answer:
        await self.gate.wait()
        self.answered.append(heard)
        return self.answer_with(heard)

    async def told(self, heard: Message | Press, left: Sequence[Post] = ()) -> None:
        self.ends.append((heard.id, tuple(left)))

    async def painted(self, press: Press, post: Post | None) -> None:
        self.paints.append(post)


class World:
    def __init__(self, fake: FakeDingTalk, session: aiohttp.ClientSession) -> None:
        self.fake, self.session = fake, session
        self.at = START
        self.ticks = 1_000.0
        self.waits: list[float] = []
        self.ear = Listener()
        self.state = Shelf()
        self.stored = 0
        self.platforms: list[Platform] = []
        fake.now = lambda: self.at
        fake.clock = lambda: self.ticks

    def pass_time(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.ticks += seconds

    def options(self, **over: Any) -> Options:
        mine = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "api_base": self.fake.base, "oapi_base": self.fake.base,
                "card_template": TEMPLATE, "timeout": Seconds(5)}  # fmt: skip
        return Options(**{**mine, **over})

    def platform(self, rooms: Sequence[Target] = (), **over: Any) -> Platform:
        async def attempts(robot: str) -> int:
            return self.stored

        async def wait(seconds: float) -> None:
            self.waits.append(seconds)
            await asyncio.sleep(0)

        made = Platform(
            self.options(**over), session=self.session, bot_name="望楼", clock=lambda: self.ticks, now=lambda: self.at,
            rand=lambda: 0.5, state=self.state, attempts=attempts, names=STAFF, rooms=rooms, wait=wait,
            pace=Pace(heartbeat=0.2, linger=0.3, finish=1.0),
        )  # fmt: skip
        self.platforms.append(made)
        return made

    async def running(self, **over: Any) -> Platform:
        """A platform that hears by Stream."""
        made = self.platform(**over)
        entered = self.fake.opened
        await made.start(self.ear)
        await self.fake.until(lambda: self.fake.opened > entered)
        await soon(lambda: made._stream.connected)
        return made

    async def ready(self, **over: Any) -> Platform:
        """A platform that only sends."""
        made = self.platform(receive="http", **over)
        await made.start(self.ear)
        return made

    def parcel(
        self, post: Post | Card, id: int = 7, *, to: str = "", grade: Grade | None = None, hook: bool = False, **target: Any
    ) -> Parcel:
        """A parcel for the room, or for a person (``to``)."""
        made = post if isinstance(post, Post) else Post.of(post)
        where = Target("dingtalk", to or GROUP, "危机室", private=bool(to), **target)
        if hook:
            where = replace(where, webhook=self.fake.hook_url, webhook_secret=HOOK_SECRET)
        pings = tuple((name, id_) for id_, name in STAFF.items() if name in made.mentions)
        return Parcel(id, where, made, grade or (made.card.grade if made.card else None), pings)


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    async with FakeDingTalk() as fake, aiohttp.ClientSession() as session:
        made = World(fake, session)
        try:
            yield made
        finally:
            for platform in made.platforms:
                await platform.stop()
