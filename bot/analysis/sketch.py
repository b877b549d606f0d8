"""Short fingerprints of texts, made for a whole batch at once: what the near-duplicate index stores and compares.

A text is the set of its three-character shingles, hashed to 32 bits, of which the smallest ``KEEP`` are kept (a bottom-k sketch:
Jaccard and containment of two sketches are estimated below the smaller of the two cut-offs; short texts are kept whole).
It is found again by MinHash: bands of three rows over three-character shingles, for texts alike in all their length,
and single rows over six-character ones, for texts of which one holds the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint32]
KEEP = 96
READ = 2_000  # characters of a text that are looked at
BANDS, ROWS, SINGLES = 12, 3, 14
COLUMNS = BANDS + SINGLES
_SHORT, _LONG = 3, 6
_SHORT_TEXT = 160
_MOST = np.uint32(0xFFFFFFFF)
_NAME = re.compile(r"(?<![a-z0-9])[a-z0-9]{5,20}(?![a-z0-9])")
"""Longer than this it is a sentence in a language with blanks, which ``dense`` leaves out."""
_PRIVATE, _SIGNS = 0xE000, 6_400  # no text has a character of this area in its dense writing
_M1, _M2, _M3 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT = np.uint64(31)


def sketches(texts: Sequence[str]) -> tuple[Hashes, npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """For each text its sorted sketch (``KEEP`` wide), how many of that are its own, and its ``COLUMNS`` index keys.

    Texts are dense (letters and digits only). One shorter than a shingle is said again until it is one: what fills it
    up must not be what fills up another.
    """
    texts = _NAME.sub(_said, "\0".join(texts)).split("\0")
    padded = [((text or "\0") * _LONG)[:_LONG] if len(text) < _LONG else text[:READ] for text in texts]
    lengths = np.fromiter(map(len, padded), np.int64, len(padded))
    codes = np.frombuffer("".join(padded).encode("utf-32-le"), np.uint32).astype(np.uint64)
    ends = np.cumsum(lengths)
    short, short_ends = _shingles(codes, ends, _SHORT)
    long, long_ends = _shingles(codes, ends, _LONG)
    kept, many = _bottoms((short >> np.uint64(32)).astype(np.uint32), short_ends)
    banded = _minhash(short, short_ends, _ORDERS[SINGLES:]).reshape(len(texts), BANDS, ROWS)
    keys = np.concatenate([_joined(banded), _minhash(long, long_ends, _ORDERS[:SINGLES])], axis=1)
    return kept, many, _mixed(keys + np.arange(COLUMNS, dtype=np.uint64) * _M2)


def _said(name: re.Match[str]) -> str:
    """One sign for a name or a number of many letters: what is said of it must count, not its length."""
    return chr(_PRIVATE + crc32(name[0].encode()) % _SIGNS)


def _scattered(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The last steps of SplitMix64: each bit depends on all."""
    numbers = (numbers ^ (numbers >> _SHIFT)) * _M2
    numbers = (numbers ^ (numbers >> _SHIFT)) * _M3
    return numbers ^ (numbers >> _SHIFT)


_ORDERS = _scattered(np.arange(1, BANDS * ROWS + SINGLES + 1, dtype=np.uint64) * _M1).astype(np.uint32) | np.uint32(1)
"""Odd factors: each puts the hashes into another order."""


class Likeness(NamedTuple):
    """Jaccard, containment of the smaller in the larger, and the number of shingles of the smaller, as estimated."""

    jaccard: float
    contained: float
    shingles: int


class Likenesses(NamedTuple):
    """``Likeness`` of many pairs, a column each."""

    jaccard: npt.NDArray[np.float64]
    contained: npt.NDArray[np.float64]
    shingles: npt.NDArray[np.int64]

    def of(self, pair: int) -> Likeness:
        return Likeness(self.jaccard.item(pair), self.contained.item(pair), self.shingles.item(pair))


