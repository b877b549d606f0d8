"""Our own site from outside: down, up, slow, altered, and when it is our own network."""

from __future__ import annotations

import datetime as dt
import json
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.errors import ConfigError
from bot.fetch.certificate import certificate_until
from bot.model.options import read_options
from bot.model.probe import OWN_NETWORK, Event, Hours, Try, is_down, next_probe, own_network
from bot.model.source import Common
from bot.sources import probe
from tests.sites import Clock, fetching, page, site

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)  # 10:00 in Beijing
GOOD, BAD = page("晨露乳业官网"), page("", status=502)
WELL, ILL = Try(), Try("状态码 502，应为 200")


def source(fetch, url, **options):
    common = read_options(Common, {"name": "官网", "kind": "probe"}, "sources.官网")
    return probe.Source("官网", common, read_options(probe.Options, {"url": url} | options, "sources.官网"), fetch)


async def watch(*replies, polls=1, **options):
    told, state, clock = [], {}, Clock()
    async with site() as there, fetching(clock) as fetch:
        eyes = source(fetch, there.says("/", *replies), **options)
        for n in range(polls):
            got = await eyes.poll(json.loads(json.dumps(state)), NOW + timedelta(minutes=n))
            told.append(got)
            state = got.state
    return told, clock


def story(*minutes_and_tries, **more):
    """What is told over a series of polls given as (minute, tries)."""
    told, state = [], {}
    for minute, tries in minutes_and_tries:
        events, state = next_probe(state, tries, NOW + timedelta(minutes=minute), name="官网", **more)
        state = json.loads(json.dumps(state))
        told += [(minute, event.kind) for event in events]
    return told


async def test_one_failure_is_noise():
    (got,), clock = await watch(BAD, GOOD, GOOD)
    assert (got.extra["probe"], got.extra["down"]) == ([], False)
    assert clock.slept.count(9.0) == 2


async def test_two_of_three_failures_are_down_and_are_told_once():
    (first, second), _ = await watch(BAD, GOOD, BAD, BAD, polls=2)
    assert first.extra["probe"] == [Event("down", "官网 打不开：状态码 502，应为 200（3 次试了 2 次不通）")]
    assert (second.extra["probe"], second.extra["down"]) == ([], True)


async def test_a_site_that_is_down_is_probed_on_and_on():
    told, _ = await watch(*[BAD] * 30, GOOD, polls=12)
    assert [event.kind for got in told for event in got.extra["probe"]] == ["down", "up"]


def test_up_is_two_green_polls_and_restored_half_an_hour_of_them():
    three = (ILL, ILL, ILL)
    assert story((0, three), (5, [WELL]), (6, three), (10, [WELL]), (11, [WELL]), (30, [WELL]), (40, [WELL]), (50, [WELL])) == [
        (0, "down"), (11, "up"), (40, "restored")]  # fmt: skip
    _, state = next_probe({}, three, NOW, name="官网")
    _, state = next_probe(state, [WELL], NOW + timedelta(minutes=12), name="官网")
    (up,), _ = next_probe(state, [WELL], NOW + timedelta(minutes=13), name="官网")
    assert (up.words, up.seconds) == ("官网 又能打开，10:00–10:12 打不开，共 12分", 720.0)


def test_over_half_an_hour_down_in_service_hours_is_an_outage_told_once():
    three = (ILL, ILL)
    assert story((0, three), (30, three), (31, three), (60, three)) == [(0, "down"), (31, "outage")]
    night = {"hours": Hours.of("11:00-22:00")}
    assert story((0, three), (60, three), (90, three), (91, three), **night) == [(0, "down"), (91, "outage")]


