"""What DingTalk tells us, read: a robot message or a press on a card, the same in Stream and HTTP mode (pages 2.1 and 3.7)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.model.message import Message, Quote
from bot.platforms.dingtalk.wire import as_object, dump
from bot.platforms.text import clean, cut_bytes

TEXT_CAP = 20_000
QUOTE_CAP = 4_000
UNREADABLE = "这类消息我读不了，请发文字。"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message with what is needed to answer it.

    ``home`` is the organisation that the robot belongs to, ``robot`` the robot that heard it. ``codes`` are pictures and files to
    fetch: (download code, file name). ``session`` is where an answer may be posted until ``session_ends`` (ms). ``over``: the
    organisation's push quota is used up. ``unpublished``: a colleague without a staff id, which means that the app version is not
    published. ``spoken``: the words are the vendor's reading of a voice.
    """

    message: Message
    home: str = ""
    robot: str = ""
    session: str = ""
    session_ends: int = 0
    codes: tuple[tuple[str, str], ...] = ()
    readable: bool = True
    over: bool = False
    unpublished: bool = False
    spoken: bool = False


def read_message(
    data: Mapping[str, Any], *, bot_name: str, name_of: Callable[[str], str], now: datetime, fallback_id: str = ""
) -> Heard:
    """A robot message; ``ValueError`` where it is none. ``fallback_id`` is the frame's id, used where the message has none."""
    kind = str(data.get("msgtype") or "")
    sender = str(data.get("senderStaffId") or "")
    corp, home = str(data.get("senderCorpId") or ""), str(data.get("chatbotCorpId") or "")
    private = str(data.get("conversationType") or "") == "1"
    room = "" if private else str(data.get("conversationId") or "")
    if not private and not room:
        raise ValueError("a robot message without conversationId")
    words, codes, readable = _content(kind, data)
    mentioned = _mentioned(data)
    text = _addressed(words, mentioned, bot_name, name_of)
    id_ = str(data.get("msgId") or "") or fallback_id or hashlib.sha256(dump(dict(data))).hexdigest()
    foreign = bool(corp and home and corp != home)
    message = Message(
        platform="dingtalk",
        id=id_,
        room=room,
        sender=sender or str(data.get("senderId") or ""),
        text=cut_bytes(clean(text), TEXT_CAP),
        at=_moment(data.get("createAt"), now),
        quote=_quote(data),
        addressed=private or data.get("isInAtList") is not False,
        external=foreign or (not sender and not (corp and corp == home)),
        sender_name=str(data.get("senderNick") or ""),
    )
    over = str(data.get("errorCode") or "") == "20001"
    return Heard(
        message,
        home=home,
        robot=str(data.get("robotCode") or ""),
        session=str(data.get("sessionWebhook") or ""),
        session_ends=_int(data.get("sessionWebhookExpiredTime")),
        codes=codes,
        readable=readable or over,
        spoken=kind == "audio",
        over=over,
        unpublished=not sender and bool(corp) and corp == home,
    )


@dataclass(frozen=True, slots=True)
class Pushed:
    """A press as DingTalk tells it. ``room`` is empty where the vendor does not say it; ``id`` is the same for a repeat."""

    out: str
    sender: str
    room: str
    key: str
    choice: str
    corp: str
    id: str


def read_press(data: Mapping[str, Any], frame_id: str = "") -> Pushed:
    """A press on a card, whosever it is. The parameters are those of the template; without them the button's own id counts."""
    private = as_object(as_object(data.get("content")).get("cardPrivateData"))
    params = as_object(private.get("params"))
    actions = private.get("actionIds")
    action = str(actions[0]) if isinstance(actions, list) and actions else ""
    out, sender = str(data.get("outTrackId") or ""), str(data.get("userId") or "")
    room = str(data.get("spaceId") or "") if str(data.get("spaceType") or "") == "IM_GROUP" else ""
    key, choice = str(params.get("key") or action), str(params.get("choice") or "")
    corp = str(data.get("corpId") or "")
    return Pushed(out, sender, room, key, choice, corp, hashlib.sha256(dump([out, sender, key, choice, frame_id])).hexdigest())


def _content(kind: str, data: Mapping[str, Any]) -> tuple[str, tuple[tuple[str, str], ...], bool]:
    content = as_object(data.get("content"))
    if kind == "text":
        return str(as_object(data.get("text")).get("content") or ""), (), True
    if kind == "richText":
        parts = [part for part in content.get("richText") or [] if isinstance(part, dict)]
        words = "".join(str(part["text"]) for part in parts if isinstance(part.get("text"), str))
        return words, tuple((str(p["downloadCode"]), "picture.png") for p in parts if p.get("downloadCode")), True
    code = str(content.get("downloadCode") or "")
    if kind == "picture" and code:
        return "", ((code, "picture.png"),), True
    if kind == "file" and code:
        return "", ((code, str(content.get("fileName") or "file")),), True
    if kind == "audio" and content.get("recognition"):
        return str(content["recognition"]), (), True
    return "", (), False


def _mentioned(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The staff ids mentioned besides the robot itself."""
    us = str(data.get("chatbotUserId") or "")
    users = data.get("atUsers")
    rows = [row for row in users if isinstance(row, dict)] if isinstance(users, list) else []
    return tuple(str(row["staffId"]) for row in rows if row.get("staffId") and str(row.get("dingtalkId") or "") != us)


def _addressed(words: str, mentioned: tuple[str, ...], bot_name: str, name_of: Callable[[str], str]) -> str:
    """The text without our own name in front, and with the name of everybody mentioned whom the text does not name."""
    text = words.strip().strip("\u3000\u2005\xa0 ")
    if bot_name:
        text = re.sub(rf"^@{re.escape(bot_name)}(?:\s+|$)", "", text)
    if text.count("@") >= len(mentioned):
        return text
    names = [name for name in (name_of(user) for user in mentioned) if name and name not in text]
    return " ".join([text, *(f"@{name}" for name in names)]).strip()


def _quote(data: Mapping[str, Any]) -> Quote | None:
    """The message replied to. The protocol page does not know the field; clients send it beside ``text.content``."""
    text = as_object(data.get("text"))
    replied = as_object(text.get("repliedMsg"))
    if not text.get("isReplyMsg") or not replied:
        return None
    content = as_object(replied.get("content"))
    parts = content.get("richText")
    words = str(content.get("text") or content.get("content") or "")
    if not words and isinstance(parts, list):
        words = "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))
    return Quote(cut_bytes(clean(words), QUOTE_CAP), str(replied.get("senderId") or ""), str(replied.get("msgId") or ""))


def _moment(value: object, now: datetime) -> datetime:
    millis = _int(value)
    try:
        return datetime.fromtimestamp(millis / 1000, UTC) if millis > 0 else now
    except (OverflowError, ValueError, OSError):
        return now


def _int(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0
