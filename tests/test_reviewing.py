"""The review's list (domain handbook, section 9), item by item, from what stands in the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot import reviewing
from bot.config import Config
from bot.model.times import iso
from bot.store import incidents, publications, reviews, statements, work
from tests.conftest import START, Room
from tests.statement_world import Desk
from tests.stories import story

PAGE = "https://weibo.example/d1"


@pytest.fixture
def desk(config: Config) -> Iterator[Desk]:
    made = Desk(config, hour_rate=200.0)
    yield made
    made.close()


def figures(desk: Desk) -> dict[str, Any]:
    return desk.run(lambda db: reviewing.figures(db, incidents.get(db, 1), desk.now))  # type: ignore[no-any-return]


def said(desk: Desk) -> list[str]:
    return desk.run(  # type: ignore[no-any-return]
        lambda db: reviewing.words(
            db, incidents.get(db, 1), reviewing.figures(db, incidents.get(db, 1), desk.now), desk.now, str
        )
    )


def released(desk: Desk) -> None:
    desk.handed("微博")
    desk.say(f"已发 D1 {PAGE}", "苏琴")


async def read(room: Room, url: str, reads: int) -> None:
    await room.hear_of({"text": f"晨露乳业牛奶异物太恶心了，再也不买 {reads}", "url": url, "reads": reads})


async def test_reach_of_ours_is_our_reads_beside_the_three_largest_negative_items(room: Room) -> None:
    await room.open_incident(owner="李雷")
    for n, reads in enumerate((9000, 4000, 100, 7000)):
        await read(room, f"https://bbs.example/{n}", reads)
    room.ignore()
    assert room.db.execute("SELECT count(*) FROM mentions WHERE sentiment = 'negative' AND reads > 0").fetchone()[0] == 4
    assert reviewing.figures(room.db, room.incident(), room.clock())["reach"] is None  # nothing of ours is out

    made = await room.store.run(
        statements.add, incident=1, type="holding", text="晨露乳业的说明", facts=(), by="王磊", at=room.clock()
    )
    out = await room.store.run(
        publications.hand, made, channel="微博", operator="苏琴", connector="", by="王磊", at=room.clock()
    )
    await room.store.run(
        publications.change, out, "released", incident=1, at=room.clock(), by="苏琴", state="released", url=PAGE
    )
    await room.hear_of({"text": "晨露乳业关于牛奶的说明", "url": PAGE, "reads": 30_000})
    room.ignore()
    assert reviewing.figures(room.db, room.incident(), room.clock())["reach"] == {"ours": 30_000, "theirs": 20_000}


def test_two_released_texts_that_disagree_are_listed_and_a_correction_is_not(desk: Desk) -> None:
    released(desk)
    assert figures(desk)["consistency"] == []

    def other(db: Any, corrects: int | None, text: str) -> None:
        made = statements.add(db, incident=1, type="situation_notice", text=text, facts=(), by="王磊", at=desk.now)
        statements.change(db, made, "released", at=desk.now, by="王磊", state="released", corrects=corrects)

    desk.run(other, None, "晨露乳业：目前就诊1例，情况稳定。")
    desk.run(other, 2, "晨露乳业更正：目前就诊3例，情况稳定。")
    assert figures(desk)["consistency"] == []
    desk.run(other, None, "晨露乳业：目前就诊5例，情况稳定。")
    found = figures(desk)["consistency"]
    assert found
    assert all("说法不一" in line for line in found)
    assert any("说法不一" in line for line in said(desk))


def test_emergency_overrides_and_refusals_are_counted_with_reasons_and_without_names(desk: Desk) -> None:
    desk.clean_draft()
    desk.say("紧急首发 D1", "张敏")
    desk.say("找人把那几个帖子删了，花点钱也行", "小刘")
    desk.say("结案 #1 没事了", "小刘")
    it = desk.draft()
    desk.run(lambda db: statements.waive(db, it, ["empty:个别"], by="王磊", reason="后文有确切数字", at=desk.now))

    counts = figures(desk)["counts"]
    assert counts["emergency"] == ["D1"]
    assert counts["waive"] == ["后文有确切数字"]
    assert counts["refusal"] == ["付费删帖"]
    assert len(counts["refused"]) == 1
    line = next(line for line in said(desk) if "紧急首发" in line)
    assert line == "紧急首发1次（D1）；忽略检查1次（后文有确切数字）；不做的事1次（付费删帖）；越权被拒1次"
    assert not any(name in line for name in ("小刘", "张敏", "王磊"))


def test_a_decision_recorded_for_another_is_listed(desk: Desk) -> None:
    desk.say("陈总拍板：先下架再查", "张敏")
    assert figures(desk)["counts"]["proxied"] == ["J1"]


def test_costs_are_told_apart_and_marked_measured_or_estimated(desk: Desk) -> None:
    assert desk.say("花费 #1 3000元 检测费", "周宁") == "#1 记3,000元（检测费），累计3,000元"
    assert desk.say("花费 #1 夜班 12小时", "周宁").startswith("#1 记2,400元（夜班 12小时）")
    desk.say("花费 #1 8万 退款", "周宁")
    desk.say("花费 #1 50万 估计销售损失", "周宁")
    assert figures(desk)["cost"] == {
        "outlay": {"measured": 3000.0},
        "hours": {"measured": 2400.0},
        "remedy": {"measured": 80_000.0},
        "loss": {"estimated": 500_000.0},
    }
    assert any("损失500,000元（估计）" in line for line in said(desk))


def test_hours_without_a_rate_are_not_guessed(desk: Desk) -> None:
    desk.house = replace(desk.house, hour_rate=0.0)
    desk.crash()
    assert "没有配置每小时人工费" in desk.say("花费 #1 夜班 12小时", "周宁")
    assert desk.say("花费 #1 2400元 夜班 12小时", "周宁").startswith("#1 记2,400元")


def test_fact_quality_counts_what_fell_after_use(desk: Desk) -> None:
    released(desk)
    desk.run(lambda db: work.add_fact(db, incident=1, text="没人用过", state="retracted", source="", by="林工", at=desk.now))
    used = figures(desk)["facts"]
    assert (used["used"], used["fallen"]) == (len(desk.draft().facts), 0)
    desk.say("决策 #1 先下架", "陈总")
    desk.say("F1 撤回 医院更正", "林工")
    assert (figures(desk)["facts"]["used"], figures(desk)["facts"]["fallen"]) == (1, 1)


def test_the_second_wave_is_counted_from_the_release_before_it(desk: Desk) -> None:
    released(desk)
    (out,) = desk.publications()
    wave = (out.released_at or START) + timedelta(hours=3)
    sql = (
        "INSERT INTO alerts (id, incident, at, sent, kind, reason, per_hour, triggers, authority, detail) "
        "VALUES (1, 1, ?, 1, 'alert', 'second_wave', 9, '[]', '', '')"
    )
    desk.run(lambda db: db.conn.execute(sql, (iso(wave),)))
    assert figures(desk)["second_wave_after"] == pytest.approx(3.0)


def test_clocks_are_counted_by_grade(desk: Desk) -> None:
    sql = (
        "INSERT INTO clocks (id, incident, round, name, started_at, limit_s, due_at, state, missed, grade) "
        "VALUES (?, 1, 1, ?, '2026-12-03T01:48:00Z', 60, '2026-12-03T01:49:00Z', 'met', ?, ?)"
    )
    rows = ((90, "claim", 0, "yellow"), (91, "update", 1, "orange"), (92, "report", 0, "orange"))
    desk.run(lambda db: [db.conn.execute(sql, row) for row in rows])
    assert figures(desk)["sla"] == {"due": 3, "met": 2, "missed": ["update"], "by_grade": {"黄": [1, 1], "橙": [1, 2]}}


def test_an_improvement_still_open_is_raised_at_the_next_review(desk: Desk) -> None:
    def earlier(db: Any) -> None:
        old = incidents.open_new(db, title="去年那件", at=desk.now, by="望楼", suggested=None, why="", kind="food_safety")
        secret = incidents.open_new(db, title="保密那件", at=desk.now, by="望楼", suggested=None, why="", kind="food_safety")
        incidents.change(db, secret.id, "confidential", at=desk.now, by="陈总", confidential=True)
        for number, text in ((old.id, "夜班加一人"), (secret.id, "换掉门锁")):
            reviews.add_improvement(db, number, text, owner="李雷", due_at=None, by="李雷", at=desk.now)

    desk.run(earlier)
    assert said(desk)[-1] == "上次复盘未完：改进1 夜班加一人（李雷）"


async def test_a_review_in_the_room_is_one_screen_with_every_kind_of_line(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        小刘：结案 #1 没事了
          < 你（客服）不能结案 #1。可以的是：指挥、负责人
        小刘：花点钱把帖子删了 #1
          < 不能做：付费删帖违法
        周宁：花费 #1 3000元 检测费
          < #1 记3,000元（检测费），累计3,000元
        李雷：复盘 #1
          < 复盘 #1 晨露乳业的牛奶里喝出异物（未结，进行中的数）
          < 任务0/0按时；事实0条，用过0条，用后更正或撤回0条
          < 不做的事1次（付费删帖）；越权被拒1次；花费 支出3,000元（实记）
        """,
    )
