"""Pictures and files that people send us: looked up by their code, fetched from DingTalk's own addresses only."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import aiohttp

from bot.errors import DeliveryError
from bot.model.card import File
from bot.platforms.dingtalk.openapi import OpenApi
from bot.platforms.text import cut_bytes, one_line

log = logging.getLogger(__name__)

FILE_CAP = 20 * 1024 * 1024
HOSTS = (".dingtalk.com", ".dingtalk.io", ".aliyuncs.com")


class Attachments:
    """Fetches what came with a message. ``base`` is DingTalk's configured address, ``patience`` seconds for one fetch."""

    def __init__(self, session: aiohttp.ClientSession, api: OpenApi, base: str, patience: float) -> None:
        self._session = session
        self._api = api
        self._base = urlsplit(base)
        self._patience = patience

    async def fetch(self, code: str, name: str) -> File | None:
        """The bytes behind a download code, under a name that is no path; None, and a line in the log, where they cannot be had."""
        try:
            url = await self._api.download_url(code)
            if not self._ours(url):
                raise DeliveryError("下载附件：地址不是钉钉的", "permanent")
            mime, data = await self._read(url)
        except DeliveryError as error:
            log.warning("dingtalk: an attachment was not fetched: %s", error)
            return None
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("dingtalk: an attachment was not fetched: %s", type(error).__name__)
            return None
        return File(cut_bytes(one_line(name.replace("/", "_").replace("\\", "_")), 120), mime, data)

    async def _read(self, url: str) -> tuple[str, bytes]:
        limits = aiohttp.ClientTimeout(total=max(20.0, self._patience))
        async with self._session.get(url, timeout=limits, allow_redirects=False) as answer:
            if answer.status != 200:
                raise DeliveryError(f"下载附件：HTTP {answer.status}", "permanent")
            data = bytearray()
            async for chunk in answer.content.iter_chunked(65_536):
                data += chunk
                if len(data) > FILE_CAP:
                    raise DeliveryError("下载附件：超过 20 MB", "permanent")
            return answer.content_type, bytes(data)

    def _ours(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return False
        vendor = parts.scheme == "https" and host.endswith(HOSTS)
        return vendor or (parts.scheme, parts.netloc) == (self._base.scheme, self._base.netloc)
