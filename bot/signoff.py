"""From a draft to a complete chain of signatures. Each function is part of a transaction.

submit     clean, or each warning overridden → ``review``; each signer reads the exact text in private
sign       counts for the text last delivered to that signer; the chain is judged anew each time
settle     complete → ``approved``; how signatures fall stands in ``bot/falling.py``
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import cards, clocking, saying
from bot.cards import masked
from bot.drafting import diff, signing
from bot.drafting.binding import Known, bind
from bot.drafting.conflicts import Other
from bot.drafting.elements import pairs
from bot.drafting.kinds import KINDS, label_of
from bot.drafting.linter import Around, Lint, lint
from bot.drafting.signing import Matter, Standing
from bot.model.card import Button, Card, Post
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import Incident
from bot.model.people import WANGLOU, Person, Role
from bot.model.times import clock_of
from bot.store import incidents, statements, timers, voice, work
from bot.store.statements import Draft

POINT_HOLDS = timedelta(hours=24)
"""How long a talking point is given out unless its text says otherwise."""
REMIND, DEPUTY, COMMANDER = "remind", "deputy", "commander"


def incident_of(db: Database, draft: Draft) -> Incident | None:
    """The incident a draft belongs to."""
    return incidents.find(db, draft.incident) if draft.incident else None


def known_facts(db: Database, incident: int | None) -> list[Known]:
    """The record's facts as the drafting room sees them."""
    return [Known(f.id, f.text, f.state) for f in work.facts(db, incident)]


def around(db: Database, house: House, incident: Incident | None, at: datetime, *, besides: Sequence[int] = ()) -> Around:
    """What a text about this incident is read against. ``besides``: drafts that it replaces, so that they can't contradict it."""
    local = at.astimezone(house.zone)
    days = [local - timedelta(days=n) for n in range(2)]
    given = [f"{day:%Y年%m月%d日}" for day in days] + [f"{day.year}年{day.month}月{day.day}日" for day in days]
    given += [p.name for p in house.people] + [c.label for c in house.channels] + [house.contact_hours]
    if incident:
        opened = incident.opened_at.astimezone(house.zone)
        given += [f"{opened.month}月{opened.day}日{opened:%H:%M}", f"{opened:%m月%d日%H:%M}"]
    number = incident.id if incident else None
    released = [d for d in statements.of_incident(db, number) if d.state == "released" and d.id not in besides]
    others = [Other(f"D{d.id}", d.text) for d in released]
    others += [
        Other(f"口径{p.id}", p.answer, p.never)
        for p in voice.points(db, ("active",))
        if p.incident == number and p.given(at) and p.draft not in besides
    ]
    return Around(
        book=house.book,
        company=tuple(dict.fromkeys((house.full_name, *house.company))),
        contact=f"{house.contact}（{house.contact_hours}）",
        facts=known_facts(db, number),
        given=tuple(filter(None, given)),
        today=local.date(),
        others=others,
        public=frozenset(n for d in statements.of_incident(db, number) if _for_the_public(d) for n in d.facts),
    )


def _for_the_public(draft: Draft) -> bool:
    """Whether a text tells the public, or is signed to."""
    return KINDS[draft.type].audience in ("public", "affected_users") and draft.state in (
        "approved",
        "handed",
        "released",
        "superseded",
    )


def lint_text(db: Database, house: House, text: str, draft: Draft, at: datetime) -> Lint:
    """The linter's word on a text of this draft's type."""
    besides = [n for n in (draft.id, draft.corrects) if n]
    return lint(text, draft.type, around(db, house, incident_of(db, draft), at, besides=besides), draft.form)


def cited_anew(db: Database, house: House, draft: Draft, at: datetime) -> Draft:
    """The draft with the facts that its text rests on now, so that a signature falls with each of them."""
    cited = lint_text(db, house, draft.text, draft, at).binding.cited
    return statements.cite(db, draft, cited, at=at, by=WANGLOU)


def usable_in(db: Database, house: House, fact: int, incident: int, at: datetime) -> list[str]:
    """The drafts not yet signed whose text says what this fact confirms: they may use it."""
    drafts = [d for d in statements.of_incident(db, incident) if d.state == "draft"]
    return [f"D{d.id}" for d in drafts if fact in lint_text(db, house, d.text, d, at).binding.cited]


def matter_of(db: Database, house: House, draft: Draft) -> Matter:
    """What decides the chain: the confirmed grade, before one the highest suggested in this round, so that only a person makes the
    chain shorter; with neither the strictest."""
    incident = incident_of(db, draft)
    return Matter(
        kind=draft.type,
        grade=(incident.grade or incident.peak or incident.suggested if incident else None) or Grade.RED,
        incident_type=incident.type if incident else "other",
        text=draft.text,
        listed=house.listed,
        correction=draft.corrects is not None,
        emergency=draft.emergency,
        model=bool(draft.model),
    )


