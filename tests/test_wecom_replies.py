"""Answers that do not go smoothly: slow ones, long ones, with files, refused, lost, to a place that cannot be reached."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from wecom_world import CARDS, PNG, QUICK, ROOM, callbacks, document, eventually, picture, world

from bot.errors import DeliveryError
from bot.model.card import Post
from bot.model.message import Answer
from bot.platforms.wecom import heard

CORP = "ww0123456789abcdef"


async def test_an_answer_with_files_is_words_and_then_the_files() -> None:
    async with world() as w:
        w.ear.answers["简报"] = Answer((Post("今日简报", files=(picture(), document())), Post("下一步：送审")))
        await w.vendor.say("@望楼 简报")
        await w.vendor.until(lambda: len(w.vendor.sent) >= 4)
        assert [s.body["msgtype"] for s in w.vendor.sent] == ["markdown", "image", "file", "markdown"]
        assert [s.way for s in w.vendor.sent] == ["reply", "push", "push", "push"]


async def test_a_long_answer_after_a_long_wait_ends_the_stream_and_goes_on() -> None:
    async with world(patience=0.01) as w:
        w.ear.gate = asyncio.Event()
        w.ear.answers["全文"] = Answer((Post("很长的一行\n" * 2500, files=(picture(),)),))
        await w.vendor.say("@望楼 全文")
        await w.vendor.until(lambda: w.vendor.sent)
        w.ear.gate.set()
        await w.vendor.until(lambda: len(w.vendor.sent) >= 4)
        assert [s.way for s in w.vendor.sent] == ["stream", "stream", "push", "push"]
        assert w.vendor.sent[1].body["stream"]["finish"]
        assert w.vendor.sent[3].body["msgtype"] == "image"


async def test_a_slow_answer_that_is_a_card_without_buttons_ends_the_stream_itself() -> None:
    async with world(patience=0.01) as w:
        w.ear.gate = asyncio.Event()
        w.ear.answers["简报"] = Answer((Post.of(CARDS["brief"]),))
        await w.vendor.say("@望楼 简报")
        await w.vendor.until(lambda: w.vendor.sent)
        w.ear.gate.set()
        await w.vendor.until(lambda: len(w.vendor.sent) >= 2)
        assert w.vendor.sent[1].body["stream"]["content"].startswith("**🟠 【领导简报】")


async def test_where_no_stream_can_be_opened_the_answer_comes_by_itself() -> None:
    async with world(patience=0.01) as w:
        w.ear.gate = asyncio.Event()
        w.vendor.trouble("aibot_respond_msg", "code", 600039)
        await w.vendor.say("@望楼 起草")
        await w.vendor.until(lambda: w.vendor.refused)
        w.ear.gate.set()
        await w.vendor.until(lambda: w.vendor.sent)
        assert (w.vendor.sent[0].way, w.shown) == ("reply", ["收到：起草"])


@pytest.mark.parametrize(("do", "code", "shown"), [("code", 846608, "收到：起草"), ("mute", 0, "（可能重复）收到：起草")])
async def test_an_end_of_a_stream_that_does_not_arrive_is_said_as_a_message(do: str, code: int, shown: str) -> None:
    async with world(patience=0.01) as w:
        w.ear.gate = asyncio.Event()
        await w.vendor.say("@望楼 起草")
        await w.vendor.until(lambda: w.vendor.sent)
        w.vendor.trouble("aibot_respond_msg", do, code)
        w.ear.gate.set()
        await w.vendor.until(lambda: w.vendor.sent[-1].way == "push")
        assert w.shown[-1] == shown


async def test_a_reply_that_can_never_arrive_is_given_up_at_once() -> None:
    async with world() as w:
        w.vendor.trouble("aibot_respond_msg", "code", 45002)
        await w.vendor.say("@望楼 状态")
        await w.vendor.until(lambda: w.vendor.refused)
        await eventually(lambda: not w.platform.desk._tasks)
        assert w.vendor.sent == []


async def test_a_press_that_could_not_be_stored_is_asked_for_again() -> None:
    async with world() as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        w.ear.broken = True
        await w.vendor.press(heard.task_id(16, 901, 1), "claim")
        await w.vendor.until(lambda: len(w.vendor.sent) >= 2)
        assert w.shown[1] == "没存上，请再发一次。"
        assert len(w.ear.answered) == 1


async def test_a_button_that_only_shows_does_nothing() -> None:
    async with world() as w:
        await w.vendor.press(heard.task_id(16, 901, 1), "_done")
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        assert len(w.ear.taken) == 1


async def test_an_upload_without_an_answer_may_be_tried_again() -> None:
    async with world() as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        w.vendor.trouble("aibot_upload_media_chunk", "mute")
        assert w.platform.bot
        with pytest.raises(DeliveryError) as caught:
            await w.platform.bot.plan(ROOM, Post("x", files=(picture(),)), 7)[1]()
        assert caught.value.outcome == "retry"


async def test_a_write_that_hangs_is_unknown_and_ends_the_connection() -> None:
    async with world(timing=replace(QUICK, write=0.05)) as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        assert w.platform.bot
        socket = w.platform.bot.link._ws
        assert socket

        async def hang(text: str, *more: Any) -> None:
            await asyncio.Event().wait()

        socket.send_str = hang  # type: ignore[method-assign]
        with pytest.raises(DeliveryError) as caught:
            await w.platform.bot.plan(ROOM, Post("x"), 7)[0]()
        assert caught.value.outcome == "unknown"
        await w.vendor.until(lambda: w.vendor.subscriptions == 2)


@pytest.mark.parametrize(
    ("do", "code", "shown"),
    [("code", -1, ["收到：状态"]), ("lose", 0, ["收到：状态", "（可能重复）收到：状态"]), ("code", 40058, [])],
)
async def test_an_apps_reply_is_tried_again_unless_it_never_can_arrive(
    do: str, code: int, shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(seconds: float) -> None:
        await asyncio.to_thread(lambda: None)

    async with callbacks(app=True) as (w, vendor):
        monkeypatch.setattr("bot.platforms.wecom.app.asyncio.sleep", at_once)
        w.vendor.trouble("send", do, code)
        fields = "<FromUserName>lilei</FromUserName><MsgType>text</MsgType><Content>状态</Content><MsgId>1</MsgId>"
        assert await vendor.app(fields, CORP) == (200, None)
        await eventually(lambda: w.vendor.calls and not w.platform.desk._tasks)
        assert w.shown == shown


async def test_what_came_encrypted_with_another_key_is_left_out() -> None:
    async with world() as w:
        item = {"msgtype": "image", "image": {"url": w.vendor.encrypted(PNG, "A" * 43), "aeskey": "B" * 43}}
        await w.vendor.say(
            "", msgtype="mixed", mixed={"msg_item": [{"msgtype": "text", "text": {"content": "@望楼 存证"}}, item]}
        )
        await w.vendor.until(lambda: w.vendor.sent)
        assert not getattr(w.ear.answered[0], "files", ())


async def test_the_house_is_told_what_arrived_and_is_left_what_did_not() -> None:
    """One answer whose second post the vendor refuses for good, one whose words arrived and whose file did not."""
    async with world() as w:
        w.ear.answers["两句"] = Answer((Post("第一句"), Post("第二句")))
        w.vendor.trouble("aibot_send_msg", "code", 44004)
        id = await w.vendor.say("@望楼 两句", msgid="M1")
        await eventually(lambda: w.ear.ends)
        w.ear.answers["文件"] = Answer((Post("见附件", files=(document(),)),))
        w.vendor.trouble("aibot_send_msg", "code", 44004)
        await w.vendor.say("@望楼 文件", msgid="M2")
        await eventually(lambda: len(w.ear.ends) >= 2)
        await w.vendor.say("@望楼 状态", msgid="M3")
        await eventually(lambda: len(w.ear.ends) >= 3)
        assert id
        assert [(heard, [post.text for post in left]) for heard, left in w.ear.ends] == [
            ("M1", ["第二句"]),
            ("M2", ["（可能重复）见附件"]),
            ("M3", []),
        ]
