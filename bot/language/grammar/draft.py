"""draft: 起草, 写一份, and changes to a draft: D3 改软一点."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech, words
from bot.language.lazy import later
from bot.language.normal import simplified
from bot.language.said import Said
from bot.model.intent import Intent

_WRITE = later(
    r"起草|草拟|拟(?:一?[版稿份个封条]|定|写|稿|好)?|撰写|写(?:一?[份个封版篇稿条段下]|个|封|稿)?|起(?:个|"
    r"一?[份版封])(?=.{0,8}(?:稿|声明|函|信|公告))|起(?:个"
    r"|一?[份版])?稿|出(?:一?[个份版稿篇封]|稿|个)|draft|准备(?:一?[份个封版])|来(?:一?[份个封版篇]|\d+条"
    r"|[一二三四五六七八九十]+条)|搞(?:一?[份个封版])|弄(?:一?[份个封版])|整(?:一?[份个封版])"
    r"|做(?:一?[份个封版])|备(?:一?[份个封版])|发(?:一?[个封份])(?=.{0,6}(?:函|信))|write|prepare|编写|(?:憋|攒|捏|凑|赶|码|"
    r"糊)(?:一?[个份版封篇])|给(?=.{0,8}写)"
    r"|生成(?:一?[份个封版])|要(?:一?[份个封版])|帮(?:我|忙)?(?:写|拟|起草?)"
)
_DOC = later(
    r"声明|稿|公告|通告|致歉|道歉|辟谣|说明(?!书)|通报|函|信(?!息|源|号)|问答|q&a|口径|回应|statement"
    r"|letter|通知|公开信|澄清|短信|召回|holding|apology|notice|文案|微博|faq"
)
_REVISE = later(
    r"改|换|删(?!库)|加|短(?!信)|长一?点|软|硬|重写|润色|精简|压缩|扩写|补|调整|语气|缩|去掉|替换|修|翻译"
    r"|翻成|优化|rewrite|shorten|revise|edit|再(?:真诚|诚恳|口语|正式|温和)|别用|不要(?:用|写|提|出现)"
    r"|太(?:硬|长|短|官|软|生硬|冷|啰嗦)|口语|标题|第[一二三四五六七八九十\d]+段|开头|结尾|措辞"
)
EDITED = later(r"^\s*改\s*Ⓓ+\s*(?:[^\s,，。发成行好完。]|成(?!发))(?!.*(?:吗|么)[?？]*$)")
"""「改 D2 …」: what follows are words for the draft, whatever verbs they hold."""
_CONSTRAINT = later(
    r"(?:不超过|不要超过|控制在|限|最多|至少|不少于|别超过|压到|压缩到|under|within)?\s?(?:\d+"
    r"|[一二两三四五六七八九十百千]+)\s?(?:字|条|个问题|段|行|words|页)(?:以内|之内|以下|左右|内|吧)?"
    r"|中英双语|双语|中英文|英文版?|口语化|第一人称"
)
_NOT_DRAFT = later(
    r"简报|专报|日报|周报|复盘|小结|摘要|总结|时间线|交接|汇报|任务|待办|todo|黑料|好评|差评|怎么|如何"
    r"|谁写|写(?:得|的|[^,，。]{1,6}的人)(?!.{0,4}稿)|会议|纪要|评论夸|水军|帖子删|演练|案例|记录|趋势|曲线|图|事实|播报"
    r"|剧本"
)
_NOT_TEXT = later(
    r"给(?:我|大家|他们|对外)?(?:用|看|念)?的?|帮(?:我|忙)?|麻烦|那个|就是|这个|赶紧|先|再|版本"
    r"|一[份个封版篇条稿]|出来|一下|吧|把|用(?=$)|请|对外|那边|也要|要|个稿|稿子?|声明|公告|文案"
    r"|第[二三四五六七八九\d]号|针对#?|关于#?|向|快|马上|发(?=个)|微博版?|版|上发的?|发的?|为|就(?=#)|全体"
)


def read_draft(said: Said) -> Intent | None:
    """起草声明 #12, 给#12起草一份致歉信, D3 改软一点, #12 致歉 微博 短一点."""
    draft = said.number("Ⓓ") if said.numbers("Ⓓ") else None
    if draft is not None and re.match(r"^更正\s?Ⓓ+", said.shape):
        return Intent(
            "draft", cut.put({"op": "correct", "draft": draft}, text=cut.leftover(said, [(0, 2), *cut.objects(said)])), 0.93
        )
    off = re.search(r"作废|废弃|废掉|不要了|不用写了", said.shape)
    if draft is not None and off and not speech.no_command(said, *off.span()):
        return Intent("draft", {"op": "withdraw", "draft": draft}, 0.9)
    if draft is not None:
        return _revised(said, draft)
    verb = next((m for m in _WRITE.finditer(said.shape)), None)
    kind = words.first(words.TYPES, said.shape)
    if _NOT_DRAFT.search(said.shape) and not re.match(r"^(?:起草|draft|草拟)", said.bare_shape):
        return None
    if (
        said.quote
        and said.number("Ⓓ") is not None
        and _REVISE.search(said.shape)
        and not kind
        and not re.search("同意|通过|驳回|不行", said.text)
    ):
        return Intent("draft", {"op": "revise", "draft": said.number("Ⓓ"), "text": said.raw}, 0.8)
    headed = re.match(
        r"^(?:#|Ⓘ|\d|\s|的|第[一二三四五六七八九\d]号)*(?:holding|apology|recall|rebuttal|首发|致歉|道歉|辟谣|"
        r"情况说明|声明|召回公告|员工信|进展通报|媒体问答|澄清|回应)",
        said.shape,
    )
    if (
        not verb
        and not (kind and headed and said.number("Ⓘ") is not None)
        and not (
            kind
            and re.match(
                r"^(?:#|Ⓘ|\s)*(?:.{0,6})(?:写一下|起一下|来一版|来一份)|(?:statement|notice|letter) (?:for|on|about) ",
                said.shape,
            )
        )
    ):
        return None
    if verb and not kind and not _DOC.search(said.shape) and not re.match(r"^(?:起草|draft|草拟|拟稿)", said.bare_shape):
        return None
    span = verb.span() if verb else (headed.span() if headed else (0, 0))
    if speech.negated(said, *span) or speech.doubted(said, *span) or speech.told(said, *span):
        return None
    if re.search(
        r"(?:吗|没有?|了没)[?？]*$|还剩|多久|多少时间|几点|超时|到期|谁(?:来|在)?(?:写|起草)|写(?:完|好)了|"
        r"起草(?:完|好)了|昨天",
        said.text,
    ) and not speech.polite(said):
        return None
    if re.search(r"发布|先别发|撤下|批|同意|通过", said.shape) and not re.match(r"^(?:起草|写|拟|draft|出)", said.bare_shape):
        return None
    return Intent("draft", _drafted(said, kind, span), 0.92 if verb and re.match("起草|草拟|拟|draft", verb[0]) else 0.82)


