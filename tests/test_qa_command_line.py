"""The front door: whatever is wrong is one line on stderr that names it, and the exit code says whose fault it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.cli import main
from bot.errors import WanglouError
from bot.keeping import audit_verify, backup, restore
from bot.store import journal
from bot.store.db import Store

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "config.example.toml"


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        ([], "命令"),
        (["fly"], "fly"),
        (["run", "--port", "soon"], "--port"),
        (["replay"], "file"),
        (["analyze", "missing.jsonl"], "missing.jsonl"),
        (["understand", "missing.txt"], "missing.txt"),
        (["replay", "missing.jsonl"], "missing.jsonl"),
        (["import-rules", "missing.txt"], "missing.txt"),
        (["check", "--rules", "missing.txt"], "missing.txt"),
        (["check", "-c", "missing.toml"], "missing.toml"),
        (["restore", "missing.db"], "missing.db"),
    ],
)
def test_wrong_arguments_are_one_line_that_names_them(
    argv: list[str], named: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text("", "utf-8")
    monkeypatch.chdir(tmp_path)
    try:
        code = main(argv)
    except SystemExit as left:
        code = int(str(left.code))

    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert named in said.err


def test_check_finds_an_expression_that_the_source_could_not_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[[sources]]\nname = "接口"\nkind = "json_api"\nurl = "https://example.com/"\nitems = "[["\n', "utf-8")

    assert main(["check", "-c", str(file)]) == 2
    assert "sources.接口.items" in capsys.readouterr().err


def test_check_online_reads_the_feed_of_the_demo(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["check", "--online", "-c", str(EXAMPLE)]) == 0
    assert "ok    信源 演示信源：" in capsys.readouterr().out


@pytest.mark.parametrize("folder", ["file", "file/below", "damaged"])
def test_a_data_folder_that_cannot_be_used_is_named_in_one_line(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "wanglou.db").write_text("this was never a database, and it is long enough" * 40, "utf-8")

    assert main(["run", "-c", str(EXAMPLE), "--port", "0", "--data", str(tmp_path / folder)]) == 2
    said = capsys.readouterr().err
    assert "bot.data_dir" in said
    assert said.count("\n") == 1


def test_a_port_that_cannot_exist_is_named_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "-c", str(EXAMPLE), "--port", "80000", "--data", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "wanglou: --port: 端口应在 1–65535，现为 80000\n"


def test_a_restart_does_not_hide_a_cut_tail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, 3)
    with closing(sqlite3.connect(tmp_path / "wanglou.db")) as thief:
        thief.execute("DROP TRIGGER log_is_append_only_delete")
        thief.execute("DELETE FROM log WHERE seq = 3")
        thief.commit()
    write(tmp_path, 2, verb="other")

    assert audit_verify(tmp_path) == 1
    assert "末尾缺行" in capsys.readouterr().err


def test_a_backup_is_one_file_and_one_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    write(folder, 1)
    (tmp_path / "file").touch()

    assert backup(folder, tmp_path / "out" / "copy.db") == 0
    assert restore(tmp_path / "new", tmp_path / "out" / "copy.db", force=False) == 0
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["copy.db"]
    with pytest.raises(WanglouError, match="--out: .*没有备份成"):
        backup(folder, tmp_path / "file" / "copy.db")


def test_an_audit_of_a_damaged_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "wanglou.db").write_text("this was never a database" * 100, "utf-8")

    with pytest.raises(WanglouError, match="记录读不出来"):
        audit_verify(tmp_path)


def write(folder: Path, rows: int, verb: str = "test") -> None:
    """A store in which so many acts are logged."""
    store = Store(folder)
    store.open()
    for _ in range(rows):
        store.run_now(_something, verb)
    store.close()


def _something(db: Database, verb: str) -> None:
    with journal.act(db, verb, at=datetime(2026, 11, 21, tzinfo=UTC), by="李雷"):
        pass


def test_only_the_owner_can_read_what_lies_in_the_data_folder(tmp_path: Path) -> None:
    write(tmp_path / "data", 1)

    files = list((tmp_path / "data").iterdir())
    assert {"wanglou.db", "wanglou.lock", "audit.head"} <= {file.name for file in files}
    assert [file.name for file in files if file.stat().st_mode & 0o077] == []
