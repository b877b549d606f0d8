"""Talk that the clocks make: the escalation run, its chain, quiet hours, calls, put-off reminders, a mute."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.grade import Grade
from bot.model.people import Role
from bot.store import calls, incidents, rooms, timers
from tests.conftest import THREE_COMPLAINTS, Room
from tests.stories import story


async def alerted(room: Room) -> None:
    await room.hear_of(*THREE_COMPLAINTS)
    room.ignore()


async def test_nobody_claims_and_the_chain_is_called_level_by_level(room: Room) -> None:
    await alerted(room)
    await story(
        room,
        """
        +30分
          [@张敏] 认领剩30分（10:48 前），可回：认领 #1
        +30分
          [@张敏] 认领超时，请张敏处理
          [危机室] 认领超时，请张敏处理
        +30分
          [@王磊] 认领超时30分，请王磊处理
          [危机室] 认领超时30分，请王磊处理
        张敏：认领 #1
          < #1 归张敏
        """,
    )


async def test_an_answered_run_says_nothing_more(room: Room) -> None:
    await alerted(room)
    await story(
        room,
        """
        +30分
          [@张敏] 认领剩30分
        李雷：认领
          < #1 归李雷
        李雷：研判 #1 服务投诉 属实
          < #1 研判
        +2时
        """,
    )


async def test_a_missed_clock_keeps_its_mark_when_it_is_met_later(room: Room) -> None:
    await alerted(room)
    await room.later(hours=1)
    room.ignore()
    await story(
        room,
        """
        王磊：认领 #1
          < #1 归王磊（1时）
        张敏：状态 #1
          < 王磊
        李雷：认领 #1
          < 王磊先认领了
        """,
    )
    (met,) = [c for c in timers.clocks_of(room.db, 1, ("met",)) if c.name == "claim"]
    assert met.missed


async def test_one_person_gets_one_reminder_in_ten_minutes_listing_all_that_is_due(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：任务 @小刘 1小时内 打给家属
          < T1 打给家属 小刘 10:48
          [@小刘] T1 交给你
        李雷：任务 @小刘 70分钟内 打给门店
          < T2 打给门店 小刘 10:58
          [@小刘] T2 交给你
        +31分
          [@小刘] T1 打给家属剩
        +4分
        +6分
          [@小刘] 有2项到点
        小刘：T1 完成
          < T1 完成
          [@李雷] T1 完成
        """,
    )


async def test_an_escalation_paused_by_quiet_hours_resumes_after_a_restart(room: Room) -> None:
    await story(
        room,
        """
        张敏：23:00-07:00 只报红
          < 每天 23:00-07:00 只推红级，橙级私信值班的人
        王磊：23:00-07:00 只报红
          < 可以的是：指挥、值班长
        +13.2时
        """,
    )
    await room.hear_of(*THREE_COMPLAINTS)
    room.expect(("@李雷", "认领 #1"))
    await story(room, "+7时\n[@张敏] 认领剩30分\n[@张敏] 有2项到点")
    await room.jump(hours=1)
    said = room.ignore()
    assert [s.to for s in said if s.reason == "claim"] == ["@张敏", "危机室", "@王磊", "危机室"]
    assert all("认领超时" in s.text for s in said if s.reason == "claim")
    await room.jump(hours=1)
    assert not [s for s in room.ignore() if s.reason == "claim"]


async def test_a_running_escalation_keeps_the_people_it_started_with(room: Room) -> None:
    await alerted(room)
    people = tuple(replace(p, roles=p.roles - {Role.PR}) for p in room.house.people)
    room.house = replace(room.house, people=people)
    await story(
        room,
        """
        +30分
          [@张敏] 认领剩30分
        +30分
          [@张敏] 认领超时
          [危机室] 认领超时
        +30分
          [@王磊] 认领超时30分
          [危机室] 认领超时30分，请王磊处理
        """,
    )


