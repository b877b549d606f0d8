"""A signed call to the company's own publishing service.

POST JSON ``{"id", "draft", "channel", "text", "sha256"}`` with ``webhook-id``, ``webhook-timestamp`` (unix seconds) and
``webhook-signature: v1,<base64 HMAC-SHA256 of id.timestamp.body>``. 2xx with ``{"url"}`` means released; 4xx surely not; all else
(5xx, a time-out, a broken answer) may have been released, so it is unknown and a person looks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from bot.connectors import Order
from bot.errors import DeliveryError
from bot.model.options import Seconds, option, required

LONGEST_ANSWER = 65_536


@dataclass(frozen=True)
class Options:
    """``[connectors.webhook]``."""

    url: str = required("自家发布服务的地址；可以是内网")
    secret: str = required('签名用的密钥，写 "env:PUBLISH_SECRET"')
    timeout: Seconds = option(15.0, "一次发布最多等多久；超时算结果未知，不重发")


class Connector:
    """The address in the configuration may be private; redirects are not followed."""

    def __init__(self, options: Options, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> None:
        self._options = options
        self._session = session
        self._now = now

    async def release(self, order: Order) -> str:
        """One call; the released address, which may be empty."""
        body = json.dumps(
            {"id": order.id, "draft": order.draft, "channel": order.channel, "text": order.text, "sha256": order.sha256},
            ensure_ascii=False,
        ).encode()
        stamp = f"{self._now().timestamp():.0f}"
        headers = {
            "content-type": "application/json",
            "webhook-id": f"publication-{order.id}",
            "webhook-timestamp": stamp,
            "webhook-signature": sign(self._options.secret, f"publication-{order.id}", stamp, body),
        }
        limit = aiohttp.ClientTimeout(total=self._options.timeout)
        try:
            async with self._session.post(
                self._options.url, data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as answer:
                return _read(answer.status, await answer.content.read(LONGEST_ANSWER))
        except aiohttp.ClientConnectorError:
            raise DeliveryError("连不上发布服务", outcome="permanent") from None
        except (TimeoutError, aiohttp.ClientError, OSError):
            raise DeliveryError("发布服务没有答完", outcome="unknown") from None


def sign(secret: str, id: str, stamp: str, body: bytes) -> str:
    """The signature of a call."""
    digest = hmac.new(secret.encode(), f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _read(status: int, body: bytes) -> str:
    if 400 <= status < 500 and status not in (408, 409, 429):
        raise DeliveryError(f"发布服务拒绝了（{status}）", outcome="permanent")
    if not 200 <= status < 300:
        raise DeliveryError(f"发布服务回答 {status}", outcome="unknown")
    try:
        url = json.loads(body or b"{}").get("url") or ""
    except (ValueError, AttributeError):
        raise DeliveryError("发布服务的回答读不懂", outcome="unknown") from None
    return url if isinstance(url, str) and url.startswith(("http://", "https://")) else ""
