"""The statement desk: drafts of every type, their versions, and putting them before their signers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot import redraft, rephrasing, restoring, saying, signoff, voicing
from bot.commands import Ask, Refused
from bot.drafting import diff, signing
from bot.drafting.kinds import KINDS, POPUP, SMS, kind_in, label_of
from bot.drafting.linter import lint
from bot.errors import UserError
from bot.model.card import Post
from bot.model.incident import Incident
from bot.model.message import Answer
from bot.model.times import clock_of, from_iso
from bot.store import publications, statements, timers
from bot.store.statements import Draft

LOCK = timedelta(minutes=15)
Reply = Answer | Post | str


def draft(ask: Ask) -> Reply:
    """起草：写一份稿，只用已核实的事实。例：起草首发 #12　改 D1 下次通报今天16:00　润色 D1　更正 D1　作废 D1"""
    acts = {"revise": _revise, "correct": _correct, "withdraw": _withdraw, "add": _write}
    op = str(ask.intent.slots.get("op") or "add")
    if op not in acts:
        raise UserError("对稿件可以说：起草、改、更正、作废、送审")
    return acts[op](ask)


def _write(ask: Ask) -> Reply:
    kind = str(ask.intent.slots.get("statement_type") or kind_in(ask.intent.text("text")) or "holding")
    if kind not in KINDS:
        raise UserError(f"没有这种稿。可以起草：{'、'.join(k.label for k in KINDS.values())}")
    incident = ask.incident()
    _may_write(ask, kind, incident)
    voicing.ensure_plan(ask.db, ask.house, incident, at=ask.at, by=ask.person.name)
    form = SMS if ask.intent.slots.get("channel") == "sms" else POPUP if "弹窗" in ask.text else ""
    if (begun := _begun(ask, incident, kind, form)) and not _ANOTHER.search(ask.text):
        raise UserError(_already(ask, begun))
    template = ask.house.book.templates[f"short_{form}" if form else kind]
    text, _ = template.fill(redraft.values(ask.db, ask.house, incident, kind, ask.at))
    return _say_new(ask, _add(ask, incident, kind, text, form=form))


_ANOTHER = re.compile(r"另|再[起写拟出来]|重新?[起写拟]|新[起写拟]|第[二三四五六七八九两]|another", re.I)
_SEVERAL = ("progress_update", "media_qa")
"""Types of which an incident has several under way: updates are numbered, answers are added."""


def _begun(ask: Ask, incident: Incident, kind: str, form: str) -> Draft | None:
    """The newest text of that type and form that is still written or signed."""
    if kind in _SEVERAL:
        return None
    found = statements.of_incident(ask.db, incident.id)
    return next((d for d in reversed(found) if (d.type, d.form) == (kind, form) and d.state in ("draft", "review")), None)


def _already(ask: Ask, it: Draft) -> str:
    label = label_of(it.type, it.form)
    return f"{label}已有 {it.name}（{it.author}，{STATES[it.state]}），没有再起一份。要改请回：改 D{it.id} …；要两份请回：另起草{label}"


def _add(ask: Ask, incident: Incident, kind: str, text: str, *, form: str = "", corrects: Draft | None = None) -> Draft:
    around = signoff.around(ask.db, ask.house, incident, ask.at)
    cited = lint(text, kind, around, form).binding.cited
    return statements.add(
        ask.db,
        incident=incident.id,
        type=kind,
        text=text,
        facts=cited,
        by=ask.person.name,
        at=ask.at,
        form=form,
        corrects=corrects.id if corrects else None,
        model=corrects.model if corrects else "",
    )


def _say_new(ask: Ask, made: Draft) -> Answer:
    head = f"D{made.id} v1 {label_of(made.type, made.form)}{redraft.missing_line(ask.db, ask.house, made, ask.at)}"
    signoff.tell(ask.db, ask.house, made, f"{head}（{ask.person.name}）", at=ask.at, reason="draft", besides=ask.room)
    return _with_text(ask, made, f"{head}。下一步：改、送审")


