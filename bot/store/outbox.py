"""Owner of ``outbox`` and ``attempts``: what must be said, and what became of it (reliability 7, 8).

A row is ``queued`` → ``sending`` (claimed in a commit of its own) → ``sent``, or back to ``queued`` with a later ``next_at``,
``failed``, or ``unknown``. ``merged`` rows were said as part of another.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlite_utils import Database

from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.post_json import post_from_json, post_to_json
from bot.model.times import from_iso, iso

MAX_TRIES = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A row on its way out. ``room`` or ``person`` is set, never both."""

    id: int
    kind: str
    reason: str
    room: str
    person: str
    incident: int | None
    grade: Grade | None
    urgent: bool
    post: Post
    tries: int
    repeated: bool
    at: str


_OPEN = "state IN ('queued', 'sending', 'unknown')"
"""Said in these words, so that the index of what waits is used."""
_READY = "state = 'queued' AND (next_at IS NULL OR next_at <= ?)"
_COLUMNS = "id, kind, reason, room, person, incident, grade, urgent, post, tries, repeated, at"


def put(
    db: Database,
    post: Post,
    *,
    at: datetime,
    kind: str,
    reason: str,
    room: str = "",
    person: str = "",
    incident: int | None = None,
    grade: Grade | None = None,
    urgent: bool | None = None,
    collapse: str = "",
    not_before: datetime | None = None,
) -> int:
    """Says ``post`` to a room or person; the row's number. An older row with the same ``collapse`` that still waits is merged
    into this one (a newer headline makes the older stale)."""
    pressing = (grade or 0) >= Grade.ORANGE if urgent is None else urgent
    id = db.conn.execute(
        "INSERT INTO outbox (at, kind, reason, room, person, incident, grade, urgent, post, state, next_at, collapse) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?)",
        (
            iso(at),
            kind,
            reason,
            room,
            person,
            incident,
            int(grade or 0),
            pressing,
            post_to_json(post),
            not_before and iso(not_before),
            collapse,
        ),
    ).lastrowid
    assert id is not None
    if collapse:
        db.conn.execute(
            "UPDATE outbox SET state = 'merged', merged_into = ? WHERE collapse = ? AND state = 'queued' AND room = ? AND person = ? AND id < ?",
            (id, collapse, room, person, id),
        )
    if pressing and incident is not None:
        mine = "incident = ? AND room = ? AND person = ?"
        db.conn.execute(
            f"UPDATE outbox SET urgent = 1 WHERE state = 'queued' AND (({mine}) OR id IN "
            f"(SELECT merged_into FROM outbox WHERE {mine} AND state = 'merged'))",
            (incident, room, person) * 2,
        )
    return id


def waiting(db: Database, now: datetime, limit: int = 200) -> list[Row]:
    """The first row that waits for each room and person, red and orange first."""
    rows = db.conn.execute(
        f"SELECT {_COLUMNS}, next_at, state FROM outbox WHERE {_OPEN} ORDER BY urgent DESC, id LIMIT ?",
        (limit * 5,),
    ).fetchall()
    heads: dict[tuple[str, str], Row | None] = {}
    for *row, next_at, state in rows:
        place = (row[3], row[4])
        if state == "unknown" or place in heads:
            continue
        ready = state == "queued" and (not next_at or next_at <= iso(now))
        heads[place] = _row(row) if ready else None
    return [row for row in heads.values() if row][:limit]


def crowded(db: Database, most: int) -> list[tuple[str, str]]:
    """The places (room, person) for which more than ``most`` rows wait."""
    rows = db.conn.execute(
        f"SELECT room, person FROM outbox WHERE {_OPEN} AND state = 'queued' GROUP BY room, person HAVING count(*) > ?", (most,)
    )
    return [(room, person) for room, person in rows]


def queued(db: Database, room: str, person: str) -> list[Row]:
    """Every row that waits for a place, oldest first; none of them has arrived."""
    rows = db.conn.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE {_OPEN} AND state = 'queued' AND room = ? AND person = ? ORDER BY id",
        (room, person),
    )
    return [_row(row) for row in rows.fetchall()]


def newest(db: Database) -> int:
    """The number of the newest row."""
    return int(db.conn.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()[0])


