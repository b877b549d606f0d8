"""Talk in a drill: marked, apart from what is real, paused, injected, jumped to, scored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.rehearsal import Rehearsal
from bot.store import drills, incidents
from tests.conftest import THREE_COMPLAINTS, Room


class Exercise:
    """The room with a drill that runs beside it."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.rehearsal = Rehearsal(room.config, room.store, room.clock)
        room.commands.rehearse = self.rehearsal.hear

    async def later(self, **length: float) -> list[str]:
        """Real time goes on; what the drill said meanwhile."""
        self.room.clock.now += timedelta(**length)
        await self.rehearsal.tick()
        await self.room._collect()
        return [f"[{said.to}] {said.text.splitlines()[0]}" for said in self.room.ignore()]


@pytest.fixture
async def exercise(room: Room) -> AsyncIterator[Exercise]:
    it = Exercise(room)
    yield it
    await it.rehearsal.stop()


async def test_everything_a_drill_says_is_marked_and_nothing_of_it_is_real(exercise: Exercise) -> None:
    room = exercise.room
    assert (await room.say("演练 食品安全", by="张敏")).startswith("【演练】食品安全 开始（张敏）")
    said = await exercise.later(seconds=1)

    assert said == [
        "[@林工] 【演练】#1 我家宝宝喝了晨露奶粉MA0423批次：请办 T1 核实人员患病；T2 核实未成年人受害，11:48 前",
        "[危机室] 【演练】🟡黄（建议） #1 我家宝宝喝了晨露奶粉MA0423批次",
        "[@李雷] 【演练】🟡黄（建议） #1 我家宝宝喝了晨露奶粉MA0423批次",
    ]
    assert not incidents.listed(room.db)
    assert await room.say("列表", by="李雷") == "未结0件"


async def test_a_marked_line_is_said_in_the_drill_and_only_there(exercise: Exercise) -> None:
    room = exercise.room
    await room.hear_of(*THREE_COMPLAINTS)
    room.ignore()
    await room.say("演练 食品安全", by="张敏")
    await exercise.later(seconds=1)

    assert (await room.say("【演练】认领 #1", by="王磊")).startswith("【演练】#1 归王磊")
    assert not room.incident(1).owner
    assert (await room.say("认领 #1", by="李雷")).startswith("#1 归李雷")
    assert room.incident(1).owner == "李雷"


