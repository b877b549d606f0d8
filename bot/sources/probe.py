"""Whether our own site is up, quick and unaltered, tried from here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from bot.errors import ConfigError, SourceError
from bot.fetch import Fetcher, Page
from bot.fetch.certificate import certificate_until
from bot.model.options import option, required
from bot.model.probe import Event, Hours, Try, next_probe
from bot.model.source import Common, Poll, State, interval
from bot.model.times import from_iso, iso

FLOOR = 10.0
EVERY = 60.0
TRIES = 3
PAUSE = 10.0
PAUSE_SHARE = 0.15
"""Of the interval: three tries and two pauses end within 0.8 of it, and within 30 s."""

DAY = 86_400.0


@dataclass(frozen=True)
class Options:
    """The settings of a probe."""

    url: str = required("要探测的自家网址；可以是内网")
    expect_status: int = option(200, "正常时的 HTTP 状态码")
    contains: str = option("", "正常页面上一定有的词")
    not_contains: str = option("", "正常页面上不会有的词，如「维护中」")
    max_ms: int = option(0, "超过多少毫秒算慢；0 = 不查")
    cert_days: int = option(14, "证书剩几天时提醒；0 = 不查")
    hash: str = option("", "这一部分（CSS 选择器）被改就报；空 = 不查")
    service_hours: str = option("", '服务时段，如 "08:00-22:00"；空 = 全天。时段内断 30 分钟即触发')


class Source:
    """A probe brings no mentions: ``extra["probe"]`` of its poll is a list of ``Event``, ``extra["down"]`` its present state."""

    def __init__(self, name: str, common: Common, options: Options, fetch: Fetcher) -> None:
        self.name = name
        self.floor = FLOOR
        self.every = interval(common, FLOOR, EVERY)
        self.lively = False
        self._options, self._fetch = options, fetch
        try:
            self._hours = Hours.of(options.service_hours)
            if options.hash:
                LexborHTMLParser("<p></p>").css(options.hash)
        except ValueError:
            raise ConfigError(f'sources.{name}.service_hours: 应为 "08:00-22:00" 的样子') from None
        except SelectolaxError:
            raise ConfigError(f"sources.{name}.hash: 不是 CSS 选择器：{options.hash!r}") from None

    @property
    def hours(self) -> Hours:
        """The service hours."""
        return self._hours

    async def poll(self, state: State, now: datetime) -> Poll:
        """One to three tries, and what they tell. A site that is down is an answer: the probe itself is well."""
        tries = [await self._try()]
        while not tries[0].good and len(tries) < TRIES:
            await self._fetch.pause(min(PAUSE, PAUSE_SHARE * self.every))
            tries.append(await self._try())
        events, told = next_probe(state, tries, now, name=self.name, max_ms=self._options.max_ms, hours=self._hours)
        expiry, told = await self._certificate(told, now)
        extra: dict[str, Any] = {"probe": [*events, *expiry], "down": "down" in told}
        return Poll((), told, changed=bool(events), extra=extra, note="" if tries[0].good else tries[0].why)

    async def _try(self) -> Try:
        try:
            page = await self._fetch.request(
                self._options.url, trusted=True, source=self.name, accept=lambda page: True, retry=False, breaker=False
            )
        except SourceError as exc:
            return Try(str(exc))
        return await asyncio.to_thread(self._judge, page)

    def _judge(self, page: Page) -> Try:
        options, ms = self._options, 1_000 * page.seconds
        if page.status != options.expect_status:
            return Try(f"状态码 {page.status}，应为 {options.expect_status}", ms)
        text = page.text()
        if options.contains and options.contains not in text:
            return Try(f"页面上没有「{options.contains}」", ms)
        if options.not_contains and options.not_contains in text:
            return Try(f"页面上有「{options.not_contains}」", ms)
        if not options.hash:
            return Try("", ms)
        parts = [node.text(separator=" ") for node in LexborHTMLParser(text).css(options.hash)]
        if not parts:
            return Try(f"页面上找不到 {options.hash}", ms)
        return Try("", ms, sha256(" ".join(" ".join(parts).split()).encode()).hexdigest()[:16])

    async def _certificate(self, told: dict[str, Any], now: datetime) -> tuple[list[Event], dict[str, Any]]:
        """Looked at once a day."""
        looked = told.get("cert_at")
        due = looked is None or (now - from_iso(looked)).total_seconds() >= DAY
        if not self._options.cert_days or not self._options.url.startswith("https://") or not due:
            return [], told
        until = await certificate_until(self._options.url)
        if until is None:
            return [], told
        days = int((until - now).total_seconds() // DAY)
        warns = days <= self._options.cert_days
        return ([Event("cert", f"{self.name} 的证书还有 {days} 天到期，请续期")] if warns else []), {
            **told,
            "cert_at": iso(now),
        }
