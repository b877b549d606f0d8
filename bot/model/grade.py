"""The four grades of an incident (domain handbook, section 1)."""

from __future__ import annotations

from enum import IntEnum


class Grade(IntEnum):
    """How grave it is; ordered, so that ``Grade.RED > Grade.BLUE``."""

    BLUE = 1
    YELLOW = 2
    ORANGE = 3
    RED = 4

    @property
    def key(self) -> str:
        """The name used in JSON and in the configuration: ``blue`` … ``red``."""
        return self.name.lower()

    @property
    def label(self) -> str:
        """The one character people say: 蓝 黄 橙 红."""
        return " 蓝黄橙红"[self.value]

    @property
    def mark(self) -> str:
        """The coloured dot in front of a title."""
        return " 🔵🟡🟠🔴"[self.value]

    @classmethod
    def of(cls, key: str) -> Grade:
        """``blue`` … ``red`` as a grade; ``KeyError`` for anything else."""
        return cls[key.upper()]
