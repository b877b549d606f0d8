"""The real process in a house with one room at a fake vendor, and what people there saw."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from fakes.dingtalk import CLIENT_ID, CLIENT_SECRET, GROUP, HOOK_SECRET, FakeDingTalk
from fakes.wecom import FakeWeCom

from tests.process import SECRET, Bot, Client

ROOM = "wrRoom1"
NEWER = "（见新卡）"
MAYBE_TWICE = "（可能重复）"
FALLBACK = "（备用通道）"
GRAVE = "晨露奶粉致婴儿死亡，家属报警"
SEND, REPLY, REPAINT = "aibot_send_msg", "aibot_respond_msg", "aibot_respond_update_msg"
CARD, PRESSED = "/v1.0/card/instances", "/v1.0/card/instances/callback"
GROUP_SEND, SESSION = "/v1.0/robot/groupMessages/send", "/robot/sendBySession"

PATIENT = "import bot.platforms.wecom\nbot.platforms.wecom.Platform.__init__.__kwdefaults__['patience'] = 30.0\n"
"""Nobody is told that an answer takes longer, however slow the machine: what is said is counted."""


def write(folder: Path, people: str, room: str, platform: str) -> Path:
    path = folder / "wanglou.toml"
    path.write_text(
        f'[bot]\ndata_dir = "{folder / "data"}"\ncompany = ["晨露乳业", "晨露"]\n[web]\nport = 0\ningest = {{ vendor = "{SECRET}" }}\n'
        f'{people}\n[[rooms]]\nname = "危机室"\n{room}\n[[sources]]\nname = "vendor"\nkind = "webhook"\n'
        f'[[watch]]\nname = "晨露"\nany = ["晨露乳业", "晨露"]\n{platform}\n',
        encoding="utf-8",
    )
    return path


def wecom(fake: FakeWeCom, folder: Path, *, webhook: bool) -> Path:
    """Who is on call has no WeCom here, so that what is scripted for a push meets the room's."""
    robot = f'webhook = "{fake.webhook_url}"' if webhook else ""
    return write(
        folder,
        '[[people]]\nname = "张敏"\nroles = ["spokesperson"]\nwecom = "zhangmin"\n'
        '[[people]]\nname = "李雷"\nroles = ["duty", "monitor", "commander"]',
        f'platform = "wecom"\nchat = "{ROOM}"\n{robot}',
        f'[platforms.wecom]\nbot_id = "{fake.bot_id}"\nsecret = "{fake.secret}"\nws_url = "{fake.ws_url}"\napi_base = "{fake.base}"',
    )


def dingtalk(fake: FakeDingTalk, folder: Path, *, webhook: bool = False, template: str = "") -> Path:
    robot = f'webhook = "{fake.hook_url}"\nwebhook_secret = "{HOOK_SECRET}"' if webhook else ""
    return write(
        folder,
        '[[people]]\nname = "张敏"\nroles = ["duty", "monitor", "commander"]\ndingtalk = "user01"',
        f'platform = "dingtalk"\nchat = "{GROUP}"\n{robot}',
        f'[platforms.dingtalk]\nclient_id = "{CLIENT_ID}"\nclient_secret = "{CLIENT_SECRET}"\napi_base = "{fake.base}"\n'
        f'oapi_base = "{fake.base}"\ncard_template = "{template}"\ntimeout = "4s"',
    )


@asynccontextmanager
async def running(path: Path, prelude: str = "") -> AsyncIterator[Client]:
    """The real process; ended at the end, whatever happened."""
    bot = await Bot(path, PATIENT + prelude).start()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        try:
            yield Client(session, bot)
        finally:
            await bot.end()


async def until(true: Callable[[], Any], seconds: float = 30.0) -> None:
    """Polls for a condition."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        await asyncio.sleep(0.02)


def rows(folder: Path, sql: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(f"file:{folder}/data/wanglou.db?mode=ro", uri=True)) as conn:
        return conn.execute(sql).fetchall()


_ids = itertools.count(1)


async def grave_news(client: Client, about: str = GRAVE) -> None:
    """Something that is orange at once."""
    number = next(_ids)
    assert await client.push(f"d{number}", [{"id": f"m{number}", "text": about, "platform": "微博"}]) == 202


def alerts(fake: FakeWeCom) -> list[str]:
    """The alert cards that people in the room saw, in order."""
    return [s.words for s in fake.sent if s.way in ("push", "webhook") and "每小时" in s.words]
