"""One screen from the log alone: what changed since you last spoke, the timeline, what is missing, a handover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot import cards, clocking, moves
from bot.model.incident import BY_VERB, Incident, Move, State, missing, who_may_move
from bot.model.people import Person
from bot.model.times import clock_of, from_iso
from bot.store import journal, notes, statements, timers, work

SCREEN = 8
ROOM_ROWS, PRIVATE_ROWS = 7, 24
ADDED_LATER = timedelta(minutes=30)
VERBS = {
    "open": "预警",
    "claim": "认领",
    "assign": "指派",
    "accept": "接手",
    "assess": "研判",
    "grade": "定级",
    "start": "启动",
    "track": "跟踪",
    "resume": "恢复处置",
    "close": "结案",
    "false_alarm": "判误报",
    "reopen": "重开",
    "merge": "并入",
    "split": "拆分",
    "merged": "并入",
    "fact": "事实",
    "fact_judge": "判定事实",
    "fact_correct": "更正",
    "fact_retract": "撤回事实",
    "decision": "决策",
    "decision_confirm": "确认决策",
    "decision_deny": "否认决策",
    "task": "任务",
    "task_done": "任务完成",
    "evidence": "存证",
    "told": "已告知",
    "question": "待答",
    "answer": "已答",
    "draft": "起草",
    "report": "上报",
    "called": "已电话",
    "suggest": "建议级别",
    "clock_missed": "超时",
    "owner_idle": "负责人空出",
    "confidential": "转保密",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timeline. ``happened`` is when it was so, ``at`` when it was recorded."""

    happened: datetime
    at: datetime
    text: str

    @property
    def late(self) -> bool:
        return self.at - self.happened >= ADDED_LATER


def entries(db: Database, incident: Incident) -> list[Entry]:
    """What happened in an incident, by the moment of the event; the older histories of what was merged into it are among it."""
    found = []
    for row in [row for number in _family(db, incident.id) for row in journal.entries(db, number)]:
        if row["verb"] in VERBS:
            at = from_iso(row["at"])
            happened, words = _words(row)
            found.append(Entry(happened or at, at, f"{VERBS[row['verb']]} {row['by']}{f'：{words}' if words else ''}"))
    return sorted(found, key=lambda e: (e.happened, e.at))


def _family(db: Database, number: int) -> list[int]:
    """The incident and those that were merged into it."""
    merged = db.conn.execute("SELECT id FROM incidents WHERE merged_into = ?", (number,)).fetchall()
    return [number, *(row[0] for row in merged)]


def _words(row: dict[str, Any]) -> tuple[datetime | None, str]:
    """What a row is about, in its own words, and when it happened where somebody said so."""
    happened = None
    for write in row["body"]["writes"]:
        values, sign = write["values"], {"facts": "F", "tasks": "T", "decisions": "J", "evidence": "Z-"}.get(write["table"])
        if sign is None:
            continue
        if values.get("happened_at"):
            happened = from_iso(values["happened_at"])
        if "text" in values:
            return happened, f"{sign}{write['id']} {cards.masked(str(values['text']))[:24]}"
        return happened, f"{sign}{write['id']}"
    return None, cards.masked(str(row["why"]))[:24]


def line_of(entry: Entry, now: datetime) -> str:
    """``10:21 事实 小刘：F2 …（补记 11:30）``."""
    mark = f"（补记 {clock_of(entry.at, now)}）" if entry.late else ""
    return f"{clock_of(entry.happened, now)} {entry.text}{mark}"


def head(incident: Incident) -> str:
    """Grade, state and owner in one line."""
    grade = cards.mark(incident) or "未定级"
    return f"#{incident.id} {incident.title[:20]}：{grade} {incident.state.label}，{incident.owner or '无人'}"


def timeline(db: Database, incident: Incident, now: datetime, rows: int) -> str:
    """The newest ``rows`` events, in order of the event; how many older ones there are."""
    found = entries(db, incident)
    older = f"（更早{len(found) - rows}条请私聊我：时间线 #{incident.id}）" if len(found) > rows else ""
    return "\n".join([head(incident) + older, *(line_of(e, now) for e in found[-rows:])])


