"""Bad nights at the vendors', with the real process: lines cut, answers lost, limits hit, processes killed. What people saw is
what counts: everything once, or once more with a mark, and in order."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fakes.dingtalk import TEMPLATE, FakeDingTalk
from fakes.wecom import FakeWeCom

from tests.process import Client
from tests.process_vendors import (
    CARD,
    FALLBACK,
    GROUP_SEND,
    MAYBE_TWICE,
    NEWER,
    PRESSED,
    REPAINT,
    REPLY,
    SEND,
    SESSION,
    alerts,
    dingtalk,
    grave_news,
    rows,
    running,
    until,
    wecom,
)  # fmt: skip
from tests.wecom_world import AES_KEY, TOKEN, Vendor

pytestmark = pytest.mark.process


async def test_wecom_lines_cut_and_answers_lost(tmp_path: Path) -> None:
    async with FakeWeCom() as fake, running(wecom(fake, tmp_path, webhook=False)) as client:
        await fake.until(lambda: fake.subscriptions)
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: len(fake.sent) >= 1)

        fake.trouble(REPLY, "cut")
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: len(fake.sent) >= 2)
        assert fake.subscriptions == 2

        fake.trouble(REPLY, "lose")
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: len(fake.sent) >= 4)
        assert [MAYBE_TWICE in s.words for s in fake.sent[2:]] == [False, True]

        fake.trouble(SEND, "lose")
        await grave_news(client)
        await fake.until(lambda: len(alerts(fake)) >= 2)
        assert [MAYBE_TWICE in text for text in alerts(fake)] == [False, True]

        await until(lambda: not rows(tmp_path, "SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')"))
        assert len(alerts(fake)) == 2
        assert fake.refused == []


async def test_wecom_says_nothing_any_more_and_the_house_stays_awake(tmp_path: Path) -> None:
    """A vendor that answers after three seconds, then a line on which no answer comes at all."""
    async with FakeWeCom() as fake, running(wecom(fake, tmp_path, webhook=False)) as client:
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: fake.sent)
        gate = asyncio.Event()
        fake.trouble(SEND, "slow", gate=gate)
        await grave_news(client)
        await until(lambda: any(frame["cmd"] == SEND for frame in fake.frames))
        begun, slowest = time.monotonic(), 0.0
        while time.monotonic() - begun < 3.0:
            asked = time.monotonic()
            assert (await client.health())["ok"]
            slowest = max(slowest, time.monotonic() - asked)
            await asyncio.sleep(0.1)
        gate.set()
        await fake.until(lambda: alerts(fake))
        assert slowest < 2.0
        await until(lambda: not rows(tmp_path, "SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')"))
        assert len(alerts(fake)) == 1

        fake.trouble(SEND, "mute")
        await grave_news(client, "晨露冷链车撞人致一人死亡，警方通报")
        await fake.until(lambda: len(alerts(fake)) >= 3)
        assert [MAYBE_TWICE in text for text in alerts(fake)] == [False, False, True]


async def test_wecom_a_message_that_comes_five_times_and_out_of_order_counts_once(tmp_path: Path) -> None:
    async with FakeWeCom() as fake, running(wecom(fake, tmp_path, webhook=False)) as client:
        await grave_news(client)
        await until(lambda: rows(tmp_path, "SELECT 1 FROM incidents"))
        heard = [("b", "@望楼 记一下 #1 乙批次已封存"), ("a", "@望楼 记一下 #1 甲批次已封存")]
        for _ in range(5):
            for id, text in heard:
                await fake.say(text, msgid=f"same-{id}")
            heard.reverse()
        await fake.drop()
        await fake.until(lambda: fake.subscriptions == 2)
        for id, text in heard:
            await fake.say(text, msgid=f"same-{id}")
        await fake.say("@望楼 我是谁", msgid="last")
        await fake.until(lambda: any("张敏" in s.words and "发言人" in s.words for s in fake.sent))
        assert rows(tmp_path, "SELECT text FROM facts ORDER BY text") == [("乙批次已封存",), ("甲批次已封存",)]

        def answers() -> list[str]:
            return [s.words for s in fake.sent if "待核实" in s.words and "每小时" not in s.words]

        await fake.until(lambda: {fact for fact in ("F1", "F2") if any(fact in words for words in answers())} == {"F1", "F2"})
        plain = sorted(words[:6] for words in answers() if MAYBE_TWICE not in words)
        assert plain == sorted({*plain} & {"F1 待核实", "F2 待核实"})


async def test_wecom_limit_hit_goes_by_the_robot_and_a_bot_taken_elsewhere_is_not_fought_over(tmp_path: Path) -> None:
    async with FakeWeCom() as fake, running(wecom(fake, tmp_path, webhook=True)) as client:
        await fake.say("@望楼 我是谁")
        await fake.until(lambda: fake.sent)
        fake.trouble(SEND, "code", 846607)
        await grave_news(client)
        await fake.until(lambda: alerts(fake))
        (shown,) = [s for s in fake.sent if "每小时" in s.words]
        assert shown.way == "webhook"
        assert FALLBACK in shown.words

        async with aiohttp.ClientSession() as elsewhere, elsewhere.ws_connect(fake.ws_url) as socket:
            body = {"bot_id": fake.bot_id, "secret": fake.secret}
            await socket.send_json({"cmd": "aibot_subscribe", "headers": {"req_id": "elsewhere"}, "body": body})
            assert (await socket.receive_json())["errcode"] == 0
            there = fake.subscriptions
            await _health_says(client, "智能机器人")
            await grave_news(client, "晨露冷链车撞人致一人死亡，警方通报")
            await fake.until(lambda: len(alerts(fake)) >= 2)
            assert FALLBACK in alerts(fake)[1]
            assert fake.subscriptions == there


async def _health_says(client: Client, word: str) -> None:
    end = time.monotonic() + 30
    while word not in json.dumps((await client.health())["problems"], ensure_ascii=False):
        assert time.monotonic() < end, f"{word} was never said"
        await asyncio.sleep(0.05)


async def test_wecom_a_press_after_the_window_says_the_card_anew(tmp_path: Path) -> None:
    async with FakeWeCom() as fake, running(wecom(fake, tmp_path, webhook=False)) as client:
        card = await _pressed_card(fake, client)
        fake.trouble(REPAINT, "code", 846605)
        await fake.press(card, "claim")
        await fake.until(lambda: any("#1 归张敏" in s.words for s in fake.sent))
        await fake.until(lambda: any(NEWER in s.words for s in fake.sent))
        (anew,) = [s for s in fake.sent if NEWER in s.words]
        assert "张敏" in anew.words
        assert rows(tmp_path, "SELECT owner FROM incidents") == [("张敏",)]


async def test_wecom_a_kill_between_press_and_update_loses_nothing_and_claims_once(tmp_path: Path) -> None:
    async with FakeWeCom() as fake:
        path = wecom(fake, tmp_path, webhook=False)
        async with running(path) as client:
            card = await _pressed_card(fake, client)
            fake.trouble(REPAINT, "mute")
            await fake.press(card, "claim")
            await until(lambda: any(frame["cmd"] == REPAINT for frame in fake.frames))
            await client.bot.kill()
        assert rows(tmp_path, "SELECT owner FROM incidents") == [("张敏",)]
        said = len(fake.sent)
        async with running(path):
            await fake.until(lambda: any(NEWER in s.words and "张敏" in s.words for s in fake.sent[said:]))
            await fake.press(card, "claim")
            await fake.say("@望楼 状态 #1")
            await fake.until(lambda: any("#1" in s.words and "张敏" in s.words for s in fake.sent[said:]))
        assert rows(tmp_path, "SELECT count(*) FROM log WHERE verb = 'claim'") == [(1,)]
        assert len([s for s in fake.sent if NEWER in s.words]) <= 2, "one for each press at most"


async def test_wecom_a_kill_between_a_press_in_private_and_its_update_still_ends_in_the_update(tmp_path: Path) -> None:
    """The app's right to change the card is stored before the press is acknowledged; the restarted process uses it."""
    async with FakeWeCom() as fake:
        path = wecom(fake, tmp_path, webhook=False)
        path.write_text(path.read_text("utf-8").replace('"commander"]', '"commander"]\nwecom = "lilei"'), "utf-8")
        app = f'corp_id = "{fake.corp_id}"\nagent_id = {fake.agent_id}\ncorp_secret = "{fake.corp_secret}"\n'
        door = f'token = "{TOKEN}"\naes_key = "{AES_KEY}"\n'
        path.write_text(path.read_text("utf-8").replace("[[sources]]", 'from_grade = "red"\n[[sources]]') + app + door, "utf-8")

        def private() -> list[dict[str, Any]]:
            return [s.body["template_card"] for s in fake.sent if s.way == "app" and "template_card" in s.body]

        async with running(path) as client:
            await grave_news(client)
            await fake.until(private)
            fake.trouble("update_template_card", "code", -1, times=9)
            fields = (
                f"<FromUserName>lilei</FromUserName><CreateTime>{int(time.time())}</CreateTime><MsgType>event</MsgType><Event>"
                f"template_card_event</Event><EventKey>claim</EventKey><TaskId>{private()[0]['task_id']}</TaskId>"
                f"<ResponseCode>{fake.new_code()}</ResponseCode>"
            )
            async with aiohttp.ClientSession() as session:
                vendor = Vendor(client.bot.address, session, lambda: datetime.now(UTC))
                assert await vendor.app(fields, fake.corp_id) == (200, None)
            await fake.until(lambda: "update_template_card" in fake.calls)
            await client.bot.kill()
        assert rows(tmp_path, "SELECT owner FROM incidents") == [("李雷",)]
        fake._trouble.clear()
        fake.sent.clear()
        async with running(path):
            await fake.until(lambda: any(s.way == "app_update" and "李雷" in s.words for s in fake.sent))
        assert not [s for s in fake.sent if s.way == "app" and NEWER in s.words]


