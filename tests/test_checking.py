"""``wanglou check`` says what is off or can't be used before the night it is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import main
from bot.store.db import Store
from tests.conftest import CONFIG


def check(folder: Path, *changes: tuple[str, str]) -> int:
    text = CONFIG.read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    (folder / "c.toml").write_text(text, "utf-8")
    return main(["check", "-c", str(folder / "c.toml")])


def test_a_local_room_that_nobody_could_open_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, ('host = "127.0.0.1"', 'host = "0.0.0.0"')) == 1
    assert "请设 web.local_room_token" in capsys.readouterr().out

    assert check(tmp_path, ('host = "127.0.0.1"', 'host = "0.0.0.0"\nlocal_room_token = "a-long-word"')) == 0


def test_a_model_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model.npz").write_text("no model")

    for name in ("model.npz", "nowhere.npz"):
        assert check(tmp_path, ("[analysis]\n", f'[analysis]\nmodel = "{tmp_path / name}"\n')) == 2
        assert name in capsys.readouterr().err


def test_outside_a_checkout_the_shipped_example_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["check"]) == 0
    assert "config.example.toml" in capsys.readouterr().out


def test_sources_are_tried_while_the_bot_runs_and_its_connections_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CONFIG.read_text("utf-8").replace('data_dir = "data"', f'data_dir = "{tmp_path}"')
    (tmp_path / "c.toml").write_text(text, "utf-8")
    running = Store(tmp_path)
    running.open()

    assert main(["check", "--online", "-c", str(tmp_path / "c.toml")]) == 0
    running.close()
    said = capsys.readouterr().out
    assert "信源 演示信源：" in said
    assert "连着没有看它的 /healthz" in said
