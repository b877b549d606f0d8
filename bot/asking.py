"""One command on its way to its desk: who asks, about what, and what stands in the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlite_utils import Database

from bot import cards, moves, saying
from bot.errors import UserError
from bot.model.card import Post
from bot.model.house import House
from bot.model.incident import Incident, Ledger, Move, missing, right_for, who_may_move
from bot.model.intent import Intent
from bot.model.message import Answer
from bot.model.people import Person, Right, Role, Verdict, right, who_may
from bot.store import evidence, incidents, mentions, statements, work
from bot.store.evidence import Evidence

_THAT_ONE = re.compile(r"(?:那|这)(?:一)?(?:件|个|事|边|起|摊)?(?:事儿?|事情)?$")
"""「欠薪那件」 is about 欠薪."""


@dataclass(frozen=True)
class Ask:
    """One command on its way to its handler. ``room`` is the room's name, empty in private; ``by`` who confirmed, where one did.

    ``keeps`` are changes that stand although the command itself has to wait for a confirmation (a wish for red). ``asides`` end the
    answer: how the number was read.
    """

    db: Database
    house: House
    person: Person
    room: str
    intent: Intent
    text: str
    at: datetime
    quote: str = ""
    quote_sender: str = ""
    quote_id: str = ""
    card_incident: int | None = None
    confirmed: bool = False
    by: Person | None = None
    keeps: list[Callable[[], None]] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)

    @property
    def quoted(self) -> str:
        """What was quoted, as a key: its message's id, else its sender and words; empty where nothing was."""
        return self.quote_id or (f"said:{self.quote_sender}:{self.quote.strip()[:300]}" if self.quote.strip() else "")

    def incident(self, slot: str = "incident", *, merged: bool = False) -> Incident:
        """The object: the number, the quoted card, the topic words, the room's only open incident, in that order; never a guess.

        The number of one that was merged means the one it went into; with ``merged`` it means itself.
        """
        number = self.intent.number(slot)
        number = self.card_incident if number is None else number
        if number is not None:
            found = self.visible(incidents.get(self.db, number))
            return found if merged else self._followed(found)
        candidates = [i for i in incidents.listed(self.db) if self.sees(i)]
        if topic := self.intent.text("topic") or self.intent.text("keyword"):
            named = _about(self.db, candidates, topic)
            if not named:
                raise UserError(f"没有未结的事件提到「{topic[:20]}」。回「列表」看编号")
            candidates = named
        if not candidates:
            raise UserError("现在没有未结的事件")
        if len(candidates) > 1:
            verb = re.split(r"[,，。;；\n]", re.sub(r"^(?:[@＠]\S+\s*)+", "", self.text).strip())[0][:12].strip()
            raise UserError(
                "是哪一件？"
                + "｜".join(cards.one_line(i) for i in candidates[:5])
                + f"\n请带上编号，如「{verb} #{candidates[0].id}」"
            )
        return candidates[0]

    def about(self) -> int | None:
        """The incident a refused line was about, for the log; None where that is not clear. Says nothing to anybody."""
        try:
            for slot, find in (("draft", self.draft), ("task", self.task), ("fact", self.fact), ("decision", self.decision)):
                if (number := self.intent.number(slot)) is not None:
                    return find(number).incident
            return self.incident().id
        except UserError:
            return None

    def _followed(self, named: Incident) -> Incident:
        found = named
        while found.merged_into is not None and self.sees(after := incidents.get(self.db, found.merged_into)):
            found = after
        if found.id != named.id:
            self.asides.append(f"（#{named.id} 已并入 #{found.id}）")
        return found

    def names_one(self) -> bool:
        """Whether the line, its quote or its card says which incident is meant."""
        return self.intent.number("incident") is not None or self.card_incident is not None or bool(self.intent.text("topic"))

    def task(self, number: int) -> work.Task:
        """A task by its number; one of an incident that this person may not know of is as if it were not there."""
        it = work.task(self.db, number)
        if not self.knows(it.incident):
            raise UserError(f"没有 T{number} 这个任务。回「我的任务」看看")
        return it

    def fact(self, number: int) -> work.Fact:
        """A fact by its number, as ``task``."""
        it = work.fact(self.db, number)
        if not self.knows(it.incident):
            raise UserError(f"没有 F{number} 这条事实。回「事实」看看")
        return it

    def decision(self, number: int) -> work.Decision:
        """A decision by its number, as ``task``."""
        it = work.decision(self.db, number)
        if not self.knows(it.incident):
            raise UserError(f"没有 J{number} 这条决策。回「决策列表」看看")
        return it

    def proposed(self) -> list[tuple[Incident, work.Decision]]:
        """The decisions nobody has taken yet, of every open incident that this person sees."""
        seen = [i for i in incidents.listed(self.db) if self.sees(i)]
        return [(i, d) for i in seen for d in work.decisions(self.db, i.id, ("proposed",))]

    def draft(self, number: int) -> statements.Draft:
        """A draft by its number, as ``task``."""
        it = statements.get(self.db, number)
        if not self.knows(it.incident):
            raise UserError(f"没有 D{number} 这份稿件")
        return it

    def piece(self, number: int) -> Evidence:
        """A piece of evidence by its number, as ``task``."""
        it = evidence.get(self.db, number)
        if not self.knows(it.incident):
            raise UserError(f"没有 Z-{number} 这件存证")
        return it

    def seen(self, number: int, otherwise: str) -> Incident:
        """The incident of that number; to who may not know of it, ``otherwise`` is all there is."""
        incident = incidents.get(self.db, number)
        if not self.sees(incident):
            raise UserError(otherwise)
        return incident

    def knows(self, number: int | None) -> bool:
        """Whether this person may read of what belongs to that incident, or to none."""
        incident = incidents.find(self.db, number) if number else None
        return incident is None or self.sees(incident)

    def visible(self, incident: Incident) -> Incident:
        """The incident, or what somebody reads who may not know of it."""
        if not self.sees(incident):
            raise UserError(f"没有 #{incident.id} 这个事件。回「列表」看未结的")
        return incident

    def sees(self, incident: Incident) -> bool:
        """Confidential ones are seen by owner, co-workers, commander and people named."""
        return not incident.confidential or (saying.may_know(incident, self.person) and not self.room)

    def named(self, name: str) -> Person:
        """The person of that name; ``UserError`` where nobody, or more than one, fits."""
        if found := self.house.person(name):
            return found
        fits = [p for p in self.house.people if p.name in name or name in p.name]
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise UserError(f"「{name[:12]}」是哪一位？{'、'.join(p.name for p in fits[:5])}")
        raise UserError(f"名单里没有「{name[:12]}」。现有：{'、'.join(p.name for p in self.house.people[:12])}")

    def require(self, verb: str, incident: Incident | None = None) -> str:
        """The note of this person's right for ``verb``; a refusal says who may."""
        held = right(verb, self.person.roles, owner=bool(incident and incident.owned_by(self.person)))
        if held.verdict is Verdict.NO:
            raise Refused(f"你（{roles_of(self.person)}）不能做这一步。可以的是：{who_may(verb)}")
        return held.note

    def may_move(self, move: Move, incident: Incident) -> Right:
        """This person's right for a move; a refusal says who may."""
        held = right_for(move, incident, self.person)
        if held.verdict is Verdict.NO:
            raise Refused(
                f"你（{roles_of(self.person)}）不能{move.said} #{incident.id}。可以的是：{who_may_move(move, incident)}"
            )
        return held

    def check(self, move: Move, incident: Incident, known: Ledger) -> Verdict:
        """Rights, then what is missing; a refusal names who may, or what lacks and who supplies it."""
        held = right_for(move, incident, self.person)
        if held.verdict is Verdict.NO:
            raise Refused(
                f"你（{roles_of(self.person)}）不能{move.said} #{incident.id}。可以的是：{who_may_move(move, incident)}"
            )
        if lines := missing(move, incident, known):
            raise UserError(f"#{incident.id} 还不能{move.said}：" + "；".join(lines))
        return held.verdict

    def confirm(self, echo: str, *, fingerprint: str, code: str = "", by: str = "") -> None:
        """Goes on when the act was confirmed; else stops here with a short echo and waits."""
        if not self.confirmed:
            raise Unconfirmed(echo, fingerprint, code, by)

    def hint(self, incident: Incident) -> str:
        """「下一步：研判、定级」: at most two verbs that are legal for this person in this state; empty where there are none."""
        verbs = moves.hints(self.db, incident, self.person, self.at)
        return f"。下一步：{'、'.join(verbs)}" if verbs else ""

    def tell(self, incident: Incident, text: str, reason: str) -> None:
        """Says it in the rooms that do not read the answer itself."""
        post = Post(text)
        saying.tell_rooms(self.db, self.house, incident, post, at=self.at, kind="notice", reason=reason, besides=self.room)

    def tell_one(
        self, name: str, post: Post | str, reason: str, incident: Incident | None = None, *, kind: str = "notice"
    ) -> bool:
        """Says something to one person in private; False where this person may not know of the incident."""
        said = post if isinstance(post, Post) else Post(post)
        person = self.house.person(name)
        if person is None or (incident and incident.confidential and not saying.may_know(incident, person)):
            return False
        saying.tell_person(self.db, name, said, at=self.at, kind=kind, reason=reason, incident=incident)
        return True


