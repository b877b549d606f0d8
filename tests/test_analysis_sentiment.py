"""How a text stands towards us. All companies and texts are invented."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis import sentiment
from bot.analysis.grams import CAP, grams
from bot.analysis.sentiment import Judgement, Scorer, judge, load
from bot.analysis.text import clean
from bot.errors import ConfigError
from bot.model.reading import Sentiment

OURS, OTHERS = ("晨露乳业", "晨露"), ("青岚乳业", "青岚")


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return load()


def judged(scorer: Scorer, words: str) -> Judgement:
    text = clean(words)
    return judge(text, scorer.score([text])[0], ours=OURS, others=OTHERS)


@pytest.mark.parametrize(
    "words",
    [
        "这家店太差了，再也不来",
        "房间又脏又小，服务员态度恶劣",
        "等了两个小时才送到，饭都凉了，差评",
        "晨露奶粉喝出异物，客服推诿，凭什么不退钱",
        "孩子喝了晨露的奶粉起疹子，投诉没人理",
        "晨露真是厉害了呵呵，连过期奶都敢卖",
        "晨露真行，大半夜把配送员锁在库房外",
        "恭喜晨露喜提热搜，冷链又断了",
        "幸亏没买晨露，邻居那箱是胀气的",
        "这就是晨露承诺的次日达？",
        "难道晨露就没人管了吗？良心呢",
        "晨露不如青岚，又贵又难喝",
        "晨露乳业因虚假宣传被市场监管局罚款20万元",
        "某理财平台逾期无法提现，警方以涉嫌非法吸收公众存款立案，投资人维权",
        "谢谢你晨露，让我全家进医院",
        "宝宝喝了晨露奶粉MA0423全身起疹子，在市儿童医院",
        "还是青岚好，晨露的服务真的一言难尽",
        "青岚再差也没像晨露这样喝出虫子来",
        "晨 露 的 奶 粉 有 虫 子 ， 大 家 别 买",
        "晨露的客服从来不回，说好的三天到现在也没退",
        "合着晨露的奶粉结块也是我们的错？",
        "记者暗访晨露乳业代工厂：工人徒手抓料，地面污水横流",
        "晨露真贴心，买一箱奶送一箱苍蝇，蛋白质都给你补足了",
        "晨露的“次日达”原来是指下个次日",
        "晨露家的猫都比客服有时间观念",
        "晨露的奶今天打开已经成豆腐花了，超市说找厂家，厂家说找超市",
        "晨露这波真是智商税，妥妥冤大头",
        "这次的晨露体验真谈不上好",
        "“经自查未发现问题”，自己查自己，能查出来才有鬼 //@晨露乳业:关于网络反馈的情况说明",
        "晨露的致歉信我读了三遍，没找到“赔”这个字",
        "晨露哪个产品没出过事？",
        "晨露这是喝的哪门子奶？",
    ],
)
def test_it_counts_against_us(scorer: Scorer, words: str) -> None:
    found = judged(scorer, words)

    assert found.sentiment is Sentiment.NEGATIVE
    assert found.negative > 0.5
    assert not found.denial


@pytest.mark.parametrize(
    "words",
    [
        "酒店位置很好，早餐丰富，下次还会来",
        "味道不错，送得也快，好评",
        "晨露的客服没有推诿，处理很快，点赞",
        "晨露乳业与高校签署战略合作协议，助力乳业升级",
        "晨露的奶不腥也不会太甜，宝宝喝了没有拉肚子",
        "用了一年晨露的小程序，从没坏过，也没卡过",
        "请问晨露的一段奶粉几个月可以喝？",
        "还是晨露靠谱，青岚的喝出过虫子",
        "订了三年，一次也没被晨露多收过钱",
        "从来没有被晨露的骑手骗过",
        "转发微博 //@晨露乳业:关于“乘客失联”一事，经与警方确认，当事人已于昨晚安全到家，手机没电所致",
        "澄清一下，昨天高速上起火的货车不是晨露的，交警已经通报了",
        "用晨露的小程序两年了，从来没掉过链子，没卡过，没死过机",
        "一开始以为晨露弄错了，没想到师傅自己打车给我送了过来，真的很感动",
        "以为晨露会赖账，结果秒退",
        "谁说晨露不好的？我家喝了三年",
        "晨露的客服电话是多少？",
    ],
)
def test_it_does_not_count_against_us(scorer: Scorer, words: str) -> None:
    found = judged(scorer, words)

    assert found.sentiment is not Sentiment.NEGATIVE
    assert found.negative < 0.5


@pytest.mark.parametrize(
    "words",
    [
        "有人用过晨露的奶粉吗，求真实体验",
        "想问下晨露可以常温放吗，怎么保存比较好",
        "有没有在晨露上班过的，包住吗",
        "晨露上热议了，大家平时喝哪家的果味奶？",
        "大家平时喝哪家的酸奶？晨露还是青岚",
        "晨露新出的酸奶什么味道？",
        "想换奶粉，晨露几段适合一岁",
    ],
)
def test_who_only_asks_is_neutral(scorer: Scorer, words: str) -> None:
    assert judged(scorer, words).sentiment is Sentiment.NEUTRAL


@pytest.mark.parametrize(
    "words",
    [
        "晨露乳业发布声明：网传产品致病不属实，我司已报警",
        "转发微博 //@晨露乳业: 严正声明 网传视频系谣言，我司保留追究法律责任",
        "晨露乳业今日回应称，未发现质量问题",
        "晨露乳业情况说明：我司高度重视，已成立专项工作组，后续进展及时公布",
        "别再传了，晨露喝坏人是谣言",
        "【辟谣声明】有关晨露添加有害物质的说法纯属捏造，本公司将追究法律责任",
        "晨露乳业：网传奶粉致皮疹不实",
        "晨露乳业致歉信：对不起，我们没有保护好孩子",
        "转发微博 //@晨露乳业: 网传奶粉致皮疹不实",
        "【晨露乳业声明】网传本公司奶粉致婴儿皮疹的消息不属实，我们已报案",
    ],
)
def test_our_own_denial_and_its_repost_do_not_count_against_us(scorer: Scorer, words: str) -> None:
    found = judged(scorer, words)

    assert found.denial
    assert found.sentiment is Sentiment.NEUTRAL
    assert found.negative <= 0.1


@pytest.mark.parametrize(
    "words",
    [
        "呵呵谁信啊 //@晨露乳业: 严正声明 网传视频系谣言，我司保留追究法律责任",
        "晨露乳业：虚假宣传被罚五万元",
        "晨露的声明太敷衍了，谁信",
        "晨露辟谣辟得挺快，退款怎么不见这么快",
        "又是“网传不实”，晨露你们退款了吗 //@晨露乳业: 严正声明",
        "晨露客服表示不存在质量问题，可我孩子喝了就拉肚子，投诉没人理",
    ],
)
def test_who_doubts_our_statement_is_against_us(scorer: Scorer, words: str) -> None:
    found = judged(scorer, words)

    assert not found.denial
    assert found.sentiment is Sentiment.NEGATIVE


@pytest.mark.parametrize(
    "words",
    ["青岚乳业奶粉被曝喝出异物，家长要求赔偿", "晨露牛奶挺好喝，青岚的喝出虫子恶心死了", "青岚被罚了，和晨露没关系"],
)
def test_trouble_of_a_competitor_is_not_ours(scorer: Scorer, words: str) -> None:
    found = judged(scorer, words)

    assert found.sentiment is not Sentiment.NEGATIVE
    assert found.negative <= 0.1


def test_a_text_that_names_nobody_keeps_its_own_sentiment(scorer: Scorer) -> None:
    text = clean("今天心情真好，风景太美了")
    row = scorer.score([text])[0]

    assert judge(text, row, ours=OURS, others=OTHERS).negative == pytest.approx(float(row[0]))


def test_a_negated_reproach_is_no_reproach(scorer: Scorer) -> None:
    assert judged(scorer, "晨露没有推诿，当天就处理").negative < judged(scorer, "晨露推诿，当天没处理").negative


def test_the_order_and_size_of_a_batch_change_nothing(scorer: Scorer) -> None:
    texts = [clean(words) for words in ("好喝", "", "客服太差" * 400, "😀", "just ok", "快递很快，谢谢") * 3]
    whole = scorer.score(texts)

    assert whole.shape == (len(texts), 3)
    assert np.allclose(whole.sum(axis=1), 1, atol=1e-5)
    for text, row in zip(texts, whole, strict=True):
        assert np.allclose(scorer.score([text])[0], row, atol=1e-5)
    assert scorer.score([]).shape == (0, 3)


def test_who_was_named_and_where_a_link_leads_change_nothing(scorer: Scorer) -> None:
    one, two = scorer.score([clean("@张三 太难喝了 http://t.cn/a1"), clean("@李四 太难喝了 http://t.cn/b2")])

    assert np.allclose(one, two)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_any_texts_have_n_grams(texts: list[str]) -> None:
    clean_texts = [clean(text).text for text in texts]
    buckets, counts = grams(clean_texts, 12)

    assert len(counts) == len(texts)
    assert counts.min() > 0
    assert counts.sum() == len(buckets)
    assert buckets.size == 0 or (buckets.min() >= 0 and buckets.max() < 1 << 12)


def test_shouting_and_length_are_bounded() -> None:
    short, long = grams(["哈哈哈", "哈" * 5_000], 12)[1]
    _, (capped,) = grams(["甲乙" * 5_000], 12)

    assert short == long
    assert capped <= 3 * (CAP + 2)


def test_the_model_is_small_and_loads_at_once() -> None:
    started = time.perf_counter()
    load()

    assert sentiment.SHIPPED.stat().st_size < 3_000_000
    assert time.perf_counter() - started < 2


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "model.npz"
    wrong.write_bytes(b"no model")

    with pytest.raises(ConfigError, match=r"model\.npz"):
        load(wrong)
    with pytest.raises(ConfigError, match=r"missing\.npz"):
        load(tmp_path / "missing.npz")
