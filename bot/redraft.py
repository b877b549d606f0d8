"""The words of a draft: filled from the record, and changed as people say it. Each function is part of a transaction or pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from bot import signoff
from bot.asking import Ask
from bot.drafting.templates import BLANK_MARK, LABELS, Template
from bot.errors import UserError
from bot.language.due import due_at
from bot.model.house import House
from bot.model.incident import Incident
from bot.store import mentions, statements, timers, work
from bot.store.statements import Draft

AFFECTED = {
    "food_safety": "家长和消费者",
    "product_safety": "消费者",
    "data_breach": "受影响的用户",
    "outage": "受影响的用户",
    "defacement": "受影响的用户",
    "service_complaint": "受影响的消费者",
    "labor": "一线同事",
    "work_accident": "伤者和家属",
    "environment": "周边居民",
}
"""Who is affected, by type of incident, until somebody says it better."""

MATTER = 20
"""Characters of a matter's name in a text."""
_SWAP = re.compile(
    r"(?:把|将)?\s*[「“『\"](?P<old>[^」”』\"]+)[」”』\"]\s*(?:改成|改为|换成|替换为|替换成|→|->)\s*[「“『\"](?P<new>[^」”』\"]*)[」”』\"]"
)
_CUT = re.compile(
    r"(?:把|将)?\s*(?:删掉|删除|去掉|删)\s*[「“『\"](?P<old>[^」”』\"]+)[」”』\"]|(?:把|将)?\s*[「“『\"](?P<old2>[^」”』\"]+)[」”』\"]\s*(?:删掉|删除|去掉|删了)"
)
_WHOLE = re.compile(r"^\s*(?:全文|改为|改成)\s*[：:]?\s*(?P<text>.+)$", re.S)
_HEAD = re.compile(
    r"^\s*(?:@\S+\s+)?(?:改\s*)?[Dd][\d０-９]+\s*(?:改(?:成|为)?)?\s*[：:，,]?\s*|^\s*(?:@\S+\s+)?改\s*[Dd][\d０-９]+\s*[：:，,]?\s*"
)


def new_version(
    db: Database, house: House, draft: Draft, text: str, *, by: str, at: datetime, model: str = ""
) -> tuple[Draft, str]:
    """One more version and its line: what the linter finds, whose signatures fall. A clean one made during review is submitted
    again by itself, but not a model's words, which somebody reads first."""
    signed = [s for s in statements.signatures(db, draft.id) if not s.void]
    cited = signoff.lint_text(db, house, text, draft, at).binding.cited
    made = statements.revise(db, draft, text=text, facts=cited, by=by, at=at, model=model)
    made = statements.change(db, made, "edited", at=at, by=by, editor="", editing_until=None)
    timers.end_timers(db, f"sign:{draft.id}:", at, "稿件改过了")
    timers.end_timers(db, f"release:{draft.id}:", at, "稿件改过了")
    line = missing_line(db, house, made, at)
    head = f"{made.name}{line}"
    if signed:
        head += f"。签字作废（{'、'.join(s.person for s in signed)}）：稿件改过了"
    if draft.state in ("review", "approved") and line == " 检查通过" and not model:
        head += f"\n{signoff.submit(db, house, made, at=at, by=by)}"
    return made, head


def by_number(ask: Ask) -> Draft | None:
    """The draft whose number stands in the line or in what it quotes; None where neither names one."""
    number = ask.intent.number("draft")
    if number is None and (found := re.search(r"[Dd](\d{1,6})", ask.quote)):
        number = int(found[1])
    return ask.draft(number) if number is not None else None


def the_only_one(ask: Ask, states: Sequence[str]) -> Draft:
    """The only draft in these states that this person may know of; ``UserError`` lists them where there is not just one."""
    fits = [d for d in statements.in_states(ask.db, states) if (i := signoff.incident_of(ask.db, d)) is None or ask.sees(i)]
    if len(fits) != 1:
        raise UserError("哪一份？请带编号" + ("：" + "｜".join(d.name for d in fits[:5]) if fits else "，如：D3"))
    return fits[0]


def _matter(title: str) -> str:
    """What a text calls the matter: the first clauses of the title that fit, never half a clause."""
    kept, *others = re.split(r"(?=[，,。；;：:！!？?])", title)
    for clause in others:
        if len(kept) + len(clause) > MATTER:
            break
        kept += clause
    return kept[:MATTER].rstrip("，,。；;：:！!？? ")


