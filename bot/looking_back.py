"""Looking at the original of a piece of evidence again, an hour and a day later: posts vanish, what was kept does not.

look    looks due → fetch (outside any transaction) → one row; gone or edited is a line in the room and in the log, no lower heat
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime

from sqlite_utils import Database

from bot import saying
from bot.errors import SourceError
from bot.fetch import Fetcher, Page
from bot.model.card import Post
from bot.model.house import House
from bot.model.people import WANGLOU
from bot.model.times import clock_of
from bot.released import words_of
from bot.store import evidence, incidents
from bot.store.db import Store

GONE = frozenset({404, 410})
SAMPLE = 16
"""So many characters of the kept words are looked for in the page."""
SHORTEST = 6
_REMOVED = re.compile(
    r"(?:内容|帖子|微博|文章|笔记|视频|页面|回答|动态|作品)(?:已|已经)?(?:被)?(?:作者|楼主|发布者|用户|博主)?(?:自行)?(?:删除|不存在|下架|不见了)"
    r"|已被(?:作者|发布者|用户|博主)?删除"
)


class LookingBack:
    """The reader of originals. Their addresses came from outside: only public ones are asked."""

    def __init__(self, store: Store, house: House, fetcher: Fetcher, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._house = house
        self._fetcher = fetcher
        self._clock = clock

    async def look(self) -> int:
        """Looks at every original that is due; how many."""
        due = await self._store.read(evidence.looks_due, self._clock())
        await asyncio.gather(*(self._one(it) for it in due))
        return len(due)

    async def _one(self, it: evidence.Look) -> None:
        verdict, why = ("", "") if it.piece.fate else await self._read(it)
        await self._store.run(self._note, it, verdict, why, self._clock())

    async def _read(self, it: evidence.Look) -> tuple[str, str]:
        """``same``, ``gone``, ``edited``, or ``unread`` with nothing to be said; and how that was seen."""
        incident = await self._store.read(incidents.find, it.piece.incident or 0)
        if incident is None or not incident.open:
            return "closed", ""
        try:
            page = await self._fetcher.request(
                it.piece.url, trusted=False, accept=lambda page: page.good or page.status in GONE
            )
        except SourceError:
            return "unread", ""
        return await asyncio.to_thread(judged, it.piece.text, page, it.before)

    def _note(self, db: Database, look: evidence.Look, verdict: str, why: str, now: datetime) -> None:
        if not evidence.looked(db, look, verdict, at=now) or verdict not in ("gone", "edited"):
            return
        piece = evidence.met(db, look.piece, verdict, at=now, by=WANGLOU, why=f"{look.piece.name} {why}")
        incident = incidents.get(db, piece.incident or 0)
        what = "原帖已删" if verdict == "gone" else "原帖已改"
        kept = f"{piece.name} 已存（{clock_of(piece.at, now)} 留存，校验 {piece.sha256[:8]}）"
        text = f"#{incident.id} {what}，{kept}\n{clock_of(now, now)} 复查：{why}。热度照旧计算"
        saying.tell_rooms(db, self._house, incident, Post(text), at=now, kind="notice", reason=f"original_{verdict}")


def judged(kept: str, page: Page, before: str) -> tuple[str, str]:
    """What a page says of the words that were kept. ``edited`` only where an earlier look had found them there: a page that
    shows nothing without log-in, or by script alone, proves nothing."""
    if page.status in GONE:
        return "gone", f"HTTP {page.status}"
    words = words_of(page)
    if any(sample in _bare(words) for sample in _samples(kept)):
        return "same", ""
    if found := _REMOVED.search(words):
        return "gone", f"页面写着「{found[0]}」"
    return ("edited", "页面上没有原来的话了") if before == "same" else ("unread", "")


def _samples(kept: str) -> list[str]:
    """The beginning of each line that was kept, as it is looked for; what is too short is found anywhere."""
    return [bare[:SAMPLE] for line in kept.splitlines() if len(bare := _bare(line)) >= SHORTEST]


def _bare(text: str) -> str:
    """Letters and digits alone."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
