"""Settings as frozen dataclasses: one field a key, with its default and the reason to change it, read from TOML tables."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, NewType, TypeVar, Union, cast

from bot.errors import ConfigError
from bot.model.times import seconds_of

Seconds = NewType("Seconds", float)
"""A length of time; written ``"90s"``, ``"15m"``, ``"2h"``, ``"1d"``."""

_T = TypeVar("_T")


class FromOutside(str):
    """A text read from the environment or a file: there a number or a flag can only be written as text."""

    __slots__ = ()


def option(default: Any, why: str, *, choices: tuple[str, ...] = ()) -> Any:
    """A setting with its default. ``why`` (Chinese, one line) says what it is for; ``choices`` are its only values."""
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), metadata={"why": why, "choices": choices})
    return dataclasses.field(default=default, metadata={"why": why, "choices": choices})


def required(why: str) -> Any:
    """A setting without a default."""
    return dataclasses.field(metadata={"why": why, "choices": ()})


def read_options(kind: type[_T], table: Mapping[str, Any], where: str) -> _T:
    """``table`` as a ``kind``. ``ConfigError`` names the wrong key, type or value as ``where.key``."""
    fields = {f.name: f for f in dataclasses.fields(cast(Any, kind))}
    hints = typing.get_type_hints(kind)
    for key in table:
        if key not in fields:
            raise ConfigError(f"{where}.{key}: 没有这个设置（可用：{'、'.join(sorted(fields))}）")
    values = {name: _value(table[name], hints[name], f"{where}.{name}") for name in fields if name in table}
    for name, f in fields.items():
        if name in values:
            choices = f.metadata.get("choices") or ()
            if choices and values[name] not in choices:
                raise ConfigError(f"{where}.{name}: 应为 {' | '.join(choices)}，现为 {values[name]!r}")
        elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            raise ConfigError(f"{where}.{name}: 缺少这一项")
    return kind(**values)


def _value(value: Any, hint: Any, where: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return _value(value, next(a for a in args if a is not type(None)), where)
    if hint is Seconds:
        return _seconds(value, where)
    if origin is tuple:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list):
            raise ConfigError(f"{where}: 应为列表，现为 {value!r}")
        return tuple(_value(item, args[0], f"{where}[{i}]") for i, item in enumerate(items))
    if origin in (dict, Mapping) or hint is dict:
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: 应为表，现为 {value!r}")
        return {k: _value(v, args[1], f"{where}.{k}") for k, v in value.items()} if args else dict(value)
    if hint is Any:
        return value
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: 应为表，现为 {value!r}")
        return read_options(cast(type, hint), value, where)
    return _plain(value, hint, where)


def _plain(value: Any, hint: Any, where: str) -> Any:
    names = {str: "文字", int: "整数", float: "数", bool: "true 或 false"}
    if isinstance(value, FromOutside):
        value = _unwritten(value, hint)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is not bool and isinstance(value, bool)):
        raise ConfigError(f"{where}: 应为{names.get(hint, hint.__name__)}，现为 {value!r}")
    return value


def _unwritten(text: str, hint: Any) -> Any:
    """What a text from outside means where a number or a flag is wanted; the text itself where it means none."""
    if hint is bool:
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    if hint in (int, float):
        try:
            return hint(text)
        except ValueError:
            pass
    return str(text)


def _seconds(value: Any, where: str) -> float:
    if isinstance(value, str):
        try:
            return seconds_of(value)
        except ValueError:
            pass
    raise ConfigError(f'{where}: 应为时长，如 "90s" "15m" "2h" "1d"，现为 {value!r}')
