"""One strand or incident judged: measured, graded, opened or raised, and what must be said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot import alerting, clocking, falling, following, lawclocks, planning, ringing, saying
from bot.analysis.grading import Suggestion, may_lower, suggest
from bot.analysis.indicators import Indicators
from bot.gauging import fired, indicators_of
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import OPEN, Incident, State
from bot.model.people import WANGLOU, Role
from bot.model.times import clock_of, from_iso, iso
from bot.model.wording import read, written
from bot.plan.playbooks import guess
from bot.store import counting, incidents, mentions, plans, rooms, staff, timers, work
from bot.telling import ease, end_mutes, note_silence, speak, tell_on_call


def judge(db: Database, house: House, strand: int, now: datetime) -> None:
    """Measures a strand, or the incident it belongs to, and says what must be said; its card follows."""
    with following.touched(db):
        _judge(db, staff.staffed(db, house, now), strand, now)


def _judge(db: Database, house: House, strand: int, now: datetime) -> None:
    row = mentions.strand(db, strand)
    incident = incidents.find(db, row["incident"]) if row["incident"] else None
    if incident and incident.state not in OPEN:
        return
    strands = mentions.strands_of(db, incident.id) if incident else [strand]
    indicators = indicators_of(counting.count(db, strands, now), now)
    suggestion = suggest(indicators, fired(db, strands, incident), house.thresholds)
    if incident is None:
        _first(db, house, row, indicators, suggestion, now)
    else:
        _again(db, house, incident, strands, indicators, suggestion, now)
    number = mentions.strand(db, strand)["incident"]
    if number:
        _set_going(db, house, incidents.get(db, number), suggestion, now)


def open_told(
    db: Database,
    house: House,
    title: str,
    type: str,
    grade: Grade,
    now: datetime,
    *,
    why: str,
    kinds: Sequence[str] = (),
) -> Incident:
    """Opens an incident that no mention told of: our own probes did. ``kinds`` are the triggers they fire."""
    with following.touched(db):
        incident = incidents.open_new(db, title=title, at=now, by=WANGLOU, suggested=grade, why=why, kind=type)
        for kind in kinds:
            plans.cross(db, incident.id, kind, why, sure=True, at=now, by=WANGLOU)
        indicators = indicators_of(counting.count(db, (), now), now)
        suggestion = suggest(indicators, fired(db, (), incident), house.thresholds)
        if suggestion.grade and suggestion.grade > grade:
            incident = incidents.change(
                db, incident.id, "suggest", at=now, by=WANGLOU, why=why, suggested=suggestion.grade, peak=suggestion.grade
            )
        suggestion = replace(suggestion, grade=incident.suggested, reasons=suggestion.reasons or (why[:40],))
        _measured(db, incident, indicators, suggestion, now, None, None)
        clocking.start_clocks(db, house, incident, at=now, first=True)
        ringing.set_ungraded(db, house, incident, now)
        decision = alerting.Decision(True, "raised", why)
        speak(db, house, incident, (), decision, indicators, suggestion, now)
        tell_on_call(db, house, incident, now)
        _set_going(db, house, incident, suggestion, now)
    return incident


def reconsider(db: Database, house: House, incident: Incident, now: datetime, *, heard_in: str | None = None) -> None:
    """An incident judged anew because people or our own probes told something; also one without any mentions.

    ``heard_in`` is the room (empty: a private chat) where somebody told it and reads the answer: no alert there unless the grade
    rises, and which legal clocks were proposed is said by whoever calls."""
    with following.touched(db):
        strands = mentions.strands_of(db, incident.id)
        indicators = indicators_of(counting.count(db, strands, now), now)
        suggestion = suggest(indicators, fired(db, strands, incident), house.thresholds)
        if not incident.open:
            return
        if strands or (suggestion.grade or 0) > (incident.suggested or 0):
            _again(db, house, incident, strands, indicators, suggestion, now, heard_in or "")
        _set_going(db, house, incidents.get(db, incident.id), suggestion, now, offer=heard_in is None)


def _set_going(
    db: Database, house: House, incident: Incident, suggestion: Suggestion, now: datetime, *, offer: bool = True
) -> None:
    """What follows from a suggestion: the legal clocks that may run, and from yellow on the plan, provisionally until confirmed."""
    if not incident.open:
        return
    full = [f for f in suggestion.fired if f.grade and not f.to_verify]
    lawclocks.propose(db, house, incident, [f.kind for f in full], at=now, offer=offer)
    wanted, known = suggestion.grade or Grade.BLUE, plans.plan_of(db, incident.id, incident.round)
    if incident.grade is None and wanted >= Grade.YELLOW:
        planning.begin(db, house, incident, at=now, by=WANGLOU, provisional=True)
    elif incident.grade is None and known and (incident.suggested or Grade.BLUE) < (known.grade or Grade.BLUE):
        planning.lower(db, house, incident, at=now, by=WANGLOU)


def _first(
    db: Database, house: House, row: Mapping[str, Any], indicators: Indicators, suggestion: Suggestion, now: datetime
) -> None:
    """A strand without incident: opens one when it has reached a grade."""
    if ours := _about_our_site(db, house, row):
        mentions.attach(db, row["id"], ours.id)
        _again(db, house, ours, mentions.strands_of(db, ours.id), indicators, suggestion, now)
        return
    decision = alerting.decide(_standing(indicators, suggestion), (), now)
    previous = mentions.before(db, row["id"])
    earlier = incidents.find(db, previous) if previous else None
    if decision.speak and earlier and earlier.resolution == "false_alarm" and (suggestion.grade or 0) <= (earlier.shown or 0):
        decision = alerting.Decision(False, "false_alarm", f"#{earlier.id} 已判误报，级别没有更高")
    if not decision.speak:
        note_silence(db, now, decision, suggestion, indicators, incident=None, strand=row["id"])
        return
    incident = incidents.open_new(
        db,
        title=_title(db, row),
        at=now,
        by=WANGLOU,
        suggested=suggestion.grade,
        why=decision.detail,
        kind=_type(house, row, suggestion),
    )
    mentions.attach(db, row["id"], incident.id)
    _measured(db, incident, indicators, suggestion, now, None, None)
    _verify(db, house, incident, suggestion, now)
    clocking.start_clocks(db, house, incident, at=now, first=True)
    ringing.set_ungraded(db, house, incident, now)
    speak(db, house, incident, [row["id"]], decision, indicators, suggestion, now)
    tell_on_call(db, house, incident, now)


def _title(db: Database, row: Mapping[str, Any]) -> str:
    """The strand's title as one of its mentions wrote it."""
    said = ((words, read(words)) for words in mentions.said(db, row["id"]))
    return written(row["title"], said) or row["title"] or "未命名"


