"""Reading released pages again: does the page say what was signed, and does it go on saying so?

look    pages due → fetch (outside any transaction) → compare → one row, one line in the room, an alert where it changed
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from selectolax.lexbor import LexborHTMLParser
from sqlite_utils import Database
from yarl import URL

from bot import outlets, releasing, saying, signoff
from bot.cards import quoted
from bot.drafting.compare import Comparison, compare
from bot.errors import SourceError
from bot.fetch import Fetcher, Page
from bot.model.card import Post
from bot.model.house import House
from bot.model.people import WANGLOU, Role
from bot.store import evidence, publications, statements
from bot.store.db import Store
from bot.store.publications import PageCheck, Publication

WATCHED = timedelta(days=30)
"""A released page is read daily for this long."""
LONGEST = 20_000
"""Characters of a page kept as evidence."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A page as it was found: compared, with the hash of its bytes and the words a reader sees; ``why`` it could not be read."""

    found: Comparison
    digest: str = ""
    words: str = ""
    why: str = ""


class Released:
    """The reader of our own released pages. What strangers gave as a link is fetched as an outside address."""

    def __init__(self, store: Store, house: House, fetcher: Fetcher, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._house = house
        self._fetcher = fetcher
        self._clock = clock

    async def look(self) -> int:
        """Reads every page that is due; how many."""
        due = await self._store.read(publications.pages_due, self._clock())
        for check in due:
            it = await self._store.read(publications.get, check.publication)
            await self._store.run(self._tell, check, await self._read(it), self._clock())
        return len(due)

    async def _read(self, it: Publication) -> _Reading:
        text = (await self._store.read(statements.version, it.draft, it.version))["text"]
        try:
            page = await self._fetcher.get(it.url, trusted=self._own_site(it))
        except SourceError as error:
            return _Reading(Comparison("unreadable"), why=str(error))
        words = words_of(page)
        return _Reading(compare(text, words), hashlib.sha256(page.body).hexdigest(), words)

    def _own_site(self, it: Publication) -> bool:
        """The link leads to the site that the configuration names for this channel, so it may be in our own network."""
        site = next((c.site for c in self._house.channels if c.name == it.channel), "")
        return bool(site) and _lies_under(it.url, site)

    def _tell(self, db: Database, check: PageCheck, read: _Reading, now: datetime) -> None:
        found = read.found
        it = publications.get(db, check.publication)
        if not publications.page_read(db, check, found.verdict, now) or it.state != "released":
            return
        self._next(db, check, it, now)
        draft = statements.get(db, it.draft)
        snapshot = read.digest or it.snapshot
        publications.change(
            db, it, "page_read", at=now, by=WANGLOU, incident=draft.incident, why=f"{check.step} {found.verdict}",
            compared=found.verdict, snapshot=snapshot,
        )  # fmt: skip
        if found.verdict == it.compared:
            return
        text = self._words(it, read) + self._keep(db, it, read, draft.incident, now)
        if found.verdict == "same" and draft.state == "released" and self._all_same(db, draft.id):
            text = releasing.sum_up(db, self._house, draft, now)
        drifted = found.verdict == "differs"
        incident = signoff.incident_of(db, draft)
        if incident:
            kind, reason = ("alert", "drift") if drifted else ("notice", "compared")
            saying.tell_rooms(db, self._house, incident, Post(text), at=now, kind=kind, reason=reason)
        if drifted:
            for person in self._house.with_role(Role.PR, Role.LEGAL, Role.COMMANDER):
                saying.tell_person(
                    db, person.name, Post(text), at=now, kind="notice", reason="drift", incident=incident, urgent=True
                )

    def _all_same(self, db: Database, draft: int) -> bool:
        out = [p for p in publications.of_draft(db, draft) if p.state == "released"]
        return len(out) > 1 and all(p.compared == "same" for p in out)

    def _keep(self, db: Database, it: Publication, read: _Reading, incident: int | None, now: datetime) -> str:
        """What the page said is evidence, once for each state of it."""
        if not read.digest:
            return ""
        label = outlets.label(self._house, it.channel)
        piece, _ = evidence.capture(
            db, incident=incident, kind="link", text=read.words[:LONGEST], by=WANGLOU, at=now, url=it.url, source=f"D{it.draft} {label}",
            key=f"release:{it.id}:{read.digest}",
        )  # fmt: skip
        return f"，{piece.name}"

    def _words(self, it: Publication, read: _Reading) -> str:
        found, why = read.found, read.why
        label = outlets.label(self._house, it.channel)
        head = f"D{it.draft} {label}"
        if found.verdict == "same":
            return f"{head} 与签批文本一致 v{it.version}·{it.sha256[:4].upper()}"
        if found.verdict == "unreadable":
            return f"{head} 读不到正文{f'（{why}）' if why else ''}，请{it.operator or '经办人'}人工核对：{it.url}"
        missing = "、".join(quoted(words, 24) for words in found.missing[:3])
        return f"{head} 页面与签批文本不一致：少了 {missing}。请核对；要改口回：更正 D{it.draft}，要撤回：撤下 D{it.draft} 理由"

    def _next(self, db: Database, check: PageCheck, it: Publication, now: datetime) -> None:
        """10 minutes, 1 hour, then daily after the release."""
        start = it.released_at or now
        steps = [step for step, _ in releasing.CHECKS]
        if check.step in steps[:-1]:
            step, after = releasing.CHECKS[steps.index(check.step) + 1]
            publications.check_page(db, it.id, step, max(now, start + after))
        elif now + timedelta(days=1) <= start + WATCHED:
            publications.check_page(db, it.id, "daily", now + timedelta(days=1))


def _lies_under(url: str, site: str) -> bool:
    """Same scheme, host and port, and the path begins as the site's does, part by part."""
    try:
        link, home = URL(url), URL(site)
        parts, begin = link.path.rstrip("/").split("/"), home.path.rstrip("/").split("/")
        return link.origin() == home.origin() and ".." not in parts and parts[: len(begin)] == begin
    except ValueError:
        return False


def words_of(page: Page) -> str:
    """What a reader sees of a page, without scripts and styles."""
    text = page.text()
    if not page.html:
        return text
    tree = LexborHTMLParser(text)
    tree.strip_tags(["script", "style", "noscript", "template"])
    return tree.body.text(separator="") if tree.body else ""
