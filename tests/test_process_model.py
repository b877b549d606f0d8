"""The real process with a language model beside it: a proposal is pressed; a kill while the model thinks ends in an answer."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from fakes.model import KEY, NAME, FakeModel, model

from tests.conftest import THREE_COMPLAINTS
from tests.process import TOKEN, Bot, Client, config

pytestmark = pytest.mark.process
OBSCURE = "@望楼 #1 dibs dibs"


def configured(folder: Path, fake: FakeModel) -> Path:
    return config(folder, extra=f'[model]\nurl = "{fake.base}"\nname = "{NAME}"\nkey = "{KEY}"\npatience = "10s"\n')


async def incident(client: Client) -> None:
    assert await client.push("d1", [{"id": f"m{n}", "text": text} for n, text in enumerate(THREE_COMPLAINTS)]) == 202
    for _ in range(400):
        if any(message["card"] for message in await client.messages()):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("no alert")


def states(folder: Path) -> list[str]:
    """What became of each line that was said."""
    with closing(sqlite3.connect(f"file:{folder / 'data' / 'wanglou.db'}?mode=ro", uri=True)) as db:
        return [state for (state,) in db.execute("SELECT state FROM inbox ORDER BY at, id")]


async def test_a_proposal_is_pressed_in_the_room(tmp_path: Path) -> None:
    async with model("认领 #1") as fake, aiohttp.ClientSession() as session:
        bot = await Bot(configured(tmp_path, fake)).start()
        client = Client(session, bot)
        await incident(client)
        (said,) = await client.say(OBSCURE, "李雷")
        assert said.startswith("你是想说：「认领 #1」？")
        card = (await client.messages())[-1]
        body = {"message": card["id"], "sender": "李雷", "key": "confirm"}
        async with session.post(f"{bot.address}/api/press", json=body, headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
            assert (await answer.json())["replies"][0]["text"].startswith("#1 归李雷")
        assert await bot.end() == 0
        assert KEY not in "".join(bot.lines)
        assert not [path for path in (tmp_path / "data").rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


async def test_a_kill_while_the_model_thinks_ends_in_the_usual_answer(tmp_path: Path) -> None:
    held = asyncio.Event()
    async with model(held) as fake, aiohttp.ClientSession() as session:
        path = configured(tmp_path, fake)
        bot = await Bot(path).start()
        client = Client(session, bot)
        await incident(client)
        waiting = asyncio.create_task(client.say(OBSCURE, "李雷"))
        await asyncio.wait_for(fake.came.wait(), 20)
        await bot.kill()
        await asyncio.gather(waiting, return_exceptions=True)
        assert states(tmp_path) == ["taken"]
        again = await Bot(path).start()
        assert (await Client(session, again).say("认领 #1", "李雷"))[0].startswith("#1 归李雷")
        assert states(tmp_path) == ["answered", "answered"]
        held.set()
        assert await again.end() == 0


async def test_a_draft_is_said_in_other_words(tmp_path: Path) -> None:
    async with model("无") as fake, aiohttp.ClientSession() as session:
        bot = await Bot(configured(tmp_path, fake)).start()
        client = Client(session, bot)
        await incident(client)
        (said,) = await client.say("起草首发 #1", "王磊", room="@王磊")
        text = said.split("\n", 1)[1].rpartition("\n")[0]
        fake.says = [text.replace("我们", "我方")]
        assert (await client.say("润色 D1", "王磊"))[0].startswith("D1 v1")
        for _ in range(400):
            last = (await client.messages("@王磊"))[-1]["text"]
            if "由语言模型改写" in last:
                break
            await asyncio.sleep(0.05)
        assert "我方" in last
        assert fake.asked == [{"原文": text, "语气": ""}]
        assert await bot.end() == 0
        assert KEY not in "".join(bot.lines)
