"""grade: 定级, 升红, 降到黄色, 按II级响应走, 🟠."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import speech, words
from bot.language.lazy import later
from bot.language.said import Said
from bot.model.intent import Intent

_NAME = (
    r"(?:蓝色?|黄色?|橙色?|红色?|[🔵🟡🟠🔴🟥🟧🟨🟦]|[一二三四]级|(?<![a-z])i{1,3}v?级|iv级|[1-4]级|red"
    r"|orange|yellow|blue|特别重大|重大级?|较大级?|一般级?(?!来|人|情|都)|最高级?别?)"
)
_UP = later(
    r"升(?!级上报)|拔到|上(?=橙|红|黄)|提(?:到|为|成|高|升|级)|拉(?:到|高|满|(?=红|橙|黄))|调高|上调|加(?:到|一)|raise"
    r"|upgrade|(?<![a-z])up(?![a-z])|拔高|顶到|抬"
)
_DOWN = later(r"降|调回|下调|调低|退回?到|回落到|减到|lower|downgrade|(?<![a-z])down(?![a-z])|下到")
_VERB = later(
    r"定级|(?:再)?(?:升|降|调|定|改|提|拉|拔|上|转|标|设|评|划|按|下调|上调|调整|调高|调低|退|恢复|直接|走|打"
    r"|给|记|算|归|归为|判|判为|顶|抬|加|变|置|切)(?:级|性)?(?:到|至|为|成|回|个|作|做"
    rf"|为)?(?:了)?\s?(?:{_NAME})"
    r"|(?:够(?:得)?上?|维持|保持|必须|应该是?|得是?|那就|就|还是|起码|至少|明显是?|妥妥|绝对|直接|立刻|马上|立即|赶紧|火速|先|暂|确认(?:是|为)?"
    rf"|建议)\s?(?:是|给|按|走|算|定|到)?\s?{_NAME}|(?<![a-z])grade(?![a-z])|{_NAME}(?:预警)?(?:就行"
    r"|就够了?|够了|吧|得了|即可|够了|合适|起步|走起)|升一?[档级](?!包|版|上报)|降一?[档级]|提一级"
    rf"|(?:顶格|拉满|封顶)(?:到|给|定|成|按)?\s?{_NAME}"
    r"|升到最高|往上(?:调|提)一?级|往下(?:调|降)一?级|(?:set|make|raise|lower|upgrade"
    rf"|downgrade).{{0,16}}{_NAME}|{_NAME}响应|响应.{{0,4}}{_NAME}|(?:级别|等级|颜色|预警)(?:上调|下调|改"
    r"|调|定|升|降|设|变|换)"
)
_ANTI = later(
    r"(?:不到|不止|不是|不够|够不上|达不到|从|由|原来(?:是|的)?|别|不要|到不了|没到|不至于|超过|比|原"
    r"|之前(?:是|的)?|不算|谈不上|而不是|还不)\s?$"
)
_STOP = later(
    r"亮(?:红|黄)|红(?:灯|牌|线)|黄(?:牌|灯)|蓝(?:牌|v)|橙汁|涨红|发红|眼红|爆红|走红|变红了|红了$|一级棒|改成红|换成红|变成红"
)


def grade_named(said: Said) -> str | None:
    """The grade meant: the last one named that is not put aside (不到橙,黄就行; 从橙色调回蓝色)."""
    hits: list[tuple[int, str]] = []
    for key, pattern in words.GRADES:
        hits += [
            (found.start(), key)
            for found in pattern.finditer(said.shape)
            if not _ANTI.search(said.shape[max(0, found.start() - 6) : found.start()])
        ]
    return max(hits)[1] if hits else None


def _moved(text: str) -> str | None:
    """The direction of 从黄调到蓝: by the two grades named."""
    found = re.search(r"[从由]([蓝黄橙红])[^,，]{0,5}(?:到|至|回|成|为|转|变|改)[^,，]{0,2}?([蓝黄橙红])", text)
    if not found or found[1] == found[2]:
        return None
    return "up" if "蓝黄橙红".index(found[1]) < "蓝黄橙红".index(found[2]) else "down"


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the clause around a passage begins and ends."""
    left = max(text.rfind(sign, 0, start) for sign in ",，。;；!！?？\n")
    right = min((at for sign in ",，。;；!！?？\n" if (at := text.find(sign, end)) >= 0), default=len(text))
    return left + 1, right


