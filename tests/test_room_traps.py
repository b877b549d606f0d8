"""The traps of the room (room handbook, section 11), each a test under its name."""

from __future__ import annotations

from datetime import timedelta

from bot.store import incidents, journal, timers
from bot.store.db import Store
from tests.conftest import THREE_COMPLAINTS, Room

COMMERCIAL = "晨露乳业被曝牛奶异物，消费者投诉无门"


async def test_timers_survive_a_restart_and_fire_once(room: Room) -> None:
    await room.hear_of(*THREE_COMPLAINTS)
    room.ignore()
    await room.jump(hours=3)
    first = room.ignore()
    again = Store(room.store.folder)
    room.store.close()
    again.open()
    room.store = room.watch._store = room.commands._store = again
    await room.jump(seconds=1)

    assert [said for said in first if said.kind == "escalation"]
    assert all("迟到" in said.text for said in first if said.kind == "escalation" and said.to == "危机室")
    room.expect()


async def test_reminders_are_due_times_not_arithmetic_on_hours(room: Room) -> None:
    number = await room.open_incident(owner="李雷")
    await room.say(f"任务 #{number} @林工 23点30分前 调取留样", by="张敏")
    room.ignore()

    rows = room.db.conn.execute("SELECT due_at FROM timers WHERE kind = 'task' ORDER BY due_at").fetchall()
    due = room.db.conn.execute("SELECT due_at FROM tasks").fetchone()

    assert due[0].startswith("2026-12-03T15:30")
    assert due in rows


async def test_an_unknown_sender_is_refused_and_never_guessed(room: Room) -> None:
    number = await room.open_incident()

    reply = await room.say(f"@望楼 认领 #{number}", by="李蕾")

    assert "不认识你" in reply
    assert "李蕾" in reply
    assert room.incident(number).owner == ""


async def test_an_act_is_logged_under_the_person_who_pressed(room: Room) -> None:
    await room.hear_of(*THREE_COMPLAINTS)
    alert, *_ = room.ignore()
    await room.press(alert, "claim", by="小刘")
    room.ignore()

    assert [e["by"] for e in journal.entries(room.db, 1) if e["verb"] == "claim"] == ["小刘"]


async def test_two_messages_in_one_second_are_two_records(room: Room) -> None:
    number = await room.open_incident(owner="李雷")
    moment = room.clock.now
    await room.say(f"记一下 #{number} 首帖9:42发在小红书", by="小刘")
    room.clock.now = moment
    await room.say(f"记一下 #{number} 客服接到四个来电", by="小刘")
    room.ignore()

    assert [f[0] for f in room.db.conn.execute("SELECT text FROM facts ORDER BY id")] == [
        "首帖9:42发在小红书",
        "客服接到四个来电",
    ]


async def test_quoting_the_same_message_twice_gives_one_fact(room: Room) -> None:
    await room.open_incident(owner="李雷")
    words = "小刘：客服今早接到4个同批次来电"
    first = await room.say("记", by="李雷", quote=words, quote_by="小刘", quote_id="q1")
    second = await room.say("记", by="张敏", quote=words, quote_by="小刘", quote_id="q1")
    room.ignore()

    assert first.startswith("F1 待核实")
    assert "已记为F1" in second
    assert room.db.conn.execute("SELECT count(*) FROM facts").fetchone() == (1,)


async def test_a_verb_inside_a_quote_never_runs(room: Room) -> None:
    number = await room.open_incident()

    await room.say("收到", by="李雷", quote=f"认领 #{number}", quote_by="张敏")
    await room.say("谢谢", by="李雷", quote=f"结案 #{number} 没事了", quote_by="张敏")

    assert room.incident(number).owner == ""
    assert room.incident(number).open


async def test_rights_are_checked_when_the_act_runs_not_when_the_card_was_shown(room: Room) -> None:
    await room.hear_of(*THREE_COMPLAINTS)
    alert, *_ = room.ignore()
    await room.say("认领 #1", by="李雷")
    await room.say("定级 #1 黄", by="张敏")
    room.ignore()

    answer = await room.press(alert, "false_alarm", by="小刘")
    room.ignore()

    assert room.incident().open
    assert "误报" in answer.posts[0].text or "不能" in answer.posts[0].text


async def test_button_and_typed_verb_obey_the_same_rules(room: Room) -> None:
    await room.hear_of(*THREE_COMPLAINTS)
    alert, *_ = room.ignore()
    await room.say("认领 #1", by="李雷")
    room.ignore()

    pressed = await room.press(alert, "claim", by="张敏")
    typed = await room.say("认领 #1", by="张敏")
    room.ignore()

    assert pressed.posts[0].text == typed
    assert "李雷先认领了" in typed


