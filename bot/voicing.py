"""One voice: which talking point answers a question, and who has yet to hear. Queries and small changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from bot.analysis.text import clean
from bot.drafting import order
from bot.model.house import House
from bot.model.incident import Incident
from bot.store import voice
from bot.store.voice import Point

MEANINGS = (
    ("赔偿", "赔付", "退款", "补偿", "赔钱", "赔多少", "退钱", "退货", "退换", "赔", "怎么办理",
     "退给", "想退", "要退", "能退", "退掉", "给退", "换货", "给我换", "能换"),
    ("原因", "为什么", "怎么回事", "怎么会", "起因", "为何", "咋回事", "为啥", "导致", "啥问题", "什么问题", "根源", "岔子", "哪个环节",
     "出在哪", "查出来", "查清", "查明"),
    ("安全", "有毒", "危害", "有害", "能喝", "能吃", "能用", "敢用", "伤害", "风险", "喝不", "吃不", "敢喝", "敢吃", "继续给", "给孩子吃",
     "给孩子喝", "继续喝", "继续吃", "放心"),
    ("多少人", "几个人", "人数", "多少箱", "数量", "规模", "范围", "多大", "涉及多少", "批次", "哪一批", "哪批", "哪些货", "型号", "哪几家"),
    ("下次", "什么时候", "何时", "进展", "结果", "多久", "几号", "时间", "几时", "啥时候", "给说法", "给个说法"),
    ("召回", "下架", "停售", "还卖", "还在卖", "继续卖"),
    ("监管", "部门", "有没有报告", "报告监管", "报告了", "报告没", "上报", "备案", "调查组", "处罚", "罚", "市监局",
     "政府", "介入", "卫健委", "网信办", "公安"),
    ("泄露", "外泄", "泄漏", "信息", "数据", "隐私", "个人信息"),
    ("负责", "责任", "谁的错", "追责", "处理谁", "问责"),
    ("道歉", "致歉", "认错", "对不起"),
    ("受伤", "住院", "就医", "就诊", "病情", "伤者", "患者", "情况怎么样", "病人", "伤亡", "人死", "死人", "去世", "严重不", "严重吗", "中招",
     "孩子现在", "孩子怎么", "孩子情况", "孩子好", "娃好", "娃怎么", "娃现在", "的娃", "出院", "小孩"),
    ("工资", "欠薪", "拖欠", "薪资"),
    ("恢复", "修好", "能用了", "宕机", "故障", "打不开"),
    ("联系", "电话", "找谁", "热线", "客服"),
    ("现在才", "今天才", "这么晚", "才公布", "才说", "拖到", "早就知道", "瞒", "捂着", "不早说", "为什么不早"),
)  # fmt: skip
"""Words that ask for the same thing; a company's own questions bring their own words."""
_ASKING = re.compile(r"我们|你们|公司|请问|有没有|是不是|能不能|怎么|什么|多少|为什么|吗|呢|的|了|是|会|要|说|问|答")
WHEN = 4
"""Asking when is asking about something: beside another meaning it counts half."""
ENOUGH = 0.34
"""A point fits from this score on: half of its score is words in common, half is the meaning asked for."""


def closest(question: str, points: Sequence[Point]) -> Point | None:
    """The point that answers a question by its meaning, the newest of equals; None where none fits."""
    scored = [(_score(question, p), p.id, p) for p in points]
    best = max(scored, default=None, key=lambda row: row[:2])
    return best[2] if best and best[0] >= ENOUGH else None


def as_close(question: str, point: Point, other: Point) -> bool:
    """Whether a point answers the question about as well as another one: what was withdrawn is not made up for by what is only alike."""
    return _score(question, point) >= 0.9 * _score(question, other)


def _score(question: str, point: Point) -> float:
    asked, known = _pairs(question), _pairs(f"{point.question} {point.answer}")
    shared = len(asked & known) / max(1, len(asked))
    meant, there = _meanings(question), _meanings(point.question)
    if not meant:
        return shared
    return 0.5 * shared + _weight(meant & there) / (_weight(meant) + _weight(there))


def _weight(meanings: set[int]) -> float:
    return sum(0.5 if n == WHEN else 1.0 for n in meanings)


def _pairs(text: str) -> set[str]:
    """Pairs of characters that say what it is about, without the words of asking."""
    plain = _ASKING.sub(" ", clean(text).bare)
    return {run[n : n + 2] for run in re.findall(r"[^\W_]+", plain) for n in range(len(run) - 1)}


def _meanings(text: str) -> set[int]:
    plain = clean(text).bare
    return {n for n, words in enumerate(MEANINGS) if any(word in plain for word in words)}


def ensure_plan(db: Database, house: House, incident: Incident, *, at: datetime, by: str) -> None:
    """Every audience of this type of incident has its row."""
    have = {row.audience for row in voice.hearings(db, incident.id)}
    for audience in needed(incident.type, house.listed):
        if audience not in have:
            how, rule = order.PLAN[audience]
            voice.add(
                db,
                "hearings",
                "audience",
                at=at,
                by=by,
                incident=incident.id,
                audience=audience,
                how=how,
                rule=rule,
                state="planned",
            )


def needed(kind: str, listed: bool) -> tuple[str, ...]:
    """Who has to hear of an incident of this type, in order."""
    who = ["employees", "public", "media"]
    if kind in ("food_safety", "product_safety", "work_accident", "environment"):
        who += ["harmed", "regulators", "partners"]
    if kind in ("data_breach", "outage", "defacement"):
        who += ["affected_users", "regulators"]
    if listed or kind == "investor":
        who.append("investors")
    return tuple(audience for audience in order.AUDIENCES if audience in who)
