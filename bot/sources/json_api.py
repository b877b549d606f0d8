"""Any JSON list behind an address: which part is the list, which part of an item is what, is configuration."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import jmespath
from jmespath.exceptions import JMESPathError

from bot.errors import ConfigError, SourceError
from bot.fetch import BadJson, Fetcher, Page, plain, read_json
from bot.model.mention import KNOWN, Mention
from bot.model.options import option, required
from bot.model.source import Common, Poll, State, dress, interval, recognise
from bot.model.times import BEIJING, from_iso, iso

FLOOR = 30.0
EVERY = 300.0
OVERLAP = 600.0
PAGES = 10
LOST = 0.2
ENOUGH = 3
"""From so many records on, a field that none of them has is a wrong expression and no accident."""
COUNTER = "page"


@dataclass(frozen=True)
class Options:
    """The settings of a JSON interface."""

    url: str = required("网址；可含 {since} {keyword} {page}")
    method: str = option("GET", "请求方法", choices=("GET", "POST"))
    headers: Mapping[str, str] = option({}, '随请求发出的头，如 { Authorization = "env:API_TOKEN" }')
    body: str = option("", "POST 正文（JSON），同样可含 {since} {keyword} {page}")
    items: str = option("@", "条目列表的位置（jmespath）；@ 是整个回答")
    fields: Mapping[str, str] = option({}, '字段名 → jmespath，如 { id = "mid", text = "content" }；不写按同名取')
    time_format: str = option("", '发布时间的格式，如 "%Y年%m月%d日 %H:%M"；空 = 常见写法都认')
    since_format: str = option("unix", "{since} 的写法", choices=("unix", "ms", "iso"))
    keywords: tuple[str, ...] = option((), "依次填进 {keyword} 的词")
    next: str = option("", '下一页：网址或游标的 jmespath，或 "page"（页码递增）；空 = 只有一页')
    first_page: int = option(1, "{page} 从几开始；用游标时是首页")
    ok: str = option("", '必须为真的 jmespath，如 "code == `0`"：有的接口出错也回 200')
    sample: str = option("", "样本文件（JSON）：启动时用它检查上面的表达式")
    lively: bool = option(False, "内容本该常变时改为 true：三轮不变就说「停更」")


@dataclass
class _Sweep:
    """What one poll has read so far."""

    absent: set[str]
    mentions: dict[str, Mention] = field(default_factory=dict)
    total: int = 0
    unreadable: int = 0
    asked: bool = False
    validators: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""


class Source:
    """A JSON interface. Expressions are compiled, and tried on the sample, when it is made: ``ConfigError`` names the key."""

    def __init__(self, name: str, common: Common, options: Options, fetch: Fetcher) -> None:
        self.name = name
        self.floor = FLOOR
        self.every = interval(common, FLOOR, EVERY)
        self.lively = options.lively
        self._common, self._options, self._fetch = common, options, fetch
        where = f"sources.{name}"
        self._items = _expression(options.items, f"{where}.items")
        self._ok = _expression(options.ok, f"{where}.ok") if options.ok else None
        self._next = _expression(options.next, f"{where}.next") if options.next not in ("", COUNTER) else None
        self._fields = {field: _expression(text, f"{where}.fields.{field}") for field, text in options.fields.items()}
        if options.body:
            _check_body(options.body, f"{where}.body")
        if options.sample:
            self._try_sample(f"{where}.sample")

    async def poll(self, state: State, now: datetime) -> Poll:
        """Records that are new or altered; ``SourceError`` where the answer is none or an expression finds nothing.

        A fault after the first page keeps what was read, as ``degraded``; the query then starts at the old moment again.
        """
        sweep = _Sweep(absent=set(self._fields))
        for keyword in self._options.keywords or ("",):
            try:
                await self._read_pages(sweep, keyword, state, now)
            except SourceError as exc:
                if not sweep.mentions:
                    raise
                sweep.trouble = str(exc)
                break
        if not sweep.asked:
            same = {**state, "good": iso(now)}
            return Poll((), same, changed=False, found=bool(state.get("known")), degraded=state.get("degraded", ""))
        fresh, known = recognise(state.get("known", {}), sweep.mentions.values())
        good, trouble = state.get("good") if sweep.trouble else iso(now), _trouble(sweep)
        memory = {
            "validators": {} if sweep.trouble else dict(sweep.validators),
            "known": known,
            "good": good,
            "degraded": trouble,
        }
        return Poll(
            fresh,
            {name: value for name, value in memory.items() if value},
            changed=bool(fresh),
            found=sweep.total > 0,
            note=f"{sweep.unreadable} 条没有文字，已跳过" if sweep.unreadable else "",
            degraded=trouble,
        )

    async def _read_pages(self, sweep: _Sweep, keyword: str, state: State, now: datetime) -> None:
        """Page after page until one brings nothing new, at most ten."""
        known = state.get("known", {})
        url, page_mark = self._options.url, str(self._options.first_page)
        for number in range(PAGES):
            page = await self._ask(url, self._slots(keyword, page_mark, state, now), state if number == 0 else {})
            if page.not_modified:
                return
            answer, new = await asyncio.to_thread(self._take, sweep, page, now)
            cursor = self._cursor(answer, number)
            if cursor is None or not any(key not in known for key in new):
                return
            if cursor.startswith(("http://", "https://", "/")):
                url = urljoin(page.url, cursor)
            else:
                page_mark = cursor

    def _take(self, sweep: _Sweep, page: Page, now: datetime) -> tuple[Any, list[str]]:
        """Adds the records of one page; its answer, and the keys that no page before it had."""
        answer = self._answer(page)
        if not sweep.asked:
            sweep.asked, sweep.validators = True, page.validators
        records = self._records(answer)
        read = [mention for record in records if (mention := self._mention(record, now)) is not None]
        if records and not read:
            raise SourceError("整页取不到 text 或 title，请核对 fields", "degraded")
        sweep.total += len(records)
        sweep.unreadable += len(records) - len(read)
        sweep.absent -= {name for name, at in self._fields.items() if any(_found(at, r) is not None for r in records)}
        new = {mention.key: mention for mention in read if mention.key not in sweep.mentions}
        sweep.mentions |= new
        return answer, list(new)

    def _slots(self, keyword: str, page_mark: str, state: State, now: datetime) -> dict[str, str]:
        return {"{keyword}": keyword, "{page}": page_mark, "{since}": self._since(state, now)}

    def _since(self, state: State, now: datetime) -> str:
        """The start of a time-based query: last good time less the overlap; identity removes what comes twice."""
        overlap = max(2 * self.every, OVERLAP)
        good = state.get("good")
        start = from_iso(good) - timedelta(seconds=overlap) if good else now - timedelta(seconds=self._common.backfill)
        if self._options.since_format == "iso":
            return start.astimezone(BEIJING).isoformat(timespec="seconds")
        return str(int(start.timestamp() * (1000 if self._options.since_format == "ms" else 1)))

    async def _ask(self, url: str, slots: Mapping[str, str], state: State) -> Page:
        """One page. An address out of an answer is trusted, and told our headers, only at the configured origin."""
        filled, body = url, self._options.body
        for slot, value in slots.items():
            filled = filled.replace(slot, quote(value, safe=""))
            body = body.replace(slot, json.dumps(value, ensure_ascii=False)[1:-1])
        ours = _origin(filled) == _origin(self._options.url)
        headers = dict(self._options.headers) if ours else {}
        if body:
            headers.setdefault("Content-Type", "application/json")
        return await self._fetch.request(
            filled,
            method=self._options.method,
            trusted=ours,
            source=self.name,
            headers=headers,
            body=body.encode() if body else None,
            validators={} if self._options.keywords else state.get("validators"),
        )

    def _answer(self, page: Page) -> Any:
        if page.html:
            raise SourceError("返回的是网页（登录或验证码），不是 JSON", "degraded")
        try:
            return page.json()
        except BadJson as exc:
            raise SourceError(str(exc), "degraded") from None

    def _records(self, answer: Any) -> list[Any]:
        if self._ok is not None and not _found(self._ok, answer):
            raise SourceError("接口说没有成功（ok 不为真）", "degraded")
        records = _found(self._items, answer)
        if not isinstance(records, list):
            raise SourceError("items 找不到条目列表", "degraded")
        return records

    def _mention(self, record: Any, now: datetime) -> Mention | None:
        """A record as a mention; None where it has no text. With ``fields`` only those are read as the mention's own."""
        if not isinstance(record, dict):
            return None
        rest = {k: v for k, v in record.items() if not self._fields or k not in KNOWN}
        mapped = {name: _found(expression, record) for name, expression in self._fields.items()}
        whole = {name: value for name, value in (rest | mapped).items() if value is not None}
        for name in ("title", "text"):
            if isinstance(whole.get(name), str):
                whole[name] = plain(whole[name])
        if self._options.time_format and isinstance(whole.get("published"), str):
            whole["published"] = _moment(whole["published"], self._options.time_format)
        try:
            return dress(Mention.of(whole, source=self.name, now=now), self._common)
        except ValueError:
            return None

    def _cursor(self, answer: Any, number: int) -> str | None:
        if self._options.next == COUNTER:
            return str(self._options.first_page + number + 1)
        value = _found(self._next, answer) if self._next is not None else None
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None

    def _try_sample(self, where: str) -> None:
        """The expressions on a file that holds one answer."""
        try:
            records = self._records(read_json(Path(self._options.sample).read_bytes()))
        except OSError as exc:
            raise ConfigError(f"{where}: 打不开 {self._options.sample}（{exc.strerror}）") from None
        except (BadJson, SourceError) as exc:
            raise ConfigError(f"{where}: {exc}") from None
        if not any(self._mention(record, from_iso("2000-01-01T00:00:00Z")) for record in records):
            raise ConfigError(f"{where}: 样本里没有一条取得到 text 或 title，请核对 items 和 fields")
        for name, expression in self._fields.items():
            if all(_found(expression, record) is None for record in records):
                raise ConfigError(f"{where.removesuffix('.sample')}.fields.{name}: 样本里取不到")