def _about_our_site(db: Database, house: House, row: Mapping[str, Any]) -> Incident | None:
    """The open incident of our own site that this strand tells of, too: who writes that it is down writes of what our probe saw."""
    words = " ".join([row["title"], *row["words"]])
    told = any(word in words for type in ("outage", "defacement") for word in house.plan.playbook(type).words)
    return next((i for i in incidents.listed(db) if told and i.type in ("outage", "defacement")), None)


def _again(
    db: Database,
    house: House,
    incident: Incident,
    strands: Sequence[int],
    indicators: Indicators,
    suggestion: Suggestion,
    now: datetime,
    heard_in: str = "",
) -> None:
    """An incident in hand: raises its suggestion at once, lowers it after it has held, speaks when there is something new."""
    gauge = incidents.gauge(db, incident.id)
    current, wanted = incident.suggested, suggestion.grade or Grade.BLUE
    lower_since = _lower_since(gauge, current, wanted, now)
    eased = current is not None and wanted < current and may_lower(current, lower_since, now, house.thresholds)
    told = [
        alerting.Told(a["at"], a["reason"], a["suggested"], a["per_hour"], frozenset(a["triggers"]), a["authority"])
        for a in rooms.alerts(db, incident.id)
        if a["at"] >= _round_start(db, incident)
    ]
    again = alerting.second_wave(incidents.hourly(db, incident.id, _round_start(db, incident)), indicators.per_hour)
    standing = replace(_standing(indicators, suggestion), eased=eased, second_wave=again)
    if incident.grade and wanted <= incident.grade:
        standing = replace(standing, suggested=min(wanted, max((t.suggested or wanted for t in told[-1:]), default=wanted)))
    decision = alerting.decide(standing, told, now)
    raised = current is None or wanted > current
    if raised or eased:
        peak = max(incident.peak or wanted, wanted)
        incident = incidents.change(
            db,
            incident.id,
            "suggest",
            at=now,
            by=WANGLOU,
            why=decision.detail,
            suggested=wanted,
            peak=peak,
            note={"grade": wanted.key},
        )
        lower_since = None
    if raised:
        falling.suggestion_rose(db, house, incident, now)
    _measured(db, incident, indicators, suggestion, now, lower_since, wanted.key if lower_since else None)
    _verify(db, house, incident, suggestion, now)
    if not decision.speak:
        note_silence(db, now, decision, suggestion, indicators, incident=incident, strand=None)
        return
    if raised and wanted > (incident.grade or 0):
        clocking.start_clocks(db, house, replace(incident, grade=None), at=now, first=False)
        end_mutes(db, incident, now)
    if incident.state is State.TRACKING and decision.reason != "eased":
        clocking.start_clocks(db, house, incident, at=now, first=False)
        clocking.start_updates(db, house, incident, at=now)
    if decision.reason == "eased":
        ease(db, house, incident, decision, suggestion, indicators, now)
        return
    besides = "" if raised and wanted > (incident.grade or 0) else heard_in
    speak(db, house, incident, strands, decision, indicators, suggestion, now, besides)


