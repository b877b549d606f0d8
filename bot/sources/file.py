"""A folder into which others put exports: ``*.jsonl`` and ``*.csv``."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

from bot.errors import SourceError
from bot.fetch import BadJson, Fetcher, read_json
from bot.model.mention import Mention
from bot.model.options import option, required
from bot.model.source import Common, Poll, State, dress, interval

FLOOR = 5.0
EVERY = 5.0
BATCH = 2_000
LINE_CAP = 1024 * 1024
SNIFF = 64 * 1024
HEAD = 256
NAMED = 10
LOST = 0.2


@dataclass(frozen=True)
class Options:
    """The settings of a folder."""

    folder: str = required("放 *.jsonl、*.csv 的文件夹；别的程序往里写，这里读走")
    keep: bool = option(False, "读完留在原处；否则移到其下的 done/")


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a file has been read: size and change time when last looked at, byte offset, lines, header and encoding.

    ``head`` is the checksum of its beginning, by which a file written anew under the old name is told from one that grew.
    """

    size: int
    changed: int
    offset: int = 0
    line: int = 0
    header: tuple[str, ...] = ()
    encoding: str = ""
    head: int = 0

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> _Place:
        return cls(**{**record, "header": tuple(record.get("header", ()))})

    @property
    def record(self) -> dict[str, Any]:
        return {
            "size": self.size, "changed": self.changed, "offset": self.offset, "line": self.line,
            "header": list(self.header), "encoding": self.encoding, "head": self.head,
        }  # fmt: skip


class _Lines:
    """The lines of a file from an offset on, decoded one at a time; ``offset`` and ``number`` are those after the last one."""

    def __init__(self, file: BinaryIO, place: _Place) -> None:
        self._file, self._encoding = file, place.encoding
        self.offset, self.number = place.offset, place.line
        file.seek(place.offset)

    def __iter__(self) -> Iterator[str]:
        while raw := self._file.readline(LINE_CAP):
            self.offset += len(raw)
            if len(raw) == LINE_CAP and not raw.endswith(b"\n"):
                self._skip_rest()
            self.number += 1
            yield raw.decode(self._encoding, "replace").removeprefix("\ufeff")

    def _skip_rest(self) -> None:
        while raw := self._file.readline(LINE_CAP):
            self.offset += len(raw)
            if raw.endswith(b"\n"):
                return


class Source:
    """A folder. A file is taken when its size and time stood still for one interval, and moved away once it is stored."""

    def __init__(self, name: str, common: Common, options: Options, fetch: Fetcher) -> None:
        self.name = name
        self.floor = FLOOR
        self.every = interval(common, FLOOR, EVERY)
        self.lively = False
        self._common, self._folder, self._keep = common, Path(options.folder), options.keep

    async def poll(self, state: State, now: datetime) -> Poll:
        """The next lines, at most two thousand (``more`` while some are left); ``SourceError`` where the folder cannot be read."""
        try:
            return await asyncio.to_thread(self._poll, state, now)
        except OSError as exc:
            raise SourceError(f"读不了文件夹：{exc.strerror or exc}") from None

    def _poll(self, state: State, now: datetime) -> Poll:
        known = {name: _Place.of(record) for name, record in state.get("files", {}).items()}
        files: dict[str, dict[str, Any]] = {}
        mentions: list[Mention] = []
        bad: list[str] = []
        lines = 0
        more = False
        for path in sorted(p for p in self._folder.iterdir() if p.suffix in (".jsonl", ".csv") and p.is_file()):
            stat = path.stat()
            place = known.get(path.name, _Place(-1, -1))
            if (place.size, place.changed) != (stat.st_size, stat.st_mtime_ns):  # still being written, or new
                start = place if stat.st_size >= place.offset and place.head == _head(path, place.offset) else _Place(-1, -1)
                files[path.name] = replace(start, size=stat.st_size, changed=stat.st_mtime_ns).record
                continue
            if place.offset >= stat.st_size:  # what was read last time is stored by now
                if self._keep:
                    files[path.name] = place.record
                else:
                    _move(path, self._folder / "done", now)
                continue
            if lines < BATCH:
                place, read, wrong = self._read(path, place, BATCH - lines, now)
                lines += len(read) + len(wrong)
                mentions += read
                bad += wrong
            more = more or place.offset < stat.st_size
            files[path.name] = place.record
        degraded = state.get("degraded", "")  # stands until a better file came
        if lines:
            degraded = f"{lines} 行有 {len(bad)} 行不合格" if len(bad) > LOST * lines else ""
        return Poll(
            tuple(mentions),
            {"files": files} | ({"degraded": degraded} if degraded else {}),
            changed=bool(mentions),
            note="；".join(bad[:NAMED]) + (f"；另有 {len(bad) - NAMED} 行" if len(bad) > NAMED else ""),
            degraded=degraded,
            more=more,
        )

    def _read(self, path: Path, place: _Place, most: int, now: datetime) -> tuple[_Place, list[Mention], list[str]]:
        """At most ``most`` records from ``place`` on: where we are now, the mentions, the bad lines by number."""
        read, bad = [], []
        with path.open("rb") as file:
            place = place if place.encoding else replace(place, encoding=_encoding(file.read(SNIFF)))
            lines = _Lines(file, place)
            header = place.header
            if path.suffix == ".csv" and not header:
                header = tuple(name.strip() for name in next(csv.reader(iter(lines)), []))
            records = _csv_records(lines, header) if path.suffix == ".csv" else _json_records(lines)
            for record in records:
                try:
                    read.append(self._mention(record, now))
                except ValueError as exc:
                    bad.append(f"{path.name} 第{lines.number}行：{exc}")
                if len(read) + len(bad) >= most:
                    break
        head = _head(path, lines.offset)
        return replace(place, offset=lines.offset, line=lines.number, header=header, head=head), read, bad

    def _mention(self, record: Mapping[str, Any] | ValueError, now: datetime) -> Mention:
        if isinstance(record, ValueError):
            raise record
        return dress(Mention.of(record, source=self.name, now=now), self._common)


def _json_records(lines: _Lines) -> Iterator[Mapping[str, Any] | ValueError]:
    for line in lines:
        if not line.strip():
            continue
        try:
            record = read_json(line)
        except BadJson as exc:
            yield exc
            continue
        yield record if isinstance(record, dict) else ValueError("应为一个 JSON 对象")


def _csv_records(lines: _Lines, header: tuple[str, ...]) -> Iterator[Mapping[str, Any] | ValueError]:
    """Rows by header name. The reader takes one line at a time, so that the offset after a row is the row's end."""
    rows = csv.reader(iter(lines))
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as exc:
            yield ValueError(str(exc))
            continue
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header):
            yield ValueError(f"有 {len(row)} 列，表头只有 {len(header)} 列")
            continue
        yield {name: cell for name, cell in zip(header, row, strict=False) if name and cell.strip()}


def _encoding(start: bytes) -> str:
    """UTF-8 where the beginning is that, else GB18030; a character cut at the end of the sample does not count."""
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as exc:
        return "utf-8" if exc.start >= len(start) - 3 and len(start) == SNIFF else "gb18030"
    return "utf-8"


def _head(path: Path, read: int) -> int:
    with path.open("rb") as file:
        return crc32(file.read(min(HEAD, read)))


def _move(path: Path, done: Path, now: datetime) -> None:
    """Into ``done/``; a file of the same name there keeps its place."""
    done.mkdir(exist_ok=True)
    target = done / path.name
    if target.exists():
        target = done / f"{path.stem}.{now:%Y%m%d%H%M%S%f}{path.suffix}"
    path.rename(target)
