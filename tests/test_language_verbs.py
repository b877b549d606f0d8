"""The verbs beyond the intents: exact first words with their slots."""

from __future__ import annotations

from typing import Any

import pytest

from bot.language.understand import understand
from bot.language.verbs import verb
from bot.model.message import Quote


@pytest.mark.parametrize(
    ("text", "name", "slots"),
    [
        ("上报", "report", {}),
        (
            "上报 https://weibo.example/1 有人晒出皮疹照片",
            "report",
            {"url": "https://weibo.example/1", "text": "有人晒出皮疹照片"},
        ),
        ("研判 #12 食品安全 真伪未知", "assess", {"incident": 12, "type": "food_safety", "truth": "unknown"}),
        ("研判 数据泄露 属实", "assess", {"type": "data_breach", "truth": "true"}),
        ("#12 研判 谣言 不属实", "assess", {"incident": 12, "type": "rumor", "truth": "false"}),
        ("启动", "start", {}),
        ("启动 #12", "start", {"incident": 12}),
        ("启动12", "start", {"incident": 12}),
        ("跟踪 #12", "track", {"incident": 12}),
        ("恢复处置 #12", "resume", {"incident": 12}),
        ("接 T3", "accept", {"task": 3}),
        ("接", "accept", {}),
        ("送审 D3", "submit", {"draft": 3}),
        ("已发 D1 https://weibo.example/d1", "released", {"draft": 1, "url": "https://weibo.example/d1"}),
        ("已发 D1 微博 https://x.example/1", "released", {"draft": 1, "channel": "weibo", "url": "https://x.example/1"}),
        ("未发 D3 微博", "not_released", {"draft": 3, "channel": "weibo"}),
        ("未发 D3 微博，登录不上", "not_released", {"draft": 3, "channel": "weibo", "reason": "登录不上"}),
        ("没发成 D3 微博", "not_released", {"draft": 3, "channel": "weibo"}),
        ("稍后 30分钟", "later", {"duration": "30分钟"}),
        ("稍后 10", "later", {"duration": "10分钟"}),
        ("稍后", "later", {}),
        ("保密 #12", "confidential", {"incident": 12}),
        ("存证 https://bbs.example/t/9", "evidence", {"url": "https://bbs.example/t/9"}),
        ("口径 赔偿", "talking_points", {"text": "赔偿"}),
        ("交班 给 王磊", "handover", {"persons": ["王磊"]}),
        ("花费 3,200元 快递 #12", "expense", {"incident": 12, "amount": 3200.0, "text": "快递"}),
        ("已报 食安 回执 2026-0415", "reported", {"clock": "食安", "receipt": "2026-0415"}),
        ("已电话 陈总", "called", {"persons": ["陈总"]}),
        ("电话表", "phones", {}),
        ("值班", "roster", {}),
        ("谁在值班", "roster", {}),
        ("绑定 8842", "bind", {"code": "8842"}),
        ("我是谁", "whoami", {}),
        ("确认", "confirm", {}),
        ("确认 7F3A", "confirm", {"code": "7F3A"}),
        ("確認 c20e", "confirm", {"code": "C20E"}),
        ("为什么 #12", "why", {"incident": 12}),
        ("#12 为什么是黄？", "why", {"incident": 12}),
        ("为什么定橙", "why", {}),
        ("试规则 奶粉 & 皮疹", "try_rule", {"text": "奶粉 & 皮疹"}),
        ("不是负面", "not_negative", {}),
        ("是负面", "is_negative", {}),
        ("紧急首发 #12", "emergency", {"incident": 12}),
        ("加签 D3 @何静", "co_sign", {"draft": 3, "persons": ["何静"]}),
        ("转代理 D3", "delegate", {"draft": 3}),
        ("起点改 10:21，来电那时已核实，林工可证", "learned_at", {"when": "10:21", "persons": ["林工"]}),
    ],
)
def test_a_first_word_is_a_verb_with_its_slots(text: str, name: str, slots: dict[str, Any]) -> None:
    got = verb(text)

    assert got is not None
    assert got.name == name
    assert {key: got.slots.get(key) for key in slots} == slots


@pytest.mark.parametrize(
    "text",
    ["研判 #12 食品安全 真伪未知", "启动 #12", "跟踪", "恢复处置 #12", "接", "送审 D3", "稍后 30分钟", "保密 #12", "存证", "口径 赔偿", "交班",
     "花费 300", "已报 食安 回执 1", "已电话 陈总", "电话表", "值班", "绑定 8842", "我是谁", "确认 7F3A", "确认", "不是负面", "上报",
     "起点改 10:21，来电那时已核实，林工可证", "紧急首发 #12", "加签 D3 @何静", "转代理 D3", "为什么 #12", "试规则 奶粉"],
)  # fmt: skip
def test_the_intents_leave_these_to_the_verbs(text: str) -> None:
    assert understand(text).name in {"none", "escalate"}
    if text != "上报":
        assert understand(text).name == "none"


