"""Trains the resemblance reader on TSV files (utterance, intent, slots as JSON): writes bot/language/data/resembling.txt.

    python benchmarks/language_train.py FILE.tsv ... [--harmless FILE.txt] [--test FILE.tsv ...]

A softmax regression on the signs, pairs and triples of signs of the opened line, weights as one character each. The file
keeps no line, only weights of passages that occur in two lines or more. With --test nothing is written: the readings of the
test lines are scored by certainty.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

from bot.language.resembling import LEVELS, RESCUED, passages
from bot.language.said import opened

TARGET = Path(__file__).parents[1] / "bot/language/data/resembling.txt"
ROUNDS, STEP, DECAY = 600, 20.0, 5e-5
KEPT = 6000


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
    for _ in range(ROUNDS):
        z = x @ weights + bias
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        weights -= STEP * (x.T @ (p - y) / len(rows) + DECAY * weights)
        bias -= STEP * (p - y).mean(0)
    kept = sorted(index, key=lambda p: -float(np.abs(weights[index[p]]).max()))[:KEPT]
    return labels, {p: weights[index[p]] for p in sorted(kept)}, bias


def encoded(row: np.ndarray) -> str:
    """Weights as one character each."""
    half = LEVELS // 2
    return "".join(chr(80 + int(np.clip(round(float(w) * 8), -half, half))) for w in row)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--harmless", type=Path)
    parser.add_argument("--test", nargs="*", type=Path)
    options = parser.parse_args()
    rows = [row for path in options.files for row in lines(path)]
    if options.harmless:
        rows += [(line, "none") for line in options.harmless.read_text(encoding="utf-8").splitlines() if line.strip()]
    labels, weights, bias = trained(rows)
    if options.test is None:
        body = [" ".join(labels), encoded(bias), *(f"{p}\t{encoded(row)}" for p, row in weights.items())]
        TARGET.write_text("\n".join(body) + "\n", encoding="utf-8")
        print(f"{len(rows)} lines, {len(weights)} passages, {TARGET.stat().st_size} bytes")
        return
    for path in options.test:
        scored = []
        for text, label in lines(path):
            own = [p for p in passages(opened(text)) if p in weights]
            z = sum((weights[p] for p in own), np.zeros(len(labels))) / np.sqrt(len(own) + 1) + bias
            p = np.exp(z - z.max())
            p /= p.sum()
            scored.append((float(p.max()), labels[int(p.argmax())], label))
        print(path.name, "right", round(sum(g == w for _, g, w in scored) / len(scored), 3))
        for least in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
            sure = [(g, w) for c, g, w in scored if c >= least and g.split(":")[0] in RESCUED]
            print(
                f"  {least}: {len(sure)} sure, right {sum(g == w for g, w in sure)}, read out of none {sum(w == 'none' for _, w in sure)}"
            )


if __name__ == "__main__":
    main()
