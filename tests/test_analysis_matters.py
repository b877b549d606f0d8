"""Matters: what a room handles as one thing, found again through the words that its mentions share."""

from __future__ import annotations

import pytest

from bot.analysis import matters
from bot.analysis.matters import Matters
from bot.analysis.text import cleaned

SAYINGS = (
    "晨露酸奶的瓶盖割破了孩子的手指",
    "云栈专车半夜绕路还多收了两百块",
    "恒启物流的冷链车把海鲜捂臭了",
    "榕川路由器半夜重启连不上网",
)


def read(room: Matters, id: str, words: str, *, at: float = 0.0, rule: str = "我们") -> int:
    [pairs] = room.rare(cleaned([words]))
    return room.assign(id, pairs, at, rules=[rule], story=int(id[1:]), negative=True)


def test_a_complaint_in_other_words_is_the_same_matter_of_its_rule_alone():
    room = Matters()
    first = read(room, "m1", SAYINGS[0])
    assert read(room, "m2", "孩子的手指被酸奶瓶盖割破，谁来管") == first
    assert read(room, "m3", SAYINGS[1]) != first
    assert read(room, "m4", "孩子的手指又被酸奶瓶盖割破", rule="同行") != first
    assert room.of("m2") == first
    assert room.of("m9") == 0


def test_what_is_rare_does_not_depend_on_who_is_asked_together():
    room = Matters()
    alone = [room.rare(cleaned([words]))[0] for words in SAYINGS]
    assert room.rare(cleaned(SAYINGS)) == alone
    assert all(alone)
    assert room.rare([]) == []


def test_the_oldest_of_too_many_matters_is_forgotten_with_all_it_held(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(matters, "LIVE", 2)
    room = Matters()
    numbers = [read(room, f"m{n}", words) for n, words in enumerate(SAYINGS, 1)]
    assert numbers == [1, 2, 3, 4]
    assert {number for counts in room._holding.values() for number in counts} == {3, 4}
    assert all(room._holding.values())
    assert read(room, "m5", SAYINGS[0]) == 5
    assert read(room, "m6", SAYINGS[3]) == 4
