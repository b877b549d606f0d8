"""The group robot (群机器人, 消息推送): says things to one group, hears nothing. Last resort, and the way to ping."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp

from bot.errors import DeliveryError
from bot.model.card import File, Post
from bot.model.message import CheckLine
from bot.model.platform import State
from bot.platforms.text import cut_bytes, defuse_markdown, defuse_text, one_line, size
from bot.platforms.wecom import cards, limits
from bot.platforms.wecom.calls import Http
from bot.platforms.wecom.codes import TOO_OFTEN, VendorError
from bot.platforms.wecom.desk import sendable

Call = Callable[[], Awaitable[str]]
"""One vendor call that makes one message appear; gives the vendor's id of it, or nothing."""


def robot_of(url: str) -> str:
    """A name for the robot behind a webhook address that tells nothing of its key."""
    return f"wecom:webhook:{hashlib.sha256(url.encode()).hexdigest()[:12]}"


class Webhook:
    """Robots by their whole address. ``meter`` is shared by all of them and knows them by ``robot_of``. What it counts of a robot
    outlives a restart: one attempt of the outbox may be several messages, and a ping is none. ``moment`` gives unix seconds that
    no change of the time of day moves (``times.steady``)."""

    def __init__(
        self,
        http: Http,
        meter: limits.Meter,
        attempts: Callable[[str], Awaitable[int]],
        state: State,
        moment: Callable[[], float],
    ) -> None:
        self._http = http
        self._meter = meter
        self._attempts = attempts
        self._state = state
        self._moment = moment
        self._sent: dict[str, list[float]] = {}
        self._dead: dict[str, str] = {}

    def problems(self) -> list[str]:
        """What somebody must mend before these robots speak again."""
        return list(dict.fromkeys(self._dead.values()))

    def plan(self, url: str, post: Post, pings: Sequence[str], how: str) -> list[Call]:
        """The calls that say ``post``: its words first, then pictures and files."""
        post, files = sendable(post)
        words = [self._call(url, body) for body in bodies(post, pings, how)]
        return [*words, *(self._file_call(url, file) for file in files)]

    async def ping(self, url: str, words: str, ids: Sequence[str]) -> None:
        """One line that calls people by their user ids."""
        content = cut_bytes(one_line(defuse_text(words)), limits.WEBHOOK_TEXT)
        await self._send(
            url,
            {"msgtype": "text", "text": {"content": content, "mentioned_list": [id for id in ids if cards.callable_id(id)]}},
        )

    async def check(self, url: str, name: str) -> CheckLine:
        """Whether the robot exists, without saying anything: an unknown type is refused before anything is sent."""
        try:
            await self._http.ask("群机器人", "POST", url, body={"msgtype": "check"}, ok=frozenset({0, 40008, 40058}))
        except DeliveryError as exc:
            return CheckLine(False, f"群机器人（{name}）", str(exc))
        self._dead.pop(robot_of(url), None)
        return CheckLine(True, f"群机器人（{name}）可用")

    def _call(self, url: str, body: dict[str, Any]) -> Call:
        async def call() -> str:
            await self._send(url, body)
            return ""

        return call

    def _file_call(self, url: str, file: File) -> Call:
        async def call() -> str:
            if file.mime in ("image/png", "image/jpeg") and len(file.data) <= limits.WEBHOOK_IMAGE:
                md5 = hashlib.md5(file.data, usedforsecurity=False).hexdigest()
                picture = {"base64": base64.b64encode(file.data).decode(), "md5": md5}
                await self._send(url, {"msgtype": "image", "image": picture})
                return ""
            await self._send(url, {"msgtype": "file", "file": {"media_id": await self._upload(url, file)}})
            return ""

        return call

    async def _upload(self, url: str, file: File) -> str:
        parts = urlsplit(url)
        address = parts._replace(path=parts.path.removesuffix("/send") + "/upload_media", query="").geturl()
        params = {"key": (parse_qs(parts.query).get("key") or [""])[0], "type": "file"}
        try:
            answer = await self._http.ask("群机器人上传文件", "POST", address, params=params, form=form_of(file))
        except DeliveryError as exc:
            if exc.outcome != "unknown":
                raise
            raise DeliveryError(str(exc)) from None  # an upload shows nothing to anybody
        return str(answer.get("media_id", ""))

    async def _send(self, url: str, body: dict[str, Any]) -> None:
        robot = robot_of(url)
        sent = await self._earlier(robot)
        if wait := self._meter.wait(robot):
            raise DeliveryError("群机器人一分钟内已发满，稍后再发", "retry", wait)
        if await self._attempts(robot) > limits.ROBOT_MINUTE:
            raise DeliveryError("群机器人一分钟内已发满，稍后再发", "retry", limits.MINUTE)
        self._meter.note(robot)
        self._sent[robot] = [*sent, self._moment()][-limits.ROBOT_MINUTE :]
        await self._state.put(f"wecom:sent:{robot}", self._sent[robot])
        try:
            await self._http.ask("群机器人", "POST", url, body=body)
        except VendorError as exc:
            if exc.code in TOO_OFTEN:
                self._meter.full(robot, limits.MINUTE)
            if exc.code in (93000, 93004, 93008):
                self._dead[robot] = str(exc)
            raise
        self._dead.pop(robot, None)

    async def _earlier(self, robot: str) -> list[float]:
        """When a robot spoke lately; what it said before a restart is counted at the first look."""
        if robot not in self._sent:
            kept = await self._state.get(f"wecom:sent:{robot}")
            self._sent[robot] = [float(at) for at in kept] if isinstance(kept, list) else []
            for at in self._sent[robot]:
                self._meter.note(robot, max(0.0, self._moment() - at))
        return self._sent[robot]


def bodies(post: Post, pings: Sequence[str], how: str) -> list[dict[str, Any]]:
    """The messages a group robot says for ``post``; ``how`` it is answered. Plain words go as ``text``, which alone can ping
    through a list; cards and long words as ``markdown``."""
    if post.card:
        content = cards.markdown(post, limits.WEBHOOK_MARKDOWN, colors=True, how=how, pings=pings)
        return [{"msgtype": "markdown", "markdown": {"content": content}}]
    text = defuse_text(post.text)
    if size(text) <= limits.WEBHOOK_TEXT:
        ids = [id for id in pings if cards.callable_id(id)]
        called = {"mentioned_list": ids} if ids else {}
        return [{"msgtype": "text", "text": {"content": text or "·", **called}}]
    first, *rest = cards.pieces(defuse_markdown(post.text), limits.WEBHOOK_MARKDOWN - 70 * len(pings))
    first = cards.with_calls(first, pings)
    return [{"msgtype": "markdown", "markdown": {"content": piece}} for piece in (first, *rest)]


def form_of(file: File) -> aiohttp.FormData:
    """The upload of a file as WeCom wants it: one part named ``media``, its name in plain UTF-8."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field(
        "media", io.BytesIO(file.data), filename=file_name(file), content_type=file.mime or "application/octet-stream"
    )
    return form


def file_name(file: File) -> str:
    """A name safe in a header and on a disk."""
    name = one_line(file.name).translate(str.maketrans('"\\/:*?<>|', "_________"))
    return cut_bytes(name, 120).replace("…", "_") or "file"
