"""What reminds people: due clocks and tasks in one private message, calls, handed work nobody took, acts nobody confirmed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import calling, cards, clocking, moves, saying
from bot.model.card import Button, Card, Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident, State
from bot.model.people import WANGLOU, Role
from bot.model.times import clock_of, span_of
from bot.store import calls, incidents, pending, rooms, staff, timers, work
from bot.store.timers import Clock, Timer

LATE = timedelta(minutes=5)
ONE_REMINDER = timedelta(minutes=10)
TOGETHER = timedelta(minutes=1)
"""What falls due within this time is one reminder, also at red."""
UNGRADED = timedelta(hours=4)
TODO = {"claim": "认领", "assessment": "研判", "first_statement": "起草首发", "report": "上报", "update": "照报"}


@dataclass(frozen=True, slots=True)
class Missed:
    """A clock whose next level is to be called. ``level`` is empty where the chain is exhausted: then all of ``chain`` hear."""

    incident: Incident
    clock: Clock
    level: str
    chain: tuple[str, ...]
    late: str


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that fires, with all it needs. What goes into ``missed`` is said when all that is due now has fired."""

    db: Database
    house: House
    timer: Timer
    incident: Incident | None
    now: datetime
    missed: list[Missed] = field(default_factory=list)

    @property
    def late(self) -> str:
        """``（迟到3时）`` where the process was down when it was due."""
        behind = self.now - self.timer.due_at
        return f"（迟到{span_of(behind.total_seconds())}）" if behind >= LATE else ""


Kind = Callable[[Due], None]


def addressee(db: Database, house: House, incident: Incident) -> str:
    """Who is reminded of an incident's clocks: its owner, else the duty officer on call (for claims too)."""
    if incident.owner:
        return incident.owner
    person = calling.on_call(house, Grade.ORANGE)
    if person is None or not saying.may_know(incident, person):
        person = house.first(Role.COMMANDER)
    return person.name if person else ""


def remind(due: Due, name: str, reason: str) -> None:
    """At most one private reminder in ten minutes for one person, listing all that is due; red is exempt.

    What comes in between waits for the end of the ten minutes and is listed then; what was listed just now is not said again.
    """
    red = due.incident is not None and due.incident.shown is Grade.RED
    last = _last(due, name)
    if last and due.timer.due_at <= last + TOGETHER:
        return
    if last and not red and due.now - last < ONE_REMINDER:
        key = f"again:{name}:{last.timestamp():.0f}"
        timers.set_timer(due.db, key, "again", last + ONE_REMINDER, at=due.now, person=name, reason=reason)
        return
    say_due(due, name, reason)


def _last(due: Due, name: str) -> datetime | None:
    """When this person was reminded last."""
    kept = rooms.kept(due.db, f"reminded:{name}")
    return datetime.fromtimestamp(float(kept), due.now.tzinfo) if kept else None


def say_due(due: Due, name: str, reason: str) -> None:
    """All that is due for one person, now or within the minute, as one message with the presses for the first incident; said
    already this very moment, it is not said again."""
    if _last(due, name) == due.now:
        return
    lines = _clock_lines(due, name) + _task_lines(due, name)
    if not lines:
        return
    rooms.keep(due.db, f"reminded:{name}", due.now.timestamp())
    head = f"请看{due.late}：" if len(lines) == 1 else f"有{len(lines)}项到点{due.late}："
    incident = due.incident
    buttons: tuple[Button, ...] = ()
    if incident and incident.state is State.ASSESSING and incident.owner == name:
        head = f"还在处理 #{incident.id} 吗？{due.late}"
        n = f"#{incident.id}"
        buttons = (
            Button("assess", "研判", f"研判 {n}"),
            Button("later", "稍后", f"稍后 {n} 30分钟"),
            Button("up", "升级", f"上报 {n}"),
        )
    shown = tuple(lines[:6]) + ((f"还有{len(lines) - 6}项，回：我的任务",) if len(lines) > 6 else ())
    card = Card(kind="ask", title=head, lines=shown, incident=incident.id if incident else None, buttons=buttons)
    post = Post.of(card) if buttons else Post("\n".join([head, *shown]))
    saying.tell_person(due.db, name, post, at=due.now, kind="reminder", reason=reason, incident=incident)


