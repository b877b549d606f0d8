"""Call-backs over HTTP: the AI bot's and the app's. What is not right is refused alike, what is right is stored before it is acknowledged."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from wecom_world import AES_KEY, ALERT, CARDS, NOW, PNG, TOKEN, World, callbacks, document, eventually, parcel, picture, world
from yarl import URL

from bot.errors import ConfigError, DeliveryError
from bot.model.card import Post
from bot.model.message import Answer, Message, Press, Target

CORP = "ww0123456789abcdef"
CLAIMED = replace(ALERT, lines=("李雷 10:49 认领（2分）",), must=(), buttons=ALERT.buttons[:1], revision=2)


def said(text: str, *, id: str = "M1", by: str = "lilei", chat: str = "wrRoom1", **extra: Any) -> dict[str, Any]:
    group = {"chatid": chat, "chattype": "group"} if chat else {"chattype": "single"}
    return {
        "msgid": id,
        "aibotid": "AIB1",
        "from": {"userid": by},
        **group,
        "msgtype": "text",
        "text": {"content": text},
    } | extra


def pressed(task: str, key: str, *, id: str = "E1", url: str = "") -> dict[str, Any]:
    event = {"eventtype": "template_card_event", "template_card_event": {"event_key": key, "task_id": task}}
    body = {
        "msgid": id,
        "create_time": int(NOW.timestamp()),
        "from": {"userid": "lilei"},
        "chatid": "wrRoom1",
        "chattype": "group",
    }
    return body | {"msgtype": "event", "event": event, "response_url": url}


def member(text: str = "状态", *, id: str = "7000000001", by: str = "LiLei", agent: int = 1000002) -> str:
    return (
        f"<ToUserName>{CORP}</ToUserName><FromUserName><![CDATA[{by}]]></FromUserName><CreateTime>{int(NOW.timestamp())}</CreateTime>"
        f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{id}</MsgId><AgentID>{agent}</AgentID>"
    )


def member_press(task: str, key: str, code: str, picked: str = "") -> str:
    items = (
        f"<SelectedItems><SelectedItem><QuestionKey>choice</QuestionKey><OptionIds><OptionId>{picked}</OptionId></OptionIds>"
        "</SelectedItem></SelectedItems>"
    )
    return (
        f"<FromUserName>chenzong</FromUserName><CreateTime>{int(NOW.timestamp())}</CreateTime><MsgType>event</MsgType>"
        f"<Event>template_card_event</Event><EventKey>{key}</EventKey><TaskId>{task}</TaskId><ResponseCode>{code}</ResponseCode>"
        f"<AgentID>1000002</AgentID>{items if picked else ''}"
    )


# -- the door ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "receiveid"), [("/callback/wecom", ""), ("/callback/wecom-app", CORP)])
async def test_the_vendors_check_of_the_address_gets_the_clear_text_and_nothing_else(path: str, receiveid: str) -> None:
    async with callbacks(app=True) as (_, vendor):
        for text in ("1616140317555161061", "a" * 500):
            encrypt = vendor.sealed(text, receiveid)
            async with vendor.session.get(
                f"{vendor.base}{path}", params={**vendor.query(encrypt), "echostr": encrypt}
            ) as response:
                assert (response.status, await response.read()) == (200, text.encode())


async def test_a_plus_in_the_check_survives_even_unescaped() -> None:
    async with callbacks() as (_, vendor):
        encrypt = next(e for i in range(99) if "+" in (e := vendor.sealed(f"text {i}", "")))
        query = "&".join(f"{k}={v}" for k, v in {**vendor.query(encrypt), "echostr": encrypt}.items())
        async with vendor.session.get(URL(f"{vendor.base}/callback/wecom?{query}", encoded=True)) as response:
            assert response.status == 200


async def test_every_fault_gets_the_same_answer_and_nothing_is_heard() -> None:
    async with callbacks(app=True) as (w, vendor):
        good = json.dumps(said("状态"))
        sealed = vendor.sealed(good, "")
        old, new = (str(int((NOW + timedelta(seconds=s)).timestamp())) for s in (-601, 601))
        bad: list[tuple[str | bytes, dict[str, str]]] = [
            (json.dumps({"encrypt": sealed}), vendor.query(sealed) | {"msg_signature": "0" * 40}),
            (json.dumps({"encrypt": sealed}), {}),
            (json.dumps({"encrypt": sealed}), vendor.query(sealed, stamp=old)),
            (json.dumps({"encrypt": sealed}), vendor.query(sealed, stamp=new)),
            ("not json", vendor.query(sealed)),
            (b"\xff\xfe", vendor.query(sealed)),
            ("[]", vendor.query(sealed)),
            ('{"encrypt": 5}', vendor.query(sealed)),
            (b"x" * (256 * 1024 + 1), vendor.query(sealed)),
        ]
        clear = [("no json", ""), ("[]", ""), ('{"msgtype":"text"}', ""), (good, CORP), (good, "ww0000000000000000")]
        others = [vendor.sealed(text, receiveid) for text, receiveid in clear]
        bad += [(json.dumps({"encrypt": other}), vendor.query(other)) for other in others]
        answers = {await vendor.post("/callback/wecom", body, query) for body, query in bad}
        answers |= {await vendor.post("/callback/wecom-app", body, query) for body, query in bad}
        assert answers == {(403, None)}
        assert w.ear.taken == []


async def test_an_xml_bomb_is_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Encrypt>&a;</Encrypt></xml>'
    async with callbacks(app=True) as (w, vendor):
        assert await vendor.post("/callback/wecom-app", bomb, vendor.query("aaaa")) == (403, None)
        encrypt = vendor.sealed(bomb, CORP)
        assert await vendor.post("/callback/wecom-app", f"<xml><Encrypt>{encrypt}</Encrypt></xml>", vendor.query(encrypt)) == (
            403,
            None,
        )
        assert w.ear.taken == []


async def test_a_replayed_call_back_is_acknowledged_and_does_nothing() -> None:
    async with callbacks() as (w, vendor):
        encrypt = vendor.sealed(json.dumps(said("状态")), "")
        query = vendor.query(encrypt)
        first = await vendor.post("/callback/wecom", json.dumps({"encrypt": encrypt}), query)
        again = await vendor.post("/callback/wecom", json.dumps({"encrypt": encrypt}), query)
        assert first[1]["stream"]["content"] == "收到：状态"
        assert again == (200, None)
        assert len(w.ear.taken) == 1


async def test_what_could_not_be_stored_is_not_acknowledged_and_may_come_again() -> None:
    async with callbacks(app=True) as (w, vendor):
        w.ear.broken = True
        assert (await vendor.bot(said("状态")))[0] == 503
        assert (await vendor.app(member(), CORP))[0] == 503
        assert (await vendor.bot(pressed("inc-16-901-1", "claim")))[0] == 503
        w.ear.broken = False
        assert (await vendor.bot(said("状态")))[1]["stream"]["content"] == "收到：状态"
        assert await vendor.app(member(), CORP) == (200, None)
        assert len(w.ear.taken) == 2


async def test_two_secrets_are_valid_while_one_is_being_changed() -> None:
    newer = "A" * 43
    async with callbacks(aes_key=newer, token="new-token", old_token=TOKEN, old_aes_key=AES_KEY) as (_, vendor):
        assert (await vendor.bot(said("旧", id="a")))[1]["stream"]["content"] == "收到：旧"
        vendor.token, vendor.key = "new-token", newer
        assert (await vendor.bot(said("新", id="b")))[1]["stream"]["content"] == "收到：新"


async def test_half_a_call_back_configuration_is_an_error_that_names_its_key() -> None:
    with pytest.raises(ConfigError, match=r"platforms\.wecom\.token"):
        async with world(bot=False, token="only"):
            pass
    with pytest.raises(ConfigError, match=r"platforms\.wecom\.aes_key"):
        async with world(bot=False, token="t", aes_key="too-short"):
            pass


# -- the AI bot --------------------------------------------------------------------------------------------------------------


async def test_a_quick_answer_goes_back_with_the_call_back() -> None:
    async with callbacks() as (w, vendor):
        w.ear.answers |= {"看 16": Answer((Post.of(ALERT),)), "全": Answer((Post("一"), Post.of(CARDS["ask"]))), "嗯": Answer()}
        card = (await vendor.bot(said("@望楼 看 16", id="a")))[1]
        both = (await vendor.bot(said("@望楼 全", id="b")))[1]
        assert (card["msgtype"], card["template_card"]["button_list"][0]["key"]) == ("template_card", "claim")
        assert (both["msgtype"], both["stream"]["content"], both["stream"]["finish"]) == (
            "stream_with_template_card",
            "一",
            True,
        )
        assert await vendor.bot(said("@望楼 嗯", id="c")) == (200, None)
        w.ear.answers["速报"] = Answer((Post.of(CARDS["sitrep"]),))
        long = (await vendor.bot(said("@望楼 速报", id="d")))[1]
        assert long["msgtype"] == "stream_with_template_card"
        assert "时限：首次发声 14:47 前" in long["stream"]["content"]
        assert "详情见上一条" in long["template_card"]["sub_title_text"]


async def test_a_slow_answer_is_fetched_by_refreshing() -> None:
    async with callbacks() as (w, vendor):
        bot_of(w).quick = 0.01
        w.ear.gate = asyncio.Event()
        first = (await vendor.bot(said("@望楼 起草首发")))[1]["stream"]
        refresh = {
            "msgid": "R1",
            "aibotid": "AIB1",
            "from": {"userid": "lilei"},
            "msgtype": "stream",
            "stream": {"id": first["id"]},
        }
        second = (await vendor.bot(refresh))[1]["stream"]
        assert (first["finish"], second["finish"]) == (False, False)
        w.ear.gate.set()
        await eventually(lambda: w.ear.answered)
        last = (await vendor.bot(refresh | {"msgid": "R2"}))[1]["stream"]
        assert (last["finish"], last["content"]) == (True, "收到：起草首发")
        assert (await vendor.bot(refresh | {"msgid": "R3"}))[1]["stream"] == last
        assert (await vendor.bot(said("@望楼 起草首发")))[1]["stream"] == last
        assert len(w.ear.taken) == 1


async def test_the_latest_answer_goes_by_the_response_url() -> None:
    now = [0.0]
    async with callbacks(clock=lambda: now[0]) as (w, vendor):
        bot_of(w).quick = 0.01
        w.ear.gate = asyncio.Event()
        first = (await vendor.bot(said("@望楼 起草", response_url=w.vendor.response_url())))[1]["stream"]
        now[0] += 331
        ended = (await vendor.bot({"msgid": "R1", "msgtype": "stream", "stream": {"id": first["id"]}}))[1]["stream"]
        assert (ended["finish"], ended["content"]) == (True, "还在处理，好了就发在这里。")
        w.ear.gate.set()
        await w.vendor.until(lambda: w.vendor.sent)
        assert (w.vendor.sent[0].way, w.shown[0]) == ("response_url", "收到：起草")


async def test_a_stream_unknown_since_a_restart_is_ended() -> None:
    async with callbacks() as (_, vendor):
        stream = (await vendor.bot({"msgid": "R1", "msgtype": "stream", "stream": {"id": "s-old"}}))[1]["stream"]
        assert stream["finish"] is True


async def test_pictures_stand_in_the_last_frame_and_documents_are_named() -> None:
    async with callbacks() as (w, vendor):
        w.ear.answers["简报"] = Answer((Post("简报", files=(picture(), document())),))
        stream = (await vendor.bot(said("@望楼 简报")))[1]["stream"]
        assert len(stream["msg_item"]) == 1
        assert "声明 v1.docx" in stream["content"]


async def test_a_picture_that_came_is_opened_with_the_call_backs_key() -> None:
    async with callbacks() as (w, vendor):
        url = w.vendor.encrypted(PNG, AES_KEY)
        await vendor.bot(said("", chat="", msgtype="image", image={"url": url}))
        message = w.ear.answered[0]
        assert isinstance(message, Message)
        assert message.files[0].data == PNG


async def test_a_press_is_answered_with_the_new_face_of_the_card() -> None:
    async with callbacks() as (w, vendor):
        w.ear.answers["claim"] = Answer((Post("#16 归 李雷"),), Post.of(CLAIMED))
        url = w.vendor.response_url()
        answer = (await vendor.bot(pressed("inc-16-901-1", "claim", url=url)))[1]
        assert (answer["response_type"], answer["template_card"]["task_id"]) == ("update_template_card", "inc-16-901-1")
        await w.vendor.until(lambda: w.vendor.sent)
        assert w.shown == ["#16 归 李雷"]
        press = w.ear.taken[0]
        assert isinstance(press, Press)
        assert press.parcel == 901


async def test_a_press_answered_too_late_is_acknowledged_and_said_anew() -> None:
    async with callbacks() as (w, vendor):
        bot_of(w).window = 0.01
        w.ear.gate = asyncio.Event()
        w.ear.answers["claim"] = Answer((Post("#16 归 李雷"),), Post.of(CLAIMED))
        assert await vendor.bot(pressed("inc-16-901-1", "claim", url=w.vendor.response_url())) == (200, None)
        w.ear.gate.set()
        await w.vendor.until(lambda: w.vendor.sent)
        assert "（见新卡）" in w.shown[0]
        assert "#16 归 李雷" in w.shown[0]


async def test_welcome_feedback_and_unknown_events() -> None:
    async with callbacks() as (w, vendor):
        event = {"msgid": "E1", "from": {"userid": "lilei"}, "msgtype": "event"}
        welcome = (await vendor.bot(event | {"event": {"eventtype": "enter_chat"}}))[1]
        assert welcome["msgtype"] == "text"
        for kind in ("feedback_event", "something_new"):
            assert await vendor.bot(event | {"msgid": kind, "event": {"eventtype": kind}}) == (200, None)
        assert w.ear.taken == []


def bot_of(w: World) -> Any:
    """The HTTP bot behind its door."""
    return w.platform._doors["/callback/wecom"]._handle.__self__  # type: ignore[attr-defined]


# -- the app -----------------------------------------------------------------------------------------------------------------


async def test_a_members_words_are_acknowledged_at_once_and_answered_by_a_message() -> None:
    async with callbacks(app=True) as (w, vendor):
        w.ear.gate = asyncio.Event()
        assert await vendor.app(member(), CORP) == (200, None)
        assert [m.id for m in w.ear.taken] == ["app-7000000001"]
        for _ in range(3):
            assert await vendor.app(member(), CORP) == (200, None)
        w.ear.gate.set()
        await w.vendor.until(lambda: w.vendor.sent)
        assert (len(w.ear.taken), w.shown) == (1, ["收到：状态"])
        assert w.vendor.sent[0].body["touser"] == "LiLei"


async def test_a_members_name_is_looked_up_beside_and_known_the_next_time() -> None:
    async with callbacks(app=True) as (w, vendor):
        await vendor.app(member(id="1"), CORP)
        await w.vendor.until(lambda: "get" in w.vendor.calls)
        await eventually(lambda: w.platform.app and w.platform.app._names)
        await vendor.app(member(id="2"), CORP)
        assert [m.sender_name for m in w.ear.taken if isinstance(m, Message)] == ["", "李雷"]
        assert await w.platform.name_of("LILEI") == "李雷"
        assert await w.platform.name_of("nobody") == ""
        assert w.vendor.calls.count("get") == 2


async def test_a_members_press_repaints_his_card_by_its_code() -> None:
    async with callbacks(app=True) as (w, vendor):
        w.ear.answers["approve"] = Answer((Post("D1 已签"),), Post.of(CLAIMED))
        code = w.vendor.new_code()
        assert await vendor.app(member_press("inc-12-77-9", "approve", code), CORP) == (200, None)
        await w.vendor.until(lambda: len(w.vendor.sent) >= 2)
        assert [s.way for s in w.vendor.sent] == ["app_update", "app"]
        press = w.ear.taken[0]
        assert isinstance(press, Press)
        assert (press.parcel, press.key, press.sender, press.room) == (77, "approve", "chenzong", "")


async def test_a_card_whose_code_is_spent_is_left_to_the_house() -> None:
    async with callbacks(app=True) as (w, vendor):
        w.ear.answers["mute"] = Answer((), Post.of(CLAIMED))
        await vendor.app(member_press("inc-12-77-9", "_pick", "spent", "mute:30分钟"), CORP)
        await eventually(lambda: w.ear.paints == [None])
        press = w.ear.taken[0]
        assert isinstance(press, Press)
        assert (press.key, press.choice) == ("mute", "30分钟")
        assert w.shown == []


async def test_each_code_changes_a_card_once_and_for_72_hours() -> None:
    """The code of the send and that of the press are two rights; a change without either is refused by us, not by the vendor."""
    begun, passed = time.monotonic(), [0.0]
    async with callbacks(app=True, clock=lambda: begun + passed[0]) as (w, vendor):
        member = Target("wecom", "chenzong", "陈总", private=True)
        await w.platform.send(parcel(Post.of(ALERT), id=77, target=member), "app")
        task = w.vendor.sent[0].body["template_card"]["task_id"]
        w.ear.answers["claim"] = Answer((), Post.of(CLAIMED))
        assert await vendor.app(member_press(task, "claim", w.vendor.new_code()), CORP) == (200, None)
        await eventually(lambda: len(w.ear.paints) >= 1 and w.ear.paints[0] is not None)
        later = parcel(Post.of(replace(CLAIMED, revision=3)), id=77, target=member)
        assert await w.platform.repaint(later)
        assert [s.way for s in w.vendor.sent] == ["app", "app_update", "app_update"]
        assert not await w.platform.repaint(later)
        assert w.vendor.refused == []

        await w.platform.send(parcel(Post.of(replace(ALERT, revision=1)), id=78, target=member), "app")
        passed[0] += 72 * 3600.0 + 1
        assert not await w.platform.repaint(replace(later, id=78))
        assert w.vendor.refused == []


async def test_a_change_of_unknown_end_is_asked_once_more_and_believed_when_its_code_is_used_up() -> None:
    async with callbacks(app=True) as (w, _):
        member = Target("wecom", "chenzong", "陈总", private=True)
        await w.platform.send(parcel(Post.of(ALERT), id=77, target=member), "app")
        shown = parcel(Post.of(replace(CLAIMED, revision=2)), id=77, target=member)
        w.vendor.trouble("update_template_card", "lose")
        with pytest.raises(DeliveryError) as lost:
            await w.platform.repaint(shown)
        assert lost.value.outcome == "unknown"
        assert await w.platform.repaint(shown)
        assert [s.way for s in w.vendor.sent] == ["app", "app_update"]
        assert w.vendor.refused[-1][:2] == ("update_template_card", 42022)


async def test_what_belongs_to_another_app_or_is_no_message_is_only_acknowledged() -> None:
    async with callbacks(app=True) as (w, vendor):
        assert await vendor.app(member(agent=5), CORP) == (200, None)
        enter = "<FromUserName>lilei</FromUserName><CreateTime>1</CreateTime><MsgType>event</MsgType><Event>enter_agent</Event>"
        assert await vendor.app(enter, CORP) == (200, None)
        where = "<FromUserName>lilei</FromUserName><MsgId>9</MsgId><MsgType>location</MsgType>"
        assert await vendor.app(where, CORP) == (200, None)
        assert w.ear.taken == []


async def test_a_members_picture_is_fetched() -> None:
    async with callbacks(app=True) as (w, vendor):
        w.vendor.media["MID0"] = ("x", PNG)
        fields = "<FromUserName>lilei</FromUserName><CreateTime>1</CreateTime><MsgType>image</MsgType><MsgId>9</MsgId>"
        for id, media in (("9", "MID0"), ("10", "gone")):
            await vendor.app(fields.replace("<MsgId>9", f"<MsgId>{id}") + f"<MediaId>{media}</MediaId>", CORP)
            await w.vendor.until(lambda n=int(id) - 8: len(w.vendor.sent) == n)
        assert [len(m.files) for m in w.ear.answered if isinstance(m, Message)] == [1, 0]
