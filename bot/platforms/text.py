"""Text on its way out: cut by bytes without hurting anything, and made harmless.

Vendors count UTF-8 bytes (a Chinese character is 3, most emoji 4). Nothing here knows a vendor: limits come in as arguments.
All that a card or post says is plain text to us, so all of it is made harmless; markup is only what a renderer adds itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote

from bot.model.card import Card, Post

HEARD_CAP = 240
ELLIPSIS = "…"

_URL = re.compile(r"https?://[A-Za-z0-9\-._~:/?#@!$&'+,;=%]+")
_WHOLE = re.compile(r"\[[^\]\n]*\]\([^)\n]*\)|https?://[^\s「」]+")
_QUOTED = re.compile(r"「.*」")
_DOTTED = re.compile(r"(?<=\w)\.(?=[A-Za-z]{2,})")
_GONE: dict[int, int | None] = {
    ord(c): None for c in "\u061c\u200b\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
}
_GONE |= {0x2028: ord("\n"), 0x2029: ord("\n"), 0x85: ord("\n"), 0x0B: ord("\n"), 0x0C: ord("\n"), 0x09: ord(" ")}
_ENTITY = re.compile(r"&(?=#?\w)")
_WIDE = str.maketrans("<>@", "＜＞＠")
_WIDE_MARKDOWN = str.maketrans("<>@*`[]_|~\\", "＜＞＠＊｀［］＿｜～＼")
_HEADING = re.compile(r"^([ \u3000]*)(#+)(?!\d)", re.M)
_BULLET = re.compile(r"^([ \u3000]*)([-+])(?=\s|[-=]|$)", re.M)
_NUMBERED = re.compile(r"^([ \u3000]*\d+)\.(?=\s|$)", re.M)
_RULE = re.compile(r"^[ \u3000]*(?:=+|(?:－|-)[-－ ]*)$", re.M)


def size(text: str) -> int:
    """Length in UTF-8 bytes."""
    return len(text.encode("utf-8", "replace"))


def graphemes(text: str) -> Iterator[str]:
    """What a reader sees as single characters: base with its marks, emoji sequences, flags, CR LF (UAX 29, close enough)."""
    start, flags = 0, 0
    for i in range(1, len(text) + 1):
        flags = flags + 1 if "\U0001f1e6" <= text[i - 1] <= "\U0001f1ff" else 0
        if i < len(text) and _joined(text[i - 1], text[i], flags):
            continue
        yield text[start:i]
        start = i


def _joined(left: str, right: str, flags: int) -> bool:
    if left == "\r" and right == "\n":
        return True
    if unicodedata.category(left) == "Cc":
        return False
    if right < "\u0300":
        return False
    if right in "\u200c\u200d" or unicodedata.category(right) in ("Mn", "Me", "Mc"):
        return True
    if "\U0001f3fb" <= right <= "\U0001f3ff" or "\U000e0020" <= right <= "\U000e007f":
        return True
    if "\u1160" <= right <= "\u11ff":
        return "\u1100" <= left <= "\u11ff" or "\uac00" <= left <= "\ud7a3"
    if left == "\u200d":
        return unicodedata.category(right) == "So"
    return "\U0001f1e6" <= right <= "\U0001f1ff" and flags % 2 == 1


def cut_bytes(text: str, limit: int, must: Sequence[str] = ()) -> str:
    """``text`` in at most ``limit`` bytes, ending in 「…」 when something is missing; whole graphemes, whole links.

    ``must`` are lines that stand below it in full; the text gives way to them.
    """
    return fit([text], must, limit) if must else _cut(text, limit)


def cut_chars(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` code points, by the same rules (vendors advise titles in characters)."""
    return text if len(text) <= limit else _whole(text, limit, len)


def fit(lines: Sequence[str], must: Sequence[str], limit: int) -> str:
    """Lines joined by line breaks in at most ``limit`` bytes: all of ``must`` below, above it as many ``lines`` as have
    room, the last of them cut. Only where ``must`` alone is too long is it cut too, each line to its share."""
    floor = "\n".join(line for line in must if line)
    if size(floor) > limit:
        return _shares([line for line in must if line], limit)
    room = limit - size(floor) - (1 if floor else 0)
    kept: list[str] = []
    for line in lines:
        if size(line) > room:
            if piece := _cut(line, room):
                kept.append(piece)
            break
        kept.append(line)
        room -= size(line) + 1
    return "\n".join([*kept, floor] if floor else kept)


