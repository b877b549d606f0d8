"""Talk that must not leak: confidential incidents, personal numbers, strangers, talk that is nobody's command."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import timekeeping
from bot.model.grade import Grade
from tests.conftest import Room
from tests.stories import story

INSIDERS = ("李雷", "何静", "林工", "陈总")
OUTSIDERS = ("张敏", "王磊", "小刘", "周宁", "苏琴")


async def kept_secret(room: Room) -> None:
    """#1, owned by 李雷, with a task, a fact, a decision and a question, known to 林工 besides."""
    await room.open_incident(owner="李雷", grade="黄", state="active")
    for line, by in (
        ("任务 #1 @林工 今晚8点前 查批次记录", "李雷"),
        ("记 #1 首帖9:42发在小红书", "李雷"),
        ("决策 #1 先联系发帖人", "李雷"),
        ("待答 #1 何时出结果", "李雷"),
        ("保密 #1 @林工", "何静"),
    ):
        await room.say(line, by=by)
    room.ignore()


@pytest.mark.parametrize(
    "line",
    [
        "状态 #1", "认领 #1", "指派 #1 @张敏", "定级 #1 橙 扩散", "跟踪 #1", "结案 #1 已解决", "简报 #1", "趋势 #1", "为什么 #1", "时间线 #1",
        "补课 #1", "还差什么 #1", "记 #1 新情况如此", "决策 #1 下架", "静音 #1", "上报 #1 陈总", "保密 #1", "存证 #1 原话", "2并到1", "事实 #1",
    ],
)  # fmt: skip
async def test_to_others_it_reads_as_no_such_incident(room: Room, line: str) -> None:
    await kept_secret(room)
    await room.say("上报 另一件事情在发酵请看看", by="小刘")
    room.ignore()
    for who in ("张敏", "王磊"):
        for where in (None, f"@{who}"):
            said = await room.say(line, by=who, room=where)
            nowhere = await room.say(line.replace("1", "9"), by=who, room=where)
            assert said.replace("#1", "#9") == nowhere, f"{who} in {where}: {said}"
    room.expect()


@pytest.mark.parametrize(
    "line", ["T1 完成", "F1 核实了 来源医院", "J1 同意", "已答 Q1 明天", "接 T1", "催一下T1", "F1 撤回", "撤销 J1"]
)
async def test_its_tasks_facts_and_decisions_are_not_there_either(room: Room, line: str) -> None:
    await kept_secret(room)
    said = await room.say(line, by="王磊", room="@王磊")
    assert said.startswith("没有 "), said
    assert "查批次" not in said
    assert await room.say(line, by="王磊") == said
    room.expect()


async def test_lists_and_digests_leave_it_out(room: Room) -> None:
    await kept_secret(room)
    await story(
        room,
        """
        张敏：列表
          < 未结0件
        林工（私）：列表
          < 未结1件
        林工：列表
          < 未结0件
        林工：我的任务
          < 你没有未完成的任务
        林工（私）：我的任务
          < T1 查批次记录
        """,
    )
    await room.later(hours=24)
    for said in room.ignore():
        if said.to == "危机室" or said.to[1:] in OUTSIDERS:
            assert "#1" not in said.text, said
            assert "异物" not in said.text, said


async def test_insiders_work_on_it_in_private(room: Room) -> None:
    await kept_secret(room)
    await story(
        room,
        """
        李雷（私）：状态 #1
          < 🟡黄 处置中，李雷
        林工（私）：T1 完成
          < T1 完成
          [@李雷] T1 完成
        陈总（私）：状态 #1
          < 🟡黄 处置中，李雷
        李雷：状态 #1
          < 没有 #1 这个事件
        """,
    )


