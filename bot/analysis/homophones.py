"""Sound instead of sign: 晨露 also as 尘露 or 沉露, for rules that ask for it. pypinyin is loaded by the first such rule."""

from __future__ import annotations

import unicodedata
from functools import cache

_FIRST = 0xE000  # a private sign for every syllable, so that positions stay those of the text


def sounds(folded: str) -> str:
    """The text with every Chinese character replaced by a sign for its commonest syllable, tones apart; same length."""
    return folded.translate(_table())


@cache
def _table() -> dict[int, str]:
    from pypinyin.constants import PINYIN_DICT

    signs: dict[str, str] = {}
    table: dict[int, str] = {}
    for char, readings in PINYIN_DICT.items():
        syllable = _toneless(readings.split(",")[0])
        table[char] = signs.setdefault(syllable, chr(_FIRST + len(signs)))
    return table


def _toneless(syllable: str) -> str:
    parts = unicodedata.normalize("NFD", syllable)
    return "".join(c for c in parts if c == "\u0308" or not unicodedata.combining(c))
