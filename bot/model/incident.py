"""The incident: its states, the table of its moves, and what must exist before each (room page, section 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model.grade import Grade
from bot.model.people import Person, Right, Role, Verdict, right
from bot.model.times import span_of


class State(StrEnum):
    """Where the handling stands."""

    NEW = "new"
    ASSESSING = "assessing"
    GRADED = "graded"
    ACTIVE = "active"
    TRACKING = "tracking"
    CLOSED = "closed"
    REVIEWED = "reviewed"

    @property
    def label(self) -> str:
        """The Chinese word said in the room."""
        return STATE_LABELS[self]


STATE_LABELS = {
    State.NEW: "待认领",
    State.ASSESSING: "研判中",
    State.GRADED: "已定级",
    State.ACTIVE: "处置中",
    State.TRACKING: "跟踪中",
    State.CLOSED: "已结案",
    State.REVIEWED: "已复盘",
}
OPEN = frozenset({State.NEW, State.ASSESSING, State.GRADED, State.ACTIVE, State.TRACKING})
DONE = frozenset({State.CLOSED, State.REVIEWED})

TYPES = {
    "product_safety": "产品安全",
    "food_safety": "食品安全",
    "data_breach": "数据泄露",
    "outage": "服务中断",
    "defacement": "页面篡改",
    "content_error": "内容错误",
    "service_complaint": "服务投诉",
    "exec_conduct": "高管言行",
    "labor": "劳动争议",
    "rumor": "谣言",
    "malicious_attack": "恶意攻击",
    "competitor": "竞争对手",
    "investor": "投资者",
    "work_accident": "生产事故",
    "environment": "环境污染",
    "ad_compliance": "广告合规",
    "other": "其他",
}
TRUTHS = {"true": "属实", "false": "不实", "unknown": "真伪未知"}
RESOLUTIONS = {"resolved": "已解决", "false_alarm": "误报", "duplicate": "重复", "handed_over": "已移交"}


@dataclass(frozen=True, slots=True)
class Incident:
    """One matter in hand. ``grade`` is confirmed by a person, ``suggested`` is the engine's; ``peak`` is the highest confirmed
    or suggested grade of this round. Moments are UTC."""

    id: int
    title: str
    type: str
    state: State
    round: int
    opened_at: datetime
    grade: Grade | None = None
    suggested: Grade | None = None
    peak: Grade | None = None
    owner: str = ""
    accepted: bool = True
    helpers: tuple[str, ...] = ()
    truth: str = "unknown"
    assessed: bool = False
    started: bool = False
    quiet_until: datetime | None = None
    resolution: str = ""
    merged_into: int | None = None
    confidential: bool = False
    named: tuple[str, ...] = ()

    @property
    def shown(self) -> Grade | None:
        """The grade on the card: confirmed, else suggested."""
        return self.grade or self.suggested

    @property
    def grave(self) -> bool:
        """True when orange or red at any time in this round."""
        return max((g for g in (self.grade, self.suggested, self.peak) if g), default=Grade.BLUE) >= Grade.ORANGE

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def name(self) -> str:
        """``#12 奶粉批次反映``."""
        return f"#{self.id} {self.title}"

    def owned_by(self, person: Person) -> bool:
        return bool(self.owner) and self.owner == person.name


@dataclass(frozen=True, slots=True)
class Ledger:
    """What else is known about an incident when a move is judged."""

    now: datetime
    decisions: int = 0
    spoken: bool = False
    unfinished_drafts: tuple[str, ...] = ()
    blocking_tasks: tuple[str, ...] = ()
    legal_clocks: tuple[str, ...] = ()
    heat: float = 0.0
    new_authority: bool = False
    receiver: str = ""
    reason: str = ""
    resolution: str = "resolved"
    review_filed: bool = False
    loose_improvements: tuple[str, ...] = ()


Guard = Callable[[Incident, Ledger], str]
"""Returns what is missing, in Chinese, or the empty string."""


