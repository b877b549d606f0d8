"""What somebody typed, as an intent with its slots (domain handbook 12). Deterministic, offline, a few milliseconds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.language import slots as cut
from bot.language import speech
from bot.language.deciding import decided
from bot.language.grammar.draft import EDITED
from bot.language.lazy import later
from bot.language.refusal import read_refusal
from bot.language.said import BOT_NAMES, Quoted, Said, opened
from bot.language.several import headed, mixed, several, stopped
from bot.language.single import one
from bot.model.intent import NONE, Intent
from bot.model.message import Quote

LONGEST = 600
"""Longer lines are no commands but texts; only the first part is read."""

_RESERVED = later(
    r"^(?:[一-龥]{2,8}\s?起点改[为到成]?|研判|起点改?|花费|已报|已电话|电话表|值班|绑定|我是谁|角色|存证|披露|稍后|交班|跟踪|恢复处置|送审|保密|接"
    r"|未发|没发成?|已阅|已读|已告知|待答|疑问|已答|补记|确认起点|免报|豁免|不适用|(?:法定)?时限|预案|照报|补一句|"
    r"(?:情况)?无变化|电话谈|溯源|拆[分出]"
    r"|关键账号|改进(?:项)?(?:已)?完成"
    r"|确认\s?[0-9a-f]{4}|为什么|试规则|不是负面|是负面|紧急首发|加签|转代理|启动|(?:请假|休假|销假|顶班|替班)|(?:存证|证据)(?:列表|清单)|口径|采访\d{0,4}|"
    r"第三方\d{0,4}|受众(?:计划)?|忽略|不?追认|还[差缺](?:什么|啥)"
    r"|上报(?=[\s:：])(?!.*(?:#|Ⓘ|Ⓟ|给|向))(?!\s*\d)(?=.*Ⓤ|.{9,})|report\b|assess\b|confirm\b|whoami\b)(?=\s|$|#|Ⓘ|[:：]|Ⓟ|Ⓙ)|^(?:未发(?:布|出)?|没发成?)(?=Ⓓ)|^已经?(?:告知|通知)(?!Ⓟ|领导|老板)|^(?:[一-龥]{2,8}\s?)?起点改[为到成]?(?=\d)"
)
_OBJECT_FIRST = later(
    r"^q\s?\d{1,4}\s?(?:已答|答复?)(?=[\s:])"
    r"|^(?:Ⓓ+|Ⓙ+)\s?(?:Ⓥ+\s?)?(?:送审|加签|转代理|紧急首发|改好|忽略|对比|看稿|不?追认)(?=\s|$)"
)


def understand(
    text: str, *, bot_names: Sequence[str] = BOT_NAMES, people: Sequence[str] = (), quote: Quote | None = None
) -> Intent:
    """The intent of one message; ``none`` where it is no command.

    ``people`` are known names (they are recognised without @). The quoted message comes as ``quote`` or stands in the text
    itself: 「name：text」, a dashed line, then the command. Never raises on any text.
    """
    quoted = Quoted(quote.text[:2000], quote.sender) if quote and quote.text else None
    said = opened(text[: 2000 + LONGEST], bot_names=bot_names, people=people, quote=quoted)
    if len(said.raw) > LONGEST:
        said = said.part(0, LONGEST)
    if speech.chatter(said) and not re.fullmatch(r"[?？]+", said.text):
        return _chatter(said)
    if refused := read_refusal(said):
        return refused
    if _RESERVED.match(said.shape) or _OBJECT_FIRST.match(said.shape):
        return headed(said) or NONE
    if found := several(said):
        return found
    if mixed(said):
        return stopped(said)
    return one(said) if EDITED.match(said.shape) else _sent(said, decided(said, one(said)))


def _sent(said: Said, found: Intent) -> Intent:
    """What could not be sent is told, not asked for: 「D1 微博没发成」 is no release."""
    if found.name != "publish" or "op" in found.slots or not _FAILED.search(said.text):
        return found
    return Intent("not_released", cut.put({"draft": found.slots.get("draft")}, channels=cut.channels(said)), 0.8)


_FAILED = later(r"没能?发(?:成|出去?|上去?|布成功)|未能?发(?:成|出)|发(?:送|布)?失败|发不(?:出去|上去|了)|没有发(?:成|出去)")


def _chatter(said: Said) -> Intent:
    return (
        Intent("approve", {"draft": said.number("Ⓓ"), "verdict": "approve"}, 0.8)
        if said.quoted_things and re.match(r"(?:ok|👌|✅)\W*$", said.text) and said.number("Ⓓ")
        else NONE
    )
