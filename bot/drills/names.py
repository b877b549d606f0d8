"""The built-in drills by the names people give them."""

from __future__ import annotations

from bot.model.people import Person

MARK = "【演练】"

SCENARIOS = {
    "infant_formula": ("食品安全", ("食品", "食安", "奶粉", "婴儿", "infant", "产品安全")),
    "data_breach": ("数据泄露", ("泄露", "数据", "信息", "breach", "脱库")),
    "exec_remarks": ("高管言论", ("高管", "言论", "言行", "副总", "exec")),
    "labour": ("劳动争议", ("劳动", "欠薪", "工资", "罢工", "讨薪", "labour", "labor")),
    "outage": ("宕机与篡改", ("宕机", "篡改", "中断", "网站", "故障", "outage")),
}
"""File name → Chinese name, words people say."""


def scenario_of(words: str) -> str:
    """The drill that somebody names; empty where none fits, or more than one."""
    text = words.lower()
    fits = [name for name, (label, says) in SCENARIOS.items() if name in text or label in text or any(w in text for w in says)]
    return fits[0] if len(fits) == 1 else ""


def spoken(text: str, person: Person | None) -> str:
    """A line of the scenario that somebody is to have said."""
    return f"{person.name if person else '有人'}：「{text}」"
