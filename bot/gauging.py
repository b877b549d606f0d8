"""What the rows of an incident add up to: its indicators, and the triggers that fired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.analysis import triggers
from bot.analysis.grading import Fired
from bot.analysis.indicators import Indicators, Tiers, heat, measure, normal, rebased
from bot.model.incident import Incident
from bot.model.reading import Counts
from bot.store import mentions, plans, work


def indicators_of(counts: Counts, now: datetime) -> Indicators:
    """The indicators behind the counts of some strands."""
    total = sum(rebased(weight, epoch, now) for weight, epoch in counts.weights)
    return measure(
        heat=heat(total),
        negative=counts.negative,
        n=counts.n,
        per_hour=counts.hours[-1],
        baseline=normal(counts.baseline),
        hours=counts.hours,
        platforms=len(counts.platforms),
        authority=Tiers(counts.national, counts.local, counts.a, counts.b),
        reposts=counts.reposts,
        reads=counts.reads,
        mentions=counts.mentions,
        best_list="national" if counts.best_list == "national" else "city" if counts.best_list == "city" else "",
        foreign=counts.foreign,
    )


def fired(db: Database, strands: Sequence[int], incident: Incident | None) -> list[Fired]:
    """The triggers of some strands: what texts claim, and what confirmed and refuted facts say of it."""
    facts = work.facts(db, incident.id) if incident else []
    confirmed = {kind for f in facts if f.state == "confirmed" for kind in triggers.of_fact(f.text)}
    refuted = {kind for f in facts if f.state == "refuted" for kind in triggers.of_fact(f.text)} - confirmed
    claims = mentions.claims_of(db, strands) if strands else []
    found: dict[str, Fired] = {}
    for claim in sorted(claims, key=lambda c: (c["credible"], c["immediate"]), reverse=True):
        found.setdefault(claim["kind"], _fired(claim["kind"], claim, confirmed, refuted))
    for kind in confirmed - set(found):
        found[kind] = _fired(kind, {"credible": 1, "words": ""}, confirmed, refuted)
    for told in plans.crossed(db, incident.id) if incident else []:
        found[told["kind"]] = _fired(told["kind"], told, confirmed | ({told["kind"]} if told["sure"] else set()), refuted)
    return list(found.values())


def _fired(kind: str, claim: Mapping[str, Any], confirmed: set[str], refuted: set[str]) -> Fired:
    floor = triggers.FLOORS[kind]
    return Fired(
        kind=kind,
        floor=floor.grade,
        name=floor.name,
        confirmed=kind in confirmed,
        immediate=floor.immediate,
        credible=bool(claim["credible"]),
        refuted=kind in refuted,
        words=str(claim["words"]),
    )
