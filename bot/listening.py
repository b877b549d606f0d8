"""Whether people who talk to us are heard. A platform that has lost its ear is said in the rooms by whatever way is left and to who
is on call: once, and once more when it hears again, since nothing that was said meanwhile will come (reliability, Honesty)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import calling
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.message import Platform
from bot.model.times import from_iso, iso, span_of
from bot.store import outbox, rooms
from bot.store.db import Store

PATIENCE = timedelta(seconds=60)
_KEPT = "deaf"


class Listening:
    """Looks at each platform's ``unheard()``: why it hears nothing now (Chinese), empty while it does."""

    def __init__(self, store: Store, house: House, platforms: Mapping[str, Platform], clock: Callable[[], datetime]) -> None:
        self._store = store
        self._house = house
        self._platforms = platforms
        self._clock = clock

    async def look(self) -> None:
        """Notes who is deaf since when, and says what has lasted."""
        deaf = {name: why for name, p in self._platforms.items() if (why := getattr(p, "unheard", str)())}
        known = await self._store.read(rooms.kept, _KEPT)
        if deaf or known:
            await self._store.run(self._note, deaf, self._clock())

    def _note(self, db: Database, deaf: Mapping[str, str], now: datetime) -> None:
        before = rooms.kept(db, _KEPT) or {}
        after = {}
        for name, why in deaf.items():
            since, said = before.get(name) or (iso(now), False)
            since = min(since, iso(now))  # the time of day was set back: the minute begins anew
            if not said and now - from_iso(since) >= PATIENCE:
                said = True
                self._say(db, name, f"{why}。预警照发；口令和按键现在没有回应，急事请打电话", now)
            after[name] = (since, said)
        for name, (since, said) in before.items():
            if said and name not in deaf:
                gone = span_of((now - from_iso(since)).total_seconds())
                label = getattr(self._platforms.get(name), "label", name)
                self._say(db, name, f"{label}又听得见大家说话了。断开的{gone}里说的没有收到，请再说一次", now)
        rooms.keep(db, _KEPT, after)

    def _say(self, db: Database, platform: str, text: str, now: datetime) -> None:
        """In its own rooms too, where the group's robot is left; the newest word takes the place of one that still waits."""
        collapse = f"deaf:{platform}"
        for room in self._house.rooms:
            outbox.put(db, Post(text), at=now, kind="notice", reason="deaf", room=room.name, urgent=True, collapse=collapse)
        if person := calling.on_call(self._house, Grade.ORANGE):
            outbox.put(db, Post(text), at=now, kind="notice", reason="deaf", person=person.name, urgent=True, collapse=collapse)
