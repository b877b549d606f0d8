"""The people's desk: assign, accept, escalate, mute, who am I."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot import handling
from bot.commands import Ask, roles_of
from bot.errors import UserError
from bot.language.due import due_at, length_of
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.incident import NEEDS, Incident, State
from bot.model.people import Person
from bot.model.times import clock_of, span_of
from bot.store import incidents, outbox, rooms, timers, work

LONGEST = {Grade.BLUE: 24 * 3600.0, Grade.YELLOW: 12 * 3600.0, Grade.ORANGE: 1800.0}
WORDS_LONGEST = 30 * 86_400.0
DEFAULT = 3600.0


def assign(ask: Ask) -> str:
    """指派：把事件或任务交给别人。例：指派 #12 @张敏　T5 改成赵倩做"""
    people = [ask.named(name) for name in ask.intent.persons]
    if not people:
        role = ask.intent.text("role")
        found = next((p for p in ask.house.people if role and any(r.value == role for r in p.roles)), None)
        if found is None:
            raise UserError("交给谁？如：指派 #12 @张敏")
        people = [found]
    if number := ask.intent.number("task"):
        return _assign_task(ask, number, people[0])
    incident = ask.incident()
    note = ask.require("assign", incident)
    if not incident.open:
        raise UserError(NEEDS[incident.state])
    return _hand_over(ask, incident, people, waits=note == "a")


def _assign_task(ask: Ask, number: int, person: Person) -> str:
    task = work.task(ask.db, number)
    incident = incidents.find(ask.db, task.incident) if task.incident else None
    mine = ask.person.name in (task.by, task.assignee) or (incident is not None and incident.owned_by(ask.person))
    if not mine:
        ask.require("assign", incident)
    work.change_task(ask.db, task, "task_assign", at=ask.at, by=ask.person.name, assignee=person.name, accepted=False)
    _private(ask, person, f"T{task.id} 交给你（{ask.person.name}）：{task.text}", incident)
    return f"T{task.id} 归{person.name}：{task.text[:30]}"


def _hand_over(ask: Ask, incident: Incident, people: list[Person], *, waits: bool) -> str:
    owner, helpers = people[0], [p.name for p in people[1:]]
    if not owner.member:
        raise UserError(f"{owner.name}（{roles_of(owner)}）不能当负责人")
    state = State.ASSESSING if incident.state is State.NEW else incident.state
    incidents.change(
        ask.db,
        incident.id,
        "assign",
        at=ask.at,
        by=ask.person.name,
        owner=incident.owner if waits else owner.name,
        named=[owner.name] if waits else list(incident.named),
        helpers=[*dict.fromkeys([*incident.helpers, *helpers])],
        state=state,
        claimed_at=ask.at,
        accepted=owner.name == ask.person.name,
        assigned_by=ask.person.name,
    )
    handling.meet(ask.db, incident, "claim", at=ask.at, by=ask.person.name)
    limit = ask.house.limit("accept", incident.shown) or 600.0
    key = f"accept:{incident.id}:{owner.name}:{ask.at.timestamp():.0f}"
    timers.set_timer(ask.db, key, "accept", ask.at + timedelta(seconds=limit), at=ask.at, incident=incident.id)
    _private(ask, owner, f"#{incident.id} {incident.title[:20]} 交给你（{ask.person.name}）。请回：接 #{incident.id}", incident)
    extra = f"，配合 {'、'.join(helpers)}" if helpers else ""
    text = f"#{incident.id} 归{owner.name}（{ask.person.name}指派）{extra}。{span_of(limit)}内请{owner.name}按「接」"
    handling.tell_rooms(ask.db, ask.house, incident, Post(text), at=ask.at, kind="notice", reason="assigned", besides=ask.room)
    return text


