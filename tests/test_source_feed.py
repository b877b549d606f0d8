"""A feed: what becomes a mention, what is new, and what is no feed at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.drills import feed_server
from bot.errors import SourceError
from bot.model.mention import Tier
from bot.model.options import read_options
from bot.model.source import Common, is_backlog
from bot.sources import feed
from tests.sites import fetching, page, site

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)
XML = "application/rss+xml; charset=utf-8"


def item(
    guid="1",
    title="果味奶瓶盖松动",
    text="一拧就开",
    date="Tue, 30 Jun 2026 09:30:00 +0800",
    link="https://a.test/1",
    author="小林",
):
    guid = f"<guid>{guid}</guid>" if guid else ""
    link = f"<link>{link}</link>" if link else ""
    return (
        f"<item>{guid}{link}<title>{title}</title><author>{author}</author><description>{text}</description>"
        f"<pubDate>{date}</pubDate></item>"
    )


def rss(*items):
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{"".join(items)}</channel></rss>'


def source(fetch, url, common=None, **options):
    table = {"name": "晚报", "kind": "feed"} | (common or {})
    settings = read_options(Common, table, "sources.晚报")
    return feed.Source("晚报", settings, read_options(feed.Options, {"url": url} | options, "sources.晚报"), fetch)


async def polls(*replies, common=None, **options):
    """Polls a site that answers one thing after another, ten minutes apart, and hands back what each poll brought."""
    brought, state, now = [], {}, NOW
    async with site() as there, fetching() as fetch:
        ears = source(fetch, there.says("/feed", *replies), common, **options)
        for _ in replies:
            got = await ears.poll(json.loads(json.dumps(state)), now)
            brought.append(got)
            state, now = got.state, now + timedelta(minutes=10)
    return brought


async def test_an_rss_item_becomes_a_mention_in_plain_text():
    text = "&lt;p&gt;瓶盖&lt;b&gt;一拧&lt;/b&gt;就开&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;"
    (got,) = await polls(page(rss(item(text=text)), XML), common={"tier": "B", "platform": "新闻", "region": "榕城"})
    (mention,) = got.mentions
    assert (mention.id, mention.title, mention.text) == ("晚报:1", "果味奶瓶盖松动", "瓶盖一拧就开")
    assert (mention.tier, mention.platform, mention.region, mention.author) == (Tier.B, "新闻", "榕城", "小林")
    assert mention.published == datetime(2026, 6, 30, 1, 30, tzinfo=UTC)
    assert mention.seen == NOW


async def test_an_atom_feed_in_gb18030_is_read():
    atom = (
        '<?xml version="1.0" encoding="gb2312"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:7</id>'
        '<title>晨露果味奶</title><link href="https://a.test/7"/><updated>2026-06-30T09:00:00+08:00</updated>'
        '<content type="html">&lt;p&gt;盖子裂了&lt;/p&gt;</content></entry></feed>'
    )
    (got,) = await polls(page(atom.encode("gb18030"), "application/atom+xml"))
    assert [(m.key, m.title, m.text) for m in got.mentions] == [("urn:7", "晨露果味奶", "盖子裂了")]


async def test_a_json_feed_is_known_by_its_first_byte():
    entry = {"id": 9, "url": "https://a.test/9", "title": "漏奶", "content_html": "<p>整箱漏</p>", "authors": [{"name": "阿May"}],
             "date_published": "Tue, 30 Jun 2026 01:43:54 GMT"}  # fmt: skip
    (got,) = await polls(page(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [entry]}), "text/plain"))
    (mention,) = got.mentions
    assert (mention.key, mention.author, mention.text, mention.published) == (
        "9", "阿May", "整箱漏", datetime(2026, 6, 30, 1, 43, 54, tzinfo=UTC))  # fmt: skip


async def test_an_entry_without_guid_goes_by_link_and_without_link_by_title_and_date():
    bare = rss(item(guid="", link="http://A.test/x/?utm_source=1#top"), item(guid="", link="", title="无链接"))
    (got,) = await polls(page(bare, XML))
    assert [m.key[:16] for m in got.mentions] == ["sha256:" + got.mentions[0].key[7:16], "https://a.test/x"]


async def test_entries_are_handed_on_from_the_oldest_to_the_newest():
    late, early = item("2", date="Tue, 30 Jun 2026 09:40:00 +0800", link="b"), item("1", link="a")
    (got,) = await polls(page(rss(late, early), XML))
    assert [m.key for m in got.mentions] == ["1", "2"]


async def test_what_is_known_comes_only_once():
    first, second = await polls(page(rss(item("1")), XML), page(rss(item("2", text="另一条"), item("1")), XML))
    assert [m.key for m in first.mentions] == ["1"]
    assert [m.key for m in second.mentions] == ["2"]


async def test_an_altered_entry_comes_again_under_its_key():
    _, second = await polls(page(rss(item("1")), XML), page(rss(item("1", text="已更正：批次为0612")), XML))
    assert [m.key for m in second.mentions] == ["1"]
    assert second.mentions[0].text == "已更正：批次为0612"


async def test_ids_that_change_and_times_that_jump_back_raise_nothing_new():
    jumped = rss(item("changed-1", date="Mon, 29 Jun 2026 01:00:00 +0800"))
    first, second, third = await polls(page(rss(item("1")), XML), page(jumped, XML), page(rss(item("changed-2")), XML))
    assert len(first.mentions) == 1
    assert (second.mentions, second.changed) == ((), False)
    assert third.mentions == ()


async def test_a_304_is_healthy_and_changes_nothing():
    first, second = await polls(page(rss(item()), XML, ETag='"1"'), web.Response(status=304))
    assert (second.mentions, second.changed, second.found, second.degraded) == ((), False, True, "")
    assert second.state == first.state


async def test_a_server_that_ignores_validators_is_caught_by_the_content():
    _, second = await polls(page(rss(item()), XML), page(rss(item()), XML))
    assert (second.mentions, second.changed) == ((), False)


async def test_the_first_poll_of_a_feed_alerts_nothing_older_than_a_day():
    old = item("old", date="Sun, 28 Jun 2026 09:00:00 +0800", text="前天的事")
    undated = item("undated", date="neulich", text="不知何时")
    (got,) = await polls(page(rss(item("new"), old, undated), XML))
    assert {m.key: is_backlog(m) for m in got.mentions} == {"new": False, "old": True, "undated": False}


async def test_a_crash_between_poll_and_store_repeats_the_poll():
    async with site() as there, fetching() as fetch:
        ears = source(fetch, there.says("/feed", page(rss(item("1")), XML)))
        before = await ears.poll({}, NOW)
        again = await ears.poll({}, NOW)
    assert [m.key for m in again.mentions] == [m.key for m in before.mentions] == ["1"]


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("<!doctype html><html><body>请登录后查看</body></html>", "text/html", "网页"),
        ("<html><form>验证码</form></html>", XML, "网页"),
        (rss(), XML, "空的"),
        ('{"items": []}', "application/feed+json", "空的"),
        ('{"code": 401}', "application/json", "没有 items"),
        ('{"items": NaN}', "application/json", "读不懂"),
        ("just words", "text/plain", "不是订阅源"),
        (rss("<item></item>"), XML, "读不出来"),
    ],
)
async def test_a_login_page_with_status_200_is_degraded_never_zero_mentions(body, kind, words):
    with pytest.raises(SourceError, match=words) as told:
        await polls(page(body, kind))
    assert told.value.health == "degraded"


async def test_a_search_feed_without_hits_has_found_nothing_and_is_well():
    (got,) = await polls(page(rss(), XML), may_be_empty=True)
    assert (got.mentions, got.found, got.degraded) == ((), False, "")


async def test_a_broken_feed_is_used_as_far_as_entries_come_out():
    broken = rss(item("1"), item("2", text="第二条")).replace("</channel></rss>", "<item><title>半")
    (got,) = await polls(page(broken, XML))
    assert {"1", "2"} <= {m.key for m in got.mentions}


async def test_many_unreadable_entries_are_said_and_the_others_kept():
    half = page(rss(item("1"), item("2", title="", text="")), XML, ETag='"1"')
    got, unchanged = await polls(half, web.Response(status=304))
    assert [m.key for m in got.mentions] == ["1"]
    assert got.degraded == unchanged.degraded == "2 个条目有 1 个读不出来"


async def test_entities_are_refused_not_expanded():
    bomb = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "哈哈哈哈"><!ENTITY b "&a;&a;&a;">]>' + rss(item(text="&b;"))[21:]
    with pytest.raises(SourceError, match="实体|不是订阅源"):
        await polls(page(bomb, XML))


async def test_a_stranger_s_feed_cannot_name_its_own_tier():
    entry = {"id": "1", "content_text": "自称央媒", "_wanglou": {"tier": "S", "reposts": 99999}}
    body = json.dumps({"items": [entry]})
    (plain,) = await polls(page(body, "application/json"))
    assert (plain.mentions[0].tier, plain.mentions[0].reposts) == (None, None)
    (own,) = await polls(page(body, "application/json"), extension=True)
    assert (own.mentions[0].tier, own.mentions[0].reposts) == (Tier.S, 99999)


async def test_a_host_list_outranks_the_tier_of_the_source():
    (got,) = await polls(page(rss(item(link="https://news.b.test/1")), XML), common={"tier": "C", "tiers": {"b.test": "A"}})
    assert got.mentions[0].tier is Tier.A


async def test_the_built_in_story_happens_while_one_watches():
    minute = NOW
    app = web.Application()
    app.add_routes(feed_server.routes(NOW, lambda: minute))
    runner = web.AppRunner(app)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    async with fetching() as fetch:
        fetch.home = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ears = source(fetch, feed_server.PATH, {"every": "5s"})
        plain_ears = source(fetch, feed_server.RSS_PATH)
        assert ears.every == 5.0
        heard, state = [], {}
        for second in range(0, 60, 5):
            minute = NOW + timedelta(seconds=second)
            got = await ears.poll(state, minute)
            state = got.state
            heard.append(got.mentions)
        by_rss = (await plain_ears.poll({}, minute)).mentions
    await runner.cleanup()
    everything = [mention for batch in heard for mention in batch]
    assert len(heard[0]) == 3
    assert 25 <= len(everything) == len(by_rss) <= 40
    assert {m.platform for m in everything} == {"微博", "小红书", "新闻"}
    assert [m.author for m in everything if m.tier is Tier.B] == ["榕城晚报"]
    assert all(NOW <= m.published <= NOW + timedelta(seconds=41) for m in everything)
    assert heard[-1] == ()
