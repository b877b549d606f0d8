"""What the analysis made of a mention. Values only: analysis never sees a row, the store never judges."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.grade import Grade


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
    towards us. ``duplicate_of`` is the id of its root, ``duplicate`` how it repeats it: ``exact``, ``near`` or ``repost`` (bare;
    adds interaction only); empty for a root. ``weight`` is 1, less for bought copies. ``denial``: our own denial or its repost.
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
