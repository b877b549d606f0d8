"""The roster desk: who serves when, leave, take-over, roles, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from bot import ringing
from bot.asking import Ask, Refused, roles_of
from bot.errors import UserError
from bot.language.due import due_at
from bot.language.numbers import number_of
from bot.model.people import LABELS, Person, Role, Verdict, right, who_may
from bot.model.times import clock_of
from bot.store import staff, timers

ON_CALL = (Role.DUTY, Role.MONITOR, Role.PR, Role.LEGAL, Role.IT_SEC, Role.CS, Role.BIZ, Role.COMMANDER)
SHOWN = (Role.COMMANDER, Role.DUTY, Role.MONITOR, Role.PR, Role.LEGAL)
SOON = timedelta(minutes=10)
WARN = timedelta(days=1)
_RANGE = re.compile(r"\s*(?:到|至|~|—+|－)\s*")
_LENGTH = re.compile(r"(\d{1,2}|[一二两三四五六七八九十]{1,2})\s*个?(小时|钟头|天|日|周|星期|礼拜)")
_HOURS = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")


def roster(ask: Ask) -> str:
    """值班：看谁在值班、排班。例：谁在值班　值班 张敏 周五20:00到周六8:00　值班 请假 张敏 周五 王磊代　值班 顶班 张敏　值班 销假"""
    text = ask.intent.text("text")
    for word, act in (("请假", _leave), ("休假", _leave), ("销假", _back), ("顶班", _take_over), ("替班", _take_over)):
        if found := re.match(rf"(?P<who>\S+\s+)?{word}", text):
            return act(ask, f"{found['who'] or ''}{text[found.end() :]}".strip())
    if ask.intent.persons:
        return _shift(ask, text)
    return _show(ask)


def _show(ask: Ask) -> str:
    """Who is on call now for each role, who is away, the next shifts."""
    rows = []
    for role in SHOWN:
        people = [p for p in ask.house.with_role(role) if p.name not in ask.house.away]
        until = {s.person: s.ends_at for s in staff.shifts(ask.db, ask.at) if s.starts_at <= ask.at and s.role is role}
        if not people:
            rows.append(f"{role.label}：无人")
            continue
        first = people[0].name
        rows.append(f"{role.label}：{first}" + (f"（到{clock_of(until[first], ask.at)}）" if first in until else ""))
    lines = ["现在值班　" + "｜".join(rows)]
    if away := [leave for leave in staff.leaves(ask.db, ask.at) if leave.starts_at <= ask.at]:
        lines.append("不在：" + "；".join(_leave_line(ask, leave) for leave in away[:4]))
    if coming := [s for s in staff.shifts(ask.db, ask.at) if s.starts_at > ask.at]:
        lines.append(
            "接下来：" + "；".join(f"{s.person} {s.role.label} {_span(ask, s.starts_at, s.ends_at)}" for s in coming[:4])
        )
    return "\n".join(lines)


def _leave_line(ask: Ask, leave: staff.Leave) -> str:
    return f"{leave.person}到{clock_of(leave.ends_at, ask.at)}" + (f"，{leave.deputy}代" if leave.deputy else "，没有代理")


def _span(ask: Ask, start: datetime, end: datetime) -> str:
    return f"{clock_of(start, ask.at)}–{clock_of(end, ask.at)}"


def _shift(ask: Ask, text: str) -> str:
    person = ask.named(ask.intent.persons[0])
    note_free = right("roster", ask.person.roles)
    if note_free.verdict is Verdict.NO:
        ask.require("roster")
    role = _role_in(text, person)
    start, end = _range(ask, re.sub(re.escape(person.name), " ", text))
    if note_free.verdict is Verdict.CONFIRM:
        ask.confirm(
            f"{person.name} 值 {role.label} {_span(ask, start, end)}", fingerprint=f"{person.name}:{role}:{start}:{end}"
        )
    staff.add_shift(ask.db, person.name, role, start, end, at=ask.at, by=ask.person.name)
    _watch_gap(ask, role, end)
    if person.name != ask.person.name:
        ask.tell_one(person.name, f"{ask.person.name}排你值班：{role.label} {_span(ask, start, end)}", "roster")
    return f"{person.name} 值班（{role.label}）{_span(ask, start, end)}{_next_gap(ask, role, end)}"


def _next_gap(ask: Ask, role: Role, end: datetime) -> str:
    return "" if ringing.covered(ask.db, role, end) else f"。{clock_of(end, ask.at)} 之后还没人接"


def _watch_gap(ask: Ask, role: Role, moment: datetime) -> None:
    """A look a day before the moment; where that is past, ten minutes from now."""
    due = max(moment - WARN, ask.at + SOON)
    key = f"cover:{role.value}:{moment.timestamp():.0f}:{ask.at.timestamp():.0f}"
    timers.set_timer(ask.db, key, "cover", due, at=ask.at, role=role.value, moment=moment.isoformat())


def _role_in(text: str, person: Person) -> Role:
    named = next((role for role in Role if role.label in text and role in person.roles), None)
    role = named or next((role for role in ON_CALL if role in person.roles), None)
    if role is None:
        raise UserError(f"{person.name}（{roles_of(person)}）不值班，请换一位")
    return role


def _range(ask: Ask, text: str) -> tuple[datetime, datetime]:
    """From when to when: both ends, or only the end of a shift that begins now."""
    for role in Role:
        text = text.replace(role.label, " ")
    text = _HOURS.sub(r"\1到\2", text).strip(" ，,@")
    parts = [part for part in _RANGE.split(text) if part]
    example = "如：值班 张敏 周五20:00到周六8:00"
    if not parts:
        raise UserError(f"从什么时候到什么时候？{example}")
    starts_now = len(parts) == 1 or re.match(r"^(?:到|至)", text) is not None
    start = ask.at if starts_now else due_at(parts[0], ask.at, ask.house.zone)
    if start is None:
        raise UserError(f"「{parts[0][:16]}」是什么时候？{example}")
    end = due_at(parts[-1], start, ask.house.zone)
    if end is None or end <= start or end - start > timedelta(days=31):
        raise UserError(f"「{parts[-1][:16]}」是什么时候？{example}")
    return start, end


def _leave(ask: Ask, text: str) -> str:
    names = list(ask.intent.persons)
    stands_in = next((n for n in names if re.search(re.escape(n) + r"\s*(?:代|顶|替)", text)), "")
    away = next((n for n in names if n != stands_in), ask.person.name)
    person = ask.named(away)
    if person.name != ask.person.name and right("roster", ask.person.roles).verdict is Verdict.NO:
        raise Refused(f"只能给自己请假。给别人请假可以的是：{who_may('roster')}")
    for name in names:
        text = text.replace(name, " ")
    start, end = _days(ask, re.sub(r"代理?|顶|替", " ", text))
    deputy = _deputy(ask, person, stands_in)
    staff.add_leave(ask.db, person.name, start, end, deputy, at=ask.at, by=ask.person.name)
    if deputy and deputy != ask.person.name:
        ask.tell_one(
            deputy,
            f"{person.name} {_span(ask, start, end)} 不在，由你代（{'、'.join(r.label for r in person.roles)}）",
            "roster",
        )
    gaps = [s for s in staff.shifts(ask.db, start) if s.person == person.name and s.starts_at < end]
    for shift in gaps:
        _watch_gap(ask, shift.role, max(shift.starts_at, start))
    open_shift = (
        f"。他的班还没人顶：{_span(ask, gaps[0].starts_at, gaps[0].ends_at)}，回：值班 顶班 {person.name}" if gaps else ""
    )
    nobody = [
        role.label
        for role in (Role.COMMANDER, Role.DUTY)
        if not deputy
        and person.has(role)
        and not any(p.name not in (person.name, *ask.house.away) for p in ask.house.with_role(role))
    ]
    alone = f"，那时没有别的{'、'.join(nobody)}，请加上：某人代" if nobody else ""
    stands_in = f"，{deputy}代" if deputy else "，没有代理"
    return f"{person.name} {_span(ask, start, end)} 不在{stands_in}{alone}{open_shift}"


def _deputy(ask: Ask, person: Person, name: str) -> str:
    """A deputy holds the roles meanwhile: named by the person, else as a change of roles, confirmed by who may."""
    if not name:
        return person.deputy if ask.house.person(person.deputy) else ""
    deputy = ask.named(name)
    if deputy.name == person.name or not deputy.member:
        raise UserError(f"{deputy.name}不能代{person.name}，请换一位")
    if person.name != ask.person.name:
        ask.require("roles")
        ask.confirm(f"{deputy.name} 代 {person.name}（{roles_of(person)}）", fingerprint=f"{deputy.name}:{person.name}")
    return deputy.name


def _days(ask: Ask, text: str) -> tuple[datetime, datetime]:
    """Whole days, or exact moments where a clock time is typed."""
    parts = [part.strip(" ，,@") for part in _RANGE.split(_HOURS.sub(r"\1到\2", text)) if part.strip(" ，,@")]
    if not parts:
        raise UserError("请到什么时候？如：值班 请假 周五到周日 王磊代")
    if len(parts) == 1 and (length := _LENGTH.fullmatch(parts[0])):
        return ask.at, _until(ask, number_of(length[1]) or 1, length[2])
    if len(parts) == 1 and re.fullmatch(r"(?:这|本|下)个?(?:周|星期|礼拜|月)", parts[0]):
        raise UserError(
            f"{parts[0]}哪天到哪天？如：请假 {parts[0]}一到{parts[0]}三" if "月" not in parts[0] else "请写从几号到几号"
        )
    moments = [due_at(part, ask.at, ask.house.zone) for part in parts[:2]]
    if None in moments:
        raise UserError(f"「{'到'.join(parts)[:20]}」是什么时候？如：值班 请假 周五到周日 王磊代")
    exact = re.search(r"\d{1,2}:\d{2}|点", text) is not None
    start, end = moments[0] or ask.at, moments[-1] or ask.at
    if text.strip().startswith(("到", "至")):
        start = ask.at
    if not exact:
        start = max(ask.at, _midnight(start, ask)) if len(parts) > 1 or not text.strip().startswith(("到", "至")) else ask.at
        end = _midnight(end, ask) + timedelta(days=1)
    elif len(parts) == 1:
        start = ask.at
    if end <= start:
        raise UserError("结束要晚于开始。如：值班 请假 周五到周日 王磊代")
    return start, end


def _until(ask: Ask, count: int, unit: str) -> datetime:
    """Where an absence of that length ends: hours from now, days with today as the first."""
    if unit in ("小时", "钟头"):
        return ask.at + timedelta(hours=count)
    return _midnight(ask.at, ask) + timedelta(days=count * (1 if unit in ("天", "日") else 7))


def _midnight(moment: datetime, ask: Ask) -> datetime:
    return moment.astimezone(ask.house.zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _back(ask: Ask, text: str) -> str:
    person = ask.named(ask.intent.persons[0]) if ask.intent.persons else ask.person
    if person.name != ask.person.name:
        ask.require("roster")
    if not staff.end_leaves(ask.db, person.name, at=ask.at, by=ask.person.name):
        return f"{person.name} 没有请假"
    return f"{person.name} 已销假，回到名单"


def _take_over(ask: Ask, text: str) -> str:
    """Serves the rest of somebody's shift: who has the role, or whom a roster keeper names."""
    if not ask.intent.persons:
        raise UserError("顶谁的班？如：值班 顶班 张敏")
    person = ask.named(ask.intent.persons[0])
    mine = [s for s in staff.shifts(ask.db, ask.at) if s.person == person.name]
    if not mine:
        raise UserError(f"{person.name}没有排班")
    shift = mine[0]
    if shift.role not in ask.person.roles:
        raise Refused(f"你（{roles_of(ask.person)}）不能值{shift.role.label}的班。可以的是：{shift.role.label}")
    start = max(ask.at, shift.starts_at)
    staff.cut_shift(ask.db, shift, at=ask.at, by=ask.person.name)
    if shift.starts_at < ask.at:
        staff.add_shift(ask.db, person.name, shift.role, shift.starts_at, ask.at, at=ask.at, by=ask.person.name)
    staff.add_shift(ask.db, ask.person.name, shift.role, start, shift.ends_at, at=ask.at, by=ask.person.name)
    ask.tell_one(person.name, f"{ask.person.name}顶你的班：{shift.role.label} {_span(ask, start, shift.ends_at)}", "roster")
    return f"{ask.person.name} 顶{person.name}的班（{shift.role.label}）{_span(ask, start, shift.ends_at)}"


