"""Stream mode: one outgoing WebSocket on which DingTalk delivers messages and presses (protocol page 2.3).

    open → ticket → socket → frames ⇄ acknowledgements
    disconnect or six hours → the next socket first, then the old one goes

Nothing is said to a chat here; what a frame means is the business of ``Hearing``.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
from yarl import URL

from bot.errors import DeliveryError
from bot.platforms.dingtalk.wire import as_object, call, scrub

log = logging.getLogger(__name__)

MESSAGES = "/v1.0/im/bot/messages/get"
CARDS = "/v1.0/card/instances/callback"
FRAME_CAP = 4 * 1024 * 1024
Data = Mapping[str, Any]
After = Callable[[bool], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. ``heartbeat``: a ping each so often, the socket is dropped without a pong in half of it. ``recycle``: a fresh
    socket (the vendor's Java client does so). ``refused``: wait after wrong credentials. ``linger``: how long an old socket is
    still read; ``finish``: how long a stop waits for answers under way."""

    heartbeat: float = 30.0
    recycle: float = 6 * 3_600.0
    first: float = 1.0
    most: float = 60.0
    refused: float = 300.0
    linger: float = 10.0
    finish: float = 5.0


class Hearing(Protocol):
    """What is done with frames. Both return the acknowledgement's ``response`` and what to do after it, told whether it was
    written."""

    async def message(self, data: Data, frame_id: str) -> tuple[Any, After | None]: ...

    async def press(self, data: Data, frame_id: str) -> tuple[Any, After | None]: ...


