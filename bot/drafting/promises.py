"""What a text promises: the moment of the next word, and the steps with a date. Both become clocks and tasks at release."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from bot.drafting.figures import figures

_NEXT_WORD = re.compile(
    r"下一?次(?:通报|发布|公布|说明|更新|消息|答复)|(?:再(?:次)?|继续)[^。；]{0,10}(?:通报|公布|发布|说明)|(?:通报|公布|发布)(?:的)?时间"
)
_DATED = re.compile(
    r"(?P<what>[^。；\n，]{2,40})，?(?:于|在|将于)(?P<when>[^。；\n，]{2,16}?)前(?:完成|办结|公布|发放|提交|解决)"
)


def next_word(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """When the text promises the next word (E14), in the zone of ``zone``; None where it names no moment to come."""
    for m in _NEXT_WORD.finditer(text):
        clause = re.split(r"[。；\n]", text[m.start() :])[0]
        before = re.split(r"[。；\n]", text[: m.start()])[-1]
        if found := _moment(clause, now, zone) or _moment(before, now, zone):
            return found
    return None


def dated_steps(text: str, now: datetime, zone: tzinfo) -> list[tuple[str, datetime]]:
    """The steps promised with a term: what, until when."""
    return [
        (m["what"].strip("，、 "), due)
        for m in _DATED.finditer(text)
        if (due := _moment(m["when"], now, zone)) and not _NEXT_WORD.search(m["what"])
    ]


def _moment(words: str, now: datetime, zone: tzinfo) -> datetime | None:
    """The first moment after ``now`` that these words name; a day without a time means its end of work, 18:00."""
    local = now.astimezone(zone)
    said = figures(words, local.date())
    day = next((f for f in said if f.kind == "date"), None)
    clock = next((f for f in said if f.kind == "clock"), None)
    if day is None and clock is None:
        return None
    on = _day(day.value, local.date()) if day else local.date()
    if on is None:
        return None
    if not day and re.search(r"明[天日早晚]", words):
        on += timedelta(days=1)
    at = time.fromisoformat(clock.value) if clock and clock.value < "24" else time(18)
    due = datetime.combine(on, at, zone)
    return due if due > local else None


def _day(value: str, today: date) -> date | None:
    month, _, day = value.partition("-")
    try:
        found = date(today.year, int(month), int(day))
    except ValueError:
        return None
    return found if found >= today - timedelta(days=180) else found.replace(year=today.year + 1)
