"""The organisation's monthly quotas, as far as we spend them: API calls, and webhook and stream pushes (protocol page 3.11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.times import BEIJING
from bot.platforms.dingtalk.memory import Memory

KEY = "quota"
KEPT = timedelta(days=70).total_seconds()
LABELS = {"api": "API 调用", "push": "Webhook 与 Stream 推送"}
THRIFT = 0.9
"""From this share on, only what matters is spent: replies, orange and red."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The quotas of a month; 0: no limit known."""

    api: int
    push: int


class Quota:
    """Counts what we spend in this month (Beijing time). Other apps of the organisation spend the same quota unseen."""

    def __init__(self, limits: Limits, state: Memory, now: Callable[[], datetime]) -> None:
        self._limits = {"api": limits.api, "push": limits.push}
        self._state = state
        self._now = now
        self._month = ""
        self._used: dict[str, int] = {}

    async def load(self) -> None:
        """Takes up the count where the last run left it."""
        kept = await self._state.get(KEY)
        if isinstance(kept, dict) and kept.get("month") == self._this_month():
            self._month = str(kept["month"])
            self._used = {name: int(count) for name, count in dict(kept.get("used", {})).items()}

    async def spend(self, what: str, count: int = 1) -> None:
        """Books ``count`` of ``api`` or ``push``; ``session`` (answers to a sessionWebhook) is only shown."""
        self._roll()
        self._used[what] = self._used.get(what, 0) + count
        await self._save()

    async def exhausted(self, what: str) -> None:
        """DingTalk says that the quota is used up, whatever we counted."""
        self._roll()
        self._used[what] = max(self._used.get(what, 0), self._limits[what])
        await self._save()

    def used(self, what: str) -> int:
        """How much of it was spent this month."""
        return self._used.get(what, 0) if self._month == self._this_month() else 0

    def share(self, what: str) -> float:
        """The share that was spent, 0 where there is no limit."""
        limit = self._limits[what]
        return self.used(what) / limit if limit else 0.0

    def thrifty(self, what: str) -> bool:
        """Whether only what matters may still be spent."""
        return self.share(what) >= THRIFT

    def warnings(self) -> list[str]:
        """What the operator should know at 70, 90 and 100 %."""
        said: list[str] = []
        for what, label in LABELS.items():
            share, count = self.share(what), f"{self.used(what)}/{self._limits[what]}"
            if share >= 1:
                said.append(f"钉钉本月{label}额度已用完（{count}），请到开放平台「资源管理」扩容；机器人只用其余途径发送")
            elif share >= THRIFT:
                said.append(f"钉钉本月{label}已用 {share:.0%}（{count}），只保橙、红和回复；请到开放平台「资源管理」扩容")
            elif share >= 0.7:
                said.append(f"钉钉本月{label}已用 {share:.0%}（{count}）")
        return said

    def line(self) -> str:
        """Both counters in one line."""
        counts = "，".join(f"{label} {self.used(what)}/{self._limits[what] or '不限'}" for what, label in LABELS.items())
        return f"本月{counts}（另有会话回复 {self.used('session')} 次，钉钉未公布是否计数）"

    def _this_month(self) -> str:
        return self._now().astimezone(BEIJING).strftime("%Y-%m")

    def _roll(self) -> None:
        if self._month != self._this_month():
            self._month, self._used = self._this_month(), {}

    async def _save(self) -> None:
        await self._state.put(KEY, {"month": self._month, "used": self._used}, KEPT)
