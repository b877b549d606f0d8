"""The real process stands still for a while: it goes on by itself, shows it and says it."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest

from tests.process import Bot, Client, config

pytestmark = pytest.mark.process


async def test_a_process_that_was_stopped_for_six_seconds_goes_on_and_says_so(tmp_path: Path) -> None:
    bot = await Bot(config(tmp_path)).start()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as session:
        client = Client(session, bot)
        before = await client.health()
        assert before["ok"]
        assert before["jobs"]["timers"]["failed"] == 0
        assert bot.process
        bot.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(6.5)
        bot.process.send_signal(signal.SIGCONT)
        async with asyncio.timeout(30):
            while not [m for m in await client.messages() if "望楼停顿了" in m["text"]]:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
            while (health := await client.health())["jobs"]["timers"]["runs"] <= before["jobs"]["timers"]["runs"]:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        assert health["ok"]
        assert health["loop"]["worst_ms"] >= 5000
        assert any("望楼停顿了" in line for line in health["repaired"])
        assert await client.say("列表", by="张敏")
    assert await bot.end() == 0
