"""The second reader: harmless commands by resemblance, and a second look at grave ones."""

from __future__ import annotations

import pytest

from bot.language.grammar.rescue import rescued, unlike
from bot.language.resembling import RESCUED, nearest
from bot.language.said import opened
from bot.language.understand import understand


def test_a_line_without_any_known_verb_is_read_by_what_it_resembles() -> None:
    said = opened("@望楼 #6 眼下搞到啥地步")
    name, _, sure = nearest(said)
    assert (name, 0 < sure <= 1) == ("status", True)
    found = rescued(said)
    assert found is not None
    assert (found.name, dict(found.slots)) == ("status", {"incident": 6})


@pytest.mark.parametrize("name", ["approve", "publish", "close", "reopen", "escalate"])
def test_a_grave_act_is_never_read_by_resemblance(name: str) -> None:
    assert name not in RESCUED


def test_chatter_that_resembles_nothing_stays_chatter() -> None:
    assert rescued(opened("今天的风好大呀")) is None
    assert understand("今天的风好大呀").name == "none"


def test_a_weighed_command_is_not_read_by_resemblance() -> None:
    assert rescued(opened("我没打算接 #6")) is None


def test_a_close_read_out_of_a_list_is_not_believed() -> None:
    said = opened("@望楼 本月关掉的事件统计一下")
    assert unlike(said, "close")
    assert understand("@望楼 本月关掉的事件统计一下").name == "list"


def test_the_same_line_is_always_read_the_same() -> None:
    assert {nearest(opened("看看都有啥动静")) for _ in range(5)} == {nearest(opened("看看都有啥动静"))}
