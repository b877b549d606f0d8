"""The incident's desk: list, status, claim, start, track, close, merge, false alarm, reopen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot import cards, handling
from bot.commands import Ask, Refused
from bot.errors import UserError
from bot.model import incident as model
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.incident import BY_VERB, OPEN, RESOLUTIONS, Incident, Ledger, Move, State
from bot.model.people import Role, Verdict, who_may
from bot.model.times import clock_of, from_iso, span_of
from bot.store import incidents, mentions, rooms, statements, timers, work

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
    if running:
        lines.append(
            "时限：" + "；".join(f"{handling.CLOCKS.get(c.name, c.name)}{cards.left(c.due_at, ask.at)}" for c in running[:3])
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
    """认领：由你负责这件事。例：认领 #12"""
    if ask.intent.number("task"):
        return _claim_task(ask)
    incident = _claimable(ask)
    ask.require("claim", incident)
    if not incident.open:
        raise UserError(model.NEEDS[incident.state])
    if incident.owner == ask.person.name:
        return f"{incident.name} 已经归你{ask.hint(incident)}"
    if incident.owner:
        at = incidents.row(ask.db, incident.id)["claimed_at"]
        when = f"（{clock_of(from_iso(at), ask.at)}）" if at else ""
        raise UserError(f"{incident.owner}先认领了{when}。要换人请值班长回：指派 #{incident.id} @{ask.person.name}")
    take_over(ask, incident, ask.person.name, "claim")
    took = span_of((ask.at - incident.opened_at).total_seconds())
    claimed = incidents.get(ask.db, incident.id)
    handling.tell_rooms(
        ask.db,
        ask.house,
        claimed,
        Post(f"#{incident.id} 归{ask.person.name}（{took}）"),
        at=ask.at,
        kind="notice",
        reason="claimed",
        besides=ask.room,
    )
    return f"#{incident.id} 归你，{took}内认领{ask.hint(claimed)}"


def _claimable(ask: Ask) -> Incident:
    """The object of a claim; without a number the room's only unclaimed incident."""
    if ask.intent.number("incident") is None and ask.card_incident is None and not ask.intent.text("topic"):
        unclaimed = [i for i in incidents.listed(ask.db) if not i.owner and ask.sees(i)]
        wanted = [i for i in unclaimed if ask.intent.grade in (None, i.shown)]
        if len(wanted) == 1:
            return wanted[0]
    return ask.incident()


def _claim_task(ask: Ask) -> str:
    task = work.task(ask.db, ask.intent.number("task") or 0)
    ask.require("task")
    if not task.live:
        raise UserError(f"T{task.id} 已结束，不用认领")
    work.change_task(
        ask.db, task, "task_claim", at=ask.at, by=ask.person.name, assignee=ask.person.name, accepted=True, state="doing"
    )
    return f"T{task.id} 归你：{task.text[:30]}"


def take_over(ask: Ask, incident: Incident, owner: str, verb: str, *, assigned_by: str = "") -> None:
    """Gives an incident its owner; from ``new`` it goes to assessing, and the claim clock is met."""
    state = State.ASSESSING if incident.state is State.NEW else incident.state
    incidents.change(
        ask.db,
        incident.id,
        verb,
        at=ask.at,
        by=ask.person.name,
        owner=owner,
        state=state,
        claimed_at=ask.at,
        accepted=not assigned_by,
        assigned_by=assigned_by,
    )
    handling.meet(ask.db, incident, "claim", at=ask.at, by=ask.person.name)


def ledger(ask: Ask, incident: Incident, *, reason: str = "", resolution: str = "resolved", receiver: str = "") -> Ledger:
    """What else is known when a move is judged."""
    gauge = incidents.gauge(ask.db, incident.id)
    decisions = work.decisions(ask.db, incident.id, ("decided",))
    drafts = statements.of_incident(ask.db, incident.id)
    row = incidents.row(ask.db, incident.id)
    legal = [c for c in timers.clocks_of(ask.db, incident.id) if c.legal]
    return Ledger(
        now=ask.at,
        decisions=len(decisions),
        spoken=any(d.silent for d in decisions) or any(d.state in ("released", "superseded") for d in drafts),
        unfinished_drafts=tuple(d.name for d in drafts if d.state in ("review", "approved", "handed", "unknown")),
        blocking_tasks=tuple(t.name for t in work.tasks(ask.db, incident=incident.id) if t.blocking),
        legal_clocks=tuple(c.name for c in legal),
        heat=float(gauge["indicators"]["heat"]) if gauge else 0.0,
        new_authority=_new_authority(ask, incident, row["tracked_at"]),
        receiver=receiver,
        reason=reason,
        resolution=resolution,
    )