def gather(db: Database, after: int, until: int, *, at: datetime, head: str) -> None:
    """What waits of these rows (``after`` < id ≤ ``until``) becomes one message for each room and person that would get several.

    Rows with buttons stay apart: one message cannot hold two cards."""
    rows = db.conn.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE id > ? AND id <= ? AND state = 'queued' ORDER BY id", (after, until)
    ).fetchall()
    places: dict[tuple[str, str], list[Row]] = {}
    for row in map(_row, rows):
        if row.post.card is None:
            places.setdefault((row.room, row.person), []).append(row)
    for (room, person), many in places.items():
        if len(many) < 2:
            continue
        grade = max((r.grade for r in many if r.grade), default=None)
        text = "\n".join([f"{head}{len(many)}件：", *(r.post.text.splitlines()[0] for r in many[:7])])
        more = f"\n还有{len(many) - 7}件，回：我的任务" if len(many) > 7 else ""
        first, urgent = many[0], any(r.urgent for r in many)
        into = put(
            db, Post(text + more), at=at, kind=first.kind, reason=first.reason, room=room, person=person, incident=first.incident,
            grade=grade, urgent=urgent or None,
        )  # fmt: skip
        merge(db, [r.id for r in many], into)


def merge(db: Database, ids: Sequence[int], into: int) -> None:
    """These rows are said as part of another."""
    db.conn.executemany(
        "UPDATE outbox SET state = 'merged', merged_into = ? WHERE id = ? AND state = 'queued'", [(into, id) for id in ids]
    )


@dataclass(frozen=True, slots=True)
class Stuck:
    """A place whose oldest row waits since ``since``, and how many wait with it."""

    room: str
    person: str
    since: str
    rows: int


def stuck(db: Database, before: datetime, now: datetime) -> list[Stuck]:
    """The places for which something has waited since before a moment, the longest first; also what was queued before the time
    of day was set back, which seems to lie ahead."""
    rows = db.conn.execute(
        f"SELECT room, person, min(at), count(*) FROM outbox WHERE {_OPEN} AND state <> 'unknown' AND (tries > 0 OR next_at IS NULL "
        "OR next_at < ?) GROUP BY room, person HAVING min(at) < ? OR max(at) > ? ORDER BY min(at)",
        (iso(before + timedelta(minutes=10)), iso(before), iso(now)),
    )
    return [Stuck(*row) for row in rows]


def next_moment(db: Database) -> str | None:
    """When the next postponed row becomes ready."""
    row = db.conn.execute("SELECT min(next_at) FROM outbox WHERE state = 'queued' AND next_at IS NOT NULL").fetchone()
    return str(row[0]) if row[0] else None


def backlog(db: Database) -> int:
    """How many rows wait."""
    return int(db.conn.execute("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')").fetchone()[0])


def claim(db: Database, id: int, way: str, robot: str, now: datetime, timeout_s: float) -> int | None:
    """Claims a row for one attempt; the attempt's number, or None where another has it or it is not its turn yet."""
    done = db.conn.execute(
        f"UPDATE outbox SET state = 'sending', way = ?, tries = tries + 1, deadline = ? WHERE id = ? AND {_READY}",
        (way, iso(now + timedelta(seconds=timeout_s)), id, iso(now)),
    )
    if not done.rowcount:
        return None
    return db.conn.execute(
        "INSERT INTO attempts (outbox, way, robot, at) VALUES (?, ?, ?, ?)", (id, way, robot, iso(now))
    ).lastrowid


def settle(
    db: Database,
    id: int,
    attempt: int,
    outcome: str,
    now: datetime,
    *,
    receipt: str = "",
    error: str = "",
    again_at: datetime | None = None,
) -> None:
    """Writes what became of an attempt: ``sent``, ``retry`` (queued until ``again_at``), ``failed`` or ``unknown``."""
    state = "queued" if outcome == "retry" else outcome
    db.conn.execute("UPDATE attempts SET outcome = ?, error = ? WHERE id = ?", (outcome, error[:300], attempt))
    db.conn.execute(
        "UPDATE outbox SET state = ?, receipt = ?, error = ?, sent_at = ?, next_at = ? WHERE id = ?",
        (state, receipt, error[:300], iso(now) if outcome == "sent" else None, again_at and iso(again_at), id),
    )


def repeat(db: Database, id: int) -> None:
    """Queues a row of unknown outcome once more, marked as a possible repeat."""
    db.conn.execute(
        "UPDATE outbox SET state = 'queued', repeated = 1, next_at = NULL WHERE id = ? AND state IN ('unknown', 'sending')",
        (id,),
    )


def doubt(db: Database, id: int, why: str) -> None:
    """A row whose send was cut off: nobody knows whether it arrived; the next digest names it."""
    db.conn.execute("UPDATE outbox SET state = 'unknown', error = ? WHERE id = ? AND state = 'sending'", (why, id))


def go_now(db: Database, room: str) -> None:
    """What waits for a later try goes at once: the room has another chat."""
    db.conn.execute(f"UPDATE outbox SET next_at = NULL WHERE {_OPEN} AND state = 'queued' AND room = ? AND tries > 0", (room,))


def postpone(db: Database, id: int, until: datetime) -> None:
    """Leaves a row waiting until a moment."""
    db.conn.execute("UPDATE outbox SET next_at = ? WHERE id = ? AND state = 'queued'", (iso(until), id))


