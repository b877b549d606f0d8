"""Random people say random things; after every step the log rebuilds the state and the promises hold."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.config import load
from bot.model.incident import DONE, State
from bot.model.mention import Mention
from bot.store import audit, incidents, journal, timers
from bot.store.db import Store
from bot.watch import Batch
from tests.conftest import CONFIG, THREE_COMPLAINTS, Room

PEOPLE = st.sampled_from(["李雷", "张敏", "王磊", "何静", "林工", "小刘", "陈总", "周宁", "苏琴", "路人"])
NUMBER = st.integers(1, 4)
LINES = st.sampled_from(
    [
        "认领 #{n}", "指派 #{n} @林工", "转交 #{n} @王磊", "接 #{n}", "研判 #{n} 食品安全 属实", "定级 #{n} 黄 扩散", "定级 #{n} 橙 扩散",
        "定级 #{n} 红 死人了", "定级 #{n} 蓝 平了", "启动 #{n}", "跟踪 #{n}", "恢复处置 #{n}", "结案 #{n} 已解决", "误报 #{n} 同名餐馆",
        "{n}并到1", "重开 #{n} 又来了", "静音 #{n} 30分钟", "取消静音", "上报 #{n} 陈总", "任务 #{n} @林工 今晚8点前 查批次 阻断", "T{n} 完成",
        "接 T{n}", "取消 T{n}", "T{n} 延到明天中午", "记 #{n} 首帖在小红书", "F{n} 核实了 来源医院", "F{n} 不属实 来源派出所", "F{n} 撤回",
        "更正F{n}：不是3箱是5箱", "决策 #{n} 不发声", "J{n} 同意", "J{n} 不同意", "撤销 J{n}", "确认", "全部认领", "保密 #{n} @林工",
        "取消保密 #{n}", "存证 #{n} 原话如此", "待答 #{n} 何时出结果", "已答 Q{n} 明天", "已告知 #{n} 员工", "花费 #{n} 300元 检测", "交班 @张敏",
        "接 交班", "角色 王磊 加 监测", "角色 王磊 减 监测", "值班 张敏 到明早8点", "值班 请假 明天", "值班 销假", "已电话 陈总", "稍后 #{n} 10分钟",
        "不是负面 #{n}", "上报 门店门口有人排队骂街要说法", "已阅 #{n}", "列表", "状态 #{n}", "补课 #{n}", "时间线 #{n}", "还差什么 #{n}",
    ]
)  # fmt: skip


class CrisisRoom(RuleBasedStateMachine):
    """The room of the demo, driven at random."""

    @initialize()
    def open_the_room(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        config = load(CONFIG)
        config = replace(config, bot=replace(config.bot, data_dir=str(Path(self.folder.name) / "data")))
        self.store = Store(config.data_dir)
        self.store.open()
        self.loop = asyncio.new_event_loop()
        self.room = Room(self.store, config)
        self.heard = 0
        self.loop.run_until_complete(self.room.hear_of(*THREE_COMPLAINTS))

    @rule(line=LINES, by=PEOPLE, n=NUMBER, private=st.booleans())
    def somebody_says(self, line: str, by: str, n: int, private: bool) -> None:
        where = f"@{by}" if private else None
        said = self.loop.run_until_complete(self.room.say(line.format(n=n), by=by, room=where))
        assert "程序出错" not in said, f"{by}: {line} → {said}"
        assert len(said) < 2_000

    @rule(minutes=st.sampled_from([1, 10, 45, 300, 2000]))
    def time_passes(self, minutes: int) -> None:
        self.loop.run_until_complete(self.room.later(minutes=minutes))

    @rule(n=NUMBER)
    @precondition(lambda self: self.heard < 12)
    def the_world_speaks(self, n: int) -> None:
        texts = [f"晨露牛奶又出事了，第{self.heard}批喝出异物，投诉{n}", "晨露奶粉孩子喝了起疹子，MA0423，太可怕了"]
        self.heard += 1
        mention = Mention(source="测试源", key=f"w{self.heard}", seen=self.room.clock(), platform="微博", text=texts[n % 2])
        now = self.room.clock()
        self.loop.run_until_complete(self.room.watch.take_in(Batch(source="测试源", mentions=[mention]), now))

    @invariant()
    def the_log_rebuilds_the_state(self) -> None:
        if not hasattr(self, "store"):
            return
        db = self.room.db
        for table, rows in journal.rebuild(db).items():
            stored = {row["id"]: row for row in db.query(f"SELECT * FROM {table}")}
            assert stored.keys() == rows.keys(), table
            for id, values in rows.items():
                different = {k: (v, stored[id][k]) for k, v in values.items() if stored[id][k] != v}
                assert not different, f"{table} {id}: {different}"

    @invariant()
    def the_chain_holds(self) -> None:
        if hasattr(self, "store"):
            assert journal.verify(self.room.db, None)[1] == ""

    @invariant()
    def the_auditor_finds_nothing(self) -> None:
        if not hasattr(self, "store"):
            return
        late = self.room.clock.now - timedelta(minutes=1)
        found = audit.differences(
            self.room.db, audit.Marks(), audit.newest(self.room.db), late=late, doubt=late - timedelta(days=2), lately=late
        )
        assert found == audit.Found()

    @invariant()
    def promises_hold(self) -> None:
        if not hasattr(self, "store"):
            return
        db = self.room.db
        everything = incidents.listed(db, tuple(State))
        names = {p.name for p in self.room.house.people}
        for each in everything:
            assert each.owner in names | {""}
            assert each.state is State.NEW or each.owner or not each.accepted or each.state in DONE or _was_cleared(db, each.id)
            if each.state in DONE:
                assert each.resolution
                assert not timers.clocks_of(db, each.id), f"#{each.id} is over and a clock runs"
                assert not _live_tasks_of_duplicate(db, each), f"#{each.id} is a duplicate and holds tasks"
            if each.state in (State.GRADED, State.ACTIVE):
                assert each.grade is not None or each.state is State.ACTIVE
        self._closed_take_no_alerts(db)

    def _closed_take_no_alerts(self, db: Any) -> None:
        """No alert was sent about an incident after it was closed, until it was opened again."""
        rows = db.query(
            "SELECT a.at AS at, i.closed_at AS closed, i.id AS id FROM alerts a JOIN incidents i ON i.id = a.incident "
            "WHERE a.sent = 1 AND i.state IN ('closed', 'reviewed') AND a.at > i.closed_at"
        )
        assert not list(rows)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.loop.close()
            self.folder.cleanup()


def _was_cleared(db: Any, number: int) -> bool:
    found = db.execute("SELECT 1 FROM log WHERE incident = ? AND verb = 'owner_idle' LIMIT 1", (number,)).fetchone()
    return found is not None


def _live_tasks_of_duplicate(db: Any, each: Any) -> bool:
    sql = "SELECT 1 FROM tasks WHERE incident = ? AND state IN ('open', 'doing', 'blocked') LIMIT 1"
    return each.merged_into is not None and db.execute(sql, (each.id,)).fetchone() is not None


TestCrisisRoom = CrisisRoom.TestCase
TestCrisisRoom.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
