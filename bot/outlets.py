"""Which channels a text goes to: those its readers use; where none of these is configured, a person tells them by hand.

A letter (to employees, partners, investors) is not for the public channels unless somebody names one; what is for the public does
not go to the inner channel or the exchange unless named.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlite_utils import Database

from bot.drafting.kinds import KINDS
from bot.errors import UserError
from bot.model.house import Channel, House
from bot.model.people import Role
from bot.store import publications
from bot.store.statements import Draft

LETTERS = {
    "employees": (("internal", "email"), "内部", Role.HR),
    "partners": (("email",), "邮件", Role.PR),
    "investors": (("exchange",), "交易所", Role.IR),
}
"""Audience → the channels it reads, what the first of them is called, and who tells it by hand where it is not configured."""
_NOT_PUBLIC = frozenset({"internal", "exchange"})


def is_letter(draft: Draft) -> bool:
    """Whether it is for a circle of its own, so that marketing need not stop for it."""
    return KINDS[draft.type].audience in LETTERS


def usual(house: House, draft: Draft) -> tuple[Channel, ...]:
    """The channels this text goes to when nobody names one."""
    letter = LETTERS.get(KINDS[draft.type].audience)
    if letter is None:
        return tuple(c for c in house.channels if c.name not in _NOT_PUBLIC)
    names, _, _ = letter
    return tuple(c for c in house.channels if c.name in names) or _by_hand(house, draft)


def chosen(db: Database, house: House, draft: Draft, wanted: Sequence[str]) -> tuple[Channel, ...]:
    """The channels meant, without those that have the text already; ``UserError`` says which there are."""
    there = {c.name: c for c in (*_by_hand(house, draft), *house.channels)}
    if any(name != "all" and name not in there for name in wanted):
        raise UserError(f"有没配置的渠道。能发的是：{'、'.join(c.label for c in there.values()) or '无'}")
    named = tuple(there[name] for name in dict.fromkeys(wanted) if name != "all")
    wide = house.channels if "all" in wanted and not is_letter(draft) else usual(house, draft)
    had = [p for p in publications.in_state(db, *publications.OUT, "taken_down") if p.sha256 == draft.sha256]
    left = tuple(c for c in (named or wide) if c.name not in {p.channel for p in had})
    if not left and any(p.state == "taken_down" for p in had):
        raise UserError(f"{draft.name} 的原文在这些渠道发过又撤下了，不再原样发出。请先改稿")
    if not left:
        raise UserError(f"{draft.name} 在这些渠道已经交付过了，不会发第二次")
    return left


def missed(db: Database, house: House, draft: Draft) -> list[Channel]:
    """The usual channels on which a text does not stand yet; once all of it was taken down, none."""
    had = {p.channel for p in publications.of_draft(db, draft.id) if p.state != "not_released"}
    return [c for c in usual(house, draft) if c.name not in had]


def stray(draft: Draft, channels: Sequence[Channel]) -> str:
    """A warning where a letter is about to go to a channel of the public; else empty."""
    if not is_letter(draft):
        return ""
    names, _, _ = LETTERS[KINDS[draft.type].audience]
    out = [c.label for c in channels if c.name not in names]
    return f"{KINDS[draft.type].label}不是给公众的，要发到{'、'.join(out)}" if out else ""


def label(house: House, name: str) -> str:
    """The channel's name as people say it."""
    by_hand = {names[0]: words for names, words, _ in LETTERS.values()}
    return next((c.label for c in house.channels if c.name == name), by_hand.get(name, name))


def _by_hand(house: House, draft: Draft) -> tuple[Channel, ...]:
    letter = LETTERS.get(KINDS[draft.type].audience)
    if letter is None:
        return ()
    names, words, role = letter
    teller = next(iter((*house.with_role(role), *house.with_role(Role.PR), *house.with_role(Role.COMMANDER))), None)
    return (Channel(names[0], words, teller.name if teller else "", ""),)
