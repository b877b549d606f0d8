"""Stories: mentions about one matter, across platforms, as they arrive.

Each mention is compared with the few live stories that share its rarest character pairs; a small logistic model over that
comparison decides whether it joins the best of them or opens a new one. Words that appear in many stories at once (a festival,
a congress) lose weight as they spread, so that a theme does not swallow the matters inside it. Nothing is ever re-sorted by
itself: ``merge`` and ``split`` are for people. How it was labelled, fitted and measured: ``benchmarks/stories.py``.
"""

from __future__ import annotations

import math
import re
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nlargest
from itertools import chain
from operator import mul

from bot.analysis.likeness import Background, Doc, Items, facts, pair_set, pairs_of, read, shipped
from bot.analysis.text import Clean

READ = 64
"""Characters of a mention that are read: the title and the first sentences tell what it is about."""
IDLE_HOURS = 72.0
LIVE_STORIES = 12_000
KNOWN_MENTIONS = 100_000
ANCHORS, RECENT = 4, 8
CANDIDATES = 4
POSTINGS = 48
LED_BY = 12
"""The rarest pairs of a mention, which lead to candidates; more of them find no other story, only more slowly."""
WORTH = 0.15
"""Candidates that share less of a mention's rarity than this are not compared: none of them was ever joined."""
RARE = 3.5
"""Only pairs rarer than this (in nats) lead to candidates."""
REWEIGH = 64
"""How rare a word is today is worked out anew after as many mentions."""
ECHOED_BY, ECHOES, COMMON = 12, 8, 48
"""A mention is compared only if one story shares an eighth of its pairs (two at least) among the twelve that fewest stories have,
none of them held by more than COMMON: the figures on titles are the same, and most mentions are spared the comparison."""
SPREAD = 5.0
"""How much one live story counts against one text of the background when a word's rarity is judged."""
PROFILE_CAP = 400
LARGE = 8
AGEING, AGE_HOURS = 1.5, 24.0
"""A story of LARGE mentions asks for more likeness the older it is (``AGEING·ln(1+age/24h)`` on the score): what runs on for days
is often a series, a season or a festival. Chosen on the fitting days of the benchmark."""

_CLAUSE = re.compile(r"[。！？!?\n；;]+|(?<=[^0-9])[,，](?=[^0-9])")
_MARKS = re.compile(r"[#【】\[\]<>《》「」“”\"]+|^[\s,，:：、.·|]+|[\s,，:：、·|]+$")


@dataclass(slots=True)
class _Story:
    first: float
    last: float
    docs: list[Doc] = field(default_factory=list)
    profile: dict[str, int] = field(default_factory=dict)
    size: int = 0


