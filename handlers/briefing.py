"""The leaders' desk: what they answer to a brief."""

from __future__ import annotations

from collections.abc import Callable

from bot import calling
from bot.asking import Ask
from bot.errors import UserError
from bot.model.people import Role
from bot.store import calls, incidents, plans, work


def phone_talk(ask: Ask) -> str:
    """电话谈：领导想先通电话再定，请值班长打过去。例：电话谈 J3"""
    number = ask.intent.number("decision")
    it = ask.decision(number) if number is not None else _only_one(ask)
    incident = incidents.get(ask.db, it.incident) if it.incident else None
    if not (ask.person.has(Role.COMMANDER) or it.decider == ask.person.name):
        raise UserError(f"J{it.id} 等{it.decider or '指挥'}来定")
    if it.state != "proposed":
        return f"J{it.id} 已定，不用再谈"
    if incident:
        plans.mark_read(ask.db, ask.person.name, incident.id, at=ask.at)
        incidents.note(ask.db, incident.id, "phone_talk", at=ask.at, by=ask.person.name, why=f"J{it.id}")
    key = f"talk:{it.id}:{ask.person.name}"
    calling.call(ask.db, ask.house, incident, ask.person.name, f"{calls.TALK} J{it.id}：{it.text[:40]}", at=ask.at, key=key)
    return f"J{it.id} 先不定，已请值班长马上电话您"


def _only_one(ask: Ask) -> work.Decision:
    """The only proposal that this person may be asked about."""
    mine = [d for _, d in ask.proposed() if ask.person.has(Role.COMMANDER) or d.decider == ask.person.name]
    if len(mine) == 1:
        return mine[0]
    listed = "｜".join(f"J{d.id} {d.text[:16]}" for d in mine[:5])
    raise UserError(f"谈哪一条？{listed}\n如：电话谈 J{mine[0].id}" if mine else "没有等您定的决策，不用电话")


COMMANDS: dict[str, Callable[[Ask], str]] = {"phone_talk": phone_talk}
