"""Starting a plan: its first tasks, the people called, the empty posts. Asked once or ten times, it is done once (room page, 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import saying
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident
from bot.model.people import WANGLOU, Role
from bot.model.times import clock_of
from bot.plan.books import Plan
from bot.plan.playbooks import Playbook
from bot.ringing import Due
from bot.store import plans, timers, work

KIND = "plan"
REMINDERS = (50, 100, 150)


@dataclass(frozen=True, slots=True)
class Begun:
    """``tasks`` are the plan's first tasks at this grade, ``new`` those made just now, ``empty`` the roles that nobody fills."""

    tasks: tuple[work.Task, ...]
    new: tuple[work.Task, ...]
    empty: tuple[Role, ...]

    def words(self, now: datetime, rows: int = 4) -> str:
        """「T2 封存留样 林工 12:00｜T3 联系家属 小刘 11:30｜缺位：信息安全」; empty where the plan asks for nothing."""
        live = [task for task in self.tasks if task.live]
        said = [f"{task.name} {task.assignee or '无人'} {_due(task, now)}".rstrip() for task in live[:rows]]
        if len(live) > rows:
            said.append(f"另{len(live) - rows}项")
        return "｜".join([*said, *([missing(self.empty)] if self.empty else [])])


def missing(roles: Sequence[Role]) -> str:
    """「缺位：信息安全、法务」."""
    return f"缺位：{'、'.join(role.label for role in roles)}"


def _due(task: work.Task, now: datetime) -> str:
    return clock_of(task.due_at, now) if task.due_at else ""


def begin(db: Database, house: House, incident: Incident, *, at: datetime, by: str, provisional: bool) -> Begun:
    """Starts the plan of the incident's type at its shown grade; on a suggested grade only provisionally.

    What another type's plan had asked for and nobody has begun is cancelled, with the reason.
    """
    grade = incident.shown or Grade.BLUE
    book = _book(house, incident)
    known = plans.plan_of(db, incident.id, incident.round)
    if known and known.type == book.type and (known.grade or 0) >= grade and (provisional or known.state == "started"):
        return Begun(_tasks(db, incident, book, grade), (), empty_posts(house, book))
    if known and known.type != book.type:
        wanted = {_key(incident, book.type, step.key) for step in book.steps}
        _cancel(db, house, incident, wanted, at=at, by=by, why=f"类型改为{book.name}")
    state = "provisional" if provisional and (known is None or known.state == "provisional") else "started"
    plans.put_plan(db, incident.id, incident.round, book.type, state, grade, at=at, by=by)
    new = _add(db, house, incident, book, grade, at)
    begun = Begun(_tasks(db, incident, book, grade), tuple(new), empty_posts(house, book))
    _call_people(db, house, incident, begun, at=at, by=by, provisional=provisional)
    _name_posts_later(db, house, incident, begun, at)
    return begun


def _book(house: House, incident: Incident) -> Playbook:
    plan: Plan = house.plan
    return plan.playbook(incident.type)


def empty_posts(house: House, book: Playbook) -> tuple[Role, ...]:
    """The roles of a playbook that nobody fills now."""
    return tuple(role for role in book.call if not any(p.name not in house.away for p in house.with_role(role)))


def _key(incident: Incident, type: str, step: str) -> str:
    return f"plan:{incident.id}:{incident.round}:{type}:{step}"


def _add(db: Database, house: House, incident: Incident, book: Playbook, grade: Grade, at: datetime) -> list[work.Task]:
    made = []
    for step in book.steps_at(grade):
        who = house.first(*step.roles, Role.DUTY)
        task, new = work.add_task(
            db,
            incident=incident.id,
            text=step.text,
            assignee=who.name if who else "",
            by=WANGLOU,
            at=at,
            due_at=step.due(at),
            blocking=step.blocking,
            proof=step.proof,
            kind=KIND,
            key=_key(incident, book.type, step.key),
        )
        if new:
            remind(db, task, at)
            made.append(task)
    return made


def remind(db: Database, task: work.Task, at: datetime) -> None:
    """Reminders at 50, 100 and 150 % of the time given."""
    if task.due_at is None:
        return
    for step in REMINDERS:
        due = at + (task.due_at - at) * step / 100
        key = f"task:{task.id}:{task.due_at.timestamp():.0f}:{step}"
        timers.set_timer(db, key, "task", due, at=at, incident=task.incident, step=str(step), task=task.id)


def _tasks(db: Database, incident: Incident, book: Playbook, grade: Grade) -> tuple[work.Task, ...]:
    keys = [_key(incident, book.type, step.key) for step in book.steps_at(grade)]
    return tuple(task for key in keys if (task := work.task_by_key(db, key)))


