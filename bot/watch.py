"""The corridor in: source → analysis → [one transaction: known? → strand → indicators → grade → incident → who is told → outbox].

take_in    a batch that a source, a vendor or a person brought
judge      one strand or incident: measure, suggest, decide to speak or to be silent, and say why
tick       every minute: what only time changes (heat decays, a lower grade has held)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlite_utils import Database

from bot.analysis.authority import Authorities
from bot.analysis.indicators import stored_weight
from bot.judging import judge
from bot.model.house import House
from bot.model.mention import Mention, Tier
from bot.model.reading import Arrival, Reading
from bot.model.source import is_backlog
from bot.model.wording import read, written
from bot.store import inbox, incidents, mentions, sources
from bot.store.db import Store, savepoint

log = logging.getLogger("wanglou.watch")

LATE = timedelta(hours=48)

PAUSE = timedelta(seconds=1)


class Analyst(Protocol):
    """The judgement, wherever it runs (a worker process, or here in a replay)."""

    async def read(self, batch: Sequence[Mention]) -> list[Reading]: ...

    async def titles(self, matters: Iterable[int]) -> Mapping[int, tuple[str, Sequence[str]]]: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """What came in at once. ``backfill``: what was published that many seconds before it was seen is stored without alert.
    ``state``, ``memory`` (of the health view) and the id of a vendor's ``delivery`` are stored in the same transaction.
    ``incident``: a person brought it for that incident; a new strand belongs there. ``bad``: what could not be read, by line."""

    source: str
    mentions: Sequence[Mention]
    backfill: float = 86_400.0
    state: Mapping[str, Any] | None = None
    memory: Mapping[str, Any] | None = None
    health: str = "ok"
    delivery: str = ""
    incident: int | None = None
    bad: Sequence[str] = ()


class Watch:
    """Takes mentions in. ``counted(source, n)`` is told how many were new."""

    def __init__(
        self,
        store: Store,
        house: House,
        analyst: Analyst,
        authorities: Authorities,
        counted: Callable[[str, int], None] = lambda source, n: None,
    ) -> None:
        self._store = store
        self._house = house
        self._analyst = analyst
        self._authorities = authorities
        self._counted = counted
        self._own = frozenset(name for name, kind in house.watch if kind == "own")
        self._judged: dict[int, datetime] = {}
        self._waiting: dict[int, None] = {}

    async def take_in(self, batch: Batch, now: datetime) -> mentions.Taken:
        """Reads a batch and stores it with all that follows from it; returns after the commit."""
        settled = [self._settle(mention) for mention in batch.mentions]
        readings = await self._analyst.read([mention for mention, _ in settled]) if settled else []
        arrivals = [
            self._arrival(mention, scope, reading, batch.backfill)
            for (mention, scope), reading in zip(settled, readings, strict=True)
        ]
        titles = await self._analyst.titles({a.reading.matter for a in arrivals if a.ours})
        said = [(words, read(words)) for words in (arrival.mention.words for arrival in arrivals)]
        titles = {matter: (written(title, said) or title, words) for matter, (title, words) in titles.items()}
        taken = await self._store.run(self._take, batch, arrivals, titles, now)
        self._counted(batch.source, len(taken.new))
        return taken

    async def resume(self, now: datetime) -> None:
        """After a restart: judges what was stored and not judged before the end."""
        self._waiting.update(dict.fromkeys(await self._store.read(mentions.live_strands, now - LATE)))
        await self.settle(now)

    async def settle(self, now: datetime, *, at_once: bool = False) -> None:
        """Judges what came in a moment ago and was not judged at once; ``at_once``: nothing more comes at this moment."""
        if self._waiting:
            if at_once:
                self._judged.clear()
            await self._store.run(self._judge_waiting, now)

    async def tick(self, now: datetime) -> None:
        """Judges every open incident anew: time alone changes heat, velocity and what has held long enough."""
        for incident in await self._store.read(incidents.listed):
            await self._store.run(self._judge_incident, incident.id, now)

    def _settle(self, mention: Mention) -> tuple[Mention, str]:
        standing = self._authorities.standing(
            author=mention.author,
            host=urlsplit(mention.url).hostname or "",
            platform=mention.platform,
            followers=mention.followers,
            region=mention.region,
            tier=mention.tier,
        )
        scope = "foreign" if standing.foreign else standing.scope
        return replace(mention, tier=standing.tier), scope

    def _arrival(self, mention: Mention, scope: str, reading: Reading, backfill: float) -> Arrival:
        rules = tuple(rule for rule in reading.rules if rule in self._own)
        old = is_backlog(mention, backfill)
        return Arrival(
            mention=mention,
            reading=reading,
            ours=bool(rules) and not old,
            tier=mention.tier or Tier.C,
            scope=scope,
            list=mention.list,
            rules=rules,
            counted=reading.counts,
            late=mention.published is not None and mention.seen - mention.published > LATE,
        )

    def _take(
        self,
        db: Database,
        batch: Batch,
        arrivals: Sequence[Arrival],
        titles: Mapping[int, tuple[str, Sequence[str]]],
        now: datetime,
    ) -> mentions.Taken:
        if batch.delivery and not inbox.first_delivery(db, batch.source, batch.delivery, now):
            return mentions.Taken()
        for line in batch.bad:
            mentions.quarantine(db, batch.source, now, line, line)
        taken = mentions.take(db, arrivals, weigh=stored_weight, titles=titles)
        if batch.state is not None or batch.memory is not None:
            sources.save(db, batch.source, now, state=batch.state, health=batch.health, memory=batch.memory)
        if batch.incident:
            for strand in [s for s in taken.strands if mentions.strand(db, s)["incident"] is None]:
                mentions.attach(db, strand, batch.incident)
        self._waiting.update(taken.strands)
        self._judge_waiting(db, now)
        return taken

    def _judge_waiting(self, db: Database, now: datetime) -> None:
        """Judges each strand at most once a second: a storm is judged on its sum, not mention by mention."""
        for strand in list(self._waiting):
            last = self._judged.get(strand)
            if last is not None and timedelta() <= now - last < PAUSE:
                continue
            del self._waiting[strand]
            self._judged[strand] = now
            try:
                with savepoint(db, "judge"):
                    judge(db, self._house, strand, now)
            except Exception:  # a judgement that fails must not keep the mentions out
                log.exception("strand %s could not be judged", strand)
        if len(self._judged) > 10_000:
            self._judged.clear()

    def _judge_incident(self, db: Database, number: int, now: datetime) -> None:
        strands = mentions.strands_of(db, number)
        if strands:
            judge(db, self._house, strands[-1], now)
