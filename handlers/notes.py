"""The note desk: evidence, who has told which audience, open questions, costs, labels."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from bot.asking import Ask
from bot.errors import UserError
from bot.model.times import clock_of
from bot.store import evidence, incidents, mentions, notes

AUDIENCES = {
    "users": "用户",
    "affected_users": "受影响的人",
    "employees": "员工",
    "partners": "合作伙伴",
    "investors": "投资者",
    "media": "媒体",
    "regulators": "监管部门",
    "public": "公众",
    "board": "董事会",
}

POST_LEAST = 8
"""From so many characters on, what follows 是负面 is the post itself; less is a reason."""
FATES = {"gone": "，原帖已删", "edited": "，原帖已改"}
_HOURS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:个)?(?:小时|人时|工时)")
_PIECE = re.compile(r"[Zz]-?\s?(\d{1,6})")


def keep_evidence(ask: Ask) -> str:
    """存证：把一段话或链接按原文留存，带校验值。例：引用一条消息回「存证」　存证 #12 https://…"""
    incident = ask.incident()
    ask.require("evidence", incident)
    url = ask.intent.text("url")
    text = (ask.intent.text("text") or ask.quote.strip("「」 \n")).strip()[:4000]
    if not text and not url:
        return _list_evidence(ask)
    kind = "quote" if ask.quote else "link" if url else "text"
    key = f"quote:{ask.quote_id}" if ask.quote_id else f"url:{url}" if url else ""
    piece, new = evidence.capture(
        ask.db,
        incident=incident.id,
        kind=kind,
        text=text or url,
        url=url,
        source=ask.quote_sender,
        by=ask.person.name,
        at=ask.at,
        quote=ask.quote_id,
        key=key,
        transcribed=kind == "text" or bool(ask.quote and not ask.quote_id),
    )
    if not new:
        return f"已存为{piece.name}"
    mark = "（转录，没有原消息编号）" if piece.transcribed else ""
    said = f"{piece.name} 已存证{mark}：校验 {piece.sha256[:8]}"
    ask.tell(incident, said, "evidence")
    return said


def _list_evidence(ask: Ask) -> str:
    incident = ask.incident()
    found = evidence.of_incident(ask.db, incident.id)
    if not found:
        raise UserError("存什么？引用一条消息回「存证」，或：存证 #编号 链接")
    rows = [
        f"{p.name} {p.source or p.by}：{p.text.splitlines()[0][:30]}（{clock_of(p.at, ask.at)}"
        f"{f'，已披露给{p.note[:20]}' if p.state == 'disclosed' else ''}{FATES.get(p.fate, '')}）"
        for p in found[-7:]
    ]
    return f"#{incident.id} 存证{len(found)}件\n" + "\n".join(rows)


def disclose(ask: Ask) -> str:
    """披露：法务、指挥把一件存证交给外面的人，记下给了谁。例：披露 Z-77 给 朝阳法院"""
    ask.require("export")
    found = _PIECE.search(ask.text)
    to = ask.text[found.end() :].strip(" ，,：:。").removeprefix("给").strip()[:60] if found else ""
    if found is None or not to:
        raise UserError("披露哪一件、给谁？如：披露 Z-77 给 朝阳法院")
    piece = ask.piece(int(found[1]))
    ask.confirm(
        f"披露 {piece.name}（{piece.text.splitlines()[0][:30]}）给 {to}：按原文交出，不可收回。个人信息请先遮盖另存",
        fingerprint=f"disclose:{piece.id}:{piece.state}:{piece.note}:{to}",
        code=f"{secrets.randbelow(10_000):04d}",
    )
    given = evidence.disclose(ask.db, piece, to, at=ask.at, by=ask.person.name)
    said = f"{given.name} 已披露给{to}（{ask.person.name}），校验 {given.sha256[:8]}"
    if piece.incident:
        ask.tell(incidents.get(ask.db, piece.incident), said, "disclosed")
    return said


def told(ask: Ask) -> str:
    """已告知：记下谁对哪类人说过了。例：已告知 #12 员工 内部信"""
    incident = ask.incident()
    audience = ask.intent.text("audience")
    if not audience:
        return _list_told(ask)
    ask.require("fact", incident)
    label = AUDIENCES.get(audience, audience)
    notes.tell(ask.db, incident.id, audience, ask.intent.text("text")[:200], by=ask.person.name, at=ask.at)
    said = f"#{incident.id} 已告知{label}（{ask.person.name} {clock_of(ask.at)}）"
    ask.tell(incident, said, "told")
    return said


def _list_told(ask: Ask) -> str:
    incident = ask.incident()
    found = notes.told(ask.db, incident.id)
    if not found:
        raise UserError(
            f"#{incident.id} 还没记下告知了谁。说过了请回：已告知 员工 内部信（或用户、媒体、监管部门、合作伙伴、投资者）"
        )
    last = {AUDIENCES.get(t.audience, t.audience): t for t in found}
    missing = [label for label in AUDIENCES.values() if label not in last]
    rows = [f"{label}：{t.by} {clock_of(t.at, ask.at)}" for label, t in last.items()]
    return f"#{incident.id} 已告知{len(last)}类\n" + "\n".join(rows[:6]) + f"\n还没有：{'、'.join(missing[:6])}"


