"""What people type under stress, and what must never be read out of it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.language import acts, fits
from bot.language import lazy
from bot.language.understand import understand
from bot.model.intent import Intent
from bot.model.message import Quote

HERE = Path(__file__).parent


def lines(name: str) -> list[tuple[str, str, dict[str, Any]]]:
    rows = [
        row.split("\t") for row in (HERE / name).read_text(encoding="utf-8").splitlines() if row and not row.startswith("##")
    ]
    return [(text.replace("\\n", "\n"), intent, json.loads(slots)) for text, intent, slots in rows]


@pytest.mark.parametrize(("text", "intent", "slots"), lines("language_corpus.tsv"))
def test_a_typed_line_is_read_as_meant(text: str, intent: str, slots: dict[str, Any]) -> None:
    got = understand(text)

    assert got.name == intent, got
    assert {k: v for k, v in slots.items() if not fits(k, v, got.slots.get(k))} == {}, got
    assert not acts(got.name, dict(got.slots)) - acts(intent, slots)


def test_lines_never_tuned_on_are_mostly_right_and_never_dangerous() -> None:
    rows = [(understand(text), intent, slots) for text, intent, slots in lines("language_blind.tsv")]

    named = [got.name == intent for got, intent, _ in rows]
    full = [got.name == intent and all(fits(k, v, got.slots.get(k)) for k, v in slots.items()) for got, intent, slots in rows]
    assert sum(named) / len(rows) >= 0.93
    assert sum(full) / len(rows) >= 0.90
    assert [got for got, intent, slots in rows if acts(got.name, dict(got.slots)) - acts(intent, slots)] == []


def test_the_last_batch_is_in_no_training_and_reads_well() -> None:
    rows = [(understand(text), intent, slots) for text, intent, slots in lines("language_unseen.tsv")]

    full = [got.name == intent and all(fits(k, v, got.slots.get(k)) for k, v in slots.items()) for got, intent, slots in rows]
    assert sum(got.name == intent for got, intent, _ in rows) / len(rows) >= 0.95
    assert sum(full) / len(rows) >= 0.90
    assert [got for got, intent, slots in rows if acts(got.name, dict(got.slots)) - acts(intent, slots)] == []


@pytest.mark.parametrize("text", (HERE / "language_unseen_harmless.txt").read_text(encoding="utf-8").splitlines())
def test_near_misses_in_no_training_order_nothing(text: str) -> None:
    got = understand(text.replace("\\n", "\n"))

    assert acts(got.name, dict(got.slots)) == set(), got


def test_every_intent_has_lines_enough_to_be_judged() -> None:
    intents = [intent for _, intent, _ in lines("language_corpus.tsv")]

    assert len(set(intents)) == 23
    assert min(intents.count(intent) for intent in set(intents)) >= 10


@pytest.mark.parametrize("number", ["#12", "＃１２", "12号", "十二号", "编号12", "事件十二", "事件12", "# 12", "第12号事件"])
def test_a_number_is_the_incident_in_every_writing(number: str) -> None:
    assert understand(f"认领 {number}").slots == {"incident": 12}


@pytest.mark.parametrize(
    "addressed",
    ["@望楼 认领12", "＠望楼　认领12", "认领12 @望楼", "@望楼\u2005认领12", "认\u200b领12", "@望楼认领12", "望楼，认领12"],
)
def test_the_bot_may_be_named_anywhere(addressed: str) -> None:
    assert understand(addressed) == understand("认领12")


def test_another_name_of_ours_is_no_person() -> None:
    assert understand("@小望楼管家 认领 #3", bot_names=("小望楼管家",)) == understand("认领 #3")


def test_the_quoted_card_supplies_the_object_never_the_verb() -> None:
    card = Quote("🟠橙（建议）#16 奶粉批次反映皮疹", "望楼")

    assert understand("认领", quote=card).slots == {"incident": 16}
    assert understand("好的", quote=Quote("结案 #12", "王磊")).name == "none"
    assert understand("「望楼：新预警 #16」\n- - - - - - - -\n认领").slots == {"incident": 16}


def test_a_quote_with_its_verb_behind_it_on_one_line_is_a_fact_with_its_source() -> None:
    got = understand("「小刘：客服今早接到4个同批次来电，都是MA0423」 记")

    assert (got.name, got.slots["op"], got.slots["source"]) == ("fact", "add", "小刘")
    assert "4个同批次来电" in got.text("text")


def test_two_objects_in_a_quote_are_no_object() -> None:
    assert understand("认领", quote=Quote("未结2件：#12橙｜#15黄", "望楼")).slots == {}


def test_known_people_are_recognised_without_a_mark() -> None:
    assert understand("12让诸葛瑾轩跟一下", people=("诸葛瑾轩",)).persons == ("诸葛瑾轩",)
    assert understand("#12 @张敏今晚跟一下", people=("张敏",)).persons == ("张敏",)


def test_several_commands_keep_their_order_and_share_the_object() -> None:
    got = understand("认领12，定橙，上报陈总")

    assert [name for name, _ in got.slots["actions"]] == ["claim", "grade", "escalate"]
    assert all(slots["incident"] == 12 for _, slots in got.slots["actions"])


def test_a_verb_beyond_the_intents_may_head_or_stand_between_the_commands_of_a_line() -> None:
    def names(line: str) -> list[str]:
        return [name for name, _ in understand(line, people=("林工",)).slots.get("actions", [])]

    assert names("研判 #1 属实，定级 橙，指派 @林工") == ["assess", "grade", "assign"]
    assert names("认领 #1，研判属实，启动") == ["claim", "assess", "start"]
    assert names("启动 #1，任务 @林工 今晚8点前调取留样") == ["start", "task"]
    assert names("确认 F1，任务 @林工 封存") == ["fact", "task"]
    assert names("研判 #1 属实，医院有诊断，两个平台在传") == []
    assert names("研判 #1 属实，要不要升红") == []
    assert names("送审 D1，通知 @何静") == []


def test_each_command_of_a_line_keeps_its_own_remarks() -> None:
    got = understand("#12升橙，三个平台都在传，上报陈总，我们压不住")

    (_, grade), (_, escalate) = got.slots["actions"]
    assert "三个平台都在传" in grade["reason"]
    assert escalate["to"] == "陈总"


def test_a_changed_draft_may_be_submitted_in_the_same_line() -> None:
    got = understand("改 D1 下次通报今天16:00，官网。送审")

    (first, revise), (second, submit) = got.slots["actions"]
    assert (first, second) == ("draft", "submit")
    assert revise["text"] == "下次通报今天16:00,官网"
    assert submit == {"draft": 1}


@pytest.mark.parametrize("text", ["如果明天还涨，就把#12升红", "要不要先结案，把#12归档", "拿不准，结案 #12"])
def test_a_condition_holds_for_the_whole_sentence(text: str) -> None:
    got = understand(text)

    assert acts(got.name, dict(got.slots)) == set()


@pytest.mark.parametrize("text", (HERE / "language_harmless.txt").read_text(encoding="utf-8").splitlines())
def test_a_grave_word_in_harmless_talk_orders_nothing(text: str) -> None:
    got = understand(text.replace("\\n", "\n"))

    assert acts(got.name, dict(got.slots)) == set(), got


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "！！！", "[图片]", "🙏🙏", "#", "@望楼", "。" * 5000, "「", "「a：b」", "\u0000\ud7ff"]
)
def test_nothing_much_is_no_command(text: str) -> None:
    assert understand(text).name in {"none", "help"}


def test_a_long_paste_is_read_in_a_moment() -> None:
    begun = time.process_time()
    understand("这是一段很长的转发内容，包含很多数字12和日期3月5日。" * 2000)

    assert time.process_time() - begun < 0.25


def test_a_line_takes_well_under_five_milliseconds() -> None:
    texts = [text for text, _, _ in lines("language_corpus.tsv")]
    understand(texts[0])
    begun = time.process_time()
    for text in texts:
        understand(text)

    assert (time.process_time() - begun) / len(texts) < 0.005


VERBS = "认领 结案 发布 同意 升红 上报 静音 事实 决策 任务 派给 重开".split()
OBJECTS = "D3 #12 T4 12 F4 J2 v2 陈总 @王磊 微博 1小时 「 」 ：".split()
WORDS = [*VERBS, *OBJECTS, *"要不要 别 吗 ？ 并 先 再 把 昨天 说 ，".split(), " ", "\n"]


@given(st.lists(st.sampled_from(WORDS), max_size=12).map("".join))
def test_no_mixture_of_command_words_breaks_the_reading(text: str) -> None:
    got = understand(text)

    assert isinstance(got, Intent)
    assert got == understand(text)
    json.dumps(dict(got.slots))


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert 0.0 <= understand(text).confidence <= 1.0


@given(
    st.sampled_from(["同意D3", "发布D3", "结案#12", "#12升红", "重开#12", "上报#12给陈总", "D3可以发了"]),
    st.sampled_from(
        [
            "要不要{}",
            "该不该{}",
            "{}吗？",
            "我没说{}",
            "昨天谁说的{}",
            "是不是该{}",
            "如果{}会怎样",
            "先不{}",
            "等结果出来再{}",
            "他说{}",
            "王磊刚才说{}",
            "要是没问题就{}",
            "一会儿再{}",
            "晚点再{}",
            "昨天{}的是谁",
            "“{}”怎么写",
            "不敢{}",
            "暂时不{}",
            "我想{}",
            "希望能{}",
            "{}之前先问法务",
            "{}以后再聊",
            "已经{}过了",
            "手滑{}",
            "不小心{}",
            "例如{}",
            "练习一下：{}",
            "呵呵，{}",
            "鬼才{}",
            "{}失败了",
            "{}不急",
            "{}缓缓",
            "竞品{}",
            "用户让我们{}",
            "你们看要不{}",
            "没必要{}",
            "听说{}",
            "谁敢{}",
            "{}太早了",
            "上次{}太急了",
            "客户要求{}",
        ]
    ),
)
def test_doubt_question_and_negation_never_act(order: str, frame: str) -> None:
    got = understand(frame.format(order))

    assert acts(got.name, dict(got.slots)) == set(), (frame.format(order), got)


@pytest.mark.parametrize(
    "words",
    [
        "用户可做的事一修改登录密码，用户可做的事二挂断可疑来电，进展页面官网",
        "把「嫌累可以走」改成「请注意休息」",
        "把「同意」改成「不同意」",
        "结案日期后天",
        "已做的事发布了公告、升级了系统",
        "已核实的情况部分同事的工资没有按时发放，已做的事成立了工作组、开通申诉专线，下一步核清人数和金额，下一步期限后天",
    ],
)
def test_words_for_a_draft_are_no_command_whatever_verbs_they_hold(words: str) -> None:
    found = understand(f"改 D2 {words}")
    assert (found.name, found.slots["op"], found.slots["draft"]) == ("draft", "revise", 2)


@pytest.mark.parametrize("text", ["改 D3 可以吗", "撤下微博那条 D3，改发v4", "D3 改好了就发微博"])
def test_what_only_looks_like_an_edit_is_none(text: str) -> None:
    assert understand(text).slots.get("op") != "revise"


def test_what_was_compiled_beforehand_is_not_compiled_by_the_first_command(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = lazy.later("认+领")
    lazy.compile_all()
    monkeypatch.setattr(lazy, "re", None)
    assert pattern.search("认认领")
