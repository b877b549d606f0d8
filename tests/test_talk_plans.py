"""Talk about plans: what a start creates, who is called, what another grade or type changes."""

from __future__ import annotations

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


async def test_starting_twice_changes_nothing_the_second_time(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        张敏：启动 #1
          < #1 已启动过，不重复启动。下一步：任务
        张敏：启动 #1
          < #1 已启动过，不重复启动。下一步：任务
        王磊：启动 #1
          < 你（公关）不能启动 #1。可以的是：指挥、值班长
        小刘：我的任务
          < 你的未完成任务1项
          < T2 联系家属 小刘 剩41分
        """,
    )


async def test_the_plan_starts_with_the_press_and_everybody_called_hears_once(room: Room) -> None:
    await harmed(room)
    await story(
        room,
        """
        李雷：认领
          < #1 归李雷（不到1分）。T1 核实人员患病 → 林工 11:48。下一步：研判、转交
        张敏：定级 #1 橙 三地反映
          < #1 定橙（张敏）。上报 10:18 前，首发或不发声决定、速报均 13:48 前。下一步：启动
          [@陈总] 【领导简报】#1 宝宝喝了晨露奶粉MA0423批次起疹子｜🟠橙↑｜09:48
        张敏：启动 #1
          < #1 已启动：T3 封存留样 林工 11:00｜T4 联系家属 小刘 10:30。下一步：任务
          [@林工] #1 宝宝喝了晨露奶粉MA0423批次起疹子 已启动（张敏）。归你：T3 封存留样，11:00 前。可回：接 T3
          [@小刘] #1 宝宝喝了晨露奶粉MA0423批次起疹子 已启动（张敏）。归你：T4 联系家属，10:30 前。可回：接 T4
        小刘：接 T4
          < T4 已接：联系家属
        小刘：T4 完成
          < T4 完成：联系家属
        张敏：启动 #1
          < #1 已启动过，不重复启动。下一步：任务
        """,
    )


async def test_empty_posts_are_named_after_ten_minutes_at_orange(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        张敏：研判 #1 高管言论 属实 副总裁发言
          < #1 研判：高管言行，属实。下一步：定级、转交
        张敏：定级 #1 橙 全网在传
          < #1 定橙（张敏）。上报 10:18 前，首发或不发声决定、速报均 13:48 前。下一步：启动
          [@陈总] 【领导简报】#1 投诉晨露:牛奶里有异物｜🟠橙↑｜09:48
        张敏：启动 #1
          < #1 已启动：T1 请本人停用个人账号发言 王磊 10:30｜T2 取得完整视频和现场记录 王磊 11:00｜T3 员工信初稿 张敏 12:00｜T4 核对本人另发
          [@王磊] #1 投诉晨露:牛奶里有异物 已启动（张敏）。归你：T1 请本人停用个人账号发言，10:30 前；T2 取得完整视频和现场记录，
          [@何静] #1 投诉晨露:牛奶里有异物 已启动（张敏）。归你：T4 核对本人另发的内容与公司口径是否冲突，11:00 前。可回：接 T4
        +10分
          [危机室] #1 缺位：人力、董秘。请张敏指定：指派 #1 @某人
        """,
    )


async def test_another_type_calls_off_what_nobody_has_begun(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        小刘：接 T2
          < T2 已接：联系家属
        李雷：研判 #1 数据泄露 真伪未知 会员信息
          < #1 研判：数据泄露，真伪未知。下一步：任务
          [@林工] #1 T1 封存留样 不用做了：类型改为数据泄露
          [@林工] #1 投诉晨露:牛奶里有异物 已启动（李雷）。归你：T3 切断泄露途径并封存日志，11:00 前；T4 核对样本与涉及的信息种类
          [@何静] #1 投诉晨露:牛奶里有异物 已启动（李雷）。归你：T5 备好网信与公安报告，11:00 前。可回：接 T5
          [@小刘] #1 投诉晨露:牛奶里有异物 已启动（李雷）。归你：T6 提醒用户防诈骗的话术，11:00 前。可回：接 T6
        小刘：我的任务
          < 你的未完成任务2项
          < T2 联系家属 小刘 剩41分
          < T6 提醒用户防诈骗的话术 小刘 剩1时11分
        张敏：预案 #1
          < #1 数据泄露预案：已启动
          < 首批任务：切断泄露途径并封存日志（橙起，信息安全）；核对样本与涉及的信息种类（橙起，信息安全）；备好网信与公安报告（橙起，法务）
          < 要到位：信息安全、法务、客服、公关
          < 可能的法定时限：网信4小时、个保法告知（非法律意见）。下一步：任务
        """,
    )


async def test_a_playbook_can_be_read_before_it_starts(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        王磊：预案 #1
          < #1 食品安全预案：未启动
          < 首批任务：封存留样（橙起，业务）；联系家属（橙起，客服）；按批次停售下架，回传门店清单（红起，业务，阻断）；送检并约定出结果的时
          < 要到位：业务、客服、法务、公关、信息安全
        张敏：定级 #1 黄 有扩散
          < #1 定黄（张敏）。上报 11:48 前，首发或不发声决定、速报均 12-04 09:48 前。下一步：启动
        张敏：启动 #1
          < #1 已启动：上报 11:48 前，首次发声 12-04 09:48 前，速报 12-04 09:48 前。下一步：决策、任务
        王磊：预案 #1
          < #1 食品安全预案：已启动
        """,
    )


