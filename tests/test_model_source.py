"""What every kind of source shares: its settings, its memory of items, what is new and what is only old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.model.mention import Mention, Tier
from bot.model.options import read_options
from bot.model.source import KNOWN_CAP, Common, dress, interval, is_backlog, recognise

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)


def common(**table):
    return read_options(Common, {"name": "甲", "kind": "feed"} | table, "sources.甲")


def mention(key="1", text="漏奶", **more):
    return Mention(source="甲", key=key, seen=NOW, text=text, **more)


def test_the_interval_is_as_configured_and_never_under_the_floor():
    assert interval(common(), 60.0, 600.0) == 600.0
    assert interval(common(every="2m"), 60.0, 600.0) == 120.0
    assert interval(common(every="5s"), 60.0, 600.0) == 60.0


@pytest.mark.parametrize(
    ("settings", "own", "tier"),
    [
        ({}, {}, None),
        ({"tier": "B"}, {}, Tier.B),
        ({"tier": "B"}, {"tier": Tier.D}, Tier.D),
        ({"tier": "B", "tiers": {"榕城晚报": "A"}}, {"author": "榕城晚报", "tier": Tier.D}, Tier.A),
        ({"tiers": {"gov.test": "S"}}, {"url": "https://news.gov.test/1"}, Tier.S),
        ({"tiers": {"gov.test": "S"}}, {"url": "https://notgov.test/1"}, None),
    ],
)
def test_the_tier_is_that_of_the_author_or_host_then_its_own_then_the_source_s(settings, own, tier):
    assert dress(mention(**own), common(**settings)).tier is tier


def test_platform_and_region_are_filled_only_where_they_are_missing():
    filled = dress(mention(platform="抖音"), common(platform="微博", region="榕城"))
    assert (filled.platform, filled.region) == ("抖音", "榕城")


@pytest.mark.parametrize(
    ("table", "key"), [({"tier": "E"}, "tier"), ({"tiers": {"a": "E"}}, "tiers.a"), ({"every": 5}, "every")]
)
def test_a_wrong_setting_is_named(table, key):
    with pytest.raises(ConfigError, match=f"sources.甲.{key}"):
        common(**table)


def test_backlog_is_what_was_old_when_we_first_saw_it():
    day = timedelta(days=1)
    assert not is_backlog(mention(published=NOW - day))
    assert is_backlog(mention(published=NOW - day - timedelta(seconds=1)))
    assert not is_backlog(mention())
    assert not is_backlog(mention(published=NOW - 9 * day, rank=3))
    assert not is_backlog(mention(published=NOW - 9 * day, list="city"))
    assert not is_backlog(mention(published=NOW - 2 * day), backfill=3 * 86_400.0)


def test_the_same_item_under_a_changed_id_is_known_and_the_same_words_elsewhere_are_not():
    at = {"url": "https://a.test/1", "author": "小林"}
    _, known = recognise({}, [mention("1", **at)])
    assert recognise(known, [mention("2", **at)])[0] == ()
    assert len(recognise(known, [mention("2", url="https://a.test/2", author="小林")])[0]) == 1
    _, known = recognise({}, [mention("1")])
    assert len(recognise(known, [mention("2")])[0]) == 1


def test_one_id_twice_in_an_answer_is_one_item():
    fresh, known = recognise({}, [mention("1", "先"), mention("1", "后")])
    assert [m.text for m in fresh] == ["先"]
    assert recognise(known, [mention("1", "先"), mention("1", "后")])[0] == ()


def test_the_memory_keeps_the_newest_and_everything_of_the_last_answer():
    _, known = recognise({}, [mention(str(n)) for n in range(KNOWN_CAP + 5)])
    assert len(known) == KNOWN_CAP + 5
    _, known = recognise(known, [mention("neu")])
    assert len(known) == KNOWN_CAP
    assert "neu" in known
    assert str(KNOWN_CAP + 4) in known
    assert "0" not in known


@given(st.lists(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["漏", "裂", "酸"])), max_size=6), max_size=6))
def test_nothing_comes_twice_in_the_same_words_and_nothing_is_lost(answers):
    known, last = {}, {}
    for answer in answers:
        items = [mention(key, text) for key, text in answer]
        fresh, known = recognise(known, items)
        first = {}
        for item in items:
            first.setdefault(item.key, item.text)
        assert {m.key: m.text for m in fresh} == {k: t for k, t in first.items() if last.get(k) != t}
        last |= first
