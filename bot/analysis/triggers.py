"""Grave matters that a text asserts (domain handbook 3.3): what they are, the grade they floor, and how they are read.

A text can only claim; a person confirms. Read are assertions: negated, supposed, refuted, fictional ones, figures of speech and
other people's past cases are left out. The words lie in ``data/triggers.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from bot.analysis.numerals import numbers, read_number
from bot.analysis.text import Clean, clean
from bot.model.grade import Grade
from bot.model.mention import Tier
from bot.model.reading import Claim


@dataclass(frozen=True, slots=True)
class Floor:
    """The lowest grade of a confirmed matter, whether it fires at once, and its Chinese name."""

    grade: Grade
    immediate: bool
    name: str


FLOORS: Mapping[str, Floor] = {
    "death": Floor(Grade.RED, False, "人员死亡"),
    "injury": Floor(Grade.ORANGE, False, "人员受伤"),
    "illness": Floor(Grade.ORANGE, False, "人员患病"),
    "minors": Floor(Grade.ORANGE, False, "未成年人受害"),
    "personal_data": Floor(Grade.ORANGE, False, "个人信息泄露"),
    "personal_data_million": Floor(Grade.RED, False, "百万人以上个人信息泄露"),
    "authority": Floor(Grade.ORANGE, True, "监管或警方联系"),
    "unrest": Floor(Grade.ORANGE, True, "聚集、罢工或暴力"),
    "recall": Floor(Grade.ORANGE, False, "产品召回"),
    "abnormal_trading": Floor(Grade.ORANGE, False, "股票交易异常"),
    "illegal_content": Floor(Grade.RED, True, "自有网站出现违法内容"),
    "outage": Floor(Grade.YELLOW, False, "服务中断超过30分钟"),
    "executive_detained": Floor(Grade.RED, False, "高管被带走或拘留"),
}
"""Triggers of the handbook 3.3. Those that are not immediate count in full once confirmed, one level less until then."""

MILLION = 1_000_000
OUTAGE_MINUTES = 30
SCAN_CAP = 4_000
"""Characters of a text that are read; a grave matter stands further ahead."""
CLAUSE_REACH = 12
"""Characters before an assertion in which a negation still governs it."""
PAST_REACH = 40
"""Characters before an assertion in which a word of long ago (当年) puts it into the past."""

_SENTENCE = re.compile(r"(?P<words>[^。!?;\n]+)(?P<end>[。!?;\n]*)")
_CLAUSE = re.compile(r"[,、:…~\s]+")
_SPAN = re.compile(
    r"(?P<half>半个?多?小时|半个?钟头)"
    r"|(?P<much>从[^,。]{0,6}(?:[点时]|早上|上午|中午|下午|晚上|凌晨|昨[天晚])[^,。]{0,8}到(?:现在|今|[^,。]{1,5}点)|一个?(?:上午|下午|早上|晚上|整天|天|夜|晚)|整(?:天|夜|晚)|半天|大半天|好?几个?小时|数小时)"
    r"|(?P<hours>[\d.]+|[一两二三四五六七八九十]+)个?多?(?:小时|钟头|hours?|h\b)"
    r"|(?P<minutes>\d+|[一两二三四五六七八九十]+)多?(?:分钟|分|mins?|minutes?)"
)
_COUNTED = re.compile(
    r"\s*\+?\s*余?多?\s*(?:条|名|位|人|个(?!亿|月|小时)|户|份|用户|会员|乘客|司机|骑手|账号|记录|数据|信息|客户"
    r"|riders?|users?|records?|people|accounts?|rows?|customers?|passengers?)"
)


class _Frame(NamedTuple):
    """What asserts one kind: in what anybody writes, and in a fact that a person confirmed."""

    kind: str
    reads: re.Pattern[str]
    facts: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Words:
    idioms: re.Pattern[str]
    negators: re.Pattern[str]
    not_negators: re.Pattern[str]
    hypothetical: re.Pattern[str]
    condition: re.Pattern[str]
    refuted: re.Pattern[str]
    unreal: re.Pattern[str]
    wondering: re.Pattern[str]
    doubting: re.Pattern[str]
    asked: re.Pattern[str]
    threats: re.Pattern[str]
    past: re.Pattern[str]
    long_past: re.Pattern[str]
    elsewhere: re.Pattern[str]
    hearsay: re.Pattern[str]
    minor: re.Pattern[str]
    specific: tuple[re.Pattern[str], ...]
    code: re.Pattern[str]
    marks: AhoCorasick
    frames: tuple[_Frame, ...]
    of_mark: tuple[int, ...]


@lru_cache(maxsize=1)
def _words() -> _Words:
    table = tomllib.loads((Path(__file__).with_name("data") / "triggers.toml").read_text("utf-8"))
    lists, guard = table["lists"], table["guard"]
    compile_ = {name: re.compile(rule) for name, rule in guard.items()}

    def joined(rules: Sequence[str]) -> re.Pattern[str]:
        return re.compile("|".join(_filled(rule, lists) for rule in rules))

    written = [*({"kind": kind} | table[kind] for kind in FLOORS if kind in table), *table["frames"]]
    frames = [_Frame(one["kind"], joined(one["reads"]), joined([*one["reads"], *one.get("facts", ())])) for one in written]
    marks = [(mark, index) for index, one in enumerate(written) for mark in one["marks"]]
    return _Words(
        **compile_,
        minor=re.compile(lists["minor"]),
        specific=tuple(re.compile(table["specific"][name]) for name in ("who", "where", "when")),
        code=re.compile(table["specific"]["what"]),
        threats=re.compile(table["unrest"]["threats"]),
        marks=AhoCorasick([mark for mark, _ in marks]),
        frames=tuple(frames),
        of_mark=tuple(index for _, index in marks),
    )


def _filled(rule: str, lists: Mapping[str, str]) -> str:
    for name, words in lists.items():
        rule = rule.replace("{" + name + "}", words)
    return rule


def claims(text: Clean, *, tier: Tier | None, ours: Sequence[str], others: Sequence[str] = ()) -> tuple[Claim, ...]:
    """Every matter of ``FLOORS`` that ``text`` asserts, each once. ``ours`` are our own names and ``others`` competitors',
    normalised: a sentence that names only a competitor tells nothing of us.

    Credible: two of who, what, where and when are named (three for hearsay), and the tier is not D. Who only asks whether
    something is true (听说死人了,真的假的) makes a claim that is not credible.
    """
    told = _asserted(text.bare[:SCAN_CAP], ours, others, fact=False)
    if not told:
        return ()
    found: dict[str, _Told] = {}
    for one in sorted(told, key=lambda one: one.asked):
        found.setdefault(one.kind, one)
    credible = tier is not Tier.D and _specific(text.bare[:SCAN_CAP], ours)
    return tuple(
        Claim(kind, floor.grade, found[kind].words[:60], credible and not found[kind].asked, floor.immediate)
        for kind, floor in FLOORS.items()
        if kind in found
    )


def of_fact(text: str) -> tuple[str, ...]:
    """The kinds of ``FLOORS`` that a fact confirmed by a person asserts; it needs no proof of who, where or when."""
    found = {one.kind for one in _asserted(clean(text).bare[:SCAN_CAP], (), (), fact=True)}
    return tuple(kind for kind in FLOORS if kind in found)


class _Told(NamedTuple):
    """A grave matter and its passage; ``asked``: somebody wants to know whether it is true."""

    kind: str
    words: str
    asked: bool = False


def _asserted(text: str, ours: Sequence[str], others: Sequence[str], *, fact: bool) -> list[_Told]:
    """Every assertion; nothing where the text tells a story."""
    words = _words()
    hits = words.marks.find_matches_as_indexes(text, overlapping=True)
    if not hits:
        return []
    told = [name for name in ours if name in text]
    strangers = [name for name in others if name in text]
    found: list[_Told] = []
    for sentence in _SENTENCE.finditer(text):
        begin, end = sentence.span("words")
        if marked := {words.of_mark[mark] for mark, first, last in hits if begin <= first and last <= end}:
            found += _in_sentence(sentence, marked, told, strangers, fact=fact)
    return [] if found and not fact and words.unreal.search(text) else found


def _in_sentence(
    whole: re.Match[str], frames_marked: set[int], told: Sequence[str], strangers: Sequence[str], *, fact: bool
) -> Iterator[_Told]:
    words, sentence = _words(), whole["words"]
    marked = [words.frames[index] for index in sorted(frames_marked)]
    marked = [frame for frame in marked if frame.kind != "abnormal_trading" or told or fact]
    frames = [
        (kind, rule)
        for kind, reads, facts in marked
        if kind != "outage" and (rule := facts if fact else reads).search(sentence)
    ]
    down = any(frame.kind == "outage" and _outage(sentence, frame.reads) for frame in marked)
    threat = not fact and any(frame.kind == "unrest" for frame in marked) and words.threats.search(sentence)
    if not (frames or down or threat) or (not fact and _about_others(sentence, told, strangers)):
        return
    if words.refuted.search(words.wondering.sub("", sentence)):
        return
    masked = words.idioms.sub(_blotted, sentence)
    question = whole["end"].startswith("?") or sentence.endswith(("吗", "么")) or bool(words.wondering.search(sentence))
    asked = question and not fact and bool(words.asked.search(sentence))
    masked = words.doubting.sub(_blotted, masked) if asked else masked
    for kind, rule in frames:
        if question and (not asked or FLOORS[kind].immediate):
            continue
        hits = [hit for hit in rule.finditer(masked) if _holds(masked, hit, fact=fact)]
        if not any(fact or not _befell_others(sentence, hit, kind, told, strangers) for hit in hits):
            continue
        yield _Told(kind, sentence.strip(), asked)
        if kind in ("illness", "injury", "death") and words.minor.search(masked):
            yield _Told("minors", sentence.strip(), asked)
        if kind == "personal_data" and _million(sentence):
            yield _Told("personal_data_million", sentence.strip(), asked)
    if threat and not question:
        yield _Told("unrest", sentence.strip())
    if down:
        yield _Told("outage", sentence.strip())


def _blotted(found: re.Match[str]) -> str:
    return "＊" * len(found[0])


def _about_others(sentence: str, told: Sequence[str], strangers: Sequence[str]) -> bool:
    if any(name in sentence for name in told):
        return False
    words = _words()
    return any(name in sentence for name in strangers) or bool(words.past.search(sentence) or words.elsewhere.search(sentence))


def _befell_others(sentence: str, hit: re.Match[str], kind: str, told: Sequence[str], strangers: Sequence[str]) -> bool:
    """The last company named up to the hit is a competitor, or its clause speaks of elsewhere and not of us.

    Data are offered for sale abroad whoever lost them, so that elsewhere says nothing of them.
    """
    ahead = sentence[: hit.end()]
    if max((ahead.rfind(name) for name in strangers), default=-1) > max((ahead.rfind(name) for name in told), default=-1):
        return True
    begin = max((mark.end() for mark in _CLAUSE.finditer(sentence, 0, hit.start())), default=0)
    clause = _CLAUSE.split(sentence[begin:])[0]
    return kind != "personal_data" and bool(_words().elsewhere.search(clause)) and not any(name in clause for name in told)


def _holds(sentence: str, hit: re.Match[str], *, fact: bool) -> bool:
    """Not negated in its clause, not supposed, not long over."""
    words = _words()
    ahead = sentence[: hit.start()]
    clause = _CLAUSE.split(ahead)[-1]
    inside = words.not_negators.sub("", clause[-CLAUSE_REACH:]), words.not_negators.sub("", hit[0])
    if words.negators.search(inside[0]) or words.negators.search(inside[1]):
        return False
    if not fact and words.long_past.search(sentence, max(0, hit.start() - PAST_REACH), hit.start()):
        return False
    return not (words.condition.search(ahead) or words.hypothetical.search(clause) or words.hypothetical.search(hit[0]))


def _million(sentence: str) -> bool:
    return any(value >= MILLION and _COUNTED.match(sentence, end) for value, _, end in numbers(sentence))


def _outage(sentence: str, down: re.Pattern[str]) -> bool:
    return bool(down.search(sentence)) and any(_minutes(span) >= OUTAGE_MINUTES for span in _SPAN.finditer(sentence))


def _minutes(span: re.Match[str]) -> float:
    if span["half"]:
        return OUTAGE_MINUTES
    if span["much"]:
        return 120.0
    return _small(span["hours"]) * 60 if span["hours"] else _small(span["minutes"])


def _small(number: str) -> float:
    return read_number(number) or 0.0


def _specific(text: str, ours: Sequence[str]) -> bool:
    words = _words()
    what = any(name in text for name in ours) or bool(words.code.search(text))
    named = what + sum(bool(rule.search(text)) for rule in words.specific)
    return named >= (3 if words.hearsay.search(text) else 2)
