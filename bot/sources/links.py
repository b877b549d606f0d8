"""What members paste in the chat: an address, the words around it, counts typed along."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from bot.errors import SourceError
from bot.fetch import Fetcher, Page, plain
from bot.model.mention import Mention, canonical, count
from bot.model.options import option
from bot.model.source import Common, Poll, State, dress, interval
from bot.model.times import read_time

FLOOR = 60.0
EVERY = 3_600.0
TEXT_CAP = 8_000
SHORT = 400
LOGIN = "原页需登录，已存你贴的文字；请补截图"

_URL = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", re.I)
_TRAILING = ".,;:!?)]'"
_COUNTS = (
    ("reposts", re.compile(r"(?:转发|转)[:：]?\s*([\d.,]+\s*[万亿wWkK]?)(?=\D|$)")),
    ("comments", re.compile(r"(?:评论|评)[:：]?\s*([\d.,]+\s*[万亿wWkK]?)(?=\D|$)")),
    ("likes", re.compile(r"(?:点赞|赞)[:：]?\s*([\d.,]+\s*[万亿wWkK]?)(?=\D|$)")),
    ("reads", re.compile(r"(?:阅读|播放|阅)[:：]?\s*([\d.,]+\s*[万亿wWkK]?)(?=\D|$)")),
)
_PLATFORMS = {
    "weibo.com": "微博", "weibo.cn": "微博", "t.cn": "微博", "xiaohongshu.com": "小红书", "xhslink.com": "小红书",
    "douyin.com": "抖音", "iesdouyin.com": "抖音", "zhihu.com": "知乎", "bilibili.com": "哔哩哔哩", "b23.tv": "哔哩哔哩",
    "weixin.qq.com": "微信", "toutiao.com": "头条", "kuaishou.com": "快手", "baidu.com": "百度", "tieba.baidu.com": "贴吧",
    "tousu.sina.com.cn": "黑猫投诉", "douban.com": "豆瓣", "hupu.com": "虎扑",
}  # fmt: skip
_LOGIN_PATH = re.compile(r"/(?:login|signin|passport|captcha|visitor|verify)\b|passport\.", re.I)
_LOGIN_WORDS = re.compile(r"请(?:先)?登录|登录后(?:查看|继续)|扫码登录|验证码|安全验证|Sina Visitor System|当前内容无法展示")
_BODIES = ("#js_content", "article", "main", "body")
_NOISE = ("script", "style", "noscript", "template", "svg", "iframe", "nav", "header", "footer", "form")
_TIMES = (
    ('meta[property="article:published_time"]', "content"),
    ('meta[itemprop="datePublished"]', "content"),
    ('meta[name="publishdate"]', "content"),
    ("time[datetime]", "datetime"),
)


@dataclass(frozen=True)
class Options:
    """The settings of pasted links."""

    platforms: Mapping[str, str] = option({}, '网址主机 → 平台名，如 { "bbs.example" = "本地论坛" }；先于内置的')


class Source:
    """Nothing to poll: members bring it. It gives pasted links their name, tier and platform names."""

    def __init__(self, name: str, common: Common, options: Options, fetch: Fetcher) -> None:
        self.name = name
        self.floor = FLOOR
        self.every = interval(common, FLOOR, EVERY)
        self.lively = False
        self._common, self._platforms, self._fetch = common, options.platforms, fetch

    async def poll(self, state: State, now: datetime) -> Poll:
        """No mentions."""
        return Poll((), state)

    def take(self, text: str, by: str, now: datetime) -> Mention | None:
        """The mention of a pasted text; None where there is no address in it. The same address is the same mention."""
        pasted = read_paste(text)
        if pasted is None:
            return None
        mention = Mention.of(
            {
                "url": pasted.url,
                "text": pasted.words or pasted.url,
                "platform": platform_of(pasted.url, self._platforms),
                **pasted.counts,
                "reported_by": by,
                **({"manual": sorted(pasted.counts)} if pasted.counts else {}),
            },
            source=self.name,
            now=now,
        )
        return dress(mention, self._common)

    async def look(self, mention: Mention, now: datetime) -> Look:
        """Fetches the page once. What it says fills the gaps; what was pasted stays. Never fails: ``note`` says what is missing."""
        try:
            page = await self._fetch.get(mention.url, trusted=False)
        except SourceError as exc:
            behind = any(code in str(exc) for code in ("401", "403"))
            return Look(mention, note=LOGIN if behind else f"原页打不开（{exc}），已存你贴的文字")
        found = await asyncio.to_thread(_read, page, now)
        if found is None:
            return Look(mention, page, LOGIN)
        bare = mention.text == mention.url
        return Look(
            replace(
                mention,
                title=mention.title or found.title,
                text=(found.text or found.title or mention.text) if bare else mention.text,
                published=mention.published or found.published,
                platform=mention.platform or platform_of(page.url, self._platforms),
                extra={**mention.extra, "final_url": page.url} | ({} if bare or not found.text else {"page_text": found.text}),
            ),
            page,
        )


@dataclass(frozen=True, slots=True)
class Look:
    """The mention with what its page told, the page for the evidence (None: no answer), and a note for who pasted it."""

    mention: Mention
    page: Page | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pasted:
    """The first address of a text, the words beside it, and the counts typed along."""

    url: str
    words: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Found:
    title: str
    text: str
    published: datetime | None


def read_paste(text: str) -> Pasted | None:
    """An address and what stands around it: ``转1200 赞300`` are counts, the rest is words; None without an address."""
    at = _URL.search(text)
    url = at[0].rstrip(_TRAILING) if at else ""
    if at is None or not canonical(url):
        return None
    words = (text[: at.start()] + " " + text[at.start() + len(url) :]).strip()
    counts = {}
    for name, pattern in _COUNTS:
        typed = pattern.search(words)
        number = count(typed[1]) if typed else None
        if typed is not None and number is not None:
            counts[name] = number
            words = words[: typed.start()] + " " + words[typed.end() :]
    return Pasted(url, " ".join(words.split()), counts)


def platform_of(url: str, more: Mapping[str, str] | None = None) -> str:
    """The platform by the longest known ending of the host; empty for an unknown one."""
    host = (urlsplit(url).hostname or "").lower()
    names = _PLATFORMS | dict(more or {})
    fits = [known for known in names if host == known or host.endswith("." + known)]
    return names[max(fits, key=len)] if fits else ""


def _read(page: Page, now: datetime) -> _Found | None:
    """Title, text and time of a page; None where it wants a log-in."""
    tree = LexborHTMLParser(page.text())
    title = _attribute(tree, 'meta[property="og:title"]', "content") or _words(tree, "title")
    published = next((t for css, name in _TIMES if (t := read_time(_attribute(tree, css, name), now))), None)
    tree.strip_tags(list(_NOISE))
    text = next((words for css in _BODIES if (words := _words(tree, css))), "")[:TEXT_CAP]
    wall = _LOGIN_WORDS.search(f"{title}\n{text}") if len(text) < SHORT else None
    if _LOGIN_PATH.search(page.url) or wall:
        return None
    return _Found(plain(title), plain(text), published)


def _words(tree: LexborHTMLParser, css: str) -> str:
    node = tree.css_first(css)
    return node.text(separator="\n").strip() if node else ""


def _attribute(tree: LexborHTMLParser, css: str, name: str) -> str:
    node = tree.css_first(css)
    return (node.attributes.get(name) or "").strip() if node else ""
