"""Circuit breakers: who fails five times in a row is left alone for a while."""

from __future__ import annotations

from dataclasses import dataclass

OPEN_AFTER = 5
FIRST_PAUSE = 120.0
LONGEST_PAUSE = 1_800.0
LONGEST_HOLD = 3_600.0


@dataclass(frozen=True, slots=True)
class CircuitState:
    """One circuit for the health view: ``host:port`` or a source's name, failures in a row, seconds until the next try."""

    name: str
    failures: int
    wait: float


class Circuit:
    """Counts failures in a row. Open for two minutes after the fifth, doubling to thirty; then one probe decides.

    All moments are monotonic seconds.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.failures = 0
        self._pause = 0.0
        self._until = 0.0
        self._held = 0.0
        self._probing = False

    def wait(self, now: float) -> float:
        """Seconds until somebody may try again; 0 when they may now."""
        left = max(self._until, self._held) - now
        if left > 0:
            return left
        return 1.0 if self._probing else 0.0

    def enter(self) -> bool:
        """Called by who tries; true when this try is the probe of an open circuit, and has to ``leave``."""
        if self._pause and not self._probing:
            self._probing = True
            return True
        return False

    def leave(self) -> None:
        """The probe is over, whatever came of it."""
        self._probing = False

    def failed(self, now: float) -> None:
        """One more failure."""
        self.failures += 1
        if self._pause:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        elif self.failures >= OPEN_AFTER:
            self._pause = FIRST_PAUSE
        self._until = now + self._pause

    def hold(self, now: float, seconds: float) -> None:
        """The other side asked for silence (``Retry-After``); at most an hour."""
        self._held = max(self._held, now + min(seconds, LONGEST_HOLD))

    def succeeded(self) -> None:
        """A good answer closes it."""
        self.failures, self._pause, self._until, self._held = 0, 0.0, 0.0, 0.0

    def state(self, now: float) -> CircuitState | None:
        """For the health view; None while nothing is wrong."""
        if not self.failures and self._held <= now:
            return None
        return CircuitState(self.name, self.failures, max(0.0, max(self._until, self._held) - now))
