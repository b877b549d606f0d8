"""The record's desk: facts and decisions."""

from __future__ import annotations

from collections.abc import Callable

from bot import handling
from bot.commands import Ask, Refused
from bot.errors import UserError
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.incident import Incident
from bot.model.people import Role, Verdict, right, who_may
from bot.store import incidents, mentions, outbox, work
from bot.watch import judge

SILENT = ("不发声", "不回应", "暂不回应", "不发声明")


def fact(ask: Ask) -> str:
    """记一下：记一条事实，可带来源。例：记一下 首帖9:42发在小红书　F4 核实了 来源医院"""
    op = str(ask.intent.slots.get("op") or "add")
    if op == "list":
        return _list_facts(ask)
    if op == "add":
        return _add_fact(ask)
    number = ask.intent.number("fact")
    if number is None:
        raise UserError("哪一条？请带编号，如：F4 核实了 来源医院")
    return {"confirm": _confirm, "retract": _retract, "correct": _correct, "set_state": _set_state}[op](
        ask, work.fact(ask.db, number)
    )


def _open_incident(ask: Ask) -> Incident:
    incident = ask.incident()
    if not incident.open and ask.intent.number("incident") is None:
        raise UserError(f"#{incident.id} 已结案；要补记请写编号：记一下 #{incident.id} …")
    return incident


def _add_fact(ask: Ask) -> str:
    incident = _open_incident(ask)
    ask.require("fact", incident)
    text, source = _words(ask)
    state = str(ask.intent.slots.get("state") or "unverified")
    may = _may_judge(ask)
    held = state if state == "unverified" or may else "unverified"
    added, new = work.add_fact(
        ask.db,
        incident=incident.id,
        text=text,
        state=held,
        source=source,
        by=ask.person.name,
        at=ask.at,
        quote=ask.quote_id,
        judged_by=ask.person.name if held != "unverified" else "",
        late=not incident.open,
    )
    if not new:
        return f"已记为F{added.id}"
    told = f"F{added.id} {added.label}（{source or ask.person.name}）：{text[:40]}"
    if held != state:
        told += _ask_judge(ask, incident, added)
    if held != "unverified":
        _after_judgement(ask, incident)
    _tell(ask, incident, told, "fact")
    return told


def _words(ask: Ask) -> tuple[str, str]:
    """The fact's words and its source: typed, or those of the quoted message (「姓名：…」 gives the source)."""
    text, source = ask.intent.text("text").strip(), ask.intent.text("source")
    if not text and ask.quote:
        said = ask.quote.strip("「」 \n")
        name, colon, rest = said.partition("：")
        text, source = (rest, source or name) if colon and len(name) <= 12 else (said, source or ask.quote_sender)
    if not text:
        raise UserError("记什么？如：记一下 首帖9:42发在小红书；或引用一条消息再回「记」")
    return text[:500], source[:60]


def _may_judge(ask: Ask) -> bool:
    return right("fact_judge", ask.person.roles).verdict is Verdict.MAY


def _ask_judge(ask: Ask, incident: Incident, added: work.Fact) -> str:
    """One press to biz: a fact said as confirmed by someone who may not."""
    judge_ = ask.house.first(Role.BIZ, Role.IT_SEC, Role.COMMANDER)
    if judge_ is None:
        return "。还没有人能核实（业务、指挥）"
    text = (
        f"请核实 F{added.id}（{ask.person.name}）：{added.text[:60]}\n可回：F{added.id} 核实了 来源…｜F{added.id} 不属实 来源…"
    )
    outbox.put(
        ask.db,
        Post(text),
        at=ask.at,
        kind="notice",
        reason="verify",
        person=judge_.name,
        incident=incident.id,
        grade=incident.shown,
    )
    return f"。已请{judge_.name}核实"


def _confirm(ask: Ask, it: work.Fact) -> str:
    _require_judge(ask)
    source = ask.intent.text("source") or it.source
    if not source:
        raise UserError(f"核实要写来源，如：F{it.id} 核实了 来源医院")
    return _judged(ask, it, "confirmed", source)


def _set_state(ask: Ask, it: work.Fact) -> str:
    state = str(ask.intent.slots.get("state") or "")
    if state == "confirmed":
        return _confirm(ask, it)
    if state not in ("refuted", "unverified"):
        raise UserError(f"F{it.id} 要改成什么？核实了／不属实／待核实")
    _require_judge(ask)
    source = ask.intent.text("source") or it.source
    if state == "refuted" and not source:
        raise UserError(f"判不属实要写来源，如：F{it.id} 不属实 来源派出所")
    return _judged(ask, it, state, source)


