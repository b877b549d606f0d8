"""Moments as sources and people write them. Everything stored is UTC; a moment without a zone is read in Beijing time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=10)

_NUMBERS = (int, float)
_AGO = re.compile(r"(\d+)\s*(秒|分钟|小时|天)前")
_UNIT = {"秒": "seconds", "分钟": "minutes", "小时": "hours", "天": "days"}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def steady(now: Callable[[], datetime], clock: Callable[[], float]) -> Callable[[], float]:
    """Unix seconds as they were at the call, running on with the monotonic ``clock``: what is worth something for a while keeps its
    length when the time of day is set, and is understood by the next process."""
    since = now().timestamp() - clock()
    return lambda: since + clock()


def read_time(value: object, now: datetime) -> datetime | None:
    """A moment in UTC, or None where it is missing, unreadable, before 2000 or more than ten minutes ahead of ``now``.

    Reads unix seconds, 13-digit milliseconds (as numbers or text), ISO 8601, RFC 1123 and 「3分钟前」.
    """
    try:
        moment = _parse(value, now)
    except OverflowError:  # a number of hundreds of digits
        return None
    if moment is None or moment < OLDEST or moment > now + AHEAD:
        return None
    return moment


def _parse(value: object, now: datetime) -> datetime | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=BEIJING).astimezone(UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, _NUMBERS):
        return _from_number(float(value))
    text = str(value).strip()
    if not text:
        return None
    if re.fullmatch(r"\d{9,13}(\.\d+)?", text):
        return _from_number(float(text))
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{_UNIT[ago[2]]: int(ago[1])})
    return _from_text(text)


def _from_number(number: float) -> datetime | None:
    seconds = number / 1000 if abs(number) >= 1e11 else number
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _from_text(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # loads a tenth of the standard library: only where such a moment is read

    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.replace("/", "-") if read is datetime.fromisoformat else text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        try:
            return moment.replace(tzinfo=BEIJING).astimezone(UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (OverflowError, ValueError):
            return None
    return None


def seconds_of(duration: str) -> float:
    """``90s``, ``15m``, ``2h``, ``1d`` or a sequence such as ``1h30m`` as seconds; ``ValueError`` for anything else."""
    text = duration.strip()
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{duration!r} is no duration such as 90s, 15m, 2h or 1d")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def iso(moment: datetime) -> str:
    """The stored form: UTC, microseconds, sortable as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_iso(text: str) -> datetime:
    """The moment behind a stored form."""
    return datetime.fromisoformat(text)


def clock_of(moment: datetime, now: datetime | None = None, zone: timezone = BEIJING) -> str:
    """``10:49`` in the room's zone, with the date in front when it is another day than ``now``."""
    local = moment.astimezone(zone)
    if now is not None and local.date() != now.astimezone(zone).date():
        return local.strftime("%m-%d %H:%M")
    return local.strftime("%H:%M")


def span_of(seconds: float) -> str:
    """``2时10分``, ``15分``, ``3天``: a length of time in few characters, rounded down to the minute."""
    minutes = int(abs(seconds)) // 60
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [f"{days}天" if days else "", f"{hours}时" if hours else "", f"{minutes}分" if minutes and not days else ""]
    return "".join(parts) or "不到1分"
