"""The head of the log is published each day, so that whoever reads the chat can find a log that was rewritten as a whole."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot import timekeeping
from bot.__main__ import main
from bot.errors import ConfigError
from bot.keeping import audit_verify
from bot.store import journal
from tests.conftest import Room


async def published(room: Room) -> str:
    """The head as the summary of the next morning says it."""
    await room.open_incident(owner="李雷")
    await room.store.run(timekeeping.set_digest, room.house, room.clock.now)
    await room.later(days=1)
    (summary,) = [said for said in room.ignore() if said.reason == "digest"]
    found = re.search(r"^记录校验 (\d+:[0-9a-f]{12})$", summary.text, re.M)
    assert found, summary.text
    return found[1]


def rewrite(folder: Path) -> None:
    """Somebody changes a row, computes every hash anew and takes the published files away."""
    with closing(sqlite3.connect(folder / "wanglou.db")) as conn:
        for name in ("log_is_append_only_update", "log_is_append_only_delete"):
            conn.execute(f"DROP TRIGGER {name}")
        prev = ""
        for row in conn.execute("SELECT seq, at, by, verb, incident, why, body FROM log ORDER BY seq").fetchall():
            by = "别人" if row[3] == "claim" else row[2]
            hash = journal.chain(row[0], row[1], by, *row[3:], prev)
            conn.execute("UPDATE log SET by = ?, prev = ?, hash = ? WHERE seq = ?", (by, prev, hash, row[0]))
            prev = hash
        conn.commit()
    for name in ("audit.head", "audit.head.lost"):
        (folder / name).unlink(missing_ok=True)


async def test_the_daily_summary_publishes_the_head_and_verify_checks_it(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    head = await published(room)
    await room.say("记 #1 还在核实", by="李雷")
    room.ignore()
    assert audit_verify(room.store.folder, head) == 0
    assert f"与公布的 {head} 相符" in capsys.readouterr().out


async def test_a_log_rewritten_as_a_whole_is_found_by_a_published_head(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    head = await published(room)
    room.store.close()
    rewrite(room.store.folder)
    assert audit_verify(room.store.folder) == 0
    assert audit_verify(room.store.folder, head) == 1
    assert f"第{head.split(':')[0]}行与公布的校验" in capsys.readouterr().err
    assert audit_verify(room.store.folder, f"99999:{head.split(':')[1]}") == 1
    assert "公布过第99999行，库里只有" in capsys.readouterr().err
    room.store.open()


@pytest.mark.parametrize("wrong", ["7", "7:", "7:xyzxyzxyz", "-7:0123456789ab", "7:0123", "七:0123456789ab"])
def test_a_head_that_is_none_is_one_line_that_names_the_argument(
    wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match="--head"):
        audit_verify(tmp_path, wrong)
    assert (
        main(["audit", "verify", "--head", wrong] if not wrong.startswith("-") else ["audit", "verify", f"--head={wrong}"]) == 2
    )
    assert capsys.readouterr().err.count("\n") == 1
