"""review: 复盘, improvements, cases, how long it took."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech, words
from bot.language.grammar.report import NO_SUBJECT
from bot.language.lazy import later
from bot.language.moments import RE_DUE, RE_LENGTH, RE_MOMENT
from bot.language.said import Said
from bot.model.intent import Intent

_REVIEW = later(
    r"复盘|复个盘|多久才?(?:有人)?(?:认领|接手)|多久才?(?:发|出)的?(?:首发|首次)?(?:声明|回应)|(?:哪些|哪个|什么)(?:环节|步骤|地方)(?:上)?(?:拖|慢|掉链子|出问题|卡|没跟上|失守)|(?:错|输|"
    r"败|差|坏|问题(?:出|在))在?哪|复一下盘|post.?mortem|(?<![a-z])retro(?![a-z])|(?:改进|整改)(?:项|措施|"
    r"方案)?[^,，。]{0,6}(?:落实|完成|到位|做完|跟进|推进|执行)|^(?:加|记|补|"
    r"添)(?:一)?[条个项][^,，。:：]{0,2}(?:改进|整改)|(?<![a-z])review(?!er)|改进项|改进(?:措施|点|计划|清单)|"
    r"整改项"
    r"|案例(?!库建设)|教训|(?:哪里|哪儿|哪些地方|哪些|什么地方).{0,6}(?:做得|做的)?(?:不好|不足|不到位"
    r"|可以改进|能改进|失误|有问题|欠缺|没做好)|(?:从|首发|首次|发声|认领|响应|回应).{0,10}(?:用了|花了"
    r"|耗时|多久|多长时间)|(?:花了|用了|一共花|总共花|共花|花掉).{0,4}(?:多少钱|多少|几个钱)|(?:处置|这次"
    r"|应对)(?:成本|费用|花费)|时限.{0,6}达标|达标率|达标.{0,4}(?:吗|没|多少|情况)|反思|事后(?:分析|总结"
    r"|评估)|经验总结|总结经验|处置评估|(?:评估|评价)一?下?(?:这次|处置|应对|我们)|回头看(?!看)|lessons"
    r"|retrospective|sla|超时(?:了)?(?:几|多少)次|after.?action|检讨|得失|为什么(?:晚|慢)|先例|(?:首次?|"
    r"第一次?)(?:回应|发声|声明|响应).{0,4}(?:用时|耗时|多久|多少)|(?:过去|以前|历史|之前)[^,，]{0,4}(?:相似|"
    r"类似|同类)|(?:响应"
    r"|回应|处置)及时|类似.{0,6}(?:事件|情况|处理|先例)|(?:以前|过去|历史).{0,4}(?:有没有|有过|类似"
    r"|处理过)|先例"
)
_ADD_ACTION = later(
    r"(?:^|加(?:一)?[个条]|新增|记(?:一)?[个条]|添加|补(?:一)?[个条]|增加)(?:一?[个条])?(?:改进|整改)(?:项"
    r"|措施|点|计划|意见|建议)?\s?[:\s,]|(?:改进|整改)(?:项|措施|点)[:：]|(?:加|记|添加|新增"
    r"|补)(?:一?[条个])?(?:到)?(?:改进|整改)(?:项|措施|点|清单)?"
)


def read_review(said: Said) -> Intent | None:
    """复盘 #12, postmortem #7, 改进项：…, 把 #7 存成案例, 这次从发现到发声用了多久."""
    if re.match(r"^导出(?:\s?(?:#|Ⓘ|\d|事件|全部记录|记录|档案)|[吧!。\s]*$)", said.shape):
        return Intent("review", {"op": "export"} | cut.incident(said), 0.9)
    if (short := re.match(r"^(?:改进|整改)(?:[:：]|\s(?!Ⓘ|#|\d)|[项点]\s(?=\S+\s\S))", said.shape)) is not None:
        return _action(said, short)
    found = _REVIEW.search(said.shape)
    if not found:
        return None
    text = said.text
    if re.match(r"疑似|据说|听说|有人|网传|待核实|事实|记一下", said.bare_shape):
        return None
    if re.search(r"演练|推演|演习|案例(?:分享会|教学)", said.shape) and not re.search("存成案例|复盘", said.shape):
        return None
    if (
        (speech.negated(said, *found.span()) and not re.search(r"[未没][^,，]{1,4}的(?:改进|整改)", said.shape))
        or speech.told(said, *found.span())
        or re.search(
            r"(?:谁写|开完了|写了吗|订好|会议室|取消复盘|昨天(?:的)?复盘|复盘会[^,，。]{0,6}(?:晚到|请假|参加|几点|在哪|改到|改期|谁"
            r"|取消|去不)|棋|股|比赛|考试|球赛|昨晚|高考)",
            text,
        )
    ):
        return None
    if re.search(r"(?:剩|还有|还差)(?:多久|多少|多长)", text):
        return None
    adding = _ADD_ACTION.search(said.shape)
    if adding and re.search(r"[:：]|加|记|新增|补", said.shape) and not re.search(r"列出|有哪些|完成了|进展|落实情况", text):
        return _action(said, adding)
    sure = 0.93 if re.search("复盘|postmortem|review|案例|复个盘", found[0]) else 0.86
    return Intent("review", review_slots(said, found), sure)