def _with_text(ask: Ask, it: Draft, head: str) -> Answer:
    """The text itself is for the writer alone: in a group it goes by private message (room page 6)."""
    body = f"{it.name} {label_of(it.type, it.form)}\n{it.text}\n（草稿，未经审批不得对外）"
    if not ask.room:
        return Answer((Post(f"{head}\n{it.text}\n（草稿，未经审批不得对外）"),))
    saying.tell_person(
        ask.db, ask.person.name, Post(body), at=ask.at, kind="notice", reason="text", incident=signoff.incident_of(ask.db, it)
    )
    return Answer((Post(head),))


def _may_write(ask: Ask, kind: str, incident: Incident | None) -> None:
    if not signing.may_write(ask.person, kind, incident.type if incident else ""):
        raise Refused(f"{KINDS[kind].label}不由你起草。可以的是：{signing.who_writes(kind)}")


def the_draft(ask: Ask) -> Draft:
    """The draft meant: its number, else the only one that is still on its way."""
    return redraft.by_number(ask) or redraft.the_only_one(ask, ("draft", "review", "approved", "handed", "unknown"))


def _revise(ask: Ask) -> Reply:
    it = the_draft(ask)
    if ask.intent.text("text").strip("了。") in ("好", "完", "改好", "改完"):
        return written(ask)
    _may_write(ask, it.type, signoff.incident_of(ask.db, it))
    if it.state not in ("draft", "review", "approved"):
        raise UserError(f"D{it.id} {STATES[it.state]}，不能再改。要改口请回：更正 D{it.id}")
    if it.editor and it.editor != ask.person.name and it.editing_until and it.editing_until > ask.at:
        raise UserError(
            f"D{it.id} {it.editor}正在改（到 {clock_of(it.editing_until, ask.at)}）。请等他改完，或请他回：改好 D{it.id}"
        )
    words = redraft.typed(ask.text, ask.intent.text("text"))
    if (wish := rephrasing.wished(words)) is not None:
        return rephrasing.ask_for(ask, it, wish)
    if not words:
        locked = statements.change(
            ask.db, it, "edit", at=ask.at, by=ask.person.name, editor=ask.person.name, editing_until=ask.at + LOCK
        )
        return _with_text(ask, locked, f"D{it.id} 由你改，到 {clock_of(ask.at + LOCK, ask.at)}。改好回：改 D{it.id} 全文 …")
    template = ask.house.book.templates[f"short_{it.form}" if it.form else it.type]
    text, idle = redraft.changed(it.text, words, ask.house, ask.at, template)
    if text == it.text:
        return f"{it.name} 没有改动"
    if statements.rejected_text(ask.db, it.id, statements.sha(text)):
        raise UserError("改出来的就是被退回过的那一版，不能再用")
    return _revised(ask, it, text, idle)


def _revised(ask: Ask, it: Draft, text: str, idle: tuple[str, ...]) -> Reply:
    made, head = redraft.new_version(ask.db, ask.house, it, text, by=ask.person.name, at=ask.at)
    head += f"\n没改进去：{'、'.join(f'「{piece[:20]}」' for piece in idle)}。可以说：把「甲」改成「乙」" if idle else ""
    signoff.tell(ask.db, ask.house, made, f"{head}（{ask.person.name}）", at=ask.at, reason="revise", besides=ask.room)
    change = diff.shown(it.text, text)
    if ask.room:
        saying.tell_person(
            ask.db, ask.person.name, Post(f"{made.name} 相比 v{it.version}：\n{change}"), at=ask.at, kind="notice", reason="diff",
            incident=signoff.incident_of(ask.db, made),
        )  # fmt: skip
        return head
    return f"{head}\n{change}"