def role(ask: Ask) -> str:
    """角色：加减一个人的角色，要确认。例：角色 王磊 加 值班长　角色 王磊 减 监测"""
    text = ask.intent.text("text")
    if not ask.intent.persons:
        raise UserError("谁的角色？如：角色 王磊 加 值班长")
    person = ask.named(ask.intent.persons[0])
    held = re.search(r"加|给|任|\+", text) is not None
    if not held and not re.search(r"减|去|撤|删|-", text):
        return f"{person.name}：{roles_of(person)}"
    ask.require("roles")
    wanted = next((r for r in sorted(Role, key=lambda r: -len(LABELS[r])) if LABELS[r] in text or r.value in text), None)
    if wanted is None:
        raise UserError(f"哪个角色？{'、'.join(LABELS.values())}")
    if (wanted in person.roles) is held:
        return f"{person.name} 本来就{'是' if held else '不是'}{wanted.label}"
    others = [p for p in ask.house.with_role(wanted) if p.name != person.name]
    if not held and wanted in (Role.COMMANDER, Role.DUTY, Role.ADMIN) and not others:
        raise UserError(f"至少要留一位{wanted.label}，先加上别人")
    ask.confirm(f"{person.name} {'加' if held else '减'} {wanted.label}", fingerprint=f"{person.name}:{wanted}:{held}")
    staff.appoint(ask.db, person.name, wanted, held, at=ask.at, by=ask.person.name)
    if person.name != ask.person.name:
        ask.tell_one(person.name, f"{ask.person.name}{'给你加了' if held else '去掉了你的'}角色：{wanted.label}", "role")
    return f"{person.name} {'加' if held else '减'} {wanted.label}（{ask.person.name}），立即生效"


def phones(ask: Ask) -> str:
    """电话表：私信给你每个人的电话"""
    if not ask.person.member:
        raise Refused("电话只给组员。可以的是：任一组员")
    rows = [f"{p.name}（{roles_of(p)}）{p.phone or '没有登记'}" for p in ask.house.people]
    text = "电话表\n" + "\n".join(rows)
    if not ask.room:
        return text
    ask.tell_one(ask.person.name, text, "phones")
    return "电话表已私信你，请不要转到群里"


COMMANDS: dict[str, Callable[[Ask], str]] = {"roster": roster, "role": role, "phones": phones}
