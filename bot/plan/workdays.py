"""Working days of the official calendar: ``data/holidays.toml``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from bot.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Calendar:
    """``off`` are holidays, ``on`` weekend days that are worked. Of years that are not in ``years`` only weekends are known."""

    years: frozenset[int]
    off: frozenset[date]
    on: frozenset[date]

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        return day in self.on or (day.weekday() < 5 and day not in self.off)

    def after(self, moment: datetime, days: int, zone: tzinfo) -> datetime:
        """The end of the ``days``-th working day after the day of ``moment``, that day not counted."""
        day = moment.astimezone(zone).date()
        while days:
            day += timedelta(days=1)
            days -= self.works(day)
        return datetime.combine(day, time(23, 59), zone)

    def knows(self, first: datetime, last: datetime) -> bool:
        """Whether the official calendar of every year of the span is here."""
        return {first.year, last.year} <= self.years


def calendar_of(table: Mapping[str, Any], where: str) -> Calendar:
    """A parsed file as a calendar; ``ConfigError`` names the file and the key."""
    for key in table:
        if key not in ("years", "off", "on"):
            raise ConfigError(f"{where}: {key}: 没有这个设置（可用：years、off、on）")
    try:
        off, on = frozenset(_days(table.get("off", []))), frozenset(_days(table.get("on", [])))
    except ValueError as error:
        raise ConfigError(f'{where}: off、on 里要写 "2026-10-01" 或 "2026-10-01..2026-10-07"（{error}）') from None
    return Calendar(frozenset(int(year) for year in table.get("years", [])), off, on)


def _days(spans: Iterable[str]) -> Iterator[date]:
    for span in spans:
        first, _, last = span.partition("..")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        while day <= end:
            yield day
            day += timedelta(days=1)