async def test_only_commander_legal_and_hr_close_it_off(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        张敏：保密 #1
          < 可以的是：指挥、法务、人力
        何静：保密 #1 @林工
          < #1 已转为保密，以后只在私聊里办。知情：
          [@林工] 你在知情名单
          [@李雷] 你在知情名单
        何静（私）：取消保密 #1
          < #1 已取消保密
          [危机室] #1 晨露乳业的牛奶里喝出异物 已取消保密（何静）
        张敏：状态 #1
          < 研判中，李雷
        """,
    )


async def test_its_alerts_go_to_insiders_only(room: Room) -> None:
    await kept_secret(room)
    await room.later(hours=30)
    heard = [s for s in room.ignore() if s.incident == 1]
    assert heard
    assert {s.to for s in heard} <= {f"@{name}" for name in INSIDERS}


async def test_nobody_is_told_of_it_who_may_not_know(room: Room) -> None:
    await kept_secret(room)
    await story(
        room,
        """
        李雷（私）：上报 #1 给王磊
          < #1 保密，王磊不在知情名单
        李雷（私）：任务 #1 @小刘 今晚8点前 打电话
          < 小刘不能接 #1 的任务
        李雷（私）：上报 #1 给陈总
          < #1 已报陈总
          [@陈总] 【领导简报】#1
        """,
    )


async def test_personal_numbers_are_masked_in_the_room_and_whole_in_private(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        小刘：待答 #1 13812345678的家长要不要回访
          < Q1 待答（小刘）：138****5678的家长
        小刘：待答 #1
          < 138****5678
        小刘（私）：待答 #1
          < 13812345678
        小刘：存证 #1 https://weibo.example/1234567890123456
          < 已存证
        """,
    )


async def test_a_fact_with_a_number_reaches_other_rooms_masked(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        小刘（私）：待答 #1 身份证110101199003077571要不要报
          < 身份证110101199003077571
          [危机室] 身份证110***********7571
        林工：事实列表
          < #1 还没有事实
        小刘（私）：待答 #1
          < 110101199003077571
        """,
    )


@pytest.mark.parametrize(
    "line",
    [
        "大家先喝口水，我再去盯热线",
        "我十分钟后到会议室",
        "要不要升红？我拿不准",
        "这事好烦啊",
        "谁去订个盒饭",
        "昨天已经上报过了",
        "收到",
        "👍",
        "辛苦了各位",
    ],
)
async def test_chatter_is_met_with_silence(room: Room, line: str) -> None:
    await room.open_incident(owner="李雷")
    for who in ("李雷", "小刘", "陈总"):
        assert await room.say(line, by=who) == ""
    room.expect()


async def test_an_outsider_gets_no_data(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        路人：@望楼 状态 #1
          < 我还不认识你（编号 路人）
        路人：@望楼 认领 #1
          < 我还不认识你
        张敏：状态 #1
          < 研判中，李雷
        """,
    )


async def test_without_an_owner_its_clocks_go_to_the_commander(room: Room) -> None:
    await room.open_incident()
    await room.say("保密 #1", by="何静")
    room.ignore()
    await story(
        room,
        """
        +30分
          [@陈总] 认领剩
        陈总（私）：指派 #1 @李雷
          < #1 归李雷（陈总指派）
          [@李雷] 交给你（陈总）
        李雷（私）：接 #1
          < #1 已接
        张敏：列表
          < 未结0件
        """,
    )


async def test_a_scheduled_brief_leaves_it_out_for_leaders_who_may_not_know(room: Room) -> None:
    briefs = (replace(room.house.briefs[0], to=("王磊", "陈总"), from_grade=Grade.BLUE),)
    room.house = room.commands._house = replace(room.house, briefs=briefs)
    await room.open_incident(owner="李雷", grade="黄")
    await room.say("保密 #1", by="何静")
    room.ignore()
    room.store.run_now(timekeeping.set_briefs, room.house, room.clock())
    await room.later(hours=9)
    briefed = [s for s in room.ignore() if s.reason == "brief"]
    assert {s.to for s in briefed if "#1" in s.text} == {"@陈总"}
    assert [s.text for s in briefed if s.to == "@王磊"] == ["【定时简报】18:00 没有达到蓝级的事件"]


