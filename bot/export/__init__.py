"""The record of an incident as one archive that a person can read and anybody can check. Values in, bytes out.

Preserved pages and time stamps join here: a page is one more ``Entry`` in ``entries``; a stamp signs the newest hash of the manifest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from bot.export import dossier, index, sheets, statements, words
from bot.export.blocks import Document, Text
from bot.export.manifest import Entry, pack
from bot.export.markdown import markdown
from bot.export.plain import cleaned, cleaner
from bot.export.proof import Verdict, verify
from bot.export.timeline import by_record, events
from bot.model.card import File, Paper
from bot.model.times import BEIJING, iso
from bot.store.record import Record

__all__ = ["Verdict", "archive", "name_of", "on_paper", "verify"]


def archive(record: Record, brief: str, *, company: str, at: datetime, by: str, secrets: Sequence[str] = ()) -> bytes:
    """The archive of a record, ``at`` a moment, asked for ``by`` somebody. Personal numbers are masked, ``secrets`` replaced; the
    same arguments give the same bytes. Slow (a second or more): call it in a thread."""
    clean = cleaner(secrets)
    fit = cleaned(record, clean)
    made = entries(fit, clean(brief), company=company, at=at, by=by)
    listed = [
        Entry("index.html", "目录", index.html(fit, made, at, by)),
        Entry("README.txt", "目录（纯文本）", index.readme(fit, made, at, by)),
    ]
    return pack([*listed, *made], incident=int(record.incident["id"]), at=at)


def entries(record: Record, brief: str, *, company: str, at: datetime, by: str) -> list[Entry]:
    """The files of the archive but for its indexes and manifest, in the order of the index."""
    found = events(record)
    whole = dossier.dossier(record, brief, company, at, by)
    made = [
        *_both("record", "事件档案", whole, at),
        Entry("record.json", "事件档案（供程序读）", _json(record, brief, at, by)),
        *_both("brief", "领导简报", dossier.brief(record, brief, at), at),
        Entry("timeline.csv", "时间线，按发生先后", sheets.timeline(found)),
        Entry("timeline-recorded.csv", "时间线，按记录先后", sheets.timeline(by_record(found))),
    ]
    for draft in record.rows("drafts"):
        name = f"D{draft['id']}-v{draft['version']}"
        made += _both(f"statements/{name}", f"声明 {name}", statements.statement(record, draft, company), at)
        made += _both(f"signoff/{name}", f"会签单 {name}", statements.sheet(record, draft), at)
    made.append(Entry("mentions.csv", f"提及{len(record.mentions)}条", sheets.mentions(record)))
    made.append(Entry("log.jsonl", "记录链中本事件的各行", b"".join(_line(row) for row in record.log)))
    return made


def name_of(incident: int, at: datetime) -> str:
    """The archive's file name, ours in every part."""
    return f"wanglou-{incident}-{at.astimezone(BEIJING):%Y%m%d-%H%M%S}.zip"


def on_paper(sheet: Paper, at: datetime, secrets: Sequence[str] = ()) -> File:
    """A sheet of text as a .docx that may leave the house. Slow (python-docx is loaded by the first): call it in a thread."""
    from bot.export.paper import docx_of

    clean = cleaner(secrets)
    lines = [Text(words.moment(iso(at)), "lead"), *(Text(clean(line), "plain") for line in sheet.lines if line.strip())]
    data = docx_of(Document(clean(sheet.title), tuple(lines), header="内部资料　注意保密"), at)
    return File(f"{sheet.name}.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", data)


def _both(name: str, title: str, document: Document, at: datetime) -> list[Entry]:
    from bot.export.paper import docx_of  # python-docx is loaded by the first export

    return [
        Entry(f"{name}.docx", title, docx_of(document, at)),
        Entry(f"{name}.md", f"{title}（Markdown）", markdown(document).encode()),
    ]


def _json(record: Record, brief: str, at: datetime, by: str) -> bytes:
    whole = {"exported_at": iso(at), "exported_by": by, "brief": brief, **asdict(record)}
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str).encode() + b"\n"


def _line(row: dict[str, object]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=str).encode() + b"\n"