def _judged(ask: Ask, it: work.Fact, state: str, source: str) -> str:
    if it.state == state:
        return f"F{it.id} 已经是{it.label}"
    if it.state == "retracted":
        raise UserError(f"F{it.id} 已撤回，请重新记一条")
    changed = work.change_fact(
        ask.db,
        it,
        "fact_judge",
        at=ask.at,
        by=ask.person.name,
        state=state,
        source=source,
        judged_by=ask.person.name,
        judged_at=ask.at,
    )
    incident = incidents.get(ask.db, it.incident) if it.incident else None
    text = f"F{it.id} {changed.label}（{ask.person.name}，来源：{source}）"
    if incident:
        _after_judgement(ask, incident)
        _tell(ask, incident, text, "fact")
    return text


def _require_judge(ask: Ask) -> None:
    if not _may_judge(ask):
        raise Refused(f"你不能判定事实。可以的是：{who_may('fact_judge')}")


def _after_judgement(ask: Ask, incident: Incident) -> None:
    """A confirmed or refuted fact may fire a trigger or end one: the grade is suggested anew."""
    strands = mentions.strands_of(ask.db, incident.id)
    if strands:
        judge(ask.db, ask.house, strands[-1], ask.at)


def _retract(ask: Ask, it: work.Fact) -> str:
    if it.by != ask.person.name:
        _require_judge(ask)
    work.change_fact(
        ask.db, it, "fact_retract", at=ask.at, by=ask.person.name, why=ask.intent.text("reason"), state="retracted"
    )
    incident = incidents.get(ask.db, it.incident) if it.incident else None
    text = f"F{it.id} 已撤回（{ask.person.name}）：{it.text[:30]}。原文留存"
    if incident:
        _after_judgement(ask, incident)
        _tell(ask, incident, text, "fact")
    return text


def _correct(ask: Ask, it: work.Fact) -> str:
    _require_judge(ask)
    text = ask.intent.text("text")
    if not text:
        raise UserError(f"更正成什么？如：更正F{it.id}：不是1,240箱是1,420箱")
    added, _ = work.add_fact(
        ask.db,
        incident=it.incident,
        text=text,
        state=it.state if it.state in ("confirmed", "refuted") else "unverified",
        source=ask.intent.text("source") or it.source,
        by=ask.person.name,
        at=ask.at,
        replaces=it.id,
        judged_by=ask.person.name if it.state in ("confirmed", "refuted") else "",
    )
    work.change_fact(ask.db, it, "fact_correct", at=ask.at, by=ask.person.name, state="retracted", replaced_by=added.id)
    told = f"F{it.id} 更正为 F{added.id}（{added.label}）：{text[:40]}。F{it.id} 原文留存"
    if it.incident:
        _tell(ask, incidents.get(ask.db, it.incident), told, "fact")
    return told


def _list_facts(ask: Ask) -> str:
    incident = ask.incident()
    state = str(ask.intent.slots.get("state") or "")
    states = (state,) if state else ("unverified", "confirmed", "refuted")
    found = work.facts(ask.db, incident.id, states)
    if not found:
        return f"#{incident.id} 还没有{work.STATES.get(state, '')}事实"
    return f"#{incident.id} 事实{len(found)}条\n" + "\n".join(
        f"F{f.id} {f.label}｜{f.text[:40]}（{f.source or f.by}）" for f in found[-12:]
    )


def decision(ask: Ask) -> str:
    """决策：记下谁决定了什么。例：决策 #12 全国下架该批次　陈总拍板：先道歉"""
    op = str(ask.intent.slots.get("op") or "add")
    if op == "list":
        return _list_decisions(ask)
    if op in ("revoke", "revise"):
        return _supersede(ask, op)
    incident = _open_incident(ask)
    text = ask.intent.text("text") or ask.quote.strip("「」 \n")
    if not text:
        raise UserError("决定了什么？如：决策 #12 全国下架该批次")
    decider = ask.intent.text("by")
    if decider and decider != ask.person.name:
        return _record_for(ask, incident, text, decider)
    held = right("decide", ask.person.roles, owner=incident.owned_by(ask.person))
    grave = (incident.shown or Grade.BLUE) >= Grade.ORANGE
    allowed = held.verdict is Verdict.MAY and not (held.note == "f" and grave)
    state = "decided" if allowed else "proposed"
    made = work.add_decision(
        ask.db,
        incident=incident.id,
        text=text,
        decider=ask.person.name if allowed else "",
        recorded_by=ask.person.name,
        at=ask.at,
        state=state,
        silent=allowed and text.startswith(SILENT),
        quote=ask.quote_id,
    )
    if not allowed:
        return _propose(ask, incident, made)
    return _decided(ask, incident, made, ask.person.name, "")


