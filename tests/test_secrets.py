"""Nothing that the process writes holds a secret: after a night with everything configured and much of it failing, its words,
its files, its pages, its answers and its exports are searched for every one of them (reliability 19, 20)."""

from __future__ import annotations

import asyncio
import json
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.dingtalk import CLIENT_ID, GROUP, FakeDingTalk
from fakes.wecom import FakeWeCom

from tests import process
from tests.process_vendors import GRAVE, GROUP_SEND, REPLY, ROOM, SEND, running, until

pytestmark = pytest.mark.process
PHONES = ("13912345678", "13887654321")
CITIZEN, CARD = "110101199003078515", "6222021234567890123"
INGEST, ROOM_TOKEN = "ingest-secret-Qx71", "room-token-Qx72"
CALLBACK_TOKEN, AES_KEY = "callback-token-Qx73", "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"


def configuration(folder: Path, wecom: FakeWeCom, ding: FakeDingTalk) -> Path:
    wecom.secret, wecom.corp_secret, wecom.webhook_key = "bot-secret-Qx74", "app-secret-Qx75", "hook-key-Qx76"
    path = folder / "wanglou.toml"
    path.write_text(
        f"""
[bot]
data_dir = "{folder / "data"}"
company = ["晨露乳业", "晨露"]
[web]
port = 0
local_room_token = "{ROOM_TOKEN}"
ingest = {{ vendor = ["{INGEST}", "old-{INGEST}"] }}
[[people]]
name = "张敏"
roles = ["commander", "duty"]
wecom = "zhangmin"
dingtalk = "user01"
phone = "{PHONES[0]}"
[[people]]
name = "李雷"
roles = ["monitor"]
wecom = "lilei"
phone = "{PHONES[1]}"
[[rooms]]
name = "微信室"
platform = "wecom"
chat = "{ROOM}"
webhook = "{wecom.webhook_url}"
[[rooms]]
name = "钉钉室"
platform = "dingtalk"
chat = "{GROUP}"
webhook = "{ding.hook_url}"
webhook_secret = "SECfake0f1e2d3c"
[[sources]]
name = "vendor"
kind = "webhook"
[[watch]]
name = "晨露"
any = ["晨露乳业", "晨露"]
[platforms.wecom]
bot_id = "{wecom.bot_id}"
secret = "{wecom.secret}"
ws_url = "{wecom.ws_url}"
api_base = "{wecom.base}"
corp_id = "{wecom.corp_id}"
agent_id = {wecom.agent_id}
corp_secret = "{wecom.corp_secret}"
token = "{CALLBACK_TOKEN}"
aes_key = "{AES_KEY}"
[platforms.dingtalk]
client_id = "{CLIENT_ID}"
client_secret = "fake-app-secret-3c41"
api_base = "{ding.base}"
oapi_base = "{ding.base}"
""",
        encoding="utf-8",
    )
    return path


def secrets(wecom: FakeWeCom, ding: FakeDingTalk) -> list[str]:
    """Everything that may stand nowhere: what was configured, and what the vendors gave in exchange for it."""
    given = [
        wecom.secret,
        wecom.corp_secret,
        wecom.webhook_key,
        "fake-app-secret-3c41",
        "fake-hook-token-77aa",
        "SECfake0f1e2d3c",
    ]
    ours = [INGEST, ROOM_TOKEN, CALLBACK_TOKEN, AES_KEY, *PHONES]
    tokens = [*ding.tokens, *(f"sendBySession?session={name}" for name in ding.sessions)]
    return [*given, *ours, *tokens]


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file that was written, and what lies in archives."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()
            if path.suffix == ".zip":
                yield from _unpacked(path)


def _unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            yield f"{path.name}/{name}", data
            if name.endswith(".docx"):
                with zipfile.ZipFile(archive.open(name)) as paper:
                    yield from ((f"{path.name}/{name}/{part}", paper.read(part)) for part in paper.namelist())


