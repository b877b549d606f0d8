"""What keeps a large story about one matter: themes weigh nothing, and a newcomer must belong to the matter, not to its season.

A festival, a league or a market day is a theme: matters under it share its words and little else. The words of ``data/themes.txt``
are therefore as common as a company's own name. Themes that no list knows (a serial, a star) show themselves in a large story:
newcomers carry its name and nothing that any member said beside it. Such a newcomer is taken only while the matter is fresh and
its name is one that nobody uses on other days. An affair (``tidings.py``) is the other way round: who is accused, hurt or looked
into under a name of their own is talked about for days in ever new words, so there the name is enough. Settings were chosen on
the labelled days of ``benchmarks/stories.py`` and by reading the stories over ten titles of a month.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from bot.analysis.likeness import Doc, Found, Items
from bot.analysis.tidings import another_match

LARGE = 8
EXTRA, AGEING, AGE_HOURS = 0.4, 2.0, 24.0
"""A story of LARGE mentions asks for ``EXTRA + AGEING·ln(1+age/24h)`` more on the score of likeness: what runs on for days is often
a series or a season. An affair ages half as fast: what is looked into runs on for days too."""
FRESH_HOURS = 12.0
NAME, KNOWN, BESIDE = 12.0, 7.0, 4.0
"""Nats in general: of a name that tells a matter by itself; of one that is at least no household word; of one pair said beside it."""
NAMED, COPIED = 0.8, 0.75
"""A pair names a story when this share of its commonest pair's mentions has it; this share of a newcomer's rarity makes it a
near repeat of a member, which needs no name."""
AFFAIR = 0.5
"""A story is an affair when this share of its mentions tells one."""


def extra(found: Found, size: int, age_hours: float) -> float:
    """How much more likeness a story of ``size`` mentions asks for, on the score that decides at 0."""
    if size < LARGE:
        return 0.0
    ageing = AGEING / 2 if found.affairs >= AFFAIR else AGEING
    return EXTRA + ageing * math.log1p(max(0.0, age_hours) / AGE_HOURS)


def belongs(
    found: Found, doc: Doc, items: Items, docs: Sequence[Doc], profile: Mapping[int, int], size: int, age_hours: float
) -> bool:
    """Whether a mention that is alike enough belongs to the matter."""
    if size < LARGE:
        return True
    if another_match(doc.shown, [other.shown for other in docs]):
        return False
    held = [(profile[item[0]], item[3]) for item in items if item[0] in profile]
    name = NAMED * max(profile.values())
    if found.mine < COPIED and not any(count >= name for count, _ in held):
        return False
    if found.affairs >= AFFAIR and found.name >= KNOWN:
        return True
    if any(2 * count < size and nats >= BESIDE for count, nats in held):
        return True
    return age_hours <= FRESH_HOURS and found.name >= NAME


@lru_cache(maxsize=1)
def themes() -> tuple[str, ...]:
    """The words of themes."""
    text = (Path(__file__).with_name("data") / "themes.txt").read_text(encoding="utf-8")
    return tuple(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
