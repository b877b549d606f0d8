"""The self-built app's HTTP interface: its token, and calls with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.errors import DeliveryError
from bot.platforms.wecom import limits
from bot.platforms.wecom.calls import Http
from bot.platforms.wecom.codes import STALE_TOKEN, VendorError

RENEW_EARLY = 300.0


@dataclass(frozen=True, slots=True)
class Account:
    """The app's credentials and habits. ``buttons``: a call-back address is set, so cards may have buttons."""

    api_base: str
    corp_id: str
    corp_secret: str
    agent_id: int
    buttons: bool
    plain: bool = False


class Api:
    """Calls with the app's token: cached, renewed by one caller at a time, renewed once where the vendor says it is stale."""

    def __init__(self, http: Http, account: Account, clock: Callable[[], float]) -> None:
        self._http, self._account, self._clock = http, account, clock
        self._token = ""
        self._until = 0.0
        self._renewing = asyncio.Lock()

    async def call(
        self,
        what: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        form: Callable[[], aiohttp.FormData] | None = None,
        ok: frozenset[int] = frozenset({0}),
    ) -> dict[str, Any]:
        """One call. With a stale token nothing was done, so exactly one repeat with a new one is safe."""
        token = await self.token()
        try:
            return await self._ask(what, method, path, token, params, body, form, ok)
        except VendorError as exc:
            if exc.code not in STALE_TOKEN:
                raise
        self._drop(token)
        return await self._ask(what, method, path, await self.token(), params, body, form, ok)

    async def _ask(
        self,
        what: str,
        method: str,
        path: str,
        token: str,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        form: Callable[[], aiohttp.FormData] | None,
        ok: frozenset[int],
    ) -> dict[str, Any]:
        url = f"{self._account.api_base.rstrip('/')}{path}"
        query = {"access_token": token, **(params or {})}
        return await self._http.ask(what, method, url, params=query, body=body, form=form() if form else None, ok=ok)

    async def token(self) -> str:
        async with self._renewing:
            if self._token and self._clock() < self._until:
                return self._token
            url = f"{self._account.api_base.rstrip('/')}/cgi-bin/gettoken"
            params = {"corpid": self._account.corp_id, "corpsecret": self._account.corp_secret}
            try:
                answer = await self._http.ask("取应用凭证", "GET", url, params=params)
            except VendorError:
                raise
            except DeliveryError as exc:
                raise DeliveryError(str(exc), "retry", exc.after) from None  # nothing was said to anybody yet
            token, life = answer.get("access_token"), answer.get("expires_in")
            if not isinstance(token, str) or not token or not isinstance(life, int):
                raise DeliveryError("取应用凭证：回答里没有 access_token", "retry", 60.0)
            self._token, self._until = token, self._clock() + max(60.0, life - RENEW_EARLY)
            return token

    def _drop(self, token: str) -> None:
        if self._token == token:
            self._token = ""

    async def media(self, media_id: str) -> bytes:
        """A picture or file that a member sent."""
        url = f"{self._account.api_base.rstrip('/')}/cgi-bin/media/get"
        params = {"access_token": await self.token(), "media_id": media_id}
        data, headers = await self._http.fetch(url, limits.MEDIA_RECEIVED, params)
        if "json" in headers.get("Content-Type", ""):
            raise DeliveryError("附件已过期或不可取", "permanent")
        return data
