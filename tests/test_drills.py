"""The five built-in drills, played through the whole pipeline: each meets its 'Expect' lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest

from bot import signoff
from bot.config import Config, load
from bot.drafting import signing
from bot.drills.scoring import Record, lines, score, total
from bot.model.grade import Grade
from bot.model.incident import State
from bot.model.people import Role
from bot.rehearsal import record
from bot.replay import BLANK, Clock, Stage
from bot.reviewing import figures
from bot.scenario import Line, read_scenario, set_scene
from bot.store import evidence, incidents, notes, publications, statements, timers, work
from bot.store.db import Store
from tests.conftest import CONFIG

START = datetime.fromisoformat("2026-12-03T09:00:00+08:00")
TAIL = timedelta(minutes=1)


@dataclass(frozen=True)
class Played:
    """What a drill said, and the stage it was played on."""

    name: str
    stage: Stage
    said: Sequence[Mapping[str, Any]]

    @property
    def db(self) -> Any:
        return self.stage.store._reader()

    def minutes(self, message: Mapping[str, Any]) -> float:
        return (datetime.fromisoformat(str(message["at"])) - START).total_seconds() / 60

    def alerts(self) -> list[tuple[float, str, str]]:
        """(minute, reason, suggested) of every alert in the room."""
        return [(self.minutes(m), m["reason"], m["suggested"]) for m in self.said if m["kind"] == "alert"]

    def after(self, at: datetime, minute: float) -> bool:
        return (at - START).total_seconds() / 60 > minute

    def reached(self, grade: str) -> float:
        """The minute at which the suggestion first stood at a grade or above."""
        order = [g.key for g in Grade]
        return min(m for m, _, at in self.alerts() if at and order.index(at) >= order.index(grade))

    def clock(self, rule: str) -> Any:
        found = [c for c in timers.clocks_of(self.db, 1, ("proposed", "running", "met", "waived")) if c.rule == rule]
        assert found, f"no clock {rule}"
        return found[0]

    def draft(self, kind: str) -> statements.Draft:
        """The newest draft of a type."""
        return [d for d in statements.of_incident(self.db, 1) if d.type == kind][-1]

    def released(self, kind: str) -> float:
        """The minute at which a draft of this type first went out, which it did with its whole chain and by its code."""
        draft = self.draft(kind)
        out = publications.of_draft(self.db, draft.id)
        assert out
        assert all(p.state == "released" and p.sha256 == draft.sha256 and p.released_at for p in out)
        assert self.signed(kind)
        return min((p.released_at - START).total_seconds() / 60 for p in out if p.released_at)

    def signed(self, kind: str) -> bool:
        """Whether every required role signed this very text, each its own person and no author."""
        draft = self.draft(kind)
        given = [s for s in statements.signatures(self.db, draft.id) if not s.void and s.sha256 == draft.sha256]
        needed = signing.required_roles(signoff.matter_of(self.db, self.stage.house, draft))
        assert not {s.person for s in given} & statements.authors(self.db, draft.id)
        return {s.role for s in given} >= set(needed) and len({s.person for s in given}) == len(given)

    def told(self, audience: str) -> float:
        """The minute at which an audience was told."""
        return min((t.at - START).total_seconds() / 60 for t in notes.told(self.db, 1) if t.audience == audience)

    def clean(self, kind: str) -> bool:
        """Whether the linter has nothing against the text as it went out: elements there, every number bound."""
        draft = self.draft(kind)
        return not signoff.lint_text(self.db, self.stage.house, draft.text, draft, draft.submitted_at or START).findings

    def points(self, part: str) -> int:
        """What the drill's score gives for a part."""
        scene = read_scenario(self.name, START)[0].body["scene"]
        parts = score(record(self.db, scene, self.stage, self.stage.clock.now))
        return next(p.points for p in parts if p.name == part)

    def learned(self, rule: str) -> float:
        return float((self.clock(rule).started_at - START).total_seconds() / 60)


async def play(config: Config, store: Store, name: str) -> Played:
    said: list[Mapping[str, Any]] = []
    lines_ = read_scenario(name, START)
    clock = Clock(START)
    stage = Stage(set_scene(config, lines_), store, clock, said.append, lines_)
    for line in lines_:
        if line.at > clock.now:
            await stage.advance(line.at)
        await stage.play(line)
        await stage.drain()
    await stage.advance(clock.now + TAIL)
    return Played(name, stage, said)


