"""Owner of ``timers`` and ``clocks``: nothing else remembers time (room page, section 9).

A timer is a row with a due moment that fires once. A clock is a promise with a limit; its steps are timers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.model.grade import Grade
from bot.model.times import from_iso, iso
from bot.store import journal


@dataclass(frozen=True, slots=True)
class Timer:
    """A row that is due. ``body`` is what its kind needs to act."""

    key: str
    kind: str
    incident: int | None
    step: str
    due_at: datetime
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise with a limit. ``state`` is proposed, running, met, waived or cancelled; ``missed`` stays for ever."""

    id: int
    incident: int
    round: int
    name: str
    started_at: datetime
    due_at: datetime
    state: str
    missed: bool
    legal: bool
    grade: Grade | None
    rule: str = ""
    receipt: str = ""
    witness: str = ""


def set_timer(
    db: Database,
    key: str,
    kind: str,
    due_at: datetime,
    *,
    at: datetime,
    incident: int | None = None,
    step: str = "",
    **body: Any,
) -> bool:
    """Sets a timer once for its key; False where it is set already. The same key never fires twice."""
    done = db.conn.execute(
        "INSERT INTO timers (key, kind, incident, step, due_at, created_at, body) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (key, kind, incident, step, iso(due_at), iso(at), json.dumps(body, ensure_ascii=False)),
    )
    return bool(done.rowcount)


def move_timer(db: Database, key: str, due_at: datetime) -> bool:
    """Moves a timer that has not fired; False where there is none."""
    done = db.conn.execute(
        "UPDATE timers SET due_at = ? WHERE key = ? AND fired_at IS NULL AND ended_at IS NULL", (iso(due_at), key)
    )
    return bool(done.rowcount)


def end_timers(db: Database, prefix: str, at: datetime, why: str) -> int:
    """Ends every timer whose key begins with ``prefix`` and has not fired, with the reason."""
    done = db.conn.execute(
        "UPDATE timers SET ended_at = ?, why = ? WHERE key >= ? AND key < ? AND fired_at IS NULL AND ended_at IS NULL",
        (iso(at), why, prefix, prefix + "\U0010ffff"),
    )
    return done.rowcount


def due(db: Database, now: datetime, limit: int = 500) -> list[Timer]:
    """The timers that are due and have not fired, oldest first."""
    rows = db.conn.execute(
        "SELECT key, kind, incident, step, due_at, body FROM timers WHERE due_at <= ? AND fired_at IS NULL AND ended_at IS NULL "
        "ORDER BY due_at, key LIMIT ?",
        (iso(now), limit),
    ).fetchall()
    return [
        Timer(key, kind, incident, step, from_iso(due_at), json.loads(body)) for key, kind, incident, step, due_at, body in rows
    ]


def step_before(db: Database, incident: int, step: str, after: datetime, until: datetime) -> datetime | None:
    """The last moment after one and up to another at which a clock of an incident (no legal one) comes to this step."""
    row = db.conn.execute(
        "SELECT max(t.due_at) FROM timers t JOIN clocks c ON c.id = json_extract(t.body, '$.clock') "
        "WHERE t.incident = ? AND t.kind IN ('clock', 'unanswered') AND t.step = ? AND c.legal = 0 "
        "AND t.due_at > ? AND t.due_at <= ? AND t.fired_at IS NULL AND t.ended_at IS NULL",
        (incident, step, iso(after), iso(until)),
    ).fetchone()
    return from_iso(row[0]) if row[0] else None


def fired(db: Database, key: str, now: datetime) -> bool:
    """Marks a timer as fired; False where it has been already."""
    done = db.conn.execute(
        "UPDATE timers SET fired_at = ? WHERE key = ? AND fired_at IS NULL AND ended_at IS NULL", (iso(now), key)
    )
    return bool(done.rowcount)


def broke(db: Database, key: str, why: str) -> None:
    """Notes that acting on a fired timer failed."""
    db.conn.execute("UPDATE timers SET why = ? WHERE key = ?", (f"failed: {why}", key))


LENGTHS = (
    *("clock", "unanswered", "accept", "accept_tasks", "unread", "again", "call", "ungraded", "posts", "signer", "lapsed"),
    *("endorse", "quiet", "probe"),
)
"""The kinds that count a length from the moment they were set; the others wait for a moment that people named."""


def shift(db: Database, by: timedelta, now: datetime) -> int:
    """The time of day was set by so much, to ``now``; how many timers were moved so that their length stays.

    A confirmation lapses after its two minutes whichever way the clock went. Of the others only those that were set in the
    stretch of time that now comes again, and only by a clock that went back: after a jump forward what is due fires once, late
    (room page, section 9), and a legal clock stands at the moment that was recorded."""
    kinds = ", ".join("?" * len(LENGTHS))
    rows = db.conn.execute(
        "SELECT key, due_at FROM timers WHERE fired_at IS NULL AND ended_at IS NULL AND (kind = 'lapse' OR "
        f"(? AND created_at > ? AND kind IN ({kinds}) AND NOT (kind = 'clock' AND EXISTS "
        "(SELECT 1 FROM clocks WHERE clocks.id = json_extract(timers.body, '$.clock') AND clocks.legal = 1))))",
        (by < timedelta(), iso(now), *LENGTHS),
    ).fetchall()
    db.conn.executemany("UPDATE timers SET due_at = ? WHERE key = ?", [(iso(from_iso(due) + by), key) for key, due in rows])
    return len(rows)


