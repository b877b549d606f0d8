"""HTTP mode: DingTalk posts robot messages and presses on cards to our public address (protocol pages 2.2 and 3.7)."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.platforms.dingtalk.stream import Hearing
from bot.platforms.dingtalk.webhook import card_sign, sign
from bot.platforms.dingtalk.wire import as_object

log = logging.getLogger(__name__)

WINDOW = 3_600.0
"""Seconds that a signature is good for (protocol page 2.2)."""

BODY_CAP = 256 * 1024
BODY_SECONDS = 4.0

EMPTY = {"msgtype": "empty"}
Later = Callable[[Coroutine[Any, Any, None]], None]


def callback_secret(client_secret: str) -> str:
    """The secret that we register for card call-backs: derived, so that a restart knows it again."""
    return hmac.new(client_secret.encode(), b"wanglou card callback", hashlib.sha256).hexdigest()


def genuine(stamp: str, signature: str, expected: Sequence[str], now: datetime) -> bool:
    """Whether the call is signed with one of our secrets and not older (or newer) than an hour."""
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 16:
        return False
    if abs(now.timestamp() - int(stamp) / 1000) > WINDOW:
        return False
    matches = [hmac.compare_digest(signature.encode(), one.encode()) for one in expected]
    return any(matches)


class Door:
    """The route's handler. Every fault of signature, time or form gives the same 403; what could not be stored gives 503, and
    DingTalk tries again."""

    def __init__(self, secrets: Sequence[str], hearing: Hearing, later: Later, now: Callable[[], datetime]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)
        self._hearing = hearing
        self._later = later
        self._now = now

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call-back: checked, stored, acknowledged; the rest happens afterwards."""
        raw = await _body(request)
        card = "x-ddpaas-signature" in request.headers
        data = as_object(raw) if self._genuine(request, card) else {}
        if not data:
            raise web.HTTPForbidden(text="forbidden")
        hear = self._hearing.press if card else self._hearing.message
        try:
            response, after = await hear(data, _name(request, raw))
        except Exception:
            log.exception("dingtalk: a call-back could not be taken")
            raise web.HTTPServiceUnavailable(text="try again") from None
        if after:
            self._later(after(True))
        return web.json_response((response or {}) if card else EMPTY)

    def _genuine(self, request: web.Request, card: bool) -> bool:
        if card:
            stamp = request.headers.get("x-ddpaas-signature-timestamp", "")
            expected = [card_sign(callback_secret(secret), stamp) for secret in self._secrets]
            return genuine(stamp, request.headers.get("x-ddpaas-signature", ""), expected, self._now())
        stamp = request.headers.get("timestamp", "")
        expected = [sign(secret, stamp) for secret in self._secrets]
        return genuine(stamp, request.headers.get("sign", ""), expected, self._now())


def _name(request: web.Request, raw: bytes) -> str:
    """What tells this call from a later one with the same body: a replay carries the same time stamp, a new press another."""
    stamp = request.headers.get("x-ddpaas-signature-timestamp", request.headers.get("timestamp", ""))
    return hashlib.sha256(stamp.encode() + b"\n" + raw).hexdigest()


async def _body(request: web.Request) -> bytes:
    """At most 256 KiB within four seconds, else refused like any other broken body (reliability 13)."""
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                data += chunk
                if len(data) > BODY_CAP:
                    raise web.HTTPForbidden(text="forbidden")
    except TimeoutError:
        raise web.HTTPForbidden(text="forbidden") from None
    return bytes(data)
