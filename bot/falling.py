"""How signatures fall, and what the room reads then. Each function is part of a transaction.

recheck        a fallen fact, a higher grade or 12 h take signatures away; the signers are asked anew
chain_moved    the grade or the type of an incident is another now: signatures fall, or more people are asked
suggestion_rose  a higher grade is only suggested: what it would cost is said before anybody confirms it
fact_fell      drafts and talking points that rest on a fact
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from bot import saying, signoff
from bot.drafting import signing
from bot.drafting.signing import Signature
from bot.model.card import Post
from bot.model.house import House
from bot.model.incident import Incident
from bot.model.people import WANGLOU
from bot.store import incidents, publications, statements, timers, voice, work
from bot.store.statements import Draft


def recheck(db: Database, house: House, draft: Draft, at: datetime) -> Draft:
    """Takes away the signatures that no longer count, says which and why, and puts the text before those signers again.

    A text already handed over is held at once: its operator is told. The very same draft comes back where nothing fell.
    """
    if draft.state not in statements.UNDER_WAY:
        return draft
    live = {s.id for s in _live(db, draft)}
    fallen = [(s, why) for s, why in signoff.standing_of(db, house, draft, at).fell if s.id in live]
    if not fallen:
        return draft
    draft = statements.void(db, draft, fallen, at=at, by=WANGLOU)
    why = "；".join(dict.fromkeys(reason for _, reason in fallen))
    who = "、".join(s.person for s, _ in fallen)
    text = f"{draft.name} 签字作废（{who}）：{why}"
    if draft.state in ("handed", "unknown"):
        draft = _stop(db, draft, why, at)
        text += "。已压住，未发的先别发"
    else:
        text += "。请重签" if not any("变了" in reason for _, reason in fallen) else "。请改稿重送"
        _ask_again(db, house, draft, fallen, at)
    signoff.tell(db, house, draft, text, at=at, reason="signatures_fell")
    return draft


def _live(db: Database, draft: Draft) -> list[Signature]:
    return [s for s in statements.signatures(db, draft.id) if not s.void and s.version == draft.version]


def _ask_again(db: Database, house: House, draft: Draft, fallen: Sequence[tuple[Signature, str]], at: datetime) -> None:
    """Whoever's signature fell, and whoever was not asked yet; who waits already is not asked twice."""
    if any(work.fact(db, n).state != "confirmed" for n in draft.facts):
        timers.end_timers(db, f"sign:{draft.id}:", at, "签字作废")
        for one, why in fallen:
            post = Post(f"{draft.name} 您的签字作废：{why}。改好重送时再请您签")
            saying.tell_person(
                db, one.person, post, at=at, kind="notice", reason="signatures_fell", incident=signoff.incident_of(db, draft)
            )
        return
    waiting = set(statements.asked(db, draft.id, draft.version)) - {one.person for one, _ in fallen}
    for role, person in signoff.signers(db, house, draft, signoff.standing_of(db, house, draft, at).missing).items():
        if person.name not in waiting:
            signoff.ask_to_sign(db, house, draft, person, role, at)


def _stop(db: Database, draft: Draft, why: str, at: datetime) -> Draft:
    held = statements.change(db, draft, "hold", at=at, by=WANGLOU, why=why, held=True, held_by=WANGLOU, held_why=why)
    incident = signoff.incident_of(db, draft)
    for publication in publications.of_draft(db, draft.id):
        if publication.state == "handed":
            post = Post(f"{draft.name} 先别发（{why}）。已经发了请回：已发 D{draft.id} 链接")
            saying.tell_person(
                db, publication.operator, post, at=at, kind="notice", reason="hold", incident=incident, urgent=True
            )
    return held


def chain_moved(db: Database, house: House, incident: int, at: datetime) -> None:
    """A person changed the grade or the type, or joined two incidents: who must sign is judged anew, and the room reads it."""
    for draft in statements.of_incident(db, incident):
        if draft.state in statements.UNDER_WAY and recheck(db, house, draft, at) is draft:
            _widen(db, house, draft, at)


