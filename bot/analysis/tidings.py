"""What a title tells: an affair, a show, a match. By words of ``data/tidings.toml`` alone, for it is asked of every comparison."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

_FIXTURE = re.compile(r"vs|\d{1,3} ?[比:-] ?\d{1,3}")
"""A match or its score: another one needs another pair of names."""


class Told(NamedTuple):
    affair: bool
    show: bool
    fixture: bool


def told(text: str) -> Told:
    """What a normalised text tells; an affair may also be a show."""
    affairs, shows = _patterns()
    return Told(bool(affairs.search(text)), bool(shows.search(text)), bool(_FIXTURE.search(text)))


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    data = tomllib.loads((Path(__file__).with_name("data") / "tidings.toml").read_text(encoding="utf-8"))
    return _any(data["affairs"]), _any(data["shows"])


def _any(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)))