def _call_people(
    db: Database, house: House, incident: Incident, begun: Begun, *, at: datetime, by: str, provisional: bool
) -> None:
    """Everybody with a new task hears of it once, in private."""
    how = "按建议级别临时启动" if provisional else f"已启动（{by}）"
    for name in dict.fromkeys(task.assignee for task in begun.new if task.assignee):
        person = house.person(name)
        if name == by or person is None or not saying.may_know(incident, person):
            continue
        mine = [task for task in begun.new if task.assignee == name]
        rows = "；".join(f"{task.name}，{_due(task, at)} 前" for task in mine)
        text = f"#{incident.id} {incident.title[:20]} {how}。归你：{rows}。可回：接 T{mine[0].id}"
        saying.tell_person(db, name, Post(text), at=at, kind="notice", reason="plan_started", incident=incident)


def _name_posts_later(db: Database, house: House, incident: Incident, begun: Begun, at: datetime) -> None:
    limit = house.limit("posts", incident.shown)
    if begun.empty and limit:
        key = f"posts:{incident.id}:{incident.round}"
        timers.set_timer(db, key, "posts", at + timedelta(seconds=limit), at=at, incident=incident.id)


def posts_due(due: Due) -> None:
    """Names the posts that are still empty, and who fills them."""
    incident = due.incident
    if incident is None or not incident.open:
        return
    empty = empty_posts(due.house, _book(due.house, incident))
    if not empty:
        return
    asked = due.house.first(Role.COMMANDER, Role.ADMIN)
    text = (
        f"#{incident.id} {missing(empty)}{due.late}。请{asked.name if asked else '管理员'}补人：角色 某人 加 {empty[0].label}"
    )
    if held := _held_for(due, incident, empty):
        text += f"\n{'、'.join(f'T{t.id}' for t in held)} 暂归{held[0].assignee}，可改派：T{held[0].id} 改派给 @某人"
    saying.tell_rooms(due.db, due.house, incident, Post(text), at=due.now, kind="reminder", reason="posts")


def _held_for(due: Due, incident: Incident, empty: Sequence[Role]) -> list[work.Task]:
    """The live first tasks that only empty posts would do: the duty officer holds them meanwhile."""
    steps = [s for s in _book(due.house, incident).steps_at(incident.shown or Grade.BLUE) if set(s.roles) <= set(empty)]
    found = [work.task_by_key(due.db, _key(incident, incident.type, step.key)) for step in steps]
    duty = due.house.first(Role.DUTY)
    return [task for task in found if task and task.live and duty and task.assignee == duty.name]


def follow(db: Database, house: House, incident: Incident, *, at: datetime, by: str) -> None:
    """A person said what grade or type it is: downwards the plan asks for less; one that was started also grows with the grade."""
    lower(db, house, incident, at=at, by=by)
    known = plans.plan_of(db, incident.id, incident.round)
    if known and (known.state == "started" or known.type != incident.type):
        begin(db, house, incident, at=at, by=by, provisional=known.state == "provisional")


def lower(db: Database, house: House, incident: Incident, *, at: datetime, by: str) -> list[work.Task]:
    """The grade was lowered, or confirmed below the suggestion: what only the higher grade asked for is cancelled, with a reason."""
    grade = incident.shown or Grade.BLUE
    known = plans.plan_of(db, incident.id, incident.round)
    if known is None or (known.grade or Grade.BLUE) <= grade:
        return []
    book = _book(house, incident)
    wanted = {_key(incident, book.type, step.key) for step in book.steps_at(grade)}
    plans.put_plan(db, incident.id, incident.round, book.type, known.state, grade, at=at, by=by)
    return _cancel(db, house, incident, wanted, at=at, by=by, why=f"级别为{grade.label}，不再需要")


def _cancel(
    db: Database, house: House, incident: Incident, wanted: set[str], *, at: datetime, by: str, why: str
) -> list[work.Task]:
    """Cancels the plan's tasks that nobody has begun and nobody wants any more; who had them reads it."""
    plans_ = [task for task in _unbegun(db, incident) if task.kind == KIND]
    return _drop(db, house, incident, [t for t in plans_ if work.key_of(db, t.id) not in wanted], at=at, by=by, why=why)


def end(db: Database, house: House, incident: Incident, *, at: datetime, by: str, why: str) -> None:
    """The incident is closed: what the plan or the engine had asked for and nobody has begun need not be done."""
    _drop(
        db, house, incident, [task for task in _unbegun(db, incident) if task.kind in (KIND, "verify")], at=at, by=by, why=why
    )


def _unbegun(db: Database, incident: Incident) -> list[work.Task]:
    return [task for task in work.tasks(db, incident=incident.id) if task.state == "open" and not task.accepted]


def _drop(
    db: Database, house: House, incident: Incident, gone: list[work.Task], *, at: datetime, by: str, why: str
) -> list[work.Task]:
    for task in gone:
        work.change_task(db, task, "task_cancel", at=at, by=by, why=why, state="cancelled")
        timers.end_timers(db, f"task:{task.id}:", at, why)
    for name in dict.fromkeys(task.assignee for task in gone if task.assignee and task.assignee != by):
        if not saying.knows(house, incident, name):
            continue
        listed = "、".join(task.name for task in gone if task.assignee == name)
        text = f"#{incident.id} {listed} 不用做了：{why}"
        saying.tell_person(db, name, Post(text), at=at, kind="notice", reason="plan_cancelled", incident=incident)
    return gone