async def a_bad_night(client: process.Client, wecom: FakeWeCom, ding: FakeDingTalk, folder: Path, said: list[str]) -> None:
    """Much fails, and every door is knocked at wrongly."""
    base = client.bot.address

    async def ask(method: str, path: str, **how: object) -> None:
        async with client._session.request(method, base + path, **how) as response:  # type: ignore[arg-type]
            said.append(f"{response.headers} {await response.text(errors='replace')}")

    await wecom.until(lambda: wecom.subscriptions)
    await ding.connected()
    wecom.trouble(REPLY, "lose")
    await wecom.say("@望楼 我是谁")
    wecom.trouble(SEND, "code", 93000)
    wecom.trouble("send", "code", 93000)
    wecom.trouble("gettoken", "status", 502)
    wecom.trouble("gettoken", "code", 40001)
    ding.fault(
        GROUP_SEND,
        (401, {"code": "InvalidAuthentication", "message": f"token {CLIENT_ID} bad", "requestid": "r"}),
        "lost",
        "cut",
    )
    ding.fault("/robot/send", (200, {"errcode": 310000, "errmsg": "sign not match"}))
    text = f"{GRAVE}，联系人{PHONES[0]}，身份证{CITIZEN}，卡号{CARD}"
    body = json.dumps([{"id": "m1", "text": text, "platform": "微博"}], ensure_ascii=False).encode()
    async with client._session.post(f"{base}/ingest/vendor", data=body, headers=process.signed(body, "d1", INGEST)) as response:
        assert response.status == 202
    for secret in ("wrong", INGEST):
        await ask("POST", "/ingest/vendor", data=b"{broken", headers=process.signed(b"{broken", f"x{secret}", secret))
    await ask("GET", "/api/messages?room=x", headers={"Authorization": f"Bearer {ROOM_TOKEN}x"})
    await ask("GET", "/api/messages?room=@张敏", headers={"Authorization": f"Bearer {ROOM_TOKEN}"})
    await ask("POST", "/api/messages", data=b"\xff\xfe", headers={"Authorization": f"Bearer {ROOM_TOKEN}"})
    for path in ("/callback/wecom", "/callback/wecom-app"):
        await ask("POST", f"{path}?msg_signature=0&timestamp=1&nonce=2", data=b"<xml/>")
        await ask("GET", f"{path}?msg_signature=0&timestamp=1&nonce=2&echostr=x")
    await ask("POST", "/callback/dingtalk", data=b"{}")
    await wecom.say(f"@望楼 记一下 #1 家属电话{PHONES[1]}")
    await ding.say(f"记一下 #1 家属证件{CITIZEN}")
    await ding.say("我是谁")
    await until(lambda: any("每小时" in s.words for s in wecom.sent) and any("每小时" in s.text for s in ding.said), 30)
    await ask("GET", "/healthz")
    await ask("GET", "/metrics")
    await ask("GET", "/nowhere")


async def test_after_a_bad_night_no_secret_stands_anywhere(tmp_path: Path) -> None:
    said: list[str] = []
    async with FakeWeCom() as wecom, FakeDingTalk() as ding:
        path = configuration(tmp_path, wecom, ding)
        async with running(path) as client:
            await a_bad_night(client, wecom, ding, tmp_path, said)
            out = tmp_path / "data" / "out"
            export = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "export", "1", "--out", str(out), "-c", str(path)),
                cwd=process.ROOT,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            said.append((await export.communicate())[0].decode())
            assert export.returncode == 0, said[-1]
            lines = client.bot.lines
        said += lines
        assert any(PHONES[0].encode() in data for name, data in written(tmp_path / "data") if name.startswith("wanglou.db"))
        for secret in secrets(wecom, ding):
            held = [
                name for name, data in written(tmp_path / "data") if secret.encode() in data and not _original(secret, name)
            ]
            assert not held, f"{secret} in {held}"
            assert not [line[:200] for line in said if secret in line], secret
        for number in (*PHONES, CITIZEN, CARD):
            exported = [name for name, data in written(tmp_path / "data" / "out") if number.encode() in data]
            assert not exported, f"{number} in {exported}"
            assert not [s.words for s in wecom.sent if number in s.words]
            assert not [s.text for s in ding.said if number in s.text]
    _private(tmp_path / "data")


def _original(secret: str, name: str) -> bool:
    """What was said to us is kept word for word, there and nowhere else."""
    return secret in PHONES and name.startswith("wanglou.db")


def _private(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_a_wrong_configuration_is_named_without_its_secret(tmp_path: Path) -> None:
    path = tmp_path / "wanglou.toml"
    path.write_text(
        '[bot]\ncompany = ["晨露"]\n[platforms.wecom]\nsecret = "bot-secret-Qx99"\naes_key = "short-Qx98"\ntoken = "t-Qx97"\n',
        "utf-8",
    )
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "check", "-c", str(path)], cwd=process.ROOT, capture_output=True, text=True, check=False
    )
    assert not re.search(r"Qx9\d", ran.stdout + ran.stderr)


async def test_the_room_tokens_page_says_nothing_of_it(tmp_path: Path) -> None:
    async with running(process.config(tmp_path)) as client, client._session.get(client.bot.address + "/") as response:
        assert process.TOKEN not in await response.text()
