"""Tables that a spreadsheet opens: UTF-8 with a mark, every cell a string, none a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from bot.export import words
from bot.export.plain import cell
from bot.export.timeline import Event
from bot.store.record import Record


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode("utf-8", "replace")


def mentions(record: Record) -> bytes:
    """Every mention, oldest first."""
    head = (
        "编号",
        "发布（北京）",
        "抓取（北京）",
        "平台",
        "信源",
        "信源级别",
        "作者",
        "粉丝",
        "标题",
        "正文",
        "链接",
        "转发",
        "评论",
        "点赞",
        "阅读",
        "情感",
        "负面概率",
        "重复于",
    )
    rows = (
        (
            *(
                r["id"],
                words.exact(r["published"]),
                words.exact(r["seen"]),
                r["platform"],
                r["source"],
                r["tier"],
                r["author"],
                r["followers"],
            ),
            *(
                r["title"],
                r["text"],
                r["url"],
                r["reposts"],
                r["comments"],
                r["likes"],
                r["reads"],
                r["sentiment"],
                f"{r['negative']:.2f}",
            ),
            r["duplicate_of"],
        )
        for r in record.mentions
    )
    return table(head, rows)


def timeline(found: Sequence[Event]) -> bytes:
    """A timeline, in the order given."""
    rows = ((words.exact(e.happened), words.exact(e.recorded), e.who, e.what, e.ref) for e in found)
    return table(("发生（北京）", "记录（北京）", "谁", "事项", "编号"), rows)
