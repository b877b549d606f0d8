"""The ways out: interactive card, OpenAPI robot, a group's own webhook; and what a failure puts out of use for a while."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import aiohttp

from bot.errors import DeliveryError
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.message import Parcel, Receipt, Target
from bot.platforms.dingtalk import webhook
from bot.platforms.dingtalk.cards import how_in_group, message, reduced
from bot.platforms.dingtalk.extras import Bell, Luggage, Robot
from bot.platforms.dingtalk.hanging import Hanging, SparedError
from bot.platforms.dingtalk.memory import Memory, Notes
from bot.platforms.dingtalk.openapi import OpenApi
from bot.platforms.dingtalk.quota import Quota
from bot.platforms.dingtalk.refusal import RefusedError
from bot.platforms.dingtalk.webhook import GoneError, OverQuotaError, UnsafeError
from bot.platforms.text import one_line

DOWN = 15.0
"""Seconds that a way which failed stands behind the others."""
BY_FALLBACK = "（备用通道）"


@dataclass(frozen=True, slots=True)
class Setup:
    """What of the options matters for sending."""

    app: bool
    bot_name: str
    card_template: str
    callback: Mapping[str, str]
    ding: str
    patience: float


class Pauses:
    """What is out of use for a while, and why (Chinese)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[str, tuple[float, str]] = {}

    def pause(self, name: str, seconds: float, why: str) -> None:
        """Takes ``name`` out of use."""
        self._until[name] = (self._clock() + seconds, why)

    def clear(self, name: str) -> None:
        """It works again."""
        self._until.pop(name, None)

    def left(self, name: str) -> float:
        """Seconds until it may be tried again."""
        until, _ = self._until.get(name, (0.0, ""))
        return max(0.0, until - self._clock())

    def why(self, name: str) -> str:
        """The reason it was taken out of use."""
        return self._until.get(name, (0.0, ""))[1]

    def reasons(self) -> list[str]:
        """All that is out of use now."""
        return list(dict.fromkeys(why for name, (_, why) in self._until.items() if self.left(name) > 0))


