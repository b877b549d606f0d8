"""Builds each part once, starts and stops them in order. The only room that knows every other; no `if` about the business.

store → (door open) → analysis in its worker → delivery → platforms → sources → timers
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from bot import config as configuration
from bot import export, timekeeping
from bot.analysis.analyst import Settings
from bot.analysis.authority import Authorities
from bot.analysis.rules import Rule
from bot.analysis.worker import Worker
from bot.assistant import Assistant
from bot.auditing import Auditor
from bot.charts import draw
from bot.commands import Commands, load_handlers, warm
from bot.config import Config, furnish
from bot.connectors import Connector
from bot.deliver import Delivery, Lay
from bot.drills import feed_server
from bot.errors import WanglouError
from bot.exporting import Exporting
from bot.fetch import Fetcher
from bot.handover import Handover
from bot.intake import Intake
from bot.listening import Listening
from bot.looking_back import LookingBack
from bot.model.card import File, Paper, Post
from bot.model.house import House
from bot.model.mention import Mention
from bot.model.message import Answer, Message, Platform, Press
from bot.model.platform import Supplies
from bot.model.reading import Reading
from bot.model.source import Common, State
from bot.polling import Configured, Polling, set_aside
from bot.proposing import Proposer
from bot.released import Released
from bot.rephrasing import Rephrasing
from bot.schedule import Schedule
from bot.sources import links
from bot.store import inbox, mentions, outbox, rooms, sources
from bot.store.chat import Chat
from bot.store.db import Store
from bot.watch import Batch, Watch
from bot.watchdog import Steady, Watchdog, set_right
from bot.web import Figures, Web

log = logging.getLogger("wanglou")

MEMORY = timedelta(days=7)
REMEMBERED = 100_000
PASTED = "群内链接"


class LoadingAnalyst:
    """The analyst in its worker; what arrives while it loads waits for it."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._ready = asyncio.Event()
        self.trouble = ""

    async def load(self, rows: Callable[[], Awaitable[Iterable[tuple[Mention, Reading]]]]) -> None:
        """Starts the worker and hands it what was read before."""
        try:
            await self._worker.start()
            await self._worker.remember(await rows())
        except WanglouError as error:
            self.trouble = f"分析没有起来：{error}"
            log.error("analysis did not start: %s", error)
        self._ready.set()

    async def read(self, batch: Sequence[Mention]) -> list[Reading]:
        await self._ready.wait()
        if self.trouble:
            raise WanglouError(self.trouble)
        return await self._worker.read(batch)

    async def titles(self, matters: Iterable[int]) -> Mapping[int, tuple[str, Sequence[str]]]:
        await self._ready.wait()
        return await self._worker.matter_names(matters)

    async def stop(self) -> None:
        await self._worker.stop()


class TimedEar:
    """The reception, with the time of each answer measured, charts drawn for platforms that show files only, papers laid."""

    def __init__(self, commands: Commands, figures: Figures, lay: Lay) -> None:
        self._commands = commands
        self._figures = figures
        self._lay = lay

    async def take(self, heard: Message | Press) -> None:
        await self._commands.take(heard)

    async def answer(self, heard: Message | Press) -> Answer:
        with self._figures.commands.time():
            answer = await self._commands.answer(heard)
        drawing = heard.platform != "local"
        furnished = replace(answer, posts=tuple([await self._furnished(post, drawing=drawing) for post in answer.posts]))
        if drawing and furnished.posts:
            await self._commands.leaving(heard)
        return furnished

    async def told(self, heard: Message | Press, left: Sequence[Post] = ()) -> None:
        await self._commands.told(heard, left)

    async def _furnished(self, post: Post, *, drawing: bool) -> Post:
        """The post with its chart as a picture and its paper as a document."""
        files = list(post.files)
        if post.chart and drawing:
            files.append(await asyncio.to_thread(draw, post.chart))
        if post.paper:
            files.append(await asyncio.to_thread(self._lay, post.paper))
        return replace(post, files=tuple(files))

    async def painted(self, press: Press, post: Post | None) -> None:
        await self._commands.painted(press, post)


@dataclass
class App:
    """The running house."""

    config: Config
    house: House
    store: Store
    platforms: Mapping[str, Platform]
    watch: Watch
    polling: Polling
    delivery: Delivery
    commands: Commands
    schedule: Schedule
    watchdog: Watchdog
    auditor: Auditor
    web: Web
    figures: Figures
    analyst: LoadingAnalyst
    fetcher: Fetcher
    session: aiohttp.ClientSession
    intake: Intake
    assistant: Assistant
    clock: Callable[[], datetime]
    port: int = 0

    async def start(self) -> None:
        """Opens the door first; heavy libraries load in the worker meanwhile."""
        now = self.clock()
        self._loading = asyncio.create_task(self.analyst.load(self._remembered))
        await self.polling.start()
        await self.store.run(self._set_timers, now)
        self.port = await self.web.start(self.config.web.host, self.config.web.port)
        self.fetcher.home = f"http://{self.config.web.host}:{self.port}"
        await self.watch.resume(now)
        connectors = build_connectors(self.config, self.session, self.clock)
        self.handover = Handover(self.store, self.house, connectors, self.clock)
        await self.handover.start()
        await self.delivery.start()
        await self.commands.finish([name for name, p in self.platforms.items() if getattr(p, "catches_up", False)])
        ear = TimedEar(self.commands, self.figures, partial(lay_paper, self.config, self.clock))
        for platform in self.platforms.values():
            await platform.start(ear)
        self._jobs()
        self.schedule.start()
        self.watchdog.start()
        self._warming = asyncio.create_task(asyncio.to_thread(warm, self.house))

    def _jobs(self) -> None:
        every = self.schedule.every
        for each in self.config.sources:
            if each.common.enabled:
                name = each.common.name
                every(f"source:{name}", self.polling.interval(name), partial(self.polling.poll, name), label=f"信源 {name}")
        folder = self.config.data_dir / "exports"
        exporting = Exporting(self.store, self.house, folder, self.clock, configuration.secrets_of(self.config))
        rephrasing = Rephrasing(self.store, self.house, self.assistant, self.clock)
        released = Released(self.store, self.house, self.fetcher, self.clock)
        listening = Listening(self.store, self.house, self.platforms, self.clock)
        looks: tuple[tuple[str, str, float, Callable[[], Awaitable[object]], float | None], ...] = (
            ("timers", "到期提醒", 1.0, self._fire, 30.0),
            ("settle", "研判补算", 1.0, lambda: self.watch.settle(self.clock()), 30.0),
            ("queue", "发送队列", 30.0, self.delivery.look, None),
            ("listening", "听得见", 10.0, listening.look, None),
            ("closely", "跟踪期加密轮询", 10.0, self.polling.closely, 60.0),
            ("exports", "导出", 2.0, exporting.run_waiting, 300.0),
            ("links", "群内链接", 2.0, self.intake.run, 60.0),
            ("released", "已发页面核对", 5.0, released.look, 300.0),
            ("rephrase", "改写稿件", 1.0, rephrasing.run_waiting, 300.0),
            ("handover", "发布交付", 1.0, self.handover.look, 120.0),
        )
        for name, label, seconds, job, limit in looks:
            every(name, seconds, job, label=label, spread=False, limit=limit)
        every("tick", 60.0, lambda: self.watch.tick(self.clock()), label="每分钟研判")
        back = LookingBack(self.store, self.house, self.fetcher, self.clock)
        every("evidence", 60.0, back.look, label="存证复查")
        every("audit", 60.0, self.auditor.look, label="自查")
        every("health", 30.0, self.polling.look, label="信源健康")
        every("forget", 3600.0, lambda: self.store.run(inbox.forget, self.clock()), label="清理旧消息")

    async def _fire(self) -> None:
        await self.store.run(timekeeping.fire, self.house, self.clock())

    def _set_timers(self, db: Any, now: datetime) -> None:
        timekeeping.set_digest(db, self.house, now)
        timekeeping.set_briefs(db, self.house, now)

    async def _remembered(self) -> Iterable[tuple[Mention, Reading]]:
        return await self.store.read(lambda db: list(mentions.recent(db, self.clock() - MEMORY, REMEMBERED)))

    async def stop(self) -> None:
        """In the reverse order; every call is finished or marked within ten seconds."""
        await self.watchdog.stop()
        self.schedule.stop()
        for platform in self.platforms.values():
            await platform.stop()
        await asyncio.gather(self.web.stop(), self.polling.stop(), self.delivery.stop())
        self._loading.cancel()
        await asyncio.gather(self._loading, self._warming, return_exceptions=True)
        await self.analyst.stop()
        await self.fetcher.close()
        await self.assistant.close()
        await self.session.close()
        await asyncio.to_thread(self.store.close)


async def build(config: Config, *, clock: Callable[[], datetime] | None = None, rand: Random | None = None) -> App:
    """Every part, built and wired, nothing started but the store."""
    clock, rand = clock or Steady(), rand or Random()
    house = furnish(config)
    store = Store(config.data_dir)
    await asyncio.to_thread(store.open)
    figures = Figures()
    fetcher = Fetcher(config.fetch, wall=clock)
    session = aiohttp.ClientSession(trust_env=False)
    parts: dict[str, Any] = {}
    supplies = Supplies(
        house=house,
        session=session,
        clock=time.monotonic,
        now=clock,
        rand=rand,
        state=Kept(store),
        attempts=lambda robot: parts["delivery"].attempts(robot),
        shelf=Chat(store),
        open=config.local_room_open,
        token=config.web.local_room_token,
    )
    platforms = {name: build_platform(config, name, supplies) for name in platform_names(config)}
    settings = analysis_settings(
        config, first_story=await store.read(mentions.last_story) + 1, first_matter=await store.read(mentions.last_matter) + 1
    )
    worker = Worker(
        settings,
        restore=lambda: parts["app"]._remembered(),
        quarantined=lambda mention, why: _quarantine(store, house, clock, mention, why),
    )
    analyst = LoadingAnalyst(worker)
    watch = Watch(store, house, analyst, authorities(config), figures.took_in)
    polling = Polling(store, house, watch, build_sources(config, fetcher), clock)
    handlers = load_handlers()
    commands = Commands(store, house, clock, handlers)
    assistant = Assistant(config.model)
    commands.propose = Proposer(assistant) if config.model.on else None
    delivery = Delivery(store, house, platforms, clock, draw, lay=partial(lay_paper, config, clock))
    web = Web(
        secrets={name: [value] if isinstance(value, str) else list(value) for name, value in config.web.ingest.items()},
        common={each.common.name: each.common for each in config.sources},
        take_in=lambda *args: _push(store, watch, clock, *args),
        health=lambda: parts["health"](),
        figures=figures,
        refresh=lambda: parts["refresh"](),
        now=clock,
        routes=[*feed_server.routes(clock(), clock), *(r for p in platforms.values() for r in getattr(p, "routes", tuple)())],
    )
    schedule = Schedule(rand)

    async def well() -> bool:
        return bool((await health(parts["app"]))["ok"])

    async def stored(by: timedelta, now: datetime) -> None:
        await store.run(set_right, by, now)
        await store.run(delivery.set_back, now)

    app = App(
        config,
        house,
        store,
        platforms,
        watch,
        polling,
        delivery,
        commands,
        schedule,
        Watchdog(schedule, polling, clock, stored=stored, say=polling.say, zone=house.zone),
        Auditor(store, clock, say=polling.say, well=well, fetcher=fetcher, heartbeat=config.bot.heartbeat),
        web,
        figures,
        analyst,
        fetcher,
        session,
        Intake(store, house, watch, links.Source(PASTED, Common(name=PASTED, kind="links"), links.Options(), fetcher), clock),
        assistant,
        clock,
    )
    parts |= {"app": app, "delivery": delivery, "health": lambda: health(app), "refresh": lambda: refresh(app)}
    return app


def lay_paper(config: Config, clock: Callable[[], datetime], sheet: Paper) -> File:
    """A sheet as a .docx without our secrets."""
    return export.on_paper(sheet, clock(), configuration.secrets_of(config))


def platform_names(config: Config) -> list[str]:
    """The platforms in use: of rooms and of configured sections; the local room only while it may exist."""
    names = dict.fromkeys([*(room.platform for room in config.rooms), *config.platforms])
    if config.local_room_open or config.web.local_room_token:
        names.setdefault("local")
    else:
        names.pop("local", None)
    return list(names)


def build_platform(config: Config, name: str, supplies: Supplies) -> Platform:
    """A platform by its module's ``build``."""
    module = configuration.plugin("platforms", name, f"platforms.{name}")
    options = config.platforms.get(name) or module.Options()
    built: Platform = module.build(options, supplies)
    return built


def build_connectors(config: Config, session: aiohttp.ClientSession, clock: Callable[[], datetime]) -> dict[str, Connector]:
    """Every configured connector, by name."""
    return {
        name: configuration.plugin("connectors", name, f"connectors.{name}").Connector(options, session, clock)
        for name, options in config.connectors.items()
    }


def build_sources(config: Config, fetcher: Fetcher) -> list[Configured]:
    """Every configured source that is on."""
    found = []
    for each in config.sources:
        if each.common.enabled:
            module = configuration.plugin("sources", each.common.kind, f"sources.{each.common.name}")
            found.append(Configured(module.Source(each.common.name, each.common, each.options, fetcher), each.common))
    return found


def analysis_settings(config: Config, first_story: int = 1, first_matter: int = 1) -> Settings:
    """What the analyst needs of the configuration."""
    rules = tuple(
        Rule(name=w.name, any=w.any, all=w.all, none=w.none, expr=w.expr, kind=w.kind, homophones=w.homophones)
        for w in config.watch
    )
    return Settings(
        rules=rules,
        company=config.bot.company,
        competitors=config.bot.competitors,
        sentiment=config.analysis.sentiment,
        model=Path(config.analysis.model) if config.analysis.model else None,
        first_story=first_story,
        first_matter=first_matter,
    )


def authorities(config: Config) -> Authorities:
    """Who weighs how much: the company's own table, else the shipped one."""
    path = config.data_dir / "plan" / "authority.toml"
    return Authorities.load(path if path.exists() else None)


async def _push(
    store: Store,
    watch: Watch,
    clock: Callable[[], datetime],
    name: str,
    delivery: str,
    found: Sequence[Mention],
    bad: Sequence[str],
    state: Callable[[State], State],
) -> None:
    """A vendor's push: analysed, then stored with its delivery id in one transaction."""
    known = await store.read(sources.state, name)
    await watch.take_in(Batch(source=name, mentions=found, state=state(known), delivery=delivery, bad=bad), clock())


def _quarantine(store: Store, house: House, clock: Callable[[], datetime], mention: Mention, why: str) -> None:
    task = asyncio.ensure_future(store.run(set_aside, house, mention, why, clock()))
    task.add_done_callback(lambda done: done.exception())


class Kept:
    """Small values that a platform keeps across restarts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, name: str) -> Any:
        return await self._store.read(rooms.kept, name)

    async def put(self, name: str, value: Any) -> None:
        await self._store.run(rooms.keep, name, value)


async def health(app: App) -> dict[str, Any]:
    """The state of our own parts and platform connections, and of the sources; ``ok`` is what a monitor looks at."""
    warnings = [f"{p.name}：{line}" for p in app.platforms.values() for line in getattr(p, "warnings", tuple)()]
    problems = [f"{p.name}：{line}" for p in app.platforms.values() for line in p.problems()]
    problems = [line for line in problems if line not in warnings]
    problems += app.delivery.problems()
    problems += app.watchdog.problems() + app.auditor.problems()
    warnings += app.auditor.warnings()
    if app.analyst.trouble:
        problems.append(app.analyst.trouble)
    watched = app.polling.health
    blind = [name for name, h in watched.items() if h.blind]
    if watched and len(blind) == len(watched):
        problems.append("所有信源都看不见")
    return {
        "ok": not problems,
        "problems": problems,
        "warnings": warnings,
        "sources": {
            name: {"health": h.condition.value, "since": h.since.isoformat(), "why": h.why} for name, h in watched.items()
        },
        "outbox": await app.store.read(outbox.counts),
        "audit": app.auditor.shown(),
        **app.watchdog.shown(),
    }


async def refresh(app: App) -> None:
    """Brings the figures up to date before they are read."""
    for state, n in (await app.store.read(outbox.counts)).items():
        app.figures.outbox.labels(state).set(n)
    for name, h in app.polling.health.items():
        app.figures.sources.labels(name).set(1 if h.blind else 0)
