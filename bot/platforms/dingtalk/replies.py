"""Replies to who spoke to us: cards that can be pressed, words by the sessionWebhook while it is good, else by the OpenAPI robot."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from bot.errors import DeliveryError
from bot.model.card import Post
from bot.model.times import clock_of
from bot.platforms.dingtalk import webhook
from bot.platforms.dingtalk.cards import REPLY, how_in_group, message, reduced
from bot.platforms.dingtalk.extras import Robot
from bot.platforms.dingtalk.hanging import Hanging
from bot.platforms.dingtalk.hear import Heard
from bot.platforms.dingtalk.memory import Memory, Notes
from bot.platforms.dingtalk.openapi import OpenApi
from bot.platforms.dingtalk.quota import Quota
from bot.platforms.dingtalk.sealed import seal, unseal

log = logging.getLogger(__name__)

SPARE = 60.0
"""Seconds before its end at which a sessionWebhook is no longer used (protocol page 3.2)."""
SESSION = 2 * 3_600.0
"""Seconds that none lives longer, whatever our clock thinks of its end (about 90 minutes, protocol page 3.2)."""
AGAIN = "（可能重复）"


@dataclass(frozen=True, slots=True)
class Manner:
    """How we hear. ``take``: seconds to store a message; ``press``: seconds to store and answer a press (the vendor allows 2).
    ``secret`` seals what is kept of a conversation; ``robot_code`` is the robot of the configuration, empty to learn it."""

    bot_name: str
    oapi_base: str
    names: Mapping[str, str]
    patience: float
    secret: str
    robot_code: str = ""
    take: float = 2.0
    press: float = 1.5


class Replies:
    """The answering half of a conversation. One attempt by each way; what is left is the house's business."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api: OpenApi,
        hanging: Hanging,
        quota: Quota,
        state: Memory,
        now: Callable[[], datetime],
        notes: Notes,
        manner: Manner,
    ) -> None:
        self._session = session
        self._robot = Robot(api, manner.bot_name)
        self._hanging = hanging
        self._quota = quota
        self._state = state
        self._now = now
        self._notes = notes
        self._manner = manner

    async def say(self, heard: str, room: str, sender: str, posts: tuple[Post, ...]) -> list[Post]:
        """Says the posts of an answer; those that did not arrive as a whole. What of them may be there already is marked."""
        left: list[Post] = []
        for n, post in enumerate(merged(posts)):
            try:
                mark, words = hashlib.sha256(f"{heard}/{n}".encode()).hexdigest()[:20], False
                await self._words(mark, room, sender, post)
                words = True
                for file in post.files:
                    await self._robot.attach(room or sender, not room, file)
            except DeliveryError as error:
                log.warning("dingtalk: a reply was not delivered: %s", error)
                self._notes.say("reply", f"{clock_of(self._now())} 一条回复没有直接发出，改由发送队列再发：{error}")
                left.append(post.with_note(AGAIN) if words or error.outcome == "unknown" else post)
        return left

    async def _words(self, mark: str, room: str, sender: str, post: Post) -> None:
        """What can be pressed as a card; words by the sessionWebhook while it is good, else by the OpenAPI robot. A reply of
        unknown fate is repeated once, marked."""
        ids = {name: user for user, name in self._manner.names.items()}
        pings = [(name, ids[name]) for name in post.mentions if name in ids] if room else []
        key, doubtful = room or f"@{sender}", False
        how = how_in_group(self._manner.bot_name) if room else REPLY
        if post.card and post.card.buttons and await self._hanging.reply(mark, room or sender, not room, post, pings):
            return
        if url := await self.session_of(key):
            try:
                await self._quota.spend("session")
                await webhook.send_session(self._session, url, message(post, pings, how), patience=self._manner.patience)
                return
            except webhook.UnsafeError:
                post = reduced(post)
            except DeliveryError as error:
                log.info("dingtalk: the session reply failed, by OpenAPI then: %s", error)
                doubtful = error.outcome == "unknown"
                post = post.with_note(AGAIN) if doubtful else post
                if error.outcome == "permanent":
                    await self._state.put(f"session:{key}", {}, 1.0)
        try:
            await self._robot.say(room or sender, not room, post, pings)
        except DeliveryError as error:
            raise DeliveryError(str(error), "unknown" if doubtful else error.outcome) from None

    async def remember(self, heard: Heard) -> None:
        """Keeps the newest sessionWebhook of a conversation; it is a credential and is never logged."""
        if not heard.session or not webhook.trusted(heard.session, self._manner.oapi_base):
            return
        left = heard.session_ends / 1000 - self._now().timestamp() - SPARE
        if left > 0:
            key = heard.message.room or f"@{heard.message.sender}"
            await self._state.put(f"session:{key}", {"url": seal(heard.session, self._manner.secret)}, min(left, SESSION))

    async def session_of(self, key: str) -> str:
        kept = await self._state.get(f"session:{key}")
        return unseal(kept.get("url"), self._manner.secret) if isinstance(kept, dict) else ""


def merged(posts: tuple[Post, ...]) -> list[Post]:
    """Plain posts one after another as a single message: each message costs."""
    made: list[Post] = []
    for post in posts:
        last = made[-1] if made else None
        if last and not (last.card or post.card or last.files or post.files):
            made[-1] = Post(f"{last.text}\n{post.text}", mentions=(*last.mentions, *post.mentions))
        else:
            made.append(post)
    return made
