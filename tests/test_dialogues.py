"""How many dialogues there are, counted as a reader would: a story of three turns or more with two people or a timer, each test once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ENOUGH = 150
_WHO = re.compile(r"[^\s：「（按]+")


def dialogues() -> Iterator[tuple[str, list[str]]]:
    """The name of each test that tells a story, and its turns."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for test in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(test, ast.AsyncFunctionDef) and test.name.startswith("test_"):
                told = [line.strip() for text in _stories(test) for line in text.splitlines()]
                if turns := [line for line in told if line and line[0] not in "<["]:
                    yield f"{path.stem}.{test.name}", turns


def _stories(test: ast.AsyncFunctionDef) -> Iterator[str]:
    for call in ast.walk(test):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "story":
            for part in ast.walk(call):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def counts(turns: list[str]) -> bool:
    people = {found[0] for turn in turns if not turn.startswith("+") and (found := _WHO.match(turn))}
    return len(turns) >= 3 and (len(people) >= 2 or any(turn.startswith("+") for turn in turns))


def test_there_are_at_least_a_hundred_and_fifty_dialogues() -> None:
    told = [name for name, turns in dialogues() if counts(turns)]
    assert len(told) >= ENOUGH
    assert len(set(told)) == len(told)


def test_what_counts_as_a_dialogue() -> None:
    assert counts(["李雷：认领", "张敏：定级 黄", "+30分"])
    assert counts(["李雷：认领", "+30分", "+30分"])
    assert not counts(["李雷：认领", "李雷：状态", "李雷：列表"])
    assert not counts(["李雷：认领", "张敏：状态"])
