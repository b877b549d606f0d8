"""The decision desk: proposed, decided, recorded for another, superseded; never edited."""

from __future__ import annotations

from collections.abc import Callable

from bot import clocking
from bot.asking import Ask, Refused, roles_of
from bot.errors import UserError
from bot.model.card import Button, Card, Post
from bot.model.grade import Grade
from bot.model.incident import Incident
from bot.model.people import Person, Role, Verdict, right, who_may
from bot.store import calls, incidents, work

SILENT = ("不发声", "不回应", "暂不回应", "暂不发声", "不发声明", "不对外回应")


def decision(ask: Ask) -> str:
    """决策：记下谁决定了什么。例：决策 #12 全国下架该批次　陈总拍板：先道歉　J3 同意　撤销 J3"""
    op = str(ask.intent.slots.get("op") or "add")
    if op == "list":
        return _for_me(ask) if ask.intent.slots.get("mine") else _list(ask)
    if op in ("confirm", "retract"):
        return _verdict(ask, yes=op == "confirm")
    if op in ("revoke", "revise"):
        return _supersede(ask, op)
    incident = ask.incident()
    if not ask.person.member:
        ask.require("record_decision", incident)
    if not incident.open:
        raise UserError(f"#{incident.id} 已结案；要接着办请回：重开 #{incident.id} 加理由")
    text = (ask.intent.text("text") or ask.quote.strip("「」 \n")).strip()[:300]
    if not text:
        raise UserError("决定了什么？如：决策 #12 全国下架该批次")
    said_by = ask.intent.text("by")
    decider = next((p.name for p in ask.house.people if said_by and p.name in said_by), said_by)
    if decider and decider != ask.person.name:
        return _record_for(ask, incident, text, decider)
    return _decide(ask, incident, text)


def may_decide(person: Person, incident: Incident) -> bool:
    """The commander; duty and the owner at blue and yellow (note f)."""
    held = right("decide", person.roles, owner=incident.owned_by(person))
    return held.verdict is Verdict.MAY and not (held.note == "f" and (incident.shown or Grade.BLUE) >= Grade.ORANGE)


def _decide(ask: Ask, incident: Incident, text: str) -> str:
    allowed = may_decide(ask.person, incident)
    made = work.add_decision(
        ask.db,
        incident=incident.id,
        text=text,
        decider=ask.person.name if allowed else "",
        recorded_by=ask.person.name,
        at=ask.at,
        state="decided" if allowed else "proposed",
        silent=text.startswith(SILENT),
        quote=ask.quoted,
    )
    return _decided(ask, incident, made, "") if allowed else _propose(ask, incident, made)


def _record_for(ask: Ask, incident: Incident, text: str, decider: str) -> str:
    """代录: marked, and sent to the decider to confirm or deny; by anybody who may not record, or for somebody who may not
    decide, it stays proposed."""
    person = ask.house.person(decider)
    may = right("record_decision", ask.person.roles, owner=incident.owned_by(ask.person)).verdict is Verdict.MAY
    known = person is None or may_decide(person, incident)
    made = work.add_decision(
        ask.db,
        incident=incident.id,
        text=text,
        decider=decider,
        recorded_by=ask.person.name,
        at=ask.at,
        state="decided" if may and known else "proposed",
        silent=text.startswith(SILENT),
        proxied=True,
        quote=ask.quoted,
    )
    if person and person.name != ask.person.name:
        ask.tell_one(person.name, _proxy_card(ask, made), "proxied", incident)
    if not may:
        return f"J{made.id} 记为提议（{decider}）：{text[:40]}。要{who_may('record_decision')}代录，或{decider}自己确认才算数"
    if not known:
        return f"J{made.id} 记为提议（{decider}）：{text[:40]}。这一级要指挥定"
    return _decided(ask, incident, made, "（代录）")


def _proxy_card(ask: Ask, made: work.Decision) -> Post:
    j = f"J{made.id}"
    buttons = (Button("yes", "属实", f"{j} 确认", "primary"), Button("no", "不对", f"{j} 否认"))
    card = Card(kind="ask", title=f"{ask.person.name}代您记了 {j}：{made.text[:60]}", incident=made.incident, buttons=buttons)
    return Post.of(card)


def _decided(ask: Ask, incident: Incident, made: work.Decision, mark: str) -> str:
    text = f"J{made.id} {made.said[:64]}{_known(made)}{mark}"
    if made.silent:
        clocking.meet(ask.db, incident, "first_statement", at=ask.at, by=made.decider)
    ask.tell(incident, text, "decision")
    return text


def _known(made: work.Decision) -> str:
    return f"（当时已知 {' '.join(f'F{n}' for n in made.known)}）" if made.known else ""


