"""The signing desk: yes, no, by telephone, through a deputy."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot import confirming, falling, redraft, releasing, saying, signoff
from bot.commands import Ask, Refused
from bot.drafting import diff, signing
from bot.drafting.kinds import label_of
from bot.errors import UserError
from bot.model.card import Post
from bot.model.message import Answer
from bot.model.people import Person, Role, Verdict, right
from bot.model.times import span_of
from bot.store import statements, timers
from bot.store.statements import Draft

Reply = Answer | Post | str
_CODE = re.compile(r"[vV]\d+\s*[·.・\-]?\s*([0-9A-Fa-f]{4})(?![0-9A-Fa-f])")


def approve(ask: Ask) -> Reply:
    """同意：签一份稿。例：同意 D3　退回 D3 数字没核实　陈总电话同意 D3　审批进度 D3"""
    slots = ask.intent.slots
    if slots.get("op") == "list":
        return _progress(ask)
    _one_meaning(ask)
    it = _waiting_for(ask)
    if it is None:
        named = ask.intent.number("version") is not None or _CODE.search(ask.text)
        return Answer() if ask.room and not named else "没有等你签的稿件。要签哪份请带编号，如：同意 D3"
    if slots.get("verdict") == "reject":
        return _reject(ask, it)
    if slots.get("verdict") == "approve_with_changes":
        return _conditional(ask, it)
    if name := ask.intent.text("on_behalf_of"):
        return _by_phone(ask, it, ask.named(name))
    return _sign(ask, it, ask.person, recorder="")


def _one_meaning(ask: Ask) -> None:
    """A bare 同意 while questions wait besides, or several of them: asked, with what it might mean."""
    questions, acts = confirming.questions_for(ask), confirming.put_before(ask)
    if not (questions or acts) or redraft.by_number(ask) or _CODE.search(ask.text):
        return
    drafts = statements.waiting_for(ask.db, ask.person.name)
    if acts and not drafts and not questions:
        raise UserError(
            "｜".join(
                f"{act.echo.splitlines()[0]}：要办请回「确认 {act.person}」，不办回「确认 退回 {act.person}」"
                for act in acts[:3]
            )
        )
    options = [*(d.name for d in drafts[:4]), *(f"J{d.id} {d.text[:20]}" for d in questions[:4])]
    options += [f"{act.echo.splitlines()[0][:24]}（确认 {act.person}）" for act in acts[:2]]
    first = f"J{questions[0].id} 同意" if questions else f"同意 {drafts[0].name}"
    raise UserError(f"{ask.text.strip()[:8]}哪一个？{'｜'.join(options)}\n请带上编号，如：{first}")


def _waiting_for(ask: Ask) -> Draft | None:
    """The draft meant: its number, the quoted or pressed card's, else the only one in review that was put before this person."""
    if (it := redraft.by_number(ask)) is not None:
        return it
    shown = [d for d in statements.in_states(ask.db, ("review",)) if statements.last_shown(ask.db, d.id, ask.person.name)]
    code = _CODE.search(ask.text)
    if code and (meant := [d for d in shown if d.code == code[1].upper()]):
        return meant[0]
    if len(shown) > 1:
        name = f"D{shown[0].id} v{shown[0].version}·{shown[0].code}"
        raise UserError(f"签哪一份？{'｜'.join(d.name for d in shown[:5])}\n请带上编号，如：同意 {name}")
    return shown[0] if shown else None


