"""Owner of ``mentions``, ``revisions``, ``stories``, ``tallies``, ``volumes``, ``claims``, ``splits`` and ``quarantine``: what was read, counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.model.mention import Mention, Tier
from bot.model.reading import Arrival, Claim, Reading, Sentiment
from bot.model.times import from_iso, iso

Weigh = Callable[[Tier, float, datetime, datetime], float]
"""Weight of a mention of a tier, with its interaction, published at one moment, seen from a story's epoch."""

COLUMNS = (
    "uid source story at seen published platform tier url author followers title text reposts comments likes reads rank list "
    "region extra rules negative sentiment duplicate_of duplicate weight ours counted late stored_weight scope strand matter"
).split()
_KNOWN = "id, strand, counted, tier, at, stored_weight, weight, reposts, comments, likes, reads, rank, title, text"
_INSERT = f"INSERT INTO mentions ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"

_SAYS = "instr(lower(title || char(10) || text), ?) > 0"
_SUMS = """UPDATE strands SET
    weight_sum = (SELECT coalesce(sum(stored_weight), 0) FROM mentions WHERE strand = strands.id),
    reposts = (SELECT coalesce(max(reposts), 0) FROM mentions WHERE strand = strands.id),
    reads = (SELECT coalesce(max(reads), 0) FROM mentions WHERE strand = strands.id),
    last_at = (SELECT max(at) FROM mentions WHERE strand = strands.id),
    first_mention = (SELECT min(id) FROM mentions WHERE strand = strands.id)
    WHERE id = ?"""
_TALLIES = """INSERT INTO tallies
    SELECT strand, CASE platform WHEN '' THEN source ELSE platform END, tier, scope, list, sum(counted), sum(1 - counted), min(seen)
    FROM mentions WHERE strand = ? GROUP BY 1, 2, 3, 4, 5"""


@dataclass(slots=True)
class Taken:
    """What a batch changed: rows that are new (arrival, row number), how many were known, the strands that moved."""

    new: list[tuple[Arrival, int]] = field(default_factory=list)
    known: int = 0
    strands: dict[int, None] = field(default_factory=dict)


def take(db: Database, arrivals: Sequence[Arrival], *, weigh: Weigh, titles: Mapping[int, tuple[str, Sequence[str]]]) -> Taken:
    """Stores a batch; what is known already only gets its newest counts. ``titles``: matter → (title, hot words)."""
    taken = Taken()
    for arrival in arrivals:
        row = db.conn.execute(f"SELECT {_KNOWN} FROM mentions WHERE uid = ?", (arrival.mention.id,)).fetchone()
        if row:
            taken.known += 1
            if _seen_again(db, arrival.mention, row, weigh) and row[1]:
                taken.strands[row[1]] = None
            continue
        number, strand = _store(db, arrival, weigh)
        taken.new.append((arrival, number))
        if strand:
            taken.strands[strand] = None
            title, words = titles.get(arrival.reading.matter, ("", ()))
            if title:
                db.conn.execute(
                    "UPDATE strands SET title = ?, words = ? WHERE id = ? AND matter = ?",
                    (title, _json(words), strand, arrival.reading.matter),
                )
    return taken


def _store(db: Database, arrival: Arrival, weigh: Weigh) -> tuple[int, int | None]:
    mention, reading = arrival.mention, arrival.reading
    joins = arrival.ours and (arrival.counted or bool(reading.duplicate))
    strand, epoch = _strand(db, arrival) if joins else (None, mention.at)
    interaction = interactions(mention.reposts, mention.comments, mention.likes, mention.reads)
    stored = weigh(arrival.tier, interaction, mention.at, epoch) * reading.weight if strand and arrival.counted else 0.0
    values = (
        mention.id,
        mention.source,
        reading.story,
        iso(mention.at),
        iso(mention.seen),
        iso(mention.published) if mention.published else None,
        mention.platform,
        arrival.tier.value,
        mention.url,
        mention.author,
        mention.followers,
        mention.title,
        mention.text,
        mention.reposts,
        mention.comments,
        mention.likes,
        mention.reads,
        mention.rank,
        arrival.list,
        mention.region,
        _json(dict(mention.extra)),
        _json(reading.rules),
        reading.negative,
        reading.sentiment.value,
        reading.duplicate_of,
        reading.duplicate,
        reading.weight,
        arrival.ours,
        arrival.counted,
        arrival.late,
        stored,
        arrival.scope,
        strand,
        reading.matter,
    )
    row = db.conn.execute(_INSERT, values).lastrowid
    assert row is not None
    if strand:
        _tally(db, arrival, strand)
        _grow(db, arrival, strand, row, stored)
        if reading.duplicate_of and not reading.counts:
            _repost(db, reading.duplicate_of, reading.weight, row, weigh)
    return row, strand


