"""The voice desk: talking points, who has to hear, what the press asks, who else may speak."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot import releasing, voicing
from bot.commands import Ask, Refused
from bot.drafting import order
from bot.errors import UserError
from bot.language.due import due_at
from bot.model.incident import Incident
from bot.model.people import Role
from bot.model.times import clock_of
from bot.store import incidents, statements, timers, voice
from bot.store.voice import Inquiry, Point

NONE = "暂无现行口径，勿自行答复"
RESUMERS = (Role.PR, Role.LEGAL, Role.COMMANDER)
WHO = {
    "harmed": "受影响者|家属|受害|伤者|当事人",
    "regulators": "监管|市监|网信|公安",
    "affected_users": "受影响用户|用户|消费者|顾客",
    "employees": "员工|同事|内部",
    "media": "媒体|记者",
    "partners": "合作|经销商|供应商|伙伴",
    "investors": "投资者|股东|交易所",
    "authorities": "第三方|权威",
    "public": "公众|公开|社会",
}


def talking_points(ask: Ask) -> str:
    """口径：问一句，给已批准的答法；过期或暂停的不给。例：口径 赔偿　暂停口径 3　恢复口径 3"""
    if not ask.person.member:
        raise Refused("口径只给组员用。有人问起请转发言人")
    text = re.sub(r"[#＃]\d+", "", ask.intent.text("text")).strip()
    if found := re.match(r"^(暂停|停用|恢复|启用)\s*(.*)$", text):
        return _suspend(ask, found[2]) if found[1] in ("暂停", "停用") else _resume(ask, found[2])
    known = [p for p in voice.points(ask.db) if _seen(ask, p)]
    if not text:
        live = [p for p in known if p.given(ask.at)]
        rows = [f"{p.name} {p.question[:30]}（至 {clock_of(p.valid_until, ask.at)}）" for p in live[-10:]]
        return "\n".join([f"现行口径{len(live)}条", *rows]) if live else _nobody_knows(ask, None)
    number = re.fullmatch(r"(?:口径)?\s*(\d{1,4})", text)
    point = next((p for p in known if p.id == int(number[1])), None) if number else voicing.closest(text, known)
    if point is None or not point.given(ask.at):
        fresh = voicing.closest(text, [p for p in known if p.given(ask.at)]) if not number else None
        if fresh is None or (point and not voicing.as_close(text, fresh, point)):
            return _nobody_knows(ask, point)
        point = fresh
    return _given(ask, point)


def _seen(ask: Ask, point: Point) -> bool:
    incident = incidents.find(ask.db, point.incident) if point.incident else None
    return incident is None or ask.sees(incident)


def _given(ask: Ask, point: Point) -> str:
    lines = [f"{point.name}（至 {clock_of(point.valid_until, ask.at)}）", f"问：{point.question}", f"答：{point.answer}"]
    if point.never:
        lines.append(f"不说：{'、'.join(point.never)}")
    return "\n".join([*lines, f"负责人 {point.owner}，来源 {point.source}"])


def _nobody_knows(ask: Ask, point: Point | None) -> str:
    """Never the old text: only whom to ask."""
    asked = [p.name for p in ask.house.with_role(Role.SPOKESPERSON, Role.PR)]
    owner = [point.owner] if point and ask.house.person(point.owner) else []
    return f"{NONE}。请问：{'、'.join(dict.fromkeys([*owner, *asked])) or '公关'}"


def points_off(ask: Ask) -> str:
    """暂停口径：任一组员可立即停用一条口径。例：暂停口径 3 数字要改"""
    return _suspend(ask, ask.intent.text("text"))


def points_on(ask: Ask) -> str:
    """恢复口径：公关、法务、指挥恢复停用的口径。例：恢复口径 3"""
    return _resume(ask, ask.intent.text("text"))


def _named(ask: Ask, words: str) -> tuple[Point, str]:
    """The point meant, by number or meaning, and what else was said."""
    found = re.match(r"^\s*(?:口径)?\s*(\d{1,4})\s*[，,：:]?\s*(.*)$", words, re.S)
    if found:
        point = voice.point(ask.db, int(found[1]))
        if not _seen(ask, point):
            raise UserError(f"没有口径{point.id}")
        return point, found[2].strip()
    point_ = voicing.closest(words, [p for p in voice.points(ask.db) if _seen(ask, p)]) if words.strip() else None
    if point_ is None:
        raise UserError("哪一条？回「口径」看编号，如：暂停口径 3")
    return point_, ""


def _suspend(ask: Ask, words: str) -> str:
    ask.require("hold")
    point, why = _named(ask, words)
    if point.state == "superseded":
        raise UserError(f"{point.name} 已被新版替代")
    if point.state == "active":
        voice.change(
            ask.db, "points", point.id, "point_suspend", at=ask.at, by=ask.person.name, incident=point.incident, why=why, state="suspended"
        )  # fmt: skip
    text = f"{point.name} 已停用（{ask.person.name}{'：' + why if why else ''}）：{point.question[:30]}。恢复须公关/法务/指挥"
    _tell(ask, point.incident, text, "points")
    return text


def _resume(ask: Ask, words: str) -> str:
    if not ask.person.has(*RESUMERS):
        raise Refused("恢复口径可以的是：公关、法务、指挥")
    point, _ = _named(ask, words)
    if point.state != "suspended":
        return f"{point.name} 没有停用"
    if ask.at >= point.valid_until:
        raise UserError(f"{point.name} 已过期，要重新审批：起草媒体问答 #{point.incident}")
    voice.change(
        ask.db, "points", point.id, "point_resume", at=ask.at, by=ask.person.name, incident=point.incident, state="active"
    )
    text = f"{point.name} 恢复使用（{ask.person.name}）：{point.question[:30]}"
    _tell(ask, point.incident, text, "points")
    return text


def _tell(ask: Ask, number: int | None, text: str, reason: str) -> None:
    if incident := (incidents.find(ask.db, number) if number else None):
        ask.tell(incident, text, reason)


def audience_plan(ask: Ask) -> str:
    """受众：谁该知道、何时、由谁说、说了没有。例：受众 #12　受众 #12 员工 @王磊 今天15:00"""
    incident = ask.incident()
    words = re.sub(r"[#＃]\d+", "", ask.intent.text("text")).strip()
    who = next((key for key, pattern in WHO.items() if re.search(pattern, words)), "")
    if who:
        return _plan_one(ask, incident, who, words)
    ask.require("read", incident)
    voicing.ensure_plan(ask.db, ask.house, incident, at=ask.at, by=ask.person.name)
    told = releasing.told(ask.db, incident.id)
    rows = []
    for row in voice.hearings(ask.db, incident.id):
        state = "✓已告知" if row.audience in told else {"missed": "✗漏了", "waived": "不需要"}.get(row.state, "…")
        due = f" {clock_of(row.due_at, ask.at)}前" if row.due_at else ""
        rows.append(f"{order.AUDIENCES[row.audience]}{state} {row.how}（{row.rule}）{row.owner}{due}".rstrip())
    return "\n".join(
        [f"#{incident.id} 受众计划", *rows, f"定人定时：受众 #{incident.id} 员工 @某人 今天15:00；告知后回：已告知 员工"]
    )


