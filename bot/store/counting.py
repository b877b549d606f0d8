"""What strands add up to, read from the rows of ``mentions``: the figures that indicators are made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlite_utils import Database

from bot.model.reading import Counts
from bot.model.times import from_iso, iso


def count(db: Database, strands: Sequence[int], now: datetime) -> Counts:
    """What these strands add up to now."""
    marks = ", ".join("?" * len(strands))
    heads = db.conn.execute(
        f"SELECT weight_sum, first_at, reposts, reads, rules FROM strands WHERE id IN ({marks})",
        tuple(strands),
    ).fetchall()
    tallies = db.conn.execute(
        f"SELECT platform, tier, scope, list, sum(n), sum(copies) FROM tallies WHERE strand IN ({marks}) GROUP BY 1, 2, 3, 4",
        tuple(strands),
    ).fetchall()
    negative, n = _scored(db, strands, now)
    by_tier = {
        key: sum(row[4] + row[5] for row in tallies if (row[1], row[2]) == key) for key in (("S", "national"), ("S", "local"))
    }
    lists = {row[3] for row in tallies}
    rules = {rule for head in heads for rule in json.loads(head[4])}
    return Counts(
        weights=[(head[0], from_iso(head[1])) for head in heads],
        negative=negative,
        n=n,
        hours=_hours(db, strands, now),
        platforms=tuple(sorted({row[0] for row in tallies})),
        national=by_tier["S", "national"],
        local=by_tier["S", "local"],
        a=sum(row[4] + row[5] for row in tallies if row[1] == "A"),
        b=sum(row[4] + row[5] for row in tallies if row[1] == "B"),
        foreign=any(row[2] == "foreign" for row in tallies),
        reposts=max((head[2] or 0 for head in heads), default=0),
        reads=max((head[3] or 0 for head in heads), default=0),
        mentions=sum(row[4] for row in tallies),
        copies=sum(row[5] for row in tallies),
        best_list="national" if "national" in lists else "city" if "city" in lists else "",
        baseline=_same_hour(db, rules, now),
    )


def _scored(db: Database, strands: Sequence[int], now: datetime) -> tuple[int, int]:
    row = db.conn.execute(
        "SELECT coalesce(sum(sentiment = 'negative'), 0), count(*) FROM mentions "
        f"WHERE strand IN ({', '.join('?' * len(strands))}) AND counted = 1 AND at > ? AND at <= ?",
        (*strands, iso(now - timedelta(hours=6)), iso(now + timedelta(minutes=10))),
    ).fetchone()
    return int(row[0]), int(row[1])


def _hours(db: Database, strands: Sequence[int], now: datetime) -> list[int]:
    """Counts of the last six rolling hours, the newest ending now; what the future claims counts as now."""
    edges = [now - timedelta(hours=back) for back in range(6, 0, -1)] + [now + timedelta(minutes=10)]
    sql = (
        f"SELECT count(*) FROM mentions WHERE strand IN ({', '.join('?' * len(strands))}) "
        "AND counted = 1 AND late = 0 AND at > ? AND at <= ?"
    )
    return [int(db.conn.execute(sql, (*strands, iso(a), iso(b))).fetchone()[0]) for a, b in pairwise(edges)]


def _same_hour(db: Database, rules: set[str], now: datetime) -> list[int]:
    """Quiet counts (outside of incidents) of the same hour of day on the last seven days, of the busiest of these rules."""
    days = [iso(now - timedelta(days=back))[:13] for back in range(1, 8)]
    best: list[int] = []
    for rule in rules:
        rows = dict(
            db.conn.execute(f"SELECT hour, n FROM volumes WHERE rule = ? AND hour IN ({', '.join('?' * 7)})", (rule, *days))
        )
        best = max(best, [int(rows.get(day, 0)) for day in days], key=sum)
    return best
