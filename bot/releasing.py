"""From a complete chain to proof of release. Each function is part of a transaction; nothing here talks to the network.

obstacles   why a text can't go out now: asked before the echo, at the confirmation, and again when a timer releases
hand_over   the exact text to the named operator or connector of each channel
record      a link came back: the page is to be read, what was promised becomes a clock or a task
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import clocking, outlets, restoring, saying, signoff
from bot.drafting import order, promises, signing
from bot.drafting.kinds import KINDS
from bot.errors import UserError
from bot.model.card import Post
from bot.model.house import Channel, House
from bot.model.people import WANGLOU, Person, Role
from bot.model.times import clock_of, span_of
from bot.store import evidence, mentions, notes, publications, statements, timers, voice, work
from bot.store.publications import Publication
from bot.store.statements import Draft

CHECKS = (("now", timedelta(0)), ("10m", timedelta(minutes=10)), ("1h", timedelta(hours=1)), ("1d", timedelta(days=1)))
"""When a released page is read; after the last it is read daily."""
DRILL = "演练中不对外交付，签齐就算已发"
ENDORSE_AGAIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Plan:
    """A release that may go ahead: the channels still to be handed over, and what is to be thought of."""

    channels: tuple[Channel, ...]
    warnings: tuple[str, ...]


def plan(
    db: Database, house: House, draft: Draft, person: Person, wanted: Sequence[str], at: datetime, when: datetime | None = None
) -> Plan:
    """What would go where; ``UserError`` says what stands in the way and who can clear it. ``when``: the moment it is set for."""
    if lines := obstacles(db, house, draft, person, at):
        raise UserError(f"{draft.name} 还不能发：" + "；".join(lines))
    channels = outlets.chosen(db, house, draft, wanted)
    for channel in channels:
        if not channel.connector and house.person(channel.operator) is None:
            raise UserError(f"{channel.label} 没有配置经办人（[[channels]] operator），不能交付")
    before = heard(db, draft)
    price = signing.touches_price(signoff.matter_of(db, house, draft))
    if refusal := order.refusal(draft.type, [c.name for c in channels], before, price=price):
        raise UserError(f"{draft.name} 还不能发：{refusal}")
    planned = {h.audience for h in voice.hearings(db, draft.incident)} if draft.incident else set()
    notes_ = list(order.warnings(KINDS[draft.type].audience, before, planned))
    seen = len(mentions.examples(db, mentions.strands_of(db, draft.incident), order.FEW)) if draft.incident else 0
    hour = (when or at).astimezone(house.zone).hour
    notes_ += order.moment_warnings(draft.type, KINDS[draft.type].audience, hour, seen)
    if stray := outlets.stray(draft, channels):
        notes_.append(stray)
    if draft.model:
        notes_.append("由语言模型改写，对外须标识")
    return Plan(channels, tuple(notes_))


def obstacles(db: Database, house: House, draft: Draft, person: Person | None, at: datetime) -> list[str]:
    """Why this text can't go out now, whoever asks; empty when it may. Out of a drill nothing goes."""
    if house.drill:
        return [DRILL]
    if over := {"superseded": "已被更正替代", "retracted": "已撤下", "withdrawn": "已作废"}.get(draft.state):
        return [over]
    if draft.state == "released" and not outlets.missed(db, house, draft):
        return ["已经发过"]
    found = []
    if draft.held:
        found.append(f"{draft.held_by}压住了（{draft.held_why or '没写理由'}），解除须公关、法务、指挥")
    state = signoff.standing_of(db, house, draft, at)
    if not state.complete:
        found.append(f"签字不全（{signing.progress(state)}）")
    elif person is not None and all(person.name in (s.person, s.recorder) for s in state.signed.values()):
        found.append("至少要有一个签字不是发布人自己的（代录的也算发布人的）")
    if draft.state not in ("approved", "handed", "unknown", "released") and state.complete:
        found.append("还没有送审通过")
    if restoring.claims(draft.text) and (left := restoring.lacking(db, signoff.incident_of(db, draft), at)):
        found.append(f"稿中说已恢复，{left}")
    return found


def heard(db: Database, draft: Draft) -> set[str]:
    """The audiences that have heard before this draft goes out."""
    return told(db, draft.incident, besides=draft.id) if draft.incident else set()


