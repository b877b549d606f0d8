"""Changes that touch an incident and everybody around it: who hears of it, which clocks run. Each is part of a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import ahead, alerting, cards
from bot.drafting import order
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import TRUTHS, Incident, State
from bot.model.people import Person, Role
from bot.model.times import clock_of
from bot.store import calls, incidents, journal, mentions, notes, outbox, plans, rooms, statements, timers, voice, work
from bot.store.timers import Clock

CLOCKS = {
    "claim": "认领",
    "assessment": "研判",
    "report": "上报",
    "first_statement": "首次发声",
    "update": "速报",
    "account": "完整说明",
    "review": "复盘",
    "next_word": "再次通报",
}
FROM_SUGGESTION = ("assessment", "report", "first_statement", "account")
STEPS = (50, 100, 150)
LEGAL_STEPS = (50, 75, 90, 100, 150)
WANGLOU = "望楼"
CALL_AGAIN = timedelta(minutes=5)
BY_SUGGESTION = "按建议"


@contextmanager
def following(db: Database) -> Iterator[None]:
    """Whatever is done inside: the newest alert card of every incident it touches follows."""
    before = journal.last(db)
    yield
    for number in journal.touched(db, before):
        _follow(db, number)


def reached(db: Database, house: House, person: Person, before: int, *, at: datetime) -> None:
    """Who does something about an incident knows of it: nobody need telephone, nor wait for 已阅. Where that is the commander or
    a briefed leader, the report upwards was made. ``before``: the last log row before the command."""
    leads = person.has(Role.COMMANDER) or any(person.name in brief.to for brief in house.briefs)
    for number in journal.touched(db, before):
        incident = incidents.find(db, number)
        if incident is None:
            continue
        for each in calls.waiting(db, incident=number, person=person.name):
            if each.at < at and not each.talk:
                calls.answer(db, each, at=at, by=person.name)
                timers.end_timers(db, f"call:{each.id}", at, "本人已处理")
        plans.mark_read(db, person.name, number, at=at)
        timers.end_timers(db, f"read:{number}:{person.name}:", at, "本人已处理")
        if leads:
            meet(db, incident, "report", at=at, by=person.name)


def _follow(db: Database, number: int) -> None:
    incident = incidents.find(db, number)
    if incident is None:
        return
    for row in outbox.newest_alerts(db, number):
        if row.post.card is None or row.post.card.kind != "alert":
            continue
        post = cards.follow(row.post.card, incident, incidents.row(db, number))
        if post.card and replace(post.card, revision=row.post.card.revision) != row.post.card:
            outbox.repaint(db, row.id, post)


def may_know(incident: Incident, person: Person) -> bool:
    """A confidential incident is known to its owner, co-workers, the commander and the people named, to nobody else."""
    if not incident.confidential or person.has(Role.COMMANDER):
        return True
    return person.name in {incident.owner, *incident.helpers, *incident.named}


def knows(house: House, incident: Incident | None, name: str) -> bool:
    """Whether somebody by this name may know of an incident; of what belongs to none everybody of the house may."""
    person = house.person(name)
    return person is not None and (incident is None or may_know(incident, person))


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a post is not pushed into a room."""

    reason: str


def tell_rooms(
    db: Database,
    house: House,
    incident: Incident,
    post: Post,
    *,
    at: datetime,
    kind: str,
    reason: str,
    besides: str = "",
    collapse: str = "",
    heard: Sequence[str] = (),
) -> list[int]:
    """Says something about an incident in every room that hears of its grade, but not in ``besides`` where it was said already.

    Mutes hold it back (never at red). A confidential incident is in no room: who may know of it hears alerts and escalations
    in private, but for those who ``heard`` it already.
    """
    if incident.confidential:
        return _tell_insiders(db, house, incident, post, at, kind, reason, heard) if kind in ("alert", "escalation") else []
    said = []
    for room in house.rooms:
        if room.name == besides or not alerting.receives(incident.shown or Grade.BLUE, room.from_grade):
            continue
        held = muted(db, house, incident, room.name, at) if kind in ("alert", "notice") else ""
        if held:
            _note_silence(db, incident, f"muted:{held}", at)
            continue
        said.append(
            outbox.put(
                db,
                cards.masked_post(post),
                at=at,
                kind=kind,
                reason=reason,
                room=room.name,
                incident=incident.id,
                grade=incident.shown,
                collapse=collapse,
            )
        )
    return said


