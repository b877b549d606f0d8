"""A statement's small world: one incident of a grade, its people, a clean draft; no sources and no analysis."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot import timekeeping
from bot.commands import Commands, load_handlers
from bot.config import Config, furnish
from bot.model.grade import Grade
from bot.model.message import Answer, Message
from bot.model.people import Person, Role
from bot.store import incidents, publications, statements, timers, work
from bot.store.db import Store
from bot.store.publications import Publication
from bot.store.statements import Draft
from tests.conftest import START, Said, _take_out

HANDLERS = load_handlers()
FACT = "就诊1例，情况稳定"


class Desk:
    """People type, the clock moves, the process dies and comes back; what the house said by itself is in ``out``."""

    def __init__(self, config: Config, *, grade: str = "orange", kind: str = "food_safety", **house: Any) -> None:
        self.config = config
        self.house = replace(furnish(config), **house)
        self.now = START
        self.out: list[Said] = []
        self.said: list[Said] = []
        self.seen: Watched | None = None
        self._ids = 0
        self._open()
        self.run(self._furnish, grade, kind)

    def _open(self) -> None:
        self.store = Store(Path(self.config.bot.data_dir))
        self.store.open()
        self.commands = Commands(self.store, self.house, lambda: self.now, HANDLERS)

    def _furnish(self, db: Any, grade: str, kind: str) -> None:
        made = incidents.open_new(db, title="奶粉批次反映皮疹", at=self.now, by="望楼", suggested=Grade.of(grade), why="")
        incidents.change(
            db, made.id, "grade", at=self.now, by="张敏", grade=Grade.of(grade), peak=Grade.of(grade), type=kind, owner="李雷"
        )
        work.add_fact(
            db, incident=made.id, text=FACT, state="confirmed", source="医院", by="林工", at=self.now, judged_by="林工"
        )
        task, _ = work.add_task(db, incident=made.id, text="封存留样", assignee="林工", by="张敏", at=self.now, due_at=None)
        work.change_task(db, task, "task_done", at=self.now, by="林工", state="done")

    def run(self, change: Any, *args: Any, **kwargs: Any) -> Any:
        return self.store.run_now(change, *args, **kwargs)

    def close(self) -> None:
        self.store.close()

    def crash(self) -> None:
        """The process ends and starts again; nothing but the database is left."""
        self.store.close()
        self._open()

    def say(self, text: str, by: str, *, room: str = "危机室", id: str = "") -> str:
        """Somebody types a line (``room=""``: in private); the answer's text."""
        said = "\n".join(post.text for post in self.answer(text, by, room=room, id=id).posts)
        assert "程序出错" not in said, text
        return said

    def answer(self, text: str, by: str, *, room: str = "危机室", id: str = "") -> Answer:
        self._ids += 1
        message = Message("local", id or f"t{self._ids}", room, by, text, self.now, addressed=True)
        answer = self.run(lambda db: self.commands._answer(db, message))
        self.now += timedelta(seconds=1)
        self.collect()
        return answer

    def later(self, **length: float) -> None:
        """The clock moves on; what falls due on the way fires at its moment."""
        to = self.now + timedelta(**length)
        while True:
            due = self.run(timers.next_due)
            self.now = max(self.now, min(due, to)) if due else to
            self.run(timekeeping.fire, self.house, self.now)
            self.collect()
            if self.now >= to:
                return

    def collect(self) -> None:
        for row in self.run(_take_out, self.now):
            said = Said(row.room or f"@{row.person}", row.kind, row.reason, row.post.text, row.post.card, row.id, row.incident)
            self.out.append(said)
            self.said.append(said)
        if self.seen:
            self.seen.look()

    def heard(self, place: str, part: str) -> bool:
        """Whether something with these words went to a room or ``@NAME``; what was said is forgotten."""
        out, self.out = self.out, []
        return any(part in s.text and s.to == place for s in out)

    def draft(self, number: int = 1) -> Draft:
        return self.run(statements.get, number)  # type: ignore[no-any-return]

    def publications(self, number: int = 1) -> list[Publication]:
        return self.run(publications.of_draft, number)  # type: ignore[no-any-return]

    def clean_draft(self, by: str = "张敏") -> Draft:
        """A holding draft that the linter passes."""
        self.say("起草首发 #1", by)
        self.say(f"改 D{self._last()} 受影响的人是消费者，渠道小红书，下次通报今天18:00，官网", by)
        return self.draft(self._last())

    def _last(self) -> int:
        return max(d.id for d in self.run(statements.of_incident, 1))

    def in_review(self, by: str = "张敏") -> Draft:
        """The same, before its signers."""
        made = self.clean_draft(by)
        self.say(f"送审 D{made.id}", by)
        self.out.clear()
        return self.draft(made.id)

    def approved(self) -> Draft:
        """Signed by everybody who must."""
        made = self.in_review()
        for name in ("王磊", "何静", "林工", "陈总"):
            if self.draft(made.id).state == "review":
                self.say(f"同意 D{made.id}", name, room="")
        self.out.clear()
        return self.draft(made.id)

    def handed(self, channels: str = "微博+官网") -> Draft:
        """Confirmed with its code and given to the operators."""
        made = self.approved()
        self.say(f"发布 D{made.id} {channels}", "王磊")
        self.say(f"确认 {made.code}", "王磊")
        self.out.clear()
        return self.draft(made.id)


