"""WeCom (企业微信): the AI bot over the long connection or HTTP, the self-built app, the group robot.

``aibot``  the AI bot's long connection: groups and members that have spoken to it
``app``    the self-built app: members
``webhook``  a room's own group robot: says, and pings, but hears nothing
"""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import aiohttp
from aiohttp import web

from bot.errors import ConfigError, DeliveryError
from bot.model.grade import Grade
from bot.model.message import CheckLine, Ear, Parcel, Receipt, Target
from bot.model.options import option
from bot.model.platform import State, Supplies
from bot.model.times import steady
from bot.platforms.wecom import limits
from bot.platforms.wecom.aibot_http import HttpBot
from bot.platforms.wecom.aibot_ws import AiBot
from bot.platforms.wecom.api import Account
from bot.platforms.wecom.app import App
from bot.platforms.wecom.calls import Http
from bot.platforms.wecom.crypto import Envelope, key_of
from bot.platforms.wecom.desk import Desk
from bot.platforms.wecom.door import Door
from bot.platforms.wecom.link import Link
from bot.platforms.wecom.timing import Timing
from bot.platforms.wecom.webhook import Call, Webhook, robot_of

__all__ = ["Options", "Platform", "Timing", "build"]

log = logging.getLogger(__name__)

STOP_SECONDS = 8.0
PARTS_KEPT = 512
FALLBACK = "（备用通道）"
TRANSPORTS = ("aibot", "app", "webhook")
"""The ways out, as ``[[rooms]] transports`` names them."""


@dataclass(frozen=True)
class Options:
    """``[platforms.wecom]``."""

    bot_id: str = option("", "智能机器人的 Bot ID（API 模式，长连接）")
    secret: str = option("", "智能机器人长连接的 Secret")
    ws_url: str = option("wss://openws.work.weixin.qq.com", "长连接地址；一般不改")
    webhook: str = option("", "群机器人（消息推送）的整条地址；只有一个企业微信房间时用，多个房间请写在各自的 webhook")
    api_base: str = option("https://qyapi.weixin.qq.com", "接口地址；经代理出网时才改")
    corp_id: str = option("", "企业 ID；用自建应用时填")
    agent_id: int = option(0, "自建应用的 AgentId")
    corp_secret: str = option("", "自建应用的 Secret")
    token: str = option("", "接收消息的 Token（回调方式才填）")
    aes_key: str = option("", "接收消息的 EncodingAESKey，43 位（回调方式才填）")
    old_token: str = option("", "更换期间仍然有效的旧 Token")
    old_aes_key: str = option("", "更换期间仍然有效的旧 EncodingAESKey")
    card_url: str = option("https://work.weixin.qq.com/", "点卡片空白处打开的网址，如内部控制台")
    app_face: str = option("card", "私信用卡片还是纯文字；领导在微信里看消息时用 text", choices=("card", "text"))
    ping_from: str = option(
        "orange", "从哪一级起另用群机器人 @ 相关人（智能机器人不能 @ 人）", choices=("blue", "yellow", "orange", "red")
    )

    def __post_init__(self) -> None:
        """``ConfigError`` where the call-back's token and keys can't be right."""
        if bool(self.token) != bool(self.aes_key):
            raise ConfigError("platforms.wecom.token: token 与 aes_key 要一起填")
        for name in ("aes_key", "old_aes_key"):
            key = getattr(self, name)
            try:
                key_of(key) if key else None
            except ValueError:
                raise ConfigError(f"platforms.wecom.{name}: 应为后台给出的 43 位 EncodingAESKey") from None


