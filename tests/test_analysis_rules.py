"""Watch rules: what is asked for is found however it is written, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.homophones import sounds
from bot.analysis.rules import Rule, compile_rules
from bot.analysis.rules_import import import_frequency_words
from bot.analysis.text import clean, fold, normalise
from bot.errors import ConfigError


def fits(rule: Rule, words: str, **aliases: list[str]) -> bool:
    return compile_rules([rule], aliases).match(clean(words)) == (rule.name,)


def expr(text: str) -> Rule:
    return Rule("试", expr=text)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("晨露奶粉结块", True),
        ("晨露乳业回应", True),
        ("晨露乳业招聘", False),
        ("乳业新闻", False),
        ("晨·露·奶·粉有问题", True),
        ("晨露 奶粉", True),
        ("晨\u200b露奶粉", True),
        ("晨露乳業被罰", True),
    ],
)
def test_any_and_none(words, expected):
    assert fits(Rule("奶粉", any=("晨露奶粉", "晨露乳业"), none=("招聘",)), words) is expected


def test_all_asks_for_every_word_and_any_for_one():
    rule = Rule("皮疹", any=("晨露", "露露"), all=("宝宝", "皮疹"))
    assert fits(rule, "宝宝喝了晨露起皮疹")
    assert not fits(rule, "宝宝喝了晨露")
    assert not fits(rule, "宝宝起皮疹")


def test_the_none_of_one_rule_never_leaks_into_another():
    matcher = compile_rules([Rule("甲", any=("晨露",), none=("招聘",)), Rule("乙", any=("晨露",)), Rule("丙", any=("招聘",))])
    assert matcher.match(clean("晨露招聘")) == ("乙", "丙")


def test_every_rule_that_fits_is_reported_in_order():
    matcher = compile_rules([Rule(f"{n}", any=("晨露",)) for n in range(12)])
    assert matcher.match(clean("晨露")) == tuple(str(n) for n in range(12))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("用AI写的", True),
        ("AI", True),
        ("said", False),
        ("OpenAI发布", False),
        ("ＡＩ来了", True),
        ("ai2", False),
        ("a.i", False),
    ],
)
def test_a_latin_word_stands_whole_beside_chinese(words, expected):
    assert fits(Rule("智能", any=("AI",)), words) is expected


def test_terms_of_signs_and_mixed_scripts_are_found():
    assert fits(Rule("语言", any=("C++",)), "学C++的人")
    assert not fits(Rule("语言", any=("C++",)), "维生素C不错")
    assert fits(Rule("股", any=("A股",)), "今天A股大跌")
    assert not fits(Rule("股", any=("A股",)), "NBA股东")
    assert fits(Rule("怒", any=("😡",)), "退款😡")
    assert fits(Rule("车", any=("Model 3",)), "提了model  3，漏水")


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("(晨露 | 晨露乳业) & (皮疹 | 过敏) - 招聘", "晨露喝了过敏", True),
        ("(晨露 | 晨露乳业) & (皮疹 | 过敏) - 招聘", "晨露过敏科招聘", False),
        ("晨露 | 云栈 & 退款", "晨露", True),
        ("晨露 | 云栈 & 退款", "云栈", False),
        ("晨露 - (招聘 - 骗局)", "晨露招聘骗局", True),
        ("晨露 - (招聘 - 骗局)", "晨露招聘", False),
        ("-招聘 & 晨露", "晨露奶粉", True),
        ('"wi-fi" & 云栈', "云栈车上wi-fi断了", True),
        ("（晨露｜云栈）＆“退 款”", "云栈不退款", True),
        ("「A&B」", "a&b超市", True),
    ],
)
def test_expressions(text, words, expected):
    assert fits(expr(text), words) is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("退款被一再拒绝", True),
        ("拒绝给我们退款", True),
        ("退款一二三四五拒绝", True),
        ("退款一二三四五六拒绝", False),
        ("退款，一 二 三、四 五！拒绝", True),
        ("退款", False),
    ],
)
def test_near_counts_the_characters_between(words, expected):
    assert fits(expr("退款 ~5 拒绝"), words) is expected


def test_near_takes_alternatives_and_one_word_is_not_near_itself():
    assert fits(expr("(退款 | 退钱) ~5 (拒绝 | 不理)"), "退钱不理人")
    assert not fits(expr("退款 ~5 退款"), "退款")
    assert fits(expr("退款 ~5 退款"), "退款退款")


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("晨露 云栈", "第4字", "缺少"),
        ("(晨露 & 云栈", "第1字", "括号没有合上"),
        ("晨露)", "第3字", "多了右括号"),
        ("晨露 &", "第5字", "没有写完"),
        ("& 晨露", "第1字", "应是词"),
        ("- 晨露", "第1字", "只有排除词"),
        ("晨露 | (-云栈)", "第7字", "只有排除词"),
        ('晨露 & "云栈', "第6字", "引号没有合上"),
        ("晨露 ~ 云栈", "第4字", "字数"),
        ("晨露 ~5 (云栈 & 退款)", "第4字", "两边只能是词"),
        ("晨露 & $没有", "expr", "没有别名"),
        ("(" * 5000 + "晨露", "第1字", "太深"),
    ],
)
def test_a_wrong_expression_names_rule_and_character(text, at, why):
    with pytest.raises(ConfigError, match="watch「试」") as wrong:
        compile_rules([expr(text)])
    assert at in str(wrong.value)
    assert why in str(wrong.value)


@pytest.mark.parametrize("rule", [Rule("空"), Rule("空", none=("招聘",)), Rule("空", any=(" ",)), Rule("空", any=("/(/",))])
def test_a_rule_without_a_word_to_find_is_refused(rule):
    with pytest.raises(ConfigError, match="watch「空」"):
        compile_rules([rule])


def test_two_rules_of_one_name_are_refused():
    with pytest.raises(ConfigError, match="重复"):
        compile_rules([Rule("甲", any=("a",)), Rule("甲", any=("b",))])


def test_an_alias_stands_for_the_companys_names():
    rule = Rule("公司", all=("$公司", "退款"))
    assert fits(rule, "晨露不给退款", 公司=["晨露乳业", "晨露"])
    assert not fits(rule, "云栈不给退款", 公司=["晨露乳业", "晨露"])
    assert fits(Rule("公司", expr="$公司 - 招聘"), "晨露乳业", 公司=["晨露乳业"])


def test_homophones_only_where_asked_for_and_never_among_the_excluded():
    assert fits(Rule("音", any=("晨露",), homophones=True), "尘露奶粉太坑")
    assert not fits(Rule("音", any=("晨露",)), "尘露奶粉太坑")
    assert fits(Rule("音", any=("晨露",), none=("招聘",), homophones=True), "晨露找品")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("要tuikuan", True),
        ("我要 tui kuan", True),
        ("t.u.i款", True),
        ("T-U-I 款，快", True),
        ("退kuan", True),
        ("t u i k u a n", True),
        ("腿款", True),
        ("tuikuanx", False),
        ("tuikua", False),
        ("the tui app", False),
        ("tu ikuan", True),
        ("退了款", False),
    ],
)
def test_pinyin_is_heard_where_homophones_are_asked_for(words, expected):
    assert fits(Rule("音", any=("退款",), homophones=True), words) is expected
    assert not fits(Rule("音", any=("退款",)), words)


def test_what_is_heard_stands_where_it_was_written():
    near = Rule("近", expr="退款 ~3 晨露", homophones=True)
    assert fits(near, "t.u.i款给我晨露")
    assert not fits(near, "t.u.i款给我钱吧晨露")


@given(st.text(alphabet="tuikanx 退款晨.,1", max_size=40))
def test_every_sound_has_its_place(words):
    folded = fold(normalise(words))
    signs, places = sounds(folded)
    assert len(places) == len(signs) + 1
    assert list(places) == sorted(places)
    assert places[-1] == len(folded)


def test_a_rule_explains_hits_and_misses():
    matcher = compile_rules([Rule("奶粉", any=("晨露", "云栈"), all=("皮疹",), none=("招聘",))])
    (why,) = matcher.explain(clean("晨露招聘"))
    assert (why.fits, why.found, why.missing, why.forbidden) == (False, ("晨露",), ("皮疹",), ("招聘",))
    assert why.line == "✗ 奶粉　命中：晨露；缺：皮疹；被排除词挡住：招聘"


def test_a_pattern_is_a_term_too():
    assert fits(Rule("批次", any=(r"/ma\d{4}/",)), "批次MA0423有问题")


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(a+)+b", "可能算不完"),
        ("(晨|晨露)*坏", "可能算不完"),
        ("((退.*)款)*", "可能算不完"),
        ("(退款", "第1字：括号没有合上"),
        ("[退款", "第1字：方括号没有合上"),
        ("*退款", "第1字：前面没有可以重复的字"),
    ],
)
def test_a_pattern_that_may_never_end_or_is_broken_is_refused(pattern, said):
    for rule in (Rule("批次", any=(f"/{pattern}/",)), Rule("批次", expr=f'"/{pattern}/"')):
        with pytest.raises(ConfigError, match=said):
            compile_rules([rule])


@pytest.mark.parametrize(
    "pattern", [r"批次.*召回", r"(?:晨露|晨光).{0,20}(?:坏|臭)", r"\bma\d+\b", "[一-龥]+退款", "(退款){1,3}"]
)
def test_what_rules_need_of_patterns_is_taken(pattern):
    compile_rules([Rule("批次", any=(f"/{pattern}/",))])


@given(st.text(alphabet='晨露退款ab 1-|&()~"', max_size=30))
def test_no_expression_breaks_the_parser(text):
    try:
        matcher = compile_rules([expr(text)])
    except ConfigError:
        return
    assert matcher.match(clean("")) == ()


FREQUENCY_WORDS = """# 注释
[GLOBAL_FILTER]
广告
/震惊|标题党/

