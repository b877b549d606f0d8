"""Command words typed by sound: homophones (任领, 订级, 启草), initials (rl, dj), whole pinyin (bangzhu)."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from bot.language.lazy import later

COMMAND_WORDS = {
    "认领": "ren ling", "指派": "zhi pai", "定级": "ding ji", "任务": "ren wu", "事实": "shi shi", "决策": "jue ce",
    "起草": "qi cao", "审批": "shen pi", "同意": "tong yi", "驳回": "bo hui", "发布": "fa bu", "上报": "shang bao",
    "升级": "sheng ji", "静音": "jing yin", "结案": "jie an", "重开": "chong kai", "汇总": "hui zong", "简报": "jian bao",
    "趋势": "qu shi", "帮助": "bang zhu", "复盘": "fu pan", "演练": "yan lian", "列表": "lie biao", "状态": "zhuang tai",
    "催办": "cui ban", "转派": "zhuan pai", "转交": "zhuan jiao", "补课": "bu ke", "核实": "he shi", "待办": "dai ban",
    "归档": "gui dang", "撤下": "che xia", "撤回": "che hui", "辟谣": "pi yao", "致歉": "zhi qian", "日报": "ri bao",
    "周报": "zhou bao", "摘要": "zhai yao", "热度": "re du", "关闭": "guan bi", "进展": "jin zhan", "走势": "zou shi",
    "召回": "zhao hui", "声明": "sheng ming", "小结": "xiao jie", "屏蔽": "ping bi", "完成": "wan cheng", "分派": "fen pai",
    "推演": "tui yan", "误报": "wu bao", "决定": "jue ding", "拍板": "pai ban", "清单": "qing dan", "负责": "fu ze",
}  # fmt: skip
"""Words that are recognised by their sound, with it."""

INITIALS = {
    "rl": "认领", "zp": "指派", "dj": "定级", "rw": "任务", "ss": "事实", "jc": "决策", "qc": "起草", "sp": "审批", "ty": "同意",
    "bh": "驳回", "fb": "发布", "sb": "上报", "sj": "升级", "jy": "静音", "ja": "结案", "ck": "重开", "hz": "汇总", "jb": "简报",
    "qs": "趋势", "bz": "帮助", "fp": "复盘", "yl": "演练", "lb": "列表", "zt": "状态", "ztai": "状态", "bk": "补课", "gd": "归档",
    "db": "待办", "cb": "催办", "zj": "转交", "zy": "摘要", "rb": "日报", "zb": "周报", "jz": "进展", "zs": "走势",
}  # fmt: skip
"""Initials that people type instead of a command, at the head of a line only."""

_NOT = {"发不", "通以", "统一", "一同", "真实", "实事", "事时", "生明", "完程", "负则", "只派", "才办", "带办"}
_INITIAL = "bpmfdtnlgkhjqxzcsrwy"
_HEAD = later(r"[a-z]{2,12}")
_FUZZY = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))


def folded(sound: str) -> str:
    """A sound without the differences that many speakers do not make: zh/z, ch/c, sh/s, ang/an, eng/en, ing/in."""
    for strict, loose in _FUZZY:
        sound = sound.replace(strict, loose)
    return sound


@cache
def _syllables() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in _data("syllables.txt").splitlines():
        sound, _, chars = line.partition(" ")
        sound = folded(sound)
        table.update(dict.fromkeys(chars, sound))
    return table


@cache
def _real() -> frozenset[str]:
    return frozenset(_data("real_words.txt").split()) | _NOT


@cache
def _by_sound() -> dict[str, str]:
    return {folded(sound): word for word, sound in COMMAND_WORDS.items()}


@cache
def _whole() -> dict[str, str]:
    return {sound.replace(" ", ""): word for word, sound in COMMAND_WORDS.items()} | INITIALS


def _data(name: str) -> str:
    return files("bot.language").joinpath("data", name).read_text(encoding="utf-8")


_PLAIN = later("[是不了的吗没有在我你他她就都也要和]")
"""Words of grammar: a pair with one of them is no misspelt command (要是死人了)."""


def heard(text: str, heads: frozenset[int]) -> str:
    """The text with command words in their own characters, of the same length. ``heads`` are positions where a command may
    begin: elsewhere sound alone says too little (指挥中心 is no 汇总)."""
    table, sounds, real = _syllables(), _by_sound(), _real()
    chars = list(text)
    at = 0
    while at < len(text) - 1:
        pair = text[at : at + 2]
        word = _misheard(text, at) if at in heads else ""
        first, second = table.get(pair[0]), table.get(pair[1])
        if (
            not word
            and at in heads
            and first
            and second
            and pair not in COMMAND_WORDS
            and pair not in real
            and not _PLAIN.search(pair)
        ):
            word = sounds.get(f"{first} {second}", "")
        if not word and at in heads and pair[::-1] in COMMAND_WORDS and pair not in real - {"实事"}:
            word = pair[::-1]
        before = text[at - 1] if at else " "
        crossing = before + pair[0] in COMMAND_WORDS or pair[1] + text[at + 2 : at + 3] in COMMAND_WORDS
        if pair == "发不" and at in heads and re.match(r"\s?d\s?\d", text[at + 2 :]):
            word = "发布"
        if word and not crossing:
            chars[at : at + 2] = word
            at += 2
            continue
        at += 1
    return "".join(chars)


_REPORTS = frozenset({"已报", "照报", "免报", "速报", "快报", "专报", "补报", "通报", "呈报"})
"""Further words that sound like 日报, 误报 and the like."""


def _misheard(text: str, at: int) -> str:
    """A command word with one character wrong (起早, 重凯), where a number follows at once: 重凯 #7."""
    pair = text[at : at + 2]
    if not re.match(r"\s?#\s?\d", text[at + 2 :]) or pair in COMMAND_WORDS or pair in _REPORTS:
        return ""
    table = _syllables()
    for word in COMMAND_WORDS:
        same = [a == b for a, b in zip(word, text[at : at + 2], strict=True)]
        if sum(same) != 1:
            continue
        wrong = same.index(False)
        typed, meant = table.get(text[at + wrong], ""), table.get(word[wrong], "")
        if typed and meant and (typed == meant or typed.lstrip(_INITIAL) == meant.lstrip(_INITIAL) != ""):
            return word
    return ""