async def test_whose_task_it_was_hears_no_more_of_it_unless_named(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        何静：保密 #1 @林工
          < 知情：李雷、何静、林工、陈总
          < 小刘（T2）不知情，任务不再提醒。可回：保密 #1 @小刘，或：T2 改派给 @某人
          [@林工] 已转为保密
          [@李雷] 已转为保密
        陈总（私）：已阅 #1
          < #1 已记下您已阅
        +15分
        何静（私）：保密 #1 @小刘
          < 知情：李雷、何静、林工、小刘、陈总
          [@小刘] 已转为保密
          [@李雷] 已转为保密
        +10分
          [@小刘] T2 联系家属剩
        """,
    )


async def test_a_missed_clock_of_it_calls_each_insider_once_and_nobody_else(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        陈总（私）：保密 #1
          < 知情：李雷、陈总
          [@李雷] 已转为保密
        李雷（私）：任务 #1 @李雷 30小时内 查来源
          < T1 查来源
        +23时
          [@李雷] #1 晨露
          [@李雷] 速报1 #1
          [@李雷] #1 晨露
        +2时
          [@陈总] 首次发声、速报超时，请陈总处理
          [@李雷] 首次发声、速报超时，请陈总处理
        """,
    )


async def test_a_text_about_it_is_signed_by_insiders_only(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await room.say("保密 #1", by="陈总", room="@陈总")
    for line in ("任务 #1 @陈总 今晚8点前 核对批次记录", "T1 完成", "起草首发 #1"):
        await room.say(line, by="陈总", room="@陈总")
    await room.say("改 D1 下次通报今天16:00，官网", by="陈总", room="@陈总")
    room.ignore()
    said = await room.say("送审 D1", by="陈总", room="@陈总")
    assert "缺位：公关、法务（没有知情的人能签；请先回：保密 #1 @签字人）" in said
    room.expect()


async def test_summaries_count_it_only_for_who_may_know(room: Room) -> None:
    briefs = (replace(room.house.briefs[0], to=("王磊", "陈总")),)
    room.house = room.commands._house = replace(room.house, briefs=briefs)
    await room.open_incident(owner="李雷", grade="黄")
    await room.hear_of("晨露乳业赞助了城东小学的运动会，老师们都来了")
    assert "我方4条" in await room.say("日报", by="张敏")
    await room.say("保密 #1 @林工", by="何静")
    room.ignore()
    for line in ("日报", "周报"):
        for who in ("张敏", "王磊", "陈总"):
            assert "我方1条" in await room.say(line, by=who), "in the room others read it"
        for who, count in (("王磊", 1), ("林工", 4), ("陈总", 4)):
            said = await room.say(line, by=who, room=f"@{who}")
            assert f"我方{count}条" in said
            assert ("异物" in said) is (count == 4), said
    room.store.run_now(timekeeping.set_digest, room.house, room.clock())
    await room.later(days=3, hours=23)
    weeks = {s.to: s.text for s in room.ignore() if s.reason == "weekly"}
    assert "我方1条" in weeks["@王磊"]
    assert "新增0件" in weeks["@王磊"]
    assert "我方4条" in weeks["@陈总"]
    assert "新增1件" in weeks["@陈总"]


async def test_a_handover_leaves_out_what_the_receiver_may_not_know(room: Room) -> None:
    await kept_secret(room)
    await room.say("上报 另一件事情在发酵请看看", by="李雷")
    await room.say("认领 #2", by="李雷")
    room.ignore()
    await story(
        room,
        """
        李雷：交班 @王磊
          < 已把1件事的交班单私信王磊，王磊按「接」后生效
          [@李雷] #1 保密，王磊不知情，没有交。先请指挥、法务、人力回：保密 #1 @王磊
          [@王磊] 李雷交班给你：1件
        王磊按「接」
          < 已接班：#2
          [危机室] #2 归王磊（李雷交班）
          [@李雷] 王磊已接班，1件事归王磊
        李雷（私）：交班 @林工
          < 已把1件事的交班单私信林工
          [@林工] 李雷交班给你：1件
        李雷（私）：交班 @小刘
          < 你手上没有可交的事件，不用交班
          < #1 保密，小刘不知情，没有交
        """,
    )
    assert room.incident(1).owner == "李雷"
