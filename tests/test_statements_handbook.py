"""The handbook's tables of statements, row by row: what each type must say, and what the record fills (domain handbook 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from time import perf_counter

import pytest

from bot.config import Config
from bot.drafting.book import shipped
from bot.drafting.kinds import KINDS, NEVER_WAIVED
from bot.drafting.linter import Around, lint
from bot.drafting.templates import BLANK_MARK
from bot.store import work
from tests.conftest import THREE_COMPLAINTS, Room
from tests.statement_world import Desk
from tests.test_drafting_linter import ROWS, read

TABLE = {
    "holding": "E02 E03 E06 E09 E14 E13 E18",
    "situation_notice": "E01 E02 E03 E04 E05 E09 E10 E13 E14 E18",
    "apology": "E01 E02 E04 E06 E07 E08 E09 E10 E11 E13 E18",
    "rumor_rebuttal": "E01 E02 E16 E15 E04 E17 E18",
    "progress_update": "E01 E02 E04 E09 E10 E14 E18",
    "recall_notice": "E01 E02 E23 E24 E05 E22 E12 E11 E13 E19 E18",
    "breach_notice": "E02 E20 E21 E22 E09 E12 E13 E18",
    "staff_letter": "E03 E04 E06 E09 E10 E25 E13 E18",
    "partner_letter": "E02 E04 E05 E09 E26 E13 E14 E18",
    "investor_notice": "E01 E27 E16 E28 E04 E15 E18",
    "media_qa": "E29",
}
FILLED = {
    "首发": (), "情况说明": ("facts", "open", "task"), "致歉": ("facts", "task"), "辟谣": ("open",), "进展通报": ("facts", "task"),
    "召回公告": (), "泄露告知": ("task",), "员工信": ("facts", "open", "task"), "合作伙伴信": ("facts", "task"), "投资者公告": ("facts",),
    "媒体问答": (),
}  # fmt: skip
"""What a draft of each type takes from the record besides our own name."""


@pytest.fixture
def desk(config: Config) -> Iterator[Desk]:
    made = Desk(config)
    yield made
    made.close()


def test_the_types_and_their_elements_are_the_handbooks() -> None:
    assert {kind.key: set(kind.required) for kind in KINDS.values()} == {kind: set(row.split()) for kind, row in TABLE.items()}
    assert {"E20", "E21", "E22", "E27", "E28"} == NEVER_WAIVED


@pytest.mark.parametrize("kind", TABLE)
def test_each_element_is_missed_where_it_is_not_and_found_where_it_is(kind: str) -> None:
    around = Around(shipped(), ("晨露乳业",), "400-000-0000", [], (), date(2026, 12, 3))
    assert {f.code for f in lint("好。", kind, around).findings if f.family == "missing"} == {
        f"missing:{code}" for code in TABLE[kind].split()
    }
    good = [row for row in ROWS if row["type"] == kind and not row["expect"] and not row.get("form")]
    assert good, f"no good text of {kind}"
    for row in good:
        assert not [f.code for f in read(row).findings if f.family == "missing"], row["id"]


@pytest.mark.parametrize("words", FILLED)
def test_a_draft_of_every_type_is_filled_from_the_record_and_shows_its_blanks(desk: Desk, words: str) -> None:
    desk.run(
        lambda db: work.add_fact(
            db, incident=1, text="门店冷柜断过电", state="unverified", source="", by="小刘", at=desk.now, judged_by=""
        )
    )
    said = desk.say(f"起草{words} #1", "陈总")
    assert said.startswith("D1 v1")
    text = desk.draft().text

    held = {"facts": "就诊1例，情况稳定" in text, "open": "门店冷柜断过电" in text, "task": "封存留样" in text}
    if words == "首发":
        assert held["task"], "what was done is all that a first statement may say"
        held["task"] = False
    assert {key for key, there in held.items() if there} == set(FILLED[words])
    assert "{{" not in text
    assert BLANK_MARK.search(text)
    assert "没填「" in said
    assert words == "媒体问答" or "晨露乳业" in text


def test_the_promised_next_word_stands_in_the_next_draft(desk: Desk) -> None:
    desk.handed("微博")
    desk.say("已发 D1 https://weibo.example/1", "苏琴")
    desk.say("起草情况说明 #1", "王磊")
    assert "下一次通报时间：12月3日18:00" in desk.draft(2).text


async def test_the_first_holding_draft_stands_two_commands_after_the_alert(room: Room) -> None:
    await room.hear_of(*THREE_COMPLAINTS)
    await room.say("认领 #1", by="李雷")
    began = perf_counter()
    said = await room.say("起草首发 #1", by="张敏")
    took = perf_counter() - began
    assert re.match(r"D1 v1 首发：", said)
    assert took < 2.0
    room.ignore()
