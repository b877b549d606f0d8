"""How a matter spread: told from plain mentions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.analysis.spread import Heard, lines, spread_of
from bot.model.mention import Mention, Tier
from bot.model.reading import Sentiment

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
BAD, FAIR, GOOD = Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE


def heard(
    key: str,
    minute: int,
    platform: str,
    text: str,
    sentiment: Sentiment = BAD,
    *,
    tier: Tier = Tier.C,
    author: str = "",
    followers: int | None = None,
    reposts: int | None = None,
    root: str | None = None,
    ours: bool = False,
) -> Heard:
    mention = Mention(
        source="网",
        key=key,
        seen=NOON + timedelta(minutes=minute),
        published=NOON + timedelta(minutes=minute),
        text=text,
        platform=platform,
        author=author,
        followers=followers,
        reposts=reposts,
        url=f"https://example.org/{key}",
    )
    return Heard(mention, tier, sentiment, root, ours)


MATTER = [
    heard("4", 90, "新闻", "晨露乳业回应：样品已送检", FAIR, tier=Tier.B, author="临江晚报", reposts=900),
    heard("1", 0, "小红书", "孩子喝了晨露奶粉起皮疹", author="小禾妈妈", followers=80, reposts=40),
    heard("2", 18, "微博", "同一批次，我家也起疹子", author="路过的鱼", followers=50, reposts=3),
    heard("3", 35, "微博", "晨露奶粉这事必须给说法", author="消费观察", followers=900_000, reposts=5000),
    heard("5", 95, "微博", "转：孩子喝了晨露奶粉起皮疹", root="网:1", author="乙", followers=10),
    heard("6", 120, "微博", "喝了三年没问题，别跟风", GOOD, author="丙", followers=20, reposts=8),
    heard("7", 130, "微博", "我们正在核实", FAIR, ours=True, author="晨露乳业", followers=300_000, reposts=99_999),
]


def test_the_first_mention_and_the_path_between_platforms_follow_the_clock() -> None:
    found = spread_of(MATTER)

    assert found is not None
    assert found.first.key == "1"
    assert [(hop.platform, hop.after_minutes, hop.count) for hop in found.path] == [
        ("小红书", 0, 1),
        ("微博", 18, 4),
        ("新闻", 90, 1),
    ]


def test_the_mentions_carried_farthest_are_the_key_ones_and_our_own_words_are_none() -> None:
    found = spread_of(MATTER)

    assert found is not None
    assert [mention.key for mention in found.key] == ["3", "4", "1"]


def test_only_public_accounts_with_a_wide_reach_are_opinion_leaders() -> None:
    found = spread_of(MATTER)

    assert found is not None
    assert found.leaders == (("消费观察", 900_000, "https://example.org/3"),)


def test_both_sides_are_heard_with_an_example_each() -> None:
    found = spread_of(MATTER)

    assert found is not None
    assert (found.negative, found.positive, found.total) == (4, 1, 7)
    assert found.against[0].words == "晨露奶粉这事必须给说法"
    assert found.favour[0].url == "https://example.org/6"
    assert found.share[0] == ("微博", 5 / 7)


def test_a_repeated_view_is_shown_once_and_counts_for_its_root() -> None:
    rows = [
        heard(str(i), i, "微博", "孩子起皮疹了" if i == 0 else f"转{i} 孩子起皮疹了", root="网:0" if i else None)
        for i in range(5)
    ]

    found = spread_of([*rows, heard("x", 9, "微博", "客服一直不接电话")])

    assert found is not None
    assert [view.words for view in found.against] == ["孩子起皮疹了", "客服一直不接电话"]


def test_the_lines_are_few_and_name_no_ordinary_person() -> None:
    found = spread_of(MATTER)
    assert found is not None

    said = lines(found, NOON + timedelta(hours=3))

    assert len(said) <= 8
    assert said[0] == "首发：12:00 小红书「孩子喝了晨露奶粉起皮疹」 https://example.org/1"
    assert said[1] == "路径：小红书 12:00 → 微博 12:18 → 新闻 13:30"
    text = "\n".join(said)
    assert "消费观察（粉丝 90.0万）" in text
    assert "新闻 临江晚报（转900）" in text
    assert not any(name in text for name in ("小禾妈妈", "路过的鱼"))


def test_an_address_that_is_none_is_not_shown_and_long_words_are_cut() -> None:
    bad = heard("1", 0, "微博", "很长" * 40)
    object.__setattr__(bad.mention, "url", "javascript:alert(1)")
    found = spread_of([bad])
    assert found is not None

    said = lines(found, NOON)

    assert "javascript" not in "\n".join(said)
    assert len(said[0]) < 60


def test_where_nothing_was_heard_there_is_no_spread_and_our_own_words_alone_are_told() -> None:
    assert spread_of([]) is None
    alone = spread_of([heard("7", 0, "微博", "我们正在核实", FAIR, ours=True)])
    assert alone is not None
    assert alone.first.key == "7"


def test_what_we_said_stands_beside_the_views_and_is_no_view_for_us() -> None:
    found = spread_of([*MATTER, heard("8", 140, "微博", "产品都合格，请放心", GOOD, ours=True, author="晨露乳业")])

    assert found is not None
    said = lines(found, NOON + timedelta(hours=3))
    assert [line for line in said if line.startswith("支持（1 条）")]
    (own,) = (line for line in said if line.startswith("我方"))
    assert own.startswith("我方（2 条）：「我们正在核实」 https://example.org/7；「产品都合格，请放心」")
    assert len(said) <= 8
