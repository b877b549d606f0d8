"""RSS, Atom and JSON Feed, parsed from bytes that we fetched ourselves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import feedparser
from defusedxml.common import DefusedXmlException

from bot.errors import SourceError
from bot.fetch import BadJson, Fetcher, Page, plain
from bot.model.mention import Mention, words_key
from bot.model.options import option, required
from bot.model.source import Common, Poll, State, dress, interval, recognise

FLOOR = 60.0
EVERY = 600.0
OWN_FLOOR = 1.0
EXTENSION = "_wanglou"
LOST = 0.2

# Its strict parser becomes one that refuses entities instead of expanding them.
feedparser.api.PREFERRED_XML_PARSERS = ["defusedxml.expatreader"]


@dataclass(frozen=True)
class Options:
    """The settings of a feed."""

    url: str = required("RSS、Atom 或 JSON Feed 的网址；以 / 开头是本机自带的演示")
    headers: Mapping[str, str] = option({}, '随请求发出的头，如 { Authorization = "env:FEED_TOKEN" }')
    may_be_empty: bool = option(False, "允许没有条目（搜索类）；否则空即「异常」")
    lively: bool = option(False, "新闻流改为 true：三轮不变就说「停更」")
    extension: bool = option(False, "采信条目里 _wanglou 的平台、级别、互动数（自家桥接的源才开）")


class Source:
    """A feed. Key: guid, else link, else a hash of title and date; an altered entry comes again under its key."""

    def __init__(self, name: str, common: Common, options: Options, fetch: Fetcher) -> None:
        self.name = name
        self.floor = OWN_FLOOR if options.url.startswith("/") else FLOOR
        self.every = interval(common, self.floor, EVERY)
        self.lively = options.lively
        self._common, self._options, self._fetch = common, options, fetch

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
            return Poll((), state, changed=False, found=bool(state.get("known")))
        entries, total = await asyncio.to_thread(self._entries, page, now)
        if not entries and (total or not self._options.may_be_empty):
            raise SourceError("条目都读不出来" if total else "空的：没有一个条目", "degraded")
        fresh, known = recognise(state.get("known", {}), entries)
        lost = total - len(entries)
        return Poll(
            fresh,
            {"validators": page.validators, "hash": digest, "known": known},
            changed=bool(fresh) or not state.get("hash"),
            note=f"{lost} 个条目没有文字，已跳过" if lost else "",
            found=bool(entries),
            degraded=f"{total} 个条目有 {lost} 个读不出来" if lost > LOST * total else "",
        )

    def _entries(self, page: Page, now: datetime) -> tuple[list[Mention], int]:
        """The readable entries as mentions, and how many there were."""
        raw = _json_entries(page) if _is_json(page) else _xml_entries(page)
        mentions = []
        for entry in raw:
            extension = entry.pop(EXTENSION, None)
            if self._options.extension and isinstance(extension, dict):
                entry |= {key: value for key, value in extension.items() if key not in ("id", "text", "title")}
            try:
                present = {name: value for name, value in entry.items() if value is not None}
                mention = Mention.of(present, source=self.name, now=now, key=_key(entry))
            except ValueError:
                continue
            mentions.append(dress(mention, self._common))
        return mentions, len(raw)


def _key(entry: Mapping[str, Any]) -> str:
    """Where there is neither guid nor link."""
    return "" if entry.get("url") else words_key(f"{entry.get('title')}{entry.get('published')}")


def _is_json(page: Page) -> bool:
    return "json" in page.content_type or page.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def _json_entries(page: Page) -> list[dict[str, Any]]:
    try:
        feed = page.json()
    except BadJson as exc:
        raise SourceError(f"JSON Feed 读不懂：{exc}", "degraded") from None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise SourceError("不是 JSON Feed：没有 items", "degraded")
    return [_json_entry(item) if isinstance(item, dict) else {} for item in items]


def _json_entry(item: Mapping[str, Any]) -> dict[str, Any]:
    authors = item.get("authors") or [item.get("author") or {}]
    first = authors[0] if isinstance(authors, list) and authors and isinstance(authors[0], dict) else {}
    return {
        "id": item.get("id"),
        "url": item.get("url") or item.get("external_url"),
        "title": plain(str(item.get("title") or "")),
        "text": plain(str(item.get("content_html") or item.get("content_text") or item.get("summary") or "")),
        "published": item.get("date_published") or item.get("date_modified"),
        "author": first.get("name"),
        "updated": item.get("date_modified"),
        EXTENSION: item.get(EXTENSION),
    }


def _xml_entries(page: Page) -> list[dict[str, Any]]:
    try:
        feed = feedparser.parse(
            BytesIO(page.body),
            response_headers={"content-type": page.headers.get("content-type", "")},
            resolve_relative_uris=False,
            sanitize_html=False,  # ``plain`` does it, after its cap
        )
    except DefusedXmlException:
        raise SourceError("XML 里定义了实体，已拒绝", "degraded") from None
    if not feed.version and not feed.entries:
        raise SourceError("返回的是网页（登录或验证码），不是订阅源" if page.html else "不是订阅源", "degraded")
    return [
        _xml_entry(dict(entry), page.url) for entry in feed.entries
    ]  # a plain dict: theirs warns when asked for ``updated``


def _xml_entry(entry: Mapping[str, Any], base: str) -> dict[str, Any]:
    contents = [content.get("value") or "" for content in entry.get("content") or ()]
    markup = max([*contents, entry.get("summary") or ""], key=len)
    return {
        "id": entry.get("id"),
        "url": _absolute(base, entry.get("link") or ""),
        "title": plain(entry.get("title") or ""),
        "text": plain(markup),
        "published": entry.get("published") or entry.get("updated"),
        "author": entry.get("author"),
        "updated": entry.get("updated"),
    }


def _absolute(base: str, link: str) -> str:
    """A feed writes relative links now and then; one that cannot be read is none."""
    try:
        return urljoin(base, link.strip()) if link.strip() else ""
    except ValueError:
        return ""
