"""Cards that hang in chats and look different now: painted anew where the platform can, else said anew. Never silence (room 1.12).

changed    a moment's changes are one repaint; where the platform can't, one newer card, itself changed until it goes out
owed       a press could not paint its card (too late, refused, killed): at once, and no mute holds it
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import muting
from bot.errors import DeliveryError
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.message import Parcel, Platform, Target
from bot.store import incidents, outbox
from bot.store.db import Store

log = logging.getLogger("wanglou.deliver")

ANEW = "anew"
MERGE = 3.0
"""Changes of one card within this time are one repaint: each may cost of a month's quota."""
SETTLE = timedelta(seconds=20)
"""How long a newer card waits for further changes before it is said."""
BACKOFF = (1, 5, 15, 30, 60, 120, 300)
TRIES, OWED_TRIES = 12, 3
TIMEOUT = 20.0


class Repainting:
    """``where`` tells a row's target. ``at_once`` are the platforms on which a repaint costs nothing and shows at once;
    ``steady`` counts monotonic seconds."""

    def __init__(
        self,
        store: Store,
        house: House,
        platforms: Mapping[str, Platform],
        clock: Callable[[], datetime],
        where: Callable[[Database, str, str], Target | None],
        at_once: Collection[str],
        steady: Callable[[], float],
    ) -> None:
        self._store = store
        self._house = house
        self._platforms = platforms
        self._clock = clock
        self._where = where
        self._at_once = at_once
        self._steady = steady
        self._due: dict[int, float] = {}
        self._tries: dict[int, int] = {}
        self._busy: set[int] = set()

    @property
    def waiting(self) -> bool:
        """Whether a card waits for its moment."""
        return bool(self._due)

    async def idle(self) -> bool:
        """Whether every card that looks different waits for a later moment (for tests)."""
        now = self._steady()
        return all(self._due.get(row.id, now) > now for row, _ in await self._store.read(outbox.to_repaint))

    async def ready(self) -> list[tuple[outbox.Row, bool]]:
        """The rows to look at now, each with whether somebody waits for it."""
        now, found = self._steady(), await self._store.read(outbox.to_repaint)
        known = {row.id for row, _ in found}
        self._due = {id: at for id, at in self._due.items() if id in known}
        self._tries = {id: n for id, n in self._tries.items() if id in known}
        for row, owed in found:
            held = not owed and self._platform_of(row) not in self._at_once
            self._due.setdefault(row.id, now + MERGE if held else now)
            if owed and not self._tries.get(row.id):
                self._due[row.id] = min(now, self._due[row.id])
        ready = [(row, owed) for row, owed in found if self._due[row.id] <= now and row.id not in self._busy]
        self._busy |= {row.id for row, _ in ready}
        return ready

    async def see_to(self, row: outbox.Row, owed: bool) -> None:
        """Paints one card, or says it anew."""
        try:
            if await self._painted(row, owed):
                await self._store.run(outbox.repainted, row.id, row.post)
                return
            await self._store.run(self._say_anew, row, owed, self._clock())
        except DeliveryError as error:
            tries = self._tries[row.id] = self._tries.get(row.id, 0) + 1
            wait = max(error.after, BACKOFF[min(tries, len(BACKOFF)) - 1])
            self._due[row.id] = self._steady() + wait
            log.info("row %s was not painted anew: %s", row.id, error)
        except Exception:
            log.exception("row %s could not be painted anew", row.id)
            self._tries[row.id] = TRIES
            self._due[row.id] = self._steady() + MERGE
        finally:
            self._busy.discard(row.id)

    async def _painted(self, row: outbox.Row, owed: bool) -> bool:
        """False where it cannot be painted, or not in time; ``DeliveryError`` while it is worth another try."""
        target = await self._store.read(self._where, row.room, row.person)
        paint = getattr(self._platforms.get(target.platform), "repaint", None) if target else None
        if not target or not paint or self._tries.get(row.id, 0) >= TRIES:
            return False
        try:
            return bool(await asyncio.wait_for(paint(Parcel(row.id, target, row.post, row.grade)), TIMEOUT))
        except TimeoutError:
            error = DeliveryError("没有在时限内回答", "unknown")
        except DeliveryError as refused:
            error = refused
        if error.outcome == "permanent" or self._tries.get(row.id, 0) + 1 >= (OWED_TRIES if owed else TRIES):
            return False
        raise error

    def _say_anew(self, db: Database, row: outbox.Row, owed: bool, now: datetime) -> None:
        """Another card takes the place of one that can't be painted, and of further changes until it goes out."""
        as_it_is = outbox.get(db, row.id)
        outbox.repainted(db, row.id, as_it_is.post if as_it_is else row.post)
        incident = incidents.find(db, row.incident) if row.incident else None
        if as_it_is is None or as_it_is.post.card is None or incident is None or (row.room and incident.confidential):
            return
        later = None if owed else now + SETTLE
        if not owed and row.room and muting.muted(db, self._house, incident, row.room, now):
            return
        if not owed and row.person and (quiet := muting.quiet_until(db, self._house, incident, now)):
            later = quiet
        outbox.put(
            db,
            Post.of(as_it_is.post.card),
            at=now,
            kind=row.kind,
            reason=ANEW,
            room=row.room,
            person=row.person,
            incident=row.incident,
            grade=incident.shown or Grade.BLUE,
            urgent=owed,
            not_before=later,
        )

    def _platform_of(self, row: outbox.Row) -> str:
        room = self._house.room(row.room) if row.room else None
        return room.platform if room else ""
