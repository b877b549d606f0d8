"""The one way out: what it refuses, how long it waits, whom it leaves alone."""

from __future__ import annotations

import asyncio
import gzip
import time
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver

from bot.errors import SourceError
from bot.fetch import BadJson, Fetcher, Limits, decode, is_public, plain, read_json
from bot.fetch.page import retry_after
from tests.sites import Clock, fetching, page, site

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)


class Names(AbstractResolver):
    """A phone book in which we write ourselves."""

    def __init__(self, **names: list[str]) -> None:
        self.names = names
        self.asked = 0

    async def resolve(self, host, port=0, family=0):
        self.asked += 1
        addresses = self.names[host.partition(".")[0]]
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [{"hostname": host, "host": address, "port": port, "family": family or 2, "proto": 0, "flags": 0}]

    async def close(self):
        pass


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "168.63.129.16", "0.0.0.0",
     "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1%eth0", "fd00:ec2::254", "::ffff:127.0.0.1", "::7f00:1",
     "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::", "2130706433", "127.1", "0x7f.1", "localhost", ""],
)  # fmt: skip
def test_an_address_that_is_not_public_is_known_in_every_spelling(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::", "::ffff:8.8.8.8"])
def test_a_public_address_is_known_in_every_spelling(address):
    assert is_public(address)


async def test_an_address_from_the_configuration_may_be_our_own_network():
    async with site() as there, fetching() as fetch:
        got = await fetch.get(there.says("/a", page("你好")), trusted=True)
    assert (got.status, got.text()) == (200, "你好")
    assert there.asked[0].headers["User-Agent"].startswith("Wanglou/")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_an_address_from_outside_may_not_be_our_own_network(host):
    async with site() as there, fetching() as fetch:
        there.says("/a", page("geheim"))
        port = there.base.rpartition(":")[2]
        with pytest.raises(SourceError, match="不是公网地址"):
            await fetch.get(f"http://{host}:{port}/a", trusted=False, source="链接")
    assert not there.asked


async def test_a_redirect_to_a_private_address_is_refused_at_each_hop():
    async with (
        site("127.0.0.1") as private,
        site("127.0.0.2") as outside,
        fetching(public=lambda ip: ip == "127.0.0.2") as fetch,
    ):
        secret = private.says("/secret", page("geheim"))
        second = outside.says("/second", page("", status=302, Location=secret))
        first = outside.says("/first", page("", status=302, Location=second))
        trusted = private.says("/start", page("", status=301, Location="/secret"))
        for start, trust in ((first, False), (second, False), (first, True), (trusted, True)):
            with pytest.raises(SourceError, match="不是公网地址"):
                await fetch.get(start, trusted=trust)
    assert [request.path for request in private.asked] == ["/start"]


async def test_a_name_that_moves_to_a_private_address_after_the_check_gains_nothing():
    names = Names(rebind=["127.0.0.2", "127.0.0.1"])
    async with site("127.0.0.2") as outside, fetching(public=lambda ip: ip == "127.0.0.2", resolver=names) as fetch:
        outside.says("/", page("offen", Connection="close"))
        port = outside.base.rpartition(":")[2]
        assert (await fetch.get(f"http://rebind.test:{port}/", trusted=False)).text() == "offen"
        fetch._sessions[False].connector.clear_dns_cache()
        with pytest.raises(SourceError, match="不是公网地址"):
            await fetch.get(f"http://rebind.test:{port}/", trusted=False)
    assert names.asked == 2


async def test_four_redirects_are_one_too_many():
    async with site("127.0.0.2") as there, fetching(public=lambda ip: True) as fetch:
        for n in range(5):
            there.says(f"/{n}", page("", status=302, Location=f"/{n + 1}"))
        there.says("/5", page("Ziel"))
        assert (await fetch.get(there.base + "/2", trusted=False)).text() == "Ziel"
        with pytest.raises(SourceError, match="跳转超过 3 次"):
            await fetch.get(there.base + "/1", trusted=False)


async def test_a_redirect_to_another_host_takes_no_token_along():
    async with site("127.0.0.2") as first, site("127.0.0.3") as second, fetching(public=lambda ip: True) as fetch:
        second.says("/b", page("da"))
        first.says("/a", page("", status=302, Location=second.base + "/b"))
        await fetch.get(first.base + "/a", trusted=False, headers={"Authorization": "Bearer geheim"})
    assert first.asked[0].headers["Authorization"] == "Bearer geheim"
    assert "Authorization" not in second.asked[0].headers


async def test_validators_are_sent_and_304_is_an_answer():
    async with site() as there, fetching() as fetch:
        there.says(
            "/a", page("eins", ETag='"1"', **{"Last-Modified": "Tue, 30 Jun 2026 03:43:54 GMT"}), web.Response(status=304)
        )
        first = await fetch.get(there.base + "/a", trusted=True)
        second = await fetch.get(there.base + "/a", trusted=True, validators=first.validators)
    assert second.not_modified
    assert there.asked[1].headers["If-None-Match"] == '"1"'
    assert there.asked[1].headers["If-Modified-Since"] == "Tue, 30 Jun 2026 03:43:54 GMT"


async def test_a_passing_gateway_fault_is_tried_once_more_after_two_seconds():
    clock = Clock()
    async with site() as there, fetching(clock) as fetch:
        there.says("/a", page("", status=502), page("gut"))
        there.says("/b", page("", status=504))
        assert (await fetch.get(there.base + "/a", trusted=True)).text() == "gut"
        assert 2.0 in clock.slept
        with pytest.raises(SourceError, match="504"):
            await fetch.get(there.base + "/b", trusted=True)
    assert len(there.asked) == 4


async def test_another_4xx_is_not_tried_again():
    async with site() as there, fetching() as fetch:
        there.says("/a", page("", status=404))
        with pytest.raises(SourceError, match="404"):
            await fetch.get(there.base + "/a", trusted=True)
    assert len(there.asked) == 1


async def test_retry_after_as_seconds_and_as_date_is_obeyed():
    clock = Clock()
    async with site() as there, fetching(clock, wall=lambda: NOW) as fetch:
        there.says("/slow", page("", status=429, **{"Retry-After": "90"}), page("wieder da"))
        with pytest.raises(SourceError) as told:
            await fetch.get(there.base + "/slow", trusted=True, source="甲")
        assert told.value.after == 90.0
        there.says("/other", page("gut"))
        with pytest.raises(SourceError, match="秒后再试"):
            await fetch.get(there.base + "/other", trusted=True, source="乙")
        clock.now += 91
        assert (await fetch.get(there.base + "/slow", trusted=True, source="甲")).text() == "wieder da"

        there.says("/date", page("", status=503, **{"Retry-After": "Tue, 30 Jun 2026 02:10:00 GMT"}))
        with pytest.raises(SourceError) as told:
            await fetch.get(there.base + "/date", trusted=True, source="甲")
        assert told.value.after == 600.0
        assert (await fetch.get(there.base + "/other", trusted=True, source="乙")).text() == "gut"
    assert [request.path for request in there.asked] == ["/slow", "/slow", "/date", "/other"]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("999999", 3600.0), ("Tue, 30 Jun 2026 01:00:00 GMT", 0.0), ("soon", None), ("", None), ("-3", None)],
)
def test_retry_after_is_read_tolerantly_and_capped_at_an_hour(said, seconds):
    assert retry_after(said, NOW) == seconds