def standing_of(db: Database, house: House, draft: Draft, at: datetime) -> Standing:
    """The chain of the newest version at this moment, judged from the rows."""
    shaky = tuple(f"F{n}" for n in draft.facts if work.fact(db, n).state != "confirmed")
    text = signing.Text(
        version=draft.version,
        sha256=draft.sha256,
        authors=statements.authors(db, draft.id),
        dead=draft.dead or statements.rejected_text(db, draft.id, draft.sha256),
        shaky=shaky,
    )
    return signing.standing(matter_of(db, house, draft), text, statements.signatures(db, draft.id), at)


def signers(db: Database, house: House, draft: Draft, roles: Sequence[Role]) -> dict[Role, Person]:
    """Who is asked for each role: distinct people, no author, nobody who signed already; a deputy where the role was lent."""
    barred = statements.authors(db, draft.id) if not draft.emergency else frozenset[str]()
    barred |= {s.person for s in statements.signatures(db, draft.id) if not s.void and s.version == draft.version}
    options: list[tuple[Role, list[Person]]] = []
    incident = incident_of(db, draft)
    for role in roles:
        wanted = signing.EMERGENCY_SECOND if draft.emergency and role is Role.LEGAL else (role,)
        lent = [p for r, _, name in reversed(statements.lent(db, draft.id)) if r in wanted and (p := house.person(name))]
        able = [p for p in (*lent, *house.with_role(*wanted)) if p.name not in barred]
        people = [p for p in able if incident is None or saying.may_know(incident, p)]
        options.append((role, list(dict.fromkeys(people))))
    return _distinct(sorted(options, key=lambda o: len(o[1])), frozenset())


def _distinct(options: Sequence[tuple[Role, list[Person]]], taken: frozenset[str]) -> dict[Role, Person]:
    """One person a role, no person twice, as many roles as can be filled."""
    if not options:
        return {}
    (role, people), rest = options[0], options[1:]
    best: dict[Role, Person] = {}
    for person in people:
        if person.name in taken:
            continue
        found = {role: person, **_distinct(rest, taken | {person.name})}
        if len(found) > len(best):
            best = found
        if len(best) == len(options):
            return best
    without = _distinct(rest, taken)
    return best if len(best) >= len(without) else without


def submit(db: Database, house: House, draft: Draft, *, at: datetime, by: str) -> str:
    """Puts the newest version before its signers; the line that the room reads."""
    draft = cited_anew(db, house, draft, at)
    draft = statements.change(db, draft, "submit", at=at, by=by, state="review", submitted_at=at)
    timers.end_timers(db, f"sign:{draft.id}:", at, "新一版送审")
    state = standing_of(db, house, draft, at)
    asked = signers(db, house, draft, state.missing)
    for role, person in asked.items():
        ask_to_sign(db, house, draft, person, role, at)
    gaps = [role.label for role in state.missing if role not in asked]
    incident = incident_of(db, draft)
    why = "没有别人能签；起草人不算，请另一位起草或添人"
    if incident and incident.confidential:
        why = f"没有知情的人能签；请先回：保密 #{incident.id} @签字人"
    return f"{draft.name} 送审：{signing.progress(state)}" + (f"；缺位：{'、'.join(gaps)}（{why}）" if gaps else "")


def limit_of(house: House, matter: Matter) -> timedelta:
    """How long a signer may take."""
    return timedelta(seconds=house.limit("signature", matter.grade) or 3600.0)


def ask_to_sign(db: Database, house: House, draft: Draft, person: Person, role: Role, at: datetime) -> None:
    """Sends one signer the text in private, and sets the timers that remind of it. No timer ever signs."""
    wait = limit_of(house, matter_of(db, house, draft))
    send_text(db, house, draft, person, role, at, due=at + wait)
    for step, share in ((REMIND, 0.5), (DEPUTY, 1.0), (COMMANDER, 2.0)):
        key = f"sign:{draft.id}:{draft.version}:{role.value}:{person.name}:{at.timestamp():.0f}:{step}"
        timers.set_timer(
            db, key, "signer", at + wait * share, at=at, incident=draft.incident, step=step,
            draft=draft.id, version=draft.version, role=role.value, person=person.name,
        )  # fmt: skip


def send_text(
    db: Database, house: House, draft: Draft, person: Person, role: Role, at: datetime, due: datetime | None = None
) -> None:
    """The full text as a message of its own, which no platform shortens, then the card to press. What counts as shown is the text."""
    incident = incident_of(db, draft)
    seen = statements.last_shown(db, draft.id, person.name)
    text = Post(f"{draft.name} 全文（{len(draft.text)}字）\n{draft.text}")
    card = signoff_card(db, draft, role, at, due, seen)
    sent = saying.tell_person(db, person.name, text, at=at, kind="notice", reason="text", incident=incident, urgent=True)
    saying.tell_person(db, person.name, card, at=at, kind="notice", reason="signoff", incident=incident, urgent=True)
    statements.show(db, draft, person.name, sent, at=at)


