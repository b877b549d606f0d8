"""Owner of ``drafts``, ``versions``, ``signatures``, ``shown``, ``lent`` and ``waivers``: what we mean to say in public."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.drafting.signing import Signature
from bot.errors import UserError
from bot.model.grade import Grade
from bot.model.people import Role
from bot.model.times import from_iso
from bot.store import journal

UNDER_WAY = ("review", "approved", "handed", "unknown")
"""States in which signatures stand."""
OVER = ("released", "superseded", "retracted", "withdrawn")


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement on its way, with its newest version. ``by`` opened it; ``author`` wrote this version; ``dead``: this version
    was rejected; ``model`` names the language model that wrote in it, where one did."""

    id: int
    incident: int | None
    type: str
    state: str
    version: int
    by: str
    held: bool
    text: str
    sha256: str
    facts: tuple[int, ...]
    form: str
    corrects: int | None
    corrected_by: int | None
    emergency: bool
    endorsed_by: str
    editor: str
    editing_until: datetime | None
    held_by: str
    held_why: str
    author: str
    dead: bool
    model: str
    channels: tuple[str, ...]
    submitted_at: datetime | None

    @property
    def code(self) -> str:
        """The short code of the exact text: four hex digits of its SHA-256."""
        return self.sha256[:4].upper()

    @property
    def name(self) -> str:
        """``D3 v2·7F3A``."""
        return f"D{self.id} v{self.version}·{self.code}"


_DRAFT = (
    "SELECT d.id, d.incident, d.type, d.state, d.version, d.by, d.held, v.text, v.sha256, v.facts, d.form, d.corrects, d.corrected_by, "
    "d.emergency, d.endorsed_by, d.editor, d.editing_until, d.held_by, d.held_why, v.by, v.state, v.model, d.channels, d.submitted_at "
    "FROM drafts d JOIN versions v ON v.draft = d.id AND v.version = d.version"
)


def add(
    db: Database,
    *,
    incident: int | None,
    type: str,
    text: str,
    facts: Sequence[int],
    by: str,
    at: datetime,
    form: str = "",
    corrects: int | None = None,
    model: str = "",
) -> Draft:
    """A new draft with its first version; a correction is linked both ways."""
    with journal.act(db, "draft", at=at, by=by, incident=incident) as it:
        id = it.add(
            "drafts", incident=incident, type=type, state="draft", version=1, by=by, at=at, form=form, corrects=corrects
        )
        it.add("versions", draft=id, version=1, text=text, sha256=sha(text), by=by, at=at, facts=list(facts), model=model)
        if corrects:
            it.put("drafts", corrects, corrected_by=id)
    return get(db, id)


def revise(db: Database, draft: Draft, *, text: str, facts: Sequence[int], by: str, at: datetime, model: str = "") -> Draft:
    """One more version; the old ones stay as they were, and every signature falls."""
    with journal.act(db, "revise", at=at, by=by, incident=draft.incident, draft=draft.id) as it:
        it.add(
            "versions",
            draft=draft.id,
            version=draft.version + 1,
            text=text,
            sha256=sha(text),
            by=by,
            at=at,
            facts=list(facts),
            model=model or draft.model,
        )
        it.put("drafts", draft.id, version=draft.version + 1, state="draft", emergency=False)
        for one in signatures(db, draft.id):
            if not one.void:
                it.put("signatures", one.id, void="稿件改过了", void_at=at)
    return get(db, draft.id)


def cite(db: Database, draft: Draft, facts: Sequence[int], *, at: datetime, by: str) -> Draft:
    """The facts that the newest version rests on, found anew: some were confirmed after it was written. Its text stays."""
    if tuple(facts) == draft.facts:
        return draft
    with journal.act(db, "cite", at=at, by=by, incident=draft.incident, draft=draft.id, version=draft.version) as it:
        row = db.conn.execute("SELECT id FROM versions WHERE draft = ? AND version = ?", (draft.id, draft.version)).fetchone()
        it.put("versions", row[0], facts=list(facts))
    return get(db, draft.id)


