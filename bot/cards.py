"""The words people read in the chat: alert, headline, status, brief. Values in, posts out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from bot.model.card import Button, Card, Link, Option, Paper, Post
from bot.model.grade import Grade
from bot.model.incident import Incident, State
from bot.model.times import BEIJING, clock_of, from_iso, span_of

NEW_CARD = "（见新卡）"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_ADDRESS = re.compile(r"(https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+)")
_BANK = re.compile(r"(?<!\d)\d{16,19}(?!\d)")

REASONS = {
    "raised": "新预警",
    "worsened": "升级",
    "trigger": "新红线",
    "first_authority": "权威信源",
    "volume_x3": "声量翻三倍",
    "eased": "回落",
    "second_wave": "二次发酵",
}


def quoted(text: str, limit: int = 40) -> str:
    """Outside words as they may stand in a message of ours: between 「」, without control characters, masked, cut."""
    plain = masked(_CONTROL.sub("", text.replace("\n", " "))).replace("「", "『").replace("」", "』").strip()
    return f"「{plain[: limit - 1]}…」" if len(plain) > limit else f"「{plain}」"


def address(url: str) -> str:
    """An outside address with every blank, control and direction character as its percent code."""
    return "".join(c if c.isprintable() and c != " " else quote(c, errors="replace") for c in url)


def masked(text: str) -> str:
    """Phone, identity and bank card numbers with their middle hidden (reliability 19); digits of an address are none."""
    return "".join(part if part.startswith("http") else _hidden(part) for part in _ADDRESS.split(text))


def _hidden(text: str) -> str:
    if not any(map(str.isdigit, text)):
        return text
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)
    for pattern in (_IDENTITY, _BANK, _PHONE):
        for found in pattern.finditer(plain):
            start, end = found.start() + 3, found.end() - 4
            hidden = "".join(c if c in " -" else "*" for c in text[start:end])
            text, plain = text[:start] + hidden + text[end:], plain[:start] + hidden + plain[end:]
    return text


def masked_post(post: Post) -> Post:
    """What a room may read of a post: nobody's numbers."""
    card = post.card
    if card:
        card = replace(card, title=masked(card.title), lines=tuple(map(masked, card.lines)), must=tuple(map(masked, card.must)))
    paper = post.paper and replace(post.paper, lines=tuple(map(masked, post.paper.lines)))
    return replace(post, text=masked(post.text), card=card, paper=paper)


