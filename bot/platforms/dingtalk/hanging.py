"""Interactive cards in chats: hung up, painted anew, remembered for the press (protocol page 3.7)."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from bot.errors import DeliveryError
from bot.model.card import Card, Post
from bot.model.grade import Grade
from bot.model.message import Parcel
from bot.platforms.dingtalk.cards import Pings, headline, people, variables
from bot.platforms.dingtalk.memory import Memory
from bot.platforms.dingtalk.openapi import OpenApi
from bot.platforms.dingtalk.quota import Quota
from bot.platforms.dingtalk.refusal import RefusedError

log = logging.getLogger(__name__)

_NAMED = re.compile(r"wl[0-9a-f]{8}-")
CARD_KEPT = 60 * 86_400.0
REPLY_KEPT = 86_400.0


class SparedError(DeliveryError):
    """Not sent on purpose: the rest of the month's quota is kept for what matters."""


class Hanging:
    """Cards of one template. ``nonce`` is the mark of this installation, ``callback`` how presses come back to us.

    Two things are remembered: under ``card:`` and the vendor's name of a card (``outTrackId``) where it hangs and what its
    buttons say; under ``shown:`` and the chat, kind and number of a card its newest face.
    """

    def __init__(self, template: str, callback: Mapping[str, str], api: OpenApi, quota: Quota, state: Memory) -> None:
        self._template = template
        self._callback = callback
        self._api = api
        self._quota = quota
        self._state = state
        self.nonce = ""

    def out_track(self, parcel: int) -> str:
        """The vendor's name of a parcel's card: unique over installations, the same for every attempt."""
        return f"{self.nonce}-{parcel}"

    def ours(self, out: str) -> bool:
        """Whether a card was named by this installation."""
        return bool(self.nonce) and out.startswith(f"{self.nonce}-")

    def of_another_house(self, out: str) -> bool:
        """Whether a card was named as we do, but by another installation."""
        return bool(_NAMED.match(out)) and not self.ours(out)

    async def track(self, out: str) -> Mapping[str, Any] | None:
        """What we remember of a card: ``parcel`` (0: a reply), ``chat``, ``private``, ``verbs`` by key."""
        track = await self._state.get(f"card:{out}")
        return track if isinstance(track, dict) else None

    async def send(self, parcel: Parcel, card: Card) -> str | None:
        """Hangs up a parcel's card, or paints the one that hangs there; its name. None where the card does not fit."""
        values, whole = variables(card)
        if not whole:
            return None
        chat, private = parcel.target.chat, parcel.target.private
        shown = await self._state.get(_shown(chat, card))
        quiet = isinstance(shown, dict) and card.revision > 1 and int(card.grade or 0) <= int(shown.get("grade", 0))
        if quiet and (out := await self._update(parcel, card, values, shown)):
            return out
        out = self.out_track(parcel.id)
        if (known := await self.track(out)) and known.get("failed"):
            raise DeliveryError("互动卡片：上次没有投放成功，改走其他途径", "permanent")
        kept = {"parcel": parcel.id, "chat": chat, "private": private}
        await self._state.put(f"card:{out}", kept, CARD_KEPT)
        try:
            await self._api.create_card(self._body(out, chat, private, card, values, parcel.pings))
        except RefusedError as error:
            if error.code == "deliver.failed":
                await self._state.put(f"card:{out}", {**kept, "failed": True}, CARD_KEPT)
            raise
        await self._show(out, chat, card)
        return out

    async def reply(self, mark: str, chat: str, private: bool, post: Post, pings: Pings) -> bool:
        """Answers with a card that can be pressed; false where the answer must go as words. ``mark`` is unique for each."""
        if not self._template or post.card is None or self._quota.thrifty("api"):
            return False
        values, whole = variables(post.card)
        if not whole:
            return False
        out = f"{self.nonce}-r{mark}"
        verbs = {button.key: button.verb for button in post.card.buttons}
        kept = {"parcel": 0, "chat": chat, "private": private, "verbs": verbs}
        await self._state.put(f"card:{out}", kept, REPLY_KEPT)
        body = self._body(out, chat, private, post.card, values, pings)
        for last in (False, True):
            try:
                await self._api.create_card(body)
            except DeliveryError as error:
                log.info("dingtalk: an answer goes as words instead of a card: %s", error)
                if last or error.outcome != "unknown":
                    return False
                continue  # the same name again is no second card
            return True
        return False

    async def paint(self, out: str, card: Card) -> None:
        """Paints a card anew outside the window of a press."""
        await self._api.update_card(out, variables(card)[0], {})
        await self.painted(out, card)

    async def repaint(self, parcel: Parcel, card: Card) -> bool:
        """Paints the card that hangs in a chat as it is now; false where none hangs or it does not fit. Quiet grades may stay as
        they were when the quota runs out."""
        own = self.out_track(parcel.id)
        track = await self.track(own)
        shown = {"out": own} if track else await self._state.get(_shown(parcel.target.chat, card))
        values, whole = variables(card)
        if not isinstance(shown, dict) or not whole or (track and track.get("failed")):
            return False
        try:
            return await self._update(parcel, card, values, shown) is not None
        except SparedError:
            return True

    async def painted(self, out: str, card: Card) -> None:
        """Remembers that ``out`` now shows ``card``."""
        if track := await self.track(out):
            await self._show(out, str(track.get("chat", "")), card)

    async def _update(self, parcel: Parcel, card: Card, values: Mapping[str, str], shown: Mapping[str, Any]) -> str | None:
        """The card that already hangs there, painted anew instead of sent again; None where it is gone."""
        out = str(shown.get("out", ""))
        if int(shown.get("revision", 0)) > card.revision:
            return out
        if self._quota.thrifty("api") and (parcel.grade or Grade.BLUE) < Grade.ORANGE:
            raise SparedError("本月 API 额度已用九成：蓝、黄卡片不再刷新", "permanent")
        try:
            await self._api.update_card(out, values, _private(parcel.pings))
        except RefusedError as error:
            if "cardnotexist" in error.code:
                return None
            raise
        await self._show(out, parcel.target.chat, card)
        return out

    async def _show(self, out: str, chat: str, card: Card) -> None:
        kept = {"out": out, "revision": card.revision, "grade": int(card.grade or 0)}
        await self._state.put(_shown(chat, card), kept, CARD_KEPT)

    def _body(self, out: str, chat: str, private: bool, card: Card, values: Mapping[str, str], pings: Pings) -> dict[str, Any]:
        title = headline(card)
        body: dict[str, Any] = {
            "cardTemplateId": self._template,
            "outTrackId": out,
            "userIdType": 1,
            "cardData": {"cardParamMap": dict(values)},
            **self._callback,
        }
        if own := _private(pings):
            body["privateData"] = {user: {"cardParamMap": line} for user, line in own.items()}
        space = {
            "supportForward": False,
            "lastMessageI18n": {"ZH_CN": title},
            "notification": {"alertContent": title, "notificationOff": False},
        }
        if private:
            body["openSpaceId"] = f"dtv1.card//IM_ROBOT.{chat}"
            body["imRobotOpenSpaceModel"] = space
            body["imRobotOpenDeliverModel"] = {"spaceType": "IM_ROBOT", "robotCode": self._api.robot_code}
            return body
        body["openSpaceId"] = f"dtv1.card//IM_GROUP.{chat}"
        body["imGroupOpenSpaceModel"] = space
        deliver: dict[str, Any] = {"robotCode": self._api.robot_code}
        if pinged := people(pings):
            deliver["atUserIds"] = {id: name for name, id in pinged}
        body["imGroupOpenDeliverModel"] = deliver
        return body


def _shown(chat: str, card: Card) -> str:
    return f"shown:{chat}:{card.kind}:{card.number}"


def _private(pings: Pings) -> dict[str, dict[str, str]]:
    return {id: {"mine": "需要你处理"} for _, id in people(pings)}
