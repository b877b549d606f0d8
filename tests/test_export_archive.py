"""The archive of an incident: whole, readable, without what may not leave, and broken by no byte unnoticed."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import export
from bot.export.manifest import MANIFEST, Entry, lay, pack
from bot.export.markdown import _plain
from bot.export.paper import headline, joined
from bot.export.plain import HIDDEN, cell, cleaner
from bot.export.timeline import events
from bot.export.words import VERBS
from bot.store.record import Record

AT = datetime(2026, 12, 3, 7, 20, tzinfo=UTC)
TEXT = "关于鲜牛奶异物反映的说明\n12月3日9时48分，我们注意到相关反映。\n晨露乳业有限公司 2026年12月3日"
SECRET = "hook-key-7788"


def record(**over: Any) -> Record:
    """A small incident with one signed and released statement."""
    tables: dict[str, list[dict[str, Any]]] = {
        "facts": [
            {
                "id": 1,
                "text": "批次MA0423含封口胶条",
                "state": "confirmed",
                "source": "质检报告",
                "by": "林工",
                "judged_by": "林工",
                "at": "2026-12-03T02:00:00Z",
            }
        ],
        "tasks": [
            {
                "id": 1,
                "text": "封存库存，联系人13812345678",
                "assignee": "林工",
                "due_at": "2026-12-04T02:00:00Z",
                "state": "done",
                "done_at": "2026-12-03T05:00:00Z",
            }
        ],
        "decisions": [
            {"id": 1, "text": "先行下架", "decider": "陈总", "at": "2026-12-03T03:00:00Z", "state": "decided", "known": "[1]"}
        ],
        "drafts": [
            {
                "id": 1,
                "type": "holding",
                "state": "released",
                "version": 2,
                "submitted_at": "2026-12-03T03:10:00Z",
                "emergency": 0,
            }
        ],
        "versions": [
            {
                "draft": 1,
                "version": n,
                "text": TEXT,
                "sha256": f"{n}4646fed" + "0" * 56,
                "by": "王磊",
                "at": "2026-12-03T03:00:00Z",
                "facts": "[1]",
                "state": "live",
                "why": "",
                "model": "",
            }
            for n in (1, 2)
        ],
        "signatures": [
            {
                "draft": 1,
                "version": 2,
                "sha256": "24646fed" + "0" * 56,
                "person": "何静",
                "role": "legal",
                "at": "2026-12-03T03:20:00Z",
                "grade": "orange",
                "recorder": "",
                "void": "",
            }
        ],
        "publications": [
            {
                "draft": 1,
                "version": 2,
                "sha256": "24646fed" + "0" * 56,
                "channel": "weibo",
                "operator": "苏琴",
                "state": "released",
                "at": "2026-12-03T03:30:00Z",
                "released_at": "2026-12-03T03:31:00Z",
                "url": "https://example.com/1",
            }
        ],
    }
    mention = {
        "id": 1,
        "source": "微博",
        "platform": "微博",
        "tier": "C",
        "published": "2026-12-03T01:40:00Z",
        "seen": "2026-12-03T01:48:00Z",
        "at": "2026-12-03T01:40:00Z",
        "url": "https://example.com/p",
        "author": "=HYPERLINK(1)",
        "followers": 3,
        "title": "@某人",
        "text": f"晨露牛奶有异物 {SECRET}",
        "reposts": 1,
        "comments": 2,
        "likes": 3,
        "reads": None,
        "sentiment": "negative",
        "negative": 0.9,
        "duplicate_of": None,
    }
    log = {
        "seq": 17,
        "at": "2026-12-03T02:00:00Z",
        "by": "林工",
        "verb": "fact",
        "why": "",
        "prev": "a" * 64,
        "hash": "b" * 64,
        "body": {
            "note": {},
            "writes": [
                {"table": "facts", "id": 1, "values": {"text": "批次MA0423含封口胶条", "happened_at": "2026-12-03T00:30:00Z"}}
            ],
        },
    }
    incident = {
        "id": 12,
        "title": "鲜牛奶异物",
        "type": "other",
        "state": "active",
        "round": 1,
        "opened_at": "2026-12-03T01:48:00Z",
        "grade": "orange",
        "suggested": "orange",
        "peak": "orange",
        "owner": "李雷",
        "closed_at": None,
        "resolution": "",
        "reason": "",
    }
    return Record(
        **{
            "incident": incident,
            "gauge": {},
            "samples": [],
            "mentions": [mention],
            "tables": tables,
            "log": [log],
            "head": (40, "c" * 64),
            **over,
        }
    )


@pytest.fixture(scope="module")
def archive() -> bytes:
    return export.archive(
        record(), "【领导简报】#12\n结论：🟠橙", company="晨露乳业有限公司", at=AT, by="陈总", secrets=[SECRET]
    )


def files(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def faults(data: bytes) -> list[str]:
    return export.verify(data).faults


def test_an_archive_as_it_was_made_is_whole_and_the_same_twice(archive: bytes) -> None:
    verdict = export.verify(archive)
    assert verdict.faults == []
    assert verdict.files == len(files(archive)) - 1
    assert verdict.at == AT
    again = export.archive(
        record(), "【领导简报】#12\n结论：🟠橙", company="晨露乳业有限公司", at=AT, by="陈总", secrets=[SECRET]
    )
    assert again == archive


def test_every_file_stands_in_the_index_and_the_manifest_and_every_name_is_ours(archive: bytes) -> None:
    inside = files(archive)
    listed = [json.loads(line)["name"] for line in inside[MANIFEST].splitlines()[1:-1]]
    assert listed == [name for name in inside if name != MANIFEST]
    assert all(re.fullmatch(r"[A-Za-z0-9./-]+", name) and ".." not in name for name in inside)
    page = inside["index.html"].decode()
    text = inside["README.txt"].decode("utf-8-sig")
    for name in listed[2:]:
        assert f'href="{name}"' in page
        assert name in text
    assert "<script" not in page


def test_one_byte_changed_anywhere_is_found_and_named(archive: bytes) -> None:
    """Every byte of a small archive, then 400 places of the whole one."""
    small = pack([Entry("a.txt", "甲", b"abc"), Entry("b/c.csv", "乙", b"1,2\n")], incident=1, at=AT)
    for place in range(len(small)):
        assert faults(_flipped(small, place, 1 << place % 8)), place
    rand = Random(20261203)
    for _ in range(400):
        place = rand.randrange(len(archive))
        assert faults(_flipped(archive, place, 1 << rand.randrange(8))), place


def test_the_file_in_which_a_byte_was_changed_is_named(archive: bytes) -> None:
    """For bytes of every file's content: first, last and one between."""
    rand = Random(6)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for it in opened.infolist():
            begin = archive.index(opened.read(it), it.header_offset)
            for place in {begin, begin + it.file_size - 1, begin + rand.randrange(it.file_size)}:
                said = "\n".join(faults(_flipped(archive, place, 1 << rand.randrange(8))))
                assert it.filename in said or ("清单" in said and it.filename == MANIFEST), (it.filename, place, said)


