"""复盘: the indicators of the domain handbook, section 9, computed from the log and the rows, and said in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot import afterwards, saying
from bot.analysis.curve import shape_of
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.incident import TYPES, Incident
from bot.model.people import Role
from bot.model.times import clock_of, from_iso, iso, span_of
from bot.ringing import Due
from bot.store import course, incidents, journal, mentions, publications, reviews, statements, timers, work

HOT = 60.0
TURN_HOURS, TURN_POINTS = 3, 0.10


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in seconds, None where it never came to that."""

    name: str
    seconds: float | None

    @property
    def words(self) -> str:
        """「认领2分」."""
        return f"{self.name}{span_of(self.seconds) if self.seconds is not None else '无'}"


def figures(db: Database, incident: Incident, now: datetime) -> dict[str, Any]:
    """Every indicator by its name; seconds, shares and counts, None where there was nothing to measure."""
    entries = journal.entries(db, incident.id)
    strands = mentions.strands_of(db, incident.id)
    opened, first = incident.opened_at, course.first_at(db, strands) if strands else None
    spoken = _spoken(db, incident)
    return {
        "ttd": _seconds(first, opened),
        "tta": _seconds(opened, _moment(entries, "claim", "assign")),
        "ttg": _seconds(opened, _moment(entries, "grade")),
        "ttfs": _seconds(opened, spoken),
        "ttfs_from_first": _seconds(first, spoken),
        "ttr": _legal(db, incident),
        "approval": _approval(db, incident),
        **_heat(db, incident),
        **_course(db, incident, strands, spoken, now),
        "facts": {**_facts(db, incident), **afterwards.used_facts(db, incident)},
        "consistency": afterwards.contradictions(db, incident),
        "reach": afterwards.reach(db, incident, strands),
        "tasks": _tasks(db, incident),
        "sla": _sla(db, incident),
        "cost": afterwards.cost(db, incident),
        "counts": afterwards.counts(db, incident, entries),
        "open_before": afterwards.open_before(db, incident),
    }


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return max(0.0, (end - start).total_seconds()) if start and end else None


def _moment(entries: Sequence[dict[str, Any]], *verbs: str) -> datetime | None:
    return next((from_iso(e["at"]) for e in entries if e["verb"] in verbs), None)


def _spoken(db: Database, incident: Incident) -> datetime | None:
    """The first release, or the decision not to speak."""
    found = [d.at for d in work.decisions(db, incident.id, ("decided", "superseded")) if d.silent]
    for draft in statements.of_incident(db, incident.id):
        found += [p.released_at for p in publications.of_draft(db, draft.id) if p.released_at]
    return min(found, default=None)


def _legal(db: Database, incident: Incident) -> list[dict[str, Any]]:
    """Each legal clock: how early (negative: late) it was met, or what became of it."""
    rows = []
    for clock in timers.clocks_of(db, incident.id, ("proposed", "running", "met", "waived", "cancelled")):
        if clock.legal:
            ended = _ended(db, clock.id)
            early = (clock.due_at - ended).total_seconds() if ended and clock.state == "met" else None
            rows.append({"name": clock.name, "state": clock.state, "early": early, "receipt": clock.receipt})
    return rows


def _ended(db: Database, clock: int) -> datetime | None:
    row = db.conn.execute("SELECT ended_at FROM clocks WHERE id = ?", (clock,)).fetchone()
    return from_iso(row[0]) if row and row[0] else None


def _approval(db: Database, incident: Incident) -> dict[str, Any] | None:
    """From submission to the last required signature of the slowest draft, and the role that was waited for longest."""
    rows = db.conn.execute(
        "SELECT d.submitted_at, s.role, s.at FROM drafts d JOIN signatures s ON s.draft = d.id AND s.void = '' "
        "WHERE d.incident = ? AND d.submitted_at IS NOT NULL ORDER BY s.at",
        (incident.id,),
    ).fetchall()
    waits = [((from_iso(at) - from_iso(since)).total_seconds(), role) for since, role, at in rows]
    if not waits:
        return None
    seconds, role = max(waits)
    return {"seconds": seconds, "role": role}


