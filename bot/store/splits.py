"""Owner of ``splits``: two matters that were read as one are taken apart by a word, now and for what is still to come."""

from __future__ import annotations

from sqlite_utils import Database

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


def count(db: Database, strand: int, word: str) -> tuple[int, int]:
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
    going, staying = count(db, strand, word)
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


def where(db: Database, strand: int, text: str) -> int:
    """The strand for what would join ``strand``: another live one where it says a word that was split off."""
    text = text.lower()
    rows = db.conn.execute(
        "SELECT word, into_strand FROM splits WHERE strand = ? ORDER BY into_strand DESC", (strand,)
    ).fetchall()
    for word, other in rows:
        if word in text and db.conn.execute("SELECT 1 FROM strands WHERE id = ? AND live = 1", (other,)).fetchone():
            return int(other)
    return strand