def _sign(ask: Ask, it: Draft, person: Person, *, recorder: str) -> str:
    held = right("approve", person.roles)
    lent = {role for role, _, name in statements.lent(ask.db, it.id) if name == person.name}
    if held.verdict is Verdict.NO and not lent:
        ask.require("approve")
        raise Refused(f"{person.name}没有签字的角色")
    _fresh(ask, it)
    it = falling.recheck(ask.db, ask.house, it, ask.at)
    state = signoff.standing_of(ask.db, ask.house, it, ask.at)
    mine = next((s for s in state.signed.values() if s.person == person.name), None)
    if mine:
        return f"{it.name} {mine.role.label}✓{person.name} 已经签过。{signing.progress(state)}"
    if it.state not in ("review",):
        raise UserError(
            f"D{it.id} 现在不在会签（{'已签齐' if it.state == 'approved' else it.state}）"
            if it.state != "draft"
            else f"{it.name} 还没有送审"
        )
    if person.name in statements.authors(ask.db, it.id) and not (it.emergency and person.has(Role.DUTY)):
        raise Refused(f"{it.name} 是{person.name}起草或改过的，起草人不能签")
    wanted = ask.intent.text("role")
    matter = signoff.matter_of(ask.db, ask.house, it)
    role = signing.role_to_sign(person, lent, Role(wanted) if wanted else None, state.missing, matter)
    if role is None:
        need = "、".join(r.label for r in state.missing)
        raise Refused(f"{it.name} 还差 {need or '无'}，不差{person.name}的签字")
    if not recorder:
        _delivered(ask, it, person, role)
    statements.sign(
        ask.db, it, person=person.name, role=role, grade=matter.grade, at=ask.at, by=ask.person.name, recorder=recorder
    )
    timers.end_timers(ask.db, f"sign:{it.id}:{it.version}:{role.value}:", ask.at, "已签")
    timers.set_timer(
        ask.db, f"void:{it.id}:{it.version}:{person.name}:{ask.at.timestamp():.0f}", "lapsed", ask.at + signing.LAPSE, at=ask.at,
        incident=it.incident, draft=it.id,
    )  # fmt: skip
    return _signed(ask, it, role)


def _signed(ask: Ask, it: Draft, role: Role) -> str:
    it = signoff.settle(ask.db, ask.house, it, ask.at)
    state = signoff.standing_of(ask.db, ask.house, it, ask.at)
    text = f"{it.name}：{signing.progress(state)}"
    if state.complete:
        text += "。" + ("下一步：发布" if it.state == "approved" else releasing.DRILL)
    else:
        waits = signoff.limit_of(ask.house, signoff.matter_of(ask.db, ask.house, it))
        left = (it.submitted_at or ask.at) + waits - ask.at
        text += f"（还差{'、'.join(r.label for r in state.missing)}" + (
            f"，剩{span_of(left.total_seconds())}）" if left.total_seconds() > 0 else "，已超时）"
        )
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="signed", besides=ask.room)
    return text


def _fresh(ask: Ask, it: Draft) -> None:
    """The version or code named must be the newest one; else the signer is sent what is true now."""
    version, code = ask.intent.number("version"), _CODE.search(ask.text)
    stale = (version is not None and version != it.version) or (code is not None and code[1].upper() != it.code)
    if not stale:
        return
    seen = version if version and version < it.version else statements.last_shown(ask.db, it.id, ask.person.name)
    change = (
        f"\n与 v{seen} 相比：\n{diff.shown(statements.version(ask.db, it.id, seen)['text'], it.text)}"
        if 0 < seen < it.version
        else ""
    )
    raise UserError(
        f"没有签：稿子已经是 {it.name}。请看新版再回：同意 D{it.id} v{it.version}·{it.code}" + ("" if ask.room else change)
    )


def _delivered(ask: Ask, it: Draft, person: Person, role: Role) -> None:
    """A signature counts only for the version last delivered to that signer in private; else it is sent now, and nothing signed."""
    if statements.last_shown(ask.db, it.id, person.name) == it.version:
        return
    signoff.send_text(ask.db, ask.house, it, person, role, ask.at)
    raise _Shown(f"没有签：您还没看过 {it.name}。全文已私信，看过再回：同意 D{it.id} v{it.version}·{it.code}")


class _Shown(Exception):
    """Not signed, but the text was sent: what was written stays."""