def _heat(db: Database, incident: Incident) -> dict[str, Any]:
    samples = incidents.samples(db, incident.id, incident.opened_at - timedelta(minutes=1))
    if not samples:
        return {"peak_heat": None, "peak_at": None, "hot_minutes": 0}
    top = max(samples, key=lambda s: s[1])
    return {"peak_heat": top[1], "peak_at": f"{top[0]}:00Z", "hot_minutes": sum(s[1] >= HOT for s in samples)}


def _course(db: Database, incident: Incident, strands: Sequence[int], spoken: datetime | None, now: datetime) -> dict[str, Any]:
    shape = shape_of(course.counts(db, strands, now, most=24 * 14)) if strands else None
    return {
        "half_life": shape.half_life if shape else None,
        "second_wave": bool(shape and shape.second_wave),
        "second_wave_after": afterwards.second_wave_after(db, incident),
        "turn": _turn(incidents.samples(db, incident.id, incident.opened_at), spoken),
    }


def _turn(samples: Sequence[tuple[str, float, int, float | None, int]], spoken: datetime | None) -> float | None:
    """Seconds from the first statement to the first three hours in a row in which the negative share stood ten points lower."""
    if spoken is None:
        return None
    hourly: dict[str, float] = {
        at[:13]: share for at, _, _, share, _ in samples if share is not None and at >= iso(spoken)[:16]
    }
    before = next((share for at, _, _, share, _ in reversed(samples) if share is not None and at <= iso(spoken)[:16]), None)
    if before is None:
        return None
    run: list[str] = []
    for hour, share in sorted(hourly.items()):
        run = [*run, hour] if share <= before - TURN_POINTS else []
        if len(run) == TURN_HOURS:
            return max(0.0, (from_iso(f"{run[0]}:00:00Z") - spoken).total_seconds())
    return None


def _facts(db: Database, incident: Incident) -> dict[str, int]:
    every = work.facts(db, incident.id, ("unverified", "confirmed", "refuted", "retracted"))
    return {"all": len(every)}


def _tasks(db: Database, incident: Incident) -> dict[str, int]:
    rows = db.conn.execute(
        "SELECT due_at, done_at, state, reopened FROM tasks WHERE incident = ? AND state != 'cancelled'", (incident.id,)
    ).fetchall()
    on_time = sum(1 for due, done, state, _ in rows if state == "done" and (due is None or (done or "") <= due))
    return {"all": len(rows), "on_time": on_time, "reopened": sum(r[3] for r in rows)}


def _sla(db: Database, incident: Incident) -> dict[str, Any]:
    """Inside clocks: met in time, of all that were due; and the names of the missed."""
    clocks = [c for c in timers.clocks_of(db, incident.id, ("met", "running")) if not c.legal]
    over = [c for c in timers.clocks_of(db, incident.id, ("cancelled",)) if not c.legal]
    missed = [c.name for c in [*clocks, *over] if c.missed and not c.legal]
    met = [c for c in clocks if c.state == "met" and not c.missed]
    by_grade: dict[str, list[int]] = {}
    for clock in [*met, *(c for c in [*clocks, *over] if c.missed)]:
        kept = by_grade.setdefault((clock.grade or Grade.BLUE).label, [0, 0])
        kept[0] += not clock.missed
        kept[1] += 1
    return {"due": len(met) + len(missed), "met": len(met), "missed": missed, "by_grade": by_grade}


def words(db: Database, incident: Incident, found: dict[str, Any], now: datetime, label: Callable[[str], str]) -> list[str]:
    """The indicators in at most eight lines. ``label`` names a clock."""
    spans = [
        Span("发现用时", found["ttd"]),
        Span("认领", found["tta"]),
        Span("定级", found["ttg"]),
        Span("首发", found["ttfs"]),
    ]
    lines = ["，".join(span.words for span in spans)]
    legal = [_legal_words(row) for row in found["ttr"]]
    sla = found["sla"]
    missed = f"（超时：{'、'.join(dict.fromkeys(label(n) for n in sla['missed']))}）" if sla["missed"] else ""
    grades = "、".join(f"{name}{met}/{due}" for name, (met, due) in sla["by_grade"].items()) if len(sla["by_grade"]) > 1 else ""
    lines.append("，".join([f"时限{sla['met']}/{sla['due']}按时{f'（{grades}）' if grades else ''}{missed}", *legal]))
    lines += _heat_words(found, now)
    tasks, facts = found["tasks"], found["facts"]
    again = f"，重开{tasks['reopened']}项" if tasks["reopened"] else ""
    lines.append(
        f"任务{tasks['on_time']}/{tasks['all']}按时{again}；事实{facts['all']}条，用过{facts['used']}条，"
        f"用后更正或撤回{facts['fallen']}条"
    )
    lines += _voice_words(found)
    extra = [*afterwards.counted_words(found["counts"]), afterwards.cost_words(found["cost"])]
    lines += filter(None, ["；".join(filter(None, extra))])
    if found["open_before"]:
        lines.append(f"上次复盘未完：{'；'.join(found['open_before'][:2])}")
    return lines


