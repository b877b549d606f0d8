"""What all of WeCom's transports share: the house's ear, clocks, names, and the cards that were replies."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from bot.errors import DeliveryError
from bot.model.card import Card, File, Post
from bot.model.message import Answer, Ear, Message, Press
from bot.model.platform import State
from bot.platforms.text import as_heard, defuse_markdown
from bot.platforms.wecom import cards, heard, limits, template
from bot.platforms.wecom.calls import Http
from bot.platforms.wecom.crypto import EnvelopeError, decrypt_file

log = logging.getLogger(__name__)

T = TypeVar("T")
NOT_STORED = "没存上，请再发一次。"
UNREADABLE = "这种消息我看不懂，请打字。发「帮助」看能做什么"
FAILED = "出错了，没有办成；原话已存。请再发一次，还不行请看本地控制台。"
AGAIN = "（可能重复）"
NEW_CARD = "（见新卡）"
WORKING = "收到，正在处理…"
LATER = "还在处理，好了就发在这里。"
NOOP = "_done"
_HANDLED = 4096
CARDS_KEPT = 4096
MAGIC = (
    (b"\x89PNG", "png", "image/png"),
    (b"\xff\xd8\xff", "jpg", "image/jpeg"),
    (b"GIF8", "gif", "image/gif"),
    (b"%PDF", "pdf", "application/pdf"),
    (b"PK\x03\x04", "zip", "application/zip"),
)


@dataclass(slots=True)
class Desk:
    """The shared things. ``ear`` is set when the platform starts; ``patience`` is how long an asker waits before he is told that
    it takes longer (seconds); ``hears``: groups are heard, by the AI bot."""

    bot_name: str
    corp_id: str
    card_url: str
    http: Http
    clock: Callable[[], float]
    now: Callable[[], datetime]
    rand: random.Random
    state: State
    patience: float = 3.0
    hears: bool = True
    ear: Ear | None = None
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _handled: OrderedDict[str, None] = field(default_factory=OrderedDict)

    @property
    def house(self) -> Ear:
        """The ear; a call-back before the start is a fault of ours."""
        if self.ear is None:
            raise RuntimeError("wecom: heard something before the start")
        return self.ear

    def first_time(self, id: str) -> bool:
        """True once for each id: what is in hand or was answered is not answered again."""
        if id in self._handled:
            return False
        self._handled[id] = None
        while len(self._handled) > _HANDLED:
            self._handled.popitem(last=False)
        return True

    def forget(self, id: str) -> None:
        """It could not be stored, so a repeat is welcome."""
        self._handled.pop(id, None)

    async def take(self, what: Message | Press) -> bool:
        """Stores it; False when that failed, and then it must not be acknowledged."""
        try:
            await self.house.take(what)
        except Exception:  # whatever it is, the vendor or the person must send again
            log.exception("wecom: could not store %s", what.id)
            self.forget(what.id)
            return False
        return True

    async def answer(self, what: Message | Press, *, spoken: bool = False) -> Answer:
        """The house's answer; a fault in there becomes a line to the person. What was ``spoken`` is told back."""
        try:
            answer = await self.house.answer(what)
            if spoken and isinstance(what, Message) and not what.external:
                answer = replace(answer, posts=as_heard(what.text, answer.posts))
            return answer
        except Exception:  # the person must not be left without a word
            log.exception("wecom: could not answer %s", what.id)
            return Answer((Post(FAILED),))

    async def told(self, what: Message | Press, left: Sequence[Post] = ()) -> None:
        """Tells the house that its answer was said, but for what is ``left``."""
        try:
            await self.house.told(what, left)
        except Exception:  # the house says it again after a restart
            log.exception("wecom: could not tell how the answer to %s ended", what.id)

    async def painted(self, press: Press, post: Post | None) -> None:
        """Tells the house how a pressed card ended: it shows ``post``, or (None) could not be painted."""
        try:
            await self.house.painted(press, post)
        except Exception:  # the house looks again after a restart
            log.exception("wecom: could not tell of the card of %s", press.id)

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Runs ``work`` beside, ended by ``stop``; its faults go to the log."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (exc := task.exception()):
            log.error("wecom: background work failed", exc_info=exc)

    async def stop(self, seconds: float) -> None:
        """Gives running work ``seconds`` to end, then cancels it."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    @property
    def welcome(self) -> str:
        """What somebody reads who opens the private chat."""
        return f"我是{self.bot_name}。直接发「帮助」看能做什么；在群里请先 @{self.bot_name}。"

    def how(self, group: bool) -> str:
        """How a card that can't be pressed is answered there: what to type comes after it."""
        if not self.hears:
            return "这里听不到回话，到本地控制台发"
        return f"回复 @{self.bot_name} 加" if group else cards.REPLY

    async def draw(self, card: Card, parcel: int, *, face: template.Face) -> dict[str, Any]:
        """The template card of a parcel, or of a reply (``parcel`` 0). What its buttons say is remembered for the press."""
        slot = self.rand.randrange(CARDS_KEPT)
        stamp = self.rand.getrandbits(32)
        id = heard.task_id(card.incident, parcel, stamp) if parcel else f"say-{slot}-{stamp:08x}"
        await self.remember(id, card)
        return template.template_card(card, id, face=face, source=self.bot_name, url=self.card_url)

    async def redraw(self, card: Card, task_id: str, *, face: template.Face) -> dict[str, Any]:
        """A card for ``update_template_card``: the same kind as before, so with at least one button."""
        await self.remember(task_id, card)
        drawn = template.template_card(card, task_id, face=face, source=self.bot_name, url=self.card_url)
        if drawn["card_type"] == "text_notice":
            button = {"text": "已处理", "style": 4, "key": NOOP}
            drawn |= {"card_type": "button_interaction", "task_id": task_id, "button_list": [button]}
        return drawn

    async def remember(self, task_id: str, card: Card) -> None:
        """Adds what the buttons of this face say to what earlier faces of the same card said."""
        place, name = _place(task_id)
        known = await self.state.get(place)
        verbs = known["verbs"] if isinstance(known, dict) and known["name"] == name else {}
        verbs |= {button.key: button.verb for button in card.buttons}
        await self.state.put(place, {"name": name, "verbs": verbs, "about": about(card, task_id)})

    async def about(self, task_id: str) -> str:
        """What the card of a task is about, as ``about`` says."""
        place, name = _place(task_id)
        known = await self.state.get(place)
        return str(known.get("about", task_id)) if isinstance(known, dict) and known["name"] == name else task_id

    async def press(self, pressed: heard.Pressed) -> Press:
        """The press as the house hears it, with the typed twin of the button as it was shown."""
        place, name = _place(pressed.task_id)
        known = await self.state.get(place)
        verbs = known["verbs"] if isinstance(known, dict) and known["name"] == name else {}
        verb = verbs.get(pressed.key, "").replace("{choice}", pressed.choice)
        parcel = heard.parcel_of(pressed.task_id) or 0
        who = (pressed.room, pressed.sender)
        return Press(heard.NAME, pressed.id, *who, parcel, pressed.key, self.now(), pressed.choice, pressed.external, verb)

    async def with_files(self, message: Message, media: Sequence[heard.Media], aes_key: str = "") -> Message:
        """The message with its pictures and files fetched and decrypted (their address lives five minutes). What cannot be had
        is left out, and the log says so."""
        files: list[File] = []
        for i, item in enumerate(media, 1):
            try:
                data, _ = await self.http.fetch(item.url, limits.MEDIA_RECEIVED)
                files.append(named(decrypt_file(data, item.aeskey or aes_key), i))
            except (DeliveryError, EnvelopeError) as exc:
                log.warning("wecom: attachment %d of %s not taken: %s", i, message.id, exc)
        return replace(message, files=tuple(files)) if files else message