async def test_the_circuit_opens_says_so_and_closes_after_one_good_probe():
    clock = Clock()
    async with site() as there, fetching(clock) as fetch:
        there.says("/a", *[page("", status=500)] * 6, page("gut"))
        there.says("/b", page("auch gut"))
        for _ in range(5):
            with pytest.raises(SourceError, match="500"):
                await fetch.get(there.base + "/a", trusted=True, source="甲")
        with pytest.raises(SourceError, match="暂停请求") as told:
            await fetch.get(there.base + "/a", trusted=True, source="甲")
        assert told.value.after == pytest.approx(120, abs=2)
        assert [(c.name, c.failures) for c in fetch.circuits()] == [("甲", 5)]
        assert (await fetch.get(there.base + "/b", trusted=True, source="乙")).text() == "auch gut"

        clock.now += 121
        with pytest.raises(SourceError, match="500"):
            await fetch.get(there.base + "/a", trusted=True, source="甲")
        assert fetch.circuits()[0].wait == pytest.approx(240, abs=2)

        clock.now += 241
        assert (await fetch.get(there.base + "/a", trusted=True, source="甲")).text() == "gut"
        assert fetch.circuits() == ()
    assert len(there.asked) == 8


async def test_a_host_that_cannot_be_reached_is_left_alone_by_all_its_sources():
    clock = Clock()
    async with site() as there:
        gone = there.base
    async with fetching(clock) as fetch:
        for source in "甲乙丙丁戊":
            with pytest.raises(SourceError, match="连接不上"):
                await fetch.get(gone + "/a", trusted=True, source=source)
        with pytest.raises(SourceError, match="暂停请求"):
            await fetch.get(gone + "/a", trusted=True, source="己")


