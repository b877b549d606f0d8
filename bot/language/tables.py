"""Writes data/syllables.txt and data/real_words.txt (run when COMMAND_WORDS changes): python -m bot.language.tables"""

from __future__ import annotations

from pathlib import Path

import jieba
from pypinyin import lazy_pinyin

from bot.language.pinyin import COMMAND_WORDS, folded

DATA = Path(__file__).parent / "data"


def write() -> None:
    """The sound of each common character, and the words that sound like a command but are words of their own."""
    rows: dict[str, str] = {}
    for code in range(0xB0A1, 0xF7FF):
        try:
            char = code.to_bytes(2, "big").decode("gb2312")
        except UnicodeDecodeError:
            continue
        sound = lazy_pinyin(char)[0]
        rows[sound] = rows.get(sound, "") + char
    lines = [f"{sound} {chars}" for sound, chars in sorted(rows.items())]
    (DATA / "syllables.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sounds = {folded(sound) for sound in COMMAND_WORDS.values()}
    jieba.initialize()
    real = sorted(
        word
        for word, count in jieba.dt.FREQ.items()
        if count > 50
        and len(word) == 2
        and word not in COMMAND_WORDS
        and word != "去势"
        and folded(" ".join(lazy_pinyin(word))) in sounds
    )
    (DATA / "real_words.txt").write_text("\n".join(real) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
