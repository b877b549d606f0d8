"""Who must sign a statement, who may, and what a signature is worth (domain handbook 5, room page 5). Rules only."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.drafting.kinds import KINDS
from bot.model.grade import Grade
from bot.model.people import Person, Right, Role, Verdict, right

LAPSE = timedelta(hours=12)
"""How long a signature holds."""

CHAIN = {
    Grade.BLUE: (Role.PR,),
    Grade.YELLOW: (Role.PR, Role.LEGAL),
    Grade.ORANGE: (Role.PR, Role.LEGAL, Role.BIZ, Role.COMMANDER),
    Grade.RED: (Role.PR, Role.LEGAL, Role.BIZ, Role.COMMANDER),
}
EMERGENCY = (Role.DUTY, Role.LEGAL)
"""The emergency chain: the duty officer plus one of legal or pr (the second stands for either)."""
EMERGENCY_SECOND = (Role.LEGAL, Role.PR)
TECHNICAL = frozenset({"data_breach", "outage", "defacement"})
WRITES = {
    Role.DUTY: frozenset({"holding"}),
    Role.HR: frozenset({"staff_letter"}),
    Role.IR: frozenset({"investor_notice"}),
    Role.IT_SEC: frozenset({"breach_notice", "situation_notice", "progress_update", "holding"}),
    Role.SPOKESPERSON: frozenset({"media_qa"}),
}
"""Note g of the table of rights: what these roles may draft (it_sec: breach and outage texts)."""
_PRICE = re.compile(r"股价|股份(?!有限公司)|股东|停牌|复牌|业绩|营收|净利润|财务|上市|证券|市值|信息披露|重大资产|减持|增持")


@dataclass(frozen=True, slots=True)
class Matter:
    """What a draft is about, as far as the chain needs it. ``correction``: one grade stricter; ``listed``: our shares trade;
    ``model``: a language model wrote in it."""

    kind: str
    grade: Grade
    incident_type: str
    text: str
    listed: bool = False
    correction: bool = False
    emergency: bool = False
    model: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """A yes for one exact text. ``person`` consents; ``recorder`` is who recorded it for them (empty: they did themselves).
    ``grade`` is the grade it was given under; ``void`` why it fell, empty while it stands."""

    id: int
    person: str
    role: Role
    version: int
    sha256: str
    at: datetime
    grade: Grade
    recorder: str = ""
    void: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """The one text in question. ``authors`` wrote any of its versions; ``dead``: this version was rejected; ``shaky`` names
    cited facts that no longer stand."""

    version: int
    sha256: str
    authors: frozenset[str]
    dead: bool = False
    shaky: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """The chain at one moment: ``signed`` by role, what is ``missing``, and what ``fell`` with its reason."""

    required: tuple[Role, ...]
    signed: Mapping[Role, Signature]
    missing: tuple[Role, ...]
    fell: tuple[tuple[Signature, str], ...]

    @property
    def complete(self) -> bool:
        """Every required role has a valid signature of its own person."""
        return bool(self.required) and not self.missing


def required_roles(matter: Matter) -> tuple[Role, ...]:
    """The roles whose signature this text needs, in the order they are named; a model's words need two people at least."""
    if matter.emergency:
        return EMERGENCY
    grade = Grade(min(Grade.RED, matter.grade + 1)) if matter.correction else matter.grade
    roles = list(CHAIN[grade])
    if matter.kind == "breach_notice" or matter.incident_type in TECHNICAL:
        roles.append(Role.IT_SEC)
    if touches_price(matter):
        roles.append(Role.IR)
    if matter.kind == "staff_letter":
        roles.append(Role.HR)
    if matter.model and len(roles) < 2:
        roles.append(Role.LEGAL)
    return tuple(roles)


def touches_price(matter: Matter) -> bool:
    """Whether it may move the price of our shares."""
    if matter.kind == "investor_notice":
        return True
    return matter.listed and (matter.incident_type == "investor" or bool(_PRICE.search(matter.text)))


def standing(matter: Matter, text: Text, signatures: Sequence[Signature], now: datetime) -> Standing:
    """Judges the chain anew from what is stored: no stored state makes a text approved.

    A signature counts for its exact text only, for 12 h, while the grade has not risen above the one it was given under, while
    every cited fact stands; never an author's (but the duty officer's on the emergency path, where the template is the author);
    one person fills one role.
    """
    required = required_roles(matter)
    signed: dict[Role, Signature] = {}
    fell: list[tuple[Signature, str]] = []
    for it in sorted(signatures, key=lambda s: s.id):
        why = _why_not(it, matter, text, now)
        role = _fills(it, matter)
        if why:
            fell.append((it, why))
        elif role in required and role not in signed and it.person not in {s.person for s in signed.values()}:
            signed[role] = it
    return Standing(required, signed, tuple(role for role in required if role not in signed), tuple(fell))


def _fills(it: Signature, matter: Matter) -> Role:
    return Role.LEGAL if matter.emergency and it.role in EMERGENCY_SECOND else it.role


def _why_not(it: Signature, matter: Matter, text: Text, now: datetime) -> str:
    if it.void:
        return it.void
    if it.sha256 != text.sha256 or it.version != text.version:
        return "稿件改过了"
    if text.dead:
        return "这一版被退回过"
    if it.person in text.authors and not (matter.emergency and it.role is Role.DUTY and not matter.model):
        return "起草人不能签"
    if it.recorder and it.recorder in text.authors:
        return "起草人不能代录"
    if text.shaky:
        return f"引用的{'、'.join(text.shaky)}变了"
    if matter.grade > it.grade:
        return f"级别升到{matter.grade.label}"
    if now >= it.at + LAPSE:
        return "超过12小时"
    return ""


def role_to_sign(
    person: Person, lent: Collection[Role], wanted: Role | None, now_missing: Sequence[Role], matter: Matter
) -> Role | None:
    """The missing role that this person fills: the one named, else the first of the chain. ``lent``: roles delegated to them for
    this draft. None where none fits."""
    own = {*person.roles, *lent}
    fits = [role for role in now_missing if role in own]
    if matter.emergency and Role.LEGAL in now_missing and Role.LEGAL not in fits and Role.PR in own:
        fits.append(Role.PR)
    if wanted is not None:
        return wanted if wanted in fits else None
    return fits[0] if fits else None


def may_write(person: Person, kind: str, incident_type: str) -> bool:
    """Whether this person may draft, revise and submit a text of this type (row ``draft`` of the table, note g)."""
    held: Right = right("draft", person.roles)
    if held.verdict is Verdict.NO:
        return False
    if held.note != "g":
        return True
    for role in person.roles & set(WRITES):
        if kind not in WRITES[role]:
            continue
        if role is not Role.IT_SEC or kind == "breach_notice" or incident_type in TECHNICAL:
            return True
    return False


def who_writes(kind: str) -> str:
    """Who may draft a text of this type, for a refusal."""
    roles = [Role.PR, Role.LEGAL, Role.COMMANDER, *(role for role, kinds in WRITES.items() if kind in kinds)]
    return "、".join(role.label for role in roles)


def progress(state: Standing) -> str:
    """「公关✓王磊 法务✓何静 业务… 指挥…」: what the room sees."""
    parts = []
    for role in state.required:
        it = state.signed.get(role)
        label = "法务或公关" if state.required == EMERGENCY and role is Role.LEGAL else role.label
        parts.append(f"{it.role.label if it else label}{f'✓{it.person}' + ('（代）' if it.recorder else '') if it else '…'}")
    return " ".join(parts)


def audience_of(kind: str) -> str:
    """Who a text of this type speaks to first."""
    return KINDS[kind].audience
