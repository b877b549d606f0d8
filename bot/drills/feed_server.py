"""The built-in scenario as a feed, served by our own web door: a real source with no account and no network."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web

from bot.model.times import BEIJING

PATH = "/demo/feed.json"
RSS_PATH = "/demo/feed.xml"
PACE = 15.0
"""How many seconds of story pass in one second: ten minutes in forty seconds."""

_HOME = "https://demo.example/"
_COUNTS = ("platform", "tier", "followers", "reposts", "comments", "likes", "reads", "region")


def routes(started: datetime, now: Callable[[], datetime]) -> list[web.RouteDef]:
    """``GET /demo/feed.json`` and ``/demo/feed.xml``: the part of the story that has happened since ``started``."""
    story = _story()

    def so_far() -> list[tuple[dict[str, Any], datetime]]:
        told = ((row, started + timedelta(minutes=row["at"]) / PACE) for row in story)
        return [(row, at) for row, at in told if at <= now()][::-1]

    async def as_json(request: web.Request) -> web.Response:
        items = [_item(row, at, started) for row, at in so_far()]
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "望楼演示", "home_page_url": _HOME, "items": items}
        return _answer(request, json.dumps(feed, ensure_ascii=False), "application/feed+json")

    async def as_rss(request: web.Request) -> web.Response:
        items = "".join(_rss_item(row, at, started) for row, at in so_far())
        feed = (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
            f"<title>望楼演示</title><link>{_HOME}</link><description>演示</description>{items}</channel></rss>"
        )
        return _answer(request, feed, "application/rss+xml")

    return [web.get(PATH, as_json), web.get(RSS_PATH, as_rss)]


def _story() -> list[dict[str, Any]]:
    lines = files("bot.drills").joinpath("demo.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _guid(row: Mapping[str, Any], started: datetime) -> str:
    """The same all day, so that a second start repeats nothing, and another one tomorrow."""
    return f"{started.astimezone(BEIJING):%Y%m%d}-{row['id']}"


def _url(row: Mapping[str, Any], started: datetime) -> str:
    return f"{row['url']}?day={started.astimezone(BEIJING):%Y%m%d}"


def _item(row: Mapping[str, Any], at: datetime, started: datetime) -> dict[str, Any]:
    return {
        "id": _guid(row, started),
        "url": _url(row, started),
        "title": row.get("title", ""),
        "content_text": row["text"],
        "date_published": at.isoformat(timespec="seconds"),
        "authors": [{"name": row["author"]}],
        "_wanglou": {name: row[name] for name in _COUNTS if name in row},
    }


def _rss_item(row: Mapping[str, Any], at: datetime, started: datetime) -> str:
    return (
        f'<item><guid isPermaLink="false">{_guid(row, started)}</guid><link>{escape(_url(row, started))}</link>'
        f"<title>{escape(row.get('title', ''))}</title><author>{escape(row['author'])}</author>"
        f"<description>{escape(row['text'])}</description><pubDate>{format_datetime(at)}</pubDate></item>"
    )


def _answer(request: web.Request, text: str, kind: str) -> web.Response:
    tag = sha256(text.encode()).hexdigest()[:16]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if request.headers.get("If-None-Match") == f'"{tag}"':
        return web.Response(status=304, headers=headers)
    return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)