def told(db: Database, incident: int, besides: int = 0) -> set[str]:
    """The audiences that have heard: told by somebody, or a statement for them is out or on its way."""
    heard_ = {t.audience for t in notes.told(db, incident)}
    heard_ |= {"harmed"} if "affected_users" in heard_ else set()
    heard_ |= {
        KINDS[d.type].audience
        for d in statements.of_incident(db, incident)
        if d.state in ("released", "handed") and d.id != besides
    }
    return heard_ | {h.audience for h in voice.hearings(db, incident) if h.state in ("told", "waived")}


def audience_label(audience: str) -> str:
    """An audience as people say it."""
    return order.AUDIENCES.get(audience, audience)


def hand_over(db: Database, house: House, draft: Draft, channels: Sequence[Channel], *, by: str, at: datetime) -> str:
    """Gives the exact text to each channel's operator; a connector's row waits for its runner. The line the room reads."""
    state = signoff.standing_of(db, house, draft, at)
    if house.drill or not state.complete:
        raise UserError(f"{draft.name} {DRILL if house.drill else '签字不全'}，没有交付")
    for channel in channels:
        made = publications.hand(
            db, draft, channel=channel.name, operator=channel.operator, connector=channel.connector, by=by, at=at
        )
        if not channel.connector:
            _give(db, house, draft, made, channel, at)
    handed = statements.change(db, draft, "handed", at=at, by=by, state="handed", channels=[c.name for c in channels])
    timers.end_timers(db, f"release:{draft.id}:", at, "已交付")
    if not outlets.is_letter(draft):
        freeze(db, house, draft.incident, channels, by=by, at=at)
    return f"{handed.name} 已交付：" + "、".join(f"{c.label}（{c.connector or c.operator}）" for c in channels)


def _give(db: Database, house: House, draft: Draft, made: Publication, channel: Channel, at: datetime) -> None:
    text = (
        f"请发 {draft.name} 到{channel.label}，一字不改：\n————\n{draft.text}\n————\n"
        f"发好后回：已发 D{draft.id} {channel.label} 链接｜没发成：未发 D{draft.id} {channel.label}"
    )
    saying.tell_person(
        db,
        made.operator,
        Post(text),
        at=at,
        kind="notice",
        reason="hand_over",
        incident=signoff.incident_of(db, draft),
        urgent=True,
    )


def freeze(db: Database, house: House, incident: int | None, channels: Sequence[Channel], *, by: str, at: datetime) -> int:
    """One task a channel: scheduled marketing posts stop. Those that exist already are not made again; how many are new."""
    made = 0
    for channel in channels:
        if not channel.operator:
            continue
        _, new = work.add_task(
            db,
            incident=incident,
            text=f"暂停{channel.label}已排期的营销内容",
            assignee=channel.operator,
            by=by,
            at=at,
            due_at=at + timedelta(hours=1),
            proof=True,
            kind="freeze",
            key=f"freeze:{incident}:{channel.name}",
        )
        made += new
    return made


def record(
    db: Database,
    house: House,
    draft: Draft,
    it: Publication,
    *,
    url: str,
    by: str,
    at: datetime,
    when: datetime | None = None,
    note: str = "",
) -> str:
    """It is out: link and time are kept, the page is to be read, promises run. ``note`` says where and how, when there is no link.
    The line the room reads."""
    publications.change(
        db,
        it,
        "released",
        at=at,
        by=by,
        incident=draft.incident,
        state="released",
        url=url,
        released_at=when or at,
        recorded_by=by,
        note=note,
    )
    if url:
        publications.check_page(db, it.id, CHECKS[0][0], at)
    first = _first_words(db, draft, at, by)
    left = [p for p in publications.of_draft(db, draft.id) if p.state in ("queued", "handed", "calling", "unknown")]
    label = outlets.label(house, it.channel)
    text = f"D{draft.id}{number_of(draft)} {label} 已发（{by}）" + (
        "，正在与签批文本比对" if url else "，没有链接，无法比对" + (f"；已记：{note}" if note else "")
    )
    if not left:
        text += _all_out(db, house, draft, at, by)
    else:
        _no_longer_unknown(db, draft, at, by)
        text += f"；还等 {'、'.join(outlets.label(house, p.channel) for p in left)}"
    return text + first


def relink(db: Database, house: House, draft: Draft, it: Publication, *, url: str, by: str, at: datetime) -> str:
    """Another link in place of one that was mistyped: the old one stays in the log, the new page is read as if just released."""
    publications.end_checks(db, it.id, at, "换了链接")
    why = f"{it.url or '没有链接'} → {url}"
    publications.change(db, it, "relinked", at=at, by=by, incident=draft.incident, why=why, url=url, compared="", snapshot="")
    publications.check_page(db, it.id, CHECKS[0][0], at)
    return f"D{draft.id}{number_of(draft)} {outlets.label(house, it.channel)} 链接改为 {url}（{by}），原来的留在记录里；正在与签批文本比对"


