"""summary and trend."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech, words
from bot.language.lazy import later
from bot.language.moments import RE_WINDOW
from bot.language.said import Said
from bot.model.intent import Intent

_SUMMARY = later(
    r"(?:weekly|daily) report|长话短说|(?:说|讲|挑)(?:个)?重点|[晨夕]报|(?:休假|出差|请假)回来.{0,6}(?:说|讲|情况)|(?:分钟|精简|口头|完整|浓缩)版|"
    r"分(?:几|[三四五])?点(?:说|讲|列|写)|汇总|简报|小结|摘要|日报|周报|月报|专报|专题报告|早报|晚报|总结(?!教训|经验)|"
    r"概括|概述|综述|tl;?dr|summar"
    r"|sum up|[一两三几]句话|一句(?:讲|说)|一两句|发生了?(?:什么|啥)|(?:领导|老板|.总)(?:要|想)看|补(?:补|个|下|一下)?课"
    r"|时间线|时间轴|timeline|来龙去脉|梳理|捋(?:一)?[捋下]|理(?:一)?[理下]|(?:念|讲|说)给.{0,4}(?:老板"
    r"|领导|总)|要点|brief|sitrep|速报|快报|快讯|交接|交班|接班|盘点|情况说一下|(?:给|跟|向).{0,4}(?:领导"
    r"|老板|.总).{0,4}(?:出|写|做|整|弄|发|汇报|看)|汇报材料|前情提要|爬楼|错过(?:了)?(?:什么|啥)|(?:确认"
    r"|核实|知道|清楚|已知)了?(?:什么|啥|哪些).{0,10}(?:不知道|不清楚|没确认|没核实|未知|待核实|存疑)"
    r"|(?:哪些|什么|啥).{0,6}(?:坐实|确认|确定|清楚|知道|核实).{0,8}(?:哪些|什么|啥).{0,6}(?:不|没|未|存疑)|"
    r"已知.{0,8}未知|known|(?:刚来|[刚才]进群|没跟上|刚上线|刚醒|来晚了).{0,12}(?:讲|说|补|啥|什么|咋|情况"
    r"|发生)|(?:从头|完整)(?:讲|说|理|捋)|大事记|前因后果|(?:刚回来|刚上班|刚到).{0,6}(?:说|讲|情况)"
    r"|handover|catch.?up|念的|电梯(?:演讲|版)|一页纸|recap|bullets|归纳|脉络"
)
NO_SUBJECT = (
    r"早会|晚会|夜班|白班|今|昨|周|月|小时|整理|领导|老板|出|做|写|发|给|过去|最近|用|版|份|日|刚|讲|念|来"
    r"|Ⓟ|我|总结|经验|夜里|凌晨|现在|情况"
)
_SUMMARY_NOT = later(
    r"拉黑|屏蔽|派个?活|^(?:现在|目前|这是?)?(?:什么|啥)情况(?!.*(?:一句话|领导|老板))|复盘|演练|改进|经验教训|总结教训|教训"
    r"|列表汇总|指令汇总|清单汇总|交接(?:给|人)|已交接|汇总表格里"
    r"|热搜列表|简报会"
)


_NOUN_FIRST = later(r"([一-龥a-z]{2,8}?)(?:的)?(?:出|做|写|来|整|弄|搞|发)(?:一?[个份版张篇页])")
"""「停电出份专报」: the noun in front of the making."""


def read_summary(said: Said) -> Intent | None:
    """汇总 #12, 给领导出个简报, 日报, TL;DR #7, 把时间线理一下."""
    found = _SUMMARY.search(said.shape)
    if not found or _SUMMARY_NOT.search(said.shape):
        return None
    if speech.negated(said, *found.span()) or re.search(r"(?:谁写|写了吗|写完|发了吗|交了吗|发了没|整理了)", said.text):
        return None
    text = said.text
    kind = words.first(words.FORMATS, text) or None
    if (
        kind == "leader"
        and re.search("摘要|汇报", text) is None
        and not re.search(r"简报|领导|老板|总|brief|速报|快报|高层|管理层|sitrep|董事", text)
    ):
        kind = None
    window = RE_WINDOW.search(re.sub(r"交班|发布会", "□□", text))
    if window and re.fullmatch(r"最近|今天|今日|本周|这周|一周", window[0]) and kind in ("daily", "weekly"):
        window = None
    typed = re.sub(r"^(?:过去|過去|最近|近|前|last|past)\s?", "", said.raw[window.start() : window.end()]) if window else None
    slots = cut.incident(
        said,
        at=None,
        after=found.end() if re.match(r"^(?:汇总|简报|小结|摘要|总结|时间线|要点|tl;?dr|补课)", said.bare_shape) else None,
    )
    if not slots and found.start() and not re.search(NO_SUBJECT, said.text[: found.start()]):
        slots = cut.incident(said, at=found.start())
    if not slots and (lead := _NOUN_FIRST.match(said.shape)) and not re.search(NO_SUBJECT, lead[1]):
        slots = cut.incident(said, at=lead.end(1))
    last = list(_SUMMARY.finditer(said.shape))[-1]
    if not slots and last[0] in ("总结", "概括", "梳理", "汇总", "归纳"):
        slots = cut.incident(said, after=last.end())
    if "topic" in slots and (
        re.search(r"版本|平台|专报|简报|日报|周报|早会|交接|夜班|白班", str(slots["topic"]))
        or words.first(words.FORMATS, str(slots["topic"])) == "weekly"
    ):
        slots.pop("topic")
    wanted = re.search(r"(?:要有|包含|包括|重点|突出|带上?|加上|附上?|要带|含)(?!领导)[^。]+$", said.raw)
    slots = cut.put(slots, format=kind, window=typed, text=wanted[0] if wanted else None)
    strong = re.match(r"^(?:汇总|简报|小结|摘要|日报|周报|专报|总结|tl|补课|时间线|summary)", said.bare_shape)
    return Intent("summary", slots, 0.92 if strong else 0.84)


