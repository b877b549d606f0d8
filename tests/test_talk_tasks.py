"""Talk about work: tasks, people, dates, proof, reminders."""

from __future__ import annotations

import pytest

from bot.store import timers, work
from tests.conftest import Room
from tests.stories import story


async def test_a_task_has_one_assignee_a_date_and_a_private_note(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await room.say("任务 @林工 今晚8点前 查批次记录", by="李雷")
    room.expect(("@林工", "T1 交给你（李雷）：查批次记录，20:00 前"))
    assert "T1 查批次记录 林工 剩10时" in await room.say("我的任务", by="林工")
    assert "T1 完成" in await room.say("T1 完成", by="林工")
    room.expect(("@李雷", "T1 完成：查批次记录（林工）"))


@pytest.mark.parametrize(("grade", "due"), [("", "12-04 09:48"), ("橙", "13:48")])
async def test_without_a_date_it_is_four_hours_or_a_day(room: Room, grade: str, due: str) -> None:
    await room.open_incident(owner="李雷", grade=grade)
    await story(
        room,
        f"""
        李雷：任务 @林工 查批次记录
          < T1 查批次记录 林工 {due}
          [@林工] T1 交给你
        林工：T1 延到明天中午
          < T1 是李雷派的。可以的是：李雷、负责人、值班长
        李雷：T1 延到明天中午
          < T1 改到12-04 12:00（李雷）
          [@林工] T1 改到12-04 12:00
        """,
    )


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("今晚8点前", "20:00"), ("半小时内", "10:18"), ("明早10点", "12-04 10:00"), ("周五", "12-04 18:00"), ("18:00", "18:00")],
)
async def test_due_times_are_read_as_people_type_them(room: Room, typed: str, shown: str) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        f"""
        李雷：任务 @小刘 {typed} 打给家属
          < T1 打给家属 小刘 {shown}
          [@小刘] {shown} 前
        小刘：我的任务
          < T1 打给家属 小刘
        小刘：T1 完成
          < T1 完成
          [@李雷] T1 完成
        """,
    )


async def test_reminders_come_at_half_the_time_at_the_time_and_to_the_giver_after(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        王磊：任务 @小刘 1小时内 打给家属
          < T1 打给家属 小刘 10:48
          [@小刘] T1 交给你
        +30分
          [@小刘] T1 打给家属剩
        +30分
          [@小刘] T1 打给家属
        +30分
          [@王磊] T1 打给家属（小刘）超时
        小刘：T1 完成
          < T1 完成
          [@王磊] T1 完成
        """,
    )


async def test_reminders_follow_the_new_date(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：任务 @小刘 1小时内 打给家属
          < T1 打给家属 小刘 10:48
          [@小刘] T1 交给你
        李雷：T1 延到明天中午
          < T1 改到12-04 12:00
          [@小刘] T1 改到12-04 12:00
        +110分
        """,
    )


async def test_a_done_task_reminds_nobody(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：任务 @小刘 1小时内 打给家属
          < T1
          [@小刘] T1 交给你
        小刘：T1 完成
          < T1 完成
          [@李雷] T1 完成
        小刘：T1 完成
          < T1 已经完成了
        +100分
        """,
    )


async def test_only_assignee_and_owner_finish_it(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        王磊：任务 @小刘 今晚8点前 打给家属
          < T1
          [@小刘] T1 交给你
        王磊：T1 完成
          < T1 是小刘的。可以的是：小刘、负责人
        张敏：T1 完成
          < T1 是小刘的。可以的是：小刘、负责人
        李雷：T1 完成
          < T1 完成
          [@王磊] T1 完成：打给家属（李雷）
        """,
    )


async def test_only_giver_owner_and_duty_cancel_it(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        王磊：任务 @小刘 今晚8点前 打给家属
          < T1
          [@小刘] T1 交给你
        何静：取消 T1
          < T1 是王磊派的。可以的是：王磊、负责人、值班长
        张敏：取消 T1
          < T1 已取消（张敏）：打给家属
          [@小刘] T1 已取消（张敏）
        小刘：T1 完成
          < T1 已取消
        """,
    )


async def test_a_proof_task_needs_a_link_or_a_piece_of_evidence(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：任务 @林工 今晚8点前 封存同批次留样
          < T1 封存同批次留样 林工 20:00
          [@林工] 完成时请附链接或 Z 编号
        林工：T1 完成
          < T1 要凭证：T1 完成 加链接
        林工：存证 #1 留样封存单号2031已签字
          < Z-2 已存证（转录，没有原消息编号）
        林工：T1 完成 Z-2
          < T1 完成：封存同批次留样（凭证 Z-2）
          [@李雷] T1 完成
        """,
    )
    assert work.task(room.db, 1).evidence == "Z-2"


