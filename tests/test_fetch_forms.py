"""Each spelling of an address of our own, in a link that a stranger posted: refused, and nobody is asked (reliability page 14)."""

from __future__ import annotations

import pytest

from bot.config import Config
from bot.errors import SourceError
from bot.fetch import Fetcher, Limits
from bot.released import Released
from tests.statement_world import Desk
from tests.test_fetch import Names, fetching, page, site

OURS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0",
    "localhost", "LOCALHOST", "localhost.", "printer.localhost", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[fe80::1]", "[fd00::1]", "[ff02::1]", "10.0.0.1", "172.31.255.1", "192.168.0.1", "100.64.0.1", "169.254.169.254",
    "100.100.100.200", "224.0.0.1", "255.255.255.255", "１２７.0.0.1", "①②⑦.0.0.1", "127。0。0。1", "user@127.0.0.1",
    "8.8.8.8@127.0.0.1", "news.example:80@127.0.0.1", "%31%32%37.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("host", OURS)
async def test_no_spelling_of_our_own_address_is_fetched(host: str) -> None:
    async with site() as there, fetching() as fetch:
        there.says("/a", page("geheim"))
        port = there.base.rpartition(":")[2]
        with pytest.raises(SourceError):
            await fetch.get(f"http://{host}:{port}/a", trusted=False, source="链接")
    assert not there.asked


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.8", "::1", "::ffff:10.0.0.8", "64:ff9b::a00:8", "2002:a00:8::", "fd00::8"]
)
async def test_a_public_name_that_means_our_own_network_is_not_fetched(address: str) -> None:
    async with site() as there, fetching(resolver=Names(news=[address])) as fetch:
        there.says("/a", page("geheim"))
        with pytest.raises(SourceError, match="不是公网地址"):
            await fetch.get(f"http://news.example:{there.base.rpartition(':')[2]}/a", trusted=False, source="链接")
    assert not there.asked


@pytest.mark.parametrize("host", OURS[::4])
async def test_a_link_said_to_be_our_statement_is_no_way_in(config: Config, host: str) -> None:
    desk = Desk(config)
    desk.handed("官网")
    fetcher = Fetcher(Limits(spacing=0.0))
    async with site() as there:
        there.says("/a", page("geheim"))
        desk.say(f"已发 D1 http://{host}:{there.base.rpartition(':')[2]}/a", "周宁")
        await Released(desk.store, desk.house, fetcher, lambda: desk.now).look()
        desk.collect()
    assert not there.asked
    assert desk.publications()[0].snapshot == ""
    assert not desk.heard("危机室", "与签批文本一致")
    await fetcher.close()
    desk.close()
