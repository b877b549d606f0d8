"""Small promises of the room: who is answered, how long an answer is, who learns of what could not be read."""

from __future__ import annotations

import logging

import pytest

from bot.model.source import Common, Poll
from bot.polling import Configured, Polling
from tests.conftest import START, Room


async def test_a_stranger_who_types_a_command_reads_who_can_admit_him(room: Room) -> None:
    answer = await room.say("认领 #1", by="路人")

    assert answer == "我还不认识你（编号 路人）。请周宁在配置 [[people]] 里加上你，我才能接你的指令"
    assert await room.say("今天食堂不错", by="路人") == ""


async def test_help_fits_a_phone_and_names_every_command(room: Room) -> None:
    await room.open_incident()
    room.ignore()
    lines = (await room.say("帮助", by="张敏")).splitlines()

    assert len(lines) <= 8
    assert lines[0].startswith("你现在可用：")
    for verb in ("趋势", "静音", "重开", "列表", "结案"):
        assert verb in lines[-1]


class Folder:
    """A source in which one line is bad."""

    name, floor, every, lively = "文件", 5.0, 5.0, False

    async def poll(self, state: object, now: object) -> Poll:
        return Poll((), {}, changed=False, note="a.jsonl 第2行：不是 JSON")


async def test_a_line_that_could_not_be_read_is_named_to_the_operator_once(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    common = Common(name="文件", kind="file")
    polling = Polling(room.store, room.house, room.watch, [Configured(Folder(), common)], lambda: START)
    await polling.start()

    with caplog.at_level(logging.WARNING):
        await polling.poll("文件")
        await polling.poll("文件")

    assert caplog.messages == ["source 文件: a.jsonl 第2行：不是 JSON"]
