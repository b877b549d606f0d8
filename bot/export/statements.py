"""A statement as it goes out, and its sign-off sheet: who said yes to exactly which text."""

from __future__ import annotations

from bot.export import words
from bot.export.blocks import Block, Document, Heading, Table, Text
from bot.store.record import Record, Row

OUT = ("approved", "handed", "released", "superseded", "retracted")


def newest(record: Record, draft: Row) -> Row:
    """The row of a draft's newest version."""
    return next(row for row in record.of_draft("versions", draft["id"]) if row["version"] == draft["version"])


def statement(record: Record, draft: Row, company: str) -> Document:
    """The text alone: title, paragraphs, signature and date on the right. What is not released says so on every page."""
    text = str(newest(record, draft)["text"]).strip()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    title = words.form(draft)
    asked = draft["type"] == "media_qa"
    if not asked and len(lines) > 1 and len(lines[0]) <= 40 and not lines[0].endswith(("。", "：", "，", "；")):
        title = lines.pop(0)
    signed: list[Block] = []
    if lines and company and lines[-1].startswith(company) and len(lines[-1]) < len(company) + 16:
        last = lines.pop()
        date = last.removeprefix(company).strip()
        signed = [Text(company, "right", 28.0), *([Text(date, "right")] if date else [])]
    body = [
        Text(line, "plain" if asked or (line.endswith("：") and n == 0 and len(line) < 20) else "body", _air(asked, n, line))
        for n, line in enumerate(lines)
    ]
    warning = "" if draft["state"] in ("released", "superseded") else "未发布，不得外传"
    if draft["state"] == "retracted":
        warning = "本稿已撤回"
    return Document(title, (*body, *signed), warning=warning, large=True)


def _air(asked: bool, n: int, line: str) -> float:
    """Points above a line: each question of a Q&A begins a group of its own."""
    return 12.0 if asked and n and line.startswith(("问", "Q", "q")) else 0.0


def sheet(record: Record, draft: Row) -> Document:
    """The sign-off sheet."""
    version = newest(record, draft)
    name = f"D{draft['id']} v{draft['version']}"
    facts: Table = Table(
        (
            ("稿件", f"{name}　{words.form(draft)}"),
            ("状态", words.word(words.DRAFTS, draft["state"]) + ("（应急通道）" if draft.get("emergency") else "")),
            ("短码", str(version["sha256"])[:4].upper()),
            ("SHA-256", str(version["sha256"])),
            ("撰稿", f"{version['by']}　{words.moment(version['at'])}"),
            ("送签", words.moment(draft.get("submitted_at"))),
            ("依据事实", "、".join(f"F{n}" for n in version["facts"]) or "—"),
            *((("起草方式", f"由语言模型改写（{version['model']}），须两人签"),) if version.get("model") else ()),
        ),
        (3.2, 12.4),
    )
    return Document(f"声明会签单\n{name}", (facts, *_signatures(record, draft), *_rest(record, draft)), header="内部资料")


def _signatures(record: Record, draft: Row) -> list[Block]:
    given = record.of_draft("signatures", draft["id"])
    blocks: list[Block] = [Heading("签字", 2)]
    if not given:
        return [*blocks, Text("尚无签字。", "plain")]
    rows = tuple(
        (
            words.role(row["role"]),
            row["person"] + (f"\n（{row['recorder']}代录）" if row["recorder"] else ""),
            words.short(row["at"]),
            f"v{row['version']}·{str(row['sha256'])[:4].upper()}",
            words.grade(row["grade"]),
            f"失效：{row['void']}" if row["void"] else "有效",
        )
        for row in given
    )
    return [*blocks, Table(rows, (1.9, 3.1, 2.6, 2.2, 1.2, 4.6), ("角色", "签字人", "时间", "签的版本", "级别", "效力"))]


def _rest(record: Record, draft: Row) -> list[Block]:
    blocks: list[Block] = []
    if lent := record.of_draft("lent", draft["id"]):
        blocks.append(Heading("转授", 2))
        rows = tuple((words.role(r["role"]), r["lender"], r["person"], words.short(r["at"])) for r in lent)
        blocks.append(Table(rows, (3.0, 4.4, 4.4, 3.8), ("角色", "由", "转给", "时间")))
    if waived := record.of_draft("waivers", draft["id"]):
        blocks.append(Heading("放行的提示", 2))
        rows = tuple((f"v{r['version']}", r["code"], r["by"], r["reason"]) for r in waived)
        blocks.append(Table(rows, (1.6, 4.0, 2.6, 7.4), ("版本", "提示", "谁放行", "理由")))
    versions = record.of_draft("versions", draft["id"])
    blocks.append(Heading("各版本", 2))
    written = tuple(
        (
            f"v{r['version']}",
            str(r["sha256"])[:4].upper(),
            r["by"],
            words.short(r["at"]),
            _standing(r, draft) + ("\n由语言模型改写" if r.get("model") else ""),
        )
        for r in versions
    )
    blocks.append(Table(written, (1.6, 2.0, 3.0, 3.0, 6.0), ("版本", "短码", "撰稿", "时间", "状态")))
    blocks.append(Heading("发布", 2))
    out = record.of_draft("publications", draft["id"])
    if not out:
        return [*blocks, Text("尚未发布。", "plain")]
    released = tuple(
        (
            words.word(words.CHANNELS, r["channel"]),
            r["operator"],
            f"v{r['version']}·{str(r['sha256'])[:4].upper()}",
            words.short(r["released_at"]),
            words.word(words.PUBLICATIONS, r["state"]) + (f"\n{r['url']}" if r["url"] else ""),
        )
        for r in out
    )
    return [*blocks, Table(released, (2.4, 2.4, 2.6, 2.6, 5.6), ("渠道", "经办", "版本", "发布时间", "结果与链接"))]


def _standing(version: Row, draft: Row) -> str:
    """Whether a version still counts: the newest one, an older one, or one that was rejected."""
    if version["state"] == "live" and version["version"] != draft["version"]:
        return "旧版，已被替换"
    return words.word(words.VERSIONS, version["state"]) + (f"：{version['why']}" if version["why"] else "")