def _widen(db: Database, house: House, draft: Draft, at: datetime) -> None:
    """No signature fell, but the chain may be longer, or shorter and complete."""
    state = signoff.standing_of(db, house, draft, at)
    if state.complete:
        if signoff.settle(db, house, draft, at).state != draft.state:
            signoff.tell(db, house, draft, f"{draft.name}：{signing.progress(state)}。下一步：发布", at=at, reason="signed")
        return
    if draft.state in ("handed", "unknown"):
        why = f"会签加到{'、'.join(role.label for role in state.required)}"
        _stop(db, draft, why, at)
        signoff.tell(db, house, draft, f"{draft.name} {why}。已压住，未发的先别发", at=at, reason="signatures_fell")
        return
    asked = set(statements.asked(db, draft.id, draft.version))
    new = {role: p for role, p in signoff.signers(db, house, draft, state.missing).items() if p.name not in asked}
    if draft.state == "review" and not new:
        return
    if draft.state == "approved":
        draft = statements.change(db, draft, "widened", at=at, by=WANGLOU, why="会签的人多了", state="review")
    for role, person in new.items():
        signoff.ask_to_sign(db, house, draft, person, role, at)
    signoff.tell(db, house, draft, f"{draft.name} 会签改为：{signing.progress(state)}", at=at, reason="signatures_fell")


def suggestion_rose(db: Database, house: House, incident: Incident, at: datetime) -> None:
    """Before a confirmation the suggestion counts, so signatures fall now; after one, the room reads what confirming would cost."""
    if incident.grade is None:
        chain_moved(db, house, incident.id, at)
        return
    wanted = incident.suggested
    if wanted is None or wanted <= incident.grade:
        return
    for draft in statements.of_incident(db, incident.id):
        if draft.state not in statements.UNDER_WAY or not (live := _live(db, draft)):
            continue
        then = signing.required_roles(replace(signoff.matter_of(db, house, draft), grade=wanted))
        who = "、".join(s.person for s in live)
        text = f"{draft.name} 注意：定{wanted.label}后签字作废（{who}），须重签：{'、'.join(role.label for role in then)}"
        signoff.tell(db, house, draft, text, at=at, reason="would_fall")


def fact_fell(db: Database, house: House, fact: int, at: datetime) -> list[str]:
    """A fact was corrected, retracted or judged anew: every draft under way that cites it loses its signatures; their names.
    Talking points that cite it are suspended, and the room reads which; of a text that is out it reads that it must be corrected."""
    stopped = [p for p in voice.points(db, ("active",)) if f"F{fact}" in p.source.split()]
    for point in stopped:
        voice.change(
            db, "points", point.id, "point_suspend", at=at, by=WANGLOU, incident=point.incident, why=f"F{fact}变了",
            state="suspended",
        )  # fmt: skip
    for number in dict.fromkeys(p.incident for p in stopped if p.incident):
        names = "、".join(p.name for p in stopped if p.incident == number)
        if incident := incidents.find(db, number):
            post = Post(f"{names} 已停用：引用的F{fact}变了。恢复须公关/法务/指挥")
            saying.tell_rooms(db, house, incident, post, at=at, kind="notice", reason="points")
    for draft in statements.in_states(db, ("released",)):
        if fact in draft.facts:
            _out_of_date(db, house, draft, fact, at)
    citing = [d for d in statements.in_states(db, statements.UNDER_WAY) if fact in d.facts]
    for draft in citing:
        recheck(db, house, draft, at)
    return [draft.name for draft in citing]


def _out_of_date(db: Database, house: House, draft: Draft, fact: int, at: datetime) -> None:
    """What the public reads rests on a fact that no longer holds: the room and its author read so at once."""
    text = f"D{draft.id} 已经发出，文中引用的F{fact}变了，与现在的事实不一致。请更正：更正 D{draft.id}；或撤下：撤下 D{draft.id} 理由"
    signoff.tell(db, house, draft, text, at=at, reason="out_of_date")
    incident = signoff.incident_of(db, draft)
    saying.tell_person(db, draft.author, Post(text), at=at, kind="notice", reason="out_of_date", incident=incident, urgent=True)