def signoff_card(db: Database, draft: Draft, role: Role, at: datetime, due: datetime | None, seen: int) -> Post:
    """What a signer reads beside the text: what changed since the version ``seen``, the facts, the warnings, the deadline."""
    incident = incident_of(db, draft)
    lines = ["全文见上一条，签的就是它，一字不差"]
    if seen and seen != draft.version:
        old = statements.version(db, draft.id, seen)["text"]
        lines += [f"—— 与您看过的 v{seen} 相比 ——", *diff.shown(old, draft.text).splitlines()]
    facts = [work.fact(db, n) for n in draft.facts]
    lines.append("—— 依据 ——")
    lines += [f"F{f.id} {f.label}｜{cards.short(f.text, 40)}（{f.source or f.by}）" for f in facts] or ["没有引用事实"]
    lines += [f"已忽略 {code}（{by}：{reason}）" for code, by, reason in statements.waivers(db, draft)]
    if draft.model:
        lines.append(f"【由语言模型改写：{draft.model}】须两位不是提出人的人签，对外须标识")
    if draft.emergency:
        lines.append("【紧急首发】模板只填空，值班长加您一人即可发")
    head = f"请{role.label}签 {draft.name} {label_of(draft.type, draft.form)}"
    must = [f"请 {clock_of(due, at)} 前回"] if due else []
    return Post.of(
        Card(
            kind="signoff",
            title=head + (f"（#{incident.id} {incident.title[:16]}）" if incident else ""),
            lines=tuple(lines),
            must=tuple(must),
            number=f"D{draft.id}",
            incident=draft.incident,
            grade=incident.shown if incident else None,
            confirmed=bool(incident and incident.grade),
            buttons=(
                Button(
                    "approve",
                    f"同意 v{draft.version}·{draft.code}",
                    f"同意 D{draft.id} v{draft.version}·{draft.code}",
                    "primary",
                ),
                Button("reject", "退回", f"退回 D{draft.id} v{draft.version}·{draft.code}", "danger"),
                Button("delegate", "转代理", f"转代理 D{draft.id}"),
            ),
        )
    )


def settle(db: Database, house: House, draft: Draft, at: datetime) -> Draft:
    """An open review whose chain is complete is approved; an approved Q&A puts its talking points in force. In a drill that is the
    end of the way: it counts as said, and nothing is handed over."""
    if draft.state != "review":
        return draft
    if not standing_of(db, house, draft, at).complete:
        return draft
    approved = statements.change(db, draft, "approved", at=at, by=WANGLOU, state="approved")
    timers.end_timers(db, f"sign:{draft.id}:", at, "签齐了")
    if approved.type == "media_qa":
        _put_in_force(db, house, approved, at)
    return _rehearsed(db, approved, at) if house.drill and not approved.held else approved


def _rehearsed(db: Database, draft: Draft, at: datetime) -> Draft:
    incident = incident_of(db, draft)
    if incident and KINDS[draft.type].audience in ("public", "affected_users"):
        clocking.meet(db, incident, "first_statement", at=at, by=WANGLOU)
    return statements.change(db, draft, "rehearsed", at=at, by=WANGLOU, why="演练，不对外交付", state="released")


def _put_in_force(db: Database, house: House, draft: Draft, at: datetime) -> None:
    """The entries of an approved Q&A; those of an older version of the same draft are superseded."""
    for old in voice.points(db):
        if old.draft == draft.id:
            voice.change(
                db,
                "points",
                old.id,
                "point_superseded",
                at=at,
                by=WANGLOU,
                incident=draft.incident,
                state="superseded",
            )
    near = around(db, house, incident_of(db, draft), at)
    for question, answer, never, owner in pairs(draft.text):
        cited = bind(answer, near.facts, given=near.given, today=near.today, places=house.book.places).cited
        source = " ".join(f"F{n}" for n in cited) or draft.name
        voice.add(
            db, "points", "point", at=at, by=draft.author, incident=draft.incident, question=question, answer=answer,
            never=[w for w in never.replace("，", "、").split("、") if w and w not in ("无", "—")], audience="media", owner=owner,
            valid_until=at + POINT_HOLDS, source=source, draft=draft.id, version=draft.version, state="active",
        )  # fmt: skip


def tell(db: Database, house: House, draft: Draft, text: str, *, at: datetime, reason: str, besides: str = "") -> None:
    """Says one line about a draft in the rooms of its incident; never its text."""
    if incident := incident_of(db, draft):
        saying.tell_rooms(db, house, incident, Post(masked(text)), at=at, kind="notice", reason=reason, besides=besides)
