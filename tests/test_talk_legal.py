"""Talk about legal clocks: proposed, started, warned of, met, waived."""

from __future__ import annotations

from bot.store import work
from tests.conftest import Room
from tests.stories import story

HARM = {"text": "宝宝喝了晨露奶粉MA0423批次起疹子，三天了，医院说过敏", "platform": "小红书", "likes": 40}


async def harmed(room: Room, *, active: bool = False) -> None:
    """A mother writes of a rash; ``active``: claimed, graded orange and started."""
    await room.hear_of(HARM)
    if active:
        for text, by in (("认领 #1", "李雷"), ("定级 #1 橙 三地反映", "张敏"), ("启动 #1", "张敏")):
            await room.say(text, by=by)
    room.ignore()


async def test_a_call_of_the_regulator_proposes_the_clock_and_legal_moves_its_start(room: Room) -> None:
    await harmed(room, active=True)
    await story(
        room,
        """
        张敏：市场监管局来电，问MA0423
          < 红线：监管来电（已在橙）。食安2小时拟从 09:48 起算
          < 食安2小时 11:48 前报县级市场监管部门
          < 非法律意见
          < 回复：确认起点 #1｜起点改 #1
          [@陈总] 【领导简报】#1 宝宝喝了晨露奶粉MA0423批次起疹子｜🟠橙↑｜09:48
          [@何静] #1 食安2小时拟从 09:48 起算
        小刘：大家先喝口水，我再去盯热线
        何静：起点改 09:40，来电那时已核实，林工可证
          < 食安2小时 11:40 到期（知悉 09:40，证人林工）。报告表已私发何静
          < 非法律意见
          [@何静] 【报告表】#1 食安2小时：11:40 前报县级市场监管部门
        何静：已报 食安
          < 请带回执号：已报 #1 食安2小时 回执 编号；没有回执写接报人姓名工号
        何静：已报 食安 回执 2026-0415
          < 食安2小时：已报，提前1时51分，凭证已存
        何静：时限 #1
          < #1 宝宝喝了晨露奶粉MA0423批次起疹子 的时限
          < 非法律意见
        """,
    )


async def test_who_may_start_and_who_may_only_report(room: Room) -> None:
    await harmed(room, active=True)
    await story(
        room,
        """
        张敏：市场监管局来电，问MA0423
          < 红线：监管来电（已在橙）。食安2小时拟从 09:48 起算
          [@陈总] 【领导简报】#1 宝宝喝了晨露奶粉MA0423批次起疹子｜🟠橙↑｜09:48
          [@何静] #1 食安2小时拟从 09:48 起算
        王磊：起点改 #1 09:40
          < 你（公关）不能定起点。可以的是：指挥、值班长、法务
        苏琴：已报 食安 回执 2026-1
          < 你（发言人）不能做这一步。可以的是：指挥、值班长、法务、信息安全
        小刘：确认起点 #1
          < 你（客服）不能定起点。可以的是：指挥、值班长、法务
        林工：起点改 #1 09:40
          < 你（业务、信息安全）不能定起点。可以的是：指挥、值班长、法务
        何静：确认起点
          < 食安2小时 11:48 到期（知悉 09:48，证人何静）。报告表已私发何静
          [@何静] 【报告表】#1 食安2小时：11:48 前报县级市场监管部门
        林工：已报 食安 回执 2026-0415
          < 食安2小时：已报，提前1时59分，凭证已存
        """,
    )


async def test_a_clock_is_waived_only_by_legal_or_commander_with_a_reason_and_a_code(room: Room) -> None:
    await harmed(room, active=True)
    await story(
        room,
        """
        张敏：市场监管局来电，问MA0423
          < 红线：监管来电（已在橙）。食安2小时拟从 09:48 起算
          [@陈总] 【领导简报】#1 宝宝喝了晨露奶粉MA0423批次起疹子｜🟠橙↑｜09:48
          [@何静] #1 食安2小时拟从 09:48 起算
        张敏：免报 #1 食安 不涉及食品
          < 你（值班长）不能做这一步。可以的是：指挥、法务
        何静：免报 #1 食安
          < 免报要写理由，如：免报 #1 食安2小时 经核未涉及个人信息
        何静：确认
          < 没有等你确认的事，或已过时。请重新发一次指令
        陈总：免报 #1
          < 免报要写理由，如：免报 #1 食安2小时 经核未涉及个人信息
        """,
    )


