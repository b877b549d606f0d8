"""The schema as numbered migrations, one SQL file each. An old one is never edited; a newer database is refused (reliability 4)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database, Migrations

from bot.errors import ConfigError
from bot.store.seal import seal

migrations = Migrations("wanglou")


def _add(path: Path) -> None:
    def run(db: Database) -> None:
        for statement in _statements(path.read_text(encoding="utf-8")):
            db.conn.execute(statement)

    migrations(name=path.stem)(run)


def _statements(text: str) -> list[str]:
    """The statements of a migration file; a trigger's inner semicolons stay inside it."""
    found, rest = [], ""
    for line in text.splitlines():
        if line.startswith("--"):
            continue
        rest += line + "\n"
        if sqlite3.complete_statement(rest):
            found.append(rest)
            rest = ""
    return found


for _path in sorted(Path(__file__).with_name("migrations").glob("*.sql")):
    _add(_path)


def migrate(db: Database, path: Path) -> None:
    """Brings the schema up to date, after a verified backup of a database that holds something."""
    applied = {migration.name for migration in migrations.applied(db)}
    known = {migration.name for migration in migrations._migrations}
    if applied - known:
        raise ConfigError(f"{path}: 这个数据库来自更新的版本（{max(applied - known)}）。请升级望楼，不要降级")
    pending = migrations.pending(db)
    if applied and pending:
        copy = path.with_name(f"{path.stem}.before-{pending[0].name}.db")
        copy_database(db.conn, copy)
        seal(copy)
    migrations.apply(db)


def copy_database(conn: sqlite3.Connection, target: Path) -> None:
    """A consistent, verified copy; ``ConfigError`` where the copy is damaged."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(target)) as copy:
        conn.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, readable where nothing can be written beside it
    target.chmod(0o600)
    if verdict != "ok":
        raise ConfigError(f"{target}: 备份没有通过校验（{verdict}）")
