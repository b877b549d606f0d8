"""Legal clocks in the room: proposed, started at the moment of knowledge, warned of, met with a receipt, waived with a reason.

Lowering a grade never ends one. Every display says 「非法律意见」.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from bot import cards, clocking, saying
from bot.model.card import Button, Card, Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident
from bot.model.people import WANGLOU, Person, Role
from bot.model.times import clock_of, span_of
from bot.plan.books import Plan
from bot.plan.legal import NO_ADVICE, Rule, proposed
from bot.ringing import Due
from bot.store import timers, work
from bot.store.timers import Clock

LIVE = ("proposed", "running")
EVER = (*LIVE, "met", "waived", "cancelled")


def propose(
    db: Database, house: House, incident: Incident, kinds: Collection[str], *, at: datetime, offer: bool = True
) -> list[Clock]:
    """Proposes the rules that the type and these triggers (confirmed, or firing at once) call for, each once in a round.

    The proposed start is ``at``, when it came to us; the steps run at once, since the law does not wait for a press. ``offer``
    false: the room reads it in the answer to whoever told it.
    """
    plan: Plan = house.plan
    had = {clock.rule for clock in timers.clocks_of(db, incident.id, EVER) if clock.round == incident.round}
    fit = proposed(plan.rules, incident.type, kinds, incident.shown, traits=("listed",) if house.listed else ())
    new = [_start(db, house, incident, rule, at, at=at, by=WANGLOU, state="proposed") for rule in fit if rule.id not in had]
    for person in house.with_role(Role.LEGAL) if new else ():
        if saying.may_know(incident, person):
            post = offered(house, incident, new, at)
            saying.tell_person(db, person.name, post, at=at, kind="notice", reason="legal", incident=incident)
    if new and offer:
        saying.tell_rooms(db, house, incident, offered(house, incident, new, at), at=at, kind="notice", reason="legal")
    return new


def _start(
    db: Database, house: House, incident: Incident, rule: Rule, learned: datetime, *, at: datetime, by: str, state: str
) -> Clock:
    plan: Plan = house.plan
    clock = timers.start_clock(
        db,
        incident.id,
        incident.round,
        rule.name,
        at=at,
        by=by,
        started_at=learned,
        limit_s=(rule.due(learned, plan.calendar, house.zone) - learned).total_seconds(),
        grade=incident.shown,
        policy=[person.name for person in watchers(house)],
        legal=True,
        state=state,
        rule=rule.id,
    )
    clocking.set_steps(db, clock, at)
    return clock


def watchers(house: House) -> list[Person]:
    """Who is warned: legal, duty, commander."""
    found = [p for role in (Role.LEGAL, Role.DUTY, Role.COMMANDER) for p in house.with_role(role)]
    return list({person.name: person for person in found}.values())


def offered(house: House, incident: Incident, clocks: Sequence[Clock], now: datetime, why: str = "") -> Post:
    """「红线：监管来电（已在橙）。食安2小时拟从 11:17 起算」 with the press that confirms the start."""
    names = "、".join(clock.name for clock in clocks)
    head = (
        f"红线：{why}（{'已在' if incident.grade else '建议'}{(incident.shown or Grade.BLUE).label}）。"
        if why
        else f"#{incident.id} "
    )
    lines = [f"{clock.name} {clock_of(clock.due_at, now)} 前报{rule_of(house, clock).recipient}" for clock in clocks[:3]]
    card = Card(
        kind="ask",
        title=f"{head}{names}拟从 {clock_of(clocks[0].started_at, now)} 起算",
        lines=(*lines, f"{NO_ADVICE}{_doubts(house, clocks)}"),
        incident=incident.id,
        grade=incident.shown,
        confirmed=incident.grade is not None,
        buttons=(
            Button("legal_start", "确认起点", f"确认起点 #{incident.id}", "primary"),
            Button("learned_at", "改时间", f"起点改 #{incident.id}"),
        ),
    )
    return Post.of(card)


def _doubts(house: House, clocks: Iterable[Clock]) -> str:
    plan: Plan = house.plan
    found = []
    for clock in clocks:
        rule = rule_of(house, clock)
        days = plan.calendar.doubt(clock.started_at, clock.due_at, house.zone) if rule.workdays else ""
        if said := "，".join(filter(None, (rule.doubt, days))):
            found.append(f"{clock.name}{said}")
    return f"；{'；'.join(found)}" if found else ""


def rule_of(house: House, clock: Clock) -> Rule:
    """The rule behind a clock; one that has left the file since keeps its clock."""
    plan: Plan = house.plan
    known = next((rule for rule in plan.rules if rule.id == clock.rule), None)
    return known or replace(plan.rules[0], id=clock.rule, name=clock.name, law="", recipient="主管部门", contents=())


def set_start(
    db: Database, house: House, incident: Incident, clock: Clock, learned: datetime, *, at: datetime, by: str, witness: str
) -> Clock:
    """The moment of knowledge is settled, with its witness; the due time follows from it, the report becomes a task."""
    plan: Plan = house.plan
    rule = rule_of(house, clock)
    due = rule.due(learned, plan.calendar, house.zone)
    moved = timers.change_clock(
        db, clock, "learned_at", at=at, by=by, why=f"证人 {witness}", started_at=learned, due_at=due, state="running", witness=witness,
        limit_s=(due - learned).total_seconds(),
    )  # fmt: skip
    clocking.set_steps(db, moved, at)
    _give_report(db, house, incident, moved, at, by)
    return moved


def start(
    db: Database, house: House, incident: Incident, rule: Rule, learned: datetime, *, at: datetime, by: str, witness: str
) -> Clock:
    """Somebody starts a rule that was not proposed."""
    clock = _start(db, house, incident, rule, learned, at=at, by=by, state="proposed")
    return set_start(db, house, incident, clock, learned, at=at, by=by, witness=witness)


def _give_report(db: Database, house: House, incident: Incident, clock: Clock, at: datetime, by: str) -> None:
    """The form goes to legal in private, with what is confirmed so far; making the report is a task with proof."""
    rule, legal = rule_of(house, clock), house.first(Role.LEGAL, Role.DUTY)
    task, new = work.add_task(
        db,
        incident=incident.id,
        text=f"报{rule.recipient}（{clock.name}）",
        assignee=legal.name if legal else "",
        by=by,
        at=at,
        due_at=clock.due_at,
        proof=True,
        kind="legal",
        key=f"legal:{clock.id}",
    )
    if not new:
        work.change_task(db, task, "task_due", at=at, by=by, why="起点改了", due_at=clock.due_at)
    if legal and saying.may_know(incident, legal):
        saying.tell_person(
            db, legal.name, form(db, house, incident, clock, at), at=at, kind="notice", reason="legal", incident=incident
        )


def report_made(db: Database, clock: Clock, proof: str, *, at: datetime, by: str) -> None:
    """The report was made: the task that asked for it is done, with the same proof."""
    task = work.task_by_key(db, f"legal:{clock.id}")
    if task and task.live:
        work.change_task(db, task, "task_done", at=at, by=by, state="done", done_at=at, evidence=proof)
        timers.end_timers(db, f"task:{task.id}:", at, "已报")


def form(db: Database, house: House, incident: Incident, clock: Clock, now: datetime) -> Post:
    """The report form: what must be in it, and what is confirmed so far."""
    rule = rule_of(house, clock)
    known = [f"F{f.id} {cards.short(f.text, 40)}" for f in work.facts(db, incident.id, ("confirmed",))]
    rows = [
        f"【报告表】#{incident.id} {clock.name}：{clock_of(clock.due_at, now)} 前报{rule.recipient}",
        f"依据：{rule.law}",
        f"要写：{'；'.join(rule.contents)}",
        f"已核实：{'；'.join(known[-5:]) or '尚无'}；不清楚的写「正在核实」，先报再补",
        f"报完回：已报 #{incident.id} {clock.name} 回执 编号",
        NO_ADVICE + _doubts(house, [clock]),
    ]
    return Post("\n".join(rows))


def step(due: Due, incident: Incident, clock: Clock, percent: int) -> None:
    """A step of a legal clock: 50, 75, 90 % warn legal, duty and commander in private; from 100 % on the room reads it too."""
    over = due.now >= clock.due_at
    if percent >= 100 and not clock.missed:
        timers.miss_clock(due.db, clock, at=due.now)
    rule = rule_of(due.house, clock)
    kind = "escalation" if percent >= 100 else "reminder"
    state = "起点未确认，" if clock.state == "proposed" else ""
    when = f"超时{span_of((due.now - clock.due_at).total_seconds())}" if over else cards.left(clock.due_at, due.now)
    text = (
        f"#{incident.id} {clock.name}{when}（{clock_of(clock.due_at, due.now)} 前报{rule.recipient}，{state}{NO_ADVICE}）{due.late}\n"
        f"可回：已报 #{incident.id} {clock.name} 回执 编号"
    )
    for person in watchers(due.house):
        if saying.may_know(incident, person):
            saying.tell_person(
                due.db,
                person.name,
                Post(text),
                at=due.now,
                kind=kind,
                reason=clock.name,
                incident=incident,
                urgent=percent >= 90,
            )
    if percent >= 100:
        saying.tell_rooms(due.db, due.house, incident, Post(text), at=due.now, kind=kind, reason=clock.name)


def live(db: Database, incident: Incident) -> list[Clock]:
    """The legal clocks of an incident that are proposed or running."""
    return [clock for clock in timers.clocks_of(db, incident.id, LIVE) if clock.legal]


def line(db: Database, incident: Incident, now: datetime) -> str:
    """「法定：食安2小时剩1时4分（拟）；非法律意见」; empty where none runs."""
    said = [f"{c.name}{cards.left(c.due_at, now)}{'（拟）' if c.state == 'proposed' else ''}" for c in live(db, incident)]
    return f"法定：{'；'.join(said)}；{NO_ADVICE}" if said else ""
