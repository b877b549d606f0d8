"""What somebody typed, as an intent with its slots (domain handbook 12). Deterministic, offline, a few milliseconds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.language import slots as cut
from bot.language import speech
from bot.language.deciding import decided, grave, kept
from bot.language.grammar.approve import read_approve
from bot.language.grammar.decision import read_decision
from bot.language.grammar.draft import EDITED, read_draft
from bot.language.grammar.drill import read_drill
from bot.language.grammar.escalate import read_escalate
from bot.language.grammar.fact import read_fact
from bot.language.grammar.grading import read_grade
from bot.language.grammar.helping import read_help
from bot.language.grammar.incident import read_claim, read_close, read_reopen
from bot.language.grammar.lookup import read_list, read_status
from bot.language.grammar.mute import read_mute
from bot.language.grammar.people import read_assign
from bot.language.grammar.publish import read_publish
from bot.language.grammar.report import read_summary, read_trend
from bot.language.grammar.reviewing import read_review
from bot.language.grammar.work import read_task
from bot.language.lazy import later
from bot.language.ordering import asks
from bot.language.refusal import read_refusal
from bot.language.said import BOT_NAMES, Quoted, Said, opened
from bot.language.verbs import read_verb
from bot.model.intent import NONE, Intent
from bot.model.message import Quote

Reader = Callable[[Said], Intent | None]
LONGEST = 600
"""Longer lines are no commands but texts; only the first part is read."""

_READERS: tuple[Reader, ...] = (
    read_help, read_drill, read_review, read_reopen, read_task, read_fact, read_decision, read_approve, read_publish, read_draft,
    read_grade, read_mute, read_close, read_escalate, read_assign, read_claim, read_summary, read_trend, read_list, read_status,
)  # fmt: skip
_RESERVED = later(
    r"^(?:研判|起点改?|花费|已报|已电话|电话表|值班|绑定|我是谁|角色|存证|披露|稍后|交班|跟踪|恢复处置|送审|保密|接"
    r"|未发|没发成?|已阅|已读|已告知|待答|疑问|已答|补记|确认起点|免报|豁免|不适用|(?:法定)?时限|预案|照报|补一句|"
    r"(?:情况)?无变化|电话谈|溯源|拆[分出]"
    r"|关键账号|改进(?:项)?(?:已)?完成"
    r"|确认\s?[0-9a-f]{4}|为什么|试规则|不是负面|是负面|紧急首发|加签|转代理|启动|口径|采访\d{0,4}|"
    r"第三方\d{0,4}|受众(?:计划)?|忽略|不?追认|还[差缺](?:什么|啥)"
    r"|上报(?=[\s:：])(?!.*(?:#|Ⓘ|Ⓟ|给|向))(?!\s*\d)(?=.*Ⓤ|.{9,})|report\b|assess\b|confirm\b|whoami\b)(?=\s|$|#|Ⓘ|[:：]|Ⓟ|Ⓙ)|^(?:未发(?:布|出)?|没发成?)(?=Ⓓ)"
)
_OBJECT_FIRST = later(r"^(?:Ⓓ+|Ⓙ+)\s?(?:Ⓥ+\s?)?(?:送审|加签|转代理|紧急首发|改好|忽略|对比|看稿|不?追认)(?=\s|$)")
_BREAK = later(
    r"[,，。;；\n]+|(?<=[Ⓣ\dⒾⒹ][一-龥]{2})\s(?=#?[ⒾⓉⒹ]+\s?[一-龥])|(?<=[Ⓣ\dⒾⒹ][一-龥]{3})\s(?=#?[ⒾⓉⒹ]+\s?[一-龥])|(?:然后"
    r"|并且|顺便|顺手|同时|接着|再(?=把|给|派|定|静音|上报|起草|发|催|报|出|做|写|复盘|结案)|另外"
    r"|还有(?=把)|以及|并(?=上报|报|派|指派|静音|通知|升|起草|定|认领|结案|发布|转|交|复盘|归档|汇总|出)"
    r"|,?\s?and\s(?:then\s)?|\s\+\s|再(?=通知))"
)
_SWALLOWS = {"fact", "decision", "draft", "task", "summary", "review"}


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
        return _headed(said) or NONE
    if found := several(said):
        return found
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
        if said.quoted_things and re.match(r"ok\W*$", said.text) and said.number("Ⓓ")
        else NONE
    )


def one(said: Said) -> Intent:
    """The best reading of a line or clause as a single command."""
    best = NONE
    unreal = speech.unreal(said)
    for reader in (read_draft,) if EDITED.match(said.shape) else _READERS:
        found = reader(said)
        if found and found.confidence > best.confidence + 1e-9 and not (unreal and grave(found)):
            best = found
    return best


def several(said: Said) -> Intent | None:
    """The commands of a line in order, where it holds two or more that stand on their own."""
    spans = _spans(said)
    if len(spans) < 2 or asks(said):
        return None
    found: list[tuple[int, Intent]] = []
    for index, span in enumerate(spans):
        part = said.part(*span)
        act = _explicit(part, first=index == 0, on_topic=_may_name_a_topic(said, found)) or _sends(part, found)
        if act is None or (found and not _apart(found[-1][1], act, part)):
            continue
        if found and found[-1][1].name in _SWALLOWS and not _breaks_out(part, act, found[-1][1]):
            continue
        found.append((index, act))
    actions = [_with_its_remarks(said, spans, at, act, found) for at, act in found]
    if len(actions) < 2:
        return None
    whole = one(said)
    if (
        whole.name == actions[0].name
        and whole.name in ("approve", "help", "mute", "refuse", "drill")
        and len({(a.slots.get("draft"), a.slots.get("verdict")) for a in actions}) == 1
        and len({a.name for a in actions}) == 1
    ):
        return None
    return Intent(
        "multi", {"actions": [[a.name, dict(a.slots)] for a in _inherited(actions)]}, min(a.confidence for a in actions)
    )


def _may_name_a_topic(said: Said, found: list[tuple[int, Intent]]) -> bool:
    """Behind a word on a draft, a noun with 换成 is a wish for its text: 「同意，落款换成集团」."""
    return said.number("Ⓓ") is None and not (found and found[-1][1].name in ("approve", "publish", "draft"))


def _sends(part: Said, found: list[tuple[int, Intent]]) -> Intent | None:
    """「D14同意，发吧」: the release of the draft that was signed one clause before."""
    before = found[-1][1] if found else NONE
    if before.name != "approve" or "draft" not in before.slots or before.slots.get("verdict") != "approve":
        return None
    if not (_SEND.fullmatch(part.shape) or _SEND_ON.match(part.shape)) or asks(part):
        return None
    outlets = cut.channels(part)
    return Intent("publish", cut.put({"draft": before.slots["draft"]}, channels=outlets), 0.85)


_SEND = later(
    r"(?:那?就|马上|立刻|立即|直接|赶紧|现在|快)?\s?(?:发布?|推|放)(?:出去)?(?:了)?吧[!。~\s]*|(?:马上|立刻|立即|直接|赶紧"
    r"|现在)\s?(?:发布?|推)(?:出去)?[!。~\s]*"
)


_SEND_ON = later(
    r"(?:那?就|马上|立刻|立即|直接|赶紧|现在|快|请|先)?\s?(?:发布?|推送?|放|挂|上|走|同步)(?:到|在|出去)?\s?"
    r"(?:(?:微博|公众号|官网|官微|视频号|抖音|小红书|头条|知乎|b站|短信|邮件|内网|全渠道|全平台|app)[+和、及跟与,\s]*)+(?:首页)?(?:吧|了?吧|去)?[!。\s]*$"
)


def _headed(said: Said) -> Intent | None:
    """A line that a verb beyond the intents heads, where more commands follow it: 研判 #1 属实，定级 橙，送审 D1."""
    head, spans = read_verb(said), _spans(said)
    if head is None or head.name not in _LEADS or len(spans) < 2 or asks(said):
        return None
    found = [
        (n, act)
        for n, span in enumerate(spans)
        if n and (act := _explicit(said.part(*span), first=False, on_topic=False)) and act.name not in _ASIDES
    ]
    if not found:
        return None
    first = read_verb(said.part(spans[0][0], spans[found[0][0] - 1][1]))
    acts = [_with_its_remarks(said, spans, at, act, found) for at, act in found]
    actions = [[a.name, dict(a.slots)] for a in _inherited([first or head, *acts])]
    return Intent("multi", {"actions": actions}, min(a.confidence for a in acts))


