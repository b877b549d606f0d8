"""Whether to wake somebody: a decision to speak or to be silent, always with its reason (room page, section 2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.grade import Grade

TRIPLE_PAUSE = timedelta(minutes=10)
TRIPLE_FLOOR = 10


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that was sent about an incident."""

    at: datetime
    reason: str
    suggested: Grade | None
    per_hour: int
    triggers: frozenset[str]
    authority: str


@dataclass(frozen=True, slots=True)
class Now:
    """How the incident stands: the suggestion, the triggers that count, the highest tier, the last hour's count."""

    suggested: Grade | None
    triggers: frozenset[str]
    authority: str
    per_hour: int
    second_wave: bool = False
    eased: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Speak or not, and why. ``reason`` is one of the contract's for an alert, else the reason of the silence."""

    speak: bool
    reason: str
    detail: str = ""


def decide(now: Now, told: Sequence[Told], at: datetime) -> Decision:
    """Decides about one incident; ``told`` are its alerts so far, oldest first."""
    if not told:
        if now.suggested is None:
            return Decision(False, "below", "未达预警级别")
        return Decision(True, "raised", f"首次达到{now.suggested.label}级")
    last, known = told[-1], frozenset().union(*(t.triggers for t in told))
    if now.suggested and now.suggested > max((t.suggested or Grade.BLUE for t in told[-1:]), default=Grade.BLUE):
        return Decision(True, "worsened", f"建议由{last.suggested.label if last.suggested else '无'}升{now.suggested.label}")
    if fresh := now.triggers - known:
        return Decision(True, "trigger", "新红线：" + "、".join(sorted(fresh)))
    if now.authority in ("A", "S") and _first_voice(now.authority, told):
        return Decision(True, "first_authority", f"首次出现{now.authority}级信源")
    if now.second_wave and not any(t.reason == "second_wave" for t in told):
        return Decision(True, "second_wave", "回落后再次上升")
    if now.per_hour >= max(TRIPLE_FLOOR, 3 * last.per_hour) and at - last.at >= TRIPLE_PAUSE:
        return Decision(
            True, "volume_x3", f"每小时{now.per_hour}条，是上次预警时的{now.per_hour / max(1, last.per_hour):.1f}倍"
        )
    if now.eased:
        return Decision(True, "eased", "较低的级别已持续够久")
    return Decision(False, "nothing_new", "级别、红线、权威信源、声量都没有新变化")


def second_wave(hours: Sequence[int], now: int) -> bool:
    """Fell by half from its peak, then rose by half from the trough (domain handbook 3.4); at least ten an hour now."""
    if not hours or now < TRIPLE_FLOOR:
        return False
    top = max(range(len(hours)), key=lambda n: hours[n])
    trough = min(hours[top:])
    return hours[top] >= TRIPLE_FLOOR and trough <= hours[top] / 2 and now >= max(1.5 * trough, trough + 5)


def _first_voice(tier: str, told: Sequence[Told]) -> bool:
    heard = {t.authority for t in told}
    return tier not in heard and not (tier == "A" and "S" in heard)


def receives(grade: Grade | None, from_grade: Grade) -> bool:
    """Whether a room or leader with this threshold hears of this grade."""
    return grade is not None and grade >= from_grade


def held_back(grade: Grade | None, muted: Collection[str]) -> str:
    """The mute that holds a message back, or empty; red is never held back."""
    if grade is Grade.RED or not muted:
        return ""
    return next(iter(muted))
