"""Voice and what nobody can read: told back as heard, or politely refused, on every transport; files where an answer can't hold them."""

from __future__ import annotations

import pytest
from dingtalk_world import world as dingtalk_world
from test_wecom_callbacks import CORP, said
from wecom_world import callbacks, document, picture, world

from bot.model.card import Post
from bot.model.message import Answer
from bot.platforms.text import as_heard

TYPE = "请打字"


def test_what_was_heard_stands_before_the_answer_and_is_cut() -> None:
    assert [p.text for p in as_heard("认领 12", (Post("#12 归你"), Post("下一步")))] == [
        "听到：「认领 12」\n#12 归你",
        "下一步",
    ]
    assert TYPE in as_heard("啊啊啊", ())[0].text
    assert len(as_heard("长" * 500, ())[0].text.encode()) < 400


async def test_the_ai_bot_tells_back_what_it_heard() -> None:
    async with world() as w:
        w.ear.answers["认领 16"] = Answer((Post("#16 归你"),))
        await w.vendor.say("", chat="", msgtype="voice", voice={"content": "认领 16"})
        await w.vendor.until(lambda: w.vendor.sent)
        assert w.shown == ["听到：「认领 16」\n#16 归你"]
        await w.vendor.say("", chat="", msgtype="voice", voice={"content": ""})
        await w.vendor.say("", chat="", msgtype="location", location={"x": 1})
        await w.vendor.until(lambda: len(w.vendor.sent) >= 3)
        assert all(TYPE in words for words in w.shown[1:])
        assert len(w.ear.taken) == 1


async def test_the_ai_bot_by_call_back_tells_back_what_it_heard() -> None:
    async with callbacks() as (w, vendor):
        w.ear.answers["状态"] = Answer((Post("在办 2"),))
        _, answer = await vendor.bot(said("", chat="", msgtype="voice", voice={"content": "状态"}))
        assert answer["stream"]["content"] == "听到：「状态」\n在办 2"
        _, answer = await vendor.bot(said("", id="M2", chat="", msgtype="voice", voice={}))
        assert TYPE in answer["stream"]["content"]
        assert answer["stream"]["finish"] is True


async def test_the_app_asks_to_type_what_it_cannot_hear() -> None:
    async with callbacks(app=True) as (w, vendor):
        head = "<FromUserName>lilei</FromUserName><CreateTime>1</CreateTime>"
        voice = f"{head}<MsgType>voice</MsgType><MediaId>M</MediaId><Format>amr</Format><MsgId>71</MsgId>"
        assert await vendor.app(voice, CORP) == (200, None)
        await w.vendor.until(lambda: w.vendor.sent)
        assert TYPE in w.shown[0]
        assert await vendor.app(voice, CORP) == (200, None)
        place = f"{head}<MsgType>location</MsgType><MsgId>72</MsgId>"
        assert await vendor.app(place, CORP) == (200, None)
        await w.vendor.until(lambda: len(w.vendor.sent) >= 2)
        heard = voice.replace("<MsgId>71", "<Recognition>状态</Recognition><MsgId>73")
        assert await vendor.app(heard, CORP) == (200, None)
        await w.vendor.until(lambda: len(w.vendor.sent) >= 3)
        assert w.shown[2].startswith("听到：「状态」")
        assert len(w.ear.taken) == 1


async def test_dingtalk_tells_back_what_it_heard_and_asks_to_type_the_rest() -> None:
    async with dingtalk_world() as w:
        await w.running()
        w.ear.answer_with = lambda heard: Answer((Post("#12 归你"),))
        await w.fake.say(msgtype="audio", content={"downloadCode": "a", "recognition": "认领 #12", "duration": 1}, private=True)
        await w.fake.until(lambda: w.fake.said)
        assert w.fake.said[0].text == "听到：「认领 #12」\n#12 归你"
        await w.fake.say(msgtype="audio", content={"downloadCode": "a", "duration": 1}, private=True)
        await w.fake.until(lambda: len(w.fake.said) >= 2)
        assert "文字" in w.fake.said[1].text
        foreign = {"senderCorpId": "dingOther", "senderStaffId": ""}
        await w.fake.say(msgtype="audio", content={"downloadCode": "a", "recognition": "状态"}, private=True, **foreign)
        w.ear.answer_with = lambda heard: Answer()
        await w.fake.say(msgtype="audio", content={"downloadCode": "a", "recognition": "嗯"}, private=True)
        await w.fake.until(lambda: any(TYPE in s.text for s in w.fake.said))


async def test_files_that_an_answer_by_call_back_cannot_hold_come_by_the_app() -> None:
    async with callbacks(app=True) as (w, vendor):
        w.ear.answers["简报"] = Answer((Post("今日简报", files=(document(), picture())),))
        _, answer = await vendor.bot(said("@望楼 简报"))
        assert answer["stream"]["content"] == "今日简报\n附件由自建应用私信发给你：声明 v1.docx"
        assert len(answer["stream"]["msg_item"]) == 1
        await w.vendor.until(lambda: w.vendor.sent)
        (sent,) = w.vendor.sent
        assert (sent.way, sent.body["touser"], sent.body["msgtype"]) == ("app", "lilei", "file")


async def test_a_file_that_could_not_be_carried_is_named() -> None:
    async with callbacks(app=True) as (w, vendor):
        w.ear.answers["简报"] = Answer((Post("今日简报", files=(document(),)),))
        w.vendor.trouble("upload", "code", 44001, times=3)
        await vendor.bot(said("@望楼 简报"))
        await w.vendor.until(lambda: w.vendor.sent)
        assert "附件没有发出：声明 v1.docx" in w.shown[0]


@pytest.mark.parametrize("extra", [{}, {"from": {"userid": "wmExternal0123456789abcdef"}}])
async def test_without_an_app_the_file_is_named_and_who_is_outside_gets_nothing(extra: dict[str, object]) -> None:
    async with callbacks() as (w, vendor):
        w.ear.answers["简报"] = Answer((Post("今日简报", files=(document(),)),) if not extra else ())
        _, answer = await vendor.bot(said("简报", chat="", **extra))
        if extra:
            assert answer is None
            assert (await vendor.bot(said("", id="M3", chat="", msgtype="voice", voice={}, **extra)))[1] is None
            return
        assert "请在本地控制台取：声明 v1.docx" in answer["stream"]["content"]