def _record_for(ask: Ask, incident: Incident, text: str, decider: str) -> str:
    """代录: marked, and sent to the decider to confirm or deny; by anybody who may not record it stays proposed."""
    may = right("record_decision", ask.person.roles, owner=incident.owned_by(ask.person)).verdict is Verdict.MAY
    made = work.add_decision(
        ask.db,
        incident=incident.id,
        text=text,
        decider=decider,
        recorded_by=ask.person.name,
        at=ask.at,
        state="decided" if may else "proposed",
        silent=may and text.startswith(SILENT),
        proxied=True,
        quote=ask.quote_id,
    )
    who = ask.house.person(decider)
    if who and who.name != ask.person.name:
        asked = f"{ask.person.name}代您记了 J{made.id}：{text[:60]}\n不对请回：决策撤销 J{made.id}"
        outbox.put(
            ask.db,
            Post(asked),
            at=ask.at,
            kind="notice",
            reason="proxied",
            person=who.name,
            incident=incident.id,
            grade=incident.shown,
        )
    if not may:
        return f"J{made.id} 记为提议（{decider}）：{text[:40]}。要{who_may('record_decision')}代录才算数"
    return _decided(ask, incident, made, decider, "（代录）")


def _decided(ask: Ask, incident: Incident, made: work.Decision, decider: str, mark: str) -> str:
    known = f"（当时已知 {' '.join(f'F{n}' for n in made.known)}）" if made.known else ""
    text = f"J{made.id} {decider}：{made.text[:60]}{known}{mark}"
    if made.silent:
        handling.meet(ask.db, incident, "first_statement", at=ask.at, by=decider)
    _tell(ask, incident, text, "decision")
    return text


def _propose(ask: Ask, incident: Incident, made: work.Decision) -> str:
    commander = ask.house.first(Role.COMMANDER)
    if commander:
        text = f"{ask.person.name}提议 J{made.id}（#{incident.id}）：{made.text[:60]}\n同意请回：决策 #{incident.id} {made.text[:30]}"
        outbox.put(
            ask.db,
            Post(text),
            at=ask.at,
            kind="notice",
            reason="proposed",
            person=commander.name,
            incident=incident.id,
            grade=incident.shown,
        )
    return f"J{made.id} 记为提议：{made.text[:40]}。{incident.shown.label if incident.shown else ''}级要指挥定" + (
        f"，已私信{commander.name}" if commander else ""
    )


def _supersede(ask: Ask, op: str) -> str:
    number = ask.intent.number("decision")
    if number is None:
        raise UserError("哪一条？请带编号，如：决策撤销 J3")
    it = work.decision(ask.db, number)
    incident = incidents.get(ask.db, it.incident) if it.incident else ask.incident()
    held = right("decide", ask.person.roles, owner=incident.owned_by(ask.person))
    if held.verdict is Verdict.NO and it.decider != ask.person.name:
        raise Refused(f"你不能改决策。可以的是：{who_may('decide')}")
    if it.state == "superseded":
        raise UserError(f"J{it.id} 已被替代")
    words = ask.intent.text("text") or f"撤销 J{it.id}：{it.text}"
    made = work.add_decision(
        ask.db,
        incident=it.incident,
        text=words,
        decider=ask.person.name,
        recorded_by=ask.person.name,
        at=ask.at,
        replaces=it.id,
    )
    text = f"J{made.id} {ask.person.name}：{words[:60]}（替代 J{it.id}，原文留存）"
    _tell(ask, incident, text, "decision")
    return text


def _list_decisions(ask: Ask) -> str:
    incident = ask.incident()
    found = work.decisions(ask.db, incident.id)
    if not found:
        return f"#{incident.id} 还没有决策"
    rows = [f"J{d.id} {d.decider or '提议'}：{d.text[:40]}{'（代录）' if d.proxied else ''}" for d in found[-12:]]
    return f"#{incident.id} 决策{len(found)}条\n" + "\n".join(rows)


def _tell(ask: Ask, incident: Incident, text: str, reason: str) -> None:
    handling.tell_rooms(ask.db, ask.house, incident, Post(text), at=ask.at, kind="notice", reason=reason, besides=ask.room)


COMMANDS: dict[str, Callable[[Ask], str]] = {"fact": fact, "decision": decision}
