"""One guess for a line that was addressed to us and is no command: the nearest command on the object it names (room page 1.4)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.language import speech
from bot.language.resembling import likeness
from bot.language.said import BOT_NAMES, Quoted, opened
from bot.model.message import Quote

LEAST = 0.25
"""Certainty from which a line that names no object is taken for a command at all."""
_TWINS = {
    "Ⓓ": {"approve": "同意 D{}", "publish": "发布 D{}", "draft": "改 D{}"},
    "Ⓣ": {"task": "T{} 完成", "assign": "指派 T{}", "claim": "认领 T{}"},
    "Ⓕ": {"fact": "F{} 核实了"},
    "Ⓙ": {"decision": "撤销 J{}"},
    "Ⓘ": {
        "status": "状态 #{}", "claim": "认领 #{}", "assign": "指派 #{}", "grade": "定级 #{}", "close": "结案 #{}", "reopen": "重开 #{}",
        "escalate": "上报 #{}", "mute": "静音 #{}", "summary": "简报 #{}", "trend": "趋势 #{}", "review": "复盘 #{}", "draft": "起草声明 #{}",
    },
    "": {"list": "列表", "help": "帮助", "task": "我的任务", "summary": "日报", "decision": "决策列表", "drill": "演练", "fact": "事实列表"},
}  # fmt: skip
"""The command that a button would type, by the kind of object and the intent."""


def guess(text: str, *, bot_names: Sequence[str] = BOT_NAMES, people: Sequence[str] = (), quote: Quote | None = None) -> str:
    """The nearest command as it would be typed, like 「认领 #12」; the empty string for chatter."""
    quoted = Quoted(quote.text[:2000], quote.sender) if quote and quote.text else None
    said = opened(text[:600], bot_names=bot_names, people=people, quote=quoted)
    if speech.chatter(said):
        return ""
    shares = likeness(said).shares
    things = [t for t in said.things if not t.bare] or list(said.things)
    kind = things[0].kind if things and things[0].kind in _TWINS else ""
    twins = _TWINS[kind]
    name = max(twins, key=lambda twin: shares.get(twin, 0.0))
    if not kind and shares.get(name, 0.0) < LEAST:
        return ""
    return twins[name].format(things[0].number if kind else "")
