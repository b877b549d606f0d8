"""The self-built app (自建应用): private messages, approval cards, names, files. Needs a fixed outgoing address (60020)."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.errors import DeliveryError
from bot.model.card import Card, File, Post
from bot.model.message import Answer, CheckLine, Message, Press, Target
from bot.model.times import steady
from bot.platforms.text import defuse_text
from bot.platforms.wecom import cards, heard, limits, template
from bot.platforms.wecom.api import Account, Api
from bot.platforms.wecom.codes import CARD_REFUSED, ELSEWHERE, SPENT_CARD, TOO_OFTEN, VendorError
from bot.platforms.wecom.desk import AGAIN, NOOP, UNREADABLE, Desk, about, is_picture, named, sendable
from bot.platforms.wecom.vouchers import Vouchers
from bot.platforms.wecom.webhook import Call, form_of

log = logging.getLogger(__name__)

NAME_LIFE = 86_400.0
REPLY_TRIES = 3
PEOPLE = 50


class App:
    """Speaks to single members, and hears them through the call-back."""

    def __init__(self, desk: Desk, account: Account, meter: limits.Meter) -> None:
        self._desk, self._account, self._meter = desk, account, meter
        self.api = Api(desk.http, account, desk.clock)
        self._vouchers = Vouchers(desk.state, steady(desk.now, desk.clock))
        self.trouble = ""
        self._names: dict[str, tuple[str, float]] = {}

    def plan(self, target: Target, post: Post, parcel: int) -> list[Call]:
        """The calls that say ``post`` to a member: its words first, then pictures and files."""
        post, files = sendable(post)
        words = [self._body_call(target.chat, body) for body in self._plain_bodies(post)]
        if post.card and post.card.buttons and self._account.buttons and not self._account.plain:
            said, card = template.in_two(post.card, template.APP) or (None, post.card)
            bodies = self._plain_bodies(Post.of(said)) if said else []
            words = [*(self._body_call(target.chat, body) for body in bodies), self._card_call(target.chat, card, parcel)]
        return [*words, *(self._file_call(target.chat, file) for file in files)]

    def _plain_bodies(self, post: Post) -> list[dict[str, Any]]:
        if post.card and (drawn := cards.textcard(post.card)):
            return [{"msgtype": "textcard", "textcard": drawn}]
        if post.card:
            there = self._desk.how(group=True)
            how = cards.REPLY if self._account.buttons else f"到群里{there}" if self._desk.hears else there
            return [_text(cards.plain(post, limits.APP_TEXT, how=how))]
        return [_text(piece) for piece in cards.pieces(defuse_text(post.text) or "·", limits.APP_TEXT)]

    def _body_call(self, user: str, body: dict[str, Any]) -> Call:
        async def call() -> str:
            return str((await self._send(user, body)).get("msgid", ""))

        return call

    def _card_call(self, user: str, card: Card, parcel: int) -> Call:
        """A card anew, or the one already there repainted where this is a later face of it and may still be changed."""

        async def call() -> str:
            if card.revision > 1 and await self.repaint(user, card, parcel):
                return ""
            drawn = await self._desk.draw(card, parcel, face=template.APP)
            try:
                answer = await self._send(user, {"msgtype": "template_card", "template_card": drawn})
            except VendorError as exc:
                if exc.code not in CARD_REFUSED:
                    raise
                log.warning("wecom: card refused, saying it without buttons: %s", exc)
                answer = await self._send(user, self._plain_bodies(Post.of(card))[0])
            await self._vouchers.add(_face(user, about(card, str(parcel))), answer.get("response_code"))
            return str(answer.get("msgid", ""))

        return call

    async def carry(self, user: str, files: Sequence[File]) -> None:
        """Sends files that another transport can't, and says in private which could not be sent."""
        left: list[str] = []
        for file in sendable(Post("", files=tuple(files)))[1]:
            try:
                await self._file_call(user, file)()
            except DeliveryError as exc:
                log.warning("wecom: a file was not carried: %s", exc)
                left.append(file.name)
        if left:
            await self._say(user, Answer((Post(f"附件没有发出：{'、'.join(left)}。请稍后再要一次"),)))

    async def repaint(self, user: str, card: Card, parcel: int) -> bool:
        """Shows a card that this member has as it is now; False when no right to change it is left. It may be called again after
        any fault."""
        return await self._paint(_face(user, about(card, str(parcel))), user, card, heard.task_id(card.incident, parcel, 0))

    def _file_call(self, user: str, file: File) -> Call:
        async def call() -> str:
            kind = "image" if is_picture(file) else "file"
            try:
                answer = await self.api.call(
                    "上传文件", "POST", "/cgi-bin/media/upload", params={"type": kind}, form=lambda: form_of(file)
                )
            except DeliveryError as exc:
                if exc.outcome != "unknown":
                    raise
                raise DeliveryError(str(exc), "retry") from None  # an upload shows nothing to anybody
            body = {"msgtype": kind, kind: {"media_id": str(answer.get("media_id", ""))}}
            return str((await self._send(user, body)).get("msgid", ""))

        return call

    async def _send(self, user: str, body: dict[str, Any]) -> dict[str, Any]:
        """One ``message/send``. A filled ``invaliduser`` or ``unlicenseduser`` is a failure although ``errcode`` is 0."""
        if wait := self._meter.wait(user.lower()):
            raise DeliveryError("发给这位成员太密，稍后再发（超出的会被企业微信悄悄丢掉）", "retry", wait)
        self._meter.note(user.lower())
        whole = {"touser": user, "agentid": self._account.agent_id, **body}
        try:
            answer = await self.api.call("应用消息", "POST", "/cgi-bin/message/send", body=whole)
        except VendorError as exc:
            if exc.code in TOO_OFTEN:
                self._meter.full(user.lower(), limits.MINUTE)
            self.trouble = str(exc) if exc.code in (60020, 40001, 40013, 40056, 301002, 48002, 40091) else ""
            raise
        self.trouble = ""
        if _listed(user) & _listed(answer.get("invaliduser")):
            text = f"应用消息：成员 {user} 不在应用可见范围或 userid 不对；检查应用详情页「可见范围」"
            raise DeliveryError(text, "retry", ELSEWHERE)
        if _listed(user) & _listed(answer.get("unlicenseduser")):
            text = f"应用消息：成员 {user} 没有接口许可；管理后台「应用管理」→「接口许可」给他激活"
            raise DeliveryError(text, "retry", ELSEWHERE)
        return answer

    async def _paint(self, face: str, user: str, card: Card, task_id: str) -> bool:
        """Repaints a card with the newest right to do so that still holds. A code used up by an attempt of unknown end has shown
        the revision of that attempt."""
        while voucher := await self._vouchers.newest(face):
            drawn = await self._desk.redraw(card, task_id, face=template.APP)
            drawn.pop("task_id", None)
            body = {"userids": [user], "agentid": self._account.agent_id, "response_code": voucher.code, "template_card": drawn}
            await self._vouchers.use(face, voucher, card.revision)
            try:
                answer = await self.api.call("更新卡片", "POST", "/cgi-bin/message/update_template_card", body=body)
            except VendorError as exc:
                log.info("wecom: card not repainted: %s", exc)
                if exc.outcome != "permanent":
                    raise
                await self._vouchers.spend(face, voucher)
                if exc.code not in SPENT_CARD:
                    return False
                if voucher.tried == card.revision:
                    return True
                continue
            await self._vouchers.spend(face, voucher)
            return user.lower() not in {str(left).lower() for left in answer.get("invaliduser") or ()}
        return False

    async def handle(self, text: str) -> str | None:
        """A decrypted call-back. Acknowledged without words; the answer goes by ``message/send``."""
        fields = heard.app_fields(text)
        if str(fields.get("AgentID") or self._account.agent_id) != str(self._account.agent_id):
            return ""
        if fields.get("MsgType") != "event":
            return await self._message(fields)
        if fields.get("Event") == "template_card_event":
            return await self._pressed(fields)
        return ""

    async def _message(self, fields: Mapping[str, Any]) -> str | None:
        message, media = heard.app_message(fields, self._desk.now())
        message = replace(message, sender_name=self._known_name(message.sender))
        if not self._desk.first_time(message.id):
            return ""
        if not message.text and not media:
            self._desk.spawn(self._say(message.sender, Answer((Post(UNREADABLE),))))
            return ""
        if not await self._desk.take(message):
            return None
        self._desk.spawn(self._answer(message, media, spoken=fields.get("MsgType") == "voice"))
        return ""

    async def _answer(self, message: Message, media: list[heard.Media], *, spoken: bool) -> None:
        if media:
            message = await self._with_media(message, media)
        answer = await self._desk.answer(message, spoken=spoken)
        await self._desk.told(message, await self._say(message.sender, answer))

    async def _with_media(self, message: Message, media: list[heard.Media]) -> Message:
        files: list[File] = []
        for i, item in enumerate(media, 1):
            try:
                files.append(named(await self.api.media(item.media_id), i))
            except DeliveryError as exc:
                log.warning("wecom: attachment %d of %s not taken: %s", i, message.id, exc)
        return replace(message, files=tuple(files))

    async def _pressed(self, fields: Mapping[str, Any]) -> str | None:
        pressed = heard.app_press(fields)
        id = hashlib.sha256(pressed.id.encode()).hexdigest()[:32]
        pressed = replace(pressed, id=f"app-{id}")
        if pressed.key == NOOP or not self._desk.first_time(pressed.id):
            return ""
        press = await self._desk.press(pressed)
        await self._vouchers.add(_face(pressed.sender, await self._desk.about(pressed.task_id)), pressed.code)
        if not await self._desk.take(press):
            return None
        self._desk.spawn(self._answer_press(press, pressed))
        return ""

    async def _answer_press(self, press: Press, pressed: heard.Pressed) -> None:
        answer = await self._desk.answer(press)
        if answer.repaint and answer.repaint.card:
            shown = await self._painted(answer.repaint.card, pressed)
            await self._desk.painted(press, answer.repaint if shown else None)
        await self._desk.told(press, await self._say(pressed.sender, answer))

    async def _painted(self, card: Card, pressed: heard.Pressed) -> bool:
        face = _face(pressed.sender, await self._desk.about(pressed.task_id))
        try:
            return await self._paint(face, pressed.sender, card, pressed.task_id)
        except DeliveryError as exc:
            log.info("wecom: card not repainted: %s", exc)
            return False

    async def _say(self, user: str, answer: Answer) -> list[Post]:
        """Replies are not in the outbox yet, so each is tried a few times here; after an unknown end the repeat says so. The posts
        that did not arrive."""
        target, left = Target(heard.NAME, user, user, private=True), []
        for post in answer.posts:
            done, shown = 0, post
            for attempt in range(REPLY_TRIES):
                try:
                    for call in self.plan(target, shown, 0)[done:]:
                        await call()
                        done += 1
                    break
                except DeliveryError as exc:
                    if exc.outcome == "permanent" or exc.after > limits.MINUTE or attempt == REPLY_TRIES - 1:
                        log.warning("wecom: a reply was not delivered: %s", exc)
                        left.append(post.with_note(AGAIN) if done or exc.outcome == "unknown" else shown)
                        break
                    if exc.outcome == "unknown":
                        shown = post.with_note(AGAIN)
                    await asyncio.sleep(exc.after)
        return left

    def _known_name(self, user: str) -> str:
        """The name already looked up; an unknown one is looked up beside, for the next time."""
        name, until = self._names.get(user.lower(), ("", 0.0))
        if self._desk.clock() >= until:
            self._desk.spawn(self.name_of(user))
        return name

    async def name_of(self, user: str) -> str:
        """A member's name, cached for a day; empty where the app may not see him."""
        name, until = self._names.get(user.lower(), ("", 0.0))
        if self._desk.clock() < until:
            return name
        try:
            answer = await self.api.call("查成员", "GET", "/cgi-bin/user/get", params={"userid": user})
        except DeliveryError as exc:
            log.info("wecom: no name for a member: %s", exc)
            answer = {}
        name = str(answer.get("name") or "")
        self._names[user.lower()] = (name, self._desk.clock() + NAME_LIFE)
        return name

    async def check(self, people: Mapping[str, str]) -> list[CheckLine]:
        """Credentials, trusted address and agent id, without a message to anybody: one without recipient is refused last. Then
        each of ``people`` (names by user id)."""
        try:
            await self.api.token()
        except DeliveryError as exc:
            return [CheckLine(False, "自建应用凭证", str(exc))]
        body = {"touser": "", "msgtype": "text", "agentid": self._account.agent_id, "text": {"content": "check"}}
        nobody = frozenset({0, 82001, 40003, 81013, 40031})
        try:
            await self.api.call("应用消息", "POST", "/cgi-bin/message/send", body=body, ok=nobody)
        except DeliveryError as exc:
            return [CheckLine(True, "自建应用凭证有效"), CheckLine(False, "自建应用发消息", str(exc))]
        return [CheckLine(True, "自建应用可以发消息"), *await self._check_people(people)]

    async def _check_people(self, people: Mapping[str, str]) -> list[CheckLine]:
        """Who is written down with a number that the app does not see: private messages to them would be dropped."""
        wrong = []
        for user, name in list(people.items())[:PEOPLE]:
            try:
                await self.api.call("查成员", "GET", "/cgi-bin/user/get", params={"userid": user})
            except VendorError as exc:
                if exc.code in (40003, 60011, 60021, 60111):
                    wrong.append(CheckLine(False, f"人员 {name}（{user[:40]}）", str(exc)))
            except DeliveryError:
                break
        return wrong


def _face(user: str, about: str) -> str:
    return f"{user.lower()}:{about}"


def _listed(users: object) -> set[str]:
    return set(str(users or "").lower().split("|")) - {""}


def _text(content: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": content}}