def _first_words(db: Database, draft: Draft, at: datetime, by: str) -> str:
    incident = signoff.incident_of(db, draft)
    if incident is None or KINDS[draft.type].audience not in ("public", "affected_users"):
        return ""
    if clocking.meet(db, incident, "first_statement", at=at, by=by) is None:
        return ""
    return f"。首发用时{span_of((at - incident.opened_at).total_seconds())}"


def _all_out(db: Database, house: House, draft: Draft, at: datetime, by: str) -> str:
    """Every channel is done: what was missed is listed, what was promised starts to run."""
    out = statements.change(db, draft, "released", at=at, by=by, state="released")
    if out.corrects:
        old = statements.get(db, out.corrects)
        if old.state == "released":
            statements.change(db, old, "superseded", at=at, by=by, why=f"由 D{out.id} 更正", state="superseded")
    missed = [c.label for c in outlets.missed(db, house, out)]
    text = f"；没发的渠道：{'、'.join(missed)}" if missed else ""
    text += _audiences(db, out, at, by)
    if out.emergency and not out.endorsed_by:
        ask_endorsement(db, house, out, at)
    return _promises(db, house, out, at, by) + text


def _audiences(db: Database, draft: Draft, at: datetime, by: str) -> str:
    """Whoever this text speaks to has heard; whoever should have heard with the public and did not is marked as missed."""
    if draft.incident is None:
        return ""
    audience, have = KINDS[draft.type].audience, told(db, draft.incident)
    missed = []
    for row in voice.hearings(db, draft.incident):
        if row.audience == audience and row.state in ("planned", "missed"):
            voice.change(
                db,
                "hearings",
                row.id,
                "audience_told",
                at=at,
                by=by,
                incident=draft.incident,
                state="told",
                done_at=at,
                note=f"D{draft.id}",
            )
        elif audience == "public" and row.audience in order.WITH_PUBLIC and row.state == "planned" and row.audience not in have:
            voice.change(db, "hearings", row.id, "audience_missed", at=at, by=WANGLOU, incident=draft.incident, state="missed")
            missed.append(audience_label(row.audience))
    return f"；漏了：{'、'.join(missed)}" if missed else ""


def _promises(db: Database, house: House, draft: Draft, at: datetime, by: str) -> str:
    incident = signoff.incident_of(db, draft)
    if incident is None:
        return ""
    due, running = promises.next_word(draft.text, at, house.zone), timers.find_clock(db, incident.id, "next_word")
    if due and running and running.due_at == due:
        return ""
    kept = clocking.meet(db, incident, "next_word", at=at, by=by)
    text = f"（承诺 {clock_of(kept.due_at, at)}{'，晚了' if kept.missed else ''}）" if kept else ""
    if due:
        clocking.start_clock(db, house, incident, "next_word", at=at, limit_s=(due - at).total_seconds())
        text += f"；{clock_of(due, at)} 再通报已计时"
    for what, until in promises.dated_steps(draft.text, at, house.zone):
        work.add_task(
            db, incident=incident.id, text=f"兑现承诺：{what[:40]}", assignee=incident.owner, by=by, at=at, due_at=until,
            kind="promise", key=f"promise:{draft.id}:{draft.version}:{what[:40]}",
        )  # fmt: skip
    return text


def ask_endorsement(db: Database, house: House, draft: Draft, at: datetime) -> None:
    """The emergency path is confirmed afterwards by the commander, who is reminded until then."""
    for commander in house.with_role(Role.COMMANDER):
        text = f"{draft.name} 走了紧急首发（值班长加法务或公关）。请您事后追认：追认 D{draft.id}｜不追认 D{draft.id} 理由\n{draft.text}"
        saying.tell_person(
            db,
            commander.name,
            Post(text),
            at=at,
            kind="notice",
            reason="endorse",
            incident=signoff.incident_of(db, draft),
            urgent=True,
        )
    key = f"endorse:{draft.id}:{at.timestamp():.0f}"
    timers.set_timer(db, key, "endorse", at + ENDORSE_AGAIN, at=at, incident=draft.incident, draft=draft.id)


