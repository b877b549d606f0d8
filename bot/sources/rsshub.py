"""Accounts, keywords and boards as feeds, by way of an RSSHub instance."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from bot.errors import SourceError
from bot.fetch import Fetcher, Page
from bot.fetch.feeds import EXTENSION, entries, entry_key
from bot.model.mention import Mention
from bot.model.options import option, required
from bot.model.source import Common, Poll, State, dress, interval, recognise

FLOOR = 300.0
EVERY = 600.0
LOST = 0.2
EMPTY = "this route is empty"


@dataclass(frozen=True)
class Options:
    """The settings of a route."""

    base: str = required("RSSHub 实例的地址；建议自建")
    route: str = required('路由，如 "/weibo/keyword/{keyword}"')
    keyword: str = option("", "填进 {keyword} 的词")
    key: str = option("", '实例的访问密钥，写 "env:RSSHUB_KEY"；不会进日志')
    code: str = option("", "实例的访问码，与 key 二选一")
    limit: int = option(0, "最多要几条；0 = 由实例决定")
    params: Mapping[str, str] = option({}, '其他参数，如 { filter_title = "晨露", mode = "fulltext" }')
    lively: bool = option(False, "内容本该常变时改为 true：三轮不变就说「停更」")


class Source:
    """A route. The instance calls an empty route an error; its body tells "nothing found" from "broken"."""

    def __init__(self, name: str, common: Common, options: Options, fetch: Fetcher) -> None:
        self.name = name
        self.floor = FLOOR
        self.every = interval(common, FLOOR, EVERY)
        self.lively = options.lively
        self._common, self._options, self._fetch = common, options, fetch

    async def poll(self, state: State, now: datetime) -> Poll:
        """Entries that are new or altered; ``found`` is false for an empty route."""
        page = await self._fetch.request(
            self._address(),
            trusted=True,
            source=self.name,
            validators=state.get("validators"),
            accept=lambda page: page.good or _is_empty(page),
        )
        if page.not_modified:
            return Poll((), state, changed=False, found=bool(state.get("found")))
        if _is_empty(page):
            return Poll((), {**state, "validators": {}, "found": False}, changed=False, found=False)
        read, total = await asyncio.to_thread(self._mentions, page, now)
        if not read:
            raise SourceError("条目都读不出来" if total else "空的：没有一个条目", "degraded")
        fresh, known = recognise(state.get("known", {}), read)
        lost = total - len(read)
        return Poll(
            fresh,
            {"validators": page.validators, "known": known, "found": True},
            changed=bool(fresh),
            note=f"{lost} 个条目没有文字，已跳过" if lost else "",
            degraded=f"{total} 个条目有 {lost} 个读不出来" if lost > LOST * total else "",
        )

    def _address(self) -> str:
        options = self._options
        query = {"format": "json", **options.params}
        query |= {"limit": str(options.limit)} if options.limit else {}
        query |= {"key": options.key} if options.key else {}
        query |= {"code": options.code} if options.code else {}
        route = options.route.replace("{keyword}", quote(options.keyword, safe=""))
        return f"{options.base.rstrip('/')}/{route.lstrip('/')}?{urlencode(query)}"

    def _mentions(self, page: Page, now: datetime) -> tuple[list[Mention], int]:
        raw = entries(page)
        read = []
        for entry in raw:
            entry.pop(EXTENSION, None)
            try:
                mention = Mention.of(entry, source=self.name, now=now, key=entry_key(entry))
            except ValueError:
                continue
            read.append(dress(mention, self._common))
        return read[::-1], len(raw)  # feeds begin with the newest, stories with the oldest


def _is_empty(page: Page) -> bool:
    return page.status == 503 and EMPTY in page.body[:65_536].decode("utf-8", "ignore").lower()
