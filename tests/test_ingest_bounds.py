"""What a vendor may push that is JSON and yet no sense: stored safely, or refused with what is wrong; never a crash."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.model.mention import KNOWN, Mention, count
from bot.model.times import iso
from bot.polling import set_aside
from bot.sources.webhook import parse
from bot.store import mentions
from bot.watch import Batch, Watch
from tests.conftest import Room

NOW = datetime(2026, 12, 3, 2, 0, tzinfo=UTC)
ODD = [
    *("1e999", "-1e999", "9" * 400, "-" + "9" * 400, "1e308", "0.0000001", "-5", "null", "true", "[]", "{}", '["a"]'),
    *(r'"\ud800"', r'"\udfff x"', r'"\u0000a"', '"999999999999999分钟前"', '"9999-12-31T23:59:59+14:00"'),
    *('"0001-01-01T00:00:00+14:00"', '{"a": {"b": [1e999]}}', '"Infinity"', '"９９９"', '"99999999999999999999"'),
]


@pytest.mark.parametrize("name", sorted(KNOWN | {"vendor_field"}))
@pytest.mark.parametrize("value", ODD, ids=lambda value: value[:20])
def test_an_odd_value_is_kept_safely_or_named(name: str, value: str) -> None:
    other = "title" if name == "text" else "text"
    found, bad = parse(f'{{"{other}": "晨露牛奶", "{name}": {value}}}'.encode(), "vendor", NOW)
    assert len(found) + len(bad) == 1
    for mention in found:
        json.dumps(dict(mention.extra), allow_nan=False, ensure_ascii=False).encode()
        for text in (mention.key, mention.text, mention.title, mention.url, mention.author, mention.platform, mention.region):
            text.encode()
        assert mention.published is None or iso(mention.published)
    assert all(line.startswith("第1条：") for line in bad)


@pytest.mark.parametrize("body", ["NaN", '{"text": NaN}', "9" * 5000, "[" * 100_000, '{"a":' * 5000, "", '"x"', "7", "\udcff"])
def test_a_body_that_is_none_is_refused_with_the_reason(body: str) -> None:
    with pytest.raises(SourceError) as refused:
        parse(body.encode("utf-8", "surrogateescape"), "vendor", NOW)
    assert str(refused.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_vendor_field_whatever_breaks_the_reading(value: object) -> None:
    body = json.dumps({"text": "晨露", "likes": value, "published": value, "more": value}).encode()
    try:
        found, bad = parse(body, "vendor", NOW)
    except SourceError:
        return
    assert len(found) + len(bad) == 1


def test_a_count_beyond_all_bounds_is_unknown() -> None:
    assert [count(v) for v in (10**400, -(10**400), float("inf"), float("-inf"), 2**53, -1, 0)] == [None] * 6 + [0]


async def test_a_repeated_push_is_counted_once_and_its_bad_items_are_kept_once(room: Room) -> None:
    counted: list[tuple[str, int]] = []
    watch = Watch(
        room.store, room.house, room.watch._analyst, room.watch._authorities, lambda source, n: counted.append((source, n))
    )
    found, bad = parse('[{"id": "1", "text": "今天天气好"}, {"text": 7, "tier": "X"}]'.encode(), "vendor", room.clock())
    batch = Batch(source="vendor", mentions=found, delivery="d1", bad=bad)
    await watch.take_in(batch, room.clock())
    await watch.take_in(batch, room.clock())
    await watch.take_in(Batch(source="vendor", mentions=found, delivery="d2"), room.clock())
    assert counted == [("vendor", 1), ("vendor", 0), ("vendor", 0)]
    assert room.db.conn.execute("SELECT count(*) FROM quarantine").fetchone() == (1,)
    assert await room.store.read(mentions.last_story) >= 0


async def test_what_the_analysis_fails_on_three_times_is_set_aside_and_said_once_an_hour(room: Room) -> None:
    async def fails(key: str) -> None:
        mention = Mention(source="论坛", key=key, seen=room.clock(), text="一条读不动的帖子", url="https://example.com/7")
        await room.store.run(set_aside, room.house, mention, "分析进程意外退出", room.clock())
        await room.later(minutes=1)

    await fails("a")
    await fails("b")
    said = [line.text for line in room.ignore() if "隔离" in line.text]
    assert len(said) == len(room.house.rooms)
    assert said[0] == (
        "信源 论坛 有一条分析了三次都失败，已隔离，其余照常：「一条读不动的帖子」。请人看一眼原文 https://example.com/7"
    )
    rows = room.db.conn.execute("SELECT why, raw FROM quarantine").fetchall()
    assert rows == [("分析了三次都失败：分析进程意外退出", "一条读不动的帖子")] * 2

    await room.later(minutes=61)
    await fails("c")
    assert [line for line in room.ignore() if "隔离" in line.text]
