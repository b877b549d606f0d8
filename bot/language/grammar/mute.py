"""mute: 静音, 免打扰, 屏蔽, quiet hours and back."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech
from bot.language.grammar.grading import grade_named
from bot.language.lazy import later
from bot.language.moments import RE_DURATION, RE_FROM_TO, RE_LENGTH
from bot.language.numbers import number_of
from bot.language.said import Said
from bot.model.intent import Intent

_MUTE = later(
    r"静音|静默|静(?=\s?(?:\d|[半一二两三四五十几]).{0,3}(?:分钟|分|小时|钟头|钟|天))|别再?(?:叮|嘀|滴|嗡|震|轰炸)|(?:别|不要|先别|甭|不用)(?:再|都)?(?:给我们?|往群里|老|总是?|一直)(?:再)?(?:推|弹|报|提醒|响|"
    r"通知|发)|(?:别|不要|甭)再?(?:弹|闪|蹦|跳出来)|(?:不用|不要|别|甭|不再)(?:再)?(?:预警|告警)|(?:别|不要|"
    r"先不)再?发(?:通知|提醒|消息|推送|预警|告警)|静一静|静静(?![地的等])|清静|继续推送?|接着推|免打扰|勿扰|别推(?![我你他她])|别再推|"
    r"不要再?推|停推|少推|别响|不要响|别吵|太吵|别叫|别弹"
    r"|别再?提醒|不要再?提醒|别再?报警|不要再?报警|不要再?报了|别再?报了|别再?老?@我?|不要再?@|屏蔽|拉黑|安静"
    r"|消停|闭嘴|(?<![a-z])(?:un)?mute|snooze|silence|不再(?:推送|提醒|告警|报警)|停(?:止|掉)?(?:推送|提醒"
    r"|告警)|暂停(?:推送|提醒|告警|通知)|(?:只|仅)(?:推|报|留|看|响|发|通知|提醒).{0,8}(?:红|橙|黄|电话"
    r"|以上)|(?:告警|预警|推送|提醒|通知)(?:先)?(?:关了|关掉|关一下|关|停了?|停掉)|关(?:掉|闭|了)?(?:推送"
    r"|提醒|告警|通知)|忽略|(?:恢复|打开|开启|重新开)(?:推送|提醒|告警|通知)|(?:推送|提醒|告警|通知)(?:再|给我|"
    r"都)?(?:打开|开启|恢复|开一下|开起来|放开)|(?:取消|解除|关闭|结束"
    r"|撤销)(?:静音|免打扰|勿扰|屏蔽)|别刷|别发了$|别打扰|不打扰|过滤掉|do not disturb|dnd|quiet|别通知"
    r"|先歇|歇会|别闪|可以响了|别再发(?:这个|预警|告警)|不用(?:再)?(?:推|提醒|报)|(?:消息|通知|提醒|推送|"
    r"弹窗)(?:太|好)多|(?:小时|分钟|天|点|会儿?|明天|明早|下午|晚上|今晚|半夜|钟)[之以]?后?再(?:提醒|推|通知|"
    r"叫我|响|弹|报)(?!警)|稍后(?:再)?提醒"
)
_OFF = later(
    r"(?:取消|解除|关闭|结束|撤销|退出)[^,，]{0,10}?(?:静音|免打扰|勿扰|屏蔽|安静)|(?:恢复|打开|开启"
    r"|重新开?)(?:推送|提醒|告警|通知|响)|unmute|mute off|可以响了|放开推送|(?:推送|提醒|告警|通知)(?:再|给我|"
    r"都)?(?:打开|开启|恢复|开一下|开起来|放开)|继续推|接着推|静音(?:取消|解除"
    r"|关了|关掉|可以(?:取消|关|停|撤|解))|(?:不用|不必)再?(?:静音|免打扰|屏蔽)了|(?:屏蔽|免打扰)(?:取消|解除)"
)

_NOT_TO_ME = later(
    r"(?:请|拜托|麻烦)?(?:你们?|大家)?(?:别|不要|甭|勿)(?:再|老|总|一直)*@我(?:一个人)?(?:了|啦|啊|呀|哈|谢谢|行吗|好吗)*[!。~\s]*"
)
"""A wish of one person not to be named; a mute silences the room for everybody."""


def read_mute(said: Said) -> Intent | None:
    """静音2小时, #12 先别推了, 晚上11点到7点只推红的, 取消静音."""
    found = _MUTE.search(said.shape)
    if (
        not found
        or _NOT_TO_ME.fullmatch(said.shape)
        or re.search(r"[Ⓓ]|微博|公众号|演练|发布|稿|评论区|删|号召", said.shape)
        or re.search(r"静音(?:了|着)?(?:吗|没)|没用|不管用|别推(?:给|卸|来推去)|屏蔽词|搜索结果|热搜", said.shape)
    ):
        return None
    if re.search(
        r"(?:不要|别|不用|先不|不能)[^,，]{0,2}(?:取消|解除|关闭|恢复)|除了?\s?[#Ⓘ\d]|[Ⓘ\d]号?(?:以外|之外)", said.shape
    ):
        return None
    if (
        speech.doubted(said, *found.span())
        or speech.told(said, *found.span())
        or re.search(r"(?:吗|么|没)[?？]*$|怎么|如何", said.text)
    ):
        return None
    if (
        not found[0].startswith(("别", "不", "太吵", "安静"))
        and not _OFF.search(said.shape)
        and speech.negated(said, *found.span())
    ):
        return None
    slots = mute_slots(said, found.start())
    sure = slots.get("op") == "off" or re.match(r"静音|免打扰|mute|屏蔽|snooze|勿扰", found[0])
    return Intent("mute", slots, 0.93 if slots.get("op") == "off" else 0.9 if sure else 0.82)


