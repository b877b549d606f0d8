"""The search that ends every run finds what it is for."""

from __future__ import annotations

import logging
import zipfile
from pathlib import Path

from tests import spilled

CONFIG = """
[web]
local_room_token = "room-token-Zz1"
ingest = { vendor = ["ingest-Zz2-long"] }
[platforms.wecom]
secret = "env:WECOM_SECRET"
corp_secret = "corp-secret-Zz3"
[[rooms]]
name = "危机室"
webhook = "https://wecom.example/cgi-bin/webhook/send?key=hook-key-Zz4"
"""


def test_the_secrets_of_a_configuration_are_known(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, "utf-8")
    assert spilled.configured(path) == {"room-token-Zz1", "ingest-Zz2-long", "corp-secret-Zz3", "hook-key-Zz4"}
    assert spilled.spilled(tmp_path) == []


def test_a_secret_in_a_file_in_an_archive_or_in_a_line_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "config.toml").write_text(CONFIG.replace("Zz", "Yy"), "utf-8")
    (folder / "log.txt").write_bytes(b"asked with corp-secret-Yy3")
    with zipfile.ZipFile(folder / "out.zip", "w") as archive:
        archive.writestr("a.txt", "https://x.example/?key=hook-key-Yy4")
    found = spilled.spilled(folder)
    assert spilled.said(["all well", "token room-token-Yy1"], spilled.configured(folder / "config.toml")) == [
        "token room-token-Yy1"
    ]
    for path in folder.iterdir():
        path.unlink()
    assert {place.split(" in ")[0] for place in found} == {"corp-secret-Yy3", "hook-key-Yy4"}


def test_a_secret_in_a_log_record_is_heard() -> None:
    ear = spilled.Ear()
    ear.emit(logging.LogRecord("wecom", logging.INFO, "", 0, "key %s", ("key-0001",), None))
    ear.emit(logging.LogRecord("wecom", logging.INFO, "", 0, "subscribed", (), None))
    assert ear.heard == ["wecom: key key-0001 "]
