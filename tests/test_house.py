"""Draws the rooms and their doors, and fails when a wall is broken (docs/design.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("handlers/*.py")])

LEVELS = (
    {"bot", "bot.errors"},
    {"bot.model"},
    {"bot.fetch", "bot.analysis", "bot.language", "bot.drafting", "bot.plan", "bot.charts", "bot.export"},
    {
        "bot.alerting",
        "bot.cards",
        "bot.sources",
        "bot.platforms",
        "bot.store",
        "bot.connectors",
        "bot.drills",
        "bot.export",
        "bot.assistant",
    },
    {"bot.config"},
    {
        *("bot.following", "bot.saying", "bot.muting", "bot.calling", "bot.clocking", "bot.leaders"),
        "bot.binding",
        "bot.watch",
        "bot.judging",
        "bot.gauging",
        "bot.telling",
        "bot.deliver",
        "bot.commands",
        "bot.retelling",
        "bot.asking",
        "bot.confirming",
        "bot.moves",
        *("bot.signoff", "bot.falling"),
        *("bot.releasing", "bot.outlets"),
        "bot.redraft",
        "bot.signing_clock",
        "bot.released",
        "bot.handover",
        "bot.voicing",
        "bot.intake",
        "bot.recap",
        "bot.timekeeping",
        *("bot.ringing", "bot.escalating"),
        *("bot.proposing", "bot.rephrasing", "bot.offences"),
        *(
            "bot.planning",
            "bot.lawclocks",
            "bot.sitreps",
            "bot.briefing",
            "bot.probing",
            "bot.restoring",
            "bot.merging",
            "bot.afterwards",
            "bot.reviewing",
            "bot.outlook",
            "bot.ahead",
        ),
        "bot.polling",
        "bot.web",
        "bot.schedule",
        *(
            "bot.exporting",
            "bot.backlog",
            "bot.repainting",
            "bot.listening",
            "bot.watchdog",
            "bot.auditing",
            "bot.looking_back",
        ),
    },
    {"handlers"},
    {"bot.app"},
    {
        "bot.running",
        "bot.replay",
        "bot.rehearsal",
        "bot.scenario",
        "bot.batch",
        "bot.checking",
        "bot.keeping",
        "bot.cli",
        "bot.__main__",
    },
)
"""From the ground up: a room imports only from its own floor and those below it."""

FAMILIES = {"sources": ROOT / "bot/sources", "platforms": ROOT / "bot/platforms", "handlers": ROOT / "handlers"}
KEPT_APART = {
    "jieba": ("bot/analysis", "bot/language"),
    "snownlp": ("bot/analysis", "bot/language"),
    "opencc": ("bot/analysis", "bot/language"),
    "pypinyin": ("bot/analysis", "bot/language"),
    "ahocorasick_rs": ("bot/analysis", "bot/language"),
    "numpy": ("bot/analysis", "bot/language", "bot/charts"),
    "sqlite_utils": (
        "bot/store",
        "bot/commands.py",
        "bot/retelling.py",
        "bot/binding.py",
        "bot/asking.py",
        "bot/confirming.py",
        "bot/moves.py",
        *("bot/signoff.py", "bot/falling.py"),
        *("bot/releasing.py", "bot/outlets.py"),
        "bot/redraft.py",
        "bot/released.py",
        "bot/handover.py",
        "bot/voicing.py",
        "bot/intake.py",
        "bot/recap.py",
        "bot/watch.py",
        "bot/judging.py",
        "bot/gauging.py",
        "bot/telling.py",
        "bot/deliver.py",
        *("bot/following.py", "bot/saying.py", "bot/muting.py", "bot/calling.py", "bot/clocking.py", "bot/leaders.py"),
        "bot/timekeeping.py",
        "bot/batch.py",
        *("bot/ringing.py", "bot/escalating.py"),
        *("bot/planning.py", "bot/lawclocks.py", "bot/sitreps.py", "bot/briefing.py", "bot/probing.py", "bot/reviewing.py"),
        "bot/restoring.py",
        "bot/merging.py",
        "bot/afterwards.py",
        *("bot/outlook.py", "bot/rehearsal.py", "bot/ahead.py"),
        *("bot/rephrasing.py", "bot/proposing.py", "bot/offences.py"),
        "bot/polling.py",
        "bot/replay.py",
        "bot/keeping.py",
        "bot/running.py",
        "bot/exporting.py",
        *("bot/backlog.py", "bot/repainting.py", "bot/watchdog.py", "bot/looking_back.py", "bot/listening.py"),
    ),
    "apscheduler": ("bot/schedule.py",),
    "wechatpy": ("bot/platforms/wecom",),
    "feedparser": ("bot/sources", "bot/fetch"),
    "matplotlib": ("bot/charts",),
    "docx": ("bot/export",),
}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def level(name: str) -> int:
    found = [(len(room), n) for n, rooms in enumerate(LEVELS) for room in rooms if name == room or name.startswith(f"{room}.")]
    return max(found)[1]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_arrow_points_down(path: Path) -> None:
    here = name_of(path)
    for target in imports(path):
        if target.startswith(("bot.", "handlers")) and (ROOT / (target.replace(".", "/") + ".py")).exists():
            assert level(target) <= level(here), f"{here} imports {target}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    for target in imports(path):
        allowed = KEPT_APART.get(target.split(".")[0])
        assert allowed is None or place.startswith(allowed), f"{place} imports {target}"


def test_siblings_of_one_kind_never_import_each_other() -> None:
    for family, folder in FAMILIES.items():
        prefix = f"bot.{family}." if family != "handlers" else "handlers."
        for path in folder.glob("**/*.py"):
            own = name_of(path).removeprefix(prefix).split(".")[0]
            for target in imports(path):
                if target.startswith(prefix) and (
                    target.count(".") > prefix.count(".") or (ROOT / (target.replace(".", "/"))).exists()
                ):
                    kind = target.removeprefix(prefix).split(".")[0]
                    assert kind == own or kind in ("text",), f"{name_of(path)} imports {target}"


def test_nothing_in_bot_imports_handlers() -> None:
    for path in ROOT.glob("bot/**/*.py"):
        assert not any(target.split(".")[0] == "handlers" for target in imports(path)), path


def test_platforms_never_see_an_incident_and_analysis_never_a_row() -> None:
    for path in FILES:
        place, targets = path.relative_to(ROOT).as_posix(), set(imports(path))
        if place.startswith("bot/platforms"):
            assert not any(t.startswith(("bot.model.incident", "bot.store")) for t in targets), place
        if place.startswith(("bot/analysis", "bot/language", "bot/drafting")):
            assert not any(t.startswith("bot.store") for t in targets), place
        if place.startswith("handlers"):
            assert not any(t.startswith("bot.platforms") for t in targets), place


def test_one_table_has_one_writer() -> None:
    writers: dict[str, set[str]] = {}
    writing = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)(?= |\()")
    for path in FILES:
        for table in writing.findall(path.read_text("utf-8")):
            if table.islower() and table != "table":
                writers.setdefault(table, set()).add(path.relative_to(ROOT).as_posix())
    shared = {table: files for table, files in writers.items() if len(files) > 1}
    assert not shared
    assert all(path.startswith("bot/store/") for files in writers.values() for path in files)


def test_no_module_is_named_after_one_of_the_standard_library() -> None:
    import sys

    names = {path.stem for path in FILES if path.parent in (ROOT / "bot", ROOT / "handlers")}
    assert not names & (set(sys.stdlib_module_names) - {"__init__", "__main__"})


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "--hash=sha256:" in text
    assert not re.search(r"https?:|file:|(^|\s)/\w", text, re.M)


def test_the_project_speaks_of_itself_only() -> None:
    words = re.compile(r"/(work|root|farm)/[a-z]|--(extra-)?index-url|--trusted-host", re.I)
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *FILES, *ROOT.glob("tests/**/*.py"), ROOT / "Makefile"]:
        if path.name != "test_house.py":
            assert not words.search(path.read_text("utf-8")), path
