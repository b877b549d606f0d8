"""One line or clause as one command: every reader is asked, the firmest answer stands."""

from __future__ import annotations

from collections.abc import Callable

from bot.language import speech
from bot.language.deciding import grave
from bot.language.grammar.approve import read_approve
from bot.language.grammar.decision import read_decision
from bot.language.grammar.draft import EDITED, read_draft
from bot.language.grammar.drill import read_drill
from bot.language.grammar.escalate import read_escalate
from bot.language.grammar.fact import read_fact
from bot.language.grammar.grading import read_grade
from bot.language.grammar.helping import read_help
from bot.language.grammar.incident import read_claim, read_close, read_reopen
from bot.language.grammar.lookup import read_list, read_status
from bot.language.grammar.mute import read_mute
from bot.language.grammar.people import read_assign
from bot.language.grammar.publish import read_publish
from bot.language.grammar.report import read_summary, read_trend
from bot.language.grammar.reviewing import read_review
from bot.language.grammar.work import read_task
from bot.language.said import Said
from bot.model.intent import NONE, Intent

Reader = Callable[[Said], Intent | None]

_READERS: tuple[Reader, ...] = (
    read_help, read_drill, read_review, read_reopen, read_task, read_fact, read_decision, read_approve, read_publish, read_draft,
    read_grade, read_mute, read_close, read_escalate, read_assign, read_claim, read_summary, read_trend, read_list, read_status,
)  # fmt: skip


def one(said: Said) -> Intent:
    """The best reading of a line or clause as a single command."""
    best = NONE
    unreal = speech.unreal(said)
    for reader in (read_draft,) if EDITED.match(said.shape) else _READERS:
        found = reader(said)
        if found and found.confidence > best.confidence + 1e-9 and not (unreal and grave(found)):
            best = found
    return best
