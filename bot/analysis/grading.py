"""The suggested grade and why (domain handbook 3.3, readings of the contract). It suggests; a person confirms."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from bot.analysis.indicators import Indicators
from bot.errors import ConfigError
from bot.model.grade import Grade
from bot.model.options import Seconds, option

Levels = tuple[float, ...]
"""Four thresholds, blue to red, each reached at equality."""


@dataclass(frozen=True)
class Thresholds:
    """The table of the handbook 3.3; a company changes the numbers, not the mechanism."""

    heat: Levels = option((20.0, 40.0, 60.0, 80.0), "热度达到蓝、黄、橙、红的值")
    negative: Levels = option((0.30, 0.45, 0.60, 0.75), "负面占比（Wilson 下限）达到四级的值")
    velocity: Levels = option((2.0, 4.0, 8.0, 16.0), "传播速度（平时的倍数）达到四级的值")
    per_hour: Levels = option((10.0, 30.0, 100.0, 300.0), "速度一项还须达到的每小时条数")
    platforms: Levels = option((1.0, 2.0, 3.0, 4.0), "平台数达到四级的值")
    reposts: Levels = option((100.0, 1_000.0, 5_000.0, 10_000.0), "单条转发达到四级的值")
    reads: Levels = option((5_000.0, 20_000.0, 50_000.0, 100_000.0), "单条阅读或播放达到四级的值")
    several: int = option(3, "几家同级媒体算高一级")
    substance: int = option(3, "没有触发、权威、榜单、单条大量传播时，至少几条不同的信息才建议定级")
    attention: float = option(0.30, "负面占比上限低于此值时，仅凭指标不建议定级（算升温）")
    hold_low: Seconds = option(Seconds(7200.0), "蓝、黄降级前，低级别须持续的时间")
    hold_high: Seconds = option(Seconds(21600.0), "橙、红降级前，低级别须持续的时间")

    def __post_init__(self) -> None:
        for name in ("heat", "negative", "velocity", "per_hour", "platforms", "reposts", "reads"):
            levels = getattr(self, name)
            if len(levels) != len(Grade) or any(high < low for low, high in pairwise(levels)):
                raise ConfigError(f"analysis.thresholds.{name}: 应为由小到大的四个数（蓝、黄、橙、红），现为 {list(levels)}")


@dataclass(frozen=True, slots=True)
class Fired:
    """A trigger of the incident and how sure it is. ``floor`` is the grade of the confirmed matter; ``name`` its Chinese name.

    ``immediate`` ones (safety, regulator or police contact, our own site and probes) count in full at once.
    """

    kind: str
    floor: Grade
    name: str
    confirmed: bool = False
    immediate: bool = False
    credible: bool = True
    refuted: bool = False
    words: str = ""

    @property
    def grade(self) -> Grade | None:
        """The floor it sets now: full when confirmed or immediate, one level less while only credible, none when refuted."""
        if self.refuted:
            return None
        if self.confirmed or self.immediate:
            return self.floor
        return _less(self.floor) if self.credible else None

    @property
    def to_verify(self) -> bool:
        """A credible claim that nobody has confirmed or refuted: it asks for a verification task."""
        return not (self.refuted or self.confirmed or self.immediate) and self.credible

    @property
    def vague(self) -> bool:
        """Told or asked without saying who, what, where or when: no grade and no task, but somebody should look."""
        return not (self.refuted or self.confirmed or self.immediate or self.credible)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: the level reached, the figures used (``short`` for a reason) and the table's own words, in Chinese."""

    key: str
    name: str
    value: str
    grade: Grade | None
    table: str
    short: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the indicators and triggers ask for; ``grade`` None means no incident grade (at most attention).

    ``by_two``, ``by_one`` and ``by_trigger`` are rules a, b and c; ``withheld`` says why indicators alone suggest nothing.
    ``verify`` are the claims that need a verification task. ``reasons`` are short Chinese phrases, the strongest first.
    """

    grade: Grade | None
    by_two: Grade | None
    by_one: Grade | None
    by_trigger: Grade | None
    rows: tuple[Row, ...]
    reasons: tuple[str, ...]
    fired: tuple[Fired, ...] = ()
    withheld: str = ""

    @property
    def verify(self) -> tuple[Fired, ...]:
        """The credible claims that nobody has confirmed or refuted."""
        return tuple(fired for fired in self.fired if fired.to_verify)


def suggest(indicators: Indicators, triggers: Sequence[Fired] = (), thresholds: Thresholds | None = None) -> Suggestion:
    """The highest of: the level at least two rows reach; the level one row reaches, less one; the floor of a trigger."""
    t = thresholds or Thresholds()
    rows = _rows(indicators, t)
    reached = sorted((row.grade for row in rows if row.grade), reverse=True)
    by_two = reached[1] if len(reached) > 1 else None
    by_one = _less(reached[0]) if reached else None
    by_trigger = _highest(fired.grade for fired in triggers)
    withheld = _withheld(indicators, rows, by_trigger, t)
    from_rows = None if withheld else _highest((by_two, by_one))
    grade = _highest((from_rows, by_trigger))
    told, counted = _trigger_reasons(triggers, grade), [] if withheld else _row_reasons(rows, by_two, by_one, grade)
    vague = [f"有人说{fired.name}，不具体，建议先核实" for fired in triggers if fired.vague and grade]
    reasons = (*told, *counted, *vague) if by_trigger == grade else (*counted, *told, *vague)
    return Suggestion(grade, by_two, by_one, by_trigger, rows, reasons, tuple(triggers), withheld)


def explain(indicators: Indicators, suggestion: Suggestion, most: int = 7) -> list[str]:
    """The arithmetic behind a suggestion for 为什么, in at most ``most`` lines: what it comes to, the three rules, then the rows,
    the gravest first; what does not fit follows in the last line without its thresholds."""
    rows = sorted(suggestion.rows, key=lambda row: row.grade or 0, reverse=True)
    two = "、".join(row.name for row in suggestion.rows if suggestion.by_two and (row.grade or 0) >= suggestion.by_two)
    high = f"（{rows[0].name}{_said(rows[0].grade)}）" if rows[0].grade else ""
    said = [f"建议：{_said(suggestion.grade)}，a、b、c 取最高；共 {indicators.mentions} 条，最终由人确认"]
    said.append(
        f"a 至少两项达到：{_said(suggestion.by_two)}{f'（{two}）' if two else ''}；b 最高一项{high}降一级：{_said(suggestion.by_one)}"
    )
    if suggestion.withheld:
        said.append(f"a、b 不采用：{suggestion.withheld}")
    claims = _trigger_lines(suggestion)
    said += claims[:2] + ([f"还有 {len(claims) - 2} 条触发"] if len(claims) > 2 else [])
    figures = [f"{row.name} {row.value} → {_said(row.grade)}（{row.table}）" for row in rows]
    room = most - len(said)
    if len(figures) <= room:
        return said + figures
    rest = "｜".join(f"{row.name} {row.value} → {_said(row.grade)}" for row in rows[room - 1 :])
    return [*said, *figures[: room - 1], rest]


def may_lower(current: Grade, lower_since: datetime | None, now: datetime, thresholds: Thresholds | None = None) -> bool:
    """Whether easing may be proposed: the suggestion has been below ``current`` without a break since ``lower_since``
    for two hours (blue, yellow) or six (orange, red). Raising never waits."""
    t = thresholds or Thresholds()
    hold = t.hold_high if current >= Grade.ORANGE else t.hold_low
    return lower_since is not None and (now - lower_since).total_seconds() >= hold


def _rows(i: Indicators, t: Thresholds) -> tuple[Row, ...]:
    share = "无样本" if i.negative_share is None else f"{_percent(i.negative_share)}，下限 {i.negative_lower:.3f}，样本 {i.n}"
    pace = [g for g in Grade if i.velocity >= t.velocity[g - 1] and i.per_hour >= t.per_hour[g - 1]]
    item = _highest((_level(i.reposts, t.reposts), _level(i.reads, t.reads)))
    listed = {"national": Grade.RED, "city": Grade.ORANGE}.get(i.best_list)
    listing = {"national": "，全国榜", "city": "，城市榜"}.get(i.best_list, "")
    pace_said = f"{i.velocity:.1f}×，每小时 {i.per_hour} 条"
    item_said = f"转发 {i.reposts}，阅读 {i.reads}"
    part = "" if i.negative_share is None else _percent(i.negative_share)
    velocity = _pace_scale(t)
    item_scale = f"转发{_scale(t.reposts)}；阅读{_scale(t.reads)}"
    reach_scale = f"平台{_scale(t.platforms)}；城市榜橙，全国榜红"
    reach = _highest((_level(i.platforms, t.platforms), listed))
    where = f"{i.platforms} 个平台{listing}"
    lower = "下限" + _scale(t.negative, "{:.2f}".format)
    return (
        Row(
            "heat", "热度", f"{math.floor(i.heat * 10) / 10:.1f}", _level(i.heat, t.heat), _scale(t.heat), f"热度{int(i.heat)}"
        ),
        Row("negative_share", "负面", share, _level(i.negative_lower, t.negative), lower, f"负面{part}（{i.n}条）"),
        Row("velocity", "速度", pace_said, _highest(pace), velocity, f"速度{i.velocity:.1f}×"),
        Row("authority", "权威", _voices(i), _authority(i, t), _authority_scale(t), _voices(i)),
        Row("reach", "范围", where, reach, reach_scale, f"{i.platforms}个平台{listing}"),
        Row("item", "单条", item_said, item, item_scale, item_said),
    )


def _authority(i: Indicators, t: Thresholds) -> Grade | None:
    voices = i.authority
    if voices.national or i.foreign:
        return Grade.RED
    if voices.local or voices.a >= t.several:
        return Grade.ORANGE
    if voices.a or voices.b >= t.several:
        return Grade.YELLOW
    return Grade.BLUE if voices.b else None


def _withheld(i: Indicators, rows: Sequence[Row], by_trigger: Grade | None, t: Thresholds) -> str:
    if i.negative_upper < t.attention:
        return f"负面占比上限 {i.negative_upper:.3f} 低于 {t.attention:.2f}，只算升温"
    grave = any(row.grade for row in rows if row.key in ("authority", "item"))
    if i.mentions < t.substance and not (by_trigger or grave or i.best_list):
        return f"只有 {i.mentions} 条，不足 {t.substance} 条，也没有触发、权威信源、榜单或单条大量传播"
    return ""


def _trigger_reasons(triggers: Sequence[Fired], grade: Grade | None) -> list[str]:
    counted = sorted((f for f in triggers if f.grade), key=lambda f: (-(f.grade or 0), f.kind))
    seen = dict.fromkeys(_trigger_reason(f) for f in counted if grade)
    return list(seen)


def _trigger_reason(fired: Fired) -> str:
    if fired.to_verify:
        return f"红线 {fired.name}（未核实，按{_said(fired.grade)}）"
    return f"红线 {fired.name}（{'已核实' if fired.confirmed else '即时'}，{_said(fired.grade)}）"


def _row_reasons(rows: Sequence[Row], by_two: Grade | None, by_one: Grade | None, grade: Grade | None) -> list[str]:
    if by_two and by_two == grade:
        used = [row for row in rows if (row.grade or 0) >= by_two]
        count = "两三四五六"[len(used) - 2]
        return [f"{count}项达{by_two.label}：" + "、".join(row.short for row in used)]
    if by_one and by_one == grade:
        top = max((row for row in rows if row.grade), key=lambda row: row.grade or 0)
        return [f"单项达{_said(top.grade)}，降一级：{top.short}"]
    return []


def _trigger_lines(suggestion: Suggestion) -> list[str]:
    if not suggestion.fired:
        return ["c 触发红线：无"]
    return [
        f"c 触发红线：{f.name}（{_surety(f)}）→ {_said(f.grade)}" + (f"：「{f.words}」" if f.words else "")
        for f in suggestion.fired
    ]


def _surety(fired: Fired) -> str:
    if fired.refuted:
        return "已查不属实"
    if fired.confirmed:
        return "已核实"
    if fired.immediate:
        return "即时生效"
    return f"未核实，{fired.floor.label}减一级" if fired.credible else "未核实，不具体"


def _voices(i: Indicators) -> str:
    v = i.authority
    named = (("全国S", v.national), ("地方S", v.local), ("A", v.a), ("B", v.b))
    said = [f"{name} {count}条" for name, count in named if count] + (["境外媒体"] if i.foreign else [])
    return "、".join(said) or "无"


def _level(value: float, levels: Levels) -> Grade | None:
    return _highest(g for g in Grade if value >= levels[g - 1])


def _highest(grades: Iterable[Grade | None]) -> Grade | None:
    return max((g for g in grades if g), default=None)


def _less(grade: Grade) -> Grade | None:
    return Grade(grade - 1) if grade > Grade.BLUE else None


def _said(grade: Grade | None) -> str:
    return grade.label if grade else "未达"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _scale(levels: Levels, form: Callable[[float], str] = "{:.10g}".format) -> str:
    return " ".join(f"{g.label}≥{form(levels[g - 1])}" for g in Grade)


def _pace_scale(t: Thresholds) -> str:
    return " ".join(f"{g.label}≥{t.velocity[g - 1]:g}×且{t.per_hour[g - 1]:g}条" for g in Grade)


def _authority_scale(t: Thresholds) -> str:
    return f"蓝=1家B 黄={t.several}家B或1家A 橙={t.several}家A或地方S 红=全国S或境外媒体"
