"""Any JSON list: where the list is, what its fields are called, and when an answer is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.errors import ConfigError, SourceError
from bot.model.mention import Tier
from bot.model.options import read_options
from bot.model.source import Common
from bot.sources import json_api
from tests.sites import fetching, page, site

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)
FIELDS = {"id": "mid", "text": "content", "author": "user.name", "published": "created", "likes": "stat.likes"}


def post(mid, content="果味奶瓶盖松动", created="2026-06-30 09:30:00", likes=3, **more):
    return {"mid": mid, "content": content, "user": {"name": "小林"}, "created": created, "stat": {"likes": likes}} | more


def body(*posts, **more):
    return page(json.dumps({"code": 0, "data": {"list": list(posts)}} | more, ensure_ascii=False), "application/json")


def source(fetch, url, common=None, **options):
    table = {"url": url, "items": "data.list", "fields": FIELDS, "ok": "code == `0`"} | options
    settings = read_options(Common, {"name": "厂商", "kind": "json_api"} | (common or {}), "sources.厂商")
    return json_api.Source("厂商", settings, read_options(json_api.Options, table, "sources.厂商"), fetch)


async def polls(*replies, common=None, **options):
    brought, state, now = [], {}, NOW
    async with site() as there, fetching() as fetch:
        ears = source(fetch, there.says("/api", *replies), common, **options)
        for _ in replies:
            got = await ears.poll(json.loads(json.dumps(state)), now)
            brought.append(got)
            state, now = got.state, now + timedelta(minutes=5)
    return brought, there


async def test_a_record_becomes_a_mention_by_the_configured_fields():
    (got,), _ = await polls(
        body(post(7, "<em>晨露</em>果味奶漏了", likes="1.2万", mood="angry")), common={"tier": "C", "platform": "微博"}
    )
    (mention,) = got.mentions
    assert (mention.key, mention.text, mention.author, mention.likes) == ("7", "晨露果味奶漏了", "小林", 12_000)
    assert (mention.tier, mention.platform, mention.published) == (Tier.C, "微博", datetime(2026, 6, 30, 1, 30, tzinfo=UTC))
    assert mention.extra["mood"] == "angry"


async def test_without_fields_the_vendor_neutral_names_are_read():
    (got,), _ = await polls(
        page('[{"id": "a", "text": "漏奶", "reposts": 5}]', "application/json"), fields={}, items="@", ok=""
    )
    assert [(m.key, m.reposts) for m in got.mentions] == [("a", 5)]


async def test_counts_that_moved_come_again_and_the_rest_does_not():
    (_, second), _ = await polls(body(post(1), post(2, "另一条")), body(post(1, likes=900), post(2, "另一条")))
    assert [(m.key, m.likes) for m in second.mentions] == [("1", 900)]


async def test_a_date_in_the_vendor_s_own_form_is_beijing_time():
    (got,), _ = await polls(body(post(1, created="2026年06月30日 09:30")), time_format="%Y年%m月%d日 %H:%M")
    assert got.mentions[0].published == datetime(2026, 6, 30, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (page('{"code": 401, "data": {"list": []}}', "application/json"), "没有成功"),
        (page('{"code": 0, "data": {"rows": []}}', "application/json"), "items"),
        (page('{"code": 0, "data": {"list": {"a": 1}}}', "application/json"), "items"),
        (body({"mid": 1, "body": "x"}), "fields"),
        (page("<!DOCTYPE html><html>请登录</html>"), "网页"),
        (page('{"code": NaN}', "application/json"), "NaN"),
        (page("[" * 50 + "]" * 50, "application/json"), "嵌套"),
        (page("", "application/json"), "不是 JSON"),
    ],
)
async def test_an_answer_that_is_none_is_degraded_and_never_zero_mentions(reply, words):
    with pytest.raises(SourceError, match=words) as told:
        await polls(reply)
    assert told.value.health == "degraded"


async def test_an_empty_list_is_an_answer_that_found_nothing():
    (got,), _ = await polls(body())
    assert (got.mentions, got.found, got.degraded) == ((), False, "")


async def test_a_field_that_no_record_has_any_more_is_said_while_the_mentions_are_kept():
    posts = [{"mid": n, "content": f"漏奶{n}", "user": {"name": "a"}, "created": "", "stat": {}} for n in range(3)]
    (got,), _ = await polls(body(*posts))
    assert len(got.mentions) == 3
    assert got.degraded == "整页取不到 likes，请核对 fields"


async def test_records_without_text_are_counted_and_over_a_fifth_is_degraded():
    (got,), _ = await polls(body(post(1), post(2, "第二条"), {"mid": 3}))
    assert len(got.mentions) == 2
    assert got.note == "1 条没有文字，已跳过"
    assert got.degraded == "3 条有 1 条读不出来"


async def test_pages_are_turned_until_one_brings_nothing_new():
    replies = [body(post(1), post(2, "二")), body(post(3, "三")), body(post(3, "三")), body(post(4, "四"))]
    async with site() as there, fetching() as fetch:
        ears = source(fetch, there.says("/api", *replies) + "?p={page}", next="page")
        got = await ears.poll({}, NOW)
    assert [m.key for m in got.mentions] == ["1", "2", "3"]
    assert [request.query["p"] for request in there.asked] == ["1", "2", "3"]


async def test_at_most_ten_pages_are_turned():
    count = 0

    async def endless(request):
        nonlocal count
        count += 1
        return web.json_response({"code": 0, "data": {"list": [post(count, f"第{count}条")]}})

    async with site() as there, fetching() as fetch:
        got = await source(fetch, there.says("/api", endless) + "?p={page}", next="page").poll({}, NOW)
    assert len(got.mentions) == count == 10


async def test_a_cursor_or_an_address_out_of_the_answer_leads_on():
    async with site() as there, fetching() as fetch:
        there.says("/api", body(post(1), next="c2"), body(post(2, "二"), next="/more"))
        there.says("/more", body(post(3, "三")))
        ears = source(fetch, there.base + "/api?c={page}", next="next", headers={"Authorization": "Bearer t"})
        got = await ears.poll({}, NOW)
    assert [m.key for m in got.mentions] == ["1", "2", "3"]
    assert [request.path_qs for request in there.asked] == ["/api?c=1", "/api?c=c2", "/more"]
    assert there.asked[2].headers["Authorization"] == "Bearer t"


async def test_a_next_address_in_our_own_network_is_not_followed():
    async with site() as there, site() as inner, fetching() as fetch:
        inner.says("/secret", body(post(2, "二")))
        there.says("/api", body(post(1), next=inner.base + "/secret"))
        got = await source(fetch, there.base + "/api", next="next").poll({}, NOW)
    assert [m.key for m in got.mentions] == ["1"]
    assert "不是公网地址" in got.degraded
    assert "good" not in got.state
    assert not inner.asked


async def test_an_outage_is_backfilled_without_loss_or_second_alert():
    """The query after the hole starts before it; what was heard already comes no second time."""
    async with site() as there, fetching() as fetch:
        url = there.says(
            "/api", body(post(1)), page("", status=500), page("", status=500), body(post(1), post(2, "断网时的一条"))
        )
        ears = source(fetch, url + "?since={since}")
        first = await ears.poll({}, NOW)
        for minutes in (5, 10):
            with pytest.raises(SourceError, match="500"):
                await ears.poll(first.state, NOW + timedelta(minutes=minutes))
        after = await ears.poll(first.state, NOW + timedelta(minutes=15))
    assert [m.key for m in after.mentions] == ["2"]
    since = [int(request.query["since"]) for request in there.asked]
    assert since[0] == int((NOW - timedelta(days=1)).timestamp())
    assert since[-1] == int((NOW - timedelta(minutes=10)).timestamp())


async def test_every_keyword_is_asked_for():
    async with site() as there, fetching() as fetch:
        there.says("/api", body(post(1)), body(post(2, "二")))
        ears = source(fetch, there.base + "/api", method="POST", body='{"q": "{keyword}"}', keywords=["晨露", '果"奶'])
        got = await ears.poll({}, NOW)
    assert [m.key for m in got.mentions] == ["1", "2"]
    assert [json.loads(raw)["q"] for raw in there.bodies] == ["晨露", '果"奶']


async def test_a_304_changes_nothing():
    (_, second), there = await polls(
        page('{"code":0,"data":{"list":[{"content":"a"}]}}', "application/json", ETag='"1"'), web.Response(status=304)
    )
    assert (second.mentions, second.changed, second.found) == ((), False, True)
    assert there.asked[1].headers["If-None-Match"] == '"1"'


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"items": "data.["}, "items"),
        ({"ok": "code =="}, "ok"),
        ({"fields": {"text": "a..b"}}, "fields.text"),
        ({"body": '{"q": {keyword}'}, "body"),
        ({"sample": "missing.json"}, "sample"),
        ({"method": "DELETE"}, "method"),
    ],
)
async def test_a_wrong_expression_is_named_at_load(options, key):
    async with fetching() as fetch:
        with pytest.raises(ConfigError, match=f"sources.厂商.{key}"):
            source(fetch, "http://a.test/", **options)


@pytest.mark.parametrize(
    ("sample", "key"),
    [
        (
            {"code": 0, "data": {"list": [{"mid": 1, "content": "漏奶", "user": {"name": "a"}, "created": "1780000000"}]}},
            "fields.likes",
        ),
        ({"code": 0, "data": {"list": []}}, "sample"),
        ({"code": 0, "data": {}}, "sample"),
        ({"code": 7}, "sample"),
    ],
)
async def test_expressions_are_tried_on_the_sample_at_load(tmp_path, sample, key):
    file = tmp_path / "sample.json"
    file.write_text(json.dumps(sample))
    async with fetching() as fetch:
        with pytest.raises(ConfigError, match=f"sources.厂商.{key}"):
            source(fetch, "http://a.test/", sample=str(file))
        file.write_text(json.dumps({"code": 0, "data": {"list": [post(1)]}}))
        assert source(fetch, "http://a.test/", sample=str(file)).every == 300.0


async def test_an_expression_that_cannot_take_a_value_finds_nothing():
    (got,), _ = await polls(body(post(1, likes=[1])), fields=FIELDS | {"likes": "abs(content)"})
    assert got.mentions[0].likes is None
