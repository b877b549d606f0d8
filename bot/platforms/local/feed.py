"""The live feed: what is stored is told to every open page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

BACKLOG = 500


@dataclass(frozen=True, slots=True)
class Event:
    """``kind`` is ``message`` (new) or ``repaint`` (an earlier one looks different now)."""

    kind: str
    message: dict[str, Any]


class Listener:
    """One open page. A page too slow to follow is let go: it comes back and reads what it missed."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(BACKLOG + 1)

    def tell(self, event: Event) -> None:
        if self._queue.qsize() < BACKLOG:
            self._queue.put_nowait(event)
        else:
            self.close()

    def close(self) -> None:
        """No more events; what is queued is dropped."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def events(self, heartbeat: float) -> AsyncIterator[Event | None]:
        """Events as they come, ``None`` after each ``heartbeat`` seconds of quiet; ends when the feed closes."""
        while True:
            try:
                event = await asyncio.wait_for(self._queue.get(), heartbeat)
            except TimeoutError:
                yield None
                continue
            if event is None:
                return
            yield event


class Feed:
    """All open pages."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    @contextmanager
    def listen(self) -> Iterator[Listener]:
        listener = Listener()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def tell(self, kind: str, message: dict[str, Any]) -> None:
        for listener in self._listeners:
            listener.tell(Event(kind, message))

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()
