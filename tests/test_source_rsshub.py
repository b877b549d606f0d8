"""RSSHub routes: an empty one is an error there and none here."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.errors import SourceError
from bot.model.health import Condition, Health, Outcome, next_health
from bot.model.options import read_options
from bot.model.source import Common
from bot.sources import rsshub
from tests.sites import fetching, page, site

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)
EMPTY = page("<html><body>Error: this route is empty, please check the original site</body></html>", status=503)


def feed(*items):
    told = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": list(items)}
    return page(json.dumps(told, ensure_ascii=False), "application/json", ETag='"1"')


def post(n=1, **more):
    return {"id": f"https://weibo.example/{n}", "url": f"https://weibo.example/{n}", "title": f"第{n}条",
            "content_html": "瓶盖<br>松动", "date_published": "Tue, 30 Jun 2026 01:43:54 GMT", "authors": [{"name": "小林"}]} | more  # fmt: skip


async def polls(*replies, **options):
    brought, state = [], {}
    async with site() as there, fetching() as fetch:
        there.says("/weibo/keyword/晨露", *replies)
        common = read_options(Common, {"name": "晨露搜索", "kind": "rsshub", "platform": "微博"}, "sources.晨露搜索")
        table = {"base": there.base, "route": "/weibo/keyword/{keyword}", "keyword": "晨露"} | options
        ears = rsshub.Source("晨露搜索", common, read_options(rsshub.Options, table, "x"), fetch)
        for _ in replies:
            brought.append(await ears.poll(state, NOW))
            state = brought[-1].state
    return brought, there


async def test_a_route_is_asked_for_as_a_json_feed_with_its_parameters():
    (got,), there = await polls(feed(post()), limit=20, key="geheim", params={"filter_title": "瓶盖"})
    (mention,) = got.mentions
    assert (mention.key, mention.text, mention.platform) == ("https://weibo.example/1", "瓶盖\n松动", "微博")
    assert mention.published == datetime(2026, 6, 30, 1, 43, 54, tzinfo=UTC)
    assert dict(there.asked[0].query) == {"format": "json", "filter_title": "瓶盖", "limit": "20", "key": "geheim"}


async def test_rsshub_empty_route_is_quiet_and_other_503_is_failing():
    (got,), there = await polls(EMPTY)
    assert (got.mentions, got.found) == ((), False)
    assert len(there.asked) == 1
    assert next_health(Health.at_start(NOW), Outcome.of(got), NOW, every=600.0).condition is Condition.QUIET
    with pytest.raises(SourceError) as told:
        await polls(page("cookie expired", status=503), key="geheim")
    assert told.value.health == "failing"
    assert "geheim" not in str(told.value)


async def test_an_empty_feed_with_status_200_is_degraded():
    with pytest.raises(SourceError, match="空的") as told:
        await polls(feed())
    assert told.value.health == "degraded"


async def test_a_304_keeps_what_was_known_of_the_route():
    (first, empty, after), there = await polls(feed(post()), EMPTY, web.Response(status=304))
    assert (len(first.mentions), empty.found, after.found) == (1, False, False)
    assert "If-None-Match" in there.asked[1].headers
    assert "If-None-Match" not in there.asked[2].headers


async def test_what_is_known_comes_only_once():
    (_, second), _ = await polls(feed(post(1)), feed(post(2), post(1)))
    assert [m.title for m in second.mentions] == ["第2条"]
