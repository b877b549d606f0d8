"""The only read-write connection: one writer thread that groups waiting changes into one transaction (reliability 1, 2).

``await store.run(change, …)`` returns once the commit is on disk; each change stands in a savepoint of its own, so one that
raises takes nothing else with it. ``await store.read(query, …)`` runs on a read-only connection beside the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlite_utils import Database

from bot.errors import ConfigError
from bot.store.schema import migrate

P = ParamSpec("P")
T = TypeVar("T")
GROUP = 256
READERS = 2

_Job = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], Callable[[Any, BaseException | None], None]]


class Store:
    """The memory of one installation. Open once; a second process on the same folder is refused."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "wanglou.db"
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._local = threading.local()
        self._open_readers: list[sqlite3.Connection] = []
        self._lock: Any = None
        self._listeners: list[Callable[[], None]] = []
        self._head: tuple[int, str] = (0, "")

    def open(self) -> None:
        """Takes the lock, migrates after a verified backup, starts the writer. ``ConfigError`` where that can't be done."""
        self._lock = lock_folder(self.folder)
        try:
            conn = self._ready()
        except BaseException:
            self._lock.close()
            raise
        self._thread = threading.Thread(target=self._write, args=(conn,), name="writer", daemon=True)
        self._thread.start()

    def _ready(self) -> sqlite3.Connection:
        """The connection to a database that is whole and up to date."""
        try:
            conn = connect(self.path)
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(
                f"bot.data_dir: {self.path} 打不开（{error}）。核对权限；若已损坏，用 wanglou restore 恢复"
            ) from None
        try:
            migrate(Database(conn), self.path)
            self._head = read_head(conn)
            self._keep_lost_head(conn)
        except BaseException:
            conn.close()
            raise
        return conn

    def _keep_lost_head(self, conn: sqlite3.Connection) -> None:
        """A published head that the log no longer holds is set aside, so that a restart does not hide a cut tail."""
        path, lost = self.folder / "audit.head", self.folder / "audit.head.lost"
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            head = json.loads(path.read_text(encoding="utf-8"))
            row = conn.execute("SELECT hash FROM log WHERE seq = ?", (int(head["seq"]),)).fetchone()
            if (row is None or row[0] != head["hash"]) and not lost.exists():
                os.replace(path, lost)

    def close(self) -> None:
        """Finishes what waits, then lets go of the folder."""
        if self._thread:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None
        self._readers.shutdown()
        for conn in self._open_readers:
            conn.close()
        self._open_readers.clear()
        if self._lock:
            self._lock.close()

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Calls ``listener`` on the event loop after each commit that changed something."""
        self._listeners.append(listener)

    async def run(self, change: Callable[Concatenate[Database, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs ``change(db, …)`` as one transaction; its value after the commit, or its error and nothing changed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def done(value: Any, error: BaseException | None) -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, future, value, error, self._listeners)

        self._jobs.put((change, args, kwargs, done))
        return await future

    def run_now(self, change: Callable[Concatenate[Database, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for callers without an event loop (command line, tests)."""
        ready = threading.Event()
        result: list[Any] = [None, None]

        def done(value: Any, error: BaseException | None) -> None:
            result[:] = [value, error]
            ready.set()

        self._jobs.put((change, args, kwargs, done))
        ready.wait()
        if result[1] is not None:
            raise result[1]
        return result[0]  # type: ignore[no-any-return]

    async def read(self, query: Callable[Concatenate[Database, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs ``query(db, …)`` on a read-only connection, off the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: query(self._reader(), *args, **kwargs))

    def _reader(self) -> Database:
        db: Database | None = getattr(self._local, "db", None)
        if db is None:
            conn = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, check_same_thread=False, isolation_level=None)
            conn.execute("PRAGMA query_only=on")
            self._open_readers.append(conn)
            db = self._local.db = Database(conn, execute_plugins=False)
        return db

    def _write(self, conn: sqlite3.Connection) -> None:
        db = Database(conn, execute_plugins=False)
        stopping = False
        while not stopping:
            batch = [self._jobs.get()]
            while len(batch) < GROUP and not self._jobs.empty():
                batch.append(self._jobs.get())
            stopping = None in batch
            self._commit(db, [job for job in batch if job is not None])
        conn.close()

    def _commit(self, db: Database, jobs: list[_Job]) -> None:
        if not jobs:
            return
        conn = db.conn
        outcomes: list[tuple[Any, BaseException | None]] = []
        try:
            conn.execute("BEGIN IMMEDIATE")
            outcomes = [_in_savepoint(db, change, args, kwargs) for change, args, kwargs, _ in jobs]
            conn.execute("COMMIT")
        except sqlite3.Error as error:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            outcomes = [(None, error)] * len(jobs)
        else:
            self._publish_head(conn)
        for (_, _, _, done), (value, failure) in zip(jobs, outcomes, strict=True):
            done(value, failure)

    def _publish_head(self, conn: sqlite3.Connection) -> None:
        head = read_head(conn)
        if head == self._head:
            return
        self._head = head
        spare = self.folder / "audit.head.new"
        with contextlib.suppress(OSError):
            with open(spare, "w", encoding="utf-8", opener=_private) as file:
                file.write(json.dumps({"seq": head[0], "hash": head[1]}) + "\n")
            os.replace(spare, self.folder / "audit.head")


def _in_savepoint(db: Database, change: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    db.conn.execute("SAVEPOINT job")
    try:
        value = change(db, *args, **kwargs)
    except Exception as error:
        if not db.conn.in_transaction:
            raise
        db.conn.execute("ROLLBACK TO job")
        db.conn.execute("RELEASE job")
        return None, error
    db.conn.execute("RELEASE job")
    return value, None


def _settle(future: asyncio.Future[Any], value: Any, error: BaseException | None, listeners: list[Callable[[], None]]) -> None:
    if not future.done():
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)
    if error is None:
        for listener in listeners:
            listener()


def private(path: str, flags: int) -> int:
    """Opens a file that only its owner may read; an ``opener``."""
    return os.open(path, flags, 0o600)


def connect(path: Path) -> sqlite3.Connection:
    """A read-write connection with the settings every promise rests on."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.close(fd)
    conn = sqlite3.connect(path, check_same_thread=False, isolation_level=None, cached_statements=512)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("PRAGMA foreign_keys=ON")
    conn.execute("PRAGMA busy_timeout=5000")
    conn.execute("PRAGMA cache_size=-65536")
    conn.execute("PRAGMA temp_store=MEMORY")
    return conn


def lock_folder(folder: Path) -> Any:
    """The lock that makes one process the owner of a data folder, which is made if need be; held until closed."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = open(folder / "wanglou.lock", "a+", opener=_private)  # noqa: SIM115
    except OSError as error:
        raise ConfigError(f"bot.data_dir: {folder} 写不进去（{error.strerror}）。核对权限，或换一个目录") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise ConfigError(f"bot.data_dir: {folder} 已有另一个望楼在用。先停掉它，或换一个目录") from None
    return handle


def _private(path: str, flags: int) -> int:
    """Opens a file that only its owner can read (reliability 20)."""
    return os.open(path, flags, 0o600)


def read_head(conn: sqlite3.Connection) -> tuple[int, str]:
    """Number and hash of the newest row of the log; (0, "") while it is empty."""
    row = conn.execute("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else (0, "")


@contextlib.contextmanager
def savepoint(db: Database, name: str) -> Iterator[None]:
    """A part of a change that can fail alone: on an error it is undone and the error goes on."""
    db.conn.execute(f"SAVEPOINT {name}")
    try:
        yield
    except BaseException:
        db.conn.execute(f"ROLLBACK TO {name}")
        db.conn.execute(f"RELEASE {name}")
        raise
    db.conn.execute(f"RELEASE {name}")
