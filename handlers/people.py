"""The people's desk: assign, accept, hand over, who am I, who may know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot import cards, clocking, recap, saying
from bot.asking import Ask, roles_of
from bot.errors import UserError
from bot.model.card import Post
from bot.model.incident import NEEDS, Incident, State
from bot.model.people import Person, Role, who_may
from bot.model.times import span_of
from bot.store import incidents, staff, timers, work


def assign(ask: Ask) -> str:
    """指派：把事件或任务交给别人。例：指派 #12 @张敏　T5 改派给 @赵倩"""
    people = [ask.named(name) for name in ask.intent.persons] or [_by_role(ask)]
    if number := ask.intent.number("task"):
        if len(people) > 1:
            raise UserError(f"一项任务只归一位，没有改派。如：T{number} 给{people[0].name}；{people[1].name}的那份请另建任务")
        return _assign_task(ask, number, people[0])
    incident = ask.incident()
    note = ask.require("assign", incident)
    if not incident.open:
        raise UserError(f"#{incident.id} {NEEDS[incident.state]}")
    owner = people[0]
    if not owner.member:
        raise UserError(f"{owner.name}（{roles_of(owner)}）不能当负责人，请换一位")
    if incident.owner == owner.name and len(people) == 1:
        return f"#{incident.id} 本来就归{owner.name}{ask.hint(incident)}"
    return _give(ask, incident, owner, [p.name for p in people[1:]], waits=note == "a")


def _by_role(ask: Ask) -> Person:
    role = ask.intent.text("role")
    found = ask.house.first(Role(role)) if role else None
    if found is None:
        number = ask.intent.number("incident") or ask.card_incident or 12
        raise UserError(f"交给谁？如：指派 #{number} @张敏")
    return found


def _assign_task(ask: Ask, number: int, person: Person) -> str:
    task = ask.task(number)
    incident = incidents.find(ask.db, task.incident) if task.incident else None
    mine = ask.person.name in (task.by, task.assignee) or (incident is not None and incident.owned_by(ask.person))
    if not mine:
        ask.require("assign", incident)
    if not task.live:
        raise UserError(f"T{task.id} 已结束，不能改派")
    if not person.member:
        raise UserError(f"{person.name}（{roles_of(person)}）不能接任务，请换一位")
    work.change_task(
        ask.db,
        task,
        "task_assign",
        at=ask.at,
        by=ask.person.name,
        assignee=person.name,
        accepted=False,
        state="open",
        told=False,
    )
    text = f"T{task.id} 归{person.name}：{task.text[:30]}"
    if person.name != ask.person.name:
        ask.tell_one(person.name, f"T{task.id} 交给你（{ask.person.name}）：{task.text}。请回：接 T{task.id}", "task", incident)
    if incident:
        ask.tell(incident, text, "task")
    return text


def _give(ask: Ask, incident: Incident, owner: Person, helpers: list[str], *, waits: bool) -> str:
    """Holds at once; where an owner gives it away (note a), the receiver accepts first."""
    state = State.ASSESSING if incident.state is State.NEW else incident.state
    own = owner.name == ask.person.name
    together = [*dict.fromkeys([*incident.helpers, *helpers])]
    if waits and not own:
        staff.hand_over(ask.db, ask.person.name, owner.name, at=ask.at, incident=incident.id)
        values: dict[str, Any] = {"helpers": together}
    else:
        values = {
            "owner": owner.name,
            "accepted": own,
            "assigned_by": "" if own else ask.person.name,
            "claimed_at": ask.at,
            "helpers": together,
            "state": state,
        }
    given = incidents.change(ask.db, incident.id, "assign", at=ask.at, by=ask.person.name, why=f"给{owner.name}", **values)
    clocking.meet(ask.db, incident, "claim", at=ask.at, by=ask.person.name)
    limit = ask.house.limit("accept", incident.shown) or 600.0
    timers.end_timers(ask.db, f"accept:{incident.id}:", ask.at, "已改派")
    extra = f"，配合 {'、'.join(helpers)}" if helpers else ""
    if own:
        text = f"#{incident.id} 归{owner.name}{extra}"
    else:
        key = f"accept:{incident.id}:{owner.name}:{ask.at.timestamp():.0f}"
        due = ask.at + timedelta(seconds=limit)
        timers.set_timer(ask.db, key, "accept", due, at=ask.at, incident=incident.id, person=owner.name, by=ask.person.name)
        post = cards.ask_to_accept(
            f"#{incident.id} {incident.title[:20]} 交给你（{ask.person.name}）", f"接 #{incident.id}", incident.id
        )
        ask.tell_one(owner.name, post, "assigned", given)
        text = f"#{incident.id} 归{owner.name}（{ask.person.name}指派）{extra}。{span_of(limit)}内请{owner.name}按「接」"
        if waits:
            text = f"#{incident.id} 转交{owner.name}{extra}：{owner.name}按「接」后生效，之前仍归{incident.owner}"
    ask.tell(given, text, "assigned")
    return text


