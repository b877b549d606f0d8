"""What WeCom delivers, as what the house hears. The AI bot speaks JSON (the same over both its transports), the app XML.

Names and nesting are read tolerantly: the vendor's tables, examples and live frames differ (``event_key``/``eventkey``,
nested or flat).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from defusedxml.ElementTree import ParseError, fromstring

from bot.errors import WanglouError
from bot.model.message import Message, Quote
from bot.platforms.text import clean
from bot.platforms.wecom import template

NAME = "wecom"
TASK = re.compile(r"inc-(\d{1,12})-(\d{1,15})-[0-9A-Za-z]+")
_ONE_MENTION = re.compile(r"^\s*@\S+\s+")


class ShapeError(WanglouError):
    """A body that is not of the documented shape."""


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or file that came with a message: ``url`` and the key of its own where it has one, or an app's ``media_id``."""

    kind: str
    url: str = ""
    aeskey: str = ""
    media_id: str = ""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press on one of our cards: ``task_id`` names the card, ``code`` allows one update of it (app only)."""

    id: str
    room: str
    sender: str
    task_id: str
    key: str
    choice: str
    external: bool = False
    code: str = ""


def task_id(incident: int | None, parcel: int, stamp: int) -> str:
    """The id of a card on the vendor's side: unique for ever, and it tells the parcel. ``stamp`` is random, 32 bits: a second
    attempt at the same parcel is another card to the vendor."""
    return f"inc-{incident or 0}-{parcel}-{stamp:08x}"


def parcel_of(task_id: str) -> int | None:
    """The outbox id behind a task id; None for a card that was a reply."""
    found = TASK.fullmatch(task_id)
    return int(found[2]) if found else None


def strip_mention(text: str, bot_name: str) -> tuple[str, bool]:
    """(words without the call to us, whether we were called). ``指派 @李四`` keeps its @. The display name may hold blanks and
    stand anywhere, and be the beginning of another's (a robot 望楼备用); without it one leading ``@word`` is taken for it."""
    for end in (r"(?:\s+|$)", r""):
        call = re.compile(rf"[@＠]{re.escape(bot_name)}{end}")
        if bot_name and call.search(text):
            return call.sub(" ", text, count=1).strip(), True
    return _ONE_MENTION.sub("", text, count=1).strip(), False


def bot_message(body: Mapping[str, Any], *, bot_name: str, corp_id: str, at: datetime) -> tuple[Message, list[Media]]:
    """A message to the AI bot (2.1 of its page), and what is still to be fetched. ``ShapeError`` when the shape is wrong."""
    group = _text(body, "chattype") == "group" or (not _text(body, "chattype") and bool(_text(body, "chatid")))
    words, media = _content(body)
    if group:
        words, _ = strip_mention(words, bot_name)
    sender = _sender(body)
    message = Message(
        platform=NAME,
        id=_required(body, "msgid"),
        room=_required(body, "chatid") if group else "",
        sender=sender,
        text=words,
        at=_moment(body.get("create_time"), at),
        quote=_quote(body.get("quote")),
        addressed=True,
        external=_external(body, sender, corp_id),
    )
    return message, media


def spoken(body: Mapping[str, Any]) -> bool:
    """Whether a message came by voice: the AI bot gets it as text already."""
    return _text(body, "msgtype") == "voice"


def unreadable(body: Mapping[str, Any], message: Message, media: Sequence[Media]) -> bool:
    """Whether nothing of a message is left to read: a voice without words, a place, a kind that this page does not know."""
    return not message.text and not media and _text(body, "msgtype") not in ("text", "mixed")


def bot_press(body: Mapping[str, Any], *, corp_id: str) -> Pressed:
    """A press on a card of the AI bot (2.2 of its page)."""
    event = _table(body, "event")
    inner = _table(event, "template_card_event") or event
    key = _first(inner, "event_key", "eventkey")
    items = _table(inner, "selected_items") or _table(inner, "selecteditems")
    selected = _selected(_list(items, "selected_item", "selecteditem"))
    sender = _sender(body)
    owner, choice = template.picked(key, selected)
    return Pressed(
        id=_required(body, "msgid"),
        room=_text(body, "chatid"),
        sender=sender,
        task_id=_first(inner, "task_id", "taskid"),
        key=owner,
        choice=choice,
        external=_external(body, sender, corp_id),
    )


def event_type(body: Mapping[str, Any]) -> str:
    """The kind of an event, empty where it names none."""
    return _text(_table(body, "event"), "eventtype")