def next_due(db: Database) -> datetime | None:
    """The moment of the next timer."""
    row = db.conn.execute("SELECT min(due_at) FROM timers WHERE fired_at IS NULL AND ended_at IS NULL").fetchone()
    return from_iso(row[0]) if row[0] else None


def timer(db: Database, key: str) -> dict[str, Any]:
    """A timer's row, whatever its state."""
    cursor = db.conn.execute("SELECT * FROM timers WHERE key = ?", (key,))
    found = cursor.fetchone()
    return dict(zip([column[0] for column in cursor.description], found, strict=True)) if found else {}


def start_clock(
    db: Database,
    incident: int,
    round: int,
    name: str,
    *,
    at: datetime,
    by: str,
    started_at: datetime,
    limit_s: float,
    grade: Grade | None,
    policy: Sequence[str] = (),
    legal: bool = False,
    state: str = "running",
    rule: str = "",
    witness: str = "",
) -> Clock:
    """Starts a clock; where one of that name runs already in this round, the earlier deadline stays.

    ``rule`` is the id of a legal rule, ``witness`` who knows when we learned of it."""
    due_at = started_at + timedelta(seconds=limit_s)
    running = find_clock(db, incident, name, states=("running", "proposed"))
    if running and running.due_at <= due_at:
        return running
    with journal.act(db, "clock", at=at, by=by, incident=incident, name=name, due=due_at) as it:
        id = running.id if running else journal.next_id(db, "clocks")
        it.put(
            "clocks",
            id,
            incident=incident,
            round=round,
            name=name,
            started_at=started_at,
            limit_s=limit_s,
            due_at=due_at,
            state=state,
            grade=grade and grade.key,
            policy=list(policy),
            legal=legal,
            rule=rule,
            witness=witness,
        )
    return _clock(db, id)


def change_clock(db: Database, clock: Clock, verb: str, *, at: datetime, by: str, why: str = "", **values: Any) -> Clock:
    """Sets columns of a clock as one logged act (its start was learned to be another)."""
    with journal.act(db, verb, at=at, by=by, incident=clock.incident, why=why, name=clock.name) as it:
        it.put("clocks", clock.id, **values)
    return _clock(db, clock.id)


def end_clock(db: Database, clock: Clock, state: str, *, at: datetime, by: str, why: str = "", receipt: str = "") -> None:
    """Ends a clock as met, waived or cancelled, and its timers with it."""
    with journal.act(db, f"clock_{state}", at=at, by=by, incident=clock.incident, why=why, name=clock.name) as it:
        it.put("clocks", clock.id, state=state, ended_at=at, ended_by=by, why=why, receipt=receipt)
    end_timers(db, f"clock:{clock.id}:", at, why or state)


def take_start(db: Database, clock: Clock, other: Clock, *, at: datetime, by: str) -> None:
    """A clock takes the earlier start of another: two matters were one. What was settled about the start comes along."""
    limit = (other.due_at - other.started_at).total_seconds()
    values = {"started_at": other.started_at, "limit_s": limit, "due_at": other.due_at}
    if other.state == "running":
        values |= {"state": "running", "witness": other.witness or clock.witness}
    change_clock(db, clock, "clock", at=at, by=by, why="起点取早的", **values)


def move_timers(db: Database, origin: int, to: int, *, besides: Sequence[str]) -> None:
    """What waits for one incident waits for another; kinds in ``besides`` stay and end."""
    kinds = ", ".join("?" * len(besides))
    db.conn.execute(
        f"UPDATE timers SET incident = ? WHERE incident = ? AND fired_at IS NULL AND ended_at IS NULL AND kind NOT IN ({kinds})",
        (to, origin, *besides),
    )


def miss_clock(db: Database, clock: Clock, *, at: datetime) -> None:
    """Marks a clock as missed, for ever."""
    with journal.act(db, "clock_missed", at=at, by="望楼", incident=clock.incident, name=clock.name) as it:
        it.put("clocks", clock.id, missed=True)


def find_clock(db: Database, incident: int, name: str, states: Sequence[str] = ("running",)) -> Clock | None:
    """The newest clock of that name in one of these states, or None."""
    rows = clocks_of(db, incident, states)
    return next((clock for clock in reversed(rows) if clock.name == name), None)


def clocks_of(db: Database, incident: int, states: Sequence[str] = ("running",)) -> list[Clock]:
    """The clocks of an incident in these states, by due time."""
    rows = db.conn.execute(
        f"SELECT id FROM clocks WHERE incident = ? AND state IN ({', '.join('?' * len(states))}) ORDER BY due_at",
        (incident, *states),
    ).fetchall()
    return [_clock(db, row[0]) for row in rows]


def clock(db: Database, id: int) -> Clock:
    """A clock by its number."""
    return _clock(db, id)


def _clock(db: Database, id: int) -> Clock:
    row = db.conn.execute(
        "SELECT id, incident, round, name, started_at, due_at, state, missed, legal, grade, rule, receipt, witness FROM clocks WHERE id = ?",
        (id,),
    ).fetchone()
    started, due_at = from_iso(row[4]), from_iso(row[5])
    return Clock(
        row[0],
        row[1],
        row[2],
        row[3],
        started,
        due_at,
        row[6],
        bool(row[7]),
        bool(row[8]),
        Grade.of(row[9]) if row[9] else None,
        row[10],
        row[11],
        row[12],
    )


def policy_of(db: Database, id: int) -> list[str]:
    """The chain of people copied into a clock at its start."""
    return list(json.loads(db.conn.execute("SELECT policy FROM clocks WHERE id = ?", (id,)).fetchone()[0]))
