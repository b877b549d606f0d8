"""Released pages are read, compared and watched; the signed webhook releases exactly what was signed. Loopback only."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.config import Config
from bot.connectors import Order
from bot.connectors.webhook import Connector, Options
from bot.drafting.compare import compare
from bot.errors import DeliveryError, SourceError
from bot.fetch import Fetcher, Limits
from bot.released import Released
from bot.store import publications
from tests.statement_world import Desk


class Site:
    """Our own site, played on a free port: what it shows can change."""

    def __init__(self) -> None:
        self.html = ""
        self.status = 200
        self.calls: list[tuple[Any, bytes]] = []
        self.server: TestServer | None = None

    async def page(self, _: web.Request) -> web.Response:
        return web.Response(text=self.html, content_type="text/html", status=self.status)

    async def publish(self, request: web.Request) -> web.Response:
        self.calls.append((request.headers, await request.read()))
        return web.Response(text=self.html, status=self.status)

    async def slow(self, _: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    def url(self, path: str) -> str:
        assert self.server
        return str(self.server.make_url(path))


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    app = web.Application()
    app.router.add_get("/notice", made.page)
    app.router.add_post("/publish", made.publish)
    app.router.add_post("/slow", made.slow)
    made.server = TestServer(app)
    await made.server.start_server()
    yield made
    await made.server.close()


@pytest.fixture
def desk(config: Config) -> Iterator[Desk]:
    made = Desk(config)
    yield made
    made.close()


def reader(desk: Desk, **kwargs: Any) -> tuple[Released, Fetcher]:
    fetcher = Fetcher(Limits(spacing=0.0), public=lambda _: True, **kwargs)  # type: ignore[arg-type]
    return Released(desk.store, desk.house, fetcher, lambda: desk.now), fetcher


def shown(text: str) -> str:
    rows = "".join(f"<p>{line}</p>" for line in text.splitlines())
    return f"<html><head><style>p{{}}</style></head><body><nav>首页</nav>{rows}<script>var a=1</script></body></html>"


async def test_a_page_that_says_what_was_signed_is_so_reported_and_read_again(desk: Desk, site: Site) -> None:
    desk.handed("官网")
    site.html = shown(desk.draft().text)
    desk.say(f"已发 D1 {site.url('/notice')}", "周宁")
    released, fetcher = reader(desk)

    assert await released.look() == 1
    desk.collect()

    assert desk.heard("危机室", f"D1 官网 与签批文本一致 v{desk.draft().version}·{desk.draft().code}，Z-1")
    assert desk.publications()[0].snapshot == hashlib.sha256(site.html.encode()).hexdigest()
    assert await released.look() == 0, "the next reading is ten minutes later"
    desk.later(minutes=10)
    assert await released.look() == 1
    desk.later(hours=1)
    assert await released.look() == 1
    desk.collect()
    assert not desk.heard("危机室", "一致"), "what has not changed is not said again"
    await fetcher.close()


async def test_a_link_that_was_mistyped_is_given_again_until_its_page_says_what_was_signed(desk: Desk, site: Site) -> None:
    desk.handed("官网")
    site.html = shown(desk.draft().text)
    desk.say(f"已发 D1 {site.url('/notise')}", "周宁")
    released, fetcher = reader(desk)
    await released.look()
    desk.collect()
    assert desk.heard("危机室", "读不到正文")
    assert "登记发布可以的是" in desk.say(f"已发 D1 {site.url('/notice')}", "小刘")

    said = desk.say(f"已发 D1 {site.url('/notice')}", "周宁")
    assert f"D1 官网 链接改为 {site.url('/notice')}（周宁），原来的留在记录里" in said
    assert [p.url for p in desk.publications()] == [site.url("/notice")]
    await released.look()
    desk.collect()

    assert desk.heard("危机室", "D1 官网 与签批文本一致")
    assert "已经登记过了" in desk.say(f"已发 D1 {site.url('/other')}", "周宁"), "what was found true stays"
    await fetcher.close()


async def test_a_page_that_was_changed_afterwards_raises_an_alert(desk: Desk, site: Site) -> None:
    desk.handed("官网")
    site.html = shown(desk.draft().text)
    desk.say(f"已发 D1 {site.url('/notice')}", "周宁")
    released, fetcher = reader(desk)
    await released.look()
    site.html = shown(desk.draft().text.replace("未经核实的内容我们不会先下结论", "已经查明与我们无关"))
    desk.later(minutes=11)
    desk.out.clear()

    await released.look()
    desk.collect()

    alert = next(s for s in desk.out if s.to == "危机室")
    assert (alert.kind, alert.reason) == ("alert", "drift")
    assert "未经核实的内容我们" in alert.text
    assert desk.heard("@何静", "不一致")
    await fetcher.close()


async def test_a_page_that_cannot_be_read_is_put_before_a_person(desk: Desk, site: Site) -> None:
    desk.handed("官网")
    site.status = 404
    desk.say(f"已发 D1 {site.url('/notice')}", "周宁")
    released, fetcher = reader(desk)
    await released.look()
    desk.collect()
    assert desk.heard("危机室", "读不到正文（127.0.0.1 回答 404")
    await fetcher.close()


async def test_a_private_address_given_as_a_link_is_not_fetched(desk: Desk, site: Site) -> None:
    desk.handed("官网")
    desk.say(f"已发 D1 {site.url('/notice')}", "周宁")
    fetcher = Fetcher(Limits(spacing=0.0))  # type: ignore[arg-type]
    await Released(desk.store, desk.house, fetcher, lambda: desk.now).look()
    desk.collect()
    assert desk.heard("危机室", "不是公网地址")
    await fetcher.close()


@pytest.mark.parametrize(
    ("own", "read"),
    [("/", True), ("/notice", True), ("/not", False), ("/notice/more", False), ("/../notice", True)],
)
async def test_a_channels_own_site_may_be_private_and_nothing_beside_it(desk: Desk, site: Site, own: str, read: bool) -> None:
    """Reliability 14: an address written in the configuration may be private, for that channel alone."""
    desk.handed("官网")
    site.html = shown(desk.draft().text)
    desk.say(f"已发 D1 {site.url('/notice')}", "周宁")
    channels = tuple(replace(c, site=site.url(own)) if c.name == "website" else c for c in desk.house.channels)
    fetcher = Fetcher(Limits(spacing=0.0))  # type: ignore[arg-type]
    await Released(desk.store, replace(desk.house, channels=channels), fetcher, lambda: desk.now).look()
    desk.collect()
    assert desk.heard("危机室", "与签批文本一致" if read else "不是公网地址")
    await fetcher.close()


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:{port}@evil.invalid/notice", "http://evil.invalid/notice", "http://127.0.0.1:1/notice",
        "https://127.0.0.1:{port}/notice", "http://127.0.0.1.evil.invalid:{port}/notice", "http://localhost:{port}/notice", "http://[::1]:{port}/",
    ],
)  # fmt: skip
async def test_a_link_that_only_looks_like_our_site_is_an_outside_link(desk: Desk, site: Site, link: str) -> None:
    desk.handed("官网")
    assert site.server
    desk.say(f"已发 D1 {link.format(port=site.server.port)}", "周宁")
    channels = tuple(replace(c, site=site.url("/")) for c in desk.house.channels)
    trusted: list[bool] = []

    class Watched(Fetcher):
        async def get(self, url: str, **more: Any) -> Any:
            trusted.append(more["trusted"])
            raise SourceError("不去")

    await Released(desk.store, replace(desk.house, channels=channels), Watched(), lambda: desk.now).look()
    assert trusted == [False]


async def test_a_page_taken_down_by_us_is_not_read_any_more(desk: Desk, site: Site) -> None:
    desk.handed("官网")
    desk.say(f"已发 D1 {site.url('/notice')}", "周宁")
    desk.say("撤下 D1 数字错了", "陈总")
    desk.say("确认 陈总", "何静", room="")
    assert not desk.run(publications.pages_due, desk.now)


def test_what_differs_is_named_and_what_does_not_matter_is_no_difference() -> None:
    text = "晨露乳业关于奶粉批次的说明\n就诊1例，情况稳定。下一次通报时间：12月3日16:00。"
    assert compare(text, f"首页 {text.replace(chr(10), ' ')} 版权所有").verdict == "same"
    assert compare(text, text.replace("1例", "１例")).verdict == "same"
    changed = compare(text, text.replace("1例", "2例"))
    assert changed.verdict == "differs"
    assert any("1例" in words for words in changed.missing)
    assert compare(text, "请登录后查看").verdict == "unreadable"


ORDER = Order(7, "D1 v3·C20E", "官网", "一字不改", hashlib.sha256("一字不改".encode()).hexdigest())


async def released_by(site: Site, path: str = "/publish", limit: float = 5.0) -> str:
    async with aiohttp.ClientSession() as session:
        url = path if path.startswith("http") else site.url(path)
        options = Options(url=url, secret="s3cret", timeout=limit)  # type: ignore[arg-type]
        return await Connector(options, session, lambda: datetime(2026, 12, 3, tzinfo=UTC)).release(ORDER)


async def test_the_webhook_signs_what_it_sends(site: Site) -> None:
    site.html = json.dumps({"url": "https://www.example/notice"})

    assert await released_by(site) == "https://www.example/notice"

    headers, body = site.calls[0]
    assert json.loads(body)["text"] == "一字不改"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(b"s3cret", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (403, "", "permanent"),
        (422, "", "permanent"),
        (409, "", "unknown"),
        (500, "", "unknown"),
        (302, "", "unknown"),
        (200, "<html>", "unknown"),
    ],
)
async def test_what_an_answer_means(site: Site, status: int, body: str, outcome: str) -> None:
    site.status, site.html = status, body
    with pytest.raises(DeliveryError) as caught:
        await released_by(site)
    assert caught.value.outcome == outcome
    assert len(site.calls) == 1, "one attempt"


async def test_no_answer_in_time_is_unknown_and_no_connection_is_surely_not(site: Site) -> None:
    with pytest.raises(DeliveryError) as slow:
        await released_by(site, "/slow", limit=0.05)
    assert slow.value.outcome == "unknown"
    with pytest.raises(DeliveryError) as closed:
        await released_by(site, "http://127.0.0.1:1/publish")
    assert closed.value.outcome == "permanent"
