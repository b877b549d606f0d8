"""A strict DingTalk on a free port: it checks what the vendor checks and refuses what the vendor would.

Proved by a client that is not ours (``test_dingtalk_fake_vendor.py``). Every call is kept; faults are scripted per path:
``(status, body)`` answers instead, ``lost`` does the work and cuts the line, ``cut`` cuts it before, ``hang`` never answers.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import WSMsgType, web

CLIENT_ID, CLIENT_SECRET, ROBOT = "dingfake", "fake-app-secret-3c41", "dingfake"
HOOK_TOKEN, HOOK_SECRET = "fake-hook-token-77aa", "SECfake0f1e2d3c"
GROUP, OTHER_GROUP, TEMPLATE = "cidFakeRoom==", "cidOther==", "fake.schema"
STAFF = {"user01": "张敏", "user02": "李雷", "ceo01": "陈总"}
KEYS = {
    "sampleText": {"content"},
    "sampleMarkdown": {"title", "text"},
    "sampleImageMsg": {"photoURL"},
    "sampleLink": {"title", "text", "picUrl", "messageUrl"},
    "sampleActionCard": {"title", "text", "singleTitle", "singleURL"},
    "sampleActionCard6": {"title", "text", "buttonTitle1", "buttonUrl1", "buttonTitle2", "buttonUrl2"},
    "sampleFile": {"mediaId", "fileName", "fileType"},
}
KEYS |= {
    f"sampleActionCard{n}": {"title", "text"} | {f"action{part}{i}" for i in range(1, n + 1) for part in ("Title", "URL")}
    for n in range(2, 6)
}
FORMATS = {
    "image": {"jpg", "jpeg", "gif", "png", "bmp"},
    "file": {"doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "pdf", "rar"},
}
HOOK_KEYS = {
    "text": {"content"},
    "markdown": {"title", "text"},
    "link": {"title", "text", "messageUrl", "picUrl"},
    "feedCard": {"links"},
}


@dataclass
class Said:
    """One message that people see. ``pinged`` are those really notified: named in ``at`` and in the text."""

    via: str
    to: str
    kind: str
    text: str
    title: str = ""
    pinged: tuple[str, ...] = ()
    param: dict[str, Any] = field(default_factory=dict)


@dataclass
class Hung:
    """An interactive card in a chat."""

    to: str
    values: dict[str, str]
    private: dict[str, dict[str, str]]
    body: dict[str, Any]
    updates: int = 0


class Refuse(Exception):
    """An answer of the new API that is no success."""

    def __init__(self, code: str, status: int = 400, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"code": code, "message": f"refused: {code}", "requestid": "r-1", **more}


def utc() -> datetime:
    return datetime.now(UTC)


class FakeDingTalk:
    def __init__(self, now: Callable[[], datetime] = utc) -> None:
        self.now = now
        self.clock: Callable[[], float] = time.monotonic
        self.calls: list[tuple[str, str, Any]] = []
        self.said: list[Said] = []
        self.cards: dict[str, Hung] = {}
        self.dings: list[dict[str, Any]] = []
        self.media: dict[str, tuple[str, str, bytes]] = {}
        self.acks: list[dict[str, Any]] = []
        self.tokens: set[str] = set()
        self.born: dict[str, float] = {}
        self.tickets: dict[str, datetime] = {}
        self.sessions: dict[str, tuple[str, datetime]] = {}
        self.registered: dict[str, Any] = {}
        self.downloads: dict[str, bytes] = {}
        self.sockets: list[web.WebSocketResponse] = []
        self.faults: dict[str, deque[Any]] = defaultdict(deque)
        self.denied_scopes: set[str] = set()
        self.groups = {GROUP, OTHER_GROUP}
        self.trusted = True
        self.robot = ROBOT
        self.ding_quota = {1: 100, 2: 0, 3: 0}
        self.frozen = False
        self.opened = 0
        self.pongs = 0
        self.qps = 0
        self.lately: dict[str, deque[float]] = defaultdict(deque)
        self.uuids: set[str] = set()
        self.pressed: dict[str, str] = {}
        self.hook_times: deque[datetime] = deque()
        self.muted_until: datetime | None = None
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._count = 0
        self._changed = asyncio.Condition()
        self._released = asyncio.Event()

    async def __aenter__(self) -> FakeDingTalk:
        app = web.Application(client_max_size=32 * 1024 * 1024, middlewares=[self._guard])
        post, put = app.router.add_post, app.router.add_put
        post("/v1.0/oauth2/accessToken", self._token)
        post("/v1.0/gateway/connections/open", self._open)
        app.router.add_get("/connect", self._connect)
        post("/v1.0/robot/groupMessages/send", self._group)
        post("/v1.0/robot/groupMessages/query", self._query)
        post("/v1.0/robot/oToMessages/batchSend", self._person)
        post("/v1.0/robot/ding/send", self._ding)
        post("/v1.0/robot/messageFiles/download", self._download)
        app.router.add_get("/files/{code}", self._bytes)
        post("/v1.0/card/instances/createAndDeliver", self._create_and_deliver)
        post("/v1.0/card/instances/deliver", self._deliver)
        post("/v1.0/card/instances", self._create)
        put("/v1.0/card/instances", self._update)
        post("/v1.0/card/callbacks/register", self._register)
        post("/robot/send", self._hook)
        post("/robot/sendBySession", self._session)
        post("/media/upload", self._upload)
        post("/topapi/v2/user/get", self._user)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.hook_url = f"{self.base}/robot/send?access_token={HOOK_TOKEN}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._released.set()
        await self.cut()
        await self._runner.cleanup()

    # what tests do ---------------------------------------------------------------------------------------------------

    def fault(self, path: str, *what: Any) -> None:
        """The next calls of ``path`` go wrong in this way."""
        self.faults[path].extend(what)

    async def until(self, true: Callable[[], object], seconds: float = 30.0) -> None:
        """Waits until something the fake has seen makes ``true`` so."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: bool(true()))

    def count(self, path: str) -> int:
        return sum(1 for _, called, _ in self.calls if called == path)

    def message(
        self, text: Any = "", *, by: str = "user01", chat: str = GROUP, private: bool = False, **over: Any
    ) -> dict[str, Any]:
        """The body of a robot message, as on the protocol page, with a sessionWebhook that works for 90 minutes."""
        self._count += 1
        session, millis = f"s{self._count}", int(self.now().timestamp() * 1000)
        self.sessions[session] = (f"@{by}" if private else chat, self.now() + timedelta(minutes=90))
        body: dict[str, Any] = {
            "msgId": f"msg{self._count}==", "createAt": millis, "msgtype": "text", "text": {"content": f" {text}"} if isinstance(text, str) else text,
            "conversationId": "cidDM" if private else chat, "conversationType": "1" if private else "2",
            "senderId": "$:LWCP_v1:$aaa", "senderStaffId": by, "senderNick": STAFF.get(by, "外人"), "senderCorpId": "ding00",
            "chatbotCorpId": "ding00", "chatbotUserId": "$:LWCP_v1:$bot", "robotCode": self.robot, "isInAtList": True,
            "atUsers": [{"dingtalkId": "$:LWCP_v1:$bot"}],
            "sessionWebhook": f"{self.base}/robot/sendBySession?session={session}",
            "sessionWebhookExpiredTime": millis + 5_400_000,
        }  # fmt: skip
        return {**body, **over}

    async def say(self, text: Any = "", **over: Any) -> dict[str, Any]:
        """Somebody says something to the robot over Stream; the acknowledgement."""
        return await self.push("/v1.0/im/bot/messages/get", self.message(text, **over))

    def pressing(self, out: str, key: str, by: str = "user01", incident: str = "12", **params: str) -> dict[str, Any]:
        """The body of a card call-back."""
        content = {"cardPrivateData": {"actionIds": ["b1"], "params": {"key": key, "incident": incident, **params}}}
        card = self.cards.get(out)
        return {
            "type": "actionCallback", "outTrackId": out, "corpId": "ding00", "userId": by, "userIdType": 1,
            "spaceType": "IM_GROUP", "spaceId": card.to if card else GROUP, "extension": "{}", "content": json.dumps(content),
        }  # fmt: skip

    async def press(self, out: str, key: str, by: str = "user01", frame: str = "", **params: str) -> dict[str, Any]:
        """Somebody presses a card; the acknowledgement, applied to the card."""
        ack = await self.push("/v1.0/card/instances/callback", self.pressing(out, key, by, **params), frame)
        self.apply(out, by, json.loads(ack["data"])["response"])
        return ack

    def apply(self, out: str, by: str, response: dict[str, Any]) -> None:
        """Paints a card as the answer to a press says."""
        if not response or out not in self.cards:
            return
        assert set(response) <= {"cardUpdateOptions", "cardData", "userPrivateData"}, response
        card, options = self.cards[out], response.get("cardUpdateOptions", {})
        values = response.get("cardData", {}).get("cardParamMap", {})
        self._check_values(values)
        card.values = {**card.values, **values} if options.get("updateCardDataByKey") else values
        own = response.get("userPrivateData", {}).get("cardParamMap", {})
        card.private[by] = {**card.private.get(by, {}), **own}

    async def push(self, topic: str, data: Any, frame: str = "", kind: str = "CALLBACK", wait: bool = True) -> dict[str, Any]:
        """Sends a frame on the newest socket and waits for its acknowledgement."""
        self._count += 1
        id_ = frame or f"f{self._count}"
        headers = {"appId": "a", "connectionId": "c1", "contentType": "application/json", "messageId": id_,
                   "time": str(int(self.now().timestamp() * 1000)), "topic": topic}  # fmt: skip
        sent = {"specVersion": "1.0", "type": kind, "headers": headers, "data": json.dumps(data)}
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = future
        if topic == "/v1.0/card/instances/callback" and isinstance(data, dict):
            self.pressed[id_] = data.get("outTrackId", "")
        await self.sockets[-1].send_str(json.dumps(sent))
        return await asyncio.wait_for(future, 20.0) if wait else {}

    async def connected(self, times: int = 1) -> None:
        """Waits until the gateway was entered ``times`` times."""
        await self.until(lambda: self.opened >= times and self.sockets)

    async def cut(self) -> None:
        """The line goes dead without a word."""
        for socket in self.sockets:
            transport = socket._req.transport if socket._req else None
            if transport:
                transport.abort()
        self.sockets.clear()
        self.pressed.clear()

    # the gateway -----------------------------------------------------------------------------------------------------

    async def _open(self, request: web.Request) -> web.StreamResponse:
        body = await self._json(request)
        if "application/json" not in request.headers.get("Accept", ""):
            return web.Response(text="<xml/>", content_type="application/xml")
        if (body.get("clientId"), body.get("clientSecret")) != (CLIENT_ID, CLIENT_SECRET):
            raise Refuse("invalidClientIdOrSecret", 401)
        for one in body.get("subscriptions") or [{}]:
            if one.get("type") not in ("CALLBACK", "EVENT") or (one["type"] == "EVENT" and one.get("topic") != "*"):
                raise Refuse("invalidParameter.subscriptions")
        self._count += 1
        ticket = f"t+/={self._count}"
        self.tickets[ticket] = self.now()
        return web.json_response({"endpoint": f"ws://127.0.0.1:{self.port}/connect", "ticket": ticket})

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        issued = self.tickets.pop(request.query.get("ticket", ""), None)
        if issued is None or self.now() - issued > timedelta(seconds=90):
            raise web.HTTPUnauthorized
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.sockets.append(socket)
        self.opened += 1
        await self._tell()
        async for frame in socket:
            if frame.type is WSMsgType.PING and not self.frozen:
                self.pongs += 1
                await socket.pong(frame.data)
            elif frame.type is WSMsgType.TEXT and not self.frozen:
                self._acked(json.loads(frame.data))
            await self._tell()
        if socket in self.sockets:
            self.sockets.remove(socket)
        await self._tell()
        return socket

    def _acked(self, ack: dict[str, Any]) -> None:
        assert set(ack) == {"code", "message", "headers", "data"}, ack
        assert isinstance(ack["code"], int)
        assert isinstance(ack["data"], str), "data must be a JSON string"
        assert ack["headers"]["contentType"] == "application/json"
        self.acks.append(ack)
        self.pressed.pop(ack["headers"]["messageId"], None)
        future = self._waiting.pop(ack["headers"]["messageId"], None)
        assert future is not None, "an acknowledgement for nothing"
        if not future.done():
            future.set_result(ack)

    # sending ---------------------------------------------------------------------------------------------------------

    async def _token(self, request: web.Request) -> web.StreamResponse:
        body = await self._json(request)
        if (body.get("appKey"), body.get("appSecret")) != (CLIENT_ID, CLIENT_SECRET):
            raise Refuse("invalidClientIdOrSecret")
        self._count += 1
        token = f"fake-access-token-{self._count}"
        self.tokens.add(token)
        self.born[token] = self.clock()
        return web.json_response({"accessToken": token, "expireIn": 7200})

    async def _group(self, request: web.Request) -> web.StreamResponse:
        body = await self._robot(request)
        self._scope("qyapi_robot_sendmsg")
        if body.get("openConversationId") not in self.groups:
            raise Refuse("invalid.openConversationId")
        if not set(body) <= {"robotCode", "openConversationId", "msgKey", "msgParam", "coolAppCode"}:
            raise Refuse("invalidParameter.unknown")
        self._robot_says("group", body["openConversationId"], body)
        return web.json_response({"processQueryKey": f"pq{len(self.said)}"})

    async def _query(self, request: web.Request) -> web.StreamResponse:
        await self._robot(request)
        self._scope("qyapi_robot_sendmsg")
        raise Refuse("invalid.openConversationId")

    async def _person(self, request: web.Request) -> web.StreamResponse:
        body = await self._robot(request)
        self._scope("qyapi_robot_sendmsg")
        users = body.get("userIds")
        if not isinstance(users, list) or not 0 < len(users) <= 20:
            raise Refuse("invalidParameter.userIds")
        bad = [user for user in users if user not in STAFF]
        for user in users:
            if user not in bad:
                self._robot_says("person", f"@{user}", body)
        return web.json_response({"processQueryKey": f"pq{len(self.said)}", "invalidStaffIdList": bad,
                                  "flowControlledStaffIdList": [], "filteredStaffIdList": []})  # fmt: skip

    def _robot_says(self, via: str, to: str, body: dict[str, Any]) -> None:
        key, raw = body.get("msgKey"), body.get("msgParam")
        if key not in KEYS:
            raise Refuse("invalidParameter.msgKey.invalid")
        if not isinstance(raw, str):
            raise Refuse("invalidParameter.msgParam.invalid")
        if len(raw.encode()) > 15_000:
            raise Refuse("invalidParameter.msgParam.tooLong")
        param = json.loads(raw)
        if set(param) != KEYS[key] or not all(isinstance(value, str) and value for value in param.values()):
            raise Refuse("invalidParameter.msgParam.invalid")
        media = param.get("mediaId") or (param.get("photoURL") if str(param.get("photoURL")).startswith("@") else None)
        if media and media not in self.media:
            raise Refuse("invalidParameter.mediaId")
        if key == "sampleFile" and param["fileType"] not in {"xlsx", "pdf", "zip", "rar", "doc", "docx"}:
            raise Refuse("invalidParameter.fileType")
        text = param.get("content") or param.get("text") or param.get("fileName") or param.get("photoURL")
        self.said.append(Said(via, to, key, text, param.get("title", ""), (), param))

    async def _ding(self, request: web.Request) -> web.StreamResponse:
        body = await self._robot(request)
        self._scope("Premium.Ding.Write")
        kind, users = body.get("remindType"), body.get("receiverUserIdList")
        if kind not in (1, 2, 3) or not isinstance(users, list) or len(users) > (200 if kind == 1 else 20):
            raise Refuse("ding.receivercount.limit")
        if self.ding_quota[kind] <= 0:
            raise Refuse("ding.serverquota.insufficient")
        self.ding_quota[kind] -= 1
        self.dings.append(body)
        return web.json_response({"openDingId": f"d{len(self.dings)}", "failedList": {}})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        body = await self._robot(request)
        if body.get("downloadCode") not in self.downloads:
            raise Refuse("invalidParameter.downloadCode")
        return web.json_response({"downloadUrl": f"{self.base}/files/{body['downloadCode']}"})

    async def _bytes(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=self.downloads[request.match_info["code"]], content_type="image/png")

    # cards -----------------------------------------------------------------------------------------------------------

    async def _create_and_deliver(self, request: web.Request) -> web.StreamResponse:
        body = await self._created(request)
        return web.json_response({"success": True, "result": {"outTrackId": body["outTrackId"],
                                  "deliverResults": [self._delivered(body)]}})  # fmt: skip

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await self._created(request)
        return web.json_response({"success": True, "result": body["outTrackId"]})

    async def _deliver(self, request: web.Request) -> web.StreamResponse:
        body = await self._json(request)
        self._authorised(request)
        self._scope("Card.Instance.Write")
        if body.get("outTrackId") not in self.cards:
            raise Refuse("param.cardNotExist")
        kept = self.cards[body["outTrackId"]].body
        return web.json_response({"success": True, "result": [self._delivered({**kept, **body})]})

    async def _created(self, request: web.Request) -> dict[str, Any]:
        body = await self._json(request)
        self._authorised(request)
        self._scope("Card.Instance.Write")
        if body.get("cardTemplateId") != TEMPLATE:
            raise Refuse("param.templateNotExist")
        out = body.get("outTrackId")
        if not isinstance(out, str) or not out:
            raise Refuse("param.outTrackIdEmpty")
        if out in self.cards:
            raise Refuse("param.cardAlreadyExist")
        if body.get("callbackType") not in (None, "STREAM", "HTTP") or (
            body.get("callbackType") == "HTTP" and not body.get("callbackRouteKey")
        ):
            raise Refuse("param.callbackTypeInvalid")
        values = body.get("cardData", {}).get("cardParamMap")
        self._check_values(values)
        private = {user: line["cardParamMap"] for user, line in body.get("privateData", {}).items()}
        for line in private.values():
            self._check_values(line)
        self.cards[out] = Hung("", dict(values), private, body)
        return body

    def _delivered(self, body: dict[str, Any]) -> dict[str, Any]:
        space, _, to = str(body.get("openSpaceId", "")).removeprefix("dtv1.card//").partition(".")
        if not str(body.get("openSpaceId", "")).startswith("dtv1.card//") or space not in ("IM_GROUP", "IM_ROBOT"):
            raise Refuse("param.openSpaceIdInvalid")
        model = "imGroupOpen" if space == "IM_GROUP" else "imRobotOpen"
        if not isinstance(body.get(f"{model}SpaceModel", {}).get("supportForward"), bool):
            raise Refuse("param.openSpaceModelEmpty")
        deliver = body.get(f"{model}DeliverModel")
        if not deliver or (space == "IM_GROUP" and deliver.get("robotCode") != self.robot):
            raise Refuse("param.openDeliverModelEmpty")
        known = to in self.groups if space == "IM_GROUP" else to in STAFF
        card = self.cards[body["outTrackId"]]
        if known:
            card.to = to
            pinged = tuple(deliver.get("atUserIds", {}))
            last = body[f"{model}SpaceModel"].get("lastMessageI18n", {}).get("ZH_CN", "")
            self.said.append(
                Said("card", to if space == "IM_GROUP" else f"@{to}", "card", card.values.get("title", ""), last, pinged)
            )
        return {
            "spaceType": space,
            "spaceId": to,
            "success": known,
            "carrierId": "pqk",
            "errorMsg": "" if known else "no space",
        }

    async def _update(self, request: web.Request) -> web.StreamResponse:
        body = await self._json(request)
        self._authorised(request)
        self._scope("Card.Instance.Write")
        if body.get("outTrackId") not in self.cards:
            raise Refuse("param.cardNotExist")
        if body["outTrackId"] in self.pressed.values():
            raise Refuse("param.cardCallbackPending")  # the page: do not update while a call-back is being answered
        card, options = self.cards[body["outTrackId"]], body.get("cardUpdateOptions", {})
        values = body.get("cardData", {}).get("cardParamMap", {})
        self._check_values(values)
        card.values = {**card.values, **values} if options.get("updateCardDataByKey") else values
        for user, line in body.get("privateData", {}).items():
            self._check_values(line["cardParamMap"])
            card.private[user] = {**card.private.get(user, {}), **line["cardParamMap"]}
        card.updates += 1
        return web.json_response({"success": True, "result": True})

    def _check_values(self, values: Any) -> None:
        if not isinstance(values, dict):
            raise Refuse("param.cardDataEmpty")
        for key, value in values.items():
            if not isinstance(value, str) or len(key.encode()) > 100 or len(value.encode()) > 1024:
                raise Refuse("param.cardParamInvalid")

    async def _register(self, request: web.Request) -> web.StreamResponse:
        self.registered = await self._json(request)
        self._authorised(request)
        return web.json_response({"success": True, "result": {"callbackUrl": self.registered["callbackUrl"]}})

    # webhooks and the old API ----------------------------------------------------------------------------------------

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        if request.query.get("access_token") != HOOK_TOKEN:
            return _said(300005, "token is not exist")
        stamp = request.query.get("timestamp", "")
        if not stamp.isdigit() or abs(self.now().timestamp() * 1000 - int(stamp)) > 3_600_000:
            return _said(310000, "invalid timestamp")
        if request.query.get("sign") != robot_sign(HOOK_SECRET, stamp):
            return _said(310000, "sign not match")
        if request.content_type != "application/json":
            return _said(43004, "bad content type")
        if self.muted_until and self.now() < self.muted_until:
            return _said(410100, "rate limited")
        self.hook_times.append(self.now())
        while self.now() - self.hook_times[0] > timedelta(minutes=1):
            self.hook_times.popleft()
        if len(self.hook_times) > 20:
            self.muted_until = self.now() + timedelta(minutes=10)
            return _said(130101, "send too fast, exceed 20 times per minute")
        if len(raw) > 20_000:
            return _said(460101, "message too long, exceed 20000 bytes")
        body = json.loads(raw)
        if body.get("msgUuid") in self.uuids:
            return _said("0", "ok")
        if error := self._hook_says("webhook", GROUP, body):
            return error
        self.uuids.add(body.get("msgUuid"))
        return _said("0", "ok")

    async def _session(self, request: web.Request) -> web.StreamResponse:
        to, ends = self.sessions.get(request.query.get("session", ""), ("", self.now()))
        if not to or self.now() >= ends:
            return _said(300001, "session 不存在")
        raw = await request.read()
        if len(raw) > 20_000:
            return _said(460101, "message too long, exceed 20000 bytes")
        return self._hook_says("session", to, json.loads(raw)) or _said(0, "ok")

    def _hook_says(self, via: str, to: str, body: dict[str, Any]) -> web.Response | None:
        kind = body.get("msgtype")
        if kind == "actionCard":
            card = body.get("actionCard", {})
            single = {"title", "text", "singleTitle", "singleURL"}
            several = {"title", "text", "btns"}
            if not (single <= set(card) or several <= set(card)):
                return _said(40035, "missing actionCard")
            if not set(card) <= single | several | {"btnOrientation", "hideAvatar"}:
                return _said(40035, "unknown key")
            if any(set(button) != {"title", "actionURL"} for button in card.get("btns", [])):
                return _said(40035, "bad btns")
        elif kind not in HOOK_KEYS:
            return _said(400105, "unsupported msgtype")
        elif set(body.get(kind, {})) != HOOK_KEYS[kind]:
            return _said(40035, "missing parameter json")
        inner = body[kind]
        text = str(inner.get("content") or inner.get("text") or "")
        if not text or (kind in ("markdown", "actionCard") and not inner["title"]):
            return _said(40035, "empty text")
        at = body.get("at", {}).get("atUserIds", [])
        if len(at) > 50 or body.get("at", {}).get("isAtAll"):
            return _said(40035, "too many at")
        pinged = tuple(user for user in at if f"@{user}" in text)
        self.said.append(Said(via, to, str(kind), text, inner.get("title", ""), pinged, inner))
        return None

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        if not self._good(request.query.get("access_token", "")):
            return _said(40014, "invalid access_token")
        kind, media, name = request.query.get("type", ""), b"", ""
        async for part in await request.multipart():
            if part.name == "type":
                kind = (await part.text()) or kind
            elif part.name == "media":
                name, media = part.filename or "", bytes(await part.read())
                if not part.headers.get("Content-Type"):
                    return _said(40035, "media without content type")
        if not name or not media:
            return _said(41001, "no media")
        if kind not in FORMATS or name.rpartition(".")[2].lower() not in FORMATS[kind]:
            return _said(40004, "不合法的媒体文件类型")
        if len(media) > 20 * 1024 * 1024:
            return _said(40006, "too big")
        id_ = f"@lAD{len(self.media)}"
        self.media[id_] = (kind, name, media)
        return web.json_response({"errcode": 0, "errmsg": "ok", "type": kind, "media_id": id_, "created_at": 1})

    async def _user(self, request: web.Request) -> web.StreamResponse:
        if not self._good(request.query.get("access_token", "")):
            return _said(40014, "invalid access_token")
        if "qyapi_get_member" in self.denied_scopes:
            return _said(60011, "no permission")
        user = (await self._json(request)).get("userid")
        if user not in STAFF:
            return _said(33012, "invalid userid")
        return web.json_response({"errcode": 0, "result": {"userid": user, "name": STAFF[user]}})

    # what every call goes through ------------------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        path = request.path
        plain = not path.startswith(("/media", "/connect", "/files"))
        raw = await request.read() if plain else b""
        self.calls.append((request.method, path, json.loads(raw) if raw else None))
        await self._tell()
        fault = self.faults[path].popleft() if self.faults[path] else None
        try:
            if isinstance(fault, tuple):
                status, body = fault
                return (
                    web.json_response(body, status=status) if isinstance(body, dict) else web.Response(text=body, status=status)
                )
            self._not_too_fast(path)
            if fault == "hang":
                await self._released.wait()
            if fault == "cut":
                request.transport.abort()
                return web.Response()
            answer = await handler(request)
            if fault == "lost":
                request.transport.abort()
            return answer
        except Refuse as refused:
            return web.json_response(refused.body, status=refused.status)
        finally:
            await self._tell()

    def _not_too_fast(self, path: str) -> None:
        """``qps`` calls of one API a second (20 on the Standard edition; 0: not watched)."""
        calls, now = self.lately[path], self.clock()
        while calls and calls[0] <= now - 1:
            calls.popleft()
        if self.qps and path.startswith(("/v1.0/robot", "/v1.0/card")):
            if len(calls) >= self.qps:
                raise Refuse("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", 403)
            calls.append(now)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _json(self, request: web.Request) -> dict[str, Any]:
        if request.content_type != "application/json":
            raise Refuse("invalidParameter.contentType")
        body = json.loads(await request.read())
        assert isinstance(body, dict)
        return body

    async def _robot(self, request: web.Request) -> dict[str, Any]:
        body = await self._json(request)
        self._authorised(request)
        if body.get("robotCode") != self.robot:
            raise Refuse("invalidParameter.robotCode.notExsit")
        return body

    def _authorised(self, request: web.Request) -> None:
        if not self.trusted:
            raise Refuse("Forbidden.AccessDenied.IpNotInWhiteList", 403)
        if not self._good(request.headers.get("x-acs-dingtalk-access-token", "")):
            raise Refuse("InvalidAuthentication")

    def _good(self, token: str) -> bool:
        return token in self.tokens and self.clock() < self.born[token] + 7200

    def _scope(self, scope: str) -> None:
        if scope in self.denied_scopes:
            raise Refuse(
                "Forbidden.AccessDenied.AccessTokenPermissionDenied", 403, accessdenieddetail={"requiredScopes": [scope]}
            )


def robot_sign(secret: str, stamp: str) -> str:
    """The vendor's own computation, written apart from ours."""
    return base64.b64encode(hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256)).decode()


def _said(code: Any, words: str) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": words})