def not_released(db: Database, house: House, draft: Draft, it: Publication, *, by: str, at: datetime, why: str) -> str:
    """It surely did not go out: it may be handed over again, while its chain holds."""
    publications.change(db, it, "not_released", at=at, by=by, incident=draft.incident, why=why, state="not_released", note=why)
    rest = [p for p in publications.of_draft(db, draft.id) if p.state in publications.OUT]
    if not rest and draft.state in ("handed", "unknown"):
        draft = statements.change(db, draft, "not_released", at=at, by=by, why=why, state="approved")
    elif rest and all(p.state == "released" for p in rest):
        _all_out(db, house, draft, at, by)
    elif rest:
        _no_longer_unknown(db, draft, at, by)
    return f"D{draft.id} {outlets.label(house, it.channel)} 没有发出（{by}）。要再发请回：发布 D{draft.id} {outlets.label(house, it.channel)}"


def _no_longer_unknown(db: Database, draft: Draft, at: datetime, by: str) -> None:
    """Every channel in doubt was answered for: the others are still with their operators."""
    if draft.state == "unknown" and not any(p.state == "unknown" for p in publications.of_draft(db, draft.id)):
        statements.change(db, draft, "known", at=at, by=by, state="handed")


def unknown(db: Database, house: House, it: Publication, *, at: datetime, why: str) -> None:
    """Nobody knows whether it went out; it is never tried again, a person looks."""
    draft = statements.get(db, it.draft)
    publications.change(db, it, "unknown", at=at, by=WANGLOU, incident=draft.incident, why=why, state="unknown", note=why)
    draft = statements.change(db, draft, "unknown", at=at, by=WANGLOU, why=why, state="unknown")
    label = outlets.label(house, it.channel)
    checker = it.operator or next((p.name for p in house.with_role(Role.PR)), "")
    answers = f"已发 D{draft.id} {label} 链接｜未发 D{draft.id} {label}"
    text = f"D{draft.id} {label}：结果未知（{why}），不会重发。请{checker or '经办人'}核对后回：{answers}"
    signoff.tell(db, house, draft, text, at=at, reason="unknown")
    if checker:
        saying.tell_person(
            db,
            checker,
            Post(text),
            at=at,
            kind="notice",
            reason="unknown",
            incident=signoff.incident_of(db, draft),
            urgent=True,
        )


def number_of(draft: Draft) -> str:
    """「 进展第1号」; empty for what bears no number."""
    found = re.search(r"第\s*[\d一二三四五六七八九十]+\s*号", draft.text) if draft.type == "progress_update" else None
    return f" 进展{found[0]}" if found else ""


def sum_up(db: Database, house: House, draft: Draft, at: datetime) -> str:
    """「D1 微博、官网已发，与签批文本一致，Z-84 Z-85。首发用时2时10分；16:00 再通报已计时」, once every page was read and says it."""
    out = [p for p in publications.of_draft(db, draft.id) if p.state == "released"]
    labels = "、".join(outlets.label(house, p.channel) for p in out)
    pieces = [piece for p in out if (piece := evidence.of_key(db, draft.incident or 0, f"release:{p.id}:{p.snapshot}"))]
    text = f"D{draft.id}{number_of(draft)} {labels}已发，与签批文本一致，{' '.join(piece.name for piece in pieces)}"
    incident = signoff.incident_of(db, draft)
    if incident is None:
        return text
    first = timers.find_clock(db, incident.id, "first_statement", ("met",))
    mine = min(p.released_at or at for p in out)
    earlier = [
        d
        for d in statements.of_incident(db, incident.id)
        if d.id < draft.id and d.state in ("released", "superseded", "retracted")
    ]
    said = [f"首发用时{span_of((mine - incident.opened_at).total_seconds())}"] if first and not earlier else []
    if (promised := timers.find_clock(db, incident.id, "next_word")) and promised.due_at > at:
        said.append(f"{clock_of(promised.due_at, at)} 再通报已计时")
    return text + (f"。{'；'.join(said)}" if said else "")


def echo(house: House, draft: Draft, to: Plan, when: datetime | None, at: datetime) -> str:
    """「将交付 D3 v3·C20E 给 微博（苏琴）、官网（周宁）；注意：员工信还没有」."""
    where = "、".join(f"{c.label}（{c.connector or c.operator}）" for c in to.channels)
    later = f"{clock_of(when, at)} " if when else ""
    warn = f"；注意：{'、'.join(to.warnings)}" if to.warnings else ""
    return f"{later}将交付 {draft.name} 给 {where}{warn}"
