"""黑猫投诉: complaints, newest first, by word or by company. Read in public code, not confirmed live: parsed tolerantly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from bot.errors import SourceError
from bot.fetch import BadJson, Fetcher, Page, plain, read_json
from bot.model.mention import Mention, Tier
from bot.model.options import option
from bot.model.source import Common, Poll, State, dress, interval, recognise

FLOOR = 300.0
EVERY = 900.0
PAGES = 10
LOST = 0.2
_JSONP = re.compile(r"^\s*(?:try\s*\{)?\s*[\w.$]+\s*\((.*)\)\s*;?\s*(?:\}\s*catch.*)?$", re.S)


@dataclass(frozen=True)
class Options:
    """The settings of a complaint feed; without ``keywords`` and ``couid`` it is the newest of all."""

    keywords: tuple[str, ...] = option((), "按词搜索；空 = 最新投诉，由关注规则筛")
    couid: str = option("", "只看一家企业：它的编号")
    base: str = option("https://tousu.sina.com.cn", "接口地址；经自建代理时改")
    page_size: int = option(30, "每页几条")
    cookie: str = option("", '本企业账号的登录 Cookie，写 "env:HEIMAO_COOKIE"；不设也能看最新投诉')
    params: Mapping[str, str] = option({}, "新版接口要的 ts、rs、signature；默认不带")


class Source:
    """Complaints. Key ``sn``; text is title, appeal and summary; nothing of the complainant is kept."""

    def __init__(self, name: str, common: Common, options: Options, fetch: Fetcher) -> None:
        self.name = name
        self.floor = FLOOR
        self.every = interval(common, FLOOR, EVERY)
        self.lively = not options.keywords and not options.couid
        self._common, self._options, self._fetch = common, options, fetch

    async def poll(self, state: State, now: datetime) -> Poll:
        """Complaints that are new or altered. The newest feed is never empty, a search may be."""
        known = state.get("known", {})
        read: dict[str, Mention] = {}
        total = lost = 0
        for words in self._options.keywords or ("",):
            for number in range(1, PAGES + 1):
                records = _records(await self._ask(words, number))
                mentions = [m for record in records if (m := self._mention(record, now)) is not None]
                total, lost = total + len(records), lost + len(records) - len(mentions)
                new = {m.key: m for m in mentions if m.key not in read}
                read |= new
                if not known or not any(key not in known for key in new):  # a first poll takes one page for its baseline
                    break
        if not read and (total or self.lively):
            raise SourceError("投诉都读不出来" if total else "空的：没有一条投诉", "degraded")
        fresh, known = recognise(known, read.values())
        return Poll(
            fresh,
            {"known": known},
            changed=bool(fresh),
            found=bool(read),
            note=f"{lost} 条没有编号或文字，已跳过" if lost else "",
            degraded=f"{total} 条有 {lost} 条读不出来" if lost > LOST * total else "",
        )

    async def _ask(self, words: str, number: int) -> Page:
        options = self._options
        query = {"page_size": str(options.page_size), "page": str(number), **options.params}
        if options.couid:
            path, query = "/api/company/received_complaints", {"couid": options.couid, **query}
        elif words:
            path, query = "/api/index/s", {"keywords": words, **query}
        else:
            path, query = "/api/index/feed", {"type": "1", **query}
        headers = {"Cookie": options.cookie} if options.cookie else {}
        url = f"{options.base.rstrip('/')}{path}?{urlencode(query)}"
        return await self._fetch.get(url, trusted=True, source=self.name, headers=headers)

    def _mention(self, record: object, now: datetime) -> Mention | None:
        main = record.get("main") if isinstance(record, dict) else None
        if not isinstance(main, dict) or not isinstance(main.get("sn"), str | int) or not str(main["sn"]):
            return None
        parts = [plain(str(main[name])) for name in ("title", "appeal", "summary") if isinstance(main.get(name), str | int)]
        url = str(main.get("url") or "")
        record = {
            "id": str(main["sn"]),
            "title": parts[0] if parts and main.get("title") else "",
            "text": "\n".join(filter(None, parts)),
            "url": "https:" + url if url.startswith("//") else url,
            "published": main.get("timestamp"),
            "platform": self._common.platform or "黑猫投诉",
            "tier": self._common.tier or Tier.C,
        }
        try:
            return dress(Mention.of(record, source=self.name, now=now), self._common)
        except ValueError:
            return None


def _records(page: Page) -> list[Any]:
    if page.html:
        raise SourceError("返回的是网页，请重新登录并更新 cookie", "degraded")
    text = page.text()
    wrapped = _JSONP.match(text)
    try:
        answer = read_json(wrapped[1] if wrapped else text)
        records = answer["result"]["data"]["lists"]
    except BadJson as exc:
        raise SourceError(str(exc), "degraded") from None
    except (KeyError, TypeError):
        raise SourceError("回答里没有投诉列表", "degraded") from None
    if not isinstance(records, list):
        raise SourceError("回答里没有投诉列表", "degraded")
    return records
