"""The house as it is furnished: who and what the configuration names. A change reads it; nothing changes it while running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from bot.model.grade import Grade
from bot.model.people import Person, Role


@dataclass(frozen=True, slots=True)
class Room:
    """A configured room and the lowest grade pushed into it."""

    name: str
    platform: str
    chat: str
    from_grade: Grade
    webhook: str = ""
    webhook_secret: str = ""
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Brief:
    """Who is briefed without ever opening the group, when, and from which grade at once."""

    to: tuple[str, ...]
    at: tuple[str, ...]
    from_grade: Grade
    docx: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """Where statements go out, and who hands them over. ``site``: how the address of what stands there begins, where we know."""

    name: str
    label: str
    operator: str
    connector: str
    site: str = ""


@dataclass(frozen=True)
class House:
    """People, rooms and limits. ``limits``: clock name → seconds by grade, None where that grade has no such clock.

    ``away`` and ``serving`` name who is on leave and on shift at this moment; the people stand in the order to be called.
    ``model`` is the name of the language model, empty while none is configured.
    ``drill``: this house only rehearses, so nothing may leave it.
    """

    name: str
    company: tuple[str, ...]
    full_name: str
    contact: str
    contact_hours: str
    listed: bool
    zone: tzinfo
    people: tuple[Person, ...]
    rooms: tuple[Room, ...]
    briefs: tuple[Brief, ...]
    channels: tuple[Channel, ...]
    limits: Mapping[str, Mapping[Grade, float | None]]
    hour_rate: float = 0.0
    confirm_s: float = 120.0
    second_s: float = 900.0
    digest_at: str = "08:30"
    thresholds: Any = None  # bot.analysis.grading.Thresholds
    book: Any = None  # bot.drafting.book.Book
    watch: tuple[tuple[str, str], ...] = ()
    plan: Any = None  # bot.plan.books.Plan
    away: tuple[str, ...] = ()
    serving: tuple[str, ...] = ()
    model: str = ""
    drill: bool = False

    def person(self, name: str) -> Person | None:
        """Somebody by name."""
        return next((p for p in self.people if p.name == name), None)

    def by_id(self, platform: str, id: str) -> Person | None:
        """Somebody by the id a platform knows them by; ids are compared without case."""
        wanted = id.casefold()
        return next((p for p in self.people if p.id_on(platform).casefold() == wanted and wanted), None)

    def with_role(self, *roles: Role) -> tuple[Person, ...]:
        """Everybody with at least one of these roles, in the order of the configuration."""
        return tuple(p for p in self.people if p.has(*roles))

    def first(self, *roles: Role) -> Person | None:
        """The first person of the first of these roles that anybody has."""
        return next((found[0] for role in roles if (found := self.with_role(role))), None)

    def room(self, name: str) -> Room | None:
        """A room by name."""
        return next((r for r in self.rooms if r.name == name), None)

    def limit(self, clock: str, grade: Grade | None) -> float | None:
        """The limit of a clock at a grade, in seconds; None where it has none."""
        return self.limits.get(clock, {}).get(grade) if grade else None

    def chain(self) -> tuple[str, ...]:
        """The escalation chain by roles: monitor → duty → response lead → commander."""
        steps = (Role.MONITOR, Role.DUTY, Role.PR, Role.COMMANDER)
        return tuple(dict.fromkeys(p.name for role in steps if (p := self.first(role))))
