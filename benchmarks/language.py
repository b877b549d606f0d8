"""Scores ``understand`` on a TSV file (utterance, intent, slots as JSON) by the rules of the domain handbook, section 12.

    python benchmarks/language.py FILE.tsv [--wrong]

Prints intent accuracy, intent with slots, dangerous misreadings (with their lines) and the time of one line.
"""

from __future__ import annotations

import argparse
import json
import time
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

from bot.language.understand import understand

EXACT = {
    "incident", "task", "tasks", "fact", "decision", "draft", "version", "merge_into", "step", "grade", "min_grade", "max_grade", "grade_op",
    "direction", "verdict", "op", "statement_type", "kind", "resolution", "state", "role", "metric", "format", "channel", "audience",
    "mine", "unclaimed", "overdue", "speed", "sort", "command",
}  # fmt: skip
SETS = {"persons", "channels", "tasks"}
OBJECTS = ("incident", "task", "tasks", "fact", "decision", "draft", "version", "merge_into")
SAFE = {"none", "refuse", "help", "list", "status", "summary", "trend"}


def fold(value: object) -> str:
    """Free text as it is compared: NFKC, lower case, no blanks or closing punctuation."""
    return "".join(unicodedata.normalize("NFKC", str(value)).lower().split()).strip(",.;:!?。，")


def fits(key: str, want: Any, got: Any) -> bool:
    """One slot against the expected one."""
    if key == "actions":
        return len(want) == len(got or ()) and all(
            a[0] == b[0] and all(fits(k, v, b[1].get(k)) for k, v in a[1].items()) for a, b in zip(want, got, strict=True)
        )
    if key in SETS:
        return {fold(v) for v in want} == {fold(v) for v in got or ()}
    if key == "status":
        return bool(want == got or [want] == got)
    if key in EXACT:
        return bool(want == got)
    return bool(got) and (fold(want) in fold(got) or fold(got) in fold(want))


def acts(intent: str, slots: dict[str, Any]) -> set[str]:
    """The dangerous acts that a reading stands for."""
    if intent == "multi":
        return {act for name, own in slots.get("actions", ()) for act in acts(name, own)}
    op = slots.get("op")
    if intent == "approve" and op is None and slots.get("verdict") != "reject":
        return {"approve"}
    if intent == "publish" and op in (None, "retract"):
        return {"publish"}
    if intent in ("close", "reopen", "escalate"):
        return {intent}
    if intent == "grade" and slots.get("grade") == "red":
        return {"red"}
    return set()


def score(path: Path, show: bool) -> None:
    """Reads the file, prints the figures."""
    total = right = full = 0
    wrong: list[str] = []
    dangerous: list[str] = []
    spent: list[float] = []
    by_intent: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("##"):
            continue
        text, intent, raw = line.split("\t")
        if (text, intent) == ("utterance", "intent"):
            continue
        slots = json.loads(raw)
        text = text.replace("\\n", "\n")
        begun = time.perf_counter()
        got = understand(text)
        spent.append(time.perf_counter() - begun)
        total += 1
        found = json.loads(json.dumps(dict(got.slots)))
        same = got.name == intent
        right += same
        bad = {k: (v, found.get(k)) for k, v in slots.items() if not fits(k, v, found.get(k))} if same else {}
        foreign = [k for k in OBJECTS if same and k in found and k not in slots]
        full += same and not bad and not foreign
        if acts(got.name, found) - acts(intent, slots):
            dangerous.append(f"{text!r}: {intent} {slots} read as {got.name} {found}")
        if not same or bad or foreign:
            by_intent[intent] += 1
            wrong.append(
                f"{text!r}\n    want {intent} {slots}\n    got  {got.name} {found}{'  FOREIGN ' + str(foreign) if foreign else ''}"
            )
    spent.sort()
    if show:
        print("\n".join(wrong))
        print(dict(by_intent))
    print(f"lines {total}  intent {right / total:.4f}  intent+slots {full / total:.4f}  dangerous {len(dangerous)}")
    for one in dangerous:
        print("  DANGEROUS", one)
    print(
        f"ms a line: p50 {spent[len(spent) // 2] * 1e3:.2f}  p99 {spent[int(len(spent) * 0.99)] * 1e3:.2f}  max {spent[-1] * 1e3:.2f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--wrong", action="store_true", help="print the lines that are read wrongly")
    options = parser.parse_args()
    score(options.file, options.wrong)
