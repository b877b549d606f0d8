"""The statement types and what each must say (domain handbook 6.1)."""

from __future__ import annotations

from dataclasses import dataclass

SMS, POPUP = "sms", "popup"
SHORT = {SMS: 70, POPUP: 60}
"""Short forms and their longest text in characters; each is a draft of its own with its own approval."""
SHORT_LABELS = {SMS: "短信", POPUP: "弹窗"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A statement type. ``required`` are element codes; ``limit`` the longest text in characters, 0 for none; ``audience`` who
    reads it first."""

    key: str
    label: str
    required: tuple[str, ...]
    limit: int
    audience: str


def _kind(key: str, label: str, required: str, limit: int, audience: str) -> Kind:
    return Kind(key, label, tuple(f"E{n}" for n in required.split()), limit, audience)


KINDS = {
    kind.key: kind
    for kind in (
        _kind("holding", "首发", "02 03 06 09 14 13 18", 260, "public"),
        _kind("situation_notice", "情况说明", "01 02 03 04 05 09 10 13 14 18", 600, "public"),
        _kind("apology", "致歉", "01 02 04 06 07 08 09 10 11 13 18", 600, "public"),
        _kind("rumor_rebuttal", "辟谣", "01 02 16 15 04 17 18", 600, "public"),
        _kind("progress_update", "进展通报", "01 02 04 09 10 14 18", 600, "public"),
        _kind("recall_notice", "召回公告", "01 02 23 24 05 22 12 11 13 19 18", 0, "affected_users"),
        _kind("breach_notice", "泄露告知", "02 20 21 22 09 12 13 18", 0, "affected_users"),
        _kind("staff_letter", "员工信", "03 04 06 09 10 25 13 18", 0, "employees"),
        _kind("partner_letter", "合作伙伴信", "02 04 05 09 26 13 14 18", 0, "partners"),
        _kind("investor_notice", "澄清公告", "01 27 16 28 04 15 18", 0, "investors"),
        _kind("media_qa", "媒体问答", "29", 0, "media"),
    )
}

ELEMENTS = {
    "E01": "标题（谁、什么事）",
    "E02": "公司全称",
    "E03": "何时获知",
    "E04": "已核实的情况",
    "E05": "范围（批次、人数、地区、时段）",
    "E06": "对受影响者的关切",
    "E07": "明确的道歉和对象",
    "E08": "责任",
    "E09": "已做的事",
    "E10": "下一步和日期",
    "E11": "补救或赔付途径",
    "E12": "公众现在可以做什么",
    "E13": "联系方式和时间",
    "E14": "下次通报时间",
    "E15": "证据或第三方",
    "E16": "逐条对应事实",
    "E17": "克制的权利声明",
    "E18": "落款和日期",
    "E19": "配合或报告监管",
    "E20": "涉及的数据种类",
    "E21": "原因",
    "E22": "可能的危害",
    "E23": "产品、型号、批次、生产日期",
    "E24": "缺陷和危害",
    "E25": "员工统一口径",
    "E26": "供货或服务的连续性",
    "E27": "董事会声明和指定媒体",
    "E28": "属实、不实或尚不能确定",
    "E29": "至少五组问答（答、不说、负责人）",
}
NEVER_WAIVED = frozenset({"E20", "E21", "E22", "E27", "E28"})
"""Elements whose absence nobody may override."""

SHORT_REQUIRED = ("E13",)
"""A short form points to where the rest stands; it can't hold more."""


def label_of(kind: str, form: str = "") -> str:
    """「首发」, 「首发短信」."""
    return KINDS[kind].label + SHORT_LABELS.get(form, "")


def kind_in(words: str) -> str:
    """The type that these words begin to name (「进展」, 「进展第2号」); empty where they name none."""
    head = words.strip()[:2]
    return next((kind.key for kind in KINDS.values() if len(head) == 2 and kind.label.startswith(head)), "")


def limit_of(kind: str, form: str = "") -> int:
    """The longest text in characters, 0 for none."""
    return SHORT.get(form, KINDS[kind].limit)


def required_of(kind: str, form: str = "") -> tuple[str, ...]:
    """The elements that a text of this type and form must hold."""
    return SHORT_REQUIRED if form else KINDS[kind].required
