"""An answer is not lost on its last steps: the process dies between the commit of a command and the words about it."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.dingtalk import FakeDingTalk
from fakes.wecom import FakeWeCom

from bot.model.times import iso
from tests.process_vendors import (
    GROUP_SEND,
    MAYBE_TWICE,
    REPLY,
    SESSION,
    dingtalk,
    grave_news,
    rows,
    running,
    until,
    wecom,
)  # fmt: skip

pytestmark = pytest.mark.process
NOTE = "记一下 #1 甲批次已封存"
STUCK = "import asyncio, bot.app\nbot.app.TimedEar._furnished = lambda *_, **__: asyncio.Event().wait()"
"""The process answers and stores, but never gets as far as the vendor."""
CLEAN = "SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')"


async def test_wecom_an_answer_that_never_left_is_read_once_after_the_restart(tmp_path: Path) -> None:
    async with FakeWeCom() as fake:
        path = wecom(fake, tmp_path, webhook=False)
        async with running(path, STUCK) as client:
            await grave_news(client)
            await until(lambda: rows(tmp_path, "SELECT 1 FROM incidents"))
            await fake.say(f"@望楼 {NOTE}", msgid="said-once")
            await until(lambda: rows(tmp_path, "SELECT 1 FROM inbox WHERE told = 'owed'"))
            await client.bot.kill()
        said = len(fake.sent)
        async with running(path):
            await fake.until(lambda: any("F1 待核实" in s.words for s in fake.sent))
            await fake.say(f"@望楼 {NOTE}", msgid="said-once")
            await fake.say("@望楼 我是谁")
            await fake.until(lambda: any("发言人" in s.words for s in fake.sent))
            await until(lambda: not rows(tmp_path, CLEAN))
        answers = [s.words for s in fake.sent[said:] if "F1 待核实" in s.words]
        assert len(answers) == 1
        assert MAYBE_TWICE not in answers[0]
        assert rows(tmp_path, "SELECT text FROM facts") == [("甲批次已封存",)]


async def test_wecom_an_answer_cut_off_on_its_way_is_said_once_more_with_a_mark_and_an_old_one_is_not(tmp_path: Path) -> None:
    async with FakeWeCom() as fake:
        path = wecom(fake, tmp_path, webhook=False)
        async with running(path) as client:
            await grave_news(client)
            await until(lambda: rows(tmp_path, "SELECT 1 FROM incidents"))
            fake.trouble(REPLY, "slow", times=9, gate=asyncio.Event())
            await fake.say(f"@望楼 {NOTE}", msgid="now")
            await until(lambda: rows(tmp_path, "SELECT 1 FROM inbox WHERE told = 'leaving'"))
            await until(lambda: any(frame["cmd"] == REPLY for frame in fake.frames))
            await client.bot.kill()
        fake._trouble.clear()
        with sqlite3.connect(tmp_path / "data/wanglou.db") as db:
            at = iso(datetime.now(UTC) - timedelta(minutes=31))
            heard = f"json_set(heard, '$.id', 'old', '$.at', '{at}')"
            db.execute(
                f"INSERT INTO inbox SELECT platform, 'old', '{at}', {heard}, state, answer, told FROM inbox WHERE id = 'now'"
            )
        said = len(fake.sent)
        async with running(path):
            await fake.until(lambda: any("F1 待核实" in s.words for s in fake.sent))
            await until(lambda: not rows(tmp_path, CLEAN))
        (answer,) = [s.words for s in fake.sent[said:] if "F1 待核实" in s.words]
        assert MAYBE_TWICE in answer
        assert rows(tmp_path, "SELECT id, told FROM inbox WHERE id IN ('now', 'old') ORDER BY id") == [
            ("now", "handed"),
            ("old", "told"),
        ]


async def test_wecom_a_reply_that_the_vendor_refuses_is_delivered_by_the_outbox(tmp_path: Path) -> None:
    async with FakeWeCom() as fake, running(wecom(fake, tmp_path, webhook=True)) as client:
        await grave_news(client)
        await until(lambda: rows(tmp_path, "SELECT 1 FROM incidents"))
        fake.trouble(REPLY, "code", 44004)
        await fake.say(f"@望楼 {NOTE}")
        await fake.until(lambda: any("F1 待核实" in s.words for s in fake.sent))
        assert [s.way for s in fake.sent if "F1 待核实" in s.words and MAYBE_TWICE not in s.words] == ["push"]
        assert rows(tmp_path, "SELECT urgent FROM outbox WHERE reason = 'reply'") == [(1,)]


async def test_dingtalk_an_answer_that_never_left_is_read_once_after_the_restart(tmp_path: Path) -> None:
    async with FakeDingTalk() as fake:
        path = dingtalk(fake, tmp_path)
        async with running(path, STUCK) as client:
            await fake.connected()
            await grave_news(client)
            await until(lambda: rows(tmp_path, "SELECT 1 FROM incidents"))
            frame = fake.message(NOTE)
            await fake.push("/v1.0/im/bot/messages/get", frame)
            await until(lambda: rows(tmp_path, "SELECT 1 FROM inbox WHERE told = 'owed'"))
            await client.bot.kill()
        async with running(path):
            await fake.connected(2)
            await fake.push("/v1.0/im/bot/messages/get", frame)
            await fake.until(lambda: any("F1 待核实" in s.text for s in fake.said))
            await until(lambda: not rows(tmp_path, CLEAN))
        (answer,) = [s for s in fake.said if "F1 待核实" in s.text]
        assert MAYBE_TWICE not in answer.text
        assert rows(tmp_path, "SELECT text FROM facts") == [("甲批次已封存",)]


async def test_dingtalk_an_answer_cut_off_on_its_way_is_said_once_more_with_a_mark(tmp_path: Path) -> None:
    async with FakeDingTalk() as fake:
        path = dingtalk(fake, tmp_path)
        async with running(path) as client:
            await fake.connected()
            await grave_news(client)
            await until(lambda: rows(tmp_path, "SELECT 1 FROM incidents"))
            fake.fault(SESSION, "hang")
            await fake.say(NOTE)
            await until(lambda: fake.count(SESSION))
            await client.bot.kill()
        pushes = fake.count(GROUP_SEND)
        async with running(path):
            await fake.until(lambda: any("F1 待核实" in s.text for s in fake.said))
            await until(lambda: not rows(tmp_path, CLEAN))
        (answer,) = [s for s in fake.said if "F1 待核实" in s.text]
        assert MAYBE_TWICE in answer.text
        assert fake.count(GROUP_SEND) == pushes + 1
