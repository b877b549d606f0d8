"""Times as typed, worked out against a given now: 今晚8点前, 周五, 半小时内, 明早10点, 月底, 12-05."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from bot.language.lazy import later
from bot.language.normal import lowered, plain, simplified
from bot.language.numbers import HAN, NUMBER, amount_of, number_of

DAY_END = (18, 0)
"""The hour meant by a day alone (周五, 月底): the end of the working day."""
NIGHT_BEGINS, NIGHT_ENDS = 20, 6
"""Typed before 20:00, an hour without a day does not mean the small hours."""
_SECONDS = {"秒": 1, "分": 60, "m": 60, "钟": 3600, "小": 3600, "h": 3600, "天": 86400, "日": 86400, "d": 86400}
_WEEK = {"周": 604800, "星": 604800, "礼": 604800, "w": 604800, "月": 2592000, "年": 31536000}
_LENGTH = later(
    rf"(\d+(?:\.\d+)?|[{HAN}]+|半)\s?(个半|个)?\s?"
    r"(小时|钟头|分钟|分|秒钟?|天|日|周末|周|星期|礼拜|月|年|hours?|hrs?|h|minutes?|mins?|m|days?|d|weeks?|w)(?![a-z])(半)?"
)
_CLOCK = later(
    rf"(\d{{1,2}}):(\d{{2}})|(\d{{1,2}})\s?([ap])m|(\d{{1,2}}|[{HAN}]{{1,3}})(?:点钟?|时(?![间候]))(半|一刻"
    rf"|三刻|整|(?:\d{{1,2}}|[{HAN}]{{1,3}})分?)?"
)
_PARTS = (
    "凌晨",
    "清晨",
    "早上",
    "早晨",
    "一早",
    "上午",
    "中午",
    "正午",
    "午后",
    "下午",
    "傍晚",
    "晚上",
    "晚间",
    "夜里",
    "半夜",
)
_PART = later(
    "|".join((*_PARTS, "今晚", "明晚", "当晚", "今夜", "今早", "明早", "明晨", "今晨", "早", "晚", "tonight", "morning"))
)
_PM = {"午后", "下午", "傍晚", "晚上", "晚间", "夜里", "今晚", "明晚", "当晚", "今夜", "晚", "tonight"}
_ALONE = {
    "凌晨": (5, 0), "清晨": (7, 0), "一早": (9, 0), "早上": (9, 0), "早晨": (9, 0), "今早": (9, 0), "明早": (9, 0), "明晨": (9, 0),
    "今晨": (9, 0), "早": (9, 0), "morning": (9, 0), "上午": (12, 0), "中午": (12, 0), "正午": (12, 0), "午后": (14, 0),
    "下午": (18, 0), "傍晚": (18, 0), "晚上": (22, 0), "晚间": (22, 0), "夜里": (23, 0), "半夜": (23, 59), "今晚": (22, 0),
    "明晚": (22, 0), "当晚": (22, 0), "今夜": (23, 59), "晚": (22, 0), "tonight": (22, 0),
}  # fmt: skip
_EVENTS = (
    (later("下班前?|天黑前?|eod|收盘|收市|盘后"), (18, 0)), (later("午饭|中饭"), (12, 0)), (later("晚饭"), (18, 30)),
    (later("上班|早会"), (9, 0)), (later("开盘|盘前"), (9, 30)),
)  # fmt: skip
_DAYS = {
    "大后天": 3, "后天": 2, "明天": 1, "明日": 1, "明儿": 1, "明早": 1, "明晚": 1, "明晨": 1, "tomorrow": 1,
    "今天": 0, "今日": 0, "今儿": 0, "今晚": 0, "今早": 0, "今夜": 0, "今晨": 0, "当天": 0, "当晚": 0, "today": 0, "tonight": 0,
}  # fmt: skip
_DAY_WORD = later("|".join(_DAYS))
_WEEKDAY = later(r"(下下|下|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天末])")
_NEXT_WEEK = later(r"(下|这|本)个?(?:周|星期|礼拜)(?![一二三四五六日天末])")
_FULL_DATE = later(r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})[日号]?")
_MONTH_DAY = later(rf"(?<![\d:])(\d{{1,2}}|[{HAN}]{{1,3}})(?:月|[-/])(\d{{1,2}}|[{HAN}]{{1,3}})[日号]?(?![\d:])")
_NEXT_MONTH = later(rf"(下|这|本)个?月(底|末|初|中)?(?:({NUMBER})[日号])?")
_DAY_OF_MONTH = later(rf"(?<!\d)(\d{{1,2}}|[{HAN}]{{1,3}})[日号]")
_NOW = later("立刻|马上|立即|即刻|现在|asap")


@dataclass(frozen=True, slots=True)
class _Day:
    date: date
    named: bool


def length_of(text: str) -> float | None:
    """A length of time in seconds: 2小时, 40分钟, 1h30min, 半天, 一个半小时, 30天; None where the text names none.

    A month counts 30 days, 周末 two days.
    """
    text = _written(text)
    if "个把小时" in text:
        return 3600.0
    if re.search(r"一刻钟", text):
        return 900.0
    if re.search(r"周末(?:两天)?$", text):
        return 2 * 86400.0
    total, found = 0.0, False
    for part in _LENGTH.finditer(text):
        number = amount_of(part[1])
        if number is None:
            continue
        unit = part[3]
        second = 60 if unit.startswith(("min", "分")) else 3600 if unit == "钟头" else (_SECONDS | _WEEK)[unit[0]]
        total += (number + (0.5 if part[2] == "个半" or part[4] else 0.0)) * second
        found = True
    return total if found and total > 0 else None


def due_at(text: str, now: datetime, tz: tzinfo) -> datetime | None:
    """The moment that a typed time means, in ``tz``; None where no time can be read or the date does not exist.

    A day alone ends at 18:00 (周五, 月底), a part of a day at its usual end (今晚 22:00, 中午 12:00). An hour without a day is
    the next one to come, in the morning or the afternoon (两点前 typed at 13:00 is 14:00). 内 and 后 count from ``now``.
    """
    text = _written(text)
    local = now.astimezone(tz)
    text = re.split(r"(?<=[点时分半整晚天\d])(?:到|至|~|-(?=\d{1,2}:))|^(?:到|至|直到|until)", text)[-1]
    day = _day(text, local)
    clock = _clock(text)
    if day is None:
        return None
    if not day.named and clock is None:
        return _from_now(text, local)
    if clock is None and re.fullmatch(r".*\d+\s?(?:小时|分钟|分).*", text) and not day.named:
        return _from_now(text, local)
    return _joined(day, clock, local)


def _written(text: str) -> str:
    return lowered(simplified(plain(text)))


def _from_now(text: str, local: datetime) -> datetime | None:
    if _NOW.search(text):
        return local
    for event, (hour, minute) in _EVENTS:
        if event.search(text):
            at = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
            return at if at > local else at + timedelta(days=1)
    seconds = length_of(text)
    return None if seconds is None else local + timedelta(seconds=seconds)


def _joined(day: _Day, clock: tuple[int, int, bool] | None, local: datetime) -> datetime:
    if clock is None:
        hour, minute = DAY_END
        at = datetime(day.date.year, day.date.month, day.date.day, hour, minute, tzinfo=local.tzinfo)
        late = at <= local and day.date == local.date()
        return at.replace(hour=23, minute=59) if late else at
    hour, minute, sure = clock
    at = datetime(day.date.year, day.date.month, day.date.day, 0, 0, tzinfo=local.tzinfo)
    at += timedelta(hours=hour, minutes=minute)
    if day.named:
        return at + timedelta(hours=12) if not sure and hour < 12 and at <= local < at + timedelta(hours=12) else at
    if sure:
        return at if at > local else at + timedelta(days=1)
    while at <= local or (at.hour < NIGHT_ENDS and local.hour < NIGHT_BEGINS):
        at += timedelta(hours=12)
    return at


def _clock(text: str) -> tuple[int, int, bool] | None:
    """Hour, minute and whether the half of the day is sure."""
    part_found = _PART.search(text)
    part = part_found[0] if part_found else ""
    found = _CLOCK.search(text)
    if not found:
        return (*_ALONE[part], True) if part else None
    if found[1]:
        hour, minute = int(found[1]), int(found[2])
        sure = hour >= 12 or len(found[1]) == 2 or bool(part)
    elif found[3]:
        hour, minute, sure = int(found[3]) % 12 + (12 if found[4] == "p" else 0), 0, True
    else:
        said = number_of(found[5])
        if said is None:
            return None
        hour, minute = said, _minutes(found[6] or "")
        sure = hour >= 12 or bool(part)
    if (part in _PM and 1 <= hour < 12) or (part in ("中午", "正午") and hour < 4):
        hour += 12
    if part in ("晚上", "夜里", "半夜", "今晚", "明晚", "今夜", "晚") and hour == 12:
        hour = 24
    if hour > 24 or minute > 59:
        return None
    return hour, minute, sure


def _minutes(text: str) -> int:
    fixed = {"半": 30, "一刻": 15, "三刻": 45, "整": 0, "": 0}
    if text in fixed:
        return fixed[text]
    return number_of(text.removesuffix("分")) or 0


def _day(text: str, local: datetime) -> _Day | None:
    """The day named, today unnamed when none is, None when it does not exist."""
    today = local.date()
    if found := _FULL_DATE.search(text):
        return _made(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_WORD.search(text):
        return _Day(today + timedelta(days=_DAYS[found[0]]), True)
    if found := _WEEKDAY.search(text):
        return _weekday(found[1] or "", found[2], today)
    if found := _NEXT_WEEK.search(text):
        return _weekday("下" if found[1] == "下" else "这", "五", today)
    if found := _NEXT_MONTH.search(text):
        return _month(found, today)
    if re.search("月底|月末", text):
        return _Day(date(today.year, today.month, monthrange(today.year, today.month)[1]), True)
    if "年底" in text or "年末" in text:
        return _Day(date(today.year, 12, 31), True)
    if found := _MONTH_DAY.search(text):
        return _month_day(found, today)
    if (found := _DAY_OF_MONTH.search(text)) and not _LENGTH.search(text):
        return _day_of_month(number_of(found[1]), today)
    return _Day(today, False)


def _weekday(which: str, day: str, today: date) -> _Day:
    target = 5 if day == "末" else 6 if day == "天" else "一二三四五六日".index(day)
    monday = today - timedelta(days=today.weekday())
    at = monday + timedelta(days=target + 7 * which.count("下"))
    return _Day(at if at >= today or which in ("这", "本") else at + timedelta(days=7), True)


def _month(found: re.Match[str], today: date) -> _Day | None:
    year, month = today.year, today.month + (found[1] == "下")
    if month > 12:
        year, month = year + 1, 1
    last = monthrange(year, month)[1]
    if found[3]:
        return _made(year, month, number_of(found[3]) or 0)
    return _made(year, month, {"初": 1, "中": 15}.get(found[2] or "", last))


def _month_day(found: re.Match[str], today: date) -> _Day | None:
    month, day = number_of(found[1]), number_of(found[2])
    made = _made(today.year, month or 0, day or 0)
    if made and made.date < today:
        return _made(today.year + 1, month or 0, day or 0)
    return made


def _day_of_month(day: int | None, today: date) -> _Day | None:
    if day is None:
        return None
    if day >= today.day:
        return _made(today.year, today.month, day)
    return _made(today.year + today.month // 12, today.month % 12 + 1, day)


def _made(year: int, month: int, day: int) -> _Day | None:
    try:
        return _Day(date(year, month, day), True)
    except ValueError:
        return None
