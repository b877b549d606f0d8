"""Hearing and answering: stored first, then acknowledged, then acted on; the same for Stream and HTTP mode.

frame → read → ear.take → acknowledgement → ear.answer → sessionWebhook, else OpenAPI
press → read → ear.take → ear.answer within the window → acknowledgement with the new card, else acknowledgement, then PUT
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import aiohttp

from bot.errors import DeliveryError
from bot.model.card import Card, Post
from bot.model.message import Answer, Ear, Message, Press
from bot.model.times import clock_of
from bot.platforms.dingtalk.attachments import Attachments
from bot.platforms.dingtalk.cards import variables
from bot.platforms.dingtalk.hanging import Hanging
from bot.platforms.dingtalk.hear import UNREADABLE, Heard, Pushed, read_message, read_press
from bot.platforms.dingtalk.memory import Memory, Notes
from bot.platforms.dingtalk.openapi import OpenApi
from bot.platforms.dingtalk.quota import Quota
from bot.platforms.dingtalk.replies import Manner, Replies
from bot.platforms.text import as_heard

log = logging.getLogger(__name__)

After = Callable[[bool], Coroutine[Any, Any, None]]
HEARD_KEPT = 86_400.0
FOR_EVER = 10 * 365 * 86_400.0
FILES = 5
ELSEWHERE = "钉钉：同一个 Client ID 另有一处望楼在运行，群里的话会随机分给其中一处。请只留一处，测试请另建应用"
ELSEWHERE_SHOWN = 3_600.0


class Conversation:
    """The hearing half of the platform."""

    def __init__(
        self,
        manner: Manner,
        session: aiohttp.ClientSession,
        api: OpenApi,
        hanging: Hanging,
        quota: Quota,
        state: Memory,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        notes: Notes,
    ) -> None:
        self._manner = manner
        self._session = session
        self._replies = Replies(session, api, hanging, quota, state, now, notes, manner)
        self._attachments = Attachments(session, api, manner.oapi_base, manner.patience)
        self._api = api
        self._hanging = hanging
        self._quota = quota
        self._state = state
        self._clock = clock
        self._now = now
        self._busy: set[str] = set()
        self._arriving: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.ear: Ear | None = None
        self.heard_in: Callable[[str], None] = lambda chat: None
        self.unpublished = False
        self._notes = notes

    async def message(self, data: Mapping[str, Any], frame_id: str) -> tuple[Any, After | None]:
        """Takes a robot message; raises when it could not be stored. A repeat is acknowledged and not answered again: what a
        crash left unanswered is the house's business, it lies in the inbox."""
        try:
            heard = read_message(
                data, bot_name=self._manner.bot_name, name_of=self._name_of, now=self._now(), fallback_id=frame_id
            )
        except ValueError as error:
            log.warning("dingtalk: a robot message that is none: %s", error)
            return None, None
        if heard.home and heard.home != await self._state.get("corp"):
            await self._state.put("corp", heard.home, FOR_EVER)
        await self._learn_robot(heard.robot)
        self.unpublished = heard.unpublished or (self.unpublished and heard.message.external)
        if heard.over:
            return None, self._overspent
        if heard.message.room:
            self.heard_in(heard.message.room)
        id_ = heard.message.id
        async with self._alone(id_):
            if await self._state.get(f"heard:{id_}") is not None:
                return None, None
            if heard.readable:
                await self._take(heard.message, self._manner.take)
            await self._state.put(f"heard:{id_}", 1, HEARD_KEPT)
        self._busy.add(id_)
        return None, partial(self._answer, heard)

    async def recall(self) -> None:
        """The robot that spoke in the last run, where the configuration names none."""
        if not self._manner.robot_code and isinstance(kept := await self._state.get("robot"), str):
            self._api.robot_code = kept

    async def _learn_robot(self, robot: str) -> None:
        """A newer robot's code is not the client id: the one that hears us is the one to speak with (protocol page 2.1)."""
        if self._manner.robot_code or not robot or robot == self._api.robot_code:
            return
        self._api.robot_code = robot
        await self._state.put("robot", robot, FOR_EVER)

    async def press(self, data: Mapping[str, Any], frame_id: str) -> tuple[Any, After | None]:
        """Takes a press on a card of ours. The answer to the vendor carries the card as it is now, if that is known in time."""
        start = self._clock()
        pushed = read_press(data, frame_id)
        press = await self._known(pushed)
        if press is None:
            return {}, partial(self._unknown, pushed)
        async with self._alone(press.id):
            repeat = await self._state.get(f"heard:{press.id}") is not None
            await self._take(press, self._manner.press)
            await self._state.put(f"heard:{press.id}", 1, HEARD_KEPT)
        self._busy.add(press.id)
        task = asyncio.create_task(self._house.answer(press))
        await asyncio.wait({task}, timeout=max(0.05, self._manner.press - (self._clock() - start)))
        if not task.done():
            return {}, partial(self._pressed, pushed.out, press, task, False, repeat)
        if task.exception():
            return {}, partial(self._pressed, pushed.out, press, task, True, repeat)
        return painted(task.result()), partial(self._pressed, pushed.out, press, task, True, repeat)

    async def _unknown(self, pushed: Pushed, _: bool) -> None:
        """A press on a card that we do not know: one of ours that is long gone, or a sign that another house runs with our client
        id and DingTalk deals the frames out between us at random (protocol page 2.3)."""
        log.info("dingtalk: a press on a card that is not known here")
        elsewhere = self._hanging.of_another_house(pushed.out)
        if elsewhere:
            self._notes.say("elsewhere", ELSEWHERE, ELSEWHERE_SHOWN)
        home = await self._state.get("corp")
        outside = bool(home and pushed.corp and pushed.corp != home)
        if not pushed.sender or outside or not (elsewhere or self._hanging.ours(pushed.out)):
            return
        if await self._state.get(f"unknown:{pushed.out}") is not None:
            return
        await self._state.put(f"unknown:{pushed.out}", 1, ELSEWHERE_SHOWN)
        words = "这张卡是另一处运行的望楼发的，这里按不了。请管理员只留一处运行" if elsewhere else "这张卡太久了，按不了"
        await self._replies.say(pushed.id, pushed.room, pushed.sender, (Post(f"{words}。请直接打字，如「状态」"),))

    async def _known(self, pushed: Pushed) -> Press | None:
        """The press as the house hears it; None where the card is not of this installation. The card of a reply has no parcel:
        its press comes with the typed twin of the button."""
        track = await self._hanging.track(pushed.out)
        if not pushed.sender or track is None:
            return None
        room = pushed.room or ("" if track.get("private") else str(track.get("chat", "")))
        verb = str(dict(track.get("verbs") or {}).get(pushed.key, "")).replace("{choice}", pushed.choice)
        parcel, home = int(track.get("parcel") or 0), await self._state.get("corp")
        foreign = bool(home and pushed.corp and pushed.corp != home)  # user ids are unique only within one organisation
        who = (room, pushed.sender, parcel, pushed.key, self._now(), pushed.choice, foreign)
        return Press("dingtalk", pushed.id, *who, verb)

    @property
    def _house(self) -> Ear:
        if self.ear is None:
            raise RuntimeError("the platform was not started")
        return self.ear

    def _alone(self, id_: str) -> asyncio.Lock:
        """Repeats of one message that arrive together wait for what becomes of the first."""
        return self._arriving.setdefault(id_, asyncio.Lock())

    async def _take(self, heard: Message | Press, limit: float) -> None:
        async with asyncio.timeout(limit):
            await self._house.take(heard)

    def _note(self, kind: str, text: str) -> None:
        self._notes.say(kind, f"{clock_of(self._now())} {text}")

    def _name_of(self, user: str) -> str:
        return self._manner.names.get(user, user)

    async def _overspent(self, _: bool) -> None:
        await self._quota.exhausted("push")

    async def _answer(self, heard: Heard, _: bool) -> None:
        """Answers in the order in which a conversation spoke."""
        said = heard.message
        try:
            async with self._turns[said.room or f"@{said.sender}"]:
                await self._quota.spend("push")
                await self._replies.remember(heard)
                answer = Answer((Post(UNREADABLE),)) if not heard.readable else await self._think(heard)
                told_back = heard.spoken and heard.readable and not said.external
                posts = as_heard(said.text, answer.posts) if told_back else answer.posts
                if heard.readable:
                    await self._house.told(said, await self._replies.say(said.id, said.room, said.sender, posts))
                elif not said.external:
                    await self._replies.say(said.id, said.room, said.sender, posts)
        except Exception:
            log.exception("dingtalk: message %s was stored and not answered", said.id)
            self._note("answer", "有一条消息没有答上（内部错误，见日志）")
        finally:
            self._busy.discard(said.id)

    async def _think(self, heard: Heard) -> Answer:
        codes = () if heard.message.external else heard.codes[:FILES]
        files = [file for code, name in codes if (file := await self._attachments.fetch(code, name))]
        if len(files) < len(codes):
            self._note("fetch", "有一个附件没有取到")
        said = replace(heard.message, files=tuple(files)) if files else heard.message
        return await self._house.answer(said)

    async def _pressed(
        self, out: str, press: Press, task: asyncio.Task[Answer], in_time: bool, repeat: bool, written: bool
    ) -> None:
        """What is left to do after a press was acknowledged. A card that could not be painted is the house's business."""
        try:
            answer = await task
            if answer.repaint and answer.repaint.card:
                shown = await self._painted(out, answer.repaint.card, in_time and written)
                await self._house.painted(press, answer.repaint if shown else None)
            posts = () if repeat else answer.posts
            if in_time and self._quota.thrifty("api") and not await self._replies.session_of(press.room or f"@{press.sender}"):
                posts = posts[1:]  # who pressed has read its first line on the card
            left = await self._replies.say(press.id, press.room, press.sender, posts)
            if not repeat:
                await self._house.told(press, left)
        except Exception:
            log.exception("dingtalk: press %s was stored and not answered", press.id)
            self._note("press", "有一次按键没有答上（内部错误，见日志）")
        finally:
            self._busy.discard(press.id)

    async def _painted(self, out: str, card: Card, acknowledged: bool) -> bool:
        """The card's new face: it went with the acknowledgement, or goes now."""
        try:
            if not acknowledged:
                await self._hanging.paint(out, card)
            else:
                await self._hanging.painted(out, card)
        except DeliveryError as error:
            log.warning("dingtalk: card %s was not painted anew: %s", out, error)
            return False
        return True


def painted(answer: Answer) -> dict[str, Any]:
    """The answer to a press: the card's new values for all, and for who pressed the first line of what we say."""
    card: Card | None = answer.repaint.card if answer.repaint else None
    if card is None and not answer.posts:
        return {}
    mine = answer.posts[0].text.split("\n", 1)[0] if answer.posts else ""
    values = variables(card)[0] if card else {}
    values.pop("mine", None)
    own, _ = variables(Card("mine", ""), mine)
    return {
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
        "cardData": {"cardParamMap": values},
        "userPrivateData": {"cardParamMap": {"mine": own["mine"]}},
    }
