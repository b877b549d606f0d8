"""The second reader and what it counts for: harmless commands by resemblance, grave ones only where the line orders them."""

from __future__ import annotations

import pytest

from bot.language.deciding import decided, grave
from bot.language.ordering import ordered, talks
from bot.language.resembling import encoded, likeness
from bot.language.said import opened
from bot.language.single import one
from bot.language.understand import understand
from bot.model.intent import NONE


def test_a_line_without_any_known_verb_is_read_by_what_it_resembles() -> None:
    said = opened("@望楼 #6 眼下搞到啥地步")

    assert likeness(said).name == "status"
    found = decided(said, NONE)
    assert (found.name, dict(found.slots)) == ("status", {"incident": 6})


def test_the_shares_of_all_intents_are_a_whole() -> None:
    assert sum(likeness(opened("#7 谁在跟")).shares.values()) == pytest.approx(1.0)


def test_chatter_that_resembles_nothing_stays_chatter() -> None:
    assert decided(opened("今天的风好大呀"), NONE).name == "none"
    assert understand("今天的风好大呀").name == "none"


def test_a_weighed_command_is_not_read_by_resemblance() -> None:
    assert grave(decided(opened("我没打算接 #6"), NONE)) == ""
    assert understand("我没打算接 #6").name != "claim"


def test_a_close_read_out_of_a_list_is_not_believed() -> None:
    assert understand("@望楼 本月关掉的事件统计一下").name == "list"


def test_a_rule_that_misreads_gives_way_to_what_such_lines_mean() -> None:
    said = opened("5号的来龙去脉给我")

    assert understand(said.raw).name == "summary"


@pytest.mark.parametrize(
    ("line", "act"),
    [
        ("发布 D3", "publish"),
        ("D3 今晚八点整发微博和官网", "publish"),
        ("把公众号上的D2撤了", "publish"),
        ("#12 可以结案了，三天没有新增", "close"),
        ("没啥问题就结案吧 #7", "close"),
        ("#7 重新打开吧", "reopen"),
        ("上报集团总部 #7", "escalate"),
        ("#7 直接升红", "red"),
        ("D3 我同意", "approve"),
    ],
)
def test_a_clause_of_verb_object_and_helping_words_is_an_order(line: str, act: str) -> None:
    assert ordered(opened(line), act)


@pytest.mark.parametrize(
    ("line", "act"),
    [
        ("D3 等陈总回来发", "publish"),
        ("何静对D5不太同意", "approve"),
        ("#12 离结案还早", "close"),
        ("#4 重新打开的链接失效了", "reopen"),
        ("网友说#12是误报", "close"),
        ("拿不准，结案 #12", "close"),
        ("央视报了#12就得升红？", "red"),
        ("如果还涨，#12升红", "red"),
    ],
)
def test_a_clause_that_talks_about_the_act_is_none(line: str, act: str) -> None:
    said = opened(line)

    assert not ordered(said, act) or talks(said, act) or one(said).name == "none" or understand(line).name == "none"
    assert grave(understand(line)) == ""


def test_weights_are_one_printable_character_each() -> None:
    assert [encoded(w) for w in (-99.0, 0.0, 99.0)] == [chr(35), chr(80), chr(125)]


def test_the_same_line_is_always_read_the_same() -> None:
    likeness.cache_clear()
    first = likeness(opened("看看都有啥动静"))
    likeness.cache_clear()

    assert likeness(opened("看看都有啥动静")) == first