def draft_slots(said: Said) -> dict[str, Any] | None:
    """The slots of a line about drafts: a change to one that is named, else a new one of the kind named."""
    if said.numbers("Ⓓ"):
        found = _revised(said, said.numbers("Ⓓ")[0])
        return dict(found.slots) if found else None
    kind = words.first(words.TYPES, said.shape)
    verb = _WRITE.search(said.shape)
    return _drafted(said, kind, verb.span() if verb else (0, 0)) if kind or _DOC.search(said.shape) else None


def _drafted(said: Said, kind: str, span: cut.Span) -> dict[str, Any]:
    channel = [
        c
        for c in cut.channels(said)
        if not (c == "internal" and kind == "staff_letter") and not (c == "exchange" and kind != "investor_notice")
    ]
    constraint = _CONSTRAINT.search(said.text)
    slots = cut.put(
        _object(said, span),
        statement_type=kind,
        channel=channel[0] if channel else None,
        channels=channel if len(channel) > 1 else None,
        audience=words.first(words.AUDIENCES, said.shape) or _READERS.get(kind),
        constraint=said.raw[constraint.start() : constraint.end()] if constraint else None,
    )
    return cut.put(slots, text=_style(said, span, slots, constraint))


def _object(said: Said, span: cut.Span) -> dict[str, Any]:
    number = said.number("Ⓘ")
    if number is not None:
        return {"incident": number}
    about = re.search(r"(?:说明|关于|针对|就|解释)(?:一下|下|清楚)?([^\s,，。的]{2,8})的", said.shape)
    if about and not re.search(r"[Ⓟ那这]|什么", about[1]):
        return {"topic": said.raw[about.start(1) : about.end(1)]}
    given = re.search(r"给([一-龥a-z]{2,6}?)(?:写|拟|出|做|起草|发)(?:一?[个份封版篇])?", said.shape)
    if (
        given
        and not words.first(words.AUDIENCES, given[1])
        and not words.first(words.TYPES, given[1])
        and not re.search(r"我|大家|对外|全|公司|他|领导", given[1])
    ):
        return {"topic": said.raw[given.start(1) : given.end(1)]}
    name = "" if "针对" in said.text else cut.topic(said)
    if not name and (noun := _before_kind(said)):
        return {"topic": noun}
    if not name:
        head = re.match(
            r"^([一-龥a-z]{2,6}?)的(?:首次|首发|短信|员工|函|致歉|道歉|召回|情况|声明|公告|辟谣|说明|回应|通报"
            r"|告知)",
            said.bare_shape,
        )
        start = len(said.shape) - len(said.bare_shape)
        if head and not cut.NO_TOPIC.search(head[1]):
            name = said.raw[start : start + len(head[1])]
    return {"topic": name} if name and not words.first(words.TYPES, name) else {}


