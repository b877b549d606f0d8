"""Reliability 10: each minute an auditor recomputes what should have been sent, and any difference is shown and said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from aiohttp import web
from sqlite_utils import Database

from bot.auditing import Auditor
from bot.fetch import Fetcher
from bot.model.card import Post
from bot.model.message import Message
from bot.model.times import iso
from bot.store import audit, inbox, outbox, timers
from tests.conftest import START, THREE_COMPLAINTS, Room
from tests.sites import site

Damage = Callable[[Database, str], object]


class Desk:
    """The auditor over a room, with what it says."""

    def __init__(self, room: Room, fetcher: Fetcher | None = None, heartbeat: str = "") -> None:
        self.room = room
        self.said: list[str] = []
        self.parts_are_well = True
        self.auditor = Auditor(
            room.store, room.clock, say=self.say, well=self.well, fetcher=fetcher or Fetcher(), heartbeat=heartbeat
        )

    async def say(self, lines: Sequence[str]) -> None:
        self.said += lines

    async def well(self) -> bool:
        return self.parts_are_well

    async def minutes(self, count: int = 1) -> list[str]:
        """The auditor looks once a minute; what it said meanwhile."""
        before = len(self.said)
        for _ in range(count):
            self.room.clock.now += timedelta(minutes=1)
            await self.auditor.look()
        return self.said[before:]


async def test_a_house_in_order_differs_in_nothing(room: Room) -> None:
    desk = Desk(room)
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await room.later(hours=30)
    room.ignore()
    assert await desk.minutes(3) == []
    assert desk.auditor.problems() == []
    assert desk.auditor.shown() == {"at": room.clock.now.isoformat(), "differences": []}


def lose_the_alert(db: Database, at: str) -> None:
    db.conn.execute("DELETE FROM outbox WHERE kind = 'alert'")


def lose_the_digest(db: Database, at: str) -> None:
    db.conn.execute("UPDATE outbox SET state = 'merged', merged_into = 99 WHERE kind = 'alert'")


def hang_a_send(db: Database, at: str) -> None:
    db.conn.execute("UPDATE outbox SET state = 'sending', deadline = ? WHERE kind = 'alert'", (at,))


def forget_a_doubt(db: Database, at: str) -> None:
    for change in ("UPDATE outbox SET state = 'unknown', at = ?", "UPDATE alerts SET at = ?"):
        db.conn.execute(f"{change} WHERE kind = 'alert'", (iso(START - timedelta(days=3)),))


def forget_a_timer(db: Database, at: str) -> None:
    timers.set_timer(db, "quiet:1:0", "quiet", START - timedelta(days=1), at=START, incident=1)


def break_a_timer(db: Database, at: str) -> None:
    timers.fired(db, "clock:1:50", START)
    db.conn.execute("UPDATE timers SET fired_at = ? WHERE key = 'clock:1:50'", (at,))
    timers.broke(db, "clock:1:50", "KeyError")


def stop_a_clock(db: Database, at: str) -> None:
    db.conn.execute("DELETE FROM timers WHERE key LIKE 'clock:1:%'")
    db.conn.execute("UPDATE clocks SET due_at = ? WHERE id = 1", (at,))


def leave_somebody_without_answer(db: Database, at: str) -> None:
    inbox.take(db, Message("wecom", "m7", "c", "zm", "列表", START - timedelta(minutes=5)))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lose_the_alert, "1次预警没有发全，最早 #1 09:48（raised）"),
        (lose_the_digest, "1条消息的结局对不上，最早第1条"),
        (hang_a_send, "1条消息发到一半没有结果，最早第1条"),
        (forget_a_doubt, "1条「结果未知」没有列入摘要，最早第1条"),
        (forget_a_timer, "1个定时到点没有响，最早 quiet:1:0"),
        (break_a_timer, "1个定时动作出错，最早 clock:1:50"),
        (stop_a_clock, "1个时限过点没有提醒，最早 #1 "),
        (leave_somebody_without_answer, "1条收到的话没有回，最早 m7"),
    ],
)
async def test_what_should_have_been_is_found_said_once_and_kept_in_health(room: Room, damage: Damage, words: str) -> None:
    desk = Desk(room)
    await room.hear_of(*THREE_COMPLAINTS)
    room.ignore()
    await room.store.run(lambda db: damage(db, iso(room.clock.now)))
    (line,) = await desk.minutes(3)
    assert line.startswith(f"自查有出入：{words}")
    assert line.endswith("请管理员看 /healthz 和日志")
    assert words in desk.auditor.problems()[0]
    assert await desk.minutes(5) == []


async def test_when_nothing_differs_any_more_that_is_said_too(room: Room) -> None:
    desk = Desk(room)
    await room.store.run(inbox.take, Message("wecom", "m7", "c", "zm", "列表", START))
    assert len(await desk.minutes(3)) == 1
    await room.store.run(lambda db: db.conn.execute("UPDATE inbox SET state = 'answered'"))
    assert await desk.minutes() == ["自查恢复正常：该发的、到点的、收到的都有了结果"]
    assert desk.auditor.problems() == []


async def test_what_is_on_its_way_for_a_moment_is_no_difference(room: Room) -> None:
    desk = Desk(room)
    for n in range(5):
        heard = Message("wecom", f"m{n}", "c", "zm", "列表", room.clock.now)
        await room.store.run(inbox.take, heard)
        assert await desk.minutes() == []
        await room.store.run(lambda db: db.conn.execute("UPDATE inbox SET state = 'answered'"))


async def test_the_heartbeat_goes_out_only_while_the_self_audit_passes(room: Room) -> None:
    async with site() as monitor:
        beat = monitor.says("/beat", web.Response(text="ok"))
        fetcher = Fetcher()
        desk = Desk(room, fetcher, beat)
        await desk.minutes(2)
        assert len(monitor.asked) == 2
        await room.store.run(inbox.take, Message("wecom", "m7", "c", "zm", "列表", START))
        await desk.minutes()
        sent = len(monitor.asked)
        await desk.minutes(2)
        assert len(monitor.asked) == sent
        await room.store.run(lambda db: db.conn.execute("UPDATE inbox SET state = 'answered'"))
        desk.parts_are_well = False
        await desk.minutes()
        assert len(monitor.asked) == sent
        desk.parts_are_well = True
        monitor.says("/beat", web.Response(status=500))
        await desk.minutes()
        assert desk.auditor.warnings() == ["外部心跳没有送到，原因见日志"]
        await fetcher.close()


def history(db: Database, rows: int) -> None:
    """So many closed rows of every kind that the auditor looks at."""
    at = iso(START - timedelta(days=3))
    many = range(1_000_000, 1_000_000 + rows)
    db.conn.executemany(
        "INSERT INTO outbox (id, at, kind, reason, room, person, incident, grade, urgent, post, state, sent_at) "
        "VALUES (?, ?, 'alert', 'raised', '危机室', '', ?, 1, 0, '{}', 'sent', ?)",
        ((n, at, n, at) for n in many),
    )
    db.conn.executemany(
        "INSERT INTO alerts (id, incident, at, sent, kind, reason, per_hour, triggers, authority, detail, rows) "
        "VALUES (?, ?, ?, 1, 'alert', 'raised', 0, '[]', '', '', 1)",
        ((n, n, at) for n in many),
    )
    db.conn.executemany(
        "INSERT INTO timers (key, kind, step, due_at, created_at, body, fired_at) VALUES (?, 'clock', '', ?, ?, '{}', ?)",
        ((f"clock:{n}:100", at, at, at) for n in many),
    )
    db.conn.executemany(
        "INSERT INTO clocks (id, incident, round, name, started_at, limit_s, due_at, state) "
        "VALUES (?, ?, 1, 'claim', ?, 60, ?, 'met')",
        ((n, n, at, at) for n in many),
    )
    db.conn.executemany(
        "INSERT INTO inbox (platform, id, at, heard, state, answer) VALUES ('wecom', ?, ?, '{}', 'answered', '')",
        ((f"m{n}", at) for n in many),
    )


def work(db: Database, since: audit.Marks) -> int:
    """How many hundred steps SQLite's machine takes for one look."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    db.conn.set_progress_handler(count, 100)
    now = START + timedelta(minutes=2)
    audit.differences(db, since, audit.newest(db), late=now, doubt=now - timedelta(days=2), lately=now)
    db.conn.set_progress_handler(None, 0)
    return steps


async def test_self_audit_stays_cheap_beside_a_hundred_thousand_closed_rows(room: Room) -> None:
    await room.open_incident(owner="李雷")
    before = await room.store.run(lambda db: work(db, audit.newest(db)))
    await room.store.run(history, 100_000)
    since = await room.store.read(audit.newest)
    await room.store.run(outbox.put, Post("新的一条"), at=START, kind="notice", reason="x", room="危机室")
    after = await room.store.run(work, since)
    assert after <= before + 2, f"{100 * before} steps without history, {100 * after} with it"
    for sql in (
        audit.ALERTS,
        audit.ENDED,
        audit.UNDER_WAY,
        audit.DOUBTFUL,
        audit.TIMERS,
        audit.BROKEN,
        audit.CLOCKS,
        audit.INBOX,
    ):
        plan = room.db.conn.execute(f"EXPLAIN QUERY PLAN {sql}", [0] * sql.count("?")).fetchall()
        scanned = [step[3] for step in plan if step[3].startswith("SCAN") and "USING INDEX" not in step[3]]
        assert not scanned, (sql, scanned)
    await room._collect()
    room.ignore()
