"""What must hold for every storm and every text: few messages, right numbers, one voice, no ping for all, no leak, no stop."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.config import load
from bot.model.mention import Mention, Tier
from bot.store import incidents
from bot.store.db import Store
from bot.watch import Batch
from tests.conftest import CONFIG, Room
from tests.crowd import voices

STORM = 10_000


async def test_a_storm_of_ten_thousand_mentions_is_a_handful_of_messages(room: Room) -> None:
    await room.hear_of(
        {"text": "我家宝宝喝了晨露奶粉（批次MA0423）之后全身起疹子，拍了照片", "platform": "小红书", "tier": "C"}
    )
    room.ignore()
    told = []
    crowd = voices(STORM)
    for start in range(0, STORM, 500):
        batch = [
            Mention(
                source=each["platform"],
                key=f"storm{start + n}",
                seen=room.clock(),
                platform=each["platform"],
                text=each["text"],
                tier=Tier.C,
            )
            for n, each in enumerate(crowd[start : start + 500])
        ]
        await room.watch.take_in(Batch(source="风暴", mentions=batch), room.clock())
        await room.later(seconds=30)
        told += room.ignore()

    in_the_room = [s for s in told if s.to == room.name]
    assert 1 <= len(in_the_room) <= 6, [str(s)[:60] for s in in_the_room]
    assert {s.incident for s in in_the_room} == {1}
    figures = incidents.gauge(room.db, 1)["indicators"]
    stored = room.db.conn.execute("SELECT count(*) FROM mentions").fetchone()[0]
    volume = room.db.conn.execute("SELECT count(*) FROM mentions WHERE counted = 1 AND strand IS NOT NULL").fetchone()[0]
    assert stored == STORM + 1
    assert figures["mentions"] == volume
    assert figures["platforms"] == 3
    assert figures["per_hour"] == volume
    assert "3个平台" in [s for s in in_the_room if s.kind == "alert"][-1].text


WORDS = st.sampled_from(
    (
        "认领 定级 红 橙 结案 发布 同意 确认 #1 #2 1 T1 F1 J1 D1 Z-1 @所有人 @all @林工 @望楼 记 决策 任务 上报 保密 静音 重开 误报 并到 "
        "全部 值班 接 交班 花费 删帖 补课 时间线 简报 列表 状态 研判 属实 来源 医院 今晚8点 不 先别 要不要 吗 ？ 「 」 : ： , <at> "
        "https://a.example 13812345678 '; DROP TABLE log; -- {} %s \u202e \u2005 ＃１２ 十二号"
    ).split(" ")
)
LINES = st.one_of(st.lists(WORDS, max_size=9).map(" ".join), st.lists(WORDS, max_size=9).map("".join), st.text(max_size=300))
SECRET = "绝密的那件事"


class Standing:
    """One room for all examples: #1 is open, #2 is confidential; every example is undone by nothing, it must hold anyway."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        config = load(CONFIG)
        config = replace(config, bot=replace(config.bot, data_dir=str(Path(self.folder.name) / "data")))
        self.store = Store(config.data_dir)
        self.store.open()
        self.loop = asyncio.new_event_loop()
        self.room = Room(self.store, config)
        for line, by in (
            ("上报 门店门口有人排队骂街要说法", "小刘"),
            (f"上报 {SECRET}不能让别人知道", "陈总"),
            ("保密 #2", "陈总"),
        ):
            self.loop.run_until_complete(self.room.say(line, by=by))
        self.room.ignore()

    def say(self, text: str, by: str, private: bool) -> list[str]:
        where = f"@{by}" if private else None
        answer = self.loop.run_until_complete(self.room.answer(text, by=by, room=where))
        assert not [p for p in answer.posts if set(p.mentions) - {x.name for x in self.room.house.people}]
        return [post.text for post in answer.posts]


def test_nothing_a_person_types_makes_us_say_two_things_ping_all_leak_or_stop() -> None:
    standing = Standing()

    @settings(max_examples=400, suppress_health_check=list(HealthCheck), deadline=None)
    @example("@所有人 认领 #1", "王磊", False)
    @example("记 #2 " + SECRET, "王磊", False)
    @example("\u202e认领 #1\u202c", "小刘", True)
    @given(LINES, st.sampled_from(["李雷", "王磊", "小刘", "林工", "路人", "周宁"]), st.booleans())
    def typed(text: str, by: str, private: bool) -> None:
        said = standing.say(text, by, private)
        heard = [s for s in standing.room.ignore() if s.to not in ("@陈总",)]
        lines = said + [s.text for s in heard]
        assert len(said) <= 1 or any(p.startswith(("1✓", "1✗", "1…")) for p in said), said
        for line in lines:
            assert "程序出错" not in line, f"{by}: {text!r} → {line}"
            assert SECRET not in line or SECRET in text, f"{by}: {text!r} → {line}"
            assert len(line) < 3_000
        for place in {s.to for s in heard}:
            assert len([s for s in heard if s.to == place]) <= 3, f"{text!r}: {[str(s) for s in heard]}"

    typed()
    standing.store.close()
    standing.loop.close()
    standing.folder.cleanup()
