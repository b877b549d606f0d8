"""Normalising, once for all: every other file of the room reads a ``Clean``, never the words as they came.

Many texts are made ready together: joined by a character that no text keeps, so that each step is one pass over all of them.

The original stays in the mention. NFKC, lower case, traditional to simplified (table from OpenCC, ``make_t2s.py``), invisible
and bidirectional characters dropped; emoji are kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_TRADITIONAL, _SIMPLIFIED, *_PHRASE_ROWS = (Path(__file__).with_name("data") / "t2s.txt").read_text("utf-8").splitlines()
_CHARS = dict(zip(map(ord, _TRADITIONAL), _SIMPLIFIED, strict=True))
_PHRASES = dict(row.split("\t") for row in _PHRASE_ROWS)
_PHRASE = re.compile(f"({'|'.join(sorted(_PHRASES, key=len, reverse=True))})")
_TRIGGERS = frozenset(_TRADITIONAL).union(a for old, new in _PHRASES.items() for a, b in zip(old, new, strict=True) if a != b)

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
"""Characters written without blanks between words, as the inside of a regular expression's brackets."""

_URL = re.compile(r"(?:https?://|www\.|\bt\.cn/)[\w\-.~:/?#\[\]@!$&'()*+,;=%]+", re.ASCII)
_NAME = r"@[\w\-·]{1,30}"
_CHAIN = re.compile(rf"/+\s*{_NAME}\s*:?")
_REPLY = re.compile(rf"回复\s*{_NAME}\s*:?")
_AT = re.compile(rf"{_NAME}(?=[\s:,.!?;]|$)")
_FORWARD = re.compile(r"转发微博|快转微博|轻转发|^\s*(?:转发|repost)\s*[.。!,:]*\s*(?=$|/)")
_QUOTED = re.compile(r"「[^」]*」|“[^”]*”|『[^』]*』|\"[^\"]*\"")
_FACE = re.compile(r"\[[^\[\]\s]{1,8}\]")
_FORWARD_HINTS = ("转", "repost")
_SPELLED = re.compile(
    rf"(?<![{CJK}])[{CJK}](?: [{CJK}]){{2,}}(?![{CJK}])|[{CJK}](?:[.·*_][{CJK}])+|[{CJK}](?:[|~^-][{CJK}]){{2,}}"
)
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
_LATIN = ALNUM.copy()
for _run in re.finditer(f"[{CJK}]+", _PLANE):
    _LATIN[_run.start() : _run.end()] = False
_OLD = np.zeros(0x10000, np.bool_)
_OLD[[ord(char) for char in _TRIGGERS if ord(char) < 0x10000]] = True
_FAR_OLD = "".join(char for char in _TRIGGERS if ord(char) >= 0x10000)


def code_points(text: str) -> Codes:
    """The characters as numbers."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


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
    if _INVISIBLE.search(joined):
        joined = _each(joined, lambda text: _composed(_INVISIBLE.sub("", text)))
    joined = joined.lower()
    found = joined.split(JOINT)
    for row in _rows_with_old(joined):
        found[row] = _simplified(found[row])
    return found


def _each(joined: str, change: Callable[[str], str]) -> str:
    return JOINT.join(map(change, joined.split(JOINT)))


def _composed(text: str) -> str:
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)


def _rows_with_old(joined: str) -> list[int]:
    """Which of the joined texts have a character that may have to be simplified."""
    codes = code_points(joined)
    old = _OLD[np.minimum(codes, 0xFFFF)]
    if _FAR_OLD and (codes > 0xFFFF).any():
        old = old | np.isin(codes, code_points(_FAR_OLD))
    return list(dict.fromkeys(np.cumsum(codes == 0)[old].tolist()))  # numpy.unique loads numpy.ma, a fifth of the start


def _simplified(text: str) -> str:
    if not _PHRASE.search(text):
        return text.translate(_CHARS)
    return "".join(_PHRASES.get(part) or part.translate(_CHARS) for part in _PHRASE.split(text))


def fold(text: str) -> str:
    """Normalised text as rules see it: blanks and punctuation are gone, one blank is left between two Latin words or numbers.

    So 退.款 and 退 款 are 退款, while ``model 3`` stays two words. Emoji are no letters and are gone too.
    """
    return _folded([text])[0][0]


def _folded(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Each text folded, and with letters and digits only."""
    codes = code_points(JOINT.join(texts))
    near = np.minimum(codes, 0xFFFF)
    word, latin = ALNUM[near], _LATIN[near]
    if len(far := np.flatnonzero(codes > 0xFFFF)):
        word[far] = [chr(code).isalnum() for code in codes[far].tolist()]
    kept = np.flatnonzero(word | (codes == 0))
    dense = codes[kept]
    gaps = np.flatnonzero((kept[1:] - kept[:-1] > 1) & latin[kept[1:]] & latin[kept[:-1]]) + 1
    split = dense.tobytes().decode("utf-32-le").split(JOINT)
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
    return _SPELLED.sub(lambda found: _BETWEEN.sub("", found[0]), text)


def _bare(text: str) -> str:
    return _AT.sub(" ", _REPLY.sub(" ", _CHAIN.sub(" ", _FORWARD.sub(" ", text)))).strip()


def _own(head: str) -> str:
    return _QUOTED.sub(" ", _bare(head)).strip()
