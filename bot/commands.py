"""The reception: message → who is it → language → handler → change → reply, all in one transaction.

take       stored before it is acknowledged; a repeat is one row
answer     runs once: identity, rate, understanding, the handler, its reply stored with what it changed
confirm    dangerous acts wait as rows and are checked again when they run
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import logging
import pkgutil
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib.metadata import entry_points

from sqlite_utils import Database

from bot import binding, cards, confirming, following, moves, proposing, retelling
from bot.analysis import triggers
from bot.analysis.text import clean
from bot.asking import Ask, Handler, Refused, Unconfirmed, roles_of
from bot.drills.names import MARK
from bot.errors import UserError
from bot.language import lazy
from bot.language.apart import parted
from bot.language.guessing import guess
from bot.language.said import BOT_NAMES
from bot.language.understand import understand
from bot.language.verbatim import as_typed
from bot.language.verbs import verb as extra_verb
from bot.model.card import Post
from bot.model.house import House
from bot.model.intent import Intent
from bot.model.message import Answer, Message, Press, Quote
from bot.model.people import Person, Role
from bot.retelling import room_of
from bot.store import inbox, incidents, journal, outbox, pending, rooms, staff, timers
from bot.store.db import Store, savepoint

__all__ = ["Ask", "Commands", "Handler", "Refused", "Unconfirmed", "help_of", "load_handlers", "read", "roles_of"]

log = logging.getLogger("wanglou.commands")

RATE = 10
MINUTE = 60.0
READING = frozenset({"list", "status", "trend", "summary", "help", "whoami", "why", "none"})


def load_handlers() -> dict[str, Handler]:
    """Every desk of the package ``handlers`` and of installed entry points: intent → handler."""
    package = importlib.import_module("handlers")
    names = [f"handlers.{info.name}" for info in pkgutil.iter_modules(package.__path__)]
    modules = [importlib.import_module(name) for name in names] + [e.load() for e in entry_points(group="wanglou.handlers")]
    found: dict[str, Handler] = {}
    for module in modules:
        for name, handler in module.COMMANDS.items():
            if name in found:
                raise RuntimeError(f"two handlers for {name}")
            found[name] = handler
    return found


def help_of(handler: Handler) -> str:
    """The first line of a handler's docstring is its help in the chat."""
    return (inspect.getdoc(handler) or "").splitlines()[0]


