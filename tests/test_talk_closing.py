"""Talk about how it ends: tracking, closing, false alarm, merging, reopening, back to handling."""

from __future__ import annotations

import pytest

from bot.model.grade import Grade
from bot.model.incident import State
from bot.store import evidence, incidents, timers, work
from tests.conftest import THREE_COMPLAINTS, Room
from tests.crowd import voices
from tests.stories import story


async def tracked(room: Room, grade: str = "黄") -> None:
    await room.open_incident(owner="李雷", grade=grade, state="active")
    await room.say("决策 #1 不发声，先核实", by="陈总")
    await room.say("跟踪 #1", by="李雷")
    assert room.incident().state is State.TRACKING
    room.ignore()


async def test_tracking_is_refused_with_the_list_of_what_is_missing(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        张敏：任务 下架该批次 @林工 18:00 阻断
          < 下架该批次 林工 18:00，阻断。等林工接
          [@林工] 交给你（张敏）
        李雷：跟踪
          < #1 还不能跟踪：至少要有一条决策
          < 橙、红级要先发首次声明，或记下「决策 不发声 …」
          < 阻断任务没做完：T
        陈总：决策 不发声，等检测
          < J1 陈总：不发声
        李雷：跟踪
          < #1 还不能跟踪：阻断任务没做完
        """,
    )


async def test_a_decision_not_to_speak_and_the_blocking_task_done_open_the_way(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await room.say("任务 下架该批次 @林工 18:00 阻断", by="张敏")
    number = max(t.id for t in work.tasks(room.db, incident=1))
    room.ignore()
    await story(
        room,
        f"""
        陈总：决策 不发声，等检测
          < J1 陈总：不发声
        林工（私）：接 T{number}
          < T{number} 已接
          [@张敏] T{number} 林工已接
        林工：T{number} 完成
          < T{number} 完成
          [@张敏] T{number} 完成
        李雷：跟踪
          < #1 跟踪中
          < T{number} 完成。静默48小时
        """,
    )


async def test_only_owner_and_commander_track(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        王磊：跟踪 #1
          < 你（公关）不能跟踪 #1。可以的是：指挥、负责人
        张敏：跟踪 #1
          < 你（值班长）不能跟踪 #1。可以的是：指挥、负责人
        陈总：决策 #1 先道歉
          < J1 陈总：先道歉
        陈总：跟踪 #1
          < #1 跟踪中
        """,
    )


async def test_a_blue_matter_may_be_tracked_without_a_plan(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        张敏：定级 #1 蓝
          < #1 定蓝（张敏）
        张敏：跟踪 #1
          < #1 跟踪中
          < 静默12小时
        +12时
          [@李雷] #1 静默期已过。没有新情况就回：结案 #1 加理由
        李雷：结案 #1
          < 还不能结案：请写明理由
        """,
    )


async def test_closing_waits_for_the_quiet_period(room: Room) -> None:
    await tracked(room)
    await story(
        room,
        """
        李雷：结案 #1 已解决
          < #1 还不能结案：静默期还剩
        +24时
          [@李雷] #1 静默期已过
        李雷：结案 #1 已解决
          < 结案 #1
          < 静默24时
          < 确认
        李雷：确认
          < #1 已结案（李雷）。记录校验
          < 复盘 7日内，李雷
        """,
    )
    assert not timers.clocks_of(room.db, 1)


async def test_closing_orange_is_proposed_by_the_owner_and_confirmed_by_the_commander(room: Room) -> None:
    await tracked(room, "橙")
    await room.later(hours=48)
    room.ignore()
    await story(
        room,
        """
        王磊：结案 #1 已解决
          < 你（公关）不能结案 #1。可以的是：指挥、负责人
        李雷：结案 #1 检测合格
          < 要指挥确认，已私信陈总，15分钟内有效
          [@陈总] 李雷提请：结案 #1
        陈总按「确认」
          < #1 已结案（陈总）
          [@小刘] #1 T2 联系家属 不用做了：已结案
          [@林工] #1 T1 封存留样 不用做了：已结案
          [危机室] #1 已结案（陈总）
        """,
    )
    assert incidents.row(room.db, 1)["reason"] == "检测合格"


async def test_the_commander_may_send_a_closing_back(room: Room) -> None:
    await tracked(room, "橙")
    await room.later(hours=48)
    room.ignore()
    await story(
        room,
        """
        李雷：结案 #1 检测合格
          < 要指挥确认
          [@陈总] 李雷提请：结案 #1
        陈总按「退回」
          < 已退回，李雷会看到
          [危机室] 陈总退回：结案 #1
        李雷：状态 #1
          < 跟踪中
        """,
    )


async def test_handing_over_to_another_names_the_receiver(room: Room) -> None:
    await tracked(room)
    await room.later(hours=24)
    room.ignore()
    await story(
        room,
        """
        李雷：结案 #1 已移交
          < #1 还不能结案：移交要写明接收方，如：结案 #1 移交给市场部
        李雷：结案 #1 移交给市场部跟进
          < 结案 #1
        李雷：确认
          < #1 已结案（李雷，已移交：移交给市场部跟进）
        """,
    )


async def test_false_alarm_takes_a_reason_and_the_right_role(room: Room) -> None:
    await room.open_incident()
    await story(
        room,
        """
        王磊：误报 #1 同名餐馆
          < 不能误报 #1。可以的是：指挥、值班长、监测
        李雷：误报 #1
          < 判误报要写理由
        李雷：误报 #1 同名餐馆
          < 判为误报：同名餐馆
        李雷：确认
          < #1 已结案（李雷，误报：同名餐馆）
        """,
    )
    assert room.incident().resolution == "false_alarm"


async def test_an_orange_false_alarm_is_not_for_the_monitor(room: Room) -> None:
    await room.open_incident()
    room.store.run_now(lambda db: incidents.change(db, 1, "suggest", at=room.clock(), by="望楼", suggested=Grade.ORANGE))
    await story(
        room,
        """
        李雷：误报 #1 同名餐馆
          < 你（监测）不能误报 #1。可以的是：指挥、值班长
        张敏：误报 #1 同名餐馆
          < 判为误报
        张敏：确认
          < #1 已结案（张敏，误报
          [@陈总] #1 已结案（张敏，误报
        """,
    )


async def test_a_red_false_alarm_takes_the_commander(room: Room) -> None:
    await room.open_incident()
    room.store.run_now(lambda db: incidents.change(db, 1, "suggest", at=room.clock(), by="望楼", suggested=Grade.RED))
    await story(
        room,
        """
        张敏：误报 #1 同名餐馆
          < 可以的是：指挥
        陈总：误报 #1 同名餐馆
          < 判为误报
        陈总：确认
          < #1 已结案（陈总，误报
        """,
    )


async def test_one_that_is_claimed_goes_the_short_path(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：误报 #1 同名餐馆
          < 判为误报：同名餐馆（已认领：定蓝、转跟踪，静默后结案）
        李雷：确认
          < #1 研判不实，定蓝（李雷：同名餐馆），跟踪到21:48
        +12时
          [@李雷] #1 静默期已过
        李雷：结案 #1 误会一场
          < 结案 #1
        李雷：确认
          < #1 已结案（李雷
        """,
    )
    assert room.incident().truth == "false"


