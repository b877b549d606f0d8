"""What a platform hears, and the seam between the house and its platforms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.model.card import File, Post
from bot.model.grade import Grade


@dataclass(frozen=True, slots=True)
class Quote:
    """The earlier message that somebody quoted. ``id`` is the platform's, where it gives one."""

    text: str
    sender: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """Something a person said to us.

    ``id`` is unique on ``platform`` for ever (repeats carry the same one). ``room`` is the platform's id of the group, empty
    in a private chat; ``sender`` the platform's id of the person. ``addressed`` is true in private, when the bot was
    mentioned and when one of our messages was quoted. ``external``: the platform says the sender is not of our company.
    """

    platform: str
    id: str
    room: str
    sender: str
    text: str
    at: datetime
    quote: Quote | None = None
    addressed: bool = True
    external: bool = False
    sender_name: str = ""
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed ``key`` on the card of parcel ``parcel`` (our outbox id); ``choice`` is the option picked.

    A card that was a reply has no parcel (0). ``verb`` is the button's typed twin with the choice in its place, where the
    platform remembers the card as it was shown, else empty.
    """

    platform: str
    id: str
    room: str
    sender: str
    parcel: int
    key: str
    at: datetime
    choice: str = ""
    external: bool = False
    verb: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes straight back to who asked: posts in order, and the pressed card as it looks now (None: unchanged)."""

    posts: tuple[Post, ...] = ()
    repaint: Post | None = None


class Ear(Protocol):
    """The house's one door for hearing. A platform calls ``take``, acknowledges to its vendor, then calls ``answer``."""

    async def take(self, heard: Message | Press) -> None:
        """Stores what was heard; returns after the commit. Raises when it could not be stored: do not acknowledge."""

    async def answer(self, heard: Message | Press) -> Answer:
        """Acts on it, once; a repeat gets the stored answer."""

    async def told(self, heard: Message | Press, left: Sequence[Post] = ()) -> None:
        """The vendor took the words that ``answer`` gave, but for those ``left``, which the house says by its outbox (marked as a
        possible repeat where the platform marked them). Never called (a crash): the house says them all after the restart."""

    async def painted(self, press: Press, post: Post | None) -> None:
        """How the repaint that ``answer`` gave ended: the pressed card shows ``post``, or (None) it could not be painted, and the
        house sees to it. Never called (a crash): the house sees to it after the restart."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a parcel goes: a room by the platform's chat id, or a person by the platform's user id (``private``).

    ``name`` is the configured name of the room or person, for people and logs. ``webhook`` and ``webhook_secret`` are the
    room's own robot; ``ways`` is the configured order of transports, empty for the best available.
    """

    platform: str
    chat: str
    name: str
    private: bool = False
    webhook: str = ""
    webhook_secret: str = ""
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parcel:
    """One row of the outbox on its way. ``id`` is the idempotency key; ``pings`` maps mentioned names to platform ids."""

    id: int
    target: Target
    post: Post
    grade: Grade | None = None
    pings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of a well-formed success: the transport used and the vendor's message id where it gives one."""

    way: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line of ``wanglou check --online``, in Chinese: what was tried, and where in the vendor's console to mend it."""

    ok: bool
    what: str
    mend: str = ""


class Platform(Protocol):
    """A chat platform. Every send is one attempt: only the outbox retries.

    ``ways(target)`` lists the transports that could reach it now, best first. ``send`` raises ``DeliveryError``.
    ``problems()`` lists, in Chinese, what does not work at the moment; empty when all is well.
    ``budget(way, target)`` names the robot whose sends are counted together, or empty when the way has no limit.
    A platform that can show a sent card anew has an ``async repaint(parcel) -> bool`` besides: True when the card stands as it is
    now, or may stay as it was; False, or no such method: the house says the card anew. It may be called again after any
    ``DeliveryError``. One that may lose its ear has an ``unheard() -> str``: why nobody is heard now (Chinese), else empty.
    """

    name: str

    async def start(self, ear: Ear) -> None: ...

    async def stop(self) -> None: ...

    def ways(self, target: Target) -> Sequence[str]: ...

    def budget(self, way: str, target: Target) -> str: ...

    async def send(self, parcel: Parcel, way: str) -> Receipt: ...

    def problems(self) -> Sequence[str]: ...
