"""Owner of ``tasks``, ``facts`` and ``decisions``: what the room keeps (room page, section 4)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.errors import UserError
from bot.model.times import from_iso
from bot.store import journal

STATES = {"unverified": "待核实", "confirmed": "已核实", "refuted": "不属实", "retracted": "撤回"}


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do. ``state`` is open, doing, blocked, done or cancelled; overdue is computed."""

    id: int
    incident: int | None
    text: str
    assignee: str
    by: str
    at: datetime
    due_at: datetime | None
    state: str
    blocking: bool
    proof: bool
    evidence: str
    accepted: bool
    kind: str
    reopened: int
    told: bool = False

    @property
    def name(self) -> str:
        return f"T{self.id} {self.text}"

    @property
    def live(self) -> bool:
        return self.state in ("open", "doing", "blocked")


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement with a state and a source."""

    id: int
    incident: int | None
    text: str
    state: str
    source: str
    by: str
    at: datetime
    judged_by: str
    replaced_by: int | None
    quote: str
    judged_at: datetime | None = None

    @property
    def label(self) -> str:
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what, on which facts; never edited, only superseded."""

    id: int
    incident: int | None
    text: str
    decider: str
    recorded_by: str
    at: datetime
    state: str
    known: tuple[int, ...]
    silent: bool
    proxied: bool
    confirmed_at: str | None = None

    @property
    def said(self) -> str:
        """「陈总：先行下架」; what somebody put before him and he took: 「陈总同意：…」."""
        agreed = self.confirmed_at and not self.proxied and self.state in ("decided", "superseded")
        return f"{self.decider}{'同意' if agreed else ''}：{self.text}"


_TASK = "id, incident, text, assignee, by, at, due_at, state, blocking, proof, evidence, accepted, kind, reopened, told"
_FACT = "id, incident, text, state, source, by, at, judged_by, replaced_by, quote, judged_at"
_DECISION = "id, incident, text, decider, recorded_by, at, state, known, silent, proxied, confirmed_at"


def add_task(
    db: Database,
    *,
    incident: int | None,
    text: str,
    assignee: str,
    by: str,
    at: datetime,
    due_at: datetime | None,
    blocking: bool = False,
    proof: bool = False,
    kind: str = "",
    key: str = "",
) -> tuple[Task, bool]:
    """A new task; with a ``key``, the task of that key where there is one already. The task, and whether it is new."""
    if key:
        row = db.conn.execute(f"SELECT {_TASK} FROM tasks WHERE key = ?", (key,)).fetchone()
        if row:
            return _task(row), False
    with journal.act(db, "task", at=at, by=by, incident=incident) as it:
        id = it.add(
            "tasks",
            incident=incident,
            text=text,
            assignee=assignee,
            by=by,
            at=at,
            due_at=due_at,
            blocking=blocking,
            proof=proof,
            kind=kind,
            key=key,
        )
    return task(db, id), True


def task(db: Database, id: int) -> Task:
    """A task by its number; ``UserError`` where there is none."""
    row = db.conn.execute(f"SELECT {_TASK} FROM tasks WHERE id = ?", (id,)).fetchone()
    if not row:
        raise UserError(f"没有 T{id} 这个任务。回「我的任务」看看")
    return _task(row)


def task_by_key(db: Database, key: str) -> Task | None:
    """The task that was made for a key, or None."""
    row = db.conn.execute(f"SELECT {_TASK} FROM tasks WHERE key = ?", (key,)).fetchone()
    return _task(row) if row else None


def key_of(db: Database, id: int) -> str:
    """The key a task was made for; empty where a person made it."""
    return str(db.conn.execute("SELECT key FROM tasks WHERE id = ?", (id,)).fetchone()[0])


def tasks(db: Database, *, incident: int | None = None, assignee: str = "", live: bool = True) -> list[Task]:
    """Tasks of an incident or of a person, by due time."""
    rows = [_task(row) for row in db.conn.execute(f"SELECT {_TASK} FROM tasks ORDER BY due_at IS NULL, due_at, id")]
    return [
        t
        for t in rows
        if (incident is None or t.incident == incident) and (not assignee or t.assignee == assignee) and (t.live or not live)
    ]


def change_task(db: Database, it: Task, verb: str, *, at: datetime, by: str, why: str = "", **values: Any) -> Task:
    """Sets columns of a task as one logged act."""
    with journal.act(db, verb, at=at, by=by, incident=it.incident, why=why, task=it.id) as act:
        act.put("tasks", it.id, **values)
    return task(db, it.id)