class Stream:
    """Keeps one connection for ever; ``run`` ends only when it is cancelled.

    ``connected`` says whether frames can arrive; ``trouble`` why not (Chinese); ``since`` is the clock's value of the last
    change. ``gap`` is the latest time without connection, (from, to) by the clock: what was said to us then is lost.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        open_url: str,
        credentials: tuple[str, str],
        hearing: Hearing,
        *,
        clock: Callable[[], float],
        rand: Callable[[], float],
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pace: Pace | None = None,
        patience: float = 10.0,
    ) -> None:
        self._session = session
        self._open_url = open_url
        self._credentials = credentials
        self._hearing = hearing
        self._clock = clock
        self._rand = rand
        self._wait = wait
        self._pace = pace or Pace()
        self._patience = patience
        self._tasks: set[asyncio.Task[object]] = set()
        self._old: set[asyncio.Task[None]] = set()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._failures = 0
        self._ever = False
        self.connected = False
        self.refused = False
        self.trouble = ""
        self.since = clock()
        self.gap: tuple[float, float] | None = None

    async def run(self) -> None:
        """Connects, reads, connects again."""
        try:
            while True:
                started = self._clock()
                if socket := await self._try():
                    await self._read(socket)
                if not self.connected or self._clock() - started < self._pace.first:
                    await self._wait(self._delay())
        finally:
            await self._finish()

    async def open(self) -> tuple[str, str]:
        """Asks for a connection: endpoint and ticket (90 s, once, never logged). ``DeliveryError``: ``permanent`` when the
        credentials are refused."""
        client_id, secret = self._credentials
        body = {
            "clientId": client_id,
            "clientSecret": secret,
            "subscriptions": [{"type": "CALLBACK", "topic": MESSAGES}, {"type": "CALLBACK", "topic": CARDS}],
            "ua": "wanglou/1",
        }
        what = "打开长连接"
        reply = await call(self._session, "POST", self._open_url, what=what, body=body, patience=self._patience, visible=False)
        endpoint, ticket = reply.data.get("endpoint"), reply.data.get("ticket")
        if reply.status == 200 and isinstance(endpoint, str) and isinstance(ticket, str) and endpoint and ticket:
            return endpoint, ticket
        words = f"{what}：HTTP {reply.status} {scrub(reply.data.get('code', ''))} {scrub(reply.data.get('message', ''))}"
        if reply.status in (400, 401, 403):
            hint = "client_id、client_secret 不对，或机器人的消息接收模式不是 Stream"
            raise DeliveryError(f"{words}（{hint}）", "permanent")
        raise DeliveryError(words, "retry")

    async def _try(self) -> aiohttp.ClientWebSocketResponse | None:
        try:
            endpoint, ticket = await self.open()
            url = URL(endpoint).update_query(ticket=ticket)
            async with asyncio.timeout(self._patience):
                socket = await self._session.ws_connect(url, heartbeat=self._pace.heartbeat, max_msg_size=FRAME_CAP)
            self._found()
            return socket
        except DeliveryError as error:
            self._lost(str(error), refused=error.outcome == "permanent")
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            self._lost(f"长连接没有接上（{type(error).__name__}）")
        return None

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Serves a socket until it ends. Told to go, or grown old, it is read on beside its successor."""
        connection, self._socket = _Connection(socket), socket
        end = self._clock() + self._pace.recycle
        while (left := end - self._clock()) > 0:
            try:
                frame = await socket.receive(timeout=left)
            except TimeoutError:
                break
            if frame.type is aiohttp.WSMsgType.BINARY:
                continue
            if frame.type is not aiohttp.WSMsgType.TEXT:
                self._lost(f"长连接断开（{socket.close_code}）")
                await socket.close()
                return
            self._failures = 0
            if self._serve(connection, frame.data):
                break
        task = asyncio.create_task(self._linger(connection))
        self._old.add(task)
        task.add_done_callback(self._old.discard)

    async def _linger(self, connection: _Connection) -> None:
        """Frames still under way are finished and acknowledged on the socket they came from."""
        try:
            async with asyncio.timeout(self._pace.linger):
                async for frame in connection.socket:
                    if frame.type is aiohttp.WSMsgType.TEXT:
                        self._serve(connection, frame.data)
        except TimeoutError:
            log.info("dingtalk stream: the old socket was left open by the server")
        finally:
            await connection.socket.close()

    def _serve(self, connection: _Connection, text: str) -> bool:
        """Starts what a frame asks for; true when the server wants us to leave."""
        frame = as_object(text)
        headers = as_object(frame.get("headers"))
        kind, topic = frame.get("type"), headers.get("topic")
        if kind == "SYSTEM":
            if topic == "ping":
                self._spawn(connection.acknowledge(headers, frame.get("data")))
            return topic == "disconnect"
        if kind in ("CALLBACK", "EVENT"):
            self._spawn(self._heed(connection, str(kind), str(topic), headers, frame.get("data")))
        return False

    async def _heed(self, connection: _Connection, kind: str, topic: str, headers: Data, raw: object) -> None:
        if kind == "EVENT":
            await connection.acknowledge(headers, json.dumps({"status": "SUCCESS", "message": "ok"}))
            return
        hear = {MESSAGES: self._hearing.message, CARDS: self._hearing.press}.get(topic)
        if hear is None:
            await connection.acknowledge(headers, json.dumps({"response": None}), 404, "no handler")
            return
        try:
            response, after = await hear(as_object(raw), str(headers.get("messageId") or ""))
        except Exception:
            log.exception("dingtalk: a frame of %s could not be taken", topic)
            await connection.acknowledge(headers, json.dumps({"response": None}), 500, "not taken")
            return
        written = await connection.acknowledge(headers, json.dumps({"response": response}, ensure_ascii=False))
        if after:
            await after(written)

    def _found(self) -> None:
        if not self.connected:
            self.connected, self.trouble, self.refused = True, "", False
            self.gap = (self.since, self._clock()) if self._ever else None
            self._ever, self.since = True, self._clock()

    def _lost(self, trouble: str, refused: bool = False) -> None:
        log.log(logging.ERROR if refused else logging.WARNING, "dingtalk stream: %s", trouble)
        if self.connected:
            self.since = self._clock()
        self.connected, self.trouble, self.refused = False, trouble, refused
        self._failures += 1

    def _delay(self) -> float:
        """1 s doubling to 60 s, with jitter; far longer after a refusal, which only the operator can mend."""
        if self.refused:
            return self._pace.refused
        most = min(self._pace.most, self._pace.first * 2.0 ** min(max(0, self._failures - 1), 16))
        return most * (0.5 + self._rand() / 2)

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(self) -> None:
        """What was stored is still acknowledged and answered, within a few seconds; then the sockets go."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._pace.finish)
        for task in [*self._tasks, *self._old]:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._old, return_exceptions=True)
        if self._socket:
            await self._socket.close()


class _Connection:
    """A socket with one sender at a time."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._sending = asyncio.Lock()

    async def acknowledge(self, headers: Data, data: object, code: int = 200, message: str = "OK") -> bool:
        """Answers a frame; whether it was written. A socket that is gone is no error: the vendor pushes again, and repeats are
        known."""
        frame = {
            "code": code,
            "message": message,
            "headers": {"messageId": headers.get("messageId"), "contentType": "application/json"},
            "data": data if isinstance(data, str) else json.dumps(data),
        }
        async with self._sending:
            try:
                if self.socket.closed:
                    raise ConnectionResetError
                await self.socket.send_str(json.dumps(frame, ensure_ascii=False))
            except (ConnectionError, aiohttp.ClientError):
                log.info("dingtalk stream: the socket went before the acknowledgement of %s", headers.get("messageId"))
                return False
        return True
