"""The AI bot (智能机器人) over the long connection: commands, cards with buttons, pictures and files, pushes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bot.errors import DeliveryError
from bot.model.card import Card, File, Post
from bot.model.message import Answer, Message, Press, Target
from bot.platforms.wecom import cards, heard, limits, template
from bot.platforms.wecom.codes import CARD_REFUSED, DEAD_REQUEST, TOO_OFTEN, VendorError
from bot.platforms.wecom.desk import (
    AGAIN,
    LATER,
    NOOP,
    NOT_STORED,
    UNREADABLE,
    WORKING,
    Desk,
    Part,
    sendable,
    stream_of,
    texts,
)
from bot.platforms.wecom.link import Link
from bot.platforms.wecom.upload import uploaded
from bot.platforms.wecom.webhook import Call

log = logging.getLogger(__name__)

TRIES = 3
Somebody = Message | heard.Pressed


class AiBot:
    """Speaks through a ``Link``. ``meter`` counts pushes and replies of each conversation together."""

    def __init__(self, desk: Desk, meter: limits.Meter, uploads: limits.Meter, link: Callable[..., Link]) -> None:
        self._desk = desk
        self._meter = meter
        self._uploads = uploads
        self.link = link(on_frame=self._on_frame)
        self.window = limits.CARD_WINDOW - 0.5
        self.stream_life = limits.STREAM_LIFE
        self.reconnect_wait = 60.0

    def plan(self, target: Target, post: Post, parcel: int) -> list[Call]:
        """The calls that say ``post`` to ``target``: its words first, then pictures and files."""
        post, files = sendable(post)
        kind = 1 if target.private else 2
        words = [self._push(target.chat, kind, part) for part in self._parts(post, parcel, group=not target.private)]
        return [*words, *(self._push_file(target.chat, kind, file) for file in files)]

    def _parts(self, post: Post, parcel: int, *, group: bool) -> list[Part]:
        if post.card is None:
            return [_words(text) for text in texts(post, limits.BOT_MARKDOWN - 30)]
        said, card = template.in_two(post.card, template.BOT) or (None, post.card)
        first = [self._plainly(said, group=group)] if said else []
        words = self._plainly(card, group=group)
        if not card.buttons:
            return [words]

        async def drawn(note: str = "", *, simple: bool = False) -> dict[str, Any]:
            if simple:
                return await words(note)
            shown = replace(card, title=note + card.title)
            return {"msgtype": "template_card", "template_card": await self._desk.draw(shown, parcel, face=template.BOT)}

        return [*first, drawn]

    def _plainly(self, card: Card, *, group: bool) -> Part:
        """A card without buttons."""
        return _words(cards.markdown(Post.of(card), limits.BOT_MARKDOWN - 30, colors=False, how=self._desk.how(group)))

    def _push(self, chat: str, kind: int, part: Part) -> Call:
        async def call() -> str:
            for simple in (False, True):
                body = {"chatid": chat, "chat_type": kind, **await part(simple=simple)}
                try:
                    await self._send(chat, "主动消息", "aibot_send_msg", body)
                    break
                except VendorError as exc:
                    if exc.code not in CARD_REFUSED or body["msgtype"] != "template_card":
                        raise
                    log.warning("wecom: card refused, saying it without buttons: %s", exc)
            return ""

        return call

    def _push_file(self, chat: str, kind: int, file: File) -> Call:
        async def call() -> str:
            body = await uploaded(self.link, self._uploads, file)
            await self._send(chat, "发送文件", "aibot_send_msg", {"chatid": chat, "chat_type": kind, **body})
            return ""

        return call

    async def _send(self, chat: str, what: str, cmd: str, body: dict[str, Any], req_id: str = "") -> None:
        """One frame to a conversation, within its limits."""
        if wait := self._meter.wait(chat):
            raise DeliveryError("这个会话发得太密，稍后再发", "retry", wait)
        self._meter.note(chat)
        try:
            await self.link.call(what, cmd, body, req_id)
        except VendorError as exc:
            if exc.code in TOO_OFTEN:
                self._meter.full(chat, limits.MINUTE)
            raise

    def _on_frame(self, frame: dict[str, Any]) -> None:
        body, headers = frame.get("body"), frame.get("headers")
        if not isinstance(body, dict) or not isinstance(headers, dict):
            return
        req_id = str(headers.get("req_id", ""))
        if frame.get("cmd") == "aibot_msg_callback":
            self._desk.spawn(self._heard(body, req_id))
        elif frame.get("cmd") == "aibot_event_callback":
            self._desk.spawn(self._event(body, req_id))

    async def _heard(self, body: dict[str, Any], req_id: str) -> None:
        desk = self._desk
        try:
            message, media = heard.bot_message(body, bot_name=desk.bot_name, corp_id=desk.corp_id, at=desk.now())
        except heard.ShapeError as exc:
            log.warning("wecom: a message not understood: %s", exc)
            return
        if not desk.first_time(message.id):
            return
        if heard.unreadable(body, message, media):
            await self._say(() if message.external else (Post(UNREADABLE),), message, req_id)
            return
        if not await desk.take(message):
            await self._say((Post(NOT_STORED),), message, req_id)
            return
        if media:
            message = await desk.with_files(message, media)
        await self._reply(message, req_id, spoken=heard.spoken(body))

    async def _reply(self, message: Message, req_id: str, *, spoken: bool) -> None:
        """Answers a message, and tells the house what of it did not arrive."""
        left = await self._answered(message, req_id, spoken=spoken)
        await self._desk.told(message, left)

    async def _answered(self, message: Message, req_id: str, *, spoken: bool) -> Sequence[Post]:
        """At once where the answer is quick, else as a stream that is always ended; the posts that did not arrive."""
        asking = self._desk.spawn(self._desk.answer(message, spoken=spoken))
        await asyncio.wait({asking}, timeout=self._desk.patience)
        if asking.done():
            return await self._say(asking.result().posts, message, req_id)
        stream = stream_of(message.id)
        opened = not await self._stream(message, req_id, stream, WORKING, finish=False)
        await asyncio.wait({asking}, timeout=self.stream_life)
        if not asking.done():
            if opened:
                await self._stream(message, req_id, stream, LATER, finish=True)
            return await self._say((await asking).posts, message, "")
        posts = asking.result().posts
        if not opened:
            return await self._say(posts, message, req_id)
        return await self._end_stream(posts, message, req_id, stream)

    async def _end_stream(self, posts: Sequence[Post], message: Message, req_id: str, stream: str) -> Sequence[Post]:
        """The first words end the stream; what is left follows as messages of its own."""
        first = posts[0] if posts else Post("好了。")
        if first.card and first.card.buttons:
            await self._stream(message, req_id, stream, "好了，见下面的卡片。", finish=True)
            return await self._say(posts, message, "")
        group = bool(message.room)
        text = (
            cards.markdown(first, limits.BOT_MARKDOWN, colors=False, how=self._desk.how(group))
            if first.card
            else texts(first, limits.BOT_MARKDOWN)[0]
        )
        if failed := await self._stream(message, req_id, stream, text, finish=True):
            again = first.with_note(AGAIN) if failed == "unknown" else first
            return await self._say((again, *posts[1:]), message, "")
        rest = [] if first.card else [_words(text) for text in texts(first, limits.BOT_MARKDOWN)[1:]]
        ends = [await self._deliver(part, message, "") for part in (*rest, *self._file_parts(first))]
        return [*((first.with_note(AGAIN),) if any(ends) else ()), *await self._say(posts[1:], message, "")]

    async def _stream(self, message: Message, req_id: str, stream: str, text: str, *, finish: bool) -> str:
        """One frame of a stream; empty when it was taken, else how it ended."""
        body = {"msgtype": "stream", "stream": {"id": stream, "finish": finish, "content": text}}
        try:
            await self._send(_chat(message), "流式回复", "aibot_respond_msg", body, req_id)
        except DeliveryError as exc:
            log.info("wecom: stream frame not taken: %s", exc)
            return exc.outcome
        return ""

    async def _say(self, posts: Sequence[Post], to: Somebody, req_id: str) -> Sequence[Post]:
        """Replies, the first through ``req_id`` where there is one, the others as pushes to the same conversation. The posts that
        did not arrive as a whole; what of them may be there already is marked."""
        left = []
        for post in posts:
            ends = []
            for part in (*self._parts(post, 0, group=bool(to.room)), *self._file_parts(post)):
                ends.append(await self._deliver(part, to, req_id))
                req_id = ""
            if any(ends):
                left.append(post.with_note(AGAIN) if "unknown" in ends or not all(ends) else post)
        return left

    def _file_parts(self, post: Post) -> list[Part]:
        return [self._file_part(file) for file in sendable(post)[1]]

    def _file_part(self, file: File) -> Part:
        async def part(note: str = "", *, simple: bool = False) -> dict[str, Any]:
            return await uploaded(self.link, self._uploads, file)

        return part

    async def _deliver(self, part: Part, to: Somebody, req_id: str) -> str:
        """A reply is not in the outbox yet, so it is tried here: through the ``req_id``, then as a push, a few times. After an
        unknown end the repeat says that it may be one. Empty when the vendor took it, else how it ended."""
        chat, note, simple = _chat(to), "", False
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            try:
                body = await part(note, simple=simple)
                if req_id:
                    await self._send(chat, "回复", "aibot_respond_msg", body, req_id)
                else:
                    kind = 2 if to.room else 1
                    await self._send(chat, "回复", "aibot_send_msg", {"chatid": chat, "chat_type": kind, **body})
            except DeliveryError as exc:
                code = exc.code if isinstance(exc, VendorError) else 0
                mendable = (code in DEAD_REQUEST and bool(req_id)) or (code in CARD_REFUSED and not simple)
                if last or exc.after > limits.MINUTE or (exc.outcome == "permanent" and not mendable):
                    log.warning("wecom: a reply was not delivered: %s", exc)
                    return "unknown" if note else exc.outcome
                simple = simple or code in CARD_REFUSED
                note = AGAIN if exc.outcome == "unknown" else note
                req_id = req_id if code in CARD_REFUSED else ""
                await asyncio.sleep(exc.after)
                await self.link.wait_ready(self.reconnect_wait)
                continue
            return ""
        return "retry"

    async def _event(self, body: dict[str, Any], req_id: str) -> None:
        kind = heard.event_type(body)
        if kind == "enter_chat":
            await self._welcome(req_id)
        elif kind == "template_card_event":
            await self._pressed(body, req_id)
        elif kind == "feedback_event":
            log.info("wecom: somebody rated a reply")

    async def _welcome(self, req_id: str) -> None:
        try:
            body = {"msgtype": "text", "text": {"content": self._desk.welcome}}
            await self.link.call("欢迎语", "aibot_respond_welcome_msg", body, req_id)
        except DeliveryError as exc:
            log.info("wecom: welcome not said: %s", exc)

    async def _pressed(self, body: dict[str, Any], req_id: str) -> None:
        desk, received = self._desk, self._desk.clock()
        try:
            pressed = heard.bot_press(body, corp_id=desk.corp_id)
        except heard.ShapeError as exc:
            log.warning("wecom: a press not understood: %s", exc)
            return
        if pressed.key == NOOP or not desk.first_time(pressed.id):
            return
        press = await desk.press(pressed)
        if not await desk.take(press):
            await self._say((Post(NOT_STORED),), pressed, "")
            return
        await self._answer_press(press, pressed, req_id, received)

    async def _answer_press(self, press: Press, pressed: heard.Pressed, req_id: str, received: float) -> None:
        """Repaints the card inside the vendor's window; where that is over, the house says it anew."""
        asking = self._desk.spawn(self._desk.answer(press))
        await asyncio.wait({asking}, timeout=max(0.0, self.window - (self._desk.clock() - received)))
        in_time = asking.done()
        answer: Answer = await asking
        if answer.repaint:
            shown = in_time and await self._repainted(answer.repaint, pressed, req_id)
            await self._desk.painted(press, answer.repaint if shown else None)
        await self._desk.told(press, await self._say(answer.posts, pressed, ""))

    async def _repainted(self, post: Post, pressed: heard.Pressed, req_id: str) -> bool:
        if not post.card:
            return False
        drawn = await self._desk.redraw(post.card, pressed.task_id, face=template.BOT)
        body = {"response_type": "update_template_card", "template_card": drawn}
        try:
            await self.link.call("更新卡片", "aibot_respond_update_msg", body, req_id)
        except DeliveryError as exc:
            log.info("wecom: card not repainted: %s", exc)
            return False
        return True


def _chat(to: Somebody) -> str:
    return to.room or to.sender


def _words(text: str) -> Part:
    async def part(note: str = "", *, simple: bool = False) -> dict[str, Any]:
        return {"msgtype": "markdown", "markdown": {"content": note + text}}

    return part
