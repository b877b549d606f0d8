"""Who may enter the local room.

Whoever opens the page speaks as anybody. So it stands open only on loopback while every configured room is local; else it
asks for ``[web] local_room_token``, and without a token it is shut.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from urllib.parse import urlsplit

from aiohttp import web

from bot.platforms.local.refused import RefusedError

COOKIE = "wanglou_room"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Gate:
    """The rules of entry. ``open``: nobody but this machine can come here, and every room is local."""

    def __init__(self, open: bool, token: str) -> None:
        self._open = open
        self._token = token

    def check(self, request: web.Request) -> None:
        """Raises ``RefusedError`` unless this request may enter."""
        self.check_address(request)
        if self._token and not self._known(request):
            raise RefusedError(401, "请先输入口令（[web] local_room_token）。")

    def check_address(self, request: web.Request) -> None:
        """The part that does not ask who: is there a room at all, and does the request come from our own page?

        The Host check stops DNS rebinding: a foreign name that resolves to loopback is not ours.
        """
        if not self._token and not self._open:
            raise RefusedError(
                404, "本地房间未开启：有企业微信或钉钉的房间，或监听地址不是本机时，须设 [web] local_room_token。"
            )
        if not self._token and not is_loopback(_name_of(request.host)):
            raise RefusedError(403, "只接受以本机地址（127.0.0.1 或 localhost）打开。")
        if request.method == "POST" and not _same_origin(request):
            raise RefusedError(403, "请求来自别的网站，已拒绝。")

    def admit(self, token: str) -> str | None:
        """The cookie value for the right token, else None."""
        return self._pass() if self._token and _equal(token, self._token) else None

    def _known(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _equal(token.strip(), self._token):
            return True
        return _equal(request.cookies.get(COOKIE, ""), self._pass())

    def _pass(self) -> str:
        """What the cookie holds: proof of the token, not the token."""
        return hmac.new(self._token.encode(), b"local room", hashlib.sha256).hexdigest()


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _same_origin(request: web.Request) -> bool:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == request.host
    except ValueError:
        return False


def _equal(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))
