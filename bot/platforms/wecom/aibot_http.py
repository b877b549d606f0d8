"""The AI bot (智能机器人) over HTTP call-backs: hears and answers, cannot speak first.

An answer is one bubble: quick ones go back with the call-back, slow ones as a stream that WeCom keeps asking for, the latest
through ``response_url`` (one call, one hour).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import DeliveryError
from bot.model.card import File, Post
from bot.model.message import Answer, Message, Press
from bot.platforms.text import cut_bytes
from bot.platforms.wecom import heard, limits, template
from bot.platforms.wecom.desk import LATER, NEW_CARD, NOOP, UNREADABLE, WORKING, Desk, is_picture, splice, stream_of

log = logging.getLogger(__name__)

TAKEN = "这一条已收下；没见到结果请再说一次。"
QUICK = 0.8
Carry = Callable[[str, Sequence[File]], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Live:
    """An answer being made, and then as it was made: the vendor asks again where it lost ours. ``until`` in monotonic seconds.
    Whether the final bubble arrives is not said by anybody: given to the vendor it counts as told."""

    asking: asyncio.Task[Answer]
    until: float
    url: str
    message: Message
    final: str | None = None


class HttpBot:
    """``handle`` gets the clear text of a call-back and gives that of its answer. ``aes_key`` also opens received files.
    ``carry`` brings a member the files that an answer here can't hold (None: nobody does)."""

    def __init__(self, desk: Desk, aes_key: str, carry: Carry | None = None) -> None:
        self._desk = desk
        self._aes_key = aes_key
        self._carry = carry
        self._live: dict[str, Live] = {}
        self.quick = QUICK
        self.window = limits.CARD_WINDOW - 1.0

    async def handle(self, text: str) -> str | None:
        """Empty: acknowledged without words. None: could not be stored."""
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            raise heard.ShapeError("no JSON") from None
        if not isinstance(body, dict):
            raise heard.ShapeError("no JSON object")
        kind = body.get("msgtype")
        if kind == "stream":
            return await self._refreshed(body)
        if kind == "event":
            return await self._event(body)
        return await self._message(body)

    async def _message(self, body: dict[str, Any]) -> str | None:
        desk = self._desk
        message, media = heard.bot_message(body, bot_name=desk.bot_name, corp_id=desk.corp_id, at=desk.now())
        stream = stream_of(message.id)
        if not desk.first_time(message.id):
            known = self._live.get(stream)
            return await self._state(stream, known) if known else ""
        if heard.unreadable(body, message, media):
            return "" if message.external else _json(_stream(stream, UNREADABLE, finish=True))
        if not await desk.take(message):
            return None
        asking = desk.spawn(self._answer(message, media, spoken=heard.spoken(body)))
        live = Live(asking, desk.clock() + limits.STREAM_LIFE, str(body.get("response_url") or ""), message)
        self._forget_old()
        self._live[stream] = live
        await asyncio.wait({asking}, timeout=self.quick)
        if not asking.done():
            return _json(_stream(stream, WORKING, finish=False))
        return await self._ended(live, stream, fresh=True)

    async def _answer(self, message: Message, media: Sequence[heard.Media], *, spoken: bool) -> Answer:
        if media:
            message = await self._desk.with_files(message, media, self._aes_key)
        return await self._desk.answer(message, spoken=spoken)

    async def _refreshed(self, body: Mapping[str, Any]) -> str:
        inner = body.get("stream")
        stream = str(inner.get("id", "")) if isinstance(inner, dict) else ""
        live = self._live.get(stream)
        if live is None:
            return _json(_stream(stream, TAKEN, finish=True))
        return await self._state(stream, live)

    async def _state(self, stream: str, live: Live) -> str:
        """What the bubble shows now. Past its life it is ended, and the answer follows through ``response_url``."""
        if live.final is not None:
            return live.final
        if live.asking.done():
            return await self._ended(live, stream, fresh=False)
        if self._desk.clock() < live.until:
            return _json(_stream(stream, WORKING, finish=False))
        live.final = _json(_stream(stream, LATER, finish=True))
        self._desk.spawn(self._late(live))
        return live.final

    async def _ended(self, live: Live, stream: str, *, fresh: bool) -> str:
        live.final = await self._final(live.asking.result().posts, stream, live.message, fresh=fresh)
        self._desk.spawn(self._desk.told(live.message))
        return live.final

    def _forget_old(self) -> None:
        old = self._desk.clock() - limits.MINUTE
        self._live = {id: live for id, live in self._live.items() if live.until > old}

    async def _late(self, live: Live) -> None:
        posts = (await live.asking).posts
        said = await self._respond(live.url, posts, live.message)
        await self._desk.told(live.message, () if said else posts)

    async def _final(self, posts: Sequence[Post], stream: str, to: Message | Press, *, fresh: bool) -> str:
        """All posts as one bubble: words in the stream, the first card that can be pressed as a card, pictures at the end."""
        if not posts and fresh:
            return ""
        shown = next((post for post in posts if post.card and post.card.buttons), None)
        parts = template.in_two(shown.card, template.BOT) if shown and shown.card else None
        said, pressed = parts or (None, shown.card if shown else None)
        words = [Post.of(said) if post is shown and said else post for post in posts if post is not shown or said]
        card = await self._desk.draw(pressed, 0, face=template.BOT) if pressed else None
        files = [file for post in posts for file in post.files]
        if card and not words and not files and fresh:
            return _json({"msgtype": "template_card", "template_card": card})
        text = splice(words, self._desk.how(bool(to.room))) or ("见下面的卡片。" if card else "好了。")
        drawn = _stream(stream, self._with_left(text, files, to.sender), finish=True)
        if pictures := [file for file in files if is_picture(file)][: limits.STREAM_IMAGES]:
            drawn["stream"]["msg_item"] = [_picture(file) for file in pictures]
        if card:
            drawn |= {"msgtype": "stream_with_template_card", "template_card": card}
        return _json(drawn)

    async def _event(self, body: dict[str, Any]) -> str | None:
        kind = heard.event_type(body)
        if kind == "enter_chat":
            return _json({"msgtype": "text", "text": {"content": self._desk.welcome}})
        if kind == "template_card_event":
            return await self._pressed(body)
        return ""

    async def _pressed(self, body: dict[str, Any]) -> str | None:
        desk, received = self._desk, self._desk.clock()
        pressed = heard.bot_press(body, corp_id=desk.corp_id)
        url = str(body.get("response_url") or "")
        if pressed.key == NOOP or not desk.first_time(pressed.id):
            return ""
        press = await desk.press(pressed)
        if not await desk.take(press):
            return None
        asking = desk.spawn(desk.answer(press))
        await asyncio.wait({asking}, timeout=max(0.0, self.window - (desk.clock() - received)))
        if not asking.done():
            desk.spawn(self._late_press(press, asking, url))
            return ""
        answer = asking.result()
        if answer.posts:
            desk.spawn(self._say(press, url, answer.posts))
        if not answer.repaint or not answer.repaint.card:
            return ""
        drawn = await desk.redraw(answer.repaint.card, pressed.task_id, face=template.BOT)
        desk.spawn(desk.painted(press, answer.repaint))
        return _json({"response_type": "update_template_card", "template_card": drawn})

    async def _late_press(self, press: Press, asking: asyncio.Task[Answer], url: str) -> None:
        answer = await asking
        renewed = (answer.repaint.with_note(NEW_CARD),) if answer.repaint else ()
        said = await self._respond(url, (*renewed, *answer.posts), press)
        await self._desk.told(press, () if said else answer.posts)
        if answer.repaint:
            await self._desk.painted(press, answer.repaint if said else None)

    async def _say(self, press: Press, url: str, posts: Sequence[Post]) -> None:
        said = await self._respond(url, posts, press)
        await self._desk.told(press, () if said else posts)

    async def _respond(self, url: str, posts: Sequence[Post], to: Message | Press) -> bool:
        """The one call that a ``response_url`` allows; whether it was taken. It knows markdown only."""
        if not url or not posts:
            return False
        files = [file for post in posts for file in post.files]
        text = self._with_left(splice(posts, self._desk.how(bool(to.room))) or "好了。", files, to.sender, pictures=False)
        try:
            await self._desk.http.ask("回复", "POST", url, body={"msgtype": "markdown", "markdown": {"content": text}})
        except DeliveryError as exc:
            log.warning("wecom: a late reply was not delivered: %s", exc)
            return False
        return True

    def _with_left(self, text: str, files: Sequence[File], to: str, *, pictures: bool = True) -> str:
        """The text with a line about files that an answer here can't hold: the app brings them in private, else it names them.
        ``pictures``: those can be shown."""
        left = [file for file in files if not (pictures and is_picture(file))]
        if not left:
            return cut_bytes(text, limits.BOT_MARKDOWN)
        names = "、".join(file.name for file in left)
        if self._carry is None:
            return cut_bytes(text, limits.BOT_MARKDOWN, [f"附件在这个通道发不出，请在本地控制台取：{names}"])
        self._desk.spawn(self._carry(to, left))
        return cut_bytes(text, limits.BOT_MARKDOWN, [f"附件由自建应用私信发给你：{names}"])


def _stream(id: str, text: str, *, finish: bool) -> dict[str, Any]:
    return {"msgtype": "stream", "stream": {"id": id, "finish": finish, "content": cut_bytes(text, limits.BOT_MARKDOWN)}}


def _picture(file: File) -> dict[str, Any]:
    md5 = hashlib.md5(file.data, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": base64.b64encode(file.data).decode(), "md5": md5}}


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace").decode()