_TREND = later(
    r"趋势|走势|曲线|热度|是涨是跌|热不热|火不火|(?:蔓延|传播|传)得?(?:多快|快不快)|波及|多大范围|多热|(?:还能?|要|能|会)(?:再)?(?:火|热|闹|持续|发酵|挂|飘)(?:几|多)|(?:涨|升|高|热|好转|"
    r"上)(?:了)?还是(?:跌|降|低|冷|恶化|落|下)|(?:降|落|压|掉)下[来去]|(?:会|还|在)(?:不会)?(?:再|继续|往上|"
    r"往下)?(?:涨|升温"
    r"|扩散|发酵|爆|跌|降|落)|涨(?:得|了|最|势|幅)|过了?[高顶最]?峰|传播速度|扩散|占比|情绪|好转|半衰期|trend|预测"
    r"|上热搜|热榜|声量|讨论量|峰值|凉了|降温|升温|回落|往上走|往下走|势头|凉了没|凉了吗|多快|velocity"
    r"|heat|forecast|curve|走向|波峰|拐点|预判|增速|增长|舆论风向|风向|冲上热搜|传播(?:路径|范围|情况)"
    r"|影响范围|到顶|见顶|爆发|量(?:级|怎么)|消退|退潮|平息|多少(?:条|帖|讨论)|每小时(?:多少)?|翻倍"
    r"|负面(?:率|声音|.{0,3}多少|.{0,3}几成)|口碑|图表|走高|走低|反弹|几个平台|哪个平台|哪些平台|上升还是"
    r"|更糟|更严重|衰减|sentiment|平台分布|消停了没|(?:多久|多长时间|啥时候|什么时候|几时|何时)(?:能|才|会|"
    r"可以)*(?:下去|过去|消停|凉|降|平|落|散|退)|多少人(?:看|知道|刷|转)|见底|封顶|过了最|覆盖(?:了)?(?:多少|"
    r"面|人)|扛过去了?(?:吗|没)"
)
_TREND_NOT = later(
    r"静音|定级|撤(?:了|下|掉)?热搜|热搜撤|列表|按热度|复盘|专报|简报|汇总|日报|周报|摘要|演练|认领|起草"
    r"|事件有哪些|压热度|降热度的|发布|[ⒹⓉⒻ]|结案|任务|决策|冲榜|刷|控评|股价|业绩|销量"
)
FORECAST = later(
    r"会不会|预测|还会|会继续|接下来|预计|预判|forecast|明天会|今晚会|未来|后面会|能不能降"
    r"|什么时候(?:能)?(?:过|到|降|落|平)|多久(?:能|才)?(?:降|落|平|过|凉)|往后|下一步走|会爆|会上"
)