def about(card: Card, task_id: str) -> str:
    """What later faces of one card have in common: its kind and object."""
    return f"{card.kind}:{card.number or card.incident or task_id}"


def _place(task_id: str) -> tuple[str, str]:
    """Where a card is remembered, and under which name: a bounded number of places, the newest card wins."""
    parcel = heard.parcel_of(task_id)
    if parcel is not None:
        return f"wecom:card:{parcel % CARDS_KEPT}", str(parcel)
    return f"wecom:said:{task_id.split('-')[1] if task_id.count('-') == 2 else ''}", task_id


def stream_of(msgid: str) -> str:
    """The stream's id for a message: the same for each repeat of it."""
    return f"s-{hashlib.sha256(msgid.encode()).hexdigest()[:24]}"


def named(data: bytes, number: int) -> File:
    """Received bytes as a file with a name of ours; the kind is read from the bytes, never from what the sender says."""
    for magic, suffix, mime in MAGIC:
        if data.startswith(magic):
            return File(f"{number}.{suffix}", mime, data)
    return File(f"{number}.bin", "application/octet-stream", data)


def splice(posts: Sequence[Post], how: str) -> str:
    """Several posts as the one text of a single bubble (markdown, made harmless); ``how`` their cards are answered."""
    shown = [post for post in posts if post.text or post.card]
    return "\n\n".join(cards.markdown(post, limits.BOT_MARKDOWN, colors=False, how=how) for post in shown)


def sendable(post: Post) -> tuple[Post, list[File]]:
    """The post and those of its files that can go; for the others its text says where they are."""
    files = [f for f in post.files if limits.FILE_LEAST <= len(f.data) <= limits.FILE]
    left = [f.name for f in post.files if f not in files]
    if not left or post.card:
        return post, files
    note = f"附件发不出（空或超过20MB），请在本地控制台取：{'、'.join(left)}"
    return replace(post, text=f"{post.text}\n{note}"), files


def is_picture(file: File) -> bool:
    """True for what may be sent as a picture; anything else goes as a file."""
    return file.mime in ("image/png", "image/jpeg") and len(file.data) <= limits.IMAGE


def texts(post: Post, limit: int) -> list[str]:
    """The markdown messages of a post without a card."""
    return cards.pieces(defuse_markdown(post.text) or "·", limit)


class Part(Protocol):
    """Builds one vendor message. ``note`` is put in front of its words (「可能重复」); ``simple`` asks for it without a card."""

    async def __call__(self, note: str = "", *, simple: bool = False) -> dict[str, Any]: ...
