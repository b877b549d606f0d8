"""Memory with a bound: a dictionary that forgets what was not asked for lately, and tables that take room only as they fill."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from math import prod
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

Value = TypeVar("Value")
Key = TypeVar("Key")


class Recent(Generic[Key, Value]):
    """Keeps the last ``limit`` // 2 to ``limit`` entries set or read.

    Two generations: when the young one is full it becomes the old one, and the old one is dropped whole. (Deleting the oldest
    key of a dict, one by one, gets slower and slower: its head is a growing row of holes.)
    """

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._young: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """The value, which is young again; None where it is unknown."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self[key] = found
        return found

    def __setitem__(self, key: Key, value: Value) -> None:
        self._young[key] = value
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}

    def drop(self, unwanted: Callable[[Value], bool]) -> None:
        """Forgets every entry whose value is ``unwanted``."""
        self._young = {key: value for key, value in self._young.items() if not unwanted(value)}
        self._old = {key: value for key, value in self._old.items() if not unwanted(value)}

    def __contains__(self, key: Key) -> bool:
        return key in self._young or key in self._old

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())


def blank(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """An array of zeros that takes memory page by page as it is written.

    ``numpy.zeros`` promises the same, but the kernel then hands out huge pages: one entry here and there takes 2 MB each.
    """
    room = mmap.mmap(-1, prod(shape) * np.dtype(dtype).itemsize)
    if hasattr(mmap, "MADV_NOHUGEPAGE"):
        room.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(room, dtype).reshape(shape)
