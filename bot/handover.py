"""Handing texts to connectors: claimed in a commit of its own before the call, one attempt, never repeated.

start   what was being called when the process ended is unknown: a person looks
look    queued → (everything checked again) calling → released | failed | unknown
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlite_utils import Database

from bot import falling, outlets, releasing, signoff
from bot.connectors import Connector, Order
from bot.errors import DeliveryError
from bot.model.house import House
from bot.model.people import WANGLOU
from bot.store import publications, statements
from bot.store.db import Store

log = logging.getLogger("wanglou.handover")


class Handover:
    """The runner of connectors."""

    def __init__(self, store: Store, house: House, connectors: Mapping[str, Connector], clock: Callable[[], datetime]) -> None:
        self._store = store
        self._house = house
        self._connectors = connectors
        self._clock = clock

    async def start(self) -> None:
        """Nobody knows what became of a call that the process did not survive."""
        await self._store.run(self._recover, self._clock())

    async def look(self) -> int:
        """Makes the calls that wait; how many."""
        queued = await self._store.read(lambda db: publications.in_state(db, "queued"))
        done = 0
        for waiting in queued:
            order = await self._store.run(self._claim, waiting.id, self._clock())
            if order is not None:
                await self._call(waiting.connector, order)
                done += 1
        return done

    async def _call(self, name: str, order: Order) -> None:
        try:
            url = await self._connectors[name].release(order)
        except DeliveryError as error:
            outcome = "failed" if error.outcome == "permanent" else "unknown"
            await self._store.run(self._settle, order.id, outcome, str(error), self._clock())
        except Exception as error:
            log.exception("connector %s failed", name)
            await self._store.run(self._settle, order.id, "unknown", type(error).__name__, self._clock())
        else:
            await self._store.run(self._settle, order.id, "released", url, self._clock())

    def _recover(self, db: Database, now: datetime) -> None:
        for it in publications.in_state(db, "calling"):
            releasing.unknown(db, self._house, it, at=now, why="发布途中进程结束")

    def _claim(self, db: Database, id: int, now: datetime) -> Order | None:
        """Everything is checked once more at the last moment; None where it may not go, with the reason said."""
        it = publications.get(db, id)
        draft = statements.get(db, it.draft)
        if it.state != "queued":
            return None
        draft = falling.recheck(db, self._house, draft, now)
        lines = releasing.obstacles(db, self._house, draft, None, now)
        if draft.sha256 != it.sha256:
            lines.append("稿件改过了")
        if it.connector not in self._connectors:
            lines.append(f"没有配置连接器 {it.connector}")
        if lines:
            text = releasing.not_released(db, self._house, draft, it, by=WANGLOU, at=now, why="；".join(lines))
            signoff.tell(db, self._house, draft, f"{text}：{'；'.join(lines)}", at=now, reason="not_released")
            return None
        publications.change(db, it, "calling", at=now, by=WANGLOU, incident=draft.incident, state="calling")
        label = outlets.label(self._house, it.channel)
        return Order(it.id, draft.name, label, draft.text, draft.sha256)

    def _settle(self, db: Database, id: int, outcome: str, said: str, now: datetime) -> None:
        it = publications.get(db, id)
        draft = statements.get(db, it.draft)
        if it.state != "calling":
            return
        if outcome == "unknown":
            releasing.unknown(db, self._house, it, at=now, why=said)
            return
        if outcome == "released":
            text = releasing.record(db, self._house, draft, it, url=said, by=f"连接器 {it.connector}", at=now)
        else:
            text = (
                releasing.not_released(db, self._house, draft, it, by=f"连接器 {it.connector}", at=now, why=said)
                + f"（{said}）"
            )
        signoff.tell(db, self._house, draft, text, at=now, reason=outcome)
