"""Numbers, dates, times, batches, places and names in a Chinese text, each with the one form in which it is compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_WIDE = {ord(wide): chr(ord(wide) - 0xFEE0) for wide in map(chr, range(0xFF01, 0xFF5F)) if wide not in "，。：；！？（）"}
_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_STEPS = {"十": 10, "百": 100, "千": 1_000}
_BIG = {"万": 10_000, "亿": 100_000_000}

_CN = "[零〇一二两三四五六七八九十百千万亿]+"
_UNITS = (
    r"(?P<unit>个(?:工作日|省|市|城市|国家|门店|地区|平台|小时|月|家庭|批次|用户|账号|月)?|[%％‰]|例|名|人次?|位|箱|盒|罐|瓶|袋|件|批次?"
    r"|起|家|台|辆|户|天|日|小时|分钟|次|元|美元|条|款|所|座|地|省|市|岁|吨|千克|公斤|克|毫克|升|公里|米|平方米|倍|成|万|亿|页|间|张|部|艘|架|人)"
)
_NUMBER = re.compile(rf"(?<![\dA-Za-z.\-/:])(?P<figure>\d[\d,]*(?:\.\d+)?)\s*(?P<scale>[万亿千百]?)余?多?\s*{_UNITS}?(?![\d])")
_WORDED = re.compile(rf"(?P<figure>{_CN})余?多?{_UNITS}")
_DATE = re.compile(
    r"(?:(?P<y>20\d\d)\s*[年\-/.])?\s*(?P<m>1[0-2]|0?[1-9])\s*[月\-/.]\s*(?P<d>3[01]|[12]\d|0?[1-9])(?:[日号]|(?![\d:,%.]))"
)
_CN_DATE = re.compile(
    r"(?P<m>十[一二]?|[一二三四五六七八九])月(?P<d>[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[日号]"
)
_RELATIVE = re.compile(r"大前天|前天|昨天|昨日|昨晚|今天|今日|今晚|今早|明天|明日|明早|明晚|后天|当日|本月\d{1,2}日")
_CLOCK = re.compile(
    r"(?P<part>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|今晚|昨晚|明晚|晚|夜间)?\s*(?P<h>2[0-4]|1\d|0?\d)"
    r"(?:[:：](?P<min>[0-5]\d)(?!\d)|[时点](?!间|击|赞|评)(?P<half>半|(?P<m2>[0-5]?\d)分?|整)?)"
)
_CODE = re.compile(
    r"(?<![A-Za-z0-9@./:])(?=[A-Za-z0-9\-]*\d)(?=[A-Za-z0-9\-]*[A-Za-z])[A-Za-z]{1,6}-?\d[A-Za-z0-9\-]{1,20}(?![A-Za-z0-9.@])"
)
_BATCH = re.compile(r"(?:批次|批号|编号|回执|文号|单号)\s*(?:为|是|号|：|:)?\s*(?P<code>[A-Za-z0-9][A-Za-z0-9\-]{3,24})")
_BATCH_AFTER = re.compile(r"(?<![\dA-Za-z.,])(?:(?P<code>[A-Za-z]{0,4}\d{3,12})(?=\s*批号)|(?P<zero>0\d{2,11})(?=\s*批))")
"""「0612批号」: the number stands before the word; with a leading zero it counts nothing."""
_PHONE = re.compile(
    r"(?<!\d)(?:400-?\d{3,4}-?\d{3,4}|0\d{2,3}-?\d{7,8}|1[3-9]\d-?\d{4}-?\d{4}|\d{3}-\d{3}-\d{4}|\d{3}-\d{4}-\d{4}|(?:95|96)\d{3,4})(?!\d)"
)
_ORG = re.compile(
    r"[一-龥]{2,14}?(?:医院|大学|学院|中学|小学|幼儿园|有限公司|股份公司|集团|研究院|研究所|检测院|质检院|检验院|监管局|管理局"
    r"|卫健委|公安局|派出所|法院|协会|检测中心|监测中心|疾控中心|电视台|日报|晚报|实验室|会计师事务所|律师事务所|总局|药监局|工厂|商贸|分公司|子公司|养老院|银行(?!卡|账|转|流水)|(?:乳品|食品|饮料|化工|电子|制药|加工|代工|包装)厂)"
)
_PLACE = re.compile(r"[一-龥]{2,5}?(?:自治区|自治州|街道|[省市县区镇乡村路](?![场民委井级面内上外边间长段线镇域分]))")
_LEAD = re.compile(
    r"^.*(?:[经由在向与和对的到至于从及请已被是去往自给让说称跟为、，]|送往|来自|位于|委托|联合|前往|以及)(?=[一-龥]{3,})"
)
_FUNCTION = frozenset("经由在向与和对的到至于从及请已被是去往自给让说称跟为、，将把等约近有并就即")
_GENERIC = re.compile(
    r"^(?:全|本|该|各|某|当地|其他|部分|多|一些|此|城|超|小|校|社|片|地|山|厂|园|景|辖|省|市|县|区|我|外|有关|相关|所在|周边|上述|整个|这|那|两|三|几)"
    r"[省市县区镇乡村路]*$|^(?:我们|我司|本|该|各|涉事|涉案|相关|所有|全部|部分|自有|下属|上述|另一|有关)?(?:家|个|的)*(?:工厂|分公司|子公司|银行|养老院|(?:乳品|食品|饮料|化工|电子|制药|加工|代工|包装)厂)$|(?:地区|小区|市区|城市|超市|门市|上市|区域|道路|一路|网路|思路|出路|线路|公路|铁路|销路|退路|农村|都市|夜市|股市|全市|全省|校区|片区|社区|厂区|园区|景区|专区|误区|禁区|灾区)$"
)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛范彭郎鲁韦马苗凤方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于傅皮卞齐康伍余元卜顾孟平黄穆萧尹姚邵湛汪祁毛狄米贝明臧计成戴宋庞熊纪舒屈项祝"
    "董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房解应宗丁宣邓刘曾侯谭崔段覃翟龚洪申庄阎冉聂焦向牛葛"
)
_TITLE = r"(?:先生|女士|小姐|医生|大夫|主任|经理|院长|教授|同学|师傅|护士|律师|局长|处长|董事长|总裁)"
_NAME = re.compile(
    rf"(?<![一-龥])?(?P<a>[{_SURNAMES}](?:某{{1,2}}|[一-龥]{{0,2}}?{_TITLE}))|(?:联系人|负责人|发言人|经办人|患者|当事人|患儿|孩子|儿童|男童|女童|学生|员工|举报人|姓名|驾驶员|司机|质检员|检验员|店长|店员|主播|骑手|快递员|工人|工程师|记者|教师|老师|厂长|法定代表人)"
    rf"(?:是|为|：|:)?\s*(?P<b>[{_SURNAMES}][一-龥]{{1,2}}?)(?=[，。；、（(\s的已在被说称表介于将曾因及和与]|$)"
)
_NOT_NAME = re.compile(r"^(?:任何|应该|成都|和|安全|方面|万|平台|高管|明天|于|成为|解决|管理|支持|计划|水|常|强)")

PEOPLE = {"名", "人", "位", "例", "人次", "户", "个用户"}
SPANS = {"天": "天", "日": "天", "小时": "时", "个小时": "时", "分钟": "分"}
VAGUE = {
    1.0: {
        "个",
        "起",
        "次",
        "位",
        "件",
        "家",
        "条",
        "批",
        "款",
        "天",
        "部",
        "张",
        "台",
        "间",
        "页",
        "成",
        "地",
        "日",
        "座",
        "种",
        "所",
        "",
    }
}
"""「一个、一次、一家」 name no number."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Something in a text that must be true. ``kind`` is number, date, clock, batch, phone, place, org or name; ``value`` is
    its form for comparison, ``unit`` that of a number."""

    kind: str
    words: str
    value: str
    start: int
    end: int
    unit: str = ""


def narrow(text: str) -> str:
    """Full-width letters and digits as half-width ones; every character keeps its place."""
    return text.translate(_WIDE)


def number_of(words: str) -> float:
    """A number in Chinese words: 一千四百二十 → 1420; 118万 is read by its caller."""
    total, section, digit = 0.0, 0.0, 0.0
    if not re.search(r"[十百千万亿]", words):
        return float("".join(str(_DIGITS[c]) for c in words))
    for char in words:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _STEPS:
            section += (digit or 1) * _STEPS[char]
            digit = 0
        else:
            total = (total + section + digit) * _BIG[char]
            section = digit = 0
    return total + section + digit


def figures(text: str, today: date) -> list[Figure]:
    """Every figure of a text in order. ``today`` (in the room's zone) is what 今天 and 昨天 mean."""
    plain = narrow(text)
    found: list[Figure] = []
    taken = bytearray(len(plain))
    for reader in (_phones, _batches, _dates, _clocks, _numbers, _names, _places):
        for figure in reader(plain, today):
            if not any(taken[figure.start : figure.end]):
                found.append(figure)
                taken[figure.start : figure.end] = b"\1" * (figure.end - figure.start)
    return sorted(found, key=lambda f: f.start)


def _phones(text: str, _: date) -> Iterator[Figure]:
    for m in _PHONE.finditer(text):
        yield Figure("phone", m[0], m[0].replace("-", ""), m.start(), m.end())


def _batches(text: str, _: date) -> Iterator[Figure]:
    for m in _CODE.finditer(text):
        yield Figure("batch", m[0], m[0].upper().replace("-", ""), m.start(), m.end())
    for m in _BATCH.finditer(text):
        if re.search(r"\d", m["code"]):
            yield Figure("batch", m["code"], m["code"].upper().replace("-", ""), m.start("code"), m.end("code"))
    for m in _BATCH_AFTER.finditer(text):
        yield Figure("batch", m[0], m[0].upper(), m.start(), m.end())


def _dates(text: str, today: date) -> Iterator[Figure]:
    for m in _DATE.finditer(text):
        if m[0].strip()[-1] in "日号" or m["y"] or re.match(r"\s*\d{1,2}-\d{1,2}$", m[0]):
            start = m.start() + len(m[0]) - len(m[0].lstrip())
            yield Figure("date", m[0].strip(), f"{int(m['m'])}-{int(m['d'])}", start, m.end())
    for m in _CN_DATE.finditer(text):
        yield Figure("date", m[0], f"{number_of(m['m']):.0f}-{number_of(m['d']):.0f}", m.start(), m.end())
    days = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "当": 0}
    for m in _RELATIVE.finditer(text):
        if m[0].startswith("本月"):
            yield Figure("date", m[0], f"{today.month}-{int(m[0][2:-1])}", m.start(), m.end())
            continue
        key = "大前" if m[0].startswith("大前") else m[0][0]
        day = today + timedelta(days=days[key])
        if not m[0].endswith(("晚", "早")):
            yield Figure("date", m[0], f"{day.month}-{day.day}", m.start(), m.end())


