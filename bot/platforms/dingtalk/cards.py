"""One card, three faces: the variables of an interactive card, markdown (or an action card) with numbered verbs, plain text.

All words of a post are made harmless here: outside text may stand in any of them. Mentions and links are added by us alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from bot.model.card import Button, Card, Post
from bot.platforms.dingtalk.wire import dump
from bot.platforms.text import cut_bytes, defuse_markdown, defuse_text, fit, lead, markdown_link, one_line, safe_url, size

BODY_LIMIT = 19_000
"""Bytes of a webhook body; the vendor refuses above 20,000 (protocol page 1.5)."""

PARAM_LIMIT = 14_500
"""Bytes of ``msgParam``; the vendor refuses above 15,000 (protocol page 3.3)."""

VALUE_LIMIT = 1_000
"""Bytes of one value of ``cardParamMap``; documented as 1 KB (protocol page 3.7)."""

TITLE_LIMIT = 180
"""Bytes of a title: what the conversation list and the push notification show."""

HEADING = 300
"""Bytes of the title on a card; a longer one stands in the body too."""

BODIES = ("body", "body2", "body3")
SLOTS = 6
LINKS = 5
PINGS = 50
VERB_LIMIT = 120
NAMELESS = "消息"
REPLY = "回复"
_ITEM = re.compile(r"\d+\. ")
_PERSON = re.compile(r"[A-Za-z0-9_\-.$:]{1,64}")

_T = TypeVar("_T")
Pings = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Slot:
    """One button of the template: what it says and what it sends."""

    text: str
    key: str
    choice: str
    style: str


def headline(card: Card, limit: int = TITLE_LIMIT) -> str:
    """The title in at most ``limit`` bytes; whatever is cut, grade, number and incident stand in it."""
    title = _safe(one_line(card.title)) or NAMELESS
    cut = cut_bytes(title, limit)
    if missing := lead(card, cut, _number):
        cut = cut_bytes(f"{missing} {title}", limit)
    return cut_bytes(f"{lead(card, '', _number)} {title}", limit) if lead(card, cut, _number) else cut


def _number(text: str) -> str:
    return cut_bytes(_safe(text), 30)


def how_in_group(bot_name: str, *, hears: bool = True) -> str:
    """How a card without buttons is answered in a group: the app's robot must be called, whoever said it."""
    return f"{REPLY} @{bot_name} 加" if hears else "这里听不到回话，到本地控制台发"


def verbs_of(card: Card) -> tuple[str, ...]:
    """The typed twin of each button, the next one first; a verb that leaves a place for a choice shows the first choices."""
    typed = [b.verb.replace("{choice}", "/".join(o.id for o in b.options[:3])) for b in card.buttons[:10]]
    return tuple(cut_bytes(_safe(one_line(verb)), VERB_LIMIT) for verb in typed if verb.strip())


def slots_of(card: Card) -> tuple[Slot, ...]:
    """Buttons for the template's places: plain ones first, then the entries of selections while there is room."""
    plain = [Slot(_label(b.text), b.key, "", b.style) for b in card.buttons if not b.options]
    lists = [Slot(_label(f"{_bare(b)} {o.text}"), b.key, o.id, b.style) for b in card.buttons for o in b.options]
    return tuple((plain + lists)[:SLOTS])


def _bare(button: Button) -> str:
    return button.text.rstrip("▾ ")


def _label(text: str) -> str:
    return cut_bytes(_safe(one_line(text)), 48)


