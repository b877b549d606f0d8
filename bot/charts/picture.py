"""The picture: one panel for each figure, one below the other, all over the same time; numbered lines are our own acts.

Set for a phone: 1080 points wide, nothing smaller than a finger's type, the newest and the highest value in words.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from math import isfinite
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import MaxNLocator

from bot.charts import axis, fonts
from bot.model.card import Chart, Series

DPI = 150
WIDTH = 7.2
PANEL = 2.15
LINE = 0.42
COLOURS = ("#c8431f", "#2a5fa5", "#6a4c93", "#3d7d4c")
INK, FAINT, GRID, MARK = "#222222", "#6b6b6b", "#e3e3e3", "#111111"
NUMBERS = "①②③④⑤⑥⑦⑧"
TITLE_WIDTH, MARK_WIDTH = 36, 52
MANY = 200


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    points: tuple[tuple[float, float], ...]

    @property
    def percent(self) -> bool:
        return self.name.endswith("%")


def paint(chart: Chart) -> bytes:
    """The PNG."""
    lines = [line for series in chart.series if (line := _line(series)).points]
    font = fonts.chinese()
    defaults: Any = {name: value for name, value in mpl.rcParamsDefault.items() if name != "backend"}
    with mpl.rc_context(defaults):
        figure = _figure(chart, lines, font) if lines else _empty(chart, font)
        out = io.BytesIO()
        figure.savefig(out, format="png", dpi=DPI, facecolor="white", metadata={"Software": None})
    return out.getvalue()


def _line(series: Series) -> _Line:
    return _Line(series.name, tuple(sorted((at, value) for at, value in series.points if isfinite(at) and isfinite(value))))


def _figure(chart: Chart, lines: list[_Line], font: FontProperties) -> Figure:
    begin = min(line.points[0][0] for line in lines)
    end = max(line.points[-1][0] for line in lines)
    left, right = axis.padded(begin, end)
    marks = [(at, label) for at, label in sorted(chart.marks) if left <= at <= right][-len(NUMBERS) :]
    title = _rows(chart.title, font, TITLE_WIDTH)[:2]
    days = axis.spans_days(begin, end)
    legend = [
        _cut(f"{n} {axis.clock(at, days)} {_plain(label, font)}", MARK_WIDTH)
        for n, (at, label) in zip(NUMBERS, marks, strict=False)
    ]
    head, foot = 0.3 + 0.5 * len(title), 1.0 + LINE * len(legend)
    height = head + PANEL * len(lines) + 0.55 * len(lines) + foot
    figure = Figure(figsize=(WIDTH, height), dpi=DPI)
    FigureCanvasAgg(figure)
    for n, row in enumerate(title):
        _write(figure, 0.04, 1 - (0.35 + 0.5 * n) / height, row, font, 24, INK)
    top = height - head
    for n, line in enumerate(lines):
        panel = figure.add_axes((0.13, (top - PANEL - 0.55) / height, 0.82, PANEL / height))
        _panel(panel, line, COLOURS[n % len(COLOURS)], chart.unit, days, font)
        panel.set_xlim(left, right)
        _ticks(panel, left, right, font, labels=n == len(lines) - 1)
        _marks(panel, marks, right - left, font, numbers=n == 0)
        top -= PANEL + 0.55
    for n, row in enumerate(legend):
        _write(figure, 0.04, (foot - 1.1 - LINE * n) / height, row, font, 17, INK)
    return figure


def _panel(panel: Axes, line: _Line, colour: str, unit: str, days: bool, font: FontProperties) -> None:
    times, values = zip(*line.points, strict=True)
    panel.plot(times, values, color=colour, linewidth=3.5 if len(times) < MANY else 2.2, solid_joinstyle="round", zorder=3)
    panel.plot(times[-1:], values[-1:], "o", color=colour, markersize=11, zorder=4)
    if len(times) > 1:
        panel.fill_between(times, values, color=colour, alpha=0.12, linewidth=0, zorder=2)
    panel.set_ylim(0, 100 if line.percent else max(1.0, max(values) * 1.4))
    panel.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    for spine in ("top", "right", "left"):
        panel.spines[spine].set_visible(False)
    panel.spines["bottom"].set_color(FAINT)
    panel.grid(axis="y", color=GRID, linewidth=1.2, zorder=0)
    panel.tick_params(axis="y", length=0, pad=8)
    panel.tick_params(axis="x", length=6, width=1.2, color=FAINT)
    name = _plain(line.name.removesuffix("%") + (f"（{unit}）" if unit else ""), font)
    sign = "%" if line.percent else ""
    most = max(range(len(values)), key=lambda n: values[n])
    _on(panel, 0.0, name, font, 20, colour, "left")
    _on(
        panel,
        1.0,
        f"现 {values[-1]:.0f}{sign}  高 {values[most]:.0f}{sign}（{axis.clock(times[most], days)}）",
        font,
        17,
        INK,
        "right",
    )


def _ticks(panel: Axes, left: float, right: float, font: FontProperties, *, labels: bool) -> None:
    ticks = axis.moments(left, right)
    panel.set_xticks([at for at, _ in ticks], [label if labels else "" for _, label in ticks])
    for label in (*panel.get_xticklabels(), *panel.get_yticklabels()):
        label.set_fontproperties(_sized(font, 17))
        label.set_color(FAINT)


def _marks(panel: Axes, marks: list[tuple[float, str]], width: float, font: FontProperties, *, numbers: bool) -> None:
    """The lines; the numbers stand at the top of the first panel, one step lower where two would touch."""
    last, step = float("-inf"), 0
    for n, (at, _) in zip(NUMBERS, marks, strict=False):
        panel.axvline(at, color=MARK, linewidth=1.6, linestyle=(0, (4, 3)), zorder=3.5)
        step = step + 1 if at - last < 0.06 * width else 0
        last = at
        if numbers:
            panel.text(
                *(at, 0.93 - 0.2 * (step % 4), n),
                transform=panel.get_xaxis_transform(),
                ha="center",
                va="center",
                color=MARK,
                fontproperties=_sized(font, 19),
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.9},
                zorder=5,
            )


def _empty(chart: Chart, font: FontProperties) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.6), dpi=DPI)
    FigureCanvasAgg(figure)
    for n, row in enumerate(_rows(chart.title, font, TITLE_WIDTH)[:2]):
        _write(figure, 0.04, 0.86 - 0.19 * n, row, font, 24, INK)
    _write(figure, 0.04, 0.3, "这段时间还没有数据", font, 20, FAINT)
    return figure


def _write(figure: Figure, x: float, y: float, text: str, font: FontProperties, size: int, colour: str) -> None:
    figure.text(x, y, text, ha="left", va="center", color=colour, fontproperties=_sized(font, size), parse_math=False)


def _on(panel: Axes, x: float, text: str, font: FontProperties, size: int, colour: str, side: Any) -> None:
    panel.text(
        *(x, 1.06, text),
        transform=panel.transAxes,
        ha=side,
        va="bottom",
        color=colour,
        fontproperties=_sized(font, size),
        parse_math=False,
    )


def _sized(font: FontProperties, size: int) -> FontProperties:
    copy = font.copy()
    copy.set_size(size)
    return copy


def _plain(text: str, font: FontProperties) -> str:
    """Words that the font can draw: control characters become blanks, what it has no glyph for is left out."""
    known = fonts.characters(font)
    blank = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join("".join(c for c in blank if ord(c) in known and unicodedata.category(c) != "Cf").split())


def _width(text: str) -> int:
    """Chinese characters count two, others one."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    while _width(text) > width - 2:
        text = text[:-1]
    return f"{text}…"


def _rows(text: str, font: FontProperties, width: int) -> list[str]:
    """A title in rows of a width; the second ends with … where more would follow."""
    plain = _plain(text, font)
    first = plain
    while _width(first) > width:
        first = first[:-1]
    rest = plain[len(first) :].strip()
    return [first, _cut(rest, width)] if rest else [first]
