"""Errors, each named after who will read it."""

from __future__ import annotations


class WanglouError(Exception):
    """Anything of ours that is no bug."""


class UserError(WanglouError):
    """The person in the chat can mend it; the text is the reply."""


class ConfigError(WanglouError):
    """The operator can mend it; the text names the key or the line at fault."""


class DeliveryError(WanglouError):
    """A send that did not end in a well-formed success.

    ``outcome`` is ``retry`` (surely not delivered, try again), ``permanent`` (never will be) or ``unknown`` (the call may
    have arrived). ``after`` is how many seconds the platform wants the robot to be silent. ``gone``: the chat is not there any more, or
    we are not in it; its room must be bound anew.
    """

    def __init__(self, text: str, outcome: str = "retry", after: float = 0.0, *, gone: bool = False) -> None:
        super().__init__(text)
        self.outcome = outcome
        self.after = after
        self.gone = gone


class SourceError(WanglouError):
    """A source gave no plausible answer; ``health`` is the state it puts the source in (``failing`` or ``degraded``)."""

    def __init__(self, text: str, health: str = "failing", after: float = 0.0) -> None:
        super().__init__(text)
        self.health = health
        self.after = after
