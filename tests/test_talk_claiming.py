"""Talk about who takes it: claim, assign, accept, hand over."""

from __future__ import annotations

import pytest

from tests.conftest import THREE_COMPLAINTS, Room
from tests.stories import story


async def alerted(room: Room) -> None:
    await room.hear_of(*THREE_COMPLAINTS)
    room.ignore()


async def test_two_claims_at_once_have_one_winner_and_the_other_is_told(room: Room) -> None:
    await alerted(room)
    await story(
        room,
        """
        李雷：认领
          < #1 归李雷（不到1分）。下一步：研判、转交
        王磊：认领 #1
          < 李雷先认领了（09:48）。要换人请值班长回：指派 #1 @王磊
        李雷：认领 #1
          < #1 已经归你
        """,
    )


async def test_a_claim_by_button_number_and_quote_is_the_same_claim(room: Room) -> None:
    await alerted(room)
    await story(
        room,
        """
        李雷按「认领」
          < #1 归李雷
        小刘「望楼：🔵蓝（建议） #1 牛奶里有异物」：认领
          < 李雷先认领了
        小刘：认领 1
          < 李雷先认领了
        """,
    )


async def test_an_assignment_holds_at_once_and_who_assigned_hears_when_nobody_accepts(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await story(
        room,
        """
        张敏：指派 #1 @林工
          < #1 归林工（张敏指派）。10分内请林工按「接」
          [@林工] #1 晨露乳业的牛奶里喝出异物 交给你（张敏）
        王磊：认领 #1
          < 林工先认领了
        +10分
          [@张敏] #1 林工还没按「接」。可改派：指派 #1 @某人
        """,
    )


async def test_who_accepts_in_time_is_not_told_upon(room: Room) -> None:
    await alerted(room)
    await story(
        room,
        """
        张敏：指派 #1 @林工
          < #1 归林工（张敏指派）
          [@林工] 交给你（张敏）
        林工（私）：接
          < #1 已接。下一步：研判、转交
          [危机室] #1 林工已接
        林工：接 #1
          < #1 已经接过了
        """,
    )
    await room.later(hours=25)
    assert not [s for s in room.ignore() if s.reason == "accept"]


async def test_the_button_accepts_as_the_word_does(room: Room) -> None:
    await alerted(room)
    await story(
        room,
        """
        张敏：指派 #1 @林工
          < #1 归林工
          [@林工] 交给你
        林工按「接」
          < #1 已接
          [危机室] #1 林工已接
        王磊：接 #1
          < #1 交给的是林工，要接手请回：认领 #1
        """,
    )


async def test_an_owner_gives_it_away_only_when_the_receiver_takes_it(room: Room) -> None:
    await alerted(room)
    await story(
        room,
        """
        李雷：认领
          < #1 归李雷
        李雷：转交 #1 @王磊
          < #1 转交王磊：王磊按「接」后生效，之前仍归李雷
          [@王磊] 交给你（李雷）
        李雷：研判 #1 服务投诉 属实
          < #1 研判：服务投诉，属实
        王磊（私）：接 #1
          < #1 已接
          [危机室] #1 王磊已接
        李雷：研判 #1 服务投诉 不实
          < #1 研判
        """,
    )
    assert room.incident().owner == "王磊"


@pytest.mark.parametrize("who", ["王磊", "何静", "小刘", "林工", "周宁", "苏琴"])
async def test_only_duty_and_commander_and_the_owner_assign(room: Room, who: str) -> None:
    await alerted(room)
    await story(
        room,
        f"""
        {who}：指派 #1 @李雷
          < 不能做这一步。可以的是：指挥、值班长、负责人
        张敏：指派 #1 @李雷
          < #1 归李雷
          [@李雷] 交给你
        {who}：指派 #1 @张敏
          < 不能做这一步
        """,
    )
    assert room.incident().owner == "李雷"


async def test_several_people_are_one_owner_and_helpers(room: Room) -> None:
    await alerted(room)
    await story(
        room,
        """
        张敏：把1派给林工和小刘
          < #1 归林工（张敏指派），配合 小刘
          [@林工] 交给你
        小刘：状态 #1
          < 林工（配合 小刘）
        陈总：指派 #1 @苏琴
          < #1 归苏琴（陈总指派）
          [@苏琴] 交给你
        """,
    )


async def test_a_shift_is_handed_over_when_the_receiver_takes_it(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        李雷：交班
          < 交给谁？如：交班 @张敏
        李雷：交班 @张敏
          < 已把1件事的交班单私信张敏，张敏按「接」后生效
          [@张敏] 李雷交班给你：1件
        王磊：状态 #1
          < 李雷
        张敏按「接」
          < 已接班：#1
          [危机室] #1 归张敏（李雷交班）
          [@李雷] 张敏已接班，1件事归张敏
        王磊：状态 #1
          < 张敏
        """,
    )


async def test_a_handover_with_nothing_in_hand_is_one_line_and_no_card(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        小刘：交班 @张敏
          < 你手上没有可交的事件，不用交班
        李雷：任务 @小刘 今晚8点前 打给家属
          < T1
          [@小刘] T1 交给你
        小刘：交班 @张敏
          < 你手上没有可交的事件，不用交班；任务要逐项改派，如：T1 改派给 @张敏
        张敏：值班 张敏 到20:00
          < 张敏 值班（值班长）
        张敏：交班 @陈总
          < 已把值班的交班单私信陈总，陈总按「接」后生效
          [@陈总] 张敏交班给你：值班，手上没有事件
        """,
    )


async def test_a_handover_shows_clocks_and_open_decisions(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await room.say("决策 #1 先下架", by="李雷")
    room.ignore()
    await room.say("交班 @王磊", by="李雷")
    (sheet,) = room.ignore()
    assert sheet.to == "@王磊"
    assert "待定 J1" in sheet.text
    assert "首次发声剩" in sheet.text
    assert len(sheet.text.splitlines()) <= 8
    assert await room.say("接 交班", by="张敏") != ""
    assert room.incident().owner == "李雷"


async def test_an_idle_owner_is_cleared_and_the_next_level_called(room: Room) -> None:
    await alerted(room)
    await story(
        room,
        """
        李雷：认领
          < #1 归李雷
        +2时
          [@李雷] 还在处理 #1 吗？
        +2时
          [危机室] #1 李雷认领后没有动作，已空出来。请任一组员回：认领 #1
          [@张敏] 研判超时，请张敏处理
          [危机室] 研判超时，请张敏处理
        王磊：认领 #1
          < #1 归王磊
        """,
    )


async def test_an_owner_who_did_something_is_not_cleared(room: Room) -> None:
    await alerted(room)
    await story(
        room,
        """
        李雷：认领
          < #1 归李雷
        +1时
        李雷：记 首帖9:42发在小红书
          < F1 待核实（李雷）。已请林工核实
          [@林工] 请核实 F1（李雷）
        +1时
          [@李雷] 还在处理 #1 吗？
        +2时
          [@张敏] 研判超时，请张敏处理
          [危机室] 研判超时，请张敏处理
        """,
    )
    assert room.incident().owner == "李雷"
    room.ignore()


async def test_bulk_claim_lists_first_leaves_red_alone_and_asks_once(room: Room) -> None:
    await story(
        room,
        """
        小刘：上报 云栈出行的司机在群里骂我们
          < 未定级 #1
          [@李雷] #1 云栈出行的司机在群里骂我们（小刘上报）
        小刘：上报 门店排队的人吵起来了要退款
          < 未定级 #2
          [@李雷] #2 门店
        王磊：全部认领
          < 认领2件：#2
          < #1
          < 确认
        王磊：确认
          < 已认领2件：#2、#1
        李雷：全部认领
          < 没有可以一起认领的事件
        """,
    )
    assert {room.incident(1).owner, room.incident(2).owner} == {"王磊"}


async def test_bulk_claim_never_takes_a_red_one(room: Room) -> None:
    await alerted(room)
    await room.say("上报 另一件事情在发酵请看看", by="小刘")
    await room.say("认领 #1", by="李雷")
    await room.say("定级 #1 红 死人了", by="陈总")
    await room.say("确认", by="陈总")
    await room.say("指派 #1 @王磊", by="张敏")
    room.ignore()
    room.store.run_now(lambda db: db.conn.execute("UPDATE incidents SET owner = '' WHERE id = 1"))
    await story(
        room,
        """
        何静：全部认领
          < 认领1件：#2
          < 红级请单独认领：#1
        何静：确认
          < 已认领1件：#2
        何静：认领 #1
          < #1 归何静
        """,
    )


async def test_a_bulk_claim_dies_when_one_of_them_moved(room: Room) -> None:
    await alerted(room)
    await room.say("上报 另一件事情在发酵请看看", by="小刘")
    room.ignore()
    await story(
        room,
        """
        王磊：全部认领
          < 认领2件
        李雷：认领 #1
          < #1 归李雷
        王磊：确认
          < 情况已经变了，这次确认作废
        """,
    )
    assert room.incident(2).owner == ""


async def test_a_closed_matter_cannot_be_claimed(room: Room) -> None:
    await alerted(room)
    await story(
        room,
        """
        张敏：误报 #1 同名餐馆
          < 判为误报：同名餐馆
        张敏：确认
          < #1 已结案（张敏，误报：同名餐馆）
        王磊：认领 #1
          < #1 已结案：要继续处置请回「重开」加理由
        """,
    )


async def test_observers_and_administrators_cannot_claim(room: Room) -> None:
    await alerted(room)
    await room.say("角色 周宁 减 后勤", by="陈总")
    await room.say("确认", by="陈总")
    room.ignore()
    await story(
        room,
        """
        周宁：认领 #1
          < 你（管理员）不能做这一步。可以的是：任一组员
        周宁：列表
          < 未结1件
        李雷：认领 #1
          < #1 归李雷
        """,
    )


async def test_tasks_are_claimed_by_their_number(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：任务 @林工 今晚8点前 查批次记录
          < T1 查批次记录 林工 20:00
          [@林工] T1 交给你（李雷）：查批次记录
        小刘：认领 T1
          < T1 归你
        林工：T1 完成
          < T1 是小刘的
        """,
    )


@pytest.mark.parametrize(
    "line", ["认领 #0", "认领 #-1", "认领 0", "认领 #1000000", "认领 1000000号", "认领 12345678", "认领 #" + "9" * 30]
)
async def test_a_number_that_no_incident_has_falls_on_no_other_one(room: Room, line: str) -> None:
    await alerted(room)

    assert (await room.say(line, by="李雷")).startswith("没有 #")
    assert "无人" in await room.say("列表", by="李雷")
