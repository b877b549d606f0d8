"""The first holding statement, filled from confirmed facts only; what is missing stands as a visible blank."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

BLANK = "【待填：{}】"
_SLOT = re.compile(r"\{\{(\w+)\}\}")
LABELS = {
    "matter": "事由",
    "time_known": "获知时间",
    "channel_seen": "渠道",
    "affected_people": "受影响的人",
    "action_done_1": "已做一",
    "action_done_2": "已做二",
    "action_done_3": "已做三",
    "next_update_time": "下次通报时间",
    "next_update_channel": "通报渠道",
    "contact": "联系方式",
    "contact_hours": "服务时间",
    "company_full_name": "公司全称",
    "date": "日期",
}


def template(name: str, plan: Path | None = None) -> str:
    """A statement template: the company's own under ``plan``, else the shipped one."""
    own = plan / f"{name}.txt" if plan else None
    if own and own.exists():
        return own.read_text(encoding="utf-8")
    return resources.files("bot.drafting").joinpath(f"data/{name}.txt").read_text(encoding="utf-8")


def fill(text: str, values: Mapping[str, str]) -> tuple[str, Sequence[str]]:
    """The text with its slots filled, and the names of those left blank."""
    missing = [name for name in dict.fromkeys(_SLOT.findall(text)) if not values.get(name)]
    filled = _SLOT.sub(lambda m: values.get(m[1]) or BLANK.format(LABELS.get(m[1], m[1])), text)
    return filled.strip(), missing
