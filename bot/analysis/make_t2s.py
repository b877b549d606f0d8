"""Writes ``data/t2s.txt``, the table of ``bot.analysis.text``, from the dictionaries of the installed OpenCC (Apache-2.0).

``python -m bot.analysis.make_t2s``. First line: traditional characters; second: their simplified twins, one for one; then
``phrase<TAB>phrase`` where the characters alone would go wrong (乾隆, 藉口). Phrases that also occur in simplified text with
another meaning (一坏, 覆上) are left out. Japanese and Hong Kong forms and old variants, in which words are disguised
(売, 衞, 欵), are simplified too, unless they are simplified characters themselves (GB 2312).
"""

from __future__ import annotations

import subprocess
import tempfile
import unicodedata
from pathlib import Path

import opencc

TABLE = Path(__file__).with_name("data") / "t2s.txt"
VARIANTS = (
    "欵款囘回邨村毉医讐仇菓果蔴麻鬪斗鬭斗栢柏冄冉湼涅涖莅峕时旹时槀稿痲麻甯宁寕宁妳你牠它嬭奶薑姜麯曲喰食讃赞祇只"
    "寃冤寳宝竒奇畵画穉稚蘓苏蘯荡逓递銕铁鑛矿髙高鷄鸡龝秋畧略桒桑秊年厺去卋世亱夜躰体軆体敎教旣既旾春炁气"
)
"""Old forms and their simplified twins, by turns; OpenCC does not know them."""
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
    table |= _variants(table)
    stable = {key: unicodedata.normalize("NFKC", value) for key, value in table.items() if len(key) == 1}
    return {key: stable.get(value, value) for key, value in sorted(stable.items()) if key != value and len(value) == 1}


def _variants(simple: dict[str, str]) -> dict[str, str]:
    """Forms that neither traditional nor simplified Chinese uses, simplified."""
    pairs = list(zip(VARIANTS[::2], VARIANTS[1::2], strict=True))
    for name in ("HKVariantsRev", "JPShinjitaiCharacters"):
        pairs += _dictionary(name).items()
    found = {new: old for new, old in pairs if len(new) == len(old) == 1 and new not in simple}
    found = {new: simple.get(older := found.get(old, old), older) for new, old in found.items()}
    return {new: old for new, old in found.items() if _standard(old) and not _standard(new)}


def _standard(char: str) -> bool:
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False


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
