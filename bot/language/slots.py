"""What goes with an act, cut out of the line as typed: topic, reason, grade, address, free text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from bot.language import words
from bot.language.lazy import later
from bot.language.said import Said

Span = tuple[int, int]
_EDGE = " ,，。;；:：!！~、….—-|\n\t😂🙏✅👌👍🤝"
_LEADING = later(
    r"^(?:把|将|给|就是|就|关于|有关|针对|对于?|看一?下|看看|查查|查一?下|查|帮我|帮忙|帮|麻烦|请|我们?"
    r"|咱们?|想|要|问一?下|问|上周关的|上周结的|昨天关的|之前关的|刚才关的|之前结的|刚才的?|刚刚的?"
    r"|昨天的?|今天的?|上周的?|之前的?|那个|这个|那就|那|就|结案|结掉|认领|重开|重启|重新打开|打开|定级"
    r"|升级|降级|上报|静音|关闭|关掉|归档|汇总|简报|复盘|趋势|状态|指派|起草|写|来|再|先|现在|目前|快(?!递|餐|充|闪|手)|"
    r"说一?下|讲讲|讲一下|说说|总结|梳理|预测|出个?|发个?|做个?|Ⓟ+(?:在)?问?|领导问|一下|接手|派给|看下|把"
    r"|老板问|麻烦看下|了解一下|汇报一?下|跟进|负责|接|由我|我来|和|跟|拉一下|分析一?下|去|瞧瞧|看|\s"
    r"|[,，:])+"
)
NO_TOPIC = later(
    r"^(?:这件事?|这事|这条|这单|这起|这种|此事|该事件|本事件|那件事?|那事|那起|那单|事件|预警|告警|舆情|危机|"
    r"领导|大家|我们|你们|他们|她们|声明|目前|今天|明天|任务|情况|事情|一下"
    r"|事|群里|公司|用户|媒体|网友|现在|刚才|之前|的|了|是|都|还|也|老板|同事|客户|一条|一个|几个|最新"
    r"|最近|所有|全部|这里|整个|那条|那|这|当前|稿子|评论|平台|热搜|热度|数据|时间线|机器人|完整|这起|这次"
    r"|本次|上次)$|[我你他她谁吗呢吧哪]|什么|怎么|多少|几个|一下|没有|不是|为啥|如何|[□Ⓘ]|^得|让|知道"
    r"|重复的|一份|今日|整理|结案|归档|重开|认领|升级|红色|橙色|黄色|蓝色|级$|^\d+$|[^掉除去]了$|^没"
)
_TOPIC = (
    later(
        r"(?:^|[\s,，。:：!?])([^\s,，。;；:：!?]{2,16}?)(?:那(?:档子?|码子?|茬)事?儿?|那个事儿?|那件事儿?|那个(?=[^一-龥]|$|[一-龥])"
        r"|那边|那块|那条|那起|那一?单|那摊|这个事|这件事|这事儿?|那事儿?|这边|这块|这起|的事情|的事儿?|一事"
        r"|的那个|这个|事件|的案子|的舆情|舆情)"
    ),
    later(r"(?:那个|这个|那条|那起)([^\s,，。的]{2,8})(?:的)?(?=$|[,，\s。!?])"),
    later(r"[,，\s]([^\s,，。的]{2,8})的[!。~\s]*$"),
    later(r"(?:看|看看|盯|管|处理|跟|说|讲|问)(?:一?下)?([^\s,，。的一]{2,8})的[!。~\s]*$"),
    later(r"^([一-龥a-z]{3,8}?)(?=又|再次|上了|被(?!动)|过了(?:高|峰|最)|冲上|爆了|炸了|还在(?:涨|发酵|传))"),
    later(
        r"(?:^|[\s,，])(?:那个|这个)?([^\s,，。的]{2,6})的(?=是不是|又|还|现在|到底|怎么|咋|过|会不会|有没有|"
        r"什么|谁|目前|归|交|让|转|派|升|降|定|结|关|重|得|要|该|必须|需要|应该|可以|声量|热度|讨论|负面|情绪)"
    ),
)
_ANY_SIGN = later("[ⒾⓉⒻⒿⒹⓋⓅⓊ]")
_GREETING = later(
    r"^(?:收到|好的?|行吧?|嗯+|那就|那|快|快点|麻烦(?:了|你了|您)?|谢谢|辛苦了?|ok|可以|可以了|赶紧|拜托"
    r"|大家|各位|领导|了|吧|啊|哈|呢|的|我|先|就|请|被|和|是|把|给|对|在|都|也|还|再|的事|的话|一下|这个"
    r"|那个|事件|一下子?|吧吧|没啥问题|没问题|差不多了?|这条|的那个|那条|哦|呀|嘛|了吧|就行|就好|号|那|这"
    r"|级|响应|走|同意|按|预警|一下吧|下吧|并|然后|顺便|因为|由于|原因是?|理由是?|[-\s\W]+)+$"
)
REASON = later(r"(?:原因|理由|因为|由于|鉴于)(?:是|为)?[:：\s]?(.+)$", re.S)


def tidy(text: str) -> str:
    """Without blanks and punctuation at the ends, blanks inside single."""
    text = re.sub(r"\s+", " ", text).strip(_EDGE)
    if text.count("(") > text.count(")"):
        text = text.lstrip("(")
    return text.strip(_EDGE)


def objects(said: Said) -> list[Span]:
    """The places of all numbered things (a bare number only where it can be an incident)."""
    return [(t.start, t.end) for t in said.things]


def people(said: Said) -> list[Span]:
    """The places of everybody named."""
    return [(n.start, n.end) for n in (*said.people, *said.near)]


def leftover(said: Said, spans: Iterable[Span]) -> str:
    """The line without these places and without fillers: what can be a reason or a text."""
    chars = list(said.raw)
    for start, end in spans:
        for at in range(start, min(end, len(chars))):
            chars[at] = "\0"
    pieces = (tidy(piece) for piece in re.split(r"\0+", "".join(chars)))
    return ",".join(piece for piece in pieces if len(piece) > 1 and not _GREETING.match(piece.lower()))


def reason(said: Said, verb: Span, *more: Span) -> str:
    """Why: words after 原因 or 因为, else what is left beside the verb and the objects."""
    if given := REASON.search(said.raw):
        return tidy(given[1])
    return leftover(said, [verb, *more, *objects(said)])


def topic(said: Said) -> str:
    """The words that name an incident where no number does: 漏油那个, 奶粉批次的事."""
    for pattern in _TOPIC:
        for found in pattern.finditer(said.shape):
            start, end = found.span(1)
            while lead := _LEADING.match(said.shape[start:end]):
                start += lead.end()
            words_ = said.shape[start:end]
            if 2 <= len(words_) <= 12 and not NO_TOPIC.search(words_) and not _ANY_SIGN.search(words_):
                return said.raw[start:end]
    return ""


def topic_before(said: Said, at: int) -> str:
    """A noun at the head of the line directly before the verb: 奶粉批次 定红色."""
    head = said.shape[:at]
    head = re.split(r"[,，。;；!?]", head)[-1]
    start = at - len(head)
    if lead := _LEADING.match(head):
        start += lead.end()
    noun = re.sub(
        r"(?:的|的事|这个|那个|必须|应该|直接|可以|要|得|还|会|先|就|已经|也|都|再|快|赶紧|的话|这边|\s)+$",
        "",
        said.shape[start:at],
    )
    if 2 <= len(noun) <= 8 and not NO_TOPIC.search(noun) and not _ANY_SIGN.search(noun):
        return said.raw[start : start + len(noun)]
    return ""


def topic_after(said: Said, at: int) -> str:
    """A short noun that is all that stands behind the verb: 趋势 漏油."""
    rest = said.shape[at:].strip(_EDGE)
    rest = re.sub(r"(?:的事?|吧|一下|啊|呢|这个|那个|事件|哈)+$", "", _LEADING.sub("", rest))
    if not 2 <= len(rest) <= 8 or not re.fullmatch(r"[一-龥a-z]+", rest) or NO_TOPIC.search(rest):
        return ""
    where = said.shape.find(rest, at)
    return said.raw[where : where + len(rest)] if where >= 0 else ""


def incident(said: Said, *, bare: bool = True, at: int | None = None, after: int | None = None) -> dict[str, Any]:
    """``incident`` by number or quote, else ``topic``. ``at`` is where the verb begins, ``after`` where it ends: with them a
    bare noun beside the verb counts as the topic."""
    number = said.number("Ⓘ", bare=bare)
    if number is not None:
        return {"incident": number}
    named = topic(said)
    if not named and at is not None:
        named = topic_before(said, at)
    if not named and after is not None:
        named = topic_after(said, after)
    return {"topic": named} if named else {}


def topic_span(said: Said, slots: dict[str, Any]) -> list[Span]:
    """Where the topic of these slots stands, with the words that hang on it (那个, 的事)."""
    name = str(slots.get("topic") or "")
    at = said.raw.find(name) if name else -1
    if at < 0:
        return []
    tail = re.match(r"(?:那个事|那个|这个|的事|那边|那事|的|这事|那条)*", said.raw[at + len(name) :])
    return [(at, at + len(name) + (tail.end() if tail else 0))]


def put(slots: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The slots with those of ``more`` that say something."""
    return slots | {key: value for key, value in more.items() if value not in (None, "", [], ())}


def channels(said: Said) -> list[str]:
    """Every channel named."""
    return words.every(words.CHANNELS, re.sub(r"https?://[^\s,，。]+", "", said.text))


def subject(said: Said) -> int | None:
    """The incident that a record is about: written as one, or a bare number at the head; numbers inside the text are none."""
    own = said.numbers("Ⓘ", bare=False)
    if own:
        return own[0]
    bare = next((t for t in said.things if t.kind == "Ⓘ" and t.bare), None)
    if bare and (bare.start == 0 or re.match(r"^(?:事实|fact|记一下|补充|记)\s?$", said.shape[: bare.start])):
        return bare.number
    return None


def outlet_spans(said: Said) -> list[Span]:
    """The places of all channels named."""
    return [m.span() for _, pattern in words.CHANNELS for m in pattern.finditer(said.text)]