def _new_authority(ask: Ask, incident: Incident, since: str | None) -> bool:
    strands = mentions.strands_of(ask.db, incident.id)
    return bool(since and strands and mentions.new_authority(ask.db, strands, from_iso(since)))


def check(ask: Ask, move: Move, incident: Incident, it: Ledger) -> Verdict:
    """Rights, then what is missing; a refusal names it and who may supply it."""
    held = model.right_for(move, incident, ask.person)
    if held.verdict is Verdict.NO:
        who = who_may("close_grave" if move.verb == "close" and incident.grave else move.right)
        raise Refused(f"你不能{move.said} #{incident.id}。可以的是：{who}")
    if lines := model.missing(move, incident, it):
        raise UserError(f"#{incident.id} 还不能{move.said}：" + "；".join(lines))
    return held.verdict


def start(ask: Ask) -> str:
    """启动：启动预案。例：启动 #12"""
    incident = ask.incident()
    if incident.started and incident.state is State.ACTIVE:
        return f"#{incident.id} 已启动过，不重复启动{ask.hint(incident)}"
    move = BY_VERB["start"]
    held = model.right_for(move, incident, ask.person)
    check(ask, move, incident, ledger(ask, incident))
    if held.note == "c":
        ask.confirm(f"启动 #{incident.id} {incident.title[:20]}（红级）", fingerprint=_print(incident), by=Role.COMMANDER.value)
    active = incidents.change(ask.db, incident.id, "start", at=ask.at, by=ask.person.name, state=State.ACTIVE, started=True)
    limit = ask.house.limit("update", active.grade)
    if limit:
        handling.start_clock(ask.db, ask.house, active, "update", at=ask.at, limit_s=limit)
    due = handling.deadlines(ask.db, active, ask.at)
    text = f"#{incident.id} 已启动" + (f"：{'，'.join(due[:3])}" if due else "")
    _tell_others(ask, active, text, "started")
    return text + ask.hint(active)


def track(ask: Ask) -> str:
    """跟踪：处置告一段落，进入静默观察。例：跟踪 #12"""
    incident = ask.incident()
    move = BY_VERB["track_blue" if incident.state is State.GRADED else "track"]
    verdict = check(ask, move, incident, ledger(ask, incident))
    if verdict is Verdict.CONFIRM:
        ask.confirm(f"#{incident.id} 转跟踪", fingerprint=_print(incident))
    until = ask.at + timedelta(seconds=ask.house.limit("quiet", incident.peak or incident.shown or Grade.BLUE) or 43_200)
    tracking = incidents.change(
        ask.db, incident.id, "track", at=ask.at, by=ask.person.name, state=State.TRACKING, tracked_at=ask.at, quiet_until=until
    )
    handling.cancel_clocks(ask.db, tracking, at=ask.at, by=ask.person.name, why="已转跟踪", legal=False)
    timers.set_timer(ask.db, f"quiet:{incident.id}:{ask.at.timestamp():.0f}", "quiet", until, at=ask.at, incident=incident.id)
    gauge = incidents.gauge(ask.db, incident.id)
    figures = f"：热度{gauge['indicators']['heat']:.0f}" if gauge else ""
    hours = span_of((until - ask.at).total_seconds())
    text = f"#{incident.id} 跟踪中{figures}。静默{hours}，到{clock_of(until, ask.at)}；新A级信源即叫醒"
    _tell_others(ask, tracking, text, "tracking")
    return text


def resume(ask: Ask) -> str:
    """恢复处置：跟踪中的事件重新处置。例：恢复处置 #12"""
    incident = ask.incident()
    move = BY_VERB["resume"]
    if check(ask, move, incident, ledger(ask, incident)) is Verdict.CONFIRM:
        ask.confirm(f"#{incident.id} 恢复处置", fingerprint=_print(incident))
    active = incidents.change(
        ask.db, incident.id, "resume", at=ask.at, by=ask.person.name, state=State.ACTIVE, quiet_until=None, tracked_at=None
    )
    timers.end_timers(ask.db, f"quiet:{incident.id}:", ask.at, "恢复处置")
    if limit := ask.house.limit("update", active.shown):
        handling.start_clock(ask.db, ask.house, active, "update", at=ask.at, limit_s=limit)
    text = f"#{incident.id} 恢复处置（{ask.person.name}）"
    _tell_others(ask, active, text, "resumed")
    return text + ask.hint(active)


