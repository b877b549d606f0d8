"""A post as WeCom shows it: template card with buttons, markdown of two dialects, plain text, text card.

Whatever is cut, the grade, the number, the ``must`` lines and the next verb stay. Lengths in characters are the vendor's advice
(longer is shown cut), lengths in bytes are hard. Template cards know no markup and no mention; in markdown only what is written
here is markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.model.card import Button, Card, Post
from bot.model.grade import Grade
from bot.platforms.text import (
    cut_bytes,
    cut_chars,
    defuse_markdown,
    defuse_text,
    fit,
    markdown_link,
    one_line,
    safe_url,
    size,
)
from bot.platforms.wecom import limits

PICK = "_pick"
QUESTION = "choice"
MUST_CAP = 360
CHOICES_SHOWN = 3
URL_CAP = 1024
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫"
_KEYED = re.compile(r"(\S{1,5})[ 　](.+)")
_STYLE = {"primary": 1, "danger": 2, "default": 4}
_COLOR = {Grade.RED: 2, Grade.ORANGE: 2, Grade.YELLOW: 1, Grade.BLUE: 3}
_FONT = {Grade.RED: "warning", Grade.ORANGE: "warning", Grade.YELLOW: "comment", Grade.BLUE: "info"}


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


def heading(card: Card, room: int) -> str:
    """The title in ``room`` characters; grade, number and incident are put in front where the cut title lacks them."""
    title = one_line(defuse_text(card.title)) or card.kind
    short = cut_chars(title, room)
    grade = _grade(card, short)
    numbers = [number for number in _numbers(card) if not _names(short, number)]
    prefix = " ".join(part for part in (grade, *numbers) if part)
    return f"{prefix} {cut_chars(title, max(0, room - len(prefix) - 1))}".rstrip() if prefix else short


def _grade(card: Card, title: str) -> str:
    """What the title lacks of the grade: the mark, the word (standing alone, not as in 橙子), or nothing."""
    if card.grade is None:
        return ""
    said = re.search(rf"(?<![一-鿿]){card.grade.label}(?![一-鿿])", title)
    mark = "" if card.grade.mark in title else card.grade.mark
    return mark if said else f"{mark}{card.grade.label}{'' if card.confirmed else '（建议）'}"


def _numbers(card: Card) -> list[str]:
    incident = f"#{card.incident}" if card.incident is not None else ""
    return [number for number in dict.fromkeys((one_line(defuse_text(card.number)), incident)) if number]


def _names(text: str, number: str) -> bool:
    return bool(re.search(rf"{re.escape(number)}(?!\d)", text))


def template_card(card: Card, task_id: str, *, face: Face, source: str, url: str) -> dict[str, Any]:
    """The card as ``button_interaction``, or ``text_notice`` where nothing can be pressed.

    ``url`` is where a tap on the card leads when the card has no link of its own (a card without ``card_action`` is refused).
    """
    buttons, selection = _buttons(card, face)
    left = [button for button in card.buttons if not _shown(button, buttons, selection)]
    must = [*card.must, *([f"也可回复：{_verbs(left)}"] if left else [])]
    desc, quoted, rows, body = _spread(card, face, must)
    links = [(one_line(defuse_text(link.text)), safe_url(link.url)) for link in card.links]
    links = [(text or "打开", address) for text, address in links if address and len(address) <= URL_CAP]
    color = _COLOR[card.grade] if card.grade else 0
    drawn: dict[str, Any] = {
        "card_type": "button_interaction" if buttons else "text_notice",
        "source": {"desc": cut_chars(one_line(defuse_text(source)), face.source), "desc_color": color} if source else None,
        "main_title": {"title": heading(card, face.title), "desc": desc} if desc else {"title": heading(card, face.title)},
        "sub_title_text": body,
        "quote_area": {"type": 0, "quote_text": quoted} if quoted else None,
        "horizontal_content_list": rows,
        "jump_list": [{"type": 1, "title": cut_chars(t, face.jump), "url": a} for t, a in links[: limits.JUMPS]],
        "card_action": {"type": 1, "url": links[0][1] if links else url},
        "button_selection": selection,
        "button_list": buttons,
        "task_id": task_id if buttons else None,
    }
    return {key: value for key, value in drawn.items() if value}


def _spread(card: Card, face: Face, must: Sequence[str]) -> tuple[str, str, list[dict[str, str]], str]:
    """Where the lines go: under the title, the quote, short rows of key and value, the body with all of ``must``."""
    lines = [one_line(defuse_text(line)) for line in card.lines]
    lines = [line for line in lines if line]
    desc = lines.pop(0) if lines and len(lines[0]) <= face.desc else ""
    quoted = next((line for line in lines if "「" in line), "")
    rows: list[dict[str, str]] = []
    body: list[str] = []
    for line in lines:
        keyed = _KEYED.fullmatch(line)
        if line is quoted:
            continue
        if keyed and len(keyed[2]) <= face.value and len(rows) < limits.ROWS:
            rows.append({"keyname": keyed[1], "value": keyed[2]})
            continue
        body.append(line)
    floor = fit([], [one_line(defuse_text(line)) for line in must], MUST_CAP * 3)
    room = face.body - len(floor) - 1
    kept: list[str] = []
    for line in body:
        piece = cut_chars(line, room)
        if not piece:
            break
        kept.append(piece)
        room -= len(piece) + 1
    return desc, cut_chars(quoted, face.body), rows, "\n".join([*kept, floor] if floor else kept)


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


def _verbs(buttons: Sequence[Button]) -> str:
    """Numbered verbs; two buttons with the same verb are one."""
    verbs = list(dict.fromkeys(_verb(button) for button in buttons if button.verb.strip()))
    if len(verbs) == 1:
        return verbs[0]
    return " ".join(f"{CIRCLED[i] if i < len(CIRCLED) else f'({i + 1})'}{verb}" for i, verb in enumerate(verbs))


def _verb(button: Button) -> str:
    """What to type: a verb that leaves a place for the choice shows the first choices there."""
    return one_line(button.verb.replace("{choice}", "/".join(option.id for option in button.options[:CHOICES_SHOWN])))


def reply_line(card: Card, address: str) -> str:
    """The line that says what to type. ``address`` is what must stand in front of it in a group (``@望楼``), or empty."""
    verbs = _verbs(card.buttons)
    if not verbs:
        return ""
    return f"回复 {address} 加：{verbs}" if address else f"回复：{verbs}"


def markdown(post: Post, limit: int, *, colors: bool, address: str = "", pings: Sequence[str] = ()) -> str:
    """A post as markdown in ``limit`` bytes. ``colors``: the group robot's dialect, which knows ``<font>`` and ``<@userid>``;
    ``pings`` are the user ids to call there. The AI bot's dialect knows neither."""
    calls = _calls(pings) if colors else ""
    if not post.card:
        return fit([defuse_markdown(post.text)], [calls] if calls else [], limit)
    card = post.card
    font = _FONT.get(card.grade) if colors and card.grade else None
    title = defuse_markdown(heading(card, 200))
    head = f'<font color="{font}">**{title}**</font>' if font else f"**{title}**"
    tail = [one_line(line) for line in (*card.must, reply_line(card, address))]
    links = [markdown_link(link.text, link.url) for link in card.links if len(link.url) <= URL_CAP]
    floor = fit([], [defuse_markdown(line) for line in tail if line], limit - size(head) - size(calls) - 2)
    must = [part for part in (floor, calls) if part]
    lines = [head, *(defuse_markdown(one_line(line)) for line in card.lines), *links]
    return fit(lines, must, limit)


def plain(post: Post, limit: int, *, address: str = "") -> str:
    """A post as plain text in ``limit`` bytes."""
    if not post.card:
        return cut_bytes(defuse_text(post.text), limit)
    card = post.card
    links = [f"{one_line(link.text)} {safe_url(link.url)}" for link in card.links if safe_url(link.url)]
    links = [defuse_text(link) for link in links if len(link) <= URL_CAP]
    head = cut_bytes(heading(card, 200), limit // 2)
    tail = [defuse_text(one_line(line)) for line in (*card.must, reply_line(card, address))]
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
