"""The loop that people write first: SnowNLP, jieba, SimHash, ``in`` for every rule, one commit a row."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.analysis.rules import Rule


def run(lines: Iterable[bytes], rules: Sequence[Rule], database: Path) -> int:
    """Reads, judges and stores every line; returns how many."""
    import jieba
    from snownlp import SnowNLP

    db = sqlite3.connect(database)
    db.execute("CREATE TABLE IF NOT EXISTS mentions (id TEXT, text TEXT, negative REAL, rules TEXT, duplicate_of TEXT)")
    seen: list[tuple[str, int]] = []
    done = 0
    for line in lines:
        record = json.loads(line)
        text = record["text"]
        negative = 1 - SnowNLP(text).sentiments
        fits = [rule.name for rule in rules if _fits(rule, text)]
        print_ = _simhash(jieba.lcut(text))
        root = next((id_ for id_, other in seen if (other ^ print_).bit_count() <= 3), None)
        seen.append((record["id"], print_))
        db.execute("INSERT INTO mentions VALUES (?, ?, ?, ?, ?)", (record["id"], text, negative, json.dumps(fits), root))
        db.commit()
        done += 1
    db.close()
    return done


def _fits(rule: Rule, text: str) -> bool:
    words = rule.any or tuple(word for word in rule.expr.replace("(", " ").replace(")", " ").split() if word not in "&|-")
    if not any(word in text for word in words):
        return False
    return all(word in text for word in rule.all) and not any(word in text for word in rule.none)


def _simhash(words: Sequence[str]) -> int:
    weights = [0] * 64
    for word in words:
        bits = int.from_bytes(hashlib.md5(word.encode()).digest()[:8], "big")
        for n in range(64):
            weights[n] += 1 if bits >> n & 1 else -1
    return sum(1 << n for n in range(64) if weights[n] > 0)


def by_groups(titles: Sequence[str], rules: Sequence[Rule]) -> int:
    """Hot-list matching as TrendRadar describes it: every title against every group, words by ``in`` on lower case.

    First all excluded words (they count for every group there), then group after group: all required words, one normal word.
    """
    excluded = [word.lower() for rule in rules for word in rule.none]
    groups = [([word.lower() for word in rule.all], [word.lower() for word in rule.any]) for rule in rules]
    found = 0
    for title in titles:
        low = title.lower()
        if any(word in low for word in excluded):
            continue
        for required, normal in groups:
            if all(word in low for word in required) and (not normal or any(word in low for word in normal)):
                found += 1
    return found
