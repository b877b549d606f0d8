"""Requests to outside addresses: one client, its limits and manners, and the check of every address connected to."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot import __version__
from bot.errors import ConfigError, SourceError
from bot.fetch.address import PrivateAddressError, guarded_socket, is_public
from bot.fetch.circuit import LONGEST_HOLD, Circuit, CircuitState
from bot.fetch.page import Page, meaning, retry_after
from bot.fetch.turns import Turns
from bot.model.options import Seconds, option

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({502, 503, 504})
CIRCUITS_KEPT = 500


@dataclass(frozen=True)
class Limits:
    """How hard we pull at other people's servers, and how long we wait for them."""

    connections: int = option(50, "同时打开的连接数；出口带宽小就调小")
    per_host: int = option(2, "同一主机同时的请求数")
    spacing: Seconds = option(1.0, "同一主机两次请求之间至少隔多久")
    total: Seconds = option(15.0, "一次请求的总时限")
    connect: Seconds = option(5.0, "建立连接的时限")
    read: Seconds = option(10.0, "两次收到数据之间的时限")
    body: int = option(2 * 1024 * 1024, "解压后正文的字节上限")
    redirects: int = option(3, "最多跟随几次跳转")
    contact: str = option("", "写进 User-Agent 的联系方式，便于对方站点找到你")

    def __post_init__(self) -> None:
        """``ConfigError`` where a limit would let nothing through."""
        for name in ("connections", "per_host", "total", "connect", "read", "body"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"fetch.{name}: 应大于 0，现为 {getattr(self, name)}")
        if self.redirects < 0:
            raise ConfigError(f"fetch.redirects: 不能小于 0，现为 {self.redirects}")


class _Fault(Exception):
    """An attempt without an answer. ``connection``: nothing could be connected, so it is the host's fault, not the page's."""

    def __init__(self, text: str, connection: bool) -> None:
        super().__init__(text)
        self.connection = connection


