"""Talk about how grave it is: assessment, grade, red, lowering."""

from __future__ import annotations

import pytest

from bot.model.grade import Grade
from bot.model.incident import State
from tests.conftest import Room
from tests.stories import story


async def test_an_assessment_then_a_grade_by_the_duty_officer(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：研判 #1 食品安全 真伪未知
          < #1 研判：食品安全，真伪未知
        张敏：定级 #1 蓝
          < #1 定蓝（张敏）
        张敏：定级 #1 蓝
          < #1 已经是蓝
        """,
    )
    assert room.incident().type == "food_safety"


async def test_a_grade_files_the_prefilled_assessment(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        张敏：定级 #1 黄 真伪未知，先按黄
          < #1 定黄（张敏）。上报
          < 首发或不发声决定、速报均
        李雷：状态 #1
          < 🟡黄 已定级，李雷
        张敏：启动 #1
          < #1 已启动
        """,
    )
    assert room.incident().assessed
    room.ignore()


async def test_a_grade_other_than_the_suggested_one_needs_a_reason(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        张敏：定级 #1 黄
          < 和建议的蓝不同，请写理由
        李雷：研判 #1 服务投诉
          < #1 研判：服务投诉
        张敏：定级 #1 黄 已有三家媒体来问
          < #1 定黄（张敏）
        """,
    )


async def test_a_monitor_suggests_and_the_duty_officer_confirms(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：定级 #1 黄 扩散快
          < #1 定黄：要值班长确认，已私信张敏
          [@张敏] 李雷提请：#1 定黄
        李雷：确认
          < 这一步要值班长确认，不能由提请的人自己确认
        张敏按「确认」
          < #1 定黄（张敏）
          [危机室] #1 定黄（张敏）
        """,
    )
    assert room.incident().grade is Grade.YELLOW


async def test_a_second_person_may_say_no(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：定级 #1 橙 扩散快
          < 要值班长确认
          [@张敏] 李雷提请：#1 定橙
        张敏按「退回」
          < 已退回，李雷会看到
          [危机室] 张敏退回：#1 定橙
        张敏按「确认」
          < 没有等你确认的事
        """,
    )
    assert room.incident().grade is None


async def test_a_wish_that_nobody_confirms_lapses_aloud(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：定级 #1 橙 扩散快
          < 要值班长确认
          [@张敏] 李雷提请
        +15分
          [@李雷] #1 定橙：没有人在时限内确认，已作废
        张敏：确认
          < 没有等你确认的事，或已过时
        """,
    )