async def test_infant_formula(config: Config, store: Store) -> None:
    it = await play(config, store, "infant_formula")

    first = it.alerts()[0]
    assert first[0] <= 1
    assert first[2] == "yellow"
    assert any(t.kind == "verify" and "未成年人" in t.text for t in work.tasks(it.db, incident=1, live=False))
    assert [i.id for i in incidents.listed(it.db, tuple(State))] == [1]
    assert it.reached("orange") <= 96
    assert it.learned("food_2h") == pytest.approx(90, abs=0.5)
    assert it.clock("food_2h").witness == "业务"
    assert it.clock("food_2h").state == "met"
    assert not it.clock("food_2h").missed
    facts = {f.text[:6]: f for f in work.facts(it.db, 1)}
    assert any("MA0423" in f.text and f.state == "confirmed" for f in facts.values())
    forged = list(work.facts(it.db, 1, ("refuted",)))
    assert len(forged) == 1
    assert "截图" in forged[0].text
    assert forged[0].source == "质检部"
    assert it.stage.house.plan.playbook("food_safety").statements.count("recall_notice") == 1
    assert incidents.get(it.db, 1).type == "food_safety"
    assert not any("绝对安全" in m["text"] for m in it.said)
    recall = it.draft("recall_notice")
    assert 255 < it.released("recall_notice") <= 260
    assert it.clean("recall_notice")
    assert all(
        part in recall.text for part in ("晨露婴儿配方奶粉", "型号规格900克罐装", "批次MA0423", "生产日期2026年10月12日")
    )
    assert any("MA0423" in work.fact(it.db, n).text for n in recall.facts)
    assert 115 < it.released("holding") <= 120
    assert it.clean("holding")
    assert it.told("employees") < it.released("holding")
    assert it.points("发声会签") == 20
    assert it.points("合法合规") == 10


async def test_data_breach(config: Config, store: Store) -> None:
    it = await play(config, store, "data_breach")

    assert 180 <= it.reached("red") <= 181
    assert it.learned("cac_4h") == it.learned("pipl_57") == 180
    assert [i.id for i in incidents.listed(it.db, tuple(State))] == [1]
    assert incidents.get(it.db, 1).grade is Grade.RED
    assert all("1180000" not in m["text"] for m in it.said if it.minutes(m) < 180)
    assert it.clock("cac_4h").state == "met"
    assert it.clock("cac_4h").receipt == "WX-20261203-07"
    assert "不清楚的写「正在核实」，先报再补" in next(m["text"] for m in it.said if "【报告表】" in m["text"])
    assert [f.text[:5] for f in work.facts(it.db, 1, ("refuted",))] == ["身份证照片"]
    tasks = [t.text for t in work.tasks(it.db, incident=1, live=False)]
    assert "逐一告知受影响的人" in tasks
    assert "提醒用户防诈骗的话术" in tasks
    holding, notice = it.draft("holding"), it.draft("breach_notice")
    assert it.released("holding") < 180
    assert "1.2" not in holding.text
    assert "118" not in holding.text
    assert 220 < it.released("breach_notice") <= 225
    assert it.clean("breach_notice")
    assert "涉及您的信息种类：姓名、手机号；不涉及：支付信息" in notice.text
    assert "可能带来的影响：接到冒充客服的诈骗电话" in notice.text
    assert "请您现在：1）修改登录密码" in notice.text
    assert "索要验证码、要求转账的，请勿相信" in notice.text
    assert it.signed("breach_notice")
    assert it.points("发声会签") == 20


