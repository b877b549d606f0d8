"""``wanglou analyze``: mentions as JSON lines in, one JSON line out for each, in order, while more are still coming.

Lines are taken in batches of whatever is there, never waited for. With several workers they are parsed and judged one by one in
other processes; duplicates and stories are decided here, in order, so the answer is the same.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring
from multiprocessing import get_context
from typing import Any, BinaryIO, NamedTuple

from bot.analysis.analyst import Judge, Judged, Settings, background_of, item_of, steady_memory
from bot.analysis.duplicates import Item
from bot.analysis.places import Placed, Places
from bot.model.mention import Mention

BATCH = 1024
_AHEAD = 8 * BATCH  # lines read ahead of the work
Complain = Callable[[str], None]
Numbered = tuple[int, bytes]
_encoder = json.JSONEncoder(ensure_ascii=False)
_decoder = json.JSONDecoder()


class Read(NamedTuple):
    """A line that was read and judged. ``given`` is its id as written, or its line number as text."""

    number: int
    given: Any
    item: Item
    judged: Judged


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that could not be read, and why."""

    number: int
    why: str


def run(
    lines: Iterable[bytes],
    out: BinaryIO,
    settings: Settings,
    *,
    now: datetime,
    complain: Complain,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Writes a line for every mention; returns how many lines were bad. ``complain`` is told each of them by its number.

    ``now`` is the moment of arrival of mentions without ``published``; ``progress`` is told how many lines are done.
    """
    with steady_memory():
        return _run(_judged(_Feed(lines), settings, now, workers), _places(settings), out, complain, progress)


def _run(
    judged: Iterable[list[Read | Bad]],
    places: Places,
    out: BinaryIO,
    complain: Complain,
    progress: Callable[[int], None] | None,
) -> int:
    bad = done = 0
    for outcome in judged:
        written, wrong = _placed(places, outcome)
        out.write("".join(written).encode("utf-8", "replace"))
        out.flush()
        for line in wrong:
            complain(f"第{line.number}行：{line.why}")
        bad += len(wrong)
        done += len(outcome)
        if progress:
            progress(done)
    return bad


class _Feed:
    """The lines, read ahead by a thread, so that a slow sender is answered at once and a fast one in large batches."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._waiting: deque[Numbered] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._broken: BaseException | None = None
        threading.Thread(target=self._read, args=(lines,), daemon=True, name="analyze-reader").start()

    def _read(self, lines: Iterable[bytes]) -> None:
        try:
            for number, line in enumerate(lines, 1):
                if len(self._waiting) >= _AHEAD:
                    with self._changed:
                        self._changed.wait_for(lambda: len(self._waiting) < _AHEAD // 2)
                self._waiting.append((number, line))
                if len(self._waiting) == 1:
                    with self._changed:
                        self._changed.notify_all()
        except BaseException as broken:
            self._broken = broken
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def take(self, *, wait: bool) -> list[Numbered] | None:
        """Up to ``BATCH`` lines; empty where none is there yet and ``wait`` is false; None at the end."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._waiting or self._ended)
            ended = self._ended
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._changed.notify_all()
        if batch or not ended:
            return batch
        if self._broken:
            raise self._broken
        return None


def _judged(feed: _Feed, settings: Settings, now: datetime, workers: int) -> Iterator[list[Read | Bad]]:
    if workers > 1:
        yield from _judged_elsewhere(feed, settings, now, workers)
        return
    desk = _Desk(settings, now)
    while (batch := feed.take(wait=True)) is not None:
        yield desk.work(batch)


def _judged_elsewhere(feed: _Feed, settings: Settings, now: datetime, workers: int) -> Iterator[list[Read | Bad]]:
    pending: deque[Future[list[Read | Bad]]] = deque()
    with ProcessPoolExecutor(workers, get_context("spawn"), _open_desk, (settings, now)) as pool:
        while (batch := feed.take(wait=not pending)) is not None:
            if batch:
                pending.append(pool.submit(_work, batch))
            if pending and (not batch or len(pending) >= 2 * workers):
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


class _Desk:
    """Parses and judges lines; holds no state between them."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self._judge = Judge(settings, claims=False)
        self._now = now

    def work(self, batch: Sequence[Numbered]) -> list[Read | Bad]:
        parsed = [self._parse(number, line) for number, line in batch if line.strip()]
        verdicts = iter(self._verdicts([line[2] for line in parsed if not isinstance(line, Bad)]))
        return [line if isinstance(line, Bad) else _line(line, next(verdicts)) for line in parsed]

    def _parse(self, number: int, line: bytes) -> tuple[int, Any, Mention] | Bad:
        try:
            record = _value(line)
            if not isinstance(record, dict):
                return Bad(number, "应是一个 JSON 对象")
            source = str(record.get("source") or "-").replace(":", "：")
            mention = Mention.of(record, source=source, now=self._now, key=str(number))
        except json.JSONDecodeError as wrong:
            return Bad(number, f"不是 JSON（第{wrong.colno}字起读不下去）")
        except UnicodeDecodeError:
            return Bad(number, "不是 UTF-8")
        except RecursionError:
            return Bad(number, "括号套得太深")
        except ValueError as wrong:
            return Bad(number, f"读不了（{wrong}）")
        given = record.get("id")
        return number, str(number) if given in (None, "") else given, mention

    def _verdicts(self, mentions: Sequence[Mention]) -> list[Judged | str]:
        """One verdict each; what breaks the judge is set apart by halving the batch."""
        try:
            return list(self._judge.judge(mentions))
        except Exception as wrong:
            if len(mentions) == 1:
                return [_quarantined(wrong)]
        half = len(mentions) // 2
        return self._verdicts(mentions[:half]) + self._verdicts(mentions[half:])


def _value(line: bytes) -> Any:
    """As ``json.loads``, without guessing the encoding of a line that plainly is UTF-8."""
    if not line.startswith(b'{"'):
        return json.loads(line)
    text = line.decode("utf-8", "surrogatepass")
    value, end = _decoder.raw_decode(text)
    return value if text[end:] in ("\n", "") else _decoder.decode(text)


def _line(parsed: tuple[int, Any, Mention], verdict: Judged | str) -> Read | Bad:
    number, given, mention = parsed
    return Bad(number, verdict) if isinstance(verdict, str) else Read(number, given, item_of(mention, verdict.clean), verdict)


_desks: list[_Desk] = []


def _open_desk(settings: Settings, now: datetime) -> None:
    _desks.append(_Desk(settings, now))


def _work(batch: Sequence[Numbered]) -> list[Read | Bad]:
    return _desks[0].work(batch)


def _places(settings: Settings) -> Places:
    return Places(background_of(settings), first=settings.first_story)


def _placed(places: Places, lines: Sequence[Read | Bad]) -> tuple[list[str], list[Bad]]:
    good = [line for line in lines if isinstance(line, Read)]
    wrong = [line for line in lines if isinstance(line, Bad)]
    try:
        return list(map(_written, good, places.place([line.item for line in good]))), wrong
    except Exception as broken:
        if len(good) == 1:
            return [], [*wrong, Bad(good[0].number, _quarantined(broken))]
    parts = [_placed(places, [line]) for line in lines]
    return [answer for written, _ in parts for answer in written], [line for _, bad in parts for line in bad]


def _quarantined(broken: Exception) -> str:
    return f"分析失败（{type(broken).__name__}），已隔离"


def _written(line: Read, placed: Placed) -> str:
    _, given, _, (_, rules, negative, sentiment, *_) = line
    (root, *_), story = placed
    told = _encode(_root(root, given)) if root else "null"
    return (  # by hand: an encoder that is set up for every small object takes three times as long
        f'{{"id": {_encode(given)}, "rules": {_names(rules)}, "negative": {_figure(negative)}, '
        f'"sentiment": "{sentiment}", "duplicate_of": {told}, "story": {story}}}\n'
    )


_figure = lru_cache(maxsize=10_001)(repr)  # of four places after the point


def _encode(value: Any) -> str:
    return encode_basestring(value) if type(value) is str else _encoder.encode(value)


@lru_cache(maxsize=4_096)
def _names(rules: tuple[str, ...]) -> str:
    return _encoder.encode(rules)


def _root(root: str, given: Any) -> str | int:
    """The id of the root as its line wrote it: a number where ids are numbers."""
    key = root.partition(":")[2]
    return int(key) if isinstance(given, int) and key.isascii() and key.isdigit() else key
