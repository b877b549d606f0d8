"""Character pairs of Chinese runs and whole Latin words as 32-bit numbers, for a whole batch of texts in one go.

A pair of two characters is its two 16-bit code points, which is exact for all but the rarest characters; a Latin word is a
hash below all of those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.analysis.text import ALNUM, code_points

Keys = NDArray[np.uint32]
Ints = NDArray[np.int64]
FAR_CHINESE = 0x20000
"""From here on nearly all characters are Chinese; between the first plane and this are emoji and scripts nobody posts in."""
_OTHER, _RUN, _LATIN = 0, 1, 2
_WORD = re.compile(r"[a-z0-9][a-z0-9.:%]*")
_WORDS_BELOW = 0x800000  # the first character of a pair is U+0080 or higher
_KIND = ALNUM.astype(np.uint8)
_KIND[np.frombuffer(b"abcdefghijklmnopqrstuvwxyz0123456789", np.uint8)] = _LATIN


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs of some texts in reading order: key, number of the text, place in the joined texts, whether it continues the
    pair before."""

    keys: Keys
    rows: Ints
    at: Ints
    follows: NDArray[np.bool_]

    def then(self, more: Pairs, texts: int) -> Pairs:
        """Those of the first ``texts`` texts, and ``more``, whose texts are counted on from there."""
        cut = int(np.searchsorted(self.rows, texts))
        end = int(self.at[cut - 1]) + 9 if cut else 0
        return Pairs(
            np.concatenate([self.keys[:cut], more.keys]),
            np.concatenate([self.rows[:cut], more.rows + texts]),
            np.concatenate([self.at[:cut], more.at + end]),
            np.concatenate([self.follows[:cut], more.follows]),
        )

    def cuts(self, texts: int) -> list[int]:
        """Where the pairs of each text begin, and the end of the last."""
        cuts: list[int] = np.searchsorted(self.rows, np.arange(texts + 1)).tolist()
        return cuts


NO_PAIRS = Pairs(np.zeros(0, np.uint32), *(np.zeros(0, np.int64),) * 2, np.zeros(0, bool))


def pairs_of(texts: Sequence[str]) -> Pairs:
    """The pairs of normalised texts."""
    joined = "\n".join(texts) + "\n"
    codes = code_points(joined)
    kind = _KIND[np.minimum(codes, 0xFFFF)]
    if len(wide := np.flatnonzero(codes > 0xFFFF)):
        kind[wide] = np.where(codes[wide] >= FAR_CHINESE, _RUN, _OTHER)
    run = kind == _RUN
    paired = run[:-1] & run[1:]
    at = np.flatnonzero(paired)
    keys = (codes[at] << np.uint32(16)) | (codes[at + 1] & np.uint32(0xFFFF))
    follows = paired[at - 1] & (at > 0)
    if (kind == _LATIN).any():
        words = list(_words(joined))
        if words:
            at = np.concatenate([at, [start for start, _ in words]])
            order = np.argsort(at, kind="stable")
            at = at[order]
            keys = np.concatenate([keys, np.array([_of_word(word) for _, word in words], np.uint32)])[order]
            follows = np.concatenate([follows, np.zeros(len(words), bool)])[order]
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    rows = np.repeat(np.arange(len(texts)), lengths)[at]
    return Pairs(keys, rows, at, follows)


def _words(text: str) -> Iterator[tuple[int, str]]:
    """Latin words and where they begin; two that stand side by side once more as one (Pura X, PuraX)."""
    before, end = "", -9
    for match in _WORD.finditer(text):
        word = match[0].rstrip(".:%")
        if len(word) > 1:
            yield match.start(), word
        if match.start() == end + 1 and text[end] == " ":
            yield match.start(), before + word
        before, end = word, match.end()


def key_of(pair: str) -> int:
    """The key of one pair or word."""
    if len(pair) == 2 and not pair.isascii():
        return (ord(pair[0]) & 0xFFFF) << 16 | ord(pair[1]) & 0xFFFF
    return _of_word(pair)


def _of_word(word: str) -> int:
    return crc32(word.encode()) & (_WORDS_BELOW - 1)
