"""Watch rules: which mention concerns which rule.

All words of all rules stand in one automaton (Aho-Corasick), and what was found decides all rules at once as bits of a number:
the cost of a text hardly grows with the number of rules. Matching ignores case, width, traditional
characters, and blanks and punctuation inside Chinese words; Latin words and numbers must stand whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

from bot.analysis.automaton import Automaton
from bot.analysis.homophones import sounds
from bot.analysis.rules_expr import AllOf, AnyOf, Node, Span, Word, holds, parse, said, triggers, words_near, words_of
from bot.analysis.rules_pattern import checked
from bot.analysis.text import Clean, chinese, fold, normalise
from bot.errors import ConfigError

_BY_SOUND = "（同音）"
_PATTERN = re.compile(r"/(.+)/[a-z]*", re.S)
_ODD_EDGE = re.compile(r"^[^\w\s]+(\w)|(\w)[^\w\s]+$")


@dataclass(frozen=True, slots=True)
class Rule:
    """One watch rule: at least one of ``any``, every one of ``all``, not one of ``none``, and ``expr``, as far as given.

    A term is a word, ``$名`` for an alias, or ``/regex/`` on the normalised text. ``kind`` is ``own``, ``competitor`` or
    ``industry``. ``homophones``: the words that must be there are also found by their sound (two Chinese characters or more).
    """

    name: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    expr: str = ""
    kind: str = "own"
    homophones: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a rule fits a text or not: the words found, those that would have been needed, those that forbid it."""

    name: str
    fits: bool
    found: tuple[str, ...]
    missing: tuple[str, ...]
    forbidden: tuple[str, ...]

    @property
    def line(self) -> str:
        """One line for the chat and the terminal."""
        parts = [
            f"命中：{'、'.join(self.found)}" if self.found else "没有命中的词",
            f"缺：{'；'.join(self.missing)}" if self.missing else "",
            f"被排除词挡住：{'、'.join(self.forbidden)}" if self.forbidden else "",
        ]
        return f"{'✓' if self.fits else '✗'} {self.name}　" + "；".join(part for part in parts if part)


class _Masks:
    """The rules as bits of one number, so that a word tells of all its rules at once.

    A rule is a row of conditions, each satisfied by any of some words, and words that bar it. For every place in the row,
    ``_wanted`` holds the rules whose condition there a word satisfies and ``_free`` those that have none there. A rule that says
    more than that (nearness, brackets inside) is in ``deep``: its bits are necessary, not sufficient.
    """

    def __init__(self, trees: Sequence[Node]) -> None:
        rows: list[list[frozenset[str]]] = []
        self._barred: dict[str, int] = {}
        self._wanted: list[dict[str, int]] = []
        self.deep = 0
        for n, tree in enumerate(trees):
            wanted, unwanted = (tree.wanted, tree.unwanted) if isinstance(tree, AllOf) else ((tree,), ())
            row, barred = [_choice(node) for node in wanted], [_choice(node) for node in unwanted]
            if not all(row) or not all(barred):
                self.deep |= 1 << n
                row.append(frozenset(triggers(tree, lambda key: 1)))
            rows.append([keys for keys in row if keys])
            for key in frozenset().union(*barred):
                self._barred[key] = self._barred.get(key, 0) | 1 << n
        every = (1 << len(trees)) - 1
        for place in range(max(map(len, rows), default=0)):
            masks: dict[str, int] = {}
            for n, row in enumerate(rows):
                for key in row[place] if place < len(row) else ():
                    masks[key] = masks.get(key, 0) | 1 << n
            self._wanted.append(masks)
        self._free = [every & ~_together(masks.values()) for masks in self._wanted]

    def fitting(self, found: Iterable[str]) -> int:
        """The rules, as bits, whose words are among those found."""
        fits = -1
        for masks, free in zip(self._wanted, self._free, strict=True):
            here = free
            for key in found:
                here |= masks.get(key, 0)
            fits &= here
            if not fits:
                return 0
        for key in found:
            fits &= ~self._barred.get(key, 0)
        return fits


def _together(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)


def _choice(node: Node) -> frozenset[str]:
    """The keys of which any one satisfies the node; empty where it is not as simple as that."""
    if isinstance(node, Word):
        return frozenset([node.key])
    if isinstance(node, AnyOf):
        parts = [_choice(part) for part in node.parts]
        return frozenset().union(*parts) if all(parts) else frozenset()
    return frozenset()


