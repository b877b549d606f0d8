"""Who hears before whom (domain handbook 6.3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

AUDIENCES = {
    "harmed": "受影响者和家属",
    "regulators": "监管部门",
    "affected_users": "受影响用户",
    "employees": "员工",
    "public": "公众",
    "media": "媒体",
    "partners": "合作伙伴",
    "investors": "投资者",
    "authorities": "第三方权威",
}
"""In the order in which they hear; those on the public's side hear with it."""

PLAN: Mapping[str, tuple[str, str]] = {
    "harmed": ("电话、上门", "早于公众"),
    "regulators": ("报告渠道", "按法定时限"),
    "affected_users": ("站内信、短信", "不晚于公众"),
    "employees": ("内部群、员工信", "不晚于公众"),
    "public": ("微博、公众号、官网", "同一时间、同一文本"),
    "media": ("媒体问答", "与公众同时"),
    "partners": ("客户经理、信函", "与公众同时"),
    "investors": ("交易所公告", "不得选择性披露"),
    "authorities": ("请求、由其自行发声", "事实允许时"),
}
"""How each audience hears first, and when."""
WITH_PUBLIC = ("harmed", "affected_users", "employees")
MISSING = {"harmed": "受影响者还没有联系", "affected_users": "受影响用户还没有告知", "employees": "员工信还没有"}


def warnings(audience: str, told: Collection[str], planned: Collection[str]) -> tuple[str, ...]:
    """What is out of order when this audience hears now. ``told`` have heard (or hear with it); ``planned`` are on the plan."""
    if audience not in ("public", "media", "partners"):
        return ()
    before = [who for who in WITH_PUBLIC if who not in told and (who in planned or who == "employees")]
    return tuple(MISSING[who] for who in before)


def refusal(kind: str, channels: Collection[str], told: Collection[str], *, price: bool) -> str:
    """Why it can't go out now at all, or empty: what moves the price is announced at the exchange first."""
    if not price or "investors" in told:
        return ""
    if kind == "investor_notice":
        return "" if "exchange" in channels else "投资者公告要先走交易所渠道"
    return "涉及股价：先发投资者公告（交易所），否则是选择性披露"


FEW = 3
"""Under so many mentions a rumour is one that hardly anybody has heard."""


def moment_warnings(kind: str, audience: str, hour: int, mentions: int) -> tuple[str, ...]:
    """What is unwise about saying it now: in the dead of night, or answering a rumour that nobody has heard. ``hour`` is that of the
    release in the room's zone, ``mentions`` how many the incident has."""
    if audience not in ("public", "affected_users"):
        return ()
    found = ["深夜发布容易被看成躲着发"] if hour >= 23 or hour < 6 else []
    if kind == "rumor_rebuttal" and mentions < FEW:
        found.append(f"传言只见{mentions}条，公开辟谣可能替它扩散")
    return tuple(found)
