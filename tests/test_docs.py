"""Docs are tested like code: each command has help and stands in the README, the README's links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import _parser
from bot.commands import help_of, load_handlers

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")


def commands() -> list[str]:
    actions = [action for action in _parser()._actions if action.choices]
    return sorted(str(name) for name in actions[0].choices or ())


def test_every_chat_command_has_one_line_of_help() -> None:
    for name, handler in load_handlers().items():
        assert 4 <= len(help_of(handler)) <= 120, name


@pytest.mark.parametrize("name", READMES)
def test_every_cli_command_stands_in_the_readme(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert [c for c in commands() if f"wanglou {c}" not in text and c != "run"] == []


@pytest.mark.parametrize(
    "name", [*READMES, "CONTRIBUTING.md", "docs/design.md", "docs/wecom.md", "docs/dingtalk.md", "docs/model.md"]
)
def test_every_local_link_leads_somewhere(name: str) -> None:
    path = ROOT / name
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), f"{name}: {target}"


def test_both_readmes_show_the_same_pictures_and_sections() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in READMES)

    assert re.findall(r"docs/images/\S+(?=\))", english) == re.findall(r"docs/images/\S+(?=\))", chinese)
    assert english.count("\n## ") == chinese.count("\n## ")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "bot", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    mention = tmp_path / "m.jsonl"
    mention.write_text('{"text": "晨露的牛奶太难喝了，差评"}\n', "utf-8")
    (tmp_path / "line.txt").write_text("认领 #1\n", "utf-8")

    assert "ok" in run("check").stdout
    assert '"rules": ["晨露"]' in run("analyze", str(mention)).stdout
    assert '"intent": "claim"' in run("understand", str(tmp_path / "line.txt")).stdout
    assert "#1" in run("replay", "demo").stdout


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(("nonsense",), 2), (("check", "-c", "missing.toml"), 2), (("analyze", "missing.jsonl"), 2), (("replay", "missing"), 2)],
)
def test_wrong_arguments_end_with_two_and_one_line(arguments: tuple[str, ...], status: int) -> None:
    done = run(*arguments)

    assert done.returncode == status
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