def _heat_words(found: dict[str, Any], now: datetime) -> list[str]:
    if found["peak_heat"] is None:
        return []
    half = f"，半衰期{found['half_life']}时" if found["half_life"] else ""
    turn = f"，发声后{span_of(found['turn'])}情绪转好" if found["turn"] is not None else "，情绪拐点：无"
    after = f"（发布后{found['second_wave_after']:.0f}时）" if found["second_wave_after"] is not None else ""
    wave = f"，有二次发酵{after}" if found["second_wave"] or after else ""
    peak = clock_of(from_iso(found["peak_at"]), now)
    return [f"热度最高{found['peak_heat']:.0f}（{peak}），60以上{found['hot_minutes']}分{half}{turn}{wave}"]


def _voice_words(found: dict[str, Any]) -> list[str]:
    """Approval, two mouths, and how far our own words reached, where there were any."""
    said = []
    if found["approval"]:
        said.append(f"审批最久{span_of(found['approval']['seconds'])}（等{Role(found['approval']['role']).label}）")
    if found["consistency"]:
        said.append(f"说法不一{len(found['consistency'])}处（{found['consistency'][0][:24]}）")
    if found["reach"]:
        ours, theirs = found["reach"]["ours"], found["reach"]["theirs"]
        share = f"，是最大三条负面的{ours / theirs:.1f}倍" if theirs else ""
        said.append(f"声明阅读{ours:,}{share}")
    return ["；".join(said)] if said else []


def _legal_words(row: dict[str, Any]) -> str:
    if row["early"] is None:
        return f"{row['name']}{'免报' if row['state'] == 'waived' else '未报'}"
    return f"{row['name']}{'提前' if row['early'] >= 0 else '超时'}{span_of(row['early'])}"


def case_text(incident: Incident, found: dict[str, Any], said: dict[str, str], names: Sequence[str]) -> str:
    """The entry of the case library: no names of people, ours or others'."""
    text = "；".join(
        [
            f"类型：{TYPES[incident.type]}",
            *(f"{heading}：{words_}" for heading, words_ in said.items()),
            f"认领{_plain(found['tta'])}，首发{_plain(found['ttfs'])}",
        ]
    )
    for name in names:
        text = text.replace(name, "某人")
    return text


def _plain(seconds: float | None) -> str:
    return span_of(seconds) if seconds is not None else "无"


def improvement_due(due: Due) -> None:
    """An improvement is due: its owner hears of it, and who reviews."""
    it = reviews.improvement(due.db, due.timer.body["improvement"])
    if it.state != "open" or due.incident is None:
        return
    names = [it.owner] if saying.knows(due.house, due.incident, it.owner) else []
    duty = due.house.first(Role.DUTY, Role.COMMANDER)
    for name in names or ([duty.name] if duty and saying.may_know(due.incident, duty) else []):
        text = f"改进{it.id} 到期{due.late}：{it.text[:40]}（#{it.incident} 复盘）。做完请回：改进完成 {it.id}"
        saying.tell_person(due.db, name, Post(text), at=due.now, kind="reminder", reason="improvement", incident=due.incident)


def loose(db: Database, incident: Incident) -> tuple[str, ...]:
    """Improvements without owner or date."""
    return tuple(f"改进{i.id}" for i in reviews.improvements(db, incident.id) if not i.owner or i.due_at is None)
