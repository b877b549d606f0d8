"""Patterns are looked for in parts, for speed: what is found is the same."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.patterns import Choice, alternatives, needed
from bot.analysis.towards import _told

TABLE = tomllib.loads((resources.files("bot.analysis") / "data" / "towards.toml").read_text("utf-8"))
PATTERNS = [cue["words"] for cue in TABLE["cues"].values()] + list(TABLE["statement"].values())
CUES = [part for cue in TABLE["cues"].values() for part in alternatives(cue["words"])]
PIECES = sorted({piece for pattern in PATTERNS for piece in re.findall(r"[\u4e00-\u9fff]+|[!?“”\[\]]", pattern)})


@given(st.sampled_from(PATTERNS), st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_a_pattern_in_parts_finds_what_it_finds_whole(pattern, words):
    assert Choice(pattern).search(words) == bool(re.search(pattern, words))


@given(st.data())
def test_whatever_a_cue_finds_holds_a_word_it_needs(data):
    cue = data.draw(st.sampled_from(CUES))
    words, whole = needed(cue)
    found = data.draw(st.from_regex(f"(?:{cue})", fullmatch=True))
    assert any(word in found for word in words)
    assert not whole or found in words


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_the_cues_told_are_those_whose_patterns_find_something(words):
    cues = enumerate(cue["words"] for cue in TABLE["cues"].values())
    assert {cue for cue, _ in _told(words)} == {cue for cue, pattern in cues if re.search(pattern, words)}


def test_what_a_pattern_needs_is_put_together_from_what_must_be_there():
    for pattern, words, whole in (
        ("没人(?:管|理)", ["没人管", "没人理"], True),
        ("[甲乙]丙", ["甲丙", "乙丙"], True),
        ("甲?乙丙.{0,4}(?:丁戊己|庚辛壬)", ["丁戊己", "庚辛壬"], False),
        ("(?:甲乙?|丙)(?!丁)", ["甲", "丙"], False),
        (r"\[甲\]", ["[甲]"], True),
    ):
        assert needed(pattern) == (words, whole)


def test_a_group_that_comes_first_and_may_be_missing_is_left_whole():
    for pattern, words in (
        ("(?:甲|乙)?丙|丁", "丙"),
        ("(?:甲|乙)丙", "乙丙"),
        ("(?:甲(?:一|二)|乙)丙", "甲二丙"),
        (r"\|[|(]戊", "|(戊"),
    ):
        assert Choice(pattern).search(words)
        assert not Choice(pattern).search("己")
