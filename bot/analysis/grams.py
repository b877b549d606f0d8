"""Texts as hashed character n-grams, a whole batch at once.

Digits count as 0 (runs of them as two), a character said more than three times counts three times, blanks run together. The
batch becomes one array of code points; an n-gram is one multiplicative hash into ``2**bits`` buckets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CAP = 1_200
"""Characters of a text that are read."""
LONGEST = 3
"""n-grams of one to this many characters."""

Ints = NDArray[np.int64]
_MULTIPLY = np.uint64(0x9E3779B97F4A7C15)
_STEP = np.uint64(0xBF58476D1CE4E5B9)
_BEGIN, _END = "\x02", "\x03"
_TABLE_SIZE = 0x3100
_DIGITS = frozenset(range(0x30, 0x3A))
_BLANKS = frozenset(map(ord, "\t\n\v\f\r \u3000"))
_FOLD = np.array(
    [0x30 if c in _DIGITS else 0x20 if c in _BLANKS else c for c in range(_TABLE_SIZE)],
    dtype=np.uint32,
)
_RUN = np.full(_TABLE_SIZE, 3, dtype=np.int64)
_RUN[0x30], _RUN[0x20] = 2, 1


def grams(texts: Sequence[str], bits: int) -> tuple[NDArray[np.int32], Ints]:
    """The buckets of all n-grams, text after text, and how many each text has (never 0)."""
    buckets, lengths = windows(texts, bits)
    return buckets[buckets < 1 << bits].astype(np.int32), counted(lengths)


def windows(texts: Sequence[str], bits: int) -> tuple[Ints, Ints]:
    """The buckets of the ``LONGEST`` n-grams that begin at each character, text after text, and how many characters each text
    has. What would reach over the end of a text is in bucket ``2**bits``."""
    marked = [f"{_BEGIN}{text[:CAP]}{_END}" for text in texts]
    lengths = np.fromiter(map(len, marked), dtype=np.int64, count=len(marked))
    codes = np.frombuffer("".join(marked).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32)
    small = np.flatnonzero(codes < _TABLE_SIZE)
    codes[small] = _FOLD[codes[small]]
    ends = np.cumsum(lengths)
    if len(repeated := _repeated(codes)):
        lengths -= np.bincount(np.searchsorted(ends, repeated, side="right"), minlength=len(lengths))
        codes, ends = np.delete(codes, repeated), np.cumsum(lengths)
    return _hashed(codes, ends, bits).ravel(), lengths


def counted(lengths: Ints) -> Ints:
    """How many n-grams texts of these lengths have; a text has two characters at least, its marks."""
    return lengths * LONGEST - LONGEST * (LONGEST - 1) // 2


def _repeated(codes: NDArray[np.uint32]) -> Ints:
    """Where a run of one character is longer than it may be. Marks never run, so texts stay apart."""
    again = np.flatnonzero(codes[1:] == codes[:-1]) + 1
    starts = np.flatnonzero(np.diff(again, prepend=-1) != 1)
    place = np.arange(1, len(again) + 1) - np.repeat(starts, np.diff(np.append(starts, len(again))))
    longest = _RUN[np.minimum(codes[again], _TABLE_SIZE - 1)]
    return np.asarray(again[place >= longest])


def _hashed(codes: NDArray[np.uint32], ends: Ints, bits: int) -> Ints:
    size = len(codes)
    mixed = (codes.astype(np.uint64) + np.uint64(1)) * _MULTIPLY
    mixed ^= mixed >> np.uint64(29)
    rolling = mixed.copy()
    buckets = np.empty((size, LONGEST), dtype=np.int64)
    for n in range(1, LONGEST + 1):
        if n > 1:
            rolling *= _STEP
            rolling[: size - n + 1] += mixed[n - 1 :]
        buckets[:, n - 1] = (rolling * _MULTIPLY) >> np.uint64(64 - bits)
        for left in range(1, n):
            buckets[ends - left, n - 1] = 1 << bits
    return buckets
