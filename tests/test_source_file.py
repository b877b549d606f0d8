"""A folder of exports: what is taken when, and what becomes of bad lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.errors import SourceError
from bot.model.mention import Tier
from bot.model.options import read_options
from bot.model.source import Common
from bot.sources import file

NOW = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)


class Folder:
    """A source over a folder, and the state that is stored after each poll."""

    def __init__(self, path, **options):
        self.path, self.state = path, {}
        common = read_options(Common, {"name": "导出", "kind": "file", "tier": "C", "platform": "小红书"}, "sources.导出")
        self.source = file.Source("导出", common, file.Options(folder=str(path), **options), None)

    async def poll(self, stored=True):
        got = await self.source.poll(self.state, NOW)
        if stored:
            self.state = json.loads(json.dumps(got.state))
        return got

    async def words(self):
        return [m.words for m in (await self.poll()).mentions]


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


async def test_a_half_written_file_is_left_alone(folder):
    path = folder.path / "a.jsonl"
    path.write_text('{"text": "第一条"}\n{"text": "第')
    assert await folder.words() == []
    path.write_text('{"text": "第一条"}\n{"text": "第二条"}\n')
    assert await folder.words() == []
    assert await folder.words() == ["第一条", "第二条"]


async def test_a_file_is_moved_away_only_after_it_was_stored(folder):
    path = folder.path / "a.jsonl"
    path.write_text('{"id": 1, "text": "漏奶"}\n')
    await folder.poll()
    lost = await folder.poll(stored=False)
    assert [m.key for m in lost.mentions] == ["1"]
    again = await folder.poll()
    assert [m.key for m in again.mentions] == ["1"]
    assert path.exists()
    await folder.poll()
    assert not path.exists()
    assert (folder.path / "done" / "a.jsonl").exists()
    assert folder.state == {"files": {}}


async def test_a_second_file_of_the_same_name_takes_no_other_s_place(folder):
    for words in ("上午", "下午"):
        (folder.path / "a.jsonl").write_text(json.dumps({"text": words}))
        await folder.poll()
        assert await folder.words() == [words]
        await folder.poll()
    assert sorted(p.read_text() for p in (folder.path / "done").iterdir()) == [
        '{"text": "\\u4e0a\\u5348"}',
        '{"text": "\\u4e0b\\u5348"}',
    ]


async def test_a_kept_file_is_read_once_and_what_is_added_once_more(tmp_path):
    folder = Folder(tmp_path, keep=True)
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "一"}\n')
    await folder.poll()
    assert await folder.words() == ["一"]
    assert await folder.words() == []
    with path.open("a") as end:
        end.write('{"text": "二"}\n')
    assert await folder.words() == []
    assert await folder.words() == ["二"]


async def test_a_kept_file_written_anew_is_read_from_its_start(tmp_path):
    folder = Folder(tmp_path, keep=True)
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "昨天的"}\n')
    await folder.poll()
    await folder.poll()
    path.write_text('{"text": "今天的"}\n{"text": "还有一条"}\n')
    await folder.poll()
    assert await folder.words() == ["今天的", "还有一条"]


async def test_a_bad_line_is_named_by_number_and_skipped(folder):
    (folder.path / "a.jsonl").write_text(
        '{"text": "好"}\nnot json\n\n[1]\n{"tier": "C"}\n{"text": "也好", "likes": NaN}\n{"text": "末"}'
    )
    await folder.poll()
    got = await folder.poll()
    assert [m.text for m in got.mentions] == ["好", "末"]
    assert "a.jsonl 第2行" in got.note
    assert "第4行：应为一个 JSON 对象" in got.note
    assert "第5行：text、title 至少要有一个" in got.note
    assert "第6行：不接受 NaN" in got.note
    assert got.degraded == "6 行有 4 行不合格"
    assert (await folder.poll()).degraded == "6 行有 4 行不合格"
    (folder.path / "b.jsonl").write_text('{"text": "好"}')
    await folder.poll()
    assert (await folder.poll()).degraded == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_table_is_read_by_its_header_in_any_chinese_encoding(folder, encoding):
    table = 'id,title,text,author,published,likes,备注\n7,漏奶,"两行\n文字，带逗号",小林,2026-06-30 09:30,1.2万,=HYPERLINK("x")\n\n8,,=1+1,,,,\n'
    (folder.path / "t.csv").write_bytes(table.encode(encoding))
    await folder.poll()
    first, second = (await folder.poll()).mentions
    assert (first.key, first.title, first.text, first.likes) == ("7", "漏奶", "两行\n文字，带逗号", 12_000)
    assert first.published == datetime(2026, 6, 30, 1, 30, tzinfo=UTC)
    assert (first.tier, first.platform, first.extra) == (Tier.C, "小红书", {"备注": '=HYPERLINK("x")'})
    assert (second.key, second.text) == ("8", "=1+1")


async def test_a_row_with_too_many_cells_is_named(folder):
    (folder.path / "t.csv").write_text("id,text\n1,好\n2,坏,多\n3,好\n4,好\n5,好\n")
    await folder.poll()
    got = await folder.poll()
    assert [m.key for m in got.mentions] == ["1", "3", "4", "5"]
    assert got.note == "t.csv 第3行：有 3 列，表头只有 2 列"
    assert got.degraded == ""


async def test_a_gb18030_character_cut_by_the_sample_is_no_reason_to_misread_utf8(folder):
    lines = "".join(json.dumps({"text": f"盖子松{n}"}, ensure_ascii=False) + "\n" for n in range(4_000))
    (folder.path / "big.jsonl").write_text(lines)
    await folder.poll()
    got = await folder.poll()
    assert len(got.mentions) == 2_000
    assert got.more
    assert got.mentions[-1].text == "盖子松1999"
    rest = await folder.poll()
    assert (rest.mentions[0].text, rest.mentions[-1].text, rest.more) == ("盖子松2000", "盖子松3999", False)


async def test_a_long_table_goes_on_where_it_stopped(folder):
    rows = "".join(f'{n},"第{n}条\n第二行"\n' for n in range(3_000))
    (folder.path / "big.csv").write_bytes(("id,text\n" + rows).encode("gb18030"))
    await folder.poll()
    keys = [m.key for _ in range(2) for m in (await folder.poll()).mentions]
    assert keys == [str(n) for n in range(3_000)]


async def test_a_line_without_end_is_named_and_does_not_fill_the_memory(folder):
    (folder.path / "a.jsonl").write_bytes(b'{"text": "' + b"x" * 3_000_000 + b'"}\n{"text": "danach"}\n')
    await folder.poll()
    got = await folder.poll()
    assert [m.text for m in got.mentions] == ["danach"]
    assert "第1行" in got.note


async def test_other_files_are_nobody_s_business(folder):
    (folder.path / "notes.txt").write_text("{}")
    (folder.path / "b.jsonl.part").write_text('{"text": "x"}')
    (folder.path / "c.jsonl").mkdir()
    await folder.poll()
    assert await folder.words() == []


async def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(SourceError, match="读不了文件夹"):
        await Folder(tmp_path / "fehlt").poll()
