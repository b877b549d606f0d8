"""The street side: vendors' pushes, health and figures."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientTimeout

from bot.app import health
from bot.model.mention import Mention
from bot.web import BODY_CAP, Figures, Web
from tests.process import SECRET, signed


class Desk:
    """Takes pushes in; lets a test hold the commit back or make it fail."""

    def __init__(self) -> None:
        self.stored: list[tuple[str, str, Sequence[Mention], Sequence[str]]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails = False
        self.ok = True

    async def take_in(
        self, name: str, delivery: str, mentions: Sequence[Mention], bad: Sequence[str], state: Callable[[Any], Any]
    ) -> None:
        await self.gate.wait()
        if self.fails:
            raise OSError("disk full")
        self.stored.append((name, delivery, mentions, bad))

    async def health(self) -> dict[str, Any]:
        return {"ok": self.ok, "problems": [] if self.ok else ["所有信源都看不见"]}

    async def refresh(self) -> None:
        return None


class Door:
    """The running server and a client."""

    def __init__(self, desk: Desk, figures: Figures, session: aiohttp.ClientSession, port: int) -> None:
        self.desk = desk
        self.figures = figures
        self._session = session
        self.url = f"http://127.0.0.1:{port}"

    async def push(
        self, body: bytes, *, id: str = "d1", secret: str = SECRET, at: float | None = None, name: str = "vendor"
    ) -> tuple[int, Any]:
        headers = signed(body, id, secret, at)
        async with self._session.post(f"{self.url}/ingest/{name}", data=io.BytesIO(body), headers=headers) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> tuple[int, str]:
        async with self._session.get(self.url + path) as response:
            return response.status, await response.text()


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    desk, figures = Desk(), Figures()
    web = Web(
        secrets={"vendor": [SECRET, "the-new-secret"]},
        common={},
        take_in=desk.take_in,
        health=desk.health,
        figures=figures,
        refresh=desk.refresh,
        now=lambda: datetime.now(UTC),
    )
    port = await web.start("127.0.0.1", 0)
    async with aiohttp.ClientSession(timeout=ClientTimeout(total=15)) as session:
        yield Door(desk, figures, session, port)
    await web.stop()


def body_of(*mentions: Any) -> bytes:
    return json.dumps(mentions[0] if len(mentions) == 1 else list(mentions), ensure_ascii=False).encode()


async def test_a_vendor_is_told_202_only_after_the_commit(door: Door) -> None:
    door.desk.gate.clear()
    push = asyncio.create_task(door.push(body_of({"id": 1, "text": "晨露牛奶有异物"})))
    await door.get("/healthz")

    assert not push.done()

    door.desk.gate.set()
    status, answer = await push
    assert (status, answer["accepted"]) == (202, 1)
    assert door.desk.stored[0][:2] == ("vendor", "d1")


async def test_what_could_not_be_stored_is_not_acknowledged(door: Door) -> None:
    door.desk.fails = True

    status, answer = await door.push(body_of({"text": "x"}))

    assert status == 503
    assert "重发" in answer["error"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"secret": "wrong"}, "another secret"),
        ({"off": -400}, "too old"),
        ({"off": 400}, "too new"),
        ({"name": "stranger"}, "unknown source"),
        ({"id": ""}, "no id"),
    ],
)
async def test_every_fault_of_a_signature_looks_the_same(door: Door, change: dict[str, Any], why: str) -> None:
    if off := change.pop("off", 0):
        change["at"] = time.time() + off
    assert await door.push(body_of({"text": "x"}), **change) == (401, {"error": "签名不符"}), why
    assert door.desk.stored == []


async def test_two_secrets_are_valid_during_rotation(door: Door) -> None:
    assert (await door.push(body_of({"text": "x"}), secret="the-new-secret"))[0] == 202


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[1, 2]",
        b'"text"',
        b'{"title": ""}',
        b"\xff\xfe",
        b'{"text": "x", "tier": "Z"}',
        b'{"text": {"a": 1}}',
        b"NaN",
    ],
)
async def test_a_bad_body_is_named_and_nothing_is_stored(door: Door, raw: bytes) -> None:
    status, answer = await door.push(raw)

    assert status == 400
    assert answer["error"]
    assert door.desk.stored == []


async def test_one_bad_item_does_not_keep_the_others_out(door: Door) -> None:
    status, answer = await door.push(body_of({"text": "一"}, {"tier": "S"}, {"text": "三"}))

    assert (status, answer["accepted"]) == (202, 2)
    assert answer["bad"][0].startswith("第2条")


async def test_an_oversized_body_is_refused(door: Door) -> None:
    assert (await door.push(b" " * (BODY_CAP + 1)))[0] == 413


async def test_health_is_503_with_the_reasons_when_something_is_wrong(door: Door) -> None:
    assert (await door.get("/healthz"))[0] == 200

    door.desk.ok = False
    status, text = await door.get("/healthz")

    assert status == 503
    assert "所有信源都看不见" in text


async def test_figures_count_what_came_in(door: Door) -> None:
    door.figures.took_in("vendor", 2)

    assert 'wanglou_mentions_total{source="vendor"} 2.0' in (await door.get("/metrics"))[1]


class Warned:
    """A platform that works and whose quota runs out."""

    name = "钉钉"

    def __init__(self, *more: str) -> None:
        self._more = more

    def problems(self) -> list[str]:
        return ["额度已用 70%", *self._more]

    def warnings(self) -> list[str]:
        return ["额度已用 70%"]


@pytest.mark.parametrize(("more", "ok"), [((), True), (("长连接断开",), False)])
async def test_a_quota_that_runs_out_is_a_warning_and_no_failure(more: tuple[str, ...], ok: bool) -> None:
    async def read(query: Any) -> dict[str, int]:
        return {}

    quiet = SimpleNamespace(trouble="", health={}, problems=list, read=read, shown=dict, warnings=list)
    app = SimpleNamespace(
        platforms={"dingtalk": Warned(*more)},
        analyst=quiet,
        polling=quiet,
        delivery=quiet,
        store=quiet,
        watchdog=quiet,
        auditor=quiet,
    )

    report = await health(app)  # type: ignore[arg-type]

    assert report["ok"] is ok
    assert report["warnings"] == ["钉钉：额度已用 70%"]
    assert report["problems"] == [f"钉钉：{line}" for line in more]