def _by_phone(ask: Ask, it: Draft, person: Person) -> str:
    """Consent by telephone: recorded by another than the author, marked, and told to whom it is attributed."""
    if person.name == ask.person.name:
        return _sign(ask, it, person, recorder="")
    ask.require("record_decision", signoff.incident_of(ask.db, it))
    if ask.person.name in statements.authors(ask.db, it.id):
        raise Refused(f"{it.name} 是你起草或改过的，不能由你代录。请别的组员代录")
    before = len(statements.signatures(ask.db, it.id))
    text = _sign(ask, it, person, recorder=ask.person.name)
    if len(statements.signatures(ask.db, it.id)) == before:
        return text
    body = f"{ask.person.name}记录您电话同意 {it.name}（代）：\n{it.text}\n不对请立即回：退回 D{it.id} 理由"
    saying.tell_person(
        ask.db,
        person.name,
        Post(body),
        at=ask.at,
        kind="notice",
        reason="proxied",
        incident=signoff.incident_of(ask.db, it),
        urgent=True,
    )
    return text


def _reject(ask: Ask, it: Draft) -> str:
    """A required signer, or legal at any time, ends this version for ever."""
    matter = signoff.matter_of(ask.db, ask.house, it)
    lent = {role for role, _, name in statements.lent(ask.db, it.id) if name == ask.person.name}
    required = {*signing.required_roles(matter), Role.LEGAL}
    signed = {s.person for s in statements.signatures(ask.db, it.id) if not s.void}
    if not (required & {*ask.person.roles, *lent}) and ask.person.name not in signed:
        raise Refused(
            f"退回 {it.name} 由会签人来。可以的是：{'、'.join(r.label for r in signing.required_roles(matter))}、法务"
        )
    _fresh(ask, it)
    if it.state not in ("review", "approved"):
        raise UserError(f"D{it.id} 不在会签，不用退回。要停住请回：先别发 D{it.id}")
    read = re.sub(r"^[·\s]*[0-9A-Fa-f]{4}\s*", "", ask.intent.text("comment")).strip()
    why = max(read, _after_number(ask.text), key=len)
    if len(why) < 2:
        raise UserError(f"退回要写理由，如：退回 D{it.id} 数字没核实")
    statements.reject(ask.db, it, at=ask.at, by=ask.person.name, why=why)
    for prefix in ("sign", "release"):
        timers.end_timers(ask.db, f"{prefix}:{it.id}:", ask.at, "退回")
    text = f"{it.name} 退回（{ask.person.name}）：{why}。这一版不能再用，请{it.author}改"
    _tell_author(ask, it, f"{text}：改 D{it.id} …")
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="rejected", besides=ask.room)
    return text


def _after_number(line: str) -> str:
    """What stands behind 「退回 D3 v2·7F3A」."""
    found = re.search(r"[Dd]\d+(?:\s*[vV]\d+\s*[·.・\-]?\s*[0-9A-Fa-f]{4})?\s*[，,：:]?\s*(.*)$", line, re.S)
    return found[1].strip() if found else ""


def _conditional(ask: Ask, it: Draft) -> str:
    """同意，但…: no signature; the author is asked to change it, and the new version comes back."""
    held = right("approve", ask.person.roles)
    if held.verdict is Verdict.NO:
        ask.require("approve")
    words = ask.intent.text("comment") or ask.text
    _tell_author(ask, it, f"{ask.person.name}对 {it.name} 有条件：{words[:80]}。请回：改 D{it.id} …")
    return f"有条件，未计签字；已请{it.author}改，改好送您"


def _tell_author(ask: Ask, it: Draft, text: str) -> None:
    if it.author != ask.person.name:
        saying.tell_person(
            ask.db,
            it.author,
            Post(text),
            at=ask.at,
            kind="notice",
            reason="returned",
            incident=signoff.incident_of(ask.db, it),
            urgent=True,
        )


