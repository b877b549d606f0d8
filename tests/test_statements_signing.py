"""Sign-off: what a yes is worth, who may give it, and how it falls (domain handbook 5, room page 5)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot import falling, signoff
from bot.config import Config
from bot.model.grade import Grade
from bot.model.message import Message
from bot.model.people import Person, Role
from bot.store import incidents, statements
from tests.statement_world import Desk, with_person


@pytest.fixture
def desk(config: Config) -> Iterator[Desk]:
    made = Desk(config)
    yield made
    made.close()


def standing(desk: Desk, number: int = 1) -> signoff.Standing:
    return desk.run(lambda db: signoff.standing_of(db, desk.house, statements.get(db, number), desk.now))


def test_a_yes_binds_to_one_text_and_any_edit_voids_it(desk: Desk) -> None:
    it = desk.in_review()
    assert "公关✓王磊" in desk.say(f"同意 D1 v{it.version}·{it.code}", "王磊")

    edited = desk.say("改 D1 把「眼下最关心」改成「最关心」", "张敏")

    assert "签字作废（王磊）：稿件改过了" in edited
    assert "送审：公关… 法务… 业务… 指挥…" in edited, "an edit during review is submitted again by itself"
    assert not standing(desk).signed
    assert "没有签" in desk.say(f"同意 D1 v{it.version}·{it.code}", "王磊", room=""), "the old code signs nothing"
    assert not standing(desk).signed


@pytest.mark.parametrize(
    ("grade", "kind", "roles"),
    [
        ("blue", "food_safety", "公关…"),
        ("yellow", "food_safety", "公关… 法务…"),
        ("orange", "food_safety", "公关… 法务… 业务… 指挥…"),
        ("red", "food_safety", "公关… 法务… 业务… 指挥…"),
        ("yellow", "outage", "公关… 法务… 信息安全…"),
    ],
)
def test_the_chain_follows_grade_and_matter(config: Config, grade: str, kind: str, roles: str) -> None:
    desk = Desk(config, grade=grade, kind=kind)
    desk.clean_draft()
    said = desk.say("送审 D1", "张敏")
    desk.close()
    assert roles in said
    assert said.split("：", 1)[1].startswith(roles)


def test_what_may_move_the_share_price_needs_the_secretary(config: Config) -> None:
    desk = Desk(config, grade="yellow", kind="investor", listed=True)
    desk.clean_draft()
    assert "董秘…；缺位：董秘" in desk.say("送审 D1", "张敏")
    desk.close()


def test_an_author_cannot_sign(desk: Desk) -> None:
    desk.in_review(by="王磊")
    assert "起草人不能签" in desk.say("同意 D1", "王磊", room="")
    assert not standing(desk).signed


def test_who_changed_one_word_is_an_author_too(desk: Desk) -> None:
    desk.in_review()
    desk.say("改 D1 把「眼下最关心」改成「最关心」", "何静")
    assert "起草人不能签" in desk.say("同意 D1", "何静", room="")


def test_one_person_fills_one_role(config: Config) -> None:
    desk = Desk(config, kind="data_breach")
    desk.in_review()
    desk.say("同意 D1", "林工", room="")
    again = desk.say("同意 D1", "林工", room="")
    signed = standing(desk).signed
    desk.close()
    assert "已经签过" in again
    assert [r for r, s in signed.items() if s.person == "林工"] == [Role.BIZ]


def test_a_rejected_version_is_dead_for_ever(desk: Desk) -> None:
    it = desk.in_review()
    desk.say("同意 D1", "王磊", room="")
    assert "退回要写理由" in desk.say("退回 D1", "何静", room="")
    assert "这一版不能再用" in desk.say("退回 D1 数字没核实", "何静", room="")
    assert desk.heard("@张敏", "改 D1")
    assert not standing(desk).signed
    assert "被退回过" in desk.say("送审 D1", "张敏")

    desk.say("改 D1 把「眼下最关心」改成「最关心」", "张敏")
    back = desk.say("改 D1 把「最关心」改成「眼下最关心」", "张敏")

    assert "被退回过的那一版" in back
    assert desk.draft().sha256 != it.sha256


def test_legal_may_veto_at_any_time_and_a_stranger_to_the_chain_may_not(config: Config) -> None:
    desk = Desk(config, grade="blue")
    desk.approved()
    assert "退回" in desk.say("退回 D1 措辞不妥", "小刘", room="")
    assert desk.draft().state == "approved"
    desk.say("退回 D1 措辞不妥", "何静", room="")
    state = desk.draft().state
    desk.close()
    assert state == "draft"


def test_a_conditional_yes_is_no_signature(desk: Desk) -> None:
    desk.in_review()
    assert "有条件，未计签字；已请张敏改" in desk.say("同意 D1，但「我们」要写明公司", "何静", room="")
    assert desk.heard("@张敏", "有条件")
    assert not standing(desk).signed


def test_a_signature_counts_only_for_what_reached_the_signer(desk: Desk) -> None:
    other = Person("周律", frozenset({Role.LEGAL}), (("local", "周律"),))
    desk.house = replace(desk.house, people=with_person(desk.house, other))
    desk.crash()
    desk.in_review()
    assert "没有签：您还没看过" in desk.say("同意 D1", "周律", room="")
    assert desk.heard("@周律", "晨露乳业 2026年12月3日"), "the text came instead"
    assert not standing(desk).signed
    assert "法务✓周律" in desk.say("同意 D1", "周律", room="")


def test_signing_is_private_and_the_room_sees_progress_only(desk: Desk) -> None:
    desk.clean_draft()
    desk.out.clear()
    desk.say("送审 D1", "张敏")
    card = next(s.card for s in desk.out if s.to == "@何静" and s.card)
    assert card is not None
    assert card.kind == "signoff"
    it = desk.draft()
    assert [b.text for b in card.buttons] == [f"同意 v{it.version}·{it.code}", "退回", "转代理"]
    assert any(it.text in s.text for s in desk.out if s.to == "@何静" and s.reason == "text")
    assert any("前回" in line for line in card.must)

    desk.out.clear()
    desk.say("同意 D1", "何静", room="")
    room_lines = [s.text for s in desk.out if s.to == "危机室"]
    assert room_lines == [f"{it.name}：公关… 法务✓何静 业务… 指挥…（还差公关、业务、指挥，剩19分）"]


def test_a_signer_sees_what_changed_since_the_version_seen_last(desk: Desk) -> None:
    desk.in_review()
    desk.say("改 D1 把「眼下最关心」改成「最关心」", "张敏")
    card = next(s.card for s in reversed(desk.said) if s.to == "@何静" and s.card)
    assert any("[-眼下-]" in line for line in card.lines)


def test_consent_by_telephone_is_marked_and_told_to_whom_it_is_attributed(desk: Desk) -> None:
    desk.in_review()
    assert "不能由你代录" in desk.say("陈总电话同意 D1", "张敏")
    assert "指挥✓陈总（代）" in desk.say("陈总电话同意 D1", "王磊")
    assert desk.heard("@陈总", "记录您电话同意")
    signature = desk.run(statements.signatures, 1)[0]
    assert (signature.person, signature.recorder) == ("陈总", "王磊")
    assert "退回（陈总）：电话里我没同意。" in desk.say("退回 D1 电话里我没同意", "陈总", room="")
    assert not standing(desk).signed


@pytest.mark.parametrize("how", ["撤回 F1", "更正 F1：就诊2例", "F1 不属实 来源医院"])
def test_a_fact_that_falls_takes_the_signatures_of_every_draft_that_cites_it(desk: Desk, how: str) -> None:
    desk.clean_draft()
    desk.say("改 D1 把「目前我们」改成「目前已核实：就诊1例，情况稳定。我们」", "张敏")
    assert desk.draft().facts == (1,)
    desk.say("送审 D1", "张敏")
    desk.say("同意 D1", "王磊", room="")
    desk.out.clear()

    desk.say(how, "林工")

    assert not standing(desk).complete
    assert not standing(desk).signed
    assert desk.heard("危机室", "签字作废（王磊）：引用的F1变了")


def test_signatures_fall_when_the_grade_rises(config: Config) -> None:
    desk = Desk(config, grade="yellow")
    it = desk.approved()
    assert it.state == "approved"

    desk.run(lambda db: incidents.change(db, 1, "grade", at=desk.now, by="张敏", grade=Grade.ORANGE, peak=Grade.ORANGE))
    desk.run(lambda db: falling.chain_moved(db, desk.house, 1, desk.now))
    desk.collect()

    assert desk.draft().state == "review"
    assert desk.heard("危机室", "级别升到橙")
    assert len(standing(desk).missing) == 4
    desk.close()


def test_signatures_lapse_after_twelve_hours(desk: Desk) -> None:
    desk.approved()
    desk.later(hours=12, minutes=1)
    assert desk.draft().state == "review"
    assert any("超过12小时" in s.text for s in desk.said if s.to == "危机室")
    assert "还不能发" in desk.say("发布 D1 微博", "王磊")


def test_no_timer_ever_approves(desk: Desk) -> None:
    desk.in_review()
    desk.say("同意 D1", "王磊", room="")
    desk.later(days=9)
    assert desk.draft().state == "review"
    assert {s.person for s in desk.run(statements.signatures, 1)} == {"王磊"}


def test_a_slow_signer_is_reminded_then_the_deputy_then_the_commander(config: Config) -> None:
    legal = Person("何静", frozenset({Role.LEGAL}), (("local", "何静"),), deputy="小刘")
    desk = Desk(config)
    desk.house = replace(desk.house, people=with_person(desk.house, legal))
    desk.crash()
    desk.in_review()
    desk.later(minutes=11)
    assert desk.heard("@何静", "等您签（法务）")
    desk.later(minutes=10)
    assert desk.heard("@小刘", "请法务签")
    assert "法务✓小刘" in desk.say("同意 D1", "小刘", room="")
    assert "不差" in desk.say("同意 D1", "何静", room="")
    desk.later(minutes=40)
    assert any(s.to == "@陈总" and "没有签" in s.text for s in desk.said)
    desk.close()


def test_the_commander_can_name_who_signs_for_somebody_away_as_the_reminder_says(desk: Desk) -> None:
    desk.in_review()
    desk.later(hours=1, minutes=10)
    hint = next(s.text for s in desk.said if s.to == "@陈总" and "法务（何静）没有签" in s.text)
    assert hint.endswith("人不在请回：请假 何静 今天 某人代")

    assert "小刘 代 何静（法务）" in desk.say("请假 何静 今天 小刘代", "陈总", room="")
    assert "小刘代" in desk.say("确认", "陈总", room="")
    desk.say("同意 D1", "小刘", room="")  # the text is sent first
    assert "法务✓小刘" in desk.say("同意 D1", "小刘", room="")


def test_a_signer_may_pass_it_on(desk: Desk) -> None:
    desk.in_review()
    assert "转给谁" in desk.say("转代理 D1", "何静", room="")
    assert "起草人" in desk.say("转代理 D1 @张敏", "何静", room="")
    assert "法务由小刘代签" in desk.say("转代理 D1 @小刘", "何静", room="")
    assert "法务✓小刘" in desk.say("同意 D1", "小刘", room="")


def test_a_draft_that_is_not_clean_is_not_submitted_and_what_may_be_waived_says_so(desk: Desk) -> None:
    desk.say("起草首发 #1", "张敏")
    refused = desk.say("送审 D1", "张敏")
    assert "missing:E14" in refused
    assert "blank:" in refused
    desk.say("改 D1 渠道小红书，下次通报今天18:00，官网", "张敏")
    desk.say("改 D1 把「目前我们」改成「公司高度重视，目前我们」", "张敏")
    assert "empty:高度重视" in desk.say("送审 D1", "张敏")
    assert "要写理由" in desk.say("忽略 D1 empty:高度重视", "张敏")
    assert "会写在签批卡上" in desk.say("忽略 D1 empty:高度重视 后文写了做法", "张敏")
    assert "送审：公关…" in desk.say("送审 D1", "张敏")
    assert desk.heard("@何静", "已忽略 empty:高度重视（张敏：后文写了做法）")


def test_an_unbound_number_is_never_waived(desk: Desk) -> None:
    desk.clean_draft()
    desk.say("改 D1 把「目前我们」改成「就诊7例。目前我们」", "张敏")
    assert "unbound:7例" in desk.say("送审 D1", "张敏")
    assert "不能忽略" in desk.say("忽略 D1 unbound:7例 我记得", "张敏")


def test_two_race_for_the_last_signature_and_one_has_it(config: Config) -> None:
    desk = Desk(config)
    other = Person("周律", frozenset({Role.LEGAL}), (("local", "周律"),))
    desk.house = replace(desk.house, people=with_person(desk.house, other))
    desk.crash()
    desk.in_review()
    desk.say("同意 D1", "周律", room="")  # the text is sent, nothing signed
    for name in ("王磊", "林工", "陈总"):
        desk.say("同意 D1", name, room="")
    answers: dict[str, str] = {}

    def sign(name: str) -> None:
        message = Message("local", f"race-{name}", "", name, "同意 D1", desk.now, addressed=True)
        answers[name] = desk.run(lambda db: desk.commands._answer(db, message)).posts[0].text

    threads = [threading.Thread(target=sign, args=(name,)) for name in ("何静", "周律")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    live = [s for s in desk.run(statements.signatures, 1) if s.role is Role.LEGAL and not s.void]
    desk.close()
    assert len(live) == 1
    assert sum("下一步：发布" in text for text in answers.values()) == 1


def test_the_emergency_path_takes_two_people_and_the_template(desk: Desk) -> None:
    desk.clean_draft()
    assert "由值班长发起" in desk.say("紧急首发 D1", "王磊")
    said = desk.say("紧急首发 D1", "张敏")
    assert "值班长✓张敏，等 王磊或何静 一人" in said
    assert "还不能发" in desk.say("发布 D1 微博", "张敏")
    assert "下一步：发布" in desk.say("同意 D1", "何静", room="")
    desk.say("发布 D1 微博", "张敏")
    code = desk.draft().code
    desk.say(f"确认 {code}", "张敏")
    desk.say("已发 D1 https://weibo.example/1", "苏琴")
    assert desk.heard("@陈总", "请您事后追认：追认 D1")
    desk.later(minutes=31)
    assert desk.heard("@陈总", "追认 D1")
    assert "已获陈总追认" in desk.say("追认 D1", "陈总", room="")
    desk.out.clear()
    desk.later(hours=2)
    assert not desk.heard("@陈总", "追认 D1")


def test_the_emergency_path_refuses_any_word_beside_the_blanks(desk: Desk) -> None:
    desk.clean_draft()
    desk.say("改 D1 把「原因还在查」改成「原因正在查」", "张敏")
    assert "只能填空" in desk.say("紧急首发 D1", "张敏")


@pytest.mark.parametrize(
    ("kind", "by", "may"),
    [
        ("员工信", "小刘", False), ("首发", "张敏", True), ("致歉", "张敏", False), ("致歉", "何静", True), ("媒体问答", "苏琴", True),
        ("首发", "李雷", False), ("数据泄露告知", "林工", True), ("致歉", "林工", False), ("首发", "周宁", False),
    ],
)  # fmt: skip
def test_who_may_draft_what(config: Config, kind: str, by: str, may: bool) -> None:
    desk = Desk(config)
    said = desk.say(f"起草{kind} #1", by)
    desk.close()
    assert said.startswith("D1 v1") is may
    assert may or "可以的是：" in said
    assert "人力" not in said or kind == "员工信"


def test_the_emergency_path_names_the_blanks_that_are_left(desk: Desk) -> None:
    desk.say("起草首发 #1", "张敏")
    assert "还有没填的空：渠道、" in desk.say("紧急首发 D1", "张敏")


def test_the_emergency_path_says_only_what_was_done(desk: Desk) -> None:
    desk.clean_draft()
    desk.say("改 D1 已做的事改成封存留样，下架全国门店商品", "张敏")
    desk.say("改 D1 把「封存留样」改成「封存留样；召回全部商品」", "张敏")
    assert "这里没有：「召回全部商品」" in desk.say("紧急首发 D1", "张敏")
    desk.say("改 D1 把「；召回全部商品」改成「」", "张敏")
    assert "紧急首发：值班长✓张敏" in desk.say("紧急首发 D1", "张敏")


def test_a_consent_that_was_not_needed_is_attributed_to_nobody(desk: Desk) -> None:
    desk.in_review()
    desk.say("同意 D1", "陈总", room="")
    desk.out.clear()
    assert "已经签过" in desk.say("陈总电话同意 D1", "李雷")
    assert not desk.heard("@陈总", "电话同意")


def test_a_blank_that_was_filled_is_filled_anew_and_what_changed_nothing_is_said(desk: Desk) -> None:
    it = desk.clean_draft()
    assert "消费者的情况" in it.text
    said = desk.say("改 D1 受影响的人改成孩子和家长，下次通报今天19:30，多说点好话", "张敏")
    assert "没改进去：「多说点好话」" in said
    text = desk.draft().text
    assert "孩子和家长的情况" in text
    assert "下一次通报时间：12月3日19:30，渠道：官网" in text


def test_what_the_record_fills_reads_as_one_sentence(desk: Desk) -> None:
    desk.run(
        lambda db: incidents.change(
            db, 1, "retitle", at=desk.now, by="张敏", title="多名家长反映奶粉批次MA0423有异味，孩子皮疹"
        )
    )
    desk.run(lambda db: db.conn.execute("UPDATE tasks SET state = 'open'"))
    desk.say("起草首发 #1", "张敏")
    desk.say("改 D1 已做的事是已经封存留样，渠道小红书，下次通报今天18:00，官网", "张敏")
    text = desk.draft().text
    assert "关于多名家长反映奶粉批次MA0423有异味的说明" in text
    assert "目前我们已经封存留样。" in text


def test_one_editor_at_a_time_with_a_visible_lock(desk: Desk) -> None:
    desk.clean_draft()
    assert "由你改" in desk.say("改 D1", "王磊")
    assert "王磊正在改（到 " in desk.say("改 D1 把「眼下最关心」改成「最关心」", "张敏")
    assert "没有被你占着" in desk.say("改好 D1", "张敏")
    assert "别人可以改了" in desk.say("改好 D1", "王磊")
    assert "v3" in desk.say("改 D1 把「眼下最关心」改成「最关心」", "张敏")


def test_the_text_of_a_draft_is_never_said_in_the_group(desk: Desk) -> None:
    desk.approved()
    assert not [s for s in desk.said if s.to == "危机室" and "未经核实的内容" in s.text]
    assert "未经核实的内容" not in desk.say("看 D1", "小刘")
    assert desk.heard("@小刘", "未经核实的内容")


def test_on_the_emergency_path_the_second_person_wrote_nothing(desk: Desk) -> None:
    """The template is the author, so the duty officer's press counts; whoever else filled a blank can't be the second."""
    desk.say("起草首发 #1", "张敏")
    desk.say("改 D1 受影响的人是消费者，渠道小红书，下次通报今天18:00", "张敏")
    desk.say("改 D1 通报渠道是官网", "何静")
    said = desk.say("紧急首发 D1", "张敏")
    assert "等 王磊 一人" in said
    assert "起草人不能签" in desk.say("同意 D1", "何静", room="")
    assert "签字不全" in desk.say("发布 D1 微博", "张敏")
    assert "下一步：发布" in desk.say("同意 D1", "王磊", room="")
