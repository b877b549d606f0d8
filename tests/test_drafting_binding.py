"""Every number, date, place, batch and name of a clause rests on a confirmed fact, or is reported: measured on clauses written for it."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.drafting.binding import Known, bind
from bot.drafting.book import shipped

TODAY = date(2026, 12, 3)
GIVEN = ("晨露乳业", "晨露", "2026年12月3日")
TABLE = tomllib.loads((Path(__file__).parent / "drafting_clauses.toml").read_text("utf-8"))
CLAUSES = [(group["facts"], row) for group in TABLE["group"] for row in group["clauses"]]


def unbound(text: str, facts: list[str]) -> list[str]:
    known = [Known(n, *reversed(line.split("|", 1))) for n, line in enumerate(facts, 1)]  # type: ignore[arg-type]
    return [f.words for f in bind(text, known, given=GIVEN, today=TODAY, places=shipped().places).unbound]


@pytest.mark.parametrize(("facts", "row"), CLAUSES, ids=[row["text"][:14] for _, row in CLAUSES])
def test_what_no_confirmed_fact_carries_is_reported_and_nothing_else(facts: list[str], row: dict[str, Any]) -> None:
    assert unbound(row["text"], facts) == row["unbound"]


@pytest.mark.parametrize("state", ["unverified", "refuted", "retracted"])
def test_a_fact_that_is_not_confirmed_binds_nothing(state: str) -> None:
    for facts, row in CLAUSES:
        weak = [line.replace("confirmed|", f"{state}|") for line in facts]
        assert set(row["unbound"]) <= set(unbound(row["text"], weak))
    assert unbound("就诊1例。", [f"{state}|就诊1例，情况稳定"]) == ["1例"]


def test_there_are_enough_clauses_to_say_so() -> None:
    assert len(CLAUSES) >= 75
    assert sum(not row["unbound"] for _, row in CLAUSES) >= 25