def alike(left: Hashes, left_kept: npt.NDArray[np.integer], right: Hashes, right_kept: npt.NDArray[np.integer]) -> Likenesses:
    """How alike each text on the left is to its neighbour on the right; ``kept`` is how many of a sketch are its own."""
    both = np.concatenate((left, right), axis=1)
    both.sort(axis=1)  # each is without repetition, so that what they share stands twice; all of that is below the cut-off
    blank_left, blank_right = KEEP - left_kept, KEEP - right_kept
    common = (both[:, 1:] == both[:, :-1]).sum(axis=1) - np.maximum(blank_left + blank_right - 1, 0)
    cut = np.minimum(_cut(left, left_kept), _cut(right, right_kept))[:, None]
    a = (left <= cut).sum(axis=1) - blank_left
    b = (right <= cut).sum(axis=1) - blank_right
    smaller = np.minimum(a, b)
    return Likenesses(common / np.maximum(a + b - common, 1), common / np.maximum(smaller, 1), smaller)


def _cut(hashes: Hashes, kept: npt.NDArray[np.integer]) -> Hashes:
    return np.where(kept == KEEP, hashes[:, -1], _MOST)


def _shingles(
    codes: npt.NDArray[np.uint64], ends: npt.NDArray[np.int64], size: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Hashes of all shingles inside the texts, and where each text's part ends."""
    rolling = codes[: len(codes) - size + 1].copy()
    for step in range(1, size):
        rolling = rolling * _M1 + codes[step : len(codes) - size + 1 + step]
    inside = np.ones(len(rolling), bool)
    for step in range(1, size):
        inside[ends[:-1] - step] = False
    return _scattered(rolling[inside]), ends - np.arange(1, len(ends) + 1) * (size - 1)


def _bottoms(hashes: Hashes, ends: npt.NDArray[np.int64]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """The ``KEEP`` smallest distinct hashes of each text, sorted, and their number."""
    lengths = np.diff(ends, prepend=0)
    kept, many = np.zeros((len(ends), KEEP), np.uint32), np.zeros(len(ends), np.int64)
    for rows in (np.flatnonzero(lengths <= _SHORT_TEXT), np.flatnonzero(lengths > _SHORT_TEXT)):
        if len(rows):
            kept[rows], many[rows] = _smallest(hashes, ends[rows], lengths[rows])
    return kept, many


def _smallest(
    hashes: Hashes, ends: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """A row for each text, so that it is sorted by itself: ten times as fast as all together."""
    column = np.arange(max(KEEP, lengths.max()))
    rows = hashes[np.minimum((ends - lengths)[:, None] + column, len(hashes) - 1)]
    rows[column >= lengths[:, None]] = _MOST
    rows.sort(axis=1)
    again = (rows[:, 1:] == rows[:, :-1]) & (column[1:] < lengths[:, None])
    if len(twice := np.flatnonzero(again.any(axis=1))):
        rows[:, 1:][again] = _MOST
        rows[twice] = np.sort(rows[twice], axis=1)
        lengths = lengths - again.sum(axis=1)
    rows[column >= lengths[:, None]] = 0
    return rows[:, :KEEP], np.minimum(lengths, KEEP)


def _minhash(
    hashes: npt.NDArray[np.uint64], ends: npt.NDArray[np.int64], orders: npt.NDArray[np.uint32]
) -> npt.NDArray[np.uint64]:
    """The first hash of each text in every order."""
    starts, high = np.concatenate([[0], ends[:-1]]), (hashes >> np.uint64(32)).astype(np.uint32)
    firsts = [np.minimum.reduceat(high * order, starts) for order in orders]
    return np.stack(firsts, axis=1).astype(np.uint64)


def _joined(banded: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    joined: npt.NDArray[np.uint64] = (banded[:, :, 0] * _M1 + banded[:, :, 1]) * _M2 + banded[:, :, 2]
    return joined


def _mixed(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    keys = keys * _M3
    return (keys >> np.uint64(32)).astype(np.uint32)
