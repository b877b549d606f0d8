"""A language model behind an OpenAI-compatible address, strict about what it is asked: one POST, two messages, no tools.

``says`` is what it answers, in order, the last one for ever: a text, a status, a whole response, or an event that it waits for.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY, NAME = "model-key-Qx90", "qwen-of-tests"
Reply = str | int | web.Response | asyncio.Event


@dataclass
class FakeModel:
    """``asked`` are the JSON objects that came as data, ``faults`` what was wrong with a request, ``came`` is set by the first."""

    says: list[Reply] = field(default_factory=lambda: ["无"])
    asked: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    base: str = ""
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        self._look(request, body)
        self.asked.append(json.loads(body["messages"][1]["content"]))
        self.tasks.append(body["messages"][0]["content"])
        self.came.set()
        reply = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(reply, asyncio.Event):
            await reply.wait()
            reply = "无"
        if isinstance(reply, int):
            return web.json_response({"error": {"message": f"no, {KEY}"}}, status=reply)
        if isinstance(reply, str):
            return web.json_response(spoken(reply))
        return web.Response(body=reply.body, status=reply.status, headers=reply.headers)

    def _look(self, request: web.Request, body: dict[str, Any]) -> None:
        expected = {
            "method": request.method == "POST",
            "path": request.path == "/v1/chat/completions",
            "key": request.headers.get("Authorization") == f"Bearer {KEY}",
            "type": request.content_type == "application/json",
            "keys": set(body) == {"model", "messages", "temperature", "stream"},
            "model": body.get("model") == NAME,
            "stream": body.get("stream") is False,
            "roles": [set(m) == {"role", "content"} and m["role"] for m in body.get("messages", [])] == ["system", "user"],
        }
        self.faults += [name for name, good in expected.items() if not good]


def spoken(text: object, **choice: object) -> dict[str, Any]:
    """An answer as the protocol has it."""
    made = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"} | choice
    return {"id": "c1", "object": "chat.completion", "model": NAME, "choices": [made], "usage": {"total_tokens": 9}}


@asynccontextmanager
async def model(*says: Reply) -> AsyncIterator[FakeModel]:
    """The model on a free loopback port; a request that it did not like fails the test."""
    fake = FakeModel(list(says) or ["无"])
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", fake.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake.base = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield fake
    finally:
        for reply in fake.says:
            if isinstance(reply, asyncio.Event):
                reply.set()
        await runner.cleanup()
    assert not fake.faults, fake.faults
