"""Forecasting repost cascades: how good, against persistence and damped trend; ``--fit`` makes the file that ships.

    python -m benchmarks.forecast [--data ../shared/data] [--fit]

2,357 public cascades of one post each (reposts and comments, seconds since the post); each repost stands for a mention. Every
figure is out of fold: five folds by a hash of the cascade's id, each judged by a forest fitted on the other four. What ships is
fitted on all. Origins are 1, 2, 3, 4, 6, 8, 12, 18, 24 and 36 hours after the post where the last six hours held three or more.
Error is |ln(1+count) - ln(1+forecast)| of the hour that ends 1, 3 or 6 hours later.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.analysis import forecast as room
from bot.analysis.curve import damped_trend, hourly
from bot.analysis.grading import suggest
from bot.analysis.indicators import Tiers, heat, measure

SHIPPED = Path(__file__).parent.parent / "bot/analysis/data/forecast.json"
ORIGINS = (1, 2, 3, 4, 6, 8, 12, 18, 24, 36)
FOLDS = 5
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cascade:
    fold: int
    posted: datetime
    delays: tuple[float, ...]
    size: int
    first: tuple[float, ...]


@dataclass(frozen=True)
class Case:
    """One origin of one cascade: hours newest first, and the true counts of the next six."""

    fold: int
    now: datetime
    hours: tuple[int, ...]
    late: float
    after: tuple[int, ...]


def cascades(data: Path) -> list[Cascade]:
    """Every cascade with the facts of its first hour."""
    found = []
    with gzip.open(data / "rumor_cascades_dev.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            user, posted = row["user"] or {}, datetime.fromtimestamp(row["t0"], UTC)
            replies = [text for delay, text in row["texts"] if delay <= 3600]
            first = room.first_hour(
                row["dt"], posted, user.get("followers") or 0, bool(user.get("verified")), row["text"], replies
            )
            fold = int(hashlib.sha1(row["id"].encode()).hexdigest()[:8], 16) % FOLDS
            found.append(Cascade(fold, posted, tuple(row["dt"]), row["n_events"], first))
    return found


def cases(rows: Sequence[Cascade]) -> list[Case]:
    """The origins worth forecasting from."""
    found = []
    for row in rows:
        delays = np.array(row.delays)
        for origin in ORIGINS:
            tens = np.histogram(delays, bins=np.arange(0, origin * 3600 + 1, 600))[0]
            hours, late = hourly([int(n) for n in tens], 10)
            if sum(hours[:6]) >= 3:
                after = np.histogram(delays, bins=np.arange(origin * 3600, (origin + 6) * 3600 + 1, 3600))[0]
                now = row.posted + timedelta(hours=origin)
                found.append(Case(row.fold, now, tuple(hours), late, tuple(int(n) for n in after)))
    return found


def grown(x: Floats, y: Floats, *, trees: int, depth: int, rate: float, least: int, seed: int = 0) -> room.Forest:
    """Boosted trees on squared error: half of the rows and two fifths of the columns for each tree, 24 quantile bins."""
    rng = np.random.default_rng(seed)
    edges = [np.unique(np.quantile(column, np.linspace(0, 1, 25)[1:-1])) for column in x.T]
    binned = np.column_stack([np.searchsorted(e, column, side="left") for e, column in zip(edges, x.T, strict=True)])
    base = float(y.mean())
    left, made = y - base, []
    for _ in range(trees):
        rows = rng.random(len(y)) < 0.5
        columns = rng.choice(x.shape[1], max(2, round(0.4 * x.shape[1])), replace=False)
        features, cuts = _splits(binned[rows], left[rows], columns, depth, least)
        place = _places(binned, features, cuts, depth)
        sums = np.bincount(place[rows], left[rows], 2**depth)
        leaves = rate * sums / (np.bincount(place[rows], minlength=2**depth) + 3.0)
        left = left - leaves[place]
        thresholds = [float(edges[f][c]) if c < len(edges[f]) else 1e9 for f, c in zip(features, cuts, strict=True)]
        made.append((tuple(features), tuple(thresholds), tuple(float(v) for v in leaves)))
    return room.Forest(base, tuple(made))


def _splits(binned: Any, left: Floats, columns: Any, depth: int, least: int) -> tuple[list[int], list[int]]:
    features, cuts = [0] * (2**depth - 1), [10**6] * (2**depth - 1)
    node = np.zeros(len(left), dtype=np.int64)
    for level in range(depth):
        first, wide = 2**level - 1, 2**level
        best = np.full(wide, 1e-9)
        for column in columns:
            slot = node * 25 + binned[:, column]
            count = np.bincount(slot, minlength=wide * 25).reshape(wide, 25).cumsum(1)
            total = np.bincount(slot, left, wide * 25).reshape(wide, 25).cumsum(1)
            n, s = count[:, -1:], total[:, -1:]
            gain = total**2 / (count + 3.0) + (s - total) ** 2 / (n - count + 3.0) - s**2 / (n + 3.0)
            gain[(count < least) | (n - count < least)] = -1.0
            at = gain.argmax(1)
            top = gain[np.arange(wide), at]
            for i in np.flatnonzero(top > best):
                best[i], features[first + i], cuts[first + i] = top[i], int(column), int(at[i])
        local = node + first
        node = 2 * node + (binned[np.arange(len(left)), np.array(features)[local]] > np.array(cuts)[local])
    return features, cuts


def _places(binned: Any, features: list[int], cuts: list[int], depth: int) -> Any:
    node = np.zeros(len(binned), dtype=np.int64)
    rows = np.arange(len(binned))
    for level in range(depth):
        local = node + 2**level - 1
        node = 2 * node + (binned[rows, np.array(features)[local]] > np.array(cuts)[local])
    return node


def fitted(rows: Sequence[Cascade], found: Sequence[Case]) -> room.Fitted:
    """Corrections, final size, and the misses of forests that had not seen the cascade they missed on."""
    corrections, misses = {}, {}
    for h in room.HORIZONS:
        x, trend, y = _table(found, h)
        corrections[h] = _correction(x, y - trend)
        outside = np.zeros(len(y))
        for fold in range(FOLDS):
            held = np.array([case.fold == fold for case in found])
            if held.any():
                outside[held] = _predict(_correction(x[~held], (y - trend)[~held]), x[held])
        misses[h] = _bands(np.maximum(0.0, trend + outside), y)
    x, y = np.array([row.first for row in rows]), np.log1p([row.size for row in rows])
    outside = np.zeros(len(y))
    for fold in range(FOLDS):
        held = np.array([row.fold == fold for row in rows])
        if held.any():
            outside[held] = _predict(_size(x[~held], y[~held]), x[held])
    low, high = np.quantile(y - outside, [0.1, 0.9])
    return room.Fitted(corrections, misses, _size(x, y), (float(low), float(high)))


def report(data: Path) -> Iterator[tuple[str, str, str]]:
    """Rows of the table: what, figure, remark."""
    rows = cascades(data)
    found = cases(rows)
    remark = f"{len(rows)} cascades, {len(found)} origins, five folds, out of fold"
    models = [fitted([r for r in rows if r.fold != f], [c for c in found if c.fold != f]) for f in range(FOLDS)]
    size = np.array([room.final_size(row.first, models[row.fold]).mid for row in rows])
    raw, true = np.array([row.first[0] for row in rows]), np.array([row.size for row in rows])
    ends = [room.final_size(row.first, models[row.fold]) for row in rows]
    inside = np.mean([r.low <= n <= r.high for r, n in zip(ends, true, strict=True)])
    yield (
        "final size from the first 60 minutes, Spearman",
        f"{_spearman(size, true):.3f} (raw count {_spearman(raw, true):.3f})",
        remark,
    )
    yield "final size, 80 % range covers", f"{inside:.1%}", remark
    for h in room.HORIZONS:
        ranges = [room._range(c.hours, c.late, c.now, h, models[c.fold]) for c in found]
        y = np.log1p([c.after[h - 1] for c in found])
        ours = np.abs(np.log1p([r.mid for r in ranges]) - y).mean()
        trend = np.abs(np.array([damped_trend(c.hours, h) for c in found]) - y).mean()
        last = np.abs(np.log1p([c.hours[0] for c in found]) - y).mean()
        inside = np.mean([r.low <= c.after[h - 1] <= r.high for r, c in zip(ranges, found, strict=True)])
        yield (
            f"count {h} h ahead, mean absolute log error",
            f"{ours:.3f} (damped trend {trend:.3f}, persistence {last:.3f})",
            remark,
        )
        yield f"count {h} h ahead, 80 % range covers", f"{inside:.1%}", remark
    yield (
        "reaches the next grade within 6 h, Brier",
        _brier(found, models),
        "each repost as a mention of an ordinary user, half negative",
    )


def _brier(found: Sequence[Case], models: Sequence[room.Fitted]) -> str:
    said, came = [], []
    for case in found:
        volume = {h: room._range(case.hours, case.late, case.now, h, models[case.fold]) for h in room.HORIZONS}
        summed = sum(n * 2 ** (-(i + 0.5) / 6) for i, n in enumerate(case.hours))
        now = _indicators(summed, case.hours[0], sum(case.hours))
        said.append(room.chance_of_next_grade(now, summed, 1.0, volume))
        here, reached, total = suggest(now).grade or 0, False, sum(case.hours)
        for count in case.after:
            summed = summed * 2 ** (-1 / 6) + count * 2 ** (-0.5 / 6)
            total += count
            reached = reached or (suggest(_indicators(summed, count, total)).grade or 0) > here
        came.append(reached)
    p, y = np.array(said), np.array(came, float)
    return f"{np.mean((p - y) ** 2):.3f} (always the base rate {y.mean():.3f}: {np.mean((y.mean() - y) ** 2):.3f})"


def _indicators(summed: float, per_hour: int, total: int) -> Any:
    return measure(
        heat=heat(summed),
        negative=total // 2,
        n=total,
        per_hour=per_hour,
        baseline=3,
        platforms=1,
        authority=Tiers(),
        mentions=total,
    )


def _correction(x: Floats, y: Floats) -> room.Forest:
    return grown(x, y, trees=90, depth=4, rate=0.07, least=40)


def _size(x: Floats, y: Floats) -> room.Forest:
    return grown(x, y, trees=260, depth=4, rate=0.03, least=15)


def _table(found: Sequence[Case], h: int) -> tuple[Floats, Floats, Floats]:
    x = np.array([room.facts_of(case.hours, case.late, case.now, h) for case in found])
    return x, np.array([damped_trend(case.hours, h) for case in found]), np.log1p([case.after[h - 1] for case in found])


def _predict(forest: room.Forest, x: Floats) -> Floats:
    return np.array([forest(row) for row in x.tolist()])


def _bands(guess: Floats, y: Floats) -> tuple[tuple[float, float, float], ...]:
    """Misses by tenths of the forecast. Ends are rounded to whole counts later, which widens: the tails are chosen so that
    the rounded range holds eight of ten."""
    tops = [*np.quantile(guess, np.linspace(0, 1, 11)[1:-1]), 1e9]
    found, below = [], -1.0
    for top in tops:
        mine = (guess > below) & (guess <= top)
        if mine.sum() >= 30:
            found.append((float(top), *_tails(guess[mine], y[mine])))
        below = top
    return tuple(found)


def _tails(guess: Floats, y: Floats) -> tuple[float, float]:
    best = (1.0, 0.0, 0.0)
    for tail in np.arange(0.04, 0.25, 0.01):
        low, high = np.quantile(y - guess, [tail, 1 - tail])
        ends = np.floor(np.maximum(0, np.expm1(guess + low))), np.ceil(np.maximum(0, np.expm1(guess + high)))
        inside = np.mean((np.round(np.expm1(y)) >= ends[0]) & (np.round(np.expm1(y)) <= ends[1]))
        best = min(best, (abs(float(inside) - 0.8), float(low), float(high)))
    return best[1], best[2]


def _spearman(a: Floats, b: Floats) -> float:
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: Floats) -> Floats:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place], dtype=np.float64)


def _record(forest: room.Forest) -> dict[str, Any]:
    trees = [[list(f), [round(t, 3) for t in cuts], [round(v, 4) for v in leaves]] for f, cuts, leaves in forest.trees]
    return {"base": round(forest.base, 4), "trees": trees}


def fit(data: Path, out: Path) -> None:
    """Fits on all cascades and writes the shipped file."""
    rows = cascades(data)
    model = fitted(rows, cases(rows))
    record = {
        "corrections": {str(h): _record(forest) for h, forest in model.corrections.items()},
        "misses": {str(h): [[round(v, 3) for v in row] for row in found] for h, found in model.misses.items()},
        "size": _record(model.size),
        "size_miss": [round(v, 3) for v in model.size_miss],
    }
    out.write_text(json.dumps(record, separators=(",", ":")) + "\n", "utf-8")


def main() -> None:
    """Prints the table; with ``--fit`` makes the shipped file first."""
    arguments = argparse.ArgumentParser(prog="benchmarks.forecast")
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--fit", action="store_true")
    options = arguments.parse_args()
    if options.fit:
        fit(options.data, SHIPPED)
    for row in report(options.data):
        sys.stdout.write(f"| {' | '.join(row)} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
