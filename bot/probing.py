"""What our own probes and watched pages tell, on its way into an incident (sources page, section 3).

One corridor for the live rounds and for scenarios. A probe that is down waits a moment: were it every probe, the fault is ours.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot import restoring, saying
from bot.judging import open_told, reconsider
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident
from bot.model.people import WANGLOU, Role
from bot.model.probe import OWN_NETWORK, Event, own_network
from bot.model.times import clock_of, from_iso, iso
from bot.restoring import OURS
from bot.ringing import Due
from bot.store import evidence, incidents, outbox, plans, rooms, timers

PATIENCE = timedelta(seconds=45)
"""How long a probe that is down waits for the others to say whether they are, too; under one cycle of a minute."""


def take(
    db: Database, house: House, source: str, events: Sequence[Event], known: Collection[str], now: datetime, *, body: str = ""
) -> None:
    """Acts on what a probe has told. ``known`` are the names of all probes; ``body`` is the altered text, kept as evidence."""
    state = _state(db, known)
    for event in events:
        _ACTS.get(event.kind, _mention)(db, house, source, event, state, now, body)
    rooms.keep(db, "probes", state)


def _state(db: Database, known: Collection[str]) -> dict[str, Any]:
    kept = rooms.kept(db, "probes") or {}
    return {name: kept.get(name, {"down": None}) for name in known}


def _down(db: Database, house: House, source: str, event: Event, state: dict[str, Any], now: datetime, body: str) -> None:
    state[source] = {"down": iso(now), "words": event.words}
    timers.set_timer(db, f"probe:{source}:{now.timestamp():.0f}", "probe", now + PATIENCE, at=now, source=source)


def settled(due: Due) -> None:
    """The moment is over: all down is our own network, said once; else what is down is an incident."""
    state = rooms.kept(due.db, "probes") or {}
    if own_network({name: bool(each["down"]) for name, each in state.items()}):
        if not rooms.kept(due.db, "own_network"):
            rooms.keep(due.db, "own_network", True)
            _tell_network(due.db, due.house, due.now)
        return
    _open_what_is_down(due.db, due.house, state, due.now)


def _tell_network(db: Database, house: House, now: datetime) -> None:
    for room in house.rooms:
        outbox.put(db, Post(OWN_NETWORK), at=now, kind="health", reason="own_network", room=room.name)
    duty = house.first(Role.IT_SEC, Role.DUTY)
    if duty:
        outbox.put(db, Post(OWN_NETWORK), at=now, kind="health", reason="own_network", person=duty.name, urgent=True)


def _open_what_is_down(db: Database, house: House, state: dict[str, Any], now: datetime) -> None:
    for name, each in state.items():
        if not each["down"] or each.get("told"):
            continue
        each["told"] = True
        since = clock_of(from_iso(each["down"]), now)
        words = f"{name} {since} 起打不开"
        incident = _ours(db)
        if incident is None:
            incident = open_told(db, house, words, "outage", Grade.BLUE, now, why=each.get("words") or words)
            continue
        _say(db, house, incident, f"#{incident.id} {words}（自家探测）", now)
    rooms.keep(db, "probes", state)


def _ours(db: Database) -> Incident | None:
    """The open incident about our own site."""
    return next((i for i in incidents.listed(db) if i.type in OURS), None)


def _up(db: Database, house: House, source: str, event: Event, state: dict[str, Any], now: datetime, body: str) -> None:
    was = state.get(source, {"down": None})
    state[source] = {"down": None, "up": iso(now)}
    incident = _ours(db)
    if rooms.kept(db, "own_network"):
        rooms.keep(db, "own_network", False)
        _open_what_is_down(db, house, state, now)
    if was.get("told") and incident:
        _say(db, house, incident, f"#{incident.id} {event.words}；连续30分钟正常才算恢复", now)


def _outage(db: Database, house: House, source: str, event: Event, state: dict[str, Any], now: datetime, body: str) -> None:
    if own_network({name: bool(each["down"]) for name, each in state.items()}):
        return
    _cross(db, house, "outage", event.words, now)


def _changed(db: Database, house: House, source: str, event: Event, state: dict[str, Any], now: datetime, body: str) -> None:
    incident = _cross(db, house, "illegal_content", event.words, now)
    text = f"{event.words}\n{body}".strip()
    evidence.capture(
        db, incident=incident.id, kind="link", text=text, source=source, by=WANGLOU, at=now, key=f"probe:{source}:{iso(now)}"
    )


def _restored(db: Database, house: House, source: str, event: Event, state: dict[str, Any], now: datetime, body: str) -> None:
    state[source] = {"down": None}
    incident = _ours(db)
    if incident:
        rooms.keep(db, "probes", state)
        left = restoring.lacking(db, incident, now)
        text = f"#{incident.id} {event.words}" + (f"；还不能说「已恢复」：{left}" if left else "，可以说「已恢复」")
        _say(db, house, incident, text, now)
        incidents.note(db, incident.id, "restored", at=now, by=WANGLOU, why=event.words)


def _mention(db: Database, house: House, source: str, event: Event, state: dict[str, Any], now: datetime, body: str) -> None:
    """Slow, or a certificate about to end: a line of health, no incident."""
    person = house.first(Role.IT_SEC, Role.DUTY)
    if person:
        outbox.put(db, Post(event.words), at=now, kind="health", reason=event.kind, person=person.name)


def _cross(db: Database, house: House, kind: str, words: str, now: datetime) -> Incident:
    """A trigger of our own probes fires at once: it joins the incident about our site, or opens one."""
    incident = _ours(db)
    if incident is None:
        type = "outage" if kind == "outage" else "defacement"
        return open_told(db, house, words, type, Grade.BLUE, now, why=words, kinds=(kind,))
    if kind == "illegal_content" and incident.type == "outage" and not incident.assessed:
        incident = incidents.change(db, incident.id, "retype", at=now, by=WANGLOU, why=words, type="defacement")
    plans.cross(db, incident.id, kind, words, sure=True, at=now, by=WANGLOU)
    reconsider(db, house, incident, now)
    return incident


def _say(db: Database, house: House, incident: Incident, text: str, now: datetime) -> None:
    saying.tell_rooms(db, house, incident, Post(text), at=now, kind="notice", reason="probe")


_ACTS = {"down": _down, "up": _up, "outage": _outage, "changed": _changed, "restored": _restored}
