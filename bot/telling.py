"""What an alert says and to whom it goes, and the note of each one that was not sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot import alerting, calling, cards, lawclocks, leaders, saying
from bot.analysis.grading import Suggestion
from bot.analysis.indicators import Indicators
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident, State
from bot.model.people import WANGLOU, Role
from bot.model.times import clock_of, span_of
from bot.store import evidence, incidents, mentions, rooms, timers, work


def speak(
    db: Database,
    house: House,
    incident: Incident,
    strands: Sequence[int],
    decision: alerting.Decision,
    indicators: Indicators,
    suggestion: Suggestion,
    now: datetime,
    besides: str = "",
) -> None:
    shown, note = cards.as_suggested(incident), _reopening(db, incident, strands)
    _keep_first(db, incident, strands, now)
    post = alert_post(db, house, shown, strands, decision.reason, indicators.as_json(), suggestion.reasons, now, note)
    collapse = f"alert:{incident.id}"
    said = saying.tell_rooms(
        db, house, shown, post, at=now, kind="alert", reason=decision.reason, collapse=collapse, besides=besides
    )
    if not said and not besides and shown.shown is Grade.ORANGE:
        said = _tell_quietly(db, house, shown, post, decision.reason, now)
    rooms.note_alert(
        db,
        at=now,
        sent=True,
        kind="alert",
        reason=decision.reason,
        incident=incident.id,
        strand=None,
        suggested=suggestion.grade,
        per_hour=indicators.per_hour,
        triggers=sorted(f.name for f in suggestion.fired if f.grade),
        authority=indicators.authority.best.value,
        detail=decision.detail,
        rows=len(said),
    )
    if shown.shown is Grade.RED:
        calling.call_red_list(db, house, shown, at=now)
    if decision.reason in ("raised", "worsened", "trigger"):
        leaders.tell_leaders(db, house, shown, at=now, reason=decision.reason, post=leaders.brief(db, shown, now))


def _reopening(db: Database, incident: Incident, strands: Sequence[int]) -> str:
    """While nobody has claimed it: the closed incident of the same matter may be reopened instead; not one that is confidential."""
    number = mentions.before(db, strands[0]) if strands and incident.state is State.NEW else None
    earlier = incidents.find(db, number) if number else None
    if earlier is None or earlier.open or earlier.id == incident.id or earlier.confidential:
        return ""
    return f"同一话题的 #{earlier.id} 已结案；要接着办请回「重开 #{earlier.id}」"


def _tell_quietly(db: Database, house: House, incident: Incident, post: Post, reason: str, now: datetime) -> list[int]:
    """The rooms are silent: an orange alert goes to the person on call."""
    person = calling.on_call(house, incident.shown)
    if not person or not saying.may_know(incident, person) or incident.confidential:
        return []
    return [saying.tell_person(db, person.name, post, at=now, kind="alert", reason=reason, incident=incident)]


def _keep_first(db: Database, incident: Incident, strands: Sequence[int], now: datetime) -> None:
    """The first post of every alert is evidence, kept word for word."""
    for first in mentions.examples(db, strands, 1):
        evidence.capture(
            db,
            incident=incident.id,
            kind="post",
            text=f"{first['title']}\n{first['text']}".strip(),
            url=first["url"],
            source=first["author"] or first["platform"] or first["source"],
            by=WANGLOU,
            at=now,
            key=f"mention:{first['id']}",
        )


def alert_post(
    db: Database,
    house: House,
    incident: Incident,
    strands: Sequence[int],
    reason: str,
    indicators: Mapping[str, Any],
    reasons: Sequence[str],
    now: datetime,
    note: str = "",
) -> Post:
    """The alert card of an incident as it stands."""
    tasks = [t for t in work.tasks(db, incident=incident.id) if t.kind == "verify"]
    first = next(iter(mentions.examples(db, strands, 1)), None)
    piece = evidence.of_key(db, incident.id, f"mention:{first['id']}") if first else None
    facts = cards.AlertFacts(
        evidence=piece.name if piece else "",
        reason=reason,
        indicators=indicators,
        reasons=reasons,
        first=first,
        tasks=[f"T{t.id} {t.text} {t.assignee or '无人'}" for t in tasks],
        ask=_ask(db, house, incident, now),
        others=[other for other in incidents.listed(db) if other.id != incident.id],
        note=note or lawclocks.line(db, incident, now),
    )
    return cards.alert(incident, facts, now)


def _ask(db: Database, house: House, incident: Incident, now: datetime) -> str:
    """The last line of an alert: who must do what by when."""
    if incident.owner:
        clock = timers.find_clock(db, incident.id, "assessment")
        due = f" {clock_of(clock.due_at, now)} 前" if clock else ""
        if incident.state in (State.NEW, State.ASSESSING):
            duty = house.first(Role.DUTY, Role.COMMANDER)
            return f"{incident.owner} 处理中｜请{duty.name if duty else '值班长'}{due}确认级别"
        return f"{incident.owner} {incident.state.label}"
    person = calling.on_call(house, incident.shown)
    clock = timers.find_clock(db, incident.id, "claim")
    who = f"请{person.name} " if person else "请任一组员 "
    if clock is None:
        return f"{who}认领"
    return f"{who}{clock_of(clock.due_at, now)} 前认领（{span_of((clock.due_at - now).total_seconds())}）"


def tell_on_call(db: Database, house: House, incident: Incident, now: datetime) -> None:
    person = calling.on_call(house, incident.shown)
    if person is None:
        return
    text = f"{cards.mark(incident)} #{incident.id} {incident.title[:26]}\n{_ask(db, house, incident, now)}\n可直接在这里回：认领 #{incident.id}"
    saying.tell_person(db, person.name, Post(text), at=now, kind="notice", reason="on_call", incident=incident)


def ease(
    db: Database,
    house: House,
    incident: Incident,
    decision: alerting.Decision,
    suggestion: Suggestion,
    indicators: Indicators,
    now: datetime,
) -> None:
    label = incident.suggested.label if incident.suggested else "蓝"
    post = Post(
        f"#{incident.id} {incident.title[:26]}：建议降为{label}，已持续够久。确认请值班长回：定级 #{incident.id} {label}"
    )
    said = saying.tell_rooms(db, house, incident, post, at=now, kind="alert", reason="eased")
    rooms.note_alert(
        db,
        at=now,
        sent=True,
        kind="alert",
        reason="eased",
        incident=incident.id,
        strand=None,
        suggested=incident.suggested,
        per_hour=indicators.per_hour,
        triggers=sorted(f.name for f in suggestion.fired if f.grade),
        authority=indicators.authority.best.value,
        detail=decision.detail,
        rows=len(said),
    )


def end_mutes(db: Database, incident: Incident, now: datetime) -> None:
    for mute in rooms.mutes(db, now):
        if mute.incident == incident.id:
            rooms.unmute(db, mute, at=now, by=WANGLOU, why="级别上升")


def note_silence(
    db: Database,
    now: datetime,
    decision: alerting.Decision,
    suggestion: Suggestion,
    indicators: Indicators,
    *,
    incident: Incident | None,
    strand: int | None,
) -> None:
    rooms.note_alert(
        db,
        at=now,
        sent=False,
        kind="alert",
        reason=decision.reason,
        incident=incident.id if incident else None,
        strand=strand,
        suggested=suggestion.grade,
        per_hour=indicators.per_hour,
        triggers=sorted(f.name for f in suggestion.fired if f.grade),
        authority=indicators.authority.best.value,
        detail=suggestion.withheld or decision.detail,
    )
