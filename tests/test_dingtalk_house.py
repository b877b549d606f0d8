"""The whole house behind DingTalk: the configuration of the guide, the real parts, the fake vendor."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from dingtalk_world import ALERT
from fakes.dingtalk import CLIENT_ID, CLIENT_SECRET, GROUP, HOOK_SECRET, TEMPLATE, FakeDingTalk
from test_dingtalk_guide import GUIDE

from bot import config
from bot.app import App, build, health
from bot.model.card import Post
from bot.model.grade import Grade
from bot.store import outbox, rooms

CODE = "1A2B3C4D"


def first_block() -> str:
    found = re.search(r"```toml\n(.*?)```", GUIDE, re.S)
    assert found
    return found[1]


def json_block() -> str:
    found = re.search(r"```json\n(.*?)```", GUIDE, re.S)
    assert found
    return found[1]


@asynccontextmanager
async def house(fake: FakeDingTalk, folder: Path, block: str) -> AsyncIterator[App]:
    """The house with the guide's words in its configuration; only addresses and the data folder are the test's."""
    ours = f'[platforms.dingtalk]\napi_base = "{fake.base}"\noapi_base = "{fake.base}"'
    path = folder / "config.toml"
    block = block.replace("[platforms.dingtalk]", ours, 1).replace("[bot]", f'[bot]\ndata_dir = "{folder / "data"}"', 1)
    block = block.replace('folder = "in"', f'folder = "{folder / "in"}"')
    path.write_text(f"{block}\n[web]\nport = 0\n", encoding="utf-8")
    (folder / "in").mkdir(exist_ok=True)
    app = await build(config.load(path))
    await app.start()
    try:
        await fake.connected()
        yield app
    finally:
        await app.stop()


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDingTalk]:
    monkeypatch.setenv("DING_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("DING_CLIENT_SECRET", CLIENT_SECRET)
    async with FakeDingTalk() as made:
        yield made


async def alert(app: App, **over: Any) -> None:
    def put(db: Any) -> None:
        outbox.put(db, Post.of(ALERT), at=app.clock(), kind="alert", reason="raised", room="危机室", grade=Grade.ORANGE, **over)

    await app.store.run(put)


async def heard_back(fake: FakeDingTalk, true: Callable[[], object]) -> None:
    await fake.until(true, 60)


async def test_from_the_guides_block_to_a_bound_group_and_its_first_alert(fake: FakeDingTalk, tmp_path: Path) -> None:
    async with house(fake, tmp_path, first_block()) as app:
        await app.store.run(rooms.keep, "bind_codes", {"危机室": CODE})
        await fake.say(f"绑定 {CODE}")
        await heard_back(fake, lambda: fake.said)
        assert fake.said[0].text.startswith("已绑定：这个群就是「危机室」")
        (tmp_path / "in" / "try.jsonl").write_text(json_block(), encoding="utf-8")
        await fake.until(lambda: [said for said in fake.said if said.via == "group"], 90)
        said = next(said for said in fake.said if said.via == "group")
        assert (said.to, said.kind) == (GROUP, "sampleMarkdown")
        assert "黄（建议） #1" in said.title
        assert "1. 认领 #1" in said.text
        await fake.say("认领 #1")
        await heard_back(fake, lambda: fake.said[-1].text.startswith("#1 归"))


async def test_a_stranger_learns_the_number_by_which_to_be_added_and_an_outsider_nothing(
    fake: FakeDingTalk, tmp_path: Path
) -> None:
    async with house(fake, tmp_path, first_block()):
        await fake.say("状态", by="user09", private=True)
        await heard_back(fake, lambda: fake.said)
        assert "user09" in fake.said[0].text
        await fake.say("状态", by="user01", senderCorpId="ding99")
        await fake.say("我是谁", by="user01", private=True)
        await heard_back(fake, lambda: len(fake.said) >= 2)
        assert "张敏" in fake.said[1].text


async def test_when_the_app_fails_the_rooms_own_robot_says_it_and_says_so(fake: FakeDingTalk, tmp_path: Path) -> None:
    block = first_block().replace('platform = "dingtalk"', f'platform = "dingtalk"\nchat = "{GROUP}"\nwebhook = "{fake.hook_url}"\n'
                                  f'webhook_secret = "{HOOK_SECRET}"')  # fmt: skip
    async with house(fake, tmp_path, block) as app:
        fake.denied_scopes.add("qyapi_robot_sendmsg")
        await alert(app)
        await heard_back(fake, lambda: fake.said)
        assert fake.said[0].via == "webhook"
        assert "（备用通道）" in fake.said[0].text
        assert "qyapi_robot_sendmsg" in str((await health(app))["problems"])


async def test_a_restart_between_card_and_press_loses_neither(fake: FakeDingTalk, tmp_path: Path) -> None:
    block = first_block().replace("[platforms.dingtalk]", f'[platforms.dingtalk]\ncard_template = "{TEMPLATE}"')
    block = block.replace('platform = "dingtalk"', f'platform = "dingtalk"\nchat = "{GROUP}"')
    async with house(fake, tmp_path, block) as app:
        await alert(app)
        await heard_back(fake, lambda: fake.cards and fake.said)
    (out,) = fake.cards
    async with house(fake, tmp_path, block):
        await heard_back(fake, lambda: fake.opened == 2)
        await asyncio.sleep(0)
        ack = await fake.press(out, "claim")
        assert ack["code"] == 200
        await heard_back(fake, lambda: len(fake.said) >= 2)
        assert fake.said[1].to == GROUP
    assert len(fake.cards) == 1
