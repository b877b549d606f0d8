"""Whatever a site answers, a source reads it or says that it cannot: it never breaks."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.fetch import Page
from bot.fetch.feeds import entries
from bot.model.mention import TEXT_CAP, TITLE_CAP
from bot.model.options import read_options
from bot.model.source import Common, Poll
from bot.sources import feed, heimao, json_api, links, newsnow, page, probe, rsshub

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)
RSS = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><item><guid>1</guid><title>漏奶</title><link>/1</link>'
    "<description>&lt;p&gt;x&lt;/p&gt;</description><pubDate>Tue, 30 Jun 2026 09:30:00 +0800</pubDate></item></channel></rss>"
).encode()
NAMES = ["items", "id", "title", "url", "extra", "info", "icon", "pubDate", "status", "updatedTime", "authors", "name", "content_html",
         "date_published", "result", "data", "lists", "main", "sn", "timestamp", "text", "rank", "list", "tier", "_wanglou", "author"]  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["success", "cache", "S"])
)
JSON = st.recursive(
    LEAVES, lambda x: st.lists(x, max_size=4) | st.dictionaries(st.sampled_from(NAMES), x, max_size=6), max_leaves=25
)
RECORD = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8)


class Answering:
    """A way out that always brings the same page."""

    def __init__(self, answer):
        self.answer = answer

    async def request(self, url, **how):
        return self.answer

    get = request

    async def pause(self, seconds):
        pass


def ask(kind, options, body, content_type=""):
    common = read_options(Common, {"name": "甲", "kind": kind.__name__.rpartition(".")[2], "tier": "C"}, "sources.甲")
    answer = Page(200, "https://a.test/x", {"content-type": content_type}, body)
    source = kind.Source("甲", common, read_options(kind.Options, options, "sources.甲"), Answering(answer))
    try:
        got = asyncio.run(source.poll({}, NOW))
    except SourceError:
        return
    assert isinstance(got, Poll)
    json.dumps(got.state)
    for mention in got.mentions:
        assert mention.words.strip()
        assert len(mention.text) <= TEXT_CAP
        assert len(mention.title) <= TITLE_CAP
        assert mention.key


FEED = (feed, {"url": "https://a.test/x", "extension": True})
ROUTE = (rsshub, {"base": "https://a.test", "route": "/x"})
LIST = (newsnow, {"base": "https://a.test", "id": "weibo"})
COMPLAINTS = (heimao, {})
LISTING = (json_api, {"url": "https://a.test/x", "items": "items || data || @", "next": "result", "ok": "!status || status"})
SITE = (page, {"url": "https://a.test/x"})
PROBE = (probe, {"url": "https://a.test/x", "hash": "title", "contains": "漏"})


@settings(max_examples=60, deadline=None)
@given(RECORD | JSON)
@pytest.mark.parametrize("kind", [FEED, ROUTE, LIST, COMPLAINTS, LISTING], ids=lambda kind: kind[0].__name__)
def test_any_json_is_read_or_refused(kind, value):
    ask(*kind, json.dumps(value).encode(), "application/json")


@settings(max_examples=60, deadline=None)
@given(st.lists(RECORD, max_size=4))
def test_any_items_are_read_or_refused(items):
    ask(*FEED, json.dumps({"items": items}).encode())
    ask(*LIST, json.dumps({"status": "success", "items": items}).encode())
    ask(*COMPLAINTS, json.dumps({"result": {"data": {"lists": [{"main": item} for item in items]}}}).encode())
    ask(*LISTING, json.dumps({"items": items}).encode())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@pytest.mark.parametrize("kind", [FEED, ROUTE, LIST, COMPLAINTS, LISTING, SITE, PROBE], ids=lambda kind: kind[0].__name__)
def test_any_bytes_are_read_or_refused(kind, body):
    ask(*kind, body)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(RSS)), st.integers(0, 40), st.binary(max_size=12))
def test_a_damaged_feed_is_read_or_refused(at, length, instead):
    ask(*FEED, RSS[:at] + instead + RSS[at + length :], "application/rss+xml")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_page_behind_a_pasted_link_leaves_the_mention_as_it_was_pasted(body):
    raw = body.encode() if isinstance(body, str) else body
    common = read_options(Common, {"name": "上报", "kind": "links"}, "sources.上报")
    desk = links.Source("上报", common, links.Options(), Answering(Page(200, "https://a.test/x", {}, raw)))
    mention = desk.take("https://a.test/x 瓶盖松动", "张敏", NOW)
    assert asyncio.run(desk.look(mention, NOW)).mention.text == "瓶盖松动"


def test_bytes_that_break_the_feed_library_are_refused():
    with pytest.raises(SourceError, match="残缺"):
        entries(Page(200, "https://a.test/x", {"content-type": "application/rss+xml"}, RSS[:30] + b"\0" + RSS[30:]))


def test_a_file_that_a_feed_names_as_its_entity_is_not_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    for declared in (f'<!ENTITY x SYSTEM "{secret.as_uri()}">', f'<!ENTITY % x SYSTEM "{secret.as_uri()}"> %x;'):
        body = RSS.replace(b"<rss", f"<!DOCTYPE rss [{declared}]><rss".encode()).replace(b"&lt;p&gt;", b"&x;")
        with pytest.raises(SourceError, match="实体"):
            entries(Page(200, "https://a.test/x", {"content-type": "application/rss+xml"}, body))


def test_an_old_feed_with_a_document_type_is_still_a_feed():
    old = RSS.replace(
        b"<rss", b'<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.test/rss-0.91.dtd"><rss'
    )
    common = read_options(Common, {"name": "甲", "kind": "feed"}, "sources.甲")
    answer = Page(200, "https://a.test/x", {"content-type": "application/rss+xml"}, old)
    got = asyncio.run(feed.Source("甲", common, feed.Options("https://a.test/x"), Answering(answer)).poll({}, NOW))
    assert [(m.key, m.url) for m in got.mentions] == [("1", "https://a.test/1")]
