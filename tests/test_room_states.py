"""The full product of states, verbs and roles, made from the tables and tried against the real handlers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlite_utils import Database

from bot.asking import Ask, Refused, Unconfirmed
from bot.errors import UserError
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import BY_VERB, DONE, OPEN, Incident, State, right_for
from bot.model.intent import Intent
from bot.model.people import Person, Right, Role, Verdict, right
from bot.moves import hints
from bot.store import incidents, work
from tests.conftest import START, Room

OWNER = Person("负责人甲", frozenset(), (("local", "负责人甲"),))
PEOPLE = (*(Person(role.label, frozenset({role}), (("local", role.label),)) for role in Role), OWNER)
NUMBERS = {state: n for n, state in enumerate(State, 2)}
GRADED = (State.GRADED, State.ACTIVE, State.TRACKING, *DONE)
AT = START + timedelta(days=9)


@dataclass(frozen=True)
class Verb:
    """A verb of the room: the intent it is, the states in which it does something, and the right that it takes."""

    intent: str
    slots: dict[str, Any]
    states: frozenset[State]
    right: Callable[[Incident, Person], Right]


def by_table(name: str) -> Callable[[Incident, Person], Right]:
    return lambda incident, person: right(name, person.roles, owner=incident.owned_by(person))


def by_move(choose: Callable[[Incident], str]) -> Callable[[Incident, Person], Right]:
    return lambda incident, person: right_for(BY_VERB[choose(incident)], incident, person)


def grading(name: str) -> Callable[[Incident, Person], Right]:
    def held(incident: Incident, person: Person) -> Right:
        lower = name == "blue" and incident.grade is not None
        return by_table("grade_lower" if lower else "grade_red" if name == "red" else "grade")(incident, person)

    return held


def false_alarm(incident: Incident, person: Person) -> Right:
    """Too late for it, everybody who may read is told the way."""
    if incident.state in (State.GRADED, State.ACTIVE):
        return Right(Verdict.MAY)
    return by_move(lambda i: "false_alarm" if i.state in (State.NEW, State.ASSESSING) else "close")(incident, person)


def judging(incident: Incident, person: Person) -> Right:
    held = by_table("fact_judge")(incident, person)
    return Right(Verdict.NO) if held.note == "e" else held


def deciding(incident: Incident, person: Person) -> Right:
    if person.member:
        return Right(Verdict.MAY)
    return by_table("record_decision")(incident, person)


def on(*states: State) -> frozenset[State]:
    return frozenset(states)


AFTER_NEW = OPEN - {State.NEW}
ANY = frozenset(State)
VERBS = {
    "claim": Verb("claim", {}, on(State.NEW), by_table("claim")),
    "assign": Verb("assign", {"persons": ["客服"]}, OPEN, by_table("assign")),
    "assess": Verb("assess", {"type": "rumor", "truth": "false"}, AFTER_NEW, by_table("assess")),
    "grade orange": Verb("grade", {"grade": "orange", "reason": "扩散"}, AFTER_NEW, grading("orange")),
    "grade red": Verb("grade", {"grade": "red", "reason": "伤亡"}, AFTER_NEW, grading("red")),
    "grade lower": Verb("grade", {"grade": "blue", "reason": "平了"}, AFTER_NEW, grading("blue")),
    "start": Verb("start", {}, on(State.GRADED), by_move(lambda _: "start")),
    "track": Verb("track", {}, on(State.ACTIVE), by_move(lambda i: "track_blue" if i.state is State.GRADED else "track")),
    "resume": Verb("resume", {}, on(State.TRACKING), by_move(lambda _: "resume")),
    "close": Verb("close", {"reason": "已解决"}, on(State.TRACKING), by_move(lambda _: "close")),
    "false alarm": Verb(
        "close",
        {"resolution": "false_alarm", "reason": "同名餐馆"},
        on(State.NEW, State.ASSESSING, State.TRACKING),
        false_alarm,
    ),
    "merge": Verb("close", {"merge_into": 1, "resolution": "duplicate"}, OPEN, by_move(lambda _: "merge")),
    "reopen": Verb("reopen", {"reason": "又发视频"}, DONE, by_move(lambda _: "reopen")),
    "mute": Verb("mute", {"duration": "30分钟"}, OPEN, by_table("mute")),
    "escalate": Verb("escalate", {"to": "指挥"}, ANY, by_table("escalate")),
    "task": Verb("task", {"op": "add", "text": "查批次", "persons": ["客服"]}, OPEN, by_table("task")),
    "fact": Verb("fact", {"op": "add", "text": "首帖在小红书"}, ANY, by_table("fact")),
    "fact judge": Verb("fact", {"op": "confirm", "source": "医院"}, ANY, judging),
    "decide": Verb("decision", {"op": "add", "text": "先下架"}, OPEN, deciding),
    "evidence": Verb("evidence", {"text": "原文"}, ANY, by_table("evidence")),
    "confidential": Verb("confidential", {}, ANY, by_table("confidential")),
    "told": Verb("told", {"audience": "media"}, ANY, by_table("fact")),
    "question": Verb("question", {"text": "何时出结果"}, ANY, by_table("fact")),
    "expense": Verb("expense", {}, ANY, by_table("task")),
}


@pytest.fixture
def house(room: Room) -> House:
    room.commands._house = replace(room.house, people=PEOPLE, briefs=())
    return room.commands._house


@pytest.fixture
def prepared(room: Room, house: House) -> Room:
    """An older incident #1 to merge into, and one incident in each state, all that its next move needs at hand."""
    room.store.run_now(_prepare)
    return room


