"""The escalation desk: report upwards, read marks, telephone calls."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from bot import clocking, leaders, saying
from bot.asking import Ask, roles_of
from bot.errors import UserError
from bot.language.normal import simplified
from bot.model.incident import Incident
from bot.model.people import Person, Role
from bot.model.times import span_of
from bot.store import calls, incidents, plans, timers, work

TO_ROLES = {
    "法务": Role.LEGAL,
    "legal": Role.LEGAL,
    "公关": Role.PR,
    "command": Role.COMMANDER,
    "指挥": Role.COMMANDER,
    "领导": Role.COMMANDER,
    "值班": Role.DUTY,
}


def escalate(ask: Ask) -> str:
    """上报：报给上级。例：上报 #12 给陈总；新情况：上报 加链接或一句话"""
    if not (ask.names_one() or ask.intent.slots or _RISES.search(simplified(ask.text))):
        raise UserError("上报哪件、报给谁？如：上报 #12 陈总。新情况请写：上报 加链接或一句话")
    incident = ask.incident()
    ask.require("escalate", incident)
    person = _whom(ask, ask.intent.text("to"))
    if not (person.member or person.has(Role.COMMANDER)):
        raise UserError(f"{person.name}（{roles_of(person)}）不接上报，请换一位")
    reason = ask.intent.text("reason")
    if not saying.may_know(incident, person):
        raise UserError(f"#{incident.id} 保密，{person.name}不在知情名单。可回：保密 #{incident.id} @{person.name}")
    asked = _QUESTION.search(reason) is not None
    if asked:
        _put_question(ask, incident, person, reason)
    told = f"{reason[:60]}（{ask.person.name}）" if reason and not asked else ""
    post = leaders.brief(ask.db, incident, ask.at, told)
    saying.tell_person(ask.db, person.name, post, at=ask.at, kind="escalation", reason="report", incident=incident, urgent=True)
    incidents.note(ask.db, incident.id, "report", at=ask.at, by=ask.person.name, why=reason, to=person.name)
    clocking.meet(ask.db, incident, "report", at=ask.at, by=ask.person.name)
    limit = ask.house.limit("read", incident.shown)
    text = f"#{incident.id} 已报{person.name}（私信✓）" + (f"：{reason[:40]}" if reason else "")
    text += f"。{span_of(limit)}未阅转电话" if limit else ""
    if limit:
        key = f"read:{incident.id}:{person.name}:{ask.at.timestamp():.0f}"
        due = ask.at + timedelta(seconds=limit)
        timers.set_timer(ask.db, key, "unread", due, at=ask.at, incident=incident.id, person=person.name)
    ask.tell(incident, text, "reported")
    return text


_RISES = re.compile(r"升级|escalate", re.I)
"""Bare 上报 may be about something new and asks; bare 升级 is about what is open, as the button of that name (room page, section 2)."""
_QUESTION = re.compile(r"是否|要不要|能不能|可不可以|该不该|请定|请示|怎么定|建议")


def _put_question(ask: Ask, incident: Incident, person: Person, question: str) -> None:
    """What is asked of a leader stands as a proposed decision; the brief asks it and its buttons answer it."""
    work.add_decision(
        ask.db,
        incident=incident.id,
        text=question[:200],
        decider=person.name,
        recorded_by=ask.person.name,
        at=ask.at,
        state="proposed",
    )


def _whom(ask: Ask, to: str) -> Person:
    """Who is meant: a name, a role, or the next level of the chain above this person."""
    if found := next((p for p in ask.house.people if to and p.name in to), None):
        return found
    wanted = next((role for word, role in TO_ROLES.items() if word in to), None)
    if wanted and (person := ask.house.first(wanted)):
        return person
    if to and not wanted:
        raise UserError(f"「{to[:12]}」不在名单里，要由人去报。报完请回：已报 {to[:12]} 回执号")
    chain = ask.house.chain()
    place = chain.index(ask.person.name) + 1 if ask.person.name in chain else 0
    if place >= len(chain):
        raise UserError("上面没有更高一级了。要对外报请写明报给谁")
    return ask.named(chain[place])


def read_mark(ask: Ask) -> str:
    """已阅：简报已看。例：已阅 #12"""
    incident = ask.incident()
    if not plans.mark_read(ask.db, ask.person.name, incident.id, at=ask.at):
        incidents.note(ask.db, incident.id, "read", at=ask.at, by=ask.person.name)
    timers.end_timers(ask.db, f"read:{incident.id}:{ask.person.name}:", ask.at, "已阅")
    return f"#{incident.id} 已记下您已阅"


def called(ask: Ask) -> str:
    """已电话：电话打过了。例：已电话 陈总"""
    if not ask.intent.persons:
        raise UserError("打给谁了？如：已电话 陈总")
    person = ask.named(ask.intent.persons[0])
    ask.require("escalate")
    waiting = [c for c in calls.waiting(ask.db, person=person.name) if _sees_call(ask, c)]
    if not waiting:
        return f"没有等着打给{person.name}的电话"
    for call in waiting:
        calls.answer(ask.db, call, at=ask.at, by=ask.person.name)
        timers.end_timers(ask.db, f"call:{call.id}", ask.at, "已打")
    numbers = "、".join(dict.fromkeys(f"#{c.incident}" for c in waiting if c.incident))
    text = f"{ask.person.name}已电话{person.name}" + (f"（{numbers}）" if numbers else "")
    for number in dict.fromkeys(c.incident for c in waiting if c.incident):
        ask.tell(incidents.get(ask.db, number), f"#{number} {ask.person.name}已电话{person.name}", "called")
    return text


def _sees_call(ask: Ask, call: calls.Call) -> bool:
    incident = incidents.find(ask.db, call.incident) if call.incident else None
    return incident is None or ask.sees(incident)


COMMANDS: dict[str, Callable[[Ask], str]] = {"escalate": escalate, "read": read_mark, "called": called}