class Refused(UserError):
    """A right that the person does not have; it is audited. ``wish``: whom to ask instead, and the line that would do it."""

    def __init__(self, text: str, wish: tuple[str, str] | None = None) -> None:
        super().__init__(text)
        self.wish = wish


class Unconfirmed(Exception):
    """A dangerous act that waits for a confirmation. ``by`` names who must give it: empty = the same person, else a role."""

    def __init__(self, echo: str, fingerprint: str, code: str, by: str) -> None:
        super().__init__(echo)
        self.echo = echo
        self.fingerprint = fingerprint
        self.code = code
        self.by = by


Handler = Callable[[Ask], "Answer | Post | str"]


def roles_of(person: Person) -> str:
    """「监测、公关」."""
    return "、".join(role.label for role in Role if role in person.roles) or "无角色"


def _about(db: Database, among: Sequence[Incident], topic: str) -> list[Incident]:
    """The incidents a topic means: those whose title or hot words hold it; else those that say its letters with little between
    (「撞人」: 「撞了人」); else those with mentions that say it."""
    topic = _THAT_ONE.sub("", topic) or topic
    words = {incident.id: _words(db, incident) for incident in among}
    loose = re.compile(".{0,2}".join(map(re.escape, topic))) if len(topic) > 1 else re.compile(re.escape(topic))
    return (
        [i for i in among if any(topic in text for text in words[i.id])]
        or [i for i in among if any(loose.search(text) for text in words[i.id])]
        or [i for i in among if any(mentions.mentioning(db, s, topic)[0] for s in mentions.strands_of(db, i.id))]
    )


def _words(db: Database, incident: Incident) -> list[str]:
    rows = [mentions.strand(db, strand) for strand in mentions.strands_of(db, incident.id)]
    return [text for text in (incident.title, *(word for row in rows for word in (row["title"], *row["words"]))) if text]