def _clock_lines(due: Due, name: str) -> list[str]:
    found = []
    for incident in incidents.listed(due.db):
        if addressee(due.db, due.house, incident) != name:
            continue
        for clock in timers.clocks_of(due.db, incident.id):
            half = clock.started_at + (clock.due_at - clock.started_at) / 2
            if due.now + TOGETHER >= half:
                found.append((clock.due_at, _clock_line(due, incident, clock)))
    return [line for _, line in sorted(found)]


def _clock_line(due: Due, incident: Incident, clock: Clock) -> str:
    label = clocking.CLOCKS.get(clock.name, clock.name)
    todo = f"，可回：{TODO[clock.name]} #{incident.id}" if clock.name in TODO else ""
    when = cards.left(clock.due_at, due.now)
    return f"#{incident.id} {incident.title[:16]} {label}{when}（{clock_of(clock.due_at, due.now)} 前）{todo}"


def _task_lines(due: Due, name: str) -> list[str]:
    known = [t for t in work.tasks(due.db, assignee=name) if _knows(due, t, name)]
    mine = [t for t in known if t.due_at and due.now + TOGETHER >= t.at + (t.due_at - t.at) / 2]
    return [f"T{t.id} {t.text[:20]}{cards.left(t.due_at, due.now)}，可回：T{t.id} 完成" for t in mine if t.due_at]


def _knows(due: Due, it: work.Task, name: str) -> bool:
    """Whether somebody may read of a task: of a confidential incident only who may know of it, also where it was his before."""
    return saying.knows(due.house, incidents.find(due.db, it.incident) if it.incident else None, name)


def again(due: Due) -> None:
    """The ten minutes are over: what came in between."""
    say_due(due, due.timer.body["person"], due.timer.body["reason"])


def later(due: Due) -> None:
    """A reminder that somebody had put off."""
    clock = timers.clock(due.db, due.timer.body["clock"])
    if clock.state == "running" and due.incident and due.incident.open:
        say_due(due, due.timer.body["person"], clock.name)


def task(due: Due) -> None:
    """Reminds of a task at half its time and when it is due; who gave it hears at one and a half."""
    it = work.task(due.db, due.timer.body["task"])
    if not it.live or it.due_at is None:
        return
    incident = incidents.find(due.db, it.incident) if it.incident else None
    if due.timer.step != "150" and due.house.person(it.assignee):
        if _knows(due, it, it.assignee):
            remind(due, it.assignee, "task")
        return
    person = due.house.person(it.by) or calling.on_call(due.house, Grade.ORANGE)
    if person is None or (incident and not saying.may_know(incident, person)):
        return
    text = f"{it.name[:40]}（{it.assignee or '无人'}）{cards.left(it.due_at, due.now)}{due.late}\n可回：催一下 T{it.id}｜T{it.id} 改派给 @某人"
    saying.tell_person(due.db, person.name, Post(text), at=due.now, kind="reminder", reason="task", incident=incident)


def accept(due: Due) -> None:
    """An assignment that nobody accepted is told to who assigned."""
    incident = due.incident
    if incident is None or not incident.open:
        return
    waits, by = due.timer.body["person"], due.timer.body["by"]
    offered = any(h.incident == incident.id and h.receiver == waits for h in staff.handovers(due.db))
    if not offered and (incident.owner != waits or incident.accepted):
        return
    if not saying.knows(due.house, incident, by):
        return
    text = f"#{incident.id} {waits}还没按「接」{due.late}。可改派：指派 #{incident.id} @某人"
    saying.tell_person(due.db, by, Post(text), at=due.now, kind="reminder", reason="accept", incident=incident)


def unread(due: Due) -> None:
    """A leader has not read what was reported: duty telephones."""
    incident = due.incident
    if incident and incident.open:
        name = due.timer.body["person"]
        calling.call(due.db, due.house, incident, name, f"上报未阅{due.late}", at=due.now, key=due.timer.key)


def accept_tasks(due: Due) -> None:
    """Blocking tasks that nobody took are told to who gave them, once, several in one line."""
    open_ones = [t for t in work.tasks(due.db) if t.blocking and not t.accepted and not t.told and t.by == due.timer.body["by"]]
    open_ones = [t for t in open_ones if _knows(due, t, t.by)]
    waiting = [t for t in open_ones if t.assignee and t.assignee != t.by and t.state == "open" and t.at <= due.timer.due_at]
    if not waiting or due.house.person(due.timer.body["by"]) is None:
        return
    for t in waiting:
        work.change_task(due.db, t, "task_told", at=due.now, by=WANGLOU, told=True)
    listed = "、".join(f"T{t.id}（{t.assignee}）" for t in waiting[:6])
    text = f"阻断任务还没人接{due.late}：{listed}。可改派：T{waiting[0].id} 改派给 @某人"
    saying.tell_person(due.db, due.timer.body["by"], Post(text), at=due.now, kind="reminder", reason="accept")


