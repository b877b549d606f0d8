"""How alike short Chinese texts are: shared character pairs weighed by rarity, and the facts that a decision to join needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.analysis.pairs import Keys, key_of, pairs_of
from bot.analysis.text import clean

Nats = NDArray[np.float32]
SHIPPED = Path(__file__).with_name("data") / "stories.npz"
"""Made by ``python -m benchmarks.stories --fit``."""
_FAINT = 0.05
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


Items = list[tuple[int, float, float, float, int, int]]
"""The pairs of a mention in order, each once: (key, rarity now, rarity now as it stands in its run, rarity in general, place,
characters)."""


@dataclass(slots=True)
class Doc:
    """A mention as a story keeps it: its pairs in order, their summed rarity when it came, its words."""

    id: str
    keys: Keys
    total: float
    shown: str

    @property
    def have(self) -> frozenset[int]:
        """Its pairs as a set; made anew each time, for it takes ten times the memory of ``keys``."""
        return frozenset(self.keys.tolist())


def facts(
    doc: Doc, items: Items, docs: Sequence[Doc], profile: Mapping[int, int], size: int, idle_hours: float
) -> tuple[float, ...] | None:
    """What speaks for and against joining a story, in the order of the fitted weights; None where next to nothing is shared.

    ``docs`` are mentions that stand for the story, ``profile`` counts its ``size`` mentions by pair.
    """
    have = doc.have
    shared_with = [have.intersection(other.keys.tolist()) for other in docs]
    near = sorted([(len(keys), i) for i, keys in enumerate(shared_with) if keys], reverse=True)[:3]
    told = frozenset().union(*[shared_with[i] for _, i in near])
    shared_items = [item for item in items if item[0] in told]
    compared = sorted([_compare(doc, shared_items, docs[i].total, shared_with[i]) for _, i in near], reverse=True)
    if not compared or compared[0][0] < _FAINT:
        return None
    cosine, shared, runs, run, length, other = compared[0]
    mine, theirs = shared / doc.total, shared / other
    core, everywhere, general = _core(items, profile, size)
    return (
        shared / 20,
        mine,
        theirs,
        min(mine, theirs),
        cosine,
        min(runs, 4) / 4,
        run / 20,
        min(length, 10) / 10,
        core / doc.total,
        compared[1][0] if len(compared) > 1 else cosine,
        min(48.0, max(0.0, idle_hours)) / 48,
        math.log(size),
        doc.total / 60,
        other / 60,
        general / 20,
        everywhere / 20,
        float(size == 1),
    )


def _compare(doc: Doc, items: Items, other: float, shared_keys: frozenset[int]) -> tuple[float, float, int, float, int, float]:
    """(cosine, shared nats, shared runs, nats of the best run, characters of the longest, total of the other)."""
    shared = best = run = 0.0
    runs = longest = length = 0
    before = -9
    for key, rare, continued, _, place, width in items:
        if key not in shared_keys:
            continue
        if place == before + 1:
            run += continued
            shared += continued
            length += 1
        else:
            best = max(best, run)
            longest = max(longest, length)
            run = rare
            shared += rare
            runs += 1
            length = width
        before = place
    best, longest = max(best, run), max(longest, length)
    return shared / math.sqrt(doc.total * other), shared, runs, best, longest, other


def _core(items: Items, profile: Mapping[int, int], size: int) -> tuple[float, float, float]:
    """Shared nats weighed by how many mentions have them; of those that half of them have; of the best run in general."""
    core = everywhere = best = run = 0.0
    before = -9
    for key, rare, continued, general, place, _ in [item for item in items if item[0] in profile]:
        count = profile[key]
        joined = place == before + 1
        if joined:
            step = now = continued
        else:
            step, now = general, rare
            best = max(best, run)
            run = 0.0
        run += step
        core += now * min(1.0, 2 * count / size)
        if size > 1 and 2 * count >= size:
            everywhere += step
        before = place
    return core, everywhere, max(best, run)


@lru_cache(maxsize=1)
def shipped() -> Background:
    """The background that ships with the house."""
    return Background.load(SHIPPED)
