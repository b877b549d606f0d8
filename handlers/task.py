"""The task desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot import cards, handling
from bot.commands import Ask, Refused
from bot.errors import UserError
from bot.language.due import due_at
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.incident import Incident
from bot.model.people import Role
from bot.model.times import clock_of
from bot.store import incidents, outbox, timers, work

PROOF = ("通知", "封存", "留样", "冻结", "投诉平台", "报告监管", "报网信", "恢复")


def task(ask: Ask) -> str:
    """任务：派一件事，带人和时间。例：任务 @林工 今晚8点前调取留样　T3 完成　我的任务"""
    op = str(ask.intent.slots.get("op") or "add")
    acts = {
        "list": _list,
        "add": _add,
        "done": _done,
        "cancel": _cancel,
        "update": _update,
        "remind": _remind,
        "reopen": _reopen,
    }
    return acts[op](ask)


def _add(ask: Ask) -> str:
    incident = ask.incident()
    ask.require("task", incident)
    if not incident.open:
        raise UserError(f"#{incident.id} 已结案；要接着办请回：重开 #{incident.id} 加理由")
    text = (ask.intent.text("text") or ask.quote.strip("「」 \n").partition("：")[2] or ask.quote.strip("「」 \n")).strip()
    if not text:
        raise UserError("做什么？如：任务 @林工 今晚8点前 调取留样")
    blocking = text.endswith("阻断") or "阻断" in ask.text
    text = text.removesuffix("阻断").strip(" ，,、")
    who = ask.named(ask.intent.persons[0]) if ask.intent.persons else ask.person
    due = _due(ask) or ask.at + (timedelta(hours=4) if (incident.shown or Grade.BLUE) >= Grade.ORANGE else timedelta(days=1))
    made, _ = work.add_task(
        ask.db,
        incident=incident.id,
        text=text[:200],
        assignee=who.name,
        by=ask.person.name,
        at=ask.at,
        due_at=due,
        blocking=blocking,
        proof=any(word in text for word in PROOF),
    )
    set_reminders(ask, made)
    told = f"T{made.id} {made.text[:30]} {who.name} {clock_of(due, ask.at)}" + ("，阻断" if blocking else "")
    if who.name != ask.person.name:
        outbox.put(
            ask.db,
            Post(f"T{made.id} 交给你（{ask.person.name}）：{made.text}，{clock_of(due, ask.at)} 前。请回：接 T{made.id}"),
            at=ask.at,
            kind="notice",
            reason="task",
            person=who.name,
            incident=incident.id,
            grade=incident.shown,
        )
    _tell(ask, incident, told)
    return told + (f"。等{who.name}接" if blocking and who.name != ask.person.name else "")


def set_reminders(ask: Ask, it: work.Task) -> None:
    """Reminders at 50, 100 and 150 % of the time given."""
    timers.end_timers(ask.db, f"task:{it.id}:", ask.at, "改期")
    if it.due_at is None:
        return
    length = it.due_at - ask.at
    for step in (50, 100, 150):
        key = f"task:{it.id}:{it.due_at.timestamp():.0f}:{step}"
        due = ask.at + length * step / 100
        timers.set_timer(ask.db, key, "task", due, at=ask.at, incident=it.incident, step=str(step), task=it.id)


def _due(ask: Ask) -> datetime | None:
    text = ask.intent.text("due")
    if not text:
        return None
    due = due_at(text, ask.at, ask.house.zone)
    if due is None:
        raise UserError(f"「{text[:16]}」是什么时候？如：今晚8点前、明早10点、半小时内")
    if due <= ask.at:
        raise UserError(f"「{text[:16]}」已经过了，请写以后的时间")
    return due


def _numbers(ask: Ask) -> list[int]:
    found = ask.intent.slots.get("tasks") or ([ask.intent.number("task")] if ask.intent.number("task") else [])
    if not found:
        raise UserError("哪一项？请带编号，如：T3 完成")
    return [int(n) for n in found if n]


def _incident_of(ask: Ask, it: work.Task) -> Incident | None:
    return incidents.find(ask.db, it.incident) if it.incident else None


def _may(ask: Ask, it: work.Task, *, act: str) -> None:
    """Start, block, done: assignee or owner; cancel, reassign, new date: creator, owner, duty."""
    incident = _incident_of(ask, it)
    if incident and not ask.sees(incident):
        raise UserError(f"没有 T{it.id} 这个任务。回「我的任务」看看")
    owner = incident is not None and incident.owned_by(ask.person)
    if act == "done":
        if owner or it.assignee in (ask.person.name, "") or ask.person.has(Role.COMMANDER, Role.DUTY):
            return
        raise Refused(f"T{it.id} 是{it.assignee}的。可以的是：{it.assignee}、负责人、值班长")
    if owner or it.by == ask.person.name or ask.person.has(Role.DUTY, Role.COMMANDER):
        return
    raise Refused(f"T{it.id} 是{it.by}派的。可以的是：{it.by}、负责人、值班长")


def _done(ask: Ask) -> str:
    rows = []
    for number in _numbers(ask):
        it = work.task(ask.db, number)
        _may(ask, it, act="done")
        if it.state == "done":
            rows.append(f"T{it.id} 已经完成了")
            continue
        if it.state == "cancelled":
            raise UserError(f"T{it.id} 已取消")
        proof = ask.intent.text("url") or ask.intent.text("comment")
        work.change_task(
            ask.db, it, "task_done", at=ask.at, by=ask.person.name, state="done", done_at=ask.at, evidence=proof or it.evidence
        )
        timers.end_timers(ask.db, f"task:{it.id}:", ask.at, "完成")
        rows.append(f"T{it.id} 完成：{it.text[:30]}" + ("（请补凭证：链接或 Z 编号）" if it.proof and not proof else ""))
        if incident := _incident_of(ask, it):
            _tell(ask, incident, rows[-1])
    return "\n".join(rows)


def _cancel(ask: Ask) -> str:
    it = work.task(ask.db, _numbers(ask)[0])
    _may(ask, it, act="cancel")
    if not it.live:
        raise UserError(f"T{it.id} 已结束")
    work.change_task(ask.db, it, "task_cancel", at=ask.at, by=ask.person.name, why=ask.intent.text("reason"), state="cancelled")
    timers.end_timers(ask.db, f"task:{it.id}:", ask.at, "取消")
    return f"T{it.id} 已取消：{it.text[:30]}"


def _update(ask: Ask) -> str:
    it = work.task(ask.db, _numbers(ask)[0])
    _may(ask, it, act="update")
    due = _due(ask)
    if due is None:
        state = str(ask.intent.slots.get("state") or "")
        if state in ("doing", "blocked", "open"):
            work.change_task(ask.db, it, "task_state", at=ask.at, by=ask.person.name, state=state)
            return f"T{it.id} {'受阻' if state == 'blocked' else '进行中'}：{it.text[:30]}"
        raise UserError(f"T{it.id} 改什么？如：T{it.id} 延到明天中午")
    changed = work.change_task(ask.db, it, "task_due", at=ask.at, by=ask.person.name, due_at=due)
    set_reminders(ask, changed)
    return f"T{it.id} 改到{clock_of(due, ask.at)}"


def _remind(ask: Ask) -> str:
    it = work.task(ask.db, _numbers(ask)[0])
    if not it.live:
        raise UserError(f"T{it.id} 已结束")
    if not it.assignee:
        raise UserError(f"T{it.id} 还没有人做。回：T{it.id} 派给 @某人")
    due = f"，{cards.left(it.due_at, ask.at)}" if it.due_at else ""
    outbox.put(
        ask.db,
        Post(f"{ask.person.name}催 T{it.id}：{it.text[:40]}{due}。可回：T{it.id} 完成"),
        at=ask.at,
        kind="reminder",
        reason="task",
        person=it.assignee,
        incident=it.incident,
    )
    return f"已私信{it.assignee}催 T{it.id}{due}"


def _reopen(ask: Ask) -> str:
    it = work.task(ask.db, _numbers(ask)[0])
    _may(ask, it, act="done")
    if it.live:
        return f"T{it.id} 本来就没完成"
    work.change_task(ask.db, it, "task_reopen", at=ask.at, by=ask.person.name, state="doing", reopened=it.reopened + 1)
    return f"T{it.id} 重新打开：{it.text[:30]}"


def _list(ask: Ask) -> str:
    mine = bool(ask.intent.slots.get("mine"))
    who = ask.person.name if mine else ask.intent.text("person")
    named = ask.intent.number("incident") is not None or ask.card_incident is not None or ask.intent.text("topic")
    incident = ask.incident() if named else None
    found = work.tasks(ask.db, incident=incident.id if incident else None, assignee=who)
    found = [t for t in found if (i := _incident_of(ask, t)) is None or ask.sees(i)]
    if ask.intent.slots.get("overdue"):
        found = [t for t in found if t.due_at and t.due_at < ask.at]
    head = f"#{incident.id} " if incident else "你的" if mine else ""
    if not found:
        return f"{head}没有未完成的任务"
    rows = [
        f"T{t.id} {t.text[:24]} {t.assignee or '无人'} {cards.left(t.due_at, ask.at) if t.due_at else ''}".strip()
        for t in found[:12]
    ]
    return f"{head}未完成任务{len(found)}项\n" + "\n".join(rows)


def _tell(ask: Ask, incident: Incident, text: str) -> None:
    handling.tell_rooms(ask.db, ask.house, incident, Post(text), at=ask.at, kind="notice", reason="task", besides=ask.room)


COMMANDS: dict[str, Callable[[Ask], str]] = {"task": task}
