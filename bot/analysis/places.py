"""Where mentions belong: the root and the story of each, decided in the order of arrival."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.analysis.duplicates import Copy, Duplicates, Item
from bot.analysis.likeness import Background
from bot.analysis.recent import Recent
from bot.analysis.stories import Stories

KNOWN = 150_000
"""How many mentions are remembered by id; a mention read again after that is judged as a new one."""


class Placed(NamedTuple):
    """The root that a mention repeats, if it does, and its story."""

    copy: Copy
    story: int


class Places:
    """Roots and stories of one room. Idempotent by id: the same mention again keeps its place."""

    def __init__(self, background: Background, *, first: int = 1) -> None:
        self.stories = Stories(first=first, background=background)
        self._duplicates = Duplicates()
        self._known = Recent[str, Placed](KNOWN)

    def place(self, items: Sequence[Item]) -> list[Placed]:
        """The place of each, same order."""
        placed = {item.id: known for item in items if (known := self._known.get(item.id))}
        fresh = {item.id: item for item in items if item.id not in placed}
        copies = dict(zip(fresh, self._duplicates.find(list(fresh.values())), strict=True))
        stories = self.stories.assign(
            [(item.id, item.clean, item.at) for item in fresh.values()], {id: copy.root for id, copy in copies.items()}
        )
        for (id, copy), story in zip(copies.items(), stories, strict=True):
            placed[id] = self._known[id] = Placed(copy, story)
        return [placed[item.id] if item.id in fresh else self._today(item.id, placed[item.id]) for item in items]

    def remember(self, items: Sequence[Item], places: Sequence[Placed]) -> None:
        """Rebuilds the indexes from what was decided before a restart, oldest first."""
        self._duplicates.remember(items, [placed.copy for placed in places])
        both = list(zip(items, places, strict=True))
        self.stories.remember([(i.id, i.clean, i.at, placed.story) for i, placed in both])
        for item, placed in both:
            self._known[item.id] = placed

    def _today(self, id: str, placed: Placed) -> Placed:
        """Its place now: people may have merged or split its story, or that of its root, since it was first read."""
        story = self.stories.story_of(placed.copy.root or id)
        return placed._replace(story=story) if story and story != placed.story else placed
