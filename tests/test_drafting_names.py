"""A full name that begins a clause and speaks, acts or suffers is a name, though no word says who it is."""

from __future__ import annotations

from datetime import date

import pytest

from bot.drafting.names import persons


def names(text: str) -> list[str]:
    return [figure.words for figure in persons(text, date(2026, 12, 3))]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("王建国表示将全力配合", "王建国"),
        ("昨日，李晓梅在医院接受治疗", "李晓梅"),
        ("周立新牵头成立工作组", "周立新"),
        ("欧阳明担任组长", "欧阳明"),
        ("“赵明辉承认打人”", "赵明辉"),
        ("目前，孙磊已被停职", "孙磊"),
        ("经查，魏芳已辞职", "魏芳"),
        ("随后，罗振被公安机关带走", "罗振"),
        ("邹军去世", "邹军"),
        ("安全部经理徐向东已到现场", "徐向东"),
        ("店长王芳到了门店", "王芳"),
    ],
)
def test_a_bare_name_is_seen(text: str, name: str) -> None:
    assert names(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "高层表示重视",
        "周边居民表示不满",
        "家长说孩子没事",
        "安全部门已被通知",
        "金额已被退回",
        "钟点工说",
        "费用说明如下",
        "方案已被批准",
        "谢绝采访，本人不便",
        "马上在现场公布",
        "苗头已被控制",
        "贺信已被收到",
        "夏季促销已被叫停",
        "高温天气被认为是主因",
        "任何人被起诉",
        "项链被撞坏",
        "范围说明",
        "何时说明",
    ],
)
def test_a_word_that_begins_like_a_surname_is_none(text: str) -> None:
    assert names(text) == []
