"""What goes with a verb beyond the intents: each function takes the opened line and what follows the verb, and gives its slots."""

from __future__ import annotations

import re
from typing import Any

from bot.language import slots as cut
from bot.language import words
from bot.language.moments import RE_CLOCK, RE_LENGTH, RE_MOMENT
from bot.language.said import Said

Slots = dict[str, Any]


def common(said: Said) -> Slots:
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


def free(_: Said, rest: Said) -> Slots:
    return cut.put(_bare_incident(rest), text=_text(rest))


def split(_: Said, rest: Said) -> Slots:
    return cut.put({}, incident=rest.number("Ⓘ", bare=False), text=_text(rest))


def report(said: Said, rest: Said) -> Slots:
    url = re.search(r"https?://[^\s,，。]+", rest.raw)
    text = cut.leftover(rest, [url.span()] if url else [])
    if not text and said.quote:
        text = said.quote.text
    return cut.put({}, url=url[0] if url else None, text=text, source=said.quote.sender if said.quote else None)


def assess(_: Said, rest: Said) -> Slots:
    kind = next((key for key, pattern in words.INCIDENT_TYPES.items() if re.search(pattern, rest.text)), None)
    truth = None
    if re.search(r"真伪未知|未知|不明|待查|待核|说不清|不确定|尚不清楚|存疑|unknown", rest.text):
        truth = "unknown"
    elif re.search(r"不实|不属实|虚假|假的|为假|谣|false", rest.text):
        truth = "false"
    elif re.search(r"属实|真实|是真的|为真|真的|确有|true", rest.text):
        truth = "true"
    return cut.put(_bare_incident(rest), type=kind, truth=truth, text=_text(rest))


def released(_: Said, rest: Said) -> Slots:
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


def not_released(_: Said, rest: Said) -> Slots:
    outlets = cut.channels(rest)
    return cut.put({}, channel=outlets[0] if outlets else None, channels=outlets, reason=_without_channels(rest))


def _without_channels(rest: Said) -> str:
    return cut.leftover(rest, [*cut.outlet_spans(rest), *cut.objects(rest)])


def later(_: Said, rest: Said) -> Slots:
    length = RE_LENGTH.search(rest.text) or RE_MOMENT.search(rest.text)
    bare = re.fullmatch(r"\s*(10|30|60)\s*", rest.text)
    typed = rest.raw[length.start() : length.end()] if length else f"{bare[1]}分钟" if bare else None
    return cut.put({}, duration=typed)


def people(_: Said, rest: Said) -> Slots:
    return cut.put(_bare_incident(rest), persons=rest.names or _only_names(rest), text=_text(rest))


def _only_names(rest: Said) -> list[str]:
    return [word for word in re.split(r"[\s,，、]+", re.sub(r"给|和", " ", rest.raw)) if re.fullmatch(r"[一-龥]{2,4}", word)]


def called(_: Said, rest: Said) -> Slots:
    return cut.put({}, persons=rest.names or _only_names(rest)[:1], text=_text(rest))


def expense(_: Said, rest: Said) -> Slots:
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


def reported(_: Said, rest: Said) -> Slots:
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


def code(_: Said, rest: Said) -> Slots:
    found = re.search(r"[0-9a-z]{3,32}", rest.text)
    return cut.put({}, code=rest.raw[found.start() : found.end()] if found else None)


def confirm(said: Said, rest: Said) -> Slots:
    found = re.fullmatch(r"\s*([0-9a-fA-F]{4})\s*", said.raw[len(said.raw) - len(rest.raw) :])
    return cut.put({}, code=found[1].upper() if found else None, text=None if found else cut.tidy(rest.raw))


def as_typed(_: Said, rest: Said) -> Slots:
    """A rule: brackets and operators at its ends belong to it."""
    return cut.put({}, text=rest.raw.strip())


def whole(_: Said, rest: Said) -> Slots:
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


def told(_: Said, rest: Said) -> Slots:
    audience = next((key for key, pattern in AUDIENCES.items() if re.search(pattern, rest.text)), None)
    return cut.put({}, incident=rest.number("Ⓘ"), audience=audience, text=_text(rest))


def answered(said: Said, rest: Said) -> Slots:
    before = re.match(r"q\s?(\d{1,4})", said.text)
    found = None if before else re.match(r"\s*q\s?(\d{1,4})[\s:,]*", rest.text)
    if before:
        return {"question": int(before[1])} | cut.put({}, text=cut.tidy(rest.raw))
    return cut.put({}, question=int(found[1]) if found else None, text=cut.tidy(rest.raw[found.end() :] if found else rest.raw))


def late(_: Said, rest: Said) -> Slots:
    spans = [(t.start, t.end) for t in rest.things if not t.bare]
    number = rest.number("Ⓘ", bare=False)
    return cut.put({"op": "add", "late": True}, incident=number, text=cut.leftover(rest, spans))


def confidential(said: Said, rest: Said) -> Slots:
    off = {"op": "off"} if re.match(r"[#Ⓘ\d\s]*(?:取消|解除)", said.shape) else {}
    return off | people(said, rest)


def learned(_: Said, rest: Said) -> Slots:
    clock = RE_CLOCK.search(rest.text)
    witness = re.search(r"([一-龥]{2,4}?)(?:可证|作证|为证)", rest.raw)
    return cut.put(
        _bare_incident(rest),
        when=rest.raw[clock.start() : clock.end()] if clock else None,
        persons=[witness[1]] if witness else None,
        text=cut.tidy(rest.raw),
    )


def decided(_: Said, rest: Said) -> Slots:
    return cut.put({}, decision=rest.number("Ⓙ"), text=_text(rest))


def improved(_: Said, rest: Said) -> Slots:
    found = re.search(r"\d+", rest.text)
    return cut.put({}, step=int(found[0]) if found else None)


def evidence(said: Said, rest: Said) -> Slots:
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


def whole_line(said: Said, _: Said) -> Slots:
    """The verb itself belongs to the text: 请假 明天到后天 苏琴代."""
    return cut.put({}, text=cut.tidy(said.raw), persons=said.names)