def _correct(ask: Ask) -> Reply:
    old = the_draft(ask)
    incident = signoff.incident_of(ask.db, old)
    if incident is None:
        raise UserError(f"D{old.id} 不属于任何事件")
    _may_write(ask, old.type, incident)
    rows = publications.of_draft(ask.db, old.id)
    out, waits = any(p.state == "released" for p in rows), any(p.state in ("queued", "handed") for p in rows)
    if old.state in ("handed", "unknown") and not out:
        raise UserError(
            f"D{old.id} 还没有哪个渠道发出。先停住：先别发 D{old.id}；没发的请经办人回：未发 D{old.id}，再改 D{old.id}"
        )
    if old.state not in ("released", "superseded", "retracted") and not out:
        raise UserError(f"D{old.id} 还没发，直接改就行：改 D{old.id} …")
    if old.corrected_by and statements.get(ask.db, old.corrected_by).state != "withdrawn":
        raise UserError(f"D{old.id} 的更正稿已经有了：D{old.corrected_by}")
    lines = old.text.splitlines()
    text = "\n".join([f"更正：{lines[0]}", "此前发布的内容有误，更正如下：【待填：更正的内容】", *lines[1:]])
    made = _add(ask, incident, old.type, text, form=old.form, corrects=old)
    more = f"\nD{old.id} 还有渠道没发，要停住请回：先别发 D{old.id}" if waits else ""
    return _with_text(ask, made, f"{made.name} 更正 D{old.id}：会签按高一级走。下一步：改、送审{more}")


def _withdraw(ask: Ask) -> str:
    it = the_draft(ask)
    _may_write(ask, it.type, signoff.incident_of(ask.db, it))
    if it.state not in ("draft", "review", "approved"):
        raise UserError(f"D{it.id} {STATES[it.state]}，不能作废。已发的请回：撤下 D{it.id} 理由")
    statements.change(ask.db, it, "withdraw", at=ask.at, by=ask.person.name, why=ask.intent.text("text"), state="withdrawn")
    for prefix in ("sign", "release"):
        timers.end_timers(ask.db, f"{prefix}:{it.id}:", ask.at, "稿件作废")
    text = f"{it.name} 作废（{ask.person.name}）。原文留存"
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="withdraw", besides=ask.room)
    return text


def submit(ask: Ask) -> str:
    """送审：检查通过后送签。例：送审 D1"""
    it = the_draft(ask)
    _may_write(ask, it.type, signoff.incident_of(ask.db, it))
    if it.state != "draft":
        raise UserError(f"D{it.id} {STATES[it.state]}" + (f"，进度请看：审批进度 D{it.id}" if it.state == "review" else ""))
    if it.dead:
        raise UserError(f"{it.name} 被退回过，这一版不能再送。先回：改 D{it.id} …")
    waived = frozenset(code for code, _, _ in statements.waivers(ask.db, it))
    found = signoff.lint_text(ask.db, ask.house, it.text, it, ask.at).open(waived)
    if found:
        can = [f for f in found if f.waivable]
        tail = f"\n提醒类可忽略：忽略 D{it.id} {can[0].code} 理由" if can else ""
        looked = "\n".join(f"{f.code} {f.what}" for f in found[:6])
        raise UserError(f"{it.name} 还不能送审：\n{looked}" + (f"\n另有{len(found) - 6}处" if len(found) > 6 else "") + tail)
    if restoring.claims(it.text) and (left := restoring.lacking(ask.db, signoff.incident_of(ask.db, it), ask.at)):
        raise UserError(f"{it.name} 还不能送审：稿中说已恢复，{left}")
    text = signoff.submit(ask.db, ask.house, it, at=ask.at, by=ask.person.name)
    signoff.tell(ask.db, ask.house, it, text, at=ask.at, reason="submit", besides=ask.room)
    return text


