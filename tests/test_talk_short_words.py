"""Short lines of a real room that once met silence: a question put up, a false alarm that comes too late."""

from __future__ import annotations

from tests.conftest import Room
from tests.stories import story


async def test_what_is_put_up_to_a_leader_is_about_the_only_open_incident(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        张敏：请示陈总 要不要停售
          < #1 已报陈总
          [@陈总] 请您定：J1 要不要停售
        李雷：陈总知会一下 1号
          < #1 已报陈总
          [@陈总] #1
        李雷：请示陈总了吗
        """,
    )


async def test_a_false_alarm_typed_too_late_is_told_the_legal_way(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        李雷：误报
          < #1 处置中，不能再直接判误报。依次回：研判 #1 不实 理由；决策 #1 不发声：理由；跟踪 #1（指挥、负责人）；静默期过后回：结案 #1 误报
        李雷：研判 #1 不实 家长看错了
          < #1 研判：
          < 不实
        李雷：误报 家长看错了
          < 不能再直接判误报。依次回：决策 #1 不发声：家长看错了；跟踪 #1
        """,
    )
