"""The task desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from bot import calling, cards, restoring, saying
from bot.asking import Ask, Refused
from bot.errors import UserError
from bot.language.due import due_at
from bot.model.card import Button, Card, Post
from bot.model.grade import Grade
from bot.model.incident import Incident
from bot.model.people import WANGLOU, Person
from bot.model.times import clock_of
from bot.store import incidents, timers, work

PROOF = (
    "通知",
    "封存",
    "留样",
    "冻结",
    "投诉平台",
    "平台投诉",
    "报告监管",
    "报网信",
    "报监管",
    "恢复上线",
    "恢复服务",
    "恢复访问",
)
_PIECE = re.compile(r"[Zz]-?\s?(\d{1,6})")


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
    text = (ask.intent.text("text") or _quoted(ask)).strip()
    blocking = "阻断" in text or "阻断" in ask.text
    text = text.replace("阻断", "").strip(" ，,、。")[:200]
    if not text:
        raise UserError("做什么？如：任务 @林工 今晚8点前 调取留样")
    who = ask.named(ask.intent.persons[0]) if ask.intent.persons else _of_role(ask) or ask.person
    if not who.member or not saying.may_know(incident, who):
        raise UserError(f"{who.name}不能接 #{incident.id} 的任务，请换一位")
    due = _due(ask) or ask.at + (timedelta(hours=4) if (incident.shown or Grade.BLUE) >= Grade.ORANGE else timedelta(days=1))
    own = who.name == ask.person.name
    made, _ = work.add_task(
        ask.db,
        incident=incident.id,
        text=text,
        assignee=who.name,
        by=ask.person.name,
        at=ask.at,
        due_at=due,
        blocking=blocking,
        proof=any(word in text for word in PROOF),
    )
    set_reminders(ask, made)
    told = f"T{made.id} {made.text[:30]} {who.name} {clock_of(due, ask.at)}" + ("，阻断" if blocking else "")
    if blocking and not own:
        _wait_for_accept(ask, incident)
        told += f"。等{who.name}接"
    if not own:
        ask.tell_one(who.name, _card_for(ask, made, due), "task", incident)
    ask.tell(incident, told, "task")
    return told


def _quoted(ask: Ask) -> str:
    said = ask.quote.strip("「」 \n")
    return said.partition("：")[2] or said


def _of_role(ask: Ask) -> Person | None:
    role = ask.intent.text("role")
    return next((p for p in ask.house.people if role and any(r.value == role for r in p.roles)), None)


def _card_for(ask: Ask, made: work.Task, due: datetime) -> Post:
    """What the assignee gets: only blocking tasks ask for 接."""
    title = f"T{made.id} 交给你（{ask.person.name}）：{made.text[:60]}，{clock_of(due, ask.at)} 前"
    buttons = [Button("done", "完成", f"T{made.id} 完成")]
    if made.blocking:
        buttons.insert(0, Button("accept", "接", f"接 T{made.id}", "primary"))
    proof = ("完成时请附链接或 Z 编号",) if made.proof else ()
    return Post.of(Card(kind="ask", title=title, lines=proof, incident=made.incident, buttons=tuple(buttons)))


def _wait_for_accept(ask: Ask, incident: Incident) -> None:
    limit = ask.house.limit("accept", incident.shown) or 600.0
    key = f"accept_tasks:{ask.person.name}:{ask.at.timestamp():.0f}"
    timers.set_timer(ask.db, key, "accept_tasks", ask.at + timedelta(seconds=limit), at=ask.at, by=ask.person.name)


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
    owner = incident is not None and incident.owned_by(ask.person)
    if not ask.person.member:
        ask.require("task", incident)
    if act == "done":
        if owner or it.assignee in (ask.person.name, ""):
            return
        raise Refused(f"T{it.id} 是{it.assignee}的。可以的是：{it.assignee}、负责人")
    if owner or it.by == ask.person.name or calling.keeps_clock(ask.person):
        return
    raise Refused(f"T{it.id} 是{it.by}派的。可以的是：{it.by}、负责人、值班长")


def _done(ask: Ask) -> str:
    rows = []
    for number in _numbers(ask):
        it = ask.task(number)
        _may(ask, it, act="done")
        if it.state == "done":
            rows.append(_proved_later(ask, it))
            continue
        if it.state == "cancelled":
            raise UserError(f"T{it.id} 已取消")
        proof = _proof(ask, it)
        if it.proof and not proof:
            raise UserError(f"T{it.id} 要凭证：T{it.id} 完成 加链接，或 T{it.id} 完成 Z-编号（先「存证」）")
        if restoring.restores(incident := _incident_of(ask, it), it.text) and (
            left := restoring.lacking(ask.db, incident, ask.at)
        ):
            raise UserError(f"T{it.id} 还不能算恢复：{left}。探测满30分钟正常后再回：T{it.id} 完成")
        work.change_task(
            ask.db, it, "task_done", at=ask.at, by=ask.person.name, state="done", done_at=ask.at, evidence=proof or it.evidence
        )
        timers.end_timers(ask.db, f"task:{it.id}:", ask.at, "完成")
        rows.append(f"T{it.id} 完成：{it.text[:30]}" + (f"（凭证 {proof[:60]}）" if proof else ""))
        if incident := _incident_of(ask, it):
            ask.tell(incident, rows[-1], "task")
        if it.by not in (ask.person.name, WANGLOU):
            ask.tell_one(it.by, f"{rows[-1]}（{ask.person.name}）", "task", incident)
    return "\n".join(rows)


def _proved_later(ask: Ask, it: work.Task) -> str:
    """Done already: a proof that comes afterwards is kept."""
    proof = _proof(ask, it)
    if proof == it.evidence or not proof.startswith(("http", "Z-")):
        return f"T{it.id} 已经完成了"
    work.change_task(ask.db, it, "task_done", at=ask.at, by=ask.person.name, evidence=proof)
    return f"T{it.id} 早已完成，凭证补上了：{proof[:60]}"


def _proof(ask: Ask, it: work.Task) -> str:
    """A link, or the number of a piece of evidence that is there."""
    said = f"{ask.intent.text('url')} {ask.intent.text('comment')} {ask.intent.text('text')} {ask.text if it.proof else ''}"
    if url := re.search(r"https?://\S+", said):
        return url[0]
    if piece := _PIECE.search(said):
        return ask.piece(int(piece[1])).name
    return "" if it.proof else ask.intent.text("comment")


def _cancel(ask: Ask) -> str:
    it = ask.task(_numbers(ask)[0])
    _may(ask, it, act="cancel")
    if not it.live:
        raise UserError(f"T{it.id} 已结束")
    work.change_task(ask.db, it, "task_cancel", at=ask.at, by=ask.person.name, why=ask.intent.text("reason"), state="cancelled")
    timers.end_timers(ask.db, f"task:{it.id}:", ask.at, "取消")
    text = f"T{it.id} 已取消（{ask.person.name}）：{it.text[:30]}"
    _tell_both(ask, it, text)
    return text


def _tell_both(ask: Ask, it: work.Task, text: str) -> None:
    incident = _incident_of(ask, it)
    if incident:
        ask.tell(incident, text, "task")
    if it.assignee and it.assignee != ask.person.name:
        ask.tell_one(it.assignee, text, "task", incident)


def _update(ask: Ask) -> str:
    it = ask.task(_numbers(ask)[0])
    if not it.live:
        raise UserError(f"T{it.id} 已结束；要再做请回：T{it.id} 重开")
    state = str(ask.intent.slots.get("state") or "")
    if state in ("doing", "blocked", "open") and not ask.intent.text("due"):
        return _state(ask, it, state)
    _may(ask, it, act="update")
    due = _due(ask)
    if due is None:
        raise UserError(f"T{it.id} 改什么？如：T{it.id} 延到明天中午")
    changed = work.change_task(ask.db, it, "task_due", at=ask.at, by=ask.person.name, due_at=due)
    set_reminders(ask, changed)
    text = f"T{it.id} 改到{clock_of(due, ask.at)}（{ask.person.name}）"
    _tell_both(ask, it, text)
    return text


def _state(ask: Ask, it: work.Task, state: str) -> str:
    _may(ask, it, act="done")
    reason = re.sub("^(受阻|卡住了?|卡住|进行中|在做)", "", ask.intent.text("reason")).strip(" ，,")
    work.change_task(ask.db, it, "task_state", at=ask.at, by=ask.person.name, why=reason, state=state, accepted=True)
    label = {"doing": "进行中", "blocked": "受阻", "open": "待办"}[state]
    text = f"T{it.id} {label}（{ask.person.name}）：{reason or it.text[:30]}"
    incident = _incident_of(ask, it)
    if state == "blocked" and incident:
        ask.tell(incident, text, "task")
        if it.by not in (ask.person.name, WANGLOU):
            ask.tell_one(it.by, text, "task", incident)
    return text


def _remind(ask: Ask) -> str:
    it = ask.task(_numbers(ask)[0])
    ask.require("task", _incident_of(ask, it))
    if not it.live:
        raise UserError(f"T{it.id} 已结束")
    if not it.assignee:
        raise UserError(f"T{it.id} 还没有人做。回：T{it.id} 派给 @某人")
    due = f"，{cards.left(it.due_at, ask.at)}" if it.due_at else ""
    text = f"{ask.person.name}催 T{it.id}：{it.text[:40]}{due}。可回：T{it.id} 完成"
    ask.tell_one(it.assignee, text, "task", _incident_of(ask, it), kind="reminder")
    return f"已私信{it.assignee}催 T{it.id}{due}"


def _reopen(ask: Ask) -> str:
    it = ask.task(_numbers(ask)[0])
    _may(ask, it, act="done")
    if it.live:
        return f"T{it.id} 本来就没完成"
    incident = _incident_of(ask, it)
    if it.state == "cancelled" or (incident and not incident.open):
        raise UserError(f"T{it.id} {'已取消' if it.state == 'cancelled' else '所属事件已结案'}，请另派一项")
    again = work.change_task(ask.db, it, "task_reopen", at=ask.at, by=ask.person.name, state="doing", reopened=it.reopened + 1)
    if again.due_at and again.due_at > ask.at:
        set_reminders(ask, again)
    text = f"T{it.id} 重新打开（{ask.person.name}）：{it.text[:30]}"
    _tell_both(ask, it, text)
    return text


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
        return f"{'你' if mine else head}没有未完成的任务"
    rows = [f"T{t.id} {t.text[:24]} {t.assignee or '无人'}{_when(ask, t)}{_marks(t)}" for t in found[:7]]
    more = "（先列7项）" if len(found) > 7 else ""
    return f"{head}未完成任务{len(found)}项{more}\n" + "\n".join(rows)


def _when(ask: Ask, it: work.Task) -> str:
    return f" {cards.left(it.due_at, ask.at)}" if it.due_at else ""


def _marks(it: work.Task) -> str:
    return "".join(("，阻断" if it.blocking else "", "，受阻" if it.state == "blocked" else ""))


COMMANDS: dict[str, Callable[[Ask], str]] = {"task": task}
