"""What the analysis made of a mention. Values only: analysis never sees a row, the store never judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.grade import Grade
from bot.model.mention import Mention, Tier


class Sentiment(StrEnum):
    """Towards us; the likeliest class."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


@dataclass(frozen=True, slots=True)
class Claim:
    """A grave matter that a text asserts (domain handbook 3.3, triggers).

    ``kind`` is one of ``bot.analysis.triggers.FLOORS``. ``credible``: specific (who, what, where or when) and not of tier D.
    ``immediate``: fires at once (safety, regulator or police contact, own site, own probes); the others need a confirmed
    fact and count one level less until then. ``words`` is the passage it was read from.
    """

    kind: str
    floor: Grade
    words: str
    credible: bool
    immediate: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One mention, read.

    ``rules`` are the names of every watch rule that fits. ``negative`` is the calibrated probability that it is negative
    towards us. ``duplicate_of`` is the id of its root, ``duplicate`` how it repeats it: ``exact``, ``near``, ``repost`` (bare;
    adds interaction only; without root where nobody can say of what) or ``comment`` (a repost with words of its own, which
    stays a mention); empty for a root. ``weight`` is 1, less for bought copies. ``denial``: our own denial or its repost.
    ``matter`` is what the room handles as one thing (0: no own rule fits).
    ``unread``: the analysis failed on it three times; it is neutral because nothing is known.
    """

    id: str
    rules: tuple[str, ...]
    negative: float
    sentiment: Sentiment
    story: int
    duplicate_of: str | None = None
    duplicate: str = ""
    weight: float = 1.0
    denial: bool = False
    claims: tuple[Claim, ...] = ()
    unread: bool = False
    matter: int = 0

    @property
    def counts(self) -> bool:
        """Whether it is a mention of its own and not a copy of one: a root, or a repost with words of its own."""
        return self.duplicate in ("", "comment")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mention with its reading, ready to be taken in. ``ours``: a watch rule of kind own fits. ``tier`` and ``scope``
    (``national``, ``local``, ``foreign``) are settled. ``counted``: it is volume (no copy, no baseline); ``late``: over 48 h
    old when first seen, so it is in no velocity. ``rules`` are the own rules that fit."""

    mention: Mention
    reading: Reading
    ours: bool
    tier: Tier
    scope: str
    list: str
    rules: tuple[str, ...]
    counted: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """What the rows of some stories add up to at one moment; the indicators are computed from it.

    ``weights`` are (running sum, epoch) pairs; ``negative`` of ``n`` were scored in the last six hours; ``hours`` are the last
    six rolling hours, oldest first.
    """

    weights: Sequence[tuple[float, datetime]]
    negative: int
    n: int
    hours: Sequence[int]
    platforms: tuple[str, ...]
    national: int
    local: int
    a: int
    b: int
    foreign: bool
    reposts: int
    reads: int
    mentions: int
    copies: int
    best_list: str
    baseline: Sequence[int]
