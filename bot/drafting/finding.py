"""What the linter has to say about a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.drafting.kinds import NEVER_WAIVED


class Weight(StrEnum):
    """``block``: it must be mended; ``warn``: a person may override it with a reason."""

    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is ``missing:E14``, ``unbound:1例``, ``empty:高度重视``. ``what`` says it in Chinese, ``words`` is the passage (empty
    where something is not there), ``looked_for`` the patterns that were sought."""

    code: str
    what: str
    words: str = ""
    weight: Weight = Weight.WARN
    looked_for: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """``missing``, ``unbound``, ``empty``."""
        return self.code.partition(":")[0]

    @property
    def waivable(self) -> bool:
        """Whether a person may override it with a reason (domain handbook 6.1)."""
        return self.weight is Weight.WARN and self.code.partition(":")[2] not in NEVER_WAIVED