async def test_exec_remarks(config: Config, store: Store) -> None:
    it = await play(config, store, "exec_remarks")

    assert 90 <= it.reached("red") <= 91
    central = next(m for m in it.said if m["kind"] == "alert" and it.minutes(m) >= 90)
    assert any("全国S" in reason for reason in central["reasons"])
    assert incidents.get(it.db, 1).type == "exec_conduct"
    assert len(incidents.listed(it.db, tuple(State))) == 1
    tasks = [t.text for t in work.tasks(it.db, incident=1, live=False)]
    assert "核对本人另发的内容与公司口径是否冲突" in tasks
    assert "员工信初稿" in tasks
    assert any("个人账号与公司口径冲突" in text for text in tasks)
    decided = work.decisions(it.db, 1, ("decided",))
    assert any("员工信先发" in d.text for d in decided)
    apology = it.draft("apology")
    assert it.signed("staff_letter")
    assert it.told("employees") < it.released("holding")
    assert max((t.at - START).total_seconds() / 60 for t in notes.told(it.db, 1)) < it.released("apology")
    assert it.clean("apology")
    assert "郑重道歉" in apology.text
    assert not any(word in apology.text for word in ("断章取义", "剪辑", "被剪"))
    assert figures(it.db, incidents.get(it.db, 1), it.stage.clock.now)["turn"] > 0


async def test_labour(config: Config, store: Store) -> None:
    it = await play(config, store, "labour")

    assert 80 <= it.reached("orange") <= 81
    assert any(reason in ("worsened", "trigger") and 80 <= minute <= 81 for minute, reason, _ in it.alerts())
    tasks = work.tasks(it.db, incident=1, live=False)
    safety = [t for t in tasks if "安全" in t.text and t.blocking]
    assert safety
    assert all(t.due_at and t.due_at <= START.replace(hour=16) for t in safety)
    assert any("劳动监察" in t.text for t in tasks)
    assert any("申诉专线" in t.text for t in tasks)
    assert not any("老陈" in m["text"] and m["reason"] != "raised" and "首帖" not in m["text"] for m in it.said)
    old = work.facts(it.db, 1, ("refuted",))
    assert len(old) == 1
    assert "2021年6月" in old[0].source
    assert incidents.get(it.db, 1).open
    assert it.signed("staff_letter")
    assert it.told("employees") < it.released("holding")
    assert "东郊老陈" not in it.draft("holding").text + it.draft("staff_letter").text
    refused = next(m["text"] for m in it.said if "还不能跟踪" in m["text"])
    assert "首批工资到账并附银行回单" in refused
    assert any("首批工资已到账" in f.text and it.after(f.at, 250) for f in work.facts(it.db, 1, ("confirmed",)))


async def test_outage(config: Config, store: Store) -> None:
    it = await play(config, store, "outage")

    assert it.alerts()[0][0] <= 1
    assert [i.id for i in incidents.listed(it.db, tuple(State))] == [1]
    assert incidents.get(it.db, 1).type == "defacement"
    assert 15 <= it.reached("red") <= 16
    assert it.learned("cac_4h") == pytest.approx(15, abs=0.5)
    assert it.clock("cac_4h").state == "met"
    assert any("网信办" in d.text for d in work.decisions(it.db, 1, ("decided",)))
    kept = [e for e in evidence.of_incident(it.db, 1) if e.at < START + timedelta(minutes=70)]
    assert {"青禾政采网首页 的页面有改动"} <= {e.text for e in kept}
    restored = [it.minutes(m) for m in it.said if "可以说「已恢复」" in m["text"]]
    assert restored
    assert min(restored) >= 160
    assert not any("已恢复。" in m["text"] and it.minutes(m) < 160 for m in it.said)
    early = next(m for m in it.said if "还不能送审：稿中说已恢复" in m["text"])
    assert it.minutes(early) == pytest.approx(145, abs=0.5)
    out = [d for d in statements.of_incident(it.db, 1) if publications.of_draft(it.db, d.id)]
    assert [d.type for d in out] == ["holding", "progress_update", "progress_update"]
    assert it.released("holding") <= 75
    assert "备份时间为7小时前" in out[1].text
    assert "服务已恢复" in out[2].text
    assert it.released("progress_update") > 161
    updates = [m for m in it.said if m["reason"] == "reply" and m["text"].startswith("【速报")]
    assert [m["text"][:5] for m in updates] == ["【速报1】", "【速报2】", "【速报3】"]
    assert not any("速报超时" in m["text"] for m in it.said)
    assert any("备份时间为7小时前" in m["text"] for m in updates)


