"""Text on its way out: whatever goes in, what comes out fits, is whole, and does nothing."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.text import (
    cut_bytes,
    cut_chars,
    defuse_markdown,
    defuse_text,
    fit,
    graphemes,
    markdown_link,
    one_line,
    safe_url,
    size,
)

FAMILY = "👩‍👩‍👧‍👦"
TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("👩‍👧🇨🇳éẹ́「」<>@[]()*_`#-+. \n:/ht"), max_size=200)


def test_a_chinese_character_is_three_bytes_and_is_never_split() -> None:
    assert cut_bytes("晨露乳业", 12) == "晨露乳业"
    assert cut_bytes("晨露乳业", 11) == "晨露…"


@pytest.mark.parametrize("cluster", [FAMILY, "🇨🇳", "é", "👍🏽", "❤️", "각", "🏴\U000e0067\U000e0062\U000e007f"])
def test_what_looks_like_one_character_stays_one(cluster: str) -> None:
    assert list(graphemes(f"a{cluster}b")) == ["a", cluster, "b"]
    assert cut_bytes(f"a{cluster}bcdefg", size(cluster) + 3) == "a…"


def test_two_flags_are_two_characters() -> None:
    assert list(graphemes("🇨🇳🇯🇵")) == ["🇨🇳", "🇯🇵"]


def test_a_link_is_kept_whole_or_left_out() -> None:
    text = "详情 [看依据](https://example.com/i/42) 之后"
    for limit in range(1, size(text)):
        cut = cut_bytes(text, limit)
        assert "[" not in cut or "](https://example.com/i/42)" in cut
    bare = "见 https://example.com/i/42?x=1 之后还有"
    for limit in range(1, size(bare)):
        cut = cut_bytes(bare, limit)
        assert "http" not in cut or "https://example.com/i/42?x=1" in cut


def test_the_lines_that_must_stay_stay() -> None:
    lines = ["标题", *["很长的一行" * 20] * 10]
    text = fit(lines, ["负责人 张敏", "下一步：认领 #12"], 200)
    assert text.startswith("标题\n")
    assert text.endswith("负责人 张敏\n下一步：认领 #12")
    assert size(text) <= 200
    assert cut_bytes("长" * 100, 60, ["认领 #12"]).endswith("…\n认领 #12")


@given(TEXT, st.integers(0, 300), st.lists(TEXT, max_size=3))
def test_nothing_is_ever_longer_than_its_limit(text: str, limit: int, must: list[str]) -> None:
    assert size(cut_bytes(text, limit, must)) <= limit
    assert len(cut_chars(text, limit)) <= limit
    cut = cut_bytes(text, limit)
    assert cut == text or not cut or cut.endswith("…")
    if cut and cut != text:
        assert text.startswith(cut[:-1].rstrip())


@given(
    st.lists(TEXT.filter(lambda t: "\n" not in t), max_size=5), st.lists(st.text("认领#12", min_size=1, max_size=5), max_size=3)
)
def test_must_lines_survive_whenever_they_fit_by_themselves(lines: list[str], must: list[str]) -> None:
    floor = "\n".join(must)
    assert fit(lines, must, size(floor) + 10).endswith(floor)


@given(TEXT)
def test_graphemes_lose_nothing(text: str) -> None:
    assert "".join(graphemes(text)) == text


@given(TEXT)
def test_no_text_becomes_markup_or_a_mention(text: str) -> None:
    outside = re.sub(r"[「」\n]", "", text)
    inert = defuse_markdown(f"首帖「{outside}」")
    assert not re.search(r"[<>@*`\[\]_|~\\]|&\w|&#|https?://|www\.", inert)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") and c != "\n" for c in inert)
    for line in defuse_markdown(text).split("\n"):
        assert not re.match(r"[ 　]*(#+(?!\d)|[-+]\s|\d+\.\s|-{3,}$|={1,}$|>)", line)
    assert not re.search(r"[<>]|<@", defuse_text(text))


def test_our_own_numbers_and_addresses_survive_the_defusing() -> None:
    ours = "#12 已发 https://weibo.example/d1_a?x=1&y=2\n确认 C20E"
    assert defuse_markdown(ours) == ours
    assert defuse_text(ours) == ours


def test_a_strangers_tricks_are_words() -> None:
    trick = "「<@all> **急** [点我](https://evil.example/x) evil.com &lt;@all&gt; \u202egnp.exe」"
    assert (
        defuse_markdown(trick)
        == "「＜＠all＞ ＊＊急＊＊ ［点我］(https:／／evil．example/x) evil．com ＆lt;＠all＆gt; gnp．exe」"
    )
    assert defuse_markdown("# 标题\n- 项\n1. 项\n---\n> 引") == "＃ 标题\n－ 项\n1． 项\n－－－\n＞ 引"


def test_a_link_is_only_ever_http_and_cannot_be_closed_early() -> None:
    assert safe_url("javascript:alert(1)") == ""
    assert (
        markdown_link("a](http://evil) [b", "https://ok.example/x)(y z")
        == "[a］(http://evil) ［b](https://ok.example/x%29%28y%20z)"
    )
    assert markdown_link("看", "ftp://x") == "看"
    assert one_line(" a\r\nb\tc\u2028d ") == "a b c d"
    assert size(cut_bytes("\ud800", 10)) <= 10