def _progress(ask: Ask) -> str:
    number = ask.intent.number("draft")
    found = [statements.get(ask.db, number)] if number else statements.in_states(ask.db, ("review", "approved"))
    found = [d for d in found if (i := signoff.incident_of(ask.db, d)) is None or ask.sees(i)]
    if not found:
        return "没有在会签的稿件"
    rows = []
    for it in found[:6]:
        state = signoff.standing_of(ask.db, ask.house, it, ask.at)
        held = f"；{it.held_by}压住" if it.held else ""
        rows.append(f"{it.name} {label_of(it.type, it.form)}：{signing.progress(state)}{held}")
    return "\n".join(rows)


def delegate(ask: Ask) -> str:
    """转代理：把你的签字交给代理人。例：转代理 D3　转代理 D3 @赵律"""
    it = _waiting_for(ask)
    if it is None:
        raise UserError("没有等你签的稿件")
    if it.state == "draft":
        raise UserError(f"{it.name} 还没有送审")
    state = signoff.standing_of(ask.db, ask.house, it, ask.at)
    own = [r for r in state.missing if r in ask.person.roles]
    if it.state != "review" or not own:
        raise UserError(f"{it.name} 不差你的签字")
    name = next(iter(ask.intent.persons), "") or ask.person.deputy
    if not name:
        raise UserError(f"转给谁？你没有配置代理人。如：转代理 D{it.id} @某人")
    deputy = ask.named(name)
    if not deputy.member or deputy.name == ask.person.name:
        raise UserError(f"{deputy.name} 不能代签")
    if deputy.name in statements.authors(ask.db, it.id):
        raise UserError(f"{deputy.name} 是起草人，不能签这份稿")
    if any(s.person == deputy.name for s in state.signed.values()):
        raise UserError(f"{deputy.name} 已签了别的角色，一人只能签一个")
    statements.lend(ask.db, it, role=own[0], lender=ask.person.name, person=deputy.name, by=ask.person.name, at=ask.at)
    timers.end_timers(ask.db, f"sign:{it.id}:{it.version}:{own[0].value}:", ask.at, "转代理")
    signoff.ask_to_sign(ask.db, ask.house, it, deputy, own[0], ask.at)
    text = f"{it.name} {own[0].label}由{deputy.name}代签（{ask.person.name}转）"
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="delegated", besides=ask.room)
    return text


def co_sign(ask: Ask) -> str:
    """加签：请再看一眼的人，不改变必签的角色。例：加签 D3 @赵律"""
    it = _waiting_for(ask)
    if it is None:
        raise UserError("哪一份？如：加签 D3 @赵律")
    if not signing.may_write(ask.person, it.type, ""):
        ask.require("draft")
    for name in ask.intent.persons:
        person = ask.named(name)
        if not person.member:
            raise UserError(f"{person.name} 不是组员，不能看未审批的稿件")
        post = Post(
            f"{ask.person.name}请您看 {it.name}（不计会签）：\n{it.text}\n有意见请回：退回 D{it.id} 理由，或告诉{it.author}"
        )
        saying.tell_person(
            ask.db, person.name, post, at=ask.at, kind="notice", reason="co_sign", incident=signoff.incident_of(ask.db, it)
        )
    return f"{it.name} 已私信{'、'.join(ask.intent.persons)}看"


def _not_signed_but_shown(handler: Callable[[Ask], Reply]) -> Callable[[Ask], Reply]:
    """A refusal that has sent the text keeps what it wrote."""

    def run(ask: Ask) -> Reply:
        try:
            return handler(ask)
        except _Shown as shown:
            return str(shown)

    run.__doc__ = handler.__doc__
    return run


COMMANDS: dict[str, Callable[[Ask], Reply]] = {
    "approve": _not_signed_but_shown(approve),
    "delegate": delegate,
    "co_sign": co_sign,
}
