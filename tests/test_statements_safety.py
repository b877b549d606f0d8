"""Killed at every step of sign-off and release, in one process: each change is whole or not there, and a repeat changes nothing.

The real process is killed in ``tests/test_process_voice.py``; random sequences are tried in ``tests/test_statements_random.py``.
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.config import Config
from bot.model.message import Message
from bot.store import journal, statements
from tests.statement_world import Desk, Watched

STEPS = (
    ("起草首发 #1", "张敏", "危机室"),
    ("改 D1 渠道小红书，下次通报今天18:00，官网", "张敏", "危机室"),
    ("送审 D1", "张敏", "危机室"),
    *(("同意 D1", name, "") for name in ("王磊", "何静", "林工", "陈总")),
    ("发布 D1 微博+官网", "王磊", "危机室"),
    ("确认 CODE", "王磊", "危机室"),
    ("已发 D1 https://weibo.example/1", "苏琴", "危机室"),
    ("已发 D1 https://www.example/1", "周宁", "危机室"),
)  # fmt: skip


@pytest.mark.parametrize("killed", range(len(STEPS)))
def test_killed_at_any_step_nothing_signed_is_lost_and_nothing_goes_out_silently(config: Config, killed: int) -> None:
    """Each step is killed once before its commit, again right after it, and the platform sends the message once more."""
    desk = Desk(config)
    seen = Watched(desk)
    for n, (text, by, room) in enumerate(STEPS):
        line = text.replace("CODE", desk.draft().code if "CODE" in text else "")
        if n == killed:
            _kill_before_commit(desk, line, by, room)
        first = desk.say(line, by, room=room, id=f"s{n}")
        if n == killed:
            signed = {s.person for s in desk.run(statements.signatures, 1)} if n else set()
            desk.crash()
            assert desk.say(line, by, room=room, id=f"s{n}") == first
            assert not n or {s.person for s in desk.run(statements.signatures, 1)} == signed
        seen.look()
    states = (desk.draft().state, [p.state for p in desk.publications()])
    desk.close()
    assert states == ("released", ["released", "released"])


def _kill_before_commit(desk: Desk, line: str, by: str, room: str) -> None:
    message = Message("local", "killed", room, by, line, desk.now, addressed=True)

    def change(db: Any) -> None:
        desk.commands._answer(db, message)
        raise ValueError("killed")

    before = desk.run(lambda db: journal.verify(db, None)[0])
    with pytest.raises(ValueError, match="killed"):
        desk.run(change)
    desk.crash()
    assert desk.run(lambda db: journal.verify(db, None)[0]) == before
