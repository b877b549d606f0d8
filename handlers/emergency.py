"""The emergency desk: a first statement by two people out of the template, confirmed by the commander afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot import redraft, signoff
from bot.commands import Ask, Refused
from bot.drafting import signing
from bot.drafting.binding import near
from bot.drafting.templates import BLANK_MARK, LABELS, Template
from bot.errors import UserError
from bot.model.people import Role
from bot.store import statements, timers, work
from bot.store.statements import Draft


def emergency(ask: Ask) -> str:
    """紧急首发：值班长加法务或公关一人即可发首发，事后指挥追认。例：紧急首发 D1"""
    if not ask.person.has(Role.DUTY):
        raise Refused("紧急首发由值班长发起。可以的是：值班长")
    it = _holding(ask)
    template = ask.house.book.templates["holding"]
    if it.type != "holding" or it.form:
        raise UserError("紧急首发只用于首发（暂回应）")
    if it.state not in ("draft", "review") or it.dead:
        raise UserError(f"{it.name} 现在不能走紧急首发")
    if blanks := [m[1] for m in BLANK_MARK.finditer(it.text)]:
        raise UserError(f"{it.name} 还有没填的空：{'、'.join(blanks)}。填好再回：紧急首发 D{it.id}")
    if it.model or not template.only_filled(it.text):
        raise UserError(f"{it.name} 不是模板原文：紧急首发只能填空，不能改别的字。请走正常会签：送审 D{it.id}")
    if found := [
        f for f in signoff.lint_text(ask.db, ask.house, it.text, it, ask.at).findings if not f.waivable or f.family == "missing"
    ]:
        raise UserError(f"{it.name} 还不能走紧急首发：" + "；".join(f.what for f in found[:5]))
    if loose := _unproved(ask, it, template):
        raise UserError(
            f"{it.name} 还不能走紧急首发：做完的事要有完成的任务或已核实的事实，这里没有：{'、'.join(f'「{words}」' for words in loose)}"
        )
    it = signoff.cited_anew(ask.db, ask.house, it, ask.at)
    it = statements.change(
        ask.db, it, "emergency", at=ask.at, by=ask.person.name, emergency=True, state="review", submitted_at=ask.at
    )
    matter = signoff.matter_of(ask.db, ask.house, it)
    if not any(
        s.person == ask.person.name and not s.void and s.version == it.version for s in statements.signatures(ask.db, it.id)
    ):
        statements.sign(ask.db, it, person=ask.person.name, role=Role.DUTY, grade=matter.grade, at=ask.at, by=ask.person.name)
    barred = {*statements.authors(ask.db, it.id), ask.person.name}
    asked = [p for p in ask.house.with_role(*signing.EMERGENCY_SECOND) if p.name not in barred]
    for person in asked:
        signoff.ask_to_sign(ask.db, ask.house, it, person, Role.LEGAL, ask.at)
    if not asked:
        raise UserError("没有法务或公关能加签，紧急首发走不了")
    text = f"{it.name} 紧急首发：值班长✓{ask.person.name}，等 {'或'.join(p.name for p in asked)} 一人。复盘会列出"
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="emergency", besides=ask.room)
    return text


def _unproved(ask: Ask, it: Draft, template: Template) -> list[str]:
    """What the text says was done and neither a finished task nor a confirmed fact tells: this path has no time for a second look."""
    span = template.place(it.text, LABELS["actions_done"])
    if span is None or it.incident is None:
        return []
    known = [t.text for t in work.tasks(ask.db, incident=it.incident, live=False) if t.state == "done"]
    known += [f.text for f in work.facts(ask.db, it.incident) if f.state == "confirmed"]
    said = [words for words in re.split(r"[；;，,、]|并(?!非|未)", it.text[span[0] : span[1]]) if len(words.strip()) > 1]
    return [words.strip()[:20] for words in said if not any(near(words, text) for text in known)]


def _holding(ask: Ask) -> Draft:
    if (it := redraft.by_number(ask)) is not None:
        return it
    incident = ask.incident()
    made = [d for d in statements.of_incident(ask.db, incident.id) if d.type == "holding" and d.state in ("draft", "review")]
    if not made:
        raise UserError(f"先起草：起草首发 #{incident.id}")
    return made[-1]


def endorse(ask: Ask) -> str:
    """追认：指挥事后确认紧急首发。例：追认 D1　不追认 D1 理由"""
    it = redraft.by_number(ask) or redraft.the_only_one(ask, ("released",))
    if not it.emergency:
        raise UserError("这份稿没有走紧急首发")
    if not ask.person.has(Role.COMMANDER):
        raise Refused("追认由指挥来。可以的是：指挥")
    refused = "不追认" in ask.text
    verdict = f"{'不' if refused else ''}追认：{ask.person.name}"
    statements.change(ask.db, it, "endorse", at=ask.at, by=ask.person.name, why=ask.intent.text("text"), endorsed_by=verdict)
    timers.end_timers(ask.db, f"endorse:{it.id}:", ask.at, verdict)
    tail = f"。请撤下或更正：撤下 D{it.id} 理由｜更正 D{it.id}" if refused else ""
    text = f"{it.name} 紧急首发{'未获' if refused else '已获'}{ask.person.name}追认{tail}"
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="endorsed", besides=ask.room)
    return text


COMMANDS: dict[str, Callable[[Ask], str]] = {"emergency": emergency, "endorse": endorse}
