"""Whether a page says what was approved."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

UNREADABLE = 0.3
"""A page that holds less than this share of the text does not show it to us at all (a login wall, a script)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``verdict``: same, differs or unreadable. ``missing`` are approved passages that the page does not have."""

    verdict: str
    missing: tuple[str, ...] = ()


def compare(approved: str, page: str) -> Comparison:
    """Compares the approved text with the page's whole text; line breaks, blanks and widths of characters do not count."""
    wanted, have = _dense(approved), _dense(page)
    if wanted and wanted in have:
        return Comparison("same")
    start = _nearest(wanted, have)
    window = have[max(0, start - 40) : start + len(wanted) + 400]
    blocks = [b for b in SequenceMatcher(None, wanted, window, autojunk=False).get_matching_blocks() if b.size >= 2]
    held = sum(block.size for block in blocks)
    if held < UNREADABLE * len(wanted):
        return Comparison("unreadable")
    gaps, at = [], 0
    for block in [*blocks, None]:
        end = block.a if block else len(wanted)
        if end > at:
            gaps.append(wanted[max(0, at - 4) : end + 4])
        at = block.a + block.size if block else at
    return Comparison("differs", tuple(gaps[:6]))


def _nearest(wanted: str, have: str) -> int:
    """Where in the page the text seems to begin."""
    for n in range(0, max(1, len(wanted) - 8), 8):
        if (found := have.find(wanted[n : n + 8])) >= 0:
            return max(0, found - n)
    return 0


def _dense(text: str) -> str:
    return re.sub(r"[\s\u200b-\u200f\ufeff]+", "", unicodedata.normalize("NFKC", text))
