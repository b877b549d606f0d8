"""One figure of a text, and how numbers in Chinese words are read."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_STEPS = {"十": 10, "百": 100, "千": 1_000}
BIG = {"万": 10_000, "亿": 100_000_000}
CN = "[零〇一二两三四五六七八九十百千万亿]+"
"""A number in words."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Something in a text that must be true. ``kind`` is number, date, clock, batch, phone, mail, place, org or name; ``value``
    is its form for comparison, ``unit`` that of a number."""

    kind: str
    words: str
    value: str
    start: int
    end: int
    unit: str = ""


def number_of(words: str) -> float:
    """A number in Chinese words: 一千四百二十 → 1420; 118万 is read by its caller."""
    total, section, digit = 0.0, 0.0, 0.0
    if not re.search(r"[十百千万亿]", words):
        return float("".join(str(_DIGITS[c]) for c in words))
    for char in words:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _STEPS:
            section += (digit or 1) * _STEPS[char]
            digit = 0
        else:
            total = (total + section + digit) * BIG[char]
            section = digit = 0
    return total + section + digit