def _with_its_remarks(
    said: Said, spans: list[tuple[int, int]], at: int, act: Intent, found: list[tuple[int, Intent]]
) -> Intent:
    """The same act read again with the clauses that follow it up to the next one: reasons, the rest of a text."""
    last = next((index for index, _ in found if index > at), len(spans)) - 1
    if last == at:
        return act
    again = one(said.part(spans[at][0], spans[last][1]))
    same = again.name == act.name and all(again.slots.get(k) == v for k, v in act.slots.items() if k in _OBJECTS or k == "op")
    return again if same else act


def _spans(said: Said) -> list[tuple[int, int]]:
    spans, start = [], 0
    for found in _BREAK.finditer(said.shape):
        if re.match(r",\d{3}", said.shape[found.start() :]):
            continue
        spans.append((start, found.start()))
        start = found.end()
    spans.append((start, len(said.raw)))
    return [(a, b) for a, b in spans if said.raw[a:b].strip()]


_FOLLOWING = later(
    r"^(?:(?:送审|启动|存证|跟踪|恢复处置|保密|交班)\s?[#ⒾⒹ\d]*\s*$|研判(?=属实|不实|不属实|[\s#Ⓘ])|确认\s?Ⓕ|已发\s?Ⓓ)"
)
_LEADS = frozenset(
    "assess start track resume accept submit released later confidential confirm co_sign delegate lift reported evidence".split()
)
_ASIDES = frozenset("claim status list trend help summary".split())
"""Read behind another verb these are more often its reason than an order of their own."""
"""Verbs beyond the intents that may follow a command in one line."""
_VERB_FIRST = later(
    r"^(?:(?:今|明|后)(?:天|晚|早)(?:上)?|上午|下午|晚上|中午|(?:\d{1,2}|[一二两三四五六七八九十]{1,3})点(?:半|"
    r"整|钟)?|\d{1,2}:\d{2}|\s|#|Ⓘ|Ⓓ|Ⓣ|Ⓕ|Ⓥ|\d|把|将|给|请|麻烦|帮我?|先|再|也|现在|这就|即刻|随后|赶紧|尽快|马上|立刻|立即|顺便|都|就|那就|"
    r"的话|快|直接|我|你|号|可以|能|Ⓟ)*"
    r"(?:认领|指派|派|转|交|定级?|升|降|调|改|任务|待办|加|催|完成|搞定|记|新(?=任务|待办)|事实|决策|决定|起草|草拟|拟|写"
    r"|出|同意|通过|批(?!量|次|发)|驳回|打回|审批|发布?|推|撤|上报|报|升级|请示|通知|叫|喊|静音|免打扰|屏蔽|安静"
    r"|恢复|拉(?=指挥|应急|Ⓟ|领导|老板)|成立|结案|关闭?|归档|重开|重新打开|汇总|简报|小结|日报|趋势|看看?|复盘|"
    r"演练|接|claim|assign|grade"
    r"|mute|close|reopen|draft|approve|publish|escalate|列|做|存|送审|启动|跟踪|核实|取消|延|提醒|让|由"
    r"|确认|来|跟|做|状态|别|ok|橙|红|黄|蓝)"
)


