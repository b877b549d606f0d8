"""The release desk: handing over what is signed, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from bot import falling, leaders, outlets, redraft, releasing, saying, signoff
from bot.cards import masked
from bot.commands import Ask, Refused
from bot.drafting import signing
from bot.errors import UserError
from bot.language.due import due_at
from bot.model.card import Post
from bot.model.message import Answer
from bot.model.people import Role, Verdict, right, who_may
from bot.model.times import clock_of
from bot.store import publications, statements, timers
from bot.store.publications import Publication
from bot.store.statements import Draft

Reply = Answer | Post | str
LIFTERS = (Role.PR, Role.LEGAL, Role.COMMANDER)


def publish(ask: Ask) -> Reply:
    """发布：把签齐的稿交给渠道经办人，要回确认码。例：发布 D3 微博+官网　先别发 D3　撤下 D3 理由"""
    acts = {"record": released, "hold": _hold, "retract": _retract, "off": lift}
    op = str(ask.intent.slots.get("op") or "")
    if op:
        return acts[op](ask)
    return _release(ask)


def _channels(ask: Ask) -> list[str]:
    slots = ask.intent.slots
    return list(slots.get("channels") or ([slots["channel"]] if slots.get("channel") else []))


def _draft(ask: Ask, states: tuple[str, ...]) -> Draft:
    """The draft meant: its number, the quoted one's, else the only one in these states; never a guess."""
    return redraft.by_number(ask) or redraft.the_only_one(ask, states)


def _release(ask: Ask) -> Reply:
    it = _draft(ask, ("approved",))
    note = ask.require("release", signoff.incident_of(ask.db, it))
    if note == "i" and not it.emergency:
        raise Refused(f"值班长只能发紧急首发。发布 D{it.id} 可以的是：指挥、公关")
    version = ask.intent.number("version")
    if version is not None and version != it.version:
        raise UserError(f"v{version} 不是最新版，不能发。现在是 {it.name}")
    it = falling.recheck(ask.db, ask.house, it, ask.at) if ask.confirmed else it
    when = _when(ask)
    plan = releasing.plan(ask.db, ask.house, it, ask.person, _channels(ask), ask.at, when)
    state = signoff.standing_of(ask.db, ask.house, it, ask.at)
    signed = f"；{len(state.signed)}方已签"
    ask.confirm(
        releasing.echo(ask.house, it, plan, when, ask.at) + signed,
        fingerprint=f"release:{it.id}:{it.version}:{it.sha256}:{it.held}:{'+'.join(c.name for c in plan.channels)}",
        code=it.code,
    )
    if when:
        return _schedule(ask, it, [c.name for c in plan.channels], when)
    text = releasing.hand_over(ask.db, ask.house, it, plan.channels, by=ask.person.name, at=ask.at)
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="handed", besides=ask.room)
    return text


def _when(ask: Ask) -> datetime | None:
    """A moment to release at; none for 现在 and what lies in the past."""
    words = ask.intent.text("when")
    if not words or words in ("现在", "马上", "立刻", "立即"):
        return None
    due = due_at(words, ask.at, ask.house.zone)
    if due is None or due <= ask.at:
        raise UserError(f"「{words[:16]}」是什么时候？请写以后的时间，如：今晚20:00")
    return due


def _schedule(ask: Ask, it: Draft, channels: list[str], when: datetime) -> str:
    timers.end_timers(ask.db, f"release:{it.id}:", ask.at, "改了时间")
    timers.set_timer(
        ask.db, f"release:{it.id}:{it.version}:{ask.at.timestamp():.3f}", "release", when, at=ask.at, incident=it.incident,
        draft=it.id, sha256=it.sha256, channels=channels, by=ask.person.name,
    )  # fmt: skip
    text = f"{it.name} 定于 {clock_of(when, ask.at)} 交付，到时再查一遍签字。要停请回：先别发 D{it.id}"
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="scheduled", besides=ask.room)
    return text


