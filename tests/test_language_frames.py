"""Orders of grave acts in every frame that takes the order back, and in those that leave it one."""

from __future__ import annotations

import pytest

from benchmarks.language import acts
from bot.language.understand import understand

ORDERS = {
    "approve": ("同意D5", "D5通过", "批准D5"),
    "publish": ("发布D5", "D5发微博", "把D5推送出去", "撤下D5", "D5撤回"),
    "close": ("8号结案", "把8关了", "归档8号"),
    "reopen": ("重开8号", "8重新打开"),
    "escalate": ("8上报集团", "8报警", "请示陈总8号"),
    "red": ("8升红", "8定红色"),
}
NO_ORDER = (
    "要是{}呢", "{}会怎么样", "{}的话谁负责", "{}是谁的主意", "听说{}了", "他说{}", "王磊让我{}", "客户要求{}", "记者问能不能{}",
    "我昨天{}的", "本来想{}", "没人说要{}", "谁说要{}的", "不是我{}的", "是不是该{}", "该不该{}", "能不能{}？", "什么时候{}", "为什么{}",
    "凭什么{}", "怎么还没{}", "先别{}", "不要{}", "别急着{}", "我反对{}", "我不赞成{}", "再等等再{}", "等法务回来再{}",
    "除非陈总点头否则不{}", "万一{}就麻烦了", "如果检测合格就{}", "{}之前要先开会", "{}以后再说", "{}这事不急", "{}太早了吧", "{}合适吗",
    "{}有必要吗", "{}的流程是什么", "{}要谁批", "大家觉得{}行吗", "有人建议{}", "网友要求{}", "差点{}", "还没到{}的时候", "离{}还远",
    "我梦见{}了", "打算{}", "准备{}", "计划明天{}", "讨论一下要不要{}", "纠结要不要{}", "{}？", "{}吗", "{}了吗", "{}没有", "{}了没",
    "{}是假的", "谁{}的", "{}失败了", "不可能{}", "从没{}过", "上次{}是哪天", "对手已经{}了", "说好的{}呢", "难道{}？", "真的要{}啊？",
    "我没{}", "他们想{}", "陈总不让{}", "陈总还没同意{}", "{}的人请举手", "关于{}的会议纪要", "「{}」这句话谁写的", "“{}”是什么意思",
    "{}取决于检测结果", "反正不{}",
)  # fmt: skip
STILL_AN_ORDER = ("{}", "{}吧", "@望楼 {}", "马上{}", "麻烦{}", "{}！", "请{}")


@pytest.mark.parametrize("frame", NO_ORDER)
def test_an_order_that_is_doubted_told_asked_or_denied_is_none(frame: str) -> None:
    said = [frame.format(order) for orders in ORDERS.values() for order in orders]

    read = {text: acts(got.name, dict(got.slots)) for text in said if (got := understand(text))}
    assert {text: act for text, act in read.items() if act} == {}


@pytest.mark.parametrize(("act", "order"), [(act, order) for act, orders in ORDERS.items() for order in orders])
def test_an_order_stays_one_however_it_is_wrapped(act: str, order: str) -> None:
    read = {frame: acts(got.name, dict(got.slots)) for frame in STILL_AN_ORDER if (got := understand(frame.format(order)))}

    assert {frame: found for frame, found in read.items() if act not in found} == {}


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("D5发吧", "publish"),
        ("把D5发了吧", "publish"),
        ("明早8点发D5", "publish"),
        ("D5过", "approve"),
        ("法务过D5", "approve"),
        ("8关了", "close"),
        ("把8结了", "close"),
        ("9上报", "escalate"),
    ],
)
def test_the_shortest_order_is_one(text: str, act: str) -> None:
    got = understand(text)

    assert acts(got.name, dict(got.slots)) == {act}, got


@pytest.mark.parametrize("text", ["8报警了", "8重开了", "8升红了", "8上报了", "8上个月就结案了", "8重开发布会"])
def test_what_has_happened_is_told_and_ordered_by_nobody(text: str) -> None:
    got = understand(text)

    assert acts(got.name, dict(got.slots)) == set(), got


@pytest.mark.parametrize(
    "text",
    [
        "不是12，是13结案", "结案13，不是12", "12先不结，13结", "12重开，13别动", "发D4别发D3", "撤下D3，D4不用撤", "12不要取消静音",
        "12不用降黄", "除了12都静音", "12以外的都静音",
    ],
)  # fmt: skip
def test_of_two_objects_the_wrong_one_is_never_taken(text: str) -> None:
    assert understand(text).name == "none", understand(text)


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("D3同意，D4不同意", [["approve", 3, "approve"], ["approve", 4, "reject"]]),
        ("D3不同意，D4同意", [["approve", 3, "reject"], ["approve", 4, "approve"]]),
        ("T3完成，T4没完成", [["task", 3, "done"], ["task", 4, "reopen"]]),
        ("F3核实了，F4没核实", [["fact", 3, "confirm"], ["fact", 4, "set_state"]]),
    ],
)
def test_what_is_said_of_each_object_is_said_of_that_one_alone(text: str, actions: list[list[object]]) -> None:
    read = understand(text).slots["actions"]

    assert [
        [name, slots[{"approve": "draft"}.get(name, name)], slots.get("verdict", slots.get("op"))] for name, slots in read
    ] == actions


def test_a_hold_stands_beside_whatever_else_is_said() -> None:
    assert understand("D3先别发，等D4同意了一起发").slots["op"] == "hold"
    assert understand("D3先别发，等D4同意了一起发").slots["draft"] == 3
