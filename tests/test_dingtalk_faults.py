"""DingTalk on a bad night: every failure has the outcome of what really happened, and nothing else stops for it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from dingtalk_world import ALERT, World, soon, world
from fakes.dingtalk import GROUP

from bot.errors import DeliveryError
from bot.model.card import File, Post
from bot.model.grade import Grade
from bot.model.message import Answer
from bot.model.options import Seconds

SEND, CREATE, CARD = "/v1.0/robot/groupMessages/send", "/v1.0/card/instances/createAndDeliver", "/v1.0/card/instances"


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world() as made:
        yield made


async def outcome(work: object) -> str:
    with pytest.raises(DeliveryError) as failed:
        await work  # type: ignore[misc]
    return failed.value.outcome


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def test_a_socket_cut_before_the_answer_leaves_the_outcome_unknown(w: World) -> None:
    platform = await w.ready()
    w.fake.fault(SEND, "cut")
    assert await outcome(platform.send(w.parcel(Post("行")), "robot")) == "unknown"


async def test_a_reply_lost_after_delivery_is_unknown_and_not_sent_again_by_us(w: World) -> None:
    platform = await w.ready()
    w.fake.fault(SEND, "lost")
    assert await outcome(platform.send(w.parcel(Post("行")), "robot")) == "unknown"
    assert w.fake.count(SEND) == 1
    assert len(w.fake.said) == 1


async def test_nobody_listening_means_surely_not_delivered(w: World) -> None:
    dead = f"http://127.0.0.1:{closed_port()}"
    platform = await w.ready(api_base=dead, oapi_base=dead)
    assert await outcome(platform.send(w.parcel(Post("行")), "robot")) == "retry"
    parcel = w.parcel(Post("行"), hook=True)
    parcel = replace(parcel, target=replace(parcel.target, webhook=f"{dead}/robot/send?access_token=x"))
    assert await outcome(platform.send(parcel, "webhook")) == "retry"


async def test_a_vendor_that_never_answers_is_given_up_while_the_house_goes_on(w: World) -> None:
    platform = await w.running(timeout=Seconds(0.5))
    await platform.send(w.parcel(Post("先取令牌"), 1), "robot")
    w.fake.fault(SEND, "hang")
    hanging = asyncio.create_task(outcome(platform.send(w.parcel(Post("行")), "robot")))
    await w.fake.until(lambda: w.fake.count(SEND) == 2)
    for i in range(5):
        await w.fake.say(f"记 {i}")
    await w.fake.until(lambda: len(w.fake.said) >= 6)
    assert not hanging.done()
    assert await hanging == "unknown"


async def test_a_token_that_cannot_be_had_means_surely_not_delivered(w: World) -> None:
    platform = await w.ready()
    for fault in ("cut", "lost", (504, "<html>"), (200, {"errcode": 0})):
        w.fake.fault("/v1.0/oauth2/accessToken", fault)
        assert await outcome(platform.send(w.parcel(Post("行")), "robot")) == "retry"
    assert w.fake.said == []


async def test_a_token_that_stays_bad_is_not_renewed_for_ever(w: World) -> None:
    platform = await w.ready()
    bad = (400, {"code": "InvalidAuthentication", "message": "不合法的access_token"})
    w.fake.fault(SEND, bad, bad)
    assert await outcome(platform.send(w.parcel(Post("行")), "robot")) == "retry"
    assert w.fake.count(SEND) == 2
    assert w.fake.count("/v1.0/oauth2/accessToken") == 2


async def test_a_repaint_that_got_lost_is_simply_repeated_since_nobody_sees_it_twice(w: World) -> None:
    platform = await w.ready()
    out = (await platform.send(w.parcel(ALERT, 7), "card")).message_id
    again = w.parcel(replace(ALERT, must=("李雷 认领",), revision=2), 8)
    w.fake.fault(CARD, "lost", "lost")  # aiohttp itself repeats a PUT on a connection that died
    assert await outcome(platform.send(again, "card")) == "retry"
    await platform.send(again, "card")
    assert w.fake.cards[out].values["must"] == "李雷 认领"


async def test_a_card_that_vanished_is_sent_as_a_new_one(w: World) -> None:
    platform = await w.ready()
    await platform.send(w.parcel(ALERT, 7), "card")
    w.fake.cards.clear()
    await platform.send(w.parcel(replace(ALERT, revision=2), 8), "card")
    assert len(w.fake.cards) == 1
    assert w.fake.said[-1].via == "card"


async def test_half_an_hour_of_errors_and_then_everything_in_order(w: World) -> None:
    platform = await w.ready()
    waiting = [w.parcel(Post(f"#12 第{i}句"), i) for i in range(1, 6)]
    w.fake.fault(SEND, *[(500, {"code": "system.busy", "message": "busy"})] * 30)
    for _ in range(30):
        assert await outcome(platform.send(waiting[0], "robot")) == "retry"
        w.pass_time(60)
    for parcel in waiting:
        await platform.send(parcel, "robot")
    assert [said.text for said in w.fake.said] == [f"#12 第{i}句" for i in range(1, 6)]


async def test_a_rate_limit_names_its_pause_and_the_next_way_is_free(w: World) -> None:
    platform = await w.ready()
    w.fake.fault("/robot/send", (200, {"errcode": 410100, "errmsg": "rate limited"}))
    parcel = w.parcel(ALERT, hook=True)
    with pytest.raises(DeliveryError) as limited:
        await platform.send(parcel, "webhook")
    assert limited.value.after == 600
    assert platform.ways(parcel.target) == ("card", "robot", "webhook")
    assert (await platform.send(parcel, "card")).way == "card"


async def test_a_reply_cut_in_mid_air_reaches_the_asker_all_the_same(w: World) -> None:
    await w.running()
    w.fake.fault("/robot/sendBySession", "cut")
    await w.fake.say("状态")
    await w.fake.until(lambda: w.fake.said)
    assert (w.fake.said[-1].via, w.fake.said[-1].text) == ("group", "（可能重复）收到：状态")


async def test_a_reply_that_reached_nobody_is_left_to_the_house_and_said_to_the_operator(w: World) -> None:
    platform = await w.running()
    w.fake.fault("/robot/sendBySession", (200, {"errcode": 300001, "errmsg": "session 不存在"}))
    w.fake.fault(SEND, (400, {"code": "bot.stopped", "message": "no"}))
    await w.fake.say("状态")
    await w.fake.until(lambda: w.fake.count(SEND) == 1)
    await platform.stop()
    assert "一条回复没有直接发出，改由发送队列再发：群消息：bot.stopped" in platform.problems()[-1]
    assert [[post.text for post in left] for _, left in w.ear.ends] == [["收到：状态"]]


async def test_a_bug_in_a_handler_is_loud_and_the_next_message_is_answered(w: World, caplog: pytest.LogCaptureFixture) -> None:
    platform = await w.running()

    def broken(heard: object) -> Answer:
        raise ZeroDivisionError

    good = w.ear.answer_with
    w.ear.answer_with = broken
    assert (await w.fake.say("一"))["code"] == 200
    await soon(lambda: not platform._talk._busy)
    w.ear.answer_with = good
    await w.fake.say("二")
    await w.fake.until(lambda: w.fake.said)
    assert "ZeroDivisionError" in caplog.text
    assert "没有答上" in platform.problems()[-1]


async def test_a_press_whose_handler_breaks_is_still_acknowledged(w: World) -> None:
    platform = await w.running()
    out = (await platform.send(w.parcel(ALERT, 7), "card")).message_id

    def broken(heard: object) -> Answer:
        raise ZeroDivisionError

    w.ear.answer_with = broken
    assert (await w.fake.press(out, "claim"))["code"] == 200
    assert "有一次按键没有答上" in " ".join(platform.problems())


async def test_a_press_that_cannot_be_stored_is_not_acknowledged_as_done(w: World) -> None:
    platform = await w.running()
    out = (await platform.send(w.parcel(ALERT, 7), "card")).message_id
    w.ear.full = True
    ack = await w.fake.push("/v1.0/card/instances/callback", w.fake.pressing(out, "claim"))
    assert ack["code"] == 500


async def test_a_store_that_hangs_does_not_hold_the_acknowledgement_back(w: World) -> None:
    platform = await w.running()
    platform._talk._manner = replace(platform._talk._manner, take=0.05)
    never = asyncio.Event()

    async def take(heard: object) -> None:
        await never.wait()

    w.ear.take = take  # type: ignore[method-assign,assignment]
    assert (await w.fake.say("认领"))["code"] == 500


async def test_an_attachment_that_cannot_be_fetched_does_not_swallow_the_words(w: World) -> None:
    platform = await w.running()
    rich = {"richText": [{"text": "存证"}, {"type": "picture", "downloadCode": "gone"}]}
    await w.fake.say(msgtype="richText", content=rich)
    await w.fake.until(lambda: w.fake.said)
    assert w.fake.said[0].text == "收到：存证"
    assert "有一个附件没有取到" in platform.problems()[-1]


@pytest.mark.parametrize("size", [20 * 1024 * 1024 + 1])
async def test_an_attachment_that_is_too_large_is_left(w: World, size: int) -> None:
    platform = await w.running()
    w.fake.downloads["big"] = b"x" * size
    await w.fake.say(msgtype="picture", content={"downloadCode": "big"})
    await w.fake.until(lambda: w.fake.said)
    assert w.ear.answered[0].files == ()
    assert "有一个附件没有取到" in platform.problems()[-1]


async def test_an_attachment_from_a_strange_address_is_not_fetched(w: World) -> None:
    platform = await w.running()
    strange = {"downloadUrl": "http://169.254.169.254/latest/meta-data"}
    w.fake.fault("/v1.0/robot/messageFiles/download", (200, strange))
    await w.fake.say(msgtype="picture", content={"downloadCode": "dc"})
    await w.fake.until(lambda: w.fake.said)
    assert w.ear.answered[0].files == ()
    assert "有一个附件没有取到" in platform.problems()[-1]


async def test_a_red_alert_with_a_chart_arrives_though_the_upload_is_down(w: World) -> None:
    platform = await w.ready()
    w.fake.fault("/media/upload", *[(504, "<html>")] * 3)
    red = replace(ALERT, title="🔴 红 #12", grade=Grade.RED)
    parcel = w.parcel(Post.of(red, files=(File("t.png", "image/png", b"\x89PNG"),)))
    for _ in range(3):
        assert await outcome(platform.send(parcel, "card")) == "retry"
    assert [said.via for said in w.fake.said] == ["card"]
    await platform.send(parcel, "card")
    assert [said.kind for said in w.fake.said] == ["card", "sampleImageMsg"]


async def test_words_that_are_out_are_not_said_again_by_the_fallback(w: World) -> None:
    platform = await w.ready()
    w.fake.fault("/media/upload", (504, "<html>"))
    parcel = w.parcel(Post.of(ALERT, files=(File("t.png", "image/png", b"\x89PNG"),)), hook=True)
    assert await outcome(platform.send(parcel, "card")) == "retry"
    assert platform.ways(parcel.target)[0] == "card"
    await platform.send(parcel, "webhook")
    assert [said.via for said in w.fake.said] == ["card", "webhook"]
    assert w.fake.said[1].text == "（附件 t.png 不能经群机器人发送）"


async def test_one_room_never_speaks_through_the_robot_of_another(w: World) -> None:
    platform = await w.ready()
    other = w.parcel(Post("他群的话"))
    assert "webhook" not in platform.ways(other.target)
    assert other.target.chat == GROUP
