"""Statement templates: one file a type, the company's own under ``data_dir/plan/`` first; filled, with visible blanks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from bot.drafting.kinds import KINDS, SHORT
from bot.errors import ConfigError

BLANK = "【待填：{}】"
BLANK_MARK = re.compile(r"【待填：([^】]*)】")
_SLOT = re.compile(r"\{\{(\w+)\}\}")
LONGEST_FILL = 120
"""A blank of a pre-approved template takes at most this many characters."""

LABELS = {
    "actions_done": "已做的事",
    "affected_people": "受影响的人",
    "authority": "监管部门",
    "batch": "批次",
    "cause_plain_words": "原因",
    "channel_seen": "渠道",
    "company": "公司",
    "company_full_name": "公司全称",
    "confirmed_facts": "已核实的情况",
    "contact": "联系方式",
    "contact_hours": "服务时间",
    "continuity": "供货与服务安排",
    "data_types": "涉及的信息种类",
    "data_types_excluded": "不涉及的信息种类",
    "date": "日期",
    "defect": "缺陷",
    "designated_media": "指定媒体",
    "fix_1": "整改措施",
    "fix_1_date": "整改期限",
    "harm_acknowledged": "造成的影响",
    "made_on": "生产日期",
    "matter": "事由",
    "model": "型号",
    "next_step": "下一步",
    "next_step_date": "下一步期限",
    "next_update_channel": "通报渠道",
    "next_update_time": "下次通报时间",
    "number": "第几号",
    "possible_harm": "可能的危害",
    "product": "产品",
    "quantity": "数量",
    "remedy": "补救办法",
    "remedy_channel": "办理入口",
    "remedy_deadline": "办理期限",
    "report_back_date": "结果公布日期",
    "responsibility": "责任",
    "rumor_short_paraphrase": "传言概要",
    "rumor_source": "传言来源",
    "scope": "范围",
    "spokesperson": "对外答复人",
    "staff_contact": "员工联系人",
    "time_known": "获知时间",
    "true_point_as_title": "标题（写真相，不写传言）",
    "true_untrue_unknown": "属实／不实／尚不能确定",
    "unknown_points": "仍在核实的",
    "update_page": "进展页面",
    "user_action_1": "用户可做的事一",
    "user_action_2": "用户可做的事二",
    "user_name_or_generic": "称呼",
    "verifier": "核实方",
    "what_changed": "新增的情况",
    **{f"{name}_{n}": f"{label}{n}" for n in range(1, 6) for name, label in
       (("answer", "答"), ("never", "不说"), ("owner", "负责人"))},
    **{f"{name}_{n}": f"{label}{n}" for n in (1, 2) for name, label in
       (("point", "要点"), ("fact", "事实"), ("evidence", "依据"))},
}  # fmt: skip
"""Every slot a template may use, and what its blank says."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template's text with ``{{slots}}``. ``file`` is where it came from."""

    text: str
    file: str

    def fill(self, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
        """The text with its slots filled, and the labels of those left blank."""
        missing = [name for name in dict.fromkeys(_SLOT.findall(self.text)) if not values.get(name)]
        filled = _SLOT.sub(lambda m: values.get(m[1]) or BLANK.format(LABELS[m[1]]), self.text)
        return filled.strip(), tuple(LABELS[name] for name in missing)

    def place(self, text: str, label: str) -> tuple[int, int] | None:
        """Where in a text that is this template with its blanks filled the first blank of this label stands; else None."""
        parts = _SLOT.split(self.text.strip())
        wanted = next((n for n, part in enumerate(parts) if n % 2 and LABELS[part] == label), None)
        pattern = "".join(re.escape(part) if n % 2 == 0 else f"(?P<p{n}>[^\n]+?)" for n, part in enumerate(parts))
        found = re.fullmatch(pattern, text.strip()) if wanted else None
        return found.span(f"p{wanted}") if found else None

    def only_filled(self, text: str) -> bool:
        """Whether ``text`` is this template with nothing but its blanks filled, each short and on its line."""
        parts = _SLOT.split(self.text.strip())
        pattern = "".join(re.escape(part) if n % 2 == 0 else rf"[^\n【】]{{1,{LONGEST_FILL}}}?" for n, part in enumerate(parts))
        return re.fullmatch(pattern, text.strip()) is not None


def load_templates(plan: Path | None = None) -> dict[str, Template]:
    """Every template, the company's own in place of the shipped one; ``ConfigError`` names the file and the slot at fault."""
    names = [*KINDS, *(f"short_{form}" for form in SHORT)]
    return {name: _load(name, plan) for name in names}


def _load(name: str, plan: Path | None) -> Template:
    own = plan / f"{name}.txt" if plan else None
    if own is None or not own.exists():
        shipped = resources.files("bot.drafting").joinpath(f"data/{name}.txt")
        return _checked(shipped.read_text(encoding="utf-8"), f"{name}.txt")
    try:
        return _checked(own.read_text(encoding="utf-8"), str(own))
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{own}: 读不了这份模板（要 UTF-8 文本）") from None


def _checked(text: str, file: str) -> Template:
    if not text.strip():
        raise ConfigError(f"{file}: 模板是空的")
    for name in _SLOT.findall(text):
        if name not in LABELS:
            raise ConfigError(f"{file}: 没有 {{{{{name}}}}} 这个空（可用：{'、'.join(sorted(LABELS))}）")
    if "{{" in _SLOT.sub("", text) or "}}" in _SLOT.sub("", text):
        raise ConfigError(f"{file}: 花括号不成对")
    return Template(text.strip(), file)
