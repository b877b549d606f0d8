"""Sentiment on texts held out from a training split, ours and SnowNLP in one run.

    python -m benchmarks.train_shipped FOLDER /tmp/split.npz --split
    python -m benchmarks.train_shipped FOLDER /tmp/without.npz --without company
    python -m benchmarks.sentiment FOLDER --split /tmp/split.npz --without /tmp/without.npz [--snow 150]

Macro-F1: over three classes on the two SMP sets, over negative and the rest on the others. SnowNLP reads ``--snow`` texts a set
(9 ms each), its own score of the words as they came; it knows two classes, so on the SMP sets its p is read as two draws: (1-p)², 2p(1-p), p².
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.train_shipped import Labelled, labelled
from bot.analysis.sentiment import CLASSES, Scorer, judge, load
from bot.analysis.snow import Snow
from bot.analysis.text import Clean, clean
from bot.analysis.train import calibration_error

Score = Callable[[Sequence[str], Sequence[Clean]], NDArray[np.floating]]
"""The probabilities of texts, from the words as they came or made ready."""


def main() -> None:
    """Prints one line a set, the mean, the speed, the calibration; then the company news left out of training."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", type=Path, required=True)
    parser.add_argument("--without", type=Path)
    parser.add_argument("--snow", type=int, default=150)
    options = parser.parse_args()
    rows = list(labelled(options.folder))
    held = [row for row in rows if row.held_out]
    print("| set | texts | ours | SnowNLP (texts) |\n|---|---|---|---|")
    linear, snow = load(options.split), Snow()
    ours, theirs, drawn = (
        _linear(linear),
        lambda words, texts: snow.score(words),
        lambda words, texts: _draws(snow.score(words)),
    )
    means: list[tuple[float, float]] = []
    for name in dict.fromkeys(row.set for row in held):
        own = [row for row in held if row.set == name]
        some = own[:: max(1, len(own) // options.snow)]
        two = {row.label for row in own} < set(range(len(CLASSES)))
        means.append((macro_f1(ours, own), macro_f1(theirs if two else drawn, some)))
        print(f"| {name} | {len(own):,} | {means[-1][0]:.3f} | {means[-1][1]:.3f} ({len(some)}) |", flush=True)
    ours_mean, theirs_mean = np.mean(means, axis=0)
    print(f"| mean | {len(held):,} | {ours_mean:.3f} | {theirs_mean:.3f} |")
    texts = [clean(row.text) for row in held]
    print(f"texts/s: ours {speed(ours, held):,.0f}, SnowNLP {speed(theirs, held[:: max(1, len(held) // options.snow)]):,.0f}")
    print(
        f"calibration error of negative: {calibration_error(linear.score(texts)[:, 0], np.array([r.label == 0 for r in held])):.3f}"
    )
    if options.without:
        news = [row for row in rows if row.set == "company"]
        print(f"company news left out of training: {macro_f1(_linear(load(options.without)), news):.3f} ({len(news):,} texts)")


def _draws(scores: NDArray[np.floating]) -> NDArray[np.floating]:
    p = scores[:, 2]
    return np.stack([(1 - p) ** 2, 2 * p * (1 - p), p**2], axis=1)


def _linear(scorer: Scorer) -> Score:
    return lambda words, texts: scorer.score(texts)


def macro_f1(score: Score, rows: Sequence[Labelled]) -> float:
    """Of the whole judgement, the domain knowledge included, with no name of ours."""
    texts = [clean(row.text) for row in rows]
    scores = score([row.text for row in rows], texts)
    said = [judge(text, one, ours=(), others=()).sentiment for text, one in zip(texts, scores, strict=True)]
    chosen, labels = np.array([CLASSES.index(one) for one in said]), np.array([row.label for row in rows])
    if len(set(labels)) < len(CLASSES):
        chosen, labels = np.minimum(chosen, 1), np.minimum(labels, 1)
    each = [2 * ((chosen == c) & (labels == c)).sum() / max(1, (chosen == c).sum() + (labels == c).sum()) for c in set(labels)]
    return float(np.mean(each))


def speed(score: Score, rows: Sequence[Labelled]) -> float:
    """Texts a second of the scorer alone, in one thread."""
    words = [row.text for row in rows]
    texts = [clean(text) for text in words]
    started = time.perf_counter()
    score(words, texts)
    return len(texts) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
