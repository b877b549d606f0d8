"""What happened when, and what was written down when: two orders of the same rows."""

from __future__ import annotations

from dataclasses import dataclass

from bot.export import words
from bot.store.record import Record, Row


@dataclass(frozen=True, slots=True)
class Event:
    """``happened`` and ``recorded`` are ISO 8601 in UTC; ``ref`` names the row (F3, D1, 记录17)."""

    happened: str
    recorded: str
    what: str
    who: str
    ref: str


def events(record: Record) -> list[Event]:
    """Everything worth a line, in the order in which it happened."""
    found = [_act(row, record) for row in record.log]
    found += _mentions(record)
    found += [
        Event(
            str(row["released_at"]),
            str(row["at"]),
            f"{words.word(words.CHANNELS, row['channel'])} 发布 D{row['draft']} v{row['version']} {row['url']}".strip(),
            row["operator"],
            f"D{row['draft']}",
        )
        for row in record.rows("publications")
        if row["released_at"]
    ]
    found += [
        Event(row["at"], row["at"], f"告知{words.word(words.AUDIENCES, row['audience'])}：{row['text']}", row["by"], "")
        for row in record.rows("audiences")
    ]
    return sorted(found, key=lambda e: (e.happened, e.recorded, _numbered(e.ref)))


def by_record(found: list[Event]) -> list[Event]:
    """The same in the order in which it was written down."""
    return sorted(found, key=lambda e: (e.recorded, e.happened, _numbered(e.ref)))


def _numbered(ref: str) -> tuple[str, int]:
    """F10 comes after F9."""
    word = ref.rstrip("0123456789")
    return word, int(ref[len(word) :] or 0)


def _act(row: Row, record: Record) -> Event:
    what = words.word(words.VERBS, row["verb"])
    ref, detail, happened = f"记录{row['seq']}", words.word(words.ALERTS, row["why"]), row["at"]
    for write in row["body"]["writes"]:
        values = write["values"]
        if write["table"] == "facts":
            ref = f"F{write['id']}"
            detail = values.get("text") or detail or _text_of(record, "facts", write["id"])
            happened = values.get("happened_at") or happened
        elif write["table"] == "tasks":
            ref, detail = f"T{write['id']}", values.get("text") or detail or _text_of(record, "tasks", write["id"])
        elif write["table"] == "decisions":
            ref, detail = f"J{write['id']}", values.get("text") or detail or _text_of(record, "decisions", write["id"])
        elif write["table"] == "drafts":
            ref = f"D{write['id']}"
        elif write["table"] == "incidents" and values.get("grade"):
            detail = f"{words.grade(values['grade'])}级{'：' + detail if detail else ''}"
    name = row["body"]["note"].get("name")
    if row["verb"].startswith("clock") and name:
        detail = f"{words.word(words.CLOCKS, name)}{'：' + detail if detail else ''}"
    return Event(str(happened), row["at"], f"{what}：{detail}" if detail else what, row["by"], ref)


def _text_of(record: Record, table: str, id: int) -> str:
    return next((str(row["text"]) for row in record.rows(table) if row["id"] == id), "")


def _mentions(record: Record) -> list[Event]:
    """The first mention on each platform: how it spread."""
    seen: set[str] = set()
    found = []
    for row in record.mentions:
        place = row["platform"] or row["source"]
        if place in seen:
            continue
        seen.add(place)
        words_of = str(row["title"] or row["text"])[:60]
        found.append(
            Event(str(row["published"] or row["at"]), row["seen"], f"{place}首帖：「{words_of}」", "望楼", f"提及{row['id']}")
        )
    return found
