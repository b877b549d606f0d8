"""One guess for a line that was addressed to us and is no command: the nearest command on the object it names (room page 1.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.language import speech
from bot.language.lazy import later
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

_NEUTRAL = {"Ⓓ": "看稿 D{}", "Ⓣ": "T{} 完成", "Ⓕ": "事实列表", "Ⓙ": "决策列表", "Ⓘ": "状态 #{}"}
"""What is asked about an object where the line resembles no command."""
_CORRECTED = later(r"^(?:不对|不是|错了|说错|打错|啊不|哦不)")
_WORDS = (
    (later(r"升[红橙级]|定级|级别|[红橙黄蓝]色"), "定级"),
    (later(r"结案|可以结|结了|归档|关了"), "结案"),
    (later(r"重开|重新打开"), "重开"),
    (later(r"同意|签|审批|批准"), "审批进度"),
    (later(r"发布|发出去|能发|先别发"), "发布"),
    (later(r"上报|领导|集团"), "上报"),
    (later(r"(?:别|不要).{0,2}(?:@我|提醒我)"), "稍后"),
    (later(r"静音|别推|提醒"), "静音"),
    (later(r"电话(?:里)?谈"), "电话谈"),
    (later(r"任务|待办|完成|催"), "我的任务"),
    (later(r"合并|并[一到入]"), "并入"),
    (later(r"认领|谁跟|谁接"), "列表"),
    (later(r"^(?:撤回|撤销|取消|撤|删掉)"), "帮助"),
)
"""Command words in a line that resembles nothing and names no object."""


def guess(text: str, *, bot_names: Sequence[str] = BOT_NAMES, people: Sequence[str] = (), quote: Quote | None = None) -> str:
    """The nearest command as it would be typed, like 「认领 #12」; the empty string for chatter."""
    quoted = Quoted(quote.text[:2000], quote.sender) if quote and quote.text else None
    said = opened(text[:600], bot_names=bot_names, people=people, quote=quoted)
    if speech.chatter(said):
        return ""
    shares = likeness(said).shares
    things = [t for t in said.things if not t.bare] or list(said.things)
    kind = things[0].kind if things and things[0].kind in _TWINS else ""
    twins, number = _TWINS[kind], things[-1].number if kind else ""
    name = max(twins, key=lambda twin: shares.get(twin, 0.0))
    if "误报" in said.text and kind == "Ⓘ":
        return f"误报 #{number} 理由"
    if not re.search(r"[^\sⒾⓉⒻⒿⒹⓋ?？]", said.shape) or shares.get(name, 0.0) < LEAST or _CORRECTED.match(said.text):
        return _NEUTRAL[kind].format(number) if kind else _by_word(said.text)
    return twins[name].format(number)


def _by_word(text: str) -> str:
    return next((twin for pattern, twin in _WORDS if pattern.search(text)), "")