def _clocks(text: str, _: date) -> Iterator[Figure]:
    for m in _CLOCK.finditer(text):
        if re.match(r"个?(?:小时|钟头)", text[m.end() :]) or (
            not m["min"] and text[m.end("h")] == "时" and not m["half"] and _is_span(text, m)
        ):
            continue
        hour = int(m["h"])
        minute = int(m["min"] or m["m2"] or (30 if m["half"] == "半" else 0))
        if m["part"] in ("下午", "傍晚", "晚上", "晚间", "今晚", "昨晚", "明晚", "晚", "夜间") and hour < 12:
            hour += 12
        yield Figure("clock", m[0].strip(), f"{hour:02d}:{minute:02d}", m.start(), m.end())


def _is_span(text: str, m: re.Match[str]) -> bool:
    return bool(re.match(r"(?:内|后|之内|之后|以内|以上)", text[m.end() :]))


def _numbers(text: str, _: date) -> Iterator[Figure]:
    for m in _NUMBER.finditer(text):
        unit = m["unit"] or ""
        scale = {"万": 1e4, "亿": 1e8, "千": 1e3, "百": 1e2, "": 1.0}[m["scale"]]
        if unit in ("万", "亿"):
            scale, unit = scale * _BIG[unit], ""
        value = float(m["figure"].replace(",", "")) * scale
        yield Figure("number", m[0].strip(), f"{value:g}" if value < 1e6 else f"{value:.0f}", m.start(), m.end(), _unit(unit))
    for m in _WORDED.finditer(text):
        unit = m["unit"]
        value = number_of(m["figure"]) if re.search(r"[零〇一二两三四五六七八九十百千]", m["figure"]) else 0.0
        ordinal = text[max(0, m.start() - 1) : m.start()] in (*"这那第同另某每哪该上下统唯之万",)
        if not value or ordinal or unit in VAGUE.get(value, set()) or unit in ("成", "万", "亿") or _idiom(text, m):
            continue
        yield Figure("number", m[0], f"{value:g}", m.start(), m.end(), _unit(unit))


