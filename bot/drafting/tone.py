"""Tone and form of a statement (domain handbook 6.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.drafting.book import Book
from bot.drafting.elements import UNSAID, has
from bot.drafting.figure import number_of
from bot.drafting.finding import Finding, Weight
from bot.drafting.kinds import limit_of
from bot.drafting.names import NOT_NAME, SURNAMES
from bot.drafting.templates import BLANK_MARK

_DENIED = re.compile(r"(?:不(?!排除|仅|但|只)|没有|未|并非|不得|不能|不会|别|勿|不要|杜绝|拒绝|避免)[^，。、]{0,4}$")
_QUOTED = re.compile(r"[「“『\"][^」”』\"]*[」”』\"]")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)1[3-9]\d[- ]\d{4}[- ]\d{4}(?!\d)")
_IDENTITY = re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])")
_ADDRESS = re.compile(
    r"[一-龥]{1,8}(?:路|街|巷|弄|小区|花园|苑)\d*[一-龥]*\d+\s*(?:号|栋|幢|弄)[^，。]{0,10}(?:室|单元|楼|层)|\d+\s*(?:栋|幢|单元|室)\d*"
)
_SUFFERER = re.compile(
    r"(?:患者|患儿|孩子|儿童|男童|女童|学生|举报人|爆料人|当事人|伤者|逝者|孕妇)(?!的|受|家|家长|家属|及|和|们|均|已|在|情况|身体|情绪|是|为|有|没|健康|出|入|转|经|由|与|可|目前)(?:姓名)?[：:]?(?P<n>[一-龥]{2,3}?)(?=[，。、（(\s的已在被因将昨今]|$)"
)
_TIME_BARE = re.compile(
    r"(?<![\d月日])(?:凌晨|早上|上午|中午|下午|傍晚|晚上|今晚|昨晚)?\s*\d{1,2}\s*(?:[:：]\d{2}|[时点](?:\d{1,2}分|半|整)?)(?![间\d])"
)
_DATE_NEAR = re.compile(
    r"\d{1,2}\s*月\s*\d{1,2}\s*[日号]|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}-\d{1,2}(?=\s)|今[天日晚早]|昨[天日晚]|明[天日早晚]|当[天日]|次日|每[天日]|同日|昨夜|当晚"
)
_NUMBERED = re.compile(r"第\s*([\d一二三四五六七八九十]+)\s*号")
_CHANGED = re.compile(
    r"自上次|上次通报|上一号|相比|新增|新情况|变化|此前|更新|[增升]至|[降减]至|由[^，。]{1,16}(?:增|升|降|减|变)"
)
_EARLIER = re.compile(r"(?:[和与跟同比较见自]|相比|对照|此前|前次|上一?次)(?:的|发布的|通报)?$")
"""Before the number of an earlier notice that this one refers to."""
_MENACE = re.compile(r"后果自负|严正警告|绝不姑息|到底")
"""What is a threat also where a measured notice of rights (E17) has its place."""
_SPECIFIC = {
    "第一时间": re.compile(r"\d{1,2}\s*[时点:：]|\d+\s*(?:分钟|小时)"),
    "个别": (_HOW_MANY := re.compile(r"\d[\d,]*\s*[余多]?[名人位例家件起户台个单辆]|[一二三四五六七八九十]+[名位例起]")),
    "极少数": _HOW_MANY,
    "严肃处理": re.compile(r"(?:停职|免职|解除|开除|扣|罚|移送|辞退|降级|记过)"),
    "尽快": re.compile(r"\d{1,2}\s*(?:月|日|时|点|[:：]\d\d|小时|天|个工作日)"),
    "适时": re.compile(r"\d{1,2}\s*(?:月|日|时|点|[:：]\d\d|小时|天)"),
    "相关部门": re.compile(r"$^"),
}
_CLAUSES = re.compile(r"[^。！？；\n]+")
RULES = {
    "absolute": "绝对化用语",
    "empty": "空话",
    "blame": "甩锅或攻击",
    "conditional": "有条件的道歉",
    "threat": "威胁口吻",
    "praise": "自夸",
    "but": "道歉后转折",
    "cause": "首发里下了原因结论",
    "promise": "首发里承诺结果",
    "secret": "未公开的经营数据",
    "passive": "被动句隐去了谁做的",
    "victim": "卖惨",
}
TECHNICAL = 3
"""So many different technical words, without a word for those affected, are an evasion."""


def tone(text: str, kind: str, form: str, book: Book, company: tuple[str, ...], contact: str) -> list[Finding]:
    """Everything about how it sounds and what it must not give away."""
    said = BLANK_MARK.sub("", text)
    rules = ["absolute", "empty", "blame", "conditional", "passive", "victim"]
    rules += {"apology": ["threat", "praise", "but"], "holding": ["cause", "promise", "threat", "praise"]}.get(
        kind, ["threat", "praise"]
    )
    rules += ["secret"] if kind != "investor_notice" else []
    if kind == "media_qa":
        said = UNSAID.sub("", said)
    found = [f for rule in rules for f in _words(rule, said, kind, book, company)]
    return [*found, *_technical(said, kind, book, company), *_private(said, contact), *_form(said, kind, form, company)]


def _technical(text: str, kind: str, book: Book, company: tuple[str, ...]) -> Iterator[Finding]:
    """Technology instead of feeling (技术性敷衍), in what people affected will read."""
    hits = [m[0] for pattern in book.words["technical"] if (m := pattern.search(text))]
    cold = len(hits) >= TECHNICAL and not has("E06", text, book, company)
    if cold and kind in ("holding", "situation_notice", "apology", "breach_notice"):
        yield Finding("technical:术语", f"满是术语（{'、'.join(hits[:4])}），没有一句关心受影响的人", hits[0])


def _words(rule: str, text: str, kind: str, book: Book, company: tuple[str, ...]) -> Iterator[Finding]:
    seen: set[str] = set()
    for pattern in book.words[rule]:
        for m in pattern.finditer(text):
            if m[0] in seen or _excused(rule, m, text, kind, book, company):
                continue
            seen.add(m[0])
            promotional = rule == "absolute" and any(p.search(text) for p in book.words["promotional"])
            yield Finding(
                f"{rule}:{m[0][:16]}", f"{RULES[rule]}「{m[0][:20]}」", m[0], Weight.BLOCK if promotional else Weight.WARN
            )


def _excused(rule: str, m: re.Match[str], text: str, kind: str, book: Book, company: tuple[str, ...]) -> bool:
    """Where the word is no fault: denied, quoted from others, or made concrete in the same sentence."""
    clause = next((c[0] for c in _CLAUSES.finditer(text) if c.start() <= m.start() < c.end()), text)
    if rule in ("absolute", "blame", "threat", "promise") and _DENIED.search(text[max(0, m.start() - 8) : m.start()]):
        return True
    if rule in ("blame", "absolute", "praise", "secret") and kind in ("rumor_rebuttal", "investor_notice", "apology"):
        inside = any(q.start() < m.start() < q.end() for q in _QUOTED.finditer(text))
        if inside or (rule == "blame" and re.search(r"(?:不是|并非|不能|不该|不应)", clause)):
            return True
    if rule == "threat" and kind not in ("apology", "holding"):
        return not _MENACE.search(m[0])
    if rule == "empty":
        if m[0].startswith("正在核实"):
            return has("E14", text, book, company)
        if m[0].startswith(("给您带来", "给大家带来")):
            return not any(p.search(text) for p in book.words["hurt"])
        if m[0] == "深表遗憾":
            return kind != "apology" and has("E07", text, book, company)
        return bool((specific := _SPECIFIC.get(m[0])) and specific.search(clause))
    if rule == "blame" and m[0] == "符合国标":
        return bool(re.search(r"GB[ /]?T?\s?\d|报告编号|检测(?:机构|中心|院)", text))
    return rule == "secret" and not re.search(r"\d", clause)


def _private(text: str, contact: str) -> Iterator[Finding]:
    digits = re.sub(r"\D", "", contact)
    for m in _IDENTITY.finditer(text):
        yield Finding(f"private:{m[0][:3]}…", "私人信息：身份证号", m[0])
    for m in _MOBILE.finditer(text):
        if re.sub(r"\D", "", m[0]) not in digits or not digits:
            yield Finding(f"private:{m[0][:3]}…", "私人信息：手机号", m[0])
    for m in _ADDRESS.finditer(text):
        yield Finding("private:住址", f"私人信息：住址「{m[0][:12]}」", m[0])
    for m in _SUFFERER.finditer(text):
        if "某" not in m["n"] and m["n"][0] in SURNAMES + "小阿" and not NOT_NAME.match(m["n"]):
            yield Finding(f"private:{m['n']}", f"私人信息：当事人姓名「{m['n']}」", m["n"])


def _form(text: str, kind: str, form: str, company: tuple[str, ...]) -> Iterator[Finding]:
    limit = limit_of(kind, form)
    if limit and len(text) > limit:
        yield Finding(f"length:{len(text)}", f"{len(text)}字，超过{limit}字")
    if "！" in text or "!" in text:
        yield Finding("form:exclamation", "有感叹号", "！")
    if kind == "progress_update":
        yield from _serial(text)
    if not form and kind != "media_qa":
        for clause in _CLAUSES.finditer(text):
            if (
                (m := _TIME_BARE.search(clause[0]))
                and not _DATE_NEAR.search(
                    text[text.rfind("\n", 0, max(0, text.rfind("\n", 0, clause.start()))) + 1 : clause.end()]
                )
                and not re.search(r"\d\s*[-–—~至到]\s*\d{1,2}\s*[:：点时]|热线|时间[为：:]?每", clause[0])
            ):
                yield Finding(f"form:undated:{m[0].strip()}", f"有时间没有日期「{m[0].strip()}」", m[0])
                break
    if kind in ("holding", "apology", "situation_notice") and _company_first(text, company):
        yield Finding("form:company_first", "第一段先说公司，没先说受影响的人或事")
    if (
        kind == "rumor_rebuttal"
        and (title := text.strip().splitlines()[:1])
        and re.search(r"网传|传言|谣言|传闻|[？?]$|是真的吗", title[0])
    ):
        yield Finding("form:rumor_in_title", "标题写了传言，应写真相", title[0][:20])


def _serial(text: str) -> Iterator[Finding]:
    """The number of a progress notice: one, beside lower ones of earlier notices that it refers to."""
    said = [(m[1], _number(m[1]), bool(_EARLIER.search(text[: m.start()]))) for m in _NUMBERED.finditer(text)]
    own = next((number for _, number, earlier in said if not earlier), 0)
    numbers = {words for words, number, earlier in said if not earlier or number >= own}
    if not own:
        yield Finding("form:number", "进展通报要写第几号")
    elif len(numbers) > 1:
        yield Finding("form:numbers", f"编号前后不一：{'、'.join(sorted(numbers))}")
    elif own > 1 and not _CHANGED.search(text):
        yield Finding("form:changed", "没写和上次相比有什么变化")


def _number(words: str) -> float:
    return float(words) if words.isdigit() else number_of(words)


def _company_first(text: str, company: tuple[str, ...]) -> bool:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    body = next((line for line in lines[1:] if len(line) > 12), "")
    head = re.split(r"[。；]", body)[0]
    ours = any(head.startswith(name) for name in company) or head.startswith(
        ("公司", "我司", "本公司", "自成立", "成立", "创立", "作为")
    )
    return ours and bool(re.search(r"成立|创立|始终|一直|秉承|坚持|领先|多年|致力|品牌|声誉|企业", head))