def _strand(db: Database, arrival: Arrival) -> tuple[int, datetime]:
    """The live strand of this matter, or a new one: what comes after an incident was closed counts anew."""
    matter = arrival.reading.matter
    found = db.conn.execute("SELECT id, first_at FROM strands WHERE matter = ? AND live = 1", (matter,)).fetchone()
    if found:
        return _where(db, int(found[0]), f"{arrival.mention.title}\n{arrival.mention.text}"), from_iso(found[1])
    at = arrival.mention.at
    title = arrival.mention.title or arrival.mention.text[:26]
    made = db.conn.execute(
        "INSERT INTO strands (matter, live, title, words, first_at, last_at, weight_sum, reposts, reads, first_mention) "
        "VALUES (?, 1, ?, '[]', ?, ?, 0, 0, 0, 0)",
        (matter, title, iso(at), iso(at)),
    ).lastrowid
    assert made is not None
    return made, at


def _tally(db: Database, arrival: Arrival, strand: int) -> None:
    mention = arrival.mention
    n, copies = (1, 0) if arrival.counted else (0, 1)
    place = (strand, mention.platform or mention.source, arrival.tier.value, arrival.scope, arrival.list)
    db.conn.execute(
        "INSERT INTO tallies VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET n = n + excluded.n, copies = copies + excluded.copies",
        (*place, n, copies, iso(mention.seen)),
    )
    if n and not arrival.late and _free(db, strand):
        _quiet(db, arrival.rules, iso(mention.at)[:13], 1)


def _free(db: Database, strand: int) -> bool:
    return db.conn.execute("SELECT incident FROM strands WHERE id = ?", (strand,)).fetchone()[0] is None


def _quiet(db: Database, rules: Iterable[str], hour: str, n: int) -> None:
    """Counts what a rule heard outside of incidents: normal is learnt from quiet time."""
    for rule in rules:
        db.conn.execute("INSERT INTO volumes VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", (rule, hour, n))


def _grow(db: Database, arrival: Arrival, strand: int, row: int, stored: float) -> None:
    mention = arrival.mention
    known, first = db.conn.execute("SELECT rules, first_mention FROM strands WHERE id = ?", (strand,)).fetchone()
    rules = sorted({*json.loads(known), *arrival.rules})
    db.conn.execute(
        "UPDATE strands SET weight_sum = weight_sum + ?, last_at = max(last_at, ?), reposts = max(reposts, ?), reads = max(reads, ?), "
        "rules = ?, first_mention = ? WHERE id = ?",
        (stored, iso(mention.at), mention.reposts or 0, mention.reads or 0, _json(rules), first or row, strand),
    )
    if not arrival.counted:
        return
    for claim in arrival.reading.claims:
        add_claim(db, strand, claim, row, mention.seen)


def add_claim(db: Database, strand: int, claim: Claim, row: int, at: datetime) -> None:
    """Keeps a trigger claim once for its strand."""
    db.conn.execute(
        "INSERT INTO claims (strand, kind, floor, words, credible, immediate, mention, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (strand, claim.kind, claim.floor.key, claim.words, claim.credible, claim.immediate, row, iso(at)),
    )


def _repost(db: Database, root: str, share: float, number: int, weigh: Weigh) -> None:
    """A copy or bare repost is interaction of its root; of bought copies only every fifth (``1 / share``), by row number."""
    if share < 1.0 and number % round(1 / share):
        return
    row = db.conn.execute(f"SELECT {_KNOWN} FROM mentions WHERE uid = ?", (root,)).fetchone()
    if row:
        _reweigh(db, row, ((row[7] or 0) + 1, *row[8:11]), weigh)


def _seen_again(db: Database, mention: Mention, row: Any, weigh: Weigh) -> bool:
    given = (mention.reposts, mention.comments, mention.likes, mention.reads)
    counts = tuple(new if new is not None else old for new, old in zip(given, row[7:11], strict=True))
    if (mention.title, mention.text) != (row[12], row[13]):
        db.conn.execute(
            "INSERT INTO revisions (mention, at, title, text) VALUES (?, ?, ?, ?)",
            (row[0], iso(mention.seen), row[12], row[13]),
        )
        db.conn.execute("UPDATE mentions SET title = ?, text = ? WHERE id = ?", (mention.title, mention.text, row[0]))
    if mention.rank is not None and mention.rank != row[11]:
        db.conn.execute("UPDATE mentions SET rank = ? WHERE id = ?", (mention.rank, row[0]))
    if counts == tuple(row[7:11]):
        return False
    _reweigh(db, row, counts, weigh)
    return True