def _content(body: Mapping[str, Any]) -> tuple[str, list[Media]]:
    kind = _text(body, "msgtype")
    if kind == "mixed":
        items = [item for item in _list(_table(body, "mixed"), "msg_item") if isinstance(item, dict)]
        parts = [_content(item) for item in items if _text(item, "msgtype") != "mixed"]
        return "\n".join(words for words, _ in parts if words), [m for _, media in parts for m in media]
    inner = _table(body, kind)
    if kind in ("text", "voice", "markdown"):
        return clean(_text(inner, "content")), []
    if kind in ("image", "file", "video"):
        return "", [Media(kind, _text(inner, "url"), _text(inner, "aeskey"))]
    return "", []


def _quote(quote: object) -> Quote | None:
    if not isinstance(quote, dict):
        return None
    words, media = _content(quote)
    kinds = {"image": "图片", "file": "文件", "video": "视频"}
    return Quote(words or "".join(f"〔{kinds.get(m.kind, m.kind)}〕" for m in media), _text(_table(quote, "from"), "userid"))


def _external(body: Mapping[str, Any], sender: str, corp_id: str) -> bool:
    """An in-house sender has no ``corpid``; ids of outside contacts begin with ``wm`` and are long."""
    corp = _text(_table(body, "from"), "corpid")
    return bool(corp and corp != corp_id) or bool(re.fullmatch(r"wm[0-9A-Za-z_\-]{20,}", sender))


def _selected(items: Sequence[Any]) -> str:
    for item in items:
        if not isinstance(item, dict) or _first(item, "question_key", "questionkey") != template.QUESTION:
            continue
        ids = _table(item, "option_ids") or _table(item, "optionids")
        for id in _list(ids, "option_id", "optionid"):
            return str(id)
    return ""


def app_fields(xml: str) -> dict[str, Any]:
    """The fields of an app's call-back, nested ones as tables, repeated ones as lists. Entities are off."""
    try:
        fields = _fields(fromstring(xml, forbid_dtd=True))
    except (ParseError, ValueError, RecursionError):
        raise ShapeError("no XML") from None
    if not isinstance(fields, dict):
        raise ShapeError("no XML")
    return fields


def _fields(node: Any) -> Any:
    if len(node) == 0:
        return node.text or ""
    table: dict[str, Any] = {}
    for child in node:
        value = _fields(child)
        if child.tag in table:
            held = table[child.tag]
            table[child.tag] = [*held, value] if isinstance(held, list) else [held, value]
        else:
            table[child.tag] = value
    return table


def app_message(fields: Mapping[str, Any], at: datetime) -> tuple[Message, list[Media]]:
    """A message of a member to the app; always private."""
    kind = _text(fields, "MsgType")
    words = clean(_text(fields, "Content")) if kind == "text" else clean(_text(fields, "Recognition"))
    media = (
        [Media("image" if kind == "image" else "file", media_id=_text(fields, "MediaId"))] if kind in ("image", "file") else []
    )
    sender = _required(fields, "FromUserName")
    message = Message(NAME, f"app-{_required(fields, 'MsgId')}", "", sender, words, _moment(fields.get("CreateTime"), at))
    return message, media


def app_press(fields: Mapping[str, Any]) -> Pressed:
    """A press on a card of the app. Events have no id of their own: who, when, what and where make one."""
    sender, task = _required(fields, "FromUserName"), _text(fields, "TaskId")
    key = _text(fields, "EventKey")
    items = _table(fields, "SelectedItems")
    found = items.get("SelectedItem")
    selected = ""
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, dict) and _text(item, "QuestionKey") == template.QUESTION:
            option = _table(item, "OptionIds").get("OptionId")
            selected = str(option[0] if isinstance(option, list) else option or "")
    owner, choice = template.picked(key, selected)
    id = f"app-{sender}-{_text(fields, 'CreateTime')}-{task}-{key}-{choice}"
    return Pressed(id, "", sender, task, owner, choice, code=_text(fields, "ResponseCode"))


def _sender(body: Mapping[str, Any]) -> str:
    return _required(_table(body, "from"), "userid")


def _moment(seconds: object, at: datetime) -> datetime:
    """The vendor's second where it is plausible, else the moment of arrival."""
    try:
        moment = datetime.fromtimestamp(int(str(seconds)), UTC)
    except (ValueError, OverflowError, OSError):
        return at
    return moment if abs((at - moment).total_seconds()) < 86_400 else at


def _table(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = body.get(key) if isinstance(body, Mapping) else None
    return value if isinstance(value, dict) else {}


def _list(body: Mapping[str, Any], *keys: str) -> list[Any]:
    for key in keys:
        value = body.get(key)
        if isinstance(value, list):
            return value
        if value:
            return [value]
    return []


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _first(body: Mapping[str, Any], *keys: str) -> str:
    return next((value for key in keys if (value := _text(body, key))), "")


def _required(body: Mapping[str, Any], key: str) -> str:
    value = _text(body, key)
    if not value:
        raise ShapeError(f"{key} is missing")
    return value
