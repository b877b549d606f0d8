"""The clock desk: what runs, legal clocks, the red line told in the room, 速报."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from bot import cards, clocking, lawclocks, sitreps
from bot.analysis import triggers
from bot.analysis.text import clean
from bot.asking import Ask, Refused, roles_of
from bot.errors import UserError
from bot.judging import reconsider
from bot.model.card import Post
from bot.model.incident import Incident
from bot.model.people import Role, Verdict, right, who_may
from bot.model.times import clock_of, span_of
from bot.plan.books import Plan
from bot.plan.legal import NO_ADVICE, said
from bot.store import evidence, incidents, plans, timers
from bot.store.timers import Clock

_CLOCK = re.compile(r"(昨天|昨晚|前天|今天|今早)?\s*(\d{1,2})[:：点](\d{1,2})?")
_DAYS = {"昨天": 1, "昨晚": 1, "前天": 2}
MET_ONLY = "j"
"""The note of a right that only records a report (room page, section 6)."""
_AGO = re.compile(r"(\d+)\s*(分钟|小时)前")
_WITNESS = re.compile(r"([一-龥]{2,4}?)(?:可证|作证|为证)")


def clocks(ask: Ask) -> str:
    """时限：看一件事的所有时限，含法定时限。例：时限 #12"""
    incident = ask.incident()
    running = [c for c in timers.clocks_of(ask.db, incident.id) if not c.legal]
    rows = [
        f"{clocking.CLOCKS.get(c.name, c.name)} {clock_of(c.due_at, ask.at)} 前，{cards.left(c.due_at, ask.at)}"
        for c in running
    ]
    rows += [_legal_row(ask, c) for c in timers.clocks_of(ask.db, incident.id, lawclocks.EVER) if c.legal]
    if not rows:
        return f"#{incident.id} 没有在走的时限"
    note = [NO_ADVICE] if any(c.legal for c in timers.clocks_of(ask.db, incident.id, lawclocks.EVER)) else []
    return "\n".join([f"#{incident.id} {incident.title[:20]} 的时限", *rows[:6], *note])


_ENDED = {"met": "已报", "waived": "已免报", "cancelled": "已取消"}


def _legal_row(ask: Ask, clock: Clock) -> str:
    if clock.state in _ENDED:
        receipt = f"（回执 {clock.receipt}）" if clock.receipt else ""
        return f"{clock.name}：{_ENDED[clock.state]}{receipt}{'，曾超时' if clock.missed else ''}"
    start = f"知悉 {clock_of(clock.started_at, ask.at)}{'，待确认' if clock.state == 'proposed' else ''}"
    to = lawclocks.rule_of(ask.house, clock).recipient
    return f"{clock.name} {clock_of(clock.due_at, ask.at)} 前报{to}，{cards.left(clock.due_at, ask.at)}（{start}）"


def red_line(ask: Ask) -> Post | str:
    """（群里说到监管来电、聚集、自家页面出现违法内容：红线即时生效）"""
    kinds = [c.kind for c in triggers.claims(clean(ask.text), tier=None, ours=()) if c.immediate]
    found = [i for i in incidents.listed(ask.db) if ask.sees(i)]
    named = ask.incident() if ask.names_one() or len(found) == 1 else None
    if named is None:
        listed = "｜".join(cards.one_line(i) for i in found[:5])
        return f"这是哪一件的？{listed}\n请带编号再说一次" if found else f"要立案请回：上报 {ask.text[:40]}"
    name = triggers.FLOORS[kinds[0]].name
    before, had = named.shown, {c.id for c in lawclocks.live(ask.db, named)}
    for kind in kinds:
        plans.cross(ask.db, named.id, kind, ask.text[:120], sure=False, at=ask.at, by=ask.person.name)
    reconsider(ask.db, ask.house, named, ask.at, heard_in=ask.room)
    now = incidents.get(ask.db, named.id)
    fresh = [c for c in lawclocks.live(ask.db, now) if c.id not in had]
    label = "监管来电" if "authority" in kinds and "电" in ask.text else name
    if fresh:
        return lawclocks.offered(ask.house, now, fresh, ask.at, label)
    grade = f"已在{now.shown.label}" if now.shown else "未定级"
    if now.suggested and now.suggested > (now.grade or 0):
        known = now.suggested <= max(before or 0, named.suggested or 0)
        grade = f"{'已' if known else ''}建议升{now.suggested.label}"
    return f"红线：{label}（{grade}），已记到 #{now.id}{ask.hint(now)}"