def _before_kind(said: Said) -> str:
    """A noun at the head, directly before the kind of statement: 充电宝召回公告."""
    at = min((m.start() for _, p in words.TYPES if (m := p.search(said.shape))), default=0)
    start = len(said.shape) - len(said.bare_shape)
    noun = said.shape[start:at]
    plain = re.fullmatch(r"[一-龥]{2,6}", noun) and not cut.NO_TOPIC.search(noun) and not _WRITE.search(noun)
    known = any(words.first(table, noun) for table in (words.TYPES, words.AUDIENCES, words.CHANNELS))
    return (
        said.raw[start:at]
        if plain and not known and not re.search(r"先|再|也|准备|要|全|公司|内部|媒体|记者|第|份|版|正式", noun)
        else ""
    )


def _style(said: Said, verb: cut.Span, slots: dict[str, Any], constraint: re.Match[str] | None) -> str:
    spans = [verb, *cut.objects(said)]
    if constraint:
        spans.append(constraint.span())
    for table in (words.TYPES, words.CHANNELS, words.AUDIENCES):
        for _, pattern in table:
            spans += [m.span() for m in pattern.finditer(said.text)]
    if topic := slots.get("topic"):
        at = said.raw.find(str(topic))
        spans.append((at, at + len(str(topic))))
    left = [
        p
        for p in cut.leftover(said, spans).split(",")
        if not re.fullmatch(rf"(?:{_NOT_TEXT.pattern}|\s|的|了|事|那)+", simplified(p))
    ]
    pieces = [p for p in left if len(p) > 1]
    if not pieces:
        return ""
    about = re.search(
        r"(?:针对|重点|强调|语气|要(?:提到|写|包含|有|突出)|别(?:提|写|用)|不要(?:提|写|用)|突出|说清楚?).+$", said.raw
    )
    return cut.tidy(about[0]) if about else " ".join(pieces)


_READERS = {"staff_letter": "employees", "partner_letter": "partners"}
"""Whom a letter is for that names nobody else."""
_OPINION = later(r"觉得|感觉|一般|不错|挺好|真好|还行|很好")
"""What is only thought of a text."""


def _revised(said: Said, draft: int) -> Intent | None:
    found = _REVISE.search(said.shape)
    if (
        not found
        or (
            not EDITED.match(said.shape)
            and re.search(
                r"改发|没问题|没毛病|同意|通过(?!率)|批准|驳回|打回|不行|退回|没意见|撤下|撤回|发布|可以发|删掉?就行|改(?:完"
                r"|好)了?就|改成[^,，]{0,4}(?:[\d二三四五六七八九十两]点|一点(?=发|推|整|半|钟)|发)|可以",
                said.shape,
            )
        )
        or re.search(r"(?:吗|没有?|么)[?？]*$|谁", said.text)
        or (_OPINION.search(said.text) and not re.search(r"改|换|删|加|去掉|重写|缩|调|别|太|再", said.text))
    ):
        return None
    if (
        speech.doubted(said, *found.span())
        or speech.told(said, *found.span())
        or re.match(r"已", said.text[found.start() - 1 : found.start()])
    ):
        return None
    spans = [(t.start, t.end) for t in said.things if t.kind in "ⒹⓋ"]
    start = max((e for _, e in spans if e <= found.start()), default=0)
    text = cut.tidy(said.raw[start:]) if start else cut.leftover(said, spans)
    text = re.sub(r"^(?:把|的|给我|请|麻烦|再|,|，|:)+(?=改|删|换|加)", "", text)
    lead = re.match(r"^改\s(?=\S)", text)
    slots = cut.put({"op": "revise", "draft": draft}, version=said.number("Ⓥ"), text=text[lead.end() :] if lead else text)
    return Intent("draft", slots, 0.9)
