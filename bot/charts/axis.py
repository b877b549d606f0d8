"""Few round moments under a curve, in Beijing time. Values in, values out."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.model.times import BEIJING

STEPS = (
    60,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10800,
    21600,
    43200,
    86400,
    172800,
    259200,
    345600,
    604800,
    1209600,
    2592000,
    7776000,
)
DAY = 86400
MOST = 4


def moments(begin: float, end: float) -> list[tuple[float, str]]:
    """At most four ticks between two unix seconds: ``09:30``, with the day where it is the first or a new one."""
    step = next((s for s in STEPS if (end - begin) / s < MOST), STEPS[-1])
    ticks, day = [], ""
    for at in _round_ones(begin, end, step):
        local = datetime.fromtimestamp(at, BEIJING)
        date = f"{local.month}月{local.day}日"
        full = date if step >= DAY else f"{local:%H:%M}\n{date}"
        ticks.append((at, f"{local:%H:%M}" if date == day else full))
        day = date
    return ticks[: MOST + 1]


def _round_ones(begin: float, end: float, step: int) -> list[float]:
    midnight = datetime.fromtimestamp(begin, BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight.timestamp()
    found = []
    while at <= end:
        if at >= begin:
            found.append(at)
        at += step
    return found or [begin]


def clock(at: float, days: bool) -> str:
    """A moment in Beijing, with its day where the picture spans more than one."""
    local = datetime.fromtimestamp(at, BEIJING)
    return f"{local.month}月{local.day}日 {local:%H:%M}" if days else f"{local:%H:%M}"


def spans_days(begin: float, end: float) -> bool:
    """Whether two moments lie on different days in Beijing."""
    return datetime.fromtimestamp(begin, BEIJING).date() != datetime.fromtimestamp(end, BEIJING).date()


def padded(begin: float, end: float) -> tuple[float, float]:
    """The stretch shown: a little air on both sides, never shorter than ten minutes."""
    length = max(end - begin, timedelta(minutes=10).total_seconds())
    return begin - 0.03 * length, max(end, begin + length) + 0.03 * length