def call(due: Due) -> None:
    """A call that nobody made is said again, once."""
    it = calls.get(due.db, due.timer.body["call"])
    if it.state == "open":
        calling.say_call(due.db, due.house, it, due.now, f"再提醒{due.late}：")


def lapse(due: Due) -> None:
    """A second person did not answer in time: nothing happens, and the asker hears it; not where the incident has moved on."""
    act = pending.find(due.db, due.timer.body["act"])
    if act is None:
        return
    incident = incidents.find(due.db, moves.object_of(act.fingerprint) or 0)
    if (
        incident
        and act.fingerprint.count(":") == moves.fingerprint(incident).count(":")
        and act.fingerprint != moves.fingerprint(incident)
    ):
        pending.finish(due.db, act.id, "died")
        return
    pending.finish(due.db, act.id, "lapsed")
    text = f"{act.echo.splitlines()[0]}：没有人在时限内确认{due.late}，已作废。要做请重新发一次"
    saying.tell_person(due.db, act.person, Post(text), at=due.now, kind="notice", reason="lapsed")


def ungraded(due: Due) -> None:
    """An incident without a grade keeps reminding the duty officer until somebody gives it one."""
    incident = due.incident
    if incident is None or not incident.open or incident.grade is not None:
        return
    set_ungraded(due.db, due.house, incident, due.now)
    person = calling.on_call(due.house, Grade.ORANGE)
    if person is None or not saying.may_know(incident, person):
        person = due.house.first(Role.COMMANDER)
    if person is None:
        return
    wish = incident.suggested.label if incident.suggested else "黄"
    hint = f"建议{wish}，" if incident.suggested else ""
    first = "认领" if incident.state is State.NEW else f"定级 #{incident.id} {wish}"
    todo = f"认领 #{incident.id}" if first == "认领" else first
    text = f"#{incident.id} {incident.title[:20]} 还没定级{due.late}：{hint}可回：{todo}"
    saying.tell_person(due.db, person.name, Post(text), at=due.now, kind="reminder", reason="ungraded", incident=incident)


def set_ungraded(db: Database, house: House, incident: Incident, now: datetime) -> None:
    """Sets the next reminder of an incident without a grade: the assessment limit of the grade suggested, the first after twice
    that, when the assessment clock has called everybody it calls."""
    limit = house.limit("assessment", incident.suggested)
    length = timedelta(seconds=limit) if limit else UNGRADED
    due_at = now + (2 * length if limit and now == incident.opened_at else length)
    timers.set_timer(db, f"ungraded:{incident.id}:{due_at.timestamp():.0f}", "ungraded", due_at, at=now, incident=incident.id)


def cover(due: Due) -> None:
    """A day before a shift ends with nobody after it, the duty officers and the administrators hear of the gap."""
    role, moment = Role(due.timer.body["role"]), datetime.fromisoformat(due.timer.body["moment"])
    if covered(due.db, role, moment):
        return
    when = clock_of(moment, due.now)
    text = f"{when} 起{role.label}无人值班{due.late}。请排班：值班 某人 {when} 到 …"
    for person in due.house.with_role(Role.DUTY, Role.ADMIN):
        saying.tell_person(due.db, person.name, Post(text), at=due.now, kind="reminder", reason="roster")


def covered(db: Database, role: Role, moment: datetime) -> bool:
    """Whether somebody who is not away serves in a role at a moment."""
    away = {leave.person for leave in staff.leaves(db, moment) if leave.starts_at <= moment}
    serving = [s for s in staff.shifts(db, moment) if s.role is role and s.starts_at <= moment < s.ends_at]
    return any(s.person not in away for s in serving)


KINDS: dict[str, Kind] = {
    "task": task,
    "accept": accept,
    "unread": unread,
    "accept_tasks": accept_tasks,
    "again": again,
    "later": later,
    "call": call,
    "lapse": lapse,
    "ungraded": ungraded,
    "cover": cover,
}