async def test_wecom_a_card_changed_by_a_typed_command_is_said_anew_once(tmp_path: Path) -> None:
    """The AI bot can't change a card outside a press: what was typed within a moment makes one newer card."""
    async with FakeWeCom() as fake, running(wecom(fake, tmp_path, webhook=False)) as client:
        await _pressed_card(fake, client)
        await fake.say("@望楼 认领 #1")
        await fake.say("@望楼 研判 #1 属实")
        await fake.until(lambda: any(NEWER in s.words for s in fake.sent), 90)
        (anew,) = [s for s in fake.sent if NEWER in s.words]
        assert "张敏" in anew.words
        assert anew.body["template_card"]["button_list"]


async def _pressed_card(fake: FakeWeCom, client: Client) -> str:
    """The id of the alert card in the room."""
    await fake.say("@望楼 我是谁")
    await fake.until(lambda: fake.sent)
    await grave_news(client)
    await fake.until(lambda: alerts(fake))
    return str(next(s.body["template_card"]["task_id"] for s in fake.sent if "template_card" in s.body))


async def test_wecom_the_app_token_dies_in_the_middle_of_a_send(tmp_path: Path) -> None:
    async with FakeWeCom() as fake:
        path = wecom(fake, tmp_path, webhook=False)
        path.write_text(path.read_text("utf-8").replace('"commander"]', '"commander"]\nwecom = "lilei"'), "utf-8")
        app = f'corp_id = "{fake.corp_id}"\nagent_id = {fake.agent_id}\ncorp_secret = "{fake.corp_secret}"\n'
        path.write_text(path.read_text("utf-8") + app, "utf-8")
        async with running(path) as client:
            await grave_news(client)
            await fake.until(lambda: any(s.way == "app" for s in fake.sent))
            before = len([s for s in fake.sent if s.way == "app"])
            fake.revoke()
            await grave_news(client, "晨露冷链车撞人致一人死亡，警方通报")
            await fake.until(lambda: len([s for s in fake.sent if s.way == "app"]) > before)
            await until(
                lambda: not rows(tmp_path, "SELECT 1 FROM outbox WHERE state IN ('queued', 'sending') AND person <> ''")
            )
        assert rows(tmp_path, "SELECT count(*) FROM outbox WHERE state IN ('failed', 'unknown') AND person <> ''") == [(0,)]


