"""The second reader: which intent a line resembles most, beside the rules and without them.

A softmax regression on passages of one to three signs of the opened line, once as they stand and once with the words of the
contract's vocabularies (grades, channels, kinds of statement, metrics, roles) as one sign each. It was trained on own lines by
``benchmarks/language_train.py``; what its voice counts for is decided in ``bot.language.deciding``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from bot.language import names, words
from bot.language.said import Said

LEVELS = 45
"""Steps of a weight to either side of zero: one printable character each."""
TOP = 16.0
"""The weight of the outermost step; the steps lie closer together near zero (their square root is even)."""
_MASKS = (
    ("Ⓖ", tuple(pattern for _, pattern in words.GRADES)),
    ("Ⓒ", tuple(pattern for _, pattern in words.CHANNELS)),
    ("Ⓨ", tuple(pattern for _, pattern in words.TYPES)),
    ("Ⓜ", tuple(pattern for _, pattern in words.METRICS)),
    ("Ⓡ", names.ROLE_WORDS),
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """The intent that a line resembles most, the kind of a refusal, and how certain each intent is (0 to 1)."""

    name: str
    kind: str
    sure: float
    shares: dict[str, float]

    def of(self, name: str) -> float:
        """How certain this intent is."""
        return self.shares.get(name, 0.0)


def passages(said: Said) -> set[str]:
    """Every run of one to three signs of the line, plain and masked; an object is one sign, a number one 0."""
    line, masked = said.shape, said.shape
    for sign, patterns in _MASKS:
        for pattern in patterns:
            if pattern.search(masked):
                masked = pattern.sub(lambda m, sign=sign: sign * len(m[0]), masked)  # type: ignore[misc]
    found = _runs(_folded(line)) | {"~" + run for run in _runs(_folded(masked))}
    if said.called:
        found.add("@bot")
    if said.quote:
        found.add("@quote")
        found |= {"@quote" + thing.kind for thing in said.quoted_things}
    return found


def _folded(line: str) -> str:
    line = re.sub(r"([ⒾⓉⒻⒿⒹⓋⓅⓊⒼⒸⓎⓂⓇ])\1*", r"\1", line)
    return "^" + re.sub(r"\s+", " ", re.sub(r"\d+", "0", line)) + "$"


def _runs(line: str) -> set[str]:
    return {line[at : at + width] for width in (1, 2, 3) for at in range(len(line) - width + 1)}


def encoded(weight: float) -> str:
    """A weight as one character."""
    return chr(80 + max(-LEVELS, min(LEVELS, round(math.copysign(math.sqrt(abs(weight) / TOP), weight) * LEVELS))))


@cache
def _table() -> tuple[list[str], list[float], dict[str, str], dict[str, float]]:
    text = files("bot.language").joinpath("data", "resembling.txt").read_text(encoding="utf-8")
    labels, bias, *rows = text.rstrip("\n").split("\n")
    values = {chr(80 + k): math.copysign((k / LEVELS) ** 2 * TOP, k) for k in range(-LEVELS, LEVELS + 1)}
    return labels.split(" "), [values[c] for c in bias], dict(row.rsplit("\t", 1) for row in rows), values


def strange(said: Said) -> bool:
    """A line of Latin words alone, most of whose passages stood in no line of the training: nothing can be said of it."""
    latin = re.findall(r"[a-z]{3,}", said.shape)
    if not latin or re.search(r"[一-龥]", said.shape):
        return False
    table = _table()[2]
    runs = [word[at : at + width] for word in latin for width in (2, 3) for at in range(len(word) - width + 1)]
    return sum(run in table for run in runs) * 5 < len(runs)


@lru_cache(maxsize=64)
def likeness(said: Said) -> Likeness:
    """What the line resembles."""
    labels, bias, table, values = _table()
    rows = [table[p] for p in passages(said) if p in table]
    scale = math.sqrt(len(rows) + 1)
    score = [b + sum(values[row[at]] for row in rows) / scale for at, b in enumerate(bias)]
    top = max(score)
    odds = [math.exp(s - top) for s in score]
    total = sum(odds)
    shares: dict[str, float] = {}
    for label, share in zip(labels, odds, strict=True):
        name = label.partition(":")[0]
        shares[name] = shares.get(name, 0.0) + share / total
    best = max(shares, key=lambda name: shares[name])
    kinds = [(share, label.partition(":")[2]) for label, share in zip(labels, odds, strict=True) if label.startswith("refuse:")]
    return Likeness(best, max(kinds)[1] if best == "refuse" and kinds else "", shares[best], shares)