async def test_the_wish_dies_when_the_incident_moves(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：定级 #1 橙 扩散快
          < 要值班长确认
          [@张敏] 李雷提请
        张敏：定级 #1 蓝
          < #1 定蓝
        张敏：确认
          < 情况已经变了，这次确认作废
        """,
    )
    assert room.incident().grade is Grade.BLUE


async def test_red_by_the_commander_takes_his_own_confirmation(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await story(
        room,
        """
        陈总：定级 #1 红 有人住院
          < 定红级
          < 确认
        张敏：确认
          < 要陈总本人确认，现已作废
        陈总：确认
          < 没有等你确认的事
        陈总：定级 #1 红 有人住院
          < 定红级
          < 确认
        陈总：确认
          < #1 定红（陈总）
        """,
    )
    assert room.incident().grade is Grade.RED
    room.ignore()


async def test_red_by_the_duty_officer_stands_as_a_suggestion_until_the_commander_presses(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await story(
        room,
        """
        张敏：定级 #1 红 有人住院
          < 定红级：要指挥确认，已私信陈总
          [@张敏] 请电话陈总：#1
          [危机室] #1 红级：请张敏电话陈总，回：已电话 陈总
          [@陈总] 张敏提请：#1
        李雷：状态 #1
          < 🟠橙
        """,
    )
    assert room.incident().suggested is Grade.RED
    await room.say("确认 张敏", by="陈总", room="@陈总")
    assert room.incident().grade is Grade.RED
    room.ignore()


@pytest.mark.parametrize("who", ["小刘", "林工", "周宁", "苏琴"])
async def test_a_wish_by_a_role_that_may_not_suggest_goes_to_duty_as_one_press(room: Room, who: str) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        f"""
        {who}：#1 升橙
          < 不能定级 #1。可以的是：指挥、值班长、监测、负责人。已转张敏定
          [@张敏] {who}想请你：定级 #1 橙
        李雷：状态 #1
          < 蓝（建议） 研判中
        张敏：定级 #1 橙 同意，扩散快
          < #1 定橙（张敏）
          [@陈总] 【领导简报】#1
        """,
    )


async def test_lowering_waits_until_the_lower_level_has_held(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    room.store.run_now(lambda db: db.conn.execute("UPDATE incidents SET suggested = 'orange'"))
    await story(
        room,
        """
        张敏：定级 #1 黄
          < 降级要写理由
        张敏：定级 #1 黄 没有新增
          < 还不能降：较低的建议要持续6小时
        李雷：定级 #1 黄 没有新增
          < 不能定级 #1。可以的是：指挥、值班长
        """,
    )


async def test_lowering_is_confirmed_once_and_cancels_what_no_longer_applies(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄")
    await story(
        room,
        """
        张敏：定级 #1 蓝 两天没有新增
          < #1 由黄降为蓝：两天没有新增
        李雷：确认
          < 要张敏本人确认，现已作废
        张敏：确认
          < 没有等你确认的事
        张敏：定级 #1 蓝 两天没有新增
          < #1 由黄降为蓝：两天没有新增
        张敏：确认
          < #1 定蓝（张敏）
        """,
    )
    assert room.incident().grade is Grade.BLUE
    room.ignore()


async def test_from_red_only_the_commander_lowers(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await room.say("定级 #1 红 有人住院", by="陈总")
    await room.say("确认", by="陈总")
    room.ignore()
    await story(
        room,
        """
        张敏：定级 #1 橙 稳定了
          < #1 是红级，只有指挥能降
        陈总：定级 #1 橙 稳定了
          < 由红降为橙
        陈总：确认
          < #1 定橙（陈总）
        """,
    )
    room.ignore()


async def test_below_the_floor_of_a_trigger_it_takes_the_commander(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await room.say("记 市场监管局来电问批次", by="小刘")
    room.ignore()
    await room.say("F1 核实了 来源通话记录", by="林工")
    room.ignore()
    await story(
        room,
        """
        张敏：定级 #1 蓝 先按蓝看看
          < 红线，低于橙要指挥来定。可以的是：指挥
        李雷：研判 #1 食品安全
          < #1 研判
        张敏：定级 #1 橙
          < #1 定橙（张敏）
          [@陈总] 【领导简报】
        """,
    )


async def test_an_unclaimed_or_closed_matter_is_not_graded(room: Room) -> None:
    await room.open_incident()
    await story(
        room,
        """
        张敏：定级 #1 黄 扩散
          < #1 还没人认领，先回「认领 #1」
        张敏：研判 #1 谣言
          < #1 先认领再研判
        李雷：认领 #1
          < #1 归李雷
        """,
    )


async def test_words_alone_never_set_red_when_more_than_one_fits(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await room.say("上报 另一件事情在发酵请看看", by="小刘")
    room.ignore()
    await story(
        room,
        """
        陈总：定红
          < 是哪一件？
          < #1
        张敏：要不要升红？我拿不准
        陈总：先别升红
        """,
    )
    assert room.incident().grade is None


async def test_an_ungraded_matter_keeps_reminding_the_duty_officer(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await room.say("研判 #1 服务投诉 属实", by="李雷")
    await story(
        room,
        """
        +8时
          [@张敏] 还没定级：建议蓝，可回：定级 #1 蓝
        +4时
          [@张敏] 还没定级：建议蓝
        张敏：定级 #1 蓝
          < #1 定蓝
        +5时
        """,
    )
    assert room.incident().state is State.GRADED


async def test_why_shows_the_figures_behind_the_suggestion(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        王磊：为什么 #1
          < 蓝（建议） #1
        张敏：为什么
          < 蓝（建议） #1
        王磊：为什么 #9
          < 没有 #9 这个事件
        """,
    )


async def test_bought_copies_weigh_a_fifth_and_why_says_so(room: Room) -> None:
    post = "晨露乳业奶粉MA0423批次喝出皮疹，孩子住院三天，客服一直推诿不肯退款，大家千万别买"
    await room.hear_of({"text": post, "reposts": 2})
    await room.hear_of(*({"text": post, "author": f"号{n}", "followers": 3} for n in range(45)))

    why = await room.say("为什么 #1", by="王磊")

    assert "另有 45 条相同文案，不计声量，只算原帖的转发；其中 41 条疑似批量发布，5条折1次" in why
    (reposts,) = room.db.conn.execute("SELECT reposts FROM mentions WHERE duplicate_of IS NULL").fetchone()
    assert reposts == 2 + 4 + 41 // 5
    room.ignore()


async def test_people_asking_whether_somebody_died_are_told_of_though_no_grade_follows(room: Room) -> None:
    await room.hear_of("听说晨露喝死人了，真的假的", "晨露是不是喝死人了？有知情的吗", "晨露的奶出人命了？真的假的啊，气死我了")

    (alert, _) = room.ignore()
    assert "有人说人员死亡，不具体，建议先核实" in alert.text
    assert "人员死亡（未核实，不具体）→ 未达" in await room.say("为什么 #1", by="王磊")


async def test_normal_is_learnt_from_quiet_time(room: Room) -> None:
    def normal() -> int:
        return int(room.db.conn.execute("SELECT coalesce(sum(n), 0) FROM volumes WHERE rule = '晨露'").fetchone()[0])

    await room.hear_of("晨露牧场开放日报名", "晨露赞助城市马拉松")
    assert normal() == 2

    for day in range(4):
        for city in ("甲城", "乙城", "丙城", "丁城"):
            await room.hear_of(f"晨露奶粉MA0423批次喝出皮疹，客服推诿不退款，{city}第{day}天了")
        await room.later(days=1)
    room.ignore()
    assert normal() == 2
