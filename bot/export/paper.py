"""A document as .docx, set as a Chinese company sends it out: A4, Song for the text and Hei for headings, two characters
indented, page numbers, tables as wide as the line with their head on every page. Margins after GB/T 9704. A number is not broken at
the end of a line, nor parted from its unit."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import Any

import docx as word
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from bot.export.blocks import Block, Document, Heading, Table, Text
from bot.export.manifest import lay

TITLE_LINE = 21.5
"""Chinese characters of a title that a line holds."""
SONG, FANG, HEI, LATIN = "宋体", "仿宋", "黑体", "Times New Roman"
BODY, LARGE, SMALL, TITLE, BELOW = 12.0, 16.0, 10.5, 20.0, 15.0
_UNITS = "年月日时分秒号箱例名盒件批岁台辆户元万亿×"
NOT_FIRST = "!%),.:;>?]}¢¨°·ˇˉ―‖’”…‰′″›℃∶、。〃〉》」』】〕〗！＂％＇），．：；？］｀｜｝～" + _UNITS
NOT_LAST = "$([{£¥·‘“〈《「『【〔〖（．［｛￡￥第#＃"
"""What begins no line and ends none: the usual punctuation, and the units that belong to the number before them."""
_SEAM = re.compile(rf"(?<=\d)(?=[\-–—~{_UNITS}])|(?<=[\-–—~年月第])(?=\d)")
_COPIED = re.compile(r"https?://[!-~]+|[!-~]*[A-Za-z][!-~]*|(?:回执|编号|文号)[^，。；]{1,32}")
JOINER = "\u2060"
"""Stands where a number may not be parted; never in the text of a statement, which is set as it was signed, to the character."""
GREY, RED, BLACK = RGBColor(0x66, 0x66, 0x66), RGBColor(0xC0, 0x1C, 0x1C), RGBColor(0, 0, 0)


def docx_of(document: Document, at: datetime) -> bytes:
    """The file; the same document and moment give the same bytes."""
    paper = word.Document()
    _set_up(paper, document, at)
    title, _, below = document.title.partition("\n")
    head = headline(title) if document.large else title
    _paragraph(paper, head, HEI, TITLE, align="center", after=6.0 if below else 16.0, keep=True)
    if below:
        _paragraph(paper, below, HEI, BELOW, align="center", after=16.0, keep=True)
    for block in document.blocks:
        _draw(paper, block, document.large)
    out = io.BytesIO()
    paper.save(out)
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as archive:
        return lay([(name, archive.read(name)) for name in archive.namelist()], at, zipfile.ZIP_DEFLATED)


def headline(title: str) -> str:
    """A statement's title; one that is longer than a line is broken before 关于, after the company's name, not inside a word."""
    wide = sum(1.0 if ord(char) > 0x2E7F else 0.5 for char in title)
    return re.sub(r"(?<=[一-龥])(?=关于)", "\n", title, count=1) if wide > TITLE_LINE else title


def joined(text: str) -> str:
    """The text with joiners inside its numbers; addresses, codes and receipts stay as they are, for people copy them."""
    parts, at = [], 0
    for m in _COPIED.finditer(text):
        parts += [_SEAM.sub(JOINER, text[at : m.start()]), m[0]]
        at = m.end()
    return "".join([*parts, _SEAM.sub(JOINER, text[at:])])


def _set_up(paper: Any, document: Document, at: datetime) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.0), Cm(2.8)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    section.header_distance, section.footer_distance = Cm(1.6), Cm(1.6)
    normal = paper.styles["Normal"]
    _font(normal.element.get_or_add_rPr(), SONG)
    normal.font.size = Pt(BODY)
    for level, size in ((1, 15.0), (2, 13.0)):
        style = paper.styles[f"Heading {level}"]
        _font(style.element.get_or_add_rPr(), HEI)
        style.font.size, style.font.bold, style.font.color.rgb = Pt(size), False, BLACK
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(14), Pt(6)
        style.paragraph_format.keep_with_next = True
    _language(paper)
    core = paper.core_properties
    core.title, core.author, core.last_modified_by, core.comments = document.title.replace("\n", " "), "望楼", "望楼", ""
    core.created = core.modified = at.replace(tzinfo=None, microsecond=0)
    core.revision = 1
    _margins(section, document)


def _margins(section: Any, document: Document) -> None:
    """What stands on every page: whose paper it is, a warning, the page number."""
    top = section.header.paragraphs[0]
    top.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if document.warning:
        _run(top, document.warning, HEI, SMALL, RED)
    if document.header:
        _run(top, ("　" if document.warning else "") + document.header, SONG, 9.0, GREY)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot, "第 ", SONG, 9.0, GREY)
    _number(foot, "PAGE")
    _run(foot, " 页　共 ", SONG, 9.0, GREY)
    _number(foot, "NUMPAGES")
    _run(foot, " 页", SONG, 9.0, GREY)


def _draw(paper: Any, block: Block, large: bool) -> None:
    if isinstance(block, Heading):
        paragraph = paper.add_heading(level=block.level)
        _run(paragraph, block.text, HEI, 15.0 if block.level == 1 else 13.0, BLACK)
        return
    if isinstance(block, Table):
        _table(paper, block)
        return
    _text(paper, block, large)


def _text(paper: Any, block: Text, large: bool) -> None:
    size = LARGE if large else BODY
    face = FANG if large else SONG
    words = block.text if large else joined(block.text)
    if block.form == "note":
        _paragraph(paper, words, SONG, SMALL, colour=GREY, after=4.0)
    elif block.form == "lead":
        _paragraph(paper, words, SONG, BODY, align="center", after=10.0, colour=GREY)
    elif block.form == "right":
        _paragraph(paper, words, face, size, align="right", lines=28.0 if large else 0.0, before=block.before, inset=size)
    else:
        indent = size * 2 if block.form == "body" else 0.0
        _paragraph(
            paper,
            words,
            face,
            size,
            indent=indent,
            lines=28.0 if large else 0.0,
            before=block.before,
            keep=block.form == "above",
        )


def _paragraph(
    paper: Any,
    text: str,
    face: str,
    size: float,
    *,
    align: str = "",
    indent: float = 0.0,
    lines: float = 0.0,
    before: float = 0.0,
    after: float = 0.0,
    inset: float = 0.0,
    colour: RGBColor = BLACK,
    keep: bool = False,
) -> None:
    paragraph = paper.add_paragraph()
    form = paragraph.paragraph_format
    form.space_before, form.space_after, form.right_indent = Pt(before), Pt(after), Pt(inset) if inset else None
    form.line_spacing = Pt(lines) if lines else 1.5
    form.keep_with_next = keep or None
    if lines:
        form.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    if align:
        paragraph.alignment = {"center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}[align]
    elif indent:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    if indent:
        form.first_line_indent = Pt(indent)
        paragraph._p.get_or_add_pPr().find(qn("w:ind")).set(qn("w:firstLineChars"), "200")
    _run(paragraph, text, face, size, colour)


def _run(paragraph: Any, text: str, face: str, size: float, colour: RGBColor) -> None:
    run = paragraph.add_run(text)
    _font(run._r.get_or_add_rPr(), face)
    run.font.size, run.font.color.rgb = Pt(size), colour


def _font(properties: Any, face: str) -> None:
    """Chinese in ``face``, Latin letters and digits in Times; quotation marks count as Chinese."""
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for script, wanted in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", face)):
        fonts.set(qn(f"w:{script}"), wanted)
    fonts.set(qn("w:hint"), "eastAsia")


def _language(paper: Any) -> None:
    """Chinese line breaking and punctuation. Latin letters and digits are no Chinese: else LibreOffice breaks a number anywhere."""
    defaults = paper.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    language = defaults.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        defaults.append(language)
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    spacing = paper.settings.element.find(qn("w:characterSpacingControl"))
    if spacing is not None:
        spacing.set(qn("w:val"), "compressPunctuation")
        for name, chars in (("noLineBreaksBefore", NOT_FIRST), ("noLineBreaksAfter", NOT_LAST)):
            rule = OxmlElement(f"w:{name}")
            rule.set(qn("w:lang"), "zh-CN")
            rule.set(qn("w:val"), chars)
            spacing.addnext(rule)


def _number(paragraph: Any, code: str) -> None:
    for kind in ("begin", "instr", "end"):
        run = paragraph.add_run()
        _font(run._r.get_or_add_rPr(), SONG)
        run.font.size, run.font.color.rgb = Pt(9.0), GREY
        if kind == "instr":
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = code
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)


def _table(paper: Any, block: Table) -> None:
    rows = (block.head, *block.rows) if block.head else block.rows
    table = paper.add_table(rows=0, cols=len(block.widths), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, block.widths, strict=True):
        column.width = Cm(width)
    for n, row in enumerate(rows):
        drawn = table.add_row()
        _never_split(drawn, head=bool(block.head) and n == 0)
        for m, (cell, text) in enumerate(zip(drawn.cells, row, strict=True)):
            cell.width = Cm(block.widths[m])
            titled = (n == 0) if block.head else (m == 0)
            _cell(cell, text, titled)
            cell.paragraphs[0].paragraph_format.keep_with_next = (n < 2 and len(rows) > 2) or None
    _paragraph(paper, "", SONG, 6.0, lines=8.0)


def _cell(cell: Any, text: str, titled: bool) -> None:
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    for k, line in enumerate(text.split("\n") or [""]):
        paragraph = cell.paragraphs[0] if k == 0 else cell.add_paragraph()
        form = paragraph.paragraph_format
        form.space_before = form.space_after = Pt(1.5)
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(16)
        _run(paragraph, joined(line), HEI if titled else SONG, SMALL, BLACK)
    if titled:
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", "F0F0F0")):
            shade.set(qn(f"w:{name}"), value)
        cell._tc.get_or_add_tcPr().append(shade)


def _never_split(row: Any, *, head: bool) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))
