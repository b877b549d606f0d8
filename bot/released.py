"""Reading released pages again: does the page say what was signed, and does it go on saying so?

look    pages due → fetch (outside any transaction) → compare → one row, one line in the room, an alert where it changed
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from selectolax.lexbor import LexborHTMLParser
from sqlite_utils import Database

from bot import handling, releasing, signoff
from bot.cards import quoted
from bot.drafting.compare import Comparison, compare
from bot.errors import SourceError
from bot.fetch import Fetcher, Page
from bot.handling import WANGLOU
from bot.model.card import Post
from bot.model.house import House
from bot.model.people import Role
from bot.store import publications, statements
from bot.store.db import Store
from bot.store.publications import PageCheck, Publication

WATCHED = timedelta(days=30)
"""A released page is read daily for this long."""


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
            found, digest, why = await self._read(it)
            await self._store.run(self._tell, check, found, digest, why, self._clock())
        return len(due)

    async def _read(self, it: Publication) -> tuple[Comparison, str, str]:
        text = (await self._store.read(statements.version, it.draft, it.version))["text"]
        try:
            page = await self._fetcher.get(it.url, trusted=False)
        except SourceError as error:
            return Comparison("unreadable"), "", str(error)
        return compare(text, words_of(page)), hashlib.sha256(page.body).hexdigest(), ""

    def _tell(self, db: Database, check: PageCheck, found: Comparison, digest: str, why: str, now: datetime) -> None:
        it = publications.get(db, check.publication)
        if not publications.page_read(db, check, found.verdict, now) or it.state != "released":
            return
        self._next(db, check, it, now)
        draft = statements.get(db, it.draft)
        snapshot = digest or it.snapshot
        publications.change(
            db, it, "page_read", at=now, by=WANGLOU, incident=draft.incident, why=f"{check.step} {found.verdict}",
            compared=found.verdict, snapshot=snapshot,
        )  # fmt: skip
        if found.verdict == it.compared:
            return
        text = self._words(it, found, why)
        drifted = found.verdict == "differs"
        incident = signoff.incident_of(db, draft)
        if incident:
            kind, reason = ("alert", "drift") if drifted else ("notice", "compared")
            handling.tell_rooms(db, self._house, incident, Post(text), at=now, kind=kind, reason=reason)
        if drifted:
            for person in self._house.with_role(Role.PR, Role.LEGAL, Role.COMMANDER):
                handling.tell_person(
                    db, person.name, Post(text), at=now, kind="notice", reason="drift", incident=incident, urgent=True
                )

    def _words(self, it: Publication, found: Comparison, why: str) -> str:
        label = releasing.channel_label(self._house, it.channel)
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


def words_of(page: Page) -> str:
    """What a reader sees of a page, without scripts and styles."""
    text = page.text()
    if not page.html:
        return text
    tree = LexborHTMLParser(text)
    tree.strip_tags(["script", "style", "noscript", "template"])
    return tree.body.text(separator="") if tree.body else ""
