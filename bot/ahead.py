"""What a brief shows of the course: the curve so far, and when it will peak, from stored samples and counts alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.analysis.curve import Phase
from bot.analysis.forecast import Forecast, forecast
from bot.model.card import Chart, Series
from bot.model.incident import Incident
from bot.model.times import clock_of, from_iso
from bot.store import course, incidents, mentions, publications, statements

SHOWN = timedelta(hours=24)


def chart(db: Database, incident: Incident, now: datetime) -> Chart | None:
    """The curve of an incident: heat, mentions an hour, negative share; our publications are marks. None under two samples."""
    samples = incidents.samples(db, incident.id, now - SHOWN)
    if len(samples) < 2:
        return None
    points = [(from_iso(f"{at}:00Z").timestamp(), heat, per_hour, negative) for at, heat, _, negative, per_hour in samples]
    series = (
        Series("热度", tuple((t, float(heat)) for t, heat, _, _ in points)),
        Series("每小时条数", tuple((t, float(n)) for t, _, n, _ in points)),
        Series("负面%", tuple((t, 100.0 * share) for t, _, _, share in points if share is not None)),
    )
    marks = [(incident.opened_at.timestamp(), "预警"), *_releases(db, incident)]
    return Chart(f"#{incident.id} {incident.title[:20]}", "", series, tuple(marks))


def _releases(db: Database, incident: Incident) -> list[tuple[float, str]]:
    found = []
    for draft in statements.of_incident(db, incident.id):
        moments = [p.released_at for p in publications.of_draft(db, draft.id) if p.released_at]
        found += [(min(moments).timestamp(), f"D{draft.id}")] if moments else []
    return found


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