class Matcher:
    """Compiled rules. Immutable; ``rules`` are those it was made from."""

    def __init__(self, rules: Sequence[Rule], trees: Sequence[Node]) -> None:
        self.rules = tuple(rules)
        self._trees = tuple(trees)
        words = {word.key: word.word for tree in trees for word in words_of(tree)}
        placed = frozenset(word.key for tree in trees for word in words_near(tree))
        self._plain, self._sound, self._exact = (
            Automaton({key: key[2:] for key in words if key.startswith(kind)}, placed) for kind in ("w:", "s:", "=:")
        )
        self._patterns = [(key, re.compile(key[2:])) for key in words if key.startswith("/:")]
        self._masks = _Masks(trees)
        self._fitting = lru_cache(maxsize=4_096)(self._fitted)  # the same few words stand together in many texts
        self._names = [rule.name for rule in self.rules]

    def match(self, clean: Clean) -> tuple[str, ...]:
        """The names of all rules that fit, in the order of the rules."""
        return self.matches([clean])[0]

    def matches(self, cleans: Sequence[Clean]) -> list[tuple[str, ...]]:
        """``match`` for many texts."""
        return [self._fit(found) if found else () for found in self._found(cleans)]

    def explain(self, clean: Clean) -> tuple[Explanation, ...]:
        """For every rule, whether it fits and by which words."""
        (found,) = self._found([clean])
        return tuple(_explain(rule, tree, found) for rule, tree in zip(self.rules, self._trees, strict=True))

    def _fit(self, found: Mapping[str, list[Span]]) -> tuple[str, ...]:
        names, deep = self._fitting(tuple(found))
        if not deep:
            return names
        failed = {self._names[n] for n in deep if not holds(self._trees[n], found)}
        return tuple(name for name in names if name not in failed)

    def _fitted(self, found: Iterable[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """The rules whose words are among those found, and which of them say more than that."""
        fits, names, deep = self._masks.fitting(found), [], []
        while fits:
            bit = fits & -fits
            fits ^= bit
            n = bit.bit_length() - 1
            names.append(self._names[n])
            if self._masks.deep & bit:
                deep.append(n)
        return tuple(names), tuple(deep)

    def _found(self, cleans: Sequence[Clean]) -> list[dict[str, list[Span]]]:
        found: list[dict[str, list[Span]]] = [{} for _ in cleans]
        folded, texts = [clean.folded for clean in cleans], [clean.text for clean in cleans]
        self._plain.look(folded, found)
        self._sound.listen(folded, found)
        self._exact.look(texts, found)
        for key, pattern in self._patterns:
            for here, text in zip(found, texts, strict=True):
                if spans := [match.span() for match in pattern.finditer(text)]:
                    here[key] = spans
        return found


def _explain(rule: Rule, tree: Node, found: Mapping[str, list[Span]]) -> Explanation:
    wanted, unwanted = (tree.wanted, tree.unwanted) if isinstance(tree, AllOf) else ((tree,), ())
    hits = dict.fromkeys(word.word for node in wanted for word in words_of(node) if word.key in found)
    heard = {f"{word}{_BY_SOUND}" for word in hits}
    missing = tuple(said(node) for node in wanted if not holds(node, found))
    stops = dict.fromkeys(w.word for node in unwanted if holds(node, found) for w in words_of(node) if w.key in found)
    return Explanation(rule.name, holds(tree, found), tuple(word for word in hits if word not in heard), missing, tuple(stops))


def compile_rules(rules: Sequence[Rule], aliases: Mapping[str, Sequence[str]] | None = None) -> Matcher:
    """The rules made ready. ``aliases``: the words behind ``$名``. ``ConfigError`` names the rule, the key, the character."""
    seen: set[str] = set()
    trees = []
    for rule in rules:
        if rule.name in seen:
            raise ConfigError(f"watch「{rule.name}」: 名称重复")
        seen.add(rule.name)
        trees.append(_tree(rule, aliases or {}))
    return Matcher(rules, trees)


def _tree(rule: Rule, aliases: Mapping[str, Sequence[str]]) -> Node:
    where = f"watch「{rule.name}」"

    def make(term: str, unwanted: bool) -> Node:
        return _term(term, rule.homophones and not unwanted, aliases)

    def section(key: str, terms: Sequence[str], unwanted: bool) -> list[Node]:
        try:
            return [make(term, unwanted) for term in terms]
        except ConfigError as wrong:
            raise ConfigError(f"{where}.{key}: {wrong}") from None

    wanted, unwanted = section("all", rule.all, False), section("none", rule.none, True)
    if rule.any:
        wanted.insert(0, _either(section("any", rule.any, False)))
    if rule.expr.strip():
        try:
            expression = parse(rule.expr, make)
        except ConfigError as wrong:
            raise ConfigError(f"{where}.expr: {wrong}") from None
        wanted.extend(expression.wanted if isinstance(expression, AllOf) else (expression,))
        unwanted.extend(expression.unwanted if isinstance(expression, AllOf) else ())
    if not wanted:
        raise ConfigError(f"{where}: " + ("只有 none，至少要有一个要出现的词" if unwanted else "any、all、expr 至少写一项"))
    return wanted[0] if len(wanted) == 1 and not unwanted else AllOf(tuple(wanted), tuple(unwanted))


def _either(parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _term(term: str, by_sound: bool, aliases: Mapping[str, Sequence[str]]) -> Node:
    if term.startswith(("$", "＄")) and len(term) > 1:
        words = aliases.get(term[1:])
        if not words:
            raise ConfigError(f"没有别名 {term}（可用：{'、'.join(f'${name}' for name in aliases) or '无'}）")
        return _either([_word(word, by_sound) for word in words])
    if pattern := _PATTERN.fullmatch(term):
        return Word(term, f"/:(?i:{checked(pattern[1], term)})")
    return _word(term, by_sound)


@lru_cache(maxsize=4_096)
def _forms(term: str) -> tuple[str, str]:
    """A word normalised, and folded too; the same words stand in many rules."""
    plain = normalise(term).strip()
    return plain, fold(plain).strip()


def _has_odd_edge(plain: str) -> bool:
    """Whether signs stand before its first or after its last letter and that letter is Latin (c++, .net)."""
    return any(not chinese(before or after) for before, after in _ODD_EDGE.findall(plain))


def _word(term: str, by_sound: bool) -> Node:
    plain, folded = _forms(term)
    if not plain:
        raise ConfigError("有一个词是空的")
    if not folded or _has_odd_edge(plain):
        return Word(term, f"=:{plain}")
    word = Word(term, f"w:{folded}")
    if by_sound and sum(map(chinese, folded)) >= 2:
        return AnyOf((word, Word(f"{term}{_BY_SOUND}", f"s:{sounds(folded)[0]}")))
    return word
