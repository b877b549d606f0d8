"""The review desk: 复盘, improvements, the case library."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot import clocking, reviewing
from bot.asking import Ask
from bot.errors import UserError
from bot.language.due import due_at
from bot.model.grade import Grade
from bot.model.incident import BY_VERB, DONE, TYPES, Incident, Ledger, State
from bot.store import incidents, reviews, timers

HEADINGS = {
    "原因": "原因",
    "当时知道": "当时知道",
    "做得好": "做得好",
    "没做好": "没做好",
    "预案": "预案是否合理",
    "意见": "各方意见",
    "改预案": "预案改动",
}
_HEADING = re.compile(rf"({'|'.join(sorted(HEADINGS, key=len, reverse=True))})[:：]\s*")


def review(ask: Ask) -> str:
    """复盘：算出各项用时，写原因与改进，归档进案例库。例：复盘 #12　复盘 #12 原因：… 做得好：… 没做好：…　改进项：夜班加一人，负责人李雷，月底"""
    op = str(ask.intent.slots.get("op") or "show")
    acts = {"add_action": _improve, "list_actions": _list, "save_case": _save, "find_case": _find, "show": _review}
    if op not in acts:
        raise UserError("全部记录由管理员导出：wanglou export 编号。群里可回：复盘 #编号")
    return acts[op](ask)


def _over(ask: Ask) -> Incident:
    """The object: the number or the card, else the only incident that waits for its review."""
    if ask.names_one():
        if ask.intent.number("incident") is None and ask.card_incident is None:
            return _by_topic(ask)
        return ask.incident(merged=True)
    waiting = [i for i in incidents.listed(ask.db, (State.CLOSED,)) if ask.sees(i) and i.resolution == "resolved"]
    if len(waiting) == 1:
        return waiting[0]
    if not waiting:
        return ask.incident(merged=True)
    raise UserError("复盘哪一件？" + "｜".join(f"#{i.id} {i.title[:14]}" for i in waiting[:5]))


def _by_topic(ask: Ask) -> Incident:
    topic = ask.intent.text("topic")
    found = [i for i in incidents.listed(ask.db, tuple(State)) if ask.sees(i) and topic in i.title]
    if len(found) == 1:
        return found[0]
    raise UserError(f"「{topic[:12]}」是哪一件？请带编号，如：复盘 #12")


def _review(ask: Ask) -> str:
    incident = _over(ask)
    found = reviewing.figures(ask.db, incident, ask.at)
    lines = reviewing.words(ask.db, incident, found, ask.at, lambda name: clocking.CLOCKS.get(name, name))
    lines += _improvement_lines(ask, incident)
    head = f"复盘 #{incident.id} {incident.title[:20]}"
    if incident.open:
        return "\n".join([f"{head}（未结，进行中的数）", *lines])
    if incident.state is State.REVIEWED:
        return "\n".join([f"{head}（已归档）", *lines])
    said = _said(ask.text)
    if not said:
        return "\n".join([head, *lines[:6], f"归档请回：复盘 #{incident.id} 原因：… 做得好：… 没做好：…"])
    return _file(ask, incident, found, said, [head, *lines])


def _said(text: str) -> dict[str, str]:
    """The answers by heading, as typed."""
    parts = _HEADING.split(text)
    return {
        HEADINGS[key]: words.strip(" ；;。\n") for key, words in zip(parts[1::2], parts[2::2], strict=False) if words.strip()
    }


def _file(ask: Ask, incident: Incident, found: dict[str, object], said: dict[str, str], lines: list[str]) -> str:
    """Files what was written; complete, the incident is reviewed and becomes a case."""
    ask.require("review", incident)
    known = reviews.of_round(ask.db, incident.id, incident.round)
    words = {**(known.words if known else {}), **said}
    reviews.write(ask.db, incident.id, incident.round, words, found, by=ask.person.name, at=ask.at)
    move = BY_VERB["review"]
    ledger = Ledger(now=ask.at, review_filed="原因" in words, loose_improvements=reviewing.loose(ask.db, incident))
    ask.check(move, incident, ledger)
    reviews.write(ask.db, incident.id, incident.round, words, found, by=ask.person.name, at=ask.at, state="filed")
    reviewed = incidents.change(ask.db, incident.id, "review", at=ask.at, by=ask.person.name, state=State.REVIEWED)
    timers.end_timers(ask.db, f"review:{incident.id}:", ask.at, "已复盘")
    _add_case(ask, reviewed, words)
    text = "\n".join([*lines[:7], "已入案例库"])
    ask.tell(reviewed, text, "reviewed")
    return text