def catchup(db: Database, incident: Incident, person: Person, since: datetime, now: datetime) -> str:
    """Eight lines at most: state, what changed since this person last spoke, decisions, corrected facts, drafts that wait for
    this person, own tasks, what is due next."""
    news = [e for e in entries(db, incident) if e.at > since]
    lines = [head(incident)]
    told = "、".join(_short(e) for e in news[-4:])
    before = clock_of(since, now)
    lines.append(f"{before} 之后{len(news)}件：{told}" if news else f"{before} 之后没有变化")
    if made := work.decisions(db, incident.id, ("decided",)):
        lines.append("决策：" + "；".join(f"J{d.id} {d.said[:24]}" for d in made[-2:]))
    if fallen := work.facts(db, incident.id, ("refuted", "retracted")):
        lines.append(
            "别再用：" + "；".join(f"F{f.id} {f.label}" + (f"→F{f.replaced_by}" if f.replaced_by else "") for f in fallen[-3:])
        )
    if drafts := [d for d in statements.of_incident(db, incident.id) if d.state == "review"]:
        lines.append("待签：" + "、".join(d.name for d in drafts[-2:]))
    mine = work.tasks(db, incident=incident.id, assignee=person.name)
    if mine:
        lines.append(
            "你的："
            + "；".join(f"T{t.id} {t.text[:14]}{f' {cards.left(t.due_at, now)}' if t.due_at else ''}" for t in mine[:3])
        )
    if due := timers.clocks_of(db, incident.id):
        lines.append(
            "下一个时限：" + "；".join(f"{clocking.CLOCKS.get(c.name, c.name)}{cards.left(c.due_at, now)}" for c in due[:2])
        )
    verbs = moves.hints(db, incident, person, now)
    if verbs:
        lines.append(f"你可以：{'、'.join(verbs)}")
    return "\n".join(cards.masked(line) for line in lines[:SCREEN])


def _short(entry: Entry) -> str:
    return entry.text[:24]


NEXT: dict[State, tuple[str, ...]] = {
    State.NEW: (),
    State.ASSESSING: ("grade",),
    State.GRADED: ("start",),
    State.ACTIVE: ("track",),
    State.TRACKING: ("close",),
    State.CLOSED: (),
    State.REVIEWED: (),
}


def lacking(db: Database, incident: Incident, now: datetime) -> str:
    """What is missing before the next move, and who may supply it."""
    if not incident.owner and incident.open:
        return f"#{incident.id} 还差负责人：任一组员回「认领 #{incident.id}」"
    lines: list[str] = []
    for verb in NEXT[incident.state]:
        move: Move = BY_VERB[verb]
        lines += missing(move, incident, moves.ledger(db, incident, now, reason="-"))
        who = who_may_move(move, incident)
        lines.append(
            f"之后可以「{move.said} #{incident.id}」（{who}）"
            if lines
            else f"不差什么，可以「{move.said} #{incident.id}」（{who}）"
        )
    if incident.state is State.ASSESSING and not incident.assessed:
        lines.insert(0, f"研判：负责人回「研判 #{incident.id}」，或值班长直接「定级」")
    unverified = work.facts(db, incident.id, ("unverified",))
    if unverified:
        lines.append(f"待核实：{'、'.join(f'F{f.id}' for f in unverified[:6])}（业务、指挥）")
    if open_questions := notes.questions(db, incident.id):
        lines.append("待答：" + "；".join(f"Q{q.id} {q.text[:16]}" for q in open_questions[:3]))
    if live := [t for t in work.tasks(db, incident=incident.id) if not t.blocking]:
        lines.append(f"未完任务：{'、'.join(f'T{t.id}' for t in live[:6])}（不挡结案）")
    if not lines:
        return f"#{incident.id} {incident.state.label}，没有下一步"
    return "\n".join([f"#{incident.id} 还差：", *lines[: SCREEN - 1]])


def handover(db: Database, giver: str, mine: Sequence[Incident], now: datetime) -> str:
    """One screen: each incident with its clocks, open decisions, drafts that wait."""
    lines = [f"{giver}交班给你：{len(mine)}件" if mine else f"{giver}交班给你：值班，手上没有事件"]
    for incident in mine[:5]:
        clocks = timers.clocks_of(db, incident.id)
        parts = [cards.one_line(incident)]
        parts += [f"{clocking.CLOCKS.get(c.name, c.name)}{cards.left(c.due_at, now)}" for c in clocks[:2]]
        proposed = work.decisions(db, incident.id, ("proposed",))
        parts += [f"待定 {'、'.join(f'J{d.id}' for d in proposed[:3])}"] if proposed else []
        waiting = [d.name for d in statements.of_incident(db, incident.id) if d.state in moves.UNFINISHED]
        parts += [f"稿件 {'、'.join(waiting[:2])}"] if waiting else []
        tasks = work.tasks(db, incident=incident.id)
        parts += [f"任务{len(tasks)}项"] if tasks else []
        lines.append("，".join(parts))
    return "\n".join(lines)


def since_of(last: datetime | None, incident: Incident) -> datetime:
    """From when on something is news to somebody: their last word, else the beginning."""
    return max(last, incident.opened_at) if last else incident.opened_at
