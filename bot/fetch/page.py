"""What an address answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.fetch.outside import decode, is_html, read_json


@dataclass(frozen=True, slots=True)
class Page:
    """An answer. ``url`` is the address that gave it, after redirects; ``body`` is decompressed, header names lower case."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

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
