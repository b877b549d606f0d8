"""The suggested grade: the worked cases of the domain handbook 3.3 and the readings of the contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.grading import Fired, Thresholds, explain, may_lower, suggest
from bot.analysis.indicators import Indicators, Tiers, measure
from bot.errors import ConfigError
from bot.model.grade import Grade

BLUE, YELLOW, ORANGE, RED = Grade
QUIET = measure(heat=10, negative=2, n=3, per_hour=3, baseline=3, platforms=1, authority=Tiers(), mentions=3)
INJURY = Fired("injury", ORANGE, "人身伤害", words="孩子住院了")


def shared(**changed: object) -> Indicators:
    """A quiet incident of forty mentions, half of them negative, with some figures changed."""
    base = replace(QUIET, mentions=40, n=40, negative_share=0.65, negative_lower=0.50, negative_upper=0.78)
    return replace(base, **changed)  # type: ignore[arg-type]


def test_three_yellow_rows_and_a_blue_one_make_yellow() -> None:
    found = suggest(shared(heat=45, velocity=3, per_hour=12, platforms=2))

    assert found.grade is YELLOW
    assert (found.by_two, found.by_one, found.by_trigger) == (YELLOW, BLUE, None)
    assert [row.grade for row in found.rows] == [YELLOW, YELLOW, BLUE, None, YELLOW, None]
    assert found.reasons == ("三项达黄：热度45、负面65%（40条）、2个平台",)


def test_one_report_of_a_national_authority_makes_orange_though_all_else_is_blue() -> None:
    found = suggest(shared(heat=25, negative_lower=0.1, authority=Tiers(national=1)))

    assert (found.by_two, found.by_one, found.grade) == (BLUE, ORANGE, ORANGE)
    assert found.reasons == ("单项达红，降一级：全国S 1条",)


def test_ten_negative_posts_in_an_hour_make_yellow() -> None:
    ten = measure(heat=28.15, negative=10, n=10, per_hour=10, baseline=5, platforms=1, authority=Tiers(), mentions=10)

    found = suggest(ten)

    assert (found.by_two, found.by_one, found.grade) == (BLUE, YELLOW, YELLOW)


def test_a_confirmed_injury_makes_orange_at_any_heat() -> None:
    found = suggest(QUIET, [replace(INJURY, confirmed=True)])

    assert found.grade is ORANGE
    assert found.reasons[0] == "红线 人身伤害（已核实，橙）"
    assert found.verify == ()


def test_a_vague_claim_grades_nothing_and_is_said_beside_what_does() -> None:
    vague = replace(INJURY, credible=False)

    found = suggest(shared(heat=45, platforms=2), [vague])

    assert found.by_trigger is None
    assert found.verify == ()
    assert found.reasons[-1] == "有人说人身伤害，不具体，建议先核实"
    assert suggest(replace(QUIET, mentions=1), [vague]).reasons == ()


def test_a_credible_unconfirmed_injury_makes_yellow_and_asks_to_be_verified() -> None:
    found = suggest(replace(QUIET, mentions=1), [INJURY])

    assert found.grade is YELLOW
    assert found.reasons[0] == "红线 人身伤害（未核实，按黄）"
    assert found.verify == (INJURY,)


@pytest.mark.parametrize(
    "claim", [replace(INJURY, refuted=True), replace(INJURY, refuted=True, confirmed=True), replace(INJURY, credible=False)]
)
def test_a_refuted_or_vague_claim_gives_nothing(claim: Fired) -> None:
    found = suggest(replace(QUIET, mentions=1), [claim])

    assert found.grade is None
    assert found.verify == ()


def test_a_call_for_a_gathering_fires_at_once() -> None:
    found = suggest(replace(QUIET, mentions=1), [Fired("gathering", ORANGE, "聚集", immediate=True)])

    assert found.grade is ORANGE
    assert found.reasons[0] == "红线 聚集（即时，橙）"


def test_the_gravest_of_several_triggers_counts() -> None:
    death = Fired("death", RED, "死亡")

    assert suggest(QUIET, [INJURY, death]).grade is ORANGE
    assert suggest(QUIET, [INJURY, replace(death, confirmed=True)]).grade is RED


def test_two_posts_open_nothing_however_hot_they_are() -> None:
    found = suggest(shared(mentions=2, heat=45, platforms=2))

    assert found.grade is None
    assert found.reasons == ()
    assert "不足 3 条" in found.withheld


@pytest.mark.parametrize("grave", [{"authority": Tiers(b=1)}, {"best_list": "city"}, {"reposts": 100}, {"reads": 5000}])
def test_one_post_is_enough_with_a_paper_a_list_or_a_wide_spread(grave: dict[str, object]) -> None:
    found = suggest(shared(mentions=1, **grave))

    assert found.grade is not None
    assert not found.withheld


def test_praise_in_great_number_is_attention_and_no_grade() -> None:
    praise = measure(heat=85, negative=10, n=500, per_hour=300, baseline=3, platforms=4, authority=Tiers(a=3), mentions=500)

    assert suggest(praise).grade is None
    assert "只算升温" in suggest(praise).withheld
    assert suggest(praise, [replace(INJURY, confirmed=True)]).grade is ORANGE


def test_thresholds_are_reached_at_equality() -> None:
    assert suggest(shared(heat=60, negative_lower=0.60)).grade is ORANGE
    assert suggest(shared(heat=59.99, negative_lower=0.60)).grade is YELLOW


@pytest.mark.parametrize(
    ("multiple", "hourly", "grade"), [(16, 300, RED), (16, 299, ORANGE), (9, 50, YELLOW), (20, 9, None), (1.9, 900, None)]
)
def test_velocity_needs_the_multiple_and_the_hourly_count(multiple: float, hourly: int, grade: Grade | None) -> None:
    assert suggest(shared(velocity=multiple, per_hour=hourly)).rows[2].grade is grade


@pytest.mark.parametrize(
    ("voices", "foreign", "grade"),
    [
        (Tiers(), False, None),
        (Tiers(b=1), False, BLUE),
        (Tiers(b=2), False, BLUE),
        (Tiers(b=3), False, YELLOW),
        (Tiers(a=1), False, YELLOW),
        (Tiers(a=3), False, ORANGE),
        (Tiers(local=1), False, ORANGE),
        (Tiers(national=1), False, RED),
        (Tiers(), True, RED),
    ],
)
def test_the_authority_row_follows_the_table(voices: Tiers, foreign: bool, grade: Grade | None) -> None:
    assert suggest(shared(authority=voices, foreign=foreign)).rows[3].grade is grade


@pytest.mark.parametrize(
    ("platforms", "best_list", "grade"),
    [(1, "", BLUE), (2, "", YELLOW), (1, "city", ORANGE), (4, "city", RED), (1, "national", RED)],
)
def test_the_reach_row_takes_the_higher_of_platforms_and_list(platforms: int, best_list: str, grade: Grade) -> None:
    assert suggest(shared(platforms=platforms, best_list=best_list)).rows[4].grade is grade


def test_a_company_may_set_its_own_thresholds() -> None:
    strict = Thresholds(heat=(5, 8, 10, 50))

    assert suggest(shared(heat=10), thresholds=strict).rows[0].grade is ORANGE
    with pytest.raises(ConfigError, match=r"analysis\.thresholds\.heat"):
        Thresholds(heat=(20, 10, 60, 80))
    with pytest.raises(ConfigError, match=r"analysis\.thresholds\.reads"):
        Thresholds(reads=(1, 2, 3))


def test_why_prints_the_figures_the_table_and_the_three_rules() -> None:
    busy = shared(heat=45, velocity=9.13, per_hour=120, platforms=3, reposts=1_500_000)

    said = explain(busy, suggest(busy, [INJURY]))

    assert said[0].startswith("建议：橙，a、b、c 取最高；共 ")
    assert said[1] == "a 至少两项达到：橙（速度、范围、单条）；b 最高一项（单条红）降一级：橙"
    assert said[2] == "c 触发红线：人身伤害（未核实，橙减一级）→ 黄：「孩子住院了」"
    assert said[3].startswith("单条 转发 1500000，阅读 0 → 红（转发蓝≥100")
    assert said[4].startswith("速度 9.1×，每小时 120 条 → 橙（")
    assert said[-1].startswith("热度 45.0 → 黄｜负面 65%，下限 0.500，样本 40 → 黄｜")
    assert len(said) == 7


@given(st.integers(0, 6), st.floats(0, 100), st.integers(0, 2000))
def test_why_is_a_screen_and_tells_the_result_whatever_fired(claims: int, heat: float, hourly: int) -> None:
    busy = shared(heat=heat, velocity=9.13, per_hour=hourly)
    suggestion = suggest(busy, [INJURY] * claims)

    said = explain(busy, suggestion)

    assert len(said) <= 7
    assert all(any(row.name in line for line in said) for row in suggestion.rows)


def test_why_says_what_was_not_used() -> None:
    assert any("a、b 不采用：只有 2 条" in line for line in explain(QUIET, suggest(replace(QUIET, mentions=2))))


@pytest.mark.parametrize(
    ("current", "hours", "allowed"), [(YELLOW, 1.99, False), (YELLOW, 2, True), (ORANGE, 5.99, False), (RED, 6, True)]
)
def test_easing_waits_until_the_lower_level_has_held(current: Grade, hours: float, allowed: bool) -> None:
    since = datetime(2026, 3, 2, tzinfo=UTC)

    assert may_lower(current, since, since + timedelta(hours=hours)) is allowed
    assert not may_lower(current, None, since)
