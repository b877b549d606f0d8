"""Answers that may not have reached the person who asked: what a platform could not say, or a crash cut off, goes by the outbox.

An answer is ``owed`` from the commit of what it answers, ``leaving`` from the moment a platform has it, ``told`` when the vendor
took it. The outbox tries longer and by every way there is; where nobody knows whether the words arrived, they say so.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.model.card import Post
from bot.model.house import House, Room
from bot.model.message import Message, Press
from bot.store import inbox, outbox, rooms

log = logging.getLogger("wanglou.retelling")

STALE = timedelta(minutes=30)
"""Who waited so long for an answer has asked again, or does not want it any more."""
REPEATED = "（可能重复）"


def room_of(db: Database, house: House, platform: str, chat: str) -> Room | None:
    """The configured room behind a platform's chat id, as configured or bound."""
    bound = rooms.bindings(db)
    for room in house.rooms:
        place = bound.get(room.name, (room.platform, room.chat))
        if place == (platform, chat) and chat:
            return room
    return None


def hand_over(db: Database, house: House, heard: Message | Press, posts: Sequence[Post], at: datetime) -> None:
    """Says an answer by the outbox, where the question was asked; somebody waits for it, so it goes first and once more after an
    unknown end. A chat that is no room of ours, or a person we don't know, has no way there: such an answer changed nothing and is
    dropped."""
    room = room_of(db, house, heard.platform, heard.room) if heard.room else None
    person = None if heard.room else house.by_id(heard.platform, heard.sender)
    if room is None and person is None:
        log.warning("an answer to %s has no place to go any more", heard.id)
        inbox.told(db, heard)
        return
    for post in posts:
        to, who = room.name if room else "", person.name if person else ""
        outbox.put(db, post, at=at, kind="notice", reason="reply", room=to, person=who, urgent=True)
    inbox.handed(db, heard)


def settle(db: Database, house: House, heard: Message | Press, left: Sequence[Post], at: datetime) -> None:
    """A platform has said an answer, but for what is ``left``; charts and papers of that are files by now."""
    if left:
        hand_over(db, house, heard, [replace(post, chart=None, paper=None) for post in left], at)
    else:
        inbox.told(db, heard)


def again(db: Database, house: House, now: datetime, besides: Collection[str] = ()) -> None:
    """After a crash: what was not told goes by the outbox, marked where a platform had it already; what is stale does not.
    ``besides``: platforms that see to their own."""
    for heard, answer, leaving in inbox.untold(db):
        if heard.platform in besides:
            continue
        if now - heard.at > STALE:
            log.warning("an answer to %s was not told before the process ended, and is too old now", heard.id)
            inbox.told(db, heard)
            continue
        posts = [post.with_note(REPEATED) if leaving else post for post in answer.posts]
        hand_over(db, house, heard, posts, now)
