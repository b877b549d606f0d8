"""list and status: 列表, 还有几个没结, #12 啥情况了."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language.grammar.grading import grade_named
from bot.language.lazy import later
from bot.language.moments import RE_WINDOW
from bot.language.said import Said, head_at
from bot.model.intent import Intent

_NOUN = r"(?:事件|预警|告警|case|cases|案子|案件|舆情|事儿?|单子|incidents?|工单|危机)"
_LIST = later(
    rf"^列表|^清单|(?:过了时限|超时了?|逾期了?|过期了?)的(?:都)?(?:有|是|列)|^(?:搜|查|找|检索)(?:一下|下|查|找)?[^,，。]{{1,8}}(?:相关|有关)的?$|^(?:按|照)(?:着)?(?:热度|等级|级别"
    rf"|严重|时间|颜色|先后|紧急)[^,，。]{{0,8}}排|^我(?:的)?(?:名下|手上|手头|手里)的?(?:呢|有吗|$|[?？!。])|我(?:接|跟|管"
    rf"|负责|认领|领|名下)的(?:那些|那几"
    rf"|所有|全部)?(?:个|件)?(?:单|事件|案子|事|"
    rf"预警)|(?:没主儿?|无主)的|(?:归档|结案|关闭|关掉|结|办结|完结)了?的(?=也|都|有|给|列|看|发|拉|查|翻|$)|"
    rf"来了?(?:几|多少|哪些)(?:条|个|起|件)?新|有(?:没有|无|几个|多少)\s?[红橙黄蓝]色?(?:的|预警|级)|"
    rf"我.{{0,4}}(?:认领|负责|接|跟|管)了?(?:的)?(?:哪些|哪几|几个|多少|啥)|(?:当前|目前|现在"
    rf"|现有|最新|新)的?{_NOUN}(?:$|[,，。!?吗呢有列])|(?:跟|和|与|关于|涉及).{{1,10}}(?:有关"
    r"|相关)的?(?:都)?(?:$|[,，!。]|查|列|看|找|调|翻|有)|(?:关|结|归档|新增|开|处理|办结)了(?:几|多少|哪)"
    rf"|列.{{0,4}}[红橙黄蓝]色?|[红橙黄蓝]色?的?(?:有)?(?:几个|多少|哪些)|(?:打开|开着|没关|未结|没结|超时"
    rf"|红|橙|黄|蓝|归档|关闭)的?(?:都)?(?:有|还有)(?:多少|几个|哪些)|{_NOUN}.{{0,4}}(?:都)?(?:结|关"
    rf"|处理完)了(?:吗|没)|(?:查|找|搜|看).{{0,8}}(?:带|含|提到|包含)|^列(?:一下|出来|一列)|(?:压|挂|积|堆"
    rf"|攒|剩)着(?:几|多少)|(?:新增|新来|新进|新报|冒出)来?了?.{{0,4}}(?:哪些|几|多少)"
    rf"|{_NOUN}.{{0,3}}有(?:吗|没|么)|(?:哪些|哪几|几个|几条|几起|几件|多少)(?:个|条|起|件)?{_NOUN}"
    rf"|列.{{0,5}}以[上下]|^list|^ls\b|{_NOUN}(?:的)?(?:列表|清单|总览|一览|汇总表|总表)|列表|清单"
    rf"|列(?:一下|出来?|下|个表)|(?:都)?有(?:哪些|哪几|几个|多少|啥|什么).{{0,8}}{_NOUN}"
    rf"|{_NOUN}.{{0,10}}(?:有哪些|有哪几|有几个|有多少|都有啥|还有吗|多少个?)"
    rf"|(?:还有|还剩|剩下|现有|目前有|一共|总共|共有?|挂着|手上有?|手头有?|名下有?|有).{{0,6}}(?:哪些|哪几"
    rf"|几个|多少|几起|几件|几条|啥|什么).{{0,12}}|(?:哪些|哪几个|几个|多少)(?:个|起|件|条)?.{{0,8}}(?:没结"
    r"|未结|在跑|没关|没处理|没完|没人|超时|结了|结掉|处理完|进行中|开着|逾期|还在|处理中|归我|是我|红|橙"
    r"|黄|蓝)"
    r"|(?:所有|全部|未结|没结的?|超期的?|逾期的?|超时的?|未结的?|有关的?|负责的?|进行中|打开|开着|超时"
    rf"|逾期|在办|活跃|今天|昨天|本周|有(?:几个|多少|哪些)还?没|还有没有.{{0,4}}(?:没|未)(?:关|结|处理|完)|"
    rf"未认领|没人认领|无人认领).{{0,8}}{_NOUN}|(?:没人|无人|未)(?:认领|接"
    rf"|管|跟|处理)的|未认领|(?:看|查|列|发|给|调|拉|筛|过滤).{{0,12}}(?:{_NOUN}|open|清单|列表)"
    rf"|{_NOUN}.{{0,8}}(?:(?:查|列|看|筛|发)一?下|(?:翻|调|找|拉|列|筛)出来)|(?:show|view"
    rf"|get).{{0,12}}(?:cases|incidents|list|all)|my (?:cases|incidents)|open cases|open incidents"
)
_OPEN = later(
    r"没结|未结|[没未]搞定|没处理|未处理|没完|没关|未关|进行中|在跑|在办|开着|还没(?:结|处理|关|完|了结|弄完|搞定)"
    r"|(?<![a-z])open(?![a-z])|处理中|活跃|没搞定|没了结|未了结|未完结|没完结|没办完|在处理|还在|挂着|悬着"
    r"|没收(?:尾|口|完)?(?!到|据)|没了$|没了的|active|ongoing|unresolved|待处理|没解决|未解决|没闭环|未闭环|打开的|开着"
)
_CLOSED = later(
    r"结掉|已结|结了|关了|关掉了|归档掉|关掉的|已关|关闭的|已归档|归档的|归档了|closed|处理完的|结案的|了结的|办结"
    r"|完结的|结束的|解决了的|已解决|搞定的|已闭环|结的"
)
_ALL = later(r"全部|所有|(?<![a-z])all(?![a-z])|不管.{0,8}(?:结|关)|全都|一共|总共|历史")
_MINE = later(
    r"我(?:正?在|来|去)?(?:盯|跟|管|办|处理|负责|牵头)(?:着)?的|[跟和与]我(?:有关|相关)|我(?:的|手上|手里|手头|名下|负责|在跟"
    r"|跟的|认领|自己|这边|还|管的|接的|挂着)"
    r"|归我|是我的|(?<![a-z])my(?![a-z])|(?<![a-z])mine(?![a-z])"
)
_UNCLAIMED = later(
    r"(?:没人|无人|没有人|未|没)(?:被)?(?:认(?![真识为同])|接|管|跟|领|处理|负责|要)|没主|无主|没主儿|没人要|晾着|待认领|unclaimed"
    r"|没负责人|没有负责人|空着|谁都没接|没着落"
)
_OVERDUE = later(r"超时|逾期|过期|超期|overdue|过了时限|拖(?:了|着)|到期没|误期|过点|late")
_KEYWORD = (
    later(
        r"(?:跟|和|与|同|关于|涉及|提到|有关|含|包含|带|关键词)[:\s\"“]*([^\s,，的有相\"”]{2,10})[\"”]?(?:有关"
        r"|相关|沾边|挂钩|的|这块)"
    ),
    later(r"([^\s,，的有相看查列下把]{2,8})\s?(?:相关|有关)的?"),
    later(r"^(?:把)?([一-龥a-z]{2,6})的(?:都|全)?(?:给我)?(?:调|拉|找|搜|翻)(?:出来|一下)"),
    later(r"(?:带|含|提到|包含)(?:有)?[“\"「]([^”\"」]+)"),
    later(r"(?:关于|涉及|关键词|搜索?|检索)(?:一?下)?[:\s\"“]*([^\s,，的有\"”]{2,10})"),
)
_SORT = (
    ("heat", later("按热度|热度(?:排|从|高)|最热")),
    ("grade", later("按(?:等级|级别|颜色|严重)|级别排|等级排|最严重")),
    ("time", later("按时间|时间(?:排|顺序|倒序)|最新的排|按先后")),
)


def read_list(said: Said) -> Intent | None:
    """列表, 还有几个红色的在跑, 跟奶粉有关的事件."""
    found = _LIST.search(said.shape)
    head = said.bare_shape
    if not found and not re.match(r"^(?:列表|清单|list)\b", head):
        return None
    if said.numbers("Ⓘ") or re.search(
        r"任务|事实|决定|决策|存证|证据|稿|剧本|案例|改进|待办|todo|指令|命令|[ⒹⓉⒻⒿ]|平台|时间线|时间轴|批|签|值班|气象|暴雨|台风|高温|大雾",
        said.shape,
    ):
        return None
    slots = list_slots(said)
    strong = (
        bool(re.match(r"^(?:列表|清单|list|列)|.*着(?:几|多少)", head)) or bool(re.search(_NOUN, said.shape)) or bool(slots)
    )
    if not strong:
        return None
    return Intent("list", slots, 0.9 if re.match(r"^(?:列表|清单|list)", head) else 0.72)


def list_slots(said: Said) -> dict[str, Any]:
    """What a list is narrowed to."""
    grade = "orange" if re.search(_UPPER, said.text) else grade_named(said)
    return cut.put(
        {},
        status="all"
        if re.search(r"(?:不管|无论|不论)[^,，]{0,4}(?:结|关)[没不了]", said.text)
        else "open"
        if _OPEN.search(said.text)
        else "closed"
        if _CLOSED.search(said.text)
        else "all"
        if _ALL.search(said.text)
        else None,
        grade=grade,
        grade_op=_grade_op(said.text) if grade else None,
        window=_window(said),
        mine=True if _MINE.search(said.text) else None,
        unclaimed=True if _UNCLAIMED.search(said.text) else None,
        overdue=True if _OVERDUE.search(said.text) else None,
        keyword=_keyword(said),
        sort=next((key for key, pattern in _SORT if pattern.search(said.text)), None),
        person=said.people[0].name if said.people else _holder(said),
    )


def _holder(said: Said) -> str | None:
    """The person whose incidents are asked for, without @ or title: 张敏名下."""
    found = re.match(
        r"^([一-龥]{2,3}|[a-z]{2,10})(?:的?(?:名下|手上|手里|手头)|负责|在跟|跟的|管的|认领|接的|在办|的(?=事件|案子|单))",
        said.bare_shape,
    )
    if (
        not found
        or re.search(r"我|谁|人|哪|今|昨|目|现|还|没|未|领导|大家|的|眼下|当下|眼前", found[1])
        or cut.NO_TOPIC.search(found[1])
    ):
        return None
    start = len(said.shape) - len(said.bare_shape)
    return said.raw[start : start + len(found[1])]


_UPPER = r"橙色?(?:和|与|、|跟|以及)红|红色?(?:和|与|、|跟|以及)橙"


def _grade_op(text: str) -> str | None:
    if re.search(_UPPER, text) or re.search(r"(?:及|和|或|与)?(?:以上|更高|往上)|\+|起步|或更", text):
        return "gte"
    if re.search(r"(?:及|和|或)?(?:以下|更低|往下)", text):
        return "lte"
    return None


def _window(said: Said) -> str | None:
    found = RE_WINDOW.search(said.text)
    return (
        said.raw[found.start() : found.end()]
        if found and not re.fullmatch("最近|现在", found[0])
        else ("最近" if "最近" in said.text else None)
    )


def _keyword(said: Said) -> str | None:
    for pattern in _KEYWORD:
        found = pattern.search(said.spoken)
        if found and not re.search(
            r"我|今天|没|谁|事件|□|[红橙黄蓝]|结|关了|开着|超时|逾期|认领|处理",
            said.shape[found.start(1) : found.end(1)].strip("□"),
        ):
            return said.raw[found.start(1) : found.end(1)]
    return None


_STATUS = later(
    r"(?<![a-z])check(?: on)?(?= ?(?:#|Ⓘ|\d))|还有(?:多久|多长时间|多少时间)|(?:已经?|都)?(?:升|降|定|结|关|报|发)[^,，]{0,4}了(?:是吧|对吧)"
    r"|已经?(?:升|降|定|结|关|报|发)[^,，]{0,4}了吧[?？]"
    r"|(?:看|瞅|瞄|瞧)一?眼\s?(?=#|Ⓘ|\d)|"
    r"有人(?:在)?(?:跟|管|接|负责|处理)(?:吗|没|么|不)|状[态况]|近况|怎么着|(?:剩|差)(?:余)?(?:多久|多少时间|"
    r"多长)|(?:归|属)(?:谁|哪个)|查询|(?:是不是"
    r"|是否)已经?|(?:Ⓘ+|\d)号?(?:那边|这边)?的?情况|闭环没|进展(?!通报|公告|稿|说明)|进度|啥情况|什么情况"
    r"|怎么样|怎样了|咋样|啥样|到哪|走到|哪一?步|哪个环节|怎么处理的|怎么收场|(?:解决|处理|搞定|摆平|弄好|收尾|"
    r"了结|压住|查清)(?:完|好|掉)?(?:了)?没(?:有)?|谁在?(?:跟|管|负责|处理|盯|接)|(?:归|是)谁(?:管"
    r"|在|跟|负责)?|负责人是谁|owner|谁的(?:单|事|活)|几级|(?:目前|现在|当前|什么|啥)(?:等级|级别)|什么颜色|(?:什么|啥)说法|怎么个情况|还在发酵|最新情况"
    r"|(?:现在|目前)(?:的)?情况|情况(?:如何|怎么|咋)|处理(?:得|到|的)(?:怎么|咋|哪|如何|啥)"
    r"|(?:^|看|查|看看|问|瞅)\s?(?:一下|下|看)?\s?(?:#?Ⓘ+|\d{1,4})\s*$|status|(?<![a-z])update on|(?:了"
    r"|过)(?:吗|没有?|么|嘛|没呢)|还剩(?:几个|多少|什么|啥)|卡在(?:哪|谁)|还(?:在|没)?[^,，]{1,8}(?:吗"
    r"|么)[?？]?$|还差(?:什么|啥|哪|几)|还有(?:什么|啥|哪些|几个)(?:没|要|任务|事)|有(?:新)?(?:进展|动静"
    r"|消息|回音|结果|变化|眉目|着落)|后来呢|后续(?:呢|如何|怎)|搞定没|完没|没$|卡在哪|目前呢|怎么说"
    r"|还活着|how(?:.?s| is| are)(?= )|what.?s|where are we|any (?:news|update)s?|哪步|稳住|控制住|平息|啥阶段|什么阶段|哪个阶段|何种状态|动静"
    r"|咋整|咋办的"
)

_LONG = "(?:多久|多长时间|多少时间|几个?小时)"
_WHO_OR_WHEN = later(
    r"[#Ⓘ\d\s]*号?(?:(?:(?:这事|这件事|这个|这边|现在|目前)[,，\s]?)*(?:是|归)?谁在?(?:负责|牵头|管(?:着|这事)?|(?<=在)(?:跟进?|盯|处理)着?)|负责人(?:是谁|是哪[位个])?|谁是负责人"
    rf"|(?:还[有剩]?|剩)?(?:下|余)?{_LONG}(?:就|要|才)?(?:到期|到点|超时|截止|到时限)|(?:什么时候|啥时候|几点|何时)(?:到期|截止|超时)"
    rf"|离?(?:到期|超时|时限|首发|首次发声|发声|速报|下次通报)(?:还[有剩]?|剩)(?:下|余)?{_LONG}(?:就|要|才)?(?:到期|到点|超时|截止)?)(?:了|的|呢|啊|呀)*[?？!。\s]*"
)
"""A question that the status answers, whole: 谁在负责, 还有多久到期."""


def read_status(said: Said) -> Intent | None:
    """#12 啥情况了, 漏油那个事到哪一步了, 这个现在谁在管."""
    if re.search(r"你们?看了(?:吗|没)|谁看了", said.text):
        return None
    number = said.number("Ⓘ")
    found = _STATUS.search(said.shape) or (re.search(r"怎么个?回事", said.shape) if said.numbers("Ⓘ", bare=False) else None)
    if _WHO_OR_WHEN.fullmatch(said.shape):
        return Intent("status", cut.put({}, incident=number), 0.97)
    alone = re.fullmatch(r"(?:Ⓘ+|\d{1,4})[\s?!。呢]*", said.shape) if said.numbers("Ⓘ", bare=False) else None
    if not found and not alone:
        if number is not None and re.match(
            r"^(?:Ⓟ+|领导|老板)(?:们)?(?:在|又|刚)?问(?:起|到)?[#Ⓘ\d]+(?:号|呢|了|那边|[?？\s])*$|^(?:请|麻烦|帮我?)*(?:看看?|查查?|瞅瞅?|瞧瞧?)(?:一?[下眼])?",
            re.sub(r"^[\sⒾ]+", "", said.shape),
        ):
            return Intent("status", {"incident": number}, 0.6)
        return None
    if (
        found
        and number is None
        and re.fullmatch(r"没|(?:了|过)(?:吗|没有?|么|嘛|没呢)|怎么说|动静", found[0])
        and not cut.topic(said)
    ):
        return None
    if not number and not said.quote and not cut.topic(said):
        where = _topic_of_status(said, found) if found else ""
        if where:
            return Intent("status", {"topic": where}, 0.62)
        if found and re.search(
            r"^(?:状态|status|进展|进度|最新进展|最新情况|现在什么情况|什么情况|啥情况)[?!。了呀啊呢]*$", said.bare_shape
        ):
            return Intent("status", {}, 0.6)
        if (
            found
            and said.shape
            and re.search(r"这个|这事|这条|那条|刚才", said.shape)
            and re.search(r"谁在?(?:跟|管|负责)|进展|到哪|状态|啥情况|怎么样了|咋样了|几级", said.shape)
        ):
            return Intent("status", {}, 0.6)
        return None
    slots: dict[str, Any] = (
        {"incident": number} if number is not None else {"topic": cut.topic(said)} if cut.topic(said) else {}
    )
    if alone:
        return Intent("status", slots, 0.7)
    strong = found and re.search(r"^状态|状态|进展|进度|啥情况|什么情况|status|到哪|几级", found[0])
    return Intent(
        "status",
        slots,
        0.88
        if re.match(r"到哪|进展|状态|啥情况|什么情况", found[0] if found else "") and "任务" in said.shape
        else 0.8
        if strong
        else 0.66,
    )


def _topic_of_status(said: Said, found: re.Match[str]) -> str:
    before = said.shape[: found.start()]
    start = head_at(before)
    if lead := re.match(r"^.*?(?:Ⓟ+|领导|老板)(?:在)?(?:问|想知道|要看)(?:一下)?", before):
        start = lead.end()
    noun = re.sub(r"(?:的|什么|啥|现在|目前|最新|到底|处理|那个?|这个?|事件|事|怎么|\s|[,，])+$", "", before[start:])
    return (
        said.raw[start : start + len(noun)] if re.fullmatch(r"[一-龥a-z]{2,8}", noun) and not cut.NO_TOPIC.search(noun) else ""
    )