def question(ask: Ask) -> str:
    """待答：记一个还没有答案的问题。例：待答 #12 检测什么时候出　已答 Q1 明天16:00"""
    incident = ask.incident()
    ask.require("fact", incident)
    text = ask.intent.text("text")[:200]
    if not text:
        found = notes.questions(ask.db, incident.id)
        if not found:
            return f"#{incident.id} 没有待答的问题"
        return f"#{incident.id} 待答{len(found)}个\n" + "\n".join(f"Q{q.id} {q.text[:40]}（{q.by}）" for q in found[:7])
    number = notes.ask(ask.db, incident.id, text, by=ask.person.name, at=ask.at)
    said = f"Q{number} 待答（{ask.person.name}）：{text[:40]}。有了回：已答 Q{number} …"
    ask.tell(incident, said, "question")
    return said


def answered(ask: Ask) -> str:
    """已答：给待答的问题写答案。例：已答 Q1 明天16:00出"""
    number = ask.intent.number("question")
    if number is None:
        raise UserError("答哪一个？如：已答 Q1 明天16:00出")
    it = notes.question(ask.db, number)
    incident = ask.seen(it.incident, f"没有 Q{number} 这个问题。回「待答」看看")
    ask.require("fact", incident)
    text = ask.intent.text("text")[:200]
    if not text:
        raise UserError(f"答案是什么？如：已答 Q{number} 明天16:00出")
    if it.answer:
        raise UserError(f"Q{number} 已有答案：{it.answer[:40]}。不对请记一条事实更正")
    notes.answer(ask.db, it, text, by=ask.person.name, at=ask.at)
    said = f"Q{number} 已答（{ask.person.name}）：{text[:40]}。要作事实用请「记」"
    ask.tell(incident, said, "answer")
    return said


def expense(ask: Ask) -> str:
    """花费：记一笔钱，或人工几小时；没有确数的写「估」。例：花费 #12 3000元 检测费　花费 #12 12小时 夜班"""
    task = ask.task(ask.intent.number("task") or 0) if ask.intent.number("task") else None
    incident = ask.seen(task.incident, f"没有 T{task.id} 这个任务") if task and task.incident else ask.incident()
    ask.require("task", incident)
    typed = re.sub(r"[Tt]\s?\d+|[#＃]\s?\d+", " ", ask.text)
    hours = _HOURS.search(typed)
    amount = _amount(_HOURS.sub(" ", typed))
    if amount is None and hours:
        if not ask.house.hour_rate:
            raise UserError("没有配置每小时人工费（[bot] hour_rate）。请写金额，如：花费 2400元 人工12小时")
        amount = float(hours[1]) * ask.house.hour_rate
    if amount is None:
        raise UserError("花了多少？如：花费 3000元 检测费")
    rest = _HOURS.sub(" ", typed)
    words = re.sub(r"花费|[\d.,]+\s*(?:万|千|k|w)?\s*(?:元|块)?", " ", rest).split()
    words += [f"{hours[1]}小时"] if hours else []
    total = notes.spend(
        ask.db, incident.id, task.id if task else None, amount, " ".join(words)[:60], by=ask.person.name, at=ask.at
    )
    return f"#{incident.id} 记{amount:,.0f}元（{' '.join(words)[:20] or '未写用途'}），累计{total:,.0f}元"


def _amount(text: str) -> float | None:
    found = re.search(r"(\d+(?:,\d{3})*(?:\.\d+)?)\s*(万|千|k|w)?", text, re.I)
    if found is None:
        return None
    return float(found[1].replace(",", "")) * {"万": 1e4, "w": 1e4, "千": 1e3, "k": 1e3}.get((found[2] or "").lower(), 1)


def not_negative(ask: Ask) -> str:
    """不是负面：告诉我判错了，留着训练用。例：引用一条预警回「不是负面」"""
    return _label(ask, "neutral", "不是负面")


def is_negative(ask: Ask) -> str:
    """是负面：告诉我漏判了，留着训练用。例：引用一段话回「是负面」，或 是负面 那段话"""
    return _label(ask, "negative", "是负面")


def _label(ask: Ask, label: str, said: str) -> str:
    ask.require("claim")
    quoted = ask.quote.strip("「」 \n") if ask.quote and ask.card_incident is None else ""
    typed = "" if ask.intent.number("incident") else ask.intent.text("text")
    if words := quoted or (typed if len(typed) >= POST_LEAST else ""):
        count = notes.label(ask.db, label, words[:2000], incident=None, mention=None, by=ask.person.name, at=ask.at)
        return f"记下了：{'引用的' if quoted else ''}这段{said}。已有{count}条，「wanglou train」会用上"
    incident = ask.incident()
    first = next(iter(mentions.examples(ask.db, mentions.strands_of(ask.db, incident.id), 1)), None)
    if first is None:
        raise UserError(f"#{incident.id} 没有原帖。请引用那段话再回「{said}」")
    text = f"{first['title']} {first['text']}".strip()
    count = notes.label(ask.db, label, text, incident=incident.id, mention=first["id"], by=ask.person.name, at=ask.at)
    return f"记下了：#{incident.id} 首帖{said}。级别不变，已有{count}条，「wanglou train」会用上"


COMMANDS: dict[str, Callable[[Ask], str]] = {
    "evidence": keep_evidence,
    "disclose": disclose,
    "told": told,
    "question": question,
    "answered": answered,
    "expense": expense,
    "not_negative": not_negative,
    "is_negative": is_negative,
}
