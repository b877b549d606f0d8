"""The whole house behind the page: a vendor's push becomes an alert, and the alert is claimed, in a real browser."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout
from browser import NEEDS_CHROMIUM, paged, playwright

from bot import config
from bot.app import App, build

pytestmark = NEEDS_CHROMIUM
SECRET = "a-secret-for-tests"
CONFIG = f"""
[bot]
data_dir = "FOLDER"
company = ["晨露乳业", "晨露"]
[web]
port = 0
ingest = {{ vendor = "{SECRET}" }}
[[people]]
name = "张敏"
roles = ["duty"]
[[people]]
name = "李雷"
roles = ["monitor"]
[[people]]
name = "陈总"
roles = ["commander"]
[[rooms]]
name = "危机室"
[[watch]]
name = "奶粉安全"
any = ["晨露奶粉", "晨露酸奶"]
"""
HARM = (
    ("小红书", "晨露奶粉喝了宝宝起皮疹，住院了，批号MA0423，太气人了"),
    ("微博", "我家孩子喝晨露奶粉也起疹子了，MA0423，客服推诿，恶心"),
    ("抖音", "晨露奶粉有问题，孩子喝完又吐又拉，去医院了，MA0423"),
    ("黑猫投诉", "投诉晨露奶粉MA0423批次，宝宝过敏住院，商家不处理"),
)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[App, str]]:
    """The whole house on a free port, and its address."""
    path = folder / "config.toml"
    path.write_text(CONFIG.replace("FOLDER", str(folder / "data")), encoding="utf-8")
    app = await build(config.load(path))
    await app.start()
    try:
        yield app, f"http://127.0.0.1:{app.port}"
    finally:
        await app.stop()


async def push(url: str, *posts: tuple[str, str]) -> None:
    """A signed push of a vendor."""
    items = [{"platform": platform, "text": text, "author": f"用户{n}"} for n, (platform, text) in enumerate(posts)]
    body = json.dumps(items, ensure_ascii=False).encode()
    stamp = str(int(datetime.now(UTC).timestamp()))
    proof = hmac.new(SECRET.encode(), b"one." + stamp.encode() + b"." + body, hashlib.sha256).digest()
    headers = {
        "webhook-id": "one",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(proof).decode()}",
    }
    async with (
        ClientSession(timeout=ClientTimeout(30)) as session,
        session.post(f"{url}/ingest/vendor", data=body, headers=headers) as response,
    ):
        assert response.status == 202, await response.text()


async def say(page: playwright.Page, text: str) -> playwright.Locator:
    """Types a line; the last answer of the house."""
    await page.fill("#say", text)
    async with page.expect_response("**/api/messages"):
        await page.press("#say", "Enter")
    return page.locator("li.message.house").last


async def test_an_alert_is_claimed_by_button_and_stays_claimed_after_a_restart(tmp_path):
    async with running(tmp_path) as (_, url), paged(url) as page:
        await push(url, *HARM)
        card = page.locator("article.card").first
        await playwright.expect(card).to_contain_text("#1", timeout=30_000)
        await playwright.expect(card.locator(".chip")).to_contain_text("建议")

        await page.select_option("#speaker", "李雷")
        await card.get_by_role("button", name="认领").click()
        await playwright.expect(card).to_contain_text("李雷")
        await playwright.expect(card.get_by_role("button", name="认领")).to_have_count(0)
        await playwright.expect(page.locator("li.message.house").last).to_contain_text("#1 归李雷")

        await page.reload()
        await playwright.expect(page.locator("article.card").first).to_contain_text("李雷")

    async with running(tmp_path) as (_, url), paged(url) as page:
        await playwright.expect(page.locator("article.card").first).to_contain_text("李雷")
        await playwright.expect(await say(page, "状态 #1")).to_contain_text("李雷")


async def test_an_alert_is_claimed_by_typing(tmp_path):
    async with running(tmp_path) as (_, url), paged(url) as page:
        await push(url, *HARM)
        await playwright.expect(page.locator("article.card").first).to_contain_text("#1", timeout=30_000)
        await page.select_option("#speaker", "李雷")

        await playwright.expect(await say(page, "认领 1")).to_contain_text("#1 归李雷")
        await page.reload()
        await playwright.expect(await say(page, "列表")).to_contain_text("李雷")
        await page.select_option("#speaker", "张敏")
        await playwright.expect(await say(page, "认领 1")).to_contain_text("李雷")
