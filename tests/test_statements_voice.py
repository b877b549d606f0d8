"""One voice: talking points, the audience plan, what the press asks, who else may speak (domain handbook 6)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.config import Config
from bot.drafting.elements import pairs
from bot.store import voice
from tests.statement_world import Desk

QA = """问：怎么赔偿？
答：凭外包装到购买门店全额退款。
不说：具体数额、绝对安全
负责人：小刘
问：原因是什么？
答：还在查，查清后公布。
不说：供应商
负责人：林工
问：伤者情况怎么样？
答：就诊1例，情况稳定。
不说：姓名
负责人：何静
问：有没有报告监管部门？
答：已经报告并配合调查。
不说：处罚
负责人：何静
问：什么时候有结果？
答：12月3日20:00再次通报。
不说：无
负责人：王磊"""


@pytest.fixture
def desk(config: Config) -> Iterator[Desk]:
    made = Desk(config, grade="yellow")
    yield made
    made.close()


def in_force(desk: Desk) -> None:
    """An approved Q&A of five points."""
    desk.say("起草媒体问答 #1", "苏琴")
    desk.say(f"改 D1 全文 {QA}", "苏琴")
    desk.say("送审 D1", "苏琴")
    for name in ("王磊", "何静"):
        desk.say("同意 D1", name, room="")
    assert desk.draft().state == "approved"
    desk.out.clear()


def test_talking_points_come_from_an_approved_qa_only(desk: Desk) -> None:
    desk.say("起草媒体问答 #1", "苏琴")
    desk.say(f"改 D1 全文 {QA}", "苏琴")
    assert "暂无现行口径，勿自行答复" in desk.say("口径 赔偿", "小刘")
    desk.say("送审 D1", "苏琴")
    for name in ("王磊", "何静"):
        desk.say("同意 D1", name, room="")
    said = desk.say("口径 赔偿", "小刘")
    assert "答：凭外包装到购买门店全额退款" in said
    assert "不说：具体数额、绝对安全" in said
    assert "至 " in said
    assert "来源 F1" in desk.say("口径 伤者", "小刘")
    assert "现行口径5条" in desk.say("口径", "小刘")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("口径 能退钱吗", "全额退款"),
        ("口径 赔多少", "全额退款"),
        ("口径 为啥会这样，到底怎么回事", "还在查"),
        ("口径 孩子现在怎么样", "情况稳定"),
        ("口径 市监局知道吗 报告了没", "已经报告"),
        ("口径 下次什么时候说", "20:00"),
        ("口径 2", "还在查"),
        ("口径 钱什么时候退给我", "全额退款"),
        ("口径 根源找到没", "还在查"),
        ("口径 是不是生产环节出了岔子", "还在查"),
        ("口径 病人严重不", "情况稳定"),
        ("口径 市监局介入没", "已经报告"),
        ("口径 啥时候给说法", "20:00"),
    ],
)
def test_it_is_asked_by_meaning_and_not_only_by_words(desk: Desk, asked: str, answer: str) -> None:
    in_force(desk)
    assert answer in desk.say(asked, "小刘")


@pytest.mark.parametrize(
    "asked",
    ["口径 董事长离婚了吗", "口径 明天天气", "口径 门店几点关门", "口径 股价跌了怎么办", "口径 会不会裁员", "口径 总部在哪"],
)
def test_what_nobody_answered_has_no_answer(desk: Desk, asked: str) -> None:
    in_force(desk)
    said = desk.say(asked, "小刘")
    assert "暂无现行口径，勿自行答复" in said
    assert "请问：" in said


def test_an_expired_point_is_never_given_out(desk: Desk) -> None:
    in_force(desk)
    desk.later(hours=24)
    for asked in ("口径 赔偿", "口径 1", "口径"):
        said = desk.say(asked, "小刘")
        assert "暂无现行口径" in said
        assert "退款" not in said
    assert "停用" in desk.say("暂停口径 1", "小刘")
    assert "已过期" in desk.say("恢复口径 1", "何静")


def test_any_member_suspends_at_once_and_only_some_resume(desk: Desk) -> None:
    in_force(desk)
    assert "口径1 v2 已停用（小刘：数字要改）" in desk.say("暂停口径 1 数字要改", "小刘")
    said = desk.say("口径 赔偿", "李雷")
    assert "暂无现行口径" in said
    assert "退款" not in said
    assert "可以的是：公关、法务、指挥" in desk.say("恢复口径 1", "小刘")
    assert "恢复使用" in desk.say("恢复口径 1", "何静")
    assert "全额退款" in desk.say("口径 赔偿", "李雷")


def test_a_suspended_point_is_not_made_up_for_by_one_that_is_only_alike(desk: Desk) -> None:
    in_force(desk)
    whole = desk.run(lambda db: voice.point(db, 1))
    assert whole.answer in desk.say(f"口径 {whole.question}", "小刘")
    desk.say("暂停口径 1", "小刘")
    assert "暂无现行口径，勿自行答复" in desk.say(f"口径 {whole.question}", "小刘")


def test_a_point_falls_with_its_fact(desk: Desk) -> None:
    in_force(desk)
    desk.say("撤回 F1", "林工")
    assert "暂无现行口径" in desk.say("口径 伤者情况", "小刘")


def test_people_outside_the_crew_are_given_nothing(desk: Desk) -> None:
    in_force(desk)
    from dataclasses import replace

    from bot.model.people import Person, Role
    from tests.statement_world import with_person

    desk.house = replace(
        desk.house, people=with_person(desk.house, Person("钱旁", frozenset({Role.OBSERVER}), (("local", "钱旁"),)))
    )
    desk.crash()
    assert "退款" not in desk.say("口径 赔偿", "钱旁")


def test_a_statement_that_says_what_may_not_be_said_is_reported(desk: Desk) -> None:
    in_force(desk)
    desk.say("起草首发 #1", "张敏")
    desk.say("改 D2 渠道小红书，下次通报今天18:00，官网", "张敏")
    assert "与 口径2 说法不一" in desk.say("改 D2 把「原因还在查」改成「供应商原因还在查」", "张敏")


def test_the_plan_names_who_must_hear_in_order_and_who_has(desk: Desk) -> None:
    said = desk.say("受众 #1", "王磊")
    rows = said.splitlines()
    assert rows[1].startswith("受影响者和家属…")
    assert [r.split("…")[0] for r in rows[1:-1]] == ["受影响者和家属", "监管部门", "员工", "公众", "媒体", "合作伙伴"]
    assert "员工：王磊，15:00前" in desk.say("受众 #1 员工 @王磊 今天15:00", "张敏")
    desk.say("已告知 #1 员工 部门群", "王磊")
    assert "员工✓已告知" in desk.say("受众 #1", "王磊")


def test_an_audience_not_told_in_time_is_called_out(desk: Desk) -> None:
    desk.say("受众 #1 员工 @王磊 今天15:00", "张敏")
    desk.out.clear()
    desk.later(hours=6)
    out = list(desk.out)
    assert any(s.to == "@王磊" and "员工到时还没有告知" in s.text for s in out)
    assert "补告知员工（漏了）" in desk.say("简报 #1", "陈总", room="")


def test_a_press_inquiry_is_answered_with_an_approved_version_only(desk: Desk) -> None:
    in_force(desk)
    said = desk.say("采访 晨报 记者小周 今天17:00前：赔偿方案是什么 #1", "小刘")
    assert said.startswith("采访1 晨报 ")
    assert "17:00截止" in said
    assert "只用已批准的文本" in desk.say("采访1 答复 我们会赔的", "苏琴")
    assert "可以的是" in desk.say("采访1 答复 口径1", "小刘")
    assert "已答复（苏琴，用 口径1 v2）" in desk.say("采访1 答复 口径1", "苏琴")
    assert "采访1 已答 晨报" in desk.say("采访 列表", "小刘")


def test_an_unanswered_inquiry_is_reminded_before_its_deadline(desk: Desk) -> None:
    desk.say("采访 晨报 记者小周 今天17:00前：赔偿方案是什么 #1", "小刘")
    desk.out.clear()
    desk.later(hours=7)
    assert desk.heard("@苏琴", "采访1 晨报 17:00 截止，还没有答复")


def test_a_third_party_speaks_only_after_its_consent_and_in_its_own_words(desk: Desk) -> None:
    assert "不代写" in desk.say("第三方 市质检院 请出具检测说明 #1", "王磊")
    assert "还没有同意公开" in desk.say("第三方1 原话 检测合格 #1", "王磊")
    desk.say("第三方1 同意 李主任12月3日电话同意 #1", "王磊")
    assert "原话单独存放" in desk.say("第三方1 原话 送检样品各项指标合格 #1", "王磊")
    assert "送检样品各项指标合格" in desk.say("第三方 列表 #1", "王磊")
    assert "F2" not in desk.say("事实 #1", "王磊"), "their words are no fact of ours"


def test_the_pairs_of_a_qa_are_read() -> None:
    assert len(pairs(QA)) == 5
    assert pairs(QA)[0] == ("怎么赔偿？", "凭外包装到购买门店全额退款。", "具体数额、绝对安全", "小刘")


def test_a_date_of_the_past_stays_as_it_was_typed(desk: Desk) -> None:
    desk.say("起草召回公告 #1", "王磊")
    desk.say("改 D1 生产日期2026年10月12日，产品奶粉", "王磊")
    assert "生产日期2026年10月12日；" in desk.draft(1).text
