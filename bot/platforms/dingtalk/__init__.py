"""DingTalk (钉钉): Stream or HTTP mode for hearing; interactive card, OpenAPI robot and group webhook for speaking."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from bot.errors import DeliveryError
from bot.model.message import CheckLine, Ear, Parcel, Receipt, Target
from bot.model.options import Seconds, option
from bot.model.platform import State, Supplies
from bot.model.times import clock_of, span_of, steady
from bot.platforms.dingtalk.checks import Checked, Hook, check
from bot.platforms.dingtalk.hearing import FOR_EVER, Conversation
from bot.platforms.dingtalk.http import Door, callback_secret
from bot.platforms.dingtalk.memory import Memory, Notes
from bot.platforms.dingtalk.openapi import Access, OpenApi
from bot.platforms.dingtalk.quota import Limits, Quota
from bot.platforms.dingtalk.replies import Manner
from bot.platforms.dingtalk.sending import Sender, Setup
from bot.platforms.dingtalk.stream import Pace, Stream

__all__ = ["Options", "Platform", "build"]

log = logging.getLogger(__name__)

ROUTE_KEY = "wanglou"
TRANSPORTS = ("card", "robot", "webhook")
"""The ways out, as ``[[rooms]] transports`` names them."""
QUIET = 20.0
"""Seconds without connection that are no problem yet: the vendor moves connections about."""
GAP = 60.0
GAP_SHOWN = 600.0
STOP = 8.0


@dataclass(frozen=True, slots=True)
class Options:
    """``[platforms.dingtalk]``."""

    client_id: str = option("", "应用的 Client ID（AppKey）；不填则只能用群机器人 webhook 发送")
    client_secret: str = option("", "应用的 Client Secret（AppSecret），建议写 env:DING_CLIENT_SECRET")
    client_secret_old: str = option("", "更换密钥期间的旧密钥，只用来验签（HTTP 模式）")
    robot_code: str = option("", "机器人的 RobotCode；不填则从收到的第一句话里得知，在那之前用 client_id")
    api_base: str = option("https://api.dingtalk.com", "新版接口地址；国际版为 api.dingtalk.io")
    oapi_base: str = option("https://oapi.dingtalk.com", "旧版接口地址；国际版为 oapi.dingtalk.io")
    webhook: str = option("", "群自定义机器人的完整地址；只有一个钉钉房间时才生效")
    webhook_secret: str = option("", "群自定义机器人的加签密钥（SEC 开头）")
    card_template: str = option("", "已发布的互动卡片模板 ID（以 .schema 结尾）；不填则用 markdown 和文字口令")
    receive: str = option("stream", "机器人的消息接收模式", choices=("stream", "http"))
    callback_url: str = option("", "HTTP 模式下 /callback/dingtalk 的公网 https 地址，卡片按键回调也用它")
    ding: str = option(
        "off", "红色预警是否再发 DING（应用内、短信、电话；后两种须购买）", choices=("off", "app", "sms", "call")
    )
    api_quota: int = option(5_000, "全组织每月 API 调用额度（标准版 5000）；0 为不限")
    push_quota: int = option(3_000, "全组织每月 Webhook 与 Stream 推送额度（标准版 3000）；0 为不限")
    timeout: Seconds = option(Seconds(8), "一次调用最多等多久")


class Platform:
    """DingTalk. ``clock`` is monotonic, ``now`` the wall clock (UTC), ``rand`` gives 0..1, ``names`` maps DingTalk user ids to
    the names of our people, ``attempts(robot)`` is the number of attempts stored for a robot in the last 60 s, the one under way
    included. ``rooms`` are those that ``check`` looks at. ``wait`` sleeps between connections; ``pace`` are the connection's times."""

    name = "dingtalk"
    label = "钉钉"

    def __init__(
        self,
        options: Options,
        *,
        session: aiohttp.ClientSession,
        bot_name: str,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        rand: Callable[[], float],
        state: State,
        attempts: Callable[[str], Awaitable[int]],
        names: Mapping[str, str] | None = None,
        rooms: Sequence[Target] = (),
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pace: Pace | None = None,
    ) -> None:
        self._options = options
        self._session = session
        self._names = names or {}
        self._rooms = rooms
        self._clock = clock
        self._now = now
        self._rand = rand
        memory = Memory(state, steady(now, clock))
        self._memory = memory
        self._notes = Notes(clock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None
        self._recalling = asyncio.Lock()
        self._app = bool(options.client_id and options.client_secret)
        self._quota = Quota(Limits(options.api_quota, options.push_quota), memory, now)
        api_base, oapi_base = options.api_base.rstrip("/"), options.oapi_base.rstrip("/")
        access = Access(options.client_id, options.client_secret, options.robot_code, api_base, oapi_base, options.timeout)
        self._api = OpenApi(access, session, memory, self._quota, clock)
        stream = options.receive == "stream"
        setup = Setup(
            app=self._app,
            bot_name=bot_name,
            card_template=options.card_template,
            callback={"callbackType": "STREAM"} if stream else {"callbackType": "HTTP", "callbackRouteKey": ROUTE_KEY},
            ding=options.ding,
            patience=options.timeout,
        )
        self._sender = Sender(setup, session, self._api, self._quota, memory, attempts, clock, now, self._notes)
        manner = Manner(bot_name, oapi_base, names or {}, options.timeout, options.client_secret, options.robot_code)
        self._talk = Conversation(
            manner, session, self._api, self._sender.hanging, self._quota, memory, clock, now, self._notes
        )
        self._talk.heard_in = self._sender.heard_in
        self._stream = Stream(
            session,
            f"{api_base}/v1.0/gateway/connections/open",
            (options.client_id, options.client_secret),
            self._talk,
            clock=clock,
            rand=rand,
            wait=wait,
            pace=pace,
        )

    async def start(self, ear: Ear) -> None:
        """Takes up what the last run knew and begins to hear; never waits for DingTalk."""
        self._talk.ear = ear
        await self._recall()
        if not self._app:
            return
        if self._options.receive == "stream":
            self._running = asyncio.create_task(self._stream.run())
        elif self._options.card_template and self._options.callback_url:
            self._later(self._register())

    async def stop(self) -> None:
        """Stops hearing; answers under way get a few seconds."""
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def routes(self) -> list[web.RouteDef]:
        """The call-back route, in HTTP mode only."""
        if not self._app or self._options.receive != "http":
            return []
        secrets = (self._options.client_secret, self._options.client_secret_old)
        door = Door(secrets, self._talk, self._later, self._now)
        return [web.post("/callback/dingtalk", door.handle)]

    def ways(self, target: Target) -> Sequence[str]:
        """``card``, ``robot`` and ``webhook``, as far as they can reach the target; those out of use for now come last."""
        return self._sender.ways(target)

    def budget(self, way: str, target: Target) -> str:
        """The custom robot whose 20 messages a minute are counted; nothing else has such a limit."""
        return self._sender.budget(way, target)

    async def send(self, parcel: Parcel, way: str) -> Receipt:
        """One attempt by one way. A card without template, or one too long for it, goes as markdown with numbered verbs."""
        await self._recall()
        return await self._sender.send(parcel, way)

    async def repaint(self, parcel: Parcel) -> bool:
        """Shows an interactive card as it is now: one API call."""
        await self._recall()
        return await self._sender.repaint(parcel)

    async def check(self) -> list[CheckLine]:
        """Tries each credential and permission without saying anything in a chat."""
        await self._recall()
        hooks = [Hook(room.name, room.webhook, room.webhook_secret) for room in self._rooms if room.webhook]
        rest = Checked(self._names, hooks, self._session, int(self._now().timestamp() * 1000))
        return await check(self._options, self._api, self._stream, self._sender.hanging.nonce, self._quota, rest)

    def problems(self) -> list[str]:
        """What does not work now, what is running out, and what was lost."""
        said = [*self._hearing_problems(), *self._quota.warnings(), *self._sender.pauses.reasons()]
        if self._talk.unpublished:
            said.append("钉钉：收到的消息没有 senderStaffId。应用版本还没有发布：开放平台 → 版本管理与发布")
        return said + self._notes.all()

    def warnings(self) -> list[str]:
        """Those of ``problems`` that stop nothing yet: the month's quota is running out."""
        return [*self._quota.warnings()]

    def quota(self) -> str:
        """Both monthly counters in one line (Chinese)."""
        return self._quota.line()

    def unheard(self) -> str:
        """Why nobody is heard now; empty while messages can arrive."""
        stream = self._stream
        if self._app and self._quota.share("push") >= 1:
            return "钉钉：本月推送额度已用完，@ 机器人的话收不到；开放平台 → 资源管理"
        if not self._app or self._options.receive != "stream" or stream.connected or not stream.trouble:
            return ""
        away = self._clock() - stream.since
        if not stream.refused and away < QUIET:
            return ""
        return f"钉钉长连接断开 {span_of(away)}：{stream.trouble}"

    def _hearing_problems(self) -> list[str]:
        if not self._app or self._options.receive != "stream":
            return []
        stream = self._stream
        if not stream.connected and self._quota.share("push") < 1:
            return [f"{deaf}。期间群里 @ 机器人的消息收不到"] if (deaf := self.unheard()) else []
        if stream.gap and stream.gap[1] - stream.gap[0] >= GAP and self._clock() - stream.gap[1] < GAP_SHOWN:
            now, clock = self._now(), self._clock()
            start, end = (clock_of(now - timedelta(seconds=clock - moment)) for moment in stream.gap)
            return [f"钉钉 {start}–{end} 断线，期间发给机器人的话没有收到，请重发"]
        return []

    async def _recall(self) -> None:
        """What the last run knew, once: delivery may begin before we hear. The mark of this installation is kept for ever:
        numbers of parcels alone may come again after a new beginning."""
        async with self._recalling:
            if self._sender.hanging.nonce:
                return
            await self._quota.load()
            kept = await self._memory.get("nonce")
            if not isinstance(kept, str):
                kept = f"wl{int(self._rand() * 16**8) % 16**8:08x}"
                await self._memory.put("nonce", kept, FOR_EVER)
            self._sender.hanging.nonce = kept
            await self._talk.recall()

    async def _register(self) -> None:
        try:
            secret = callback_secret(self._options.client_secret)
            await self._api.register_callback(ROUTE_KEY, self._options.callback_url, secret)
        except DeliveryError as error:
            log.warning("dingtalk: card call-backs were not registered: %s", error)
            self._notes.say("register", f"卡片按键收不到：{error}")

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def build(options: Options, supplies: Supplies) -> Platform:
    """DingTalk, from what every platform is given."""
    names = {user: person.name for person in supplies.house.people if (user := person.id_on("dingtalk"))}
    return Platform(
        options,
        session=supplies.session,
        bot_name=supplies.house.name,
        clock=supplies.clock,
        now=supplies.now,
        rand=supplies.rand.random,
        state=supplies.state,
        attempts=supplies.attempts,
        names=names,
        rooms=[
            Target(Platform.name, room.chat, room.name, webhook=room.webhook, webhook_secret=room.webhook_secret)
            for room in supplies.house.rooms
            if room.platform == Platform.name
        ],
    )
