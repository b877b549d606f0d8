"""Texts that are looked up together among the copies: what the index holds of them, and what they share with each other."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from bot.analysis.sketch import COLUMNS, Hashes, Likeness, alike, sketches

# Chosen on every other development pair; benchmarks/neardup.py says what its figures are worth.
ALIKE = 0.50
CONTAINED = 0.86
SHINGLES = 8  # containment of less than this says nothing
WHOLE = 0.6  # of the longer's length

_FIGURE = re.compile(r"\d\d{1,14}")
_DENIAL = re.compile(r"不属实|不实|谣|否认|假消息|子虚乌有")
_DENIED = 1 << 62
_FIGURES = 61  # a figure is the bit of its remainder

SLOTS = 1 << 18
_ROW_BITS = np.uint32(14)  # beside the 18 of a place
_ROW = np.uint32((1 << 14) - 1)
FAR = Likeness(0.0, 0.0, 0)


class Batch:
    """Texts that are placed together: what the table held of them at the start, and what they have put in since.

    ``earlier`` is the last row before with the same place in the table, ``later`` the next, -1 where there is none. Most texts
    share places with others that turn out not to be alike: that is found out for all at once, with the rows that are ``new``
    taken to be indexed and the others not. So few have to be looked at one by one: those that are ``close`` to something, and
    those that are ``unsure`` because an earlier row that they share a place with went another way. ``foreseen``: the likeness of
    a text to an entry (slot + 1) or a row (``~row``).
    """

    def __init__(self, dense: Sequence[str], table: npt.NDArray[np.int32]) -> None:
        self.dense = dense
        self.facts = _facts(dense)
        self.sketches, self.kept, keys = sketches(dense)
        self.places = (keys & np.uint32(SLOTS - 1)).astype(np.int64) + np.arange(COLUMNS) * SLOTS
        self.slots: dict[int, int] = {}  # row by slot
        self.close, self.unsure = set[int](), set[int]()
        self.foreseen: dict[tuple[int, int], Likeness] = {}
        self._new: list[bool] = []
        self._entries: dict[int, int] = {}  # slot + 1 by row
        self._found = table[self.places]
        self._earlier, self._later = np.full((2, *self.places.shape), -1)
        tagged = np.sort((keys & np.uint32(SLOTS - 1)).T << _ROW_BITS | np.arange(len(dense), dtype=np.uint32), axis=1)
        column, at = np.nonzero(tagged[:, 1:] >> _ROW_BITS == tagged[:, :-1] >> _ROW_BITS)
        before, after = tagged[column, at] & _ROW, tagged[column, at + 1] & _ROW
        self._earlier[after, column] = before
        self._later[before, column] = after

    def foresee(self, new: list[bool], hashes: Hashes, kept: npt.NDArray[np.int16], first: int) -> None:
        """``hashes`` and ``kept`` are those of the slots, of which those from ``first`` on will be written next."""
        self._new = new
        earlier = self._earlier.copy()
        while len(skipped := np.flatnonzero((earlier >= 0) & ~np.array(new)[earlier])):
            earlier.reshape(-1)[skipped] = self._earlier[earlier.reshape(-1)[skipped], skipped % COLUMNS]
        seen = np.sort(np.where(earlier >= 0, ~earlier, self._found), axis=1)
        twice = (seen[:, 1:] == seen[:, :-1]) & (seen[:, 1:] != 0)
        twice[:, 1:] &= ~twice[:, :-1]
        rows, columns = np.nonzero(twice)
        others = seen[rows, columns]
        slots, here = np.maximum(others - 1, 0), np.flatnonzero(others < 0)
        theirs, many = hashes[slots], kept[slots].astype(np.int64)
        theirs[here], many[here] = self.sketches[~others[here]], self.kept[~others[here]]
        found = alike(self.sketches[rows], self.kept[rows], theirs, many)
        pairs = list(zip(rows.tolist(), others.tolist(), strict=True))
        self.foreseen = dict.fromkeys(pairs, FAR)
        near = (found.jaccard >= ALIKE) | ((found.contained >= CONTAINED) & (found.shingles >= SHINGLES))
        for n in np.flatnonzero(near).tolist():
            self.foreseen[pairs[n]] = found.of(n)
            self.close.add(pairs[n][0])
        overwritten = (self._found > 0) & ((self._found - 1 - first) % len(hashes) < len(self.dense))
        self.unsure.update(np.flatnonzero(overwritten.any(axis=1)).tolist())

    def index(self, row: int, slot: int) -> None:
        self.slots[slot] = row
        self._entries[row] = slot + 1

    def placed(self, row: int) -> None:
        """Unless a row went the way that was foreseen, those after it that it shares a place with are unsure."""
        indexed = row in self._entries
        if indexed != self._new[row] or (not indexed and row in self.unsure):
            self.unsure.update(self._later[row].tolist())

    def found(self, row: int) -> list[int]:
        """The entries (slot + 1) that stand in the places of a text now."""
        entries: list[int] = self._found[row].tolist()
        for column, earlier in enumerate(self._earlier[row].tolist()):
            before = earlier
            while before >= 0 and before not in self._entries:
                before = self._earlier.item(before, column)
            if before >= 0:
                entries[column] = self._entries[before]
        return list(filter(None, entries))


def _facts(dense: Sequence[str]) -> list[int]:
    """The figures of each text (two digits or more) and whether it denies something, as bits."""
    found, joined = [0] * len(dense), "\0".join(dense)
    begins = list(accumulate([len(text) + 1 for text in dense], initial=0))
    for match in _FIGURE.finditer(joined):
        found[bisect(begins, match.start()) - 1] |= 1 << int(match[0]) % _FIGURES
    for match in _DENIAL.finditer(joined):
        found[bisect(begins, match.start()) - 1] |= _DENIED
    return found


def contradict(one: int, other: int, length: int, others_length: int) -> bool:
    """The same words about another batch, day or sum: each has a figure that the other has not. Or the contrary: one denies, and
    the other is not just cut before it could."""
    if one & ~other and other & ~one:
        return True
    denying, plain = (length, others_length) if one & _DENIED else (others_length, length)
    return bool((one ^ other) & _DENIED) and plain >= WHOLE * denying
