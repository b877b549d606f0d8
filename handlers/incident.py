"""The incident's desk: list, status, claim, start, track, back to handling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot import cards, clocking, lawclocks, moves, planning
from bot.asking import Ask
from bot.errors import UserError
from bot.model import incident as model
from bot.model.grade import Grade
from bot.model.incident import BY_VERB, OPEN, RESOLUTIONS, Incident, State
from bot.model.people import Role, Verdict
from bot.model.times import clock_of, from_iso, span_of
from bot.store import incidents, statements, timers, work

BULK = 20
OVER = {"closed": (State.CLOSED, State.REVIEWED), "all": tuple(State), "open": tuple(OPEN)}


def list_incidents(ask: Ask) -> str:
    """列表：看未结事件。例：列表　列表 红　列表 已结"""
    slots = ask.intent.slots
    status = str(slots.get("status") or "open")
    found = [i for i in incidents.listed(ask.db, OVER[status]) if ask.sees(i) and _wanted(ask, i)]
    if slots.get("sort") == "time":
        found.sort(key=lambda i: i.opened_at, reverse=True)
    label = {"open": "未结", "closed": "已结", "all": "全部"}[status]
    if not found:
        return f"{label}0件"
    rows = [cards.one_line(i) for i in found[:10]]
    more = f"\n还有{len(found) - 10}件，可加级别或关键词" if len(found) > 10 else ""
    return f"{label}{len(found)}件\n" + "\n".join(rows) + more


def _wanted(ask: Ask, incident: Incident) -> bool:
    slots = ask.intent.slots
    shown = incident.shown or Grade.BLUE
    if grade := ask.intent.grade:
        op = slots.get("grade_op")
        if (op == "gte" and shown < grade) or (op == "lte" and shown > grade) or (not op and shown is not grade):
            return False
    if slots.get("mine") and incident.owner != ask.person.name:
        return False
    if slots.get("unclaimed") and incident.owner:
        return False
    if (who := slots.get("person")) and incident.owner != who:
        return False
    word = ask.intent.text("keyword") or ask.intent.text("topic")
    if word and word not in incident.title:
        return False
    since = _since(ask)
    return since is None or incident.opened_at >= since


def _since(ask: Ask) -> datetime | None:
    window = ask.intent.text("window")
    today = ask.at.astimezone(ask.house.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    days = {"今天": 0, "昨天": 1, "本周": today.weekday(), "上周": today.weekday() + 7, "本月": today.day - 1}
    return today - timedelta(days=days[window]) if window in days else None


def status(ask: Ask) -> str:
    """状态：看一件事到哪一步。例：状态 #12"""
    incident = ask.incident()
    gauge = incidents.gauge(ask.db, incident.id)
    first = f"{incident.name}：{cards.mark(incident) or '未定级'} {incident.state.label}，{incident.owner or '还没人认领'}"
    if incident.helpers:
        first += f"（配合 {'、'.join(incident.helpers)}）"
    lines = [first]
    if gauge:
        i = gauge["indicators"]
        share = "无样本" if i["negative_share"] is None else f"{100 * i['negative_share']:.0f}%（样本{i['n']}）"
        lines.append(f"热度{i['heat']:.0f}，每小时{i['per_hour']}条，负面{share}，{i['platforms']}个平台")
    running = timers.clocks_of(ask.db, incident.id)
    if legal := lawclocks.line(ask.db, incident, ask.at):
        lines.append(legal)
    running = [clock for clock in running if not clock.legal]
    if running:
        lines.append(
            "时限：" + "；".join(f"{clocking.CLOCKS.get(c.name, c.name)}{cards.left(c.due_at, ask.at)}" for c in running[:3])
        )
    live = work.tasks(ask.db, incident=incident.id)
    facts = work.facts(ask.db, incident.id)
    drafts = statements.of_incident(ask.db, incident.id)
    counts = [f"任务{len(live)}项未完"] if live else []
    counts += [f"事实{len(facts)}条"] if facts else []
    counts += [f"稿件 {'、'.join(d.name for d in drafts[-2:])}"] if drafts else []
    if counts:
        lines.append("，".join(counts))
    if incident.merged_into:
        lines.append(f"已并入 #{incident.merged_into}")
    if not incident.open:
        lines.append(f"结论：{RESOLUTIONS.get(incident.resolution, incident.resolution)}")
    return "\n".join(lines) + ask.hint(incident)


