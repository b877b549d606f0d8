"""``analyze`` against the naive loop, and matching against a loop over groups: one run, one machine, the same texts."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import corpus, naive
from benchmarks.stories import read
from bot.analysis.analyst import Settings
from bot.analysis.rules import compile_rules
from bot.analysis.stream import BATCH, run
from bot.analysis.text import cleaned

NOW = datetime(2026, 6, 30, tzinfo=UTC)
Row = tuple[str, str, str]


def rows(data: Path, ours: int = 40_000, theirs: int = 400) -> Iterator[Row]:
    """Rows of the table: what, figure, remark."""
    for what, lines in (("", list(corpus.lines(ours))), (", posts of the labelled data", _posts(data, ours))):
        if not lines:
            continue
        loop, loop_cpu = _naive(lines[:theirs])
        speed, cpu = _analyze(lines, 1)
        yield (
            f"naive loop: SnowNLP + jieba + SimHash + `in` + row commits, 200 rules{what}",
            f"{loop:,.0f} mentions/s",
            f"{theirs} mentions; {loop_cpu:,.0f} µs of CPU each",
        )
        yield (
            f"`analyze`, 200 rules, one process{what}",
            f"{speed:,.0f} mentions/s ({speed / loop:,.0f}×)",
            f"{len(lines):,} mentions; {cpu:,.0f} µs of CPU each ({loop_cpu / cpu:,.0f}×)",
        )
        if not what:
            two, _ = _analyze(lines, 2)
            yield (
                "`analyze`, 200 rules, `--workers 2`",
                f"{two:,.0f} mentions/s ({two / loop:,.0f}×)",
                f"{len(lines):,} mentions, start included",
            )
    snow = _snownlp(theirs)
    yield '`analyze`, `sentiment = "snownlp"`', f"{snow:,.0f} mentions/s", f"{theirs} mentions"
    yield from _matching()
    yield _start()


def _posts(data: Path, number: int) -> list[bytes]:
    """Real posts, reviews and news in no order; none where the data are not here."""
    path = data / "sentiment_dev.csv.gz"
    texts = [row["text"] for row in read(path)] if path.exists() else []
    random.Random(7).shuffle(texts)
    records = ({"id": str(n), "source": "样本", "text": text} for n, text in enumerate(texts[:number]))
    return [json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records]


def _analyze(lines: Sequence[bytes], workers: int, **changes: object) -> tuple[float, float]:
    """Mentions a second by the clock, and µs of CPU for each (of this process alone)."""
    settings = replace(_settings(), **changes)  # type: ignore[arg-type]
    out, wrong = io.BytesIO(), list[str]()
    began, cpu = time.perf_counter(), time.process_time()
    run(lines, out, settings, now=NOW, complain=wrong.append, workers=workers)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert not wrong
    assert out.getvalue().count(b"\n") == len(lines)
    return len(lines) / took, cpu / len(lines) * 1e6


def _snownlp(number: int) -> float:
    import snownlp  # noqa: F401  its 3 s of import are reported by nobody here

    return _analyze(list(corpus.lines(number)), 1, sentiment="snownlp")[0]


def _settings() -> Settings:
    return Settings(rules=tuple(corpus.rules(200)), company=("晨露乳业", "晨露"), competitors=("榕川科技",))


def _naive(lines: Sequence[bytes]) -> tuple[float, float]:
    import jieba

    jieba.initialize()
    with tempfile.TemporaryDirectory() as folder:
        naive.run(lines[:5], [], Path(folder) / "warm.db")
        began, cpu = time.perf_counter(), time.process_time()
        naive.run(lines, corpus.rules(200), Path(folder) / "naive.db")
        return len(lines) / (time.perf_counter() - began), (time.process_time() - cpu) / len(lines) * 1e6


def _matching() -> Iterator[Row]:
    titles = [text[:24] for text in corpus.texts(10_000)]
    thousand = corpus.rules(1_000)
    began = time.perf_counter()
    naive.by_groups(titles, thousand)
    loop = len(titles) / (time.perf_counter() - began)
    yield (
        "matching 1,000 rules over 10,000 titles, loop over groups",
        f"{loop:,.0f} titles/s",
        "TrendRadar's algorithm as described",
    )
    for number in (10, 100, 1_000):
        matcher = compile_rules(thousand[:number])
        began, cpu = time.perf_counter(), time.process_time()
        for first in range(0, len(titles), BATCH):
            matcher.matches(cleaned(titles[first : first + BATCH]))
        speed, busy = (len(titles) / took for took in (time.perf_counter() - began, time.process_time() - cpu))
        remark = f"normalising included; {busy:,.0f} titles a second of CPU"
        yield f"matching {number:,} rules over 10,000 titles, ours", f"{speed:,.0f} titles/s", remark


def _start() -> Row:
    """A fresh process: from before the first import of ours to a ready analyst."""
    code = (
        "import re, time; t = time.perf_counter()\n"
        "from bot.analysis.analyst import Analyst, Settings\n"
        "Analyst(Settings(company=('晨露',)))\n"
        "print(time.perf_counter() - t, int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) / 1024)"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True) for _ in range(5)]
    times, sizes = zip(*(map(float, done.stdout.split()) for done in runs), strict=True)
    return (
        "start of the analysis (median of 5)",
        f"{sorted(times)[2] * 1000:,.0f} ms, {sorted(sizes)[2]:,.0f} MB",
        "interpreter included in MB",
    )
