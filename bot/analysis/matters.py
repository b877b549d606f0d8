"""Matters: what the room handles as one thing. Looser than stories, and only among mentions of one watch rule.

Stories tell apart everything that is said in the country; for one company the question is another: five complaints about the
same bottle cap, told in five ways, are one matter on one night. A mention joins a live matter of its rule when its story is
there already, when it asserts the same grave claim, or when the words it shares with the matter's core weigh enough; a mention
that is not negative needs more of them, so that an advertisement does not thin out a complaint.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from bot.analysis.likeness import Background, shipped
from bot.analysis.pairs import pairs_of
from bot.analysis.recent import Recent
from bot.analysis.text import Clean

READ = 160
IDLE_HOURS = 48.0
LIVE = 2_000
KNOWN = 100_000
PROFILE_CAP = 600
RARE = 3.2
"""Pairs more common than this (in nats) say nothing about a matter."""
CORE = 0.15
"""A pair belongs to the core of a matter when this share of its mentions has it (of a small one: any mention)."""
JOIN_NEGATIVE, JOIN_OTHER = 6.0, 16.0
"""Nats of shared core rarity that a negative, or any other, mention needs to join."""


Pairs = dict[int, float]
"""Nats by pair."""
_NOBODY: Mapping[int, int] = {}


@dataclass(slots=True)
class _Matter:
    """A pair that ``least`` of its mentions have belongs to its core."""

    last: float
    rules: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    pairs: list[int] = field(default_factory=list)
    stories: Counter[int] = field(default_factory=Counter)
    size: int = 0
    least: float = 1.0


class Matters:
    """The live matters. ``familiar``: our names, which stand in every mention; moments are unix seconds and need
    not be in order."""

    def __init__(self, *, first: int = 1, familiar: Iterable[str] = (), background: Background | None = None) -> None:
        self._background = (background or shipped()).with_familiar(familiar)
        self._next = first
        self._matters: OrderedDict[int, _Matter] = OrderedDict()
        self._holding: dict[int, dict[int, int]] = {}  # by pair, how many mentions of each matter have it
        self._known = Recent[str, int](KNOWN)
        self._by_story = Recent[int, int](KNOWN)

    def rare(self, texts: Sequence[Clean]) -> list[Pairs]:
        """The pairs of each text that say something."""
        pairs = pairs_of([text.bare[:READ] for text in texts])
        tagged = np.sort(pairs.rows.astype(np.uint64) << np.uint64(32) | pairs.keys)
        keys = tagged.astype(np.uint32)
        nats = self._background.nats(keys)[0]
        said = np.flatnonzero(nats >= RARE)
        cuts = np.searchsorted(tagged[said] >> np.uint64(32), np.arange(len(texts) + 1)).tolist()
        both = list(zip(keys[said].tolist(), nats[said].tolist(), strict=True))
        return [dict(both[begin:end]) for begin, end in pairwise(cuts)]

    def assign(
        self, id: str, pairs: Pairs, at: float, *, rules: Sequence[str], story: int, negative: bool, kinds: Iterable[str] = ()
    ) -> int:
        """The matter of a mention: a live one of its rules, or a new number; a known mention keeps its own."""
        if (known := self._known.get(id)) is not None:
            return known
        claimed = set(kinds)
        number = self._find(pairs, at, set(rules), story, negative, claimed)
        if number is None:
            number = self._next
            self._next += 1
        self._join(id, number, pairs, at, rules, story, claimed)
        return number

    def remember(
        self, id: str, pairs: Pairs, at: float, matter: int, *, rules: Sequence[str], story: int, kinds: Iterable[str] = ()
    ) -> None:
        """Tells a stored mention's matter after a restart; oldest first."""
        self._next = max(self._next, matter + 1)
        self._join(id, matter, pairs, at, rules, story, set(kinds))

    def of(self, id: str) -> int:
        """The matter of a mention; 0 where it is unknown."""
        return self._known.get(id) or 0

    def story(self, matter: int) -> int:
        """The story that most of its mentions tell; 0 where the matter is unknown."""
        live = self._matters.get(matter)
        return live.stories.most_common(1)[0][0] if live else 0

    def _find(self, pairs: Pairs, at: float, rules: set[str], story: int, negative: bool, kinds: set[str]) -> int | None:
        live = {n: m for n, m in self._matters.items() if at - m.last < IDLE_HOURS * 3600 and not rules.isdisjoint(m.rules)}
        if (same := self._by_story.get(story)) in live:
            return same
        if claimed := [n for n, m in live.items() if m.kinds & kinds]:
            return claimed[-1]
        needed = JOIN_NEGATIVE if negative else JOIN_OTHER
        best, number = max(((nats, number) for number, nats in self._shared(pairs, live).items()), default=(0.0, 0))
        return number if best >= needed else None

    def _shared(self, pairs: Pairs, live: Mapping[int, _Matter]) -> dict[int, float]:
        """The nats that each shares with these pairs."""
        shared, leasts = dict.fromkeys(live, 0.0), {number: matter.least for number, matter in live.items()}
        for pair, nats in pairs.items():
            for number, count in self._holding.get(pair, _NOBODY).items():
                if number in leasts:
                    least = leasts[number]
                    shared[number] += nats if count >= least else nats * math.sqrt(count / least)
        return shared

    def _join(
        self, id: str, number: int, pairs: Iterable[int], at: float, rules: Sequence[str], story: int, kinds: set[str]
    ) -> None:
        matter = self._matters.setdefault(number, _Matter(at))
        matter.last = max(matter.last, at)
        matter.size += 1
        matter.least = max(1.0, CORE * matter.size)
        matter.rules.update(rules)
        matter.kinds |= kinds
        matter.stories[story] += 1
        for pair in pairs:
            counts = self._holding.get(pair, _NOBODY)
            if number in counts:
                self._holding[pair][number] += 1
            elif len(matter.pairs) < PROFILE_CAP:
                matter.pairs.append(pair)
                self._holding.setdefault(pair, {})[number] = 1
        self._matters.move_to_end(number)
        self._known[id] = number
        self._by_story[story] = number
        if len(self._matters) > LIVE:
            self._forget(*self._matters.popitem(last=False))

    def _forget(self, number: int, matter: _Matter) -> None:
        for pair in matter.pairs:
            del self._holding[pair][number]
            if not self._holding[pair]:
                del self._holding[pair]
