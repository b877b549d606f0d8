"""Legal clocks (domain handbook 7): which rule may apply, and when it is due. Data that the company's counsel checks; no legal advice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from bot.errors import ConfigError
from bot.model.grade import Grade
from bot.model.incident import TYPES
from bot.model.times import seconds_of
from bot.plan.workdays import Calendar

NO_ADVICE = "非法律意见"
CONFIDENCE = {"H": "原文可查", "M": "部分可查，请法务核对", "U": "未核对，请法务核对"}
_KEYS = frozenset(
    "id name says law recipient limit workdays target confidence grade types triggers contents needs propose".split()
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with a clock. ``limit_s`` seconds or ``workdays`` from the moment of knowledge; ``target``: the law names no hours, the
    limit is our own. ``needs`` is what a company must be (``listed``, ``cii``, ``organ``); ``propose``: offered by itself."""

    id: str
    name: str
    says: tuple[str, ...]
    law: str
    recipient: str
    limit_s: float
    workdays: int
    target: bool
    confidence: str
    grade: Grade
    types: tuple[str, ...]
    triggers: frozenset[str]
    contents: tuple[str, ...]
    needs: str
    propose: bool

    def due(self, learned: datetime, calendar: Calendar, zone: tzinfo) -> datetime:
        """When the report must have been made."""
        if self.workdays:
            return calendar.after(learned, self.workdays, zone)
        return learned + timedelta(seconds=self.limit_s)

    @property
    def doubt(self) -> str:
        """What must be said with it beside 「非法律意见」; empty where the wording is at hand."""
        own = "时长为内部目标" if self.target else ""
        return "；".join(filter(None, (own, CONFIDENCE[self.confidence] if self.confidence != "H" else "")))


def rules_of(table: Mapping[str, Any], where: str) -> tuple[Rule, ...]:
    """A parsed file as rules; ``ConfigError`` names the file and the key."""
    rows = table.get("clock")
    if not isinstance(rows, list) or set(table) != {"clock"}:
        raise ConfigError(f"{where}: 应为若干节 [[clock]]")
    return tuple(_rule(row, f"{where}: clock[{n}]") for n, row in enumerate(rows))


def _rule(row: Mapping[str, Any], where: str) -> Rule:
    for key in row:
        if key not in _KEYS:
            raise ConfigError(f"{where}.{key}: 没有这个设置（可用：{'、'.join(sorted(_KEYS))}）")
    for key in ("id", "name", "law", "recipient", "confidence", "types"):
        if key not in row:
            raise ConfigError(f"{where}.{key}: 缺少这一项")
    if row["confidence"] not in CONFIDENCE:
        raise ConfigError(f"{where}.confidence: 应为 {' | '.join(CONFIDENCE)}，现为 {row['confidence']!r}")
    if bool(row.get("limit")) == bool(row.get("workdays")):
        raise ConfigError(f"{where}: limit 与 workdays 写且只写一个")
    if wrong := [name for name in row["types"] if name not in TYPES]:
        raise ConfigError(f"{where}.types: 没有类型 {wrong[0]!r}")
    try:
        limit, grade = seconds_of(row.get("limit", "0s")), Grade.of(row.get("grade", "blue"))
    except (ValueError, KeyError) as error:
        raise ConfigError(f"{where}: limit 应为时长，grade 应为级别（{error}）") from None
    return Rule(
        id=row["id"],
        name=row["name"],
        says=tuple(row.get("says", ())),
        law=row["law"],
        recipient=row["recipient"],
        limit_s=limit,
        workdays=int(row.get("workdays", 0)),
        target=bool(row.get("target", False)),
        confidence=row["confidence"],
        grade=grade,
        types=tuple(row["types"]),
        triggers=frozenset(row.get("triggers", ())),
        contents=tuple(row.get("contents", ())),
        needs=row.get("needs", ""),
        propose=bool(row.get("propose", True)),
    )


def proposed(
    rules: Sequence[Rule], type: str, triggers: Collection[str], grade: Grade | None, *, traits: Collection[str] = ()
) -> list[Rule]:
    """The rules that may apply: the type fits, one of the triggers counts in full, the grade is high enough."""
    return [
        rule
        for rule in rules
        if rule.propose
        and type in rule.types
        and rule.triggers & set(triggers)
        and (grade or Grade.BLUE) >= rule.grade
        and (not rule.needs or rule.needs in traits)
    ]


def said(rules: Sequence[Rule], words: str) -> Rule | None:
    """The rule that somebody names: by its name, its id, or a word people use for it."""
    for rule in rules:
        if rule.name in words or rule.id in words.lower():
            return rule
    return next((rule for rule in rules if any(word in words for word in rule.says)), None)
