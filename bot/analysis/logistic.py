"""Logistic regression on hashed n-grams, in numpy alone and with the same result every time.

The penalty of a bucket is divided by its squared log-count ratio (the NB-SVM of Wang and Manning, 2012): a bucket that is as
frequent in both classes has to earn its weight. Minimised by L-BFGS with halving steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.analysis.grams import Ints, grams

Floats = NDArray[np.float64]
PENALTY = 0.1
STEPS = 60
_MEMORY = 6
_HALVINGS = 8
_ENOUGH = 1e-4


@dataclass(frozen=True)
class Design:
    """Texts as rows: their buckets one after another, how many each has, and the factor of each row (1/√count)."""

    buckets: Ints
    counts: Ints
    factor: Floats
    size: int

    @classmethod
    def of(cls, texts: Sequence[str], bits: int) -> Design:
        """The rows of ``texts``."""
        buckets, counts = grams(texts, bits)
        return cls(buckets.astype(np.int64), counts, 1 / np.sqrt(counts), 1 << bits)

    def pick(self, rows: Ints) -> Design:
        """Some of the rows, in the order given."""
        starts = (np.cumsum(self.counts) - self.counts)[rows]
        counts = self.counts[rows]
        first = np.cumsum(counts) - counts
        places = np.arange(int(counts.sum())) + np.repeat(starts - first, counts)
        return Design(self.buckets[places], counts, self.factor[rows], self.size)

    def narrow(self) -> tuple[Design, Ints]:
        """The same rows over the buckets that occur, and which these are."""
        used = np.flatnonzero(np.bincount(self.buckets, minlength=self.size))
        place = np.zeros(self.size, dtype=np.int64)
        place[used] = np.arange(len(used))
        return Design(place[self.buckets], self.counts, self.factor, len(used)), used

    def times(self, weights: Floats) -> Floats:
        """One sum a row."""
        starts = np.cumsum(self.counts) - self.counts
        return np.asarray(np.add.reduceat(weights[self.buckets], starts) * self.factor)

    def back(self, rows: Floats) -> Floats:
        """One sum a bucket: the transpose of ``times``."""
        return np.bincount(self.buckets, np.repeat(rows * self.factor, self.counts), self.size).astype(np.float64)

    def seen(self, rows: NDArray[np.bool_]) -> Floats:
        """How often each bucket stands in the rows marked."""
        return np.bincount(self.buckets, np.repeat(rows, self.counts), self.size).astype(np.float64)


def fit(design: Design, wanted: NDArray[np.bool_], weight: Floats, penalty: float = PENALTY) -> tuple[Floats, float]:
    """Weights of the buckets and the intercept for the log odds of ``wanted``."""
    whole = design.size
    design, used = design.narrow()
    ratio = _ratio(design, wanted)
    target = wanted.astype(np.float64)

    def loss(point: Floats) -> tuple[float, Floats]:
        inner = point[:-1]
        odds = design.times(inner * ratio) + point[-1]
        wrong = weight * (0.5 * (1 + np.tanh(odds / 2)) - target)
        value = float((weight * (np.logaddexp(0, odds) - target * odds)).sum() + 0.5 * penalty * (inner @ inner))
        return value, np.append(design.back(wrong) * ratio + penalty * inner, wrong.sum())

    point = minimise(loss, np.zeros(design.size + 1))
    weights = np.zeros(whole)
    weights[used] = point[:-1] * ratio
    return weights, float(point[-1])


def _ratio(design: Design, wanted: NDArray[np.bool_]) -> Floats:
    yes, no = design.seen(wanted) + 1, design.seen(~wanted) + 1
    return np.asarray(np.abs(np.log(yes / yes.sum()) - np.log(no / no.sum())))


def minimise(loss: Callable[[Floats], tuple[float, Floats]], start: Floats, steps: int = STEPS) -> Floats:
    """A point near the minimum of ``loss``, which gives its value and gradient, after at most ``steps`` steps."""
    point, (value, slope) = start, loss(start)
    past: list[tuple[Floats, Floats]] = []
    for _ in range(steps):
        way = -_bent(slope, past)
        descent = float(slope @ way)
        if descent >= 0:
            break
        moved = _step(loss, point, value, way, descent)
        if moved is None:
            break
        after, value, new_slope = moved
        past = [*past[1 - _MEMORY :], (after - point, new_slope - slope)]
        point, slope = after, new_slope
    return point


def _bent(slope: Floats, past: Sequence[tuple[Floats, Floats]]) -> Floats:
    """The two-loop recursion (Nocedal and Wright, algorithm 7.4)."""
    if not past:
        return slope / max(float(np.linalg.norm(slope)), 1e-12)
    way, parts = slope.copy(), []
    for moved, turned in reversed(past):
        part = float(moved @ way) / float(moved @ turned)
        way -= part * turned
        parts.append(part)
    moved, turned = past[-1]
    way *= float(moved @ turned) / float(turned @ turned)
    for (moved, turned), part in zip(past, reversed(parts), strict=True):
        way += moved * (part - float(turned @ way) / float(moved @ turned))
    return way


def _step(
    loss: Callable[[Floats], tuple[float, Floats]], point: Floats, value: float, way: Floats, descent: float
) -> tuple[Floats, float, Floats] | None:
    size = 1.0
    for _ in range(_HALVINGS):
        after = point + size * way
        found, slope = loss(after)
        if found <= value + _ENOUGH * size * descent and float(slope @ way) > descent:
            return after, found, slope
        size *= 0.5
    return None