def close(ask: Ask) -> str:
    """结案：结束一件事，要写理由。例：结案 #12 检测合格已公布　误报：误报 #12 理由　并入：13并到12"""
    slots = ask.intent.slots
    if slots.get("merge_into") or slots.get("resolution") == "duplicate":
        return merge(ask)
    incident = ask.incident()
    if slots.get("resolution") == "false_alarm" and incident.state is State.NEW:
        return _false_alarm(ask, incident)
    if incident.state in (State.CLOSED, State.REVIEWED):
        return f"#{incident.id} 已结案"
    resolution, reason = str(slots.get("resolution") or "resolved"), ask.intent.text("reason")
    receiver = ask.intent.text("to")
    move = BY_VERB["close"]
    held = model.right_for(move, incident, ask.person)
    check(ask, move, incident, ledger(ask, incident, reason=reason, resolution=resolution, receiver=receiver))
    gauge = incidents.gauge(ask.db, incident.id)
    quiet = span_of((ask.at - from_iso(incidents.row(ask.db, incident.id)["tracked_at"])).total_seconds())
    heat = f"，热度{gauge['indicators']['heat']:.0f}" if gauge else ""
    second = Role.COMMANDER.value if held.note == "c" else ""
    ask.confirm(
        f"结案 #{incident.id} {incident.title[:20]}：{reason}｜静默{quiet}{heat}", fingerprint=_print(incident), by=second
    )
    return _closed(ask, incident, resolution, reason, receiver)


def _closed(ask: Ask, incident: Incident, resolution: str, reason: str, receiver: str = "") -> str:
    by = ask.by.name if ask.by else ask.person.name
    over = incidents.change(
        ask.db,
        incident.id,
        "close",
        at=ask.at,
        by=by,
        why=reason,
        state=State.CLOSED,
        resolution=resolution,
        reason=reason,
        receiver=receiver,
        closed_at=ask.at,
        quiet_until=None,
    )
    handling.cancel_clocks(ask.db, over, at=ask.at, by=by, why="已结案")
    timers.end_timers(ask.db, f"quiet:{incident.id}:", ask.at, "已结案")
    mentions.end_strands(ask.db, incident.id)
    _end_mutes(ask, incident)
    limit = ask.house.limit("review", over.peak or over.shown or Grade.BLUE) if resolution == "resolved" else None
    review = ""
    if limit:
        due = ask.at + timedelta(seconds=limit)
        timers.set_timer(ask.db, f"review:{incident.id}:{over.round}", "review", due, at=ask.at, incident=incident.id)
        review = f"。复盘 {clock_of(due, ask.at)} 前，{over.owner or by}"
    head = ask.db.conn.execute("SELECT hash FROM log ORDER BY seq DESC LIMIT 1").fetchone()[0]
    text = f"#{incident.id} 已结案（{by}，{RESOLUTIONS[resolution]}：{reason}）。记录校验 {head[:4].upper()}{review}"
    _tell_others(ask, over, text, "closed")
    return text


def _false_alarm(ask: Ask, incident: Incident) -> str:
    reason = ask.intent.text("reason")
    reason = "" if reason in ("误报", "") else reason
    move = BY_VERB["false_alarm"]
    if model.right_for(move, incident, ask.person).verdict is Verdict.NO:
        check(ask, move, incident, ledger(ask, incident, reason="-"))
    if not reason:
        raise UserError(f"判误报要写理由，如：误报 #{incident.id} 同名餐馆，与我们无关")
    check(ask, move, incident, ledger(ask, incident, reason=reason))
    ask.confirm(f"#{incident.id} {incident.title[:20]} 判为误报：{reason}", fingerprint=_print(incident))
    return _closed(ask, incident, "false_alarm", reason)