def values(db: Database, house: House, incident: Incident, kind: str, at: datetime) -> dict[str, str]:
    """What the record can fill: confirmed facts, open questions, tasks done, the promised next word, ourselves."""
    local = at.astimezone(house.zone)
    facts = work.facts(db, incident.id)
    done = [
        t.text
        for t in work.tasks(db, incident=incident.id, live=False)
        if t.state == "done" and t.kind not in ("freeze", "legal", "verify")
    ]
    strands = mentions.strands_of(db, incident.id)
    first = next(iter(mentions.examples(db, strands, 1)), None) if strands else None
    opened = incident.opened_at.astimezone(house.zone)
    promised = timers.find_clock(db, incident.id, "next_word")
    until = promised.due_at.astimezone(house.zone) if promised else None
    drafts = statements.of_incident(db, incident.id)
    numbered = [d for d in drafts if d.type == "progress_update" and d.state != "withdrawn"]
    out = [d for d in drafts if d.state in ("released", "superseded")]
    said = {n for d in out for n in d.facts}
    filled = {
        "matter": _matter(incident.title),
        "time_known": f"{opened.month}月{opened.day}日{opened:%H:%M}",
        "channel_seen": first["platform"] if first else "",
        "affected_people": AFFECTED.get(incident.type, ""),
        "actions_done": "；".join(done[:4]),
        "confirmed_facts": "；".join(f.text for f in facts if f.state == "confirmed")[:300],
        "unknown_points": "；".join(f.text for f in facts if f.state == "unverified")[:160],
        "next_update_time": f"{until.month}月{until.day}日{until:%H:%M}"
        if until and until > local and kind != "progress_update"
        else "",
        "next_update_channel": house.channels[0].label if house.channels and kind != "holding" else "",
        "what_changed": "；".join(f.text for f in facts if f.state == "confirmed" and f.id not in said)[:200] if out else "",
        "number": str(len(numbered) + 1),
        "contact": house.contact,
        "contact_hours": house.contact_hours,
        "company": house.company[0] if house.company else house.full_name,
        "company_full_name": house.full_name,
        "user_name_or_generic": "尊敬的用户",
        "date": f"{local.year}年{local.month}月{local.day}日",
    }
    refuted = [f for f in facts if f.state == "refuted"]
    if kind == "rumor_rebuttal" and refuted:
        filled["rumor_short_paraphrase"] = refuted[0].text
        for n, f in enumerate(refuted[:2], 1):
            filled |= {f"point_{n}": f.text[:20], f"fact_{n}": "该说法不属实", f"evidence_{n}": f.source}
    return {name: text for name, text in filled.items() if text}


def changed(text: str, words: str, house: House, at: datetime, template: Template) -> tuple[str, tuple[str, ...]]:
    """The text with what was said done to it: a passage swapped or cut, blanks filled or filled anew, or the whole given; and what
    was said but changed nothing."""
    if found := _WHOLE.match(words):
        return found["text"].strip(), ()
    if "\n" in words.strip() and len(words) > 40:
        return words.strip(), ()
    swapped = text
    hits = 0
    for m in [*_SWAP.finditer(words), *_CUT.finditer(words)]:
        groups = m.groupdict()
        old = groups.get("old") or groups.get("old2") or ""
        if old not in swapped:
            raise UserError(f"稿子里没有「{old[:20]}」")
        swapped = swapped.replace(old, groups.get("new") or "")
        hits += 1
    if hits:
        return swapped, ()
    filled, idle = _fill(text, words, house, at, template)
    if filled == text:
        raise UserError("没看懂怎么改。可以说：把「甲」改成「乙」｜删掉「甲」｜下次通报今天16:00｜全文 …")
    return filled, idle


