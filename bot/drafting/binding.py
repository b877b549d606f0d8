"""Every number, date, place, batch and name of a text is bound to a confirmed fact, or reported (domain handbook 6.1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from bot.drafting.figure import Figure
from bot.drafting.figures import figures, narrow
from bot.drafting.names import named_in, places_in, same_name
from bot.drafting.templates import BLANK_MARK

_CLAUSE = re.compile(r"[。！？；\n]")
_PROMISE = re.compile(
    r"下一?次(?:通报|发布|公布|说明|更新|消息|答复)|预计|将(?:在|于)|前(?:完成|公布|办结|答复|提交|解决|发放|到账)|(?:[日时点底周]|:\d\d)前(?![^。；，]{0,20}(?:[了过的]|生产|购买|售出|出现|发生))"
    r"|(?:小时|天|日|工作日)内|截止|截至(?!目前)|起(?:受理|开放|恢复|可|每|实行|执行|全面)|(?:于|在|通过)[^，。；]{2,24}(?:公布|通报|完成|发放|办结|公开|出具|更新)(?!了|的|过|称)|(?:公布|通报|更新|发布)(?:最新|相关)?[^，。；的了]{0,6}(?:进展|结果|进度|安排)|每[天日]\s*\d|(?:发(?:邮件|短信|通知)|告诉|告知)(?:给|大家|您|各位)|再(?:次|向)?[^。，]{0,6}(?:通报|公布|说明)|时间[：:]|每\s*\d|办理|承诺"
)
_PAST = re.compile(r"(?<!截至)(?:已(?!知)|曾|完成了|此前)")
_NOT_YET = re.compile(r"预计|将|下一?次|承诺|截至|起(?:受理|开放|恢复|可)")
_HEDGE = re.compile(
    r"核实中|正在?核实|仍在核实|待核实|尚未(?:确认|核实|证实)|未经(?:证实|核实)|尚不(?:能|清楚|确定)|还在(?:查|核)|有待|网传|传言|传闻"
    r"|有[^，。]{1,6}(?:称|说|传)|(?:发文|发帖|视频|文章|报道|爆料|评论)[^，。]{0,4}称|不属实|不实|不存在|担心|误以为|谣言|并非|不是|没有依据|是否|据称|未发现|与事实不符|虚假"
)
_DENIAL = re.compile(r"(?:未|没有|并无|从无|不涉及|不含|不会)(?:曾|被|有|出现|发生|任何|过)*")
_ITEM = re.compile(
    r"第\s*[\d一二三四五六七八九十]+\s*[号次步条点批页组]|(?:^|\n)\s*(?:[\d]{1,2}[.、)）]|[一二三四五六七八九十]{1,2}、)|\d[)）]"
)
OVERLAP = 0.6
"""A clause that holds this share of a fact's character pairs says that fact."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known, and how well: a fact as the drafting room sees it. ``state`` as in the record."""

    id: int
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A figure and the fact that carries it; ``fact`` is 0 where the house itself knows it (its own name, contact, record)."""

    figure: Figure
    fact: int


@dataclass(frozen=True, slots=True)
class Binding:
    """What a text rests on. ``cited`` are the confirmed facts it uses; ``misused`` the unverified or refuted facts it states
    as true, with the words that do."""

    bound: tuple[Bound, ...]
    unbound: tuple[Figure, ...]
    cited: tuple[int, ...]
    misused: tuple[tuple[Known, str], ...]


def bind(text: str, facts: Sequence[Known], *, given: Collection[str], today: date, places: Sequence[str] = ()) -> Binding:
    """Binds a text. ``given`` are words that need no fact: our names, our contact, the day of signing, moments of the record.

    What we promise (a time of the next word, a term) is no fact and needs none; figures of a fact that is only being checked
    are not thereby bound. ``today`` is the day in the room's zone.
    """
    text = BLANK_MARK.sub(lambda m: "　" * len(m[0]), text)
    confirmed = [f for f in facts if f.state == "confirmed"]
    carried = [(f.id, _all(f.text, today, places)) for f in confirmed]
    own = [figure for words in given for figure in _all(words, today, places)]
    bound: list[Bound] = []
    loose: list[Figure] = []
    for figure in _all(text, today, places):
        if _exempt(text, figure, given):
            continue
        by = 0 if any(same(figure, mine) for mine in own) else next((n for n, have in carried if _carries(figure, have)), None)
        if by is None and figure.kind in ("place", "org", "name"):
            by = next((f.id for f in confirmed if named_in(figure.value, f.text)), None)
        if by is None:
            loose.append(figure)
            continue
        bound.append(Bound(figure, by))
    said = {b.fact for b in bound if b.fact} | {f.id for f in confirmed if _says(text, f.text)}
    return Binding(tuple(bound), tuple(loose), tuple(sorted(said)), _misused(text, facts, today, places))


def _all(text: str, today: date, places: Sequence[str]) -> list[Figure]:
    found = figures(text, today)
    covered = {n for f in found for n in range(f.start, f.end)}
    return found + [p for p in places_in(text, places) if p.start not in covered]


def same(a: Figure, b: Figure) -> bool:
    """Whether what is said (``a``) is what is known (``b``). A number without a unit fits one with, a month any day of it, a name
    one that tells more."""
    if a.kind != b.kind and {a.kind, b.kind} != {"place", "org"}:
        return False
    if a.kind == "number":
        return a.value == b.value and (a.unit == b.unit or not a.unit or not b.unit)
    if a.kind in ("place", "org", "name"):
        return same_name(a.value, b.value)
    if a.kind == "date" and a.value.endswith("-"):
        return b.value.startswith(a.value) or b.value[4:] == f"-{a.value[:-1]}"
    return a.value == b.value


def _carries(figure: Figure, have: Sequence[Figure]) -> bool:
    return any(same(figure, other) for other in have)


def _exempt(text: str, figure: Figure, given: Collection[str]) -> bool:
    """Our own words, a list's numbering, a promise."""
    plain = narrow(text)
    if any(figure.words in words for words in given if figure.kind != "number"):
        return True
    if any(m.start() <= figure.start and figure.end <= m.end() + 1 for m in _ITEM.finditer(plain)):
        return True
    if figure.kind not in ("number", "date", "clock"):
        return False
    clause = _clause(plain, figure)
    if _PAST.search(part := _part(plain, figure)) and not _NOT_YET.search(part):
        return False
    return _PROMISE.search(clause) is not None and (
        figure.kind != "number" or figure.unit in ("天", "时", "分", "个工作日", "个月", "周")
    )


