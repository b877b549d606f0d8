"""Promises of the house as a whole: nothing unexpected, nobody unreachable, no alert lost by a dead vendor."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot import binding
from bot.checking import _offline
from bot.config import read
from bot.deliver import Delivery
from bot.errors import DeliveryError
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.mention import Mention
from bot.model.message import Parcel, Receipt, Target
from bot.store import incidents, outbox, rooms
from bot.watch import Batch
from tests.conftest import THREE_COMPLAINTS, Room

pytest_plugins = ["pytester"]


def test_any_message_nobody_expected_fails_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "from tests.conftest import THREE_COMPLAINTS, config, room, store\n\n"
        "async def test_nobody_looks(room):\n"
        "    await room.hear_of(*THREE_COMPLAINTS)\n"
    )
    options = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*nobody expected*"])


def test_someone_who_cannot_be_reached_is_named_by_check_before_the_crisis() -> None:
    table: dict[str, Any] = {
        "rooms": [{"name": "危机群", "platform": "wecom", "chat": "c1"}],
        "people": [
            {"name": "张敏", "roles": ["duty"], "wecom": "zhangmin"},
            {"name": "陈总", "roles": ["commander"]},
        ],
    }

    lines = {text: good for good, text in _offline(read(table, environ={}))}

    assert lines["人员 张敏"]
    assert any("陈总" in text and "送不到私信" in text and not good for text, good in lines.items())


class Vendor:
    """A platform that is down until told otherwise; remembers what it sent."""

    name = "local"

    def __init__(self) -> None:
        self.up = False
        self.sent: list[Parcel] = []

    async def start(self, ear: Any) -> None: ...

    async def stop(self) -> None: ...

    def ways(self, target: Target) -> list[str]:
        return ["page"]

    def budget(self, way: str, target: Target) -> str:
        return ""

    def problems(self) -> list[str]:
        return []

    async def send(self, parcel: Parcel, way: str) -> Receipt:
        if not self.up:
            raise DeliveryError("connection refused")
        self.sent.append(parcel)
        return Receipt(way, str(parcel.id))


@pytest.fixture
def vendor(room: Room) -> Vendor:
    return Vendor()


def delivery_of(room: Room, vendor: Vendor) -> Delivery:
    return Delivery(room.store, room.house, {"local": vendor}, room.clock)


async def test_a_failed_send_neither_loses_nor_half_creates_an_incident(room: Room, vendor: Vendor) -> None:
    delivery = delivery_of(room, vendor)
    await delivery.start()
    await room.watch.take_in(_batch(room), room.clock())
    await delivery.idle()

    assert incidents.get(room.db, 1).suggested is not None
    assert vendor.sent == []

    vendor.up = True
    room.clock.now += timedelta(minutes=10)
    await delivery.idle()

    assert [p.target.name for p in vendor.sent].count("危机室") == 1
    assert vendor.sent[0].post.text.startswith(("🔵", "🟡"))
    await delivery.stop()


async def test_red_goes_first_however_much_blue_waits(room: Room, vendor: Vendor) -> None:
    for n in range(30):
        await room.store.run(
            outbox.put, Post(f"蓝{n}"), at=room.clock(), kind="alert", reason="raised", room="危机室", grade=Grade.BLUE
        )
    await room.store.run(outbox.put, Post("红"), at=room.clock(), kind="alert", reason="raised", room="危机室", grade=Grade.RED)
    vendor.up = True
    delivery = delivery_of(room, vendor)

    await delivery.start()
    await delivery.idle()
    await asyncio.wait_for(delivery.stop(), 5)

    assert vendor.sent[0].post.text == "红"


async def test_a_try_at_the_old_group_that_fails_after_the_room_was_bound_anew_loses_nothing(room: Room) -> None:
    class Moving(Vendor):
        async def send(self, parcel: Parcel, way: str) -> Receipt:
            if parcel.target.chat == "新群":
                return await super().send(parcel, way)
            await room.store.run(rooms.bind, "危机室", "local", "新群", at=room.clock(), by="张敏")
            await room.store.run(binding.bound, "危机室")
            raise DeliveryError("not in the group", gone=True)

    vendor = Moving()
    vendor.up = True
    delivery = delivery_of(room, vendor)
    await room.store.run(
        outbox.put, Post("黄"), at=room.clock(), kind="alert", reason="raised", room="危机室", grade=Grade.YELLOW
    )

    await delivery.start()
    await delivery.idle()
    room.clock.now += timedelta(minutes=10)
    await delivery.idle()

    assert [reason for (reason,) in room.db.execute("SELECT reason FROM outbox")] == ["raised"]
    assert not binding.is_lost(room.db, "危机室")
    assert [p.post.text for p in vendor.sent] == ["黄"]
    await delivery.stop()


def _batch(room: Room) -> Batch:
    found = [
        Mention(source="测试源", key=str(n), seen=room.clock(), text=text, platform="微博")
        for n, text in enumerate(THREE_COMPLAINTS)
    ]
    return Batch(source="测试源", mentions=found)


async def test_a_message_heard_twice_is_answered_once(room: Room) -> None:
    number = await room.open_incident(owner="李雷")

    first = await room.say(f"记一下 #{number} 首帖9:42发在小红书", by="小刘", id="same")
    again = await room.say(f"记一下 #{number} 首帖9:42发在小红书", by="小刘", id="same")
    room.ignore()

    assert first == again
    assert room.db.conn.execute("SELECT count(*) FROM facts").fetchone() == (1,)
