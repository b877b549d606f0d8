"""What vendors and security tools push to ``/ingest/NAME``: the proof that it is theirs, and the mentions in it."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.errors import SourceError
from bot.fetch import BadJson, Fetcher, read_json
from bot.model.mention import Mention
from bot.model.options import option
from bot.model.source import Common, Poll, State, dress, interval
from bot.model.times import clock_of, from_iso, iso, span_of

FLOOR = 10.0
EVERY = 60.0
WINDOW = 300.0
REFUSED = "签名不符"


@dataclass(frozen=True)
class Options:
    """The settings of a pushed source; its secret stands in ``[web] ingest``."""

    lively: bool = option(False, "一直有推送的源改为 true：三轮没有推送就说「停更」")


class Source:
    """Listens instead of asking: a poll only says whether the other side has been silent for longer than ``expect``."""

    def __init__(self, name: str, common: Common, options: Options, fetch: Fetcher) -> None:
        self.name = name
        self.floor = FLOOR
        self.every = interval(common, FLOOR, EVERY)
        self.lively = options.lively
        self._expect = common.expect

    async def poll(self, state: State, now: datetime) -> Poll:
        """No mentions. ``SourceError`` once nothing was pushed for ``expect``, counted from the first poll on."""
        since = from_iso(state.get("heard") or state.get("since") or iso(now))
        silent = (now - since).total_seconds()
        if self._expect is not None and silent >= self._expect:
            raise SourceError(f"{clock_of(since, now)} 起 {span_of(silent)}没有推送")
        told = state.get("told", "")
        return Poll(
            (),
            {**state, "since": state.get("since") or iso(now), "told": state.get("heard", "")},
            changed=state.get("heard", "") != told,
        )


def heard(state: State, now: datetime) -> State:
    """The source's state after a push, stored in the transaction that stores its mentions."""
    return {**state, "heard": iso(now)}


def verify(headers: Mapping[str, str], raw: bytes, secrets: Iterable[str], now: datetime) -> str:
    """The unique id of a signed push; ``SourceError``, the same for every fault, when it is not proven to be theirs.

    Standard Webhooks: ``webhook-signature`` holds ``v1,<base64 HMAC-SHA256>`` (several, parted by blanks) over
    ``id.timestamp.body``; the key is the secret's UTF-8 bytes. The time may be 300 s off. Any of ``secrets`` will do (rotation).
    """
    named = {name.lower(): value.strip() for name, value in headers.items()}
    number, stamp = named.get("webhook-id", ""), named.get("webhook-timestamp", "")
    given = [part.partition(",")[2] for part in named.get("webhook-signature", "").split() if part.startswith("v1,")]
    signed = f"{number}.{stamp}.".encode("utf-8", "surrogateescape") + raw
    matches = [
        hmac.compare_digest(b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)), claim.encode("utf-8", "replace"))
        for secret in secrets
        if secret
        for claim in given[:8]
    ]
    in_time = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and abs(now.timestamp() - int(stamp)) <= WINDOW
    if not (any(matches) and in_time and number and len(number) <= 300):
        raise SourceError(REFUSED)
    return number


def parse(raw: bytes, source: str, now: datetime, common: Common | None = None) -> tuple[tuple[Mention, ...], list[str]]:
    """The mentions of a body (one, or a list), and what is wrong with each bad item: ``第3条：tier 应为 …``.

    ``SourceError`` where the body as a whole is none. ``common`` are the settings of the configured source of that name.
    """
    try:
        body = read_json(raw)
    except BadJson as exc:
        raise SourceError(str(exc), "degraded") from None
    if not isinstance(body, dict | list):
        raise SourceError("应为一条提及，或提及的列表", "degraded")
    mentions, bad = [], []
    for number, record in enumerate(body if isinstance(body, list) else [body], 1):
        try:
            if not isinstance(record, dict):
                raise ValueError("应为一个 JSON 对象")
            mention = Mention.of(record, source=source, now=now)
        except ValueError as exc:
            bad.append(f"第{number}条：{exc}")
            continue
        mentions.append(dress(mention, common) if common is not None else mention)
    return tuple(mentions), bad
