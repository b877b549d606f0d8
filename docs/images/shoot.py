"""Takes the pictures of the README from a running room: ``python docs/images/shoot.py http://127.0.0.1:8765 [FOLDER]``.

Waits for the first alert, asks for its trend, then shows the room on a desk and on a phone, light and dark.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import Browser, async_playwright

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SHOTS = {
    "desk-light": ((1280, 860), "light"),
    "desk-dark": ((1280, 860), "dark"),
    "phone-light": ((390, 844), "light"),
    "phone-dark": ((390, 844), "dark"),
}


async def shoot(address: str, folder: Path) -> None:
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        await ask_for_trend(browser, address)
        for name, ((width, height), scheme) in SHOTS.items():
            context = await browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=2 if width < 500 else 1
            )
            page = await context.new_page()
            await page.goto(address)
            await page.wait_for_selector("body[data-live=true]")
            await page.locator(".message:has(.card)").last.evaluate("item => item.scrollIntoView({block: 'start'})")
            await page.wait_for_timeout(300)
            await page.screenshot(path=folder / f"room-{name}.png")
        await browser.close()


async def ask_for_trend(browser: Browser, address: str) -> None:
    page = await browser.new_page()
    await page.goto(address)
    await page.wait_for_selector("article.card[class*=grade-]", timeout=60_000)
    title = await page.locator("article.card[class*=grade-] h3").first.inner_text()
    await page.fill("#say", f"趋势 {title.split()[0]}")
    async with page.expect_response("**/api/messages"):
        await page.press("#say", "Enter")
    await page.close()


if __name__ == "__main__":
    asyncio.run(shoot(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else Path(__file__).parent)))