def read_grade(said: Said) -> Intent | None:
    """定级 #12 橙色, #7 降到黄色吧, 这个调成🟠, 先按II级响应走."""
    found = None
    for hit in _VERB.finditer(said.shape):
        if not speech.no_command(said, *hit.span()) and not _STOP.search(hit[0]):
            found = hit
    grade = grade_named(said)
    number = said.number("Ⓘ")
    if number is None and re.search(r"[ⒹⓉⒻⒿ]", said.shape):
        return None
    if re.search(rf"{_NAME}[^,，。]{{0,3}}还是[^,，。]{{0,3}}{_NAME}", said.shape):
        return None
    if found is None:
        short = grade and number is not None and re.fullmatch(rf"(?:[#Ⓘ\d\s,，:]|{_NAME}|预警|级别?|吧)+[!。\s]*", said.shape)
        if not short:
            return None
        return Intent("grade", {"incident": number, "grade": grade}, 0.8)
    if (
        re.search(
            r"海报|裙|衣服|口红|好看|配色|字体|空调|音量|亮度|温度|难度|字号|车漆|灯笼|红旗|座位|屏幕|档位|"
            r"价格|群名|头像|静音|推送?|@所有|免打扰|勿扰|通知|只报|只看|列表|哪些|几个|多少|有没有|认领|"
            r"我先?接|简报|为什么|为啥"
            r"|安全级别|格式",
            said.shape,
        )
        and "定级" not in found[0]
    ):
        return None
    up, down = _UP.search(said.shape), _DOWN.search(said.shape)
    direction = "down" if down and (not up or down.start() >= up.start()) else "up" if up else None
    only_way = re.search(r"升一?[级档]|降一?[级档]|提一[级档]|调一?[级档]|[高低]一?[级档]", found[0])
    if grade is None and not only_way and "定级" not in found[0] and "grade" not in found[0]:
        return None
    if grade is None and re.search(r"升级", found[0]):
        return None
    direction = _moved(said.text) or direction
    slots = cut.incident(said, at=found.start(), after=None)
    removed = [
        m.span()
        for m in re.finditer(rf"(?:我)?(?:觉得|看)?(?:{_VERB.pattern})|{_NAME}(?:预警)?|级别|[把将从]|回|到", said.text)
    ]
    left, right = _clause(said.shape, found.start(), found.end())
    removed = [
        span
        for span in removed
        if left <= span[0] < right or not re.fullmatch(r"[把将从回到]|级别", said.text[span[0] : span[1]])
    ]
    why = cut.leftover(said, [*removed, *cut.objects(said), *cut.people(said), *cut.topic_span(said, slots)])
    if given := cut.REASON.search(said.raw):
        why = cut.tidy(given[1])
    slots = cut.put(slots, grade=grade, direction=direction, reason=why)
    strong = re.search(r"定级|grade|升|降|调|定|改|上|按|响应|提|拉", found[0])
    objectless = not slots.get("incident") and not slots.get("topic")
    if objectless and grade is None:
        return Intent("grade", slots, 0.6) if not why or re.search(r"[,，\s]", said.text) else None
    return Intent("grade", slots, 0.9 if strong else 0.8)


def grade_slots(said: Said) -> dict[str, Any]:
    """Object, grade and direction of a line about a grade."""
    up, down = _UP.search(said.shape), _DOWN.search(said.shape)
    way = _moved(said.text) or ("down" if down else "up" if up else None)
    return cut.put(cut.incident(said), grade=grade_named(said), direction=way)
