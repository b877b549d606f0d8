"""Matters: what the room handles as one thing. Looser than stories, and only among mentions of one watch rule.

Stories tell apart everything that is said in the country; for one company the question is another: five complaints about the
same bottle cap, told in five ways, are one matter on one night. A mention joins a live matter of its rule when its story is
there already, when it asserts the same grave claim, or when the words it shares with the matter's core weigh enough; a mention
that is not negative needs more of them, so that an advertisement does not thin out a complaint.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.analysis.likeness import Background, shipped
from bot.analysis.pairs import pairs_of
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


@dataclass(slots=True)
class _Matter:
    last: float
    rules: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    profile: dict[int, int] = field(default_factory=dict)
    stories: Counter[int] = field(default_factory=Counter)
    size: int = 0


class Matters:
    """The live matters. ``familiar``: our names, which stand in every mention; moments are unix seconds and need
    not be in order."""

    def __init__(self, *, first: int = 1, familiar: Iterable[str] = (), background: Background | None = None) -> None:
        self._background = (background or shipped()).with_familiar(familiar)
        self._next = first
        self._matters: OrderedDict[int, _Matter] = OrderedDict()
        self._known: OrderedDict[str, int] = OrderedDict()
        self._by_story: OrderedDict[int, int] = OrderedDict()

    def assign(
        self, id: str, text: Clean, at: float, *, rules: Sequence[str], story: int, negative: bool, kinds: Iterable[str] = ()
    ) -> int:
        """The matter of a mention: a live one of its rules, or a new number; a known mention keeps its own."""
        if id in self._known:
            return self._known[id]
        pairs = self._rare(text)
        claimed = set(kinds)
        number = self._find(pairs, at, set(rules), story, negative, claimed)
        if number is None:
            number = self._next
            self._next += 1
        self._join(id, number, pairs, at, rules, story, claimed)
        return number

    def remember(
        self, id: str, text: Clean, at: float, matter: int, *, rules: Sequence[str], story: int, kinds: Iterable[str] = ()
    ) -> None:
        """Tells a stored mention's matter after a restart; oldest first."""
        self._next = max(self._next, matter + 1)
        self._join(id, matter, self._rare(text), at, rules, story, set(kinds))

    def of(self, id: str) -> int:
        """The matter of a mention; 0 where it is unknown."""
        return self._known.get(id, 0)

    def story(self, matter: int) -> int:
        """The story that most of its mentions tell; 0 where the matter is unknown."""
        live = self._matters.get(matter)
        return live.stories.most_common(1)[0][0] if live else 0

    def _rare(self, text: Clean) -> dict[int, float]:
        """The pairs of the text that say something, and how much."""
        keys = np.array(sorted(set(pairs_of([text.bare[:READ]]).keys.tolist())), np.uint32)
        nats = self._background.nats(keys)[0]
        said = nats >= RARE
        return dict(zip(keys[said].tolist(), nats[said].tolist(), strict=True))

    def _find(
        self, pairs: dict[int, float], at: float, rules: set[str], story: int, negative: bool, kinds: set[str]
    ) -> int | None:
        live = {n: m for n, m in self._matters.items() if m.rules & rules and at - m.last < IDLE_HOURS * 3600}
        if (same := self._by_story.get(story)) in live:
            return same
        if claimed := [n for n, m in live.items() if m.kinds & kinds]:
            return claimed[-1]
        needed = JOIN_NEGATIVE if negative else JOIN_OTHER
        scored = [(self._shared(pairs, matter), number) for number, matter in live.items()]
        best = max(scored, default=(0.0, 0))
        return best[1] if best[0] >= needed else None

    def _shared(self, pairs: dict[int, float], matter: _Matter) -> float:
        least = max(1.0, CORE * matter.size)
        profile = matter.profile
        return sum(
            rare * min(1.0, math.sqrt(profile[p] / least) if profile[p] < least else 1.0)
            for p, rare in pairs.items()
            if p in profile
        )

    def _join(
        self, id: str, number: int, pairs: Iterable[int], at: float, rules: Sequence[str], story: int, kinds: set[str]
    ) -> None:
        matter = self._matters.setdefault(number, _Matter(at))
        matter.last = max(matter.last, at)
        matter.size += 1
        matter.rules.update(rules)
        matter.kinds |= kinds
        matter.stories[story] += 1
        for pair in pairs:
            if pair in matter.profile or len(matter.profile) < PROFILE_CAP:
                matter.profile[pair] = matter.profile.get(pair, 0) + 1
        self._matters.move_to_end(number)
        self._known[id] = number
        self._by_story[story] = number
        for memory, cap in ((self._matters, LIVE), (self._known, KNOWN), (self._by_story, KNOWN)):
            if len(memory) > cap:
                memory.popitem(last=False)
