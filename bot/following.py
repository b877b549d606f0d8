"""What follows whatever was done to an incident: its newest card is repainted, and who acted on it counts as knowing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from bot import cards, clocking
from bot.model.house import House
from bot.model.people import Person, Role
from bot.store import calls, incidents, journal, outbox, plans, timers


@contextmanager
def touched(db: Database) -> Iterator[None]:
    """Whatever is done inside: the newest alert card of every incident it touches follows."""
    before = journal.last(db)
    yield
    for number in journal.touched(db, before):
        _follow(db, number)


def reached(db: Database, house: House, person: Person, before: int, *, at: datetime) -> None:
    """Who does something about an incident knows of it: nobody need telephone, nor wait for 已阅. Where that is the commander or
    a briefed leader, the report upwards was made. ``before``: the last log row before the command."""
    leads = person.has(Role.COMMANDER) or any(person.name in brief.to for brief in house.briefs)
    for number in journal.touched(db, before):
        incident = incidents.find(db, number)
        if incident is None:
            continue
        for each in calls.waiting(db, incident=number, person=person.name):
            if each.at < at and not each.talk:
                calls.answer(db, each, at=at, by=person.name)
                timers.end_timers(db, f"call:{each.id}", at, "本人已处理")
        plans.mark_read(db, person.name, number, at=at)
        timers.end_timers(db, f"read:{number}:{person.name}:", at, "本人已处理")
        if leads:
            clocking.meet(db, incident, "report", at=at, by=person.name)


def _follow(db: Database, number: int) -> None:
    incident = incidents.find(db, number)
    if incident is None:
        return
    for row in outbox.newest_alerts(db, number):
        if row.post.card is None or row.post.card.kind != "alert":
            continue
        post = cards.follow(row.post.card, incident, incidents.row(db, number))
        if post.card and replace(post.card, revision=row.post.card.revision) != row.post.card:
            outbox.repaint(db, row.id, post)