def _improvement_lines(ask: Ask, incident: Incident) -> list[str]:
    live = reviews.improvements(ask.db, incident.id)
    if not live:
        return ["改进：还没有"]
    return ["改进：" + "；".join(f"{i.text[:20]}（{i.owner or '缺负责人'}，{_day(ask, i)}）" for i in live[:4])]


def _day(ask: Ask, it: reviews.Improvement) -> str:
    return it.due_at.astimezone(ask.house.zone).strftime("%m-%d") if it.due_at else "缺日期"


def _improve(ask: Ask) -> str:
    incident = _over(ask)
    ask.require("improve", incident)
    text = ask.intent.text("text")
    if not text:
        raise UserError("改进什么？如：改进项：夜班加一人，负责人李雷，月底")
    names = ask.intent.persons
    owner = ask.named(names[0]).name if names else ""
    due = due_at(ask.intent.text("due"), ask.at, ask.house.zone) if ask.intent.text("due") else None
    made = reviews.add_improvement(ask.db, incident.id, text[:120], owner=owner, due_at=due, by=ask.person.name, at=ask.at)
    if due:
        timers.set_timer(
            ask.db, f"improvement:{made.id}", "improvement", due, at=ask.at, incident=incident.id, improvement=made.id
        )
    lacks = [word for word, there in (("负责人", owner), ("日期", due)) if not there]
    told = f"改进{made.id} {made.text[:40]}（{owner or '缺负责人'}，{_day(ask, made)}）已记到 #{incident.id}"
    ask.tell(incident, told, "improvement")
    return told + (f"。还缺{'、'.join(lacks)}，归档前要补" if lacks else "")


def _list(ask: Ask) -> str:
    incident = _over(ask) if ask.names_one() else None
    live = reviews.improvements(ask.db, incident.id if incident else None, live=incident is None)
    shown = [i for i in live if ask.sees(incidents.get(ask.db, i.incident))]
    if not shown:
        return "没有未完成的改进项"
    rows = []
    for i in shown[:8]:
        late = "，逾期" if i.state == "open" and i.due_at and i.due_at < ask.at else ""
        rows.append(
            f"改进{i.id} #{i.incident} {i.text[:30]} {i.owner or '缺负责人'} {_day(ask, i)}{'，已完成' if i.state == 'done' else late}"
        )
    return f"改进{len(shown)}项\n" + "\n".join(rows)


def improved(ask: Ask) -> str:
    """改进完成：改进项做完了。例：改进完成 3"""
    number = ask.intent.number("step")
    if number is None:
        raise UserError("哪一项？如：改进完成 3。回「改进项有哪些」看编号")
    it = reviews.improvement(ask.db, number)
    incident = ask.visible(incidents.get(ask.db, it.incident))
    if it.owner != ask.person.name:
        ask.require("review", incident)
    if it.state == "done":
        return f"改进{it.id} 早已完成"
    reviews.change_improvement(ask.db, it, "improved", at=ask.at, by=ask.person.name, state="done", done_at=ask.at)
    timers.end_timers(ask.db, f"improvement:{it.id}", ask.at, "已完成")
    return f"改进{it.id} 已完成：{it.text[:40]}（{ask.person.name}）"


def _save(ask: Ask) -> str:
    incident = _over(ask)
    ask.require("review", incident)
    if incident.state not in DONE:
        raise UserError(f"#{incident.id} 还没结案，结案复盘后再入案例库")
    known = reviews.of_round(ask.db, incident.id, incident.round)
    new = _add_case(ask, incident, dict(known.words) if known else {})
    return f"#{incident.id} {'已入' if new else '早已在'}案例库（已去掉人名）"


def _add_case(ask: Ask, incident: Incident, words: dict[str, str]) -> bool:
    if incident.confidential:
        return False
    found = reviewing.figures(ask.db, incident, ask.at)
    names = [p.name for p in ask.house.people]
    grade = (incident.peak or incident.shown or Grade.BLUE).key
    text = reviewing.case_text(incident, found, words, names)
    title = incident.title
    for name in names:
        title = title.replace(name, "某人")
    return reviews.save_case(ask.db, incident.id, incident.type, grade, title, text, by=ask.person.name, at=ask.at)[1]


def _find(ask: Ask) -> str:
    wanted = next((key for key, name in TYPES.items() if name in ask.text or name[:2] in ask.text), "")
    words = "" if wanted else ask.intent.text("topic")
    found = reviews.cases(ask.db, wanted, words)
    if not found:
        return f"案例库里没有{TYPES.get(wanted, words)}的案例"
    rows = [f"#{c.incident} {Grade.of(c.grade).label} {c.title[:16]}：{c.text[:80]}" for c in found[:5]]
    return f"案例{len(found)}件\n" + "\n".join(rows)


COMMANDS: dict[str, Callable[[Ask], str]] = {"review": review, "improved": improved}
