"""Stories: mentions about one matter, across platforms, as they arrive.

Each mention is compared with the few live stories that share its rarest character pairs (``echoes.py`` finds them for many
mentions at once); a small logistic model over that comparison decides whether it joins the best of them or opens a new one.
Words that appear in many stories at once lose weight as they spread, and a large story asks for more (``cohesion.py``), so that a
theme does not swallow the matters inside it. Nothing is ever re-sorted by itself: ``merge`` and ``split`` are for people.

Mentions are counted off in chunks of ``CHUNK``: the tables are brought up to date at the end of each, and within it a mention is
compared with the earlier ones directly. So an answer depends on the order of arrival, never on how the calls were cut. How it
was labelled, fitted and measured: ``benchmarks/stories.py``.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import mul
from typing import NamedTuple

import numpy as np

from bot.analysis.cohesion import belongs, extra, themes
from bot.analysis.echoes import ROW, Candidate, Chunk, Looked, look
from bot.analysis.likeness import BY_LETTERS, RARE, Background, Doc, Items, alike, by_letters, shipped, told_too
from bot.analysis.naming import clauses, cut
from bot.analysis.pairs import pairs_of
from bot.analysis.postings import Postings
from bot.analysis.recent import Recent
from bot.analysis.text import Clean

NAMED = 0.7
"""So much of what the best clause says, one that names us must say to be the title before it."""
READ = 64
"""Characters of a mention that are read: the title and the first sentences tell what it is about. (With 40 titles are read as
well, but posts that begin alike share so much that a mention costs twice as much.)"""
CHUNK = 256
IDLE_HOURS = 72.0
LIVE_STORIES = 12_000
KNOWN_MENTIONS = 150_000
ANCHORS, RECENT = 4, 8
CANDIDATES = 4
PROFILE_CAP = 400
PROMISE = -2.5
"""A single mention is compared only if what leads to it makes as much of a score: every one that was joined on the labelled days did,
half of the others did not."""
_NO_ROOTS: Mapping[str, str | None] = {}


@dataclass(slots=True)
class _Story:
    """``profile`` counts its mentions by pair; it is kept from the second mention on."""

    first: float
    last: float
    docs: list[Doc] = field(default_factory=list)
    size: int = 0
    profile: dict[int, int] = field(default_factory=dict)

    def grown(self) -> dict[int, int]:
        """The profile, kept from now on, of a story that gets one more mention."""
        self.profile = self.counts
        self.size += 1
        return self.profile

    @property
    def counts(self) -> dict[int, int]:
        """The profile, also of a single mention."""
        return self.profile if self.size > 1 else dict.fromkeys(self.docs[0].keys.tolist(), 1)


class _Mention(NamedTuple):
    """``story`` is 0 where it has to be found, ``root`` the id of the mention that it repeats."""

    id: str
    clean: Clean
    at: float
    story: int = 0
    root: str | None = None


class Stories:
    """The live stories of one room. ``first`` is the number of the next new story; moments need not be in order.

    ``familiar`` are names that stand in every mention (our company, the competitors watched): sharing one says nothing.
    """

    def __init__(self, *, first: int = 1, familiar: Iterable[str] = (), background: Background | None = None) -> None:
        self._background = (background or shipped()).with_familiar([*themes(), *familiar])
        weights = self._background.weights
        self._weights, self._told_weights, self._gains = weights[:BY_LETTERS], weights[BY_LETTERS:], self._background.gains
        self._next = first
        self._stories: OrderedDict[int, _Story] = OrderedDict()
        self._postings = Postings()
        self._chunk = Chunk(CHUNK)
        self._live = [0, 0]  # stories opened in this generation and in the last
        self._born = -math.inf
        self._due = -math.inf  # before this no story has been idle for too long
        self._known = Recent[str, int](KNOWN_MENTIONS)
        self._same = Recent[int, int](KNOWN_MENTIONS)
        self._moved: dict[int, int] = {}

    def assign(self, mentions: Sequence[tuple[str, Clean, float]], roots: Mapping[str, str | None] = _NO_ROOTS) -> list[int]:
        """The story of each mention (id, words, unix seconds), in arrival order; one already known keeps its story.

        ``roots``: which mention one repeats; it goes where its root is, and makes that story larger and younger."""
        fresh = {id: _Mention(id, clean, at, 0, roots.get(id)) for id, clean, at in mentions if id not in self._known}
        placed = self._take(list(fresh.values()))
        return [self._final(placed[id]) if id in placed else self.story_of(id) or 0 for id, _, _ in mentions]

    def remember(self, mentions: Sequence[tuple[str, Clean, float, int]]) -> None:
        """Tells the stories of stored mentions after a restart; oldest first."""
        self._next = max([self._next, *(story + 1 for *_, story in mentions)])
        self._take([_Mention(id, clean, at, story) for id, clean, at, story in mentions])

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
        gone = self._stories.pop(other, None)
        if gone is None:
            return
        story = self._stories.setdefault(into, _Story(gone.first, gone.last))
        for doc in gone.docs:
            self._take_in(story, doc)
        story.size += max(0, gone.size - len(gone.docs))
        story.last = max(story.last, gone.last)

    def split(self, story: int, ids: Iterable[str]) -> int:
        """A new story made of these mentions of ``story``; its number."""
        story, new = self._final(story), self._next
        self._next += 1
        wanted = {id for id in ids if self.story_of(id) == story}
        for id in wanted:
            self._known[id] = new
        live = self._stories.pop(story, None)
        if live is None:
            return new
        self._same.drop(lambda number: self._final(number) == story)
        for number, go in ((story, False), (new, True)):
            docs = [doc for doc in live.docs if (doc.id in wanted) is go]
            if docs:
                self._stories[number] = _Story(live.first, live.last)
            for doc in docs:
                self._take_in(self._stories[number], doc)
                self._postings.post_missing(doc.keys, np.full(len(doc.keys), number, np.int32))
        return new

    def title(self, story: int, names: Sequence[str] = ()) -> str:
        """The clause that says best what its mentions share, at most 30 characters; empty for a story that has aged out.

        A clause with one of ``names`` (normalised) is taken where another says hardly more: who it is about belongs to it."""
        live = self._stories.get(self._final(story))
        if live is None:
            return ""
        parts = {clause for doc in live.docs for clause in clauses(doc.shown)}
        ranked = sorted(((self._centrality(part, live), part) for part in parts), reverse=True)
        best = ranked[0] if ranked else (0.0, "")
        named = [(shared, part) for shared, part in ranked if shared > NAMED * best[0] and any(name in part for name in names)]
        return next(iter(named), best)[1][:30]

    def words(self, story: int, limit: int = 6) -> list[str]:
        """The hot words of a story, hottest first; loads jieba at the first call."""
        live = self._stories.get(self._final(story))
        if live is None:
            return []
        counted: dict[str, float] = {}
        for doc in live.docs:
            for word in {w for w in cut(doc.shown) if len(w) > 1 and not w.isdigit()}:
                counted[word] = counted.get(word, 0.0) + self._rarity(word)
        ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
        return [word for word, score in ranked if score > RARE][:limit]

    def __len__(self) -> int:
        return len(self._stories)

    def _take(self, mentions: Sequence[_Mention]) -> dict[str, int]:
        """Places every mention; its story by id."""
        placed: dict[str, int] = {}
        while mentions:
            if not self._chunk.room:
                self._end_chunk(mentions[0].at)
            part, mentions = mentions[: self._chunk.room], mentions[self._chunk.room :]
            texts = [mention.clean.bare[:READ] for mention in part]
            first, looked = len(self._chunk.ids), self._look(texts)
            for row, (mention, text) in enumerate(zip(part, texts, strict=True), first):
                placed[mention.id] = self._place(mention, text, looked, row)
        return placed

    def _look(self, texts: Sequence[str]) -> Looked:
        chunk, since = self._chunk, len(self._chunk.ids)
        pairs = chunk.pairs.then(pairs_of(texts), since)
        looked = look(pairs, since + len(texts), since, self._postings, self._background, sum(self._live))
        chunk.pairs, chunk.looked = pairs, looked
        return looked

    def _place(self, mention: _Mention, text: str, looked: Looked, row: int) -> int:
        words = hash(mention.clean.dense or mention.clean.text)
        doc = Doc(mention.id, looked.keys(row), looked.totals[row], text)
        story = mention.story or (mention.root and self.story_of(mention.root)) or self._same.get(words)
        if story is None and (candidates := looked.candidates.get(row)):
            story = self._best(doc, looked, row, candidates, mention.at)
        if story is None:
            story, self._next = self._next, self._next + 1
        story = self._final(story)
        live = self._stories.get(story)
        self._chunk.add(mention.id, story, new=live is None)
        if live is None:
            live = self._stories[story] = _Story(mention.at, mention.at, [doc], 1)
        else:
            self._take_in(live, doc)
            live.last = max(live.last, mention.at)
            self._stories.move_to_end(story)
        self._same[words] = self._known[mention.id] = story
        if len(self._stories) > LIVE_STORIES or live.last > self._due:
            self._forget(live.last)
        return story

    def _take_in(self, story: _Story, doc: Doc) -> None:
        if not story.docs:
            story.docs.append(doc)
            story.size = 1
            return
        profile = story.grown()
        have = doc.have
        new = have.difference(profile)
        for key in have.intersection(profile):
            profile[key] += 1
        if room := PROFILE_CAP - len(profile):
            kept = list(new) if len(new) <= room else sorted(new)[:room]
            profile.update(dict.fromkeys(kept, 1))
            self._chunk.spread += kept
        if all(doc.shown != other.shown for other in story.docs):
            story.docs.append(doc)
            if len(story.docs) > ANCHORS + RECENT:
                del story.docs[ANCHORS]

    def _end_chunk(self, now: float) -> None:
        """Brings the tables up to date."""
        chunk, self._chunk = self._chunk, Chunk(CHUNK)
        assert chunk.looked
        looked = chunk.looked
        stories = np.array([self._final(number) for number in chunk.stories], np.int32)[looked.rows]
        opened = np.array(chunk.opened)[looked.rows]
        self._postings.count(looked.each[opened])
        self._postings.count(np.array(chunk.spread, np.uint32))
        self._postings.post(looked.each[opened & looked.leads], stories[opened & looked.leads])
        self._postings.post_missing(looked.each[~opened & looked.leads], stories[~opened & looked.leads])
        self._live[0] += sum(chunk.opened)
        if self._live[0] >= LIVE_STORIES // 2 or now - self._born > IDLE_HOURS * 1800:
            self._postings.age()
            self._live, self._born = [0, self._live[0]], now

    def _forget(self, now: float) -> None:
        while self._stories:
            oldest, story = next(iter(self._stories.items()))
            if len(self._stories) <= LIVE_STORIES and now - story.last < IDLE_HOURS * 3600:
                self._due = story.last + IDLE_HOURS * 3600
                break
            del self._stories[oldest]

    def _final(self, number: int) -> int:
        while number in self._moved:
            number = self._moved[number]
        return number

    def _best(self, doc: Doc, looked: Looked, row: int, candidates: Sequence[Candidate], at: float) -> int | None:
        """The story that the mention joins, or None."""
        bias, weights, told_weights = self._background.bias, self._weights, self._told_weights
        gain, name_gain, said_gain = self._gains
        best, found, items = 0.0, None, Items()
        for number, shared in self._alive(candidates):
            story = self._stories[number]
            if story.size == 1 and self._promise(shared, doc, story.docs[0]) < PROMISE:
                continue
            items = items or looked.items(row)
            like = alike(doc, items, story.docs, story.profile, story.size, (at - story.last) / 3600)
            if like is None:
                continue
            score = bias + sum(map(mul, weights, like.facts))
            if score + gain + name_gain * like.rare_name + said_gain * like.said <= best:
                continue
            whole, hours = told_too(like, doc, story.docs), (at - story.first) / 3600
            score += sum(map(mul, told_weights, whole.facts[BY_LETTERS:])) - extra(whole, story.size, hours)
            if score > best and belongs(whole, doc, items, story.docs, story.profile, story.size, hours):
                best, found = score, number
        return found

    def _alive(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The live stories behind candidates, the first few of them."""
        ids, found = self._chunk.ids, dict[int, float]()
        for candidate, shared in candidates:
            number = self._final(candidate) if candidate < ROW else self.story_of(ids[candidate - ROW])
            if number is not None and number in self._stories and number not in found:
                found[number] = shared
                if len(found) == CANDIDATES:
                    break
        return list(found.items())

    def _promise(self, shared: float, doc: Doc, other: Doc) -> float:
        """The score by letters if nothing were shared but ``shared`` nats."""
        facts = by_letters(shared, shared / math.sqrt(doc.total * other.total), shared, doc.total, other.total)
        score: float = self._background.bias + sum(map(mul, self._weights, facts))
        return score

    def _centrality(self, clause: str, story: _Story) -> float:
        pairs = pairs_of([clause])
        start, after = self._background.nats(pairs.keys)
        nats: list[float] = np.where(pairs.follows, after, start).tolist()
        counts = story.counts
        shared = sum(rare * counts.get(key, 0) for key, rare in zip(pairs.keys.tolist(), nats, strict=True)) / story.size
        return shared / math.sqrt(sum(nats) + 20.0)

    def _rarity(self, word: str) -> float:
        nats: list[float] = self._background.nats(pairs_of([word]).keys)[0].tolist()
        return min(nats, default=0.0)
