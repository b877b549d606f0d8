"""Dangerous acts wait as rows for a confirmation, and are checked again when they run (room page, section 7)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import cards, moves
from bot.asking import Ask, Refused, Unconfirmed
from bot.errors import UserError
from bot.model.card import Post
from bot.model.intent import Intent
from bot.model.message import Answer
from bot.model.people import Person, Role
from bot.store import incidents, outbox, pending, statements, timers, work
from bot.store.pending import Pending

NUMBER = re.compile(r"#?(\d{1,9})号?")
CODE = re.compile(r"(?:@\S+\s*)?确认\s*([0-9A-Fa-f]{4})\s*[。！!.]?")
STOP = re.compile(
    r"(?:@\S+\s*)*(?:取消|算了|不要|不做|先不做|别做|别动|先等等|等等|等一下|慢着|停|停下|撤回|撤销|不确认|先不确认|不同意|不是|不|否|no|cancel|stop)"
    r"(?:了|吧|啊|呀|先)*[\s。.!！~…]*",
    re.IGNORECASE,
)
"""A whole line that calls off what waits for the same person's confirmation; elsewhere it means what it means."""
NO = ("退回", "不同意", "驳回")


def wait(ask: Ask, wish: Unconfirmed) -> Answer:
    """Keeps the act and says the short echo; one that takes a second person is put before everybody of that role."""
    seconds = ask.house.second_s if wish.by else ask.house.confirm_s
    until = ask.at + timedelta(seconds=seconds)
    incident = moves.object_of(wish.fingerprint)
    id = pending.ask(
        ask.db,
        person=ask.person.name,
        room=ask.room,
        verb=ask.intent.name,
        body={
            "slots": dict(ask.intent.slots),
            "text": ask.text,
            "quote": ask.quote,
            "quote_sender": ask.quote_sender,
            "card": ask.card_incident,
            "incident": incident,
        },
        echo=wish.echo,
        fingerprint=wish.fingerprint,
        at=ask.at,
        expires_at=until,
        code=wish.code,
        by=wish.by,
    )
    if wish.by:
        timers.set_timer(ask.db, f"lapse:{id}", "lapse", until, at=ask.at, act=id)
        return _ask_second(ask, wish)
    minutes = int(seconds // 60)
    how = f"{minutes}分钟内回：确认 {wish.code}" if wish.code else f"{minutes}分钟内按「确认」或回：确认"
    number = incident or ask.intent.number("incident")
    card = cards.ask_card(f"{wish.echo}\n{how}", f"确认 {wish.code or incident or ''}".strip(), incident=number)
    return Answer((card,))


def by_code(db: Database, text: str, at: datetime) -> Intent | None:
    """「确认 F312」 where an act with that code waits, whoever types it: then it is never read as the number of a fact."""
    found = CODE.fullmatch(text.strip())
    code = found[1].upper() if found else ""
    waiting = pending.waiting(db, at) if code else []
    return Intent("confirm", {"code": code}) if any(act.code.upper() == code for act in waiting) else None


def _ask_second(ask: Ask, wish: Unconfirmed) -> Answer:
    role = Role(wish.by)
    others = seconds_for(ask, role)
    if not others:
        raise UserError(f"这一步要{role.label}确认，但没有别的{role.label}")
    number = moves.object_of(wish.fingerprint) or ask.intent.number("incident") or ask.card_incident
    incident = incidents.find(ask.db, number) if number else None
    post = cards.second_card(f"{ask.person.name}提请：{wish.echo}", ask.person.name, incident=number)
    told = [p.name for p in others if ask.tell_one(p.name, post, "second", incident)]
    return Answer(
        (Post(f"{wish.echo}：要{role.label}确认，已私信{'、'.join(told)}，{int(ask.house.second_s // 60)}分钟内有效"),)
    )


def seconds_for(ask: Ask, role: Role) -> list[Person]:
    """Everybody of a role but the person who asks."""
    return [p for p in ask.house.with_role(role) if p.name != ask.person.name]


def chosen(ask: Ask) -> Pending:
    """The act that 「确认」 means here: the code's, that of the person or incident named, else the only one waiting."""
    code = ask.intent.text("code").upper()
    acts = [p for p in pending.waiting(ask.db, ask.at) if _may_confirm(p, ask)]
    if not (code and any(p.code.upper() == code for p in acts)) and (number := _incident_named(ask)) is not None:
        code = ""
        acts = [p for p in acts if p.body.get("incident") in (None, number)]
    if code:
        acts = [p for p in acts if p.code.upper() == code]
    else:
        named = [p for p in acts if p.person in ask.text and p.person != ask.person.name]
        acts = named or [p for p in acts if not p.code]
    if not acts:
        own = [p for p in pending.waiting(ask.db, ask.at, person=ask.person.name) if p.by]
        coded = [p for p in pending.waiting(ask.db, ask.at, person=ask.person.name, room=ask.room) if p.code]
        if coded and not code:
            head = "没有等你确认的这个码。" if _wrong_code(ask, coded) else ""
            raise UserError(head + "｜".join(f"{_short(p.echo)}：请带上码，回：确认 {p.code}" for p in coded[:3]))
        if own:
            raise UserError(f"这一步要{Role(own[-1].by).label}确认，不能由提请的人自己确认")
        raise UserError("没有等你确认的事，或已过时。请重新发一次指令")
    if len(acts) > 1 and _incident_named(ask) is not None:
        acts = [p for p in acts if p.person == ask.person.name] or acts
    if len(acts) > 1:
        waiting = "\n".join(f"{_short(p.echo)}：确认 {_name_of(p, ask)}" for p in acts[:5])
        raise UserError(f"有几件在等，请按那张卡上的「确认」，或回：\n{waiting}")
    return acts[0]


def _wrong_code(ask: Ask, coded: Sequence[Pending]) -> bool:
    """Something was typed as a code that is neither one of these nor the incident of one."""
    typed = (ask.intent.text("code") or ask.intent.text("text")).strip()
    return bool(typed) and _incident_named(ask) not in [act.body.get("incident") for act in coded]


def _short(echo: str) -> str:
    """The object an echo begins with, and the act it ends with."""
    line = echo.splitlines()[0].rstrip("，。；")
    return line if len(line) <= 24 else f"{line[:10]}…{line[-10:]}"


def _name_of(act: Pending, ask: Ask) -> str:
    """What to type for one act among several: its code, who asked for it, or its incident."""
    return act.code or (act.person if act.person != ask.person.name else str(act.body.get("incident") or ""))


def called_off(db: Database, text: str, person: str, room: str, at: datetime) -> str:
    """「取消」 of who asked ends what waits here for a confirmation; empty where nothing does, or the line says something else."""
    acts = pending.waiting(db, at, person=person, room=room) if STOP.fullmatch(text.strip()) else []
    for act in acts:
        pending.finish(db, act.id, "refused")
        timers.end_timers(db, f"lapse:{act.id}", at, "已取消")
    return f"好，不做了：{'；'.join(act.echo.splitlines()[0][:40] for act in acts)}" if acts else ""


def of_another(ask: Ask) -> Pending | None:
    """The act of somebody else in this room that this 「确认」 is about: it dies when another person answers."""
    waiting = pending.waiting(ask.db, ask.at)
    if not ask.room or any(_may_confirm(act, ask) or act.person == ask.person.name for act in waiting):
        return None
    code, number = ask.intent.text("code").upper(), _incident_named(ask)
    acts = [act for act in waiting if act.room == ask.room and not act.by]
    if code and any(act.code.upper() == code for act in acts):
        return next(act for act in acts if act.code.upper() == code)
    if code and number is None:
        return None
    acts = [act for act in acts if not act.code and (number is None or act.body.get("incident") == number)]
    return acts[0] if len(acts) == 1 else None


def _incident_named(ask: Ask) -> int | None:
    """The incident of the card that was pressed or quoted, or the number that was typed."""
    typed = NUMBER.fullmatch(ask.intent.text("code") or ask.intent.text("text").removeprefix("退回").strip())
    return int(typed[1]) if typed else ask.card_incident


def meant(ask: Ask) -> Ask:
    """「确认 #12」 claims an alert, but confirms while an act on #12 waits for this person; 「同意」 in private answers the one
    question that was put before who types it, where no draft waits for a signature."""
    if ask.intent.name == "approve":
        return _answered(ask)
    text = ask.text.strip()
    if ask.intent.name != "claim" or not text.startswith("确认"):
        return ask
    yes = replace(ask, intent=Intent("confirm", {"text": text.removeprefix("确认").strip()}))
    waits = any(
        p.body.get("incident") == _incident_named(yes) and _may_confirm(p, yes) for p in pending.waiting(ask.db, ask.at)
    )
    return yes if waits and _incident_named(yes) else ask


def _answered(ask: Ask) -> Ask:
    op = {"approve": "confirm", "reject": "retract"}.get(ask.intent.text("verdict"), "")
    questions = questions_for(ask) if op and ask.intent.number("draft") is None else []
    acts = put_before(ask)
    if op == "retract" and len(acts) == 1 and not questions and not statements.waiting_for(ask.db, ask.person.name):
        return replace(ask, intent=Intent("confirm", {"text": f"退回 {acts[0].person}"}))
    if len(questions) != 1 or acts or statements.waiting_for(ask.db, ask.person.name):
        return ask
    slots = {"op": op, "decision": questions[0].id, "reason": ask.intent.text("comment")}
    return replace(ask, intent=Intent("decision", slots))


def put_before(ask: Ask) -> list[Pending]:
    """What others ask this person to confirm; in private, where it was put."""
    return [] if ask.room else [act for act in pending.waiting(ask.db, ask.at) if act.by and _may_confirm(act, ask)]


def questions_for(ask: Ask) -> list[work.Decision]:
    """The questions that wait for this person's word: they were put in private and are answered there."""
    if ask.room:
        return []
    proposed = [d for i in incidents.listed(ask.db) if ask.sees(i) for d in work.decisions(ask.db, i.id, ("proposed",))]
    return [d for d in proposed if d.decider == ask.person.name or (not d.decider and ask.person.has(Role.COMMANDER))]


def _may_confirm(act: Pending, ask: Ask) -> bool:
    if act.by:
        return ask.person.has(Role(act.by)) and act.person != ask.person.name
    return act.person == ask.person.name and act.room == ask.room


def refused(ask: Ask) -> bool:
    """Whether the second person says no: 「确认 退回 李雷」 is what the card's other button types."""
    return ask.intent.text("text").startswith(NO)


def pass_on(ask: Ask, refusal: Refused) -> None:
    """The wish of somebody who may not: one press for the person who may."""
    if refusal.wish is None:
        return
    name, line = refusal.wish
    number = ask.intent.number("incident") or ask.card_incident
    post = cards.ask_card(f"{ask.person.name}想请你：{line}", line, incident=number, danger=False)
    ask.tell_one(name, post, "wish", incidents.find(ask.db, number) if number else None)


def turn_down(ask: Ask, act: Pending) -> Answer:
    """The second person says no; the asker hears it."""
    if not act.by:
        pending.finish(ask.db, act.id, "refused")
        return Answer((Post("好，不做了"),))
    pending.finish(ask.db, act.id, "refused")
    timers.end_timers(ask.db, f"lapse:{act.id}", ask.at, "已退回")
    text = f"{ask.person.name}退回：{act.echo.splitlines()[0]}"
    if act.room:
        outbox.put(ask.db, Post(text), at=ask.at, kind="notice", reason="refused", room=act.room)
    else:
        ask.tell_one(act.person, text, "refused")
    return Answer((Post(f"已退回，{act.person}会看到"),))
