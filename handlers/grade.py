"""The grading desk: assessment, grade, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot import calling, cards, clocking, falling, leaders, moves, planning
from bot.analysis.grading import explain, may_lower, suggest
from bot.asking import Ask, Refused, roles_of
from bot.errors import UserError
from bot.gauging import fired, indicators_of
from bot.model.grade import Grade
from bot.model.incident import TRUTHS, TYPES, Incident, State
from bot.model.people import Role, Verdict, right, who_may
from bot.model.times import clock_of, from_iso
from bot.store import counting, incidents, mentions, pending, rooms, timers


def assess(ask: Ask) -> str:
    """研判：写下类型、真伪、影响。例：研判 #12 食品安全 真伪未知 三地家长反映"""
    incident = ask.incident()
    ask.require("assess", incident)
    if incident.state is State.NEW:
        raise UserError(f"#{incident.id} 先认领再研判：回「认领 #{incident.id}」")
    if not incident.open:
        raise UserError(f"#{incident.id} 已结案")
    slots = ask.intent.slots
    kind = str(slots.get("type") or incident.type)
    truth = str(slots.get("state") or slots.get("truth") or incident.truth)
    assessed = record_assessment(
        ask, incident, kind if kind in TYPES else incident.type, truth if truth in TRUTHS else incident.truth
    )
    text = f"#{incident.id} 研判：{TYPES[assessed.type]}，{TRUTHS[assessed.truth]}"
    ask.tell(assessed, text, "assessed")
    return text + ask.hint(assessed)


def record_assessment(ask: Ask, incident: Incident, kind: str, truth: str) -> Incident:
    """Stores the assessment and meets its clock."""
    assessed = incidents.change(
        ask.db,
        incident.id,
        "assess",
        at=ask.at,
        by=ask.person.name,
        type=kind,
        truth=truth,
        assessed=True,
        assessment=ask.intent.text("text") or ask.text,
    )
    clocking.meet(ask.db, incident, "assessment", at=ask.at, by=ask.person.name)
    if kind != incident.type:
        planning.follow(ask.db, ask.house, assessed, at=ask.at, by=ask.person.name)
        falling.chain_moved(ask.db, ask.house, assessed.id, ask.at)
    return assessed


def grade(ask: Ask) -> str:
    """定级：确认级别（蓝黄橙红）。例：定级 #12 橙 三个平台都在传"""
    incident = ask.incident()
    wanted = _wanted(ask, incident)
    _require(ask, incident, wanted)
    if incident.state is State.NEW:
        raise UserError(f"#{incident.id} 还没人认领，先回「认领 #{incident.id}」")
    if not incident.open:
        raise UserError(f"#{incident.id} 已结案；要接着办请回：重开 #{incident.id} 加理由")
    if incident.grade is wanted:
        return f"#{incident.id} 已经是{wanted.label}{ask.hint(incident)}"
    if incident.grade and wanted < incident.grade:
        return _lower(ask, incident, wanted)
    if wanted is Grade.RED:
        return _red(ask, incident)
    note = ask.require("grade", incident)
    if incident.grade is None and incident.suggested not in (None, wanted) and not ask.intent.text("reason"):
        suggested = incident.suggested or wanted
        reason = "已有媒体在问" if wanted > suggested else "只在一个群里传"
        raise UserError(f"和建议的{suggested.label}不同，请写理由，如：定级 #{incident.id} {wanted.label} {reason}")
    floor = _floor(ask, incident)
    if floor and wanted < floor and not ask.person.has(Role.COMMANDER):
        raise Refused(f"#{incident.id} 有已触发的红线，低于{floor.label}要指挥来定。可以的是：指挥")
    if note == "b":
        ask.confirm(f"#{incident.id} 定{wanted.label}", fingerprint=moves.fingerprint(incident), by=Role.DUTY.value)
    return _set(ask, incident, wanted)


def _require(ask: Ask, incident: Incident, wanted: Grade) -> None:
    """The right for this step; a wish of somebody who may not even suggest goes to the duty officer as one press."""
    lower = incident.grade is not None and wanted < incident.grade
    verb = "grade_lower" if lower else "grade_red" if wanted is Grade.RED else "grade"
    if right(verb, ask.person.roles, owner=incident.owned_by(ask.person)).verdict is not Verdict.NO:
        return
    refusal = f"你（{roles_of(ask.person)}）不能定级 #{incident.id}。可以的是：{who_may(verb)}"
    duty = ask.house.first(Role.DUTY, Role.COMMANDER)
    if duty and not lower and ask.person.member and incident.open and not ask.confirmed:
        raise Refused(f"{refusal}。已转{duty.name}定", wish=(duty.name, f"定级 #{incident.id} {wanted.label}"))
    raise Refused(refusal)


