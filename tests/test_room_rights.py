"""State × verb × role, generated from the tables and tried against the real handlers: what is forbidden changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Config, load
from bot.model import incident as model
from bot.model.grade import Grade
from bot.model.incident import BY_VERB, MOVES, State
from bot.model.people import COLUMNS, TABLE, Person, Role, Verdict, right, rights, who_may
from bot.store import incidents
from tests.conftest import CONFIG, Room

TYPED = {
    "claim": "认领 #1",
    "assign": "指派 #1 @小刘",
    "false_alarm": "误报 #1 同名餐馆，与我们无关",
    "grade": "定级 #1 黄",
    "start": "启动 #1",
    "track": "跟踪 #1",
    "resume": "恢复处置 #1",
    "close": "结案 #1 已解决",
    "reopen": "重开 #1 又炸了",
}
BY_ROLE = {
    Role.COMMANDER: "陈总",
    Role.DUTY: "张敏",
    Role.MONITOR: "李雷",
    Role.PR: "王磊",
    Role.LEGAL: "何静",
    Role.CS: "小刘",
    Role.BIZ: "林工",
    Role.SPOKESPERSON: "苏琴",
    Role.OBSERVER: "旁听生",
}


def test_the_table_has_a_cell_for_every_role_and_the_owner() -> None:
    assert len(rights()) == len(TABLE.strip().splitlines()) - 1 >= 43
    assert {len(row) for row in rights().values()} == {len(COLUMNS) + 1}


@pytest.mark.parametrize("verb", rights())
def test_a_refusal_always_names_somebody(verb: str) -> None:
    assert who_may(verb)


@pytest.mark.parametrize("verb", sorted(set(rights()) - {"read"}))
def test_observers_and_admins_have_no_incident_powers(verb: str) -> None:
    assert right(verb, {Role.OBSERVER}).verdict is Verdict.NO
    administrative = ("words", "sources", "roster", "roles", "bind")
    assert (right(verb, {Role.ADMIN}).verdict is not Verdict.NO) == (verb in administrative)


def test_several_roles_give_the_best_of_their_rights() -> None:
    assert right("grade", {Role.MONITOR, Role.DUTY}).verdict is Verdict.MAY
    assert right("fact_judge", {Role.IT_SEC, Role.CS}).note == "e"


def test_every_move_is_reached_by_a_verb_and_starts_somewhere() -> None:
    assert set(BY_VERB) >= set(TYPED)
    assert all(move.origin for move in MOVES)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    from dataclasses import replace

    loaded = load(CONFIG)
    people = (*loaded.people, Person("旁听生", frozenset({Role.OBSERVER}), (("local", "旁听生"),)))
    return replace(loaded, bot=replace(loaded.bot, data_dir=str(tmp_path / "data")), people=people)


COMBINATIONS = [(state, verb, role) for state in State for verb in TYPED for role in BY_ROLE]


def test_the_product_is_complete() -> None:
    assert len(COMBINATIONS) == 7 * 9 * 9


@pytest.mark.parametrize("state", State, ids=str)
async def test_what_is_forbidden_is_refused_and_changes_nothing(room: Room, state: State) -> None:
    """Each verb by each role in this state: the state after it is the one before, or one that the table allows this person."""
    await room.open_incident(owner="李雷")
    for verb, text in TYPED.items():
        for role, name in BY_ROLE.items():
            await room.store.run(_put_into, state, room)
            before = room.incident()
            reply = await room.say(text, by=name)
            after = room.incident()
            room.ignore()
            person = room.house.person(name)
            assert person
            assert reply, (verb, role)
            if after.state is not before.state:
                moves = [m for m in MOVES if m.verb.startswith(verb) and state in m.origin and m.to is after.state]
                assert any(model.right_for(m, before, person).verdict is not Verdict.NO for m in moves), (verb, role, reply)
            elif verb in ("grade", "assign") and (after.grade, after.owner) != (before.grade, before.owner):
                assert right(verb, person.roles, owner=before.owned_by(person)).verdict is not Verdict.NO, (verb, role, reply)
            assert len(reply.splitlines()) <= 8


def _put_into(db: object, state: State, room: Room) -> None:
    from sqlite_utils import Database

    assert isinstance(db, Database)
    incidents.change(
        db,
        1,
        "test",
        at=room.clock(),
        by="测试",
        state=state,
        owner="李雷",
        grade=Grade.YELLOW,
        suggested=Grade.YELLOW,
        peak=Grade.YELLOW,
        assessed=True,
        accepted=True,
        started=state in (State.ACTIVE, State.TRACKING),
        tracked_at=room.clock() if state is State.TRACKING else None,
        quiet_until=None,
        resolution="",
        merged_into=None,
    )