def _tell_insiders(
    db: Database, house: House, incident: Incident, post: Post, at: datetime, kind: str, reason: str, heard: Sequence[str]
) -> list[int]:
    insiders = [p for p in house.people if may_know(incident, p) and p.name not in heard]
    return [tell_person(db, p.name, post, at=at, kind=kind, reason=reason, incident=incident) for p in insiders]


def tell_person(
    db: Database,
    name: str,
    post: Post,
    *,
    at: datetime,
    kind: str,
    reason: str,
    incident: Incident | None = None,
    urgent: bool = False,
) -> int:
    """Says something to one person in private."""
    return outbox.put(
        db,
        post,
        at=at,
        kind=kind,
        reason=reason,
        person=name,
        incident=incident.id if incident else None,
        grade=incident.shown if incident else None,
        urgent=urgent or None,
    )


def muted(db: Database, house: House, incident: Incident, room: str, at: datetime) -> str:
    """The mute that holds an incident's messages out of a room, or empty; red is never held."""
    shown = incident.shown or Grade.BLUE
    if shown is Grade.RED:
        return ""
    for mute in rooms.mutes(db, at):
        if mute.room and mute.room != room:
            continue
        if (mute.word and not _about(db, incident, mute.word)) or (mute.source and not _only_from(db, incident, mute.source)):
            continue
        if mute.incident is not None and mute.incident != incident.id:
            continue
        if mute.max_grade and shown > mute.max_grade:
            continue
        if mute.min_grade and shown >= mute.min_grade:
            continue
        if mute.quiet and not in_window(mute.quiet, at, house):
            continue
        return f"静音{mute.id}"
    return ""


def _about(db: Database, incident: Incident, word: str) -> bool:
    strands = [mentions.strand(db, strand) for strand in mentions.strands_of(db, incident.id)]
    return any(word in text for text in (incident.title, *(row["title"] for row in strands)))


def _only_from(db: Database, incident: Incident, source: str) -> bool:
    """Whether every mention of an incident is of this source, author or platform."""
    strands = mentions.strands_of(db, incident.id)
    return bool(strands) and mentions.only_from(db, strands, source)


def quiet_until(db: Database, house: House, incident: Incident, at: datetime) -> datetime | None:
    """When the quiet hours that hold this incident end; None outside of them. Orange and red are held by none."""
    shown = incident.shown or Grade.BLUE
    if shown >= Grade.ORANGE:
        return None
    for mute in rooms.mutes(db, at):
        if mute.quiet and in_window(mute.quiet, at, house) and not (mute.min_grade and shown >= mute.min_grade):
            local = at.astimezone(house.zone)
            hour, minute = map(int, mute.quiet.partition("-")[2].split(":"))
            end = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
            return end if end > local else end + timedelta(days=1)
    return None


def in_window(window: str, at: datetime, house: House) -> bool:
    """Whether a moment lies in a daily window such as ``23:00-07:00``."""
    start, _, end = window.partition("-")
    clock = at.astimezone(house.zone).strftime("%H:%M")
    return start <= clock < end if start <= end else clock >= start or clock < end


def _note_silence(db: Database, incident: Incident, reason: str, at: datetime) -> None:
    rooms.note_alert(
        db,
        at=at,
        sent=False,
        kind="alert",
        reason=reason,
        incident=incident.id,
        strand=None,
        suggested=incident.suggested,
        per_hour=0,
        triggers=[],
        authority="",
        detail="",
    )


def call(db: Database, house: House, incident: Incident | None, name: str, why: str, *, at: datetime, key: str = "") -> bool:
    """Opens a call row: the duty officer is asked to telephone somebody; the number goes by private message only."""
    person = house.person(name)
    callers = [p for p in house.with_role(Role.DUTY, Role.COMMANDER, Role.PR) if p.name != name and p.name not in house.away]
    if person is None or not callers or (incident and not may_know(incident, callers[0])):
        return False
    number = incident.id if incident else None
    if calls.waiting(db, incident=number, person=name):
        return False
    made, new = calls.open_call(
        db, incident=number, person=name, caller=callers[0].name, why=why, key=key or f"{number}:{name}:{why}", at=at
    )
    if not new:
        return False
    say_call(db, house, made, at)
    timers.set_timer(db, f"call:{made.id}", "call", at + CALL_AGAIN, at=at, incident=number, call=made.id)
    return True


def say_call(db: Database, house: House, it: calls.Call, at: datetime, again: str = "") -> None:
    """「请电话陈总，回：已电话 陈总」 to who must call."""
    person, incident = house.person(it.person), incidents.find(db, it.incident) if it.incident else None
    phone = f"（{person.phone}）" if person and person.phone else ""
    about = f"#{incident.id} {incident.title[:20]}，" if incident else ""
    text = f"{again}请电话{it.person}{phone}：{about}{it.why}。打完回：已电话 {it.person}"
    tell_person(db, it.caller, Post(text), at=at, kind="escalation", reason="call", incident=incident, urgent=True)


