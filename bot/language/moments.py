"""Passages that name a time: when something is due, how long, which window. Finding only; ``due`` works them out."""

from __future__ import annotations

from bot.language.lazy import later
from bot.language.numbers import HAN, NUMBER

_DAY = (
    r"(?:大后天|今天|今日|今儿|今晚|今早|今夜|今晨|明天|明日|明儿|明早|明晚|明晨|后天|昨天|昨晚|昨日|前天|当天|当晚"
    r"|(?:下下|下|这|本|上)?个?(?:周|星期|礼拜)[一二三四五六日天末]|(?:下|这|本|上)个?(?:周|星期|礼拜)"
    r"|(?:下|这|本|上)个?月(?:底|初|末|中旬?)?(?:\d{1,2}[号日])?|月底|月末|月初|年底|年前|季度末"
    rf"|(?:\d{{1,2}}|[{HAN}]{{1,3}})月(?:\d{{1,2}}|[{HAN}]{{1,3}})[日号]?|(?<![\d.:-])\d{{1,2}}[-/]\d{{1,2}}(?![\d:-])"
    rf"|(?:\d{{1,2}}|[{HAN}]{{1,3}})[日号](?=上午|下午|早|晚|中午|凌晨|之?前|以前))"
)
_PART = r"(?:凌晨|清晨|早上|早晨|一早|上午|中午|正午|午后|下午|傍晚|晚上|晚间|夜里|半夜|早|晚)"
_CLOCK = (
    rf"(?:\d{{1,2}}:\d{{2}}|(?:\d{{1,2}}|[{HAN}]{{1,3}})点(?:钟|半|整(?![理改合顿])|一刻|三刻|(?:\d{{1,2}}"
    rf"|[{HAN}]{{1,3}})分?)?|\d{{1,2}}[ap]m)"
)
_TAIL = r"(?:之前|以前|前|之内|以内|之后|以后|整(?![理改合顿])|左右|为止)?"
_UNIT = r"(?:小时|钟头|钟|分钟|分|秒钟?|天|日|周|星期|礼拜|个?月|年|hours?|hrs?|h|minutes?|mins?|m|days?|d|weeks?|w)"
LENGTH = (
    rf"(?:(?:\d+(?:\.\d+)?|[{HAN}]+|半|几)\s?个?半?(?:多)?{_UNIT}(?![a-z])(?:半|\d+分钟?)?|个把小时|一会儿?"
    r"|一阵子?|整夜|一晚上?|全天|周末两天|刻把钟|一刻钟)"
)
_EVENT = (
    r"(?:下班|上班|天黑|天亮|午饭|晚饭|早饭|开会|会议|早会|晚会|例会|开盘|收盘|发布会|早高峰|晚高峰|交班"
    r"|睡觉|散会|过年|国庆|春节)(?:之前|以前|前|之后|以后|后|时|结束)"
)
_NOW = r"(?:立刻马上|立刻|马上|立即|即刻|尽快|现在|asap|eod|(?<![a-z])now(?![a-z])|today|tonight|tomorrow(?: morning)?|盘后|盘前|盘中|收盘后|开盘前)"
MOMENT = rf"(?:(?:{_DAY}\s?的?{_PART}?\s?{_CLOCK}?|{_PART}\s?{_CLOCK}|{_PART}(?=之前|以前|前)|{_CLOCK}|{_EVENT}){_TAIL})"
_FROM_TO = rf"(?:{MOMENT})\s?(?:到|至|-|~|—)\s?(?:{MOMENT})"
_WINDOW = (
    rf"(?:最近|过去|近|这|前|往前|last|past)\s?(?:的)?\s?(?:{LENGTH}|几天|几个?小时|段时间|阵子?)"
    rf"|{LENGTH}(?:来|以来|内)?|{MOMENT}(?:到现在|至今|以来|开始)?|{_PART}(?:到现在|至今|以来)|几个?小时|这几天|最近|全程|全周期|tonight|"
    rf"today|tomorrow|(?:this|last|past) (?:week|month|day|hour)|(?:这|本|下|上)?个?周末"
)
RE_DUE = later(
    rf"(?:{LENGTH}(?:之内|以内|内|后|之后|里)|{MOMENT}(?:之内|以内|内|里)?|今天之内|(?:ddl|截止|deadline"
    rf"|due)[:\s]*(?:{LENGTH}|{MOMENT}))"
)
RE_MOMENT = later(rf"{MOMENT}|{LENGTH}(?:之后|以后|后)|{_NOW}")
RE_DURATION = later(
    rf"(?:到|至|直到|until )\s?(?:{MOMENT}|{_PART}|下班|上班|天亮|睡醒|会后|开完会|散会|饭后)|{LENGTH}|(?:今晚|今夜|"
    rf"今天|整?个?周末|明天"
    r"|明早)(?:一整?[晚天])?"
)
RE_LENGTH = later(LENGTH)
RE_WINDOW = later(_WINDOW)
RE_FROM_TO = later(_FROM_TO)
RE_CLOCK = later(_CLOCK)
RE_ANY = later(rf"(?:{MOMENT}|{LENGTH})")
RE_STEP = later(rf"第({NUMBER})(?:个|步|节|幕|条|号)?(?:节点|步|环节|事件|幕|条|注入)?")
