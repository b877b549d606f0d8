"""A confirmation is bound to one act on one object: two that wait are never mixed up."""

from __future__ import annotations

from tests.conftest import THREE_COMPLAINTS, Room, Said
from tests.stories import story

STRIKE = ("晨露冷链车司机罢工围堵工厂大门了", "晨露工厂门口司机罢工拉横幅", "晨露司机罢工，工厂门口围了好多人")


async def two_alerts(room: Room) -> tuple[Said, Said]:
    await room.hear_of(*THREE_COMPLAINTS)
    await room.hear_of(*STRIKE)
    first, second = (said for said in room.ignore() if said.reason == "raised" and said.to == "危机室")
    return first, second


async def test_a_yes_asks_which_of_two_acts_is_meant(room: Room) -> None:
    await two_alerts(room)
    await room.say("误报 #1 同名餐馆", by="张敏")
    await room.say("误报 #2 去年的事", by="张敏")

    assert (await room.say("确认", by="张敏")).startswith("有几件在等，")
    assert {room.incident(1).state, room.incident(2).state} == {"new"}
    assert (await room.say("确认 #1", by="张敏")).startswith("#1 已结案")
    assert room.incident(2).state == "new"


async def test_a_yes_to_another_incident_runs_nothing(room: Room) -> None:
    await two_alerts(room)
    await room.say("误报 #1 同名餐馆", by="张敏")

    assert "没有等你确认的事" in await room.say("确认 2", by="张敏")
    assert room.incident(1).state == room.incident(2).state == "new"


async def test_an_old_card_confirms_its_own_act_alone(room: Room) -> None:
    await two_alerts(room)
    first = await room.answer("误报 #1 同名餐馆", by="张敏")
    await room.say("误报 #2 去年的事", by="张敏")
    (card,) = (post.card for post in first.posts)
    assert card is not None
    (button,) = card.buttons

    assert (await room.say(button.verb, by="张敏")).startswith("#1 已结案")
    assert "没有等你确认的事" in await room.say(button.verb, by="张敏")
    assert (room.incident(1).state, room.incident(2).state) == ("closed", "new")


async def test_a_yes_with_a_number_claims_while_nothing_waits(room: Room) -> None:
    await two_alerts(room)

    assert (await room.say("确认 #1", by="李雷")).startswith("#1 归李雷")


async def test_asking_again_for_the_same_act_replaces_the_first_asking(room: Room) -> None:
    await two_alerts(room)
    await room.say("误报 #1 同名", by="张敏")
    await room.say("误报 #1 同名餐馆，与我们无关", by="张敏")

    assert "同名餐馆，与我们无关" in (await room.say("确认", by="张敏")).replace(",", "，")


async def test_an_act_dies_when_another_person_answers(room: Room) -> None:
    await room.open_incident()
    await story(
        room,
        """
        张敏：误报 #1 同名餐馆
          < 按「确认」或回：确认
        王磊：确认
          < 这一步要张敏本人确认，现已作废。仍要做，请张敏重新发一次指令
        张敏：确认
          < 没有等你确认的事，或已过时
        """,
    )
    assert room.incident(1).state == "new"


async def test_ones_own_act_and_anothers_on_one_incident_have_a_word_each(room: Room) -> None:
    await two_alerts(room)
    await room.say("认领 #1", by="李雷")
    await room.say("定橙 #1", by="张敏")
    await room.say("升红 #1", by="张敏")
    await room.say("定红 #1 婴幼儿受害", by="陈总")

    said = await room.say("确认", by="陈总")
    assert "确认 张敏" in said
    assert "确认 1" in said
    assert "定红（陈总）" in await room.say("确认 1", by="陈总")
    room.ignore()
