"""A post in WeCom's words: markdown of two dialects, plain text, text card (``template`` draws the card with buttons).

Whatever is cut, the grade, the number, the ``must`` lines and the next verb stay. Lengths are bytes, and hard. In markdown only
what is written here is markup.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.model.card import Button, Card, Post
from bot.model.grade import Grade
from bot.platforms.text import (
    cut_bytes,
    cut_chars,
    defuse_markdown,
    defuse_text,
    fit,
    lead,
    markdown_link,
    one_line,
    safe_url,
    size,
)
from bot.platforms.wecom import limits

CHOICES_SHOWN = 3
REASON_CAP = 8
TITLE = 600
REPLY = "回复"
URL_CAP = 1024
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫"
_FONT = {Grade.RED: "warning", Grade.ORANGE: "warning", Grade.YELLOW: "comment", Grade.BLUE: "info"}


def heading(card: Card, room: int) -> str:
    """The title in ``room`` characters; grade, number and incident are put in front where the cut title lacks them."""
    title = one_line(defuse_text(card.title)) or card.kind
    short = _short(title, room)
    prefix = lead(card, short, defuse_text)
    return f"{prefix} {_short(title, max(0, room - len(prefix) - 1))}".rstrip() if prefix else short


def _title_room(limit: int) -> int:
    """Characters for the title of a message of ``limit`` bytes: at most half of them, whatever the characters."""
    return min(TITLE, limit // 8)


def _short(title: str, room: int) -> str:
    """A title cut to ``room`` characters: what follows its last bar (why it is said again: ``｜升级``) stays."""
    name, bar, reason = title.rpartition("｜")
    if not bar or len(title) <= room or len(reason) > REASON_CAP or room < 2 * REASON_CAP:
        return cut_chars(title, room)
    return cut_chars(name, room - len(reason) - 1) + bar + reason


def verbs_line(buttons: Sequence[Button]) -> str:
    """Numbered verbs; two buttons with the same verb are one."""
    verbs = list(dict.fromkeys(_verb(button) for button in buttons if button.verb.strip()))
    if len(verbs) == 1:
        return verbs[0]
    marks = [*CIRCLED, *(f"({i})" for i in range(len(CIRCLED) + 1, len(verbs) + 1))]
    return " ".join(f"{mark}{' ' if verb[:1].isdigit() else ''}{verb}" for mark, verb in zip(marks, verbs, strict=False))


def _verb(button: Button) -> str:
    """What to type: a verb that leaves a place for the choice shows the first choices there."""
    return one_line(button.verb.replace("{choice}", "/".join(option.id for option in button.options[:CHOICES_SHOWN])))


def reply_line(card: Card, how: str) -> str:
    """The line that says what to type; ``how`` says where and after which call (``Desk.how``)."""
    verbs = verbs_line(card.buttons)
    return f"{how}：{verbs}" if verbs else ""


def markdown(post: Post, limit: int, *, colors: bool, how: str = REPLY, pings: Sequence[str] = ()) -> str:
    """A post as markdown in ``limit`` bytes. ``colors``: the group robot's dialect, which knows ``<font>`` and ``<@userid>``;
    ``pings`` are the user ids to call there. The AI bot's dialect knows neither."""
    calls = _calls(pings) if colors else ""
    if not post.card:
        return fit([defuse_markdown(post.text)], [calls] if calls else [], limit)
    card = post.card
    font = _FONT.get(card.grade) if colors and card.grade else None
    title = defuse_markdown(heading(card, _title_room(limit)))
    head = f'<font color="{font}">**{title}**</font>' if font else f"**{title}**"
    tail = [one_line(line) for line in (*card.must, reply_line(card, how))]
    links = [markdown_link(link.text, link.url) for link in card.links if len(link.url) <= URL_CAP]
    floor = fit([], [defuse_markdown(line) for line in tail if line], limit - size(head) - size(calls) - 2)
    must = [part for part in (floor, calls) if part]
    lines = [head, *(defuse_markdown(one_line(line)) for line in card.lines), *links]
    return fit(lines, must, limit)


def plain(post: Post, limit: int, *, how: str = REPLY) -> str:
    """A post as plain text in ``limit`` bytes."""
    if not post.card:
        return cut_bytes(defuse_text(post.text), limit)
    card = post.card
    links = [f"{one_line(link.text)} {safe_url(link.url)}" for link in card.links if safe_url(link.url)]
    links = [defuse_text(link) for link in links if len(link) <= URL_CAP]
    head = heading(card, _title_room(limit))
    tail = [defuse_text(one_line(line)) for line in (*card.must, reply_line(card, how))]
    floor = fit([], [line for line in tail if line], limit - size(head) - 1)
    return fit([head, *(defuse_text(one_line(line)) for line in card.lines), *links], [floor] if floor else [], limit)


def textcard(card: Card) -> dict[str, str] | None:
    """A card without buttons as 文本卡片, which members see in WeChat too; None where it has no link or does not fit whole."""
    address = next((safe_url(link.url) for link in card.links if safe_url(link.url)), "")
    title = heading(card, 60)
    text = "\n".join(defuse_text(one_line(line)) for line in (*card.lines, *card.must))
    whole = size(title) <= limits.TEXTCARD_TITLE and 0 < size(text) <= limits.TEXTCARD_DESCRIPTION
    if card.buttons or not address or len(card.links) > 1 or not whole or len(address) > URL_CAP:
        return None
    return {"title": title, "description": text, "url": address, "btntxt": "详情"}


def pieces(text: str, limit: int, most: int = 4) -> list[str]:
    """A long text as up to ``most`` messages of ``limit`` bytes, divided at line ends where there are any; the rest is cut."""
    done: list[str] = []
    rest = text
    while size(rest) > limit and len(done) < most - 1:
        head = _head(rest, limit)
        done.append(head.rstrip("\n"))
        rest = rest[len(head) :].lstrip("\n")
    return [*done, cut_bytes(rest, limit)]


def _head(text: str, limit: int) -> str:
    kept = ""
    for line in text.splitlines(keepends=True):
        if size(kept) + size(line) > limit:
            break
        kept += line
    return kept or cut_bytes(text, limit).removesuffix("…") or text[:1]


def with_calls(text: str, pings: Sequence[str]) -> str:
    """Markdown of the group robot that also calls ``pings``."""
    return f"{text}\n{calls}" if (calls := _calls(pings)) else text


def _calls(pings: Sequence[str]) -> str:
    return " ".join(f"<@{id}>" for id in pings if callable_id(id))


def callable_id(id: str) -> bool:
    """Whether an id names one member: never everybody, whatever the configuration says."""
    return bool(re.fullmatch(r"[0-9A-Za-z_.@\-]{1,64}", id)) and id.lower() not in ("all", "@all")
