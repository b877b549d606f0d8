"""Talk about a site that comes back: 「已恢复」 is said after half an hour of green probes, whoever says it."""

from __future__ import annotations

import pytest

from bot import probing, restoring
from bot.config import Config
from bot.model.probe import Event
from bot.model.times import iso
from bot.store import rooms
from tests.conftest import Room
from tests.statement_world import Desk
from tests.stories import story

PROBES = ("首页", "投标系统")


async def tell(room: Room, name: str, kind: str, words: str = "") -> None:
    """A probe of ours tells something, by the corridor of the live rounds."""
    event = Event(kind, words or f"{name} {'已稳定 30 分钟' if kind == 'restored' else '又能打开'}")
    await room.store.run(probing.take, room.house, name, [event], PROBES, room.clock())
    await room._collect()


async def outage(room: Room) -> None:
    """The home page is down, an incident is open and 李雷 has it."""
    await tell(room, "首页", "down", "首页 打不开：状态码 502")
    await room.later(minutes=1)
    await room.say("认领 #1", by="李雷")
    room.ignore()


async def test_a_task_to_restore_is_done_only_after_half_an_hour_of_green(room: Room) -> None:
    await outage(room)
    await room.say("任务 #1 恢复服务 @林工 今晚8点", by="张敏")
    room.ignore()
    await story(
        room,
        """
        林工：T1 完成 https://status.example/1
          < T1 还不能算恢复：首页 09:48 起还打不开。探测满30分钟正常后再回：T1 完成
        +10分
        """,
    )
    await tell(room, "首页", "up")
    room.expect(("危机室", "#1 首页 又能打开；连续30分钟正常才算恢复"))
    await story(
        room,
        """
        +5分
        林工：T1 完成 https://status.example/1
          < T1 还不能算恢复：首页 要连续30分钟正常，最早 10:29
        """,
    )
    await room.later(minutes=26)
    room.ignore()
    await story(
        room,
        """
        林工：T1 完成 https://status.example/1
          < T1 还不能算恢复：首页 还没有探测到连续30分钟正常
        """,
    )
    await tell(room, "首页", "restored")
    room.expect(("危机室", "#1 首页 已稳定 30 分钟，可以说「已恢复」"))
    await story(
        room,
        """
        林工：T1 完成 https://status.example/1
          < T1 完成：恢复服务（凭证 https://status.example/1）
          [@张敏] T1 完成：恢复服务（凭证 https://status.example/1）（林工）
        """,
    )


async def test_a_fact_that_says_restored_waits_for_the_probes(room: Room) -> None:
    await outage(room)
    await story(
        room,
        """
        小刘：记一下 #1 客户说网站已恢复
          < F1 待核实（小刘）。已请林工核实
          [@林工] 请核实 F1（小刘）：客户说网站已恢复
        林工：F1 核实了 来源运维
          < F1 还不能核实为已恢复：首页 09:48 起还打不开。满30分钟正常后再回：F1 核实了
        小刘：记一下 #1 运维预计18点恢复服务
          < F2 待核实（小刘）。已请林工核实
          [@林工] 请核实 F2
        林工：F2 核实了 来源运维
          < F2 已核实（林工，来源：运维）
        """,
    )
    await tell(room, "首页", "up")
    await tell(room, "首页", "restored")
    room.ignore()
    await story(
        room,
        """
        林工：F1 核实了 来源运维
          < F1 已核实（林工，来源：运维）
        """,
    )


async def test_one_green_probe_is_not_enough_while_another_is_down(room: Room) -> None:
    await outage(room)
    await tell(room, "投标系统", "down", "投标系统 打不开：超时")
    await tell(room, "首页", "up")
    await room.later(minutes=31)
    room.ignore()
    await tell(room, "首页", "restored")
    room.expect(("危机室", "#1 首页 已稳定 30 分钟；还不能说「已恢复」：投标系统 09:49 起还打不开"))


def test_a_text_that_says_restored_neither_goes_to_the_signers_nor_out(config: Config) -> None:
    desk = Desk(config, grade="blue", kind="outage")
    try:
        made = desk.clean_draft()
        desk.say(f"改 D{made.id} 把“原因还在查”改成“网站已恢复，原因还在查”", "张敏")
        assert "网站已恢复" in desk.draft().text
        desk.run(rooms.keep, "probes", {"首页": {"down": iso(desk.now)}})
        assert "还不能送审：稿中说已恢复，首页 09:48 起还打不开" in desk.say("送审 D1", "张敏")

        desk.run(rooms.keep, "probes", {"首页": {"down": None}})
        assert "送审" in desk.say("送审 D1", "张敏")
        desk.say("同意 D1", "王磊", room="")
        desk.run(rooms.keep, "probes", {"首页": {"down": None, "up": iso(desk.now)}})  # it fell again, and is back for a moment
        assert "稿中说已恢复，首页 要连续30分钟正常，最早 10:18" in desk.say("发布 D1 官网", "陈总")
    finally:
        desk.close()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("服务已恢复，请刷新", True),
        ("全部服务恢复", True),
        ("网站恢复正常了", True),
        ("今早8点系统恢复", True),
        ("预计18点恢复服务", False),
        ("网站以只读方式恢复", False),
        ("正在恢复，已抢修两小时", False),
        ("开始从备份恢复，备份时间为7小时前", False),
        ("尚未恢复", False),
        ("服务没有恢复正常", False),
    ],
)
def test_what_says_that_it_is_back(text: str, says: bool) -> None:
    assert restoring.claims(text) is says
