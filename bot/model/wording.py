"""Words as people wrote them, found again from words as the analysis reads them: in lower case and half width."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def read(words: str) -> str:
    """``words`` in lower case and half width (NFKC)."""
    return unicodedata.normalize("NFKC", words).casefold()


def written(part: str, among: Iterable[tuple[str, str]]) -> str:
    """What reads as ``part`` in the first text that holds it; empty where none does. ``among``: texts, each with how it reads."""
    wanted = read(part)
    return (
        next((found for words, reads in among if wanted in reads and (found := _found(wanted, words, reads))), "")
        if wanted
        else ""
    )


def _found(wanted: str, words: str, reads: str) -> str:
    start = reads.find(wanted)
    if read(as_it_stands := words[start : start + len(wanted)]) == wanted:
        return as_it_stands
    letters = [read(letter) for letter in words]
    start = "".join(letters).find(wanted)
    if start < 0:
        return ""
    places = [place for place, made in enumerate(letters) for _ in made]
    return words[places[start] : places[start + len(wanted) - 1] + 1]
