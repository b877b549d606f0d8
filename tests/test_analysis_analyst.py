"""The pipeline: what goes in comes out once, in order, and reading it again changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from snownlp import SnowNLP

from bot.analysis import places
from bot.analysis.analyst import Analyst, Settings
from bot.analysis.rules import Rule
from bot.model.mention import Mention
from bot.model.reading import Sentiment

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
POST = "今天给孩子冲晨露奶粉，杯底有黑色异物，客服说是正常现象，让我自己去检测，费用自理，太让人心寒了"
SETTINGS = Settings(
    rules=(Rule("晨露", any=("$公司",)), Rule("竞品", any=("榕川",), kind="competitor")),
    company=("晨露乳业", "晨露"),
    competitors=("榕川科技",),
)


def mention(key: str, text: str, minutes: float = 0.0, source: str = "论坛", title: str = "") -> Mention:
    return Mention(source=source, key=key, seen=NOW + timedelta(minutes=minutes), text=text, title=title)


@pytest.fixture
def analyst():
    return Analyst(SETTINGS)


def test_every_mention_gets_one_reading_in_order(analyst):
    batch = [mention("a", POST), mention("b", "榕川发布新品"), mention("c", "今天天气不错")]
    readings = analyst.read(batch)
    assert [reading.id for reading in readings] == ["论坛:a", "论坛:b", "论坛:c"]
    assert [reading.rules for reading in readings] == [("晨露",), ("竞品",), ()]
    assert all(0 <= reading.negative <= 1 and reading.story >= 1 for reading in readings)
    assert analyst.read([]) == []


def test_what_our_own_account_says_does_not_count_against_us_and_a_look_alike_does(analyst):
    sorry = "让大家喝到变质的牛奶，恶心又气愤，是晨露失职，赔偿太慢"
    said = [replace(mention(author, sorry), author=author) for author in ("晨露乳业官微", "晨露避雷")]

    ours, theirs = analyst.read(said)

    assert ours.sentiment is Sentiment.NEUTRAL
    assert theirs.sentiment is Sentiment.NEGATIVE


def test_title_and_body_are_read_together(analyst):
    assert analyst.read([mention("a", "杯底有东西", title="晨露奶粉")])[0].rules == ("晨露",)


def test_copies_across_sources_share_root_and_story(analyst):
    first, second = analyst.read([mention("a", POST), mention("a", f"大家注意了！{POST}", source="微博")])
    assert (second.duplicate_of, second.duplicate, second.story) == ("论坛:a", "near", first.story)
    assert first.counts
    assert not second.counts


def test_the_same_mention_again_is_no_copy_of_itself_and_keeps_its_story(analyst):
    first = analyst.read([mention("a", POST), mention("a", POST)])
    again = analyst.read([mention("a", POST, minutes=90)])
    edited = analyst.read([mention("a", "榕川更好")])
    assert first[0] == first[1] == again[0]
    assert (edited[0].duplicate_of, edited[0].story, edited[0].rules) == (None, first[0].story, ("竞品",))


def test_the_answer_does_not_depend_on_the_size_of_the_batch(analyst):
    batch = [mention(str(n), f"{POST[: 20 + n]}第{n % 5}次说") for n in range(30)]
    one_by_one = [reading for each in batch for reading in Analyst(SETTINGS).read([]) or analyst.read([each])]
    assert Analyst(SETTINGS).read(batch) == one_by_one


def test_after_a_restart_copies_are_still_known(analyst):
    batch = [mention("a", POST), mention("b", f"大家注意了！{POST}")]
    readings = analyst.read(batch)
    fresh = Analyst(SETTINGS)
    fresh.remember(zip(batch, readings, strict=True))
    assert fresh.read(batch) == readings
    later = fresh.read([mention("c", POST, minutes=30)])[0]
    assert (later.duplicate_of, later.duplicate, later.story) == ("论坛:a", "exact", readings[0].story)


def test_new_stories_after_a_restart_take_new_numbers(analyst):
    batch = [mention("a", POST)]
    fresh = Analyst(SETTINGS)
    fresh.remember(zip(batch, analyst.read(batch), strict=True))
    assert fresh.read([mention("z", "云栈出行司机绕路二十公里还骂人")])[0].story > 1


def test_what_is_remembered_by_id_is_bounded(monkeypatch):
    monkeypatch.setattr(places, "KNOWN", 4)
    small = Analyst(SETTINGS)
    for n in range(20):
        small.read([mention(str(n), f"{n}号帖子说的是另外一件事{n * 7919}")])
    assert len(small._places._known) <= 4


def test_stories_have_names(analyst):
    story = analyst.read([mention("a", POST)])[0].story
    assert analyst.story_title(story)
    assert analyst.story_words(story)


def test_copies_follow_their_root_when_people_merge_and_split_stories(analyst):
    batch = [mention("a", POST), mention("b", f"大家注意了！{POST}"), mention("c", "云栈出行司机绕路二十公里还骂人")]
    first, _, other = analyst.read(batch)
    analyst.merge_stories(other.story, first.story)
    assert {reading.story for reading in analyst.read(batch)} == {other.story}
    new = analyst.split_story(other.story, ["论坛:a"])
    assert [reading.story for reading in analyst.read(batch)] == [new, new, other.story]


def test_snownlp_gives_its_own_scores():
    texts = ["这个东西太差了，很失望", "非常好吃，推荐", "物流慢，客服「態度」差 http://x.cn/a"]
    readings = Analyst(Settings(sentiment="snownlp")).read([mention(str(n), text) for n, text in enumerate(texts)])
    assert [r.negative for r in readings] == [round(1 - SnowNLP(text).sentiments, 4) for text in texts]
    assert [r.sentiment.value for r in readings][:2] == ["negative", "positive"]
