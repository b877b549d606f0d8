"""What waits in the outbox: too many for one place become a digest that names each, too long is said elsewhere (reliability 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import calling, saying
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.times import clock_of, from_iso, span_of
from bot.store import outbox, rooms

MOST = 10
"""So many may wait for one place; with one more they become a digest."""
NAMED = 20
"""So many fit one digest."""
PATIENCE = timedelta(minutes=2)
_SAID = "stuck"


def condense(db: Database, room: str, person: str, now: datetime) -> list[int]:
    """Merges what waits for a place into digests; their numbers. Red, orange and what carries a file go by themselves, and so
    does what else waits about the same incident: its order holds."""
    waiting = outbox.queued(db, room, person)
    if len(waiting) <= MOST:
        return []
    apart = {row.incident for row in waiting if row.incident is not None and not _may_merge(row)}
    rows = [row for row in waiting if _may_merge(row) and (row.incident is None or row.incident not in apart)]
    if len(rows) < 2:
        return []
    return [_digest(db, rows[n : n + NAMED], room, person, now) for n in range(0, len(rows), NAMED)]


def _may_merge(row: outbox.Row) -> bool:
    carries = row.post.files or row.post.chart or row.post.paper
    return not (row.urgent or carries or row.repeated or (row.grade or Grade.BLUE) >= Grade.ORANGE)


def _digest(db: Database, rows: Sequence[outbox.Row], room: str, person: str, now: datetime) -> int:
    lines = [
        f"{clock_of(from_iso(row.at), now)} {row.post.text.splitlines()[0][:44] if row.post.text else '（卡片）'}"
        for row in rows
    ]
    text = "\n".join([f"合并摘要：刚才没能及时发出的{len(rows)}条，按先后", *lines])
    id = outbox.put(db, Post(text), at=now, kind="notice", reason="merged", room=room, person=person)
    outbox.merge(db, [row.id for row in rows], id)
    return id


def words(it: outbox.Stuck, now: datetime) -> str:
    """``发往「危机室」的消息发不出去：最老的等了3分，共5条``."""
    waited = span_of((now - from_iso(it.since)).total_seconds())
    return f"发往{f'「{it.room}」' if it.room else it.person}的消息发不出去：最老的等了{waited}，共{it.rows}条"


def say_stuck(db: Database, house: House, found: Sequence[outbox.Stuck], now: datetime) -> None:
    """Says once for each outage, in every other room and to who is on call, that a room hears nothing. A place that drained
    may be said again."""
    stuck_rooms = {it.room for it in found if it.room}
    said = set(rooms.kept(db, _SAID) or [])
    if said != stuck_rooms:
        rooms.keep(db, _SAID, sorted(stuck_rooms))
    for it in found:
        if not it.room or it.room in said:
            continue
        post = Post(f"{words(it, now)}。请先用别的办法通知该群的人，并看 /healthz")
        for other in house.rooms:
            if other.name not in stuck_rooms:
                outbox.put(db, post, at=now, kind="notice", reason="stuck", room=other.name, urgent=True)
        if person := calling.on_call(house, Grade.ORANGE):
            saying.tell_person(db, person.name, post, at=now, kind="notice", reason="stuck", urgent=True)