def _wanted(ask: Ask, incident: Incident) -> Grade:
    if ask.intent.grade:
        return ask.intent.grade
    direction = ask.intent.slots.get("direction")
    now = incident.shown
    if direction and now:
        return Grade(max(1, min(4, now + (1 if direction == "up" else -1))))
    if incident.suggested and incident.grade is None:
        raise UserError(f"定哪一级？建议{incident.suggested.label}。回：定级 #{incident.id} {incident.suggested.label}")
    raise UserError(f"定哪一级？蓝、黄、橙、红。如：定级 #{incident.id} 橙")


def _floor(ask: Ask, incident: Incident) -> Grade | None:
    """The floor of the triggers that count in full: confirmed or immediate."""
    found = [f.grade for f in fired(ask.db, mentions.strands_of(ask.db, incident.id), incident) if f.grade and not f.to_verify]
    return max(found, default=None)


def _red(ask: Ask, incident: Incident) -> str:
    note = ask.require("grade_red", incident)
    fingerprint = moves.fingerprint(incident)
    if note == "c" and not ask.confirmed:
        _wish_red(ask, incident)
    ask.confirm(
        f"#{incident.id} {incident.title[:20]} 定红级", fingerprint=fingerprint, by=Role.COMMANDER.value if note == "c" else ""
    )
    return _set(ask, incident, Grade.RED)


def _wish_red(ask: Ask, incident: Incident) -> None:
    """A wish for red stands as a suggestion and runs red's clocks; one press is before the commander."""
    waits = any(p.verb == "grade" and p.body["slots"].get("incident") == incident.id for p in pending.waiting(ask.db, ask.at))
    if waits or incident.suggested is Grade.RED:
        return
    ask.keeps.append(lambda: _stand(ask, incident))


def _stand(ask: Ask, incident: Incident) -> None:
    wished = incidents.change(
        ask.db, incident.id, "suggest", at=ask.at, by=ask.person.name, why="建议升红", suggested=Grade.RED, peak=Grade.RED
    )
    clocking.start_clocks(ask.db, ask.house, replace(wished, grade=None), at=ask.at, first=False)
    calling.call_red_list(ask.db, ask.house, wished, at=ask.at)
    falling.suggestion_rose(ask.db, ask.house, wished, ask.at)


def _lower(ask: Ask, incident: Incident, wanted: Grade) -> str:
    """Lowering a confirmed grade: the lower suggestion has held, a person, a reason; from red the commander."""
    assert incident.grade
    note = ask.require("grade_lower", incident)
    if note == "d" and incident.grade is Grade.RED:
        raise Refused(f"#{incident.id} 是红级，只有指挥能降。可以的是：指挥")
    reason = ask.intent.text("reason")
    if not reason:
        raise UserError(f"降级要写理由，如：定级 #{incident.id} {wanted.label} 两天没有新增")
    gauge = incidents.gauge(ask.db, incident.id)
    since = from_iso(gauge["lower_since"]) if gauge.get("lower_since") else None
    suggested_lower = incident.suggested is not None and incident.suggested <= wanted
    if not suggested_lower and not may_lower(incident.grade, since, ask.at, ask.house.thresholds):
        hours = 6 if incident.grade >= Grade.ORANGE else 2
        raise UserError(f"#{incident.id} 还不能降：较低的建议要持续{hours}小时")
    ask.confirm(f"#{incident.id} 由{incident.grade.label}降为{wanted.label}：{reason}", fingerprint=moves.fingerprint(incident))
    return _set(ask, incident, wanted)


