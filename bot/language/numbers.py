"""Numbers as people write them: 12, 十二, 两百零五, 廿三."""

from __future__ import annotations

import re

from bot.language.lazy import later

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "壹": 1, "贰": 2, "叁": 3}
_TENS = {"廿": 20, "卅": 30}
_UNITS = {"十": 10, "百": 100, "千": 1000}
HAN = "零〇一二两三四五六七八九十百千廿卅"
NUMBER = rf"(?:\d+|[{HAN}]+)"
"""A pattern for a whole number in digits or Chinese numerals."""
_HALF = later(rf"({NUMBER})(?:个)?半$")


def number_of(text: str) -> int | None:
    """``12``, ``十二``, ``一百零三``, ``二〇`` as an integer; None for anything else."""
    text = text.strip()
    if text.isdecimal():
        return int(text) if len(text) <= 9 else None
    if text[:1] in _TENS:
        rest = number_of(text[1:]) if text[1:] else 0
        return _TENS[text[0]] + rest if rest is not None and rest < 10 else None
    if not text or any(c not in DIGITS and c not in _UNITS for c in text):
        return None
    if not any(c in _UNITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text)) if len(text) <= 9 else None
    total, digit = 0, 0
    for c in text:
        if c in DIGITS:
            digit = DIGITS[c]
            continue
        total += (digit or (1 if c == "十" else 0)) * _UNITS[c]
        digit = 0
    return total + digit


def amount_of(text: str) -> float | None:
    """A quantity that may be a half or a decimal: ``半``, ``1.5``, ``两个半``, ``三``."""
    text = text.strip().removesuffix("个")
    if text == "半":
        return 0.5
    if re.fullmatch(r"\d+\.\d+", text):
        return float(text)
    if half := _HALF.match(text):
        whole = number_of(half[1])
        return None if whole is None else whole + 0.5
    whole = number_of(text)
    return None if whole is None else float(whole)
