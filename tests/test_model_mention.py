"""A mention out of the vendor-neutral shape: what is read, what is refused, what is kept."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.mention import EXTRA_CAP, Mention, Tier, canonical, count

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)


def of(**record):
    return Mention.of(record, source="甲", now=NOW)


def test_only_text_or_title_is_required():
    assert of(text="漏奶").words == of(title="漏奶").words == "漏奶"
    for empty in ({}, {"text": " "}, {"text": "", "title": None}):
        with pytest.raises(ValueError, match="text、title"):
            of(**empty)


def test_the_identity_is_the_id_then_the_address_then_the_words():
    assert of(text="a", id=7).key == "7"
    assert of(text="a", url="http://A.test/x/?utm_source=b&q=1#top").key == "https://a.test/x?q=1"
    assert of(text="a").key == of(text="a", author="b").key != of(text="b").key


@pytest.mark.parametrize(
    ("said", "number"),
    [(1234, 1234), ("1,234", 1234), ("1.2万", 12_000), ("1234 万热度", 12_340_000), ("3亿", 300_000_000), ("2.5w+", 25_000),
     (0, 0), ("", None), (None, None), (True, None), (-1, None), (float("inf"), None), ("很多", None)],
)  # fmt: skip
def test_counts_are_read_as_people_write_them_and_missing_is_unknown(said, number):
    assert count(said) == number
    assert of(text="a", reposts=said).reposts == number


def test_the_time_of_publication_is_read_or_unknown():
    assert of(text="a", published="2026-06-30 09:30").published == NOW - timedelta(minutes=30)
    assert of(text="a", published=str(int(NOW.timestamp() * 1000))).published == NOW
    assert of(text="a", published="3分钟前").published == NOW - timedelta(minutes=3)
    for wrong in ("neulich", 0, "1999-12-31", (NOW + timedelta(minutes=11)).isoformat(), True):
        assert of(text="a", published=wrong).published is None


@pytest.mark.parametrize(
    ("record", "named"),
    [
        ({"tier": "E"}, "tier"),
        ({"list": "world"}, "list"),
        ({"author": ["a"]}, "author"),
        ({"id": {}}, "id"),
        ({"url": True}, "url"),
    ],
)
def test_what_is_wrong_is_named(record, named):
    with pytest.raises(ValueError, match=named):
        of(text="a", **record)


def test_unknown_keys_are_kept_within_bounds():
    assert of(text="a", tier="b", mood="angry", nested={"x": [1]}).extra == {"mood": "angry", "nested": {"x": [1]}}
    assert of(text="a", tier="b").tier is Tier.B
    big = of(text="a", first=1, huge="x" * EXTRA_CAP, last=2)
    assert big.extra == {"first": 1}


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["id", "text", "title", "url", "author", "platform", "region", "mood"]), st.text(max_size=30)
    )
)
def test_no_character_keeps_a_mention_from_being_stored(record):
    broken = json.loads(
        json.dumps(record)[:-1] + (", " if record else "") + '"text": "a\\ud800", "id": "\\udfff", "x": "\\ud800"}'
    )
    mention = Mention.of(broken, source="甲", now=NOW)
    row = (mention.id, mention.words, mention.url, mention.author, json.dumps(dict(mention.extra), ensure_ascii=False))
    db = sqlite3.connect(":memory:")
    assert db.execute("SELECT ?, ?, ?, ?, ?", row).fetchone() == row
    db.close()


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_none(text):
    address = canonical(text)
    assert address == "" or canonical(address) == address
