"""A drill in the chat: the same house on a clock of its own, its data in a store that is thrown away, every word marked 【演练】.

tick   each second: what the scenario says by now, or what was injected, is played; what the drill's house says goes into the room
hear   a line that begins with 【演练】 is said in the drill, never in the real house
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bot import offences
from bot.config import Config
from bot.drills import scoring
from bot.drills.names import MARK, spoken
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.incident import State
from bot.model.message import Answer, Message
from bot.model.people import WANGLOU
from bot.replay import Clock, Stage
from bot.reviewing import figures
from bot.scenario import Line, read_scenario, set_scene
from bot.store import drills, incidents, outbox, rooms, statements, timers, work
from bot.store.db import Store
from bot.store.drills import Drill


class Rehearsal:
    """Runs the one drill there may be; ``clock`` is the real one."""

    def __init__(self, config: Config, store: Store, clock: Callable[[], datetime]) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._running: _Run | None = None

    async def tick(self) -> None:
        """Brings the drill to where it should be by now."""
        drill = await self._store.read(drills.current)
        run = self._running
        if run and (drill is None or drill.id != run.id):
            await self._close(run)
            run = None
        if drill is None:
            return
        if run is None:
            run = self._running = await self._open(drill)
        await run.catch_up(drill, self._clock())
        if run.played > drill.step:
            await self._store.run(_keep_step, drill, run.played, self._clock())
        await self._say(drill, run.take())
        if await self._store.read(rooms.kept, "drill_score") == drill.id:
            await self._store.run(rooms.keep, "drill_score", None)
            await self._say(drill, [("", "\n".join(run.score()))])

    async def hear(self, heard: Message) -> Answer | None:
        """What somebody says in the drill, and its answer; None where none runs."""
        run, drill = self._running, await self._store.read(drills.current)
        if run is None or drill is None:
            return None
        answer = await run.hear(heard)
        await self._say(drill, run.take())
        return Answer(tuple(Post(MARK + post.text) for post in answer.posts))

    async def stop(self) -> None:
        """Throws the drill's data away; a drill does not outlive the process."""
        if self._running:
            self._running.close()
            self._running = None

    async def _open(self, drill: Drill) -> _Run:
        lines = [line for line in read_scenario(drill.scenario, drill.began_at) if not line.body.get("model")]
        return await asyncio.to_thread(_Run, self._config, drill, lines, self._clock())

    async def _close(self, run: _Run) -> None:
        ended = await self._store.read(drills.get, run.id)
        await self._say(ended, [("", "演练结束\n" + "\n".join(run.score()))])
        await self._store.run(_keep_score, ended, "\n".join(run.score()), self._clock())
        run.close()
        self._running = None

    async def _say(self, drill: Drill, said: Sequence[tuple[str, str]]) -> None:
        if said:
            await self._store.run(_forward, drill, said, self._clock())


def _forward(db: Database, drill: Drill, said: Sequence[tuple[str, str]], at: datetime) -> None:
    for person, text in said:
        room = "" if person else drill.room
        outbox.put(db, Post(MARK + text), at=at, kind="notice", reason="drill", room=room, person=person)


def _keep_step(db: Database, drill: Drill, step: int, at: datetime) -> None:
    drills.change(db, drill, "drill_step", at=at, by=WANGLOU, step=step)


def _keep_score(db: Database, drill: Drill, text: str, at: datetime) -> None:
    drills.change(db, drill, "drill_scored", at=at, by=WANGLOU, score=text)


