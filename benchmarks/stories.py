"""Grouping hot-list titles into stories: how well, how fast; ``--fit`` makes the background that ships.

    python -m benchmarks.stories [--data ../shared/data] [--fit]

The labels (``labels/stories.tsv``) refer to rows by key (list, unix second first seen, rank) and hold no text. For twelve whole
days of March 2025 every new title of six hot lists (微博 知乎 抖音 快手 哔哩哔哩 36氪, 771-955 titles a day) was a candidate; titles
with a neighbour of the same day (IDF-weighted cosine of words or of character pairs of 0.17 to 0.19 or more) were read and put
together, nine days by one reader, the three ``BLIND`` ones by another who read the whole day and never saw an answer of ours. Same
event: the same happening or affair that one crisis room would keep as one incident; not the same person, series, programme or
theme (a festival, a congress). ``-`` marks titles that could go either way; they are left out. Titles without such a neighbour
count as events of their own, so pairs that share no word at all are missing and recall reads a little high.

``--fit`` runs ``benchmarks/stories_fit.py``, which makes the shipped file and judges the fitting days.

Pairwise precision and recall: of all pairs put together, of all pairs of one event. Each day is its own stream, cold at its start.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from bot.analysis.likeness import SHIPPED, shipped
from bot.analysis.stories import Stories
from bot.analysis.text import Clean, clean

HERE = Path(__file__).parent
BEIJING = timezone(timedelta(hours=8))
BLIND = ("2025-03-03", "2025-03-10", "2025-03-20")
DAYS = (
    *(
        "2025-03-01",
        "2025-03-05",
        "2025-03-08",
        "2025-03-12",
        "2025-03-16",
        "2025-03-19",
        "2025-03-22",
        "2025-03-25",
        "2025-03-27",
    ),
    *BLIND,
)
FIRST_HALF_ENDS = datetime(2025, 3, 15, tzinfo=BEIJING).timestamp()
"""The shipped background counts the weeks before; what was news then passes for common there."""


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
        for row in read(data / f"{name}.csv.gz"):
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


def streams(rows: Sequence[Title], days: Iterable[str] = DAYS) -> list[list[Title]]:
    """The titles of each labelled day."""
    starts = [datetime.fromisoformat(day).replace(tzinfo=BEIJING).timestamp() for day in days]
    return [[row for row in rows if start <= row.at < start + 86400] for start in starts]


def group(days: Iterable[Sequence[Title]], make: Callable[[], Stories]) -> list[dict[str, int]]:
    """The story of each title, day by day."""
    return [into(make(), day) for day in days]


def into(stories: Stories, day: Sequence[Title]) -> dict[str, int]:
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


def report(data: Path) -> Iterator[tuple[str, str, str]]:
    """Rows of the table: what, figure, remark."""
    rows, events = titles(data), labels()
    days = [day for day in streams(rows) if day[0].at > FIRST_HALF_ENDS]
    what = f"days after 15 March ({sum(map(len, days))} titles)"
    for name, found in (
        ("stories", group(days, Stories)),
        ("pairs Jaccard 0.5", jaccard(days)),
        ("pairs Jaccard 0.3", jaccard(days, 0.3)),
    ):
        yield f"{name}, {what}", said(scored(found, events)), "our labels; each day cold; for days left out see --fit"
    whole = into(Stories(), rows)
    figures = scored([{row.key: whole[row.key] for row in day} for day in days], events)
    yield f"stories, {what} inside one stream of four weeks", said(figures), "nothing forgotten between the days"
    made: list[tuple[str, Clean, float]] = [(r.key, clean(r.text), r.at) for r in rows]
    stories = Stories()
    begun = time.perf_counter()
    stories.assign(made)
    spent = time.perf_counter() - begun
    yield "stories, speed", f"{len(made) / spent:,.0f} titles/s", f"{len(made):,} titles of four weeks in one stream, one core"


def said(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{key} {value:.3f}" if key != "largest" else f"{key} {value}" for key, value in figures.items())


def _pairs(n: int) -> int:
    return n * (n - 1) // 2


def read(path: Path) -> Iterator[dict[str, str]]:
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
        from benchmarks.stories_fit import fit

        fit(options.data, SHIPPED)
        shipped.cache_clear()
    for row in report(options.data):
        sys.stdout.write(f"| {' | '.join(row)} |\n")


if __name__ == "__main__":
    main()