def claim(ask: Ask) -> str:
    """认领：由你负责这件事。例：认领 #12　全部认领"""
    if ask.intent.number("task"):
        return _claim_task(ask)
    if ask.intent.text("scope"):
        return _claim_all(ask)
    incident = _claimable(ask)
    ask.require("claim", incident)
    if not incident.open:
        raise UserError(f"#{incident.id} {model.NEEDS[incident.state]}")
    if incident.owner == ask.person.name:
        return f"#{incident.id} 已经归你{ask.hint(incident)}"
    if incident.owner:
        at = incidents.row(ask.db, incident.id)["claimed_at"]
        when = f"（{clock_of(from_iso(at), ask.at)}）" if at else ""
        raise UserError(f"{incident.owner}先认领了{when}。要换人请值班长回：指派 #{incident.id} @{ask.person.name}")
    claimed = take_over(ask, incident)
    took = span_of((ask.at - incident.opened_at).total_seconds())
    todo = _verification(ask, claimed)
    said = f"#{incident.id} 归{ask.person.name}（{took}）{todo}"
    ask.tell(claimed, said, "claimed")
    return (said if ask.room else f"#{incident.id} 归你（{took}）{todo}") + ask.hint(claimed)


def _verification(ask: Ask, incident: Incident) -> str:
    """「。T1 核实批次与就诊 → 林工 11:48」: what must be found out first."""
    first = next((t for t in work.tasks(ask.db, incident=incident.id) if t.kind == "verify"), None)
    if first is None:
        return ""
    due = f" {clock_of(first.due_at, ask.at)}" if first.due_at else ""
    return f"。T{first.id} {first.text[:20]} → {first.assignee or '无人'}{due}"


def _claim_all(ask: Ask) -> str:
    """At most twenty unclaimed incidents that are not red, listed first, one confirmation, each reported."""
    ask.require("claim")
    unclaimed = [i for i in incidents.listed(ask.db) if not i.owner and ask.sees(i)]
    wanted = [i for i in unclaimed if i.shown is not Grade.RED][:BULK]
    red = [i for i in unclaimed if i.shown is Grade.RED]
    alone = f"。红级请单独认领：{'、'.join(f'#{i.id}' for i in red)}" if red else ""
    if not wanted:
        raise UserError(f"没有可以一起认领的事件{alone}")
    listed = "｜".join(f"#{i.id}{i.shown.label if i.shown else ''} {i.title[:8]}" for i in wanted)
    ask.confirm(f"认领{len(wanted)}件：{listed}{alone}", fingerprint=";".join(map(moves.fingerprint, wanted)))
    for each in wanted:
        ask.tell(take_over(ask, each), f"#{each.id} 归{ask.person.name}", "claimed")
    return f"已认领{len(wanted)}件：{'、'.join(f'#{i.id}' for i in wanted)}{alone}"


def _claimable(ask: Ask) -> Incident:
    """The object of a claim; without a number the room's only unclaimed incident."""
    if ask.intent.number("incident") is None and ask.card_incident is None and not ask.intent.text("topic"):
        unclaimed = [i for i in incidents.listed(ask.db) if not i.owner and ask.sees(i)]
        wanted = [i for i in unclaimed if ask.intent.grade in (None, i.shown)]
        if len(wanted) == 1:
            return wanted[0]
    return ask.incident()


def _claim_task(ask: Ask) -> str:
    task = ask.task(ask.intent.number("task") or 0)
    ask.require("task")
    if not task.live:
        raise UserError(f"T{task.id} 已结束，不用认领")
    work.change_task(
        ask.db, task, "task_claim", at=ask.at, by=ask.person.name, assignee=ask.person.name, accepted=True, state="doing"
    )
    return f"T{task.id} 归你：{task.text[:30]}"


def take_over(ask: Ask, incident: Incident) -> Incident:
    """Gives an incident its owner; from ``new`` it goes to assessing, and the claim clock is met."""
    state = State.ASSESSING if incident.state is State.NEW else incident.state
    claimed = incidents.change(
        ask.db,
        incident.id,
        "claim",
        at=ask.at,
        by=ask.person.name,
        owner=ask.person.name,
        state=state,
        claimed_at=ask.at,
        accepted=True,
        assigned_by="",
    )
    clocking.meet(ask.db, incident, "claim", at=ask.at, by=ask.person.name)
    return claimed


