"""Numbers as Chinese texts write them: 118万, 1.2m, 1 180 000, 一百一十八万, 上百万."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "俩": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10**4, "w": 10**4, "亿": 10**8, "k": 10**3, "m": 10**6, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_NUMBER = re.compile(
    r"(?<![\da-z.])(?P<digits>\d{1,3}(?:[ ,]\d{3})+(?!\d)|\d+)(?P<rest>\.\d+)?\s*(?P<more>[余多来几]?)"
    r"(?P<unit>百万|千万|十万|万亿|亿|万|千|百|(?:thousand|million|billion|[wkm])(?![a-z]))?"
    r"|(?P<words>[零〇一二两三四五六七八九十百千][零〇一二两三四五六七八九十百千万亿]*[余多几]?[万亿]?)"
)


def numbers(text: str) -> Iterator[tuple[float, int, int]]:
    """Every number of a normalised ``text`` as (value, start, end), the unit (万, 亿, m) included."""
    for match in _NUMBER.finditer(text):
        value = _of_words(match["words"]) if match["words"] else _of_digits(match)
        yield value, match.start(), match.end()


def read_number(text: str) -> float | None:
    """The first number of a normalised ``text``; None where there is none."""
    first = next(numbers(text), None)
    return first[0] if first else None


def _of_digits(match: re.Match[str]) -> float:
    whole = re.sub(r"[ ,]", "", match["digits"])[:18]
    value = float(whole + (match["rest"] or ""))
    unit = match["unit"] or ""
    for sign, factor in (("十", 10), ("百", 100), ("千", 1000)):
        if unit.startswith(sign):
            value, unit = value * factor, unit[1:]
    for sign in unit if unit in ("万亿",) else (unit,):
        value *= _BIG.get(sign, 1)
    return round(value, 6)


def _of_words(words: str) -> float:
    """一百一十八万 by sections: a big unit multiplies all that stands before it. A bare unit counts once (百万)."""
    if len(words) > 1 and all(c in _DIGIT for c in words):
        return float(int("".join(str(_DIGIT[c]) for c in words[:15])))
    total = section = digit = 0
    for c in words:
        if c in _DIGIT:
            digit = _DIGIT[c]
        elif c in _SMALL:
            section = (
                section * _SMALL[c] if section and not digit and section < _SMALL[c] else section + (digit or 1) * _SMALL[c]
            )
            digit = 0
        elif c in _BIG:
            total = (total + section + digit or 1) * _BIG[c]
            section = digit = 0
    return float(total + section + digit)
