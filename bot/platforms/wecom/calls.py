"""One attempt at an HTTP call to WeCom, and what exactly became of it. Nothing here tries twice."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.errors import DeliveryError
from bot.platforms.wecom.codes import VendorError, code_of

ANSWER_CAP = 1024 * 1024
NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientProxyConnectionError,
    aiohttp.InvalidURL,
)


class Http:
    """Calls to WeCom; ``connect``, ``total`` and ``upload`` are limits in seconds. Errors never carry the address: it holds keys and tokens."""

    def __init__(self, session: aiohttp.ClientSession, connect: float = 5.0, total: float = 9.0, upload: float = 60.0) -> None:
        self.session = session
        self._timeout = aiohttp.ClientTimeout(total=total, connect=connect, sock_connect=connect)
        self._upload = aiohttp.ClientTimeout(total=upload, connect=connect, sock_connect=connect)

    async def ask(
        self,
        what: str,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        form: aiohttp.FormData | None = None,
        ok: frozenset[int] = frozenset({0}),
    ) -> dict[str, Any]:
        """The JSON answer where its ``errcode`` is in ``ok``; ``DeliveryError`` otherwise.

        Not connected: surely not delivered (retry). Silence, a cut connection or an answer that is none after the request went
        out: unknown. ``what`` (Chinese) names the call in errors.
        """
        data = io.BytesIO(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")) if body is not None else form
        timeout = self._timeout if form is None else self._upload
        headers = {"Content-Type": "application/json; charset=utf-8"} if body is not None else None
        try:
            async with self.session.request(
                method, url, params=params, data=data, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                status, raw = response.status, await response.content.read(ANSWER_CAP)
        except aiohttp.InvalidURL:
            raise DeliveryError(f"{what}：地址不是网址，检查配置", "permanent") from None
        except NOT_SENT as exc:
            raise DeliveryError(f"{what}：连不上企业微信（{type(exc).__name__}）", "retry") from None
        except (aiohttp.ClientError, OSError, TimeoutError) as exc:
            raise DeliveryError(f"{what}：发出后没有等到回答（{type(exc).__name__}）", "unknown") from None
        return _verdict(what, status, raw, ok)

    async def fetch(self, url: str, cap: int, params: Mapping[str, str] | None = None) -> tuple[bytes, Mapping[str, str]]:
        """Bytes and headers of a picture or file, at most ``cap`` bytes. ``DeliveryError`` when it cannot be had."""
        try:
            async with self.session.get(url, params=params, timeout=self._timeout, allow_redirects=False) as response:
                data = bytearray()
                async for chunk in response.content.iter_chunked(64 * 1024):
                    data += chunk
                    if len(data) > cap:
                        raise DeliveryError("附件太大，没有下载", "permanent")
                if response.status != 200:
                    raise DeliveryError(f"附件下载失败（HTTP {response.status}）")
                return bytes(data), response.headers
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as exc:
            raise DeliveryError(f"附件下载失败（{type(exc).__name__}）") from None


def _verdict(what: str, status: int, raw: bytes, ok: frozenset[int]) -> dict[str, Any]:
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        answer = None
    code = code_of(answer)
    if code is not None and status == 200:
        if code in ok:
            return dict(answer)
        raise VendorError(code, what)
    if status in (429, 503):
        raise DeliveryError(f"{what}：企业微信暂不接受请求（HTTP {status}）", "retry", 60.0 if status == 429 else 10.0)
    if 300 <= status < 500:
        raise DeliveryError(f"{what}：地址不对或被拒绝（HTTP {status}），检查 api_base 与代理", "permanent")
    raise DeliveryError(f"{what}：回答不是约定的格式（HTTP {status}）", "unknown")
