"""What comes next: volume and heat for 1, 3 and 6 hours as an 80 % range (domain handbook 3.4).

A damped trend on log counts gives the first guess; a small forest fitted on public repost cascades corrects it, and the width of
the range is what that forest missed by on cascades it had not seen. Fitted and back-tested by ``benchmarks/forecast.py``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

from bot.analysis.curve import Shape, damped_trend, hourly, shape_of
from bot.analysis.grading import Fired, Thresholds, suggest
from bot.analysis.indicators import BASELINE_FLOOR, HALVING_HOURS, Indicators, heat
from bot.model.times import BEIJING

HORIZONS = (1, 3, 6)
ENOUGH = 6
"""Under so many buckets there is no forecast."""
Z80 = 1.2815515655446004


@dataclass(frozen=True, slots=True)
class Range:
    """An 80 % range: ``low`` and ``high`` hold the value in eight cases of ten; ``mid`` is the median."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """``volume[h]`` is the count of the hour that ends ``h`` hours from now; empty where there was too little to go by."""

    shape: Shape
    volume: Mapping[int, Range]

    @property
    def enough(self) -> bool:
        """Whether there is a forecast at all; else say 数据不足."""
        return bool(self.volume)


@dataclass(frozen=True, slots=True)
class Forest:
    """Boosted trees of one depth, each as (features, thresholds, leaves) in heap order."""

    base: float
    trees: tuple[tuple[tuple[int, ...], tuple[float, ...], tuple[float, ...]], ...]

    def __call__(self, facts: Sequence[float]) -> float:
        total = self.base
        for features, thresholds, leaves in self.trees:
            node, inner = 0, len(features)
            while node < inner:
                node = 2 * node + 1 + (facts[features[node]] > thresholds[node])
            total += leaves[node - inner]
        return total


@dataclass(frozen=True, slots=True)
class Fitted:
    """What ``benchmarks/forecast.py`` learnt: corrections and misses by horizon, and the forest for final sizes.

    ``misses[h]`` are (up to this predicted log count, miss at the low end, miss at the high end), in rising order.
    """

    corrections: Mapping[int, Forest]
    misses: Mapping[int, tuple[tuple[float, float, float], ...]]
    size: Forest
    size_miss: tuple[float, float]


def forecast(counts: Sequence[int], now: datetime, *, bucket_minutes: int = 60, fitted: Fitted | None = None) -> Forecast:
    """The forecast from counts per bucket, oldest first, the newest ending ``now``; a bucket divides the hour."""
    shape = shape_of(counts)
    if len(counts) < ENOUGH:
        return Forecast(shape, {})
    model = fitted or shipped()
    hours, late = hourly(counts, bucket_minutes)
    return Forecast(shape, {h: _range(hours, late, now, h, model) for h in HORIZONS})


def heat_ahead(summed_weight: float, mean_weight: float, volume: Mapping[int, Range]) -> dict[int, Range]:
    """Heat at each horizon: what is there fades (half in six hours), what is forecast comes in at ``mean_weight`` each."""
    return {h: Range(*(heat(_weight_at(h, summed_weight, mean_weight, path)) for path in _paths(volume))) for h in volume}


def chance_of_next_grade(
    indicators: Indicators,
    summed_weight: float,
    mean_weight: float,
    volume: Mapping[int, Range],
    *,
    baseline: float = BASELINE_FLOOR,
    triggers: Sequence[Fired] = (),
    thresholds: Thresholds | None = None,
) -> float:
    """Probability (0..1) that within six hours the indicators suggest a higher grade than now, all but heat and speed unchanged."""
    if not volume:
        return 0.0
    here = suggest(indicators, triggers, thresholds).grade or 0
    hits = total = 0.0
    for step in range(-7, 8):
        z = step / 2.5
        share = math.exp(-z * z / 2)
        total += share
        path = {h: _at(r, z) for h, r in volume.items()}
        if any(
            (suggest(i, triggers, thresholds).grade or 0) > here
            for i in _ahead(indicators, summed_weight, mean_weight, path, baseline)
        ):
            hits += share
    return hits / total


def final_size(facts: Sequence[float], fitted: Fitted | None = None) -> Range:
    """How many reposts and comments a post will have in the end, from ``first_hour``."""
    model = fitted or shipped()
    guess = model.size(facts)
    return Range(*(max(0.0, math.expm1(guess + miss)) for miss in (model.size_miss[0], 0.0, model.size_miss[1])))


def first_hour(
    delays: Sequence[float],
    posted: datetime,
    followers: int = 0,
    verified: bool = False,
    text: str = "",
    replies: Sequence[str] = (),
) -> tuple[float, ...]:
    """What tells of a post's final size after 60 minutes: seconds of each repost or comment after it, its author, its words."""
    early = sorted(delay for delay in delays if 0 <= delay <= 3600)
    within = [sum(delay <= 60 * minutes for delay in early) for minutes in (5, 10, 20, 30, 45, 60)]
    log = math.log1p
    gaps = [b - a for a, b in zip(early[-11:-1], early[-10:], strict=True)] if len(early) > 10 else [3600.0 / (len(early) + 1)]
    local = posted.astimezone(BEIJING)
    turn = math.tau * (local.hour + local.minute / 60) / 24
    several = max(1, len(replies))
    return (
        log(within[5]),
        log(within[1]),
        log(within[3]),
        log(within[5] - within[3]),
        log(within[5] - within[4]),
        log(within[5] - within[3]) - log(within[3]),
        log(sorted(gaps)[len(gaps) // 2]),
        log(early[0]) if early else 8.2,
        sum(early) / len(early) / 3600 if early else 1.0,
        log(followers),
        float(verified),
        log(within[5]) - log(followers),
        math.sin(turn),
        math.cos(turn),
        math.sin(2 * turn),
        math.cos(2 * turn),
        float(local.weekday() >= 5),
        log(len(text)),
        *(float(mark in text) for mark in ("转", "扩散", "求", "寻", "孩子", "警", "？", "！", "@", "http", "【")),
        sum(map(len, replies)) / several / 20,
        sum(reply.count("//@") for reply in replies) / several,
        sum("转发" in reply for reply in replies) / several,
        sum("@" in reply for reply in replies) / several,
        len(set(replies)) / several,
    )


def facts_of(hours: Sequence[int], late: float, now: datetime, ahead: int) -> tuple[float, ...]:
    """What the corrections look at; ``hours`` newest first."""
    log = math.log1p
    recent = [log(count) for count in hours[:6]] + [0.0] * (6 - min(6, len(hours)))
    peak = max(range(len(hours)), key=lambda i: hours[i])
    target = math.tau * (((now + timedelta(hours=ahead - 0.5)).astimezone(BEIJING).hour) + 0.5) / 24
    here = math.tau * (now.astimezone(BEIJING).hour + 0.5) / 24
    return (
        *recent,
        damped_trend(hours, ahead),
        float(min(len(hours), 48)),
        log(sum(hours)),
        log(hours[peak]),
        float(min(peak, 48)),
        late,
        recent[0] - recent[1],
        math.sin(target),
        math.cos(target),
        math.sin(here),
        math.cos(here),
    )


def _range(hours: Sequence[int], late: float, now: datetime, ahead: int, model: Fitted) -> Range:
    trend, correction = damped_trend(hours, ahead), model.corrections[ahead](facts_of(hours, late, now, ahead))
    fallen, guess = max(0.0, trend + correction), max(0.0, trend + _trust(hours, ahead) * correction)
    low, high = fallen + _band(model, ahead, fallen)[0], guess + _band(model, ahead, guess)[1]
    mid = math.expm1(guess)
    ends = math.floor(max(0.0, math.expm1(low))), math.ceil(max(0.0, math.expm1(high)))
    return Range(float(min(ends[0], math.floor(mid))), mid, float(max(ends[1], math.ceil(mid))))


def _band(model: Fitted, ahead: int, guess: float) -> tuple[float, float]:
    bands = model.misses[ahead]
    return next(((low, high) for top, low, high in bands if guess <= top), bands[-1][1:])


def _trust(hours: Sequence[int], ahead: int) -> float:
    """How much of the correction counts. It knows single posts, which soon tire: after three hours without a fall half of it
    serves better for the next hour, and of longer runs it has seen almost none (16 of 20,335), so the trend counts more."""
    held = 0
    for newer, older in pairwise(hours):
        if newer < 5 or newer < 0.8 * older:
            break
        held += 1
    if held > 5:
        return 3 / held
    return 0.5 if held >= 3 and ahead == 1 else 1.0


def _paths(volume: Mapping[int, Range]) -> tuple[dict[int, float], dict[int, float], dict[int, float]]:
    return {h: r.low for h, r in volume.items()}, {h: r.mid for h, r in volume.items()}, {h: r.high for h, r in volume.items()}


def _at(held: Range, z: float) -> float:
    """The count ``z`` deviations from the median, the range being 80 % of a normal curve over log counts."""
    low, mid, high = math.log1p(held.low), math.log1p(held.mid), math.log1p(held.high)
    return max(0.0, math.expm1(mid + z / Z80 * (high - mid if z > 0 else mid - low)))


def _per_hour(path: Mapping[int, float]) -> Callable[[int], float]:
    known = sorted(path)

    def count(hour: int) -> float:
        before = max((h for h in known if h <= hour), default=known[0])
        after = min((h for h in known if h >= hour), default=known[-1])
        if before == after:
            return path[before]
        part = (hour - before) / (after - before)
        return math.expm1((1 - part) * math.log1p(path[before]) + part * math.log1p(path[after]))

    return count


def _weight_at(ahead: int, summed: float, mean: float, path: Mapping[int, float]) -> float:
    count = _per_hour(path)
    fresh = sum(mean * count(hour) * math.exp2(-(ahead - hour + 0.5) / HALVING_HOURS) for hour in range(1, ahead + 1))
    return summed * math.exp2(-ahead / HALVING_HOURS) + fresh


def _ahead(now: Indicators, summed: float, mean: float, path: Mapping[int, float], baseline: float) -> list[Indicators]:
    count, come = _per_hour(path), 0.0
    later: list[Indicators] = []
    for hour in range(1, max(path) + 1):
        come += count(hour)
        pace = round(count(hour))
        hot = heat(_weight_at(hour, summed, mean, path))
        velocity = pace / max(BASELINE_FLOOR, baseline)
        later.append(replace(now, heat=hot, per_hour=pace, velocity=velocity, mentions=now.mentions + int(come)))
    return later


def _forest(record: Mapping[str, Any]) -> Forest:
    return Forest(record["base"], tuple((tuple(f), tuple(t), tuple(v)) for f, t, v in record["trees"]))


@lru_cache(maxsize=1)
def shipped() -> Fitted:
    """The fit that ships with the house."""
    record = json.loads(resources.files("bot.analysis").joinpath("data/forecast.json").read_text("utf-8"))
    return Fitted(
        {int(h): _forest(forest) for h, forest in record["corrections"].items()},
        {int(h): tuple((row[0], row[1], row[2]) for row in rows) for h, rows in record["misses"].items()},
        _forest(record["size"]),
        (record["size_miss"][0], record["size_miss"][1]),
    )