async def test_a_body_is_cut_off_at_two_mebibytes_after_decompression():
    bomb = gzip.compress(b"\0" * 50_000_000)
    async with site() as there, fetching() as fetch:
        there.says("/bomb", page(bomb, **{"Content-Encoding": "gzip"}))
        with pytest.raises(SourceError, match="超过 2048 KiB") as told:
            await fetch.get(there.base + "/bomb", trusted=True)
    assert told.value.health == "degraded"


async def test_a_body_that_never_ends_is_given_up_in_time():
    async def drip(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        await asyncio.Event().wait()
        return answer

    async with site() as there, fetching(limits=Limits(total=0.3, read=0.1)) as fetch:
        there.says("/drip", drip)
        with pytest.raises(SourceError, match="时限"):
            await fetch.get(there.base + "/drip", trusted=True)


@pytest.mark.parametrize(
    ("raw", "words", "tries"),
    [
        (b"", "连接中断", 4),  # each of our two tries knocks twice: aiohttp takes the first for a stale connection
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalb", "残缺", 1),
        (b"SSH-2.0-OpenSSH\r\n", "残缺", 1),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalb", "残缺", 1),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[::\r\nContent-Length: 0\r\n\r\n", "读不懂", 1),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", "只能访问", 1),
    ],
)
async def test_a_server_that_breaks_off_or_talks_nonsense_is_a_failure_with_a_name(raw, words, tries):
    asked = 0

    async def serve(reader, writer):
        nonlocal asked
        asked += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, fetching() as fetch:
        with pytest.raises(SourceError, match=words):
            await fetch.get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", trusted=True)
    assert asked == tries


async def test_a_server_without_tls_is_not_taken_for_one_with_it():
    async with site() as there, fetching() as fetch:
        with pytest.raises(SourceError, match="证书不可信|连接"):
            await fetch.get(there.base.replace("http:", "https:"), trusted=True)


async def test_a_body_sent_to_a_redirecting_host_stays_there():
    async with site("127.0.0.2") as first, site("127.0.0.3") as second, fetching(public=lambda ip: True) as fetch:
        second.says("/b", page("da"))
        first.says("/a", page("", status=307, Location=second.base + "/b"))
        first.says("/c", page("", status=303, Location="/d"))
        first.says("/d", page("da"))
        await fetch.request(first.base + "/a", trusted=False, method="POST", body=b"geheim")
        await fetch.request(first.base + "/c", trusted=False, method="POST", body=b"geheim")
    assert [(r.method, body) for r, body in zip(second.asked, second.bodies, strict=True)] == [("POST", b"")]
    assert [(r.method, body) for r, body in zip(first.asked, first.bodies, strict=True)] == [
        ("POST", b"geheim"), ("POST", b"geheim"), ("GET", b"")]  # fmt: skip


async def test_a_cancelled_probe_does_not_keep_the_circuit_shut():
    reached = asyncio.Event()

    async def hang(request):
        reached.set()
        await asyncio.Event().wait()

    clock = Clock()
    async with site() as there, fetching(clock) as fetch:
        there.says("/", *[page("", status=500)] * 5, hang, page("gut"))
        for _ in range(5):
            with pytest.raises(SourceError):
                await fetch.get(there.base + "/", trusted=True, source="甲")
        clock.now += 121
        probe = asyncio.create_task(fetch.get(there.base + "/", trusted=True, source="甲"))
        await reached.wait()
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        assert (await fetch.get(there.base + "/", trusted=True, source="甲")).text() == "gut"


async def test_hundreds_of_hosts_leave_nothing_behind():
    async with fetching() as fetch:
        for n in range(600):
            with pytest.raises(SourceError, match="不是公网地址"):
                await fetch.get(f"http://10.0.{n // 250}.{n % 250}/", trusted=False)
        assert len(fetch._circuits) <= 501


async def test_starts_on_one_host_are_a_second_apart_and_two_at_a_time():
    clock, together, most = Clock(), 0, 0

    async def slowly(request):
        nonlocal together, most
        together += 1
        most = max(most, together)
        await asyncio.sleep(0.02)
        together -= 1
        return web.Response(text="ok")

    async with site() as there, fetching(clock) as fetch:
        there.says("/a", slowly)
        await asyncio.gather(*(fetch.get(there.base + "/a", trusted=True) for _ in range(5)))
    assert most == 2
    assert sum(clock.slept) >= 4.0


