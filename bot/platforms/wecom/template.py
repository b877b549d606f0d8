"""A card as WeCom's template card: what stands where, what is cut, and which buttons it can carry.

Lengths in characters are the vendor's advice (longer is shown cut), lengths in bytes are hard. Template cards know no markup and
no mention.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.model.card import Button, Card
from bot.model.grade import Grade
from bot.platforms.text import cut_chars, defuse_text, fit, one_line, safe_url, size
from bot.platforms.wecom import limits
from bot.platforms.wecom.cards import URL_CAP, heading, verbs_line

PICK = "_pick"
QUESTION = "choice"
MUST_CAP = 360
SEE_ABOVE = "详情见上一条"
AT_A_GLANCE = frozenset({"alert", "headline"})
"""Kinds that are read at a glance and have a button for the rest. Whoever answers one of the others must have read all of it."""
_KEYED = re.compile(r"(?:→ )?([^\W_][^\s：:，。；｜]{0,4})[ 　](.+)")
_STYLE = {"primary": 1, "danger": 2, "default": 4}
_COLOR = {Grade.RED: 2, Grade.ORANGE: 2, Grade.YELLOW: 1, Grade.BLUE: 3}


@dataclass(frozen=True, slots=True)
class Face:
    """Advised lengths of one transport's template card, in characters."""

    source: int
    title: int
    desc: int
    body: int
    jump: int
    button: int = 10
    value: int = 26


BOT = Face(source=13, title=26, desc=30, body=112, jump=13)
APP = Face(source=20, title=36, desc=44, body=160, jump=18)


@dataclass(frozen=True, slots=True)
class _Laid:
    """Where the words of a card stand; ``whole`` when none is missing."""

    title: str
    desc: str
    quoted: str
    rows: list[dict[str, str]]
    body: str
    whole: bool


def template_card(card: Card, task_id: str, *, face: Face, source: str, url: str) -> dict[str, Any]:
    """The card as ``button_interaction``, or ``text_notice`` where nothing can be pressed.

    ``url`` is where a tap on the card leads when the card has no link of its own (a card without ``card_action`` is refused).
    """
    buttons, selection = _buttons(card, face)
    laid = _lay(card, face)
    links = _links(card)
    color = _COLOR[card.grade] if card.grade else 0
    drawn: dict[str, Any] = {
        "card_type": "button_interaction" if buttons else "text_notice",
        "source": {"desc": cut_chars(one_line(defuse_text(source)), face.source), "desc_color": color} if source else None,
        "main_title": {"title": laid.title, "desc": laid.desc} if laid.desc else {"title": laid.title},
        "sub_title_text": laid.body,
        "quote_area": {"type": 0, "quote_text": laid.quoted} if laid.quoted else None,
        "horizontal_content_list": laid.rows,
        "jump_list": [{"type": 1, "title": cut_chars(t, face.jump), "url": a} for t, a in links[: limits.JUMPS]],
        "card_action": {"type": 1, "url": links[0][1] if links else url},
        "button_selection": selection,
        "button_list": buttons,
        "task_id": task_id if buttons else None,
    }
    return {key: value for key, value in drawn.items() if value}


def in_two(card: Card, face: Face) -> tuple[Card, Card] | None:
    """The words of a card, and the card to follow them, where one template card can't hold all that is being answered; None
    where one is enough."""
    if not card.buttons or card.kind in AT_A_GLANCE or _lay(card, face).whole:
        return None
    return replace(card, buttons=()), replace(card, lines=(SEE_ABOVE,), links=())


def _links(card: Card) -> list[tuple[str, str]]:
    links = [(one_line(defuse_text(link.text)), safe_url(link.url)) for link in card.links]
    return [(text or "打开", address) for text, address in links if address and len(address) <= URL_CAP]


