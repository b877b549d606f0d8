"""The report desk: briefs, catch-up, daily and weekly summaries, what is missing."""

from __future__ import annotations

from collections.abc import Callable

from bot import briefing, handling, recap
from bot.asking import Ask
from bot.model.card import Post
from bot.model.incident import Incident
from bot.store import inbox


def summary(ask: Ask) -> Post:
    """简报：一屏说清现状。例：简报 #12　时间线 #12　补课 #12"""
    form = str(ask.intent.slots.get("format") or "leader")
    if form in ("daily", "weekly") and not ask.names_one():
        lines = (briefing.daily if form == "daily" else briefing.weekly)(ask.db, ask.house, ask.at)
        return Post("\n".join(lines[:10]))
    incident = ask.incident()
    if form == "special":
        return _special(ask, incident)
    if form == "timeline":
        return Post(recap.timeline(ask.db, incident, ask.at, recap.ROOM_ROWS if ask.room else recap.PRIVATE_ROWS))
    if form == "catchup":
        return _catchup(ask, incident)
    post = handling.brief(ask.db, incident, ask.at)
    if form == "oneline":
        return Post("，".join(post.text.splitlines()[:2])[:200])
    return Post(post.text)


def _special(ask: Ask, incident: Incident) -> Post:
    """专报 is long: it goes to the person in private."""
    text = "\n".join(briefing.special(ask.db, ask.house, incident, ask.at))
    if not ask.room:
        return Post(text)
    ask.tell_one(ask.person.name, text, "special", incident)
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