class Sender:
    """Sends parcels. ``attempts(robot)`` is the number of attempts of a robot stored in the last 60 s, this one included."""

    def __init__(
        self,
        setup: Setup,
        session: aiohttp.ClientSession,
        api: OpenApi,
        quota: Quota,
        state: Memory,
        attempts: Callable[[str], Awaitable[int]],
        clock: Callable[[], float],
        now: Callable[[], datetime],
        notes: Notes,
    ) -> None:
        self._setup = setup
        self._session = session
        self._api = api
        self._quota = quota
        self._state = state
        self._attempts = attempts
        self._now = now
        self._robot = Robot(api, setup.bot_name)
        self._luggage = Luggage(self._robot, quota, state)
        self._unsafe: set[int] = set()
        self._notes = notes
        self.bell = Bell(setup.ding, api, self._robot, state, now, notes)
        self.pauses = Pauses(clock)
        self.hanging = Hanging(setup.card_template, setup.callback, api, quota, state)

    def ways(self, target: Target) -> tuple[str, ...]:
        """The transports for a target: the best first, those out of use last."""
        return tuple(sorted(self._able(target), key=lambda way: self._out(way, target) > 0))

    def heard_in(self, chat: str) -> None:
        """Somebody spoke to us there: the chat exists, and we are in it."""
        for name in (f"gone@{chat}", f"card@{chat}", f"robot@{chat}"):
            self.pauses.clear(name)

    def budget(self, way: str, target: Target) -> str:
        """Only the custom robot has a limit by the minute."""
        return webhook.robot_id(target.webhook) if way == "webhook" else ""

    async def send(self, parcel: Parcel, way: str) -> Receipt:
        """One attempt. A post with files remembers what of it is out, so that a repeat goes on from there."""
        target = parcel.target
        if way == "webhook" and (left := self._out(way, target)):
            raise DeliveryError(self.pauses.why(self.budget(way, target)), "retry", left)
        if way != "webhook" and (left := self.pauses.left(_gone(target))):
            raise DeliveryError(self.pauses.why(_gone(target)), "retry", left, gone=True)
        post = reduced(parcel.post) if parcel.id in self._unsafe else parcel.post
        best = next(iter(self._able(target)), way)
        if way != best and self._out(best, target) and BY_FALLBACK not in post.text:
            post = post.with_note(BY_FALLBACK)
        try:
            receipt = await self._words(parcel, post, way)
        except DeliveryError as error:
            await self._learn(error, way, parcel)
            if error.outcome == "permanent" and self._out(way, target) and self._others(way, target):
                raise DeliveryError(str(error), "retry", error.after) from None
            raise
        if way != "webhook":
            self._notes.say("files", await self._luggage.send(parcel))
        for name in self._names(way, target):
            self.pauses.clear(name)
        self._unsafe.discard(parcel.id)
        await self.bell.ring(parcel)
        return receipt

    async def repaint(self, parcel: Parcel) -> bool:
        """Whether the card of a parcel shows what it should now; a quiet grade may stay as it was while quota is spared."""
        card = parcel.post.card
        if card is None or not self._setup.app:
            return False
        if self._quota.thrifty("api") and (parcel.grade or Grade.BLUE) < Grade.ORANGE:
            return True
        return bool(self._setup.card_template) and await self.hanging.repaint(parcel, card)

    async def _words(self, parcel: Parcel, post: Post, way: str) -> Receipt:
        if way == "webhook":
            return await self._webhook(parcel, post)
        done = await self._luggage.progress(parcel)
        if done.get("words") is not None:
            return Receipt(way, str(done["words"]))
        if not post.text.strip() and post.card is None:
            return Receipt(way)
        receipt: Receipt | None = None
        if way == "card" and post.card is not None:
            out = await self.hanging.send(parcel, post.card)
            receipt = Receipt("card", out) if out else None
        if receipt is None:
            target = parcel.target
            receipt = Receipt("robot", await self._robot.say(target.chat, target.private, post, parcel.pings))
        await self._luggage.words_out(parcel, receipt.message_id)
        return receipt

    async def _webhook(self, parcel: Parcel, post: Post) -> Receipt:
        url, secret = parcel.target.webhook, parcel.target.webhook_secret
        if await self._attempts(webhook.robot_id(url)) > webhook.LIMIT:
            raise DeliveryError("群机器人：一分钟内已发 18 条，等一等，免得被静默 10 分钟", "retry", 10.0)
        if post.files:
            names = "、".join(one_line(file.name) for file in post.files)
            done = await self._luggage.progress(parcel)
            said = post if done.get("words") is None else Post("")  # the words are out already by the app
            post = _noted(said, f"（附件 {names} 不能经群机器人发送）")
        await self._quota.spend("push")
        body = message(post, parcel.pings, how_in_group(self._setup.bot_name, hears=self._setup.app))
        millis = int(self._now().timestamp() * 1000)
        await webhook.send_robot(
            self._session,
            url,
            secret,
            body,
            key=self.hanging.out_track(parcel.id),
            millis=millis,
            patience=self._setup.patience,
        )
        return Receipt("webhook")

    async def _learn(self, error: DeliveryError, way: str, parcel: Parcel) -> None:
        """Draws the consequences of a failure: what goes out of use, so that the next attempt takes another way."""
        target, why, app = parcel.target, str(error), ("card", "robot")
        code = error.code if isinstance(error, RefusedError) else ""
        if isinstance(error, SparedError):
            return
        if isinstance(error, UnsafeError):
            self._unsafe.add(parcel.id)
            return
        if way == "webhook":
            if isinstance(error, OverQuotaError):
                await self._quota.exhausted("push")
            if isinstance(error, GoneError):
                self.pauses.pause(self.budget(way, target), 3_600.0, why)
            elif error.after >= webhook.MUTE:
                self.pauses.pause(self.budget(way, target), error.after, why)
            return
        if isinstance(error, OverQuotaError) or "invalidclientid" in code or "ipnotin" in code:
            for each in app:
                self.pauses.pause(each, error.after or 300.0, why)
        elif "permissiondenied" in code or "param.template" in code:
            self.pauses.pause(way, 600.0, why)
        elif error.gone:
            for name in (_gone(target), *(f"{each}@{target.chat}" for each in app)):
                self.pauses.pause(name, error.after, why)
        elif error.outcome == "permanent":
            self.pauses.pause(f"{way}@{target.chat}", 600.0, why)
        elif error.outcome == "retry" and self._others(way, target):
            for each in (way,) if code else app:
                self.pauses.pause(each, DOWN, why)

    def _able(self, target: Target) -> list[str]:
        able = []
        if self._setup.app and target.chat:
            able += ["card", "robot"] if self._setup.card_template else ["robot"]
        if target.webhook and not target.private:
            able.append("webhook")
        return [way for way in target.ways if way in able] if target.ways else able

    def _others(self, way: str, target: Target) -> list[str]:
        return [other for other in self._able(target) if other != way and not self._out(other, target)]

    def _names(self, way: str, target: Target) -> tuple[str, ...]:
        """What must be in use for a way to a target: the robot, or the way for all and for this chat."""
        return (self.budget(way, target),) if way == "webhook" else (way, f"{way}@{target.chat}")

    def _out(self, way: str, target: Target) -> float:
        return max(self.pauses.left(name) for name in self._names(way, target))


def _gone(target: Target) -> str:
    return f"gone@{target.chat}"


def _noted(post: Post, note: str) -> Post:
    if post.card is None:
        return Post(f"{post.text}\n{note}".strip(), mentions=post.mentions)
    return Post.of(replace(post.card, lines=(*post.card.lines, note)), *post.mentions)