def _propose(ask: Ask, incident: Incident, made: work.Decision) -> str:
    deciders = [p for p in ask.house.with_role(Role.COMMANDER) if p.name != ask.person.name]
    told = ""
    if deciders:
        j = f"J{made.id}"
        buttons = (Button("yes", "同意", f"{j} 同意", "primary"), Button("no", "不同意", f"{j} 不同意"))
        title = f"{ask.person.name}提议 {j}（#{incident.id}）：{made.text[:60]}"
        ask.tell_one(
            deciders[0].name,
            Post.of(Card(kind="ask", title=title, incident=incident.id, buttons=buttons)),
            "proposed",
            incident,
        )
        told = f"，已私信{deciders[0].name}"
    level = incident.shown.label + "级" if incident.shown else ""
    grave = (incident.shown or Grade.BLUE) >= Grade.ORANGE
    who = "指挥" if grave else who_may("decide")
    return f"J{made.id} 记为提议：{made.text[:40]}。{level}要{who}定{told}"


def _verdict(ask: Ask, *, yes: bool) -> str:
    """A proposal decided, or the decider's word on what was recorded for him."""
    it = ask.decision(ask.intent.number("decision") or 0)
    incident = incidents.get(ask.db, it.incident) if it.incident else ask.incident()
    if it.state in ("superseded", "rejected"):
        raise UserError(f"J{it.id} 已不作数了")
    own = it.proxied and it.decider == ask.person.name
    if not own and not may_decide(ask.person, incident):
        raise Refused(f"你（{roles_of(ask.person)}）不能定 J{it.id}。可以的是：{it.decider or '指挥'}")
    if it.state == "decided" and not own:
        return f"J{it.id} 已经定了（{it.decider}）"
    for call in calls.waiting(ask.db, incident=it.incident):
        if call.talk and f" J{it.id}：" in call.why:
            calls.answer(ask.db, call, at=ask.at, by=ask.person.name)
    verb = "decision_confirm" if yes else "decision_deny"
    state = "decided" if yes else "rejected"
    confirmed = work.change_decision(
        ask.db,
        it,
        verb,
        at=ask.at,
        by=ask.person.name,
        why=ask.intent.text("reason"),
        state=state,
        decider=ask.person.name,
        confirmed_at=ask.at,
        known=it.known if own else [f.id for f in work.facts(ask.db, it.incident, ("confirmed",))],
    )
    if not yes:
        reason = ask.intent.text("reason")
        text = (
            f"J{it.id} {ask.person.name}{'否认' if own else '不同意'}{f'：{reason[:40]}' if reason else ''}。不作数，原文留存"
        )
        ask.tell(incident, text, "decision")
        return text
    return _decided(ask, incident, confirmed, "（本人确认）" if own else "")


def _supersede(ask: Ask, op: str) -> str:
    it = ask.decision(ask.intent.number("decision") or 0)
    incident = incidents.get(ask.db, it.incident) if it.incident else ask.incident()
    if not may_decide(ask.person, incident) and it.decider != ask.person.name:
        raise Refused(f"你（{roles_of(ask.person)}）不能改决策。可以的是：{it.decider or ''}、指挥".replace("：、", "："))
    if it.state in ("superseded", "rejected"):
        raise UserError(f"J{it.id} 已不作数了")
    words = ask.intent.text("text")
    if op == "revise" and not words:
        raise UserError(f"改成什么？如：J{it.id} 改成 先道歉后调查")
    words = words if op == "revise" else f"撤销 J{it.id}（{it.text[:40]}）"
    made = work.add_decision(
        ask.db,
        incident=it.incident,
        text=words,
        decider=ask.person.name,
        recorded_by=ask.person.name,
        at=ask.at,
        silent=op == "revise" and words.startswith(SILENT),
        replaces=it.id,
    )
    text = f"J{made.id} {ask.person.name}：{words[:60]}（替代 J{it.id}，原文留存）"
    ask.tell(incident, text, "decision")
    return text


def _for_me(ask: Ask) -> str:
    """The proposals that wait for this person's word, of all incidents."""
    waiting = [(i, d) for i, d in ask.proposed() if ask.person.name == d.decider or may_decide(ask.person, i)]
    if not waiting:
        return "没有等你定的决策。等你签的稿请回：待我签的"
    rows = [f"J{d.id} #{i.id} {i.title[:10]}：{d.text[:40]}" for i, d in waiting[:5]]
    j = waiting[0][1].id
    return "\n".join([f"等你定{len(waiting)}条", *rows, f"请回：J{j} 同意，或 J{j} 不同意 理由"])


def _list(ask: Ask) -> str:
    number = ask.intent.number("decision")
    incident = incidents.get(ask.db, ask.decision(number).incident or 0) if number else ask.incident()
    found = work.decisions(ask.db, incident.id, ("decided", "proposed", "superseded", "rejected"))
    if not found:
        return f"#{incident.id} 还没有决策"
    rows = [f"J{d.id} {LABELS[d.state]}{d.said[:44]}{'（代录）' if d.proxied else ''}" for d in found[-7:]]
    return f"#{incident.id} 决策{len(found)}条\n" + "\n".join(rows)


LABELS = {"decided": "", "proposed": "（提议）", "superseded": "（已替代）", "rejected": "（不作数）"}

COMMANDS: dict[str, Callable[[Ask], str]] = {"decision": decision}
