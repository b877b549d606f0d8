"""A statement's way with the real process: ``kill -9`` at every step, a release in its sleep, a page that changes behind our back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.process import Bot, Client, config

STILL = "import asyncio, bot.app\nbot.app.LoadingAnalyst.load = lambda *_: asyncio.Event().wait()"
"""Nothing is read any more: thirty starts need not load the analyst's libraries thirty times."""
SIGNERS = ("王磊", "何静", "林工", "陈总")


@dataclass
class Outside:
    """Our publishing service, which takes its time, and our site: what each was asked, and what the page shows."""

    base: str = ""
    orders: list[dict[str, Any]] = field(default_factory=list)
    reads: int = 0
    text: str = ""
    busy: asyncio.Event = field(default_factory=asyncio.Event)
    slow: bool = True

    async def publish(self, request: web.Request) -> web.Response:
        self.orders.append(await request.json())
        return await self._answer(web.json_response({"url": f"{self.base}notice"}))

    async def page(self, _: web.Request) -> web.Response:
        self.reads += 1
        return await self._answer(web.Response(text=f"<body>首页 {self.text} 版权所有</body>", content_type="text/html"))

    async def _answer(self, answer: web.Response) -> web.Response:
        self.busy.set()
        if self.slow:
            await asyncio.sleep(60)
        return answer


@asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    made, app = Outside(), web.Application()
    app.add_routes([web.post("/publish", made.publish), web.get("/notice", made.page)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.base = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield made
    finally:
        await runner.cleanup()


class Life:
    """The process, killed and started again; people who say a thing again until it is done; what was acknowledged."""

    def __init__(self, folder: Path, world: Outside, session: aiohttp.ClientSession) -> None:
        extra = f"""
[[channels]]
name = "weibo"
label = "微博"
operator = "小刘"
connector = "webhook"
[[channels]]
name = "website"
label = "官网"
operator = "李雷"
site = "{world.base}"
[connectors.webhook]
url = "{world.base}publish"
secret = "publish-secret"
timeout = "60s"
[fetch]
spacing = "0s"
"""
        self.folder = folder
        self.world = world
        self.path = config(folder, extra=extra)
        self.path.write_text(self.path.read_text(encoding="utf-8").replace("[web]", 'contact = "400-000-0000"\n[web]', 1))
        self.signed: set[str] = set()
        self.kills = 0
        self.slept = 0
        self.unanswered = 0
        self._session = session

    async def start(self) -> None:
        self.bot = await Bot(self.path, STILL if self.kills or self.slept else "").start()
        self.client = Client(self._session, self.bot)

    async def kill(self) -> None:
        """``kill -9``, start; what was signed stays signed, and nobody called the publishing service again."""
        calls = len(self.world.orders)
        await self.bot.kill()
        self.kills += 1
        self.unanswered += bool(self.one("SELECT count(*) FROM inbox WHERE state = 'taken'"))
        await self.start()
        assert self.signed <= self.signatures()
        assert len(self.world.orders) == calls

    def rows(self, sql: str) -> list[Any]:
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/data/wanglou.db?mode=ro", uri=True)) as conn:
            return conn.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        found = self.rows(sql)
        return found[0][0] if found else None

    def signatures(self) -> set[str]:
        return {row[0] for row in self.rows("SELECT person FROM signatures WHERE void = ''")}

    def code(self) -> str:
        sql = "SELECT substr(sha256, 1, 4) FROM versions JOIN drafts d ON d.id = draft AND d.version = versions.version"
        return str(self.one(sql) or "").upper()

    async def until(self, holds: Callable[[], Any], what: str = "") -> None:
        for _ in range(4000):
            if holds():
                return
            await asyncio.sleep(0.025)
        raise AssertionError(what or "it never came to that")

    async def say(self, text: str, by: str, *, private: bool = False) -> str:
        return "\n".join(await self.client.say(text, by, f"@{by}" if private else "危机室"))

    async def heard(self, part: str, room: str = "危机室") -> int:
        return sum(part in m["text"] for m in await self.client.messages(room))

    async def settled(self) -> None:
        """Nothing taken is unanswered, nothing waits to be sent."""
        sql = "SELECT (SELECT count(*) FROM inbox WHERE state = 'taken') + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending'))"
        await self.until(lambda: self.one(sql) == 0, "never settled")

    async def step(self, text: str, by: str, done: Callable[[], Any], *, private: bool = False) -> None:
        """Said and killed while it is being answered, said again where it did not come to that, killed right after it."""
        asked = asyncio.create_task(self.say(text, by, private=private))
        taken = self.one("SELECT count(*) FROM inbox") or 0
        with contextlib.suppress(AssertionError):
            await asyncio.wait_for(self.until(lambda: self.one("SELECT count(*) FROM inbox") > taken or asked.done()), 2)
        await self.kill()
        with contextlib.suppress(aiohttp.ClientError, OSError, AssertionError):
            await asked
        await self.settled()
        for _ in range(3):
            if done():
                break
            said = await self.say(text, by, private=private)
            await self.settled()
        assert done(), f"{text}: {said}"
        before = self.standing()
        if text.startswith("同意"):
            self.signed.add(by)
        await self.kill()
        await self.settled()
        assert self.standing() == before

    def standing(self) -> list[Any]:
        """The statement's rows as they stand."""
        tables = ("drafts", "versions", "signatures", "publications")
        return [self.rows(f"SELECT * FROM {table} ORDER BY id") for table in tables]

    def check_log(self) -> None:
        """Every release is in the log, with a chain of distinct people for its very text."""
        for draft, version, sha in self.rows("SELECT draft, version, sha256 FROM publications"):
            sql = f"SELECT person FROM signatures WHERE draft = {draft} AND version = {version} AND sha256 = '{sha}' AND void = ''"
            assert {row[0] for row in self.rows(sql)} >= set(SIGNERS)
            assert self.one("SELECT count(*) FROM log WHERE verb = 'hand_over'") >= 1


@asynccontextmanager
async def crisis(folder: Path) -> AsyncIterator[Life]:
    """An orange incident in the real process, with a confirmed fact and a task done."""
    timeout = aiohttp.ClientTimeout(total=60)
    async with outside() as world, aiohttp.ClientSession(timeout=timeout) as session:
        life = Life(folder, world, session)
        await life.start()
        texts = ("晨露果味奶里喝出黑色异物，太恶心了", "晨露客服推诿，异物照片看都不看", "给孩子买的晨露果味奶有异物，气死")
        assert (
            await life.client.push("first", [{"id": f"f{n}", "text": t, "platform": "微博"} for n, t in enumerate(texts)])
            == 202
        )
        await life.until(lambda: life.one("SELECT count(*) FROM incidents"), "no incident")
        await life.say("认领 #1", "李雷")
        await life.say("定级 #1 橙 按研判", "张敏")
        task = (await life.say("任务 #1 @林工 明天10点 回访投诉的顾客", "张敏")).split()[0]
        assert f"{task} 完成" in (said := await life.say(f"{task} 完成", "林工")), said
        try:
            yield life
        finally:
            assert await life.bot.end() == 0
        life.check_log()


async def up_to_the_chain(life: Life, do: Callable[..., Any]) -> None:
    """From the first draft to a complete chain; ``do`` says a step and knows when it is done."""
    await do("起草首发 #1", "张敏", lambda: life.one("SELECT count(*) FROM drafts") == 1)
    filled = "改 D1 受影响的人是消费者，渠道微博，下次通报明天18:00，官网"
    await do(filled, "张敏", lambda: life.one("SELECT version FROM drafts") == 2)
    await do("送审 D1", "张敏", lambda: life.one("SELECT state FROM drafts") != "draft")
    for name in SIGNERS:
        await do("同意 D1", name, lambda name=name: name in life.signatures(), private=True)
    assert life.one("SELECT state FROM drafts") == "approved"


@pytest.mark.process
async def test_killed_at_every_step_of_sign_off_and_release(tmp_path: Path) -> None:
    async with crisis(tmp_path) as life:
        world = life.world
        await up_to_the_chain(life, life.step)
        state = "SELECT state FROM publications WHERE channel = '{}'"
        await life.step("发布 D1 官网", "王磊", lambda: life.one("SELECT count(*) FROM pending"))
        assert not life.rows("SELECT * FROM publications"), "nothing goes out before it was confirmed"
        await life.step(f"确认 {life.code()}", "王磊", lambda: life.one(state.format("website")) == "handed")
        assert await life.heard("请发 D1", "@李雷") == 1

        await life.say("发布 D1 微博", "王磊")
        assert "已交付" in await life.say(f"确认 {life.code()}", "王磊")
        await asyncio.wait_for(world.busy.wait(), 30)
        await life.kill()
        await life.settled()
        assert life.one(state.format("weibo")) == "unknown"
        assert life.one(state.format("website")) == "handed"
        question = "D1 微博：结果未知（发布途中进程结束），不会重发。请小刘核对后回：已发 D1 微博 链接｜未发 D1 微博"
        assert await life.heard(question) == 1
        assert await life.heard(question, "@小刘") == 1
        for said in (await life.say("发布 D1 微博", "王磊"), await life.say(f"确认 {life.code()}", "王磊")):
            assert "已交付" not in said
        await life.kill()
        assert await life.heard(question) == 1, "asked once"
        await life.step("已发 D1 微博 https://weibo.invalid/1", "小刘", lambda: life.one(state.format("weibo")) == "released")

        world.busy.clear()
        world.text = str(life.one("SELECT text FROM versions ORDER BY id DESC LIMIT 1"))
        link = f"已发 D1 官网 {world.base}notice"
        await life.step(link, "李雷", lambda: life.one(state.format("website")) == "released")
        await asyncio.wait_for(world.busy.wait(), 30)
        world.slow = False
        await life.kill()
        await life.until(
            lambda: life.one("SELECT compared FROM publications WHERE channel = 'website'") == "same", "never read"
        )
        await life.kill()
        await life.settled()
        assert await life.heard("D1 官网 与签批文本一致") == 1
        assert life.one("SELECT state FROM drafts") == "released"
        assert [(o["channel"], o["text"]) for o in world.orders] == [("微博", world.text)]
        assert life.kills >= 26
        assert life.unanswered >= 3, "some kills left a command that was taken and not answered"
    assert json.loads((tmp_path / "data" / "audit.head").read_text() or "null") is not None


@pytest.mark.process
async def test_a_scheduled_release_and_a_changed_page_while_the_process_slept(tmp_path: Path) -> None:
    async with crisis(tmp_path) as life:
        world = life.world
        world.slow = False

        async def once(text: str, by: str, done: Callable[[], Any], *, private: bool = False) -> None:
            said = await life.say(text, by, private=private)
            await life.settled()
            assert done(), said

        await up_to_the_chain(life, once)
        assert "定于" in await released(life, "发布 D1 官网 明天10:00")
        assert not life.rows("SELECT * FROM publications")
        await asleep(life, "UPDATE timers SET due_at = created_at WHERE kind = 'release'")
        await life.until(
            lambda: life.rows("SELECT * FROM publications WHERE state = 'handed'"), "the hour came and nothing went"
        )
        await life.settled()
        assert await life.heard("请发 D1", "@李雷") == 1
        assert await life.heard("D1 v2", "危机室") >= 1

        world.text = str(life.one("SELECT text FROM versions ORDER BY id DESC LIMIT 1"))
        await life.say(f"已发 D1 {world.base}notice", "李雷")
        await life.until(lambda: life.one("SELECT compared FROM publications") == "same", "never read")
        world.text = world.text.replace("未经核实的内容我们不会先下结论", "已经查明与我们无关")
        await asleep(life, "UPDATE page_checks SET due_at = (SELECT released_at FROM publications) WHERE done_at IS NULL")
        await life.until(lambda: life.one("SELECT compared FROM publications") == "differs", "drift not seen")
        await life.settled()
        assert await life.heard("D1 官网 页面与签批文本不一致：少了") == 1
        for name in ("王磊", "何静", "陈总"):
            assert await life.heard("页面与签批文本不一致", f"@{name}") == 1
        assert world.reads == 2


async def released(life: Life, text: str) -> str:
    await life.say(text, "王磊")
    return await life.say(f"确认 {life.code()}", "王磊")


async def asleep(life: Life, passed: str) -> None:
    """The process is down; ``passed`` says what came due meanwhile."""
    await life.bot.kill()
    life.slept += 1
    with contextlib.closing(sqlite3.connect(life.folder / "data" / "wanglou.db")) as conn, conn:
        assert conn.execute(passed).rowcount
    await life.start()
