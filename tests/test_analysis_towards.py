"""Patterns are looked for in parts, for speed: what is found is the same."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.towards import _alternatives, _anchor, _Any, _multiplied, _words

TABLE = tomllib.loads((resources.files("bot.analysis") / "data" / "towards.toml").read_text("utf-8"))
PATTERNS = [cue["words"] for cue in TABLE["cues"].values()] + list(TABLE["statement"].values())
CUES = [whole for cue in TABLE["cues"].values() for part in _alternatives(cue["words"]) for whole in _multiplied(part)]
PIECES = sorted({piece for pattern in PATTERNS for piece in re.findall(r"[\u4e00-\u9fff]+|[!?“”\[\]]", pattern)})


@given(st.sampled_from(PATTERNS), st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_a_pattern_in_parts_finds_what_it_finds_whole(pattern, words):
    assert _Any(pattern).search(words) == bool(re.search(pattern, words))


@given(st.data())
def test_whatever_a_cue_finds_holds_its_anchor(data):
    cue = data.draw(st.sampled_from(CUES))
    assert _anchor(cue) in data.draw(st.from_regex(cue))


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_only_cues_whose_anchors_stand_there_need_be_asked(words):
    table = _words()
    found = {index for index, _, _ in table.anchors.find_matches_as_indexes(words, overlapping=True)}
    asked = {cue for index in found for cue in table.anchored[index]}
    assert {cue for cue, (_, rule) in enumerate(table.cues) if rule.search(words)} <= asked


def test_a_group_that_comes_first_and_may_be_missing_is_left_whole():
    for pattern, words in (
        ("(?:甲|乙)?丙|丁", "丙"),
        ("(?:甲|乙)丙", "乙丙"),
        ("(?:甲(?:一|二)|乙)丙", "甲二丙"),
        (r"\|[|(]戊", "|(戊"),
    ):
        assert _Any(pattern).search(words)
        assert not _Any(pattern).search("己")