def _reweigh(db: Database, row: Any, counts: tuple[int | None, ...], weigh: Weigh) -> None:
    id, strand, counted, tier, at, stored, share = row[:7]
    fresh = 0.0
    if counted and stored:
        (epoch,) = db.conn.execute("SELECT first_at FROM strands WHERE id = ?", (strand,)).fetchone()
        fresh = weigh(Tier(tier), interactions(*counts), from_iso(at), from_iso(epoch)) * share
    db.conn.execute(
        "UPDATE mentions SET reposts = ?, comments = ?, likes = ?, reads = ?, stored_weight = ? WHERE id = ?",
        (*counts, fresh, id),
    )
    db.conn.execute(
        "UPDATE strands SET weight_sum = weight_sum + ?, reposts = max(reposts, ?), reads = max(reads, ?) WHERE id = ?",
        (fresh - stored, counts[0] or 0, counts[3] or 0, strand),
    )


def interactions(reposts: int | None, comments: int | None, likes: int | None, reads: int | None) -> float:
    """``E`` of the domain handbook 3.2; an unknown count is 0."""
    return 2.0 * (reposts or 0) + 1.5 * (comments or 0) + 0.5 * (likes or 0) + (reads or 0) / 1000.0


def strands_of(db: Database, incident: int) -> list[int]:
    """The strands that belong to an incident."""
    return [row[0] for row in db.conn.execute("SELECT id FROM strands WHERE incident = ? ORDER BY id", (incident,))]


def repeated(db: Database, strands: Sequence[int]) -> tuple[int, int]:
    """How many mentions of these strands repeat another, and how many of those are taken for bought."""
    marks = ", ".join("?" * len(strands))
    copies, bought = db.conn.execute(
        f"SELECT count(*), coalesce(sum(weight < 1), 0) FROM mentions WHERE strand IN ({marks}) AND counted = 0", tuple(strands)
    ).fetchone()
    return copies, bought


def attach(db: Database, strand: int, incident: int) -> None:
    """Lays a strand on an incident; what it brought was no quiet time."""
    heard = db.conn.execute(
        "SELECT m.rules, substr(m.at, 1, 13), count(*) FROM mentions m JOIN strands s ON s.id = m.strand "
        "WHERE m.strand = ? AND s.incident IS NULL AND m.counted = 1 AND m.late = 0 GROUP BY 1, 2",
        (strand,),
    ).fetchall()
    for rules, hour, n in heard:
        _quiet(db, json.loads(rules), hour, -n)
    db.conn.execute("UPDATE strands SET incident = ? WHERE id = ?", (incident, strand))


def move_strands(db: Database, origin: int, to: int) -> None:
    """All strands of one incident go to another."""
    db.conn.execute("UPDATE strands SET incident = ? WHERE incident = ?", (to, origin))


def end_strands(db: Database, incident: int) -> None:
    """A closed incident takes nothing more: what comes after starts a strand of its own."""
    db.conn.execute("UPDATE strands SET live = 0 WHERE incident = ?", (incident,))


def revive_strands(db: Database, incident: int) -> None:
    """A reopened incident takes its stories back, where no other strand carries them by now."""
    db.conn.execute(
        "UPDATE strands SET live = 1 WHERE incident = ? AND id = (SELECT max(id) FROM strands s WHERE s.matter = strands.matter)",
        (incident,),
    )


def mentioning(db: Database, strand: int, word: str) -> tuple[int, int]:
    """How many of a strand's counted mentions say ``word``, and how many do not."""
    says, rest = db.conn.execute(
        f"SELECT coalesce(sum({_SAYS}), 0), coalesce(sum(NOT {_SAYS}), 0) FROM mentions WHERE strand = ? AND counted = 1",
        (word.lower(), word.lower(), strand),
    ).fetchone()
    return int(says), int(rest)


