"""The live events of the local room."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import ClientSession
from local_world import FakeEar, answering, opened

from bot.model.card import Button, Card, Post
from bot.model.message import Answer
from bot.model.options import Seconds
from bot.platforms.local import Options
from bot.platforms.local.feed import BACKLOG, Feed
from bot.platforms.local.refused import RefusedError

CARD = Card("alert", "#12 酸奶结块", buttons=(Button("claim:12", "认领", "认领 #12"),))


@asynccontextmanager
async def events(url: str, **query):
    """A function that waits for the next event and gives its name and data; greetings are skipped."""
    async with ClientSession() as session, session.get(f"{url}/api/events", params=query) as response:
        assert response.content_type == "text/event-stream"

        async def following(skip: str = "beat"):
            while True:
                lines = (await asyncio.wait_for(response.content.readuntil(b"\n\n"), 30)).decode().strip().split("\n")
                fields = dict(line.split(": ", 1) for line in lines)
                if fields["event"] != skip:
                    return fields["event"], json.loads(fields["data"])

        await following(skip="")
        yield following


async def test_what_is_said_and_answered_is_told_to_every_page(tmp_path):
    async with opened(tmp_path, FakeEar(answering("好"))) as world, events(world.url) as one, events(world.url) as two:
        await world.platform.say("危机室", "李雷", "列表", None)
        for following in (one, two):
            assert [(await following())[1]["text"], (await following())[1]["text"]] == ["列表", "好"]


async def test_a_repaint_is_told(tmp_path):
    painted = Post.of(replace(CARD, must=("李雷 认领",)))
    async with opened(tmp_path, FakeEar(lambda heard: Answer(repaint=painted))) as world, events(world.url) as following:
        await world.push(Post.of(CARD))
        await world.platform.press(1, "李雷", "claim:12", "")
        assert (await following())[0] == "message"
        kind, message = await following()
        assert (kind, message["id"], message["card"]["must"]) == ("repaint", 1, ["李雷 认领"])


async def test_a_page_that_comes_back_gets_what_it_missed_once(tmp_path):
    async with opened(tmp_path) as world:
        for number in (1, 2, 3):
            await world.push(Post(f"第{number}条"), parcel=number)
        async with events(world.url, room="危机室", after="1") as following:
            await world.push(Post("别处"), parcel=4, room="值班群")
            await world.push(Post("第5条"), parcel=5)
            assert [(await following())[1]["text"] for _ in range(3)] == ["第2条", "第3条", "第5条"]


async def test_a_parcel_sent_twice_is_told_once(tmp_path):
    async with opened(tmp_path) as world, events(world.url) as following:
        await world.push(Post("一"), parcel=1)
        await world.push(Post("一"), parcel=1)
        await world.push(Post("二"), parcel=2)
        assert [(await following())[1]["text"] for _ in range(2)] == ["一", "二"]


async def test_what_could_not_be_stored_is_told_to_nobody(tmp_path):
    async with opened(tmp_path, FakeEar(refuses=True)) as world, events(world.url) as following:
        with pytest.raises(RefusedError):
            await world.platform.say("危机室", "李雷", "认领 12", None)
        await world.push(Post("预警"))
        assert (await following())[1]["text"] == "预警"


async def test_a_quiet_line_beats(tmp_path):
    async with opened(tmp_path, options=Options(heartbeat=Seconds(0.02))) as world, events(world.url) as following:
        assert (await following(skip=""))[0] == "beat"


async def test_events_of_an_unknown_room_are_refused(tmp_path):
    async with opened(tmp_path) as world, ClientSession() as session:
        response = await session.get(f"{world.url}/api/events", params={"room": "没有"})
        assert response.status == 404


async def test_the_stop_lets_every_page_go(tmp_path):
    async with opened(tmp_path) as world, ClientSession() as session:
        response = await session.get(f"{world.url}/api/events")
        await world.platform.stop()
        rest = await asyncio.wait_for(response.content.read(), 30)
        assert rest.startswith(b"event: beat")


async def test_a_page_too_slow_to_follow_is_let_go():
    feed = Feed()
    with feed.listen() as listener:
        for number in range(BACKLOG + 1):
            feed.tell("message", {"id": number})
        assert [event async for event in listener.events(1)] == []
