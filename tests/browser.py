"""Headless Chromium for the tests of the page."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

playwright = pytest.importorskip("playwright.async_api")
CHROMIUM = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the page is not tested"),
]
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@asynccontextmanager
async def paged(
    url: str, forgiven: str = "", *, live: bool = True, width: int = 1200, height: int = 800, **look
) -> AsyncIterator[playwright.Page]:
    """A page of ``url``. What the browser complains about, or asks of anybody else, fails the test, but for ``forgiven``."""
    complaints: list[str] = []
    async with playwright.async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        context = await browser.new_context(viewport={"width": width, "height": height}, **look)
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: None if request.url.startswith(url) else complaints.append(request.url))
        await (enter(page, url) if live else page.goto(url))
        try:
            yield page
        finally:
            await browser.close()
    assert [line for line in complaints if not forgiven or forgiven not in line] == []


async def enter(page: playwright.Page, url: str) -> None:
    """Opens the room and waits until it is live."""
    await page.goto(url)
    await page.wait_for_selector("body[data-live=true]")