def _plan_one(ask: Ask, incident: Incident, who: str, words: str) -> str:
    ask.require("draft", incident)
    voicing.ensure_plan(ask.db, ask.house, incident, at=ask.at, by=ask.person.name)
    row = next((h for h in voice.hearings(ask.db, incident.id) if h.audience == who), None)
    if row is None:
        how, rule = order.PLAN[who]
        id = voice.add(
            ask.db, "hearings", "audience", at=ask.at, by=ask.person.name, incident=incident.id, audience=who, how=how, rule=rule,
            state="planned",
        )  # fmt: skip
    else:
        id = row.id
    owner = next((p.name for p in ask.house.people if p.name in words), "")
    due = due_at(words, ask.at, ask.house.zone)
    if due is not None and due <= ask.at:
        raise UserError("时间已经过了，请写以后的时间")
    values: dict[str, Any] = {k: v for k, v in {"owner": owner, "due_at": due}.items() if v}
    voice.change(
        ask.db, "hearings", id, "audience_plan", at=ask.at, by=ask.person.name, incident=incident.id, state="planned", **values
    )
    if due:
        timers.set_timer(
            ask.db, f"hearing:{id}:{due.timestamp():.0f}", "hearing", due, at=ask.at, incident=incident.id, hearing=id
        )
    label, until = order.AUDIENCES[who], f"，{clock_of(due, ask.at)}前" if due else ""
    return f"#{incident.id} {label}：{owner or '未定人'}{until}。告知后回：已告知 {label}"


