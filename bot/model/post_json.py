"""A post as JSON and back, for the rows that keep it."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from typing import Any

from bot.model.card import Button, Card, Chart, File, Link, Option, Paper, Post, Series
from bot.model.grade import Grade
from bot.model.message import Answer


def card_to_dict(card: Card) -> dict[str, Any]:
    """A card in the shape of the contract; ``grade`` is the one shown."""
    return {
        "kind": card.kind,
        "title": card.title,
        "lines": list(card.lines),
        "must": list(card.must),
        "number": card.number,
        "incident": card.incident,
        "grade": card.grade.key if card.grade else None,
        "confirmed": card.confirmed,
        "buttons": [
            {
                "key": b.key,
                "text": b.text,
                "verb": b.verb,
                "style": b.style,
                "options": [{"id": o.id, "text": o.text} for o in b.options],
            }
            for b in card.buttons
        ],
        "links": [{"text": link.text, "url": link.url} for link in card.links],
        "revision": card.revision,
    }


def card_from_dict(raw: dict[str, Any]) -> Card:
    """The card behind ``card_to_dict``."""
    buttons = (
        Button(b["key"], b["text"], b["verb"], b["style"], tuple(Option(o["id"], o["text"]) for o in b["options"]))
        for b in raw["buttons"]
    )
    return Card(
        kind=raw["kind"],
        title=raw["title"],
        lines=tuple(raw["lines"]),
        must=tuple(raw["must"]),
        number=raw["number"],
        incident=raw["incident"],
        grade=Grade.of(raw["grade"]) if raw["grade"] else None,
        confirmed=raw["confirmed"],
        buttons=tuple(buttons),
        links=tuple(Link(link["text"], link["url"]) for link in raw["links"]),
        revision=raw["revision"],
    )


def chart_to_dict(chart: Chart) -> dict[str, Any]:
    """A chart as plain lists."""
    series = [{"name": s.name, "points": [list(p) for p in s.points]} for s in chart.series]
    return {"title": chart.title, "unit": chart.unit, "series": series, "marks": [list(mark) for mark in chart.marks]}


def chart_from_dict(raw: dict[str, Any]) -> Chart:
    """The chart behind ``chart_to_dict``."""
    series = tuple(Series(s["name"], tuple((float(t), float(v)) for t, v in s["points"])) for s in raw["series"])
    return Chart(raw["title"], raw["unit"], series, tuple((float(t), str(label)) for t, label in raw["marks"]))


def post_to_dict(post: Post) -> dict[str, Any]:
    """A post as plain values."""
    return {
        "text": post.text,
        "card": card_to_dict(post.card) if post.card else None,
        "mentions": list(post.mentions),
        "files": [{"name": f.name, "mime": f.mime, "data": base64.b64encode(f.data).decode()} for f in post.files],
        "chart": chart_to_dict(post.chart) if post.chart else None,
        **({"paper": asdict(post.paper)} if post.paper else {}),
    }


def post_to_json(post: Post) -> str:
    """A post as stored."""
    return json.dumps(post_to_dict(post), ensure_ascii=False)


def post_from_json(raw: dict[str, Any]) -> Post:
    """The post behind ``post_to_dict``."""
    return Post(
        text=raw["text"],
        card=card_from_dict(raw["card"]) if raw["card"] else None,
        mentions=tuple(raw["mentions"]),
        files=tuple(File(f["name"], f["mime"], base64.b64decode(f["data"])) for f in raw["files"]),
        chart=chart_from_dict(raw["chart"]) if raw["chart"] else None,
        paper=Paper(paper["name"], paper["title"], tuple(paper["lines"])) if (paper := raw.get("paper")) else None,
    )


def answer_to_json(answer: Answer) -> str:
    """An answer as stored with the message it answers."""
    repaint = post_to_dict(answer.repaint) if answer.repaint else None
    return json.dumps({"posts": [post_to_dict(post) for post in answer.posts], "repaint": repaint}, ensure_ascii=False)


def answer_from_json(text: str) -> Answer:
    """The answer behind ``answer_to_json``."""
    raw = json.loads(text)
    posts = tuple(post_from_json(post) for post in raw["posts"])
    return Answer(posts, post_from_json(raw["repaint"]) if raw["repaint"] else None)