def call_red_list(db: Database, house: House, incident: Incident, *, at: datetime, besides: Sequence[str] = ()) -> None:
    """Red telephones: a call row for each person on the red list (the commanders, and who is briefed from some grade on)."""
    briefed = [name for brief in house.briefs for name in brief.to]
    everybody = dict.fromkeys([*(p.name for p in house.with_role(Role.COMMANDER)), *briefed])
    names = [name for name in everybody if name not in besides]
    opened = [n for n in names if call(db, house, incident, n, "红级", at=at, key=f"red:{incident.id}:{incident.round}:{n}")]
    if not opened:
        return
    caller = next(c.caller for c in calls.waiting(db, incident=incident.id) if c.person == opened[0])
    text = f"#{incident.id} 红级：请{caller}电话{'、'.join(opened)}，回：已电话 {opened[0]}"
    tell_rooms(db, house, incident, Post(text), at=at, kind="escalation", reason="call")


def keeps_clock(person: Person) -> bool:
    """The duty officer keeps the clock, the commander stands in."""
    return person.has(Role.DUTY, Role.COMMANDER)


def on_call(house: House, grade: Grade | None) -> Person | None:
    """Who must answer now: the monitor for blue and yellow, the duty officer from orange on."""
    if (grade or Grade.BLUE) >= Grade.ORANGE:
        return house.first(Role.DUTY, Role.COMMANDER)
    return house.first(Role.MONITOR, Role.DUTY)


def start_clocks(db: Database, house: House, incident: Incident, *, at: datetime, first: bool) -> list[Clock]:
    """Runs the clocks of the grade shown; on a rise each deadline becomes the earlier of the old and now + the new limit.

    Claim counts from the alert, the rest from the moment the grade was first suggested in this round (= now).
    """
    names = list(FROM_SUGGESTION)
    if not incident.owner:
        names.insert(0, "claim")
    if incident.assessed:
        names.remove("assessment")
    started = []
    for name in names:
        limit = house.limit(name, incident.shown)
        if limit is None or (not first and _ended(db, incident, name)):
            continue
        started.append(start_clock(db, house, incident, name, at=at, limit_s=limit))
    return started


def _ended(db: Database, incident: Incident, name: str) -> bool:
    return any(c.name == name and c.round == incident.round for c in timers.clocks_of(db, incident.id, ("met", "waived")))


def start_clock(
    db: Database, house: House, incident: Incident, name: str, *, at: datetime, limit_s: float, legal: bool = False
) -> Clock:
    """Starts one clock with the steps of its escalation run; the chain is copied into it."""
    clock = timers.start_clock(
        db,
        incident.id,
        incident.round,
        name,
        at=at,
        by=WANGLOU,
        started_at=at,
        limit_s=limit_s,
        grade=incident.shown,
        policy=house.chain(),
        legal=legal,
    )
    set_steps(db, clock, at)
    return clock


def set_steps(db: Database, clock: Clock, at: datetime) -> None:
    """The timers of a clock: a reminder at half its time for clocks of an hour or more (claim: always), then 100 and 150 %."""
    length = clock.due_at - clock.started_at
    for step in LEGAL_STEPS if clock.legal else STEPS:
        due = clock.started_at + length * step / 100
        if step == 50 and length < timedelta(hours=1) and clock.name != "claim":
            continue
        key = f"clock:{clock.id}:{step}"
        if not timers.set_timer(db, key, "clock", due, at=at, incident=clock.incident, step=str(step), clock=clock.id):
            timers.move_timer(db, key, due)


def start_updates(db: Database, house: House, incident: Incident, *, at: datetime, since: datetime | None = None) -> None:
    """Runs the update clock, from ``since`` where that is not past already; one that runs keeps its earlier deadline."""
    limit = house.limit("update", incident.shown)
    if limit is None:
        return
    begun = since if since and since + timedelta(seconds=limit) > at else at
    start_clock(db, house, incident, "update", at=begun, limit_s=limit)


def track(db: Database, house: House, incident: Incident, *, at: datetime, by: str) -> Incident:
    """Nothing is left but to watch: the quiet period runs, the inside clocks end."""
    until = at + timedelta(seconds=house.limit("quiet", incident.peak or incident.shown or Grade.BLUE) or 43_200)
    tracking = incidents.change(db, incident.id, "track", at=at, by=by, state=State.TRACKING, tracked_at=at, quiet_until=until)
    cancel_clocks(db, tracking, at=at, by=by, why="已转跟踪", legal=False)
    timers.set_timer(db, f"quiet:{incident.id}:{at.timestamp():.0f}", "quiet", until, at=at, incident=incident.id)
    return tracking


