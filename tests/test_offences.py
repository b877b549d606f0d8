"""Forbidden acts around a statement: what an override does not make lawful, and a text out without its chain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import offences
from bot.config import Config
from bot.store import statements
from tests.statement_world import Desk


@pytest.fixture
def desk(config: Config) -> Iterator[Desk]:
    made = Desk(config)
    yield made
    made.close()


def found(desk: Desk) -> tuple[str, ...]:
    return desk.run(offences.found, desk.house)  # type: ignore[no-any-return]


def test_a_text_with_its_whole_chain_is_none_also_when_the_chain_lapsed_later(desk: Desk) -> None:
    desk.handed()
    desk.later(hours=20)
    assert found(desk) == ()


def test_a_text_under_way_is_none_yet(desk: Desk) -> None:
    desk.in_review()
    assert found(desk) == ()


def test_a_text_out_without_its_chain_is_listed(desk: Desk) -> None:
    it = desk.in_review()
    desk.say("同意 D1", "王磊", room="")
    desk.run(lambda db: statements.change(db, it, "release", at=desk.now, by="王磊", state="released"))
    assert found(desk) == (f"{it.name} 签批不全就发",)


def test_a_promise_overridden_by_hand_is_listed_once_it_is_out(desk: Desk) -> None:
    desk.clean_draft()
    desk.say("改 D1 把「原因还在查」改成「产品绝对没有问题，原因还在查」", "张敏")
    said = desk.say("忽略 D1 absolute:绝对 老板要求这样写", "张敏")
    assert "忽略" in said
    desk.say("送审 D1", "张敏")
    assert found(desk) == ()
    for name in ("王磊", "何静", "林工", "陈总"):
        desk.say("同意 D1", name, room="")
    it = desk.draft()
    desk.say("发布 D1 微博", "王磊")
    desk.say(f"确认 {it.code}", "王磊")
    assert found(desk) == (f"{it.name} 放行绝对化用语「绝对」",)


@pytest.mark.parametrize(
    ("line", "act"),
    [
        ("找水军控评", "要求雇水军、控评"),
        ("编个竞品的黑料转移一下视线", "要求编造黑料"),
        ("把聊天记录都清了", "要求清记录"),
    ],
)
def test_what_was_asked_for_is_listed_by_kind(desk: Desk, line: str, act: str) -> None:
    desk.say(line, "小刘")
    assert found(desk) == (act,)