def change(db: Database, draft: Draft, verb: str, *, at: datetime, by: str, why: str = "", **values: Any) -> Draft:
    """Sets columns of a draft as one logged act."""
    with journal.act(db, verb, at=at, by=by, incident=draft.incident, why=why, draft=draft.id, version=draft.version) as it:
        it.put("drafts", draft.id, **values)
    return get(db, draft.id)


def reject(db: Database, draft: Draft, *, at: datetime, by: str, why: str) -> Draft:
    """This version is dead for ever: back to ``draft``, its signatures fall."""
    with journal.act(db, "reject", at=at, by=by, incident=draft.incident, why=why, draft=draft.id, version=draft.version) as it:
        row = db.conn.execute("SELECT id FROM versions WHERE draft = ? AND version = ?", (draft.id, draft.version)).fetchone()
        it.put("versions", row[0], state="rejected", why=why)
        it.put("drafts", draft.id, state="draft", emergency=False)
        for one in signatures(db, draft.id):
            if not one.void:
                it.put("signatures", one.id, void=f"{by}退回", void_at=at)
    return get(db, draft.id)


def sign(
    db: Database, draft: Draft, *, person: str, role: Role, grade: Grade, at: datetime, by: str, recorder: str = ""
) -> Signature:
    """A yes for the exact text of the newest version."""
    with journal.act(db, "sign", at=at, by=by, incident=draft.incident, draft=draft.id, version=draft.version) as it:
        id = it.add(
            "signatures",
            draft=draft.id,
            version=draft.version,
            sha256=draft.sha256,
            person=person,
            role=role.value,
            at=at,
            grade=grade.key,
            recorder=recorder,
        )
    return next(s for s in signatures(db, draft.id) if s.id == id)


def void(db: Database, draft: Draft, fallen: Sequence[tuple[Signature, str]], *, at: datetime, by: str) -> Draft:
    """Signatures fall, each with its reason; an approved draft goes back to review."""
    why = "；".join(dict.fromkeys(reason for _, reason in fallen))
    with journal.act(db, "signatures_fell", at=at, by=by, incident=draft.incident, why=why, draft=draft.id) as it:
        for one, reason in fallen:
            it.put("signatures", one.id, void=reason, void_at=at)
        if draft.state == "approved":
            it.put("drafts", draft.id, state="review")
    return get(db, draft.id)


def signatures(db: Database, draft: int) -> list[Signature]:
    """Every signature of a draft, fallen ones too, oldest first."""
    rows = db.conn.execute(
        "SELECT id, person, role, version, sha256, at, grade, recorder, void FROM signatures WHERE draft = ? ORDER BY id",
        (draft,),
    ).fetchall()
    return [
        Signature(r[0], r[1], Role(r[2]), r[3], r[4], from_iso(r[5]), Grade.of(r[6]), recorder=r[7], void=r[8]) for r in rows
    ]


def authors(db: Database, draft: int) -> frozenset[str]:
    """Everybody who wrote a version of a draft."""
    return frozenset(row[0] for row in db.conn.execute("SELECT DISTINCT by FROM versions WHERE draft = ?", (draft,)))


def show(db: Database, draft: Draft, person: str, outbox: int, *, at: datetime) -> None:
    """A signer was sent this version."""
    with journal.act(db, "shown", at=at, by="望楼", incident=draft.incident, draft=draft.id) as it:
        it.add("shown", draft=draft.id, version=draft.version, person=person, at=at, outbox=outbox)


def last_shown(db: Database, draft: int, person: str) -> int:
    """The newest version that reached this person in private; 0 where none did."""
    row = db.conn.execute(
        "SELECT max(s.version) FROM shown s JOIN outbox o ON o.id = s.outbox WHERE s.draft = ? AND s.person = ? AND o.state = 'sent'",
        (draft, person),
    ).fetchone()
    return int(row[0] or 0)


def asked(db: Database, draft: int, version: int) -> list[str]:
    """Who was asked to sign this version."""
    rows = db.conn.execute("SELECT DISTINCT person FROM shown WHERE draft = ? AND version = ? ORDER BY id", (draft, version))
    return [row[0] for row in rows]


def lend(db: Database, draft: Draft, *, role: Role, lender: str, person: str, by: str, at: datetime) -> None:
    """A role's signature on this draft passes to a deputy."""
    with journal.act(db, "delegate", at=at, by=by, incident=draft.incident, draft=draft.id, to=person) as it:
        it.add("lent", draft=draft.id, role=role.value, lender=lender, person=person, by=by, at=at)


