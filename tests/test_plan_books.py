"""The plan is read and checked at start; an error names the file and the key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ConfigError
from bot.model.grade import Grade
from bot.model.incident import TYPES
from bot.model.times import BEIJING
from bot.plan.books import load
from bot.plan.legal import proposed, said
from bot.plan.playbooks import guess

PLAN = load()


def test_every_type_has_a_playbook_with_people_and_statements() -> None:
    assert set(PLAN.playbooks) == set(TYPES)
    for type, book in PLAN.playbooks.items():
        assert book.name == TYPES[type]
        assert book.call
        assert book.statements
        assert book.steps


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("rumor.toml", "name = ", "rumor.toml: 读不了"),
        ("rumor.toml", 'name = "谣言"', "rumor.toml: words: 缺少这一项"),
        ("rumor.toml", "surprise = 1", "rumor.toml: surprise: 没有这个设置"),
        (
            "rumor.toml",
            "{good}\n[[task]]\ntext = '查'\nrole = ['chef']\ndue = '1h'",
            "rumor.toml: task[0].role: 没有角色 'chef'",
        ),
        ("rumor.toml", "{good}\n[[task]]\ntext = '查'\nrole = ['pr']\ndue = 'soon'", "rumor.toml: task[0].due: 应为时长"),
        ("rumor.toml", "{good}\n[[task]]\ntext = '查'\nrole = ['pr']\ndue = '1h'\nfrom = 'pink'", "rumor.toml: task[0].from"),
        ("rumor.toml", "{good}\n[[task]]\nrole = ['pr']\ndue = '1h'", "rumor.toml: task[0].text: 缺少这一项"),
        (
            "rumor.toml",
            "{clock}\n[[task]]\ntext = '查'\nrole = ['pr']\ndue = '1h'",
            "rumor.toml: clocks: legal.toml 里没有 'moon_1h'",
        ),
        ("legal.toml", "[[clock]]\nid = 'x'", "legal.toml: clock[0].name: 缺少这一项"),
        ("legal.toml", "x = 1", "legal.toml: 应为若干节"),
        ("holidays.toml", "off = ['soon']", "holidays.toml: off、on"),
        ("holidays.toml", "days = 3", "holidays.toml: days: 没有这个设置"),
    ],
)
def test_a_wrong_file_is_one_line_naming_file_and_key(tmp_path: Path, file: str, text: str, told: str) -> None:
    good = "name = '谣言'\nwords = []\ntriggers = []\ncall = ['pr']\nstatements = ['holding']\nclocks = []"
    text = text.replace("{good}", good).replace("{clock}", good.replace("clocks = []", "clocks = ['moon_1h']"))
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_companys_own_playbook_wins(tmp_path: Path) -> None:
    (tmp_path / "rumor.toml").write_text(
        "name = '谣言'\nwords = ['传闻']\ntriggers = []\ncall = ['pr']\nstatements = ['rumor_rebuttal']\nclocks = []\n"
        "[[task]]\ntext = '查谁在传'\nrole = ['monitor']\ndue = '20m'\nfrom = 'blue'\n",
        encoding="utf-8",
    )
    book = load(tmp_path).playbook("rumor")
    assert [step.text for step in book.steps_at(Grade.BLUE)] == ["查谁在传"]
    assert load(tmp_path).playbook("outage").steps == PLAN.playbook("outage").steps


@pytest.mark.parametrize(
    ("triggers", "words", "type"),
    [
        (["minors", "illness"], "宝宝喝了奶粉起疹子", "food_safety"),
        (["personal_data"], "乘客信息泄露", "data_breach"),
        ([], "副总裁开会言论：嫌累可以走", "exec_conduct"),
        (["unrest"], "工友聚集讨薪", "labor"),
        ([], "官网打不开了 502", "outage"),
        ([], "天气不错", "other"),
    ],
)
def test_the_type_is_guessed_from_triggers_and_words(triggers: list[str], words: str, type: str) -> None:
    assert guess(PLAN.playbooks, triggers, words) == type


def test_due_times_are_rounded_up_to_the_half_hour_as_people_say_them() -> None:
    step = PLAN.playbook("food_safety").steps[0]
    due = step.due(datetime(2026, 12, 3, 2, 50, tzinfo=UTC))
    assert due == datetime(2026, 12, 3, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("learned", "due"),
    [
        ("2026-09-29T10:00", "2026-10-08T23:59"),  # the national holiday lies between
        ("2026-12-03T10:00", "2026-12-07T23:59"),  # over a weekend
        ("2026-09-18T10:00", "2026-09-21T23:59"),  # a Sunday that is worked
    ],
)
def test_working_days_follow_the_official_calendar(learned: str, due: str) -> None:
    found = PLAN.rules[[r.id for r in PLAN.rules].index("recall_2wd")]
    start = datetime.fromisoformat(learned).replace(tzinfo=BEIJING)
    assert found.due(start, PLAN.calendar, ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M") == due


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_calendar_gives_exactly_the_thirteen_statutory_days(year: int) -> None:
    """全国年节及纪念日放假办法 (2024): 13 days; every other weekday off is worked on a weekend instead."""
    off = {day for day in PLAN.calendar.off if day.year == year}
    on = {day for day in PLAN.calendar.on if day.year == year}
    assert all(day.weekday() >= 5 for day in on)
    assert sum(day.weekday() < 5 for day in off) - len(on) == 13
    fixed = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
    assert fixed <= {(day.month, day.day) for day in off}


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        ("2026-12-30", "2027-01-04", "2027年放假安排未收录，只按周末算"),
        ("2026-09-29", "2026-10-08", "放假安排请法务核对"),
    ],
)
def test_a_span_of_working_days_says_what_is_not_known(first: str, last: str, says: str) -> None:
    moments = [datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=BEIJING) for day in (first, last)]
    assert PLAN.calendar.doubt(*moments, BEIJING) == says


def test_an_operator_replaces_the_calendar_and_marks_it_compared(tmp_path: Path) -> None:
    (tmp_path / "holidays.toml").write_text('confidence = "H"\nyears = [2026, 2027]\noff = ["2027-01-01"]\non = []\n', "utf-8")
    calendar = load(tmp_path).calendar
    start = datetime(2026, 12, 31, 2, tzinfo=UTC)
    assert calendar.doubt(start, datetime(2027, 1, 4, tzinfo=UTC), BEIJING) == ""
    assert calendar.after(start, 1, BEIJING).date().isoformat() == "2027-01-04"
    (tmp_path / "holidays.toml").write_text('confidence = "sure"\n', "utf-8")
    with pytest.raises(ConfigError, match="confidence"):
        load(tmp_path)


def test_rules_are_proposed_by_type_trigger_grade_and_what_the_company_is() -> None:
    def ids(type: str, kinds: list[str], grade: Grade, traits: tuple[str, ...] = ()) -> list[str]:
        return [r.id for r in proposed(PLAN.rules, type, kinds, grade, traits=traits)]

    assert ids("food_safety", ["authority"], Grade.ORANGE) == ["food_2h"]
    assert ids("data_breach", ["personal_data"], Grade.RED) == ["cac_4h", "pipl_57"]
    assert ids("data_breach", ["personal_data"], Grade.BLUE) == ["pipl_57"]
    assert ids("investor", ["abnormal_trading"], Grade.ORANGE) == []
    assert ids("investor", ["abnormal_trading"], Grade.ORANGE, ("listed",)) == ["listed"]
    assert ids("rumor", ["death"], Grade.RED) == []


def test_every_rule_says_how_sure_it_is_and_a_target_says_that_it_is_ours() -> None:
    assert all(r.confidence in "HMU" and r.law and r.recipient for r in PLAN.rules)
    target = next(r for r in PLAN.rules if r.id == "pipl_57")
    assert "内部目标" in target.doubt
    assert "请法务核对" in next(r for r in PLAN.rules if r.id == "listed").doubt


@pytest.mark.parametrize(
    ("words", "id"), [("已报 食安", "food_2h"), ("网信4小时", "cac_4h"), ("个保法", "pipl_57"), ("街道办", None)]
)
def test_people_name_a_rule_as_they_say_it(words: str, id: str | None) -> None:
    found = said(PLAN.rules, words)
    assert (found.id if found else None) == id
