"""Who hears of an incident: the rooms of its grade, people in private, and of a confidential one only those who may know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from bot import alerting, cards, muting
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident
from bot.model.people import Person, Role
from bot.store import outbox


def may_know(incident: Incident, person: Person) -> bool:
    """A confidential incident is known to its owner, co-workers, the commander and the people named, to nobody else."""
    if not incident.confidential or person.has(Role.COMMANDER):
        return True
    return person.name in {incident.owner, *incident.helpers, *incident.named}


def knows(house: House, incident: Incident | None, name: str) -> bool:
    """Whether somebody by this name may know of an incident; of what belongs to none everybody of the house may."""
    person = house.person(name)
    return person is not None and (incident is None or may_know(incident, person))


def tell_rooms(
    db: Database,
    house: House,
    incident: Incident,
    post: Post,
    *,
    at: datetime,
    kind: str,
    reason: str,
    besides: str = "",
    collapse: str = "",
    heard: Sequence[str] = (),
) -> list[int]:
    """Says something about an incident in every room that hears of its grade, but not in ``besides`` where it was said already.

    Mutes hold it back (never at red). A confidential incident is in no room: who may know of it hears alerts and escalations
    in private, but for those who ``heard`` it already.
    """
    if incident.confidential:
        return _tell_insiders(db, house, incident, post, at, kind, reason, heard) if kind in ("alert", "escalation") else []
    said = []
    for room in house.rooms:
        if room.name == besides or not alerting.receives(incident.shown or Grade.BLUE, room.from_grade):
            continue
        held = muting.muted(db, house, incident, room.name, at) if kind in ("alert", "notice") else ""
        if held:
            muting.note_silence(db, incident, f"muted:{held}", at)
            continue
        said.append(
            outbox.put(
                db,
                cards.masked_post(post),
                at=at,
                kind=kind,
                reason=reason,
                room=room.name,
                incident=incident.id,
                grade=incident.shown,
                collapse=collapse,
            )
        )
    return said


def _tell_insiders(
    db: Database, house: House, incident: Incident, post: Post, at: datetime, kind: str, reason: str, heard: Sequence[str]
) -> list[int]:
    insiders = [p for p in house.people if may_know(incident, p) and p.name not in heard]
    return [tell_person(db, p.name, post, at=at, kind=kind, reason=reason, incident=incident) for p in insiders]


def tell_person(
    db: Database,
    name: str,
    post: Post,
    *,
    at: datetime,
    kind: str,
    reason: str,
    incident: Incident | None = None,
    urgent: bool = False,
) -> int:
    """Says something to one person in private."""
    return outbox.put(
        db,
        post,
        at=at,
        kind=kind,
        reason=reason,
        person=name,
        incident=incident.id if incident else None,
        grade=incident.shown if incident else None,
        urgent=urgent or None,
    )
