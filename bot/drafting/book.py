"""What the drafting room reads from files: templates, element patterns, word lists; the company's own are merged in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from bot.drafting.kinds import ELEMENTS
from bot.drafting.templates import Template, load_templates
from bot.errors import ConfigError

LISTS = (
    "absolute", "empty", "blame", "conditional", "threat", "praise", "but", "cause", "promise", "promotional", "hurt", "secret",
    "passive", "victim", "technical", "places",
)  # fmt: skip


@dataclass(frozen=True)
class Book:
    """``elements``: code → patterns, any of which is that element; ``words``: list → patterns."""

    templates: Mapping[str, Template]
    elements: Mapping[str, tuple[re.Pattern[str], ...]]
    words: Mapping[str, tuple[re.Pattern[str], ...]]
    places: tuple[str, ...]


def load_book(plan: Path | None = None) -> Book:
    """Everything, checked; ``ConfigError`` names the file and the key at fault."""
    elements = _merged("elements.toml", plan, tuple(ELEMENTS))
    words = _merged("words.toml", plan, LISTS)
    return Book(
        templates=load_templates(plan),
        elements={key: _compiled("elements.toml", key, rows) for key, rows in elements.items()},
        words={key: _compiled("words.toml", key, rows) for key, rows in words.items() if key != "places"},
        places=tuple(words["places"]),
    )


@cache
def shipped() -> Book:
    """The book that ships with the house."""
    return load_book()


def _merged(name: str, plan: Path | None, keys: tuple[str, ...]) -> dict[str, list[str]]:
    rows = _read(resources.files("bot.drafting").joinpath(f"data/{name}").read_text(encoding="utf-8"), name, keys)
    own = plan / name if plan else None
    if own is None or not own.exists():
        return rows
    for key, more in _read(own.read_text(encoding="utf-8"), str(own), keys).items():
        rows[key] = [*rows.get(key, []), *more]
    return rows


def _read(text: str, file: str, keys: tuple[str, ...]) -> dict[str, list[str]]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: 不是合法的 TOML（{error}）") from None
    for key, rows in table.items():
        if key not in keys:
            raise ConfigError(f"{file}: 没有 {key!r} 这一项（可用：{'、'.join(keys)}）")
        if not isinstance(rows, list) or not all(isinstance(row, str) and row for row in rows):
            raise ConfigError(f"{file}: {key} 应为文字的列表")
    return table


def _compiled(file: str, key: str, rows: list[str]) -> tuple[re.Pattern[str], ...]:
    found = []
    for row in rows:
        try:
            found.append(re.compile(row))
        except re.error as error:
            raise ConfigError(f"{file}: {key} 里的 {row!r} 不是合法的正则（{error}）") from None
    return tuple(found)
