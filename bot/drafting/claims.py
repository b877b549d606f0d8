"""What a clause claims, by kind: how things stand (recalled or not, on sale or not), and when, where, which batch, which number.

Two texts contradict each other where they claim different things of the same matter. What was only provisional (尚未, 还在) may become
final in a later text, never the other way round; a talking point is in force now, so it must say what is true now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.drafting.figure import Figure
from bot.drafting.figures import figures

STANDS = (
    ("召回", r"召回", r"(?!)"),
    ("销售", r"停售|下架|停止销售|暂停销售", r"正常销售|照常销售|在售|继续销售|正常售卖|恢复销售|重新上架"),
    ("生产", r"停产|停工|停止生产|停业|歇业|暂停营业|停止营业", r"生产正常|正常生产|照常生产|正常营业|照常营业|复产|复工"),
    ("服务", r"中断|宕机|瘫痪|无法使用|打不开|停服", r"恢复(?!时间|进度)|运行正常|正常运行|可正常使用"),
    ("检测", r"不合格|超标|检出", r"(?<!不)合格|未检出|达标"),
    ("伤者", r"住院|在院|重症", r"出院|痊愈"),
    (
        "伤亡",
        r"\d+\s*[人名位例][^，。；]{0,6}(?:受伤|死亡|遇难|身亡)|造成[^，。；]{0,8}(?:受伤|死亡)|有人(?:受伤|死亡)",
        r"(?:无|没有|未造成)[^，。；]{0,4}(?:伤亡|受伤|死亡)",
    ),
    (
        "原因",
        r"(?:原因|起因)[^，。；]{0,8}(?:查明|查清)|查明(?:原因|起因)",
        r"(?:原因|起因)[^，。；]{0,8}(?:还在|仍在|正在|尚在|正由|有待|待查|不明)",
    ),
    ("上岗", r"停职|免职|开除|辞退|解除劳动|调离", r"正常上岗|照常上班|在岗|复职"),
    ("报告", r"(?:向|已)[^，。；]{0,14}(?:报告|上报|报备)", r"(?!)"),
    (
        "支付",
        r"(?:全部|已经?|足额|全额)(?:发放|支付|结清|到账|付清)|(?:发放|支付|结清|付清)完毕",
        r"拖欠|欠发|(?:还没有?|尚未|未|没有)(?:足额)?(?:发放|支付|结清|到账)",
    ),
    ("退款", r"全额退|全款退|退一赔|原价退|全部退款", r"退一半|半价退|退半|部分退|折价退|只退|不予退|不退"),
    (
        "更换",
        r"(?:更换|换)了?[^，。；]{0,6}(?:供应商|原料|配方|工艺)|(?:供应商|原料|配方|工艺)[^，。；]{0,6}(?:更换|换了|变更)",
        r"(?!)",
    ),
)
"""Name, the words for the one side, the words for the other; a denial before or inside turns it round."""

_DENIED = re.compile(r"(?:尚未|并未|并没有|没有|还没|暂未|无需|不需要?|不会|不予|未曾|未|没|不|无)[^，。；]{0,4}$")
_PROVISIONAL = re.compile(r"尚未|还没|暂未|还在|仍在|正在|尚在|目前|观察|调查|等待|待")
_UNDERWAY = re.compile(r"正在|着手|开始|准备|尝试|力争|争取|预计")
"""「正在从备份恢复」 says neither that it is down nor that it is back."""
_RESUMED = re.compile(r"恢复|复产|复工|重新上架|复职")
_PASSING = frozenset({("服务", "是"), ("伤者", "是")})
"""What nobody expects to stay so: an interruption, a stay in hospital."""
_OPEN = re.compile(r"是否|如果|如需|若|网传|传言|有人称|不实|拟|将(?:于|在)|预计|计划|为准")
_MOVED = re.compile(r"更新|更正|变为|由[^。，]{1,20}(?:增|升|降|减|改|换)|此前|新增|增至|升至|降至|累计|曾")
_CLAUSES = re.compile(r"[^。！？；\n]+")
_GENERIC = re.compile(
    r"该批次|这批次?|本批次|产品|我们|公司|目前|已经|已|全部|全面|仍然|仍|各门店|门店|涉事|本次|这次|相关|结果|请|的|了|在|于|被|均|都|还|经|已于|启动|检测|检验|核实|核查|核对|确认|处于|顾客|消费者|停止|同事"
)
_WHEN = re.compile(r"\d{1,2}[:：]\d\d|\d{1,2}[月日号时点]")
_MOMENTS = {
    "获知": re.compile(r"注意到|获知|获悉|得知|关注到"),
    "封存": re.compile(r"封存"),
    "召回": re.compile(r"召回"),
    "停售": re.compile(r"停售|下架|停止销售"),
    "停产": re.compile(r"停产|停工"),
    "发生": re.compile(r"发生|出现故障|起火|泄漏"),
    "恢复": re.compile(r"恢复"),
    "送检": re.compile(r"送检|送往?[^，。；]{1,12}检测"),
    "生产": re.compile(r"生产日期|生产于"),
}
_WHERE = {
    "产地": re.compile(
        r"由(?P<w>[一-龥]{2,12}?(?:工厂|厂|基地|车间))(?:生产|制造|加工)|产自(?P<v>[一-龥]{2,12}?(?:工厂|厂|基地))"
    ),
    "送检机构": re.compile(r"(?:送|由|委托)(?P<w>[一-龥]{2,14}?(?:院|中心|所|机构))(?:检测|检验|鉴定)"),
    "收治医院": re.compile(r"(?:在|送往?|由)(?P<w>[一-龥]{2,14}?医院)(?:就诊|治疗|收治|住院|救治)"),
}
_HOTLINE = re.compile(r"(?<!\d)(?:400|800|95)[-\d]{3,12}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)")


@dataclass(frozen=True, slots=True)
class Claim:
    """``kind`` is claimed to be ``value`` in these ``words``; ``about`` are the pairs of characters that say of what."""

    kind: str
    value: str
    words: str
    about: frozenset[str]
    provisional: bool = False


def clash(text: str, other: str, today: date, *, in_force: bool) -> str:
    """Why the two contradict each other, in words; empty where they don't. ``in_force``: the other must be true now."""
    theirs = list(_claims(other, today))
    for mine in _claims(text, today, still=True):
        for it in theirs:
            if it.kind != mine.kind or not _differ(mine, it) or not _same_matter(mine, it):
                continue
            if not in_force and (_RESUMED.search(mine.words) or (it.provisional and not mine.provisional)):
                continue
            return f"这里「{mine.words.strip()[:20]}」，那里「{it.words.strip()[:20]}」"
    return ""


