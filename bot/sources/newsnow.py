"""Hot lists by way of a NewsNow instance: one source is one list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from bot.errors import SourceError
from bot.fetch import BadJson, Fetcher, Page, plain
from bot.model.mention import Mention, count
from bot.model.options import option, required
from bot.model.source import Common, Poll, State, dress, interval, recognise
from bot.model.times import read_time

MOST = 30
LOST = 0.2
OTHER_LIST = 10
"""Minutes between two looks of the instance at a list that is not named below."""

_INTERVALS = {  # minutes, by the instance's own configuration; an id that is missing here works all the same
    2: "weibo xueqiu-hotstock gelonghui fastbull-express mktnews-flash",
    5: "cls-telegraph wallstreetcn-quick aihot pcbeta-windows11",
    30: "bilibili-ranking thepaper tencent-hot chongbuluo-latest chongbuluo-hot qqvideo-tv-hotsearch iqiyi-hot-ranklist "
    "wallstreetcn-news wallstreetcn-hot fastbull-news zaobao cankaoxiaoxi kaopu",
    60: "solidot",
}
_MINUTES = {name: minutes for minutes, names in _INTERVALS.items() for name in names.split()}
_PLATFORMS = {
    "weibo": "微博", "zhihu": "知乎", "baidu": "百度", "douyin": "抖音", "toutiao": "头条", "tieba": "贴吧", "kuaishou": "快手",
    "bilibili": "哔哩哔哩", "thepaper": "澎湃", "hupu": "虎扑", "douban": "豆瓣", "ifeng": "凤凰", "tencent": "腾讯新闻",
    "xueqiu": "雪球", "36kr": "36氪", "ithome": "IT之家", "coolapk": "酷安", "zaobao": "联合早报", "cls": "财联社",
}  # fmt: skip
_FLAG = re.compile(r"flags(?:/|%2F)(\d+)_\d+\.png", re.I)
_FLAGS = {"1": "新", "2": "热", "4": "爆"}
_UNIT = re.compile(r"[\d.,]+\s*[万亿wWkK]?\s*(热度|播放|观看|点赞|评论)?")


@dataclass(frozen=True)
class Options:
    """The settings of a hot list."""

    base: str = required("NewsNow 实例的地址；公共实例常拒绝，建议自建")
    id: str = required("榜单的 id，如 weibo、zhihu、baidu")
    list: str = option("national", "全国榜还是同城榜", choices=("national", "city"))


class Source:
    """One list. Position is the rank; whether it is fresh is judged by its items, since ``success`` always claims to be now."""

    def __init__(self, name: str, common: Common, options: Options, fetch: Fetcher) -> None:
        self.name = name
        self.floor = 60.0 * _MINUTES.get(options.id, OTHER_LIST)
        self.every = interval(common, self.floor, self.floor)
        self.lively = True
        self._common, self._options, self._fetch = common, options, fetch

    async def poll(self, state: State, now: datetime) -> Poll:
        """Entries that are new or moved; unchanged when titles and order are those of the last time."""
        options = self._options
        page = await self._fetch.get(f"{options.base.rstrip('/')}/api/s?id={quote(options.id)}", trusted=True, source=self.name)
        reply = _reply(page)
        items = [item for item in reply["items"][:MOST] if isinstance(item, dict)]
        read = [m for rank, item in enumerate(items, 1) if (m := self._mention(item, rank, reply, now)) is not None]
        if not read:
            raise SourceError("榜单是空的", "degraded")
        order = sha256("\n".join(m.title for m in read).encode()).hexdigest()[:16]
        fresh, known = recognise(state.get("known", {}), read)
        lost = min(len(reply["items"]), MOST) - len(read)
        return Poll(
            fresh,
            {"order": order, "known": known},
            changed=order != state.get("order"),
            note=f"{lost} 条没有标题，已跳过" if lost else "",
            degraded=f"{lost + len(read)} 条有 {lost} 条读不出来" if lost > LOST * (lost + len(read)) else "",
            as_of=read_time(reply.get("updatedTime"), now) if reply.get("status") == "cache" else None,
        )

    def _mention(self, item: Mapping[str, Any], rank: int, reply: Mapping[str, Any], now: datetime) -> Mention | None:
        more = item["extra"] if isinstance(item.get("extra"), dict) else {}
        info = _text(more.get("info"))
        hover = _text(more.get("hover"))
        unit = _UNIT.fullmatch(info)
        given = {
            "heat": count(info) if unit else None,
            "info": info or None,
            "diff": more.get("diff") if isinstance(more.get("diff"), int) else None,
            "flag": _flag(more.get("icon")),
        }
        own = item.get("id")
        record = {
            "id": own if isinstance(own, str | int) and not isinstance(own, bool) and own != "" else None,
            "title": plain(_text(item.get("title"))),
            "text": plain(hover),
            "url": _absolute(_text(item.get("url")) or _text(item.get("mobileUrl"))),
            "published": item.get("pubDate") or more.get("date") or None,
            "rank": rank,
            "list": self._options.list,
            "reads": count(info) if unit and unit[1] in ("播放", "观看") else None,
            "platform": self._common.platform or _platform(str(reply.get("id") or self._options.id)),
        } | {name: value for name, value in given.items() if value is not None}
        if not record["title"]:
            return None
        try:
            return dress(Mention.of(record, source=self.name, now=now), self._common)
        except ValueError:
            return None


def _reply(page: Page) -> dict[str, Any]:
    if page.html:
        raise SourceError("返回的是网页（验证或拒绝访问），不是榜单", "degraded")
    try:
        reply = page.json()
    except BadJson as exc:
        raise SourceError(str(exc), "degraded") from None
    if (
        not isinstance(reply, dict)
        or reply.get("status") not in ("success", "cache")
        or not isinstance(reply.get("items"), list)
    ):
        raise SourceError("回答里没有榜单", "degraded")
    return reply


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _absolute(url: str) -> str:
    return "https:" + url if url.startswith("//") else url


def _flag(icon: object) -> str | None:
    """微博 marks an entry by the file name of a little picture; its address may stand inside that of a proxy."""
    address = icon.get("url") if isinstance(icon, dict) else icon
    found = _FLAG.search(address) if isinstance(address, str) else None
    return _FLAGS.get(found[1]) if found else None


def _platform(list_id: str) -> str:
    return _PLATFORMS.get(list_id) or _PLATFORMS.get(list_id.partition("-")[0]) or list_id
