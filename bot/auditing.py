"""Each minute: what should have been said, fired and answered, against what was; any difference is shown and said once.

recompute  alert decisions against outbox rows and how these ended, due clocks against timers, what was heard against answers
say        one line when something differs, one when nothing does any more
heartbeat  to the operator's own monitor, only when nothing differs and no part of ours is in trouble (reliability, promises)
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.errors import SourceError
from bot.fetch import Fetcher
from bot.model.times import clock_of, from_iso
from bot.store import audit
from bot.store.db import Store

log = logging.getLogger("wanglou.auditing")

LATE = timedelta(seconds=30)
"""What was due, asked for or heard so long ago should have happened; it differs when the next look finds it again."""
DOUBT = timedelta(hours=26)
"""A send of unknown outcome stands in the next daily summary."""
LATELY = timedelta(hours=1)
"""What went wrong once and is over is shown for so long."""
BACK = 2_000
"""So many of the newest rows are compared again after a start."""


class Auditor:
    """Recomputes each minute. ``say`` tells the rooms, ``well`` is what ``/healthz`` says of our own parts."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        say: Callable[[Sequence[str]], Awaitable[None]],
        well: Callable[[], Awaitable[bool]],
        fetcher: Fetcher,
        heartbeat: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._say = say
        self._well = well
        self._fetcher = fetcher
        self._heartbeat = heartbeat
        self._since: audit.Marks | None = None
        self._before = audit.Found()
        self._once: list[tuple[datetime, str]] = []
        self._at: datetime | None = None
        self._found: tuple[str, ...] = ()
        self._told = False
        self._beat = ""

    async def look(self) -> None:
        """One recomputation, what it says, and the heartbeat where nothing differs."""
        now = self._clock()
        since = self._since if self._since else await self._store.read(audit.newest, BACK)
        until = await self._store.read(audit.newest)
        found = await self._store.read(audit.differences, since, until, late=now - LATE, doubt=now - DOUBT, lately=now - LATELY)
        lasting, self._before, self._since = found.still(self._before), found, until
        self._once = [(at, line) for at, line in self._once if timedelta() <= now - at < LATELY]
        self._once += [(now, line) for line in over(found, now)]
        self._found, self._at = (*(line for _, line in self._once), *words(lasting)), now
        if self._found and not self._told:
            await self._say([f"自查有出入：{'；'.join(self._found)}。请管理员看 /healthz 和日志"])
        if self._told and not self._found:
            await self._say(["自查恢复正常：该发的、到点的、收到的都有了结果"])
        self._told = bool(self._found)
        for line in self._found:
            log.warning("self-audit: %s", line)
        if self._heartbeat and not self._found and await self._well():
            await self._send()

    async def _send(self) -> None:
        try:
            await self._fetcher.get(self._heartbeat, trusted=True, source="heartbeat")
            self._beat = ""
        except SourceError as error:
            log.warning("heartbeat: %s", error)
            self._beat = "外部心跳没有送到，原因见日志"

    def problems(self) -> list[str]:
        """What differed when it was last looked at, in Chinese."""
        return [f"自查：{line}" for line in self._found]

    def warnings(self) -> list[str]:
        """The outside heartbeat, where it could not be sent: the monitor itself says the rest."""
        return [self._beat] if self._beat else []

    def shown(self) -> dict[str, Any]:
        """For the health view: when it was last looked at, and what differed."""
        return {"at": self._at.isoformat() if self._at else None, "differences": list(self._found)}


def over(found: audit.Found, now: datetime) -> list[str]:
    """The differences of what is over: they are found once."""
    lines = []
    if found.untold:
        number, at, reason = found.untold[0]
        lines.append(f"{len(found.untold)}次预警没有发全，最早 #{number} {clock_of(from_iso(at), now)}（{reason}）")
    if found.unended:
        lines.append(f"{len(found.unended)}条消息的结局对不上，最早第{found.unended[0]}条")
    return lines


def words(found: audit.Found) -> list[str]:
    """The differences of what is open, or was broken lately, one line a sort."""
    rows = {
        "{}条消息发到一半没有结果，最早第{}条": found.hanging,
        "{}条「结果未知」没有列入摘要，最早第{}条": found.doubtful,
        "{}个定时到点没有响，最早 {}": found.unfired,
        "{}个定时动作出错，最早 {}": found.broken,
        "{}个时限过点没有提醒，最早 {}": tuple(f"#{number} {name}" for number, name in found.unwatched),
        "{}条收到的话没有回，最早 {}": found.unanswered,
    }
    return [text.format(len(of_sort), of_sort[0]) for text, of_sort in rows.items() if of_sort]
