"""The slots of a line whose intent is known by what it resembles: no verb is looked for, only what any line can show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.language import slots as cut
from bot.language import words
from bot.language.grammar.approve import signed_slots
from bot.language.grammar.decision import decision_slots
from bot.language.grammar.draft import draft_slots
from bot.language.grammar.drill import drill_slots
from bot.language.grammar.escalate import escalate_slots
from bot.language.grammar.fact import fact_slots
from bot.language.grammar.grading import grade_slots
from bot.language.grammar.helping import command_named
from bot.language.grammar.incident import close_slots
from bot.language.grammar.lookup import list_slots
from bot.language.grammar.mute import mute_slots
from bot.language.grammar.people import receivers
from bot.language.grammar.publish import publish_slots
from bot.language.grammar.report import FORECAST, trend_window
from bot.language.grammar.reviewing import review_slots
from bot.language.grammar.work import task_slots
from bot.language.moments import RE_WINDOW
from bot.language.names import role_in
from bot.language.said import Said

Slots = dict[str, Any]


def filled(name: str, kind: str, said: Said) -> Slots | None:
    """The slots of this intent (``kind`` of a refusal); None where the object is missing without which it means nothing."""
    if name == "refuse":
        return cut.put({}, kind=kind, incident=said.number("Ⓘ", bare=False)) if kind else None
    return _FILL[name](said)


def _status(said: Said) -> Slots | None:
    return cut.incident(said) or (None if said.quote is None else {})


def _claim(said: Said) -> Slots | None:
    if said.numbers("Ⓣ"):
        return {"task": said.number("Ⓣ")}
    return cut.incident(said) or ({} if said.quote else None)


def _assign(said: Said) -> Slots | None:
    taking = receivers(said)
    object_ = {"task": said.number("Ⓣ")} if said.numbers("Ⓣ") else cut.incident(said)
    role = role_in(said.text)
    return cut.put(object_, persons=taking, role=role) if (taking or role) and (object_ or said.quote) else None


def _grade(said: Said) -> Slots | None:
    slots = grade_slots(said)
    return slots if slots.get("grade") and (slots.get("incident") or slots.get("topic") or said.quote) else None


_REVIEWED = ("time_to_statement", "time_to_claim", "sla", "cost")
"""Metrics of a review, not of a curve."""


def _trend(said: Said) -> Slots | None:
    forecast = "forecast" if FORECAST.search(said.text) else None
    metric = words.first(words.METRICS, said.text)
    if metric in _REVIEWED:
        return None
    return cut.put(cut.incident(said), op=forecast, metric=metric, window=trend_window(said))


def _summary(said: Said) -> Slots:
    window = RE_WINDOW.search(said.text)
    typed = said.raw[window.start() : window.end()] if window else None
    return cut.put(cut.incident(said), format=words.first(words.FORMATS, said.text), window=typed)


def _reopen(said: Said) -> Slots | None:
    slots = cut.incident(said)
    why = cut.leftover(said, [*cut.objects(said), *cut.topic_span(said, slots)])
    return cut.put(slots, reason=why) if slots else None


_FILL: dict[str, Callable[[Said], Slots | None]] = {
    "list": lambda said: list_slots(said) if not said.numbers("Ⓘ", bare=False) else None,
    "status": _status,
    "claim": _claim,
    "assign": _assign,
    "grade": _grade,
    "task": task_slots,
    "fact": fact_slots,
    "decision": decision_slots,
    "draft": draft_slots,
    "approve": signed_slots,
    "publish": publish_slots,
    "escalate": escalate_slots,
    "mute": lambda said: None if any(t.kind != "Ⓘ" for t in said.quoted_things) else mute_slots(said, 0),
    "close": close_slots,
    "reopen": _reopen,
    "summary": _summary,
    "trend": _trend,
    "help": lambda said: cut.put({}, command=command_named(said)),
    "review": review_slots,
    "drill": drill_slots,
}
