"""Patterns that are compiled when they are first used: importing the grammar costs next to nothing."""

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


def later(source: str, flags: int = 0) -> re.Pattern[str]:
    """As ``re.compile``, only later."""
    return cast(re.Pattern[str], _Lazy(source, flags))
