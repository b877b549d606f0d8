"""The pure rules of drafting: templates, figures, binding, diffs, promises, and what a signature is worth."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.drafting import diff, order
from bot.drafting.binding import Known, bind
from bot.drafting.book import load_book, shipped
from bot.drafting.figure import number_of
from bot.drafting.figures import figures
from bot.drafting.kinds import KINDS
from bot.drafting.promises import dated_steps, next_word
from bot.drafting.signing import LAPSE, Matter, Signature, Text, required_roles, role_to_sign, standing
from bot.errors import ConfigError
from bot.model.grade import Grade
from bot.model.people import Person, Role

TODAY = date(2026, 12, 3)
NOW = datetime(2026, 12, 3, 4, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))


def test_every_type_has_a_template_that_names_its_blanks() -> None:
    book = shipped()
    for kind in KINDS:
        text, missing = book.templates[kind].fill({})
        assert missing
        assert "{{" not in text
        assert all(f"【待填：{label}】" in text for label in missing)


def test_the_companys_own_template_wins_and_is_checked_at_start(tmp_path: Path) -> None:
    own = tmp_path / "holding.txt"
    own.write_text("{{company_full_name}}：我们知道了。{{date}}", encoding="utf-8")
    assert load_book(tmp_path).templates["holding"].text.endswith("我们知道了。{{date}}")
    for text, named in (("{{compny}} 好", "compny"), ("", "空的"), ("{{date 好", "花括号")):
        own.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            load_book(tmp_path)
        assert named in str(caught.value)
        assert str(own) in str(caught.value)


@pytest.mark.parametrize(
    ("file", "text", "named"),
    [
        ("words.toml", "abolute = ['x']", "abolute"),
        ("words.toml", "absolute = ['(']", "正则"),
        ("elements.toml", "E99 = ['x']", "E99"),
        ("words.toml", "x", "TOML"),
    ],
)
def test_a_wrong_word_list_names_file_and_key(tmp_path: Path, file: str, text: str, named: str) -> None:
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=named):
        load_book(tmp_path)


def test_a_companys_words_are_added_to_ours(tmp_path: Path) -> None:
    (tmp_path / "words.toml").write_text("absolute = ['遥遥领先']", encoding="utf-8")
    patterns = [p.pattern for p in load_book(tmp_path).words["absolute"]]
    assert "遥遥领先" in patterns
    assert "最佳" in patterns


def test_a_template_with_only_its_blanks_filled_is_told_from_one_that_was_changed() -> None:
    template = shipped().templates["holding"]
    names = dict.fromkeys(("matter", "time_known", "channel_seen", "affected_people", "actions_done"), "某某")
    more = dict.fromkeys(
        ("next_update_time", "next_update_channel", "contact", "contact_hours", "company_full_name", "date"), "12月3日"
    )
    text, missing = template.fill(names | more)
    assert not missing
    assert template.only_filled(text)
    assert not template.only_filled(text.replace("原因还在查", "原因正在查"))
    assert not template.only_filled(text + "\n另外")
    assert not template.only_filled(template.fill(names)[0]), "a blank left open is not filled"


@pytest.mark.parametrize(
    ("words", "kind", "value"),
    [
        ("1,420箱", "number", "1420"), ("一千四百二十箱", "number", "1420"), ("118万条", "number", "1180000"), ("12月3日", "date", "12-3"),
        ("2026年12月3日", "date", "12-3"), ("十二月三日", "date", "12-3"), ("今天", "date", "12-3"), ("昨天", "date", "12-2"),
        ("下午2点半", "clock", "14:30"), ("14:30", "clock", "14:30"), ("14时30分", "clock", "14:30"), ("MA0423", "batch", "MA0423"),
        ("400-000-0000", "phone", "4000000000"), ("东川儿童医院", "org", "东川儿童医院"), ("云杉路", "place", "云杉路"), ("王女士", "name", "王女士"),
        ("两名", "number", "2"), ("百分之三", "number", "3"),
        ("一些", "", ""), ("第一时间", "", ""), ("一次", "", ""), ("城市", "", ""), ("万一", "", ""),
    ],
)  # fmt: skip
def test_figures_have_one_form_for_comparison(words: str, kind: str, value: str) -> None:
    found = figures(f"、{words}。", TODAY)
    assert [(f.kind, f.value) for f in found if f.words in words] == ([(kind, value)] if kind else [])


@given(st.integers(1, 99_999_999))
def test_numbers_in_words_are_the_numbers_in_figures(n: int) -> None:
    assert number_of(_in_words(n)) == n


def _in_words(n: int) -> str:
    digits = "零一二三四五六七八九"
    if n >= 10_000:
        high, low = divmod(n, 10_000)
        return _in_words(high) + "万" + (("零" if low < 1000 else "") + _in_words(low) if low else "")
    text, zero = "", False
    for step, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        d, n = divmod(n, step)
        if d:
            text += ("零" if zero and text else "") + digits[d] + name
            zero = False
        elif text:
            zero = True
    return text


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_of_figures(text: str) -> None:
    for figure in figures(text, TODAY):
        assert 0 <= figure.start < figure.end <= len(text)


def test_a_number_is_bound_to_the_fact_that_carries_it_and_cites_it() -> None:
    facts = [Known(4, "就诊1例，情况稳定", "confirmed"), Known(5, "退货300箱", "unverified")]
    bound = bind("目前就诊一例。退货300箱。", facts, given=[], today=TODAY)
    assert [b.fact for b in bound.bound] == [4]
    assert [f.words for f in bound.unbound] == ["300箱"]
    assert bound.cited == (4,)
    assert [f.id for f, _ in bound.misused] == [5]


def test_what_is_only_being_checked_is_not_stated_as_true() -> None:
    facts = [Known(5, "原料供应商更换", "unverified"), Known(6, "内部检测不合格", "refuted")]
    assert not bind("原料供应商更换是否有关，仍在核实。", facts, given=[], today=TODAY).misused
    assert not bind("网传内部检测不合格，不属实。", facts, given=[], today=TODAY).misused
    assert bind("原料供应商更换导致了这个问题。", facts, given=[], today=TODAY).misused


def test_a_promise_needs_no_fact_and_a_past_moment_does() -> None:
    assert not bind("下一次通报时间：12月3日16:00。", [], given=[], today=TODAY).unbound
    assert [f.words for f in bind("12月2日我们停产。", [], given=[], today=TODAY).unbound] == ["12月2日"]


def test_the_diff_is_by_character() -> None:
    assert diff.changes("有关部门已介入", "市场监管局已介入") == (("有关部门", "市场监管局"),)
    assert diff.shown("情况稳定", "情况稳定") == "没有改动"
    assert "[-1-]{+2+}" in diff.shown("就诊1例，情况稳定", "就诊2例，情况稳定")


@given(st.text("甲乙丙丁，。", max_size=40), st.text("甲乙丙丁，。", max_size=40))
def test_a_diff_tells_every_character_that_went_or_came(old: str, new: str) -> None:
    gone, come = diff.size(old, new)
    assert len(old) - gone == len(new) - come
    assert (diff.shown(old, new) == "没有改动") is (old == new)


def test_promises_become_moments() -> None:
    assert next_word("下一次通报时间：12月3日16:00，渠道：官网。", NOW, BEIJING) == datetime(2026, 12, 3, 16, tzinfo=BEIJING)
    assert next_word("明天上午10点再次向大家通报。", NOW, BEIJING) == datetime(2026, 12, 4, 10, tzinfo=BEIJING)
    assert next_word("原因还在查。", NOW, BEIJING) is None
    assert next_word("下一次通报时间：12月3日08:00。", NOW, BEIJING) is None, "it lies in the past"
    steps = dated_steps("下一步，公布检测结果，于12月5日16:00前完成。", NOW, BEIJING)
    assert steps == [("公布检测结果", datetime(2026, 12, 5, 16, tzinfo=BEIJING))]


@pytest.mark.parametrize(
    ("text", "word", "steps"),
    [
        ("12月20日前，我们将完成无障碍功能的改版。", None, [("完成无障碍功能的改版", 20)]),
        ("我们将在12月10日前完成流程复查，并在12月4日18:00通过官网公布复查安排。", (4, 18), [("完成流程复查", 10)]),
        ("其余员工的工资，我们将在12月4日12:00前发放完毕。", None, [("其余员工的工资发放完毕", 4)]),
        ("更换滤网（后勤部，12月6日前完成）；重写流程（运营部，12月8日前完成）。", None, [("更换滤网", 6), ("重写流程", 8)]),
        ("12月8日前完成检查。结果于12月9日公布。", None, [("完成检查", 8), ("结果公布", 9)]),
        ("每天10:00在官网更新进度。", (4, 10), []),
        ("最新进展12月4日18:00公布。下一次通报时间：12月3日20:00。", (3, 20), []),
        ("12月1日前完成的检查共3次，12月2日公布了结果。", None, []),
    ],
)
def test_a_term_may_stand_before_what_is_promised(
    text: str, word: tuple[int, int] | None, steps: list[tuple[str, int]]
) -> None:
    assert next_word(text, NOW, BEIJING) == (datetime(2026, 12, *word, tzinfo=BEIJING) if word else None)
    assert [(what, due.day) for what, due in dated_steps(text, NOW, BEIJING)] == steps


MATTER = Matter("holding", Grade.ORANGE, "food_safety", "")
CHAIN = (("王磊", Role.PR), ("何静", Role.LEGAL), ("林工", Role.BIZ), ("陈总", Role.COMMANDER))


def signed(**changes: object) -> list[Signature]:
    base = {"version": 2, "sha256": "ab", "at": NOW, "grade": Grade.ORANGE}
    return [Signature(n, person, role, **(base | changes)) for n, (person, role) in enumerate(CHAIN, 1)]  # type: ignore[arg-type]


TEXT = Text(2, "ab", frozenset({"张敏"}))


def test_a_complete_chain_is_complete() -> None:
    assert standing(MATTER, TEXT, signed(), NOW).complete


@pytest.mark.parametrize(
    ("signatures", "text", "matter", "now", "why"),
    [
        (signed(sha256="cd"), TEXT, MATTER, NOW, "稿件改过了"),
        (signed(version=1), TEXT, MATTER, NOW, "稿件改过了"),
        (signed(grade=Grade.YELLOW), TEXT, MATTER, NOW, "级别升到橙"),
        (signed(), TEXT, MATTER, NOW + LAPSE, "超过12小时"),
        (signed(), Text(2, "ab", frozenset({"张敏"}), dead=True), MATTER, NOW, "退回"),
        (signed(), Text(2, "ab", frozenset({"张敏"}), shaky=("F2",)), MATTER, NOW, "引用的F2变了"),
        (signed(), Text(2, "ab", frozenset({"王磊"})), MATTER, NOW, "起草人不能签"),
        (signed(recorder="张敏"), TEXT, MATTER, NOW, "起草人不能代录"),
        (signed(void="稿件改过了"), TEXT, MATTER, NOW, "稿件改过了"),
    ],
)
def test_what_takes_a_signature_away(signatures: list[Signature], text: Text, matter: Matter, now: datetime, why: str) -> None:
    state = standing(matter, text, signatures, now)
    assert not state.complete
    assert any(why in reason for _, reason in state.fell)


def test_one_person_never_counts_twice() -> None:
    twice = [
        Signature(1, "林工", Role.BIZ, 2, "ab", NOW, Grade.ORANGE),
        Signature(2, "林工", Role.IT_SEC, 2, "ab", NOW, Grade.ORANGE),
    ]
    state = standing(Matter("breach_notice", Grade.ORANGE, "data_breach", ""), TEXT, twice, NOW)
    assert Role.IT_SEC in state.missing


def test_a_correction_is_one_grade_stricter() -> None:
    assert required_roles(Matter("holding", Grade.YELLOW, "other", "", correction=True)) == required_roles(
        Matter("holding", Grade.ORANGE, "other", "")
    )


def test_share_prices_bring_the_secretary_only_where_shares_trade() -> None:
    text = "公司股价波动"
    assert Role.IR in required_roles(Matter("holding", Grade.BLUE, "other", text, listed=True))
    assert Role.IR not in required_roles(Matter("holding", Grade.BLUE, "other", text))
    signed = "榕川科技股份有限公司 2026年12月03日"
    assert Role.IR not in required_roles(Matter("holding", Grade.BLUE, "other", signed, listed=True))
    assert Role.IR in required_roles(Matter("investor_notice", Grade.BLUE, "other", ""))
    assert Role.HR in required_roles(Matter("staff_letter", Grade.BLUE, "labor", ""))


def test_who_has_two_roles_signs_the_one_that_is_named_or_the_first_that_is_missing() -> None:
    person = Person("林工", frozenset({Role.BIZ, Role.IT_SEC}))
    assert role_to_sign(person, (), None, (Role.BIZ, Role.IT_SEC), MATTER) is Role.BIZ
    assert role_to_sign(person, (), Role.IT_SEC, (Role.BIZ, Role.IT_SEC), MATTER) is Role.IT_SEC
    assert role_to_sign(person, (), Role.LEGAL, (Role.LEGAL,), MATTER) is None
    assert role_to_sign(person, (Role.LEGAL,), None, (Role.LEGAL,), MATTER) is Role.LEGAL


def test_the_order_of_audiences() -> None:
    assert order.warnings("public", {"employees"}, {"harmed"}) == ("受影响者还没有联系",)
    assert not order.warnings("employees", set(), {"harmed"})
    assert not order.refusal("holding", ["weibo"], set(), price=False)
    assert "选择性披露" in order.refusal("holding", ["weibo"], set(), price=True)
    assert not order.refusal("holding", ["weibo"], {"investors"}, price=True)
    assert "交易所" in order.refusal("investor_notice", ["weibo"], set(), price=True)
