"""How alike short Chinese texts are: shared character pairs weighed by rarity, and the facts that a decision to join needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.analysis.pairs import Keys, key_of, pairs_of
from bot.analysis.text import clean
from bot.analysis.tidings import Told, told

Nats = NDArray[np.float32]
SHIPPED = Path(__file__).with_name("data") / "stories.npz"
"""Made by ``python -m benchmarks.stories --fit``."""
BY_LETTERS = 8
"""So many of the facts are known from the letters, without asking what is told."""
BUSY = 8
"""From so many mentions on a story is compared all the time."""
RARE = 3.5
"""Only pairs rarer than this (in nats) lead to candidates and are part of a name."""
_UNTOLD = (0.0,) * 5  # a background not fitted yet
_FAINT = 0.05
_NAME_FROM, _NAME_SPAN = 6.0, 10.0
"""The name of a matter says more the rarer it is in general: nothing up to 6 nats, all it can from 16 on."""
_MOST = 0.6
_FAMILIAR = (1.0, 0.3)


@dataclass(frozen=True, slots=True)
class Background:
    """How rare pairs are in general and the weights of the decision.

    ``keys`` is sorted; beside each stand nats at the ``start`` of a run and where the pair continues one (``after``);
    ``unseen`` stands for all others. ``texts`` is how many texts were counted.
    """

    keys: Keys
    start: Nats
    after: Nats
    texts: int
    unseen: tuple[float, float]
    weights: tuple[float, ...]
    bias: float

    @property
    def gains(self) -> tuple[float, float, float]:
        """What telling can add to a score by letters at the most: at once, for a rare name, for what is said."""
        fixture, show, affairs, rare_name, said = (max(0.0, weight) for weight in self.weights[BY_LETTERS:] or _UNTOLD)
        return fixture + show + affairs, rare_name, said

    @classmethod
    def of(cls, rarity: Mapping[str, tuple[float, float]], texts: int, unseen: tuple[float, float]) -> Background:
        """A background without weights, from counted pairs and words."""
        known = {key_of(pair): nats for pair, nats in rarity.items()}
        keys = np.array(sorted(known), np.uint32)
        nats = np.array([known[key] for key in keys.tolist()], np.float32).reshape(-1, 2)
        return cls(keys, nats[:, 0].copy(), nats[:, 1].copy(), texts, unseen, (), 0.0)

    @classmethod
    def load(cls, path: Path) -> Background:
        """From a file that ``save`` made."""
        with np.load(path, allow_pickle=False) as file:
            unseen, weights = file["unseen"].tolist(), file["weights"].tolist()
            half = np.float32(0.5)
            start, after = file["start"] * half, file["after"] * half
            return cls(file["keys"], start, after, int(file["texts"]), (unseen[0], unseen[1]), tuple(weights[1:]), weights[0])

    def save(self, path: Path) -> None:
        """To a file; rarities are kept in half nats."""
        start, after = (np.round(2 * nats).astype(np.uint8) for nats in (self.start, self.after))
        weights = np.round([self.bias, *self.weights], 4)
        np.savez(path, keys=self.keys, start=start, after=after, texts=self.texts, unseen=self.unseen, weights=weights)

    def with_familiar(self, names: Iterable[str]) -> Background:
        """The same background where the pairs of these names are common."""
        familiar = np.array(sorted(set(pairs_of([clean(name).bare for name in names]).keys.tolist())), np.uint32)
        if not len(familiar):
            return self
        at = np.searchsorted(self.keys, familiar)
        new = self.keys[np.minimum(at, len(self.keys) - 1)] != familiar
        keys = np.insert(self.keys, at[new], familiar[new])
        start, after = (np.insert(nats, at[new], np.float32(0)) for nats in (self.start, self.after))
        at = np.searchsorted(keys, familiar)
        start[at], after[at] = _FAMILIAR
        return replace(self, keys=keys, start=start, after=after)

    def nats(self, keys: Keys) -> tuple[Nats, Nats]:
        """The rarities of pairs at the start of a run and after another; quickest when ``keys`` are sorted."""
        at = np.searchsorted(self.keys, keys)
        at[at == len(self.keys)] = 0
        known = self.keys[at] == keys
        first, then = np.float32(self.unseen[0]), np.float32(self.unseen[1])
        return np.where(known, self.start[at], first), np.where(known, self.after[at], then)


Items = list[tuple[int, float, float, float, int]]
"""The pairs of a mention in order, each once: (key, rarity now, rarity now as it stands in its run, rarity in general, place)."""


@dataclass(slots=True)
class Doc:
    """A mention as a story keeps it: its pairs in order, their summed rarity when it came, its words."""

    id: str
    keys: Keys
    total: float
    shown: str
    _told: Told | None = None
    _kept: frozenset[int] | None = None

    @property
    def have(self) -> frozenset[int]:
        """Its pairs as a set; made anew each time, for it takes ten times the memory of ``keys``."""
        return frozenset(self.keys.tolist()) if self._kept is None else self._kept

    def keep(self) -> frozenset[int]:
        """Its pairs as a set, kept: for those that are compared again and again."""
        self._kept = self.have
        return self._kept

    @property
    def told(self) -> Told:
        """What it tells; found out when first asked for, which for most mentions is never."""
        if self._told is None:
            self._told = told(self.shown)
        return self._told


class Alike(NamedTuple):
    """What a mention shares with a story. ``facts``: the first of the fitted weights' order; the share of the mention's rarity that
    its nearest shares; nats in general of the best run it shares with the story (its ``name``), from 0 to 1 as ``rare_name``;
    ``said``: how much of what most mentions say it says, more in a large story; ``runs`` shared with the nearest."""

    facts: tuple[float, ...]
    mine: float
    name: float
    rare_name: float
    said: float
    runs: int


class Found(NamedTuple):
    """A comparison: all ``facts`` in the order of the fitted weights; ``mine`` and ``name`` as above; the share of the story's
    mentions that tell an affair."""

    facts: tuple[float, ...]
    mine: float
    name: float
    affairs: float


def alike(
    doc: Doc, items: Items, docs: Sequence[Doc], profile: Mapping[int, int], size: int, idle_hours: float
) -> Alike | None:
    """What speaks for joining a story by the letters alone; None where next to nothing is shared.

    ``docs`` are mentions that stand for the story; ``profile`` counts its ``size`` mentions by pair and may be empty for a single one.
    """
    if size == 1:
        shared, runs, name = _shared(items, docs[0].keys.tolist())
        other, core, named, said = docs[0].total, shared, 1.0, 0.0
        cosine = second = shared / math.sqrt(doc.total * other)
    else:
        have = doc.have
        shared_with = [have & (other.keep() if size >= BUSY else other.have) for other in docs]
        near = sorted([(len(keys), i) for i, keys in enumerate(shared_with) if keys], reverse=True)[:3]
        both = frozenset().union(*[shared_with[i] for _, i in near])
        shared_items = [item for item in items if item[0] in both]
        compared = sorted([_compare(doc, shared_items, docs[i].total, shared_with[i]) for _, i in near], reverse=True)
        if not compared:
            return None
        cosine, shared, runs, other = compared[0]
        second = compared[1][0] if len(compared) > 1 else cosine
        core, name, named, said = _core(items, profile, size)
    if cosine < _FAINT:
        return None
    grown = math.log(size)
    found = by_letters(shared, second, core, doc.total, other, idle_hours, named * grown)
    return Alike(found, shared / doc.total, name, min(max(name - _NAME_FROM, 0.0), _NAME_SPAN) / _NAME_SPAN, said * grown, runs)


def by_letters(
    shared: float, second: float, core: float, total: float, other: float, idle_hours: float = 0.0, named: float = 0.0
) -> tuple[float, ...]:
    """The facts known from the letters, in the order of the fitted weights: ``shared`` nats with the nearest mention, of whose
    ``other`` and of the newcomer's ``total`` they are a part; the ``second`` best cosine; nats shared with the story's ``core``."""
    mine, theirs = shared / total, shared / other
    idle = min(48.0, max(0.0, idle_hours)) / 48
    return shared / 20, theirs, min(mine, theirs), second, idle, core / total, other / 60, named


def told_too(like: Alike, doc: Doc, docs: Sequence[Doc]) -> Found:
    """The whole comparison, with what both tell."""
    affairs = sum(other.told.affair for other in docs) / len(docs)
    told_facts = (
        float(like.runs < 2 and doc.told.fixture and any(other.told.fixture for other in docs)),
        float(doc.told.show),
        affairs,
        like.rare_name * doc.told.affair,
        like.said * affairs,
    )
    return Found(like.facts + told_facts, like.mine, like.name, affairs)


def _shared(items: Items, others: Sequence[int]) -> tuple[float, int, float]:
    """With a single mention: shared nats, shared runs, nats in general of the best run."""
    have = set(others)
    shared = best = run = 0.0
    runs, before = 0, -9
    for key, rare, continued, general, place in items:
        if key not in have:
            continue
        if place == before + 1:
            shared += continued
            run += continued
        else:
            shared += rare
            best = max(best, run)
            run = general
            runs += 1
        before = place
    return shared, runs, max(best, run)


def _compare(doc: Doc, items: Items, other: float, shared_keys: frozenset[int]) -> tuple[float, float, int, float]:
    """(cosine, shared nats, shared runs, total of the other)."""
    shared = 0.0
    runs = 0
    before = -9
    for key, rare, continued, _, place in items:
        if key not in shared_keys:
            continue
        if place == before + 1:
            shared += continued
        else:
            shared += rare
            runs += 1
        before = place
    return shared / math.sqrt(doc.total * other), shared, runs, other


def _core(items: Items, profile: Mapping[int, int], size: int) -> tuple[float, float, float, float]:
    """Shared nats weighed by how many mentions have them; nats in general of the best run; the largest share of mentions that
    has one rare pair of the newcomer; nats in general (in 20) of its pairs that most mentions have."""
    core = best = run = said = 0.0
    most = 0
    before = -9
    for key, rare, continued, general, place in items:
        if (count := profile.get(key)) is None:
            continue
        joined = place == before + 1
        if joined:
            step = now = continued
        else:
            step, now = general, rare
            best = max(best, run)
            run = 0.0
        run += step
        core += now * min(1.0, 2 * count / size)
        if general >= RARE:
            most = max(most, count)
            if count >= _MOST * size:
                said += min(general, 8.0)
        before = place
    return core, max(best, run), most / size, min(said / 20, 1.5)


@lru_cache(maxsize=1)
def shipped() -> Background:
    """The background that ships with the house."""
    return Background.load(SHIPPED)