def _owner(incident: Incident, _: Ledger) -> str:
    return "" if incident.owner else "还没有负责人：任一组员回「认领」，或值班长「指派」"


def _reason(_: Incident, ledger: Ledger) -> str:
    return "" if ledger.reason else "请写明理由"


def _graded(incident: Incident, _: Ledger) -> str:
    return "" if incident.grade else "还没有确认定级：值班长回「定级」"


def _blue(incident: Incident, _: Ledger) -> str:
    return "" if incident.grade is Grade.BLUE else "只有蓝级可以不启动直接跟踪"


def _decision(_: Incident, ledger: Ledger) -> str:
    return "" if ledger.decisions else "至少要有一条决策：回「决策 …」"


def _spoken(incident: Incident, ledger: Ledger) -> str:
    needed = incident.grave and not ledger.spoken
    return "橙、红级要先发首次声明，或记下「决策 不发声 …」" if needed else ""


def _drafts(_: Incident, ledger: Ledger) -> str:
    return f"还有稿件没收尾：{'、'.join(ledger.unfinished_drafts)}" if ledger.unfinished_drafts else ""


def _tasks(_: Incident, ledger: Ledger) -> str:
    return f"阻断任务没做完：{'、'.join(ledger.blocking_tasks)}" if ledger.blocking_tasks else ""


def _legal(_: Incident, ledger: Ledger) -> str:
    return f"法定时限未了：{'、'.join(ledger.legal_clocks)}（法务、指挥可处理）" if ledger.legal_clocks else ""


def _quiet(incident: Incident, ledger: Ledger) -> str:
    until = incident.quiet_until
    if until is None or ledger.now >= until:
        return ""
    return f"静默期还剩{span_of((until - ledger.now).total_seconds()) or '不到1分'}"


def _cool(_: Incident, ledger: Ledger) -> str:
    return f"热度{ledger.heat:.0f}，要低于20" if ledger.heat >= 20 else ""


def _no_new_authority(_: Incident, ledger: Ledger) -> str:
    return "静默期内出现了新的A级信源" if ledger.new_authority else ""


def _receiver(incident: Incident, ledger: Ledger) -> str:
    return (
        f"移交要写明接收方，如：结案 #{incident.id} 移交给市场部"
        if ledger.resolution == "handed_over" and not ledger.receiver
        else ""
    )


def _review(_: Incident, ledger: Ledger) -> str:
    return "" if ledger.review_filed else "复盘还没写：回「复盘」"