@pytest.mark.parametrize(
    ("hours", "start", "end", "minutes"),
    [("", 0, 90, 90), ("08:00-22:00", 0, 90, 90), ("11:00-22:00", 0, 90, 30), ("22:00-10:30", 0, 90, 30), ("09:00-10:00", 0, 90, 0),
     ("08:00-24:00", 0, 24 * 60, 16 * 60), ("09:30-09:30", 0, 90, 90)],
)  # fmt: skip
def test_service_hours_are_beijing_time_and_may_pass_midnight(hours, start, end, minutes):
    span = Hours.of(hours).within(NOW + timedelta(minutes=start), NOW + timedelta(minutes=end))
    assert span == minutes * 60


def test_slow_is_told_at_the_second_time_and_once():
    slow, quick = [Try(ms=900.0)], [Try(ms=100.0)]
    assert story((0, slow), (1, quick), (2, slow), (3, slow), (4, slow), (5, quick), (6, slow), (7, slow), max_ms=500) == [
        (3, "slow"), (7, "slow")]  # fmt: skip


async def test_an_altered_part_is_told_and_the_rest_of_the_page_is_not_watched():
    def shop(name, visits):
        return page(f"<h1>{name}</h1><i>{visits}</i>")

    told, _ = await watch(shop("晨露", 1), shop("晨露", 2), shop("被改了", 3), shop("被改了", 4), polls=4, hash="h1")
    assert [[event.kind for event in got.extra["probe"]] for got in told] == [[], [], ["changed"], []]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"contains": "青禾"}, "没有「青禾」"),
        ({"not_contains": "官网"}, "有「官网」"),
        ({"expect_status": 302}, "应为 302"),
        ({"hash": "nav"}, "找不到 nav"),
    ],
)
async def test_what_a_good_page_must_be_like_is_checked(options, words):
    (got,), _ = await watch(GOOD, **options)
    assert words in got.extra["probe"][0].words


async def test_a_host_that_cannot_be_reached_is_down():
    async with site() as there:
        gone = there.base
    async with fetching() as fetch:
        got = await source(fetch, gone).poll({}, NOW)
    assert got.extra["probe"][0].words == "官网 打不开：127.0.0.1 连接不上（3 次试了 3 次不通）"


def test_all_probes_down_at_once_is_our_network():
    assert own_network({"官网": True, "商城": True})
    assert not own_network({"官网": True, "商城": False})
    assert not own_network({"官网": True})
    assert not own_network({})
    assert "本机网络可能断开" in OWN_NETWORK


def test_a_probe_whose_only_try_failed_says_nothing():
    assert not is_down([ILL])
    assert next_probe({"mark": "a"}, [ILL], NOW, name="官网") == ((), {"mark": "a"})


@pytest.mark.parametrize(("options", "key"), [({"service_hours": "8-22"}, "service_hours"), ({"hash": "p["}, "hash")])
async def test_a_wrong_setting_is_named_at_load(options, key):
    async with fetching() as fetch:
        with pytest.raises(ConfigError, match=f"sources.官网.{key}"):
            source(fetch, "http://a.test", **options)


@pytest.fixture
def certificate(tmp_path):
    """A server context with a certificate of our own for 127.0.0.1, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    until = datetime.now(UTC).replace(microsecond=0) + dt.timedelta(days=5)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(until - dt.timedelta(days=9))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "cert.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem)), until


async def test_the_end_of_a_certificate_is_read_and_told_two_weeks_before(certificate, monkeypatch):
    server, client, until = certificate
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server).start()
    url = f"https://127.0.0.1:{runner.addresses[0][1]}/"
    assert await certificate_until(url, client) == until
    assert await certificate_until(url) is None
    assert await certificate_until("http://127.0.0.1/") is None
    monkeypatch.setattr(probe, "certificate_until", lambda url: certificate_until(url, client))
    async with fetching() as fetch:
        eyes = source(fetch, url)
        got = await eyes.poll({}, until - timedelta(days=5, hours=-1))
        again = await eyes.poll(got.state, until - timedelta(days=5, hours=-2))
    await runner.cleanup()
    assert [event.words for event in got.extra["probe"] if event.kind == "cert"] == ["官网 的证书还有 4 天到期，请续期"]
    assert [event.kind for event in again.extra["probe"] if event.kind == "cert"] == []