def _set(ask: Ask, incident: Incident, wanted: Grade) -> str:
    """Confirms a grade: the state goes on, deadlines are recomputed, everybody who must know hears."""
    raised = incident.grade is None or wanted > incident.grade
    by = ask.by.name if ask.by else ask.person.name
    if not incident.assessed:
        incident = record_assessment(ask, incident, *_prefilled(ask, incident))
    gauge = incidents.gauge(ask.db, incident.id)
    peak = wanted if incident.peak is None or wanted > incident.peak else incident.peak
    graded = incidents.change(
        ask.db,
        incident.id,
        "grade",
        at=ask.at,
        by=by,
        why=ask.intent.text("reason") or leaders.BY_SUGGESTION,
        note={"indicators": gauge.get("indicators", {}), "suggested": incident.suggested.key if incident.suggested else None},
        grade=wanted,
        peak=peak,
        state=State.GRADED if incident.state is State.ASSESSING else incident.state,
    )
    timers.end_timers(ask.db, f"ungraded:{incident.id}:", ask.at, "已定级")
    if raised or graded.state is not State.TRACKING:
        clocking.start_clocks(ask.db, ask.house, graded, at=ask.at, first=False)
        first = timers.find_clock(ask.db, incident.id, "first_statement")
        clocking.start_updates(ask.db, ask.house, graded, at=ask.at, since=first.started_at if first else None)
    _cancel_shorter(ask, graded)
    planning.follow(ask.db, ask.house, graded, at=ask.at, by=by)
    _end_mutes(ask, graded, raised)
    text = f"#{incident.id} 定{wanted.label}（{by}）" + _due(ask, graded)
    ask.tell(graded, text, "graded")
    falling.chain_moved(ask.db, ask.house, graded.id, ask.at)
    post = leaders.brief(ask.db, graded, ask.at)
    leaders.tell_leaders(ask.db, ask.house, graded, at=ask.at, reason="graded", post=post, besides=(by,))
    if wanted is Grade.RED:
        calling.call_red_list(ask.db, ask.house, graded, at=ask.at, besides=(by,))
    return text + ask.hint(graded)


def _prefilled(ask: Ask, incident: Incident) -> tuple[str, str]:
    """Type and truth of the assessment that a grade files: as the engine has them, the truth where the line says it."""
    said = ask.text
    truth = "unknown" if "未知" in said else "false" if "不实" in said or "不属实" in said else "true" if "属实" in said else ""
    return incident.type, truth or incident.truth


def _due(ask: Ask, incident: Incident) -> str:
    """「。首发或不发声决定、速报均 14:47 前」: what is due next; equal moments are said once."""
    names = {"first_statement": "首发或不发声决定", "update": "速报", "report": "上报"}
    moments: dict[str, list[str]] = {}
    for clock in timers.clocks_of(ask.db, incident.id):
        if clock.name in names:
            moments.setdefault(clock_of(clock.due_at, ask.at), []).append(names[clock.name])
    parts = [f"{'、'.join(what)}{'均' if len(what) > 1 else ''} {when} 前" for when, what in moments.items()]
    return f"。{'，'.join(parts)}" if parts else ""


def _cancel_shorter(ask: Ask, incident: Incident) -> None:
    """Lowering cancels the inside clocks that the new grade does not have; never legal ones."""
    for clock in timers.clocks_of(ask.db, incident.id):
        if not clock.legal and clock.name in ask.house.limits and ask.house.limit(clock.name, incident.grade) is None:
            label = incident.grade.label if incident.grade else ""
            timers.end_clock(ask.db, clock, "cancelled", at=ask.at, by=ask.person.name, why=f"定{label}，不再需要")


def _end_mutes(ask: Ask, incident: Incident, raised: bool) -> None:
    for mute in rooms.mutes(ask.db, ask.at):
        if raised and mute.incident == incident.id:
            rooms.unmute(ask.db, mute, at=ask.at, by=ask.person.name, why="级别上升")


def why(ask: Ask) -> str:
    """为什么：看级别是怎么算出来的。例：为什么 #12"""
    incident = ask.incident()
    strands = mentions.strands_of(ask.db, incident.id)
    if not strands:
        return f"#{incident.id} 是人工上报的，没有监测数据"
    indicators = indicators_of(counting.count(ask.db, strands, ask.at), ask.at)
    suggestion = suggest(indicators, fired(ask.db, strands, incident), ask.house.thresholds)
    head, *rows = explain(indicators, suggestion)
    lines = [f"{cards.mark(incident)} #{incident.id} {incident.title[:20]}", head, *_repeated(ask, strands), *rows]
    return "\n".join(lines)


def _repeated(ask: Ask, strands: list[int]) -> list[str]:
    """What copies add, and that bought ones weigh less."""
    copies, bought = mentions.repeated(ask.db, strands)
    if not copies:
        return []
    return [
        f"另有 {copies} 条相同文案，不计声量，只算原帖的转发" + (f"；其中 {bought} 条疑似批量发布，5条折1次" if bought else "")
    ]


COMMANDS: dict[str, Callable[[Ask], str]] = {"assess": assess, "grade": grade, "why": why}
