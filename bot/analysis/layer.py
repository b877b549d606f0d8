"""The small layer over the sums of the kinds of text: one hidden layer, three classes, in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.analysis.grams import Ints

Floats = NDArray[np.float64]
WIDTH = 32
EPOCHS = 20
LAYERS = 3
"""Layers trained from different starts and then averaged: their mean errs less than each."""
BATCH = 512
RATE = 3e-3
DECAY = 1e-4
_CLASSES = 3


@dataclass(frozen=True)
class Layer:
    """tanh of a quarter of each sum, rectified units, three logits."""

    hidden: Floats
    hidden_offsets: Floats
    out: Floats
    out_offsets: Floats

    def logits(self, sums: Floats) -> Floats:
        """Class logits (n, 3)."""
        inner = np.maximum(np.tanh(sums / 4) @ self.hidden + self.hidden_offsets, 0)
        return np.asarray(inner @ self.out + self.out_offsets)

    def cooled(self, temperature: float) -> Layer:
        """The same choices with logits divided by ``temperature``."""
        return replace(self, out=self.out / temperature, out_offsets=self.out_offsets / temperature)


def fit_layer(sums: Floats, labels: Ints, weight: Floats, seed: int) -> Layer:
    """The mean of ``LAYERS`` layers; the same seed gives the same."""
    layers = [_fit_one(sums, labels, weight, seed + n) for n in range(LAYERS)]
    return Layer(
        np.hstack([layer.hidden for layer in layers]),
        np.concatenate([layer.hidden_offsets for layer in layers]),
        np.vstack([layer.out for layer in layers]) / LAYERS,
        np.asarray(np.mean([layer.out_offsets for layer in layers], axis=0)),
    )


def _fit_one(sums: Floats, labels: Ints, weight: Floats, seed: int) -> Layer:
    """Trained with Adam (Kingma and Ba, 2015) on weighted cross-entropy."""
    random = np.random.default_rng(seed)
    columns = sums.shape[1]
    parts = [
        random.normal(0, np.sqrt(2 / columns), (columns, WIDTH)),
        np.zeros(WIDTH),
        random.normal(0, np.sqrt(2 / WIDTH), (WIDTH, _CLASSES)),
        np.zeros(_CLASSES),
    ]
    mean, square = [np.zeros_like(p) for p in parts], [np.zeros_like(p) for p in parts]
    inputs, targets = np.tanh(sums / 4), np.eye(_CLASSES)[labels]
    weight = weight / weight.mean()
    steps = EPOCHS * -(-len(labels) // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = random.permutation(len(labels))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            slopes = _slopes(parts, inputs[rows], targets[rows], weight[rows])
            step += 1
            rate = RATE * (1 - step / (steps + 1))
            for i, slope in enumerate(slopes):
                mean[i] = 0.9 * mean[i] + 0.1 * slope
                square[i] = 0.999 * square[i] + 0.001 * slope * slope
                true_mean, true_square = mean[i] / (1 - 0.9**step), square[i] / (1 - 0.999**step)
                parts[i] = parts[i] - rate * (true_mean / (np.sqrt(true_square) + 1e-8) + DECAY * parts[i])
    return Layer(*parts)


def _slopes(parts: Sequence[Floats], inputs: Floats, targets: Floats, weight: Floats) -> tuple[Floats, ...]:
    hidden, hidden_offsets, out, out_offsets = parts
    inner = np.maximum(inputs @ hidden + hidden_offsets, 0)
    wrong = (softmax(inner @ out + out_offsets) - targets) * weight[:, None] / len(inputs)
    back = (wrong @ out.T) * (inner > 0)
    return inputs.T @ back, back.sum(axis=0), inner.T @ wrong, wrong.sum(axis=0)


def softmax(logits: Floats) -> Floats:
    """Probabilities of logits, row by row."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def temperature(logits: Floats, labels: Ints, weight: Floats) -> float:
    """The divisor of the logits with the lowest weighted cross-entropy (Guo et al., 2017), by a grid from 0.5 to 4."""
    tried = np.geomspace(0.5, 4, 64)
    rows = np.arange(len(labels))
    losses = [float(-(weight * np.log(softmax(logits / t)[rows, labels] + 1e-12)).sum()) for t in tried]
    return float(tried[int(np.argmin(losses))])
