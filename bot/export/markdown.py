"""A document as Markdown; words from outside stay words."""

from __future__ import annotations

import re

from bot.export.blocks import Block, Document, Heading, Table

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!])")


def markdown(document: Document) -> str:
    """The text, ending with a line break."""
    parts = [f"# {_plain(document.title)}"]
    if document.warning:
        parts.append(f"**{_plain(document.warning)}**")
    parts += [_drawn(block) for block in document.blocks]
    return "\n\n".join(parts) + "\n"


def _drawn(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * (block.level + 1)} {_plain(block.text)}"
    if isinstance(block, Table):
        return _table(block)
    return "  \n".join(_plain(line) for line in block.text.split("\n"))


def _table(table: Table) -> str:
    head = table.head or ("项", "内容")[: len(table.widths)]
    rows = [head, tuple("---" for _ in head), *table.rows]
    return "\n".join(
        "| " + " | ".join("---" if cell == "---" and n == 1 else _plain(cell) for cell in row) + " |"
        for n, row in enumerate(rows)
    )


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split("\n")))
