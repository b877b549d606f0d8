"""``python -m benchmarks [--data FOLDER] [--most N] [--only NAME] [--out FILE]``: measures and writes the table of docs/figures.md."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import analyze, neardup, scale

HEAD, TAIL = "<!-- judgement: begin -->", "<!-- judgement: end -->"
NEW = "# Figures\n\nEvery figure names its command. No figure is quoted elsewhere without it.\n"


def main() -> None:
    """Prints every row as it is measured; with ``--out`` puts the table between its marks in that file."""
    arguments = argparse.ArgumentParser(prog="benchmarks")
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--most", type=int, default=1_000_000)
    arguments.add_argument("--only", choices=["analyze", "neardup", "scale"])
    arguments.add_argument("--out", type=Path)
    options = arguments.parse_args()
    table = ["| what | figure | remark |", "|---|---|---|"]
    for row in _rows(options):
        table.append(f"| {' | '.join(row)} |")
        sys.stdout.write(table[-1] + "\n")
        sys.stdout.flush()
    if options.out:
        _write(options.out, table)


def _rows(options: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    if options.only in (None, "scale"):  # first: the peak of memory is the process's, and SnowNLP takes 400 MB
        yield from scale.rows(options.most)
    if options.only in (None, "analyze"):
        yield from analyze.rows(options.data)
    if options.only in (None, "neardup"):
        yield from neardup.rows(options.data)


def _write(path: Path, table: list[str]) -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    about = (
        f"Measured {datetime.now(UTC):%Y-%m-%d} at commit {commit or 'unknown'} with `{' '.join(['python -m benchmarks', *sys.argv[1:]])}`: "
        f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}. "
        "Texts are made up by `benchmarks/corpus.py`; near-duplicates on every other of the shared development pairs."
        f" The machine was shared: load {os.getloadavg()[1]:.1f} over the last five minutes; CPU figures waver less than those by the clock."
    )
    part = "\n".join([HEAD, "", "## Judgement: speed and copies", "", about, "", *table, "", TAIL])
    text = path.read_text("utf-8") if path.exists() else NEW
    before, _, rest = text.partition(HEAD)
    path.write_text(f"{before.rstrip()}\n\n{part}{rest.partition(TAIL)[2] or chr(10)}", "utf-8")


if __name__ == "__main__":
    main()
