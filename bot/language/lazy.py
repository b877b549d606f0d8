"""Patterns that are compiled when they are first used, or all at once when there is time: importing the grammar costs next to nothing."""

from __future__ import annotations

import re
from typing import Any, cast


class _Lazy:
    """Stands for ``re.compile(source, flags)``; its methods are bound at the first use."""

    def __init__(self, source: str, flags: int) -> None:
        self.pattern = source
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self.pattern, self.flags)
        for method in ("search", "match", "fullmatch", "finditer", "findall", "split", "sub"):
            self.__dict__[method] = getattr(compiled, method)
        return getattr(compiled, name)


_ALL: list[_Lazy] = []


def later(source: str, flags: int = 0) -> re.Pattern[str]:
    """As ``re.compile``, only later."""
    _ALL.append(_Lazy(source, flags))
    return cast(re.Pattern[str], _ALL[-1])


def compile_all() -> None:
    """Compiles what nobody has used yet, so that the first command waits no longer than the others. About half a second."""
    for pattern in _ALL:
        _ = pattern.search
