"""The archive and its proof: files lie uncompressed one behind the other, the last one is a chained list of their SHA-256.

Each line of ``MANIFEST.jsonl`` holds the hash of the line before it, so none can be left out or moved; the last line counts
them and gives the newest hash, the one a time stamp would sign. The same files and moment always give the same bytes, so
that ``verify`` can lay the archive anew and compare it byte by byte.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.model.times import BEIJING, iso

MANIFEST = "MANIFEST.jsonl"
FORMAT = "wanglou-export/1"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive: its path inside, what it is in Chinese, its bytes."""

    name: str
    title: str
    data: bytes


def pack(entries: Sequence[Entry], *, incident: int, at: datetime) -> bytes:
    """The archive of these files in this order, with its manifest."""
    listed = [*((entry.name, entry.data) for entry in entries), (MANIFEST, manifest(entries, incident=incident, at=at))]
    return lay(listed, at)


def lay(files: Sequence[tuple[str, bytes]], at: datetime, method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive, without compression unless told, every file dated ``at`` in Beijing."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            info = zipfile.ZipInfo(name, at.astimezone(BEIJING).timetuple()[:6])
            info.create_system, info.compress_type = 3, method
            info.external_attr = 0o600 << 16
            archive.writestr(info, data)
    return out.getvalue()


def manifest(entries: Sequence[Entry], *, incident: int, at: datetime) -> bytes:
    """The lines of the manifest."""
    head = _line({"format": FORMAT, "incident": incident, "at": iso(at)}, "")
    lines = [head]
    for n, entry in enumerate(entries, 1):
        values = {"n": n, "name": entry.name, "title": entry.title, "size": len(entry.data), "sha256": sha256(entry.data)}
        lines.append(_line(values, lines[-1]["hash"]))
    lines.append(_line({"entries": len(entries)}, lines[-1]["hash"]))
    return b"".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for line in lines)


def _line(values: dict[str, Any], prev: str) -> dict[str, Any]:
    return {**values, "prev": prev, "hash": link(values, prev)}


def link(values: dict[str, Any], prev: str) -> str:
    """The hash of a line: its values and the hash before it."""
    text = json.dumps([values, prev], ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode())


def sha256(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()