def mark(incident: Incident) -> str:
    """``🟠橙（建议）`` or ``🟠橙``; empty where there is no grade yet."""
    grade = incident.shown
    if grade is None:
        return ""
    return f"{grade.mark}{grade.label}" + ("" if incident.grade else "（建议）")


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What an alert card tells, beside the incident itself."""

    reason: str
    indicators: Mapping[str, Any]
    reasons: Sequence[str]
    first: Mapping[str, Any] | None
    tasks: Sequence[str] = ()
    ask: str = ""
    others: Sequence[Incident] = ()
    note: str = ""
    evidence: str = ""


def alert(incident: Incident, facts: AlertFacts, now: datetime) -> Post:
    """The alert card (room page, section 2)."""
    i = facts.indicators
    title = f"{mark(incident)} #{incident.id} {incident.title[:26]}"
    if facts.reason != "raised":
        title += f"｜{REASONS[facts.reason]}"
    lines = [_happening(i), *([f"依据 {'；'.join(facts.reasons[:3])}"] if facts.reasons else []), _share(i)]
    lines += [f"→ {task}" for task in facts.tasks[:2]]
    if facts.first:
        lines.append(f"{_first(facts.first, now)} {facts.evidence}".rstrip())
    if facts.note:
        lines.append(facts.note)
    card = Card(
        kind="alert",
        title=title,
        lines=tuple(line for line in lines if line),
        must=(facts.ask,) if facts.ask else (),
        number=f"#{incident.id}",
        incident=incident.id,
        grade=incident.shown,
        confirmed=incident.grade is not None,
        buttons=buttons(incident, facts.others),
        links=_links(facts.first),
    )
    return Post.of(card)


def _happening(i: Mapping[str, Any]) -> str:
    if _unspoken(i):
        return "尚无人提及"
    growth = _growth(i)
    trend = "" if growth is None else "，仍在升" if growth > 10 else "，在回落" if growth < -10 else "，平稳"
    return f"{i['platforms']}个平台，每小时{i['per_hour']}条{trend}；热度{i['heat']:.0f}"


def _unspoken(i: Mapping[str, Any]) -> bool:
    """Whether nobody has written of it yet: our own probe or one of us told."""
    return not (i.get("mentions") or i["platforms"])


def _growth(i: Mapping[str, Any]) -> float | None:
    """Percent an hour; of nothing that comes, nothing rises, and where nobody ever spoke of it nothing falls."""
    if _unspoken(i):
        return None
    growth: float | None = i.get("growth") if i["per_hour"] else -100.0
    return growth


def _share(i: Mapping[str, Any]) -> str:
    if _unspoken(i):
        return ""
    best = f"｜最高信源 {i['authority']}" if i.get("authority") else ""
    if i["negative_share"] is None:
        return f"负面尚无样本{best}"
    return f"负面{100 * i['negative_share']:.0f}%（下限{100 * i['negative_lower']:.0f}%，样本{i['n']}）{best}"


def _first(first: Mapping[str, Any], now: datetime) -> str:

    where = first["platform"] or first["source"]
    return f"首帖 {where} {clock_of(from_iso(first['at']), now)}：{quoted(first['title'] or first['text'])}"


def _links(first: Mapping[str, Any] | None) -> tuple[Link, ...]:
    url = address(str(first["url"])) if first else ""
    return (Link("首帖", url),) if url.startswith(("http://", "https://")) else ()


def buttons(incident: Incident, others: Sequence[Incident] = ()) -> tuple[Button, ...]:
    """The buttons of an alert card in this state; each is the twin of a typed verb."""
    n = f"#{incident.id}"
    if incident.state is State.NEW:
        older = tuple(Option(str(o.id), o.name[:20]) for o in others if o.id < incident.id)[:10]
        found = [
            Button("claim", "认领", f"认领 {n}", "primary"),
            Button("false_alarm", "误报", f"误报 {n}", "default"),
        ]
        if older:
            found.append(Button("merge", "并入", f"{n} 并到 {{choice}}", options=older))
        if (incident.shown or Grade.BLUE) < Grade.RED:
            found.append(Button("mute", "静音", f"静音 {n} {{choice}}", options=_mute_options(incident)))
        return tuple(found)
    by_state = {
        State.ASSESSING: (
            Button("assess", "研判", f"研判 {n}", "primary"),
            Button("hand_over", "转交", f"转交 {n}"),
            Button("grade", _grade_text(incident), _grade_verb(incident)),
            Button("why", "看依据", f"为什么 {n}"),
        ),
        State.GRADED: (
            *_regrade(incident),
            Button("start", "启动", f"启动 {n}", "primary"),
            Button("why", "看依据", f"为什么 {n}"),
        ),
        State.ACTIVE: (*_regrade(incident), Button("status", "状态", f"状态 {n}"), Button("track", "跟踪", f"跟踪 {n}")),
        State.TRACKING: (Button("status", "状态", f"状态 {n}"), Button("resume", "恢复处置", f"恢复处置 {n}")),
    }
    return by_state.get(incident.state, ())


def _regrade(incident: Incident) -> tuple[Button, ...]:
    """The press that confirms a suggestion above the confirmed grade."""
    if incident.suggested is None or incident.suggested <= (incident.grade or Grade.BLUE):
        return ()
    return (Button("grade", _grade_text(incident), _grade_verb(incident), "primary"),)


def ever_offered(incident: Incident) -> tuple[Button, ...]:
    """Every button that an alert card of this incident had in any state: a press on an old card still says what it meant."""
    return tuple(button for state in State for button in buttons(replace(incident, state=state)))


def _grade_text(incident: Incident) -> str:
    return f"定{incident.suggested.label}" if incident.suggested else "定级"


def _grade_verb(incident: Incident) -> str:
    return f"定级 #{incident.id} {incident.suggested.label if incident.suggested else ''}".strip()


def _mute_options(incident: Incident) -> tuple[Option, ...]:
    if incident.shown is Grade.ORANGE:
        return (Option("30分钟", "30分钟"),)
    return (Option("30分钟", "30分钟"), Option("2小时", "2小时"), Option("12小时", "12小时"))


def one_line(incident: Incident) -> str:
    """``#12橙 李雷``: an incident in a list."""
    grade = incident.shown.label if incident.shown else "未定级"
    return f"#{incident.id}{grade} {incident.title[:14]} {incident.owner or '无人'} {incident.state.label}"


