"""Pasted links are read like any other mention, and what they say belongs to the incident they were brought for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sqlite_utils import Database

from bot import saying
from bot.model.card import Post
from bot.model.house import House
from bot.model.mention import Mention
from bot.store import incidents, mentions, notes
from bot.store.db import Store
from bot.watch import Batch, Watch

EVER = 10.0 * 365 * 86_400


class Looked(Protocol):
    """What a look at a page gave: the mention filled in, and what was missing."""

    @property
    def mention(self) -> Mention: ...

    @property
    def note(self) -> str: ...


class Links(Protocol):
    """The source of pasted links."""

    name: str

    def take(self, text: str, by: str, now: datetime) -> Mention | None: ...

    async def look(self, mention: Mention, now: datetime) -> Looked: ...


class Intake:
    """Takes pasted links in, one after another."""

    def __init__(self, store: Store, house: House, watch: Watch, links: Links, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._house = house
        self._watch = watch
        self._links = links
        self._clock = clock

    async def run(self) -> None:
        """Reads every link that waits."""
        for report in await self._store.read(notes.reports):
            await self._take(report)

    async def _take(self, report: notes.Report) -> None:
        now = self._clock()
        mention = self._links.take(report.text, report.by, now)
        if mention is None:
            await self._store.run(notes.end_report, report, "没有可读的链接", at=now)
            return
        look = await self._links.look(mention, now)
        batch = Batch(source=self._links.name, mentions=[replace(look.mention)], backfill=EVER, incident=report.incident)
        await self._watch.take_in(batch, now)
        await self._store.run(self._finish, report, mention.id, look.note, now)

    def _finish(self, db: Database, report: notes.Report, uid: str, note: str, now: datetime) -> None:
        notes.end_report(db, report, note, at=now)
        incident = incidents.find(db, report.incident)
        if incident is None:
            return
        if note:
            post = Post(f"#{incident.id} {note}")
            saying.tell_person(db, report.by, post, at=now, kind="notice", reason="link", incident=incident)
        other = mentions.incident_of(db, uid)
        if other and other != incident.id and incident.open:
            post = Post(f"#{incident.id} 的链接和 #{other} 是同一话题。同一件事请回：{incident.id}并到{other}")
            saying.tell_rooms(db, self._house, incident, post, at=now, kind="notice", reason="same_story")
