"""What somebody meant: the result of reading a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.model.grade import Grade


@dataclass(frozen=True, slots=True)
class Intent:
    """An act and its object. Names and slots are those of the contract; ``confidence`` is 0..1.

    ``none`` means: no command. ``refuse`` is a request for something unlawful. ``multi`` holds ``actions``.
    """

    name: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 1.0

    def number(self, slot: str) -> int | None:
        """An integer slot, or None."""
        value = self.slots.get(slot)
        return value if isinstance(value, int) else None

    def text(self, slot: str) -> str:
        """A text slot, or the empty string."""
        return str(self.slots.get(slot) or "")

    @property
    def grade(self) -> Grade | None:
        """The grade named, if any."""
        key = self.slots.get("grade")
        return Grade.of(str(key)) if key else None

    @property
    def persons(self) -> tuple[str, ...]:
        """The names of the people named."""
        return tuple(self.slots.get("persons") or ())


NONE = Intent("none", {}, 0.0)
