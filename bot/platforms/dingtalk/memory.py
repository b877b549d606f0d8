"""What we must know again after a restart, kept in the house's small values: entries with an end, in a bounded number of rows."""

from __future__ import annotations

import asyncio
import zlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from bot.model.platform import State

BUCKETS = 64


class Memory:
    """JSON by key, each worth keeping for ``ttl`` seconds. We are the only writer, so what was read once is known. ``moment``
    gives unix seconds that no change of the time of day moves (``times.steady``).

    Entries share rows (``dingtalk:0`` … ``dingtalk:63``), and each write drops the dead ones of its row: a value for every
    message heard would grow for ever.
    """

    def __init__(self, state: State, moment: Callable[[], float]) -> None:
        self._state = state
        self.moment = moment
        self._rows: dict[str, dict[str, list[Any]]] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, key: str) -> Any:
        """The value, or None where there is none or its time is over."""
        row = _row(key)
        async with self._locks[row]:
            value, until = (await self._load(row)).get(key, (None, 0.0))
        return value if self.moment() < until else None

    async def put(self, key: str, value: Any, ttl: float) -> None:
        """Keeps ``value``; returns after the commit."""
        row, now = _row(key), self.moment()
        async with self._locks[row]:
            entries = await self._load(row)
            alive = {name: entry for name, entry in entries.items() if entry[1] > now}
            alive[key] = [value, now + ttl]
            await self._state.put(row, alive)
            self._rows[row] = alive

    async def _load(self, row: str) -> dict[str, list[Any]]:
        if row not in self._rows:
            kept = await self._state.get(row)
            self._rows[row] = kept if isinstance(kept, dict) else {}
        return self._rows[row]


def _row(key: str) -> str:
    return f"dingtalk:{zlib.crc32(key.encode()) % BUCKETS}"


class Notes:
    """Things that went wrong once: said for ``shown`` seconds, then forgotten; one of a kind."""

    def __init__(self, clock: Callable[[], float], shown: float = 600.0) -> None:
        self._clock = clock
        self._shown = shown
        self._notes: dict[str, tuple[float, str]] = {}

    def say(self, kind: str, text: str, shown: float = 0.0) -> None:
        """Notes ``text`` (Chinese) in place of the last of its kind, for ``shown`` seconds (0: as usual); empty: all is well
        again."""
        self._notes.pop(kind, None)
        if text:
            self._notes[kind] = (self._clock() + (shown or self._shown), text)

    def all(self) -> list[str]:
        """What is still to be said, oldest first."""
        return [text for until, text in self._notes.values() if self._clock() < until]
