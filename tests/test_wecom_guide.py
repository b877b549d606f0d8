"""The operators' guide, followed to the letter against the vendor, with the real process."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import re
import signal
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fakes.wecom import FakeWeCom

from bot.config import read
from bot.platforms.wecom import Options
from bot.platforms.wecom.codes import CODES

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "wecom.md").read_text("utf-8")
WAIT = 30.0


def section(number: str) -> str:
    """The part of the guide under the heading with this number."""
    return re.split(r"^#{2,3} ", GUIDE.split(f" {number} ", 1)[1], maxsplit=1, flags=re.M)[0]


def test_every_setting_stands_in_the_guide_with_its_default() -> None:
    table = section("2")
    for field in dataclasses.fields(Options):
        row = next((line for line in table.splitlines() if line.startswith(f"| `{field.name}` |")), "")
        shown = {"": "空", 0: "0"}.get(field.default, f"`{field.default}`")
        assert f"| {shown} |" in row, field.name


def test_every_code_stands_in_the_guide_as_the_program_says_it() -> None:
    rows = dict(re.findall(r"^\| (-?\d+) \| (.+) \|$", GUIDE, re.M))
    assert rows == {str(number): f"{code.meaning} | {code.mend}" for number, code in CODES.items()}


def test_every_example_in_the_guide_is_a_configuration() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", GUIDE, re.S)
    assert len(blocks) >= 5
    for block in blocks:
        table = tomllib.loads(block)
        if "platforms" in table:
            assert read({"platforms": table["platforms"]}, environ={}).platforms["wecom"] is not None


def configuration(fake: FakeWeCom, folder: Path) -> Path:
    """What somebody has who did 1.4 and nothing else; only the addresses are the fake vendor's."""
    blocks = "\n".join(re.findall(r"```toml\n(.*?)```", section("1.4"), re.S))
    addresses = f'\nws_url = "{fake.ws_url}"\napi_base = "{fake.base}"\n'
    head = f'[bot]\nname = "望楼"\ndata_dir = "{folder / "data"}"\ncompany = ["晨露乳业"]\n[web]\nport = 0\n'
    path = folder / "config.toml"
    path.write_text(f'{head}[[watch]]\nname = "晨露"\nany = ["晨露乳业"]\n{blocks}{addresses}', "utf-8")
    return path


def environment(fake: FakeWeCom) -> dict[str, str]:
    given = {"WECOM_BOT_ID": fake.bot_id, "WECOM_BOT_SECRET": fake.secret, "WECOM_WEBHOOK": fake.webhook_url}
    assert set(re.findall(r"export (\w+)=", section("1.4"))) == set(given)
    return {**os.environ, **given, "PYTHONIOENCODING": "utf-8"}