@pytest.mark.parametrize(
    "text",
    ["大家好", "接下来怎么办", "确认一下酒店", "启动会几点", "口径不一致啊", "值班室的灯坏了", "接机", "跟踪狂", "", "#12"],
)
def test_a_longer_word_is_no_verb(text: str) -> None:
    assert verb(text) is None


def test_a_quote_gives_the_report_its_words_and_source() -> None:
    got = verb("上报", quote=Quote("有家长在群里说孩子起疹子", "小刘"))

    assert got is not None
    assert got.slots == {"text": "有家长在群里说孩子起疹子", "source": "小刘"}


def test_with_a_number_or_a_person_it_is_an_escalation() -> None:
    assert understand("上报 #12 给陈总").name == "escalate"
    assert understand("上报陈总").name == "escalate"


@pytest.mark.parametrize(
    ("line", "name", "slots"),
    [
        ("已阅 #1", "read", {"incident": 1}),
        ("已告知 #12 员工 已发内部信", "told", {"incident": 12, "audience": "employees"}),
        ("待答 #12 检测什么时候出", "question", {"incident": 12, "text": "检测什么时候出"}),
        ("已答 Q1 明天16:00出", "answered", {"question": 1, "text": "明天16:00出"}),
        ("补记 #12 10:21 医院来电", "fact", {"incident": 12, "late": True}),
        ("取消保密 #12", "confidential", {"incident": 12, "op": "off"}),
        ("角色 王磊 加 值班长", "role", {"text": "王磊 加 值班长"}),
    ],
)
def test_the_smaller_records_have_verbs_of_their_own(line: str, name: str, slots: dict[str, object]) -> None:
    found = verb(line, people=("王磊",))

    assert found is not None
    assert found.name == name
    assert slots.items() <= dict(found.slots).items()


@pytest.mark.parametrize(
    ("line", "intent", "slots"),
    [
        ("J1 同意", "decision", {"op": "confirm", "decision": 1}),
        ("J1 不同意 太早了", "decision", {"op": "retract", "decision": 1, "reason": "太早了"}),
        ("上报 领导", "escalate", {"to": "领导"}),
        ("上报 12", "escalate", {"incident": 12}),
        ("上报 门店着火，有人受伤", "none", {}),
        ("上报 https://weibo.example/1 门店着火", "none", {}),
        ("还差什么 #12", "none", {}),
        ("误报 #12 不是我们", "close", {"incident": 12, "resolution": "false_alarm"}),
        ("误报 #12 是不是太早", "none", {}),
    ],
)
def test_a_verdict_on_a_decision_and_a_new_matter_are_told_from_an_escalation(
    line: str, intent: str, slots: dict[str, object]
) -> None:
    found = understand(line)

    assert found.name == intent
    assert slots.items() <= dict(found.slots).items()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("D1 送审", "submit"),
        ("D1 v2 送审", "submit"),
        ("D3 紧急首发", "emergency"),
        ("D1 加签 何静", "co_sign"),
        ("T1 接", "accept"),
        ("D1 对比", "compare"),
    ],
)
def test_the_object_may_stand_before_the_verb(text: str, name: str) -> None:
    found = verb(text)
    assert understand(text).name == "none"
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "text",
    [
        "研判 #1 属实吗",
        "研判 #1 是不是真的",
        "启动 #1 要不要",
        "跟踪 #1 吗",
        "启动 #1？",
        "送审 D1 了吗",
        "已发 D1 了吗",
        "保密 #1 了没",
        "解除 D1 吗",
    ],
)
def test_a_question_about_an_act_is_no_act(text: str) -> None:
    assert understand(text).name == "none"
    assert verb(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("D3 微博没发成", "not_released"),
        ("D3 微博没发出去", "not_released"),
        ("D3 还没发，发布 D3 微博", "publish"),
        ("记 #1 已于当日关闭接口", "fact"),
        ("记 #1 11月22日已向市网信办报告", "fact"),
        ("记得结案 #1", "none"),
    ],
)
def test_what_failed_is_no_release_and_what_is_written_down_is_no_order(text: str, name: str) -> None:
    assert understand(text).name == name


@pytest.mark.parametrize(
    ("offered", "intent"),
    [
        ("认领", "claim"), ("指派", "assign"), ("转交", "assign"), ("研判", "assess"), ("定级", "grade"), ("启动", "start"),
        ("跟踪", "track"), ("决策", "decision"), ("任务", "task"), ("结案", "close"), ("恢复处置", "resume"), ("重开", "reopen"),
    ],
)  # fmt: skip
def test_a_verb_that_a_reply_offers_is_understood_as_offered(offered: str, intent: str) -> None:
    for line in (f"{offered} #1", f"#1 {offered}"):
        read = verb(line) or understand(line)
        assert (read.name, read.slots.get("incident")) == (intent, 1), line
