"""The analyst in a process of its own, so that thinking never stops the event loop.

One batch at a time: who calls ``read`` waits, which is the back-pressure. Frames are a length and a pickle over the child's
standard input and output; both ends are ours. A child that died or hung is started again and handed what was read before. A
mention that fails three times is set apart by halving its batch, and comes back as a neutral reading marked ``unread``.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import struct
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from bot.analysis.analyst import Analyst, Settings, steady_memory
from bot.errors import WanglouError
from bot.model.mention import Mention
from bot.model.reading import Reading, Sentiment

Rows = Iterable[tuple[Mention, Reading]]
TRIES = 3
_FRAME = struct.Struct("<Q")
_CHUNK = 2_000


class WorkerError(WanglouError):
    """The child answered with an error, died, or gave no answer in time."""


class Worker:
    """An ``Analyst`` elsewhere. ``restore`` gives the rows to remember after a crash (oldest first); ``quarantined`` is told
    each mention that could not be read, and why; ``patience`` is how many seconds a batch may take."""

    def __init__(
        self,
        settings: Settings,
        *,
        restore: Callable[[], Awaitable[Rows]] | None = None,
        quarantined: Callable[[Mention, str], None] | None = None,
        patience: float = 60.0,
    ) -> None:
        self._settings = settings
        self._restore = restore
        self._quarantined = quarantined
        self._patience = patience
        self._turn = asyncio.Lock()
        self._child: Process | None = None
        self._next_story = settings.first_story
        self.restarts = 0

    async def start(self) -> None:
        """Starts the child and waits until its models are loaded; raises what keeps it from starting."""
        async with self._turn:
            await self._open()

    async def read(self, batch: Sequence[Mention]) -> list[Reading]:
        """One reading each, same order. Never raises for what is in a mention."""
        if not batch:
            return []
        async with self._turn:
            readings = await self._read(list(batch), failures=0)
        self._count(readings)
        return readings

    async def remember(self, rows: Rows) -> None:
        """Hands over what was read before a restart of the house, oldest first."""
        async with self._turn:
            for chunk in _chunks(rows):
                await self._call("remember", chunk)
                self._count(reading for _, reading in chunk)

    async def story_title(self, story: int) -> str:
        """A readable name of a story; empty where it is unknown."""
        return str(await self._asked("story_title", story) or "")

    async def story_words(self, story: int) -> list[str]:
        """Its hot words, hottest first."""
        return list(await self._asked("story_words", story) or [])

    async def merge_stories(self, into: int, other: int) -> None:
        """Everything of ``other`` belongs to ``into`` from now on. ``WorkerError`` where it could not be said."""
        async with self._turn:
            await self._call("merge_stories", into, other)

    async def split_story(self, story: int, ids: Sequence[str]) -> int:
        """A new story made of these mentions of ``story``; its number. ``WorkerError`` where it could not be made."""
        async with self._turn:
            new = int(await self._call("split_story", story, list(ids)))
        self._next_story = max(self._next_story, new + 1)
        return new

    async def matter_names(self, matters: Iterable[int]) -> dict[int, tuple[str, list[str]]]:
        """Readable names and hot words of matters."""
        return dict(await self._asked("matter_names", list(matters)) or {})

    async def stop(self) -> None:
        """Lets the batch in hand finish, then ends the child."""
        async with self._turn:
            await self._close()

    async def _asked(self, name: str, *values: Any) -> Any:
        async with self._turn:
            try:
                return await self._call(name, *values)
            except WorkerError:
                return None

    async def _read(self, batch: list[Mention], failures: int) -> list[Reading]:
        """A single mention is given up after ``TRIES``; a batch is tried twice, since not every death is a mention's doing."""
        while failures < TRIES:
            try:
                readings: list[Reading] = await self._call("read", batch)
                return readings
            except WorkerError as failed:
                failures += 1
                why = str(failed)
            if failures >= TRIES - 1 and len(batch) > 1:
                half = len(batch) // 2
                return await self._read(batch[:half], TRIES - 2) + await self._read(batch[half:], TRIES - 2)
        if self._quarantined:
            self._quarantined(batch[0], why)
        return [_unread(mention) for mention in batch]

    def _count(self, readings: Iterable[Reading]) -> None:
        self._next_story = max([self._next_story, *(reading.story + 1 for reading in readings)])

    async def _call(self, name: str, *values: Any) -> Any:
        """One question to the child, which is started anew where it is gone."""
        try:
            if self._child is None:
                await self._again()
            return await self._timed(name, *values)
        except TimeoutError:
            await self._close(kill=True)
            raise WorkerError(f"超过{self._patience:g}秒没有答复") from None
        except (ConnectionError, EOFError):
            await self._close(kill=True)
            raise WorkerError("分析进程意外退出") from None
        except asyncio.CancelledError:  # half a frame may be on its way: this child cannot be asked again
            await self._close(kill=True)
            raise

    async def _again(self) -> None:
        self.restarts += 1
        await self._open()
        for chunk in _chunks(await self._restore() if self._restore else ()):
            await self._timed("remember", chunk)
            self._count(reading for _, reading in chunk)

    async def _timed(self, name: str, *values: Any) -> Any:
        return await asyncio.wait_for(self._exchange(name, values), self._patience)

    async def _exchange(self, name: str, values: tuple[Any, ...]) -> Any:
        assert self._child
        assert self._child.stdin
        assert self._child.stdout
        body = pickle.dumps((name, values), pickle.HIGHEST_PROTOCOL)
        self._child.stdin.write(_FRAME.pack(len(body)) + body)
        await self._child.stdin.drain()
        (length,) = _FRAME.unpack(await self._child.stdout.readexactly(_FRAME.size))
        good, answer = pickle.loads(await self._child.stdout.readexactly(length))  # noqa: S301  our own child
        if not good:
            raise WorkerError(answer)
        return answer

    async def _open(self) -> None:
        room = str(Path(__file__).parents[2])
        paths = os.pathsep.join(filter(None, [room, os.environ.get("PYTHONPATH", "")]))
        self._child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.analysis.worker"),
            stdin=PIPE,
            stdout=PIPE,
            env={**os.environ, "PYTHONPATH": paths},
            start_new_session=True,  # a Ctrl-C is for the house; the child ends when its input does
        )
        try:
            await self._timed("open", replace(self._settings, first_story=self._next_story))
        except BaseException:
            await self._close(kill=True)
            raise

    async def _close(self, *, kill: bool = False) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if kill and child.returncode is None:
            child.kill()
        if child.stdin:
            child.stdin.close()
        try:
            await asyncio.wait_for(child.wait(), 5)
        except TimeoutError:
            child.kill()
            await child.wait()


def _chunks(rows: Rows) -> Iterator[list[tuple[Mention, Reading]]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, _CHUNK)):
        yield chunk


def _unread(mention: Mention) -> Reading:
    return Reading(mention.id, (), 0.0, Sentiment.NEUTRAL, 0, unread=True)


def _serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """The child: answers questions until its input ends."""
    analyst: Analyst | None = None
    while head := questions.read(_FRAME.size):
        name, values = pickle.loads(questions.read(_FRAME.unpack(head)[0]))  # noqa: S301  our own parent
        try:
            if name == "open":
                analyst, answer = Analyst(*values), None
            else:
                answer = getattr(analyst, name)(*values)
            reply = pickle.dumps((True, answer), pickle.HIGHEST_PROTOCOL)
        except Exception as wrong:
            reply = pickle.dumps((False, f"{type(wrong).__name__}: {wrong}"[:500]))
        answers.write(_FRAME.pack(len(reply)) + reply)
        answers.flush()


if __name__ == "__main__":
    _answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to the log, not between the frames
    with steady_memory():
        _serve(sys.stdin.buffer, _answers)
