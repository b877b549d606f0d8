"""What people type in a hurry and what is read out of it; beside each the near-miss that must do nothing."""

from __future__ import annotations

import pytest

from bot.commands import read
from bot.config import Config, furnish
from tests.conftest import Room
from tests.statement_world import Desk
from tests.stories import story


async def test_who_was_told_is_noted_without_a_blank_and_can_be_asked(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        李雷：谁告诉员工了
          < #1 还没记下告知了谁
        小刘：已告知员工了吗
        小刘：已告知员工的家属
        小刘：已告知员工，内部信
          < #1 已告知员工（小刘
        王磊：已经通知经销商了
          < #1 已告知合作伙伴（王磊
        王磊：已通知领导
        小刘：员工告知了吗
          < #1 已告知2类
          < 员工：小刘
        王磊：谁告诉你的
        """,
    )


async def test_several_tasks_are_taken_in_one_line(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        张敏：任务 查批次 @林工
          < T1 查批次
          [@林工] T1 交给你
        张敏：任务 调留样 @林工
          < T2 调留样
          [@林工] T2 交给你
        林工：电话接了
        林工：T1接，T2不接
          < 一行里有T1、T2，没有做
        林工：T1 T2 都接了
          < 1✓T1 已接
          < 2✓T2 已接
        小刘：T1、T2接了
          < 1✗T1 是林工的
          < 2– 没做
        """,
    )


async def test_a_held_draft_is_let_go_by_the_word_people_use(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await room.say("起草首发", by="王磊")
    room.ignore()
    await story(
        room,
        """
        小刘：先别发 D1
          < D1 已压住
        小刘：恢复 D1
          < D1 由小刘压住，解除可以的是：公关/法务/指挥
        王磊：恢复 D1 到 v1
        王磊：恢复 D1
          < D1 解除压稿（王磊）
        小刘：先别发 D1
          < D1 已压住
        王磊：恢复 D1 的发布
          < D1 解除压稿（王磊）
        王磊：恢复 D1
          < D1 没有被压住
        """,
    )


async def test_leave_is_taken_by_its_own_word(room: Room) -> None:
    await story(
        room,
        """
        小刘：我明天请假
        小刘：请假 明天可以吗
        小刘：请假 明天到后天 李雷代
          < 小刘 12-04 00:00–12-06 00:00 不在，李雷代
          [@李雷] 由你代
        张敏：请假 小刘 明天
          < 小刘 12-04 00:00–12-05 00:00 不在
        李雷：请假 小刘 明天
          < 只能给自己请假
        小刘：销假
          < 小刘 已销假
        小刘：请假 三天
          < 小刘 09:48–12-06 00:00 不在
        小刘：销假
          < 小刘 已销假
        小刘：请假 两小时
          < 小刘 09:48–11:48 不在
        小刘：请假 下周
          < 下周哪天到哪天？
        小刘：请假 昨天
          < 是什么时候？
        """,
    )


async def test_a_legal_clock_may_stand_in_front_of_its_start(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        何静：食安起点改 09:20 了吗
        何静：建议食安起点改 09:20
        何静：食安起点改 09:20 林工可证
          < 食安2小时
          < 到期（知悉 09:20，证人林工）
          [@何静] 【报告表】#1 食安2小时
        小刘：食安的起点改到 09:40
          < 不能定起点
        """,
    )


async def test_evidence_is_listed_and_a_question_answered_by_its_number(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        李雷：存证列表
          < #1 存证1件
          < Z-1
        李雷：有哪些存证？
          < #1 存证1件
        李雷：证据不足
        王磊：待答 什么时候给说法
          < Q1 待答
        王磊：Q1 答不出来
        王磊：Q1 已答 下午三点给
          < Q1 已答（王磊）：下午三点给
        """,
    )


async def test_a_question_in_few_words_gets_the_answer_that_stands_ready(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        小刘：谁在负责
          < #1
          < 处置中，李雷
        小刘：谁负责打印
        小刘：还有多久到期？
          < 首次发声剩
        小刘：离首发还有多久
          < 首次发声剩
        小刘：合同什么时候到期
        陈总：我要批的有哪些
          < 没有在会签的稿件
        王磊：谁还没签
          < 没有在会签的稿件
        王磊：谁还没签到
        王磊：签齐了
        """,
    )


async def test_who_decides_asks_what_waits_for_a_word(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        陈总：有什么要我定的
          < 没有等你定的决策
        张敏：请示陈总 要不要停售
          < #1 已报陈总
          [@陈总] 请您定：J1 要不要停售
        陈总（私）：有什么要我定的
          < 等你定1条
          < J1 #1
          < 要不要停售
          < J1 同意
        王磊：等我拍板的有哪些
          < 没有等你定的决策
        王磊：有什么要我买的
        陈总：J1 同意
          < J1 陈总同意：要不要停售
        陈总：等我拍板的呢？
          < 没有等你定的决策
        """,
    )


def test_who_has_not_signed_is_answered_without_a_number(config: Config) -> None:
    desk = Desk(config)
    desk.in_review()

    assert desk.say("谁还没签", "王磊") == desk.say("D1 谁还没签", "王磊")
    assert "法务…" in desk.say("会签到哪了？", "王磊")
    desk.close()


async def test_the_bare_word_on_the_button_reports_what_is_open(room: Room) -> None:
    await story(
        room,
        """
        李雷：升级
          < 现在没有未结的事件
        """,
    )
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        李雷：上报
          < 上报哪件、报给谁？
        李雷：系统升级了
        李雷：升级
          < #1 已报张敏
          [@张敏] 【领导简报】#1
        """,
    )
    await room.say("上报 门店冷柜断电两小时，有顾客在拍照", by="小刘")
    room.ignore()
    await story(
        room,
        """
        李雷：升级
          < 是哪一件？
        李雷「望楼：#1 🟡黄 牛奶里喝出异物」：升级
          < #1 已报张敏
          [@张敏] 【领导简报】#1
        """,
    )


async def test_a_false_alarm_with_its_number_in_front_is_asked_back(room: Room) -> None:
    await room.open_incident()
    await story(
        room,
        """
        张敏：听说1号误报，说的不是我们
        张敏：1号误报？说的不是我们
        张敏：#1 不是误报，是我们的货
        小刘：#1 误报 不是我们的货
          < 不能
        张敏：1号误报 说的是我们
        张敏：1号误报 说的是另一家
          < 判为误报：说的是另一家
        张敏：1号误报，说的不是我们
          < 判为误报：说的不是我们
          < 确认
        张敏：#1 误报 不是我们的货
          < 判为误报：不是我们的货
        张敏：确认
          < #1 已结案（张敏，误报：不是我们的货）
        """,
    )


async def test_a_list_of_incidents_is_never_half_a_command(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        陈总：#1和#2升橙 三个平台
          < 一行里有#1、#2，没有做
        陈总：结案 #1 #2 已平息
          < 一行里有#1、#2，没有做
        陈总：1、2号误报，说的不是我们
          < 一行里有#1、#2，没有做
        """,
    )
    assert room.incident().grade is not None
    assert room.incident().grade.label == "黄"


