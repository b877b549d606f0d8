"""decision: 决策, 陈总拍板, 撤销 J3. Kept in simplified characters, so that two writings compare."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech
from bot.language.lazy import later
from bot.language.normal import simplified
from bot.language.said import Said, head_at
from bot.model.intent import Intent

_DECIDE = later(
    r"决策|(?:Ⓟ+|董事长|总经理|管理层|集团)(?:批示|指示)(?=[^,，。吗了]{4,})|Ⓟ+(?:刚|刚刚)?定的|(?:领导|老板|董事长|总经理|集团|会上)定的|(?:先行|即日起|即刻起|全部|全国|全线|"
    r"一律)(?:下架|停售|停业|停产|停播|暂停|召回|停止)|(?<!没)决定|决议|拍板|(?<![你谁])说了?算|敲定|定了(?!级)|"
    r"就(?:这么|这样|这个|照这个|按这个)(?:办|定|干)|就定(?:这|它)个?|(?:这么|这样)定了|一致(?:同意|通过|决定|认为)"
    r"|(?:指示|批示|意见|意思|要求|定调|发话|明确|口头指示|定夺)(?:了|是|如下)?[:：\s,，]|Ⓟ+的?(?:意思"
    r"|意见)是|decision|decided|经.{2,8}(?:同意|批准|研究|讨论)|就按.{1,16}(?:办|来|执行|走|做|推进)|商定|议定|定下来"
    r"|(?:董事会|管理层|总经理|董事长|领导|集团|老板|高层|Ⓟ+)(?:已经?)?(?:批准|通过|同意)了?[,，:：\s]"
    r"|(?:Ⓟ|总|董事长|领导|老板|经理)说了[,，:：]|(?:大家|各方|四方|都|会上|全体|各部门)(?:都|"
    r"一致)?同意了?[,，:：]|结论(?:[:是]|就是)|开会定|会上定|板(?:已经)?拍|都拍了|会议(?:决定|结论|同意)|绝策|"
    r"拍了板"
)
_WHO = later(
    r"(?:^|[,，。\s:])(?:刚刚?|经|由|按|根据)?\s?((?:Ⓟ+)|(?:[一-龥]{0,4}(?:董事长|总经理|总裁|校长|院长|厂长|局长|组委会|管理层"
    r"|董事会|集团|领导|老板|总监|指挥部|指挥中心|指挥长|分管领导|ceo|书记|主任|会上|高层|法务部?"
    r"|党委)))(?:层)?(?:刚|已经?|也|电话|口头|微信|亲自|那边|刚才|会上|们|里|开会|这边)*(?:的意思是"
    r"|的意思(?=[,，:：])|的意见(?=[,，:：])|的意见是|说了?算|拍板|决定|指示|批示|意见|要求|同意|定了|发话|敲定|明确|定调|批准|研究|讨论|一致"
    r"|拍了板|说了?[:：,，]|定(?:的|了)?[:：,，\s])"
)
_DECISION_MARK = later(
    r"^\s*(?:记一?下?|记录|新增|补录|录入|登记|加|记为|记成|存为)?(?:一?[个条项])?(?:决策|决定|决议"
    r"|decision|绝策)(?:了|是|如下)?(?:记录)?\s?[:：\s,，]*|^\s*(?:那)?(?:就)?定了(?:啊|哈|吧"
    r"|呀)?\s?[:：\s,，]*|^\s*(?:那)?(?:就)?(?:这么|这样|这个|照这个|按这个)(?:办|定|干)(?:了|吧)?\s?[:：\s,，]*"
    r"|^\s*就定(?:这|它)个?(?:了|吧)?\s?[:：\s,，]*|^\s*(?:会上)?(?:大家)?一致(?:同意"
    r"|通过|决定|认为)\s?[:：\s,，]*|^\s*(?:大家|各方|四方|全体|各部门)?都?(?:一致)?同意了?[:：\s,，]+|"
    r"^\s*会议(?:决定|结论|同意)[是为]?\s?[:：\s,，]*|^\s*(?:记一下"
    r"|记录一下|记)\s?[:：\s,，]*|^\s*(?:敲定|拍板|商定|议定|结论)(?:了|是)?\s?[:：\s,，]*"
)

_WAITING = r"(?:是)?(?:需要|要|等|待|得)着?我来?(?:定夺?|拍板|决定|拿主意|做主)"
_FOR_ME = later(
    rf"(?:现在|目前|今天|还)?有(?:没有)?(?:什么|啥|哪些|几[个件])?(?:事情?|东西)?{_WAITING}的?(?:事情?|决策|决定)?(?:吗|没有?|呢)?[啊呀?？!。\s]*"
    rf"|(?:现在|目前|今天)?{_WAITING}的(?:事情?|决策|决定)?(?:都?是?有?(?:什么|啥|哪些|哪几[个件]|几[个件])|有吗|呢|$)[啊呀?？!。\s]*"
    r"|我(?:现在|今天)?(?:要|需要|得)(?:定|决定|拍板)(?:什么|啥|哪些)[啊呀?？!。\s]*"
)
"""What waits for the speaker's word: 有什么要我定的, 等我拍板的."""

