"""Several commands in one line, in order: where one ends, what only remarks on it, and what the later ones inherit."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from bot.language import slots as cut
from bot.language.deciding import kept
from bot.language.lazy import later
from bot.language.ordering import asks
from bot.language.said import Said
from bot.language.single import one
from bot.language.verbs import read_verb
from bot.model.intent import NONE, Intent

_BREAK = later(
    r"[,，。;；\n]+|(?<=[Ⓣ\dⒾⒹ][一-龥]{2})\s(?=#?[ⒾⓉⒹ]+\s?[一-龥])|(?<=[Ⓣ\dⒾⒹ][一-龥]{3})\s(?=#?[ⒾⓉⒹ]+\s?[一-龥])|(?:然后"
    r"|并且|顺便|顺手|同时|接着|再(?=把|给|派|定|静音|上报|起草|发|催|报|出|做|写|复盘|结案)|另外"
    r"|还有(?=把)|以及|并(?=上报|报|派|指派|静音|通知|升|起草|定|认领|结案|发布|转|交|复盘|归档|汇总|出)"
    r"|,?\s?and\s(?:then\s)?|\s\+\s|再(?=通知))"
)
_SWALLOWS = {"fact", "decision", "draft", "task", "summary", "review"}


def several(said: Said) -> Intent | None:
    """The commands of a line in order, where it holds two or more that stand on their own."""
    spans = _spans(said)
    if len(spans) < 2 or asks(said):
        return None
    found: list[tuple[int, Intent]] = []
    for index, span in enumerate(spans):
        part = said.part(*span)
        if _handed_on(part, said.shape[span[1] :]):
            continue
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


def _handed_on(part: Said, rest: str) -> bool:
    """「12转法务了，结案」: who has it now is why it is closed."""
    return bool(re.search(r"(?:转|移交|交)[^,，]+了$", part.shape)) and bool(
        re.match(r"[,，\s]*(?:我们?这边)?(?:可以)?(?:结案|关|结|归档|销)", rest)
    )


def mixed(said: Said) -> bool:
    """Two objects of a kind of which one is meant and the other is not (12先不结，13结; 发D4别发D3): never guessed apart."""
    for kind in "ⒾⒹⓉⒻⒿ":
        if len(said.numbers(kind)) < 2:
            continue
        at = [t for t in said.things if t.kind == kind]
        for before, after in pairwise(at):
            between = said.shape[before.end : after.start]
            if before.number != after.number and (_DENIES.search(between) or _DENIES.match(said.shape[: at[0].start][-3:])):
                return True
        if len(at) > 1 and _DENIED_LAST.match(said.shape[at[-1].end :]) and _CUT.search(said.shape[at[0].end : at[-1].start]):
            return True
    return False


def stopped(said: Said) -> Intent:
    """The draft that such a line holds back, for stopping is easy; else no command."""
    held = (one(part) for span in _spans(said) if len((part := said.part(*span)).numbers("Ⓓ")) == 1)
    return next((act for act in held if act.name == "publish" and act.slots.get("op") == "hold"), NONE)


_DENIES = later(r"不是|而不是|别|不[要用能批结关发撤签升降]|先不|没|除了?|不同意|不通过|不行")
_DENIED_LAST = later(r"号?\s?(?:就)?(?:别|不|没|先别|先不|暂)")
_CUT = later(r"[,，;；。]")


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


def headed(said: Said) -> Intent | None:
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
    r"的话|快|直接|我|你|号|可以|能|已经?|Ⓟ)*"
    r"(?:认领|指派|派|转|交|定级?|升|降|调|改|任务|待办|加|催|压|按住|暂缓|缓发|叫停|完成|搞定|记|新(?=任务|待办)|事实|决策|决定|起草|草拟|拟|写"
    r"|出|同意|通过|批(?!量|次|发)|驳回|打回|审批|发布?|推|撤|上报|报|升级|请示|通知|叫|喊|静音|免打扰|屏蔽|安静"
    r"|恢复|拉(?=指挥|应急|Ⓟ|领导|老板)|成立|结案|关闭?|归档|重开|重新打开|汇总|简报|小结|日报|趋势|看看?|复盘|"
    r"演练|接|claim|assign|grade"
    r"|mute|close|reopen|draft|approve|publish|escalate|列|做|存|送审|启动|跟踪|核实|取消|延|提醒|让|由"
    r"|确认|来|跟|做|状态|别|(?<=[ⒹⓋ])\s?(?:不同意|不批|不通过|不行)|没(?=做完|完成|核实|确认)|ok|橙|红|黄|蓝)"
)


_ON_A_TOPIC = {"grade", "close", "reopen", "assign", "mute"}
"""Acts that a clause may order with the topic in front: 牛奶异物升橙,漏油降蓝."""


def _explicit(part: Said, *, first: bool, on_topic: bool) -> Intent | None:
    """The command of a clause that says its own verb; None for reasons and remarks. ``on_topic``: it may begin with a topic."""
    if not first and _FOLLOWING.match(part.shape):
        return read_verb(part)
    found = kept(part, one(part))
    named = on_topic and "topic" in found.slots and found.name in _ON_A_TOPIC and found.confidence >= 0.84
    named = named or (bool(part.things) and _says_its_object(part, found))
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


def _says_its_object(part: Said, found: Intent) -> bool:
    """「T3给小刘」, 「D5落款改成集团」: the object in front says what the clause is about."""
    if found.name == "assign":
        return bool(found.slots.get("task") or part.numbers("Ⓘ", bare=False)) and bool(found.slots.get("persons"))
    return found.name == "draft" and found.slots.get("op") == "revise" and bool(re.match(r"Ⓓ", part.shape))


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
    if found.name in ("grade", "close", "escalate") and part.things and part.things[0].start == 0:
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
