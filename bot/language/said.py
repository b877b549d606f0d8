"""One typed line, opened up: the quote, the numbers of things, the people, and the words that remain.

Three strings of one length go side by side. ``raw`` is what was typed (NFKC); ``text`` is simplified, lower case and with
command words in their own characters; ``shape`` is ``text`` with each object as a row of one sign: Ⓘ incident, Ⓣ task,
Ⓕ fact, Ⓙ decision, Ⓓ draft, Ⓥ version, Ⓟ person, Ⓤ address, and □ for words that only look like a command (发布会).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.language.dialect import common
from bot.language.lazy import later
from bot.language.names import Named, beside_verbs, marked
from bot.language.normal import lowered, plain, simplified
from bot.language.numbers import HAN, NUMBER, number_of
from bot.language.pinyin import half_spelled, heard, spelled_out

BOT_NAMES = ("望楼", "舆情小助手", "小助手", "危机室机器人", "机器人", "助手", "bot", "wanglou", "小望", "舆情助手")
_QUOTE = later(r"^\s*[「『\"“](?:([^「」:\n]{1,24}):\s*)?(.*?)[」』\"”]\s*\n[-\s—–─]{5,}\n?(.*)$", re.S)
_LINE_QUOTE = later(r"^\s*「([^「」:\n]{1,24}):\s*([^「」]*)」\s*(.*)$", re.S)
_URL = later(r"https?://[^\s,。;、「」()]+|www\.[^\s,。;、「」()]+")
_UNIT = (
    r"(?!(?<=一)(?:览|共|律|定|直|些|样|切|般|致|并|同|旦|向|概)|\d|[.:]\d|%|,\d{3}|\s(?:点|分(?![配派给])|小时|天|个(?:小时"
    r"|月|人)|字|箱|万|元|块|倍|次|条|秒|度|楼|"
    r"页|岁|级|分钟|(?:mins?|hours?|hrs?|days?|h|d|m|s)(?![a-z])|%)|(?:点|分(?![配派给]|[三四五几]点)|小时|时(?![限间])|天|日|周|月|年|条|个|字|箱|"
    r"人|万|千|百|元|块|倍|次|份|版"
    r"|遍|秒|度|级(?!别)|楼|页|张(?![敏伟强丽静磊])|家(?![属长人])|岁|名|位|起(?![草稿])|篇|例|件|台|辆|批(?![准了])|号|步|项|套|k|w|h|"
    r"min|mins|m|d|s|pm|am|hours?"
    r"|ml|kg|g|米|公里|亿|多(?![久少大快长])|来(?!龙)|%|/\d))"
)
_INCIDENT = later(
    rf"#\s?({NUMBER})(?!月)(?:号(?:事件)?)?|(?:编号|事件|案子|工单|单子|case|incident|inc"
    rf"|no\.?)\s?[-#:]?\s?({NUMBER})(?:号)?{_UNIT}|(?<![第月\d.:{HAN}])第?({NUMBER})\s?号(?:事件|案子"
    r"|那个事件?|舆情|预警)"
    rf"|(?<![第月\d.:a-z{HAN}])({NUMBER})\s?号(?!线|楼|店|机|员|码|文|门|稿|任务|事实|声明|草稿|通报"
    r"|公告|上午|下午|早|晚|凌晨|中午|之?前(?!面|情)|以前|到(?=\s?[\d一二三四五六七八九十]|期|货|场|岗)|开|截|晨|集|电|库|仓"
    r"|字|版|\d(?!\d?个?(?:小时|钟头|天|h)))"
)
_BARE = later(rf"(?<![\d.:#第月年a-z/_\-%¥$+*=~v])(\d{{1,4}}){_UNIT}(?![a-z_\-+*=~]|\s?[.]\d)")
_HAN_BARE = later(
    r"(?<=认领|结案|重开|复盘|趋势|状态|归档|关闭|升级|上报|静音|汇总|简报|定级|指派|进展|误报|重启"
    rf"|走势)\s?([{HAN}]{{1,3}})(?=$|[\s,，。给])|^([{HAN}]{{2,3}})(?=认领|升|定|降|结案|重开|我|归|派|转"
    r"|交|静音|上报|谁|现在|怎么样)"
)
_ODD = later(
    r"(?<![单号码\d])#\s?(\d{6,}|0+|-\d+)(?![\d.:%])|(?<=认领|结案|重开|复盘|趋势|状态|归档|关闭|升级|上报|静音|简报|定级|指派|误报|启动|跟踪)"
    r"\s?(\d{5,}|0+)号?(?=$|[\s,，。])"
)
"""A number that no incident has: it is named back, so that the command falls on no other one."""
_KINDS = (
    ("Ⓣ", later(rf"(?<![a-z])t\s?-?#?(\d{{1,4}})(?![\da-z])|任务\s?({NUMBER}){_UNIT}|({NUMBER})号任务")),
    (
        "Ⓕ",
        later(
            rf"(?<![a-z])f\s?-?#?(\d{{1,4}})(?![\da-z])|事实(\d{{1,4}}|[{HAN}]{{1,3}}){_UNIT}|({NUMBER})号事实"
            rf"|第({NUMBER})条事实"
        ),
    ),
    (
        "Ⓙ",
        later(
            rf"(?<![a-z])j\s?-?#?(\d{{1,4}})(?![\da-z])|(?:决策|决定|决议)(\d{{1,4}}|[{HAN}]{{1,3}}){_UNIT}"
            rf"|({NUMBER})号决[策定](?=\s?(?:撤|改|作废|取消|推翻|废|不|再|变|修|调整|延|什么|谁|是|的|怎么|看|依据|[,，。:：]|$))"
        ),
    ),
    (
        "Ⓓ",
        later(
            rf"(?<![a-z])d\s?-?#?(\d{{1,4}})(?!\d|[a-uw-z]|v(?!\d))|(?:稿子|稿件|草稿|文稿|稿|声明"
            rf"|draft)({NUMBER})(?:号)?{_UNIT}|(?<![第])({NUMBER})号(?:稿子?|声明|草稿|文稿)"
            rf"|(?<![a-z])d([{HAN}]{{1,3}})(?![天日周])"
        ),
    ),
    (
        "Ⓥ",
        later(
            rf"(?<![a-z])(?:v|ver|version)\s?\.?(\d{{1,3}})(?![\d.])|版本\s?({NUMBER})|第({NUMBER})[版稿](?!面)"
            rf"|(?<!\d)(\d{{1,2}})版(?!面)"
        ),
    ),
)
_LOOKALIKE = later(
    "(?:会员|事态|矛盾|投诉|冲突|局势|舆情|情绪|风险|用户|客户|手机|账号|设备|套餐)(?:可以|要|再|已经?|"
    "自动)?升级(?!上报|到[红橙黄蓝]|为[红橙黄蓝])"
    "|升级(?:一下)?(?:系统|手机|软件|app|服务|版本|会员|电脑)|报警器|叫外卖|红钻|上报(?:情况|流程|材料|数据|人|"
    "表|率)|发布(?:后|了几|了多少|了哪些)|发布会|发布时间|发布者|发布人|发布平台|结案陈词|结案陈述|结案总结|"
    "结(?:了|过|完)?[婚账冰拜](?!案)|复盘[王器机仪课书软棋]|结案报告|结案率|同意书|不同意见"
    "|关闭窗口|列表页|系统升级|版本升级|app升级|软件升级|升级包|升级版|产品升级|服务升级|消费升级"
    "|全面升级|设备升级|固件升级|"
    "别推我|认领(?:证|书|箱|柜|处|台|启事|码|费)|认领表|失物认领|领养|静音(?:车厢|会议室|模式|键|耳机|舱)|任务重|事实上|事实证明|升级打怪|通过率|驳回率|开关|海关"
    "|把关|红线|红包|红利|红头|网红|红薯|黄金|黄页|草稿纸|状态不好|状态不错|状态很|状态好|"
    "总结会|述职|年终总结|工作总结|演练室|启动会|新品发布|决定性|决策层|决策者|决策树|口头禅|会议纪要|派出所|指派单"
)
_CITED = later(r"(?<=.)([“「『\"])([^“”「」『』\"\d\n]{1,24})([”」』\"])")
"""Words in quotation marks inside a line are spoken of, no command: 统一说“正在核查”."""
_DECOR = later(
    r"(?![🔴🟠🟡🔵🟥🟧🟨🟦✅👌✔])[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B00-\u2BFF]|\[(?!演练|演习|图片|语音|"
    r"视频|文件)[一-龥]{1,3}\](?=\s*$)"
)
"""Emoji that decorate (grades, ✅ and 👌 speak)."""
_CORRECTION = later(
    r"号?[,，。!\s…]*(?:不对|不不|错了|说错了?|打错了?|写错了?|更正|哦不|啊不|不是(?=[,，。\s])|噢不|sorry)[,，。!\s…]*(?:是"
    r"|应该是|应为|我是说|改成)?\s*#?"
)
"""What stands between a number said by mistake and the right one: 12 不对 是13."""
_WAKE = later(r"^[,，。:：!\s~、]+")
_FILLER = later(
    r"^(?:[\s,，:：~。!]|嗯+|呃+|额|那个\s|就是\s|那就|那|喂|哎+|欸|好的?[,，\s]|行吧?[,，\s]?|ok[,，]\s?"
    r"|收到[,，\s]|请|麻烦(?:你|您|了)?|帮我?忙?|帮|你|快点?|赶紧|先|再|给我|我要|我想|我来|劳驾|辛苦|拜托"
    r"|小?助手|能不能|能否|可以|顺便|然后|并且?|另外|同时|接着|还有|把|将|给|对|立即|马上|现在|直接"
    r"|\[演练\]|Ⓘ|Ⓣ|Ⓕ|Ⓙ|Ⓓ|Ⓥ)+"
)


@dataclass(frozen=True, slots=True)
class Thing:
    """A numbered object. ``kind`` is its sign; ``bare``: a number with nothing that says of what."""

    kind: str
    number: int
    start: int
    end: int
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Quoted:
    """The quoted message: the words and who said them."""

    text: str
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """See the module. ``called``: it mentions us."""

    raw: str
    text: str
    shape: str
    things: tuple[Thing, ...]
    people: tuple[Named, ...]
    near: tuple[Named, ...]
    quote: Quoted | None = None
    quoted_things: tuple[Thing, ...] = ()
    called: bool = False

    def numbers(self, kind: str, *, bare: bool = True) -> list[int]:
        """The numbers of one kind in this line, in order, each once."""
        return list(dict.fromkeys(t.number for t in self.things if t.kind == kind and (bare or not t.bare)))

    def number(self, kind: str, *, bare: bool = True) -> int | None:
        """The first number of one kind in this line; where it has none of that kind, the one in the quote."""
        own = self.numbers(kind, bare=bare)
        if own:
            return own[0]
        sure = [t for t in self.quoted_things if t.kind == kind and not t.bare]
        quoted = list(dict.fromkeys(t.number for t in sure or self.quoted_things if t.kind == kind))
        return quoted[0] if len(quoted) == 1 else None

    @property
    def spoken(self) -> str:
        """The shape with cited words and lookalikes as they were typed: what a wish or a search word is read from."""
        return "".join(own if sign == "□" else sign for sign, own in zip(self.shape, self.text, strict=True))

    @property
    def names(self) -> list[str]:
        """Everybody named, also by an unmarked name beside a verb of giving, in order."""
        at = sorted({(n.start, n.name) for n in (*self.people, *self._near_only())})
        return list(dict.fromkeys(name for _, name in at))

    def _near_only(self) -> list[Named]:
        return [n for n in self.near if all(n.end <= p.start or n.start >= p.end for p in self.people)]

    @property
    def bare_shape(self) -> str:
        """The shape from the head of the command on: fillers and object signs in front left out."""
        return self.shape[head_at(self.shape) :]

    def part(self, start: int, end: int) -> Said:
        """One clause of it."""
        while start < end and self.raw[start] in " ,，。;；、\n":
            start += 1

        def inside(one: Thing | Named) -> bool:
            return start <= one.start and one.end <= end

        return replace(
            self,
            raw=self.raw[start:end],
            text=self.text[start:end],
            shape=self.shape[start:end],
            things=tuple(replace(t, start=t.start - start, end=t.end - start) for t in self.things if inside(t)),
            people=tuple(replace(n, start=n.start - start, end=n.end - start) for n in self.people if inside(n)),
            near=tuple(replace(n, start=n.start - start, end=n.end - start) for n in self.near if inside(n)),
        )


def head_at(shape: str) -> int:
    """Where the command begins: after fillers and the objects in front."""
    found = _FILLER.match(shape)
    return found.end() if found else 0


def opened(
    typed: str, *, bot_names: Sequence[str] = BOT_NAMES, people: Sequence[str] = (), quote: Quoted | None = None
) -> Said:
    """A typed line as ``Said``; the quote may stand in the text itself (「name：text」 and a dashed line)."""
    line = plain(typed)
    if quote is None:
        line, quote = _quote_of(line)
    typed_line = line
    line = _without_bot(line, bot_names)
    called = line != typed_line
    raw = _WAKE.sub("", line).strip()
    bare = _DECOR.sub(lambda m: " " * len(m[0]), raw)
    if bare.strip():
        raw = raw[: len(bare.rstrip())]
        bare = bare.rstrip()
    text = spelled_out(common(lowered(simplified(bare))))
    text = half_spelled(text, _heads(text))
    text = heard(text, _heads(text))
    shape = _LOOKALIKE.sub(lambda m: "□" * len(m[0]), _CITED.sub(lambda m: m[1] + "□" * len(m[2]) + m[3], text))
    shape = _masked(shape, ((m.start(), m.end(), "Ⓤ") for m in _URL.finditer(text)))
    named = marked(raw, text, people)
    shape = _masked(shape, ((n.start, n.end, "Ⓟ") for n in named))
    things, shape = _things(shape)
    near = beside_verbs(raw, text, shape)
    quoted = _things(lowered(simplified(plain(quote.text))))[0] if quote else ()
    return Said(raw, text, shape, things, tuple(named), tuple(near), quote, quoted, called)


def _quote_of(line: str) -> tuple[str, Quoted | None]:
    if found := _QUOTE.match(line):
        return found[3].strip(), Quoted(found[2].strip(), (found[1] or "").strip())
    if found := _LINE_QUOTE.match(line):
        return found[3].strip(), Quoted(found[2].strip(), found[1].strip())
    return line, None


def _without_bot(line: str, bot_names: Sequence[str]) -> str:
    """The line without mentions of ourselves."""
    names = "|".join(re.escape(plain(name)) for name in sorted((*bot_names, *BOT_NAMES), key=len, reverse=True))
    line = re.sub(rf"@\s?(?:{names})(?=[\s,，。:：!、]|$|(?<=[一-龥])(?=.))", " ", line, flags=re.I)
    line = re.sub(rf"^(?:{names})[\s,，:：!、]+", "", line, flags=re.I)
    return re.sub(r" {2,}", " ", line).strip()


def _heads(text: str) -> frozenset[int]:
    """Positions where a command may begin: line and clause starts, after blanks, numbers and helping words."""
    starts = {0}
    for found in re.finditer(
        r"[\s,，。;；:：!、\d]|把|请|先|再|给我|帮我|帮忙|我|来|去|要|就|可以|已|该|个|的|一?[份版下]|没?法?能", text
    ):
        starts.add(found.end())
    starts.add(head_at(text))
    return frozenset(starts)


def _masked(shape: str, spans: object) -> str:
    for start, end, sign in spans:  # type: ignore[attr-defined]
        shape = shape[:start] + sign * (end - start) + shape[end:]
    return shape


def _things(shape: str) -> tuple[tuple[Thing, ...], str]:
    found: list[Thing] = []
    for kind, pattern in (*_KINDS, ("Ⓘ", _INCIDENT)):
        for hit in pattern.finditer(shape):
            number = number_of(next(group for group in hit.groups() if group))
            if number is not None and 0 < number < 100_000:
                found.append(Thing(kind, number, hit.start(), hit.end()))
        shape = _masked(shape, ((t.start, t.end, kind) for t in found if t.kind == kind))
    found += [Thing("Ⓘ", int(m[1]), m.start(), m.end(), bare=True) for m in _BARE.finditer(shape) if int(m[1]) > 0]
    for hit in _HAN_BARE.finditer(shape):
        typed = hit[1] or hit[2]
        if number := number_of(typed):
            found.append(Thing("Ⓘ", number, hit.end() - len(typed), hit.end(), bare=True))
    taken = {t.start for t in found}
    odd = ((hit, hit[1] or hit[2]) for hit in _ODD.finditer(shape))
    found += [Thing("Ⓘ", int(typed[:18]), hit.start(), hit.end()) for hit, typed in odd if hit.start() not in taken]
    ordered = sorted(found, key=lambda t: t.start)
    corrected = {
        one.start
        for one, other in pairwise(ordered)
        if one.kind == other.kind and _CORRECTION.fullmatch(shape, one.end, other.start)
    }
    return tuple(t for t in ordered if t.start not in corrected), shape
