"""Talk with leaders: briefs, questions, answers, the week."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import BriefFacts, brief
from bot.charts import picture
from bot.model.incident import Incident, State
from tests.conftest import START, Room
from tests.stories import story


async def test_a_question_is_answered_by_a_press_and_becomes_a_decision(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        张敏：请示陈总 #1 是否今晚下架，建议下架，影响1420箱，最迟16:30
          < #1 已报陈总（私信✓）：是否今晚下架，建议下架，影响1420箱，最迟16:30。30分未阅转电话
          [@陈总] 【领导简报】#1 晨露乳业的牛奶里喝出异物｜🟠橙↑｜09:48
        陈总按「同意」
          < J1 陈总同意：是否今晚下架，建议下架，影响1420箱，最迟16:30
          [危机室] J1 陈总同意：是否今晚下架，建议下架，影响1420箱，最迟16:30
        陈总（私）：已阅 #1
          < #1 已记下您已阅
        张敏：决策列表 #1
          < #1 决策1条
          < J1 陈总同意：是否今晚下架，建议下架，影响1420箱，最迟16:30
        """,
    )


async def test_a_no_is_recorded_as_well(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        张敏：请示陈总 #1 是否今晚下架，建议下架，最迟16:30
          < #1 已报陈总（私信✓）：是否今晚下架，建议下架，最迟16:30。30分未阅转电话
          [@陈总] 【领导简报】#1 晨露乳业的牛奶里喝出异物｜🟠橙↑｜09:48
        陈总按「不同意」
          < J1 陈总不同意。不作数，原文留存
          [危机室] J1 陈总不同意。不作数，原文留存
        张敏：请示陈总 #1 是否明早下架，最迟20:00
          < #1 已报陈总（私信✓）：是否明早下架，最迟20:00。30分未阅转电话
          [@陈总] 【领导简报】#1 晨露乳业的牛奶里喝出异物｜🟠橙↑｜09:48
        陈总（私）：J2 同意
          < J2 陈总同意：是否明早下架，最迟20:00
          [危机室] J2 陈总同意：是否明早下架，最迟20:00
        """,
    )


async def test_who_wants_to_talk_first_is_telephoned_by_duty(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        张敏：请示陈总 #1 是否今晚下架，建议下架，最迟16:30
          < #1 已报陈总（私信✓）：是否今晚下架，建议下架，最迟16:30。30分未阅转电话
          [@陈总] 【领导简报】#1 晨露乳业的牛奶里喝出异物｜🟠橙↑｜09:48
        陈总按「电话谈」
          < J1 先不定，已请值班长马上电话您
          [@张敏] 请电话陈总：#1 晨露乳业的牛奶里喝出异物，要电话谈 J1：是否今晚下架，建议下架，最迟16:30。打完回：已电话 陈总
        李雷：电话谈 J1
          < J1 等陈总来定
        张敏：已电话 陈总
          < 张敏已电话陈总（#1）
        陈总（私）：J1 同意
          < J1 陈总同意：是否今晚下架，建议下架，最迟16:30
          [危机室] J1 陈总同意：是否今晚下架，建议下架，最迟16:30
        陈总（私）：电话谈 J1
          < J1 已定，不用再谈
        """,
    )


async def test_what_was_decided_meanwhile_is_not_telephoned_again(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        张敏：请示陈总 #1 是否今晚下架
          < #1 已报陈总（私信✓）
          [@陈总] 请您定：J1
        陈总按「电话谈」
          < 已请值班长马上电话您
          [@张敏] 请电话陈总
        陈总（私）：J1 同意
          < J1 陈总同意：是否今晚下架
          [危机室] J1 陈总同意
        +6分
        李雷：照报 #1
          < 新增：J1 陈总同意：是否今晚下架
          [@陈总] 已定：陈总同意：是否今晚下架
        """,
    )


async def test_an_observer_is_reported_nothing(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        张敏：上报 #1 给周宁
          < #1 已报周宁
          [@周宁] 【领导简报】#1
        周宁：角色 周宁 减 后勤
          < 周宁 减 后勤
        周宁：确认
          < 周宁 减 后勤（周宁），立即生效
        张敏：上报 #1 给周宁
          < 周宁（管理员）不接上报，请换一位
        """,
    )


