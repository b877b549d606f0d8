"""How well a source can be seen, and what the room is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.errors import SourceError
from bot.model.source import Poll
from bot.model.times import clock_of, from_iso, iso, span_of

FAILING_AFTER = 2
STALE_AFTER = 3
EXPECT = 7 * 86_400.0


class Condition(StrEnum):
    """The states of ``sources.md`` 1."""

    OK = "ok"
    FAILING = "failing"
    DEGRADED = "degraded"
    STALE = "stale"
    QUIET = "quiet"
    OFF = "off"

    @property
    def label(self) -> str:
        """As people read it."""
        return _LABELS[self.value]


_LABELS = {"ok": "正常", "failing": "看不见", "degraded": "内容异常", "stale": "停更", "quiet": "无新内容", "off": "已停用"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one poll. ``trouble`` is empty, ``failing`` or ``degraded``; ``why`` is for the health view; the rest as in
    ``Poll``."""

    trouble: str = ""
    why: str = ""
    changed: bool = True
    found: bool = True
    as_of: datetime | None = None

    @classmethod
    def of(cls, came: Poll | SourceError) -> Outcome:
        """From what a source returned or raised."""
        if isinstance(came, Poll):
            return cls("degraded" if came.degraded else "", came.degraded or came.note, came.changed, came.found, came.as_of)
        return cls(came.health, str(came), changed=False, found=False)


@dataclass(frozen=True, slots=True)
class Health:
    """The health of one source.

    ``since``: when it came into ``condition``. ``good``: its last plausible answer. ``hole``: from when on mentions are
    missing, while it is blind. ``answered``: its last answer of any kind. ``fresh``: the last new content. ``misses`` and
    ``unchanged`` count polls in a row. ``overdue``: quiet for longer than expected. ``by`` and ``until``: who switched it off.
    """

    condition: Condition
    since: datetime
    answered: datetime
    fresh: datetime
    good: datetime | None = None
    hole: datetime | None = None
    misses: int = 0
    unchanged: int = 0
    overdue: bool = False
    why: str = ""
    by: str = ""
    until: datetime | None = None

    @classmethod
    def at_start(cls, now: datetime) -> Health:
        """A source that was never asked: nothing is known against it."""
        return cls(Condition.OK, now, now, now)

    def resumed(self, now: datetime) -> Health:
        """As it stood when we stopped; our own absence is no silence of the source."""
        return replace(self, answered=now, misses=0)

    def shifted(self, by: timedelta) -> Health:
        """The time of day was set by so much: how long the source has been silent stays as it was."""
        return replace(self, answered=self.answered + by, fresh=self.fresh + by)

    @property
    def blind(self) -> bool:
        """A brief must name it as missing, and "no mentions" may not be said of it."""
        return self.condition in (Condition.FAILING, Condition.DEGRADED)

    def record(self) -> dict[str, Any]:
        """The stored form."""
        return {k: iso(v) if isinstance(v, datetime) else v for k, v in asdict(self).items()}

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Health:
        """Back from the stored form."""
        moments = {name: from_iso(record[name]) for name in _MOMENTS if record.get(name)}
        return cls(**{**record, **moments, "condition": Condition(record["condition"])})


_MOMENTS = ("since", "answered", "fresh", "good", "hole", "until")


def next_health(
    previous: Health,
    outcome: Outcome | None,
    now: datetime,
    *,
    every: float,
    lively: bool = False,
    expect: float | None = None,
    stale_after: float | None = None,
) -> Health:
    """The health after one poll, or (``outcome`` None) after a look at the clock while no poll came back.

    Failing: two polls in a row, or two intervals of ``every`` seconds, without an answer. Degraded: at once. Stale: three polls
    in a row without change, and ``stale_after`` seconds where given, on a ``lively`` source; at once where it says itself that
    its content is that old. Quiet: nothing was found, or
    nothing new for ``expect`` seconds; overdue after ``expect``, by default seven days.
    """
    if previous.condition is Condition.OFF:
        if previous.until is None or now < previous.until:
            return previous
        previous = switched_on(previous, now)
    if outcome is None:
        return _unanswered(previous, now, every, previous.misses, "两轮没有应答")
    if outcome.trouble == "failing":
        return _unanswered(previous, now, every, previous.misses + 1, outcome.why)
    if outcome.trouble:
        return _into(
            replace(previous, answered=now, misses=0, why=outcome.why, overdue=False, hole=_hole(previous, now)),
            Condition.DEGRADED,
            now,
        )
    unchanged = 0 if outcome.changed else previous.unchanged + 1
    fresh = now if outcome.changed and outcome.found else previous.fresh
    answered = replace(
        previous, answered=now, good=now, hole=None, misses=0, unchanged=unchanged, fresh=fresh, why=outcome.why, overdue=False
    )
    old = outcome.as_of is not None and (now - outcome.as_of).total_seconds() >= (stale_after or STALE_AFTER * every)
    if lively and (old or (unchanged >= STALE_AFTER and (now - fresh).total_seconds() >= (stale_after or 0.0))):
        return _into(answered, Condition.STALE, now)
    silent = (now - fresh).total_seconds()
    if not outcome.found or (expect is not None and silent >= expect):
        return replace(_into(answered, Condition.QUIET, now), overdue=silent >= (EXPECT if expect is None else expect))
    return _into(answered, Condition.OK, now)


