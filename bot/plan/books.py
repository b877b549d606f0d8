"""Reads and checks the plan at start: what ships, and the company's own files, which replace those of the same name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from bot.errors import ConfigError
from bot.model.incident import TYPES
from bot.plan.legal import Rule, rules_of
from bot.plan.playbooks import Playbook, playbook_of
from bot.plan.workdays import Calendar, calendar_of


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is planned before anything happens."""

    playbooks: Mapping[str, Playbook]
    rules: tuple[Rule, ...]
    calendar: Calendar

    def playbook(self, type: str) -> Playbook:
        """The playbook of a type."""
        return self.playbooks.get(type, self.playbooks["other"])


def load(folder: Path | None = None) -> Plan:
    """The plan; files in ``folder`` (``data_dir/plan``) win. ``ConfigError`` names the file and the key at fault."""
    own = tuple(sorted(path for path in folder.glob("*.toml") if _ours(path))) if folder and folder.is_dir() else ()
    return _shipped() if not own else _plan({path.stem: path for path in own})


def _ours(path: Path) -> bool:
    return path.stem in TYPES or path.stem in ("legal", "holidays")


@cache
def _shipped() -> Plan:
    return _plan({})


def _plan(own: Mapping[str, Path]) -> Plan:
    playbooks = {type: playbook_of(type, *_read(type, own)) for type in TYPES}
    rules = rules_of(*_read("legal", own))
    known = {rule.id for rule in rules}
    for type, book in playbooks.items():
        for clock in book.clocks:
            if clock not in known:
                raise ConfigError(f"{_where(type, own)}: clocks: legal.toml 里没有 {clock!r}")
    return Plan(playbooks, rules, calendar_of(*_read("holidays", own)))


def _where(name: str, own: Mapping[str, Path]) -> str:
    return str(own[name]) if name in own else f"bot/plan/data/{name}.toml"


def _read(name: str, own: Mapping[str, Path]) -> tuple[Mapping[str, Any], str]:
    where = _where(name, own)
    try:
        text = (
            own[name].read_text("utf-8")
            if name in own
            else resources.files("bot.plan").joinpath(f"data/{name}.toml").read_text("utf-8")
        )
        return tomllib.loads(text), where
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{where}: 读不了（{error}）") from None
