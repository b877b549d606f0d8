"""Lines that no rule reads: the harmless command that they resemble most, with the slots that any line can show."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech, words
from bot.language.grammar.grading import grade_named
from bot.language.grammar.helping import command_named
from bot.language.grammar.lookup import list_slots
from bot.language.grammar.mute import mute_slots
from bot.language.grammar.people import receivers
from bot.language.grammar.report import FORECAST, trend_window
from bot.language.moments import RE_WINDOW
from bot.language.names import role_in
from bot.language.resembling import RESCUED, nearest
from bot.language.said import Said
from bot.model.intent import Intent

SURE = 0.18
"""Certainty from which resemblance is believed, chosen on lines left out of its training."""
SURER = 0.45
"""The same for a line that neither mentions us nor names an object: it may be chatter."""
OTHER = 0.7
"""Certainty of another reading from which a grave act is not believed."""
_QUESTIONS = frozenset({"list", "status", "trend", "summary", "help", "review"})


def rescued(said: Said) -> Intent | None:
    """The harmless command that the line resembles; None where nothing is near enough or an object is missing."""
    if len(said.text) < 2:
        return None
    name, kind, sure = nearest(said)
    addressed = said.called or said.quote is not None or said.numbers("Ⓘ", bare=False) or said.numbers("Ⓣ")
    if name not in RESCUED or sure < (SURE if addressed else SURER):
        return None
    whole = (0, len(said.text))
    if name not in _QUESTIONS and name != "refuse" and (speech.unreal(said) or speech.told(said, *whole) or _doubtful(said)):
        return None
    slots = _slots(name, kind, said)
    return None if slots is None else Intent(name, slots, round(0.5 + sure / 4, 2))


def unlike(said: Said, name: str, *, only: str = "", least: float = 0.0) -> bool:
    """Whether a line read as this act resembles something else (or just ``only``) by far."""
    other, _, sure = nearest(said)
    bound = least or (OTHER if other != "none" else 0.9)
    return other != name and (not only or other == only) and sure >= bound


def _doubtful(said: Said) -> bool:
    return bool(re.search(r"[?？吗]$|要不要|是不是|该不该|没|未|别|不[用要想能会]|又|过几|如果|要是|听说|昨天", said.text))


def _slots(name: str, kind: str, said: Said) -> dict[str, Any] | None:
    if name == "list":
        return list_slots(said) if not said.numbers("Ⓘ", bare=False) else None
    if name == "help":
        return cut.put({}, command=command_named(said))
    if name == "refuse":
        return cut.put({}, kind=kind, incident=said.number("Ⓘ", bare=False)) if kind else None
    if name == "mute":
        return mute_slots(said, 0)
    if name == "drill":
        return {}
    if name == "task":
        number = said.number("Ⓣ")
        return None if number is None else {"op": "update", "task": number}
    about = cut.incident(said)
    if name == "grade":
        level = grade_named(said)
        return cut.put(about, grade=level) if about and level in ("blue", "yellow", "orange") else None
    if name == "status":
        return about or None
    if name == "claim":
        return {"task": said.number("Ⓣ")} if said.numbers("Ⓣ") else about or None
    if name == "assign":
        taking = receivers(said)
        return cut.put(about, persons=taking, role=role_in(said.text)) if taking and about else None
    if name == "trend":
        forecast = "forecast" if FORECAST.search(said.text) else None
        return cut.put(about, op=forecast, metric=words.first(words.METRICS, said.text), window=trend_window(said))
    if name == "summary":
        window = RE_WINDOW.search(said.text)
        typed = said.raw[window.start() : window.end()] if window else None
        return cut.put(about, format=words.first(words.FORMATS, said.text), window=typed)
    return cut.put(about, metric=words.first(words.METRICS[:4], said.text))