async def test_an_unread_brief_opens_a_call_after_half_an_hour_at_orange(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        张敏：定级 #1 橙 三地反映
          < #1 定橙（张敏）。上报 10:18 前，首发或不发声决定、速报均 13:48 前。下一步：启动
          [@陈总] 【领导简报】#1 晨露乳业的牛奶里喝出异物｜🟠橙↑｜09:48
        +30分
          [@张敏] 请电话陈总：#1 晨露乳业的牛奶里喝出异物，上报未阅。打完回：已电话 陈总
        张敏：已电话 陈总
          < 张敏已电话陈总（#1）
        """,
    )


async def test_a_brief_that_was_read_rings_nobody(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        张敏：定级 #1 橙 三地反映
          < #1 定橙（张敏）。上报 10:18 前，首发或不发声决定、速报均 13:48 前。下一步：启动
          [@陈总] 【领导简报】#1 晨露乳业的牛奶里喝出异物｜🟠橙↑｜09:48
        陈总按「已阅」
          < #1 已记下您已阅
        +29分
        +2分
        """,
    )


async def test_the_brief_keeps_known_and_unknown_apart(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        林工：记一下 #1 核实了：批次MA0423异物为瓶盖碎屑（来源：质检）
          < F1 已核实（林工，来源：质检）
        小刘：记一下 #1 顾客说不止一瓶
          < F2 待核实（小刘）。已请林工核实
          [@林工] 请核实 F2（小刘）：顾客说不止一瓶
        张敏：简报 #1
          < 【领导简报】#1 晨露乳业的牛奶里喝出异物｜🔵蓝（建议）↑｜09:48
          < 结论：两项达蓝：负面100%（3条）、1个平台
          < 已知：批次MA0423异物为瓶盖碎屑
          < 未知：顾客说不止一瓶
          < 态势：1个平台，每小时3条，仍在升；热度16；负面100%（下限44%，样本3）｜最高信源 C
        """,
    )


async def test_the_week_in_a_screen(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        张敏：周报
          < 【周报】11-26 至 12-03
          < 事件：新增1件（黄1），结案0件，未结1件
          < 认领用时中位数不到1分（1件）
        陈总（私）：周报
          < 【周报】11-26 至 12-03
        张敏：日报
          < 昨日新增1件，未结1件
          < #1黄 晨露乳业的牛奶里喝出异物 李雷 处置中
        """,
    )


async def test_how_it_spread_and_where_it_goes(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        王磊：溯源 #1
          < #1 晨露乳业的牛奶里喝出异物 的传播
          < 首发：09:48 测试源「晨露乳业的牛奶里喝出异物，太恶心了，再也不买」
          < 占比：测试源 100%（共 3 条）
        李雷：趋势 #1
          < #1 晨露乳业的牛奶里喝出异物：热度16，每小时3条，每小时+22%
          < 负面100%（样本3）；1个平台；截至09:48
          < 阶段：高峰；高点 09:48 前后，每小时约3条
          < 数据不足（不到6小时），不作预测
        苏琴：溯源 #1
          < #1 晨露乳业的牛奶里喝出异物 的传播
        """,
    )


async def test_the_spread_comes_with_a_picture_of_each_platform(room: Room) -> None:
    number = await room.open_incident(owner="李雷")
    await room.hear_of(
        {"text": "晨露乳业的牛奶里喝出异物，太恶心了", "platform": "微博"},
        {"text": "转：晨露乳业的牛奶里喝出异物，还有人管吗", "platform": "抖音"},
        {"text": "晨露乳业牛奶里喝出异物，客服不理人", "platform": "微博"},
        every=60,
    )
    room.ignore()
    answer = await room.answer(f"溯源 #{number}", by="王磊")
    chart = answer.posts[0].chart

    assert chart is not None
    assert chart.title.startswith(f"#{number} ")
    assert [label for _, label in chart.marks] == ["首发测试源", "到微博", "到抖音"]
    assert {series.name: series.points[-1][1] for series in chart.series} == {"测试源": 3.0, "微博": 2.0, "抖音": 1.0}
    assert all(list(series.points) == sorted(series.points) for series in chart.series)
    assert picture.paint(chart).startswith(b"\x89PNG")


async def test_a_brief_is_one_screen_whatever_is_known(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    for n in range(8):
        await room.say(f"记一下 #1 第{n}家门店的冷链记录已经取到，温度都在规定范围之内，没有断点", by="小刘")
    room.ignore()
    await room.say("请示陈总 #1 是否今晚下架该批次，建议下架，影响约1420箱，最迟16:30", by="张敏")

    (brief,) = (said for said in room.ignore() if said.to == "@陈总")
    assert brief.card is not None
    rows = [brief.card.title, *brief.card.lines]
    assert len(rows) <= 12
    assert sum(map(len, rows)) <= 400
    assert rows[2].startswith("请您定：J1 是否今晚下架")
    assert [button.text for button in brief.card.buttons] == ["同意", "不同意", "电话谈", "已阅"]


async def test_a_leader_without_a_private_channel_is_telephoned_at_once(room: Room) -> None:
    from dataclasses import replace

    people = tuple(replace(p, ids=()) if p.name == "陈总" else p for p in room.house.people)
    room.house = room.commands._house = replace(room.house, people=people)
    await room.open_incident(owner="李雷")
    await room.say("定级 #1 橙 三地反映", by="张敏")

    said = [str(s) for s in room.ignore()]
    assert any("陈总没有私信通道，简报送不到，已请值班长电话" in line for line in said)
    assert any(line.startswith("[@张敏") and "请电话陈总" in line for line in said)


async def test_a_question_without_a_time_gets_the_next_deadline_as_its_latest(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        张敏：请示陈总 #1 要不要今晚下架该批次
          < #1 已报陈总（私信✓）
          [@陈总] 请您定：J1 要不要今晚下架该批次（最迟13:48）
        陈总（私）：J1 同意
          < J1
          [危机室] J1 陈总
        张敏：决策列表 #1
          < J1
        """,
    )


