"""Figures over time as a picture for a phone. matplotlib is loaded by the first picture, not before."""

from __future__ import annotations

from threading import Lock

from bot.model.card import Chart, File

NAME = "走势.png"
_ONE_AT_A_TIME = Lock()


def draw(chart: Chart) -> File:
    """The chart as a PNG, 1080 points wide. Takes about half a second: call it in a thread."""
    from bot.charts.picture import paint

    with _ONE_AT_A_TIME:  # matplotlib is not made for two threads
        return File(NAME, "image/png", paint(chart))
