"""No sequence of commands, crashes and repeats releases a text whose hash lacks its complete chain, or releases one twice."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bot import handover, outlets
from bot.assistant import Assistant, Options
from bot.config import Config, load
from bot.connectors import Order
from bot.errors import DeliveryError
from bot.model.grade import Grade
from bot.model.house import Channel
from bot.model.incident import State
from bot.model.message import Message
from bot.rephrasing import Rephrasing
from bot.store import incidents, journal, publications, rephrasings, statements
from tests.conftest import CONFIG
from tests.statement_world import Desk, Watched

PEOPLE = ("李雷", "张敏", "王磊", "何静", "林工", "小刘", "陈总", "周宁", "苏琴")
SIGNERS = ("王磊", "何静", "林工", "陈总")
CHANNELS = (Channel("weibo", "微博", "苏琴", "webhook"), Channel("website", "官网", "周宁", ""))
CITE = "改 DN 把「目前我们」改成「目前已核实：就诊1例，情况稳定。我们」"
DISTURBANCES = (
    ("张敏", "改 DN 把「眼下最关心」改成「最关心」"),
    ("何静", "改 DN 把「最关心」改成「眼下最关心」"),
    ("王磊", CITE),
    ("林工", "更正 F1：就诊2例"),
    ("林工", "F1 不属实 来源医院"),
    ("林工", "F1 核实了 来源医院"),
    ("张敏", "定级 #1 橙 三个平台都在传"),
    ("陈总", "定级 #1 红 央媒报道"),
    ("张敏", "研判 #1 数据泄露 真伪未知"),
    ("张敏", "#1 市场监管局来电问这批奶"),
    ("何静", "退回 DN 措辞不妥"),
    ("陈总", "退回 DN 数字没核实"),
    ("何静", "转代理 DN @小刘"),
    ("小刘", "同意 DN"),
    ("王磊", "陈总电话同意 DN"),
    ("张敏", "何静电话同意 DN"),
    ("张敏", "紧急首发 DN"),
    ("小刘", "先别发 DN"),
    ("何静", "解除 DN"),
    ("王磊", "作废 DN"),
    ("张敏", "更正 DN"),
    ("陈总", "撤下 DN 数字错了"),
    ("张敏", "送审 DN"),
    ("陈总", "发布 DN 官网"),
    ("苏琴", "未发 DN 微博"),
    ("", "crash"),
    ("", "wait 130"),
    ("", "wait 725"),
    ("", "second merges"),
    ("", "closed and reopened"),
    ("", "two at once"),
    ("王磊", "a model rephrases"),
    ("", "a drill begins"),
)
HANDED: set[str] = set()
"""Kinds of publications that the random machine has seen: it must have something to say."""


class Publisher:
    """The publishing service as the outside sees it: what was ordered, and how each call ends."""

    def __init__(self, seen: Watched) -> None:
        self.seen = seen
        self.how = "https://weibo.example/1"
        self.orders: list[Order] = []

    async def release(self, order: Order) -> str:
        assert order.id in self.seen.handed
        assert self.seen.handed[order.id] == order.sha256
        assert order.id not in {o.id for o in self.orders}, "called twice"
        self.orders.append(order)
        if self.how == "died":
            raise KeyboardInterrupt
        if not self.how.startswith("http"):
            raise DeliveryError("没有答完", outcome=self.how)
        return self.how


def rephrase(desk: Desk, words: str) -> None:
    """The language model did what it was asked for, if anything."""
    old, new = words.split("|")
    runner = Rephrasing(desk.store, desk.house, Assistant(Options("http://127.0.0.1:9/v1", name="qwen")), lambda: desk.now)
    while job := desk.run(rephrasings.begin):
        desk.run(runner.take_in, job, desk.run(statements.get, job.draft).text.replace(old, new))


class World:
    """The desk, what watches it, and the ways people and fate go at it."""

    def __init__(self, config: Config, grade: str) -> None:
        self.desk = Desk(config, grade=grade, channels=CHANNELS, model="qwen")
        self.desk.run(self._set_going)
        self.seen = self.desk.seen = Watched(self.desk)
        self.publisher = Publisher(self.seen)
        self.last = ("", "", "", "")

    def _set_going(self, db: Any) -> None:
        at = self.desk.now
        incidents.change(db, 1, "start", at=at, by="张敏", state=State.ACTIVE)
        made = incidents.open_new(db, title="同批奶粉结块", at=at, by="望楼", suggested=Grade.YELLOW, why="")
        incidents.change(db, made.id, "grade", at=at, by="张敏", grade=Grade.YELLOW, peak=Grade.YELLOW, state=State.ACTIVE)

    def say(self, text: str, by: str, room: str = "危机室") -> str:
        self.last = (text, by, room, f"p{self.desk._ids + 1}")
        return self.desk.say(text, by, room=room, id=self.last[3])

    def repeat(self) -> None:
        """The platform delivers the last message once more."""
        text, by, room, id = self.last
        if text:
            self.desk.say(text, by, room=room, id=id)

    def draft(self, n: int) -> statements.Draft | None:
        known = self.desk.run(
            lambda db: [d.id for d in statements.in_states(db, (*statements.UNDER_WAY, *statements.OVER, "draft"))]
        )
        return self.desk.draft(n) if n in known else None

    def connector(self, how: str) -> None:
        """The runner of connectors looks, and the call ends somehow."""
        self.publisher.how = how
        runner = handover.Handover(self.desk.store, self.desk.house, {"webhook": self.publisher}, lambda: self.desk.now)
        try:
            asyncio.run(runner.look())
        except KeyboardInterrupt:
            self.crash()
        self.desk.collect()

    def crash(self) -> None:
        self.desk.crash()
        runner = handover.Handover(self.desk.store, self.desk.house, {"webhook": self.publisher}, lambda: self.desk.now)
        asyncio.run(runner.start())
        self.desk.collect()
        assert not self.desk.run(lambda db: publications.in_state(db, "calling")), "what became of a call is asked of a person"
        doubted = {
            f"D{p.draft} {outlets.label(self.desk.house, p.channel)}：结果未知"
            for p in self.desk.run(lambda db: publications.in_state(db, "unknown"))
        }
        assert all(any(words in s.text for s in self.desk.said) for words in doubted), doubted

    def disturb(self, by: str, what: str, n: int) -> None:
        if what == "crash":
            self.crash()
        elif what.startswith("wait"):
            self.desk.later(minutes=int(what.split()[1]))
        elif what == "second merges":
            self.say("2并到1", "张敏")
            self.say("确认", "张敏")
        elif what == "closed and reopened":
            for state in (State.CLOSED, State.ACTIVE):
                self.desk.run(lambda db, s=state: incidents.change(db, 1, s.value, at=self.desk.now, by="陈总", state=s))
        elif what == "two at once":
            self.at_once(
                [
                    (f"同意 D{n}", "陈总", ""),
                    (f"改 D{n} 把「最关心」改成「关心」", "何静", "危机室"),
                    (f"发布 D{n} 官网", "王磊", "危机室"),
                ]
            )
        elif what == "a model rephrases":
            self.say(f"润色 D{n}", by)
            rephrase(self.desk, "最关心|最牵挂")
        elif what == "a drill begins":
            self.desk.house = replace(self.desk.house, drill=True)
            self.crash()
        else:
            self.say(what.replace("DN", f"D{n}"), by)
            if what.startswith(("定级", "撤下")):
                self.say("确认", by)
                self.say(f"确认 {by}", "何静", "")

    def at_once(self, lines: list[tuple[str, str, str]]) -> None:
        """Several people in the same instant; the order is nobody's."""
        self.desk._ids += 10
        said = [
            Message("local", f"o{self.desk._ids}-{k}", room, by, text, self.desk.now, addressed=True)
            for k, (text, by, room) in enumerate(lines)
        ]
        threads = [
            threading.Thread(target=self.desk.run, args=(lambda db, m=m: self.desk.commands._answer(db, m),)) for m in said
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.desk.collect()

    def steps(self, n: int) -> Iterator[tuple[str, str, str]]:
        yield f"送审 D{n}", "张敏", "危机室"
        for name in SIGNERS:
            yield f"同意 D{n}", name, ""
        for channel, who in (("微博", "王磊"), ("官网", "陈总")):
            yield f"发布 D{n} {channel}", who, "危机室"
            yield "确认", who, "危机室"
            yield (
                f"未发 D{n} {channel}" if n == 2 else f"已发 D{n} {channel} https://www.example/{n}",
                "周宁" if channel == "官网" else "苏琴",
                "",
            )

    def whole_way(self, n: int, cite: bool, disturbed: dict[int, tuple[str, str]], ends: str) -> None:
        """Draft, submit, sign, release, confirm, record, and somebody interferes before some of the steps."""
        if self.draft(n) is None:
            self.desk.clean_draft()
            if cite:
                self.say(CITE.replace("DN", f"D{n}"), "张敏")
        for place, (text, who, room) in enumerate(self.steps(n)):
            if place in disturbed:
                self.disturb(*disturbed[place], n)
            it = self.draft(n)
            self.say(f"确认 {it.code}" if text == "确认" and it else text, who, room)
            if text == "确认":
                self.connector(ends)

    def close(self) -> None:
        assert not self.desk.run(journal.verify, None)[1]
        self.desk.close()


@pytest.mark.parametrize("disturbance", DISTURBANCES, ids=[what for _, what in DISTURBANCES])
def test_one_disturbance_anywhere_on_the_way(config: Config, disturbance: tuple[str, str], tmp_path: Any) -> None:
    """Each of them before each step of the whole way, on a text that cites a fact, at yellow."""
    for place in (2, 4, 5, 6, 7):
        folder = str(tmp_path / str(place))
        world = World(replace(config, bot=replace(config.bot, data_dir=folder)), "yellow")
        world.whole_way(1, True, {place: disturbance}, "https://weibo.example/1")
        if place == 7 and disturbance[1] != "a drill begins":
            assert world.seen.handed, "the first channel was handed over before the disturbance"
        world.close()


class Rooms(RuleBasedStateMachine):
    """Random people say random things about up to three drafts, deliveries repeat, the process dies, time goes by."""

    @initialize(
        grade=st.sampled_from(["blue", "yellow", "orange"]),
        stage=st.sampled_from(["clean_draft", "in_review", "approved", "approved"]),
    )
    def start(self, grade: str, stage: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        loaded = load(CONFIG)
        self.world = World(replace(loaded, bot=replace(loaded.bot, data_dir=self.folder.name)), grade)
        getattr(self.world.desk, stage)()

    @rule(who=st.sampled_from(PEOPLE), n=st.integers(1, 3), what=st.sampled_from(DISTURBANCES))
    def anybody_says_anything(self, who: str, n: int, what: tuple[str, str]) -> None:
        if what[1] != "a drill begins":
            self.world.disturb(who, what[1], n)

    @rule(n=st.integers(1, 3), what=st.sampled_from(DISTURBANCES))
    def somebody_fit_disturbs(self, n: int, what: tuple[str, str]) -> None:
        if what[1] != "a drill begins":
            self.world.disturb(*what, n)

    @rule(
        what=st.sampled_from(["起草首发 #1", "起草首发 #2", "更正 D1", "追认 D1", "恢复处置 #1"]), who=st.sampled_from(PEOPLE)
    )
    def open_something(self, what: str, who: str) -> None:
        self.world.say(what, who)

    @rule(who=st.sampled_from(PEOPLE), n=st.integers(1, 3), private=st.booleans())
    def sign(self, who: str, n: int, private: bool) -> None:
        self.world.say(f"同意 D{n}", who, "" if private else "危机室")

    @rule(n=st.integers(1, 3))
    def everybody_signs(self, n: int) -> None:
        for who in SIGNERS:
            self.world.say(f"同意 D{n}", who, "")

    @rule(
        who=st.sampled_from(["王磊", "陈总", "张敏", "小刘"]), n=st.integers(1, 3), stale=st.booleans(),
        where=st.sampled_from(["微博", "官网", "微博+官网", "微博 今天20:00", "官网 明天9:00"]),
    )  # fmt: skip
    def release_and_confirm(self, who: str, n: int, where: str, stale: bool) -> None:
        self.world.say(f"发布 D{n} {where}", who)
        if it := self.world.draft(n):
            code = self.world.desk.run(statements.version, n, 1)["sha256"][:4].upper() if stale else it.code
            self.world.say(f"确认 {code}", who)

    @rule(who=st.sampled_from(["苏琴", "周宁", "王磊"]), n=st.integers(1, 3), done=st.booleans())
    def outcome(self, who: str, n: int, done: bool) -> None:
        self.world.say(f"已发 D{n} https://weibo.example/{n}" if done else f"未发 D{n} 微博", who)

    @rule(
        n=st.integers(1, 3),
        cite=st.booleans(),
        ends=st.sampled_from(["https://weibo.example/1", "unknown", "permanent", "died"]),
        first=st.tuples(st.integers(0, 10), st.sampled_from(DISTURBANCES[:-1])),
        second=st.tuples(st.integers(0, 10), st.sampled_from(DISTURBANCES[:-1])),
    )
    def the_whole_way_with_two_disturbances(self, n: int, cite: bool, ends: str, first: Any, second: Any) -> None:
        self.world.whole_way(n, cite, dict([first, second]), ends)

    @rule(how=st.sampled_from(["https://weibo.example/1", "unknown", "permanent", "died"]))
    def the_connector_runs(self, how: str) -> None:
        self.world.connector(how)

    @rule(minutes=st.sampled_from([1, 25, 200, 800]))
    def time_goes_by(self, minutes: int) -> None:
        self.world.desk.later(minutes=minutes)

    @precondition(lambda self: self.world.last[0])
    @rule()
    def the_platform_repeats_itself(self) -> None:
        self.world.repeat()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            HANDED.update(self.world.seen.kinds)
            self.world.close()
            self.folder.cleanup()


Rooms.TestCase.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestNothingIsReleasedUnsignedOrTwice = Rooms.TestCase


def test_the_property_was_tried_on_texts_that_did_go_out() -> None:
    """Runs after the machine above."""
    assert "plain" in HANDED
