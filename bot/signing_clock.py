"""What falls due while a statement is on its way. A timer reminds, calls and looks again; it never signs and never approves."""

from __future__ import annotations

from bot import falling, releasing, saying, signoff
from bot.errors import UserError
from bot.model.card import Post
from bot.model.people import WANGLOU, Role
from bot.model.times import clock_of
from bot.ringing import Due, Kind
from bot.store import statements, voice
from bot.store.statements import Draft


def _signer(due: Due) -> None:
    """A signer waits: remind, then the deputy, then the commander."""
    body = due.timer.body
    draft, role = statements.get(due.db, body["draft"]), Role(body["role"])
    if draft.state != "review" or draft.version != body["version"]:
        return
    if role not in signoff.standing_of(due.db, due.house, draft, due.now).missing:
        return
    if due.timer.step == signoff.REMIND:
        _say(
            due,
            body["person"],
            f"{draft.name} 等您签（{role.label}）{due.late}。同意 D{draft.id} v{draft.version}·{draft.code}｜退回 D{draft.id} 理由",
        )
    elif due.timer.step == signoff.DEPUTY:
        _to_deputy(due, draft, role, body["person"])
    else:
        _to_commander(due, draft, role, body["person"])


def _to_deputy(due: Due, draft: Draft, role: Role, waiting: str) -> None:
    person = due.house.person(waiting)
    deputy = due.house.person(person.deputy) if person and person.deputy else None
    barred = {s.person for s in statements.signatures(due.db, draft.id) if not s.void} | statements.authors(due.db, draft.id)
    if (
        deputy is None
        or not saying.knows(due.house, due.incident, deputy.name)
        or deputy.name in barred
        or any(to == deputy.name for _, _, to in statements.lent(due.db, draft.id))
    ):
        _to_commander(due, draft, role, waiting)
        return
    statements.lend(due.db, draft, role=role, lender=waiting, person=deputy.name, by=WANGLOU, at=due.now)
    signoff.ask_to_sign(due.db, due.house, draft, deputy, role, due.now)
    text = f"{draft.name} {waiting}没有回（{role.label}），已转代理{deputy.name}{due.late}"
    signoff.tell(due.db, due.house, draft, text, at=due.now, reason="signature")


def _to_commander(due: Due, draft: Draft, role: Role, waiting: str) -> None:
    for commander in due.house.with_role(Role.COMMANDER):
        if commander.name != waiting:
            _say(
                due,
                commander.name,
                f"{draft.name} {role.label}（{waiting}）没有签{due.late}，请催。人不在请回：请假 {waiting} 今天 某人代",
                "escalation",
            )
    text = f"{draft.name} 等{role.label}（{waiting}）签字超时{due.late}。没有回答不算同意"
    signoff.tell(due.db, due.house, draft, text, at=due.now, reason="signature")


def _lapsed(due: Due) -> None:
    """A signature is 12 hours old."""
    falling.recheck(due.db, due.house, statements.get(due.db, due.timer.body["draft"]), due.now)


def _release(due: Due) -> None:
    """The hour of a scheduled release: everything is checked again, as if it were asked now."""
    body = due.timer.body
    draft = statements.get(due.db, body["draft"])
    person = due.house.person(body["by"])
    draft = falling.recheck(due.db, due.house, draft, due.now)
    try:
        if person is None or draft.sha256 != body["sha256"]:
            raise UserError(f"{draft.name} 不是当时确认的那一版")
        plan = releasing.plan(due.db, due.house, draft, person, body["channels"], due.now)
        text = releasing.hand_over(due.db, due.house, draft, plan.channels, by=person.name, at=due.now)
    except UserError as error:
        text = f"定时发布没有做：{error}{due.late}"
        _say(due, body["by"], text, "escalation")
    signoff.tell(due.db, due.house, draft, text + due.late, at=due.now, reason="scheduled")


def _endorse(due: Due) -> None:
    """The commander has not yet confirmed an emergency release."""
    draft = statements.get(due.db, due.timer.body["draft"])
    if draft.emergency and not draft.endorsed_by and draft.state == "released":
        releasing.ask_endorsement(due.db, due.house, draft, due.now)


def _inquiry(due: Due) -> None:
    """A reporter's deadline comes near."""
    asked = next((q for q in voice.inquiries(due.db) if q.id == due.timer.body["inquiry"]), None)
    if asked is None or asked.state != "open" or asked.due_at is None:
        return
    for person in due.house.with_role(Role.PR, Role.SPOKESPERSON):
        _say(
            due,
            person.name,
            f"采访{asked.id} {asked.outlet} {clock_of(asked.due_at, due.now)} 截止，还没有答复{due.late}：{asked.question[:40]}",
        )


def _hearing(due: Due) -> None:
    """An audience should have heard by now."""
    incident = due.incident
    if incident is None or not incident.open:
        return
    row = next((h for h in voice.hearings(due.db, incident.id) if h.id == due.timer.body["hearing"]), None)
    if row is None or row.state != "planned" or row.audience in releasing.told(due.db, incident.id):
        return
    voice.change(due.db, "hearings", row.id, "audience_missed", at=due.now, by=WANGLOU, incident=incident.id, state="missed")
    label = releasing.audience_label(row.audience)
    text = f"#{incident.id} {label}到时还没有告知{due.late}。告知后回：已告知 {label}"
    saying.tell_rooms(due.db, due.house, incident, Post(text), at=due.now, kind="reminder", reason="audience")
    if row.owner:
        _say(due, row.owner, text)


def _say(due: Due, name: str, text: str, kind: str = "reminder") -> None:
    if saying.knows(due.house, due.incident, name):
        saying.tell_person(due.db, name, Post(text), at=due.now, kind=kind, reason="signature", incident=due.incident)


KINDS: dict[str, Kind] = {
    "signer": _signer,
    "lapsed": _lapsed,
    "release": _release,
    "endorse": _endorse,
    "inquiry": _inquiry,
    "hearing": _hearing,
}
"""The kinds of timer that statements set; ``bot.timekeeping`` fires them with its own."""