def _idiom(text: str, m: re.Match[str]) -> bool:
    words = text[m.start() : m.end() + 2]
    return bool(
        re.match(
            r"一(?:位|名)(?:位|个)|千万(?:别|不|要)|十分|百分|一部分|一人[一难]|三(?:包|方)|四处|两(?:难|地分)|万一|一条心|一日三|百家|千家万户|一家人|一分",
            words,
        )
    )


def _unit(unit: str) -> str:
    if unit in PEOPLE:
        return "人"
    unit = unit.replace("％", "%")
    if unit in SPANS:
        return SPANS[unit]
    return {"批次": "批", "个批次": "批", "个": "", "家": "家", "个门店": "家"}.get(unit, unit)


def _names(text: str, _: date) -> Iterator[Figure]:
    for m in _NAME.finditer(text):
        group = "a" if m["a"] else "b"
        if not _NOT_NAME.match(m[group]):
            yield Figure("name", m[group], m[group], m.start(group), m.end(group))


def _places(text: str, _: date) -> Iterator[Figure]:
    for kind, pattern in (("org", _ORG), ("place", _PLACE)):
        for m in pattern.finditer(text):
            lead = _LEAD.match(m[0])
            start = m.start() + (lead.end() if lead else 0)
            while start < m.end() and text[start] in _FUNCTION:
                start += 1
            words = text[start : m.end()]
            if len(words) >= 3 and not _GENERIC.search(words):
                yield Figure(kind, words, words, start, m.end())


def places_in(text: str, places: Sequence[str]) -> Iterator[Figure]:
    """Well-known places by their short names."""
    for place in places:
        for m in re.finditer(re.escape(place), text):
            yield Figure("place", place, place, m.start(), m.end())
