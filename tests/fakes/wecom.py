"""WeCom, played by a server on a free port. It refuses what the vendor refuses and records what arrives and when.

``say``, ``press``, ``enter`` play the people. ``trouble`` makes the next calls of a kind go wrong. Proved by clients that are
not ours in ``test_wecom_third_party.py``.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import itertools
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from aiohttp import WSMsgType, web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from fakes import wecom_rules as rules

FRAMES = {
    "ping", "aibot_subscribe", "aibot_respond_msg", "aibot_respond_welcome_msg", "aibot_respond_update_msg", "aibot_send_msg",
    "aibot_upload_media_init", "aibot_upload_media_chunk", "aibot_upload_media_finish",
}  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """Something of ours that the vendor accepted and shows to people."""

    way: str
    body: dict[str, Any]
    at: float

    @property
    def words(self) -> str:
        """What a person reads."""
        if "template_card" in self.body:
            return json.dumps(self.body["template_card"], ensure_ascii=False)
        kind = self.body.get("msgtype", "")
        inner = self.body.get(kind) or {}
        return str(inner.get("content") or inner)


@dataclass
class Callback:
    """A call-back that waits for its answer."""

    kind: str
    body: dict[str, Any]
    socket: Any
    at: float
    streams: dict[str, tuple[float, bool]] = field(default_factory=dict)
    updated: bool = False


@dataclass
class Trouble:
    """``do``: ``code`` answers with ``code``; ``cut`` closes the socket before doing anything; ``lose`` does it and closes before
    the answer; ``mute`` does it and never answers; ``slow`` waits for ``gate``; ``status`` answers with HTTP ``code``;
    ``garbage`` answers what is no JSON."""

    do: str
    code: int = 0
    gate: asyncio.Event | None = None


class FakeWeCom:
    """``clock`` is the vendor's own (seconds); tests may move it."""

    def __init__(self) -> None:
        self.bot_id, self.secret = "AIB1", "bot-secret-1"
        self.corp_id, self.corp_secret, self.agent_id = "ww0123456789abcdef", "app-secret-1", 1000002
        self.webhook_key = "key-0001"
        self.visible = {"zhangmin": "张敏", "lilei": "李雷", "chenzong": "陈总"}
        self.trusted = True
        self.unlicensed: set[str] = set()
        self.has_callback = True
        self.clock: Callable[[], float] = time.monotonic
        self.sent: list[Sent] = []
        self.refused: list[tuple[str, int, Any]] = []
        self.frames: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.tokens: list[str] = []
        self.uploads: dict[str, dict[str, Any]] = {}
        self.media: dict[str, tuple[str, bytes]] = {}
        self.files: dict[str, bytes] = {}
        self.subscriptions = 0
        self.silent_pings = False
        self.half_open: set[int] = set()
        self.kick_old = True
        self._trouble: dict[str, deque[Trouble]] = defaultdict(deque)
        self._sockets: list[web.WebSocketResponse] = []
        self._active: web.WebSocketResponse | None = None
        self._callbacks: dict[str, Callback] = {}
        self._known: dict[str, int] = {}
        self._tasks: set[str] = set()
        self._codes: dict[str, float] = {}
        self._urls: dict[str, float] = {}
        self._spent: set[str] = set()
        self._born: dict[str, float] = {}
        self._owners: dict[str, tuple[str, float]] = {}
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._ids = itertools.count(1)
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self.base = ""

    # -- life ---------------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> FakeWeCom:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(
            [
                web.get("/ws", self._ws),
                web.post("/cgi-bin/webhook/send", self._webhook),
                web.post("/cgi-bin/webhook/upload_media", self._webhook_upload),
                web.get("/cgi-bin/gettoken", self._gettoken),
                web.post("/cgi-bin/message/send", self._app_send),
                web.post("/cgi-bin/message/update_template_card", self._app_update),
                web.post("/cgi-bin/media/upload", self._app_upload),
                web.get("/cgi-bin/media/get", self._app_media),
                web.get("/cgi-bin/user/get", self._user),
                web.post("/cgi-bin/aibot/response", self._response),
                web.get("/files/{name}", self._file),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        for troubles in self._trouble.values():
            for trouble in troubles:
                if trouble.gate:
                    trouble.gate.set()
        for socket in self._sockets:
            if not socket.closed:
                self._cut(socket)
        if self._runner:
            await self._runner.cleanup()

    @property
    def ws_url(self) -> str:
        return self.base.replace("http", "ws") + "/ws"

    @property
    def webhook_url(self) -> str:
        return f"{self.base}/cgi-bin/webhook/send?key={self.webhook_key}"

    async def until(self, true: Callable[[], Any], seconds: float = 30.0) -> Any:
        """Waits until something that arrived makes ``true`` hold."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(true)
        return true()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def trouble(self, kind: str, do: str, code: int = 0, times: int = 1, gate: asyncio.Event | None = None) -> None:
        """The next ``times`` calls of ``kind`` (a frame's cmd or the last part of a path) go wrong."""
        self._trouble[kind].extend([Trouble(do, code, gate)] * times)

    def _next_trouble(self, kind: str) -> Trouble | None:
        return self._trouble[kind].popleft() if self._trouble[kind] else None

    def _full(self, name: str, minute: int, hour: int = 10**9) -> bool:
        """Whether this call is one too many in the last 60 s or hour."""
        calls, now = self._calls[name], self.clock()
        while calls and calls[0] <= now - 3600:
            calls.popleft()
        calls.append(now)
        return sum(at > now - 60 for at in calls) > minute or len(calls) > hour

    def meet(self, chat: str, *, private: bool = False) -> None:
        """Somebody has spoken to the bot there: it may speak first from now on."""
        self._known[chat] = 1 if private else 2

    # -- people -------------------------------------------------------------------------------------------------------------

    async def say(self, text: str, *, by: str = "zhangmin", chat: str = "wrRoom1", msgid: str = "", **extra: Any) -> str:
        """Somebody says something to the bot; the call-back's req_id."""
        body = self.message(text, by=by, chat=chat, msgid=msgid, **extra)
        return await self._callback("aibot_msg_callback", body)

    def message(self, text: str, *, by: str, chat: str, msgid: str = "", **extra: Any) -> dict[str, Any]:
        self.meet(chat or by, private=not chat)
        body: dict[str, Any] = {"msgid": msgid or f"M{next(self._ids)}", "aibotid": self.bot_id, "from": {"userid": by}}
        body |= {"chatid": chat, "chattype": "group"} if chat else {"chattype": "single"}
        return body | {"msgtype": "text", "text": {"content": text}} | extra

    async def press(
        self, task_id: str, key: str, *, by: str = "zhangmin", chat: str = "wrRoom1", picked: str = "", **extra: Any
    ) -> str:
        """Somebody presses a button of a card."""
        return await self._callback(
            "aibot_event_callback", self.press_body(task_id, key, by=by, chat=chat, picked=picked) | extra
        )

    def press_body(self, task_id: str, key: str, *, by: str, chat: str, picked: str = "") -> dict[str, Any]:
        event: dict[str, Any] = {"card_type": "button_interaction", "event_key": key, "task_id": task_id}
        if picked:
            event["selected_items"] = {"selected_item": [{"question_key": "choice", "option_ids": {"option_id": [picked]}}]}
        return self.event("template_card_event", by=by, chat=chat, inner=event)

    def event(self, kind: str, *, by: str, chat: str = "", inner: dict[str, Any] | None = None) -> dict[str, Any]:
        body: dict[str, Any] = {"msgid": f"E{next(self._ids)}", "create_time": int(time.time()), "aibotid": self.bot_id}
        body |= {"from": {"userid": by}, "msgtype": "event", "event": {"eventtype": kind, **({kind: inner} if inner else {})}}
        return body | ({"chatid": chat, "chattype": "group"} if chat else {"chattype": "single"})

    async def enter(self, by: str) -> str:
        return await self._callback("aibot_event_callback", self.event("enter_chat", by=by))

    async def _callback(self, cmd: str, body: dict[str, Any]) -> str:
        await self.until(lambda: self._active is not None)
        req_id = f"CB{next(self._ids)}"
        kind = body["event"]["eventtype"] if body["msgtype"] == "event" else "message"
        self._callbacks[req_id] = Callback(kind, body, self._active, self.clock())
        assert self._active is not None
        if id(self._active) not in self.half_open:
            await self._active.send_json({"cmd": cmd, "headers": {"req_id": req_id}, "body": body})
        return req_id

    def encrypted(self, data: bytes, key: str) -> str:
        """An address where ``data`` lies encrypted with ``key`` (43 characters)."""
        raw = base64.b64decode(key + "=")
        pad = 32 - len(data) % 32
        encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
        name = f"f{next(self._ids)}"
        self.files[name] = encryptor.update(data + bytes([pad]) * pad) + encryptor.finalize()
        return f"{self.base}/files/{name}"

    # -- long connection ----------------------------------------------------------------------------------------------------

    async def drop(self) -> None:
        """The network goes: the socket is cut without a word."""
        if self._active:
            self._cut(self._active)
        self._active = None
        await self._tell()

    def go_half_open(self) -> None:
        """The network in between loses everything from now on, and no end is told."""
        assert self._active
        self.half_open.add(id(self._active))

    def _cut(self, socket: web.WebSocketResponse) -> None:
        transport = socket._req.transport if socket._req is not None else None
        if transport is not None:
            transport.abort()

    async def _ws(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=True, max_msg_size=8 * 1024 * 1024)
        await socket.prepare(request)
        self._sockets.append(socket)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            if id(socket) in self.half_open:
                continue
            frame = json.loads(message.data)
            self.frames.append(frame)
            await self._frame(socket, frame)
            await self._tell()
        if self._active is socket:
            self._active = None
        await self._tell()
        return socket

    async def _frame(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        cmd, headers = frame.get("cmd"), frame.get("headers")
        req_id = headers.get("req_id") if isinstance(headers, dict) else None
        if cmd not in FRAMES or not isinstance(req_id, str) or not req_id:
            await socket.close(code=1008)
            return
        if cmd == "ping" and self.silent_pings:
            return
        trouble = self._next_trouble(cmd)
        if trouble and trouble.do == "cut":
            await self.drop()
            return
        if trouble and trouble.do == "slow" and trouble.gate:
            await trouble.gate.wait()
        code, body = (trouble.code, None) if trouble and trouble.do == "code" else await self._act(socket, cmd, req_id, frame)
        if code:
            self.refused.append((cmd, code, frame.get("body")))
        if trouble and trouble.do == "lose":
            await self.drop()
            return
        if trouble and trouble.do == "mute":
            return
        answer = {"headers": {"req_id": req_id}, "errcode": code, "errmsg": "ok" if not code else f"error {code}, hint: [x]"}
        if not socket.closed:
            await socket.send_json(answer | ({"body": body} if body else {}))
        if cmd == "aibot_subscribe" and not code:
            self._active = socket

    async def _act(self, socket: Any, cmd: str, req_id: str, frame: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        body = frame.get("body")
        if cmd == "aibot_subscribe":
            return await self._subscribe(socket, body), None
        if socket is not self._active:
            return 846609, None
        if cmd == "ping":
            return (40058 if "body" in frame else 0), None
        if not isinstance(body, dict):
            return 40058, None
        if cmd.startswith("aibot_upload_media"):
            return self._upload(cmd.rpartition("_")[2], body)
        if cmd == "aibot_send_msg":
            return self._push(body), None
        return self._reply(socket, cmd, req_id, body), None

    async def _subscribe(self, socket: Any, body: Any) -> int:
        self.subscriptions += 1
        if not isinstance(body, dict) or body.get("bot_id") != self.bot_id:
            return 93019
        if body.get("secret") != self.secret:
            return 853000
        if socket is self._active:
            return 45009
        if self._active is not None and self.kick_old:
            old, self._active = self._active, None
            event = {
                "msgid": f"E{next(self._ids)}",
                "create_time": int(time.time()),
                "aibotid": self.bot_id,
                "msgtype": "event",
            }
            event["event"] = {"eventtype": "disconnected_event"}
            if id(old) not in self.half_open:
                frame = {"cmd": "aibot_event_callback", "headers": {"req_id": f"CB{next(self._ids)}"}, "body": event}
                with contextlib.suppress(ConnectionResetError):  # the old one is a process that died
                    await old.send_json(frame)
        return 0

    def _push(self, body: dict[str, Any]) -> int:
        chat = body.get("chatid")
        if not isinstance(chat, str) or body.get("chat_type", 0) not in (0, 1, 2):
            return 40058
        if chat not in self._known or body.get("chat_type", 0) not in (0, self._known[chat]):
            return 93006
        if self._full(f"chat:{chat}", 30, 1000):
            return 846607
        code = rules.bot(body, {"markdown", "template_card", "file", "image", "voice", "video"})
        return code or self._shown("push", body)

    def _reply(self, socket: Any, cmd: str, req_id: str, body: dict[str, Any]) -> int:
        call = self._callbacks.get(req_id)
        if call is None or call.socket is not socket:
            return 846605
        age = self.clock() - call.at
        if cmd == "aibot_respond_update_msg":
            return self._update(call, age, body)
        if cmd == "aibot_respond_welcome_msg":
            if call.kind != "enter_chat" or age > 5:
                return 846605
            return rules.bot(body, {"text", "template_card"}) or self._shown("welcome", body)
        if call.kind != "message" or age > 86_400:
            return 846605
        chat = call.body.get("chatid") or call.body["from"]["userid"]
        if self._full(f"chat:{chat}", 30, 1000):
            return 846607
        if body.get("msgtype") == "stream":
            return self._stream(call, body)
        code = rules.bot(body, {"template_card", "markdown", "image", "file", "voice", "video"})
        return code or self._shown("reply", body)

    def _stream(self, call: Callback, body: dict[str, Any]) -> int:
        if code := rules.bot(body, {"stream"}):
            return code
        stream = body["stream"]
        begun, finished = call.streams.get(stream["id"], (self.clock(), False))
        if finished or self.clock() - begun > 360:
            return 846608
        call.streams[stream["id"]] = (begun, stream["finish"])
        return self._shown("stream", body)

    def _update(self, call: Callback, age: float, body: dict[str, Any]) -> int:
        if call.kind != "template_card_event" or call.updated or age > 5:
            return 846605
        card = body.get("template_card") or {}
        if body.get("response_type") != "update_template_card":
            return 40058
        if code := rules.card(card, "bot", updating=True):
            return code
        if card.get("task_id") != call.body["event"]["template_card_event"]["task_id"]:
            return 42014
        call.updated = True
        self.sent.append(Sent("update", body, self.clock()))
        return 0

    def _shown(self, way: str, body: dict[str, Any]) -> int:
        card = body.get("template_card") or {}
        if task := card.get("task_id"):
            if task in self._tasks:
                return 40058
            self._tasks.add(task)
        kind = body.get("msgtype")
        if kind in ("image", "file") and "media_id" in body[kind]:
            owner, until = self._owners.get(body[kind]["media_id"], ("", 0.0))
            if owner != {"push": "bot", "reply": "bot"}.get(way, way) or self.clock() > until:
                return 40007
        self.sent.append(Sent(way, body, self.clock()))
        return 0

    def _upload(self, step: str, body: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        if step == "init":
            total, chunks = body.get("total_size"), body.get("total_chunks")
            fine = body.get("type") in ("file", "image", "voice", "video") and body.get("filename") and isinstance(total, int)
            limit = (10 if body.get("type") == "image" else 20) * 1024 * 1024
            if not fine or not 5 < total <= limit or not isinstance(chunks, int) or not 1 <= chunks <= 100:
                return 40058, None
            if self._full("uploads", 30, 1000):
                return 45009, None
            id = f"UP{next(self._ids)}"
            self.uploads[id] = {**body, "chunks": {}, "until": self.clock() + 1800}
            return 0, {"upload_id": id}
        upload = self.uploads.get(str(body.get("upload_id")))
        if upload is None or self.clock() > upload["until"]:
            return 40058, None
        if step == "chunk":
            index, data = body.get("chunk_index"), base64.b64decode(body.get("base64_data", ""), validate=True)
            if not isinstance(index, int) or not 0 <= index < upload["total_chunks"] or len(data) > 512 * 1024:
                return 40058, None
            upload["chunks"].setdefault(index, data)
            return 0, None
        data = b"".join(upload["chunks"][i] for i in sorted(upload["chunks"]))
        if len(data) != upload["total_size"] or hashlib.md5(data).hexdigest() != upload.get("md5"):
            return 40058, None
        return 0, {"type": upload["type"], "media_id": self._keep("bot", upload["filename"], data), "created_at": "1700000000"}

    def _keep(self, owner: str, name: str, data: bytes) -> str:
        """For three days, and for whoever uploaded it alone."""
        id = f"MID{next(self._ids)}"
        self.media[id] = (name, data)
        self._owners[id] = (owner, self.clock() + 3 * 86_400)
        return id

    # -- HTTP ---------------------------------------------------------------------------------------------------------------

    async def _done(self, request: web.Request, act: Callable[[], tuple[int, dict[str, Any]]]) -> web.StreamResponse:
        """Does what was asked, unless there is trouble, and answers as the vendor does: 200 with an errcode."""
        kind = request.path.rpartition("/")[2]
        self.calls.append(kind)
        await self._tell()
        trouble = self._next_trouble(kind)
        if trouble and trouble.do == "status":
            return web.Response(status=trouble.code, text="<html>bad gateway</html>")
        if trouble and trouble.do == "slow" and trouble.gate:
            await trouble.gate.wait()
        code, extra = (trouble.code, {}) if trouble and trouble.do == "code" else act()
        if code:
            self.refused.append((kind, code, None))
        await self._tell()
        if trouble and trouble.do == "garbage":
            return web.Response(text="<html>")
        if trouble and trouble.do in ("lose", "cut") and request.transport:
            request.transport.abort()
        if trouble and trouble.do == "mute":
            await (trouble.gate or asyncio.Event()).wait()
        return web.json_response({"errcode": code, "errmsg": "ok" if not code else f"error {code}", **extra})

    async def _json(self, request: web.Request) -> Any:
        raw = await request.read()
        assert b"\\u" not in raw, "40033: must not contain \\uxxxx characters"
        return json.loads(raw)

    async def _webhook(self, request: web.Request) -> web.StreamResponse:
        body = await self._json(request)

        def act() -> tuple[int, dict[str, Any]]:
            if request.query.get("key") != self.webhook_key:
                return 93000, {}
            if body.get("msgtype") == "check":
                return 40008, {}
            if self._full("webhook", 20):
                return 45009, {}
            code = rules.webhook(body)
            return code or self._shown("webhook", body), {}

        return await self._done(request, act)

    async def _multipart(self, request: web.Request) -> tuple[str, bytes] | None:
        raw = (await request.read()).split(b"\r\n\r\n", 1)
        head = raw[0].decode()
        if 'name="media"' not in head or 'filename="' not in head:
            return None
        name = head.split('filename="', 1)[1].split('"', 1)[0]
        return name, raw[1].rpartition(b"\r\n--")[0]

    async def _webhook_upload(self, request: web.Request) -> web.StreamResponse:
        part = await self._multipart(request)

        def act() -> tuple[int, dict[str, Any]]:
            if request.query.get("key") != self.webhook_key:
                return 93000, {}
            if part is None or request.query.get("type") != "file" or not 5 < len(part[1]) <= 20 * 1024 * 1024:
                return 44001, {}
            return 0, {"type": "file", "media_id": self._keep("webhook", *part), "created_at": "1380000000"}

        return await self._done(request, act)

    async def _gettoken(self, request: web.Request) -> web.StreamResponse:
        def act() -> tuple[int, dict[str, Any]]:
            if request.query.get("corpid") != self.corp_id:
                return 40013, {}
            if request.query.get("corpsecret") != self.corp_secret:
                return 40001, {}
            self.tokens.append(f"token-{len(self.tokens) + 1}")
            self._born[self.tokens[-1]] = self.clock()
            return 0, {"access_token": self.tokens[-1], "expires_in": 7200}

        return await self._done(request, act)

    def _authorised(self, request: web.Request) -> int:
        if not self.tokens or request.query.get("access_token") != self.tokens[-1]:
            return 40014
        if self.clock() > self._born[self.tokens[-1]] + 7200:
            return 42001
        return 0 if self.trusted else 60020

    def revoke(self) -> None:
        """The token in use dies early."""
        self.tokens.append("revoked")

    async def _app_send(self, request: web.Request) -> web.StreamResponse:
        body = await self._json(request)

        def act() -> tuple[int, dict[str, Any]]:
            if code := self._authorised(request):
                return code, {}
            if body.get("agentid") != self.agent_id:
                return 301002, {}
            users = [u for u in str(body.get("touser", "")).split("|") if u]
            if not users:
                return 82001, {}
            bad = [u.lower() for u in users if u.lower() not in self.visible]
            if len(bad) == len(users):
                return 81013, {"invaliduser": "|".join(bad)}
            if body.get("msgtype") == "template_card" and not self.has_callback:
                return 43012, {}
            if code := rules.app(body):
                return code, {}
            if len(users) == 1 and self._full(f"member:{users[0].lower()}", 30, 1000):
                return 0, {"invaliduser": "", "msgid": f"msg{next(self._ids)}"}  # dropped, and nobody is told
            if code := self._shown("app", body):
                return code, {}
            extra: dict[str, Any] = {"invaliduser": "|".join(bad), "msgid": f"msg{next(self._ids)}"}
            if left := [u.lower() for u in users if u.lower() in self.unlicensed]:
                self.sent.pop()
                extra["unlicenseduser"] = "|".join(left)
            if body.get("msgtype") == "template_card":
                extra["response_code"] = self.new_code()
            return 0, extra

        return await self._done(request, act)

    def new_code(self) -> str:
        """A response_code: good for one update within 72 h."""
        code = f"RC{next(self._ids)}"
        self._codes[code] = self.clock() + 72 * 3600
        return code

    async def _app_update(self, request: web.Request) -> web.StreamResponse:
        body = await self._json(request)

        def act() -> tuple[int, dict[str, Any]]:
            if code := self._authorised(request):
                return code, {}
            given = body.get("response_code")
            if given in self._spent:
                return 42022, {}
            if given not in self._codes or self.clock() > self._codes[given]:
                return 42016, {}
            if not (body.get("userids") or body.get("atall")) or body.get("agentid") != self.agent_id:
                return 40058, {}
            if code := rules.card(body.get("template_card"), "app", updating=True):
                return code, {}
            self._spent.add(given)
            bad = [user for user in body.get("userids", []) if user.lower() not in self.visible]
            if not bad:
                self.sent.append(Sent("app_update", body, self.clock()))
            return 0, {"invaliduser": bad}

        return await self._done(request, act)

    async def _app_upload(self, request: web.Request) -> web.StreamResponse:
        part = await self._multipart(request)

        def act() -> tuple[int, dict[str, Any]]:
            if code := self._authorised(request):
                return code, {}
            if part is None or request.query.get("type") not in ("image", "file") or len(part[1]) <= 5:
                return 44001, {}
            return 0, {"type": request.query["type"], "media_id": self._keep("app", *part), "created_at": "1380000000"}

        return await self._done(request, act)

    async def _app_media(self, request: web.Request) -> web.StreamResponse:
        if code := self._authorised(request):
            return web.json_response({"errcode": code})
        known = self.media.get(request.query.get("media_id", ""))
        return web.Response(body=known[1]) if known else web.json_response({"errcode": 40007})

    async def _user(self, request: web.Request) -> web.StreamResponse:
        def act() -> tuple[int, dict[str, Any]]:
            if code := self._authorised(request):
                return code, {}
            user = request.query.get("userid", "").lower()
            return (0, {"userid": user, "name": self.visible[user]}) if user in self.visible else (60111, {})

        return await self._done(request, act)

    def response_url(self) -> str:
        """A one-shot address for a reply, good for an hour."""
        code = f"URL{next(self._ids)}"
        self._urls[code] = self.clock() + 3600
        return f"{self.base}/cgi-bin/aibot/response?response_code={code}"

    async def _response(self, request: web.Request) -> web.StreamResponse:
        body = await self._json(request)

        def act() -> tuple[int, dict[str, Any]]:
            code = parse_qs(request.query_string).get("response_code", [""])[0]
            if self.clock() > self._urls.get(code, 0.0):
                return 40058, {}
            if refusal := rules.bot(body, {"markdown"}):
                return refusal, {}
            del self._urls[code]
            return self._shown("response_url", body), {}

        return await self._done(request, act)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        data = self.files.get(request.match_info["name"])
        return web.Response(body=data) if data is not None else web.Response(status=404)