class Stories:
    """The live stories of one room. ``first`` is the number of the next new story; moments need not be in order.

    ``familiar`` are names that stand in every mention (our company, the competitors watched): sharing one says nothing.
    """

    _eager = False  # compares every mention, also one that echoes nothing: only for teaching

    def __init__(self, *, first: int = 1, familiar: Iterable[str] = (), background: Background | None = None) -> None:
        self._background = (background or shipped()).with_familiar(familiar)
        self._next = first
        self._stories: OrderedDict[int, _Story] = OrderedDict()
        self._index: dict[str, list[int]] = {}
        self._spread: Counter[str] = Counter()
        self._common = frozenset(pair for pair, (general, _) in self._background.rarity.items() if general < RARE)
        self._today: dict[str, tuple[float, float, float]] = {}
        self._weighings = 0
        self._known: OrderedDict[str, int] = OrderedDict()
        self._same: OrderedDict[int, int] = OrderedDict()
        self._moved: dict[int, int] = {}

    def assign(self, mentions: Sequence[tuple[str, Clean, datetime]]) -> list[int]:
        """The story of each mention, in arrival order; a mention already known keeps its story."""
        return [self._assign(id, clean, at.timestamp()) for id, clean, at in mentions]

    def remember(self, id: str, clean: Clean, at: datetime, story: int) -> None:
        """Tells a stored mention's story after a restart; oldest first."""
        self._next = max(self._next, story + 1)
        text = clean.bare[:READ]
        self._join(Doc(id, pair_set(text), 0.0, text), clean, at.timestamp(), story)

    def story_of(self, id: str) -> int | None:
        """The story of a mention, or None where it is unknown or forgotten."""
        known = self._known.get(id)
        return None if known is None else self._final(known)

    def merge(self, into: int, other: int) -> None:
        """Everything of ``other`` belongs to ``into`` from now on."""
        into, other = self._final(into), self._final(other)
        if into == other:
            return
        self._moved[other] = into
        gone = self._stories.get(other)
        if gone is None:
            return
        self._drop(other)
        story = self._stories.setdefault(into, _Story(gone.first, gone.last))
        for doc in gone.docs:
            self._take_in(into, story, doc)
        story.size += max(0, gone.size - len(gone.docs))
        story.last = max(story.last, gone.last)

    def split(self, story: int, ids: Iterable[str]) -> int:
        """A new story made of these mentions of ``story``; its number."""
        story, new = self._final(story), self._next
        self._next += 1
        wanted = {id for id in ids if self.story_of(id) == story}
        self._known.update(dict.fromkeys(wanted, new))
        live = self._stories.get(story)
        if live is None:
            return new
        self._same = OrderedDict((words, n) for words, n in self._same.items() if self._final(n) != story)
        self._drop(story)
        for number, go in ((story, False), (new, True)):
            docs = [doc for doc in live.docs if (doc.id in wanted) is go]
            if docs:
                self._stories[number] = _Story(live.first, live.last)
            for doc in docs:
                self._take_in(number, self._stories[number], doc)
        return new

    def title(self, story: int) -> str:
        """The clause that says best what its mentions share, at most 30 characters; empty for a story that has aged out."""
        live = self._stories.get(self._final(story))
        if live is None:
            return ""
        clauses = {clause for doc in live.docs for clause in _clauses(doc.shown)}
        return max(clauses, key=lambda clause: (self._centrality(clause, live), clause), default="")[:30]

    def words(self, story: int, limit: int = 6) -> list[str]:
        """The hot words of a story, hottest first; loads jieba at the first call."""
        live = self._stories.get(self._final(story))
        if live is None:
            return []
        counted: dict[str, float] = {}
        for doc in live.docs:
            for word in {w for w in _cut(doc.shown) if len(w) > 1 and not w.isdigit()}:
                counted[word] = counted.get(word, 0.0) + self._rarity(word)
        ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
        return [word for word, score in ranked if score > RARE][:limit]

    def __len__(self) -> int:
        return len(self._stories)

    def _assign(self, id: str, clean: Clean, at: float) -> int:
        if (known := self.story_of(id)) is not None:
            return known
        story = self._same.get(_words_of(clean))
        text = clean.bare[:READ]
        doc = Doc(id, pair_set(text), 0.0, text)
        if story is None and (self._eager or self._echoes(doc.have)):
            doc, items = self._read(id, clean)
            story = self._best(doc, items, at)
        if story is None:
            story = self._next
            self._next += 1
        self._join(doc, clean, at, story)
        return self._final(story)

    def _join(self, doc: Doc, clean: Clean, at: float, number: int) -> None:
        number = self._final(number)
        story = self._stories.get(number)
        if story is None:
            story = self._stories[number] = _Story(at, at)
        self._take_in(number, story, doc)
        story.last = max(story.last, at)
        self._stories.move_to_end(number)
        self._same[_words_of(clean)] = number
        self._known[doc.id] = number
        self._forget(story.last)

    def _take_in(self, number: int, story: _Story, doc: Doc) -> None:
        story.size += 1
        if all(doc.have != other.have for other in story.docs):
            story.docs.append(doc)
            if len(story.docs) > ANCHORS + RECENT:
                del story.docs[ANCHORS]
        new = doc.have.difference(story.profile)
        for pair in doc.have.intersection(story.profile):
            story.profile[pair] += 1
        if room := PROFILE_CAP - len(story.profile):
            new = new if len(new) <= room else frozenset(sorted(new)[:room])
            story.profile.update(dict.fromkeys(new, 1))
            self._spread.update(new)
            self._lead_to(number, new.difference(self._common))

    def _lead_to(self, number: int, pairs: Iterable[str]) -> None:
        index = self._index
        for pair in pairs:
            numbers = index.get(pair)
            if numbers is None:
                index[pair] = [number]
                continue
            numbers.append(number)
            if len(numbers) > 2 * POSTINGS:
                del numbers[:POSTINGS]

    def _drop(self, number: int) -> None:
        story = self._stories.pop(number)
        for pair in story.profile:
            left = self._spread[pair] - 1
            if left:
                self._spread[pair] = left
                continue
            del self._spread[pair]
            self._index.pop(pair, None)

    def _forget(self, now: float) -> None:
        while self._stories:
            oldest, story = next(iter(self._stories.items()))
            if len(self._stories) <= LIVE_STORIES and now - story.last < IDLE_HOURS * 3600:
                break
            self._drop(oldest)
        for memory in (self._known, self._same):
            if len(memory) > KNOWN_MENTIONS:
                memory.popitem(last=False)

    def _final(self, number: int) -> int:
        while number in self._moved:
            number = self._moved[number]
        return number

    def _read(self, id: str, clean: Clean) -> tuple[Doc, Items]:
        return self._weighed(id, clean.bare[:READ])

    def _weighed(self, id: str, text: str) -> tuple[Doc, Items]:
        if self._weighings >= REWEIGH:
            self._today.clear()
            self._weighings = 0
        self._weighings += 1
        live = SPREAD * (len(self._stories) + 1)
        return read(id, text, self._background, self._today, self._spread, live, SPREAD)

    def _best(self, doc: Doc, items: Items, at: float) -> int | None:
        weights, bias = self._background.weights, self._background.bias
        best, found = 0.0, None
        for number in self._candidates(items, doc.total):
            story = self._stories[number]
            found_facts = facts(doc, items, story.docs, story.profile, story.size, (at - story.last) / 3600)
            if found_facts is None:
                continue
            score = bias + sum(map(mul, weights, found_facts))
            if story.size >= LARGE:
                score -= AGEING * math.log1p(max(0.0, at - story.first) / (AGE_HOURS * 3600))
            if score > best:
                best, found = score, number
        return found

    def _candidates(self, items: Items, total: float) -> list[int]:
        """The live stories that share most of the mention's rarest pairs, and enough of them to be worth a comparison."""
        shared: dict[int, float] = {}
        stories, index = self._stories, self._index
        rarest = sorted(((item[1], item[0]) for item in items if item[3] >= RARE and item[0] in index), reverse=True)[:LED_BY]
        for rare, pair in rarest:
            for number in index[pair][-POSTINGS:]:
                shared[number] = shared.get(number, 0.0) + rare
        enough = WORTH * total
        live = [(weight, number) for number, weight in shared.items() if weight >= enough and number in stories]
        best = [number for _, number in nlargest(CANDIDATES, live)]
        for doc in (doc for number in best for doc in stories[number].docs if not doc.total):
            doc.total = self._weighed(doc.id, doc.shown)[0].total
        return best

    def _echoes(self, have: frozenset[str]) -> bool:
        """Whether some story shares a few of the pairs that fewest stories have; if not, there is nothing to compare with."""
        index = self._index
        held = [index[pair] for pair in have if pair in index]
        fewest = sorted([numbers for numbers in held if len(numbers) <= COMMON], key=len)[:ECHOED_BY]
        votes = Counter(chain.from_iterable(fewest))
        return len(votes) < sum(map(len, fewest)) and max(votes.values()) >= max(2, len(have) // ECHOES)

    def _centrality(self, clause: str, story: _Story) -> float:
        shared = total = 0.0
        for pair, follows in pairs_of(clause):
            rare = self._background.of_pair(pair)[1 if follows else 0]
            shared += rare * story.profile.get(pair, 0) / story.size
            total += rare
        return shared / math.sqrt(total + 20.0)

    def _rarity(self, word: str) -> float:
        return min((self._background.of_pair(pair)[0] for pair, _ in pairs_of(word)), default=0.0)


def _words_of(clean: Clean) -> int:
    return hash(clean.dense or clean.text)


def _clauses(text: str) -> list[str]:
    parts = (_MARKS.sub("", _MARKS.sub("", part)).strip() for part in _CLAUSE.split(text))
    return [part for part in parts if len(part) >= 4]


def _cut(text: str) -> list[str]:
    import jieba

    jieba.setLogLevel(60)
    return list(jieba.cut(text))
