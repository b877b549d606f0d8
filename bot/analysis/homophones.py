"""Sound instead of sign: 晨露 also as 尘露, 沉露, chenlu or c.h.e.n露, for rules that ask for it. pypinyin is loaded by the first
such rule.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

_FIRST = 0xE000  # a private sign for every syllable
_SPELLED = re.compile(r"(?<![a-z0-9])[a-z]+(?: [a-z]+)*(?![a-z0-9])")
_LONGEST = 6
_RUN_CAP = 200


def sounds(folded: str) -> tuple[str, Sequence[int]]:
    """The text with a sign for every syllable, tones apart, of a Chinese character (its commonest) or spelled in pinyin; and
    where in the text each sign begins, the end added.

    Letters count as pinyin where their words are nothing but syllables (tui kuan, tuikuan), or all together are (t u i).
    """
    signs: list[str] = []
    places: list[int] = []
    at = 0
    for run in _SPELLED.finditer(folded):
        for begin, end in _words(run):
            spelled = _syllables(folded[begin:end].replace(" ", ""))
            if not spelled:
                continue
            between = "" if at and folded[at:begin] == " " else folded[at:begin]
            signs += between.translate(_table()[0])
            places += range(at, at + len(between))
            letters = [place for place in range(begin, end) if folded[place] != " "]
            for syllable in spelled:
                signs.append(_table()[1][syllable])
                places.append(letters[0])
                del letters[: len(syllable)]
            at = end
    signs += folded[at:].translate(_table()[0])
    places += range(at, len(folded) + 1)
    return "".join(signs), places


def _words(run: re.Match[str]) -> list[tuple[int, int]]:
    """The parts of a run of letters to be read by themselves: each word, or all at once where single letters are spelled out."""
    words = [(run.start() + word.start(), run.start() + word.end()) for word in re.finditer("[a-z]+", run[0])]
    if len(words) > 1 and len(run[0]) <= _RUN_CAP and not all(_syllables(run.string[a:b]) for a, b in words):
        return [run.span()] if _syllables(run[0].replace(" ", "")) else words
    return words


def _syllables(letters: str) -> tuple[str, ...]:
    """The fewest syllables that letters are made of; none where they are not."""
    known = _table()[1]
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, min(len(letters), _RUN_CAP) + 1):
        ways = [
            (*before, letters[start:end])
            for start in range(max(0, end - _LONGEST), end)
            if (before := best[start]) is not None and letters[start:end] in known
        ]
        best.append(min(ways, key=len, default=None))
    return best[-1] or () if len(letters) <= _RUN_CAP else ()


@cache
def _table() -> tuple[dict[int, str], dict[str, str]]:
    """The sign of each character, and of each syllable as it is typed (lv for lü)."""
    from pypinyin.constants import PINYIN_DICT

    signs: dict[str, str] = {}
    table: dict[int, str] = {}
    for char, readings in PINYIN_DICT.items():
        syllable = _toneless(readings.split(",")[0])
        table[char] = signs.setdefault(syllable, chr(_FIRST + len(signs)))
    typed = {syllable.replace("u\u0308", "v"): sign for syllable, sign in signs.items()}
    return table, {syllable: sign for syllable, sign in typed.items() if syllable.isascii() and syllable[0] not in "iuv"}


def _toneless(syllable: str) -> str:
    parts = unicodedata.normalize("NFD", syllable)
    return "".join(c for c in parts if c == "\u0308" or not unicodedata.combining(c))
