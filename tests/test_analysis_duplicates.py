"""Duplicates: who said it first, however it is dressed up when it is said again."""

from __future__ import annotations

import random

import pytest

from bot.analysis.duplicates import Copy, Duplicates, Item
from bot.analysis.text import clean

POST = "今天给孩子冲晨露奶粉，杯底有黑色颗粒，客服说是正常现象，让我自己去检测，费用自理，太让人心寒了"
HOUR = 3600.0


@pytest.fixture
def seen():
    return Duplicates(roots=1 << 10)


def ask(seen, words, id="2", at=0.0, author="", followers=None):
    return seen.find([Item(id, clean(words), at, author, followers)])[0]


@pytest.mark.parametrize(
    "words", [POST, f"  {POST}。", POST.replace("，", " "), POST.replace("，", "\u200b，"), f"{POST} http://t.cn/A6b"]
)
def test_the_same_letters_are_an_exact_copy_at_any_distance_in_time(seen, words):
    ask(seen, POST, id="1")
    assert ask(seen, words, at=900 * HOUR) == Copy("1", "exact")


@pytest.mark.parametrize(
    "words",
    [
        f"太可怕了大家注意！{POST}",
        f"【突发】{POST}（来源：晨露论坛）",
        POST[:40] + "……",
        POST.replace("客服说是正常现象，", ""),
        POST.replace("今天", "昨日").replace("黑色", "深色"),
        "今天給孩子沖晨露奶粉，杯底有黑色顆粒，客服說是正常現象，讓我自己去檢測，費用自理",
    ],
)
def test_changed_copies_are_near_within_two_days_and_not_after(seen, words):
    ask(seen, POST, id="1")
    assert ask(seen, words, at=47 * HOUR) == Copy("1", "near")
    fresh = Duplicates(roots=1 << 10)
    ask(fresh, POST, id="1")
    assert ask(fresh, words, at=49 * HOUR) == Copy()


def test_another_matter_in_similar_words_is_no_copy(seen):
    ask(seen, POST, id="1")
    assert ask(seen, "今天给孩子冲晨露奶粉，味道不错，孩子很喜欢，客服还送了小勺子，下次还来买") == Copy()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("晨露", "云栈"),
        ("好", "坏"),
        ("晨露文", "晨露剧"),
        ("NewMilkPro12结块严重", "NewMilkPro12奶味太淡"),
        ("Qianlanbaby直播", "Qianlanbaby资助三名学生"),
    ],
)
def test_titles_of_two_characters_or_of_one_long_name_are_no_copies_of_each_other(seen, one, other):
    ask(seen, one, id="1")
    assert ask(seen, other) == Copy()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "晨露召回MA0423批次婴儿奶粉，涉及1420箱，消费者可原路退款",
            "晨露召回MA0517批次婴儿奶粉，涉及860箱，消费者可原路退款",
        ),
        (
            "云栈出行用户数据泄露120万条，已有乘客接到诈骗电话",
            "网传云栈出行用户数据泄露120万条不属实，平台称没有乘客接到诈骗电话",
        ),
        (
            "恒启物流第三号通报：截至今日18时，已发放拖欠工资80人，共计96万元",
            "恒启物流第四号通报：截至今日12时，已发放拖欠工资214人，共计230万元",
        ),
    ],
)
def test_other_figures_or_a_denial_in_the_same_words_are_news(seen, one, other):
    ask(seen, one, id="1")
    assert ask(seen, other) == Copy()
    assert ask(seen, f"{one}，大家看看", id="3") == Copy("1", "near")


def test_a_cluster_keeps_one_root(seen):
    ask(seen, POST, id="1")
    ask(seen, f"太可怕了大家注意！{POST}", id="2")
    assert ask(seen, f"太可怕了大家注意！转给妈妈们看{POST}", id="3").root == "1"


def test_a_bare_repost_adds_to_its_original_and_one_with_words_stays_a_mention(seen):
    ask(seen, POST, id="1")
    assert ask(seen, f"转发微博//@甲:{POST}") == Copy("1", "repost")
    assert ask(seen, f"我家也遇到了同样的事//@甲:{POST}", id="3") == Copy("1", "comment")


