"""What may leave the house: personal numbers masked, secrets replaced, control and direction characters taken out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bot.cards import masked
from bot.store.record import Record

Clean = Callable[[str], str]
HIDDEN = "［已隐去］"
_NEVER = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff\ud800-\udfff]"
)
_MARKS = re.compile("[\U0001f534\U0001f535\U0001f7e0\U0001f7e1]")
"""The coloured dots of the chat: few fonts for paper have them, and the grade stands beside them in words."""
_JSON = re.compile(r"^\s*[\[{]")


def cleaner(secrets: Sequence[str]) -> Clean:
    """A function that makes any text fit to leave; ``secrets`` are replaced wherever they stand, the longest first."""
    known = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)

    def clean(text: str) -> str:
        for secret in known:
            text = text.replace(secret, HIDDEN)
        return masked(_MARKS.sub("", _NEVER.sub("", text)))

    return clean


def cleaned(record: Record, clean: Clean) -> Record:
    """The record as it may leave the house; values stored as JSON become values."""
    return replace(
        record,
        incident=_value(record.incident, clean),
        gauge=_value(record.gauge, clean),
        mentions=_value(record.mentions, clean),
        tables=_value(record.tables, clean),
        log=_value(record.log, clean),
    )


def _value(value: Any, clean: Clean) -> Any:
    if isinstance(value, dict):
        return {clean(str(key)): _field(str(key), each, clean) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_value(each, clean) for each in value]
    return clean(value) if isinstance(value, str) else value


def _field(key: str, value: Any, clean: Clean) -> Any:
    if isinstance(value, str) and key in ("hash", "prev", "sha256"):
        return value
    if isinstance(value, str) and _JSON.match(value) and key not in ("text", "title", "why", "quote"):
        try:
            return _value(json.loads(value), clean)
        except ValueError:
            pass
    return _value(value, clean)


_LEADING = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "|", "%")


def cell(value: object) -> str:
    """A table cell that no spreadsheet takes for a formula: one line of text, with ``'`` before what could be one."""
    text = " ".join(str("" if value is None else value).split())
    return f"'{text}" if text.startswith(_LEADING) else text
