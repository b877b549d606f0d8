"""Who is in the room, and what each role may do (room page, section 6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

WANGLOU = "望楼"
"""Who stands in the record for what no person did."""


class Role(StrEnum):
    """The roles of the domain handbook, section 5."""

    COMMANDER = "commander"
    DUTY = "duty"
    MONITOR = "monitor"
    PR = "pr"
    LEGAL = "legal"
    CS = "cs"
    BIZ = "biz"
    IT_SEC = "it_sec"
    HR = "hr"
    IR = "ir"
    SPOKESPERSON = "spokesperson"
    LOGISTICS = "logistics"
    OBSERVER = "observer"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        """The Chinese name said in the room."""
        return LABELS[self]


LABELS = {
    Role.COMMANDER: "指挥",
    Role.DUTY: "值班长",
    Role.MONITOR: "监测",
    Role.PR: "公关",
    Role.LEGAL: "法务",
    Role.CS: "客服",
    Role.BIZ: "业务",
    Role.IT_SEC: "信息安全",
    Role.HR: "人力",
    Role.IR: "董秘",
    Role.SPOKESPERSON: "发言人",
    Role.LOGISTICS: "后勤",
    Role.OBSERVER: "旁听",
    Role.ADMIN: "管理员",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the configuration knows. ``ids`` maps a platform's name to this person's id there."""

    name: str
    roles: frozenset[Role]
    ids: tuple[tuple[str, str], ...] = ()
    phone: str = ""
    deputy: str = ""

    @property
    def member(self) -> bool:
        """True with any role but observer or admin."""
        return bool(self.roles - {Role.OBSERVER, Role.ADMIN})

    def has(self, *roles: Role) -> bool:
        """True with at least one of ``roles``."""
        return bool(self.roles & set(roles))

    def id_on(self, platform: str) -> str:
        """This person's id on ``platform``, or empty."""
        return dict(self.ids).get(platform, "")


class Verdict(StrEnum):
    """What the table says: may; may after a confirmation; may not."""

    MAY = "may"
    CONFIRM = "confirm"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Right:
    """One cell of the table. ``note`` is its letter (a-k) where there is one:

    a the receiver accepts first · b duty confirms · c the commander confirms · d not from red · e technical facts ·
    f blue and yellow · g types of section 5 · h by the chain · i emergency path · j met only · k words, or roster, only.
    """

    verdict: Verdict
    note: str = ""


COLUMNS = (*Role,)
"""Roles in the order of the table's columns; the last column of a row is the incident's owner."""

