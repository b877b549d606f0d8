"""The record's desk: facts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from bot import falling, restoring, saying, signoff
from bot.asking import Ask, Refused, roles_of
from bot.errors import UserError
from bot.judging import judge
from bot.model.card import Button, Card, Post
from bot.model.incident import Incident
from bot.model.people import Person, Role, Verdict, right, who_may
from bot.model.times import clock_of
from bot.store import incidents, mentions, work

TECHNICAL = re.compile(
    "系统|服务器|数据库|日志|接口|漏洞|攻击|入侵|泄露|数据|记录|账号|密码|备份|恢复|宕机|故障|页面|篡改|网站|域名|IP|带宽|权限|程序|代码|端口",
    re.I,
)
_NOT_BUT = re.compile(r"不是\s?([^，。；;\s]{1,40}?)[，,]?\s?(?:而是|应为|应是|是)\s?([^，。；;\s]{1,40})")
_AFTER = re.compile(r"更正\s?F\s?\d+\s?[:：]\s?(.+)", re.I | re.S)
_CLOCK = re.compile(r"(昨天|昨晚|今天|今早|今晚)?\s?(\d{1,2})[:：](\d{2})(?!\d)")


def fact(ask: Ask) -> str:
    """记一下：记一条事实，可带来源。例：记一下 首帖9:42发在小红书　F4 核实了 来源医院"""
    op = str(ask.intent.slots.get("op") or "add")
    if op == "list" or (op == "add" and not ask.quote and not ask.intent.text("text") and "事实" in ask.text):
        return _list_facts(ask)
    if op == "add":
        return _add_fact(ask)
    number = ask.intent.number("fact")
    if number is None:
        raise UserError("哪一条？请带编号，如：F4 核实了 来源医院")
    return {"confirm": _confirm, "retract": _retract, "correct": _correct, "set_state": _set_state}[op](ask, ask.fact(number))


def _add_fact(ask: Ask) -> str:
    incident = ask.incident()
    if not incident.open and ask.intent.number("incident") is None:
        raise UserError(f"#{incident.id} 已结案；要补记请写编号：补记 #{incident.id} …")
    ask.require("fact", incident)
    text, source = _words(ask)
    state = str(ask.intent.slots.get("state") or "unverified")
    held = (
        state if state == "unverified" or (_may_judge(ask.person, text) and (source or state != "confirmed")) else "unverified"
    )
    left = _not_restored(ask, incident, text) if held == "confirmed" else ""
    held = "unverified" if left else held
    happened = _happened(ask, text)
    late = bool(ask.intent.slots.get("late")) or not incident.open
    added, new = work.add_fact(
        ask.db,
        incident=incident.id,
        text=text,
        state=held,
        source=source,
        by=ask.person.name,
        at=ask.at,
        quote=ask.quoted,
        judged_by=ask.person.name if held != "unverified" else "",
        late=late,
        happened_at=happened,
        transcribed=bool(source and not ask.quote_id),
    )
    if not new:
        return f"已记为F{added.id}"
    marks = "，补记" if late else ""
    marks += f"，事发{clock_of(happened, ask.at)}" if happened and late else ""
    marks += "，转录" if ask.quote and not ask.quote_id else ""
    if held != "unverified":
        _after_judgement(ask, incident)
        told = f"F{added.id} {added.label}（{ask.person.name}，来源：{source or ask.person.name}{marks}）"
        told += _usable(ask, added, incident) if held == "confirmed" else ""
    else:
        told = f"F{added.id} 待核实（{source or ask.person.name}{marks}）"
        told += f"。还不能说已恢复：{left}" if left else _ask_judge(ask, incident, added)
    ask.tell(incident, told, "fact")
    return told


def _not_restored(ask: Ask, incident: Incident | None, text: str) -> str:
    """What our own probes still lack for a fact that says the service is back."""
    return restoring.lacking(ask.db, incident, ask.at) if restoring.claims(text) else ""


def _happened(ask: Ask, text: str) -> datetime | None:
    """When it happened, where the words begin with a clock time; one still to come was yesterday's."""
    found = _CLOCK.match(text)
    if found is None or int(found[2]) > 23 or int(found[3]) > 59:
        return None
    local = ask.at.astimezone(ask.house.zone)
    moment = local.replace(hour=int(found[2]), minute=int(found[3]), second=0, microsecond=0)
    if (found[1] or "").startswith("昨") or moment > local:
        moment -= timedelta(days=1)
    return moment


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


