"""The grammar of a watch rule: ``(晨露 | 晨露乳业) & (皮疹 | 过敏) - 招聘``, quotes, NEAR ``退款 ~10 拒绝``.

``&`` and ``-`` (and not) bind tighter than ``|``; ``~n`` binds tightest and means: at most n characters between the two, in
either order, blanks and punctuation not counted. Full-width operators are read too. A term with an operator character or a
blank is quoted. ``$名`` stands for the words of an alias. Every chain needs something that must be there, so a rule never fits
by absence alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

from bot.errors import ConfigError

Span = tuple[int, int]
Found = Mapping[str, list[Span]]
"""The terms (by their keys) that stand in the folded text; for those that may have to be near another, where."""

NEAR_CAP = 200
_WIDE = str.maketrans("（）｜＆－～＂“”", '()|&-~"""')
_TOKEN = re.compile(r'\s+|[()|&\-]|~\s*(\d*)|"([^"]*)("?)|「([^」]*)(」?)|[^\s()|&\-~"「」]+')


@dataclass(frozen=True, slots=True)
class Word:
    """A term as written and the key under which it is found."""

    word: str
    key: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of ``wanted`` and none of ``unwanted``; ``wanted`` is never empty."""

    wanted: tuple[Node, ...]
    unwanted: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    left: Node
    right: Node
    gap: int


Node = Word | AnyOf | AllOf | Near
MakeWord = Callable[[str, bool], Node]
"""Makes the node of a written term; the flag says that it is one that must not be there."""


def holds(node: Node, found: Found) -> bool:
    """Whether a text in which ``found`` was found satisfies ``node``."""
    if isinstance(node, Word):
        return node.key in found
    if isinstance(node, AnyOf):
        return any(holds(part, found) for part in node.parts)
    if isinstance(node, AllOf):
        return all(holds(part, found) for part in node.wanted) and not any(holds(part, found) for part in node.unwanted)
    return bool(_spans(node, found))


def _spans(node: Node, found: Found) -> list[Span]:
    if isinstance(node, Word):
        return found.get(node.key, [])
    if isinstance(node, AnyOf):
        return [span for part in node.parts for span in _spans(part, found)]
    if isinstance(node, AllOf):
        return []
    pairs = product(_spans(node.left, found)[:NEAR_CAP], _spans(node.right, found)[:NEAR_CAP])
    return [(min(a[0], b[0]), max(a[1], b[1])) for a, b in pairs if a != b and max(a[0], b[0]) - min(a[1], b[1]) <= node.gap]


def words_of(node: Node) -> list[Word]:
    """Every term below ``node``, wanted or not, in the order written."""
    if isinstance(node, Word):
        return [node]
    if isinstance(node, AnyOf):
        return [word for part in node.parts for word in words_of(part)]
    if isinstance(node, AllOf):
        return [word for part in (*node.wanted, *node.unwanted) for word in words_of(part)]
    return words_of(node.left) + words_of(node.right)


def words_near(node: Node) -> list[Word]:
    """The terms below ``node`` whose distance from another is asked for."""
    if isinstance(node, Word):
        return []
    if isinstance(node, Near):
        return words_of(node)
    parts = node.parts if isinstance(node, AnyOf) else (*node.wanted, *node.unwanted)
    return [word for part in parts for word in words_near(part)]


def said(node: Node) -> str:
    """What ``node`` asks of a text, in words."""
    if isinstance(node, Word):
        return node.word
    if isinstance(node, AnyOf):
        return " 或 ".join(dict.fromkeys(_inside(part) if isinstance(part, AllOf) else said(part) for part in node.parts))
    if isinstance(node, AllOf):
        inner = " 且 ".join(_inside(part) for part in node.wanted)
        return inner + "".join(f"，没有 {_inside(part)}" for part in node.unwanted)
    return f"{_inside(node.left)} 与 {_inside(node.right)} 相隔不超过{node.gap}字"


def _inside(node: Node) -> str:
    return said(node) if isinstance(node, Word) else f"（{said(node)}）"


def triggers(node: Node, cost: Callable[[str], int]) -> set[str]:
    """The cheapest set of keys of which at least one is found in every text that satisfies ``node``."""
    if isinstance(node, Word):
        return {node.key}
    if isinstance(node, AnyOf):
        return set().union(*(triggers(part, cost) for part in node.parts))
    parts = node.wanted if isinstance(node, AllOf) else (node.left, node.right)
    return min((triggers(part, cost) for part in parts), key=lambda keys: sum(map(cost, keys)))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # word ( ) | & - ~ end
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    tokens = []
    for found in _TOKEN.finditer(text.translate(_WIDE)):
        raw, at = found[0], found.start() + 1
        if raw.isspace():
            continue
        if raw[0] in "()|&-":
            tokens.append(_Token(raw[0], raw, at))
        elif raw[0] == "~":
            if not found[1]:
                raise ConfigError(f"第{at}字：~ 后面要写字数，如 甲 ~10 乙")
            tokens.append(_Token("~", found[1], at))
        elif raw[0] in '"「':
            tokens.append(_Token("word", _quoted(found, text, at), at))
        elif raw == "」":
            raise ConfigError(f"第{at}字：多了引号")
        else:
            tokens.append(_Token("word", text[found.start() : found.end()], at))
    return [*tokens, _Token("end", "", len(text) + 1)]


def _quoted(found: re.Match[str], text: str, at: int) -> str:
    group = 2 if found[2] is not None else 4
    if not found[group + 1]:
        raise ConfigError(f"第{at}字：引号没有合上")
    if not found[group].strip():
        raise ConfigError(f"第{at}字：引号里没有字")
    return text[found.start(group) : found.end(group)]


class _Parser:
    def __init__(self, text: str, make: MakeWord) -> None:
        self.tokens = _tokens(text)
        self.next = 0
        self.make = make
        self.unwanted = 0

    def take(self) -> _Token:
        self.next += 1
        return self.tokens[self.next - 1]

    @property
    def here(self) -> _Token:
        return self.tokens[self.next]

    def whole(self) -> Node:
        if self.here.kind == "end":
            raise ConfigError("第1字：表达式是空的")
        node = self.either()
        if self.here.kind == ")":
            raise ConfigError(f"第{self.here.at}字：多了右括号")
        if self.here.kind != "end":
            raise ConfigError(f"第{self.here.at}字：这里缺少 & | - 或 ~n（含空格的词请加引号）")
        return node

    def either(self) -> Node:
        parts = [self.chain()]
        while self.here.kind == "|":
            self.take()
            parts.append(self.chain())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def chain(self) -> Node:
        start = self.here
        wanted: list[Node] = []
        unwanted: list[Node] = []
        if self.here.kind != "-":
            wanted.append(self.near())
        while self.here.kind in ("&", "-"):
            minus = self.take().kind == "-"
            if not minus and self.here.kind == "-":
                minus = self.take().kind == "-"
            self.unwanted += minus
            (unwanted if minus else wanted).append(self.near())
            self.unwanted -= minus
        if not wanted:
            raise ConfigError(f"第{start.at}字：只有排除词，至少要有一个要出现的词")
        return wanted[0] if len(wanted) == 1 and not unwanted else AllOf(tuple(wanted), tuple(unwanted))

    def near(self) -> Node:
        node = self.atom()
        while self.here.kind == "~":
            token = self.take()
            right = self.atom()
            for side in (node, right):
                if not _has_place(side):
                    raise ConfigError(f"第{token.at}字：~ 两边只能是词，或用 | 连起来的词")
            node = Near(node, right, min(int(token.text), NEAR_CAP))
        return node

    def atom(self) -> Node:
        token = self.take()
        if token.kind == "word":
            return self.make(token.text, self.unwanted % 2 == 1)
        if token.kind != "(":
            raise ConfigError(f"第{token.at}字：这里应是词或左括号" + ("，表达式没有写完" if token.kind == "end" else ""))
        node = self.either()
        if self.here.kind != ")":
            missing = "括号没有合上" if self.here.kind == "end" else "这里缺少 & | - 或 ~n（含空格的词请加引号）"
            raise ConfigError(f"第{token.at if self.here.kind == 'end' else self.here.at}字：{missing}")
        self.take()
        return node


def _has_place(node: Node) -> bool:
    if isinstance(node, AnyOf):
        return all(_has_place(part) for part in node.parts)
    return not isinstance(node, AllOf)


def parse(text: str, make: MakeWord) -> Node:
    """The tree of an expression; ``ConfigError`` says at which character it goes wrong, counted from 1."""
    try:
        return _Parser(text, make).whole()
    except RecursionError:
        raise ConfigError("第1字：括号套得太深") from None