async def test_what_a_leader_said_or_grants_is_a_decision(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        小刘：陈总说下午过来
        小刘：陈总说先别下架
        小刘：陈总说要不要先下架
        小刘：小刘说先下架
        小刘：陈总说先下架，李雷说不行
        小刘：陈总同意下架吗
        张敏：陈总说先下架MA0423
          < J1 陈总：先下架MA0423（代录）
          [@陈总] 张敏代您记了 J1：先下架MA0423
        小刘：陈总说今晚停售
          < J2 记为提议（陈总）：今晚停售。要
          [@陈总] 小刘代您记了 J2
        陈总：不批准下架
        陈总：批准下架吗
        陈总：批准下架
          < J3 陈总：批准下架
        张敏：陈总同意停售，检测出来再定
          < J4 陈总：停售，检测出来再定（代录）
          [@陈总] 张敏代您记了 J4
        """,
    )


async def test_a_task_is_handed_on_with_its_hour(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        张敏：任务 调留样 @林工
          < T1 调留样 林工
          [@林工] T1 交给你
        张敏：T1 给小刘，今晚12点前
          < 1✓T1 归小刘
          < 2✓T1 改到12-04 00:00
          [@小刘] T1 交给你
          [@小刘] T1 改到12-04 00:00
        张敏：T1 给小刘看过吗，今晚12点前
        张敏：任务 查批次 @林工
          < T2 查批次
          [@林工] T2 交给你
        张敏：T1给何静 T2给王磊，今晚8点
          < 一行里有T1、T2，没有做
        张敏：T1给何静 T2给王磊
          < 1✓T1 归何静
          < 2✓T2 归王磊
          [@何静] T1 交给你
          [@王磊] T2 交给你
        """,
    )


