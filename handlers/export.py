"""The export desk: the whole record of an incident as an archive, for commander and legal."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from bot.asking import Ask
from bot.store import record


def export(ask: Ask) -> str:
    """导出：整件事的档案，发到你的私信。例：导出 #12"""
    incident = ask.incident(merged=True)
    ask.require("export")
    ask.confirm(
        f"导出 #{incident.id} {incident.title[:20]} 的全部记录，发到{ask.person.name}的私信。会离开本系统，请确认",
        fingerprint=f"{incident.id}:export:{ask.person.name}",
        code=f"{secrets.randbelow(10_000):04d}",
    )
    record.ask(ask.db, incident.id, ask.person.name, ask.at)
    return f"#{incident.id} 的档案在备，稍后发到你的私信"


COMMANDS: dict[str, Callable[[Ask], str]] = {"review export": export}
