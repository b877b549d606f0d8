"""The AI bot over its long connection: what people say and press, what we answer, and what happens when the line is bad."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import replace

import pytest
from fakes.wecom import FakeWeCom
from wecom_world import (
    AES_KEY,
    ALERT,
    BOSS,
    CARDS,
    PNG,
    QUICK,
    ROOM,
    Borrowed,
    Ear,
    document,
    eventually,
    parcel,
    picture,
    world,
)

from bot.errors import DeliveryError
from bot.model.card import Post
from bot.model.message import Answer, Message, Press
from bot.platforms.wecom import heard

CLAIMED = replace(ALERT, lines=("李雷 10:49 认领（2分）",), buttons=ALERT.buttons[:0], must=(), revision=2)


async def test_what_is_said_in_a_group_is_stored_first_and_answered_on_the_same_request() -> None:
    async with world() as w:
        w.ear.answers["认领 16"] = Answer((Post("#16 归你"),))
        req_id = await w.vendor.say("@望楼 认领 16", by="lilei", quote={"msgtype": "text", "text": {"content": "橙 #16"}})
        await w.vendor.until(lambda: w.vendor.sent)

        message = w.ear.taken[0]
        assert isinstance(message, Message)
        assert (message.room, message.sender, message.text, message.external) == ("wrRoom1", "lilei", "认领 16", False)
        assert message.quote
        assert message.quote.text == "橙 #16"
        assert w.ear.order == [f"take {message.id}", f"answer {message.id}"]
        reply = w.vendor.frames[-1]
        assert (reply["cmd"], reply["headers"]["req_id"]) == ("aibot_respond_msg", req_id)
        assert w.shown == ["#16 归你"]


async def test_private_words_have_no_room_and_keep_every_at_sign() -> None:
    async with world() as w:
        await w.vendor.say("指派 @李四 #12", by="lilei", chat="")
        await w.vendor.until(lambda: w.vendor.sent)
        message = w.ear.taken[0]
        assert isinstance(message, Message)
        assert (message.room, message.text) == ("", "指派 @李四 #12")


@pytest.mark.parametrize(
    ("said", "heard_as"),
    [
        ("@望楼 状态", "状态"),
        ("@望楼\u2005状态", "状态"),
        ("＠望楼　指派 @李四", "指派 @李四"),
        ("先别发 @望楼 ", "先别发"),
        ("@旧名字 状态", "状态"),
        ("指派 @李四", "指派 @李四"),
        ("@望楼状态", "状态"),
        ("看 @望楼备用 说的 @望楼 状态", "看 @望楼备用 说的  状态"),
        ("@望楼", ""),
    ],
)
def test_only_the_call_to_us_is_taken_off(said: str, heard_as: str) -> None:
    assert heard.strip_mention(said, "望楼")[0] == heard_as


def test_a_display_name_with_a_blank_is_taken_off_whole() -> None:
    assert heard.strip_mention("@Wang Lou 状态", "Wang Lou") == ("状态", True)


async def test_a_contact_from_outside_is_marked() -> None:
    async with world() as w:
        await w.vendor.say("@望楼 你好", **{"from": {"userid": "wangwu", "corpid": "ww_other"}})
        await w.vendor.say("@望楼 你好", by="wmAbCdEfGhIjKlMnOpQrStUv")
        await w.vendor.until(lambda: len(w.ear.taken) >= 2)
        assert [m.external for m in w.ear.taken] == [True, True]


async def test_a_picture_that_came_along_is_decrypted_with_its_own_key() -> None:
    async with world() as w:
        item = {"msgtype": "image", "image": {"url": w.vendor.encrypted(PNG, AES_KEY), "aeskey": AES_KEY}}
        gone = {"msgtype": "image", "image": {"url": f"{w.vendor.base}/files/none", "aeskey": AES_KEY}}
        text = {"msgtype": "text", "text": {"content": "@望楼 存证"}}
        await w.vendor.say("", msgtype="mixed", mixed={"msg_item": [text, gone, item]})
        await w.vendor.until(lambda: w.vendor.sent)
        message = w.ear.answered[0]
        assert isinstance(message, Message)
        assert message.text == "存证"
        assert [(f.name, f.mime, f.data) for f in message.files] == [("2.png", "image/png", PNG)]


async def test_the_same_message_five_times_and_out_of_order_is_one_message() -> None:
    async with world() as w:
        for msgid in ("A", "B", "A", "A", "B", "A", "A"):
            await w.vendor.say("@望楼 状态", msgid=msgid)
        await w.vendor.say("@望楼 完", msgid="C")
        await w.vendor.until(lambda: "收到：完" in w.shown)
        assert [m.id for m in w.ear.taken] == ["A", "B", "C"]
        assert sorted(w.shown) == ["收到：完", "收到：状态", "收到：状态"]


async def test_what_could_not_be_stored_is_not_acted_on_and_the_person_is_told() -> None:
    async with world() as w:
        w.ear.broken = True
        await w.vendor.say("@望楼 认领 16", msgid="A")
        await w.vendor.until(lambda: w.vendor.sent)
        assert w.shown == ["没存上，请再发一次。"]
        assert w.ear.answered == []
        w.ear.broken = False
        await w.vendor.say("@望楼 认领 16", msgid="A")
        await w.vendor.until(lambda: len(w.vendor.sent) >= 2)
        assert w.shown[1] == "收到：认领 16"


async def test_a_fault_in_the_house_becomes_one_polite_line() -> None:
    class Broken(Ear):
        async def answer(self, heard: Message | Press) -> Answer:
            raise ZeroDivisionError

    async with world(start=False) as w:
        await w.platform.start(Broken())
        await w.vendor.say("@望楼 状态")
        await w.vendor.until(lambda: w.vendor.sent)
        assert w.shown[0].startswith("出错了，没有办成")


async def test_a_slow_answer_is_a_stream_that_is_always_ended() -> None:
    async with world(patience=0.01) as w:
        w.ear.gate = asyncio.Event()
        w.ear.answers["起草首发"] = Answer((Post("D1 v1 首发草稿"), Post("下一步：送审")))
        await w.vendor.say("@望楼 起草首发")
        await w.vendor.until(lambda: w.vendor.sent)
        w.ear.gate.set()
        await w.vendor.until(lambda: len(w.vendor.sent) >= 3)
        first, last = (sent.body["stream"] for sent in w.vendor.sent[:2])
        assert (first["finish"], last["finish"], first["id"]) == (False, True, last["id"])
        assert last["content"] == "D1 v1 首发草稿"
        assert w.vendor.sent[2].way == "push"


async def test_a_stream_ends_before_its_life_does_and_the_answer_still_comes() -> None:
    async with world(patience=0.01) as w:
        assert w.platform.bot
        w.platform.bot.stream_life = 0.05
        w.ear.gate = asyncio.Event()
        await w.vendor.say("@望楼 起草首发")
        await w.vendor.until(lambda: len(w.vendor.sent) >= 2)
        assert w.vendor.sent[1].body["stream"] == w.vendor.sent[1].body["stream"] | {
            "finish": True,
            "content": "还在处理，好了就发在这里。",
        }
        w.ear.gate.set()
        await w.vendor.until(lambda: len(w.vendor.sent) >= 3)
        assert (w.vendor.sent[2].way, w.shown[2]) == ("push", "收到：起草首发")


async def test_a_stream_for_a_card_or_for_nothing_is_ended_too() -> None:
    async with world(patience=0.01) as w:
        w.ear.answers |= {"看 16": Answer((Post.of(ALERT),)), "嗯": Answer()}
        for words, before, after in (("看 16", 1, 3), ("嗯", 4, 5)):
            w.ear.gate = asyncio.Event()
            await w.vendor.say(f"@望楼 {words}")
            await w.vendor.until(lambda n=before: len(w.vendor.sent) == n)
            w.ear.gate.set()
            await w.vendor.until(lambda n=after: len(w.vendor.sent) == n)
        assert [s.way for s in w.vendor.sent] == ["stream", "stream", "push", "stream", "stream"]
        assert w.vendor.sent[4].body["stream"]["content"] == "好了。"


async def test_a_press_repaints_the_card_within_its_window_and_says_the_rest() -> None:
    async with world() as w:
        await w.vendor.say("@望楼 在")
        await w.platform.send(parcel(Post.of(ALERT)), "aibot")
        task = w.vendor.sent[-1].body["template_card"]["task_id"]
        w.ear.answers["claim"] = Answer((Post("#16 归 李雷"),), Post.of(CLAIMED))
        await w.vendor.press(task, "claim", by="lilei")
        await w.vendor.until(lambda: w.shown[-1:] == ["#16 归 李雷"])

        press = w.ear.taken[-1]
        assert isinstance(press, Press)
        assert (press.parcel, press.key, press.choice, press.sender, press.room) == (901, "claim", "", "lilei", "wrRoom1")
        update = w.vendor.sent[-2]
        assert update.way == "update"
        assert "李雷 10:49 认领（2分）" in update.words
        assert update.body["template_card"]["button_list"][0]["key"] == "_done"


async def test_an_option_picked_is_the_choice_of_its_button() -> None:
    async with world() as w:
        await w.vendor.press(heard.task_id(16, 901, 1), "_pick", picked="mute:30分钟")
        await w.vendor.press(heard.task_id(16, 901, 1), "claim", picked="mute:30分钟")
        await w.vendor.until(lambda: len(w.ear.taken) >= 2)
        assert [(p.key, p.choice) for p in w.ear.taken if isinstance(p, Press)] == [("mute", "30分钟"), ("claim", "")]


@pytest.mark.parametrize(
    "event",
    [
        {"eventtype": "template_card_event", "event_key": "claim", "task_id": "inc-16-901-1"},
        {"eventtype": "template_card_event", "template_card_event": {"eventkey": "claim", "taskid": "inc-16-901-1"}},
    ],
)
async def test_a_press_is_understood_in_every_shape_that_was_seen(event: dict[str, object]) -> None:
    pressed = heard.bot_press({"msgid": "E1", "from": {"userid": "lilei"}, "event": event}, corp_id="")
    assert (pressed.key, heard.parcel_of(pressed.task_id)) == ("claim", 901)


async def test_a_press_on_a_card_that_was_a_reply_tells_the_verb_as_it_was_shown() -> None:
    async with world() as w:
        w.ear.answers["看 16"] = Answer((Post.of(ALERT),))
        await w.vendor.say("@望楼 看 16")
        await w.vendor.until(lambda: w.vendor.sent)
        task = w.vendor.sent[0].body["template_card"]["task_id"]
        await w.vendor.press(task, "claim")
        await w.vendor.press(task, "_pick", picked="mute:30分钟")
        await w.vendor.press("say-1-0000", "claim")
        await w.vendor.until(lambda: len(w.ear.taken) >= 4)
        presses = [p for p in w.ear.taken if isinstance(p, Press)]
        assert [(p.parcel, p.verb) for p in presses] == [(0, "认领 #16"), (0, "静音 #16 30分钟"), (0, "")]


async def test_a_press_on_a_repainted_card_tells_the_verb_of_its_new_face_and_of_the_old() -> None:
    async with world() as w:
        await w.vendor.say("@望楼 在")
        await w.platform.send(parcel(Post.of(ALERT)), "aibot")
        task = w.vendor.sent[-1].body["template_card"]["task_id"]
        w.ear.answers["claim"] = Answer((), Post.of(replace(CARDS["ask"], incident=16)))
        await w.vendor.press(task, "claim", by="lilei")
        await w.vendor.until(lambda: w.vendor.sent[-1].way == "update")
        await w.vendor.press(task, "assess", by="lilei")
        await w.vendor.press(task, "claim", by="zhangmin")
        await w.vendor.until(lambda: len(w.ear.taken) >= 4)
        presses = [p for p in w.ear.taken if isinstance(p, Press)]
        assert [(p.parcel, p.verb) for p in presses] == [(901, "认领 #16"), (901, "研判 #12"), (901, "认领 #16")]


async def test_an_answer_after_the_window_leaves_the_card_to_the_house() -> None:
    async with world() as w:
        assert w.platform.bot
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        w.platform.bot.window = 0.01
        w.ear.gate = asyncio.Event()
        w.ear.answers["claim"] = Answer((), Post.of(replace(CLAIMED, buttons=ALERT.buttons[:1])))
        await w.vendor.press(heard.task_id(16, 901, 1), "claim")
        asyncio.get_running_loop().call_later(0.05, w.ear.gate.set)
        await eventually(lambda: w.ear.paints == [None])
        assert not [f for f in w.vendor.frames if f["cmd"] == "aibot_respond_update_msg"]
        assert not await w.platform.repaint(parcel(Post.of(CLAIMED)))


async def test_a_repaint_that_the_vendor_refuses_is_left_to_the_house() -> None:
    async with world() as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        now = [0.0]
        w.vendor.clock = lambda: now[0]
        w.ear.gate = asyncio.Event()
        w.ear.answers["claim"] = Answer((), Post.of(CLAIMED))
        await w.vendor.press(heard.task_id(16, 901, 1), "claim")
        await eventually(lambda: len(w.ear.taken) >= 2)
        now[0] += 5.1
        w.ear.gate.set()
        await eventually(lambda: w.ear.paints == [None])
        assert w.vendor.refused[-1][:2] == ("aibot_respond_update_msg", 846605)


async def test_whoever_opens_the_chat_is_welcomed_once() -> None:
    async with world() as w:
        await w.vendor.enter("chenzong")
        await w.vendor.until(lambda: w.vendor.sent)
        assert w.vendor.sent[0].way == "welcome"
        assert "帮助" in w.shown[0]
        assert w.ear.taken == []


async def test_pictures_and_files_go_up_in_chunks_and_are_shown() -> None:
    async with world() as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        big = document(1_300_000)
        await w.platform.send(parcel(Post("简报", files=(picture(), big))), "aibot")
        ways = [s.body["msgtype"] for s in w.vendor.sent[1:]]
        assert ways == ["markdown", "image", "file"]
        (_, png), (name, data) = (
            w.vendor.media[s.body[k]["media_id"]] for s, k in zip(w.vendor.sent[2:], ("image", "file"), strict=True)
        )
        assert (png, name, data) == (PNG, "声明 v1.docx", big.data)
        assert len([f for f in w.vendor.frames if f["cmd"] == "aibot_upload_media_chunk"]) == 4


async def test_a_file_too_large_is_named_and_not_sent() -> None:
    async with world() as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        await w.platform.send(parcel(Post("存档", files=(document(21 * 1024 * 1024),))), "aibot")
        assert w.shown[1] == "存档\n附件发不出（空或超过20MB），请在本地控制台取：声明 v1.docx"


async def test_a_parcel_of_several_messages_goes_on_where_it_broke_off() -> None:
    async with world() as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        w.vendor.trouble("aibot_upload_media_finish", "code", 6000)
        brief = parcel(Post("简报", files=(picture(),)))
        with pytest.raises(DeliveryError) as caught:
            await w.platform.send(brief, "aibot")
        assert caught.value.outcome == "retry"
        await w.platform.send(brief, "aibot")
        assert [s.body["msgtype"] for s in w.vendor.sent[1:]] == ["markdown", "image"]


# -- what becomes of a send -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("do", "code", "outcome"),
    [
        ("code", 45009, "retry"),
        ("code", 846607, "retry"),
        ("code", 6000, "retry"),
        ("code", 846609, "retry"),
        ("code", 93006, "retry"),
        ("code", 45002, "permanent"),
        ("code", 44004, "permanent"),
        ("code", 123456, "permanent"),
        ("cut", 0, "unknown"),
        ("lose", 0, "unknown"),
        ("mute", 0, "unknown"),
    ],
)
async def test_a_send_ends_as_it_really_ended(do: str, code: int, outcome: str) -> None:
    async with world() as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        w.vendor.trouble("aibot_send_msg", do, code)
        with pytest.raises(DeliveryError) as caught:
            await w.platform.send(parcel(Post("橙 #16")), "aibot")
        assert caught.value.outcome == outcome
        assert w.platform.bot
        assert await w.platform.bot.link.wait_ready(5)


async def test_without_a_connection_nothing_was_sent() -> None:
    async with world(start=False) as w:
        with pytest.raises(DeliveryError) as caught:
            await w.platform.send(parcel(Post("橙 #16")), "aibot")
        assert caught.value.outcome == "retry"
        assert list(w.platform.ways(ROOM)) == []


async def test_a_conversation_is_never_pushed_beyond_its_minute() -> None:
    now = [1000.0]
    async with world(clock=lambda: now[0]) as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        for i in range(29):
            await w.platform.send(parcel(Post(f"{i}"), id=i + 1), "aibot")
        with pytest.raises(DeliveryError) as caught:
            await w.platform.send(parcel(Post("31")), "aibot")
        assert (caught.value.outcome, caught.value.after) == ("retry", 60.0)
        assert w.vendor.refused == []
        now[0] += 60.1
        w.vendor.clock = lambda: now[0] + 1e9
        await w.platform.send(parcel(Post("31")), "aibot")
        assert w.shown[-1] == "31"


async def test_a_second_attempt_at_a_parcel_is_another_card_to_the_vendor() -> None:
    async with world() as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        w.vendor.trouble("aibot_send_msg", "mute")
        with pytest.raises(DeliveryError):
            await w.platform.send(parcel(Post.of(ALERT)), "aibot")
        await w.platform.send(parcel(Post.of(ALERT).with_note("（可能重复）")), "aibot")
        tasks = [s.body["template_card"]["task_id"] for s in w.vendor.sent[1:]]
        assert len(set(tasks)) == 2
        assert {heard.parcel_of(t) for t in tasks} == {901}


async def test_a_card_that_the_vendor_refuses_is_said_without_buttons() -> None:
    async with world() as w:
        w.ear.answers["看 16"] = Answer((Post.of(ALERT),))
        w.vendor.trouble("aibot_respond_msg", "code", 40058)
        w.vendor.trouble("aibot_send_msg", "code", 40008)
        await w.vendor.say("@望楼 看 16")
        await w.vendor.until(lambda: w.vendor.sent)
        await w.platform.send(parcel(Post.of(ALERT)), "aibot")
        assert [s.way for s in w.vendor.sent] == ["reply", "push"]
        assert all("①认领 #16" in words for words in w.shown)


async def test_what_one_card_cannot_hold_is_read_before_it_is_answered() -> None:
    async with world() as w:
        w.ear.answers["速报"] = Answer((Post.of(CARDS["sitrep"]),))
        await w.vendor.say("@望楼 速报")
        await w.platform.send(parcel(Post.of(CARDS["sitrep"])), "aibot")
        await w.vendor.until(lambda: len(w.vendor.sent) >= 4)
        assert [(s.way, s.body["msgtype"]) for s in w.vendor.sent] in (
            [("reply", "markdown"), ("push", "template_card"), ("push", "markdown"), ("push", "template_card")],
            [("push", "markdown"), ("push", "template_card"), ("reply", "markdown"), ("push", "template_card")],
        )
        words, card = w.shown[:2]
        assert "时限：首次发声 14:47 前；完整说明 12-05 10:47 前" in words
        assert "回复" not in words
        assert "详情见上一条" in card
        passed = asyncio.Event()
        passed.set()
        w.vendor.trouble("aibot_send_msg", "slow", gate=passed)
        w.vendor.trouble("aibot_send_msg", "code", 40058)
        await w.platform.send(parcel(Post.of(replace(CARDS["confirm"], title="长" * 400)), id=902), "aibot")
        words, refused = w.shown[4:]
        assert "长" * 400 in words
        assert refused.endswith("①确认 李雷 ②确认 退回 李雷")


async def test_a_dead_request_is_answered_by_a_push() -> None:
    async with world() as w:
        for code in (846605, 846608):
            w.vendor.trouble("aibot_respond_msg", "code", code)
            await w.vendor.say(f"@望楼 状态 {code}")
            await w.vendor.until(lambda c=code: w.shown[-1:] == [f"收到：状态 {c}"])
            assert w.vendor.sent[-1].way == "push"


@pytest.mark.parametrize(
    ("do", "shown"), [("cut", ["（可能重复）收到：状态"]), ("lose", ["收到：状态", "（可能重复）收到：状态"])]
)
async def test_a_socket_cut_during_a_reply_is_mended_and_the_reply_said_again(do: str, shown: list[str]) -> None:
    async with world() as w:
        w.vendor.trouble("aibot_respond_msg", do)
        await w.vendor.say("@望楼 状态")
        await w.vendor.until(lambda: len(w.vendor.sent) == len(shown))
        assert w.shown == shown
        assert w.vendor.subscriptions == 2


# -- the connection ----------------------------------------------------------------------------------------------------------


async def test_a_cut_line_is_made_anew_again_and_again() -> None:
    async with world() as w:
        for count in range(2, 6):
            await w.vendor.drop()
            await w.vendor.until(lambda n=count: w.vendor.subscriptions == n)
            await w.vendor.say("@望楼 在", msgid=f"m{count}")
            await w.vendor.until(lambda n=count: len(w.ear.taken) == n - 1)
        assert list(w.platform.problems()) == []


async def test_a_half_open_socket_is_given_up_after_two_silent_heartbeats() -> None:
    async with world() as w:
        w.vendor.silent_pings = True
        await w.vendor.until(lambda: w.vendor.subscriptions == 2)
        pings = [f for f in w.vendor.frames if f["cmd"] == "ping"]
        assert len(pings) >= 2
        assert all("body" not in f for f in pings)


async def test_a_socket_that_only_answers_heartbeats_is_renewed_in_waking_hours() -> None:
    async with world(timing=replace(QUICK, quiet=0.02)) as w:
        await w.vendor.until(lambda: w.vendor.subscriptions >= 2)


async def test_a_short_interruption_troubles_nobody() -> None:
    now = [0.0]
    async with world(clock=lambda: now[0], timing=replace(QUICK, grace=20.0, first=30.0, longest=30.0)) as w:
        assert w.platform.bot
        await w.vendor.drop()
        await eventually(lambda: not w.platform.ways(ROOM))
        assert list(w.platform.problems()) == []
        now[0] += 20.0
        assert "断了" in w.platform.problems()[0]


async def test_a_wrong_secret_is_tried_once_and_said() -> None:
    async with world(secret="wrong", ready=False) as w:
        assert w.platform.bot
        assert not await w.platform.bot.link.wait_ready(5)
        assert w.vendor.subscriptions == 1
        assert w.platform.bot.link.status.stopped
        assert "853000" in w.platform.problems()[0]
        assert "wrong" not in "".join(w.platform.problems())


async def test_a_refusal_for_haste_is_waited_out() -> None:
    fake = FakeWeCom()
    fake.trouble("aibot_subscribe", "code", 45009, times=2)
    async with world(vendor=fake) as w:
        assert [code for _, code, _ in w.vendor.refused] == [45009, 45009]
        assert len([f for f in w.vendor.frames if f["cmd"] == "aibot_subscribe"]) == 3


async def test_a_vendor_that_is_not_there_is_tried_for_ever() -> None:
    async with world(ws_url="ws://127.0.0.1:9", ready=False) as w:
        assert w.platform.bot
        link = w.platform.bot.link
        await eventually(lambda: link.status.failures >= 6)
        assert not link.status.stopped
        assert "没有连上" in w.platform.problems()[0]


async def test_a_second_process_with_the_same_bot_takes_over_and_the_first_yields() -> None:
    async with world(timing=replace(QUICK, yielding=30.0)) as w, world(vendor=Borrowed(w.vendor)) as second:
        await w.vendor.until(lambda: w.vendor.subscriptions == 2)
        await eventually(w.platform.problems)
        assert "另一个进程" in w.platform.problems()[0]
        assert list(w.platform.ways(ROOM)) == []
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        assert (len(w.ear.taken), len(second.ear.taken)) == (0, 1)
        assert w.vendor.subscriptions == 2


async def test_the_pause_grows_and_is_jittered() -> None:
    async with world(start=False, timing=replace(QUICK, first=1.0, longest=30.0)) as w:
        assert w.platform.bot
        link = w.platform.bot.link
        link._rand = random.Random(1)
        pauses = [link._pause(0.0) for _ in range(8)]
        assert all(0.5 * min(2.0**i, 30) <= p <= min(2.0**i, 30) for i, p in enumerate(pauses))
        assert len({round(p, 6) for p in pauses}) == 8
        assert 60 <= link._pause(60.0) <= 90


async def test_a_slow_vendor_does_not_stop_the_loop() -> None:
    async with world(timing=replace(QUICK, ack=5.0, ping=60.0)) as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        gate = asyncio.Event()
        w.vendor.trouble("aibot_send_msg", "slow", gate=gate)
        sending = asyncio.create_task(w.platform.send(parcel(Post("橙 #16")), "aibot"))
        turns = 0
        for _ in range(2000):
            await asyncio.sleep(0)
            turns += 1
        assert not sending.done()
        assert turns == 2000
        gate.set()
        assert (await sending).way == "aibot"


async def test_frames_that_are_nonsense_change_nothing() -> None:
    async with world() as w:
        socket = w.vendor._active
        assert socket
        for nonsense in ("", "[]", "{}", '{"cmd": "aibot_msg_callback"}', '{"cmd":"x","headers":[],"body":[]}', "{" * 50):
            await socket.send_str(nonsense)
        await socket.send_bytes(b"\x00")
        for body in (
            {},
            {"msgid": "x"},
            {"msgid": "x", "from": "y", "msgtype": "text", "text": []},
            {"msgtype": "event", "event": 1},
        ):
            for cmd in ("aibot_msg_callback", "aibot_event_callback"):
                await socket.send_str(json.dumps({"cmd": cmd, "headers": {"req_id": "q"}, "body": body}))
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        assert w.shown == ["收到：在"]
        assert w.vendor.subscriptions == 1


async def test_outside_words_in_a_push_are_only_words() -> None:
    async with world() as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        await w.platform.send(parcel(Post("首帖「<@all> **[点](https://evil.example)**」")), "aibot")
        assert w.shown[1] == "首帖「＜＠all＞ ＊＊［点］(https:／／evil．example)＊＊」"


async def test_people_are_pinged_by_the_rooms_robot_for_grave_matters_only() -> None:
    async with FakeWeCom() as fake, world(vendor=Borrowed(fake)) as w:
        room = replace(ROOM, webhook=fake.webhook_url)
        await fake.say("@望楼 在")
        await fake.until(lambda: fake.sent)
        post = Post.of(ALERT, "张敏")
        await w.platform.send(parcel(post, target=room, grade=ALERT.grade, pings=(("张敏", "zhangmin"),)), "aibot")
        ping = fake.sent[-1]
        assert ping.way == "webhook"
        assert ping.body["text"] == {"content": "🟠#16 请 张敏 看上面的消息", "mentioned_list": ["zhangmin"]}
        fake.webhook_key = "gone"
        await w.platform.send(parcel(post, target=room, grade=ALERT.grade, pings=(("张敏", "zhangmin"),)), "aibot")
        assert fake.sent[-1].way == "push"
        assert "93000" in w.platform.problems()[0]


async def test_a_private_push_says_so() -> None:
    async with world() as w:
        await w.vendor.say("在", by="chenzong", chat="")
        await w.vendor.until(lambda: w.vendor.sent)
        await w.platform.send(parcel(Post.of(CARDS["brief"]), target=BOSS), "aibot")
        frame = w.vendor.frames[-1]
        assert (frame["body"]["chatid"], frame["body"]["chat_type"], frame["body"]["msgtype"]) == ("chenzong", 1, "markdown")


async def test_silence_after_a_frame_ends_the_connection_so_that_a_repeat_goes_by_another() -> None:
    """A socket that died without a word: heartbeats would notice only after two of 30 s, and the one repeat of a red alert
    would have gone into the same silence."""
    async with world() as w:
        w.vendor.go_half_open()
        with pytest.raises(DeliveryError) as lost:
            await w.platform.send(parcel(Post.of(ALERT)), "aibot")
        assert lost.value.outcome == "unknown"
        assert list(w.platform.ways(parcel(Post.of(ALERT)).target)) != ["aibot"]
        await w.vendor.until(lambda: w.vendor.subscriptions == 2)