def test_what_is_out_is_taken_down_by_the_bare_word_and_two_people(config: Config) -> None:
    desk = Desk(config)
    assert "哪一份" in desk.say("撤下", "陈总")
    desk.handed()
    desk.say("已发 D1 微博 https://weibo.example/d1", "苏琴")

    assert desk.say("撤下", "小刘").startswith("你（客服）不能做这一步")
    assert desk.say("撤下微博那条", "何静") == desk.say("撤下 D1", "何静")
    assert "先起草更正：更正 D1" in desk.say("撤下", "何静")
    assert "先起草更正" not in desk.say("撤下广告", "何静") + desk.say("别撤下", "何静") + desk.say("撤下了", "何静")
    desk.close()


async def test_a_complaint_or_a_question_among_people_is_no_call_for_help(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        李雷：任务怎么都在我身上…
        李雷：任务怎么又是我
        李雷：审批怎么这么慢
        李雷：到底怎么回事
        李雷：央视记者来问怎么回事
        李雷：央视记者来问，怎么回
        李雷：#1 到底怎么回事？
          < #1
          < 处置中，李雷
        李雷：怎么派任务
          < 任务：派一件事
        李雷：你会干啥
          < 你现在可用
        """,
    )


async def test_who_wants_not_to_be_named_silences_nobody_else(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        张敏：@望楼 别@我
          < 没看懂。想说「稍后」吗？
        张敏（私）：别老@我了
          < 没看懂。想说「稍后」吗？
        张敏：#1 别@我了
          < #1 静音
        张敏：别响了
          < 静音什么？
        """,
    )


async def test_a_name_in_the_other_writing_is_the_same_person(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        李雷：任務 查批次 @張敏
          < T1 查批次 张敏
          [@张敏] T1 交给你
        陈总：指派 #1 @張敏
          < #1 归张敏
          [@张敏] #1
        陈总：指派 #1 @張小敏
          < 名单里没有
        """,
    )


async def test_a_talk_among_leaders_is_not_recorded(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        张敏：请示陈总 要不要停售
          < #1 已报陈总
          [@陈总] 请您定：J1 要不要停售
        陈总：先不说，电话谈
        陈总（私）：先不说，电话谈
          < 没看懂。想说「电话谈」吗？
        陈总（私）：电话谈
          < J1 先不定，已请值班长马上电话您
          [@张敏] 请电话陈总
        王磊（私）：电话谈
          < 没有等您定的决策
        """,
    )


async def test_the_same_text_is_not_begun_twice_by_mistake(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        王磊：起草首发
          < D1 v1 首发
          [@王磊] D1 v1
        何静：起草首发
          < 首发已有 D1 v1
          < 起草中
          < 改 D1
          < 另起草首发
        王磊：起草致歉信
          < D2 v1
          [@王磊] D2 v1
        王磊：另起草首发
          < D3 v1 首发
          [@王磊] D3 v1
        王磊：作废 D1
          < D1
        王磊：作废 D3
          < D3
        王磊：起草首发
          < D4 v1 首发
          [@王磊] D4 v1
        """,
    )


NEAR = """
1号误报，要是不是我们的货｜如果1号误报，说的不是我们｜1号可能误报，说的不是我们｜1号误报率不是我们定的
D1误报，说的不是我们｜先别误报 1号，说的不是我们
撤下吗｜别撤下｜撤下了｜要不要撤下｜撤下热搜｜同意下架｜批准下架微博那条｜陈总说下架吧｜陈总说下架之后再看｜陈总说致歉的事明天再议｜网友说先下架
升级打怪｜手机升级｜恢复 D1 到 v1｜别恢复 D1｜T1 接不了｜电话没接｜请假 流程怎么走｜请假 明天可以吗｜食安起点改了吗｜已通知领导｜已告知员工了吗
签完了｜审完了｜要我定吗｜怎么又升级了｜证据不足｜谁负责打印｜合同什么时候到期｜谁告诉你的｜Q1 答不出来
"""


@pytest.mark.parametrize("text", NEAR.strip().replace("\n", "｜").split("｜"))
def test_a_near_miss_is_no_command(config: Config, text: str) -> None:
    assert read(text, None, furnish(config)).name == "none"
