"""Made-up mentions about made-up companies, so that every figure can be repeated anywhere: no row of anybody's data."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator

from bot.analysis.rules import Rule

BRANDS = ["晨露乳业", "云栈出行", "榕川科技", "恒启物流", "青禾政采网", "晨露", "云栈", "榕川"]
PLACES = ["杭州", "郑州", "成都", "深圳南山", "武汉光谷", "西安", "沈阳铁西", "合肥", "南宁", "石家庄", "苏州园区", "昆明"]
THINGS = [
    "奶粉",
    "酸奶",
    "专车",
    "顺风车",
    "手机",
    "路由器",
    "快递",
    "冷链",
    "投标系统",
    "会员卡",
    "退款",
    "发票",
    "优惠券",
    "客服热线",
]
TROUBLES = (
    "杯底有黑色颗粒|司机绕路还骂人|三天没有物流信息|系统一直打不开|扣了两次钱|"
    "包装漏了一半|屏幕闪得没法用|说好的赔付没影了|孩子喝完起了疹子|承诺的功能根本没有"
)
PRAISES = (
    "包装严实味道也正|司机师傅帮忙搬行李|隔天就到了|新版本流畅多了|"
    "客服半小时就解决了|价格比以前实在|门店阿姨特别耐心|续航比上一代强"
)
REPLIES = (
    "打了四次电话都没人接|客服只会让我等通知|说是正常现象不予处理|让我自己去检测费用自理|"
    "工单第二天就被关了|换了三个人说法都不一样|已经向平台投诉|打算去市场监管局反映"
)
ENDINGS = ["", "。", "！！！", "[怒]", " http://t.cn/A6xYz", " @晨露乳业", "……", "😡", "🙏"]


def texts(number: int, seed: int = 7, repeated: float = 0.15) -> Iterator[str]:
    """``number`` posts of 20 to 140 characters; ``repeated`` of them are copies, reposts or edits of one of the last 500.

    A post names a company, a thing and a matter, and goes on in words of jieba's dictionary, drawn by their frequency: no sense,
    but the variety and the word lengths of real posts.
    """
    dice = random.Random(seed)
    matters = (TROUBLES + "|" + PRAISES + "|" + REPLIES).split("|")
    words, weights = _vocabulary()
    drawn = iter(_endless(dice, words, weights))
    recent: list[str] = []
    for n in range(number):
        if recent and dice.random() < repeated:
            yield _again(dice, dice.choice(recent))
            continue
        parts = [f"{dice.choice(PLACES)}{dice.choice(BRANDS)}的{dice.choice(THINGS)}{dice.choice(matters)}"]
        parts += ["".join(next(drawn) for _ in range(dice.randint(2, 6))) for _ in range(dice.randint(1, 8))]
        dice.shuffle(parts)
        text = "，".join(parts) + dice.choice(ENDINGS)
        if len(recent) < 500:
            recent.append(text)
        else:
            recent[n % 500] = text
        yield text


def _vocabulary() -> tuple[list[str], list[int]]:
    import jieba

    rows = (line.decode().split(" ") for line in jieba.get_dict_file())
    frequent = [(word, int(count)) for word, count, _ in rows if int(count) >= 200]
    return [word for word, _ in frequent], list(itertools.accumulate(min(count, 50_000) for _, count in frequent))


def _endless(dice: random.Random, words: list[str], weights: list[int]) -> Iterator[str]:
    while True:
        yield from dice.choices(words, cum_weights=weights, k=4096)


def _again(dice: random.Random, text: str) -> str:
    return dice.choice(
        [
            text,
            f"转发微博//@路人:{text}",
            f"说得太对了，支持//@路人:{text}",
            f"【突发】{text}",
            text.replace("，", " "),
            text[: len(text) * 3 // 4] + "…",
        ]
    )


def lines(number: int, seed: int = 7) -> Iterator[bytes]:
    """The posts as JSON lines of the contract, one a second."""
    for n, text in enumerate(texts(number, seed)):
        record = {
            "id": f"m{n}",
            "source": "样本",
            "platform": "weibo",
            "text": text,
            "published": 1_780_000_000 + n,
            "author": f"用户{n % 997}",
        }
        yield json.dumps(record, ensure_ascii=False).encode() + b"\n"


def rules(number: int, seed: int = 7) -> list[Rule]:
    """Watch rules such as a company of that size keeps: names, matters, exclusions, expressions."""
    dice = random.Random(seed)
    words = [f"{place}{thing}" for place, thing in itertools.product(PLACES, THINGS)]
    matters = [part[i : i + 4] for part in (TROUBLES + "|" + REPLIES).split("|") for i in range(0, len(part) - 4, 2)]
    made = []
    for n in range(number):
        brand, two = dice.choice(BRANDS), dice.sample(matters, 2)
        if n % 4 == 0:
            made.append(
                Rule(f"规则{n}", any=(f"{brand}{dice.choice(THINGS)}{n}", *dice.sample(words, 3)), none=("招聘", "抽奖"))
            )
        elif n % 4 == 1:
            made.append(Rule(f"规则{n}", any=tuple(two), all=(brand,), none=("转让",)))
        elif n % 4 == 2:
            made.append(Rule(f"规则{n}", expr=f"({brand} | 某品牌{n}) & ({two[0]} | {two[1]}) - 招聘"))
        else:
            made.append(Rule(f"规则{n}", any=tuple(f"{word}{n}" for word in dice.sample(words, 4))))
    return made
