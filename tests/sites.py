"""Other people's web sites, played by an aiohttp server on a free loopback port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from bot.fetch import Fetcher, Limits

Reply = web.Response | Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Site:
    """``pages`` maps a path to what it answers, one after another (the last one for ever); ``asked`` are the requests."""

    base: str
    pages: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def says(self, path: str, *replies: Reply) -> str:
        self.pages[path] = list(replies)
        return self.base + path

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        self.bodies.append(await request.read())
        replies = self.pages[request.path]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if not isinstance(reply, web.Response):
            return await reply(request)
        return web.Response(body=reply.body, status=reply.status, headers=reply.headers)


@asynccontextmanager
async def site(host: str = "127.0.0.1") -> AsyncIterator[Site]:
    app = web.Application()
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    holder = Site("")
    app.router.add_route("*", "/{tail:.*}", holder.answer)
    await runner.setup()
    server = web.TCPSite(runner, host, 0)
    await server.start()
    port = runner.addresses[0][1]
    holder.base = f"http://{host}:{port}"
    try:
        yield holder
    finally:
        await runner.cleanup()


class Clock:
    """Monotonic seconds that move only when somebody sleeps or says so."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@asynccontextmanager
async def fetching(clock: Clock | None = None, **more: object) -> AsyncIterator[Fetcher]:
    clock = clock or Clock()
    more.setdefault("limits", Limits(total=5.0, connect=2.0, read=2.0))
    fetcher = Fetcher(clock=clock, sleep=clock.sleep, chance=lambda: 0.5, **more)  # type: ignore[arg-type]
    try:
        yield fetcher
    finally:
        await fetcher.close()


def page(body: str | bytes, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str) -> web.Response:
    raw = body.encode() if isinstance(body, str) else body
    return web.Response(body=raw, status=status, headers={"Content-Type": kind} | headers)
