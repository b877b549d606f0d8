"""When it will peak, in a few words for a brief: from hourly counts alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.analysis.curve import Phase
from bot.analysis.forecast import Forecast, forecast
from bot.model.times import clock_of
from bot.store import course, mentions


def peak_of(db: Database, incident: int, now: datetime) -> str:
    """「预计峰值20:00–23:00」 from the stored mentions of an incident."""
    strands = mentions.strands_of(db, incident)
    counts = course.counts(db, strands, now) if strands else []
    return peak_words(forecast(counts, now), counts, now)


def peak_words(found: Forecast, counts: Sequence[int], now: datetime) -> str:
    """The peak as a range of time; that it is past; empty where nothing can be said."""
    if not found.enough:
        return ""
    if found.shape.phase in (Phase.FALLING, Phase.LATENT):
        return "已过高点"
    volume = found.volume
    top = max(volume, key=lambda h: volume[h].mid)
    hours = sorted(volume)
    if volume[top].mid <= counts[-1]:
        return f"预计峰值{clock_of(now, now)}–{clock_of(now + timedelta(hours=1), now)}"
    earlier = max((h for h in hours if h < top), default=0)
    later = next((h for h in hours if h > top), top + 3)
    return f"预计峰值{clock_of(now + timedelta(hours=earlier), now)}–{clock_of(now + timedelta(hours=later), now)}"
