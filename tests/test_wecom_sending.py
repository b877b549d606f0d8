"""Group robot and app: what goes out, by which way, and what exactly became of it."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from fakes.wecom import FakeWeCom
from wecom_world import ALERT, BOSS, CARDS, NOW, PNG, ROOM, Borrowed, Memory, World, document, parcel, picture, world

from bot.errors import DeliveryError
from bot.model.card import File, Post
from bot.model.grade import Grade
from bot.model.message import Target
from bot.model.options import read_options
from bot.model.platform import Supplies
from bot.platforms.wecom import Options, build, heard
from bot.platforms.wecom.codes import CODES
from bot.platforms.wecom.webhook import robot_of


def room(w: World) -> Target:
    return replace(ROOM, chat="", webhook=w.vendor.webhook_url)


async def refused(work: Awaitable[Any]) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await work
    return caught.value


# -- the group robot ---------------------------------------------------------------------------------------------------------


async def test_a_card_goes_to_the_group_as_markdown_with_the_verbs_to_type_and_calls_its_people() -> None:
    async with world(bot=False) as w:
        assert list(w.platform.ways(room(w))) == ["webhook"]
        receipt = await w.platform.send(parcel(Post.of(ALERT), target=room(w), pings=(("张敏", "zhangmin"),)), "webhook")
        assert receipt.way == "webhook"
        body = w.vendor.sent[0].body
        assert body["msgtype"] == "markdown"
        assert body["markdown"]["content"].startswith('<font color="warning">**🟠 橙（建议）#16')
        assert "①认领 #16" in body["markdown"]["content"]
        assert body["markdown"]["content"].endswith("<@zhangmin>")


async def test_short_words_ping_through_the_list_and_long_ones_are_divided() -> None:
    async with world(bot=False) as w:
        pings = (("张敏", "zhangmin"),)
        await w.platform.send(parcel(Post("#16 归 李雷"), target=room(w), pings=pings), "webhook")
        await w.platform.send(parcel(Post("一行十个汉字来凑长度\n" * 200), id=2, target=room(w), pings=pings), "webhook")
        assert w.vendor.sent[0].body["text"] == {"content": "#16 归 李雷", "mentioned_list": ["zhangmin"]}
        assert [s.body["msgtype"] for s in w.vendor.sent[1:]] == ["markdown", "markdown"]
        assert "<@zhangmin>" in w.shown[1]
        assert "<@" not in w.shown[2]


async def test_nobody_is_called_by_words_that_strangers_wrote() -> None:
    async with world(bot=False) as w:
        await w.platform.send(parcel(Post("首帖「<@all> @所有人 <@zhangmin>」"), target=room(w)), "webhook")
        assert w.vendor.sent[0].body["text"] == {"content": "首帖「＜＠all＞ ＠所有人 ＜＠zhangmin＞」"}


async def test_pictures_go_as_pictures_and_documents_as_files() -> None:
    async with world(bot=False) as w:
        post = Post("简报", files=(picture(), document(), picture(2 * 1024 * 1024 + 1), picture(2 * 1024 * 1024)))
        await w.platform.send(parcel(post, target=room(w)), "webhook")
        assert [s.body["msgtype"] for s in w.vendor.sent] == ["text", "image", "file", "file", "image"]
        assert w.vendor.media[w.vendor.sent[2].body["file"]["media_id"]][0] == "声明 v1.docx"


async def test_a_robot_is_never_asked_for_more_than_eighteen_a_minute() -> None:
    now = [0.0]
    async with world(bot=False, clock=lambda: now[0]) as w:
        for i in range(18):
            await w.platform.send(parcel(Post(f"{i}"), id=i + 1, target=room(w)), "webhook")
        error = await refused(w.platform.send(parcel(Post("19"), target=room(w)), "webhook"))
        assert (error.outcome, error.after) == ("retry", 60.0)
        assert len(w.vendor.sent) == 18
        now[0] += 60.1
        await w.platform.send(parcel(Post("19"), target=room(w)), "webhook")
        assert w.shown[-1] == "19"


async def test_attempts_stored_before_a_restart_count() -> None:
    async with world(bot=False) as w:
        budget = w.platform.budget("webhook", room(w))
        assert budget == robot_of(w.vendor.webhook_url)
        assert w.vendor.webhook_key not in budget
        w.stored[budget] = 19
        assert (await refused(w.platform.send(parcel(Post("橙"), target=room(w)), "webhook"))).outcome == "retry"
        assert w.vendor.sent == []
        w.stored[budget] = 18
        await w.platform.send(parcel(Post("橙"), target=room(w)), "webhook")
        assert w.shown == ["橙"]


async def test_pings_and_messages_of_several_parts_count_after_a_restart_too() -> None:
    async with FakeWeCom() as vendor:
        at, room = [1000.0], replace(ROOM, webhook=vendor.webhook_url)
        async with world(bot=False, vendor=Borrowed(vendor), clock=lambda: at[0]) as w:
            for id in range(9):
                await w.platform.send(parcel(Post("字" * 700), id=id, target=room), "webhook")
                await w.platform.webhook.ping(vendor.webhook_url, "请看", ["zhangmin"])
            kept = w.state.values
        at[0] = 1055.0
        async with world(
            bot=False, vendor=Borrowed(vendor), clock=lambda: at[0] - 1000, now=lambda: NOW + timedelta(seconds=55)
        ) as w:
            w.state.values |= kept
            with pytest.raises(DeliveryError) as full:
                await w.platform.send(parcel(Post("再一句"), id=99, target=room), "webhook")
            assert full.value.outcome == "retry"
            assert 4 <= full.value.after <= 6
            at[0] += 6
            await w.platform.send(parcel(Post("再一句"), id=99, target=room), "webhook")
        assert len(vendor.sent) == 19
        assert vendor.refused == []


async def test_a_repaint_that_leaves_its_reader_out_is_no_repaint() -> None:
    async with world(bot=False, app=True, callback=True) as w:
        card = CARDS["signoff"]
        await w.platform.send(parcel(Post.of(card), target=BOSS), "app")
        w.vendor.visible.pop("chenzong")
        assert not await w.platform.repaint(parcel(Post.of(replace(card, revision=2)), target=BOSS))
        assert [s.way for s in w.vendor.sent] == ["app"]


async def test_a_robot_that_may_not_carry_a_file_says_where_it_is() -> None:
    async with world(bot=False) as w:
        room = replace(ROOM, webhook=w.vendor.webhook_url)
        await w.platform.send(parcel(Post("声明", files=(File("空.docx", "x/y", b""),)), target=room), "webhook")
        assert w.shown == ["声明\n附件发不出（空或超过20MB），请在本地控制台取：空.docx"]


async def test_a_robot_told_to_be_silent_is_silent_for_a_minute() -> None:
    now = [0.0]
    async with world(bot=False, clock=lambda: now[0]) as w:
        w.vendor.trouble("send", "code", 45009)
        first = await refused(w.platform.send(parcel(Post("橙"), target=room(w)), "webhook"))
        second = await refused(w.platform.send(parcel(Post("橙"), target=room(w)), "webhook"))
        assert (first.outcome, first.after, second.outcome, second.after) == ("retry", 60, "retry", 60)
        assert w.vendor.calls == ["send"]
        now[0] += 60.1
        await w.platform.send(parcel(Post("橙"), target=room(w)), "webhook")


async def test_a_robot_that_was_removed_is_said_and_left_in_peace_until_it_works_again() -> None:
    async with world(bot=False) as w:
        target = room(w)
        w.vendor.webhook_key = "another"
        error = await refused(w.platform.send(parcel(Post("橙"), target=target), "webhook"))
        assert (error.outcome, error.after) == ("retry", 600)
        assert "93000" in w.platform.problems()[0]
        w.vendor.webhook_key = "key-0001"
        await w.platform.send(parcel(Post("橙"), target=target), "webhook")
        assert list(w.platform.problems()) == []


async def test_a_rooms_robot_never_carries_another_rooms_words() -> None:
    async with world(bot=False, webhook="https://qyapi.example/send?key=k") as w:
        assert list(w.platform.ways(ROOM)) == []
        assert (await refused(w.platform.send(parcel(Post("橙")), "webhook"))).outcome == "permanent"
        assert list(w.platform.ways(room(w))) == ["webhook"]
        assert list(w.platform.ways(replace(BOSS, webhook=w.vendor.webhook_url))) == []


# -- what became of it -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("do", "code", "outcome", "shown"),
    [
        ("code", -1, "retry", 0),
        ("code", 45033, "retry", 0),
        ("code", 40058, "permanent", 0),
        ("code", 93000, "retry", 0),
        ("lose", 0, "unknown", 1),
        ("garbage", 0, "unknown", 1),
        ("status", 502, "unknown", 0),
        ("status", 503, "retry", 0),
        ("status", 429, "retry", 0),
        ("status", 302, "permanent", 0),
        ("status", 404, "permanent", 0),
    ],
)
async def test_an_http_send_ends_as_it_really_ended(do: str, code: int, outcome: str, shown: int) -> None:
    async with world(bot=False) as w:
        w.vendor.trouble("send", do, code)
        error = await refused(w.platform.send(parcel(Post("橙 #16"), target=room(w)), "webhook"))
        assert (error.outcome, len(w.vendor.sent)) == (outcome, shown)
        assert w.vendor.calls == ["send"]
        assert w.vendor.webhook_key not in str(error)


async def test_silence_after_the_words_went_out_is_unknown() -> None:
    async with world(bot=False) as w:
        w.platform.desk.http._timeout = aiohttp.ClientTimeout(total=0.2)
        gate = asyncio.Event()
        w.vendor.trouble("send", "mute", gate=gate)
        error = await refused(w.platform.send(parcel(Post("橙 #16"), target=room(w)), "webhook"))
        gate.set()
        assert (error.outcome, w.shown) == ("unknown", ["橙 #16"])


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/send?key=secret-key", "http://nowhere.invalid/send?key=secret-key"])
async def test_who_cannot_be_reached_surely_got_nothing(url: str) -> None:
    async with world(bot=False) as w:
        error = await refused(w.platform.send(parcel(Post("橙"), target=replace(ROOM, webhook=url)), "webhook"))
        assert error.outcome == "retry"
        assert "secret-key" not in str(error)


async def test_a_slow_vendor_leaves_the_loop_alive() -> None:
    async with world(bot=False) as w:
        gate = asyncio.Event()
        w.vendor.trouble("send", "slow", gate=gate)
        sending = asyncio.create_task(w.platform.send(parcel(Post("橙"), target=room(w)), "webhook"))
        await w.vendor.until(lambda: w.vendor.calls)
        worst, last = 0.0, time.monotonic()
        for _ in range(3000):
            await asyncio.sleep(0)
            worst, last = max(worst, time.monotonic() - last), time.monotonic()
        assert not sending.done()
        assert worst < 0.2
        gate.set()
        assert (await sending).way == "webhook"


# -- the app -----------------------------------------------------------------------------------------------------------------


async def test_a_leader_gets_a_card_with_buttons_and_its_later_face_repaints_it() -> None:
    async with world(bot=False, app=True, callback=True) as w:
        assert list(w.platform.ways(BOSS)) == ["app"]
        card = CARDS["signoff"]
        receipt = await w.platform.send(parcel(Post.of(card), target=BOSS), "app")
        assert receipt.message_id.startswith("msg")
        drawn = w.vendor.sent[0].body
        assert (drawn["touser"], drawn["agentid"]) == ("chenzong", w.vendor.agent_id)
        assert heard.parcel_of(drawn["template_card"]["task_id"]) == 901
        await w.platform.send(parcel(Post.of(replace(card, title="D1 v3 已签", revision=2)), id=902, target=BOSS), "app")
        assert [s.way for s in w.vendor.sent] == ["app", "app_update"]
        await w.platform.send(parcel(Post.of(replace(card, revision=3)), id=903, target=BOSS), "app")
        assert w.vendor.sent[2].way == "app"


async def test_what_one_card_cannot_hold_is_read_in_private_before_it_is_answered() -> None:
    long = replace(CARDS["sitrep"], lines=(*CARDS["sitrep"].lines, "已做：" + "核实人员患病、" * 20))
    async with world(bot=False, app=True, callback=True) as w:
        await w.platform.send(parcel(Post.of(long), target=BOSS), "app")
        assert [s.body["msgtype"] for s in w.vendor.sent] == ["text", "template_card"]
        assert "时限：首次发声 14:47 前" in w.shown[0]


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        ({"bot": False, "app": True}, "这里听不到回话，到本地控制台发：①认领 #16"),
        ({"app": True}, "到群里回复 ＠望楼 加：①认领 #16"),
        ({"bot": False, "app": True, "callback": True, "app_face": "text"}, "\n回复：①认领 #16"),
    ],
)
async def test_whoever_cannot_answer_here_learns_where(kinds: dict[str, Any], says: str) -> None:
    async with world(**kinds) as w:
        await w.platform.send(parcel(Post.of(ALERT), target=BOSS), "app")
        assert says in w.shown[0]
        room = replace(ROOM, webhook=w.vendor.webhook_url)
        await w.platform.send(parcel(Post.of(ALERT), id=902, target=room), "webhook")
        deaf = kinds.get("bot") is False and "callback" not in kinds
        assert ("到本地控制台发" if deaf else "回复 ＠望楼 加") in w.shown[1]


@pytest.mark.parametrize(
    ("more", "kind"), [({"callback": True, "app_face": "text"}, "text"), ({}, "text"), ({"callback": True}, "template_card")]
)
async def test_buttons_only_where_a_press_can_reach_us_and_the_reader_can_see_them(more: dict[str, Any], kind: str) -> None:
    async with world(bot=False, app=True, **more) as w:
        await w.platform.send(parcel(Post.of(ALERT), target=BOSS), "app")
        assert w.vendor.sent[0].body["msgtype"] == kind
        assert "认领" in w.shown[0]


async def test_a_brief_with_a_link_is_a_text_card_and_its_files_follow() -> None:
    async with world(bot=False, app=True) as w:
        await w.platform.send(parcel(Post.of(CARDS["brief"], files=(document(), picture())), target=BOSS), "app")
        assert [s.body["msgtype"] for s in w.vendor.sent] == ["textcard", "file", "image"]
        assert w.vendor.media[w.vendor.sent[2].body["image"]["media_id"]][1] == PNG


async def test_the_token_is_fetched_once_for_many() -> None:
    async with world(bot=False, app=True) as w:
        sends = [w.platform.send(parcel(Post(f"{i}"), id=i + 1, target=BOSS), "app") for i in range(8)]
        await asyncio.gather(*sends)
        assert len(w.vendor.tokens) == 1
        assert sorted(w.shown) == [str(i) for i in range(8)]


async def test_a_token_is_renewed_five_minutes_early() -> None:
    now = [0.0]
    async with world(bot=False, app=True, clock=lambda: now[0]) as w:
        for seconds, tokens in ((0.0, 1), (6899.0, 1), (2.0, 2)):
            now[0] += seconds
            await w.platform.send(parcel(Post("简报"), target=BOSS), "app")
            assert len(w.vendor.tokens) == tokens


async def test_a_token_that_dies_mid_send_is_renewed_once_and_the_words_arrive_once() -> None:
    async with world(bot=False, app=True) as w:
        await w.platform.send(parcel(Post("一"), target=BOSS), "app")
        w.vendor.revoke()
        await w.platform.send(parcel(Post("二"), target=BOSS), "app")
        assert w.shown == ["一", "二"]
        assert w.vendor.calls == ["gettoken", "send", "send", "gettoken", "send"]


async def test_a_token_that_is_always_stale_is_renewed_once_and_no_more() -> None:
    async with world(bot=False, app=True) as w:
        w.vendor.trouble("send", "code", 42001, times=5)
        error = await refused(w.platform.send(parcel(Post("一"), target=BOSS), "app"))
        assert error.outcome == "retry"
        assert w.vendor.calls == ["gettoken", "send", "gettoken", "send"]


async def test_an_untrusted_address_is_explained_to_the_operator() -> None:
    async with world(bot=False, app=True) as w:
        w.vendor.trusted = False
        error = await refused(w.platform.send(parcel(Post("简报"), target=BOSS), "app"))
        assert error.outcome == "retry"
        assert "企业可信IP" in w.platform.problems()[0]
        w.vendor.trusted = True
        await w.platform.send(parcel(Post("简报"), target=BOSS), "app")
        assert list(w.platform.problems()) == []


async def test_success_with_the_only_reader_missing_is_no_success() -> None:
    async with world(bot=False, app=True) as w:
        error = await refused(w.platform.send(parcel(Post("简报"), target=replace(BOSS, chat="Nobody")), "app"))
        assert (error.outcome, error.after) == ("retry", 600)
        assert "81013" in str(error)
        w.vendor.visible["half"] = "半"
        error = await refused(w.platform.send(parcel(Post("简报"), target=replace(BOSS, chat="half|Nobody")), "app"))
        assert (error.outcome, error.after) == ("retry", 600)


async def test_a_card_that_is_refused_is_said_without_buttons() -> None:
    async with world(bot=False, app=True, callback=True) as w:
        w.vendor.has_callback = False
        await w.platform.send(parcel(Post.of(ALERT), target=BOSS), "app")
        assert w.vendor.sent[0].body["msgtype"] == "text"
        assert "①认领 #16" in w.shown[0]


async def test_an_upload_that_ended_unknown_is_safe_to_repeat() -> None:
    async with world(bot=False, app=True) as w:
        w.vendor.trouble("upload", "lose")
        error = await refused(w.platform.send(parcel(Post("简报", files=(picture(),)), target=BOSS), "app"))
        assert error.outcome == "retry"
        await w.platform.send(parcel(Post("简报", files=(picture(),)), target=BOSS), "app")
        assert [s.body["msgtype"] for s in w.vendor.sent] == ["text", "image"]


# -- ways, checks, secrets -----------------------------------------------------------------------------------------------------


async def test_the_ways_are_those_that_work_now_in_the_order_asked_for() -> None:
    async with world(app=True) as w:
        target = replace(ROOM, webhook=w.vendor.webhook_url)
        assert list(w.platform.ways(target)) == ["aibot", "webhook"]
        assert list(w.platform.ways(replace(target, ways=("webhook", "aibot")))) == ["webhook", "aibot"]
        assert list(w.platform.ways(BOSS)) == ["app", "aibot"]
        assert w.platform.budget("aibot", ROOM) == "wecom:aibot:wrRoom1"


async def test_a_check_says_what_is_wrong_and_where_to_mend_it() -> None:
    async with FakeWeCom() as fake:
        good, bad = replace(ROOM, webhook=fake.webhook_url), replace(ROOM, name="备用", webhook=fake.webhook_url + "x")
        async with world(app=True, start=False, vendor=Borrowed(fake), rooms=[good, bad]) as w:
            lines = await w.platform.check()
            assert [line.ok for line in lines] == [True, True, True, False]
            assert "群机器人（危机室）" in lines[2].what
            assert "93000" in lines[3].mend
            assert w.vendor.sent == []


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ({"secret": "wrong"}, "853000"),
        ({"bot_id": "wrong"}, "93019"),
        ({"corp_secret": "wrong"}, "40001"),
        ({"corp_id": "wrong"}, "40013"),
        ({"agent_id": 5}, "301002"),
    ],
)
async def test_each_wrong_credential_is_named_by_the_check(spoil: dict[str, Any], words: str) -> None:
    async with world(app=True, start=False, **spoil) as w:
        lines = [line for line in await w.platform.check() if not line.ok]
        assert len(lines) == 1
        assert words in lines[0].what + lines[0].mend
        assert "wrong" not in lines[0].what + lines[0].mend


async def test_a_platform_without_anything_says_so() -> None:
    async with world(bot=False) as w:
        assert [line.ok for line in await w.platform.check()] == [False]
        assert w.platform.routes() == []


async def test_no_secret_is_ever_logged_or_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    errors: list[str] = []
    async with world(app=True, callback=True) as w:
        target = room(w)
        for do, code in (("lose", 0), ("status", 404), ("garbage", 0), ("code", 93000), ("code", 40058)):
            w.vendor.trouble("send", do, code)
            errors.append(str(await refused(w.platform.send(parcel(Post("橙"), target=target), "webhook"))))
            w.vendor.trouble("send", do, code)
            errors.append(str(await refused(w.platform.send(parcel(Post("橙"), target=BOSS), "app"))))
        await w.vendor.drop()
        await w.vendor.until(lambda: w.vendor.subscriptions == 2)
        secrets = [w.vendor.secret, w.vendor.corp_secret, w.vendor.webhook_key, *w.vendor.tokens, w.platform.options.aes_key]
        everything = "\n".join([*errors, *w.platform.problems(), *(r.getMessage() + str(r.exc_text) for r in caplog.records)])
    assert errors
    assert [s for s in secrets if s in everything] == []


def test_the_options_are_those_of_the_contract() -> None:
    table = {
        "bot_id": "a", "secret": "b", "ws_url": "wss://x", "webhook": "https://x", "api_base": "https://x", "corp_id": "c",
        "agent_id": 1, "corp_secret": "d", "token": "e", "aes_key": "f" * 43,
    }  # fmt: skip
    assert read_options(Options, table, "platforms.wecom").agent_id == 1
    assert Options().ws_url == "wss://openws.work.weixin.qq.com"


async def test_the_house_builds_it_from_what_every_platform_is_given() -> None:
    async def none(robot: str) -> int:
        return 0

    house = SimpleNamespace(name="望楼", rooms=(), people=())
    async with aiohttp.ClientSession() as session:
        supplies = Supplies(house, session, time.monotonic, lambda: NOW, random.Random(1), Memory(), none, None, True, "")  # type: ignore[arg-type]
        built = build(Options(bot_id="a", secret="b"), supplies)
        assert (built.name, built.desk.bot_name, list(built.ways(ROOM))) == ("wecom", "望楼", [])


def test_every_code_says_what_to_do() -> None:
    assert all(code.meaning and code.mend and code.outcome in ("retry", "permanent") for code in CODES.values())
    assert all((code.after > 0) == (code.outcome == "retry") for code in CODES.values())


@pytest.mark.parametrize(("from_grade", "pinged"), [("blue", 1), ("orange", 1), ("red", 0)])
async def test_from_which_grade_people_are_pinged_is_configured(from_grade: str, pinged: int) -> None:
    async with world(ping_from=from_grade) as w:
        await w.vendor.say("@望楼 在")
        await w.vendor.until(lambda: w.vendor.sent)
        target = replace(ROOM, webhook=w.vendor.webhook_url)
        await w.platform.send(parcel(Post.of(ALERT), target=target, grade=Grade.ORANGE, pings=(("张敏", "zhangmin"),)), "aibot")
        assert len([s for s in w.vendor.sent if s.way == "webhook"]) == pinged


async def test_a_member_without_a_licence_is_reached_by_another_way() -> None:
    async with world(bot=False, app=True) as w:
        w.vendor.unlicensed.add("chenzong")
        error = await refused(w.platform.send(parcel(Post("简报"), target=BOSS), "app"))
        assert (error.outcome, error.after) == ("retry", 600)
        assert "接口许可" in str(error)
        assert w.vendor.sent == []