def legal_start(ask: Ask) -> str:
    """确认起点：法定时限从提议的时刻起算。例：确认起点 #12"""
    incident = _legal_incident(ask)
    _may_run(ask, incident)
    waiting = [c for c in lawclocks.live(ask.db, incident) if c.state == "proposed" and _meant(ask, c)]
    if not waiting:
        raise UserError(f"#{incident.id} 没有等确认起点的法定时限。要自己起算请回：{_example(ask, incident)}")
    return _started(ask, incident, [(c, c.started_at) for c in waiting], ask.person.name)


def _example(ask: Ask, incident: Incident) -> str:
    """「起点改 #1 网信 10:21」, with a rule that fits the matter."""
    plan: Plan = ask.house.plan
    fits = [rule for rule in plan.rules if incident.type in rule.types and rule.says] or list(plan.rules)
    return f"起点改 #{incident.id} {fits[0].says[0] if fits[0].says else fits[0].name} {clock_of(ask.at)}"


def learned_at(ask: Ask) -> str:
    """起点改：改法定时限的知悉时刻，写明谁可证。例：起点改 10:21，来电那时已核实，林工可证"""
    incident = _legal_incident(ask)
    _may_run(ask, incident)
    learned = _moment(ask)
    witness = _witness(ask)
    live = [c for c in lawclocks.live(ask.db, incident) if _meant(ask, c)]
    if live:
        return _started(ask, incident, [(c, learned) for c in live], witness)
    plan: Plan = ask.house.plan
    rule = said(plan.rules, ask.text)
    if rule is None:
        raise UserError(f"#{incident.id} 没有在走的法定时限。要起算请写名称，如：{_example(ask, incident)}，林工可证")
    clock = lawclocks.start(ask.db, ask.house, incident, rule, learned, at=ask.at, by=ask.person.name, witness=witness)
    return _tell_started(ask, incident, [clock])


def _may_run(ask: Ask, incident: Incident) -> None:
    """Who sets a start; information security only records a report."""
    held = right("legal_clock", ask.person.roles, owner=incident.owned_by(ask.person))
    if held.verdict is Verdict.NO or held.note == MET_ONLY:
        raise Refused(f"你（{roles_of(ask.person)}）不能定起点。可以的是：{who_may('legal_clock', but=MET_ONLY)}")


def _started(ask: Ask, incident: Incident, starts: list[tuple[Clock, datetime]], witness: str) -> str:
    clocks_ = [
        lawclocks.set_start(ask.db, ask.house, incident, clock, learned, at=ask.at, by=ask.person.name, witness=witness)
        for clock, learned in starts
    ]
    return _tell_started(ask, incident, clocks_)


def _tell_started(ask: Ask, incident: Incident, started: list[Clock]) -> str:
    rows = [
        f"{c.name} {clock_of(c.due_at, ask.at)} 到期（知悉 {clock_of(c.started_at, ask.at)}，证人{c.witness}）" for c in started
    ]
    legal = ask.house.first(Role.LEGAL, Role.DUTY)
    text = "；".join(rows) + f"。报告表已私发{legal.name if legal else '值班长'}\n{NO_ADVICE}"
    ask.tell(incident, f"#{incident.id} {text}", "legal")
    return text


def _legal_incident(ask: Ask) -> Incident:
    """The object; without a number the only incident with legal clocks."""
    if not ask.names_one():
        with_clocks = [i for i in incidents.listed(ask.db) if ask.sees(i) and lawclocks.live(ask.db, i)]
        if len(with_clocks) == 1:
            return with_clocks[0]
    return ask.incident()