_STEP = r"(?:下架|停售|停播|停产|停业|停运|召回|封存|报警|道歉|致歉|退款|赔付)"
_AT_ONCE = r"(?:先行?|就|都|要|马上|立即|立刻|即刻|今[天晚]|明[天早]|全部|全国|全线|一律|把[^,，。?？]{1,12}?|\s)*"
_OF_IT = r"(?!之|以|后|前|吧|吗|呢|么|不|太|的|会|可能|再|了|还|是|过|声明|公告|稿|通知|通报|信|函)[^,，。;；?？吗呢]{0,16}"
_SAYS = later(
    rf"[#Ⓘ\d\s]*(?:刚刚?|刚才)?(?P<who>Ⓟ+|董事长|总经理|总裁|领导|老板)(?:刚刚?|刚才|电话里?|口头)?(?:已经?)?(?:说|批准|同意|要求|指示)了?"
    rf"\s?(?P<what>{_AT_ONCE}{_STEP}{_OF_IT}(?:[,，](?!.*(?:说|但|可是|不过|不行|不同意|反对))[^?？]{{1,40}})?)[。!\s]*"
)
"""A leader's word on what is done next, without 拍板: 陈总说先下架MA0423."""
_GRANTS = later(
    rf"[#Ⓘ\d\s]*(?:批准|准予){_AT_ONCE}{_STEP}(?!.*(?:微博|公众号|官网|官微|视频号|帖|文章|视频|热搜|评论|Ⓓ)){_OF_IT}[。!\s]*"
)
"""Who decides grants a measure: 批准下架. What is published is no measure: it is taken down by 撤下."""


def read_decision(said: Said) -> Intent | None:
    """决策 …, 陈总拍板：…, 决定了,…, 决策撤销 J3, J2改一下."""
    number = said.number("Ⓙ") if said.numbers("Ⓙ") else None
    if number is not None or (said.number("Ⓙ") is not None and not _DECIDE.search(said.shape)):
        return _on_decision(said, number if number is not None else said.number("Ⓙ") or 0)
    if _FOR_ME.fullmatch(said.shape):
        return Intent("decision", {"op": "list", "mine": True}, 0.97)
    told = _SAYS.fullmatch(said.shape)
    by = simplified(said.raw)[told.start("who") : told.end("who")].removeprefix("@") if told else None
    if (by and re.search(r"[总董长裁]$|总经理$|领导$|老板$", by)) or _GRANTS.fullmatch(said.shape):
        text = simplified(said.raw)[told.start("what") if told else head_at(said.shape) :]
        own = re.sub(r"\s*#\s?\d+号?[。!\s]*$", "", cut.tidy(text))
        return Intent("decision", cut.put({}, incident=cut.subject(said), by=by, text=own), 0.92)
    found = _DECIDE.search(said.shape)
    if not found:
        return None
    listing = re.search(
        r"(?:哪些|什么|啥|几个|列表|清单|查|看|列|list|历史|都有?|记录).{0,10}(?:决策|决定|决议|decisions?)"
        r"|(?:决策|决定|决议|decisions?)(?:都)?(?:有哪些|列表|清单|有啥|记录(?:在哪)?|list|历史|一览|汇总)"
        r"|(?:决策|决定|决议).{0,3}(?:列|看|查|发)一?[下出]|(?:之前|历史|以往|所有|全部)的?(?:决策|决定|"
        r"决议)(?!是)|做过(?:哪些|什么|啥)?(?:决定|决策)|(?:哪些|什么|啥).{0,6}(?:定下来|定了|拍板|敲定|议定)|"
        r"(?:拍|定)(?:过|了)?(?:哪些|什么|啥)(?:板|事)?(?:了|$)|(?:拍|定)(?:过|了)(?:哪些|什么|啥)|decisions$",
        said.shape,
    )
    if listing and not re.search(r"记决策|记录?决定", said.shape):
        return Intent("decision", cut.put({"op": "list"} | cut.incident(said)), 0.88)
    if re.search(r"[Ⓓ]", said.shape) or (
        not re.match(r"^(?:#|Ⓘ|\d|\s)*决策", said.shape)
        and (speech.negated(said, *found.span()) or speech.doubted(said, *found.span()))
    ):
        return None
    if re.search(
        r"^(?:现在|目前|今天|还)*有(?:没有)?(?:什么|啥|哪些|几[个件])|(?:吗|没有?|么|呢)[?？]*$|[?？]$|怎么|如何|谁(?:来)?(?:决定|拍板|定)|等.{0,8}(?:决定|拍板)|还没"
        r"|由.{1,6}决定",
        said.text,
    ):
        return None
    by, used = _decider(said)
    text = _choice(said, used)
    if said.quote and len(text) < 3:
        text = said.quote.text
    if re.search(r"(?:请|让|找|叫|等|喊|拉)[^,，。]{0,8}(?:拍板|决定|定夺|敲定)", said.text) or re.match(r"^我同意", said.text):
        return None
    if not text and not re.match(r"^(?:决策|决定|decision)", said.bare_shape):
        return None
    slots = cut.put(
        cut.put({}, incident=cut.subject(said) or (said.number("Ⓘ") if re.match(r"^(?:\d|Ⓘ|#)", said.shape) else None)),
        by=by,
        text=text,
    )
    return Intent("decision", slots, 0.9 if re.match(r"^(?:决策|决定|决议|记决策|decision)|.{0,8}拍板", said.shape) else 0.84)