def start(ask: Ask) -> str:
    """启动：启动预案。例：启动 #12"""
    incident = ask.incident()
    move = BY_VERB["start"]
    held = ask.may_move(move, incident)
    if incident.started and incident.state is State.ACTIVE:
        return f"#{incident.id} 已启动过，不重复启动{ask.hint(incident)}"
    ask.check(move, incident, moves.ledger(ask.db, incident, ask.at))
    if held.note == "c":
        echo = f"启动 #{incident.id} {incident.title[:20]}（红级）"
        ask.confirm(echo, fingerprint=moves.fingerprint(incident), by=Role.COMMANDER.value)
    active = incidents.change(ask.db, incident.id, "start", at=ask.at, by=_by(ask), state=State.ACTIVE, started=True)
    clocking.start_updates(ask.db, ask.house, active, at=ask.at)
    begun = planning.begin(ask.db, ask.house, active, at=ask.at, by=_by(ask), provisional=False)
    first = begun.words(ask.at) or "，".join(clocking.deadlines(ask.db, active, ask.at)[:3])
    text = f"#{incident.id} 已启动" + (f"：{first}" if first else "")
    ask.tell(active, text, "started")
    return text + ask.hint(active)


def track(ask: Ask) -> str:
    """跟踪：处置告一段落，进入静默观察。例：跟踪 #12"""
    incident = ask.incident()
    move = BY_VERB["track_blue" if incident.state is State.GRADED else "track"]
    if ask.check(move, incident, moves.ledger(ask.db, incident, ask.at)) is Verdict.CONFIRM:
        ask.confirm(f"#{incident.id} 转跟踪", fingerprint=moves.fingerprint(incident))
    tracking = clocking.track(ask.db, ask.house, incident, at=ask.at, by=_by(ask))
    text = f"#{incident.id} 跟踪中{_figures(ask, incident)}。{_quiet(ask, tracking)}，新A级信源即叫醒"
    ask.tell(tracking, text, "tracking")
    return text


def _figures(ask: Ask, incident: Incident) -> str:
    """「：热度17，负面39%（样本640），T5 完成」."""
    gauge = incidents.gauge(ask.db, incident.id)
    found = []
    if gauge:
        i = gauge["indicators"]
        found.append(f"热度{i['heat']:.0f}")
        if i["negative_share"] is not None:
            found.append(f"负面{100 * i['negative_share']:.0f}%（样本{i['n']}）")
    done = [t for t in work.tasks(ask.db, incident=incident.id, live=False) if t.blocking and t.state == "done"]
    found += [f"{'、'.join(f'T{t.id}' for t in done)} 完成"] if done else []
    return f"：{'，'.join(found)}" if found else ""


def _quiet(ask: Ask, incident: Incident) -> str:
    until = incident.quiet_until or ask.at
    return f"静默{hours_of((until - ask.at).total_seconds())}，到{clock_of(until, ask.at)}"


def hours_of(seconds: float) -> str:
    """``48小时``: a quiet period in hours."""
    return f"{seconds / 3600:g}小时"


def resume(ask: Ask) -> str:
    """恢复处置：跟踪中的事件重新处置。例：恢复处置 #12"""
    incident = ask.incident()
    if ask.check(BY_VERB["resume"], incident, moves.ledger(ask.db, incident, ask.at)) is Verdict.CONFIRM:
        ask.confirm(f"#{incident.id} 恢复处置", fingerprint=moves.fingerprint(incident))
    active = incidents.change(
        ask.db, incident.id, "resume", at=ask.at, by=_by(ask), state=State.ACTIVE, quiet_until=None, tracked_at=None
    )
    timers.end_timers(ask.db, f"quiet:{incident.id}:", ask.at, "恢复处置")
    clocking.start_updates(ask.db, ask.house, active, at=ask.at)
    text = f"#{incident.id} 恢复处置（{_by(ask)}）"
    ask.tell(active, text, "resumed")
    return text + ask.hint(active)


def _by(ask: Ask) -> str:
    """Who answers for it: the second person where one confirmed."""
    return ask.by.name if ask.by else ask.person.name


COMMANDS: dict[str, Callable[[Ask], str]] = {
    "list": list_incidents,
    "status": status,
    "claim": claim,
    "start": start,
    "track": track,
    "resume": resume,
}