def _improvements(_: Incident, ledger: Ledger) -> str:
    return f"改进项缺负责人或日期：{'、'.join(ledger.loose_improvements)}" if ledger.loose_improvements else ""


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: who (``right``, a verb of ``people.TABLE``) may take an incident from where to where, and when.

    ``said`` is the verb people type; ``alias`` marks a move that another verb performs on its way.
    """

    verb: str
    said: str
    origin: frozenset[State]
    to: State
    right: str
    guards: tuple[Guard, ...] = ()


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


MOVES = (
    Move("claim", "认领", _from(State.NEW), State.ASSESSING, "claim"),
    Move("assign", "指派", _from(State.NEW), State.ASSESSING, "assign"),
    Move("false_alarm", "误报", _from(State.NEW), State.CLOSED, "false_alarm", (_reason,)),
    Move("grade", "定级", _from(State.ASSESSING), State.GRADED, "grade"),
    Move("start", "启动", _from(State.GRADED), State.ACTIVE, "start", (_owner, _graded)),
    Move("track_blue", "跟踪", _from(State.GRADED), State.TRACKING, "start", (_blue,)),
    Move("track", "跟踪", _from(State.ACTIVE), State.TRACKING, "track", (_decision, _spoken, _drafts, _tasks, _legal)),
    Move("resume", "恢复处置", _from(State.TRACKING), State.ACTIVE, "resume"),
    Move(
        "close", "结案", _from(State.TRACKING), State.CLOSED, "close",
        (_reason, _receiver, _quiet, _cool, _no_new_authority, _tasks, _legal),
    ),
    Move("review", "复盘", _from(State.CLOSED), State.REVIEWED, "review", (_review, _improvements)),
    Move("reopen", "重开", DONE, State.ACTIVE, "reopen", (_reason,)),
    Move("merge", "并入", OPEN, State.CLOSED, "merge"),
)  # fmt: skip
BY_VERB = {move.verb: move for move in MOVES}

NEEDS = {
    State.NEW: "先认领（任一组员回「认领」）",
    State.ASSESSING: "先定级（值班长回「定级」）",
    State.GRADED: "先启动（值班长回「启动」；蓝级可直接「跟踪」）",
    State.ACTIVE: "先转跟踪（负责人回「跟踪」）",
    State.TRACKING: "现在在跟踪中",
    State.CLOSED: "已结案：要继续处置请回「重开」加理由",
    State.REVIEWED: "已复盘：要继续处置请回「重开」加理由",
}


def right_for(move: Move, incident: Incident, person: Person) -> Right:
    """This person's right for this move on this incident, with the rules that depend on its grade."""
    verb = move.right
    if move.verb == "close" and incident.grave:
        verb = "close_grave"
    held = right(verb, person.roles, owner=incident.owned_by(person))
    if move.verb == "false_alarm":
        return _false_alarm_right(held, incident, person)
    if move.verb == "start" and (incident.grade or Grade.BLUE) is Grade.RED and not person.has(Role.COMMANDER):
        return Right(Verdict.NO) if held.verdict is Verdict.NO else Right(Verdict.CONFIRM, "c")
    if move.verb == "track_blue" and not person.has(Role.DUTY, Role.COMMANDER):
        return Right(Verdict.NO)
    if held.note == "f":
        blue = incident.shown is Grade.BLUE
        return Right(Verdict.CONFIRM) if blue else Right(Verdict.NO)
    return held


def _false_alarm_right(held: Right, incident: Incident, person: Person) -> Right:
    """Blue and yellow: monitor, duty, commander; orange: duty, commander; red: the commander (section 2)."""
    shown = incident.shown or Grade.BLUE
    allowed = {Role.COMMANDER, Role.DUTY, Role.MONITOR}
    if shown is Grade.ORANGE:
        allowed = {Role.COMMANDER, Role.DUTY}
    if shown is Grade.RED:
        allowed = {Role.COMMANDER}
    return held if person.has(*allowed) else Right(Verdict.NO)


def missing(move: Move, incident: Incident, ledger: Ledger) -> tuple[str, ...]:
    """All that stands in the way of this move, apart from rights; empty when it may go ahead."""
    if incident.state not in move.origin:
        return (NEEDS[incident.state],)
    return tuple(line for guard in move.guards if (line := guard(incident, ledger)))


QUIET = {Grade.BLUE: 12, Grade.YELLOW: 24, Grade.ORANGE: 48, Grade.RED: 72}
"""Hours of quiet before closing, by the highest grade of the round (domain handbook, section 2)."""


def quiet_until(incident: Incident, now: datetime) -> datetime:
    """Until when it must stay quiet once it is tracked."""
    return now + timedelta(hours=QUIET[incident.peak or incident.shown or Grade.BLUE])


def who_may_move(move: Move, incident: Incident) -> str:
    """Who can take this incident on this move, for a refusal: exactly the roles that its rules let through."""
    able = [
        role.label
        for role in Role
        if right_for(move, replace(incident, owner=""), Person("", frozenset({role}))).verdict is not Verdict.NO
    ]
    nobody = Person("负责人", frozenset())
    owner = right_for(move, replace(incident, owner=nobody.name), nobody).verdict is not Verdict.NO
    return "任一组员" if len(able) >= 10 else "、".join([*able, "负责人"] if owner else able)