def merge(ask: Ask) -> str:
    """并入：两件是同一件事时，后来的并入先来的。例：13并到12"""
    younger, older = ask.incident(), ask.intent.number("merge_into")
    if older is None:
        raise UserError(f"并到哪一件？如：{younger.id}并到{max(1, younger.id - 1)}")
    target = ask.visible(incidents.get(ask.db, older))
    if target.id == younger.id:
        raise UserError("不能并到它自己")
    if not target.open:
        raise UserError(f"#{target.id} 已结案，不能并入。要接着办请回：重开 #{target.id} 加理由")
    if target.id > younger.id:
        younger, target = target, younger
    check(ask, BY_VERB["merge"], younger, ledger(ask, younger))
    ask.confirm(
        f"#{younger.id} {younger.title[:14]} 并入 #{target.id} {target.title[:14]}",
        fingerprint=_print(younger) + _print(target),
    )
    by = ask.person.name
    handling.cancel_clocks(ask.db, younger, at=ask.at, by=by, why=f"并入 #{target.id}")
    mentions.move_strands(ask.db, younger.id, target.id)
    work.move_all(ask.db, younger.id, target.id, at=ask.at, by=by)
    incidents.change(
        ask.db,
        younger.id,
        "merge",
        at=ask.at,
        by=by,
        why=f"并入 #{target.id}",
        state=State.CLOSED,
        resolution="duplicate",
        reason=f"并入 #{target.id}",
        merged_into=target.id,
        closed_at=ask.at,
    )
    higher = max((g for g in (target.suggested, younger.suggested) if g), default=None)
    peak = max((g for g in (target.peak, younger.peak) if g), default=None)
    joined = incidents.change(
        ask.db, target.id, "merged", at=ask.at, by=by, why=f"并入了 #{younger.id}", suggested=higher, peak=peak
    )
    text = f"#{younger.id} 已并入 #{target.id}，任务、事实、稿件一并移过去"
    _tell_others(ask, joined, text, "merged")
    return text + ask.hint(joined)


def reopen(ask: Ask) -> str:
    """重开：已结的事再打开，要写理由。例：重开 #7 当事人又发视频了"""
    incident = _closed_one(ask)
    if incident.open:
        return f"#{incident.id} 本来就没结{ask.hint(incident)}"
    if incident.merged_into:
        raise UserError(f"#{incident.id} 已并入 #{incident.merged_into}，请对 #{incident.merged_into} 操作")
    check(ask, BY_VERB["reopen"], incident, ledger(ask, incident, reason=ask.intent.text("reason")))
    again = incidents.change(
        ask.db,
        incident.id,
        "reopen",
        at=ask.at,
        by=ask.person.name,
        why=ask.intent.text("reason"),
        state=State.ACTIVE,
        round=incident.round + 1,
        round_at=ask.at,
        peak=incident.suggested or incident.grade,
        resolution="",
        closed_at=None,
        merged_into=None,
        quiet_until=None,
        tracked_at=None,
    )
    mentions.revive_strands(ask.db, incident.id)
    timers.end_timers(ask.db, f"review:{incident.id}:", ask.at, "已重开")
    if limit := ask.house.limit("update", again.shown):
        handling.start_clock(ask.db, ask.house, again, "update", at=ask.at, limit_s=limit)
    handling.start_clocks(ask.db, ask.house, again, at=ask.at, first=True)
    text = f"#{incident.id} 重开，第{again.round}轮。{'负责人 ' + again.owner if again.owner else '请认领'}"
    _tell_others(ask, again, text, "reopened")
    return text + ask.hint(again)


def _closed_one(ask: Ask) -> Incident:
    if ask.intent.number("incident") is not None or ask.card_incident is not None:
        return ask.incident()
    topic = ask.intent.text("topic")
    over = [
        i for i in incidents.listed(ask.db, (State.CLOSED, State.REVIEWED)) if ask.sees(i) and (not topic or topic in i.title)
    ]
    if len(over) == 1:
        return over[0]
    if not over:
        raise UserError("没有这样的已结事件。回：列表 已结")
    raise UserError("重开哪一件？" + "｜".join(cards.one_line(i) for i in over[:5]))


def _end_mutes(ask: Ask, incident: Incident) -> None:
    for mute in rooms.mutes(ask.db, ask.at):
        if mute.incident == incident.id:
            rooms.unmute(ask.db, mute, at=ask.at, by=ask.person.name, why="已结案")


def _tell_others(ask: Ask, incident: Incident, text: str, reason: str) -> None:
    """The rooms that did not hear the answer, and the leaders."""
    handling.tell_rooms(
        ask.db, ask.house, incident, Post(text), at=ask.at, kind="notice", reason=reason, besides="" if ask.by else ask.room
    )
    if reason == "closed":
        handling.tell_leaders(ask.db, ask.house, incident, at=ask.at, reason=reason, post=Post(text))


def _print(incident: Incident) -> str:
    """What must not have changed between the echo and the confirmation."""
    return f"{incident.id}:{incident.state}:{incident.grade}:{incident.round}:{incident.owner}"


COMMANDS: dict[str, Callable[[Ask], str]] = {
    "list": list_incidents,
    "status": status,
    "claim": claim,
    "start": start,
    "track": track,
    "resume": resume,
    "close": close,
    "reopen": reopen,
}
