"""A mention: one post, article, comment, video or complaint that a source brought in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bot.model.times import read_time

TEXT_CAP = 20_000
TITLE_CAP = 500
EXTRA_CAP = 8_192
_TRACKING = re.compile(r"^(utm_.*|spm|from|share_.*|weixin_.*|fbclid|gclid|scm|_t|timestamp)$", re.I)
_COUNT = re.compile(r"([\d,]+(?:\.\d+)?)\s*([万亿wWkK]?)")
_WRITTEN = (str, int, float)
_UNIT = {"万": 1e4, "w": 1e4, "亿": 1e8, "k": 1e3, "": 1.0}


class Tier(StrEnum):
    """How much a source's word weighs (domain handbook 3.2): S central media and authorities … D not credible."""

    S = "S"
    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True)
class Mention:
    """What was said, where, by whom, when. Counts that the source did not give are None, never 0.

    ``key`` is the identity inside ``source``; ``published`` may be unknown; ``seen`` is the moment of arrival (UTC).
    ``list`` is ``national`` or ``city`` for an entry of a hot list, else empty. Unknown fields of a vendor stay in ``extra``.
    """

    source: str
    key: str
    seen: datetime
    text: str = ""
    title: str = ""
    platform: str = ""
    tier: Tier | None = None
    url: str = ""
    author: str = ""
    followers: int | None = None
    published: datetime | None = None
    reposts: int | None = None
    comments: int | None = None
    likes: int | None = None
    reads: int | None = None
    rank: int | None = None
    list: str = ""
    region: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The name by which duplicates refer to it: unique over all sources."""
        return f"{self.source}:{self.key}"

    @property
    def words(self) -> str:
        """Title and text together, without saying the same thing twice."""
        if not self.title or self.text.startswith(self.title):
            return self.text or self.title
        return f"{self.title}\n{self.text}" if self.text else self.title

    @property
    def at(self) -> datetime:
        """When it was published, or when it arrived where that is unknown."""
        return self.published or self.seen

    @classmethod
    def of(cls, record: Mapping[str, Any], *, source: str, now: datetime, key: str = "") -> Mention:
        """A mention from the vendor-neutral JSON shape of the contract; ``ValueError`` names what is wrong.

        Only ``text`` or ``title`` is required. ``source`` is the name of the configured source, ``key`` the identity to
        use where the record has no ``id``; else the canonical address, else a hash of the words.
        """
        text, title = _text(record.get("text"), "text", TEXT_CAP), _text(record.get("title"), "title", TITLE_CAP)
        if not text.strip() and not title.strip():
            raise ValueError("text、title 至少要有一个")
        given: dict[str, Any] = {"source": source, "seen": now, "text": text, "title": title}
        for name, value in record.items():
            if read := _READ.get(name):
                given[name] = read(value)
        given["key"] = _text(record.get("id"), "id", 300) or key or canonical(given.get("url", "")) or words_key(title + text)
        given["published"] = read_time(record.get("published"), now)
        given["extra"] = _extra(record)
        mention = object.__new__(cls)  # frozen, it would set nineteen fields one by one: a fifth of the time of reading a line
        object.__setattr__(mention, "__dict__", given)
        return mention


KNOWN = frozenset(
    "id source platform tier url author followers title text published reposts comments likes reads rank list region".split()
)


def _text(value: object, name: str, cap: int) -> str:
    if value is None:
        return ""
    if type(value) is str:
        text = value[:cap]
        return text if text.isascii() else _whole(text)
    if not isinstance(value, _WRITTEN) or isinstance(value, bool):
        raise ValueError(f"{name} 应为文字")
    return _whole(str(value)[:cap])


def _whole(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a pair of surrogates
        return text.encode("utf-8", "replace").decode()
    return text


def _extra(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the contract does not name, as it came, in the order it came, as far as ``EXTRA_CAP`` bytes of JSON reach; a number
    beyond all bounds (1e999) is kept as a word, since no database reads it."""
    kept: dict[str, Any] = {}
    if record.keys() <= KNOWN:
        return kept
    size = 0
    for name, value in record.items():
        if name in KNOWN:
            continue
        raw = json.dumps({str(name): value}, ensure_ascii=False, default=str).encode("utf-8", "replace")
        size += len(raw)
        if size <= EXTRA_CAP:
            kept |= json.loads(raw, parse_constant=str)
    return kept


def _tier(value: object) -> Tier | None:
    if value in (None, ""):
        return None
    try:
        return Tier(str(value).strip().upper())
    except ValueError:
        raise ValueError("tier 应为 S A B C D 之一") from None


def _list(value: object) -> str:
    if value in (None, ""):
        return ""
    if value in ("national", "city"):
        return str(value)
    raise ValueError("list 应为 national 或 city")


def count(value: object) -> int | None:
    """A count as vendors write it: 1234, "1,234", "1.2万", "1234 万热度"; None where there is none."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if 0 <= value < 2**53 else None
    found = _COUNT.search(str(value)[:64])
    if not found:
        return None
    number = float(found[1].replace(",", "") or 0) * _UNIT[found[2].lower()]
    return int(number) if number < 2**53 else None


_READ: dict[str, Callable[[object], Any]] = {
    "platform": lambda value: _text(value, "platform", 60),
    "url": lambda value: _text(value, "url", 2_000),
    "author": lambda value: _text(value, "author", 120),
    "region": lambda value: _text(value, "region", 60),
    "tier": _tier,
    "list": _list,
    **dict.fromkeys(("followers", "reposts", "comments", "likes", "reads", "rank"), count),
}
"""What a record may tell besides its words, its identity and its moment; what it does not tell keeps its default."""


def canonical(url: str) -> str:
    """An address without scheme differences, fragment and tracking parameters; empty where it is none."""
    text = url.strip()
    if text.startswith("//"):
        text = "https:" + text
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k)])
    return urlunsplit(("https", parts.netloc.lower(), parts.path.rstrip("/") or "/", query, ""))


def words_key(words: str) -> str:
    """The identity of a text that has no other."""
    import hashlib  # brings OpenSSL, 4 MB that an analysis of its own can do without

    return "sha256:" + hashlib.sha256(words.encode()).hexdigest()[:32]
