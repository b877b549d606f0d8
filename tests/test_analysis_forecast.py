"""Phase, peak, half-life and the forecast on synthetic curves (domain handbook 3.4)."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.curve import Phase, damped_trend, hourly, shape_of
from bot.analysis.forecast import HORIZONS, Range, chance_of_next_grade, final_size, first_hour, forecast, heat_ahead
from bot.analysis.grading import suggest
from bot.analysis.indicators import Indicators, Tiers, heat, measure

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
RISE = [4, 6, 9, 13, 20, 30, 45, 67]
PLATEAU = [5, 12, 30, 48, 50, 49, 51, 50]
DECAY = [60, 48, 36, 27, 20, 15, 11, 8, 6]
DOUBLE = [5, 30, 60, 40, 22, 12, 8, 14, 30, 44, 52]


@pytest.mark.parametrize(
    ("counts", "phase"),
    [
        (RISE, Phase.RISING),
        (PLATEAU, Phase.PLATEAU),
        (DECAY, Phase.FALLING),
        (DOUBLE, Phase.SECOND),
        ([0, 1, 0, 2, 1, 0, 1], Phase.LATENT),
        ([], Phase.LATENT),
    ],
)
def test_the_phase_of_a_curve(counts: list[int], phase: Phase) -> None:
    assert shape_of(counts).phase is phase


def test_a_second_wave_is_told_from_one_that_has_passed() -> None:
    passed = shape_of([*DOUBLE, 30, 14, 7, 4, 3])

    assert shape_of(DOUBLE).second_wave
    assert passed.second_wave
    assert passed.phase is Phase.FALLING
    assert not shape_of(DECAY).second_wave
    assert not shape_of([4, 1, 2, 1, 3, 1, 2]).second_wave


def test_peak_and_half_life_are_read_off_the_smoothed_counts() -> None:
    shape = shape_of([2, 10, 40, 60, 50, 40, 30, 24, 16, 12, 9])

    assert shape.peak == 3
    assert shape.peak_count == 50
    assert shape.half_life == 4
    assert shape_of(RISE).half_life is None


def test_a_half_that_does_not_last_three_buckets_is_no_half_life() -> None:
    assert shape_of([10, 60, 60, 60, 10, 10, 60, 60, 60]).half_life is None


def test_under_six_buckets_there_is_too_little_to_go_by() -> None:
    assert not forecast([5, 9, 14, 22, 30], NOON).enough
    assert forecast([5, 9, 14, 22, 30, 44], NOON).enough


@given(st.lists(st.integers(0, 5000), min_size=6, max_size=60), st.sampled_from([10, 15, 30, 60]))
def test_a_forecast_is_a_range_in_order_and_never_below_nothing(counts: list[int], minutes: int) -> None:
    volume = forecast(counts, NOON, bucket_minutes=minutes).volume

    assert set(volume) == set(HORIZONS)
    assert all(0 <= r.low <= r.mid <= r.high for r in volume.values())
    assert all(math.isfinite(r.high) for r in volume.values())


def test_more_now_means_more_expected_next() -> None:
    quiet, loud = forecast([3] * 8, NOON).volume, forecast([80] * 8, NOON).volume

    assert all(loud[h].mid > 3 * quiet[h].mid for h in HORIZONS)


def test_a_decaying_matter_is_expected_to_go_on_falling() -> None:
    volume = forecast(DECAY, NOON).volume

    assert volume[6].mid < DECAY[-1]


def test_a_long_steady_rise_or_level_is_not_expected_to_break_off_at_once() -> None:
    rise, level = forecast(RISE, NOON).volume[1], forecast([50] * 10, NOON).volume[1]

    assert rise.mid > 0.8 * RISE[-1]
    assert rise.high > RISE[-1]
    assert level.low <= 50 <= level.high
    assert level.mid > 35


def test_the_damped_trend_follows_the_curve_and_flattens() -> None:
    steps = [damped_trend(list(reversed(RISE)), h) for h in (0, 1, 2, 3, 6)]
    rises = [b - a for a, b in pairwise(steps)]

    assert steps == sorted(steps)
    assert rises[1] < rises[0]
    assert damped_trend([7] * 6, 6) == pytest.approx(math.log1p(7))


def test_hours_are_counted_back_from_now() -> None:
    hours, late = hourly([1, 1, 1, 1, 1, 1, 2, 0, 0, 0, 4, 6], 10)

    assert hours == [12, 6]
    assert late == pytest.approx(10.5 / 13)
    assert hourly([3, 5], 60) == ([5, 3], 0.5)


def test_heat_ahead_fades_without_news_and_keeps_up_with_them() -> None:
    nothing = heat_ahead(100.0, 1.0, {6: Range(0, 0, 0)})
    plenty = heat_ahead(100.0, 1.0, {1: Range(50, 60, 70), 6: Range(50, 60, 70)})

    assert nothing[6].mid == pytest.approx(heat(50.0))
    assert heat(50.0) < plenty[6].low < plenty[6].mid < plenty[6].high


def busy(hot: float) -> Indicators:
    """Forty mentions, half of them negative, on two platforms."""
    return replace(
        measure(heat=hot, negative=30, n=40, per_hour=12, baseline=3, platforms=2, authority=Tiers(), mentions=40),
    )


def test_the_next_grade_is_likelier_when_more_is_expected_and_never_without_a_forecast() -> None:
    summed = math.expm1(45 / 100 * math.log1p(5000))
    now = busy(45.0)
    few = {h: Range(1, 4, 9) for h in HORIZONS}
    many = {h: Range(150, 320, 700) for h in HORIZONS}

    low, high = chance_of_next_grade(now, summed, 1.0, few), chance_of_next_grade(now, summed, 1.0, many)

    assert suggest(now).grade is not None
    assert 0 <= low < 0.1 < 0.9 < high <= 1
    assert chance_of_next_grade(now, summed, 1.0, {}) == 0.0


def test_a_post_that_caught_on_in_its_first_hour_is_expected_to_grow_larger() -> None:
    slow = first_hour([600.0 * i for i in range(1, 6)], NOON, followers=3000)
    fast = first_hour([12.0 * i for i in range(1, 250)], NOON, followers=3000)

    assert final_size(fast).mid > 1.5 * final_size(slow).mid
    assert final_size(fast).low < final_size(fast).mid < final_size(fast).high
    assert len(first_hour([], NOON)) == len(fast)
