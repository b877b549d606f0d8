"""A line that names several incidents is several commands, or a question; never half a command (room page, principle 4)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from bot.language import slots as cut
from bot.model.intent import Intent

EACH = frozenset({"claim", "status", "accept", "start", "track", "resume"})
"""What may be done to each of the incidents named, in order, with nothing else in the line."""
ONE = EACH | {"assign", "mute", "confidential", "assess"}
"""What is done to one incident; of another number in the line nobody could say what it is for."""
ALONE = frozenset({"grade", "close", "reopen"})
"""What is judged for each incident by itself: a list of them in front of one such verb is parted by who typed it."""
OF_TASKS = frozenset({"claim", "accept", "assign"})
_TASK = re.compile(r"(?<![A-Za-z])[Tt]\s?-?(\d{1,4})(?!\d)")
_TASKS = re.compile(r"(?:(?<![A-Za-z])[Tt]\s?-?\d{1,4}[\s、,，和与及跟]*){2,}")
_LIST = re.compile(
    r"#?\s?\d{1,6}号?(?:\s*[、和与及跟]\s*#?\s?\d{1,6}号?|(?<=\d)\s+#\d{1,6})+(?![\d.:点万千条个天小家名人位份次台年月日%])"
)
_NUMBER = re.compile(r"#\s?(\d{1,6})")
_QUOTE = re.compile(r"^.*\n\s*(?:- ){3,}-?\s*\n", re.S)


def parted(intent: Intent, text: str, people: tuple[str, ...]) -> Intent:
    """``intent``, or several in its place: the same for each number, an assignment for each number with its people.

    Where the numbers cannot be told apart the intent is ``which``, which asks."""
    if intent.name == "multi":
        return Intent(
            "multi", {**intent.slots, "actions": [step for one in intent.slots["actions"] for step in _with_hour(*one)]}
        )
    if intent.name in OF_TASKS and intent.slots.get("task"):
        return _by_task(intent, text, people)
    if intent.name in ALONE and (joined := _joined(intent, text)):
        return Intent("which", {"numbers": joined})
    if intent.name not in ONE or intent.slots.get("task"):
        return intent
    words = unicodedata.normalize("NFKC", _QUOTE.sub("", text))
    numbers = list(dict.fromkeys(int(found[1]) for found in _NUMBER.finditer(words)))
    said = " ".join(str(value) for name, value in intent.slots.items() if name in ("reason", "text", "comment"))
    if len(numbers) < 2 or (intent.name not in EACH and any(f"#{number}" in said for number in numbers)):
        return intent
    if intent.name in EACH:
        return _each(intent, numbers)
    parts = list(_given(intent, words, people, list(_NUMBER.finditer(words)))) if intent.name == "assign" else []
    if parts and all(persons for _, persons in parts):
        return Intent("multi", {"actions": [["assign", {"incident": n, "persons": persons}] for n, persons in parts]})
    return Intent("which", {"numbers": numbers})


def _by_task(intent: Intent, text: str, people: tuple[str, ...]) -> Intent:
    """「T1 T2 都接了」 for each, 「T3给小刘 T4给王磊」 to each their own; the hour of a task that is handed on is set besides."""
    words = unicodedata.normalize("NFKC", _QUOTE.sub("", text))
    found = list(_TASK.finditer(words))
    tasks = list(dict.fromkeys(int(one[1]) for one in found)) or [intent.slots["task"]]
    own = {name: value for name, value in intent.slots.items() if name not in ("due", "text")}
    parts = [(task, own.get("persons")) for task in tasks]
    due = intent.slots.get("due")
    if len(tasks) > 1 and not any(set(map(int, re.findall(r"\d+", it[0]))) == set(tasks) for it in _TASKS.finditer(words)):
        parts = list(_given(intent, words, people, found)) if intent.name == "assign" and not due else []
        if [task for task, persons in parts if persons] == [intent.slots["task"]]:
            return intent
        if not parts or not all(persons for _, persons in parts):
            return Intent("which", {"numbers": tasks, "sign": "T"})
    if len(parts) == 1 and not due:
        return intent
    each = [cut.put({**own, "task": task}, persons=persons, due=due) for task, persons in parts]
    return Intent("multi", {"actions": [step for slots in each for step in _with_hour(intent.name, slots)]})


def _with_hour(name: str, slots: dict[str, Any]) -> list[list[Any]]:
    """A task that is handed on is given its hour right after."""
    if name != "assign" or not slots.get("task") or not slots.get("due"):
        return [[name, slots]]
    given = {key: value for key, value in slots.items() if key != "due"}
    return [["assign", given], ["task", {"op": "update", "task": slots["task"], "due": slots["due"]}]]


def _joined(intent: Intent, text: str) -> list[int]:
    """「#12和#13升橙」: the incidents listed as one object; none where the line merges two, or names one."""
    if "merge_into" in intent.slots or intent.slots.get("resolution") == "duplicate":
        return []
    words = unicodedata.normalize("NFKC", _QUOTE.sub("", text))
    for found in _LIST.finditer(words):
        numbers = list(dict.fromkeys(int(n) for n in re.findall(r"\d+", found[0])))
        if len(numbers) > 1 and intent.number("incident") in numbers:
            return numbers
    return []


def _each(intent: Intent, numbers: list[int]) -> Intent:
    slots = {name: value for name, value in intent.slots.items() if name not in ("text", "topic")}
    return Intent("multi", {"actions": [[intent.name, {**slots, "incident": number}] for number in numbers]})


def _given(
    intent: Intent, words: str, people: tuple[str, ...], found: Sequence[re.Match[str]]
) -> Iterator[tuple[int, list[str]]]:
    """「#1给林工，#2给小刘」: each number with the people named after it and before the next."""
    names = [*intent.persons, *(p for p in people if p not in intent.persons)]
    for at, number in enumerate(found):
        until = found[at + 1].start() if at + 1 < len(found) else len(words)
        part = words[number.end() : until]
        yield int(number[1]), sorted((n for n in names if n in part), key=part.index)
