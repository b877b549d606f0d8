"""Whose word weighs how much: the tier of an account or site, from a shipped table that a company may extend or replace."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from bot.errors import ConfigError
from bot.model.mention import Tier

Scope = Literal["national", "local"]
LEADER_FOLLOWERS = 1_000_000
"""From here on a verified account is tier B (domain handbook 3.2)."""
_BLANK = re.compile(r"[\s@＠·•]+")
_OFFICE = re.compile(
    "(?:官方|官微|官博|微博|账号|公众号|视频号|抖音号|小红书|旗舰店|专卖店|客服|服务|热线|中心|发布|新闻|总部|中国|集团|股份|控股|有限|责任|公司|app|网站?)*"
)
"""What an account of a house may add to its name."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How much an account's word weighs. ``scope`` matters for tier S only; ``why`` is the Chinese name of what fitted."""

    tier: Tier
    scope: Scope
    foreign: bool
    why: str

    @property
    def national(self) -> bool:
        """Whether it is an S of the whole country."""
        return self.tier is Tier.S and self.scope == "national"


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    tier: Tier
    scope: Scope
    foreign: bool
    starts: tuple[str, ...]
    ends: tuple[str, ...]


class Authorities:
    """The table, ready to be asked."""

    def __init__(self, table: Mapping[str, Any], where: str = "authority.toml") -> None:
        self._names: dict[str, _Group] = {}
        self._hosts: dict[str, _Group] = {}
        self._groups: list[_Group] = []
        self._suffixes = tuple(sorted((_plain(s) for s in table.get("suffixes", ())), key=len, reverse=True))
        for number, record in enumerate(table.get("group", ()), 1):
            self._add(record, f"{where}: group {number}")

    @classmethod
    def load(cls, path: Path | None = None) -> Authorities:
        """The table at ``path``, or the shipped one; ``ConfigError`` names what is wrong with it. With ``extends = true`` its groups
        go before the shipped ones; otherwise it replaces them."""
        if path is None:
            return _shipped()
        try:
            table = tomllib.loads(path.read_text("utf-8"))
            if table.get("extends") is True:
                table = {key: [*table.get(key, ()), *_table()[key]] for key in ("suffixes", "group")}
            return cls(table, path.name)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path.name}: {error}") from None

    def standing(
        self,
        *,
        author: str = "",
        host: str = "",
        platform: str = "",
        followers: int | None = None,
        verified: bool | None = None,
        region: str = "",
        tier: Tier | None = None,
    ) -> Standing:
        """Where an account stands. A ``tier`` given by the source is believed; the table then only says scope and foreign.

        ``platform`` counts as a name too (a news site is its own author). ``verified`` None is unknown: exact names, hosts
        and follower counts hold, and marks such as 「…公安局」 hold unless the platform says the account is not verified.
        """
        found = self._by_name(author, verified) or self._by_host(host, author) or self._by_name(platform, verified)
        listed = found.tier if found else Tier.C
        if listed is Tier.C and (followers or 0) > LEADER_FOLLOWERS and verified is not False:
            return self._as(tier or Tier.B, found, region, f"粉丝 {followers}")
        return self._as(tier or listed, found, region, found.name if found else "普通账号")

    def _as(self, tier: Tier, found: _Group | None, region: str, why: str) -> Standing:
        national = region.strip() == "全国" or (found is not None and found.tier is Tier.S and found.scope == "national")
        return Standing(tier, "national" if national else "local", found is not None and found.foreign, why)

    def _by_name(self, name: str, verified: bool | None) -> _Group | None:
        plain = _plain(name)
        if not plain:
            return None
        if group := self._names.get(plain) or self._names.get(self._stem(plain)):
            return group
        if verified is False:
            return None
        return next(
            (g for g in self._groups if (g.ends and plain.endswith(g.ends)) or (g.starts and plain.startswith(g.starts))), None
        )

    def _stem(self, name: str) -> str:
        return next((name.removesuffix(s) for s in self._suffixes if name.endswith(s) and len(name) > len(s) + 1), name)

    def _by_host(self, host: str, author: str) -> _Group | None:
        labels = host.lower().rstrip(".").split(":")[0].split(".")
        found = next((g for i in range(len(labels) - 1) if (g := self._hosts.get(".".join(labels[i:])))), None)
        # An account on a platform speaks for itself: the platform's host says nothing of it beyond C.
        return None if found and found.tier is Tier.C and author else found

    def _add(self, record: Mapping[str, Any], where: str) -> None:
        try:
            tier = Tier(str(record["tier"]))
        except (KeyError, ValueError):
            raise ConfigError(f"{where}: tier 应为 S A B C D") from None
        group = _Group(
            name=str(record.get("name", "")),
            tier=tier,
            scope="national" if record.get("scope") == "national" else "local",
            foreign=bool(record.get("foreign", False)),
            starts=tuple(map(_plain, record.get("starts", ()))),
            ends=tuple(map(_plain, record.get("ends", ()))),
        )
        self._groups.append(group)
        for name in record.get("names", ()):
            self._names.setdefault(_plain(name), group)
        for host in record.get("hosts", ()):
            self._hosts.setdefault(str(host).lower(), group)


def own_account(author: str, names: Iterable[str]) -> bool:
    """Whether an account goes by one of these names, alone or followed by what a house adds to it (官方旗舰店, 客服, 集团). A name
    that merely stands in it (晨露避雷) is somebody else's."""
    plain = _plain(author)
    for own in map(str.casefold, names):  # noqa: SIM110  for every mention; a generator costs as much again
        if own and plain.startswith(own) and _OFFICE.fullmatch(plain, len(own)):
            return True
    return False


def _plain(name: str) -> str:
    return name.casefold() if name.isalnum() else _BLANK.sub("", name).casefold()


@lru_cache(maxsize=1)
def _shipped() -> Authorities:
    return Authorities(_table())


def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("data").joinpath("authority.toml").read_text("utf-8"))
