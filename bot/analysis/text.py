"""Normalising, once for all: every other file of the room reads a ``Clean``, never the words as they came.

Many texts are made ready together: joined by a character that no text keeps, so that each step is one pass over all of them.

The original stays in the mention. NFKC, lower case, traditional to simplified (table from OpenCC, ``make_t2s.py``), invisible
and bidirectional characters dropped; emoji are kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_TRADITIONAL, _SIMPLIFIED, *_PHRASE_ROWS = (Path(__file__).with_name("data") / "t2s.txt").read_text("utf-8").splitlines()
_TWINS = dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True))
_PHRASES = dict(row.split("\t") for row in _PHRASE_ROWS)
_PHRASED = frozenset(a for old, new in _PHRASES.items() for a, b in zip(old, new, strict=True) if a != b or a in _TWINS)
"""Every phrase has one of these, and one that stays when it is alone is seldom seen."""

# NFKC of what nearly every Chinese text holds, done first: a text of nothing else needs no slow pass.
_COMMON = tuple(zip("，！？：；（）～…\u3000\xa0", (*",!?:;()~", "...", " ", " "), strict=True))
JOINT = "\0"
"""No normalised text holds it: many are joined by it and looked at as one."""
# Controls, soft hyphen, joiners, marks of direction, fillers, variation selectors, tags, lone surrogates. Line ends stay.
_INVISIBLE = re.compile(
    "[\x01-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)

CJK = (
    "\u2e80-\u2fff\u3005-\u3007\u3021-\u3029\u3038-\u303c\u3041-\u30ff\u3105-\u312f\u31a0-\u31ff\u3400-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Characters written without blanks between words, as the inside of a regular expression's brackets. (Compiling such brackets
takes a millisecond: what every start needs goes by ``_SPANS``.)"""
_SPANS = [(ord(first), ord(last or first)) for first, last in re.findall("(.)(?:-(.))?", CJK)]

_URL = re.compile(r"(?:https?://|www\.|\bt\.cn/)[\w\-.~:/?#\[\]@!$&'()*+,;=%]+", re.ASCII)
_NAME = r"@[\w\-·]{1,30}"
_CHAIN = re.compile(rf"/+\s*{_NAME}\s*:?")
_REPLY = re.compile(rf"回复\s*{_NAME}\s*:?")
_AT = re.compile(rf"{_NAME}(?=[\s:,.!?;]|$)")
_FORWARD = re.compile(r"转发微博|快转微博|轻转发|^\s*(?:转发|repost)\s*[.。!,:]*\s*(?=$|/)")
_QUOTED = re.compile(r"「[^」]*」|“[^”]*”|『[^』]*』|\"[^\"]*\"")
_FACE = re.compile(r"\[[^\[\]\s]{1,8}\]")
_FORWARD_HINTS = ("转", "repost")
_BETWEEN = re.compile(r"[ .·*_|~^-]")
SPELLED_OUT = 1.35
"""A text is looked through for words spelled out (晨 露, 退.款) from this many characters a letter on; others hardly have any."""
_NOT_WORD = re.compile(r"[\W_]+")
BARE_UNDER = 4
"""A repost with fewer characters of its own than this adds nothing but interaction (contract, readings decided)."""