def _flipped(data: bytes, place: int, bit: int) -> bytes:
    return data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]


@pytest.mark.parametrize("name", ["record.docx", "timeline.csv", "log.jsonl", "statements/D1-v2.md"])
def test_a_changed_file_is_named(archive: bytes, name: str) -> None:
    inside = files(archive)
    place = archive.index(inside[name]) + len(inside[name]) // 2
    (fault,) = faults(_flipped(archive, place, 1))
    assert fault.startswith(f"改动：{name}（")


def relaid(archive: bytes, change: Callable[[list[tuple[str, bytes]]], None]) -> list[str]:
    """What is found after somebody packed the files anew, well formed, but changed."""
    inside = list(files(archive).items())
    change(inside)
    return faults(lay(inside, AT))


def test_what_was_removed_added_renamed_or_moved_is_named(archive: bytes) -> None:
    names = list(files(archive))
    at = names.index("timeline.csv")
    assert relaid(archive, lambda f: f.pop(at)) == ["缺失：timeline.csv"]
    assert relaid(archive, lambda f: f.insert(3, ("new.txt", b"x"))) == ["多出：'new.txt'"]
    assert relaid(archive, lambda f: f.__setitem__(at, ("other.csv", f[at][1]))) == ["改名：timeline.csv 变成了 'other.csv'"]
    assert relaid(archive, lambda f: f.insert(2, f.pop(at))) == ["顺序变了：从 timeline.csv 起与清单不同"]


