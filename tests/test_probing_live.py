"""The live rounds: what probes and pages of our own tell becomes an incident by the same corridor as in a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest

from bot.model.grade import Grade
from bot.model.probe import Event
from bot.model.source import Common, Poll, State
from bot.polling import Configured, Polling
from bot.store import evidence, incidents
from tests.conftest import Room


class Probe:
    """A probe that tells what the test wants."""

    floor = every = 60.0
    lively = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.next: Sequence[Event] = ()
        self.extra: Mapping[str, Any] = {}
        self.asked = 0

    async def poll(self, state: State, now: datetime) -> Poll:
        self.asked += 1
        events, self.next = self.next, ()
        return Poll((), state, changed=bool(events), extra={"probe": list(events), **self.extra})


def down(name: str) -> Event:
    return Event("down", f"{name} 打不开：状态码 502（3 次试了 3 次不通）")


class Rounds:
    """Two probes and a watched page of our own."""

    def __init__(self, room: Room) -> None:
        self.first, self.second, self.page = Probe("首页"), Probe("商城"), Probe("公告页")
        kinds = {"首页": "probe", "商城": "probe", "公告页": "page"}
        configured = [Configured(p, Common(name=p.name, kind=kinds[p.name])) for p in (self.first, self.second, self.page)]
        self.polling = Polling(room.store, room.house, room.watch, configured, room.clock)


@pytest.fixture
async def rounds(room: Room) -> Rounds:
    made = Rounds(room)
    await made.polling.start()
    return made


async def test_one_of_two_probes_down_opens_an_incident_within_a_minute(room: Room, rounds: Rounds) -> None:
    rounds.first.next = [down("首页")]
    await rounds.polling.poll("首页")
    assert rounds.second.asked == 1  # the other one is asked at once
    await room.later(seconds=59)

    room.expect(("危机室", "🔵蓝（建议） #1 首页 09:48 起打不开"), ("@李雷", "认领 #1"))
    assert incidents.get(room.db, 1).type == "outage"


async def test_both_down_is_our_own_network_and_no_incident(room: Room, rounds: Rounds) -> None:
    rounds.first.next, rounds.second.next = [down("首页")], [down("商城")]
    await rounds.polling.poll("首页")
    await room.later(seconds=59)

    room.expect(("危机室", "本机网络可能断开"), ("@林工", "本机网络可能断开"))
    assert not incidents.listed(room.db)


async def test_when_one_of_them_comes_back_the_other_is_an_incident_after_all(room: Room, rounds: Rounds) -> None:
    rounds.first.next, rounds.second.next = [down("首页")], [down("商城")]
    await rounds.polling.poll("首页")
    await room.later(minutes=2)
    room.ignore()
    rounds.first.next = [Event("up", "首页 又能打开，09:48–09:50 打不开，共 2分", 120.0)]
    await rounds.polling.poll("首页")
    await room._collect()

    room.expect(("危机室", "#1 商城 09:48 起打不开"), ("@李雷", "认领 #1"))


async def test_half_an_hour_in_service_hours_makes_it_yellow(room: Room, rounds: Rounds) -> None:
    rounds.first.next = [down("首页")]
    await rounds.polling.poll("首页")
    await room.later(minutes=30)
    room.ignore()
    rounds.first.next = [Event("outage", "首页 自 09:48 起打不开，服务时段内已超过 30 分钟", 1_801.0)]
    await rounds.polling.poll("首页")
    await room._collect()

    assert any("🟡黄（建议） #1" in said.text for said in room.ignore())
    assert incidents.get(room.db, 1).suggested is Grade.YELLOW


async def test_an_unexplained_change_of_our_own_page_is_red_at_once_and_kept_as_evidence(room: Room, rounds: Rounds) -> None:
    rounds.page.extra = {"page": {"url": "https://www.example/notice", "own": True, "before": "公告", "after": "外来标语"}}
    await rounds.polling.poll("公告页")
    await room._collect()

    assert incidents.get(room.db, 1).suggested is Grade.RED
    assert any("🔴红（建议） #1" in said.text for said in room.ignore())
    (kept,) = evidence.of_incident(room.db, 1)
    assert "今 外来标语" in kept.text


async def test_complaints_about_the_same_outage_join_the_probes_incident(room: Room, rounds: Rounds) -> None:
    rounds.first.next = [down("首页")]
    await rounds.polling.poll("首页")
    await room.later(seconds=59)
    room.ignore()
    await room.hear_of(
        "晨露商城打不开，急死了，客服电话也占线", "晨露商城又崩溃了打不开，订单付不了", "投诉晨露商城打不开，页面报502，差评"
    )

    assert [i.id for i in incidents.listed(room.db)] == [1]
    room.ignore()


async def test_restored_is_said_only_after_half_an_hour_of_green(room: Room, rounds: Rounds) -> None:
    rounds.first.next = [down("首页")]
    await rounds.polling.poll("首页")
    await room.later(seconds=59)
    room.ignore()
    rounds.first.next = [Event("up", "首页 又能打开，09:48–10:00 打不开，共 12分", 720.0)]
    await rounds.polling.poll("首页")
    await room._collect()
    room.expect(("危机室", "连续30分钟正常才算恢复"))
    rounds.first.next = [Event("restored", "首页 已稳定 30 分钟")]
    await rounds.polling.poll("首页")
    await room._collect()
    room.expect(("危机室", "可以说「已恢复」"))


async def test_a_slow_page_is_no_incident(room: Room, rounds: Rounds) -> None:
    rounds.first.next = [Event("slow", "首页 变慢：5200 毫秒，上限 3000")]
    await rounds.polling.poll("首页")
    await room._collect()

    room.expect(("@林工", "变慢"))
    assert not incidents.listed(room.db)


async def test_what_a_stop_has_kept_back_of_one_kind_is_one_message(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await room.jump(hours=50)

    told = [said for said in room.ignore() if said.to == "危机室" and "超时" in said.text]
    assert len(told) == 1
    assert told[0].text.startswith("停机补发（最早迟到")
    assert "首次发声超时" in told[0].text
    before = len(room.said)
    await room.jump(seconds=1)
    assert len(room.said) == before
