"""Punctuation as it was typed: a line is read in NFKC, which makes 「，」 a comma; what is kept of it reads as people wrote it."""

from __future__ import annotations

import unicodedata
from typing import Any

FREE = ("text", "reason", "comment")
FULL_WIDTH = "，；：？！（）"


def as_typed(slots: dict[str, Any], *originals: str) -> dict[str, Any]:
    """The slots, their free text with the full-width punctuation of the original: as it stands there word for word, else each mark
    that was never typed in half width."""
    shapes = [(original, "".join(map(_folded, original))) for original in originals if original]
    return {
        name: _restored(value, shapes) if name in FREE and isinstance(value, str) else value for name, value in slots.items()
    }


def _restored(value: str, shapes: list[tuple[str, str]]) -> str:
    for original, shape in shapes:
        at = shape.find(value)
        if value and at >= 0:
            return "".join(
                typed if typed in FULL_WIDTH else read
                for typed, read in zip(original[at : at + len(value)], value, strict=True)
            )
    for mark, folded in ((mark, _folded(mark)) for mark in FULL_WIDTH):
        if any(mark in original and folded not in original for original, _ in shapes):
            value = value.replace(folded, mark)
    return value


def _folded(char: str) -> str:
    """The character in NFKC where that is one character as well."""
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char