class Commands:
    """The house's one door for hearing (``bot.model.message.Ear``). ``steady`` counts monotonic seconds."""

    def __init__(
        self,
        store: Store,
        house: House,
        clock: Callable[[], datetime],
        handlers: Mapping[str, Handler],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._house = house
        self._clock = clock
        self._handlers = handlers
        self._steady = steady
        self._spent: dict[tuple[str, str, str], deque[float]] = {}
        self.rehearse: Callable[[Message], Awaitable[Answer | None]] | None = None
        self.propose: Callable[[proposing.Question], Awaitable[str]] | None = None

    async def take(self, heard: Message | Press) -> None:
        """Stores what was heard; returns after the commit."""
        await self._store.run(inbox.take, heard)

    async def answer(self, heard: Message | Press) -> Answer:
        """Acts on it, once; a repeat gets the stored answer. What is said in a drill is answered there."""
        if isinstance(heard, Message) and self.rehearse and _in_drill(heard):
            await self.take(heard)
            if (stored := await self._store.read(inbox.answered, heard)) is not None:
                return stored
            if (said := await self.rehearse(heard)) is not None:
                await self._store.run(partial(inbox.answer, owed=heard.platform != "local"), heard, said)
                return said
        return await self._store.run(self._answer, heard, await self._proposal(heard))

    async def _proposal(self, heard: Message | Press) -> str:
        """What the language model makes of a line that is said to us and no command; asked before anything is changed or stored,
        so that a crash meanwhile leaves a message that was taken and not answered."""
        if self.propose is None or not isinstance(heard, Message):
            return ""
        question = await self._store.read(self._puzzle, heard)
        return await self.propose(question) if question else ""

    def _puzzle(self, db: Database, heard: Message) -> proposing.Question | None:
        """The line as the model may read it; None where it is understood, not for us, or of something confidential."""
        house = staff.staffed(db, self._house, self._clock())
        person = house.by_id(heard.platform, heard.sender)
        if heard.external or not heard.addressed or person is None or not person.member or inbox.answered(db, heard):
            return None
        if heard.room and room_of(db, house, heard.platform, heard.room) is None:
            return None
        if read(heard.text, heard.quote, house).name != "none" or crosses_red_line(heard.text):
            return None
        question = proposing.worth(db, house, person, heard)
        return None if question is None or self._too_fast(heard, "asked") else question

    async def painted(self, press: Press, post: Post | None) -> None:
        """A pressed card shows ``post`` now, or could not be painted: then the corridor out sees to it."""
        if post is None:
            await self._store.run(outbox.owe_repaint, press.parcel)
            return
        await self._store.run(outbox.repainted, press.parcel, post)

    async def leaving(self, heard: Message | Press) -> None:
        """A platform is given the answer now."""
        await self._store.run(inbox.leaving, heard)

    async def told(self, heard: Message | Press, left: Sequence[Post] = ()) -> None:
        """A platform has said the answer, but for what is ``left``: that goes by the outbox."""
        await self._store.run(retelling.settle, self._house, heard, left, self._clock())

    async def finish(self, besides: Collection[str] = ()) -> None:
        """Answers what was taken before a crash, and says what was answered and not told; both by the outbox. ``besides``:
        platforms that hand on by themselves what a crash left."""
        await self._store.run(retelling.again, self._house, self._clock(), besides)
        for heard in await self._store.read(inbox.unanswered):
            if heard.platform not in besides:
                await self._store.run(self._answer_late, heard)

    def _answer_late(self, db: Database, heard: Message | Press) -> None:
        answer = self._answer(db, heard)
        if isinstance(heard, Press) and answer.repaint:
            outbox.owe_repaint(db, heard.parcel)
        if answer.posts:
            retelling.hand_over(db, self._house, heard, answer.posts, self._clock())

    def _answer(self, db: Database, heard: Message | Press, proposal: str = "") -> Answer:
        inbox.take(db, heard)
        if (stored := inbox.answered(db, heard)) is not None:
            return stored
        answer = self._respond(db, heard, proposal)
        inbox.answer(db, heard, answer, owed=heard.platform != "local")
        return answer

    def _respond(self, db: Database, heard: Message | Press, proposal: str) -> Answer:
        if heard.external:
            return Answer()
        house = staff.staffed(db, self._house, self._clock())
        person = house.by_id(heard.platform, heard.sender)
        room = room_of(db, self._house, heard.platform, heard.room) if heard.room else None
        if isinstance(heard, Message) and (bound := self._bind(db, heard, person)):
            return bound
        if person is None:
            return self._stranger(house, heard)
        if heard.room and room is None:
            return (
                _say("这个群还没绑定。管理员在群里回：绑定 加一次性码")
                if isinstance(heard, Press) or heard.addressed
                else Answer()
            )
        line = self._line(db, heard)
        if line is None:
            return _say("这张卡已经过时了，请直接打字，如「状态」")
        line = replace(line, proposal=proposal)
        with following.touched(db):
            before = journal.last(db)
            answer = self._act(db, house, heard, person, room.name if room else "", line)
            following.reached(db, house, person, before, at=self._clock())
        return replace(answer, posts=tuple(map(cards.masked_post, answer.posts))) if room else answer

    def _stranger(self, house: House, heard: Message | Press) -> Answer:
        """Chatter is none of ours; a command, or a word to us, is answered with who can admit the sender."""
        if isinstance(heard, Message) and not heard.addressed and read(heard.text, heard.quote, house).name == "none":
            return Answer()
        admin = house.first(Role.ADMIN, Role.COMMANDER, Role.DUTY)
        who = f"请{admin.name}" if admin else "请管理员"
        return _say(f"我还不认识你（编号 {heard.sender[:40]}）。{who}在配置 [[people]] 里加上你，我才能接你的指令")

    def _bind(self, db: Database, heard: Message, person: Person | None) -> Answer | None:
        """A room is bound by the one-time code that the operator saw at start, in its group; elsewhere we say what to do."""
        local = heard.platform == "local"
        intent = extra_verb(heard.text) if (heard.addressed or local) and (heard.room or person) else None
        if intent is None or intent.name != "bind":
            return None
        group = bool(heard.room) and not local
        name = binding.room_of_code(db, intent.text("code")) if group else ""
        if not name:
            return _say(binding.how(db, self._house, group=group))
        rooms.bind(db, name, heard.platform, heard.room, at=heard.at, by=person.name if person else heard.sender)
        binding.bound(db, name)
        return _say(f"已绑定：这个群就是「{name}」，预警会发到这里。回「帮助」看能做什么")

    def _line(self, db: Database, heard: Message | Press) -> _Line | None:
        """What was typed, or the typed twin of the button that was pressed."""
        if isinstance(heard, Message):
            return _Line(heard.text, heard.quote, heard.platform, heard.addressed)
        if heard.verb:
            return _Line(heard.verb)
        row = outbox.get(db, heard.parcel)
        card = row.post.card if row else None
        if card is None:
            return None
        incident = incidents.find(db, card.incident) if card.incident else None
        offered = (*card.buttons, *(cards.ever_offered(incident) if incident else ()))
        button = next((b for b in offered if b.key == heard.key), None)
        return _Line(button.verb.replace("{choice}", heard.choice), incident=card.incident) if button else None

    def _act(self, db: Database, house: House, heard: Message | Press, person: Person, room: str, line: _Line) -> Answer:
        if isinstance(heard, Message) and (off := confirming.called_off(db, line.text, person.name, room, self._clock())):
            return _say(off)
        intent = confirming.by_code(db, line.text, self._clock()) or read(line.text, line.quote, self._house)
        if intent.name == "none" and person.member and crosses_red_line(line.text):
            intent = Intent("red_line", {})
        if intent.name == "none":
            intent = self._proposed(db, line, intent)
        if intent.name == "none":
            return self._silence_or_guess(line)
        intent = _as_typed(intent, line)
        if heard.platform != "local" and intent.name not in READING and self._too_fast(heard, "acted"):
            return _say("一分钟内指令太多了，请稍等再发")
        ask = Ask(
            db=db,
            house=house,
            person=person,
            room=room,
            intent=intent,
            text=line.text,
            at=self._clock(),
            quote=line.quote.text if line.quote else "",
            quote_sender=line.quote.sender if line.quote else "",
            quote_id=line.quote_key,
            card_incident=line.incident or (_number_in(line.quote.text) if line.quote else None),
        )
        answer = self.run(confirming.meant(ask))
        if not answer.posts and isinstance(heard, Message) and line.addressed and intent.name == "approve":
            answer = _say("没有等你签的稿件。要签哪份请带编号，如：同意 D3")
        return replace(answer, repaint=self._repaint(db, heard)) if isinstance(heard, Press) else answer

    def run(self, ask: Ask) -> Answer:
        """Runs one command, or several in order; the first failure, refusal or question stops the rest."""
        if ask.intent.name == "multi":
            return self._several(ask)
        try:
            with savepoint(ask.db, "command"):
                return self._one(ask)
        except Refused as refusal:
            self._refused(ask, refusal)
            return _say(str(refusal))
        except UserError as error:
            return _say(str(error))
        except Unconfirmed as wish:
            for keep in ask.keeps:
                keep()
            return self._ask_to_confirm(ask, wish)
        except Exception:
            log.exception("command %r failed", ask.intent.name)
            return _say("没办成，什么都没改：程序出错，已记入日志。请换个说法再试，或告知管理员")

    def _refused(self, ask: Ask, refusal: Refused) -> None:
        """A denial is logged, and the wish goes to who may."""
        why = str(refusal)[:200]
        with journal.act(
            ask.db, "refused", at=ask.at, by=ask.person.name, incident=ask.about(), why=why, intent=ask.intent.name
        ):
            pass
        confirming.pass_on(ask, refusal)

    def _ask_to_confirm(self, ask: Ask, wish: Unconfirmed) -> Answer:
        try:
            return confirming.wait(ask, wish)
        except UserError as error:
            return _say(str(error))

    def _one(self, ask: Ask) -> Answer:
        if ask.intent.name == "confirm":
            return self._confirm(ask)
        if ask.intent.name == "proposed":
            return self._take_up(ask)
        if ask.intent.name == "which":
            numbers = "、".join(f"{ask.intent.text('sign') or '#'}{n}" for n in ask.intent.slots["numbers"])
            raise UserError(f"一行里有{numbers}，没有做。请一件一行分开发")
        handler = self._handlers.get(f"{ask.intent.name} {ask.intent.text('op')}") or self._handlers.get(ask.intent.name)
        if handler is None:
            raise UserError("这一项这里不办。回「帮助」看现在能做什么")
        said = handler(ask)
        if isinstance(said, Answer):
            return said
        post = said if isinstance(said, Post) else Post(said)
        asides = "".join(dict.fromkeys(ask.asides))
        return Answer((replace(post, text=f"{post.text}\n{asides}") if asides and post.card is None else post,))

    def _several(self, ask: Ask) -> Answer:
        rows, posts, stopped = [], [], False
        actions = ask.intent.slots.get("actions") or []
        for n, (name, slots) in enumerate(actions, 1):
            if stopped:
                rows.append(f"{n}– 没做")
                continue
            try:
                with savepoint(ask.db, f"part{n}"):
                    answer = self._one(replace(ask, intent=Intent(name, slots)))
                first = answer.posts[0].text.splitlines()[0] if answer.posts else "好"
                rows.append(f"{n}✓{first}")
                posts += [post for post in answer.posts if post.card or post.chart or post.paper]
            except UserError as error:
                if isinstance(error, Refused):
                    self._refused(replace(ask, intent=Intent(name, slots)), error)
                rows.append(f"{n}✗{error}")
                stopped = True
            except Unconfirmed as wish:
                posts += self._ask_to_confirm(replace(ask, intent=Intent(name, slots)), wish).posts
                rows.append(f"{n}…等确认")
                stopped = True
        return Answer((Post("\n".join(rows)), *posts))

    def _proposed(self, db: Database, line: _Line, intent: Intent) -> Intent:
        """The command that the model proposes for a line that is none, where our own reader reads it as the one it is meant to be
        and it lowers no grade."""
        quote = line.quote.text if line.quote else ""
        people = [p.name for p in self._house.people]
        command, name = proposing.command(line.proposal, line.text, quote, people=people, bot=self._house.name)
        meant = read(command, None, self._house) if command else intent
        about = incidents.find(db, meant.number("incident") or 0)
        lowers = meant.grade and about and about.grade and meant.grade < about.grade
        return Intent("proposed", {"line": command}) if command and meant.name == name and not lowers else intent

    def _take_up(self, ask: Ask) -> Answer:
        """Asks the person whether a proposed command is meant; once confirmed it is as if it had been typed."""
        line = ask.intent.text("line")
        meant = replace(ask, intent=read(line, None, self._house), text=line, confirmed=False)
        number = meant.intent.number("incident")
        about = incidents.find(ask.db, number) if number else None
        fingerprint = moves.fingerprint(about) if about and ask.sees(about) else line
        code = hashlib.sha256(f"{ask.at.isoformat()} {ask.person.name} {line}".encode()).hexdigest()[:4].upper()
        ask.confirm(f"你是想说：「{line}」？", fingerprint=fingerprint, code=code)
        with journal.act(ask.db, "proposal", at=ask.at, by=ask.person.name, incident=number, line=line, model=ask.house.model):
            pass
        return self.run(meant)

    def _confirm(self, ask: Ask) -> Answer:
        """Runs the act that waits for this person here, checked again as if it were typed now."""
        if other := confirming.of_another(ask):
            pending.finish(ask.db, other.id, "answered_by_another")
            return _say(f"这一步要{other.person}本人确认，现已作废。仍要做，请{other.person}重新发一次指令")
        act = confirming.chosen(ask)
        if confirming.refused(ask):
            return confirming.turn_down(ask, act)
        asker = ask.house.person(act.person)
        if asker is None:
            raise UserError(f"{act.person} 已不在名单里，这件事作废")
        pending.finish(ask.db, act.id, "done")
        timers.end_timers(ask.db, f"lapse:{act.id}", ask.at, "已确认")
        again = replace(
            ask,
            person=asker,
            intent=Intent(act.verb, act.body["slots"]),
            text=act.body["text"],
            quote=act.body["quote"],
            quote_sender=act.body["quote_sender"],
            card_incident=act.body["card"],
            confirmed=False,
            by=ask.person if act.by else None,
        )
        try:
            with savepoint(ask.db, "probe"):
                self._one(again)
                raise UserError("这件事已经不需要确认了")
        except Unconfirmed as wish:
            if wish.fingerprint != act.fingerprint:
                raise UserError("情况已经变了，这次确认作废。请重新发一次指令") from None
        answer = self._one(replace(again, confirmed=True))
        if act.by and not act.room:
            for post in answer.posts:
                outbox.put(ask.db, post, at=ask.at, kind="notice", reason="confirmed", person=act.person)
        return answer

    def _silence_or_guess(self, line: _Line) -> Answer:
        names, people = (self._house.name, *BOT_NAMES), tuple(p.name for p in self._house.people)
        nearest = guess(line.text, bot_names=names, people=people, quote=line.quote) if line.addressed else ""
        return _say(f"没看懂。想说「{nearest}」吗？") if nearest else Answer()

    def _too_fast(self, heard: Message | Press, what: str) -> bool:
        """More than ten of one person in a minute: commands (``acted``), or lines that a model is asked about (``asked``)."""
        spent, now = self._spent.setdefault((heard.platform, heard.sender, what), deque()), self._steady()
        while spent and now - spent[0] >= MINUTE:
            spent.popleft()
        if len(spent) >= RATE:
            return True
        spent.append(now)
        return False

    def _repaint(self, db: Database, press: Press) -> Post | None:
        """The pressed card as it is true now: an alert card follows its incident."""
        row = outbox.get(db, press.parcel)
        if row is None or row.post.card is None or row.post.card.kind != "alert" or row.incident is None:
            return None
        incident = incidents.find(db, row.incident)
        if incident is None:
            return None
        post = cards.follow(row.post.card, incident, incidents.row(db, incident.id))
        outbox.repaint(db, row.id, post, outbox.Paint.PRESSED)
        return post


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    quote: Quote | None = None
    platform: str = ""
    addressed: bool = True
    incident: int | None = None
    proposal: str = ""

    @property
    def quote_key(self) -> str:
        """The quoted message's identity over all platforms; empty where the platform gives none."""
        return f"{self.platform}:{self.quote.id}" if self.quote and self.quote.id else ""


def read(text: str, quote: Quote | None, house: House) -> Intent:
    """Intent and slots of a line: the 23 intents first, the further verbs where those say none; each incident named gets its own."""
    names, people = (house.name, *BOT_NAMES), tuple(p.name for p in house.people)
    intent = understand(text, bot_names=names, people=people, quote=quote)
    if intent.name == "none":
        intent = extra_verb(text, bot_names=names, people=people, quote=quote) or intent
    return parted(intent, text, people)


def warm(house: House) -> None:
    """Compiles and reads what understanding needs (a third of a second), so that the first command waits no longer than others."""
    lazy.compile_all()
    for line in ("列表", "随便说说"):
        read(line, None, house)
        crosses_red_line(line)


def _as_typed(intent: Intent, line: _Line) -> Intent:
    """The intent with its words punctuated as they were typed, in each part of a line with several commands too."""
    originals = (line.text, line.quote.text if line.quote else "")
    slots = as_typed(dict(intent.slots), *originals)
    if parts := slots.get("actions"):
        slots["actions"] = [[name, as_typed(dict(part), *originals)] for name, part in parts]
    return replace(intent, slots=slots)


def _in_drill(heard: Message) -> bool:
    """Said to the drill: it begins with 【演练】, or quotes what the drill said."""
    return MARK in heard.text[:24] or bool(heard.quote and heard.quote.text.lstrip("「").startswith(MARK))


def crosses_red_line(text: str) -> bool:
    """Whether a plain line tells of what fires at once: an authority calls, people gather, our own site shows what it must not.

    No command, and not for ``read``: a member who says it in the room reports it (model transcript, 11:17)."""
    return len(text) < 200 and any(claim.immediate for claim in triggers.claims(clean(text), tier=None, ours=()))


def _number_in(quote: str) -> int | None:
    """The incident number in a quoted message of ours."""
    found = re.search(r"[#＃](\d{1,6})", quote)
    return int(found[1]) if found else None


def _say(text: str) -> Answer:
    return Answer((Post(text),))
