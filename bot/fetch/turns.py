"""Manners: how many at once knock at one host, and how soon after one another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

GATES_KEPT = 500


class _Gate:
    """The queue in front of one host."""

    def __init__(self, places: int) -> None:
        self.places = asyncio.Semaphore(places)
        self.next_start = 0.0
        self.users = 0


class Turns:
    """``per_host`` turns at a time at one host, ``spacing`` seconds between starts there, ``total`` turns at a time in all."""

    def __init__(
        self,
        total: int,
        per_host: int,
        spacing: float,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._places = asyncio.Semaphore(total)
        self._per_host, self._spacing = per_host, spacing
        self._clock, self._sleep = clock, sleep
        self._gates: dict[str, _Gate] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Waits for a place at the host; who waits there takes no place from other hosts."""
        gate = self._gate(host)
        gate.users += 1
        try:
            async with gate.places:
                now = self._clock()
                start = max(now, gate.next_start)
                gate.next_start = start + self._spacing
                if start > now:
                    await self._sleep(start - now)
                async with self._places:
                    yield
        finally:
            gate.users -= 1

    def _gate(self, host: str) -> _Gate:
        if len(self._gates) > GATES_KEPT:
            now = self._clock()
            self._gates = {name: gate for name, gate in self._gates.items() if gate.users or gate.next_start > now}
        return self._gates.setdefault(host, _Gate(self._per_host))
