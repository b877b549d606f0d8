"""What the local room needs of the store: a shelf to keep what was said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from bot.model.card import File


class Shelf(Protocol):
    """The memory of the local room. A message is a dictionary as the contract shows it (``id room at sender text card
    reply_to``) with ``chart``, ``mentions`` and ``files``. Every call is one transaction."""

    async def hear(self, room: str, sender: str, text: str, reply_to: int | None, at: datetime) -> dict[str, Any]:
        """Keeps what a person said, as unanswered."""

    async def press(self, message: int, sender: str, key: str, choice: str, at: datetime) -> int:
        """Keeps a press, as unanswered; the id is of the same count as the messages'."""

    async def settle(
        self, heard: int, room: str, sender: str, posts: Sequence[dict[str, Any]], files: Sequence[Sequence[File]], at: datetime
    ) -> list[dict[str, Any]]:
        """Keeps the answers to ``heard`` and marks it answered. A repeat gives the messages already there."""

    async def repaint(self, message: int, post: dict[str, Any]) -> dict[str, Any] | None:
        """The message with another face; None where there is no such message."""

    async def add(
        self, room: str, sender: str, post: dict[str, Any], files: Sequence[File], key: str, at: datetime
    ) -> tuple[dict[str, Any], bool]:
        """Keeps what the house says by itself, once for each ``key``; false when it was there already."""

    async def forget(self, heard: int) -> None:
        """Takes back what was heard and could not be handed on: its sender is told to say it again."""

    async def unanswered(self) -> list[dict[str, Any]]:
        """Messages and presses (``message``, ``key``, ``choice`` besides) that a crash left without answer, oldest first."""

    async def after(self, room: str, id: int, limit: int) -> list[dict[str, Any]]:
        """The oldest ``limit`` messages of a room (empty: of all) with a greater id."""

    async def before(self, room: str, id: int, limit: int) -> list[dict[str, Any]]:
        """The newest ``limit`` messages of a room with a smaller id, oldest first."""

    async def get(self, id: int) -> dict[str, Any] | None:
        """One message, with ``parcel`` (the outbox id it came by, or 0) and ``offered`` (key → verb of every button it ever had)."""

    async def file(self, message: int, index: int) -> File | None:
        """The bytes that go with a message."""
