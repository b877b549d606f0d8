"""The report desk: briefs, catch-up, daily and weekly summaries, what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot import briefing, cards, leaders, recap
from bot.asking import Ask
from bot.language.carried import as_file, only_file
from bot.model.card import Post
from bot.model.incident import Incident
from bot.model.intent import Intent
from bot.store import inbox


def summary(ask: Ask) -> Post:
    """简报：一屏说清现状；带上 docx 就另发文件。例：简报 #12　简报 #12 docx　时间线 #12　补课 #12"""
    if only_file(ask.intent.text("topic")):
        ask = replace(ask, intent=Intent(ask.intent.name, {k: v for k, v in ask.intent.slots.items() if k != "topic"}))
    form = str(ask.intent.slots.get("format") or "leader")
    if form in ("daily", "weekly") and not ask.names_one():
        lines = (briefing.daily if form == "daily" else briefing.weekly)(ask.db, ask.house, ask.at, ask.sees)
        name = "日报" if form == "daily" else "周报"
        return _carried(ask, Post("\n".join(lines[:10])), name, f"{name}-{ask.at.astimezone(ask.house.zone):%m%d}")
    incident = ask.incident(merged=form == "timeline")
    if form == "special":
        return _special(ask, incident)
    if form == "timeline":
        return Post(recap.timeline(ask.db, incident, ask.at, recap.ROOM_ROWS if ask.room else recap.PRIVATE_ROWS))
    if form == "catchup":
        return _catchup(ask, incident)
    post = leaders.brief(ask.db, incident, ask.at)
    if form == "oneline":
        return Post("，".join(post.text.splitlines()[:2])[:200])
    return cards.brief_on_paper(Post(post.text), incident.id, ask.at) if as_file(ask.text) else Post(post.text)


def _carried(ask: Ask, post: Post, title: str, name: str) -> Post:
    return cards.on_paper(post, title, name) if as_file(ask.text) else post


def _special(ask: Ask, incident: Incident) -> Post:
    """专报 is long: it goes to the person in private."""
    text = Post("\n".join(briefing.special(ask.db, ask.house, incident, ask.at)))
    post = _carried(ask, text, "专报", f"专报-{incident.id}-{ask.at.astimezone(ask.house.zone):%m%d-%H%M}")
    if not ask.room:
        return post
    ask.tell_one(ask.person.name, post, "special", incident)
    return Post(f"#{incident.id} 专报已私信{ask.person.name}")


def _catchup(ask: Ask, incident: Incident) -> Post:
    """Goes to the person in private: what changed since this person last spoke."""
    last = inbox.spoke_last(ask.db, ask.person.ids, ask.at)
    text = recap.catchup(ask.db, incident, ask.person, recap.since_of(last, incident), ask.at)
    if not ask.room:
        return Post(text)
    ask.tell_one(ask.person.name, text, "catchup", incident)
    return Post(f"#{incident.id} 补课已私信{ask.person.name}")


def lacking(ask: Ask) -> Post:
    """还差什么：下一步之前还缺什么，谁能补。例：还差什么 #12"""
    return Post(recap.lacking(ask.db, ask.incident(), ask.at))


COMMANDS: dict[str, Callable[[Ask], Post]] = {"summary": summary, "missing": lacking}
