"""Normalising: whatever people do to a word so that it is not found, it is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.text import clean, fold, normalise


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("退\u200b款\ufeff", "退款"),
        ("\u202e退款\u202c", "退款"),
        ("要求賠償頭髮脫落", "要求赔偿头发脱落"),
        ("這是藉口", "这是借口"),
        ("乾隆年間的乾淨", "乾隆年间的干净"),
        ("㍿①", "株式会社1"),
    ],
)
def test_disguises_come_off(written, meant):
    assert normalise(written) == meant


def test_old_japanese_and_hong_kong_forms_are_simplified():
    assert normalise("退欵囘 衞生 売気発 晨露奶菓") == "退款回 卫生 卖气发 晨露奶果"
    assert normalise("芸香 欠缺 台") == "芸香 欠缺 台"


def test_emoji_are_kept():
    assert normalise("😡退款❤️") == "😡退款❤"


@given(st.text())
def test_normalising_twice_changes_nothing(words):
    once = normalise(words)
    assert normalise(once) == once


@given(st.text(alphabet=st.characters()))
def test_no_text_breaks_the_cleaner(words):
    cleaned = clean(words)
    assert cleaned.dense == "".join(c for c in cleaned.dense if c.isalnum())
    cleaned.text.encode()


@pytest.mark.parametrize("evasion", ["退.款", "退 款", "退-款", "退 * 款", "退\n款", "退、款", "退·款", "退️款", "退😀款"])
def test_marks_inside_a_chinese_word_are_ignored(evasion):
    assert clean(f"我要{evasion}").dense == "我要退款"
    assert "退款" in clean(f"我要{evasion}").folded


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("晨 露 的 奶 粉 有 虫 子", "晨露的奶粉有虫子"),
        ("真的垃.圾,客.服.装.死,维.权.无.门", "真的垃圾,客服装死,维权无门"),
        ("奶*粉*结*块", "奶粉结块"),
        ("model 3 很好, ok 吗", "model 3 很好, ok 吗"),
        ("很好. 下次再来", "很好. 下次再来"),
    ],
)
def test_words_spelled_out_are_put_together_for_the_judges(written, meant):
    assert clean(written).text == clean(written).bare == meant


def test_latin_words_stay_apart_when_folded():
    assert fold("晨露 model 3, ok 吗") == "晨露model 3 ok吗"


def test_addresses_and_names_are_put_apart():
    cleaned = clean("@晨露乳业 客服不理人 https://t.cn/A6abc?x=1 @张三")
    assert cleaned.bare == "客服不理人"
    assert cleaned.folded == "晨露乳业客服不理人张三"
    assert not cleaned.reposted


def test_a_repost_shows_what_was_added_and_what_was_forwarded():
    cleaned = clean("太离谱了//@路人甲:回复@乙:奶粉里有异物")
    assert cleaned.own == "太离谱了"
    assert cleaned.bare == "太离谱了  奶粉里有异物"
    assert cleaned.reposted
    assert not cleaned.is_bare_repost


@pytest.mark.parametrize(
    "words",
    [
        "转发微博",
        "轉發微博//@甲:奶粉里有异物",
        "//@甲:奶粉里有异物",
        "唉！[怒][怒]//@甲:奶粉里有异物",
        "「奶粉里有异物」//@甲:奶粉里有异物",
    ],
)
def test_a_repost_without_four_characters_of_its_own_is_bare(words):
    assert clean(words).is_bare_repost


def test_a_quotation_in_an_ordinary_text_is_not_taken_away():
    cleaned = clean("客服说“不能退款”，太过分")
    assert cleaned.own == cleaned.bare
    assert not cleaned.reposted


def test_a_text_of_nothing_but_a_name_keeps_its_words():
    assert clean("@晨露乳业退钱").dense == "晨露乳业退钱"