_HALF = later(r"([一-龥])([a-z]{1,6})(?![a-z])|(?<![a-z])([a-z]{1,6})([一-龥])")


def half_spelled(text: str, heads: frozenset[int]) -> str:
    """The text with command words typed half in characters, half in pinyin (重kai, jie案) written out, of the same length."""

    def whole(found: re.Match[str]) -> str:
        if found.start() not in heads:
            return found[0]
        for word, sound in COMMAND_WORDS.items():
            first, second = sound.split(" ")
            if (found[1] == word[0] and found[2] == second) or (found[3] == first and found[4] == word[1]):
                return word.ljust(len(found[0]))
        return found[0]

    return _HALF.sub(whole, text)


def spelled_out(text: str) -> str:
    """A line whose head is initials or whole pinyin, with the command in characters, padded to the same length.

    Initials alone say too little: they need an object or another word behind them, unless they are whole pinyin.
    """
    if (parted := re.match(r"([a-z]{2,6}) ([a-z]{2,6})(?= ?#?\d|$)", text)) and (joined := parted[1] + parted[2]) in _whole():
        text = f"{joined} {text[parted.end() :]}"
    found = _HEAD.match(text)
    if not found:
        return text
    word = _whole().get(found[0])
    rest = text[found.end() :]
    if not word or (rest and re.match(r"[a-z0-9_.@/-]", rest) and not rest[0].isdigit()):
        return text
    if found[0] == "sb" and not re.match(r"\s?(?:#|\d)", rest):
        return text
    if found[0] in INITIALS and not rest.strip() and found[0] not in ("bz", "lb", "ztai", "rl", "bk", "yl"):
        return text
    return word.ljust(found.end()) + rest
