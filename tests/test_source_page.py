"""A watched page: what is a change, and what only looks like one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.errors import ConfigError, SourceError
from bot.model.options import read_options
from bot.model.source import Common
from bot.sources import page as page_source
from tests.sites import fetching, page, site

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)
NOTICE = "晨露乳业关于果味奶瓶盖的说明：我们正在核实0612批次，结果当日公布。"


def html(*paragraphs, status=200, visits=1):
    body = "".join(f"<p>{p}</p>" for p in paragraphs)
    return page(
        f"<html><head><title>t</title></head><body><main>{body}</main><i>访问 {visits} 次</i><script>{visits}</script></body></html>",
        status=status,
    )


def source(fetch, url, **options):
    common = read_options(Common, {"name": "公告页", "kind": "page", "platform": "官网"}, "sources.公告页")
    return page_source.Source(
        "公告页", common, read_options(page_source.Options, {"url": url} | options, "sources.公告页"), fetch
    )


async def polls(*replies, failures=(), **options):
    """Polls one after another; a poll whose number is in ``failures`` must fail and leaves the state as it was."""
    brought, state = [], {}
    async with site() as there, fetching() as fetch:
        ears = source(fetch, there.says("/notice", *replies), **options)
        for n in range(len(replies)):
            now = NOW + timedelta(minutes=10 * n)
            if n in failures:
                with pytest.raises(SourceError):
                    await ears.poll(state, now)
                continue
            got = await ears.poll(json.loads(json.dumps(state)), now)
            brought.append(got)
            state = got.state
    return brought


async def test_the_first_look_is_the_baseline_and_a_change_is_one_mention():
    first, second, third = await polls(
        html(NOTICE), html(NOTICE, "更新：检测合格。"), html(NOTICE, "更新：检测合格。"), select="main"
    )
    assert first.mentions == ()
    (mention,) = second.mentions
    assert (mention.title, mention.text) == ("公告页：页面有改动", "＋更新：检测合格。")
    assert mention.published == NOW + timedelta(minutes=10)
    assert (third.mentions, third.changed) == ((), False)


async def test_both_sides_are_kept_for_the_evidence():
    _, second = await polls(html(NOTICE), html("本站已被黑，赎金请付到某处，二十字以上才算正文。"), select="main", own=True)
    sides = second.extra["page"]
    assert (sides["before"], sides["own"], sides["status"]) == (NOTICE, True, 200)
    assert sides["after"].startswith("本站已被黑")
    assert len(sides["raw"]) == 64
    assert second.mentions[0].title == "公告页：自家页面有改动"
    assert second.mentions[0].extra == {"page_change": True, "own": True}


async def test_a_504_page_is_not_a_page_change():
    gateway = html("504 Gateway Time-out，网关超时，请稍后再试，感谢您的理解与支持。", status=504)
    async with site() as there, fetching() as fetch:
        ears = source(fetch, there.says("/", html(NOTICE), gateway, gateway, html(NOTICE)), select="main")
        first = await ears.poll({}, NOW)
        with pytest.raises(SourceError, match="504"):
            await ears.poll(first.state, NOW)
        after = await ears.poll(first.state, NOW)
    assert (first.mentions, after.mentions, after.changed) == ((), (), False)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (html("短"), "像是错误页"),
        (html("请先登录后查看全部内容，登录即表示同意本站的各项条款和规则。"), "登录"),
        (page("<html><body>没有那一块，但是有很多很多很多很多很多很多的字。</body></html>"), "找不到 main"),
        (page(""), "找不到 main"),
    ],
)
async def test_what_is_no_good_page_is_a_failure_and_never_a_change(bad, words):
    async with site() as there, fetching() as fetch:
        ears = source(fetch, there.says("/", html(NOTICE), bad), select="main")
        first = await ears.poll({}, NOW)
        with pytest.raises(SourceError, match=words) as told:
            await ears.poll(first.state, NOW)
    assert told.value.health == "degraded"


async def test_a_page_without_its_sure_word_is_no_good_page():
    await polls(
        html(NOTICE), html("维护中，全站暂停服务，预计两小时后恢复，请耐心等待。"), failures=(1,), select="main", must="晨露"
    )


async def test_a_good_page_may_mention_the_log_in():
    _, second = await polls(html(NOTICE * 10, "请登录后评论"), html(NOTICE * 20, "请登录后评论"), select="main")
    assert len(second.mentions) == 1


async def test_counters_are_ignored():
    _, second = await polls(html(NOTICE, visits=1), html(NOTICE, visits=2), ignore=[r"访问 \d+ 次"])
    assert (second.mentions, second.changed) == ((), False)


async def test_a_304_is_no_change():
    tagged = page(f"<main>{NOTICE}</main>", ETag='"1"')
    _, second = await polls(tagged, web.Response(status=304), select="main")
    assert (second.mentions, second.changed) == ((), False)


async def test_a_long_difference_is_cut():
    _, second = await polls(html(NOTICE), html(NOTICE, *[f"第{n}行的新内容" for n in range(50)]), select="main")
    assert second.mentions[0].text.endswith("（共 50 行不同）")


@pytest.mark.parametrize(("options", "key"), [({"select": "p["}, "select"), ({"ignore": ["("]}, r"ignore\[0\]")])
async def test_a_wrong_selector_or_pattern_is_named_at_load(options, key):
    async with fetching() as fetch:
        with pytest.raises(ConfigError, match=f"sources.公告页.{key}"):
            source(fetch, "http://a.test", **options)