def accept(ask: Ask) -> str:
    """接：接下交给你的事件或任务。例：接 #12　接 T4"""
    if number := ask.intent.number("task"):
        task = work.task(ask.db, number)
        if task.assignee != ask.person.name:
            raise UserError(f"T{task.id} 是{task.assignee or '没有人'}的")
        work.change_task(ask.db, task, "task_accept", at=ask.at, by=ask.person.name, accepted=True, state="doing")
        return f"T{task.id} 已接：{task.text[:30]}"
    incident = _given(ask)
    if incident.owner == ask.person.name and incident.accepted:
        return f"#{incident.id} 已经接过了{ask.hint(incident)}"
    if ask.person.name not in (incident.owner, *incident.named):
        raise UserError(f"#{incident.id} 交给的是{incident.owner or '别人'}，要接手请回：认领 #{incident.id}")
    taken = incidents.change(ask.db, incident.id, "accept", at=ask.at, by=ask.person.name, owner=ask.person.name, accepted=True)
    timers.end_timers(ask.db, f"accept:{incident.id}:", ask.at, "已接")
    handling.tell_rooms(
        ask.db,
        ask.house,
        taken,
        Post(f"#{incident.id} {ask.person.name}已接"),
        at=ask.at,
        kind="notice",
        reason="accepted",
        besides=ask.room,
    )
    return f"#{incident.id} 已接{ask.hint(taken)}"


def _given(ask: Ask) -> Incident:
    if ask.intent.number("incident") is None and ask.card_incident is None:
        given = [i for i in incidents.listed(ask.db) if i.owner == ask.person.name and not i.accepted]
        if len(given) == 1:
            return given[0]
    return ask.incident()


def escalate(ask: Ask) -> str:
    """上报：报给上级。例：上报 #12 给陈总"""
    incident = ask.incident()
    ask.require("escalate", incident)
    to = ask.intent.text("to")
    person = _whom(ask, to)
    reason = ask.intent.text("reason")
    post = handling.brief(ask.db, incident, ask.at)
    handling.tell_person(
        ask.db, person.name, post, at=ask.at, kind="escalation", reason="report", incident=incident, urgent=True
    )
    incidents.note(ask.db, incident.id, "report", at=ask.at, by=ask.person.name, why=reason, to=person.name)
    handling.meet(ask.db, incident, "report", at=ask.at, by=ask.person.name)
    text = f"#{incident.id} 已报{person.name}（私信）" + (f"：{reason}" if reason else "")
    handling.tell_rooms(ask.db, ask.house, incident, Post(text), at=ask.at, kind="notice", reason="reported", besides=ask.room)
    return text


def _whom(ask: Ask, to: str) -> Person:
    """Who is meant: a name, a role, or the next level of the chain above this person."""
    if found := next((p for p in ask.house.people if to and p.name in to), None):
        return found
    roles = {"legal": "legal", "法务": "legal", "公关": "pr", "command": "commander", "指挥": "commander", "领导": "commander"}
    wanted = next((role for word, role in roles.items() if word in to), "")
    if wanted and (found := next((p for p in ask.house.people if any(r.value == wanted for r in p.roles)), None)):
        return found
    if to and not wanted:
        raise UserError(f"「{to[:12]}」不在名单里，要由人去报。报完请回：已报 {to[:12]} 回执号")
    chain = ask.house.chain()
    place = chain.index(ask.person.name) + 1 if ask.person.name in chain else 0
    if place >= len(chain):
        raise UserError("上面没有更高一级了。要对外报请写明报给谁")
    return ask.named(chain[place])


