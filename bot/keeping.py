"""Backup, restore and the audit of the log, for the operator."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bot.errors import ConfigError, WanglouError
from bot.store import journal
from bot.store.db import lock_folder
from bot.store.schema import copy_database, migrations
from bot.store.seal import broken, seal

HEADS = ("audit.head.lost", "audit.head")
"""The published head of the log, and one that a start found to be no longer in it."""


def audit_verify(folder: Path, published: str = "") -> int:
    """Walks the chained log; 1 where a row does not fit, naming it. ``published`` is a head as the daily summary says it."""
    wanted = _head(published) if published else None
    path = folder / "wanglou.db"
    if not path.exists():
        raise ConfigError(f"bot.data_dir: {path} 不存在")
    try:
        heads = [_kept_head(folder / name) for name in HEADS if (folder / name).exists()]
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
            db = Database(conn, execute_plugins=False)
            rows, trouble = next((found for head in heads if (found := journal.verify(db, head))[1]), journal.verify(db, None))
            trouble = trouble or (journal.misfit(db, *wanted) if wanted else "")
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise WanglouError(f"{path}: 记录读不出来（{error}）。可用 wanglou restore 从备份恢复") from None
    if trouble:
        print(f"wanglou: 记录校验不通过：{trouble}", file=sys.stderr)
        return 1
    said = f"，与公布的 {published.strip()} 相符" if published else ""
    if rows and not heads and not published:
        said = "，但没有 audit.head，末尾是否缺行看不出来：请用每日摘要里的「记录校验」加 --head 核对"
    print(f"记录完好：{rows}行{said}")
    return 0


def _kept_head(path: Path) -> dict[str, Any]:
    """What a head file says; ``WanglouError`` where it was tampered with."""
    try:
        head = json.loads(path.read_text("utf-8"))
        return {"seq": int(head["seq"]), "hash": str(head["hash"])}
    except (OSError, ValueError, KeyError, TypeError):
        raise WanglouError(f"记录校验不通过：{path} 读不出来，被改动过") from None


def _head(text: str) -> tuple[int, str]:
    """Row and short hash of ``1234:9b41c2d0e5f6``."""
    row, _, short = text.strip().replace("：", ":").partition(":")
    short = short.lower()
    if not (row.isdecimal() and len(row) < 16 and 8 <= len(short) <= 64 and set(short) <= set("0123456789abcdef")):
        raise ConfigError("--head: 应为每日摘要里的「记录校验」，如 1234:9b41c2d0e5f6")
    return int(row), short


def backup(folder: Path, out: Path | None) -> int:
    """A consistent, verified copy while the bot runs."""
    source = folder / "wanglou.db"
    if not source.exists():
        raise ConfigError(f"bot.data_dir: {source} 不存在")
    target = out or folder / "backups" / f"wanglou-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db"
    if target.exists():
        raise ConfigError(f"--out: {target} 已存在，不覆盖")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as conn:
            copy_database(conn, target)
        seal(target)
    except (OSError, sqlite3.Error) as error:
        raise WanglouError(f"--out: {target} 没有备份成（{error}）。核对权限与磁盘空间") from None
    print(f"已备份到 {target}")
    return 0


def restore(folder: Path, file: Path, *, force: bool) -> int:
    """Back from a backup into an empty data folder; with ``force`` the old database is set aside first."""
    _check_copy(file)
    lock = lock_folder(folder)
    try:
        target = folder / "wanglou.db"
        if target.exists() and not force:
            raise ConfigError(f"bot.data_dir: {target} 已存在。要换掉它请加 --force（旧的会移到一旁）")
        spare = folder / "wanglou.db.restoring"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
            copy_database(conn, spare)
        if target.exists():
            _set_aside(folder)
        os.replace(spare, target)
        for name in HEADS:
            (folder / name).unlink(missing_ok=True)
    finally:
        lock.close()
    print(f"已从 {file} 恢复到 {folder}")
    return 0


def _check_copy(file: Path) -> None:
    if not file.exists():
        raise ConfigError(f"{file}: 没有这个文件")
    try:
        if why := broken(file):
            raise WanglouError(f"{file}: 备份损坏，什么都没有改（{why}）")
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
            verdict = conn.execute("PRAGMA integrity_check").fetchone()[0]
            db = Database(conn, execute_plugins=False)
            ours = {m.name for m in migrations.applied(db)}
            trouble = "" if not ours else journal.verify(db, None)[1]
    except (OSError, sqlite3.Error, ValueError) as error:
        raise WanglouError(f"{file}: 备份损坏，什么都没有改（{error}）") from None
    if verdict != "ok" or not ours or trouble:
        raise WanglouError(f"{file}: 备份损坏或不是望楼的备份，什么都没有改（{trouble or verdict}）")


def _set_aside(folder: Path) -> None:
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for name in ("wanglou.db", "wanglou.db-wal", "wanglou.db-shm"):
        old = folder / name
        if old.exists():
            old.rename(folder / f"{name}.before-restore-{stamp}")
