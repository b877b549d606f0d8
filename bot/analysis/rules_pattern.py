"""A regular expression as a term of a rule: read, and refused where a text could keep it busy for ever.

``(a+)+`` tries every way to cut a text of a into parts, 2^n of them. So nothing that may repeat without end stands in something
that may, and no choice either; what a rule looks for needs neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _parser  # type: ignore[attr-defined]  # no public door to the parsed form
from typing import Any

from bot.errors import ConfigError

ENDLESS = 1_000
"""From so many repetitions on a repeat counts as without end."""


_SAID = {
    "missing )": "括号没有合上",
    "unbalanced": "多了右括号",
    "unterminated character set": "方括号没有合上",
    "nothing to repeat": "前面没有可以重复的字",
    "multiple repeat": "重复写了两遍",
    "bad escape": "反斜杠后面的字母不认识",
    "bad character range": "方括号里的范围反了",
}


def checked(pattern: str, term: str) -> str:
    """The pattern; ``ConfigError`` says at which character it goes wrong, or that it may never end."""
    try:
        parsed = _parser.parse(pattern)
        re.compile(pattern)
    except re.error as wrong:
        raise ConfigError(f"正则 {term} 第{(wrong.pos or 0) + 1}字：{said(wrong)}") from None
    except (RecursionError, OverflowError):
        raise ConfigError(f"正则 {term} 太复杂") from None
    if _may_not_end(parsed, inside=False):
        raise ConfigError(f"正则 {term} 在重复里又有重复或选择，可能算不完。请写成 {{0,20}} 这样有限的次数，或拆成几个词")
    return pattern


def said(wrong: re.error) -> str:
    """What is wrong with a pattern, in Chinese where it is one of the usual faults."""
    return next((words for sign, words in _SAID.items() if wrong.msg.startswith(sign)), wrong.msg)


def _may_not_end(parsed: Any, *, inside: bool) -> bool:
    for name, value in parsed:
        repeats = str(name) in ("MAX_REPEAT", "MIN_REPEAT") and value[1] > 1
        endless = repeats and value[1] >= ENDLESS
        if inside and (endless or str(name) == "BRANCH"):
            return True
        if any(_may_not_end(part, inside=inside or endless) for part in _parts(value)):
            return True
    return False


def _parts(value: Any) -> Iterator[Any]:
    """The parsed forms inside a piece: those of a group, of a repeat, of each choice."""
    if isinstance(value, _parser.SubPattern):
        yield value
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _parts(one)
