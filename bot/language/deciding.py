"""Two readers, one reading: the rules say what a line orders and with what, the likeness says what such lines mean.

Where they agree it stands. Where the rules read nothing, the likeness is believed from a bound on; where they differ, only when
it is surer than the rules are firm. A grave act needs the order in the line itself (``bot.language.ordering``), whoever reads
it. All bounds were chosen on lines left out of the training.
"""

from __future__ import annotations

import re

from bot.language import slots as cut
from bot.language import speech
from bot.language.grammar.filling import filled
from bot.language.grammar.helping import about_us, command_named
from bot.language.lazy import later
from bot.language.ordering import asks, commands, nothing_else, ordered, puts_up, talks, wonders
from bot.language.resembling import Likeness, likeness, strange
from bot.language.said import Said
from bot.model.intent import NONE, Intent

SURE, SURER = 0.30, 0.50
"""Certainty from which likeness is believed where no rule reads a line that is addressed or names an object; any other."""
OVERRULES, OVERRULES_FIRM = 0.62, 0.80
"""Certainty from which likeness stands against a rule, and against a rule that found its verb at the head."""
GRAVE_SURE = 0.70
"""Certainty from which a grave act is read by likeness: only with a plain order of it in the line."""
DOUBT = 0.85
"""Certainty of the same act that stands in for a plain build of the order."""
EXPRESS = 0.96
"""Certainty of a rule that leaves nothing to judge: 记 with a space behind it writes down whatever follows."""
REFUSES = 0.55
"""Certainty from which a wish that no rule knows is taken for an unlawful one."""
CHATTER = 0.90
_QUESTIONS = frozenset({"list", "status", "trend", "summary", "help", "review", "none", "refuse"})


def grave(found: Intent) -> str:
    """The act that must never be read out of something else: approve, publish, close, reopen, escalate, red; else empty."""
    op = found.slots.get("op")
    if found.name == "grade":
        return "red" if found.slots.get("grade") == "red" else ""
    if found.name == "approve":
        return "approve" if op is None and found.slots.get("verdict") != "reject" else ""
    if found.name == "publish":
        return "publish" if op in (None, "retract") else ""
    if found.name == "close" and dict(found.slots) == {"resolution": "duplicate"}:
        return ""
    return found.name if found.name in ("close", "reopen", "escalate") else ""


def decided(said: Said, ruled: Intent) -> Intent:
    """The reading of a line that the rules read as ``ruled`` (``none`` where no rule did)."""
    if ruled.confidence >= EXPRESS:
        return ruled
    like = likeness(said)
    found = _between(said, ruled, like)
    act = grave(found)
    if (act and not _stands(said, found, act, like)) or (_changes(found) and wonders(said)) or _spoken_of(said, found):
        asked = found is not ruled and ruled.name in _QUESTIONS and ruled.name != "none"
        return ruled if asked else _instead(said, like)
    return found


def kept(said: Said, found: Intent) -> Intent:
    """One command of several, or ``none`` where the line does not order it by its build."""
    act = grave(found)
    return NONE if (act and not ordered(said, act)) or (_changes(found) and wonders(said)) else found


_CHANGES: dict[str, set[object]] = {
    "mute": {None, "off"}, "claim": {None}, "grade": {None}, "task": {"done", "cancel", "reopen", "update"},
    "fact": {"confirm", "retract", "set_state"}, "decision": {"revoke", "revise"}, "drill": {"start", "stop", "pause", "resume", None},
    "close": {None}, "reopen": {None}, "publish": {None, "retract", "record", "off"}, "approve": {None, "withdraw"},
}  # fmt: skip
"""Acts without a free text of their own: a question in such a line is about the act."""


_TAKES_BACK = {("task", "cancel"): "cancel", ("fact", "retract"): "retract", ("decision", "revoke"): "retract"}


def _spoken_of(said: Said, found: Intent) -> bool:
    """Something that takes back a task, fact or decision is only spoken of: J1 撤销的后果."""
    act = _TAKES_BACK.get((found.name, found.text("op")))
    if act:
        return not ordered(said, act)
    return _changes(found) and bool(_LATER.search(said.text) or _NEARLY.search(said.text))


_NEARLY = later(r"差一?点|险些|本想|本来(?:想|要)|刚(?:想|要)(?=把|说)|幸好没|幸亏没|还好没")
"""It did not come to the act: 差点就把 D7 发了."""
_LATER = later(
    r"(?:完成?|好|定|束|始|音|练|实|认)(?:了|完)?(?:之?后(?!面|天|来)|以后|的时候|时候|度|比例|一半|了?再(?!次))|了(?:叫|告诉|喊|通知)我|存疑的"
)
"""The act is the time of something else: T9 做完了叫我, 演练结束后吃饭."""


