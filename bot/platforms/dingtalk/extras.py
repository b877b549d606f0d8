"""What goes with a message: pictures and documents as messages of their own, and DING for a new red alert."""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.errors import DeliveryError
from bot.model.card import File, Post
from bot.model.grade import Grade
from bot.model.message import Parcel
from bot.model.times import clock_of
from bot.platforms.dingtalk.cards import Pings, headline, how_in_group, robot_message
from bot.platforms.dingtalk.cards import people as mentionable
from bot.platforms.dingtalk.memory import Memory, Notes
from bot.platforms.dingtalk.openapi import OpenApi
from bot.platforms.dingtalk.quota import Quota
from bot.platforms.dingtalk.refusal import RefusedError
from bot.platforms.text import cut_bytes, one_line

log = logging.getLogger(__name__)

PARCEL_KEPT = 86_400.0
DING_AGAIN = 3_600.0
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/bmp"})
DOCUMENTS = frozenset({"xlsx", "pdf", "zip", "rar", "doc", "docx"})
DINGS = {"app": 1, "sms": 2, "call": 3}
DING_LABELS = {1: "应用内", 2: "短信", 3: "电话"}


class Robot:
    """The OpenAPI robot's voice in one chat."""

    def __init__(self, api: OpenApi, bot_name: str) -> None:
        self._api = api
        self._in_group = how_in_group(bot_name)

    async def say(self, chat: str, private: bool, post: Post, pings: Pings = ()) -> str:
        """A post; the vendor's message id."""
        key, param = robot_message(post) if private else robot_message(post, pings, self._in_group)
        return await self._out(chat, private, key, param)

    async def attach(self, chat: str, private: bool, file: File) -> None:
        """A picture or document as a message of its own. What DingTalk does not take as it is goes as a .zip."""
        if file.mime in PICTURES:
            await self._out(chat, private, "sampleImageMsg", {"photoURL": await self._api.upload(file, "image")})
            return
        sent = packed(file)
        media = await self._api.upload(sent, "file")
        kind = sent.name.rpartition(".")[2].lower()
        await self._out(chat, private, "sampleFile", {"mediaId": media, "fileName": sent.name, "fileType": kind})

    async def _out(self, chat: str, private: bool, key: str, param: dict[str, str]) -> str:
        if private:
            return await self._api.send_person(chat, key, param)
        return await self._api.send_group(chat, key, param)


def packed(file: File) -> File:
    """A document that DingTalk takes: as it is, or in a .zip."""
    if file.name.rpartition(".")[2].lower() in DOCUMENTS:
        return file
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(file.name.replace("/", "_") or "file"), file.data)
    return File(f"{file.name}.zip", "application/zip", whole.getvalue())


class Luggage:
    """The files of a parcel, each sent once however often the parcel is tried."""

    def __init__(self, robot: Robot, quota: Quota, state: Memory) -> None:
        self._robot = robot
        self._quota = quota
        self._state = state

    async def progress(self, parcel: Parcel) -> dict[str, Any]:
        """What of a parcel with files is out already: ``words`` (the message id) and ``files`` (how many)."""
        kept = await self._state.get(f"parcel:{parcel.id}") if parcel.post.files else None
        return kept if isinstance(kept, dict) else {}

    async def words_out(self, parcel: Parcel, message_id: str) -> None:
        """Remembers that the words are out."""
        if parcel.post.files:
            await self._state.put(f"parcel:{parcel.id}", {"words": message_id, "files": 0}, PARCEL_KEPT)

    async def send(self, parcel: Parcel) -> str:
        """Sends what is left; a note (Chinese) where files were held back to spare the quota. A file that never will go is
        said in the chat; ``DeliveryError`` for one that may go later."""
        if not parcel.post.files:
            return ""
        if self._quota.thrifty("api") and parcel.grade is not None and parcel.grade < Grade.ORANGE:
            return "本月 API 额度已用九成：蓝、黄的图和附件不再发送"
        done = await self.progress(parcel)
        chat, private = parcel.target.chat, parcel.target.private
        for i, file in enumerate(parcel.post.files):
            if i < int(done.get("files") or 0):
                continue
            try:
                await self._robot.attach(chat, private, file)
            except DeliveryError as error:
                if error.outcome != "permanent":
                    raise
                await self._robot.say(chat, private, Post(f"附件 {one_line(file.name)} 没有发出：{error}"))
            kept = {"words": done.get("words", ""), "files": i + 1}
            await self._state.put(f"parcel:{parcel.id}", kept, PARCEL_KEPT)
        return ""


class Bell:
    """DING: each person at most once an hour for an incident. Its failure fails nothing else."""

    def __init__(self, kind: str, api: OpenApi, robot: Robot, state: Memory, now: Callable[[], datetime], notes: Notes) -> None:
        self._wanted = DINGS.get(kind, 0)
        self._api = api
        self._robot = robot
        self._state = state
        self._now = now
        self._notes = notes

    async def ring(self, parcel: Parcel) -> None:
        """Rings those whom a new red alert concerns; on an empty quota by telephone, then SMS, then in the app, then by a private
        message; and says so where the alert stands."""
        people = await self._fresh(parcel)
        card = parcel.post.card
        if not people or card is None:
            return
        words, at = cut_bytes(f"{headline(card)}，请立即查看", 400), clock_of(self._now())
        for kind in range(self._wanted, 0, -1):
            try:
                await self._api.ding(people, words, kind)
            except DeliveryError as error:
                self._notes.say("ding", f"{at} {DING_LABELS[kind]} DING 没有成功：{error}")
                log.warning("dingtalk: DING kind %s failed: %s", kind, error)
                if isinstance(error, RefusedError) and "quota" in error.code:
                    continue
                return
            log.info("dingtalk: DING kind %s rang %s people", kind, len(people))
            await self._settled(parcel, DING_LABELS[kind] if kind != self._wanted else "")
            return
        for user in people:
            if user != parcel.target.chat:
                await self._quietly(user, True, Post(words))
        await self._settled(parcel, "私信")

    async def _settled(self, parcel: Parcel, instead: str) -> None:
        """Notes, and says beside the alert, that people were rung by less than was wanted."""
        if not instead:
            self._notes.say("ding", "")
            return
        words = f"{DING_LABELS[self._wanted]} DING 额度不足，已改用{instead}"
        self._notes.say("ding", f"{clock_of(self._now())} {words}")
        await self._quietly(parcel.target.chat, parcel.target.private, Post(f"{words}。请确认当事人已看到"))

    async def _quietly(self, chat: str, private: bool, post: Post) -> None:
        try:
            await self._robot.say(chat, private, post)
        except DeliveryError as error:
            log.warning("dingtalk: a word about DING was not delivered: %s", error)

    async def _fresh(self, parcel: Parcel) -> list[str]:
        card = parcel.post.card
        if not self._wanted or card is None or card.kind != "alert" or card.revision > 1:
            return []
        if Grade.RED not in (parcel.grade, card.grade):
            return []
        people = [parcel.target.chat] if parcel.target.private else [id for _, id in mentionable(parcel.pings)[:20]]
        fresh = [user for user in people if await self._state.get(f"ding:{card.number}:{user}") is None]
        for user in fresh:
            await self._state.put(f"ding:{card.number}:{user}", 1, DING_AGAIN)
        return fresh
