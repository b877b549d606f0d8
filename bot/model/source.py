"""The seam between the house and its sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.model.mention import Mention

State = Mapping[str, Any]
"""Small JSON that a source wants back at its next poll: validators, cursor, content hash, last good time."""


@dataclass(frozen=True, slots=True)
class Poll:
    """What one poll brought. ``changed`` is false when the source answered and nothing differs from last time (a 304, the same
    items in the same order); ``note`` says what was skipped (bad lines, bad items), for the health view."""

    mentions: tuple[Mention, ...]
    state: State
    changed: bool = True
    note: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class Source(Protocol):
    """A configured place that is polled. No database, no analysis, no clock of its own; raises ``SourceError``.

    ``floor`` is the shortest allowed interval in seconds; ``lively`` says that no change for three cycles is not normal.
    """

    name: str
    floor: float
    lively: bool

    async def poll(self, state: State, now: datetime) -> Poll: ...
