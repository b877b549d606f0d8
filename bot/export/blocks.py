"""A document before it has a form: headings, paragraphs, tables. Drawn as .docx by ``paper``, as Markdown by ``markdown``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. ``form``: body (two characters indented), plain, above (plain, on the page of what follows), lead (centred, large),
    right, note (small, grey). ``before``: points of air above it."""

    text: str
    form: str = "body"
    before: float = 0.0


@dataclass(frozen=True, slots=True)
class Table:
    """``widths`` are centimetres and fill the line (15.6); without a head the first column is one."""

    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    head: tuple[str, ...] = ()


Block = Heading | Text | Table


@dataclass(frozen=True, slots=True)
class Document:
    """``header`` stands on top of each page, ``warning`` there in red; ``large`` is the type of a text that goes out."""

    title: str
    blocks: tuple[Block, ...]
    header: str = ""
    warning: str = ""
    large: bool = False
