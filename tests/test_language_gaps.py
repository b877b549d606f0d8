"""Lines that lack their object, corrections in one line, and the one guess for what is no command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.batch import as_json
from bot.batch import understand as printed
from bot.commands import read
from bot.language.guessing import guess
from bot.language.understand import understand
from tests.conftest import Room


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("放行 D1", "publish", {"draft": 1}),
        ("同意 v2·7F3A", "approve", {"version": 2, "verdict": "approve", "code": "7F3A"}),
        ("指派 #1", "assign", {"incident": 1}),
        ("并入", "close", {"resolution": "duplicate"}),
        ("并入 #3", "close", {"incident": 3, "resolution": "duplicate"}),
        ("#1 并到 #1", "close", {"incident": 1, "merge_into": 1, "resolution": "duplicate"}),
        ("导出", "review", {"op": "export"}),
        ("误报 #2 是演习", "close", {"incident": 2, "resolution": "false_alarm"}),
        ("认领 #12 不对 是13", "claim", {"incident": 13}),
        ("派给王磊 12号 错了 14号", "assign", {"incident": 14, "persons": ["王磊"]}),
        ("ren ling 4", "claim", {"incident": 4}),
        ("廿一号事件目前状况", "status", {"incident": 21}),
        ("请示领导 要不要道歉？", "escalate", {"to": "领导", "reason": "要不要道歉?"}),
        ("董事长那边报备一声 #6", "escalate", {"incident": 6, "to": "董事长"}),
        ("D9 把第二段换掉就行", "approve", {"draft": 9, "verdict": "approve_with_changes", "comment": "把第二段换掉"}),
        ("误报 同名餐馆", "close", {"resolution": "false_alarm"}),
        ("麻烦@赵倩九点整理名单", "task", {"op": "add", "persons": ["赵倩"], "due": "九点", "text": "整理名单"}),
        ("改进项 补齐月底盘点 林工 周三", "review", {"op": "add_action", "text": "补齐月底盘点", "due": "周三"}),
        ("8号不该关，捡回来", "reopen", {"incident": 8}),
        ("漏水做份专报", "summary", {"topic": "漏水", "format": "special"}),
    ],
)
def test_a_line_that_lacks_or_corrects_its_object_is_read_as_meant(text: str, intent: str, slots: dict[str, Any]) -> None:
    got = understand(text)

    assert got.name == intent
    assert {k: got.slots.get(k) for k in slots} == slots


@pytest.mark.parametrize(
    "text",
    [
        "请示领导了吗",
        "请示老板要不要道歉这事谁去",
        "林工知会一下 6号",
        "险些把D9发了",
        "T3差一点完成了",
        "误报 是吗",
        "D9换掉就行吗",
    ],
)
def test_what_was_nearly_done_or_is_asked_about_is_no_order(text: str) -> None:
    assert understand(text).name in ("none", "summary", "task")
    assert understand(text).slots.get("op") in (None, "list")


def test_a_denied_sameness_is_no_correction() -> None:
    assert understand("#12 不是 #13 的重复").name == "none"


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("D5再改改我就签", "看稿 D5"),
        ("D1", "看稿 D1"),
        ("不对，是2号", "状态 #2"),
        ("#1 是不是误报", "误报 #1 理由"),
        ("要不要升红", "定级"),
        ("今天天气不错", ""),
        ("谢谢", ""),
    ],
)
def test_the_guess_is_a_command_on_the_object_named(text: str, nearest: str) -> None:
    assert guess(text) == nearest


async def test_addressed_and_not_understood_is_one_guess_and_chatter_is_silence(room: Room) -> None:
    await room.open_incident()
    room.ignore()

    assert await room.say("@望楼 要不要升红", by="张敏") == "没看懂。想说「定级」吗？"
    assert await room.say("要不要升红", by="张敏") == ""
    assert await room.say("@望楼 今天天气不错", by="张敏") == ""


async def test_what_is_missing_is_asked_for(room: Room) -> None:
    await room.open_incident()
    room.ignore()

    assert await room.say("指派 #1", by="张敏") == "交给谁？如：指派 #1 @张敏"
    assert await room.say("并入", by="张敏") == "#1 并到哪一件？后来的并到先来的，如：13并到12"
    assert await room.say("#1 并到 #1", by="张敏") == "不能并到它自己"
    assert await room.say("同意", by="何静") == ""
    assert await room.say("@望楼 同意", by="何静") == "没有等你签的稿件。要签哪份请带编号，如：同意 D3"
    assert await room.say("同意 v2·7F3A", by="何静") == "没有等你签的稿件。要签哪份请带编号，如：同意 D3"


async def test_a_reopening_waits_for_its_confirmation(room: Room) -> None:
    number = await room.open_incident()
    await room.say(f"误报 #{number} 同名餐馆", by="张敏")
    await room.say("确认", by="张敏")
    room.ignore()

    echo = await room.say(f"重开 #{number} 当事人又发视频了", by="张敏")
    assert echo.startswith(f"重开 #{number} ")
    assert "2分钟内按「确认」或回：确认" in echo
    assert "第2轮" in await room.say("确认", by="张敏")
    room.ignore()


async def test_a_bare_grade_is_about_the_only_open_incident_and_red_waits_for_the_commander(room: Room) -> None:
    number = await room.open_incident()
    await room.say("认领", by="张敏")
    room.ignore()

    answer = await room.say("升红", by="张敏")
    room.ignore()

    assert answer.startswith(f"#{number} ")
    assert "要指挥确认" in answer


async def test_a_bare_red_asks_where_several_are_open(room: Room) -> None:
    first = await room.open_incident()
    await room.say("上报 城东门店漏油有人拍视频", by="李雷")
    room.ignore()

    answer = await room.say("@望楼 升红", by="张敏")
    assert answer.startswith("是哪一件？")
    assert f"如「升红 #{first}」" in answer
    assert "如「认领 #" in await room.say("@望楼 认领，定橙", by="张敏")


async def test_a_remark_behind_a_closing_is_its_reason_and_no_topic(room: Room) -> None:
    await room.open_incident()
    await room.say("认领", by="张敏")
    room.ignore()

    assert "没有未结的事件提到" not in await room.say("结案 没事了", by="张敏")


async def test_the_help_is_short_and_the_whole_list_is_a_question_away(room: Room) -> None:
    await room.open_incident()
    room.ignore()

    last = (await room.say("帮助", by="张敏")).splitlines()[-1]
    assert last.endswith("回：帮助 全部")
    assert len(last) < 110
    rows = (await room.say("帮助 全部", by="张敏")).splitlines()
    assert len(rows) <= 8
    assert {"存证", "口径", "结案"} <= set("、".join(rows[1:]).split("、"))
    assert (await room.say("帮助 存证", by="张敏")).startswith("存证：")


@pytest.mark.parametrize(
    "text", ["认领", "升红 #1", "#1 结案，没事了", "D3同意，发吧", "唔好推住", "今天天气不错", "重kai #1", "要不要升红"]
)
async def test_the_command_line_reads_as_the_room_does(
    room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    file = tmp_path / "lines.txt"
    file.write_text(text.replace("\n", "\\n") + "\n", encoding="utf-8")
    printed(room.house, str(file))

    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(as_json(read(text, None, room.house))))


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        (
            "牛奶异物升橙，漏油降蓝",
            [["grade", {"topic": "牛奶异物", "grade": "orange"}], ["grade", {"topic": "漏油", "grade": "blue"}]],
        ),
        ("把漏油的派给小刘，静音1小时", [["assign", {"topic": "漏油", "persons": ["小刘"]}], ["mute", {"topic": "漏油"}]]),
        ("漏油那个结案，停车那个升橙", [["close", {"topic": "漏油"}], ["grade", {"topic": "停车", "grade": "orange"}]]),
    ],
)
def test_each_of_several_topics_gets_its_own_command(text: str, actions: list[list[Any]]) -> None:
    got = understand(text)

    assert got.name == "multi"
    assert [
        [name, {k: own.get(k) for k in want}] for (name, own), (_, want) in zip(got.slots["actions"], actions, strict=True)
    ] == actions


@pytest.mark.parametrize("text", ["同意，落款换成集团", "D3同意，落款换成集团"])
def test_a_wish_behind_a_signature_is_no_signature(text: str) -> None:
    assert understand(text).slots.get("verdict") != "approve"


@pytest.mark.parametrize("line", ["速报 #1", "快报 #12", "专报 #1"])
def test_a_report_by_another_name_is_no_misspelt_false_alarm(line: str) -> None:
    assert understand(line).name == "summary"


def test_another_brand_is_a_reason_and_no_prohibition() -> None:
    assert understand("误报 #1 同名的别家奶粉").slots["resolution"] == "false_alarm"
    assert understand("误报 #1 和别人重名").slots["resolution"] == "false_alarm"
    assert understand("别误报 #1").name == "none"


def test_a_word_between_the_verb_and_how_long_is_what_is_muted() -> None:
    assert understand("静音 奶粉 10天").slots == {"topic": "奶粉", "duration": "10天"}
    assert "topic" not in understand("静音 全部 2小时").slots


@pytest.mark.parametrize("line", ["误报 #1 不是晨露的", "误报 #1 不是我们的", "误报 不是我们的产品", "误报 #1 没这批货"])
def test_not_ours_is_why_it_was_a_false_alarm(line: str) -> None:
    assert understand(line).slots["resolution"] == "false_alarm"


@pytest.mark.parametrize(
    "line", ["误报 #1 不是晨露的吧", "误报 不是我们吗", "误报 #3 不是这个意思", "误报 #2 不是我们能定的", "误报 不是随便点的"]
)
def test_a_word_about_false_alarms_is_none(line: str) -> None:
    assert understand(line).name == "none"


@pytest.mark.parametrize(
    ("line", "want"),
    [
        ("撤销 J1 说错了", ("decision", {"op": "revoke", "decision": 1, "reason": "说错了"})),
        ("F1 撤回 报告编号错了", ("fact", {"op": "retract", "fact": 1, "reason": "报告编号错了"})),
        ("#1 定红 百万级泄露", ("grade", {"incident": 1, "grade": "red", "reason": "百万级泄露"})),
    ],
)
def test_why_it_is_taken_back_or_raised_changes_nothing(line: str, want: tuple[str, dict[str, Any]]) -> None:
    found = understand(line)
    assert (found.name, found.slots) == want


async def test_each_of_several_numbers_gets_its_own_command_on_the_command_line_as_in_the_chat(room: Room) -> None:
    assert read("认领 #1 #2", None, room.house).slots["actions"] == [["claim", {"incident": 1}], ["claim", {"incident": 2}]]
    assert read("静音 #1 #2", None, room.house).name == "which"
