"""What was kept stays when its original vanishes: looked at again after an hour and a day, said, and exported with proof."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot import export
from bot.fetch import Fetcher, Limits
from bot.fetch.page import Page
from bot.looking_back import LookingBack, judged
from bot.model.incident import State
from bot.store import evidence, incidents, record
from tests.conftest import THREE_COMPLAINTS, Room
from tests.sites import Site, site

POST = "晨露乳业的牛奶里喝出异物，太恶心了，再也不买"


@asynccontextmanager
async def posted(room: Room) -> AsyncIterator[tuple[Site, str, LookingBack]]:
    """A post that raised an alert, on a site that answers."""
    async with site() as other:
        url = other.says("/post/1", web.Response(text=f"<p>{POST}</p>", content_type="text/html"))
        await room.hear_of({"text": POST, "url": url}, *THREE_COMPLAINTS[1:])
        room.ignore()
        fetcher = Fetcher(Limits(spacing=0.0), public=lambda _: True)
        yield other, url, LookingBack(room.store, room.house, fetcher, room.clock)
        await fetcher.close()


async def looked(room: Room, back: LookingBack, **later: float) -> list[str]:
    """Time passes, originals are looked at; what the house said of them."""
    await room.later(**later)
    room.ignore()
    await back.look()
    await room._collect()
    return [said.text for said in room.ignore()]


def packed(room: Room) -> bytes:
    """The archive of the incident, as an export makes it."""
    found = record.read(room.db, 1)
    return export.archive(found, "", company="晨露乳业", at=room.clock.now, by="陈总")


async def test_evidence_of_a_deleted_post_still_verifies(room: Room) -> None:
    async with posted(room) as (other, url, back):
        (piece,) = evidence.of_incident(room.db, 1)
        assert (piece.name, piece.text, piece.url) == ("Z-1", POST, url)
        assert await looked(room, back, hours=1, minutes=1) == []
        other.says("/post/1", web.Response(status=404))
        (said,) = await looked(room, back, hours=23)
        assert said.startswith(f"#1 原帖已删，Z-1 已存（12-03 09:48 留存，校验 {piece.sha256[:8]}）")
        assert "HTTP 404" in said
        assert await looked(room, back, hours=48) == []

        after = evidence.get(room.db, 1)
        assert (after.text, after.sha256, after.fate) == (POST, piece.sha256, "gone")
        assert "原帖已删" in await room.say("存证 #1", by="李雷")
        data = packed(room)
        verdict = export.verify(data)
        assert verdict.faults == []
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            told = archive.read("record.md").decode()
        assert "原帖已删（12-04 09:49 复查），留存的原文如上" in told
        assert POST[:20] in told
        assert piece.sha256 in told
        assert export.verify(data.replace(piece.sha256.encode(), b"0" * 64)).faults


async def test_an_edited_post_is_told_where_the_words_were_seen_there_before(room: Room) -> None:
    async with posted(room) as (other, _, back):
        assert await looked(room, back, hours=1, minutes=1) == []
        other.says("/post/1", web.Response(text="<p>这条我改了，店家已经处理好了</p>", content_type="text/html"))
        (said,) = await looked(room, back, hours=23)
        assert said.startswith("#1 原帖已改，Z-1 已存")
        assert evidence.get(room.db, 1).text == POST


async def test_what_cannot_be_read_and_what_is_closed_says_nothing(room: Room) -> None:
    async with posted(room) as (other, _, back):
        other.says("/post/1", web.Response(status=502), web.Response(status=502))
        assert await looked(room, back, hours=1, minutes=1) == []
        await room.store.run(
            lambda db: incidents.change(db, 1, "close", at=room.clock.now, by="陈总", state=State.CLOSED, resolution="resolved")
        )
        asked = len(other.asked)
        other.says("/post/1", web.Response(status=404))
        assert await looked(room, back, hours=23) == []
        assert len(other.asked) == asked


@pytest.mark.parametrize(
    ("body", "before", "verdict"),
    [
        (f"<p>{POST[:18]}…</p>", "", "same"),
        ("<p>抱歉，该内容已被作者删除</p>", "", "gone"),
        ("<p>此微博已被删除</p>", "same", "gone"),
        ("<p>请登录后查看</p>", "", "unread"),
        ("<div id=app></div>", "", "unread"),
        ("<p>别的话</p>", "same", "edited"),
        (f"<p>{POST}</p><p>评论：那条内容已被删除了吗</p>", "", "same"),
    ],
)
def test_a_page_proves_only_what_it_shows(body: str, before: str, verdict: str) -> None:
    page = Page(200, "https://example.com/1", {"content-type": "text/html; charset=utf-8"}, body.encode())
    assert judged(POST, page, before)[0] == verdict
