"""A card that looks different now: painted anew where the platform can, said anew where not, never left in silence."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.deliver import Delivery
from bot.errors import DeliveryError
from bot.model.message import Ear, Message, Parcel, Press, Receipt, Target
from bot.store import outbox
from tests.conftest import THREE_COMPLAINTS, Room

NEWER = "（见新卡）"


class Vendor:
    """A platform whose repaints end as scripted: True, False, or a fault."""

    name = "vendor"

    def __init__(self) -> None:
        self.sent: list[Parcel] = []
        self.painted: list[Parcel] = []
        self.script: deque[bool | Exception] = deque()

    async def start(self, ear: Ear) -> None: ...

    async def stop(self) -> None: ...

    def ways(self, target: Target) -> tuple[str, ...]:
        return ("way",)

    def budget(self, way: str, target: Target) -> str:
        return ""

    async def send(self, parcel: Parcel, way: str) -> Receipt:
        self.sent.append(parcel)
        return Receipt(way)

    async def repaint(self, parcel: Parcel) -> bool:
        end = self.script.popleft() if self.script else True
        if isinstance(end, Exception):
            raise end
        if end:
            self.painted.append(parcel)
        return end

    def problems(self) -> tuple[str, ...]:
        return ()

    def newer(self) -> list[str]:
        return [parcel.post.text for parcel in self.sent if NEWER in parcel.post.text]


class World:
    def __init__(self, room: Room) -> None:
        self.room, self.vendor = room, Vendor()
        rooms = (replace(room.house.rooms[0], name="危机室", platform="vendor", chat="c1"),)
        room.house = replace(
            room.house, rooms=rooms, people=tuple(replace(p, ids=(("vendor", p.name),)) for p in room.house.people)
        )
        room.commands._house = room.watch._house = room.house
        self.delivery = self.made()

    def made(self) -> Delivery:
        counted = lambda: self.room.clock().timestamp()  # noqa: E731
        return Delivery(self.room.store, self.room.house, {"vendor": self.vendor}, self.room.clock, steady=counted)

    async def alert(self) -> int:
        """An alert stands in the room; its row."""
        await self.room.hear_of(*THREE_COMPLAINTS)
        await self.settle()
        self.room.ignore()
        (row,) = await self.room.store.read(outbox.newest_alerts, 1)
        return row.id

    async def settle(self, seconds: float = 0) -> None:
        for _ in range(max(1, int(seconds))):
            self.room.clock.now += timedelta(seconds=1 if seconds else 0)
            self.delivery._wake.set()
            await self.delivery.idle()

    async def type(self, text: str, by: str = "李雷") -> None:
        said = Message("vendor", f"m{text}", "c1", by, text, self.room.clock())
        await self.room.commands.take(said)
        await self.room.commands.answer(said)

    async def press(self, row: int, key: str = "claim") -> Press:
        press = Press("vendor", f"p{key}", "c1", "李雷", row, key, self.room.clock())
        await self.room.commands.take(press)
        answer = await self.room.commands.answer(press)
        assert answer.repaint is not None
        return press


@pytest.fixture
async def world(room: Room) -> AsyncIterator[World]:
    made = World(room)
    await made.delivery.start()
    yield made
    await made.delivery.stop()
    room.out.clear()


async def left(world: World) -> int:
    return len(await world.room.store.read(outbox.to_repaint))


async def test_changes_of_a_moment_are_one_repaint(world: World) -> None:
    await world.alert()
    await world.type("认领 #1")
    await world.settle(1)
    await world.type("定级 #1 黄 按研判", by="张敏")
    await world.settle(5)
    assert [p.post.card and "黄" in p.post.card.title for p in world.vendor.painted] == [True]
    assert await left(world) == 0
    assert world.vendor.newer() == []


async def test_where_it_cannot_be_painted_one_newer_card_says_all(world: World) -> None:
    await world.alert()
    world.vendor.script.extend([False])
    await world.type("认领 #1")
    await world.settle(10)
    assert world.vendor.newer() == []
    await world.type("定级 #1 黄 按研判", by="张敏")
    await world.settle(30)
    (said,) = world.vendor.newer()
    assert "李雷" in said
    assert "黄" in said
    (newer,) = [parcel for parcel in world.vendor.sent if NEWER in parcel.post.text]
    assert newer.pings == ()
    assert newer.post.card is not None
    await world.type("启动 #1", by="张敏")
    await world.settle(40)
    assert [p.id for p in world.vendor.painted] == [newer.id]


async def test_a_card_that_nothing_can_be_pressed_on_any_more_is_superseded_by_one_line(world: World) -> None:
    await world.alert()
    world.vendor.script.extend([False])
    await world.type("误报 #1 测试", by="张敏")
    await world.type("确认 1", by="张敏")
    await world.settle(40)
    (said,) = world.vendor.newer()
    assert "\n" not in said
    assert said.endswith("已结案：测试")


async def test_a_mute_holds_a_newer_card_back_but_not_what_a_press_waits_for(world: World) -> None:
    row = await world.alert()
    await world.type("静音 #1 2小时", by="张敏")
    world.vendor.script.extend([False, False])
    await world.type("认领 #1")
    await world.settle(40)
    assert world.vendor.newer() == []
    press = await world.press(row, "false_alarm")
    await world.room.commands.painted(press, None)
    await world.settle(2)
    assert len(world.vendor.newer()) == 1


async def test_a_press_that_painted_its_card_leaves_nothing_to_do(world: World) -> None:
    press = await world.press(await world.alert())
    await world.settle(40)
    assert world.vendor.painted == []
    post = (await world.room.commands.answer(press)).repaint
    await world.room.commands.painted(press, post)
    await world.delivery.stop()
    world.delivery = world.made()
    await world.delivery.start()
    await world.settle(40)
    assert (world.vendor.painted, world.vendor.newer()) == ([], [])


@pytest.mark.parametrize("can", [True, False])
async def test_a_crash_between_press_and_repaint_ends_in_one_after_the_restart(world: World, can: bool) -> None:
    row = await world.alert()
    await world.press(row)
    await world.delivery.stop()
    world.vendor.script.append(can)
    world.delivery = world.made()
    await world.delivery.start()
    await world.settle()
    assert [p.id for p in world.vendor.painted] == ([row] if can else [])
    assert len(world.vendor.newer()) == (0 if can else 1)
    assert await left(world) == 0


async def test_a_press_taken_but_not_answered_before_a_crash_still_changes_the_card(world: World) -> None:
    row = await world.alert()
    await world.room.commands.take(Press("vendor", "p1", "c1", "李雷", row, "claim", world.room.clock()))
    await world.room.commands.finish()
    await world.settle(1)
    assert {p.id for p in world.vendor.painted} == {row}
    assert any("#1 归李雷" in parcel.post.text for parcel in world.vendor.sent)


async def test_who_pressed_waits_a_few_tries_then_gets_a_newer_card(world: World) -> None:
    row = await world.alert()
    await world.room.commands.painted(await world.press(row), None)
    world.vendor.script.extend([DeliveryError("连不上"), DeliveryError("没等到", "unknown"), RuntimeError("bug")])
    await world.settle(30)
    assert len(world.vendor.newer()) == 1
    assert await left(world) == 0


async def test_a_vendor_that_is_down_is_asked_again_and_refused_only_once(world: World) -> None:
    await world.alert()
    await world.type("认领 #1")
    world.vendor.script.extend([DeliveryError("连不上")] * 5)
    await world.settle(300)
    assert len(world.vendor.painted) == 1
    world.vendor.script.append(DeliveryError("没有这张卡", "permanent"))
    await world.type("定级 #1 黄 按研判", by="张敏")
    await world.settle(40)
    assert len(world.vendor.newer()) == 1