def variables(card: Card, mine: str = "") -> tuple[dict[str, str], bool]:
    """``cardParamMap`` of the template in the guide, and whether all of the card is on it.

    Every value is text of at most 1 KB. ``body``, ``body2``, ``body3`` are filled in turn; ``mine`` is the reader's own line.
    """
    title, full = headline(card, HEADING), _safe(one_line(card.title))
    lines = [_safe(line) for line in card.lines if line.strip()]
    bodies, rest = _spread(lines if full in title else [full, *lines])
    owed = "\n".join(_safe(line) for line in card.must if line)
    must = fit([], owed.split("\n"), VALUE_LIMIT // 2) if size(broken(owed)) > VALUE_LIMIT else owed
    urls = [link for link in card.links if safe_url(link.url)]
    links = "\n\n".join(markdown_link(link.text, link.url) for link in urls[:LINKS])
    verbs = fit([], [f"也可{REPLY}（群里先＠我）：" + "｜".join(verbs_of(card))] if card.buttons else [], VALUE_LIMIT)
    slots = slots_of(card)
    values = {
        "title": title,
        "kind": card.kind,
        "number": _number(one_line(card.number)),
        "incident": "" if card.incident is None else str(card.incident),
        "grade": card.grade.label if card.grade else "",
        "grade_key": card.grade.key if card.grade else "",
        "state": ("已确认" if card.confirmed else "建议") if card.grade else "",
        **dict(zip(BODIES, bodies, strict=True)),
        "must": broken(must),
        "links": links if size(links) <= VALUE_LIMIT else "",
        "verbs": verbs,
        "mine": _safe(one_line(mine)),
    }
    for i in range(SLOTS):
        slot = slots[i] if i < len(slots) else Slot("", "", "", "")
        values |= {
            f"b{i + 1}_text": slot.text,
            f"b{i + 1}_key": slot.key,
            f"b{i + 1}_choice": slot.choice,
            f"b{i + 1}_style": slot.style,
        }
    whole = not rest and must == owed and len(urls) <= LINKS and size(links) <= VALUE_LIMIT
    return {name: cut_bytes(value, VALUE_LIMIT) for name, value in values.items()}, whole


def _spread(lines: Sequence[str]) -> tuple[list[str], bool]:
    """Lines over the body variables, and whether something had to be cut."""
    bodies: list[str] = []
    left = list(lines)
    for _ in BODIES:
        taken: list[str] = []
        while left and size(broken("\n".join([*taken, left[0]]))) <= VALUE_LIMIT:
            taken.append(left.pop(0))
        if not taken and left:
            taken, left = [cut_bytes(left[0].replace("\n", " "), VALUE_LIMIT)], left[1:]
            bodies.append(taken[0])
            return [*bodies, *[""] * (len(BODIES) - len(bodies))], True
        bodies.append(broken("\n".join(taken)))
    return bodies, bool(left)


def message(post: Post, pings: Pings = (), how: str = REPLY) -> dict[str, Any]:
    """A webhook body for a post: text, markdown, or an action card where there are links to open; ``how`` it is answered."""
    at = {"atUserIds": [id for _, id in people(pings)], "isAtAll": False}
    call_out = " ".join(f"@{id}" for _, id in people(pings))
    if post.card is None:
        return _squeeze(
            lambda n: {"msgtype": "text", "text": {"content": _plain(post.text, call_out, n)}, "at": at}, BODY_LIMIT
        )
    card, title = post.card, headline(post.card)
    links = _links(card)
    if not links:
        return _squeeze(
            lambda n: {"msgtype": "markdown", "markdown": {"title": title, "text": markdown(card, n, call_out, how)}, "at": at},
            BODY_LIMIT,
        )
    buttons: dict[str, Any] = {"singleTitle": links[0][0], "singleURL": links[0][1]}
    if len(links) > 1:
        buttons = {"btns": [{"title": text, "actionURL": url} for text, url in links]}
    return _squeeze(
        lambda n: {
            "msgtype": "actionCard",
            "actionCard": {"title": title, "text": markdown(card, n, call_out, how), "btnOrientation": "0", **buttons},
            "at": at,
        },
        BODY_LIMIT,
    )


def robot_message(post: Post, pings: Pings = (), how: str = REPLY) -> tuple[str, dict[str, str]]:
    """``msgKey`` and ``msgParam`` for the OpenAPI robot, which cannot mention: people are named instead. ``how`` it is answered."""
    names = "、".join(_safe(one_line(name)) for name, _ in people(pings))
    call_out = f"请看：{names}" if names else ""
    if post.card is None:
        return "sampleText", _squeeze(lambda n: {"content": _plain(post.text, call_out, n)}, PARAM_LIMIT)
    card, title = post.card, headline(post.card)
    links = _links(card)
    buttons: dict[str, str] = {}
    key = "sampleMarkdown"
    if len(links) == 1:
        key, buttons = "sampleActionCard", {"singleTitle": links[0][0], "singleURL": links[0][1]}
    elif links:
        key = f"sampleActionCard{len(links)}"
        for i, (text, url) in enumerate(links, 1):
            buttons |= {f"actionTitle{i}": text, f"actionURL{i}": url}
    return key, _squeeze(lambda n: {"title": title, "text": markdown(card, n, call_out, how), **buttons}, PARAM_LIMIT)


def markdown(card: Card, limit: int, call_out: str = "", how: str = REPLY) -> str:
    """The card as markdown of about ``limit`` bytes: title, lines, then what must stay and the verbs, numbered."""
    head = f"### {headline(card, max(60, limit // 3))}"
    verbs = [f"{i}. {verb}" for i, verb in enumerate(verbs_of(card), 1)]
    asked = [f"{_safe(how)}：", *verbs] if verbs else []
    must = [*(_safe(line) for line in card.must), *asked, call_out]
    body = fit([_safe(line) for line in card.lines], must, max(0, limit - size(head) - 1))
    return broken(f"{head}\n{body}" if body else head)


def broken(text: str) -> str:
    """Line breaks as DingTalk's markdown understands them: two spaces before each, a blank line around a list."""
    out: list[str] = []
    for row in text.split("\n"):
        if out and bool(_ITEM.match(row)) != bool(_ITEM.match(out[-1])):
            out.append("")
        out.append(row)
    return "  \n".join(out)


def reduced(post: Post) -> Post:
    """The post without any outside text, for when the content review refuses it: grade, number, who must act, links, verbs."""
    if post.card is None:
        return Post("有一条消息被钉钉内容审核拦下。发「状态」可看现状。", mentions=post.mentions)
    card = post.card
    title = lead(card, "", _number)
    object_ = card.number if card.incident is None else f"#{card.incident}"
    must = tuple(re.sub(r"「.*」", "「…」", line) for line in card.must)
    words = f"原文被钉钉内容审核拦下，请到别处查看；现状发：状态 {object_}".rstrip()
    return Post.of(replace(card, title=title or "有新情况", lines=(words,), must=must), *post.mentions)


def _plain(text: str, call_out: str, limit: int) -> str:
    return fit(_tame(text).split("\n"), [call_out] if call_out else [], limit)


def _links(card: Card) -> list[tuple[str, str]]:
    made = [(cut_bytes(defuse_text(one_line(link.text)), 60), _inert(safe_url(link.url))) for link in card.links]
    return [(text, url) for text, url in made if text and url and size(url) <= 1_000][:LINKS]


def people(pings: Pings) -> list[tuple[str, str]]:
    """Those that can be mentioned: at most 50, and nobody without a proper user id."""
    return [(name, id) for name, id in pings if _PERSON.fullmatch(id)][:PINGS]


@lru_cache(maxsize=64)
def _tame(text: str) -> str:
    return _inert(defuse_text(text[:BODY_LIMIT]))


@lru_cache(maxsize=512)
def _safe(text: str) -> str:
    return _inert(defuse_markdown(text[:BODY_LIMIT])).replace("~", "%7E")


def _inert(text: str) -> str:
    """No ``@`` but ours: what is left of them stands inside addresses, where DingTalk would still read a mention."""
    return text.replace("@", "%40")


def _squeeze(build: Callable[[int], _T], cap: int) -> _T:
    """The fullest version whose JSON has at most ``cap`` bytes."""
    limit = cap
    while True:
        made = build(limit)
        took = len(dump(made))
        if took <= cap or limit <= 0:
            return made
        limit = limit * cap // took - 16