def add_fact(
    db: Database,
    *,
    incident: int | None,
    text: str,
    state: str,
    source: str,
    by: str,
    at: datetime,
    quote: str = "",
    replaces: int | None = None,
    judged_by: str = "",
    late: bool = False,
    happened_at: datetime | None = None,
    transcribed: bool = False,
) -> tuple[Fact, bool]:
    """A new fact; the same quoted message gives the same fact. The fact, and whether it is new."""
    if quote:
        row = db.conn.execute(f"SELECT {_FACT} FROM facts WHERE quote = ? AND incident IS ?", (quote, incident)).fetchone()
        if row:
            return _fact(row), False
    with journal.act(db, "fact", at=at, by=by, incident=incident) as it:
        id = it.add(
            "facts",
            incident=incident,
            text=text,
            state=state,
            source=source,
            by=by,
            at=at,
            quote=quote,
            replaces=replaces,
            judged_by=judged_by,
            judged_at=at if judged_by else None,
            late=late,
            happened_at=happened_at,
            transcribed=transcribed,
        )
    return fact(db, id), True


def fact(db: Database, id: int) -> Fact:
    """A fact by its number; ``UserError`` where there is none."""
    row = db.conn.execute(f"SELECT {_FACT} FROM facts WHERE id = ?", (id,)).fetchone()
    if not row:
        raise UserError(f"没有 F{id} 这条事实。回「事实」看看")
    return _fact(row)


def facts(db: Database, incident: int | None, states: tuple[str, ...] = ("unverified", "confirmed", "refuted")) -> list[Fact]:
    """Facts of an incident in these states, oldest first."""
    rows = db.conn.execute(f"SELECT {_FACT} FROM facts WHERE incident IS ? ORDER BY id", (incident,))
    return [f for f in map(_fact, rows) if f.state in states]


def change_fact(db: Database, it: Fact, verb: str, *, at: datetime, by: str, why: str = "", **values: Any) -> Fact:
    """Sets columns of a fact as one logged act."""
    with journal.act(db, verb, at=at, by=by, incident=it.incident, why=why, fact=it.id) as act:
        act.put("facts", it.id, **values)
    return fact(db, it.id)


def add_decision(
    db: Database,
    *,
    incident: int | None,
    text: str,
    decider: str,
    recorded_by: str,
    at: datetime,
    state: str = "decided",
    silent: bool = False,
    proxied: bool = False,
    replaces: int | None = None,
    quote: str = "",
) -> Decision:
    """A new decision, with the facts confirmed at that moment."""
    known = [f.id for f in facts(db, incident, ("confirmed",))]
    with journal.act(db, "decision", at=at, by=recorded_by, incident=incident) as it:
        id = it.add(
            "decisions",
            incident=incident,
            text=text,
            decider=decider,
            recorded_by=recorded_by,
            at=at,
            state=state,
            known=known,
            silent=silent,
            proxied=proxied,
            replaces=replaces,
            quote=quote,
        )
        if replaces:
            it.put("decisions", replaces, state="superseded", replaced_by=id)
    return decision(db, id)


def decision(db: Database, id: int) -> Decision:
    """A decision by its number; ``UserError`` where there is none."""
    row = db.conn.execute(f"SELECT {_DECISION} FROM decisions WHERE id = ?", (id,)).fetchone()
    if not row:
        raise UserError(f"没有 J{id} 这条决策。回「决策列表」看看")
    return _decision(row)


def decisions(db: Database, incident: int | None, states: tuple[str, ...] = ("decided", "proposed")) -> list[Decision]:
    """Decisions of an incident in these states, oldest first."""
    rows = db.conn.execute(f"SELECT {_DECISION} FROM decisions WHERE incident IS ? ORDER BY id", (incident,))
    return [d for d in map(_decision, rows) if d.state in states]


def change_decision(db: Database, it: Decision, verb: str, *, at: datetime, by: str, why: str = "", **values: Any) -> Decision:
    """Sets columns of a decision as one logged act (a confirmation of a recorded one, a proposal decided)."""
    with journal.act(db, verb, at=at, by=by, incident=it.incident, why=why, decision=it.id) as act:
        act.put("decisions", it.id, **values)
    return decision(db, it.id)


def move_all(db: Database, origin: int, to: int, *, at: datetime, by: str) -> None:
    """Tasks, facts and decisions of one incident go to another; nothing is copied."""
    with journal.act(db, "move", at=at, by=by, incident=to, origin=origin) as it:
        for table in ("tasks", "facts", "decisions", "drafts"):
            for (id,) in db.conn.execute(f"SELECT id FROM {table} WHERE incident = ?", (origin,)).fetchall():
                it.put(table, id, incident=to)


def _moment(text: str | None) -> datetime | None:
    return from_iso(text) if text else None


def _task(row: Any) -> Task:
    values = list(row)
    values[5], values[6] = from_iso(values[5]), _moment(values[6])
    values[8], values[9], values[11] = bool(values[8]), bool(values[9]), bool(values[11])
    values[14] = bool(values[14])
    return Task(*values)


def _fact(row: Any) -> Fact:
    values = list(row)
    values[6], values[10] = from_iso(values[6]), from_iso(values[10]) if values[10] else None
    return Fact(*values)


def _decision(row: Any) -> Decision:
    values = list(row)
    values[5], values[7] = from_iso(values[5]), tuple(json.loads(values[7]))
    values[8], values[9] = bool(values[8]), bool(values[9])
    return Decision(*values)
