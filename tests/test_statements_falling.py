"""How signatures fall, and what the room reads at once: edits, facts, grades confirmed and suggested, types, merges, twelve hours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import signoff
from bot.config import Config
from bot.drafting import signing
from bot.model.grade import Grade
from bot.model.incident import State
from bot.model.people import Role
from bot.store import incidents, statements, work
from tests.conftest import Room
from tests.statement_world import Desk
from tests.test_statements_voice import in_force


def started(config: Config, **kind: str) -> Desk:
    made = Desk(config, **kind)
    made.run(lambda db: incidents.change(db, 1, "start", at=made.now, by="张敏", state=State.ACTIVE))
    return made


@pytest.fixture
def desk(config: Config) -> Iterator[Desk]:
    made = started(config)
    yield made
    made.close()


@pytest.fixture
def yellow(config: Config) -> Iterator[Desk]:
    made = started(config, grade="yellow")
    yield made
    made.close()


def live(desk: Desk, number: int = 1) -> set[str]:
    it = desk.draft(number)
    return {s.person for s in desk.run(statements.signatures, number) if not s.void and s.version == it.version}


def lines(desk: Desk, place: str = "危机室") -> list[str]:
    out, desk.out = desk.out, []
    return [s.text for s in out if s.to == place]


def citing(desk: Desk) -> None:
    desk.clean_draft()
    desk.say("改 D1 把「目前我们」改成「目前已核实：就诊1例，情况稳定。我们」", "张敏")
    desk.say("送审 D1", "张敏")
    for name in ("王磊", "何静", "林工", "陈总"):
        desk.say("同意 D1", name, room="")
    assert desk.draft().state == "approved"
    desk.out.clear()


@pytest.mark.parametrize(
    ("how", "by"),
    [("更正 F1：就诊2例", "林工"), ("撤回 F1", "林工"), ("F1 不属实 来源医院", "林工"), ("F1 待核实 来源医院", "林工")],
)
def test_a_fact_that_falls_sends_an_approved_text_back_and_says_so_to_everybody(desk: Desk, how: str, by: str) -> None:
    citing(desk)
    it = desk.draft()

    answer = desk.say(how, by)

    assert f"引用它的 {it.name} 签字作废" in answer
    assert desk.draft().state == "review"
    assert not live(desk)
    assert any(t.startswith(f"{it.name} 签字作废（王磊、何静、林工、陈总）：引用的F1变了。请改稿重送") for t in lines(desk))
    assert [s.to for s in desk.said if "您的签字作废：引用的F1变了" in s.text] == ["@王磊", "@何静", "@林工", "@陈总"]
    assert "签字不全" in desk.say("发布 D1 微博", "王磊")


def test_a_fact_that_falls_after_the_hand_over_holds_the_text_and_reaches_the_operator(desk: Desk) -> None:
    citing(desk)
    desk.say("发布 D1 微博", "王磊")
    desk.say(f"确认 {desk.draft().code}", "王磊")
    desk.out.clear()
    desk.say("更正 F1：就诊2例", "林工")
    assert desk.draft().held
    assert any("先别发（引用的F1变了）" in s.text for s in desk.out if s.to == "@苏琴")
    assert any("签字作废" in t and t.endswith("已压住，未发的先别发") for t in lines(desk))


def test_a_fact_that_falls_after_the_release_is_told_to_the_room_and_the_author(desk: Desk) -> None:
    desk.clean_draft()
    desk.say("改 D1 把「目前我们」改成「目前已核实：就诊1例，情况稳定。我们」", "张敏")
    desk.say("送审 D1", "张敏")
    for name in ("王磊", "何静", "林工", "陈总"):
        desk.say("同意 D1", name, room="")
    desk.say("发布 D1 微博", "王磊")
    desk.say(f"确认 {desk.draft().code}", "王磊")
    desk.say("已发 D1 https://weibo.example/1", "苏琴")
    desk.out.clear()

    desk.say("更正 F1：就诊2例", "林工")

    told = [s.to for s in desk.out if "D1 已经发出，文中引用的F1变了" in s.text and "更正 D1；或撤下" in s.text]
    assert told == ["危机室", "@张敏"]


def test_a_talking_point_that_rests_on_a_fallen_fact_is_suspended_and_the_room_reads_it(yellow: Desk) -> None:
    in_force(yellow)
    yellow.say("更正 F1：就诊2例", "林工")
    assert any(t.startswith("口径3 v2 已停用：引用的F1变了。恢复须公关/法务/指挥") for t in lines(yellow))
    assert "暂无现行口径" in yellow.say("口径 情况怎么样", "小刘")
    assert "全额退款" in yellow.say("口径 赔偿", "小刘"), "what does not rest on it stays in force"


def test_an_edit_clears_every_signature_and_the_room_reads_whose(desk: Desk) -> None:
    desk.approved()
    desk.say("改 D1 把「眼下最关心」改成「最关心」", "何静", room="")
    assert not live(desk)
    assert any("签字作废（王磊、何静、林工、陈总）：稿件改过了" in t for t in lines(desk))


def test_twelve_hours_clear_a_signature_and_the_signer_is_asked_again(desk: Desk) -> None:
    desk.approved()
    desk.later(hours=12, minutes=1)
    assert any("签字作废（王磊）：超过12小时。请重签" in t for t in lines(desk))
    asked = [s for s in desk.said if s.to == "@王磊" and s.reason == "signoff"]
    assert len(asked) == 2


def test_a_raised_grade_clears_signatures_says_so_and_asks_the_longer_chain(yellow: Desk) -> None:
    it = yellow.approved()
    assert live(yellow) == {"王磊", "何静"}

    yellow.say("定级 #1 橙 三个平台都在传", "张敏")

    assert yellow.draft().state == "review"
    assert not live(yellow)
    assert any(f"{it.name} 签字作废（王磊、何静）：级别升到橙。请重签" in s.text for s in yellow.out if s.to == "危机室")
    asked = {s.to for s in yellow.out if s.reason == "signoff"}
    assert asked == {"@王磊", "@何静", "@林工", "@陈总"}
    assert "签字不全" in yellow.say("发布 D1 微博", "王磊")


def test_a_raised_grade_asks_more_people_though_nobody_had_signed(yellow: Desk) -> None:
    it = yellow.in_review()
    yellow.say("定级 #1 橙 三个平台都在传", "张敏")
    assert any(f"{it.name} 会签改为：公关… 法务… 业务… 指挥…" in s.text for s in yellow.out if s.to == "危机室")
    assert {s.to for s in yellow.out if s.reason == "signoff"} == {"@林工", "@陈总"}


def test_a_raised_grade_holds_what_was_handed_over(yellow: Desk) -> None:
    yellow.handed("微博")
    yellow.say("定级 #1 橙 三个平台都在传", "张敏")
    assert yellow.draft().held
    assert any("先别发（级别升到橙）" in s.text for s in yellow.out if s.to == "@苏琴")


def test_another_type_of_incident_asks_its_own_signer(config: Config) -> None:
    desk = started(config, grade="yellow", kind="other")
    it = desk.approved()
    desk.say("研判 #1 数据泄露 真伪未知", "张敏")
    assert desk.draft().state == "review"
    assert any(f"{it.name} 会签改为：公关✓王磊 法务✓何静 信息安全…" in t for t in lines(desk))
    assert "信息安全✓林工。下一步：发布" in desk.say("同意 D1", "林工", room="")
    desk.close()


def test_a_lowered_grade_completes_what_the_shorter_chain_has_signed(desk: Desk) -> None:
    desk.in_review()
    for name in ("王磊", "何静"):
        desk.say("同意 D1", name, room="")
    desk.run(lambda db: incidents.change(db, 1, "suggest", at=desk.now, by="望楼", suggested=Grade.YELLOW))
    desk.say("定级 #1 黄 两小时没有新增", "张敏")
    desk.say("确认", "张敏")
    assert desk.draft().state == "approved"
    assert any("公关✓王磊 法务✓何静。下一步：发布" in t for t in lines(desk))


def test_a_draft_of_the_younger_incident_meets_the_graver_chain_of_the_older_one(desk: Desk) -> None:
    def second(db: object) -> None:
        made = incidents.open_new(db, title="另一批次", at=desk.now, by="望楼", suggested=Grade.YELLOW, why="")  # type: ignore[arg-type]
        incidents.change(
            db, made.id, "grade", at=desk.now, by="张敏", grade=Grade.YELLOW, peak=Grade.YELLOW, state=State.ACTIVE
        )  # type: ignore[arg-type]

    desk.run(second)
    desk.say("起草首发 #2", "张敏")
    desk.say("改 D1 受影响的人是消费者，已做的事是封存留样，渠道小红书，下次通报今天18:00，官网", "张敏")
    desk.say("送审 D1", "张敏")
    for name in ("王磊", "何静"):
        desk.say("同意 D1", name, room="")
    assert desk.draft().state == "approved"
    desk.say("2并到1", "张敏")
    desk.out.clear()

    desk.say("确认", "张敏")

    assert desk.draft().incident == 1
    assert not live(desk)
    assert any("签字作废（王磊、何静）：级别升到橙" in t for t in lines(desk))


async def drafted(room: Room, number: int) -> None:
    await room.say(f"任务 #{number} @林工 明天10点 回访顾客", by="张敏")
    task = max(int(row[0]) for row in room.db.execute("SELECT id FROM tasks"))
    await room.say(f"T{task} 完成", by="林工")
    await room.say(f"起草首发 #{number}", by="张敏")
    await room.say("改 D1 受影响的人是消费者，渠道小红书，下次通报今天18:00，官网", by="张敏")
    await room.say("送审 D1", by="张敏")
    for name in ("王磊", "何静"):
        await room.say("同意 D1", by=name, room=f"@{name}")
    room.ignore()


async def test_a_higher_suggestion_says_what_confirming_it_would_cost(room: Room) -> None:
    number = await room.open_incident(owner="李雷", grade="黄", state="active")
    await drafted(room, number)
    assert statements.get(room.db, 1).state == "approved"

    await room.say(f"#{number} 市场监管局来电问这批奶", by="张敏")

    name = statements.get(room.db, 1).name
    said = [s.text for s in room.ignore() if s.reason == "would_fall"]
    assert said == [f"{name} 注意：定橙后签字作废（王磊、何静），须重签：公关、法务、业务、指挥"]
    assert statements.get(room.db, 1).state == "approved", "a suggestion is no grade"
    await room.say(f"定级 #{number} 橙", by="张敏")
    assert any("签字作废（王磊、何静）：级别升到橙" in s.text for s in room.ignore())
    assert statements.get(room.db, 1).state == "review"


async def test_before_any_confirmation_a_higher_suggestion_clears_at_once(room: Room) -> None:
    number = await room.open_incident(owner="李雷")
    await drafted(room, number)
    assert statements.get(room.db, 1).state == "approved"

    await room.say(f"#{number} 市场监管局来电问这批奶", by="张敏")

    assert any("签字作废（王磊）：级别升到橙。请重签" in s.text for s in room.ignore())
    assert statements.get(room.db, 1).state == "review"


def test_a_staff_letter_needs_the_signature_of_human_resources(config: Config) -> None:
    desk = started(config, grade="yellow")
    desk.say("起草员工信 #1", "何静")
    matter = desk.run(lambda db: signoff.matter_of(db, desk.house, statements.get(db, 1)))
    desk.close()
    assert signing.required_roles(matter) == (Role.PR, Role.LEGAL, Role.HR)


def test_a_breach_notice_needs_information_security_whatever_the_incident(config: Config) -> None:
    desk = started(config, grade="yellow", kind="other")
    desk.say("起草数据泄露告知 #1", "何静")
    matter = desk.run(lambda db: signoff.matter_of(db, desk.house, statements.get(db, 1)))
    assert signing.required_roles(matter) == (Role.PR, Role.LEGAL, Role.IT_SEC)
    desk.close()


@pytest.mark.parametrize(
    ("kind", "by", "code"),
    [
        ("数据泄露告知", "何静", "E20"),
        ("数据泄露告知", "何静", "E21"),
        ("数据泄露告知", "何静", "E22"),
        ("投资者公告", "陈总", "E27"),
        ("投资者公告", "陈总", "E28"),
    ],
)
def test_what_the_handbook_forbids_to_override_nobody_overrides(config: Config, kind: str, by: str, code: str) -> None:
    desk = started(config, grade="yellow")
    desk.say(f"起草{kind} #1", by)
    desk.say("改 D1 全文 晨露乳业通告\n我们会负责到底。\n晨露乳业 2026年12月03日", by)
    said = desk.say(f"忽略 D1 missing:{code} 稍后补", by)
    desk.close()
    assert "不能忽略，只能改" in said


@pytest.mark.parametrize(
    ("typed", "source"),
    [
        ("更正 F1：就诊2例，情况稳定（来源：急诊科）", "急诊科"),
        ("更正 F1：就诊2例，情况稳定，来源 急诊科", "急诊科"),
        ("更正 F1：就诊2例，情况稳定", "医院"),
    ],
)
def test_a_correction_names_its_own_source_and_that_is_no_part_of_the_fact(desk: Desk, typed: str, source: str) -> None:
    assert "F1 更正为 F2" in desk.say(typed, "林工")
    fact = desk.run(lambda db: work.fact(db, 2))
    assert (fact.text, fact.source) == ("就诊2例，情况稳定", source)