async def test_a_proof_that_is_not_there_proves_nothing(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：任务 @林工 今晚8点前 封存同批次留样
          < T1
          [@林工] T1 交给你
        林工：T1 完成 Z-99
          < 没有 Z-99 这件存证
        林工：T1 完成 https://disk.example/photo
          < T1 完成：封存同批次留样（凭证 https://disk.example/photo）
          [@李雷] T1 完成
        """,
    )


async def test_a_blocking_task_asks_to_be_taken_and_tells_the_giver_once(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await room.say("任务 下架该批次 @林工 18:00 阻断", by="张敏")
    await room.say("任务 冻结库存 @林工 18:00 阻断", by="张敏")
    room.ignore()
    await room.later(minutes=10)
    told = [s for s in room.ignore() if s.reason == "accept"]
    assert [s.to for s in told] == ["@张敏"]
    assert told[0].text.count("（林工）") == 2
    await room.later(minutes=10)
    assert not [s for s in room.ignore() if s.reason == "accept"]


async def test_a_task_blocked_is_said_where_it_matters(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        王磊：任务 @林工 今晚8点前 查批次记录
          < T1
          [@林工] T1 交给你
        林工：T1 受阻 等快递
          < T1 受阻（林工）：等快递
          [@王磊] T1 受阻（林工）：等快递
        林工：T1 进行中
          < T1 进行中（林工）
        林工：T1 完成
          < T1 完成
          [@王磊] T1 完成
        """,
    )


async def test_a_done_task_is_opened_again(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：任务 @小刘 今晚8点前 打给家属
          < T1
          [@小刘] T1 交给你
        小刘：T1 完成
          < T1 完成
          [@李雷] T1 完成
        李雷：T1 重开
          < T1 重新打开（李雷）
          [@小刘] T1 重新打开
        小刘：T1 重开
          < T1 本来就没完成
        """,
    )
    assert work.task(room.db, 1).reopened == 1


async def test_a_task_is_hurried_in_private(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：任务 @林工 今晚8点前 查批次记录
          < T1
          [@林工] T1 交给你
        张敏：催一下T1
          < 已私信林工催 T1
          [@林工] 张敏催 T1：查批次记录
        张敏：催一下T9
          < 没有 T9 这个任务
        """,
    )


async def test_a_task_moves_to_somebody_else(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：任务 @林工 今晚8点前 查批次记录
          < T1
          [@林工] T1 交给你
        小刘：T1 改派给 @王磊
          < 不能做这一步。可以的是
        林工：T1 改派给 @小刘
          < T1 归小刘：查批次记录
          [@小刘] T1 交给你（林工）
        小刘：接 T1
          < T1 已接
        """,
    )


async def test_a_quote_becomes_a_task(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷「张敏：用户要求当面道歉」：建任务给@王磊 今天之内
          < T1 用户要求当面道歉 王磊
          [@王磊] T1 交给你（李雷）：用户要求当面道歉
        王磊：我的任务
          < T1 用户要求当面道歉
        张敏：取消 T1
          < T1 已取消
          [@王磊] T1 已取消
        """,
    )


async def test_costs_are_added_up(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        周宁：花费 #1 3000元 检测费
          < #1 记3,000元（检测费），累计3,000元
        周宁：花费 #1 1.2万 律师费
          < #1 记12,000元（律师费），累计15,000元
        周宁：花费 #1 不多
          < 花了多少？
        """,
    )


async def test_a_date_that_is_past_or_unread_is_asked_for(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：任务 @林工
          < 做什么？如：任务 @林工 今晚8点前 调取留样
        李雷：任务 @路人 今晚8点前 查批次
          < 名单里没有「路人」
        李雷：任务 @周宁 今晚8点前 订会议室
          < T1 订会议室 周宁 20:00
          [@周宁] T1 交给你
        """,
    )
    assert timers.timer(room.db, f"task:1:{work.task(room.db, 1).due_at.timestamp():.0f}:100")  # type: ignore[union-attr]


HARM = {"text": "宝宝喝了晨露奶粉MA0423批次起疹子，三天了，医院说过敏", "platform": "小红书", "likes": 40}


async def test_who_must_verify_is_told_reminded_and_done_with_the_fact(room: Room) -> None:
    await room.hear_of(HARM)
    room.expect(("@林工", "请办 T1 核实人员患病；T2 核实未成年人受害，11:48 前"), "#1", ("@李雷", "#1"))
    await story(
        room,
        """
        李雷：认领
          < T1 核实人员患病 → 林工 11:48
        +61分
          [@李雷] #1 宝宝喝了
          [@林工] 有2项到点
        林工：核实了 宝宝喝奶粉后起疹子就诊1例（来源：医院）
          < F1 已核实（林工，来源：医院）
          [危机室] 🟠橙（建议） #1
          [@陈总] 已做：核实人员患病、核实未成年人受害
          [@何静] 食安2小时拟从 10:49 起算
          [危机室] 食安2小时拟从 10:49 起算
          [@林工] 归你：T3 封存留样
          [@小刘] 归你：T4 联系家属
        林工：我的任务
          < 你的未完成任务1项
          < T3 封存留样
        """,
    )


async def test_a_false_alarm_calls_off_what_was_to_be_verified(room: Room) -> None:
    await room.hear_of(HARM)
    room.ignore()
    await story(
        room,
        """
        李雷：误报 #1 同名餐馆，与我们无关
          < 判为误报
        李雷：确认
          < #1 已结案（李雷，误报：同名餐馆，与我们无关）
          [@林工] #1 T1 核实人员患病、T2 核实未成年人受害 不用做了：已结案
        +2时
        林工：我的任务
          < 你没有未完成的任务
        """,
    )
