"""「已恢复」 is said only after our own probes were green for half an hour (room page 4, domain handbook 10 E).

It binds whoever says it: a task to restore that is done, a fact that is confirmed, a text that goes out.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.model.incident import Incident
from bot.model.probe import RESTORED_AFTER
from bot.model.times import clock_of, from_iso
from bot.store import rooms

OURS = ("outage", "defacement")
"""The types that are about our own site, which our own probes see."""
_DONE = re.compile(r"已经?|全部|全面|完全|恢复正常|恢复了|恢复上线|(?:服务|访问|功能|网站|系统)(?:都|均)?恢复")
_NOT_YET = re.compile(r"未|没|正在|预计|开始|逐步|只读|部分|争取|何时|待|将|计划|恢复(?:中|时间|方案|进度|后)")
_CLAUSE = re.compile(r"[，。；！？,;!?\n]")
_TASK = re.compile(r"(?<!预计)恢复(?!时间|方案|计划|进度|演练)")


def claims(text: str) -> bool:
    """Whether a text says that a service is back: 「服务已恢复」, but not 「预计18点恢复」 or 「以只读方式恢复」."""
    clauses = _CLAUSE.split(text)
    return any("恢复" in part and _DONE.search(part) and not _NOT_YET.search(part) for part in clauses)


def restores(incident: Incident | None, task: str) -> bool:
    """Whether a task is to bring our own site back, so that its end says 「已恢复」."""
    return incident is not None and incident.type in OURS and bool(_TASK.search(task))


def lacking(db: Database, incident: Incident | None, now: datetime) -> str:
    """What keeps 「已恢复」 from being said about this incident: each probe that is down, or green for less than half an hour.

    Empty where all are green, where nothing was ever seen down, and for matters that no probe of ours sees.
    """
    if incident is None or incident.type not in OURS:
        return ""
    state: dict[str, dict[str, Any]] = rooms.kept(db, "probes") or {}
    return "；".join(filter(None, (_lack(name, each, now) for name, each in sorted(state.items()))))


def _lack(name: str, probe: dict[str, Any], now: datetime) -> str:
    if probe["down"]:
        return f"{name} {clock_of(from_iso(probe['down']), now)} 起还打不开"
    if not probe.get("up"):
        return ""
    earliest = from_iso(probe["up"]) + timedelta(seconds=RESTORED_AFTER)
    if earliest > now:
        return f"{name} 要连续30分钟正常，最早 {clock_of(earliest, now)}"
    return f"{name} 还没有探测到连续30分钟正常"