def accept(ask: Ask) -> str:
    """接：接下交给你的事件、任务或交班。例：接 #12　接 T4　接 交班"""
    if number := ask.intent.number("task"):
        return _accept_task(ask, number)
    offered = [h for h in staff.handovers(ask.db) if h.receiver == ask.person.name]
    whole = [h for h in offered if h.incident is None]
    if whole and not ask.names_one():
        return _take_all(ask, whole[-1])
    if not ask.names_one() and not _handed(ask, offered) and (tasks := _waiting_tasks(ask)):
        if len(tasks) > 1:
            listed = "｜".join(f"T{t.id} {t.text[:16]}" for t in tasks[:5])
            raise UserError(f"接哪一个？{listed}\n请带编号，如：接 T{tasks[0].id}")
        return _accept_task(ask, tasks[0].id)
    incident = _given(ask, offered)
    mine = next((h for h in offered if h.incident == incident.id), None)
    if mine is None and incident.owner == ask.person.name and incident.accepted:
        return f"#{incident.id} 已经接过了{ask.hint(incident)}"
    if mine is None and incident.owner != ask.person.name:
        to = f"交给的是{incident.owner}" if incident.owner else "还没交给谁"
        raise UserError(f"#{incident.id} {to}，要接手请回：认领 #{incident.id}")
    if mine:
        staff.end_handover(ask.db, mine, "taken", at=ask.at, by=ask.person.name)
    taken = incidents.change(ask.db, incident.id, "accept", at=ask.at, by=ask.person.name, owner=ask.person.name, accepted=True)
    timers.end_timers(ask.db, f"accept:{incident.id}:", ask.at, "已接")
    ask.tell(taken, f"#{incident.id} {ask.person.name}已接", "accepted")
    return f"#{incident.id} 已接{ask.hint(taken)}"


def _accept_task(ask: Ask, number: int) -> str:
    task = ask.task(number)
    if task.assignee != ask.person.name:
        raise UserError(f"T{task.id} 是{task.assignee or '还没有人'}的")
    if not task.live:
        raise UserError(f"T{task.id} 已结束")
    if task.accepted:
        return f"T{task.id} 已经接过了"
    work.change_task(ask.db, task, "task_accept", at=ask.at, by=ask.person.name, accepted=True, state="doing")
    if task.by != ask.person.name and task.blocking:
        incident = incidents.find(ask.db, task.incident) if task.incident else None
        ask.tell_one(task.by, f"T{task.id} {ask.person.name}已接：{task.text[:30]}", "accepted", incident)
    return f"T{task.id} 已接：{task.text[:30]}"


def _waiting_tasks(ask: Ask) -> list[work.Task]:
    """The tasks that others gave to this person and that wait for 接."""
    mine = [t for t in work.tasks(ask.db, assignee=ask.person.name) if not t.accepted and t.by != ask.person.name]
    return [t for t in mine if ask.knows(t.incident)]


def _handed(ask: Ask, offered: list[staff.Handover]) -> list[Incident]:
    """The incidents that wait for this person's 接."""
    wanted = {h.incident for h in offered}
    given = [i for i in incidents.listed(ask.db) if (i.owner == ask.person.name and not i.accepted) or i.id in wanted]
    return [i for i in given if ask.sees(i)]


def _given(ask: Ask, offered: list[staff.Handover]) -> Incident:
    given = [] if ask.names_one() else _handed(ask, offered)
    return given[0] if len(given) == 1 else ask.incident()


def handover(ask: Ask) -> str:
    """交班：把手上的事一次交给接班的人，对方按「接」才生效。例：交班 @张敏"""
    ask.require("claim")
    if not ask.intent.persons:
        raise UserError("交给谁？如：交班 @张敏")
    receiver = ask.named(ask.intent.persons[0])
    if receiver.name == ask.person.name or not receiver.member:
        raise UserError(f"不能交给{receiver.name}，请换一位")
    mine, giver = _in_hand(ask, ask.person.name, receiver), ask.person.name
    kept = [i for i in incidents.listed(ask.db) if i.owner == giver and i not in mine]
    aside = _kept_back(ask, kept, receiver) if kept else ""
    serving = [s for s in staff.shifts(ask.db, ask.at) if s.person == giver and s.starts_at <= ask.at]
    if not mine and not serving:
        tasks = [t for t in work.tasks(ask.db, assignee=giver) if ask.knows(t.incident)]
        left = f"；任务要逐项改派，如：T{tasks[0].id} 改派给 @{receiver.name}" if tasks else ""
        return f"你手上没有可交的事件，不用交班{left}{aside}"
    staff.hand_over(ask.db, giver, receiver.name, at=ask.at)
    screen = recap.handover(ask.db, giver, mine, ask.at)
    ask.tell_one(receiver.name, cards.ask_to_accept(screen, "接 交班"), "handover")
    what = f"{len(mine)}件事的交班单" if mine else "值班的交班单"
    return f"已把{what}私信{receiver.name}，{receiver.name}按「接」后生效{aside}"


