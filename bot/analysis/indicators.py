"""The indicators of an incident and their formulae (domain handbook 3.2). Plain values in, plain values out.

Every figure can be recomputed by hand from the stored mentions; the check values of the handbook are the tests.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any, Literal

from bot.model.mention import Tier

AUTHORITY: Mapping[Tier, float] = {Tier.S: 10.0, Tier.A: 5.0, Tier.B: 3.0, Tier.C: 1.0, Tier.D: 0.3}
HALVING_HOURS = 6.0
FULL = 5000.0
"""The summed weight at which heat reaches 100."""
BASELINE_FLOOR = 3.0
"""Normal is never taken as fewer than three mentions an hour."""
WINDOW_HOURS = 6
Z95 = 1.959963984540054

ListKind = Literal["", "city", "national"]


@dataclass(frozen=True, slots=True)
class Growth:
    """Slope of ln(1+count) per hour, the same as percent per hour, and the hours to double (None where it does not grow)."""

    slope: float
    percent: float
    doubling_hours: float | None


@dataclass(frozen=True, slots=True)
class Tiers:
    """How many mentions of an incident came from each tier; S apart by scope."""

    national: int = 0
    local: int = 0
    a: int = 0
    b: int = 0

    @property
    def best(self) -> Tier:
        """The highest tier that spoke; C where nobody above it did."""
        if self.national or self.local:
            return Tier.S
        return Tier.A if self.a else Tier.B if self.b else Tier.C


@dataclass(frozen=True, slots=True)
class Indicators:
    """What is known of an incident's spread at one moment; made by ``measure``.

    ``negative_share`` is None while nothing was scored; ``n`` is its sample (last six hours), ``mentions`` all distinct
    mentions of the incident. ``velocity`` is a multiple of normal, ``per_hour`` the last 60 minutes. ``reposts`` and
    ``reads`` are those of the largest single item. ``best_list`` is the highest hot list reached.
    """

    heat: float
    negative_share: float | None
    negative_lower: float
    negative_upper: float
    n: int
    velocity: float
    per_hour: int
    growth: Growth | None
    platforms: int
    authority: Tiers
    reposts: int
    reads: int
    mentions: int
    best_list: ListKind = ""
    regions: tuple[str, ...] = ()
    foreign: bool = False

    @property
    def reach(self) -> dict[str, Any]:
        """Platforms, highest list, regions, foreign media."""
        return {
            "platforms": self.platforms,
            "list": self.best_list or None,
            "regions": list(self.regions),
            "foreign": self.foreign,
        }

    def as_json(self) -> dict[str, Any]:
        """The figures under the contract's names. ``growth`` is percent per hour; ``authority`` the highest tier."""
        grown = self.growth
        doubling = grown.doubling_hours if grown else None
        return {
            "heat": round(self.heat, 2),
            "negative_share": None if self.negative_share is None else round(self.negative_share, 4),
            "negative_lower": round(self.negative_lower, 4),
            "negative_upper": round(self.negative_upper, 4),
            "n": self.n,
            "velocity": round(self.velocity, 2),
            "per_hour": self.per_hour,
            "growth": round(grown.percent, 1) if grown else None,
            "doubling_hours": None if doubling is None else round(doubling, 2),
            "reach": self.reach,
            "platforms": self.platforms,
            "authority": self.authority.best.value,
            "tiers": {
                "S_national": self.authority.national,
                "S_local": self.authority.local,
                "A": self.authority.a,
                "B": self.authority.b,
            },
            "reposts": self.reposts,
            "reads": self.reads,
            "mentions": self.mentions,
        }


def measure(
    *,
    heat: float,
    negative: int,
    n: int,
    per_hour: int,
    baseline: float,
    hours: Sequence[int] = (),
    platforms: int,
    authority: Tiers,
    reposts: int = 0,
    reads: int = 0,
    mentions: int,
    best_list: ListKind = "",
    regions: Sequence[str] = (),
    foreign: bool = False,
) -> Indicators:
    """The indicators from counts. ``negative`` of ``n`` scored in the last six hours; ``baseline`` from ``normal``;
    ``hours`` are rolling hourly counts, oldest first, the newest ending now (fewer than two: no growth)."""
    lower, upper = wilson(negative, n)
    return Indicators(
        heat=heat,
        negative_share=negative / n if n else None,
        negative_lower=lower,
        negative_upper=upper,
        n=n,
        velocity=velocity(per_hour, baseline),
        per_hour=per_hour,
        growth=growth(hours) if len(hours) > 1 else None,
        platforms=platforms,
        authority=authority,
        reposts=reposts,
        reads=reads,
        mentions=mentions,
        best_list=best_list,
        regions=tuple(regions),
        foreign=foreign,
    )


