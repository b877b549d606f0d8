"""Talk about two matters that are one: everything goes to the older, both owners hear of it, the number leads on."""

from __future__ import annotations

from datetime import timedelta

from bot.store import incidents, plans, timers, work
from tests.conftest import START, Room
from tests.stories import story

STRIKE = ("晨露冷链车司机罢工围堵工厂大门了", "晨露工厂门口司机罢工拉横幅", "晨露司机罢工，工厂门口围了好多人")


async def two(room: Room, *steps: tuple[str, str]) -> None:
    """#1 an hour old, #2 new, and what people did since."""
    await room.open_incident()
    await room.later(minutes=20)
    await room.say("上报 晨露工厂门口有车被堵请看看", by="小刘")
    for text, by in steps:
        await room.say(text, by=by)
    room.ignore()


async def test_the_owner_of_the_younger_becomes_a_co_worker_and_both_hear_of_it(room: Room) -> None:
    await two(room, ("认领 #1", "李雷"), ("认领 #2", "王磊"), ("任务 #2 @林工 今晚8点前 查批次", "王磊"))
    await story(
        room,
        """
        张敏：2并到1
          < #2 晨露工厂门口有车被堵请看看 并入 #1
        张敏：确认
          < #2 已并入 #1，任务、事实、稿件、时限一并移过去。下一步：
          [@王磊] #2 晨露工厂门口有车被堵请看看 已并入 #1 晨露乳业的牛奶里喝出异物（张敏）。你协办，编号不变，以后说 #1
          [@李雷] 你是负责人，任务、事实、稿件、时限都在这一件
        王磊：状态 #2
          < #1 晨露乳业的牛奶里喝出异物
          < 李雷（配合 王磊）
          < 任务1项未完
          < （#2 已并入 #1）
        王磊：时间线 #2
          < #2 晨露工厂门口有车被堵请看看
          < 并入 张敏：并入 #1
        """,
    )


async def test_the_owner_of_the_younger_takes_the_older_that_nobody_has(room: Room) -> None:
    await two(room, ("认领 #2", "王磊"))
    await story(
        room,
        """
        王磊：2并到1
          < #2 晨露工厂门口有车被堵请看看 并入 #1
        王磊：确认
          < #2 已并入 #1
        李雷：认领 #1
          < 王磊先认领了
        """,
    )
    assert not timers.find_clock(room.db, 1, "claim")


async def test_a_clock_of_both_keeps_the_earlier_start_and_others_come_along(room: Room) -> None:
    await two(room, ("认领 #1", "李雷"), ("定级 #1 黄 按研判", "张敏"), ("认领 #2", "王磊"), ("定级 #2 橙 按研判", "张敏"))
    first, second = timers.find_clock(room.db, 1, "first_statement"), timers.find_clock(room.db, 2, "first_statement")
    assert first is not None
    assert second is not None
    await story(
        room,
        """
        张敏：2并到1
          < 并入 #1
        张敏：确认
          < #2 已并入 #1，任务、事实、稿件、时限一并移过去。建议升橙，请值班长确认
          [@王磊] 已并入 #1
          [@李雷] 已并入 #1
        """,
    )
    joined = timers.find_clock(room.db, 1, "first_statement")
    assert joined is not None
    assert joined.due_at == second.due_at < first.due_at
    assert timers.find_clock(room.db, 1, "account")  # the yellow one had none
    assert not timers.clocks_of(room.db, 2)


async def test_a_legal_clock_warns_on_under_the_older_number(room: Room) -> None:
    await two(room)
    await room.say("研判 #2 食品安全 属实", by="张敏")
    await room.say("起点改 #2 食安 10分钟前，林工可证", by="何静")
    clock = next(c for c in timers.clocks_of(room.db, 2, ("proposed", "running")) if c.legal)
    assert clock.started_at < START + timedelta(minutes=15)
    room.ignore()
    await story(
        room,
        """
        李雷：2并到1
          < 并入 #1
        李雷：确认
          < #2 已并入 #1
        何静：时限 #2
          < #1 晨露乳业的牛奶里喝出异物 的时限
          < 食安2小时
          < （#2 已并入 #1）
        """,
    )
    await room.later(minutes=55)
    warned = [said for said in room.ignore() if "食安2小时" in said.text and said.to == "@何静"]
    assert any("#1" in said.text and "#2" not in said.text for said in warned)
    assert [t.incident for t in work.tasks(room.db, assignee="何静") if t.kind == "legal"] == [1]


async def test_the_same_step_of_two_plans_is_one_task(room: Room) -> None:
    await two(
        room,
        *(("认领 #1", "李雷"), ("认领 #2", "王磊"), ("研判 #1 食品安全 属实", "张敏"), ("研判 #2 食品安全 属实", "张敏")),
        *(("定级 #1 橙 按研判", "张敏"), ("定级 #2 橙 按研判", "张敏"), ("启动 #1", "张敏"), ("启动 #2", "张敏")),
    )
    before = {t.text for t in work.tasks(room.db)}
    assert len(work.tasks(room.db)) > len(before)
    await room.say("2并到1", by="张敏")
    await room.say("确认", by="张敏")
    room.ignore()

    live = work.tasks(room.db)
    assert {t.incident for t in live} == {1}
    assert sorted(t.text for t in live) == sorted(before)
    assert plans.plan_of(room.db, 2, 1) is None
    await room.say("启动 #1", by="张敏")  # asked again, nothing new
    assert len(work.tasks(room.db)) == len(live)
    room.ignore()


async def test_another_plans_tasks_are_kept(room: Room) -> None:
    await room.open_incident()
    await room.hear_of(*STRIKE)
    doing = {t.text for t in work.tasks(room.db, incident=2)}
    assert "现场安全与秩序预案" in doing
    room.ignore()
    await room.say("2并到1", by="张敏")
    await room.say("确认", by="张敏")
    room.ignore()
    assert doing <= {t.text for t in work.tasks(room.db, incident=1)}
    assert incidents.get(room.db, 1).suggested is not None


async def test_a_secret_matter_does_not_go_into_an_open_one(room: Room) -> None:
    await two(room, ("保密 #2", "陈总"))
    await story(
        room,
        """
        陈总（私）：2并到1
          < #2 是保密的，#1 不是。先回：保密 #1，再并入
        张敏：2并到1
          < 没有 #2 这个事件
        小刘：状态 #2
          < 没有 #2 这个事件
        """,
    )


async def test_a_brief_that_waits_is_read_under_either_number(room: Room) -> None:
    await room.open_incident()
    await room.hear_of(*STRIKE)
    assert [b.incident for b in plans.unread(room.db, "陈总")] == [2]
    room.ignore()
    await room.say("2并到1", by="张敏")
    await room.say("确认", by="张敏")
    room.ignore()
    assert {b.incident for b in plans.unread(room.db, "陈总")} == {1}
    await room.say("已阅 #2", by="陈总", room="@陈总")
    assert not plans.unread(room.db, "陈总")
