"""Times as people type them, read on a Tuesday at 15:20 in Beijing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.due import due_at, length_of
from bot.model.times import BEIJING

TUESDAY = datetime(2026, 3, 10, 15, 20, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("今晚8点前", "2026-03-10 20:00"),
        ("今晚八点整", "2026-03-10 20:00"),
        ("今晚12点前", "2026-03-11 00:00"),
        ("今晚", "2026-03-10 22:00"),
        ("周五", "2026-03-13 18:00"),
        ("周五下午", "2026-03-13 18:00"),
        ("周一", "2026-03-16 18:00"),
        ("下周一上午10点", "2026-03-16 10:00"),
        ("下周三", "2026-03-18 18:00"),
        ("半小时内", "2026-03-10 15:50"),
        ("30分钟", "2026-03-10 15:50"),
        ("两小时后", "2026-03-10 17:20"),
        ("一个半小时内", "2026-03-10 16:50"),
        ("1h30min", "2026-03-10 16:50"),
        ("明早10点", "2026-03-11 10:00"),
        ("明早", "2026-03-11 09:00"),
        ("明天中午", "2026-03-11 12:00"),
        ("明天", "2026-03-11 18:00"),
        ("两点前", "2026-03-11 14:00"),
        ("四点前", "2026-03-10 16:00"),
        ("下午四点", "2026-03-10 16:00"),
        ("18:00", "2026-03-10 18:00"),
        ("１８:００", "2026-03-10 18:00"),
        ("9:30", "2026-03-10 21:30"),
        ("09:30", "2026-03-11 09:30"),
        ("月底", "2026-03-31 18:00"),
        ("下个月底", "2026-04-30 18:00"),
        ("下个月15号下午", "2026-04-15 18:00"),
        ("到明早8点", "2026-03-11 08:00"),
        ("后天下午三点半", "2026-03-12 15:30"),
        ("大后天上午九点一刻", "2026-03-13 09:15"),
        ("12-05", "2026-12-05 18:00"),
        ("12月5日", "2026-12-05 18:00"),
        ("3月1日", "2027-03-01 18:00"),
        ("十二月五号上午十点", "2026-12-05 10:00"),
        ("2026-04-02 08:15", "2026-04-02 08:15"),
        ("15号下午三点", "2026-03-15 15:00"),
        ("今天下班前", "2026-03-10 18:00"),
        ("下班前", "2026-03-10 18:00"),
        ("今天之内", "2026-03-10 18:00"),
        ("凌晨2点", "2026-03-11 02:00"),
        ("晚上11点", "2026-03-10 23:00"),
        ("立刻", "2026-03-10 15:20"),
        ("ddl 18:00", "2026-03-10 18:00"),
        ("3天内", "2026-03-13 15:20"),
        ("下週五", "2026-03-20 18:00"),
    ],
)
def test_a_typed_time_is_the_moment_people_mean(typed: str, moment: str) -> None:
    at = due_at(typed, TUESDAY.astimezone(UTC), BEIJING)

    assert at is not None
    assert at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") == moment


def test_an_hour_typed_late_at_night_is_in_the_same_night() -> None:
    late = datetime(2026, 3, 10, 22, 5, tzinfo=BEIJING)

    assert due_at("两点前", late, BEIJING) == datetime(2026, 3, 11, 2, 0, tzinfo=BEIJING)


@pytest.mark.parametrize("typed", ["", "尽量", "2月30日", "13-45", "没有时间", "等通知", "下个月31号"])
def test_words_without_a_real_time_give_none(typed: str) -> None:
    now = datetime(2026, 3, 10, 7, 20, tzinfo=UTC)

    assert due_at(typed, now, BEIJING) is None


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("2小时", 7200), ("40分钟", 2400), ("1h", 3600), ("半天", 43200), ("30天", 2592000), ("半小时", 1800), ("一个半小时", 5400),
        ("两小时", 7200), ("1.5小时", 5400), ("90分", 5400), ("一周", 604800), ("30min", 1800), ("1天半", 129600), ("三刻钟左右 45分钟", 2700),
        ("两個鐘頭", 7200), ("2小时30分", 9000), ("周末两天", 172800), ("一刻钟", 900),
    ],
)  # fmt: skip
def test_a_typed_length_is_seconds(typed: str, seconds: float) -> None:
    assert length_of(typed) == seconds


@pytest.mark.parametrize("typed", ["", "一会儿再说", "永久", "明天", "0小时"])
def test_no_length_is_none(typed: str) -> None:
    assert length_of(typed) is None


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    at = due_at(text, TUESDAY, BEIJING)

    assert at is None or at.tzinfo is not None
    assert (length_of(text) or 1) > 0


@given(st.text(alphabet="今明后天早晚上下午点前半内小时周一五月底号十二三0123456789:- 到", max_size=14))
def test_times_made_of_time_words_never_raise(text: str) -> None:
    at = due_at(text, TUESDAY, BEIJING)

    assert at is None or at.tzinfo is not None