def inquiry(ask: Ask) -> str:
    """采访：登记媒体询问和答复用的版本。例：采访 晨报 记者小周 今天17:00前：怎么赔　采访1 答复 口径2　采访 列表"""
    words = re.sub(r"[#＃]\d+", "", ask.intent.text("text")).strip()
    if found := re.match(r"^(\d{1,4})\s*(答复|已答|用|婉拒|不答)\s*(.*)$", words, re.S):
        return _answer(ask, int(found[1]), found[2], found[3].strip())
    if not words or words.startswith("列表"):
        return _inquiries(ask)
    ask.require("task")
    found = re.match(r"^(?P<outlet>\S{2,20})\s+(?:记者\s*)?(?P<who>\S{1,8})\s+(?P<rest>.+)$", words, re.S)
    if not found:
        raise UserError("请写：采访 媒体 记者 何时前：问题")
    incident = ask.incident()
    head, colon, question = found["rest"].partition("：")
    if not colon:
        head, colon, question = (
            found["rest"].partition(":") if not re.search(r"\d:\d", found["rest"]) else _split(found["rest"])
        )
    due = due_at(head, ask.at, ask.house.zone) if head else None
    id = voice.add(
        ask.db, "inquiries", "inquiry", at=ask.at, by=ask.person.name, incident=incident.id, outlet=found["outlet"],
        reporter=found["who"], question=(question or head).strip()[:300], due_at=due, state="open",
    )  # fmt: skip
    if due and due > ask.at:
        early = max(ask.at + (due - ask.at) / 2, due - timedelta(minutes=30))
        timers.set_timer(ask.db, f"inquiry:{id}", "inquiry", early, at=ask.at, incident=incident.id, inquiry=id)
    text = f"采访{id} {found['outlet']} {found['who']}{f'，{clock_of(due, ask.at)}截止' if due else '，没写时限'}：{(question or head).strip()[:40]}"
    ask.tell(incident, text, "inquiry")
    return f"{text}。答复只用已批准的：采访{id} 答复 口径N 或 D编号"


def _split(rest: str) -> tuple[str, str, str]:
    """「今天17:00前:问题」: the colon of a time is none."""
    found = re.match(r"^(.*?\d{1,2}:\d{2}\s*(?:前|之前)?)\s*[:\s]\s*(.+)$", rest, re.S)
    return (found[1], ":", found[2]) if found else ("", "", rest)


def _answer(ask: Ask, id: int, verb: str, words: str) -> str:
    """An answer is an approved text, named with its version; nothing is answered from the hand."""
    asked = _inquiry(ask, id)
    ask.require("record_release")
    if verb in ("婉拒", "不答"):
        voice.change(
            ask.db, "inquiries", id, "inquiry_declined", at=ask.at, by=ask.person.name, incident=asked.incident, why=words,
            state="declined", answered_at=ask.at,
        )  # fmt: skip
        return f"采访{id} 已婉拒（{ask.person.name}）"
    text, name = _approved(ask, words)
    voice.change(
        ask.db, "inquiries", id, "inquiry_answered", at=ask.at, by=ask.person.name, incident=asked.incident, state="answered",
        answer=text, answered_with=name, answered_at=ask.at,
    )  # fmt: skip
    timers.end_timers(ask.db, f"inquiry:{id}", ask.at, "已答复")
    return f"采访{id} {asked.outlet} 已答复（{ask.person.name}，用 {name}）"


