"""What DingTalk's APIs say when they refuse, in outcomes and in words for the operator (protocol pages 3.1, 3.5, 3.7, 3.11)."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.errors import DeliveryError
from bot.platforms.dingtalk.webhook import OverQuotaError, UnsafeError
from bot.platforms.dingtalk.wire import Reply, number, scrub

log = logging.getLogger(__name__)

BAD_TOKEN = frozenset({"InvalidAuthentication", "invalidauthentication"})
BAD_TOKEN_CODES = frozenset({40014, 42001})
TOO_FAST = ("send.too.fast", "toofast", "too.many", "qpslimit", "toomuch.msg")
UNSAFE = ("contain.", "contentunsafe")
PERMANENT = (
    "invalidparameter", "bot.stopped", "bot.forbidden", "send.forbidden", "staffid.", "miss.staffid", "robot.oto.notexist",
    "chatbotid.", "invalid.chatbotid", "param.", "only.groupadmin", "ding.receivercount",
)  # fmt: skip
GONE = ("invalid.openconversationid", "group.disbanded", "conversation.org.notmatch", "param.openspaceidinvalid")
"""The chat is not there, or the robot is not in it."""
AWAY = 600.0
HINTS = {
    "invalidclientidorsecret": "client_id 或 client_secret 不对：开放平台 → 应用 → 凭证与基础信息",
    "ipnotinwhitelist": "出口 IP 不在白名单：开放平台 → 应用 → 安全设置 → 服务器出口 IP",
    "accesstokenpermissiondenied": "缺权限：开放平台 → 应用 → 权限管理，申请后要重新发布版本",
    "apicountlimitfororg": "本月 API 额度用完：开放平台 → 资源管理",
    "robotcode": "robot_code 不对：开放平台 → 应用 → 机器人 → RobotCode",
    "openconversationid": "机器人不在这个群，或群号不对：把机器人加进群，再绑定一次",
    "templatenotexist": "card_template 不对：卡片平台里模板的 ID（以 .schema 结尾）",
    "templateunpublished": "卡片模板没有发布：卡片平台 → 模板 → 发布",
    "staffid": "对方不在应用的可使用范围里：开放平台 → 应用 → 版本管理与发布 → 可使用范围",
    "ding.serverquota": "DING 额度不足",
}


class RefusedError(DeliveryError):
    """A well-formed refusal of the new API. ``code`` is the vendor's, lower case; ``scopes`` are the permissions it wants."""

    def __init__(
        self, text: str, outcome: str, after: float = 0.0, *, code: str = "", scopes: Sequence[str] = (), gone: bool = False
    ) -> None:
        super().__init__(text, outcome, after, gone=gone)
        self.code = code
        self.scopes = tuple(scopes)


def token_refused(reply: Reply) -> bool:
    """Whether the new API does not know the access token any more: the call did nothing."""
    return reply.status in (400, 401) and str(reply.data.get("code", "")) in BAD_TOKEN


def refusal(reply: Reply, what: str, visible: bool) -> DeliveryError:
    """The error behind an answer of the new API that is no success; ``visible`` as in ``wire.call``."""
    if reply.data.get("status") == 1111 or (not reply.wellformed and 400 <= reply.status < 500):
        return DeliveryError(f"{what}：请求太密，出口 IP 被钉钉封 5 分钟", "retry", 300.0)
    late = "unknown" if visible else "retry"
    code = str(reply.data.get("code", ""))
    if not code:
        return DeliveryError(f"{what}：钉钉的答复看不懂（HTTP {reply.status}）", late, 5.0)
    low = code.lower()
    detail = reply.data.get("accessdenieddetail")
    scopes = [str(s) for s in detail.get("requiredScopes", [])] if isinstance(detail, dict) else []
    hint = next((hint for mark, hint in HINTS.items() if mark in low), "")
    if scopes:
        hint = f"缺权限 {'、'.join(scopes)}：开放平台 → 应用 → 权限管理，申请后要重新发布版本"
    said = f"{what}：{scrub(code)} {scrub(reply.data.get('message', ''))}{f'（{hint}）' if hint else ''}"
    log.warning("dingtalk refused: %s http=%s requestid=%s", said, reply.status, scrub(reply.data.get("requestid", "")))
    if "apicountlimit" in low:
        return OverQuotaError(said, "retry", 3600.0)
    if any(mark in low for mark in UNSAFE):
        return UnsafeError(said, "retry", 1.0)
    if any(mark in low for mark in TOO_FAST):
        return RefusedError(said, "retry", 1.0 if "qps" in low else 60.0, code=low)
    if low.startswith("forbidden.") or "invalidclientid" in low or reply.status in (401, 403):
        return RefusedError(said, "retry", 60.0, code=low, scopes=scopes)  # the operator can mend it meanwhile
    if any(low.startswith(mark) for mark in GONE):
        return RefusedError(said, "retry", AWAY, code=low, gone=True)
    if any(low.startswith(mark) for mark in PERMANENT):
        return RefusedError(said, "permanent", code=low)
    if "system.busy" in low:
        return RefusedError(said, "retry", 5.0, code=low)
    return RefusedError(said, late if reply.status >= 500 else "retry", 5.0, code=low)


def legacy_refusal(reply: Reply, what: str) -> DeliveryError:
    """The error behind an ``errcode`` of the old API, where nothing visible is ever sent."""
    code = number(reply.data.get("errcode"))
    if code is None:
        return refusal(reply, what, visible=False)
    said = f"{what}：{code} {scrub(reply.data.get('errmsg', ''))}"
    if code in (90018, 90002):
        return DeliveryError(f"{said}（调用太密）", "retry", 1.0)
    if code == 90020:
        return OverQuotaError(f"{said}（{HINTS['apicountlimitfororg']}）", "retry", 3600.0)
    if code in (60011, 60020):
        hint = HINTS["accesstokenpermissiondenied" if code == 60011 else "ipnotinwhitelist"]
        return RefusedError(f"{said}（{hint}）", "permanent", code=str(code))
    if code in (33012, 40004, 40035):
        return RefusedError(said, "permanent", code=str(code))
    return DeliveryError(said, "retry", 5.0)
