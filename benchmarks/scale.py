"""Does a mention cost the same at a million seen as at ten thousand, and how much memory is held. Times are of the
processor, so that neighbours on the machine count less."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from benchmarks import corpus
from bot.analysis.analyst import Analyst, Settings, steady_memory
from bot.model.mention import Mention

START = datetime(2026, 6, 1, tzinfo=UTC)
_BATCH = 500
_SPAN = 10_000
Row = tuple[str, str, str]


def rows(most: int = 1_000_000) -> Iterator[Row]:
    """Rows of the table: cost around 10,000 and around ``most`` mentions seen, one mention a second of simulated time."""
    analyst = Analyst(Settings(rules=tuple(corpus.rules(200)), company=("晨露乳业", "晨露")))
    texts = corpus.texts(most + _SPAN, seed=11)
    costs = {}
    seen = 0
    with steady_memory():  # as the worker does
        while seen < most:
            spent = _read(analyst, texts, seen)
            seen += _SPAN
            costs[seen] = spent / _SPAN * 1e6
    late = [costs[n] for n in sorted(costs)[-10:]]
    early, last = costs[2 * _SPAN], sorted(late)[len(late) // 2]
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield "cost of a mention after 10,000 seen", f"{early:,.0f} µs", "mean of the next 10,000"
    yield f"cost of a mention after {most:,} seen", f"{last:,.0f} µs ({last / early:.2f}×)", "median of the last ten 10,000s"
    yield f"memory at {most:,} seen", f"{held:,.0f} MB", "peak of the process"


def _read(analyst: Analyst, texts: Iterator[str], seen: int) -> float:
    spent = 0.0
    for first in range(seen, seen + _SPAN, _BATCH):
        batch = [
            Mention(source="样本", key=str(first + n), seen=START + timedelta(seconds=first + n), text=text)
            for n, text in enumerate(islice(texts, _BATCH))
        ]
        began = time.process_time()
        analyst.read(batch)
        spent += time.process_time() - began
    return spent
