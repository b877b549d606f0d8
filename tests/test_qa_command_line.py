"""The front door: whatever is wrong is one line on stderr that names it, and the exit code says whose fault it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import main

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