async def test_dingtalk_lines_cut_answers_lost_tokens_dead_and_limits_hit(tmp_path: Path) -> None:
    async with FakeDingTalk() as fake, running(dingtalk(fake, tmp_path)) as client:
        await fake.connected()

        def shown() -> list[str]:
            return [s.text for s in fake.said if "每小时" in s.text]

        fake.fault(GROUP_SEND, "lost")
        await grave_news(client)
        await fake.until(lambda: len(shown()) >= 2)
        assert [MAYBE_TWICE in text for text in shown()] == [False, True]

        fake.tokens.clear()
        await grave_news(client, "晨露冷链车撞人致一人死亡，警方通报")
        await fake.until(lambda: len(shown()) >= 3)
        assert MAYBE_TWICE not in shown()[2]

        fake.fault(GROUP_SEND, (400, {"code": "Throttling.qpsLimit", "message": "busy", "requestid": "r"}))
        await grave_news(client, "晨露工厂发生爆炸，三人死亡")
        await fake.until(lambda: len(shown()) >= 4)
        assert MAYBE_TWICE not in shown()[3]

        body = fake.message("记一下 #1 甲批次已封存")
        other = fake.message("记一下 #1 乙批次已封存")
        for frame in (other, body, body, other, body, body, body):
            await fake.push("/v1.0/im/bot/messages/get", frame)
        fake.fault(SESSION, "lost")
        await fake.say("我是谁")
        await fake.until(lambda: any("张敏" in s.text for s in fake.said))
        await until(lambda: len(rows(tmp_path, "SELECT 1 FROM facts")) >= 2)
        assert rows(tmp_path, "SELECT text FROM facts ORDER BY text") == [("乙批次已封存",), ("甲批次已封存",)]

        await fake.cut()
        await fake.connected(2)
        await fake.say("状态 #1")
        await fake.until(lambda: any("#1" in s.text and s.via == "session" for s in fake.said))