def _fill(text: str, words: str, house: House, at: datetime, template: Template) -> tuple[str, tuple[str, ...]]:
    """Pieces of 「下次通报今天16:00，官网」 go into the blanks they name, open or filled before; one that names none goes into the blank
    after the last. The second value: pieces that went nowhere."""
    last, idle = -1, []
    for piece in filter(None, (p.strip(" 。.") for p in re.split(r"[，,；;]", words))):
        best, rest = _open_blank(text, piece)
        span, label = (best.span(), best[1]) if best else (None, "")
        if span is None and (named := _filled_blank(text, piece, template)):
            span, label, rest = named
        if span is None and (following := next((b for b in BLANK_MARK.finditer(text) if b.start() >= last >= 0), None)):
            span, label = following.span(), following[1]
        value = re.sub(r"^\s*(?:时间)?\s*(?:是|为|定在|定为|改成|改为|换成|改到|：|:)?\s*", "", rest).strip()
        if span is None or not value:
            idle.append(piece)
            continue
        value = _moment(value, house, at) if "时间" in label or "期限" in label or "日期" in label else value
        if text[: span[0]].endswith("已经"):
            value = re.sub(r"^(?:已经|已)", "", value)
        text = text[: span[0]] + value + text[span[1] :]
        last = span[0] + len(value)
    return text, tuple(idle)


def _open_blank(text: str, piece: str) -> tuple[re.Match[str] | None, str]:
    """The blank whose label the piece begins with, the longest of several, and what follows the label."""
    best, rest = None, piece
    for blank in BLANK_MARK.finditer(text):
        stem = _stem(blank[1], piece)
        if len(stem) >= 2 and (best is None or len(piece) - len(stem) < len(rest)):
            best, rest = blank, piece[len(stem) :]
    return best, rest


def _filled_blank(text: str, piece: str, template: Template) -> tuple[tuple[int, int], str, str] | None:
    """Where a blank stands that was filled before and that the piece names: by four characters or more, or whole with 是 or
    改成 behind it; with its label and what follows it."""
    for label in LABELS.values():
        stem = _stem(label, piece)
        rest = piece[len(stem) :]
        named = len(stem) >= 4 or (stem == label and re.match(r"是|为|改|换成|：|:", rest))
        if named and rest and (span := template.place(text, label)):
            return span, label, rest
    return None


def _stem(label: str, piece: str) -> str:
    """How much of a blank's label the piece begins with."""
    n = 0
    while n < min(len(label), len(piece)) and label[n] == piece[n]:
        n += 1
    return label[:n]


def _moment(words: str, house: House, at: datetime) -> str:
    """A moment as a stranger reads it: 「今天16:00」 → 「12月3日16:00」."""
    due = due_at(words, at, house.zone)
    if due is None or re.fullmatch(r"(?:\d{4}年)?\d{1,2}月\d{1,2}日", words):
        return words
    local = due.astimezone(house.zone)
    return f"{local.month}月{local.day}日{local:%H:%M}"


def typed(line: str, slot: str) -> str:
    """What was typed after 「改 D1」, with its own punctuation: the reading's slot has lost it."""
    if not slot:
        return ""
    if (head := _HEAD.match(line)) and _plain(line[head.end() :]) == _plain(slot):
        return line[head.end() :].strip()
    places = [n for n, char in enumerate(line) if _plain(char)]
    dense, wanted = "".join(_plain(line[n])[0] for n in places), _plain(slot)
    at = dense.find(wanted)
    if at < 0 or len(dense) != len(places):
        return slot
    return line[places[at] : places[at + len(wanted) - 1] + 1]


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def missing_line(db: Database, house: House, draft: Draft, at: datetime) -> str:
    """「：缺E14（下次通报时间）；「1例就诊」未绑定事实」, or 「 检查通过」."""
    found = signoff.lint_text(db, house, draft.text, draft, at).open(frozenset(c for c, _, _ in statements.waivers(db, draft)))
    if not found:
        return " 检查通过"
    lacking = [f for f in found if f.family == "missing"]
    heads = [f"缺{'、'.join(f.what.removeprefix('缺') for f in lacking)}"] if lacking else []
    blanks = [f.what for f in found if f.family == "blank" and not any(_covers(f.what, m.what) for m in lacking)]
    rest = [f.what for f in found if f.family not in ("missing", "blank")]
    said = [*heads, *blanks, *rest]
    more = f"；另有{len(said) - 6}处" if len(said) > 6 else ""
    return "：" + "；".join(said[:6]) + more


def _covers(blank: str, lacking: str) -> bool:
    """Whether the missing element is this very blank."""
    label = blank.removeprefix("没填「").removesuffix("」")
    return label in lacking
