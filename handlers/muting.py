"""The quiet desk: mute, later. Recording, clocks and escalation run on; red is never muted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot import cards, ringing
from bot.asking import Ask
from bot.errors import UserError
from bot.language.due import due_at, length_of
from bot.model.grade import Grade
from bot.model.incident import Incident
from bot.model.times import clock_of, span_of
from bot.store import incidents, rooms, timers

LONGEST = {Grade.BLUE: 24 * 3600.0, Grade.YELLOW: 12 * 3600.0, Grade.ORANGE: 1800.0}
WORDS_LONGEST = 30 * 86_400.0
DEFAULT = 3600.0
LATER = (600.0, 1800.0, 3600.0)
HERE = ("本群", "这个群", "群里", "全部", "所有")


def mute(ask: Ask) -> str:
    """静音：暂停往群里推，时限照走，红级不静。例：静音 #12 30分钟　静音关键词 招聘 7天　23:00-07:00 只报红　取消静音"""
    ask.require("mute")
    slots = ask.intent.slots
    if slots.get("op") == "off":
        return _unmute(ask)
    if word := ask.intent.text("keyword"):
        return _mute_words(ask, "word", word)
    if source := ask.intent.text("source"):
        return _mute_words(ask, "source", source)
    if quiet := ask.intent.text("quiet"):
        least = ask.intent.text("min_grade") or "red"
        rooms.mute(ask.db, at=ask.at, by=ask.person.name, until=None, room=ask.room, quiet=quiet, min_grade=least)
        return f"每天 {quiet} 只推{Grade.of(least).label}级{'及以上' if least != 'red' else ''}，橙级私信值班的人；时限照走"
    here = any(word in ask.text for word in HERE) and ask.intent.number("incident") is None
    if not (here or ask.names_one() or ask.intent.grade):
        raise UserError(_which(ask))
    named = ask.names_one() and not here
    return _mute_for_a_while(ask, ask.incident() if named else None)


def _which(ask: Ask) -> str:
    """No object: one incident or the whole room, both fit."""
    seen = [i for i in incidents.listed(ask.db) if ask.sees(i)]
    example = f"「静音 #{seen[0].id} 30分钟」，整个群回" if seen else ""
    return "静音什么？" + "｜".join(cards.one_line(i) for i in seen[:5]) + f"\n请带上，如{example}「静音 本群 30分钟」"


def _mute_words(ask: Ask, column: str, word: str) -> str:
    wished = _length(ask) or WORDS_LONGEST
    until = ask.at + timedelta(seconds=min(wished, WORDS_LONGEST))
    rooms.mute(ask.db, at=ask.at, by=ask.person.name, until=until, room=ask.room, **{column: word})
    cut = "最多30天，" if wished > WORDS_LONGEST else ""
    return f"「{word[:20]}」{cut}静音到{clock_of(until, ask.at)}；记录照旧，红级照推"


def _mute_for_a_while(ask: Ask, incident: Incident | None) -> str:
    if incident and not incident.open:
        raise UserError(f"#{incident.id} 已结案，不用静音")
    shown = incident.shown if incident else ask.intent.grade
    if shown is Grade.RED:
        raise UserError(f"红级不能静音{f'：#{incident.id}' if incident else ''}")
    wished = _length(ask) or DEFAULT
    length = min(wished, LONGEST[shown or Grade.BLUE])
    if incident is None and shown is None:
        length = min(length, LONGEST[Grade.ORANGE]) if _orange_open(ask) else length
    until = ask.at + timedelta(seconds=length)
    rooms.mute(
        ask.db,
        at=ask.at,
        by=ask.person.name,
        until=until,
        room=ask.room if incident is None else "",
        incident=incident.id if incident else None,
        max_grade=(shown or Grade.ORANGE).key if incident is None else None,
    )
    name = f"#{incident.id}" if incident else "本群"
    if length < wished:
        label = shown.label if shown else "橙"
        return f"{label}最多静音{span_of(length)}，{name} 到{clock_of(until, ask.at)}；时限提醒照发"
    return f"{name} 静音{span_of(length)}，到{clock_of(until, ask.at)}；时限照提醒"


def _orange_open(ask: Ask) -> bool:
    return any(i.shown is Grade.ORANGE for i in incidents.listed(ask.db))


def _length(ask: Ask) -> float | None:
    text = ask.intent.text("duration")
    if not text:
        return None
    length = length_of(text)
    if length:
        return length
    until = due_at(text, ask.at, ask.house.zone)
    if until is None or until <= ask.at:
        raise UserError(f"「{text[:12]}」是多久？如：30分钟、2小时、到明早8点")
    return (until - ask.at).total_seconds()


def _unmute(ask: Ask) -> str:
    wanted = ask.incident().id if ask.names_one() else None
    ended = [m for m in rooms.mutes(ask.db, ask.at) if wanted is None or m.incident == wanted]
    for each in ended:
        rooms.unmute(ask.db, each, at=ask.at, by=ask.person.name, why="取消静音")
    return f"已恢复推送{f' #{wanted}' if wanted else ''}" if ended else "现在没有静音"


def later(ask: Ask) -> str:
    """稍后：把提醒推后10、30或60分钟，每个时限一次。例：稍后 #12 30分钟"""
    length = length_of(ask.intent.text("duration")) if ask.intent.text("duration") else LATER[0]
    if length not in LATER:
        raise UserError("只能推后10、30或60分钟，如：稍后 30分钟")
    incident = _reminded_of(ask)
    if incident.shown is Grade.RED:
        raise UserError(f"#{incident.id} 是红级，提醒不能推后")
    clock = _next_clock(ask, incident)
    until = ask.at + timedelta(seconds=length)
    if until >= clock.due_at:
        raise UserError(f"{clock_of(clock.due_at, ask.at)} 就到时限，不能再推后")
    key, who = f"later:{clock.id}", ask.person.name
    if not timers.set_timer(ask.db, key, "later", until, at=ask.at, incident=incident.id, clock=clock.id, person=who):
        raise UserError("这个时限已经推后过一次，不能再推")
    timers.end_timers(ask.db, f"clock:{clock.id}:50", ask.at, "推后")
    timers.end_timers(ask.db, f"again:{ask.person.name}:", ask.at, "推后")
    return f"好，{clock_of(until, ask.at)} 再提醒你 #{incident.id}；{clock_of(clock.due_at, ask.at)} 的时限不变"


def _reminded_of(ask: Ask) -> Incident:
    if ask.names_one():
        return ask.incident()
    mine = [i for i in incidents.listed(ask.db) if ringing.addressee(ask.db, ask.house, i) == ask.person.name and ask.sees(i)]
    return mine[0] if len(mine) == 1 else ask.incident()


def _next_clock(ask: Ask, incident: Incident) -> timers.Clock:
    if ringing.addressee(ask.db, ask.house, incident) != ask.person.name:
        raise UserError(f"#{incident.id} 的提醒不是发给你的，是{incident.owner or '值班长'}")
    running = [c for c in timers.clocks_of(ask.db, incident.id) if c.due_at > ask.at]
    if not running:
        raise UserError(f"#{incident.id} 现在没有在走的时限")
    return running[0]


COMMANDS: dict[str, Callable[[Ask], str]] = {"mute": mute, "later": later}
