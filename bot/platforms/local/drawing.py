"""A post as the page gets it: plain JSON, nothing that a browser would run."""

from __future__ import annotations

from math import isfinite
from typing import Any

from bot.model.card import Button, Card, Chart, Post


def clean(text: str) -> str:
    """Text that can be stored and sent: no lone surrogates, no NUL."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def drawn(post: Post) -> dict[str, Any]:
    """A post as JSON: ``text``, ``card``, ``chart``, ``mentions``, ``files`` (names only, the bytes lie on the shelf).

    A picture of figures that the page draws for itself is left out.
    """
    return {
        "text": clean(post.text),
        "card": card_json(post.card) if post.card else None,
        "chart": chart_json(post.chart) if post.chart else None,
        "mentions": list(post.mentions),
        "files": [{"name": clean(file.name), "mime": file.mime} for file in post.files],
    }


def card_json(card: Card) -> dict[str, Any]:
    """A card as the contract names its fields; links that are no web addresses are dropped."""
    return {
        "kind": card.kind,
        "title": clean(card.title),
        "number": card.number,
        "incident": card.incident,
        "grade": card.grade.key if card.grade else None,
        "confirmed": card.confirmed,
        "lines": [clean(line) for line in card.lines],
        "must": [clean(line) for line in card.must],
        "buttons": [_button(button) for button in card.buttons],
        "links": [
            {"text": clean(link.text), "url": clean(link.url)}
            for link in card.links
            if link.url.lower().startswith(("http://", "https://"))
        ],
        "revision": card.revision,
    }


def _button(button: Button) -> dict[str, Any]:
    return {
        "key": button.key,
        "text": button.text,
        "verb": button.verb,
        "style": button.style,
        "options": [{"id": option.id, "text": option.text} for option in button.options],
    }


def chart_json(chart: Chart) -> dict[str, Any]:
    """A chart as JSON; times are unix seconds. Points that are no number are left out."""
    series = [(line.name, [[at, value] for at, value in line.points if isfinite(value)]) for line in chart.series]
    return {
        "title": clean(chart.title),
        "unit": chart.unit,
        "series": [{"name": clean(name), "points": points} for name, points in series],
        "marks": [{"at": at, "label": clean(label)} for at, label in chart.marks],
    }