def _trouble(sweep: _Sweep) -> str:
    if sweep.trouble:
        return f"只读到一部分：{sweep.trouble}"
    if sweep.unreadable > LOST * sweep.total:
        return f"{sweep.total} 条有 {sweep.unreadable} 条读不出来"
    if sweep.absent and sweep.total >= ENOUGH:
        return f"整页取不到 {'、'.join(sorted(sweep.absent))}，请核对 fields"
    return ""


def _expression(text: str, where: str) -> Any:
    try:
        return jmespath.compile(text)
    except JMESPathError as exc:
        raise ConfigError(f"{where}: jmespath 写法有误：{str(exc).splitlines()[0]}") from None


def _found(expression: Any, value: Any) -> Any:
    """What the expression finds; nothing where a function in it meets a value that it cannot take."""
    try:
        return expression.search(value)
    except JMESPathError:
        return None


def _check_body(body: str, where: str) -> None:
    filled = body.replace("{keyword}", "x").replace("{since}", "1").replace("{page}", "1")
    try:
        read_json(filled)
    except BadJson as exc:
        raise ConfigError(f"{where}: {exc}") from None


def _moment(text: str, form: str) -> str | datetime:
    """A moment in the configured form (Beijing time where it names no zone); other forms are left to the general reading."""
    try:
        return datetime.strptime(text.strip(), form)
    except ValueError:
        return text


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
