"""fact: 事实, 记一下, F4 已确认, 更正F3."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech
from bot.language.lazy import later
from bot.language.normal import simplified
from bot.language.said import Said
from bot.model.intent import Intent

_CONFIRMED = later(
    r"已?核实了?|(?:已经?|均|都)?确认(?:了|属实|无误|过了|过)?(?!口径|一下|收货|函|书|时间)|属实|坐实|证实"
    r"|实锤|confirmed|查实|查明|查清|认定|核对过|核过|敲定|已查证|没错是真的|验证过"
)
_REFUTED = later(
    r"不属实|不实|是假的|假消息|谣言|谣传|子虚乌有|证伪|refuted|并非事实|没有的事|不是真的|没这回事|造谣"
    r"|与事实不符|false$|假的|否认|被否"
)
_UNVERIFIED = later(
    r"待核实|未核实|没核实|尚未核实|还没核实|待确认|未确认|还没确认|没确认|待查证|未经证实|未证实|据说"
    r"|听说|疑似|传闻|不确定|存疑|网传|有消息称|据传|可能是|unverified|rumou?r|说不准|先挂着|待证实|有人说"
    r"|有说法|爆料|真假(?:不|未|难|还)|不知真假|有人反映|有网友|小道消息|未经核实|没实锤|没证实|有传言|有传"
)
_WRITTEN = later(r"^记(?:录|一下|下)?[\s:：]+(?!得|住|着)")
"""What begins with 记 is what is to be written down, whatever verbs stand in it (记 #1 当日关闭接口)."""
_HEAD = later(
    r"^(?:Ⓟ+|[一-龥]{0,4}(?:疾控|卫健委?|局|医院|派出所|公安|警方|消防|平台|物业|质检|品控|法务|安全部|财务|客服|中心"
    r"|实验室))(?:那边|刚刚?|已经?|初步)?(?:证实|确认|核实|认定|通报)(?:了|称)?(?=[,，])|^(?:新增|记|记录|补充|登记|录入|加"
    r"|添加|补|记一?条|存)?(?:一下|一?条|个|一笔|下)?(?:新的?)?(?:事实"
    r"|fact)(?:记录)?(?=[:\s]|Ⓘ|$|\d)|^(?:记一?下|记录(?:一下)?|记|记为事实|记成事实|记事实|录入?(?:一下)?"
    r"|补充(?:一?[下个条]?)(?:情况|信息|事实)?|备注(?:一下)?|登记(?:一下)?|记上|记一笔|note|log)(?=[:\s,]"
    r"|$)|(?:记|记录|存|录|登记|写|算|列)(?:为|成|作|入|进|到|一?条|个|一下)?(?:事实|fact)|"
    r"^补(?:充)?一?[条个](?=[:：])|^据.{2,10}?(?:称|说|反馈|通报|介绍|透露)(?=[,，:：])|^(?:Ⓟ+|[一-龥]{2,6}?|"
    r"[a-z]{2,4})(?:那边|刚刚?|来电|方面)?(?:反馈|通报|来报|回报|告知|核实|证实|确认|回复|透露)(?:说|"
    r"称)?(?=[:：])|^现场(?:情况|消息|反馈)?(?=[:：])|^核实(?=[:：])|^(?:待核实"
    r"|已核实|未核实|核实了|已确认|确认了|不属实|补充个情况|补充一个情况|最新(?:情况|消息)?(?=[:：])|据说"
    r"|听说|更正|新情况|最新情况是|查明|查实|经查|经核实|证实|坐实|已查明|已查实|初步(?:查明|判断|"
    r"认定))[:\s,，]?|加(?:一?[条个])?事实|事实[:：]|add fact|note[:\s]"
    r"|^记一?下(?!来|了|吗|没|谁|我|会议|时间|电话|地址|名字|[:,\s])(?=[一-龥\d]{4,})"
    r"|(?:先)?记(?:一下|下来|着|个)(?=[:,\s]|$)|记下[:\s来]"
)
_MARK = later(
    r"^\s*(?:再|帮我|请|麻烦|先|给我|给)*(?:(?:新增|记|记录|补充|登记|录入|加|添加|补)?(?:一下|一?条|个"
    r"|下)?(?:新的?)?(?:事实|fact)(?:记录)?|记一?下(?:来)?|记录(?:一下)?|记为事实|记成事实|记事实"
    r"|录入(?:一下)?|补充(?:一?[下个条])?(?:情况|信息|事实)?|备注(?:一下)?|登记(?:一下)?|记上|记一笔|记着"
    r"|note|log|记(?=\s|[:])|待核实|未核实|已核实|核实了|据说|听说|有消息称|网传(?=[:,\s])|已确认"
    r"|确认了)(?:的?是)?\s?[:\s,，]*"
)
_SOURCE = (
    later(r"\(?(?:来源|信源|出处|消息来源|source)(?:是|为|于|自)?[:：\s]*([^)）,，。;\n]+)\)?", re.I),
    later(r"[(（]([^()（）]{2,14}?)(?:已?确认|认定|证实|核实|查实|出具|说的?|提供|反馈|告知|口头|电话)[)）]"),
    later(
        r"\(((?:法务|客服|公关|技术|安全|财务|人事|人力|业务|质检|品控|生产|物流|医院|警方|派出所|消防|监管|"
        r"现场|门店|店长|物业|平台)[^()]{0,8})\)\s*$"
    ),
    later(
        r"(?:已|刚|我)?(?:向|跟|问过|找|和|问了|经|据)\s?([^\s,，。()]{2,12}?)(?:核实|确认|证实|了解|求证|核对"
        r"|反馈|通报|介绍|称|说|告知|透露|查证)(?:过|了)?"
    ),
    later(r"(?:已)?(?:问过|问了|(?<=已)问|求证过|核过)\s?([^\s,，。()]{2,10})"),
    later(
        r"(?:^|[,，。\s(])([^\s,，。()网有]{2,10}?)(?:那边|方面)?(?:已经?|刚|也)?(?:核过|查过|反馈|通报|来报|回报|告知|"
        r"确认|证实|核实)(?:说|称)?(?:了|过了?"
        r"|属实)?(?=[:：,，)。\s]|$)"
    ),
    later(r"[,，]\s?([^\s,，。]{2,8}?)(?:在此?|为证|可证|作证|都在|有记录)$"),
)
_QUESTION_LIST = later(
    r"(?:有哪些|哪些|都有啥|有啥|几条|列表|清单|列一?[下出]?|查|看|list|什么).{0,8}(?:事实|facts?|核实"
    r"|确认)|(?:事实|facts?)(?:都)?(?:有哪些|列(?:一下|下|出来?)|列表|清单|有啥|有几条|还有|list|库|汇总|一览)|(?:核实|确认"
    r"|坐实)了?(?:的)?(?:哪些|什么|啥)|(?:待核实|没核实|未核实|存疑|已核实|已确认)的?(?:有|是)?(?:哪些|啥"
    r"|什么|事实|几条|列|都)|facts$|(?:坐实|核实|确认|查实|证实)(?:了|过)?的(?:都)?(?:有|是)?(?:哪些|什么|啥|几条)"
)


_OFF = later(r"撤(?=$|[,，。!吧])|不要了|撤回|撤销|撤掉|撤了|作废|删了|删掉|删除|retract|去掉|拿掉|收回")


def _source(said: Said) -> tuple[str | None, list[cut.Span]]:
    for pattern in _SOURCE:
        for found in pattern.finditer(said.raw):
            name = found[1].strip()
            if re.search(r"我们|谁|什么|没有|还没|事实|不$|情况|目前|已经$|刚刚$", name) or re.fullmatch(
                r"[FfＦ]?\d+|已|刚|都|尚未|待|未|正在|需要|等待", name
            ):
                continue
            return name, [found.span()]
    return None, []


def read_fact(said: Said) -> Intent | None:
    """事实 …, 记一下：…, F4 已确认, 更正F3：…, 网传…不属实."""
    facts = said.numbers("Ⓕ")
    if facts or (said.number("Ⓕ") is not None and not _HEAD.search(said.shape)):
        return _on_fact(said, facts[0] if facts else said.number("Ⓕ") or 0)
    if re.search(r"决策|决定|决议|拍板|任务|待办|[ⒹⓉⒿ]|声明|复盘|演练|简报|口径", said.shape) and not re.match(
        r"^(?:事实|fact|记一下|补充|待核实|记)", said.bare_shape
    ):
        return None
    listing = _QUESTION_LIST.search(said.shape)
    if (
        listing
        and not re.match(r"^(?:事实|fact)[:\s]|^(?:听说|据说|网传|有人|据传)", said.shape)
        and not re.search(r"不知道|不清楚|未知", said.text)
    ):
        state = (
            "unverified"
            if re.search(r"待核实|没核实|未核实|存疑|没确认|未确认", said.text)
            else "refuted"
            if _REFUTED.search(said.text) or re.search(r"辟(?:过)?谣", said.text)
            else "confirmed"
            if re.search(r"确认|核实|坐实", said.text)
            else None
        )
        about = cut.incident(said)
        if re.search("谣|核实|确认|证实|坐实", str(about.get("topic", ""))):
            about = {}
        return Intent("fact", cut.put({"op": "list"} | about, state=state), 0.86)
    return _added(said)


def _on_fact(said: Said, number: int) -> Intent | None:
    text = said.shape
    base: dict[str, Any] = {"fact": number}
    spans = [(t.start, t.end) for t in said.things if t.kind == "Ⓕ"]
    if re.search(r"(?:吗|没有?|么)[?？]*$|怎么|如何|谁", said.text):
        return Intent("fact", {"op": "list"} | base, 0.7)
    if (off := _OFF.search(text)) and not re.search(r"更正|改[成为]|应[为该]|订正|修正|不是.{1,20}是", text):
        if speech.no_command(said, *off.span()):
            return None
        return Intent("fact", cut.put({"op": "retract"} | base, reason=cut.leftover(said, [*spans, off.span()])), 0.92)
    if found := re.search(
        r"更正|改成|改为|应为|应该是|有误|写错|订正|修正|correct|不是.{1,20}是|改一下|改下|更新为|更新成|勘误"
        r"|纠正|记错",
        text,
    ):
        if re.search(r"没发生|不存在|没有过", said.text):
            return None
        why = cut.leftover(
            said,
            [
                *spans,
                *(
                    m.span()
                    for m in re.finditer(r"更正(?:一下)?|订正|修正|correct|记错了?|写错了?|改一下|改下|有误", said.text)
                ),
            ],
        )
        why = re.sub(r"^(?:改[成为]|应该是|应为|更新[为成]|[:：,，\s])+", "", why)
        if found_not := re.search(r"不是(.{1,30}?)[,，]?\s?(?:而是|是)(.+)$", said.raw):
            why = cut.tidy(found_not[2])
        return Intent("fact", cut.put({"op": "correct"} | base, text=why), 0.92)
    source, _ = _source(said.part(spans[0][1], len(said.raw)) if spans and spans[0][0] == 0 else said)
    if found := _REFUTED.search(text):
        if speech.no_command(said, *found.span()):
            return None
        return Intent("fact", cut.put({"op": "set_state"} | base, state="refuted", source=source), 0.9)
    if found := re.search(
        r"(?:改成|改为|改回|退回|标为?|设为|转)?(?:待核实|未核实|存疑|待确认|没核实|还没核实|待定|待查|不算数|"
        r"别算数|还没核|没核过"
        r"|尚未核实)",
        text,
    ):
        return Intent("fact", cut.put({"op": "set_state"} | base, state="unverified", source=source), 0.88)
    if re.search(r"等(?!级)|去(?:确认|核实)|(?:确认|核实)一下|再(?:确认|核实)", said.text):
        return None
    if found := re.search(r"确认|核实|属实|坐实|证实|confirm|没问题|是真的|实锤|查实|ok|无误|查明|验证过|对的", text):
        if speech.no_command(said, *found.span()):
            return None
        return Intent("fact", cut.put({"op": "confirm"} | base, source=source), 0.92)
    return None


def _added(said: Said) -> Intent | None:
    head = _HEAD.search(said.shape) or _HEAD.search(said.bare_shape)
    confirmed, refuted, unverified = (p.search(said.shape) for p in (_CONFIRMED, _REFUTED, _UNVERIFIED))
    if re.search(r"要不要|[?？]\s*$|吗$|是不是(?!真)|怎么(?!回事)", said.text) and not (
        head and re.match(r"^(?:事实|fact|记一下|待核实|据说|听说|网传)", said.text)
    ):
        return None
    if re.search(r"(?:哪些|什么|啥|谁|多少).{0,8}(?:确认|核实|坐实|清楚|知道|属实|查实)", said.text) and not head:
        return None
    if re.search(r"真的假的|(?:听说|据说|有人说).{0,10}(?:要|会|准备)?(?:重开|结案|升[红橙级]|降级|发布|撤)", said.text):
        return None
    if re.match(r"别|不要|先别|不用", said.text):
        return None
    if not head:
        if not (confirmed or refuted or unverified):
            return None
        if confirmed and speech.negated(said, *confirmed.span()) and not unverified:
            return None
        if re.search(r"^(?:去|帮我?|麻烦)?(?:查|扒|挖|揪|找|问)(?:一?[查下]|出)", said.bare_shape):
            return None
        if re.search(r"^(?:确认|核实)(?!了|过|属实|是|为)", said.bare_shape) or re.search(
            r"(?:去|再|帮忙?|帮我|先|马上|尽快|请|需要|安排|麻烦)(?:\S{0,4})(?<!待)(?:核实|确认)", said.text
        ):
            return None
        if len(re.sub(r"\W|Ⓘ", "", said.shape)) < 6:
            return None
        if confirmed and not refuted and not unverified and not re.search(r"[,，:：\s(（]|了|属实", said.text):
            return None
        if (
            re.search(r"辟谣|声明|公告|起草|写|发布|我(?:昨天|今天|觉得|以为)|酒店|会议室|收货|订单|快递|行程|机票", said.text)
            and not refuted
        ):
            return None
        if not re.search(
            r"核实过|核实了|已核实|已确认|确认了|属实|证实|不实|假的|谣|据说|听说|网传|疑似|待核实|未核实|没核实"
            r"|未确认|待查|存疑|待确认|传闻|坐实|查实|查明|据传|confirmed|未经证实|未证实|先挂着|不是真的|没有的事"
            r"|没这回事|有消息称|有人说|爆料|真假|有人反映|有网友|小道消息|有传言|确认(?=[)）])",
            said.text,
        ):
            return None
    source, used = _source(said)
    if said.quote and not source:
        source = said.quote.sender or None
    text = _text(said, used)
    if said.quote and len(text) < 4:
        text = said.quote.text
    if re.fullmatch("记|记录|补充|登记|备注|记上", text):
        text = ""
    if not text and not said.quote:
        return (
            Intent("fact", cut.put({"op": "add"}, incident=said.number("Ⓘ", bare=False)), 0.6)
            if head and re.match(r"^(?:事实|fact|记事实|记$|记一下$)", said.bare_shape)
            else None
        )
    state = (
        "unverified"
        if unverified and not refuted
        else "refuted"
        if refuted
        else "confirmed"
        if confirmed and (not speech.negated(said, *confirmed.span()))
        else None
    )
    if state is None and unverified:
        state = "unverified"
    slots = cut.put(
        {"op": "add"}, incident=cut.subject(said), text=text, state=state, source=source if source != text else None
    )
    if _WRITTEN.match(said.shape):
        return Intent("fact", slots, 0.96)
    denied = re.search(r"(?:是|纯属|都是)谣言[!。\s]*$|不属实[!。\s]*$|子虚乌有", said.text)
    return Intent("fact", slots, 0.9 if head else 0.78 if denied else 0.74)


def _text(said: Said, used: list[cut.Span]) -> str:
    number = cut.subject(said)
    spans = list(used) + [(t.start, t.end) for t in said.things if t.kind == "Ⓘ" and (not t.bare or t.number == number)]
    chars = list(simplified(said.raw))
    for start, end in spans:
        chars[start:end] = "\0" * (end - start)
    raw = re.sub(r"\0+", " ", "".join(chars))
    for _ in range(3):
        raw = _MARK.sub("", cut.tidy(raw))
    raw = re.sub(
        r"[,，]?\s?(?:已?核实了?|已?确认了?(?:属实)?|不属实|属实|是假的|是谣言|不确定啊?|先挂着|待核实"
        r"|尚未核实|还没核实|没核实|已证实|先记(?:着|下|上)|记一下|记为事实|记下来?)(?=[,，。\s]|$)",
        "",
        raw,
    )
    raw = re.sub(r"^(?:事实|记一下|补充)?[:：,，\s]*(?:经|已)?(?:核实|确认)(?:了|属实)?[:：,，\s]+", "", raw)
    return cut.tidy(re.sub(r"[（(]\s*[)）]", "", raw))


def fact_slots(said: Said) -> dict[str, Any] | None:
    """The slots of a line about facts: a change to one that is named, a list where it asks, else a new one."""
    if (number := said.number("Ⓕ")) is not None:
        found = _on_fact(said, number)
        return dict(found.slots) if found else None
    if re.search(r"哪些|什么|啥|几条|多少|吗$|没$|[?？]$|列|清单", said.text):
        return {"op": "list"} | cut.incident(said)
    source, used = _source(said)
    text = _text(said, used)
    state = next(
        (
            state
            for state, pattern in (("unverified", _UNVERIFIED), ("refuted", _REFUTED), ("confirmed", _CONFIRMED))
            if pattern.search(said.shape)
        ),
        None,
    )
    return cut.put({"op": "add"}, incident=cut.subject(said), text=text, state=state, source=source) if text else None
