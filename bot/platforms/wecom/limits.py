"""WeCom's limits. Text in UTF-8 bytes, files in bytes, time in seconds; where the vendor only advises, in characters."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

MIB = 1024 * 1024

WEBHOOK_TEXT = 2048
WEBHOOK_MARKDOWN = 4096
WEBHOOK_IMAGE = 2 * MIB
BOT_MARKDOWN = 20480
APP_TEXT = 2048
TEXTCARD_TITLE = 128
TEXTCARD_DESCRIPTION = 512
IMAGE = 10 * MIB
FILE = 20 * MIB
FILE_LEAST = 6
CHUNK = 512 * 1024
STREAM_IMAGES = 10

KEY = 1024
OPTION_ID = 128
BUTTONS = 6
OPTIONS = 10
ROWS = 6
JUMPS = 3

CARD_WINDOW = 5.0
STREAM_LIFE = 330.0  # the editions say 6 or 10 minutes; end before the shorter
CALLBACK_AGE = 600
CALLBACK_BODY = 256 * 1024
MEDIA_RECEIVED = 20 * MIB

ROBOT_MINUTE = 18  # of 20: a minute of silence is the price of the 21st
CHAT_MINUTE = 30
CHAT_HOUR = 1000
MINUTE = 60.0
HOUR = 3600.0


class Meter:
    """Counts calls in sliding windows, by robot or conversation. ``limits`` are (calls, seconds); monotonic clock."""

    def __init__(self, clock: Callable[[], float], limits: tuple[tuple[int, float], ...]) -> None:
        self._clock = clock
        self._limits = limits
        self._calls: dict[str, deque[float]] = {}

    def wait(self, name: str) -> float:
        """Seconds until one more call is allowed; 0 when it is now."""
        calls = self._recent(name)
        now = self._clock()
        waits = [calls[-count] + span - now for count, span in self._limits if len(calls) >= count]
        return max([0.0, *waits])

    def note(self, name: str, ago: float = 0.0) -> None:
        """One call was made, ``ago`` seconds before now; calls are noted in their order."""
        self._recent(name).append(self._clock() - ago)

    def full(self, name: str, seconds: float) -> None:
        """The vendor says it is too much: nothing more for ``seconds``."""
        count, span = self._limits[0]
        now = self._clock()
        self._calls[name] = deque([now - span + seconds] * count)

    def _recent(self, name: str) -> deque[float]:
        oldest = self._clock() - max(span for _, span in self._limits)
        for other in [key for key, calls in self._calls.items() if not calls or calls[-1] <= oldest]:
            del self._calls[other]
        calls = self._calls.setdefault(name, deque())
        while calls and calls[0] <= oldest:
            calls.popleft()
        return calls
