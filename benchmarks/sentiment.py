"""Sentiment on texts held out from a training split, ours and SnowNLP in one run.

    python -m benchmarks.train_shipped FOLDER /tmp/split.npz --split
    python -m benchmarks.train_shipped FOLDER /tmp/without.npz --without company
    python -m benchmarks.sentiment FOLDER --split /tmp/split.npz --without /tmp/without.npz [--snow 150]

Macro-F1: over three classes on the two SMP sets, over negative and the rest on the others. SnowNLP reads ``--snow`` texts a set
(9 ms each); its two classes are read as in ``bot.analysis.snow``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.train_shipped import Labelled, labelled
from bot.analysis.sentiment import CLASSES, judge, load
from bot.analysis.snow import Snow
from bot.analysis.text import Clean, clean
from bot.analysis.train import calibration_error


class Scores(Protocol):
    """What a scorer must do."""

    def score(self, texts: Sequence[Clean]) -> NDArray[np.float32]: ...


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
    ours, theirs = load(options.split), Snow()
    means: list[tuple[float, float]] = []
    for name in dict.fromkeys(row.set for row in held):
        own = [row for row in held if row.set == name]
        some = own[:: max(1, len(own) // options.snow)]
        means.append((macro_f1(ours, own), macro_f1(theirs, some)))
        print(f"| {name} | {len(own):,} | {means[-1][0]:.3f} | {means[-1][1]:.3f} ({len(some)}) |", flush=True)
    ours_mean, theirs_mean = np.mean(means, axis=0)
    print(f"| mean | {len(held):,} | {ours_mean:.3f} | {theirs_mean:.3f} |")
    texts = [clean(row.text) for row in held]
    print(
        f"texts/s: ours {speed(ours, texts):,.0f}, SnowNLP {speed(theirs, texts[:: max(1, len(texts) // options.snow)]):,.0f}"
    )
    print(
        f"calibration error of negative: {calibration_error(ours.score(texts)[:, 0], np.array([r.label == 0 for r in held])):.3f}"
    )
    if options.without:
        news = [row for row in rows if row.set == "company"]
        print(f"company news left out of training: {macro_f1(load(options.without), news):.3f} ({len(news):,} texts)")


def macro_f1(scorer: Scores, rows: Sequence[Labelled]) -> float:
    """Of the whole judgement, the domain knowledge included, with no name of ours."""
    texts = [clean(row.text) for row in rows]
    said = [judge(text, one, ours=(), others=()).sentiment for text, one in zip(texts, scorer.score(texts), strict=True)]
    chosen, labels = np.array([CLASSES.index(one) for one in said]), np.array([row.label for row in rows])
    if len(set(labels)) < len(CLASSES):
        chosen, labels = np.minimum(chosen, 1), np.minimum(labels, 1)
    scores = [
        2 * ((chosen == c) & (labels == c)).sum() / max(1, (chosen == c).sum() + (labels == c).sum()) for c in set(labels)
    ]
    return float(np.mean(scores))


def speed(scorer: Scores, texts: Sequence[Clean]) -> float:
    """Texts a second of the scorer alone, in one thread."""
    started = time.perf_counter()
    scorer.score(texts)
    return len(texts) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
