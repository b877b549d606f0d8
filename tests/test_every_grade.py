"""What holds for every grade: the whole line of states by typing alone, and the lower grade that is proposed once it has held."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model.grade import Grade
from bot.model.incident import State
from bot.store import incidents
from tests.conftest import Room

QUIET = {Grade.RED: 72, Grade.ORANGE: 48, Grade.YELLOW: 24, Grade.BLUE: 12}
HOLD = {Grade.RED: 6, Grade.ORANGE: 6, Grade.YELLOW: 2}


async def types(room: Room, by: str, *lines: str) -> str:
    """Somebody types lines one after another; the last answer."""
    said = ""
    for line in lines:
        said = await room.say(line, by=by)
        room.ignore()
    return said


@pytest.mark.parametrize("grade", list(Grade))
async def test_the_whole_line_of_states_is_walked_by_typing(room: Room, grade: Grade) -> None:
    number = await room.open_incident()
    assert room.incident(number).state is State.NEW
    await types(room, "李雷", f"认领 #{number}")
    assert (room.incident(number).state, room.incident(number).owner) == (State.ASSESSING, "李雷")
    await types(room, "李雷", f"研判 #{number} 食品安全 属实 影响三户")
    await types(room, "陈总", f"定级 #{number} {grade.label} 按研判", *(["确认"] if grade is Grade.RED else []))
    assert (room.incident(number).state, room.incident(number).grade) == (State.GRADED, grade)
    await types(room, "陈总", f"启动 #{number}")
    assert room.incident(number).state is State.ACTIVE
    for task in await room.store.read(lambda db: [r[0] for r in db.conn.execute("SELECT id FROM tasks WHERE blocking = 1")]):
        await types(room, "陈总", f"取消 T{task} 不再需要")
    await types(room, "陈总", f"决策 #{number} 不发声，先核实")
    said = await types(room, "李雷", f"跟踪 #{number}")
    assert room.incident(number).state is State.TRACKING, said

    assert f"#{number} 还不能结案：静默期还剩" in await types(room, "李雷", f"结案 #{number} 检测合格，家属认可")
    await room.later(hours=QUIET[grade] - 1)
    room.ignore()
    assert "静默期还剩" in await types(room, "李雷", f"结案 #{number} 检测合格，家属认可")
    await room.later(hours=1)
    room.ignore()
    asked = await types(room, "李雷", f"结案 #{number} 检测合格，家属认可")
    assert "确认" in asked
    second = grade >= Grade.ORANGE
    if second:
        await types(room, "李雷", "确认")
        assert room.incident(number).state is State.TRACKING, "orange and red want a second person"
        await types(room, "李雷", f"结案 #{number} 检测合格，家属认可")
    done = await types(room, "陈总" if second else "李雷", "确认")
    assert f"#{number} 已结案（{'陈总' if second else '李雷'}）" in done
    assert (room.incident(number).state, room.incident(number).resolution) == (State.CLOSED, "resolved")


@pytest.mark.parametrize("grade", [Grade.RED, Grade.ORANGE, Grade.YELLOW])
async def test_a_lower_grade_is_proposed_once_it_has_held(room: Room, grade: Grade) -> None:
    await room.hear_of("晨露乳业的牛奶里喝出异物，太恶心了", "晨露牛奶异物，客服推诿，差评", "投诉晨露：牛奶里有异物，没人处理")
    await room.later(days=3)
    await room.store.run(
        lambda db: incidents.change(db, 1, "suggest", at=room.clock.now, by="望楼", suggested=grade, peak=grade)
    )
    await room.later(minutes=1)
    room.ignore()
    assert incidents.gauge(room.db, 1)["lower_since"]

    await room.later(hours=HOLD[grade], minutes=-2)
    assert not [said for said in room.ignore() if said.reason == "eased"]
    await room.later(minutes=3)
    (eased,) = [said for said in room.ignore() if said.reason == "eased"]
    lower = room.incident().suggested
    assert lower < grade
    assert eased.text.startswith("#1 ")
    assert f"建议降为{lower.label}，已持续够久。确认请值班长回：定级 #1 {lower.label}" in eased.text
    await room.later(hours=HOLD[grade], minutes=5)
    assert not [said for said in room.ignore() if said.reason == "eased"]


async def test_nothing_is_lower_than_blue(room: Room) -> None:
    await room.open_incident()
    await room.store.run(
        lambda db: incidents.change(db, 1, "suggest", at=room.clock.now, by="望楼", suggested=Grade.BLUE, peak=Grade.BLUE)
    )
    for _ in range(4):
        await room.later(days=1)
    assert not [said for said in room.ignore() if said.reason == "eased"]
    assert timedelta(days=4) <= room.clock.now - room.incident().opened_at
