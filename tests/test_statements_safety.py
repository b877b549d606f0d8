"""What must hold after any commands, crashes and repeats: nothing is released without its complete chain, nor twice."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot import handover as handover_module
from bot import signoff
from bot.assistant import Assistant, Options
from bot.config import Config, load
from bot.connectors import Order
from bot.drafting import signing
from bot.errors import DeliveryError
from bot.model.house import Channel
from bot.model.people import Role
from bot.rephrasing import Rephrasing
from bot.store import incidents, journal, publications, rephrasings, statements
from tests.conftest import CONFIG
from tests.statement_world import Desk

PEOPLE = ("李雷", "张敏", "王磊", "何静", "林工", "小刘", "陈总", "周宁", "苏琴")
OUT = ("handed", "calling", "unknown", "released", "queued")


DISTURBANCES = (
    *(
        "",
        "crash",
        "wait 13",
        "wait 130",
        "wait 721",
        "先别发 DN",
        "退回 DN 措辞不妥",
        "F1 待核实 来源医院",
        "作废 DN",
        "紧急首发 DN",
    ),
    *(
        "改 DN 把「眼下最关心」改成「最关心」",
        "改 DN 把「最关心」改成「眼下最关心」",
        "陈总电话同意 DN",
        "转代理 DN @小刘",
        "同意 DN",
        "解除 DN",
    ),
)
HANDED: list[int] = []
"""Publications seen by the property test: it must have something to say."""


class Seen:
    """What was true of every text at the moment it was handed over, noted by the world and not by the house."""

    def __init__(self) -> None:
        self.handed: dict[int, str] = {}


def check_publications(desk: Desk, seen: Seen) -> None:
    """Every publication, at the moment it appears, has a complete chain of valid signatures for its very hash; and no text is
    out twice on a channel."""
    rows = desk.run(lambda db: publications.in_state(db, *OUT))
    places = [(p.sha256, p.channel) for p in rows]
    assert len(places) == len(set(places)), "released twice"
    for p in rows:
        if p.id in seen.handed:
            assert seen.handed[p.id] == p.sha256
            continue
        draft = desk.run(statements.get, p.draft)
        assert (draft.version, draft.sha256) == (p.version, p.sha256)
        signed = [
            s
            for s in desk.run(statements.signatures, p.draft)
            if not s.void and s.sha256 == p.sha256 and s.version == p.version
        ]
        authors = desk.run(statements.authors, p.draft)
        needed = signing.required_roles(desk.run(lambda db, d=draft: signoff.matter_of(db, desk.house, d)))
        by_role = {s.role: s.person for s in signed}
        if draft.emergency:
            assert Role.DUTY in by_role
            assert by_role.keys() & {Role.LEGAL, Role.PR}
        else:
            assert set(needed) <= set(by_role), f"{needed} of {by_role}"
            assert not set(by_role.values()) & authors, "an author signed"
            assert not {s.recorder for s in signed if s.recorder} & authors
        assert not (draft.model and draft.emergency)
        assert not draft.model or len({s.person for s in signed} - authors) >= 2, "a model's words with fewer than two people"
        assert len({s.person for s in signed}) == len(signed), "one person, two roles"
        assert any(s.person != p.by for s in signed), "nobody but the releaser signed"
        assert all(desk.now - s.at < signing.LAPSE for s in signed)
        assert not draft.held
        assert not draft.dead
        seen.handed[p.id] = p.sha256
        HANDED.append(p.id)


def rephrase(desk: Desk, words: str) -> None:
    """The language model did what it was asked for, if anything."""
    old, new = words.split("|")
    runner = Rephrasing(desk.store, desk.house, Assistant(Options("http://127.0.0.1:9/v1", name="qwen")), lambda: desk.now)
    while job := desk.run(rephrasings.begin):
        desk.run(runner.take_in, job, desk.run(statements.get, job.draft).text.replace(old, new))


class Rooms(RuleBasedStateMachine):
    """Random people say random things about up to three drafts, deliveries repeat, the process dies, time goes by."""

    @initialize(
        grade=st.sampled_from(["blue", "yellow", "orange"]),
        stage=st.sampled_from(["clean_draft", "in_review", "approved", "approved"]),
    )
    def start(self, grade: str, stage: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        loaded = load(CONFIG)
        config = replace(loaded, bot=replace(loaded.bot, data_dir=self.folder.name))
        self.desk, self.seen, self.last = Desk(config, grade=grade, model="qwen"), Seen(), ("", "", "")
        getattr(self.desk, stage)()

    def _say(self, text: str, by: str, room: str = "危机室") -> None:
        self.last = (text, by, f"p{self.desk._ids + 1}")
        self.desk.say(text, by, room=room, id=self.last[2])

    @rule(
        who=st.sampled_from(PEOPLE),
        what=st.sampled_from(
            ["送审 D1", "送审 D2", "起草首发 #1", "先别发 D1", "解除 D1", "作废 D2", "紧急首发 D1", "更正 D1"]
        ),
    )
    def talk(self, who: str, what: str) -> None:
        self._say(what, who)

    @rule(who=st.sampled_from(PEOPLE), n=st.integers(1, 2), private=st.booleans())
    def sign(self, who: str, n: int, private: bool) -> None:
        self._say(f"同意 D{n}", who, "" if private else "危机室")

    @rule(n=st.integers(1, 2))
    def everybody_signs(self, n: int) -> None:
        for who in ("王磊", "何静", "林工", "陈总"):
            self._say(f"同意 D{n}", who, "")

    @rule(who=st.sampled_from(PEOPLE), whose=st.sampled_from(["陈总", "何静", "王磊"]))
    def by_phone(self, who: str, whose: str) -> None:
        self._say(f"{whose}电话同意 D1", who)

    @rule(
        who=st.sampled_from(PEOPLE),
        n=st.integers(1, 2),
        words=st.sampled_from(["眼下最关心|最关心", "最关心|眼下最关心", "原因还在查|原因仍在查"]),
    )
    def edit(self, who: str, n: int, words: str) -> None:
        old, new = words.split("|")
        self._say(f"改 D{n} 把「{old}」改成「{new}」", who)

    @rule(who=st.sampled_from(PEOPLE), n=st.integers(1, 2), words=st.sampled_from(["眼下最关心|最关心", "最关心|眼下最关心"]))
    def rephrase(self, who: str, n: int, words: str) -> None:
        self._say(f"润色 D{n}", who)
        rephrase(self.desk, words)

    @rule(who=st.sampled_from(["何静", "王磊", "陈总", "小刘"]), n=st.integers(1, 2))
    def reject(self, who: str, n: int) -> None:
        self._say(f"退回 D{n} 措辞不妥", who, "")

    @rule(
        who=st.sampled_from(["王磊", "陈总", "张敏", "小刘"]),
        n=st.integers(1, 2),
        where=st.sampled_from(["微博", "官网", "微博+官网", "微博 今天20:00"]),
    )
    def release(self, who: str, n: int, where: str) -> None:
        self._say(f"发布 D{n} {where}", who)

    @rule(who=st.sampled_from(["王磊", "陈总", "张敏"]), n=st.integers(1, 2), where=st.sampled_from(["微博", "官网"]))
    def release_and_confirm(self, who: str, n: int, where: str) -> None:
        self._say(f"发布 D{n} {where}", who)
        if self.desk.run(lambda db: len(statements.of_incident(db, 1))) >= n:
            self._say(f"确认 {self.desk.draft(n).code}", who)

    @rule(who=st.sampled_from(PEOPLE), n=st.integers(1, 2), stale=st.booleans())
    def confirm(self, who: str, n: int, stale: bool) -> None:
        drafts = self.desk.run(lambda db: statements.of_incident(db, 1))
        if len(drafts) >= n:
            version = self.desk.run(statements.version, n, 1 if stale else drafts[n - 1].version)
            self._say(f"确认 {version['sha256'][:4].upper()}", who)

    @rule(who=st.sampled_from(["苏琴", "周宁", "王磊"]), n=st.integers(1, 2), done=st.booleans())
    def outcome(self, who: str, n: int, done: bool) -> None:
        self._say(f"已发 D{n} https://weibo.example/{n}" if done else f"未发 D{n} 微博", who)

    @rule(how=st.sampled_from(["F1 待核实 来源医院", "F1 核实了 来源医院"]))
    def fact(self, how: str) -> None:
        self._say(how, "林工")

    @rule(
        n=st.integers(1, 2),
        upto=st.integers(1, 8),
        at=st.integers(0, 8),
        by=st.sampled_from(PEOPLE),
        disturb=st.sampled_from(DISTURBANCES),
    )
    def the_whole_way_with_one_disturbance(self, n: int, upto: int, at: int, by: str, disturb: str) -> None:
        """Draft, submit, sign, release, confirm, as far as it goes, and somebody interferes at one point."""
        desk = self.desk
        if len(desk.run(lambda db: statements.of_incident(db, 1))) < n:
            desk.clean_draft()
        steps = [("送审 D%d", "张敏"), *(("同意 D%d", name) for name in ("王磊", "何静", "林工", "陈总"))]
        steps += [("发布 D%d 微博", "王磊"), ("确认", "王磊"), ("发布 D%d 官网", "陈总"), ("确认", "陈总")]
        for place, (text, who) in enumerate(steps[: upto + 1]):
            if place == at:
                self._disturb(disturb.replace("N", str(n)), by)
            code = desk.draft(n).code
            self._say(f"确认 {code}" if text == "确认" else text % n, who, "" if text.startswith("同意") else "危机室")
            check_publications(desk, self.seen)

    def _disturb(self, disturb: str, by: str) -> None:
        if disturb == "crash":
            self.desk.crash()
        elif disturb.startswith("wait"):
            self.desk.later(minutes=int(disturb.split()[1]))
        elif disturb:
            self._say(disturb, by)

    @rule()
    def grade_rises(self) -> None:
        from bot.model.grade import Grade

        self.desk.run(
            lambda db: incidents.change(db, 1, "grade", at=self.desk.now, by="张敏", grade=Grade.ORANGE, peak=Grade.ORANGE)
        )

    @rule(minutes=st.sampled_from([1, 25, 200, 800]))
    def time_goes_by(self, minutes: int) -> None:
        self.desk.later(minutes=minutes)

    @rule()
    def crash(self) -> None:
        self.desk.crash()

    @precondition(lambda self: self.last[0])
    @rule()
    def the_platform_repeats_itself(self) -> None:
        text, by, id = self.last
        self.desk.say(text, by, id=id)

    @invariant()
    def nothing_went_out_that_should_not(self) -> None:
        if hasattr(self, "desk"):
            check_publications(self.desk, self.seen)
            self.desk.out.clear()

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            assert not self.desk.run(journal.verify, None)[1]
            self.desk.close()
            self.folder.cleanup()


Rooms.TestCase.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestNothingIsReleasedUnsignedOrTwice = Rooms.TestCase


def test_the_property_was_tried_on_texts_that_did_go_out() -> None:
    """Runs after the machine above."""
    assert HANDED


STEPS = (
    ("起草首发 #1", "张敏", "危机室"),
    ("改 D1 渠道小红书，下次通报今天18:00，官网", "张敏", "危机室"),
    ("送审 D1", "张敏", "危机室"),
    *(("同意 D1", name, "") for name in ("王磊", "何静", "林工", "陈总")),
    ("发布 D1 微博+官网", "王磊", "危机室"),
    ("确认 CODE", "王磊", "危机室"),
    ("已发 D1 https://weibo.example/1", "苏琴", "危机室"),
    ("已发 D1 https://www.example/1", "周宁", "危机室"),
)  # fmt: skip


class Died(BaseException):
    """The process was killed in the middle of a change."""


@pytest.mark.parametrize("killed", range(len(STEPS)))
def test_killed_at_any_step_nothing_signed_is_lost_and_nothing_goes_out_silently(config: Config, killed: int) -> None:
    """Each step is killed once before its commit, again right after it, and the platform sends the message once more."""
    desk, seen = Desk(config), Seen()
    for n, (text, by, room) in enumerate(STEPS):
        line = text.replace("CODE", desk.draft().code if "CODE" in text else "")
        if n == killed:
            _kill_before_commit(desk, line, by, room)
        first = desk.say(line, by, room=room, id=f"s{n}")
        if n == killed:
            signed = {s.person for s in desk.run(statements.signatures, 1)} if n else set()
            desk.crash()
            assert desk.say(line, by, room=room, id=f"s{n}") == first
            assert not n or {s.person for s in desk.run(statements.signatures, 1)} == signed
        check_publications(desk, seen)
    states = (desk.draft().state, [p.state for p in desk.publications()])
    desk.close()
    assert states == ("released", ["released", "released"])


def _kill_before_commit(desk: Desk, line: str, by: str, room: str) -> None:
    from bot.model.message import Message

    message = Message("local", "killed", room, by, line, desk.now, addressed=True)

    def change(db: Any) -> None:
        desk.commands._answer(db, message)
        raise ValueError("killed")

    before = desk.run(lambda db: journal.verify(db, None)[0])
    with pytest.raises(ValueError, match="killed"):
        desk.run(change)
    desk.crash()
    assert desk.run(lambda db: journal.verify(db, None)[0]) == before


class Publisher:
    """A connector that does as it is told: an address, or a way to fail."""

    def __init__(self, how: str) -> None:
        self.how = how
        self.orders: list[Order] = []

    async def release(self, order: Order) -> str:
        self.orders.append(order)
        if self.how == "died":
            raise Died
        if self.how.startswith("http"):
            return self.how
        raise DeliveryError("没有答完", outcome=self.how)


def connected(config: Config, how: str) -> tuple[Desk, Publisher, handover_module.Handover]:
    desk = Desk(config, channels=(Channel("weibo", "微博", "苏琴", "webhook"),))
    desk.handed("微博")
    publisher = Publisher(how)
    return desk, publisher, runner(desk, publisher)


def runner(desk: Desk, publisher: Publisher) -> handover_module.Handover:
    return handover_module.Handover(desk.store, desk.house, {"webhook": publisher}, lambda: desk.now)


async def test_a_release_of_unknown_outcome_is_never_repeated(config: Config) -> None:
    desk, publisher, hand = connected(config, "unknown")
    await hand.look()
    await hand.look()
    desk.crash()
    hand = runner(desk, publisher)
    await hand.start()
    await hand.look()
    desk.later(days=2)
    await hand.look()
    assert len(publisher.orders) == 1
    assert desk.draft().state == "unknown"
    assert desk.heard("危机室", "结果未知（没有答完），不会重发")
    assert "已经交付过" in desk.say("发布 D1 微博", "王磊") or "还不能发" in desk.say("发布 D1 微博", "王磊")
    assert "已发" in desk.say("已发 D1 https://weibo.example/1", "苏琴")
    assert desk.draft().state == "released"
    desk.close()


async def test_a_call_that_the_process_did_not_survive_is_unknown(config: Config) -> None:
    desk, publisher, hand = connected(config, "died")
    with pytest.raises(Died):
        await hand.look()
    assert [p.state for p in desk.publications()] == ["calling"]
    desk.crash()
    hand = runner(desk, publisher)
    await hand.start()
    await hand.look()
    desk.collect()
    assert len(publisher.orders) == 1
    assert [p.state for p in desk.publications()] == ["unknown"]
    assert desk.heard("@苏琴", "请苏琴核对后回：已发 D1 微博 链接｜未发 D1 微博")
    assert "没有发出" in desk.say("未发 D1 微博", "苏琴")
    assert desk.draft().state == "approved"
    desk.close()


async def test_a_connector_releases_exactly_the_text_that_was_signed(config: Config) -> None:
    desk, publisher, hand = connected(config, "https://weibo.example/1")
    await hand.look()
    it = desk.draft()
    assert [(o.text, o.sha256) for o in publisher.orders] == [(it.text, it.sha256)]
    assert it.state == "released"
    desk.close()


async def test_a_connector_that_surely_failed_leaves_the_draft_approved(config: Config) -> None:
    desk, _, hand = connected(config, "permanent")
    await hand.look()
    state = desk.draft().state
    desk.close()
    assert state == "approved"


async def test_a_chain_that_falls_in_the_last_second_stops_the_connector(config: Config) -> None:
    desk, publisher, hand = connected(config, "https://weibo.example/1")
    desk.later(hours=13)
    await hand.look()
    orders = publisher.orders
    desk.close()
    assert not orders