def left(due: datetime, now: datetime) -> str:
    """``剩1时10分``, ``到点`` or ``超时5分``."""
    seconds = (due - now).total_seconds()
    if abs(seconds) < 1:
        return "到点"
    return f"剩{span_of(seconds) or '不到1分'}" if seconds >= 0 else f"超时{span_of(seconds) or '不到1分'}"


def ask_card(echo: str, verb: str, *, incident: int | None = None, danger: bool = True, kind: str = "ask") -> Post:
    """A short echo with one button to confirm a dangerous act."""
    title, *lines = echo.splitlines()
    return Post.of(
        Card(
            kind=kind,
            title=title,
            lines=tuple(lines),
            incident=incident,
            buttons=(Button("confirm", "确认", verb, "danger" if danger else "primary"),),
        )
    )


def ask_to_accept(text: str, verb: str, incident: int | None = None) -> Post:
    """What is handed to somebody, with one press to take it."""
    title, *lines = text.splitlines()
    button = Button("accept", "接", verb, "primary")
    return Post.of(Card(kind="ask", title=title, lines=tuple(lines), incident=incident, buttons=(button,)))


def second_card(echo: str, asker: str, *, incident: int | None = None) -> Post:
    """What somebody asks of a second person: one press for yes, one for no."""
    buttons = (
        Button("confirm", "确认", f"确认 {asker}", "danger"),
        Button("refuse", "退回", f"确认 退回 {asker}"),
    )
    return Post.of(Card(kind="ask", title=echo, incident=incident, buttons=buttons))


@dataclass(frozen=True, slots=True)
class BriefFacts:
    """What a leader's brief tells: figures, what is known and unknown, decided, done, under way, and what is due; ``reported`` is
    what was said to this leader with it."""

    indicators: Mapping[str, Any]
    reasons: Sequence[str]
    known: Sequence[str]
    unknown: Sequence[str]
    decisions: Sequence[str]
    done: Sequence[str]
    doing: Sequence[str]
    clocks: Sequence[str]
    asked: str = ""
    decision: int | None = None
    peak: str = ""
    next_at: datetime | None = None
    latest: datetime | None = None
    conclusion: str = ""
    reported: str = ""


def brief(incident: Incident, facts: BriefFacts, now: datetime) -> Post:
    """One screen, conclusion first, at most 12 lines and 400 characters (domain handbook, section 11)."""
    i = facts.indicators
    standing = f"{incident.state.label}，{incident.owner or '还没有负责人'}"
    conclusion = "；".join([facts.conclusion or "；".join(map(_plainly, facts.reasons[:2])), standing]).lstrip("；")
    lines = [
        f"【领导简报】#{incident.id} {incident.title[:20]}｜{mark(incident) or '未定级'}{_direction(i)}｜{clock_of(now)}",
        f"结论：{conclusion}",
    ]
    if facts.reported:
        lines.append(f"上报：{facts.reported}")
    if facts.asked:
        lines.append(f"请您定：{facts.asked}" + (f"（最迟{clock_of(facts.latest, now)}）" if facts.latest else ""))
    lines.append(f"已知：{'；'.join(facts.known[-3:]) or '尚无已核实的事实'}")
    lines.append(f"未知：{'；'.join(facts.unknown[-3:]) or '无待核实项'}")
    if i:
        lines.append("态势：" + "；".join(filter(None, (_happening(i), _share(i), facts.peak))))
    if facts.decisions:
        lines.append(f"已定：{'；'.join(facts.decisions[-2:])}")
    if facts.done or facts.doing:
        lines.append(f"已做：{'、'.join(facts.done[-3:]) or '无'}；在办：{'、'.join(facts.doing[:3]) or '无'}")
    due = f"；下次简报{clock_of(facts.next_at, now)}" if facts.next_at else ""
    lines.append(f"时限：{'；'.join(facts.clocks[:3]) or '无'}{due}")
    offered = _brief_buttons(incident, facts.decision)
    answers = sum(len(button.verb) + 1 for button in offered) + len("\n回复：")
    text = within([" ".join(line.split()) for line in lines], 11, 400 - answers)
    card = Card(
        kind="brief",
        title=text[0],
        lines=tuple(text[1:]),
        number=f"#{incident.id}",
        incident=incident.id,
        grade=incident.shown,
        confirmed=incident.grade is not None,
        buttons=offered,
    )
    return Post.of(card)


