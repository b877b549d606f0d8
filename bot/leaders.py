"""Leaders who never open the group: who is briefed, what one screen tells them, and that it was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import ahead, alerting, calling, cards, clocking, saying
from bot.drafting import order
from bot.model.card import Post
from bot.model.house import House
from bot.model.incident import TRUTHS, Incident
from bot.model.people import WANGLOU, Person
from bot.model.times import clock_of
from bot.store import incidents, journal, notes, plans, statements, timers, voice, work
from bot.store.timers import Clock

BY_SUGGESTION = "按建议"


def tell_leaders(
    db: Database, house: House, incident: Incident, *, at: datetime, reason: str, post: Post, besides: Sequence[str] = ()
) -> list[str]:
    """Briefs every leader whose threshold the incident has reached, but not those who know it already; their names."""
    told: list[str] = []
    for brief in house.briefs:
        if not alerting.receives(incident.shown, brief.from_grade):
            continue
        for name in brief.to:
            person = house.person(name)
            if name not in (*told, *besides) and person and saying.may_know(incident, person):
                sent = cards.brief_on_paper(post, incident.id, at) if brief.docx and _is_brief(post) else post
                saying.tell_person(db, name, sent, at=at, kind="notice", reason=reason, incident=incident)
                _await_reading(db, house, incident, person, post, reason, at)
                told.append(name)
    if told:
        clocking.meet(db, incident, "report", at=at, by=WANGLOU)
    return told


def _await_reading(
    db: Database, house: House, incident: Incident, person: Person, post: Post, reason: str, at: datetime
) -> None:
    """A brief waits for 已阅; unread in time, duty telephones. Who has no private channel is telephoned at once, and it is said."""
    if not _is_brief(post):
        return
    plans.add_briefing(db, incident.id, person.name, reason, grade=incident.shown, at=at)
    if not any(person.id_on(room.platform) for room in house.rooms):
        if calling.call(
            db, house, incident, person.name, "没有私信通道，简报送不到", at=at, key=f"channel:{incident.id}:{person.name}"
        ):
            text = f"#{incident.id} {person.name}没有私信通道，简报送不到，已请值班长电话"
            saying.tell_rooms(db, house, incident, Post(text), at=at, kind="escalation", reason="brief")
        return
    if limit := house.limit("read", incident.shown):
        due = at + timedelta(seconds=limit)
        key = f"read:{incident.id}:{person.name}:{at.timestamp():.0f}"
        timers.set_timer(db, key, "unread", due, at=at, incident=incident.id, person=person.name)


def _is_brief(post: Post) -> bool:
    return post.card is not None and post.card.kind == "brief"


def brief(db: Database, incident: Incident, now: datetime, reported: str = "") -> Post:
    """The one-screen brief for leaders (domain handbook, section 11), from what is stored; ``reported`` is said besides."""
    facts = replace(brief_facts(db, incident, now), reported=reported)
    return replace(cards.brief(incident, facts, now), chart=ahead.chart(db, incident, now))


def _conclusion(db: Database, incident: Incident) -> str:
    """What a person concluded: the reason of the confirmed grade, true or not. Empty where the engine's reasons say more."""
    suggested = incidents.gauge(db, incident.id).get("suggestion", {}).get("grade")
    if incident.grade is None or suggested == incident.grade.key:
        return ""
    graded = [entry["why"] for entry in journal.entries(db, incident.id) if entry["verb"] == "grade"]
    reason = graded[-1][:60] if graded and graded[-1] != BY_SUGGESTION else f"定{incident.grade.label}"
    return f"{reason}，{TRUTHS[incident.truth]}"


def _witness(fact: work.Fact, now: datetime) -> str:
    """「医院，14:50」: who says so, and since when we know."""
    return f"{fact.source or fact.judged_by}，{clock_of(fact.judged_at or fact.at, now)}"


def _reported(db: Database, incident: Incident) -> list[str]:
    return [f"{c.name}已报" for c in timers.clocks_of(db, incident.id, ("met",)) if c.legal]


def _released(db: Database, incident: Incident) -> list[str]:
    return [f"D{d.id}已发" for d in statements.of_incident(db, incident.id) if d.state == "released"]


def _waiting(db: Database, incident: Incident) -> list[str]:
    return [f"D{d.id}待签" for d in statements.of_incident(db, incident.id) if d.state == "review"]


def _also(others: Sequence[work.Decision]) -> str:
    return f"；另待定{'、'.join(f'J{d.id}' for d in others[-3:])}" if others else ""


def _missed(db: Database, incident: Incident) -> list[str]:
    """The audiences that should have heard and did not."""
    told = {t.audience for t in notes.told(db, incident.id)}
    told |= {"harmed"} if "affected_users" in told else set()
    rows = [h for h in voice.hearings(db, incident.id) if h.state == "missed" and h.audience not in told]
    return [f"补告知{order.AUDIENCES[h.audience]}（漏了）" for h in rows]


def _in_doubt(incident: Incident, live: Sequence[work.Task], known: Sequence[str]) -> list[str]:
    """What is claimed and somebody looks into: 「人员患病（林工在核实）」; else, while nothing is known, whether it is true at all."""
    claimed = [f"{t.text.removeprefix('核实')}（{t.assignee or '还没人'}在核实）" for t in live if t.kind == "verify"]
    if claimed or known or incident.truth != "unknown":
        return claimed
    return ["是否属实" if incident.assessed else "是否属实（还没研判）"]


def _latest(asked: work.Decision | None, clocks: Sequence[Clock], now: datetime) -> datetime | None:
    """By when a question must be answered: what was typed with it stands, else the next deadline, else a day after it was asked."""
    if asked is None or "最迟" in asked.text:
        return None
    return min((c.due_at for c in clocks if c.due_at > now), default=asked.at + timedelta(days=1))


def brief_facts(db: Database, incident: Incident, now: datetime) -> cards.BriefFacts:
    """What a brief tells, read from the rows."""
    gauge = incidents.gauge(db, incident.id)
    clocks = timers.clocks_of(db, incident.id)
    live = work.tasks(db, incident=incident.id)
    done = [t for t in work.tasks(db, incident=incident.id, live=False) if t.state == "done"]
    questions = work.decisions(db, incident.id, ("proposed",))
    asked = questions[-1] if questions else None
    known = [f"{f.text}（{_witness(f, now)}）" for f in work.facts(db, incident.id, ("confirmed",))]
    return cards.BriefFacts(
        indicators=gauge.get("indicators", {}),
        reasons=gauge.get("suggestion", {}).get("reasons", []),
        conclusion=_conclusion(db, incident),
        known=known,
        unknown=[f.text for f in work.facts(db, incident.id, ("unverified",))] + _in_doubt(incident, live, known),
        decisions=[d.said for d in work.decisions(db, incident.id, ("decided",))],
        done=[*(t.text for t in done), *_reported(db, incident), *_released(db, incident)],
        doing=[
            *_waiting(db, incident),
            *_missed(db, incident),
            *(f"{t.text}（{t.assignee or '无人'}）" for t in live if t.kind != "verify"),
        ],
        clocks=[
            f"{clocking.CLOCKS.get(c.name, c.name)}{cards.left(c.due_at, now)}{'（非法律意见）' if c.legal else ''}"
            for c in clocks
            if c.name != "report"
        ],
        asked=f"J{asked.id} {asked.text[:80]}{_also(questions[:-1])}" if asked else "",
        decision=asked.id if asked else None,
        latest=_latest(asked, clocks, now),
        peak=ahead.peak_of(db, incident.id, now),
        next_at=next((c.due_at for c in clocks if c.name == "update"), None),
    )
