"""The smallest platform: posts signed JSON to a room's address and hears nothing.

The signature is that of ``/ingest``: ``webhook-id``, ``webhook-timestamp`` (unix seconds) and ``webhook-signature``, which is
``v1,`` and the base64 of HMAC-SHA256(secret, ``id.timestamp.body``). The id is the parcel's: the receiver drops repeats by it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from bot.errors import DeliveryError
from bot.model.message import CheckLine, Ear, Parcel, Receipt, Target
from bot.model.options import Seconds, option
from bot.model.platform import Supplies

WAY = "post"
TRANSPORTS = (WAY,)
"""The ways out, as ``[[rooms]] transports`` names them."""
PASSING = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Options:
    """``[platforms.webhook]``."""

    webhook: str = option("", "消息发到哪个地址；只有一个这样的房间时用，多个房间请写在各自的 webhook")
    webhook_secret: str = option("", "签名用的密钥，建议写 env:WEBHOOK_SECRET")
    timeout: Seconds = option(Seconds(8), "一次发送最多等多久")


class Platform:
    """Posts parcels."""

    name = "webhook"

    def __init__(self, options: Options, *, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> None:
        self._options = options
        self._session = session
        self._now = now
        self._trouble = ""

    async def start(self, ear: Ear) -> None:
        """Nothing to hear."""

    async def stop(self) -> None:
        """Nothing to end."""

    def ways(self, target: Target) -> Sequence[str]:
        """The one way, where the room has an address."""
        return (WAY,) if target.webhook else ()

    def budget(self, way: str, target: Target) -> str:
        """No limit."""
        return ""

    async def send(self, parcel: Parcel, way: str) -> Receipt:
        """One attempt; any 2xx is success."""
        url, secret = parcel.target.webhook, parcel.target.webhook_secret
        body = json.dumps(drawn(parcel), ensure_ascii=False).encode("utf-8", "replace")
        id_, stamp = f"wanglou-{parcel.id}", str(int(self._now().timestamp()))
        headers = {"Content-Type": "application/json; charset=utf-8", "webhook-id": id_, "webhook-timestamp": stamp}
        if secret:
            headers["webhook-signature"] = sign(secret, id_, stamp, body)
        try:
            status = await self._post(url, body, headers)
        except DeliveryError as error:
            self._trouble = str(error)
            raise
        self._trouble = ""
        return Receipt(WAY, f"{id_}:{status}")

    def problems(self) -> Sequence[str]:
        """The last failure, until something arrives again."""
        return (self._trouble,) if self._trouble else ()

    async def check(self) -> list[CheckLine]:
        """Whether the settings are complete; nothing is sent."""
        if not self._options.webhook:
            return [CheckLine(True, "没有共用地址：每个房间用自己的 webhook")]
        if not self._options.webhook_secret:
            return [CheckLine(False, "没有密钥，收方无法辨别真伪", "填 [platforms.webhook] webhook_secret")]
        return [CheckLine(True, "地址和密钥都有")]

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        limits = aiohttp.ClientTimeout(total=self._options.timeout, sock_connect=min(5.0, self._options.timeout))
        try:
            async with self._session.post(url, data=body, headers=headers, timeout=limits, allow_redirects=False) as answer:
                status = answer.status
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise DeliveryError(f"webhook：连不上（{type(error).__name__}）", "retry") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DeliveryError(f"webhook：没有收到答复（{type(error).__name__}）", "unknown") from None
        if 200 <= status < 300:
            return status
        if status in PASSING:
            raise DeliveryError(f"webhook：HTTP {status}", "retry", 30.0)
        raise DeliveryError(f"webhook：HTTP {status}", "unknown" if status >= 500 else "permanent")


def build(options: Options, supplies: Supplies) -> Platform:
    """The platform, from what every one is given."""
    return Platform(options, session=supplies.session, now=supplies.now)


def sign(secret: str, id_: str, stamp: str, body: bytes) -> str:
    """The ``webhook-signature`` header."""
    mac = hmac.new(secret.encode(), f"{id_}.{stamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def drawn(parcel: Parcel) -> dict[str, object]:
    """A parcel as JSON: to whom, the text twin, and of a card what a program can use. Files are named, not carried."""
    post, card = parcel.post, parcel.post.card
    return {
        "id": parcel.id,
        "to": parcel.target.name,
        "private": parcel.target.private,
        "grade": parcel.grade.key if parcel.grade else None,
        "text": post.text,
        "mentions": list(post.mentions),
        "files": [file.name for file in post.files],
        "card": card
        and {
            "kind": card.kind,
            "title": card.title,
            "number": card.number,
            "incident": card.incident,
            "grade": card.grade.key if card.grade else None,
            "confirmed": card.confirmed,
            "revision": card.revision,
            "verbs": [button.verb for button in card.buttons],
        },
    }
