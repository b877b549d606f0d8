"""The plan desk: what the playbook of an incident asks for, and how far it is."""

from __future__ import annotations

from collections.abc import Callable

from bot import planning
from bot.asking import Ask
from bot.model.incident import TYPES
from bot.plan.books import Plan
from bot.store import plans

STATES = {"provisional": "临时启动", "started": "已启动"}


def plan(ask: Ask) -> str:
    """预案：看这类事件的首批任务、要叫的人、会用到的稿件和法定时限。例：预案 #12"""
    incident = ask.incident()
    books: Plan = ask.house.plan
    book = books.playbook(incident.type)
    known = plans.plan_of(ask.db, incident.id, incident.round)
    lines = [f"#{incident.id} {TYPES[incident.type]}预案：{STATES[known.state] if known else '未启动'}"]
    steps = [
        f"{s.text}（{s.from_grade.label}起，{'/'.join(r.label for r in s.roles)}{'，阻断' if s.blocking else ''}）"
        for s in book.steps
    ]
    lines.append("首批任务：" + ("；".join(steps[:6]) or "无"))
    lines.append("要到位：" + "、".join(role.label for role in book.call))
    if empty := planning.empty_posts(ask.house, book):
        lines.append(planning.missing(empty))
    rules = [rule.name for rule in books.rules if rule.id in book.clocks]
    if rules:
        lines.append(f"可能的法定时限：{'、'.join(rules)}（非法律意见）")
    return "\n".join(lines) + ask.hint(incident)


COMMANDS: dict[str, Callable[[Ask], str]] = {"plan": plan}
