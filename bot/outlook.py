"""Where an incident is going, in words: phase, range of the next hours, chance of the next grade. From the stored mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.analysis.authority import own_account
from bot.analysis.forecast import Forecast, chance_of_next_grade, forecast, heat_ahead
from bot.analysis.indicators import normal, rebased
from bot.analysis.spread import Heard, lines, spread_of
from bot.gauging import fired, indicators_of
from bot.model.card import Chart, Series
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident
from bot.model.reading import Sentiment
from bot.model.times import clock_of
from bot.store import counting, course, mentions

TOO_FEW = "数据不足（不到6小时），不作预测"


@dataclass(frozen=True, slots=True)
class Outlook:
    """``counts`` are hourly, oldest first; ``chance`` that the suggestion rises within six hours (0..1)."""

    forecast: Forecast
    counts: tuple[int, ...]
    heat: dict[int, tuple[float, float]]
    chance: float
    suggested: Grade | None


PLATFORMS, POINTS = 4, 60
"""Platforms in the picture of a spread, and points of each curve."""


def outlook(db: Database, house: House, incident: Incident, now: datetime) -> Outlook:
    """What the course so far says about the next hours."""
    strands = mentions.strands_of(db, incident.id)
    hours = course.counts(db, strands, now) if strands else []
    found = forecast(hours, now)
    if not found.enough:
        return Outlook(found, tuple(hours), {}, 0.0, incident.suggested)
    counts = counting.count(db, strands, now)
    summed = sum(rebased(weight, epoch, now) for weight, epoch in counts.weights)
    mean = max(1.0, summed / max(1, counts.mentions))
    ranges = heat_ahead(summed, mean, found.volume)
    chance = chance_of_next_grade(
        indicators_of(counts, now),
        summed,
        mean,
        found.volume,
        baseline=normal(counts.baseline),
        triggers=fired(db, strands, incident),
        thresholds=house.thresholds,
    )
    return Outlook(found, tuple(hours), {h: (r.low, r.high) for h, r in ranges.items()}, chance, incident.suggested)


def told(it: Outlook, now: datetime) -> list[str]:
    """The outlook in at most four lines; ranges, never one number."""
    shape = it.forecast.shape
    rows = [f"阶段：{shape.phase.value}" + (f"；半衰期{shape.half_life}时" if shape.half_life else "")]
    if it.counts and shape.peak_count >= 3:
        peak = now - timedelta(hours=len(it.counts) - 1 - shape.peak)
        rows[0] += f"；高点 {clock_of(peak, now)} 前后，每小时约{shape.peak_count:.0f}条"
    if not it.forecast.enough:
        return [*rows, TOO_FEW]
    rows.append("预测（80%）：" + "；".join(f"{h}时后每小时{r.low:.0f}–{r.high:.0f}条" for h, r in it.forecast.volume.items()))
    if it.heat:
        low, high = it.heat[max(it.heat)]
        rows.append(f"{max(it.heat)}时后热度{low:.0f}–{high:.0f}")
    higher = Grade(it.suggested + 1).label if it.suggested and it.suggested < Grade.RED else ""
    if higher:
        rows.append(f"6小时内升到{higher}的可能：约{round(100 * it.chance, -1):.0f}%")
    return rows


def course_of(db: Database, house: House, incident: Incident, now: datetime) -> list[str]:
    """溯源: first post, path, key accounts, views, in a few lines; empty where nothing was heard."""
    rows = _heard(db, house, incident)
    found = spread_of(rows) if rows else None
    return lines(found, now) if found else []


def course_chart(db: Database, house: House, incident: Incident) -> Chart | None:
    """How the count grew on each platform, the earliest platform first; a mark where it came to the next one. None under two
    mentions."""
    rows = sorted(_heard(db, house, incident), key=lambda row: row.mention.at)
    if len(rows) < 2:
        return None
    moments: dict[str, list[float]] = {}
    for row in rows:
        moments.setdefault(row.mention.platform or row.mention.source, []).append(row.mention.at.timestamp())
    shown = dict(list(moments.items())[:PLATFORMS])
    end = rows[-1].mention.at.timestamp()
    series = tuple(Series(name, _grown(times, end)) for name, times in shown.items())
    marks = tuple((times[0], f"{'首发' if n == 0 else '到'}{name}") for n, (name, times) in enumerate(shown.items()))
    return Chart(f"#{incident.id} {incident.title[:20]} 的传播", "累计条数", series, marks)


def _grown(times: Sequence[float], end: float) -> tuple[tuple[float, float], ...]:
    """The running count at its own moments, thinned to ``POINTS``, and at the end."""
    step = max(1, len(times) // POINTS)
    points = [(at, float(n)) for n, at in enumerate(times, 1) if n == 1 or n % step == 0]
    return (*points, (end, float(len(times))))


def _heard(db: Database, house: House, incident: Incident) -> list[Heard]:
    strands = mentions.strands_of(db, incident.id)
    return [
        Heard(mention, tier, Sentiment(sentiment), root, own_account(mention.author, house.company))
        for mention, tier, sentiment, root in (course.heard(db, strands) if strands else ())
    ]
