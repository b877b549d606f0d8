"""A platform that lost its ear is said once to everybody it concerns, and once more when it hears again."""

from __future__ import annotations

from datetime import timedelta

from bot.listening import Listening
from tests.conftest import Room


class Ear:
    label = "企业微信"

    def __init__(self) -> None:
        self.why = ""

    def unheard(self) -> str:
        return self.why


class Mute:
    """A platform that can't tell."""


async def test_what_lasts_is_said_once_and_its_end_too(room: Room) -> None:
    ear = Ear()
    listening = Listening(room.store, room.house, {"wecom": ear, "local": Mute()}, room.clock)  # type: ignore[dict-item]
    await listening.look()
    ear.why = "企业微信智能机器人：长连接断了"
    await listening.look()
    room.clock.now += _seconds(50)
    await listening.look()
    await room._collect()
    room.expect()
    room.clock.now += _seconds(10)
    for _ in range(3):
        await listening.look()
    await room._collect()
    said = room.expect(("危机室", "长连接断了。预警照发"), ("@张敏", "急事请打电话"))
    assert {s.reason for s in said} == {"deaf"}

    again = Listening(room.store, room.house, {"wecom": ear}, room.clock)  # type: ignore[dict-item]
    await again.look()
    await room._collect()
    room.expect()
    room.clock.now += _seconds(120)
    ear.why = ""
    await again.look()
    await again.look()
    await room._collect()
    room.expect(("危机室", "企业微信又听得见大家说话了。断开的3分里"), ("@张敏", "又听得见"))


async def test_a_short_break_is_nothing_and_a_word_still_waiting_gives_way_to_the_newer(room: Room) -> None:
    ear = Ear()
    listening = Listening(room.store, room.house, {"wecom": ear}, room.clock)  # type: ignore[dict-item]
    for why, after in (("断", 30), ("", 30), ("断", 30), ("", 30)):
        ear.why = why
        await listening.look()
        room.clock.now += _seconds(after)
    await room._collect()
    room.expect()
    ear.why = "断"
    await listening.look()
    room.clock.now += _seconds(61)
    await listening.look()
    ear.why = ""
    await listening.look()
    await room._collect()
    room.expect(("危机室", "又听得见"), ("@张敏", "又听得见"))


def _seconds(n: float) -> timedelta:
    return timedelta(seconds=n)
