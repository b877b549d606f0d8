"""The seam between the house and its sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Protocol
from urllib.parse import urlsplit

from bot.errors import ConfigError
from bot.model.mention import Mention, Tier, canonical
from bot.model.options import Seconds, option, required

State = Mapping[str, Any]
"""Small JSON that a source wants back at its next poll: validators, cursor, content hash, last good time."""

KNOWN_CAP = 1_000
TIERS = ("", *Tier)


@dataclass(frozen=True)
class Common:
    """The settings that every kind of source shares."""

    name: str = required("信源名：群里这样叫它，不可重复")
    kind: str = required("种类：bot/sources/ 里的文件名")
    enabled: bool = option(True, "先停用而不删配置时改为 false")
    every: Seconds | None = option(None, "轮询间隔；不写用该类默认值，低于该类下限按下限；盯得紧就调小")
    expect: Seconds | None = option(None, "多久没有新内容就要在群里说；关键词类不写为 7d，推送类不写为不查")
    tier: str = option("", "信源级别 S A B C D；空 = 由系统按名单判断", choices=TIERS)
    tiers: Mapping[str, str] = option({}, '按作者或网址主机改级别，如 { "榕城晚报" = "B" }')
    platform: str = option("", "平台名；条目自己没写平台时用它")
    region: str = option("", "地区；条目自己没写地区时用它")
    backfill: Seconds = option(86_400.0, "发布早于这么久的条目只存不报")
    stale_after: Seconds | None = option(None, "多久没变化才算停更；不写为三轮（夜间不更新的榜单调大）")

    def __post_init__(self) -> None:
        for who, tier in self.tiers.items():
            if tier not in tuple(Tier):
                raise ConfigError(f"sources.{self.name}.tiers.{who}: 应为 S | A | B | C | D，现为 {tier!r}")


@dataclass(frozen=True, slots=True)
class Poll:
    """What one poll brought. ``changed`` is false when the source answered and nothing differs from last time (a 304, the same
    items in the same order); ``found`` is false when it answered that there is nothing at all (a keyword without hits).
    ``degraded`` says what is wrong with an answer whose good part is here all the same (over 20 % of the items unreadable);
    ``note`` says what was skipped (bad lines, bad items), for the health view; ``more`` asks for the next poll at once;
    ``as_of`` is the moment the content is of, where the source says that it hands out an old copy."""

    mentions: tuple[Mention, ...]
    state: State
    changed: bool = True
    note: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    found: bool = True
    degraded: str = ""
    more: bool = False
    as_of: datetime | None = None


class Source(Protocol):
    """A configured place that is polled. No database, no analysis, no clock of its own; raises ``SourceError``.

    ``floor`` is the shortest allowed interval in seconds, ``every`` the one in force; ``lively`` says that no change for three
    cycles is not normal.
    """

    name: str
    floor: float
    every: float
    lively: bool

    async def poll(self, state: State, now: datetime) -> Poll: ...


def interval(common: Common, floor: float, default: float) -> float:
    """The interval in force, in seconds: as configured, else the kind's default, never under its floor."""
    return max(floor, default if common.every is None else common.every)


def dress(mention: Mention, common: Common) -> Mention:
    """The mention with what its source's settings say: platform, region, tier (by author or host, else its own, else theirs)."""
    host = (urlsplit(mention.url).hostname or "") if mention.url else ""
    named = common.tiers.get(mention.author) or next(
        (tier for name, tier in common.tiers.items() if host == name or host.endswith("." + name)), ""
    )
    tier = Tier(named) if named else mention.tier or (Tier(common.tier) if common.tier else None)
    return replace(mention, tier=tier, platform=mention.platform or common.platform, region=mention.region or common.region)


def is_backlog(mention: Mention, backfill: float = 86_400.0) -> bool:
    """Stored without alert: published more than ``backfill`` seconds before it was first seen.

    An entry of a hot list is present tense and always counts; an unknown time counts as now.
    """
    if mention.rank is not None or mention.list or mention.published is None:
        return False
    return mention.seen - mention.published > timedelta(seconds=backfill)


def recognise(known: Mapping[str, str], mentions: Iterable[Mention]) -> tuple[tuple[Mention, ...], dict[str, str]]:
    """What of ``mentions`` is new or altered, oldest first, and the memory for the next poll (key → fingerprint).

    A known key with other words or counts is altered and comes out again under its key. An unknown key whose address, author
    and words were there before is the old item under a changed id: it keeps its place in the memory and comes out no more.
    Without an address nothing is taken for the same: two people may complain in the same words.
    """
    words_seen = {print_[:16] for print_ in known.values()}
    current: dict[str, str] = {}
    fresh = []
    for mention in mentions:
        if mention.key in current:
            continue
        mark = current[mention.key] = _mark(mention)
        if known[mention.key] != mark if mention.key in known else not (mention.url and mark[:16] in words_seen):
            fresh.append(mention)
    older = {key: mark for key, mark in known.items() if key not in current}
    room = max(0, KNOWN_CAP - len(current))
    fresh.sort(key=lambda mention: mention.at)
    return tuple(fresh), dict(list(older.items())[max(0, len(older) - room) :]) | current


def _mark(mention: Mention) -> str:
    counts = (mention.reposts, mention.comments, mention.likes, mention.reads, mention.rank)
    words = blake2b(
        "\0".join((canonical(mention.url), mention.author, mention.title, mention.text)).encode(), digest_size=8
    ).hexdigest()
    return words + blake2b(repr(counts).encode(), digest_size=4).hexdigest()
