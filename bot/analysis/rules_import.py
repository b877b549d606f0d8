"""Reads TrendRadar's ``frequency_words.txt`` as watch rules.

Groups are separated by blank lines; in a group ``词`` is one of, ``+词`` required, ``!词`` excluded, ``@n`` a display limit
(not ours), ``[名]`` in the first line the group's name, ``/正则/`` a pattern, ``词 => 名`` a display name, ``#`` a comment.
Words under ``[GLOBAL_FILTER]`` are excluded everywhere; ``[WORD_GROUPS]`` goes back to groups. Differences on purpose: ``!``
counts for its own group only (a group of nothing but ``!`` counts everywhere), and Latin words must stand whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.analysis.rules import Rule
from bot.analysis.rules_pattern import checked
from bot.errors import ConfigError

_PATTERN = re.compile(r"/(.+)/[a-z]*")
_BOUNDARY = re.compile(r"\\b|\(\?<!\[[^\]]*\]\)|\(\?!\[[^\]]*\]\)|\(\?i\)")
_META = re.compile(r"[\\.^$*+?{}\[\]()]")


@dataclass
class _Group:
    name: str = ""
    any: list[str] = field(default_factory=list)
    all: list[str] = field(default_factory=list)
    none: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)


def import_frequency_words(text: str) -> list[Rule]:
    """The groups of a ``frequency_words.txt`` as rules; ``ConfigError`` names the line that cannot be read."""
    groups: list[_Group] = []
    everywhere: list[str] = []
    filtering, group = False, None
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        line = raw.strip()
        if not line:
            group = None
        if not line or line.startswith(("#", "@")):
            continue
        if line.upper() in ("[GLOBAL_FILTER]", "[WORD_GROUPS]"):
            filtering, group = line.upper() == "[GLOBAL_FILTER]", None
        elif filtering:
            everywhere.extend(_terms(line.lstrip("!+"), number)[0])
        else:
            if group is None:
                group = _Group()
                groups.append(group)
            _add(group, line, number)
    everywhere += [word for group in groups if not group.any and not group.all for word in group.none]
    named: dict[str, int] = {}
    return [_rule(group, everywhere, named) for group in groups if group.any or group.all]


def _add(group: _Group, line: str, number: int) -> None:
    fresh = not (group.name or group.any or group.all or group.none)
    if fresh and line.startswith("[") and line.endswith("]"):
        group.name = line[1:-1].strip()
        return
    mark = line[0] if line[0] in "+!" else ""
    words, shown = _terms(line[len(mark) :], number)
    if mark == "!":
        group.none.extend(words)
        return
    group.shown.append(shown)
    if mark == "+" and len(words) > 1:  # one of several required: as a pattern it stays one condition
        words = [f"/{'|'.join(map(re.escape, words))}/"]
    (group.all if mark else group.any).extend(words)


def _terms(line: str, number: int) -> tuple[list[str], str]:
    written, _, shown = (part.strip() for part in line.partition("=>"))
    pattern = _PATTERN.fullmatch(written)
    if not pattern:
        if not written:
            raise ConfigError(f"第{number}行：这一行没有词")
        return [written], shown or written
    try:
        checked(pattern[1], written)
    except ConfigError as wrong:
        raise ConfigError(f"第{number}行：{wrong}") from None
    return _plain(pattern[1]) or [f"/{pattern[1]}/"], shown or pattern[1]


def _plain(pattern: str) -> list[str]:
    """The words of a pattern that is nothing but alternatives (and word boundaries, which we keep anyway)."""
    words = [re.sub(r"\\([.+*?()\[\]{}^$|/-])", r"\1", part) for part in _BOUNDARY.sub("", pattern).split("|")]
    if _META.search(_BOUNDARY.sub("", pattern)) or not all(word.strip() for word in words):
        return []
    return words


def _rule(group: _Group, everywhere: list[str], named: dict[str, int]) -> Rule:
    name = (group.name or " / ".join(dict.fromkeys(group.shown)))[:80]
    named[name] = named.get(name, 0) + 1
    if named[name] > 1:
        name = f"{name}（{named[name]}）"
    none = tuple(dict.fromkeys([*group.none, *everywhere]))
    return Rule(name, any=tuple(group.any), all=tuple(group.all), none=none)