async def test_a_closed_incident_never_swallows_a_new_alert(room: Room) -> None:
    await room.hear_of(*THREE_COMPLAINTS)
    room.ignore()
    await room.say("误报 #1 同名餐馆，与我们无关", by="陈总")
    await room.say("确认", by="陈总")
    room.ignore()
    assert not room.incident().open

    await room.hear_of(
        {"text": "晨露牛奶异物致孩子住院，市场监管局已立案", "tier": "S", "region": "全国", "platform": "央视新闻"},
        {"text": "央媒关注晨露牛奶异物", "tier": "S", "region": "全国", "platform": "人民日报"},
    )
    said = room.ignore()

    assert any(s.kind == "alert" and s.incident == 2 and "重开 #1" in s.text for s in said)


async def test_a_running_escalation_keeps_the_policy_it_started_with(room: Room) -> None:
    number = await room.open_incident()
    clock = timers.find_clock(room.db, number, "claim")
    assert clock
    before = timers.policy_of(room.db, clock.id)

    object.__setattr__(room.house, "people", tuple(p for p in room.house.people if p.name != "王磊"))
    await room.later(minutes=1)
    room.ignore()

    assert timers.policy_of(room.db, clock.id) == before
    assert "王磊" in before


async def test_an_answered_escalation_sends_nothing_more(room: Room) -> None:
    number = await room.open_incident()
    await room.say(f"认领 #{number}", by="李雷")
    room.ignore()
    await room.later(minutes=50)

    assert [said for said in room.ignore() if said.reason == "claim"] == []


async def test_an_ungraded_incident_has_no_grade_and_keeps_reminding(room: Room) -> None:
    number = await room.open_incident(owner="李雷")
    await room.later(hours=5)
    said = room.ignore()

    assert room.incident(number).grade is None
    assert any(s.reason == "assessment" for s in said)


async def test_two_claims_at_once_have_one_winner_and_the_other_is_told(room: Room) -> None:
    number = await room.open_incident()
    first = await room.say(f"认领 #{number}", by="李雷")
    second = await room.say(f"认领 #{number}", by="小刘")
    room.ignore()

    assert f"#{number} 归" in first
    assert second.startswith("李雷先认领了")
    assert room.incident(number).owner == "李雷"


async def test_an_idle_owner_is_cleared_and_the_next_level_called(room: Room) -> None:
    number = await room.open_incident(owner="小刘")
    state = room.incident(number).state
    await room.later(hours=4, minutes=5)
    said = room.ignore()

    assert room.incident(number).owner == ""
    assert room.incident(number).state is state
    assert any("小刘" in s.text and s.to == "危机室" for s in said)
    assert any(s.kind == "escalation" and s.to.startswith("@") for s in said)


async def test_a_mute_survives_flapping_and_ends_when_the_grade_rises(room: Room) -> None:
    number = await room.open_incident(owner="李雷")
    assert "静音" in await room.say(f"静音 #{number} 2小时", by="张敏")
    room.ignore()
    await room.hear_of("晨露牛奶异物的事还有人问吗")
    await room.later(minutes=5)
    muted = [s for s in room.ignore() if s.kind == "alert" and s.to == "危机室"]

    await room.hear_of(
        {"text": "晨露牛奶异物事件，央视记者已介入调查", "tier": "S", "region": "全国", "platform": "央视新闻"},
        {"text": "多地消费者投诉晨露牛奶异物", "tier": "A", "platform": "财经网"},
    )
    raised = [s for s in room.ignore() if s.kind == "alert" and s.to == "危机室"]

    assert muted == []
    assert raised
    assert incidents.get(room.db, number).suggested is not None


async def test_a_storm_of_blue_never_delays_red(room: Room) -> None:
    for n in range(30):
        await room.hear_of(
            {"text": f"晨露第{n}号门店{'甲乙丙丁戊'[n % 5]}牛奶有异物，投诉{n}", "platform": f"平台{n % 2}", "reads": 6000 + n}
        )
    room.ignore()
    before = room.clock.now

    await room.hear_of({"text": "晨露牛奶致一名婴儿死亡，警方已介入调查", "tier": "S", "region": "全国", "list": "national"})
    said = room.ignore()

    assert room.clock.now - before < timedelta(seconds=5)
    assert any(s.kind == "alert" and "🔴" in s.text for s in said)
