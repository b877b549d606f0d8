"""What some mentions share with live stories and with each other, for all of them at once.

Nothing here depends on what is decided about any of them, so it can be worked out before the first is placed: rarities and
postings are those of the chunk's beginning, and likeness to earlier mentions of the chunk is told by their rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.analysis.likeness import RARE, Background, Items, Nats
from bot.analysis.pairs import NO_PAIRS, Ints, Keys, Pairs
from bot.analysis.postings import WIDTH, Postings

LED_BY = 12
"""The rarest pairs of a mention, which lead to candidates; more of them find no other story, only more slowly."""
FEW = 16
"""A pair that so few hold may lead to a story alone, if it makes up a share of ``WORTH`` itself: a name of two characters."""
WORTH = 0.15
"""Candidates that share less of a mention's rarity than this are not compared: none of them was ever joined."""
ECHOES = 8
"""A story that shares more than one of the rarest is compared only if it shares an eighth of all pairs (two at least)."""
COMMON = 48
"""A pair that more live stories hold leads nowhere: it is a word of the day."""
SPREAD = 2.0
"""How much one live story counts against one text of the background when a word's rarity is judged."""
NEIGHBOURS = 4
"""A pair leads to the last so many mentions of the chunk that have it."""
BEST = 8
_MULTIPLY, _SLOT_BITS = np.uint64(0x9E3779B97F4A7C15), 17
ROW = 1 << 31
"""A candidate from here on is a row of the chunk, not a story."""
Candidate = tuple[int, float]
"""A story or an earlier row, and the nats that the leading pairs share with it."""


@dataclass(slots=True)
class Looked:
    """A chunk as far as it goes. In the order of the texts: ``pairs`` and their nats; ``starts`` cuts them by text. By pair: each
    pair of each text once, as its key (``each``), its text (``rows``) and whether it leads anywhere (``leads``)."""

    pairs: Pairs
    rare: Nats
    continued: Nats
    general: Nats
    once: NDArray[np.bool_]
    starts: list[int]
    totals: list[float]
    each: Keys
    rows: Ints
    leads: NDArray[np.bool_]
    candidates: dict[int, list[Candidate]]

    def keys(self, row: int) -> Keys:
        """The pairs of one text, in a copy: a slice would hold the whole chunk in memory."""
        return self.pairs.keys[self.starts[row] : self.starts[row + 1]].copy()

    def items(self, row: int) -> Items:
        """The pairs of one text, ready to be compared."""
        cut = slice(self.starts[row], self.starts[row + 1])
        once = self.once[cut]
        columns = (self.pairs.keys, self.rare, self.continued, self.general, self.pairs.at)
        return list(zip(*(column[cut][once].tolist() for column in columns), strict=True))