async def test_red_telephones_and_says_so_once_more(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await room.say("定级 #1 红 有人住院", by="张敏")
    room.expect(("@张敏", "请电话陈总"), ("危机室", "请张敏电话陈总，回：已电话 陈总"), ("@陈总", "张敏提请"))
    await story(
        room,
        """
        +5分
          [@张敏] 再提醒：请电话陈总：#1
        +1分
        张敏：已电话 陈总
          < 张敏已电话陈总（#1）
        张敏：已电话 陈总
          < 没有等着打给陈总的电话
        """,
    )
    assert not calls.waiting(room.db)


async def test_a_call_that_was_made_is_not_said_again(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await room.say("定级 #1 红 有人住院", by="张敏")
    room.ignore()
    await story(
        room,
        """
        李雷（私）：已电话 陈总
          < 李雷已电话陈总（#1）
          [危机室] #1 李雷已电话陈总
        +5分
        张敏：状态 #1
          < 🟠橙
        """,
    )


async def test_what_is_reported_upwards_and_not_read_is_telephoned(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await room.say("上报 #1 给王磊", by="李雷")
    (brief,) = room.ignore()
    assert brief.to == "@王磊"
    await room.later(minutes=29)
    room.ignore()
    await room.later(minutes=1)
    assert [s for s in room.ignore() if s.to == "@张敏" and "请电话王磊" in s.text]
    assert "张敏已电话王磊" in await room.say("已电话 王磊", by="张敏")


async def test_read_in_time_means_no_call(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await room.say("上报 #1 给王磊", by="李雷")
    room.ignore()
    assert await room.say("已阅 #1", by="王磊", room="@王磊") == "#1 已记下您已阅"
    await room.later(minutes=45)
    assert not [s for s in room.ignore() if "请电话王磊" in s.text]


async def test_without_a_name_it_goes_to_the_next_level(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：上报 #1 压不住了
          < #1 已报张敏（私信✓）
          [@张敏] 【领导简报】#1
        张敏：上报 #1
          < #1 已报王磊（私信✓）
          [@王磊] 【领导简报】#1
        陈总：上报 #1
          < 上面没有更高一级了
        """,
    )


async def test_somebody_who_is_not_on_the_list_must_be_reported_to_by_people(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：上报 #1 给董事会
          < 「董事会」不在名单里，要由人去报。报完请回：已报 董事会 回执号
        李雷：上报 #1 给法务
          < #1 已报何静（私信✓）
          [@何静] 【领导简报】#1
        周宁：上报 #1 给陈总
          < #1 已报陈总
          [@陈总] 【领导简报】#1
        """,
    )


async def test_a_postponed_reminder_does_not_fire_from_another_schedule(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        +110分
        李雷：稍后 #1 30分钟
          < 好，12:08 再提醒你 #1；13:48 的时限不变
        +29分
        +1分
          [@李雷] 还在处理 #1 吗？
        李雷：稍后 #1 30分钟
          < 这个时限已经推后过一次，不能再推
        """,
    )


async def test_a_reminder_is_put_off_by_ten_thirty_or_sixty_minutes_never_past_the_limit(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：稍后 #1 3小时
          < 只能推后10、30或60分钟
        王磊：稍后 #1 10分钟
          < #1 的提醒不是发给你的，是李雷
        +2时
          [@李雷] 还在处理 #1 吗？
        +1.5时
        李雷：稍后 #1 60分钟
          < 13:48 就到时限，不能再推后
        """,
    )


async def test_red_reminders_are_never_put_off(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await room.say("定级 #1 红 有人住院", by="陈总")
    await room.say("确认", by="陈总")
    room.ignore()
    await story(
        room,
        """
        李雷：稍后 #1 10分钟
          < #1 是红级，提醒不能推后
        李雷：静音 #1
          < 可以的是：指挥、值班长
        张敏：静音 #1
          < 红级不能静音
        """,
    )


@pytest.mark.parametrize(
    ("grade", "line", "answer"),
    [
        (Grade.BLUE, "静音 #1 3天", "蓝最多静音1天，#1 到"),
        (Grade.YELLOW, "静音 #1 3天", "黄最多静音12时，#1 到"),
        (Grade.ORANGE, "静音 #1 2小时", "橙最多静音30分，#1 到10:18；时限提醒照发"),
        (Grade.ORANGE, "静音 #1 20分钟", "#1 静音20分，到10:08；时限照提醒"),
        (Grade.RED, "静音 #1", "红级不能静音"),
    ],
)
async def test_a_mute_has_its_longest_and_says_so(room: Room, grade: Grade, line: str, answer: str) -> None:
    await alerted(room)
    room.store.run_now(lambda db: incidents.change(db, 1, "suggest", at=room.clock(), by="望楼", suggested=grade))
    await story(
        room,
        f"""
        小刘：{line}
          < 可以的是：指挥、值班长
        张敏：{line}
          < {answer}
        李雷：认领 #1
          < #1 归李雷
        """,
    )


async def test_a_mute_holds_delivery_but_no_clock(room: Room) -> None:
    await alerted(room)
    await room.say("静音 #1 2小时", by="张敏")
    await room.later(minutes=30)
    assert [s.to for s in room.ignore()] == ["@张敏"]
    await room.later(minutes=30)
    assert [s.to for s in room.ignore()] == ["@张敏", "危机室"]
    assert "归你" in await room.say("认领 #1", by="李雷", room="@李雷")
    room.expect()


async def test_a_mute_is_lifted_by_word(room: Room) -> None:
    await alerted(room)
    await story(
        room,
        """
        张敏：静音 #1 2小时
          < #1 静音2时
        李雷（私）：认领 #1
          < #1 归你
        张敏：取消静音
          < 已恢复推送
        张敏：取消静音
          < 现在没有静音
        李雷（私）：研判 #1 服务投诉 属实
          < #1 研判
          [危机室] #1 研判
        """,
    )


async def test_words_and_sources_are_muted_up_to_thirty_days(room: Room) -> None:
    await story(
        room,
        """
        张敏：静音关键词 异物 7天
          < 「异物」静音到12-10 09:48；记录照旧，红级照推
        小刘：列表
          < 未结0件
        张敏：静音 来源 测试源 60天
          < 「测试源」最多30天，静音到01-02
        """,
    )
    await room.hear_of(*THREE_COMPLAINTS)
    assert [s.to for s in room.ignore()] == ["@李雷"]
    assert "未结1件" in await room.say("列表", by="小刘")


async def test_an_orange_alert_in_quiet_hours_goes_to_the_person_on_call(room: Room) -> None:
    await room.say("09:00-20:00 只报红", by="张敏")
    await room.say("角色 苏琴 加 监测", by="陈总")
    await room.say("确认", by="陈总")
    room.ignore()
    await room.hear_of(
        {"text": "市监局约谈晨露乳业，奶粉召回，孩子喝晨露奶粉住院，城东医院确认三名婴儿中毒", "tier": "A", "platform": "日报"},
        {"text": "晨露奶粉批次MA0423三名婴儿在城东医院住院，家长报警", "tier": "A", "platform": "晚报"},
    )
    alerts = [s for s in room.ignore() if s.kind == "alert"]
    assert alerts
    assert {s.to for s in alerts if room.incident(s.incident).shown is Grade.ORANGE} == {"@张敏"}


async def test_a_silence_is_always_explained_in_the_log(room: Room) -> None:
    await room.say("静音关键词 异物 7天", by="张敏")
    await room.hear_of(*THREE_COMPLAINTS)
    room.ignore()
    row = room.db.conn.execute("SELECT reason FROM alerts WHERE sent = 0 AND incident = 1 ORDER BY id DESC LIMIT 1").fetchone()
    assert row[0].startswith("muted:")
    assert "未结1件" in await room.say("列表", by="李雷")


@pytest.mark.parametrize("line", ["静音", "静音 30分钟", "别响了"])
async def test_a_mute_without_object_asks_and_mutes_nothing(room: Room, line: str) -> None:
    await room.open_incident()
    await story(
        room,
        f"""
        张敏（私）：{line}
          < 静音什么？#1
          < 「静音 #1 30分钟」
          < 「静音 本群 30分钟」
        """,
    )
    assert rooms.mutes(room.db, room.clock()) == []
    assert "本群 静音30分" in await room.say("静音 本群 30分钟", by="张敏")
    assert len(rooms.mutes(room.db, room.clock())) == 1


async def test_at_red_what_falls_due_within_a_minute_is_one_reminder(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    for line in ("定级 #1 红 有人住院", "确认"):
        await room.say(line, by="陈总")
    room.ignore()
    await story(
        room,
        """
        陈总：决策 #1 不发声
          < J1 陈总：不发声
        王磊：任务 @小刘 30分钟内 打给家属甲
          < T1 打给家属甲 小刘 10:18
          [@小刘] T1 交给你
        王磊：任务 @小刘 30分钟内 打给家属乙
          < T2 打给家属乙 小刘 10:18
          [@小刘] T2 交给你
        +20分
          [@小刘] 有2项到点
        小刘：T2 完成
          < T2 完成
          [@王磊] T2 完成
        +11分
          [@小刘] 请看：
        """,
    )


async def test_who_acts_on_it_need_not_be_telephoned(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await story(
        room,
        """
        张敏：定级 #1 红 有人住院
          < 定红级：要指挥确认，已私信陈总
          [@张敏] 请电话陈总：#1 晨露乳业的牛奶里喝出异物，红级。打完回：已电话 陈总
          [危机室] #1 红级：请张敏电话陈总，回：已电话 陈总
          [@陈总] 张敏提请：#1 晨露乳业的牛奶里喝出异物 定红级
        陈总（私）：确认
          < #1 定红（陈总）
          [危机室] #1 定红（陈总）
        +6分
        张敏：已电话 陈总
          < 没有等着打给陈总的电话
        """,
    )


async def test_a_wish_overtaken_by_the_commander_does_not_lapse_aloud(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    for line in ("定级 #1 红 有人住院", "确认", "决策 #1 不发声"):
        await room.say(line, by="陈总")
    room.ignore()
    await story(
        room,
        """
        张敏：启动 #1
          < 要指挥确认，已私信陈总
          [@陈总] 张敏提请：启动 #1
        陈总：启动 #1
          < #1 已启动
          [@林工] 已启动（陈总）
          [@小刘] 已启动（陈总）
        +16分
        张敏：状态 #1
          < 🔴红 处置中，李雷
        """,
    )


async def test_two_clocks_missed_within_the_minute_are_one_message_and_both_recorded(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await room.say("陈总拍板 #1 先查来源", by="张敏")
    await room.say("上报 #1 给陈总", by="李雷")
    await room.later(hours=23, minutes=59)
    room.ignore()
    await story(
        room,
        """
        小刘：状态 #1
          < #1
        +2分
          [危机室] 【速报1】
          [@张敏] #1 晨露乳业的牛奶里喝出异物：首次发声、速报超时，请张敏处理
          [危机室] #1 晨露乳业的牛奶里喝出异物：首次发声、速报超时，请张敏处理
        """,
    )
    clocks = timers.clocks_of(room.db, 1, ("running", "met", "cancelled"))
    assert {c.name for c in clocks if c.missed} >= {"first_statement", "update"}
    rows = room.db.conn.execute("SELECT count(*) FROM log WHERE verb = 'clock_missed' AND incident = 1").fetchone()
    assert rows[0] == 2


async def test_met_in_the_last_minute_it_is_not_named_with_the_other(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await room.say("上报 #1 给陈总", by="李雷")
    await room.later(hours=23, minutes=59, seconds=50)
    room.ignore()
    assert "J1" in await room.say("决策 #1 不发声：先查清", by="李雷")
    room.expect()
    await room.later(minutes=1)
    assert [s.text for s in room.ignore() if s.kind == "escalation" and s.to == "危机室"] == [
        "#1 晨露乳业的牛奶里喝出异物：速报超时，请张敏处理"
    ]
