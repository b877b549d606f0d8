"""Reads how a matter went: counts over time, what was heard of it, how rules compare. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.model.mention import Mention, Tier
from bot.model.times import from_iso, iso


def counts(db: Database, strands: Sequence[int], now: datetime, *, minutes: int = 60, most: int = 72) -> list[int]:
    """Mentions per bucket, oldest first, the newest ending ``now``; from the first mention on, at most ``most`` buckets."""
    moments = _moments(db, strands, now - timedelta(minutes=minutes * most), now)
    if not moments:
        return []
    buckets = min(most, int((now - moments[0]).total_seconds() // (60 * minutes)) + 1)
    found = [0] * buckets
    for moment in moments:
        back = int((now - moment).total_seconds() // (60 * minutes))
        if back < buckets:
            found[buckets - 1 - back] += 1
    return found


def _moments(db: Database, strands: Sequence[int], since: datetime, now: datetime) -> list[datetime]:
    marks = ", ".join("?" * len(strands))
    rows = db.conn.execute(
        f"SELECT at FROM mentions WHERE strand IN ({marks}) AND counted = 1 AND at >= ? AND at <= ? ORDER BY at",
        (*strands, iso(since), iso(now)),
    )
    return [from_iso(row[0]) for row in rows]


def first_at(db: Database, strands: Sequence[int]) -> datetime | None:
    """The earliest mention."""
    marks = ", ".join("?" * len(strands))
    row = db.conn.execute(f"SELECT min(at) FROM mentions WHERE strand IN ({marks})", tuple(strands)).fetchone()
    return from_iso(row[0]) if row and row[0] else None


def weights(db: Database, strands: Sequence[int]) -> tuple[int, float]:
    """How many mentions count, and the summed reads of the three largest."""
    marks = ", ".join("?" * len(strands))
    n = db.conn.execute(f"SELECT count(*) FROM mentions WHERE strand IN ({marks}) AND counted = 1", tuple(strands)).fetchone()[
        0
    ]
    reads = db.conn.execute(
        f"SELECT sum(reads) FROM (SELECT reads FROM mentions WHERE strand IN ({marks}) AND sentiment = 'negative' "
        "ORDER BY reads DESC LIMIT 3)",
        tuple(strands),
    ).fetchone()[0]
    return int(n), float(reads or 0)


def heard(db: Database, strands: Sequence[int], most: int = 5_000) -> list[tuple[Mention, Tier, str, str | None]]:
    """The mentions of a matter, oldest first: mention, settled tier, sentiment, and the id it repeats."""
    marks = ", ".join("?" * len(strands))
    cursor = db.conn.execute(f"SELECT * FROM mentions WHERE strand IN ({marks}) ORDER BY at LIMIT ?", (*strands, most))
    names = [column[0] for column in cursor.description]
    return [_heard(dict(zip(names, row, strict=True))) for row in cursor]


def _heard(row: dict[str, Any]) -> tuple[Mention, Tier, str, str | None]:
    plain = (
        "platform",
        "url",
        "author",
        "followers",
        "title",
        "text",
        "reposts",
        "comments",
        "likes",
        "reads",
        "rank",
        "list",
        "region",
    )
    mention = Mention(
        source=row["source"],
        key=row["uid"].removeprefix(row["source"] + ":"),
        seen=from_iso(row["seen"]),
        published=from_iso(row["at"]),
        tier=Tier(row["tier"]),
        **{name: row[name] for name in plain},
    )
    return mention, Tier(row["tier"]), row["sentiment"], row["duplicate_of"]


def by_rule(db: Database, since: datetime, until: datetime, without: Sequence[int] = ()) -> dict[str, int]:
    """Mentions per watch rule of any kind between two moments, but not those of the incidents in ``without``."""
    marks = ", ".join("?" * len(without))
    rows = db.conn.execute(
        "SELECT j.value, count(*) FROM mentions m, json_each(m.rules) j WHERE m.at >= ? AND m.at < ? AND m.duplicate = '' "
        f"AND NOT EXISTS (SELECT 1 FROM strands s WHERE s.id = m.strand AND s.incident IN ({marks})) GROUP BY j.value",
        (iso(since), iso(until), *without),
    )
    return {str(rule): int(n) for rule, n in rows}


def themes(db: Database, since: datetime, without: Sequence[int] = (), most: int = 5) -> list[tuple[str, int, int]]:
    """The matters most spoken of since a moment, but not those of the incidents in ``without``: title, mentions, negative ones."""
    marks = ", ".join("?" * len(without))
    rows = db.conn.execute(
        "SELECT s.title, count(*), sum(m.sentiment = 'negative') FROM mentions m JOIN strands s ON s.id = m.strand "
        f"WHERE m.at >= ? AND m.counted = 1 AND coalesce(s.incident, 0) NOT IN ({marks}) "
        "GROUP BY s.matter ORDER BY count(*) DESC LIMIT ?",
        (iso(since), *without, most),
    )
    return [(title, int(n), int(bad or 0)) for title, n, bad in rows]


def reads_of(db: Database, links: Sequence[str]) -> int | None:
    """The reads of our own pages as the sources saw them; None where none of them was seen with a count."""
    if not links:
        return None
    marks = ", ".join("?" * len(links))
    row = db.conn.execute(
        f"SELECT sum(reads) FROM mentions WHERE url IN ({marks}) AND reads IS NOT NULL", tuple(links)
    ).fetchone()
    return None if row[0] is None else int(row[0])


def most_read(db: Database, strands: Sequence[int], most: int, *, besides: Sequence[str]) -> list[int]:
    """The reads of the negative items read most, without the pages in ``besides``."""
    marks, ours = ", ".join("?" * len(strands)), ", ".join("?" * len(besides))
    rows = db.conn.execute(
        f"SELECT reads FROM mentions WHERE strand IN ({marks}) AND sentiment = 'negative' AND reads IS NOT NULL "
        f"AND url NOT IN ({ours}) ORDER BY reads DESC LIMIT ?",
        (*strands, *besides, most),
    )
    return [int(row[0]) for row in rows]


def second_wave_at(db: Database, incident: int) -> datetime | None:
    """When the first alert of a second wave was due."""
    row = db.conn.execute("SELECT min(at) FROM alerts WHERE incident = ? AND reason = 'second_wave'", (incident,)).fetchone()
    return from_iso(row[0]) if row[0] else None