def test_a_repost_of_something_unseen_carries_it_until_the_original_comes(seen):
    assert ask(seen, f"//@甲:{POST}", id="1") == Copy()
    assert ask(seen, f"转发微博//@乙:{POST}", id="2") == Copy("1", "repost")
    assert ask(seen, POST, id="3") == Copy("1", "exact")


def test_a_repost_of_nothing_known_has_no_root(seen):
    assert ask(seen, "转发微博", id="1") == Copy(None, "repost")
    assert ask(seen, "转发微博", id="2") == Copy(None, "repost")


def test_one_batch_finds_its_own_copies(seen):
    items = [Item(str(n), clean(POST), 0.0) for n in range(3)]
    assert seen.find(items) == [Copy(), Copy("0", "exact"), Copy("0", "exact")]


def test_many_small_accounts_with_one_text_in_an_hour_weigh_less(seen):
    copies = [ask(seen, POST, id=str(n), at=n * 60.0, author=f"号{n}", followers=3) for n in range(9)]
    assert [copy.weight for copy in copies] == [1, 1, 1, 1, 1, 0.2, 0.2, 0.2, 0.2]


@pytest.mark.parametrize(
    ("author", "followers", "apart"),
    [("一人", 3, 60.0), ("", 3, 60.0), ("号{n}", 5000, 60.0), ("号{n}", None, 60.0), ("号{n}", 3, HOUR)],
)
def test_one_author_known_accounts_and_slow_copies_keep_their_weight(seen, author, followers, apart):
    for n in range(9):
        copy = ask(seen, POST, id=str(n), at=n * apart, author=author.format(n=n), followers=followers)
        assert copy.weight == 1


def test_what_was_decided_before_a_restart_is_remembered(seen):
    seen.remember([Item("1", clean(POST), 0.0), Item("2", clean("转发微博"), 0.0)], [Copy(), Copy("1", "repost")])
    assert ask(seen, POST, id="3") == Copy("1", "exact")
    assert ask(seen, f"太可怕了大家注意！{POST}", id="4") == Copy("1", "near")


def test_memory_is_bounded_and_the_oldest_near_copies_are_forgotten_first():
    seen = Duplicates(roots=2)
    lost = "恒启物流的快递丢了三天没人赔，打电话一直占线，网点说不归他们管"
    for n, words in enumerate([POST, "云栈出行司机绕路二十公里还骂人，投诉以后平台只给了五块钱的券", lost]):
        ask(seen, words, id=str(n))
    assert ask(seen, f"大家都来看看{lost}", id="3").root == "2"
    assert ask(seen, f"大家都来看看{POST}", id="4").root is None


def test_signs_alone_are_compared_as_they_are(seen):
    ask(seen, "😡😡😡", id="1")
    assert ask(seen, "😡😡😡") == Copy("1", "exact")
    assert ask(seen, "👍👍👍") == Copy()
    assert ask(seen, "\u200b") == Copy()


@pytest.mark.parametrize("roots", [1 << 10, 100])
def test_what_repeats_what_does_not_depend_on_how_the_mentions_were_cut(roots):
    dice = random.Random(5)
    parts = [f"{place}{thing}{what}" for place in "杭郑成武" for thing in ("奶粉", "专车", "快递") for what in ("漏了", "迟到")]
    words = ["，".join(dice.choices(parts, k=dice.randint(2, 9))) for _ in range(80)]
    edits = ["{}", "转发微博//@路人:{}", "太可怕了，大家小心//@路人:{}", "【突发】{}", "{}，官方辟谣", "{}2024年", ""]
    said = [dice.choice(edits).format(dice.choice(words[: n // 4 + 1])) for n in range(300)]
    items = [Item(str(n), clean(text), n * 60.0, f"用户{n % 7}", 5) for n, text in enumerate(said)]
    whole = Duplicates(roots=roots).find(items)
    one, few = Duplicates(roots=roots), Duplicates(roots=roots)
    assert whole == [copy for item in items for copy in one.find([item])]
    assert whole == [copy for first in range(0, len(items), 17) for copy in few.find(items[first : first + 17])]
    assert {copy.kind for copy in whole} == {"", "exact", "near", "repost", "comment"}
