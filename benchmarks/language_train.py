"""Trains the resemblance reader on TSV files (utterance, intent, slots as JSON): writes bot/language/data/resembling.txt.

    python benchmarks/language_train.py FILE.tsv ... [--harmless FILE.txt] [--folds 5]

A softmax regression on the signs, pairs and triples of signs of the opened line, weights as one character each. The file
keeps no line, only weights of passages that occur in two lines or more. With --folds nothing is written: each line is read by
weights that never saw it, and the readings are scored by certainty.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bot.language.resembling import encoded, passages
from bot.language.said import opened

TARGET = Path(__file__).parents[1] / "bot/language/data/resembling.txt"
ROUNDS, STEP, PACE, DECAY = 500, 6.0, 0.9, 1e-5
KEPT = 10000


def lines(path: Path) -> list[tuple[str, str]]:
    """Text and label of each line of a corpus; ``multi`` says nothing about one command and is left out."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith(("##", "utterance\t")):
            continue
        text, intent, slots = line.split("\t")
        kind = json.loads(slots).get("kind")
        label = f"{intent}:{kind}" if intent == "refuse" and kind else intent
        if intent != "multi":
            rows.append((text.replace("\\n", "\n"), label))
    return rows


def trained(rows: list[tuple[str, str]]) -> tuple[list[str], dict[str, np.ndarray], np.ndarray]:
    """Labels, the weights of each passage, and the bias."""
    labels = sorted({label for _, label in rows})
    found = [passages(opened(text)) for text, _ in rows]
    count = Counter(p for own in found for p in own)
    index = {p: at for at, p in enumerate(sorted(p for p, n in count.items() if n >= 2))}
    x = np.zeros((len(rows), len(index)), dtype=np.float32)
    y = np.zeros((len(rows), len(labels)), dtype=np.float32)
    for row, own in enumerate(found):
        for p in own:
            if p in index:
                x[row, index[p]] = 1
        y[row, labels.index(rows[row][1])] = 1
    x /= np.sqrt(x.sum(1, keepdims=True) + 1)
    weights, bias = np.zeros((len(index), len(labels)), dtype=np.float32), np.zeros(len(labels), dtype=np.float32)
    drift = np.zeros_like(weights)
    for _ in range(ROUNDS):
        z = x @ weights + bias
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        drift = PACE * drift + x.T @ (p - y) / len(rows) + DECAY * weights
        weights -= STEP * drift
        bias -= STEP * (p - y).mean(0)
    kept = sorted(index, key=lambda p: -float(np.abs(weights[index[p]]).max()))[:KEPT]
    return labels, {p: weights[index[p]] for p in sorted(kept)}, bias


def row_of(row: np.ndarray) -> str:
    """Weights as one character each."""
    return "".join(encoded(float(w)) for w in row)


def _talk(line: str) -> bool:
    """Whether a harmless line is no question of ours either (T3 完成了吗 asks for a task)."""
    return bool(line.strip()) and not re.search(r"(?:[TtFfJjDd#]\s?\d+.*|^)(?:[?？吗么]|了没|没有)$|谁|哪", line)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--harmless", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    options = parser.parse_args()
    rows = [row for path in options.files for row in lines(path)]
    if options.harmless:
        rows += [
            (line.replace("\\n", "\n"), "none")
            for line in options.harmless.read_text(encoding="utf-8").splitlines()
            if _talk(line)
        ]
    if options.folds:
        for least, share, right in left_out(rows, options.folds):
            print(f"certainty >= {least:.1f}: {share:.3f} of the lines, {right:.3f} right")
        return
    labels, weights, bias = trained(rows)
    body = [" ".join(labels), row_of(bias), *(f"{p}\t{row_of(row)}" for p, row in weights.items())]
    TARGET.write_text("\n".join(body) + "\n", encoding="utf-8")
    print(f"{len(rows)} lines, {len(weights)} passages, {TARGET.stat().st_size} bytes")


def left_out(rows: list[tuple[str, str]], folds: int) -> Iterator[tuple[float, float, float]]:
    """Each line read by weights that never saw it (its fold: the sum of its characters): bound of certainty, share, right."""
    scored: list[tuple[float, bool]] = []
    for fold in range(folds):
        inside = [sum(map(ord, text)) % folds == fold for text, _ in rows]
        labels, weights, bias = trained([row for row, out in zip(rows, inside, strict=True) if not out])
        for (text, label), out in zip(rows, inside, strict=True):
            if not out:
                continue
            own = [p for p in passages(opened(text)) if p in weights]
            z = sum((weights[p] for p in own), np.zeros(len(labels))) / np.sqrt(len(own) + 1) + bias
            p = np.exp(z - z.max())
            name = labels[int(p.argmax())].partition(":")[0]
            scored.append((float(p.max() / p.sum()), name == label.partition(":")[0]))
    for least in (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9):
        sure = [right for certainty, right in scored if certainty >= least]
        yield least, len(sure) / len(scored), sum(sure) / max(len(sure), 1)


if __name__ == "__main__":
    main()
