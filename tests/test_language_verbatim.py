"""What is kept of a line reads as it was typed: full-width punctuation stays, nothing else of the original comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.verbatim import FULL_WIDTH, as_typed


@pytest.mark.parametrize(
    ("typed", "read", "kept"),
    [
        ("记一下 首帖９：４２，发在小红书", "首帖9:42,发在小红书", "首帖9：42，发在小红书"),
        ("决策 先道歉，后调查（不等检测）", "先道歉,后调查(不等检测)", "先道歉，后调查（不等检测）"),
        ("误报 #1 同名餐馆，与我们无关", "误报,同名餐馆,与我们无关", "误报，同名餐馆，与我们无关"),
        ("记 a,b，c", "别的,字", "别的,字"),
        ("任務 調取留樣，今晚", "调取留样,今晚", "调取留样，今晚"),
        ("@所有人 下架＠全部", "下架@全部", "下架@全部"),
    ],
)
def test_punctuation_comes_back_as_typed(typed: str, read: str, kept: str) -> None:
    assert as_typed({"text": read, "incident": 1}, typed) == {"text": kept, "incident": 1}


@given(st.text(max_size=60), st.text(max_size=30))
def test_only_punctuation_ever_changes(typed: str, read: str) -> None:
    kept = as_typed({"reason": read}, typed)["reason"]
    assert len(kept) == len(read)
    assert all(was == now or now in FULL_WIDTH for was, now in zip(read, kept, strict=True))
