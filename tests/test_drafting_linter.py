"""The linter, measured on texts written for it: what it must find, and what it must leave alone."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.drafting.binding import Known
from bot.drafting.book import shipped
from bot.drafting.conflicts import Other
from bot.drafting.linter import Around, Lint, lint

FIRST, LATER = (
    tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))
    for name in ("drafting_texts", "drafting_texts_later")
)
FACTS = {**FIRST["facts"], **LATER["facts"]}
TEXTS = FIRST["text"] + LATER["text"]
COMPANIES = {
    "food": "晨露乳业", "data": "云栈出行", "labor": "恒启物流", "stock": "榕川科技", "fire": "恒启物流", "dish": "云栈食堂",
    "app": "云栈出行", "toy": "晨露乐园", "exec": "榕川科技", "fin": "榕川科技", **LATER["company"],
}  # fmt: skip
GIVEN = ("12月3日09:48", "12月3日10:20", "2026年12月3日", "王磊", "林工", "小刘", "何静")


def _whole(row: dict[str, Any]) -> dict[str, Any]:
    """A text with its base's type and facts, and the passages replaced."""
    if "base" not in row:
        return row
    base = _whole(next(r for r in TEXTS if r["id"] == row["base"]))
    text = base["text"]
    for old, new in row.get("put", []):
        assert old in text, f"{row['id']}: {old!r} is not in {row['base']}"
        text = text.replace(old, new)
    return {**base, **row, "text": text}


ROWS = [_whole(row) for row in TEXTS]


def read(row: dict[str, Any]) -> Lint:
    facts = [Known(n, *reversed(line.split("|"))) for n, line in enumerate(FACTS[row["facts"]], 1)]  # type: ignore[arg-type]
    others = [Other(name, text) for name, text in row.get("others", [])]
    company = (COMPANIES[row["facts"]],)
    around = Around(
        shipped(), company, "400-000-0000（9:00–21:00）", facts, (*GIVEN, *row.get("given", [])), date(2026, 12, 3), others
    )
    return lint(row["text"], row["type"], around, row.get("form", ""))


def met(wanted: str, codes: set[str]) -> bool:
    return any(code == wanted or code.startswith(f"{wanted}:") for code in codes)


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_linter_finds_what_is_wrong_and_nothing_else(row: dict[str, Any]) -> None:
    codes = {f.code for f in read(row).findings}
    missed = [want for want in row["expect"] if not met(want, codes)]
    false = [code for code in codes if not any(code == want or code.startswith(f"{want}:") for want in row["expect"])]

    assert not missed, f"missed {missed}; found {sorted(codes)}"
    assert not false, f"false alarms {false}"


def test_there_are_enough_texts_to_say_so() -> None:
    assert len(ROWS) >= 200
    assert sum(not row["expect"] for row in ROWS) >= 50