CHAIN = {
    Grade.BLUE: {Role.PR},
    Grade.YELLOW: {Role.PR, Role.LEGAL},
    Grade.ORANGE: {Role.PR, Role.LEGAL, Role.BIZ, Role.COMMANDER},
    Grade.RED: {Role.PR, Role.LEGAL, Role.BIZ, Role.COMMANDER},
}


class Watched:
    """Looks, after everything that happens, at what has left the house; knows the rules by itself, not from the house."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.handed: dict[int, str] = {}
        self.kinds: set[str] = set()
        self._texts: dict[tuple[int, int], str] = {}
        self._signed = 0

    def look(self) -> None:
        """Nothing went out that should not, nothing signed is lost, no text was changed in place."""
        self.desk.run(self._look)

    def _look(self, db: Any) -> None:
        for draft, version, text, sha in db.execute("SELECT draft, version, text, sha256 FROM versions"):
            assert hashlib.sha256(text.encode()).hexdigest() == sha
            assert self._texts.setdefault((draft, version), text) == text
        signed = db.execute("SELECT count(*) FROM signatures").fetchone()[0]
        assert signed >= self._signed, "a signature was lost"
        self._signed = signed
        rows = publications.in_state(db, "queued", "handed", "calling", "unknown", "released", "taken_down")
        places = [(p.sha256, p.channel) for p in rows]
        assert len(places) == len(set(places)), "released twice"
        for p in rows:
            if p.id not in self.handed:
                self._first_sight(db, p)
            assert self.handed[p.id] == p.sha256

    def _first_sight(self, db: Any, p: Publication) -> None:
        draft = statements.get(db, p.draft)
        assert (draft.version, draft.sha256) == (p.version, p.sha256)
        assert not self.desk.house.drill
        assert not draft.held
        assert not db.execute(
            "SELECT 1 FROM versions WHERE draft = ? AND sha256 = ? AND state = 'rejected'", (p.draft, p.sha256)
        ).fetchone()
        assert all(work.fact(db, n).state == "confirmed" for n in draft.facts)
        live = [s for s in statements.signatures(db, p.draft) if not s.void and s.sha256 == p.sha256 and s.version == p.version]
        authors = {row[0] for row in db.execute("SELECT by FROM versions WHERE draft = ?", (p.draft,))}
        incident = incidents.get(db, draft.incident)
        grade = incident.grade or max(g for g in (incident.peak, incident.suggested) if g)
        if draft.emergency:
            assert draft.type == "holding"
            assert {s.role for s in live} & {Role.LEGAL, Role.PR}
            assert any(s.role is Role.DUTY for s in live)
            authors -= {s.person for s in live if s.role is Role.DUTY}
        else:
            needed = CHAIN[Grade(min(4, grade + 1)) if draft.corrects else grade]
            needed = needed | ({Role.IT_SEC} if incident.type in ("data_breach", "outage") else set())
            assert needed <= {s.role for s in live}, f"{needed} of {live}"
        assert not (draft.model and draft.emergency)
        assert not draft.model or len({s.person for s in live} - authors) >= 2, "a model's words with fewer than two people"
        lent = {(role, name) for role, _, name in statements.lent(db, p.draft)}
        for s in live:
            person = self.desk.house.person(s.person)
            assert person
            assert person.has(s.role) or (s.role, s.person) in lent, f"{s.person} has no such role"
            assert s.person not in authors, "an author signed"
            assert s.recorder not in authors, "an author recorded a yes"
            assert s.grade >= grade, "the grade rose"
            assert p.at - s.at < timedelta(hours=12), "it lapsed"
        assert len({s.person for s in live}) == len(live), "one person, two roles"
        assert any(p.by not in (s.person, s.recorder) for s in live), "nobody but the releaser signed"
        self.handed[p.id] = p.sha256
        self.kinds |= {"emergency"} if draft.emergency else {"correction"} if draft.corrects else {"plain"}
        self.kinds |= {"by a model"} if draft.model else set()
        self.kinds |= {"cited"} if draft.facts else set()
        self.kinds |= {"lent"} if any((s.role, s.person) in lent for s in live) else set()
        self.kinds |= {"by phone"} if any(s.recorder for s in live) else set()


def with_person(house: Any, person: Person) -> tuple[Person, ...]:
    """Everybody, and one more (or the same one changed)."""
    return (*(p for p in house.people if p.name != person.name), person)


def moment(hour: int, minute: int = 0) -> datetime:
    """That time of the first day in Beijing."""
    return START.replace(hour=hour - 8, minute=minute)


__all__ = ["FACT", "Desk", "Watched", "moment", "with_person"]
