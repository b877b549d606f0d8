"""What the room must look up before an incident moves: what is missing, who may, and which verbs to offer next."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from bot.model.grade import Grade
from bot.model.incident import BY_VERB, Incident, Ledger, State, missing, right_for
from bot.model.people import Person, Verdict, right
from bot.model.times import from_iso
from bot.store import incidents, mentions, statements, timers, work

SPOKEN = ("released", "superseded")
UNFINISHED = ("review", "approved", "handed", "unknown")


def ledger(
    db: Database, incident: Incident, at: datetime, *, reason: str = "", resolution: str = "resolved", receiver: str = ""
) -> Ledger:
    """What else is known when a move is judged."""
    gauge = incidents.gauge(db, incident.id)
    decisions = work.decisions(db, incident.id, ("decided",))
    drafts = statements.of_incident(db, incident.id)
    return Ledger(
        now=at,
        decisions=len(decisions),
        spoken=any(d.silent for d in decisions) or any(d.state in SPOKEN for d in drafts),
        unfinished_drafts=tuple(f"{d.name} {_left(d)}" for d in drafts if d.state in UNFINISHED and not _in_force(d)),
        blocking_tasks=tuple(t.name for t in work.tasks(db, incident=incident.id) if t.blocking),
        legal_clocks=tuple(c.name for c in timers.clocks_of(db, incident.id, ("running", "proposed")) if c.legal),
        heat=float(gauge["indicators"]["heat"]) if gauge else 0.0,
        new_authority=_new_authority(db, incident),
        receiver=receiver,
        reason=reason,
        resolution=resolution,
    )


def _in_force(draft: statements.Draft) -> bool:
    """Approved answers for the press are talking points: they are given out when asked, nothing more is released."""
    return draft.type == "media_qa" and draft.state == "approved"


def _left(draft: statements.Draft) -> str:
    """What to do about a draft that holds the incident."""
    return {
        "review": f"会签中（等签，或 作废 D{draft.id}）",
        "approved": f"已签齐（发布 D{draft.id}，或 作废 D{draft.id}）",
        "handed": f"已交付（回 已发 D{draft.id} 链接，或 未发 D{draft.id}）",
        "unknown": f"结果未知（回 已发 D{draft.id} 链接，或 未发 D{draft.id}）",
    }[draft.state]


def _new_authority(db: Database, incident: Incident) -> bool:
    since = incidents.row(db, incident.id)["tracked_at"]
    strands = mentions.strands_of(db, incident.id)
    return bool(since and strands and mentions.new_authority(db, strands, from_iso(since)))


def fingerprint(incident: Incident) -> str:
    """What must not have changed between the echo and the confirmation."""
    return f"{incident.id}:{incident.state}:{incident.grade}:{incident.round}:{incident.owner}"


def object_of(fingerprint: str) -> int | None:
    """The incident that a fingerprint is of, the younger one of a merge; None for several, and for other things."""
    number, colon, _ = fingerprint.partition(":")
    return int(number) if colon and number.isdecimal() and ";" not in fingerprint else None


def hints(db: Database, incident: Incident, person: Person, at: datetime) -> tuple[str, ...]:
    """At most two verbs that would not be refused to this person in this state."""
    known = ledger(db, incident, at, reason="-")

    def may(verb: str, *, at_once: bool = False) -> bool:
        verdict = right(verb, person.roles, owner=incident.owned_by(person)).verdict
        return verdict is Verdict.MAY or (verdict is Verdict.CONFIRM and not at_once)

    def can(verb: str) -> bool:
        move = BY_VERB[verb]
        return right_for(move, incident, person).verdict is not Verdict.NO and not missing(move, incident, known)

    graded = incident.suggested is not None or incident.grade is not None
    offers: dict[State, list[tuple[str, bool]]] = {
        State.NEW: [("认领", not incident.owner and may("claim")), ("指派", may("assign", at_once=True))],
        State.ASSESSING: [
            ("研判", not incident.assessed and may("assess")),
            ("定级", graded and may("grade", at_once=True)),
            ("转交", may("assign")),
            ("定级", graded and may("grade")),
        ],
        State.GRADED: [("启动", can("start")), ("跟踪", can("track_blue")), ("转交", not can("start") and may("assign"))],
        State.ACTIVE: [
            ("跟踪", can("track")),
            ("决策", not known.decisions and _decides(incident, person)),
            ("任务", may("task")),
        ],
        State.TRACKING: [("结案", can("close")), ("恢复处置", can("resume"))],
        State.CLOSED: [("重开", incident.merged_into is None and can("reopen"))],
        State.REVIEWED: [("重开", can("reopen"))],
    }
    return tuple(dict.fromkeys(verb for verb, legal in offers[incident.state] if legal))[:2]


def _decides(incident: Incident, person: Person) -> bool:
    held = right("decide", person.roles, owner=incident.owned_by(person))
    return held.verdict is Verdict.MAY and not (held.note == "f" and (incident.shown or Grade.BLUE) >= Grade.ORANGE)
