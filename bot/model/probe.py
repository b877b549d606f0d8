"""Our own site seen from outside: what a series of tries says about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from bot.model.times import BEIJING, clock_of, from_iso, iso, span_of

DOWN_OF = 2
UP_AFTER = 2
RESTORED_AFTER = 1_800.0
OUTAGE_AFTER = 1_800.0
"""Seconds down in service hours that are the trigger of the domain handbook 3.3."""

_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Try:
    """One look: ``why`` is empty when all was well; ``ms`` how long it took; ``mark`` the checksum of the watched part."""

    why: str = ""
    ms: float = 0.0
    mark: str = ""

    @property
    def good(self) -> bool:
        return not self.why


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell. ``kind``: ``down``, ``up``, ``outage`` (down over 30 min in service hours), ``restored`` (green for
    30 min), ``slow``, ``changed``, ``cert``. ``seconds``: how long it was down."""

    kind: str
    words: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Hours:
    """Service hours of a day in Beijing time; all day where begin and end are the same."""

    begin: time = time(0)
    end: time = time(0)

    @classmethod
    def of(cls, text: str) -> Hours:
        """``08:00-22:00``, over midnight as well; empty is all day. ``ValueError`` for anything else."""
        if not text.strip():
            return cls()
        found = _HOURS.fullmatch(text.strip())
        if not found:
            raise ValueError(f"{text!r} is no span such as 08:00-22:00")
        return cls(time(int(found[1]) % 24, int(found[2])), time(int(found[3]) % 24, int(found[4])))

    def within(self, start: datetime, end: datetime) -> float:
        """How many seconds of the span from ``start`` to ``end`` lie in service hours."""
        if self.begin == self.end:
            return max(0.0, (end - start).total_seconds())
        total, day = 0.0, start.astimezone(BEIJING).date() - timedelta(days=1)
        while day <= end.astimezone(BEIJING).date():
            opens = datetime.combine(day, self.begin, BEIJING)
            closes = datetime.combine(day + timedelta(days=self.end <= self.begin), self.end, BEIJING)
            total += max(0.0, (min(end, closes) - max(start, opens)).total_seconds())
            day += timedelta(days=1)
        return total


def is_down(tries: Sequence[Try]) -> bool:
    """Two of three are bad: one failure is noise."""
    return sum(not t.good for t in tries) >= DOWN_OF


def next_probe(
    state: Mapping[str, Any], tries: Sequence[Try], now: datetime, *, name: str, max_ms: int = 0, hours: Hours | None = None
) -> tuple[tuple[Event, ...], dict[str, Any]]:
    """What one poll (its tries in order) tells, and what to remember. Each thing is told once; ``max_ms`` 0 asks for no speed."""
    told = dict(state)
    if is_down(tries):
        return _down(told, tries, now, name, hours or Hours())
    good = next((t for t in reversed(tries) if t.good), None)
    if good is None:  # one bad try alone: nothing is known
        return (), told
    events = _up(told, now, name)
    events += _speed(told, good, name, max_ms)
    if good.mark:
        if told.get("mark") and told["mark"] != good.mark:
            events.append(Event("changed", f"{name} 的页面有改动"))
        told["mark"] = good.mark
    return tuple(events), told


def _down(
    told: dict[str, Any], tries: Sequence[Try], now: datetime, name: str, hours: Hours
) -> tuple[tuple[Event, ...], dict[str, Any]]:
    events = []
    why = next(t.why for t in reversed(tries) if not t.good)
    told.pop("green", None)
    told.pop("green_since", None)
    if "down" not in told:
        told["down"] = iso(now)
        bad = sum(not t.good for t in tries)
        events.append(Event("down", f"{name} 打不开：{why}（{len(tries)} 次试了 {bad} 次不通）"))
    since = from_iso(told["down"])
    if not told.get("outage") and hours.within(since, now) > OUTAGE_AFTER:
        told["outage"] = True
        seconds = (now - since).total_seconds()
        events.append(Event("outage", f"{name} 自 {clock_of(since, now)} 起打不开，服务时段内已超过 30 分钟", seconds))
    return tuple(events), told


def _up(told: dict[str, Any], now: datetime, name: str) -> list[Event]:
    if "down" in told:
        told["green"] = told.get("green", 0) + 1
        told.setdefault("green_since", iso(now))
        if told["green"] < UP_AFTER:
            return []
        since, back = from_iso(told.pop("down")), from_iso(told["green_since"])
        told.pop("green")
        told.pop("outage", None)
        told["watching"] = True
        seconds = (back - since).total_seconds()
        return [
            Event("up", f"{name} 又能打开，{clock_of(since, now)}–{clock_of(back, now)} 打不开，共 {span_of(seconds)}", seconds)
        ]
    if told.get("watching") and (now - from_iso(told["green_since"])).total_seconds() >= RESTORED_AFTER:
        told.pop("watching")
        told.pop("green_since")
        return [Event("restored", f"{name} 已稳定 30 分钟")]
    return []


def _speed(told: dict[str, Any], good: Try, name: str, max_ms: int) -> list[Event]:
    """Slow twice in a row, told once until it was fast again."""
    if not max_ms or good.ms <= max_ms:
        told.pop("slow", None)
        return []
    told["slow"] = told.get("slow", 0) + 1
    return [Event("slow", f"{name} 变慢：{good.ms:.0f} 毫秒，上限 {max_ms}")] if told["slow"] == 2 else []


def own_network(down: Mapping[str, bool]) -> bool:
    """Every probe, of two or more, is down at once: the fault is likely ours, and no incident follows."""
    return len(down) >= 2 and all(down.values())


OWN_NETWORK = "所有探测同时不通：本机网络可能断开，未建事件；请先查本机出口"
