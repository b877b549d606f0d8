"""What holds a message out of a room: mutes and quiet hours. Red is never held."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident
from bot.store import mentions, rooms


def muted(db: Database, house: House, incident: Incident, room: str, at: datetime) -> str:
    """The mute that holds an incident's messages out of a room, or empty; red is never held."""
    shown = incident.shown or Grade.BLUE
    if shown is Grade.RED:
        return ""
    for mute in rooms.mutes(db, at):
        if mute.room and mute.room != room:
            continue
        if (mute.word and not _about(db, incident, mute.word)) or (mute.source and not _only_from(db, incident, mute.source)):
            continue
        if mute.incident is not None and mute.incident != incident.id:
            continue
        if mute.max_grade and shown > mute.max_grade:
            continue
        if mute.min_grade and shown >= mute.min_grade:
            continue
        if mute.quiet and not in_window(mute.quiet, at, house):
            continue
        return f"静音{mute.id}"
    return ""


def _about(db: Database, incident: Incident, word: str) -> bool:
    strands = [mentions.strand(db, strand) for strand in mentions.strands_of(db, incident.id)]
    return any(word in text for text in (incident.title, *(row["title"] for row in strands)))


def _only_from(db: Database, incident: Incident, source: str) -> bool:
    """Whether every mention of an incident is of this source, author or platform."""
    strands = mentions.strands_of(db, incident.id)
    return bool(strands) and mentions.only_from(db, strands, source)


def quiet_until(db: Database, house: House, incident: Incident, at: datetime) -> datetime | None:
    """When the quiet hours that hold this incident end; None outside of them. Orange and red are held by none."""
    shown = incident.shown or Grade.BLUE
    if shown >= Grade.ORANGE:
        return None
    for mute in rooms.mutes(db, at):
        if mute.quiet and in_window(mute.quiet, at, house) and not (mute.min_grade and shown >= mute.min_grade):
            local = at.astimezone(house.zone)
            hour, minute = map(int, mute.quiet.partition("-")[2].split(":"))
            end = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
            return end if end > local else end + timedelta(days=1)
    return None


def in_window(window: str, at: datetime, house: House) -> bool:
    """Whether a moment lies in a daily window such as ``23:00-07:00``."""
    start, _, end = window.partition("-")
    clock = at.astimezone(house.zone).strftime("%H:%M")
    return start <= clock < end if start <= end else clock >= start or clock < end


def note_silence(db: Database, incident: Incident, reason: str, at: datetime) -> None:
    rooms.note_alert(
        db,
        at=at,
        sent=False,
        kind="alert",
        reason=reason,
        incident=incident.id,
        strand=None,
        suggested=incident.suggested,
        per_hour=0,
        triggers=[],
        authority="",
        detail="",
    )