def _lay(card: Card, face: Face) -> _Laid:
    """Under the title, the quote, the body with all of ``must``, short rows of key and value below it. Rows keep the order of the
    lines as long as nothing is lost by that."""
    buttons, selection = _buttons(card, face)
    left = [button for button in card.buttons if not _shown(button, buttons, selection)]
    must = [one_line(defuse_text(line)) for line in (*card.must, *([f"也可回复：{verbs_line(left)}"] if left else []))]
    floor = fit([], must, MUST_CAP * 3)
    title, whole = heading(card, face.title), one_line(defuse_text(card.title))
    lines = [line for line in (one_line(defuse_text(line)) for line in card.lines) if line]
    if whole not in title and card.kind == "ask":  # its title is the question itself
        lines.insert(0, whole)
    desc = lines.pop(0) if lines and len(lines[0]) <= face.desc else ""
    quoted = next((line for line in lines if "「" in line), "") if card.kind in AT_A_GLANCE else ""
    lines = [line for line in lines if line is not quoted]
    room = face.body - len(floor) - 1
    rows, body = _tail_rows(lines, face)
    if len("\n".join(body)) > room:
        rows, body = _rows(lines, face)
    kept: list[str] = []
    for line in body:
        piece = cut_chars(line, room)
        if not piece:
            break
        kept.append(piece)
        room -= len(piece) + 1
    complete = kept == body and floor == "\n".join(line for line in must if line) and len(_links(card)) <= limits.JUMPS
    shown = cut_chars(quoted, face.body)
    return _Laid(title, desc, shown, rows, "\n".join([*kept, floor] if floor else kept), complete and shown == quoted)


def _tail_rows(lines: Sequence[str], face: Face) -> tuple[list[dict[str, str]], list[str]]:
    """The last lines as rows, so that all are read in their order."""
    end = len(lines)
    while end and len(lines) - end < limits.ROWS and _row(lines[end - 1], face):
        end -= 1
    return [row for line in lines[end:] if (row := _row(line, face))], list(lines[:end])


def _rows(lines: Sequence[str], face: Face) -> tuple[list[dict[str, str]], list[str]]:
    """Every line that can be a row, and the others."""
    made = [(line, _row(line, face)) for line in lines]
    rows = [row for _, row in made if row][: limits.ROWS]
    return rows, [line for line, row in made if row is None or row not in rows]


def _row(line: str, face: Face) -> dict[str, str] | None:
    keyed = _KEYED.fullmatch(line)
    return {"keyname": keyed[1], "value": keyed[2]} if keyed and len(keyed[2]) <= face.value else None


def _buttons(card: Card, face: Face) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Buttons and the one selection a card may have. Several buttons with options share it: their entries stand in one list,
    and one button carries out what is picked. Each entry's id is ``key:option``."""
    usable = {button.key: button for button in card.buttons if button.key and size(button.key) <= limits.KEY}
    plain = [button for button in usable.values() if not button.options]
    listed = [button for button in usable.values() if button.options]
    entries = _entries(listed)
    pick = _pick(listed) if entries else []
    shown = [*plain[: limits.BUTTONS - len(pick)], *pick]
    drawn = [
        {"text": _label(button.text, face.button), "style": _STYLE.get(button.style, 4), "key": button.key} for button in shown
    ]
    if not entries:
        return drawn, None
    title = _label(listed[0].text if len(listed) == 1 else "更多", face.button)
    return drawn, {"question_key": QUESTION, "title": title, "option_list": entries, "selected_id": entries[0]["id"]}


def _pick(listed: Sequence[Button]) -> list[Button]:
    return [listed[0] if len(listed) == 1 else Button(PICK, "执行所选", "")]


def _entries(listed: Sequence[Button]) -> list[dict[str, str]]:
    """The list's entries. Where there are too many, each button gives up its last ones in turn."""
    groups = [_options(button, alone=len(listed) == 1) for button in listed]
    room = [0] * len(groups)
    for turn in range(limits.OPTIONS):
        for i, group in enumerate(groups):
            if turn < len(group) and sum(room) < limits.OPTIONS:
                room[i] += 1
    return [entry for count, group in zip(room, groups, strict=True) for entry in group[:count]]


def _options(button: Button, *, alone: bool) -> list[dict[str, str]]:
    entries: dict[str, str] = {}
    for option in button.options:
        id = f"{button.key}:{option.id}"
        if size(id) <= limits.OPTION_ID:
            entries.setdefault(id, _label(option.text if alone else f"{button.text} {option.text}", 20))
    return [{"id": id, "text": text} for id, text in entries.items()]


def _label(text: str, room: int) -> str:
    return cut_chars(one_line(defuse_text(text)), room) or "·"


def _shown(button: Button, drawn: Sequence[Mapping[str, Any]], selection: Mapping[str, Any] | None) -> bool:
    if button.options:
        listed = {entry["id"] for entry in selection["option_list"]} if selection else set()
        return all(f"{button.key}:{entry.id}" in listed for entry in button.options)
    return any(row["key"] == button.key for row in drawn)


def picked(key: str, selected: str) -> tuple[str, str]:
    """(key, choice) of a press: what stood in the selection counts only for the button that carries it out."""
    owner, _, choice = selected.partition(":")
    if key == PICK:
        return owner, choice
    return (key, choice) if owner == key else (key, "")