def _meant(ask: Ask, clock: Clock) -> bool:
    """A clock named in the line, or any where none is named."""
    plan: Plan = ask.house.plan
    words = re.split(r"[,，。]|回执", ask.text)[0]
    named = [rule for rule in plan.rules if rule.name in ask.text] or [
        rule for rule in plan.rules if any(word in words for word in rule.says)
    ]
    return not named or clock.rule in {rule.id for rule in named}


def _moment(ask: Ask) -> datetime:
    if ago := _AGO.search(ask.text):
        return ask.at - timedelta(minutes=int(ago[1]) * (60 if ago[2] == "小时" else 1))
    if "此刻" in ask.text:
        return ask.at
    found = _CLOCK.search(re.sub(r"#\s*\d+", "", ask.text))
    if not found:
        raise UserError("改成几点？如：起点改 10:21，来电那时已核实，林工可证")
    hour, minute = int(found[2]), int(found[3] or 0)
    if hour > 23 or minute > 59:
        raise UserError(f"「{found[0].strip()}」不是时刻，如 10:21")
    local = ask.at.astimezone(ask.house.zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
    local -= timedelta(days=_DAYS.get(found[1] or "", 0))
    if local > ask.at:
        if found[1]:
            raise UserError("知悉时刻不能晚于现在")
        local -= timedelta(days=1)
    return local


def _witness(ask: Ask) -> str:
    names = [p.name for p in ask.house.people]
    if found := _WITNESS.search(ask.text):
        return next((name for name in names if name in found[0]), found[1])
    return next((name for name in ask.intent.persons if name in names), ask.person.name)


def _receipt(text: str) -> str:
    """The receipt however short, or who took the report where there was none."""
    found = re.search(r"回执(?:号|编号)?\s*[:：]?\s*([\w\-]+)|((?:接报人|受理人|工号)\s*[:：]?\s*\S[^，。,]{0,30})", text)
    return (found[1] or found[2]).strip() if found else ""


def reported(ask: Ask) -> str:
    """已报：登记已向主管部门报告，带回执号。例：已报 食安 回执 2026-0415"""
    incident = _legal_incident(ask)
    ask.require("legal_clock", incident)
    live = [c for c in lawclocks.live(ask.db, incident) if _meant(ask, c)]
    receipt = ask.intent.text("receipt") or _receipt(ask.text)
    if not live:
        return _reported_freely(ask, incident, receipt)
    if len(live) > 1:
        raise UserError(f"报的是哪一个？{'、'.join(c.name for c in live)}。如：已报 #{incident.id} {live[0].name} 回执 编号")
    if not receipt:
        raise UserError(f"请带回执号：已报 #{incident.id} {live[0].name} 回执 编号；没有回执写接报人姓名工号")
    (clock,) = live
    piece, _ = evidence.capture(
        ask.db, incident=incident.id, kind="text", text=f"{clock.name}：{ask.text[:200]}", by=ask.person.name, at=ask.at,
        key=f"receipt:{clock.id}",
    )  # fmt: skip
    timers.end_clock(ask.db, clock, "met", at=ask.at, by=ask.person.name, receipt=receipt, why=f"凭证 {piece.name}")
    lawclocks.report_made(ask.db, clock, piece.name, at=ask.at, by=ask.person.name)
    early = (clock.due_at - ask.at).total_seconds()
    how = f"提前{span_of(early)}" if early >= 0 else f"超时{span_of(early)}"
    text = f"{clock.name}：已报，{how}，凭证已存"
    ask.tell(incident, f"#{incident.id} {text}（回执 {receipt}）", "legal")
    return text


def _reported_freely(ask: Ask, incident: Incident, receipt: str) -> str:
    """Something was reported for which no legal clock runs: the record keeps it, and the report clock is met."""
    words = re.sub(r"^\s*#\d+\s*", "", ask.intent.text("text"))
    incidents.note(ask.db, incident.id, "report", at=ask.at, by=ask.person.name, why=words, to=ask.intent.text("clock"))
    clocking.meet(ask.db, incident, "report", at=ask.at, by=ask.person.name)
    return f"#{incident.id} 已记：{words[:40]}" + ("" if receipt else "。有回执号请补：存证 回执…")


def waive(ask: Ask) -> str:
    """免报：法定时限不适用，写理由，回验证码。例：免报 #12 食安 未涉及食品"""
    incident = _legal_incident(ask)
    ask.require("waive", incident)
    live = [c for c in lawclocks.live(ask.db, incident) if _meant(ask, c)]
    if len(live) != 1:
        listed = "、".join(c.name for c in lawclocks.live(ask.db, incident))
        raise UserError(
            f"免哪一个？{listed or '现在没有法定时限在走'}" + (f"。如：免报 #{incident.id} 名称 理由" if listed else "")
        )
    (clock,) = live
    rule = lawclocks.rule_of(ask.house, clock)
    reason = ask.intent.text("text")
    for word in (clock.name, *rule.says, "理由", "："):
        reason = reason.replace(word, "", 1)
    reason = reason.strip(" ，,：:")
    if len(reason) < 2:
        raise UserError(f"免报要写理由，如：免报 #{incident.id} {clock.name} 经核未涉及个人信息")
    echo = f"#{incident.id} {clock.name} 不报：{reason}。免报责任自负，{NO_ADVICE}"
    ask.confirm(echo, fingerprint=f"waive:{clock.id}:{clock.due_at}:{clock.state}", code=secrets.token_hex(2).upper())
    timers.end_clock(ask.db, clock, "waived", at=ask.at, by=ask.person.name, why=reason)
    text = f"#{incident.id} {clock.name}：免报（{ask.person.name}：{reason[:40]}），{NO_ADVICE}"
    ask.tell(incident, text, "legal")
    return text


def sitrep_send(ask: Ask) -> str:
    """照报：把填好的速报发出。例：照报 #12"""
    return _send(ask, "sent")


def sitrep_add(ask: Ask) -> str:
    """补一句：补一句话后发出速报。例：补一句 #12 已联系三位家属"""
    added = ask.intent.text("text")
    if not added:
        raise UserError("补什么？如：补一句 已联系三位家属")
    return _send(ask, "sent", added)


def sitrep_same(ask: Ask) -> str:
    """无变化：本期速报报无变化，最多连续两次。例：无变化 #12"""
    incident = _sitrep_incident(ask)
    if sitreps.unchanged_before(ask.db, incident) >= sitreps.MOST_UNCHANGED:
        raise UserError(f"#{incident.id} 已连续两次无变化，这次要发全文：照报 #{incident.id}，或：补一句 #{incident.id} …")
    return _send(ask, "unchanged")


def _sitrep_incident(ask: Ask) -> Incident:
    if not ask.names_one():
        asked = [i for i in incidents.listed(ask.db) if ask.sees(i) and plans.sitreps(ask.db, i.id, "asked")]
        if len(asked) == 1:
            return asked[0]
    return ask.incident()


def _send(ask: Ask, state: str, added: str = "") -> str:
    incident = _sitrep_incident(ask)
    if not (incident.owned_by(ask.person) or ask.person.has(Role.DUTY, Role.COMMANDER)):
        raise UserError(f"#{incident.id} 的速报由负责人{incident.owner}或值班长发")
    if not incident.open:
        raise UserError(f"#{incident.id} {incident.state.label}，不用速报")
    waiting = plans.sitreps(ask.db, incident.id, "asked")
    it = waiting[-1] if waiting else sitreps.fill(ask.db, ask.house, incident, ask.at, ask.at)
    sent = sitreps.send(ask.db, ask.house, incident, it, state, at=ask.at, by=ask.person.name, added=added, besides=ask.room)
    return sitreps.words(incident, sent, ask.at)


COMMANDS: dict[str, Callable[[Ask], Post | str]] = {
    "clocks": clocks,
    "red_line": red_line,
    "legal_start": legal_start,
    "learned_at": learned_at,
    "reported": reported,
    "waive": waive,
    "sitrep_send": sitrep_send,
    "sitrep_add": sitrep_add,
    "sitrep_same": sitrep_same,
}
