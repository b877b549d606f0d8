"""The corridor in: source → analysis → [one transaction: known? → strand → indicators → grade → incident → who is told → outbox].

take_in    a batch that a source, a vendor or a person brought
judge      one strand or incident: measure, suggest, decide to speak or to be silent, and say why
tick       every minute: what only time changes (heat decays, a lower grade has held)
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlite_utils import Database

from bot import alerting, cards, handling, lawclocks, planning, ringing
from bot.analysis import triggers
from bot.analysis.authority import Authorities
from bot.analysis.grading import Fired, Suggestion, may_lower, suggest
from bot.analysis.indicators import Indicators, Tiers, heat, measure, normal, rebased, stored_weight
from bot.handling import WANGLOU
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import OPEN, Incident, State
from bot.model.mention import Mention, Tier
from bot.model.people import Role
from bot.model.reading import Arrival, Counts, Reading
from bot.model.source import is_backlog
from bot.model.times import clock_of, from_iso, iso, span_of
from bot.plan.playbooks import guess
from bot.store import evidence, inbox, incidents, mentions, plans, rooms, sources, staff, timers, work
from bot.store.db import Store, savepoint

log = logging.getLogger("wanglou.watch")

LATE = timedelta(hours=48)
PAUSE = timedelta(seconds=1)


class Analyst(Protocol):
    """The judgement, wherever it runs (a worker process, or here in a replay)."""

    async def read(self, batch: Sequence[Mention]) -> list[Reading]: ...

    async def titles(self, matters: Iterable[int]) -> Mapping[int, tuple[str, Sequence[str]]]: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """What came in at once. ``backfill``: what was published that many seconds before it was seen is stored without alert.
    ``state``, ``memory`` (of the health view) and the id of a vendor's ``delivery`` are stored in the same transaction.
    ``incident``: a person brought it for that incident; a new strand belongs there."""

    source: str
    mentions: Sequence[Mention]
    backfill: float = 86_400.0
    state: Mapping[str, Any] | None = None
    memory: Mapping[str, Any] | None = None
    health: str = "ok"
    delivery: str = ""
    incident: int | None = None


class Watch:
    """Takes mentions in. ``own`` are the names of the watch rules of kind own."""

    def __init__(self, store: Store, house: House, analyst: Analyst, authorities: Authorities) -> None:
        self._store = store
        self._house = house
        self._analyst = analyst
        self._authorities = authorities
        self._own = frozenset(name for name, kind in house.watch if kind == "own")
        self._judged: dict[int, datetime] = {}
        self._waiting: dict[int, None] = {}

    async def take_in(self, batch: Batch, now: datetime) -> mentions.Taken:
        """Reads a batch and stores it with all that follows from it; returns after the commit."""
        settled = [self._settle(mention) for mention in batch.mentions]
        readings = await self._analyst.read([mention for mention, _ in settled]) if settled else []
        arrivals = [
            self._arrival(mention, scope, reading, batch.backfill)
            for (mention, scope), reading in zip(settled, readings, strict=True)
        ]
        titles = await self._analyst.titles({a.reading.matter for a in arrivals if a.ours})
        titles = {matter: (_as_written(title, arrivals), words) for matter, (title, words) in titles.items()}
        return await self._store.run(self._take, batch, arrivals, titles, now)

    async def resume(self, now: datetime) -> None:
        """After a restart: judges what was stored and not judged before the end."""
        self._waiting.update(dict.fromkeys(await self._store.read(mentions.live_strands, now - LATE)))
        await self.settle(now)

    async def settle(self, now: datetime) -> None:
        """Judges what came in a moment ago and was not judged at once."""
        if self._waiting:
            await self._store.run(self._judge_waiting, now)

    async def tick(self, now: datetime) -> None:
        """Judges every open incident anew: time alone changes heat, velocity and what has held long enough."""
        for incident in await self._store.read(incidents.listed):
            await self._store.run(self._judge_incident, incident.id, now)

    def _settle(self, mention: Mention) -> tuple[Mention, str]:
        standing = self._authorities.standing(
            author=mention.author,
            host=urlsplit(mention.url).hostname or "",
            platform=mention.platform,
            followers=mention.followers,
            region=mention.region,
            tier=mention.tier,
        )
        scope = "foreign" if standing.foreign else standing.scope
        return replace(mention, tier=standing.tier), scope

    def _arrival(self, mention: Mention, scope: str, reading: Reading, backfill: float) -> Arrival:
        rules = tuple(rule for rule in reading.rules if rule in self._own)
        old = is_backlog(mention, backfill)
        return Arrival(
            mention=mention,
            reading=reading,
            ours=bool(rules) and not old,
            tier=mention.tier or Tier.C,
            scope=scope,
            list=mention.list,
            rules=rules,
            counted=reading.counts,
            late=mention.published is not None and mention.seen - mention.published > LATE,
        )

    def _take(
        self,
        db: Database,
        batch: Batch,
        arrivals: Sequence[Arrival],
        titles: Mapping[int, tuple[str, Sequence[str]]],
        now: datetime,
    ) -> mentions.Taken:
        if batch.delivery and not inbox.first_delivery(db, batch.source, batch.delivery, now):
            return mentions.Taken()
        taken = mentions.take(db, arrivals, weigh=stored_weight, titles=titles)
        if batch.state is not None or batch.memory is not None:
            sources.save(db, batch.source, now, state=batch.state, health=batch.health, memory=batch.memory)
        if batch.incident:
            for strand in [s for s in taken.strands if mentions.strand(db, s)["incident"] is None]:
                mentions.attach(db, strand, batch.incident)
        self._waiting.update(taken.strands)
        self._judge_waiting(db, now)
        return taken

    def _judge_waiting(self, db: Database, now: datetime) -> None:
        """Judges each strand at most once a second: a storm is judged on its sum, not mention by mention."""
        for strand in list(self._waiting):
            last = self._judged.get(strand)
            if last is not None and timedelta() <= now - last < PAUSE:
                continue
            del self._waiting[strand]
            self._judged[strand] = now
            try:
                with savepoint(db, "judge"):
                    judge(db, self._house, strand, now)
            except Exception:  # a judgement that fails must not keep the mentions out
                log.exception("strand %s could not be judged", strand)
        if len(self._judged) > 10_000:
            self._judged.clear()

    def _judge_incident(self, db: Database, number: int, now: datetime) -> None:
        strands = mentions.strands_of(db, number)
        if strands:
            judge(db, self._house, strands[-1], now)


def _as_written(title: str, arrivals: Sequence[Arrival]) -> str:
    """A title as the people wrote it: the analysis reads everything in lower case and half width."""
    for arrival in arrivals:
        words = arrival.mention.words
        start = words.casefold().find(title.casefold())
        if title and start >= 0 and len(words.casefold()) == len(words):
            return words[start : start + len(title)]
    return title


def judge(db: Database, house: House, strand: int, now: datetime) -> None:
    """Measures a strand, or the incident it belongs to, and says what must be said; its card follows."""
    with handling.following(db):
        _judge(db, staff.staffed(db, house, now), strand, now)


def _judge(db: Database, house: House, strand: int, now: datetime) -> None:
    row = mentions.strand(db, strand)
    incident = incidents.find(db, row["incident"]) if row["incident"] else None
    if incident and incident.state not in OPEN:
        return
    strands = mentions.strands_of(db, incident.id) if incident else [strand]
    indicators = indicators_of(mentions.count(db, strands, now), now)
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
    with handling.following(db):
        incident = incidents.open_new(db, title=title, at=now, by=WANGLOU, suggested=grade, why=why, kind=type)
        for kind in kinds:
            plans.cross(db, incident.id, kind, why, sure=True, at=now, by=WANGLOU)
        indicators = indicators_of(mentions.count(db, (), now), now)
        suggestion = suggest(indicators, fired(db, (), incident), house.thresholds)
        if suggestion.grade and suggestion.grade > grade:
            incident = incidents.change(
                db, incident.id, "suggest", at=now, by=WANGLOU, why=why, suggested=suggestion.grade, peak=suggestion.grade
            )
        suggestion = replace(suggestion, grade=incident.suggested, reasons=suggestion.reasons or (why[:40],))
        _measured(db, incident, indicators, suggestion, now, None, None)
        handling.start_clocks(db, house, incident, at=now, first=True)
        ringing.set_ungraded(db, house, incident, now)
        decision = alerting.Decision(True, "raised", why)
        _speak(db, house, incident, (), decision, indicators, suggestion, now, "")
        _tell_on_call(db, house, incident, now)
        _set_going(db, house, incident, suggestion, now)
    return incident


def reconsider(db: Database, house: House, incident: Incident, now: datetime, *, heard_in: str | None = None) -> None:
    """An incident judged anew because people or our own probes told something; also one without any mentions.

    ``heard_in`` is the room (empty: a private chat) where somebody told it and reads the answer: no alert there unless the grade
    rises, and which legal clocks were proposed is said by whoever calls."""
    with handling.following(db):
        strands = mentions.strands_of(db, incident.id)
        indicators = indicators_of(mentions.count(db, strands, now), now)
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
        _note(db, now, decision, suggestion, indicators, incident=None, strand=row["id"])
        return
    incident = incidents.open_new(
        db,
        title=row["title"] or "未命名",
        at=now,
        by=WANGLOU,
        suggested=suggestion.grade,
        why=decision.detail,
        kind=_type(house, row, suggestion),
    )
    mentions.attach(db, row["id"], incident.id)
    _measured(db, incident, indicators, suggestion, now, None, None)
    _verify(db, house, incident, suggestion, now)
    handling.start_clocks(db, house, incident, at=now, first=True)
    ringing.set_ungraded(db, house, incident, now)
    note = f"同一话题的 #{earlier.id} 已结案；要接着办请回「重开 #{earlier.id}」" if earlier else ""
    _speak(db, house, incident, [row["id"]], decision, indicators, suggestion, now, note)
    _tell_on_call(db, house, incident, now)


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
    _measured(db, incident, indicators, suggestion, now, lower_since, wanted.key if lower_since else None)
    _verify(db, house, incident, suggestion, now)
    if not decision.speak:
        _note(db, now, decision, suggestion, indicators, incident=incident, strand=None)
        return
    if raised and wanted > (incident.grade or 0):
        handling.start_clocks(db, house, replace(incident, grade=None), at=now, first=False)
        _end_mutes(db, incident, now)
    if incident.state is State.TRACKING and decision.reason != "eased":
        handling.start_clocks(db, house, incident, at=now, first=False)
        handling.start_updates(db, house, incident, at=now)
    if decision.reason == "eased":
        _ease(db, house, incident, decision, suggestion, indicators, now)
        return
    besides = "" if raised and wanted > (incident.grade or 0) else heard_in
    _speak(db, house, incident, strands, decision, indicators, suggestion, now, "", besides)


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
    """One verification task for each credible claim that nobody has confirmed or refuted."""
    for claim in suggestion.verify:
        who = house.first(*_VERIFIERS.get(claim.kind, (Role.BIZ, Role.DUTY)))
        work.add_task(
            db,
            incident=incident.id,
            text=f"核实{claim.name}",
            assignee=who.name if who else "",
            by=WANGLOU,
            at=now,
            due_at=now + timedelta(seconds=house.limit("assessment", incident.shown) or 14_400),
            kind="verify",
            key=f"verify:{incident.id}:{claim.kind}",
        )


_VERIFIERS = {
    "personal_data": (Role.IT_SEC, Role.BIZ, Role.DUTY),
    "personal_data_million": (Role.IT_SEC, Role.BIZ, Role.DUTY),
    "outage": (Role.IT_SEC, Role.BIZ, Role.DUTY),
    "abnormal_trading": (Role.IR, Role.BIZ, Role.DUTY),
    "executive_detained": (Role.LEGAL, Role.BIZ, Role.DUTY),
}


def _speak(
    db: Database,
    house: House,
    incident: Incident,
    strands: Sequence[int],
    decision: alerting.Decision,
    indicators: Indicators,
    suggestion: Suggestion,
    now: datetime,
    note: str,
    besides: str = "",
) -> None:
    shown = cards.as_suggested(incident)
    _keep_first(db, incident, strands, now)
    post = alert_post(db, house, shown, strands, decision.reason, indicators.as_json(), suggestion.reasons, now, note)
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
    )
    collapse = f"alert:{incident.id}"
    said = handling.tell_rooms(
        db, house, shown, post, at=now, kind="alert", reason=decision.reason, collapse=collapse, besides=besides
    )
    if not said and not besides and shown.shown is Grade.ORANGE:
        _tell_quietly(db, house, shown, post, decision.reason, now)
    if shown.shown is Grade.RED:
        handling.call_red_list(db, house, shown, at=now)
    if decision.reason in ("raised", "worsened", "trigger"):
        handling.tell_leaders(db, house, shown, at=now, reason=decision.reason, post=handling.brief(db, shown, now))


def _tell_quietly(db: Database, house: House, incident: Incident, post: Post, reason: str, now: datetime) -> None:
    """The rooms are silent: an orange alert goes to the person on call."""
    person = handling.on_call(house, incident.shown)
    if person and handling.may_know(incident, person) and not incident.confidential:
        handling.tell_person(db, person.name, post, at=now, kind="alert", reason=reason, incident=incident)


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
        note=note,
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
    person = handling.on_call(house, incident.shown)
    clock = timers.find_clock(db, incident.id, "claim")
    who = f"请{person.name} " if person else "请任一组员 "
    if clock is None:
        return f"{who}认领"
    return f"{who}{clock_of(clock.due_at, now)} 前认领（{span_of((clock.due_at - now).total_seconds())}）"


def _tell_on_call(db: Database, house: House, incident: Incident, now: datetime) -> None:
    person = handling.on_call(house, incident.shown)
    if person is None:
        return
    text = f"{cards.mark(incident)} #{incident.id} {incident.title[:26]}\n{_ask(db, house, incident, now)}\n可直接在这里回：认领 #{incident.id}"
    handling.tell_person(db, person.name, Post(text), at=now, kind="notice", reason="on_call", incident=incident)


def _ease(
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
    )
    handling.tell_rooms(db, house, incident, post, at=now, kind="alert", reason="eased")


def _end_mutes(db: Database, incident: Incident, now: datetime) -> None:
    for mute in rooms.mutes(db, now):
        if mute.incident == incident.id:
            rooms.unmute(db, mute, at=now, by=WANGLOU, why="级别上升")


def _note(
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
