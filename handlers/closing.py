"""The closing desk: close, false alarm, merge, reopen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from bot import cards, clocking, falling, leaders, merging, moves, planning
from bot.asking import Ask
from bot.errors import UserError
from bot.judging import judge, reconsider
from bot.model.card import Post
from bot.model.grade import Grade
from bot.model.incident import BY_VERB, DONE, RESOLUTIONS, Incident, State, who_may_move
from bot.model.people import Role
from bot.model.times import clock_of, from_iso
from bot.store import calls, incidents, journal, mentions, rooms, timers, work

_HANDED = re.compile(
    r"(?:移交|转交|交由|转由|划归|归口|转)(?:给|到|至)?\s?([^\s,，。；;、]{2,16}?)(?:处理|跟进|负责|接手|管理)?(?=[\s,，。；;、]|$)"
)


def close(ask: Ask) -> str:
    """结案：结束一件事，要写理由。例：结案 #12 检测合格已公布　误报：误报 #12 理由　并入：13并到12"""
    slots = ask.intent.slots
    if slots.get("merge_into") or slots.get("resolution") == "duplicate":
        return merge(ask)
    incident = ask.incident()
    if slots.get("resolution") == "false_alarm" and incident.state in (State.NEW, State.ASSESSING):
        return _false_alarm(ask, incident)
    if slots.get("resolution") == "false_alarm" and incident.state in (State.GRADED, State.ACTIVE):
        return _too_late(ask, incident)
    move = BY_VERB["close"]
    held = ask.may_move(move, incident)
    if incident.state in DONE:
        return f"#{incident.id} {incident.state.label}{ask.hint(incident)}"
    resolution = str(slots.get("resolution") or "resolved")
    reason = _alarm_reason(ask) if resolution == "false_alarm" else ask.intent.text("reason")
    receiver = _receiver(reason) if resolution == "handed_over" else ""
    known = moves.ledger(ask.db, incident, ask.at, reason=reason, resolution=resolution, receiver=receiver)
    ask.check(move, incident, known)
    second = Role.COMMANDER.value if held.note == "c" else ""
    tracked = incidents.row(ask.db, incident.id)["tracked_at"]
    how = "" if resolution == "resolved" else f"{RESOLUTIONS[resolution]}："
    quiet = f"{(ask.at - from_iso(tracked)).total_seconds() // 3600:.0f}时"
    echo = f"结案 #{incident.id} {incident.title[:20]}（{how}{reason[:40]}）：静默{quiet}，热度{known.heat:.0f}，{_left(ask, incident)}"
    ask.confirm(echo, fingerprint=moves.fingerprint(incident), by=second)
    return _closed(ask, incident, "close", resolution, reason, receiver)


def _alarm_reason(ask: Ask) -> str:
    return ask.intent.text("reason").removeprefix("误报").strip(" ，,、：:")


def _receiver(reason: str) -> str:
    """Who takes it over: 「移交给市场部跟进」 says 市场部."""
    found = _HANDED.search(reason)
    return found[1] if found else ""


def _left(ask: Ask, incident: Incident) -> str:
    """「无未了任务与时限」, or how many there are: who confirms must know."""
    tasks, clocks = work.tasks(ask.db, incident=incident.id), timers.clocks_of(ask.db, incident.id)
    if not tasks and not clocks:
        return "无未了任务与时限"
    return f"未了任务{len(tasks)}项、时限{len(clocks)}个"