def _prepare(db: Database) -> None:
    incidents.open_new(db, title="先来的", at=START, by="望楼", suggested=Grade.BLUE, why="")
    for state in State:
        made = incidents.open_new(db, title=f"事件{state.label}", at=START, by="望楼", suggested=Grade.BLUE, why="")
        fact, _ = work.add_fact(db, incident=made.id, text="孩子起疹", state="unverified", source="", by="客服", at=START)
        work.add_decision(db, incident=made.id, text="先道歉", decider="指挥", recorded_by="指挥", at=START)
        values: dict[str, Any] = {"state": state, "owner": "" if state is State.NEW else OWNER.name}
        values |= {"grade": Grade.YELLOW, "peak": Grade.YELLOW, "assessed": True} if state in GRADED else {}
        values |= {"started": state not in (State.NEW, State.ASSESSING, State.GRADED)}
        if state is State.TRACKING:
            values |= {"tracked_at": START, "quiet_until": START + timedelta(days=1)}
        incidents.change(db, made.id, "prepare", at=START, by="望楼", **values)
        assert fact.id == made.id - 1


class _Undo(Exception):
    """What happened in a try that is taken back."""

    def __init__(self, outcome: str, said: str, changed: bool) -> None:
        super().__init__(said)
        self.outcome, self.said, self.changed = outcome, said, changed


def attempt(db: Database, room: Room, house: House, verb: Verb, state: State, person: Person) -> None:
    number = NUMBERS[state]
    slots = {**verb.slots, "incident": number}
    if verb.intent == "fact" and verb.slots["op"] == "confirm":
        slots["fact"] = number - 1
    text = "花费 300元 检测" if verb.intent == "expense" else "原话"
    ask = Ask(db, house, person, "", Intent(verb.intent, slots), text, AT)
    before = db.conn.total_changes
    try:
        outcome, said = _run(room, house, ask)
    except Refused as refusal:
        outcome, said = "refused", str(refusal)
    except UserError as error:
        outcome, said = "not now", str(error)
    changed = db.conn.total_changes > before
    raise _Undo(outcome, said, changed)


def _run(room: Room, house: House, ask: Ask) -> tuple[str, str]:
    handler = room.handlers[ask.intent.name]
    try:
        return "done", str(handler(ask))
    except Unconfirmed as wish:
        second = next(p for p in house.people if wish.by and Role(wish.by) in p.roles) if wish.by else None
        return "confirmed", str(handler(replace(ask, confirmed=True, by=second)))


def cases() -> Iterator[tuple[str, State, Person]]:
    yield from product(VERBS, State, PEOPLE)


def test_every_state_verb_and_role_does_what_the_tables_say(prepared: Room, house: House) -> None:
    seen: Counter[str] = Counter()
    for name, state, person in cases():
        verb, incident = VERBS[name], incidents.get(prepared.db, NUMBERS[state])
        held = verb.right(incident, person)
        with pytest.raises(_Undo) as tried:
            prepared.store.run_now(attempt, prepared, house, verb, state, person)
        got, where = tried.value, f"{name} / {state} / {person.name}: {tried.value.outcome} {tried.value.said}"
        if held.verdict is Verdict.NO:
            assert got.outcome == "refused", where
            assert "可以的是" in got.said, where
            assert not got.changed, where
        elif state not in verb.states:
            assert got.outcome != "refused", where
            assert not got.changed, where
        else:
            assert got.outcome in ("done", "confirmed"), where
            assert got.changed, where
            assert (held.verdict is Verdict.CONFIRM and held.note != "a") <= (got.outcome == "confirmed"), where
        seen[got.outcome if state in verb.states or got.outcome == "refused" else "not now"] += 1

    assert sum(seen.values()) == len(State) * len(VERBS) * (len(Role) + 1) == 7 * 24 * 15
    assert seen["refused"] > 800
    assert seen["done"] + seen["confirmed"] > 500


def test_no_hint_would_be_refused(prepared: Room, house: House) -> None:
    said = {"认领": "claim", "指派": "assign", "转交": "assign", "研判": "assess", "定级": "grade orange", "启动": "start",
            "跟踪": "track", "决策": "decide", "任务": "task", "结案": "close", "恢复处置": "resume", "重开": "reopen"}  # fmt: skip
    offered = 0
    for state, person in product(State, PEOPLE):
        for hint in hints(prepared.db, incidents.get(prepared.db, NUMBERS[state]), person, AT):
            offered += 1
            with pytest.raises(_Undo) as tried:
                prepared.store.run_now(attempt, prepared, house, VERBS[said[hint]], state, person)
            assert tried.value.outcome in ("done", "confirmed"), f"{hint} / {state} / {person.name}: {tried.value.said}"
    assert offered >= 40


async def test_an_unknown_sender_is_refused_and_never_guessed(prepared: Room) -> None:
    lines = [
        "认领 #2",
        "定级 #3 红 死人了",
        "启动 #4",
        "结案 #6 已解决",
        "重开 #7 又来",
        "列表",
        "状态 #5",
        "记 #5 有人受伤",
        "F1 核实了 来源医院",
    ]
    before = len(incidents.listed(prepared.db, tuple(State)))
    for line in lines:
        said = await prepared.say(f"@望楼 {line}", by="路人")
        assert said.startswith("我还不认识你（编号 路人）"), line
        assert "事件" not in said
    assert await prepared.say("大家好", by="路人") == ""
    assert len(incidents.listed(prepared.db, tuple(State))) == before
    prepared.expect()
