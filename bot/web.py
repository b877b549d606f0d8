"""The street side: one aiohttp server for health, figures, vendors' pushes, and the routes that platforms bring."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.errors import SourceError
from bot.model.mention import Mention
from bot.model.source import Common, State
from bot.sources.webhook import heard, parse, verify

log = logging.getLogger("wanglou.web")

BODY_CAP = 2 * 1024 * 1024
BODY_SECONDS = 4.0
KEEPALIVE = 15.0

TakeIn = Callable[[str, str, Sequence[Mention], Sequence[str], Callable[[State], State]], Any]
Health = Callable[[], Any]


class Figures:
    """What Prometheus reads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.mentions = Counter("wanglou_mentions_total", "Mentions taken in", ["source"], registry=self.registry)
        self.commands = Histogram("wanglou_answer_seconds", "From heard to answered", registry=self.registry)
        self.outbox = Gauge("wanglou_outbox", "Rows of the outbox by state", ["state"], registry=self.registry)
        self.sources = Gauge("wanglou_source_blind", "1 while a source is blind", ["source"], registry=self.registry)

    def took_in(self, source: str, new: int) -> None:
        """So many new mentions were stored; what came before is not counted again."""
        self.mentions.labels(source).inc(new)


class Web:
    """The server. ``take_in(name, delivery, mentions, bad, state)`` returns after the commit; ``health()`` the state of the parts."""

    def __init__(
        self,
        *,
        secrets: Mapping[str, Sequence[str]],
        common: Mapping[str, Common],
        take_in: TakeIn,
        health: Health,
        figures: Figures,
        refresh: Health,
        now: Callable[[], datetime],
        routes: Iterable[web.RouteDef] = (),
    ) -> None:
        self._secrets = secrets
        self._common = common
        self._take_in = take_in
        self._health = health
        self._figures = figures
        self._refresh = refresh
        self._now = now
        self.app = web.Application(client_max_size=BODY_CAP)
        self.app.add_routes(
            [
                web.post("/ingest/{name}", self._ingest),
                web.get("/healthz", self._healthz),
                web.get("/metrics", self._metrics),
                *routes,
            ]
        )
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Opens the door; the port it listens on."""
        self._runner = web.AppRunner(self.app, access_log=None, keepalive_timeout=KEEPALIVE, shutdown_timeout=5.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        assert site._server is not None
        return int(site._server.sockets[0].getsockname()[1])  # type: ignore[attr-defined]

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _ingest(self, request: web.Request) -> web.Response:
        """A vendor's push: proven, stored, then 202. A repeat gets 202 again and has no effect."""
        name = request.match_info["name"]
        try:
            raw = await asyncio.wait_for(request.read(), BODY_SECONDS)
        except TimeoutError:
            return _error(408, "没有在4秒内收完")
        except web.HTTPRequestEntityTooLarge:
            return _error(413, f"超过{BODY_CAP // 1024 // 1024} MiB，请分批")
        try:
            delivery = verify(request.headers, raw, self._secrets.get(name, ()), self._now())
        except SourceError:
            return _error(401, "签名不符")
        try:
            mentions, bad = parse(raw, name, self._now(), self._common.get(name))
        except SourceError as error:
            return _error(400, str(error))
        if not mentions and bad:
            return _error(400, "；".join(bad[:5]))
        try:
            await self._take_in(name, delivery, mentions, bad, lambda state: heard(state, self._now()))
        except Exception:
            log.exception("push of %s could not be stored", name)
            return _error(503, "没能存下，请稍后重发")
        return web.json_response({"accepted": len(mentions), "bad": bad}, status=202, dumps=_json)

    async def _healthz(self, request: web.Request) -> web.Response:
        report = await self._health()
        return web.json_response(report, status=200 if report["ok"] else 503, dumps=_json)

    async def _metrics(self, request: web.Request) -> web.Response:
        await self._refresh()
        return web.Response(body=generate_latest(self._figures.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _error(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status, dumps=_json)