def _on_decision(said: Said, number: int) -> Intent | None:
    base: dict[str, Any] = {"decision": number}
    spans = [(t.start, t.end) for t in said.things if t.kind == "Ⓙ"]
    if re.search(r"(?:吗|没|么|谁|什么)[?？]*$", said.text):
        return Intent("decision", {"op": "list"} | base, 0.7)
    verdict = re.fullmatch(
        r"[\s,:]*(同意|确认|属实|对|没错|就这么定|不同意|否认|不属实|不对|不是我(?:定|说)的|反对)[\s,:。!]*(.*)",
        said.shape.lstrip("Ⓙ决策"),
    )
    if verdict:
        no = verdict[1].startswith(("不", "否", "反"))
        reason = cut.tidy(said.raw[len(said.raw) - len(verdict[2]) :]) if verdict[2] else None
        return Intent("decision", cut.put({"op": "retract" if no else "confirm"} | base, reason=reason), 0.93)
    revoke = re.search(r"撤销|撤回|撤掉|撤(?=了|吧|$)|作废|取消|revoke|推翻|不算|收回|废掉|废除|withdraw", said.shape)
    if revoke and not speech.no_command(said, *revoke.span()):
        return Intent(
            "decision",
            cut.put(
                {"op": "revoke"} | base,
                reason=cut.leftover(said, [*spans, revoke.span(), *((m.span()) for m in re.finditer("决策|决定", said.text))]),
            ),
            0.93,
        )
    revise = re.search(r"改|调整|变更|修订|修改|更新|换成|revise|amend|变成|延长|缩短|补充|增加", said.shape)
    if revise and not speech.no_command(said, *revise.span()):
        lead = re.search(
            r"改一下|改下|修改(?:一下|为|成)?|调整(?:一下|为|成)?|改[为成](?=[:,\s])|变更(?:为)?|修订(?:为)?"
            r"|更新(?:为|一下)?|revise|改[为成]",
            said.text,
        )
        drop = [lead.span()] if lead and (lead.start() <= 6) else []
        return Intent("decision", cut.put({"op": "revise"} | base, text=cut.leftover(said, [*spans, *drop])), 0.93)
    return Intent("decision", {"op": "list"} | base, 0.6) if re.search("看|查|详情|内容|依据", said.text) else None


def _decider(said: Said) -> tuple[str | None, list[cut.Span]]:
    found = _WHO.search(said.shape)
    if not found:
        return None, []
    name = simplified(said.raw)[found.start(1) : found.end(1)].removeprefix("@").strip()
    name = re.sub(r"^(?:经|由|按|刚刚?|根据)", "", name)
    if name in ("会上",):
        return None, [found.span()]
    return name, [found.span()]


def _choice(said: Said, used: list[cut.Span]) -> str:
    number = cut.subject(said)
    chars = list(simplified(said.raw))
    for start, end in [*used, *((t.start, t.end) for t in said.things if t.kind == "Ⓘ" and (not t.bare or t.number == number))]:
        chars[start:end] = "\0" * (end - start)
    raw = re.sub(r"\0+", " ", "".join(chars))
    for _ in range(3):
        raw = _DECISION_MARK.sub("", cut.tidy(raw), count=1)
    return re.sub(r"^(?:了|过)[,，\s]+", "", cut.tidy(raw))


def decision_slots(said: Said) -> dict[str, Any] | None:
    """The slots of a line about decisions: a change to one that is named, a list where it asks, else a new one."""
    if (number := said.number("Ⓙ")) is not None:
        found = _on_decision(said, number)
        return dict(found.slots) if found else None
    if re.search(r"哪些|什么|啥|几[个条项]|列|查|看|[?？]$|吗$", said.text):
        return {"op": "list"} | cut.incident(said)
    by, used = _decider(said)
    text = _choice(said, used)
    return cut.put({}, incident=cut.subject(said), by=by, text=text) if text else None
