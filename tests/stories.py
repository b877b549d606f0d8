"""Stories told line by line: who says what, what comes back, what everybody else hears. Nothing else may be said.

李雷：认领                     李雷 types it in the room;  李雷（私）：… in private;  李雷「小刘：……」：记  quotes a message
  < #1 归李雷                  the answer holds this (several: in this order); a turn without ``<`` is met with silence
  [@张敏] 交给你               the house says this besides, here to 张敏 in private; ``[危机室]`` is the room
李雷按「认领」                 presses the newest card that has this button
+30分                          the clock moves on (分, 时, 天)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.model.card import Button
from bot.model.message import Answer
from bot.store import outbox
from tests.conftest import Room, Said

_TURN = re.compile(r"(?P<who>[^\s：「（]+?)(?P<private>（私）)?(?:「(?P<quote>.+?)」)?：(?P<text>.*)")
_PRESS = re.compile(r"(?P<who>\S+?)按「(?P<text>.+)」")
_WAIT = re.compile(r"\+(?P<n>[\d.]+)(?P<unit>分|时|天)")
_UNITS = {"分": "minutes", "时": "hours", "天": "days"}


@dataclass
class _Turn:
    line: str
    answers: list[str] = field(default_factory=list)
    heard: list[tuple[str, str]] = field(default_factory=list)


async def story(room: Room, text: str) -> None:
    """Plays a story; fails at the first line that is not as told, and at anything said that is not told."""
    for turn in _turns(text):
        said = await _play(room, turn.line)
        _check_answer(turn, said)
        _check_heard(room, turn)


def _turns(text: str) -> list[_Turn]:
    turns: list[_Turn] = []
    for raw in filter(str.strip, text.splitlines()):
        line = raw.strip()
        if line.startswith("<"):
            turns[-1].answers.append(line[1:].strip())
        elif found := re.fullmatch(r"\[(\S+?)\]\s?(.*)", line):
            turns[-1].heard.append((found[1], found[2]))
        else:
            turns.append(_Turn(line))
    return turns


async def _play(room: Room, line: str) -> Answer:
    if wait := _WAIT.fullmatch(line):
        await room.later(**{_UNITS[wait["unit"]]: float(wait["n"])})
        return Answer()
    if press := _PRESS.fullmatch(line):
        return await _press(room, press["who"], press["text"])
    turn = _TURN.fullmatch(line)
    assert turn, f"no line of a story: {line}"
    quote, by = turn["quote"] or "", ""
    if "：" in quote:
        by, _, quote = quote.partition("：")
    return await room.answer(
        turn["text"],
        by=turn["who"],
        room=f"@{turn['who']}" if turn["private"] else None,
        quote=quote,
        quote_by=by,
        quote_id=f"quoted:{quote}" if quote else "",
    )


async def _press(room: Room, who: str, text: str) -> Answer:
    said, button = _card_with(room, who, text)
    return await room.press(said, button.key, by=who)


def _card_with(room: Room, who: str, text: str) -> tuple[Said, Button]:
    for said in reversed(room.said):
        row = outbox.get(room.db, said.id)
        for button in row.post.card.buttons if row and row.post.card else ():
            if button.text == text and said.to in (room.name, f"@{who}"):
                return said, button
    raise AssertionError(f"no card with 「{text}」")


def _check_answer(turn: _Turn, answer: Answer) -> None:
    got = "\n".join(post.text for post in answer.posts)
    if not turn.answers:
        assert not got, f"{turn.line}\n  nobody expected the answer:\n{got}"
        return
    at = 0
    for part in turn.answers:
        found = got.find(part, at)
        assert found >= 0, f"{turn.line}\n  expected: {part}\n  got: {got}"
        at = found + len(part)
    assert len(got.splitlines()) <= 10, f"{turn.line}\n  too long:\n{got}"


def _check_heard(room: Room, turn: _Turn) -> None:
    seen = room.ignore()
    listed = "\n".join(map(str, seen))
    assert len(seen) == len(turn.heard), f"{turn.line}\n  expected {turn.heard}\n  heard:\n{listed}"
    for said, (to, part) in zip(seen, turn.heard, strict=True):
        assert said.to == to, f"{turn.line}\n  {said} went to {said.to}, not to {to}"
        assert part in said.text, f"{turn.line}\n  {part!r} not in {said}"
