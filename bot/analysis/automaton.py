"""Many words looked for in many texts at once, by an automaton (Aho-Corasick) that goes over all texts joined."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import accumulate

from ahocorasick_rs import AhoCorasick

from bot.analysis.homophones import sounds
from bot.analysis.rules_expr import Span
from bot.analysis.text import JOINT, chinese

_SOMEWHERE: list[Span] = []


class Automaton:
    """All terms of rules of one kind. ``whole[i]`` tells on which sides term i needs a word boundary, ``placed[i]`` whether it is
    asked where it stands; most are ``simple``: neither."""

    def __init__(self, terms: Mapping[str, str], placed: Container[str]) -> None:
        self._keys = list(terms)
        self._whole = [_edges(term) for term in terms.values()]
        self._placed = [key in placed for key in terms]
        self._simple = [whole == (False, False) and not place for whole, place in zip(self._whole, self._placed, strict=True)]
        self._search = AhoCorasick(list(terms.values())) if terms else None

    def listen(self, folded: Sequence[str], found: Sequence[dict[str, list[Span]]]) -> None:
        """Adds what sounds like a term."""
        if self._search is None:
            return
        for text, here in zip(folded, found, strict=True):
            signs, places = sounds(text)
            for n, start, end in self._search.find_matches_as_indexes(signs, overlapping=True):
                self._add(n, text, places[start], places[end], here)

    def look(self, texts: Sequence[str], found: Sequence[dict[str, list[Span]]]) -> None:
        """Adds what stands in each text; they are searched as one."""
        if self._search is None or not texts:
            return
        ends = ends_of(texts)
        row, begin, here = 0, 0, found[0]
        for n, start, end in self._search.find_matches_as_indexes(JOINT.join(texts), overlapping=True):
            while end > ends[row]:
                begin = ends[row]
                row += 1
                here = found[row]
            if self._simple[n]:
                here[self._keys[n]] = _SOMEWHERE
            else:
                self._add(n, texts[row], start - begin, end - begin, here)

    def _add(self, n: int, text: str, start: int, end: int, found: dict[str, list[Span]]) -> None:
        left, right = self._whole[n]
        if left and start and _in_word(text[start - 1]):
            return
        if right and end < len(text) and _in_word(text[end]):
            return
        if self._placed[n]:
            found.setdefault(self._keys[n], []).append((start, end))
        else:
            found[self._keys[n]] = _SOMEWHERE


def _edges(term: str) -> tuple[bool, bool]:
    return _in_word(term[0]), _in_word(term[-1])


def _in_word(char: str) -> bool:
    """Letters and digits that are not Chinese, Japanese or Korean (the signs of sounds are no letters)."""
    return char.isalnum() and not chinese(char)


def hits(words: AhoCorasick, texts: Sequence[str], *, overlapping: bool = False) -> Iterator[tuple[int, int, int]]:
    """Which text, which word and where it begins, for every word that stands in one of the texts; they are searched as one."""
    ends = ends_of(texts)
    row = begin = 0
    for word, start, end in words.find_matches_as_indexes(JOINT.join(texts), overlapping=overlapping):
        while end > ends[row]:
            begin = ends[row]
            row += 1
        yield row, word, start - begin


def rows_with(word: str, joined: str, ends: Sequence[int]) -> Iterator[int]:
    """In which of the texts that were joined by ``JOINT`` a word stands."""
    at = joined.find(word)
    while at >= 0:
        row = bisect(ends, at)
        yield row
        at = joined.find(word, ends[row])


def ends_of(texts: Sequence[str]) -> list[int]:
    """Where each text ends when they are joined, the ``JOINT`` after it included."""
    return list(accumulate([len(text) + 1 for text in texts]))
