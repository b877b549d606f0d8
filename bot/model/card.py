"""What the house says: a post, plain or with a card. Platforms draw it; they know nothing of what it is about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.model.grade import Grade


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a button that opens a list."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press. ``verb`` is the typed twin (``认领 #12``); with ``options`` it is a selection."""

    key: str
    text: str
    verb: str
    style: str = "default"  # default | primary | danger
    options: tuple[Option, ...] = ()

    @property
    def typed(self) -> str:
        """The verb as one would type it; of a selection, with its first option."""
        return self.verb.replace("{choice}", self.options[0].id) if self.options else self.verb


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class File:
    """Bytes that go with a post: a picture (``image/png``, ``image/jpeg``) or a document."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart: ``points`` are (unix seconds, value) in order of time."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures over time, for platforms that draw for themselves. ``unit`` names what all series count.

    ``marks`` are moments worth a line across the picture, (unix seconds, label): a grade, a statement of ours.
    """

    title: str
    unit: str
    series: tuple[Series, ...]
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """Text that goes with a post as a document of its own (.docx), laid when it is sent. ``name`` is the file's without an ending."""

    name: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A message with something to press or a grade to show.

    ``kind`` is ``alert``, ``headline``, ``signoff``, ``brief`` or ``ask``. ``title`` and ``lines`` are what the reader must
    see, most important first. ``must`` are lines that survive any shortening: who owns it, the next verb. ``number`` is the
    object's short id (``#12``, ``D3``); ``incident`` its incident. ``revision`` grows when the same card is painted anew.
    """

    kind: str
    title: str
    lines: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    number: str = ""
    incident: int | None = None
    grade: Grade | None = None
    confirmed: bool = False
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()
    revision: int = 1

    @property
    def text(self) -> str:
        """The text twin: all that is on the card, with each button as the verb to type."""
        verbs = "｜".join(button.typed for button in self.buttons)
        rows = [self.title, *self.lines, *self.must, *(f"{link.text} {link.url}" for link in self.links)]
        return "\n".join([*rows, f"回复：{verbs}"] if verbs else rows)


@dataclass(frozen=True, slots=True)
class Post:
    """One thing said to one room or person. ``mentions`` are names of our people who must be pinged, never from outside text."""

    text: str
    card: Card | None = None
    mentions: tuple[str, ...] = ()
    files: tuple[File, ...] = field(default=())
    chart: Chart | None = None
    paper: Paper | None = None

    @classmethod
    def of(cls, card: Card, *mentions: str, files: tuple[File, ...] = ()) -> Post:
        """A post that is a card."""
        return cls(card.text, card, mentions, files)

    def with_note(self, note: str) -> Post:
        """The same post with one more line at its head (「可能重复」, a fallback, a drill)."""
        card = self.card and replace(self.card, title=f"{note}{self.card.title}")
        return replace(self, text=f"{note}{self.text}", card=card)
