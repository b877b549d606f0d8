"""A source's health: what turns it, and what the room hears of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.model.health import Condition, Health, Outcome, Turn, next_health, report, switched_off, switched_on
from bot.model.source import Poll

START = datetime(2026, 6, 29, 18, 0, tzinfo=UTC)  # 02:00 in Beijing
GOOD, SAME = Outcome(), Outcome(changed=False)
EMPTY = Outcome(changed=False, found=False)
DEAD = Outcome.of(SourceError("连接不上"))
LOGIN = Outcome.of(SourceError("返回的是网页", "degraded"))
EVERY = 600.0


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def after(*outcomes, **more):
    """The health after polls ten minutes apart."""
    health = Health.at_start(START)
    for n, outcome in enumerate(outcomes):
        health = next_health(health, outcome, at(10 * n), every=EVERY, **more)
    return health


def test_one_failure_is_noise_and_two_in_a_row_are_failing():
    assert after(GOOD, DEAD).condition is Condition.OK
    assert after(GOOD, DEAD, GOOD, DEAD).condition is Condition.OK
    health = after(GOOD, DEAD, DEAD)
    assert (health.condition, health.hole, health.since, health.why) == (Condition.FAILING, START, at(20), "连接不上")


def test_two_intervals_without_any_answer_are_failing_also_when_no_poll_came_back():
    health = after(GOOD)
    assert next_health(health, None, at(19), every=EVERY) == health
    late = next_health(health, None, at(20), every=EVERY)
    assert (late.condition, late.why) == (Condition.FAILING, "两轮没有应答")
    assert next_health(health, DEAD, at(25), every=EVERY).condition is Condition.FAILING


def test_a_source_that_never_answered_is_failing_from_its_start_on():
    health = after(DEAD, DEAD)
    assert (health.condition, health.hole, health.good) == (Condition.FAILING, START, None)


def test_a_log_in_page_is_degraded_at_once_and_stays_so_until_a_good_answer():
    health = after(GOOD, LOGIN)
    assert (health.condition, health.hole, health.blind) == (Condition.DEGRADED, START, True)
    assert after(GOOD, LOGIN, DEAD).condition is Condition.DEGRADED
    assert after(GOOD, LOGIN, DEAD, DEAD).condition is Condition.FAILING
    assert after(GOOD, LOGIN, GOOD).condition is Condition.OK


def test_a_poll_that_lost_part_of_its_items_is_degraded_although_it_brought_some():
    assert Outcome.of(Poll((), {}, degraded="5 条有 2 条读不出来")) == Outcome("degraded", "5 条有 2 条读不出来")


def test_three_polls_without_change_are_stale_where_change_is_normal():
    assert after(GOOD, SAME, SAME, lively=True).condition is Condition.OK
    assert after(GOOD, SAME, SAME, SAME, lively=True).condition is Condition.STALE
    assert after(GOOD, SAME, SAME, SAME, SAME).condition is Condition.OK
    assert after(GOOD, SAME, SAME, SAME, GOOD, lively=True).condition is Condition.OK


def test_a_list_that_sleeps_at_night_is_stale_only_after_its_own_time():
    assert after(GOOD, SAME, SAME, SAME, lively=True, stale_after=3_600.0).condition is Condition.OK
    assert after(GOOD, *[SAME] * 6, lively=True, stale_after=3_600.0).condition is Condition.STALE


def test_a_search_without_hits_is_quiet_and_overdue_only_after_a_week():
    health = after(GOOD, EMPTY)
    assert (health.condition, health.overdue, health.blind) == (Condition.QUIET, False, False)
    week = next_health(health, EMPTY, START + timedelta(days=7), every=EVERY)
    assert (week.condition, week.overdue) == (Condition.QUIET, True)
    assert next_health(week, GOOD, at(20_000), every=EVERY).condition is Condition.OK


def test_what_is_expected_every_hour_is_missed_after_an_hour():
    health = after(GOOD, SAME, expect=3_600.0)
    assert health.condition is Condition.OK
    late = next_health(health, SAME, at(60), every=EVERY, expect=3_600.0)
    assert (late.condition, late.overdue) == (Condition.QUIET, True)


def test_a_source_switched_off_says_nothing_until_its_time_has_come():
    off = switched_off(after(GOOD, DEAD, DEAD), "张敏", at(60), at(30))
    assert next_health(off, DEAD, at(40), every=EVERY) == off
    assert (off.by, off.blind) == ("张敏", False)
    again = next_health(off, GOOD, at(60), every=EVERY)
    assert (again.condition, again.by, again.until) == (Condition.OK, "", None)
    assert switched_on(off, at(31)).good == START


def test_our_own_absence_is_no_silence_of_the_source():
    health = after(GOOD).resumed(at(600))
    assert next_health(health, None, at(601), every=EVERY).condition is Condition.OK
    blind = after(GOOD, DEAD, DEAD).resumed(at(600))
    assert (blind.condition, blind.hole) == (Condition.FAILING, START)


@given(st.lists(st.sampled_from([GOOD, SAME, EMPTY, DEAD, LOGIN, None])))
def test_health_survives_being_stored_at_every_step(outcomes):
    health = Health.at_start(START)
    for n, outcome in enumerate(outcomes):
        health = next_health(health, outcome, at(10 * n), every=EVERY, lively=True)
        assert Health.of(json.loads(json.dumps(health.record()))) == health
        assert (health.hole is not None) or not health.blind


def told(turns, kinds=None, health=None, now=None):
    names = [t.source for t in turns]
    healths = {t.source: t.after for t in turns} | (health or {})
    return report(turns, kinds or dict.fromkeys([*names, *healths], "newsnow"), healths, now or at(40))


def test_a_blind_source_is_said_with_the_hole_and_its_recovery_with_what_was_missing():
    well = next_health(Health.at_start(START), GOOD, at(10), every=EVERY)
    blind = next_health(next_health(well, DEAD, at(20), every=EVERY), DEAD, at(30), every=EVERY)
    assert told([Turn("微博热搜", well, blind)]).room == ("微博热搜 02:10 起看不见，简报不含它",)
    back = next_health(blind, GOOD, at(40), every=EVERY)
    assert told([Turn("微博热搜", blind, back, 17)]).room == ("微博热搜恢复，缺 02:10–02:40，补回17条",)
    assert told([Turn("微博热搜", blind, back)]).room == ("微博热搜恢复，缺 02:10–02:40，没有可补的",)


def test_health_goes_out_once_per_change():
    well, blind = after(GOOD), after(GOOD, DEAD, DEAD)
    worse = next_health(blind, LOGIN, at(30), every=EVERY)
    assert told([Turn("甲", blind, next_health(blind, DEAD, at(30), every=EVERY))]).room == ()
    assert told([Turn("甲", blind, worse)]).room == ()
    assert told([Turn("甲", well, next_health(well, SAME, at(10), every=EVERY))]).room == ()
    assert told([Turn("甲", blind, switched_off(blind, "张敏", None, at(30)))]).room == ()


def test_several_blind_sources_are_one_line():
    well, blind = after(GOOD), after(GOOD, DEAD, DEAD)
    assert told([Turn("甲", well, blind), Turn("乙", well, blind)]).room == (
        "2个信源看不见：甲（02:00 起）、乙（02:00 起），简报不含它们",
    )
    back = after(GOOD, DEAD, DEAD, GOOD)
    assert told([Turn("甲", blind, back, 3), Turn("乙", blind, back)]).room == (
        "2个信源恢复：甲 缺 02:00–02:40，补回3条；乙 缺 02:00–02:40，没有可补的",
    )


def test_a_log_in_page_is_said_with_its_reason():
    assert told([Turn("黑猫投诉", after(GOOD), after(GOOD, LOGIN))]).room == (
        "黑猫投诉 02:00 起内容异常（返回的是网页），简报不含它",
    )


def test_a_stale_list_and_an_overdue_search_are_said():
    stale = after(GOOD, SAME, SAME, SAME, lively=True)
    assert told([Turn("知乎", after(GOOD), stale)]).room == ("知乎 三轮没有变化，可能停更",)
    quiet = next_health(after(GOOD, EMPTY), EMPTY, START + timedelta(days=7), every=EVERY)
    line = told([Turn("晨露搜索", after(GOOD, EMPTY), quiet)], now=START + timedelta(days=7)).room
    assert line == ("晨露搜索 7天没有新内容，请核对来源或搜索词",)


def test_more_than_half_of_all_or_all_of_a_kind_also_go_to_the_duty_officer():
    well, blind = after(GOOD), after(GOOD, DEAD, DEAD)
    others = {"乙": well, "丙": well, "丁": well}
    kinds = {"甲": "heimao", "乙": "feed", "丙": "feed", "丁": "feed"}
    turn = Turn("甲", well, blind)
    assert told([turn], kinds | {"乙": "heimao"}, others).private == ""
    assert told([turn], kinds, others).private == "heimao 类信源全部看不见，请查接口或账号"
    assert (
        told([turn], kinds | {"乙": "heimao"}, others | {"乙": blind, "丙": blind}).private
        == "4个信源有3个看不见，请先查本机网络，再查各信源"
    )
    off = switched_off(well, "张敏", None, at(1))
    assert told([turn], kinds | {"乙": "heimao"}, {"乙": well, "丙": off, "丁": off}).private == ""
    assert told([Turn("甲", blind, well)], kinds, others).private == ""


def test_what_the_other_side_pushes_is_not_said_to_be_nothing():
    blind = after(GOOD, DEAD, DEAD)
    back = next_health(blind, GOOD, at(40), every=EVERY)
    assert told([Turn("供应商", blind, back, None)]).room == ("供应商恢复，缺 02:00–02:40，补没补要问对方",)
