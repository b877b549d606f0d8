"""Letters to a circle of their own: to employees, partners, investors. They never reach the public channels unless somebody says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.config import Config
from bot.model.house import Channel
from bot.model.people import Person, Role
from bot.store import incidents, publications
from tests.statement_world import Desk, with_person

HR = Person("李姐", frozenset({Role.HR}), (("local", "李姐"),))
IR = Person("孙董", frozenset({Role.IR}), (("local", "孙董"),))
FILLED = (
    "改 D1 渠道小红书，下一步公布检测结果，日期12月5日18:00，对外答复人王磊，员工联系人何静（热线400-000-0000），仍在核实原因"
)


def furnished(desk: Desk, **house: Any) -> None:
    """The same desk after its configuration changed."""
    desk.house = replace(desk.house, **house)
    desk.crash()


@pytest.fixture
def desk(config: Config) -> Iterator[Desk]:
    made = Desk(config, grade="yellow")
    furnished(made, people=with_person(made.house, HR))
    yield made
    made.close()


def signed_letter(desk: Desk) -> None:
    """A staff letter with its whole chain."""
    desk.say("起草员工信 #1", "陈总")
    desk.say(FILLED, "陈总")
    desk.say("送审 D1", "陈总")
    for name in ("王磊", "何静", "李姐"):
        desk.say("同意 D1", name, room="")
    assert desk.draft().state == "approved"
    desk.out.clear()


def active(desk: Desk) -> None:
    """Handling goes on, with a decision and nothing else in the way."""
    desk.run(incidents.change, 1, "started", at=desk.now, by="张敏", state="active")
    desk.say("决策 #1 先下架该批次，原话：先下架", "陈总")


def test_a_staff_letter_without_an_inner_channel_is_told_by_hand_and_then_it_is_out(desk: Desk) -> None:
    signed_letter(desk)
    asked = desk.say("发布 D1", "王磊")
    assert "将交付" in asked
    assert "内部（李姐）" in asked
    assert "微博" not in asked, "a letter to employees is not for the public"
    desk.say(f"确认 {desk.draft().code}", "王磊")
    assert desk.heard("@李姐", "请发 D1")
    said = desk.say("已发 D1 员工大群 19:00", "李姐")
    assert "D1 内部 已发（李姐）" in said
    assert "已记：员工大群 19:00" in said
    assert "没发的渠道" not in said
    assert desk.draft().state == "released"
    assert desk.publications()[0].note == "员工大群 19:00"
    assert "员工✓已告知" in desk.say("受众 #1", "王磊")


def test_a_configured_inner_channel_carries_it(desk: Desk) -> None:
    inner = Channel("internal", "内网", "小刘", "")
    furnished(desk, channels=(*desk.house.channels, inner))
    signed_letter(desk)
    assert "内网（小刘）" in desk.say("发布 D1", "王磊")


def test_what_is_for_the_public_does_not_go_to_the_inner_channel_unless_named(desk: Desk) -> None:
    inner = Channel("internal", "内网", "小刘", "")
    furnished(desk, channels=(*desk.house.channels, inner))
    made = desk.approved()
    asked = desk.say(f"发布 D{made.id}", "王磊")
    assert "微博（苏琴）、官网（周宁）" in asked
    assert "内网" not in asked
    assert "内网（小刘）" in desk.say(f"发布 D{made.id} 内网", "王磊")


def test_a_letter_named_for_a_public_channel_is_warned_about(desk: Desk) -> None:
    signed_letter(desk)
    assert "员工信不是给公众的，要发到微博" in desk.say("发布 D1 微博", "王磊")


def test_a_letter_freezes_no_marketing(desk: Desk) -> None:
    signed_letter(desk)
    desk.say("发布 D1", "王磊")
    desk.say(f"确认 {desk.draft().code}", "王磊")
    assert not desk.run(lambda db: [r for r in db["tasks"].rows if r["kind"] == "freeze"])


def test_a_signed_letter_that_was_not_told_holds_the_incident_and_says_what_to_do(desk: Desk) -> None:
    signed_letter(desk)
    active(desk)
    refused = desk.say("跟踪 #1", "陈总")
    assert "还有稿件没收尾" in refused
    assert "已签齐（发布 D1，或 作废 D1）" in refused
    desk.say("发布 D1", "王磊")
    desk.say(f"确认 {desk.draft().code}", "王磊")
    assert "已交付（回 已发 D1 链接，或 未发 D1）" in desk.say("跟踪 #1", "陈总")
    desk.say("已发 D1 内部", "李姐")
    assert "还不能跟踪" not in desk.say("跟踪 #1", "陈总")


def test_approved_answers_for_the_press_do_not_hold_the_incident(desk: Desk) -> None:
    from tests.test_statements_voice import in_force

    in_force(desk)
    active(desk)
    assert "还不能跟踪" not in desk.say("跟踪 #1", "陈总")


def test_an_investor_notice_without_an_exchange_channel_goes_through_the_secretarys_hands(config: Config) -> None:
    desk = Desk(config, grade="blue", listed=True)
    furnished(desk, people=with_person(desk.house, IR))
    desk.say("起草投资者公告 #1", "何静")
    text = (
        "晨露乳业关于网络传闻的澄清公告\n本公司董事会及全体董事保证本公告内容真实、准确、完整。\n"
        "一、传闻情况：网传公司产品致人就诊。\n二、核实情况：经核实，就诊1例，情况稳定（依据：医院出具的就诊记录）。上述传闻部分属实。\n"
        "三、本公司指定的信息披露媒体以公告为准。\n晨露乳业董事会 2026年12月3日"
    )
    desk.say(f"改 D1 全文 {text}", "何静")
    assert "送审" in desk.say("送审 D1", "何静")
    for name in ("王磊", "孙董"):
        desk.say("同意 D1", name, room="")
    assert desk.draft().state == "approved"
    assert "交易所（孙董）" in desk.say("发布 D1", "王磊")
    assert "投资者公告要先走交易所渠道" in desk.say("发布 D1 微博", "王磊")
    desk.close()


def test_the_same_letter_is_not_handed_over_twice(desk: Desk) -> None:
    signed_letter(desk)
    desk.say("发布 D1", "王磊")
    desk.say(f"确认 {desk.draft().code}", "王磊")
    assert "不会发第二次" in desk.say("发布 D1", "王磊")
    assert len(desk.run(publications.of_draft, 1)) == 1


def test_words_that_were_taken_down_do_not_come_back_under_another_number(config: Config) -> None:
    desk = Desk(config)
    first = desk.handed("微博")
    desk.say(f"已发 D{first.id} 微博 https://weibo.example/d1", "苏琴")
    desk.say(f"撤下 D{first.id} 数字有误，不再更正", "陈总")
    desk.say(f"确认 {first.code}", "何静")
    assert desk.draft(first.id).state == "retracted"
    desk.say("起草首发 #1", "张敏")
    desk.say(f"改 D2 全文 {first.text}", "张敏")
    desk.say("送审 D2", "张敏")
    for name in ("王磊", "何静", "林工", "陈总"):
        desk.say("同意 D2", name, room="")
    assert desk.draft(2).sha256 == first.sha256
    assert "发过又撤下了，不再原样发出" in desk.say("发布 D2 微博", "王磊")
    desk.close()
