"""What WeCom refuses, as far as its pages and public reports say. Each check gives an ``errcode``; 0 is a yes."""

from __future__ import annotations

import re
from typing import Any

TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
CARD_KINDS = {"text_notice", "news_notice", "button_interaction", "vote_interaction", "multiple_interaction"}
ADVICE = {"webhook": (13, 26, 30, 112, 13), "bot": (13, 26, 30, 112, 13), "app": (20, 36, 44, 160, 18)}
KNOWN_CARD_KEYS = {
    "card_type", "source", "main_title", "sub_title_text", "quote_area", "horizontal_content_list", "jump_list", "card_action",
    "button_selection", "button_list", "task_id", "emphasis_content", "action_menu", "feedback", "replace_text",
}  # fmt: skip


def size(text: str) -> int:
    return len(text.encode())


def words(body: dict[str, Any], kind: str, limit: int, *, longer: int = 45002) -> int:
    content = (body.get(kind) or {}).get("content")
    if not isinstance(content, str):
        return 40058
    if not content:
        return 44004
    return longer if size(content) > limit else 0


def body_cap(face: str) -> int:
    return ADVICE[face][3]


def card(drawn: Any, face: str, *, updating: bool = False) -> int:
    """A template card for ``webhook``, ``bot`` or ``app``. The advised lengths count as hard here, but for the body, whose
    ``must`` lines may exceed it."""
    if not isinstance(drawn, dict) or drawn.get("card_type") not in CARD_KINDS or set(drawn) - KNOWN_CARD_KEYS:
        return 40058
    source, title, desc, body, jump = ADVICE[face]
    kind = drawn["card_type"]
    colour = (drawn.get("source") or {}).get("desc_color", 0)
    quote = drawn.get("quote_area") or {"type": 0}
    if colour not in (0, 1, 2, 3) or quote.get("type") not in (0, 1, 2) or len(quote.get("quote_text", "")) > body_cap(face):
        return 40058
    action = drawn.get("card_action") or {}
    if action.get("type") != 1 or not re.match(r"https?://", str(action.get("url", ""))):
        return 42045 if updating else 40058
    main = drawn.get("main_title") or {}
    if not (main.get("title") or drawn.get("sub_title_text")):
        return 40058
    if len(main.get("title", "")) > title or len(main.get("desc", "")) > desc:
        return 40058
    if len((drawn.get("source") or {}).get("desc", "")) > source or len(drawn.get("sub_title_text", "")) > body + 1100:
        return 40058
    rows = drawn.get("horizontal_content_list") or []
    if any(set(row) - {"keyname", "value", "type", "url", "userid"} for row in rows):
        return 40058
    if len(rows) > 6 or any(not 0 < len(r.get("keyname", "")) <= 5 or len(r.get("value", "")) > 26 for r in rows):
        return 40058
    jumps = drawn.get("jump_list") or []
    if len(jumps) > 3 or any(not 0 < len(j.get("title", "")) <= jump or not j.get("url") or j.get("type") != 1 for j in jumps):
        return 40058
    if kind == "button_interaction":
        return _interactive(drawn, updating=updating, face=face)
    return 40058 if "button_list" in drawn or "button_selection" in drawn else 0


def _interactive(drawn: dict[str, Any], *, updating: bool, face: str) -> int:
    if face == "webhook":
        return 40058
    if not (updating and face == "app") and not TASK_ID.fullmatch(str(drawn.get("task_id", ""))):
        return 40058
    buttons = drawn.get("button_list") or []
    keys = [b.get("key") for b in buttons]
    if not 1 <= len(buttons) <= 6 or len(set(keys)) != len(keys):
        return 40058
    if any(
        not b.get("text") or not b.get("key") or size(b["key"]) > 1024 or b.get("style") not in (1, 2, 3, 4) for b in buttons
    ):
        return 40058
    chosen = drawn.get("button_selection")
    if chosen is None:
        return 0
    options = chosen.get("option_list") or []
    ids = [o.get("id") for o in options]
    fine = chosen.get("question_key") and 1 <= len(options) <= 10 and len(set(ids)) == len(ids)
    fine = fine and all(o.get("text") and o.get("id") and size(o["id"]) <= 128 for o in options)
    return 0 if fine and chosen.get("selected_id", ids[0]) in ids else 40058


def webhook(body: Any) -> int:
    """A message of a group robot."""
    kind = body.get("msgtype") if isinstance(body, dict) else None
    if kind == "text":
        called = (body.get("text") or {}).get("mentioned_list", [])
        if set(body["text"]) - {"content", "mentioned_list", "mentioned_mobile_list"} or not isinstance(called, list):
            return 40058
        return words(body, "text", 2048, longer=40058)
    if kind in ("markdown", "markdown_v2"):
        return words(body, kind, 4096, longer=40058)
    if kind == "image":
        return _image(body.get("image"), 2 * 1024 * 1024)
    if kind == "file":
        return 0 if (body.get("file") or {}).get("media_id") else 40007
    if kind == "template_card":
        return card(body.get("template_card"), "webhook")
    return 40008


def _image(image: Any, limit: int) -> int:
    import base64
    import hashlib

    if not isinstance(image, dict):
        return 40058
    try:
        raw = base64.b64decode(image.get("base64", ""), validate=True)
    except ValueError:
        return 40058
    if not raw.startswith((b"\x89PNG", b"\xff\xd8\xff")) or len(raw) > limit:
        return 40058
    return 0 if hashlib.md5(raw).hexdigest() == image.get("md5") else 40058


def bot(body: Any, allowed: set[str]) -> int:
    """A message of the AI bot, pushed or as a reply."""
    kind = body.get("msgtype") if isinstance(body, dict) else None
    if kind not in allowed:
        return 40008
    if kind == "markdown":
        return words(body, "markdown", 20480)
    if kind == "text":
        return words(body, "text", 2048)
    if kind == "template_card":
        return card(body.get("template_card"), "bot")
    if kind in ("stream", "stream_with_template_card"):
        stream = body.get("stream") or {}
        if not stream.get("id") or not isinstance(stream.get("finish"), bool) or not isinstance(stream.get("content"), str):
            return 40058
        items = stream.get("msg_item") or []
        if items and (not stream["finish"] or len(items) > 10):
            return 40058
        if any(i.get("msgtype") != "image" or _image(i.get("image"), 10 * 1024 * 1024) for i in items):
            return 40058
        if kind == "stream_with_template_card" and (code := card(body.get("template_card"), "bot")):
            return code
        return 45002 if size(stream["content"]) > 20480 else 0
    return 0 if (body.get(kind) or {}).get("media_id") else 40007


def app(body: Any) -> int:
    """A message of a self-built app."""
    kind = body.get("msgtype") if isinstance(body, dict) else None
    if kind == "text":
        return words(body, "text", 2048)
    if kind == "textcard":
        drawn = body.get("textcard") or {}
        whole = 0 < size(drawn.get("title", "")) <= 128 and 0 < size(drawn.get("description", "")) <= 512
        return 0 if whole and str(drawn.get("url", "")).startswith("http") else 40058
    if kind == "template_card":
        return card(body.get("template_card"), "app")
    if kind in ("image", "file"):
        return 0 if (body.get(kind) or {}).get("media_id") else 40007
    return 40008
