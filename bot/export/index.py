"""The page a person opens first, and the same as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from bot.export import words
from bot.export.manifest import MANIFEST, Entry
from bot.store.record import Record

PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title><style>
body {{ font: 16px/1.7 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #222;
  max-width: 46em; margin: 2em auto; padding: 0 1em }}
h1 {{ font-size: 1.4em }} table {{ border-collapse: collapse; width: 100% }} td {{ border-top: 1px solid #ddd; padding: .4em .6em }}
.note {{ color: #666; font-size: .9em }} code {{ font-size: .9em }}
</style></head><body><h1>{title}</h1><p>{lead}</p><table>
{rows}
</table>{notes}</body></html>
"""


def notes(record: Record) -> list[str]:
    """What a reader must know before relying on the archive."""
    return [
        "时间均为北京时间；记录里的原始时间为 UTC。",
        "手机号、身份证号、银行卡号已遮盖，密钥已隐去。被遮盖的正文与其 SHA-256 对不上属正常，原文以系统内记录为准。",
        f"每个文件的 SHA-256 列在 {MANIFEST}，逐行相扣。离线核对：wanglou evidence verify 本文件。改一个字节、删一行、换个顺序都会被指出。",
        f"记录链导出时到第{record.head[0]}行，校验值 {record.head[1] or '—'}，可与系统内 wanglou audit verify 对照。",
        "网页原样保全和可信时间戳不在本档案内。",
    ]


def lead(record: Record, at: datetime, by: str) -> str:
    """One line: state, owner, when and by whom it was exported."""
    it = record.incident
    grade = words.grade(it["grade"] or it["suggested"]) + ("" if it["grade"] else "（建议）")
    return f"级别{grade}，{words.state(it['state'])}，负责人{it['owner'] or '无'}。{words.moment(at)}由{by}导出。"


def html(record: Record, entries: Sequence[Entry], at: datetime, by: str) -> bytes:
    """The index as a page: no script, nothing fetched."""
    title = f"事件档案 #{record.incident['id']} {record.incident['title']}"
    rows = "\n".join(
        f'<tr><td><a href="{escape(e.name)}">{escape(e.name)}</a></td><td>{escape(e.title)}</td></tr>' for e in entries
    )
    said = "".join(f'<p class="note">{escape(line)}</p>' for line in notes(record))
    return PAGE.format(title=escape(title), lead=escape(lead(record, at, by)), rows=rows, notes=said).encode()


def readme(record: Record, entries: Sequence[Entry], at: datetime, by: str) -> bytes:
    """The index as text, with the line ends of Windows."""
    rows = [f"事件档案 #{record.incident['id']} {record.incident['title']}", lead(record, at, by), ""]
    rows += [f"{entry.name}　{entry.title}" for entry in entries]
    rows += ["", *notes(record)]
    return ("\ufeff" + "\r\n".join(rows) + "\r\n").encode()
