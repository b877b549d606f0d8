"""How alike short Chinese texts are: shared character pairs weighed by rarity, and the facts that a decision to join needs."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from itertools import chain, repeat
from operator import add
from typing import Any

from bot.analysis.text import clean

_TOKEN = re.compile(r"[a-z0-9][a-z0-9.:%]*|[^\W_a-z0-9]+")
_FAINT = 0.05
_FAMILIAR = (1.0, 0.3)


@dataclass(frozen=True, slots=True)
class Background:
    """How rare pairs are in general and the weights of the decision; shipped as ``data/stories.json``.

    ``rarity[pair]`` is (nats at the start of a run, nats where it continues one); ``unseen`` stands for all others.
    """

    rarity: Mapping[str, tuple[float, float]]
    texts: int
    unseen: tuple[float, float]
    weights: tuple[float, ...]
    bias: float

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Background:
        """From the shipped JSON: ``pairs`` maps ``"start:continued"`` (tenths of a nat) to its pairs, run together."""
        rarity: dict[str, tuple[float, float]] = {}
        for name, joined in record["pairs"].items():
            nats = _nats(name)
            rarity.update((joined[i : i + 2], nats) for i in range(0, len(joined), 2))
        for name, joined in record["words"].items():
            rarity.update(dict.fromkeys(joined.split(), _nats(name)))
        return cls(rarity, record["texts"], tuple(record["unseen"]), tuple(record["weights"]), record["bias"])

    def with_familiar(self, names: Iterable[str]) -> Background:
        """The same background where the pairs of these names are common."""
        pairs = {pair for name in names for pair, _ in pairs_of(clean(name).bare)}
        return replace(self, rarity={**self.rarity, **dict.fromkeys(pairs, _FAMILIAR)}) if pairs else self

    def of_pair(self, pair: str) -> tuple[float, float]:
        """The rarity of one pair."""
        return self.rarity.get(pair, self.unseen)


@dataclass(slots=True)
class Doc:
    """A mention as a story keeps it: its pairs, their summed rarity (0 until it is first compared) and its words."""

    id: str
    have: frozenset[str]
    total: float
    shown: str


Items = list[tuple[str, float, float, float, int]]
"""The pairs of a mention in order: (pair, rarity now, rarity as continuation, rarity in general, position)."""


Today = dict[str, tuple[float, float, float]]
"""What was worked out lately for a pair: (rarity now, rarity now as continuation, rarity in general)."""


def read(
    id: str, text: str, background: Background, today: Today, spread: Mapping[str, int], live: float, weight: float
) -> tuple[Doc, Items]:
    """A text made ready. Pairs that many live stories hold are less rare today than in general: ``spread`` counts the stories
    by pair, each counts ``weight`` texts of the background, and ``live`` is what all of them count together."""
    items: Items = []
    seen: set[str] = set()
    total, position = 0.0, 0
    lately = today.get
    for pair, follows in pairs_of(text):
        position += 1 if follows else 2
        nats = lately(pair)
        if nats is None:
            nats = today[pair] = _now(background, pair, spread.get(pair), live, weight)
        rare, continued, general = nats
        if not follows:
            continued = rare
        total += continued
        if pair not in seen:
            seen.add(pair)
            items.append((pair, rare, continued, general, position))
    return Doc(id, frozenset(seen), total or 1.0, text), items


def _now(background: Background, pair: str, stories: int | None, live: float, weight: float) -> tuple[float, float, float]:
    general, continued = background.of_pair(pair)
    if not stories:
        return general, min(general, continued), general
    bulk = background.texts + live
    rare = min(general, math.log(bulk / (math.exp(-general) * background.texts + weight * stories)))
    return rare, min(rare, continued), general


def pair_set(text: str) -> frozenset[str]:
    """The pairs of ``pairs_of``, without order: several times quicker."""
    found: set[str] = set()
    for token in _TOKEN.findall(text):
        if token[0].isascii():
            word = token.rstrip(".:%")
            if len(word) > 1:
                found.add(word)
        else:
            found.update(map(add, token, token[1:]))
    return frozenset(found)


def pairs_of(text: str) -> list[tuple[str, bool]]:
    """Character pairs of Chinese runs and whole Latin words of a clean text; the flag says that a pair continues the one before."""
    found: list[tuple[str, bool]] = []
    for token in _TOKEN.findall(text):
        if token[0].isascii():
            word = token.rstrip(".:%")
            if len(word) > 1:
                found.append((word, False))
        elif len(token) > 1:
            found += zip(map(add, token, token[1:]), chain((False,), repeat(True)), strict=False)
    return found


def facts(
    doc: Doc, items: Items, docs: Sequence[Doc], profile: Mapping[str, int], size: int, idle_hours: float
) -> tuple[float, ...] | None:
    """What speaks for and against joining a story, in the order of the fitted weights; None where next to nothing is shared.

    ``docs`` are mentions that stand for the story, ``profile`` counts its ``size`` mentions by pair.
    """
    near = sorted(((len(doc.have & other.have), i) for i, other in enumerate(docs)), reverse=True)[:3]
    compared = sorted((_compare(doc, items, docs[i]) for overlap, i in near if overlap), reverse=True)
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


def _compare(doc: Doc, items: Items, other: Doc) -> tuple[float, float, int, float, int, float]:
    """(cosine, shared nats, shared runs, nats of the best run, characters of the longest, total of the other)."""
    have = other.have
    shared = best = run = 0.0
    runs = longest = length = 0
    before = -9
    for pair, rare, continued, _, position in items:
        if pair not in have:
            continue
        if position == before + 1:
            run += continued
            shared += continued
            length += 1
        else:
            best, longest = max(best, run), max(longest, length)
            run = rare
            shared += rare
            runs += 1
            length = len(pair)
        before = position
    best, longest = max(best, run), max(longest, length)
    return shared / math.sqrt(doc.total * other.total), shared, runs, best, longest, other.total


def _core(items: Items, profile: Mapping[str, int], size: int) -> tuple[float, float, float]:
    """Shared nats weighed by how many mentions have them; of those that half of them have; of the best run in general."""
    core = everywhere = best = run = 0.0
    before = -9
    for pair, rare, continued, general, position in items:
        count = profile.get(pair)
        if not count:
            continue
        joined = position == before + 1
        step = min(general, continued) if joined else general
        if not joined:
            best, run = max(best, run), 0.0
        run += step
        core += (continued if joined else rare) * min(1.0, 2 * count / size)
        if size > 1 and 2 * count >= size:
            everywhere += step
        before = position
    return core, everywhere, max(best, run)


def _nats(name: str) -> tuple[float, float]:
    start, _, continued = name.partition(":")
    return int(start) / 10, int(continued) / 10


@lru_cache(maxsize=1)
def shipped() -> Background:
    """The background that ships with the house."""
    return Background.of(json.loads(resources.files("bot.analysis").joinpath("data/stories.json").read_text("utf-8")))
