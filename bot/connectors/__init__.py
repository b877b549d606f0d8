"""Ways to release a text by machine: one file a kind, found by the name in ``[[channels]] connector``. Nothing here tries twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Order:
    """A text to release. ``id`` is the publication's number, the same on any repeat; ``sha256`` that of ``text``."""

    id: int
    draft: str
    channel: str
    text: str
    sha256: str


class Connector(Protocol):
    """One attempt. The address of what was released; ``DeliveryError`` with outcome ``permanent`` (surely not released) or
    ``unknown`` (it may have been)."""

    async def release(self, order: Order) -> str: ...
