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
    ref, detail, happened = f"记录{row['seq']}", _why(row), row["at"]
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
        elif write["table"] in _OBJECTS:
            ref, said = _OBJECTS[write["table"]](
                _row_of(record, write["table"], write["id"]) | {"id": write["id"]}, values, ref
            )
            detail = "：".join(filter(None, (said, detail)))
        elif write["table"] == "incidents" and values.get("grade"):
            detail = f"{words.grade(values['grade'])}级{'：' + detail if detail else ''}"
    name = row["body"]["note"].get("name")
    if row["verb"].startswith("clock") and name:
        detail = f"{words.word(words.CLOCKS, name)}{'：' + detail if detail else ''}"
    return Event(str(happened), row["at"], f"{what}：{detail}" if detail else what, row["by"], ref)


def _why(row: Row) -> str:
    """The reason given; one that is a code is said in words, or not at all."""
    if row["verb"] == "briefed":
        return f"{row['body']['note'].get('person', '')}{'，' + words.BRIEFS[row['why']] if row['why'] in words.BRIEFS else ''}"
    return "" if row["verb"] in ("page_read", "plan_started") else words.word(words.ALERTS, row["why"])


def _signature(row: Row, values: Row, ref: str) -> tuple[str, str]:
    if "void" in values or not row.get("draft"):
        return (f"D{row['draft']}" if row.get("draft") else ref), ""
    by_phone = f"（{row['recorder']}代录）" if row.get("recorder") else ""
    return f"D{row['draft']}", f"v{row['version']}·{str(row['sha256'])[:4].upper()} {words.role(row['role'])}{by_phone}"


def _shown(row: Row, values: Row, ref: str) -> tuple[str, str]:
    return (f"D{values['draft']}", f"v{values['version']} 给{values['person']}") if "draft" in values else (ref, "")


def _version(row: Row, values: Row, ref: str) -> tuple[str, str]:
    return (f"D{row['draft']}", f"v{row['version']}") if row.get("draft") else (ref, "")


def _publication(row: Row, values: Row, ref: str) -> tuple[str, str]:
    found = f" {words.word(words.PAGES, values['compared'])}" if values.get("compared") else ""
    url = f" {values['url']}" if values.get("url") else ""
    return (f"D{row['draft']}" if row.get("draft") else ref), f"{words.word(words.CHANNELS, row.get('channel'))}{found}{url}"


def _hearing(row: Row, values: Row, ref: str) -> tuple[str, str]:
    return ref, words.word(words.AUDIENCES, row.get("audience"))


def _point(row: Row, values: Row, ref: str) -> tuple[str, str]:
    return f"口径{row['id']}", str(row.get("question") or "")[:40]


_OBJECTS = {
    "signatures": _signature,
    "shown": _shown,
    "versions": _version,
    "publications": _publication,
    "hearings": _hearing,
    "points": _point,
}
"""Table → what of its row a line of the timeline names."""


def _row_of(record: Record, table: str, id: int) -> Row:
    return next((row for row in record.rows(table) if row["id"] == id), {})


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
        words_of = words.cut(str(row["title"] or row["text"]), 60)
        found.append(
            Event(str(row["published"] or row["at"]), row["seen"], f"{place}首帖：「{words_of}」", "望楼", f"提及{row['id']}")
        )
    return found
