"""Text that strangers wrote, through the whole house: one test a line of the requirements on trust (reliability 16 and 19).

It never pings, never becomes markup, a link, a command, a formula, a file name, SQL or a log line of ours; personal numbers
are masked; broken and huge bodies are refused at every door and change nothing.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import random
import re
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from dingtalk_world import world as dingtalk_world
from fakes.wecom import FakeWeCom
from hypothesis import given
from hypothesis import strategies as st
from wecom_world import ROOM
from wecom_world import world as wecom_world

from bot import export, exporting
from bot.cards import masked, quoted
from bot.errors import DeliveryError
from bot.model.card import File, Post
from bot.model.grade import Grade
from bot.model.message import Parcel
from bot.platforms.local.drawing import drawn
from bot.running import Plain
from bot.store import outbox
from tests.conftest import Room
from tests.process import SECRET, TOKEN, signed
from tests.process import config as configuration
from tests.process_vendors import GRAVE, running

PHONE, CITIZEN, BANK = "13812345678", "110101199003078515", "6222021234567890123"
TRICKS = (
    "<@all> @所有人 @张敏 <@zhangmin>",
    '<font color="warning">红</font> **粗** [点这里](https://evil.example/x) ![图](https://evil.example/p.png)',
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u202e倒着写\u202c\u2066隔离\u2069\u200b零宽",
    "确认 7F3A\n@望楼 结案 #1\n定级 #1 红",
    "'; DROP TABLE incidents; --",
    '=HYPERLINK("https://evil.example","x")',
    "../../etc/passwd\x00.docx",
    f"电话{PHONE}，证件{CITIZEN}，卡{BANK}",
    "2026-12-03 09:48:00,000 ERROR wanglou 伪造的一行",
)
COMPLAINT = "晨露牛奶里喝出异物，恶心，客服推诿 "
BIDI = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


async def the_alert(room: Room, trick: str) -> outbox.Row:
    """The alert card that this text brings about, as it lies in the outbox."""
    fields = {
        "title": trick,
        "text": f"{GRAVE} {trick}",
        "author": trick,
        "url": "https://example.com/" + re.sub(r"\d{11,}", "", trick),
        "platform": "微博",
    }
    await room.hear_of(fields)
    card = next(s for s in room.out if s.card and s.card.kind == "alert" and s.to == room.name)
    room.ignore()
    row = outbox.get(room.db, card.id)
    assert row
    return row


@pytest.mark.parametrize("trick", TRICKS)
async def test_an_alert_on_every_platform_pings_nobody_and_carries_no_markup(room: Room, trick: str) -> None:
    row = await the_alert(room, trick)
    page = json.dumps(drawn(row.post), ensure_ascii=False)  # the page sets text as text
    vendors = [*await _on_wecom(row.post), *await _on_dingtalk(row.post)]
    for shown in vendors:
        assert "<@" not in shown
        assert "<script" not in shown.lower()
        assert '<font color="warning">红' not in shown
        assert "](https://evil.example" not in shown
    for shown in (*vendors, page):
        assert not BIDI.search(shown), shown
        for number in (PHONE, CITIZEN, BANK):
            assert number not in shown


async def _on_wecom(post: Post) -> list[str]:
    async with wecom_world() as world:
        world.vendor.meet(ROOM.chat)
        target = ROOM.__class__("wecom", ROOM.chat, ROOM.name, webhook=world.vendor.webhook_url)
        for n, way in enumerate(("aibot", "webhook"), 1):
            await world.platform.send(Parcel(n, target, post, Grade.ORANGE), way)
        for sent in world.vendor.sent:
            assert not sent.body.get("text", {}).get("mentioned_list")
            assert not sent.body.get("text", {}).get("mentioned_mobile_list")
        assert not world.vendor.refused
        return [json.dumps(sent.body, ensure_ascii=False) for sent in world.vendor.sent]


async def _on_dingtalk(post: Post) -> list[str]:
    async with dingtalk_world() as world:
        platform = await world.ready()
        await platform.send(world.parcel(post, hook=True), "robot")
        await platform.send(world.parcel(post, 8, hook=True), "webhook")
        assert not any(said.pinged for said in world.fake.said)
        return [f"{said.title} {said.text}" for said in world.fake.said]


@pytest.mark.parametrize("trick", TRICKS)
async def test_outside_text_is_no_command_even_when_somebody_quotes_it(room: Room, trick: str) -> None:
    await room.open_incident()
    before = room.incident()
    for text in (f"大家看这条：{trick}", f"转发：{trick}"):
        await room.say(text, by="李雷", quote=trick, quote_by="路人")
        room.ignore()
    after = room.incident()
    assert (after.state, after.grade, after.owner) == (before.state, before.grade, before.owner)


@pytest.mark.parametrize("trick", TRICKS)
async def test_outside_text_is_stored_as_it_is_and_harms_no_table(room: Room, trick: str) -> None:
    await room.hear_of({"text": COMPLAINT + trick, "title": trick, "author": trick})
    room.ignore()
    (row,) = room.db.conn.execute("SELECT text FROM mentions").fetchall()
    assert row[0].replace("\x00", "") == (COMPLAINT + trick).replace("\x00", "") or BIDI.search(trick) or PHONE in trick
    assert room.db.conn.execute("SELECT count(*) FROM incidents").fetchone()
    assert room.db.conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("trick", TRICKS)
async def test_an_export_of_it_has_no_formula_no_foreign_name_and_no_number(room: Room, trick: str) -> None:
    await the_alert(room, trick)
    record, brief = exporting.read(room.db, 1, room.clock())
    data = export.archive(record, brief, company="晨露乳业", at=room.clock(), by="陈总")
    assert export.verify(data).faults == []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert all(re.fullmatch(r"[A-Za-z0-9./-]+", name) and ".." not in name for name in archive.namelist())
        for name in archive.namelist():
            if name.endswith(".csv"):
                table = csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig")))
                assert not [cell for line in table for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
            if name.endswith((".html", ".md")):
                text = archive.read(name).decode()
                assert not re.search(r"(?<!\\)<script|(?<!\\)\]\(https://evil", text)
            if not name.endswith(".docx"):
                words = archive.read(name).decode()
                assert not BIDI.search(words), name
                assert PHONE not in words


@pytest.mark.parametrize("trick", TRICKS)
def test_a_log_line_stays_one_line_and_holds_no_secret(trick: str) -> None:
    formatter = Plain(["a-secret-of-ours"])
    try:
        raise ValueError(f"{trick}\nsecond a-secret-of-ours")
    except ValueError as error:
        record = logging.LogRecord(
            "wanglou",
            logging.ERROR,
            "x",
            1,
            "could not read %s",
            (trick + " a-secret-of-ours",),
            (ValueError, error, error.__traceback__),
        )
    lines = formatter.format(record).split("\n")
    assert "ERROR wanglou could not read" in lines[0]
    assert all(line.startswith("    | ") for line in lines[1:])
    for line in lines:
        assert not BIDI.search(line)
        assert "a-secret-of-ours" not in line
        assert PHONE not in line
        assert line.isprintable()


@given(st.text())
def test_no_text_forges_a_log_line(text: str) -> None:
    record = logging.LogRecord("wanglou", logging.WARNING, "x", 1, "%s", (text,), None)
    assert all(line.startswith("    | ") or n == 0 for n, line in enumerate(Plain([]).format(record).split("\n")))


@pytest.mark.parametrize(
    "number",
    [
        PHONE,
        "138 1234 5678",
        "138-1234-5678",
        "１３８１２３４５６７８",
        CITIZEN,
        "11010119900307851X",
        BANK,
        "６２２２０２１２３４５６７８９０１２３",
    ],
)
def test_personal_numbers_are_masked_in_whatever_digits_they_stand(number: str) -> None:
    shown = masked(f"联系{number}。")
    assert number not in shown
    assert "****" in shown
    assert shown.startswith(f"联系{number[:3]}")
    assert number not in quoted(f"联系{number}。")


@pytest.mark.parametrize(
    "plain", ["批次20261203", "2026-12-03 15:20", "400-000-0000", "订单号2026120300001", "https://example.com/1/13812345678"]
)
def test_what_is_no_personal_number_stays(plain: str) -> None:
    assert masked(plain) == plain


async def test_a_file_name_from_outside_never_reaches_a_vendor_as_a_path() -> None:
    file = File("../../etc/passwd\x00\r\nX: y.docx", "application/octet-stream", b"PK123456")
    async with wecom_world() as world:
        world.vendor.meet(ROOM.chat)
        try:
            await world.platform.send(Parcel(1, ROOM, Post("档案", files=(file,)), Grade.ORANGE), "aibot")
        except DeliveryError:
            return
        names = [upload["filename"] for upload in world.vendor.uploads.values()]
        assert not [name for name in names if "/" in name or "\r" in name or "\x00" in name]


# doors ---------------------------------------------------------------------------------------------------------------------

BROKEN = (
    b"", b"\xff\xfe\x00", b"{", b"[" * 5000, b"<a>" * 5000 + b"</a>" * 5000, b'{"text": "\xed\xa0\x80"}', b"\x1f\x8b\x08broken", b"null", b'"text"',
    '{"text": "\ud83d"}'.encode("utf-8", "surrogatepass"), b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><xml>&a;</xml>",
)  # fmt: skip
DOORS = ("/ingest/vendor", "/api/messages", "/api/press", "/callback/wecom", "/callback/wecom-app", "/callback/dingtalk")


@asynccontextmanager
async def open_doors(folder: Any) -> AsyncIterator[Any]:
    """The real process with every door open."""
    async with FakeWeCom() as wecom:
        platforms = (
            f'[platforms.wecom]\nbot_id = "{wecom.bot_id}"\nsecret = "{wecom.secret}"\nws_url = "{wecom.ws_url}"\napi_base = "{wecom.base}"\n'
            f'corp_id = "{wecom.corp_id}"\nagent_id = 1\ncorp_secret = "x{wecom.corp_secret}"\ntoken = "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo"\n'
            'aes_key = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"\n'
            f'[platforms.dingtalk]\nclient_id = "c"\nclient_secret = "sssss"\napi_base = "{wecom.base}"\n'
            f'oapi_base = "{wecom.base}"\nreceive = "http"\n'
        )
        async with running(configuration(folder, extra=platforms)) as client:
            yield client


@pytest.mark.process
async def test_broken_and_huge_bodies_are_refused_at_every_door_and_change_nothing(tmp_path: Any) -> None:
    rand = random.Random(16)
    huge = b'{"text": "' + b"x" * (3 * 1024 * 1024) + b'"}'
    async with open_doors(tmp_path) as client:
        for path in DOORS:
            for body in (*BROKEN, rand.randbytes(2000), huge):
                status = await _post(client, path, body)
                half = path.startswith("/ingest") and b"\xed\xa0" in body  # half a character is dropped, the rest is news
                assert 400 <= status < 500 or (half and status == 202), f"{path} {body[:20]!r}: {status}"
        assert (await client.messages()) == []
        assert await client.push("fine", [{"id": "1", "text": "晨露的牛奶挺好喝"}]) == 202
        assert not [line for line in client.bot.lines if "Traceback" in line], "".join(client.bot.lines)[-3000:]


async def _post(client: Any, path: str, body: bytes) -> int:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    if path.startswith("/ingest"):
        headers |= signed(body, f"b{hash(body)}", SECRET)
    query = "?msg_signature=0&timestamp=1&nonce=2" if "wecom" in path else ""
    try:
        async with client._session.post(
            f"{client.bot.address}{path}{query}", data=io.BytesIO(body), headers=headers
        ) as response:
            text = await response.text()
            assert "Traceback" not in text
            assert "/etc/passwd" not in text
            return int(response.status)
    except (aiohttp.ClientConnectionError, ConnectionResetError):
        return 413  # the door was shut in the sender's face


def test_examples_in_a_card_are_cut_and_quoted() -> None:
    shown = quoted("「假引号」\n" + "长" * 500)
    assert shown.startswith("「『假引号』")
    assert len(shown) <= 42
    assert "\n" not in shown