class _Run:
    """One drill: its own store, its own clock, its own house."""

    def __init__(self, config: Config, drill: Drill, lines: Sequence[Line], now: datetime) -> None:
        self.id = drill.id
        self._folder = Path(tempfile.mkdtemp(prefix="wanglou-drill-"))
        self._store = Store(self._folder)
        self._store.open()
        self._clock = Clock(drill.began_at)
        self._lines = [line for line in lines if "scene" not in line.body]
        self._scene: Mapping[str, Any] = next((line.body["scene"] for line in lines if "scene" in line.body), {})
        self._said: list[tuple[str, str]] = []
        alone = set_scene(_alone(config, drill.room), lines)
        self._stage = Stage(alone, self._store, self._clock, self._heard, lines, drill=True)
        self._seen = now
        self.played = 0
        self._over = False

    def _heard(self, message: Mapping[str, Any]) -> None:
        self._said.append((str(message["to"] or ""), str(message["text"])))

    def take(self) -> list[tuple[str, str]]:
        """What was said since the last look: (person, or empty for the room; text)."""
        said, self._said = self._said, []
        return said

    async def catch_up(self, drill: Drill, now: datetime) -> None:
        """Plays what is due by the drill's clock; ``drill.step`` lines are played at least (injected, jumped to)."""
        real, self._seen = now - self._seen, now
        target = self._clock.now + (real * drill.speed if drill.state == "running" else timedelta())
        while self.played < len(self._lines):
            line = self._lines[self.played]
            if line.at > target and self.played >= drill.step:
                break
            await self._play(line)
        if drill.state == "running" and target > self._clock.now:
            await self._stage.advance(target)
        if self.played == len(self._lines) and not self._over:
            self._over = True
            self._said.append(("", "剧本已放完。可回：演练打分｜演练结束"))

    async def _play(self, line: Line) -> None:
        self.played += 1
        if line.at > self._clock.now:
            await self._stage.advance(line.at)
        if "say" in line.body:
            self._said.append(("", spoken(line.body["say"], self._stage.speaker(str(line.body.get("by", ""))))))
        await self._stage.play(replace(line, body={**line.body, "room": self._stage.house.rooms[0].name}))
        await self._stage.drain()

    async def hear(self, heard: Message) -> Answer:
        """A line said in the drill."""
        room = self._stage.house.rooms[0].name if heard.room else ""
        said = replace(
            heard, text=heard.text.replace(MARK, "", 1).strip(), room=room, platform="local", quote=None, addressed=True
        )
        person = self._stage.house.by_id(heard.platform, heard.sender)
        said = replace(said, sender=person.name if person else heard.sender, at=self._clock.now)
        await self._stage.commands.take(said)
        answer = await self._stage.commands.answer(said)
        await self._stage.drain()
        return answer

    def score(self) -> list[str]:
        """The score so far, in lines."""
        return scoring.lines(scoring.score(self._store.run_now(record, self._scene, self._stage, self._clock.now)))

    def close(self) -> None:
        """The data of a drill is thrown away."""
        self._store.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _alone(config: Config, room: str) -> Config:
    """The configuration of a drill: one room, everybody reached there, no source, no way out."""
    options = next(r for r in config.rooms if r.name == room)
    local = replace(options, platform="local", chat="", webhook="", webhook_secret="", transports=())
    return replace(config, rooms=(local,), sources=())


def record(db: Database, scene: Mapping[str, Any], stage: Stage, now: datetime) -> scoring.Record:
    """What the score looks at, read from the drill's own rows."""
    every = incidents.listed(db, tuple(State))
    main = max(every, key=lambda i: (i.peak or i.shown or Grade.BLUE, -i.id), default=None)
    expected = Grade.of(str(scene.get("grade", "yellow")))
    wanted = set(scene.get("legal", ()))
    forbidden = offences.found(db, stage.house)
    if main is None:
        return scoring.Record(
            expected, None, None, 0, None, 0, 0, 0, len(wanted), 0, 0, 0, 0, False, True, 0, 0, 0, 0, forbidden
        )
    found = figures(db, main, now)
    legal = [c for c in timers.clocks_of(db, main.id, ("met", "waived")) if c.rule in wanted and not c.missed]
    facts = work.facts(db, main.id, ("unverified", "confirmed", "refuted", "retracted"))
    said = [d for d in statements.of_incident(db, main.id) if d.state in ("released", "superseded", "retracted")]
    tasks = [t for t in work.tasks(db, incident=main.id, live=False) if t.state != "cancelled"]
    silent = any(d.silent for d in work.decisions(db, main.id, ("decided",)))
    return scoring.Record(
        expected=expected,
        reached=max((g for g in (main.suggested, main.peak) if g), default=None),
        confirmed=main.grade,
        parts=len(every),
        claim_s=found["tta"],
        claim_limit_s=stage.house.limit("claim", expected) or 3600.0,
        clocks_due=found["sla"]["due"],
        clocks_met=found["sla"]["met"],
        legal_due=len(wanted),
        legal_done=len(legal),
        facts=len(facts),
        facts_with_source=sum(bool(f.source) and f.source != f.by for f in facts),
        facts_fallen=found["facts"]["fallen"],
        spoken=silent or bool(said),
        speak_due=expected >= Grade.YELLOW,
        unsigned_releases=sum(not offences.signed(db, stage.house, d) for d in said),
        tasks=len(tasks),
        tasks_done=sum(t.state == "done" for t in tasks),
        decisions=len(work.decisions(db, main.id, ("decided",))),
        forbidden=forbidden,
    )
