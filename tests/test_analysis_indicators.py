"""The check values of the domain handbook, section 3.2."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.indicators import (
    Tiers,
    growth,
    heat,
    heat_at,
    interaction,
    measure,
    normal,
    rebased,
    stored_weight,
    velocity,
    weight,
    wilson,
)
from bot.model.mention import Tier

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(("total", "expected"), [(1.0, 8.14), (10.0, 28.15), (26.913, 39.09), (1014.144, 81.28), (0.0, 0.0)])
def test_heat_has_the_values_of_the_handbook(total: float, expected: float) -> None:
    assert heat(total) == pytest.approx(expected, abs=0.005)


def test_heat_ends_at_a_hundred() -> None:
    assert heat(5000) == pytest.approx(100)
    assert heat(1e12) == 100


def test_a_fresh_post_of_an_ordinary_user_weighs_one_and_ten_of_them_weigh_ten() -> None:
    assert weight(Tier.C) == 1.0
    assert heat(sum(weight(Tier.C) for _ in range(10))) == pytest.approx(28.15, abs=0.005)


def test_a_shared_post_of_a_provincial_paper_one_hour_old_weighs_nearly_twenty() -> None:
    assert interaction(120, 80, 400, 50_000) == 610
    assert weight(Tier.B, 120, 80, 400, 50_000, age_hours=1) == pytest.approx(19.82, abs=0.005)


def test_unknown_counts_weigh_nothing() -> None:
    assert weight(Tier.A, None, None, None, None) == 5.0


def test_a_mention_loses_half_its_weight_in_six_hours() -> None:
    assert weight(Tier.C, age_hours=6) == pytest.approx(0.5)


@given(
    st.lists(st.tuples(st.sampled_from(list(Tier)), st.integers(0, 10_000), st.integers(0, 72 * 60)), min_size=1, max_size=20)
)
def test_one_running_sum_gives_the_same_heat_as_summing_every_mention_again(posts: list[tuple[Tier, int, int]]) -> None:
    now = NOON + timedelta(days=3)
    stored = sum(
        stored_weight(tier, interaction(reposts, 0, 0, 0), NOON + timedelta(minutes=at), NOON) for tier, reposts, at in posts
    )
    again = sum(weight(tier, reposts, age_hours=72 - at / 60) for tier, reposts, at in posts)

    assert heat_at(stored, NOON, now) == pytest.approx(heat(again))
    later = NOON + timedelta(days=40)
    assert heat_at(rebased(stored, NOON, later), later, now) == pytest.approx(heat(again))


@pytest.mark.parametrize(
    ("negative", "n", "lower"), [(8, 10, 0.490), (60, 100, 0.502), (600, 1000, 0.569), (3, 4, 0.301), (10, 10, 0.722)]
)
def test_small_samples_do_not_shout(negative: int, n: int, lower: float) -> None:
    assert wilson(negative, n)[0] == pytest.approx(lower, abs=0.0005)


def test_without_a_sample_the_share_may_be_anything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_between_its_bounds(sample: tuple[int, int]) -> None:
    negative, n = sample
    lower, upper = wilson(negative, n)

    assert 0 <= lower <= negative / n + 1e-9
    assert negative / n - 1e-9 <= upper <= 1


def test_growth_has_the_values_of_the_handbook() -> None:
    grown = growth([10, 14, 22, 30, 44, 60])

    assert grown.slope == pytest.approx(0.3474, abs=0.00005)
    assert grown.percent == pytest.approx(41.5, abs=0.05)
    assert grown.doubling_hours == pytest.approx(2.0, abs=0.01)


def test_growth_looks_at_the_last_six_hours_only() -> None:
    assert growth([900, 5, 10, 14, 22, 30, 44, 60]) == growth([10, 14, 22, 30, 44, 60])


@pytest.mark.parametrize("counts", [[7, 7, 7], [60, 30, 10], [0, 0, 0, 0, 0, 0]])
def test_what_does_not_grow_never_doubles(counts: list[int]) -> None:
    assert growth(counts).doubling_hours is None


def test_velocity_is_a_multiple_of_normal_and_normal_is_at_least_three() -> None:
    assert normal([]) == 3
    assert normal([0, 1, 0, 2, 0, 1, 1]) == 3
    assert normal([8, 12, 10]) == 10
    assert velocity(30, normal([8, 12, 10])) == 3
    assert velocity(6, 0) == 2


def test_the_figures_leave_the_house_under_the_names_of_the_contract() -> None:
    found = measure(
        heat=45.678,
        negative=8,
        n=10,
        per_hour=12,
        baseline=4,
        hours=[10, 14, 22, 30, 44, 60],
        platforms=2,
        authority=Tiers(b=1),
        reposts=120,
        reads=9000,
        mentions=11,
        best_list="city",
        regions=("浙江",),
    ).as_json()

    contract = "heat negative_share negative_lower n velocity per_hour growth reach platforms authority reposts reads"
    assert all(name in found for name in contract.split())
    assert (found["heat"], found["negative_share"], found["negative_lower"]) == (45.68, 0.8, 0.4902)
    assert (found["velocity"], found["growth"], found["authority"]) == (3.0, 41.5, "B")
    assert found["reach"] == {"platforms": 2, "list": "city", "regions": ["浙江"], "foreign": False}