async def test_a_quote_of_the_drill_is_answered_in_the_drill(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全", by="张敏")
    await exercise.later(seconds=1)

    answer = await room.say("认领 #1", by="李雷", quote="【演练】🟡黄（建议） #1 我家宝宝", quote_by="望楼")
    assert answer.startswith("【演练】#1 归李雷")
    assert not incidents.listed(room.db)


async def test_time_runs_as_fast_as_was_asked(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全 10倍速", by="张敏")
    await exercise.later(seconds=1)

    assert not any("F1" in line for line in await exercise.later(minutes=2))
    assert any("F1 待核实" in line for line in await exercise.later(minutes=0.3))


async def test_a_pause_holds_the_clock_and_going_on_resumes_it(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全 10倍速", by="张敏")
    await exercise.later(seconds=1)

    assert await room.say("演练暂停", by="张敏") == "【演练】已暂停。继续请回：演练继续"
    assert await exercise.later(minutes=30) == []
    assert await room.say("演练继续", by="张敏") == "【演练】继续"
    assert any("F1 待核实" in line for line in await exercise.later(minutes=3))


async def test_the_next_line_is_injected_on_demand(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全", by="张敏")
    await exercise.later(seconds=1)
    assert await room.say("演练注入下一条", by="张敏") == "【演练】注入第2条"
    await exercise.later(seconds=1)
    assert await room.say("演练注入下一条", by="张敏") == "【演练】注入第3条"
    assert any("F1 待核实" in line for line in await exercise.later(seconds=1))


async def test_only_forwards_is_jumped(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全", by="张敏")
    await exercise.later(seconds=1)
    assert await room.say("演练跳到第4步", by="张敏") == "【演练】跳到第4步"
    assert any("F1 待核实" in line for line in await exercise.later(seconds=1))
    assert await room.say("演练跳到第2步", by="张敏") == "已放到第4步，只能往后跳"


async def test_ending_scores_and_throws_the_data_away(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全", by="张敏")
    await exercise.later(seconds=1)
    await room.say("【演练】认领 #1", by="李雷")
    await room.say("演练结束", by="张敏")
    said = await exercise.later(seconds=1)

    assert said == ["[危机室] 【演练】演练结束"]
    assert "得分" in (await room.say("演练成绩", by="陈总"))
    last = drills.last(room.db)
    assert last is not None
    assert last.state == "ended"
    assert last.score.startswith("得分")
    assert await room.say("【演练】认领 #1", by="王磊") == "没有 #1 这个事件。回「列表」看未结的"


async def test_who_may_run_a_drill(exercise: Exercise) -> None:
    room = exercise.room
    assert await room.say("演练 食品安全", by="小刘") == "你（客服）不能做这一步。可以的是：指挥、值班长"
    assert await room.say("演练 食品安全", by="张敏", room="@张敏") == "演练在群里开始，大家才看得到。请到群里说：演练 食品安全"
    assert (await room.say("演练", by="陈总")).startswith("可以演练：食品安全")
    await room.say("演练 数据泄露", by="陈总")
    assert await room.say("演练 高管言论", by="陈总") == "已有演练在进行。先回：演练结束"


async def test_anybody_may_ask_whether_it_is_real(exercise: Exercise) -> None:
    room = exercise.room
    assert await room.say("现在是演练吗", by="小刘") == "现在没有演练，都是真的"
    await room.say("演练 宕机", by="张敏")
    assert (await room.say("现在是演练吗", by="小刘")).startswith("【演练】宕机与篡改 进行中，1倍速")


async def test_a_real_alert_during_a_drill_is_not_marked(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 宕机", by="张敏")
    await exercise.later(seconds=1)
    await room.hear_of(*THREE_COMPLAINTS)
    alert, on_call = room.expect(("危机室", "#1"), ("@李雷", "认领 #1"))

    assert not alert.text.startswith("【演练】")
    assert not on_call.text.startswith("【演练】")


async def test_a_statement_in_a_drill_is_never_handed_over(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全", by="张敏")
    await exercise.later(seconds=1)
    assert "D1 v1 首发" in await room.say("【演练】起草首发 #1", by="张敏")
    room.ignore()
    assert "演练中不对外交付，签齐就算已发" in await room.say("【演练】发布 D1", by="王磊")
    room.ignore()


async def scored(exercise: Exercise) -> str:
    """The line of the score about law and ethics, after the drill ended."""
    await exercise.room.say("演练结束", by="张敏")
    await exercise.later(seconds=1)
    said = await exercise.room.say("演练成绩", by="陈总")
    return next(line for line in said.splitlines() if line.startswith("合法合规"))


async def test_a_forbidden_request_scores_zero_and_is_listed_without_a_name(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全", by="张敏")
    await exercise.later(seconds=1)
    assert "付费删帖违法" in await room.say("【演练】找人把那几个帖子删了吧，花点钱也行", by="小刘")
    await room.say("【演练】联系删帖公司", by="王磊")
    assert await scored(exercise) == "合法合规 0/10：要求付费删帖"


async def test_a_number_typed_into_the_group_is_a_leak_and_one_in_private_is_none(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全", by="张敏")
    await exercise.later(seconds=1)
    await room.say("【演练】投诉的妈妈电话 13800138000", by="小刘", room="@小刘")
    drill = exercise.rehearsal._running
    assert drill
    assert "合法合规 10/10：没有违规动作" in drill.score()
    await room.say("【演练】投诉的妈妈电话 13800138000", by="小刘")
    assert await scored(exercise) == "合法合规 0/10：群里发了个人号码"


async def test_a_clean_drill_keeps_its_points(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全", by="张敏")
    await exercise.later(seconds=1)
    await room.say("【演练】认领 #1", by="李雷")
    assert await scored(exercise) == "合法合规 10/10：没有违规动作"


async def test_a_drill_is_set_for_a_day_and_its_leader_reminded(exercise: Exercise) -> None:
    room = exercise.room
    assert await room.say("安排演练 食品安全", by="张敏") == "哪天演哪个？如：安排演练 食品安全 下周三10点"
    said = await room.say("安排演练 食品安全 明天10点", by="张敏")
    assert said == "【演练】已定：12-04 10:00 食品安全，届时提醒张敏开始"
    await room.later(hours=23)
    assert not any("演练" in s.text for s in room.ignore())
    await room.later(hours=2)
    told = [s for s in room.ignore() if "演练" in s.text]
    assert [(s.to, s.text) for s in told] == [("@张敏", "【演练】食品安全 到点了。请在群里回：演练 食品安全")]
    assert not drills.current(room.db)


async def test_without_a_drill_every_word_about_one_says_so(exercise: Exercise) -> None:
    room = exercise.room
    for line in ("演练暂停", "演练继续", "演练注入下一条", "演练跳到第4步", "演练结束"):
        assert await room.say(line, by="张敏") == "现在没有演练。回：演练 食品安全", line
    for line in ("演练打分", "演练成绩", "演练导出"):
        assert await room.say(line, by="张敏") == "还没有演练成绩", line


async def test_the_score_is_asked_for_on_the_way_and_kept_at_the_end(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全", by="张敏")
    await exercise.later(seconds=1)
    assert await room.say("演练打分", by="张敏") == "【演练】正在打分"
    (so_far,) = await exercise.later(seconds=1)
    assert so_far.startswith("[危机室] 【演练】得分 ")
    await room.say("演练结束", by="陈总")
    await exercise.later(seconds=1)
    kept = await room.say("演练导出", by="张敏")
    assert kept.startswith("【演练】食品安全 得分 ")
    assert [line.split(" ")[0] for line in kept.splitlines()[1:]] == [
        "监测定级",
        "时限",
        "事实",
        "发声会签",
        "协同",
        "合法合规",
    ]


async def test_leaders_read_that_it_is_a_drill_and_their_words_count_there(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全 60倍速", by="张敏")
    await exercise.later(seconds=1)
    said = await exercise.later(minutes=1)
    briefs = [line for line in said if line.startswith("[@陈总]")]
    assert briefs
    assert all(line.startswith("[@陈总] 【演练】") for line in briefs)
    assert (await room.say("【演练】状态 #1", by="陈总", room="@陈总")).startswith("【演练】#1 ")
    assert await room.say("状态 #1", by="陈总", room="@陈总") == "没有 #1 这个事件。回「列表」看未结的"


async def test_only_the_commander_and_duty_lead_it(exercise: Exercise) -> None:
    room = exercise.room
    await room.say("演练 食品安全", by="张敏")
    await exercise.later(seconds=1)
    for line in ("演练暂停", "演练继续", "演练注入下一条", "演练跳到第4步", "演练打分", "演练结束", "演练导出"):
        assert await room.say(line, by="李雷") == "你（监测）不能做这一步。可以的是：指挥、值班长", line
    assert await exercise.later(seconds=1) == []