def override(ask: Ask) -> str:
    """忽略：提醒类的检查，说明理由后可忽略。例：忽略 D1 empty:个别 后文有确切数字"""
    it = the_draft(ask)
    _may_write(ask, it.type, signoff.incident_of(ask.db, it))
    found = re.search(r"(?P<code>[a-z_]+:[^\s，,]+)\s*(?P<why>.*)$", re.sub(r"[Dd]\d+", "", ask.text, count=1), re.S)
    if not found:
        raise UserError(f"忽略哪一条、为什么？如：忽略 D{it.id} empty:个别 后文有确切数字")
    code, why = found["code"], found["why"].strip(" ，,：:")
    checked = signoff.lint_text(ask.db, ask.house, it.text, it, ask.at)
    hit = next((f for f in checked.findings if f.code == code), None)
    if hit is None:
        raise UserError(f"D{it.id} 没有「{code}」这一条。现有：{'、'.join(f.code for f in checked.findings[:8]) or '无'}")
    if not hit.waivable:
        raise UserError(f"「{hit.what}」不能忽略，只能改")
    if len(why) < 2:
        raise UserError(f"忽略要写理由，如：忽略 D{it.id} {code} 后文有确切数字")
    statements.waive(ask.db, it, [code], by=ask.person.name, reason=why, at=ask.at)
    return f"D{it.id} 忽略「{hit.what}」（{ask.person.name}：{why}），会写在签批卡上"


def show(ask: Ask) -> Answer:
    """看稿：私信给你全文和检查结果。例：看 D1"""
    it = the_draft(ask)
    _may_read(ask, it)
    head = f"{it.name} {label_of(it.type, it.form)} {STATES[it.state]}{redraft.missing_line(ask.db, ask.house, it, ask.at)}"
    return _with_text(ask, it, head)


def compare(ask: Ask) -> Answer:
    """对比：两版之间改了哪些字。例：对比 D1　对比 D1 v1"""
    it = the_draft(ask)
    _may_read(ask, it)
    if it.version == 1:
        return Answer((Post(f"{it.name} 只有一版"),))
    since = ask.intent.number("version") or it.version - 1
    old = statements.version(ask.db, it.id, since)
    rows = [_row(n, statements.version(ask.db, it.id, n), ask) for n in range(1, it.version + 1)]
    text = f"{it.name} 相比 v{since}：\n{diff.shown(old['text'], it.text)}\n{'｜'.join(rows[-5:])}"
    if ask.room:
        saying.tell_person(ask.db, ask.person.name, Post(text), at=ask.at, kind="notice", reason="diff")
        return Answer((Post(f"{it.name} 与 v{since} 的对比已私信你"),))
    return Answer((Post(text),))


def _row(number: int, version: dict[str, Any], ask: Ask) -> str:
    marks = ("（退回）" if version["state"] == "rejected" else "") + ("（由语言模型改写）" if version["model"] else "")
    return f"v{number} {version['by']} {clock_of(from_iso(version['at']), ask.at)}{marks}"


def _may_read(ask: Ask, it: Draft) -> None:
    """An unapproved draft is read by members only, in private."""
    if not ask.person.member and it.state not in ("released", "superseded"):
        raise Refused("未审批的稿件只给组员看")


def written(ask: Ask) -> str:
    """改好：不再占着这份稿。例：改好 D1"""
    it = the_draft(ask)
    if it.editor != ask.person.name:
        return f"D{it.id} 没有被你占着"
    statements.change(ask.db, it, "edited", at=ask.at, by=ask.person.name, editor="", editing_until=None)
    return f"D{it.id} 别人可以改了"


STATES = {
    "draft": "起草中",
    "review": "会签中",
    "approved": "已签齐",
    "handed": "已交付",
    "unknown": "结果未知",
    "released": "已发",
    "superseded": "已被更正",
    "retracted": "已撤下",
    "withdrawn": "已作废",
}

COMMANDS: dict[str, Callable[[Ask], Reply]] = {
    "draft": draft,
    "submit": submit,
    "override": override,
    "show_draft": show,
    "compare": compare,
    "written": written,
}
