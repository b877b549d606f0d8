"""Verbs beyond the intents: the exact first word, or the one right after the object, where the intents say none (room handbook 10)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from bot.language import slots as cut
from bot.language import words
from bot.language.lazy import later
from bot.language.moments import RE_CLOCK, RE_LENGTH, RE_MOMENT
from bot.language.ordering import asks, wonders
from bot.language.said import BOT_NAMES, Quoted, Said, opened
from bot.model.intent import Intent
from bot.model.message import Quote

Slots = dict[str, Any]


def verb(
    text: str, *, bot_names: Sequence[str] = BOT_NAMES, people: Sequence[str] = (), quote: Quote | None = None
) -> Intent | None:
    """The verb whose exact first word heads the line, with its slots; None where there is none.

    Names: report assess start track resume accept submit released not_released later confidential evidence talking_points
    handover expense reported called phones roster bind whoami confirm why split try_rule not_negative is_negative emergency
    disclose lift override compare show_draft endorse audience_plan inquiry authority freeze points_off points_on written
    co_sign delegate learned_at missing read told question answered role.
    Every verb keeps what follows it as ``text`` where nothing else was made of it.
    """
    quoted = Quoted(quote.text[:2000], quote.sender) if quote and quote.text else None
    return read_verb(opened(text[:2600], bot_names=bot_names, people=people, quote=quoted))


def read_verb(said: Said) -> Intent | None:
    """The verb that heads an opened line, or comes right after its object; asked about, an act is none."""
    head = re.sub(r"^[#\d\s]*(?:[ⒾⒹⓉⒻⒿⓋ]|#\d+)[ⒾⒹⓉⒻⒿⓋ\d\s]*", lambda m: " " * len(m[0]), said.shape)
    start = len(head) - len(head.lstrip())
    for name, pattern, read in _VERBS:
        if found := pattern.match(head, start):
            if (name in _ACTS and (asks(said) or wonders(said))) or (name in _TELLING and asks(said)):
                return None
            slots = _common(said) | read(said, said.part(found.end(), len(said.raw)))
            return Intent(name, slots, 0.95)
    return None


def _common(said: Said) -> Slots:
    return cut.put(
        {},
        incident=said.number("Ⓘ", bare=False),
        draft=said.number("Ⓓ"),
        version=said.number("Ⓥ"),
        task=said.number("Ⓣ"),
        fact=said.number("Ⓕ"),
    )


def _bare_incident(rest: Said) -> Slots:
    """The incident where the verb is about one: a bare number counts."""
    number = rest.number("Ⓘ")
    return {"incident": number} if number is not None else cut.put({}, topic=cut.topic(rest))


def _text(rest: Said) -> str:
    return cut.leftover(rest, cut.objects(rest))


def _free(_: Said, rest: Said) -> Slots:
    return cut.put(_bare_incident(rest), text=_text(rest))


def _split(_: Said, rest: Said) -> Slots:
    return cut.put({}, incident=rest.number("Ⓘ", bare=False), text=_text(rest))


def _report(said: Said, rest: Said) -> Slots:
    url = re.search(r"https?://[^\s,，。]+", rest.raw)
    text = cut.leftover(rest, [url.span()] if url else [])
    if not text and said.quote:
        text = said.quote.text
    return cut.put({}, url=url[0] if url else None, text=text, source=said.quote.sender if said.quote else None)


def _assess(_: Said, rest: Said) -> Slots:
    kind = next((key for key, pattern in words.INCIDENT_TYPES.items() if re.search(pattern, rest.text)), None)
    truth = None
    if re.search(r"真伪未知|未知|不明|待查|待核|说不清|不确定|尚不清楚|存疑|unknown", rest.text):
        truth = "unknown"
    elif re.search(r"不实|不属实|虚假|假的|为假|谣|false", rest.text):
        truth = "false"
    elif re.search(r"属实|真实|是真的|为真|真的|确有|true", rest.text):
        truth = "true"
    return cut.put(_bare_incident(rest), type=kind, truth=truth, text=_text(rest))


def _released(_: Said, rest: Said) -> Slots:
    url = re.search(r"https?://[^\s,，。]+", rest.raw)
    when = RE_CLOCK.search(rest.text)
    outlets = cut.channels(rest)
    return cut.put(
        {},
        channel=outlets[0] if outlets else None,
        channels=outlets,
        url=url[0] if url else None,
        when=when[0] if when else None,
    )


def _not_released(_: Said, rest: Said) -> Slots:
    outlets = cut.channels(rest)
    return cut.put({}, channel=outlets[0] if outlets else None, channels=outlets, reason=_without_channels(rest))


def _without_channels(rest: Said) -> str:
    return cut.leftover(rest, [*cut.outlet_spans(rest), *cut.objects(rest)])


def _later(_: Said, rest: Said) -> Slots:
    length = RE_LENGTH.search(rest.text) or RE_MOMENT.search(rest.text)
    bare = re.fullmatch(r"\s*(10|30|60)\s*", rest.text)
    typed = rest.raw[length.start() : length.end()] if length else f"{bare[1]}分钟" if bare else None
    return cut.put({}, duration=typed)


def _people(_: Said, rest: Said) -> Slots:
    return cut.put(_bare_incident(rest), persons=rest.names or _only_names(rest), text=_text(rest))


def _only_names(rest: Said) -> list[str]:
    return [word for word in re.split(r"[\s,，、]+", re.sub(r"给|和", " ", rest.raw)) if re.fullmatch(r"[一-龥]{2,4}", word)]


def _called(_: Said, rest: Said) -> Slots:
    return cut.put({}, persons=rest.names or _only_names(rest)[:1], text=_text(rest))


def _expense(_: Said, rest: Said) -> Slots:
    amount = re.search(r"(\d+(?:,\d{3})*(?:\.\d+)?)\s*(万|千|k|w)?\s*(元|块|rmb)?", rest.text)
    spans = [amount.span()] if amount else []
    value = (
        float(amount[1].replace(",", "")) * {"万": 1e4, "w": 1e4, "千": 1e3, "k": 1e3}.get(amount[2] or "", 1)
        if amount
        else None
    )
    return cut.put(
        cut.put({}, incident=rest.number("Ⓘ", bare=False)), amount=value, text=cut.leftover(rest, [*spans, *_hard(rest)])
    )


def _hard(rest: Said) -> list[cut.Span]:
    return [(t.start, t.end) for t in rest.things if not t.bare]


def _reported(_: Said, rest: Said) -> Slots:
    receipt = re.search(r"(?:回执|受理|编号|凭证|文号)(?:号)?[:：\s]*([A-Za-z0-9〔〕\[\]号第-]{3,})", rest.raw)
    head = re.match(r"\s*([^\s,，]+)", re.sub(r"回执.*", "", rest.raw))
    moment = RE_MOMENT.search(rest.text)
    return cut.put(
        {"incident": n} if (n := rest.number("Ⓘ", bare=False)) is not None else {},
        clock=head[1] if head else None,
        receipt=receipt[1] if receipt else None,
        when=rest.raw[moment.start() : moment.end()] if moment else None,
        text=cut.tidy(rest.raw),
    )


def _code(_: Said, rest: Said) -> Slots:
    found = re.search(r"[0-9a-z]{3,32}", rest.text)
    return cut.put({}, code=rest.raw[found.start() : found.end()] if found else None)


def _confirm(said: Said, rest: Said) -> Slots:
    found = re.fullmatch(r"\s*([0-9a-fA-F]{4})\s*", said.raw[len(said.raw) - len(rest.raw) :])
    return cut.put({}, code=found[1].upper() if found else None, text=None if found else cut.tidy(rest.raw))


def _as_typed(_: Said, rest: Said) -> Slots:
    """A rule: brackets and operators at its ends belong to it."""
    return cut.put({}, text=rest.raw.strip())


def _whole(_: Said, rest: Said) -> Slots:
    return cut.put({}, text=cut.tidy(rest.raw), persons=rest.names)


AUDIENCES = {
    "employees": "员工|内部|同事",
    "affected_users": "受影响|当事人|受害|家属",
    "users": "用户|消费者|客户|家长|乘客",
    "partners": "伙伴|经销商|供应商|商户|合作",
    "investors": "投资|股东|交易所",
    "media": "媒体|记者",
    "regulators": "监管|市场监管|网信|公安|政府|主管",
    "board": "董事会|集团|领导",
    "public": "公众|社会",
}
"""Audiences of the contract, as people say them."""


def _told(_: Said, rest: Said) -> Slots:
    audience = next((key for key, pattern in AUDIENCES.items() if re.search(pattern, rest.text)), None)
    return cut.put(_bare_incident(rest), audience=audience, text=_text(rest))


def _answered(_: Said, rest: Said) -> Slots:
    found = re.match(r"\s*q\s?(\d{1,4})[\s:,]*", rest.text)
    return cut.put({}, question=int(found[1]) if found else None, text=cut.tidy(rest.raw[found.end() :] if found else rest.raw))


def _late(_: Said, rest: Said) -> Slots:
    spans = [(t.start, t.end) for t in rest.things if not t.bare]
    number = rest.number("Ⓘ", bare=False)
    return cut.put({"op": "add", "late": True}, incident=number, text=cut.leftover(rest, spans))


def _confidential(said: Said, rest: Said) -> Slots:
    off = {"op": "off"} if re.match(r"[#Ⓘ\d\s]*(?:取消|解除)", said.shape) else {}
    return off | _people(said, rest)


def _learned(_: Said, rest: Said) -> Slots:
    clock = RE_CLOCK.search(rest.text)
    witness = re.search(r"([一-龥]{2,4}?)(?:可证|作证|为证)", rest.raw)
    return cut.put(
        _bare_incident(rest),
        when=rest.raw[clock.start() : clock.end()] if clock else None,
        persons=[witness[1]] if witness else None,
        text=cut.tidy(rest.raw),
    )


def _decided(_: Said, rest: Said) -> Slots:
    return cut.put({}, decision=rest.number("Ⓙ"), text=_text(rest))


def _improved(_: Said, rest: Said) -> Slots:
    found = re.search(r"\d+", rest.text)
    return cut.put({}, step=int(found[0]) if found else None)


def _evidence(said: Said, rest: Said) -> Slots:
    url = re.search(r"https?://[^\s,，。]+", rest.raw)
    text = cut.leftover(rest, [*(_hard(rest)), *([url.span()] if url else [])])
    if not url and not text and said.quote:
        text = said.quote.text
        url = re.search(r"https?://[^\s,，。」]+", said.quote.text)
    return cut.put(
        _bare_incident(rest) if rest.numbers("Ⓘ", bare=False) else {},
        url=url[0] if url else None,
        text=text,
        source=said.quote.sender if said.quote else None,
    )


_ACTS = frozenset(
    "assess start track resume accept submit later confidential read handover confirm emergency co_sign delegate lift endorse freeze"
    " points_off points_on split written legal_start sitrep_send sitrep_same".split()
)
"""Verbs that change something: a question about one (送审 D1 了吗) changes nothing."""
_TELLING = frozenset("released not_released told answered disclose reported called override learned_at waive improved".split())
"""The same, but what is told may itself hold a question word (已告知 用户 怎么退款)."""
_WHY = (
    "(?:为什么|为啥|凭什么|凭啥|怎么)(?:会|就|能)?(?:是|定成?|判成?|评成?|算成?|给)个?(?:[蓝黄橙红]色?|这个?级别?)[的级]?[啊呀呢了]?[?？]?"
    "|为什么[?？]?|为啥[?？]?|why"
)
_END = r"(?=[\s,，。:：!#@0-9ⒾⒹⓉⒻⒿⓅⓊⓋ]|$|(?<=研判)不?属?实)"
_VERBS: tuple[tuple[str, re.Pattern[str], Callable[[Said, Said], Slots]], ...] = tuple(
    (name, later(rf"(?:{pattern}){_END}"), read)
    for name, pattern, read in (
        ("report", "上报|report", _report),
        ("assess", "研判|assess", _assess),
        ("start", "启动(?:预案)?|start", _free),
        ("track", "跟踪|track", _free),
        ("resume", "恢复处置|resume", _free),
        ("accept", "接受?|接下|accept", _free),
        ("submit", "送审|submit", _free),
        ("released", "已发(?:布|出)?|released", _released),
        ("not_released", "未发(?:布|出)?|没发成?|not_released", _not_released),
        ("later", "稍后(?:提醒)?|later", _later),
        ("confidential", "(?:取消|解除)?保密|confidential", _confidential),
        ("read", "已阅|已读", _free),
        ("told", "已告知", _told),
        ("question", "待答|疑问", _free),
        ("answered", "已答", _answered),
        ("fact", "补记", _late),
        ("role", "角色", _whole),
        ("evidence", "存证|evidence", _evidence),
        ("disclose", "披露", _whole),
        ("talking_points", "口径", _whole),
        ("handover", "交班|handover", _people),
        ("expense", "花费|expense", _expense),
        ("reported", "已报", _reported),
        ("called", "已电话|已致电", _called),
        ("phones", "电话表|通讯录", _whole),
        ("roster", "值班表?|谁在?值班|谁值班|roster", _whole),
        ("bind", "绑定|bind", _code),
        ("whoami", "我是谁|whoami", _whole),
        ("confirm", "确认|confirm", _confirm),
        ("why", _WHY, _free),
        ("split", "拆分|拆出|split", _split),
        ("try_rule", "试规则|试一下规则|try", _as_typed),
        ("not_negative", "不是负面|非负面", _free),
        ("is_negative", "是负面", _free),
        ("emergency", "紧急首发", _free),
        ("co_sign", "加签", _people),
        ("delegate", "转代理", _people),
        ("missing", "还差(?:什么|啥)|还缺(?:什么|啥)", _free),
        ("lift", "解除(?:压稿|暂缓|压住)?", _free),
        ("override", "忽略", _whole),
        ("compare", "对比|差异|改动", _free),
        ("show_draft", "看稿?|稿件|全文", _free),
        ("endorse", "不?追认", _free),
        ("audience_plan", "受众(?:计划)?", _whole),
        ("inquiry", "采访", _whole),
        ("authority", "第三方", _whole),
        ("freeze", "(?:冻结|暂停)(?:营销|推广|排期)", _free),
        ("points_off", "(?:暂停|停用)口径", _whole),
        ("points_on", "恢复口径", _whole),
        ("written", "改好", _free),
        ("learned_at", "起点(?:改为?)?|知悉时间", _learned),
        ("legal_start", "确认起点", _free),
        ("waive", "免报|豁免|不适用", _free),
        ("clocks", "(?:法定)?时限", _free),
        ("plan", "预案", _free),
        ("sitrep_send", "照报", _free),
        ("sitrep_add", "补一句", _free),
        ("sitrep_same", "(?:情况)?无变化", _free),
        ("phone_talk", "电话谈", _decided),
        ("spread", "溯源|传播(?:路径|链)?|关键账号", _free),
        ("improved", "改进(?:项)?(?:已)?完成", _improved),
    )
)
