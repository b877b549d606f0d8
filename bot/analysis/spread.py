"""How a matter spread (溯源): who was first, what carried it far, from platform to platform, who leads opinion, what is said.

Plain mentions in, a value and a few Chinese lines out. Only public accounts with a wide reach are named; nobody is scored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.analysis.indicators import interaction
from bot.model.mention import Mention, Tier
from bot.model.reading import Sentiment
from bot.model.times import clock_of

LEADER_FOLLOWERS = 100_000
"""From so many followers on an account is a public voice that may be named as an opinion leader."""
KEY, LEADERS, VIEWS = 3, 3, 2
_WEIGHTY = frozenset({Tier.S, Tier.A, Tier.B})
_SHOWN = 32


@dataclass(frozen=True, slots=True)
class Heard:
    """A mention of the matter with what was made of it. ``root`` is the id it repeats; ``ours``: our own words."""

    mention: Mention
    tier: Tier
    sentiment: Sentiment
    root: str | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Hop:
    """The first mention on one platform; ``after_minutes`` since the first anywhere."""

    platform: str
    at: datetime
    after_minutes: int
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class View:
    """A view as somebody put it: words, how many mentions share its side, an example's address."""

    words: str
    url: str
    weight: float


@dataclass(frozen=True, slots=True)
class Spread:
    """``path`` is in order of time, ``share`` the part of mentions by platform, largest first. ``key`` are the mentions that were
    carried farthest; ``leaders`` public accounts (name, followers, address). ``against`` and ``favour`` are the main views, ``own`` what
    we said ourselves."""

    first: Mention
    key: tuple[Mention, ...]
    path: tuple[Hop, ...]
    share: tuple[tuple[str, float], ...]
    leaders: tuple[tuple[str, int, str], ...]
    against: tuple[View, ...]
    favour: tuple[View, ...]
    own: tuple[View, ...]
    negative: int
    positive: int
    answers: int
    total: int


def spread_of(heard: Iterable[Heard]) -> Spread | None:
    """The course of a matter, or None where nothing was heard. Our own words open no path and lead no opinion."""
    rows = sorted((h for h in heard), key=lambda h: (h.mention.at, h.mention.id))
    theirs = [h for h in rows if not h.ours] or rows
    if not theirs:
        return None
    first = _told(theirs[0])
    carried = sorted(theirs, key=lambda h: (-_reach(h), h.mention.at, h.mention.id))
    against = [h for h in theirs if h.sentiment is Sentiment.NEGATIVE]
    favour = [h for h in theirs if h.sentiment is Sentiment.POSITIVE]
    own = [h for h in rows if h.ours]
    return Spread(
        first=first,
        key=tuple(_told(h) for h in carried if _reach(h) > 0)[:KEY],
        path=_path(theirs, first.at),
        share=_share(rows),
        leaders=_leaders(theirs),
        against=_views(against, rows),
        favour=_views(favour, rows),
        own=_views(own, rows),
        negative=len(against),
        positive=len(favour),
        answers=len(own),
        total=len(rows),
    )


def lines(spread: Spread, now: datetime) -> list[str]:
    """The spread in at most eight Chinese lines, for the chat."""
    first = spread.first
    said = [f"首发：{clock_of(first.at, now)} {_where(first)}「{_short(first.words)}」{_link(first.url)}"]
    if len(spread.path) > 1:
        hops = " → ".join(f"{hop.platform} {clock_of(hop.at, now)}" for hop in spread.path[:5])
        said.append(f"路径：{hops}" + (f" 等 {len(spread.path)} 个平台" if len(spread.path) > 5 else ""))
    said.append("占比：" + "、".join(f"{name} {share:.0%}" for name, share in spread.share[:4]) + f"（共 {spread.total} 条）")
    if spread.key:
        said.append("关键节点：" + "；".join(f"{_where(m)}（{_figures(m)}）{_link(m.url)}" for m in spread.key))
    if spread.leaders:
        said.append("意见领袖：" + "、".join(f"{name}（粉丝 {_big(count)}）" for name, count, _ in spread.leaders))
    said += [f"质疑（{spread.negative} 条）：{_quoted(spread.against)}"] if spread.against else []
    said += [f"支持（{spread.positive} 条）：{_quoted(spread.favour)}"] if spread.favour else []
    said += [f"我方（{spread.answers} 条）：{_quoted(spread.own)}"] if spread.own else []
    return said


def _path(rows: Sequence[Heard], start: datetime) -> tuple[Hop, ...]:
    counts = Counter(_platform(h.mention) for h in rows)
    opened: dict[str, Mention] = {}
    for h in rows:
        opened.setdefault(_platform(h.mention), h.mention)
    return tuple(Hop(name, m.at, int((m.at - start).total_seconds() // 60), counts[name], m.url) for name, m in opened.items())


def _share(rows: Sequence[Heard]) -> tuple[tuple[str, float], ...]:
    counts = Counter(_platform(h.mention) for h in rows)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((name, count / len(rows)) for name, count in ranked)


def _leaders(rows: Sequence[Heard]) -> tuple[tuple[str, int, str], ...]:
    """Named only when public: a media or authority account, or one with very many followers."""
    best: dict[str, tuple[int, str]] = {}
    for h in rows:
        m, followers = h.mention, h.mention.followers or 0
        if m.author and followers >= LEADER_FOLLOWERS and followers > best.get(m.author, (0, ""))[0]:
            best[m.author] = (followers, m.url)
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
    return tuple((name, followers, url) for name, (followers, url) in ranked[:LEADERS])


def _views(side: Sequence[Heard], rows: Sequence[Heard]) -> tuple[View, ...]:
    """One example for each root: what was repeated and carried most stands for the side."""
    copies = Counter(h.root or h.mention.id for h in rows)
    ranked = sorted(side, key=lambda h: (-(copies[h.root or h.mention.id] + _reach(h)), h.mention.at, h.mention.id))
    shown: dict[str, View] = {}
    for h in ranked:
        words = _short(h.mention.words)
        if words and all(view.words != words for view in shown.values()):
            shown.setdefault(h.root or h.mention.id, View(words, h.mention.url, copies[h.root or h.mention.id] + _reach(h)))
    return tuple(shown.values())[:VIEWS]


def _reach(h: Heard) -> float:
    m = h.mention
    return interaction(m.reposts, m.comments, m.likes, m.reads)


def _told(h: Heard) -> Mention:
    return replace(h.mention, tier=h.tier)


def _public(m: Mention) -> bool:
    return (m.followers or 0) >= LEADER_FOLLOWERS or m.tier in _WEIGHTY


def _platform(m: Mention) -> str:
    return m.platform or m.source


def _where(m: Mention) -> str:
    """The platform, with the account's name only where the account is public."""
    return f"{_platform(m)} {m.author}" if m.author and _public(m) else _platform(m)


def _figures(m: Mention) -> str:
    named = (("转", m.reposts), ("评", m.comments), ("赞", m.likes), ("阅", m.reads))
    return " ".join(f"{name}{_big(count)}" for name, count in named if count)


def _big(count: int) -> str:
    if count < 10_000:
        return str(count)
    return f"{count / 10_000:.1f}万" if count < 100_000_000 else f"{count / 100_000_000:.1f}亿"


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _quoted(views: Sequence[View]) -> str:
    return "；".join(f"「{view.words}」{_link(view.url)}" for view in views)


def _link(url: str) -> str:
    return f" {url}" if url.startswith(("http://", "https://")) else ""