def read_trend(said: Said) -> Intent | None:
    """趋势 #12, 热度曲线, 还会涨吗, 今晚会不会上热搜,预测一下."""
    found = _TREND.search(said.shape)
    if not found or _TREND_NOT.search(said.shape):
        return None
    if re.search(r"状态|啥情况|现在几级|谁在?(?:跟|管)", said.shape) and not re.search(r"趋势|曲线|走势|热度", said.shape):
        return None
    if re.match(r"(?:我)?(?:感觉|觉得|看来|看样子|估计|好像)", said.bare_shape) and not said.numbers("Ⓘ"):
        return None
    metric = words.first(words.METRICS, said.text) or None
    if re.search(r"上热搜|热榜", found[0]) and metric == "heat":
        metric = None
    window = trend_window(said)
    by = (
        "platform"
        if re.search(r"(?:哪个|哪些|各个?|分|按|每个)平台|平台(?:分布|占比|对比|拆)", said.text)
        else "region"
        if re.search(r"(?:哪个|各|分|按)(?:地区|省|城市|地域)", said.text)
        else None
    )
    if by and re.search(r"涨|多|猛|快", said.text) and metric is None:
        metric = "mentions"
    slots = cut.incident(
        said, at=None, after=found.end() if re.match(r"^(?:趋势|走势|热度|trend|曲线|预测)", said.bare_shape) else None
    )
    if not slots:
        slots = _subject(said, found) or _subject_before(said, found)
    op = "forecast" if FORECAST.search(said.text) else None
    slots = cut.put(slots, op=op, metric=metric, window=window, by=by)
    if speech.negated(said, *found.span()) or re.search(r"如果|要是|万一", said.text[: found.start()]):
        return None
    asking = re.search(
        r"[?？吗么嘛没]|多少|是不是|多快|如何|怎么|咋|看|查|预测|发|图|曲线|趋势|走势|来|给|哪|分布|各|对比", said.text
    )
    strong = re.search(r"趋势|走势|曲线|热度|传播速度|半衰期|trend|预测|过峰|占比|声量|峰值", said.shape)
    if (
        not asking
        and not re.match(
            r"^(?:Ⓘ+|#|\d|\s)*(?:趋势|走势|曲线|热度|trend|声量|半衰期|负面占比|情绪|传播速度|预测|velocity|heat"
            r"|forecast|峰值)",
            said.shape,
        )
        and not slots
    ):
        return None
    if speech.told(said, *found.span()) and not said.numbers("Ⓘ"):
        return None
    return Intent("trend", slots, 0.86 if strong else 0.72)


def _subject(said: Said, found: re.Match[str]) -> dict[str, Any]:
    head = re.match(
        r"^([一-龥a-z]{2,8}?)(?:的|这事|那事)?(?:趋势|走势|热度|曲线|声量|传播速度|负面|情绪|峰值)", said.bare_shape
    )
    if (
        not head
        or cut.NO_TOPIC.search(head[1])
        or re.search(r"看|最近|评论|整体|目前|现在|今天|小时|声明|平台|预测|给|发|查|传播|发酵|多少", head[1])
    ):
        return {}
    start = len(said.shape) - len(said.bare_shape)
    return {"topic": said.raw[start : start + len(head[1])]}


def _subject_before(said: Said, found: re.Match[str]) -> dict[str, Any]:
    """The noun in front of 还会涨吗, where it is no platform and no time."""
    name = cut.topic_before(said, found.start())
    general = re.search(
        r"评论|舆论|舆情|网上|微博|抖音|平台|热度|声量|今|明|后|现在|声明|情绪|负面|小时|整体|最近|预测|看|预计|哪", name
    )
    return {} if not name or general else {"topic": name}


def trend_window(said: Said) -> str | None:
    text = re.sub(r"声明发(?:完|布)?之?后|发布会", lambda m: "□" * len(m[0]), said.shape)
    found = re.search(
        r"最近(?:一|\d+|[两三四五六七八九十半几])\s?个?(?:小时|天|周|日|分钟|钟头)|(?:这|近|过去|前)?几个?小时", text
    ) or RE_WINDOW.search(text)
    if not found or found[0] == "最近":
        return None
    typed = said.raw[found.start() : found.end()]
    return re.sub(r"^(?:这|过去|近)", "", typed) if not typed.startswith(("这周", "近期", "这几天")) else typed
