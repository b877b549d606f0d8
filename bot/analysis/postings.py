"""Which live stories hold a pair, and how many: two tables of fixed size, so that memory and cost do not grow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot.analysis.pairs import Ints, Keys

WIDTH = 16
"""The newest stories kept for a slot. A story that still grows is written again when it fell out."""
_SLOT_BITS, _COUNT_BITS = 17, 20
_PLACE_BITS = np.uint32(15)  # beside those of a slot
_AT_ONCE = 1 << 15
_MULTIPLY = np.uint32(0x9E3779B1)
_MOST = 60_000
_HALF, _YOUNG = np.uint32(16), np.uint32(0xFFFF)
Numbers = NDArray[np.int32]


class Postings:
    """Story numbers by pair; pairs share a slot by their hash, so what is found must be compared before it is believed."""

    def __init__(self) -> None:
        self._table = np.zeros((1 << _SLOT_BITS, WIDTH), np.int32)
        self._next = np.zeros((1 << _SLOT_BITS,), np.uint8)
        self._counts = np.zeros((1 << _COUNT_BITS,), np.uint32)  # this generation's in the low half, the last one's in the high

    def of(self, keys: Keys) -> Numbers:
        """The newest stories of each key, ``WIDTH`` a row, 0 where there is none."""
        return self._table[_slots(keys, _SLOT_BITS)]

    def held(self, keys: Keys) -> Ints:
        """How many stories of this and the last generation hold each key."""
        counts = self._counts[_slots(keys, _COUNT_BITS)]
        held: Ints = ((counts & _YOUNG) + (counts >> _HALF)).astype(np.int64)
        return held

    def post(self, keys: Keys, stories: Numbers) -> None:
        """These stories hold these keys, one each; in order."""
        for begin in range(0, len(keys), _AT_ONCE):
            self._post(keys[begin : begin + _AT_ONCE], stories[begin : begin + _AT_ONCE])

    def _post(self, keys: Keys, stories: Numbers) -> None:
        tagged = np.sort(_slots(keys, _SLOT_BITS) << _PLACE_BITS | np.arange(len(keys), dtype=np.uint32))
        slots, order = (tagged >> _PLACE_BITS).astype(np.int64), tagged & np.uint32(_AT_ONCE - 1)
        first = np.flatnonzero(_firsts(slots))
        many = np.diff(np.append(first, len(slots)))
        place = self._next[slots] + np.arange(len(slots)) - np.repeat(first, many)
        self._table.reshape(-1)[slots * WIDTH + place % WIDTH] = stories[order]
        self._next[slots[first]] += many.astype(np.uint8)  # 256 is a multiple of WIDTH: it may run over

    def post_missing(self, keys: Keys, stories: Numbers) -> None:
        """As ``post``, for what is not found there any more."""
        both = np.sort(keys.astype(np.uint64) << np.uint64(32) | stories.astype(np.uint64))
        both = both[_firsts(both)]
        keys, stories = (both >> np.uint64(32)).astype(np.uint32), both.astype(np.uint32).astype(np.int32)
        gone = (self.of(keys) != stories[:, None]).all(axis=1)
        self.post(keys[gone], stories[gone])

    def count(self, keys: Keys) -> None:
        """One more story for each key."""
        at = _slots(keys, _COUNT_BITS)
        np.add.at(self._counts, at, np.uint32(1))
        full = at[(self._counts[at] & _YOUNG) > _MOST]
        self._counts[full] = self._counts[full] & ~_YOUNG | np.uint32(_MOST)

    def age(self) -> None:
        """Begins a new generation and forgets the counts of the one before the last."""
        self._counts <<= _HALF


def _firsts(ordered: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether a number is the first of its like."""
    firsts = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=firsts[1:])
    return firsts


def _slots(keys: Keys, bits: int) -> NDArray[np.uint32]:
    return (keys * _MULTIPLY) >> np.uint32(32 - bits)
