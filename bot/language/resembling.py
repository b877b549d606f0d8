"""The second reader: what a line that no rule reads resembles most, among harmless commands only.

A softmax regression on passages of one to three signs, trained on own lines by ``benchmarks/language_train.py``. It never
reads an act that releases, approves, closes, reopens, grades red or escalates.
"""

from __future__ import annotations

import math
import re
from functools import cache
from importlib.resources import files

from bot.language.said import Said

LEVELS = 90
"""Levels of a weight: one printable character each, an eighth apart."""
RESCUED = frozenset(
    {"list", "status", "trend", "summary", "help", "review", "claim", "assign", "mute", "task", "refuse", "drill", "grade"}
)
"""Intents that resemblance may read."""


def passages(said: Said) -> set[str]:
    """Every run of one to three signs of the line; an object is one sign, a number one 0."""
    line = re.sub(r"([ⒾⓉⒻⒿⒹⓋⓅⓊ])\1*", r"\1", said.shape)
    line = "^" + re.sub(r"\s+", " ", re.sub(r"\d+", "0", line)) + "$"
    found = {line[at : at + width] for width in (1, 2, 3) for at in range(len(line) - width + 1)}
    found.discard("\t")
    if said.called:
        found.add("@bot")
    if said.quote:
        found.add("@quote")
    return found


@cache
def _table() -> tuple[list[str], list[float], dict[str, str]]:
    text = files("bot.language").joinpath("data", "resembling.txt").read_text(encoding="utf-8")
    labels, bias, *rows = text.rstrip("\n").split("\n")
    return labels.split(" "), _decoded(bias), dict(row.split("\t", 1) for row in rows)


def _decoded(row: str) -> list[float]:
    return [(ord(c) - 80) / 8 for c in row]


def nearest(said: Said) -> tuple[str, str, float]:
    """The intent that the line resembles most, the kind of a refusal, and how certain (0 to 1)."""
    labels, bias, table = _table()
    rows = [_decoded(table[p]) for p in passages(said) if p in table]
    scale = math.sqrt(len(rows) + 1)
    score = [
        b + sum(column) / scale for b, column in zip(bias, zip(*rows, strict=True) if rows else [()] * len(bias), strict=True)
    ]
    top = max(score)
    total = sum(math.exp(s - top) for s in score)
    name, _, kind = labels[score.index(top)].partition(":")
    return name, kind, 1 / total
