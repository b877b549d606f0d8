"""Whatever anybody types, in any role, in the room or in private: one reply or silence, no ping, no word of a secret matter, no stop."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.config import load
from bot.model.people import Person, Role
from bot.store import incidents, outbox
from bot.store.db import Store
from tests.conftest import CONFIG, Room

SECRET = "绝密"
"""Stands in the title, the task, the fact, the decision and the evidence of #2."""
BY_ROLE = {role: f"某{role.label[:2]}" for role in Role}
SPEAKERS = [name for role, name in BY_ROLE.items() if role is not Role.COMMANDER] + ["外人"]
VERBS = (
    "认领 指派 定级 升红 降蓝 启动 跟踪 恢复处置 结案 重开 误报 并到 研判 上报 静音 取消静音 稍后 接 记 核实了 不属实 更正 "
    "撤回 决策 撤销 任务 完成 延到 催一下 起草首发 改 送审 同意 退回 发布 已发 未发 撤下 先别发 解除 紧急首发 追认 口径 采访 "
    "存证 披露 保密 取消保密 补课 状态 简报 日报 周报 专报 时间线 我的任务 谁在值班 还差什么 为什么 趋势 列表 列表 已结 复盘 "
    "改进项 查案例 导出 演练 帮助 值班 请假 角色 交班 花费 已报 免报 起点改 时限 已电话 电话表 已阅 待答 已答 已告知 溯源 "
    "试规则 确认 全部认领 预案 照报 无变化 补一句 电话谈 我是谁 "
).split()
THINGS = "#1 #2 #3 ＃２ 2号 二号 T1 T2 F1 F2 J1 J2 Z-1 Z-2 D1 D2 Q1 @所有人 @all @林工 @陈总 今晚8点 理由 来源医院 红 橙 1 2 2并到1 1并到2".split()
ODD = st.text(
    st.sampled_from(
        [
            *"\x00\x07\x1b\u200b\u200e\u202e\u2066\ufeff\U000e0041\u0301\ud7ff",
            *"<@>&「」#＃|*`{}%\\'\"",
            "绝",
            "密",
            "认",
            "领",
            "1",
            " ",
        ]
    ),
    max_size=60,
)
COMMANDS = st.lists(st.sampled_from([*VERBS, *THINGS]), min_size=1, max_size=7).map(" ".join)
LONG = st.tuples(st.sampled_from([*VERBS, "记 #1", "改 D1"]), st.integers(500, 8_000)).map(
    lambda it: f"{it[0]} {'很长' * (it[1] // 2)}"
)
LINES = st.one_of(COMMANDS, COMMANDS, ODD, LONG, st.tuples(COMMANDS, ODD).map("".join), st.text(max_size=200))


class Standing:
    """One room for all examples: #1 is open, #2 is secret and holds one of each thing; one person of each role, and an outsider."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        config = load(CONFIG)
        one_each = tuple(Person(name, frozenset({role}), (("local", name),)) for role, name in BY_ROLE.items())
        data = str(Path(self.folder.name) / "data")
        config = replace(config, bot=replace(config.bot, data_dir=data), people=(*config.people, *one_each))
        self.store = Store(config.data_dir)
        self.store.open()
        self.loop = asyncio.new_event_loop()
        self.room = Room(self.store, config)
        for line in (
            f"上报 {SECRET}不能让别人知道",
            *(f"任务 #1 {SECRET}任务 今晚8点", f"记 #1 {SECRET}事实", f"决策 #1 {SECRET}决策", f"存证 #1 {SECRET}原话"),
            *("起草首发 #1", f"待答 #1 {SECRET}问题", "保密 #1", "上报 门店门口有人排队骂街要说法"),
        ):
            self.loop.run_until_complete(self.room.say(line, by="陈总"))
        self.room.ignore()
        assert incidents.get(self.room.db, 1).confidential
        for table in ("tasks", "facts", "decisions", "drafts", "evidence", "questions"):
            assert self.room.db.execute(f"SELECT 1 FROM {table} WHERE incident = 1").fetchone(), table

    def close(self) -> None:
        self.store.close()
        self.loop.close()
        self.folder.cleanup()

    def type(self, text: str, by: str, private: bool, quote: str) -> None:
        answer = self.loop.run_until_complete(
            self.room.answer(text, by=by, room=f"@{by}" if private else None, quote=quote, quote_by="某人" if quote else "")
        )
        self.check(f"{by}{'（私）' if private else ''}「{quote}」{text!r}", [p.text for p in answer.posts], text + quote)
        people = {person.name for person in self.room.house.people}
        assert not [p for p in answer.posts if set(p.mentions) - people]

    def press(self, number: int, key: str, by: str) -> None:
        row = outbox.get(self.room.db, number)
        if row is None or row.post.card is None:
            return
        said = next((s for s in self.room.said if s.id == number), None)
        if said is None:
            return
        answer = self.loop.run_until_complete(self.room.press(said, key, by=by))
        self.check(f"{by} 按 {number}:{key}", [p.text for p in answer.posts], "")

    def check(self, what: str, answers: list[str], typed: str) -> None:
        heard = [s for s in self.room.ignore() if s.to not in ("@陈总", f"@{BY_ROLE[Role.COMMANDER]}")]
        several = bool(answers) and answers[0].startswith(("1✓", "1✗", "1…"))
        assert len(answers) <= 1 or several, f"{what} → {answers}"
        for line in [*answers, *(s.text for s in heard)]:
            assert "程序出错" not in line, f"{what} → {line}"
            assert SECRET not in line or SECRET in typed, f"{what} → {line}"
            assert len(line) < 3_000, f"{what} → {len(line)}"


@pytest.fixture(scope="module")
def standing() -> Iterator[Standing]:
    made = Standing()
    yield made
    made.close()


def test_any_line_of_anybody_gets_one_reply_or_silence(standing: Standing) -> None:
    @settings(max_examples=500, suppress_health_check=list(HealthCheck), deadline=None)
    @example("1并到2", BY_ROLE[Role.DUTY], False, "")
    @example("2并到1", BY_ROLE[Role.DUTY], False, "")
    @example("@所有人 状态 #1", BY_ROLE[Role.OBSERVER], True, "")
    @example("T1 完成", BY_ROLE[Role.BIZ], True, "")
    @example("核实了 F1 来源医院", BY_ROLE[Role.BIZ], False, "")
    @example("认领", BY_ROLE[Role.MONITOR], False, "#1 一号事情")
    @given(
        LINES,
        st.sampled_from(SPEAKERS),
        st.booleans(),
        st.sampled_from(["", "", "", "#1", "T1", "D1 待审批", "「望楼：#1 升为橙色」"]),
    )
    def typed(text: str, by: str, private: bool, quote: str) -> None:
        standing.type(text, by, private, quote)

    typed()


def test_any_button_pressed_by_anybody_gets_one_reply_or_silence(standing: Standing) -> None:
    keys = st.sampled_from(
        "claim false_alarm merge mute accept done confirm refuse confirm_fact agree decline read phone x".split()
    )

    @settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.integers(1, 40), keys, st.sampled_from(SPEAKERS))
    def pressed(number: int, key: str, by: str) -> None:
        standing.press(number, key, by)

    pressed()