def _may_judge(person: Person, text: str) -> bool:
    """Note e: information security judges technical facts only."""
    held = right("fact_judge", person.roles)
    if held.verdict is Verdict.NO:
        return False
    return held.note != "e" or bool(TECHNICAL.search(text))


def _ask_judge(ask: Ask, incident: Incident, added: work.Fact) -> str:
    """One press to somebody who may confirm it."""
    wanted = (
        (Role.IT_SEC, Role.BIZ, Role.COMMANDER) if TECHNICAL.search(added.text) else (Role.BIZ, Role.IT_SEC, Role.COMMANDER)
    )
    able = [
        p for role in wanted for p in ask.house.with_role(role) if _may_judge(p, added.text) and saying.may_know(incident, p)
    ]
    if not able:
        return "。还没有人能核实（业务、指挥）"
    if able[0].name == ask.person.name:
        return f"。核实了请回：F{added.id} 核实了 来源…"
    n = f"F{added.id}"
    card = Card(
        kind="ask",
        title=f"请核实 {n}（{ask.person.name}）：{added.text[:60]}",
        lines=(f"可回：{n} 核实了 来源…｜{n} 不属实 来源…",),
        incident=incident.id,
        buttons=(Button("confirm_fact", "核实了", f"{n} 核实了", "primary"), Button("refute_fact", "不属实", f"{n} 不属实")),
    )
    ask.tell_one(able[0].name, Post.of(card), "verify", incident)
    return f"。已请{able[0].name}核实"


def _confirm(ask: Ask, it: work.Fact) -> str:
    _require_judge(ask, it)
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
    _require_judge(ask, it)
    source = ask.intent.text("source") or it.source
    if state == "refuted" and not source:
        raise UserError(f"判不属实要写来源，如：F{it.id} 不属实 来源派出所")
    return _judged(ask, it, state, source)


def _judged(ask: Ask, it: work.Fact, state: str, source: str) -> str:
    if it.state == state:
        return f"F{it.id} 已经是{it.label}"
    if it.state == "retracted":
        raise UserError(f"F{it.id} 已撤回，请重新记一条")
    incident = incidents.get(ask.db, it.incident) if it.incident else None
    if state == "confirmed" and (left := _not_restored(ask, incident, it.text)):
        raise UserError(f"F{it.id} 还不能核实为已恢复：{left}。满30分钟正常后再回：F{it.id} 核实了")
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
    text = f"F{it.id} {changed.label}（{ask.person.name}，来源：{source}）"
    if incident:
        text += _fallen(ask, changed) if state != "confirmed" else _usable(ask, changed, incident)
        _after_judgement(ask, incident)
        ask.tell(incident, text, "fact")
    return text


def _usable(ask: Ask, it: work.Fact, incident: Incident) -> str:
    """「。D1 可引用」: drafts that say it already and waited for it."""
    names = signoff.usable_in(ask.db, ask.house, it.id, incident.id, ask.at)
    return f"。{'、'.join(names)} 可引用" if names else ""


def _require_judge(ask: Ask, it: work.Fact) -> None:
    if _may_judge(ask.person, it.text):
        return
    note = "（信息安全只判技术事实）" if ask.person.has(Role.IT_SEC) else ""
    raise Refused(f"你（{roles_of(ask.person)}）不能判定事实{note}。可以的是：{who_may('fact_judge')}")


def _after_judgement(ask: Ask, incident: Incident) -> None:
    """A confirmed or refuted fact may fire a trigger or end one: the grade is suggested anew."""
    strands = mentions.strands_of(ask.db, incident.id)
    if strands:
        judge(ask.db, ask.house, strands[-1], ask.at)


