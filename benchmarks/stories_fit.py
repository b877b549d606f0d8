"""Makes the background and the weights that ship with the stories, from the labels of ``benchmarks/stories.py``.

    python -m benchmarks.stories --data FOLDER --fit

The shipped background counts the words of 1-14 March, so names that were news then pass for common there; the labelled days of
that half are therefore judged with the background of 17-27 March, all other days with the shipped one. Each day is also judged by
weights fitted on the other eleven ("left out"): the figure to choose by.
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.stories import BLIND, FIRST_HALF_ENDS, Title, into, labels, read, said, scored, streams, titles
from bot.analysis.echoes import Candidate, Looked
from bot.analysis.likeness import Background, Doc, alike, told_too
from bot.analysis.stories import Stories, _Mention
from bot.analysis.text import clean

_TOKEN = re.compile(r"[a-z0-9][a-z0-9.:%]*|[^\W_a-z0-9]+")
LEAN = 0.2
"""Added to the score: chosen on the days left out, for a precision of .85 there."""
A_DAY = 2
"""A pair counts so often a day in the background: what one affair said a hundred times in a day is not common for it."""

Weights = tuple[tuple[float, ...], float]
Seen = list[tuple[tuple[float, ...], bool, int]]


def fit(data: Path, out: Path) -> None:
    """Fits, prints how well each labelled day is read by what was fitted without it, and writes what ships."""
    rows, events = titles(data), labels()
    general = data / "sentiment_dev.csv.gz"
    early_rows = [row for row in rows if row.at < FIRST_HALF_ENDS]
    late = background((row for row in rows if row.at >= FIRST_HALF_ENDS + 2 * 86400), general)
    early = background(early_rows, general)
    days = [(day, late if day[0].at < FIRST_HALF_ENDS else early) for day in streams(rows)]
    found = fitted(days, events)
    weights = _logistic([row for _, seen in found for row in seen])
    for lean in (LEAN - 0.6, LEAN - 0.3, LEAN, LEAN + 0.3, LEAN + 0.6):
        cold = [
            into(Stories(background=_weighed(own, without, lean)), day)
            for (day, own), (without, _) in zip(days, found, strict=True)
        ]
        one: list[dict[str, int]] = []
        for stream, own in ((early_rows, late), (rows, early)):
            placed = into(Stories(background=_weighed(own, weights, lean)), stream)
            one += [{row.key: placed[row.key] for row in day} for day, strange in days if strange is own]
        blind = said(scored(cold[-len(BLIND) :], events))
        sys.stdout.write(f"lean {lean:.2f}, each day left out: {said(scored(cold, events))}; the blind ones of them: {blind}; ")
        sys.stdout.write(f"one stream: {said(scored(one, events))}\n")
    _weighed(early, weights, LEAN).save(out)


def background(rows: Iterable[Title], general: Path | None) -> Background:
    """How rare pairs are in hot-list titles and in general social text: the commoner of both counts."""
    hot: tuple[Counter[str], Counter[str], int] = (Counter(), Counter(), 0)
    for day in _by_day(rows):
        pairs, _, total = _count(row.text for row in day)
        few = Counter({pair: min(n, A_DAY) for pair, n in pairs.items()})
        hot[0].update(few)
        for pair, n in few.items():
            hot[1][pair[0]] += n
        hot = (hot[0], hot[1], hot[2] + total)
    plain = _count(row["text"][:140] for row in read(general)) if general else (Counter[str](), Counter[str](), 1)
    unseen = (math.log(2 * (hot[2] + 1)), 1.2)
    rarity = {}
    for pair in {*hot[0], *(p for p, n in plain[0].items() if n > 7)}:
        start = -math.log(max((hot[0][pair] + 0.5) / (hot[2] + 1), (plain[0][pair] + 0.5) / (plain[2] + 1)))
        after = [(c[0][pair] + 0.7) / (c[1][pair[0]] + 2) for c in (hot, plain) if c is hot or c[1][pair[0]] > 20]
        if start < unseen[0] - 0.5:
            rarity[pair] = (start, max(0.2, -math.log(min(1.0, max(after)))))
    return Background.of(rarity, hot[2], unseen)


def _by_day(rows: Iterable[Title]) -> list[list[Title]]:
    days: dict[int, list[Title]] = defaultdict(list)
    for row in rows:
        days[int((row.at + 8 * 3600) // 86400)].append(row)
    return list(days.values())


class Taught(Stories):
    """Stories that follow the labels (``lead``) or a first fit, and note the facts of every comparison with its answer."""

    def __init__(self, events: Mapping[str, str], lead: bool, own: Background) -> None:
        super().__init__(background=own)
        self.events, self.lead = events, lead
        self.seen: Seen = []
        self.members: dict[int, Counter[str]] = defaultdict(Counter)

    def _best(self, doc: Doc, looked: Looked, row: int, candidates: Sequence[Candidate], at: float) -> int | None:
        event, items = self.events.get(doc.id, doc.id), looked.items(row)
        for number, _ in self._alive(candidates):
            story = self._stories[number]
            like = alike(doc, items, story.docs, story.profile, story.size, (at - story.last) / 3600)
            if like is not None and event != "-" and (held := self.members[number]):
                self.seen.append((told_too(like, doc, story.docs).facts, held.most_common(1)[0][0] == event, story.size))
        if not self.lead:
            return super()._best(doc, looked, row, candidates, at)
        return next((n for n, held in self.members.items() if event in held and n in self._stories), None)

    def _place(self, mention: _Mention, text: str, looked: Looked, row: int) -> int:
        number = super()._place(mention, text, looked, row)
        if (event := self.events.get(mention.id, mention.id)) != "-":
            self.members[number][event] += 1
        return number


def fitted(days: Sequence[tuple[Sequence[Title], Background]], events: Mapping[str, str]) -> list[tuple[Weights, Seen]]:
    """For each day the weights fitted without it, and what was seen on it: first on the labels' own path, then twice on its own.

    A comparison counts as often as the story has mentions (at most 25): a wrong join of a large story makes many wrong pairs.
    """
    seen: list[Seen] = []
    for day, own in days:
        stories = Taught(events, True, own)
        into(stories, day)
        seen.append(stories.seen)
    for _ in range(2):
        weights = [_logistic(_without(seen, i)) for i in range(len(days))]
        for i, (day, own) in enumerate(days):
            stories = Taught(events, False, _weighed(own, weights[i], 0.5))
            into(stories, day)
            seen[i] = seen[i] + stories.seen
    return [(_logistic(_without(seen, i)), seen[i]) for i in range(len(days))]


def _without(seen: Sequence[Seen], left_out: int) -> Seen:
    return [row for i, rows in enumerate(seen) if i != left_out for row in rows]


def _weighed(own: Background, weights: Weights, lean: float) -> Background:
    return replace(own, weights=weights[0], bias=weights[1] + lean)


def _logistic(seen: Seen, penalty: float = 3.0) -> Weights:
    table = np.array([row[0] for row in seen])
    mean, spread = table.mean(0), table.std(0) + 1e-6
    x = np.c_[(table - mean) / spread, np.ones(len(table))]
    y, often = np.array([row[1] for row in seen], float), np.minimum([row[2] for row in seen], 25)
    w = np.zeros(x.shape[1])
    ridge = penalty * np.r_[np.ones(len(w) - 1), 0.0]
    for _ in range(40):
        p = 1 / (1 + np.exp(-x @ w))
        w -= np.linalg.solve(
            (x * (often * p * (1 - p) + 1e-9)[:, None]).T @ x + np.diag(ridge + 1e-9), x.T @ (often * (p - y)) + ridge * w
        )
    plain = w[:-1] / spread
    return tuple(map(float, plain)), float(w[-1] - plain @ mean)


def _count(texts: Iterable[str]) -> tuple[Counter[str], Counter[str], int]:
    pairs, heads, total = Counter[str](), Counter[str](), 0
    for text in texts:
        found = set(_pairs_in(clean(text).bare))
        pairs.update(found)
        heads.update({pair[0] for pair in found})
        total += 1
    return pairs, heads, total


def _pairs_in(text: str) -> Iterator[str]:
    for token in _TOKEN.findall(text):
        word = token.rstrip(".:%")
        yield from (a + b for a, b in pairwise(token)) if not token[0].isascii() else [word] if len(word) > 1 else []
