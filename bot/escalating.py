"""Whom a missed clock calls: the next level at 100 %, the level above at 150 %; several of one incident at one moment are one message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlite_utils import Database

from bot import calling, clocking, saying
from bot.model.card import Post
from bot.model.house import House
from bot.model.incident import Incident
from bot.model.times import span_of
from bot.ringing import TOGETHER, Due, Missed
from bot.store import timers
from bot.store.timers import Clock


def waits(due: Due, incident: Incident, clock: Clock, step: int) -> bool:
    """Whether another clock of the incident comes to the same step within the minute: then both are said at that moment."""
    then = timers.step_before(due.db, incident.id, str(step), due.now, due.now + TOGETHER)
    if then is None:
        return False
    key = f"{due.timer.key}:{then.timestamp():.0f}"
    timers.set_timer(due.db, key, due.timer.kind, then, at=due.now, incident=incident.id, step=str(step), clock=clock.id)
    return True


def call(due: Due, incident: Incident, clock: Clock, step: int) -> None:
    """Calls the level that this step names: the next in the chain above the owner (or above who was asked first), or the one above.

    That nobody is left is said once."""
    chain = _chain(due, incident, clock)
    asked = calling.on_call(due.house, clock.grade)
    base = incident.owner or (asked.name if asked else "")
    place = chain.index(base) + 1 if base in chain else 0
    if step > 100 and place >= len(chain):
        return
    place += 0 if step == 100 else 1
    due.missed.append(Missed(incident, clock, chain[place] if place < len(chain) else "", tuple(chain), due.late))


def _chain(due: Due, incident: Incident, clock: Clock) -> list[str]:
    """The chain as it was copied at the start, without who may not know of the incident."""
    return [name for name in timers.policy_of(due.db, clock.id) if saying.knows(due.house, incident, name)]


def say(db: Database, house: House, missed: Sequence[Missed], now: datetime) -> None:
    """Tells whom it calls in private, and the room: one message for each incident and level."""

    def place(it: Missed) -> tuple[int, str, tuple[str, ...]]:
        return it.incident.id, it.level, () if it.level else it.chain

    for _, together in groupby(sorted(missed, key=place), key=place):
        _say(db, house, list(together), now)


def _say(db: Database, house: House, missed: Sequence[Missed], now: datetime) -> None:
    first = missed[0]
    incident, reason = first.incident, first.clock.name
    names = [first.level] if first.level else list(first.chain)
    what = f"#{incident.id} {incident.title[:20]}：{_listed(missed, now)}"
    over = "" if first.level else "升级链已走完，"
    post = Post(f"{what}，{over}请{'、'.join(names)}处理{first.late}")
    for name in names:
        saying.tell_person(
            db, name, post, at=now, kind="escalation", reason=reason, incident=incident, urgent=bool(first.level)
        )
    saying.tell_rooms(db, house, incident, post, at=now, kind="escalation", reason=reason, heard=names)


def _listed(missed: Sequence[Missed], now: datetime) -> str:
    """「首次发声、速报超时」, with how long each where that differs."""
    labels = [clocking.CLOCKS.get(it.clock.name, it.clock.name) for it in missed]
    behind = [_behind(it.clock, now) for it in missed]
    if len(set(behind)) == 1:
        return f"{'、'.join(labels)}超时{behind[0]}"
    return "、".join(f"{label}超时{over}" for label, over in zip(labels, behind, strict=True))


def _behind(clock: Clock, now: datetime) -> str:
    """「30分」; empty below a minute."""
    seconds = (now - clock.due_at).total_seconds()
    return span_of(seconds) if seconds >= 60 else ""
