"""The real process, for promises that only a process keeps: started, spoken to over loopback, killed, started again."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.spilled import configured, said

ROOT = Path(__file__).parent.parent
SECRET = "push-secret-for-tests"
TOKEN = "room-token-for-tests"
PEOPLE = (
    ("李雷", "monitor"),
    ("张敏", "duty"),
    ("王磊", "pr"),
    ("何静", "legal"),
    ("林工", "biz"),
    ("小刘", "cs"),
    ("陈总", "commander"),
)


def config(folder: Path, *, rooms: str = "", extra: str = "") -> Path:
    """A configuration with a pushed source, the people of the demo, and the data in ``folder``."""
    people = "\n".join(f'[[people]]\nname = "{name}"\nroles = ["{role}"]\nwebhook = "{name}"' for name, role in PEOPLE)
    path = folder / "wanglou.toml"
    path.write_text(
        f"""
[bot]
data_dir = "{folder / "data"}"
company = ["晨露乳业", "晨露"]
[web]
port = 0
ingest = {{ vendor = "{SECRET}" }}
local_room_token = "{TOKEN}"
{people}
[[rooms]]
name = "危机室"
{rooms}
[[sources]]
name = "vendor"
kind = "webhook"
[[watch]]
name = "晨露"
any = ["晨露乳业", "晨露"]
{extra}
""",
        encoding="utf-8",
    )
    return path


SPILLED: list[str] = []
"""Lines of any process that held a secret of its configuration; ``tests/conftest.py`` fails the run for one."""

ALIVE: set[int] = set()
"""Processes that a failed test left behind; ended with the run (``tests/conftest.py``)."""


@dataclass
class Bot:
    """A running ``wanglou run``. ``port`` is known once it is ready. ``prelude``: lines run before it, for seconds that a test
    can't wait for."""

    path: Path
    prelude: str = ""
    process: asyncio.subprocess.Process | None = None
    port: int = 0
    lines: list[str] = field(default_factory=list)
    started_in: float = 0.0
    _reading: asyncio.Task[None] | None = None

    def _program(self) -> list[str]:
        if not self.prelude:
            return ["-m", "bot"]
        return ["-c", f"import sys\n{self.prelude}\nsys.argv[0] = 'wanglou'\nfrom bot.cli import main\nsys.exit(main())"]

    async def start(self) -> Bot:
        """Starts it; returns when it says that it is ready."""
        begun = time.monotonic()
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, *self._program(), "run", "-c", str(self.path)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        ALIVE.add(self.process.pid)
        assert self.process.stdout
        while line := (await asyncio.wait_for(self.process.stdout.readline(), 60)).decode():
            self.lines.append(line)
            if found := re.search(r"已就绪.*?(?::|端口 )(\d+)", line):
                self.port = int(found[1])
                break
        else:
            raise AssertionError("".join(self.lines))
        self.started_in = time.monotonic() - begun
        self._reading = asyncio.create_task(self._read())
        return self

    async def _read(self) -> None:
        assert self.process
        assert self.process.stdout
        async for line in self.process.stdout:
            self.lines.append(line.decode("utf-8", "replace"))

    async def kill(self) -> None:
        """``kill -9``."""
        await self.end(signal.SIGKILL)

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Ends it and waits; its exit status."""
        assert self.process
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        status = await asyncio.wait_for(self.process.wait(), 30)
        ALIVE.discard(self.process.pid)
        if self._reading:
            await self._reading
        SPILLED.extend(said(self.lines, configured(self.path)))
        return status

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def signed(body: bytes, id: str, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The headers of a signed push."""
    stamp = str(int(time.time() if at is None else at))
    mac = hmac.new(secret.encode(), f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{base64.b64encode(mac).decode()}"}


class Client:
    """Talks to a running bot."""

    def __init__(self, session: aiohttp.ClientSession, bot: Bot) -> None:
        self._session = session
        self.bot = bot

    async def push(self, id: str, mentions: Sequence[Mapping[str, Any]]) -> int:
        """A signed push; the status."""
        body = json.dumps(list(mentions), ensure_ascii=False).encode()
        async with self._session.post(f"{self.bot.address}/ingest/vendor", data=body, headers=signed(body, id)) as response:
            return response.status

    async def say(self, text: str, by: str, room: str = "危机室") -> list[str]:
        """Says something; the replies."""
        async with self._session.post(
            f"{self.bot.address}/api/messages",
            json={"room": room, "sender": by, "text": text},
            headers={"Authorization": f"Bearer {TOKEN}"},
        ) as response:
            body = await response.json()
            assert response.status == 200, body
            return [reply["text"] for reply in body["replies"]]

    async def messages(self, room: str = "危机室") -> list[dict[str, Any]]:
        """What stands in a room."""
        async with self._session.get(
            f"{self.bot.address}/api/messages",
            params={"room": room, "after": "0"},
            headers={"Authorization": f"Bearer {TOKEN}"},
        ) as response:
            return list((await response.json())["messages"])

    async def health(self) -> dict[str, Any]:
        """``/healthz``."""
        async with self._session.get(f"{self.bot.address}/healthz") as response:
            return dict(await response.json())
