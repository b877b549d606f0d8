"""What a feed holds: RSS, Atom and JSON Feed as records in the names of a mention."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import feedparser
from defusedxml.common import DefusedXmlException

from bot.errors import SourceError
from bot.fetch.outside import BadJson, plain
from bot.fetch.page import Page
from bot.model.mention import words_key

EXTENSION = "_wanglou"
"""An item's own member in JSON Feed for platform, tier and counts; believed only where a source is told to."""

# Its strict parser becomes one that refuses entities instead of expanding them.
feedparser.api.PREFERRED_XML_PARSERS = ["bot.fetch.xml_parser"]


def entries(page: Page) -> list[dict[str, Any]]:
    """One record an entry, values that are missing left out; ``SourceError`` (degraded) where the page is no feed."""
    found = _json_entries(page) if _is_json(page) else _xml_entries(page)
    return [{name: value for name, value in entry.items() if value is not None} for entry in found]


def entry_key(entry: Mapping[str, Any]) -> str:
    """The identity of an entry with neither guid nor link: its title and date; empty for any other."""
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
    except Exception as exc:  # damaged bytes make it raise nearly anything: ValueError, LookupError, AttributeError …
        raise SourceError(f"订阅源残缺，读不懂（{type(exc).__name__}）", "degraded") from None
    if not feed.get("version") and not feed.entries:
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