async def test_a_raised_grade_makes_a_started_plan_ask_for_more(room: Room) -> None:
    await harmed(room)
    await story(
        room,
        """
        李雷：认领
          < #1 归李雷（不到1分）。T1 核实人员患病 → 林工 11:48。下一步：研判、转交
        张敏：定级 #1 黄 仅一例
          < #1 定黄（张敏）。上报 11:48 前，首发或不发声决定、速报均 12-04 09:48 前。下一步：启动
        张敏：启动 #1
          < #1 已启动：上报 11:48 前，首次发声 12-04 09:48 前，速报 12-04 09:48 前。下一步：决策、任务
        张敏：定级 #1 橙 三地反映
          < #1 定橙（张敏）。上报 10:18 前，首发或不发声决定、速报均 13:48 前。下一步：任务
          [@林工] #1 宝宝喝了晨露奶粉MA0423批次起疹子 已启动（张敏）。归你：T3 封存留样，11:00 前。可回：接 T3
          [@小刘] #1 宝宝喝了晨露奶粉MA0423批次起疹子 已启动（张敏）。归你：T4 联系家属，10:30 前。可回：接 T4
          [@陈总] 【领导简报】#1 宝宝喝了晨露奶粉MA0423批次起疹子｜🟠橙↑｜09:48
        小刘：接 T3
          < T3 是林工的
        """,
    )


async def test_blocking_tasks_of_the_plan_hold_tracking(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        张敏：研判 #1 宕机 属实 商城打不开
          < #1 研判：服务中断，属实。下一步：定级、转交
        张敏：定级 #1 橙 全站打不开
          < #1 定橙（张敏）。上报 10:18 前，首发或不发声决定、速报均 13:48 前。下一步：启动
          [@陈总] 【领导简报】#1 投诉晨露:牛奶里有异物｜🟠橙↑｜09:48
        张敏：启动 #1
          < #1 已启动：T1 定位故障并报预计恢复时间 林工 10:30｜T2 挂出服务公告 林工 11:00｜T3 统计受影响用户与工单 小刘 11:00｜T4 恢复服务并
          [@林工] #1 投诉晨露:牛奶里有异物 已启动（张敏）。归你：T1 定位故障并报预计恢复时间，10:30 前；T2 挂出服务公告，11:0
          [@小刘] #1 投诉晨露:牛奶里有异物 已启动（张敏）。归你：T3 统计受影响用户与工单，11:00 前。可回：接 T3
        张敏：决策 #1 切备用机房
          < J1 记为提议：切备用机房。橙级要指挥定，已私信陈总
          [@陈总] 张敏提议 J1（#1）：切备用机房
        陈总（私）：决策 #1 不发声
          < J2 陈总：不发声
          [危机室] J2 陈总：不发声
        李雷：跟踪 #1
          < #1 还不能跟踪：阻断任务没做完：T4 恢复服务并观察30分钟
        """,
    )


async def test_reminders_of_plan_tasks_come_at_half_and_at_the_end(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        +30分
          [@小刘] 请看：
          [@张敏] 请电话陈总：#1 投诉晨露:牛奶里有异物，上报未阅。打完回：已电话 陈总
        小刘：T2 完成
          < T2 完成：联系家属
        +20分
          [@张敏] 再提醒：请电话陈总：#1 投诉晨露:牛奶里有异物，上报未阅。打完回：已电话 陈总
          [@林工] 请看：
        林工：T1 完成
          < T1 要凭证：T1 完成 加链接，或 T1 完成 Z-编号（先「存证」）
        """,
    )