def _shares(lines: Sequence[str], limit: int) -> str:
    rows: list[str] = []
    left = limit
    for i, line in enumerate(lines):
        if piece := _cut(line, max(0, left // (len(lines) - i) - 1) if i < len(lines) - 1 else left):
            rows.append(piece)
            left -= size(piece) + 1
    return "\n".join(rows)


def _cut(text: str, limit: int) -> str:
    if limit <= 0:
        return ""
    return text if size(text) <= limit else _whole(text, limit, size)


def _whole(text: str, limit: int, measure: Callable[[str], int]) -> str:
    """The longest head of graphemes that leaves room for the ellipsis and ends inside no link."""
    room = limit - measure(ELLIPSIS)
    if room < 0:
        return ""
    end, used = 0, 0
    for cluster in graphemes(text):
        used += measure(cluster)
        if used > room:
            break
        end += len(cluster)
    for link in _WHOLE.finditer(text):
        if link.start() < end < link.end():
            end = link.start()
    return text[:end].rstrip() + ELLIPSIS


def clean(text: str) -> str:
    """Without control, bidirectional and invisible characters; line breaks are ``\n``; lone surrogates become 「�」."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_GONE)
    return "".join(_printable(c) for c in plain)


def _printable(c: str) -> str:
    if c == "\n" or (c >= " " and not "\x7f" <= c <= "\x9f" and not "\ud800" <= c <= "\udfff"):
        return c
    return "\ufffd" if "\ud800" <= c <= "\udfff" else ""


def one_line(text: str) -> str:
    """Cleaned, on one line."""
    return " ".join(clean(text).split())


def defuse_text(text: str) -> str:
    """For plain messages: no tag, no mention; an address inside 「」 (outside text stands there) is not a link any more."""
    return _outside_addresses(clean(text), lambda piece: _ENTITY.sub("＆", piece.translate(_WIDE)))


def defuse_markdown(text: str) -> str:
    """For markdown messages: as ``defuse_text``, and no character of any dialect's markup works. ``#12`` stays as it is."""
    inert = _outside_addresses(clean(text), lambda piece: _ENTITY.sub("＆", piece.translate(_WIDE_MARKDOWN)))
    inert = _HEADING.sub(lambda m: m[1] + "＃" * len(m[2]), inert)
    inert = _NUMBERED.sub(r"\1．", inert)
    inert = _BULLET.sub(lambda m: m[1] + {"-": "－", "+": "＋"}[m[2]], inert)
    return _RULE.sub(lambda m: m[0].replace("=", "＝").replace("-", "－"), inert)


def _outside_addresses(text: str, inert: Callable[[str], str]) -> str:
    text = _QUOTED.sub(lambda m: _DOTTED.sub("．", m[0].replace("://", ":／／")), text)
    pieces: list[str] = []
    end = 0
    for url in _URL.finditer(text):
        pieces += [inert(text[end : url.start()]), _ENTITY.sub(_amp, url[0])]
        end = url.end()
    return "".join([*pieces, inert(text[end:])])


def _amp(found: re.Match[str]) -> str:
    rest = found.string[found.end() : found.end() + 5].lower()
    return "%26" if rest.startswith(("#", "lt", "gt", "amp", "quot")) else "&"


def safe_url(url: str) -> str:
    """``url`` where it is http(s) and without a character that could end a link or start markup (those percent-encoded); else
    the empty string."""
    if not re.match(r"https?://[^/\s]", url):
        return ""
    return re.sub(r"[^A-Za-z0-9\-._~:/?#@!$&'+,;=%]", lambda m: quote(m[0], safe="", errors="replace"), url)


def markdown_link(text: str, url: str) -> str:
    """``[text](url)`` with both sides made safe; only the text where the address is none."""
    label, address = defuse_markdown(one_line(text)), safe_url(url)
    return f"[{label}]({address})" if address and label else label


def lead(card: Card, text: str, safe: Callable[[str], str]) -> str:
    """What ``text`` lacks of the card's grade, number and incident, to stand in front of it. The grade's word counts where it
    stands alone, not as in 橙子; ``safe`` makes a number harmless."""
    incident = f"#{card.incident}" if card.incident is not None else ""
    numbers = [number for number in dict.fromkeys((safe(one_line(card.number)), incident)) if number]
    missing = [number for number in numbers if not re.search(rf"{re.escape(number)}(?!\d)", text)]
    return " ".join(part for part in (_grade(card, text), *missing) if part)


def _grade(card: Card, text: str) -> str:
    if card.grade is None:
        return ""
    said = re.search(rf"(?<![一-鿿]){card.grade.label}(?![一-鿿])", text)
    mark = "" if card.grade.mark in text else card.grade.mark
    return mark if said else f"{mark}{card.grade.label}{'' if card.confirmed else '（建议）'}"


def as_heard(words: str, posts: Sequence[Post]) -> tuple[Post, ...]:
    """The answer to something spoken: it begins with the words that the vendor heard, so that a misheard one is noticed."""
    heard = f"听到：「{cut_bytes(one_line(words), HEARD_CAP)}」"
    if not posts:
        return (Post(f"{heard}。没看懂，请打字。发「帮助」看能做什么"),)
    first, *rest = posts
    if first.card:
        return (Post(heard), *posts)
    return (replace(first, text=f"{heard}\n{first.text}"), *rest)
