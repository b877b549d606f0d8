"""Commands that read lines and write lines: ``analyze``, ``understand``, ``import-rules``."""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from sqlite_utils import Database

from bot.analysis.analyst import Settings
from bot.commands import read
from bot.errors import ConfigError
from bot.model.house import House
from bot.model.intent import Intent
from bot.store import notes


def analyze(settings: Settings, file: str, *, workers: int, progress: bool) -> int:
    """One JSON line for each mention, in order, beginning before the input ends."""
    from bot.analysis.stream import run

    if workers < 1:
        raise ConfigError("--workers: 至少 1")
    with _opened(file) as lines:
        bad = run(
            lines,
            sys.stdout.buffer,
            settings,
            now=datetime.now(UTC),
            complain=_complain,
            workers=workers,
            progress=_progress if progress else None,
        )
    return 1 if bad else 0


def _progress(done: int) -> None:
    print(f"\r{done} 条", end="", file=sys.stderr, flush=True)


def _complain(why: str) -> None:
    print(f"wanglou: {why}", file=sys.stderr)


def understand(house: House, file: str) -> int:
    """One JSON line of intent, slots and confidence for each utterance (``\\n`` escaped)."""
    with _opened(file) as lines:
        for raw in lines:
            text = raw.decode("utf-8", "replace").rstrip("\r\n").replace("\\n", "\n")
            print(json.dumps(as_json(read(text, None, house)), ensure_ascii=False), flush=True)
    return 0


def as_json(intent: Intent) -> dict[str, Any]:
    """The contract's shape."""
    return {"intent": intent.name, "slots": dict(intent.slots), "confidence": round(intent.confidence, 3)}


def import_rules(file: Path) -> int:
    """Prints the rules of a frequency_words.txt as ``[[watch]]`` sections."""
    from bot.analysis.rules_import import import_frequency_words

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: 读不了（{error}）") from None
    for rule in import_frequency_words(text):
        print(f"[[watch]]\nname = {json.dumps(rule.name, ensure_ascii=False)}")
        for key in ("any", "all", "none"):
            if words := getattr(rule, key):
                print(f"{key} = {json.dumps(list(words), ensure_ascii=False)}")
        if rule.expr:
            print(f"expr = {json.dumps(rule.expr, ensure_ascii=False)}")
        print()
    return 0


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        handle = open(file, "rb")  # noqa: SIM115
    except OSError as error:
        raise ConfigError(f"{file}: 打不开（{error.strerror}）") from None
    with handle:
        yield handle


@contextmanager
def with_labels(files: Sequence[Path]) -> Iterator[list[Path]]:
    """The files to train with; in the place of a database of ours, what people in its rooms said of texts, as CSV."""
    with TemporaryDirectory() as folder:
        yield [_labels_of(path, Path(folder) / f"{n}.csv") if path.suffix == ".db" else path for n, path in enumerate(files)]


def _labels_of(path: Path, target: Path) -> Path:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
            rows = notes.labels(Database(conn, execute_plugins=False))
    except sqlite3.Error:
        raise ConfigError(f"{path}: 不是望楼的数据库，或太旧") from None
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["label", "text"])
        writer.writerows(rows)
    return target
