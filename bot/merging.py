"""Two matters are one: everything that lives goes from the younger incident to the older, nothing is copied (room page, 2 and 3).

work       tasks, facts, decisions, drafts; a plan's task that the older has too is dropped where nobody began it
clocks     one of each name: the earlier start holds; what the older has met, or does not need, ends
record     plan, 速报, briefs nobody has read, red lines, evidence, questions, costs, calls, talking points, audiences
people     the owner where the older has none, else as co-worker; timers that wait for somebody come along
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot import clocking
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident, State
from bot.store import incidents, mentions, notes, plans, timers, voice, work
from bot.store.timers import Clock

LIVE = ("proposed", "running")
STAYS = ("quiet", "ungraded", "posts", "review", "improvement")
"""Timers of the younger incident that end with it: the older has its own."""


def merge(db: Database, house: House, younger: Incident, target: Incident, *, at: datetime, by: str) -> Incident:
    """Moves everything and closes the younger as a duplicate; the older afterwards."""
    why = f"并入 #{target.id}"
    joined = _people(db, younger, target, at=at, by=by)
    if joined.owner and not target.owner:
        clocking.meet(db, joined, "claim", at=at, by=by)
    work.move_all(db, younger.id, target.id, at=at, by=by)
    _plan_tasks(db, younger, target, at=at, by=by)
    timers.move_timers(db, younger.id, target.id, besides=STAYS)
    _clocks(db, younger, joined, at=at, by=by)
    plans.move(db, younger.id, target, at=at, by=by)
    notes.move(db, younger.id, target.id, at=at, by=by)
    voice.move(db, younger.id, target.id, at=at, by=by)
    mentions.move_strands(db, younger.id, target.id)
    incidents.change(
        db,
        younger.id,
        "merge",
        at=at,
        by=by,
        why=why,
        state=State.CLOSED,
        resolution="duplicate",
        reason=why,
        merged_into=target.id,
        closed_at=at,
        quiet_until=None,
    )
    if joined.suggested and joined.suggested > (target.shown or Grade.BLUE):
        clocking.start_clocks(db, house, replace(joined, grade=None), at=at, first=False)
    return joined


def _people(db: Database, younger: Incident, target: Incident, *, at: datetime, by: str) -> Incident:
    """The grades, the owner and the co-workers of both."""
    grades = (target.suggested, younger.suggested, younger.grade)
    owner = target.owner or younger.owner
    others = [*target.helpers, *younger.helpers, younger.owner]
    values: dict[str, Any] = {
        "suggested": max((g for g in grades if g), default=None),
        "peak": max((g for g in (*grades, target.peak, younger.peak) if g), default=None),
        "helpers": list(dict.fromkeys(name for name in others if name and name != owner)),
    }
    if target.confidential:
        doing = [t.assignee for t in work.tasks(db, incident=younger.id)]
        values["named"] = list(dict.fromkeys(filter(None, [*target.named, *others, *doing])))
    if owner and not target.owner:
        values |= {"owner": owner, "accepted": younger.accepted, "claimed_at": at}
        if target.state is State.NEW:
            values["state"] = State.ASSESSING
    return incidents.change(db, target.id, "merged", at=at, by=by, why=f"并入了 #{younger.id}", **values)


def _plan_tasks(db: Database, younger: Incident, target: Incident, *, at: datetime, by: str) -> None:
    """Tasks made for a step of a plan, or to verify a claim: each stays once."""
    for task in work.tasks(db, incident=target.id, live=False):
        kind, number, rest = _key(work.key_of(db, task.id))
        if number != str(younger.id):
            continue
        step = rest.partition(":")[2] if kind == "plan" else rest
        if kind == "plan" and step.partition(":")[0] != target.type:  # another plan's step: from now on a task like any other
            work.change_task(db, task, "move", at=at, by=by, kind="")
            continue
        key = f"plan:{target.id}:{target.round}:{step}" if kind == "plan" else f"{kind}:{target.id}:{step}"
        same = work.task_by_key(db, key)
        if same is None:
            work.change_task(db, task, "move", at=at, by=by, key=key)
        elif task.state == "open" and not task.accepted:
            why = f"与 T{same.id} 相同"
            work.change_task(db, task, "task_cancel", at=at, by=by, why=why, state="cancelled")
            timers.end_timers(db, f"task:{task.id}:", at, why)


def _key(key: str) -> tuple[str, str, str]:
    kind, _, rest = key.partition(":")
    number, _, rest = rest.partition(":")
    return (kind, number, rest) if kind in ("plan", "verify") else ("", "", "")


def _clocks(db: Database, younger: Incident, joined: Incident, *, at: datetime, by: str) -> None:
    for clock in timers.clocks_of(db, younger.id, LIVE):
        if why := _needless(db, joined, clock):
            timers.end_clock(db, clock, "cancelled", at=at, by=by, why=why)
            continue
        same = _same(db, joined, clock)
        if same is None:
            timers.change_clock(db, clock, "move", at=at, by=by, incident=joined.id, round=joined.round)
            continue
        if clock.due_at < same.due_at:
            timers.take_start(db, same, clock, at=at, by=by)
            clocking.set_steps(db, timers.clock(db, same.id), at)
        _report_once(db, clock, same, at=at, by=by)
        timers.end_clock(db, clock, "cancelled", at=at, by=by, why=f"与 #{joined.id} 的同名时限合一，起点取早的")


def _needless(db: Database, joined: Incident, clock: Clock) -> str:
    """Why the older incident does not need this clock any more; empty where it does."""
    if clock.legal or clock.name == "next_word":
        return ""
    if clock.name == "claim" and joined.owner:
        return f"#{joined.id} 已有负责人"
    if clock.name == "assessment" and joined.assessed:
        return f"#{joined.id} 已研判"
    met = timers.clocks_of(db, joined.id, ("met", "waived"))
    done = clock.name != "update" and any(c.name == clock.name and c.round == joined.round for c in met)
    return f"#{joined.id} 已办到" if done else ""


def _same(db: Database, joined: Incident, clock: Clock) -> Clock | None:
    running = timers.clocks_of(db, joined.id, LIVE)
    return next((c for c in running if (c.rule, c.name) == (clock.rule, clock.name)), None)


def _report_once(db: Database, clock: Clock, same: Clock, *, at: datetime, by: str) -> None:
    """The report that a legal clock asks for is a task once."""
    task = work.task_by_key(db, f"legal:{clock.id}")
    if task is None:
        return
    if work.task_by_key(db, f"legal:{same.id}") is None:
        work.change_task(db, task, "move", at=at, by=by, key=f"legal:{same.id}")
        return
    work.change_task(db, task, "task_cancel", at=at, by=by, why="同一报告已有任务", state="cancelled")
    timers.end_timers(db, f"task:{task.id}:", at, "同一报告已有任务")
