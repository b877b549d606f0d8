"""Grouping hot-list titles into stories: how well, how fast; ``--fit`` makes the background that ships.

    python -m benchmarks.stories [--data ../shared/data] [--fit]

The labels (``labels/stories.tsv``) refer to rows by key (list, unix second first seen, rank) and hold no text. For six whole days
of March 2025 every new title of six hot lists (微博 知乎 抖音 快手 哔哩哔哩 36氪, 818-955 titles a day) was a candidate; titles with
a neighbour of the same day (IDF-weighted cosine of words or of character pairs of 0.19 or more) were read and put together by one
reader. Same event: the same happening or affair that one crisis room would keep as one incident; not the same person, series,
programme or theme (a festival, a congress). ``-`` marks titles that could go either way; they are left out. Titles without such a
neighbour count as events of their own, so pairs that share no word at all are missing and recall reads a little high. Four days
(1-12 March) are for fitting and choosing, two (19 and 25 March) for reporting.

The shipped background counts the words of 1-14 March, so names that were news on the fitting days pass for common there and
those days read low with it; while fitting, the background is that of 17-27 March. The days to report are strange to both.

Pairwise precision and recall: of all pairs put together, of all pairs of one event. Each day is its own stream, cold at its start.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import numpy as np

from bot.analysis.echoes import Looked
from bot.analysis.likeness import SHIPPED, Background, Doc, facts, shipped
from bot.analysis.stories import Stories, _Mention
from bot.analysis.text import Clean, clean

HERE = Path(__file__).parent
_TOKEN = re.compile(r"[a-z0-9][a-z0-9.:%]*|[^\W_a-z0-9]+")
BEIJING = timezone(timedelta(hours=8))
DAYS = {"fit": ("2025-03-01", "2025-03-05", "2025-03-08", "2025-03-12"), "report": ("2025-03-19", "2025-03-25")}
FIRST_HALF_ENDS = datetime(2025, 3, 15, tzinfo=BEIJING).timestamp()
LEAN = -0.45
"""Added to the fitted threshold: chosen on the fitting days and the days around them (less than 0: joins a little more readily)."""


@dataclass(frozen=True)
class Title:
    key: str
    at: float
    text: str


def titles(data: Path) -> list[Title]:
    """Every title at its first appearance on each list, in order of time."""
    found: list[Title] = []
    known: set[tuple[str, str]] = set()
    for name, moment, place in (("weibo_hot_dev", "ts", "rank"), ("other_hot_dev", "first_seen", "position")):
        for row in _csv(data / f"{name}.csv.gz"):
            source = row.get("source", "weibo")
            if row.get("ad") == "1" or (source, row["title"]) in known:
                continue
            known.add((source, row["title"]))
            found.append(Title(f"{source}:{row[moment]}:{row[place]}", float(row[moment]), row["title"]))
    return sorted(found, key=lambda title: (title.at, title.key))


def labels() -> dict[str, str]:
    """Event by key; ``-`` for titles left out; all others are events of their own."""
    with (HERE / "labels/stories.tsv").open(encoding="utf-8") as file:
        return {row["key"]: row["event"] for row in csv.DictReader(file, delimiter="\t")}


def streams(rows: Sequence[Title], half: str) -> list[list[Title]]:
    """The labelled days of one half."""
    starts = [datetime.fromisoformat(day).replace(tzinfo=BEIJING).timestamp() for day in DAYS[half]]
    return [[row for row in rows if start <= row.at < start + 86400] for start in starts]


def group(days: Iterable[Sequence[Title]], make: Callable[[], Stories]) -> list[dict[str, int]]:
    """The story of each title, day by day."""
    return [_into(make(), day) for day in days]


def _into(stories: Stories, day: Sequence[Title]) -> dict[str, int]:
    numbers = stories.assign([(row.key, clean(row.text), row.at) for row in day])
    return {row.key: number for row, number in zip(day, numbers, strict=True)}


def scored(days: Iterable[Mapping[str, int]], events: Mapping[str, str]) -> dict[str, float]:
    """Pairwise precision, recall and F1, and the largest story with the share of its largest event."""
    right = put = meant = 0
    largest, purity = 0, 1.0
    for day in days:
        members: dict[int, list[str]] = defaultdict(list)
        for key, story in day.items():
            if events.get(key) != "-":
                members[story].append(events.get(key, key))
        meant += sum(_pairs(n) for n in Counter(event for keys in members.values() for event in keys).values())
        for keys in members.values():
            counts = Counter(keys)
            put += _pairs(len(keys))
            right += sum(map(_pairs, counts.values()))
            if len(keys) > 10:
                purity = min(purity, max(counts.values()) / len(keys))
            largest = max(largest, len(keys))
    precision, recall = right / max(put, 1), right / meant
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"precision": precision, "recall": recall, "f1": f1, "largest": largest, "purity over ten": purity}


def jaccard(days: Iterable[Sequence[Title]], threshold: float = 0.5) -> list[dict[str, int]]:
    """The usual baseline: joins the story of the title with the best Jaccard of character pairs."""
    found = []
    for day in days:
        stories: dict[str, int] = {}
        earlier: list[tuple[set[str], int]] = []
        for row in day:
            dense = clean(row.text).dense
            pairs = {dense[i : i + 2] for i in range(len(dense) - 1)}
            best, story = max(((len(pairs & p) / max(1, len(pairs | p)), s) for p, s in earlier), default=(0.0, 0))
            stories[row.key] = story if best >= threshold else len(earlier) + 1
            earlier.append((pairs, stories[row.key]))
        found.append(stories)
    return found


def background(texts: Iterable[str], general: Path | None) -> Background:
    """How rare pairs are in hot-list titles and in general social text: the commoner of both counts."""
    hot = _count(texts)
    plain = _count(row["text"][:140] for row in _csv(general)) if general else (Counter[str](), Counter[str](), 1)
    unseen = (math.log(2 * (hot[2] + 1)), 1.2)
    rarity = {}
    for pair in {*hot[0], *(p for p, n in plain[0].items() if n > 7)}:
        start = -math.log(max((hot[0][pair] + 0.5) / (hot[2] + 1), (plain[0][pair] + 0.5) / (plain[2] + 1)))
        after = [(c[0][pair] + 0.7) / (c[1][pair[0]] + 2) for c in (hot, plain) if c is hot or c[1][pair[0]] > 20]
        if start < unseen[0] - 0.5:
            rarity[pair] = (start, max(0.2, -math.log(min(1.0, max(after)))))
    return Background.of(rarity, hot[2], unseen)


class Taught(Stories):
    """Stories that follow the labels (``lead``) or a first fit, and note the facts of every comparison with its answer."""

    _eager = True

    def __init__(self, events: Mapping[str, str], lead: bool, own: Background) -> None:
        super().__init__(background=own)
        self.events, self.lead = events, lead
        self.seen: list[tuple[tuple[float, ...], bool, int]] = []
        self.members: dict[int, Counter[str]] = defaultdict(Counter)

    def _best(self, doc: Doc, looked: Looked, row: int, candidates: Sequence[int], at: float) -> int | None:
        event, items = self.events.get(doc.id, doc.id), looked.items(row)
        for number in self._alive(candidates):
            story = self._stories[number]
            found = facts(doc, items, story.docs, story.profile, story.size, (at - story.last) / 3600)
            if found is not None and event != "-":
                self.seen.append((found, self.members[number].most_common(1)[0][0] == event, story.size))
        if not self.lead:
            return super()._best(doc, looked, row, candidates, at)
        return next((n for n, held in self.members.items() if event != "-" and event in held and n in self._stories), None)

    def _place(self, mention: _Mention, text: str, looked: Looked, row: int) -> int:
        number = super()._place(mention, text, looked, row)
        self.members[number][self.events.get(mention.id, mention.id)] += 1
        return number


def fitted(days: Sequence[Sequence[Title]], events: Mapping[str, str], own: Background) -> Background:
    """Weights of the decision: three rounds of logistic regression, first on the labels' own path, then on its own.

    A comparison counts as often as the story has mentions (at most 25): a wrong join of a large story makes many wrong pairs.
    """
    seen: list[tuple[tuple[float, ...], bool, int]] = []
    blank = replace(own, weights=(0.0,) * 17, bias=-1.0)
    for turn in range(3):
        for day in days:
            stories = Taught(events, turn == 0, blank if turn == 0 else replace(own, bias=own.bias - 0.5))
            _into(stories, day)
            seen += stories.seen
        weights, bias = _logistic(seen)
        own = replace(own, weights=weights, bias=bias)
    return own


def report(data: Path) -> Iterator[tuple[str, str, str]]:
    """Rows of the table: what, figure, remark."""
    rows, events = titles(data), labels()
    remark = "our labels of six days of hot lists; each day cold"
    for half in ("fit", "report"):
        days = streams(rows, half)
        count = sum(map(len, days))
        for name, found in (
            ("stories", group(days, Stories)),
            ("pairs Jaccard 0.5", jaccard(days)),
            ("pairs Jaccard 0.3", jaccard(days, 0.3)),
        ):
            figures = scored(found, events)
            yield f"{name}, {half} days ({count} titles)", _said(figures), remark
    whole = _into(Stories(), rows)
    for half in ("fit", "report"):
        figures = scored([{row.key: whole[row.key] for row in day} for day in streams(rows, half)], events)
        yield (
            f"stories, {half} days inside one stream of four weeks",
            _said(figures),
            "our labels, nothing forgotten between the days",
        )
    made: list[tuple[str, Clean, float]] = [(r.key, clean(r.text), r.at) for r in rows]
    stories = Stories()
    begun = time.perf_counter()
    stories.assign(made)
    spent = time.perf_counter() - begun
    yield "stories, speed", f"{len(made) / spent:,.0f} titles/s", f"{len(made):,} titles of four weeks in one stream, one core"


def fit(data: Path, out: Path) -> None:
    """Fits on the four days of the first half against the background of the second; ships the background of the first."""
    rows, events = titles(data), labels()
    general = data / "sentiment_dev.csv.gz"
    late = background((row.text for row in rows if row.at >= FIRST_HALF_ENDS + 2 * 86400), general)
    decided = fitted(streams(rows, "fit"), events, late)
    early = background((row.text for row in rows if row.at < FIRST_HALF_ENDS), general)
    for lean in (-1.0, -0.8, -0.6, -0.45, -0.3):
        tried = replace(decided, bias=decided.bias - lean)
        days = [_into(Stories(background=tried), day) for day in streams(rows, "fit")]
        sys.stdout.write(f"fit days, lean {lean}: {_said(scored(days, events))}\n")
    replace(early, weights=decided.weights, bias=decided.bias - LEAN).save(out)


def _logistic(seen: Sequence[tuple[tuple[float, ...], bool, int]], penalty: float = 3.0) -> tuple[tuple[float, ...], float]:
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


def _said(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{key} {value:.3f}" if key != "largest" else f"{key} {value}" for key, value in figures.items())


def _pairs(n: int) -> int:
    return n * (n - 1) // 2


def _csv(path: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(10**8)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def main() -> None:
    """Prints the table; with ``--fit`` makes the shipped file first."""
    arguments = argparse.ArgumentParser(prog="benchmarks.stories")
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--fit", action="store_true")
    options = arguments.parse_args()
    if options.fit:
        fit(options.data, SHIPPED)
        shipped.cache_clear()
    for row in report(options.data):
        sys.stdout.write(f"| {' | '.join(row)} |\n")


if __name__ == "__main__":
    main()
