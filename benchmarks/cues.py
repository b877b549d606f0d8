"""Whether the words of ``towards.toml`` help or harm on real texts: held-out posts and reviews, read as if they named us.

    python -m benchmarks.train_shipped FOLDER /tmp/split.npz --split
    python -m benchmarks.cues FOLDER --split /tmp/split.npz

The commonest characters (的, 我, 了, 是) stand for our name, so that nearly every text counts as one about us. A cue is worth its
weight where the texts in which it stands are read no worse with it than by their tone alone. A line each: the weight, the texts,
how many of them are negative, how many the tone alone reads right (negative or not), and the whole judgement.
"""

from __future__ import annotations

import argparse
import tomllib
from collections import defaultdict
from importlib import resources
from pathlib import Path

from benchmarks.train_shipped import labelled
from bot.analysis.sentiment import judge, load
from bot.analysis.text import cleaned
from bot.analysis.towards import told_in
from bot.model.reading import Sentiment

OURS = ("的", "我", "了", "是")


def main() -> None:
    """Prints a line for each cue, and one for all texts in which any stands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", type=Path, required=True)
    options = parser.parse_args()
    table = tomllib.loads((resources.files("bot.analysis") / "data" / "towards.toml").read_text("utf-8"))["cues"]
    rows = [row for row in labelled(options.folder) if row.held_out and row.set != "company"]
    texts = cleaned([row.text for row in rows])
    found: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
    for row, text, tone in zip(rows, texts, load(options.split).score(texts), strict=True):
        negative, cues = row.label == 0, told_in(text.bare)
        if not cues or not any(name in text.text for name in OURS):
            continue
        judged = judge(text, tone, ours=OURS, others=()).sentiment is Sentiment.NEGATIVE
        outcome = (negative, (int(tone.argmax()) == 0) == negative, judged == negative)
        for name in ("all", *(list(table)[cue] for cue in cues)):
            found[name].append(outcome)
    for name, outcomes in sorted(found.items(), key=lambda item: -len(item[1])):
        share = [sum(column) / len(outcomes) for column in zip(*outcomes, strict=True)]
        weight = f"{table[name]['weight']:+.1f}" if name in table else "    "
        print(
            f"{name:14} {weight}  {len(outcomes):5} texts  negative {share[0]:.2f}  tone {share[1]:.4f}  with cues {share[2]:.4f}"
        )


if __name__ == "__main__":
    main()