def hurry(db: Database, latest: datetime) -> None:
    """Nothing waits for its next try longer than until ``latest``: the time of day was set back."""
    db.conn.execute("UPDATE outbox SET next_at = NULL WHERE state = 'queued' AND next_at > ?", (iso(latest),))


def give_up(db: Database, id: int, why: str) -> None:
    """Ends a row of unknown outcome without another try; the next digest names it."""
    db.conn.execute("UPDATE outbox SET state = 'failed', error = ? WHERE id = ? AND state = 'unknown'", (why, id))


def left_sending(db: Database) -> list[Row]:
    """The rows that were being sent when the process ended: nobody knows whether they arrived."""
    return [_row(row) for row in db.conn.execute(f"SELECT {_COLUMNS} FROM outbox WHERE state = 'sending' ORDER BY id")]


def in_state(db: Database, state: str, since: datetime) -> list[Row]:
    """Rows in a state since a moment, oldest first."""
    return [
        _row(row)
        for row in db.conn.execute(
            f"SELECT {_COLUMNS} FROM outbox WHERE state = ? AND at >= ? ORDER BY id", (state, iso(since))
        )
    ]


def get(db: Database, id: int) -> Row | None:
    """A row by its number."""
    row = db.conn.execute(f"SELECT {_COLUMNS} FROM outbox WHERE id = ?", (id,)).fetchone()
    return _row(row) if row else None


def newest_alerts(db: Database, incident: int) -> list[Row]:
    """The newest alert of an incident in each room and private chat."""
    rows = db.conn.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE id IN (SELECT max(id) FROM outbox WHERE incident = ? AND kind = 'alert' "
        "AND state IN ('queued', 'sending', 'sent') GROUP BY room, person)",
        (incident,),
    ).fetchall()
    return [_row(row) for row in rows]


class Paint(IntEnum):
    """What is left to do about a card that is out: nothing; show it as it is now; a press is showing it inside the vendor's
    window; a press could not, so that whoever pressed still waits."""

    NOTHING = 0
    CHANGED = 1
    PRESSED = 2
    OWED = 3


def repaint(db: Database, id: int, post: Post, paint: Paint = Paint.CHANGED) -> None:
    """What a row says has changed: one that waits goes out as it is now, one that is out is painted anew."""
    db.conn.execute(
        "UPDATE outbox SET post = ?, repaint = (state IN ('sending', 'sent')) * ? WHERE id = ?", (post_to_json(post), paint, id)
    )


def owe_repaint(db: Database, id: int | None = None) -> None:
    """A press did not paint its card (None: whatever presses a crash cut off): the corridor out does."""
    which = "" if id is None else f" AND id = {int(id)}"
    db.conn.execute(f"UPDATE outbox SET repaint = ? WHERE repaint > 0 AND repaint = ?{which}", (Paint.OWED, Paint.PRESSED))


def to_repaint(db: Database, limit: int = 50) -> list[tuple[Row, bool]]:
    """The rows that are out and look different now, and whether somebody who pressed waits for it."""
    rows = db.conn.execute(
        f"SELECT repaint, {_COLUMNS} FROM outbox WHERE repaint > 0 AND repaint <> ? AND state = 'sent' ORDER BY repaint DESC, id "
        "LIMIT ?",
        (Paint.PRESSED, limit),
    )
    return [(_row(row), paint == Paint.OWED) for paint, *row in rows.fetchall()]


def repainted(db: Database, id: int, post: Post) -> None:
    """A row was painted anew as ``post``, or its platform cannot; one that changed meanwhile is painted once more."""
    db.conn.execute("UPDATE outbox SET repaint = 0 WHERE id = ? AND post = ?", (id, post_to_json(post)))


def attempts_since(db: Database, since: datetime) -> list[tuple[str, datetime]]:
    """The attempts made since a moment, each with its robot, oldest first; looked for among the newest thousand."""
    newest = "SELECT id, robot, at FROM attempts ORDER BY id DESC LIMIT 1000"
    rows = db.conn.execute(f"SELECT robot, at FROM ({newest}) WHERE robot <> '' AND at > ? ORDER BY id", (iso(since),))
    return [(robot, from_iso(at)) for robot, at in rows]


def counts(db: Database) -> dict[str, int]:
    """How many rows are in each state."""
    return dict(db.conn.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())


def _row(row: list[object] | tuple[object, ...]) -> Row:
    id, kind, reason, room, person, incident, grade, urgent, post, tries, repeated, at = row
    said = post_from_json(json.loads(str(post)))
    shown = Grade(int(str(grade))) if grade else None
    number = int(str(incident)) if incident is not None else None
    return Row(
        int(str(id)),
        str(kind),
        str(reason),
        str(room),
        str(person),
        number,
        shown,
        bool(urgent),
        said,
        int(str(tries)),
        bool(repeated),
        str(at),
    )