[WORD_GROUPS]
[乳业]
晨露
/\\b云栈\\b|榕川/ => 出行
+召回
!招聘
@5

AI
人工智能

# 只有过滤
!抽奖

/恒启\\d+号/ => 恒启
"""


def test_a_frequency_words_file_is_read_as_it_is():
    rules = import_frequency_words(FREQUENCY_WORDS)
    everywhere = ("广告", "震惊", "标题党", "抽奖")
    assert rules == [
        Rule("乳业", any=("晨露", "云栈", "榕川"), all=("召回",), none=("招聘", *everywhere)),
        Rule("AI / 人工智能", any=("AI", "人工智能"), none=everywhere),
        Rule("恒启", any=("/恒启\\d+号/",), none=everywhere),
    ]
    assert compile_rules(rules).match(clean("榕川召回AI汽车，恒启7号")) == ("乳业", "AI / 人工智能", "恒启")


def test_a_word_shown_under_one_name_names_the_group_once():
    (rule,) = import_frequency_words("晨露\n/(?<![a-z])chenlu(?![a-z])/i => 晨露\n")
    assert (rule.name, rule.any) == ("晨露", ("晨露", "chenlu"))


def test_a_bad_pattern_in_the_file_names_its_line():
    with pytest.raises(ConfigError, match="第2行"):
        import_frequency_words("晨露\n/(/")


@pytest.mark.parametrize(
    ("rule", "text", "line"),
    [
        (
            Rule("远", expr="召回 ~4 (奶粉 | 奶片)"),
            "召回的事大家都在说，不是奶粉",
            "✗ 远　命中：召回、奶粉；缺：召回 与 （奶粉 或 奶片） 相隔不超过4字",
        ),
        (
            Rule("两路", expr="(皮疹 & 住院) | (退款 - 广告)"),
            "皮疹",
            "✗ 两路　命中：皮疹；缺：（皮疹 且 住院） 或 （退款，没有 广告）",
        ),
        (Rule("音", any=("退款",), homophones=True), "退款", "✓ 音　命中：退款"),
        (Rule("音", any=("退款",), homophones=True), "推款", "✓ 音　命中：退款（同音）"),
        (Rule("音", any=("退款",), homophones=True), "换货", "✗ 音　没有命中的词；缺：退款 或 退款（同音）"),
    ],
)
def test_an_explanation_says_what_was_asked_for(rule: Rule, text: str, line: str) -> None:
    (why,) = compile_rules([rule]).explain(clean(text))

    assert why.line == line