class Chunk:
    """The mentions placed since the tables were last brought up to date."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.pairs = NO_PAIRS
        self.looked: Looked | None = None
        self.ids: list[str] = []
        self.stories: list[int] = []
        self.opened: list[bool] = []
        self.spread: list[int] = []

    @property
    def room(self) -> int:
        return self._most - len(self.ids)

    def add(self, id: str, story: int, *, new: bool) -> None:
        self.ids.append(id)
        self.stories.append(story)
        self.opened.append(new)


def look(pairs: Pairs, texts: int, since: int, postings: Postings, background: Background, live: int) -> Looked:
    """``pairs`` of all ``texts`` of the chunk, of which those from ``since`` on are asked about. ``live``: how many stories
    ``postings`` counts."""
    tagged = np.sort(pairs.keys.astype(np.uint64) << np.uint64(20) | np.arange(len(pairs.keys), dtype=np.uint64))
    keys, place = (tagged >> np.uint64(20)).astype(np.uint32), (tagged & np.uint64(0xFFFFF)).astype(np.int64)
    new = _changes(keys)
    group = np.cumsum(new) - 1
    distinct = keys[new]
    start, after = background.nats(distinct)
    held = postings.held(distinct)
    rare = _today(start, held, background.texts, live)
    rows = pairs.rows[place]
    first = new | _changes(rows)
    in_text = np.empty(len(keys), np.int64)
    in_text[place] = group
    continued = np.where(pairs.follows, np.minimum(rare, after)[in_text], rare[in_text])
    once = np.zeros(len(keys), bool)
    once[place[first]] = True
    totals = np.bincount(pairs.rows, continued, texts)
    group, rows = group[first], rows[first]
    leads = (start >= RARE)[group]
    many = np.maximum(2, np.bincount(rows, minlength=texts) // ECHOES)
    led, rank, others = _led(group, rows, rare, leads & (rows >= since), held)
    alone = (others <= FEW) & (rare[group[led]] >= WORTH * totals[rows[led]])
    row, story, weight, votes = _candidates(distinct[group[led]], group, rows, led, rank, rare, postings, alone)
    worth = (weight >= WORTH * totals[row]) & ((votes >= many[row]) | (votes == 1))
    best = _best(row[worth], story[worth], weight[worth])
    return Looked(
        pairs, rare[in_text], continued, start[in_text], once, pairs.cuts(texts), np.maximum(totals, 1e-9).tolist(),
        distinct[group], rows, leads, best,
    )  # fmt: skip


def _today(start: Nats, held: Ints, texts: int, live: int) -> Nats:
    """A pair that many live stories hold is less rare today than in general: each counts ``SPREAD`` texts."""
    now = np.log((texts + SPREAD * (live + 1)) / (np.exp(-start.astype(np.float64)) * texts + SPREAD * held))
    return np.where(held > 0, np.minimum(start, now), start).astype(np.float32)


def _led(group: Ints, rows: Ints, rare: Nats, leads: NDArray[np.bool_], held: Ints) -> tuple[Ints, Ints, Ints]:
    """Of each text the ``LED_BY`` pairs that fewest others have (of those the rarest), as places in ``group``, and their rank."""
    earlier = np.arange(len(group)) - np.flatnonzero(_changes(group))[group]
    others = held[group] + earlier
    at = np.flatnonzero(leads & (others > 0) & (others <= COMMON))
    order = (others[at] << 18 | ((64.0 - rare[group[at]]) * 4096).astype(np.int64)).astype(np.uint64)
    tagged = np.sort(rows[at].astype(np.uint64) << np.uint64(44) | order << np.uint64(20) | at.astype(np.uint64))
    begins = np.flatnonzero(_changes(tagged >> np.uint64(44)))
    rank = np.arange(len(tagged)) - np.repeat(begins, np.diff(np.append(begins, len(tagged))))
    few = rank < LED_BY
    led = (tagged[few] & np.uint64(0xFFFFF)).astype(np.int64)
    return led, rank[few], others[led]


def _candidates(
    keys: Keys, group: Ints, rows: Ints, led: Ints, rank: Ints, rare: Nats, postings: Postings, alone: NDArray[np.bool_]
) -> tuple[Ints, Ints, NDArray[np.float64], Ints]:
    """Every (text, story or earlier row) that shares leading pairs, two of them or one that leads ``alone``: text, story, shared
    nats, shared pairs."""
    stories = postings.of(keys).ravel()
    hit = np.flatnonzero(stories)
    which = hit // WIDTH
    tags = (rows[led] << 40 | rank).astype(np.uint64)
    parts = [tags[which] | stories[hit].astype(np.uint64) << np.uint64(4)]
    enough = [alone[which]]
    for step in range(1, NEIGHBOURS + 1):
        near = np.flatnonzero(led >= step)
        near = near[group[led[near] - step] == group[led[near]]]
        parts.append(tags[near] | (rows[led[near] - step] + ROW).astype(np.uint64) << np.uint64(4))
        enough.append(alone[near])
    tagged = np.concatenate(parts)
    tagged = tagged[np.concatenate(enough) | _repeated(tagged >> np.uint64(4))]
    tagged.sort()
    weights = np.zeros((int(rows.max(initial=0)) + 1, LED_BY))
    alones = np.zeros(weights.shape, bool)
    weights[rows[led], rank], alones[rows[led], rank] = rare[group[led]], alone
    at = (tagged >> np.uint64(40)).astype(np.int64), (tagged & np.uint64(0xF)).astype(np.int64)
    pair = tagged >> np.uint64(4)
    begins = np.flatnonzero(_changes(pair))
    if not len(begins):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64)
    votes = np.diff(np.append(begins, len(pair)))
    kept = (votes > 1) | alones[at][begins]
    row = (pair[begins] >> np.uint64(36)).astype(np.int64)
    story = (pair[begins] & np.uint64(0xFFFFFFFFF)).astype(np.int64)
    return row[kept], story[kept], np.add.reduceat(weights[at], begins)[kept], votes[kept]


def _best(rows: Ints, stories: Ints, weights: NDArray[np.float64]) -> dict[int, list[Candidate]]:
    """The ``BEST`` candidates of each text that has any, best first."""
    order = np.lexsort((-stories, -weights, rows))
    rows, listed = rows[order], list(zip(stories[order].tolist(), weights[order].tolist(), strict=True))
    begins = np.flatnonzero(_changes(rows))
    cuts = zip(rows[begins].tolist(), pairwise([*begins.tolist(), len(rows)]), strict=True)
    return {row: listed[begin : min(begin + BEST, end)] for row, (begin, end) in cuts}


def _repeated(values: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether a value may stand there twice: false for most that do not, so that few are left to be sorted."""
    slots = ((values * _MULTIPLY) >> np.uint64(64 - _SLOT_BITS)).astype(np.int64)
    repeated: NDArray[np.bool_] = (np.bincount(slots, minlength=1) > 1)[slots]
    return repeated


def _changes(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a value differs from the one before; the first always does."""
    changes = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes
