"""``wanglou replay``: a scenario through the whole pipeline on a simulated clock and a throw-away database."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from math import isfinite
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bot import following, probing, timekeeping
from bot.analysis.analyst import Analyst
from bot.app import analysis_settings, authorities, build_sources
from bot.asking import Ask
from bot.commands import Commands, load_handlers
from bot.config import Config, furnish
from bot.errors import ConfigError
from bot.fetch import Fetcher
from bot.model.health import Condition, Health, Outcome, Turn, next_health, report
from bot.model.house import House
from bot.model.intent import Intent
from bot.model.mention import Mention
from bot.model.message import Answer, Message
from bot.model.people import Person, Role
from bot.model.probe import DOWN_OF, UP_AFTER, Event, Hours, Try, next_probe
from bot.model.reading import Reading
from bot.model.source import dress
from bot.model.times import BEIJING, iso
from bot.polling import say
from bot.scenario import Line, read_scenario, set_scene
from bot.store import incidents, outbox, pending, staff, timers
from bot.store.db import Store
from bot.watch import Batch, Watch

TICK = 60.0
BLANK = re.compile(r"\{([a-z_]+)\}")
TAIL = timedelta(minutes=1)
"""How long the clock runs on after the last line."""


class Clock:
    """Time that moves when told."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now


class HereAnalyst:
    """The analyst in this process: a replay has no door to keep open."""

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst

    async def read(self, batch: Sequence[Mention]) -> list[Reading]:
        return self._analyst.read(batch)

    async def titles(self, matters: Iterable[int]) -> Mapping[int, tuple[str, Sequence[str]]]:
        return self._analyst.matter_names(matters)


def replay(config: Config, file: str, *, speed: float | None, start: str | None, as_json: bool) -> int:
    """Prints every message that the room, or a person, would get."""
    if speed is not None and not (isfinite(speed) and speed > 0):
        raise ConfigError("--speed: 应大于 0，如 --speed 60")
    begin = _start(start)
    lines = read_scenario(file, begin)
    with tempfile.TemporaryDirectory(prefix="wanglou-replay-") as folder:
        asyncio.run(_play(config, lines, begin, Path(folder), speed, as_json))
    return 0


def _start(text: str | None) -> datetime:
    if not text:
        return datetime.now(UTC).replace(second=0, microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--start: {text!r} 不是 ISO 8601 时刻，如 2026-12-03T09:00:00+08:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)).astimezone(UTC)


class Stage:
    """The house on a simulated clock."""

    def __init__(
        self, config: Config, store: Store, clock: Clock, print_: Any, lines: Sequence[Line] = (), *, drill: bool = False
    ) -> None:
        self.house: House = replace(furnish(config), drill=drill)
        self.store = store
        self.clock = clock
        self.print = print_
        self._sources = {each.common.name: each for each in build_sources(config, Fetcher())}
        self._heard: dict[str, datetime] = {}
        self._polled: dict[str, datetime] = {}
        settings = analysis_settings(config)
        self.watch = Watch(store, self.house, HereAnalyst(Analyst(settings)), authorities(config))
        self.commands = Commands(store, self.house, clock, load_handlers(), lambda: clock().timestamp())
        self.health: dict[str, Health] = {}
        self.probes = frozenset(str(line.body.get("source")) for line in lines if "probe" in line.body)
        self._down: dict[str, bool] = {}
        self._seen: dict[str, Mapping[str, Any]] = {}

    def check(self, lines: Sequence[Line]) -> None:
        """``ConfigError`` names the first line whose fact is recorded by nobody of this house."""
        for line in lines:
            if "fact" in line.body and self.speaker(str(line.body.get("by", ""))) is None:
                raise ConfigError(f"第{line.number}行：名单里没有 {line.body.get('by')!r}")

    async def play(self, line: Line) -> None:
        """One line of the scenario."""
        body = line.body
        if "scene" in body:
            return
        if "say" in body:
            await self._say(body, line)
        elif "fact" in body:
            await self._fact(body, line)
        elif "health" in body:
            await self._health(body)
        elif "probe" in body:
            await self._probe(body)
        else:
            await self._mention(body, line)

    async def _mention(self, body: Mapping[str, Any], line: Line) -> None:
        name = str(body.get("source") or "剧本")
        record = {k: v for k, v in body.items() if k != "at"}
        mention = Mention.of(record, source=name, now=self.clock(), key=f"line-{line.number}")
        if name in self._sources:
            mention = dress(mention, self._sources[name].common)
            self._heard[name] = self.clock()
            self._polled.setdefault(name, self.clock())
        await self.watch.take_in(Batch(source=name, mentions=[mention]), self.clock())

    async def _say(self, body: Mapping[str, Any], line: Line) -> None:
        room = str(body.get("room") or (self.house.rooms[0].name if self.house.rooms else ""))
        private = room.startswith("@")
        chat = "" if private else next((r.chat for r in self.house.rooms if r.name == room), room)
        platform = next((r.platform for r in self.house.rooms if r.name == room), "local")
        sender = self.speaker(str(body.get("by", "")))
        text = await self.store.read(self._filled, str(body["say"]), sender)
        message = Message(
            platform=platform,
            id=f"replay:{line.number}",
            room=chat,
            sender=sender.id_on(platform) if sender else str(body.get("by", "")),
            text=text,
            at=self.clock(),
            addressed=private or any(f"{sign}{self.house.name}" in text for sign in "@＠「"),
        )
        await self.commands.take(message)
        answer = await self.commands.answer(message)
        for post in answer.posts:
            self.print(
                self._message(
                    "notice",
                    "reply",
                    None,
                    (sender.name if sender else str(body.get("by"))) if private else None,
                    post.text,
                    None,
                )
            )

    def speaker(self, by: str) -> Person | None:
        """A person by name; a built-in drill names roles, so that any house can play it."""
        roles = [Role(name) for name in by.split("|") if name in tuple(Role)]
        return self.house.person(by) or (self.house.first(*roles, Role.DUTY, Role.COMMANDER) if roles else None)

    def _filled(self, db: Database, text: str, speaker: Person | None) -> str:
        """``{role}`` is the first person of that role, ``{code}`` the code of the act that waits for who speaks, ``{contact}``
        the company's, ``{matter}`` what a draft calls the incident: what a written scenario can't know."""
        waits = [p.code for p in pending.waiting(db, self.clock(), person=speaker.name if speaker else "") if p.code]
        contact = f"{self.house.contact}（{self.house.contact_hours}）"
        matter = moved.title[:20] if (moved := incidents.moved_last(db)) else ""
        named = {"contact": contact, "matter": matter, "code": (waits or [""])[-1]} | {
            role.value: found.name for role in Role if (found := self.speaker(role.value))
        }
        return BLANK.sub(lambda blank: named.get(blank[1], blank[0]), text)

    async def _fact(self, body: Mapping[str, Any], line: Line) -> None:
        """Somebody records a fact, with the rights of who says it."""
        speaker = self.speaker(str(body.get("by", "")))
        if speaker is None:
            return
        room = self.house.rooms[0].name if self.house.rooms else ""
        answer = await self.store.run(self._record, body, speaker.name, room)
        for post in answer.posts:
            self.print(self._message("notice", "reply", None, None, post.text, None))

    def _record(self, db: Database, body: Mapping[str, Any], by: str, room: str) -> Answer:
        house = staff.staffed(db, self.house, self.clock())
        person = house.person(by)
        number = body.get("incident")
        incident = incidents.find(db, int(number)) if number else incidents.moved_last(db)
        if person is None or incident is None:
            return Answer()
        slots = {
            "op": "add",
            "incident": incident.id,
            "text": str(body["fact"]),
            "state": str(body.get("state") or "unverified"),
            "source": str(body.get("source") or by),
        }
        ask = Ask(
            db=db, house=house, person=person, room=room, intent=Intent("fact", slots), text=str(body["fact"]), at=self.clock()
        )
        with following.touched(db):
            return self.commands.run(ask)

    async def _health(self, body: Mapping[str, Any]) -> None:
        name, now = str(body.get("source")), self.clock()
        before = self._before(name)
        if body["health"] == "failing":
            await self._turn(name, replace(before, condition=Condition.FAILING, since=now, hole=before.hole or now))
        else:
            await self._turn(name, Health.at_start(now))

    async def _look(self) -> None:
        """Watches the configured sources that speak in the scenario by their own cadence."""
        for name, heard in list(self._heard.items()):
            each, now = self._sources[name], self.clock.now
            due = self._polled[name] + timedelta(seconds=each.source.every)
            if now < due:
                continue
            spoke = heard > self._polled[name]
            self._polled[name] = now
            silent = (now - heard).total_seconds()
            overdue = each.common.kind == "webhook" and each.common.expect is not None and silent >= each.common.expect
            outcome = Outcome("failing", "没有推送") if overdue else Outcome(changed=spoke, found=spoke)
            await self._turn(
                name,
                next_health(
                    self._before(name),
                    outcome,
                    now,
                    every=each.source.every,
                    lively=each.source.lively,
                    expect=each.common.expect,
                    stale_after=each.common.stale_after,
                ),
            )

    def _before(self, name: str) -> Health:
        return self.health.setdefault(name, Health.at_start(self.clock.now))

    async def _turn(self, name: str, after: Health) -> None:
        before, now = self._before(name), self.clock()
        self.health[name] = after
        kinds = dict.fromkeys(self.health, "") | {n: each.common.kind for n, each in self._sources.items()}
        said = report([Turn(name, before, after)], kinds, self.health, now)
        if said.room or said.private:
            await self.store.run(say, self.house, said.room, said.private, now)

    async def _probe(self, body: Mapping[str, Any]) -> None:
        """What a probe has judged: looked at through the same rules as the live rounds, ``up`` twice because it is judged."""
        name, kind = str(body.get("source") or "探测"), str(body["probe"])
        if kind == "changed":
            await self._told(name, (Event("changed", f"{name} 的页面有改动"),))
            return
        self._down[name] = kind == "down"
        for _ in range(UP_AFTER if kind == "up" else 1):
            await self._look_at(name)

    async def _look_at(self, name: str) -> None:
        """One look of a probe, as it was last judged."""
        tries = [Try("探测失败")] * (DOWN_OF + 1) if self._down[name] else [Try()]
        configured = self._sources.get(name)
        hours: Hours = getattr(configured.source, "hours", Hours()) if configured else Hours()
        events, self._seen[name] = next_probe(self._seen.get(name, {}), tries, self.clock(), name=name, hours=hours)
        await self._told(name, events)

    async def _told(self, name: str, events: Sequence[Event]) -> None:
        if events:
            configured = [n for n, each in self._sources.items() if each.common.kind == "probe"]
            await self.store.run(probing.take, self.house, name, events, {*configured, *self.probes}, self.clock())

    async def advance(self, to: datetime) -> None:
        """Moves the clock to a moment, firing what falls due on the way, a look at every open incident each minute."""
        while True:
            due = await self.store.read(timers.next_due)
            step = min(moment for moment in (due, self.clock.now + timedelta(seconds=TICK), to) if moment)
            self.clock.now = max(self.clock.now, step)
            await self.store.run(timekeeping.fire, self.house, self.clock.now)
            await self.watch.settle(self.clock.now)
            await self.watch.tick(self.clock.now)
            for name in self._down:
                await self._look_at(name)
            await self._look()
            await self.drain()
            if self.clock.now >= to:
                return

    async def drain(self) -> None:
        """Prints what waits in the outbox and marks it as sent."""
        for row in await self.store.run(_take_out, self.clock()):
            target = row.person or None
            self.print(self._message(row.kind, row.reason, row.incident, target, row.post.text, row))

    def _message(
        self, kind: str, reason: str, incident: int | None, to: str | None, text: str, row: outbox.Row | None
    ) -> dict[str, Any]:
        facts = self.store.run_now(_figures, incident) if incident else {}
        return {
            "at": iso(self.clock()),
            "kind": kind,
            "reason": reason,
            "incident": incident,
            "to": to,
            **_empty(),
            **facts,
            "text": text,
        }


def _empty() -> dict[str, Any]:
    return {"grade": None, "suggested": None, "reasons": [], "indicators": {}}


def _figures(db: Database, number: int) -> dict[str, Any]:
    incident, gauge = incidents.find(db, number), incidents.gauge(db, number)
    if incident is None:
        return {}
    return {
        "grade": incident.grade.key if incident.grade else None,
        "suggested": incident.suggested.key if incident.suggested else None,
        "reasons": gauge.get("suggestion", {}).get("reasons", []),
        "indicators": gauge.get("indicators", {}),
    }


def _take_out(db: Database, now: datetime) -> list[outbox.Row]:
    taken = outbox.in_state(db, "queued", datetime(2000, 1, 1, tzinfo=UTC))
    for row in taken:
        attempt = outbox.claim(db, row.id, "replay", "", now, 1.0)
        if attempt is not None:
            outbox.settle(db, row.id, attempt, "sent", now)
    return taken


def _set_day(db: Database, house: House, now: datetime) -> None:
    """The digest and the scheduled briefs, as at the start of the bot."""
    timekeeping.set_digest(db, house, now)
    timekeeping.set_briefs(db, house, now)


async def _play(
    config: Config, lines: Sequence[Line], begin: datetime, folder: Path, speed: float | None, as_json: bool
) -> None:
    store = Store(folder)
    store.open()
    config = set_scene(config, lines)
    try:
        clock = Clock(begin)
        await store.run(_set_day, furnish(config), begin)
        stage = Stage(config, store, clock, _print_json if as_json else _print_text, lines)
        stage.check(lines)
        waiting: list[tuple[datetime, int, Line]] = []
        for line in lines:
            heappush(waiting, (line.at, line.number, line))
        while waiting:
            at, _, line = heappop(waiting)
            if speed:
                await asyncio.sleep(max(0.0, (at - clock.now).total_seconds() / speed))
            if at > clock.now:
                await stage.advance(at)
            await stage.play(line)
            if not waiting or waiting[0][0] > at:
                await stage.watch.settle(at, at_once=True)
            await stage.drain()
        await stage.advance(clock.now + TAIL)
    finally:
        store.close()


def _print_json(message: Mapping[str, Any]) -> None:
    print(json.dumps(message, ensure_ascii=False), flush=True)


def _print_text(message: Mapping[str, Any]) -> None:
    local = datetime.fromisoformat(message["at"]).astimezone(BEIJING)
    to = f"（私·{message['to']}）" if message["to"] else ""
    print(f"{local:%H:%M} {message['kind']}/{message['reason']} {to}{message['text']}\n", flush=True)