async def test_dingtalk_hangs_and_the_house_stays_awake(tmp_path: Path) -> None:
    async with FakeDingTalk() as fake, running(dingtalk(fake, tmp_path, webhook=True)) as client:
        await fake.connected()
        fake.fault(GROUP_SEND, "hang")
        await grave_news(client)
        await fake.until(lambda: fake.count(GROUP_SEND) == 1)
        slowest = 0.0
        while not any("每小时" in s.text for s in fake.said):
            asked = time.monotonic()
            await client.health()
            slowest = max(slowest, time.monotonic() - asked)
            await asyncio.sleep(0.1)
        assert slowest < 2.0
        assert MAYBE_TWICE in next(s.text for s in fake.said if "每小时" in s.text)


async def test_dingtalk_a_kill_between_card_and_press(tmp_path: Path) -> None:
    async with FakeDingTalk() as fake:
        path = dingtalk(fake, tmp_path, template=TEMPLATE)
        async with running(path) as client:
            await fake.connected()
            await grave_news(client)
            await fake.until(lambda: fake.cards)
            await client.bot.kill()
        (out,) = list(fake.cards)[:1]
        async with running(path):
            await fake.connected(2)
            ack = await fake.press(out, "claim", incident="1")
            assert ack["code"] == 200
            await until(lambda: rows(tmp_path, "SELECT owner FROM incidents") == [("张敏",)])
            again = await fake.press(out, "claim", incident="1")
            assert again["code"] == 200
        assert rows(tmp_path, "SELECT count(*) FROM log WHERE verb = 'claim'") == [(1,)]


async def test_dingtalk_a_kill_between_a_press_and_its_update_ends_in_the_update(tmp_path: Path) -> None:
    """The line goes before the acknowledgement could carry the new face, the update hangs, the process dies in it."""
    async with FakeDingTalk() as fake:
        path = dingtalk(fake, tmp_path, template=TEMPLATE)
        async with running(path) as client:
            await fake.connected()
            await grave_news(client)
            await fake.until(lambda: fake.cards)
            (out,) = list(fake.cards)[:1]
            fake.fault(CARD, "hang", "hang")
            await fake.push(PRESSED, fake.pressing(out, "claim", incident="1"), wait=False)
            await fake.cut()
            await until(lambda: rows(tmp_path, "SELECT owner FROM incidents") == [("张敏",)])
            await fake.until(lambda: fake.count(CARD))
            await client.bot.kill()
        fake.faults.clear()
        assert "｜" not in fake.cards[out].values["must"]
        async with running(path):
            await fake.until(lambda: "｜" in fake.cards[out].values["must"])
        assert rows(tmp_path, "SELECT count(*) FROM log WHERE verb = 'claim'") == [(1,)]
        assert not [s for s in fake.said if NEWER in s.text]


async def test_dingtalk_a_card_changed_by_typed_commands_is_updated_in_place(tmp_path: Path) -> None:
    async with FakeDingTalk() as fake, running(dingtalk(fake, tmp_path, template=TEMPLATE)) as client:
        await fake.connected()
        await grave_news(client)
        await fake.until(lambda: fake.cards)
        (out,) = list(fake.cards)[:1]
        await fake.say("认领 #1")
        await fake.say("研判 #1 属实")
        await fake.until(lambda: "｜" in fake.cards[out].values["must"])
        await until(lambda: not rows(tmp_path, "SELECT 1 FROM outbox WHERE repaint > 0"))
        assert fake.cards[out].updates <= 2, "one for a moment's changes; a slow machine makes two moments of two commands"
        assert not [s for s in fake.said if NEWER in s.text]
