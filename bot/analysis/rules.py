"""Watch rules: which mention concerns which rule.

All words of all rules stand in one automaton (Aho-Corasick), and a rule is looked at only when one of its rarest necessary
words was found: the cost of a text does not grow with the number of rules. Matching ignores case, width, traditional
characters, and blanks and punctuation inside Chinese words; Latin words and numbers must stand whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from bot.analysis.homophones import sounds
from bot.analysis.rules_expr import AllOf, AnyOf, Node, Span, Word, holds, parse, triggers, words_of
from bot.analysis.text import CJK, Clean, fold, normalise
from bot.errors import ConfigError

_CHINESE = re.compile(f"[{CJK}]")
_PATTERN = re.compile(r"/(.+)/[a-z]*", re.S)
_ODD_EDGE = re.compile(rf"^[^\w\s]+[^\W{CJK}]|[^\W{CJK}][^\w\s]+$")


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


class _Automaton:
    """All terms of one kind. ``whole[i]`` tells on which sides term i needs a word boundary."""

    def __init__(self, terms: Mapping[str, str]) -> None:
        self._keys = list(terms)
        self._whole = [_edges(term) for term in terms.values()]
        self._search = AhoCorasick(list(terms.values())) if terms else None

    def look(self, text: str, plain: str, found: dict[str, list[Span]]) -> None:
        """Adds what stands in ``text``; boundaries are judged on ``plain``, which has the same positions."""
        if self._search is None:
            return
        for n, start, end in self._search.find_matches_as_indexes(text, overlapping=True):
            left, right = self._whole[n]
            if left and start and _in_word(plain[start - 1]):
                continue
            if right and end < len(plain) and _in_word(plain[end]):
                continue
            found.setdefault(self._keys[n], []).append((start, end))


def _edges(term: str) -> tuple[bool, bool]:
    return _in_word(term[0]), _in_word(term[-1])


def _in_word(char: str) -> bool:
    """Letters and digits that are not Chinese, Japanese or Korean (the signs of sounds are no letters)."""
    return char.isalnum() and not _CHINESE.match(char)


class _Plan:
    """A rule ready to be asked: conditions of plain words as sets, which are quick, and the tree only where that says too little."""

    def __init__(self, tree: Node) -> None:
        wanted, unwanted = (tree.wanted, tree.unwanted) if isinstance(tree, AllOf) else ((tree,), ())
        choices = [_choice(node) for node in wanted]
        self._wanted = [keys for keys in choices if keys]
        barred = [_choice(node) for node in unwanted]
        self._barred = frozenset().union(*barred)
        self._tree = tree if not all(choices) or not all(barred) else None
        self.sure = len(choices) == 1 and self._tree is None and not unwanted

    def holds(self, found: Mapping[str, list[Span]]) -> bool:
        for keys in self._wanted:
            if keys.isdisjoint(found):
                return False
        return self._barred.isdisjoint(found) and (self._tree is None or holds(self._tree, found))


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
        self._plain = _Automaton({key: key[2:] for key in words if key.startswith("w:")})
        self._sound = _Automaton({key: key[2:] for key in words if key.startswith("s:")})
        self._exact = _Automaton({key: key[2:] for key in words if key.startswith("=:")})
        self._patterns = [(key, re.compile(key[2:])) for key in words if key.startswith("/:")]
        self._has_sound = any(key.startswith("s:") for key in words)
        self._has_exact = any(key.startswith("=:") for key in words)
        usage = Counter(key for tree in trees for key in {word.key for word in words_of(tree)})
        self._sure: dict[str, list[int]] = {}
        self._maybe: dict[str, list[int]] = {}
        self._plans = [_Plan(tree) for tree in trees]
        for n, tree in enumerate(trees):
            for key in triggers(tree, usage.__getitem__):
                (self._sure if self._plans[n].sure else self._maybe).setdefault(key, []).append(n)

    def match(self, clean: Clean) -> tuple[str, ...]:
        """The names of all rules that fit, in the order of the rules."""
        found = self._found(clean)
        if not found:
            return ()
        fits: set[int] = set()
        maybe: set[int] = set()
        for key in found:
            fits.update(self._sure.get(key, ()))
            maybe.update(self._maybe.get(key, ()))
        plans = self._plans
        fits.update([n for n in maybe if plans[n].holds(found)])
        return tuple([self.rules[n].name for n in sorted(fits)])

    def explain(self, clean: Clean) -> tuple[Explanation, ...]:
        """For every rule, whether it fits and by which words."""
        found = self._found(clean)
        return tuple(_explain(rule, tree, found) for rule, tree in zip(self.rules, self._trees, strict=True))

    def _found(self, clean: Clean) -> dict[str, list[Span]]:
        found: dict[str, list[Span]] = {}
        self._plain.look(clean.folded, clean.folded, found)
        if self._has_sound:
            self._sound.look(sounds(clean.folded), clean.folded, found)
        if self._has_exact:
            self._exact.look(clean.text, clean.text, found)
        for key, pattern in self._patterns:
            if spans := [match.span() for match in pattern.finditer(clean.text)]:
                found[key] = spans
        return found


def _explain(rule: Rule, tree: Node, found: Mapping[str, list[Span]]) -> Explanation:
    wanted, unwanted = (tree.wanted, tree.unwanted) if isinstance(tree, AllOf) else ((tree,), ())
    hits = dict.fromkeys(word.word for node in wanted for word in words_of(node) if word.key in found)
    missing = tuple(" 或 ".join(dict.fromkeys(w.word for w in words_of(node))) for node in wanted if not holds(node, found))
    stops = dict.fromkeys(w.word for node in unwanted if holds(node, found) for w in words_of(node) if w.key in found)
    return Explanation(rule.name, holds(tree, found), tuple(hits), missing, tuple(stops))


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
        return _pattern(pattern[1], term)
    return _word(term, by_sound)


def _pattern(pattern: str, term: str) -> Word:
    try:
        re.compile(pattern)
    except re.error as wrong:
        raise ConfigError(f"正则 {term} 第{(wrong.pos or 0) + 1}字：{wrong.msg}") from None
    return Word(term, f"/:(?i:{pattern})")


def _word(term: str, by_sound: bool) -> Node:
    plain = normalise(term).strip()
    folded = fold(plain).strip()
    if not plain:
        raise ConfigError("有一个词是空的")
    if not folded or _ODD_EDGE.search(plain):
        return Word(term, f"=:{plain}")
    word = Word(term, f"w:{folded}")
    if by_sound and len(_CHINESE.findall(folded)) >= 2:
        return AnyOf((word, Word(f"{term}（同音）", f"s:{sounds(folded)}")))
    return word