def meet(db: Database, incident: Incident, name: str, *, at: datetime, by: str) -> Clock | None:
    """The act a clock waits for was done: its escalation run ends. None where it does not run."""
    clock = timers.find_clock(db, incident.id, name)
    if clock:
        timers.end_clock(db, clock, "met", at=at, by=by)
    return clock


def cancel_clocks(db: Database, incident: Incident, *, at: datetime, by: str, why: str, legal: bool = True) -> None:
    """Cancels the clocks of an incident, with the reason; where ``legal`` is false, legal ones and what we promised in public stay."""
    for clock in timers.clocks_of(db, incident.id):
        if legal or not (clock.legal or clock.name == "next_word"):
            timers.end_clock(db, clock, "cancelled", at=at, by=by, why=why)


def deadlines(db: Database, incident: Incident, now: datetime, names: Sequence[str] = ()) -> list[str]:
    """The running clocks in words: 「首次发声 14:47 前」."""
    running = timers.clocks_of(db, incident.id)
    return [
        f"{CLOCKS.get(clock.name, clock.name)} {clock_of(clock.due_at, now)} 前"
        for clock in running
        if not names or clock.name in names
    ]


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
            if name not in (*told, *besides) and person and may_know(incident, person):
                sent = cards.brief_on_paper(post, incident.id, at) if brief.docx and _is_brief(post) else post
                tell_person(db, name, sent, at=at, kind="notice", reason=reason, incident=incident)
                _await_reading(db, house, incident, person, post, reason, at)
                told.append(name)
    if told:
        meet(db, incident, "report", at=at, by=WANGLOU)
    return told


def _await_reading(
    db: Database, house: House, incident: Incident, person: Person, post: Post, reason: str, at: datetime
) -> None:
    """A brief waits for 已阅; unread in time, duty telephones. Who has no private channel is telephoned at once, and it is said."""
    if not _is_brief(post):
        return
    plans.add_briefing(db, incident.id, person.name, reason, grade=incident.shown, at=at)
    if not any(person.id_on(room.platform) for room in house.rooms):
        if call(
            db, house, incident, person.name, "没有私信通道，简报送不到", at=at, key=f"channel:{incident.id}:{person.name}"
        ):
            text = f"#{incident.id} {person.name}没有私信通道，简报送不到，已请值班长电话"
            tell_rooms(db, house, incident, Post(text), at=at, kind="escalation", reason="brief")
        return
    if limit := house.limit("read", incident.shown):
        due = at + timedelta(seconds=limit)
        key = f"read:{incident.id}:{person.name}:{at.timestamp():.0f}"
        timers.set_timer(db, key, "unread", due, at=at, incident=incident.id, person=person.name)


def _is_brief(post: Post) -> bool:
    return post.card is not None and post.card.kind == "brief"


def brief(db: Database, incident: Incident, now: datetime) -> Post:
    """The one-screen brief for leaders (domain handbook, section 11), from what is stored."""
    return replace(cards.brief(incident, brief_facts(db, incident, now), now), chart=ahead.chart(db, incident, now))


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
    return cards.BriefFacts(
        indicators=gauge.get("indicators", {}),
        reasons=gauge.get("suggestion", {}).get("reasons", []),
        conclusion=_conclusion(db, incident),
        known=[f"{f.text}（{_witness(f, now)}）" for f in work.facts(db, incident.id, ("confirmed",))],
        unknown=[f.text for f in work.facts(db, incident.id, ("unverified",))],
        decisions=[d.said for d in work.decisions(db, incident.id, ("decided",))],
        done=[*(t.text for t in done), *_reported(db, incident), *_released(db, incident)],
        doing=[*_waiting(db, incident), *_missed(db, incident), *(f"{t.text}（{t.assignee or '无人'}）" for t in live)],
        clocks=[
            f"{CLOCKS.get(c.name, c.name)}{cards.left(c.due_at, now)}{'（非法律意见）' if c.legal else ''}" for c in clocks
        ],
        asked=f"J{asked.id} {asked.text[:80]}{_also(questions[:-1])}" if asked else "",
        decision=asked.id if asked else None,
        latest=_latest(asked, clocks, now),
        peak=ahead.peak_of(db, incident.id, now),
        next_at=next((c.due_at for c in clocks if c.name == "update"), None),
    )
