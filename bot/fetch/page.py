"""What an address answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bot.fetch.outside import decode, is_html, read_json


@dataclass(frozen=True, slots=True)
class Page:
    """An answer. ``url`` is the address that gave it, after redirects; ``body`` is decompressed, header names lower case.

    ``seconds`` went by between the request that gave it and its last byte.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0

    @property
    def not_modified(self) -> bool:
        """304: an answer, not a change."""
        return self.status == 304

    @property
    def good(self) -> bool:
        """2xx or 304."""
        return 200 <= self.status < 300 or self.not_modified

    @property
    def content_type(self) -> str:
        """The media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def html(self) -> bool:
        """Whether a web page came, by its first bytes and not by what the server calls it."""
        return is_html(self.body)

    @property
    def validators(self) -> dict[str, str]:
        """``ETag`` and ``Last-Modified``, to be given back with the next request."""
        return {name: self.headers[name] for name in ("etag", "last-modified") if self.headers.get(name)}

    def text(self) -> str:
        """The body as text: charset from the header, then the document, then detection (GB18030 for every gb*)."""
        return decode(self.body, self.headers.get("content-type", ""))

    def json(self) -> Any:
        """The body as JSON; ``BadJson`` where it is none or too deep."""
        return read_json(self.text())


_MEANING = {
    401: "（要求登录）",
    403: "（拒绝访问）",
    404: "（没有这个地址）",
    429: "（嫌我们太频繁）",
    500: "（对方出错）",
    502: "（对方网关出错）",
    503: "（对方暂停服务）",
    504: "（对方网关超时）",
}


def meaning(status: int) -> str:
    """What a status means, in brackets; empty for the rarer ones."""
    return _MEANING.get(status, "")


def retry_after(value: str, now: datetime, most: float = 3_600.0) -> float | None:
    """``Retry-After`` in seconds, from seconds or a date, at most ``most``; None where it is missing or unreadable."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), most)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return min(max(0.0, (moment - now).total_seconds()), most)
