"""One call to DingTalk and what became of it: the outcome of every failure is decided here, nothing is ever sent twice."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.errors import DeliveryError
from bot.platforms.text import cut_bytes, one_line

ANSWER_CAP = 1 << 20
_SECRET = re.compile(r"(?i)(access_?token|app_?secret|client_?secret|session|ticket|sign)([\"'=:\s]+)[^\s&\"',}]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status and the JSON object, empty where the body was none."""

    status: int
    data: Mapping[str, Any]
    wellformed: bool = True


def dump(value: object) -> bytes:
    """JSON as DingTalk counts it: UTF-8, Chinese not escaped (escaping would double it against the size limits)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def scrub(text: object) -> str:
    """A vendor's words for our logs and errors: one short line without anything that opens a door."""
    return cut_bytes(_SECRET.sub(r"\1\2***", one_line(str(text))), 240)


async def call(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    what: str,
    body: object = None,
    form: aiohttp.FormData | None = None,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    patience: float,
    visible: bool = True,
) -> Reply:
    """One request, never repeated. ``patience``: seconds for the whole of it; ``what`` names it in errors.

    ``DeliveryError``: ``retry`` when nothing was sent, ``unknown`` when the call may have arrived; a call that nobody would
    see twice (``visible`` false) is always ``retry``.
    """
    late = "unknown" if visible else "retry"
    data = form if form is not None else dump(body)
    sent = {"Accept": "application/json", **(headers or {})}
    if form is None:
        sent["Content-Type"] = "application/json; charset=utf-8"
    limits = aiohttp.ClientTimeout(total=patience, sock_connect=min(5.0, patience))
    try:
        async with session.request(
            method, url, data=data, params=params, headers=sent, timeout=limits, allow_redirects=False
        ) as answer:
            status, raw = answer.status, bytearray()
            async for chunk in answer.content.iter_chunked(65_536):
                raw += chunk
                if len(raw) > ANSWER_CAP:
                    break
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
        raise DeliveryError(f"{what}：连不上钉钉（{type(error).__name__}）", "retry") from None
    except TimeoutError:
        raise DeliveryError(f"{what}：钉钉 {patience:g} 秒没有答复", late) from None
    except aiohttp.ClientError as error:
        raise DeliveryError(f"{what}：连接中断（{type(error).__name__}）", late) from None
    return _read(status, bytes(raw))


def _read(status: int, raw: bytes) -> Reply:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return Reply(status, {}, False)
    return Reply(status, data, True) if isinstance(data, dict) else Reply(status, {}, False)


def number(value: object) -> int | None:
    """An ``errcode``: DingTalk writes it as a number or as text."""
    try:
        return int(str(value))
    except ValueError:
        return None


def as_object(text: object) -> dict[str, Any]:
    """A JSON string that holds an object, as DingTalk nests them; empty for anything else."""
    try:
        value = json.loads(text) if isinstance(text, str | bytes) else text
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