def lent(db: Database, draft: int) -> list[tuple[Role, str, str]]:
    """The roles passed on for a draft: role, from whom, to whom."""
    rows = db.conn.execute("SELECT role, lender, person FROM lent WHERE draft = ? ORDER BY id", (draft,)).fetchall()
    return [(Role(role), lender, person) for role, lender, person in rows]


def ever_cited(db: Database, draft: int) -> set[int]:
    """The facts that any version of a draft cites."""
    rows = db.conn.execute("SELECT facts FROM versions WHERE draft = ?", (draft,)).fetchall()
    return {number for (facts,) in rows for number in json.loads(facts)}


def waive(db: Database, draft: Draft, codes: Sequence[str], *, by: str, reason: str, at: datetime) -> None:
    """Warnings overridden by name with a reason, for this version."""
    with journal.act(db, "waive", at=at, by=by, incident=draft.incident, why=reason, draft=draft.id, codes=list(codes)) as it:
        for code in codes:
            it.add("waivers", draft=draft.id, version=draft.version, code=code, by=by, reason=reason, at=at)


def waivers(db: Database, draft: Draft) -> list[tuple[str, str, str]]:
    """The warnings overridden for this version: code, by whom, why."""
    rows = db.conn.execute(
        "SELECT code, by, reason FROM waivers WHERE draft = ? AND version = ? ORDER BY id", (draft.id, draft.version)
    )
    return [(code, by, reason) for code, by, reason in rows]


def get(db: Database, id: int) -> Draft:
    """A draft by its number; ``UserError`` where there is none."""
    row = db.conn.execute(f"{_DRAFT} WHERE d.id = ?", (id,)).fetchone()
    if not row:
        raise UserError(f"没有 D{id} 这份稿件")
    return _draft(row)


def version(db: Database, draft: int, number: int) -> dict[str, Any]:
    """One version as it was written: text, sha256, by, at, state, why, model; ``UserError`` where there is none."""
    row = db.conn.execute(
        "SELECT text, sha256, by, at, state, why, model FROM versions WHERE draft = ? AND version = ?", (draft, number)
    ).fetchone()
    if not row:
        raise UserError(f"D{draft} 没有 v{number}")
    return dict(zip(("text", "sha256", "by", "at", "state", "why", "model"), row, strict=True))


def rejected_text(db: Database, draft: int, sha256: str) -> bool:
    """Whether this exact text was rejected as any version of the draft."""
    return bool(
        db.conn.execute(
            "SELECT 1 FROM versions WHERE draft = ? AND sha256 = ? AND state = 'rejected'", (draft, sha256)
        ).fetchone()
    )


def of_incident(db: Database, incident: int | None) -> list[Draft]:
    """The drafts of an incident, oldest first."""
    return [_draft(row) for row in db.conn.execute(f"{_DRAFT} WHERE d.incident IS ? ORDER BY d.id", (incident,))]


def in_states(db: Database, states: Sequence[str]) -> list[Draft]:
    """Every draft in one of these states, oldest first."""
    marks = ", ".join("?" * len(states))
    return [_draft(row) for row in db.conn.execute(f"{_DRAFT} WHERE d.state IN ({marks}) ORDER BY d.id", tuple(states))]


def waiting_for(db: Database, person: str) -> list[Draft]:
    """The drafts in review that were put before somebody who has not signed them."""
    shown = [d for d in in_states(db, ("review",)) if last_shown(db, d.id, person)]
    return [d for d in shown if not any(s.person == person and not s.void for s in signatures(db, d.id))]


def sha(text: str) -> str:
    """The hash that a signature binds to."""
    return hashlib.sha256(text.encode()).hexdigest()


def _draft(row: Any) -> Draft:
    values = list(row)
    values[6], values[9], values[13] = bool(row[6]), tuple(json.loads(row[9])), bool(row[13])
    values[16] = from_iso(row[16]) if row[16] else None
    values[20] = row[20] == "rejected"
    values[22] = tuple(json.loads(row[22]))
    values[23] = from_iso(row[23]) if row[23] else None
    return Draft(*values)
