"""How a rehearsal went: 100 points as the domain handbook, section 10, gives them. Values in, points with their reasons out."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.grade import Grade


@dataclass(frozen=True, slots=True)
class Record:
    """What happened. Seconds from the first alert; None where it never came to that. ``parts`` counts incidents of the one matter.

    ``legal_due`` are legal clocks the scenario asks for, ``legal_done`` those met in time or waived with a reason.
    """

    expected: Grade
    reached: Grade | None
    confirmed: Grade | None
    parts: int
    claim_s: float | None
    claim_limit_s: float
    clocks_due: int
    clocks_met: int
    legal_due: int
    legal_done: int
    facts: int
    facts_with_source: int
    facts_fallen: int
    spoken: bool
    speak_due: bool
    unsigned_releases: int
    tasks: int
    tasks_done: int
    decisions: int
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Points for one part, of how many, and why."""

    name: str
    points: int
    of: int
    why: str


def score(it: Record) -> tuple[Part, ...]:
    """The six parts; any forbidden act that was done scores zero in the last and is listed."""
    return (_detection(it), _clocks(it), _facts(it), _statements(it), _coordination(it), _ethics(it))


def total(parts: tuple[Part, ...]) -> int:
    """Points of 100."""
    return sum(part.points for part in parts)


def lines(parts: tuple[Part, ...]) -> list[str]:
    """「得分 82：监测定级 18/20 …」."""
    return [f"得分 {total(parts)}/100", *(f"{p.name} {p.points}/{p.of}：{p.why}" for p in parts)]


def _share(done: int, due: int, points: int) -> int:
    return points if not due else round(points * min(done, due) / due)


def _detection(it: Record) -> Part:
    if it.reached is None:
        return Part("监测定级", 0, 20, "没有预警")
    points = 8 if it.reached >= it.expected else 4
    points += 6 if it.confirmed and it.confirmed >= it.expected else 3 if it.confirmed else 0
    points += 3 if it.claim_s is not None and it.claim_s <= it.claim_limit_s else 0
    points += 3 if it.parts == 1 else 0
    why = [f"建议到{it.reached.label}，确认{it.confirmed.label if it.confirmed else '无'}，应为{it.expected.label}"]
    why += [] if it.parts == 1 else [f"分成了{it.parts}件"]
    why += [] if it.claim_s is not None else ["没人认领"]
    return Part("监测定级", points, 20, "；".join(why))


def _clocks(it: Record) -> Part:
    points = _share(it.clocks_met, it.clocks_due, 12) + _share(it.legal_done, it.legal_due, 8)
    why = f"内部时限{it.clocks_met}/{it.clocks_due}，法定时限{it.legal_done}/{it.legal_due}（非法律意见）"
    return Part("时限", points, 20, why)


def _facts(it: Record) -> Part:
    if not it.facts:
        return Part("事实", 0, 20, "没有记事实")
    points = 12 + _share(it.facts_with_source, it.facts, 8) - 2 * it.facts_fallen
    return Part("事实", max(0, points), 20, f"{it.facts}条，有来源{it.facts_with_source}条，撤回{it.facts_fallen}条")


def _statements(it: Record) -> Part:
    if not it.speak_due:
        return Part("发声会签", 20, 20, "这一级不要求发声")
    points = (20 if it.spoken else 0) - 10 * it.unsigned_releases
    why = "已发声或已定不发声" if it.spoken else "没有发声，也没有不发声的决定"
    return Part("发声会签", max(0, points), 20, why + (f"；{it.unsigned_releases}稿签批不全" if it.unsigned_releases else ""))


def _coordination(it: Record) -> Part:
    points = _share(it.tasks_done, it.tasks, 6) + (4 if it.decisions else 0)
    return Part("协同", points, 10, f"任务完成{it.tasks_done}/{it.tasks}，决策{it.decisions}条")


def _ethics(it: Record) -> Part:
    if it.forbidden:
        return Part("合法合规", 0, 10, "、".join(it.forbidden))
    return Part("合法合规", 10, 10, "没有违规动作")
