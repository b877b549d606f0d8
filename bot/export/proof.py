"""Checks an archive offline: every hash, the chain, the order, and the archive's own bytes. Names what does not fit."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.export.manifest import FORMAT, MANIFEST, lay, link, sha256
from bot.model.times import from_iso

_LOCAL = struct.Struct("<4s5H3I2H")
LARGEST = 1 << 30


@dataclass
class Verdict:
    """``faults`` in Chinese, one a line; empty where all is as it was made. ``files`` is how many were checked."""

    faults: list[str] = field(default_factory=list)
    files: int = 0
    head: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Listed:
    n: int
    name: str
    size: int
    sha256: str
    sound: bool


def verify(data: bytes) -> Verdict:
    """Compares an archive with its manifest and with itself laid anew."""
    verdict = Verdict()
    found = _scan(data) or _by_directory(data, verdict)
    files = dict(found)
    if MANIFEST not in files:
        verdict.faults.append(f"找不到清单 {MANIFEST}：这不是望楼的导出，或清单被删去、改名")
        return verdict
    listed = _read(files[MANIFEST], verdict)
    names = [name for name, _ in found if name != MANIFEST]
    _compare(listed, names, files, verdict)
    verdict.files = len(listed)
    if found and found[-1][0] != MANIFEST:
        verdict.faults.append("顺序变了：清单不在最后")
    if not verdict.faults:
        _compare_shell(data, found, verdict)
    return verdict


def _scan(data: bytes) -> list[tuple[str, bytes]]:
    """The files as they lie one behind the other; empty where a header does not fit."""
    found, place = [], 0
    while data[place : place + 4] == b"PK\x03\x04":
        if place + _LOCAL.size > len(data):
            return []
        _, _, _, method, _, _, _, size, full, name_length, extra = _LOCAL.unpack_from(data, place)
        begin = place + _LOCAL.size + name_length + extra
        if method or size != full or begin + size > len(data):
            return []
        name = data[place + _LOCAL.size : place + _LOCAL.size + name_length].decode("utf-8", "replace")
        found.append((name, data[begin : begin + size]))
        place = begin + size
    return found if data[place : place + 4] == b"PK\x01\x02" and len(dict(found)) == len(found) else []


def _by_directory(data: bytes, verdict: Verdict) -> list[tuple[str, bytes]]:
    """The files by the archive's own directory, where the scan found a broken header."""
    found: list[tuple[str, bytes]] = []
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        verdict.faults.append(f"压缩包打不开：{error}")
        return found
    with archive:
        for info in archive.infolist():
            if info.file_size > LARGEST or info.compress_type != zipfile.ZIP_STORED:
                verdict.faults.append(f"改动：{info.filename}（压缩方式或大小与导出时不同）")
                continue
            try:
                found.append((info.filename, archive.read(info)))
            except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, RuntimeError, struct.error):
                verdict.faults.append(f"改动：{info.filename}（读不出来）")
    return found


def _read(data: bytes, verdict: Verdict) -> list[_Listed]:
    """The lines of the manifest; a line that does not fit the chain is named."""
    listed: list[_Listed] = []
    prev, ended = "", False
    lines = data.split(b"\n")
    if lines.pop() != b"":
        verdict.faults.append("清单末尾被改动")
    for number, line in enumerate(lines, 1):
        values = _values(line)
        if values is None:
            verdict.faults.append(f"清单第{number}行被改动：读不出来")
            continue
        hash, before = str(values.pop("hash", "")), str(values.pop("prev", ""))
        sound = hash == link(values, before)
        if not sound:
            verdict.faults.append(f"清单第{number}行被改动（{values.get('name', '首行' if number == 1 else '末行')}）")
        elif before != prev:
            verdict.faults.append(f"清单第{number}行与上一行接不上（{values.get('name', '末行')}）：中间有删减、插入或调换")
        prev = hash
        if number == 1:
            _head(values, sound, verdict)
        elif "entries" in values:
            ended = True
            verdict.head = hash
            if sound and values["entries"] != len(listed):
                verdict.faults.append(f"清单应有{values['entries']}项，现有{len(listed)}项")
        else:
            listed.append(
                _Listed(number, str(values.get("name", "")), _int(values.get("size")), str(values.get("sha256", "")), sound)
            )
    if not ended:
        verdict.faults.append("清单末行缺失")
    return listed


def _head(values: dict[str, Any], sound: bool, verdict: Verdict) -> None:
    if sound and values.get("format") != FORMAT:
        verdict.faults.append(f"清单格式 {values.get('format')!r} 不认识：请用更新的望楼")
        return
    try:
        verdict.at = from_iso(str(values["at"])).astimezone(UTC)
    except (KeyError, ValueError):
        verdict.faults.append("清单首行没有导出时间")


def _values(line: bytes) -> dict[str, Any] | None:
    try:
        values = json.loads(line)
        written = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) and written == line else None


def _int(value: Any) -> int:
    return value if isinstance(value, int) else -1


def _compare(listed: list[_Listed], names: list[str], files: dict[str, bytes], verdict: Verdict) -> None:
    wanted = [line.name for line in listed]
    missing = [line for line in listed if line.name not in files]
    extra = [name for name in names if name not in wanted]
    for line in missing:
        renamed = next((name for name in extra if sha256(files[name]) == line.sha256), None)
        if renamed:
            extra.remove(renamed)
            verdict.faults.append(f"改名：{line.name} 变成了 {renamed!r}")
        elif not any(f"：{line.name}（" in fault for fault in verdict.faults):
            verdict.faults.append(f"缺失：{line.name}")
    verdict.faults += [f"多出：{name!r}" for name in extra]
    for line in listed:
        if line.sound and line.name in files and sha256(files[line.name]) != line.sha256:
            verdict.faults.append(f"改动：{line.name}（{line.size}字节，现{len(files[line.name])}字节，校验值不符）")
    there = [name for name in names if name in wanted]
    should = [name for name in wanted if name in files]
    if there != should:
        moved = next(name for name, other in zip(there, should, strict=False) if name != other)
        verdict.faults.append(f"顺序变了：从 {moved} 起与清单不同")


def _compare_shell(data: bytes, found: list[tuple[str, bytes]], verdict: Verdict) -> None:
    """The files fit; now every byte around them: headers, directory, anything put before, between or behind."""
    assert verdict.at is not None
    again = lay(found, verdict.at)
    if again == data:
        return
    place = next((n for n, (a, b) in enumerate(zip(data, again, strict=False)) if a != b), min(len(data), len(again)))
    verdict.faults.append(f"压缩包外壳被改动：第{place + 1}字节（{_part(again, place)}）")


def _part(data: bytes, place: int) -> str:
    """Which part of the archive as it was laid a byte belongs to."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        if place >= len(data):
            return "文件末尾之后"
        if place >= archive.start_dir:
            return "压缩包的目录"
        return f"{[info.filename for info in infos if info.header_offset <= place][-1]} 的文件头"