def _changes(found: Intent) -> bool:
    return found.slots.get("op") in _CHANGES.get(found.name, set())


def _between(said: Said, ruled: Intent, like: Likeness) -> Intent:
    if ruled.name == like.name:
        return ruled
    if ruled.name == "none":
        return _alike(said, like) or NONE
    addressed = said.called or said.quote is not None or bool(said.things)
    if like.name == "none":
        return NONE if ruled.confidence < 0.75 and not addressed and like.sure >= CHATTER else ruled
    riskier = ruled.name in _QUESTIONS and like.name not in _QUESTIONS
    if like.sure >= (OVERRULES if ruled.confidence < 0.9 and not riskier else OVERRULES_FIRM):
        return _alike(said, like) or ruled
    return ruled


def _alike(said: Said, like: Likeness) -> Intent | None:
    """What the line resembles, with its slots; None where it is not near enough or its object is missing."""
    addressed = (
        said.called or said.quote is not None or said.numbers("Ⓘ", bare=False) or any(t.kind != "Ⓘ" for t in said.things)
    )
    if like.name in ("refuse", "help") and like.sure < REFUSES:
        return None
    if like.name == "help" and (not about_us(said) or (said.numbers("Ⓘ", bare=False) and command_named(said) is None)):
        return None
    if like.name == "none" or len(said.text) < 2 or strange(said) or like.sure < (SURE if addressed else SURER):
        return None
    if like.name not in _QUESTIONS and (speech.unreal(said) or speech.told(said, 0, len(said.text)) or _doubtful(said)):
        return None
    slots = filled(like.name, like.kind, said)
    if slots is None:
        return None
    found = Intent(like.name, slots, round(0.5 + like.sure / 4, 2))
    act = grave(found)
    return None if act and not (like.sure >= GRAVE_SURE and ordered(said, act)) else found


def _stands(said: Said, found: Intent, act: str, like: Likeness) -> bool:
    if found.slots.get("on_behalf_of"):
        return not asks(said)
    if ordered(said, act):
        return commands(said) or nothing_else(said, act) or like.name == found.name or like.of("none") < OVERRULES_FIRM
    if act == "escalate" and re.search(r"请示|定夺|拿主意|拍板", said.text) and puts_up(said):
        return like.of("escalate") >= SURE
    if asks(said) or talks(said, act):
        return False
    if found.slots.get("verdict") == "approve_with_changes":
        return like.of("approve") >= SURER or bool(_ON_CHANGES.match(said.shape))
    if "topic" in found.slots and not cut.topic(said) and like.of(found.name) < OVERRULES_FIRM:
        return False
    return like.of(found.name) >= (OVERRULES if act == "escalate" else DOUBT)


_ON_CHANGES = later(
    r"[ⒹⓋ\s,，]+(?:把|将)?[^,，。?？]{0,12}(?:删|改|换|去|加|补|拿|调)[^,，。?？]{0,12}(?:就行|即可|就可以|就好|就能过|就同意)了?[吧!。\s]*$"
)
"""A yes that hangs on a change, without a word of consent: D22 删掉最后一句就行."""


def _instead(said: Said, like: Likeness) -> Intent:
    """A harmless reading of a line that only talks about a grave act."""
    if like.name not in _QUESTIONS or like.name == "none" or like.sure < SURE:
        return NONE
    slots = filled(like.name, like.kind, said)
    return NONE if slots is None else Intent(like.name, slots, round(0.5 + like.sure / 4, 2))


def _doubtful(said: Said) -> bool:
    return bool(_DOUBTFUL.search(said.text))


_DOUBTFUL = later(
    r"[?？吗]$|除了?\s?#?\d|\d号?(?:以外|之外)|(?:我|还|并|都|根本)没有?(?:说|让|想|要|打算)?(?:认领|接手|指派|派|定级|静音|结案|上报|发布|升级|同意)|要不要"
    r"|是不是|该不该|如果|要是|听说|昨天|(?:别|不要|不用|先不|不能|不准|甭)(?:再|急着|先)?(?:静音|停|关|取消"
    r"|撤|演练|完成|确认|听|降|升|调|定|改|派|转|认领)|(?:别|不要|甭)(?:再|老|总|一直)*@我(?!.*\d)"
)
