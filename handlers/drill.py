"""The drill desk: start, pause, inject, jump, end, score."""

from __future__ import annotations

from collections.abc import Callable

from bot.asking import Ask
from bot.drills.names import MARK, SCENARIOS, scenario_of
from bot.errors import UserError
from bot.language.due import due_at
from bot.model.times import clock_of
from bot.store import drills, rooms, timers
from bot.store.drills import Drill

FASTEST = 60.0


def drill(ask: Ask) -> str:
    """演练：开始、暂停、继续、注入、跳到、打分、结束。例：演练 食品安全 4倍速　演练暂停　演练注入下一条　演练结束"""
    op = str(ask.intent.slots.get("op") or "list")
    acts: dict[str, Callable[[Ask], str]] = {
        "start": _start,
        "pause": _pause,
        "resume": _resume,
        "inject": _inject,
        "jump": _jump,
        "stop": _stop,
        "score": _score,
        "query": _query,
        "schedule": _schedule,
        "export": _score,
    }
    if op in ("list", "query"):
        return acts.get(op, _list)(ask)
    ask.require("drill")
    return acts[op](ask)


def _list(ask: Ask) -> str:
    rows = "｜".join(label for label, _ in SCENARIOS.values())
    return f"可以演练：{rows}\n例：演练 食品安全 4倍速"


def _start(ask: Ask) -> str:
    if not ask.room:
        raise UserError("演练在群里开始，大家才看得到。请到群里说：演练 食品安全")
    if drills.current(ask.db):
        raise UserError("已有演练在进行。先回：演练结束")
    name = scenario_of(ask.intent.text("scenario") or ask.text)
    if not name:
        raise UserError(_list(ask))
    speed = ask.intent.slots.get("speed")
    pace = min(FASTEST, max(0.1, float(speed))) if isinstance(speed, int | float) else 1.0
    drills.add(ask.db, name, room=ask.room, speed=pace, at=ask.at, by=ask.person.name)
    how = f"，{pace:g}倍速" if pace != 1 else ""
    return f"{MARK}{SCENARIOS[name][0]} 开始{how}（{ask.person.name}）。演练数据另存，不会发到群外；要对演练说话请以{MARK}开头，如：{MARK}认领 #1"


def _current(ask: Ask) -> Drill:
    found = drills.current(ask.db)
    if found is None:
        raise UserError("现在没有演练。回：演练 食品安全")
    return found


def _pause(ask: Ask) -> str:
    drills.change(ask.db, _current(ask), "drill_pause", at=ask.at, by=ask.person.name, state="paused")
    return f"{MARK}已暂停。继续请回：演练继续"


def _resume(ask: Ask) -> str:
    drills.change(ask.db, _current(ask), "drill_resume", at=ask.at, by=ask.person.name, state="running")
    return f"{MARK}继续"


def _inject(ask: Ask) -> str:
    it = _current(ask)
    drills.change(ask.db, it, "drill_inject", at=ask.at, by=ask.person.name, step=it.step + 1)
    return f"{MARK}注入第{it.step + 1}条"


def _jump(ask: Ask) -> str:
    it, step = _current(ask), ask.intent.number("step")
    if step is None:
        raise UserError("跳到第几步？如：演练跳到第5步")
    if step < it.step:
        raise UserError(f"已放到第{it.step}步，只能往后跳")
    drills.change(ask.db, it, "drill_jump", at=ask.at, by=ask.person.name, step=step)
    return f"{MARK}跳到第{step}步"


def _stop(ask: Ask) -> str:
    drills.change(ask.db, _current(ask), "drill_end", at=ask.at, by=ask.person.name, state="ended", ended_at=ask.at)
    return f"{MARK}结束（{ask.person.name}），正在打分。演练数据随后销毁，真实事件不受影响"


def _score(ask: Ask) -> str:
    it = drills.current(ask.db)
    if it is None:
        last = drills.last(ask.db)
        if last is None or not last.score:
            raise UserError("还没有演练成绩")
        return f"{MARK}{SCENARIOS[last.scenario][0]} {last.score}"
    rooms.keep(ask.db, "drill_score", it.id)
    return f"{MARK}正在打分"


def _query(ask: Ask) -> str:
    it = drills.current(ask.db)
    if it is None:
        return "现在没有演练，都是真的"
    state = "进行中" if it.state == "running" else "已暂停"
    return f"{MARK}{SCENARIOS[it.scenario][0]} {state}，{it.speed:g}倍速。以{MARK}开头的才是演练"


def _schedule(ask: Ask) -> str:
    when = ask.intent.text("when")
    due = due_at(when, ask.at, ask.house.zone) if when else None
    name = scenario_of(ask.intent.text("scenario") or ask.text)
    if due is None or not name:
        raise UserError("哪天演哪个？如：安排演练 食品安全 下周三10点")
    key = f"drill:{due.timestamp():.0f}"
    timers.set_timer(ask.db, key, "drill", due, at=ask.at, scenario=name, room=ask.room, by=ask.person.name)
    return f"{MARK}已定：{clock_of(due, ask.at)} {SCENARIOS[name][0]}，届时提醒{ask.person.name}开始"


COMMANDS: dict[str, Callable[[Ask], str]] = {"drill": drill}