@pytest.mark.parametrize("name", ["infant_formula", "data_breach", "exec_remarks", "labour", "outage"])
def test_a_scenario_is_fictional_in_order_and_asks_nobody_by_name(name: str) -> None:
    rows = [json.loads(line) for line in files("bot.drills").joinpath(f"{name}.jsonl").read_text("utf-8").splitlines()]
    assert rows[0]["scene"]["company"]
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    speakers = {row["by"] for row in rows if "by" in row}
    assert speakers <= {"commander", "duty", "monitor", "pr", "legal", "cs", "biz", "it_sec", "hr", "spokesperson", "logistics"}
    assert all(not row.get("url") or ".example" in row["url"] for row in rows)
    words = " ".join(row.get("say", "") for row in rows)
    assert not any(person.name in words for person in load(CONFIG).people)
    assert set(BLANK.findall(words)) <= {*Role, "code", "contact", "matter"}


def test_every_probe_down_at_once_is_our_own_network_and_no_incident(config: Config, store: Store) -> None:
    said = _probes(config, store, (0, "down", "甲站"), (0, "down", "乙站"), until=10)
    assert [m["reason"] for m in said if not m["to"]] == ["own_network"]
    assert not incidents.listed(store._reader(), tuple(State))


def test_one_probe_down_of_two_is_an_incident_and_yellow_after_half_an_hour(config: Config, store: Store) -> None:
    said = _probes(config, store, (0, "up", "甲站"), (0, "down", "乙站"), until=40)
    alerts = [(m["at"], m["suggested"]) for m in said if m["kind"] == "alert"]
    assert [grade for _, grade in alerts] == ["blue", "yellow"]
    assert datetime.fromisoformat(alerts[0][0]) - START <= timedelta(minutes=1)
    assert timedelta(minutes=30) <= datetime.fromisoformat(alerts[1][0]) - START <= timedelta(minutes=32)


def test_a_changed_page_of_our_own_is_red_at_once(config: Config, store: Store) -> None:
    said = _probes(config, store, (0, "up", "乙站"), (5, "changed", "甲站"), until=6)
    (alert,) = [m for m in said if m["kind"] == "alert"]
    assert alert["suggested"] == "red"
    assert datetime.fromisoformat(alert["at"]) - START == timedelta(minutes=5)


def test_back_within_the_moment_is_noise(config: Config, store: Store) -> None:
    said = _probes(config, store, (0, "up", "乙站"), (0, "down", "甲站"), (0.5, "up", "甲站"), until=40)
    assert not [m for m in said if m["kind"] == "alert"]


def _probes(config: Config, store: Store, *events: tuple[float, str, str], until: float) -> list[Mapping[str, Any]]:
    import asyncio

    async def run() -> list[Mapping[str, Any]]:
        said: list[Mapping[str, Any]] = []
        lines_ = [
            Line(START + timedelta(minutes=at), n, {"at": at, "probe": kind, "source": name})
            for n, (at, kind, name) in enumerate(events, 1)
        ]
        clock = Clock(START)
        stage = Stage(config, store, clock, said.append, lines_)
        for line in lines_:
            if line.at > clock.now:
                await stage.advance(line.at)
            await stage.play(line)
            await stage.drain()
        await stage.advance(START + timedelta(minutes=until))
        return said

    return asyncio.run(run())


GOOD = Record(
    expected=Grade.ORANGE, reached=Grade.ORANGE, confirmed=Grade.ORANGE, parts=1, claim_s=120.0, claim_limit_s=900.0, clocks_due=4,
    clocks_met=4, legal_due=1, legal_done=1, facts=4, facts_with_source=4, facts_fallen=0, spoken=True, speak_due=True,
    unsigned_releases=0, tasks=5, tasks_done=5, decisions=2,
)  # fmt: skip


def test_a_good_drill_has_a_hundred_points() -> None:
    assert total(score(GOOD)) == 100


@pytest.mark.parametrize(
    ("worse", "points"),
    [
        ({"reached": None, "confirmed": None}, 80),
        ({"reached": Grade.YELLOW, "confirmed": Grade.YELLOW}, 93),
        ({"parts": 3}, 97),
        ({"clocks_met": 2}, 94),
        ({"legal_done": 0}, 92),
        ({"facts_fallen": 2}, 96),
        ({"spoken": False}, 80),
        ({"forbidden": ("付费删帖",)}, 90),
        ({"decisions": 0}, 96),
    ],
)
def test_each_lack_costs_its_points(worse: dict[str, Any], points: int) -> None:
    parts = score(replace(GOOD, **worse))
    assert total(parts) == points
    assert lines(parts)[0] == f"得分 {points}/100"
