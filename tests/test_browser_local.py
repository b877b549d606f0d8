"""The page of the local room in a real browser: headless Chromium on the real server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from browser import NEEDS_CHROMIUM, enter, paged, playwright
from local_world import FakeEar, World, answering, opened

from bot.model.card import Button, Card, Chart, Link, Option, Post, Series
from bot.model.grade import Grade
from bot.model.message import Answer, Message, Press
from bot.model.options import Seconds
from bot.platforms.local import Options

pytestmark = NEEDS_CHROMIUM

CLAIM = Button("claim:12", "认领", "认领 #12", "primary")
MUTE = Button("mute:12", "静音", "静音 #12", options=(Option("10", "10分钟"), Option("30", "30分钟")))
ALERT = Card(
    "alert",
    "🟠 橙（建议）#12 酸奶结块",
    ("2个平台，每小时22条",),
    ("请李雷 10:18 前认领",),
    "#12",
    12,
    Grade.ORANGE,
    False,
    (CLAIM, MUTE),
    (Link("首帖", "https://post.example/1"),),
)
CLAIMED = replace(ALERT, must=("李雷 10:02 认领（2分）",), buttons=(Button("assess:12", "研判", "研判 #12"),))


def crew(heard: Message | Press) -> Answer:
    """A house that lets people claim, and is silent at all else."""
    if isinstance(heard, Press) and heard.key == "claim:12":
        return Answer((Post("#12 归你"),), Post.of(CLAIMED))
    if isinstance(heard, Message) and "认领" in heard.text:
        return Answer((Post("#12 归你"),))
    return Answer()


@asynccontextmanager
async def browsing(
    folder: Path, ear: FakeEar | None = None, forgiven: str = "", options: Options | None = None, **look
) -> AsyncIterator[tuple[World, playwright.Page]]:
    """The room and a page in it."""
    async with opened(folder, ear or FakeEar(crew), options) as world, paged(world.url, forgiven, **look) as page:
        yield world, page


async def say(page: playwright.Page, text: str) -> None:
    await page.fill("#say", text)
    await page.press("#say", "Enter")


def message(page: playwright.Page, text: str) -> playwright.Locator:
    return page.locator("li.message", has_text=text).last


async def test_an_alert_appears_and_is_claimed_by_button(tmp_path):
    async with browsing(tmp_path) as (world, page):
        await page.select_option("#speaker", "李雷")
        await world.push(Post.of(ALERT))

        card = page.locator(".card")
        await playwright.expect(card.locator("h3")).to_have_text("#12 酸奶结块")
        await playwright.expect(card.locator(".chip")).to_have_text("橙色建议，待确认")
        await card.get_by_role("button", name="认领").click()

        await playwright.expect(card).to_contain_text("李雷 10:02 认领（2分）")
        await playwright.expect(card.get_by_role("button", name="研判")).to_be_enabled()
        await playwright.expect(message(page, "#12 归你")).to_have_count(1)
        assert [(heard.sender, heard.key) for heard in world.ear.taken] == [("李雷", "claim:12")]

        await page.reload()
        await playwright.expect(page.locator(".card")).to_contain_text("李雷 10:02 认领（2分）")
        await playwright.expect(page.locator("#speaker")).to_have_value("李雷")
        await playwright.expect(page.locator("li.message")).to_have_count(2)


async def test_an_alert_is_claimed_by_typing(tmp_path):
    async with browsing(tmp_path) as (world, page):
        await page.select_option("#speaker", "李雷")
        await say(page, "认领 12")

        await playwright.expect(page.locator("li.message .text")).to_have_text(["认领 12", "#12 归你"])
        await playwright.expect(page.locator("#say")).to_have_value("")
        assert (world.ear.taken[0].sender, world.ear.taken[0].text) == ("李雷", "认领 12")


async def test_shift_enter_makes_a_line_and_an_input_method_keeps_its_enter(tmp_path):
    async with browsing(tmp_path) as (world, page):
        await page.fill("#say", "第一行")
        await page.press("#say", "Shift+Enter")
        await page.keyboard.type("two")
        await page.dispatch_event("#say", "keydown", {"key": "Enter", "isComposing": True})
        assert world.ear.taken == []
        await page.press("#say", "Enter")
        await playwright.expect(message(page, "第一行")).to_be_visible()
        assert world.ear.taken[0].text == "第一行\ntwo"


async def test_a_verb_is_offered_and_taken(tmp_path):
    async with browsing(tmp_path) as (_, page):
        await page.fill("#say", "认")
        await playwright.expect(page.locator("#hints button")).to_have_text(["认领"])
        await page.locator("#hints button").click()
        await playwright.expect(page.locator("#say")).to_have_value("认领 ")
        await playwright.expect(page.locator("#say")).to_be_focused()


async def test_a_selection_is_made_with_the_keyboard_alone(tmp_path):
    async with browsing(tmp_path) as (world, page):
        await world.push(Post.of(ALERT))
        opener = page.get_by_role("button", name="静音")
        await opener.focus()
        await page.keyboard.press("ArrowDown")
        await playwright.expect(page.get_by_role("menuitem", name="10分钟")).to_be_focused()
        await page.keyboard.press("Escape")
        await playwright.expect(opener).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("ArrowDown")
        async with page.expect_response("**/api/press"):
            await page.keyboard.press("Enter")
        assert [(heard.key, heard.choice) for heard in world.ear.taken] == [("mute:12", "30")]


async def test_a_message_is_quoted(tmp_path):
    async with browsing(tmp_path) as (world, page):
        await world.push(Post("客服接到4个来电"))
        await page.locator("li.message").hover()
        await page.get_by_role("button", name="引用 望楼").click()
        await playwright.expect(page.locator("#quoting")).to_contain_text("客服接到4个来电")
        await say(page, "记")

        await playwright.expect(page.locator(".quoted")).to_have_text("望楼：客服接到4个来电")
        assert world.ear.taken[0].quote.text == "客服接到4个来电"


async def test_a_private_chat_is_led_in_that_persons_name(tmp_path):
    async with browsing(tmp_path, FakeEar(answering("好"))) as (world, page):
        await page.click("[data-room='@陈总']")
        await playwright.expect(page.locator("#speaker")).to_have_value("陈总")
        await say(page, "列表")
        await playwright.expect(message(page, "好")).to_be_visible()
        assert (world.ear.taken[0].room, world.ear.taken[0].sender) == ("", "陈总")
        await page.click("[data-room='危机室']")
        await playwright.expect(page.locator("li.message")).to_have_count(0)


async def test_what_arrives_elsewhere_is_counted_until_it_is_read(tmp_path):
    async with browsing(tmp_path) as (world, page):
        await world.push(Post("给陈总的简报"), room="陈总", private=True)
        badge = page.locator("[data-room='@陈总'] .badge")
        await playwright.expect(badge).to_contain_text("1")
        await playwright.expect(page).to_have_title("(1) 望楼")
        await page.click("[data-room='@陈总']")
        await playwright.expect(badge).to_have_count(0)
        await playwright.expect(page).to_have_title("望楼")


async def test_text_of_strangers_is_never_markup_or_link(tmp_path):
    hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script> https://evil.example \u202e反'
    async with browsing(tmp_path) as (world, page):
        card = replace(
            ALERT, title=hostile, lines=(hostile,), must=(hostile,), links=(Link(hostile, "https://post.example/x"),)
        )
        await world.push(Post(hostile), parcel=1)
        await world.push(
            Post.of(replace(card, buttons=(Button("a", hostile, hostile, options=(Option("1", hostile),)),))), parcel=2
        )

        await playwright.expect(page.locator("li.message")).to_have_count(2)
        assert await page.locator("#messages img:not(.avatar), #messages script").count() == 0
        assert await page.locator("#messages a").count() == 1
        assert await page.locator("#messages a").get_attribute("rel") == "noopener noreferrer nofollow"
        assert "\u202e" not in await page.inner_text("#messages")
        assert await page.title() == "望楼"


async def test_a_long_text_is_folded_until_asked_for(tmp_path):
    async with browsing(tmp_path) as (world, page):
        await world.push(Post("\n".join(f"第{number}行" for number in range(60))))
        text = page.locator("li.message .text")
        folded = (await text.bounding_box())["height"]
        await page.get_by_role("button", name="展开全文").click()
        assert (await text.bounding_box())["height"] > 3 * folded
        await playwright.expect(page.get_by_role("button", name="收起")).to_have_attribute("aria-expanded", "true")


async def test_times_are_beijing_times_wherever_the_browser_is(tmp_path):
    async with browsing(tmp_path, timezone_id="America/New_York", locale="en-US") as (world, page):
        await world.push(Post("正午"))
        await playwright.expect(page.locator("li.message time")).to_have_text("12:00")
        await playwright.expect(page.locator("li.message time")).to_have_attribute(
            "title", re.compile("2026年4月15日.*北京时间")
        )


async def test_a_chart_is_a_picture_with_words_and_a_table(tmp_path):
    points = tuple((1776225600.0 + 600 * step, 20.0 + step) for step in range(44))
    chart = Chart("#12 热度", "分", (Series("热度", points),), ((points[20][0], "升橙"),))
    async with browsing(tmp_path, width=360) as (world, page):
        await world.push(Post("#12 热度63", chart=chart))
        picture = page.get_by_role("img", name=re.compile("热度从20到63，最高63"))
        await playwright.expect(picture).to_be_visible()
        await playwright.expect(picture.locator(".mark-label")).to_have_text("升橙")
        await page.get_by_text("数据表").click()
        await playwright.expect(page.locator(".table tbody tr")).to_have_count(44)


async def test_a_lost_line_is_said_and_what_was_missed_is_read_up(tmp_path):
    options = Options(heartbeat=Seconds(0.3))
    async with browsing(tmp_path, options=options, forgiven="net::ERR") as (world, page):
        await world.push(Post("之前"), parcel=1)
        await playwright.expect(message(page, "之前")).to_be_visible()
        await page.context.set_offline(True)
        world.platform.feed.close()
        await playwright.expect(page.locator("#offline")).to_be_visible()
        await world.push(Post("断线时"), parcel=2)
        await page.context.set_offline(False)
        await playwright.expect(message(page, "断线时")).to_be_visible()
        await playwright.expect(page.locator("#offline")).to_be_hidden()
        await playwright.expect(page.locator("li.message")).to_have_count(2)


async def test_words_that_could_not_be_sent_are_not_lost(tmp_path):
    async with browsing(tmp_path, forgiven="503") as (world, page):
        world.ear.refuses = True
        await say(page, "认领 12")
        await playwright.expect(page.locator("#error")).to_contain_text("没能存下，请再发一次")
        await playwright.expect(page.locator("#say")).to_have_value("认领 12")
        world.ear.refuses = False
        await page.press("#say", "Enter")
        await playwright.expect(message(page, "#12 归你")).to_be_visible()
        await playwright.expect(page.locator("#error")).to_be_hidden()


async def test_older_messages_are_turned_back_to(tmp_path):
    async with browsing(tmp_path, options=Options(history=5)) as (world, page):
        for number in range(1, 13):
            await world.push(Post(f"第{number}条"), parcel=number)
        await page.reload()
        await playwright.expect(page.locator("li.message")).to_have_count(5)
        await page.click("#older")
        await playwright.expect(page.locator("li.message")).to_have_count(10)
        await page.click("#older")
        await playwright.expect(page.locator("li.message .text").first).to_have_text("第1条")
        await playwright.expect(page.locator("#older")).to_be_hidden()


async def test_what_came_while_away_stands_below_a_line(tmp_path):
    async with browsing(tmp_path) as (world, page):
        await world.push(Post("读过的"), parcel=1)
        await playwright.expect(message(page, "读过的")).to_be_visible()
        await page.goto("about:blank")
        await world.push(Post("没读过的"), parcel=2)
        await enter(page, world.url)
        await playwright.expect(page.locator("li.unread + li.message .text")).to_have_text("没读过的")


async def test_the_room_fits_every_screen(tmp_path):
    long = replace(ALERT, lines=("很长的一行没有空格" * 20, "https://post.example/" + "a" * 300))
    async with browsing(tmp_path) as (world, page):
        await world.push(Post.of(long), parcel=1)
        await world.push(Post("x" * 400), parcel=2)
        await playwright.expect(page.locator("li.message")).to_have_count(2)
        for width in (360, 390, 819, 820, 1200, 1600):
            await page.set_viewport_size({"width": width, "height": 640})
            beyond = "[document.documentElement, document.getElementById('scroll')].map((e) => e.scrollWidth - e.clientWidth)"
            assert await page.evaluate(beyond) == [0, 0], width
            for name in ("#say", "#send", "#speaker", ".card .buttons button >> nth=0"):
                box = await page.locator(name).bounding_box()
                assert box["x"] >= 0, (width, name)
                assert box["x"] + box["width"] <= width, (width, name)


async def test_on_a_phone_the_rooms_are_behind_a_button(tmp_path):
    async with browsing(tmp_path, width=360, height=640, has_touch=True) as (_, page):
        await playwright.expect(page.locator("#side")).not_to_be_in_viewport()
        await page.tap("#menu")
        await playwright.expect(page.locator("[data-room='值班群']")).to_be_in_viewport()
        await page.keyboard.press("Escape")
        await playwright.expect(page.locator("#menu")).to_be_focused()
        await page.tap("#menu")
        await page.tap("[data-room='值班群']")
        await playwright.expect(page.locator("#title")).to_have_text("值班群")
        await playwright.expect(page.locator("#side")).not_to_be_in_viewport()


async def test_the_page_is_usable_without_a_mouse_and_without_eyes(tmp_path):
    async with browsing(tmp_path) as (world, page):
        await world.push(Post.of(ALERT))
        await playwright.expect(page.locator(".card")).to_be_visible()
        await page.keyboard.press("Tab")
        await playwright.expect(page.locator(".skip")).to_be_focused()
        await page.keyboard.press("Enter")
        await playwright.expect(page.locator("#say")).to_be_focused()
        await playwright.expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
        await playwright.expect(page.get_by_role("textbox", name="消息")).to_be_visible()
        await playwright.expect(page.get_by_role("combobox", name="我是")).to_be_visible()
        await playwright.expect(page.get_by_role("article", name="#12 酸奶结块")).to_be_visible()
        nameless = await page.evaluate(
            "[...document.querySelectorAll('button, a, select, textarea')].filter((e) => e.checkVisibility()"
            " && !(e.ariaLabel || e.labels?.length || e.textContent.trim())).length"
        )
        assert nameless == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_words_stand_out_from_their_ground(tmp_path, scheme):
    """WCAG AA: 4.5 to 1 for text."""
    async with browsing(tmp_path, color_scheme=scheme) as (world, page):
        for number, grade in enumerate(Grade, 1):
            await world.push(Post.of(replace(ALERT, grade=grade), "张敏", "李雷"), parcel=number)
        await say(page, "认领 12")
        await playwright.expect(message(page, "#12 归你")).to_be_visible()
        faint = await page.evaluate(CONTRAST)
        assert faint == []


CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, ground) => top.slice(0, 3).map((c, i) => c * top[3] + ground[i] * (1 - top[3])).concat(1);
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const light = (c) => c.slice(0, 3).map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    const words = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!words || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || element.disabled) continue;
    if (element.closest('.sr, .skip, noscript, .cite, option')) continue;
    const below = ground(element);
    const pair = [light(over(rgba(getComputedStyle(element).color), below)), light(below)].sort();
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < 4.5) faint.push(`${element.tagName}.${element.className} ${element.textContent.slice(0, 12)} ${contrast.toFixed(2)}`);
  }
  return faint;
}"""


async def test_with_a_token_the_page_asks_once(tmp_path):
    room = opened(tmp_path, FakeEar(crew), open=False, token="a-token-for-tests")
    async with room as world, paged(world.url, "40", live=False) as page:
        await page.fill("#token", "wrong")
        await page.press("#token", "Enter")
        await playwright.expect(page.locator("#error")).to_have_text("口令不对。")
        await page.fill("#token", "a-token-for-tests")
        await page.press("#token", "Enter")
        await page.wait_for_selector("body[data-live=true]")
        await page.reload()
        await page.wait_for_selector("body[data-live=true]")