class Fetcher:
    """Asks outside addresses for pages; every refusal, fault and bad status is a ``SourceError`` that names the host only.

    ``home`` is the base address of our own web door: an address that begins with ``/`` is meant relative to it.
    ``clock`` counts monotonic seconds, ``wall`` tells the time for dates in ``Retry-After``; ``public``, ``resolver``,
    ``sleep`` and ``chance`` (0..1) are replaced in tests.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        home: str = "",
        resolver: AbstractResolver | None = None,
        public: Callable[[str], bool] = is_public,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.home = home
        self._limits = limits or Limits()
        self._resolver = resolver
        self._public = public
        self._clock, self._wall, self._sleep, self._chance = clock, wall, sleep, chance
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._circuits: dict[str, Circuit] = {}
        self._turns = Turns(self._limits.connections, self._limits.per_host, self._limits.spacing, clock, sleep)

    async def close(self) -> None:
        """Closes every connection."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def pause(self, seconds: float) -> None:
        """Waits, on the same clock as everything here."""
        await self._sleep(seconds)

    def circuits(self) -> tuple[CircuitState, ...]:
        """The circuits with something to tell, by name: hosts (``host:port``) and sources."""
        states = (circuit.state(self._clock()) for circuit in self._circuits.values())
        return tuple(sorted((s for s in states if s is not None), key=lambda s: s.name))

    async def get(
        self,
        url: str,
        *,
        trusted: bool,
        source: str = "",
        headers: Mapping[str, str] | None = None,
        validators: Mapping[str, str] | None = None,
    ) -> Page:
        """``request`` with GET."""
        return await self.request(url, trusted=trusted, source=source, headers=headers, validators=validators)

    async def request(
        self,
        url: str,
        *,
        trusted: bool,
        source: str = "",
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        validators: Mapping[str, str] | None = None,
        accept: Callable[[Page], bool] = lambda page: page.good,
        retry: bool = True,
        breaker: bool = True,
    ) -> Page:
        """The page behind ``url``.

        ``trusted``: the address stands in the configuration and may be private; its redirects may not. ``source`` names whose
        circuit counts failures that are not the host's. ``validators`` are those of the page known already. ``accept`` says
        which pages are answers; with ``retry`` a connection fault and 502–504 are tried once more after 2 s ± 1. Without
        ``breaker`` no circuit is asked or told: for probes, which must go on looking at what is down.
        """
        target = _address(self.home + url if url.startswith("/") and trusted else url)
        names = [_host(target), *([source] if source else [])]
        circuits = [self._circuit(name) if breaker else Circuit(name) for name in names]
        self._refuse_while_open(circuits)
        asked = {**(headers or {}), **_conditions(validators or {})}
        probes = [circuit for circuit in circuits if circuit.enter()]
        try:
            page = await self._twice(method, target, trusted, asked, body, accept, retry)
            self._judge(page, circuits, accept)
        except _Fault as fault:
            circuits[0 if fault.connection else -1].failed(self._clock())
            raise SourceError(f"{target.host} {fault}") from None
        finally:
            for circuit in probes:
                circuit.leave()
        for circuit in circuits:
            circuit.succeeded()
        return page

    def _circuit(self, name: str) -> Circuit:
        if len(self._circuits) > CIRCUITS_KEPT:
            now = self._clock()
            self._circuits = {n: c for n, c in self._circuits.items() if c.state(now) is not None or c.wait(now)}
        return self._circuits.setdefault(name, Circuit(name))

    def _refuse_while_open(self, circuits: list[Circuit]) -> None:
        wait, name = max((circuit.wait(self._clock()), circuit.name) for circuit in circuits)
        if wait > 0:
            raise SourceError(f"{name} 连续失败，暂停请求，{max(1, round(wait))} 秒后再试", after=wait)

    def _judge(self, page: Page, circuits: list[Circuit], accept: Callable[[Page], bool]) -> None:
        """Raises for a status that is no answer, and remembers who failed."""
        if accept(page):
            return
        now, host = self._clock(), circuits[0]
        owner = host if page.status == 429 else circuits[-1]
        owner.failed(now)
        after = 0.0
        if page.status in (429, 503):
            asked = retry_after(page.headers.get("retry-after", ""), self._wall(), LONGEST_HOLD)
            after = asked if asked is not None else min(60.0 * 2 ** (owner.failures - 1), LONGEST_HOLD)
            owner.hold(now, after)
        raise SourceError(f"{URL(page.url).host} 回答 {page.status}{meaning(page.status)}", after=after)

    async def _twice(
        self,
        method: str,
        target: URL,
        trusted: bool,
        headers: Mapping[str, str],
        body: bytes | None,
        accept: Callable[[Page], bool],
        retry: bool,
    ) -> Page:
        try:
            page = await self._follow(method, target, trusted, headers, body)
            if not retry or accept(page) or page.status not in PASSING or "retry-after" in page.headers:
                return page
        except _Fault as fault:
            if not retry or not fault.connection:
                raise
        await self._sleep(1.0 + 2.0 * self._chance())
        return await self._follow(method, target, trusted, headers, body)

    async def _follow(self, method: str, target: URL, trusted: bool, headers: Mapping[str, str], body: bytes | None) -> Page:
        first = target
        for hop in range(self._limits.redirects + 1):
            page = await self._once(method, target, trusted and hop == 0, headers, body)
            location = page.headers.get("location")
            if page.status not in REDIRECTS or not location:
                return page
            target = _address(str(target.join(_address_part(location))))
            if page.status == 303 or (page.status in (301, 302) and method != "HEAD"):
                method, body = "GET", None
            if target.origin() != first.origin():  # what was meant for the first host is nobody else's business
                headers, body = {}, None
        raise SourceError(f"{first.host} 跳转超过 {self._limits.redirects} 次")

    async def _once(self, method: str, target: URL, trusted: bool, headers: Mapping[str, str], body: bytes | None) -> Page:
        if not trusted and _is_number(target.host or "") and not self._public(target.host or ""):
            raise SourceError(f"{target.host} 不是公网地址，已拒绝")
        async with self._turns.turn(_host(target)):
            started = self._clock()
            try:
                async with self._session(trusted).request(
                    method, target, headers=headers, data=body, allow_redirects=False
                ) as answer:
                    return Page(
                        status=answer.status,
                        url=str(target),
                        headers={name.lower(): value for name, value in answer.headers.items()},
                        body=await self._read(answer),
                        seconds=self._clock() - started,
                    )
            except aiohttp.ConnectionTimeoutError:
                raise _Fault("连接超时", True) from None
            except TimeoutError:
                raise _Fault("没有在时限内答完", False) from None
            except aiohttp.ClientSSLError:
                raise _Fault("证书不可信", True) from None
            except aiohttp.ClientConnectorError as exc:
                if _refused(exc):
                    raise SourceError(f"{target.host} 不是公网地址，已拒绝") from None
                raise _Fault("连接不上", True) from None
            except aiohttp.ServerConnectionError:
                raise _Fault("连接中断", True) from None
            except (aiohttp.ClientPayloadError, aiohttp.ClientResponseError):
                raise _Fault("回答残缺", False) from None
            except (aiohttp.ClientError, OSError, ValueError):
                raise _Fault("连接出错", True) from None

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        chunks, size = [], 0
        async for chunk in answer.content.iter_any():
            size += len(chunk)
            if size > self._limits.body:
                answer.close()
                raise SourceError(f"{answer.url.host} 的回答超过 {self._limits.body // 1024} KiB，已放弃", "degraded")
            chunks.append(chunk)
        return b"".join(chunks)

    def _session(self, trusted: bool) -> aiohttp.ClientSession:
        """Two clients, so that no connection to a private address is ever reused for an address from outside."""
        if trusted not in self._sessions:
            limits = self._limits
            self._sessions[trusted] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=limits.connections,
                    limit_per_host=limits.per_host,
                    resolver=self._resolver,
                    socket_factory=None if trusted else guarded_socket(self._public),
                ),
                timeout=aiohttp.ClientTimeout(
                    total=limits.total, connect=limits.connect, sock_connect=limits.connect, sock_read=limits.read
                ),
                headers={"User-Agent": f"Wanglou/{__version__} ({limits.contact or 'public opinion monitor'})"},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._sessions[trusted]


def _address(url: str) -> URL:
    try:
        target = URL(url)
        port = target.port
    except ValueError:
        raise SourceError("网址读不懂") from None
    if target.scheme not in ("http", "https") or not target.host or not port:
        raise SourceError("只能访问 http 或 https 网址")
    return target


def _address_part(location: str) -> URL:
    try:
        return URL(location)
    except ValueError:
        raise SourceError("跳转的网址读不懂") from None


def _host(target: URL) -> str:
    return f"{target.host}:{target.port}"


def _is_number(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _conditions(validators: Mapping[str, str]) -> dict[str, str]:
    asked = {"If-None-Match": validators.get("etag", ""), "If-Modified-Since": validators.get("last-modified", "")}
    return {name: value for name, value in asked.items() if value}


def _refused(exc: aiohttp.ClientConnectorError) -> bool:
    return isinstance(exc.os_error, PrivateAddressError) or "不是公网地址" in str(exc.os_error)
