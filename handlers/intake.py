"""The intake desk: a matter that somebody brings, and trying a watch rule on what was heard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot import calling, cards, ringing, saying
from bot.analysis.rules import Rule, compile_rules
from bot.analysis.text import clean
from bot.asking import Ask
from bot.errors import ConfigError, UserError
from bot.model.card import Card, Post
from bot.store import evidence, incidents, mentions, notes

TRIED = timedelta(days=7)
MOST = 20_000


def report(ask: Ask) -> Post:
    """上报：把新情况报进来，链接或一句话都行。例：上报 https://… 门店着火　上报 #12 陈总"""
    ask.require("report")
    url = ask.intent.text("url")
    text = (ask.intent.text("text") or ask.quote.strip("「」 \n")).strip()
    if not text and not url:
        raise UserError("上报什么？贴链接或写一句话，如：上报 https://… 门店着火")
    if url and (known := evidence.newest(ask.db, f"url:{url}")) and (number := known.incident):
        there = incidents.find(ask.db, number)
        if there and there.open and ask.sees(there):
            return Post(f"这条链接已在 #{there.id}（{known.name}）{ask.hint(there)}")
    made = incidents.open_new(
        ask.db, title=(text or url)[:40], at=ask.at, by=ask.person.name, suggested=None, why="人工上报", room=ask.room
    )
    source = ask.quote_sender or ask.intent.text("source")
    piece, _ = evidence.capture(
        ask.db,
        incident=made.id,
        kind="link" if url else "quote" if ask.quote else "text",
        text=text or url,
        url=url,
        source=source,
        by=ask.person.name,
        at=ask.at,
        key=f"url:{url}" if url else f"quote:{ask.quote_id}" if ask.quote_id else "",
    )
    if url:
        notes.report(ask.db, made.id, f"{url} {text}", by=ask.person.name, at=ask.at)
    ringing.set_ungraded(ask.db, ask.house, made, ask.at)
    post = _card(ask, made.id, text or url, piece.name, source)
    saying.tell_rooms(ask.db, ask.house, made, post, at=ask.at, kind="alert", reason="raised", besides=ask.room)
    person = calling.on_call(ask.house, None)
    if person and person.name != ask.person.name:
        ask.tell_one(
            person.name,
            f"#{made.id} {made.title[:26]}（{ask.person.name}上报）\n可直接在这里回：认领 #{made.id}",
            "on_call",
            made,
        )
    return post


def _card(ask: Ask, number: int, text: str, piece: str, source: str) -> Post:
    incident = incidents.get(ask.db, number)
    said = f"{source or ask.person.name}：{cards.quoted(text, 60)} {piece}"
    return Post.of(
        Card(
            kind="alert",
            title=f"未定级 #{number} {cards.masked(incident.title)[:26]}｜{ask.person.name}上报",
            lines=(said,),
            must=("请任一组员认领，再由值班长定级",),
            number=f"#{number}",
            incident=number,
            buttons=cards.buttons(incident),
        )
    )


def try_rule(ask: Ask) -> str:
    """试规则：看一条规则在最近七天会命中多少，或冒号后的样文为什么中不中。例：试规则 晨露 & 皮疹 - 招聘：晨露奶粉喝出皮疹"""
    ask.require("words")
    expr, _, sample = ask.intent.text("text").replace("：", ":").partition(":")
    if not expr.strip():
        raise UserError("试哪条？如：试规则 晨露 & 皮疹 - 招聘")
    try:
        matcher = compile_rules([Rule(name="试", expr=expr)], {"公司": ask.house.company})
    except ConfigError as error:
        raise UserError(f"规则写法不对：{str(error).partition(': ')[2] or error}") from None
    if sample.strip():
        (why,) = matcher.explain(clean(sample))
        return f"{why.line}（规则没有改动）"
    heard = [m for m, _ in mentions.recent(ask.db, ask.at - TRIED, MOST)]
    hits = [m for m in heard if matcher.match(clean(f"{m.title} {m.text}"))]
    examples = [cards.quoted(m.title or m.text, 30) for m in hits[-3:]]
    return "\n".join([f"最近7天{len(heard)}条里命中{len(hits)}条（规则没有改动）", *examples])


COMMANDS: dict[str, Callable[[Ask], Post | str]] = {"report": report, "try_rule": try_rule}
