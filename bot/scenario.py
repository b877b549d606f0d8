"""A scenario: lines of JSON, what happens how many minutes after the start; or the name of a built-in one."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from bot.config import Config, WatchOptions
from bot.errors import ConfigError
from bot.model.mention import Mention

LONGEST = 5_256_000.0
"""Ten years of minutes: what is later is a slip of the pen."""
WORDS = {
    "state": ("confirmed", "refuted", "unverified"),
    "probe": ("down", "up", "changed"),
    "health": ("failing", "ok"),
}
"""The closed vocabularies of a scenario."""


@dataclass(frozen=True)
class Line:
    """One line of a scenario, at a moment of the simulated clock."""

    at: datetime
    number: int
    body: Mapping[str, Any]


def read_scenario(file: str, begin: datetime) -> list[Line]:
    """The lines of a scenario, by time; ``ConfigError`` names the line at fault before anything is played."""
    found = []
    for number, row in enumerate(_text_of(file).splitlines(), 1):
        if not row.strip():
            continue
        try:
            body = json.loads(row)
            minutes = float(body.get("at", 0))
        except (ValueError, AttributeError, TypeError, RecursionError):
            raise ConfigError(f"{file}: 第{number}行不是合法的剧本行") from None
        if not 0 <= minutes <= LONGEST:
            raise ConfigError(f"{file}: 第{number}行：at 应为开始后的分钟数，现为 {body['at']!r}")
        try:
            _check(body, begin)
        except ValueError as error:
            raise ConfigError(f"{file}: 第{number}行：{error}") from None
        found.append(Line(begin + timedelta(minutes=minutes), number, body))
    return sorted(found, key=lambda line: (line.at, line.number))


def _text_of(file: str) -> str:
    """A file, standard input (``-``), or a built-in scenario by its name."""
    path = Path(file)
    try:
        if file == "-":
            return sys.stdin.buffer.read().decode("utf-8")
        if path.exists():
            return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: 读不了（{error}）") from None
    built_in = resources.files("bot.drills").joinpath(f"{file}.jsonl")
    if not file.replace("_", "").isalnum() or not built_in.is_file():
        raise ConfigError(f"{file}: 没有这个剧本文件，也没有这个内置演练")
    return built_in.read_text(encoding="utf-8")


def _check(body: Mapping[str, Any], now: datetime) -> None:
    """``ValueError`` says what is wrong with a line of a scenario."""
    for key, allowed in WORDS.items():
        if key in body and (key != "state" or "fact" in body) and body[key] not in allowed:
            raise ValueError(f"{key} 应为 {' | '.join(allowed)}，现为 {body[key]!r}")
    for key in ("say", "fact"):
        if key in body and not (isinstance(body[key], str) and isinstance(body.get("by"), str)):
            raise ValueError(f"{key} 要有文字，和 by：谁说的")
    if "fact" in body and not isinstance(body.get("incident"), int | None):
        raise ValueError(f"incident 应为事件编号，现为 {body['incident']!r}")
    if not body.keys() & {"scene", "say", "fact", "probe", "health"}:
        Mention.of(body, source="剧本", now=now)


def set_scene(config: Config, lines: Sequence[Line]) -> Config:
    """The configuration as a built-in drill needs it: its company and what is watched are the drill's, the people are ours."""
    scene = next((line.body["scene"] for line in lines if "scene" in line.body), None)
    if scene is None:
        return config
    company = tuple(scene["company"])
    watch = WatchOptions(name=company[0], any=tuple(scene.get("watch") or company))
    bot = replace(
        config.bot, company=company, full_name=str(scene.get("full_name") or company[0]), listed=bool(scene.get("listed"))
    )
    return replace(config, bot=bot, watch=(watch,))
