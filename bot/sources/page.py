"""A web page that is watched for changes, our own or somebody else's."""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from bot.errors import ConfigError, SourceError
from bot.fetch import Fetcher, Page
from bot.model.mention import Mention
from bot.model.options import option, required
from bot.model.source import Common, Poll, State, dress, interval
from bot.model.times import iso

FLOOR = 60.0
EVERY = 600.0
TEXT_CAP = 60_000
DIFF_LINES = 12
DIFF_CHARS = 1_200
_LOGIN = re.compile(r"请(?:先)?登录|登录后(?:查看|继续|访问)|扫码登录|请输入验证码|安全验证|滑动验证|访问过于频繁")
_BLANKS = re.compile(r"[ \t\r\xa0\u3000\u200b\ufeff]+")
_NOISE = ("script", "style", "noscript", "template", "svg", "iframe")


@dataclass(frozen=True)
class Options:
    """The settings of a watched page."""

    url: str = required("要看着的网址")
    select: str = option("body", "只看页面的哪一部分（CSS 选择器）")
    ignore: tuple[str, ...] = option((), "忽略的正则：计数、日期等总在变的地方")
    must: str = option("", "好页面上一定有的词；没有就算打不开，不算改动")
    min_chars: int = option(20, "正文少于这么多字就算打不开，不算改动")
    own: bool = option(False, "自家页面：未说明的改动立即按「本站被改」上报")


class Source:
    """A page. Its first good state is the baseline; an error page, a log-in or too little text is a failure, never a change."""

    def __init__(self, name: str, common: Common, options: Options, fetch: Fetcher) -> None:
        self.name = name
        self.floor = FLOOR
        self.every = interval(common, FLOOR, EVERY)
        self.lively = False
        self._common, self._options, self._fetch = common, options, fetch
        where = f"sources.{name}"
        self._ignore = [_pattern(text, f"{where}.ignore[{n}]") for n, text in enumerate(options.ignore)]
        try:
            LexborHTMLParser("<p></p>").css(options.select)
        except SelectolaxError:
            raise ConfigError(f"{where}.select: 不是 CSS 选择器：{options.select!r}") from None

    async def poll(self, state: State, now: datetime) -> Poll:
        """One mention for a change, with the difference as its text.

        ``extra["page"]`` of the poll holds both sides for the evidence: ``before``, ``after``, ``raw`` (the body's hash), ``own``.
        """
        page = await self._fetch.get(self._options.url, trusted=True, source=self.name, validators=state.get("validators"))
        if page.not_modified:
            return Poll((), state, changed=False)
        lines = await asyncio.to_thread(self._lines, page)
        digest = sha256("\n".join(lines).encode()).hexdigest()
        before = state.get("lines")
        told = {"validators": page.validators, "hash": digest, "lines": lines, "at": iso(now)}
        if before is None or digest == state.get("hash"):
            return Poll((), told, changed=before is None)
        mention = await asyncio.to_thread(self._change, before, lines, digest, now)
        sides: dict[str, Any] = {
            "url": page.url, "own": self._options.own, "before": "\n".join(before), "after": "\n".join(lines),
            "before_at": state.get("at", ""), "status": page.status, "headers": dict(page.headers),
            "raw": sha256(page.body).hexdigest(),
        }  # fmt: skip
        return Poll((mention,), told, extra={"page": sides})

    def _lines(self, page: Page) -> list[str]:
        """The text that is watched, line by line; ``SourceError`` where this is not the page we know."""
        tree = LexborHTMLParser(page.text())
        tree.strip_tags(list(_NOISE))
        whole = tree.body.text(separator="\n") if tree.body else ""
        if self._options.must and self._options.must not in whole:
            raise SourceError(f"页面上没有「{self._options.must}」，像是错误页", "degraded")
        parts = [node.text(separator="\n") for node in tree.css(self._options.select)]
        if not parts:
            raise SourceError(f"页面上找不到 {self._options.select}", "degraded")
        text = "\n".join(parts)[:TEXT_CAP]
        for pattern in self._ignore:
            text = pattern.sub("", text)
        lines = [line for raw in text.split("\n") if (line := _BLANKS.sub(" ", raw).strip())]
        size = sum(map(len, lines))
        if not self._options.must and size < 10 * self._options.min_chars and _LOGIN.search(whole):
            raise SourceError("页面要求登录或验证", "degraded")
        if size < self._options.min_chars:
            raise SourceError(f"页面只有 {size} 字，像是错误页", "degraded")
        return lines

    def _change(self, before: Sequence[str], after: Sequence[str], digest: str, now: datetime) -> Mention:
        words = "自家页面有改动" if self._options.own else "页面有改动"
        mention = Mention(
            source=self.name,
            key=f"{digest[:16]}@{iso(now)}",
            seen=now,
            title=f"{self.name}：{words}",
            text=difference(before, after),
            url=self._options.url,
            published=now,
            extra={"page_change": True, "own": self._options.own},
        )
        return dress(mention, self._common)


def difference(before: Sequence[str], after: Sequence[str]) -> str:
    """What went (``－``) and what came (``＋``), line by line, cut to what a card can show."""
    rows = [
        ("－" if row[0] == "-" else "＋") + row[1:]
        for row in difflib.unified_diff(list(before)[:2_000], list(after)[:2_000], n=0, lineterm="")
        if row[0] in "-+" and not row.startswith(("---", "+++"))
    ]
    shown = "\n".join(rows[:DIFF_LINES])[:DIFF_CHARS]
    return f"{shown}\n（共 {len(rows)} 行不同）" if len(rows) > DIFF_LINES else shown


def _pattern(text: str, where: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as exc:
        raise ConfigError(f"{where}: 正则写法有误：{exc}") from None