@asynccontextmanager
async def process(fake: FakeWeCom, config: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, list[str]]]:
    """``wanglou run``, ready; what it said until then."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", "-c", str(config)),
        cwd=ROOT,
        env=environment(fake),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert running.stdout
    said: list[str] = []
    try:
        async with asyncio.timeout(WAIT):
            while not said or "已就绪" not in said[-1]:
                line = await running.stdout.readline()
                assert line, said
                said.append(line.decode())
        yield running, said
    finally:
        if running.returncode is None:
            running.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(running.communicate(), WAIT)
        everything = "".join(said) + out.decode() + err.decode()
        assert fake.secret not in everything
        assert fake.webhook_key not in everything


@pytest.mark.process
async def test_a_reader_who_has_only_the_guide_binds_his_group_and_is_answered(tmp_path: Path) -> None:
    async with FakeWeCom() as fake:
        async with process(fake, configuration(fake, tmp_path)) as (running, said):
            code = next(line.rsplit("绑定 ", 1)[1].strip() for line in said if line.startswith("绑定"))
            await fake.until(lambda: fake.subscriptions, WAIT)
            await fake.say("@望楼 状态", msgid="early")
            await fake.until(lambda: fake.sent, WAIT)
            assert "绑定" in fake.sent[0].words

            await fake.say(f"@望楼 绑定 {code}")
            await fake.until(lambda: len(fake.sent) >= 2, WAIT)
            assert "已绑定" in fake.sent[1].words

            await fake.say("@望楼 帮助", by="somebody-new")
            await fake.until(lambda: len(fake.sent) >= 3, WAIT)
            assert "somebody-new" in fake.sent[2].words

            await fake.drop()
            for _ in range(5):
                await fake.say("@望楼 状态", msgid="again")
            await fake.say("@望楼 我是谁", msgid="last")
            await fake.until(lambda: len(fake.sent) >= 5, WAIT)
            assert len(fake.sent) == 5
            assert fake.subscriptions == 2
            running.kill()

        async with process(fake, tmp_path / "config.toml") as (_, said):
            assert not [line for line in said if line.startswith("绑定")]
            await fake.until(lambda: fake.subscriptions == 3, WAIT)
            await fake.say("@望楼 我是谁", msgid="after a kill")
            fresh = await fake.until(lambda: [s.words for s in fake.sent[5:] if "可能重复" not in s.words], WAIT)
            assert "张敏" in fresh[0]  # what the kill left in doubt may come once more, marked
        assert fake.refused == []


def edited_example(fake: FakeWeCom, folder: Path) -> Path:
    """The example with the three changes of 1.4, each in its place; only addresses, port and folder are the test's."""
    person, room, platform = re.findall(r"```toml\n(.*?)```", section("1.4"), re.S)
    text = (ROOT / "config.example.toml").read_text("utf-8")
    text = re.sub(r'\[\[people\]\]\nname = "张敏"\n[^\n]*\n', person, text)
    text = re.sub(r'\[\[rooms\]\]\nname = "危机室"\nplatform = "local"\n', room, text)
    assert tomllib.loads(text)["rooms"][0]["platform"] == "wecom"
    text = text.replace('data_dir = "data"', f'data_dir = "{folder / "data"}"').replace("port = 8765", "port = 0")
    path = folder / "config.toml"
    path.write_text(f'{text}\n{platform}ws_url = "{fake.ws_url}"\napi_base = "{fake.base}"\n', "utf-8")
    return path


@pytest.mark.process
async def test_a_reader_who_edits_the_example_gets_the_first_alert_in_his_group_and_claims_it(tmp_path: Path) -> None:
    async with FakeWeCom() as fake, process(fake, edited_example(fake, tmp_path)) as (_, said):
        code = next(line.rsplit("绑定 ", 1)[1].strip() for line in said if line.startswith("绑定"))
        await fake.until(lambda: fake.subscriptions, WAIT)
        await fake.say(f"@望楼 绑定 {code}")
        await fake.until(lambda: any("每小时" in s.words and s.way == "push" for s in fake.sent), 90)
        card = next(s for s in fake.sent if "每小时" in s.words and s.way == "push")
        await fake.press(card.body["template_card"]["task_id"], "claim")
        await fake.until(lambda: any(s.way == "update" and "张敏" in s.words for s in fake.sent), WAIT)
        await fake.say("@望楼 状态")
        await fake.until(lambda: any(s.way == "reply" and "#1" in s.words for s in fake.sent), WAIT)
        assert fake.refused == []


@pytest.mark.process
async def test_the_online_check_says_what_the_guide_promises(tmp_path: Path) -> None:
    async with FakeWeCom() as fake:
        checking = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "check", "--online", "-c", str(configuration(fake, tmp_path))),
            cwd=ROOT,
            env=environment(fake) | {"WECOM_BOT_SECRET": "wrong"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await asyncio.wait_for(checking.communicate(), WAIT)
        lines = out.decode().splitlines()
        assert checking.returncode == 1
        assert [line for line in lines if line.startswith("问题") and "853000" in line and "Secret" in line]
        assert [line for line in lines if line.startswith("ok") and "群机器人（危机室）可用" in line]
        assert fake.sent == []
