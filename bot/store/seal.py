"""The seal of a backup: the SHA-256 of its bytes, written behind them, so that any byte that changed or is missing shows."""

from __future__ import annotations

import hashlib
from pathlib import Path

MARK = b"\nwanglou-backup sha256 "
LENGTH = len(MARK) + 64 + 1
"""SQLite reads as many pages as its header names and leaves alone what stands behind them."""


def seal(path: Path) -> None:
    """Writes the seal behind a finished copy."""
    with path.open("r+b") as file:
        sum_ = hashlib.file_digest(file, "sha256").hexdigest()
        file.write(MARK + sum_.encode() + b"\n")


def broken(path: Path) -> str:
    """What is wrong with the seal of a backup; empty where every byte is as it was written."""
    with path.open("rb") as file:
        rest = file.seek(0, 2) - LENGTH
        if rest < 0:
            return "末尾没有校验值：被截断，或不是 wanglou backup 做的"
        file.seek(rest)
        mark = file.read(LENGTH)
        if not mark.startswith(MARK):
            return "末尾没有校验值：被截断，或不是 wanglou backup 做的"
        file.seek(0)
        found = hashlib.sha256()
        while rest and (part := file.read(min(rest, 1 << 20))):
            found.update(part)
            rest -= len(part)
    return "" if mark[len(MARK) : -1] == found.hexdigest().encode() else "内容与校验值不符"