_ON_A_TOPIC = {"grade", "close", "reopen", "assign", "mute"}
"""Acts that a clause may order with the topic in front: 牛奶异物升橙,漏油降蓝."""


def _explicit(part: Said, *, first: bool, on_topic: bool) -> Intent | None:
    """The command of a clause that says its own verb; None for reasons and remarks. ``on_topic``: it may begin with a topic."""
    if not first and _FOLLOWING.match(part.shape):
        return read_verb(part)
    found = kept(part, one(part))
    named = on_topic and "topic" in found.slots and found.name in _ON_A_TOPIC and found.confidence >= 0.84
    if not named and not _VERB_FIRST.match(part.shape) and not (first and part.numbers("Ⓘ")):
        return None
    if found.name == "none" or found.confidence < 0.72:
        return None
    if found.name in ("status", "list", "trend", "help") and not first and found.confidence < 0.8:
        return None
    if found.name == "claim" and found.confidence < 0.8:
        return None
    if found.name == "trend" and not re.search(r"[?？吗没]|趋势|走势|曲线|预测|看|查|图|发|多少|怎么|咋", part.text):
        return None
    return found


_OBJECTS = ("incident", "task", "tasks", "fact", "decision", "draft", "topic")


def _apart(before: Intent, found: Intent, part: Said) -> bool:
    """Whether it is another act than the one before: another verb, or the same on another object."""
    if found.name == "task" and found.slots.get("op") == "add" and before.slots.get("op") != "add":
        return True
    if before.name == "publish" and found.name == "draft":
        return True
    if before.name != found.name:
        if before.name == "approve" and found.name == "publish":
            return not re.match(r"^.{0,4}可以(?:先)?发", part.shape)
        if {before.name, found.name} in ({"claim", "assign"}, {"publish", "draft"}) and not any(
            found.slots.get(k) for k in _OBJECTS
        ):
            return found.name in ("draft", "assign")
        if before.name == "close" and found.name == "reopen":
            return bool(part.numbers("Ⓘ")) and found.slots.get("incident") != before.slots.get("incident")
        return True
    if found.name == "escalate" and before.slots.get("to") and found.slots.get("to"):
        return bool(before.slots["to"] != found.slots["to"])
    own = {k: found.slots.get(k) for k in _OBJECTS if found.slots.get(k) is not None}
    return bool(own) and any(before.slots.get(k) != v for k, v in own.items()) and "merge_into" not in found.slots


