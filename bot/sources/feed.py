"""RSS, Atom and JSON Feed, parsed from bytes that we fetched ourselves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from bot.errors import SourceError
from bot.fetch import Fetcher, Page
from bot.fetch.feeds import EXTENSION, entries, entry_key
from bot.model.mention import Mention
from bot.model.options import option, required
from bot.model.source import Common, Poll, State, dress, interval, recognise

FLOOR = 60.0
EVERY = 600.0
OWN_FLOOR = 1.0
LOST = 0.2


@dataclass(frozen=True)
class Options:
    """The settings of a feed."""

    url: str = required("RSS、Atom 或 JSON Feed 的网址；以 / 开头是本机自带的演示")
    headers: Mapping[str, str] = option({}, '随请求发出的头，如 { Authorization = "env:FEED_TOKEN" }')
    may_be_empty: bool = option(False, "允许没有条目（搜索类）；否则空即「异常」")
    lively: bool = option(False, "新闻流改为 true：三轮不变就说「停更」")
    extension: bool = option(False, "采信条目里 _wanglou 的平台、级别、互动数（自家桥接的源才开；本机演示总是采信）")


class Source:
    """A feed. Key: guid, else link, else a hash of title and date; an altered entry comes again under its key."""

    def __init__(self, name: str, common: Common, options: Options, fetch: Fetcher) -> None:
        self.name = name
        self.floor = OWN_FLOOR if options.url.startswith("/") else FLOOR
        self.every = interval(common, self.floor, EVERY)
        self.lively = options.lively
        self._common, self._options, self._fetch = common, options, fetch
        self._extension = options.extension or options.url.startswith("/")  # our own door speaks the truth about its items

    async def poll(self, state: State, now: datetime) -> Poll:
        """Entries that are new or altered since ``state``; ``SourceError`` for anything that is no feed."""
        page = await self._fetch.get(
            self._options.url,
            trusted=True,
            source=self.name,
            headers=self._options.headers,
            validators=state.get("validators"),
        )
        digest = sha256(page.body).hexdigest()[:16]
        if page.not_modified or digest == state.get("hash"):
            return Poll((), state, changed=False, found=bool(state.get("known")), degraded=state.get("degraded", ""))
        read, total = await asyncio.to_thread(self._entries, page, now)
        if not read and (total or not self._options.may_be_empty):
            raise SourceError("条目都读不出来" if total else "空的：没有一个条目", "degraded")
        fresh, known = recognise(state.get("known", {}), read)
        lost = total - len(read)
        degraded = f"{total} 个条目有 {lost} 个读不出来" if lost > LOST * total else ""
        return Poll(
            fresh,
            {"validators": page.validators, "hash": digest, "known": known} | ({"degraded": degraded} if degraded else {}),
            changed=bool(fresh) or not state.get("hash"),
            note=f"{lost} 个条目没有文字，已跳过" if lost else "",
            found=bool(read),
            degraded=degraded,
        )

    def _entries(self, page: Page, now: datetime) -> tuple[list[Mention], int]:
        """The readable entries as mentions, and how many there were."""
        raw = entries(page)
        mentions = []
        for entry in raw:
            extension = entry.pop(EXTENSION, None)
            if self._extension and isinstance(extension, dict):
                entry |= {key: value for key, value in extension.items() if key not in ("id", "text", "title")}
            try:
                mention = Mention.of(entry, source=self.name, now=now, key=entry_key(entry))
            except ValueError:
                continue
            mentions.append(dress(mention, self._common))
        return mentions[::-1], len(raw)  # feeds begin with the newest, stories with the oldest