Codes = NDArray[np.uint32]
_PLANE = np.arange(0x10000, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
ALNUM: NDArray[np.bool_] = np.frombuffer(bytes(map(str.isalnum, _PLANE)), np.bool_)
"""Letters and digits of the first plane; the last code point stands for what lies beyond and is none."""
# What a character is, as bits: a letter or digit (so that texts stay apart, the joint counts as one), one of a script with blanks
# between words, one that is dropped, one that may have to be simplified.
_LETTER, _LATIN, _DROPPED, _OLD = 1, 2, 4, 8
_TRAITS = ALNUM * np.uint8(_LETTER | _LATIN)
_TRAITS[0] = _LETTER
for _first, _last in _SPANS:
    _TRAITS[_first : _last + 1] &= ~np.uint8(_LATIN)
for _run in _INVISIBLE.finditer(_PLANE):
    _TRAITS[_run.start() : _run.end()] |= np.uint8(_DROPPED)
_TRAITS[[ord(char) for char in _PHRASED.union(_TWINS) if ord(char) < 0x10000]] |= np.uint8(_OLD)


def code_points(text: str) -> Codes:
    """The characters as numbers."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def chinese(char: str) -> bool:
    """Whether a character is one of ``CJK``."""
    code = ord(char)
    return any(first <= code <= last for first, last in _SPANS)


def _traits(codes: Codes) -> NDArray[np.uint8]:
    traits: NDArray[np.uint8] = _TRAITS[np.minimum(codes, 0xFFFF)]
    for place in np.flatnonzero(codes > 0xFFFF).tolist():
        traits[place] = _traits_beyond(codes.item(place))
    return traits


@lru_cache(maxsize=4_096)
def _traits_beyond(code: int) -> int:
    char = chr(code)
    latin = 0 if chinese(char) else _LATIN
    letter = _LETTER | latin if char.isalnum() else 0
    return letter | (_DROPPED if _INVISIBLE.match(char) else 0) | (_OLD if char in _TWINS or char in _PHRASED else 0)


def normalise(text: str) -> str:
    """The one form in which texts are compared. Idempotent; never raises; O(length)."""
    return normalised([text])[0]


def normalised(texts: Sequence[str]) -> list[str]:
    """``normalise`` for many texts."""
    joined = JOINT.join(texts)
    if joined.count(JOINT) >= len(texts):
        joined = JOINT.join([text.replace(JOINT, "") for text in texts])
    if joined.isascii() and not _INVISIBLE.search(joined):
        return joined.lower().split(JOINT)
    for wide, narrow in _COMMON:
        joined = joined.replace(wide, narrow)
    if not unicodedata.is_normalized("NFKC", joined):
        joined = _each(joined, _composed)
    lowered = joined.lower()
    codes = code_points(lowered)
    traits = _traits(codes)
    if (traits & _DROPPED).any():
        lowered = _each(joined, lambda text: _composed(_INVISIBLE.sub("", text))).lower()
        codes = code_points(lowered)
        traits = _traits(codes)
    found = lowered.split(JOINT)
    for row, chars in _old_of(codes, traits).items():
        found[row] = _simplified(found[row], chars)
    return found


def _each(joined: str, change: Callable[[str], str]) -> str:
    return JOINT.join(map(change, joined.split(JOINT)))


def _composed(text: str) -> str:
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)


def _old_of(codes: Codes, traits: NDArray[np.uint8]) -> dict[int, set[str]]:
    """The characters of each of the joined texts that may have to be simplified."""
    old = np.flatnonzero(traits & _OLD)
    found: dict[int, set[str]] = {}
    if len(old):
        rows = np.searchsorted(np.flatnonzero(codes == 0), old).tolist()
        for row, code in zip(rows, codes[old].tolist(), strict=True):
            found.setdefault(row, set()).add(chr(code))
    return found


def _simplified(text: str, old: set[str]) -> str:
    if not any(_phrase(char).search(text) for char in old & _PHRASED):
        return _one_for_one(text, old)
    return "".join(_PHRASES.get(part) or _one_for_one(part, old) for part in _phrase().split(text))


def _one_for_one(text: str, old: set[str]) -> str:
    for char in old:
        if twin := _TWINS.get(char):
            text = text.replace(char, twin)
    return text


@cache
def _phrase(char: str = "") -> re.Pattern[str]:
    """The phrases with this character."""
    phrases = (phrase for phrase in _PHRASES if char in phrase)
    return re.compile(f"({'|'.join(sorted(phrases, key=len, reverse=True))})")


def fold(text: str) -> str:
    """Normalised text as rules see it: blanks and punctuation are gone, one blank is left between two Latin words or numbers.

    So 退.款 and 退 款 are 退款, while ``model 3`` stays two words. Emoji are no letters and are gone too.
    """
    return _folded([text])[0][0]


def _folded(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Each text folded, and with letters and digits only."""
    codes = code_points(JOINT.join(texts))
    traits = _traits(codes)
    kept = np.flatnonzero(traits & _LETTER)
    dense = codes[kept]
    split = dense.tobytes().decode("utf-32-le").split(JOINT)
    latin = traits[kept] & _LATIN
    beside = np.flatnonzero(latin[1:] & latin[:-1])
    gaps = beside[kept[beside + 1] - kept[beside] > 1] + 1
    if not len(gaps):
        return split, split
    return np.insert(dense, gaps, 0x20).tobytes().decode("utf-32-le").split(JOINT), split


class Clean(NamedTuple):
    """One text in the forms that the judges need; all are normalised.

    ``text`` is everything, words spelled out put together; ``bare`` has no addresses, @names and marks of forwarding (转发微博,
    //@x:), but what was forwarded; ``dense`` is ``bare`` with letters, digits and Chinese only; ``own`` is what a reposter added
    himself (``bare`` where nothing was reposted); ``folded`` is ``text`` without addresses as ``fold`` leaves it. ``reposted``:
    it carries a mark of forwarding.
    """

    text: str
    bare: str
    dense: str
    own: str
    folded: str
    reposted: bool = False

    @property
    def is_bare_repost(self) -> bool:
        """A repost without words of its own: it adds interaction to its original."""
        return self.reposted and len(_NOT_WORD.sub("", _FACE.sub("", self.own))) < BARE_UNDER


def clean(words: str) -> Clean:
    """``words`` (title and text together) made ready for every judge."""
    return cleaned([words])[0]


def cleaned(many: Sequence[str]) -> list[Clean]:
    """``clean`` for many texts."""
    if not many:
        return []
    texts = normalised(many)
    linkless = [_URL.sub(" ", text) if "/" in text or "www." in text else text for text in texts]
    folded, dense = _folded(linkless)
    return list(map(_clean, texts, linkless, folded, dense))


def _clean(text: str, linkless: str, folded: str, dense: str) -> Clean:
    if len(linkless) > SPELLED_OUT * len(dense):
        text, linkless = _together(text), _together(linkless)
    named = "@" in linkless
    chain = _CHAIN.search(linkless) if named else None
    hinted = _FORWARD_HINTS[0] in linkless or _FORWARD_HINTS[1] in linkless
    marked = bool(chain) or (hinted and _FORWARD.search(linkless) is not None)
    if not marked and not named:
        bare = linkless.strip()
        return Clean(text, bare, dense, bare, folded)
    bare = _bare(linkless)
    if not bare and not marked:
        bare = linkless.replace("@", " ").strip()
    own = _own(linkless[: chain.start()] if chain else linkless) if marked else bare
    return Clean(text, bare, _NOT_WORD.sub("", bare), own, folded, marked)


def _together(text: str) -> str:
    """Chinese words that somebody spelled out to evade (退.款, 晨 露 奶 粉) put together again."""
    return _spelled().sub(lambda found: _BETWEEN.sub("", found[0]), text)


@cache
def _spelled() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![{CJK}])[{CJK}](?: [{CJK}]){{2,}}(?![{CJK}])|[{CJK}](?:[.·*_][{CJK}])+|[{CJK}](?:[|~^-][{CJK}]){{2,}}"
    )


def _bare(text: str) -> str:
    return _AT.sub(" ", _REPLY.sub(" ", _CHAIN.sub(" ", _FORWARD.sub(" ", text)))).strip()


def _own(head: str) -> str:
    return _QUOTED.sub(" ", _bare(head)).strip()
