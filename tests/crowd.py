"""A crowd that talks about one matter in its own words: distinct texts, no copies of each other."""

from __future__ import annotations

from random import Random
from typing import Any

PLACES = "榕城 江北 海宁路 南桥 青山 西埠 东湖 柳林 石门 白沙 金牛 龙泉 和平里 新城 老街 河口 双井 云台 梅岭 丰泽".split()
PEOPLE = "我家宝宝 邻居的孩子 表姐家女儿 同事的儿子 我外甥 闺蜜的娃 楼下小朋友 我侄女 亲戚家小孩 幼儿园同学".split()
ACTS = "喝了两顿 刚开罐 换了这批 吃到第三天 冲了一瓶 喝完半罐 睡前喝了 早上喝了 连喝一周 才买回来".split()
SIGNS = "脸上起红疹 身上一片疹子 胳膊痒得哭 脖子都是小点 后背过敏 嘴边发红 肚皮起疙瘩 半夜一直挠 眼皮肿了 腿上成片发红".split()
THEN = "打客服排队一小时 门店说不归他们管 要求退货不理 留言被删 说让我等通知 只肯退一罐 没人回电话 让我自己去检测".split()
FEEL = "太气人了 真后悔买它 以后再也不买 求大家转一下 气得手抖 心疼坏了 必须给说法 太不负责任 怎么敢卖 良心呢".split()


PLATFORMS = ("微博", "小红书", "抖音")


def voices(count: int, *, brand: str = "晨露奶粉MA0423", seed: int = 7) -> list[dict[str, Any]]:
    """``count`` mentions, each in words of its own, in turn on the platforms."""
    rand = Random(seed)
    made = []
    for n in range(count):
        parts = [rand.choice(words) for words in (PLACES, PEOPLE, ACTS, SIGNS, THEN, FEEL)]
        rand.shuffle(parts)
        text = f"{parts[0]}，{parts[1]}，{brand}{parts[2]}，{parts[3]}{rand.randint(10, 9999)}，{parts[4]}，{parts[5]}"
        made.append({"text": text, "platform": PLATFORMS[n % len(PLATFORMS)], "tier": "C"})
    return made
