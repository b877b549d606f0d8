"""The course of counts over time: phase, peak, half-life, second wave, and the damped trend (domain handbook 3.4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.analysis.indicators import BASELINE_FLOOR

SMOOTHING, TREND, DAMPING = 0.9, 0.3, 0.5
"""Damped-trend smoothing (Gardner and McKenzie 1985); of a grid, nearly the best on the cascades."""
RISING = 0.10


class Phase(StrEnum):
    """Where a matter stands; the values are what people read."""

    LATENT = "潜伏"
    RISING = "上升"
    PLATEAU = "高峰"
    FALLING = "回落"
    SECOND = "二次发酵"


@dataclass(frozen=True, slots=True)
class Shape:
    """The course so far. Indexes count buckets from the start; ``half_life`` is in buckets, None while it has not fallen so far."""

    phase: Phase
    peak: int
    peak_count: float
    half_life: int | None
    second_wave: bool


def shape_of(counts: Sequence[int]) -> Shape:
    """Phase, peak and half-life of counts per bucket (handbook 3.4), on counts smoothed over three buckets."""
    smooth = _smooth(counts)
    if not smooth:
        return Shape(Phase.LATENT, 0, 0.0, None, False)
    peak = max(range(len(smooth)), key=lambda i: (smooth[i], -i))
    second, again = _second_wave(smooth)
    return Shape(_phase(smooth, peak, second, again), peak, smooth[peak], _half_life(smooth, peak), second)


def hourly(counts: Sequence[int], bucket_minutes: int) -> tuple[list[int], float]:
    """Counts per rolling hour, newest first, and the share of the newest hour that came in its second half (0.5 if unknown)."""
    per = max(1, 60 // bucket_minutes)
    newest = list(reversed(counts))
    hours = [sum(newest[i : i + per]) for i in range(0, len(newest), per)]
    half = per // 2
    return hours, (sum(newest[:half]) + 0.5) / (hours[0] + 1.0) if half and hours else 0.5


def damped_trend(hours: Sequence[int], ahead: int) -> float:
    """Log count expected ``ahead`` hours on, by damped-trend smoothing of ln(1+count); ``hours`` newest first."""
    logs = [math.log1p(count) for count in reversed(hours)]
    level, slope = logs[0], 0.0
    for value in logs[1:]:
        before = level
        level = SMOOTHING * value + (1 - SMOOTHING) * (level + DAMPING * slope)
        slope = TREND * (level - before) + (1 - TREND) * DAMPING * slope
    return max(0.0, level + slope * sum(DAMPING**i for i in range(1, ahead + 1)))


def _smooth(counts: Sequence[int]) -> list[float]:
    return [sum(part) / len(part) for i in range(len(counts)) if (part := counts[max(0, i - 1) : i + 2])]


def _phase(smooth: Sequence[float], peak: int, second: bool, again: float) -> Phase:
    now = smooth[-1]
    if smooth[peak] < BASELINE_FLOOR:
        return Phase.LATENT
    if second and now > again / 2:
        return Phase.SECOND
    steps = [b > a * (1 + RISING) for a, b in zip(smooth[-3:-1], smooth[-2:], strict=True)] if len(smooth) > 2 else [False]
    if all(steps) and not second:
        return Phase.RISING
    return Phase.PLATEAU if now >= 0.8 * smooth[peak] else Phase.FALLING


def _second_wave(smooth: Sequence[float]) -> tuple[bool, float]:
    """Whether it fell by half from a peak and then rose by half from the trough; and the height of that second wave."""
    peak, trough, again = 0.0, math.inf, 0.0
    for value in smooth:
        if trough == math.inf and value >= peak:
            peak = value
        elif value <= peak / 2 or trough < math.inf:
            trough = min(trough, value)
        if trough < math.inf and value >= 1.5 * trough and value - trough >= BASELINE_FLOOR:
            again = max(again, value)
    return again > 0, again


def _half_life(smooth: Sequence[float], peak: int) -> int | None:
    half = smooth[peak] / 2
    for i in range(peak + 1, len(smooth) - 2):
        if all(value <= half for value in smooth[i : i + 3]):
            return i - peak
    return None
