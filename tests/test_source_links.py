"""Pasted links: stored as they were pasted, whatever the page says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.mention import Tier
from bot.model.options import read_options
from bot.model.source import Common
from bot.sources import links
from tests.sites import fetching, page, site

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)
POST = """<html><head><title>站点</title><meta property="og:title" content="果味奶瓶盖松动">
<meta property="article:published_time" content="2026-06-30T09:00:00+08:00"></head>
<body><nav>首页 登录</nav><article><p>一箱漏五瓶</p><script>x()</script></article></body></html>"""


def source(fetch, **options):
    common = read_options(Common, {"name": "上报", "kind": "links", "tier": "C"}, "sources.上报")
    return links.Source("上报", common, links.Options(**options), fetch)


def test_counts_typed_along_are_kept_and_marked_as_manual():
    mention = source(None).take("看这个 https://weibo.com/1/Abc?from=x 转1.2万 赞300，瓶盖全是松的", "张敏", NOW)
    assert (mention.reposts, mention.likes, mention.comments) == (12_000, 300, None)
    assert (mention.platform, mention.tier, mention.text) == ("微博", Tier.C, "看这个 ，瓶盖全是松的")
    assert mention.extra == {"reported_by": "张敏", "manual": ["likes", "reposts"]}


def test_the_same_address_is_the_same_mention():
    first = source(None).take("https://weibo.com/1/Abc?share_token=1#top", "张敏", NOW)
    second = source(None).take("又有人转 http://weibo.com/1/Abc 转发 20", "李雷", NOW)
    assert first.id == second.id
    assert first.text == "https://weibo.com/1/Abc?share_token=1#top"


@pytest.mark.parametrize("text", ["没有网址", "ftp://a.test/x", "https://", "记 weibo.com"])
def test_a_text_without_address_is_no_pasted_link(text):
    assert links.read_paste(text) is None


@given(st.text())
def test_no_text_breaks_the_reading(text):
    pasted = links.read_paste(text + " https://a.test/x")
    assert pasted is not None


@pytest.mark.parametrize(
    ("url", "platform"),
    [("https://m.weibo.cn/1", "微博"), ("https://mp.weixin.qq.com/s/x", "微信"), ("https://tieba.baidu.com/p/1", "贴吧"),
     ("http://xhslink.com/a", "小红书"), ("https://notweibo.com/", ""), ("https://bbs.rong.test/1", "本地论坛")],
)  # fmt: skip
def test_the_platform_is_known_by_the_host(url, platform):
    assert links.platform_of(url, {"rong.test": "本地论坛"}) == platform


async def test_the_page_fills_what_was_not_pasted():
    async with site("127.0.0.2") as there, fetching(public=lambda ip: True) as fetch:
        desk = source(fetch)
        url = there.says("/p", page(POST))
        bare = await desk.look(desk.take(url, "张敏", NOW), NOW)
        told = await desk.look(desk.take(f"我看到的：瓶盖松 {url}", "张敏", NOW), NOW)
    assert (bare.mention.title, bare.mention.text) == ("果味奶瓶盖松动", "一箱漏五瓶")
    assert bare.mention.published == datetime(2026, 6, 30, 1, 0, tzinfo=UTC)
    assert (told.mention.text, told.mention.extra["page_text"]) == ("我看到的：瓶盖松", "一箱漏五瓶")
    assert told.page.status == 200
    assert told.note == ""


@pytest.mark.parametrize(
    "wall",
    [
        page("<html><title>Sina Visitor System</title></html>"),
        page("<body>请先登录后查看全部内容</body>"),
        page("", status=403),
    ],
)
async def test_a_pasted_link_behind_a_login_is_still_a_mention(wall):
    async with site("127.0.0.2") as there, fetching(public=lambda ip: True) as fetch:
        desk = source(fetch)
        mention = desk.take(f"{there.says('/p', wall)} 他说喝出异物", "张敏", NOW)
        look = await desk.look(mention, NOW)
    assert (look.mention, look.note) == (mention, "原页需登录，已存你贴的文字；请补截图")
    assert look.mention.text == "他说喝出异物"


async def test_a_redirect_to_the_log_in_is_a_wall_and_a_short_link_leads_to_its_page():
    async with site("127.0.0.2") as there, fetching(public=lambda ip: True) as fetch:
        there.says("/login", page("<body>" + "欢迎" * 500 + "</body>"))
        there.says("/p", page(POST))
        wall = there.says("/w", page("", status=302, Location="/login?back=1"))
        short = there.says("/s", page("", status=302, Location="/p"))
        desk = source(fetch)
        assert (await desk.look(desk.take(wall, "张敏", NOW), NOW)).note == links.LOGIN
        assert (await desk.look(desk.take(short, "张敏", NOW), NOW)).mention.extra["final_url"] == there.base + "/p"


async def test_a_pasted_link_into_our_own_network_is_stored_and_not_fetched():
    async with site() as inner, fetching() as fetch:
        desk = source(fetch)
        look = await desk.look(desk.take(inner.says("/secret", page("geheim")), "张敏", NOW), NOW)
    assert look.page is None
    assert "不是公网地址" in look.note
    assert not inner.asked