def _retract(ask: Ask, it: work.Fact) -> str:
    _require_judge(ask, it)
    if it.state == "retracted":
        raise UserError(f"F{it.id} 已经撤回了")
    changed = work.change_fact(
        ask.db, it, "fact_retract", at=ask.at, by=ask.person.name, why=ask.intent.text("reason"), state="retracted"
    )
    text = f"F{it.id} 已撤回（{ask.person.name}）：{it.text[:30]}。原文留存{_fallen(ask, changed)}"
    if it.incident:
        incident = incidents.get(ask.db, it.incident)
        _after_judgement(ask, incident)
        ask.tell(incident, text, "fact")
    return text


_SOURCE = re.compile(r"[，,、\s]*[（(]?\s*来源\s*(?:是|为)?\s*[:：]?\s*(?P<source>[^（）()，。；]{2,30})[）)]?\s*[。]?$")
"""The source named at the end of a correction: it is no part of the fact."""


def _correct(ask: Ask, it: work.Fact) -> str:
    _require_judge(ask, it)
    said = ask.intent.text("text")
    text = _put_right(it.text, ask.text) or (said if ask.intent.text("source") else _typed(ask.text) or said)
    if it.replaced_by:
        raise UserError(f"F{it.id} 已更正为 F{it.replaced_by}，请改 F{it.replaced_by}")
    named = _SOURCE.search(text)
    text = text[: named.start()] if named else text
    if not text:
        raise UserError(f"更正成什么？如：更正F{it.id}：不是1,240箱是1,420箱")
    judged = it.state in ("confirmed", "refuted")
    if it.state == "confirmed" and (
        left := _not_restored(ask, incidents.get(ask.db, it.incident) if it.incident else None, text)
    ):
        raise UserError(f"F{it.id} 还不能更正为已恢复：{left}")
    added, _ = work.add_fact(
        ask.db,
        incident=it.incident,
        text=text,
        state=it.state if judged else "unverified",
        source=ask.intent.text("source") or (named["source"].strip() if named else it.source),
        by=ask.person.name,
        at=ask.at,
        replaces=it.id,
        judged_by=ask.person.name if judged else "",
    )
    changed = work.change_fact(
        ask.db, it, "fact_correct", at=ask.at, by=ask.person.name, why=f"F{added.id}", state="retracted", replaced_by=added.id
    )
    told = f"F{it.id} 更正为 F{added.id}（{added.label}）：{text[:40]}。F{it.id} 原文留存{_fallen(ask, changed)}"
    if it.incident:
        incident = incidents.get(ask.db, it.incident)
        _after_judgement(ask, incident)
        ask.tell(incident, told, "fact")
    return told


def _put_right(old: str, typed: str) -> str:
    """「不是MA0423是MA0424」 puts the old words right where they stand; empty where it does not say so."""
    found = _NOT_BUT.search(typed)
    return old.replace(found[1], found[2], 1) if found and found[1] in old and found[2] not in old else ""


def _typed(text: str) -> str:
    """What stands behind 「更正 F1：」, as typed."""
    found = _AFTER.search(text)
    return found[1].strip()[:500] if found else ""


def _fallen(ask: Ask, it: work.Fact) -> str:
    """What falls with a fact: drafts that cite it, and decisions that were made knowing it."""
    drafts = falling.fact_fell(ask.db, ask.house, it.id, ask.at)
    made = [d for d in work.decisions(ask.db, it.incident) if it.id in d.known]
    falls = f"。引用它的 {'、'.join(drafts)} 签字作废" if drafts else ""
    return falls + (f"。{'、'.join(f'J{d.id}' for d in made)} 当时以它为据" if made else "")


def _list_facts(ask: Ask) -> str:
    incident = ask.incident()
    state = str(ask.intent.slots.get("state") or "")
    states = (state,) if state else ("unverified", "confirmed", "refuted")
    found = work.facts(ask.db, incident.id, states)
    if not found:
        return f"#{incident.id} 还没有{work.STATES.get(state, '')}事实"
    rows = [f"F{f.id} {f.label}｜{f.text[:40]}（{f.source or f.by}）" for f in found[-7:]]
    older = f"（更早{len(found) - 7}条略）" if len(found) > 7 else ""
    return f"#{incident.id} 事实{len(found)}条{older}\n" + "\n".join(rows)


COMMANDS: dict[str, Callable[[Ask], str]] = {"fact": fact}