def test_a_manifest_that_was_worked_on_is_named_by_its_line(archive: bytes) -> None:
    def lines(change: Callable[[list[bytes]], Any]) -> list[str]:
        def worked(inside: list[tuple[str, bytes]]) -> None:
            rows = inside[-1][1].splitlines(keepends=True)
            change(rows)
            inside[-1] = (MANIFEST, b"".join(rows))

        return relaid(archive, worked)

    assert any("清单第4行" in fault for fault in lines(lambda rows: rows.__setitem__(3, rows[3].replace(b'"n":3', b'"n":9'))))
    assert any("接不上" in fault for fault in lines(lambda rows: rows.pop(4)))
    assert any("接不上" in fault for fault in lines(lambda rows: rows.insert(3, rows.pop(5))))
    assert "清单末行缺失" in lines(lambda rows: rows.pop())
    assert any("清单末尾" in fault for fault in lines(lambda rows: rows.append(b"{}")))


@pytest.mark.parametrize("junk", [b"", b"PK", b"not an archive", b"PK\x03\x04" + bytes(40), b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_of_ours_is_said_to_be_none(junk: bytes) -> None:
    assert any("找不到清单" in fault for fault in faults(junk))


@given(st.binary(max_size=300))
def test_no_bytes_break_the_check(data: bytes) -> None:
    assert faults(data)


def test_half_a_character_in_the_manifest_is_a_fault_and_no_crash(archive: bytes) -> None:
    rows = files(archive)
    rows[MANIFEST] = rows[MANIFEST].replace(b"record.md", b"record\\udf08", 1)
    assert rows[MANIFEST] != files(archive)[MANIFEST]
    assert any("清单" in fault for fault in faults(lay(list(rows.items()), AT, zipfile.ZIP_STORED)))


def test_bytes_before_and_behind_are_found(archive: bytes) -> None:
    assert faults(archive + b"\n")
    assert faults(b"\n" + archive)
    assert faults(archive[:-1])


def test_personal_numbers_are_masked_and_secrets_hidden_in_every_file(archive: bytes) -> None:
    for name, data in files(archive).items():
        text = _words_of(data) if name.endswith(".docx") else data.decode()
        assert "13812345678" not in text, name
        assert SECRET not in text, name
    assert "138****5678" in files(archive)["record.md"].decode().replace("\\", "")
    assert HIDDEN in files(archive)["mentions.csv"].decode()


def _words_of(data: bytes) -> str:
    paper = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in paper.paragraphs), *cells])


def test_a_statement_is_set_as_a_company_sends_it_out(archive: bytes) -> None:
    paper = docx.Document(io.BytesIO(files(archive)["statements/D1-v2.docx"]))
    title, body, company, day = [p for p in paper.paragraphs if p.text]
    assert title.text == "关于鲜牛奶异物反映的说明"
    assert body._p.pPr.ind.get("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}firstLineChars") == "200"
    assert (company.text, day.text) == ("晨露乳业有限公司", "2026年12月3日")
    assert "PAGE" in paper.sections[0].footer._element.xml
    assert "不得外传" not in paper.sections[0].header._element.xml


