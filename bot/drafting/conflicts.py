"""Two mouths: where a text says other than what we have released, or than the talking points (domain handbook 6.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.drafting.claims import clash
from bot.drafting.figure import Figure
from bot.drafting.figures import figures
from bot.drafting.finding import Finding

_MOVED = re.compile(r"更新|更正|变为|由[^。，]{1,20}(?:增|升|降|减|改)|此前|新增|截至|截止目前|增至|升至|降至|累计")
_NOT = re.compile(r"不是|并非|并未|没有|尚未|不|未|无|非")
_CLAUSES = re.compile(r"[^。！？；，,\n]+")
ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Other:
    """Another text that stands: ``name`` is D3 or 口径2; ``never`` what may not be said."""

    name: str
    text: str
    never: tuple[str, ...] = ()


def conflicts(text: str, others: Sequence[Other], today: date) -> list[Finding]:
    """One finding for each other text that this one contradicts: by a figure, a denial, a claim of the same kind, or by
    words not to be said."""
    found = []
    for other in others:
        why = (
            _forbidden(text, other)
            or _figures(text, other.text, today)
            or _denial(text, other.text)
            or clash(text, other.text, today, in_force=other.name.startswith("口径"))
        )
        if why:
            found.append(Finding(f"conflict:{other.name}", f"与 {other.name} 说法不一：{why}"))
    return found


def _forbidden(text: str, other: Other) -> str:
    hit = next((words for words in other.never if len(words) > 1 and words in text), "")
    return f"口径不让说「{hit}」" if hit else ""


def _figures(text: str, other: str, today: date) -> str:
    """The same thing counted, with another number."""
    theirs = [(f, c) for f, c in _counted(other, today)]
    for mine, clause in _counted(text, today):
        if _MOVED.search(clause):
            continue
        same_thing = [f for f, c in theirs if f.unit == mine.unit and _about(clause, mine) & _about(c, f)]
        if same_thing and all(f.value != mine.value for f in same_thing):
            return f"这里「{mine.words}」，那里「{same_thing[0].words}」"
    return ""


def _counted(text: str, today: date) -> list[tuple[Figure, str]]:
    found = []
    for figure in figures(text, today):
        if figure.kind == "number" and figure.unit and figure.unit not in ("天", "时", "分", "号"):
            clause = next((c[0] for c in _CLAUSES.finditer(text) if c.start() <= figure.start < c.end()), "")
            found.append((figure, clause))
    return found


def _about(clause: str, figure: Figure) -> set[str]:
    """What is counted: the pairs of characters of the clause without the figure and without filler."""
    rest = clause.replace(figure.words, "　")
    rest = re.sub(r"目前|已经|已|我们|共|约|其中|有|的|了|为|在|是|接到|收到|经|核实|确认|情况", "　", rest)
    return {rest[n : n + 2] for n in range(len(rest) - 1) if re.fullmatch(r"[一-龥]{2}", rest[n : n + 2])}


def _denial(text: str, other: str) -> str:
    """A clause that is the other's with 不 or 没有 put in or taken out."""
    theirs = [(c[0], *_bare(c[0])) for c in _CLAUSES.finditer(other)]
    for m in _CLAUSES.finditer(text):
        bare, denied = _bare(m[0])
        if len(bare) < 5:
            continue
        for words, other_bare, other_denied in theirs:
            if denied != other_denied and len(other_bare) >= 5 and _alike(bare, other_bare):
                return f"这里「{m[0].strip()[:16]}」，那里「{words.strip()[:16]}」"
    return ""


def _bare(clause: str) -> tuple[str, bool]:
    clause = re.sub(r"\s|[：:「」“”（）()]", "", clause)
    return _NOT.sub("", clause), len(_NOT.findall(clause)) % 2 == 1


def _alike(a: str, b: str) -> bool:
    one = {a[n : n + 2] for n in range(len(a) - 1)}
    two = {b[n : n + 2] for n in range(len(b) - 1)}
    return bool(one and two) and len(one & two) >= ALIKE * max(len(one), len(two))
