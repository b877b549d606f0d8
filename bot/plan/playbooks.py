"""One playbook for each type of incident: what is done first, by which role, who is called, what may have to be said and reported."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.errors import ConfigError
from bot.model.grade import Grade
from bot.model.incident import TYPES
from bot.model.people import Role
from bot.model.times import seconds_of

HALF_HOUR = 1_800.0
_KEYS = {"name": str, "words": list, "triggers": list, "call": list, "statements": list, "clocks": list, "task": list}
_TASK_KEYS = {"text", "role", "due", "from", "blocking", "proof"}


@dataclass(frozen=True, slots=True)
class Step:
    """A first task. ``roles``: the first of them that anybody has is given it; ``due_s`` seconds from the start; ``from_grade``
    the lowest grade that asks for it."""

    key: str
    text: str
    roles: tuple[Role, ...]
    due_s: float
    from_grade: Grade
    blocking: bool
    proof: bool

    def due(self, start: datetime) -> datetime:
        """When it is due: rounded up to the half hour, as people say times; less than half an hour stays as it is."""
        due = start + timedelta(seconds=self.due_s)
        if self.due_s < HALF_HOUR:
            return due
        return due + timedelta(seconds=-due.timestamp() % HALF_HOUR)


@dataclass(frozen=True, slots=True)
class Playbook:
    """``call`` are the roles that must be manned, ``statements`` the types that may be needed, ``clocks`` ids of legal rules.
    ``words`` and ``triggers`` let the engine guess the type; a person says it when assessing."""

    type: str
    name: str
    words: tuple[str, ...]
    triggers: tuple[str, ...]
    call: tuple[Role, ...]
    statements: tuple[str, ...]
    clocks: tuple[str, ...]
    steps: tuple[Step, ...]

    def steps_at(self, grade: Grade) -> tuple[Step, ...]:
        """The first tasks that this grade asks for."""
        return tuple(step for step in self.steps if step.from_grade <= grade)


def playbook_of(type: str, table: Mapping[str, Any], where: str) -> Playbook:
    """A parsed file as a playbook; ``ConfigError`` names the file and the key."""
    for key in table:
        if key not in _KEYS:
            raise ConfigError(f"{where}: {key}: 没有这个设置（可用：{'、'.join(_KEYS)}）")
    for key, kind in _KEYS.items():
        if not isinstance(table.get(key), kind):
            raise ConfigError(f"{where}: {key}: {'缺少这一项' if key not in table else '类型不对'}")
    return Playbook(
        type=type,
        name=table["name"],
        words=tuple(table["words"]),
        triggers=tuple(table["triggers"]),
        call=_roles(table["call"], f"{where}: call"),
        statements=tuple(table["statements"]),
        clocks=tuple(table["clocks"]),
        steps=tuple(_step(n, row, f"{where}: task[{n}]") for n, row in enumerate(table["task"])),
    )


def _step(number: int, row: Mapping[str, Any], where: str) -> Step:
    for key in row:
        if key not in _TASK_KEYS:
            raise ConfigError(f"{where}.{key}: 没有这个设置（可用：{'、'.join(sorted(_TASK_KEYS))}）")
    for key in ("text", "role", "due"):
        if not row.get(key):
            raise ConfigError(f"{where}.{key}: 缺少这一项")
    try:
        due = seconds_of(str(row["due"]))
    except ValueError:
        raise ConfigError(f'{where}.due: 应为时长，如 "30m" "2h"，现为 {row["due"]!r}') from None
    try:
        grade = Grade.of(str(row.get("from", "orange")))
    except KeyError:
        raise ConfigError(f"{where}.from: 应为 blue | yellow | orange | red，现为 {row['from']!r}") from None
    roles = _roles(row["role"], f"{where}.role")
    return Step(str(number), row["text"], roles, due, grade, bool(row.get("blocking")), bool(row.get("proof")))


def _roles(names: Collection[str], where: str) -> tuple[Role, ...]:
    for name in names:
        if name not in {role.value for role in Role}:
            raise ConfigError(f"{where}: 没有角色 {name!r}（可用：{'、'.join(Role)}）")
    return tuple(Role(name) for name in names)


def guess(playbooks: Mapping[str, Playbook], triggers: Collection[str], words: str) -> str:
    """The likeliest type: a trigger of it counts as two of its words; ``other`` where nothing fits."""
    points = {
        type: 2 * len(set(book.triggers) & set(triggers)) + sum(word in words for word in book.words)
        for type, book in playbooks.items()
    }
    best = max(points, key=lambda type: (points[type], -list(TYPES).index(type)), default="other")
    return best if points.get(best) else "other"
