"""Release: who may, in which order, once; and what became of it (room page 5 and 7, domain handbook 6.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot import clocking, releasing
from bot.config import Config
from bot.errors import UserError
from bot.model.house import Channel
from bot.model.people import Person, Role
from bot.store import incidents, notes, statements, timers, voice, work
from tests.statement_world import Desk, with_person


@pytest.fixture
def desk(config: Config) -> Iterator[Desk]:
    made = Desk(config)
    yield made
    made.close()


def test_the_transcript_from_complete_chain_to_released(desk: Desk) -> None:
    it = desk.approved()
    echo = desk.say("发布 D1 微博+官网", "王磊")
    assert echo.startswith(f"将交付 {it.name} 给 微博（苏琴）、官网（周宁）；注意：")
    assert "员工信还没有" in echo
    assert f"确认 {it.code}" in echo

    assert desk.say(f"确认 {it.code}", "王磊") == f"{it.name} 已交付：微博（苏琴）、官网（周宁）"
    handed = {s.to: s.text for s in desk.out if s.reason == "hand_over"}
    assert set(handed) == {"@苏琴", "@周宁"}
    assert all(it.text in text for text in handed.values())

    assert "还等 官网" in desk.say("已发 D1 https://weibo.example/d1", "苏琴")
    last = desk.say("已发 D1 https://www.example/notice", "周宁")
    assert "18:00 再通报已计时" in last
    assert desk.draft().state == "released"
    assert timers.find_clock(desk.store._reader(), 1, "next_word") is not None


def test_an_incomplete_chain_is_refused_whoever_asks(desk: Desk) -> None:
    desk.in_review()
    for name in ("王磊", "何静", "林工"):
        desk.say("同意 D1", name, room="")
    for name in ("王磊", "陈总"):
        assert "签字不全（公关✓王磊 法务✓何静 业务✓林工 指挥…）" in desk.say("发布 D1", name)
    assert not desk.publications()


@pytest.mark.parametrize("name", ["何静", "林工", "小刘", "李雷", "苏琴", "周宁"])
def test_who_may_not_release_reads_who_may(desk: Desk, name: str) -> None:
    desk.approved()
    assert "可以的是：" in desk.say("发布 D1 微博", name)
    assert not desk.publications()


def test_the_duty_officer_releases_on_the_emergency_path_only(desk: Desk) -> None:
    desk.approved()
    assert "值班长只能发紧急首发" in desk.say("发布 D1 微博", "张敏")


def test_at_least_one_signature_is_not_the_releasers(config: Config) -> None:
    desk = Desk(config, grade="blue")
    desk.approved()
    assert "至少要有一个签字不是发布人自己的" in desk.say("发布 D1 微博", "王磊")
    assert "将交付" in desk.say("发布 D1 微博", "陈总")
    desk.close()


def test_an_old_code_cannot_release_a_newer_text(desk: Desk) -> None:
    old = desk.approved()
    desk.say("发布 D1 微博", "王磊")
    desk.say("改 D1 把「眼下最关心」改成「最关心」", "张敏")
    for name in ("王磊", "何静", "林工", "陈总"):
        desk.say("同意 D1", name, room="")
    assert desk.draft().state == "approved"

    answer = desk.say(f"确认 {old.code}", "王磊")

    assert "作废" in answer
    assert not desk.publications()


def test_a_confirmation_is_the_askers_own_and_lasts_two_minutes(desk: Desk) -> None:
    it = desk.approved()
    desk.say("发布 D1 微博", "王磊")
    desk.say(f"确认 {it.code}", "陈总")
    desk.say("好的", "王磊")
    assert not desk.publications()
    desk.later(minutes=3)
    desk.say(f"确认 {it.code}", "王磊")
    assert not desk.publications()


def test_a_text_goes_out_once_on_a_channel(desk: Desk) -> None:
    it = desk.handed("微博")
    assert "不会发第二次" in desk.say("发布 D1 微博", "王磊")
    assert "将交付" in desk.say("发布 D1 官网", "王磊")
    desk.say(f"确认 {it.code}", "王磊")
    assert sorted(p.channel for p in desk.publications()) == ["website", "weibo"]
    desk.say("已发 D1 https://weibo.example/1", "苏琴")
    assert "已经登记过了" in desk.say("已发 D1 微博 https://weibo.example/1", "苏琴")


def test_what_was_not_released_may_go_again(desk: Desk) -> None:
    it = desk.handed("微博")
    assert "没有发出" in desk.say("未发 D1 微博", "苏琴")
    assert desk.draft().state == "approved"
    desk.say("发布 D1 微博", "王磊")
    desk.say(f"确认 {it.code}", "王磊")
    assert [p.state for p in desk.publications()] == ["not_released", "handed"]


def test_only_the_operator_or_who_the_table_names_records_a_release(desk: Desk) -> None:
    desk.handed("官网")
    assert "登记发布可以的是：周宁" in desk.say("已发 D1 https://www.example/1", "小刘")
    assert "已发" in desk.say("已发 D1 https://www.example/1", "周宁")


def test_any_member_holds_at_once_and_only_some_lift(desk: Desk) -> None:
    it = desk.approved()
    desk.say("发布 D1 微博", "王磊")
    assert "已压住。解除须公关/法务/指挥" in desk.say("先别发 D1", "小刘")
    desk.say(f"确认 {it.code}", "王磊")
    assert not desk.publications(), "a hold in the last second wins"
    assert "解除可以的是" in desk.say("解除 D1", "小刘")
    assert "解除压稿" in desk.say("解除 D1", "何静")
    assert "将交付" in desk.say("发布 D1 微博", "王磊")


def test_a_hold_of_the_secretary_is_lifted_by_the_secretary_alone(config: Config) -> None:
    desk = Desk(config)
    desk.house = replace(desk.house, people=with_person(desk.house, Person("孙董", frozenset({Role.IR}), (("local", "孙董"),))))
    desk.crash()
    desk.approved()
    desk.say("先别发 D1", "孙董")
    assert "解除可以的是：董秘" in desk.say("解除 D1", "陈总")
    assert "解除压稿" in desk.say("解除 D1", "孙董")
    desk.close()


def test_a_hold_after_hand_over_reaches_the_operator(desk: Desk) -> None:
    desk.handed("微博")
    desk.say("先别发 D1 数字要改", "小刘")
    assert desk.heard("@苏琴", "先别发")


def test_a_scheduled_release_is_checked_again_when_its_hour_comes(desk: Desk) -> None:
    it = desk.approved()
    assert "18:00" in desk.say("发布 D1 微博 今天18:00", "王磊")
    assert "定于 18:00 交付" in desk.say(f"确认 {it.code}", "王磊")
    assert not desk.publications()
    desk.later(hours=9)
    assert [p.state for p in desk.publications()] == ["handed"]


def test_a_scheduled_release_does_not_go_when_its_chain_fell(desk: Desk) -> None:
    it = desk.approved()
    desk.say("发布 D1 微博 明天10:00", "王磊")
    desk.say(f"确认 {it.code}", "王磊")
    desk.later(hours=25)
    assert not desk.publications(), "the signatures were older than twelve hours"
    assert any("定时发布没有做" in s.text and s.to == "@王磊" for s in desk.said)


def test_a_scheduled_release_is_planned_anew_and_waits_where_nobody_could_send_it(desk: Desk) -> None:
    it = desk.approved()
    desk.say("发布 D1 微博 今天18:00", "王磊")
    desk.say(f"确认 {it.code}", "王磊")
    desk.house = replace(desk.house, people=tuple(p for p in desk.house.people if p.name != "苏琴"))
    desk.crash()
    desk.later(hours=9)
    assert not desk.publications()
    assert any("定时发布没有做" in s.text and "没有配置经办人" in s.text and s.to == "@王磊" for s in desk.said)


def test_a_correction_is_linked_both_ways_and_one_grade_stricter(config: Config) -> None:
    desk = Desk(config, grade="yellow")
    desk.handed("微博")
    desk.say("已发 D1 https://weibo.example/1", "苏琴")
    assert "不能再改" in desk.say("改 D1 把「眼下」改成「现在」", "张敏")
    assert "D2 v1" in desk.say("更正 D1", "张敏")
    desk.say("改 D2 更正的内容渠道应为微博", "张敏")
    assert "公关… 法务… 业务… 指挥…" in desk.say("送审 D2", "张敏")
    assert (desk.draft(2).corrects, desk.draft(1).corrected_by) == (1, 2)
    for name in ("王磊", "何静", "林工", "陈总"):
        desk.say("同意 D2", name, room="")
    desk.say("发布 D2 微博", "王磊")
    desk.say(f"确认 {desk.draft(2).code}", "王磊")
    desk.say("已发 D2 https://weibo.example/2", "苏琴")
    states = (desk.draft(1).state, desk.draft(2).state)
    desk.close()
    assert states == ("superseded", "released")


def test_what_is_out_on_one_channel_only_is_corrected_and_not_edited(desk: Desk) -> None:
    desk.handed()
    assert "还没有哪个渠道发出。先停住：先别发 D1" in desk.say("更正 D1", "张敏")
    desk.say("已发 D1 https://weibo.example/1", "苏琴")
    assert "更正 D1" in desk.say("改 D1 把「眼下」改成「现在」", "张敏")
    said = desk.say("更正 D1", "张敏")
    assert said.startswith("D2 v1")
    assert "D1 还有渠道没发，要停住请回：先别发 D1" in said
    assert "没有发出" in desk.say("未发 D1 官网，登录不上", "周宁")
    assert [p.state for p in desk.publications()] == ["released", "not_released"]


def test_taking_down_needs_commander_and_legal_and_a_correction_or_a_reason(desk: Desk) -> None:
    desk.handed("微博")
    desk.say("已发 D1 https://weibo.example/1", "苏琴")
    assert "可以的是" in desk.say("撤下 D1 错了", "王磊")
    assert "先起草更正" in desk.say("撤下 D1", "陈总")
    assert "要法务确认" in desk.say("撤下 D1 数字错了", "陈总")
    assert desk.draft().state == "released"
    assert "撤下（陈总、何静）" in desk.say("确认 陈总", "何静", room="")
    assert desk.draft().state == "retracted"
    assert desk.heard("@苏琴", "请撤下 D1 微博")


def test_selective_disclosure_is_refused(config: Config) -> None:
    desk = Desk(config, grade="yellow", kind="investor", listed=True)
    ir = Person("孙董", frozenset({Role.IR}), (("local", "孙董"),))
    desk.house = replace(desk.house, people=with_person(desk.house, ir))
    desk.crash()
    desk.clean_draft()
    desk.say("送审 D1", "张敏")
    for name in ("王磊", "何静", "孙董"):
        desk.say("同意 D1", name, room="")
    said = desk.say("发布 D1 微博", "王磊")
    desk.close()
    assert "选择性披露" in said


def test_marketing_is_frozen_by_tasks_once(desk: Desk) -> None:
    desk.handed()
    frozen = [t for t in desk.run(lambda db: work.tasks(db, incident=1)) if t.kind == "freeze"]
    assert {t.assignee for t in frozen} == {"苏琴", "周宁"}
    assert "早已派过" in desk.say("冻结营销 #1", "小刘")


def test_who_was_missed_is_marked_and_stands_in_the_brief(desk: Desk) -> None:
    desk.handed("微博")
    assert "漏了：受影响者和家属、员工" in desk.say("已发 D1 https://weibo.example/1", "苏琴")
    assert "补告知员工（漏了）" in desk.say("简报 #1", "陈总", room="")
    desk.run(lambda db: notes.tell(db, 1, "employees", "群里", by="王磊", at=desk.now))
    assert "补告知员工" not in desk.say("简报 #1", "陈总", room="")


def test_a_kept_promise_is_said_and_a_missed_one_is_called_out(desk: Desk) -> None:
    desk.handed("微博")
    desk.say("已发 D1 https://weibo.example/1", "苏琴")
    desk.out.clear()
    desk.later(hours=8, minutes=30)
    assert any("再次通报" in s.text for s in desk.out)


def test_a_public_promise_outlives_the_end_of_handling(desk: Desk) -> None:
    desk.handed("微博")
    desk.say("已发 D1 https://weibo.example/1", "苏琴")
    desk.run(lambda db: clocking.cancel_clocks(db, incidents.get(db, 1), at=desk.now, by="李雷", why="已转跟踪", legal=False))
    assert [c.name for c in desk.run(timers.clocks_of, 1)] == ["next_word"]


def test_the_connector_gets_the_text_only_with_everything_in_place(config: Config) -> None:
    channels = (Channel("weibo", "微博", "苏琴", "webhook"), Channel("website", "官网", "周宁", ""))
    desk = Desk(config, channels=channels)
    desk.handed("微博")
    assert [p.state for p in desk.publications()] == ["queued"]
    desk.say("先别发 D1", "小刘")
    states = [p.state for p in desk.publications()]
    desk.close()
    assert states == ["not_released"]


def test_a_repeated_delivery_gets_the_stored_reply(desk: Desk) -> None:
    it = desk.approved()
    desk.say("发布 D1 微博", "王磊")
    first = desk.say(f"确认 {it.code}", "王磊", id="same")
    desk.crash()
    assert desk.say(f"确认 {it.code}", "王磊", id="same") == first
    assert len(desk.publications()) == 1


def test_every_act_is_rebuilt_from_the_log(desk: Desk) -> None:
    from bot.store import journal

    desk.handed("微博")
    desk.say("已发 D1 https://weibo.example/1", "苏琴")
    state = desk.run(journal.rebuild)
    for table in ("drafts", "versions", "signatures", "publications", "hearings"):
        rows = desk.run(lambda db, t=table: {r["id"]: r for r in db.table(t).rows})
        assert set(rows) == set(state[table]), table
        for id, columns in state[table].items():
            assert {k: rows[id][k] for k in columns} == columns
    assert not desk.run(journal.verify, None)[1]
    assert desk.run(statements.get, 1).state == "released"
    assert desk.run(voice.hearings, 1)


def test_nothing_leaves_a_drill_whoever_asks_and_a_complete_chain_is_its_end(config: Config) -> None:
    desk = Desk(config, drill=True)
    desk.in_review()
    for name in ("王磊", "何静", "林工"):
        desk.say("同意 D1", name, room="")
    assert "D1 v2" in (said := desk.say("发布 D1 微博", "王磊"))
    assert "演练中不对外交付" in said
    assert "。演练中不对外交付，签齐就算已发" in desk.say("同意 D1", "陈总", room="")
    assert desk.draft().state == "released"
    for name in ("王磊", "陈总"):
        assert "演练中不对外交付" in desk.say("发布 D1 微博", name)
        desk.say(f"确认 {desk.draft().code}", name)
    assert not desk.publications()
    assert not [s for s in desk.said if s.reason == "hand_over"]
    desk.close()


def test_the_rule_of_the_drill_stands_beneath_the_question(config: Config) -> None:
    """Also where a release was approved, confirmed or timed before: the hand-over itself refuses."""
    desk = Desk(config)
    desk.approved()
    desk.say("发布 D1 微博 今天18:00", "王磊")
    desk.say(f"确认 {desk.draft().code}", "王磊")
    desk.house = replace(desk.house, drill=True)
    desk.crash()
    it = desk.draft()
    with pytest.raises(UserError, match="演练中不对外交付"):
        desk.run(lambda db: releasing.hand_over(db, desk.house, it, desk.house.channels, by="王磊", at=desk.now))
    desk.later(hours=9)
    assert not desk.publications()
    assert any("定时发布没有做" in s.text and "演练中不对外交付" in s.text for s in desk.said)
    desk.close()


def test_consent_that_the_releaser_recorded_is_the_releasers_own_hand(config: Config) -> None:
    desk = Desk(config, grade="blue")
    desk.in_review()
    assert "公关✓王磊（代）" in desk.say("王磊电话同意 D1", "陈总")
    assert "代录的也算发布人的" in desk.say("发布 D1 微博", "陈总")
    assert "至少要有一个签字不是发布人自己的" in desk.say("发布 D1 微博", "王磊")
    assert not desk.publications()
    desk.close()


def test_a_channel_that_was_missed_gets_the_text_later_and_each_channel_once(desk: Desk) -> None:
    it = desk.handed("微博")
    assert "没发的渠道：官网" in desk.say("已发 D1 https://weibo.example/1", "苏琴")
    promised = desk.run(lambda db: timers.find_clock(db, 1, "next_word"))
    assert "不会发第二次" in desk.say("发布 D1 微博", "王磊")
    assert "给 官网（周宁）" in desk.say("发布 D1", "王磊")
    desk.say(f"确认 {it.code}", "王磊")
    said = desk.say("已发 D1 https://www.example/1", "周宁")
    assert "没发的渠道" not in said
    assert "承诺" not in said, "the text keeps no promise of its own by going out elsewhere"
    assert desk.run(lambda db: timers.find_clock(db, 1, "next_word")) == promised
    assert "已经发过" in desk.say("发布 D1 官网", "王磊")
    assert [(p.channel, p.state) for p in desk.publications()] == [("weibo", "released"), ("website", "released")]


def test_a_missed_channel_needs_the_chain_as_it_is_then(desk: Desk) -> None:
    desk.handed("微博")
    desk.say("已发 D1 https://weibo.example/1", "苏琴")
    desk.later(hours=13)
    assert "签字不全" in desk.say("发布 D1 官网", "王磊")
    assert len(desk.publications()) == 1