async def test_legal_duty_and_commander_are_warned_before_it_is_due(room: Room) -> None:
    await harmed(room, active=True)
    await story(
        room,
        """
        张敏：市场监管局来电，问MA0423
          < 红线：监管来电（已在橙）。食安2小时拟从 09:48 起算
          [@陈总] 【领导简报】#1 宝宝喝了晨露奶粉MA0423批次起疹子｜🟠橙↑｜09:48
          [@何静] #1 食安2小时拟从 09:48 起算
        陈总（私）：已阅 #1
          < #1 已记下您已阅
        张敏：确认起点
          < 食安2小时 11:48 到期（知悉 09:48，证人张敏）。报告表已私发何静
          [@何静] 【报告表】#1 食安2小时：11:48 前报县级市场监管部门
        小刘：T4 完成
          < T4 完成：联系家属
        林工：T3 完成
          < T3 要凭证：T3 完成 加链接，或 T3 完成 Z-编号（先「存证」）
        +60分
          [@林工] 请看：
          [@林工] T1 核实人员患病剩1时，可回：T1 完成
          [@何静] #1 食安2小时剩1时（11:48 前报县级市场监管部门，非法律意见）
          [@张敏] #1 食安2小时剩1时（11:48 前报县级市场监管部门，非法律意见）
          [@陈总] #1 食安2小时剩1时（11:48 前报县级市场监管部门，非法律意见）
        """,
    )


async def test_a_proposed_start_warns_as_well(room: Room) -> None:
    await harmed(room, active=True)
    await story(
        room,
        """
        张敏：市场监管局来电，问MA0423
          < 红线：监管来电（已在橙）。食安2小时拟从 09:48 起算
          [@陈总] 【领导简报】#1 宝宝喝了晨露奶粉MA0423批次起疹子｜🟠橙↑｜09:48
          [@何静] #1 食安2小时拟从 09:48 起算
        陈总（私）：已阅 #1
          < #1 已记下您已阅
        小刘：T4 完成
          < T4 完成：联系家属
        林工：T3 完成
          < T3 要凭证：T3 完成 加链接，或 T3 完成 Z-编号（先「存证」）
        +60分
          [@林工] 请看：
          [@林工] T1 核实人员患病剩1时，可回：T1 完成
          [@何静] #1 食安2小时剩1时（11:48 前报县级市场监管部门，起点未确认，非法律意见）
          [@张敏] #1 食安2小时剩1时（11:48 前报县级市场监管部门，起点未确认，非法律意见）
          [@陈总] #1 食安2小时剩1时（11:48 前报县级市场监管部门，起点未确认，非法律意见）
        何静：确认起点
          < 食安2小时 11:48 到期（知悉 09:48，证人何静）。报告表已私发何静
          [@何静] 【报告表】#1 食安2小时：11:48 前报县级市场监管部门
        """,
    )


async def test_lowering_never_ends_a_legal_clock(room: Room) -> None:
    await harmed(room, active=True)
    await story(
        room,
        """
        张敏：市场监管局来电，问MA0423
          < 红线：监管来电（已在橙）。食安2小时拟从 09:48 起算
          [@陈总] 【领导简报】#1 宝宝喝了晨露奶粉MA0423批次起疹子｜🟠橙↑｜09:48
          [@何静] #1 食安2小时拟从 09:48 起算
        何静：确认起点
          < 食安2小时 11:48 到期（知悉 09:48，证人何静）。报告表已私发何静
          [@何静] 【报告表】#1 食安2小时：11:48 前报县级市场监管部门
        张敏：时限 #1
          < #1 宝宝喝了晨露奶粉MA0423批次起疹子 的时限
          < 非法律意见
        李雷：跟踪 #1
          < #1 还不能跟踪：至少要有一条决策：回「决策 …」；橙、红级要先发首次声明，或记下「决策 不发声 …」；法定时限未了：食安2小时
        """,
    )


async def test_a_red_line_without_incident_asks_to_report_it(room: Room) -> None:
    await story(
        room,
        """
        张敏：市场监管局来电，问MA0423
          < 要立案请回：上报 市场监管局来电，问MA0423
        李雷：市场监管局会不会来电？
        张敏：上报 市场监管局来电问批次MA0423的奶粉
          < 未定级 #1 市场监管局来电问批次MA0423的奶粉｜张敏上报
          [@李雷] #1 市场监管局来电问批次MA0423的奶粉（张敏上报）
        """,
    )