def test_questions_and_answers_have_a_title_of_their_own() -> None:
    tables = dict(record().tables)
    tables["drafts"] = [tables["drafts"][0] | {"type": "media_qa"}]
    tables["versions"] = [row | {"text": "问：怎么赔？\n答：退款。\n问：原因呢？\n答：还在查。"} for row in tables["versions"]]
    made = export.archive(record(tables=tables), "", company="晨露乳业有限公司", at=AT, by="陈总")
    paper = docx.Document(io.BytesIO(files(made)["statements/D1-v2.docx"]))
    assert [p.text for p in paper.paragraphs] == ["媒体问答口径", "问：怎么赔？", "答：退款。", "问：原因呢？", "答：还在查。"]
    assert [p.paragraph_format.space_before.pt for p in paper.paragraphs[1:]] == [0, 0, 12, 0]


def test_an_unreleased_statement_says_so_on_every_page() -> None:
    tables = record().tables | {"drafts": [record().rows("drafts")[0] | {"state": "review"}]}
    made = export.archive(record(tables=tables), "", company="晨露乳业有限公司", at=AT, by="陈总")
    paper = docx.Document(io.BytesIO(files(made)["statements/D1-v2.docx"]))
    assert "未发布，不得外传" in paper.sections[0].header.paragraphs[0].text


def test_the_sign_off_sheet_names_who_signed_which_text(archive: bytes) -> None:
    words = _words_of(files(archive)["signoff/D1-v2.docx"])
    for part in ("法务", "何静", "v2·2464", "24646fed" + "0" * 56, "微博", "https://example.com/1", "旧版，已被替换"):
        assert part in words


def test_the_timeline_has_both_orders(archive: bytes) -> None:
    def whats(name: str) -> list[str]:
        return [row[3] for row in csv.reader(io.StringIO(files(archive)[name].decode("utf-8-sig")))][1:]

    happened, written = whats("timeline.csv"), whats("timeline-recorded.csv")
    assert sorted(happened) == sorted(written)
    assert happened[0] == "记事实：批次MA0423含封口胶条"
    assert written[0].startswith("微博首帖")


def test_a_database_without_some_tables_still_gives_an_archive() -> None:
    made = export.archive(record(tables={}, mentions=[], log=[]), "", company="晨露", at=AT, by="陈总")
    assert faults(made) == []
    assert "statements/" not in " ".join(files(made))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1", "|calc", "%00"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text).startswith("'")


@given(st.text())
def test_no_text_makes_a_formula_or_a_second_line(text: str) -> None:
    shown = cell(text)
    assert not shown.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"))
    assert "\n" not in shown


@given(st.text())
def test_cleaning_keeps_out_control_and_direction_characters_and_the_secret(text: str) -> None:
    shown = cleaner(["tok-en-1"])(f"{text}tok-en-1\u202e\x1b[31m")
    assert "tok-en-1" not in shown
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)


@given(st.text())
def test_markdown_of_outside_words_is_words(text: str) -> None:
    assert not re.search(r"(?<!\\)(?:\\\\)*[<\[*`#|]", _plain(text))


def test_a_number_is_not_parted_at_the_end_of_a_line_and_a_statement_stays_as_signed(archive: bytes) -> None:
    sheet = docx.Document(io.BytesIO(files(archive)["record.docx"]))
    words = "\n".join(p.text for p in sheet.paragraphs) + _words_of(files(archive)["record.docx"])
    assert "12\u2060月\u20603\u2060日" in words
    assert "https://example.com/1" in _words_of(files(archive)["signoff/D1-v2.docx"]), "what people copy has no joiner in it"
    statement = files(archive)["statements/D1-v2.docx"]
    assert "\u2060" not in _words_of(statement)
    with zipfile.ZipFile(io.BytesIO(statement)) as parts:
        assert 'w:val="en-US"' in parts.read("word/styles.xml").decode(), (
            "digits are no Chinese, so LibreOffice keeps them whole"
        )
        assert "noLineBreaksBefore" in parts.read("word/settings.xml").decode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("封存1,420箱", "封存1,420|箱"),
        ("12月3日16:00", "12|月|3|日16:00"),
        ("电话400-000-0000", "电话400|-|000|-|0000"),
        ("MA0423-7箱", "MA0423-7箱"),
        ("https://x.example/2026-12-3", "https://x.example/2026-12-3"),
        ("回执 2026-0415", "回执 2026-0415"),
    ],
)
def test_where_joiners_stand(text: str, shown: str) -> None:
    assert joined(text).replace("\u2060", "|") == shown


