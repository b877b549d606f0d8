"""Dialect in writing (Cantonese, Sichuan, Shanghai, the north-east) as the common words that the readers know, of the same length."""

from __future__ import annotations

from bot.language.lazy import later

_WORDS = {
    # Cantonese
    "唔好": "不要", "唔使": "不用", "唔系": "不是", "唔得": "不行", "唔知": "不知", "系咪": "是否", "仲未": "还没", "仲有": "还有", "仲要": "还要",
    "而家": "现在", "依家": "现在", "听日": "明天", "寻日": "昨天", "几时": "何时", "几多": "多少", "点样": "怎样", "点解": "为啥",
    "点算": "咋办", "点搞": "咋搞", "点用": "咋用", "边个": "哪个", "边位": "哪位", "边几": "哪几", "边度": "哪里",
    "乜嘢": "什么", "乜事": "啥事", "搞掂": "搞定",
    "听讲": "听说", "一齐": "一起", "倾下": "谈下", "好似": "好像", "得闲": "有空", "同埋": "以及", "唔该": "麻烦", "有冇": "有没",
    # Sichuan, Shanghai, the north-east and others
    "啥子": "什么", "咋个": "怎么", "哪个嘞": "哪个呢", "莫得": "没有", "勿要": "不要", "勿用": "不用", "阿拉": "我们",
    "俺们": "我们", "嘎哈": "干嘛",
    "咋整": "咋办", "啥前": "何时", "晓得": "知道", "哪能": "怎么", "撒子": "什么",
}  # fmt: skip
_SIGNS = {
    "咗": "了",
    "嘅": "的",
    "嚟": "来",
    "俾": "给",
    "畀": "给",
    "佢": "他",
    "啲": "些",
    "冇": "没",
    "唔": "不",
    "睇": "看",
    "嗰": "那",
    "嘢": "事",
    "俺": "我",
}
_SPOKEN = later(
    "|".join(_WORDS)
    + "|["
    + "".join(_SIGNS)
    + r"]|(?:^|(?<=[\s,，。\d号]))呢(?=单|个|件|条|次|份|铺|边)|(?<=[总工姐哥律])话(?=同意|可以|批|得|要|唔|不)|(?<=[了好定发批结案])未(?=[?？\s]*$)"
    r"|(?<=[案红级批发布料])伐(?=[?？\s]*$)|(?<=[开打])返(?=$|[\s,，。啦吧])"
)
_CONTEXT = {"呢": "这", "话": "说", "未": "没", "伐": "吗", "返": "回"}
"""Signs that mean something else elsewhere: 呢单, 陈总话同意, 结案未."""


def common(text: str) -> str:
    """The text in common words, position by position."""
    return _SPOKEN.sub(lambda m: _WORDS.get(m[0]) or _SIGNS.get(m[0]) or _CONTEXT[m[0]], text)