def review_slots(said: Said, found: re.Match[str] | None = None) -> dict[str, Any]:
    """The slots of a line about a review; ``found``: where it says so."""
    found = found or re.match("", said.shape)
    assert found is not None
    text = said.text
    if (short := re.match(r"^(?:改进|整改)[^:：]{0,4}[:：]", said.shape)) is not None:
        return dict(_action(said, short).slots)
    slots = cut.incident(
        said, at=None, after=found.end() if re.match(r"^(?:复盘|复个盘|postmortem|review)", said.bare_shape) else None
    )
    if not slots and found.start() and not re.search(NO_SUBJECT, said.text[: found.start()]):
        slots = cut.incident(said, at=found.start())
    if "topic" in slots and re.search(r"会|材料|报告|类似|历史|案例", str(slots["topic"])):
        slots.pop("topic")
    op = None
    if re.search(
        r"(?:存|记|收|加|做|归|录|放|入|列|沉淀)(?:成|为|到|进|入|个|档)?(?:了)?(?:一?个)?(?:案例|进案例)"
        r"|(?:存|记|收|归|录|放|入|列|沉淀|转)[^,，]{0,4}案例库?|入案例库|案例(?:入库|归档|存)|save.{0,8}case",
        text,
    ):
        op = "save_case"
    elif re.search(
        r"(?:有|有没有|有无|找|查|搜|看|哪些|类似|历史|相似|参考|以前|过去|同类|调).{0,10}(?:案例|先例)"
        r"|案例(?:有吗|有哪些|库|查)|(?:类似|相似|同类).{0,6}(?:事件|情况|处理|案子|事)|(?:以前|过去|"
        r"历史).{0,4}(?:有没有|有过|类似|相似"
        r"|处理过)",
        text,
    ):
        op = "find_case"
    elif re.search(
        r"(?:改进|整改)(?:项|措施|点|清单)?.{0,8}(?:哪些|几[条项个]|多少|列表|清单|完成|落实|进展|进度|没做|都|情况|到哪|还有)"
        r"|(?:哪些|看|查|列).{0,8}(?:改进|整改)(?:项|措施)",
        text,
    ) and not re.search(r"指到人|复盘", text):
        op = "list_actions"
    elif re.search(r"导出|export|下载", text):
        op = "export"
    metric = words.first(words.METRICS[:4], text) or None
    when = None
    if re.search(r"开|会|安排|定在|约|[点号天午晚早\d一二三四五六日]\s?(?:再)?复盘|复盘(?:定|放|改)", text):
        moment = RE_MOMENT.search(text)
        when = said.raw[moment.start() : moment.end()] if moment else None
    focus = re.search(r"(?:重点|着重|主要|特别|尤其|侧重)[^。]*$", said.text)
    typed = said.raw[focus.start() : focus.end()] if focus else None
    return cut.put({"op": op} if op else {}, **slots, metric=metric, when=when, text=typed)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """A time set apart on both sides is a date; one inside the words (周末巡检) belongs to them."""
    return bool(re.search(r"[\s,，]$", text[:start])) and bool(re.match(r"之?前?(?:[\s,，。]|$)", text[end:]))


def _action(said: Said, marker: re.Match[str]) -> Intent:
    dues = [m for m in (*RE_DUE.finditer(said.text), *RE_MOMENT.finditer(said.text)) if not RE_LENGTH.fullmatch(m[0])]
    due = next((m for m in dues if _stands_alone(said.text, *m.span())), dues[0] if dues else None)
    people = cut.people(said)
    spans = [marker.span(), *people, *((t.start, t.end) for t in said.things if not t.bare)]
    spans += [
        m.span()
        for m in re.finditer(
            r"负责人?(?:是|为|[:：])?|责任人[是:：]?|(?:由|给|归|交)(?=[Ⓟ一-龥]{2,3}负责)|由(?=Ⓟ)|(?:完成|落实"
            r"|搞定)?(?:前|之前)?(?=$)|截止(?:到|时间)?",
            said.shape,
        )
        if m[0]
    ]
    if due:
        spans.append(due.span())
    text = re.sub(r"[,，](?:完成|由|之前|前|落实)?$", "", cut.leftover(said, spans))
    number = said.number("Ⓘ", bare=False)
    return Intent(
        "review",
        cut.put(
            {"op": "add_action"},
            incident=number,
            text=text,
            persons=said.names,
            due=said.raw[due.start() : due.end()] if due else None,
        ),
        0.93,
    )