class Platform:
    """WeCom. ``session`` is not closed here; ``clock`` is monotonic, ``now`` the time of day (aware).

    ``attempts`` tells how many stored attempts a robot (``budget``) had in the last 60 s, the one being sent included. ``rooms`` and
    ``people`` (names by user id) are those that ``check`` looks at.
    A room's robot never carries another room's words: it comes with the target, and private targets have none.
    """

    name = "wecom"
    label = "企业微信"

    def __init__(
        self,
        options: Options,
        *,
        session: aiohttp.ClientSession,
        bot_name: str,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        rand: random.Random,
        state: State,
        attempts: Callable[[str], Awaitable[int]],
        rooms: Sequence[Target] = (),
        people: Mapping[str, str] | None = None,
        timing: Timing | None = None,
        patience: float = 3.0,
    ) -> None:
        self.options = options
        self._rooms = rooms
        self._people = people or {}
        http = Http(session)
        self.desk = Desk(bot_name, options.corp_id, options.card_url, http, clock, now, rand, state, patience)
        chats = limits.Meter(clock, ((limits.CHAT_MINUTE, limits.MINUTE), (limits.CHAT_HOUR, limits.HOUR)))
        robots = limits.Meter(clock, ((limits.ROBOT_MINUTE, limits.MINUTE),))
        self.webhook = Webhook(http, robots, attempts, state, steady(now, clock))
        self.bot = self._long_connection(chats, timing or Timing()) if options.bot_id and options.secret else None
        self.app = self._app(clock) if options.corp_id and options.corp_secret else None
        self._doors = self._callbacks()
        self.desk.hears = bool(self.bot or self._doors)

    def _long_connection(self, chats: limits.Meter, timing: Timing) -> AiBot:
        desk, options = self.desk, self.options
        uploads = limits.Meter(desk.clock, ((limits.CHAT_MINUTE, limits.MINUTE), (limits.CHAT_HOUR, limits.HOUR)))
        link = partial(
            Link,
            url=options.ws_url,
            bot_id=options.bot_id,
            secret=options.secret,
            session=desk.http.session,
            clock=desk.clock,
            now=desk.now,
            rand=desk.rand,
            timing=timing,
        )
        return AiBot(desk, chats, uploads, link)

    def _app(self, clock: Callable[[], float]) -> App:
        o = self.options
        account = Account(o.api_base, o.corp_id, o.corp_secret, o.agent_id, bool(o.token and o.aes_key), o.app_face == "text")
        meter = limits.Meter(clock, ((limits.CHAT_MINUTE, limits.MINUTE), (limits.CHAT_HOUR, limits.HOUR)))
        return App(self.desk, account, meter)

    def _callbacks(self) -> dict[str, Door]:
        o = self.options
        if not o.token:
            return {}
        bot = HttpBot(self.desk, o.aes_key, self.app.carry if self.app else None)
        doors = {"/callback/wecom": Door(self._envelopes(""), self.desk.now, self.desk.clock, bot.handle, xml=False)}
        if self.app:
            doors["/callback/wecom-app"] = Door(
                self._envelopes(o.corp_id), self.desk.now, self.desk.clock, self.app.handle, xml=True
            )
        return doors

    def _envelopes(self, receiveid: str) -> list[Envelope]:
        o = self.options
        pairs = [(o.token, o.aes_key), (o.old_token or o.token, o.old_aes_key)]
        return [Envelope(token, key, receiveid) for token, key in pairs if key]

    async def start(self, ear: Ear) -> None:
        """Begins to hear; the long connection is made and kept in the background."""
        self.desk.ear = ear
        if self.bot:
            self.bot.link.start()

    async def stop(self) -> None:
        """Ends what is under way, then the connection."""
        await self.desk.stop(STOP_SECONDS)
        if self.bot:
            await self.bot.link.stop()

    def routes(self) -> list[web.RouteDef]:
        """The call-back addresses, none without ``token`` and ``aes_key``."""
        return [route for path, door in self._doors.items() for route in door.routes(path)]

    def ways(self, target: Target) -> Sequence[str]:
        able = [way for way in (("app", "aibot") if target.private else ("aibot", "webhook")) if self._able(way, target)]
        return [way for way in target.ways if way in able] if target.ways else able

    def _able(self, way: str, target: Target) -> bool:
        if way == "aibot":
            return bool(self.bot and self.bot.link.ready and target.chat)
        if way == "app":
            return bool(self.app and target.private and target.chat)
        return bool(self._robot(target))

    def _robot(self, target: Target) -> str:
        return "" if target.private else target.webhook

    def budget(self, way: str, target: Target) -> str:
        if way == "webhook":
            return robot_of(self._robot(target))
        return f"wecom:{way}:{target.chat}"

    async def send(self, parcel: Parcel, way: str) -> Receipt:
        """One attempt. A parcel of several messages goes on after the last that arrived."""
        plan = self._plan(parcel, way)
        key = f"wecom:parts:{parcel.id % PARTS_KEPT}"
        begun = await self.desk.state.get(key) if len(plan) > 1 else None
        done = begun[2] if isinstance(begun, list) and begun[:2] == [parcel.id, way] else 0
        message_id = ""
        for number, call in enumerate(plan[done:], done + 1):
            message_id = await call() or message_id
            if len(plan) > 1:
                await self.desk.state.put(key, [parcel.id, way, number])
        if way == "aibot":
            await self._ping(parcel)
        return Receipt(way, message_id)

    async def repaint(self, parcel: Parcel) -> bool:
        """A card that the app sent is changed while a right to do so is left; the AI bot's can be only inside the window of a press
        (protocol page 7.8), the group robot's never."""
        card = parcel.post.card
        if not self.app or not card or not parcel.target.private:
            return False
        return await self.app.repaint(parcel.target.chat, card, parcel.id)

    def _plan(self, parcel: Parcel, way: str) -> list[Call]:
        target, post = parcel.target, parcel.post
        if way == "aibot" and self.bot:
            return self.bot.plan(target, post, parcel.id)
        if way == "app" and self.app:
            return self.app.plan(target, post, parcel.id)
        if way == "webhook" and (url := self._robot(target)):
            if self._fallen_back(target):
                post = post.with_note(FALLBACK)
            return self.webhook.plan(url, post, [id for _, id in parcel.pings], self.desk.how(group=True))
        raise DeliveryError(f"企业微信没有配置「{way}」这条通道", "permanent")

    def _fallen_back(self, target: Target) -> bool:
        """The robot speaks only because the AI bot cannot, and the message should say so."""
        return bool(self.bot and target.chat and not self.bot.link.ready and "webhook" not in target.ways[:1])

    async def _ping(self, parcel: Parcel) -> None:
        """The AI bot cannot ping, the group robot can: one line for grave matters. The message itself has arrived, so a fault
        here is only logged."""
        url = self._robot(parcel.target)
        if not url or not parcel.pings or not parcel.grade or parcel.grade < Grade.of(self.options.ping_from):
            return
        names = "、".join(name for name, _ in parcel.pings)
        card = parcel.post.card
        words = f"{parcel.grade.mark}{card.number if card else ''} 请 {names} 看上面的消息"
        try:
            await self.webhook.ping(url, words, [id for _, id in parcel.pings])
        except DeliveryError as exc:
            log.warning("wecom: nobody was pinged: %s", exc)

    def unheard(self) -> str:
        """Why nobody is heard in groups now; empty while the AI bot hears, or hears by call-backs."""
        return f"企业微信智能机器人：{self.bot.link.trouble}" if self.bot and self.bot.link.trouble else ""

    def problems(self) -> Sequence[str]:
        found: list[str] = []
        if deaf := self.unheard():
            found.append(deaf)
        if self.app and self.app.trouble:
            found.append(f"企业微信自建应用：{self.app.trouble}")
        return [*found, *(f"企业微信：{trouble}" for trouble in self.webhook.problems())]

    async def name_of(self, user: str) -> str:
        """A member's name where the self-built app may see it, else empty."""
        return await self.app.name_of(user) if self.app else ""

    async def check(self) -> list[CheckLine]:
        """Tries each credential without saying anything in any chat. Takes the bot over from a process that runs elsewhere."""
        lines = [*await self._check_bot(), *(await self.app.check(self._people) if self.app else [])]
        lines += [await self.webhook.check(url, room.name) for room in self._rooms if (url := self._robot(room))]
        return lines or [CheckLine(False, "还没有通道", "先填 bot_id 与 secret，或房间的 webhook")]

    async def _check_bot(self) -> list[CheckLine]:
        if not self.bot:
            return []
        link = self.bot.link
        if link.ready:
            return [CheckLine(True, "智能机器人长连接已订阅")]
        link.start()
        ready = await link.wait_ready(link.timing.connect)
        word = link.status.word
        await link.stop()
        if ready:
            return [CheckLine(True, "智能机器人长连接可以订阅")]
        return [CheckLine(False, "智能机器人长连接", word)]


def build(options: Options, supplies: Supplies) -> Platform:
    """WeCom, from what every platform is given."""
    return Platform(
        options,
        session=supplies.session,
        bot_name=supplies.house.name,
        clock=supplies.clock,
        now=supplies.now,
        rand=supplies.rand,
        state=supplies.state,
        attempts=supplies.attempts,
        rooms=[
            Target(Platform.name, room.chat, room.name, webhook=room.webhook)
            for room in supplies.house.rooms
            if room.platform == Platform.name
        ],
        people={user: person.name for person in supplies.house.people if (user := person.id_on(Platform.name))},
    )
