"""Speaking: by card, robot and webhook; what each costs, and what a failure means."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from dingtalk_world import ALERT, CARDS, World, world
from fakes.dingtalk import GROUP, HOOK_SECRET, OTHER_GROUP

from bot.errors import DeliveryError
from bot.model.card import File, Post
from bot.model.grade import Grade
from bot.model.message import Parcel, Target
from bot.platforms.dingtalk import Platform
from bot.platforms.dingtalk.webhook import card_sign, sign

SEND, PERSON = "/v1.0/robot/groupMessages/send", "/v1.0/robot/oToMessages/batchSend"
CREATE, CARD = "/v1.0/card/instances/createAndDeliver", "/v1.0/card/instances"
TOKEN = "/v1.0/oauth2/accessToken"
PNG = File("trend.png", "image/png", b"\x89PNG fake")
DOCX = File("简报.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK fake")


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world() as made:
        yield made


@pytest.mark.parametrize(
    ("secret", "stamp", "expected"),
    [
        ("this is a secret", "1577262236757", "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="),
        ("this is secret", "1577262236757", "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="),
    ],
)
def test_the_robot_signature_equals_the_published_one(secret: str, stamp: str, expected: str) -> None:
    assert sign(secret, stamp) == expected


def test_the_card_signature_equals_the_published_one() -> None:
    assert card_sign("testappSecret", "1546084445901") == "HCbG3xNE3vzhO+u7qCUL1jS5hsu2n5r2cFhnTrtyDAE="


# card ----------------------------------------------------------------------------------------------------------------


async def test_an_alert_hangs_in_the_room_as_a_card_that_can_be_pressed(w: World) -> None:
    platform = await w.ready()
    receipt = await platform.send(w.parcel(Post.of(ALERT, "张敏")), "card")
    card = w.fake.cards[receipt.message_id]
    assert receipt.way == "card"
    assert (card.to, card.values["b1_key"], card.values["incident"]) == (GROUP, "claim", "12")
    assert card.body["callbackType"] == "HTTP"
    assert card.body["imGroupOpenDeliverModel"]["atUserIds"] == {"user01": "张敏"}
    assert card.private == {"user01": {"mine": "需要你处理"}}
    assert w.fake.said[-1].title == "🟠 橙（建议）#12 奶粉批次反映皮疹"


async def test_a_leader_gets_the_card_privately(w: World) -> None:
    platform = await w.ready()
    receipt = await platform.send(w.parcel(CARDS["brief"], to="ceo01"), "card")
    assert w.fake.cards[receipt.message_id].to == "ceo01"


async def test_the_same_card_painted_anew_is_updated_and_not_sent_again(w: World) -> None:
    platform = await w.ready()
    first = await platform.send(w.parcel(ALERT, 7), "card")
    again = await platform.send(w.parcel(replace(ALERT, must=("李雷 10:49 认领（2分）",), buttons=(), revision=2), 8), "card")
    card = w.fake.cards[first.message_id]
    assert again.message_id == first.message_id
    assert (card.updates, card.values["must"], card.values["b1_text"]) == (1, "李雷 10:49 认领（2分）", "")
    assert card.values["title"]
    assert len(w.fake.said) == 1


async def test_an_older_face_never_covers_a_newer_one(w: World) -> None:
    platform = await w.ready()
    first = await platform.send(w.parcel(ALERT, 7), "card")
    await platform.send(w.parcel(replace(ALERT, title="🟠 橙 #12 三", revision=3), 9), "card")
    await platform.send(w.parcel(replace(ALERT, title="🟠 橙 #12 二", revision=2), 8), "card")
    assert w.fake.cards[first.message_id].values["title"] == "🟠 橙 #12 三"


async def test_a_higher_grade_rings_with_a_card_of_its_own(w: World) -> None:
    platform = await w.ready()
    await platform.send(w.parcel(ALERT, 7), "card")
    await platform.send(w.parcel(replace(ALERT, title="🔴 红 #12", grade=Grade.RED, revision=2), 8), "card")
    assert len(w.fake.cards) == 2


async def test_the_same_card_in_two_rooms_is_two_cards(w: World) -> None:
    platform = await w.ready()
    await platform.send(w.parcel(ALERT, 7), "card")
    parcel = w.parcel(replace(ALERT, revision=2), 8)
    await platform.send(replace(parcel, target=replace(parcel.target, chat=OTHER_GROUP)), "card")
    assert {card.to for card in w.fake.cards.values()} == {GROUP, OTHER_GROUP}


async def test_a_card_that_exists_already_was_delivered_by_the_lost_attempt(w: World) -> None:
    platform = await w.ready()
    w.fake.fault(CREATE, "lost")
    with pytest.raises(DeliveryError) as lost:
        await platform.send(w.parcel(ALERT), "card")
    assert lost.value.outcome == "unknown"
    await platform.send(w.parcel(ALERT), "card")
    assert len(w.fake.said) == 1


async def test_a_card_that_did_not_arrive_is_no_success_even_at_http_200(w: World) -> None:
    platform = await w.ready()
    parcel = w.parcel(ALERT, ways=("card",))
    parcel = replace(parcel, target=replace(parcel.target, chat="cidUnknown=="))
    for _ in range(2):  # the second time the vendor would say cardAlreadyExist
        with pytest.raises(DeliveryError) as failed:
            await platform.send(parcel, "card")
        assert failed.value.outcome == "permanent"


async def test_what_goes_out_before_we_hear_carries_the_mark_of_this_installation(w: World) -> None:
    platform = w.platform()
    out = (await platform.send(w.parcel(ALERT), "card")).message_id
    await platform.start(w.ear)
    assert out == "wl80000000-7"


async def test_two_installations_never_share_the_name_of_a_card(w: World) -> None:
    one = await w.ready()
    await one.send(w.parcel(ALERT), "card")
    w.state.rows.clear()
    other = w.platform(receive="http")
    other._rand = lambda: 0.25
    await other.start(w.ear)
    await other.send(w.parcel(ALERT), "card")
    assert len(w.fake.cards) == 2


async def test_an_unpublished_template_puts_the_card_last_and_says_where_to_mend_it(w: World) -> None:
    platform = await w.ready(card_template="other.schema")
    with pytest.raises(DeliveryError) as refused:
        await platform.send(w.parcel(ALERT), "card")
    assert refused.value.outcome == "retry"
    assert platform.ways(w.parcel(ALERT).target) == ("robot", "card")
    assert "卡片平台里模板的 ID" in platform.problems()[0]


async def test_a_text_longer_than_the_template_goes_as_markdown(w: World) -> None:
    platform = await w.ready()
    receipt = await platform.send(w.parcel(replace(ALERT, lines=("长" * 900, "文" * 900))), "card")
    assert receipt.way == "robot"
    assert "文" * 900 in w.fake.said[-1].text


# robot ---------------------------------------------------------------------------------------------------------------


async def test_without_a_template_an_alert_is_markdown_with_numbered_verbs(w: World) -> None:
    platform = await w.ready(card_template="")
    parcel = w.parcel(Post.of(ALERT, "张敏"))
    assert platform.ways(parcel.target) == ("robot",)
    receipt = await platform.send(parcel, "robot")
    assert receipt.message_id == "pq1"
    assert "1. 认领 #12" in w.fake.said[-1].text
    assert w.fake.said[-1].kind == "sampleMarkdown"


async def test_a_person_who_cannot_be_reached_is_a_permanent_failure_that_says_why(w: World) -> None:
    platform = await w.ready()
    with pytest.raises(DeliveryError, match="可使用范围") as refused:
        await platform.send(w.parcel(Post("请阅"), to="stranger9", ways=("robot",)), "robot")
    assert refused.value.outcome == "permanent"


async def test_picture_and_document_follow_the_words(w: World) -> None:
    platform = await w.ready()
    await platform.send(w.parcel(Post("#12 趋势", files=(PNG, DOCX))), "robot")
    assert [said.kind for said in w.fake.said] == ["sampleText", "sampleImageMsg", "sampleFile"]
    assert [media[0] for media in w.fake.media.values()] == ["image", "file"]
    assert w.fake.said[-1].param["fileName"] == "简报.docx"


async def test_a_file_that_dingtalk_does_not_take_goes_in_a_zip(w: World) -> None:
    platform = await w.ready()
    await platform.send(w.parcel(Post("", files=(File("log.csv", "text/csv", b"a,b\n"),))), "robot")
    ((_, name, data),) = w.fake.media.values()
    assert name == "log.csv.zip"
    assert zipfile.ZipFile(io.BytesIO(data)).read("log.csv") == b"a,b\n"
    assert len(w.fake.said) == 1


async def test_a_large_document_goes_up_whole(w: World) -> None:
    platform = await w.ready()
    await platform.send(w.parcel(Post("", files=(File("export.zip", "application/zip", b"x" * 3_000_000),))), "robot")
    assert [len(media[2]) for media in w.fake.media.values()] == [3_000_000]


async def test_a_document_above_twenty_megabytes_is_said_and_not_tried(w: World) -> None:
    platform = await w.ready()
    await platform.send(
        w.parcel(Post("导出", files=(File("e.zip", "application/zip", b"x" * (20 * 1024 * 1024 + 1)),))), "robot"
    )
    assert "超过 20 MB" in w.fake.said[-1].text
    assert w.fake.count("/media/upload") == 0


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((200, {"errcode": 90018, "errmsg": "too often"}), "retry"),
        ((200, {"errcode": 90020, "errmsg": "spent"}), "retry"),
        ((200, {"errcode": 0, "errmsg": "ok"}), "retry"),
        ((200, "<html>"), "retry"),
        ("cut", "retry"),
    ],
)
async def test_an_upload_that_failed_showed_nothing_and_is_tried_again(w: World, answer: object, outcome: str) -> None:
    platform = await w.ready()
    w.fake.fault("/media/upload", answer)
    with pytest.raises(DeliveryError) as failed:
        await platform.send(w.parcel(Post("", files=(PNG,))), "robot")
    assert failed.value.outcome == outcome
    assert w.fake.said == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"processQueryKey": "p", "flowControlledStaffIdList": ["ceo01"]}, "retry"),
        ({"processQueryKey": "p", "filteredStaffIdList": ["ceo01"]}, "permanent"),
        ({"invalidStaffIdList": []}, "unknown"),
    ],
)
async def test_http_200_is_no_delivery_of_a_private_message(w: World, answer: dict[str, object], outcome: str) -> None:
    platform = await w.ready()
    w.fake.fault(PERSON, (200, answer))
    with pytest.raises(DeliveryError) as failed:
        await platform.send(w.parcel(Post("请阅"), to="ceo01", ways=("robot",)), "robot")
    assert failed.value.outcome == outcome


async def test_a_ding_that_missed_somebody_names_him(w: World) -> None:
    platform = await w.ready(ding="app")
    w.fake.fault("/v1.0/robot/ding/send", (200, {"openDingId": "d", "failedList": {"reason": ["ceo01"]}}))
    await platform.send(w.parcel(CARDS["alert_red_confirmed"], to="ceo01"), "card")
    assert "ceo01 没有叫到" in " ".join(platform.problems())


async def test_the_same_picture_is_uploaded_once(w: World) -> None:
    platform = await w.ready()
    for id in (1, 2):
        await platform.send(w.parcel(Post("图", files=(PNG,)), id), "robot")
    assert w.fake.count("/media/upload") == 1


async def test_words_are_not_said_twice_because_a_file_failed(w: World) -> None:
    platform = await w.ready()
    w.fake.fault("/media/upload", (504, "<html>"))
    parcel = w.parcel(Post("#12 趋势", files=(PNG,)))
    with pytest.raises(DeliveryError) as failed:
        await platform.send(parcel, "robot")
    assert failed.value.outcome == "retry"
    await platform.send(parcel, "robot")
    assert [said.kind for said in w.fake.said] == ["sampleText", "sampleImageMsg"]


async def test_a_file_that_will_never_go_is_said_in_the_room(w: World) -> None:
    platform = await w.ready()
    w.fake.fault("/media/upload", (200, {"errcode": 40004, "errmsg": "不合法的媒体文件类型"}))
    await platform.send(w.parcel(Post("#12 趋势", files=(PNG,))), "robot")
    assert "附件 trend.png 没有发出" in w.fake.said[-1].text


# webhook -------------------------------------------------------------------------------------------------------------


async def test_the_rooms_own_robot_signs_and_mentions(w: World) -> None:
    platform = await w.ready()
    parcel = w.parcel(Post.of(ALERT, "张敏"), hook=True)
    assert platform.ways(parcel.target) == ("card", "robot", "webhook")
    assert (await platform.send(parcel, "webhook")).way == "webhook"
    assert (w.fake.said[-1].via, w.fake.said[-1].pinged) == ("webhook", ("user01",))


async def test_the_configured_order_of_ways_wins(w: World) -> None:
    platform = await w.ready()
    target = w.parcel(ALERT, hook=True, ways=("webhook", "robot", "pigeon")).target
    assert platform.ways(target) == ("webhook", "robot")


async def test_a_private_chat_never_uses_a_group_robot(w: World) -> None:
    platform = await w.ready(webhook=w.fake.hook_url, webhook_secret=HOOK_SECRET)
    assert "webhook" not in platform.ways(Target("dingtalk", "ceo01", "陈总", private=True))


async def test_a_repeat_after_a_lost_answer_carries_the_same_key_and_is_one_message(w: World) -> None:
    platform = await w.ready()
    parcel = w.parcel(Post("#12 升红"), hook=True)
    w.fake.fault("/robot/send", "lost")
    with pytest.raises(DeliveryError) as lost:
        await platform.send(parcel, "webhook")
    assert lost.value.outcome == "unknown"
    await platform.send(parcel, "webhook")
    assert len(w.fake.said) == 1


async def test_the_ten_minute_mute_is_never_reached(w: World) -> None:
    platform = await w.ready()
    refused: list[DeliveryError] = []
    for second in range(180):
        w.stored = sum(1 for at in w.fake.hook_times if (w.at - at).total_seconds() < 60) + 1
        try:
            await platform.send(w.parcel(Post("行"), 100 + second, hook=True), "webhook")
        except DeliveryError as error:
            refused.append(error)
        w.pass_time(1)
    assert {error.outcome for error in refused} == {"retry"}
    assert w.fake.muted_until is None
    assert len(w.fake.said) == 3 * 18


async def test_when_muted_all_the_same_the_robot_is_silent_for_ten_minutes(w: World) -> None:
    platform = await w.ready()
    w.fake.fault("/robot/send", (200, {"errcode": "130101", "errmsg": "send too fast, exceed 20 times per minute"}))
    parcel = w.parcel(Post("行"), hook=True)
    for _ in range(2):
        with pytest.raises(DeliveryError) as muted:
            await platform.send(parcel, "webhook")
        assert (muted.value.outcome, muted.value.after) == ("retry", 600)
    assert w.fake.count("/robot/send") == 1
    w.pass_time(601)
    await platform.send(parcel, "webhook")


async def test_http_200_with_an_error_code_is_a_failure_that_names_the_screen(w: World) -> None:
    platform = await w.ready()
    parcel = w.parcel(Post("行"), hook=True, ways=("webhook",))
    parcel = replace(parcel, target=replace(parcel.target, webhook_secret="SECwrong"))
    with pytest.raises(DeliveryError, match="加签密钥不对") as refused:
        await platform.send(parcel, "webhook")
    assert refused.value.outcome == "permanent"
    assert any("加签密钥不对" in line for line in platform.problems())


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((200, {"errcode": -1, "errmsg": "system busy"}), "retry"),
        ((200, {"errcode": 400102, "errmsg": "robot disabled"}), "permanent"),
        ((200, {"errcode": 40035, "errmsg": "missing"}), "permanent"),
        ((200, {"errcode": 460101, "errmsg": "message too long"}), "permanent"),
        ((200, {"errcode": 90030, "errmsg": "webhook over limit"}), "retry"),
        ((200, {"errcode": 88, "errmsg": "timeout"}), "unknown"),
        ((200, "<html>"), "unknown"),
        ((504, "<html>gateway"), "unknown"),
        ((403, "<html>blocked"), "retry"),
        ((200, {"status": 1111, "wait": 5}), "retry"),
        ((200, {"ok": True}), "unknown"),
    ],
)
async def test_each_answer_of_the_webhook_has_its_outcome(w: World, answer: tuple[int, object], outcome: str) -> None:
    platform = await w.ready()
    w.fake.fault("/robot/send", answer)
    with pytest.raises(DeliveryError) as failed:
        await platform.send(w.parcel(Post("行"), hook=True, ways=("webhook",)), "webhook")
    assert failed.value.outcome == outcome


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (400, "send.too.fast", "retry"),
        (403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "retry"),
        (403, "Forbidden.AccessDenied.ApiCountLimitForOrg", "retry"),
        (403, "Forbidden.AccessDenied.IpNotInWhiteList", "retry"),
        (400, "invalidParameter.robotCode.notExsit", "permanent"),
        (400, "group.disbanded", "retry"),
        (500, "system.busy", "retry"),
        (500, "system.error", "unknown"),
        (400, "contain.notAllowed.text", "retry"),
    ],
)
async def test_each_refusal_of_the_api_has_its_outcome(w: World, status: int, code: str, outcome: str) -> None:
    platform = await w.ready()
    w.fake.fault(SEND, (status, {"code": code, "message": "no", "requestid": "r"}))
    with pytest.raises(DeliveryError) as failed:
        await platform.send(w.parcel(Post("行"), ways=("robot",)), "robot")
    assert failed.value.outcome == outcome


async def test_after_the_content_review_the_next_attempt_carries_no_outside_words(w: World) -> None:
    platform = await w.ready()
    w.fake.fault("/robot/send", (200, {"errcode": 430102, "errmsg": "unsafe text"}))
    parcel = w.parcel(ALERT, hook=True)
    with pytest.raises(DeliveryError) as refused:
        await platform.send(parcel, "webhook")
    assert refused.value.outcome == "retry"
    await platform.send(parcel, "webhook")
    assert "疹子" not in w.fake.said[-1].text
    assert "认领 #12" in w.fake.said[-1].text


async def outbox(w: World, platform: Platform, parcel: Parcel) -> list[str]:
    """As the corridor out does it: the first way, again after a retry; the ways tried."""
    tried: list[str] = []
    for _ in range(9):
        tried.append(platform.ways(parcel.target)[0])
        try:
            await platform.send(parcel, tried[-1])
        except DeliveryError as error:
            if error.outcome != "retry":
                return [*tried, error.outcome]
            w.pass_time(1)
            continue
        return [*tried, "sent"]
    return tried


async def test_the_next_way_is_tried_when_one_is_down_and_the_message_says_so(w: World) -> None:
    platform = await w.ready()
    busy = (500, {"code": "system.busy", "message": "busy"})
    w.fake.fault(CREATE, busy)
    w.fake.fault(SEND, busy)
    assert await outbox(w, platform, w.parcel(ALERT, hook=True)) == ["card", "robot", "webhook", "sent"]
    assert w.fake.said[-1].title.startswith("（备用通道）")
    w.pass_time(15)
    assert await outbox(w, platform, w.parcel(ALERT, 8, hook=True)) == ["card", "sent"]
    assert "备用通道" not in w.fake.said[-1].text


async def test_a_group_that_is_gone_waits_for_a_new_binding_without_asking_again(w: World) -> None:
    platform = await w.ready()
    parcel = w.parcel(ALERT)
    parcel = replace(parcel, target=replace(parcel.target, chat="cidUnknown=="))
    for way in ("card", "robot", "card"):
        with pytest.raises(DeliveryError) as failed:
            await platform.send(parcel, way)
        assert failed.value.outcome == "retry"
    assert failed.value.gone
    asked = len(w.fake.calls)
    with pytest.raises(DeliveryError):
        await platform.send(parcel, "robot")
    assert len(w.fake.calls) == asked


async def test_a_message_that_one_way_will_never_take_does_not_go_round_in_circles(w: World) -> None:
    platform = await w.ready()
    w.fake.fault("/robot/send", (200, {"errcode": 40035, "errmsg": "missing"}))
    assert await outbox(w, platform, w.parcel(ALERT, hook=True, ways=("webhook", "robot"))) == ["webhook", "permanent"]


# token and permissions -----------------------------------------------------------------------------------------------


async def test_many_sends_at_once_fetch_one_token(w: World) -> None:
    platform = await w.ready()
    await asyncio.gather(*(platform.send(w.parcel(Post("行"), id), "robot") for id in range(8)))
    assert w.fake.count(TOKEN) == 1


async def test_too_many_calls_in_a_second_wait_a_second_and_arrive_once(w: World) -> None:
    platform = await w.ready()
    w.fake.qps = 20
    ends = await asyncio.gather(
        *(platform.send(w.parcel(Post(f"第{n}条"), n), "robot") for n in range(25)), return_exceptions=True
    )
    refused = [end for end in ends if isinstance(end, DeliveryError)]
    assert [(error.outcome, error.after) for error in refused] == [("retry", 1.0)] * 5
    w.pass_time(1.0)
    for n, end in enumerate(ends):
        if isinstance(end, DeliveryError):
            await platform.send(w.parcel(Post(f"第{n}条"), n), "robot")
    assert sorted(said.text for said in w.fake.said) == sorted(f"第{n}条" for n in range(25))


async def test_a_token_that_died_in_mid_send_is_renewed_once_and_the_message_arrives_once(w: World) -> None:
    platform = await w.ready()
    await platform.send(w.parcel(Post("一"), 1), "robot")
    w.fake.tokens.clear()
    await asyncio.gather(*(platform.send(w.parcel(Post("二"), id), "robot") for id in (2, 3, 4)))
    assert w.fake.count(TOKEN) == 2
    assert len(w.fake.said) == 4


async def test_an_upload_renews_a_dead_token_too(w: World) -> None:
    platform = await w.ready()
    await platform.send(w.parcel(Post("一"), 1), "robot")
    w.fake.fault("/media/upload", (200, {"errcode": 40014, "errmsg": "invalid access_token"}))
    await platform.send(w.parcel(Post("", files=(PNG,)), 2), "robot")
    assert [said.kind for said in w.fake.said] == ["sampleText", "sampleImageMsg"]


async def test_a_token_is_renewed_five_minutes_before_its_end_and_survives_a_restart(w: World) -> None:
    platform = await w.ready()
    await platform.send(w.parcel(Post("一"), 1), "robot")
    w.pass_time(6_800)
    after_restart = await w.ready()
    await after_restart.send(w.parcel(Post("二"), 2), "robot")
    assert w.fake.count(TOKEN) == 1
    w.pass_time(200)
    await after_restart.send(w.parcel(Post("三"), 3), "robot")
    assert w.fake.count(TOKEN) == 2


async def test_a_token_lives_by_the_steady_clock_whatever_the_time_of_day_does(w: World) -> None:
    platform = await w.ready()
    await platform.send(w.parcel(Post("一"), 1), "robot")
    w.at += timedelta(days=1)
    await platform.send(w.parcel(Post("二"), 2), "robot")
    assert w.fake.count(TOKEN) == 1
    w.at -= timedelta(days=2)
    w.ticks += 7_000
    await platform.send(w.parcel(Post("三"), 3), "robot")
    assert w.fake.count(TOKEN) == 2


async def test_a_missing_permission_is_named_with_its_screen(w: World) -> None:
    platform = await w.ready()
    w.fake.denied_scopes.add("qyapi_robot_sendmsg")
    with pytest.raises(DeliveryError) as refused:
        await platform.send(w.parcel(Post("行"), ways=("robot",)), "robot")
    assert refused.value.outcome == "retry"
    assert "qyapi_robot_sendmsg" in str(refused.value)
    assert "权限管理" in platform.problems()[0]


async def test_wrong_credentials_pause_everything_that_needs_them(w: World) -> None:
    platform = await w.ready(client_secret="wrong-secret-91")
    with pytest.raises(DeliveryError) as refused:
        await platform.send(w.parcel(ALERT), "card")
    assert refused.value.outcome == "retry"
    await platform.send(w.parcel(ALERT, hook=True), platform.ways(w.parcel(ALERT, hook=True).target)[0])
    assert w.fake.said[-1].via == "webhook"
    assert "（备用通道）" in w.fake.said[-1].text
    assert "wrong-secret-91" not in " ".join(platform.problems())


# quota ---------------------------------------------------------------------------------------------------------------


async def test_both_counters_are_kept_over_restarts_and_start_anew_in_the_next_month(w: World) -> None:
    platform = await w.ready()
    await platform.send(w.parcel(ALERT), "card")
    await platform.send(w.parcel(Post("行"), 8, hook=True), "webhook")
    again = await w.ready()
    assert "API 调用 1/5000，Webhook 与 Stream 推送 1/3000" in again.quota()
    w.pass_time(30 * 86_400)
    assert "API 调用 0/5000" in again.quota()


@pytest.mark.parametrize(("used", "word"), [(69, ""), (70, "已用 70%"), (90, "只保橙、红和回复"), (100, "已用完")])
async def test_the_operator_is_warned_at_seventy_and_ninety_percent(w: World, used: int, word: str) -> None:
    platform = await w.ready(api_quota=100)
    await platform._quota.spend("api", used)
    assert " ".join(platform.problems()).count(word) >= 1
    assert bool(platform.problems()) is bool(word)


async def test_from_ninety_percent_on_quiet_grades_are_neither_repainted_nor_illustrated(w: World) -> None:
    platform = await w.ready(api_quota=100)
    blue = replace(ALERT, title="🔵 蓝 #12", grade=Grade.BLUE)
    await platform.send(w.parcel(blue), "card")
    await platform._quota.spend("api", 95)
    with pytest.raises(DeliveryError) as spared:
        await platform.send(w.parcel(replace(blue, revision=2), 8), "card")
    assert spared.value.outcome == "permanent"
    await platform.send(w.parcel(Post("图", files=(PNG,)), 9, grade=Grade.BLUE), "robot")
    assert w.fake.said[-1].kind == "sampleText"
    assert "蓝、黄的图和附件不再发送" in " ".join(platform.problems())
    await platform.send(w.parcel(Post("图", files=(PNG,)), 10, grade=Grade.RED), "robot")
    assert w.fake.said[-1].kind == "sampleImageMsg"


async def test_when_the_vendor_says_the_month_is_spent_the_webhook_comes_first(w: World) -> None:
    platform = await w.ready()
    w.fake.fault(CREATE, (403, {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg", "message": "no"}))
    parcel = w.parcel(ALERT, hook=True)
    with pytest.raises(DeliveryError) as over:
        await platform.send(parcel, "card")
    assert over.value.after == 3_600
    assert platform.ways(parcel.target) == ("webhook", "card", "robot")
    assert any("额度已用完" in line for line in platform.problems())


# DING ----------------------------------------------------------------------------------------------------------------


async def test_ding_is_off_unless_switched_on(w: World) -> None:
    platform = await w.ready()
    await platform.send(w.parcel(Post.of(CARDS["alert_red_confirmed"], "陈总")), "card")
    assert w.fake.dings == []


async def test_red_rings_whom_it_concerns_once_an_hour_and_degrades_aloud(w: World) -> None:
    platform = await w.ready(ding="call")
    red = Post.of(CARDS["alert_red_confirmed"], "陈总")
    await platform.send(w.parcel(red, 7), "card")
    await platform.send(w.parcel(red, 8), "robot")
    await platform.send(w.parcel(ALERT, 9), "robot")
    assert [(ding["remindType"], ding["receiverUserIdList"]) for ding in w.fake.dings] == [(1, ["ceo01"])]
    assert "电话 DING 额度不足，已改用应用内" in " ".join(platform.problems())
    assert [(s.to, s.text) for s in w.fake.said if "DING" in s.text] == [
        (GROUP, "电话 DING 额度不足，已改用应用内。请确认当事人已看到")
    ]


async def test_where_nothing_rings_any_more_people_get_a_private_message_and_the_room_reads_so(w: World) -> None:
    platform = await w.ready(ding="sms")
    w.fake.ding_quota = {1: 0, 2: 0, 3: 0}
    await platform.send(w.parcel(Post.of(CARDS["alert_red_confirmed"], "陈总"), 7), "card")
    said = [(s.to, s.text) for s in w.fake.said if s.kind == "sampleText"]
    assert [to for to, _ in said] == ["@ceo01", GROUP]
    assert "请立即查看" in said[0][1]
    assert said[1][1].startswith("短信 DING 额度不足，已改用私信")


async def test_a_month_without_pushes_is_deafness(w: World) -> None:
    platform = await w.ready()
    assert platform.unheard() == ""
    await platform._quota.exhausted("push")
    assert "推送额度已用完" in platform.unheard()


async def test_a_ding_that_fails_does_not_fail_the_message(w: World) -> None:
    platform = await w.ready(ding="app")
    w.fake.denied_scopes.add("Premium.Ding.Write")
    await platform.send(w.parcel(CARDS["alert_red_confirmed"], to="ceo01"), "card")
    assert len(w.fake.cards) == 1
    assert "Premium.Ding.Write" in " ".join(platform.problems())


# check ---------------------------------------------------------------------------------------------------------------


def hooked(url: str, secret: str = HOOK_SECRET) -> Target:
    return Target("dingtalk", GROUP, "危机室", webhook=url, webhook_secret=secret)


async def test_check_tries_everything_and_says_nothing_in_any_chat(w: World) -> None:
    platform = w.platform([hooked(w.fake.hook_url)], ding="app")
    lines = await platform.check()
    assert all(line.ok for line in lines), lines
    assert [line.what for line in lines][:4] == [
        "凭证有效", "Stream 模式可以连接", "发消息权限（qyapi_robot_sendmsg）", "通讯录权限（qyapi_get_member）",
    ]  # fmt: skip
    assert w.fake.said == []


async def test_check_names_the_screen_for_each_fault(w: World) -> None:
    w.fake.denied_scopes |= {"qyapi_robot_sendmsg", "qyapi_get_member"}
    bad = [line for line in await w.platform(card_template="nope.schema").check() if not line.ok]
    assert ["权限管理" in line.mend for line in bad] == [True, True, False]
    assert "卡片平台" in bad[2].mend
    wrong = await w.platform(client_secret="wrong-secret-91").check()
    assert not wrong[0].ok
    assert "凭证与基础信息" in wrong[0].mend


async def test_check_in_http_mode_asks_for_a_public_address_and_looks_at_the_group_robot(w: World) -> None:
    lines = await w.platform([hooked("https://x.example/hook")], receive="http").check()
    assert [line.mend for line in lines if not line.ok] == [
        "callback_url 要填 /callback/dingtalk 的公网 https 地址", "群设置 → 机器人 → 复制完整的 Webhook 地址",
    ]  # fmt: skip
    unsigned = await w.platform([hooked(w.fake.hook_url, "")], receive="http", callback_url="https://b.example").check()
    assert "加签" in next(line.mend for line in unsigned if not line.ok)


@pytest.mark.parametrize(
    ("secret", "token", "says"),
    [(HOOK_SECRET, "", ""), ("SECwrong", "", "加签密钥不对"), (HOOK_SECRET, "x", "access_token 不存在")],
)
async def test_check_tries_each_rooms_robot_without_a_word(w: World, secret: str, token: str, says: str) -> None:
    lines = await w.platform([hooked(w.fake.hook_url + token, secret)]).check()
    (line,) = [line for line in lines if "群机器人（危机室）" in line.what]
    assert line.ok is (not says)
    assert says in line.mend
    assert w.fake.said == []
    assert [line.what for line in lines if "Webhook 与 Stream 推送 1/3000" in line.what]


async def test_check_names_who_is_not_in_the_organisation(w: World) -> None:
    platform = w.platform()
    platform._names = {"user01": "张敏", "gone09": "旧人"}
    bad = [line for line in await platform.check() if not line.ok]
    assert [line.what for line in bad] == ["人员 旧人：组织里没有 UserID gone09"]


async def test_check_says_when_the_gateway_does_not_answer(w: World) -> None:
    w.fake.fault("/v1.0/gateway/connections/open", (403, {"code": "x", "message": "no"}))
    bad = [line for line in await w.platform().check() if not line.ok]
    assert "消息接收模式选 Stream" in bad[0].mend


async def test_check_without_anything_configured_says_what_to_fill_in(w: World) -> None:
    (line,) = await w.platform(client_id="", client_secret="").check()
    assert not line.ok
    assert "client_id" in line.mend


def test_the_published_envelope_of_event_subscriptions_opens_with_the_house_cipher() -> None:
    """Section 6.3: we subscribe to no events over HTTP; WeCom's envelope is the same scheme, so the vector serves as a proof."""
    from bot.platforms.wecom.crypto import Envelope

    encrypt = "0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3"
    envelope = Envelope("mryue", "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7", "ding6ccabc44d2c8d38b")
    signature, stamp, nonce = "03044561471240d4a14bb09372dfcfd4fd0e40cb", "1608001896814", "WL4PK6yA"
    clear = envelope.open(signature, stamp, nonce, encrypt, float(stamp))
    assert json.loads(clear) == {"EventType": "check_url"}
    assert len(base64.b64decode(encrypt)) % 32 == 0
