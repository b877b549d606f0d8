"""The record of an incident as one document: brief, timeline in both orders, facts, decisions, tasks, statements, the rest."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from bot.export import words
from bot.export.blocks import Block, Document, Heading, Table, Text
from bot.export.timeline import Event, by_record, events
from bot.store.record import Record, Row

WIDTHS = (2.5, 2.5, 1.9, 6.8, 1.9)


def brief(record: Record, text: str, at: datetime) -> Document:
    """The leader's brief on a sheet of its own."""
    lines = [line for line in text.split("\n") if line.strip()]
    return Document(
        "领导简报", (Text(words.moment(at), "lead"), *(Text(line, "plain") for line in lines)), header="内部资料　注意保密"
    )


def dossier(record: Record, brief_text: str, company: str, at: datetime, by: str) -> Document:
    """The whole record."""
    it = record.incident
    found = events(record)
    grade = words.grade(it["grade"] or it["suggested"]) + ("" if it["grade"] else "（建议）")
    head = Table(
        (
            ("编号", f"#{it['id']}　第{it['round']}轮"),
            ("事件", it["title"]),
            ("级别", f"{grade}　最高 {words.grade(it['peak'])}"),
            ("状态", words.state(it["state"])),
            ("负责人", it["owner"] or "—"),
            ("立案", words.moment(it["opened_at"])),
            (
                "结案",
                words.moment(it["closed_at"])
                + (f"　{words.word(words.RESOLUTIONS, it['resolution'])}：{it['reason']}" if it["resolution"] else ""),
            ),
            ("导出", f"{words.moment(at)}　{by}"),
        ),
        (3.0, 12.6),
    )
    sections: list[tuple[str, list[Block]]] = [
        ("简报", [Text(line, "plain") for line in brief_text.split("\n") if line.strip()]),
        ("时间线（按发生先后）", _timeline(found)),
        ("事实", _facts(record)),
        ("决策", _decisions(record)),
        ("任务", _tasks(record)),
        ("声明与会签", _drafts(record)),
        ("告知与问询", _voices(record)),
        ("时限", _clocks(record)),
        ("存证", _evidence(record)),
        ("舆情", _mentions(record)),
        ("附：时间线（按记录先后）", _timeline(by_record(found))),
    ]
    blocks: list[Block] = [head]
    for number, (title, part) in enumerate(sections):
        mark = f"{'一二三四五六七八九十'[number]}、" if number < 10 else ""
        blocks += [Heading(f"{mark}{title}"), *(part or [Text("无。", "plain")])]
    return Document(f"事件档案\n#{it['id']} {it['title']}", tuple(blocks), header=f"{company}　内部资料　注意保密")


def _timeline(found: list[Event]) -> list[Block]:
    rows = tuple((words.short(e.happened), words.short(e.recorded), e.who, e.what, e.ref) for e in found)
    return [Table(rows, WIDTHS, ("发生", "记录", "谁", "事项", "编号"))] if rows else []


def _facts(record: Record) -> list[Block]:
    rows = tuple(
        (
            f"F{r['id']}",
            words.word(words.FACTS, r["state"]),
            r["text"],
            f"{r['source'] or r['by']}\n{r['judged_by'] and '核实：' + r['judged_by']}".strip(),
        )
        for r in record.rows("facts")
    )
    return [Table(rows, (1.4, 2.0, 8.6, 3.6), ("编号", "状态", "内容", "来源与核实"))] if rows else []


def _decisions(record: Record) -> list[Block]:
    rows = tuple(
        (
            f"J{r['id']}",
            words.short(r["at"]),
            f"{r['decider']}：{r['text']}" + (f"\n当时已核实：{'、'.join(f'F{n}' for n in r['known'])}" if r["known"] else ""),
            words.word(words.DECISIONS, r["state"]),
        )
        for r in record.rows("decisions")
    )
    return [Table(rows, (1.4, 2.6, 9.2, 2.4), ("编号", "时间", "决策", "状态"))] if rows else []


def _tasks(record: Record) -> list[Block]:
    rows = tuple(
        (
            f"T{r['id']}",
            r["text"],
            r["assignee"] or "—",
            words.short(r["due_at"]),
            words.word(words.TASKS, r["state"]) + (f"\n{words.short(r['done_at'])}" if r["done_at"] else ""),
        )
        for r in record.rows("tasks")
    )
    return [Table(rows, (1.4, 6.8, 2.4, 2.6, 2.4), ("编号", "任务", "谁", "时限", "状态"))] if rows else []


