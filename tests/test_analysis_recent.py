"""A memory that is bounded: what was met lately stays, the rest goes."""

from __future__ import annotations

from bot.analysis.recent import Recent


def test_the_last_half_of_the_limit_is_always_there_and_never_more_than_the_limit():
    memory = Recent[int, str](10)
    for n in range(1000):
        memory[n] = str(n)
        assert all(memory._young.get(m) or memory._old.get(m) for m in range(max(0, n - 4), n + 1))
        assert len(memory) <= 10
    assert memory.get(0) is None
    assert 0 not in memory


def test_what_is_asked_for_stays():
    memory = Recent[int, str](10)
    memory[-1] = "asked"
    for n in range(1000):
        memory[n] = str(n)
        assert memory.get(-1) == "asked"