def _round_start(db: Database, incident: Incident) -> datetime:
    return from_iso(incidents.row(db, incident.id)["round_at"])


def _lower_since(gauge: Mapping[str, Any], current: Grade | None, wanted: Grade, now: datetime) -> datetime | None:
    if current is None or wanted >= current:
        return None
    return from_iso(gauge["lower_since"]) if gauge.get("lower_since") else now


def _standing(indicators: Indicators, suggestion: Suggestion) -> alerting.Now:
    return alerting.Now(
        suggested=suggestion.grade,
        triggers=frozenset(f.name for f in suggestion.fired if f.grade),
        authority=indicators.authority.best.value,
        per_hour=indicators.per_hour,
    )


def _measured(
    db: Database,
    incident: Incident,
    indicators: Indicators,
    suggestion: Suggestion,
    now: datetime,
    lower_since: datetime | None,
    lower_grade: str | None,
) -> None:
    said = {"grade": suggestion.grade.key if suggestion.grade else None, "reasons": list(suggestion.reasons)}
    since = iso(lower_since) if lower_since else None
    incidents.set_gauge(db, incident.id, now, indicators.as_json(), said, since, lower_grade, None)


def _type(house: House, row: Mapping[str, Any], suggestion: Suggestion) -> str:
    """A first guess of the incident's type from its triggers and words; a person says what it is when assessing."""
    words = " ".join([row["title"], *row["words"], *(f.words for f in suggestion.fired)])
    return guess(house.plan.playbooks, [f.kind for f in suggestion.fired], words)


def _verify(db: Database, house: House, incident: Incident, suggestion: Suggestion, now: datetime) -> None:
    """One verification task for each credible claim that nobody has confirmed or refuted; done when a fact has settled it."""
    wanted = {claim.kind for claim in suggestion.verify}
    settled = bool(work.facts(db, incident.id, ("confirmed", "refuted")))
    for task in work.tasks(db, incident=incident.id):
        if settled and task.kind == VERIFY and work.key_of(db, task.id).rpartition(":")[2] not in wanted:
            work.change_task(db, task, "task_done", at=now, by=WANGLOU, why="事实已有结论", state="done", done_at=now)
            timers.end_timers(db, f"task:{task.id}:", now, "事实已有结论")
    asked: dict[str, list[work.Task]] = {}
    for claim in suggestion.verify:
        who = house.first(*_VERIFIERS.get(claim.kind, (Role.BIZ, Role.DUTY)))
        task, new = work.add_task(
            db,
            incident=incident.id,
            text=f"核实{claim.name}",
            assignee=who.name if who else "",
            by=WANGLOU,
            at=now,
            due_at=now + timedelta(seconds=house.limit("assessment", incident.shown) or 14_400),
            kind=VERIFY,
            key=f"verify:{incident.id}:{claim.kind}",
        )
        if new:
            planning.remind(db, task, now)
            asked.setdefault(task.assignee, []).append(task)
    for name, tasks in asked.items():
        _ask_to_verify(db, house, incident, name, tasks, now)


def _ask_to_verify(
    db: Database, house: House, incident: Incident, name: str, tasks: Sequence[work.Task], now: datetime
) -> None:
    person = house.person(name)
    if person is None or not saying.may_know(incident, person):
        return
    due = f"，{clock_of(tasks[0].due_at, now)} 前" if tasks[0].due_at else ""
    asked = f"#{incident.id} {incident.title[:20]}：请办 {'；'.join(task.name for task in tasks)}{due}"
    text = f"{asked}\n有结论请回：记一下 #{incident.id} 核实了 …（来源：…）"
    saying.tell_person(db, name, Post(text), at=now, kind="notice", reason="verify", incident=incident)


VERIFY = "verify"
"""The kind of a task that finds out whether a claim is true."""
_VERIFIERS = {
    "personal_data": (Role.IT_SEC, Role.BIZ, Role.DUTY),
    "personal_data_million": (Role.IT_SEC, Role.BIZ, Role.DUTY),
    "outage": (Role.IT_SEC, Role.BIZ, Role.DUTY),
    "abnormal_trading": (Role.IR, Role.BIZ, Role.DUTY),
    "executive_detained": (Role.LEGAL, Role.BIZ, Role.DUTY),
}
