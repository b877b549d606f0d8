"""Rules of the domain handbook 5 and 6 in the words of the chat: tone lists word by word, short forms, who reads, unwise moments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.config import Config
from bot.drafting import order
from bot.drafting.book import shipped
from bot.drafting.elements import has
from bot.drafting.linter import Around, lint
from bot.model.people import Person, Role
from tests.statement_world import Desk, with_person

AROUND = Around(shipped(), ("晨露乳业",), "400-000-0000（9:00–21:00）", (), ("2026年12月3日",), date(2026, 12, 3))
LISTS = {
    "absolute": "最佳 最高级 国家级 第一 唯一 顶级 最安全 100% 绝对 零风险 万无一失 永不 彻底杜绝 保证不再发生 毫无问题",
    "empty": "高度重视 第一时间 正在核实 相关部门 有关人员 个别 极少数 尽快 适时 严肃处理 深表遗憾",
    "blame": "临时工 个人行为 用户操作不当 恶意抹黑 别有用心 断章取义 黑公关 小题大做 行业惯例 同行也这样 符合国标",
}


@pytest.fixture
def desk(config: Config) -> Iterator[Desk]:
    made = Desk(config, grade="yellow")
    yield made
    made.close()


def codes(text: str, kind: str = "situation_notice", form: str = "") -> set[str]:
    return {f.code for f in lint(text, kind, AROUND, form).findings}


@pytest.mark.parametrize(("family", "word"), [(family, word) for family, words in LISTS.items() for word in words.split()])
def test_each_word_of_the_handbooks_lists_is_found(family: str, word: str) -> None:
    found = codes(
        f"关于牛奶的说明\n我们的做法是{word}，情况说到这里。", "apology" if word == "深表遗憾" else "situation_notice"
    )
    assert any(code.startswith(f"{family}:") for code in found), found


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("如果有人感到冒犯，我们道歉。", "apology", "conditional"),
        ("若有不妥，敬请谅解。", "apology", "conditional"),
        ("很抱歉占用公共资源。", "apology", "conditional"),
        ("有孩子住院，给您带来不便。", "situation_notice", "empty"),
        ("患者王小明已出院。", "situation_notice", "private"),
        ("当事人身份证号11010519491231002X。", "situation_notice", "private"),
        ("家长住在云杉路8号3栋502室。", "situation_notice", "private"),
        ("本季度净利润下降12%。", "situation_notice", "secret"),
        ("问题已得到解决。", "situation_notice", "passive"),
        ("我们也是受害者，请大家体谅。", "apology", "victim"),
        ("接口越权，缓存未回滚，集群主备切换失败。", "breach_notice", "technical"),
        ("会后我们再说！", "situation_notice", "form:exclamation"),
        ("下午3点停售。", "situation_notice", "form:undated"),
        ("第2号通报。此前第3号有误。", "progress_update", "form:numbers"),
        ("进展通报（第2号）。我们仍在查。", "progress_update", "form:changed"),
        ("甲" * 601, "situation_notice", "length"),
        ("标题\n晨露乳业自成立以来一直致力于品质，是大家信得过的企业。", "holding", "form:company_first"),
        ("造谣者后果自负。", "apology", "threat"),
        ("我们道歉，但是产品没有问题。", "apology", "but"),
        ("原因是运输受潮。", "holding", "cause"),
        ("我们保证全额赔付。", "holding", "promise"),
        ("网传奶粉有毒是真的吗？\n不实。", "rumor_rebuttal", "form:rumor_in_title"),
    ],
)
def test_each_rule_of_tone_and_form_finds_its_fault(text: str, kind: str, code: str) -> None:
    found = codes(text, kind)
    assert any(c == code or c.startswith(f"{code}:") for c in found), found


def test_a_rebuttal_needs_a_refuted_fact(desk: Desk) -> None:
    rebuttal = "改 D1 全文 就诊者情况稳定，没有人死亡\n近日有内容称有人死亡。经医院核实，没有人死亡。\n晨露乳业 2026年12月3日"
    desk.say("起草辟谣 #1", "王磊")
    assert "没有一条判为不属实的事实，不能辟谣" in desk.say(rebuttal, "王磊")
    assert "不能辟谣" in desk.say("忽略 D1 ground:refuted 急", "王磊") + desk.say("送审 D1", "王磊")
    desk.say("记 #1 有人死亡", "小刘")
    desk.say("F2 不属实 来源医院", "林工")
    assert "不能辟谣" not in desk.say("送审 D1", "王磊")


def test_partners_are_told_no_more_than_the_public(desk: Desk) -> None:
    desk.say("起草合作伙伴信 #1", "王磊")
    assert "F1 还没有对公众说过" in desk.say("送审 D1", "王磊")
    desk.say("起草情况说明 #1", "王磊")
    desk.run(lambda db: db.conn.execute("UPDATE drafts SET state = 'approved' WHERE id = 2"))
    assert desk.draft(2).facts == (1,)
    assert "还没有对公众说过" not in desk.say("送审 D1", "王磊")


def test_technical_words_beside_care_for_the_people_are_no_evasion() -> None:
    text = "接口越权，缓存未回滚，集群主备切换失败。大家的感受是我们最关心的。"
    assert not any(c.startswith("technical") for c in codes(text, "breach_notice"))


@pytest.mark.parametrize(
    ("code", "kind", "good", "bad"),
    [
        ("E01", "situation_notice", "晨露乳业关于牛奶反映的说明\n正文。", "我们收到了反映。"),
        ("E12", "breach_notice", "请您现在修改密码。", "密码可能已经泄露。"),
    ],
)
def test_an_element_is_found_where_it_stands(code: str, kind: str, good: str, bad: str) -> None:
    assert has(code, good, shipped(), ("晨露乳业",))
    assert not has(code, bad, shipped(), ("晨露乳业",))
    assert f"missing:{code}" in codes(bad, kind)


def test_a_short_form_is_a_draft_of_its_own_with_its_own_length_and_its_own_chain(desk: Desk) -> None:
    desk.say("起草首发 #1", "张敏")
    said = desk.say("起草首发短信 #1", "王磊")
    assert said.startswith("D2 v1 首发短信")
    assert desk.draft(2).form == "sms"
    assert "【晨露" in desk.draft(2).text
    desk.say("改 D2 全文 【晨露】有反映称孩子喝奶后起皮疹，请先停用MA0423批次，" + "甲" * 40 + "。咨询400-000-0000", "王磊")
    assert "超过70字" in desk.say("送审 D2", "王磊")
    desk.say("改 D2 全文 【晨露】有反映称喝奶后起皮疹，正在核查。下次通报12月3日18:00，咨询400-000-0000", "王磊")
    assert "送审" in desk.say("送审 D2", "王磊")
    assert desk.draft(1).state == "draft", "the long text has a way of its own"
    assert "起草人不能签" in desk.say("同意 D2", "王磊", room="")


def test_a_pop_up_holds_sixty_characters() -> None:
    long = "晨露牛奶：" + "请停用。" * 14 + "咨询400-000-0000"
    assert any(c.startswith("length:") for c in codes(long, "holding", "popup"))
    assert not any(c.startswith("length:") for c in codes("晨露牛奶：请停用。咨询400-000-0000", "holding", "popup"))


def test_an_unapproved_draft_is_for_the_crew_only(desk: Desk) -> None:
    observer = Person("钱旁", frozenset({Role.OBSERVER}), (("local", "钱旁"),))
    desk.house = replace(desk.house, people=with_person(desk.house, observer))
    desk.crash()
    made = desk.clean_draft()
    for words in (f"看 D{made.id}", f"对比 D{made.id}"):
        refused = desk.say(words, "钱旁", room="")
        assert "封存留样" not in refused
        assert "不给" in refused or "只给组员" in refused or "不能" in refused, refused


def test_who_changed_what_stands_with_the_versions(desk: Desk) -> None:
    made = desk.clean_draft()
    desk.say(f"改 D{made.id} 把「消费者」改成「孩子和家长」", "何静")
    said = desk.say(f"对比 D{made.id}", "王磊", room="")
    assert "[-消费者-]{+孩子和家长+}" in said
    assert "v2 张敏" in said
    assert "v3 何静" in said


def test_the_dead_of_night_is_warned_about_and_the_day_is_not(desk: Desk) -> None:
    made = desk.approved()
    assert "深夜" not in desk.say(f"发布 D{made.id}", "王磊")
    desk.say("取消", "王磊")
    assert "深夜发布容易被看成躲着发" in desk.say(f"发布 D{made.id} 今晚23:30", "王磊")


def test_a_rumour_that_nobody_heard_is_not_answered_unwarned() -> None:
    assert order.moment_warnings("rumor_rebuttal", "public", 14, 1) == ("传言只见1条，公开辟谣可能替它扩散",)
    assert not order.moment_warnings("rumor_rebuttal", "public", 14, order.FEW)
    assert not order.moment_warnings("staff_letter", "employees", 2, 0)
    assert order.moment_warnings("holding", "public", 5, 9) == ("深夜发布容易被看成躲着发",)
    assert not order.moment_warnings("holding", "public", 6, 9)


def test_a_withdrawn_draft_is_kept_and_never_signed(desk: Desk) -> None:
    made = desk.in_review()
    assert "作废（张敏）。原文留存" in desk.say(f"作废 D{made.id} 换一种写法", "张敏")
    assert "现在不在会签" in desk.say(f"同意 D{made.id}", "王磊", room="")
    assert desk.draft(made.id).text == made.text
    desk.now += timedelta(hours=1)
    assert "已作废" in desk.say(f"改 D{made.id} 删掉「官网」", "张敏")


def test_the_emergency_path_is_always_listed_in_the_review(desk: Desk) -> None:
    desk.clean_draft()
    desk.say("紧急首发 D1", "张敏")
    desk.say("同意 D1", "何静", room="")
    assert "紧急" in desk.say("复盘 #1", "张敏", room="")


def test_a_signature_is_not_passed_to_somebody_who_has_signed_already(desk: Desk) -> None:
    made = desk.in_review()
    desk.say(f"同意 D{made.id}", "王磊", room="")
    assert "一人只能签一个" in desk.say(f"转代理 D{made.id} @王磊", "何静", room="")


def test_an_older_version_named_for_release_is_refused(desk: Desk) -> None:
    made = desk.approved()
    assert "v1 不是最新版，不能发" in desk.say(f"发布 D{made.id} v1", "王磊")
    assert "将交付" in desk.say(f"发布 D{made.id} v{made.version}", "王磊")