def _kept_back(ask: Ask, kept: list[Incident], receiver: Person) -> str:
    """What is confidential and stays with the giver: said in private only."""
    n = f"#{kept[0].id}"
    text = f"{'、'.join(f'#{i.id}' for i in kept)} 保密，{receiver.name}不知情，没有交。先请{who_may('confidential')}回：保密 {n} @{receiver.name}"
    if not ask.room:
        return f"\n{text}"
    ask.tell_one(ask.person.name, text, "handover")
    return ""


def _in_hand(ask: Ask, giver: str, receiver: Person) -> list[Incident]:
    """What somebody owns, without what the receiver may not know of."""
    return [i for i in incidents.listed(ask.db) if i.owner == giver and saying.may_know(i, receiver)]


def _take_all(ask: Ask, it: staff.Handover) -> str:
    staff.end_handover(ask.db, it, "taken", at=ask.at, by=ask.person.name)
    moved = _in_hand(ask, it.giver, ask.person)
    for each in moved:
        taken = incidents.change(
            ask.db,
            each.id,
            "accept",
            at=ask.at,
            by=ask.person.name,
            why=f"{it.giver}交班",
            owner=ask.person.name,
            accepted=True,
        )
        timers.end_timers(ask.db, f"accept:{each.id}:", ask.at, "已接")
        ask.tell(taken, f"#{each.id} 归{ask.person.name}（{it.giver}交班）", "handover")
    for shift in [s for s in staff.shifts(ask.db, ask.at) if s.person == it.giver and s.starts_at <= ask.at]:
        if shift.role in ask.person.roles:
            staff.cut_shift(ask.db, shift, at=ask.at, by=ask.person.name)
            staff.add_shift(ask.db, ask.person.name, shift.role, ask.at, shift.ends_at, at=ask.at, by=ask.person.name)
    ask.tell_one(it.giver, f"{ask.person.name}已接班，{len(moved)}件事归{ask.person.name}", "handover")
    return f"已接班：{'、'.join(f'#{i.id}' for i in moved) or '手上没有事件'}"


def whoami(ask: Ask) -> str:
    """我是谁：看自己的角色和编号"""
    ids = "，".join(f"{platform} {id}" for platform, id in ask.person.ids)
    return f"{ask.person.name}：{roles_of(ask.person)}\n编号 {ids or '无'}"


def confidential(ask: Ask) -> str:
    """保密：只让负责人、配合的人、指挥和点名的人看见。例：保密 #12 @何静　取消保密 #12"""
    incident = ask.incident()
    ask.require("confidential", incident)
    if ask.intent.text("op") == "off":
        if not incident.confidential:
            return f"#{incident.id} 本来就不保密"
        opened = incidents.change(ask.db, incident.id, "open_up", at=ask.at, by=ask.person.name, confidential=False)
        ask.tell(opened, f"#{incident.id} {incident.title[:20]} 已取消保密（{ask.person.name}）", "confidential")
        return f"#{incident.id} 已取消保密"
    named = [ask.named(name).name for name in ask.intent.persons]
    insiders = [*dict.fromkeys([*incident.named, ask.person.name, *named])]
    closed = incidents.change(
        ask.db, incident.id, "confidential", at=ask.at, by=ask.person.name, confidential=True, named=insiders
    )
    for name in (n for n in dict.fromkeys([*named, incident.owner]) if n and n != ask.person.name):
        ask.tell_one(
            name, f"#{incident.id} {incident.title[:20]} 已转为保密，你在知情名单，请只在私聊里办", "confidential", closed
        )
    known = [p.name for p in ask.house.people if saying.may_know(closed, p)]
    left = [t for t in work.tasks(ask.db, incident=incident.id) if t.assignee and t.assignee not in known]
    return f"#{incident.id} 已转为保密，以后只在私聊里办。知情：{'、'.join(known)}{_left_out(incident, left)}"


def _left_out(incident: Incident, left: list[work.Task]) -> str:
    """Whose tasks are no longer reminded of, and what to type: name them, or give the work to others."""
    if not left:
        return ""
    names = list(dict.fromkeys(t.assignee for t in left))
    each = "、".join(f"{name}（{'、'.join(f'T{t.id}' for t in left if t.assignee == name)}）" for name in names[:5])
    everybody = "".join(f" @{name}" for name in names)
    return f"\n{each}不知情，任务不再提醒。可回：保密 #{incident.id}{everybody}，或：T{left[0].id} 改派给 @某人"


COMMANDS: dict[str, Callable[[Ask], Post | str]] = {
    "assign": assign,
    "accept": accept,
    "handover": handover,
    "whoami": whoami,
    "confidential": confidential,
}