def mute(ask: Ask) -> str:
    """静音：暂停往群里推，时限照走，红级不静。例：静音 #12 30分钟　取消静音"""
    ask.require("mute")
    slots = ask.intent.slots
    if slots.get("op") == "off":
        return _unmute(ask)
    if word := ask.intent.text("keyword") or ask.intent.text("source"):
        until = ask.at + timedelta(seconds=min(_length(ask) or WORDS_LONGEST, WORDS_LONGEST))
        column = "word" if ask.intent.text("keyword") else "source"
        rooms.mute(ask.db, at=ask.at, by=ask.person.name, until=until, room=ask.room, **{column: word})
        return f"「{word[:20]}」静音到{clock_of(until, ask.at)}；记录照旧"
    if quiet := ask.intent.text("quiet"):
        least = ask.intent.text("min_grade") or "red"
        rooms.mute(ask.db, at=ask.at, by=ask.person.name, until=None, room=ask.room, quiet=quiet, min_grade=least)
        return f"每天 {quiet} 只推{Grade.of(least).label}级，时限提醒照发"
    incident = ask.incident() if _names_one(ask) else None
    return _mute_for_a_while(ask, incident)


def _names_one(ask: Ask) -> bool:
    return ask.intent.number("incident") is not None or ask.card_incident is not None or bool(ask.intent.text("topic"))


def _mute_for_a_while(ask: Ask, incident: Incident | None) -> str:
    shown = incident.shown if incident else ask.intent.grade
    if shown is Grade.RED:
        raise UserError("红级不能静音")
    wished = _length(ask) or DEFAULT
    longest = LONGEST[shown or Grade.BLUE] if incident or shown else LONGEST[Grade.BLUE]
    length = min(wished, longest)
    until = ask.at + timedelta(seconds=length)
    highest = (shown or Grade.ORANGE).key if incident is None else None
    rooms.mute(
        ask.db,
        at=ask.at,
        by=ask.person.name,
        until=until,
        room=ask.room if incident is None else "",
        incident=incident.id if incident else None,
        max_grade=highest,
    )
    name = f"#{incident.id}" if incident else "本群"
    if length < wished:
        return f"{shown.label if shown else ''}最多静音{span_of(length)}，{name}到{clock_of(until, ask.at)}；时限提醒照发"
    return f"{name} 静音{span_of(length)}，到{clock_of(until, ask.at)}；时限照提醒"


def _length(ask: Ask) -> float | None:
    text = ask.intent.text("duration")
    if not text:
        return None
    length = length_of(text)
    if length:
        return length
    until = due_at(text, ask.at, ask.house.zone)
    if until is None or until <= ask.at:
        raise UserError(f"「{text[:12]}」是多久？如：30分钟、2小时、到明早8点")
    return (until - ask.at).total_seconds()


def _unmute(ask: Ask) -> str:
    wanted = ask.intent.number("incident")
    ended = [m for m in rooms.mutes(ask.db, ask.at) if wanted is None or m.incident == wanted]
    for each in ended:
        rooms.unmute(ask.db, each, at=ask.at, by=ask.person.name, why="取消静音")
    return "已恢复推送" if ended else "现在没有静音"


def whoami(ask: Ask) -> str:
    """我是谁：看自己的角色和编号"""
    ids = "，".join(f"{platform} {id}" for platform, id in ask.person.ids)
    return f"{ask.person.name}：{roles_of(ask.person)}\n编号 {ids or '无'}"


def read_mark(ask: Ask) -> str:
    """已阅：简报已看。例：已阅 #12"""
    incident = ask.incident()
    incidents.note(ask.db, incident.id, "read", at=ask.at, by=ask.person.name)
    return f"#{incident.id} 已记下您已阅"


def _private(ask: Ask, person: Person, text: str, incident: Incident | None) -> None:
    if person.name == ask.person.name:
        return
    outbox.put(
        ask.db,
        Post(text),
        at=ask.at,
        kind="notice",
        reason="assigned",
        person=person.name,
        incident=incident.id if incident else None,
        grade=incident.shown if incident else None,
    )


def moment(ask: Ask, text: str) -> datetime | None:
    """A due time as typed, or None."""
    return due_at(text, ask.at, ask.house.zone) if text else None


COMMANDS: dict[str, Callable[[Ask], str]] = {
    "assign": assign,
    "accept": accept,
    "escalate": escalate,
    "mute": mute,
    "whoami": whoami,
    "read": read_mark,
}