def _plainly(reason: str) -> str:
    """A reason of the alert as a leader reads it: 「红线 人员患病（未核实，按黄）」 is 「人员患病（未核实）」."""
    return re.sub(r"（未核实，按.）", "（未核实）", re.sub(r"（(?:已核实|即时)，.）", "", reason.removeprefix("红线 ")))


def on_paper(post: Post, title: str, name: str) -> Post:
    """The post with its words as a document of its own, under our own file name."""
    card = post.card
    return replace(post, paper=Paper(name, title, (card.title, *card.lines) if card else tuple(post.text.splitlines())))


def brief_on_paper(post: Post, incident: int, now: datetime) -> Post:
    """A leader's brief with its document."""
    return on_paper(post, "领导简报", f"领导简报-{incident}-{now.astimezone(BEIJING):%m%d-%H%M}")


def _direction(i: Mapping[str, Any]) -> str:
    """↑ rising by more than 10 % an hour, ↓ falling by as much."""
    growth = _growth(i) or 0.0 if i else 0.0
    return "↑" if growth > 10 else "↓" if growth < -10 else ""


def _brief_buttons(incident: Incident, decision: int | None) -> tuple[Button, ...]:
    """已阅; where something is asked, the answers to it."""
    if decision is None:
        return (Button("read", "已阅", f"已阅 #{incident.id}", "primary"),)
    j = f"J{decision}"
    return (
        Button("yes", "同意", f"{j} 同意", "primary"),
        Button("no", "不同意", f"{j} 不同意"),
        Button("talk", "电话谈", f"电话谈 {j}"),
        Button("read", "已阅", f"已阅 #{incident.id}"),
    )


def short(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters; what is cut says so."""
    return text if len(text) <= limit else text[: limit - 1].rstrip("，。；、：, ") + "…"


def within(lines: Sequence[str], rows: int, characters: int) -> list[str]:
    """Lines cut to a number of rows and characters; long ones give way first, the first line never."""
    kept = list(lines[:rows])
    while sum(map(len, kept)) + len(kept) > characters:
        longest = max(range(1, len(kept)), key=lambda n: len(kept[n]))
        if len(kept[longest]) <= 8:
            kept.pop()
            continue
        kept[longest] = kept[longest][: len(kept[longest]) - 6].rstrip("…；，、") + "…"
    return kept


def as_suggested(incident: Incident) -> Incident:
    """As a card shows it: a suggestion above the confirmed grade stands in its place until somebody confirms it."""
    higher = incident.grade is not None and (incident.suggested or 0) > incident.grade
    return replace(incident, grade=None) if higher else incident


def follow(card: Card, incident: Incident, row: Mapping[str, Any]) -> Post:
    """An alert card as it is true now: who claimed it when, and the buttons of its present state."""
    shown = as_suggested(incident)
    return Post.of(
        replace(
            card,
            title=re.sub(r"^\S+ #", f"{mark(shown)} #", card.title) if shown.shown else card.title,
            must=_standing(card, incident, row),
            grade=shown.shown,
            confirmed=shown.grade is not None,
            buttons=card.buttons if incident.state is State.NEW else buttons(incident),
            revision=card.revision + 1,
        )
    )


def anew(post: Post) -> Post:
    """A changed card that can't be painted where it hangs, said again; one line where nothing is left to press."""
    card = post.card
    if card is None or card.buttons:
        return post.with_note(NEW_CARD)
    return Post(f"{NEW_CARD}{'：'.join([card.title, *card.must[:1]])}")


def _standing(card: Card, incident: Incident, row: Mapping[str, Any]) -> tuple[str, ...]:
    if not incident.open:
        return (f"{incident.state.label}：{row.get('reason') or '—'}",)
    if not incident.owner:
        return card.must if incident.state is State.NEW else (f"{incident.state.label}，请任一组员认领",)
    if incident.grade is None and card.must and card.must[0].startswith(f"{incident.owner} 处理中"):
        return card.must
    claimed = from_iso(row["claimed_at"]) if row.get("claimed_at") else None
    if claimed is None:
        return (f"{incident.owner}｜{incident.state.label}",)
    took = span_of((claimed - incident.opened_at).total_seconds())
    return (f"{incident.owner} {clock_of(claimed)} 认领（{took}）｜{incident.state.label}",)