def _approved(ask: Ask, words: str) -> tuple[str, str]:
    if found := re.search(r"口径\s*(\d+)", words):
        point = voice.point(ask.db, int(found[1]))
        if not point.given(ask.at):
            raise UserError(f"{point.name} 不是现行口径，不能用来答复")
        return point.answer, point.name
    if found := re.search(r"[Dd](\d+)", words):
        it = statements.get(ask.db, int(found[1]))
        if it.state != "released":
            raise UserError(f"{it.name} 还没有发布，不能用来答复")
        return it.text, it.name
    raise UserError("答复只用已批准的文本，如：采访1 答复 口径2")


def _inquiry(ask: Ask, id: int) -> Inquiry:
    found = next((q for q in voice.inquiries(ask.db) if q.id == id), None)
    incident = incidents.find(ask.db, found.incident) if found and found.incident else None
    if found is None or (incident and not ask.sees(incident)):
        raise UserError(f"没有采访{id}。回：采访 列表")
    return found


def _inquiries(ask: Ask) -> str:
    states = {"open": "待答", "answered": "已答", "declined": "婉拒"}
    found = [
        q for q in voice.inquiries(ask.db) if not q.incident or (i := incidents.find(ask.db, q.incident)) is None or ask.sees(i)
    ]
    rows = [
        f"采访{q.id} {states[q.state]} {q.outlet} {q.reporter}{f' {clock_of(q.due_at, ask.at)}截止' if q.due_at else ''}：{q.question[:30]}"
        + (f"（{q.answered_with}）" if q.answered_with else "")
        for q in found[-7:]
    ]
    return "\n".join([f"媒体询问{len(found)}条", *rows]) if rows else "没有媒体询问"


def authority(ask: Ask) -> str:
    """第三方：请权威机构自己发声，记请求、同意和原话。例：第三方 市质检院 请出具检测说明　第三方1 同意　第三方1 原话 …"""
    words = re.sub(r"[#＃]\d+", "", ask.intent.text("text")).strip()
    if found := re.match(r"^(\d{1,4})\s*(同意|拒绝|原话)\s*[：:]?\s*(.*)$", words, re.S):
        return _heard_from(ask, int(found[1]), found[2], found[3].strip())
    ask.require("draft")
    incident = ask.incident()
    if not words or words == "列表":
        states = {"requested": "已请求", "consented": "同意", "declined": "拒绝", "spoken": "已发声"}
        rows = [
            f"第三方{a.id} {a.name} {states[a.state]}{'：' + a.words[:40] if a.words else ''}"
            for a in voice.authorities(ask.db, incident.id)
        ]
        return "\n".join(rows) or f"#{incident.id} 没有请过第三方"
    name, _, request = words.partition(" ")
    id = voice.add(
        ask.db, "authorities", "authority", at=ask.at, by=ask.person.name, incident=incident.id, name=name[:40], request=request.strip(),
        state="requested",
    )  # fmt: skip
    return f"第三方{id} {name} 已记请求（{ask.person.name}）。由其自行发声，不代写；回音请记：第三方{id} 同意｜原话 …"


def _heard_from(ask: Ask, id: int, verb: str, words: str) -> str:
    ask.require("task")
    incident = ask.incident()
    it = next((a for a in voice.authorities(ask.db, incident.id) if a.id == id), None)
    if it is None:
        raise UserError(f"#{incident.id} 没有第三方{id}")
    if verb == "原话" and it.state not in ("consented", "spoken"):
        raise UserError(f"{it.name} 还没有同意公开，先回：第三方{id} 同意 谁于何时同意")
    state = {"同意": "consented", "拒绝": "declined", "原话": "spoken"}[verb]
    values = {"words": words} if verb == "原话" else {"consent": words}
    voice.change(
        ask.db,
        "authorities",
        id,
        f"authority_{state}",
        at=ask.at,
        by=ask.person.name,
        incident=it.incident,
        state=state,
        **values,
    )
    return f"第三方{id} {it.name} {verb}已记（{ask.person.name}）" + (
        "，原话单独存放，引用须注明出处" if verb == "原话" else ""
    )


COMMANDS: dict[str, Callable[[Ask], str]] = {
    "talking_points": talking_points,
    "points_off": points_off,
    "points_on": points_on,
    "audience_plan": audience_plan,
    "inquiry": inquiry,
    "authority": authority,
}
