"""The routes of the local room: the page, its API, the live events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiohttp import web

from bot.model.people import Role
from bot.platforms.local.drawing import clean
from bot.platforms.local.gate import COOKIE, HEADERS
from bot.platforms.local.refused import RefusedError

if TYPE_CHECKING:
    from bot.platforms.local import Platform

BODY_CAP = 256 * 1024
BODY_SECONDS = 4
TEXT_CAP = 20_000
NAME_CAP = 60
PAGE_CAP = 2_000
BIGGEST = 2**63 - 1
TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
PICTURES = ("image/png", "image/jpeg")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes(platform: Platform) -> Sequence[web.RouteDef]:
    """Every route, behind the gate."""
    gate = platform.gate
    api = Api(platform)

    def guarded(handler: Handler, check: Callable[[web.Request], None] = gate.check) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                check(request)
                return await handler(request)
            except RefusedError as refused:
                return _json({"error": str(refused)}, refused.status)

        return answer

    return [
        web.get("/", guarded(api.page, gate.check_address)),
        web.get("/page/{name}", guarded(api.asset, gate.check_address)),
        web.post("/api/login", guarded(api.login, gate.check_address)),
        web.get("/api/rooms", guarded(api.rooms)),
        web.get("/api/messages", guarded(api.messages)),
        web.post("/api/messages", guarded(api.say)),
        web.post("/api/press", guarded(api.press)),
        web.get("/api/events", guarded(api.events)),
        web.get("/api/files/{message}/{index}", guarded(api.file)),
    ]


class Api:
    """What stands behind each route."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._gate = platform.gate
        self._assets = _assets()

    async def page(self, request: web.Request) -> web.StreamResponse:
        try:
            self._gate.check(request)
        except RefusedError:
            return self._asset("login.html", 401)
        return self._asset("index.html")

    async def asset(self, request: web.Request) -> web.StreamResponse:
        return self._asset(request.match_info["name"])

    def _asset(self, name: str, status: int = 200) -> web.Response:
        body = self._assets.get(name)
        if body is None:
            raise RefusedError(404, "没有这个文件。")
        kind = TYPES[name.rpartition(".")[2]]
        return web.Response(body=body, status=status, content_type=kind, charset="utf-8", headers=HEADERS)

    async def login(self, request: web.Request) -> web.StreamResponse:
        """The token, once on the page; what stays is a cookie that no script can read."""
        proof = self._gate.admit(_text(await _body(request), "token", 1_000))
        if proof is None:
            raise RefusedError(403, "口令不对。")
        response = _json({"ok": True})
        response.set_cookie(COOKIE, proof, httponly=True, samesite="Strict", secure=request.secure, path="/")
        return response

    async def rooms(self, request: web.Request) -> web.StreamResponse:
        here = self._platform
        people = [
            {"name": person.name, "roles": [role.label for role in Role if person.has(role)], "room": f"@{person.name}"}
            for person in here.house.people
        ]
        return _json({"name": here.house.name, "rooms": here.rooms, "people": people, "verbs": list(here.verbs)})

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """``after``: what came later, oldest first. ``before`` or ``last``: the newest below an id, for turning back.

        ``more`` says that there is more in the direction asked for.
        """
        room = self._room(request.query.get("room", ""))
        limit = min(_number(request.query.get("last"), "last", self._platform.options.history), PAGE_CAP)
        if "before" in request.query or "last" in request.query:
            found = await self._platform.shelf.before(room, _number(request.query.get("before"), "before", BIGGEST), limit + 1)
            return await _big({"messages": found[-limit:] if limit else [], "more": len(found) > limit})
        found = await self._platform.shelf.after(room, _number(request.query.get("after"), "after", 0), PAGE_CAP + 1)
        return await _big({"messages": found[:PAGE_CAP], "more": len(found) > PAGE_CAP})

    async def say(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        room, sender = self._room(_text(body, "room", NAME_CAP + 1)), _text(body, "sender", NAME_CAP)
        text = _text(body, "text", TEXT_CAP)
        id, replies = await self._platform.say(room, sender, text, _integer(body, "reply_to"))
        return _json({"id": id, "replies": replies})

    async def press(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        message = _integer(body, "message")
        if message is None:
            raise RefusedError(400, "缺少 message：按的是哪条消息。")
        sender, key = _text(body, "sender", NAME_CAP), _text(body, "key", 200)
        choice = _text(body, "choice", 200) if body.get("choice") not in (None, "") else ""
        pressed = await self._platform.press(message, sender, key, choice)
        return _json({"replies": pressed.replies, "message": pressed.message})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events ``message`` and ``repaint``, of one room or of all; first what came after ``after``, if given.

        A ``beat`` comes after each quiet while and names its length in seconds, so that a page notices a dead line.
        """
        room = self._room(request.query["room"]) if request.query.get("room") else ""
        after = _number(request.query.get("after") or request.headers.get("Last-Event-ID"), "after", -1)
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream; charset=utf-8"})
        beat = f"event: beat\ndata: {self._platform.options.heartbeat:g}\n\n".encode()
        with self._platform.feed.listen() as listener:
            await response.prepare(request)
            try:
                await response.write(beat)
                known = set()
                if after >= 0:
                    for message in await self._platform.shelf.after(room, after, PAGE_CAP):
                        known.add(message["id"])
                        await response.write(_event("message", message))
                async for event in listener.events(self._platform.options.heartbeat):
                    if event is None:
                        await response.write(beat)
                    elif (not room or event.message["room"] == room) and (
                        event.kind == "repaint" or event.message["id"] not in known
                    ):
                        await response.write(_event(event.kind, event.message))
            except ConnectionError:
                pass
        return response

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file of a message. Only pictures are shown; all else is downloaded."""
        message, index = (_number(request.match_info[name], name, 0) for name in ("message", "index"))
        found = await self._platform.shelf.file(message, index)
        if found is None:
            raise RefusedError(404, "没有这个文件。")
        if found.mime in PICTURES:
            return web.Response(body=found.data, content_type=found.mime, headers=HEADERS)
        disposition = f"attachment; filename*=UTF-8''{quote(clean(found.name), safe='')}"
        headers = {**HEADERS, "Content-Disposition": disposition}
        return web.Response(body=found.data, content_type="application/octet-stream", headers=headers)

    def _room(self, room: str) -> str:
        if not room:
            raise RefusedError(400, "缺少 room：房间名，或 @姓名 表示私聊。")
        if not self._platform.has(room):
            raise RefusedError(404, f"没有房间「{room[:NAME_CAP]}」。")
        return room


def _assets() -> dict[str, bytes]:
    """The page, read once: only these names can be asked for."""
    folder = resources.files(__package__) / "page"
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.rpartition(".")[2] in TYPES}


async def _body(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object; ``RefusedError`` names what is wrong."""
    if (request.content_length or 0) > BODY_CAP:
        raise RefusedError(413, "内容太大，最多 256 KiB。")
    raw = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                raw += chunk
                if len(raw) > BODY_CAP:
                    raise RefusedError(413, "内容太大，最多 256 KiB。")
    except TimeoutError:
        raise RefusedError(408, "内容没有按时发完。") from None
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise RefusedError(400, "内容不是合格的 JSON。") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "内容应为 JSON 对象。")
    return body


def _text(body: dict[str, Any], name: str, cap: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not clean(value).strip():
        raise RefusedError(400, f"缺少 {name}，应为非空文字。")
    if len(value) > cap:
        raise RefusedError(400, f"{name} 太长，最多 {cap} 字。")
    return clean(value)


def _integer(body: dict[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= BIGGEST:
        raise RefusedError(400, f"{name} 应为消息编号（正整数）。")
    return value


def _number(text: str | None, name: str, default: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise RefusedError(400, f"{name} 应为消息编号（整数）。")
    return int(text)


def _event(kind: str, message: dict[str, Any]) -> bytes:
    return f"event: {kind}\nid: {message['id']}\ndata: {json.dumps(message, ensure_ascii=False)}\n\n".encode()


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(
        text=json.dumps(value, ensure_ascii=False), status=status, content_type="application/json", headers=HEADERS
    )


async def _big(value: object) -> web.Response:
    """A long list is written as JSON beside the event loop."""
    return await asyncio.to_thread(_json, value)
