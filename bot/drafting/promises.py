"""What a text promises: the moment of the next word, and the steps with a date. Both become clocks and tasks at release."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from bot.drafting.figures import figures

_NEXT_WORD = (
    re.compile(
        r"下一?次(?:通报|发布|公布|说明|更新|消息|答复)|(?:再(?:次)?|继续)[^。；]{0,10}(?:通报|公布|发布|说明)|(?:通报|公布|发布)(?:的)?时间"
    ),
    re.compile(
        r"(?:通报|公布|发布|更新)(?:最新|相关)?[^。；，\n的了]{0,6}(?:进展|结果|进度|安排|情况)"
        r"|(?:发(?:邮件|短信|通知)|告诉|告知)(?:给|大家|您|各位)|(?:在|通过)[^。；，\n已了]{2,12}(?:通报|公布|发布|更新)(?!了|的|过)"
    ),
)
"""「下次通报时间」 first; where no text says so, what is to be made public."""
_ENDED = "完成|办结|解决|修复|恢复|上线"
_DATED = re.compile(
    r"(?P<before>[^。；\n，]{0,40}?)，?(?:将|会|并|拟)?(?:(?P<on>于|在))?(?P<when>(?:\d|今|明|后|本|下周|下个?月)[^。；\n，]{1,14}?)(?P<by>之?前|内)?"
    r"[，,]?(?:我们|公司|我司)?(?:一定)?(?:将|会|要)?(?P<what>(?:对[^。；，\n]{2,16})?(?:全部|全面|逐[一件户个])?"
    rf"(?:{_ENDED}|公布|公开|发放|发完|提交|更换|退还|退回|赔付|答复)(?!了|的|过)(?P<rest>[^。；，）\n]{{0,40}}))"
)
"""「结果于12月5日前公布」 or 「12月20日前，我们将完成改版」: what is promised stands before the term or after it."""


def next_word(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """When the text promises the next word (E14), in the zone of ``zone``; None where it names no moment to come."""
    for m in (m for pattern in _NEXT_WORD for m in pattern.finditer(text)):
        clause = re.split(r"[。；\n]", text[m.start() :])[0]
        before = re.split(r"[。；\n]", text[: m.start()])[-1]
        nearest = re.split(r"[，,]", before)[-1]
        if found := _moment(clause, now, zone) or _moment(nearest, now, zone) or _moment(before, now, zone):
            return found
    return None


def dated_steps(text: str, now: datetime, zone: tzinfo) -> list[tuple[str, datetime]]:
    """The steps promised with a term: what, until when. What is said at the moment of the next word is no step of its own."""
    word = next_word(text, now, zone)
    return [
        (what, due)
        for m in _DATED.finditer(text)
        if (due := _moment(m["when"], now, zone))
        and (m["by"] or (m["on"] and due != word))
        and (what := _promised(text, m))
        and not _NEXT_WORD[0].search(what)
    ]


def _promised(text: str, m: re.Match[str]) -> str:
    """The words for the step: what follows the term; where that is only 完成 or 发放完毕, what was named before it."""
    if len(re.sub(r"完毕|到位|完成|到账|完$", "", m["rest"])) >= 2:
        return m["what"].strip()
    before = _named(m["before"]) or _named(re.split(r"[。；\n，]", text[: m.start()].rstrip("，"))[-1])
    return before if re.match(_ENDED, m["what"]) else f"{before}{m['what']}"


def _named(words: str) -> str:
    """The thing named, without a lead (整改：), whoever answers for it（工程部 and the words that only join."""
    words = re.sub(r"（[^）]*$", "", words.rsplit("：", maxsplit=1)[-1].strip("，、 "))
    return re.sub(r"^(?:下一步|接下来|后续|其中)$|(?:我们|公司|我司)?(?:将|会|计划|拟)?$", "", words)


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
    if not day and due <= local and re.search(r"每[天日]", words):
        due += timedelta(days=1)
    return due if due > local else None


def _day(value: str, today: date) -> date | None:
    month, _, day = value.partition("-")
    try:
        found = date(today.year, int(month), int(day))
    except ValueError:
        return None
    return found if found >= today - timedelta(days=180) else found.replace(year=today.year + 1)
