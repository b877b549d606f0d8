"""What a title tells: an affair, a show, a match. By words of ``data/tidings.toml`` alone, for it is asked of every comparison."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

_FIXTURE = re.compile(r"vs|\d{1,3} ?[比:-] ?\d{1,3}")
"""A match or its score: another one needs another pair of names."""
_SIDES = re.compile(
    r"([a-z]{2,}|[^\W\d_a-z]{2})(?:半场|主场|客场|加时|点球)? ?(?:vs|\d{1,3} ?[比:-] ?\d{1,3}) ?"
    r"(?:大胜|险胜|完胜|战胜|不敌|力克|负于|击败|输给|淘汰|逆转|横扫|零封|胜)?([a-z]{2,}|[^\W\d_a-z]{2})"
)
"""Who plays: what stands before and after the score, two characters or a Latin name each."""


class Told(NamedTuple):
    affair: bool
    show: bool
    fixture: bool


def told(text: str) -> Told:
    """What a normalised text tells; an affair may also be a show."""
    affairs, shows = _patterns()
    return Told(bool(affairs.search(text)), bool(shows.search(text)), bool(_FIXTURE.search(text)))


def another_match(text: str, others: Iterable[str]) -> bool:
    """Whether a normalised text tells of a match of which none of the ``others`` that tell of one has both sides: a league or a
    tournament runs on for weeks, and each of its matches is a matter."""
    if (sides := _SIDES.search(text)) is None:
        return False
    played = [other for other in others if _SIDES.search(other)]
    return bool(played) and not any(sides[1] in other and sides[2] in other for other in played)


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    data = tomllib.loads((Path(__file__).with_name("data") / "tidings.toml").read_text(encoding="utf-8"))
    return _any(data["affairs"]), _any(data["shows"])


def _any(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)))