def mute_slots(said: Said, at: int) -> dict[str, Any]:
    """What is muted, and how long; ``at`` is where the verb stands."""
    slots: dict[str, Any] = {}
    number = said.number("Ⓘ")
    if number is not None:
        slots["incident"] = number
    if _OFF.search(said.shape):
        if number is None and (name := cut.topic(said)):
            slots["topic"] = name
        return {"op": "off"} | slots
    quiet = _quiet(said)
    low = re.search(r"(?:只|仅|除了?|除非)(?:推|报|留|看|响|发|通知|提醒)?.{0,6}?(红|橙|黄)", said.text)
    high = re.search(r"[蓝黄橙红]色?(?:预警)?(?:及|和)?以下|[一二三四]级(?:及|和)?以下", said.text)
    slots = cut.put(
        slots,
        keyword=_keyword(said),
        source=_source(said),
        quiet=quiet,
        min_grade={"红": "red", "橙": "orange", "黄": "yellow"}[low[1]] if low else None,
        grade=None if low or high else grade_named(said),
        max_grade=grade_named(said) if high else None,
    )
    if not quiet and (length := (re.search(r"周末两天", said.text) or _duration(said))):
        slots["duration"] = said.raw[length.start() : length.end()]
    if (
        not slots.get("incident")
        and not any(slots.get(k) for k in ("keyword", "source", "quiet", "grade"))
        and (name := cut.topic(said) or cut.topic_before(said, at) or _plain_topic(said, at))
    ):
        slots["topic"] = name
    return slots


def _plain_topic(said: Said, at: int) -> str:
    """静音 奶粉 10天: the word between the verb and how long."""
    found = re.match(
        r"(?:静音|屏蔽|mute)[\s:：]+(?!全|所有|一会|一下|大家|群|本群|我)([一-龥a-z]{2,8})\s+(?=\d|[一二两三四五六七八九十半])",
        said.shape[at:],
    )
    return found[1] if found else ""


def _duration(said: Said) -> re.Match[str] | None:
    until = re.search(r"(?:到|至|直到)", said.text)
    found = RE_DURATION.search(said.text, until.start()) if until else None
    return found or RE_LENGTH.search(said.text) or RE_DURATION.search(said.text)


def _quiet(said: Said) -> str | None:
    found = RE_FROM_TO.search(said.text)
    if not found:
        return None
    ends = re.findall(
        r"(凌晨|早上|上午|中午|下午|晚上|夜里|早|晚)?\s?(\d{1,2}|[零一二三四五六七八九十]{1,3})(?:点"
        r"|:(\d{2}))(半)?",
        found[0],
    )
    if len(ends) != 2:
        return None
    hours: list[str] = []
    for part, hour, minute, half in ends:
        value = number_of(hour) or 0
        if value == 12 and part in ("晚上", "夜里", "晚", "半夜", "凌晨"):
            value = 0
        elif part in ("晚上", "下午", "夜里", "晚") and value < 12:
            value += 12
        if hours and not part and ends[0][0] in ("中午", "下午") and value < 12:
            value += 12
        hours.append(f"{value % 24:02d}:{minute or ('30' if half else '00')}")
    return "-".join(hours)


def _keyword(said: Said) -> str | None:
    found = re.search(
        r"(?:关键词|关键字|词|包含|含有?|提到|带)[:\s]*[“\"'「『]([^”\"'」』]+)[”\"'」』]|(?:关键词"
        r"|关键字)[:\s]*([^\s,，。别不的先]{2,10})|([一-龥a-z]{2,8})这个(?:关键)?[词字]|[“\"]([^”\"]{1,12})[”\"](?!这?个?的?(?:号"
        r"|账号|博主|大v|媒体|营销号))这?个?(?:关键)?词?",
        said.raw,
    )
    return next((g for g in found.groups() if g), None) if found else None


def _source(said: Said) -> str | None:
    if quoted := re.search(r"[“\"「]([^”\"」]{1,12})[”\"」]这?个?的?(?:号|账号|博主|大v|营销号)", said.raw):
        return quoted[1]
    found = re.search(
        r"(?:营销号|账号|博主|号主|大v|信源|来源|公众号|自媒体|网站|论坛|贴吧|媒体"
        r"|号)[^:：,，]{0,8}[:：]\s?([^\s,，。]+)|(?:营销号|账号|博主|信源|来源|自媒体"
        r"|大v)\s?[“\"「]?([^\s,，。的:：“”\"」\d]{2,12}?)[”\"」]?(?=\d|\s|,|，|$|的|先|别|发)|(?:^|[,，\s])(?:把|屏蔽"
        r"|拉黑)?\s?[“\"「]?((?!屏蔽|拉黑)[^\s,，。把#的“”\"」]{2,12}?)[”\"」]?(?:这个|那个|这)(?:号|账号|博主|大v|营销号|自媒体"
        r"|公众号|媒体)(?!召)|(?:屏蔽|"
        r"拉黑)\s([^\s,，。:：#]{2,12})(?=\s?(?:这个|那个)?(?:号|账号|博主|信源)|\s\d|\s(?:到|半|一|两|三|今|明)|$)|(?:屏蔽|拉黑"
        r"|忽略|过滤掉)(?:掉|一下)?\s?[“\"「]?([^\s,，。:：#的\d“”\"」]{2,12})(?:这个(?:号|账号|博主|信源)"
        r"|的(?:帖|内容|消息))",
        said.raw,
        re.I,
    )
    return next((g for g in found.groups() if g), None) if found else None
