"""Talk about who serves: the roster, leave, deputies, take-over, roles, telephone numbers."""

from __future__ import annotations

from dataclasses import replace

from bot.model.people import Role
from bot.store import staff
from tests.conftest import Room
from tests.stories import story


async def two_duties(room: Room) -> None:
    await room.say("角色 王磊 加 值班长", by="陈总")
    await room.say("确认", by="陈总")
    room.ignore()


async def test_who_is_on_duty(room: Room) -> None:
    await two_duties(room)
    await story(
        room,
        """
        小刘：谁在值班
          < 现在值班　指挥：陈总｜值班长：张敏｜监测：李雷
        张敏：值班 王磊 值班长 到今晚20:00
          < 王磊 值班（值班长）09:48–20:00
          [@王磊] 张敏排你值班：值班长 09:48–20:00
        小刘：谁在值班
          < 值班长：王磊（到20:00）
        """,
    )


async def test_who_is_on_shift_is_called_first(room: Room) -> None:
    await two_duties(room)
    await room.say("值班 王磊 值班长 到周日20:00", by="张敏")
    await room.open_incident()
    await story(
        room,
        """
        +30分
          [@王磊] 认领剩30分
        李雷：认领
          < #1 归李雷
        小刘：#1 升橙
          < 已转王磊定
          [@王磊] 小刘想请你：定级 #1 橙
        """,
    )


async def test_a_gap_is_said_a_day_before(room: Room) -> None:
    await room.say("值班 张敏 明天20:00到周日8:00", by="张敏")
    room.expect()
    await room.later(hours=46)
    room.ignore()
    await room.later(hours=2)
    gaps = [s for s in room.ignore() if s.reason == "roster"]
    assert [s.to for s in gaps] == ["@张敏", "@周宁"]
    assert "12-06 08:00 起值班长无人值班" in gaps[0].text


async def test_a_shift_that_is_followed_by_another_is_no_gap(room: Room) -> None:
    await two_duties(room)
    await room.say("值班 张敏 值班长 明天20:00到周日8:00", by="张敏")
    await room.say("值班 王磊 值班长 周日8:00到周日20:00", by="张敏")
    room.ignore()
    await room.later(hours=47)
    room.ignore()
    await room.later(hours=3)
    assert not [s for s in room.ignore() if "12-06 08:00" in s.text and s.reason == "roster"]


async def test_a_deputy_holds_the_roles_while_somebody_is_away(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        王磊：定级 #1 黄 扩散
          < 不能定级 #1
          [@张敏] 王磊想请你
        张敏：值班 请假 到明天 王磊代
          < 张敏 09:48–12-05 00:00 不在，王磊代
          [@王磊] 由你代（值班长）
        王磊：定级 #1 黄 扩散
          < #1 定黄（王磊）
        张敏：值班 销假
          < 张敏 已销假，回到名单
        王磊：定级 #1 橙 又扩散
          < 不能定级 #1
          [@张敏] 王磊想请你
        """,
    )


async def test_nobody_makes_himself_a_deputy(room: Room) -> None:
    await story(
        room,
        """
        王磊：值班 请假 陈总 到明天 王磊代
          < 只能给自己请假。给别人请假可以的是：指挥、值班长、管理员
        张敏：值班 请假 陈总 到明天 王磊代
          < 你（值班长）不能做这一步。可以的是：指挥、管理员
        周宁：值班 请假 陈总 到明天 王磊代
          < 王磊 代 陈总（指挥）
          < 确认
        周宁：确认
          < 陈总 09:48–12-05 00:00 不在，王磊代
          [@王磊] 由你代（指挥）
        """,
    )


async def test_leave_over_a_shift_says_that_it_is_open(room: Room) -> None:
    await two_duties(room)
    await story(
        room,
        """
        张敏：值班 张敏 值班长 明天20:00到周日8:00
          < 张敏 值班（值班长）12-04 20:00–12-06 08:00
        张敏：值班 请假 明天到后天
          < 没有代理。他的班还没人顶：12-04 20:00–12-06 08:00，回：值班 顶班 张敏
        小刘：值班 顶班 张敏
          < 你（客服）不能值值班长的班。可以的是：值班长
        王磊：值班 顶班 张敏
          < 王磊 顶张敏的班（值班长）12-04 20:00–12-06 08:00
          [@张敏] 王磊顶你的班
        """,
    )
    assert [s.person for s in staff.shifts(room.db, room.clock())] == ["王磊"]


async def test_a_shift_is_taken_over_in_the_middle(room: Room) -> None:
    await two_duties(room)
    await room.say("值班 张敏 值班长 到今晚20:00", by="张敏")
    await room.later(hours=2)
    room.ignore()
    await story(
        room,
        """
        王磊：值班 顶班 张敏
          < 王磊 顶张敏的班（值班长）11:48–20:00
          [@张敏] 王磊顶你的班
        小刘：谁在值班
          < 值班长：王磊（到20:00）
        王磊：值班 顶班 小刘
          < 小刘没有排班
        """,
    )


async def test_roles_change_by_command_with_confirmation(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        王磊：角色 王磊 加 值班长
          < 你（公关）不能做这一步。可以的是：指挥、管理员
        周宁：角色 王磊 加 值班长
          < 王磊 加 值班长
          < 确认
        周宁：确认
          < 王磊 加 值班长（周宁），立即生效
          [@王磊] 周宁给你加了角色：值班长
        王磊：定级 #1 黄 扩散
          < #1 定黄（王磊）
        """,
    )


async def test_rights_go_with_the_role(room: Room) -> None:
    await two_duties(room)
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        陈总：角色 王磊 减 值班长
          < 王磊 减 值班长
        陈总：确认
          < 王磊 减 值班长（陈总），立即生效
          [@王磊] 陈总去掉了你的角色：值班长
        王磊：定级 #1 黄 扩散
          < 不能定级 #1
          [@张敏] 王磊想请你
        """,
    )


async def test_the_last_commander_stays(room: Room) -> None:
    await story(
        room,
        """
        周宁：角色 陈总 减 指挥
          < 至少要留一位指挥
        周宁：角色 小刘 加 客服
          < 小刘 本来就是客服
        周宁：角色 小刘
          < 小刘：客服
        """,
    )
    assert staff.staffed(room.db, room.house, room.clock()).with_role(Role.COMMANDER)


async def test_telephone_numbers_go_by_private_message_only(room: Room) -> None:
    people = tuple(replace(p, phone="13800001234") if p.name == "陈总" else p for p in room.house.people)
    room.commands._house = replace(room.house, people=people)
    said = await room.say("电话表", by="小刘")
    assert "138" not in said
    (private,) = room.ignore()
    assert (private.to, "陈总（指挥）13800001234" in private.text) == ("@小刘", True)
    assert "13800001234" in await room.say("电话表", by="小刘", room="@小刘")
    assert "138" not in await room.say("@望楼 电话表", by="路人")


async def test_who_am_i(room: Room) -> None:
    assert await room.say("我是谁", by="林工") == "林工：业务、信息安全\n编号 local 林工"
    await room.say("角色 林工 减 业务", by="周宁")
    await room.say("确认", by="周宁")
    assert (await room.say("我是谁", by="林工")).startswith("林工：信息安全")
    room.expect(("@林工", "去掉了你的角色：业务"))