def _differ(mine: Claim, other: Claim) -> bool:
    if mine.kind == "批次":
        one, two = set(mine.value.split()), set(other.value.split())
        return not one & two
    return mine.value != other.value


def _same_matter(mine: Claim, other: Claim) -> bool:
    """They share a word of what they are about, or one of them says nothing of it."""
    if mine.kind in ("电话", "批次", "获知", *_WHERE):
        return True
    return not mine.about or not other.about or bool(mine.about & other.about)


def _claims(text: str, today: date, *, still: bool = False) -> Iterator[Claim]:
    """The claims of a text. ``still``: what says itself that something has moved claims nothing against an older text."""
    hotlines = " ".join(sorted(set(_HOTLINE.findall(text))))
    if hotlines:
        yield Claim("电话", hotlines, hotlines, frozenset())
    for sentence in _CLAUSES.finditer(text):
        for part in re.split(r"[，,]", sentence[0]):
            if _OPEN.search(part) or (still and _MOVED.search(sentence[0])):
                continue
            yield from _states(part)
            yield from _moments(part, today)
            yield from _places(part)
            yield from _batches(part, today)


def _states(part: str) -> Iterator[Claim]:
    for kind, one, two in STANDS:
        for side, pattern in (("是", one), ("否", two)):
            if not (m := re.search(pattern, part)) or (
                kind == "服务" and pattern is two and _UNDERWAY.search(part[: m.start()])
            ):
                continue
            denied = pattern is not two or kind not in ("支付", "伤亡", "退款")
            inside = pattern is one and re.search(r"没有|尚未|并未|未", m[0]) is not None
            turned = denied and (inside or _DENIED.search(part[: m.start()]) is not None)
            value = side if not turned else {"是": "否", "否": "是"}[side]
            rest = _WHEN.sub("　", _GENERIC.sub("　", _DENIED.sub("　", part[: m.start()]) + "　" + part[m.end() :]))
            passing = (kind, value) in _PASSING and not re.search(r"仍", part)
            yield Claim(
                kind,
                value,
                part,
                _pairs(rest),
                passing or (bool(_PROVISIONAL.search(part)) and not re.search(r"(?<!尚未)已(?!知)", part)),
            )
            break


def _moments(part: str, today: date) -> Iterator[Claim]:
    days: list[Figure] = [f for f in figures(part, today) if f.kind == "date"]
    for kind, pattern in _MOMENTS.items():
        if len(days) == 1 and pattern.search(part):
            yield Claim(
                kind, days[0].value, part, _pairs(_GENERIC.sub("　", pattern.sub("　", part.replace(days[0].words, "　"))))
            )
            return
    if len(days) == 1 and re.search(r"^\s*[^一-龥]{0,2}\d+月\d+日[\d:：时分]*\s*$", part):
        yield Claim("获知", days[0].value, part, frozenset())


def _places(part: str) -> Iterator[Claim]:
    for kind, pattern in _WHERE.items():
        if m := pattern.search(part):
            yield Claim(kind, next(filter(None, m.groups())), part, frozenset())


def _batches(part: str, today: date) -> Iterator[Claim]:
    codes = sorted({f.value for f in figures(part, today) if f.kind == "batch"})
    if codes and re.search(r"涉及|召回|问题", part):
        yield Claim("批次", " ".join(codes), part, frozenset())


def _pairs(text: str) -> frozenset[str]:
    words = re.findall(r"[一-龥]+", text)
    return frozenset(run[n : n + 2] for run in words for n in range(len(run) - 1)) | {
        code.upper() for code in re.findall(r"[A-Za-z]*\d[A-Za-z0-9]*", text)
    }
