"""The linter: everything about a draft that must be mended, or overridden by name with a reason, before anybody signs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.drafting.binding import Binding, Known, bind, near
from bot.drafting.book import Book
from bot.drafting.conflicts import Other, conflicts
from bot.drafting.elements import UNSAID, missing
from bot.drafting.figure import Figure
from bot.drafting.finding import Finding, Weight
from bot.drafting.templates import BLANK_MARK
from bot.drafting.tone import tone


@dataclass(frozen=True, slots=True)
class Around:
    """What a text is read against. ``company``: full name first. ``given``: words that need no fact. ``today`` in the room's
    zone. ``others``: released texts and talking points in force. ``public``: the facts that a text for the public tells, out or
    signed; None where that is not judged."""

    book: Book
    company: tuple[str, ...]
    contact: str
    facts: Sequence[Known]
    given: tuple[str, ...]
    today: date
    others: Sequence[Other] = ()
    public: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Lint:
    """The findings, gravest first, and what the text rests on."""

    findings: tuple[Finding, ...]
    binding: Binding

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What nobody may override."""
        return tuple(f for f in self.findings if not f.waivable)

    def open(self, waived: frozenset[str]) -> tuple[Finding, ...]:
        """What still stands in the way when these codes were overridden."""
        return tuple(f for f in self.findings if not f.waivable or f.code not in waived)


def lint(text: str, kind: str, around: Around, form: str = "") -> Lint:
    """Reads one draft of a type (and short form)."""
    binding = bind(
        UNSAID.sub("", text) if kind == "media_qa" else text,
        around.facts,
        given=(*around.company, around.contact, *around.given),
        today=around.today,
        places=around.book.places,
    )
    found = [Finding(f"blank:{m[1]}", f"没填「{m[1]}」", m[0], Weight.BLOCK) for m in BLANK_MARK.finditer(text)]
    found += [Finding(f"unbound:{f.words}", f"「{f.words}」未绑定事实", f.words, Weight.BLOCK) for f in _once(binding)]
    found += [
        Finding(f"{fact.state}:F{fact.id}", f"F{fact.id} {_STATE[fact.state]}，不能当事实说：「{words}」", words, Weight.BLOCK)
        for fact, words in binding.misused
        if not (fact.state == "refuted" and kind in ("rumor_rebuttal", "investor_notice") and _answered(text, words))
    ]
    found += missing(text, kind, form, around.book, around.company)
    found += tone(text, kind, form, around.book, around.company, around.contact)
    found += conflicts(text, around.others, around.today)
    found += _grounds(text, kind, around, binding)
    unique = {f.code: f for f in reversed(found)}
    return Lint(tuple(sorted(unique.values(), key=lambda f: (f.waivable, f.code))), binding)


def _grounds(text: str, kind: str, around: Around, binding: Binding) -> list[Finding]:
    """A rebuttal stands on refuted facts only; partners are told no more than the public."""
    if kind == "rumor_rebuttal" and not any(f.state == "refuted" and near(text, f.text) for f in around.facts):
        what = "没有一条判为不属实的事实，不能辟谣。先记下传言，查明后回：F编号 不属实 来源…"
        return [Finding("ground:refuted", what, weight=Weight.BLOCK)]
    if kind == "partner_letter" and around.public is not None:
        ahead = [n for n in binding.cited if n not in around.public]
        return [Finding(f"ahead:F{n}", f"F{n} 还没有对公众说过，先告诉了合作伙伴（有保密协议的写明理由）") for n in ahead]
    return []


_STATE = {"unverified": "待核实", "refuted": "不属实"}


def _once(binding: Binding) -> list[Figure]:
    return list({f.words: f for f in binding.unbound}.values())


def _answered(text: str, words: str) -> bool:
    """In a rebuttal a false point may be told where its fact follows it: in the same paragraph, or in the next one that opens with it."""
    here, *following = text[text.find(words[:10]) :].split("\n")
    after = here + next((line for line in following[:1] if _REPLY.match(line)), "")
    return any(
        mark in after[:200]
        for mark in (
            "不实",
            "不属实",
            "不存在",
            "并非",
            "没有",
            "未",
            "事实是",
            "事实：",
            "实际",
            "虚假",
            "伪造",
            "编造",
            "无关",
        )
    )


_REPLY = re.compile(r"\s*(?:[一二三四五六七八九]、|\d[.、)）]|[（(].[)）])?\s*(?:事实|真相|实际|经|澄清|说明|回应|核实)")
