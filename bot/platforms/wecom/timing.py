"""The long connection's seconds, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. ``ping``: between heartbeats; ``misses`` unanswered ones end the connection. ``ack``: for an answer. ``first``
    and ``longest`` pause before a new connection. ``yielding``: pause after another process took the bot over, doubled each
    time. ``quiet``: nothing but heartbeats for so long in waking hours is a half-dead socket. ``grace``: a shorter
    interruption is nothing to trouble anybody with."""

    connect: float = 15.0
    ack: float = 5.0
    write: float = 5.0
    ping: float = 30.0
    misses: int = 2
    first: float = 1.0
    longest: float = 30.0
    refused: float = 60.0
    yielding: float = 60.0
    yielding_longest: float = 1800.0
    quiet: float = 7200.0
    close: float = 2.0
    grace: float = 20.0


@dataclass(slots=True)
class Status:
    """What the operator should know. ``word`` is empty while all is well; ``since`` is when that changed, ``heard`` when
    the vendor last said something (monotonic)."""

    word: str = "还没有连上"
    stopped: bool = False
    yielded: int = 0
    failures: int = 0
    refusals: int = 0
    heard: float = 0.0
    since: float = 0.0