async def test_the_same_words_after_a_false_alarm_raise_nothing(room: Room) -> None:
    await room.open_incident()
    await room.say("误报 #1 同名餐馆", by="李雷")
    await room.say("确认", by="李雷")
    await room.later(minutes=5)
    room.ignore()
    await room.hear_of(*THREE_COMPLAINTS)
    room.expect()
    assert await room.say("列表", by="李雷") == "未结0件"


async def test_merging_moves_everything_and_copies_nothing(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await room.say("上报 另一件事情在发酵请看看", by="小刘")
    await room.say("任务 #2 @林工 今晚8点前 查批次", by="张敏")
    await room.say("记 #2 首帖9:42发在小红书", by="小刘")
    await room.say("决策 #2 先不下架", by="张敏")
    room.ignore()
    await story(
        room,
        """
        王磊：2并到1
          < 不能并入 #2。可以的是：指挥、值班长、监测、负责人
        张敏：2并到1
          < #2 另一件事情在发酵请看看 并入 #1
        张敏：确认
          < #2 已并入 #1，任务、事实、稿件、时限一并移过去
          [@李雷] 你是负责人，任务、事实、稿件、时限都在这一件
        小刘：状态 #2
          < 已并入 #1
        """,
    )
    assert [t.incident for t in work.tasks(room.db, assignee="林工")] == [1]
    assert len(work.facts(room.db, 1)) == 1
    assert evidence.of_incident(room.db, 2) == []


async def test_the_younger_goes_into_the_older_whichever_way_it_is_said(room: Room) -> None:
    await room.open_incident()
    await room.say("上报 另一件事情在发酵请看看", by="小刘")
    room.ignore()
    await story(
        room,
        """
        李雷：1并到2
          < #2 另一件事情在发酵请看看 并入 #1
        李雷：确认
          < #2 已并入 #1
        王磊：状态 #2
          < 已并入 #1
        """,
    )


async def test_a_closed_target_is_offered_for_reopening_instead(room: Room) -> None:
    await room.open_incident()
    await room.say("误报 #1 同名餐馆", by="李雷")
    await room.say("确认", by="李雷")
    await room.say("上报 另一件事情在发酵请看看", by="小刘")
    room.ignore()
    await story(
        room,
        """
        李雷：2并到1
          < #1 已结案，不能并入。要接着办请回：重开 #1 加理由
        张敏：重开 #1 又有人发
          < 重开 #1 晨露乳业的牛奶里喝出异物（又有人发）：第2轮，时限重新起算
        张敏：确认
          < #1 重开，第2轮（张敏：又有人发）
        李雷：2并到1
          < 并入 #1
        李雷：确认
          < #2 已并入 #1
        """,
    )


async def test_reopening_begins_a_new_round_and_keeps_the_old_times(room: Room) -> None:
    await tracked(room)
    await room.later(hours=24)
    await room.say("结案 #1 已解决", by="李雷")
    await room.say("确认", by="李雷")
    closed = incidents.row(room.db, 1)["closed_at"]
    room.ignore()
    await story(
        room,
        """
        王磊：重开 #1 又发视频
          < 不能重开 #1。可以的是：指挥、值班长、负责人
        张敏：重开 #1
          < 还不能重开：请写明理由
        张敏：重开 #1 又发视频
          < 重开 #1 晨露乳业的牛奶里喝出异物（又发视频）：第2轮，时限重新起算
        张敏：确认
          < #1 重开，第2轮（张敏：又发视频）。负责人李雷
        张敏：重开 #1 又发视频
          < #1 本来就没结
        """,
    )
    assert [r["closed_at"] for r in incidents.rounds(room.db, 1)] == [closed]
    assert timers.find_clock(room.db, 1, "first_statement")


async def test_what_was_merged_is_reopened_at_its_target(room: Room) -> None:
    await room.open_incident()
    await room.say("上报 另一件事情在发酵请看看", by="小刘")
    await room.say("2并到1", by="李雷")
    await room.say("确认", by="李雷")
    room.ignore()
    await story(
        room,
        """
        张敏：重开 #2 又来了
          < #2 已并入 #1，请对 #1 操作
        李雷：认领 #2
          < #1 归李雷
          < （#2 已并入 #1）
        """,
    )


async def test_back_to_handling_by_word_and_by_button(room: Room) -> None:
    await tracked(room)
    await story(
        room,
        """
        王磊：恢复处置 #1
          < 不能恢复处置 #1。可以的是：指挥、负责人
        李雷按「恢复处置」
          < #1 恢复处置（李雷）
        李雷：恢复处置 #1
          < #1 还不能恢复处置：先转跟踪
        """,
    )
    assert timers.find_clock(room.db, 1, "update")


async def test_a_tracked_matter_that_flares_up_alerts_and_offers_the_press(room: Room) -> None:
    await tracked(room)
    await room.later(hours=3)
    room.ignore()
    await room.hear_of(*voices(60, brand="晨露牛奶里有异物"))
    alerts = [s for s in room.ignore() if s.kind == "alert" and s.incident == 1]
    assert "恢复处置" in [b.text for b in alerts[-1].card.buttons]
    assert timers.find_clock(room.db, 1, "update")


async def test_chatter_and_doubt_never_close(room: Room) -> None:
    await tracked(room)
    await room.later(hours=24)
    room.ignore()
    await story(
        room,
        """
        王磊：这事可以结案了吧？
        李雷：先别结案
        李雷：结案陈词谁写
        李雷：状态 #1
          < 跟踪中
        """,
    )


@pytest.mark.parametrize(
    ("grade", "state", "said"),
    [
        ("黄", "active", "#1 处置中，不能再直接判误报。依次回：研判 #1 不实 同名餐馆；决策 #1 不发声：同名餐馆；跟踪 #1（指挥、负责人）；静默期"),
        ("黄", "graded", "#1 已定级，不能再直接判误报。依次回：研判 #1 不实 同名餐馆；启动 #1（指挥、值班长）；决策 #1 不发声：同名餐馆；跟踪 #1"),
        ("蓝", "graded", "#1 已定级，不能再直接判误报。依次回：研判 #1 不实 同名餐馆；跟踪 #1（指挥、值班长）；静默期过后回：结案 #1 误报：同名餐馆"),
    ],
)  # fmt: skip
async def test_a_false_alarm_too_late_says_the_lines_to_type(room: Room, grade: str, state: str, said: str) -> None:
    await room.open_incident(owner="李雷", grade=grade, state=state)
    assert said in await room.say("误报 #1 同名餐馆", by="李雷")
    assert "结案 #1 误报：理由" in await room.say("误报 #1", by="张敏")
    room.expect()


async def test_the_lines_of_a_late_false_alarm_lead_to_its_end(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="graded")
    for line, by in (
        ("研判 #1 不实 同名餐馆", "李雷"),
        ("启动 #1", "张敏"),
        ("决策 #1 不发声：同名餐馆", "李雷"),
        ("跟踪 #1", "李雷"),
    ):
        await room.say(line, by=by)
    await room.later(hours=24)
    await room.hear_of("今天天气不错")
    room.ignore()
    assert "误报" in await room.say("结案 #1 误报：同名餐馆", by="陈总")
    assert "#1 已结案（陈总，误报：同名餐馆）" in await room.say("确认", by="陈总")
    room.ignore()
    assert room.incident().resolution == "false_alarm"
