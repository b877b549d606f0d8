"""The app's right to change a card that is out: each ``response_code``, of a send or a press, is good for one change, for 72 h
(protocol page 3.4). Kept across restarts, so that a press which a crash cut off still ends in a repaint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.model.platform import State

LIFE = 72 * 3600.0
KEPT = 4


@dataclass(frozen=True, slots=True)
class Voucher:
    """One ``response_code``, good until ``ends`` (unix seconds). ``tried`` is the revision that was once sent with it, of which
    nobody knows whether it arrived; 0: never used."""

    code: str
    ends: float
    tried: int = 0


class Vouchers:
    """Vouchers by ``face``: whose card it is, of what kind, about what. ``moment`` gives unix seconds that no change of the time of
    day moves (``times.steady``)."""

    def __init__(self, state: State, moment: Callable[[], float]) -> None:
        self._state = state
        self._moment = moment

    async def add(self, face: str, code: object) -> None:
        """One more change is allowed. A code known already is the same right."""
        known = await self._load(face)
        if isinstance(code, str) and code and all(voucher.code != code for voucher in known):
            await self._save(face, [*known, Voucher(code, self._moment() + LIFE)][-KEPT:])

    async def newest(self, face: str) -> Voucher | None:
        """The right that was given last, or None."""
        known = await self._load(face)
        return known[-1] if known else None

    async def use(self, face: str, voucher: Voucher, revision: int) -> None:
        """It is about to be used: what becomes of that may never be known."""
        left = [v for v in await self._load(face) if v.code != voucher.code]
        await self._save(face, [*left, Voucher(voucher.code, voucher.ends, revision)])

    async def spend(self, face: str, voucher: Voucher) -> None:
        """It is good for nothing any more."""
        await self._save(face, [v for v in await self._load(face) if v.code != voucher.code])

    async def _load(self, face: str) -> list[Voucher]:
        kept: Any = await self._state.get(f"wecom:code:{face}")
        rows = kept if isinstance(kept, list) else []
        found = [Voucher(str(row[0]), float(row[1]), int(row[2])) for row in rows]
        return [voucher for voucher in found if voucher.ends > self._moment()]

    async def _save(self, face: str, vouchers: list[Voucher]) -> None:
        await self._state.put(f"wecom:code:{face}", [[v.code, v.ends, v.tried] for v in vouchers])
