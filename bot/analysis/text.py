"""Normalising, once for all: every other file of the room reads a ``Clean``, never the words as they came.

The original stays in the mention. NFKC, lower case, traditional to simplified (table from OpenCC, ``make_t2s.py``), invisible
and bidirectional characters dropped; emoji are kept.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

_TRADITIONAL, _SIMPLIFIED, *_PHRASE_ROWS = (Path(__file__).with_name("data") / "t2s.txt").read_text("utf-8").splitlines()
_CHARS = dict(zip(map(ord, _TRADITIONAL), _SIMPLIFIED, strict=True))
_PHRASES = dict(row.split("\t") for row in _PHRASE_ROWS)
_PHRASE = re.compile(f"({'|'.join(sorted(_PHRASES, key=len, reverse=True))})")
_TRIGGERS = frozenset(_TRADITIONAL).union(a for old, new in _PHRASES.items() for a, b in zip(old, new, strict=True) if a != b)

# NFKC of what nearly every Chinese text holds, done first: a text of nothing else needs no slow pass.
_COMMON = tuple(zip("，！？：；（）～…\u3000\xa0", (*",!?:;()~", "...", " ", " "), strict=True))
# Controls, soft hyphen, joiners, marks of direction, fillers, variation selectors, tags, lone surrogates. Line ends stay.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
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
_LATIN_GAP = re.compile(rf"(?<=[^\W_{CJK}])[\W_]+(?=[^\W_{CJK}])")
_NOT_WORD = re.compile(r"[\W_]+")
_NOT_FOLDED = re.compile(r"[^\w ]+|_+")
BARE_UNDER = 4
"""A repost with fewer characters of its own than this adds nothing but interaction (contract, readings decided)."""


def normalise(text: str) -> str:
    """The one form in which texts are compared. Idempotent; never raises; O(length)."""
    if text.isascii():
        return _INVISIBLE.sub("", text).lower()
    for wide, narrow in _COMMON:
        text = text.replace(wide, narrow)
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    if _INVISIBLE.search(text):
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    text = text.lower()
    return text if _TRIGGERS.isdisjoint(text) else _simplified(text)


def _simplified(text: str) -> str:
    if not _PHRASE.search(text):
        return text.translate(_CHARS)
    return "".join(_PHRASES.get(part) or part.translate(_CHARS) for part in _PHRASE.split(text))


def fold(text: str) -> str:
    """Normalised text as rules see it: blanks and punctuation are gone, one blank is left between two Latin words or numbers.

    So 退.款 and 退 款 are 退款, while ``model 3`` stays two words. Emoji are no letters and are gone too.
    """
    if not _LATIN_GAP.search(text):
        return _NOT_WORD.sub("", text)
    return _NOT_FOLDED.sub("", _LATIN_GAP.sub("\x00", text).replace(" ", "").replace("\x00", " "))


@dataclass(frozen=True, slots=True)
class Clean:
    """One text in the forms that the judges need; all are normalised.

    ``text`` is everything; ``bare`` has no addresses, @names and marks of forwarding (转发微博, //@x:), but what was forwarded;
    ``dense`` is ``bare`` with letters, digits and Chinese only; ``own`` is what a reposter added himself (``bare`` where
    nothing was reposted); ``folded`` is ``text`` without addresses as ``fold`` leaves it. ``reposted``: it carries a mark of
    forwarding.
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
    text = normalise(words)
    linkless = _URL.sub(" ", text) if "/" in text or "www." in text else text
    chain = _CHAIN.search(linkless) if "@" in linkless else None
    marked = bool(chain) or _FORWARD.search(linkless) is not None
    if not marked and "@" not in linkless:
        bare = linkless.strip()
        return Clean(text, bare, _NOT_WORD.sub("", bare), bare, fold(linkless))
    bare = _bare(linkless)
    if not bare and not marked:
        bare = linkless.replace("@", " ").strip()
    own = _own(linkless[: chain.start()] if chain else linkless) if marked else bare
    return Clean(text, bare, _NOT_WORD.sub("", bare), own, fold(linkless), marked)


def _bare(text: str) -> str:
    return _AT.sub(" ", _REPLY.sub(" ", _CHAIN.sub(" ", _FORWARD.sub(" ", text)))).strip()


def _own(head: str) -> str:
    return _QUOTED.sub(" ", _bare(head)).strip()
