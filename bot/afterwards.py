"""What a review counts besides times (domain handbook, section 9): how far our own words reached, where two of them disagreed, what
was overridden and refused and why, what it cost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from sqlite_utils import Database

from bot.drafting.conflicts import Other, conflicts
from bot.model.incident import Incident
from bot.model.times import BEIJING
from bot.store import course, incidents, notes, publications, reviews, statements, work

COUNTED = {
    "emergency": "紧急首发",
    "waive": "忽略检查",
    "clock_waived": "免报",
    "proxied": "代录决策",
    "refusal": "不做的事",
    "refused": "越权被拒",
}
ASKED_FOR = {
    "paid_deletion": "付费删帖",
    "water_army": "控评",
    "search_suppression": "压搜索",
    "fabricate": "编造",
    "falsify_record": "改记录",
    "destroy_evidence": "毁证据",
    "conceal_report": "瞒报",
    "doxx": "人肉",
    "smear": "抹黑",
    "fake_report": "假举报",
}
_ESTIMATED = re.compile(r"估|预计|预估|约|损失")
_REMEDY = re.compile(r"赔|补偿|退款|退货|召回|慰问|补发")
_HOURS = re.compile(r"小时|人时|工时")


def reach(db: Database, incident: Incident, strands: Sequence[int]) -> dict[str, int] | None:
    """Reads of our own released pages beside those of the three largest negative items; None where no page of ours was seen."""
    links = [p.url for d in statements.of_incident(db, incident.id) for p in publications.of_draft(db, d.id) if p.url]
    ours = course.reads_of(db, links)
    if ours is None or not strands:
        return None
    return {"ours": ours, "theirs": sum(course.most_read(db, strands, 3, besides=links))}


def contradictions(db: Database, incident: Incident) -> list[str]:
    """「D3 与 D1：…」 for each pair of released texts that disagree."""
    out = ("released", "superseded", "retracted")
    found = []
    for earlier, later in combinations([d for d in statements.of_incident(db, incident.id) if d.state in out], 2):
        if later.corrects != earlier.id:  # a correction says otherwise on purpose
            today = (later.submitted_at or incident.opened_at).astimezone(BEIJING).date()
            said = conflicts(later.text, [Other(f"D{earlier.id}", earlier.text)], today)
            found += [f"D{later.id} {finding.what}" for finding in said]
    return found


def counts(db: Database, incident: Incident, entries: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Emergency releases, overrides and refusals with their reasons, nobody named."""
    found = {verb: [_reason(e) for e in entries if e["verb"] == verb] for verb in COUNTED}
    decided = work.decisions(db, incident.id, ("decided", "superseded"))
    found["proxied"] = [f"J{d.id}" for d in decided if d.proxied]
    return {verb: reasons for verb, reasons in found.items() if reasons}


def _reason(entry: Mapping[str, Any]) -> str:
    note = entry["body"]["note"]
    if entry["verb"] == "refused":
        return str(note.get("intent", ""))
    if entry["verb"] == "emergency":
        return f"D{note['draft']}" if "draft" in note else ""
    return ASKED_FOR.get(entry["why"], str(entry["why"]))


def counted_words(found: Mapping[str, Sequence[str]]) -> list[str]:
    """「忽略检查2次（后文有确切数字）」, at most two reasons each; who was refused what stays unsaid."""
    rows = []
    for verb, reasons in found.items():
        told = [] if verb == "refused" else [r[:16] for r in dict.fromkeys(reasons) if r][:2]
        rows.append(f"{COUNTED[verb]}{len(reasons)}次" + (f"（{'、'.join(told)}）" if told else ""))
    return rows


def cost(db: Database, incident: Incident) -> dict[str, dict[str, float]]:
    """Yuan by kind (hours, outlay, remedy, loss), each as measured or estimated, by the words it was booked with."""
    found: dict[str, dict[str, float]] = {}
    for amount, text in notes.expenses(db, incident.id):
        sure = "estimated" if _ESTIMATED.search(text) else "measured"
        kind = "hours" if _HOURS.search(text) else "remedy" if _REMEDY.search(text) else "loss" if "损失" in text else "outlay"
        row = found.setdefault(kind, {})
        row[sure] = row.get(sure, 0.0) + amount
    return found


COSTS = {"hours": "人工", "outlay": "支出", "remedy": "补救", "loss": "损失"}
SURE = {"measured": "实记", "estimated": "估计"}


def cost_words(found: Mapping[str, Mapping[str, float]]) -> str:
    """「花费 支出3,000元（实记）、损失50,000元（估计）」; empty where nothing was booked."""
    rows = [f"{COSTS[kind]}{amount:,.0f}元（{SURE[sure]}）" for kind, by in found.items() for sure, amount in by.items()]
    return f"花费 {'、'.join(rows)}" if rows else ""


def used_facts(db: Database, incident: Incident) -> dict[str, int]:
    """Facts that a text cites or a decision rests on, and how many of them fell afterwards."""
    cited = {n for d in statements.of_incident(db, incident.id) for n in statements.ever_cited(db, d.id)}
    for decision in work.decisions(db, incident.id, ("decided", "superseded")):
        cited |= set(decision.known)
    fallen = {f.id for f in work.facts(db, incident.id, ("retracted",))}
    return {"used": len(cited), "fallen": len(cited & fallen)}


def second_wave_after(db: Database, incident: Incident) -> float | None:
    """Hours from the last release to the second wave that followed it; None where there was none of both."""
    wave = course.second_wave_at(db, incident.id)
    out = [p.released_at for d in statements.of_incident(db, incident.id) for p in publications.of_draft(db, d.id)]
    before = [moment for moment in out if moment and wave and moment <= wave]
    return (wave - max(before)).total_seconds() / 3600 if wave and before else None


def open_before(db: Database, incident: Incident) -> list[str]:
    """Improvements of earlier reviews that are still open: raised again at this one, those of the same type first."""
    live = [i for i in reviews.improvements(db, live=True) if i.incident != incident.id]
    kinds = {i.id: incidents.get(db, i.incident).type for i in live}
    rows = sorted(live, key=lambda i: (kinds[i.id] != incident.type, i.id))
    hidden = {i.id for i in live if incidents.get(db, i.incident).confidential}
    return [f"改进{i.id} {i.text[:16]}（{i.owner or '缺负责人'}）" for i in rows if i.id not in hidden]
