"""Bytes and texts that strangers wrote, made harmless: charset, JSON within bounds, HTML to plain text."""

from __future__ import annotations

import codecs
import html
import json
import re
from typing import Any, NoReturn

import nh3

HTML_CAP = 32 * 1024
JSON_DEPTH = 40
_CHARSET_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_CHARSET_BODY = re.compile(rb"""(?:charset\s*=\s*["']?|encoding\s*=\s*["'])([\w.:-]+)""", re.I)
_BLOCK = re.compile(
    r"<\s*(?:br|hr)\b[^>]*>|</?\s*(?:p|div|li|ul|ol|tr|h[1-6]|section|article|blockquote|table|pre)\b[^>]*>", re.I
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BLANKS = re.compile(r"[ \t\r\xa0\u3000]+")
_LINES = re.compile(r" ?\n[ \n]*")
_HTML_START = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|meta)\b", re.I | re.S
)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class BadJson(ValueError):
    """Not JSON, or JSON beyond the bounds."""


def decode(body: bytes, content_type: str = "") -> str:
    """Bytes as text: byte order mark, header, the document's own word (first 2 KiB), UTF-8, GB18030. Never fails."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    header = _CHARSET_HEADER.search(content_type)
    inside = _CHARSET_BODY.search(body[:2048])
    named = [header[1] if header else "", inside[1].decode("ascii", "ignore") if inside else ""]
    for name in [*filter(None, named), "utf-8", "gb18030"]:
        try:
            return body.decode(_codec(name))
        except (UnicodeDecodeError, LookupError):
            continue
    first = next(filter(None, named), "utf-8")
    try:
        return body.decode(_codec(first), "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _codec(name: str) -> str:
    return "gb18030" if name.lower().replace("-", "").replace("_", "").startswith(("gb", "xgb", "cp936")) else name


def is_html(body: bytes) -> bool:
    """Whether the bytes begin like a web page."""
    return bool(_HTML_START.match(body[:4096]))


def read_json(text: str | bytes) -> Any:
    """JSON without ``NaN`` and not deeper than 40 levels; ``BadJson`` says what is wrong."""
    try:
        text = decode(text) if isinstance(text, bytes) else text
        value = json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse)
    except RecursionError:
        raise BadJson("嵌套过深") from None
    except ValueError as exc:
        raise BadJson(f"不是 JSON（{exc}）" if isinstance(exc, json.JSONDecodeError) else str(exc)) from None
    if _too_deep(value):
        raise BadJson("嵌套过深")
    return value


def _refuse(name: str) -> NoReturn:
    raise BadJson(f"不接受 {name}")


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(JSON_DEPTH):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def plain(markup: str) -> str:
    """HTML as plain text: capped at 32 KiB first, no tags, scripts, control or direction characters; blocks become lines."""
    capped = markup.encode("utf-8", "replace")[:HTML_CAP].decode("utf-8", "ignore")
    if "<" in capped:
        capped = nh3.clean(_BLOCK.sub("\n", capped), tags=set(), clean_content_tags={"script", "style"})
    text = _CONTROL.sub("", html.unescape(capped))
    return _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()
