"""The operators' guide, read as an operator reads it: what it says works, and what it says it costs is what it costs."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dingtalk_world import ALERT, CARDS, World, soon, world
from fakes.dingtalk import CLIENT_ID, CLIENT_SECRET, TEMPLATE

from bot.model.card import File, Post
from bot.model.message import Answer
from bot.model.options import read_options
from bot.platforms.dingtalk import Options
from bot.platforms.dingtalk.cards import variables

GUIDE = (Path(__file__).parent.parent / "docs" / "dingtalk.md").read_text(encoding="utf-8")
BLOCKS = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", GUIDE, re.S)]
TABLES = [block["platforms"]["dingtalk"] for block in BLOCKS if "platforms" in block]
GIVEN = {"env:DING_CLIENT_ID": CLIENT_ID, "env:DING_CLIENT_SECRET": CLIENT_SECRET, "你的模板ID.schema": TEMPLATE}
PNG = File("trend.png", "image/png", b"\x89PNG")


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world() as made:
        yield made


def cost(what: str) -> tuple[int, int]:
    row = re.search(rf"^\| {re.escape(what)} \| (\d+) \| (\d+) \|$", GUIDE, re.M)
    assert row, what
    return int(row[1]), int(row[2])


@pytest.mark.parametrize("table", TABLES[:2], ids=["first alert", "with buttons"])
async def test_a_reader_who_copies_the_blocks_reaches_the_first_alert_and_claims_it(w: World, table: dict[str, Any]) -> None:
    options = read_options(Options, {key: GIVEN[value] for key, value in table.items()}, "platforms.dingtalk")
    platform = await w.running(**{key: value for key, value in dataclasses.asdict(options).items() if "base" not in key})
    assert all(line.ok for line in await platform.check())
    await w.fake.say("绑定 4711")
    target = replace(w.parcel(ALERT).target, chat=w.ear.taken[0].room)
    way = platform.ways(target)[0]
    assert (await platform.send(replace(w.parcel(ALERT), target=target), way)).way == way
    await w.fake.say("认领 #1")
    assert w.ear.taken[-1].text == "认领 #1"


@pytest.mark.parametrize("table", TABLES)
def test_every_block_is_a_configuration_that_loads(table: dict[str, Any]) -> None:
    assert read_options(Options, table, "platforms.dingtalk").client_id == "env:DING_CLIENT_ID"


def test_every_setting_stands_in_the_table_with_its_default() -> None:
    for field in dataclasses.fields(Options):
        assert re.search(rf"^\|[^|]*`{field.name}`", GUIDE, re.M), field.name
    assert f"| `api_quota` | {Options().api_quota} |" in GUIDE
    assert f"| `push_quota` | {Options().push_quota} |" in GUIDE


def test_the_template_of_the_guide_has_every_variable_that_we_fill_in() -> None:
    named = set(re.findall(r"`(\w+)`", GUIDE))
    for name in variables(ALERT)[0]:
        known = re.sub(r"^b[2-5]_", "b1_", name)
        assert known in named, name


def test_every_permission_that_we_may_lack_has_its_row() -> None:
    for scope in ("qyapi_robot_sendmsg", "Card.Instance.Write", "qyapi_get_member", "Premium.Ding.Write"):
        assert re.search(rf"^\| .* \| `{re.escape(scope)}` \|", GUIDE, re.M)


async def test_each_thing_costs_what_the_guide_says(w: World) -> None:
    platform = await w.running(ding="app")
    quota = platform._quota

    async def spent(work: Any, done: Any = lambda: True) -> tuple[int, int]:
        before = quota.used("api"), quota.used("push")
        await work
        await soon(lambda: not platform._talk._busy)
        await w.fake.until(done)
        return quota.used("api") - before[0], quota.used("push") - before[1]

    alert = w.parcel(ALERT, 7)
    assert await spent(platform.send(alert, "card")) == cost("群里一条预警（卡片或消息）")
    assert await spent(platform.send(w.parcel(ALERT, 8), "robot")) == cost("群里一条预警（卡片或消息）")
    w.ear.answer_with = lambda heard: Answer((), Post.of(replace(ALERT, revision=2)))
    out = platform._sender.hanging.out_track(7)
    assert await spent(w.fake.press(out, "claim")) == cost("有人按了卡片上的按钮，卡片刷新")
    assert await spent(platform.send(w.parcel(replace(ALERT, revision=3), 9), "card")) == cost("别的原因使卡片刷新")
    w.ear.answer_with = lambda heard: Answer((Post("未结1件"),))
    assert await spent(w.fake.say("状态"), lambda: w.fake.said[-1].text == "未结1件") == cost("收一句话，回一句话")
    w.ear.answer_with = lambda heard: Answer((Post.of(CARDS["ask"]),))
    asked = cost("收一句话，回一张要按「确认」的卡片（有模板时）")
    assert await spent(w.fake.say("结案 #12"), lambda: w.fake.said[-1].via == "card") == asked
    w.ear.answer_with = lambda heard: Answer()
    w.fake.downloads["dc"] = b"\x89PNG"
    picture = w.fake.say(msgtype="picture", content={"downloadCode": "dc"}, private=True)
    assert await spent(picture, lambda: w.fake.count("/files/dc")) == cost("收一张图")
    assert await spent(platform.send(w.parcel(CARDS["brief"], 10, to="ceo01"), "card")) == cost("私信一位领导")
    chart = Post("", files=(PNG,))
    assert await spent(platform.send(w.parcel(chart, 11), "robot")) == cost("发一张趋势图或一份文件")
    assert await spent(platform.send(w.parcel(chart, 12), "robot")) == cost("同一张图再发一次")
    red = w.parcel(CARDS["alert_red_confirmed"], 13, to="ceo01")
    calls, pushes = await spent(platform.send(red, "card"))
    assert (calls - 1, pushes) == cost("一次 DING")
    assert await spent(platform.send(w.parcel(Post("行"), 14, hook=True), "webhook")) == cost("群机器人发一条")
    assert (
        await spent(platform._api.token(fresh=True))
        == await spent(platform._api.person("user01"))
        == cost("取令牌、查姓名、长连接")
    )


def test_the_quiet_day_adds_up() -> None:
    alert, paint, leader = cost("群里一条预警（卡片或消息）"), cost("别的原因使卡片刷新"), cost("私信一位领导")
    chart, word = cost("发一张趋势图或一份文件"), cost("收一句话，回一句话")
    row = re.search(r"^\| 平静的一天：2 条预警各刷新 1 次，4 条领导私信，1 张图，20 句命令 \| (\d+) \| (\d+) \|$", GUIDE, re.M)
    assert row
    assert int(row[1]) == 2 * alert[0] + 2 * paint[0] + 4 * leader[0] + chart[0]
    assert int(row[2]) == 20 * word[1]