VERB_AT = {
    ("journal", "act"): 1, ("statements", "change"): 2, ("publications", "change"): 2, ("incidents", "change"): 2,
    ("work", "change_task"): 2, ("voice", "change"): 3, ("voice", "add"): 2,
}  # fmt: skip
"""Which argument of a writing function is the verb of the log."""


def _verbs_written() -> set[str]:
    """Every verb that the source writes into the log as a literal."""
    found = set()
    root = Path(__file__).parent.parent
    for file in [*(root / "bot").rglob("*.py"), *(root / "handlers").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            at = VERB_AT.get((getattr(node.func.value, "id", ""), node.func.attr))
            arguments = node.args[at : at + 1] if at else []
            found |= {a.value for a in arguments if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return found


def test_every_verb_of_the_log_reads_as_chinese_in_the_timeline() -> None:
    verbs = _verbs_written()
    assert len(verbs) > 90
    assert not {verb for verb in verbs if verb not in VERBS}
    assert all(not re.search("[a-z]", words) for words in VERBS.values())


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("关于鲜牛奶异物反映的说明", "关于鲜牛奶异物反映的说明"),
        ("晨露乳业股份有限公司关于奶粉批次MA0423有异味的情况说明", "晨露乳业股份有限公司\n关于奶粉批次MA0423有异味的情况说明"),
    ],
)
def test_a_long_title_is_broken_behind_the_companys_name(title: str, shown: str) -> None:
    assert headline(title) == shown


def test_a_line_of_the_timeline_names_its_object_and_speaks_chinese() -> None:
    signed = {"draft": 1, "version": 2, "sha256": "7f3a00", "role": "legal", "person": "何静", "recorder": "李雷"}

    def act(verb: str, why: str, note: dict[str, Any], *writes: tuple[str, int, dict[str, Any]]) -> str:
        body = {"note": note, "writes": [{"table": table, "id": id, "values": values} for table, id, values in writes]}
        row = {
            "seq": 1,
            "at": "2026-12-03T02:00:00Z",
            "by": "望楼",
            "verb": verb,
            "why": why,
            "body": body,
            "prev": "",
            "hash": "",
        }
        hearing = {"id": 3, "audience": "harmed"}
        out = {"id": 4, "draft": 1, "channel": "website", "released_at": None}
        it = record(
            mentions=[], log=[row], tables={"hearings": [hearing], "publications": [out], "signatures": [{"id": 9, **signed}]}
        )
        (event,) = events(it)
        return f"{event.what}|{event.ref}"

    assert act("sign", "", {}, ("signatures", 9, signed)) == "签字：v2·7F3A 法务（李雷代录）|D1"
    assert act("audience_missed", "", {}, ("hearings", 3, {"state": "missed"})) == "受众漏告知：受影响者和家属|记录1"
    assert (
        act("page_read", "now differs", {}, ("publications", 4, {"compared": "differs"}))
        == "核对已发页面：官网 与签批文本不一致|D1"
    )
    assert act("taken_down", "数字写错", {}, ("publications", 4, {"state": "taken_down"})) == "撤下：官网：数字写错|D1"
    assert act("plan_started", "started", {}) == "启动预案|记录1"
    assert act("briefed", "graded", {"person": "陈总"}) == "已报：陈总，定级|记录1"
    assert act("shown", "", {}, ("shown", 1, {"draft": 1, "version": 2, "person": "何静"})) == "送签：v2 给何静|D1"
