"""Who said it first: exact copies, near copies and reposts, across sources and days.

One cluster keeps one root, the first that was read. ``exact``: the same letters and digits, at any distance in time. ``near``:
alike or contained (cut, re-punctuated, traditional, with a head or tail added) within 48 hours (domain handbook 3.2).
``repost``: nothing of its own. ``comment``: a repost with words of its own, which stays a mention (contract).

Memory is bounded and cost does not grow with what was seen: roots live in a ring, the index is a table of fixed size in which
newer entries overwrite older ones, exact hashes that were not met again are forgotten.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from bot.analysis.batch import ALIKE, CONTAINED, SHINGLES, SLOTS, Batch, contradict
from bot.analysis.recent import Recent
from bot.analysis.sketch import COLUMNS, KEEP, Likeness, alike
from bot.analysis.text import BARE_UNDER, Clean

# Chosen on every other development pair; benchmarks/neardup.py says what its figures are worth.
RATIO = 0.33  # a passage quoted in a text three times as long is a quotation, not a copy
VARIANT = 0.9  # a copy less alike than this is indexed too: copies of it may be far from the root
SURE = 0.75  # a text less alike than this with other figures, or with a denial more, is no copy
VOTES = 2  # index keys in common, below which nothing is compared
TRIED = 6

WINDOW = 48 * 3600.0
ROOTS = 1 << 17
_AT_ONCE = 256  # what these need at once stays in the processor's cache; answers are the same for any number
EXACT = 200_000

FEW_FOLLOWERS = 100
CROWD = 5  # copies from as many small accounts within CROWD_SECONDS are taken for bought
CROWD_SECONDS = 3600.0
BOUGHT_WEIGHT = 0.2
_CROWDS = 10_000


class Item(NamedTuple):
    """What is asked about: ``at`` in unix seconds; ``followers`` None where unknown."""

    id: str
    clean: Clean
    at: float
    author: str = ""
    followers: int | None = None


class Copy(NamedTuple):
    """What was found: the root's id and how it is repeated (see ``Reading``); both empty for a root."""

    root: str | None = None
    kind: str = ""
    weight: float = 1.0


ROOT = Copy()


