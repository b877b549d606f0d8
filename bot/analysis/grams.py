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
    marked = [f"{_BEGIN}{text[:CAP]}{_END}" for text in texts]
    lengths = np.fromiter(map(len, marked), dtype=np.int64, count=len(marked))
    codes = np.frombuffer("".join(marked).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32)
    small = codes < _TABLE_SIZE
    codes[small] = _FOLD[codes[small]]
    keep = _not_repeated(codes)
    ends = np.cumsum(lengths)
    lengths = np.add.reduceat(keep.astype(np.int64), ends - lengths)
    return _hashed(codes[keep], lengths, bits)


def _not_repeated(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """False where a run of one character is longer than it may be. Marks never run, so texts stay apart."""
    starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
    place = np.arange(len(codes)) - np.repeat(starts, np.diff(np.append(starts, len(codes))))
    longest = _RUN[np.minimum(codes, _TABLE_SIZE - 1)]
    return place < longest


def _hashed(codes: NDArray[np.uint32], lengths: Ints, bits: int) -> tuple[NDArray[np.int32], Ints]:
    size = len(codes)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(size)
    mixed = (codes.astype(np.uint64) + np.uint64(1)) * _MULTIPLY
    mixed ^= mixed >> np.uint64(29)
    rolling = mixed.copy()
    buckets = np.empty((size, LONGEST), dtype=np.int32)
    for n in range(1, LONGEST + 1):
        if n > 1:
            rolling *= _STEP
            rolling[: size - n + 1] += mixed[n - 1 :]
        buckets[:, n - 1] = (rolling * _MULTIPLY) >> np.uint64(64 - bits)
    inside = left[:, None] > np.arange(LONGEST)
    counts = np.minimum(lengths, LONGEST).astype(np.int64)
    total = lengths * LONGEST - counts * (counts - 1) // 2 - (LONGEST - counts) * lengths
    return buckets[inside], total