def interaction(reposts: int | None, comments: int | None, likes: int | None, reads: int | None) -> float:
    """``E = 2·reposts + 1.5·comments + 0.5·likes + reads/1000``; an unknown count is 0."""
    return 2.0 * (reposts or 0) + 1.5 * (comments or 0) + 0.5 * (likes or 0) + (reads or 0) / 1000.0


def weight(
    tier: Tier,
    reposts: int | None = None,
    comments: int | None = None,
    likes: int | None = None,
    reads: int | None = None,
    age_hours: float = 0.0,
) -> float:
    """Weight of one mention: ``A · (1 + ln(1+E)) · 2^(−age/6h)``."""
    fresh = AUTHORITY[tier] * (1.0 + math.log1p(interaction(reposts, comments, likes, reads)))
    return fresh * _halved(max(0.0, age_hours))


def heat(total_weight: float) -> float:
    """0..100 from the summed weights: ``min(100, 100·ln(1+Σw)/ln(1+5000))``."""
    return min(100.0, 100.0 * math.log1p(max(0.0, total_weight)) / math.log1p(FULL))


def stored_weight(tier: Tier, interactions: float, at: datetime, epoch: datetime) -> float:
    """A mention's weight as it is summed per incident: ``A(1+ln(1+E))·2^((at−epoch)/6h)``, so that one running sum is enough.

    ``epoch`` is any fixed moment of the incident, its first mention for one; within about 200 days of ``at`` (floating
    point); move it with ``rebased``. When a mention's counts change, add the difference of its two stored weights.
    """
    return AUTHORITY[tier] * (1.0 + math.log1p(interactions)) / _halved(_hours(at, epoch))


def heat_at(stored_sum: float, epoch: datetime, now: datetime) -> float:
    """Heat at ``now`` from a sum of stored weights."""
    return heat(stored_sum * _halved(_hours(now, epoch)))


def rebased(stored_sum: float, epoch: datetime, to: datetime) -> float:
    """The same sum seen from another epoch."""
    return stored_sum * _halved(_hours(to, epoch))


def wilson(negative: int, n: int) -> tuple[float, float]:
    """95 % bounds of a share (Wilson 1927, score interval); (0, 1) while nothing was counted."""
    if n <= 0:
        return 0.0, 1.0
    share, z2 = negative / n, Z95 * Z95
    centre = share + z2 / (2 * n)
    spread = Z95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    scale = 1 + z2 / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def normal(same_hour_counts: Sequence[int]) -> float:
    """The baseline of a watch rule: median count of the same hour of day over its last seven days, at least three."""
    return max(BASELINE_FLOOR, float(median(same_hour_counts))) if same_hour_counts else BASELINE_FLOOR


def velocity(per_hour: float, baseline: float) -> float:
    """Multiple of normal: mentions of the last hour over ``max(3, baseline)``."""
    return per_hour / max(BASELINE_FLOOR, baseline)


def growth(counts: Sequence[int]) -> Growth:
    """Least-squares slope of ln(1+count) over the last six hourly counts, oldest first; ``ValueError`` under two."""
    window = counts[-6:]
    if len(window) < 2:
        raise ValueError("growth needs two hourly counts")
    ys = [math.log1p(count) for count in window]
    middle, mean = (len(ys) - 1) / 2, sum(ys) / len(ys)
    slope = sum((x - middle) * (y - mean) for x, y in enumerate(ys)) / sum((x - middle) ** 2 for x in range(len(ys)))
    doubling = math.log(2) / slope if slope > 1e-9 else None
    return Growth(slope, 100.0 * math.expm1(slope), doubling)


def _hours(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds() / 3600.0


def _halved(hours: float) -> float:
    return math.exp2(-hours / HALVING_HOURS)
