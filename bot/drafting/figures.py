"""Numbers, dates, times, batches, places and names in a Chinese text, each with the one form in which it is compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bot.drafting import moments, names
from bot.drafting.figure import BIG, CN, Figure, number_of

_WIDE = {ord(wide): chr(ord(wide) - 0xFEE0) for wide in map(chr, range(0xFF01, 0xFF5F)) if wide not in "，。：；！？（）"}
_UNITS = (
    r"(?P<unit>个(?:工作日|省|市|城市|国家|门店|地区|平台|小时|月|家庭|批次|用户|账号|百分点|月)?|[%％‰℃]|例|名|人次?|位|箱|盒|罐|瓶|袋|包|桶|支|只"
    r"|件|批次?|起|家|台|辆|户|周岁|天|日|小时|分钟|分(?![之店厂别析公拣支])|秒|周|年(?!级|度|轻|代)|次|元|美元|欧元|港元|条|款|所|座|地|省|市|县|岁|吨|千克|公斤|克|毫克|微克|升"
    r"|毫升|公里|千米|米|毫米|厘米|平方米|亩|倍|成(?![立为功长熟本绩员果交分都型])|万|亿|页|间|张|部|艘|架|笔|单|份|套|头|栋|层|篇|宗|趟|班|场|处|人|户|mg|kg|ml|mL|km|g(?![A-Za-z]))"
)
_NUMBER = re.compile(
    r"(?<![\dA-Za-z.:])(?<![A-Za-z.]-)(?<![^一-龥]/)(?P<figure>\d[\d,]*(?:\.\d+)?)\s*[余多]?(?P<scale>[十百千]?[万亿]|[千百])?[余多]?"
    rf"\s*(?:个多|个半)?{_UNITS}?(?![\d])"
)
_WORDED = re.compile(rf"(?P<figure>{CN})(?:[余多来]?(?P<scale>[万亿]))?[余多来]?(?:个多|个半)?{_UNITS}")
_PERCENT = re.compile(rf"(?P<of>百|千|万)分之(?P<figure>[零〇一二两三四五六七八九十百]+|\d+(?:\.\d+)?)(?:点(?P<rest>{CN}))?")
_SOME = re.compile(rf"(?P<figure>十几|[几数](?:十|百|千)万?|[几数]万|上[百千万]|成千上万|成百上千)[余多]?{_UNITS}")
_CODE = re.compile(
    r"(?<![A-Za-z0-9@./:])(?=[A-Za-z0-9\-]*\d)(?=[A-Za-z0-9\-]*[A-Za-z])[A-Za-z]{1,6}-?\d[A-Za-z0-9\-]{1,20}(?![A-Za-z0-9.@])"
    r"|(?<![A-Za-z0-9@./:])\d{1,6}[A-Za-z]{1,3}\d{1,8}(?![A-Za-z0-9.@])|(?<![A-Za-z0-9])(?:GB|QB|DB|SN|NY|ISO)(?:/T)?\s?\d{2,6}(?:\.\d+)?(?:[-—]\d{4})?"
)
_BATCH = re.compile(r"(?:批次|批号|编号|回执|文号|单号)\s*(?:为|是|号|：|:)?\s*(?P<code>[A-Za-z0-9][A-Za-z0-9\-]{3,24})")
_LONG = re.compile(r"(?<![A-Za-z0-9.\-])20\d{6}[A-Za-z]?(?![\dA-Za-z])")
_BATCH_AFTER = re.compile(r"(?<![\dA-Za-z.,])(?:(?P<code>[A-Za-z]{0,4}\d{3,12})(?=\s*批号)|(?P<zero>0\d{2,11})(?=\s*批))")
"""「0612批号」: the number stands before the word; with a leading zero it counts nothing."""
_PHONE = re.compile(
    r"(?<!\d)(?:400[- ]?\d{3,4}[- ]?\d{3,4}|0\d{2,3}[- ]?\d{3,4}[- ]?\d{4}|1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\d{3}-\d{3}-\d{4}|\d{3}-\d{4}-\d{4}"
    r"|(?:95|96)\d{3,4})(?!\d)"
)
_MAIL = re.compile(r"[A-Za-z0-9._+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")

PEOPLE = {"名", "人", "位", "例", "人次", "户", "个用户"}
SPANS = {"天": "天", "日": "天", "小时": "时", "个小时": "时", "分钟": "分"}
VAGUE = (
    frozenset("个账号 个平台 个家庭 个城市".split())
    | frozenset(
        "个 起 次 位 件 家 条 批 款 天 部 张 台 间 页 成 地 日 座 种 所 年 周 份 套 层 场 处 只 支 班 包 单 篇 趟 辆 艘 架 栋 笔".split()
    )
    | {""}
)
"""「一个、一次、一家」 name no number."""
_ORDINAL = frozenset("这那第同另某每哪该上下统唯之万")
_GIVEN_ONE = re.compile(r"(?:安排|指定|指派|派出|派|每[名位户家人]?[^，。；]{0,8})了?$")
_IDIOM = re.compile(
    r"一(?:位|名)(?:位|个)|千万(?:别|不|要)|十分|百分|一部分|一人[一难]|三(?:包|方)|四处(?:打听|奔|传|寻|求|走)|两(?:难|地分)|万一|一条心|一日三|百家|千家万户|一家人"
    r"|一分|百年|千年|三天两头|十年如一日|五年级"
)


def narrow(text: str) -> str:
    """Full-width letters and digits as half-width ones; every character keeps its place."""
    return text.translate(_WIDE)


def figures(text: str, today: date) -> list[Figure]:
    """Every figure of a text in order. ``today`` (in the room's zone) is what 今天 and 昨天 mean."""
    plain = narrow(text)
    found: list[Figure] = []
    taken = bytearray(len(plain))
    for reader in (_contacts, _batches, moments.dates, moments.clocks, names.rooms, _numbers, names.persons, names.places):
        for figure in reader(plain, today):
            if not any(taken[figure.start : figure.end]):
                found.append(figure)
                taken[figure.start : figure.end] = b"\1" * (figure.end - figure.start)
    return sorted(found, key=lambda f: f.start)


def _contacts(text: str, _: date) -> Iterator[Figure]:
    for m in _MAIL.finditer(text):
        yield Figure("mail", m[0], m[0].lower(), m.start(), m.end())
    for m in _PHONE.finditer(text):
        yield Figure("phone", m[0], re.sub("[- ]", "", m[0]), m.start(), m.end())


def _batches(text: str, _: date) -> Iterator[Figure]:
    for m in _CODE.finditer(text):
        yield Figure("batch", m[0], re.sub("[- —]", "", m[0].upper()), m.start(), m.end())
    for m in _BATCH.finditer(text):
        if re.search(r"\d", m["code"]):
            yield Figure("batch", m["code"], m["code"].upper().replace("-", ""), m.start("code"), m.end("code"))
    for pattern in (_LONG, _BATCH_AFTER):
        for m in pattern.finditer(text):
            yield Figure("batch", m[0], m[0].upper(), m.start(), m.end())


def _numbers(text: str, _: date) -> Iterator[Figure]:
    for m in _SOME.finditer(text):
        yield Figure("number", m[0], m["figure"], m.start(), m.end(), _unit(m["unit"]))
    for m in _PERCENT.finditer(text):
        whole = m["figure"] if m["figure"][0].isdigit() else f"{number_of(m['figure']):g}"
        value = _decimal(whole, m["rest"] or "零")
        yield Figure("number", m[0], f"{value / {'百': 1, '千': 10, '万': 100}[m['of']]:g}", m.start(), m.end(), "%")
    for m in _NUMBER.finditer(text):
        unit, value = m["unit"] or "", float(m["figure"].replace(",", ""))
        for step in (m["scale"] or "") + (unit if unit in BIG else ""):
            value *= {"十": 10, "百": 100, "千": 1_000, **BIG}[step]
        yield Figure("number", m[0].strip(), _value(value, unit), m.start(), m.end(), _unit("" if unit in BIG else unit))
    for m in _WORDED.finditer(text):
        unit = m["unit"]
        value = number_of(m["figure"]) if re.search(r"[零〇一二两三四五六七八九十百千]", m["figure"]) else 0.0
        value *= BIG.get(m["scale"] or "", 1)
        each = text[max(0, m.start() - 2) : m.start()] == m[0] or text.startswith(m[0], m.end())  # 一户一户
        each = each or (m[0] in ("一名", "一位") and _GIVEN_ONE.search(text, 0, m.start()) is not None)
        ordinal = each or text[max(0, m.start() - 1) : m.start()] in _ORDINAL
        if not value or ordinal or (value == 1 and unit in VAGUE) or unit in BIG or _IDIOM.match(text, m.start()):
            continue
        if unit == "年" and value > 1900:
            yield Figure("date", m[0], f"{value:.0f}", m.start(), m.end())
            continue
        yield Figure("number", m[0], _value(value, unit), m.start(), m.end(), _unit(unit))


def _decimal(whole: str, rest: str) -> float:
    """百分之零点三: the digits after 点 one by one."""
    digits = "".join(f"{number_of(digit):.0f}" for digit in rest)
    return float(whole if "." in whole else f"{whole}.{digits}")


def _value(value: float, unit: str) -> str:
    """The number as compared; per mille is told in per cent."""
    value = value / 10 if unit == "‰" else value
    return f"{value:g}" if value < 1e6 else f"{value:.0f}"


def _unit(unit: str) -> str:
    if unit in PEOPLE:
        return "人"
    unit = unit.replace("％", "%").replace("‰", "%")
    if unit in SPANS:
        return SPANS[unit]
    return {"批次": "批", "个批次": "批", "个": "", "家": "家", "个门店": "家"}.get(unit, unit)
