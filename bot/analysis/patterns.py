"""Patterns of many alternatives, taken apart so that they are found fast; what is found is the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CLASS = re.compile(r"\[([^\]\\^-]+)\]")
_PIECE = re.compile(r"(\\.|\[(?:\\.|[^\]])+\]|\((?:[^()]|\([^()]*\))*\)|.)([?*+]\??|\{[^}]*\}\??)?")
_SPECIAL = re.compile(r"[\\.^$?*+{}()\[\]|]")
_MOST = 64


class Choice:
    """A pattern of many alternatives, asked whether any stands in a text.

    ``re`` skips ahead to the first characters of alternatives only where each begins with one. So a group that comes first is
    multiplied out, and what still begins otherwise is looked for apart.
    """

    def __init__(self, pattern: str) -> None:
        parts = [whole for part in alternatives(pattern) for whole in _multiplied(part)]
        apart = [part for part in parts if part[0] in "([.^" or part[1:2] in ("?", "*", "{")]
        plain = [part for part in parts if part not in apart]
        self._parts = tuple(map(re.compile, filter(None, ["|".join(plain), *apart])))

    def search(self, words: str) -> bool:
        for part in self._parts:  # noqa: SIM110  a generator costs as much as a search
            if part.search(words):
                return True
        return False


def alternatives(pattern: str) -> list[str]:
    """The parts of a pattern between the bars that stand in no bracket."""
    parts, depth, escaped = [""], 0, False
    for char in pattern:
        if char == "|" and not depth and not escaped:
            parts.append("")
            continue
        depth += 0 if escaped else (char in "([") - (char in ")]")
        escaped = char == "\\" and not escaped
        parts[-1] += char
    return parts


def _multiplied(part: str) -> list[str]:
    """``(?:a|b)c`` and ``[ab]c`` as ``ac`` and ``bc``; anything else as it is."""
    if (found := _CLASS.match(part)) and part[found.end() : found.end() + 1] not in ("?", "*", "+", "{"):
        return [first + part[found.end() :] for first in found[1]]
    head, closed, tail = part.partition(")")
    if not head.startswith("(?:") or not closed or "(" in head[3:] or tail[:1] in ("?", "*", "+", "{"):
        return [part]
    return [first + tail for first in alternatives(head[3:])]


def needed(part: str) -> tuple[list[str], bool]:
    """Words of which at least one stands in every text that this alternative finds, and whether they are all that it finds.

    As the prefilter of RE2: words are put together from what stands side by side and must be there; the best of them are long
    and few.
    """
    found, words, whole = [""], [""], True
    for token, times in _PIECE.findall(part):
        options = [] if times else _options(token)
        if not options or len(words) * len(options) > _MOST:
            whole = False
            inside = alternatives(token[3:-1]) if token.startswith("(?:") and not times else []
            found = max(found, words, [word for option in inside for word in needed(option)[0]] or [""], key=_worth)
            words = [""]
        words = [head + tail for head in words for tail in options or [""]]
    return max(found, words, key=_worth), whole


def _options(token: str) -> list[str]:
    """All that a piece of a pattern may stand for; none where that is more than a few plain words."""
    if token.startswith("(?:"):
        words = alternatives(token[3:-1])
        return [] if any(_SPECIAL.search(word) for word in words) else words
    if found := _CLASS.fullmatch(token):
        return list(found[1])
    plain = token.removeprefix("\\")
    return [] if _SPECIAL.search(token) and (plain == token or plain.isalnum()) else [plain]


def _worth(words: Sequence[str]) -> tuple[int, int]:
    return min(map(len, words)), -len(words)
