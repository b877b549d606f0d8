"""The long connection (长连接): one socket, subscribed, kept alive, and made anew for ever.

Knows frames and nothing of what they say. Answers are matched by ``req_id``; for each one frame is under way at a time.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import aiohttp

from bot.errors import DeliveryError
from bot.model.times import BEIJING
from bot.platforms.wecom.codes import BAD_CREDENTIALS, NOT_SUBSCRIBED, TOO_OFTEN, VendorError, code_of
from bot.platforms.wecom.timing import Status, Timing

log = logging.getLogger(__name__)

FRAME_CAP = 8 * 1024 * 1024


class RefusedError(Exception):
    """The subscription was refused with ``code``."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Link:
    """One bot's connection. ``on_frame`` gets every call-back frame, in order; it must not wait for the network."""

    def __init__(
        self,
        *,
        url: str,
        bot_id: str,
        secret: str,
        session: aiohttp.ClientSession,
        on_frame: Callable[[dict[str, Any]], None],
        clock: Callable[[], float],
        now: Callable[[], datetime],
        rand: random.Random,
        timing: Timing,
    ) -> None:
        self._url, self._bot_id, self._secret = url, bot_id, secret
        self._session, self._on_frame = session, on_frame
        self._clock, self._now, self._rand, self.timing = clock, now, rand, timing
        self.status = Status(since=clock())
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._arrived = 0.0
        self._ready = asyncio.Event()
        self._pending: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Subscribed now."""
        return self._ready.is_set()

    @property
    def trouble(self) -> str:
        """What somebody must know: nothing while connected, and nothing of a short interruption."""
        if self.ready:
            return ""
        lasting = self.status.stopped or self.status.yielded or self._clock() - self.status.since >= self.timing.grace
        return self.status.word if lasting else ""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="wecom long connection")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def wait_ready(self, seconds: float) -> bool:
        """Waits until subscribed; False when it took longer or was given up."""
        ready = asyncio.create_task(self._ready.wait())
        ends = {ready, self._task} if self._task else {ready}
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        return self.ready

    async def call(self, what: str, cmd: str, body: Mapping[str, Any] | None, req_id: str = "") -> dict[str, Any]:
        """Sends one frame and gives its answer's body. ``DeliveryError``: not written (retry), written and no answer (unknown),
        refused (by the code). A connection on which nothing at all came since is given up: what is sent again must not go
        into the same silence."""
        if not self.ready:
            raise DeliveryError(f"{what}：长连接没有连上", "retry")
        ws, asked = self._ws, self._clock()
        try:
            return await self._exchange(what, cmd, body, req_id or self._new_id(cmd))
        except DeliveryError as exc:
            if exc.outcome == "unknown" and self._arrived < asked and self._ws is ws:
                self._drop("长连接没有回音，正在重连")
            raise

    async def _exchange(self, what: str, cmd: str, body: Mapping[str, Any] | None, req_id: str) -> dict[str, Any]:
        frame: dict[str, Any] = {"cmd": cmd, "headers": {"req_id": req_id}}
        if body is not None:
            frame["body"] = body
        text = json.dumps(frame, ensure_ascii=False).encode("utf-8", "replace").decode()
        async with self._turn(req_id):
            ws = self._ws
            if ws is None or ws.closed:
                raise DeliveryError(f"{what}：长连接断了", "retry")
            answer = asyncio.get_running_loop().create_future()
            self._pending[req_id] = answer
            try:
                await self._write(what, ws, text)
                async with asyncio.timeout(self.timing.ack):
                    frame = await answer
            except TimeoutError:
                raise DeliveryError(f"{what}：发出后没有等到回答", "unknown") from None
            finally:
                self._pending.pop(req_id, None)
        code = code_of(frame)
        if code is None:
            raise DeliveryError(f"{what}：回答不是约定的格式", "unknown")
        if code == NOT_SUBSCRIBED:
            self._drop("服务端说没有订阅，正在重连")
        if code:
            raise VendorError(code, what)
        answered = frame.get("body")
        return answered if isinstance(answered, dict) else {}

    async def _write(self, what: str, ws: aiohttp.ClientWebSocketResponse, text: str) -> None:
        try:
            async with asyncio.timeout(self.timing.write):
                await ws.send_str(text)
        except ConnectionResetError as exc:
            unwritten = "closing transport" in str(exc)  # aiohttp's word for: refused before writing
            raise DeliveryError(f"{what}：长连接断了", "retry" if unwritten else "unknown") from None
        except TimeoutError:
            self._drop("写不出去，正在重连")
            raise DeliveryError(f"{what}：长连接写不出去", "unknown") from None

    @asynccontextmanager
    async def _turn(self, req_id: str) -> AsyncIterator[None]:
        lock = self._turns.setdefault(req_id, asyncio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked() and self._turns.get(req_id) is lock:
                del self._turns[req_id]

    def _new_id(self, cmd: str) -> str:
        return f"{cmd}_{int(self._now().timestamp() * 1000)}_{self._rand.getrandbits(32):08x}"

    async def _run(self) -> None:
        while True:
            pause = 0.0
            try:
                await self._connection()
            except RefusedError as exc:
                if exc.code in BAD_CREDENTIALS:
                    self.status.stopped = True
                    self.status.word = f"{VendorError(exc.code, '长连接订阅被拒')}。改好后重新启动"
                    log.error("wecom: subscription refused with %d, not trying again", exc.code)
                    return
                self.status.refusals += 1
                pause = self.timing.refused if exc.code in TOO_OFTEN or self.status.refusals >= 5 else 0.0
                self.status.word = f"{VendorError(exc.code, '长连接订阅被拒')}。正在重试"
            except _YieldedError:
                self.status.yielded += 1
                pause = min(self.timing.yielding * 2.0 ** (self.status.yielded - 1), self.timing.yielding_longest)
                self.status.word = "另一个进程正在用同一个机器人（bot_id），已退让；请只留一个在运行"
                log.warning("wecom: another process took the bot over; yielding for %.0f s", pause)
            except (aiohttp.ClientError, OSError, TimeoutError) as exc:
                self.status.word = f"长连接没有连上（{type(exc).__name__}），正在重试；检查能否访问 ws_url"
            await asyncio.sleep(self._pause(pause))

    def _pause(self, least: float) -> float:
        """How long to wait before the next connection: doubled each time, jittered, never under ``least``."""
        self.status.failures += 1
        grown = min(self.timing.first * 2.0 ** min(self.status.failures - 1, 16), self.timing.longest)
        return max(least, grown) * (1 + self._rand.random() / 2) if least else grown * (0.5 + self._rand.random() / 2)

    async def _connection(self) -> None:
        timeout = aiohttp.ClientWSTimeout(ws_close=self.timing.close)
        async with asyncio.timeout(self.timing.connect):
            ws = await self._session.ws_connect(
                self._url, heartbeat=None, autoping=True, max_msg_size=FRAME_CAP, timeout=timeout
            )
        self._ws = ws
        reader = asyncio.create_task(self._read(ws))
        pulse: asyncio.Task[None] | None = None
        try:
            await self._subscribe(reader)
            pulse = asyncio.create_task(self._pulse())
            await asyncio.wait({reader, pulse}, return_when=asyncio.FIRST_COMPLETED)
            if reader.done():
                reader.result()
            self.status.word = "长连接断了，正在重连"
        finally:
            self._lost()
            self._ws = None
            self._fail_pending()
            for task in (reader, pulse):
                if task:
                    task.cancel()
                    with suppress(asyncio.CancelledError, _YieldedError, aiohttp.ClientError, OSError):
                        await task
            await ws.close()

    async def _subscribe(self, reader: asyncio.Task[None]) -> None:
        body = {"bot_id": self._bot_id, "secret": self._secret}
        asking = asyncio.create_task(self._exchange("订阅", "aibot_subscribe", body, self._new_id("aibot_subscribe")))
        await asyncio.wait({asking, reader}, return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            reader.result()
            raise ConnectionResetError
        try:
            asking.result()
        except VendorError as exc:
            raise RefusedError(exc.code) from None
        except DeliveryError:
            raise TimeoutError from None
        self.status.refusals = 0
        self.status.word = ""
        self.status.heard = self.status.since = self._clock()
        self._ready.set()
        log.info("wecom: subscribed")

    async def _read(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        async for message in ws:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                frame = json.loads(message.data)
            except (ValueError, RecursionError):
                log.warning("wecom: a frame that is no JSON")
                continue
            if isinstance(frame, dict):
                self._take(frame)

    def _take(self, frame: dict[str, Any]) -> None:
        self._arrived = self._clock()
        headers = frame.get("headers")
        req_id = str(headers.get("req_id", "")) if isinstance(headers, dict) else ""
        if not frame.get("cmd"):
            answer = self._pending.get(req_id)
            if answer and not answer.done():
                answer.set_result(frame)
            return
        self.status.heard = self._clock()
        body = frame.get("body")
        event = body.get("event") if isinstance(body, dict) else None
        if isinstance(event, dict) and event.get("eventtype") == "disconnected_event":
            raise _YieldedError
        self._on_frame(frame)

    async def _pulse(self) -> None:
        """Heartbeats until the connection is to be given up."""
        missed = 0
        stable = self._clock() + 10 * self.timing.yielding
        while missed < self.timing.misses:
            await asyncio.sleep(self.timing.ping)
            if self._clock() > stable:
                self.status.yielded = 0
            if self._half_dead():
                log.info("wecom: nothing heard for long, connecting anew")
                return
            try:
                await self._exchange("心跳", "ping", None, self._new_id("ping"))
                missed = 0
            except VendorError:
                missed = 0
            except DeliveryError:
                missed += 1
        log.warning("wecom: %d heartbeats unanswered, connecting anew", missed)

    def _half_dead(self) -> bool:
        waking = 8 <= self._now().astimezone(BEIJING).hour < 22
        return waking and self._clock() - self.status.heard > self.timing.quiet

    def _lost(self) -> None:
        if not self.ready:
            return
        self._ready.clear()
        if self._clock() - self.status.since > self.timing.longest:
            self.status.failures = 0
        self.status.since = self._clock()

    def _drop(self, word: str) -> None:
        self._lost()
        self.status.word = word
        if self._ws and not self._ws.closed:
            ws, self._ws = self._ws, None
            self._closing = asyncio.create_task(_quietly(ws.close()))

    def _fail_pending(self) -> None:
        """The connection is gone: what was written and not answered has an unknown end."""
        for answer in self._pending.values():
            if not answer.done():
                answer.set_exception(DeliveryError("长连接在等回答时断了", "unknown"))


class _YieldedError(Exception):
    """Another connection of the same bot took over."""


async def _quietly(closing: Awaitable[Any]) -> None:
    with suppress(aiohttp.ClientError, OSError, TimeoutError):
        await closing
