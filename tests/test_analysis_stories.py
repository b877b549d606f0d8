"""Stories: mentions about one matter, across platforms, as they arrive."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis import stories as room
from bot.analysis.stories import Stories
from bot.analysis.text import clean
from bot.analysis.tidings import told

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC).timestamp()
MILK = [
    "晨露乳业奶粉批次MA0423致婴儿皮疹",
    "家长称晨露奶粉MA0423批次喝出皮疹",
    "晨露乳业回应奶粉致婴儿皮疹：正在核实",
    "如何看待晨露乳业奶粉被指致婴儿皮疹？",
]
RIDE = ["云栈出行用户信息疑被泄露", "云栈出行回应用户信息泄露", "百万云栈出行用户信息被海外论坛叫卖"]


def tell(stories: Stories, texts: list[str], start: float = NOON, step: int = 5) -> list[int]:
    """Each text as a mention of its own, ``step`` minutes apart; the id is the text."""
    return stories.assign([(t, clean(t), start + 60 * step * i) for i, t in enumerate(texts)])


def test_titles_of_one_matter_become_one_story_and_another_matter_another() -> None:
    stories = Stories()

    milk, ride = tell(stories, MILK), tell(stories, RIDE)

    assert len(set(milk)) == 1
    assert len(set(ride)) == 1
    assert set(milk) != set(ride)


def test_our_name_stands_in_every_mention_and_joins_nothing_by_itself() -> None:
    stories = Stories(familiar=["晨露乳业", "晨露"])
    milk = tell(stories, MILK)

    other = tell(stories, ["晨露乳业第三季度净利润增长两成", "晨露乳业冠名城市马拉松开跑"])

    assert not set(other) & set(milk)


def test_numbers_start_where_they_are_told_and_a_known_mention_keeps_its_story() -> None:
    stories = Stories(first=40)

    first = tell(stories, MILK)
    again = tell(stories, MILK, NOON + 1 * 3600)

    assert first == again
    assert set(first) == {40}
    assert len(stories) == 1


def test_the_same_words_in_other_writing_belong_together() -> None:
    stories = Stories()

    found = stories.assign(
        [
            ("a", clean("恒启物流拖欠货车司机运费"), NOON),
            ("b", clean("恒啟物流 拖欠貨車司機運費！"), NOON + 60 * 3),
        ]
    )

    assert found[0] == found[1]


def test_a_latin_name_is_one_whether_written_apart_or_together() -> None:
    numbers = tell(Stories(), ["云栈NovaX起售价公布", "云栈 Nova X 起售价公布"])

    assert len(set(numbers)) == 1


def test_a_rare_name_of_two_characters_is_enough_for_a_short_title() -> None:
    numbers = tell(Stories(), ["教练苌晖声明", "苌晖回应禁赛", "苌晖被禁赛"])

    assert len(set(numbers)) == 1


def test_after_a_restart_the_stories_go_on() -> None:
    old = Stories()
    numbers = tell(old, MILK)
    new = Stories()
    for text, number in zip(MILK, numbers, strict=True):
        new.remember([(text, clean(text), NOON, number)])

    more = tell(new, ["晨露乳业奶粉皮疹婴儿增至五名", "云栈出行顺风车司机绕路被投诉"], NOON + 2 * 3600)

    assert more[0] == numbers[0]
    assert more[1] == numbers[0] + 1


def test_merged_stories_are_one_for_all_that_comes() -> None:
    stories = Stories()
    milk, ride = tell(stories, MILK)[0], tell(stories, RIDE)[0]

    stories.merge(milk, ride)

    assert stories.story_of(RIDE[0]) == milk
    assert tell(stories, ["云栈出行就用户信息被泄露致歉"], NOON + 1 * 3600) == [milk]


def test_a_split_takes_the_named_mentions_and_what_is_like_them() -> None:
    stories = Stories()
    milk = tell(stories, MILK)[0]
    stories.merge(milk, tell(stories, RIDE)[0])

    new = stories.split(milk, RIDE)

    assert {stories.story_of(text) for text in RIDE} == {new}
    assert {stories.story_of(text) for text in MILK} == {milk}
    assert tell(stories, ["云栈出行用户信息被泄露百万条"], NOON + 1 * 3600) == [new]
    assert tell(stories, ["晨露奶粉致婴儿皮疹的批次已下架"], NOON + 1 * 3600) == [milk]


def test_a_title_is_a_clause_of_what_the_mentions_share() -> None:
    stories = Stories()
    story = stories.assign(
        [
            ("1", clean("刚刚刷到的，气死了！晨露乳业奶粉被指致婴儿皮疹。大家都看看吧"), NOON),
            ("2", clean("晨露乳业奶粉致婴儿皮疹，家长要求说法"), NOON),
            ("3", clean("【快讯】晨露乳业奶粉致婴儿皮疹"), NOON),
        ]
    )[1]

    title = stories.title(story)

    assert "晨露乳业奶粉" in title
    assert "皮疹" in title
    assert len(title) <= 30
    assert not set(title) & set("【】#\n")


def test_a_title_names_who_it_is_about_where_that_says_hardly_less() -> None:
    stories = Stories(familiar=["晨露乳业"])
    strike, harm = stories.assign(
        [
            ("1", clean("晨露乳业工厂员工今天罢工，堵在大门口"), NOON),
            ("2", clean("听说了吗，晨露乳业，宝宝喝完上吐下泻送进急诊室输液"), NOON),
        ]
    )

    assert stories.title(strike) == "堵在大门口"
    assert stories.title(strike, ["晨露乳业"]) == "晨露乳业工厂员工今天罢工"
    assert "急诊" in stories.title(harm, ["晨露乳业"])


def test_hot_words_are_words_of_the_story_and_unknown_stories_have_none() -> None:
    stories = Stories()
    story = tell(stories, MILK)[0]

    assert {"皮疹", "奶粉"} <= set(stories.words(story, 10))
    assert stories.words(99) == []
    assert stories.title(99) == ""


def test_a_story_without_news_for_three_days_is_over_and_the_matter_opens_a_new_one() -> None:
    stories = Stories()
    old = tell(stories, MILK)[0]

    late = tell(stories, ["云栈出行顺风车司机绕路", "晨露乳业奶粉再被指致婴儿皮疹"], NOON + 4 * 86400)

    assert old not in late
    assert len(stories) == 2


def test_a_theme_of_the_day_does_not_become_one_giant_story() -> None:
    theme = [
        "临江元宵节灯会今晚开幕",
        "元宵节该吃汤圆还是元宵",
        "元宵节晚会节目单公布",
        "医生提醒元宵节糯米食物别吃多",
        "高铁站元宵节返程客流创新高",
        "元宵节猜灯谜难倒大学生",
        "山区支教老师陪孩子过元宵节",
        "元宵节为什么又叫上元节",
        "外地游子元宵节包机回乡",
        "榕川元宵节禁放烟花引争议",
        "元宵节电影票房破三亿",
        "超市元宵节汤圆涨价两成",
        "元宵节当天气温骤降十度",
        "航天员在空间站过元宵节",
    ]

    found = tell(Stories(), theme, step=20)

    assert max(found.count(story) for story in found) <= 10


def test_an_affair_keeps_its_name_in_ever_new_words() -> None:
    affair = [
        "桑拓火锅底料被曝检出罂粟壳",
        "市监局通报桑拓火锅抽检不合格",
        "桑拓火锅致歉：涉事门店停业整改",
        "桑拓火锅被立案调查",
        "警方介入桑拓火锅底料事件",
        "记者实探桑拓火锅涉事门店",
        "桑拓火锅回应顾客退款",
        "桑拓火锅加盟商起诉总部",
        "律师：桑拓火锅或面临千万罚款",
        "桑拓火锅负责人被刑拘",
        "桑拓火锅连夜下架底料",
    ]
    stories = Stories()
    numbers = tell(stories, affair, step=40)

    late = tell(stories, ["桑拓火锅创始人曾是厨师", "桑拓火锅员工发声"], NOON + 20 * 3600)

    assert len(set(numbers)) == 1
    assert set(late) == set(numbers)


def test_another_match_of_the_same_player_is_another_story() -> None:
    stories = Stories()
    first = tell(stories, ["陆小舟vs顾宁", "陆小舟3比0战胜顾宁", "陆小舟3:0顾宁晋级"])

    second = tell(stories, ["陆小舟vs霍启明", "陆小舟0比3霍启明"], NOON + 3 * 3600)

    assert not set(first) & set(second)


LEAGUE = "2026星河杯循环赛{}，如何评价这场比赛？"


def test_a_tournament_told_in_one_form_is_no_story_however_long_it_runs() -> None:
    stories = Stories()
    scores = ["2:0", "2:1", "0:2", "1:2", "2-0", "2-1", "0-2", "1-2"]
    first = tell(stories, [LEAGUE.format(f" KAT {score} MOL") for score in scores] + ["KAT 2:0战胜MOL"])
    assert len(set(first)) == 1

    others = tell(stories, [LEAGUE.format(text) for text in (" KAT 2:0 SOP", "RIV 1:2输给MOL")], NOON + 3600)
    again = tell(stories, [LEAGUE.format(" MOL 2:1 KAT")], NOON + 7200)

    assert not set(first) & set(others)
    assert again == first[:1]


def test_a_copy_goes_where_its_root_is_and_keeps_the_story_young() -> None:
    stories = Stories()
    root, news = MILK[:2]
    (number,) = tell(stories, [root])
    for day in (2, 4):
        id = f"{root}{day}"
        assert stories.assign([(id, clean(f"大家快看！{root}"), NOON + day * 86400)], {id: root}) == [number]

    assert tell(stories, [news], NOON + 4.5 * 86400) == [number]


@pytest.mark.parametrize(
    ("text", "affair", "show", "fixture"),
    [
        ("晨露乳业致歉", True, False, False),
        ("新剧大结局路透", False, True, False),
        ("恒启队3:1胜榕川队", False, False, True),
        ("春天的田野", False, False, False),
    ],
)
def test_a_title_tells_an_affair_a_show_or_a_match(text: str, affair: bool, show: bool, fixture: bool) -> None:
    assert told(clean(text).bare) == (affair, show, fixture)


def test_mentions_without_a_word_stay_apart() -> None:
    stories = Stories()

    found = stories.assign([("a", clean("😡😡"), NOON), ("b", clean("👍"), NOON), ("c", clean("😡😡"), NOON)])

    assert found[0] != found[1]
    assert found[0] == found[2]


def test_memory_is_bounded_however_long_the_stream_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LIVE_STORIES", 50)
    monkeypatch.setattr(room, "KNOWN_MENTIONS", 80)
    stories = Stories()
    hanzi = [chr(0x4E00 + i) for i in range(2400)]

    tell(stories, ["".join(hanzi[i : i + 8]) for i in range(0, 2400, 8)], step=0)

    assert len(stories) <= 50
    assert len(stories._known) <= 80
    assert len(stories._same) <= 80


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(MILK + RIDE), min_size=1, max_size=12), st.integers(1, 11))
def test_the_cut_into_batches_changes_nothing(texts: list[str], cut: int) -> None:
    mentions = [(str(i), clean(text), NOON + 60 * i) for i, text in enumerate(texts)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "CHUNK", 3)
        whole, parts = Stories(), Stories()

        assert whole.assign(mentions) == parts.assign(mentions[:cut]) + parts.assign(mentions[cut:])


def test_a_batch_that_breaks_half_way_can_be_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stories, calm = Stories(), Stories()
    monkeypatch.setattr(room, "CHUNK", 2)
    with pytest.raises(AttributeError):
        stories.assign([("a", clean(MILK[0]), NOON), ("b", None, NOON)])  # type: ignore[list-item]
    monkeypatch.setattr(stories, "_take_in", None)
    with pytest.raises(TypeError):
        tell(stories, MILK)
    monkeypatch.undo()

    assert len(set(tell(stories, MILK))) == len(set(tell(calm, MILK))) == 1


def test_the_start_waits_for_no_word_library() -> None:
    code = "import sys; from bot.analysis.stories import Stories; Stories(); sys.exit('jieba' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_festival_is_no_event_however_many_speak_of_it() -> None:
    greetings = [
        "端午节快乐", "端午佳节", "端午节怎么过", "端午节送长辈什么礼物", "公司端午节给员工发粽子", "端午节的由来", "端午节档期",
        "端午节礼盒有多卷", "广场上的端午节歌会", "端午节诗会直播", "图书馆端午节书单", "端午节放假半天怎么算", "端午节特别节目",
        "乡村里的端午节", "空间站传来端午节问候", "端午节话题不再回避",
    ]  # fmt: skip

    found = tell(Stories(), greetings)

    assert max(found.count(story) for story in found) <= 3


FACTORY = [
    "赤杉谷化工厂爆燃", "赤杉谷化工厂爆燃致三人受伤", "赤杉谷化工厂爆燃现场浓烟滚滚", "赤杉谷化工厂爆燃原因正在调查",
    "消防赶赴赤杉谷化工厂爆燃现场", "赤杉谷化工厂爆燃后周边疏散", "赤杉谷化工厂负责人被控制", "通报赤杉谷化工厂爆燃事故",
    "赤杉谷化工厂爆燃伤者已送医", "赤杉谷化工厂爆燃明火扑灭",
]  # fmt: skip


def test_a_large_story_goes_on_and_takes_no_stranger_that_shares_its_name_only() -> None:
    stories = Stories()
    assert len(set(tell(stories, FACTORY))) == 1
    factory = stories.story_of(FACTORY[0])

    more, stranger = tell(stories, ["赤杉谷化工厂爆燃事故伤者情况稳定", "赤杉谷民宿推出周末亲子游园"], NOON + 30 * 3600)

    assert more == factory
    assert stranger != factory
