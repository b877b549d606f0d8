"""Memory with a bound: a dictionary that forgets what was not asked for lately."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

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
