"""Hot lists: rank, heat, and when a list that answers is not fresh."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import SourceError
from bot.model.health import Condition, Health, Outcome, next_health
from bot.model.mention import Tier
from bot.model.options import read_options
from bot.model.source import Common, is_backlog
from bot.sources import newsnow
from tests.sites import fetching, page, site

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)


def entry(title="晨露乳业回应瓶盖松动", **more):
    return {"id": title, "title": title, "url": f"https://s.weibo.example/weibo?q={title}"} | more


def reply(*items, status="success", at=NOW, id="weibo"):
    told = {"status": status, "id": id, "updatedTime": int(at.timestamp() * 1000), "items": list(items)}
    return page(json.dumps(told, ensure_ascii=False), "application/json")


def source(fetch, base, **options):
    common = read_options(Common, {"name": "微博热搜", "kind": "newsnow", "tier": "C"}, "sources.微博热搜")
    return newsnow.Source(
        "微博热搜", common, read_options(newsnow.Options, {"base": base, "id": "weibo"} | options, "x"), fetch
    )


async def watch(*replies, **options):
    """Polls in the list's own rhythm: what each brought, and the health after each."""
    polls, states, state, health = [], [], {}, Health.at_start(NOW)
    async with site() as there, fetching() as fetch:
        there.says("/api/s", *replies)
        ears = source(fetch, there.base, **options)
        for n in range(len(replies)):
            now = NOW + timedelta(seconds=n * ears.every)
            got = await ears.poll(json.loads(json.dumps(state)), now)
            state = got.state
            health = next_health(health, Outcome.of(got), now, every=ears.every, lively=ears.lively)
            polls.append(got)
            states.append(health.condition)
    return polls, states


async def test_position_is_the_rank_and_the_numbers_are_kept():
    info = {
        "info": "1234 万热度",
        "hover": "摘要<b>一</b>",
        "diff": 3,
        "icon": {"url": "https://simg.example/moter/flags/2_0.png", "scale": 1.5},
    }
    (got,), _ = await watch(reply(entry(extra=info), entry("第二条")))
    first, second = got.mentions
    assert (first.rank, first.list, first.platform, first.tier) == (1, "national", "微博", Tier.C)
    assert (first.text, first.extra) == ("摘要一", {"heat": 12_340_000, "info": "1234 万热度", "diff": 3, "flag": "热"})
    assert (second.rank, second.extra) == (2, {})


async def test_a_hot_entry_is_present_tense_however_old_its_page():
    (got,), _ = await watch(reply(entry(pubDate=int((NOW - timedelta(days=9)).timestamp() * 1000))))
    assert not is_backlog(got.mentions[0])


async def test_an_entry_that_moved_comes_again_with_its_new_rank():
    (_, second), _ = await watch(reply(entry("一"), entry("二")), reply(entry("二"), entry("一"), entry("三")))
    assert [(m.title, m.rank) for m in second.mentions] == [("二", 1), ("一", 2), ("三", 3)]


async def test_newsnow_success_with_unchanged_items_becomes_stale():
    replies = [reply(entry(), at=NOW + timedelta(minutes=2 * n)) for n in range(4)]
    polls, states = await watch(*replies, reply(entry("换榜了")))
    assert [poll.changed for poll in polls] == [True, False, False, False, True]
    assert states == [Condition.OK, Condition.OK, Condition.OK, Condition.STALE, Condition.OK]


async def test_newsnow_cache_reply_is_judged_by_its_own_time():
    fresh = reply(entry(), status="cache", at=NOW)
    old = reply(entry("另一条"), status="cache", at=NOW - timedelta(hours=1))
    polls, states = await watch(fresh, old)
    assert polls[1].as_of == NOW - timedelta(hours=1)
    assert states == [Condition.OK, Condition.STALE]


async def test_newsnow_survives_every_optional_field_missing_or_false():
    bare = {"title": "只有标题和网址", "url": "https://a.test/1"}
    odd = {
        "id": 7,
        "title": "数字 id",
        "url": "//a.test/2",
        "pubDate": "",
        "extra": {"info": False, "icon": False, "hover": None, "date": "x"},
    }
    text = {
        "id": "",
        "title": "图标是文字",
        "url": "",
        "mobileUrl": "https://a.test/3",
        "extra": {"icon": "https://a.test/i.png", "info": "小编推荐"},
    }
    (got,), _ = await watch(page(json.dumps({"status": "success", "items": [bare, odd, text]}), "application/json"))
    assert [m.key for m in got.mentions] == ["https://a.test/1", "7", "https://a.test/3"]
    assert got.mentions[1].url == "https://a.test/2"
    assert got.mentions[2].extra == {"info": "小编推荐"}
    assert got.mentions[0].platform == "微博"
    assert all(m.published is None for m in got.mentions)


async def test_the_flag_is_found_inside_the_address_of_a_proxy():
    icon = {"url": "/api/proxy/img?type=encodeURIComponent&url=https%3A%2F%2Fsimg.example%2Fmoter%2Fflags%2F4_0.png"}
    (got,), _ = await watch(reply(entry(extra={"icon": icon})))
    assert got.mentions[0].extra == {"flag": "爆"}


@pytest.mark.parametrize(
    "bad",
    [reply(), page("<!DOCTYPE html><title>403</title>"), page('{"statusCode": 500}', "application/json"), page("[]", "application/json"),
     reply({"id": 1}, {"url": "x"})],
)  # fmt: skip
async def test_an_answer_without_a_list_is_degraded(bad):
    with pytest.raises(SourceError) as told:
        await watch(bad)
    assert told.value.health == "degraded"


async def test_a_few_unreadable_entries_are_noted_and_many_are_degraded():
    (few,), _ = await watch(reply(*[entry(f"第{n}条") for n in range(9)], {"id": 1}))
    assert (len(few.mentions), few.note, few.degraded) == (9, "1 条没有标题，已跳过", "")
    (many,), _ = await watch(reply(entry(), {"id": 1}))
    assert many.degraded == "2 条有 1 条读不出来"


async def test_no_list_is_asked_more_often_than_it_changes():
    async with fetching() as fetch:
        assert source(fetch, "http://a.test").every == 120.0
        assert source(fetch, "http://a.test", id="thepaper").every == 1_800.0
        assert source(fetch, "http://a.test", id="something-new").every == 600.0