async def test_the_newest_question_is_asked_and_the_older_one_named(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        张敏：请示陈总 #1 是否今晚下架，最迟16:30
          < #1 已报陈总（私信✓）
          [@陈总] 请您定：J1 是否今晚下架
        林工：记一下 核实了：异物为瓶盖碎屑（来源：质检）
          < F1 已核实（林工，来源：质检）
        张敏：请示陈总 #1 是否明天召回，最迟20:00
          < #1 已报陈总（私信✓）
          [@陈总] 最迟20:00；另待定J1
        陈总（私）：J2 同意
          < J2 陈总同意：是否明天召回，最迟20:00（当时已知 F1）
          [危机室] J2 陈总同意
        陈总（私）：J1 同意
          < J1 陈总同意：是否今晚下架，最迟16:30（当时已知 F1）
          [危机室] J1 陈总同意
        """,
    )


async def test_the_brief_says_what_a_person_concluded_and_who_says_so(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        林工：记一下 核实了：批次MA0423异物为瓶盖碎屑（来源：质检）
          < F1 已核实（林工，来源：质检）
        张敏：定级 #1 橙 三地反映
          < #1 定橙（张敏）
          [@陈总] 结论：三地反映，真伪未知；已定级，李雷
        陈总（私）：简报 #1
          < 已知：批次MA0423异物为瓶盖碎屑（质检，09:48）
        """,
    )


async def test_summaries_for_everybody_name_nothing_confidential(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        陈总（私）：改进项 #1：夜班加一人，负责人李雷，明天10点
          < 改进1
          [危机室] 改进1
        陈总（私）：保密 #1
          < #1
          [@李雷] #1 晨露乳业的牛奶里喝出异物 已转为保密
        张敏：周报
          < 【周报】
          < 事件：新增0件，结案0件，未结0件
        """,
    )
    await room.later(days=2)
    room.ignore()
    week = await room.say("周报", by="张敏")
    assert not any(word in week for word in ("异物", "晨露的牛奶", "夜班"))


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(st.text(min_size=1, max_size=200), min_size=8, max_size=8),
    many=st.integers(0, 12),
    number=st.integers(1, 10**6),
    asked=st.booleans(),
)
def test_a_brief_is_twelve_lines_and_four_hundred_characters_whatever_it_tells(
    texts: list[str], many: int, number: int, asked: bool
) -> None:
    title, reason, known, unknown, decided, done, doing, clock = texts
    facts = BriefFacts(
        indicators={},
        reasons=[reason] * many,
        known=[known] * many,
        unknown=[unknown] * many,
        decisions=[decided] * many,
        done=[done] * many,
        doing=[doing] * many,
        clocks=[clock] * many,
        asked=f"J{number} {title}" if asked else "",
        decision=number if asked else None,
        next_at=START,
        latest=START if asked else None,
    )
    post = brief(Incident(number, title, "other", State.NEW, 1, START), facts, START)
    assert len(post.text.splitlines()) <= 12
    assert len(post.text) <= 400
    assert post.text.splitlines()[1].startswith("结论：")
    lines = [line.partition("：")[0] for line in post.text.splitlines()]
    assert lines.index("已知") + 1 == lines.index("未知")
    assert ("请您定" in lines) == asked