def released(ask: Ask) -> str:
    """已发：登记发出的链接，自动与签批文本比对。例：已发 D3 https://…　已发 D3 微博 链接"""
    it = _draft(ask, ("handed", "unknown"))
    url = ask.intent.text("url")
    if url and not url.startswith(("http://", "https://")):
        raise UserError("链接要以 http:// 或 https:// 开头")
    if url and (wrong := _mistyped(ask, it, url)):
        _may_record(ask, wrong)
        text = releasing.relink(ask.db, ask.house, it, wrong, url=url, by=ask.person.name, at=ask.at)
        signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="relinked", besides=ask.room)
        return text
    made = _publication(ask, it, ("handed", "unknown"))
    _may_record(ask, made)
    note = "" if url else masked(re.sub(r"^.*?[Dd]\d+\s*", "", ask.text, count=1, flags=re.S).strip())[:60]
    text = releasing.record(ask.db, ask.house, it, made, url=url, by=ask.person.name, at=ask.at, note=note)
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="released", besides=ask.room)
    if incident := signoff.incident_of(ask.db, it):
        leaders.tell_leaders(ask.db, ask.house, incident, at=ask.at, reason="released", post=Post(text))
    return text


def not_released(ask: Ask) -> str:
    """未发：没有发成的渠道，之后可以再发。例：未发 D3 微博"""
    it = _draft(ask, ("handed", "unknown"))
    made = _publication(ask, it, ("handed", "unknown"))
    _may_record(ask, made)
    text = releasing.not_released(
        ask.db, ask.house, it, made, by=ask.person.name, at=ask.at, why=ask.intent.text("reason") or "未发"
    )
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="not_released", besides=ask.room)
    return text


def _publication(ask: Ask, it: Draft, states: tuple[str, ...]) -> Publication:
    """Which channel of the draft: the one named, the operator's own, the link's host, else the only one left."""
    found = [p for p in publications.of_draft(ask.db, it.id) if p.state in states]
    if named := _channels(ask):
        found = [p for p in found if p.channel in named]
    if not found:
        done = [p for p in publications.of_draft(ask.db, it.id) if p.state == "released"]
        raise UserError(f"D{it.id} 已经登记过了" if done else f"D{it.id} 没有交付给这个渠道")
    if len(found) > 1 and (own := [p for p in found if p.operator == ask.person.name]):
        found = own
    if len(found) > 1 and (url := ask.intent.text("url")):
        found = [p for p in found if p.channel in url] or found
    if len(found) > 1:
        labels = "、".join(outlets.label(ask.house, p.channel) for p in found)
        raise UserError(f"是哪个渠道？{labels}。如：已发 D{it.id} {outlets.label(ask.house, found[0].channel)} 链接")
    return found[0]


def _mistyped(ask: Ask, it: Draft, url: str) -> Publication | None:
    """The release whose link this one replaces: nothing waits for a link any more, and its page was not found to say what was signed."""
    rows = publications.of_draft(ask.db, it.id)
    if named := _channels(ask):
        rows = [p for p in rows if p.channel in named]
    if any(p.state in ("handed", "unknown") for p in rows):
        return None
    out = [p for p in rows if p.state == "released" and p.compared != "same" and p.url != url]
    if len(out) > 1:
        out = [p for p in out if p.operator == ask.person.name] or [p for p in out if p.channel in url]
    return out[0] if len(out) == 1 else None


def _may_record(ask: Ask, made: Publication) -> None:
    """The channel's operator, and whoever the table names."""
    if made.operator != ask.person.name and right("record_release", ask.person.roles).verdict is Verdict.NO:
        raise Refused(f"登记发布可以的是：{made.operator}、{who_may('record_release')}")


def _hold(ask: Ask) -> str:
    """Any member, alone and at once; a hold in the last second wins."""
    it = _draft(ask, ("review", "approved", "handed"))
    ask.require("hold", signoff.incident_of(ask.db, it))
    if it.state in statements.OVER:
        raise UserError(f"D{it.id} 已经发了或作废了，压不住。要撤请回：撤下 D{it.id} 理由")
    why = ask.intent.text("reason")
    already = it.held
    by = f"{ask.person.name}（董秘）" if ask.person.has(Role.IR) else ask.person.name
    if not already:
        it = statements.change(ask.db, it, "hold", at=ask.at, by=ask.person.name, why=why, held=True, held_by=by, held_why=why)
    timers.end_timers(ask.db, f"release:{it.id}:", ask.at, "先别发")
    for made in publications.of_draft(ask.db, it.id):
        if made.state == "handed" and made.operator != ask.person.name:
            post = Post(f"{it.name} 先别发（{ask.person.name}{'：' + why if why else ''}）。已经发了请回：已发 D{it.id} 链接")
            saying.tell_person(
                ask.db,
                made.operator,
                post,
                at=ask.at,
                kind="notice",
                reason="hold",
                incident=signoff.incident_of(ask.db, it),
                urgent=True,
            )
        if made.state == "queued":
            releasing.not_released(ask.db, ask.house, it, made, by=ask.person.name, at=ask.at, why="先别发")
    text = f"D{it.id} {'早已' if already else '已'}压住。解除须{_lifters(it)}"
    signoff.tell(ask.db, ask.house, it, f"{text}（{ask.person.name}）", at=ask.at, reason="hold", besides=ask.room)
    return text


