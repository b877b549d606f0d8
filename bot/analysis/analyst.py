"""The pipeline of judgement: mentions in, one reading each out, in the same order.

    clean → rules → sentiment of the text → towards us → claims      (``Judge``: of one text at a time, may run anywhere)
    duplicates → story                                               (``Places``: in the order of arrival, one at a time)

No clock, no network, no rows: everything comes in as values, and what was decided before a restart is handed in by ``remember``.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice, repeat
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bot.analysis import sentiment
from bot.analysis.authority import own_account
from bot.analysis.duplicates import Copy, Item
from bot.analysis.likeness import Background, shipped
from bot.analysis.matters import Matters, Pairs
from bot.analysis.places import Placed, Places
from bot.analysis.rules import Rule, compile_rules
from bot.analysis.text import Clean, clean, cleaned
from bot.analysis.triggers import claims
from bot.model.mention import Mention
from bot.model.reading import Claim, Reading, Sentiment

Score = Callable[[Sequence[str], Sequence[Clean]], npt.NDArray[np.floating]]
"""The tone of texts, from the words as they came or made ready."""
_CHUNK = 512
_LARGEST = 8 << 20


@dataclass(frozen=True, slots=True)
class Settings:
    """Plain values that configuration builds. ``company`` and ``competitors`` are names; ``$公司`` and ``$竞品`` stand for them
    in rules. ``model``: another sentiment model than the shipped one. ``first_story``: the next free story number."""

    rules: tuple[Rule, ...] = ()
    company: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sentiment: str = "linear"
    model: Path | None = None
    first_story: int = 1
    first_matter: int = 1


class Judged(NamedTuple):
    """What can be said of a text by itself."""

    clean: Clean
    rules: tuple[str, ...]
    negative: float
    sentiment: Sentiment
    denial: bool
    claims: tuple[Claim, ...]


class Judge:
    """Reads texts one by one. Holds no state: the same text gives the same answer in any process.

    Without ``claims`` it does not look for grave matters (``analyze`` does not print them).
    """

    def __init__(self, settings: Settings, *, claims: bool = True) -> None:
        self._settings = settings
        self._claims = claims
        aliases = {"公司": settings.company, "竞品": settings.competitors, **settings.aliases}
        self._matcher = compile_rules(settings.rules, {name: words for name, words in aliases.items() if words})
        self._score = _scorer(settings)

    def judge(self, mentions: Sequence[Mention]) -> list[Judged]:
        """One verdict a mention."""
        words = [mention.words for mention in mentions]
        cleans = cleaned(words)
        if not cleans:
            return []
        ours, others = self._settings.company, self._settings.competitors
        scores: list[list[float]] = self._score(words, cleans).tolist()
        own = [own_account(mention.author, ours) for mention in mentions]
        verdicts = sentiment.judged(cleans, scores, ours=ours, others=others, own=own)
        negative, towards, denial = zip(*verdicts, strict=True)
        rounded = [round(probability, 4) for probability in negative]
        asserted = map(self._asserted, mentions, cleans) if self._claims else repeat(())
        return list(map(Judged, cleans, self._matcher.matches(cleans), rounded, towards, denial, asserted))

    def _asserted(self, mention: Mention, text: Clean) -> tuple[Claim, ...]:
        ours, others = self._settings.company, self._settings.competitors
        return claims(text, tier=mention.tier, ours=ours, others=others)


def _scorer(settings: Settings) -> Score:
    if settings.sentiment == "snownlp":
        from bot.analysis.snow import Snow

        snow = Snow()
        return lambda words, cleans: snow.score(words)
    linear = sentiment.load(settings.model)
    return lambda words, cleans: linear.score(cleans)


class Analyst:
    """Reads mentions as they arrive. Memory and cost per mention are bounded, however many it has seen.

    Idempotent by id: the same mention again keeps its root and story and is judged anew on its present words.
    """

    def __init__(self, settings: Settings) -> None:
        self._judge = Judge(settings)
        background = background_of(settings)
        self._places = Places(background, first=settings.first_story)
        self._stories = self._places.stories
        self._matters = Matters(first=settings.first_matter, background=background)
        self._own = frozenset(rule.name for rule in settings.rules if rule.kind == "own")
        self._names = tuple(clean(name).text for name in settings.company)

    def read(self, mentions: Sequence[Mention]) -> list[Reading]:
        """One reading each, same order."""
        judged = self._judge.judge(mentions)
        items = [item_of(mention, verdict.clean) for mention, verdict in zip(mentions, judged, strict=True)]
        placed = self._places.place(items)
        ours = [row for row, verdict in enumerate(judged) if self._ours(verdict.rules)]
        rare = dict(zip(ours, self._matters.rare([judged[row].clean for row in ours]), strict=True))
        return [self._reading(*known, rare.get(row, {})) for row, known in enumerate(zip(items, judged, placed, strict=True))]

    def remember(self, rows: Iterable[tuple[Mention, Reading]]) -> None:
        """Rebuilds the indexes from stored rows, oldest first."""
        rows = iter(rows)
        while chunk := list(islice(rows, _CHUNK)):
            cleans = cleaned([mention.words for mention, _ in chunk])
            items = [item_of(mention, text) for (mention, _), text in zip(chunk, cleans, strict=True)]
            places = [Placed(Copy(r.duplicate_of, r.duplicate, r.weight), r.story) for _, r in chunk]
            self._places.remember(items, places)
            ours = [(item, reading) for item, (_, reading) in zip(items, chunk, strict=True) if reading.matter]
            for (item, reading), rare in zip(ours, self._matters.rare([item.clean for item, _ in ours]), strict=True):
                rules, kinds = self._ours(reading.rules), [claim.kind for claim in reading.claims]
                self._matters.remember(item.id, rare, item.at, reading.matter, rules=rules, story=reading.story, kinds=kinds)

    def story_title(self, story: int) -> str:
        """A readable name of a story, made from its mentions."""
        return self._stories.title(story, self._names)

    def story_words(self, story: int) -> list[str]:
        """Its hot words, hottest first."""
        return self._stories.words(story)

    def matter_names(self, matters: Iterable[int]) -> dict[int, tuple[str, list[str]]]:
        """Name and hot words of each matter."""
        return {matter: (self.matter_title(matter), self.matter_words(matter)) for matter in matters}

    def matter_title(self, matter: int) -> str:
        """A readable name of a matter: that of the story most of its mentions tell."""
        return self._stories.title(self._matters.story(matter), self._names)

    def matter_words(self, matter: int) -> list[str]:
        """Its hot words, hottest first."""
        return self._stories.words(self._matters.story(matter))

    def merge_stories(self, into: int, other: int) -> None:
        """Everything of ``other`` belongs to ``into`` from now on."""
        self._stories.merge(into, other)

    def split_story(self, story: int, ids: Sequence[str]) -> int:
        """A new story made of these mentions of ``story``; its number."""
        return self._stories.split(story, ids)

    def _ours(self, rules: Sequence[str]) -> list[str]:
        return [rule for rule in rules if rule in self._own]

    def _matter(self, item: Item, judged: Judged, copy: Copy, story: int, rare: Pairs) -> int:
        """The matter of a mention that one of our own rules fits; a copy belongs to its root's."""
        rules = self._ours(judged.rules)
        if not rules:
            return 0
        if copy.root and (known := self._matters.of(copy.root)):
            return known
        negative = judged.sentiment is Sentiment.NEGATIVE
        kinds = [claim.kind for claim in judged.claims]
        return self._matters.assign(item.id, rare, item.at, rules=rules, story=story, negative=negative, kinds=kinds)

    def _reading(self, item: Item, judged: Judged, placed: Placed, rare: Pairs) -> Reading:
        copy, story = placed
        return Reading(
            id=item.id,
            rules=judged.rules,
            negative=judged.negative,
            sentiment=judged.sentiment,
            story=story,
            matter=self._matter(item, judged, copy, story, rare),
            duplicate_of=copy.root,
            duplicate=copy.kind,
            weight=copy.weight,
            denial=judged.denial,
            claims=judged.claims,
        )


def background_of(settings: Settings) -> Background:
    """The shipped background where our names and those of competitors say nothing."""
    return shipped().with_familiar((*settings.company, *settings.competitors))


@contextmanager
def steady_memory() -> Iterator[None]:
    """For a process that reads many batches: fewer rounds of the collector of cycles, memory of one batch kept for the next.

    An analyst holds a million small values and makes no cycles. And the C library returns a large array to the system as soon
    as it is freed, then pays for every page of it again, until it has seen one as large freed (mallopt(3), M_MMAP_THRESHOLD).
    """
    bytes(_LARGEST)
    usual = gc.get_threshold()
    gc.set_threshold(200_000, 50, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def item_of(mention: Mention, text: Clean) -> Item:
    """What placing a mention needs of it."""
    return Item(mention.id, text, mention.at.timestamp(), mention.author, mention.followers)