# The table of the room page, section 6: ● may, ◐ after a confirmation, – no; a letter is a note of ``Right``.
TABLE = """
                    CM  DU  MO  PR  LE  CS  BZ  IT  HR  IR  SP  LO  OB  AD  owner
read                ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●
claim               ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   –   –   ●
report              ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   –   –   ●
assign              ●   ●   –   –   –   –   –   –   –   –   –   –   –   –   ◐a
assess              ●   ●   ●   –   –   –   –   –   –   –   –   –   –   –   ●
grade               ●   ●   ◐b  –   –   –   –   –   –   –   –   –   –   –   ◐b
grade_red           ◐   ◐c  ◐c  –   –   –   –   –   –   –   –   –   –   –   ◐c
grade_lower         ◐   ◐d  –   –   –   –   –   –   –   –   –   –   –   –   –
start               ●   ●   –   –   –   –   –   –   –   –   –   –   –   –   –
mute                ●   ●   –   –   –   –   –   –   –   –   –   –   –   –   –
track               ●   ◐f  –   –   –   –   –   –   –   –   –   –   –   –   ●
resume              ●   ◐f  –   –   –   –   –   –   –   –   –   –   –   –   ●
false_alarm         ◐   ◐   ◐   –   –   –   –   –   –   –   –   –   –   –   –
merge               ◐   ◐   ◐   –   –   –   –   –   –   –   –   –   –   –   ◐
escalate            ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   –   –   ●
report_outside      ◐   ◐   –   –   ◐   –   –   –   –   –   –   –   –   –   –
task                ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   –   –   ●
fact                ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   –   –   ●
confidential        ●   –   –   –   ●   –   –   –   ●   –   –   –   –   –   –
evidence            ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   –   –   ●
hold                ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   –   –   ●
fact_judge          ●   –   –   –   –   –   ●   ●e  –   –   –   –   –   –   –
decide              ●   ●f  –   –   –   –   –   –   –   –   –   –   –   –   ●f
record_decision     ●   ●   –   ●   ●   –   –   –   –   –   –   –   –   –   ●
draft               ●   ●g  –   ●   ●   –   –   ●g  ●g  ●g  ●g  –   –   –   –
approve             ◐h  ◐i  –   ◐h  ◐h  –   ◐h  ◐h  ◐h  ◐h  –   –   –   –   –
release             ◐   ◐i  –   ◐   –   –   –   –   –   –   –   –   –   –   –
record_release      ●   ●   –   ●   –   –   –   –   –   –   ●   –   –   –   –
retract_release     ◐   –   –   –   ◐   –   –   –   –   –   –   –   –   –   –
legal_clock         ●   ●   –   –   ●   –   –   ●j  –   –   –   –   –   –   –
waive               ◐   –   –   –   ◐   –   –   –   –   –   –   –   –   –   –
export              ◐   –   –   –   ◐   –   –   –   –   –   –   –   –   –   –
close               ◐   –   –   –   –   –   –   –   –   –   –   –   –   –   ◐
close_grave         ◐   –   –   –   –   –   –   –   –   –   –   –   –   –   ◐c
reopen              ●   ●   –   –   –   –   –   –   –   –   –   –   –   –   ●
review              ●   –   –   –   –   –   –   –   –   –   –   –   –   –   ●
improve             ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   –   –   ●
drill               ●   ●   –   –   –   –   –   –   –   –   –   –   –   –   –
words               ●   –   ●   –   –   –   –   –   –   –   –   –   –   ◐   –
sources             ●   –   –   –   –   –   –   –   –   –   –   –   –   ◐   –
roster              ◐   ●   –   –   –   –   –   –   –   –   –   –   –   ◐   –
roles               ◐   –   –   –   –   –   –   –   –   –   –   –   –   ◐   –
bind                ◐   –   –   –   –   –   –   –   –   –   –   –   –   ◐   –
"""

_CELL = {"●": Verdict.MAY, "◐": Verdict.CONFIRM, "–": Verdict.NO}
_RANK = {Verdict.MAY: 2, Verdict.CONFIRM: 1, Verdict.NO: 0}


@cache
def rights() -> dict[str, tuple[Right, ...]]:
    """The table, parsed: verb → one right for each role in the order of ``COLUMNS``, then the owner's."""
    rows = [line.split() for line in TABLE.strip().splitlines()[1:]]
    return {row[0]: tuple(Right(_CELL[cell[0]], cell[1:]) for cell in row[1:]) for row in rows}


def right(verb: str, roles: Collection[Role], *, owner: bool = False) -> Right:
    """The best right that these roles (and owning the incident) give for ``verb``: ● before ◐ without note before ◐ with one."""
    row = rights()[verb]
    held = [row[COLUMNS.index(role)] for role in roles]
    if owner:
        held.append(row[-1])
    return max(held, key=lambda cell: (_RANK[cell.verdict], not cell.note), default=Right(Verdict.NO))


def who_may(verb: str, *, but: str = "") -> str:
    """Who can, for a refusal: 「值班长、指挥」; ``but`` leaves out a right with that note."""
    row = rights()[verb]
    able = [(role, cell) for role, cell in zip(COLUMNS, row, strict=False) if cell.verdict is not Verdict.NO]
    names = [role.label for role, cell in able if not but or cell.note != but]
    owner = ["负责人"] if row[-1].verdict is not Verdict.NO else []
    return "、".join([*names, *owner] if len(names) < 10 else ["任一组员"])
