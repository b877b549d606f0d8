"""Hearing by Stream: stored, acknowledged, answered; presses within two seconds; sockets that come and go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from dingtalk_world import ALERT, CARDS, World, soon, world
from fakes.dingtalk import GROUP

from bot.errors import DeliveryError
from bot.model.card import File, Post
from bot.model.message import Answer, Message, Press

OPEN, SEND, CARD = "/v1.0/gateway/connections/open", "/v1.0/robot/groupMessages/send", "/v1.0/card/instances"
MESSAGES = "/v1.0/im/bot/messages/get"
CLAIMED = replace(
    ALERT, title="🟠 橙 #12 奶粉批次反映皮疹", must=("李雷 10:49 认领（2分）",), buttons=ALERT.buttons[1:], revision=2
)


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world() as made:
        yield made


def heard(w: World) -> list[str]:
    return [message.text for message in w.ear.taken if isinstance(message, Message)]


# messages ------------------------------------------------------------------------------------------------------------


async def test_a_message_is_stored_acknowledged_and_answered_in_its_conversation(w: World) -> None:
    await w.running()
    ack = await w.fake.say("认领 #12")
    assert (ack["code"], json.loads(ack["data"])) == (200, {"response": None})
    await w.fake.until(lambda: w.fake.said)
    (message,) = w.ear.taken
    assert isinstance(message, Message)
    assert (message.room, message.sender, message.text, message.addressed) == (GROUP, "user01", "认领 #12", True)
    assert (message.sender_name, message.external) == ("张敏", False)
    assert (w.fake.said[0].via, w.fake.said[0].to, w.fake.said[0].text) == ("session", GROUP, "收到：认领 #12")
    assert w.fake.count("/v1.0/oauth2/accessToken") == 0


async def test_the_robot_that_hears_is_the_one_that_speaks_unless_another_is_configured(w: World) -> None:
    w.fake.robot = "dingnewrobot01"
    platform = await w.running()
    with pytest.raises(DeliveryError) as unknown:
        await platform.send(w.parcel(Post("一"), 1), "robot")
    assert "RobotCode" in str(unknown.value)
    await w.fake.say("状态")
    await platform.send(w.parcel(Post("二"), 2), "robot")
    await platform.send(w.parcel(ALERT, 3), "card")
    again = await w.ready()
    await again.send(w.parcel(Post("三"), 4), "robot")
    named = await w.running(robot_code="another")
    await w.fake.say("状态")
    with pytest.raises(DeliveryError):
        await named.send(w.parcel(Post("四"), 5), "robot")


async def test_what_cannot_be_stored_is_not_acknowledged_and_may_come_again(w: World) -> None:
    await w.running()
    w.ear.full = True
    body = w.fake.message("记 一例")
    assert (await w.fake.push(MESSAGES, body))["code"] == 500
    w.ear.full = False
    assert (await w.fake.push(MESSAGES, body))["code"] == 200
    await w.fake.until(lambda: w.fake.said)
    assert heard(w) == ["记 一例"]


async def test_the_acknowledgement_does_not_wait_for_the_answer(w: World) -> None:
    await w.running()
    w.ear.gate.clear()
    ack = await w.fake.say("趋势 #12")
    assert ack["code"] == 200
    assert w.fake.said == []
    w.ear.gate.set()
    await w.fake.until(lambda: w.fake.said)


async def test_the_same_message_five_times_and_out_of_order_is_answered_once_each(w: World) -> None:
    platform = await w.running()
    one, two = w.fake.message("认领 #12"), w.fake.message("研判 #12")
    for body in (two, one, two, one, one, two, two, one, one, two):
        assert (await w.fake.push(MESSAGES, body))["code"] == 200
    await w.fake.until(lambda: len(w.fake.said) >= 2)
    await platform.stop()
    again = await w.running()
    await w.fake.push(MESSAGES, one)
    await again.stop()
    assert sorted(said.text for said in w.fake.said) == ["收到：研判 #12", "收到：认领 #12"]


async def test_repeats_that_arrive_together_are_one_message_and_share_its_fate(w: World) -> None:
    await w.running()
    body = w.fake.message("认领 #12")
    w.ear.full = True
    acks = await asyncio.gather(*(w.fake.push(MESSAGES, body) for _ in range(5)))
    assert {ack["code"] for ack in acks} == {500}
    w.ear.full = False
    acks = await asyncio.gather(*(w.fake.push(MESSAGES, body) for _ in range(5)))
    assert {ack["code"] for ack in acks} == {200}
    await w.fake.until(lambda: w.fake.said)
    await w.platforms[0].stop()
    assert (len(w.ear.taken), len(w.ear.answered), len(w.fake.said)) == (1, 1, 1)


async def test_a_conversation_is_answered_in_the_order_in_which_it_spoke(w: World) -> None:
    await w.running()
    w.ear.gate.clear()
    for i in range(5):
        await w.fake.say(f"记 {i}")
    w.ear.gate.set()
    await w.fake.until(lambda: len(w.fake.said) >= 5)
    assert [said.text for said in w.fake.said] == [f"收到：记 {i}" for i in range(5)]


async def test_a_private_message_has_no_room_and_is_answered_privately(w: World) -> None:
    await w.running()
    await w.fake.say("状态", private=True, by="ceo01")
    await w.fake.until(lambda: w.fake.said)
    assert w.ear.taken[0].room == ""
    assert w.fake.said[0].to == "@ceo01"


async def test_after_the_session_ended_the_answer_goes_by_the_robot(w: World) -> None:
    await w.running()
    w.ear.gate.clear()
    await w.fake.say("趋势 #12")
    w.pass_time(5_400 - 59)
    w.ear.gate.set()
    await w.fake.until(lambda: w.fake.said)
    assert (w.fake.said[0].via, w.fake.said[0].to) == ("group", GROUP)


async def test_a_dead_session_is_replaced_by_the_robot(w: World) -> None:
    await w.running()
    w.fake.fault("/robot/sendBySession", (200, {"errcode": 300001, "errmsg": "session 不存在"}))
    await w.fake.say("状态")
    await w.fake.until(lambda: w.fake.said)
    assert w.fake.said[0].via == "group"


async def test_a_session_address_that_is_not_dingtalks_is_never_called(w: World) -> None:
    await w.running()
    await w.fake.say("状态", sessionWebhook="http://169.254.169.254/robot/sendBySession?session=x")
    await w.fake.until(lambda: w.fake.said)
    assert w.fake.said[0].via == "group"


async def test_several_plain_answers_cost_one_message(w: World) -> None:
    await w.running()
    w.ear.answer_with = lambda heard: Answer((Post("1✓认领"), Post("2✗定级：红须陈总确认", mentions=("陈总",))))
    await w.fake.say("认领 #12，定红")
    await w.fake.until(lambda: w.fake.said)
    assert w.fake.said[0].text == "1✓认领\n2✗定级：红须陈总确认\n@ceo01"
    assert w.fake.said[0].pinged == ("ceo01",)


async def test_an_answer_with_a_picture_brings_the_picture(w: World) -> None:
    await w.running()
    w.ear.answer_with = lambda heard: Answer((Post("#12 热度63", files=(File("t.png", "image/png", b"\x89PNG"),)),))
    await w.fake.say("趋势 #12")
    await w.fake.until(lambda: len(w.fake.said) >= 2)
    assert [said.kind for said in w.fake.said] == ["text", "sampleImageMsg"]


async def test_an_answer_of_unknown_fate_is_repeated_once_and_marked(w: World) -> None:
    await w.running()
    w.fake.fault("/robot/sendBySession", "lost")
    await w.fake.say("状态")
    await w.fake.until(lambda: len(w.fake.said) >= 2)
    assert [said.text for said in w.fake.said] == ["收到：状态", "（可能重复）收到：状态"]


async def test_silence_of_the_house_is_silence_in_the_chat(w: World) -> None:
    platform = await w.running()
    w.ear.answer_with = lambda heard: Answer()
    await w.fake.say("大家先喝口水")
    await platform.stop()
    assert w.fake.said == []


# what a message may look like ----------------------------------------------------------------------------------------


async def test_words_of_every_readable_kind_are_heard(w: World) -> None:
    await w.running()
    rich = {"richText": [{"text": "截图"}, {"type": "picture", "downloadCode": "dc1"}, {"text": "如下"}]}
    w.fake.downloads["dc1"] = b"\x89PNG one"
    w.fake.downloads["dc2"] = b"PDF"
    await w.fake.say(msgtype="richText", content=rich)
    await w.fake.say(msgtype="audio", content={"downloadCode": "a", "recognition": "认领 #12", "duration": 1}, private=True)
    await w.fake.say(msgtype="file", content={"downloadCode": "dc2", "fileName": "../../a.pdf"}, private=True)
    await w.fake.until(lambda: len(w.fake.said) >= 3)
    answered = {message.text: message for message in w.ear.answered}
    assert answered["截图如下"].files[0].data == b"\x89PNG one"
    assert answered["认领 #12"].files == ()
    assert (answered[""].files[0].name, answered[""].files[0].data) == (".._.._a.pdf", b"PDF")


async def test_a_kind_nobody_can_read_is_answered_politely(w: World) -> None:
    await w.running()
    await w.fake.say(msgtype="unknownMsgType", content={"unknownMsgType": "x"}, text=None)
    await w.fake.until(lambda: w.fake.said)
    assert w.fake.said[0].text == "这类消息我读不了，请发文字。"
    assert w.ear.taken == []


@pytest.mark.parametrize(
    "body", [{}, {"msgtype": "text"}, {"msgtype": "richText", "content": "x", "conversationType": "1"}, {"atUsers": 3}, []]
)
async def test_a_damaged_message_breaks_nothing(w: World, body: object) -> None:
    await w.running()
    assert (await w.fake.push(MESSAGES, body))["code"] == 200
    await w.fake.say("状态")
    await w.fake.until(lambda: any(said.text == "收到：状态" for said in w.fake.said))


async def test_whoever_was_mentioned_stands_in_the_text_by_name(w: World) -> None:
    await w.running()
    others = [{"dingtalkId": "$:LWCP_v1:$bot"}, {"dingtalkId": "$:LWCP_v1:$b", "staffId": "user02"}]
    await w.fake.say("指派 7", atUsers=others)
    await w.fake.say("@望楼　指派 7 @李雷", atUsers=others)
    await w.fake.say("@望楼备用 说的不算")
    assert heard(w) == ["指派 7 @李雷", "指派 7 @李雷", "@望楼备用 说的不算"]


async def test_people_of_other_companies_are_external_whatever_they_call_themselves(w: World) -> None:
    await w.running()
    await w.fake.say("状态", senderCorpId="ding99", senderNick="张敏")
    await w.fake.say("状态", senderStaffId="", senderCorpId="")
    assert [message.external for message in w.ear.taken] == [True, True]


async def test_a_colleague_without_staff_id_means_an_unpublished_app(w: World) -> None:
    platform = await w.running()
    await w.fake.say("状态", senderStaffId=None)
    assert any("没有发布" in line for line in platform.problems())
    assert w.ear.taken[0].sender == "$:LWCP_v1:$aaa"


async def test_a_quoted_message_comes_with_the_quote(w: World) -> None:
    await w.running()
    replied = {"msgType": "text", "msgId": "msgOld==", "senderId": "$:x", "content": {"text": "同批次都是MA0423"}}
    await w.fake.say(text={"content": "记", "isReplyMsg": True, "repliedMsg": replied})
    quote = w.ear.taken[0].quote
    assert quote is not None
    assert (quote.text, quote.id) == ("同批次都是MA0423", "msgOld==")


async def test_when_the_push_quota_is_spent_the_operator_hears_of_it(w: World) -> None:
    platform = await w.running()
    await w.fake.say(text=None, errorCode="20001", errorMessage="quota")
    await w.fake.until(lambda: platform.problems())
    assert "推送额度已用完" in platform.problems()[0]
    assert w.ear.taken == []


# presses -------------------------------------------------------------------------------------------------------------


async def hung(w: World, **over: object) -> str:
    platform = await w.running(**over)
    return (await platform.send(w.parcel(ALERT, 7), "card")).message_id


async def test_a_press_paints_the_card_in_its_answer_and_costs_no_call(w: World) -> None:
    out = await hung(w)
    w.ear.answer_with = lambda heard: Answer((Post("#12 归你（2分）。下一步：研判、转交"),), Post.of(CLAIMED))
    calls = len(w.fake.calls)
    await w.fake.press(out, "claim", by="user02")
    press = w.ear.taken[-1]
    assert isinstance(press, Press)
    assert (press.parcel, press.key, press.sender, press.room) == (7, "claim", "user02", GROUP)
    card = w.fake.cards[out]
    assert card.values["must"] == "李雷 10:49 认领（2分）"
    assert card.values["b1_key"] == "false_alarm"
    assert card.private["user02"]["mine"].startswith("#12 归你")
    assert len(w.fake.calls) == calls
    await w.fake.until(lambda: w.fake.said[-1].text.startswith("#12 归你"))


async def test_near_the_end_of_the_quota_the_presser_reads_the_answer_on_the_card_alone(w: World) -> None:
    out = await hung(w, api_quota=100)
    await w.platforms[0]._quota.spend("api", 95)
    w.ear.answer_with = lambda heard: Answer((Post("李雷先认领了（10:49）"),))
    await w.fake.press(out, "claim")
    await soon(lambda: not w.platforms[0]._talk._busy)
    assert w.fake.cards[out].private["user01"]["mine"] == "李雷先认领了（10:49）"
    assert w.fake.cards[out].values["must"] == ALERT.must[0]
    assert len(w.fake.said) == 1


async def test_the_entry_chosen_from_a_list_comes_along(w: World) -> None:
    out = await hung(w)
    await w.fake.press(out, "mute", choice="30分")
    assert (w.ear.taken[-1].key, w.ear.taken[-1].choice) == ("mute", "30分")


async def test_a_slow_answer_is_acknowledged_in_time_and_painted_afterwards(w: World) -> None:
    out = await hung(w)
    w.platforms[0]._talk._manner = replace(w.platforms[0]._talk._manner, press=0.1)
    w.ear.answer_with = lambda heard: Answer((Post("#12 归你"),), Post.of(CLAIMED))
    w.ear.gate.clear()
    ack = await w.fake.press(out, "claim")
    assert json.loads(ack["data"]) == {"response": {}}
    assert w.fake.cards[out].updates == 0
    w.ear.gate.set()
    await w.fake.until(lambda: w.fake.cards[out].updates == 1)
    assert w.fake.cards[out].values["must"] == "李雷 10:49 认领（2分）"
    assert w.fake.cards[out].values["body"]


async def test_a_repeated_press_gets_the_same_card_and_no_second_message(w: World) -> None:
    out = await hung(w)
    w.ear.answer_with = lambda heard: Answer((Post("#12 归你"),), Post.of(CLAIMED))
    first = await w.fake.press(out, "claim", frame="same")
    await w.fake.until(lambda: len(w.fake.said) >= 2)
    again = await w.fake.press(out, "claim", frame="same")
    assert json.loads(again["data"]) == json.loads(first["data"])
    await w.platforms[0].stop()
    assert len(w.fake.said) == 2


async def test_a_press_survives_a_restart_between_card_and_press(w: World) -> None:
    out = await hung(w)
    await w.platforms[0].stop()
    await w.running()
    await w.fake.press(out, "claim")
    assert w.ear.taken[-1].parcel == 7


async def test_who_presses_from_another_company_is_external_even_with_one_of_our_ids(w: World) -> None:
    out = await hung(w)
    await w.fake.say("状态")
    body = w.fake.pressing(out, "claim", by="ceo01")
    await w.fake.push("/v1.0/card/instances/callback", body)
    await w.fake.push("/v1.0/card/instances/callback", {**body, "corpId": "ding99"})
    assert [press.external for press in w.ear.taken if isinstance(press, Press)] == [False, True]


async def test_a_press_without_space_finds_its_room_from_what_we_remember(w: World) -> None:
    out = await hung(w)
    body = w.fake.pressing(out, "claim")
    del body["spaceId"], body["spaceType"]
    await w.fake.push("/v1.0/card/instances/callback", body)
    assert w.ear.taken[-1].room == GROUP


async def test_a_press_on_a_card_of_another_installation_is_acknowledged_and_nothing_else(w: World) -> None:
    await w.running()
    for out in ("inc-7-v1", "wl99999999-7", "7", ""):
        ack = await w.fake.press(out, "claim")
        assert json.loads(ack["data"]) == {"response": {}}
    assert w.ear.taken == []


async def test_a_card_painted_by_a_press_is_not_covered_by_an_older_face(w: World) -> None:
    out = await hung(w)
    newest = replace(CLAIMED, revision=5, must=("李雷 处理中",))
    w.ear.answer_with = lambda heard: Answer((), Post.of(newest))
    await w.fake.press(out, "claim")
    await soon(lambda: not w.platforms[0]._talk._busy)
    await w.platforms[0].send(w.parcel(CLAIMED, 8), "card")
    assert w.fake.cards[out].values["must"] == "李雷 处理中"


async def test_an_answer_that_can_be_pressed_comes_as_a_card_and_its_press_as_the_typed_verb(w: World) -> None:
    await w.running()
    w.ear.answer_with = lambda heard: Answer((Post.of(CARDS["ask"]),) if isinstance(heard, Message) else (Post("#12 已结案"),))
    await w.fake.say("结案 #12")
    await w.fake.until(lambda: w.fake.said)
    (out,) = w.fake.cards
    await w.fake.press(out, "yes", by="user01")
    press = w.ear.taken[-1]
    assert isinstance(press, Press)
    assert (press.parcel, press.verb, press.room, press.sender) == (0, "确认", GROUP, "user01")
    assert w.fake.cards[out].private["user01"] == {"mine": "#12 已结案"}
    await w.fake.until(lambda: w.fake.said[-1].text == "#12 已结案")


async def test_where_cards_cannot_be_had_the_answer_comes_with_typed_verbs(w: World) -> None:
    platform = await w.running(api_quota=100)
    w.ear.answer_with = lambda heard: Answer((Post.of(CARDS["ask"]),))
    w.fake.fault("/v1.0/card/instances/createAndDeliver", (400, {"code": "param.templateUnpublished", "message": "no"}))
    await w.fake.say("结案 #12")
    await w.fake.until(lambda: w.fake.said)
    await platform._quota.spend("api", 95)
    await w.fake.say("结案 #12")
    await w.fake.until(lambda: len(w.fake.said) >= 2)
    assert [said.via for said in w.fake.said] == ["session", "session"]
    assert "1. 确认" in w.fake.said[0].text


# the connection ------------------------------------------------------------------------------------------------------


async def test_what_is_subscribed_is_messages_and_presses(w: World) -> None:
    await w.running()
    body = next(body for _, path, body in w.fake.calls if path == OPEN)
    assert [one["topic"] for one in body["subscriptions"]] == [MESSAGES, "/v1.0/card/instances/callback"]


async def test_a_ping_is_echoed(w: World) -> None:
    await w.running()
    ack = await w.fake.push("ping", {"opaque": "x"}, kind="SYSTEM")
    assert json.loads(ack["data"]) == {"opaque": "x"}


async def test_frames_nobody_knows_are_no_trouble(w: World) -> None:
    await w.running()
    await w.fake.push("KEEPALIVE", {}, kind="SYSTEM", wait=False)
    await w.fake.sockets[-1].send_str("no json")
    await w.fake.sockets[-1].send_str("[1]")
    assert (await w.fake.push("/v1.0/unknown", {}))["code"] == 404
    event = await w.fake.push("chat_update", {}, kind="EVENT")
    assert json.loads(event["data"])["status"] == "SUCCESS"


async def test_told_to_leave_the_next_socket_stands_before_the_old_one_goes(w: World) -> None:
    await w.running()
    old = w.fake.sockets[-1]
    await w.fake.push("disconnect", {"reason": "connection is expired"}, kind="SYSTEM", wait=False)
    await w.fake.connected(2)
    assert not old.closed
    await w.fake.until(lambda: old.closed)
    assert (await w.fake.say("状态"))["code"] == 200


async def test_a_message_under_way_at_the_handover_is_acknowledged_on_its_own_socket(w: World) -> None:
    await w.running()
    held = asyncio.Event()
    take = w.ear.take

    async def slowly(heard: Message | Press) -> None:
        await held.wait()
        await take(heard)

    w.ear.take = slowly
    asking = asyncio.create_task(w.fake.say("状态"))
    await asyncio.sleep(0)
    await w.fake.push("disconnect", {}, kind="SYSTEM", wait=False)
    await w.fake.connected(2)
    held.set()
    assert (await asking)["code"] == 200


async def test_a_cut_line_is_opened_again_with_growing_patience(w: World) -> None:
    platform = await w.running()
    w.fake.fault(OPEN, (503, "<html>"), "cut", (503, "<html>"))
    await w.fake.cut()
    await w.fake.connected(2)
    assert w.waits == [0.75, 1.5, 3.0, 6.0]
    assert platform.problems() == []
    assert (await w.fake.say("状态"))["code"] == 200
    await w.fake.cut()
    await w.fake.connected(3)
    assert w.waits[4:] == [0.75]


async def test_a_socket_grown_old_is_replaced_without_a_gap(w: World) -> None:
    platform = w.platform()
    platform._stream._pace = replace(platform._stream._pace, recycle=0.05)
    await platform.start(w.ear)
    await w.fake.connected(3)
    assert platform.problems() == []
    assert platform._stream.gap is None


async def test_a_server_that_sends_us_away_at_once_is_not_stormed(w: World) -> None:
    await w.running()
    for turn in range(2, 5):
        await w.fake.push("disconnect", {}, kind="SYSTEM", wait=False)
        await w.fake.connected(turn)
    assert len(w.waits) == 3


async def test_wrong_credentials_are_tried_rarely_and_said_loudly(w: World, caplog: pytest.LogCaptureFixture) -> None:
    platform = w.platform(client_secret="wrong-secret-91")
    await platform.start(w.ear)
    await w.fake.until(lambda: w.fake.count(OPEN) >= 2)
    assert w.waits[0] == 300
    assert "client_secret 不对" in platform.problems()[0]
    assert any(record.levelname == "ERROR" for record in caplog.records)
    assert "wrong-secret-91" not in caplog.text


async def test_a_half_open_socket_is_noticed_and_replaced(w: World) -> None:
    await w.running()
    w.fake.frozen = True
    await w.fake.until(lambda: w.fake.count(OPEN) >= 2)
    w.fake.frozen = False
    await w.fake.connected(2)
    assert (await w.fake.say("状态"))["code"] == 200


async def test_a_long_gap_is_said_so_that_people_repeat_themselves(w: World) -> None:
    platform = await w.running()
    stood = asyncio.Event()

    async def wait(seconds: float) -> None:
        await stood.wait()

    platform._stream._wait = wait
    await w.fake.cut()
    await w.fake.until(lambda: not w.fake.sockets)
    await soon(lambda: not platform._stream.connected)
    w.pass_time(300)
    assert "长连接断开 5分" in platform.problems()[0]
    stood.set()
    await w.fake.connected(2)
    await soon(lambda: platform._stream.connected)
    assert platform.problems() == ["钉钉 10:47–10:52 断线，期间发给机器人的话没有收到，请重发"]
    w.pass_time(601)
    assert platform.problems() == []


async def test_neither_ticket_nor_token_nor_session_ever_stands_in_the_log(w: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    platform = await w.running()
    w.fake.fault("/robot/sendBySession", (200, {"errcode": 300001, "errmsg": f"bad access_token={'t' * 9} session=s1"}))
    await w.fake.say("状态")
    await w.fake.until(lambda: w.fake.said)
    await platform.send(w.parcel(Post("行"), hook=True), "webhook")
    for secret in ("fake-app-secret", "fake-access-token", "fake-hook-token", "SECfake", "t+/=", "session=s", "ttttt"):
        assert secret not in caplog.text


async def test_stopping_finishes_what_was_stored(w: World) -> None:
    platform = await w.running()
    w.ear.gate.clear()
    await w.fake.say("认领 #12")
    stopping = asyncio.create_task(platform.stop())
    await asyncio.sleep(0)
    w.ear.gate.set()
    await stopping
    assert [said.text for said in w.fake.said] == ["收到：认领 #12"]
