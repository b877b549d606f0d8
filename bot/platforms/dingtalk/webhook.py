"""The two webhooks: a group's custom robot (``robot/send``, signed) and the sessionWebhook of a message just heard."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.errors import DeliveryError
from bot.platforms.dingtalk.wire import Reply, call, number, scrub

MUTE = 600.0
"""Seconds of silence after more than 20 messages in a minute (protocol page 1.5)."""

LIMIT = 18
"""Attempts in any sliding 60 s; the vendor mutes at 20 (reliability page 8)."""

TOO_FAST = frozenset({410100, 130101, 302033})
UNSAFE = frozenset({430101, 430102, 430103, 430104})
GONE = {
    400013: "群已解散",
    400101: "access_token 不存在",
    400102: "机器人已停用",
    400106: "机器人不存在或不在群里",
    300005: "access_token 不存在",
    300001: "会话已失效",
}
TOO_LONG = frozenset({460101, 101002})
BUGS = frozenset({40035, 43004, 400105, 401102})
_SETTINGS = (
    ("keywords", "消息里没有自定义关键词：请在机器人安全设置里改用「加签」"),
    ("timestamp", "时间戳无效：请校准服务器时钟"),
    ("sign", "加签密钥不对：请核对 webhook_secret（SEC 开头）"),
    ("whitelist", "出口 IP 不在白名单：请在机器人安全设置里加上，或改用「加签」"),
)


class UnsafeError(DeliveryError):
    """The content review refused the words; a version without outside text may pass."""


class GoneError(DeliveryError):
    """This robot cannot send, whatever the words are: gone, or its security settings refuse us."""


class OverQuotaError(DeliveryError):
    """The month's quota of the whole organisation is used up."""


def sign(secret: str, timestamp: str) -> str:
    """base64(HMAC-SHA256(secret, "<ms>\\n<secret>")), not URL-encoded (protocol pages 1.2 and 2.2)."""
    mac = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


def card_sign(secret: str, timestamp: str) -> str:
    """base64(HMAC-SHA256(secret, "<ms>")): the signature of card call-backs over HTTP (protocol page 3.7)."""
    return base64.b64encode(hmac.new(secret.encode(), timestamp.encode(), hashlib.sha256).digest()).decode()


def robot_id(url: str) -> str:
    """A name for the robot behind ``url`` that gives nothing away."""
    return "dingtalk:webhook:" + hashlib.sha256(url.encode()).hexdigest()[:12]


def trusted(url: str, base: str) -> bool:
    """Whether a sessionWebhook that came with a message really leads to DingTalk (or the configured base)."""
    ours, theirs = urlsplit(base), urlsplit(url)
    return (ours.scheme, ours.netloc, "/robot/sendBySession") == (theirs.scheme, theirs.netloc, theirs.path)


async def send_robot(
    session: aiohttp.ClientSession,
    url: str,
    secret: str,
    body: Mapping[str, Any],
    *,
    key: str,
    millis: int,
    patience: float,
) -> None:
    """Posts to a custom robot. ``key`` is the idempotency key (``msgUuid``): the same one again is no second message."""
    stamp = str(millis)
    params = {"timestamp": stamp, "sign": sign(secret, stamp)} if secret else None
    reply = await call(session, "POST", url, what="群机器人", body={**body, "msgUuid": key}, params=params, patience=patience)
    judge(reply, "群机器人")


async def probe(session: aiohttp.ClientSession, url: str, secret: str, *, millis: int, patience: float) -> None:
    """Whether a custom robot would speak for us, without a word: a type that does not exist is refused last of all. It counts as
    a push."""
    stamp = str(millis)
    params = {"timestamp": stamp, "sign": sign(secret, stamp)} if secret else None
    reply = await call(session, "POST", url, what="群机器人", body={"msgtype": "check"}, params=params, patience=patience)
    if number(reply.data.get("errcode")) not in BUGS:
        judge(reply, "群机器人")


async def send_session(session: aiohttp.ClientSession, url: str, body: Mapping[str, Any], *, patience: float) -> None:
    """Posts an answer to the conversation in which somebody just spoke to us."""
    judge(await call(session, "POST", url, what="会话回复", body=body, patience=patience), "会话回复")


def judge(reply: Reply, what: str) -> None:
    """Returns on ``errcode`` 0; else raises what the code means (protocol page 1.6). HTTP 200 alone proves nothing."""
    code = number(reply.data.get("errcode"))
    words = scrub(reply.data.get("errmsg", ""))
    if code == 0 and reply.status == 200:
        return
    if reply.data.get("status") == 1111 or (not reply.wellformed and 400 <= reply.status < 500):
        raise DeliveryError(f"{what}：请求太密，出口 IP 被钉钉封 5 分钟", "retry", 300.0)
    if code is None:
        outcome = "retry" if 400 <= reply.status < 500 else "unknown"
        raise DeliveryError(f"{what}：钉钉的答复看不懂（HTTP {reply.status}）", outcome)
    said = f"{what}：{code} {words}"
    if code in TOO_FAST or "too fast" in words.lower():
        raise DeliveryError(f"{said}（超过每分钟 20 条，静默 10 分钟）", "retry", MUTE)
    if code in UNSAFE:
        raise UnsafeError(f"{said}（内容审核未过，改发不含原文的简版）", "retry", 1.0)
    if code == 90030:
        raise OverQuotaError(f"{said}（本月 Webhook 额度用完）", "retry", 3600.0)
    if code == 310000:
        hint = next((hint for mark, hint in _SETTINGS if mark in words), "安全设置不符")
        raise GoneError(f"{said}（{hint}）", "permanent")
    if code in GONE:
        raise GoneError(f"{said}（{GONE[code]}）", "permanent")
    if code in TOO_LONG or code in BUGS:
        raise DeliveryError(said, "permanent")
    if code in (15, 88):
        raise DeliveryError(f"{said}（钉钉内部超时）", "unknown")
    raise DeliveryError(said, "retry", 5.0)