def _closed(ask: Ask, incident: Incident, verb: str, resolution: str, reason: str, receiver: str = "") -> str:
    by = ask.by.name if ask.by else ask.person.name
    over = incidents.change(
        ask.db,
        incident.id,
        verb,
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
    _end(ask, over, "已结案", by)
    mentions.end_strands(ask.db, incident.id)
    limit = ask.house.limit("review", over.peak or over.shown or Grade.BLUE) if resolution == "resolved" else None
    review = ""
    if limit:
        due = ask.at + timedelta(seconds=limit)
        timers.set_timer(ask.db, f"review:{incident.id}:{over.round}", "review", due, at=ask.at, incident=incident.id)
        review = f"｜复盘 {limit // 86_400:.0f}日内，{over.owner or by}"
    head = ask.db.conn.execute("SELECT hash FROM log ORDER BY seq DESC LIMIT 1").fetchone()[0]
    how = "" if resolution == "resolved" else f"，{RESOLUTIONS[resolution]}：{reason[:40]}"
    text = f"#{incident.id} 已结案（{by}{how}）。记录校验 {head[:4].upper()}…{review}"
    ask.tell(over, text, "closed")
    post = Post(text)
    leaders.tell_leaders(ask.db, ask.house, over, at=ask.at, reason="closed", post=post, besides=(by, ask.person.name))
    return text


def _end(ask: Ask, incident: Incident, why: str, by: str) -> None:
    """Nothing of a closed incident runs on: clocks, timers, calls, mutes."""
    clocking.cancel_clocks(ask.db, incident, at=ask.at, by=by, why=why)
    for kind in ("quiet", "accept", "ungraded"):
        timers.end_timers(ask.db, f"{kind}:{incident.id}:", ask.at, why)
    calls.cancel(ask.db, incident.id, at=ask.at, by=by, why=why)
    planning.end(ask.db, ask.house, incident, at=ask.at, by=by, why=why)
    for mute in rooms.mutes(ask.db, ask.at):
        if mute.incident == incident.id:
            rooms.unmute(ask.db, mute, at=ask.at, by=by, why=why)


def _false_alarm(ask: Ask, incident: Incident) -> str:
    """From ``new`` it is closed; one that is claimed goes the short path: untrue, blue, tracked, closed after the quiet time."""
    reason = _alarm_reason(ask)
    move = BY_VERB["false_alarm"]
    ask.may_move(move, incident)
    if not reason:
        raise UserError(f"判误报要写理由，如：误报 #{incident.id} 同名餐馆，与我们无关")
    echo = f"#{incident.id} {incident.title[:20]} 判为误报：{reason[:40]}"
    if incident.state is State.ASSESSING:
        ask.confirm(f"{echo}（已认领：定蓝、转跟踪，静默后结案）", fingerprint=moves.fingerprint(incident))
        return _short_path(ask, incident, reason)
    ask.confirm(echo, fingerprint=moves.fingerprint(incident))
    return _closed(ask, incident, "false_alarm", "false_alarm", reason)


def _too_late(ask: Ask, incident: Incident) -> str:
    """Graded already, it ends as all others do, by way of tracking: the lines to type now, and the one to type at the end."""
    n, reason = f"#{incident.id}", _alarm_reason(ask)[:40] or "理由"
    known = moves.ledger(ask.db, incident, ask.at)
    blue = incident.state is State.GRADED and incident.grade is Grade.BLUE
    track = BY_VERB["track_blue" if blue else "track"]
    steps = [] if incident.truth == "false" else [f"研判 {n} 不实 {reason}"]
    if incident.state is State.GRADED and not blue:
        steps.append(f"启动 {n}（{who_may_move(BY_VERB['start'], incident)}）")
    if not blue and not (known.decisions and (known.spoken or not incident.grave)):
        steps.append(f"决策 {n} 不发声：{reason}")
    steps.append(f"跟踪 {n}（{who_may_move(track, incident)}）")
    held = [*known.unfinished_drafts, *known.blocking_tasks, *known.legal_clocks]
    first = f"先收尾：{'、'.join(held)}；" if held else ""
    return f"{n} {incident.state.label}，不能再直接判误报。{first}依次回：{'；'.join(steps)}；静默期过后回：结案 {n} 误报：{reason}"


def _short_path(ask: Ask, incident: Incident, reason: str) -> str:
    by = ask.person.name
    incidents.change(
        ask.db, incident.id, "assess", at=ask.at, by=by, why=reason, truth="false", assessed=True, assessment=f"不实：{reason}"
    )
    clocking.meet(ask.db, incident, "assessment", at=ask.at, by=by)
    graded = incidents.change(
        ask.db,
        incident.id,
        "grade",
        at=ask.at,
        by=by,
        why=reason,
        grade=Grade.BLUE,
        suggested=Grade.BLUE,
        peak=Grade.BLUE,
        state=State.GRADED,
    )
    tracking = clocking.track(ask.db, ask.house, graded, at=ask.at, by=by)
    until = clock_of(tracking.quiet_until or ask.at, ask.at)
    text = f"#{incident.id} 研判不实，定蓝（{by}：{reason[:30]}），跟踪到{until}，没有新情况即可结案"
    ask.tell(tracking, text, "tracking")
    return text


def merge(ask: Ask) -> str:
    """并入：两件是同一件事时，后来的并入先来的。例：13并到12"""
    younger, older = ask.incident(merged=True), ask.intent.number("merge_into")
    if older is None:
        older_ones = [i.id for i in incidents.listed(ask.db) if i.id < younger.id and ask.sees(i)]
        example = f"{younger.id}并到{max(older_ones)}" if older_ones else "13并到12"
        raise UserError(f"#{younger.id} 并到哪一件？后来的并到先来的，如：{example}")
    target = ask.visible(incidents.get(ask.db, older))
    if target.id == younger.id:
        raise UserError("不能并到它自己")
    if not target.open:
        raise UserError(f"#{target.id} 已结案，不能并入。要接着办请回：重开 #{target.id} 加理由")
    if target.id > younger.id:
        younger, target = target, younger
    ask.check(BY_VERB["merge"], younger, moves.ledger(ask.db, younger, ask.at))
    if younger.confidential and not target.confidential:
        raise UserError(f"#{younger.id} 是保密的，#{target.id} 不是。先回：保密 #{target.id}，再并入")
    ask.confirm(
        f"#{younger.id} {younger.title[:14]} 并入 #{target.id} {target.title[:14]}",
        fingerprint=moves.fingerprint(younger) + moves.fingerprint(target),
    )
    by = ask.person.name
    joined = merging.merge(ask.db, ask.house, younger, target, at=ask.at, by=by)
    _end(ask, incidents.get(ask.db, younger.id), f"并入 #{target.id}", by)
    falling.chain_moved(ask.db, ask.house, joined.id, ask.at)
    if joined.grade:
        falling.suggestion_rose(ask.db, ask.house, joined, ask.at)
    _tell_owners(ask, younger, target, joined)
    text = f"#{younger.id} 已并入 #{target.id}，任务、事实、稿件、时限一并移过去"
    if joined.suggested and joined.grade and joined.suggested > joined.grade:
        text += f"。建议升{joined.suggested.label}，请值班长确认"
    ask.tell(joined, text, "merged")
    reconsider(ask.db, ask.house, joined, ask.at, heard_in=ask.room)
    return text + ask.hint(incidents.get(ask.db, joined.id))


def split(ask: Ask) -> str:
    """拆分：一件里混了两件事时，把提到某个词的拆出去。例：拆分 #12 冷链车"""
    incident = ask.incident()
    ask.may_move(BY_VERB["merge"], incident)
    word = ask.intent.text("text").strip(" 「」“”\"'，,。：:")
    if len(word) < 2:
        raise UserError(f"按哪个词拆？如：拆分 #{incident.id} 冷链车")
    if incident.confidential:
        raise UserError(f"#{incident.id} 是保密的，拆出来的大家会看到。先回：解除保密 #{incident.id}，或请人另报：上报")
    parts = [mentions.mentioning(ask.db, strand, word) for strand in mentions.strands_of(ask.db, incident.id)]
    going, staying = sum(g for g, _ in parts), sum(s for _, s in parts)
    if not going or not staying:
        how = "没有一条提到" if not going else "每一条都提到"
        raise UserError(f"#{incident.id} 的信息里{how}「{word[:20]}」，没有拆。换个词试试")
    ask.confirm(
        f"从 #{incident.id} {incident.title[:14]} 拆出提到「{word[:20]}」的{going}条，以后来的也归那边；留下{staying}条",
        fingerprint=moves.fingerprint(incident),
    )
    with journal.act(ask.db, "split", at=ask.at, by=ask.person.name, incident=incident.id, why=f"提到「{word}」的{going}条"):
        made = [out for strand in mentions.strands_of(ask.db, incident.id) if (out := mentions.split(ask.db, strand, word))]
    reconsider(ask.db, ask.house, incident, ask.at, heard_in=ask.room)
    for strand in made:
        judge(ask.db, ask.house, strand, ask.at)
    numbers = sorted({number for strand in made if (number := mentions.strand(ask.db, strand)["incident"])})
    new = "，另立 " + "、".join(f"#{n}" for n in numbers) if numbers else "，还不到级别，接着看，到了另发预警"
    text = f"#{incident.id} 拆出提到「{word[:20]}」的{going}条{new}；留下{staying}条"
    ask.tell(incident, text, "split")
    return text + ask.hint(incidents.get(ask.db, incident.id))


def _tell_owners(ask: Ask, younger: Incident, target: Incident, joined: Incident) -> None:
    """Both owners hear of it in private, unless they did it themselves."""
    head = f"#{younger.id} {younger.title[:14]} 已并入 #{target.id} {target.title[:14]}（{ask.person.name}）"
    told = {younger.owner: f"编号不变，以后说 #{target.id}", target.owner: "任务、事实、稿件、时限都在这一件"}
    for name, more in told.items():
        if name and name != ask.person.name:
            part = "你是负责人" if name == joined.owner else "你协办"
            ask.tell_one(name, f"{head}。{part}，{more}", "merged", joined)


def reopen(ask: Ask) -> str:
    """重开：已结的事再打开，要写理由。例：重开 #7 当事人又发视频了"""
    incident = _closed_one(ask)
    ask.may_move(BY_VERB["reopen"], incident)
    if incident.open:
        return f"#{incident.id} 本来就没结{ask.hint(incident)}"
    if incident.merged_into:
        raise UserError(f"#{incident.id} 已并入 #{incident.merged_into}，请对 #{incident.merged_into} 操作")
    reason = ask.intent.text("reason")
    ask.check(BY_VERB["reopen"], incident, moves.ledger(ask.db, incident, ask.at, reason=reason))
    ask.confirm(
        f"重开 #{incident.id} {incident.title[:20]}（{reason[:40]}）：第{incident.round + 1}轮，时限重新起算",
        fingerprint=moves.fingerprint(incident),
    )
    again = incidents.reopen(ask.db, incident, at=ask.at, by=ask.person.name, why=reason)
    mentions.revive_strands(ask.db, incident.id)
    timers.end_timers(ask.db, f"review:{incident.id}:", ask.at, "已重开")
    clocking.start_clocks(ask.db, ask.house, again, at=ask.at, first=True)
    clocking.start_updates(ask.db, ask.house, again, at=ask.at)
    text = f"#{incident.id} 重开，第{again.round}轮（{ask.person.name}：{reason[:40]}）。"
    text += f"负责人{again.owner}" if again.owner else "请认领"
    ask.tell(again, text, "reopened")
    return text + ask.hint(again)


def _closed_one(ask: Ask) -> Incident:
    if ask.intent.number("incident") is not None or ask.card_incident is not None:
        return ask.incident(merged=True)
    topic = ask.intent.text("topic")
    over = [i for i in incidents.listed(ask.db, tuple(DONE)) if ask.sees(i) and (not topic or topic in i.title)]
    if len(over) == 1:
        return over[0]
    if not over:
        raise UserError("没有这样的已结事件。回：列表 已结")
    raise UserError("重开哪一件？" + "｜".join(cards.one_line(i) for i in over[:5]))


COMMANDS: dict[str, Callable[[Ask], str]] = {"close": close, "reopen": reopen, "split": split}