def _lifters(it: Draft) -> str:
    return "董秘" if it.held_by.endswith("（董秘）") else "公关/法务/指挥"


def lift(ask: Ask) -> str:
    """解除：不再压住一份稿。例：解除 D3"""
    it = _draft(ask, ("review", "approved", "handed", "draft", "unknown"))
    if not it.held:
        return f"D{it.id} 没有被压住"
    by_ir = it.held_by.endswith("（董秘）")
    if not (ask.person.has(Role.IR) if by_ir else ask.person.has(*LIFTERS)):
        raise Refused(f"D{it.id} 由{it.held_by}压住，解除可以的是：{_lifters(it)}")
    statements.change(ask.db, it, "lift", at=ask.at, by=ask.person.name, held=False, held_by="", held_why="")
    state = signoff.standing_of(ask.db, ask.house, it, ask.at)
    text = f"D{it.id} 解除压稿（{ask.person.name}）。{signing.progress(state)}"
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="lift", besides=ask.room)
    return text


def _retract(ask: Ask) -> Reply:
    """Commander with legal: one asks, the other confirms; the correction is drafted first, or the reason says why not."""
    it = _draft(ask, ("released", "handed", "unknown"))
    ask.require("retract_release", signoff.incident_of(ask.db, it))
    out = [p for p in publications.of_draft(ask.db, it.id) if p.state == "released"]
    if not out and it.state == "retracted":
        raise UserError(f"D{it.id} 已经撤下了")
    if not out:
        raise UserError(f"D{it.id} 还没有发出去。要停住请回：先别发 D{it.id}")
    if named := _channels(ask):
        out = [p for p in out if p.channel in named]
    why = ask.intent.text("reason")
    if not it.corrected_by and not (ask.person.has(Role.COMMANDER) and len(why) >= 2):
        raise UserError(f"先起草更正：更正 D{it.id}；不更正的，由指挥写明为什么：撤下 D{it.id} 理由")
    second = Role.LEGAL if ask.person.has(Role.COMMANDER) else Role.COMMANDER
    where = "、".join(outlets.label(ask.house, p.channel) for p in out)
    ask.confirm(
        f"撤下 {it.name}（{where}）：{why or f'更正稿 D{it.corrected_by}'}",
        fingerprint=f"retract:{it.id}:{it.sha256}:{'+'.join(str(p.id) for p in out)}",
        code=it.code,
        by=second.value,
    )
    by = "、".join(dict.fromkeys([ask.person.name, *([ask.by.name] if ask.by else [])]))
    for made in out:
        publications.change(ask.db, made, "taken_down", at=ask.at, by=by, incident=it.incident, why=why, state="taken_down")
        publications.end_checks(ask.db, made.id, ask.at, "已撤下")
        label = outlets.label(ask.house, made.channel)
        post = Post(f"请撤下 D{it.id} {label} {made.url}（{by}）。先截图留存，再撤")
        saying.tell_person(
            ask.db,
            made.operator,
            post,
            at=ask.at,
            kind="notice",
            reason="retract",
            incident=signoff.incident_of(ask.db, it),
            urgent=True,
        )
    left = [p for p in publications.of_draft(ask.db, it.id) if p.state in publications.OUT]
    if not left:
        statements.change(ask.db, it, "retract", at=ask.at, by=by, why=why, state="retracted")
    text = f"{it.name} 撤下（{by}）：{where}。{f'更正稿 D{it.corrected_by}' if it.corrected_by else '不更正：' + why}"
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="retracted", besides="" if ask.by else ask.room)
    return text


def freeze(ask: Ask) -> str:
    """冻结营销：各渠道暂停已排期的营销内容，记成任务。例：冻结营销 #12"""
    incident = ask.incident()
    ask.require("task", incident)
    made = releasing.freeze(ask.db, ask.house, incident.id, ask.house.channels, by=ask.person.name, at=ask.at)
    return f"#{incident.id} 冻结营销：{made}项任务已派给各渠道经办人" if made else f"#{incident.id} 冻结营销的任务早已派过"


COMMANDS: dict[str, Callable[[Ask], Reply]] = {
    "publish": publish,
    "released": released,
    "not_released": not_released,
    "lift": lift,
    "freeze": freeze,
}