def split(db: Database, strand: int, word: str) -> int:
    """Takes the mentions of a strand that say ``word`` into a new strand, with what was counted of them; its number. 0 where
    none of them says it; where all do, the strand itself leaves its incident.

    A trigger claim goes with the mention that made it, and stays as well where another one left says its words."""
    word = word.lower()
    going, staying = mentioning(db, strand, word)
    if not going:
        return 0
    if not staying:
        db.conn.execute("UPDATE strands SET incident = NULL WHERE id = ?", (strand,))
        return strand
    made = db.conn.execute(
        "INSERT INTO strands (matter, live, title, words, first_at, last_at, weight_sum, reposts, reads, first_mention, rules) "
        "SELECT 0, 1, title, '[]', first_at, last_at, 0, 0, 0, 0, rules FROM strands WHERE id = ?",
        (strand,),
    ).lastrowid
    assert made is not None
    db.conn.execute(f"UPDATE mentions SET strand = ? WHERE strand = ? AND {_SAYS}", (made, strand, word))
    db.conn.execute(
        "UPDATE mentions SET strand = ? WHERE strand = ? AND duplicate_of IN (SELECT uid FROM mentions WHERE strand = ?)",
        (made, strand, made),
    )
    db.conn.execute(
        "INSERT INTO claims (strand, kind, floor, words, credible, immediate, mention, at) "
        "SELECT ?, kind, floor, words, credible, immediate, mention, at FROM claims "
        "WHERE strand = ? AND mention IN (SELECT id FROM mentions WHERE strand = ?)",
        (made, strand, made),
    )
    db.conn.execute(
        "DELETE FROM claims WHERE strand = ? AND mention IN (SELECT id FROM mentions WHERE strand = ?) AND NOT EXISTS "
        "(SELECT 1 FROM mentions m WHERE m.strand = claims.strand AND instr(m.title || char(10) || m.text, claims.words) > 0)",
        (strand, made),
    )
    for one in (strand, made):
        db.conn.execute("DELETE FROM tallies WHERE strand = ?", (one,))
        db.conn.execute(_TALLIES, (one,))
        db.conn.execute(_SUMS, (one,))
    db.conn.execute(
        "UPDATE strands SET matter = -id, title = (SELECT coalesce(nullif(title, ''), substr(text, 1, 26)) FROM mentions "
        "WHERE id = first_mention) WHERE id = ?",
        (made,),
    )
    db.conn.execute("INSERT OR REPLACE INTO splits VALUES (?, ?, ?)", (strand, word, made))
    return made


def _where(db: Database, strand: int, text: str) -> int:
    """The strand for what would join ``strand``: another live one where it says a word that was split off."""
    text = text.lower()
    rows = db.conn.execute(
        "SELECT word, into_strand FROM splits WHERE strand = ? ORDER BY into_strand DESC", (strand,)
    ).fetchall()
    for word, other in rows:
        if word in text and db.conn.execute("SELECT 1 FROM strands WHERE id = ? AND live = 1", (other,)).fetchone():
            return int(other)
    return strand


def strand(db: Database, id: int) -> dict[str, Any]:
    """A strand's row: matter, incident, title, hot words, first mention, rules."""
    cursor = db.conn.execute(
        "SELECT id, matter, incident, title, words, first_at, first_mention, rules FROM strands WHERE id = ?", (id,)
    )
    row = cursor.fetchone()
    found = dict(zip([c[0] for c in cursor.description], row, strict=True))
    return {**found, "words": json.loads(found["words"]), "rules": json.loads(found["rules"])}


def live_strands(db: Database, since: datetime) -> list[int]:
    """The strands that may still grow and moved since a moment."""
    return [
        row[0] for row in db.conn.execute("SELECT id FROM strands WHERE live = 1 AND last_at >= ? ORDER BY id", (iso(since),))
    ]


def said(db: Database, strand: int, most: int = 500) -> list[str]:
    """The words of the newest mentions of a strand, title and text together."""
    rows = db.conn.execute("SELECT title, text FROM mentions WHERE strand = ? ORDER BY id DESC LIMIT ?", (strand, most))
    return [f"{title}\n{text}" for title, text in rows]


def before(db: Database, strand: int) -> int | None:
    """The incident that carried the same matter before this strand, or None."""
    row = db.conn.execute(
        "SELECT incident FROM strands WHERE matter = (SELECT matter FROM strands WHERE id = ?) AND id < ? AND incident IS NOT NULL "
        "ORDER BY id DESC LIMIT 1",
        (strand, strand),
    ).fetchone()
    return row[0] if row else None


