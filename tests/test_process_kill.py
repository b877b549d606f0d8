"""``kill -9`` of the real process under load: nothing acknowledged is lost, nothing is said twice without a mark."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.process import PEOPLE, Bot, Client, config

KILLS = 20
PLACES = ("东市", "西街", "南湖", "北岭", "中洲")
PRODUCTS = ("果味奶", "酸奶", "奶粉", "奶酪", "冰淇淋")


@dataclass
class Ledger:
    """What the outside knows: what was acknowledged, and what was under way at each kill."""

    mentions: set[str] = field(default_factory=set)
    commands: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    open_commands: int = 0
    kills_on_sending: int = 0
    kills_on_command: int = 0


class SlowVendor:
    """A chat vendor that takes its time and notes what reached it."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []

    async def start(self) -> str:
        app = web.Application()
        app.add_routes([web.post("/", self._take)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/"  # type: ignore[union-attr]

    async def _take(self, request: web.Request) -> web.Response:
        self.got.append(await request.json())
        await asyncio.sleep(0.05)
        return web.json_response({"errcode": 0})

    async def stop(self) -> None:
        await self._runner.cleanup()


async def push_for_ever(client: Client, ledger: Ledger, rand: Random, life: int) -> None:
    """At least 200 mentions a second, in signed batches of 50."""
    number = 0
    while True:
        batch = []
        for _ in range(50):
            id = f"k{life}-{number}"
            number += 1
            place, product = rand.choice(PLACES), rand.choice(PRODUCTS)
            batch.append(
                {
                    "id": id,
                    "text": f"{place}买的晨露{product}有异物，投诉{rand.randrange(10**6)}次没人理，太气人",
                    "platform": place,
                }
            )
        with contextlib.suppress(aiohttp.ClientError, OSError):
            if await client.push(f"d{life}-{number}", batch) == 202:
                ledger.mentions.update(f"vendor:{m['id']}" for m in batch)
        await asyncio.sleep(0.2)


async def talk_for_ever(client: Client, ledger: Ledger, rand: Random, life: int) -> None:
    """Five commands a second: facts, tasks and claims, each with words of its own."""
    number = 0
    while True:
        number += 1
        key = f"LOT{life:03d}X{number:04d}"
        text = rand.choice([f"记一下 #1 库房{key}已封存", f"任务 #1 @林工 明天10点 清点{key}"])
        ledger.asked.add(key)
        ledger.open_commands += 1
        try:
            replies = await client.say(text, rand.choice(PEOPLE)[0])
        except (aiohttp.ClientError, OSError, AssertionError):
            return
        finally:
            ledger.open_commands -= 1
        if replies and replies[0].startswith(("F", "T")):
            ledger.commands[key] = replies[0]
        await asyncio.sleep(0.05)


def rows(folder: Path, sql: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(f"file:{folder}/data/wanglou.db?mode=ro", uri=True)) as conn:
        return conn.execute(sql).fetchall()


@pytest.mark.process
async def test_twenty_kills_lose_nothing_and_repeat_nothing_unmarked(tmp_path: Path) -> None:
    rand, ledger, vendor = Random(20261203), Ledger(), SlowVendor()
    address = await vendor.start()
    extra = f'[[rooms]]\nname = "外部室"\nplatform = "webhook"\nchat = "r1"\n[platforms.webhook]\nwebhook = "{address}"\n'
    path = config(tmp_path, extra=extra)
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        bot = await Bot(path).start()
        client = Client(session, bot)
        await _first_incident(client)
        owner = rows(tmp_path, "SELECT owner, state FROM incidents WHERE id = 1")
        for life in range(KILLS):
            tasks = [asyncio.create_task(push_for_ever(client, ledger, rand, life))]
            tasks += [
                asyncio.create_task(talk_for_ever(client, ledger, Random(rand.random()), life * 10 + n)) for n in range(2)
            ]
            await asyncio.sleep(0.4 + rand.random() * 0.6)
            await _wait_for_a_moment(ledger, tmp_path, rand)
            ledger.kills_on_command += ledger.open_commands > 0
            await bot.kill()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            ledger.kills_on_sending += bool(rows(tmp_path, "SELECT 1 FROM outbox WHERE state = 'sending' LIMIT 1"))
            bot = client.bot = await Bot(path).start()
            _check(tmp_path, ledger, owner)
        await _settled(client)
        assert await bot.end() == 0
    await vendor.stop()
    _check(tmp_path, ledger, owner)
    _nothing_twice(vendor)
    assert ledger.kills_on_sending >= 5
    assert ledger.kills_on_command >= 5


async def _first_incident(client: Client) -> None:
    texts = (
        "晨露果味奶里喝出黑色异物，太恶心了",
        "晨露客服推诿，异物照片看都不看，投诉没人理",
        "给孩子买的晨露果味奶有怪味，还有异物，气死",
        "晨露果味奶异物这事有人管吗，退款都不给",
    )
    complaints = [{"id": f"first-{n}", "text": text, "platform": "微博"} for n, text in enumerate(texts)]
    assert await client.push("first", complaints) == 202
    for _ in range(200):
        if any(m["card"] for m in await client.messages()):
            break
        await asyncio.sleep(0.05)
    assert "#1 归李雷" in (await client.say("认领 #1", "李雷"))[0]


async def _wait_for_a_moment(ledger: Ledger, folder: Path, rand: Random) -> None:
    """Half of the kills wait for a row in ``sending``, half for an unanswered command (a second at the longest)."""
    want_sending = rand.random() < 0.5
    for _ in range(1000):
        if want_sending and rows(folder, "SELECT 1 FROM outbox WHERE state = 'sending' LIMIT 1"):
            return
        if not want_sending and ledger.open_commands:
            return
        await asyncio.sleep(0.001)


def _check(folder: Path, ledger: Ledger, owner: list[Any]) -> None:
    stored = {row[0] for row in rows(folder, "SELECT uid FROM mentions")}
    assert ledger.mentions <= stored
    facts = Counter(row[0] for row in rows(folder, "SELECT text FROM facts"))
    tasks = Counter(row[0] for row in rows(folder, "SELECT text FROM tasks"))
    kept = " ".join((*facts, *tasks))
    assert [key for key in ledger.commands if key not in kept] == []
    assert max([*facts.values(), *tasks.values(), 1]) == 1
    assert rows(folder, "SELECT owner, state FROM incidents WHERE id = 1") == owner


def _nothing_twice(vendor: SlowVendor) -> None:
    plain = Counter(message["id"] for message in vendor.got if "可能重复" not in message["text"])
    assert [id for id, times in plain.items() if times > 1] == []


async def _settled(client: Client) -> None:
    for _ in range(400):
        counts = (await client.health())["outbox"]
        if not counts.get("queued") and not counts.get("sending"):
            return
        await asyncio.sleep(0.05)
