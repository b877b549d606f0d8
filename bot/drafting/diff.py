"""What changed between two versions, character by character."""

from __future__ import annotations

from difflib import SequenceMatcher


def changes(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """The pairs (removed, added) in order; one of each pair may be empty. Changes one character apart are one."""
    return tuple((old[a:b], new[c:d]) for a, b, c, d in _spans(old, new))


def shown(old: str, new: str, *, around: int = 8, most: int = 12) -> str:
    """The changes as people read them: 「…16:00[-前-]{+，官网+}…」, one a line; 「没有改动」 where there are none."""
    lines: list[str] = []
    for a, b, c, d in _spans(old, new):
        head, tail = old[max(0, a - around) : a], old[b : b + around]
        gone = f"[-{old[a:b]}-]" if b > a else ""
        come = f"{{+{new[c:d]}+}}" if d > c else ""
        lines.append(f"…{head}{gone}{come}{tail}…".replace("\n", "⏎"))
    if not lines:
        return "没有改动"
    more = [f"另有{len(lines) - most}处"] if len(lines) > most else []
    return "\n".join([*lines[:most], *more])


def _spans(old: str, new: str) -> list[tuple[int, int, int, int]]:
    """The changed places, (from, to) in the old text and in the new."""
    found: list[tuple[int, int, int, int]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if found and a - found[-1][1] <= 1 and c - found[-1][3] <= 1:
            first, _, start, _ = found.pop()
            found.append((first, b, start, d))
        else:
            found.append((a, b, c, d))
    return found


def size(old: str, new: str) -> tuple[int, int]:
    """How many characters went, and how many came."""
    pairs = changes(old, new)
    return sum(len(gone) for gone, _ in pairs), sum(len(come) for _, come in pairs)
