"""Writes ``data/t2s.txt``, the table of ``bot.analysis.text``, from the dictionaries of the installed OpenCC (Apache-2.0).

``python -m bot.analysis.make_t2s``. First line: traditional characters; second: their simplified twins, one for one; then
``phrase<TAB>phrase`` where the characters alone would go wrong (乾隆, 藉口). Phrases that also occur in simplified text with
another meaning (一坏, 覆上) are left out.
"""

from __future__ import annotations

import subprocess
import tempfile
import unicodedata
from pathlib import Path

import opencc

TABLE = Path(__file__).with_name("data") / "t2s.txt"
_SHARE = Path(opencc.__file__).parent / "clib"


def _dictionary(name: str) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.txt"
        tool = [str(_SHARE / "bin" / "opencc_dict"), "-i", str(_SHARE / "share" / "opencc" / f"{name}.ocd2")]
        subprocess.run([*tool, "-f", "ocd2", "-o", str(plain), "-t", "text"], check=True, capture_output=True)  # noqa: S603
        rows = (line.split("\t") for line in plain.read_text("utf-8").splitlines() if "\t" in line)
        return {key: values.split(" ")[0] for key, values in rows}


def _chars() -> dict[str, str]:
    table = {**_dictionary("TSCharactersExt"), **_dictionary("TSCharacters")}
    stable = {key: unicodedata.normalize("NFKC", value) for key, value in table.items() if len(key) == 1}
    return {key: value for key, value in sorted(stable.items()) if key != value and len(value) == 1}


def _misleading(phrase: str) -> bool:
    return "坏" in phrase or "覆" in phrase[:-1]


def main() -> None:
    """Writes the table."""
    chars = _chars()
    singly = str.maketrans(chars)
    phrases: dict[str, str] = {}
    for key, value in sorted(_dictionary("TSPhrases").items(), key=lambda pair: (len(pair[0]), pair[0])):
        needless = value == key.translate(singly) or any(shorter in key for shorter in phrases)
        if len(key) > 1 and len(key) == len(value) and not needless and not _misleading(key):
            phrases[key] = value
    rows = ["".join(chars), "".join(chars.values()), *(f"{key}\t{value}" for key, value in phrases.items())]
    TABLE.write_text("\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