def _drafts(record: Record) -> list[Block]:
    rows = []
    for draft in record.rows("drafts"):
        valid = [r for r in record.of_draft("signatures", draft["id"]) if not r["void"] and r["version"] == draft["version"]]
        signed = "、".join(f"{words.role(r['role'])}{r['person']}" for r in valid) or "—"
        out = [r for r in record.of_draft("publications", draft["id"]) if r["state"] == "released"]
        where = "、".join(f"{words.word(words.CHANNELS, r['channel'])} {words.short(r['released_at'])}" for r in out) or "—"
        rows.append(
            (
                f"D{draft['id']} v{draft['version']}",
                words.form(draft),
                words.word(words.DRAFTS, draft["state"]),
                signed,
                where,
            )
        )
    return [Table(tuple(rows), (1.8, 2.8, 2.4, 4.6, 4.0), ("稿件", "类型", "状态", "有效签字", "已发布"))] if rows else []


def _voices(record: Record) -> list[Block]:
    rows = [
        (
            words.word(words.AUDIENCES, r["audience"]),
            f"{r['how']}　{r['note']}".strip(),
            words.word(words.HEARINGS, r["state"]),
            words.short(r["done_at"] or r["due_at"]),
        )
        for r in record.rows("hearings")
    ]
    rows += [
        (words.word(words.AUDIENCES, r["audience"]), r["text"], "已告知", words.short(r["at"]))
        for r in record.rows("audiences")
    ]
    rows += [
        (
            f"媒体 {r['outlet']}",
            f"问：{r['question']}" + (f"\n答：{r['answer']}（{r['answered_with']}）" if r["answer"] else ""),
            words.word(words.INQUIRIES, r["state"]),
            words.short(r["answered_at"] or r["due_at"]),
        )
        for r in record.rows("inquiries")
    ]
    rows += [
        (
            f"第三方 {r['name']}",
            f"请求：{r['request']}" + (f"\n原话：{r['words']}" if r["words"] else ""),
            r["state"],
            words.short(r["at"]),
        )
        for r in record.rows("authorities")
    ]
    return [Table(tuple(rows), (3.2, 7.4, 2.4, 2.6), ("对象", "内容", "状态", "时间"))] if rows else []


def _clocks(record: Record) -> list[Block]:
    rows = tuple(
        (
            words.word(words.CLOCKS, r["name"]),
            words.short(r["started_at"]),
            words.short(r["due_at"]),
            words.short(r["ended_at"]),
            words.word(words.CLOCK_STATES, r["state"]) + ("，曾超时" if r["missed"] else ""),
        )
        for r in record.rows("clocks")
    )
    return [Table(rows, (3.6, 2.8, 2.8, 2.8, 3.6), ("时限", "起", "到期", "结束", "结果"))] if rows else []


def _evidence(record: Record) -> list[Block]:
    rows = tuple(
        (
            f"Z-{r['id']}",
            "\n".join(filter(None, (words.cut(r["text"], 120), r["url"], _fate(r)))),
            f"{r['by']}\n{words.short(r['at'])}",
            str(r["sha256"]),
        )
        for r in record.rows("evidence")
    )
    return [Table(rows, (1.6, 6.6, 2.6, 4.8), ("编号", "内容", "谁、何时", "SHA-256"))] if rows else []


def _fate(row: Row) -> str:
    """What became of the original since; what was kept stays as it was."""
    fate = words.word(words.FATES, row["fate"]) if row.get("fate") else ""
    return f"{fate}（{words.short(row['fate_at'])} 复查），留存的原文如上" if fate else ""


def _mentions(record: Record) -> list[Block]:
    count = Counter(str(row["platform"] or row["source"]) for row in record.mentions)
    negative = Counter(str(row["platform"] or row["source"]) for row in record.mentions if row["sentiment"] == "negative")
    rows = tuple((name, str(n), str(negative[name])) for name, n in count.most_common())
    if not rows:
        return []
    total = Text(f"共{len(record.mentions)}条提及，逐条见 mentions.csv。", "above")
    return [total, Table(rows, (7.6, 4.0, 4.0), ("平台", "条数", "其中负面"))]