async def test_all_hosts_together_have_no_more_than_the_configured_connections():
    together = most = 0

    async def slowly(request):
        nonlocal together, most
        together += 1
        most = max(most, together)
        await asyncio.sleep(0.02)
        together -= 1
        return web.Response(text="ok")

    sites = [site(f"127.0.0.{n}") for n in range(30, 36)]
    theirs = [await s.__aenter__() for s in sites]
    async with fetching(limits=Limits(connections=3)) as fetch:
        await asyncio.gather(*(fetch.get(there.says("/", slowly), trusted=True) for there in theirs))
    for s in sites:
        await s.__aexit__(None, None, None)
    assert most == 3


async def test_three_hanging_sources_do_not_delay_eight_good_ones():
    async def hang(request):
        await asyncio.Event().wait()

    async def soon(request):
        await asyncio.sleep(0.2)
        return web.Response(text="da")

    fetch = Fetcher(Limits(total=30.0))
    hosts = [f"127.0.0.{n}" for n in range(10, 21)]
    sites = [site(host) for host in hosts]
    theirs = [await s.__aenter__() for s in sites]
    for n, there in enumerate(theirs):
        there.says("/", hang if n < 3 else soon)
    started = time.monotonic()
    jobs = [asyncio.create_task(fetch.get(there.base + "/", trusted=True)) for there in theirs]
    try:
        pages = await asyncio.wait_for(asyncio.gather(*jobs[3:]), 15.0)
        assert time.monotonic() - started < 15.0
        assert [p.text() for p in pages] == ["da"] * 8
        assert not any(job.done() for job in jobs[:3])
    finally:
        for job in jobs[:3]:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await fetch.close()
        for s in sites:
            await s.__aexit__(None, None, None)


async def test_no_proxy_of_the_environment_is_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with site() as there, fetching() as fetch:
        assert (await fetch.get(there.says("/a", page("direkt")), trusted=True)).text() == "direkt"


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.test/", "gopher://a.test/", "http://", "//a.test", "http://a.test:x/", ""]
)
async def test_only_web_addresses_are_asked(url):
    async with fetching() as fetch:
        with pytest.raises(SourceError):
            await fetch.get(url, trusted=False)


async def test_an_error_names_the_host_and_never_the_key_in_the_address():
    async with site() as there, fetching() as fetch:
        there.says("/a", page("", status=403))
        with pytest.raises(SourceError) as told:
            await fetch.get(there.base + "/a?key=s3cret", trusted=True, source="甲")
    assert "s3cret" not in str(told.value)
    assert "127.0.0.1" in str(told.value)


async def test_an_address_of_our_own_door_is_written_without_a_host():
    async with site() as there, fetching() as fetch:
        there.says("/demo", page("von uns"))
        fetch.home = there.base
        assert (await fetch.get("/demo", trusted=True)).text() == "von uns"
        with pytest.raises(SourceError):
            await fetch.get("/demo", trusted=False)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("晨露乳业".encode("gb18030"), "text/html; charset=gb2312"),
        (b'<meta charset="gbk">' + "晨露乳业".encode("gb18030"), "text/html"),
        ("晨露乳业".encode("gb18030"), "text/plain"),
        ("晨露乳业".encode(), "text/plain; charset=iso-nothing"),
        ("\ufeff晨露乳业".encode(), ""),
        ("晨露乳业".encode("gb18030") + b"\xff\xff" + "晨露乳业".encode("gb18030"), "text/plain; charset=gbk"),
        ("\ufeff晨露乳业".encode("utf-16-le"), ""),
    ],
)
def test_a_chinese_page_is_read_in_whatever_charset_it_came(raw, kind):
    assert decode(raw, kind).endswith("晨露乳业")


@pytest.mark.parametrize("bad", ['{"a": NaN}', "[-Infinity]", "{", "", "[" * 41 + "]" * 41, "[" * 100_000])
def test_json_out_of_bounds_is_refused(bad):
    with pytest.raises(BadJson):
        read_json(bad)


def test_markup_becomes_plain_text():
    markup = "<p>瓶盖<b>松动</b></p><script>alert(1)</script><div>第二&amp;行<br>第三行</div>\u202e\x00"
    assert plain(markup) == "瓶盖松动\n第二&行\n第三行"


def test_markup_is_capped_before_it_is_cleaned():
    assert len(plain("<p>" + "盖" * 100_000).encode()) <= 32 * 1024
