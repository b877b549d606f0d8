"""The door for call-backs: verifies, decrypts, and lets each through once. One answer for every fault."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.platforms.wecom import limits
from bot.platforms.wecom.crypto import Envelope, EnvelopeError, Seen
from bot.platforms.wecom.heard import ShapeError, app_fields

log = logging.getLogger(__name__)

BODY_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A call-back's clear text, and what is needed to seal the answer."""

    text: str
    nonce: str
    envelope: Envelope


class Door:
    """``envelopes`` are tried in turn (two while a secret is changed). ``handle`` gives the answer in clear text (empty: none),
    or None when the call-back could not be stored: then it is not acknowledged."""

    def __init__(
        self,
        envelopes: Sequence[Envelope],
        now: Callable[[], datetime],
        clock: Callable[[], float],
        handle: Callable[[str], Awaitable[str | None]],
        *,
        xml: bool,
    ) -> None:
        self._envelopes = envelopes
        self._now = now
        self._handle = handle
        self._xml = xml
        self._seen = Seen(clock)

    def routes(self, path: str) -> list[web.RouteDef]:
        return [web.get(path, self._verify), web.post(path, self._post)]

    async def _verify(self, request: web.Request) -> web.Response:
        """The vendor's check of the address: the clear text of ``echostr`` and nothing else."""
        try:
            opened = self._open(request, _query(request, "echostr").replace(" ", "+"))
        except EnvelopeError:
            return _refused()
        return web.Response(text=opened.text)

    async def _post(self, request: web.Request) -> web.Response:
        signature = _query(request, "msg_signature")
        try:
            opened = self._open(request, self._encrypt(await _body(request)))
            if signature in self._seen:
                return web.Response()
            answer = await self._handle(opened.text)
        except (EnvelopeError, ShapeError):
            return _refused()
        if answer is None:
            return web.Response(status=503)
        self._seen.add(signature)
        return self._sealed(answer, opened) if answer else web.Response()

    def _open(self, request: web.Request, encrypt: str) -> Opened:
        signature, nonce = _query(request, "msg_signature"), _query(request, "nonce")
        for envelope in self._envelopes:
            try:
                text = envelope.open(signature, _query(request, "timestamp"), nonce, encrypt, self._now().timestamp())
            except EnvelopeError:
                continue
            return Opened(text, nonce, envelope)
        log.warning("wecom: a call-back was refused")
        raise EnvelopeError

    def _encrypt(self, body: bytes) -> str:
        try:
            text = body.decode()
            fields = app_fields(text) if self._xml else json.loads(text)
        except (ValueError, RecursionError):
            raise EnvelopeError from None
        encrypt = fields.get("Encrypt" if self._xml else "encrypt") if isinstance(fields, dict) else None
        if not isinstance(encrypt, str):
            raise EnvelopeError
        return encrypt

    def _sealed(self, text: str, opened: Opened) -> web.Response:
        seconds = int(self._now().timestamp())
        encrypt, signature = opened.envelope.seal(text, str(seconds), opened.nonce)
        body = {"encrypt": encrypt, "msgsignature": signature, "timestamp": seconds, "nonce": opened.nonce}
        return web.Response(text=json.dumps(body), content_type="application/json")


async def _body(request: web.Request) -> bytes:
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                data += chunk
                if len(data) > limits.CALLBACK_BODY:
                    raise EnvelopeError
    except TimeoutError:
        raise EnvelopeError from None
    return bytes(data)


def _query(request: web.Request, name: str) -> str:
    return request.query.get(name, "")


def _refused() -> web.Response:
    return web.Response(status=403)
