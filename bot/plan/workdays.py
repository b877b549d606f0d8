"""Working days of the official calendar: ``data/holidays.toml``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from bot.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Calendar:
    """``off`` are holidays, ``on`` weekend days that are worked. Of years that are not in ``years`` only weekends are known.

    ``confidence`` as that of a rule: H was compared with the State Council's notice, U was not.
    """

    years: frozenset[int]
    off: frozenset[date]
    on: frozenset[date]
    confidence: str = "U"

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

    def doubt(self, first: datetime, last: datetime, zone: tzinfo) -> str:
        """What must be said of a span counted in working days: a year whose arrangement is missing, or one nobody has compared."""
        missing = {moment.astimezone(zone).year for moment in (first, last)} - self.years
        if missing:
            return f"{max(missing)}年放假安排未收录，只按周末算"
        return "" if self.confidence == "H" else "放假安排请法务核对"


def calendar_of(table: Mapping[str, Any], where: str) -> Calendar:
    """A parsed file as a calendar; ``ConfigError`` names the file and the key."""
    for key in table:
        if key not in ("years", "off", "on", "confidence"):
            raise ConfigError(f"{where}: {key}: 没有这个设置（可用：years、off、on、confidence）")
    if table.get("confidence", "U") not in ("H", "M", "U"):
        raise ConfigError(f"{where}: confidence: 应为 H | M | U，现为 {table['confidence']!r}")
    try:
        off, on = frozenset(_days(table.get("off", []))), frozenset(_days(table.get("on", [])))
    except ValueError as error:
        raise ConfigError(f'{where}: off、on 里要写 "2026-10-01" 或 "2026-10-01..2026-10-07"（{error}）') from None
    return Calendar(frozenset(int(year) for year in table.get("years", [])), off, on, table.get("confidence", "U"))


def _days(spans: Iterable[str]) -> Iterator[date]:
    for span in spans:
        first, _, last = span.partition("..")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        while day <= end:
            yield day
            day += timedelta(days=1)
