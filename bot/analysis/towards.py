"""How a text stands towards us: domain knowledge over the tone of the text. The words lie in ``data/towards.toml``.

Our own denial or statement and its repost do not count against us; trouble of somebody else is not ours; events that befall a
company are bad news in however calm a tone; accusation, complaint, rhetorical question, sarcasm and praise move the odds where
one of our names is told. A text that names nobody keeps its own sentiment.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.analysis.authority import own_account
from bot.analysis.automaton import ends_of, hits, rows_with
from bot.analysis.patterns import Choice, alternatives, needed
from bot.analysis.text import JOINT, Clean

READ_CAP = 1_200
EVENT = 2.0
"""Log odds that one event adds, one calm word takes a third of; the first event only balances the calm of reports."""
MOST = 5
"""Events counted in one text."""
BUSINESS_WORDS = 2
INQUIRY = -2.5
"""Log odds that a mere question adds; it is no longer than ``INQUIRY_LENGTH``."""
INQUIRY_LENGTH = 40
HEADED = 60
"""Characters after our name in which a denial that it heads is looked for."""
PREFERRED = 1.5
"""Log odds that 还是(别家)好 or 换到(别家) adds, and 还是(我们)好 takes away."""
_NEGATED = re.compile(r"(?:没有?|未|无|不|避免|防范|防止|打击|反|杜绝|预防|零|并非|否认|收回|撤回|删掉?)\w{0,3}$")
_NOT_NEGATED = re.compile(r"(?:不仅|不但|不止|无良|不良|没良心|没人|无耻|不给|不退)\w{0,3}$")
_CLAIMED = re.compile(r"(?:说|称|表示|声称|回应|声明|口口声声)[^,。!?;]{0,6}$")
_REPOSTED = re.compile(r"/+\s*@([\w\-·]{1,30})")
_CLAUSE = re.compile(r"[。!?;\n,，、…~]+|(?=但是?|不过|却|反观|相比|而且?)")


class Stance(NamedTuple):
    """``target``: ``text`` (nobody told), ``ours`` or ``other``. ``shift`` is added to the log odds of negative.

    ``denial``: our own denial or statement, or its repost without a doubting word. ``asked``: somebody only wants to know.
    """

    target: str
    shift: float = 0.0
    denial: bool = False
    asked: bool = False


_PLAIN, _OTHER, _DENIAL = Stance("text"), Stance("other"), Stance("ours", denial=True)
_STATED = ("rebuts", "denies", "official")
"""A statement of ours has one of these."""
Anchor = tuple[int, int]
"""Which anchor stands where."""


@dataclass(frozen=True)
class _Words:
    business: AhoCorasick
    report: AhoCorasick
    events: frozenset[int]
    calm: frozenset[int]
    weights: tuple[float, ...]
    wry: frozenset[int]
    plain: frozenset[int]
    anchors: AhoCorasick
    anchored: tuple[tuple[tuple[int, str], ...], ...]
    statement: Mapping[str, Choice]
    statements: AhoCorasick
    inquiry: Choice


@lru_cache(maxsize=1)
def _words() -> _Words:
    table = tomllib.loads((Path(__file__).with_name("data") / "towards.toml").read_text("utf-8"))
    words = sorted({*table["events"], *table["calm"], *table["business"]})
    place = {word: i for i, word in enumerate(words)}
    anchors: dict[str, list[tuple[int, str]]] = {}
    for n, cue in enumerate(table["cues"].values()):
        for part in alternatives(cue["words"]):
            wanted, whole = needed(part)
            for anchor in wanted:
                anchors.setdefault(anchor, []).append((n, "" if whole else part))
    return _Words(
        business=AhoCorasick(table["business"]),
        report=AhoCorasick(words, matchkind=MatchKind.Standard),
        events=frozenset(place[w] for w in table["events"]),
        calm=frozenset(place[w] for w in table["calm"]),
        weights=tuple(cue["weight"] for cue in table["cues"].values()),
        wry=frozenset(n for n, cue in enumerate(table["cues"].values()) if cue.get("wry")),
        plain=frozenset(n for n, cue in enumerate(table["cues"].values()) if cue.get("plain")),
        anchors=AhoCorasick(list(anchors), matchkind=MatchKind.Standard),
        anchored=tuple(map(tuple, anchors.values())),
        statement={name: Choice(rule) for name, rule in table["statement"].items()},
        statements=AhoCorasick([word for name in _STATED for word in _anchors_of(table["statement"][name])]),
        inquiry=Choice(table["inquiry"]["words"]),
    )


def _anchors_of(pattern: str) -> list[str]:
    """Words of which one stands wherever the pattern finds something."""
    return [word for part in alternatives(pattern) for word in needed(part)[0]]


def stance(text: Clean, *, ours: Sequence[str], others: Sequence[str]) -> Stance:
    """Where ``text`` stands. ``ours`` and ``others`` are normalised names of us and of competitors."""
    return stances([text], ours=ours, others=others)[0]


def stances(texts: Sequence[Clean], *, ours: Sequence[str], others: Sequence[str]) -> list[Stance]:
    """``stance`` for many texts. What words stand in them is looked up in all at once; most need no more than that."""
    words, bodies = _words(), [text.bare[:READ_CAP] for text in texts]
    found, told = [_PLAIN] * len(texts), dict[int, list[str]]()
    business = _of_business(bodies)
    for row in business:
        found[row] = Stance("text", _of_events(bodies[row]))
    wholes = [text.text for text in texts]
    joined, ends = JOINT.join(wholes), ends_of(wholes)
    for name in others:
        for row in rows_with(name, joined, ends):
            found[row] = _OTHER
    for name in ours:
        for row in rows_with(name, joined, ends):
            told.setdefault(row, []).append(name)
    stated = {row for row, *_ in hits(words.statements, [_heard(texts[row]) for row in told])}
    anchors: list[list[Anchor]] = [[] for _ in told]
    for row, anchor, start in hits(words.anchors, [bodies[row] for row in told], overlapping=True):
        anchors[row].append((anchor, start))
    for n, (row, names) in enumerate(told.items()):
        text, body = texts[row], bodies[row]
        if (n in stated or text.reposted) and _our_statement(text, names):
            found[row] = _DENIAL
        elif found[row] is _OTHER and (strangers := _strangers(text, names, others)):
            found[row] = _beside(body, names, strangers)
        else:
            found[row] = _ours((_of_events(body) if row in business else 0.0) + _cues(body, anchors[n]), body)
    return found


def _strangers(text: Clean, told: Sequence[str], others: Sequence[str]) -> list[str]:
    return [name for name in others if name in text.text and not any(name in own for own in told)]


def _heard(text: Clean) -> str:
    """What a statement of ours is looked for in."""
    return f"{text.text[:READ_CAP]}\n{text.own}" if text.reposted else text.text[:READ_CAP]


def _beside(body: str, told: Sequence[str], strangers: Sequence[str]) -> Stance:
    """The stance of a text that names us and competitors."""
    words = _said_of_us(body, told, strangers)
    if not words or (_grave(body) and not _grave(words)):
        return _OTHER
    return _ours(_events(words) + _cues(words) + _compared(body, told, strangers), words)


def _ours(shift: float, words: str) -> Stance:
    if not shift and len(words) <= INQUIRY_LENGTH and _words().inquiry.search(words):
        return Stance("ours", INQUIRY, asked=True)
    return Stance("ours", shift)


def _our_statement(text: Clean, told: Sequence[str]) -> bool:
    if text.reposted and (first := _REPOSTED.search(text.text)) and own_account(first[1], told) and text.is_bare_repost:
        return True
    words = _words().statement
    body = text.text[:READ_CAP]
    heard = text.own if text.reposted else body
    rebuts = words["rebuts"].search(heard)
    if not rebuts and not words["denies"].search(body) and not words["official"].search(body):
        return False
    if not rebuts and not words["voice"].search(body) and not any(_speaks(body, name) for name in told):
        return False
    if words["doubts"].search(heard) or words["asks"].search(heard):
        return False
    return rebuts or words["signs"].search(heard) or not (words["customer"].search(heard) and _cues(heard) > 0)


def _compared(body: str, told: Sequence[str], strangers: Sequence[str]) -> float:
    """What a comparison with a competitor adds."""
    either = _either([*told, *strangers])
    if not strangers or re.search(rf"(?:{either})(?:的?好)?,?还是(?:{either})(?!.{{0,4}}[好强靠香棒])", body):
        return 0.0

    def better(names: Sequence[str]) -> bool:
        joined = _either(names)
        return bool(re.search(rf"(?:还是|不如|不及|[换转改](?:到|成|用|去)了?)(?:{joined})(?!一样|也)|(?:{joined})再差", body))

    return PREFERRED * (better(strangers) - better(told))


def _either(names: Sequence[str]) -> str:
    return "|".join(map(re.escape, names))


def _speaks(body: str, name: str) -> bool:
    """Our name is the subject of a verb of saying (晨露乳业今日回应称), or heads a denial (晨露乳业:网传皮疹不实)."""
    at = body.find(name)
    while at >= 0:
        if _words().statement["heads"].search(body[at + len(name) :][:HEADED]):
            return True
        tail = body[at + len(name) : at + len(name) + 14]
        found = _words().statement["says"].search(re.split(r"[。!?;\n,]", tail, maxsplit=1)[0])
        if found:
            return True
        at = body.find(name, at + 1)
    return False


def _said_of_us(body: str, told: Sequence[str], strangers: Sequence[str]) -> str:
    """The clauses in which the last name told is ours; those before any name go with the first."""
    ours: list[str] = []
    waiting: list[str] = []
    current: bool | None = None
    for clause in filter(None, _CLAUSE.split(body)):
        last = max(
            ((clause.rfind(name), own) for names, own in ((told, True), (strangers, False)) for name in names),
            default=(-1, False),
        )
        if last[0] >= 0:
            current = last[1] or any(name in clause for name in told)
            ours += waiting if current else []
            waiting = []
        if current is None:
            waiting.append(clause)
        elif current:
            ours.append(clause)
    return ",".join(ours)


def _grave(words: str) -> bool:
    """Whether an event or an accusing cue stands in the words."""
    table = _words()
    return any(table.weights[cue] > 0 for cue, _ in _told(words)) or any(
        index in table.events and not _is_negated(words, start)
        for index, start, _ in table.report.find_matches_as_indexes(words)
    )


def _of_business(texts: Sequence[str]) -> set[int]:
    """Which of the texts are about business."""
    found: dict[int, set[int]] = {}
    for row, word, *_ in hits(_words().business, texts):
        found.setdefault(row, set()).add(word)
    return {row for row, words in found.items() if len(words) >= BUSINESS_WORDS}


def _events(words: str) -> float:
    """What the events of a text add where it is about business; 0 for other texts."""
    return _of_events(words) if _of_business([words]) else 0.0


def _of_events(words: str) -> float:
    """What the events of a business text add."""
    table = _words()
    hits = {i: start for i, start, _ in reversed(table.report.find_matches_as_indexes(words, overlapping=True))}
    events = sum(1 for i, start in hits.items() if i in table.events and not _is_negated(words, start))
    calm = sum(1 for i in hits if i in table.calm)
    return EVENT * (min(events, MOST) - min(calm, MOST) / 3 - 1)


def _cues(words: str, anchors: Sequence[Anchor] | None = None) -> float:
    if anchors is not None and not anchors:
        return 0.0
    return sum(_words().weights[cue] for cue in sorted(told_in(words, anchors)))


def told_in(words: str, anchors: Sequence[Anchor] | None = None) -> set[int]:
    """The cues, by their place in the table, that count in ``words``; beside a wry one plain praise does not."""
    table = _words()
    counted = {cue for cue, start in _told(words, anchors) if _counts(words, start, table.weights[cue])}
    return counted - table.plain if counted & table.wry else counted


def _told(words: str, anchors: Sequence[Anchor] | None = None) -> Iterator[tuple[int, int]]:
    """Every cue in the words and where it begins. A pattern is asked only where one of its anchors stands; they are found here
    where they are not given."""
    table, asked = _words(), set[str]()
    if anchors is None:
        anchors = [(index, start) for index, start, _ in table.anchors.find_matches_as_indexes(words, overlapping=True)]
    for index, start in anchors:
        for cue, part in table.anchored[index]:
            if not part:
                yield cue, start
            elif part not in asked:
                asked.add(part)
                yield from ((cue, found.start()) for found in _compiled(part).finditer(words))


_compiled = cache(re.compile)


def _counts(words: str, start: int, weight: float) -> bool:
    """Whether a cue stands for itself: not negated, and no praise that somebody is only said to have claimed."""
    if weight < 0 and _CLAIMED.search(words[max(0, start - 8) : start]):
        return False
    return not _is_negated(words, start)


def _is_negated(words: str, start: int) -> bool:
    ahead = words[max(0, start - 6) : start]
    return bool(_NEGATED.search(ahead)) and not _NOT_NEGATED.search(ahead)
