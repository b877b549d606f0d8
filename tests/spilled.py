"""What the whole run wrote, searched for the secrets it used (reliability 20): log records, the words of real processes, and every
file in the folders of tests whose configuration holds a secret. A configuration may hold them; nothing else may."""

from __future__ import annotations

import contextlib
import logging
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

VENDORS = (
    "bot-secret-1", "app-secret-1", "key-0001", "fake-app-secret-3c41", "fake-hook-token-77aa", "SECfake0f1e2d3c",
    "fake-access-token-",
)  # fmt: skip
"""Those of the fake vendors; the last begins every token that DingTalk gives."""
_NAMED = re.compile(r"(?:^|_)(?:secret|token|key|webhook)$")
_IN_ADDRESS = re.compile(r"(?:key|access_token)=([^&]+)")
LEAST = 8
"""Shorter values are found in anything."""


class Ear(logging.Handler):
    """Hears every log record of the run and keeps those that hold a secret of the vendors."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{record.name}: {record.getMessage()} {record.exc_info or ''}"
        except (TypeError, ValueError):
            return
        self.heard += [line[:300] for secret in VENDORS if secret in line]


def said(lines: list[str], secrets: set[str]) -> list[str]:
    """The lines that hold one of ``secrets``."""
    return [line[:300] for line in lines if any(secret in line for secret in secrets)]


def configured(path: Path) -> set[str]:
    """The secrets in a configuration; none where it cannot be read."""
    try:
        return set(_secrets(tomllib.loads(path.read_text("utf-8"))))
    except (ValueError, OSError):
        return set()


def _secrets(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _secrets(inner, name if name == "ingest" else key)
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets(inner, name)
    elif isinstance(value, str) and (name == "ingest" or _NAMED.search(name)) and not value.startswith("env:"):
        found = _IN_ADDRESS.search(value)
        secret = found[1] if found else "" if value.startswith("http") else value
        if len(secret) >= LEAST:
            yield secret


def spilled(folder: Path) -> list[str]:
    """Where in a test's folder a secret of its configuration stands outside of it, as ``secret in file``."""
    known = {secret for path in folder.rglob("*.toml") for secret in configured(path)}
    if not known:
        return []
    wanted = [secret.encode() for secret in known | set(VENDORS)]
    return [f"{secret.decode()} in {name}" for name, data in written(folder) for secret in wanted if secret in data]


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file but the configuration, and what lies in archives."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink() or path.suffix == ".toml":
            continue
        yield str(path), path.read_bytes()
        if path.suffix in (".zip", ".docx"):
            with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
                yield from ((f"{path}/{name}", archive.read(name)) for name in archive.namelist())
