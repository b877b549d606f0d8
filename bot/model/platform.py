"""What a platform is given when it is built: ``build(options, supplies) -> Platform`` in its module."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Protocol

from bot.model.house import House


class State(Protocol):
    """Small JSON values that a platform keeps across restarts, by name."""

    async def get(self, name: str) -> Any: ...

    async def put(self, name: str, value: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Supplies:
    """``session`` is the shared aiohttp client; ``clock`` counts monotonic seconds, ``now`` is UTC; ``attempts(robot)`` counts
    the stored attempts of the last 60 s; ``shelf`` keeps the local room's messages; ``open`` and ``token`` are its gate."""

    house: House
    session: Any
    clock: Callable[[], float]
    now: Callable[[], datetime]
    rand: Random
    state: State
    attempts: Callable[[str], Awaitable[int]]
    shelf: Any
    open: bool
    token: str
