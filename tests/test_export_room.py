"""An export asked for in the chat or at the command line, and the check of it, from the asking to the file."""

from __future__ import annotations

import io
import re
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bot import export
from bot.cli import main
from bot.errors import WanglouError
from bot.exporting import Exporting
from bot.store import outbox, record
from tests.conftest import CONFIG, Room


@pytest.fixture
def exporting(room: Room, tmp_path: Path) -> Exporting:
    return Exporting(room.store, room.house, tmp_path / "exports", room.clock, ["secret-of-ours"])


async def asked(room: Room, by: str = "陈总") -> str:
    """Somebody asks and confirms; the answer."""
    said = await room.say("导出 #1", by=by)
    code = re.search(r"确认 ([0-9A-F]{4})", said)
    assert code, said
    return await room.say(f"确认 {code[1]}", by=by)


async def test_the_commander_gets_the_archive_in_private_after_a_code(room: Room, exporting: Exporting, tmp_path: Path) -> None:
    await room.open_incident(owner="李雷")
    assert "稍后发到你的私信" in await asked(room)
    await exporting.run_waiting()
    await room._collect()
    (said,) = room.expect(("@陈总", "的档案已备好"))
    row = outbox.get(room.db, said.id)
    assert row
    (file,) = row.post.files
    assert export.verify(file.data).faults == []
    (path,) = (tmp_path / "exports").iterdir()
    assert path.read_bytes() == file.data
    assert (path.name, stat.S_IMODE(path.stat().st_mode)) == (file.name, 0o600)
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        assert "牛奶" in archive.read("record.md").decode()
    await exporting.run_waiting()
    await room._collect()


async def test_nobody_else_may_and_a_wrong_code_gives_nothing(room: Room, exporting: Exporting) -> None:
    await room.open_incident()
    assert "可以的是：指挥、法务" in (await room.say("导出 #1", by="李雷")).replace("法务、指挥", "指挥、法务")
    await room.say("导出 #1", by="何静")
    assert "没有等你确认" in await room.say("确认 ZZZZ", by="何静")
    assert "请带上码" in await room.say("确认", by="何静")
    assert await room.store.read(record.waiting) == []


async def test_a_code_of_another_asking_is_worth_nothing(room: Room) -> None:
    await room.open_incident()
    first = re.search(r"确认 ([0-9A-F]{4})", await room.say("导出 #1", by="陈总"))
    second = re.search(r"确认 ([0-9A-F]{4})", await room.say("导出 #1", by="陈总"))
    assert first
    assert second
    if first[1] != second[1]:
        assert "没有等你确认" in await room.say(f"确认 {first[1]}", by="陈总")


@pytest.mark.parametrize("code", ["C8F3", "9F12", "F123", "D123", "0012"])
async def test_a_code_that_looks_like_a_fact_is_a_code_while_its_act_waits(room: Room, code: str) -> None:
    await room.open_incident()
    assert "没有等你确认" not in await room.say("导出 #1", by="陈总")
    await room.store.run(lambda db: db.conn.execute("UPDATE pending SET code = ?", (code,)))
    assert "稍后发到你的私信" in await room.say(f"@望楼 确认 {code}", by="陈总")


async def test_an_export_cut_off_by_a_crash_is_made_at_the_next_start_and_sent_once(
    room: Room, exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    await room.open_incident()
    await asked(room)

    def crash(*_: Any, **__: Any) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(export, "archive", crash)
        (job,) = await room.store.read(record.waiting)
        with pytest.raises(KeyboardInterrupt):
            await exporting._make(job)
    assert len(await room.store.read(record.waiting)) == 1
    await exporting.run_waiting()
    await room._collect()
    room.expect(("@陈总", "已备好"))


async def test_one_that_fails_is_said_to_who_asked(room: Room, exporting: Exporting, monkeypatch: pytest.MonkeyPatch) -> None:
    await room.open_incident()
    await asked(room)

    def broken(*_: Any, **__: Any) -> bytes:
        raise WanglouError("磁盘满了")

    monkeypatch.setattr(export, "archive", broken)
    await exporting.run_waiting()
    await room._collect()
    room.expect(("@陈总", "没有导出成功：磁盘满了"))


async def test_the_record_says_who_took_it_out_and_what_left(room: Room, exporting: Exporting) -> None:
    await room.open_incident()
    await asked(room)
    await exporting.run_waiting()
    await room._collect()
    (said,) = room.ignore()
    verbs = [row["verb"] for row in record.read(room.db, 1).log]
    assert verbs[-2:] == ["export", "export_done"]
    note = record.read(room.db, 1).log[-1]["body"]["note"]
    assert note["sha256"] in said.text
    assert note["person"] == "陈总"


async def test_the_command_line_exports_while_the_house_is_open_and_checks_offline(
    room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await room.open_incident()
    path = tmp_path / "wanglou.toml"
    path.write_text(re.sub(r'data_dir = ".*?"', f'data_dir = "{room.config.data_dir}"', CONFIG.read_text("utf-8")), "utf-8")
    assert main(["export", "1", "--out", str(tmp_path / "out"), "-c", str(path)]) == 0
    (made,) = (tmp_path / "out").iterdir()
    assert str(made) in capsys.readouterr().out
    assert main(["evidence", "verify", str(made)]) == 0
    assert "档案完好" in capsys.readouterr().out

    data = bytearray(made.read_bytes())
    data[data.index('"编号","发布'.encode()) + 1] ^= 1
    made.write_bytes(data)
    assert main(["evidence", "verify", str(made)]) == 1
    assert "改动：mentions.csv" in capsys.readouterr().err

    assert main(["export", "99", "--out", str(tmp_path / "out"), "-c", str(path)]) == 1
    assert "没有 #99" in capsys.readouterr().err
    assert main(["evidence", "verify", str(tmp_path / "nothing.zip")]) == 2
