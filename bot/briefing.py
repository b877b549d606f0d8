"""Summaries for people who never open the group: the day, the week, the special report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot import cards, leaders, outlook
from bot.model.grade import Grade
from bot.model.house import House
from bot.model.incident import DONE, Incident, State
from bot.model.times import clock_of, from_iso, span_of
from bot.store import course, incidents, journal, reviews, sources

WEEK = timedelta(days=7)
Sees = Callable[[Incident], bool]
"""Whether who reads it may know of an incident; what they may not know of is in no list and no count."""


def for_all(incident: Incident) -> bool:
    """What everybody may read: nothing confidential."""
    return not incident.confidential


def daily(db: Database, house: House, now: datetime, sees: Sees = for_all) -> list[str]:
    """The last day: what is new, what is open, which sources were not seen; also when there is nothing."""
    since = now - timedelta(days=1)
    known, hidden = _parted(db, sees)
    opened = [i for i in known if i.opened_at >= since]
    still = [i for i in known if i.open]
    head = f"昨日新增{len(opened)}件，未结{len(still)}件" if opened or still else "昨日无新增"
    return [
        head, *(cards.one_line(i) for i in still[:5]), *_compared(db, house, since, now, "昨日", hidden), _seen(db, since, now)
    ]  # fmt: skip


def _seen(db: Database, since: datetime, now: datetime) -> str:
    """「12个信源正常，微博缺 02:10–02:40，论坛 07:05 起看不见」."""
    gaps = sources.gaps(db, since)
    seen = sum(state in ("ok", "quiet") for _, state in sources.healths(db))
    said = [
        f"{gap.source}缺 {clock_of(max(gap.since, since), now)}–{clock_of(gap.until, max(gap.since, since))}"
        if gap.until
        else f"{gap.source} {clock_of(gap.since, now)} 起看不见"
        for gap in gaps
    ]
    more = f"等{len(said)}处" if len(said) > 5 else ""
    return f"{seen}个信源正常" + "".join(f"，{one}" for one in said[-5:]) + more


def weekly(db: Database, house: House, now: datetime, sees: Sees = for_all) -> list[str]:
    """The last seven days: incidents by grade, how quick we were, themes, competitors apart, share of voice, improvements."""
    since = now - WEEK
    known, hidden = _parted(db, sees)
    opened = [i for i in known if i.opened_at >= since]
    closed = [i for i in known if i.state in DONE and _closed_after(db, i, since)]
    by_grade = "、".join(f"{g.label}{n}" for g in reversed(Grade) if (n := sum((i.peak or i.shown) is g for i in opened)))
    lines = [f"【周报】{clock_of(since, now)[:5]} 至 {now.astimezone(house.zone):%m-%d}"]
    lines.append(
        f"事件：新增{len(opened)}件{f'（{by_grade}）' if by_grade else ''}，结案{len(closed)}件，未结{sum(i.open for i in known)}件"
    )
    lines += _pace(db, opened)
    if themes := course.themes(db, since, hidden):
        lines.append("主题：" + "；".join(f"{title[:14]} {n}条（负面{100 * bad / n:.0f}%）" for title, n, bad in themes[:4]))
    lines += _compared(db, house, since, now, "本周", hidden)
    told = {i.id for i in known}
    late = [i for i in reviews.improvements(db, live=True) if i.due_at and i.due_at < now and i.incident in told]
    if late:
        lines.append(f"改进逾期{len(late)}项：{'；'.join(f'{i.text[:16]}（{i.owner}）' for i in late[:3])}")
    return lines


def _parted(db: Database, sees: Sees) -> tuple[list[Incident], list[int]]:
    """The incidents that the reader may know of, and the numbers of the others."""
    everything = incidents.listed(db, tuple(State))
    return [i for i in everything if sees(i)], [i.id for i in everything if not sees(i)]


def _closed_after(db: Database, incident: Incident, since: datetime) -> bool:
    closed = incidents.row(db, incident.id)["closed_at"]
    return bool(closed) and from_iso(closed) >= since


def _pace(db: Database, opened: list[Incident]) -> list[str]:
    """The median time to a claim."""
    times = []
    for incident in opened:
        claimed = next((e for e in journal.entries(db, incident.id) if e["verb"] in ("claim", "assign")), None)
        if claimed:
            times.append((from_iso(claimed["at"]) - incident.opened_at).total_seconds())
    if not times:
        return []
    return [f"认领用时中位数{span_of(sorted(times)[len(times) // 2])}（{len(times)}件）"]


def _compared(db: Database, house: House, since: datetime, now: datetime, when: str, hidden: list[int]) -> list[str]:
    """Ours and the competitors', apart, and our share of voice (mentions of ours among both), without the incidents in ``hidden``."""
    volumes, kinds = course.by_rule(db, since, now, hidden), dict(house.watch)
    own = sum(n for rule, n in volumes.items() if kinds.get(rule) == "own")
    rivals = {rule: n for rule, n in volumes.items() if kinds.get(rule) == "competitor"}
    industry = sum(n for rule, n in volumes.items() if kinds.get(rule) == "industry")
    if not own and not rivals and not industry:
        return []
    lines = [f"{when}声量：我方{own}条" + (f"，行业{industry}条" if industry else "")]
    if rivals:
        listed = "、".join(f"{rule}{n}条" for rule, n in sorted(rivals.items(), key=lambda pair: -pair[1])[:4])
        lines.append(
            f"竞品：{listed}；声量份额 我方{100 * own / (own + sum(rivals.values())):.0f}%（样本{own + sum(rivals.values())}）"
        )
    return lines


def special(db: Database, house: House, incident: Incident, now: datetime) -> list[str]:
    """专报: the brief, and the risk in one sentence, platform share, key spreaders, views also the harsh ones, forecast."""
    brief = leaders.brief(db, incident, now)
    head = brief.card.title.replace("领导简报", "专报") if brief.card else "【专报】"
    lines = [head, *(brief.card.lines if brief.card else ())]
    ahead = outlook.told(outlook.outlook(db, house, incident, now), now)
    return [*lines, *outlook.course_of(db, house, incident, now), *ahead]
