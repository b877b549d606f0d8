"""Exports: asked for in the chat or at the command line, read in one go, made in a thread, sent in private to who asked.

The row that asks is part of the command's transaction; the work is done after it, and done again where a crash cut it off.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from bot import export, leaders
from bot.config import Config, furnish, secrets_of
from bot.errors import ConfigError, WanglouError
from bot.model.card import File, Post
from bot.model.house import House
from bot.store import incidents, outbox, record
from bot.store.db import Store

CARRIED = 18 * 1024 * 1024
"""The largest archive that a chat carries (WeCom: 20 MB); a larger one stays on the server."""


class Exporting:
    """Makes the exports that wait. One at a time."""

    def __init__(
        self, store: Store, house: House, folder: Path, clock: Callable[[], datetime], secrets: Sequence[str] = ()
    ) -> None:
        self._store = store
        self._house = house
        self._folder = folder
        self._clock = clock
        self._secrets = tuple(secrets)

    async def run_waiting(self) -> None:
        """Makes every export that waits; a failed one is said to who asked."""
        for job in await self._store.read(record.waiting):
            try:
                await self._make(job)
            except (WanglouError, OSError, sqlite3.Error) as error:
                await self._store.run(self._failed, job, self._clock(), str(error))

    async def _make(self, job: record.Job) -> None:
        at = self._clock()
        kept, brief = await self._store.read(read, job.incident, at)
        name = export.name_of(job.incident, at)
        data = await asyncio.to_thread(
            export.archive, kept, brief, company=self._house.full_name, at=at, by=job.person, secrets=self._secrets
        )
        await asyncio.to_thread(write, self._folder, name, data)
        await self._store.run(self._done, job, at, name, data)

    def _done(self, db: Database, job: record.Job, at: datetime, name: str, data: bytes) -> None:
        sha256 = hashlib.sha256(data).hexdigest()
        if not record.finish(db, job, "done", at, sha256=sha256):
            return
        text = f"#{job.incident} 的档案已备好：{name}\nSHA-256 {sha256}\n核对：wanglou evidence verify {name}。内部资料，勿外传"
        if len(data) > CARRIED:
            text += f"\n文件{len(data) // 1024 // 1024}MB，聊天里发不了，在服务器的 exports 文件夹"
        files = (File(name, "application/zip", data),) if len(data) <= CARRIED else ()
        self._tell(db, job, Post(text, files=files), at)

    def _failed(self, db: Database, job: record.Job, at: datetime, why: str) -> None:
        if record.finish(db, job, "failed", at, note=why[:200]):
            self._tell(db, job, Post(f"#{job.incident} 的档案没有导出成功：{why[:100]}\n可再回：导出 #{job.incident}"), at)

    def _tell(self, db: Database, job: record.Job, post: Post, at: datetime) -> None:
        outbox.put(db, post, at=at, kind="notice", reason="export", person=job.person, incident=job.incident)


def read(db: Database, number: int, at: datetime) -> tuple[record.Record, str]:
    """The record of an incident and its brief, as they stand."""
    card = leaders.brief(db, incidents.get(db, number), at).card
    return record.read(db, number), "\n".join((card.title, *card.lines)) if card else ""


def write(folder: Path, name: str, data: bytes) -> Path:
    """Writes an archive that only its owner may read; an older one of that name is never touched."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return path


def export_now(config: Config, number: int, out: Path) -> int:
    """``wanglou export``: also while the bot runs. Prints where the archive lies and its hash."""
    source = config.data_dir / "wanglou.db"
    if not source.exists():
        raise ConfigError(f"bot.data_dir: {source} 不存在")
    house, at = furnish(config), datetime.now(UTC)
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, isolation_level=None)) as conn:
        conn.execute("BEGIN")
        kept, brief = read(Database(conn, execute_plugins=False), number, at)
    data = export.archive(kept, brief, company=house.full_name, at=at, by="命令行", secrets=secrets_of(config))
    try:
        path = write(out, export.name_of(number, at), data)
    except OSError as error:
        raise ConfigError(f"--out: {out} 写不进去（{error.strerror}）") from None
    print(f"已导出到 {path}\nSHA-256 {hashlib.sha256(data).hexdigest()}")
    return 0


def verify(file: Path) -> int:
    """``wanglou evidence verify``: one line for each thing that does not fit; 1 where there is any."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"FILE: {file} 读不出来（{error.strerror}）") from None
    verdict = export.verify(data)
    for fault in verdict.faults:
        print(f"wanglou: {fault}", file=sys.stderr)
    if verdict.faults:
        return 1
    print(f"档案完好：{verdict.files}个文件，清单末值 {verdict.head}")
    return 0
