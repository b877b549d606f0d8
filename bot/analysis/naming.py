"""The parts of a text that may name a story: its clauses and its words."""

from __future__ import annotations

import re

_CLAUSE = re.compile(r"[。！？!?\n；;]+|(?<=[^0-9])[,，](?=[^0-9])")
_MARKS = re.compile(r"[#【】\[\]<>《》「」“”\"]+|^[\s,，:：、.·|]+|[\s,，:：、·|]+$")


def clauses(text: str) -> list[str]:
    """The clauses of four characters or more, without marks around them."""
    parts = (_MARKS.sub("", _MARKS.sub("", part)).strip() for part in _CLAUSE.split(text))
    return [part for part in parts if len(part) >= 4]


def cut(text: str) -> list[str]:
    """The words of a text; loads jieba at the first call."""
    import jieba

    jieba.setLogLevel(60)
    return list(jieba.cut(text))
