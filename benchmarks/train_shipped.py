"""Makes the model that ships from the development data: ``python -m benchmarks.train_shipped FOLDER OUT [--without KIND] [--split]``.

``--split`` leaves a fifth of the texts out by their key (``held_out``), for the figures of the model card; ``--without company``
leaves the company news out. The files and their licences are named in ``docs/model-card.md``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import re
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.analysis.sentiment import heard
from bot.analysis.text import clean
from bot.analysis.train import Row, train_rows

_ADDRESS = re.compile(r"https?://\S+|www\.\S+")
_NAME = re.compile(r"@[\w\-·]{1,30}")
_LABEL = {"0": 0, "1": 2, "2": 1}
KIND = {
    "chn_senti_htl": "reviews",
    "chnsenticorp_3dom": "reviews",
    "online_shopping_10": "reviews",
    "waimai_10k": "meals",
}
"""Sets that share their weights; every other set is a kind of its own."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text of a set with its label (0 negative, 1 neutral, 2 positive) as it came."""

    set: str
    label: int
    text: str

    @property
    def held_out(self) -> bool:
        """A fifth, by a hash of letters and digits, so that the same words are always on one side."""
        plain = _NAME.sub("", _ADDRESS.sub("", unicodedata.normalize("NFKC", self.text).lower()))
        key = hashlib.sha1("".join(c for c in plain if c.isalnum()).encode(), usedforsecurity=False).hexdigest()
        return int(key[8:16], 16) % 100 < 20


def labelled(folder: Path) -> Iterator[Labelled]:
    """Every labelled text of the folder. News that is not negative counts as neutral."""
    with gzip.open(folder / "sentiment_dev.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["label"]:
                yield Labelled(row["dataset"], _LABEL[row["label"]], row["text"])
    with gzip.open(folder / "company_negative_dev.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            news = json.loads(line)
            yield Labelled("company", 0 if news["negative"] else 1, news["text"])


def main() -> None:
    """Trains and says what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--without", default="")
    parser.add_argument("--split", action="store_true")
    options = parser.parse_args()
    started = time.perf_counter()
    rows = [
        Row(KIND.get(one.set, one.set), one.label, heard(clean(one.text)))
        for one in labelled(options.folder)
        if one.set != options.without and not (options.split and one.held_out)
    ]
    report = train_rows([row for row in rows if row.text], options.out, progress=lambda line: print(line, flush=True))
    print(report, f"{options.out.stat().st_size:,} bytes", f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