def claims_of(db: Database, strands: Sequence[int]) -> list[dict[str, Any]]:
    """The trigger claims read in these strands, oldest first."""
    cursor = db.conn.execute(
        f"SELECT kind, floor, words, credible, immediate, at FROM claims WHERE strand IN ({', '.join('?' * len(strands))}) ORDER BY id",
        tuple(strands),
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def examples(db: Database, strands: Sequence[int], limit: int = 3) -> list[dict[str, Any]]:
    """The earliest mentions of some strands, as rows."""
    if not strands:
        return []
    cursor = db.conn.execute(
        "SELECT id, platform, source, author, title, text, url, at, tier, reposts, reads FROM mentions "
        f"WHERE strand IN ({', '.join('?' * len(strands))}) ORDER BY counted DESC, at, id LIMIT ?",
        (*strands, limit),
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def quarantine(db: Database, source: str, at: datetime, why: str, raw: str) -> None:
    """Keeps an item that could not be read, with the reason."""
    db.conn.execute("INSERT INTO quarantine (source, at, why, raw) VALUES (?, ?, ?, ?)", (source, iso(at), why, raw[:20_000]))


def set_aside_since(db: Database, source: str, why: str, since: datetime) -> bool:
    """Whether an item of a source was quarantined after a moment, for a reason that begins with ``why``."""
    found = db.conn.execute(
        "SELECT 1 FROM quarantine WHERE source = ? AND at > ? AND substr(why, 1, ?) = ?", (source, iso(since), len(why), why)
    )
    return found.fetchone() is not None


def recent(db: Database, since: datetime, limit: int) -> Iterator[tuple[Mention, Reading]]:
    """The newest stored mentions since a moment, oldest first: what the analysis needs to remember after a restart."""
    rows = db.conn.execute(
        f"SELECT {', '.join(COLUMNS)} FROM mentions WHERE seen >= ? ORDER BY id DESC LIMIT ?",
        (iso(since), limit),
    ).fetchall()
    for row in reversed(rows):
        yield _from_row(dict(zip(COLUMNS, row, strict=True)))


def _from_row(row: dict[str, Any]) -> tuple[Mention, Reading]:
    mention = Mention(
        source=row["source"],
        key=row["uid"].removeprefix(row["source"] + ":"),
        seen=from_iso(row["seen"]),
        text=row["text"],
        title=row["title"],
        platform=row["platform"],
        tier=Tier(row["tier"]),
        url=row["url"],
        author=row["author"],
        followers=row["followers"],
        published=from_iso(row["published"]) if row["published"] else None,
        reposts=row["reposts"],
        comments=row["comments"],
        likes=row["likes"],
        reads=row["reads"],
        rank=row["rank"],
        list=row["list"],
        region=row["region"],
    )
    reading = Reading(
        id=row["uid"],
        rules=tuple(json.loads(row["rules"])),
        negative=row["negative"],
        sentiment=Sentiment(row["sentiment"]),
        story=row["story"],
        duplicate_of=row["duplicate_of"],
        duplicate=row["duplicate"],
        weight=row["weight"],
        matter=row["matter"],
    )
    return mention, reading


def last_story(db: Database) -> int:
    """The highest story number in use."""
    return int(db.conn.execute("SELECT coalesce(max(story), 0) FROM mentions").fetchone()[0])


def last_matter(db: Database) -> int:
    """The highest matter number in use."""
    return int(db.conn.execute("SELECT coalesce(max(matter), 0) FROM strands").fetchone()[0])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def new_authority(db: Database, strands: Sequence[int], since: datetime) -> bool:
    """Whether a tier A or S source spoke for the first time since a moment."""
    row = db.conn.execute(
        f"SELECT 1 FROM tallies WHERE strand IN ({', '.join('?' * len(strands))}) AND tier IN ('A', 'S') AND first_at > ? LIMIT 1",
        (*strands, iso(since)),
    ).fetchone()
    return row is not None


def only_from(db: Database, strands: Sequence[int], name: str) -> bool:
    """Whether all mentions of some strands come from this source, author or platform."""
    marks = ", ".join("?" * len(strands))
    row = db.conn.execute(
        f"SELECT 1 FROM mentions WHERE strand IN ({marks}) AND ? NOT IN (source, author, platform) LIMIT 1", (*strands, name)
    ).fetchone()
    return row is None


def incident_of(db: Database, uid: str) -> int | None:
    """The incident that a mention belongs to, by the mention's identity."""
    row = db.conn.execute(
        "SELECT s.incident FROM mentions m JOIN strands s ON s.id = m.strand WHERE m.uid = ?", (uid,)
    ).fetchone()
    return row[0] if row else None
