"""DingTalk's OpenAPI as far as we need it: token, messages to groups and persons, media, cards, DING, names."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.errors import DeliveryError
from bot.model.card import File
from bot.platforms.dingtalk.memory import Memory
from bot.platforms.dingtalk.quota import Quota
from bot.platforms.dingtalk.refusal import BAD_TOKEN_CODES, HINTS, RefusedError, legacy_refusal, refusal, token_refused
from bot.platforms.dingtalk.sealed import seal, unseal
from bot.platforms.dingtalk.webhook import OverQuotaError
from bot.platforms.dingtalk.wire import Reply, call, dump, number, scrub
from bot.platforms.text import one_line

EARLY = 300.0
"""Seconds before its end at which a token is renewed (protocol page 3.1)."""

UPLOAD_CAP = 20 * 1024 * 1024
MEDIA_KEPT = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Access:
    """Who we are and where DingTalk lives."""

    client_id: str
    client_secret: str
    robot_code: str
    api_base: str
    oapi_base: str
    patience: float

    @property
    def credentials(self) -> str:
        """What a kept token is sealed with: one fetched with other credentials is not ours."""
        return f"{self.client_id}\n{self.client_secret}"


class OpenApi:
    """One app's calls. Each is one attempt, except that a token found expired is renewed once and the refused call repeated
    (a refused call did nothing). Every metered call is booked before it is made. ``robot_code`` is the robot that speaks."""

    def __init__(
        self,
        access: Access,
        session: aiohttp.ClientSession,
        state: Memory,
        quota: Quota,
        clock: Callable[[], float],
    ) -> None:
        self._access = access
        self._session = session
        self._state = state
        self._quota = quota
        self._clock = clock
        self.robot_code = access.robot_code or access.client_id
        self._token = ""
        self._until = 0.0
        self._renewing = asyncio.Lock()

    async def token(self, *, stale: str = "", fresh: bool = False) -> str:
        """The access token; fetched when there is none, when it ends within 5 min, when it is the ``stale`` one, or to try the
        credentials (``fresh``). However many ask at once, one call is made."""
        async with self._renewing:
            if not self._token:
                await self._recall()
            if not fresh and self._token and self._token != stale and self._clock() < self._until:
                return self._token
            body = {"appKey": self._access.client_id, "appSecret": self._access.client_secret}
            url = f"{self._access.api_base}/v1.0/oauth2/accessToken"
            reply = await call(
                self._session, "POST", url, what="取令牌", body=body, patience=self._access.patience, visible=False
            )
            token, seconds = reply.data.get("accessToken"), number(reply.data.get("expireIn"))
            if reply.status != 200 or not isinstance(token, str) or not seconds:
                raise refusal(reply, "取令牌", visible=False)
            self._token, self._until = token, self._clock() + max(60.0, seconds - EARLY)
            until = self._state.moment() + seconds - EARLY
            kept = {"token": seal(token, self._access.credentials), "until": until}
            await self._state.put("token", kept, float(seconds))
            return token

    async def _recall(self) -> None:
        kept = await self._state.get("token")
        if isinstance(kept, dict) and (token := unseal(kept.get("token"), self._access.credentials)):
            left = float(kept.get("until", 0)) - self._state.moment()
            self._token, self._until = token, self._clock() + min(left, 7_200.0)

    async def request(
        self, method: str, path: str, body: Mapping[str, Any], *, what: str, visible: bool = True, metered: bool = True
    ) -> Mapping[str, Any]:
        """A call of the new API; the JSON object of a 2xx answer, else ``DeliveryError``."""
        token = await self.token()
        reply = await self._one(method, path, body, token, what, visible, metered)
        if token_refused(reply):
            token = await self.token(stale=token)
            reply = await self._one(method, path, body, token, what, visible, metered)
        if reply.wellformed and 200 <= reply.status < 300 and reply.data.get("success") is not False:
            return reply.data
        error = refusal(reply, what, visible)
        if isinstance(error, OverQuotaError):
            await self._quota.exhausted("api")
        raise error

    async def _one(
        self, method: str, path: str, body: Mapping[str, Any], token: str, what: str, visible: bool, metered: bool
    ) -> Reply:
        if metered:
            await self._quota.spend("api")
        headers = {"x-acs-dingtalk-access-token": token}
        return await call(
            self._session, method, f"{self._access.api_base}{path}", what=what, body=body, headers=headers,
            patience=self._access.patience, visible=visible,
        )  # fmt: skip

    async def legacy(self, path: str, *, what: str, body: object = None, form: Callable[[], aiohttp.FormData] | None = None,
                     params: Mapping[str, str] | None = None, metered: bool = True) -> Mapping[str, Any]:  # fmt: skip
        """A call of the old API (``errcode``), never one that people would see."""
        stale = ""
        for last in (False, True):
            token = await self.token(stale=stale)
            if metered:
                await self._quota.spend("api")
            reply = await call(
                self._session, "POST", f"{self._access.oapi_base}{path}", what=what, body=body, form=form() if form else None,
                params={**(params or {}), "access_token": token}, visible=False,
                patience=self._access.patience if form is None else max(15.0, self._access.patience),
            )  # fmt: skip
            code = number(reply.data.get("errcode"))
            if code == 0 and reply.status == 200:
                return reply.data
            if not last and (code in BAD_TOKEN_CODES or (code == 88 and "token" in str(reply.data.get("sub_msg", "")).lower())):
                stale = token
                continue
            break
        raise legacy_refusal(reply, what)

    async def send_group(self, chat: str, key: str, param: Mapping[str, Any]) -> str:
        """Says something in a group; the ``processQueryKey``. There is no idempotency key on this channel."""
        body = self._robot({"openConversationId": chat, "msgKey": key, "msgParam": _text(param)})
        return _key(await self.request("POST", "/v1.0/robot/groupMessages/send", body, what="群消息"), "群消息")

    async def send_person(self, user: str, key: str, param: Mapping[str, Any]) -> str:
        """Says something to one person privately. HTTP 200 is no delivery: the three lists must not name the person."""
        body = self._robot({"userIds": [user], "msgKey": key, "msgParam": _text(param)})
        data = await self.request("POST", "/v1.0/robot/oToMessages/batchSend", body, what="单聊消息")
        if user in _list(data, "invalidStaffIdList") or user in _list(data, "filteredStaffIdList"):
            raise DeliveryError(f"单聊消息：钉钉说 {user} 收不到（{HINTS['staffid']}）", "permanent")
        if user in _list(data, "flowControlledStaffIdList"):
            raise DeliveryError(f"单聊消息：对 {user} 发得太快", "retry", 60.0)
        return _key(data, "单聊消息")

    async def upload(self, file: File, kind: str) -> str:
        """The ``media_id`` of a picture (``image``) or document (``file``); the same bytes are uploaded once a week."""
        if len(file.data) > UPLOAD_CAP:
            raise DeliveryError(f"附件「{file.name}」超过 20 MB，钉钉不收", "permanent")
        key = f"media:{kind}:{hashlib.sha256(file.data).hexdigest()}"
        known = await self._state.get(key)
        if isinstance(known, str):
            return known

        def form() -> aiohttp.FormData:
            made = aiohttp.FormData(quote_fields=False)  # else people would read the name as %E9%A2%86…
            made.add_field("type", kind)
            name = one_line(file.name).replace('"', "_")
            made.add_field("media", io.BytesIO(file.data), filename=name, content_type=file.mime)
            return made

        data = await self.legacy("/media/upload", what="上传", form=form, params={"type": kind})
        media = data.get("media_id")
        if not isinstance(media, str) or not media:
            raise DeliveryError("上传：答复里没有 media_id", "retry", 5.0)
        await self._state.put(key, media, MEDIA_KEPT)
        return media

    async def create_card(self, body: Mapping[str, Any]) -> None:
        """Creates and delivers an interactive card. That it exists is success: ``outTrackId`` is the idempotency key."""
        try:
            data = await self.request("POST", "/v1.0/card/instances/createAndDeliver", body, what="互动卡片")
        except RefusedError as error:
            if "cardalreadyexist" in error.code:
                return
            raise
        results = (data.get("result") or {}).get("deliverResults") if isinstance(data.get("result"), dict) else None
        if not isinstance(results, list) or not results:
            raise DeliveryError("互动卡片：答复里没有投放结果", "unknown")
        failed = [r for r in results if not (isinstance(r, dict) and r.get("success") is True)]
        if failed:
            words = scrub(failed[0].get("errorMsg", "")) if isinstance(failed[0], dict) else ""
            raise RefusedError(f"互动卡片：没有投放成功（{words}）", "permanent", code="deliver.failed")

    async def update_card(self, out: str, values: Mapping[str, str], private: Mapping[str, Mapping[str, str]]) -> None:
        """Paints a card anew: only the keys given change. Nobody sees a repeat."""
        body: dict[str, Any] = {
            "outTrackId": out,
            "userIdType": 1,
            "cardData": {"cardParamMap": dict(values)},
            "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
        }
        if private:
            body["privateData"] = {user: {"cardParamMap": dict(line)} for user, line in private.items()}
        await self.request("PUT", "/v1.0/card/instances", body, what="刷新卡片", visible=False)

    async def ding(self, users: Sequence[str], words: str, kind: int) -> str:
        """Rings people: 1 in the app, 2 by SMS, 3 by telephone (at most 20, in the app 200)."""
        body = self._robot({"remindType": kind, "receiverUserIdList": list(users), "content": words})
        if kind == 3:
            body["callVoice"] = "Standard_Female_Voice"
        data = await self.request("POST", "/v1.0/robot/ding/send", body, what="DING")
        failed = data.get("failedList")
        if isinstance(failed, dict) and (left := [u for users_ in failed.values() if isinstance(users_, list) for u in users_]):
            raise DeliveryError(f"DING：{'、'.join(map(str, left))} 没有叫到", "permanent")
        return str(data.get("openDingId", ""))

    async def person(self, user: str) -> str:
        """The name of a person (a contacts call: free)."""
        body = {"userid": user, "language": "zh_CN"}
        data = await self.legacy("/topapi/v2/user/get", what="查姓名", body=body, metered=False)
        result = data.get("result")
        return str(result.get("name", "")) if isinstance(result, dict) else ""

    async def download_url(self, code: str) -> str:
        """Where the bytes of a received picture or file lie for a short while."""
        body = self._robot({"downloadCode": code})
        data = await self.request("POST", "/v1.0/robot/messageFiles/download", body, what="下载附件", visible=False)
        return str(data.get("downloadUrl", ""))

    async def register_callback(self, key: str, url: str, secret: str) -> None:
        """Tells DingTalk where presses on cards go in HTTP mode."""
        body = {"callbackRouteKey": key, "callbackUrl": url, "apiSecret": secret, "forceUpdate": True}
        await self.request("POST", "/v1.0/card/callbacks/register", body, what="登记卡片回调", visible=False)

    def _robot(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"robotCode": self.robot_code, **body}


def _text(param: Mapping[str, Any]) -> str:
    return dump(dict(param)).decode()


def _key(data: Mapping[str, Any], what: str) -> str:
    key = data.get("processQueryKey")
    if not isinstance(key, str) or not key:
        raise DeliveryError(f"{what}：答复里没有 processQueryKey", "unknown")
    return key


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    value = data.get(name)
    return value if isinstance(value, list) else []
