"""Briefs as documents of their own: asked for in the chat, or sent to leaders where so configured; on every way that carries files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import docx
import pytest
from fakes.dingtalk import FakeDingTalk
from fakes.wecom import FakeWeCom

from bot import export, timekeeping
from bot.language.carried import as_file, only_file
from bot.model.card import Paper
from bot.model.grade import Grade
from tests.conftest import START, Room
from tests.process import Client
from tests.process_vendors import GROUP_SEND, dingtalk, grave_news, running, wecom


def words_of(data: bytes) -> str:
    return "\n".join(p.text for p in docx.Document(io.BytesIO(data)).paragraphs)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("简报 #12 docx", True), ("导出简报", True), ("要一份 #12 简报 word 版", True), ("简报 #12 DOC", True), ("日报 文档", True),
     ("简报 #12", False), ("给领导出个简报 #12", False), ("password 泄露的简报", False), ("简报 #12 放文件夹", False)],
)  # fmt: skip
def test_what_asks_for_a_file(text: str, wanted: bool) -> None:
    assert as_file(text) is wanted


def test_the_name_of_a_format_is_no_topic() -> None:
    assert only_file("docx")
    assert only_file("word 版")
    assert not only_file("奶粉 docx")
    assert not only_file("")


async def test_a_brief_is_carried_as_a_document_when_a_file_is_asked_for(room: Room) -> None:
    await room.open_incident(owner="李雷")
    for line in ("简报 #1 docx", "导出简报", "简报 docx", "导出简报 #1"):
        (post,) = (await room.answer(line, by="李雷")).posts
        assert post.paper, line
        assert post.paper.name == "领导简报-1-1203-0948"
        assert "\n".join(post.paper.lines) in post.text, line
    (post,) = (await room.answer("简报 #1", by="李雷")).posts
    assert post.paper is None
    assert (await room.answer("日报 docx", by="李雷")).posts[0].paper
    await room.answer("专报 #1 word", by="李雷")
    (private,) = room.expect(("@李雷", "专报"))
    row = await room.store.read(lambda db: __import__("bot.store.outbox", fromlist=["get"]).get(db, private.id))
    assert row is not None
    assert row.post.paper is not None


async def test_leaders_get_their_brief_with_a_document_where_so_configured(room: Room) -> None:
    room.house = replace(room.house, briefs=(replace(room.house.briefs[0], from_grade=Grade.BLUE, docx=True),))
    room.watch._house = room.commands._house = room.house
    room.store.run_now(timekeeping.set_briefs, room.house, room.clock())
    await room.open_incident()
    sent = [said for said in room.said if said.to == "@陈总"]
    assert sent
    for said in sent:
        row = await room.store.read(lambda db, id=said.id: __import__("bot.store.outbox", fromlist=["get"]).get(db, id))
        assert row is not None
        assert row.post.paper is not None
        assert row.post.card is not None
    await room.later(hours=9)
    scheduled = [said for said in room.ignore() if said.to == "@陈总" and said.reason == "brief"]
    assert scheduled


def test_what_leaves_on_paper_is_masked_and_without_secrets() -> None:
    sheet = Paper("领导简报-1-1203-0948", "领导简报", ("结论：家长 13800001234 来电", "令牌 s3cr3t-token"))
    file = export.on_paper(sheet, START, ["s3cr3t-token"])
    assert file.name == "领导简报-1-1203-0948.docx"
    assert file.data == export.on_paper(sheet, START, ["s3cr3t-token"]).data
    said = words_of(file.data)
    assert "138****1234" in said
    assert "s3cr3t" not in said
    assert export.on_paper(sheet, START + timedelta(days=1)).data != file.data


def wecom_files(fake: FakeWeCom, ways: Sequence[str]) -> list[tuple[str, bytes]]:
    shown = [s.body["file"]["media_id"] for s in fake.sent if s.way in ways and s.body.get("msgtype") == "file"]
    return [fake.media[id] for id in shown]


@pytest.mark.process
async def test_wecom_carries_a_brief_over_the_long_connection(tmp_path: Path) -> None:
    async with FakeWeCom() as fake, running(wecom(fake, tmp_path, webhook=False)) as client:
        await grave_news(client)
        await fake.say("@望楼 简报 #1 docx")
        await fake.until(lambda: wecom_files(fake, ["push", "reply"]), 20)
        ((name, data),) = wecom_files(fake, ["push", "reply"])
        assert name.startswith("领导简报-1-")
        assert name.endswith(".docx")
        assert "领导简报" in words_of(data)
        assert fake.refused == []


@pytest.mark.process
async def test_wecom_carries_leaders_briefs_by_the_app(tmp_path: Path) -> None:
    async with FakeWeCom() as fake:
        path = wecom(fake, tmp_path, webhook=False)
        leader = '"commander"]\nwecom = "chenzong"\n[[briefs]]\nto = ["李雷"]\ndocx = true'
        app = f'corp_id = "{fake.corp_id}"\nagent_id = {fake.agent_id}\ncorp_secret = "{fake.corp_secret}"\n'
        path.write_text(path.read_text("utf-8").replace('"commander"]', leader) + app, "utf-8")
        async with running(path) as client:
            await grave_news(client)
            await fake.until(lambda: wecom_files(fake, ["app"]), 20)
        ((name, data), *_) = wecom_files(fake, ["app"])
        assert name.endswith(".docx")
        assert "请您定" in words_of(data) or "结论" in words_of(data)


@pytest.mark.process
async def test_dingtalk_carries_a_brief_as_a_file_message(tmp_path: Path) -> None:
    async with FakeDingTalk() as fake, running(dingtalk(fake, tmp_path)) as client:
        await fake.connected()
        await grave_news(client)
        await fake.until(lambda: fake.count(GROUP_SEND), 15)
        await fake.say("导出简报 #1")
        await fake.until(lambda: any(s.kind == "sampleFile" for s in fake.said), 15)
        (shown,) = [s for s in fake.said if s.kind == "sampleFile"]
        assert shown.param["fileType"] == "docx"
        kind, name, data = fake.media[shown.param["mediaId"]]
        assert kind == "file"
        assert name == shown.param["fileName"]
        assert "领导简报" in words_of(data)


@pytest.mark.process
async def test_the_local_room_keeps_it_on_its_shelf(tmp_path: Path) -> None:
    from tests.process import config

    async with running(config(tmp_path)) as client:
        await grave_news(client)
        replies = await client.say("简报 #1 docx", by="张敏")
        assert replies
        await _has_file(client)


async def _has_file(client: Client) -> None:
    files = [file for message in await client.messages() for file in message.get("files") or ()]
    assert [name for file in files if (name := file if isinstance(file, str) else file["name"]).endswith(".docx")]
