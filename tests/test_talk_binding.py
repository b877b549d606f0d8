"""绑定: said in the group with the code it binds; said anywhere else, the answer is what to do next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import binding
from bot.model.grade import Grade
from bot.model.house import Room as Place
from bot.model.message import Message
from bot.store import rooms
from tests.conftest import Room


async def typed(room: Room, text: str, *, chat: str, by: str = "zhangmin") -> str:
    """Said to the robot in a WeCom group (or in private)."""
    room._ids += 1
    message = Message("wecom", f"w{room._ids}", chat, by, text, room.clock())
    await room.commands.take(message)
    return "\n".join(post.text for post in (await room.commands.answer(message)).posts)


@pytest.fixture
def two(room: Room) -> Room:
    """A house with a room that waits for its group."""
    house = replace(room.house, rooms=(*room.house.rooms, Place("危机群", "wecom", "", Grade.BLUE)))
    room.house = room.commands._house = house
    return room


async def test_in_a_house_with_only_the_local_room_binding_says_what_to_do(room: Room) -> None:
    for said in (await room.say("绑定", by="李雷"), await room.say("绑定 1A2B3C4D", by="李雷", room="@李雷")):
        assert said.startswith("现在只有本地房间，不用绑定")
        assert "docs/wecom.md" in said


async def test_a_code_binds_in_its_group_and_nowhere_else(two: Room) -> None:
    codes = await two.store.run(binding.codes, two.house, lambda: "1A2B3C4D")
    assert codes == {"危机群": "1A2B3C4D"}
    assert (await two.say("绑定 1A2B3C4D", by="李雷")).startswith("绑定要在那个群里说：在「危机群」的群里 @望楼 回")
    assert await two.store.read(rooms.bindings) == {}

    assert (await typed(two, "绑定 00000000", chat="wrNew")).startswith("绑定码不对或已用过")
    assert (await typed(two, "绑定 1a2b3c4d", chat="wrNew")).startswith("已绑定：这个群就是「危机群」")
    assert await two.store.read(rooms.bindings) == {"危机群": ("wecom", "wrNew")}

    assert (await typed(two, "绑定 1A2B3C4D", chat="wrNew")).startswith("房间都绑好了")


async def test_a_stranger_in_private_is_told_who_can_admit_him(two: Room) -> None:
    assert (await typed(two, "绑定 1A2B3C4D", chat="", by="nobody")).startswith("我还不认识你")