def _breaks_out(part: Said, found: Intent, before: Intent) -> bool:
    """A clause behind a free text that is a command of its own all the same."""
    if _FOLLOWING.match(part.shape):
        return True
    if found.name == "task" and re.match(r"^(?:(?:新|加个?|建个?)(?:任务|待办)|任务[\s:])", part.shape):
        return True
    if found.name in ("fact", "decision", "assign") and not any(found.slots.get(k) is not None for k in _OBJECTS):
        return False
    if found.name == "close" and before.slots.get("op") != "add" and part.numbers("Ⓘ"):
        return True
    named = bool(part.numbers("Ⓘ", bare=False) or any(part.numbers(kind) for kind in "ⒹⓉⒻⒿ"))
    return named or bool(
        re.match(
            r"^(?:把|将|先|再)?(?:派给(?=Ⓟ|[一-龥]{2,3}$)|上报|报给?(?=Ⓟ|领导|老板|集团|总部|监管|网信)|静音|结案|起草|发布|认领|指派|"
            r"派给|复盘|汇总|升红|定[红橙黄蓝])",
            part.shape,
        )
    )


def _inherited(actions: list[Intent]) -> list[Intent]:
    """Later commands take the object of an earlier one where they name none."""
    incident: dict[str, object] = {}
    draft: dict[str, object] = {}
    done = []
    for action in actions:
        own = dict(action.slots)
        if action.name in ("approve", "publish", "draft", "submit") and (action.name != "draft" or "draft" in own):
            if "draft" not in own and draft:
                own = draft | own
            if "draft" in own:
                draft = {"draft": own["draft"]}
        elif not any(own.get(k) is not None for k in _OBJECTS) and incident:
            own = incident | own
        incident = {k: own[k] for k in ("incident", "topic") if k in own} or incident
        done.append(replace(action, slots=own))
    return done