async def test_a_gathering_told_in_the_room_raises_the_suggestion_at_once(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        小刘：供应商的人在仓库门口聚集，拉了横幅
          < 红线：聚集、罢工或暴力（建议升橙），已记到 #1。下一步：任务
          [危机室] 🟠橙（建议） #1 晨露乳业的牛奶里喝出异物｜升级
          [@陈总] 【领导简报】#1 晨露乳业的牛奶里喝出异物｜🟠橙（建议）↑｜09:48
        小刘：供应商的人在仓库门口聚集，拉了横幅
          < 红线：聚集、罢工或暴力（已建议升橙），已记到 #1。下一步：任务
        张敏：为什么 #1
          < 🟡黄 #1 晨露乳业的牛奶里喝出异物
        """,
    )


async def test_the_start_may_be_set_by_hand_where_nothing_was_proposed(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        何静：起点改 #1 09:00
          < #1 没有在走的法定时限。要起算请写名称，如：起点改 #1 食安 09:48，林工可证
        何静：起点改 #1 食安 09:00，林工可证
          < 食安2小时 11:00 到期（知悉 09:00，证人林工）。报告表已私发何静
          < 非法律意见
          [@何静] 【报告表】#1 食安2小时：11:00 前报县级市场监管部门
        何静：起点改 #1 25:00
          < 「25:00」不是时刻，如 10:21
        何静：时限 #1
          < #1 晨露乳业的牛奶里喝出异物 的时限
          < 食安2小时 11:00 前报县级市场监管部门，剩1时11分（知悉 09:00）
          < 非法律意见
        """,
    )


async def test_a_report_without_a_clock_is_kept_and_meets_the_report(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        小刘：已报 #1 街道办 回执 2026-7
          < 你（客服）不能做这一步。可以的是：指挥、值班长、法务、信息安全
        何静：已报 #1 街道办 回执 2026-7
          < #1 已记：街道办 回执 2026-7
        何静：时限 #1
          < #1 晨露乳业的牛奶里喝出异物 的时限
        """,
    )


async def test_the_alert_card_and_the_status_show_the_legal_clock_with_its_warning(room: Room) -> None:
    await harmed(room, active=True)
    await room.say("市场监管局来电，问MA0423", by="张敏")
    await room.say("确认起点", by="何静")
    room.ignore()
    await room.hear_of(
        {
            "text": "晨露奶粉MA0423批次致宝宝起疹子，三天不退，家长要求公开说明",
            "platform": "新闻",
            "tier": "A",
            "author": "财联网",
        }
    )

    alert = next(said for said in room.ignore() if said.kind == "alert" and said.to == room.name)
    status = await room.say("状态 #1", by="小刘")
    for text in (alert.text, status):
        assert "法定：食安2小时剩1时5" in text
        assert "非法律意见" in text


async def test_waiving_takes_the_code_and_a_second_time_there_is_nothing_left(room: Room) -> None:
    await harmed(room, active=True)
    await room.say("市场监管局来电，问MA0423", by="张敏")
    room.ignore()
    echo = await room.say("免报 #1 食安 经核系护肤品，不涉及食品", by="何静")
    code = echo.rsplit("确认 ", 1)[1].strip()

    assert await room.say(f"确认 {code}", by="王磊", room="@王磊") == "没有等你确认的事，或已过时。请重新发一次指令"
    done = await room.say(f"确认 {code}", by="何静")
    assert done.startswith("#1 食安2小时：免报（何静：经核系护肤品")
    assert (await room.say("免报 #1 食安 再免一次", by="何静")) == "免哪一个？现在没有法定时限在走"


async def test_what_was_reported_ends_the_task_that_asked_for_it(room: Room) -> None:
    await harmed(room, active=True)
    for text, by in (("市场监管局来电，问MA0423", "张敏"), ("起点改 #1 食安 10分钟前，林工可证", "何静")):
        await room.say(text, by=by)
    room.ignore()
    (asked,) = (t for t in work.tasks(room.db, assignee="何静") if t.kind == "legal")
    await story(
        room,
        f"""
        小刘：已报 #1 食安 回执 2026-0415
          < 可以的是
        何静：已报 #1 食安 回执 2026-0415
          < 食安2小时：已报，提前
        何静：T{asked.id} 完成
          < T{asked.id} 已经完成了
        """,
    )
