"""The trend desk: how it went, where it goes, how it spread."""

from __future__ import annotations

from collections.abc import Callable

from bot import ahead, outlook
from bot.asking import Ask
from bot.model.card import Post
from bot.model.times import clock_of, from_iso
from bot.store import incidents


def trend(ask: Ask) -> Post:
    """趋势：看热度和声量走向、接下来几小时的区间，带图。例：趋势 #12"""
    incident = ask.incident()
    gauge = incidents.gauge(ask.db, incident.id)
    if not gauge:
        return Post(f"#{incident.id} 还没有监测数据")
    i = gauge["indicators"]
    samples = incidents.samples(ask.db, incident.id, ask.at - ahead.SHOWN)
    growth = "数据不足" if i["growth"] is None else f"每小时{i['growth']:+.0f}%"
    share = "无样本" if i["negative_share"] is None else f"{100 * i['negative_share']:.0f}%（样本{i['n']}）"
    lines = [
        f"#{incident.id} {incident.title[:20]}：热度{i['heat']:.0f}，每小时{i['per_hour']}条，{growth}",
        f"负面{share}；{i['platforms']}个平台；截至{clock_of(from_iso(gauge['at']), ask.at)}",
    ]
    if top := max(samples, key=lambda s: s[1], default=None):
        lines.append(f"24小时内最高热度{top[1]:.0f}（{clock_of(from_iso(f'{top[0]}:00Z'), ask.at)}）")
    lines += outlook.told(outlook.outlook(ask.db, ask.house, incident, ask.at), ask.at)
    return Post("\n".join(lines[:8]), chart=ahead.chart(ask.db, incident, ask.at))


def spread(ask: Ask) -> Post:
    """溯源：首发、传播路径、关键账号、正反观点，带图。例：溯源 #12"""
    incident = ask.incident()
    rows = outlook.course_of(ask.db, ask.house, incident, ask.at)
    if not rows:
        return Post(f"#{incident.id} 还没有监测数据")
    return Post(
        "\n".join([f"#{incident.id} {incident.title[:20]} 的传播", *rows[:7]]),
        chart=outlook.course_chart(ask.db, ask.house, incident),
    )


COMMANDS: dict[str, Callable[[Ask], Post]] = {"trend": trend, "spread": spread}