def _clause(text: str, figure: Figure) -> str:
    """The rest of a sentence from the comma before a figure on; an answer is read with its question."""
    start = max((m.end() for m in re.finditer(r"[。！？；，,\n]", text[: figure.start])), default=0)
    if re.match(r"\s*答[：:]", text[start:]):
        start = text.rfind("\n", 0, max(0, start - 1)) + 1
    end = next((m.start() + figure.end for m in re.finditer(r"[。！？；\n]", text[figure.end :])), len(text))
    return text[start:end]


def _part(text: str, figure: Figure) -> str:
    """What stands between two commas around a figure."""
    start = max((m.end() for m in re.finditer(r"[。！？；，\n]", text[: figure.start])), default=0)
    end = next((m.start() + figure.end for m in re.finditer(r"[。！？；，\n]", text[figure.end :])), len(text))
    return text[start:end]


def _misused(text: str, facts: Sequence[Known], today: date, places: Sequence[str]) -> tuple[tuple[Known, str], ...]:
    found = []
    clauses = [c for c in _CLAUSE.split(text) if c.strip()]
    sure = [f.text for f in facts if f.state == "confirmed"]
    confirmed, certain = " ".join(map(_flat, sure)), _all(" ".join(sure), today, places)
    for fact in facts:
        if fact.state not in ("unverified", "refuted"):
            continue
        marks = [f for f in _all(fact.text, today, places) if not _carries(f, certain) and (f.kind != "number" or f.unit)]
        for clause in (_flat(c, fact.text if fact.state == "refuted" else "") for c in clauses):
            stated = _says(clause, fact.text) and not _says(confirmed, fact.text)
            if stated or (
                marks and any(_carries(mark, _all(clause, today, places)) for mark in marks) and near(clause, fact.text)
            ):
                found.append((fact, clause.strip()[:40]))
                break
    return tuple(found)


def _flat(clause: str, denied: str = "") -> str:
    """A sentence without the parts that are only reported, doubted or denied: a hedge counts for its part and for the one before.
    ``denied``: what a plain 未 or 没有 before its words denies too."""
    parts = re.split(r"[，,]", clause)
    false = _pairs(denied)
    hedged = {n for n, part in enumerate(parts) if _HEDGE.search(part)}
    hedged |= {n for n, part in enumerate(parts) if any(_pairs(part[m.end() :][:4]) & false for m in _DENIAL.finditer(part))}
    hedged |= {
        n - 1 for n, part in enumerate(parts) if (m := _HEDGE.search(part)) and m.start() <= 4 and not part.startswith("未经")
    }
    return "，".join(part for n, part in enumerate(parts) if n not in hedged)


def _pairs(text: str) -> set[str]:
    runs = re.findall(r"(?:(?![是为系的了在于])[一-龥A-Za-z0-9])+", narrow(text))
    return {run[n : n + 2] for run in runs for n in range(len(run) - 1)}


def _says(text: str, fact: str) -> bool:
    """Whether the text holds most of the fact's character pairs."""
    wanted = _pairs(fact)
    return len(wanted) >= 3 and len(wanted & _pairs(text)) >= OVERLAP * len(wanted)


def near(text: str, fact: str) -> bool:
    """Whether the text is about what the fact is about: two pairs of characters in common besides the figure."""
    return len({p for p in _pairs(fact) & _pairs(text) if re.fullmatch(r"[一-龥]{2}", p)}) >= 2
