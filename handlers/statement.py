"""The statement desk: a first holding draft."""

from __future__ import annotations

from collections.abc import Callable

from bot import handling
from bot.commands import Ask, Refused
from bot.drafting.holding import LABELS, fill, template
from bot.errors import UserError
from bot.model.card import Post
from bot.model.people import Role, who_may
from bot.store import mentions, statements, work

TYPES = {"holding": "首发"}


def draft(ask: Ask) -> str:
    """起草：写首发声明的草稿，只用已核实的事实。例：起草首发 #12"""
    kind = str(ask.intent.slots.get("statement_type") or "holding")
    if kind not in TYPES:
        raise UserError("现在只能起草首发（暂回应）。回：起草首发 #12")
    incident = ask.incident()
    note = ask.require("draft", incident)
    if note == "g" and not ask.person.has(Role.DUTY):
        raise Refused(f"首发由公关、法务、指挥、值班长起草。可以的是：{who_may('draft')}")
    local = ask.at.astimezone(ask.house.zone)
    facts = work.facts(ask.db, incident.id, ("confirmed",))
    done = [t.text for t in work.tasks(ask.db, incident=incident.id, live=False) if t.state == "done"]
    strands = mentions.strands_of(ask.db, incident.id)
    first = next(iter(mentions.examples(ask.db, strands, 1)), None) if strands else None
    values = {
        "matter": incident.title[:20],
        "time_known": f"{incident.opened_at.astimezone(ask.house.zone):%m月%d日%H:%M}",
        "channel_seen": (first["platform"] or first["source"]) if first else "",
        **{f"action_done_{n}": text for n, text in enumerate(done[:3], 1)},
        "contact": ask.house.contact,
        "contact_hours": ask.house.contact_hours,
        "company_full_name": ask.house.full_name,
        "date": f"{local:%Y年%m月%d日}",
    }
    text, missing = fill(template(kind), values)
    made = statements.add(
        ask.db, incident=incident.id, type=kind, text=text, facts=[f.id for f in facts], by=ask.person.name, at=ask.at
    )
    blanks = "、".join(LABELS.get(name, name) for name in missing)
    head = f"{made.name} {TYPES[kind]}草稿" + (f"：缺 {blanks}" if blanks else "")
    handling.tell_rooms(
        ask.db,
        ask.house,
        incident,
        Post(f"{head}（{ask.person.name}）"),
        at=ask.at,
        kind="notice",
        reason="draft",
        besides=ask.room,
    )
    return f"{head}\n{text}\n（草稿，未经审批不得对外）"


COMMANDS: dict[str, Callable[[Ask], str]] = {"draft": draft}
