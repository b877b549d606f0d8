"""The writer thread, the log and the migrations."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from bot.errors import ConfigError, UserError, WanglouError
from bot.keeping import audit_verify, backup, restore
from bot.store import incidents, journal, rooms, timers
from bot.store.db import Store

NOW = datetime(2026, 12, 3, 1, 48, tzinfo=UTC)


def open_one(db: Database) -> int:
    return incidents.open_new(db, title="牛奶异物", at=NOW, by="望楼", suggested=None, why="试").id


async def test_a_change_that_raises_takes_nothing_else_with_it(store: Store) -> None:
    def half(db: Database) -> None:
        rooms.keep(db, "half", 1)
        raise UserError("不行")

    results = await asyncio.gather(
        store.run(rooms.keep, "a", 1), store.run(half), store.run(rooms.keep, "b", 2), return_exceptions=True
    )

    assert isinstance(results[1], UserError)
    assert [await store.read(rooms.kept, name) for name in ("a", "half", "b")] == [1, None, 2]


async def test_a_second_process_on_the_same_folder_is_refused(store: Store) -> None:
    with pytest.raises(ConfigError, match=r"bot\.data_dir"):
        Store(store.folder).open()


async def test_incident_numbers_are_unique_under_64_reports_at_once(store: Store) -> None:
    numbers = await asyncio.gather(*(store.run(open_one) for _ in range(64)))

    assert sorted(numbers) == list(range(1, 65))


async def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError):
        await store.read(rooms.keep, "x", 1)


async def test_state_and_log_change_together_or_not_at_all(store: Store) -> None:
    number = await store.run(open_one)

    def fails(db: Database) -> None:
        incidents.change(db, number, "claim", at=NOW, by="李雷", owner="李雷")
        raise UserError("半路")

    with pytest.raises(UserError):
        await store.run(fails)

    assert (await store.read(incidents.get, number)).owner == ""
    assert [e["verb"] for e in await store.read(journal.entries, number)] == ["open"]


async def test_replaying_the_log_rebuilds_the_state(store: Store) -> None:
    number = await store.run(open_one)
    await store.run(lambda db: incidents.change(db, number, "claim", at=NOW, by="李雷", owner="李雷"))
    await store.run(
        lambda db: timers.start_clock(
            db, number, 1, "claim", at=NOW, by="望楼", started_at=NOW, limit_s=60, grade=None, policy=["李雷"]
        )
    )

    rebuilt = await store.read(journal.rebuild)
    for table in journal.REBUILT:
        for id, columns in rebuilt[table].items():
            row = await store.read(lambda db, t=table, i=id: next(iter(db.table(t).rows_where("id = ?", [i]))))
            assert {name: row[name] for name in columns} == columns


async def test_no_verb_deletes_a_fact_evidence_or_log_row(store: Store) -> None:
    await store.run(open_one)

    for statement in ("DELETE FROM log", "UPDATE log SET why = 'x'"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            await store.run(lambda db, s=statement: db.conn.execute(s))


def tamper(folder: Path, statement: str) -> None:
    conn = sqlite3.connect(folder / "wanglou.db")
    for name in ("log_is_append_only_update", "log_is_append_only_delete"):
        conn.execute(f"DROP TRIGGER {name}")
    conn.execute(statement)
    conn.commit()
    conn.close()


@pytest.fixture
def folder(store: Store) -> Path:
    store.run_now(open_one)
    store.run_now(open_one)
    store.close()
    return store.folder


def test_the_audit_passes_on_an_untouched_log(folder: Path, capsys: Any) -> None:
    assert audit_verify(folder) == 0
    assert "2行" in capsys.readouterr().out


def test_a_changed_row_is_named(folder: Path, capsys: Any) -> None:
    tamper(folder, "UPDATE log SET by = '别人' WHERE seq = 2")

    assert audit_verify(folder) == 1
    assert "第2行" in capsys.readouterr().err


def test_a_cut_tail_is_found(folder: Path, capsys: Any) -> None:
    tamper(folder, "DELETE FROM log WHERE seq = 2")

    assert audit_verify(folder) == 1
    assert "audit.head 记到第2行" in capsys.readouterr().err


def test_a_head_that_is_gone_is_said_and_one_that_was_overwritten_is_named(folder: Path, capsys: Any) -> None:
    (folder / "audit.head").write_text("junk")
    with pytest.raises(WanglouError, match=r"audit\.head 读不出来"):
        audit_verify(folder)

    (folder / "audit.head").unlink()
    assert audit_verify(folder) == 0
    assert "没有 audit.head" in capsys.readouterr().out


def test_a_backup_comes_back_into_an_empty_folder(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert backup(folder, copy) == 0
    assert restore(tmp_path / "fresh", copy, force=False) == 0

    again = Store(tmp_path / "fresh")
    again.open()
    assert again.run_now(incidents.get, 2).title == "牛奶异物"
    again.close()


def test_a_damaged_backup_is_refused_and_changes_nothing(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup(folder, copy)
    data = bytearray(copy.read_bytes())
    data[4096:8192] = b"\x00" * 4096
    copy.write_bytes(bytes(data))
    before = (folder / "wanglou.db").read_bytes()

    with pytest.raises(WanglouError, match="什么都没有改"):
        restore(folder, copy, force=True)

    assert (folder / "wanglou.db").read_bytes() == before


@pytest.mark.parametrize("where", ["a title", "the seal", "the last byte cut", "empty", "a bare database"])
def test_a_backup_with_one_byte_wrong_is_refused(where: str, folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup(folder, copy)
    data = bytearray(copy.read_bytes())
    at = data.index("牛奶异物".encode())
    match where:
        case "a title":
            data[at : at + 3] = "羊".encode()
        case "the seal":
            data[-2] ^= 1
        case "the last byte cut":
            data.pop()
        case "empty":
            data.clear()
        case "a bare database":
            data = bytearray((folder / "wanglou.db").read_bytes())
    copy.write_bytes(bytes(data))

    with pytest.raises(WanglouError, match="什么都没有改"):
        restore(tmp_path / "fresh", copy, force=False)

    assert not (tmp_path / "fresh" / "wanglou.db").exists()


def test_a_sealed_backup_is_a_database_like_any_other(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup(folder, copy)

    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert conn.execute("SELECT title FROM incidents WHERE id = 2").fetchone() == ("牛奶异物",)


def test_restore_does_not_replace_without_force(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup(folder, copy)

    with pytest.raises(ConfigError, match="--force"):
        restore(folder, copy, force=False)


def test_a_newer_database_is_refused(folder: Path) -> None:
    conn = sqlite3.connect(folder / "wanglou.db")
    conn.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('wanglou', '999_future', 'x')")
    conn.commit()
    conn.close()

    with pytest.raises(ConfigError, match="更新的版本"):
        Store(folder).open()


def test_the_head_file_names_the_newest_row(folder: Path) -> None:
    head = json.loads((folder / "audit.head").read_text())
    assert head["seq"] == 2
