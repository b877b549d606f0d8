"""The built-in story: what a newcomer sees in the first minute."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib.resources import files

from bot.analysis.analyst import Analyst, Settings
from bot.analysis.grading import suggest
from bot.analysis.indicators import Tiers, heat, interaction, measure, weight
from bot.analysis.rules import Rule
from bot.drills.feed_server import PACE
from bot.model.grade import Grade
from bot.model.mention import Mention, Tier
from bot.model.reading import Sentiment

START = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)
ROWS = [json.loads(line) for line in files("bot.drills").joinpath("demo.jsonl").read_text("utf-8").splitlines()]
HEARD = [Mention.of(row, source="演示", now=START + timedelta(minutes=row["at"]) / PACE) for row in ROWS]


def test_the_story_is_short_mixed_and_over_within_a_minute():
    assert 25 <= len(HEARD) <= 40
    assert len({m.key for m in HEARD}) == len(HEARD)
    assert max(m.seen for m in HEARD) - START < timedelta(minutes=1)
    assert {m.platform for m in HEARD} == {"微博", "小红书", "新闻"}
    assert Counter(m.tier for m in HEARD)[Tier.B] == 1


def test_the_story_reads_as_one_matter_and_asks_for_yellow_or_orange():
    readings = Analyst(Settings(rules=(Rule("晨露", any=("晨露",)),), company=("晨露乳业", "晨露"))).read(HEARD)
    story, size = Counter(reading.story for reading in readings).most_common(1)[0]
    assert size >= 25
    assert {r.duplicate for r in readings} >= {"exact", "repost"}
    assert {r.sentiment for r in readings} == set(Sentiment)

    told = [(m, r) for m, r in zip(HEARD, readings, strict=True) if r.story == story and not r.duplicate]
    weights = [weight(m.tier, interaction(m.reposts, m.comments, m.likes, m.reads), 0.0) for m, _ in told]
    indicators = measure(
        heat=heat(sum(weights)),
        negative=sum(r.sentiment is Sentiment.NEGATIVE for _, r in told),
        n=len(told),
        per_hour=len(told),
        baseline=3.0,
        platforms=len({m.platform for m, _ in told}),
        authority=Tiers(b=1),
        reposts=max(m.reposts or 0 for m, _ in told),
        reads=max(m.reads or 0 for m, _ in told),
        mentions=len(told),
    )
    assert suggest(indicators).grade in (Grade.YELLOW, Grade.ORANGE)
    assert not any(reading.claims for reading in readings)
