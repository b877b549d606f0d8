"""One writing for what people type: NFKC, no invisible characters, simplified, lower case, the same length as what was typed."""

from __future__ import annotations

import unicodedata
from functools import cache

from opencc import OpenCC

from bot.language.lazy import later

_INVISIBLE = later(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_BLANKS = later(r"[ \t\r\f\v]+")


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def plain(text: str) -> str:
    """NFKC without invisible characters; runs of blanks are one blank, line ends stay."""
    text = _INVISIBLE.sub("", text)
    text = unicodedata.normalize("NFKC", text)
    return _BLANKS.sub(" ", _INVISIBLE.sub("", text)).strip()


def simplified(text: str) -> str:
    """Traditional characters as simplified ones, position by position."""
    if text.isascii():
        return text
    done = str(_converter().convert(text))
    if len(done) == len(text):
        return done
    return "".join(_same_width(c, str(_converter().convert(c))) for c in text)


def lowered(text: str) -> str:
    """Lower case, position by position."""
    return "".join(_same_width(c, c.lower()) for c in text)


def _same_width(original: str, changed: str) -> str:
    return changed if len(changed) == 1 else original
