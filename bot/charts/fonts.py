"""A Chinese font without a manual step: one of the system, else the Noto Sans that comes with mplfonts (OFL).

Only that one file of mplfonts is used; the package itself is never imported, as importing it would change the user's matplotlib.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from matplotlib import font_manager

from bot.errors import WanglouError

FAMILIES = (
    *("Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Microsoft YaHei", "Hiragino Sans GB"),
    *("HarmonyOS Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei"),
)
SHIPPED = "NotoSansCJKsc-Regular.otf"


@cache
def chinese() -> font_manager.FontProperties:
    """The font that every word of a picture is set in."""
    there = {entry.name for entry in font_manager.fontManager.ttflist if Path(entry.fname).exists()}
    for family in FAMILIES:
        if family in there:
            return font_manager.FontProperties(family=family)
    return shipped()


def shipped() -> font_manager.FontProperties:
    """The font of mplfonts, by its path."""
    found = find_spec("mplfonts")
    folders = list(found.submodule_search_locations or ()) if found else []
    for folder in folders:
        path = Path(folder) / "fonts" / SHIPPED
        if path.exists():
            return font_manager.FontProperties(fname=path)
    raise WanglouError("没有中文字体：装 mplfonts，或 apt-get install fonts-noto-cjk")


@cache
def characters(font: font_manager.FontProperties) -> frozenset[int]:
    """The code points that a font can draw."""
    return frozenset(font_manager.get_font(font_manager.findfont(font)).get_charmap())