class Duplicates:
    """The clusters seen so far. Not thread-safe; not idempotent by itself (``Analyst`` is)."""

    def __init__(self, *, roots: int = ROOTS, window: float = WINDOW) -> None:
        self._window = window
        self._table = np.zeros((COLUMNS * SLOTS,), np.int32)  # slot + 1
        self._hashes = np.zeros((roots, KEEP), np.uint32)
        self._kept = np.zeros(roots, np.int16)
        self._length = np.zeros(roots, np.int32)
        self._facts = np.zeros(roots, np.int64)
        self._at = np.zeros(roots)
        self._root: list[str] = [""] * roots
        self._next = 0
        self._exact = Recent[int, str](EXACT)
        self._crowds = Recent[str, deque[tuple[float, str]]](_CROWDS)

    def find(self, items: Sequence[Item]) -> list[Copy]:
        """For each item the root it repeats; roots are remembered. In order: an item may repeat an earlier one of the batch."""
        copies: list[Copy] = []
        for first in range(0, len(items), _AT_ONCE):
            copies += self._find(items[first : first + _AT_ONCE])
        return copies

    def _find(self, items: Sequence[Item]) -> list[Copy]:
        batch = Batch([item.clean.dense or item.clean.text for item in items], self._table)
        batch.foresee(self._new(batch.dense), self._hashes, self._kept, self._next)
        copies: list[Copy] = []
        try:
            for row, item in enumerate(items):
                copies.append(self._place(item, batch, row))
                batch.placed(row)
        finally:
            self._write(batch)
        return copies

    def _new(self, dense: Sequence[str]) -> list[bool]:
        """Which of the texts will most likely be indexed: those not read before, letter by letter."""
        new, keys = [], set[int]()
        for text in dense:
            key = hash(text)
            new.append(key not in keys and key not in self._exact)
            keys.add(key)
        return new

    def remember(self, items: Sequence[Item], copies: Sequence[Copy]) -> None:
        """Rebuilds the indexes from what was decided before a restart."""
        for first in range(0, len(items), _AT_ONCE):
            self._remember(items[first : first + _AT_ONCE], copies[first : first + _AT_ONCE])

    def _remember(self, items: Sequence[Item], copies: Sequence[Copy]) -> None:
        batch = Batch([item.clean.dense or item.clean.text for item in items], self._table)
        for row, (item, copy) in enumerate(zip(items, copies, strict=True)):
            if copy.kind == "repost":
                continue
            self._exact[hash(batch.dense[row])] = copy.root or item.id
            if copy.kind in ("", "near"):
                self._index(copy.root or item.id, item.at, batch, row)
        self._write(batch)

    def _place(self, item: Item, batch: Batch, row: int) -> Copy:
        dense = batch.dense[row]
        if not dense:
            return ROOT
        bare = item.clean.is_bare_repost
        if bare and len(item.clean.dense) < BARE_UNDER:  # 转发微博 alone: of what, nobody can say
            return Copy(None, "repost")
        key = hash(dense)
        root = self._exact.get(key)
        if root is not None:
            return self._copy(item, root, "repost" if bare else "exact")
        slot, similarity = self._nearest(item, batch, row) if row in batch.close or row in batch.unsure else (-1, 0.0)
        if slot < 0:
            self._exact[key] = item.id
            self._index(item.id, item.at, batch, row)
            return ROOT
        root = self._root[slot]
        self._at[slot] = max(self._at.item(slot), item.at)
        if item.clean.reposted:
            return self._copy(item, root, "repost" if bare else "comment")
        self._exact[key] = root
        if similarity < VARIANT:
            self._index(root, item.at, batch, row)
        return self._copy(item, root, "near")

    def _nearest(self, item: Item, batch: Batch, row: int) -> tuple[int, float]:
        """The slot of the most similar text that counts as the same, or -1."""
        best, best_alike, length = -1, 0.0, len(batch.dense[row])
        found = batch.found(row)
        if len(set(found)) == len(found):
            return best, best_alike
        voted = [(entry, votes) for entry, votes in Counter(found).items() if votes >= VOTES]
        if len(voted) > 1:
            voted.sort(key=itemgetter(1), reverse=True)
        for entry, _ in voted[:TRIED]:
            slot = entry - 1
            if best_alike >= VARIANT:
                break
            if abs(item.at - self._at.item(slot)) > self._window:
                continue
            similarity, contained, shingles = self._likeness(batch, row, slot)
            if similarity <= best_alike:
                continue
            theirs = self._length.item(slot)
            if (
                similarity < SURE
                and not item.clean.reposted
                and contradict(batch.facts[row], self._facts.item(slot), length, theirs)
            ):
                continue
            alone = item.clean.reposted or min(length, theirs) >= RATIO * max(length, theirs)
            if similarity >= ALIKE or (contained >= CONTAINED and shingles >= SHINGLES and alone):
                best, best_alike = slot, similarity
        return best, best_alike

    def _likeness(self, batch: Batch, row: int, slot: int) -> Likeness:
        other = batch.slots.get(slot)
        if known := batch.foreseen.get((row, slot + 1 if other is None else ~other)):
            return known
        where, kept = (self._hashes, self._kept) if other is None else (batch.sketches, batch.kept)
        there = slot if other is None else other
        mine, theirs = slice(row, row + 1), slice(there, there + 1)
        return alike(batch.sketches[mine], batch.kept[mine], where[theirs], kept[theirs]).of(0)

    def _index(self, root: str, moment: float, batch: Batch, row: int) -> None:
        slot = self._next % len(self._root)
        self._next += 1
        self._length[slot] = len(batch.dense[row])
        self._facts[slot] = batch.facts[row]
        self._at[slot] = moment
        self._root[slot] = root
        batch.index(row, slot)

    def _write(self, batch: Batch) -> None:
        """Puts what the batch indexed into the tables; the last of two entries for one place stays."""
        rows, slots = list(batch.slots.values()), list(batch.slots)
        if not rows:
            return
        self._hashes[slots] = batch.sketches[rows]
        self._kept[slots] = batch.kept[rows]
        self._table[batch.places[rows]] = (np.array(slots, np.int32) + 1)[:, None]

    def _copy(self, item: Item, root: str, kind: str) -> Copy:
        if root == item.id:  # a batch that broke half-way is read again
            return ROOT
        if kind == "comment" or not item.author or item.followers is None or item.followers > FEW_FOLLOWERS:
            return Copy(root, kind)
        crowd = self._crowds.get(root)
        if crowd is None:
            self._crowds[root] = crowd = deque(maxlen=CROWD * 4)
        crowd.append((item.at, item.author))
        recent = {author for at, author in crowd if abs(item.at - at) <= CROWD_SECONDS}
        return Copy(root, kind, BOUGHT_WEIGHT if len(recent) >= CROWD else 1.0)
