"""Days and times of day in a Chinese text: 12月3日凌晨, 昨晚十点半, 上周三, 2023年8月."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from bot.drafting.figure import Figure, number_of

_DATE = re.compile(
    r"(?:(?P<y>20\d\d)\s*[年\-/.])?\s*(?P<m>1[0-2]|0?[1-9])\s*[月\-/.]\s*(?P<d>3[01]|[12]\d|0?[1-9])(?:[日号]|(?![\d:,%.]))"
)
_SLASHED = re.compile(r"(?<![\d/.克])(?P<m>1[0-2]|[1-9])/(?P<d>3[01]|[12]\d|[1-9])(?![\d/.%％]|的|以)")
_CN_DATE = re.compile(
    r"(?P<m>十[一二]?|[一二三四五六七八九])月(?P<d>[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[日号]"
)
_MONTH = re.compile(r"(?P<y>20\d\d)\s*年(?:\s*(?P<m>1[0-2]|0?[1-9])月)?(?![\d度])")
_MONTH_ALONE = re.compile(r"(?<![\d年\-/.])(?P<m>1[0-2]|[1-9])月(?:份|底|初|[上中下]旬)?(?!\d)")
_RELATIVE = re.compile(
    r"(?P<day>大前|前|昨|今|明|后|当)(?P<of>天|日|晚|早|夜|晨)(?!度)|(?P<month>本|上)个?月(?P<d>[12]\d|3[01]|[1-9])[日号]"
    r"|(?P<week>上|本|这|下)个?(?:周|星期|礼拜)(?P<n>[一二三四五六日天])"
)
_DAYS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "当": 0}
_WEEKS = {"上": -7, "本": 0, "这": 0, "下": 7}
_PART = "凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|今晚|昨晚|明晚|晚|夜间|夜里|深夜|午夜|半夜"
_EVENING = frozenset("下午 傍晚 晚上 晚间 今晚 昨晚 明晚 晚 夜间 夜里 深夜 午夜 半夜".split())
_CLOCK = re.compile(
    rf"(?P<part>{_PART})?\s*(?P<h>2[0-4]|1\d|0?\d)"
    r"(?:[:：](?P<min>[0-5]\d)(?!\d)|[时点](?!间|击|赞|评)(?P<half>半|(?P<m2>[0-5]?\d)分?|整)?)"
)
_CN_CLOCK = re.compile(
    rf"(?P<part>{_PART})?(?P<h>二十[一二三四]?|十[一二三四五六七八九]?|[零一二两三四五六七八九])[点时]"
    r"(?!间|击|赞|评|候)(?P<more>半|整|钟|许|左右|(?P<m>[二三四五]?十[一二三四五六七八九]?|零?[一二三四五六七八九])分)?"
)


def dates(text: str, today: date) -> Iterator[Figure]:
    """The days, as month-day; a month of a year as year-month, a year alone as itself, a month alone
    as ``9-``."""
    for m in _DATE.finditer(text):
        if m[0].strip()[-1] in "日号" or m["y"] or re.match(r"\s*\d{1,2}-\d{1,2}$", m[0]):
            start = m.start() + len(m[0]) - len(m[0].lstrip())
            yield Figure("date", m[0].strip(), f"{int(m['m'])}-{int(m['d'])}", start, m.end())
    for m in _SLASHED.finditer(text):
        yield Figure("date", m[0], f"{m['m']}-{m['d']}", m.start(), m.end())
    for m in _CN_DATE.finditer(text):
        yield Figure("date", m[0], f"{number_of(m['m']):.0f}-{number_of(m['d']):.0f}", m.start(), m.end())
    for m in _MONTH.finditer(text):
        yield Figure("date", m[0], f"{m['y']}-{int(m['m'])}" if m["m"] else m["y"], m.start(), m.end())
    for m in _MONTH_ALONE.finditer(text):
        yield Figure("date", m[0], f"{m['m']}-", m.start(), m.end())
    for m in _RELATIVE.finditer(text):
        day, end = _relative(m, today)
        yield Figure("date", m[0], f"{day.month}-{day.day}", m.start(), end)


def _relative(m: re.Match[str], today: date) -> tuple[date, int]:
    """The day meant, and where its words end: the 晚 of 昨晚 belongs to the time of day after it."""
    if m["week"]:
        monday = today - timedelta(days=today.weekday())
        weekday = "一二三四五六日".index(m["n"].replace("天", "日"))
        return monday + timedelta(days=_WEEKS[m["week"]] + weekday), m.end()
    if m["month"]:
        first = today.replace(day=1)
        month = first if m["month"] == "本" else (first - timedelta(days=1)).replace(day=1)
        return month + timedelta(days=int(m["d"]) - 1), m.end()
    return today + timedelta(days=_DAYS[m["day"]]), m.end() if m["of"] in "天日" else m.end("day")


def clocks(text: str, _: date) -> Iterator[Figure]:
    """The times of day on the 24 hour clock."""
    for m in _CLOCK.finditer(text):
        if re.match(r"个?(?:小时|钟头)", text[m.end() :]) or (
            not m["min"] and text[m.end("h")] == "时" and not m["half"] and _is_span(text, m)
        ):
            continue
        minute = int(m["min"] or m["m2"] or (30 if m["half"] == "半" else 0))
        yield Figure("clock", m[0].strip(), f"{_hour(int(m['h']), m['part']):02d}:{minute:02d}", _start(m), m.end())
    for m in _CN_CLOCK.finditer(text):
        if not (m["part"] or m["more"]) or _is_span(text, m):
            continue  # 三点要求 is no time
        minute = int(number_of(m["m"])) if m["m"] else (30 if m["more"] == "半" else 0)
        hour = _hour(int(number_of(m["h"])), m["part"])
        yield Figure("clock", m[0], f"{hour:02d}:{minute:02d}", _start(m), m.end())


def _start(m: re.Match[str]) -> int:
    """The 今 of 今晚20:00 is the day's."""
    return m.start() + (m["part"] in ("今晚", "昨晚", "明晚"))


def _hour(hour: int, part: str | None) -> int:
    late = (part in _EVENING and hour < 12) or (part == "中午" and hour < 3)
    return hour + 12 if late else hour


def _is_span(text: str, m: re.Match[str]) -> bool:
    return bool(re.match(r"(?:内|后|之内|之后|以内|以上)", text[m.end() :]))