def switched_off(previous: Health, by: str, until: datetime | None, now: datetime) -> Health:
    """Off by ``by``, for good or until a moment; nothing is said of it meanwhile."""
    return replace(_into(previous, Condition.OFF, now), by=by, until=until, hole=None, overdue=False, why="")


def switched_on(previous: Health, now: datetime) -> Health:
    """On again, with everything forgotten that was counted before."""
    return replace(Health.at_start(now), good=previous.good)


def _unanswered(previous: Health, now: datetime, every: float, misses: int, why: str) -> Health:
    late = (now - previous.answered).total_seconds() >= 2 * every
    if misses == previous.misses and not late:
        return previous
    missing = replace(previous, misses=misses, why=why, hole=_hole(previous, now))
    if misses < FAILING_AFTER and not late:
        return missing
    return _into(replace(missing, overdue=False), Condition.FAILING, now)


def _hole(previous: Health, now: datetime) -> datetime:
    return previous.hole or previous.good or min(previous.since, now)


def _into(health: Health, condition: Condition, now: datetime) -> Health:
    return health if health.condition is condition else replace(health, condition=condition, since=now)


@dataclass(frozen=True, slots=True)
class Turn:
    """One source went from one health to another; ``caught_up`` mentions came out of the hole with its first good poll, None
    where nobody can know: the other side pushes."""

    source: str
    before: Health
    after: Health
    caught_up: int | None = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What is said of a batch of turns: lines for the room, and one for the duty officer alone (empty: none)."""

    room: tuple[str, ...] = ()
    private: str = ""


def report(turns: Sequence[Turn], kinds: Mapping[str, str], now_all: Mapping[str, Health], now: datetime) -> Report:
    """What the room is told, once per change, several of a sort in one line.

    ``kinds`` maps every configured source to its kind, ``now_all`` to its health after the turns. More than half of all that
    are on, or all of a kind, blind: the duty officer is told as well.
    """
    lost = [t for t in turns if t.after.blind and not t.before.blind]
    back = [t for t in turns if t.before.blind and not t.after.blind and t.after.condition is not Condition.OFF]
    stale = [t.source for t in turns if t.after.condition is Condition.STALE and t.before.condition is not Condition.STALE]
    overdue = [t for t in turns if t.after.overdue and not t.before.overdue]
    lines = [_lost_line(lost, now), _back_line(back, now), f"{'、'.join(stale)} 三轮没有变化，可能停更" if stale else ""]
    lines += [f"{t.source} {span_of((now - t.after.fresh).total_seconds())}没有新内容，请核对来源或搜索词" for t in overdue]
    return Report(tuple(filter(None, lines)), _private(lost, kinds, now_all))


def _lost_line(lost: Sequence[Turn], now: datetime) -> str:
    if not lost:
        return ""
    if len(lost) > 1:
        names = "、".join(f"{t.source}（{clock_of(t.after.hole or now, now)} 起）" for t in lost)
        return f"{len(lost)}个信源看不见：{names}，简报不含它们"
    (turn,) = lost
    start = clock_of(turn.after.hole or now, now)
    if turn.after.condition is Condition.DEGRADED:
        return f"{turn.source} {start} 起内容异常（{turn.after.why}），简报不含它"
    return f"{turn.source} {start} 起看不见，简报不含它"


def _back_line(back: Sequence[Turn], now: datetime) -> str:
    if not back:
        return ""
    if len(back) == 1:
        return f"{back[0].source}恢复，{_gap(back[0], now)}"
    return f"{len(back)}个信源恢复：{'；'.join(f'{t.source} {_gap(t, now)}' for t in back)}"


def _gap(turn: Turn, now: datetime) -> str:
    start = clock_of(turn.before.hole or turn.before.since, now)
    hole = f"缺 {start}–{clock_of(now, now)}"
    if turn.caught_up is None:
        return f"{hole}，补没补要问对方"
    return f"{hole}，" + (f"补回{turn.caught_up}条" if turn.caught_up else "没有可补的")


def _private(lost: Sequence[Turn], kinds: Mapping[str, str], now_all: Mapping[str, Health]) -> str:
    if not lost:
        return ""
    on = [name for name, health in now_all.items() if health.condition is not Condition.OFF]
    blind = {name for name in on if now_all[name].blind}
    if 2 * len(blind) > len(on):
        return f"{len(on)}个信源有{len(blind)}个看不见，请先查本机网络，再查各信源"
    touched = sorted({kinds.get(t.source, "") for t in lost})
    whole = [kind for kind in touched if all(name in blind for name in on if kinds.get(name, "") == kind)]
    return f"{'、'.join(whole)} 类信源全部看不见，请查接口或账号" if whole else ""
